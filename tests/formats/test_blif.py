"""BLIF netlists: the circuit computes what the covers say, whatever is wrong is one FormatError with its line, and texts come back."""

from __future__ import annotations

import itertools
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import heurest as hr
from heurest import opcodes
from heurest.formats.bench import circuit_from_bench
from heurest.formats.bench_writer import bench_from_circuit
from heurest.formats.blif import circuit_from_blif
from heurest.formats.blif_covers import cover_gate
from heurest.formats.blif_writer import blif_from_circuit
from heurest.formats.netlist_logic import Logic
from support.boolean_circuits import literal_circuits
from support.netlists import computed, looked_up
from support.same_circuit import read_or_refused

ADDER = """# a full adder
.model adder
.inputs a b c
.outputs sum carry
.names a b c sum
100 1
010 1
001 1
111 1
.names a b c carry
11- 1
1-1 1
-11 1
.end
"""


def load(text: str | bytes, notices: list[str] | None = None) -> hr.Circuit:
    return circuit_from_blif(text if isinstance(text, bytes) else text.encode(), "demo.blif", "demo", notices)


def cover_value(cubes: list[str], value: str, operands: list[np.ndarray]) -> np.ndarray:
    """A cover as it stands: the value where some row fits, the other elsewhere."""
    fits = np.array(False)
    for cube in cubes:
        row = np.array(True)
        for mark, operand in zip(cube, operands, strict=True):
            row = row & (mark == "-" or operand == int(mark))
        fits = fits | row
    return np.where(fits, int(value), 1 - int(value))


def literal_values(text: str) -> dict[str, list[int]]:
    """Values of the outputs for all settings: the covers looked up as they stand."""
    inputs: list[str] = []
    outputs: list[str] = []
    gates = {}
    cubes: list[list[str]] = []
    for words in map(str.split, text.splitlines()):
        if words[0] == ".inputs":
            inputs += words[1:]
        elif words[0] == ".outputs":
            outputs += words[1:]
        elif words[0] == ".names":
            cubes = []
            gates[words[-1]] = (
                lambda v, rows=cubes: cover_value([r[0] if r[1:] else "" for r in rows], rows[0][-1] if rows else "1", v),
                words[1:-1],
            )
        elif words[0][0] in "01-":
            cubes.append(words)
    return looked_up(inputs, list(dict.fromkeys(outputs)), gates)


@st.composite
def covers(draw, width):
    """Rows of a cover with one value for all."""
    value = draw(st.sampled_from("01"))
    rows = draw(st.lists(st.text("01-", min_size=width, max_size=width), max_size=1 if width == 0 else 5))
    return [f"{row} {value}".strip() for row in rows]


@st.composite
def netlists(draw):
    """The text of a netlist with covers of all sorts, in any order."""
    signals = [f"i{k}" for k in range(draw(st.integers(0, 4)))]
    header = [".model random", " ".join([".inputs", *signals])]
    blocks = []
    for k in range(draw(st.integers(0, 6))):
        operands = [draw(st.sampled_from(signals)) for _ in range(draw(st.integers(0, 8)))] if signals else []
        blocks.append("\n".join([" ".join([".names", *operands, f"g{k}"]), *draw(covers(len(operands)))]))
        signals.append(f"g{k}")
    outputs = draw(st.lists(st.sampled_from(signals), max_size=4)) if signals else []
    return "\n".join([*header, " ".join([".outputs", *outputs]), *draw(st.permutations(blocks)), ".end"]) + "\n"


@given(netlists())
def test_the_circuit_computes_what_the_covers_say(text):
    circuit = read_or_refused(load, text)
    assert circuit is not None or ".names" not in text
    if circuit is not None:
        assert computed(circuit) == literal_values(text)
        assert circuit.boolean.all()


@pytest.mark.parametrize("width", [1, 2])
def test_every_small_cover(width):
    rows = ["".join(marks) for marks in itertools.product("01-", repeat=width)]
    columns = list(np.array(list(itertools.product((0, 1), repeat=width))).T)
    logic = Logic(width)
    outputs, expected = {}, {}
    for size, value in itertools.product(range(4), "01"):
        for cubes in itertools.combinations(rows, size):
            outputs[f"{cubes} {value}"] = cover_gate(width, cubes, value == "0")(logic, logic.inputs)
            values = np.broadcast_to(cover_value(list(cubes), value, columns), 2**width)
            expected[f"{cubes} {value}"] = values.tolist()
    assert computed(logic.circuit("demo", {literal: f"x{literal}" for literal in logic.inputs}, outputs)) == expected


@pytest.mark.parametrize("odd", [False, True])
@pytest.mark.parametrize("off_set", [False, True])
def test_wide_parities_are_found(odd, off_set):
    width = 8
    rows = ["".join(map(str, bits)) for bits in itertools.product((0, 1), repeat=width) if sum(bits) % 2 == odd]
    logic = Logic(width)
    circuit = logic.circuit(
        "demo", {literal: f"x{literal}" for literal in logic.inputs}, {"y": cover_gate(width, rows, off_set)(logic, logic.inputs)}
    )
    expected = [sum(bits) % 2 == (odd != off_set) for bits in itertools.product((0, 1), repeat=width)]
    assert computed(circuit)["y"] == expected
    assert hr.lower(circuit).instructions.op.tolist().count(opcodes.MULTIPLY) == width - 1


@pytest.mark.parametrize(
    ("cubes", "products", "affine"),
    [
        (["11"], 1, 0),
        (["0-", "-0"], 1, 0),  # nand
        (["10", "01"], 1, 1),  # exclusive or: a product and a sum
        (["11", "00"], 1, 1),
        (["11-", "0-1"], 2, 1),  # multiplexer
        (["100", "010", "001", "111"], 2, 2),
        (["11--", "--11"], 3, 0),  # every operand once: a sum of products
        (["1-", "11"], 0, 0),  # the first operand
        (["1-", "0-"], 0, 0),  # 1
    ],
)
def test_covers_take_few_gates(cubes, products, affine):
    width = len(cubes[0])
    logic = Logic(width)
    circuit = logic.circuit(
        "demo", {literal: f"x{literal}" for literal in logic.inputs}, {"y": cover_gate(width, cubes, False)(logic, logic.inputs)}
    )
    codes = hr.lower(circuit).instructions.op.tolist()
    assert (codes.count(opcodes.MULTIPLY), codes.count(opcodes.AFFINE)) == (products, affine)


def test_a_full_adder():
    notices: list[str] = []
    circuit = load(ADDER, notices)
    bits = list(itertools.product((0, 1), repeat=3))
    assert computed(circuit) == {"sum": [sum(row) % 2 for row in bits], "carry": [sum(row) // 2 for row in bits]}
    assert circuit.name == "adder"
    assert set(circuit.names) == {"a", "b", "c", "sum", "carry"}
    assert notices == []
    assert hr.estimate(circuit, "mean").value == {"sum": 0.5, "carry": 0.5}


@pytest.mark.parametrize(
    "text",
    [
        ADDER.replace("\n", "\r\n"),
        ADDER.replace(".inputs a b c", ".inputs a \\\n b \\\n\\\nc"),
        ADDER.replace(".inputs a b c", ".inputs a b\n.inputs c"),
        ADDER.replace(".inputs a b c", ".inputs\ta  b c \\  # more\n# in between"),
        ADDER.replace(".end\n", ""),
        ADDER.replace(".model adder\n", ".model\n"),
        ADDER.replace(".model adder\n", ""),
        ADDER.replace("111 1", "111 1\n111 1"),
        ADDER.replace("sum\n100 1\n010 1\n001 1\n111 1", "sum\n000 0\n110 0\n101 0\n011 0"),
        ADDER.replace("11- 1", "  11-\t1  # first"),
    ],
)
def test_what_does_not_matter_does_not_matter(text):
    assert computed(load(text)) == computed(load(ADDER))


def test_a_model_without_a_name_has_the_files():
    assert load(ADDER.replace(".model adder\n", ".model\n")).name == "demo"


@pytest.mark.parametrize(
    ("cover", "values"),
    [
        (".names z", [0, 0]),
        (".names z\n1", [1, 1]),
        (".names z\n0", [0, 0]),
        (".names a z", [0, 0]),
        (".names a z\n- 1", [1, 1]),
        (".names a z\n- 0", [0, 0]),
        (".names a z\n0 1", [1, 0]),
        (".names a z\n1 0\n", [1, 0]),
        (".names a a z\n10 1", [0, 0]),
        (".names a z\n1 1\n0 1", [1, 1]),
    ],
)
def test_constants_and_covers_of_one_signal(cover, values):
    assert computed(load(f".inputs a\n.outputs z\n{cover}\n.end")) == {"z": values}


def test_latches_models_and_what_else_is_left_out():
    notices: list[str] = []
    text = """.model first
.inputs x clk
.outputs q
.clock clk
.area 3.5
.latch d q re clk 2
.latch d p 0
.names x q d
10 1
01 1
.exdc
.inputs x
.names x q
1 1
.end
.model second
.subckt first x=y
.model third
.end
"""
    circuit = load(text, notices)
    assert [wire.name for wire in circuit.inputs] == ["x", "clk", "q", "p"]
    assert list(circuit.outputs) == ["q", "q.next", "p.next"]
    odd = [x ^ q for x, _, q, _ in itertools.product((0, 1), repeat=4)]
    assert computed(circuit) == {"q": [q for _, _, q, _ in itertools.product((0, 1), repeat=4)], "q.next": odd, "p.next": odd}
    assert circuit.name == "first"
    assert notices == [
        "demo.blif: 2 registers cut into an input, a fair bit, and an output each: 'q', 'p'; 'q.next', 'p.next'",
        "demo.blif: the first of several models was read, 'first'; 2 more, from line 16 on, left out",
        "demo.blif, line 11: external don't-cares (.exdc) left out",
        "demo.blif: left out: .clock, .area",
    ]
    load(text)


ROW = "expected a row of the cover:"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1: expected .model, .inputs, .outputs or .names, found an empty file"),
        ("# nothing\n", "line 1: expected .model, .inputs, .outputs or .names, found no statement of a model"),
        (".model m\n.end\n", "line 1: expected .model, .inputs, .outputs or .names, found no statement of a model"),
        ("11 1\n", "line 1: expected .names, .latch, .inputs, .outputs, .model, .exdc or .end, found '11 1'"),
        (".inputs a\n1 1\n", "line 2: expected .names, .latch, .inputs, .outputs, .model, .exdc or .end, found '1 1'"),
        ("INPUT(a)\n", "line 1: expected .names, .latch, .inputs, .outputs, .model, .exdc or .end, found 'INPUT(a)'"),
        (".foo a\n", "line 1: expected .names, .latch, .inputs, .outputs, .model, .exdc or .end, found '.foo'"),
        (".model a b\n", "line 1: expected one name after .model, found '.model a b'"),
        (".names\n", "line 1: expected signals after .names, the one that is defined last, found none"),
        (".names a z\n1 \\\n\n1 1\n", f"line 2: {ROW} 1 of 0, 1 and -, a blank, and 0 or 1, found '1'"),
        (".names a b z\n1- \\\n 1\n1 1", f"line 4: {ROW} 2 of 0, 1 and -, a blank, and 0 or 1, found '1 1'"),
        (".names a z\n1 2\n", f"line 2: {ROW} 1 of 0, 1 and -, a blank, and 0 or 1, found '1 2'"),
        (".names a z\nx 1\n", f"line 2: {ROW} 1 of 0, 1 and -, a blank, and 0 or 1, found 'x 1'"),
        (".names a b z\n1 1 1\n", f"line 2: {ROW} 2 of 0, 1 and -, a blank, and 0 or 1, found '1 1 1'"),
        (".names z\n1 1\n", f"line 2: {ROW} 0 or 1, found '1 1'"),
        (".names z\n-\n", f"line 2: {ROW} 0 or 1, found '-'"),
        (".names a z\n1 1\n\n0 0\n", "line 4: expected rows that all end in 1, as the first does, found '0 0'"),
        (
            ".inputs a\n.latch a\n",
            "line 2: expected .latch input output, then if wanted a type (fe, re, ah, al, as) with its clock, then 0,",
        ),
        (".latch a q xx c\n", "line 1: expected .latch input output"),
        (".latch a q 4\n", "line 1: expected .latch input output"),
        (".latch a q re c 0 0\n", "line 1: expected .latch input output"),
        (".subckt adder a=x b=y\n", "line 1: expected a flat netlist of .names and .latch, found '.subckt adder a=x b=y'"),
        (".gate nand2 a=x b=y O=z\n", "line 1: expected a flat netlist of .names and .latch, found '.gate nand2"),
        (".inputs a\n.end\n.names z\n", "line 3: expected .model or the end of the file after .end, found '.names z'"),
        (".inputs a\n.exdc\n.end\n.names z\n", "line 4: expected .model or the end of the file after .end, found '.names z'"),
        (".inputs a a\n", "line 1: expected a signal that is not defined yet, found 'a', which line 1 defines"),
        (
            ".inputs a\n.names z\n.names a \\\n z\n1 1\n",
            "line 3: expected a signal that is not defined yet, found 'z', which line 2 defines",
        ),
        (".inputs a\n.latch a a\n", "line 2: expected a signal that is not defined yet, found 'a', which line 1 defines"),
        (".outputs z\n", "line 1: expected signals that some line defines, found 'z'"),
        (".names a z\n1 1\n", "line 1: expected signals that some line defines, found 'a'"),
        (".latch d q\n", "line 1: expected signals that some line defines, found 'd'"),
        (
            ".inputs x\n.names x z y\n11 1\n.names y z\n0 1\n.end\n",
            "line 2: expected a signal that does not depend on itself, found the cycle 'y' <- 'z' <- 'y'",
        ),
        (b".inputs a\n.names \xe4\n", "line 2: expected UTF-8 text, found byte 0xe4"),
        (ADDER.encode("utf-16"), "line 1: expected UTF-8 text, found UTF-16 text"),
        (b".inputs a\0b", "line 1: expected printable text, found the character U+0000"),
    ],
)
def test_what_is_wrong_is_named(text, message):
    with pytest.raises(hr.FormatError) as caught:
        load(text)
    assert str(caught.value).startswith("demo.blif, ")
    assert message in str(caught.value)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    "text", ["a" * 300_000, "\\\n" * 100_000 + "x", ".names " + "a " * 100_000 + "\n1 1", ".names a z\n" + "1" * 300_000]
)
def test_long_lines_are_refused_at_once(text):
    begin = time.perf_counter()
    assert read_or_refused(load, text) is None
    assert time.perf_counter() - begin < 2.0


def test_wide_covers_are_balanced():
    names = [f"i{k}" for k in range(512)]
    rows = ["-" * k + "0" + "-" * (511 - k) for k in range(512)]
    circuit = load(
        "\n".join([" ".join([".inputs", *names]), ".outputs z", " ".join([".names", *names, "z"]), *(f"{row} 1" for row in rows)])
    )
    assert hr.lower(circuit).product_depth == 9


# -- fuzz -------------------------------------------------------------------------------------------

PIECES = st.sampled_from(
    [b"\n", b" ", b"\\\n", b"-", b"0", b"1", b"#", b".names ", b".latch i0 q\n", b".end\n", b"g0", b".exdc\n", b".model b\n", b"\0"]
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


@given(st.binary(max_size=60), st.sampled_from([b"", b".names ", b".inputs a\n"]))
def test_any_bytes_are_refused_or_a_circuit(data, start):
    read_or_refused(load, start + data)


# -- writing ----------------------------------------------------------------------------------------


@given(literal_circuits(max_inputs=4, max_gates=10, joint=False))
def test_what_is_written_is_read_back(circuit):
    text = blif_from_circuit(circuit)
    again = load(text)
    assert computed(again) == computed(circuit) == literal_values(text)
    assert [wire.name for wire in again.inputs] == [wire.name for wire in circuit.inputs]
    assert again.name == circuit.name


@given(netlists())
def test_netlists_go_through_both_formats(text):
    circuit = read_or_refused(load, text)
    if circuit is not None and (circuit.inputs or circuit.outputs):
        assert computed(load(blif_from_circuit(circuit))) == computed(circuit)
        assert computed(circuit_from_bench(bench_from_circuit(circuit).encode())) == computed(circuit)


def test_long_lists_are_continued():
    c = hr.Circuit("wide")
    bits = c.input("bit", hr.Bernoulli(0.5), count=200)
    c.output("y", bits[0] ^ bits[199])
    text = blif_from_circuit(c)
    assert max(map(len, text.splitlines())) <= 130
    assert [wire.name for wire in load(text).inputs] == [f"bit[{k}]" for k in range(200)]


def test_names_and_constants_are_written():
    c = hr.Circuit("odd names")
    notices: list[str] = []
    a, b = c.input("a b", hr.Bernoulli(0.5)), c.input("c", hr.Bernoulli(0.25))
    c.output("not\\a", ~a)
    c.output("c", b)
    c.output("zero", c.constant(0.0))
    c.output("one", c.constant(1.0))
    assert blif_from_circuit(c, notices).splitlines() == [
        ".model odd_names", ".inputs a_b c", ".outputs not_a c zero one",
        ".names zero", ".names one", "1", ".names a_b not_a", "0 1", ".end",
    ]  # fmt: skip
    assert notices == [
        "circuit 'odd names': input law that .blif files cannot hold, a fair bit when read back, of \"c\"",
        'circuit \'odd names\': name written otherwise, of "a b", "not\\\\a"',
    ]


def test_real_wires_are_named():
    c = hr.Circuit("real")
    c.output("y", c.input("x", hr.Normal()))
    with pytest.raises(hr.KindError, match=r"^circuit 'real': \.blif files hold 0/1 wires only, but wire 0 \('x'\) is real$"):
        blif_from_circuit(c)


@pytest.mark.large
def test_a_large_netlist_is_read_and_written_in_seconds():
    rng = np.random.default_rng(0)
    gates = 100_000
    operands = np.maximum(np.arange(gates)[:, np.newaxis] + 100 - rng.integers(1, 200, (gates, 2)), 0).tolist()
    covers = rng.choice(["11 1", "00 0", "10 1\n01 1", "1- 1\n-1 1"], gates).tolist()
    lines = [" ".join([".inputs", *(f"s{k}" for k in range(100))]), " ".join([".outputs", *(f"s{gates + k}" for k in range(100))])]
    lines += [f".names s{a} s{b} s{100 + k}\n{cover}" for k, (cover, (a, b)) in enumerate(zip(covers, operands, strict=True))]
    begin = time.perf_counter()
    circuit = load("\n".join(lines))
    assert time.perf_counter() - begin < 10.0
    begin = time.perf_counter()
    blif_from_circuit(circuit)
    assert time.perf_counter() - begin < 20.0  # compilation of the lowering included
