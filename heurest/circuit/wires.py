"""Handles to wires: one (`Wire`) or an array of them (`Wires`), with operators that build gates."""

from __future__ import annotations

from collections.abc import Iterator
from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from heurest.circuit.gates import GATES
from heurest.errors import CircuitError, KindError

if TYPE_CHECKING:
    from heurest.circuit.circuit import Circuit


def is_number(value: object) -> bool:
    """Whether an operand is a number or an array of numbers rather than wires."""
    return isinstance(value, (Real, np.ndarray, np.number))


class Handle:
    """What one wire (`Wire`) and an array of wires (`Wires`) have in common: the circuit, the indices, the operators."""

    __slots__ = ("circuit", "index")
    __array_ufunc__ = None  # numpy arrays on the left hand over to our reflected operators

    circuit: Circuit
    index: Any

    def __add__(self, other: Any) -> Any:
        return self._sum(other, 1.0, 1.0)

    __radd__ = __add__

    def __sub__(self, other: Any) -> Any:
        return self._sum(other, 1.0, -1.0)

    def __rsub__(self, other: Any) -> Any:
        return self._sum(other, -1.0, 1.0)

    def __neg__(self) -> Any:
        return self.circuit.weighted_sum([self], (-1.0,))

    def __mul__(self, other: Any) -> Any:
        if is_number(other):
            return self.circuit.scaled(self, other, 0.0)
        return self.circuit.multiply(self, other) if isinstance(other, Handle) else NotImplemented

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Any:
        if not is_number(other):
            return NotImplemented
        divisor = self._numbers(other, "a divisor")
        if not divisor.all():
            raise CircuitError("a wire cannot be divided by 0")
        with np.errstate(over="ignore"):
            return self * (1.0 / divisor)

    def __bool__(self) -> bool:
        raise KindError(f"{self!r} has no truth value: combine wires with & | ~ instead of and, or, not")

    def __pow__(self, exponent: Any) -> Any:
        lowering = GATES["power"].lowering
        return lowering(self, exponent) if lowering else NotImplemented

    def __and__(self, other: Any) -> Any:
        return self.circuit.land(self, other) if isinstance(other, Handle) else self._no_numbers("&")

    def __or__(self, other: Any) -> Any:
        return self.circuit.apply("or", self, other) if isinstance(other, Handle) else self._no_numbers("|")

    def __xor__(self, other: Any) -> Any:
        return self.circuit.apply("xor", self, other) if isinstance(other, Handle) else self._no_numbers("^")

    def __invert__(self) -> Any:
        return self.circuit.apply("not", self)

    def _sum(self, other: Any, own: float, others: float) -> Any:
        if is_number(other):
            return self.circuit.scaled(self, own, others * self._numbers(other, "affine: a bias"))
        return self.circuit.weighted_sum([self, other], (own, others)) if isinstance(other, Handle) else NotImplemented

    @staticmethod
    def _numbers(other: Any, owner: str) -> NDArray[np.float64]:
        from heurest.circuit.validation import finite

        return finite(other, owner)

    def _no_numbers(self, symbol: str) -> Any:
        raise KindError(f"{symbol} takes boolean wires on both sides")


class Wire(Handle):
    """One wire of a circuit; operators on wires build gates and return the new wire.

    ``+ - *`` also take numbers, ``** n`` takes a non-negative integer, ``& | ^ ~`` take boolean wires.
    Wires are equal when they are the same wire of the same circuit.

    Examples:
        >>> import heurest as hr
        >>> c = hr.Circuit("demo")
        >>> x = c.input("x", hr.Normal())
        >>> (x + 2) * x
        <wire 2: multiply of 'demo'>
    """

    __slots__ = ()

    def __init__(self, circuit: Circuit, index: int) -> None:
        self.circuit = circuit
        self.index: int = index

    @property
    def boolean(self) -> bool:
        """Whether the wire takes only the values 0 and 1."""
        return bool(self.circuit.boolean[self.index])

    @property
    def name(self) -> str | None:
        """The wire's name, if it was given one."""
        return self.circuit.wire_name(self.index)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Wire) and other.circuit is self.circuit and other.index == self.index

    def __hash__(self) -> int:
        return hash((id(self.circuit), self.index))

    def __repr__(self) -> str:
        label = f" {self.name!r}" if self.name else ""
        return f"<wire {self.index}{label}: {self.circuit.gate_name(self.index)} of {self.circuit.name!r}>"


class Wires(Handle):
    """An array of wires of one circuit; operators work element by element and broadcast like numpy's.

    ``matrix @ wires`` is a dense affine layer. Slices are `Wires`, single elements are `Wire`.

    Examples:
        >>> import numpy as np, heurest as hr
        >>> c = hr.Circuit("net")
        >>> x = c.input("x", hr.Normal(), count=3)
        >>> hidden = (np.ones((2, 3)) @ x + 1.0) ** 2
        >>> hidden
        <2 wires of 'net'>
    """

    __slots__ = ()

    def __init__(self, circuit: Circuit, index: ArrayLike) -> None:
        self.circuit = circuit
        self.index: NDArray[np.int64] = np.asarray(index, dtype=np.int64)

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the array of wires."""
        return self.index.shape

    def __len__(self) -> int:
        return len(self.index)

    def __iter__(self) -> Iterator[Any]:
        return (self[i] for i in range(len(self.index)))

    def __getitem__(self, key: Any) -> Any:
        picked = self.index[key]
        return Wires(self.circuit, picked) if isinstance(picked, np.ndarray) else Wire(self.circuit, int(picked))

    def reshape(self, *shape: int) -> Wires:
        """The same wires in another shape."""
        return Wires(self.circuit, self.index.reshape(*shape))

    def sum(self) -> Wire:
        """The sum of all the wires, as one affine gate."""
        flat = self.reshape(-1)
        total: Wire = self.circuit.affine(np.ones(len(flat)), flat)
        return total

    def __rmatmul__(self, matrix: Any) -> Any:
        return self.circuit.affine(matrix, self)

    def __matmul__(self, matrix: Any) -> Any:
        return self.circuit.affine(np.transpose(matrix), self) if is_number(matrix) else NotImplemented

    def __repr__(self) -> str:
        return f"<{self.index.size} wires of {self.circuit.name!r}>"
