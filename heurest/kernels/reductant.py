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
from heurest.kernels.reductant_gate import FORM, KIND, LEFT, NONE, PAIR, PRODUCT, RIGHT, SIZE, UNARY, clear, table

REGRESSION, INTERACTION, MUTUAL, CUMULANT = range(4)


@njit(cache=True)
def copy(source, target):
    """Copy an array of three axes."""
    for i in range(source.shape[0]):
        for j in range(source.shape[1]):
            for k in range(source.shape[2]):
                target[i, j, k] = source[i, j, k]


@njit(cache=True)
def read_triple(wires, gate, left, right, other, out):
    """``out[k, j, t]`` = E[alpha_k beta_j psi_t] of a gate's operands and another wire, faces and all."""
    e = out.shape[0]
    for k in range(e):
        for j in range(e):
            out[k, j, 0] = table(wires, left, right, k, j)
            for t in range(1, e):
                if k and j:
                    out[k, j, t] = wires.triples[gate, other, k - 1, j - 1, t - 1]
                elif k:
                    out[k, j, t] = table(wires, left, other, k, t)
                elif j:
                    out[k, j, t] = table(wires, right, other, j, t)
                else:
                    out[k, j, t] = 0.0


@njit(cache=True)
def four_wires(wires, slot, left, right, other, room):
    """``room.four``: E[alpha_k beta_j alpha'_m beta'_n] of the operands of two gates."""
    first, second = wires.state[other, LEFT], wires.state[other, RIGHT]
    four, full = room.four, room.full
    e = four.shape[0]
    read_triple(wires, slot, left, right, first, full[0])
    read_triple(wires, slot, left, right, second, full[1])
    if first in (left, right) or second in (left, right):
        shared_wire(wires, left, right, first, second, four, full)
        return
    read_triple(wires, other, first, second, left, full[2])
    read_triple(wires, other, first, second, right, full[3])
    for k in range(e):
        for j in range(e):
            here = table(wires, left, right, k, j)
            for m in range(e):
                for n in range(e):
                    if n == 0:
                        four[k, j, m, n] = full[0, k, j, m]
                    elif m == 0:
                        four[k, j, m, n] = full[1, k, j, n]
                    elif k == 0:
                        four[k, j, m, n] = full[3, m, n, j]
                    elif j == 0:
                        four[k, j, m, n] = full[2, m, n, k]
                    else:
                        four[k, j, m, n] = (
                            here * table(wires, first, second, m, n)
                            + full[0, k, 0, m] * full[1, 0, j, n]
                            + full[1, k, 0, n] * full[0, 0, j, m]
                        )


@njit(cache=True)
def shared_wire(wires, left, right, first, second, four, full):
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
                                total += (
                                    wires.cubes[left, PRODUCT, k, x, r]
                                    * wires.cubes[right, PRODUCT, j, y, s]
                                    * table(wires, left, right, r, s)
                                )
                    else:
                        for r in range(e):
                            if first == left:
                                total += wires.cubes[left, PRODUCT, k, m, r] * full[1, r, j, n]
                            elif first == right:
                                total += wires.cubes[right, PRODUCT, j, m, r] * full[1, k, r, n]
                            elif second == left:
                                total += wires.cubes[left, PRODUCT, k, n, r] * full[0, r, j, m]
                            else:
                                total += wires.cubes[right, PRODUCT, j, n, r] * full[0, k, r, m]
                    four[k, j, m, n] = total


@njit(cache=True)
def complete_by_expansion(wires, slot, left, right, other, room):
    """The wire is a gate: its expansion, with what ``room.four`` or the triples with its operand tell."""
    e = room.four.shape[0]
    found, inner = room.full[0], wires.triples[slot, other]
    clear(found)
    if wires.state[other, KIND] == UNARY:
        operand = wires.state[other, LEFT]
        read_triple(wires, slot, left, right, operand, room.full[1])
        for t in range(1, e):
            for r in range(e):
                factor = wires.unary[other, t, r]
                if factor != 0.0:
                    for k in range(e):
                        for j in range(e):
                            found[k, j, t] += factor * room.full[1, k, j, r]
    else:
        for t in range(1, e):
            for m in range(e):
                for n in range(e):
                    factor = wires.cubes[other, FORM, t, m, n]
                    if factor != 0.0:
                        for k in range(e):
                            for j in range(e):
                                found[k, j, t] += factor * room.four[k, j, m, n]
    for k in range(1, e):
        for j in range(1, e):
            for t in range(1, e):
                inner[k - 1, j - 1, t - 1] = found[k, j, t]
    keep_within(wires, slot, inner)


@njit(cache=True)
def learn_from_pair(wires, slot, other, room):
    """What the new gate tells the triples of an older gate, from its own expansion."""
    e = room.four.shape[0]
    inner, form, four = wires.triples[other, slot], wires.cubes[slot, FORM], room.four
    clear(inner)
    for t in range(1, e):
        for k in range(e):
            for j in range(e):
                factor = form[t, k, j]
                if factor != 0.0:
                    for m in range(1, e):
                        for n in range(1, e):
                            inner[m - 1, n - 1, t - 1] += factor * four[k, j, m, n]
    keep_within(wires, other, inner)


@njit(cache=True)
def learn_from_unary(wires, slot, other):
    """The same for a new function of one wire."""
    d = wires.tables.shape[2]
    operand = wires.state[slot, LEFT]
    inner, unary = wires.triples[other, slot], wires.unary[slot]
    clear(inner)
    for t in range(d):
        for r in range(1, d + 1):
            for m in range(d):
                for n in range(d):
                    inner[m, n, t] += unary[t + 1, r] * wires.triples[other, operand, m, n, r - 1]


@njit(cache=True)
def table_of_pair(wires, slot, other, left, right, found):
    """``found``: the gate's expansion on its operands' triples with the wire."""
    d = wires.tables.shape[2]
    form, inner = wires.cubes[slot, FORM], wires.triples[slot, other]
    for i in range(d):
        for t in range(d):
            total = 0.0
            for k in range(1, d + 1):
                total += form[i + 1, k, 0] * table(wires, left, other, k, t + 1)
                total += form[i + 1, 0, k] * table(wires, right, other, k, t + 1)
                for j in range(1, d + 1):
                    total += form[i + 1, k, j] * inner[k - 1, j - 1, t]
            found[i, t] = total


@njit(cache=True)
def table_of_unary(wires, slot, other, operand, found):
    """``found``: the function's expansion on its operand's table with the wire."""
    d = wires.tables.shape[2]
    for i in range(d):
        for t in range(d):
            total = 0.0
            for k in range(1, min(d + 1, wires.state[operand, SIZE]) if other != operand else wires.state[operand, SIZE]):
                total += wires.unary[slot, i + 1, k] * table(wires, operand, other, k, t + 1)
            found[i, t] = total


@njit(cache=True)
def is_open(wires, other):
    """Whether a wire is a gate whose operands are still there."""
    return wires.state[other, KIND] != NONE and wires.state[other, LEFT] >= 0


@njit(cache=True)
def join_pair(wires, slot, completion, m, n, room, moments, pair):
    """Tables of a gate of two different wires with every live wire, older wires first."""
    left, right = wires.state[slot, LEFT], wires.state[slot, RIGHT]
    d = wires.tables.shape[2]
    found = np.zeros((d, d))
    if completion in (CUMULANT, MUTUAL):
        operand_moments(m, n, room, moments)
    elif completion == INTERACTION:
        lawful_table(wires, left, right, pair)
    for i in range(wires.order[-1]):
        other = wires.order[i]
        opened = completion == MUTUAL and is_open(wires, other)
        if opened and wires.state[other, KIND] == PAIR:
            four_wires(wires, slot, left, right, other, room)
        if other == left:
            copy(room.moments[0], wires.triples[slot, other])
        elif other == right:
            copy(room.moments[1], wires.triples[slot, other])
        elif opened:
            complete_by_expansion(wires, slot, left, right, other, room)
        elif completion in (CUMULANT, MUTUAL):
            if d > 2:  # cumulants fill degrees 1 and 2
                complete_by_regression(wires, slot, left, right, other)
            complete_by_cumulants(wires, slot, left, right, other, moments)
            keep_within(wires, slot, wires.triples[slot, other])
        elif completion == INTERACTION:
            complete_without_interaction(wires, slot, left, right, other, pair)
        else:
            complete_by_regression(wires, slot, left, right, other)
        if opened and wires.state[other, KIND] == PAIR:
            learn_from_pair(wires, slot, other, room)
        table_of_pair(wires, slot, other, left, right, found)
        set_table(wires, slot, other, found)


@njit(cache=True)
def join_unary(wires, slot, completion):
    """Tables of a function of one wire with every live wire."""
    d = wires.tables.shape[2]
    found = np.zeros((d, d))
    operand = wires.state[slot, LEFT]
    for i in range(wires.order[-1]):
        other = wires.order[i]
        table_of_unary(wires, slot, other, operand, found)
        set_table(wires, slot, other, found)
        if completion == MUTUAL and wires.state[other, KIND] == PAIR and is_open(wires, other):
            learn_from_unary(wires, slot, other)
