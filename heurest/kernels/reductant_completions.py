r"""Completions of a triple of wires from its three pair tables alone: by regression, by cumulants, without interaction."""

import numpy as np
from numba import njit

from heurest.kernels.reductant_gate import DIAGONAL, FEW_WEIGHTS, OFF_DIAGONAL, PRODUCT, SIGNED, SIZE, clear, degree, table

_SWEEPS = 200
_STILL = 1e-12


@njit(cache=True)
def complete_by_regression(wires, slot, left, right, other):
    """The wire is its regression on functions of A plus functions of B, and a rest that is unrelated to both."""
    d = wires.tables.shape[2]
    inner, slopes = wires.triples[slot, other], wires.slopes[slot]
    for t in range(d):
        for k in range(d):
            for j in range(d):
                total = 0.0
                for r in range(d):
                    total += slopes[k, j, r] * table(wires, left, other, r + 1, t + 1)
                    total += slopes[k, j, d + r] * table(wires, right, other, r + 1, t + 1)
                inner[k, j, t] = total


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
def raw(wires, first, second, x, y):
    """E[X^x Y^y] of two standardised wires for x and y of 1 or 2, from their table."""
    total = 0.0
    for i in range(3):
        left = wires.cubes[first, PRODUCT, 1, 1, i] if x == 2 else (1.0 if i == 1 else 0.0)
        if left == 0.0:
            continue
        for j in range(3):
            right = wires.cubes[second, PRODUCT, 1, 1, j] if y == 2 else (1.0 if j == 1 else 0.0)
            if right != 0.0:
                total += left * right * table(wires, first, second, i, j)
    return total


@njit(cache=True)
def complete_by_cumulants(wires, slot, left, right, other, moments):
    """Joint cumulants of all three wires are those with D replaced by its linear regression on A and B; of pairs, the true ones.

    All moments are of standardised wires. Entries of degrees 1 and 2 are filled.
    """
    inner = wires.triples[slot, other]
    degrees = min(inner.shape[0], 2)
    if degree(wires, other) == 0:
        clear(inner)
        return
    rho, with_left, with_right = moments[1, 1], table(wires, left, other, 1, 1), table(wires, right, other, 1, 1)
    free = 1.0 - rho * rho
    if free > 1e-9:
        f, g = (with_left - rho * with_right) / free, (with_right - rho * with_left) / free
    else:
        f, g = 0.5 * with_left, 0.5 * with_right
    # what the pair cumulants of (A, D) and (B, D) have beyond those of the regression: orders (2,1), (1,2), (2,2) and D's own
    beyond = np.zeros((2, 3, 3))
    spread = f * f + g * g + 2.0 * f * g * rho
    if degrees > 1:
        for side in range(2):
            wire = left if side == 0 else right
            own = np.empty((5, 5))
            for x in range(5):
                for y in range(5):
                    own[x, y] = moments[x, y] if side == 0 else moments[y, x]
            s, h = (f, g) if side == 0 else (g, f)
            cov = with_left if side == 0 else with_right
            once, twice, both = raw(wires, wire, other, 2, 1), raw(wires, wire, other, 1, 2), raw(wires, wire, other, 2, 2)
            beyond[side, 2, 1] = once - (s * own[3, 0] + h * own[2, 1])
            beyond[side, 1, 2] = twice - (s * s * own[3, 0] + 2.0 * s * h * own[2, 1] + h * h * own[1, 2])
            fitted = s * s * own[4, 0] + 2.0 * s * h * own[3, 1] + h * h * own[2, 2]
            slope = s + h * rho
            beyond[side, 2, 2] = (both - 1.0 - 2.0 * cov * cov) - (fitted - spread - 2.0 * slope * slope)
    rest = 1.0 - spread
    top = 3
    raws = np.zeros((3, 3, 3))
    for x in range(3):
        for y in range(3):
            raws[x, y, 0] = moments[x, y]
            raws[x, y, 1] = f * moments[x + 1, y] + g * moments[x, y + 1]
            raws[x, y, 2] = f * f * moments[x + 2, y] + 2.0 * f * g * moments[x + 1, y + 1] + g * g * moments[x, y + 2]
    for x in range(top):
        for y in range(top):
            if x == 2:
                raws[x, y, 1] += beyond[0, 2, 1] * moments[0, y]
                raws[x, y, 2] += beyond[0, 2, 2] * moments[0, y] + 2.0 * beyond[0, 2, 1] * (f * moments[1, y] + g * moments[0, y + 1])
            if y == 2:
                raws[x, y, 1] += beyond[1, 2, 1] * moments[x, 0]
                raws[x, y, 2] += beyond[1, 2, 2] * moments[x, 0] + 2.0 * beyond[1, 2, 1] * (f * moments[x + 1, 0] + g * moments[x, 1])
            raws[x, y, 2] += rest * moments[x, y]
            if x:
                raws[x, y, 2] += x * beyond[0, 1, 2] * moments[x - 1, y]
            if y:
                raws[x, y, 2] += y * beyond[1, 1, 2] * moments[x, y - 1]
            if x == 2 and y == 2:
                raws[x, y, 2] += 2.0 * beyond[0, 2, 1] * beyond[1, 2, 1]
    to_basis(wires, left, right, other, raws, degrees, inner)


@njit(cache=True)
def to_basis(wires, left, right, other, raws, degrees, inner):
    """From moments of standardised wires to expectations of their orthonormal polynomials."""
    rows = np.zeros((3, 3, 3))  # wire, degree, power
    slots = (left, right, other)
    for i in range(3):
        slot = slots[i]
        rows[i, 1, 1] = 1.0
        if degrees > 1 and wires.state[slot, SIZE] > 2:
            b = wires.law[slot, OFF_DIAGONAL, 2]
            rows[i, 2, 0], rows[i, 2, 1], rows[i, 2, 2] = -1.0 / b, -wires.law[slot, DIAGONAL, 1] / b, 1.0 / b
        if wires.state[slot, SIZE] < 2:
            rows[i, 1, 1] = 0.0
    for k in range(1, degrees + 1):
        for j in range(1, degrees + 1):
            for t in range(1, degrees + 1):
                total = 0.0
                for x in range(k + 1):
                    for y in range(j + 1):
                        for z in range(t + 1):
                            total += rows[0, k, x] * rows[1, j, y] * rows[2, t, z] * raws[x, y, z]
                inner[k - 1, j - 1, t - 1] = total


@njit(cache=True)
def lawful_table(wires, first, second, out):
    """The joint law of two wires on their ``few`` points each, made non-negative and brought back to the marginal laws."""
    e = wires.unary.shape[1]
    m, n = min(e, wires.state[first, SIZE]), min(e, wires.state[second, SIZE])
    rows, columns = wires.law[first, FEW_WEIGHTS], wires.law[second, FEW_WEIGHTS]
    negative = False
    for p in range(m):
        for q in range(n):
            ratio = 1.0
            for k in range(1, m):
                for j in range(1, n):
                    ratio += wires.few[first, k, p] * wires.few[second, j, q] * table(wires, first, second, k, j)
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
def complete_without_interaction(wires, slot, left, right, other, pair):
    """The law of A, B, D on a few points each with these pair tables and no interaction of three, by iterative proportional fitting."""
    inner = wires.triples[slot, other]
    clear(inner)
    e = wires.unary.shape[1]
    m, n, o = min(e, wires.state[left, SIZE]), min(e, wires.state[right, SIZE]), min(e, wires.state[other, SIZE])
    with_left, with_right = np.empty((e, e)), np.empty((e, e))
    lawful_table(wires, left, other, with_left)
    lawful_table(wires, right, other, with_right)
    law = np.empty((m, n, o))
    for p in range(m):
        for q in range(n):
            for r in range(o):
                law[p, q, r] = pair[p, q] * wires.law[other, FEW_WEIGHTS, r]
    for _ in range(_SWEEPS):
        change = 0.0
        for p in range(m):
            for r in range(o):
                total = 0.0
                for q in range(n):
                    total += law[p, q, r]
                factor = with_left[p, r] / total if total > 0.0 else 0.0
                change = max(change, abs(total - with_left[p, r]))
                for q in range(n):
                    law[p, q, r] *= factor
        for q in range(n):
            for r in range(o):
                total = 0.0
                for p in range(m):
                    total += law[p, q, r]
                factor = with_right[q, r] / total if total > 0.0 else 0.0
                for p in range(m):
                    law[p, q, r] *= factor
        for p in range(m):
            for q in range(n):
                total = 0.0
                for r in range(o):
                    total += law[p, q, r]
                factor = pair[p, q] / total if total > 0.0 else 0.0
                for r in range(o):
                    law[p, q, r] *= factor
        if change < _STILL:
            break
    for p in range(m):
        for q in range(n):
            for r in range(o):
                for k in range(1, m):
                    for j in range(1, n):
                        both = law[p, q, r] * wires.few[left, k, p] * wires.few[right, j, q]
                        for t in range(1, o):
                            inner[k - 1, j - 1, t - 1] += both * wires.few[other, t, r]
