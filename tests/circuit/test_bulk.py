"""Blocks of gates of mixed kinds: `Circuit.extend` stores what single calls store, and refuses what they refuse."""

from time import perf_counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import heurest as hr
from heurest.circuit.gates import AFFINE, AND, CONSTANT, INPUT, MULTIPLY, SQUARE
from support.interpreter import circuit_values
from support.strategies import circuits

COLUMNS = ("gate", "boolean", "left", "right", "value", "term_wire", "term_coefficient")


def two_inputs(law=None):
    c = hr.Circuit("block")
    c.input("x", law or hr.Normal(), count=2)
    return c


@given(st.data())
def test_a_circuit_is_the_same_when_its_gates_are_handed_over_as_one_block(data):
    source = data.draw(circuits(layers=False))
    first = sum(len(group.wires) for group in source.groups)
    other = hr.Circuit("block")
    for group in source.groups:
        other.input([source.wire_name(wire) for wire in group.wires], group.law)
    part = slice(first, None)
    made = other.extend(
        source.gate[part], source.left[part], source.right[part], source.value[part], source.term_wire, source.term_coefficient,
        source.boolean[part] & (source.gate[part] == AFFINE),
    )  # fmt: skip
    assert made.index.tolist() == list(range(first, len(source)))
    for column in COLUMNS:
        np.testing.assert_array_equal(getattr(other, column), getattr(source, column), err_msg=column)


def test_a_block_reads_its_own_gates_and_follows_other_calls():
    c = two_inputs()
    c.affine([2.0, 1.0], [c.wire(0), c.wire(1)])  # wire 2, whose terms come first
    wires = c.extend([CONSTANT, AFFINE, SQUARE, MULTIPLY], [9, 0, 4, 5], [9, 3, 4, 3], [2.0, 1.0, 0.0, 0.0], [0, 3, 2], [1.0, 10.0, -1.0])
    assert wires.index.tolist() == [3, 4, 5, 6]
    values = circuit_values(c, np.array([[3.0], [5.0]]))[:, 0]
    # 2 x + y, 2, 1 + x + 10 * 2 - (2 x + y), its square, the square times 2
    assert values.tolist() == [3.0, 5.0, 11.0, 2.0, 13.0, 169.0, 338.0]
    assert (c.wire(3) + 1).index == 7


def test_an_empty_block_is_welcome():
    c = two_inputs()
    assert len(c.extend([], [], [])) == 0
    assert len(c) == 2


def test_kinds_follow_from_operands_along_chains():
    c = hr.Circuit("kinds")
    c.input("b", hr.Bernoulli(0.5), count=2)
    c.input("r", hr.Normal())
    c.extend(
        [MULTIPLY, SQUARE, MULTIPLY, AND, CONSTANT, CONSTANT, AFFINE, AFFINE, MULTIPLY],
        [0, 3, 4, 3, 0, 0, 0, 1, 9], [1, 3, 2, 4, 0, 0, 1, 2, 6],
        [0, 0, 0, 0, 1.0, 2.0, 1.0, 1.0, 0], [0, 0], [-1.0, -1.0], [False] * 6 + [True, False, False],
    )  # fmt: skip
    assert c.boolean[3:].tolist() == [True, True, False, True, True, False, True, False, True]


def lowered(gate):
    """A derived gate over a, b and their conjunction, as its bias and coefficients."""
    sums = {
        "or": (0, (1, 1, -1)), "xor": (0, (1, 1, -2)), "nor": (1, (-1, -1, 1)), "xnor": (1, (-1, -1, 2)),
        "nand": (1, (0, 0, -1)), "not": (1, (-1, 0, 0)),
    }  # fmt: skip
    return sums[gate]


@pytest.mark.parametrize("gate", ["or", "xor", "nor", "xnor", "nand", "not"])
def test_every_derived_gate_can_be_declared_boolean(gate):
    bias, coefficients = lowered(gate)
    c = two_inputs(hr.Bernoulli(0.5))
    c.extend([AND, AFFINE], [0, 0], [1, 3], [0, bias], [0, 1, 2], coefficients, [False, True])
    values = circuit_values(c, np.array([[0.0, 0, 1, 1], [0, 1, 0, 1]]))[3]
    reference = hr.GATES[gate].reference
    assert values.tolist() == [reference(*(a, b)[: hr.GATES[gate].fan_in]) for a in (0, 1) for b in (0, 1)]
    assert c.boolean.all()


def test_conjunctions_are_looked_through_where_that_proves_the_result_boolean():
    c = hr.Circuit("mux")
    c.input("s", hr.Bernoulli(0.5), count=3)
    # b + s a - s b, whose operands are bits and two conjunctions, and an or of two conjunctions
    c.extend([AND, AND, AFFINE, AND, AFFINE], [0, 0, 0, 3, 3], [1, 2, 3, 4, 6], 0.0,
             [2, 3, 4, 3, 4, 6], [1.0, 1, -1, 1, 1, -1], [False, False, True, False, True])  # fmt: skip
    assert c.boolean.all()
    # x or (x and y): a conjunction that is itself a factor of another
    c.extend([AND, AFFINE], [0, 0], [3, 3], 0.0, [0, 3, 8], [1.0, 1, -1], [False, True])
    assert c.boolean.all()


@pytest.mark.parametrize(("arguments", "message"), [
    (([7], [0], [0]), "wire 2: gate code 7 is none of 1 to 5"),
    (([INPUT], [0], [0]), "wire 2: gate code 0 is none of 1 to 5"),
    (([MULTIPLY, MULTIPLY], [0, 1], [1, 3]), "wire 3: multiply reads wire 3, which is not an earlier one"),
    (([MULTIPLY], [-1], [0]), "wire 2: multiply reads wire -1, which is not an earlier one"),
    (([SQUARE], [0], [1]), "wire 2: square takes 1 operand, got wires 0 and 1"),
    (([AND], [0], [1]), "wire 2: and takes boolean wires, but wire 0 is real"),
    (([AFFINE], [0], [1], 0.0, [2], [1.0]), "wire 2: affine reads wire 2, which is not an earlier one"),
    (([AFFINE], [1], [2], 0.0, [0, 1], [1.0, 1.0]), "wire 2: affine has terms 1 to 2; ranges must follow each other within 2 terms"),
    (([AFFINE], [0], [3], 0.0, [0, 1], [1.0, 1.0]), "wire 2: affine has terms 0 to 3; ranges must follow each other within 2 terms"),
    (([AFFINE], [0], [1], 0.0, [0, 1], [1.0, 1.0]), "extend: 2 terms are given, but the affine gates use 1"),
    (([MULTIPLY], [0], [1], 0.0, [0], [1.0]), "extend: 1 terms are given, but the affine gates use 0"),
    (([AFFINE], [0], [1], 0.0, [0], [np.nan]), "extend: a coefficient must be finite, got nan"),
    (([AFFINE], [0], [1], np.inf, [0], [1.0]), "extend: a value must be finite, got inf"),
    (([AFFINE], [0], [1], 0.0, [0], [1.0, 2.0]), r"extend: 1 term wires are given with coefficients of shape \(2,\)"),
    (([MULTIPLY], [0, 1], [1]), "extend: left has 2 entries for 1 gates"),
    (([MULTIPLY], [0], [1, 0]), "extend: right has 2 entries for 1 gates"),
    (([MULTIPLY], [0], [1], [0.0, 1.0]), r"extend: value has shape \(2,\) for 1 gates"),
    (([MULTIPLY], [0.5], [1]), r"extend: left must be integers in one dimension, got float64 of shape \(1,\)"),
    (([[MULTIPLY]], [0], [1]), r"extend: gate must be integers in one dimension, got int64 of shape \(1, 1\)"),
    (([MULTIPLY, [SQUARE]], [0], [1]), "extend: gate must be an array, got list of mixed shapes"),
    (([AFFINE], [0], [1], 0.0, [0], [1.0], 1), "extend: boolean must hold True and False"),
    (([AFFINE], [0], [1], 0.0, [0], [1.0], True), "wire 2: an affine gate with a boolean result reads wire 0, which is real"),
    (([MULTIPLY], [0], [1], 0.0, [], [], True), "wire 2: only an affine gate is declared boolean, not multiply"),
])  # fmt: skip
def test_a_wrong_block_is_one_line_and_leaves_the_circuit_as_it_was(arguments, message):
    c = two_inputs()
    before = [getattr(c, column).tolist() for column in COLUMNS]
    with pytest.raises(hr.CircuitError, match=f"^{message}$"):
        c.extend(*arguments)
    assert [getattr(c, column).tolist() for column in COLUMNS] == before


@pytest.mark.parametrize(("bias", "coefficients", "message"), [
    (0.0, [1.0, 1.0], "wire 2: declared boolean, but its sum is one that can be 2"),
    (0.5, [0.0, 0.0], "wire 2: declared boolean, but its sum is one with fractional numbers"),
    (0.0, [2.0**60, -(2.0**60)], "wire 2: declared boolean, but its sum is one with coefficients too large to check"),
])  # fmt: skip
def test_a_sum_declared_boolean_must_be_one(bias, coefficients, message):
    c = two_inputs(hr.Bernoulli(0.5))
    with pytest.raises(hr.CircuitError, match=f"^{message}$"):
        c.extend([AFFINE], [0], [2], bias, [0, 1], coefficients, True)
    assert len(c) == 2


def test_a_sum_of_very_many_bits_is_not_enumerated():
    c = hr.Circuit("wide")
    c.input("x", hr.Bernoulli(0.5), count=40)
    with pytest.raises(hr.CircuitError, match=r"^wire 40: declared boolean, but its sum is a sum over 40 wires, more than can be checked"):
        c.extend([AFFINE], [0], [40], 0.0, np.arange(40), np.ones(40), True)


def test_a_frozen_circuit_refuses_blocks():
    c = two_inputs()
    c.freeze()
    with pytest.raises(hr.CircuitError, match="frozen"):
        c.extend([MULTIPLY], [0], [1])


@pytest.mark.large
def test_a_million_gates_take_well_under_two_seconds():
    gates = 1_000_000
    c = two_inputs()
    previous = np.arange(1, gates + 1)
    begin = perf_counter()
    c.extend(np.where(previous % 2, MULTIPLY, SQUARE), previous, np.where(previous % 2, previous - 1, previous))
    assert len(c) == gates + 2
    assert perf_counter() - begin < 2.0
