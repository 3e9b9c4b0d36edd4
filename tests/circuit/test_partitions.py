"""Set partitions against counting sequences, and the two directions between moments and cumulants."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from math import comb, factorial, prod

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heurest.circuit.partitions import (
    bernoulli_number,
    cumulants_to_moments,
    joint_cumulant,
    joint_moment,
    moebius_weight,
    moments_to_cumulants,
    set_partitions,
)
from heurest.errors import CircuitError

small = st.integers(-8, 8).map(lambda k: k / 4)


def bell_numbers(count):
    bell = [1]
    while len(bell) < count:
        bell.append(sum(comb(len(bell) - 1, k) * bell[k] for k in range(len(bell))))
    return bell


@pytest.mark.parametrize("n", range(9))
def test_there_are_bell_many_partitions_each_once_each_a_split(n):
    partitions = list(set_partitions(n))
    assert len(partitions) == len(set(partitions)) == bell_numbers(9)[n]
    for partition in partitions:
        assert sorted(element for block in partition for element in block) == list(range(n))
        assert all(block and list(block) == sorted(block) for block in partition)
        assert [block[0] for block in partition] == sorted(block[0] for block in partition)


def test_partitions_without_singletons_follow_bell_differences():
    # a singleton-free partition of n or of n + 1 elements corresponds to a partition of n (mark the singletons with element n + 1)
    count = 1
    for n, bell in enumerate(bell_numbers(9)):
        partitions = list(set_partitions(n, smallest=2))
        assert len(partitions) == count
        assert all(len(block) >= 2 for partition in partitions for block in partition)
        count = bell - count


@pytest.mark.parametrize("n", range(2, 8))
def test_moebius_weights_cancel_over_the_partition_lattice(n):
    assert sum(moebius_weight(len(partition)) for partition in set_partitions(n)) == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((-1,), "n must be an integer of at least 0, got -1"),
        ((2.5,), "n must be an integer of at least 0, got 2.5"),
        ((True,), "n must be an integer of at least 0, got True"),
        ((3, 0), "smallest must be an integer of at least 1, got 0"),
    ],
)
def test_refuses_what_cannot_be_partitioned(arguments, message):
    with pytest.raises(CircuitError, match=f"set_partitions: {message}"):
        list(set_partitions(*arguments))


def test_poisson_law_of_mean_one_has_bell_moments_and_unit_cumulants():
    moments = [float(bell) for bell in bell_numbers(9)]  # Dobinski's formula
    assert moments_to_cumulants(moments).tolist() == [0.0] + [1.0] * 8
    assert cumulants_to_moments([0.0] + [1.0] * 8).tolist() == moments


@given(st.lists(small, max_size=8))
def test_cumulants_to_moments_and_back_is_the_identity(cumulants):
    given_cumulants = np.array([0.0, *cumulants])
    again = moments_to_cumulants(cumulants_to_moments(given_cumulants))
    np.testing.assert_allclose(again, given_cumulants, atol=1e-6, rtol=1e-9)


@given(st.lists(small, min_size=1, max_size=6))
def test_one_variable_is_the_joint_case_with_all_indices_equal(cumulants):
    order = len(cumulants)
    moments = cumulants_to_moments([0.0, *cumulants])
    indices = (5,) * order
    assert joint_moment(lambda block: cumulants[len(block) - 1], indices) == pytest.approx(moments[order], rel=1e-12, abs=1e-9)
    assert joint_cumulant(lambda block: moments[len(block)], indices) == pytest.approx(cumulants[-1], rel=1e-9, abs=1e-6)


@pytest.mark.parametrize("numbers", [[], [[1.0]], 1.0])
def test_lists_must_be_lists(numbers):
    with pytest.raises(CircuitError, match="moments must be a list of at least one number, got shape"):
        moments_to_cumulants(numbers)
    with pytest.raises(CircuitError, match="cumulants must be a list of at least one number, got shape"):
        cumulants_to_moments(numbers)


def test_entry_zero_is_fixed():
    with pytest.raises(CircuitError, match="moments_to_cumulants: moments must start with 1, got 2"):
        moments_to_cumulants([2.0, 0.0])
    with pytest.raises(CircuitError, match="cumulants_to_moments: cumulants must start with 0, got 1"):
        cumulants_to_moments([1.0, 0.0])


def moment_of(rows):
    """Joint moments of equally likely rows."""
    return lambda block: sum(prod(row[i] for i in block) for row in rows) / len(rows)


tables = st.lists(st.tuples(small, small, small), min_size=1, max_size=5)


@given(tables, st.lists(st.integers(0, 2), max_size=5))
def test_joint_moments_come_back_from_joint_cumulants(rows, indices):
    moment = moment_of(rows)
    again = joint_moment(lambda block: joint_cumulant(moment, block), indices)
    assert again == pytest.approx(moment(indices), rel=1e-9, abs=1e-8)


@given(tables, st.lists(st.integers(0, 2), min_size=1, max_size=5), st.randoms())
def test_joint_cumulants_are_symmetric(rows, indices, random):
    shuffled = random.sample(indices, len(indices))
    moment = moment_of(rows)
    assert joint_cumulant(moment, shuffled) == pytest.approx(joint_cumulant(moment, indices), rel=1e-9, abs=1e-9)


@given(tables, st.lists(st.integers(0, 2), max_size=3), small, small)
def test_joint_cumulants_are_multilinear(rows, others, a, b):
    combined = [(*row, a * row[0] + b * row[1]) for row in rows]
    moment = moment_of(combined)
    split = a * joint_cumulant(moment, [0, *others]) + b * joint_cumulant(moment, [1, *others])
    assert joint_cumulant(moment, [3, *others]) == pytest.approx(split, rel=1e-9, abs=1e-8)


@given(st.lists(small, min_size=1, max_size=3), st.lists(small, min_size=1, max_size=3), st.integers(1, 3), st.integers(1, 2))
def test_joint_cumulants_vanish_across_independent_variables(first, second, copies, others):
    moment = moment_of(list(product(first, second)))
    assert joint_cumulant(moment, (0,) * copies + (1,) * others) == pytest.approx(0.0, abs=1e-8)


@given(tables, st.lists(st.integers(0, 2), min_size=2, max_size=6))
def test_centred_sum_leaves_out_only_zeros(rows, indices):
    means = [sum(column) / len(rows) for column in zip(*rows, strict=True)]
    exact = [[Fraction(value) - Fraction(mean) for value, mean in zip(row, means, strict=True)] for row in rows]
    corrections = [sum(column) / len(rows) for column in zip(*exact, strict=True)]
    centred = [[value - correction for value, correction in zip(row, corrections, strict=True)] for row in exact]
    moment = moment_of(centred)
    assert joint_cumulant(moment, indices, centred=True) == pytest.approx(joint_cumulant(moment, indices), rel=1e-9, abs=1e-9)


def test_cumulant_of_nothing_is_zero_and_moment_of_nothing_one():
    assert joint_cumulant(lambda block: 7.0, ()) == 0.0
    assert joint_moment(lambda block: 7.0, ()) == 1.0
    assert joint_cumulant(lambda block: 7.0, (0,), centred=True) == 7.0


def test_each_block_is_asked_for_once_and_sorted():
    asked = []
    joint_moment(lambda block: float(bool(asked.append(block))), (2, 1, 2))
    assert sorted(asked) == [(1,), (1, 2), (1, 2, 2), (2,), (2, 2)]


@pytest.mark.parametrize("power", range(1, 13))
def test_bernoulli_numbers_sum_powers_by_faulhabers_formula(power):
    stop = 11
    terms = (comb(power + 1, k) * bernoulli_number(k) * stop ** (power + 1 - k) for k in range(power + 1))
    assert sum(terms) / (power + 1) == sum(i**power for i in range(stop))


@pytest.mark.parametrize("blocks", range(1, 8))
def test_moebius_weight_alternates(blocks):
    assert moebius_weight(blocks) == (-1) ** (blocks - 1) * factorial(blocks - 1)
