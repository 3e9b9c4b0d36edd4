"""Checks of what users hand to a circuit; each failure is one line that says where, which rule and what was found."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from os import PathLike
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from heurest.circuit.gates import GATES, Gate
from heurest.circuit.law_checks import shown
from heurest.circuit.wires import Handle, Wire, Wires
from heurest.errors import CircuitError, KindError

if TYPE_CHECKING:
    from heurest.circuit.circuit import Circuit
    from heurest.circuit.laws import Law


MAX_INPUTS = 10_000_000


def checked_name(name: object, owner: str) -> str:
    """A non-empty string without control characters."""
    if not isinstance(name, str) or not name or not name.isprintable():
        raise CircuitError(f"{owner} must be named by a non-empty printable string, got {name!r}")
    return name


def check_new_names(names: Sequence[str], taken: Container[str], owner: str = "a wire") -> None:
    """None of the names is taken, and no two are the same."""
    seen: set[str] = set()
    for name in names:
        if name in taken or name in seen:
            raise CircuitError(f"{owner} named {name!r} exists already")
        seen.add(name)


def finite(values: ArrayLike, owner: str) -> NDArray[np.float64]:
    """The numbers as float64, all finite."""
    try:
        given = np.asarray(values)
        if given.dtype.kind not in "biufO":
            raise TypeError
        array = np.asarray(given, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        raise CircuitError(f"{owner} must be a number, got {shown(values)}") from None
    if not np.isfinite(array).all():
        raise CircuitError(f"{owner} must be finite, got {array[~np.isfinite(array)].flat[0]}")
    return array


def check_circuit(circuit: object) -> None:
    """What is handed over is a circuit, and not a file name, say."""
    from heurest.circuit.circuit import Circuit

    if not isinstance(circuit, Circuit):
        hint = "; heurest.load reads one from a file" if isinstance(circuit, (str, PathLike)) else ""
        raise CircuitError(f"a circuit is needed, got {shown(circuit)}{hint}")


def check_owner(circuit: Circuit, operand: object) -> None:
    """The operand is a wire, or an array of wires, that this circuit has already."""
    if not isinstance(operand, Handle):
        raise CircuitError(f"circuit {circuit.name!r}: an operand must be a wire, got {shown(operand)}")
    if operand.circuit is not circuit:
        raise CircuitError(f"circuit {circuit.name!r}: {operand!r} belongs to another circuit")
    index = operand.index
    if isinstance(index, np.ndarray):
        unknown = index[(index < 0) | (index >= len(circuit))].tolist()
    else:
        unknown = [] if 0 <= index < len(circuit) else [index]
    if unknown:
        raise CircuitError(f"circuit {circuit.name!r} has wires 0 to {len(circuit) - 1}, so wire {unknown[0]} cannot be read yet")


def operand_indices(circuit: Circuit, operands: object) -> NDArray[np.int64]:
    """Indices of the operands of affine gates, given as an array of wires or as a list of single ones."""
    if isinstance(operands, Wires):
        check_owner(circuit, operands)
        return operands.index
    if isinstance(operands, Wire) or not isinstance(operands, Iterable):
        raise CircuitError(f"circuit {circuit.name!r}: affine takes an array or a list of wires, got {shown(operands)}")
    wires = list(operands)
    for wire in wires:
        check_owner(circuit, wire)
        if not isinstance(wire, Wire):
            raise CircuitError(f"circuit {circuit.name!r}: affine takes a list of single wires, but {wire!r} is in it")
    return np.array([wire.index for wire in wires], dtype=np.int64)


def check_boolean(circuit: Circuit, operands: Sequence[NDArray[np.int64]], gate: str) -> None:
    """All operands are boolean wires."""
    kinds = circuit.boolean
    for index in operands:
        real = np.atleast_1d(index)[~np.atleast_1d(kinds[index])]
        if real.size:
            raise KindError(f"{gate} takes boolean wires, but wire {int(real[0])} of circuit {circuit.name!r} is real")


def gate_row(gate: str, operands: int) -> Gate:
    """The row of a gate that `Circuit.apply` can build from that many operands."""
    row = GATES.get(gate) if isinstance(gate, str) else None
    if row is None:
        raise CircuitError(f"unknown gate {shown(gate)}; known are {', '.join(GATES)}")
    if gate in ("input", "constant", "affine"):
        raise CircuitError(f"gate {gate!r} has a call of its own: circuit.{gate}")
    fan_in = 2 if gate == "power" else row.fan_in
    if operands != fan_in:
        raise CircuitError(f"{gate} takes {fan_in} operand{'' if fan_in == 1 else 's'}, got {operands}")
    return row


def input_names(name: str | Sequence[str], law: Law, count: int | None) -> tuple[list[str], bool]:
    """The names of new inputs, and whether there are several."""
    from heurest.circuit.laws import Law

    if not isinstance(law, Law):
        raise CircuitError(f"input {name!r}: a law such as Normal(0, 1) is needed, got {law!r}")
    if count is not None and (isinstance(count, bool) or not isinstance(count, (int, np.integer)) or count < 0):
        raise CircuitError(f"input {name!r}: count must be an integer of at least 0, got {count!r}")
    if count is not None and count > MAX_INPUTS:
        raise CircuitError(f"input {name!r}: at most {MAX_INPUTS:,} inputs are made at once, got a count of {count:,}")
    if count is not None and law.size != 1:
        raise CircuitError(f"input {name!r}: count goes with a law of one input, and {law.name} has {law.size}")
    if isinstance(name, str):
        checked_name(name, "an input")
        if count is None and law.size == 1:
            return [name], False
        return [f"{name}[{i}]" for i in range(law.size if count is None else count)], True
    if not isinstance(name, Iterable):
        raise CircuitError(f"inputs must be named by a string or a list of strings, got {shown(name)}")
    names = [checked_name(part, "an input") for part in name]
    expected = count if count is not None else law.size if law.size > 1 else len(names)
    if len(names) != expected:
        raise CircuitError(f"{len(names)} names are given for {expected} inputs")
    return names, True


def input_kinds(law: Law, kind: str | None, name: str) -> NDArray[np.bool_]:
    """Kind of each input of a law, as declared or as its support says."""
    support = np.array(law.boolean, dtype=bool)
    if kind is None:
        return support
    if kind not in ("real", "boolean"):
        raise CircuitError(f"input {name!r}: kind must be 'real' or 'boolean', got {kind!r}")
    if kind == "boolean" and not support.all():
        raise KindError(f"input {name!r}: law {law.name} takes values other than 0 and 1, so it cannot be boolean")
    return np.full(law.size, kind == "boolean")
