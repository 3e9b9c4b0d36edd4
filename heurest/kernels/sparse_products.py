"""The sparse sum of products that an argument is turned into: one pass forward, one pass backward."""

import numpy as np
from numba import njit


@njit(cache=True)
def propagate_terms(constant, start, coefficient, left, right, reciprocal, first, last, value):
    """Set ``value[t] = constant[t] + sum of coefficient * value[left] * value[right]`` for the terms from ``first`` to ``last``.

    The products of term t are those from ``start[t]`` to ``start[t + 1]``; they read earlier terms only. A term marked
    ``reciprocal`` is one over that sum, and 0 where the sum is 0 (a case of probability 0 has no weight).
    """
    for t in range(first, last):
        total = constant[t]
        for p in range(start[t], start[t + 1]):
            total += coefficient[p] * value[left[p]] * value[right[p]]
        if reciprocal[t]:
            total = 1.0 / total if total != 0.0 else 0.0
        value[t] = total


@njit(cache=True)
def propagate_adjoints(start, coefficient, left, right, reciprocal, first, last, value, adjoint):
    """Add to ``adjoint`` of every operand what the terms from ``last`` down to ``first`` hand back to it."""
    for t in range(last - 1, first - 1, -1):
        seed = adjoint[t]
        if seed == 0.0:
            continue
        if reciprocal[t]:
            seed = -seed * value[t] * value[t]
        for p in range(start[t], start[t + 1]):
            weight = seed * coefficient[p]
            adjoint[left[p]] += weight * value[right[p]]
            adjoint[right[p]] += weight * value[left[p]]


@njit(cache=True)
def order_terms(start, stop, left, right):
    """Terms in an order in which every one stands after those that its products read; depth first from term 0 on."""
    n = start.size
    order = np.empty(n, np.int32)
    following = np.empty(n, np.int64)  # the next operand to look at: twice the product, plus one for its right operand
    seen = np.zeros(n, np.bool_)
    stack = np.empty(n, np.int32)
    count = 0
    for root in range(n):
        if seen[root]:
            continue
        seen[root] = True
        stack[0] = root
        following[root] = 2 * start[root]
        depth = 1
        while depth > 0:
            t = stack[depth - 1]
            at = following[t]
            if at < 2 * stop[t]:
                following[t] = at + 1
                operand = right[at >> 1] if at & 1 else left[at >> 1]
                if not seen[operand]:
                    seen[operand] = True
                    following[operand] = 2 * start[operand]
                    stack[depth] = operand
                    depth += 1
            else:
                depth -= 1
                order[count] = t
                count += 1
    return order


@njit(cache=True)
def gather_products(order, start, stop, coefficient, left, right):
    """The products of the terms in the given order, end to end, with operands renumbered by it."""
    n = order.size
    place = np.empty(n, np.int32)
    total = 0
    for i in range(n):
        place[order[i]] = i
        total += stop[order[i]] - start[order[i]]
    begins = np.empty(n + 1, np.int64)
    numbers = np.empty(total)
    lefts = np.empty(total, np.int32)
    rights = np.empty(total, np.int32)
    at = 0
    for i in range(n):
        begins[i] = at
        for p in range(start[order[i]], stop[order[i]]):
            numbers[at] = coefficient[p]
            lefts[at] = place[left[p]]
            rights[at] = place[right[p]]
            at += 1
    begins[n] = at
    return place, begins, numbers, lefts, rights
