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
        weights: Their probabilities, shape ``(m,)``. For a 0/1 wire that is P(0) and P(1), kept apart.

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
        probabilities: Shape ``(m, n)``, non-negative; rows and columns sum to the laws of the wires on these points.
        coefficients: What is tracked: expectations of products of the wires' orthonormal polynomials of degree 1 and up. The
            probabilities say the same, but where they had to be made non-negative.
    """

    first: FloatArray
    second: FloatArray
    probabilities: FloatArray
    coefficients: FloatArray

    @property
    def covariance(self) -> float:
        """Covariance of the two wires, as tracked."""
        spread = [_deviation(self.first, self.probabilities.sum(1)), _deviation(self.second, self.probabilities.sum(0))]
        return float(self.coefficients[0, 0] * spread[0] * spread[1]) if self.coefficients.size else 0.0

    def __str__(self) -> str:
        lines = [" " * 12 + "".join(f"{point:>14.6g}" for point in self.second)]
        lines += [
            f"{point:12.6g}" + "".join(f"{number:14.6g}" for number in row)
            for point, row in zip(self.first, self.probabilities, strict=True)
        ]
        return "\n".join(lines)


def _deviation(points: FloatArray, weights: FloatArray) -> float:
    return float(np.sqrt(weights @ (points - weights @ points) ** 2))


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
        joint: The joint table of two values, or ``None`` if they were not kept.
        coherence: What coherence had to do.
    """

    start: NDArray[np.int64]
    points: FloatArray
    weights: FloatArray
    wire_value: NDArray[np.int32]
    wire_scale: FloatArray
    wire_shift: FloatArray
    joint: Callable[[int, int], JointTable] | None
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
        values = int(self.wire_value[first]), int(self.wire_value[second])
        if min(values) < 0:
            laws = self.law(first), self.law(second)
            return JointTable(laws[0].points, laws[1].points, np.outer(laws[0].weights, laws[1].weights), np.zeros((0, 0)))
        table = self.joint(*values)
        rows, row_signs = self._placed(first, table.first, len(table.coefficients))
        columns, column_signs = self._placed(second, table.second, table.coefficients.shape[1])
        row_order, column_order = np.argsort(rows), np.argsort(columns)
        return JointTable(
            rows[row_order],
            columns[column_order],
            table.probabilities[np.ix_(row_order, column_order)],
            row_signs[:, None] * table.coefficients * column_signs,
        )

    def _placed(self, wire: int, points: FloatArray, degrees: int) -> tuple[FloatArray, FloatArray]:
        """A wire's points from those of its value, and the signs of its polynomials: odd ones change with the scale's."""
        scale, shift = float(self.wire_scale[wire]), float(self.wire_shift[wire])
        return scale * points + shift, np.sign(scale) ** np.arange(1, degrees + 1)
