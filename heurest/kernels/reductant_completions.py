r"""Completions of a triple of wires from its three pair tables alone: by regression, by cumulants, without interaction."""

import numpy as np
from numba import njit

from heurest.kernels.reductant_gate import DIAGONAL, FEW_WEIGHTS, OFF_DIAGONAL, PRODUCT, SIGNED, SIZE, clear

_SWEEPS = 200
_STILL = 1e-12


@njit(cache=True)
def complete_by_regression(tables, triples, slopes, slot, left, right, other):
    """The wire is its regression on functions of A plus functions of B, and a rest that is unrelated to both."""
    d = tables.shape[2]
    for t in range(d):
        for k in range(d):
            for j in range(d):
                total = 0.0
                for r in range(d):
                    total += slopes[slot, k, j, r] * tables[left, other, r, t] + slopes[slot, k, j, d + r] * tables[right, other, r, t]
                triples[slot, other, k, j, t] = total


@njit(cache=True)
def operand_moments(m, n, room, out):
    """``out[x, y]`` = E[A^x B^y] of the standardised operands, x and y up to 4."""
    for x in range(5):
        for y in range(5):
            out[x, y] = 0.0
    for p in range(m):
        for q in range(n):
            power = room.grid[SIGNED, p, q]
            for x in range(5):
                both = power
                for y in range(5):
                    out[x, y] += both
                    both *= room.rule[1, 0, q]
                power *= room.rule[0, 0, p]


@njit(cache=True)
def beyond(tables, state, cubes, wire, other, s, h, own, moments, transposed):
    """What the pair cumulants of A and D have beyond those of A and the regression ``s A + h B``: orders (2, 1), (1, 2), (2, 2)."""
    first, second = cubes[wire, PRODUCT], cubes[other, PRODUCT]
    two = state[wire, SIZE] > 2
    more = state[other, SIZE] > 2
    rho = tables[wire, other, 0, 0]
    once = first[1, 1, 1] * rho + (first[1, 1, 2] * tables[wire, other, 1, 0] if two else 0.0)
    twice = second[1, 1, 1] * rho + (second[1, 1, 2] * tables[wire, other, 0, 1] if more else 0.0)
    both = 1.0 + second[1, 1, 1] * once
    if more:
        both += second[1, 1, 2] * (
            first[1, 1, 1] * tables[wire, other, 0, 1] + (first[1, 1, 2] * tables[wire, other, 1, 1] if two else 0.0)
        )
    m30, m21, m12 = (moments[0, 3], moments[1, 2], moments[2, 1]) if transposed else (moments[3, 0], moments[2, 1], moments[1, 2])
    m40, m31, m22 = (moments[0, 4], moments[1, 3], moments[2, 2]) if transposed else (moments[4, 0], moments[3, 1], moments[2, 2])
    fitted = s * s * m40 + 2.0 * s * h * m31 + h * h * m22
    slope = s + h * moments[1, 1]
    return (
        once - (s * m30 + h * m21),
        twice - (s * s * m30 + 2.0 * s * h * m21 + h * h * m12),
        (both - 1.0 - 2.0 * rho * rho) - (fitted - own - 2.0 * slope * slope),
    )


@njit(cache=True)
def complete_by_cumulants(tables, triples, state, law, cubes, slot, left, right, other, moments, raws):
    """Joint cumulants of all three wires are those with D replaced by its linear regression on A and B; of pairs, the true ones.

    All moments are of standardised wires. Entries of degrees 1 and 2 are filled; ``raws`` is scratch.
    """
    d = tables.shape[2]
    rho, with_left, with_right = moments[1, 1], tables[left, other, 0, 0], tables[right, other, 0, 0]
    free = 1.0 - rho * rho
    if free > 1e-9:
        f, g = (with_left - rho * with_right) / free, (with_right - rho * with_left) / free
    else:
        f, g = 0.5 * with_left, 0.5 * with_right
    spread = f * f + g * g + 2.0 * f * g * rho
    left_21, left_12, left_22, right_21, right_12, right_22 = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    if d > 1:
        left_21, left_12, left_22 = beyond(tables, state, cubes, left, other, f, g, spread, moments, False)
        right_21, right_12, right_22 = beyond(tables, state, cubes, right, other, g, f, spread, moments, True)
    for x in range(3):
        for y in range(3):
            once = f * moments[x + 1, y] + g * moments[x, y + 1]
            twice = f * f * moments[x + 2, y] + 2.0 * f * g * moments[x + 1, y + 1] + g * g * moments[x, y + 2]
            twice += (1.0 - spread) * moments[x, y]
            if x:
                twice += x * left_12 * moments[x - 1, y]
            if y:
                twice += y * right_12 * moments[x, y - 1]
            if x == 2:
                once += left_21 * moments[0, y]
                twice += left_22 * moments[0, y] + 2.0 * left_21 * (f * moments[1, y] + g * moments[0, y + 1])
            if y == 2:
                once += right_21 * moments[x, 0]
                twice += right_22 * moments[x, 0] + 2.0 * right_21 * (f * moments[x + 1, 0] + g * moments[x, 1])
            if x == 2 and y == 2:
                twice += 2.0 * left_21 * right_21
            raws[x, y, 0], raws[x, y, 1], raws[x, y, 2] = moments[x, y], once, twice
    to_basis(triples, state, law, slot, left, right, other, raws)


@njit(cache=True)
def second_polynomial(state, law, slot):
    """Coefficients of the polynomial of degree 2 of a standardised wire; zero where it has none."""
    if state[slot, SIZE] < 3:
        return 0.0, 0.0, 0.0
    b = law[slot, OFF_DIAGONAL, 2]
    return -1.0 / b, -law[slot, DIAGONAL, 1] / b, 1.0 / b


@njit(cache=True)
def to_basis(triples, state, law, slot, left, right, other, raws):
    """From moments of standardised wires to expectations of their orthonormal polynomials; ``raws`` is overwritten."""
    top = min(triples.shape[2], 2)
    constant = 1.0 if state[left, SIZE] > 1 and state[right, SIZE] > 1 and state[other, SIZE] > 1 else 0.0
    if top > 1:
        c, b, a = second_polynomial(state, law, left)
        for y in range(3):
            for z in range(3):
                raws[2, y, z] = c * raws[0, y, z] + b * raws[1, y, z] + a * raws[2, y, z]
        c, b, a = second_polynomial(state, law, right)
        for x in range(1, 3):
            for z in range(3):
                raws[x, 2, z] = c * raws[x, 0, z] + b * raws[x, 1, z] + a * raws[x, 2, z]
        c, b, a = second_polynomial(state, law, other)
        for x in range(1, 3):
            for y in range(1, 3):
                raws[x, y, 2] = c * raws[x, y, 0] + b * raws[x, y, 1] + a * raws[x, y, 2]
    for k in range(top):
        for j in range(top):
            for t in range(top):
                triples[slot, other, k, j, t] = constant * raws[k + 1, j + 1, t + 1]


@njit(cache=True)
def lawful_table(tables, state, law, few, first, second, out):
    """The joint law of two wires on their ``few`` points each, made non-negative and brought back to the marginal laws."""
    e = tables.shape[2] + 1
    m, n = min(e, state[first, SIZE]), min(e, state[second, SIZE])
    rows, columns = law[first, FEW_WEIGHTS], law[second, FEW_WEIGHTS]
    negative = False
    for p in range(m):
        for q in range(n):
            ratio = 1.0
            for k in range(1, m):
                for j in range(1, n):
                    ratio += few[first, k, p] * few[second, j, q] * tables[first, second, k - 1, j - 1]
            negative = negative or ratio < 0.0
            out[p, q] = rows[p] * columns[q] * max(ratio, 1e-12)
    for _ in range(50 if negative else 0):
        for p in range(m):
            total = 0.0
            for q in range(n):
                total += out[p, q]
            for q in range(n):
                out[p, q] *= rows[p] / max(total, 1e-300)
        for q in range(n):
            total = 0.0
            for p in range(m):
                total += out[p, q]
            for p in range(m):
                out[p, q] *= columns[q] / max(total, 1e-300)


@njit(cache=True)
def complete_without_interaction(tables, triples, state, law, few, slot, left, right, other, pair):
    """The law of A, B, D on a few points each with these pair tables and no interaction of three, by iterative proportional fitting."""
    inner = triples[slot, other]
    clear(inner)
    e = tables.shape[2] + 1
    m, n, o = min(e, state[left, SIZE]), min(e, state[right, SIZE]), min(e, state[other, SIZE])
    with_left, with_right = np.empty((e, e)), np.empty((e, e))
    lawful_table(tables, state, law, few, left, other, with_left)
    lawful_table(tables, state, law, few, right, other, with_right)
    joint = np.empty((m, n, o))
    for p in range(m):
        for q in range(n):
            for r in range(o):
                joint[p, q, r] = pair[p, q] * law[other, FEW_WEIGHTS, r]
    for _ in range(_SWEEPS):
        change = 0.0
        for p in range(m):
            for r in range(o):
                total = 0.0
                for q in range(n):
                    total += joint[p, q, r]
                factor = with_left[p, r] / total if total > 0.0 else 0.0
                change = max(change, abs(total - with_left[p, r]))
                for q in range(n):
                    joint[p, q, r] *= factor
        for q in range(n):
            for r in range(o):
                total = 0.0
                for p in range(m):
                    total += joint[p, q, r]
                factor = with_right[q, r] / total if total > 0.0 else 0.0
                for p in range(m):
                    joint[p, q, r] *= factor
        for p in range(m):
            for q in range(n):
                total = 0.0
                for r in range(o):
                    total += joint[p, q, r]
                factor = pair[p, q] / total if total > 0.0 else 0.0
                for r in range(o):
                    joint[p, q, r] *= factor
        if change < _STILL:
            break
    for p in range(m):
        for q in range(n):
            for r in range(o):
                for k in range(1, m):
                    for j in range(1, n):
                        both = joint[p, q, r] * few[left, k, p] * few[right, j, q]
                        for t in range(1, o):
                            inner[k - 1, j - 1, t - 1] += both * few[other, t, r]
