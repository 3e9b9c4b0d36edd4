"""ISCAS netlists: the circuit computes what the lines say, whatever is wrong is one FormatError with its line, and texts come back."""

from __future__ import annotations

import re
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import heurest as hr
from heurest.formats.bench import circuit_from_bench
from heurest.formats.bench_writer import bench_from_circuit
from support.boolean_circuits import literal_circuits
from support.netlists import computed, looked_up
from support.same_circuit import read_or_refused

C17 = """# c17: six NANDs
INPUT(1)
INPUT(2)
INPUT(3)
INPUT(6)
INPUT(7)

OUTPUT(22)
OUTPUT(23)

10 = NAND(1, 3)
11 = NAND(3, 6)
16 = NAND(2, 11)
19 = NAND(11, 7)
22 = NAND(10, 16)
23 = NAND(16, 19)
"""

FUNCTIONS = {
    "AND": lambda v: np.all(v, axis=0),
    "NAND": lambda v: ~np.all(v, axis=0),
    "OR": lambda v: np.any(v, axis=0),
    "NOR": lambda v: ~np.any(v, axis=0),
    "XOR": lambda v: np.sum(v, axis=0) % 2 == 1,
    "XNOR": lambda v: np.sum(v, axis=0) % 2 == 0,
    "NOT": lambda v: v[0] == 0,
    "BUF": lambda v: v[0],
    "BUFF": lambda v: v[0],
    "MUX": lambda v: np.where(v[0], v[1], v[2]),
    "GND": lambda v: np.array(0),
    "VDD": lambda v: np.array(1),
}
WIDTHS = {"NOT": (1, 1), "BUF": (1, 1), "BUFF": (1, 1), "MUX": (3, 3), "GND": (0, 0), "VDD": (0, 0)}


def load(text: str | bytes, notices: list[str] | None = None) -> hr.Circuit:
    return circuit_from_bench(text if isinstance(text, bytes) else text.encode(), "demo.bench", "demo", notices)


def literal_values(text: str) -> dict[str, list[int]]:
    """Values of the outputs for all settings: the lines looked up as they stand."""
    inputs, outputs = re.findall(r"INPUT\((\w+)\)", text), re.findall(r"OUTPUT\((\w+)\)", text)
    lines = re.findall(r"(\w+) = (\w+)\(?([\w, ]*)\)?", text)
    gates = {signal: (FUNCTIONS[gate.upper()], operands.split(", ") if operands else []) for signal, gate, operands in lines}
    return looked_up(inputs, list(dict.fromkeys(outputs)), gates)


@st.composite
def netlists(draw):
    """The text of a netlist with every gate, in any order."""
    signals = [f"i{k}" for k in range(draw(st.integers(0, 4)))]
    lines = [f"INPUT({signal})" for signal in signals]
    body = []
    for k in range(draw(st.integers(0, 8))):
        gate = draw(st.sampled_from(sorted(FUNCTIONS) if signals else ["GND", "VDD"]))
        fewest, most = WIDTHS.get(gate, (1, 5))
        operands = [draw(st.sampled_from(signals)) for _ in range(draw(st.integers(fewest, most)))]
        body.append(f"g{k} = {gate}({', '.join(operands)})" if most else f"g{k} = {gate}")
        signals.append(f"g{k}")
    if signals:
        body += [f"OUTPUT({signal})" for signal in draw(st.lists(st.sampled_from(signals), max_size=4))]
    return "\n".join(["#", *lines, *draw(st.permutations(body))]) + "\n"


@given(netlists())
def test_the_circuit_computes_what_the_lines_say(text):
    circuit = read_or_refused(load, text)
    assert circuit is not None or text == "#\n"
    if circuit is not None:
        assert computed(circuit) == literal_values(text)
        assert circuit.boolean.all()


def test_c17():
    notices: list[str] = []
    circuit = load(C17, notices)
    assert computed(circuit) == literal_values(C17)
    assert [wire.name for wire in circuit.inputs] == ["1", "2", "3", "6", "7"]
    assert set(circuit.names) == {"1", "2", "3", "6", "7", "10", "11", "16", "19", "22", "23"}
    assert circuit.name == "demo"
    assert notices == []
    assert hr.exact(circuit).value == {"22": 0.5625, "23": 0.5625}  # 18 of the 32 settings each


@pytest.mark.parametrize(
    "text",
    [
        C17.replace("\n", "\r\n"),
        C17.replace("\n", "  # again\n"),
        C17.replace("NAND(", " nand  ( ").replace("INPUT(", "Input ("),
        C17.replace(", ", ","),
        C17.replace(" = ", "="),
        "\ufeff" + C17,
        "\n".join([*C17.splitlines()[:6], *reversed(C17.splitlines()[6:])]),
        C17.rstrip(),
    ],
)
def test_what_does_not_matter_does_not_matter(text):
    circuit = load(text)
    assert {name: computed(circuit)[name] for name in ("22", "23")} == literal_values(C17)


@pytest.mark.parametrize(
    ("gate", "values"),
    [
        ("vdd", [1, 1, 1, 1]),
        ("gnd", [0, 0, 0, 0]),
        ("VDD()", [1, 1, 1, 1]),
        ("CONST0", [0, 0, 0, 0]),
        ("const1()", [1, 1, 1, 1]),
        ("CONST(1)", [1, 1, 1, 1]),
        ("CONST( 0 )", [0, 0, 0, 0]),
        ("AND(a, vdd)", [0, 0, 1, 1]),
        ("OR(b, GND)", [0, 1, 0, 1]),
        ("INV(a)", [1, 1, 0, 0]),
        ("nxor(a, b)", [1, 0, 0, 1]),
        ("LUT 0x8 (a, b)", [0, 0, 0, 1]),
        ("LUT 0x2 (a, b)", [0, 0, 1, 0]),  # row 1: the first operand is 1
        ("LUT 0X04 ( a,b )", [0, 1, 0, 0]),
        ("LUT 0x1 (a)", [1, 1, 0, 0]),
        ("LUT 0x1", [1, 1, 1, 1]),
        ("LUT 0x0 ()", [0, 0, 0, 0]),
        ("MUX(a, b, vdd)", [1, 1, 0, 1]),
    ],
)
def test_constants_tables_and_aliases(gate, values):
    assert computed(load(f"INPUT(a)\nINPUT(b)\nOUTPUT(z)\nz = {gate}\n")) == {"z": values}


def test_flip_flops_are_cut_and_multiplexers_noted():
    notices: list[str] = []
    text = "INPUT(x)\nOUTPUT(y)\nq = DFF(d)\nd = MUX(x, q, y)\ny = NOT(q)\n"
    circuit = load(text, notices)
    assert [wire.name for wire in circuit.inputs] == ["x", "q"]
    assert computed(circuit) == {"y": [1, 0, 1, 0], "q.next": [1, 0, 0, 1]}
    assert notices == [
        "demo.bench: 1 register cut into an input, a fair bit, and an output each: 'q'; 'q.next'",
        "demo.bench: MUX(s, a, b) was read as a where s is 1 and b elsewhere; some tools mean the opposite",
    ]
    load(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1: expected INPUT(x), OUTPUT(y) or a gate, found an empty file"),
        ("# nothing\n\n", "line 1: expected INPUT(x), OUTPUT(y) or a gate, found nothing but comments and blanks"),
        ("INPUT(a)\nhello world\n", "line 2: expected INPUT(x), OUTPUT(y) or z = GATE(a, b, ...), found 'hello world'"),
        ("INPUT a", "line 1: expected INPUT(x), OUTPUT(y) or z = GATE(a, b, ...), found 'INPUT a'"),
        ("INPUT()", "line 1: expected INPUT(x), OUTPUT(y) or z = GATE(a, b, ...), found 'INPUT()'"),
        ("INPUT(a, b)", "line 1: expected INPUT(x), OUTPUT(y) or z = GATE(a, b, ...), found 'INPUT(a, b)'"),
        ("INPUT 0x1 (a)", "line 1: expected INPUT(x), OUTPUT(y) or z = GATE(a, b, ...), found 'INPUT 0x1 (a)'"),
        ("AND(a, b)", "line 1: expected INPUT(x), OUTPUT(y) or z = GATE(a, b, ...), found 'AND(a, b)'"),
        ("z = AND(a", "line 1: expected INPUT(x), OUTPUT(y) or z = GATE(a, b, ...), found 'z = AND(a'"),
        ("z = AND(a, b) c", "line 1: expected INPUT(x), OUTPUT(y) or z = GATE(a, b, ...)"),
        ("z = (a)", "line 1: expected INPUT(x), OUTPUT(y) or z = GATE(a, b, ...)"),
        ("z = a = AND(b)", "line 1: expected INPUT(x), OUTPUT(y) or z = GATE(a, b, ...)"),
        ("z = 1", "line 1: expected INPUT(x), OUTPUT(y) or z = GATE(a, b, ...), found 'z = 1'"),
        ("z = AND(a,, b)", "line 1: expected names of signals with commas between, found '(a,, b)'"),
        ("z = AND(a, b,)", "line 1: expected names of signals with commas between, found '(a, b,)'"),
        ("z = AND(a b)", "line 1: expected names of signals with commas between, found '(a b)'"),
        ("z = FOO(a)", "line 1: expected one of the gates AND, NAND, OR,"),
        ("z = AND", "line 1: expected operands in brackets after AND, found 'z = AND'"),
        ("z = AND()", "line 1: expected 1 operand or more of AND, found 0"),
        ("z = NOT(a, b)", "line 1: expected 1 operand of NOT, found 2"),
        ("z = MUX(a, b)", "line 1: expected 3 operands of MUX, found 2"),
        ("z = DFF(a, b)", "line 1: expected 1 operand of DFF, found 2"),
        ("z = VDD(a)", "line 1: expected one of the constants GND, VDD, CONST0, CONST1, CONST(0) and CONST(1), found 'z = VDD(a)'"),
        ("z = CONST(2)", "line 1: expected one of the constants"),
        ("z = CONST", "line 1: expected one of the constants"),
        ("z = AND 0x1 (a)", "line 1: expected a table after LUT only, found 'z = AND 0x1 (a)'"),
        ("z = LUT (a)", "line 1: expected LUT, a table such as 0x8, and at most 8 operands in brackets"),
        (f"z = LUT 0x1 ({', '.join('abcdefghi')})", "line 1: expected LUT, a table such as 0x8, and at most 8 operands"),
        ("z = LUT 0x10 (a, b)", "line 1: expected a table of at most 4 bits for 2 operands, found '0x10'"),
        ("z = LUT 0x4 (a)", "line 1: expected a table of at most 2 bits for 1 operands, found '0x4'"),
        (f"z = LUT 0x{'f' * 100_000} (a)", "line 1: expected a table of at most 2 bits for 1 operands, found '0xfff"),
        ("z = AND(a)", "line 1: expected signals that some line defines, found 'a'"),
        ("INPUT(a)\nOUTPUT(z)", "line 2: expected signals that some line defines, found 'z'"),
        ("q = DFF(d)", "line 1: expected signals that some line defines, found 'd'"),
        ("INPUT(a)\n#\nINPUT(a)", "line 3: expected a signal that is not defined yet, found 'a', which line 1 defines"),
        ("a = NOT(b)\nINPUT(b)\na = BUF(b)", "line 3: expected a signal that is not defined yet, found 'a', which line 1 defines"),
        (
            "INPUT(x)\nz = AND(x, y)\ny = NOT(w)\nw = OR(z, x)\n",
            "line 2: expected a signal that does not depend on itself, found the cycle 'z' <- 'y' <- 'w' <- 'z'",
        ),
        (b"INPUT(a)\nINPUT(\xe4)", "line 2: expected UTF-8 text, found byte 0xe4"),
        (C17.encode("utf-16"), "line 1: expected UTF-8 text, found UTF-16 text"),
        (b"\x89PNG\r\n\x1a\n", "line 1: expected UTF-8 text, found byte 0x89"),
    ],
)
def test_what_is_wrong_is_named(text, message):
    with pytest.raises(hr.FormatError) as caught:
        load(text)
    assert str(caught.value).startswith("demo.bench, ")
    assert message in str(caught.value)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    "text",
    ["a" + " " * 300_000 + "b", "a = " * 50_000, "z = AND(" + "a," * 100_000, "(" * 300_000, "z" * 300_000, "z = LUT 0x" + "1" * 300_000],
)
def test_long_lines_are_refused_at_once(text):
    begin = time.perf_counter()
    assert read_or_refused(load, text) is None
    assert time.perf_counter() - begin < 2.0


def test_wide_gates_are_balanced():
    names = [f"i{k}" for k in range(1000)]
    circuit = load("\n".join([*(f"INPUT({name})" for name in names), "OUTPUT(z)", f"z = NOR({', '.join(names)})"]))
    assert hr.lower(circuit).product_depth == 10


# -- fuzz -------------------------------------------------------------------------------------------

PIECES = st.sampled_from(
    [b"\n", b" ", b"(", b")", b",", b"=", b"#", b"INPUT(", b"OUTPUT(g0)", b"g0", b"i0", b"NOT(", b"DFF(", b"\r", b"\0"]
)


@given(netlists(), st.lists(st.tuples(st.integers(0, 200), st.integers(0, 6), st.binary(max_size=3) | PIECES), min_size=1, max_size=3))
def test_a_damaged_file_is_refused_or_another_circuit(text, damages):
    data = text.encode()
    for start, length, piece in damages:
        data = data[:start] + piece + data[start + length :]
    circuit = read_or_refused(load, data)
    if circuit is not None:
        values = computed(circuit)
        assert set(values) == set(circuit.outputs)
        assert all(set(column) <= {0, 1} for column in values.values())


@given(st.binary(max_size=60))
def test_any_bytes_are_refused_or_a_circuit(data):
    read_or_refused(load, data)


# -- writing ----------------------------------------------------------------------------------------


@given(literal_circuits(max_inputs=4, max_gates=10, joint=False))
def test_what_is_written_is_read_back(circuit):
    text = bench_from_circuit(circuit)
    again = load(text)
    assert computed(again) == computed(circuit) == literal_values(text)
    assert [wire.name for wire in again.inputs] == [wire.name for wire in circuit.inputs]
    assert not circuit.frozen


@given(netlists())
def test_netlists_go_through_text(text):
    circuit = read_or_refused(load, text)
    if circuit is not None and (circuit.inputs or circuit.outputs):
        assert computed(load(bench_from_circuit(circuit))) == computed(circuit)


def test_c17_is_written_as_six_nands():
    expected = C17.replace("NAND(11, 7)", "NAND(7, 11)")  # operands in the order of their numbers
    assert bench_from_circuit(load(C17)).splitlines()[1:] == [line for line in expected.splitlines()[1:] if line]


def test_gates_are_defined_as_they_are_read():
    c = hr.Circuit("read")
    x = c.input("x", hr.Bernoulli(0.5), count=5)
    both, either = x[0] & x[1], x[2] | x[3]
    c.output("none", ~both & ~either)
    c.output("left", both ^ x[4])
    c.output("right", either ^ x[4])
    c.output("two", both ^ either)
    text = bench_from_circuit(c)
    assert text.splitlines()[10:] == [
        "n6 = NAND(x[0], x[1])", "n7 = NOR(x[2], x[3])", "none = AND(n6, n7)",
        "left = XNOR(x[4], n6)", "right = XNOR(x[4], n7)", "two = XOR(n6, n7)",
    ]  # fmt: skip
    assert computed(load(text)) == literal_values(text.replace("[", "_").replace("]", "")) == computed(c)


def test_names_are_kept_where_they_can_be():
    c = hr.Circuit("odd names")
    notices: list[str] = []
    a, b, same = c.input(["a b", "a_b", ".x"], hr.Bernoulli(0.5))
    c.set_name(a & b, "in between")
    c.output("a b", a)
    c.output("(y)", ~a & b)
    c.output("a_b", b ^ same)
    c.output("zero", c.constant(0.0))
    c.output("one", c.constant(1.0))
    c.output("copy", c.wire("in between"))
    text = bench_from_circuit(c, notices)
    assert text.splitlines()[1:10] == [
        "INPUT(a_b)", "INPUT(a_b_2)", "INPUT(_x)",
        "OUTPUT(a_b)", "OUTPUT(_y_)", "OUTPUT(a_b_3)", "OUTPUT(zero)", "OUTPUT(one)", "OUTPUT(copy)",
    ]  # fmt: skip
    assert [*computed(load(text)).values()] == [*computed(c).values()]
    assert notices == ['circuit \'odd names\': name written otherwise, of "a b", "a_b", ".x", "a b", ...']


def test_wire_names_are_kept():
    c = hr.Circuit("names")
    a, b = c.input(["a", "b"], hr.Bernoulli(0.5))
    nand, both = c.set_name(~(a & b), "nand"), c.set_name(a ^ b, "n1")
    c.output("y", nand & both)
    c.output("z", ~nand)
    assert set(load(bench_from_circuit(c)).names) == {"a", "b", "nand", "n1", "y", "z"}


def test_laws_are_left_out_with_a_notice():
    c = hr.Circuit("laws")
    notices: list[str] = []
    a, b = c.input("a", hr.Bernoulli(0.25)), c.input("b", hr.Bernoulli(0.5))
    c.output("y", a & b)
    bench_from_circuit(c, notices)
    assert notices == ["circuit 'laws': input law that .bench files cannot hold, a fair bit when read back, of \"a\""]


def test_circuits_without_outputs_or_gates_are_written():
    c = hr.Circuit("inputs")
    c.input(["a", "b"], hr.Bernoulli(0.5))
    assert bench_from_circuit(c) == "# inputs\nINPUT(a)\nINPUT(b)\n"


@pytest.mark.parametrize("build", ["input", "output", "unread input", "constant"])
def test_real_wires_are_named(build):
    c = hr.Circuit("real")
    x = c.input("x", hr.Bernoulli(0.5) if build in ("output", "constant") else hr.Normal())
    b = c.input("b", hr.Bernoulli(0.5))
    c.output("y", {"input": x, "output": x + b, "unread input": b, "constant": c.constant(0.5)}[build])
    message = r"^circuit 'real': \.bench files hold 0/1 wires only, but wire \d( \('x'\))? is real$"
    with pytest.raises(hr.KindError, match=message):
        bench_from_circuit(c)


@pytest.mark.large
def test_a_large_netlist_is_read_and_written_in_seconds():
    rng = np.random.default_rng(0)
    gates = 100_000
    operands = np.maximum(np.arange(gates)[:, np.newaxis] + 100 - rng.integers(1, 200, (gates, 2)), 0).tolist()
    kinds = rng.choice(["AND", "NAND", "OR", "NOR", "XOR"], gates).tolist()
    lines = [f"INPUT(s{k})" for k in range(100)]
    lines += [f"s{100 + k} = {kind}(s{a}, s{b})" for k, (kind, (a, b)) in enumerate(zip(kinds, operands, strict=True))]
    lines += [f"OUTPUT(s{gates + k})" for k in range(100)]
    begin = time.perf_counter()
    circuit = load("\n".join(lines))
    assert time.perf_counter() - begin < 10.0
    begin = time.perf_counter()
    bench_from_circuit(circuit)
    assert time.perf_counter() - begin < 20.0  # compilation of the lowering included
