"""Standard errors and intervals: closed forms, and honesty where nothing was seen."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heurest.truth.intervals import Moments, frequency_stderr, normal_quantile, replicated_spread, spread, wilson


def test_the_quantile_is_that_of_the_normal_law():
    assert normal_quantile(0.95) == pytest.approx(1.959963984540054)
    assert math.erf(normal_quantile(0.99) / math.sqrt(2)) == pytest.approx(0.99)


@given(st.integers(1, 10_000), st.data())
def test_the_ends_of_wilsons_interval_solve_his_equation(count, data):
    hits = data.draw(st.integers(0, count))
    frequency, z = hits / count, 1.96
    low, high = wilson(np.array([frequency]), count, z)
    for p in (low[0], high[0]):
        # p is an end exactly if the frequency is z standard deviations away from it
        assert (frequency - p) ** 2 == pytest.approx(z * z * p * (1 - p) / count, rel=1e-9, abs=1e-15)
    assert 0.0 <= low[0] <= frequency <= high[0] <= 1.0
    assert (low[0] == 0.0) == (hits == 0)
    assert (high[0] == 1.0) == (hits == count)


def test_no_hit_does_not_mean_no_error():
    none, all_hits = frequency_stderr(np.array([0.0, 1.0]), 1000)
    assert none == pytest.approx(1 / 1000, rel=0.01)
    assert all_hits == pytest.approx(none)
    # three hits expected are all missed with probability exp(-3): the rule of three
    assert 3 * none == pytest.approx(-math.log(0.05) / 1000, rel=0.01)


def test_a_frequency_has_the_binomial_standard_error():
    assert frequency_stderr(np.array([0.2]), 400)[0] == pytest.approx(0.02)


def test_real_rows_have_normal_intervals_of_the_mean():
    moments = Moments(100, np.array([5.0]), np.array([99 * 4.0]))  # sample variance 4
    found = spread(moments, np.array([False]), 0.95)
    assert found.stderr[0] == pytest.approx(0.2)
    assert (found.low[0], found.high[0]) == pytest.approx((5 - 1.959964 * 0.2, 5 + 1.959964 * 0.2))


def test_ones_are_counted_without_rounding():
    boolean = np.array([True])
    moments = Moments.none(1)
    for _ in range(1000):  # a third of each block
        moments = moments.merged(Moments.of_bits(3, np.array([1.0])), boolean)
    assert moments.mean[0] == 1000 / 3000
    assert moments.squares[0] == pytest.approx(3000 * (1 / 3) * (2 / 3), rel=1e-15)


def test_replicates_give_students_interval():
    means = np.array([[1.0], [3.0], [2.0], [2.0]])
    found = replicated_spread(means, 4000, np.array([False]), 0.95)
    assert found.stderr[0] == pytest.approx(math.sqrt(2 / 3) / 2)
    assert found.high[0] - 2.0 == pytest.approx(3.182446 * found.stderr[0], rel=1e-6)  # t quantile, three degrees of freedom


def test_replicates_that_all_miss_a_rare_event_are_not_certain():
    found = replicated_spread(np.zeros((4, 1)), 1000, np.array([True]), 0.95)
    assert found.stderr[0] == pytest.approx(1 / 1000, rel=0.01)
    assert found.low[0] == 0.0
