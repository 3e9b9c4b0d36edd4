r"""What the joint table of a gate's two operands tells about the gate: its law, its expansion, its regressions.

``alpha`` and ``beta`` are the orthonormal polynomials of the operands A and B, ``phi`` those of the gate C. On a grid of
the operands' points the joint law is ``weights_A weights_B (1 + sum T[k, j] alpha_k beta_j)``, which may be negative
somewhere even where T is the truth. Low moments are taken from it as it is. What they do not fix, or fix against the law of
a non-negative table near by, is taken from that table: a law comes out whatever T is. The operands have all their points on
the grid where the table is non-negative there; else one more than its degree, so that nothing but the table speaks.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from heurest.kernels.reduced_law import gauss_rule, polynomials, recurrence
from heurest.kernels.small_matrices import pseudo_inverse

# Second axis of Wires.law, of Wires.cubes, and of Wires.state.
MOMENTS, DIAGONAL, OFF_DIAGONAL, POINTS, WEIGHTS, FEW_POINTS, FEW_WEIGHTS = range(7)
LAW = 7
PRODUCT, FORM = range(2)
SIZE, KIND, LEFT, RIGHT, BOOLEAN, INPUT = range(6)
STATE = 6

# Kinds: an input or a wide sum, a gate of two wires, a function of one.
NONE, PAIR, UNARY = range(3)

# Entries of Wires.tally: completed tables, those moved, sum and largest of the moves, laws repaired, triples cut.
PAIRS, MOVED, MOVED_SUM, MOVED_MOST, MOVED_LAW, CUT = range(6)
TALLY = 6

# First axis of Room.grid and of Room.rule.
VALUES, SIGNED, LAWFUL = range(3)

LARGEST = 1e300  # values beyond are cut off; the estimate is reported as infinite
_LEAST_DEVIATION = 1e-290
_LEAST_VARIANCE = 0.02  # of the lawful table's: less is a contradiction in the signed table
_NEAR = 10.0  # a squared recurrence coefficient of the signed table counts within this factor of the lawful one's
_FLOOR = 1e-9
_ROUNDS = 20
_NEGATIVE = 1e-4  # more negative weight than this, and the grid has few points


class Wires(NamedTuple):
    """What is known of the live wires: n slots, laws of up to m points, tables up to degree d; e = d + 1.

    ``law[i]`` holds mean and standard deviation, the standardised recurrence, points in standard deviations about the mean
    with their weights, and the same for the rule of at most e points; shape (n, 7, m + 1). ``basis[i, k, p]`` is polynomial k
    of wire i at its point p, ``few`` the same on the small rule. ``cubes[i, PRODUCT]`` is the expectation of three of its
    polynomials, ``cubes[i, FORM, s]`` expands polynomial s of a gate of two in alpha_k beta_j; ``unary[i, s]`` that of a function
    of one wire in alpha_k. ``tables[v, w]`` holds E[phi_k(v) phi_j(w)] for k, j >= 1, and ``triples[g, w]``
    E[alpha_k beta_j phi_t(w)] for a gate g of two. ``slopes`` belongs to the regression of a function on functions of A plus
    functions of B; its last entry is the norm of alpha_k beta_j less its mean. ``order`` lists the live slots, older first, and ends
    with their number.
    """

    state: np.ndarray
    law: np.ndarray
    basis: np.ndarray
    few: np.ndarray
    cubes: np.ndarray
    unary: np.ndarray
    slopes: np.ndarray
    tables: np.ndarray
    triples: np.ndarray
    order: np.ndarray
    tally: np.ndarray


class Room(NamedTuple):
    """Scratch: values and joint laws on a grid, the operands' rules and their moments of degrees; triples and four wires of a pair."""

    grid: np.ndarray
    rule: np.ndarray
    moments: np.ndarray
    full: np.ndarray
    four: np.ndarray


@njit(cache=True)
def clear(cube):
    """Set an array of three axes to zero."""
    for i in range(cube.shape[0]):
        for j in range(cube.shape[1]):
            for k in range(cube.shape[2]):
                cube[i, j, k] = 0.0


@njit(cache=True)
def copy(source, target):
    """Copy an array of three axes."""
    for i in range(source.shape[0]):
        for j in range(source.shape[1]):
            for k in range(source.shape[2]):
                target[i, j, k] = source[i, j, k]


@njit(cache=True)
def degree(wires, slot):
    """The highest polynomial that a wire's tables hold."""
    return min(wires.tables.shape[2], wires.state[slot, SIZE] - 1)


@njit(cache=True)
def table(wires, first, second, k, j):
    """E[phi_k phi_j] of two wires, which may be one; degree 0 is the constant 1."""
    if k == 0 or j == 0:
        return 1.0 if k == j else 0.0
    if first == second:
        return 1.0 if k == j and k < wires.state[first, SIZE] else 0.0
    return wires.tables[first, second, k - 1, j - 1]


@njit(cache=True)
def settle_law(wires, slot, mean, deviation, size):
    """Points, polynomials and their products of a wire whose standardised recurrence is in place."""
    law, basis, cube = wires.law[slot], wires.basis[slot], wires.cubes[slot, PRODUCT]
    if deviation < _LEAST_DEVIATION:  # nothing can be told in units of it
        deviation, size = 0.0, 1
    law[MOMENTS, 0], law[MOMENTS, 1] = mean, deviation
    wires.state[slot, SIZE] = size
    gauss_rule(law[DIAGONAL], law[OFF_DIAGONAL], size, law[POINTS], law[WEIGHTS], basis)
    top = min(cube.shape[0], size)
    gauss_rule(law[DIAGONAL], law[OFF_DIAGONAL], top, law[FEW_POINTS], law[FEW_WEIGHTS], wires.few[slot])
    clear(cube)
    for k in range(top):
        for r in range(top):
            for t in range(top):
                total = 0.0
                for p in range(size):
                    total += law[WEIGHTS, p] * basis[k, p] * basis[r, p] * basis[t, p]
                cube[k, r, t] = total


@njit(cache=True)
def settle_boolean(wires, slot, one, zero):
    """The law of a 0/1 wire from P(1) and P(0), each as exact as it is known."""
    one, zero = min(max(one, 0.0), 1.0), min(max(zero, 0.0), 1.0)
    deviation = np.sqrt(one * zero)
    law = wires.law[slot]
    law[DIAGONAL, 0] = 0.0
    if deviation > 0.0:
        law[DIAGONAL, 1], law[OFF_DIAGONAL, 1] = (zero - one) / deviation, 1.0
    settle_law(wires, slot, one, deviation, 2 if deviation > 0.0 else 1)
    if deviation > 0.0:
        law[POINTS, 0], law[POINTS, 1] = -one / deviation, zero / deviation
        law[WEIGHTS, 0], law[WEIGHTS, 1] = zero, one


@njit(cache=True)
def standardise(law, size):
    """Divide a recurrence by its standard deviation, which comes back."""
    if size < 2:
        return 0.0
    deviation = law[OFF_DIAGONAL, 1]
    for k in range(size):
        law[DIAGONAL, k] /= deviation
        law[OFF_DIAGONAL, k] = law[OFF_DIAGONAL, k] / deviation if k else 0.0
    return deviation


@njit(cache=True)
def read_rules(wires, left, right, few, room):
    """Points, weights and polynomials of the operands on the grid, all or few of them; how many of each."""
    size, other = wires.state[left, SIZE], wires.state[right, SIZE]
    e = wires.tables.shape[2] + 1
    m, n = (min(e, size), min(e, other)) if few else (size, other)
    for side in range(2):
        slot, count = (left, m) if side == 0 else (right, n)
        for p in range(count):
            room.rule[side, 0, p] = wires.law[slot, FEW_POINTS if few else POINTS, p]
            room.rule[side, 1, p] = wires.law[slot, FEW_WEIGHTS if few else WEIGHTS, p]
            for k in range(count):
                room.rule[side, 2 + k, p] = wires.few[slot, k, p] if few else wires.basis[slot, k, p]
    return m, n


@njit(cache=True)
def lay_table(wires, left, right, m, n, room):
    """The joint law of two wires on the grid of their points, as it is and cut off at zero; how much of it is negative."""
    signed, lawful, rule = room.grid[SIGNED], room.grid[LAWFUL], room.rule
    top, other = min(degree(wires, left), m - 1), min(degree(wires, right), n - 1)
    negative = 0.0
    for p in range(m):
        for q in range(n):
            ratio = 1.0
            for k in range(top):
                for j in range(other):
                    ratio += wires.tables[left, right, k, j] * rule[0, 3 + k, p] * rule[1, 3 + j, q]
            weight = rule[0, 1, p] * rule[1, 1, q]
            signed[p, q] = weight * ratio
            lawful[p, q] = weight * max(ratio, _FLOOR)
            if ratio < -_FLOOR:
                negative -= signed[p, q]
    return negative


@njit(cache=True)
def lay_grid(wires, left, right, room):
    """The grid, its joint law as it is and made non-negative; the sizes of the grid and whether the two differ."""
    m, n = read_rules(wires, left, right, False, room)
    negative = lay_table(wires, left, right, m, n, room)
    if negative > _NEGATIVE:
        m, n = read_rules(wires, left, right, True, room)
        negative = lay_table(wires, left, right, m, n, room)
    lawful, rule = room.grid[LAWFUL], room.rule
    for _ in range(_ROUNDS if negative > 0.0 else 0):  # back to the marginal laws
        for p in range(m):
            total = 0.0
            for q in range(n):
                total += lawful[p, q]
            for q in range(n):
                lawful[p, q] *= rule[0, 1, p] / max(total, 1e-300)
        for q in range(n):
            total = 0.0
            for p in range(m):
                total += lawful[p, q]
            for p in range(m):
                lawful[p, q] *= rule[1, 1, q] / max(total, 1e-300)
    return m, n, negative > 0.0


@njit(cache=True)
def settle_grid(wires, slot, m, n, room, differ):
    """The law of a gate from its values on the grid."""
    most, top = wires.basis.shape[1], wires.tables.shape[2]
    values, signed, lawful = np.empty(m * n), np.empty(m * n), np.empty(m * n)
    scale = 0.0
    for p in range(m):
        for q in range(n):
            scale = max(scale, abs(room.grid[VALUES, p, q]))
    scale = scale if scale > 0.0 else 1.0
    for p in range(m):
        for q in range(n):
            at = p * n + q
            values[at] = room.grid[VALUES, p, q] / scale
            signed[at], lawful[at] = room.grid[SIGNED, p, q], room.grid[LAWFUL, p, q]
    law = wires.law[slot]
    a, b = law[DIAGONAL], law[OFF_DIAGONAL]
    mean, size = recurrence(values, lawful if differ else signed, most, a, b)
    deviation = standardise(law, size)
    if differ and size > 1:
        own_a, own_b = np.zeros(most + 1), np.zeros(most + 1)
        mean, own = recurrence(values, signed, top + 1, own_a, own_b)
        if own < 2 or own_b[1] ** 2 < _LEAST_VARIANCE * deviation**2:
            deviation *= np.sqrt(_LEAST_VARIANCE)
            wires.tally[MOVED_LAW] += 1
        else:
            deviation = own_b[1]
            for k in range(1, min(own, size)):
                if k > 1:
                    ratio = (own_b[k] / deviation / b[k]) ** 2
                    if not 1.0 / _NEAR < ratio < _NEAR:
                        wires.tally[MOVED_LAW] += 1
                        break
                    b[k] = own_b[k] / deviation
                a[k] = own_a[k] / deviation
        a[0] = 0.0
    settle_law(wires, slot, mean * scale, deviation * scale, size)


@njit(cache=True)
def expand(wires, slot, m, n, room):
    """``FORM``: the gate's polynomials in products of its operands' polynomials; ``triples`` of the gate with itself."""
    top, rule = degree(wires, slot), room.rule
    full = wires.unary.shape[1]
    form, own, law = wires.cubes[slot, FORM], wires.triples[slot, slot], wires.law[slot]
    clear(form)
    clear(own)
    form[0, 0, 0] = 1.0
    column = np.zeros(full)
    for p in range(m):
        for q in range(n):
            if top:
                x = (room.grid[VALUES, p, q] - law[MOMENTS, 0]) / law[MOMENTS, 1]
                polynomials(x, law[DIAGONAL], law[OFF_DIAGONAL], top, column)
            weight = rule[0, 1, p] * rule[1, 1, q]
            for k in range(min(full, m)):
                for j in range(min(full, n)):
                    both = rule[0, 2 + k, p] * rule[1, 2 + j, q]
                    for i in range(1, top + 1):
                        form[i, k, j] += weight * both * column[i]
                        if k and j:
                            own[k - 1, j - 1, i - 1] += room.grid[SIGNED, p, q] * both * column[i]


@njit(cache=True)
def regress(wires, slot, left, right, m, n, room):
    """``slopes`` of the gate's operands, moments of three and norms of two of their polynomials.

    For a centred function f with E[alpha_r f] and E[beta_r f] in y, its regression g on functions of A plus functions of B has
    E[alpha_k beta_j g] = sum_r slopes[k, j, r] y_r.
    """
    d, rule = wires.tables.shape[2], room.rule
    gram, inverse = np.zeros((2 * d, 2 * d)), np.zeros((2 * d, 2 * d))
    for k in range(d):
        gram[k, k], gram[d + k, d + k] = 1.0, 1.0
        for j in range(d):
            gram[k, d + j] = wires.tables[left, right, k, j]
            gram[d + j, k] = gram[k, d + j]
    pseudo_inverse(gram, 2 * d, inverse)
    three, norms, slopes = np.zeros((d, d, 2 * d)), np.zeros((d, d)), wires.slopes[slot]
    clear(slopes)
    column = np.zeros(2 * d)
    for p in range(m):
        for q in range(n):
            for k in range(min(d, m - 1)):
                column[k] = rule[0, 3 + k, p]
            for j in range(min(d, n - 1)):
                column[d + j] = rule[1, 3 + j, q]
            for k in range(d):
                for j in range(d):
                    both = column[k] * column[d + j]
                    slopes[k, j, 2 * d] += room.grid[LAWFUL, p, q] * both * both
                    norms[k, j] += room.grid[SIGNED, p, q] * both * both
                    for r in range(2 * d):
                        three[k, j, r] += room.grid[SIGNED, p, q] * both * column[r]
    for k in range(d):
        for j in range(d):
            mean = wires.tables[left, right, k, j]
            slopes[k, j, 2 * d] = np.sqrt(max(0.0, max(slopes[k, j, 2 * d], norms[k, j]) - mean * mean))
            for r in range(d):
                room.moments[0, k, j, r], room.moments[1, k, j, r] = three[k, j, r], three[k, j, d + r]
            for r in range(2 * d):
                for t in range(2 * d):
                    slopes[k, j, r] += three[k, j, t] * inverse[t, r]


@njit(cache=True)
def describe_pair(wires, slot, left, right, m, n, differ, room):
    """Law, expansion and regressions of a gate of two different wires whose grid and values on it are in ``room``."""
    if wires.state[slot, BOOLEAN]:
        one, zero = 0.0, 0.0
        for p in range(m):
            for q in range(n):
                one += room.grid[SIGNED, p, q] * room.grid[VALUES, p, q]
                zero += room.grid[SIGNED, p, q] * (1.0 - room.grid[VALUES, p, q])
        settle_boolean(wires, slot, one, zero)
    else:
        settle_grid(wires, slot, m, n, room, differ)
    wires.state[slot, KIND], wires.state[slot, LEFT], wires.state[slot, RIGHT] = PAIR, left, right
    expand(wires, slot, m, n, room)
    regress(wires, slot, left, right, m, n, room)


@njit(cache=True)
def describe_unary(wires, slot, operand, values):
    """Law and expansion of a function of one wire, from its values at the wire's points."""
    size, law, basis, weights = wires.state[operand, SIZE], wires.law[slot], wires.basis[operand], wires.law[operand, WEIGHTS]
    if wires.state[slot, BOOLEAN]:
        one, zero = 0.0, 0.0
        for p in range(size):
            one += weights[p] * values[p]
            zero += weights[p] * (1.0 - values[p])
        settle_boolean(wires, slot, one, zero)
    else:
        scale = 0.0
        for p in range(size):
            scale = max(scale, abs(values[p]))
        scale = scale if scale > 0.0 else 1.0
        scaled = np.empty(size)
        for p in range(size):
            scaled[p] = values[p] / scale
        mean, count = recurrence(scaled, weights, wires.basis.shape[1], law[DIAGONAL], law[OFF_DIAGONAL])
        deviation = standardise(law, count)
        settle_law(wires, slot, mean * scale, deviation * scale, count)
    wires.state[slot, KIND], wires.state[slot, LEFT], wires.state[slot, RIGHT] = UNARY, operand, operand
    top, unary = degree(wires, slot), wires.unary[slot]
    for i in range(unary.shape[0]):
        for k in range(unary.shape[1]):
            unary[i, k] = 0.0
    unary[0, 0] = 1.0
    column = np.zeros(top + 1)
    for p in range(size):
        if top:
            polynomials((values[p] - law[MOMENTS, 0]) / law[MOMENTS, 1], law[DIAGONAL], law[OFF_DIAGONAL], top, column)
        for i in range(1, top + 1):
            for k in range(size):
                unary[i, k] += weights[p] * basis[k, p] * column[i]
