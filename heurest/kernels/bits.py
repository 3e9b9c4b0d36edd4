"""Bit-parallel evaluation of boolean programs: a word holds one wire's values for 64 patterns, a row holds 64 words."""

import numpy as np
from numba import njit

from heurest.opcodes import BIT_AND, BIT_LOAD, BIT_XOR

WORDS = 64  # words in a row: a gate's fixed cost is small beside 64 words, and hundreds of rows fit in the L2 cache
LOW_INPUTS = 6  # inputs that an enumeration varies within a word
ROW_INPUTS = 12  # inputs that it varies within a row

_ALL = np.uint64(0xFFFFFFFFFFFFFFFF)
_NONE = np.uint64(0)
_PAIRS = np.uint64(0x5555555555555555)
_QUADS = np.uint64(0x3333333333333333)
_BYTES = np.uint64(0x0F0F0F0F0F0F0F0F)
_BYTE = np.uint64(0xFF)
_BY_1, _BY_2, _BY_4, _BY_8, _BY_16, _BY_32 = (np.uint64(2**i) for i in range(6))


@njit(cache=True, nogil=True)
def evaluate_bits(program, inputs, first, slots, words, last_mask, counts, observed):
    """Run a bit program on words ``first`` to ``first + 64`` of ``inputs``, shape ``(inputs, words)``.

    Masks of all ones invert operands. A result never takes the slot of an operand of its own gate, so the loops
    vectorise. The ones that ``BIT_OBSERVE`` meets in the first ``words`` words, the last one masked, are added to
    ``counts``; or, if ``observed`` has rows, the bits are copied there.
    """
    for k in range(program.op.size):
        op, dest, x, y = program.op[k], program.dest[k], program.left[k], program.right[k]
        p, q = program.left_mask[k], program.right_mask[k]
        if op == BIT_AND:
            for w in range(WORDS):
                slots[dest, w] = (slots[x, w] ^ p) & (slots[y, w] ^ q)
        elif op == BIT_XOR:
            for w in range(WORDS):
                slots[dest, w] = slots[x, w] ^ slots[y, w]
        elif op == BIT_LOAD:
            for w in range(WORDS):
                slots[dest, w] = inputs[x, first + w]
        elif observed.shape[0] > 0:
            for w in range(WORDS):
                observed[dest, w] = slots[x, w] ^ p
        else:
            total = np.int64(0)
            for w in range(words):
                bits = slots[x, w] ^ p
                if w == words - 1:
                    bits = bits & last_mask
                bits = (bits & _PAIRS) + ((bits >> _BY_1) & _PAIRS)
                bits = (bits & _QUADS) + ((bits >> _BY_2) & _QUADS)
                bits = (bits & _BYTES) + ((bits >> _BY_4) & _BYTES)
                bits = bits + (bits >> _BY_8)
                bits = bits + (bits >> _BY_16)
                bits = bits + (bits >> _BY_32)
                total += np.int64(bits & _BYTE)
            counts[dest] += total


@njit(cache=True, nogil=True)
def count_samples(program, inputs, words, last_mask, slots, counts, observed):
    """Add up the ones of every observation over ``words`` words of sampled inputs; ``observed`` has no rows.

    ``inputs`` has a whole number of rows of 64 words; what lies beyond ``words`` is evaluated and not counted.
    """
    for first in range(0, words, WORDS):
        left = words - first
        evaluate_bits(program, inputs, first, slots, min(left, WORDS), last_mask if left <= WORDS else _ALL, counts, observed)


@njit(cache=True, nogil=True)
def weigh_bits(observed, words, last_mask, word_weight, byte_weight, scale, total, lost):
    """Add the weights of the patterns that set each row; ``total + lost`` is a compensated sum.

    A pattern weighs ``scale * word_weight[word] *`` the weight of its lane; ``byte_weight[b, v]`` is the sum of the
    lane weights of the bits that are set when byte b of a word is v.
    """
    for r in range(observed.shape[0]):
        part = 0.0
        for w in range(words):
            x = observed[r, w]
            if w == words - 1:
                x = x & last_mask
            if x != _NONE:
                lanes = 0.0
                for b in range(8):
                    lanes += byte_weight[b, np.int64(x & _BYTE)]
                    x = x >> _BY_8
                part += word_weight[w] * lanes
        part *= scale
        new = total[r] + part
        if abs(total[r]) >= abs(part):
            lost[r] += (total[r] - new) + part
        else:
            lost[r] += (part - new) + total[r]
        total[r] = new


@njit(cache=True, nogil=True)
def enumerate_bits(program, start, stop, number, inputs, slots, counts, observed, weights):
    """Evaluate rows ``start`` to ``stop`` of all patterns of ``number`` inputs; a row is 4,096 patterns.

    Bit i of a pattern's number is input i. The caller fills the first 12 rows of ``inputs``, which are the same for all
    rows of patterns, and those from ``number`` on, which are fixed. Where ``observed`` has no rows, all patterns weigh
    the same and the ones are counted; else they are weighed.
    """
    words = 1 if number <= LOW_INPUTS else 1 << min(number, ROW_INPUTS) - LOW_INPUTS
    last_mask = _ALL if number >= LOW_INPUTS else np.uint64((1 << (1 << number)) - 1)
    for row in range(start, stop):
        scale = 1.0
        for i in range(ROW_INPUTS, number):
            bit = (row >> (i - ROW_INPUTS)) & 1
            fill = _ALL if bit else _NONE
            for w in range(WORDS):
                inputs[i, w] = fill
            scale *= weights.bit[i, bit]
        evaluate_bits(program, inputs, 0, slots, words, last_mask, counts, observed)
        if observed.shape[0] > 0:
            weigh_bits(observed, words, last_mask, weights.word, weights.byte, scale, weights.total, weights.lost)
