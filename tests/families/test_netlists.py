"""Adder, multiplier, parity: what they compute, on all inputs."""

import itertools

import numpy as np
import pytest

import heurest as hr
from heurest.families.netlists import adder, multiplier, parity
from support.interpreter import circuit_values


def numbers(bits):
    """All pairs of numbers, and the inputs that hold them, least significant bits first."""
    pairs = list(itertools.product(range(2**bits), repeat=2))
    inputs = np.array([[float(number >> i & 1) for number in pair for i in range(bits)] for pair in pairs]).T
    return pairs, inputs


def words(circuit, inputs):
    """The outputs of every setting read as one number."""
    values = circuit_values(circuit, inputs)[[wire.index for wire in circuit.outputs.values()]]
    return (values.T @ 2 ** np.arange(len(values))).astype(int).tolist()


@pytest.mark.parametrize("bits", [1, 2, 4])
def test_the_adder_adds(bits):
    pairs, inputs = numbers(bits)
    c = adder(bits)
    assert words(c, inputs) == [a + b for a, b in pairs]
    assert list(c.outputs) == [*(f"sum[{i}]" for i in range(bits)), "carry"]
    assert c.boolean.all()


@pytest.mark.parametrize("bits", [2, 3, 4])
def test_the_multiplier_multiplies(bits):
    pairs, inputs = numbers(bits)
    c = multiplier(bits)
    assert words(c, inputs) == [a * b for a, b in pairs]
    assert len(c.outputs) == 2 * bits


@pytest.mark.parametrize("inputs", [1, 2, 5])
def test_parity_counts_modulo_2(inputs):
    settings = np.array(list(itertools.product((0.0, 1.0), repeat=inputs))).T
    assert circuit_values(parity(inputs), settings)[-1].tolist() == (settings.sum(axis=0) % 2).tolist()


def test_probabilities_reach_the_inputs():
    assert {group.law.p for group in adder(2, p=0.3).groups} == {0.3}
    assert hr.Mean().estimate(parity(6, p=0.9)).value["y"] == pytest.approx((1 - (1 - 2 * 0.9) ** 6) / 2)


@pytest.mark.parametrize(("make", "message"), [
    (lambda: adder(0), "adder: bits must be an integer of at least 1, got 0"),
    (lambda: adder(2, p=2), "adder: p must be from 0 to 1, got 2.0"),
    (lambda: multiplier(1), "multiplier: bits must be an integer of at least 2, got 1"),
    (lambda: multiplier(p="half"), "multiplier: p must be a number, got 'half'"),
    (lambda: parity(0), "parity: inputs must be an integer of at least 1, got 0"),
    (lambda: parity(p=-0.5), "parity: p must be from 0 to 1, got -0.5"),
])  # fmt: skip
def test_a_bad_parameter_is_one_clear_line(make, message):
    with pytest.raises(hr.CircuitError, match=f"^{message}$"):
        make()
