"""The circuit: a DAG of wires, and the calls that build it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from heurest.circuit import validation
from heurest.circuit.bulk import checked_block
from heurest.circuit.gates import AFFINE, AND, CONSTANT, INPUT, MULTIPLY, SQUARE
from heurest.circuit.law_checks import shown
from heurest.circuit.laws import Law
from heurest.circuit.storage import InputGroup, IntArray, Storage
from heurest.circuit.wires import Handle, Wire, Wires
from heurest.errors import CircuitError


class Circuit(Storage):
    """A circuit under construction or, once frozen, an immutable one.

    Wires are numbered in the order in which they are made; a gate reads earlier wires only. Handing a
    circuit to an estimator freezes it; ``copy()`` gives one that can be changed again.

    Gates are stored as arrays, described in `Storage`.

    Args:
        name: What the circuit is called in tables and messages.

    Examples:
        >>> import heurest as hr
        >>> c = hr.Circuit("demo")
        >>> x = c.input("x", hr.Normal(0, 1)); y = c.input("y", hr.Uniform(-1, 1))
        >>> c.output("z", (x + 2 * y) * x)
        >>> c
        <Circuit 'demo': 2 inputs, 3 gates, 1 output>
    """

    def __init__(self, name: str = "circuit") -> None:
        self.name = validation.checked_name(name, "a circuit")
        super().__init__()

    # -- reading ---------------------------------------------------------------------------------------

    @property
    def inputs(self) -> tuple[Wire, ...]:
        """The input wires, in order."""
        return tuple(Wire(self, int(i)) for i in np.flatnonzero(self.gate == INPUT))

    @property
    def outputs(self) -> Mapping[str, Wire]:
        """The output wires by output name, in the order in which they were declared."""
        return MappingProxyType({name: Wire(self, index) for name, index in self._outputs.items()})

    def wire(self, key: str | int) -> Wire:
        """The wire of that name or index.

        Raises:
            CircuitError: There is none.
        """
        if isinstance(key, str):
            if key not in self._wire_by_name:
                raise CircuitError(f"circuit {self.name!r} has no wire named {key!r}")
            return Wire(self, self._wire_by_name[key])
        if isinstance(key, bool) or not isinstance(key, (int, np.integer)):
            raise CircuitError(f"circuit {self.name!r}: a wire is found by its name or its index, not by {shown(key)}")
        if not 0 <= key < self.num_wires:
            raise CircuitError(f"circuit {self.name!r} has wires 0 to {self.num_wires - 1}, not {key}")
        return Wire(self, int(key))

    def __repr__(self) -> str:
        inputs = sum(len(group.wires) for group in self._groups)
        gates = self.num_wires - inputs - int((self.gate == CONSTANT).sum())
        counts = ((inputs, "input"), (gates, "gate"), (len(self._outputs), "output"))
        return f"<Circuit {self.name!r}: " + ", ".join(f"{n} {word}{'' if n == 1 else 's'}" for n, word in counts) + ">"

    # -- changing --------------------------------------------------------------------------------------

    def freeze(self) -> Circuit:
        """Forbid further changes; returns the circuit itself."""
        self._frozen = True
        return self

    def copy(self, name: str | None = None) -> Circuit:
        """An independent, unfrozen copy."""
        other = Circuit(self.name if name is None else name)
        other._copy_from(self)
        return other

    def input(self, name: str | Sequence[str], law: Law, count: int | None = None, kind: str | None = None) -> Any:
        """Add inputs drawn from a law.

        Args:
            name: The input's name; for several inputs either a list of names or a stem, which gives ``stem[0]``,
                ``stem[1]`` and so on.
            law: Their law. A joint law makes as many inputs as it has coordinates.
            count: Make this many independent inputs with the same one-input law.
            kind: ``"boolean"`` or ``"real"``; by default boolean exactly when the law's support is within {0, 1}.

        Returns:
            A `Wire`, or `Wires` when a count, a list of names or a joint law asks for several.

        Raises:
            CircuitError: A name is taken, a count does not fit the law, the circuit is frozen.
        """
        self._changeable()
        names, several = validation.input_names(name, law, count)
        validation.check_new_names(names, self._wire_by_name)
        boolean = validation.input_kinds(law, kind, names[0] if names else "")
        first = self.num_wires
        copies = len(names) // law.size
        group = np.repeat(np.arange(len(self._groups), len(self._groups) + copies), law.size)
        self._append(INPUT, np.tile(boolean, copies), group, np.tile(np.arange(law.size), copies), 0.0, len(names))
        for start in range(first, first + len(names), law.size):
            self._groups.append(InputGroup(law, tuple(range(start, start + law.size))))
        for position, wire_name in enumerate(names):
            self._set_name(first + position, wire_name)
        return Wires(self, np.arange(first, first + len(names))) if several else Wire(self, first)

    def constant(self, value: float) -> Wire:
        """Add a wire that always holds a number; 0 and 1 are boolean.

        Raises:
            CircuitError: The number is not finite.
        """
        self._changeable()
        given = validation.finite(value, "a constant")
        if given.ndim:
            raise CircuitError(f"a constant must be one number, got an array of shape {given.shape}")
        number = float(given)
        self._append(CONSTANT, number in (0.0, 1.0), 0, 0, number, 1)
        return Wire(self, self.num_wires - 1)

    def constant_like(self, operand: Handle, value: float) -> Any:
        """A constant for every wire of an operand, in the operand's shape."""
        constant = self.constant(value)
        return constant if isinstance(operand, Wire) else Wires(self, np.full(operand.index.shape, constant.index))

    def multiply(self, a: Handle, b: Handle) -> Any:
        """Add products; boolean where both operands are.

        Raises:
            CircuitError: Operands of another circuit, shapes that do not match, or a frozen circuit.
        """
        index = self._broadcast([a, b])
        kinds = self.boolean
        return self._products(MULTIPLY, index, kinds[index[0]] & kinds[index[1]])

    def square(self, a: Handle) -> Any:
        """Add squares; boolean where the operand is."""
        index = self._broadcast([a, a])
        return self._products(SQUARE, index, self.boolean[index[0]])

    def land(self, a: Handle, b: Handle) -> Any:
        """Add logical ands of boolean wires.

        Raises:
            KindError: An operand is a real wire.
        """
        index = self._broadcast([a, b])
        validation.check_boolean(self, index, "and")
        return self._products(AND, index, np.ones(index[0].shape, dtype=bool))

    def mux(self, select: Handle, a: Handle, b: Handle) -> Any:
        """Add multiplexers: ``a`` where ``select`` is 1, ``b`` elsewhere."""
        return self.apply("mux", select, a, b)

    def apply(self, gate: str, *operands: Any) -> Any:
        """Add a gate by its name in the gate table, such as ``circuit.apply("nand", a, b)``.

        Raises:
            CircuitError: The gate is unknown, has another fan-in, or is an input, a constant or an affine gate,
                which have calls of their own.
            KindError: A boolean gate is given a real wire.
        """
        row = validation.gate_row(gate, len(operands))
        for operand in operands[:1] if gate == "power" else operands:
            validation.check_owner(self, operand)
        if row.operands == "boolean":
            validation.check_boolean(self, self._broadcast(list(operands)), gate)
        if row.lowering is not None:
            return row.lowering(*operands)
        call: Any = {"multiply": self.multiply, "square": self.square, "and": self.land}[gate]
        return call(*operands)

    def affine(self, coefficients: ArrayLike, operands: Wires | Sequence[Wire], bias: ArrayLike = 0.0, boolean: bool = False) -> Any:
        """Add affine gates: ``bias + sum of coefficient * operand``.

        Args:
            coefficients: Shape ``(f,)`` for one gate, ``(m, f)`` for m gates.
            operands: ``f`` wires. With a matrix of coefficients they are shared by all rows, and the gates make one
                dense layer; operands of shape ``(m, f)`` instead give every row its own.
            bias: One number, or one for each gate.
            boolean: Declare the result boolean; it is checked that it can only be 0 or 1.

        Returns:
            A `Wire` for one gate, `Wires` of shape ``(m,)`` otherwise.

        Raises:
            CircuitError: Shapes do not match, a number is not finite, or a result declared boolean is not.
        """
        self._changeable()
        wires = validation.operand_indices(self, operands)
        matrix = validation.finite(coefficients, "affine: a coefficient")
        offsets = validation.finite(bias, "affine: a bias")
        if matrix.ndim not in (1, 2) or wires.shape not in (matrix.shape, matrix.shape[-1:]):
            raise CircuitError(f"affine: coefficients of shape {matrix.shape} do not match operands of shape {wires.shape}")
        rows = 1 if matrix.ndim == 1 else matrix.shape[0]
        if offsets.shape not in ((), (rows,)):
            raise CircuitError(f"affine: biases of shape {offsets.shape} do not match {rows} gates")
        first = self.num_wires
        if matrix.ndim == 2 and wires.ndim == 1 and not boolean:
            self._append_layer(matrix, np.broadcast_to(offsets, rows), wires)
        elif boolean:
            starts = matrix.shape[-1] * np.arange(rows)
            terms = np.broadcast_to(wires, matrix.shape).reshape(-1), matrix.reshape(-1)
            self.extend(np.full(rows, AFFINE), starts, starts + matrix.shape[-1], offsets, *terms, boolean=True)
        else:
            table = (rows, matrix.shape[-1])
            self._append_affine(np.broadcast_to(wires, table), matrix.reshape(table), offsets, False)
        return Wire(self, first) if matrix.ndim == 1 else Wires(self, np.arange(first, first + rows))

    def weighted_sum(self, operands: Sequence[Handle], coefficients: Sequence[float], bias: float = 0.0) -> Any:
        """Add, element by element, the affine gates ``bias + c_0 * operands[0] + c_1 * operands[1] + ...``."""
        return self._elementwise_sum(operands, coefficients, bias, False)

    def boolean_sum(self, operands: Sequence[Handle], coefficients: Sequence[float], bias: float = 0.0) -> Any:
        """As `weighted_sum`, for the gate table's lowerings, whose sums are 0 or 1 by construction."""
        for operand in operands:
            validation.check_boolean(self, [np.asarray(operand.index)], "not")
        return self._elementwise_sum(operands, coefficients, bias, True)

    def scaled(self, operand: Handle, scale: ArrayLike, shift: ArrayLike) -> Any:
        """Add, element by element, the affine gates ``scale * operand + shift`` (numbers broadcast)."""
        (index,) = self._broadcast([operand])
        numbers = validation.finite(scale, "affine: a coefficient"), validation.finite(shift, "affine: a bias")
        try:
            index, factor, offset = np.broadcast_arrays(index, *numbers)
        except ValueError:
            shapes = " and ".join(str(part.shape) for part in (index, *numbers))
            raise CircuitError(f"wires and numbers of shapes {shapes} cannot be matched element by element") from None
        first = self._append_affine(index.reshape(-1, 1), factor.reshape(-1, 1), offset.reshape(-1), False)
        return self._handle(first, index.shape)

    def extend(
        self, gate: ArrayLike, left: ArrayLike, right: ArrayLike, value: ArrayLike = 0.0,
        term_wire: ArrayLike = (), term_coefficient: ArrayLike = (), boolean: ArrayLike = False,
    ) -> Wires:  # fmt: skip
        """Add a block of constants and gates of mixed kinds, given as the arrays of `Storage`; a gate may read earlier ones of the block.

        This is the call for readers and generators: all other calls add gates of one kind, and Python has to come in
        between. The whole block is checked before any of it is stored.

        Args:
            gate: Codes from `heurest.circuit.gates`: ``CONSTANT``, ``AFFINE``, ``MULTIPLY``, ``SQUARE`` or ``AND``; shape ``(n,)``.
            left: First operand of a product as the index of a wire, shape ``(n,)``. The k-th gate becomes wire ``len(circuit) + k``.
                For an affine gate the start of its range in ``term_wire``; for a constant it does not matter.
            right: Second operand of a product, equal to the first for a square; the end of an affine gate's range. Ranges
                follow each other without gaps.
            value: Biases of affine gates and numbers of constants, shape ``(n,)`` or one for all.
            term_wire: Operands of the affine gates end to end, as indices of wires.
            term_coefficient: Their coefficients, in the same shape.
            boolean: Which affine gates are declared boolean; it is checked that they can only be 0 or 1. The kinds of
                other gates follow from their operands.

        Returns:
            The new wires.

        Raises:
            CircuitError: A code is unknown, an operand is not an earlier wire, a number is not finite, shapes or ranges do
                not match, a result declared boolean is not, or the circuit is frozen.
            KindError: A boolean gate is given a real wire.

        Cost:
            About 50 ns a gate, checks included.

        Examples:
            >>> import heurest as hr
            >>> from heurest.circuit.gates import AFFINE, MULTIPLY
            >>> c = hr.Circuit("block")
            >>> x = c.input("x", hr.Normal(1, 1))
            >>> c.extend([MULTIPLY, AFFINE], [0, 0], [0, 2], [0.0, 5.0], [0, 1], [2.0, 3.0])  # x * x, then 5 + 2 x + 3 x**2
            <2 wires of 'block'>
            >>> c.terms(2)
            (5.0, array([0, 1]), array([2., 3.]))
        """
        self._changeable()
        block = checked_block(self, gate, left, right, value, term_wire, term_coefficient, boolean)
        first, count = self.num_wires, block.gate.size
        shift = np.where(block.gate == AFFINE, self._term_wire.size, 0)
        self._term_wire.extend(block.term_wire, block.term_wire.size)
        self._term_coefficient.extend(block.term_coefficient, block.term_wire.size)
        self._append(block.gate, block.boolean, block.left + shift, block.right + shift, block.value, count)
        return Wires(self, np.arange(first, first + count))

    def output(self, name: str, wire: Handle) -> None:
        """Declare an output; an array of wires makes the outputs ``name[0]``, ``name[1]`` and so on.

        Raises:
            CircuitError: The name is taken, the wire belongs to another circuit, or the circuit is frozen.
        """
        self._changeable()
        validation.check_owner(self, wire)
        validation.checked_name(name, "an output")
        flat = np.asarray(wire.index).reshape(-1)
        names = [name] if isinstance(wire, Wire) else [f"{name}[{i}]" for i in range(len(flat))]
        validation.check_new_names(names, self._outputs, "an output")
        self._outputs.update(zip(names, flat.tolist(), strict=True))

    def set_name(self, wire: Wire, name: str) -> Wire:
        """Give a wire a name, by which ``circuit.wire(name)`` finds it; returns the wire.

        Raises:
            CircuitError: The name is taken or the wire has one already.
        """
        self._changeable()
        validation.check_owner(self, wire)
        if not isinstance(wire, Wire):
            raise CircuitError(f"circuit {self.name!r}: a name goes to one wire, got {wire!r}")
        validation.checked_name(name, "a wire")
        validation.check_new_names([name], self._wire_by_name)
        if wire.index in self._name_by_wire:
            raise CircuitError(f"wire {wire.index} is already named {self._name_by_wire[wire.index]!r}")
        self._set_name(wire.index, name)
        return wire

    # -- storage ---------------------------------------------------------------------------------------

    def _changeable(self) -> None:
        if self._frozen:
            raise CircuitError(f"circuit {self.name!r} is frozen: use copy() to get one that can be changed")

    def _broadcast(self, operands: Sequence[Any]) -> list[IntArray]:
        self._changeable()
        for operand in operands:
            validation.check_owner(self, operand)
        try:
            return list(np.broadcast_arrays(*(np.asarray(operand.index, dtype=np.int64) for operand in operands)))
        except ValueError:
            shapes = " and ".join(str(np.shape(operand.index)) for operand in operands)
            raise CircuitError(f"operands of shapes {shapes} cannot be matched element by element") from None

    def _handle(self, first: int, shape: tuple[int, ...]) -> Any:
        count = self.num_wires - first
        return Wires(self, np.arange(first, first + count).reshape(shape)) if shape else Wire(self, first)

    def _products(self, gate: int, index: list[IntArray], boolean: NDArray[np.bool_]) -> Any:
        first, shape = self.num_wires, index[0].shape
        self._append(gate, np.ravel(boolean), index[0].reshape(-1), index[1].reshape(-1), 0.0, index[0].size)
        return self._handle(first, shape)

    def _elementwise_sum(self, operands: Sequence[Handle], coefficients: Sequence[float], bias: float, boolean: bool) -> Any:
        index = self._broadcast(operands)
        rows = np.stack([part.reshape(-1) for part in index], axis=1)
        first = self._append_affine(rows, np.broadcast_to(np.asarray(coefficients, dtype=float), rows.shape), bias, boolean)
        return self._handle(first, index[0].shape)
