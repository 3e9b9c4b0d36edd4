r"""Completions of order 3: a gate's table with two other wires, from the tables of all triples of older wires.

A gate is its additive part, functions of A plus functions of B, and its *interior* ``z = sum F[i, k, j] alpha_k beta_j`` with
k, j >= 1, less its mean. Whatever has an additive part in it is a sum of tracked triples. What is left is the joint cumulant
of interiors of up to three gates (or of one or two of them with other wires), and with those of four and more distinct
wires presumed zero it is a sum over connected partitions (Leonov and Shiryaev 1959): with gates z of (A, B), z' of (P, Q), z''
of (U, V)

    k(z, z', z'') = 10 of k(ABP) k(QUV)  +  12 of k(A, P, z'') k(B, Q)  -  2 (8 of k(AP) k(QU) k(VB)),

where k(A, P, z'') is tracked: it has in it what the four wires A, P, U, V have to do with each other.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from heurest.kernels.packed import triple
from heurest.kernels.reductant_gate import FORM, KIND, LEFT, PAIR, PRODUCT, RIGHT, table

_NOTHING = 1e-12  # terms of an expansion below are rounding


class Triples(NamedTuple):
    """Tables of all triples of live wires; d is the tables' degree, e = d + 1.

    ``packed`` holds E[phi_k(x) phi_j(y) phi_t(w)] for slots x > y > w and k, j, t >= 1. Of the gate in the making, ``left``
    and ``right`` are its operands' tables ``[y, w, k, j, t]`` with all pairs of live wires, one and the same wire included,
    ``plane`` its own, ``inner`` those of its interior, ``pairs[w, i, t]`` the interior's tables of pairs. ``terms[g]`` lists the
    terms of a gate's interior and its constant, ``counted[g]`` how many without and with; ``squares[v, w, k, j]`` is
    E[phi_k(v)^2 phi_j(w)^2], ``linked[v, w]`` tells that two wires come from a common law. The rest is scratch: ``out`` is a
    completed table, ``four`` one of four ``wires``.
    """

    packed: np.ndarray
    left: np.ndarray
    right: np.ndarray
    plane: np.ndarray
    inner: np.ndarray
    pairs: np.ndarray
    terms: np.ndarray
    counted: np.ndarray
    squares: np.ndarray
    linked: np.ndarray
    out: np.ndarray
    four: np.ndarray
    parts: np.ndarray
    powers: np.ndarray
    wires: np.ndarray
    gates: np.ndarray


class Thirds(NamedTuple):
    """Tables of triples within joint laws: those of input i's law, all degrees of all triples, start at ``offset[i]`` of ``tables``."""

    offset: np.ndarray
    tables: np.ndarray


@njit(cache=True)
def third(wires, packed, x, y, w, k, j, t):
    """E[phi_k(x) phi_j(y) phi_t(w)] of any three live wires, also of one or two; degree 0 is the constant 1."""
    if k == 0:
        return table(wires, y, w, j, t)
    if j == 0:
        return table(wires, x, w, k, t)
    if t == 0:
        return table(wires, x, y, k, j)
    if (x - y) * (y - w) * (x - w) == 0:
        if y == w:
            x, y, w, k, j, t = y, w, x, j, t, k
        elif x == w:
            y, w, j, t = w, y, t, j
        total = 0.0
        for r in range(packed.shape[1] + 1):
            total += wires.cubes[x, PRODUCT, k, j, r] * table(wires, x, w, r, t)
        return total
    place = triple(x, y, w)
    if x < y:
        x, y, k, j = y, x, j, k
    if y < w:
        y, w, j, t = w, y, t, j
        if x < y:
            x, y, k, j = y, x, j, k
    return packed[place, k - 1, j - 1, t - 1]


@njit(cache=True)
def made(wires, triples, slot, x, y, i, m, n):
    """The same for the gate in the making, i >= 1, and two others."""
    if m == 0:
        return table(wires, slot, y, i, n)
    if n == 0:
        return table(wires, slot, x, i, m)
    if x == y:
        total = 0.0
        for r in range(1, triples.out.shape[0] + 1):
            total += wires.cubes[x, PRODUCT, m, n, r] * table(wires, slot, x, i, r)
        return total
    return triples.plane[x, y, i - 1, m - 1, n - 1]


@njit(cache=True)
def is_pair(wires, slot):
    """Whether a wire is a gate of two wires that are still there."""
    return wires.state[slot, KIND] == PAIR and wires.state[slot, LEFT] >= 0


@njit(cache=True)
def shared(wires, first, second):
    """Whether two gates of two wires share an operand."""
    a, b = wires.state[first, LEFT], wires.state[first, RIGHT]
    p, q = wires.state[second, LEFT], wires.state[second, RIGHT]
    return a in (p, q) or b in (p, q)


@njit(cache=True)
def list_terms(form, terms, count):
    """The terms (k, j) of a gate's expansion that make up its interior, then its constant if it has one; how many without and with."""
    e = form.shape[0]
    found = 0
    for last in range(2):
        for k in range(e):
            for j in range(e):
                if (k == 0 and j == 0) if last else (k > 0 and j > 0):
                    size = 0.0
                    for i in range(1, e):
                        size += abs(form[i, k, j])
                    if size > _NOTHING:
                        terms[found, 0], terms[found, 1] = k, j
                        found += 1
        count[last] = found


@njit(cache=True)
def interior_pair(wires, triples, slot, gate, n, x, t):
    """E[g phi_t(x)] for polynomial n of the interior g of a gate."""
    if gate == slot:
        return triples.pairs[x, n - 1, t - 1]
    form = wires.cubes[gate, FORM]
    total = table(wires, gate, x, n, t)
    for k in range(1, form.shape[0]):
        total -= form[n, k, 0] * table(wires, wires.state[gate, LEFT], x, k, t)
        total -= form[n, 0, k] * table(wires, wires.state[gate, RIGHT], x, k, t)
    return total


@njit(cache=True)
def interior_triple(wires, triples, slot, gate, n, x, y, s, t):
    """E[g phi_s(x) phi_t(y)], x and y distinct."""
    if gate == slot:
        return triples.inner[x, y, n - 1, s - 1, t - 1]
    form, packed = wires.cubes[gate, FORM], triples.packed
    total = third(wires, packed, gate, x, y, n, s, t)
    for k in range(1, form.shape[0]):
        total -= form[n, k, 0] * third(wires, packed, wires.state[gate, LEFT], x, y, k, s, t)
        total -= form[n, 0, k] * third(wires, packed, wires.state[gate, RIGHT], x, y, k, s, t)
    return total


@njit(cache=True)
def remainder(form, plane, x, gate, left, right, out):
    """``out[k, s, n]``: an operand's table, in ``plane``, with a wire x and the interior of an older gate."""
    d = out.shape[0]
    for k in range(d):
        for s in range(d):
            for n in range(d):
                total = plane[x, gate, k, s, n]
                for r in range(d):
                    total -= form[n + 1, r + 1, 0] * plane[x, left, k, s, r] + form[n + 1, 0, r + 1] * plane[x, right, k, s, r]
                out[k, s, n] = total


@njit(cache=True)
def three_gates(wires, triples, slot, second, third_gate):
    """``out``: the joint cumulant of the interiors of three gates of six distinct wires."""
    v, left, right, out, parts = wires.triples, triples.left, triples.right, triples.out, triples.parts
    d = out.shape[0]
    state, terms = wires.state, triples.terms
    a, b, p, q = state[slot, LEFT], state[slot, RIGHT], state[second, LEFT], state[second, RIGHT]
    x, y = state[third_gate, LEFT], state[third_gate, RIGHT]
    counts = triples.counted[slot, 0], triples.counted[second, 0], triples.counted[third_gate, 0]
    first_form, second_form, third_form = wires.cubes[slot, FORM], wires.cubes[second, FORM], wires.cubes[third_gate, FORM]
    tables = wires.tables
    for i0 in range(counts[0]):
        k, j = terms[slot, i0, 0] - 1, terms[slot, i0, 1] - 1
        for i1 in range(counts[1]):
            r, s = terms[second, i1, 0] - 1, terms[second, i1, 1] - 1
            ap, aq, bp, bq = tables[a, p, k, r], tables[a, q, k, s], tables[b, p, j, r], tables[b, q, j, s]
            for i2 in range(counts[2]):
                m, n = terms[third_gate, i2, 0] - 1, terms[third_gate, i2, 1] - 1
                total = v[slot, p, k, j, r] * v[third_gate, q, m, n, s] + v[slot, q, k, j, s] * v[third_gate, p, m, n, r]
                total += v[slot, x, k, j, m] * v[second, y, r, s, n] + v[slot, y, k, j, n] * v[second, x, r, s, m]
                total += v[second, a, r, s, k] * v[third_gate, b, m, n, j] + v[third_gate, a, m, n, k] * v[second, b, r, s, j]
                total += left[p, x, k, r, m] * right[q, y, j, s, n] + left[p, y, k, r, n] * right[q, x, j, s, m]
                total += left[q, x, k, s, m] * right[p, y, j, r, n] + left[q, y, k, s, n] * right[p, x, j, r, m]
                px, py, qx, qy = tables[p, x, r, m], tables[p, y, r, n], tables[q, x, s, m], tables[q, y, s, n]
                ax, ay, bx, by = tables[a, x, k, m], tables[a, y, k, n], tables[b, x, j, m], tables[b, y, j, n]
                total -= 2.0 * (ap * (qx * by + qy * bx) + aq * (px * by + py * bx))
                total -= 2.0 * (ax * (py * bq + qy * bp) + ay * (px * bq + qx * bp))
                if total != 0.0:
                    for f in range(d):
                        for g in range(d):
                            both = first_form[f + 1, k + 1, j + 1] * second_form[g + 1, r + 1, s + 1] * total
                            if both != 0.0:
                                for h in range(d):
                                    out[f, g, h] += both * third_form[h + 1, m + 1, n + 1]
    remainder(third_form, left, p, third_gate, x, y, parts[0])
    remainder(third_form, left, q, third_gate, x, y, parts[1])
    remainder(third_form, right, p, third_gate, x, y, parts[2])
    remainder(third_form, right, q, third_gate, x, y, parts[3])
    for i0 in range(counts[0]):
        k, j = terms[slot, i0, 0] - 1, terms[slot, i0, 1] - 1
        for i1 in range(counts[1]):
            r, s = terms[second, i1, 0] - 1, terms[second, i1, 1] - 1
            for h in range(d):
                total = parts[0, k, r, h] * tables[b, q, j, s] + parts[1, k, s, h] * tables[b, p, j, r]
                total += parts[2, j, r, h] * tables[a, q, k, s] + parts[3, j, s, h] * tables[a, p, k, r]
                if total != 0.0:
                    for f in range(d):
                        for g in range(d):
                            out[f, g, h] += first_form[f + 1, k + 1, j + 1] * second_form[g + 1, r + 1, s + 1] * total
    remainder(second_form, left, x, second, p, q, parts[0])
    remainder(second_form, left, y, second, p, q, parts[1])
    remainder(second_form, right, x, second, p, q, parts[2])
    remainder(second_form, right, y, second, p, q, parts[3])
    for i0 in range(counts[0]):
        k, j = terms[slot, i0, 0] - 1, terms[slot, i0, 1] - 1
        for i2 in range(counts[2]):
            m, n = terms[third_gate, i2, 0] - 1, terms[third_gate, i2, 1] - 1
            for g in range(d):
                total = parts[0, k, m, g] * tables[b, y, j, n] + parts[1, k, n, g] * tables[b, x, j, m]
                total += parts[2, j, m, g] * tables[a, y, k, n] + parts[3, j, n, g] * tables[a, x, k, m]
                if total != 0.0:
                    for f in range(d):
                        for h in range(d):
                            out[f, g, h] += first_form[f + 1, k + 1, j + 1] * third_form[h + 1, m + 1, n + 1] * total
    inner = triples.inner
    for i1 in range(counts[1]):
        r, s = terms[second, i1, 0] - 1, terms[second, i1, 1] - 1
        for i2 in range(counts[2]):
            m, n = terms[third_gate, i2, 0] - 1, terms[third_gate, i2, 1] - 1
            for f in range(d):
                total = inner[p, x, f, r, m] * tables[q, y, s, n] + inner[p, y, f, r, n] * tables[q, x, s, m]
                total += inner[q, x, f, s, m] * tables[p, y, r, n] + inner[q, y, f, s, n] * tables[p, x, r, m]
                if total != 0.0:
                    for g in range(d):
                        for h in range(d):
                            out[f, g, h] += second_form[g + 1, r + 1, s + 1] * third_form[h + 1, m + 1, n + 1] * total


@njit(cache=True)
def two_gates(wires, triples, slot, gate, other, swapped):
    """``out``: the joint cumulant of the interiors of two gates of four distinct wires and a fifth wire."""
    v, left, right, out, tables = wires.triples, triples.left, triples.right, triples.out, wires.tables
    d = out.shape[0]
    terms, counts = triples.terms, (triples.counted[slot, 0], triples.counted[gate, 0])
    a, b, p, q = wires.state[slot, LEFT], wires.state[slot, RIGHT], wires.state[gate, LEFT], wires.state[gate, RIGHT]
    form, other_form = wires.cubes[slot, FORM], wires.cubes[gate, FORM]
    for i0 in range(counts[0]):
        k, j = terms[slot, i0, 0] - 1, terms[slot, i0, 1] - 1
        for i1 in range(counts[1]):
            r, s = terms[gate, i1, 0] - 1, terms[gate, i1, 1] - 1
            for n in range(d):
                total = tables[a, other, k, n] * v[gate, b, r, s, j] + tables[b, other, j, n] * v[gate, a, r, s, k]
                total += tables[p, other, r, n] * v[slot, q, k, j, s] + tables[q, other, s, n] * v[slot, p, k, j, r]
                total += tables[a, p, k, r] * right[q, other, j, s, n] + tables[a, q, k, s] * right[p, other, j, r, n]
                total += tables[b, p, j, r] * left[q, other, k, s, n] + tables[b, q, j, s] * left[p, other, k, r, n]
                if total != 0.0:
                    for f in range(d):
                        for g in range(d):
                            value = form[f + 1, k + 1, j + 1] * other_form[g + 1, r + 1, s + 1] * total
                            if swapped:
                                out[f, n, g] += value
                            else:
                                out[f, g, n] += value
