"""The gate table: what a row builds computes what its reference function says."""

import itertools
import re

import numpy as np
import pytest

import heurest as hr
from heurest.circuit.gates import GATE_NAMES
from support.interpreter import circuit_values

# The last bit of each column is the value where all operands are 1; operands count up in binary, the first one slowest.
TRUTH = {
    "and": "0001",
    "or": "0111",
    "xor": "0110",
    "nand": "1110",
    "nor": "1000",
    "xnor": "1001",
    "not": "10",
    "mux": "01010011",
}
ARITHMETIC = {
    "multiply": lambda a, b: a * b,
    "square": lambda a: a**2,
    "add": lambda a, b: a + b,
    "subtract": lambda a, b: a - b,
    "negate": lambda a: 0.0 - a,
}


def boolean_inputs(fan_in):
    c = hr.Circuit("gates")
    return c, list(c.input("x", hr.Bernoulli(0.5), count=fan_in)), np.array(list(itertools.product((0, 1), repeat=fan_in))).T


def real_inputs(fan_in, samples=20):
    c = hr.Circuit("gates")
    return c, list(c.input("x", hr.Normal(), count=fan_in)), np.random.default_rng(1).normal(size=(fan_in, samples))


def test_storage_codes_are_never_renumbered():
    assert GATE_NAMES == ("input", "constant", "affine", "multiply", "square", "and")
    assert [hr.GATES[name].code for name in GATE_NAMES] == list(range(6))


def test_every_row_is_named_described_and_either_primitive_or_derived():
    for name, gate in hr.GATES.items():
        assert gate.name == name
        assert gate.help.endswith(".")
        assert (gate.code is None) == (gate.lowering is not None)
        assert (gate.reference is None) == (name in ("input", "constant"))


def test_the_tables_below_leave_no_gate_out():
    assert set(TRUTH) == {name for name, gate in hr.GATES.items() if gate.operands == "boolean"}
    assert {*TRUTH, *ARITHMETIC, "input", "constant", "affine", "power"} == set(hr.GATES)


@pytest.mark.parametrize("name", TRUTH)
def test_boolean_gates_follow_their_truth_tables(name):
    gate = hr.GATES[name]
    c, operands, table = boolean_inputs(gate.fan_in)
    result = c.apply(name, *operands)
    expected = [int(bit) for bit in TRUTH[name]]
    assert [gate.reference(*row) for row in table.T.tolist()] == expected
    assert circuit_values(c, table)[result.index].tolist() == expected
    assert result.boolean


@pytest.mark.parametrize("name", TRUTH)
def test_boolean_gates_work_on_arrays(name):
    gate = hr.GATES[name]
    c, operands, table = boolean_inputs(gate.fan_in)
    first = hr.Wires(c, np.full((2, 3), operands[0].index))
    result = c.apply(name, first, *operands[1:])
    assert result.shape == (2, 3)
    values = circuit_values(c, table)
    for wire in result.reshape(-1):
        assert values[wire.index].tolist() == [int(bit) for bit in TRUTH[name]]
        assert wire.boolean


@pytest.mark.parametrize("name", ARITHMETIC)
def test_arithmetic_gates_compute_their_function(name):
    gate = hr.GATES[name]
    c, operands, values = real_inputs(gate.fan_in)
    result = c.apply(name, *operands)
    expected = ARITHMETIC[name](*values)
    np.testing.assert_array_equal(gate.reference(*values), expected)
    np.testing.assert_array_equal(circuit_values(c, values)[result.index], expected)
    assert not result.boolean


@pytest.mark.parametrize("name", ARITHMETIC)
def test_arithmetic_gates_work_on_arrays(name):
    fan_in = hr.GATES[name].fan_in
    c, wires, values = real_inputs(4 * fan_in)
    operands = [hr.Wires(c, [w.index for w in wires[i::fan_in]]).reshape(2, 2) for i in range(fan_in)]
    result = c.apply(name, *operands)
    expected = ARITHMETIC[name](*(values[i::fan_in] for i in range(fan_in)))
    assert result.shape == (2, 2)
    np.testing.assert_array_equal(circuit_values(c, values)[result.index.reshape(-1)], expected)


@pytest.mark.parametrize("exponent", range(10))
def test_powers(exponent):
    c, (x, y), values = real_inputs(2)
    one, several = c.apply("power", x, exponent), c.apply("power", hr.Wires(c, [x.index, y.index]), exponent)
    result = circuit_values(c, values)
    expected = np.array([[float(np.prod([v] * exponent)) for v in row] for row in values])
    np.testing.assert_allclose(result[one.index], expected[0], rtol=1e-14)
    np.testing.assert_allclose(result[several.index], expected, rtol=1e-14)
    assert hr.GATES["power"].reference(-1.5, exponent) == (-1.5) ** exponent


def test_powers_square_repeatedly():
    c, (x,), _ = real_inputs(1)
    before = len(c)
    assert x**1 == x
    assert len(c) == before
    _ = x**9  # ((x^2)^2)^2 x
    assert [c.gate_name(w) for w in range(before, len(c))] == ["square", "square", "square", "multiply"]
    before = len(c)
    _ = x**1024
    assert len(c) == before + 10


def test_a_power_of_a_boolean_is_boolean():
    c, (b,), table = boolean_inputs(1)
    cube = b**3
    assert cube.boolean
    assert circuit_values(c, table)[cube.index].tolist() == [0, 1]


def test_affine_reference_is_a_weighted_sum():
    assert hr.GATES["affine"].reference([2.0, -1.0], [3.0, 0.5], 10.0) == 15.5
    assert hr.GATES["affine"].reference([], [], -1.0) == -1.0


@pytest.mark.parametrize("name", [name for name, gate in hr.GATES.items() if "a" in gate.symbol])
def test_the_symbol_builds_the_gate(name):
    gate = hr.GATES[name]
    boolean = gate.operands == "boolean"
    c, (a, b), table = boolean_inputs(2) if boolean else real_inputs(2)
    result = eval(gate.symbol, {"a": a, "b": b, "n": 3})
    values = table[: gate.fan_in] if name != "power" else [table[0], 3]
    expected = [gate.reference(*column) for column in zip(*values, strict=True)] if boolean else gate.reference(*values)
    np.testing.assert_allclose(circuit_values(c, table)[result.index], expected, rtol=1e-14)


@pytest.mark.parametrize("name", [name for name, gate in hr.GATES.items() if name not in ("input", "constant", "affine")])
def test_the_formula_is_the_reference_function(name):
    gate = hr.GATES[name]
    letters = sorted(set(re.findall("[a-z]", gate.formula)), key="sabn".index)
    formula = re.sub(r"(?<=[a-z0-9)]) (?=[a-z(])", "*", gate.formula).replace("^", "**")
    for values in itertools.product((0, 1), repeat=len(letters)):
        assert eval(formula, dict(zip(letters, values, strict=True))) == gate.reference(*values)


@pytest.mark.parametrize("name", [name for name, gate in hr.GATES.items() if gate.result in ("real", "operands") and gate.fan_in])
def test_the_kind_of_the_result_is_what_the_row_says(name):
    gate = hr.GATES[name]
    c = hr.Circuit("kinds")
    kinds = {True: c.input("b", hr.Bernoulli(0.5)), False: c.input("x", hr.Normal())}
    fan_in = 1 if name == "power" else gate.fan_in
    extra = (2,) if name == "power" else ()
    for booleans in itertools.product((True, False), repeat=fan_in):
        result = c.apply(name, *(kinds[boolean] for boolean in booleans), *extra)
        assert result.boolean == (gate.result == "operands" and all(booleans))
