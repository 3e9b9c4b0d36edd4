"""Which training patterns are held out to set a threshold by, and what level they can give."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from heurest.errors import ArgumentError

UInt64Array = NDArray[np.uint64]

MOST_HELD_OUT = 4096
_HELD_OUT_SHARE = 0.2


def held_out(seen: int, kept: int, count: int) -> NDArray[np.bool_]:
    """Which of the next patterns are held out: every fifth or so by a hash of its number, never the first, and 4,096 at most.

    So the choice does not depend on the patterns, nor on how they come in batches.

    Args:
        seen: How many patterns came before.
        kept: How many of them were held out.
        count: How many patterns come now.
    """
    if kept >= MOST_HELD_OUT:
        return np.zeros(count, np.bool_)
    number = np.arange(seen, seen + count, dtype=np.uint64)
    held = (_hashed(number) < np.uint64(int(_HELD_OUT_SHARE * 2**64))) & (number > 0)
    return held & (np.cumsum(held) <= MOST_HELD_OUT - kept)


def conformal_level(held: int, false_positive: float) -> tuple[float, int]:
    r"""Bound on the share of flags, and how many of the held-out patterns may score as high as one that is flagged.

    If a pattern of the same law as m held-out ones is flagged where at most :math:`\lfloor p (m + 1) \rfloor` of these and itself
    score as high, it is flagged with probability at most p. With m of them no level below 1 / (m + 1) can be had.
    """
    bound = max(false_positive, 1.0 / (held + 1))
    return bound, min(max(int(bound * (held + 1) + 1e-9) - 1, 0), max(held - 1, 0))


def checked_share(name: str, value: Any) -> float:
    """A number above 0 and below 1.

    Raises:
        ArgumentError: It is another.
    """
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = float("nan")
    if isinstance(value, bool | str) or not 0.0 < number < 1.0:
        raise ArgumentError(f"{name} must be a number between 0 and 1, got {value!r}")
    return number


def _hashed(number: UInt64Array) -> UInt64Array:
    """Numbers that look random, by the steps of splitmix64."""
    mixed: Any = (number + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    hashed: UInt64Array = mixed ^ (mixed >> np.uint64(31))
    return hashed
