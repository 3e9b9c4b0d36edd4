"""Cumulant propagation of orders 3 and 4 over live slots.

Tensors of order 3 and 4 are packed (see `heurest.kernels.packed`). A gate reads the *planes* of
its operands (all entries that contain one slot), combines them, and writes the plane of its result.
"""

from math import comb
from typing import NamedTuple

import numpy as np
from numba import njit

from heurest.kernels.packed import (
    add_pairs_with,
    add_triples_with,
    pair,
    pairs_below,
    put_pairs_with,
    put_triples_with,
    quadruple,
    triple,
    triples_below,
)
from heurest.opcodes import AFFINE, LEFT_BOOLEAN, LOAD, MULTIPLY, RESULT_BOOLEAN, RIGHT_BOOLEAN

BINOMIAL = np.array([[comb(n, k) for k in range(8)] for n in range(8)], np.float64)


@njit(cache=True)
def looked_up(x, i, y, j, d, e, mask, state):
    """Tracked joint cumulant of i copies of x, j of y, and d, e as the mask says (at most four in all)."""
    slots = np.zeros(4, np.int64)
    size = 0
    for _ in range(i):
        slots[size] = x
        size += 1
    for _ in range(j):
        slots[size] = y
        size += 1
    if mask & 1:
        slots[size] = d
        size += 1
    if mask & 2:
        slots[size] = e
        size += 1
    if size == 1:
        return state.mean[slots[0]]
    if size == 2:
        return state.covariance[slots[0], slots[1]]
    if size == 3:
        return state.triples[triple(slots[0], slots[1], slots[2])]
    return state.quadruples[quadruple(slots[0], slots[1], slots[2], slots[3])]


@njit(cache=True)
def splits(first, second, copies, i, j, mask, grown):
    r"""Sum over T of k(first, T) k(second, S\T): S holds ``copies`` products, i of u, j of w, the mask; 0 names u and 1 names w."""
    total = 0.0
    for q in range(copies + 1):
        for s in range(i + 1):
            for t in range(j + 1):
                for m in range(mask + 1):
                    if m & mask == m:
                        factor = BINOMIAL[copies, q] * BINOMIAL[i, s] * BINOMIAL[j, t]
                        one = grown[q, s + 1, t, m] if first == 0 else grown[q, s, t + 1, m]
                        two = (
                            grown[copies - q, i - s + 1, j - t, mask ^ m] if second == 0 else grown[copies - q, i - s, j - t + 1, mask ^ m]
                        )
                        total += factor * one * two
    return total


class State(NamedTuple):
    """Cumulants of the live slots: ``mean`` (n,), ``covariance`` (n, n), packed ``triples`` and ``quadruples`` (empty at order 3)."""

    mean: np.ndarray
    covariance: np.ndarray
    triples: np.ndarray
    quadruples: np.ndarray
    boolean: np.ndarray


class Planes(NamedTuple):
    """All entries that contain one wire: with one, two (packed) and three (packed, order 4 only) other slots."""

    one: np.ndarray
    two: np.ndarray
    three: np.ndarray


class Copies(NamedTuple):
    """Entries with several copies of a new wire c: ``own`` holds its cumulants by order."""

    own: np.ndarray
    cc1: np.ndarray
    cc2: np.ndarray
    ccc1: np.ndarray


class Product(NamedTuple):
    """One product: its operands are ``a * slot x`` and ``b * slot y`` plus constants, with means ``u`` and ``w``."""

    x: int
    y: int
    a: float
    b: float
    u: float
    w: float
    x_boolean: bool
    y_boolean: bool


@njit(cache=True)
def expanded(order, copies, extra_x, extra_y, d, e, product, state, grown):
    r"""Joint cumulant of copies of the product u w, extra x and y, and d and e (-1: absent), all copies expanded before the cut.

    One copy: k(uw, S) = k(u, w, S) + sum over T of k(u, T) k(w, S\T). A boolean operand repeats as
    k(x, x, S) = k(x, S) - sum over T of k(x, T) k(x, S\T), before the cut. ``grown[p, i, j, mask]`` is the cumulant
    of p copies of the product, i of u, j of w and the others in the mask.
    """
    x, y, a, b = product.x, product.y, product.a, product.b
    if product.x_boolean:
        extra_x += (1 if d == x else 0) + (1 if e == x else 0)
        d, e = -1 if d == x else d, -1 if e == x else e
    if product.y_boolean:
        extra_y += (1 if d == y else 0) + (1 if e == y else 0)
        d, e = -1 if d == y else d, -1 if e == y else e
    if d < 0:
        d, e = e, -1
    mask = (1 if d >= 0 else 0) | (2 if e >= 0 else 0)
    most_i, most_j = extra_x + copies, extra_y + copies
    for i in range(most_i + 1):
        for j in range(most_j + 1):
            for m in range(mask + 1):
                size = i + j + (m & 1) + (m >> 1)
                if m & mask != m or size == 0:
                    continue
                if product.x_boolean and i >= 2:
                    grown[0, i, j, m] = grown[0, i - 1, j, m] - splits(0, 0, 0, i - 2, j, m, grown)
                elif product.y_boolean and j >= 2:
                    grown[0, i, j, m] = grown[0, i, j - 1, m] - splits(1, 1, 0, i, j - 2, m, grown)
                elif size > order:
                    grown[0, i, j, m] = 0.0
                else:
                    grown[0, i, j, m] = looked_up(x, i, y, j, d, e, m, state)
    for i in range(most_i + 1):
        for j in range(most_j + 1):
            for m in range(mask + 1):
                grown[0, i, j, m] *= a**i * b**j
    grown[0, 1, 0, 0], grown[0, 0, 1, 0] = product.u, product.w
    for p in range(1, copies + 1):
        for i in range(most_i - p + 1):
            for j in range(most_j - p + 1):
                for m in range(mask + 1):
                    if m & mask == m:
                        grown[p, i, j, m] = grown[p - 1, i + 1, j + 1, m] + splits(0, 1, p - 1, i, j, m, grown)
    return grown[copies, extra_x, extra_y, mask] / (a**extra_x * b**extra_y)


@njit(cache=True)
def add_planes(order, state, slot, factor, planes):
    """Add ``factor`` times the planes of a slot."""
    n = state.mean.size
    for d in range(n):
        planes.one[d] += factor * state.covariance[slot, d]
    add_pairs_with(state.triples, slot, factor, planes.two, n)
    if order == 4:
        add_triples_with(state.quadruples, slot, factor, planes.three, n)


@njit(cache=True)
def copies_of_sum(order, slots, factors, c, copies, n):
    """Entries with several copies of c = sum of factor * slot: one more sum for each further copy."""
    for t in range(slots.size):
        slot, factor = slots[t], factors[t]
        copies.own[2] += factor * c.one[slot]
        for d in range(n):
            copies.cc1[d] += factor * c.two[pair(slot, d)]
        if order == 4:
            add_pairs_with(c.three, slot, factor, copies.cc2, n)
    for t in range(slots.size):
        slot, factor = slots[t], factors[t]
        copies.own[3] += factor * copies.cc1[slot]
        if order == 4:
            for d in range(n):
                copies.ccc1[d] += factor * copies.cc2[pair(slot, d)]
    if order == 4:
        for t in range(slots.size):
            copies.own[4] += factors[t] * copies.ccc1[slots[t]]


@njit(cache=True)
def copies_of_boolean(order, c, copies, n):
    """Entries with several copies of a boolean c, whose square is itself."""
    own = copies.own
    slope = 1.0 - 2.0 * own[1]
    own[2] = own[1] - own[1] * own[1]
    own[3] = slope * own[2]
    own[4] = slope * own[3] - 2.0 * own[2] * own[2]
    for d in range(n):
        copies.cc1[d] = slope * c.one[d]
    if order == 4:
        for d in range(n):
            copies.ccc1[d] = slope * copies.cc1[d] - 2.0 * own[2] * c.one[d]
            for e in range(d + 1):
                at = pairs_below(d) + e
                copies.cc2[at] = slope * c.two[at] - 2.0 * c.one[d] * c.one[e]


@njit(cache=True)
def planes_of_product(order, product, x, y, c, n):
    r"""Planes of c = u w: k(c, S) = u k(w, S) + w k(u, S) + k(u, w, S) + sum over proper T of k(u, T) k(w, S\T)."""
    p, q, ab = product.w * product.a, product.u * product.b, product.a * product.b
    for d in range(n):
        c.one[d] = p * x.one[d] + q * y.one[d] + ab * x.two[pair(product.y, d)]
    for j in range(n):
        row = pairs_below(j)
        xj, yj = ab * x.one[j], ab * y.one[j]
        for k in range(j + 1):
            c.two[row + k] = p * x.two[row + k] + q * y.two[row + k] + xj * y.one[k] + yj * x.one[k]
    if order == 4:
        add_pairs_with(x.three, product.y, ab, c.two, n)
        at = 0
        for j in range(n):
            row_j = pairs_below(j)
            xj, yj = ab * x.one[j], ab * y.one[j]
            for k in range(j + 1):
                row_k = pairs_below(k)
                xk, yk = ab * x.one[k], ab * y.one[k]
                xjk, yjk = ab * x.two[row_j + k], ab * y.two[row_j + k]
                for m in range(k + 1):
                    cross = xj * y.two[row_k + m] + xk * y.two[row_j + m] + x.one[m] * yjk
                    cross += yj * x.two[row_k + m] + yk * x.two[row_j + m] + y.one[m] * xjk
                    c.three[at + m] = p * x.three[at + m] + q * y.three[at + m] + cross
                at += k + 1


@njit(cache=True)
def repair_booleans(order, product, state, c, grown):
    """Redo entries of ``order + 1`` wires before expansion that repeat a boolean wire, and so are not cut."""
    n = state.mean.size
    for s in (product.x, product.y):
        extra_x = 1 if s == product.x and product.x_boolean else 0
        extra_y = 1 if s == product.y and product.y_boolean else 0
        if extra_x + extra_y == 0:
            continue
        for d in range(n):
            if order == 3:
                c.two[pair(s, d)] = expanded(order, 1, extra_x, extra_y, d, -1, product, state, grown)
            else:
                for e in range(d + 1):
                    c.three[triple(s, d, e)] = expanded(order, 1, extra_x, extra_y, d, e, product, state, grown)
    for d in range(n):
        if state.boolean[d]:
            slope = 1.0 - 2.0 * state.mean[d]
            if order == 3:
                c.two[pair(d, d)] = slope * c.one[d]
            else:
                for e in range(n):
                    c.three[triple(d, d, e)] = slope * c.two[pair(d, e)] - 2.0 * c.one[d] * state.covariance[d, e]


@njit(cache=True)
def copies_of_product(order, product, state, x, y, c, copies, grown):
    """Entries with several copies of a product: its own recursion once more, on planes that are already there."""
    n = state.mean.size
    i, j = product.x, product.y
    p, q, ab = product.w * product.a, product.u * product.b, product.a * product.b
    repeats = product.x_boolean or product.y_boolean
    copies.own[2] = p * c.one[i] + q * c.one[j] + ab * c.two[pair(i, j)]
    xxy, xyy = x.two[pair(i, j)], y.two[pair(i, j)]
    for d in range(n):
        xxd, xyd, yyd = x.two[pair(i, d)], x.two[pair(j, d)], y.two[pair(j, d)]
        if order == 4:
            both = c.three[triple(i, j, d)]
        elif repeats:
            copies.cc1[d] = expanded(order, 2, 0, 0, d, -1, product, state, grown)
            continue
        else:
            both = x.one[i] * yyd + 2.0 * x.one[j] * xyd + x.one[d] * xyy + xxy * y.one[d] + xxd * y.one[j]
            both *= ab
        copies.cc1[d] = p * c.two[pair(i, d)] + q * c.two[pair(j, d)] + ab * (c.one[i] * y.one[d] + x.one[d] * c.one[j] + both)
    if order == 3:
        copies.own[3] = expanded(order, 3, 0, 0, -1, -1, product, state, grown)
        return
    for d in range(n):
        xxd, xyd, yyd = x.two[pair(i, d)], x.two[pair(j, d)], y.two[pair(j, d)]
        xxyd, xyyd = x.three[triple(i, j, d)], y.three[triple(i, j, d)]
        for e in range(d + 1):
            at = pairs_below(d) + e
            if repeats:
                copies.cc2[at] = expanded(order, 2, 0, 0, d, e, product, state, grown)
                continue
            xde, yde, xe, ye = x.two[at], y.two[at], x.one[e], y.one[e]
            both = x.one[i] * y.three[triple(j, d, e)] + 2.0 * x.one[j] * x.three[triple(j, d, e)] + x.three[triple(i, d, e)] * y.one[j]
            both += x.one[d] * y.three[triple(i, j, e)] + xe * xyyd + x.three[triple(i, j, e)] * y.one[d] + xxyd * ye
            both += xxy * yde + xyy * xde + 2.0 * xyd * x.two[pair(j, e)] + xxd * y.two[pair(j, e)] + x.two[pair(i, e)] * yyd
            cross = c.one[i] * yde + xde * c.one[j] + x.one[d] * c.two[pair(j, e)] + c.two[pair(i, e)] * y.one[d]
            cross += xe * c.two[pair(j, d)] + c.two[pair(i, d)] * ye
            copies.cc2[at] = p * c.three[triple(i, d, e)] + q * c.three[triple(j, d, e)] + ab * (cross + ab * both)
        copies.ccc1[d] = expanded(order, 3, 0, 0, d, -1, product, state, grown)
        if state.boolean[d]:
            copies.cc2[pair(d, d)] = (1.0 - 2.0 * state.mean[d]) * copies.cc1[d] - 2.0 * c.one[d] * c.one[d]
    copies.own[3] = p * copies.cc1[i] + q * copies.cc1[j] + ab * (2.0 * c.one[i] * c.one[j] + copies.cc2[pair(i, j)])
    copies.own[4] = expanded(order, 4, 0, 0, -1, -1, product, state, grown)


@njit(cache=True)
def store(order, state, slot, boolean, c, copies):
    """Put a new wire into a slot."""
    n = state.mean.size
    for d in range(n):
        c.two[pair(slot, d)] = copies.cc1[d]
        if order == 4:
            for e in range(d + 1):
                c.three[triple(slot, d, e)] = copies.cc2[pairs_below(d) + e]
    if order == 4:
        for d in range(n):
            c.three[triple(slot, slot, d)] = copies.ccc1[d]
        c.three[triple(slot, slot, slot)] = copies.own[4]
        put_triples_with(state.quadruples, slot, c.three, n)
    c.two[pair(slot, slot)] = copies.own[3]
    put_pairs_with(state.triples, slot, c.two, n)
    for d in range(n):
        state.covariance[slot, d] = c.one[d]
        state.covariance[d, slot] = c.one[d]
    state.covariance[slot, slot] = copies.own[2]
    state.mean[slot] = copies.own[1]
    state.boolean[slot] = boolean


@njit(cache=True)
def new_planes(order, n):
    """Zeroed planes."""
    return Planes(np.zeros(n), np.zeros(pairs_below(n)), np.zeros(triples_below(n) if order == 4 else 0))


@njit(cache=True)
def clear(arrays):
    """Zero planes or copies again."""
    for array in arrays:
        array[:] = 0.0


@njit(cache=True)
def propagate_cumulants(order, program, start, stop, input_cumulants, state, value_mean, value_variance):
    """Run instructions ``start`` to ``stop`` on the cumulants of the live slots, up to ``order`` 3 or 4.

    ``input_cumulants`` has shape (order + 1, inputs). Each value's mean and variance are recorded. Cost: about ten
    operations for each multiset of ``order - 1`` live slots, a gate.
    """
    n = state.mean.size
    x, y, c = new_planes(order, n), new_planes(order, n), new_planes(order, n)
    copies = Copies(np.zeros(5), np.zeros(n), np.zeros(pairs_below(n)), np.zeros(n))
    two_slots, two_factors = np.zeros(2, np.int32), np.zeros(2)
    grown = np.zeros((5, 7, 7, 4))
    for g in range(start, stop):
        op, flags, slot = program.op[g], program.flags[g], program.dest[g]
        left, right = program.left[g], program.right[g]
        boolean = flags & RESULT_BOOLEAN != 0
        clear(c)
        clear(copies)
        if op == LOAD:
            for k in range(1, order + 1):
                copies.own[k] = input_cumulants[k, left]
        elif op == MULTIPLY:
            u = program.left_scale[g] * state.mean[left] + program.left_shift[g]
            w = program.right_scale[g] * state.mean[right] + program.right_shift[g]
            product = Product(left, right, program.left_scale[g], program.right_scale[g], u, w,
                              flags & LEFT_BOOLEAN != 0, flags & RIGHT_BOOLEAN != 0)  # fmt: skip
            clear(x)
            clear(y)
            add_planes(order, state, left, 1.0, x)
            add_planes(order, state, right, 1.0, y)
            copies.own[1] = u * w + product.a * product.b * state.covariance[left, right]
            planes_of_product(order, product, x, y, c, n)
            repair_booleans(order, product, state, c, grown)
            if boolean:
                copies_of_boolean(order, c, copies, n)
            else:
                copies_of_product(order, product, state, x, y, c, copies, grown)
        else:
            slots, factors = program.term_slot[left:right], program.term_scale[left:right]
            if op != AFFINE:
                two_slots[0], two_slots[1] = left, right
                two_factors[0], two_factors[1] = program.left_scale[g], program.right_scale[g]
                slots, factors = two_slots, two_factors
            copies.own[1] = program.left_shift[g]
            for t in range(slots.size):
                copies.own[1] += factors[t] * state.mean[slots[t]]
                add_planes(order, state, slots[t], factors[t], c)
            if boolean:
                copies_of_boolean(order, c, copies, n)
            else:
                copies_of_sum(order, slots, factors, c, copies, n)
        store(order, state, slot, boolean, c, copies)
        value_mean[program.value[g]] = copies.own[1]
        value_variance[program.value[g]] = copies.own[2]
