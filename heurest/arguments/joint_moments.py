"""Joint cumulants of many multisets of rows from one pass over points, with standard errors by the jackknife."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, product
from math import comb, prod

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Multiset = tuple[int, ...]

# All pairs by one matrix product cost about as much as this share of them one by one.
_DENSE_SHARE = 1 / 20


class JointMoments:
    r"""Sums of products of rows over weighted points, in groups of points, and the joint cumulants that follow from them.

    With the moments m of the rows about an origin, the joint cumulant of the first row and a multiset S is

    .. math::
        \kappa(x, S) = m(x S) - \sum_{T \subsetneq S} \kappa(x, T) \, m(S \setminus T),

    which does not depend on the origin for two rows or more. An origin near the means keeps its digits.

    Args:
        multisets: The joint cumulants that will be asked for: sorted tuples of row numbers, repeats allowed.
        groups: Groups of points that are summed apart, for standard errors; 1 for none.

    Attributes:
        rows: The rows that occur, sorted.
        origin: What is subtracted from each of them; to be set before the first points are added.
        weight: Total weight of the points of each group.
    """

    def __init__(self, multisets: Iterable[Multiset], groups: int = 1) -> None:
        wanted = set(multisets)
        self.rows: IntArray = np.array(sorted(set(chain.from_iterable(wanted))), np.int64)
        self.origin: FloatArray = np.zeros(len(self.rows))
        self.weight: FloatArray = np.zeros(groups)
        place = {row: i for i, row in enumerate(self.rows.tolist())}
        closed: set[Multiset] = {(row, row) for row in place}  # for the standard deviations
        for multiset in wanted:
            closed.update(part for part, _, _ in _splits(multiset) if len(part) > 1)
            if len(multiset) > 1:
                closed.add(multiset)
        pairs = sorted(multiset for multiset in closed if len(multiset) == 2)
        longer = sorted(multiset for multiset in closed if len(multiset) > 2)
        self._dense = len(self.rows) ** 2 * _DENSE_SHARE <= len(pairs)
        ends = np.array([[place[row] for row in pair] for pair in pairs], np.int64).reshape(-1, 2)
        self._first, self._second = ends[:, 0], ends[:, 1]
        self._index = {multiset: i for i, multiset in enumerate([*((row,) for row in place), *pairs, *longer])}
        self._one_by_one = [
            (self._index[multiset], tuple(place[row] for row in multiset))
            for multiset in (longer if self._dense else sorted([*pairs, *longer]))
        ]
        self._sums: FloatArray = np.zeros((len(self._index), groups))
        self._moments: FloatArray | None = None
        self._known: dict[Multiset, FloatArray] = {}

    @property
    def bytes(self) -> int:
        """Memory that the sums and the cumulants of all groups take."""
        return 4 * self._sums.nbytes + 8 * len(self.rows) ** 2 * self._dense

    def add(self, values: FloatArray, weights: FloatArray, group: IntArray, chosen: IntArray | None = None) -> None:
        """Add points.

        Args:
            values: All rows, shape ``(rows, points)``.
            weights: Weight of every point.
            group: Group of every point, in ascending order.
            chosen: The points to add; by default all.
        """
        if chosen is not None:
            weights, group = weights[chosen], group[chosen]
        if not len(weights):
            return
        starts = np.flatnonzero(np.diff(group, prepend=group[0] - 1))
        present = group[starts]
        with np.errstate(all="ignore"):  # overflow shows in the cumulants
            x = (values[self.rows] if chosen is None else values[np.ix_(self.rows, chosen)]) - self.origin[:, np.newaxis]
            weighted = x * weights
            self.weight[present] += np.add.reduceat(weights, starts)
            if len(x):
                self._sums[: len(x), present] += np.add.reduceat(weighted, starts, axis=1)
            if self._dense:
                pairs = slice(len(x), len(x) + len(self._first))
                for number, start, stop in zip(present.tolist(), starts.tolist(), [*starts[1:].tolist(), len(weights)], strict=True):
                    self._sums[pairs, number] += (weighted[:, start:stop] @ x[:, start:stop].T)[self._first, self._second]
            done: Multiset = ()
            products = [weights]
            for index, places in self._one_by_one:  # sorted, so that products of the first rows are used again
                shared = next((i for i, (a, b) in enumerate(zip(done, places, strict=False)) if a != b), min(len(done), len(places)))
                del products[shared + 1 :]
                for i in places[shared:]:
                    products.append(products[-1] * x[i])
                done = places
                self._sums[index, present] += np.add.reduceat(products[-1], starts)

    def cumulant(self, multiset: Multiset) -> float:
        """The joint cumulant of a multiset of rows, the plug-in one: of samples it is biased by about one part in their number."""
        value = float(self._about_origin(multiset)[0])
        return value + float(self.origin[np.searchsorted(self.rows, multiset[0])]) if len(multiset) == 1 else value

    def stderr(self, multiset: Multiset) -> float:
        """Standard error of a joint cumulant: each group of points left out in turn."""
        without = self._about_origin(multiset)[1:]
        groups = len(without)
        with np.errstate(all="ignore"):
            return float(np.sqrt((groups - 1) / groups * ((without - without.mean()) ** 2).sum()))

    def mean(self, row: int) -> float:
        """The mean of a row."""
        return self.cumulant((row,))

    def std(self, row: int) -> float:
        """The standard deviation of a row."""
        variance = float(self._about_origin((row, row))[0])
        return float(np.sqrt(max(variance, 0.0))) if variance == variance else variance

    def _about_origin(self, multiset: Multiset) -> FloatArray:
        """The cumulant of the rows less their origin: over all points, then with each group left out."""
        if self._moments is None:
            total, weight = self._sums.sum(axis=1, keepdims=True), self.weight.sum()
            several = self._sums.shape[1] > 1
            with np.errstate(all="ignore"):
                less = (total - self._sums) / (weight - self.weight) if several else self._sums[:, :0]
                self._moments = np.concatenate([total / weight, less], axis=1)
        if multiset not in self._known:
            first, rest = multiset[0], multiset[1:]
            with np.errstate(all="ignore"):
                value = self._moments[self._index[multiset]].copy()
                for part, remainder, copies in _splits(rest):
                    value -= copies * self._about_origin((first, *part)) * self._moments[self._index[remainder]]
            self._known[multiset] = value
        return self._known[multiset]


def _splits(multiset: Multiset) -> Iterator[tuple[Multiset, Multiset, int]]:
    """All parts of a sorted multiset but itself, what remains, and in how many ways; copies are told apart."""
    members = sorted(set(multiset))
    counts = [multiset.count(member) for member in members]
    for taken in product(*(range(count + 1) for count in counts)):
        if list(taken) == counts:
            continue
        part = tuple(member for member, number in zip(members, taken, strict=True) for _ in range(number))
        rest = tuple(member for member, number, count in zip(members, taken, counts, strict=True) for _ in range(count - number))
        yield part, rest, prod(comb(count, number) for number, count in zip(taken, counts, strict=True))
