"""What every generator shares: its source of randomness and the checks of its parameters."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from heurest.circuit import law_checks
from heurest.errors import CircuitError

Rng = int | np.random.Generator
FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

_MOST = 1 << 40


def generator(where: str, rng: Rng) -> np.random.Generator:
    """The generator itself, or a new one from a seed.

    Raises:
        CircuitError: It is neither a generator nor an integer of at least 0.
    """
    if isinstance(rng, np.random.Generator):
        return rng
    if isinstance(rng, bool) or not isinstance(rng, int | np.integer) or rng < 0:
        raise CircuitError(f"{where}: rng must be a seed of at least 0 or a numpy.random.Generator, got {law_checks.shown(rng)}")
    return np.random.default_rng(int(rng))


def whole_number(where: str, value: object, least: int, most: int | None = None) -> int:
    """The value as an integer of at least ``least``, and where there is a ``most``, of at most that."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or not least <= value <= (_MOST if most is None else most):
        wanted = f"of at least {least}" if most is None else f"from {least} to {most}"
        raise CircuitError(f"{where} must be an integer {wanted}, got {law_checks.shown(value)}")
    return int(value)


def share(where: str, value: object) -> float:
    """The value as a number from 0 to 1."""
    number = law_checks.number(where, value)
    if not 0.0 <= number <= 1.0:
        raise CircuitError(f"{where} must be from 0 to 1, got {number!r}")
    return number


def choice(where: str, value: object, known: tuple[str, ...]) -> str:
    """The value as one of the words that are known."""
    if not isinstance(value, str) or value not in known:
        raise CircuitError(f"{where} must be one of {', '.join(known)}, got {law_checks.shown(value)}")
    return value


def square_matrix(where: str, matrix: object) -> FloatArray:
    """The matrix as finite float64 numbers, checked to be square and not empty."""
    numbers = law_checks.array(where, matrix, 2)
    if numbers.shape[0] != numbers.shape[1]:
        raise CircuitError(f"{where} must be square, got shape {numbers.shape}")
    return numbers


def operands_within(rng: np.random.Generator, reach: IntArray, own: IntArray) -> tuple[IntArray, IntArray]:
    """Two uniform operands for each gate among the ``reach`` places just before its ``own``, different where reach is 2 or more."""
    first = rng.integers(0, reach)
    second = rng.integers(0, np.maximum(reach - 1, 1))
    second += (second >= first) & (reach > 1)
    return own - 1 - first, own - 1 - second


def named(kind: str, rng: Rng) -> str:
    """Name of a generated circuit: its kind, and the seed where one was given."""
    return kind if isinstance(rng, np.random.Generator) else f"{kind}#{rng}"
