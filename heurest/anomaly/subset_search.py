"""Which terms cost little in training when dropped, yet change the output at a point: three searches, by the Gram matrix."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from heurest.anomaly.knapsack import best_packing

FloatArray = NDArray[np.float64]

#: Relative error granted to the loss of a set, so that ties do not hang on rounding.
SLACK = 1e-9
_EPSILON = 2.0**-50  # relative error of an entry of the Gram matrix
_MOST_HIDDEN = 0.01  # share of the loss allowed that rounding may hide
_DIAGONAL = 1e-12  # correlations up to here are rounding
_PIVOT = 1e-12  # a term is a combination of others if less than this share of its mean square is left
_MOST_ENUMERATED = 24
_MOST_BOUNDED = 1000  # terms up to which branches are bounded; beyond, greedy steps alone


class Found(NamedTuple):
    """The best set that a search found.

    Attributes:
        change: Absolute value of the sum of its terms at the point; 0 for the empty set.
        dropped: Which terms, shape ``(terms,)``.
        complete: Whether no set within the loss changes more than the larger of this and the floor of the search.
    """

    change: float
    dropped: NDArray[np.bool_]
    complete: bool


class SubsetSearch:
    r"""Sets B of terms with a small loss in training, and the one that changes the output most at a point.

    The loss of a set is :math:`E_{train}[(\sum_B \varphi_t)^2] = 1_B^T G 1_B`. Three searches:

    - ``knapsack``, if G is diagonal up to rounding: branch and bound, once for each sign;
    - ``enumeration``, if all sets fit into the budget: those within the loss are found once, for all points;
    - ``frontier`` otherwise. With :math:`G = R^T R`, R triangular, and :math:`e = R 1_B`, the loss is :math:`|e|^2` and the change
      :math:`y^T e` with :math:`R^T y = \varphi`, so that fixing terms one by one from the last fixes coordinates of e, and what the rest
      can add is at most :math:`|y_{rest}| \sqrt{\text{loss left}}`. All partial sets that can still beat what is known are
      kept side by side; if they outgrow the budget the most promising stay and the answer is no longer complete.

    Args:
        gram: The Gram matrix of the terms, shape ``(terms, terms)``.
        allowed: The largest loss.
        budget: About how many sets may be looked at for a point.

    Attributes:
        engine: Which of the three it is.
        resolved: Whether rounding in the Gram matrix is small beside the loss that is allowed; elsewhere no answer is a proof.

    Cost:
        For a point: the knapsack's branches; or ``2**terms`` additions; or ``terms`` steps, each on at most ``budget / (8 terms)``
        partial sets.

    Examples:
        >>> search = SubsetSearch(np.array([[1.0, -0.9], [-0.9, 1.0]]), 0.25)  # either alone costs 1, both together 0.2
        >>> search.largest(np.array([2.0, 3.0]))
        Found(change=5.0, dropped=array([ True,  True]), complete=True)
    """

    def __init__(self, gram: FloatArray, allowed: float, budget: int = 2**22) -> None:
        self._gram, self._budget = gram, budget
        self._allowed = allowed * (1.0 + SLACK)
        self._diagonal = np.diag(gram).copy()
        count = len(gram)
        root = np.sqrt(self._diagonal)
        off = np.abs(gram - np.diag(self._diagonal))
        self._table: NDArray[np.int64] | None = None
        self._factor: tuple[FloatArray, NDArray[np.int64]] | None = None
        if (off <= _DIAGONAL * root * root[:, np.newaxis]).all():
            self.engine = "knapsack"
        elif count <= _MOST_ENUMERATED and 2**count <= budget:
            self.engine = "enumeration"
        else:
            self.engine = "frontier"
        hidden = count * _EPSILON * float(root.sum()) ** 2 if self.engine != "knapsack" else 0.0
        self.resolved = hidden <= _MOST_HIDDEN * allowed

    def loss(self, dropped: NDArray[np.bool_]) -> float:
        """Mean square of the sum of some terms in training."""
        return max(0.0, float(self._gram[np.ix_(dropped, dropped)].sum()))

    def explains_without(self, dropped: NDArray[np.bool_]) -> bool:
        """Whether the loss of a set is allowed."""
        return self.loss(dropped) <= self._allowed

    def largest(self, values: FloatArray, floor: float = 0.0, enough: float = np.inf) -> Found:
        """The allowed set whose terms change the output most.

        Args:
            values: Value of every term at the point, shape ``(terms,)``.
            floor: Changes up to this need not be found; a higher floor ends the search sooner.
            enough: A frontier is spared where greedy steps find more than this; the answer is not complete then.
        """
        if self.engine == "knapsack":
            found = [best_packing(sign * values, self._diagonal, self._allowed, floor, max(1, self._budget // 8)) for sign in (1.0, -1.0)]
            best = max(found, key=lambda packing: packing.value)
            return Found(best.value, best.chosen, all(packing.complete for packing in found))
        if self.engine == "enumeration":
            return self._enumerated(values)
        best_up = self._bounded(values, floor, enough)
        if best_up.change > enough:
            return best_up
        best_down = self._bounded(-values, max(floor, best_up.change), enough)
        best_found = max(best_up, best_down, key=lambda found: found.change)
        return Found(best_found.change, best_found.dropped, best_up.complete and best_down.complete)

    def _enumerated(self, values: FloatArray) -> Found:
        if self._table is None:
            self._table = np.flatnonzero(_all_losses(self._gram) <= self._allowed)
        sums = _all_sums(values)[self._table]
        best = int(np.abs(sums).argmax())  # the empty set is always allowed
        dropped = (self._table[best] >> np.arange(len(values))) & 1 == 1
        return Found(abs(float(values[dropped].sum())), dropped, True)

    def _bounded(self, values: FloatArray, floor: float, enough: float) -> Found:
        """The allowed set with the largest sum, by its sign."""
        dropped = _improved(self._gram, values, self._allowed)
        best = float(values[dropped].sum())
        if best > enough or len(values) > _MOST_BOUNDED:
            return Found(best, dropped, False)
        if self._factor is None:
            self._factor = _triangular(self._gram)
        width = max(16, self._budget // (8 * len(values)))
        chosen, complete = _frontier(*self._factor, values, self._allowed, max(floor, best), width)
        for row in chosen:
            if self.explains_without(row):
                total = float(values[row].sum())
                if total > best:
                    best, dropped = total, row
        return Found(best, dropped, complete)


def _all_sums(values: FloatArray) -> FloatArray:
    """Sum over every subset; bit i of the index says whether item i is in."""
    sums = np.zeros(1)
    for value in values:
        sums = np.concatenate([sums, sums + value])
    return sums


def _all_losses(gram: FloatArray) -> FloatArray:
    """Loss of every subset, with the same indices."""
    losses = np.zeros(1)
    for item in range(len(gram)):
        losses = np.concatenate([losses, losses + gram[item, item] + 2.0 * _all_sums(gram[item, :item])])
    return losses


def _improved(gram: FloatArray, values: FloatArray, allowed: float) -> NDArray[np.bool_]:
    """A set by greedy additions, then exchanges of one term for another as long as they help."""
    chosen = np.zeros(len(values), np.bool_)
    pull = np.zeros(len(values))  # gram @ chosen
    diagonal, loss = np.diag(gram), 0.0
    for _ in range(4 * len(values)):
        cost = diagonal + 2.0 * pull
        fits = ~chosen & (values > 0.0) & (loss + cost <= allowed)
        if fits.any():
            worth = np.where(fits, values / np.maximum(cost, 1e-300 + 1e-12 * diagonal), -np.inf)
            flips = [int(worth.argmax())]
        else:
            inside, outside = np.flatnonzero(chosen), np.flatnonzero(~chosen)
            if not len(inside) or not len(outside):
                break
            change = diagonal[outside] + 2.0 * pull[outside] + (diagonal - 2.0 * pull)[inside, np.newaxis]
            change -= 2.0 * gram[np.ix_(inside, outside)]
            gain = np.where(loss + change <= allowed, values[outside] - values[inside, np.newaxis], -np.inf)
            if not gain.max() > 1e-12 * np.abs(values).max():
                break
            i, j = np.unravel_index(int(gain.argmax()), gain.shape)
            flips = [int(inside[i]), int(outside[j])]
        for item in flips:
            chosen[item] = ~chosen[item]
            pull += gram[item] if chosen[item] else -gram[item]
        loss = float(pull[chosen].sum())
    return chosen


def _triangular(gram: FloatArray) -> tuple[FloatArray, NDArray[np.int64]]:
    """R with ``gram = R.T @ R``, and the order of the columns in which it is upper triangular: row i is 0 at ``order[:i]``.

    Small pivots come first, so that the terms decided first, the last ones, have much to say of their own.
    """
    left = gram.copy()
    factor, order = np.zeros_like(gram), np.zeros(len(gram), np.int64)
    remaining = np.ones(len(gram), np.bool_)
    for i in range(len(gram)):
        item = int(np.where(remaining, np.diag(left), np.inf).argmin())
        order[i], pivot = item, float(left[item, item])
        if pivot > _PIVOT * gram[item, item]:
            factor[i] = np.where(remaining, left[item], 0.0) / np.sqrt(pivot)
            left -= np.outer(factor[i], factor[i])
        remaining[item] = False
    return factor, order


def _frontier(
    factor: FloatArray, order: NDArray[np.int64], values: FloatArray, allowed: float, floor: float, width: int
) -> tuple[NDArray[np.bool_], bool]:
    """Sets that may beat the floor, and whether all of them are among these."""
    count = len(values)
    y, free = np.zeros(count), np.zeros(count)
    for i, item in enumerate(order):
        rest = float(values[item] - factor[:i, item] @ y[:i])
        y[i], free[i] = (rest / factor[i, item], 0.0) if factor[i, item] > 0.0 else (0.0, rest)
    length = np.sqrt(np.concatenate([[0.0], np.cumsum(y**2)]))  # |y| of the first i coordinates
    free_gain = np.concatenate([[0.0], np.cumsum(np.maximum(free, 0.0))])
    box_gain = np.concatenate([[0.0], np.cumsum(np.maximum(values[order], 0.0))])
    floor += SLACK * abs(floor)
    sets, loss, gain, total, complete = np.zeros((1, count)), np.zeros(1), np.zeros(1), np.zeros(1), True
    for i in range(count - 1, -1, -1):
        item = order[i]
        tail = sets @ factor[i]
        coordinate = np.concatenate([tail, tail + factor[i, item]])
        taken = np.repeat([0.0, 1.0], len(tail))
        new_loss = np.tile(loss, 2) + coordinate**2
        new_gain = np.tile(gain, 2) + y[i] * coordinate + free[i] * taken
        new_total = np.tile(total, 2) + values[item] * taken
        room = np.sqrt(np.maximum(0.0, allowed - new_loss))
        bound = np.minimum(new_gain + room * length[i] + free_gain[i], new_total + box_gain[i])
        kept = np.flatnonzero((new_loss <= allowed * (1.0 + SLACK)) & (bound > floor))
        if len(kept) > width:
            complete = False
            kept = np.sort(kept[np.argpartition(-bound[kept], width)[:width]])
        sets = sets[kept % len(tail)]
        sets[:, item] = taken[kept]
        loss, gain, total = new_loss[kept], new_gain[kept], new_total[kept]
    return sets > 0.0, complete
