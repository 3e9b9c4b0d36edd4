r"""Reductant propagation of order 3 through gates of two 0/1 operands: third joint cumulants of all live triples.

Given F = s, the tables of pairs are known: with r = 1 / P(F = 1) for s = 1 and r = -1 / P(F = 0) for s = 0,

    P(A | F = s) = P(A) + r k(A, F),     cov(A, B | F = s) = k(A, B) + r k(A, B, F) - r^2 k(A, F) k(B, F).

So a triple (C, D, E) is completed as a pair is at order 2, four times: (C, D) given E = 1 and E = 0, and (C, E) given D.
The four estimates of k(C, D, E) are pooled with weights inverse to the variances that the two regressions leave.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from heurest.kernels.boolean_reductant import (
    CELL_00,
    CELL_01,
    CELL_10,
    CELL_11,
    CONTRADICTED,
    LEFT_SIGN,
    LINEAR,
    MOVE,
    MOVED,
    MOVED_MOST,
    MOVED_SUM,
    MUTUAL,
    PAIRS,
    PRODUCT,
    RARE,
    RIGHT_SIGN,
    cell,
    describe,
    enlist,
    load,
    product_bounds,
    rare_product_bounds,
    regression,
    release,
    with_operand,
)
from heurest.kernels.packed import pairs_below, triples_below
from heurest.opcodes import BIT_AND, BIT_LOAD

# Last axis of Triples.given: slopes on the operands, what they leave, and the operands' cells, all given another wire.
ON_LEFT, ON_RIGHT, LEFT_OVER, GIVEN_11, GIVEN_10, GIVEN_01, GIVEN_00 = range(7)
GIVEN = 7

_FLOOR = 1e-24  # of a variance: estimates that leave nothing count alike
_RAREST = 1e-130  # nothing is estimated given a rarer event: squares of r over the floor would overflow


class Triples(NamedTuple):
    """Beside the state of order 2: packed cumulants of triples, two planes being read, one being made.

    ``given[s, g, f]`` is the form of gate g given F = s, ``ratio[s, f]`` the r above (0 where F is never s, or next to never).
    """

    packed: np.ndarray
    left: np.ndarray
    right: np.ndarray
    plane: np.ndarray
    given: np.ndarray
    ratio: np.ndarray


@njit(cache=True)
def read_plane(packed, slot, plane):
    """The cumulants of one wire with all pairs; along the rows of the packed tensor where they run so."""
    for j in range(plane.shape[0]):
        row = triples_below(slot) + pairs_below(j) if j <= slot else triples_below(j) + pairs_below(slot)
        for k in range(min(j, slot) + 1):
            plane[j, k] = packed[row + k]
        for k in range(slot + 1, j + 1):
            plane[j, k] = packed[triples_below(j) + pairs_below(k) + slot]
    for j in range(plane.shape[0]):
        for k in range(j):
            plane[k, j] = plane[j, k]


@njit(cache=True)
def write_plane(packed, slot, plane):
    """Keep the cumulants of one wire with all pairs."""
    for j in range(plane.shape[0]):
        row = triples_below(slot) + pairs_below(j) if j <= slot else triples_below(j) + pairs_below(slot)
        for k in range(min(j, slot) + 1):
            packed[row + k] = plane[j, k]
        for k in range(slot + 1, j + 1):
            packed[triples_below(j) + pairs_below(k) + slot] = plane[j, k]


@njit(cache=True)
def describe_given(state, triples, gate, other, between):
    """The form of a gate given another wire is 1 or 0; ``between`` is k(left operand, right operand, other)."""
    form, covariance = state.form[gate], state.covariance
    left, right = state.operands[gate, 0], state.operands[gate, 1]
    left_sign, right_sign = form[LEFT_SIGN], form[RIGHT_SIGN]
    a, not_a = state.one[left], state.zero[left]
    b, not_b = state.one[right], state.zero[right]
    if left_sign < 0.0:
        a, not_a = not_a, a
    if right_sign < 0.0:
        b, not_b = not_b, b
    with_left, with_right = left_sign * covariance[left, other], right_sign * covariance[right, other]
    sign = left_sign * right_sign
    for s in range(2):
        r = triples.ratio[s, other]
        first, not_first = cell(a, 1.0, r * with_left), cell(not_a, 1.0, -r * with_left)
        second, not_second = cell(b, 1.0, r * with_right), cell(not_b, 1.0, -r * with_right)
        joint = sign * (covariance[left, right] + r * between) - r * r * with_left * with_right
        p11, p10 = cell(first, second, joint), cell(first, not_second, -joint)
        p01, p00 = cell(not_first, second, -joint), cell(not_first, not_second, joint)
        on_left, on_right, left_over = regression(p11, p10, p01, p00)
        given = triples.given[gate, other, 0, s]
        given[ON_LEFT] = left_sign * (form[LINEAR] + form[PRODUCT] * on_left)
        given[ON_RIGHT] = right_sign * (form[LINEAR] + form[PRODUCT] * on_right)
        given[LEFT_OVER] = form[PRODUCT] * form[PRODUCT] * left_over
        given[GIVEN_11], given[GIVEN_10], given[GIVEN_01], given[GIVEN_00] = p11, p10, p01, p00
        for i in range(GIVEN):
            triples.given[other, gate, 1, s, i] = given[i]


@njit(cache=True)
def sorted_bounds(linear, product, p11, p10, p01, p00, one, zero, u, v):
    """The interval for the covariance of a gate ``linear (A + B) + product (A and B)`` from the cells of its operands."""
    low, high = product_bounds(p11, p10, p01, p00, one, zero, u, v)
    base = linear * (u + v)
    if product < 0.0:
        return base + product * high, base + product * low
    return base + product * low, base + product * high


@njit(cache=True)
def pairs_from_triples(state, triples, code, slot):
    """Covariances of a gate with all live wires: the triple of its operands and the wire is known."""
    covariance, form = state.covariance, state.form[slot]
    left, right = state.operands[slot, 0], state.operands[slot, 1]
    left_sign, right_sign = form[LEFT_SIGN], form[RIGHT_SIGN]
    a = state.one[left] if left_sign > 0.0 else state.zero[left]
    b = state.one[right] if right_sign > 0.0 else state.zero[right]
    c, not_c = state.one[slot], state.zero[slot]
    for i in range(state.num_live[0]):
        other = state.order[i]
        if other in (left, right):
            value = with_operand(state, code, slot, other)
        else:
            d, not_d = state.one[other], state.zero[other]
            u, v = left_sign * covariance[left, other], right_sign * covariance[right, other]
            x = a * v + b * u + left_sign * right_sign * triples.left[right, other]
            if form[PRODUCT] > 0.0 and 0.0 < form[CELL_11] < RARE:
                low, high = rare_product_bounds(form[CELL_11], form[CELL_10], form[CELL_01], form[CELL_00], d, not_d, u, v)
            else:
                low, high = product_bounds(form[CELL_11], form[CELL_10], form[CELL_01], form[CELL_00], d, not_d, u, v)
            value = form[LINEAR] * (u + v) + form[PRODUCT] * min(max(x, low), max(low, high))
            value = min(min(max(max(value, -c * d), -not_c * not_d), c * not_d), not_c * d)
        covariance[slot, other] = value
        covariance[other, slot] = value
        triples.plane[other, other] = (state.zero[other] - state.one[other]) * value


@njit(cache=True)
def triple_with_operand(state, code, slot, operand, other):
    """k(C, A, E) for an operand A of the gate C, from the pairs: C and A is C itself, or A without B."""
    covariance, form = state.covariance, state.form[slot]
    left = operand == state.operands[slot, 0]
    sign = form[LEFT_SIGN] if left else form[RIGHT_SIGN]
    across = state.operands[slot, 1] if left else state.operands[slot, 0]
    a, not_a = state.one[operand], state.zero[operand]
    if sign < 0.0:
        a, not_a = not_a, a
    with_a, with_c = sign * covariance[operand, other], covariance[slot, other]
    if code == BIT_AND:
        return sign * (with_c * not_a - state.one[slot] * with_a)
    both = 0.5 * (covariance[operand, other] + covariance[across, other] - with_c)
    return with_a - both - a * with_c - state.one[slot] * with_a


@njit(cache=True)
def complete_triple(covariance, operands, ones, zeros, form, left, right, plane, given, ratio, slot, d, e, completion):
    """k(C, D, E) of the gate C in ``slot``; the move that coherence made and whether the sides contradict each other."""
    a, b = operands[slot, 0], operands[slot, 1]
    low, high, total, weight = -np.inf, np.inf, 0.0, 0.0
    contradicted = 0
    for role in range(2):
        g, f = (d, e) if role == 0 else (e, d)
        af, bf, cf, gf = covariance[a, f], covariance[b, f], covariance[slot, f], covariance[d, e]
        ag, bg, cg = covariance[a, g], covariance[b, g], covariance[slot, g]
        agf, bgf = left[d, e], right[d, e]
        x, y = operands[g, 0], operands[g, 1]
        # all planes are symmetric: read along the rows of d and of d's operands
        x_row, x_column, y_row, y_column = (x, f, y, f) if role == 0 else (f, x, f, y)
        bottom, top = -np.inf, np.inf
        for s in range(2):
            r = ratio[s, f]
            if r == 0.0:
                continue
            rr = r * r
            on_left, on_right = given[slot, f, 0, s, ON_LEFT], given[slot, f, 0, s, ON_RIGHT]
            centre = cg - rr * cf * gf
            g_left = ag + r * agf - rr * af * gf
            g_right = bg + r * bgf - rr * bf * gf
            value = on_left * g_left + on_right * g_right
            one, zero = max(ones[g] + r * gf, 0.0), max(zeros[g] - r * gf, 0.0)
            left_over = given[slot, f, 0, s, LEFT_OVER]
            if role == 0:
                first, second = sorted_bounds(
                    form[slot, LINEAR], form[slot, PRODUCT],
                    given[slot, f, 0, s, GIVEN_11], given[slot, f, 0, s, GIVEN_10],
                    given[slot, f, 0, s, GIVEN_01], given[slot, f, 0, s, GIVEN_00],
                    one, zero, form[slot, LEFT_SIGN] * g_left, form[slot, RIGHT_SIGN] * g_right,
                )  # fmt: skip
                first, second = (first - centre) / r, (second - centre) / r
                low, high = max(low, min(first, second)), min(high, max(first, second))
            if x >= 0:
                xf, yf = covariance[x_row, x_column], covariance[y_row, y_column]
                c_x = covariance[slot, x] + r * plane[x_row, x_column] - rr * cf * xf
                c_y = covariance[slot, y] + r * plane[y_row, y_column] - rr * cf * yf
                if completion == MUTUAL:
                    a_x = covariance[a, x] + r * left[x_row, x_column] - rr * af * xf
                    a_y = covariance[a, y] + r * left[y_row, y_column] - rr * af * yf
                    b_x = covariance[b, x] + r * right[x_row, x_column] - rr * bf * xf
                    b_y = covariance[b, y] + r * right[y_row, y_column] - rr * bf * yf
                    value += given[d, e, role, s, ON_LEFT] * (c_x - on_left * a_x - on_right * b_x)
                    value += given[d, e, role, s, ON_RIGHT] * (c_y - on_left * a_y - on_right * b_y)
                    left_over *= given[d, e, role, s, LEFT_OVER]
                else:
                    left_over *= one * zero
                c_one, c_zero = max(ones[slot] + r * cf, 0.0), max(zeros[slot] - r * cf, 0.0)
                first, second = sorted_bounds(
                    form[g, LINEAR], form[g, PRODUCT],
                    given[d, e, role, s, GIVEN_11], given[d, e, role, s, GIVEN_10],
                    given[d, e, role, s, GIVEN_01], given[d, e, role, s, GIVEN_00],
                    c_one, c_zero, form[g, LEFT_SIGN] * c_x, form[g, RIGHT_SIGN] * c_y,
                )  # fmt: skip
                first, second = (first - centre) / r, (second - centre) / r
                bottom, top = max(bottom, min(first, second)), min(top, max(first, second))
            else:
                left_over *= one * zero
            share = rr / (left_over + _FLOOR)
            total += share * (value - centre) / r
            weight += share
        if role == 0 and low > high:
            low = 0.5 * (low + high)
            high = low
        bottom, top = max(low, bottom), min(high, top)
        if bottom <= top:
            low, high = bottom, top
        elif bottom - top <= MOVE:  # they touch, if it were not for rounding
            low = min(max(0.5 * (bottom + top), low), high)
            high = low
        else:  # the sides contradict each other: the gate's own side counts
            contradicted += 1
    if weight == 0.0:
        return 0.0, 0.0, contradicted
    value = total / weight
    kept = min(max(value, low), high)
    return kept, abs(kept - value), contradicted


@njit(cache=True)
def complete_triples(state, triples, code, slot, completion):
    """All cumulants of the gate in ``slot`` with two live wires, older wires first."""
    a, b = state.operands[slot, 0], state.operands[slot, 1]
    # single arrays: a tuple of arrays costs a count of references at each call
    covariance, operands, ones, zeros, form = state.covariance, state.operands, state.one, state.zero, state.form
    left, right, plane, given, ratio = triples.left, triples.right, triples.plane, triples.given, triples.ratio
    for i in range(state.num_live[0]):
        d = state.order[i]
        for j in range(i):
            e = state.order[j]
            if d in (a, b):
                value = triple_with_operand(state, code, slot, d, e)
            elif e in (a, b):
                value = triple_with_operand(state, code, slot, e, d)
            else:
                value, move, contradicted = complete_triple(
                    covariance, operands, ones, zeros, form, left, right, plane, given, ratio, slot, d, e, completion
                )
                state.tally[CONTRADICTED] += contradicted
                if move > MOVE:
                    state.tally[MOVED] += 1
                    state.tally[MOVED_SUM] += move
                    state.tally[MOVED_MOST] = max(state.tally[MOVED_MOST], move)
            plane[d, e] = value
            plane[e, d] = value
    state.tally[PAIRS] += state.num_live[0] * (state.num_live[0] - 1) // 2


@njit(cache=True)
def load_triples(state, inputs, number, slot, plane):
    """Cumulants of an input with pairs: zero but within its own joint law."""
    plane[:, :] = 0.0
    first, size = inputs.first[number], inputs.size[number]
    for i in range(state.num_live[0]):
        d = state.order[i]
        plane[d, d] = (state.zero[d] - state.one[d]) * state.covariance[slot, d]
        if first < 0 or state.input[d] < 0 or inputs.first[state.input[d]] != first:
            continue
        for j in range(i):
            e = state.order[j]
            if state.input[e] >= 0 and inputs.first[state.input[e]] == first:
                row = inputs.third_offset[number] + (number - first) * size * size + (state.input[d] - first) * size
                plane[d, e] = inputs.third[row + state.input[e] - first]
                plane[e, d] = plane[d, e]


@njit(cache=True)
def settle(state, triples, slot):
    """Keep the plane that was made, with the repeats of the wire itself, and what the new wire tells of older gates."""
    plane, one, zero = triples.plane, state.one[slot], state.zero[slot]
    for i in range(state.num_live[0]):
        other = state.order[i]
        plane[slot, other] = (zero - one) * state.covariance[slot, other]
        plane[other, slot] = plane[slot, other]
    plane[slot, slot] = (zero - one) * one * zero
    write_plane(triples.packed, slot, plane)
    triples.ratio[0, slot] = -1.0 / zero if zero > _RAREST else 0.0
    triples.ratio[1, slot] = 1.0 / one if one > _RAREST else 0.0
    for i in range(state.num_live[0]):
        other = state.order[i]
        x = state.operands[other, 0]
        if x >= 0:
            describe_given(state, triples, other, slot, plane[x, state.operands[other, 1]])


@njit(cache=True)
def propagate_boolean_triples(program, start, stop, inputs, state, triples, completion, one, zero):
    """Run instructions ``start`` to ``stop``; P(1) and P(0) of each node go into ``one`` and ``zero``.

    Cost: for each gate that something reads one completion for every pair of live wires.
    """
    for k in range(start, stop):
        slot = program.dest[k]
        if program.op[k] == BIT_LOAD:
            load(state, inputs, program.left[k], slot)
            load_triples(state, inputs, program.left[k], slot, triples.plane)
        else:
            left, right = program.left[k], program.right[k]
            describe(state, program.op[k], left, right, program.left_not[k], program.right_not[k], slot)
            if program.is_read[k]:
                read_plane(triples.packed, left, triples.left)
                read_plane(triples.packed, right, triples.right)
                pairs_from_triples(state, triples, program.op[k], slot)
                for i in range(state.num_live[0]):
                    describe_given(state, triples, slot, state.order[i], triples.left[right, state.order[i]])
                complete_triples(state, triples, program.op[k], slot, completion)
            state.covariance[slot, slot] = state.one[slot] * state.zero[slot]
        one[k], zero[k] = state.one[slot], state.zero[slot]
        if program.is_read[k]:
            settle(state, triples, slot)
        enlist(state, slot)
        for i in range(program.freed_start[k], program.freed_start[k + 1]):
            release(state, program.freed[i])
