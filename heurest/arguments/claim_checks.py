"""What claims check when they are made: wires, numbers, and that all are about one circuit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import isfinite
from numbers import Integral, Real
from typing import Any

import numpy as np

from heurest.circuit.circuit import Circuit
from heurest.circuit.wires import Wire
from heurest.errors import ArgumentError


def wire_indices(wires: Any, name: str, count: int | None = None) -> tuple[tuple[int, ...], Circuit | None]:
    """Indices of wires given as handles or numbers, and the circuit of the handles."""
    if isinstance(wires, Wire) or (isinstance(wires, Integral) and not isinstance(wires, bool)):
        wires = (wires,)
    if not isinstance(wires, Iterable) or isinstance(wires, (str, Mapping)):
        raise ArgumentError(f"{name}: wires must be given as Wire objects or as indices, got {wires!r}")
    circuit: Circuit | None = None
    indices = []
    for wire in wires:
        if isinstance(wire, Wire):
            if circuit is not None and wire.circuit is not circuit:
                raise ArgumentError(f"{name}: {wire!r} and a wire of {circuit.name!r} belong to different circuits")
            circuit = wire.circuit
            indices.append(wire.index)
        elif isinstance(wire, Integral) and not isinstance(wire, bool) and int(wire) >= 0:
            indices.append(int(wire))
        else:
            raise ArgumentError(f"{name}: a wire must be a Wire object or an index of at least 0, got {wire!r}")
    if count is not None and len(indices) != count:
        raise ArgumentError(f"{name}: {count} wire is needed, got {len(indices)}")
    return tuple(indices), circuit


def is_finite(value: Any) -> bool:
    """Whether a value is a real number that floats can hold."""
    try:
        return isinstance(value, (Real, np.bool_)) and isfinite(value)
    except OverflowError:  # an integer beyond the floats
        return False


def shown_claim(claim: Any) -> str:
    """A claim about wires in messages, such as ``Track(0, 3)``."""
    wires = getattr(claim, "wires", None)
    return f"{type(claim).__name__}({', '.join(map(str, wires if wires is not None else (claim.event,)))})"
