"""Building circuits from signals in any order: literals, balanced trees, small functions by truth tables, and what is refused."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import heurest as hr
from heurest import opcodes
from heurest.formats.netlist_builder import NetlistBuilder
from heurest.formats.netlist_logic import FALSE, TRUE, Logic
from heurest.formats.netlist_text import netlist_lines
from heurest.formats.truth_tables import table_gate
from support.netlists import computed, settings_of

INPUTS = ["a", "b", "c"]


def circuit_of(logic: Logic, outputs: dict[str, int]) -> hr.Circuit:
    return logic.circuit("demo", dict(zip(logic.inputs, INPUTS, strict=False)), outputs)


def literal_value(literal: int, columns: dict[str, np.ndarray]) -> np.ndarray:
    value = columns[INPUTS[(literal >> 1) - 1]] if literal > 1 else np.zeros(8, dtype=int)
    return value ^ (literal & 1)


def both(logic: Logic, literals: list[int]) -> int:
    return logic.conjunction(literals)


# -- literals ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_gates_of_any_literals_compute_what_they_should(count):
    logic = Logic(3)
    columns = settings_of(INPUTS)
    outputs, expected = {}, {}
    for literals in itertools.product(range(8), repeat=count):
        values = np.array([literal_value(literal, columns) for literal in literals]).reshape(count, 8)
        made = {"and": logic.conjunction, "or": logic.disjunction, "xor": logic.parity}
        truth = {"and": values.all(axis=0), "or": values.any(axis=0), "xor": values.sum(axis=0) % 2}
        if count == 3:
            made["mux"], truth["mux"] = lambda row: logic.multiplexer(*row), np.where(values[0], values[1], values[2])
        for name, make in made.items():
            outputs[f"{name} {literals}"], expected[f"{name} {literals}"] = make(list(literals)), truth[name].astype(int).tolist()
    assert computed(circuit_of(logic, outputs)) == expected


@given(st.lists(st.integers(0, 7), min_size=4, max_size=12))
def test_wide_gates_compute_what_they_should(literals):
    logic = Logic(3)
    outputs = {"and": logic.conjunction(literals), "or": logic.disjunction(literals), "xor": logic.parity(literals)}
    values = np.array([literal_value(literal, settings_of(INPUTS)) for literal in literals])
    expected = {"and": values.all(axis=0), "or": values.any(axis=0), "xor": values.sum(axis=0) % 2 == 1}
    assert computed(circuit_of(logic, outputs)) == {name: value.astype(int).tolist() for name, value in expected.items()}


def test_the_columns_pass_the_checks_of_a_circuit():
    logic = Logic(3)
    a, b, c = logic.inputs
    odd, chosen = logic.parity([a, b, c ^ 1]), logic.multiplexer(a, b ^ 1, c)
    circuit = circuit_of(logic, {"odd": odd ^ 1, "chosen": chosen, "zero": FALSE, "one": TRUE, "and": logic.conjunction([odd ^ 1, a ^ 1])})
    again = hr.Circuit("demo")
    again.input(INPUTS, hr.Bernoulli(0.5))
    rest, affine = slice(3, None), circuit.gate == hr.GATES["affine"].code
    block = (circuit.gate[rest], circuit.left[rest], circuit.right[rest], circuit.value[rest])
    again.extend(*block, circuit.term_wire, circuit.term_coefficient, affine[rest])
    assert again.boolean.all()
    assert circuit.boolean.all()
    assert [group.law for group in circuit.groups] == [hr.Bernoulli(0.5)] * 3
    assert [group.wires for group in circuit.groups] == [(0,), (1,), (2,)]


def test_what_is_simple_makes_no_node():
    logic = Logic(2)
    a, b = logic.inputs
    simple = {
        logic.conjunction([a, TRUE]): a,
        logic.conjunction([b, a, b ^ 1]): FALSE,
        logic.conjunction([a, a, a]): a,
        logic.disjunction([a, FALSE]): a,
        logic.parity([a, b, a]): b,
        logic.parity([a, a ^ 1, b]): b ^ 1,
        logic.multiplexer(a, b, b): b,
        logic.multiplexer(a ^ 1, FALSE, TRUE): a,
    }
    assert all(made == expected for made, expected in simple.items())
    assert len(circuit_of(logic, {"y": a})) == 2


def test_a_multiplexer_of_inverses_is_the_inverse():
    logic = Logic(3)
    a, b, c = logic.inputs
    circuit = circuit_of(logic, {"y": logic.multiplexer(a, b ^ 1, c ^ 1) ^ 1})
    assert [circuit.gate_name(wire) for wire in range(3, len(circuit))] == ["and", "and", "affine"]


@pytest.mark.parametrize("width", [2, 3, 7, 8, 100])
@pytest.mark.parametrize("make", [Logic.conjunction, Logic.disjunction, Logic.parity])
def test_trees_are_balanced(width, make):
    logic = Logic(width)
    result = make(logic, logic.inputs)
    circuit = logic.circuit("tree", {literal: f"x{literal}" for literal in logic.inputs}, {"y": result})
    depth = (width - 1).bit_length()
    program = hr.lower(circuit)
    assert program.product_depth == depth
    assert program.instructions.op.tolist().count(opcodes.MULTIPLY) == width - 1


def test_exclusive_ors_and_multiplexers_are_sums():
    logic = Logic(3)
    a, b, c = logic.inputs
    circuit = circuit_of(logic, {"odd": logic.parity([a, b]), "chosen": logic.multiplexer(a, b, c)})
    bias, operands, coefficients = circuit.terms(circuit.outputs["odd"].index)
    assert (bias, operands.tolist(), coefficients.tolist()) == (0.0, [0, 1, 3], [1.0, 1.0, -2.0])
    bias, operands, coefficients = circuit.terms(circuit.outputs["chosen"].index)
    assert (bias, operands.tolist(), coefficients.tolist()) == (0.0, [2, 5, 6], [1.0, 1.0, -1.0])
    assert [circuit.operands(wire) for wire in (5, 6)] == [(0, 1), (0, 2)]


# -- truth tables -----------------------------------------------------------------------------------


def table_values(operands: int, table: int) -> list[int]:
    """The values in the order of `settings_of`, whose first name changes slowest."""
    rows = itertools.product((0, 1), repeat=operands)
    return [table >> sum(bit << i for i, bit in enumerate(row)) & 1 for row in rows]


@pytest.mark.parametrize("operands", [0, 1, 2, 3])
def test_every_small_truth_table_is_made(operands):
    logic = Logic(operands)
    tables = range(1 << (1 << operands))
    circuit = circuit_of(logic, {str(table): table_gate(operands, table)(logic, logic.inputs) for table in tables})
    assert computed(circuit) == {str(table): table_values(operands, table) for table in tables}


@given(st.integers(4, 8).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, 2 ** (1 << n) - 1), st.integers(0, 2 ** (1 << n) - 1))))
def test_truth_tables_are_made(drawn):
    operands, first, second = drawn
    logic = Logic(operands)
    tables = (first, first & second)
    named = {literal: f"x{k}" for k, literal in enumerate(logic.inputs)}
    circuit = logic.circuit("demo", named, {str(table): table_gate(operands, table)(logic, logic.inputs) for table in tables})
    assert computed(circuit) == {str(table): table_values(operands, table) for table in tables}


@pytest.mark.parametrize(
    ("table", "products", "sums"),
    [
        (0b1000_0000, 2, 0),  # and
        (0b1111_1110, 2, 0),  # or
        (0b1001_0110, 2, 2),  # parity
        (0b1100_1010, 2, 1),  # x2 ? x1 : x0
        (0b1110_1000, 4, 1),  # majority: x0 ? x1 | x2 : x1 & x2
        (0b0111_1000, 2, 1),  # (x0 & x1) ^ x2
    ],
)
def test_small_functions_take_few_gates(table, products, sums):
    logic = Logic(3)
    circuit = circuit_of(logic, {"y": table_gate(3, table)(logic, logic.inputs)})
    codes = hr.lower(circuit).instructions.op.tolist()
    assert codes.count(opcodes.MULTIPLY) == products
    assert codes.count(opcodes.AFFINE) == sums


def test_multiplexers_are_exact_where_operands_are_independent():
    # a majority as a sum of products of shared inputs is not: 1 - (1 - 1/4)**3
    logic = Logic(3)
    circuit = circuit_of(logic, {"y": table_gate(3, 0b1110_1000)(logic, logic.inputs)})
    assert hr.estimate(circuit, "mean").value["y"] == 0.5


# -- signals ----------------------------------------------------------------------------------------


def test_signals_name_their_wires_in_any_order():
    builder = NetlistBuilder("demo")
    builder.define("z", both, ["y", "w"], 1)
    builder.define("y", lambda logic, literals: literals[0] ^ 1, ["x"], 2)
    builder.define("again", lambda logic, literals: literals[0], ["z"], 3)
    builder.input("w", 4)
    builder.input("x", 5)
    builder.output("again", 6)
    circuit = builder.circuit("demo", [])
    assert set(circuit.names) == {"w", "x", "y", "z"}
    assert circuit.outputs["again"].name == "z"
    assert [wire.name for wire in circuit.inputs] == ["w", "x"]
    assert circuit.name == "demo"
    assert not circuit.frozen


def test_a_deep_chain_in_reverse_is_solved():
    depth = 20_000
    builder = NetlistBuilder("demo")
    for k in range(depth, 0, -1):
        builder.define(f"s{k}", both, [f"s{k - 1}", "x"], k)
    builder.input("x", 1)
    builder.input("s0", 1)
    builder.output(f"s{depth}", 1)
    circuit = builder.circuit("demo", [])
    assert [circuit.wire_name(wire) for wire in range(2, len(circuit))] == [f"s{k}" for k in range(1, depth + 1)]


def test_registers_are_cut():
    builder = NetlistBuilder("demo")
    notices: list[str] = []
    builder.register("q", "d", 1)
    builder.register("p", "q", 2)
    builder.input("x", 3)
    builder.define("d", lambda logic, literals: logic.parity(literals), ["x", "q"], 4)
    builder.define("other", lambda logic, literals: literals[0] ^ 1, ["x"], 5)
    builder.define("p.next", lambda logic, literals: literals[0] ^ 1, ["q"], 6)
    builder.output("p.next", 7)
    circuit = builder.circuit("demo", notices)
    assert [wire.name for wire in circuit.inputs] == ["x", "q", "p"]
    columns = settings_of(["x", "q", "p"])
    assert computed(circuit) == {
        "p.next": (1 - columns["q"]).tolist(),
        "q.next": (columns["x"] ^ columns["q"]).tolist(),
        "p.next#2": columns["q"].tolist(),
    }
    assert notices == ["demo: 2 registers cut into an input, a fair bit, and an output each: 'q', 'p'; 'q.next', 'p.next#2'"]


def test_many_registers_make_a_short_notice():
    builder = NetlistBuilder("demo")
    notices: list[str] = []
    for k in range(5):
        builder.register(f"q{k}", f"q{k}", k + 1)
    builder.circuit("demo", notices)
    assert notices[0].endswith("each: 'q0', 'q1', 'q2', 'q3', ...; 'q0.next', 'q1.next', 'q2.next', 'q3.next', ...")


def test_an_output_declared_twice_is_one():
    builder = NetlistBuilder("demo")
    notices: list[str] = []
    builder.input("x", 1)
    for line in (2, 3):
        builder.output("x", line)
    assert list(builder.circuit("demo", notices).outputs) == ["x"]
    assert notices == ["demo: declared as outputs more than once, kept once: 'x'"]


def test_supplies_are_constants_unless_defined():
    builder = NetlistBuilder("demo", {"vdd": TRUE, "gnd": FALSE})
    builder.input("vdd", 1)
    builder.define("y", both, ["vdd", "gnd"], 2)
    builder.output("y", 3)
    builder.output("vdd", 4)
    assert computed(builder.circuit("demo", [])) == {"y": [0, 0], "vdd": [0, 1]}


@pytest.mark.parametrize(
    ("statements", "message"),
    [
        ([("x", []), ("x", [])], "line 2: expected a signal that is not defined yet, found 'x', which line 1 defines"),
        ([("y", ["x"])], "line 1: expected signals that some line defines, found 'x'"),
        ([("z", ["y"]), ("y", ["x"])], "line 2: expected signals that some line defines, found 'x'"),
        ([("y", ["y"])], "line 1: expected a signal that does not depend on itself, found the cycle 'y' <- 'y'"),
        (
            [("out", ["a", "b"]), ("b", []), ("a", ["d", "b"]), ("d", ["b", "e"]), ("e", ["a"])],
            "line 3: expected a signal that does not depend on itself, found the cycle 'a' <- 'd' <- 'e' <- 'a'",
        ),
        (
            [("a", ["b", "fine"]), ("b", ["a"]), ("fine", ["leaf"]), ("leaf", [])],
            "line 1: expected a signal that does not depend on itself, found the cycle 'a' <- 'b' <- 'a'",
        ),
        ([("y" * 100, ["x"]), ("x", ["y" * 100])], "'yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy... <- 'x' <- "),
    ],
)
def test_what_is_wrong_is_named(statements, message):
    def build() -> None:
        builder = NetlistBuilder("demo.net")
        for line, (signal, operands) in enumerate(statements, start=1):
            builder.define(signal, both, operands, line)
        builder.circuit("demo", [])

    with pytest.raises(hr.FormatError) as caught:
        build()
    assert str(caught.value).startswith("demo.net, line ")
    assert message in str(caught.value)


def test_a_long_cycle_is_shortened():
    builder = NetlistBuilder("demo.net")
    for k in range(50_000):
        builder.define(f"s{k}", both, [f"s{(k + 1) % 50_000}"], k + 1)
    with pytest.raises(hr.FormatError) as caught:
        builder.circuit("demo", [])
    assert str(caught.value).endswith("found the cycle 's0' <- 's1' <- 's2' <- 's3' <- ... <- 's49998' <- 's49999' <- 's0'")


def test_an_output_that_nothing_defines_is_named():
    builder = NetlistBuilder("demo.net")
    builder.output("y", 7)
    with pytest.raises(hr.FormatError, match=r"demo\.net, line 7: expected signals that some line defines, found 'y'$"):
        builder.circuit("demo", [])


# -- text -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("data", [b"a\nb # c\n", b"a\r\nb # \xe9\r\n", b"a\rb #\r", b"\xef\xbb\xbfa\nb #\xff\n"])
def test_line_ends_marks_and_comments_do_not_matter(data):
    assert netlist_lines(data, "demo") == ["a", "b ", ""]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"a\nb\xff", "demo, line 2: expected UTF-8 text, found byte 0xff"),
        ("a".encode("utf-16"), "demo, line 1: expected UTF-8 text, found UTF-16 text"),
        ("a".encode("utf-16-be"), "demo, line 1: expected printable text, found the character U+0000"),
        (b"a\n\n\x1bb", "demo, line 3: expected printable text, found the character U+001B"),
        ("a\n\u2028b".encode(), "demo, line 2: expected printable text, found the character U+2028"),
    ],
)
def test_text_in_other_encodings_is_named(data, message):
    with pytest.raises(hr.FormatError) as caught:
        netlist_lines(data, "demo")
    assert str(caught.value) == message
