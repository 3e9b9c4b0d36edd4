r"""Completions of order 3 where gates share operands, or are no longer open: everything from a table of four wires.

Polynomials of a shared operand are multiplied and written as sums of polynomials again. What is left are expectations of up to
four distinct wires W, X, Y, Z; of four they are three products of pairs and a joint cumulant. If Z is the interior of a gate of
(U, V), that is six terms k(U, W) k(V, X, Y). Else it is presumed to be what a wire's linear regression on the three others gives.
"""

import numpy as np
from numba import njit

from heurest.kernels.reductant_gate import FORM, LEFT, PRODUCT, RIGHT, SIZE, table
from heurest.kernels.reductant_triples import interior_pair, interior_triple, shared, third

_RIDGE = 1e-6
_CERTAIN = 1.000001


@njit(cache=True)
def repeated(wires, packed, x, y, w):
    """k(X, X, Y, W) of three standardised wires."""
    total = wires.cubes[x, PRODUCT, 1, 1, 1] * third(wires, packed, x, y, w, 1, 1, 1)
    if packed.shape[1] > 1:
        total += wires.cubes[x, PRODUCT, 1, 1, 2] * third(wires, packed, x, y, w, 2, 1, 1)
    return total - 2.0 * table(wires, x, y, 1, 1) * table(wires, x, w, 1, 1)


@njit(cache=True)
def fourth_cumulant(wires, packed, four):
    """k(W, X, Y, Z) of four standardised wires: each is replaced by its regression on the others, weighted by what that explains."""
    rho = np.zeros((4, 4))
    edges = 0
    for i in range(4):
        if wires.state[four[i], SIZE] < 2:
            return 0.0
        for j in range(i):
            rho[i, j] = table(wires, four[i], four[j], 1, 1)
            rho[j, i] = rho[i, j]
            edges += rho[i, j] != 0.0
    if edges == 0:
        return 0.0
    total, weight = 0.0, 0.0
    for target in range(4):
        i, j, k = (target + 1) % 4, (target + 2) % 4, (target + 3) % 4
        u, v, w = rho[i, target], rho[j, target], rho[k, target]
        if u == 0.0 and v == 0.0 and w == 0.0:
            continue
        one, x, y, z = 1.0 + _RIDGE, rho[j, k], rho[i, k], rho[i, j]
        determinant = one * one * one + 2.0 * x * y * z - one * (x * x + y * y + z * z)
        if determinant < _RIDGE:
            continue
        f = (u * (one * one - x * x) + v * (x * y - z * one) + w * (x * z - y * one)) / determinant
        g = (u * (x * y - z * one) + v * (one * one - y * y) + w * (y * z - x * one)) / determinant
        h = (u * (x * z - y * one) + v * (y * z - x * one) + w * (one * one - z * z)) / determinant
        explained = min(max(f * u + g * v + h * w, 0.0), 1.0)
        share = explained / (_CERTAIN - explained)
        value = 0.0
        if f != 0.0:
            value += f * repeated(wires, packed, four[i], four[j], four[k])
        if g != 0.0:
            value += g * repeated(wires, packed, four[j], four[i], four[k])
        if h != 0.0:
            value += h * repeated(wires, packed, four[k], four[i], four[j])
        total += share * value
        weight += share
    return total / weight if weight > 0.0 else 0.0


@njit(cache=True)
def four_entry(wires, triples, slot, gate, t, fourth):
    """One entry of the table of four wires, of which the last may be the interior of ``gate``."""
    ends, packed = triples.wires, triples.packed
    last = t[3]
    inner = gate >= 0 and last > 0
    x, y, w = -1, -1, -1
    count = 0
    for i in range(3):
        if t[i] > 0:
            if count == 0:
                x = i
            elif count == 1:
                y = i
            else:
                w = i
            count += 1
    if count == 3 and last == 0:
        return third(wires, packed, ends[x], ends[y], ends[w], t[x], t[y], t[w])
    if last == 0:
        if count == 2:
            return table(wires, ends[x], ends[y], t[x], t[y])
        return 1.0 if count == 0 else 0.0
    if count == 0:
        return 0.0
    z = ends[3]
    if count == 1:
        return interior_pair(wires, triples, slot, gate, last, ends[x], t[x]) if inner else table(wires, z, ends[x], last, t[x])
    if count == 2:
        if inner:
            return interior_triple(wires, triples, slot, gate, last, ends[x], ends[y], t[x], t[y])
        return third(wires, packed, z, ends[x], ends[y], last, t[x], t[y])
    total = 0.0
    for i in range(3):
        j, k = (i + 1) % 3, (i + 2) % 3
        with_last = interior_pair(wires, triples, slot, gate, last, ends[i], t[i]) if inner else table(wires, z, ends[i], last, t[i])
        total += with_last * table(wires, ends[j], ends[k], t[j], t[k])
    if not inner:
        return total + (fourth if t[0] == t[1] == t[2] == last == 1 else 0.0)
    form = wires.cubes[gate, FORM]
    u, v = wires.state[gate, LEFT], wires.state[gate, RIGHT]
    for k in range(1, form.shape[0]):
        for j in range(1, form.shape[0]):
            if form[last, k, j] != 0.0:
                both = 0.0
                for i in range(3):
                    m, n = (i + 1) % 3, (i + 2) % 3
                    both += table(wires, u, ends[i], k, t[i]) * third(wires, packed, v, ends[m], ends[n], j, t[m], t[n])
                    both += table(wires, v, ends[i], j, t[i]) * third(wires, packed, u, ends[m], ends[n], k, t[m], t[n])
                total += form[last, k, j] * both
    return total


@njit(cache=True)
def lay_four(wires, triples, slot, gate):
    """``four``: expectations of all degrees of the up to four ``wires``, -1 where there is none."""
    four, ends = triples.four, triples.wires
    e = four.shape[0]
    tops = np.empty(4, np.int64)
    for i in range(4):
        tops[i] = e if ends[i] >= 0 or (i == 3 and gate >= 0) else 1
    fourth = 0.0
    if gate < 0 and tops[0] > 1 and tops[1] > 1 and tops[2] > 1 and tops[3] > 1:
        fourth = fourth_cumulant(wires, triples.packed, ends)
    t = np.zeros(4, np.int64)
    for i in range(tops[0]):
        for j in range(tops[1]):
            for k in range(tops[2]):
                for m in range(tops[3]):
                    t[0], t[1], t[2], t[3] = i, j, k, m
                    four[i, j, k, m] = four_entry(wires, triples, slot, gate, t, fourth)


@njit(cache=True)
def no_gates(wires, triples, slot, second, other):
    """``out``: E[z phi_m phi_n] of the interior of the new gate and two wires none of which is open."""
    out, ends, tables = triples.out, triples.wires, wires.tables
    d = out.shape[0]
    a, b = wires.state[slot, LEFT], wires.state[slot, RIGHT]
    form = wires.cubes[slot, FORM]
    for term in range(triples.counted[slot, 0]):
        k, j = triples.terms[slot, term, 0] - 1, triples.terms[slot, term, 1] - 1
        for m in range(d):
            for n in range(d):
                both = tables[a, second, k, m] * tables[b, other, j, n] + tables[b, second, j, m] * tables[a, other, k, n]
                if both != 0.0:
                    for i in range(d):
                        out[i, m, n] += form[i + 1, k + 1, j + 1] * both
    related = tables[a, second, 0, 0] != 0.0 or tables[b, second, 0, 0] != 0.0
    if related and (tables[a, other, 0, 0] != 0.0 or tables[b, other, 0, 0] != 0.0):
        ends[0], ends[1], ends[2], ends[3] = a, b, second, other
        fourth = fourth_cumulant(wires, triples.packed, ends)
        for i in range(d):
            out[i, 0, 0] += form[i + 1, 1, 1] * fourth


@njit(cache=True)
def place_of(ends, wire, most):
    """Where a wire is, or is put, among the up to ``most`` wires."""
    for i in range(most):
        if ends[i] == wire or ends[i] < 0:
            ends[i] = wire
            return i
    return most - 1


@njit(cache=True)
def multiply_in(wires, powers, place, wire, k):
    """Multiply the polynomial at a place by polynomial k of the wire there."""
    e = powers.shape[1]
    if k == 0:
        return
    for s in range(e):
        powers[4, s] = powers[place, s]
        powers[place, s] = 0.0
    for s in range(e):
        if powers[4, s] != 0.0:
            for t in range(e):
                powers[place, t] += powers[4, s] * wires.cubes[wire, PRODUCT, s, k, t]


@njit(cache=True)
def with_shared(wires, triples, slot, second, other, second_open, other_open):
    """``out``: E[z z' z''] of the interiors of gates that share operands; a wire that is not open stands for itself."""
    out, ends, four, powers, gates = triples.out, triples.wires, triples.four, triples.powers, triples.gates
    e = out.shape[0] + 1
    gates[0], gates[1], gates[2] = slot, second, other
    apart = -1  # the one that is a wire, or a gate that shares nothing
    if not second_open:
        apart = 1
    elif not other_open:
        apart = 2
    else:
        one, two, three = shared(wires, slot, second), shared(wires, slot, other), shared(wires, second, other)
        if one and not two and not three:
            apart = 2
        elif two and not one and not three:
            apart = 1
        elif three and not one and not two:
            apart = 0
    for i in range(4):
        ends[i] = -1
    places, counts = np.zeros((3, 2), np.int64), np.zeros(3, np.int64)
    for role in range(3):
        if role == apart:
            counts[role] = e - 1
        else:
            counts[role] = triples.counted[gates[role], 1]
            for side in range(2):
                places[role, side] = place_of(ends, wires.state[gates[role], LEFT + side], 3 if apart >= 0 else 4)
    interior = -1
    if apart >= 0:
        is_gate = apart == 0 or (apart == 1 and second_open) or (apart == 2 and other_open)
        if is_gate:
            interior = gates[apart]
        else:
            ends[3] = gates[apart]
    lay_four(wires, triples, slot, interior)
    index = np.zeros(3, np.int64)
    for i0 in range(counts[0]):
        for i1 in range(counts[1]):
            for i2 in range(counts[2]):
                index[0], index[1], index[2] = i0, i1, i2
                for i in range(4):
                    for s in range(e):
                        powers[i, s] = 1.0 if s == 0 else 0.0
                for role in range(3):
                    if role == apart:
                        powers[3, 0] = 0.0
                        powers[3, index[role] + 1] = 1.0
                    else:
                        for side in range(2):
                            place = places[role, side]
                            multiply_in(wires, powers, place, ends[place], triples.terms[gates[role], index[role], side])
                value = 0.0
                for s in range(e):
                    for t in range(e):
                        both = powers[0, s] * powers[1, t]
                        if both != 0.0:
                            for m in range(e):
                                for n in range(e):
                                    value += both * powers[2, m] * powers[3, n] * four[s, t, m, n]
                if value != 0.0:
                    for f in range(1, e):
                        first = value * factor(wires.cubes, triples.terms, slot, i0, f, apart == 0)
                        for g in range(1, e):
                            both = first * factor(wires.cubes, triples.terms, second, i1, g, apart == 1)
                            if both != 0.0:
                                for h in range(1, e):
                                    out[f - 1, g - 1, h - 1] += both * factor(wires.cubes, triples.terms, other, i2, h, apart == 2)


@njit(cache=True)
def factor(cubes, terms, gate, index, i, alone):
    """The coefficient of a term in polynomial i of a gate, or of the wire that stands for itself."""
    if alone:
        return 1.0 if i == index + 1 else 0.0
    return cubes[gate, FORM, i, terms[gate, index, 0], terms[gate, index, 1]]
