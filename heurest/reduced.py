"""What reductant propagation knows of wires: reduced laws, joint tables of pairs, and how often coherence had to act."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from heurest.errors import ArgumentError

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ReducedLaw:
    """A few points with weights that stand for a wire's law.

    Attributes:
        points: Values in increasing order, shape ``(m,)``.
        weights: Their probabilities, shape ``(m,)``. For a 0/1 wire that is P(0) and P(1), each to full relative precision.

    Examples:
        >>> import numpy as np
        >>> ReducedLaw(np.array([0.0, 1.0]), np.array([0.25, 0.75])).mean
        0.75
    """

    points: FloatArray
    weights: FloatArray

    @property
    def mean(self) -> float:
        """Expected value."""
        return float(self.weights @ self.points)

    def __str__(self) -> str:
        return "\n".join(f"{point:12.6g}  {weight:.10g}" for point, weight in zip(self.points, self.weights, strict=True))


@dataclass(frozen=True, eq=False)
class JointTable:
    """The joint law of two wires on the points of their reduced laws.

    Attributes:
        first: Points of the first wire, shape ``(m,)``.
        second: Points of the second wire, shape ``(n,)``.
        probabilities: Shape ``(m, n)``; rows and columns sum to the weights of the reduced laws.
    """

    first: FloatArray
    second: FloatArray
    probabilities: FloatArray

    @property
    def covariance(self) -> float:
        """Covariance of the two wires."""
        row, column = self.probabilities.sum(1), self.probabilities.sum(0)
        return float((self.first - row @ self.first) @ self.probabilities @ (self.second - column @ self.second))

    def __str__(self) -> str:
        lines = [" " * 12 + "".join(f"{point:>14.6g}" for point in self.second)]
        lines += [
            f"{point:12.6g}" + "".join(f"{number:14.6g}" for number in row)
            for point, row in zip(self.first, self.probabilities, strict=True)
        ]
        return "\n".join(lines)


@dataclass(frozen=True)
class Coherence:
    """How often completed tables had to be moved to be laws. Much of it is a sign of trouble.

    Attributes:
        tables: How many tables were completed.
        moved: How many of them were no laws and were moved.
        mean: Mean size of a move, in probability for 0/1 wires, in correlation else.
        most: Largest move.
        contradicted: How often the tables of a gate's operands and of another's contradicted each other.
    """

    tables: int
    moved: int
    mean: float
    most: float
    contradicted: int

    def __str__(self) -> str:
        if not self.moved:
            return f"coherence: none of {self.tables:,} completed tables had to be moved"
        return (
            f"coherence: {self.moved:,} of {self.tables:,} completed tables were moved to be laws, "
            f"by {self.mean:.2g} on average and {self.most:.2g} at most"
        )


@dataclass(frozen=True, eq=False)
class Reduced:
    """Reduced laws of all values of a program, and joint tables where they were kept.

    Attributes:
        start: The points of value v are ``points[start[v] : start[v + 1]]``, shape ``(values + 1,)``.
        points: Points of all values, one after another.
        weights: Their weights.
        wire_value: As in `heurest.program.Program`: wire i is ``wire_scale[i] * value[wire_value[i]] + wire_shift[i]``.
        wire_scale: See ``wire_value``.
        wire_shift: See ``wire_value``.
        joint: The joint probabilities of two different values, or ``None`` if they were not kept.
        coherence: What coherence had to do.
    """

    start: NDArray[np.int64]
    points: FloatArray
    weights: FloatArray
    wire_value: NDArray[np.int32]
    wire_scale: FloatArray
    wire_shift: FloatArray
    joint: Callable[[int, int], FloatArray] | None
    coherence: Coherence

    def law(self, wire: int) -> ReducedLaw:
        """The reduced law of a wire, by index."""
        value, scale, shift = int(self.wire_value[wire]), float(self.wire_scale[wire]), float(self.wire_shift[wire])
        if value < 0:
            if np.isnan(shift):
                raise ArgumentError(f"wire {wire} feeds no output, so nothing is known of it; estimate with keep_dead=True")
            return ReducedLaw(np.array([shift]), np.array([1.0]))
        part = slice(int(self.start[value]), int(self.start[value + 1]))
        points, weights = scale * self.points[part] + shift, self.weights[part].copy()
        return ReducedLaw(points[::-1], weights[::-1]) if scale < 0.0 else ReducedLaw(points, weights)

    def table(self, first: int, second: int) -> JointTable:
        """The joint table of two wires, by index."""
        if self.joint is None:
            raise ArgumentError("joint tables were not kept; estimate with the estimator hr.Reductant(..., keep_tables=True)")
        laws = self.law(first), self.law(second)
        values = int(self.wire_value[first]), int(self.wire_value[second])
        if min(values) < 0:
            joint = np.outer(laws[0].weights, laws[1].weights)
        else:
            part = slice(int(self.start[values[0]]), int(self.start[values[0] + 1]))
            joint = np.diag(self.weights[part]) if values[0] == values[1] else self.joint(*values)
            joint = joint[:: -1 if self.wire_scale[first] < 0.0 else 1, :: -1 if self.wire_scale[second] < 0.0 else 1]
        return JointTable(laws[0].points, laws[1].points, np.ascontiguousarray(joint))
