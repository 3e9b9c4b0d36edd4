"""A long first compilation is said, once, and only on a terminal."""

import sys
from time import sleep

import pytest
from numba import config, njit

from heurest.cli import common
from heurest.kernels.compiling import tell_when_compiling

compiled = pytest.mark.skipif(bool(config.DISABLE_JIT), reason="nothing is compiled")


def fresh():
    """A function that is not compiled yet."""
    return njit(lambda x: x + 1)


@compiled
@pytest.mark.parametrize(("after", "times"), [(0.0, 1), (600.0, 0)])
def test_it_is_said_once_and_only_where_it_takes_long(after, times):
    told = []
    end = tell_when_compiling(lambda: told.append(None), after)
    try:
        assert [fresh()(1), fresh()(2)] == [2, 3]
        sleep(0.1)  # the other thread's turn
    finally:
        end()
    assert len(told) == times
    fresh()(1)
    assert len(told) == times


def test_only_on_a_terminal(monkeypatch):
    calls = []
    monkeypatch.setattr("heurest.kernels.compiling.tell_when_compiling", calls.append)
    for terminal in (False, True):
        monkeypatch.setattr(sys.stderr, "isatty", lambda terminal=terminal: terminal)
        common.tell_compiling()
        assert len(calls) == terminal
