"""The heaviest value that fits into a knapsack of real weights, by branch and bound."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


class Packing(NamedTuple):
    """A choice of items.

    Attributes:
        value: Sum of their values.
        chosen: Which items, shape ``(items,)``.
        complete: Whether no other choice does better than the larger of this value and the floor of the search.
    """

    value: float
    chosen: NDArray[np.bool_]
    complete: bool


def best_packing(values: FloatArray, weights: FloatArray, capacity: float, floor: float = 0.0, max_nodes: int = 2**19) -> Packing:
    """Items of the largest total value whose total weight is at most a capacity.

    Items are taken in the order of value per weight; a branch ends where Dantzig's bound, which fills the rest of the knapsack
    with a fraction of one item, does not exceed what is known or asked for.

    Args:
        values: Value of every item; only positive ones are ever taken.
        weights: Their weights, at least 0.
        capacity: The most that all may weigh together.
        floor: Choices worth no more than this need not be found.
        max_nodes: Number of branches after which the search stops.

    Returns:
        The best choice found; at least as good as taking greedily.

    Cost:
        A few microseconds a branch; exponentially many branches in the worst case.

    Source:
        Horowitz and Sahni, "Computing partitions with applications to the knapsack problem", Journal of the ACM 21 (1974) 277-292.

    Examples:
        >>> found = best_packing(np.array([6.0, 5.0, 4.0]), np.array([4.0, 3.0, 2.0]), 5.0)
        >>> found.value, found.chosen, found.complete
        (9.0, array([False,  True,  True]), True)
    """
    free = (values > 0.0) & (weights == 0.0)
    items = np.flatnonzero((values > 0.0) & (weights > 0.0) & (weights <= capacity))
    items = items[np.argsort(-values[items] / weights[items], kind="stable")]
    value, weight = values[items].tolist(), weights[items].tolist()
    base, count = float(values[free].sum()), len(items)
    best, best_choice, complete = base, list[int](), True
    # Depth first by hand: a stack of (item, value so far, room left, chosen so far), the branch that takes the item on top.
    stack: list[tuple[int, float, float, tuple[int, ...]]] = [(0, base, capacity, ())]
    nodes = 0
    while stack:
        if nodes >= max_nodes:
            complete = False
            break
        nodes += 1
        item, total, room, chosen = stack.pop()
        while item < count and weight[item] > room:
            item += 1
        if total > best:
            best, best_choice = total, list(chosen)
        if item == count or _dantzig(value, weight, item, total, room) <= max(best, floor):
            continue
        stack.append((item + 1, total, room, chosen))
        stack.append((item + 1, total + value[item], room - weight[item], (*chosen, item)))
    result = free.copy()
    result[items[best_choice]] = True
    return Packing(best, result, complete)


def _dantzig(value: list[float], weight: list[float], first: int, total: float, room: float) -> float:
    """Total value if the last item may be cut."""
    for k in range(first, len(value)):
        if weight[k] > room:
            return total + value[k] * room / weight[k]
        total += value[k]
        room -= weight[k]
    return total
