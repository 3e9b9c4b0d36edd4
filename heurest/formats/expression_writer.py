"""Wires as polynomial text: what is read once is written where it is read, the rest gets a name first."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from heurest.circuit.circuit import Circuit
from heurest.circuit.gates import AFFINE, CONSTANT, INPUT, SQUARE

_LONGEST = 160  # characters of an expression that is still written inside another

# How tightly the outermost operator of a text binds.
_SUM, _TERM, _PRODUCT, _POWER, _ATOM = range(5)  # a term is a number times something: no factor, but it needs no parentheses in a sum


class _Piece(NamedTuple):
    text: str
    binding: int


def definitions(circuit: Circuit, written_name: Callable[[str], str]) -> list[str]:
    """Return the ``let`` lines and the output lines of a circuit.

    Args:
        circuit: Any circuit; gates that feed no output are left out.
        written_name: How a name stands in a line.
    """
    outputs = {name: wire.index for name, wire in circuit.outputs.items()}
    uses = _uses(circuit, list(outputs.values()))
    pieces: dict[int, _Piece] = {}
    lines = []
    for wire in np.flatnonzero(uses).tolist():
        name = circuit.wire_name(wire)
        code = circuit.gate[wire]
        if code == INPUT:
            pieces[wire] = _Piece(written_name(str(name)), _ATOM)
            continue
        piece = _piece(circuit, wire, pieces)
        if code != CONSTANT and (uses[wire] > 1 or name is not None or len(piece.text) > _LONGEST):
            label = written_name(name or _free_name(circuit, wire))
            lines.append(f"let {label} = {piece.text}")
            piece = _Piece(label, _ATOM)
        pieces[wire] = piece
    return lines + [f"{written_name(name)} = {pieces[wire].text}" for name, wire in outputs.items()]


def _uses(circuit: Circuit, outputs: list[int]) -> list[int]:
    """How often each wire is read by outputs and by gates that feed them."""
    uses = np.bincount(np.array(outputs, dtype=np.int64), minlength=len(circuit)).tolist()
    for wire in range(len(circuit) - 1, -1, -1):
        if uses[wire]:
            for operand in circuit.operands(wire):
                uses[operand] += 1
    return [int(count) for count in uses]


def _free_name(circuit: Circuit, wire: int) -> str:
    name = f"w{wire}"
    while name in circuit.names:
        name += "_"
    return name


def _piece(circuit: Circuit, wire: int, pieces: dict[int, _Piece]) -> _Piece:
    code = circuit.gate[wire]
    if code == CONSTANT:
        return _number(float(circuit.value[wire]))
    if code == AFFINE:
        bias, operands, coefficients = circuit.terms(wire)
        return _sum(bias, [pieces[operand] for operand in operands.tolist()], coefficients.tolist())
    if code == SQUARE:
        return _Piece(f"{_at_least(pieces[int(circuit.left[wire])], _ATOM)}**2", _POWER)
    left, right = (pieces[operand] for operand in circuit.operands(wire))
    # the right factor in parentheses if it is a product: a * (b * c) stays these two gates
    return _Piece(f"{_at_least(left, _PRODUCT)}*{_at_least(right, _POWER)}", _PRODUCT)


def _sum(bias: float, operands: list[_Piece], coefficients: list[float]) -> _Piece:
    if not operands:
        return _number(bias)
    text = ""
    for piece, coefficient in zip(operands, coefficients, strict=True):
        if coefficient == 1.0:
            text = _appended(text, piece.text)
        elif coefficient == -1.0:
            text = _appended(text, "-" + _at_least(piece, _TERM))
        else:
            text = _appended(text, f"{_number(coefficient).text}*{_at_least(piece, _PRODUCT)}")
    if bias != 0.0:
        return _Piece(_appended(text, _number(bias).text), _SUM)
    if len(operands) == 1 and coefficients[0] == 1.0:
        return operands[0]
    return _Piece(text, _TERM if len(operands) == 1 and coefficients[0] >= 0.0 else _SUM)


def _appended(total: str, term: str) -> str:
    if not total:
        return term
    return f"{total} - {term[1:]}" if term.startswith("-") else f"{total} + {term}"


def _number(value: float) -> _Piece:
    text = str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return _Piece(text, _ATOM if value >= 0.0 else _SUM)


def _at_least(piece: _Piece, binding: int) -> str:
    return piece.text if piece.binding >= binding else f"({piece.text})"
