"""Checks of a law's parameters: each failure is one line that says which law and field, the rule and what was found."""

from __future__ import annotations

import math
import numbers
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from heurest.errors import CircuitError

FloatArray = NDArray[np.float64]

PROBABILITY_TOLERANCE = 1e-9
# Correctly rounded probabilities miss a sum of 1 by less than this; rescaling them would change bits for nothing.
_ROUNDING = 4 * np.finfo(np.float64).eps


def shown(value: object) -> str:
    """The value for an error message: short, on one line, whatever it is."""
    if isinstance(value, bool | float | np.number) or value is None:
        return repr(value.item() if isinstance(value, np.number) else value)
    if isinstance(value, int):
        return repr(value) if value.bit_length() < 100 else f"an integer of {value.bit_length()} bits"
    if isinstance(value, str):
        return repr(value if len(value) <= 40 else value[:37] + "...")
    name = type(value).__name__
    return f"{'an' if name[:1].lower() in 'aeiou' else 'a'} {name}"


def number(where: str, value: object) -> float:
    """The value as a finite float; ``where`` names the law and the field."""
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise CircuitError(f"{where} must be a number, got {shown(value)}")
    try:
        result = float(value)
    except OverflowError:
        result = math.inf
    if not math.isfinite(result):
        raise CircuitError(f"{where} must be a finite number, got {shown(value)}")
    return result


def integer(where: str, value: object, least: int, most: int) -> int:
    """The value as an int within the limits."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or not least <= value <= most:
        raise CircuitError(f"{where} must be an integer from {least} to {most}, got {shown(value)}")
    return int(value)


def array(where: str, values: object, dimensions: int) -> FloatArray:
    """The numbers as a new float64 array with so many dimensions and no empty one; negative zero becomes zero."""
    kind = "a list of numbers" if dimensions == 1 else "a list of equally long lists of numbers"
    try:
        given = values if isinstance(values, np.ndarray) else np.array(values, dtype=object)
    except (TypeError, ValueError, OverflowError, RecursionError):
        raise CircuitError(f"{where} must be {kind}, got {shown(values)} that is ragged or cannot be read") from None
    if given.ndim != dimensions:
        raise CircuitError(f"{where} must be {kind}, got {_described(values, given)}")
    if given.size == 0:
        raise CircuitError(f"{where} must hold at least one number, got shape {given.shape}")
    if given.dtype.kind == "O":
        for leaf_type in set(map(type, given.flat)):
            if issubclass(leaf_type, bool) or not issubclass(leaf_type, numbers.Real):
                leaf = next(leaf for leaf in given.flat if type(leaf) is leaf_type)
                raise CircuitError(f"{where} must be {kind}, found {shown(leaf)} in it")
    elif given.dtype.kind not in "iuf":
        raise CircuitError(f"{where} must be {kind}, got an array of {given.dtype}")
    try:
        with np.errstate(over="ignore"):
            result = np.array(given, dtype=np.float64, order="C")
    except OverflowError:
        raise CircuitError(f"{where} must hold finite numbers, found an integer beyond the float range") from None
    if not np.isfinite(result).all():
        raise CircuitError(f"{where} must hold finite numbers, found {float(result[~np.isfinite(result)][0])}")
    result += 0.0
    return result


def _described(values: object, given: NDArray[np.object_]) -> str:
    if given.ndim == 0:
        return shown(values)
    if given.ndim > 2:
        return f"{given.ndim} levels of lists"
    if given.dtype.kind == "O" and any(isinstance(leaf, Sequence) and not isinstance(leaf, str) for leaf in given.flat):
        return f"{shown(values)} that is ragged"
    return f"shape {given.shape}"


def check_probabilities(where: str, probs: FloatArray) -> None:
    """No probability is negative and they sum to 1 within 1e-9."""
    if probs.min() < 0.0:
        raise CircuitError(f"{where} must not be negative, found {float(probs.min())!r}")
    total = math.fsum(probs)
    if abs(total - 1.0) > PROBABILITY_TOLERANCE:
        raise CircuitError(f"{where} must sum to 1, got a sum of {total!r}")


def rescaled(probs: FloatArray) -> FloatArray:
    """The probabilities divided by their sum, or untouched when rounding alone explains that it is not 1."""
    total = math.fsum(probs)
    return probs if abs(total - 1.0) <= _ROUNDING else probs / total


def frozen(values: FloatArray) -> FloatArray:
    """The array, made read-only."""
    values.setflags(write=False)
    return values
