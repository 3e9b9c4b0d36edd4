"""Random bilinear circuits: the shape that was asked for, and nothing that depends on chance alone."""

from time import perf_counter

import numpy as np
import pytest

import heurest as hr
from heurest.circuit.gates import AFFINE, INPUT, MULTIPLY, SQUARE
from heurest.families.bilinear import random_bilinear
from heurest.families.input_laws import INPUT_LAWS
from heurest.formats.circuit_json import dumps
from support.interpreter import circuit_values
from support.sizes import scaled

GATES = scaled(200_000, 20_000)


def gate_columns(circuit):
    first = int((circuit.gate == INPUT).sum())
    return circuit.gate[first:], np.arange(first, len(circuit))


def operand_pairs(circuit):
    """Operands of all two-operand gates and the gates' own numbers."""
    code, own = gate_columns(circuit)
    starts = circuit.left[own]
    pairs = np.stack([starts, circuit.right[own]], axis=1)
    affine = code == AFFINE
    pairs[affine] = np.stack([circuit.term_wire[starts[affine]], circuit.term_wire[starts[affine] + 1]], axis=1)
    return pairs, own, code


def test_the_same_seed_gives_the_same_circuit_and_another_seed_another():
    same = [dumps(random_bilinear(law="empirical", rng=5)) for _ in range(2)]
    assert same[0] == same[1]
    assert dumps(random_bilinear(law="empirical", rng=6)) != same[0]
    by_generator = random_bilinear(law="empirical", rng=np.random.default_rng(5))
    assert dumps(by_generator.copy("bilinear/empirical#5")) == same[0]


def test_inputs_gates_and_output_are_as_asked():
    c = random_bilinear(inputs=7, gates=30, rng=1)
    assert repr(c) == "<Circuit 'bilinear/normal#1': 7 inputs, 30 gates, 1 output>"
    assert c.outputs["y"].index == len(c) - 1
    assert [wire.name for wire in c.inputs] == [f"x[{i}]" for i in range(7)]
    assert not c.frozen


@pytest.mark.parametrize(("products", "squares"), [(0.4, 0.1), (0.0, 0.4), (0.2, 0.2), (1.0, 0.0), (0.0, 1.0), (0.0, 0.0)])
def test_shares_of_gate_kinds_lie_within_five_standard_errors(products, squares):
    code, _ = gate_columns(random_bilinear(gates=GATES, products=products, squares=squares, rng=2))
    for kind, share in ((MULTIPLY, products), (SQUARE, squares), (AFFINE, 1.0 - products - squares)):
        assert abs((code == kind).sum() - GATES * share) <= 5.0 * np.sqrt(GATES * share * (1.0 - share)) + 1e-9


def test_operands_are_different_uniform_wires_of_the_window():
    pairs, own, code = operand_pairs(random_bilinear(gates=GATES, window=8, rng=3))
    distance = own[:, np.newaxis] - pairs
    assert distance.min() == 1
    assert distance.max() == 8
    two = code != SQUARE
    assert (pairs[two, 0] != pairs[two, 1]).all()
    assert (pairs[~two, 0] == pairs[~two, 1]).all()
    counts = np.bincount(distance[8:][two[8:]].ravel(), minlength=9)[1:]
    expected = counts.sum() / 8
    # the two operands exclude each other, so the spread is a little below a binomial's
    assert np.abs(counts - expected).max() <= 5.0 * np.sqrt(expected)


def test_without_a_window_operands_come_from_everywhere():
    pairs, own, code = operand_pairs(random_bilinear(gates=GATES, window=None, rng=4))
    position = pairs[code == MULTIPLY].ravel() / np.repeat(own[code == MULTIPLY], 2)
    assert abs(position.mean() - 0.5) < 5.0 * np.sqrt(1 / 12 / position.size)


def test_one_input_and_one_place_are_enough():
    c = random_bilinear(inputs=1, gates=6, products=1.0, squares=0.0, window=1, rng=0)
    # every product is of the latest wire with itself: degrees 2, 4, ..., 64
    assert circuit_values(c, np.array([[1.0, 2.0]]))[-1].tolist() == [1.0, 2.0**64]


def test_affine_gates_have_unit_coefficients_and_biases_of_half_a_standard_deviation():
    c = random_bilinear(gates=GATES, products=0.0, squares=0.0, rng=5)
    coefficients = c.term_coefficient.reshape(-1, 2)
    np.testing.assert_allclose((coefficients**2).sum(axis=1), 1.0, rtol=1e-12)
    bias = c.value[5:]
    assert abs(bias.mean()) < 5.0 * 0.5 / np.sqrt(GATES)
    assert abs(bias.var() - 0.25) < 5.0 * 0.25 * np.sqrt(2 / GATES)


@pytest.mark.parametrize("law", INPUT_LAWS)
def test_every_law_gives_a_circuit_that_can_be_estimated(law):
    c = random_bilinear(inputs=4, gates=10, law=law, rng=6)
    assert sum(group.law.size for group in c.groups) == 4
    assert np.isfinite(hr.Cumulant(2).estimate(c).value["y"])


def test_full_order_estimates_are_exact_on_a_joint_law():
    c = random_bilinear(inputs=3, gates=4, products=0.5, squares=0.0, law="joint_discrete", rng=8)
    points, probs = c.groups[0].law.points()
    exact = float(circuit_values(c, points.T)[-1] @ probs)
    assert hr.Cumulant(8).estimate(c).value["y"] == pytest.approx(exact, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize(("arguments", "message"), [
    ({"inputs": 0}, "random_bilinear: inputs must be an integer of at least 1, got 0"),
    ({"inputs": 2.0}, "random_bilinear: inputs must be an integer of at least 1, got 2.0"),
    ({"gates": 0}, "random_bilinear: gates must be an integer of at least 1, got 0"),
    ({"gates": True}, "random_bilinear: gates must be an integer of at least 1, got True"),
    ({"products": 1.5}, "random_bilinear: products must be from 0 to 1, got 1.5"),
    ({"squares": -0.1}, "random_bilinear: squares must be from 0 to 1, got -0.1"),
    ({"squares": float("nan")}, "random_bilinear: squares must be a finite number, got nan"),
    ({"products": 0.6, "squares": 0.6}, "random_bilinear: products and squares must sum to at most 1, got 0.6 and 0.6"),
    ({"window": 0}, "random_bilinear: window must be an integer of at least 1, got 0"),
    ({"law": "gaussian"}, "random_bilinear: unknown law 'gaussian'; known are normal, .*"),
    ({"rng": -1}, "random_bilinear: rng must be a seed of at least 0 or a numpy.random.Generator, got -1"),
    ({"rng": "0"}, "random_bilinear: rng must be a seed of at least 0 or a numpy.random.Generator, got '0'"),
])  # fmt: skip
def test_a_bad_parameter_is_one_clear_line(arguments, message):
    with pytest.raises(hr.CircuitError, match=f"^{message}$"):
        random_bilinear(**arguments)


@pytest.mark.large
def test_a_million_gates_take_less_than_two_seconds():
    begin = perf_counter()
    c = random_bilinear(gates=1_000_000)
    assert perf_counter() - begin < 2.0
    assert len(c) == 1_000_005
