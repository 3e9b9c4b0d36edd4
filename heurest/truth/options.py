"""Options of sampling, checked once: when to stop, which random numbers, at what level."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from heurest.errors import ArgumentError

Progress = Callable[[int, int, str], None]

DEFAULT_SAMPLES = 100_000
MOST_THREADS = 1024
_MAX_SAMPLES = 2**53  # counts stay exact as floats


@dataclass(frozen=True)
class StopRule:
    """When sampling ends: whichever of the given limits is met first.

    Attributes:
        samples: So many samples.
        stderr: Every output's standard error is at most this.
        seconds: So much time has passed, at the end of a block.
    """

    samples: int | None = None
    stderr: float | None = None
    seconds: float | None = None

    def __post_init__(self) -> None:
        if self.samples is not None:
            object.__setattr__(self, "samples", checked_integer("samples", self.samples, 2, _MAX_SAMPLES))
        for name in ("stderr", "seconds"):
            value = getattr(self, name)
            if value is not None:
                object.__setattr__(self, name, checked_positive(name, value))
        if self.samples is None and self.stderr is None and self.seconds is None:
            object.__setattr__(self, "samples", DEFAULT_SAMPLES)

    def standing(self, count: int, error: float, passed: float) -> list[tuple[int, int, str]]:
        """How far each limit is: what is done, what is needed and in which unit.

        Args:
            count: Samples so far.
            error: Largest standard error, asked for only where it is a limit.
            passed: Seconds so far.
        """
        found = []
        if self.samples is not None:
            found.append((count, self.samples, "samples"))
        if self.seconds is not None:
            found.append((int(1000 * passed), max(1, int(1000 * self.seconds)), "ms"))
        if self.stderr is not None:
            needed = count * (error / self.stderr) ** 2
            found.append((count, int(min(needed, 2**62)) if error > self.stderr else count, "samples"))
        return found


def checked_integer(name: str, value: Any, least: int, most: int) -> int:
    """The value as an int within limits."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or not least <= value <= most:
        raise ArgumentError(f"{name} must be an integer from {least:,} to {most:,}, got {value!r}")
    return int(value)


def checked_positive(name: str, value: Any) -> float:
    """The value as a finite float above zero."""
    if isinstance(value, bool) or not isinstance(value, (int, float, np.integer, np.floating)):
        raise ArgumentError(f"{name} must be a positive number, got {value!r}")
    if not (value > 0 and math.isfinite(value)):
        raise ArgumentError(f"{name} must be a positive number, got {value!r}")
    return float(value)


def checked_confidence(value: Any) -> float:
    """A level strictly between 0 and 1."""
    if isinstance(value, bool) or not isinstance(value, (float, np.floating)) or not 0.0 < value < 1.0:
        raise ArgumentError(f"confidence must be a number between 0 and 1, got {value!r}")
    return float(value)


def checked_memory(value: Any) -> int | None:
    """Bytes, or ``None``."""
    return None if value is None else checked_integer("max_memory", value, 1, 2**63)


def checked_entropy(rng: Any) -> int:
    """The number that all random streams of a run derive from: the seed, or one drawn from a generator."""
    if isinstance(rng, np.random.Generator):
        return int.from_bytes(rng.bytes(16), "little")
    if isinstance(rng, bool) or not isinstance(rng, (int, np.integer)) or rng < 0:
        raise ArgumentError(f"rng must be a seed of at least 0 or a numpy Generator, got {rng!r}")
    return int(rng)


def checked_choice(name: str, value: Any, choices: tuple[str, ...]) -> str:
    """One of the words."""
    if not isinstance(value, str) or value not in choices:
        raise ArgumentError(f"{name} must be one of {', '.join(choices)}, got {value!r}")
    return value
