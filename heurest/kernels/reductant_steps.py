"""The run of reductant propagation of order 2 over a pairwise program: inputs, gates, wide sums, slots that fall free."""

from typing import NamedTuple

import numpy as np
from numba import njit

from heurest.kernels.reductant import MUTUAL, join_pair, join_unary
from heurest.kernels.reductant_coherence import set_table
from heurest.kernels.reductant_gate import (
    BOOLEAN,
    DIAGONAL,
    INPUT,
    KIND,
    LARGEST,
    LEFT,
    MOMENTS,
    NONE,
    OFF_DIAGONAL,
    PAIR,
    POINTS,
    RIGHT,
    SIZE,
    UNARY,
    VALUES,
    WEIGHTS,
    clear,
    describe_pair,
    describe_unary,
    lay_grid,
    settle_boolean,
    settle_law,
    table,
)  # fmt: skip
from heurest.opcodes import ADD, LOAD, MULTIPLY


class Inputs(NamedTuple):
    """Laws of the inputs: standardised recurrences, and for 0/1 inputs P(1) and P(0); tables within joint laws.

    ``first[i]`` is the number of the first input of i's joint law (-1: none), ``members[i]`` how many it has; its tables, all
    degrees of all pairs, start at ``offset[i]`` of ``tables``.
    """

    size: np.ndarray
    mean: np.ndarray
    deviation: np.ndarray
    diagonal: np.ndarray
    off_diagonal: np.ndarray
    one: np.ndarray
    zero: np.ndarray
    first: np.ndarray
    members: np.ndarray
    offset: np.ndarray
    tables: np.ndarray


@njit(cache=True)
def load(wires, inputs, number, slot):
    """Put an input into a slot: unrelated to all but the inputs of its own joint law."""
    d = wires.tables.shape[2]
    if wires.state[slot, BOOLEAN]:
        settle_boolean(wires, slot, inputs.one[number], inputs.zero[number])
    else:
        size = inputs.size[number]
        for k in range(size):
            wires.law[slot, DIAGONAL, k], wires.law[slot, OFF_DIAGONAL, k] = inputs.diagonal[number, k], inputs.off_diagonal[number, k]
        settle_law(wires, slot, inputs.mean[number], inputs.deviation[number], size)
    wires.state[slot, KIND] = NONE
    wires.state[slot, INPUT] = number
    first = inputs.first[number]
    for i in range(wires.order[-1]):
        other = wires.order[i]
        clear(wires.triples[other, slot])
        for k in range(d):
            for j in range(d):
                wires.tables[slot, other, k, j] = 0.0
                wires.tables[other, slot, j, k] = 0.0
        if first >= 0 and wires.state[other, INPUT] >= 0 and inputs.first[wires.state[other, INPUT]] == first:
            at = inputs.offset[number] + ((number - first) * inputs.members[number] + wires.state[other, INPUT] - first) * d * d
            for k in range(d):
                for j in range(d):
                    wires.tables[slot, other, k, j] = inputs.tables[at + k * d + j]
                    wires.tables[other, slot, j, k] = inputs.tables[at + k * d + j]


@njit(cache=True)
def limit(value):
    """The value, cut off where its square could no longer be told from infinity."""
    if value > LARGEST:
        return LARGEST
    return value if value > -LARGEST else -LARGEST


@njit(cache=True)
def settle_sum(wires, slot, operands, scales, bias):
    r"""The law of a sum of many wires from its first four cumulants, those with three or more distinct wires presumed zero.

    The law is of Meixner's class, whose recurrence has a diagonal linear in k and a squared off-diagonal
    ``k (1 + c (k - 1))``: normal, gamma, Poisson and binomial laws among others (Meixner 1934).
    """
    tables, law, state = wires.tables, wires.law, wires.state
    terms, two = operands.size, tables.shape[2] > 1
    spread, third, fourth, mean = 0.0, 0.0, 0.0, bias
    alone, alone_third, alone_fourth = 0.0, 0.0, 0.0
    most = 0.0
    for i in range(terms):
        most = max(most, abs(scales[i]) * law[operands[i], MOMENTS, 1])
        mean += scales[i] * law[operands[i], MOMENTS, 0]
    if most == 0.0:
        law[slot, DIAGONAL, 0] = 0.0
        settle_law(wires, slot, limit(mean), 0.0, 1)
        return
    for i in range(terms):
        x = operands[i]
        f = scales[i] * law[x, MOMENTS, 1] / most
        if state[x, SIZE] < 2:
            continue
        skew = law[x, DIAGONAL, 1]
        curve = law[x, OFF_DIAGONAL, 2] if state[x, SIZE] > 2 else 0.0
        bend = (skew + law[x, DIAGONAL, 2]) * curve if state[x, SIZE] > 2 else 0.0
        alone += f * f
        alone_third += f**3 * skew
        alone_fourth += f**4 * (curve * curve + skew * skew - 2.0)
        for j in range(terms):
            y = operands[j]
            if i == j or state[y, SIZE] < 2:
                continue
            g = scales[j] * law[y, MOMENTS, 1] / most
            rho = tables[x, y, 0, 0]
            two_one, one_two, two_two = (tables[x, y, 1, 0], tables[x, y, 0, 1], tables[x, y, 1, 1]) if two else (0.0, 0.0, 0.0)
            other_skew = law[y, DIAGONAL, 1]
            other_curve = law[y, OFF_DIAGONAL, 2] if state[y, SIZE] > 2 else 0.0
            both = skew * (other_skew * rho + other_curve * one_two) + curve * (other_skew * two_one + other_curve * two_two)
            # E[x^3 y] by the recurrence: x^3 = (1 + curve^2 + skew^2) x + (skew + a_2) curve p_2 + ...
            cube = (1.0 + curve * curve + skew * skew) * rho + bend * two_one
            spread += f * g * rho
            third += 3.0 * f * f * g * (skew * rho + curve * two_one)
            fourth += 3.0 * f * f * g * g * (both - 2.0 * rho * rho) + 4.0 * f**3 * g * (cube - 3.0 * rho)
    variance = alone + spread
    if not variance > 1e-12 * alone:
        variance = 1e-12 * alone
        third, fourth = 0.0, 0.0
    gamma = (alone_third + third) / variance**1.5
    squared = 2.0 + (alone_fourth + fourth) / variance**2 - gamma * gamma
    gamma_alone = alone_third / alone**1.5
    squared_alone = 2.0 + alone_fourth / alone**2 - gamma_alone * gamma_alone
    if not 0.5 * squared_alone < squared < 2.0 * squared_alone:
        gamma, squared = gamma_alone, squared_alone
    a, b = wires.law[slot, DIAGONAL], wires.law[slot, OFF_DIAGONAL]
    size = 0
    for k in range(wires.basis.shape[1]):
        factor = k * (1.0 + (0.5 * squared - 1.0) * (k - 1))
        if k and not factor > 1e-9:
            break
        a[k], b[k] = gamma * k, np.sqrt(factor)
        size = k + 1
    settle_law(wires, slot, limit(mean), limit(np.sqrt(variance) * most), size)


@njit(cache=True)
def join_sum(wires, slot, operands, scales, completion):
    """Tables of a sum of many wires with every live wire: linear in degree 1, by cumulants in degree 2, no more."""
    tables, triples, law, state = wires.tables, wires.triples, wires.law, wires.state
    d = tables.shape[2]
    deviation = law[slot, MOMENTS, 1]
    found = np.zeros((d, d))
    top = min(d, state[slot, SIZE] - 1)
    for i in range(wires.order[-1]):
        other = wires.order[i]
        opened = completion == MUTUAL and state[other, KIND] == PAIR and state[other, LEFT] >= 0
        if opened:
            clear(triples[other, slot])
        apart = 0.0
        for k in range(d):
            for t in range(d):
                found[k, t] = 0.0
        for j in range(operands.size if deviation > 0.0 else 0):
            x = operands[j]
            f = scales[j] * (law[x, MOMENTS, 1] / deviation)
            same = x == other
            skew = law[x, DIAGONAL, 1] if state[x, SIZE] > 1 else 0.0
            curve = law[x, OFF_DIAGONAL, 2] if state[x, SIZE] > 2 else 0.0
            for t in range(d):
                first = (1.0 if t == 0 else 0.0) if same else tables[x, other, 0, t]
                found[0, t] += f * first
                if top > 1:
                    second = (1.0 if t == 1 else 0.0) if same else tables[x, other, 1, t]
                    found[1, t] += f * f * (skew * first + curve * second)
            apart += (f if same else f * tables[x, other, 0, 0]) ** 2
            if opened:
                for m in range(d):
                    for n in range(d):
                        triples[other, slot, m, n, 0] += f * triples[other, x, m, n, 0]
        if top > 1:
            if state[other, SIZE] > 2:
                found[1, 1] += 2.0 * (found[0, 0] ** 2 - apart) / law[other, OFF_DIAGONAL, 2]
            for t in range(d):
                found[1, t] = (found[1, t] - law[slot, DIAGONAL, 1] * found[0, t]) / law[slot, OFF_DIAGONAL, 2]
        set_table(tables, state, law, wires.tally, slot, other, found)
    if completion != MUTUAL:
        return
    for i in range(wires.order[-1]):
        other = wires.order[i]
        if wires.state[other, KIND] == PAIR and wires.state[other, LEFT] >= 0:
            learn_from_sum(wires, slot, other)


@njit(cache=True)
def learn_from_sum(wires, slot, other):
    """What a sum of many wires tells the triples of an older gate beyond degree 1: its regression on the gate's operands."""
    d = wires.tables.shape[2]
    left, right = wires.state[other, LEFT], wires.state[other, RIGHT]
    inner, slopes = wires.triples[other, slot], wires.slopes[other]
    for t in range(1, d):
        for k in range(d):
            for j in range(d):
                for r in range(d):
                    inner[k, j, t] += slopes[k, j, r] * table(wires, left, slot, r + 1, t + 1)
                    inner[k, j, t] += slopes[k, j, d + r] * table(wires, right, slot, r + 1, t + 1)


@njit(cache=True)
def describe_node(wires, program, k, room):
    """The law and, of a gate of one or two wires, the expansion of a node; the sizes of its grid, 0 where it has none."""
    slot, at = program.dest[k], program.start[k]
    left, right = program.operand[at], program.operand[at + 1]
    wires.state[slot, INPUT] = -1
    if program.op[k] != ADD and program.op[k] != MULTIPLY:
        wires.state[slot, KIND] = NONE
        end = program.start[k + 1]
        settle_sum(wires, slot, program.operand[at:end], program.scale[at:end], program.shift[k, 0])
        return 0, 0
    product = program.op[k] == MULTIPLY
    f, g, u, v = program.scale[at], program.scale[at + 1], program.shift[k, 0], program.shift[k, 1]
    mean, deviation, values = wires.law[left, MOMENTS, 0], wires.law[left, MOMENTS, 1], room.grid[VALUES]
    if left == right:
        for p in range(wires.state[left, SIZE]):
            x = mean + deviation * wires.law[left, POINTS, p]
            values[0, p] = limit((f * x + u) * (g * x + v)) if product else limit(u + (f + g) * x)
        describe_unary(wires, slot, left, values[0])
        return 0, 0
    m, n, differ = lay_grid(wires, left, right, room)
    other_mean, other_deviation = wires.law[right, MOMENTS, 0], wires.law[right, MOMENTS, 1]
    for p in range(m):
        x = f * (mean + deviation * room.rule[0, 0, p]) + u
        for q in range(n):
            y = g * (other_mean + other_deviation * room.rule[1, 0, q])
            values[p, q] = limit(x * (y + v)) if product else limit(x + y)
    describe_pair(wires, slot, left, right, m, n, differ, room)
    return m, n


@njit(cache=True)
def compute(wires, program, k, completion, room, moments, pair):
    """One gate: its law, then its tables."""
    m, n = describe_node(wires, program, k, room)
    slot, at, end = program.dest[k], program.start[k], program.start[k + 1]
    if wires.state[slot, KIND] == NONE:
        join_sum(wires, slot, program.operand[at:end], program.scale[at:end], completion)
    elif wires.state[slot, KIND] == UNARY:
        join_unary(wires, slot, completion)
    elif program.is_read[k]:
        join_pair(wires, slot, completion, m, n, room, moments, pair)


@njit(cache=True)
def release(wires, slot):
    """Take a slot from the live ones; gates whose operand it held can no longer be opened."""
    kept = 0
    for i in range(wires.order[-1]):
        other = wires.order[i]
        if other != slot:
            wires.order[kept] = other
            kept += 1
            if wires.state[other, KIND] != NONE and (wires.state[other, LEFT] == slot or wires.state[other, RIGHT] == slot):
                wires.state[other, LEFT] = -1
    wires.order[-1] = kept


@njit(cache=True)
def record(wires, slot, laws, k):
    """Keep the law of a node."""
    laws.size[k] = wires.state[slot, SIZE]
    laws.mean[k], laws.deviation[k] = wires.law[slot, MOMENTS, 0], wires.law[slot, MOMENTS, 1]
    for p in range(laws.size[k]):
        laws.points[k, p], laws.weights[k, p] = wires.law[slot, POINTS, p], wires.law[slot, WEIGHTS, p]


@njit(cache=True)
def propagate_reductants(program, start, stop, inputs, wires, completion, room, moments, pair, laws):
    """Run nodes ``start`` to ``stop``; what is known of each node by itself is kept in ``laws``.

    Cost: one completion a live wire for each gate that something reads.
    """
    for k in range(start, stop):
        slot = program.dest[k]
        wires.state[slot, BOOLEAN] = program.boolean[k]
        if program.op[k] == LOAD:
            load(wires, inputs, program.input[k], slot)
        else:
            compute(wires, program, k, completion, room, moments, pair)
        record(wires, slot, laws, k)
        wires.order[wires.order[-1]] = slot
        wires.order[-1] += 1
        for i in range(program.freed_start[k], program.freed_start[k + 1]):
            release(wires, program.freed[i])


class Laws(NamedTuple):
    """The law of every node: how many points, mean, standard deviation, points in units of it about the mean, weights."""

    size: np.ndarray
    mean: np.ndarray
    deviation: np.ndarray
    points: np.ndarray
    weights: np.ndarray
