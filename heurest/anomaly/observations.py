"""What a detector is trained on: points of a circuit's inputs with weights, from data or from the inputs' law itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heurest.circuit.circuit import Circuit
from heurest.circuit.validation import check_circuit
from heurest.errors import ArgumentError, IntractableError
from heurest.truth.wire_values import WireValues, checked_points

FloatArray = NDArray[np.float64]
MAX_LAW_POINTS = 2**20


@dataclass(frozen=True, eq=False)
class Observations:
    """Distinct points of the inputs with their weights; `observations` makes them.

    Attributes:
        points: Values of the circuit's inputs in order, one point a row, shape ``(n, inputs)``; read-only.
        weights: How often each point was seen, or its probability, shape ``(n,)``; positive, with sum 1.
        count: Number of rows of data; 0 if the points come from the inputs' law.
    """

    points: FloatArray
    weights: FloatArray
    count: int

    def __post_init__(self) -> None:
        for array in (self.points, self.weights):
            array.flags.writeable = False

    @property
    def source(self) -> str:
        """Where the points come from, in words."""
        return f"{self.count:,} points of data" if self.count else f"the inputs' law, all {len(self.weights):,} points"

    def mean(self, values: NDArray[Any]) -> float:
        """Weighted mean of a value a point."""
        return float(self.weights @ values)

    def variance(self, values: NDArray[Any]) -> float:
        """Weighted variance of a value a point; exactly 0 where all values are the same."""
        centred = np.asarray(values, np.float64) - values[0]  # a constant must not leave rounding behind
        return max(0.0, float(self.weights @ (centred - self.weights @ centred) ** 2))


def observations(circuit: Circuit, train: Any = None) -> Observations:
    """Training points, each once, with weights.

    Args:
        circuit: Any circuit; it is frozen by this.
        train: A row of numbers for every point, one for each input of the circuit in order; 0 and 1 for boolean ones.
            ``None`` takes every point of the inputs' law with its probability, if the law is finite.

    Returns:
        The points, sorted.

    Raises:
        ArgumentError: The shape does not fit, there is no row, a number is not one that the input can have; or no data
            are given and the law is not finite or has more than 2**20 points.
        CircuitError: The circuit is something else.

    Cost:
        Sorting the rows.

    Examples:
        >>> import heurest as hr
        >>> c = hr.Circuit("and")
        >>> x = c.input("x", hr.Bernoulli(0.25), count=2)
        >>> c.output("y", x[0] & x[1])
        >>> observations(c, [[1, 1], [1, 0], [1, 1], [1, 1]]).weights
        array([0.25, 0.75])
        >>> observations(c).weights
        array([0.5625, 0.1875, 0.1875, 0.0625])
    """
    check_circuit(circuit)
    if not circuit.inputs:
        raise ArgumentError(f"circuit {circuit.name!r} has no inputs, so there is nothing to train on")
    if train is None:
        points, weights = _from_law(circuit)
        count = 0
    else:
        points = checked_points(circuit, train)
        count = len(points)
        if not count:
            raise ArgumentError(f"training data of {circuit.name!r} are empty: at least one point is needed")
        weights = np.ones(count)
    distinct, place = np.unique(points + 0.0, axis=0, return_inverse=True)  # -0.0 becomes 0.0
    total = np.bincount(place.reshape(-1), weights, len(distinct))
    seen = total > 0.0
    return Observations(np.ascontiguousarray(distinct[seen]), total[seen] / total.sum(), count)


def _from_law(circuit: Circuit) -> tuple[FloatArray, FloatArray]:
    try:
        law = WireValues(circuit, [wire.index for wire in circuit.inputs], max_points=MAX_LAW_POINTS)
        batches = [(values.T, weights.copy()) for values, weights in law.enumerated()]  # the weights are overwritten by the next batch
    except IntractableError as error:
        raise ArgumentError(f"the inputs' law of {circuit.name!r} cannot be enumerated ({error}): give training data") from None
    return np.concatenate([values for values, _ in batches]), np.concatenate([weights for _, weights in batches])
