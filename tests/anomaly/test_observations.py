"""Training points: from data, from the inputs' law, and what is refused."""

from itertools import product
from math import prod

import numpy as np
import pytest

import heurest as hr
from heurest.anomaly.observations import observations


def pair() -> hr.Circuit:
    c = hr.Circuit("pair")
    x, y = c.input("x", hr.Bernoulli(0.25)), c.input("y", hr.Uniform(0, 1))
    c.output("o", x * y)
    return c


def test_rows_that_repeat_are_merged_with_their_weights():
    found = observations(pair(), [[1, 0.5], [0, 2], [1, 0.5], [1, -0.0], [1, 0.0]])
    assert found.points.tolist() == [[0, 2], [1, 0], [1, 0.5]]
    assert found.weights == pytest.approx([0.2, 0.4, 0.4])
    assert found.count == 5
    assert found.source == "5 points of data"
    assert not found.points.flags.writeable


def test_a_law_gives_every_point_its_probability_whatever_the_number_of_batches():
    chances = (0.5, 0.25, 0.9, 0.1, 0.3, 0.7, 0.2, 0.6, 0.4, 0.8, 0.35, 0.45, 0.55, 0.65, 0.05, 0.15, 0.95)
    c = hr.Circuit("many")
    for number, chance in enumerate(chances):
        c.input(f"x{number}", hr.Bernoulli(chance))
    found = observations(c)
    assert found.count == 0
    assert found.points.tolist() == [list(point) for point in product((0.0, 1.0), repeat=len(chances))]
    for row in (0, 1, 4097, 65_535, 65_536, 131_071):
        point = found.points[row]
        assert found.weights[row] == pytest.approx(prod(p if bit else 1 - p for p, bit in zip(chances, point, strict=True)), rel=1e-9)


def test_a_joint_law_keeps_the_order_of_the_inputs_and_leaves_out_impossible_points():
    c = hr.Circuit("joint")
    c.input("a", hr.Bernoulli(1.0))
    c.input("b", hr.JointDiscrete([(0, 1), (1, 0)], [0.25, 0.75]))
    found = observations(c)
    assert found.points.tolist() == [[1, 0, 1], [1, 1, 0]]
    assert found.weights == pytest.approx([0.25, 0.75])
    assert found.source == "the inputs' law, all 2 points"


def test_mean_and_variance_are_weighted_and_a_constant_has_variance_exactly_0():
    found = observations(pair(), [[1, 0.1], [0, 0.2], [0, 0.3], [1, 0.1]])
    values = found.points[:, 0]
    assert found.mean(values) == 0.5
    assert found.variance(values) == 0.25
    assert found.variance(np.full(len(values), 0.1)) == 0.0


@pytest.mark.parametrize(
    ("train", "message"),
    [
        ([[1, 0.5, 2]], r"points must have shape \(points, 2\), one number for each input of 'pair', got \(1, 3\)"),
        ([1, 0.5], r"points must have shape \(points, 2\)"),
        ([[2, 0.5]], "point 0: input x must be 0 or 1, got 2"),
        ([[1, 0.5], [1, np.nan]], "point 1: input y must be finite, got nan"),
        ([[1, np.inf]], "point 0: input y must be finite, got inf"),
        ([["a", "b"]], "points must be given as rows of numbers"),
        (np.empty((0, 2)), "training data of 'pair' are empty: at least one point is needed"),
        (None, "the inputs' law of 'pair' cannot be enumerated .*: give training data"),
    ],
)
def test_bad_data_get_one_line(train, message):
    with pytest.raises(hr.ArgumentError, match=message) as raised:
        observations(pair(), train)
    assert "\n" not in str(raised.value)


def test_a_law_with_too_many_points_and_a_circuit_without_inputs_are_refused():
    c = hr.Circuit("wide")
    c.input("x", hr.Bernoulli(0.5), count=21)
    with pytest.raises(hr.ArgumentError, match=r"2,097,152 points, at most 1,048,576 are allowed\): give training data"):
        observations(c)
    empty = hr.Circuit("empty")
    empty.constant(1.0)
    with pytest.raises(hr.ArgumentError, match="circuit 'empty' has no inputs"):
        observations(empty, [[]])


@pytest.mark.parametrize(("thing", "shown"), [(None, "None"), (np.zeros((30, 30)), "a ndarray"), ("c.json", "'c.json'; heurest.load")])
def test_what_is_no_circuit_is_named_in_one_line(thing, shown):
    with pytest.raises(hr.CircuitError, match=f"a circuit is needed, got {shown}") as raised:
        observations(thing)
    assert "\n" not in str(raised.value)
