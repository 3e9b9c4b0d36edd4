"""Coherence of tables: no two functions of wires may correlate by more than 1."""

from numba import njit

from heurest.kernels.reductant_gate import BOOLEAN, CUT, MOMENTS, MOVED, MOVED_MOST, MOVED_SUM, PAIRS, WEIGHTS
from heurest.kernels.small_matrices import largest_correlation

_MOVE = 1e-9


@njit(cache=True)
def keep_within(triples, slopes, tally, gate, row, column):
    """No function of a wire correlates with alpha_k beta_j by more than 1: cut what the norm of the product does not allow."""
    d = triples.shape[2]
    for k in range(d):
        for j in range(d):
            norm = slopes[gate, k, j, 2 * d]
            for t in range(d):
                value = triples[row, column, k, j, t]
                if not abs(value) <= norm * (1.0 + 1e-9):
                    tally[CUT] += 1
                    triples[row, column, k, j, t] = norm if value > 0.0 else -norm


@njit(cache=True)
def make_coherent(found, d):
    """No function of one wire correlates with one of the other by more than 1: shrink all but the entry of degree 1; the largest move."""
    move = 0.0
    total = 0.0
    for i in range(d):
        for t in range(d):
            total += found[i, t] ** 2
    if total <= 1.0:
        return 0.0
    kept = min(max(found[0, 0], -1.0), 1.0)
    move = abs(kept - found[0, 0])
    found[0, 0] = kept
    if largest_correlation(found, 1.0, d) <= 1.0 + 1e-12:
        return move
    low, high = 0.0, 1.0
    for _ in range(30):
        middle = 0.5 * (low + high)
        if largest_correlation(found, middle, d) <= 1.0 + 1e-12:
            low = middle
        else:
            high = middle
    for i in range(d):
        for t in range(d):
            if i or t:
                move = max(move, abs(found[i, t]) * (1.0 - low))
                found[i, t] *= low
    return move


@njit(cache=True)
def stay_possible(law, slot, other, found):
    """Two 0/1 wires keep to the two-way Frechet bounds; the move."""
    scale = law[slot, MOMENTS, 1] * law[other, MOMENTS, 1]
    if scale == 0.0:
        return 0.0
    zero, one, other_zero, other_one = law[slot, WEIGHTS, 0], law[slot, WEIGHTS, 1], law[other, WEIGHTS, 0], law[other, WEIGHTS, 1]
    low = -min(one * other_one, zero * other_zero) / scale
    high = min(one * other_zero, zero * other_one) / scale
    before = found[0, 0]
    found[0, 0] = min(max(before, low), high)
    return abs(found[0, 0] - before)


@njit(cache=True)
def set_table(tables, state, law, tally, slot, other, found):
    """Keep ``found[i, t]`` as the table of two wires, once it is coherent."""
    d = found.shape[0]
    move = make_coherent(found, d)
    if state[slot, BOOLEAN] and state[other, BOOLEAN]:
        move = max(move, stay_possible(law, slot, other, found))
    if move > _MOVE:
        tally[MOVED] += 1
        tally[MOVED_SUM] += move
        tally[MOVED_MOST] = max(tally[MOVED_MOST], move)
    tally[PAIRS] += 1
    for i in range(d):
        for t in range(d):
            tables[slot, other, i, t] = found[i, t]
            tables[other, slot, t, i] = found[i, t]
