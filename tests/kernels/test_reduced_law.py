"""Reduced laws: recurrences and Gauss rules against eigenvalue problems, moments, and laws that cancellation would spoil."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heurest.kernels.reduced_law import gauss_points, gauss_rule, polynomials, recurrence
from support import real_reductants as literal


def recurrence_of(values, weights, most):
    a, b = np.zeros(most + 1), np.zeros(most + 1)
    mean, size = recurrence(np.asarray(values, float), np.asarray(weights, float), most, a, b)
    return mean, size, a, b


def rule_of(a, b, size):
    points, weights, basis = np.zeros(size), np.zeros(size), np.zeros((size, size))
    gauss_rule(a, b, size, points, weights, basis)
    return points, weights, basis


def check_rule(a, b, size, tolerance=1e-9):
    """Points in order, and polynomials that are orthonormal under the weights."""
    points, weights, basis = rule_of(a, b, size)
    assert (np.diff(points) >= 0.0).all()
    assert weights.min() > 0.0
    np.testing.assert_allclose((basis * weights) @ basis.T, np.eye(size), atol=tolerance)
    return points, weights, basis


VALUES = st.lists(st.integers(-6, 6), min_size=1, max_size=9, unique=True).map(lambda v: np.array(v, float))


@given(VALUES, st.integers(1, 10), st.data())
def test_a_law_keeps_its_moments(values, most, data):
    weights = np.array(data.draw(st.lists(st.integers(1, 9), min_size=len(values), max_size=len(values))), float)
    weights /= weights.sum()
    mean, size, a, b = recurrence_of(values, weights, most)
    assert mean == pytest.approx(weights @ values, abs=1e-14)
    assert size == min(most, len(values))  # a law on n points has n coefficients
    points, rule, _ = check_rule(a, b, size)
    for k in range(2 * size):
        scale = weights @ np.abs(values - mean) ** k
        assert rule @ points**k == pytest.approx(weights @ (values - mean) ** k, rel=1e-9, abs=1e-9 * scale)
    if size == len(values):  # all of the law
        np.testing.assert_allclose(points + mean, np.sort(values), atol=1e-9)
        np.testing.assert_allclose(rule, weights[np.argsort(values)], atol=1e-9)


@given(st.lists(st.floats(-3, 3), min_size=1, max_size=8), st.data())
def test_points_are_eigenvalues(diagonal, data):
    size = len(diagonal)
    off = np.array([0.0, *data.draw(st.lists(st.floats(0.1, 3), min_size=size - 1, max_size=size - 1))])
    a, points = np.array(diagonal), np.zeros(size)
    gauss_points(a, off, size, points)
    np.testing.assert_allclose(points, np.linalg.eigvalsh(np.diag(a) + np.diag(off[1:], 1) + np.diag(off[1:], -1)), atol=1e-13)
    _, weights, basis = check_rule(a, np.append(off, 0.0), size)
    for p, x in enumerate(points):
        column = np.zeros(size)
        polynomials(x, a, off, size - 1, column)
        np.testing.assert_allclose(column * np.sqrt(weights[p]), basis[:, p] * np.sqrt(weights[p]), atol=1e-6)


def test_the_polynomials_of_a_normal_law_are_hermites():
    b = np.sqrt(np.arange(0.0, 7.0))
    points, weights, basis = check_rule(np.zeros(6), b, 6)
    nodes, hermite = np.polynomial.hermite_e.hermegauss(6)
    np.testing.assert_allclose(points, nodes, atol=1e-13)
    np.testing.assert_allclose(weights, hermite / hermite.sum(), rtol=1e-11)
    np.testing.assert_allclose(basis[3], (points**3 - 3 * points) / np.sqrt(6), atol=1e-11)


def test_tiny_weights_keep_their_digits():
    p = 1e-20
    deviation = np.sqrt(p)
    points, weights, _ = rule_of(np.array([0.0, (1.0 - 2.0 * p) / deviation]), np.array([0.0, 1.0, 0.0]), 2)
    np.testing.assert_allclose(weights, [1.0, p], rtol=1e-12)
    np.testing.assert_allclose(points, [-deviation, 1.0 / deviation], rtol=1e-12)


@pytest.mark.parametrize("far", [1e2, 1e4, 1e6])
@pytest.mark.parametrize("rare", [1e-2, 1e-6, 1e-12])
@pytest.mark.parametrize("most", [4, 6, 10])
def test_one_rare_value_far_away_spoils_no_rule(far, rare, most):
    # The polynomials at the far point first grow, then fall: their recurrence would be all rounding there.
    values = np.append(np.array([-1.0, -0.7, -0.2, 0.1, 0.25, 0.5, 0.6, 0.8, 1.1, 1.3, 1.7]), far)
    weights = np.append(np.full(11, (1.0 - rare) / 11), rare)
    mean, size, a, b = recurrence_of(values, weights, most)
    points, rule, _ = check_rule(a, b, size, 1e-7)
    for k in range(1, 4):
        scale = weights @ np.abs(values - mean) ** k
        assert rule @ points**k == pytest.approx(weights @ (values - mean) ** k, rel=1e-8, abs=1e-8 * scale)


def test_points_that_rounding_does_not_tell_apart_share_their_weight():
    # Two pairs of points 1e-13 apart: neither pair has eigenvectors of its own.
    values = np.array([-1.0, -1.0 + 1e-5, 1.0 - 1e-5, 1.0, 1e4])
    weights = np.array([0.3, 0.2, 0.1, 0.4 - 1e-6, 1e-6])
    mean, size, a, b = recurrence_of(values, weights, 6)
    points, rule, _ = check_rule(a, b, size, 1e-6)
    assert rule @ points**2 == pytest.approx(weights @ (values - mean) ** 2, rel=1e-6)
    a, b = np.zeros(4), np.array([0.0, 1.0, 1e-11, 1.0, 0.0])  # eigenvalues -1, 1, each twice
    check_rule(a, b, 4, 1e-6)


@given(VALUES, st.data())
def test_signed_weights_give_a_law_as_long_as_norms_are_positive(values, data):
    weights = np.array(data.draw(st.lists(st.integers(-2, 9), min_size=len(values), max_size=len(values))), float)
    if not weights.sum() > 0.5:
        weights += 2.5
    weights /= weights.sum()
    mean, size, a, b = recurrence_of(values, weights, 4)
    points, rule, _ = check_rule(a, b, size)
    for k in range(2 * size):
        scale = np.abs(weights) @ np.abs(values - mean) ** k
        assert rule @ points**k == pytest.approx(weights @ (values - mean) ** k, rel=1e-7, abs=1e-7 * scale)


@pytest.mark.parametrize("values", [[2.0], [2.0, 2.0, 2.0], [0.0, 0.0]])
def test_a_constant_has_one_point(values):
    mean, size, a, b = recurrence_of(values, np.full(len(values), 1.0 / len(values)), 6)
    assert (mean, size, a[0]) == (values[0], 1, 0.0)
    points, rule, basis = rule_of(a, b, size)
    assert (points.tolist(), rule.tolist(), basis.tolist()) == ([0.0], [1.0], [[1.0]])


@given(VALUES, st.integers(1, 6))
def test_the_oracle_has_the_same_recurrence(values, most):
    weights = np.full(len(values), 1.0 / len(values))
    mean, size, a, b = recurrence_of(values, weights, most)
    diagonal, off_diagonal = literal.recurrence(values - mean, weights, most)
    np.testing.assert_allclose(a[:size], diagonal, atol=1e-9)
    np.testing.assert_allclose(b[1:size], off_diagonal, atol=1e-9)
