"""Leverage: figures derived by hand, streaming, the range of the Gram matrix, and the bound on false positives."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heurest.anomaly.leverage import Leverage
from heurest.errors import ArgumentError, IntractableError


def two_sensors():
    """D, n1 and n2 with their law: P(D) = 1/2, P(n) = 1/1000; the terms D and (1 - D) n1 n2."""
    settings = np.array([(d, n1, n2) for d in (0, 1) for n1 in (0, 1) for n2 in (0, 1)], float)
    chance = np.prod(np.where(settings == 1.0, [0.5, 0.001, 0.001], [0.5, 0.999, 0.999]), axis=1)
    d, n1, n2 = settings.T
    return settings, np.column_stack([d, (1 - d) * n1 * n2]), chance


def correlated(rng, points, terms, rank):
    return rng.standard_normal((points, rank)) @ rng.standard_normal((rank, terms)) * rng.lognormal(size=terms)


def test_two_sensors_have_leverage_2_and_2_million():
    settings, terms, chance = two_sensors()
    fitted = Leverage(2).update(terms, chance)
    score = dict(zip(map(tuple, settings.astype(int).tolist()), fitted.score(terms), strict=True))
    assert score[1, 0, 0] == pytest.approx(2.0, rel=1e-12)
    assert score[0, 1, 1] == pytest.approx(2e6, rel=1e-12)
    assert score[0, 1, 0] == score[0, 0, 0] == 0.0
    # Y is D or n1 n2: its probability is 1/2 + 1/2 * 1e-6, so its variance 1/4 - 1/4 * 1e-12.
    variance = 0.25 - 0.25e-12
    assert fitted.largest_change([[1, 0], [0, 1]], 1e-3, variance) ** 2 == pytest.approx([0.0005, 500.0], rel=1e-6)
    assert fitted.certified([[1, 0], [0, 1]], 1e-3, variance, 0.5).tolist() == [True, False]
    assert fitted.false_positive_bound(1e-3, variance, 0.5) == pytest.approx(1e-3 * 0.25 * 2 / 0.25)


@given(st.integers(0, 2**32 - 1), st.integers(1, 6), st.integers(1, 6))
def test_its_mean_in_training_is_the_rank(seed, terms, rank):
    rng = np.random.default_rng(seed)
    values = correlated(rng, 40, terms, rank)
    weights = rng.uniform(0.1, 1.0, 40)
    fitted = Leverage(terms).update(values, weights)
    assert fitted.rank == min(terms, rank)
    assert weights @ fitted.score(values) / weights.sum() == pytest.approx(fitted.rank, rel=1e-6)


@given(st.integers(0, 2**32 - 1), st.lists(st.integers(0, 60), max_size=5))
def test_streaming_equals_one_batch(seed, cuts):
    rng = np.random.default_rng(seed)
    values, weights = correlated(rng, 60, 5, 4), rng.uniform(0.0, 1.0, 60)
    whole = Leverage(5).update(values, weights)
    edges = sorted({0, *cuts, 60})
    parts = [Leverage(5).update(values[a:b], weights[a:b]) for a, b in itertools.pairwise(edges)]
    merged = Leverage(5)
    for part in parts:
        merged = merged.merge(part)
    streamed = Leverage(5)
    for a, b in itertools.pairwise(edges):
        streamed.update(values[a:b], weights[a:b])
    new = rng.standard_normal((7, 5))
    points = np.vstack([values, new])
    for other in (merged, streamed):
        assert other.weight == pytest.approx(whole.weight)
        np.testing.assert_allclose(other.gram, whole.gram, rtol=1e-10, atol=1e-12)
        np.testing.assert_allclose(other.score(points), whole.score(points), rtol=1e-6)


@given(st.integers(0, 2**32 - 1))
def test_no_weights_lose_little_and_change_more(seed):
    rng = np.random.default_rng(seed)
    values = correlated(rng, 50, 4, 4)
    fitted, point = Leverage(4).update(values), rng.standard_normal(4)
    epsilon, variance = 0.01, float(values.sum(axis=1).var())
    bound = fitted.largest_change([point], epsilon, variance)[0]
    room = epsilon * variance
    for weights in rng.standard_normal((50, 4)):
        weights *= np.sqrt(room / np.mean((values @ weights) ** 2))
        assert abs(weights @ point) <= bound
    reached = np.linalg.solve(values.T @ values / 50, point)  # Cauchy and Schwarz with equality
    reached *= np.sqrt(room / np.mean((values @ reached) ** 2))
    assert reached @ point == pytest.approx(bound, rel=1e-6)


def test_the_score_does_not_change_with_the_units_of_terms():
    rng = np.random.default_rng(3)
    values, units = correlated(rng, 100, 4, 4), np.array([1e-6, 1.0, 1e3, 1e8])
    plain, scaled = Leverage(4).update(values), Leverage(4).update(values * units)
    np.testing.assert_allclose(scaled.score(values * units), plain.score(values), rtol=1e-6)


def test_what_never_was_active_is_infinitely_far():
    x = np.linspace(-1.0, 1.0, 21)
    fitted = Leverage(3).update(np.column_stack([x, -2.0 * x, 0.0 * x]))  # the second term follows the first, the third is silent
    assert fitted.rank == 1
    inside = x @ x / 21
    np.testing.assert_allclose(fitted.score([[3.0, -6.0, 0.0]]), 9.0 / inside)
    assert fitted.score([[1.0, -1.9, 0.0], [1.0, -2.0, 0.1], [0.0, 0.0, -1e-3]]).tolist() == [np.inf] * 3
    assert not fitted.certified([[0.0, 0.0, 0.1]], 0.01, 0.0, 1e9)[0]
    assert np.isfinite(fitted.score([[3.0, -6.0 * (1.0 + 1e-12), 1e-14]]))[0]  # rounding is no new mechanism


def test_parts_add_up_and_name_what_is_new():
    rng = np.random.default_rng(8)
    values = correlated(rng, 60, 4, 3)
    fitted = Leverage(4).update(values)
    np.testing.assert_allclose(fitted.parts(values).sum(axis=1), fitted.score(values), rtol=1e-6)
    x = np.linspace(-1.0, 1.0, 21)
    mixed = Leverage(4).update(np.column_stack([x, -2.0 * x, x**2, 0.0 * x]))
    new = mixed.parts([[1.0, -1.9, 5.0, 0.0], [1.0, -2.0, 5.0, 0.1]])
    assert new.tolist() == [[np.inf, np.inf, 0.0, 0.0], [0.0, 0.0, 0.0, np.inf]]


def test_a_gram_matrix_from_elsewhere_is_as_good_as_the_points():
    rng = np.random.default_rng(4)
    values, points = correlated(rng, 60, 4, 3), rng.standard_normal((9, 4))
    fitted = Leverage(4).update(values)
    other = Leverage.from_gram(fitted.gram, fitted.weight)
    np.testing.assert_allclose(other.score(values), fitted.score(values), rtol=1e-6)
    assert other.rank == fitted.rank == 3
    np.testing.assert_allclose(other.merge(fitted).update(points).gram, Leverage(4).update(values).update(values).update(points).gram)


def test_what_does_not_rise_above_the_floor_was_never_active():
    values = np.array([[1.0, 1e-9], [-1.0, 1e-9], [1.0, -1e-9]])
    assert Leverage(2).update(values).score([[1.0, 1e-9]])[0] < 10.0
    fitted = Leverage(2, floor=[0.0, 1e-17]).update(values)
    assert fitted.rank == 1
    assert fitted.gram[1].tolist() == [0.0, 0.0]
    assert fitted.score([[1.0, 0.0], [1.0, 1e-3]]).tolist() == [pytest.approx(1.0), np.inf]


def test_all_terms_silent_and_no_terms():
    silent = Leverage(2).update(np.zeros((3, 2)))
    assert silent.rank == 0
    assert silent.score([[0.0, 0.0], [0.0, 1e-9]]).tolist() == [0.0, np.inf]
    none = Leverage(0).update(np.zeros((3, 0)))
    assert none.score(np.zeros((2, 0))).tolist() == [0.0, 0.0]
    assert none.false_positive_bound(0.5, 1.0, 1.0) == 0.0


def test_false_positives_keep_to_the_bound_over_a_thousand_trials():
    """Heavy-tailed terms under an exact finite law: the share of flagged points, by its own law and in samples."""
    seen = []
    for seed in range(1000):
        rng = np.random.default_rng(seed)
        terms = correlated(rng, 30, 3, int(rng.integers(1, 4))) * rng.lognormal(sigma=1.5, size=(30, 1))
        law = rng.dirichlet(np.full(30, 0.3)) + 1e-9
        law /= law.sum()
        output = terms.sum(axis=1)
        variance = float(law @ (output - law @ output) ** 2)
        epsilon = float(10.0 ** rng.uniform(-3, -0.5))
        tau = float(np.sqrt(variance) * rng.uniform(0.3, 2.0))
        fitted = Leverage(3).update(terms, law)
        flagged = ~fitted.certified(terms, epsilon, variance, tau)
        bound = fitted.false_positive_bound(epsilon, variance, tau)
        assert law[flagged].sum() <= bound * (1.0 + 1e-6)
        draws = flagged[rng.choice(30, 100, p=law)].mean()
        seen.append((draws, min(1.0, bound)))
    drawn, bounds = np.array(seen).T
    assert 0.0 < drawn.mean() <= bounds.mean()  # the test would be empty if nothing were ever flagged


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lambda: Leverage(-1), "num_terms must be an integer of at least 0, got -1"),
        (lambda: Leverage(2).update([[1.0, 2.0, 3.0]]), r"must have shape \(points, 2\), got \(1, 3\)"),
        (lambda: Leverage(2).update([["a", 2.0]]), "must be given as rows of numbers"),
        (lambda: Leverage(2).update([[1j, 2.0]]), "must be given as rows of numbers, got complex numbers"),
        (lambda: Leverage(2).update([[1e200, 2.0]]), "up to 1e[+]200 are too large"),
        (lambda: Leverage(2).merge(3), "leverage can be merged with leverage, got 3"),
        (lambda: Leverage(2).update([[1.0, np.nan]]), "point 0: term 1 must be finite, got nan"),
        (lambda: Leverage(2).update([[1.0, 2.0]], [-1.0]), "weights must be 1 finite numbers of at least 0"),
        (lambda: Leverage(2).update([[1.0, 2.0]], [1.0, 1.0]), "weights must be 1 finite numbers"),
        (lambda: Leverage(2).score([[1.0, 2.0]]), "there are no training points yet"),
        (lambda: Leverage(2).merge(Leverage(3)), "over 2 terms cannot be merged with one over 3"),
        (lambda: Leverage(2, floor=[1.0]), "floor must be 2 finite numbers of at least 0"),
        (lambda: Leverage(1, floor=[-1.0]), "floor must be 1 finite numbers of at least 0"),
        (lambda: Leverage.from_gram([[1.0, 2.0]], 1.0), r"must be a symmetric matrix of finite numbers, got one of shape \(1, 2\)"),
        (lambda: Leverage.from_gram([[1.0, 2.0], [3.0, 1.0]], 1.0), "must be a symmetric matrix"),
        (lambda: Leverage.from_gram([[np.inf]], 1.0), "must be a symmetric matrix of finite numbers"),
        (lambda: Leverage.from_gram([[1.0]], 0.0), "the weight must be a finite number above 0, got 0.0"),
        (lambda: Leverage(1).update([[1.0]]).certified([[1.0]], 1.0, 1.0, 1.0), "epsilon must be above 0 and below 1, got 1.0"),
        (
            lambda: Leverage(1).update([[1.0]]).certified([[1.0]], 0.1, -1.0, 1.0),
            "variance must be a finite number of at least 0, got -1.0",
        ),
        (lambda: Leverage(1).update([[1.0]]).false_positive_bound(0.1, 1.0, 0.0), "tau must be a finite number above 0, got 0.0"),
    ],
)
def test_bad_input_is_named(act, message):
    with pytest.raises(ArgumentError, match=message):
        act()


def test_a_gram_matrix_beyond_memory_is_refused():
    with pytest.raises(IntractableError, match="leverage of 1,000 terms needs 48,000,000 bytes, but 1,000,000 are allowed"):
        Leverage(1000, max_memory=10**6)


def test_squares_beyond_floats_are_infinitely_far_without_a_warning():
    fitted = Leverage(2).update([[1e-160, 0.0], [0.0, 1.0]], [1e10, 1.0])
    assert fitted.score([[1.0, 0.0]]).tolist() == [np.inf]
