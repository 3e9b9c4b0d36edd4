"""Building a circuit from whole columns at once, for readers that have checked everything: a million gates in a fraction of a second."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from heurest.circuit.circuit import Circuit
from heurest.circuit.laws import Law
from heurest.circuit.storage import InputGroup, Layer


@dataclass
class Parts:
    """The columns of a circuit, laid out as in `Storage`, and what goes with them."""

    gate: ArrayLike
    boolean: ArrayLike
    left: ArrayLike
    right: ArrayLike
    value: ArrayLike
    term_wire: ArrayLike
    term_coefficient: ArrayLike
    groups: Sequence[tuple[Law, int]] = ()  # each law with its first wire
    layers: Sequence[Layer] = ()
    names: Mapping[str, int] = field(default_factory=dict)
    outputs: Mapping[str, int] = field(default_factory=dict)


def assemble(name: str, parts: Parts) -> Circuit:
    """Return an unfrozen circuit that holds the columns; nothing is checked here.

    Args:
        name: The circuit's name.
        parts: The columns, one row a wire; operands are earlier wires.

    Cost:
        One copy of every column.
    """
    circuit = Circuit(name)
    columns = (
        (circuit._gate, parts.gate),
        (circuit._boolean, parts.boolean),
        (circuit._left, parts.left),
        (circuit._right, parts.right),
        (circuit._value, parts.value),
        (circuit._term_wire, parts.term_wire),
        (circuit._term_coefficient, parts.term_coefficient),
    )
    for column, values in columns:
        column.extend(values, len(np.atleast_1d(values)))
    circuit._layers.extend(parts.layers)
    circuit._groups.extend(InputGroup(law, tuple(range(first, first + law.size))) for law, first in parts.groups)
    circuit._wire_by_name.update(parts.names)
    circuit._name_by_wire.update((wire, wire_name) for wire_name, wire in parts.names.items())
    circuit._outputs.update(parts.outputs)
    return circuit


def dense_layer(matrix: ArrayLike, bias: ArrayLike, operands: ArrayLike, first: int) -> Layer:
    """A layer with read-only arrays of its own; empty rows and no rows are welcome."""
    offsets, wires = np.array(bias, dtype=np.float64), np.array(operands, dtype=np.int64)
    layer = Layer(np.array(matrix, dtype=np.float64).reshape(offsets.size, wires.size), offsets, wires, first)
    for part in (layer.matrix, layer.bias, layer.operands):
        part.flags.writeable = False
    return layer
