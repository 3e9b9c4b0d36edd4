"""From ands and exclusive ors of two nodes to ands alone: equal ands become one, what constants decide is left out.

Literals are those of AIGER: ``2 k`` is variable k, ``2 k + 1`` its inverse; variable 0 is the constant 0, inputs follow, then ands.
"""

import numpy as np
from numba import njit

from heurest.opcodes import BIT_LOAD, BIT_XOR


@njit(cache=True)
def and_graph(op, left, right, left_not, right_not, num_inputs):
    """Write the nodes of a boolean program, operands first, as ands.

    ``BIT_LOAD`` is input number ``left``; an operand of ``BIT_AND`` is inverted where its flag says so. An exclusive or is
    ``~(a & b) & ~(~a & ~b)``, of which ``a & b`` is often there already, as a carry, or always 0, in a multiplexer.

    Returns the operands of the ands, larger first, shape ``(2, ands)``, and the literal of every node.
    """
    room = 0
    for k in range(op.size):
        if op[k] != BIT_LOAD:
            room += 3 if op[k] == BIT_XOR else 1
    operands = np.empty((2, room), np.int64)
    size = 16
    while size < 2 * room:
        size *= 2
    table = np.full(size, -1, np.int64)
    literal = np.empty(op.size, np.int64)
    count = 0
    for k in range(op.size):
        if op[k] == BIT_LOAD:
            literal[k] = 2 * (np.int64(left[k]) + 1)
            continue
        a, b = literal[left[k]], literal[right[k]]
        if op[k] != BIT_XOR:
            if left_not[k]:
                a ^= 1
            if right_not[k]:
                b ^= 1
            literal[k], count = _conjunction(a, b, operands, table, count, num_inputs)
            continue
        inverted = (a ^ b) & 1
        a, b = a - (a & 1), b - (b & 1)
        both = np.int64(0)
        if not _exclude(a, b, operands, num_inputs):
            both, count = _conjunction(a, b, operands, table, count, num_inputs)
        neither, count = _conjunction(a + 1, b + 1, operands, table, count, num_inputs)
        result, count = _conjunction(both ^ 1, neither ^ 1, operands, table, count, num_inputs)
        literal[k] = result ^ inverted
    return operands[:, :count], literal


@njit(cache=True)
def _conjunction(a, b, operands, table, count, num_inputs):
    """The literal of ``a & b``, which is added unless it is there, and the number of ands."""
    high, low = max(a, b), min(a, b)
    if low == 0 or high == low ^ 1:
        return np.int64(0), count
    if low == 1 or high == low:
        return high, count
    mask = table.size - 1
    mixed = high * 7919 + low * 104729  # literals are below 2**32
    place = (mixed ^ (mixed >> 15)) & mask
    while table[place] >= 0:
        k = table[place]
        if operands[0, k] == high and operands[1, k] == low:
            return 2 * (num_inputs + 1 + k), count
        place = (place + 1) & mask
    table[place] = count
    operands[0, count], operands[1, count] = high, low
    return 2 * (num_inputs + 1 + count), count + 1


@njit(cache=True)
def _exclude(a, b, operands, num_inputs):
    """Whether two ands read some literal and its inverse, as those of a multiplexer do, and so are never both 1."""
    first = num_inputs + 1
    p, q = (a >> 1) - first, (b >> 1) - first
    if p < 0 or q < 0:
        return False
    for i in range(2):
        for j in range(2):
            if operands[i, p] ^ operands[j, q] == 1:
                return True
    return False


@njit(cache=True)
def needed_ands(operands, outputs, num_inputs):
    """The ands that feed an output, numbered anew, as `and_graph` returns them; and the outputs over them."""
    first = num_inputs + 1
    ands = operands.shape[1]
    number = np.full(first + ands, -1, np.int64)
    for k in range(first):
        number[k] = k
    for i in range(outputs.size):
        number[outputs[i] >> 1] = 0
    for k in range(ands - 1, -1, -1):
        if number[first + k] == 0:
            number[operands[0, k] >> 1] = 0
            number[operands[1, k] >> 1] = 0
    count = 0
    kept = np.empty((2, ands), np.int64)
    for k in range(first):
        number[k] = k
    for k in range(ands):
        if number[first + k] == 0:
            number[first + k] = first + count
            for side in range(2):
                kept[side, count] = 2 * number[operands[side, k] >> 1] + (operands[side, k] & 1)
            count += 1
    ends = np.empty(outputs.size, np.int64)
    for i in range(outputs.size):
        ends[i] = 2 * number[outputs[i] >> 1] + (outputs[i] & 1)
    return kept[:, :count], ends
