"""Values of chosen wires at points: all points of finite laws, samples, or points that are given."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heurest import opcodes
from heurest.circuit.circuit import Circuit
from heurest.errors import ArgumentError, IntractableError
from heurest.program import lower
from heurest.program.memory import require_memory
from heurest.truth.engine import Engine, batch_size
from heurest.truth.options import Progress
from heurest.truth.product_rules import finite_rules, visited
from heurest.truth.samplers import generator
from heurest.truth.task import Task

FloatArray = NDArray[np.float64]


class WireValues:
    """A circuit lowered for some of its wires, to evaluate these at many points in bounded memory.

    Args:
        circuit: Any circuit; it is frozen by this.
        wires: Indices of the wires; each counts once.
        max_points: The most points that `enumerated` visits.
        max_memory: Bytes that may be used; by default what is free.
        progress: Called as ``progress(done, total, what)``.

    Attributes:
        wires: The indices, sorted: row r of all values is wire ``wires[r]``.

    Raises:
        CircuitError: There is no such wire, or none at all.
        IntractableError: The memory does not suffice.

    Examples:
        >>> import heurest as hr
        >>> c = hr.Circuit("and")
        >>> x = c.input("x", hr.Bernoulli(0.5), count=2)
        >>> y = x[0] & x[1]
        >>> WireValues(c, [y.index]).at([[1, 1], [1, 0]])
        array([[1., 0.]])
    """

    def __init__(
        self,
        circuit: Circuit,
        wires: Iterable[int],
        max_points: int = 2**20,
        max_memory: int | None = None,
        progress: Progress | None = None,
    ) -> None:
        self.wires = tuple(sorted(set(wires)))
        program = lower(circuit, [circuit.wire(wire) for wire in self.wires])
        self._task = Task(circuit, program, max_points, 0, max_memory, None, progress)
        outputs = self._task.outputs
        self._batch = batch_size(program.num_slots + outputs.rows)
        room = Engine.bytes(program, outputs.rows, self._batch) + 8 * self._batch * (self._task.inputs.rows + len(self.wires))
        require_memory(f"circuit {circuit.name!r}: values of {len(self.wires):,} wires", room, max_memory)

    @property
    def circuit(self) -> Circuit:
        """The circuit."""
        return self._task.circuit

    @property
    def live_inputs(self) -> tuple[int, ...]:
        """Positions among the circuit's inputs of those that the wires read."""
        code = self._task.program.instructions
        return tuple(sorted(set(code.left[code.op == opcodes.LOAD].tolist())))

    @property
    def num_points(self) -> int | None:
        """How many points `enumerated` would visit; ``None`` where a law is not finite, or they are too many."""
        try:
            return finite_rules(self._task)[1]
        except IntractableError:
            return None

    def enumerated(self) -> Iterator[tuple[FloatArray, FloatArray]]:
        """Values at every point of the inputs' laws, shape ``(wires, points)``, and the points' probabilities, batch by batch.

        Raises:
            IntractableError: A law is not finite, or there are too many points.
        """
        for observed, weights in visited(self._task, finite_rules(self._task)[0]):
            yield self._values(observed, len(weights)), weights

    def sampled(self, entropy: int, count: int) -> Iterator[FloatArray]:
        """Values at independent samples, shape ``(wires, samples)``, batch by batch; they depend on the seed alone."""
        engine = self._engine()
        for number, start in enumerate(range(0, count, self._batch)):
            size = min(self._batch, count - start)
            engine.run(self._task.inputs.draw(generator(entropy, number), size), 0, size)
            yield self._values(engine.observed, size)
            self._task.tick(start + size, count, "samples")

    def at(self, inputs: Any) -> FloatArray:
        """Values at given points, shape ``(wires, points)``.

        Args:
            inputs: A row of numbers for every point, one for each input of the circuit in order; 0 and 1 for boolean ones.

        Raises:
            ArgumentError: The shape does not fit, or a number is not one that the input can have.
        """
        points = checked_points(self._task.circuit, inputs)
        engine, load_row = self._engine(), self._task.inputs.load_row
        result = np.empty((len(self.wires), len(points)))
        loaded = np.flatnonzero(load_row >= 0)
        for start in range(0, len(points), self._batch):
            chosen = points[start : start + self._batch]
            matrix = np.empty((len(loaded), len(chosen)))
            matrix[load_row[loaded]] = chosen[:, loaded].T
            engine.run(matrix, 0, len(chosen))
            result[:, start : start + len(chosen)] = self._values(engine.observed, len(chosen))
        return result

    def _engine(self) -> Engine:
        return Engine(self._task.program, self._task.inputs.load_row, self._task.outputs.watch, self._batch)

    def _values(self, observed: FloatArray, count: int) -> FloatArray:
        outputs = self._task.outputs
        values = np.empty((len(self.wires), count))
        live = outputs.row >= 0
        with np.errstate(over="ignore", invalid="ignore"):
            values[live] = outputs.scale[live, np.newaxis] * observed[outputs.row[live], :count]
            values[~live] = 0.0
            values += outputs.shift[:, np.newaxis]
        return values


#: What arrays that hold no real numbers hold, by the letter of their kind.
NO_NUMBERS = {"c": "complex numbers", "M": "dates", "m": "durations", "U": "text", "S": "bytes", "V": "records", "O": "objects"}


def real_numbers(values: Any, what: str) -> FloatArray:
    """Numbers as float64, whatever their shape; those beyond its range become infinite.

    Raises:
        ArgumentError: Something is no real number, or rows differ in length.
    """
    try:
        given = np.asarray(values)
        kind = given.dtype.kind
        if kind == "O" and all(isinstance(part, (Real, np.bool_)) for part in given.flat):
            return np.array([_nearest(part) for part in given.flat]).reshape(given.shape)
        found = NO_NUMBERS.get(kind)
        if found is None:
            with np.errstate(over="ignore", invalid="ignore"):
                return np.asarray(given, np.float64)
    except (TypeError, ValueError):
        found = "something else"
    raise ArgumentError(f"{what} must be given as rows of numbers, got {found}")


def _nearest(number: Any) -> float:
    try:
        return float(number)
    except OverflowError:
        return float("inf") if number > 0 else float("-inf")


def checked_points(circuit: Circuit, inputs: Any, place: Callable[[int], str] = "point {}".format) -> FloatArray:
    """Points of a circuit's inputs as a matrix with a row for each.

    Args:
        circuit: The circuit.
        inputs: A row of numbers for every point, one for each input of the circuit in order; 0 and 1 for boolean ones.
        place: What messages call a row, from its number.

    Raises:
        ArgumentError: The shape does not fit, or a number is not one that the input can have.
    """
    wires = circuit.inputs
    points = real_numbers(inputs, "points")
    if points.ndim != 2 or points.shape[1] != len(wires):
        wanted = f"(points, {len(wires)}), one number for each input of {circuit.name!r}"
        raise ArgumentError(f"points must have shape {wanted}, got {points.shape}")
    boolean = np.array([wire.boolean for wire in wires], np.bool_)
    for bad, what in ((~np.isfinite(points), "finite"), (boolean & (points != 0.0) & (points != 1.0), "0 or 1")):
        if bad.any():
            row, column = np.argwhere(bad)[0].tolist()
            name = wires[column].name or f"#{wires[column].index}"
            raise ArgumentError(f"{place(row)}: input {name} must be {what}, got {points[row, column]:g}")
    return points


def checked_point(circuit: Circuit, x: Any) -> FloatArray:
    """One point of a circuit's inputs as a matrix with one row.

    Raises:
        ArgumentError: It is no row of as many numbers as there are inputs, or a number is not one that the input can have.
    """
    row = real_numbers(x, "an input")
    if row.shape != (len(circuit.inputs),):
        raise ArgumentError(f"one input of {circuit.name!r} is a row of {len(circuit.inputs)} numbers, got shape {row.shape}")
    return checked_points(circuit, row[np.newaxis], lambda _: "the input")
