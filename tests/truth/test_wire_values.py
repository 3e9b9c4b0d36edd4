"""Values of wires at all points, at samples and at given points, against the circuit evaluated by hand."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given

import heurest as hr
from heurest.truth.wire_values import WireValues, checked_points
from support.enumeration import expected_values
from support.interpreter import circuit_values
from support.strategies import circuits


@given(circuits())
def test_given_points_are_evaluated_as_written(circuit):
    rng = np.random.default_rng(0)
    points = np.array([[rng.integers(2) if wire.boolean else rng.normal() for wire in circuit.inputs] for _ in range(5)])
    values = WireValues(circuit, range(len(circuit)))
    np.testing.assert_allclose(values.at(points), circuit_values(circuit, points.T), rtol=1e-9, atol=1e-9)


def finite():
    c = hr.Circuit("finite")
    x = c.input("x", hr.Discrete([-1, 0, 2], [0.2, 0.3, 0.5]))
    b = c.input("b", hr.Bernoulli(0.25), count=2)
    c.input("dead", hr.Normal())
    c.output("y", (x + b[0]) * x + b[1])
    return c


def test_all_points_sum_to_the_expected_values():
    c = finite()
    wires = [0, 1, 2, *(w for w in range(4, len(c)))]
    values = WireValues(c, wires)
    assert values.num_points == 12
    assert values.live_inputs == (0, 1, 2)
    mean, weight = np.zeros(len(wires)), 0.0
    for batch, weights in values.enumerated():
        mean += batch[:, : len(weights)] @ weights
        weight += weights.sum()
    assert weight == pytest.approx(1.0)
    live = hr.Circuit("same without the dead input")
    x = live.input("x", hr.Discrete([-1, 0, 2], [0.2, 0.3, 0.5]))
    b = live.input("b", hr.Bernoulli(0.25), count=2)
    live.output("y", (x + b[0]) * x + b[1])
    assert mean[values.wires.index(c.outputs["y"].index)] == pytest.approx(expected_values(live)[live.outputs["y"].index])


def test_samples_depend_on_the_seed_alone_and_follow_the_law():
    values = WireValues(finite(), [0, 1])
    one, two = (np.concatenate(list(values.sampled(3, 20_000)), axis=1) for _ in range(2))
    np.testing.assert_array_equal(one, two)
    assert one.shape == (2, 20_000)
    assert one[0].mean() == pytest.approx(0.8, abs=5 * 1.4 / 20_000**0.5)
    assert not np.array_equal(one, np.concatenate(list(values.sampled(4, 20_000)), axis=1))


def test_infinite_laws_and_too_many_points_are_not_enumerated():
    c = finite()
    assert WireValues(c, [3]).num_points is None
    assert WireValues(c, [4], max_points=2).num_points is None
    with pytest.raises(hr.IntractableError):
        next(WireValues(c, [3]).enumerated())


def test_memory_is_planned():
    with pytest.raises(hr.IntractableError, match="bytes"):
        WireValues(finite(), [4], max_memory=1000)


@pytest.mark.parametrize(
    ("points", "message"),
    [
        ([[1.0, 0.0]], r"shape \(points, 4\)"),
        ([1.0, 0.0, 0.0, 1.0], "shape"),
        ([["a", 0, 0, 0]], "rows of numbers"),
        ([[0.0, 0.5, 0.0, 0.0]], r"point 0: input b\[0\] must be 0 or 1, got 0.5"),
        ([[0.0, 0.0, 0.0, 0.0], [np.inf, 0.0, 0.0, 0.0]], "point 1: input x must be finite, got inf"),
        ([[1.0], [1.0, 2.0]], "rows of numbers"),
        ([[1j, 0, 0, 0]], "rows of numbers, got complex numbers"),
        (np.array([[np.complex128(1j), 0, 0, 0]], object), "rows of numbers, got objects"),
        (np.zeros((1, 4), "M8[D]"), "rows of numbers, got dates"),
        ([[None, 0, 0, 0]], "rows of numbers, got objects"),
        ([[0, 0, 0, 10**400]], "point 0: input dead must be finite, got inf"),
        ([[-(10**400), 0, 0, 0]], "point 0: input x must be finite, got -inf"),
    ],
)
def test_unfit_points_are_named(points, message):
    with pytest.raises(hr.ArgumentError, match=message):
        checked_points(finite(), points)


def test_rows_may_hold_any_real_numbers_and_have_names_of_their_own():
    assert checked_points(finite(), [[Fraction(1, 2), True, np.uint8(0), 10**30]]).tolist() == [[0.5, 1.0, 0.0, 1e30]]
    with pytest.raises(hr.ArgumentError, match=r"^line 7: input x must be finite"):
        checked_points(finite(), [[np.nan, 0, 0, 0]], lambda row: f"line {row + 7}")
