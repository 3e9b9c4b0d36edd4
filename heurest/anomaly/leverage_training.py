"""What a detector by leverage learns from a stream of points: moments, and a few points that are held out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from heurest.anomaly.decomposition import Decomposition, WireStatistics, training_values, wires_of_sum
from heurest.anomaly.held_out import held_out
from heurest.anomaly.leverage import Leverage
from heurest.anomaly.product_moments import ProductMoments
from heurest.anomaly.sums import read_wires
from heurest.circuit.circuit import Circuit
from heurest.program.memory import require_memory

FloatArray = NDArray[np.float64]

_BLOCK = 2048  # points that are summed together
_BLOCK_NUMBERS = 2**21


@dataclass(frozen=True, eq=False)
class Training:
    """What was learned; it does not grow with the number of points.

    Attributes:
        moments: Sums over the points of all full blocks.
        waiting: Points of the block that is not full yet, shape ``(points, inputs)``.
        held_out: Points that are held out.
        points: How many points were given.
    """

    moments: ProductMoments
    waiting: FloatArray
    held_out: FloatArray
    points: int


@dataclass(frozen=True, eq=False)
class Fitted:
    """What follows from training, until there is more of it.

    Attributes:
        decomposition: The terms, about the means of training.
        leverage: Leverage over these.
        held_out: Scores of the points that are held out, sorted.
    """

    decomposition: Decomposition
    leverage: Leverage
    held_out: FloatArray

    def values(self, points: FloatArray) -> FloatArray:
        """Values of the terms, shape ``(points, terms)``.

        Raises:
            ArgumentError: One is too large to be judged.
        """
        return self.decomposition.values(points)


class Trainer:
    """Takes in points for the decomposition of one wire, in blocks that do not depend on how the points come.

    Args:
        circuit: The circuit.
        output: Index of the wire.
        semantics: As for `Decomposition`.

    Attributes:
        untrained: What was learned from no points.

    Raises:
        ArgumentError: The semantics is unknown.
        IntractableError: The memory does not suffice.
    """

    def __init__(self, circuit: Circuit, output: int, semantics: str) -> None:
        self._circuit, self._output, self._semantics = circuit, output, semantics
        self._evaluator = wires_of_sum(circuit, output, semantics)
        row = {wire: k for k, wire in enumerate(self._evaluator.wires)}
        pairs = sorted(read_wires(circuit, output)[1]) if semantics == "centred" else []
        places = np.array([(row[a], row[b]) for a, b in pairs], np.int64).reshape(-1, 2).T
        size = 1 + len(row) + len(pairs)
        self._block = max(64, min(_BLOCK, _BLOCK_NUMBERS // size))
        room = 8 * (6 * size**2 + self._block * (size + len(row) + len(circuit.inputs)))
        require_memory(f"circuit {circuit.name!r}: leverage of {size:,} wires and products", room, None)
        self._place: dict[tuple[int, ...], int] = {(wire,): 1 + k for wire, k in row.items()}
        self._place |= {pair: 1 + len(row) + k for k, pair in enumerate(pairs)}
        none = np.empty((0, len(circuit.inputs)))
        self.untrained = Training(ProductMoments.none(len(row), places), none, none, 0)

    def trained(self, training: Training, points: FloatArray, hold_out: bool) -> Training:
        """What is learned with further points, given as rows; some are held out, or none.

        Raises:
            ArgumentError: The value of a wire is too large at some point.
        """
        chosen = np.zeros(len(points), np.bool_)
        if hold_out:
            chosen = held_out(training.points, len(training.held_out), len(points))
        counted = np.concatenate([training.waiting, points if not chosen.any() else points[~chosen]])
        moments, full = training.moments, len(counted) // self._block * self._block
        for start in range(0, full, self._block):
            moments = moments.with_points(training_values(self._evaluator, counted[start : start + self._block]))
        held = points[chosen]
        for rest in (points[~chosen][-(len(counted) - full) :] if len(counted) > full else held[:0], held):
            training_values(self._evaluator, rest)  # a point that cannot be used is named now, not when its block is full
        return Training(moments, counted[full:].copy(), np.concatenate([training.held_out, held]), training.points + len(points))

    def fitted(self, training: Training) -> Fitted:
        """What follows from training on at least one point."""
        moments = training.moments
        if len(training.waiting):
            moments = moments.with_points(training_values(self._evaluator, training.waiting))
        statistics = WireStatistics(moments.means, moments.variances)
        decomposition = Decomposition(self._circuit, self._output, statistics, self._semantics)
        chosen = [self._place[term.wires] for term in decomposition.terms]
        centres = moments.means if self._semantics == "centred" else np.zeros_like(moments.means)
        coefficients = np.array([term.coefficient for term in decomposition.terms])
        gram = moments.about(centres)[np.ix_(chosen, chosen)] / moments.count * np.outer(coefficients, coefficients)
        leverage = Leverage.from_gram(gram, moments.count, decomposition.floor)
        return Fitted(decomposition, leverage, np.sort(leverage.score(decomposition.values(training.held_out))))

    def fits(self, moments: ProductMoments) -> bool:
        """Whether moments have the shapes of this trainer's."""
        own = self.untrained.moments
        return moments.means.shape == own.means.shape and moments.sums.shape == own.sums.shape
