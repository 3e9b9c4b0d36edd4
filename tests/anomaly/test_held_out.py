"""Which patterns are held out, and what level that gives."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heurest.anomaly.held_out import MOST_HELD_OUT, checked_share, conformal_level, held_out
from heurest.errors import ArgumentError


@given(st.lists(st.integers(0, 9000), max_size=5))
def test_the_choice_does_not_depend_on_the_batches(lengths):
    total = sum(lengths)
    whole, kept, seen, parts = held_out(0, 0, total), 0, 0, [np.zeros(0, bool)]
    for length in lengths:
        parts.append(held_out(seen, kept, length))
        seen, kept = seen + length, kept + int(parts[-1].sum())
    assert np.concatenate(parts).tolist() == whole.tolist()
    assert kept <= MOST_HELD_OUT


def test_a_fifth_is_held_out_never_the_first_and_never_more_than_the_most():
    chosen = held_out(0, 0, 10_000)
    assert not chosen[0]
    assert abs(chosen.mean() - 0.2) < 4 * np.sqrt(0.2 * 0.8 / 10_000)
    assert held_out(0, 0, 50_000).sum() == MOST_HELD_OUT
    assert not held_out(10**9, MOST_HELD_OUT, 100).any()


def test_the_level_is_conformal():
    # 99 held-out scores and the new one are exchangeable: it is among the 5 largest of 100 with probability 5 %, so 4 may be as high.
    assert conformal_level(99, 0.05) == (0.05, 4)
    assert conformal_level(9, 0.05) == (0.1, 0)  # no finer level than 1 in 10
    assert conformal_level(0, 0.05) == (1.0, 0)
    bound, allowed = conformal_level(3, 1.0 - 1e-12)
    assert (bound, allowed) == (1.0 - 1e-12, 2)


@pytest.mark.parametrize("held", [0, 1, 7, 60])
@pytest.mark.parametrize("share", [0.01, 0.3, 0.999])
def test_the_level_holds_for_every_order_of_scores(held, share):
    bound, allowed = conformal_level(held, share)
    flagged = sum(rank <= allowed for rank in range(held + 1))  # how many of the held-out ones are higher, each equally probable
    assert flagged / (held + 1) <= bound * (1.0 + 1e-12)


@pytest.mark.parametrize("value", [0, 1, -0.5, float("nan"), True, "0.5", None])
def test_a_share_is_between_0_and_1(value):
    with pytest.raises(ArgumentError, match=r"^level must be a number between 0 and 1, got"):
        checked_share("level", value)
