"""Points: what an input's probability is, and that outputs are fixed there and nowhere else."""

from __future__ import annotations

import itertools
from math import prod

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import heurest as hr
from heurest.arguments.claims import Point
from heurest.arguments.points import apply_points, probability
from heurest.errors import ArgumentError
from support.enumeration import evaluate, expected_values
from support.strategies import FINITE_LAWS, circuits

FINITE = circuits(max_gates=3, laws=FINITE_LAWS).filter(lambda c: all(group.law.points() is not None for group in c.groups))


def all_inputs(circuit):
    """Every possible input once, with its probability: equal points of a law count together."""
    laws = []
    for group in circuit.groups:
        chances = {}
        for point, chance in zip(*group.law.points(), strict=True):
            chances[tuple(point)] = chances.get(tuple(point), 0.0) + chance
        laws.append(chances.items())
    return {sum((point for point, _ in parts), ()): prod(chance for _, chance in parts) for parts in itertools.product(*laws)}


@given(FINITE)
def test_probabilities_are_those_of_the_enumeration_and_sum_to_one(circuit):
    expected = all_inputs(circuit)
    for inputs, chance in expected.items():
        assert probability(circuit, inputs) == pytest.approx(chance, rel=1e-13, abs=1e-300)
    assert sum(probability(circuit, inputs) for inputs in expected) == pytest.approx(1.0)
    assert probability(circuit, [1234.5] * len(circuit.inputs)) == 0.0


@given(FINITE)
def test_all_points_together_are_the_truth(circuit):
    points = []
    for inputs in all_inputs(circuit):
        values = evaluate(circuit, dict(zip((wire.index for wire in circuit.inputs), inputs, strict=True)))
        points.append(Point(inputs, {name: values[wire.index] for name, wire in circuit.outputs.items()}))
    exact = expected_values(circuit)
    found = hr.estimate(circuit, argument=points).value
    for name, wire in circuit.outputs.items():
        size = 1.0 + max(abs(value) for point in points for _, value in point.outputs)
        assert found[name] == pytest.approx(exact[wire.index], rel=1e-12, abs=1e-12 * size)


@given(FINITE, st.data())
def test_some_points_fix_their_share(circuit, data):
    chances = all_inputs(circuit)
    chosen = data.draw(st.lists(st.sampled_from(sorted(chances)), unique=True))
    wire = next(iter(circuit.outputs.values()))
    claims = [Point(inputs, {"last": float(i % 2)}) for i, inputs in enumerate(chosen)]
    mean = np.linspace(-1.0, 2.0, len(circuit))
    before = mean.copy()
    found, weight = apply_points(circuit, data.draw(st.permutations(claims)), mean)
    share = sum(chances[inputs] for inputs in chosen)
    expected = sum(chances[inputs] * (i % 2) for i, inputs in enumerate(chosen)) + (1.0 - share) * mean[wire.index]
    assert found[wire.index] == pytest.approx(expected, rel=1e-12, abs=1e-12)
    assert weight == ({"last": pytest.approx(share, abs=1e-15)} if chosen else {})
    others = np.arange(len(circuit)) != wire.index
    np.testing.assert_array_equal(found[others], before[others])
    np.testing.assert_array_equal(mean, before)  # what was handed in stays


def two_bits():
    c = hr.Circuit("bits")
    x, y = c.input("x", hr.Bernoulli(0.25), count=2)
    c.output("and", x & y)
    c.output("sum", c.affine([1.0, 2.0], [x, y]))
    return c


def test_a_point_of_one_output_leaves_the_other():
    found = hr.estimate(two_bits(), argument=[Point([0, 0], {"and": 0})]).value
    assert found == {"and": pytest.approx((1 - 9 / 16) / 16), "sum": 0.75}


def test_the_same_point_twice_counts_once():
    point = Point([1, 1], {"and": 1})
    again = Point((1.0, 1.0), {"and": 1.0, "sum": 3.0})
    assert hr.estimate(two_bits(), argument=[point, again]).value["and"] == pytest.approx(1 / 16 + 15 / 16 / 16)


def test_a_law_without_points_gives_none_a_chance():
    c = hr.Circuit("normal")
    x = c.input("x", hr.Normal())
    b = c.input("b", hr.Bernoulli(0.5))
    c.output("o", x * b)
    assert probability(c, [0.0, 1.0]) == 0.0
    assert hr.estimate(c, argument=[Point([0.0, 1.0], {"o": 5.0})]).value == {"o": 0.0}


def test_joint_laws_are_looked_up_as_a_whole():
    c = hr.Circuit("joint")
    x, y = c.input("v", hr.JointDiscrete([[1, 2], [3, 4]], [0.25, 0.75]))
    z = c.input("z", hr.Sign())
    c.output("o", x * y * z)
    assert [probability(c, inputs) for inputs in ([1, 2, 1], [3, 4, -1], [1, 4, 1])] == [0.125, 0.375, 0.0]


def test_two_outputs_at_one_point_contradict():
    with pytest.raises(ArgumentError, match=r"claim Point\(\[1, 1\]\): output 'and' is 1, and 0 by another point"):
        hr.estimate(two_bits(), argument=[Point([1, 1], {"and": 1}), Point([1, 1], {"and": 0})])


@pytest.mark.parametrize(
    ("point", "message"),
    [
        (Point([1], {"and": 1}), "circuit 'bits' has 2 inputs, got 1"),
        (Point([1] * 9, {"and": 1}), r"claim Point\(\[1, 1, 1, 1, 1, 1, \.\.\.\]\): circuit 'bits' has 2 inputs, got 9"),
        (Point([1, 1], {"or": 1}), "circuit 'bits' has no output 'or'"),
        (Point([1, 1], {"and": 0.5}), "output 'and' is boolean, got 0.5"),
    ],
)
def test_points_that_do_not_fit_are_refused(point, message):
    with pytest.raises(ArgumentError, match=message):
        hr.estimate(two_bits(), argument=[point])


def test_without_points_nothing_is_copied():
    mean = np.zeros(4)
    assert apply_points(two_bits(), [], mean)[0] is mean
