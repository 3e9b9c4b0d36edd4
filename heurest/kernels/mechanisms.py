"""Boolean nodes with some combinations of operand values switched off: counts, first changes of the outputs, single drops.

A program has a slot for every node. Combination ``2 u + w`` of a gate says what its operands are, u and w, after the inversions
that the gate makes. Where bit c of a gate's flips is set, the gate gives the wrong value in combination c.
"""

import numpy as np
from numba import njit

from heurest.opcodes import BIT_LOAD, BIT_XOR

WORDS = 16  # words a node that are worked on at once: 10,000 nodes take 1.3 MB, twice
NO_LEVEL = 255

_ALL = np.uint64(0xFFFFFFFFFFFFFFFF)
_NONE = np.uint64(0)
_PAIRS = np.uint64(0x5555555555555555)
_QUADS = np.uint64(0x3333333333333333)
_BYTES = np.uint64(0x0F0F0F0F0F0F0F0F)
_BYTE = np.uint64(0xFF)
_BY_1, _BY_2, _BY_4, _BY_8, _BY_16, _BY_32 = (np.uint64(2**i) for i in range(6))


@njit(cache=True, nogil=True)
def run_gate(program, k, flips, slots, words):
    """One gate in the first ``words`` words, wrong where its flips say so."""
    x, y = program.left[k], program.right[k]
    p = _ALL if program.left_not[k] else _NONE
    q = _ALL if program.right_not[k] else _NONE
    is_xor = program.op[k] == BIT_XOR
    if flips == 0:
        if is_xor:
            for w in range(words):
                slots[k, w] = slots[x, w] ^ slots[y, w] ^ p ^ q
        else:
            for w in range(words):
                slots[k, w] = (slots[x, w] ^ p) & (slots[y, w] ^ q)
        return
    f00, f01 = (_ALL if flips & 1 else _NONE), (_ALL if flips & 2 else _NONE)
    f10, f11 = (_ALL if flips & 4 else _NONE), (_ALL if flips & 8 else _NONE)
    for w in range(words):
        a, b = slots[x, w] ^ p, slots[y, w] ^ q
        wrong = (a & ((b & f11) | (~b & f10))) | (~a & ((b & f01) | (~b & f00)))
        slots[k, w] = wrong ^ (a ^ b if is_xor else a & b)


@njit(cache=True, nogil=True)
def evaluate_nodes(program, inputs, first, words, slots):
    """All nodes in ``words`` words of the inputs from ``first`` on."""
    for k in range(program.op.size):
        if program.op[k] == BIT_LOAD:
            for w in range(words):
                slots[k, w] = inputs[program.left[k], first + w]
        else:
            run_gate(program, k, 0, slots, words)


@njit(cache=True, nogil=True)
def count_ones(program, inputs, last_mask, slots, ones):
    """Add to ``ones`` in how many patterns each node is 1; ``inputs`` has a row an input, the last word is masked."""
    total_words = inputs.shape[1]
    for first in range(0, total_words, WORDS):
        words = min(WORDS, total_words - first)
        evaluate_nodes(program, inputs, first, words, slots)
        for k in range(program.op.size):
            total = np.int64(0)
            for w in range(words):
                bits = slots[k, w]
                if first + w == total_words - 1:
                    bits = bits & last_mask
                bits = bits - ((bits >> _BY_1) & _PAIRS)
                bits = (bits & _QUADS) + ((bits >> _BY_2) & _QUADS)
                bits = (bits + (bits >> _BY_4)) & _BYTES
                bits = bits + (bits >> _BY_8)
                bits = bits + (bits >> _BY_16)
                bits = bits + (bits >> _BY_32)
                total += np.int64(bits & _BYTE)
            ones[k] += total


@njit(cache=True, nogil=True)
def first_changes(program, flips, watched, inputs, actual, slots, levels):
    """The first level at which a watched node is not what it is: ``levels[64 * word + lane]``, ``NO_LEVEL`` for none.

    ``flips`` has a row a level and a column a node. Cost: one evaluation of all nodes a level.
    """
    total_words = inputs.shape[1]
    for first in range(0, total_words, WORDS):
        words = min(WORDS, total_words - first)
        evaluate_nodes(program, inputs, first, words, actual)
        for i in range(64 * first, 64 * (first + words)):
            levels[i] = NO_LEVEL
        for level in range(flips.shape[0]):
            same = True  # nodes before the first flip are what they are
            for k in range(program.op.size):
                if program.op[k] == BIT_LOAD or (same and flips[level, k] == 0):
                    for w in range(words):
                        slots[k, w] = actual[k, w]
                else:
                    same = False
                    run_gate(program, k, flips[level, k], slots, words)
            for w in range(words):
                changed = _NONE
                for i in range(watched.size):
                    changed |= slots[watched[i], w] ^ actual[watched[i], w]
                lane = 64 * (first + w)
                while changed != _NONE:
                    if changed & _BY_1 and levels[lane] == NO_LEVEL:
                        levels[lane] = level
                    changed = changed >> _BY_1
                    lane += 1


@njit(cache=True, nogil=True)
def try_drops(program, nodes, combinations, chosen, first, stop, prefixes, watched, actual, slots, wrong):
    """Lanes in which a watched node changes: lane i drops mechanism ``chosen[first + i]``, with ``prefixes`` all before it, too.

    ``actual`` holds what the nodes are in the first word; ``wrong``, a row of four words a node, is all zeros before and after.
    """
    begin = 0 if prefixes else first
    earliest = program.op.size
    for i in range(begin, stop):
        lanes = _ALL
        if i >= first:
            lanes = (_ALL if prefixes else _BY_1) << np.uint64(i - first)
        node = nodes[chosen[i]]
        wrong[node, combinations[chosen[i]]] |= lanes
        earliest = min(earliest, node)
    for k in range(earliest):
        slots[k, 0] = actual[k, 0]
    for k in range(earliest, program.op.size):
        if program.op[k] == BIT_LOAD:
            slots[k, 0] = actual[k, 0]
            continue
        a = slots[program.left[k], 0] ^ (_ALL if program.left_not[k] else _NONE)
        b = slots[program.right[k], 0] ^ (_ALL if program.right_not[k] else _NONE)
        flipped = (a & ((b & wrong[k, 3]) | (~b & wrong[k, 2]))) | (~a & ((b & wrong[k, 1]) | (~b & wrong[k, 0])))
        slots[k, 0] = flipped ^ (a ^ b if program.op[k] == BIT_XOR else a & b)
    for i in range(begin, stop):
        wrong[nodes[chosen[i]], combinations[chosen[i]]] = _NONE
    changed = _NONE
    for i in range(watched.size):
        changed |= slots[watched[i], 0] ^ actual[watched[i], 0]
    return changed


@njit(cache=True, nogil=True)
def witnesses(program, inputs, patterns, nodes, combinations, watched, actual, slots, wrong, alone, output):
    """For each of some patterns the first mechanism in a list that occurs and whose drop alone changes a watched node.

    Mechanism i is combination ``combinations[i]`` of ``nodes[i]``. ``alone[j]`` becomes i for pattern number ``patterns[j]``. Where no
    single one does it, it becomes -2 - i with i the last of the fewest of those that occur, in the order of the list, whose loss
    changes a watched node together; -1 where even all of them change nothing. ``output[j]`` is the place of the first watched node that
    changes, -1 for none.

    Cost: two evaluations of the circuit a pattern and 64 mechanisms that occur on it.
    """
    chosen = np.empty(nodes.size, np.int64)
    for j in range(patterns.size):
        word, lane = patterns[j] // 64, np.uint64(patterns[j] % 64)
        for k in range(program.op.size):
            if program.op[k] == BIT_LOAD:
                actual[k, 0] = _ALL if (inputs[program.left[k], word] >> lane) & _BY_1 != _NONE else _NONE
            else:
                a = actual[program.left[k], 0] ^ (_ALL if program.left_not[k] else _NONE)
                b = actual[program.right[k], 0] ^ (_ALL if program.right_not[k] else _NONE)
                actual[k, 0] = a ^ b if program.op[k] == BIT_XOR else a & b
        count = 0
        for i in range(nodes.size):
            node = nodes[i]
            u = (actual[program.left[node], 0] != _NONE) != program.left_not[node]
            v = (actual[program.right[node], 0] != _NONE) != program.right_not[node]
            if combinations[i] == 2 * u + v:
                chosen[count] = i
                count += 1
        alone[j], output[j] = -1, -1
        for prefixes in range(2):
            for first in range(0, count, 64):
                stop = min(first + 64, count)
                changed = try_drops(program, nodes, combinations, chosen, first, stop, prefixes == 1, watched, actual, slots, wrong)
                for i in range(first, stop):
                    if (changed >> np.uint64(i - first)) & _BY_1 != _NONE:
                        alone[j] = chosen[i] if prefixes == 0 else -2 - chosen[i]
                        for k in range(watched.size - 1, -1, -1):
                            if ((slots[watched[k], 0] ^ actual[watched[k], 0]) >> np.uint64(i - first)) & _BY_1 != _NONE:
                                output[j] = k
                        break
                if alone[j] != -1:
                    break
            if alone[j] != -1:
                break


@njit(cache=True)
def propagate_measured(program, input_one, input_zero, ones, patterns, one, zero):
    """P(1) and P(0) of all nodes: frequencies where both values were seen, else by independence from the operands.

    A value that was not seen in n patterns and has probability p by independence counts ``p / (1 + n p)``, the mean of an
    exponential law of mean p given that nothing was seen; the other value has the rest.
    """
    for k in range(program.op.size):
        if 0 < ones[k] < patterns:
            one[k] = ones[k] / patterns
            zero[k] = (patterns - ones[k]) / patterns
            continue
        if program.op[k] == BIT_LOAD:
            p1, p0 = input_one[program.left[k]], input_zero[program.left[k]]
        else:
            x, y = program.left[k], program.right[k]
            a1, a0 = (zero[x], one[x]) if program.left_not[k] else (one[x], zero[x])
            b1, b0 = (zero[y], one[y]) if program.right_not[k] else (one[y], zero[y])
            if program.op[k] == BIT_XOR:
                p1, p0 = a1 * b0 + a0 * b1, a1 * b1 + a0 * b0
            else:
                p1, p0 = a1 * b1, a0 + a1 * b0
            scale = 2.0 - (p1 + p0)  # left to rounding, their sum would drift from 1
            p1, p0 = scale * p1, scale * p0
        if patterns > 0 and ones[k] == 0:
            one[k] = p1 / (1.0 + patterns * p1)
            zero[k] = 1.0 - one[k]
        elif patterns > 0:
            zero[k] = p0 / (1.0 + patterns * p0)
            one[k] = 1.0 - zero[k]
        else:
            one[k], zero[k] = p1, p0


@njit(cache=True, nogil=True)
def rarest_values(program, weight_zero, weight_one, inputs, slots, scores):
    """For each pattern the largest weight of a value that a node takes; ``scores`` has a number for all 64 lanes of each word."""
    total_words = inputs.shape[1]
    for i in range(scores.size):
        scores[i] = -np.inf
    for first in range(0, total_words, WORDS):
        words = min(WORDS, total_words - first)
        evaluate_nodes(program, inputs, first, words, slots)
        for k in range(program.op.size):
            low, high = weight_zero[k], weight_one[k]
            for w in range(words):
                bits, lane = slots[k, w], 64 * (first + w)
                for i in range(64):
                    value = high if bits & _BY_1 else low
                    bits = bits >> _BY_1
                    if value > scores[lane + i]:
                        scores[lane + i] = value


@njit(cache=True)
def reaching(program, watched):
    """Which nodes reach a watched one."""
    live = np.zeros(program.op.size, np.bool_)
    for i in range(watched.size):
        live[watched[i]] = True
    for k in range(program.op.size - 1, -1, -1):
        if live[k] and program.op[k] != BIT_LOAD:
            live[program.left[k]] = True
            live[program.right[k]] = True
    return live
