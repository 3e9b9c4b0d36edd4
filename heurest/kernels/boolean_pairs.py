r"""Classic propagation of pairs through gates of two 0/1 operands: one covariance a live pair, from the two operands' alone.

A gate C of literals A and B gets with every other wire D

    cov(C, D) = x cov(A, D) + y cov(B, D) + z cov(A, D) cov(B, D) / P(D),

where ``x, y, z`` depend on the table of A and B only. Covariances turn their sign when a wire is inverted, and P(1) and P(0)
are apart, so nothing is lost next to 1.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from heurest.opcodes import BIT_AND, BIT_LOAD

CORRELATION, COVARIANCE = range(2)

# Entries of PairState.tally: completed pairs, pairs that the bounds moved, the sum and the largest of the moves.
PAIRS, MOVED, MOVED_SUM, MOVED_MOST = range(4)
TALLY = 4

MOVE = 1e-9  # a smaller move is rounding
_CANCELLED = 2.0**-49  # a probability below this share of its value under independence is what rounding leaves of zero
_TINY = 1e-290  # what is rarer is taken for independent of all but its operands: its inverse would overflow


class PairState(NamedTuple):
    """What is known of the live wires; n slots.

    ``one`` and ``zero`` hold P(1) and P(0), ``inverse`` 1 / P(1), ``input`` the number of an input or -1, ``live`` 1 where a
    slot is taken, all of shape (n,); ``covariance`` is (n, n).
    """

    one: np.ndarray
    zero: np.ndarray
    inverse: np.ndarray
    input: np.ndarray
    live: np.ndarray
    covariance: np.ndarray
    tally: np.ndarray


@njit(cache=True)
def joint(first, second, covariance):
    """``first * second + covariance``, and zero where only rounding is left of it."""
    independent = first * second
    both = independent + covariance
    return both if abs(both) > _CANCELLED * independent else 0.0


@njit(cache=True)
def inverse(p):
    """``1 / p``, and zero where that would overflow."""
    return 1.0 / p if abs(p) > _TINY else 0.0


@njit(cache=True)
def pair_rule(op, rule, a, not_a, b, not_b, p11, p10, p01, p00):
    """``x, y, z`` of a gate of literals with these probabilities.

    By correlation, P(s t d) = P(s t) P(s d) P(t d) / (P(s) P(t) P(d)) for literals s of A and t of B; an exclusive or takes half
    from the two products where it is 1 and half from those where it is 0. By covariance, cumulants of three wires are zero.
    """
    if rule == COVARIANCE:
        return (b, a, 0.0) if op == BIT_AND else (not_b - b, not_a - a, 0.0)
    by_a, by_b = inverse(a), inverse(b)
    if op == BIT_AND:
        return p11 * by_a, p11 * by_b, p11 * by_a * by_b
    by_not_a, by_not_b = inverse(not_a), inverse(not_b)
    left = (p10 - p11) * by_a + (p00 - p01) * by_not_a
    right = (p01 - p11) * by_b + (p00 - p10) * by_not_b
    both = p11 * by_a * by_b + p10 * by_a * by_not_b + p01 * by_not_a * by_b + p00 * by_not_a * by_not_b
    return 0.5 * left, 0.5 * right, -0.5 * both


@njit(cache=True)
def load(state, inputs, number, slot):
    """Put an input into a slot: uncorrelated with all but the inputs of its own joint law."""
    state.one[slot], state.zero[slot] = inputs.one[number], inputs.zero[number]
    first = inputs.first[number]
    for d in range(state.one.size):
        value = 0.0
        if first >= 0 and state.live[d] and state.input[d] >= 0 and inputs.first[state.input[d]] == first:
            row = inputs.offset[number] + (number - first) * inputs.size[number]
            value = inputs.covariance[row + state.input[d] - first]
        state.covariance[slot, d] = value
        state.covariance[d, slot] = value
    state.input[slot] = number


@njit(cache=True)
def add_gate(state, op, rule, clamped, left, right, left_not, right_not, is_read, slot):
    """Put a gate into a slot that is not its operand's: its probabilities, and if it is read its covariance with every slot."""
    ones, zeros, covariance = state.one, state.zero, state.covariance
    a, not_a, left_sign = (zeros[left], ones[left], -1.0) if left_not else (ones[left], zeros[left], 1.0)
    b, not_b, right_sign = (zeros[right], ones[right], -1.0) if right_not else (ones[right], zeros[right], 1.0)
    between = left_sign * right_sign * covariance[left, right]
    p11, p10 = joint(a, b, between), joint(a, not_b, -between)
    p01, p00 = joint(not_a, b, -between), joint(not_a, not_b, between)
    one, zero = (p11, not_a + p10) if op == BIT_AND else (p10 + p01, p11 + p00)
    if one < zero:  # left to rounding, their sum would drift from 1, ever faster along a deep circuit
        zero = 1.0 - one
    else:
        one = 1.0 - zero
    state.one[slot], state.zero[slot], state.input[slot] = one, zero, -1
    if not is_read:
        return
    x, y, z = pair_rule(op, rule, a, not_a, b, not_b, p11, p10, p01, p00)
    x, y, z = left_sign * x, right_sign * y, left_sign * right_sign * z
    row_left, row_right, row = covariance[left], covariance[right], covariance[slot]
    for d in range(ones.size):
        row[d] = x * row_left[d] + y * row_right[d] + (z * row_left[d]) * (row_right[d] * state.inverse[d])
    # what a gate has with its own operands its table tells
    row[left] = left_sign * (p11 * not_a if op == BIT_AND else p10 * not_a - p01 * a)
    row[right] = right_sign * (p11 * not_b if op == BIT_AND else p01 * not_b - p10 * b)
    if clamped:
        moved, total, most = 0, 0.0, 0.0
        for d in range(ones.size):
            value = row[d]
            kept = min(max(value, max(-one * ones[d], -zero * zeros[d])), min(one * zeros[d], zero * ones[d]))
            row[d] = kept
            move = abs(kept - value) * state.live[d]
            move = move if move > MOVE else 0.0
            moved += move > 0.0
            total += move
            most = max(most, move)
        state.tally[MOVED] += moved
        state.tally[MOVED_SUM] += total
        state.tally[MOVED_MOST] = max(state.tally[MOVED_MOST], most)
    state.tally[PAIRS] += state.live.sum()
    for d in range(ones.size):
        covariance[d, slot] = row[d]


@njit(cache=True)
def propagate_pairs(program, start, stop, inputs, state, rule, clamped, one, zero):
    """Run instructions ``start`` to ``stop``; P(1) and P(0) of each node go into ``one`` and ``zero``.

    Cost: a few operations a slot for each gate that something reads.
    """
    for k in range(start, stop):
        slot = program.dest[k]
        if program.op[k] == BIT_LOAD:
            load(state, inputs, program.left[k], slot)
        else:
            add_gate(state, program.op[k], rule, clamped, program.left[k], program.right[k],
                     program.left_not[k], program.right_not[k], program.is_read[k], slot)  # fmt: skip
        state.covariance[slot, slot] = state.one[slot] * state.zero[slot]
        state.inverse[slot] = inverse(state.one[slot])
        state.live[slot] = 1.0
        one[k], zero[k] = state.one[slot], state.zero[slot]
        for i in range(program.freed_start[k], program.freed_start[k + 1]):
            state.live[program.freed[i]] = 0.0
