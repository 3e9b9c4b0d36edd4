"""Covariances of 0/1 nodes with their nearest partners only: so many each, those with the largest correlations.

A new gate C of A and B asks for partners among those of A and of B. For such a D, cov(C, D) is completed from the pairs (A, B), (A, D)
and (B, D) by regression within the Frechet bounds, as in `boolean_reductant`; a pair that nobody keeps counts as uncorrelated. With no
partners that is the presumption of independence, with enough of them all pairs are kept.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from heurest.kernels.boolean_reductant import MOVE, RARE, cell, product_bounds, rare_product_bounds, regression
from heurest.opcodes import BIT_AND, BIT_LOAD

# Entries of Window.tally: completed pairs, pairs that coherence moved, the sum and the largest of the moves, pairs without room.
PAIRS, MOVED, MOVED_SUM, MOVED_MOST, DROPPED = range(5)


class Window(NamedTuple):
    """What is kept: n nodes, w partners each.

    ``partner`` (n, w) holds nodes, -1 where there is room, ``covariance`` (n, w) what they share. ``weakest`` is the place of each node's
    partner with the smallest score, ``score`` (n, w) squared correlations. ``mark`` (n,) says where a node stands among ``candidate``
    (up to 2 w + 2 of them), whose covariances with the operands are ``with_left`` and ``with_right``. ``input_node`` is the node of
    each input of a joint law, -1 before it is loaded.
    """

    partner: np.ndarray
    covariance: np.ndarray
    score: np.ndarray
    weakest: np.ndarray
    mark: np.ndarray
    candidate: np.ndarray
    with_left: np.ndarray
    with_right: np.ndarray
    with_gate: np.ndarray
    candidate_score: np.ndarray
    input_node: np.ndarray
    tally: np.ndarray


@njit(cache=True)
def between(window, first, second):
    """The covariance of two nodes, if either keeps the other."""
    row = window.partner[first]
    for i in range(row.size):
        if row[i] == second:
            return window.covariance[first, i]
    row = window.partner[second]
    for i in range(row.size):
        if row[i] == first:
            return window.covariance[second, i]
    return 0.0


@njit(cache=True)
def keep(window, node, other, value, score, last_read, now):
    """Make ``other`` a partner of ``node``: where there is room, where the partner is dead, or in place of a weaker one."""
    row, scores = window.partner[node], window.score[node]
    place = window.weakest[node]
    if row[place] >= 0 and last_read[row[place]] > now and scores[place] >= score:
        window.tally[DROPPED] += 1.0
        return
    if row[place] >= 0 and last_read[row[place]] > now:
        window.tally[DROPPED] += 1.0
    row[place], scores[place] = other, score
    window.covariance[node, place] = value
    worst = 0
    for i in range(row.size):
        if row[i] < 0 or last_read[row[i]] <= now:
            worst = i
            break
        if scores[i] < scores[worst]:
            worst = i
    window.weakest[node] = worst


@njit(cache=True)
def threshold(scores, count, kept):
    """The score that ``kept`` of the first ``count`` scores reach: quickselect, which leaves them in another order."""
    low, high, target = 0, count - 1, kept - 1
    while low < high:
        pivot = scores[(low + high) // 2]
        i, j = low, high
        while i <= j:
            while scores[i] > pivot:
                i += 1
            while scores[j] < pivot:
                j -= 1
            if i <= j:
                scores[i], scores[j] = scores[j], scores[i]
                i += 1
                j -= 1
        if target <= j:
            high = j
        elif target >= i:
            low = i
        else:
            break
    return scores[target]


@njit(cache=True)
def gather(window, left, right, spread_left, spread_right, shared, last_read, now):
    """Candidates: the operands and their partners that something still reads; how many there are."""
    candidate, with_left, with_right, mark = window.candidate, window.with_left, window.with_right, window.mark
    count = 0
    if last_read[left] > now:
        candidate[count], mark[left] = left, count
        with_left[count], with_right[count] = spread_left, shared
        count += 1
    if last_read[right] > now:
        candidate[count], mark[right] = right, count
        with_left[count], with_right[count] = shared, spread_right
        count += 1
    for side in range(2):
        node = left if side == 0 else right
        row = window.partner[node]
        for i in range(row.size):
            other = row[i]
            if other < 0 or last_read[other] <= now:
                continue
            place = mark[other]
            if place < 0:
                candidate[count], mark[other] = other, count
                with_left[count], with_right[count] = 0.0, 0.0
                place = count
                count += 1
            if side == 0:
                with_left[place] = window.covariance[node, i]
            else:
                with_right[place] = window.covariance[node, i]
    for i in range(count):
        mark[candidate[i]] = -1
    return count


@njit(cache=True)
def propagate_window(program, start, stop, inputs, window, last_read, one, zero):
    """Run instructions ``start`` to ``stop``; P(1) and P(0) of node k go into ``one[k]`` and ``zero[k]``; slots are nodes.

    Cost: some 2 w completions a gate, and w comparisons for each partner that changes.
    """
    width = window.partner.shape[1]
    for k in range(start, stop):
        if program.op[k] == BIT_LOAD:
            number = program.left[k]
            one[k], zero[k] = inputs.one[number], inputs.zero[number]
            if inputs.first[number] >= 0 and width:
                load_joint(k, number, inputs, window, last_read, one, zero)
            continue
        left, right = program.left[k], program.right[k]
        a, not_a, left_sign = one[left], zero[left], 1.0
        b, not_b, right_sign = one[right], zero[right], 1.0
        spread_left, spread_right = a * not_a, b * not_b
        if program.left_not[k]:
            a, not_a, left_sign = not_a, a, -1.0
        if program.right_not[k]:
            b, not_b, right_sign = not_b, b, -1.0
        shared = between(window, left, right) if width else 0.0
        share = left_sign * right_sign * shared
        p11, p10, p01, p00 = cell(a, b, share), cell(a, not_b, -share), cell(not_a, b, -share), cell(not_a, not_b, share)
        is_and = program.op[k] == BIT_AND
        if is_and:
            c, not_c, linear, product = p11, not_a + p10, 0.0, 1.0
        else:
            c, not_c, linear, product = p10 + p01, p11 + p00, 1.0, -2.0
        if c < not_c:  # left to rounding, their sum would drift from 1
            not_c = 1.0 - c
        else:
            c = 1.0 - not_c
        one[k], zero[k] = c, not_c
        spread = c * not_c
        if width == 0 or last_read[k] <= k or spread == 0.0:
            continue
        count = gather(window, left, right, spread_left, spread_right, shared, last_read, k)
        on_left, on_right, _ = regression(p11, p10, p01, p00)
        rare = is_and and 0.0 < p11 < RARE
        for i in range(count):
            other = window.candidate[i]
            d, not_d = one[other], zero[other]
            u, v = left_sign * window.with_left[i], right_sign * window.with_right[i]
            x = on_left * u + on_right * v
            if rare:
                low, high = rare_product_bounds(p11, p10, p01, p00, d, not_d, u, v)
            else:
                low, high = product_bounds(p11, p10, p01, p00, d, not_d, u, v)
            middle = 0.5 * (low + high)  # crossed bounds: rounding, or pairs that contradict each other
            low, high = min(low, middle), max(high, middle)
            if other == left:
                window.with_gate[i] = left_sign * (p11 * not_a if is_and else p10 * not_a - p01 * a)
            elif other == right:
                window.with_gate[i] = right_sign * (p11 * not_b if is_and else p01 * not_b - p10 * b)
            else:
                kept = min(max(x, low), high)
                value = linear * (u + v) + product * kept
                bounded = min(min(max(max(value, -c * d), -not_c * not_d), c * not_d), not_c * d)
                move = abs(bounded - (linear * (u + v) + product * x))
                window.tally[PAIRS] += 1.0
                if move > MOVE:
                    window.tally[MOVED] += 1.0
                    window.tally[MOVED_SUM] += move
                    window.tally[MOVED_MOST] = max(window.tally[MOVED_MOST], move)
                window.with_gate[i] = bounded
            spread_d = d * not_d
            value = window.with_gate[i]
            window.with_left[i] = value * value / (spread * spread_d) if spread_d > 0.0 else 0.0
            window.candidate_score[i] = window.with_left[i]
        limit = threshold(window.candidate_score, count, width) if count > width else 0.0
        for i in range(count):
            score = window.with_left[i]
            if score > 0.0 and score >= limit:
                other, value = window.candidate[i], window.with_gate[i]
                keep(window, k, other, value, score, last_read, k)
                keep(window, other, k, value, score, last_read, k)


@njit(cache=True)
def load_joint(node, number, inputs, window, last_read, one, zero):
    """Make the inputs of one joint law partners of each other, those that are loaded so far."""
    first = inputs.first[number]
    window.input_node[number] = node
    for member in range(first, first + inputs.size[number]):
        other = window.input_node[member]
        if other < 0 or other == node:
            continue
        value = inputs.covariance[inputs.offset[number] + (number - first) * inputs.size[number] + member - first]
        spread = one[node] * zero[node] * one[other] * zero[other]
        if value != 0.0 and spread > 0.0:
            score = value * value / spread
            keep(window, node, other, value, score, last_read, node)
            keep(window, other, node, value, score, last_read, node)
