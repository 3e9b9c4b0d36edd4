"""The run of reductant propagation of order 3 over a pairwise program: tables of all live triples, gate by gate."""

import numpy as np
from numba import njit

from heurest.kernels.reductant import REGRESSION, table_of_pair
from heurest.kernels.reductant_coherence import keep_within, set_table
from heurest.kernels.reductant_gate import (
    BOOLEAN,
    DIAGONAL,
    FORM,
    INPUT,
    KIND,
    LEFT,
    MOMENTS,
    NONE,
    OFF_DIAGONAL,
    PRODUCT,
    RIGHT,
    UNARY,
    copy,
    degree,
    table,
)  # fmt: skip
from heurest.kernels.reductant_planes import join_triples, keep, note_squares, read_plane, share_plane, write_plane
from heurest.kernels.reductant_steps import describe_node, join_sum, load, record, release
from heurest.kernels.reductant_triples import third
from heurest.kernels.small_matrices import largest_correlation
from heurest.opcodes import LOAD


@njit(cache=True)
def shrink_rows(found, d):
    """Make a new wire's table coherent at the cost of its higher degrees alone, if that is enough."""
    total, first = 0.0, 0.0
    for i in range(d):
        for t in range(d):
            total += found[i, t] ** 2
            if i == 0:
                first += found[i, t] ** 2
    if total <= 1.0 or first > 1.0 or largest_correlation(found, 1.0, d) <= 1.0:
        return
    low, high = 0.0, 1.0
    rows = np.empty((d, d))
    for _ in range(30):
        middle = 0.5 * (low + high)
        for i in range(d):
            for t in range(d):
                rows[i, t] = found[i, t] * (middle if i else 1.0)
        if largest_correlation(rows, 1.0, d) <= 1.0:
            low = middle
        else:
            high = middle
    for i in range(1, d):
        for t in range(d):
            found[i, t] *= low


@njit(cache=True)
def join_pairwise(wires, triples, slot, room):
    """Tables of a gate of two with every live wire: the triples of its operands are known."""
    a, b = wires.state[slot, LEFT], wires.state[slot, RIGHT]
    d = triples.out.shape[0]
    found = np.zeros((d, d))
    for i in range(wires.order[-1]):
        x = wires.order[i]
        if x == a:
            copy(room.moments[0], wires.triples[slot, x])
        elif x == b:
            copy(room.moments[1], wires.triples[slot, x])
        else:
            for k in range(d):
                for j in range(d):
                    for t in range(d):
                        wires.triples[slot, x, k, j, t] = triples.left[b, x, k, j, t]
            keep_within(wires.triples, wires.slopes, wires.tally, slot, slot, x)
        table_of_pair(wires.tables, wires.triples, wires.state, wires.cubes, slot, x, found)
        shrink_rows(found, d)
        set_table(wires.tables, wires.state, wires.law, wires.tally, slot, x, found)
    for i in range(wires.order[-1]):
        x = wires.order[i]
        for n in range(d):
            for t in range(d):
                total = wires.tables[slot, x, n, t]
                for k in range(1, d + 1):
                    total -= wires.cubes[slot, FORM, n + 1, k, 0] * table(wires, a, x, k, t + 1)
                    total -= wires.cubes[slot, FORM, n + 1, 0, k] * table(wires, b, x, k, t + 1)
                triples.pairs[x, n, t] = total


@njit(cache=True)
def link(wires, linked, slot, operands):
    """Which live wires a new one depends on something with: those that one of its operands does."""
    for i in range(wires.order[-1]):
        x = wires.order[i]
        found = False
        for j in range(operands.size):
            found = found or x == operands[j] or linked[operands[j], x] > 0
        linked[slot, x], linked[x, slot] = found, found


@njit(cache=True)
def link_input(wires, inputs, linked, number, slot):
    """An input depends on something with those of its joint law and what comes of them."""
    first = inputs.first[number]
    for i in range(wires.order[-1]):
        x = wires.order[i]
        found = False
        if first >= 0:
            for j in range(wires.order[-1]):
                y = wires.order[j]
                same = wires.state[y, INPUT] >= 0 and inputs.first[wires.state[y, INPUT]] == first
                found = found or (same and (x == y or linked[x, y] > 0))
        linked[slot, x], linked[x, slot] = found, found


@njit(cache=True)
def join_function(wires, triples, slot):
    """All tables of a function of one wire."""
    d, operand, unary = triples.out.shape[0], wires.state[slot, LEFT], wires.unary[slot]
    found = np.zeros((d, d))
    for i in range(wires.order[-1]):
        x = wires.order[i]
        for s in range(d):
            for t in range(d):
                found[s, t] = 0.0
                for k in range(wires.unary.shape[2] if x == operand else d + 1):
                    found[s, t] += unary[s + 1, k] * table(wires, operand, x, k, t + 1)
        shrink_rows(found, d)
        set_table(wires.tables, wires.state, wires.law, wires.tally, slot, x, found)
        for j in range(i):
            y = wires.order[j]
            for s in range(d):
                for m in range(d):
                    for n in range(d):
                        total = unary[s + 1, 0] * table(wires, x, y, m + 1, n + 1)
                        for k in range(d):
                            total += unary[s + 1, k + 1] * triples.left[x, y, k, m, n]
                        triples.plane[x, y, s, m, n] = total
    settle_others(wires, triples, slot)


@njit(cache=True)
def settle_others(wires, triples, slot):
    """Coherence and symmetry of the plane of a wire without interior."""
    d = triples.out.shape[0]
    note_squares(wires, triples.squares, slot)
    for i in range(wires.order[-1]):
        for j in range(i):
            x, y = wires.order[i], wires.order[j]
            keep(triples.squares, triples.plane, slot, x, y, wires.tally)
            for s in range(d):
                for m in range(d):
                    for n in range(d):
                        triples.plane[y, x, s, n, m] = triples.plane[x, y, s, m, n]


@njit(cache=True)
def join_wide(wires, triples, slot, operands, scales):
    """All tables of a sum of many wires: linear in degree 1, by cumulants in degree 2, no more."""
    join_sum(wires, slot, operands, scales, REGRESSION)
    d, plane, packed = triples.out.shape[0], triples.plane, triples.packed
    deviation = wires.law[slot, MOMENTS, 1]
    top = degree(wires, slot)
    for i in range(wires.order[-1]):
        for j in range(i):
            x, y = wires.order[i], wires.order[j]
            for m in range(1, d + 1):
                for n in range(1, d + 1):
                    once, twice, apart = 0.0, 0.0, 0.0
                    for a in range(operands.size if deviation > 0.0 else 0):
                        z = operands[a]
                        f = scales[a] * (wires.law[z, MOMENTS, 1] / deviation)
                        here = third(wires, packed, z, x, y, 1, m, n)
                        once += f * here
                        if top > 1:
                            twice += f * f * wires.cubes[z, PRODUCT, 1, 1, 1] * here
                            twice += f * f * wires.cubes[z, PRODUCT, 1, 1, 2] * third(wires, packed, z, x, y, 2, m, n)
                            apart += f * f * table(wires, z, x, 1, m) * table(wires, z, y, 1, n)
                    for s in range(d):
                        plane[x, y, s, m - 1, n - 1] = 0.0
                    plane[x, y, 0, m - 1, n - 1] = once
                    if top > 1:
                        twice += 2.0 * (table(wires, slot, x, 1, m) * table(wires, slot, y, 1, n) - apart)
                        plane[x, y, 1, m - 1, n - 1] = (twice - wires.law[slot, DIAGONAL, 1] * once) / wires.law[slot, OFF_DIAGONAL, 2]
    settle_others(wires, triples, slot)


@njit(cache=True)
def load_plane(wires, inputs, thirds, number, slot, plane):
    """Tables of an input with pairs: zero but within its own joint law."""
    d, first, count = plane.shape[2], inputs.first[number], inputs.members[number]
    for i in range(wires.order[-1]):
        for j in range(i):
            x, y = wires.order[i], wires.order[j]
            u, v = wires.state[x, INPUT], wires.state[y, INPUT]
            joint = first >= 0 and u >= 0 and v >= 0 and inputs.first[u] == first and inputs.first[v] == first
            for k in range(d):
                for m in range(d):
                    for n in range(d):
                        value = 0.0
                        if joint:
                            at = ((number - first) * count + u - first) * count + v - first
                            value = thirds.tables[thirds.offset[number] + at * d**3 + (k * d + m) * d + n]
                        plane[x, y, k, m, n] = value
                        plane[y, x, k, n, m] = value


@njit(cache=True)
def compute(wires, triples, program, k, room):
    """One gate: its law, then its tables."""
    slot, at, end = program.dest[k], program.start[k], program.start[k + 1]
    link(wires, triples.linked, slot, program.operand[at:end])
    describe_node(wires, program, k, room)
    if not program.is_read[k]:
        return
    if wires.state[slot, KIND] == NONE:
        join_wide(wires, triples, slot, program.operand[at:end], program.scale[at:end])
        return
    read_plane(wires, triples.packed, wires.state[slot, LEFT], triples.left)
    if wires.state[slot, KIND] == UNARY:
        join_function(wires, triples, slot)
        return
    read_plane(wires, triples.packed, wires.state[slot, RIGHT], triples.right)
    join_pairwise(wires, triples, slot, room)
    join_triples(wires, triples, slot)


@njit(cache=True)
def propagate_triples(program, start, stop, inputs, thirds, wires, triples, room, laws):
    """Run nodes ``start`` to ``stop``; what is known of each node by itself is kept in ``laws``.

    Cost: one completion for every pair of live wires for each gate that something reads.
    """
    for k in range(start, stop):
        slot = program.dest[k]
        wires.state[slot, BOOLEAN] = program.boolean[k]
        if program.op[k] == LOAD:
            load(wires, inputs, program.input[k], slot)
            load_plane(wires, inputs, thirds, program.input[k], slot, triples.plane)
            note_squares(wires, triples.squares, slot)
            link_input(wires, inputs, triples.linked, program.input[k], slot)
        else:
            compute(wires, triples, program, k, room)
        record(wires, slot, laws, k)
        if program.is_read[k]:
            write_plane(wires, triples.packed, slot, triples.plane)
            share_plane(wires, triples, slot)
        wires.order[wires.order[-1]] = slot
        wires.order[-1] += 1
        for i in range(program.freed_start[k], program.freed_start[k + 1]):
            release(wires, program.freed[i])
