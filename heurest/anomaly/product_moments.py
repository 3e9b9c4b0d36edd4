"""Sums of products of up to four centred wires over a stream of points, about means that are known only at its end."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class ProductMoments:
    r"""Second moments of the *monomials* 1, :math:`d_u` and :math:`d_u d_w` of wires' distances :math:`d` from their means so far.

    Each block of points moves the means, and the sums with them: in :math:`d_u' = d_u - \delta_u` the monomials are linear in
    the old ones, so that the sums become :math:`T M T^T`. The means are never far from where they end, so that little cancels: for
    wires whose means are a thousand times their deviations the result is as good as after a second pass.

    Attributes:
        pairs: Rows of the wires that are multiplied, shape ``(2, products)``.
        means: Means of the wires, shape ``(wires,)``.
        sums: Sums over the points, of products of two monomials: 1, the wires, the products; shape ``(monomials, monomials)``.
    """

    pairs: IntArray
    means: FloatArray
    sums: FloatArray

    @staticmethod
    def none(wires: int, pairs: IntArray) -> ProductMoments:
        """Those of no points."""
        size = 1 + wires + pairs.shape[1]
        return ProductMoments(pairs, np.zeros(wires), np.zeros((size, size)))

    @property
    def count(self) -> int:
        """Number of points."""
        return int(self.sums[0, 0])

    @property
    def variances(self) -> FloatArray:
        """Variances of the wires; exactly 0 where a wire never changed."""
        result: FloatArray = np.maximum(np.diag(self.sums)[1 : 1 + len(self.means)], 0.0) / self.count
        return result

    def with_points(self, values: FloatArray) -> ProductMoments:
        """Those with further points, given as values of the wires, shape ``(wires, points)``; the object itself stays as it is.

        Cost:
            ``monomials**2`` multiplications a point, and a few times as many for the block.
        """
        points = values.shape[1]
        base = self.means if self.count else values[:, 0]  # a wire that never changes is its own mean, to the last bit
        means = base + (values - base[:, np.newaxis]).sum(axis=1) / (self.count + points)
        monomials = np.empty((len(self.sums), points))
        monomials[0] = 1.0
        away = np.subtract(values, means[:, np.newaxis], out=monomials[1 : 1 + len(means)])
        np.multiply(away[self.pairs[0]], away[self.pairs[1]], out=monomials[1 + len(means) :])
        added = monomials @ monomials.T  # one matrix twice: the product is exactly symmetric
        return ProductMoments(self.pairs, means, self.about(means) + added if self.count else added)

    def about(self, centres: FloatArray) -> FloatArray:
        """The sums with distances from other centres."""
        moved = centres - self.means
        if not moved.any():
            return self.sums
        half = self._rows_moved(self._rows_moved(self.sums, moved).T, moved)
        return (half + half.T) / 2.0

    def _rows_moved(self, sums: FloatArray, moved: FloatArray) -> FloatArray:
        wires = len(moved)
        (first, second), shift = self.pairs, moved[:, np.newaxis]
        result = sums.copy()
        result[1 : 1 + wires] -= shift * sums[0]
        result[1 + wires :] -= shift[second] * sums[1 + first] + shift[first] * sums[1 + second] - shift[first] * shift[second] * sums[0]
        return result
