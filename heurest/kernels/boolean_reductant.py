r"""Reductant propagation of order 2 through gates of two 0/1 operands: one covariance a live pair.

A gate C reads literals A and B. Their four joint probabilities ``P_s``, the *cells*, are known. For another wire D let

    x = cov(A and B, D),   u = cov(A, D),   v = cov(B, D),   e_11 = 0, e_10 = u, e_01 = v, e_00 = u + v.

Each cell of (A, B) must hold a non-negative share of D and of not D: for 11 and 00 that is
``e_s - P(D) P_s <= x <= e_s + P(not D) P_s``, for 10 and 01 the same with D and not D exchanged.
These are the three-way Frechet bounds. Regression of D on A and B is the mean of the ``e_s`` with weights ``1 / P_s``.
An exclusive or is ``A + B - 2 (A and B)``. Nothing subtracts probabilities near 1, so p and 1 - p keep their precision.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from heurest.opcodes import BIT_AND, BIT_LOAD

REGRESSION, INTERACTION, MUTUAL = range(3)

# Columns of State.form: the regression of a wire on its operands, its interaction, its literals, cells and expansion.
ON_LEFT, ON_RIGHT, INTERACTS, LEFT_SIGN, RIGHT_SIGN, CELL_11, CELL_10, CELL_01, CELL_00, PRODUCT, LINEAR = range(11)
LEFT_SLOPE, RIGHT_SLOPE = 11, 12  # of the left operand on the right one, and of the right on the left
FORM = 13

# Entries of State.tally: completed pairs, pairs that coherence moved, the sum and the largest of the moves, contradictions.
PAIRS, MOVED, MOVED_SUM, MOVED_MOST, CONTRADICTED = range(5)
TALLY = 5

_CANCELLED = 2.0**-49  # a cell below this share of its value under independence is what rounding leaves of zero
RARE = 2.0**-20  # an and less likely than this is bounded by differences that keep its digits
MOVE = 1e-9  # a smaller move is rounding
_ALONE = 1e-9


class State(NamedTuple):
    """What is known of the live wires; n slots.

    ``one`` and ``zero`` hold P(1) and P(0), shape (n,); ``covariance`` (n, n); ``operands`` the slots of a wire's
    operands, (n, 2), -1 where one is gone; ``order`` the slots in order of creation, ``num_live[0]`` of them.
    """

    one: np.ndarray
    zero: np.ndarray
    covariance: np.ndarray
    operands: np.ndarray
    form: np.ndarray
    input: np.ndarray
    order: np.ndarray
    num_live: np.ndarray
    estimate: np.ndarray
    low: np.ndarray
    high: np.ndarray
    tally: np.ndarray


class Inputs(NamedTuple):
    """P(1) and P(0) of the inputs, the number of the first one in each one's joint law (-1: none) and the law's size.

    ``covariance`` holds the matrices of the joint laws end to end, that of input i from ``offset[i]`` on; ``third`` and
    ``third_offset`` likewise hold their third cumulants, if triples are tracked.
    """

    one: np.ndarray
    zero: np.ndarray
    first: np.ndarray
    size: np.ndarray
    offset: np.ndarray
    covariance: np.ndarray
    third_offset: np.ndarray
    third: np.ndarray


@njit(cache=True)
def cell(first, second, covariance):
    """``first * second + covariance``, and zero where only rounding is left of it."""
    independent = first * second
    joint = independent + covariance
    return joint if joint > _CANCELLED * independent else 0.0


@njit(cache=True)
def regression(p11, p10, p01, p00):
    """Slopes of (A and B) on A and on B, and the variance that they leave: ``1 / sum(1 / P_s)``."""
    tiny = 1e-290
    w11, w10, w01, w00 = 1.0 / max(p11, tiny), 1.0 / max(p10, tiny), 1.0 / max(p01, tiny), 1.0 / max(p00, tiny)
    total = w11 + w10 + w01 + w00
    return (w10 + w00) / total, (w01 + w00) / total, 1.0 / total


@njit(cache=True)
def product_bounds(p11, p10, p01, p00, one, zero, u, v):
    """The interval that the three pair tables leave for cov(A and B, D)."""
    w = u + v
    low, high = -one * p11, zero * p11
    if u - zero * p10 > low:
        low = u - zero * p10
    if v - zero * p01 > low:
        low = v - zero * p01
    if w - one * p00 > low:
        low = w - one * p00
    if u + one * p10 < high:
        high = u + one * p10
    if v + one * p01 < high:
        high = v + one * p01
    if w + zero * p00 < high:
        high = w + zero * p00
    return low, high


@njit(cache=True)
def rare_ends(p11, p10, p01, p00, one, zero, u, v):
    """What each of the other six shares bounds cov(A and B, D) by where A and B is rare: from below, and from above.

    Where A or B all but implies D or not D, or is implied, a bound is what A and B share with D less next to nothing; as a
    difference of anything larger it would lose its digits.
    """
    a, not_a, b, not_b = p11 + p10, p01 + p00, p11 + p01, p10 + p00
    a_one, a_zero, b_one, b_zero = cell(a, one, u), cell(a, zero, -u), cell(b, one, v), cell(b, zero, -v)
    not_a_one, not_b_one = cell(not_a, one, -u), cell(not_b, one, -v)
    not_a_zero, not_b_zero = cell(not_a, zero, u), cell(not_b, zero, v)
    least_one = b_one - not_a_one if not_a_one < not_b_one else a_one - not_b_one
    least_zero = b_zero - not_a_zero if not_a_zero < not_b_zero else a_zero - not_b_zero
    share_one, share_zero = one * p11, zero * p11
    b_low, b_high = (u - zero * p10, u + one * p10) if p10 < p11 else (share_zero - a_zero, a_one - share_one)
    c_low, c_high = (v - zero * p01, v + one * p01) if p01 < p11 else (share_zero - b_zero, b_one - share_one)
    return (b_low, c_low, least_one - share_one), (b_high, c_high, share_zero - least_zero)


@njit(cache=True)
def rare_product_bounds(p11, p10, p01, p00, one, zero, u, v):
    """`product_bounds` where A and B is rare."""
    (b, c, d), (f, g, h) = rare_ends(p11, p10, p01, p00, one, zero, u, v)
    return max(max(-one * p11, b), max(c, d)), min(min(zero * p11, f), min(g, h))


@njit(cache=True)
def no_interaction(p11, p10, p01, p00, one, zero, u, v):
    """cov(A and B, D) of the law of A, B, D with these pair tables and no three-way interaction.

    The product of the four shares that grow with x equals that of the four that shrink; Newton steps on the logarithm of
    their quotient, which itself may overflow, in a shrinking bracket.
    """
    a, e = -one * p11, zero * p11
    if 0.0 < p11 < RARE:
        (b, c, d), (f, g, h) = rare_ends(p11, p10, p01, p00, one, zero, u, v)
    else:
        b, c, d = u - zero * p10, v - zero * p01, u + v - one * p00
        f, g, h = u + one * p10, v + one * p01, u + v + zero * p00
    low, high = max(max(a, b), max(c, d)), min(min(e, f), min(g, h))
    x = 0.5 * (low + high)
    for _ in range(60):
        if not low < x < high:
            return x
        excess = np.log(x - a) + np.log(x - b) + np.log(x - c) + np.log(x - d)
        excess -= np.log(e - x) + np.log(f - x) + np.log(g - x) + np.log(h - x)
        if excess > 0.0:
            high = x
        else:
            low = x
        slope = 0.0
        for share in (x - a, x - b, x - c, x - d, e - x, f - x, g - x, h - x):
            slope += 1.0 / max(share, 1e-300)
        target = x - excess / slope
        if not low < target < high:
            target = 0.5 * (low + high)
        if abs(target - x) <= 1e-14 * (abs(target) + high - low):
            return target
        x = target
    return x


@njit(cache=True)
def load(state, inputs, number, slot):
    """Put an input into a slot: uncorrelated with all but the inputs of its own joint law."""
    state.one[slot], state.zero[slot] = inputs.one[number], inputs.zero[number]
    state.operands[slot, 0], state.operands[slot, 1] = -1, -1
    state.input[slot] = number
    first = inputs.first[number]
    for i in range(state.num_live[0]):
        other = state.order[i]
        value = 0.0
        if first >= 0 and state.input[other] >= 0 and inputs.first[state.input[other]] == first:
            row = inputs.offset[number] + (number - first) * inputs.size[number]
            value = inputs.covariance[row + state.input[other] - first]
        state.covariance[slot, other] = value
        state.covariance[other, slot] = value
    state.covariance[slot, slot] = state.one[slot] * state.zero[slot]


@njit(cache=True)
def describe(state, code, left, right, left_not, right_not, slot):
    """Put a gate's probabilities and expansion into a slot.

    The slot may not be that of an operand. With ``f`` the gate's form, the gate is ``LINEAR (A + B) + PRODUCT (A and B)``.
    """
    form = state.form
    a, not_a = state.one[left], state.zero[left]
    b, not_b = state.one[right], state.zero[right]
    left_sign, right_sign = 1.0, 1.0
    if left_not:
        a, not_a, left_sign = not_a, a, -1.0
    if right_not:
        b, not_b, right_sign = not_b, b, -1.0
    between = left_sign * right_sign * state.covariance[left, right]
    p11, p10 = cell(a, b, between), cell(a, not_b, -between)
    p01, p00 = cell(not_a, b, -between), cell(not_a, not_b, between)
    on_left, on_right, left_over = regression(p11, p10, p01, p00)
    if code == BIT_AND:
        linear, product = 0.0, 1.0
        one, zero = p11, not_a + p10
    else:
        linear, product = 1.0, -2.0
        one, zero = p10 + p01, p11 + p00
    if one < zero:  # left to rounding, their sum would drift from 1, ever faster along a deep circuit
        zero = 1.0 - one
    else:
        one = 1.0 - zero
    state.one[slot], state.zero[slot] = one, zero
    left_spread, right_spread = a * not_a, b * not_b
    independent = left_spread * right_spread
    alone = 1.0 - between * between / independent if independent > 0.0 else 0.0  # of each operand's variance, beside the other
    interacts = product * left_sign * right_sign * np.sqrt(left_over / independent) / alone if alone > _ALONE else 0.0
    form[slot, ON_LEFT] = left_sign * (linear + product * on_left)
    form[slot, ON_RIGHT] = right_sign * (linear + product * on_right)
    form[slot, INTERACTS] = interacts
    form[slot, LEFT_SLOPE] = state.covariance[left, right] / right_spread if interacts != 0.0 else 0.0
    form[slot, RIGHT_SLOPE] = state.covariance[left, right] / left_spread if interacts != 0.0 else 0.0
    form[slot, LEFT_SIGN], form[slot, RIGHT_SIGN] = left_sign, right_sign
    form[slot, CELL_11], form[slot, CELL_10], form[slot, CELL_01], form[slot, CELL_00] = p11, p10, p01, p00
    form[slot, PRODUCT], form[slot, LINEAR] = product, linear
    state.operands[slot, 0], state.operands[slot, 1] = left, right
    state.input[slot] = -1


@njit(cache=True)
def own_side(state, slot, row_left, row_right):
    """Regression on the gate's own operands and the bounds from its own cells, for every slot at once."""
    form = state.form[slot]
    on_left, on_right = form[ON_LEFT], form[ON_RIGHT]
    left_sign, right_sign, linear, product = form[LEFT_SIGN], form[RIGHT_SIGN], form[LINEAR], form[PRODUCT]
    p11, p10, p01, p00 = form[CELL_11], form[CELL_10], form[CELL_01], form[CELL_00]
    estimate, low, high, ones, zeros = state.estimate, state.low, state.high, state.one, state.zero
    if product > 0.0 and 0.0 < p11 < RARE:
        for d in range(ones.size):
            u, v = left_sign * row_left[d], right_sign * row_right[d]
            low[d], high[d] = rare_product_bounds(p11, p10, p01, p00, ones[d], zeros[d], u, v)
    else:
        for d in range(ones.size):
            one, zero = ones[d], zeros[d]
            u, v = left_sign * row_left[d], right_sign * row_right[d]
            w = u + v
            low[d] = max(max(-one * p11, u - zero * p10), max(v - zero * p01, w - one * p00))
            high[d] = min(min(zero * p11, u + one * p10), min(v + one * p01, w + zero * p00))
    for d in range(ones.size):
        w = left_sign * row_left[d] + right_sign * row_right[d]
        lower, upper = low[d], high[d]
        middle = 0.5 * (lower + upper)  # crossed bounds: rounding, or tables that contradict each other
        lower, upper = min(lower, middle), max(upper, middle)
        first, second = linear * w + product * lower, linear * w + product * upper
        low[d], high[d] = min(first, second), max(first, second)
        estimate[d] = on_left * row_left[d] + on_right * row_right[d]


@njit(cache=True)
def with_operand(state, code, slot, other):
    """The covariance of a gate with its own operand, which its cells tell."""
    form = state.form[slot]
    left = other == state.operands[slot, 0]
    own, across = (form[CELL_10], form[CELL_01]) if left else (form[CELL_01], form[CELL_10])
    one = form[CELL_11] + own
    zero = across + form[CELL_00]
    sign = form[LEFT_SIGN] if left else form[RIGHT_SIGN]
    return sign * (form[CELL_11] * zero if code == BIT_AND else own * zero - across * one)


@njit(cache=True)
def complete_pairs(state, code, slot, completion):
    """Covariances of the gate in ``slot`` with every live wire, older wires first."""
    covariance, form, operands, ones, zeros = state.covariance, state.form, state.operands, state.one, state.zero
    left, right = operands[slot, 0], operands[slot, 1]
    row_left, row_right, row = covariance[left], covariance[right], covariance[slot]
    own_side(state, slot, row_left, row_right)
    own = form[slot]
    on_left, on_right, interacts = own[ON_LEFT], own[ON_RIGHT], own[INTERACTS]
    c, not_c = ones[slot], zeros[slot]
    moved, moved_sum, moved_most, contradicted = 0, 0.0, 0.0, 0
    for i in range(state.num_live[0]):
        other = state.order[i]
        if other in (left, right):
            value = with_operand(state, code, slot, other)
            row[other] = value
            covariance[other, slot] = value
            continue
        low, high, value = state.low[other], state.high[other], state.estimate[other]
        d, not_d = ones[other], zeros[other]
        if completion == INTERACTION:
            u, v = own[LEFT_SIGN] * row_left[other], own[RIGHT_SIGN] * row_right[other]
            x = no_interaction(own[CELL_11], own[CELL_10], own[CELL_01], own[CELL_00], d, not_d, u, v)
            value = own[LINEAR] * (u + v) + own[PRODUCT] * x
        x = operands[other, 0]
        if x >= 0:
            y = operands[other, 1]
            with_x, with_y = row[x], row[y]
            theirs = form[other]
            if completion == MUTUAL:
                left_x, left_y, right_x, right_y = row_left[x], row_left[y], row_right[x], row_right[y]
                value += theirs[ON_LEFT] * (with_x - on_left * left_x - on_right * right_x)
                value += theirs[ON_RIGHT] * (with_y - on_left * left_y - on_right * right_y)
                if interacts * theirs[INTERACTS] != 0.0:
                    # partial covariances: A beside B and B beside A, X beside Y and Y beside X
                    a_x, a_y = left_x - own[LEFT_SLOPE] * right_x, left_y - own[LEFT_SLOPE] * right_y
                    b_x, b_y = right_x - own[RIGHT_SLOPE] * left_x, right_y - own[RIGHT_SLOPE] * left_y
                    both = (a_x - theirs[LEFT_SLOPE] * a_y) * (b_y - theirs[RIGHT_SLOPE] * b_x)
                    both += (a_y - theirs[RIGHT_SLOPE] * a_x) * (b_x - theirs[LEFT_SLOPE] * b_y)
                    value += interacts * theirs[INTERACTS] * both
            u, v = theirs[LEFT_SIGN] * with_x, theirs[RIGHT_SIGN] * with_y
            bottom, top = product_bounds(theirs[CELL_11], theirs[CELL_10], theirs[CELL_01], theirs[CELL_00], c, not_c, u, v)
            base = theirs[LINEAR] * (u + v)
            if theirs[PRODUCT] < 0.0:
                bottom, top = base + theirs[PRODUCT] * top, base + theirs[PRODUCT] * bottom
            else:
                bottom, top = base + theirs[PRODUCT] * bottom, base + theirs[PRODUCT] * top
            bottom, top = max(low, bottom), min(high, top)
            if bottom <= top:
                low, high = bottom, top
            elif bottom - top <= MOVE:  # they touch, if it were not for rounding
                low = min(max(0.5 * (bottom + top), low), high)
                high = low
            else:  # the two sides contradict each other: the gate's own side counts
                contradicted += 1
        kept = min(max(value, low), high)
        kept = min(min(max(max(kept, -c * d), -not_c * not_d), c * not_d), not_c * d)
        move = abs(kept - value)
        if move > MOVE:
            moved += 1
            moved_sum += move
            moved_most = max(moved_most, move)
        row[other] = kept
        covariance[other, slot] = kept
    state.tally[PAIRS] += state.num_live[0]
    state.tally[MOVED] += moved
    state.tally[MOVED_SUM] += moved_sum
    state.tally[MOVED_MOST] = max(state.tally[MOVED_MOST], moved_most)
    state.tally[CONTRADICTED] += contradicted


@njit(cache=True)
def enlist(state, slot):
    """Add a slot to the live ones."""
    state.order[state.num_live[0]] = slot
    state.num_live[0] += 1


@njit(cache=True)
def release(state, slot):
    """Take a slot from the live ones; wires whose operand it held can no longer be seen from that side."""
    kept = 0
    for i in range(state.num_live[0]):
        other = state.order[i]
        if other != slot:
            state.order[kept] = other
            kept += 1
            if state.operands[other, 0] == slot or state.operands[other, 1] == slot:
                state.operands[other, 0] = -1
    state.num_live[0] = kept


@njit(cache=True)
def propagate_boolean(program, start, stop, inputs, state, completion, one, zero):
    """Run instructions ``start`` to ``stop``; P(1) and P(0) of each node go into ``one`` and ``zero``.

    Cost: one completion a live wire for each gate that something reads.
    """
    for k in range(start, stop):
        slot = program.dest[k]
        if program.op[k] == BIT_LOAD:
            load(state, inputs, program.left[k], slot)
        else:
            describe(state, program.op[k], program.left[k], program.right[k], program.left_not[k], program.right_not[k], slot)
            if program.is_read[k]:
                complete_pairs(state, program.op[k], slot, completion)
            state.covariance[slot, slot] = state.one[slot] * state.zero[slot]
        one[k], zero[k] = state.one[slot], state.zero[slot]
        enlist(state, slot)
        for i in range(program.freed_start[k], program.freed_start[k + 1]):
            release(state, program.freed[i])
