r"""Reductant propagation of order 2: tables of live pairs, and of each gate's two operands with every live wire.

For a gate C of A and B and another wire D, everything follows from ``U[k, j, t] = E[alpha_k(A) beta_j(B) psi_t(D)]``; its faces,
where k or j is 0, are pair tables. If D is a gate of A' and B', its polynomials are sums of products alpha'_m beta'_n, and

    E[alpha_k beta_j alpha'_m beta'_n] = T[k, j] T'[m, n] + T_AA'[k, m] T_BB'[j, n] + T_AB'[k, n] T_BA'[j, m]

wherever k, j, m, n >= 1: the joint cumulant of the four is presumed zero. Where one of them is 0 the expectation is a
tracked one.
"""

import numpy as np
from numba import njit

from heurest.kernels.reductant_coherence import keep_within, set_table
from heurest.kernels.reductant_completions import (
    complete_by_cumulants,
    complete_by_regression,
    complete_without_interaction,
    lawful_table,
    operand_moments,
)
from heurest.kernels.reductant_gate import FORM, KIND, LEFT, NONE, PAIR, PRODUCT, RIGHT, SIZE, UNARY, copy

REGRESSION, INTERACTION, MUTUAL, CUMULANT = range(4)

# Functions that run for every pair take single arrays: a tuple of arrays costs a count of references at each call.


@njit(cache=True)
def read_triple(tables, triples, state, gate, left, right, other, out):
    """``out[k, j, t]`` = E[alpha_k beta_j psi_t] of a gate's operands and another wire, faces and all."""
    e = out.shape[0]
    size = state[other, SIZE]
    for k in range(e):
        for j in range(e):
            out[k, j, 0] = tables[left, right, k - 1, j - 1] if k and j else 0.0
            for t in range(1, e):
                out[k, j, t] = triples[gate, other, k - 1, j - 1, t - 1] if k and j else 0.0
    out[0, 0, 0] = 1.0
    for k in range(1, e):
        for t in range(1, e):
            same = 1.0 if k == t and k < size else 0.0
            out[k, 0, t] = same if left == other else tables[left, other, k - 1, t - 1]
            out[0, k, t] = same if right == other else tables[right, other, k - 1, t - 1]


@njit(cache=True)
def four_wires(tables, triples, state, cubes, slot, other, full, four):
    """``four``: E[alpha_k beta_j alpha'_m beta'_n] of the operands of two gates."""
    left, right, first, second = state[slot, LEFT], state[slot, RIGHT], state[other, LEFT], state[other, RIGHT]
    e = four.shape[0]
    read_triple(tables, triples, state, slot, left, right, first, full[0])
    read_triple(tables, triples, state, slot, left, right, second, full[1])
    if first in (left, right) or second in (left, right):
        shared_wire(tables, cubes, left, right, first, second, full, four)
        return
    read_triple(tables, triples, state, other, first, second, left, full[2])
    read_triple(tables, triples, state, other, first, second, right, full[3])
    for k in range(e):
        for j in range(e):
            here = full[0, k, j, 0]
            for m in range(e):
                four[k, j, m, 0] = full[0, k, j, m]
                four[k, j, 0, m] = full[1, k, j, m]
            for m in range(1, e):
                for n in range(1, e):
                    if k == 0:
                        four[k, j, m, n] = full[3, m, n, j]
                    elif j == 0:
                        four[k, j, m, n] = full[2, m, n, k]
                    else:
                        four[k, j, m, n] = (
                            here * full[2, m, n, 0] + full[0, k, 0, m] * full[1, 0, j, n] + full[1, k, 0, n] * full[0, 0, j, m]
                        )


@njit(cache=True)
def shared_wire(tables, cubes, left, right, first, second, full, four):
    """The same for gates that share an operand: its polynomials are multiplied and written as a sum of polynomials again."""
    e = four.shape[0]
    both = (first == left and second == right) or (first == right and second == left)
    for k in range(e):
        for j in range(e):
            for m in range(e):
                for n in range(e):
                    total = 0.0
                    if both:
                        x, y = (m, n) if first == left else (n, m)
                        for r in range(e):
                            for s in range(e):
                                total += cubes[left, PRODUCT, k, x, r] * cubes[right, PRODUCT, j, y, s] * full[0, r, s, 0]
                    else:
                        for r in range(e):
                            if first == left:
                                total += cubes[left, PRODUCT, k, m, r] * full[1, r, j, n]
                            elif first == right:
                                total += cubes[right, PRODUCT, j, m, r] * full[1, k, r, n]
                            elif second == left:
                                total += cubes[left, PRODUCT, k, n, r] * full[0, r, j, m]
                            else:
                                total += cubes[right, PRODUCT, j, n, r] * full[0, k, r, m]
                    four[k, j, m, n] = total


@njit(cache=True)
def complete_by_expansion(triples, state, cubes, unary, slot, other, full, four):
    """The wire is a gate: its expansion, with what ``four`` or (``full[1]``) the triples with its operand tell."""
    e = four.shape[0]
    of_one = state[other, KIND] == UNARY
    for k in range(1, e):
        for j in range(1, e):
            for t in range(1, e):
                total = 0.0
                for m in range(e):
                    if of_one:
                        total += unary[other, t, m] * full[1, k, j, m]
                    else:
                        for n in range(e):
                            total += cubes[other, FORM, t, m, n] * four[k, j, m, n]
                triples[slot, other, k - 1, j - 1, t - 1] = total


@njit(cache=True)
def learn_from_pair(triples, cubes, slot, other, four):
    """What the new gate tells the triples of an older gate, from its own expansion."""
    e = four.shape[0]
    for m in range(1, e):
        for n in range(1, e):
            for t in range(1, e):
                total = 0.0
                for k in range(e):
                    for j in range(e):
                        total += cubes[slot, FORM, t, k, j] * four[k, j, m, n]
                triples[other, slot, m - 1, n - 1, t - 1] = total


@njit(cache=True)
def learn_from_unary(triples, unary, slot, other, operand):
    """The same for a new function of one wire."""
    d = triples.shape[2]
    for m in range(d):
        for n in range(d):
            for t in range(d):
                total = 0.0
                for r in range(1, d + 1):
                    total += unary[slot, t + 1, r] * triples[other, operand, m, n, r - 1]
                triples[other, slot, m, n, t] = total


@njit(cache=True)
def table_of_pair(tables, triples, state, cubes, slot, other, found):
    """``found``: the gate's expansion on its operands' triples with the wire."""
    d = found.shape[0]
    left, right, size = state[slot, LEFT], state[slot, RIGHT], state[other, SIZE]
    for i in range(d):
        for t in range(d):
            total = 0.0
            for k in range(d):
                same = 1.0 if k == t and k + 1 < size else 0.0
                total += cubes[slot, FORM, i + 1, k + 1, 0] * (same if left == other else tables[left, other, k, t])
                total += cubes[slot, FORM, i + 1, 0, k + 1] * (same if right == other else tables[right, other, k, t])
                for j in range(d):
                    total += cubes[slot, FORM, i + 1, k + 1, j + 1] * triples[slot, other, k, j, t]
            found[i, t] = total


@njit(cache=True)
def join_pair(wires, slot, completion, m, n, room, moments, pair):
    """Tables of a gate of two different wires with every live wire, older wires first."""
    tables, triples, state, cubes, unary = wires.tables, wires.triples, wires.state, wires.cubes, wires.unary
    law, slopes, few, tally, order = wires.law, wires.slopes, wires.few, wires.tally, wires.order
    full, four = room.full, room.four
    left, right = state[slot, LEFT], state[slot, RIGHT]
    d = tables.shape[2]
    found, raws = np.zeros((d, d)), np.zeros((3, 3, 3))
    if completion in (CUMULANT, MUTUAL):
        operand_moments(m, n, room, moments)
    elif completion == INTERACTION:
        lawful_table(tables, state, law, few, left, right, pair)
    for i in range(order[-1]):
        other = order[i]
        opened = completion == MUTUAL and state[other, KIND] != NONE and state[other, LEFT] >= 0
        of_two = opened and state[other, KIND] == PAIR
        if of_two:
            four_wires(tables, triples, state, cubes, slot, other, full, four)
        elif opened:
            read_triple(tables, triples, state, slot, left, right, state[other, LEFT], full[1])
        if other == left:
            copy(room.moments[0], triples[slot, other])
        elif other == right:
            copy(room.moments[1], triples[slot, other])
        elif opened:
            complete_by_expansion(triples, state, cubes, unary, slot, other, full, four)
            keep_within(triples, slopes, tally, slot, slot, other)
        elif completion == INTERACTION:
            complete_without_interaction(tables, triples, state, law, few, slot, left, right, other, pair)
        else:
            if completion == REGRESSION or d > 2:  # cumulants fill degrees 1 and 2
                complete_by_regression(tables, triples, slopes, slot, left, right, other)
            if completion != REGRESSION:
                complete_by_cumulants(tables, triples, state, law, cubes, slot, left, right, other, moments, raws)
                keep_within(triples, slopes, tally, slot, slot, other)
        if of_two:
            learn_from_pair(triples, cubes, slot, other, four)
            keep_within(triples, slopes, tally, other, other, slot)
        table_of_pair(tables, triples, state, cubes, slot, other, found)
        set_table(tables, state, law, tally, slot, other, found)


@njit(cache=True)
def join_unary(wires, slot, completion):
    """Tables of a function of one wire with every live wire."""
    tables, triples, state, unary = wires.tables, wires.triples, wires.state, wires.unary
    d = tables.shape[2]
    found = np.zeros((d, d))
    operand = state[slot, LEFT]
    for i in range(wires.order[-1]):
        other = wires.order[i]
        for r in range(d):
            for t in range(d):
                total = unary[slot, r + 1, t + 1] if other == operand else 0.0
                for k in range(d if other != operand else 0):
                    total += unary[slot, r + 1, k + 1] * tables[operand, other, k, t]
                found[r, t] = total
        set_table(tables, state, wires.law, wires.tally, slot, other, found)
        if completion == MUTUAL and state[other, KIND] == PAIR and state[other, LEFT] >= 0:
            learn_from_unary(triples, unary, slot, other, operand)
