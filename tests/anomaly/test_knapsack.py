"""Branch and bound against every choice, and what it says when it stops early."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heurest.anomaly.knapsack import best_packing

ITEMS = st.lists(st.tuples(st.integers(-3, 9), st.integers(0, 6)), max_size=9)


def best_of_all(values, weights, capacity):
    """Every choice, one by one."""
    choices = itertools.product((False, True), repeat=len(values))
    return max(sum(itertools.compress(values, c)) for c in choices if sum(itertools.compress(weights, c)) <= capacity)


def arrays(items):
    return np.array([v for v, _ in items], float), np.array([w for _, w in items], float)


@given(ITEMS, st.integers(0, 20))
def test_finds_the_best_of_all_choices(items, capacity):
    values, weights = arrays(items)
    found = best_packing(values, weights, float(capacity))
    assert found.complete
    assert found.value == best_of_all(values, weights, capacity) == values[found.chosen].sum()
    assert weights[found.chosen].sum() <= capacity


@given(ITEMS, st.integers(0, 20), st.integers(0, 30))
def test_a_floor_spares_only_choices_that_do_not_exceed_it(items, capacity, floor):
    values, weights = arrays(items)
    found = best_packing(values, weights, float(capacity), float(floor))
    best = best_of_all(values, weights, capacity)
    assert found.complete
    assert found.value == best if best > floor else found.value <= floor


def test_says_so_when_the_branches_run_out():
    rng = np.random.default_rng(0)
    weights = rng.uniform(1.0, 2.0, 40)
    values = weights + 0.1  # value per weight hardly differs: the hard kind
    found = best_packing(values, weights, 20.0, max_nodes=50)
    assert not found.complete
    assert found.value == pytest.approx(values[found.chosen].sum())
    assert found.value > 18.0  # at least the greedy choice, which leaves less than 2 empty
    assert weights[found.chosen].sum() <= 20.0
