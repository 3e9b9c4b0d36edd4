"""Signal probabilities of gates whose operands are presumed independent, P(1) and P(0) apart."""

import numpy as np
from numba import njit

from heurest.opcodes import BIT_LOAD, BIT_XOR

_ONE = np.uint64(1)


@njit(cache=True)
def propagate_probabilities(program, input_one, input_zero, literal):
    """Run a program in which node k has slot k: ``literal[2 k]`` becomes its P(1) and ``literal[2 k + 1]`` its P(0).

    An inverted operand is the neighbour of the operand. Sums have no negative term. Left to rounding, P(1) + P(0) would drift
    from 1, ever faster along a deep circuit; dividing both by it keeps the digits of either, and 2 less the sum is its inverse.
    No branch depends on a probability: it would be mispredicted.
    """
    for k in range(program.op.size):
        op = program.op[k]
        if op == BIT_LOAD:
            one, zero = input_one[program.left[k]], input_zero[program.left[k]]
        else:  # unsigned: a signed index is first checked for being negative
            i = np.uint64(2 * program.left[k] + program.left_not[k])
            j = np.uint64(2 * program.right[k] + program.right_not[k])
            a, not_a = literal[i], literal[i ^ _ONE]
            b, not_b = literal[j], literal[j ^ _ONE]
            p11, p10 = a * b, a * not_b
            differ, agree, not_both = p10 + not_a * b, p11 + not_a * not_b, not_a + p10
            is_xor = op == BIT_XOR
            one = differ if is_xor else p11
            zero = agree if is_xor else not_both
            scale = 2.0 - (one + zero)
            one, zero = scale * one, scale * zero
        literal[np.uint64(2 * k)], literal[np.uint64(2 * k + 1)] = one, zero
