"""Moments of a stream: against sums of fractions, about means that move."""

from fractions import Fraction
from itertools import combinations_with_replacement, pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heurest.anomaly.product_moments import ProductMoments


def streamed(values, pairs, edges):
    moments = ProductMoments.none(len(values), np.array(pairs, np.int64).reshape(-1, 2).T)
    for start, stop in pairwise(edges):
        moments = moments.with_points(values[:, start:stop])
    return moments


def exact_sums(values, pairs, centres):
    """The sums of products of monomials, in fractions; rounded at the very end."""
    total = None
    for point in values.T.tolist():
        away = [Fraction(value) - Fraction(centre) for value, centre in zip(point, centres.tolist(), strict=True)]
        monomials = [Fraction(1), *away, *(away[a] * away[b] for a, b in pairs)]
        products = np.array([[a * b for b in monomials] for a in monomials])
        total = products if total is None else total + products
    return total.astype(float)


@given(st.integers(0, 2**32 - 1), st.lists(st.integers(1, 29), unique=True, max_size=4), st.sampled_from([0.0, 1.0, 1e3, 1e6]))
def test_sums_are_exact_up_to_rounding_wherever_the_means_are(seed, cuts, offset):
    rng = np.random.default_rng(seed)
    values = rng.standard_normal((2, 30)) * rng.lognormal(size=(2, 1)) + offset
    pairs = list(combinations_with_replacement(range(2), 2))
    moments = streamed(values, pairs, [0, *sorted(cuts), 30])
    assert moments.count == 30
    np.testing.assert_allclose(moments.means, values.mean(axis=1), rtol=1e-14, atol=1e-14)
    np.testing.assert_allclose(moments.variances, values.var(axis=1), rtol=1e-8)
    found, wanted = moments.sums, exact_sums(values, pairs, moments.means)
    size = np.sqrt(np.outer(np.diag(wanted), np.diag(wanted)))
    assert (np.abs(found - wanted) <= 1e-12 * size).all()  # means are rounded, but distances from the rounded ones are exact
    assert (found == found.T).all()


@given(st.integers(0, 2**32 - 1))
def test_other_centres_are_exact_too(seed):
    rng = np.random.default_rng(seed)
    values, pairs, centres = rng.standard_normal((2, 20)), [(0, 0), (0, 1)], rng.standard_normal(2)
    found, wanted = streamed(values, pairs, [0, 7, 20]).about(centres), exact_sums(values, pairs, centres)
    np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-12 * np.abs(wanted).max())


def test_a_wire_that_never_changes_has_variance_0_and_its_value_as_mean():
    values = np.vstack([np.full(50, 0.1), np.arange(50.0)])
    moments = streamed(values, [(0, 1)], [0, 3, 20, 50])
    assert moments.means[0] == 0.1
    assert moments.variances.tolist() == [0.0, pytest.approx((50**2 - 1) / 12)]
    assert moments.sums[3].tolist() == [0.0] * 4  # its product with the other is never active
