"""The arrays under a circuit: how they are laid out, read and appended to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike, NDArray

from heurest.circuit.columns import Column
from heurest.circuit.gates import AFFINE, AND, GATE_NAMES, MULTIPLY, SQUARE
from heurest.circuit.laws import Law

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class InputGroup:
    """Inputs that share one law: ``law.size`` wires of a joint law, one wire of any other."""

    law: Law
    wires: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Layer:
    """A dense affine layer ``matrix @ operands + bias``; its rows are the wires from ``first`` on."""

    matrix: FloatArray
    bias: FloatArray
    operands: IntArray
    first: int


class Storage:
    """Struct-of-arrays storage of a circuit, one row a wire, as `Circuit` inherits it.

    Column ``gate`` holds primitive gate codes, ``boolean`` the kinds. ``left`` and ``right`` are the operands of a product
    (equal for a square); for an affine gate they are the range of its terms in ``term_wire`` and ``term_coefficient``, or,
    for a row of a dense layer, ``-1 - layer`` and the row; for an input, its group and its coordinate there. ``value`` is
    the bias of an affine gate and the number of a constant.
    """

    def __init__(self) -> None:
        self._gate, self._boolean = Column(np.uint8), Column(np.bool_)
        self._left, self._right, self._value = Column(np.int64), Column(np.int64), Column(np.float64)
        self._term_wire, self._term_coefficient = Column(np.int64), Column(np.float64)
        self._layers: list[Layer] = []
        self._groups: list[InputGroup] = []
        self._wire_by_name: dict[str, int] = {}
        self._name_by_wire: dict[int, str] = {}
        self._outputs: dict[str, int] = {}
        self._frozen = False

    @property
    def num_wires(self) -> int:
        """How many wires there are: inputs, constants and gates."""
        return self._gate.size

    def __len__(self) -> int:
        return self._gate.size

    @property
    def gate(self) -> NDArray[np.uint8]:
        """Primitive gate code of every wire."""
        return self._gate.view()

    @property
    def boolean(self) -> NDArray[np.bool_]:
        """Whether each wire is boolean."""
        return self._boolean.view()

    @property
    def left(self) -> IntArray:
        """First operand (or its stand-in, see the class) of every wire."""
        return self._left.view()

    @property
    def right(self) -> IntArray:
        """Second operand (or its stand-in, see the class) of every wire."""
        return self._right.view()

    @property
    def value(self) -> FloatArray:
        """Bias or constant of every wire."""
        return self._value.view()

    @property
    def term_wire(self) -> IntArray:
        """Operands of the affine gates, end to end."""
        return self._term_wire.view()

    @property
    def term_coefficient(self) -> FloatArray:
        """Coefficients of the affine gates, end to end."""
        return self._term_coefficient.view()

    @property
    def layers(self) -> tuple[Layer, ...]:
        """The dense affine layers."""
        return tuple(self._layers)

    @property
    def groups(self) -> tuple[InputGroup, ...]:
        """The laws of the inputs with the wires that each governs."""
        return tuple(self._groups)

    @property
    def names(self) -> Mapping[str, int]:
        """Index of every named wire."""
        return MappingProxyType(self._wire_by_name)

    @property
    def frozen(self) -> bool:
        """Whether the circuit can no longer be changed."""
        return self._frozen

    def wire_name(self, index: int) -> str | None:
        """The name of a wire, or ``None``."""
        return self._name_by_wire.get(index)

    def gate_name(self, index: int) -> str:
        """The name of the primitive gate that makes a wire."""
        return GATE_NAMES[int(self._gate.view()[index])]

    def terms(self, index: int) -> tuple[float, IntArray, FloatArray]:
        """Bias, operands and coefficients of an affine wire, a row of a dense layer included."""
        left, right = int(self.left[index]), int(self.right[index])
        if left < 0:
            layer = self._layers[-1 - left]
            return float(layer.bias[right]), layer.operands, layer.matrix[right]
        return float(self.value[index]), self.term_wire[left:right], self.term_coefficient[left:right]

    def operands(self, index: int) -> tuple[int, ...]:
        """Indices of the wires that a wire's gate reads; none for inputs and constants."""
        code = self.gate[index]
        if code == AFFINE:
            return tuple(int(w) for w in self.terms(index)[1])
        if code == SQUARE:
            return (int(self.left[index]),)
        return (int(self.left[index]), int(self.right[index])) if code in (MULTIPLY, AND) else ()

    def _copy_from(self, other: Storage) -> None:
        for column in ("_gate", "_boolean", "_left", "_right", "_value", "_term_wire", "_term_coefficient"):
            setattr(self, column, getattr(other, column).copy())
        self._layers, self._groups = list(other._layers), list(other._groups)
        self._wire_by_name, self._name_by_wire = dict(other._wire_by_name), dict(other._name_by_wire)
        self._outputs = dict(other._outputs)

    def _set_name(self, index: int, name: str) -> None:
        self._wire_by_name[name] = index
        self._name_by_wire[index] = name

    def _append(self, gate: ArrayLike, boolean: ArrayLike, left: ArrayLike, right: ArrayLike, value: ArrayLike, count: int) -> None:
        columns = (self._gate, self._boolean, self._left, self._right, self._value)
        for column, values in zip(columns, (gate, boolean, left, right, value), strict=True):
            column.extend(values, count)

    def _append_affine(self, wires: IntArray, coefficients: FloatArray, bias: ArrayLike, boolean: bool) -> int:
        first, start = self.num_wires, self._term_wire.size
        rows, width = wires.shape
        stops = start + width * np.arange(1, rows + 1)
        self._term_wire.extend(wires.reshape(-1), wires.size)
        self._term_coefficient.extend(coefficients.reshape(-1), wires.size)
        self._append(AFFINE, boolean, stops - width, stops, bias, rows)
        return first

    def _append_layer(self, matrix: FloatArray, bias: FloatArray, wires: IntArray) -> None:
        first, rows = self.num_wires, len(matrix)
        layer = Layer(matrix.copy(), bias.copy(), wires.copy(), first)
        layer.matrix.flags.writeable = layer.bias.flags.writeable = layer.operands.flags.writeable = False
        self._append(AFFINE, False, -1 - len(self._layers), np.arange(rows), bias, rows)
        self._layers.append(layer)
