"""Gauss rules: exact up to degree 2m - 1, off by the product of the recurrence coefficients at degree 2m, weights positive."""

from __future__ import annotations

from fractions import Fraction
from math import comb, factorial, prod, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heurest.circuit.quadrature import (
    MAX_NODES,
    discrete_recurrence,
    gauss_discrete,
    gauss_hermite,
    gauss_laguerre,
    gauss_legendre,
    gauss_rule,
    product_rule,
)
from heurest.errors import CircuitError, IntractableError


def normal_moment(n):
    return prod(range(1, n, 2)) if n % 2 == 0 else 0


def legendre_moment(n):
    return Fraction(1, n + 1) if n % 2 == 0 else 0


# per rule: moments of its law, and the recurrence coefficient b_k of its orthogonal polynomials
CLASSICAL = [
    pytest.param(gauss_hermite, normal_moment, lambda k: k, id="normal"),
    pytest.param(gauss_legendre, legendre_moment, lambda k: Fraction(k * k, 4 * k * k - 1), id="uniform"),
    pytest.param(gauss_laguerre, factorial, lambda k: k * k, id="exponential"),
]


@pytest.mark.parametrize(("rule", "moment", "coefficient"), CLASSICAL)
@pytest.mark.parametrize("m", [1, 2, 3, 4, 7, 12, 20])
def test_classical_rules_are_exact_to_degree_2m_minus_1_and_no_further(rule, moment, coefficient, m):
    nodes, weights = rule(m)
    for n in range(2 * m):
        assert weights @ nodes**n == pytest.approx(float(moment(n)), rel=1e-11, abs=1e-14 * (weights @ np.abs(nodes) ** n))
    # the squared monic orthogonal polynomial of degree m vanishes at every node; its mean is the product of the coefficients
    missing = float(prod(coefficient(k) for k in range(1, m + 1)))
    assert float(moment(2 * m)) - weights @ nodes ** (2 * m) == pytest.approx(missing, rel=1e-8, abs=1e-11 * float(moment(2 * m)))


def test_small_rules_are_the_textbook_ones():
    np.testing.assert_allclose(gauss_legendre(2)[0], [-1 / sqrt(3), 1 / sqrt(3)], rtol=1e-15)
    np.testing.assert_allclose(gauss_hermite(3), ([-sqrt(3), 0, sqrt(3)], [1 / 6, 2 / 3, 1 / 6]), rtol=1e-14, atol=0)
    np.testing.assert_allclose(gauss_laguerre(2), ([2 - sqrt(2), 2 + sqrt(2)], [(2 + sqrt(2)) / 4, (2 - sqrt(2)) / 4]), rtol=1e-14)


@pytest.mark.parametrize(("rule", "moment", "coefficient"), CLASSICAL)
def test_largest_rule_keeps_positive_weights(rule, moment, coefficient):
    nodes, weights = rule(MAX_NODES)
    assert (weights > 0).all()
    assert (np.diff(nodes) > 0).all()
    for n in range(30):
        assert weights @ nodes**n == pytest.approx(float(moment(n)), rel=1e-9, abs=1e-14 * (weights @ np.abs(nodes) ** n))


@pytest.mark.parametrize("rule", [gauss_hermite, gauss_legendre])
def test_rules_of_even_laws_mirror_exactly(rule):
    for m in range(1, 30):
        nodes, weights = rule(m)
        assert nodes.tolist() == (-nodes[::-1]).tolist()
        assert weights.tolist() == weights[::-1].tolist()


@pytest.mark.parametrize("rule", [gauss_hermite, gauss_legendre, gauss_laguerre])
@pytest.mark.parametrize("m", [0, -1, MAX_NODES + 1])
def test_number_of_nodes_is_limited(rule, m):
    with pytest.raises(CircuitError, match=f"the number of nodes must be from 1 to 128, got {m}"):
        rule(m)


def test_shared_rules_cannot_be_overwritten():
    nodes, weights = gauss_hermite(5)
    assert not nodes.flags.writeable
    assert not weights.flags.writeable


def test_recurrence_of_equally_likely_integers_is_that_of_discrete_chebyshev_polynomials():
    n, m = 40, 12
    diagonal, off_diagonal = discrete_recurrence(np.arange(n) - (n - 1) / 2, np.full(n, 1 / n), m)
    k = np.arange(1, m)
    np.testing.assert_allclose(diagonal, 0.0, atol=1e-12)
    np.testing.assert_allclose(off_diagonal**2, k**2 * (n**2 - k**2) / (4 * (4 * k**2 - 1)), rtol=1e-12)


def test_recurrence_of_a_binomial_law_is_that_of_krawtchouk_polynomials():
    size, p, m = 16, 0.25, 10
    values = np.arange(size + 1.0)
    probs = np.array([comb(size, k) * p**k * (1 - p) ** (size - k) for k in range(size + 1)])
    diagonal, off_diagonal = discrete_recurrence(values, probs, m)
    k = np.arange(m)
    np.testing.assert_allclose(diagonal, p * (size - k) + k * (1 - p), rtol=1e-11)
    np.testing.assert_allclose(off_diagonal**2, (k * p * (1 - p) * (size - k + 1))[1:], rtol=1e-11)


def test_all_points_are_recovered_from_their_recurrence():
    values, probs = np.array([-3.0, -1.0, 0.5, 2.0]), np.array([0.1, 0.4, 0.3, 0.2])
    nodes, weights = gauss_rule(*discrete_recurrence(values, probs, 4))
    np.testing.assert_allclose(nodes, values, rtol=1e-13)
    np.testing.assert_allclose(weights, probs, rtol=1e-13)


@st.composite
def finite_measures(draw):
    count = draw(st.integers(2, 12))
    values = sorted(draw(st.sets(st.integers(-1000, 1000), min_size=count, max_size=count)))
    weights = draw(st.lists(st.integers(1, 10**6), min_size=count, max_size=count))
    unit = draw(st.sampled_from([1.0, 1e-3, 2.0**60]))
    offset = draw(st.sampled_from([0.0, 5000.0]))
    return (np.array(values, dtype=float) + offset) * unit, np.array(weights) / sum(weights)


@given(finite_measures(), st.integers(1, 6))
def test_discrete_rules_are_exact_to_degree_2m_minus_1(measure, m):
    values, probs = measure
    nodes, weights = gauss_discrete(values, probs, m)
    assert nodes.size == min(m, values.size)
    assert (weights > 0).all()
    assert weights.sum() == pytest.approx(1.0, rel=1e-14)
    assert values[0] <= nodes.min()
    assert nodes.max() <= values[-1]
    center = float(probs @ values)
    reach = np.abs(values - center).max()
    for n in range(2 * m):
        exact = sum(Fraction(float(p)) * (Fraction(float(v)) - Fraction(center)) ** n for v, p in zip(values, probs, strict=True))
        assert weights @ ((nodes - center) / reach) ** n == pytest.approx(float(exact / Fraction(float(reach)) ** n), rel=1e-11, abs=1e-12)


def test_a_measure_of_few_points_is_its_own_rule():
    values, probs = np.array([1.0, 4.0]), np.array([0.25, 0.75])
    nodes, weights = gauss_discrete(values, probs, 2)
    assert nodes.tolist() == [1.0, 4.0]
    assert weights.tolist() == [0.25, 0.75]


@pytest.mark.parametrize("scale", [2.0**1000, 2.0**-1000, 2.0**-1060])
def test_scaling_by_a_power_of_two_scales_the_nodes_and_nothing_else(scale):
    values, probs = np.array([-3.0, 0.0, 1.0, 5.0, 8.0]), np.full(5, 0.2)
    nodes, weights = gauss_discrete(values, probs, 3)
    scaled_nodes, scaled_weights = gauss_discrete(values * scale, probs, 3)
    assert scaled_nodes.tolist() == (nodes * scale).tolist()
    assert scaled_weights.tolist() == weights.tolist()


def test_a_point_that_weighs_nothing_in_floating_point_costs_a_node_not_exactness():
    values, probs = np.array([-1.0, 0.0, 0.25, 1.0]), np.array([0.5, 1e-60, 1e-60, 0.5])
    nodes, weights = gauss_discrete(values, probs, 3)
    for n in range(6):
        assert weights @ nodes**n == pytest.approx(1.0 - n % 2, abs=1e-15)
    assert (weights > 0).all()


def test_values_close_together_keep_their_mass():
    values, probs = np.array([-1.0, 1.0, 1.0 + 1e-9, 1.0 + 3e-9]), np.array([0.25, 0.25, 0.25, 0.25])
    nodes, weights = gauss_discrete(values, probs, 3)
    assert weights[nodes > 0].sum() == pytest.approx(0.75, abs=1e-14)


def test_product_rule_integrates_products():
    nodes, weights = product_rule(*gauss_hermite(3), 3)
    assert nodes.shape == (27, 3)
    assert weights.sum() == pytest.approx(1.0, rel=1e-14)
    for degrees in [(4, 2, 0), (2, 2, 2), (5, 0, 4), (1, 2, 4)]:
        exact = prod(normal_moment(degree) for degree in degrees)
        assert weights @ (nodes ** np.array(degrees)).prod(axis=1) == pytest.approx(exact, rel=1e-12, abs=1e-12)


def test_product_rule_of_no_variables_is_one_empty_node():
    nodes, weights = product_rule(*gauss_hermite(3), 0)
    assert nodes.shape == (1, 0)
    assert weights.tolist() == [1.0]


def test_product_rule_names_the_nodes_it_cannot_hold():
    with pytest.raises(IntractableError, match="product rule of 10 nodes in 20 variables has 100000000000000000000; at most 838860 fit"):
        product_rule(*gauss_hermite(10), 20)
