"""The three searches against every set, one by one."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heurest.anomaly.subset_search import SubsetSearch


def largest_of_all(gram, values, allowed):
    """The largest change over all sets within the loss."""
    best = 0.0
    for choice in itertools.product((0.0, 1.0), repeat=len(values)):
        chosen = np.array(choice)
        if chosen @ gram @ chosen <= allowed * (1.0 + 1e-9):
            best = max(best, abs(chosen @ values))
    return best


def gram_of(rng, count, rank):
    factor = rng.standard_normal((rank, count)) * rng.lognormal(size=count)
    return factor.T @ factor


@st.composite
def problems(draw, most=8):
    """A Gram matrix (often singular, with repeated terms), values and a loss that some sets keep to and others not."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    count = draw(st.integers(1, most))
    gram = gram_of(rng, count, draw(st.integers(1, count + 1)))
    if count > 2 and draw(st.booleans()):  # the last term is the first one's opposite
        signs = np.eye(count)
        signs[:, -1] = -signs[:, 0]
        gram = signs.T @ gram @ signs
    allowed = float(np.quantile([c @ gram @ c for c in rng.integers(0, 2, (20, count))], draw(st.sampled_from([0.1, 0.4, 0.8]))))
    return gram, rng.standard_normal(count), max(allowed, 1e-6)


@given(problems())
def test_enumeration_finds_the_largest_change(problem):
    gram, values, allowed = problem
    search = SubsetSearch(gram, allowed)
    found = search.largest(values)
    assert found.complete
    assert found.change == pytest.approx(largest_of_all(gram, values, allowed), abs=1e-12)
    assert found.change == pytest.approx(abs(values[found.dropped].sum()), abs=1e-12)
    assert search.explains_without(found.dropped)


@given(problems(), st.sampled_from([0.0, 0.5, 2.0]))
def test_a_frontier_that_fits_finds_it_too(problem, floor):
    gram, values, allowed = problem
    search = SubsetSearch(gram, allowed, budget=1)  # 16 partial sets at a time
    found = search.largest(values, floor)
    best = largest_of_all(gram, values, allowed)
    assert search.engine in ("frontier", "knapsack")
    assert search.explains_without(found.dropped)
    assert found.change <= best + 1e-9
    if found.complete and search.engine == "frontier":
        assert found.change == pytest.approx(best, abs=1e-9) or best <= floor * (1.0 + 1e-8)


@given(st.integers(0, 2**32 - 1), st.integers(1, 9))
def test_a_diagonal_matrix_is_a_knapsack(seed, count):
    rng = np.random.default_rng(seed)
    gram, values = np.diag(rng.uniform(0.0, 1.0, count)), rng.standard_normal(count)
    search = SubsetSearch(gram, 0.3 * count / 2)
    found = search.largest(values)
    assert search.engine == "knapsack"
    assert found.complete
    assert found.change == pytest.approx(largest_of_all(gram, values, 0.3 * count / 2))


@pytest.mark.parametrize("seed", range(10))
def test_the_frontier_agrees_with_enumeration_where_sets_are_many(seed):
    rng = np.random.default_rng(seed)
    gram = gram_of(rng, 16, 20)
    values = rng.standard_normal(16) * np.sqrt(np.diag(gram))
    allowed = 0.05 * float(np.trace(gram))
    wanted = SubsetSearch(gram, allowed).largest(values)
    found = SubsetSearch(gram, allowed, budget=2**15).largest(values)
    assert wanted.complete
    assert found.complete
    assert found.change == pytest.approx(wanted.change)


def test_a_term_that_never_was_active_costs_nothing():
    gram = np.zeros((30, 30))
    gram[:20, :20] = 0.5 + 0.5 * np.eye(20)
    found = SubsetSearch(gram, 0.1, budget=2**10).largest(np.concatenate([np.ones(20), -np.arange(10.0)]))
    assert found.complete
    assert found.change == 45.0
    assert not found.dropped[:20].any()


def test_a_search_cut_short_still_shows_an_allowed_set():
    rng = np.random.default_rng(1)
    gram = gram_of(rng, 60, 80)
    values = np.sqrt(np.diag(gram)) * rng.choice([-1.0, 1.0], 60)
    search = SubsetSearch(gram, 0.2 * float(np.trace(gram)), budget=1)
    found = search.largest(values)
    assert not found.complete
    assert search.explains_without(found.dropped)
    assert found.change == pytest.approx(abs(values[found.dropped].sum()))
    assert found.change > np.abs(values).max()


def test_greedy_steps_can_be_enough():
    rng = np.random.default_rng(2)
    gram = gram_of(rng, 40, 50)
    values, allowed = np.sqrt(np.diag(gram)), 0.1 * float(np.trace(gram))
    search = SubsetSearch(gram, allowed, budget=2**10)
    wanted = float(np.sort(values[np.diag(gram) <= allowed])[0])  # even the least term alone shows this much
    found = search.largest(values, enough=wanted / 2)
    assert found.change > wanted / 2
    assert search.explains_without(found.dropped)


def test_terms_that_cancel_below_rounding_are_not_resolved():
    # Two terms of mean square 1e16 that lose about 1 together: the sum of the four entries is rounding.
    assert not SubsetSearch(np.array([[1e16, -1e16], [-1e16, 1e16]]), 0.25).resolved
    assert SubsetSearch(np.array([[1.0, -0.9], [-0.9, 1.0]]), 0.25).resolved
    assert SubsetSearch(np.diag([1e16, 1.0]), 0.25).resolved  # nothing cancels
