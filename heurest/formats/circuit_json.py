"""Circuits as JSON, this project's own format: exact, versioned, one wire a line.

A document is one object with exactly these fields:

===========  ===========================================================================================
field        what stands there
===========  ===========================================================================================
``format``   ``"heurest circuit"``
``version``  ``1``
``name``     The circuit's name.
``laws``     The different laws of the inputs, each as `Law.to_dict` gives it.
``wires``    The wires in order, one entry a line; see below. Operands are numbers of earlier wires, from 0.
``names``    An object from wire name to wire; every input has a name.
``outputs``  An object from output name to wire, in the order of the outputs.
===========  ===========================================================================================

The entries of ``wires``:

======================================================  ======================================================================
entry                                                   wires that it adds
======================================================  ======================================================================
``["input", law]``                                      One for each input that law number ``law`` governs, boolean where the
                                                        law's support says so; with ``"real"`` at the end all are real.
``["constant", number]``                                One.
``["affine", bias, [operands], [coefficients]]``        One; with ``"boolean"`` at the end it is declared to be 0 or 1.
``["layer", [operands], [[coefficients], ...],          A dense affine layer, one wire for each row of coefficients.
[biases]]``
``["multiply", a, b]``, ``["square", a]``,              One.
``["and", a, b]``
======================================================  ======================================================================

Floats are written with the digits that give back every bit. Spaces and line breaks are free for a reader.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from heurest.circuit.circuit import Circuit
from heurest.circuit.gates import AFFINE, AND, CONSTANT, INPUT, MULTIPLY, SQUARE
from heurest.circuit.validation import check_circuit
from heurest.errors import FormatError
from heurest.formats.documents import FORMAT, VERSION, MisfitError, circuit_of
from heurest.formats.json_text import line_of, parse_json, quoted
from heurest.formats.messages import at_line, format_error


def dumps(circuit: Circuit) -> str:
    """Return a circuit as JSON text; `loads` gives back the same circuit, every bit of every float included.

    Args:
        circuit: Any circuit, frozen or not.

    Returns:
        Text that ends with a line break.

    Cost:
        About 1 microsecond a wire and 0.5 microseconds a coefficient.

    Examples:
        >>> import heurest as hr
        >>> c = hr.Circuit("demo")
        >>> x = c.input("x", hr.Normal(0, 1))
        >>> c.output("y", c.affine([3.0], [x], 0.5))
        >>> print(dumps(c), end="")
        {
        "format": "heurest circuit",
        "version": 1,
        "name": "demo",
        "laws": [
        {"law": "normal", "mean": 0.0, "std": 1.0}
        ],
        "wires": [
        ["input", 0],
        ["affine", 0.5, [0], [3.0]]
        ],
        "names": {
        "x": 0
        },
        "outputs": {
        "y": 1
        }
        }
    """
    check_circuit(circuit)
    laws, law_of_group = distinct_laws(circuit)
    fields = (
        f'"format": {quoted(FORMAT)}',
        f'"version": {VERSION}',
        f'"name": {quoted(circuit.name)}',
        _block('"laws": [', [json.dumps(law) for law in laws], "]"),
        _block('"wires": [', list(_entries(circuit, law_of_group)), "]"),
        _block('"names": {', _fields(circuit.names), "}"),
        _block('"outputs": {', _fields({name: wire.index for name, wire in circuit.outputs.items()}), "}"),
    )
    return "{\n" + ",\n".join(fields) + "\n}\n"


def loads(text: str, source: str = "text") -> Circuit:
    """Return the circuit that `dumps` wrote.

    Args:
        text: The JSON text.
        source: What messages call it, usually the file.

    Returns:
        A circuit that can be changed.

    Raises:
        FormatError: The text is not such a document. Names source, line and wire, what was expected and what stands there. Nothing else
            is raised, whatever the text holds.

    Cost:
        About 3 microseconds a wire; everything is checked before anything is built.

    Examples:
        >>> text = '''{"format": "heurest circuit", "version": 1, "name": "demo", "laws": [], "wires": [
        ... ["constant", 2.0],
        ... ["multiply", 0, 1]
        ... ], "names": {}, "outputs": {}}'''
        >>> loads(text)
        Traceback (most recent call last):
            ...
        heurest.errors.FormatError: text, line 3 (wire 1): expected an operand, an integer from 0 to 0, found 1
        >>> loads(text.replace("0, 1]", "0, 0]"))
        <Circuit 'demo': 0 inputs, 1 gate, 0 outputs>
    """
    document = parse_json(text, source)
    try:
        return circuit_of(document)
    except MisfitError as misfit:
        raise _located(misfit, text, source) from None


def _located(misfit: MisfitError, text: str, source: str) -> FormatError:
    where = at_line(source, line_of(text, misfit.path))
    if misfit.wire is not None:
        where += f" (wire {misfit.wire})"
    return format_error(where, misfit.expected, misfit.found)


def distinct_laws(circuit: Circuit) -> tuple[list[dict[str, Any]], list[int]]:
    """The different laws of a circuit as data, in order of first use, and for each group of inputs the number of its law.

    Laws differ when some bit of their parameters does.
    """
    number_by_object: dict[int, int] = {}
    number_by_text: dict[str, int] = {}
    laws: list[dict[str, Any]] = []
    numbers: list[int] = []
    for group in circuit.groups:
        number = number_by_object.get(id(group.law))
        if number is None:
            data = group.law.to_dict()
            number = number_by_text.setdefault(json.dumps(data), len(laws))
            if number == len(laws):
                laws.append(data)
            number_by_object[id(group.law)] = number
        numbers.append(number)
    return laws, numbers


def _block(opening: str, lines: list[str], closing: str) -> str:
    return "\n".join([opening, ",\n".join(lines), closing]) if lines else opening + closing


def _fields(wires: Mapping[str, int]) -> list[str]:
    return [f"{quoted(name)}: {wire}" for name, wire in wires.items()]


def _entries(circuit: Circuit, law_of_group: list[int]) -> Iterator[str]:
    """The lines of ``wires``; a group of inputs and a layer stand where their first wire does."""
    boolean, left, right, value = (column.tolist() for column in (circuit.boolean, circuit.left, circuit.right, circuit.value))
    term_wire, coefficient = circuit.term_wire.tolist(), circuit.term_coefficient.tolist()
    groups, layers = circuit.groups, iter(circuit.layers)
    layer = next(layers, None)
    law_is_boolean = {number: any(group.law.boolean) for number, group in dict(zip(law_of_group, groups, strict=True)).items()}
    for wire, gate in enumerate(circuit.gate.tolist()):
        while layer is not None and layer.first == wire:  # a layer without rows makes no wire
            yield json.dumps(["layer", layer.operands.tolist(), layer.matrix.tolist(), layer.bias.tolist()])
            layer = next(layers, None)
        a, b = left[wire], right[wire]
        if gate == AND:
            yield f'["and", {a}, {b}]'
        elif gate == MULTIPLY:
            yield f'["multiply", {a}, {b}]'
        elif gate == SQUARE:
            yield f'["square", {a}]'
        elif gate == CONSTANT:
            yield f'["constant", {value[wire]!r}]'
        elif gate == AFFINE and a >= 0:
            mark = ', "boolean"' if boolean[wire] else ""
            yield f'["affine", {value[wire]!r}, {term_wire[a:b]}, {coefficient[a:b]}{mark}]'
        elif gate == INPUT and b == 0:
            law = law_of_group[a]
            is_real = law_is_boolean[law] and not any(boolean[w] for w in groups[a].wires)
            yield f'["input", {law}, "real"]' if is_real else f'["input", {law}]'
    while layer is not None:
        yield json.dumps(["layer", layer.operands.tolist(), layer.matrix.tolist(), layer.bias.tolist()])
        layer = next(layers, None)
