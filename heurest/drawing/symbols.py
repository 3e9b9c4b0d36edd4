"""Texts: what a gate is called in a picture, and what its tooltip says."""

from __future__ import annotations

import unicodedata
from functools import cache

import numpy as np

from heurest.circuit.circuit import Circuit
from heurest.circuit.gates import AFFINE, AND, CONSTANT, INPUT, MULTIPLY, SQUARE

_SHORT = 16  # letters of a formula that still fits into a gate
_TERMS = 8  # terms of a sum that a tooltip spells out
# Coefficients of (a, b, a and b) and bias of the boolean sums that derived gates are stored as.
_BOOLEAN_SUMS: dict[tuple[tuple[float, ...], float], str] = {
    ((1.0, 1.0, -1.0), 0.0): "or",
    ((1.0, 1.0, -2.0), 0.0): "xor",
    ((-1.0, -1.0, 1.0), 1.0): "nor",
    ((-1.0, -1.0, 2.0), 1.0): "xnor",
}


def wire_text(circuit: Circuit, wire: int) -> str:
    """A wire's name, or ``#`` and its index; of a constant without a name its number."""
    name = circuit.wire_name(wire)
    if name is None and circuit.gate[wire] == CONSTANT:
        return number_text(float(circuit.value[wire]))
    return f"#{wire}" if name is None else name


def number_text(value: float, digits: int = 3) -> str:
    """A number with a few digits and a true minus sign."""
    text = f"{value:.{digits}g}"
    mantissa, _, exponent = text.partition("e")
    if exponent and 0 < int(exponent) < 6:
        return f"{float(text):.0f}".replace("-", "−")
    return (f"{mantissa}e{int(exponent)}" if exponent else mantissa).replace("-", "−")


def signed_text(value: float) -> str:
    """A number with its sign."""
    return ("+" if value > 0 else "") + number_text(value)


def formula(circuit: Circuit, wire: int) -> str:
    """What a wire is in terms of those it reads, cut after some terms; the law of an input."""
    code = int(circuit.gate[wire])
    if code == INPUT:
        law = repr(circuit.groups[int(circuit.left[wire])].law)
        return "input, " + (law if len(law) <= 100 else f"{law[:97]}...")
    if code == CONSTANT:
        return number_text(float(circuit.value[wire]), 12)
    if code == AFFINE:
        return _boolean_formula(circuit, wire) or _sum_formula(circuit, wire)
    left, right = (wire_text(circuit, int(end[wire])) for end in (circuit.left, circuit.right))
    return f"{left}²" if code == SQUARE else f"{left} × {right}" if code == MULTIPLY else f"{left} and {right}"


def symbol(circuit: Circuit, wire: int) -> str:
    """What stands in a gate: its formula where that is short, else its kind."""
    code = int(circuit.gate[wire])
    if code in (INPUT, CONSTANT):
        return wire_text(circuit, wire)
    if code == AFFINE and (count := circuit.terms(wire)[1].size) > 4:
        return f"sum of {count}"
    text = formula(circuit, wire)
    if len(text) <= _SHORT:
        return text
    if code == AFFINE:
        boolean = _boolean_kind(circuit, wire)
        names = f"sum({', '.join(wire_text(circuit, int(operand)) for operand in circuit.terms(wire)[1])})"
        return boolean[0] if boolean else "a x + b" if count == 1 else names if len(names) <= _SHORT else f"sum of {count}"
    return {SQUARE: "square", MULTIPLY: "×", AND: "and"}[code]


def shortened(text: str, length: int) -> str:
    """The text on one line, or its beginning and an ellipsis."""
    line = " ".join(text.split())
    return line if len(line) <= length else line[: length - 1] + "…"


def text_width(text: str, size: float) -> float:
    """A generous guess of how wide a text is drawn in a sans-serif font of that size."""
    return size * sum(map(_letter_width, text))


def wrapped(text: str, size: float, width: float, most: int) -> list[str]:
    """The text in lines that fit a width, broken between words where it can be; an ellipsis ends the last of the most lines.

    Examples:
        >>> wrapped("kept: first, second, third", 10.0, 90.0, 4)
        ['kept: first,', 'second, third']
        >>> wrapped("kept: first, second, third", 10.0, 90.0, 1)
        ['kept: first…']
    """
    words = text.split() or [""]
    lines: list[str] = []
    while words and len(lines) < most:
        line = words.pop(0)
        while words and text_width(f"{line} {words[0]}", size) <= width:
            line += " " + words.pop(0)
        if text_width(line, size) > width:  # one word: as many of its letters as fit
            fitting = _fitting(line, size, width)
            words.insert(0, line[fitting:])
            line = line[:fitting]
        lines.append(line)
    if words:
        last = lines[-1]
        lines[-1] = last[: _fitting(last, size, width - text_width("…", size))].rstrip(" ,;") + "…"
    return lines


def _fitting(text: str, size: float, width: float) -> int:
    """How many of its letters fit, at least one."""
    length = len(text)
    while length > 1 and text_width(text[:length], size) > width:
        length -= 1
    return length


@cache
def _letter_width(letter: str) -> float:
    if unicodedata.combining(letter):
        return 0.0
    if unicodedata.east_asian_width(letter) in "WF" or ord(letter) > 0xFFFF:
        return 1.1
    if letter in " .,:;|!'ijl()[]":
        return 0.4
    if letter in "mwMW@%&—…":
        return 1.0
    return 0.85 if letter in "+−<>=#×→~^" else 0.72 if letter.isupper() else 0.64


def _boolean_kind(circuit: Circuit, wire: int) -> tuple[str, tuple[int, ...]] | None:
    """The derived gate that a boolean sum stands for, with its operands."""
    if not circuit.boolean[wire]:
        return None
    bias, operands, coefficients = circuit.terms(wire)
    members = tuple(int(operand) for operand in operands)
    if len(members) == 1 and bias == 1.0 and coefficients[0] == -1.0:
        return "not", members
    if len(members) != 3:
        return None
    a, b, both = members
    if circuit.gate[both] != AND:
        return None
    name = _BOOLEAN_SUMS.get((tuple(float(c) for c in coefficients), bias))
    if name and {int(circuit.left[both]), int(circuit.right[both])} == {a, b}:
        return name, (a, b)
    return _mux(circuit, members) if bias == 0.0 and tuple(coefficients) == (1.0, 1.0, -1.0) else None


def _mux(circuit: Circuit, members: tuple[int, ...]) -> tuple[str, tuple[int, ...]] | None:
    """The operands of ``b + (s and a) - (s and b)``, if that is what the sum is."""
    other, first, second = members
    if circuit.gate[first] != AND:
        return None
    ends = [(int(circuit.left[w]), int(circuit.right[w])) for w in (first, second)]
    for select, taken in (ends[0], ends[0][::-1]):
        if ends[1] in ((select, other), (other, select)):
            return "mux", (select, taken, other)
    return None


def _boolean_formula(circuit: Circuit, wire: int) -> str:
    kind = _boolean_kind(circuit, wire)
    if kind is None:
        return ""
    names = [wire_text(circuit, operand) for operand in kind[1]]
    return f"not {names[0]}" if kind[0] == "not" else f"mux({', '.join(names)})" if kind[0] == "mux" else f" {kind[0]} ".join(names)


def _sum_formula(circuit: Circuit, wire: int) -> str:
    bias, operands, coefficients = circuit.terms(wire)
    constant = circuit.gate[operands] == CONSTANT
    bias += float(np.sum(coefficients[constant] * circuit.value[operands[constant]]))
    parts = []
    for operand, coefficient in zip(operands[~constant][:_TERMS], coefficients[~constant], strict=False):
        size = abs(float(coefficient))
        factor = "" if size == 1.0 else f"{number_text(size)} "
        parts.append(("−" if coefficient < 0 else "+", factor + wire_text(circuit, int(operand))))
    if bias or not parts:
        parts.append(("−" if bias < 0 else "+", number_text(abs(bias))))
    head = ("−" if parts[0][0] == "−" else "") + parts[0][1]
    left_out = int((~constant).sum()) - _TERMS
    more = f" + … ({left_out} more terms)" if left_out > 0 else ""
    return head + "".join(f" {sign} {text}" for sign, text in parts[1:]) + more
