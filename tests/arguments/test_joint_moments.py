"""Joint cumulants from sums of products, against the sum over partitions, and their standard errors against repetition."""

from itertools import combinations_with_replacement
from math import factorial, prod

import numpy as np
import pytest

from heurest.arguments.joint_moments import JointMoments


def partitions(items):
    if not items:
        yield []
        return
    first, rest = items[0], items[1:]
    for smaller in partitions(rest):
        yield [[first], *smaller]
        for i, block in enumerate(smaller):
            yield [*smaller[:i], [first, *block], *smaller[i + 1 :]]


def by_partitions(values, weights, rows):
    """The definition: sum over partitions of (-1)^(b-1) (b-1)! times the product of the blocks' moments."""
    weights = weights / weights.sum()
    moment = {}
    total = 0.0
    for partition in partitions(list(range(len(rows)))):
        for block in partition:
            moment.setdefault(tuple(block), float(np.prod([values[rows[i]] for i in block], axis=0) @ weights))
        b = len(partition)
        total += (-1) ** (b - 1) * factorial(b - 1) * prod(moment[tuple(block)] for block in partition)
    return total


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("groups", [1, 5])
def test_cumulants_are_those_of_the_definition(seed, groups):
    rng = np.random.default_rng(seed)
    values, weights = rng.normal(1.0, 1.0, (4, 40)), rng.random(40)
    multisets = [rows for order in range(1, 5) for rows in combinations_with_replacement(range(4), order)]
    sums = JointMoments(multisets, groups)
    sums.origin = rng.normal(size=4)
    for start in range(0, 40, 7):
        part = slice(start, start + 7)
        sums.add(values[:, part], weights[part], np.arange(40)[part] * groups // 40)
    for rows in multisets:
        assert sums.cumulant(rows) == pytest.approx(by_partitions(values, weights, rows), abs=1e-10), rows


def test_pairs_by_matrix_products_are_those_one_by_one():
    rng = np.random.default_rng(1)
    values = rng.normal(size=(30, 50))
    few, all_pairs = [(0, 1), (3, 29)], list(combinations_with_replacement(range(30), 2))
    one, two = JointMoments([*few, *((row, row) for row in range(30))], 2), JointMoments(all_pairs, 2)
    for sums in (one, two):
        sums.add(values, np.ones(50), np.arange(50) // 25)
    for rows in few:
        assert one.cumulant(rows) == pytest.approx(two.cumulant(rows), abs=1e-12)
        assert one.stderr(rows) == pytest.approx(two.stderr(rows), rel=1e-9)


def test_chosen_points_are_the_only_ones_that_count():
    values = np.array([[1.0, 2.0, 30.0, 5.0], [2.0, 1.0, -7.0, 9.0]])
    sums = JointMoments([(0, 1), (0,)])
    sums.add(values, np.ones(4), np.zeros(4, np.int64), np.array([0, 1, 3]))
    assert sums.mean(0) == pytest.approx((1 + 2 + 5) / 3)
    assert sums.cumulant((0, 1)) == pytest.approx((2 + 2 + 45) / 3 - (8 / 3) * (12 / 3))


@pytest.mark.parametrize("rows", [(0,), (0, 1), (0, 0, 1), (0, 0, 0, 0)])
def test_the_standard_error_is_the_spread_over_repetitions(rows):
    rng = np.random.default_rng(7)
    found, errors = [], []
    for _ in range(150):
        x = rng.exponential(size=2000)
        sums = JointMoments([rows], 64)
        sums.add(np.stack([x, x + rng.normal(size=2000)]), np.ones(2000), np.arange(2000) * 64 // 2000)
        found.append(sums.cumulant(rows))
        errors.append(sums.stderr(rows))
    # the spread of 150 values is known to about 6 %, fourth cumulants of a skewed law less well
    assert np.median(errors) == pytest.approx(np.std(found), rel=0.25 if len(rows) < 4 else 0.5)
