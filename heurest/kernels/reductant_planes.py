"""Order 3: the tables of a new gate with all pairs of live wires, rule by rule."""

import numpy as np
from numba import njit

from heurest.kernels.packed import triple
from heurest.kernels.reductant_gate import CUT, FORM, KIND, LEFT, PRODUCT, RIGHT, UNARY, clear
from heurest.kernels.reductant_overlaps import no_gates, with_shared
from heurest.kernels.reductant_triples import is_pair, list_terms, made, shared, third, three_gates, two_gates


@njit(cache=True)
def read_plane(wires, packed, slot, plane):
    """The tables of one wire with all pairs of live wires."""
    d, order = packed.shape[1], wires.order
    for a in range(order[-1]):
        for b in range(a + 1):
            x, y = max(order[a], order[b]), min(order[a], order[b])
            one = (x - y) * (x - slot) * (y - slot) == 0  # tuples of unlike integers do not compile
            place = triple(slot, x, y)
            for k in range(d):
                for j in range(d):
                    for t in range(d):
                        if one:
                            value = third(wires, packed, slot, x, y, k + 1, j + 1, t + 1)
                        elif slot > x:
                            value = packed[place, k, j, t]
                        elif slot > y:
                            value = packed[place, j, k, t]
                        else:
                            value = packed[place, j, t, k]
                        plane[x, y, k, j, t] = value
                        plane[y, x, k, t, j] = value


@njit(cache=True)
def write_plane(wires, packed, slot, plane):
    """Keep the tables of one wire with all pairs of live wires."""
    d = packed.shape[1]
    for a in range(wires.order[-1]):
        for b in range(a):
            x, y = max(wires.order[a], wires.order[b]), min(wires.order[a], wires.order[b])
            place = triple(slot, x, y)
            for k in range(d):
                for j in range(d):
                    for t in range(d):
                        value = plane[x, y, k, j, t]
                        if slot > x:
                            packed[place, k, j, t] = value
                        elif slot > y:
                            packed[place, j, k, t] = value
                        else:
                            packed[place, j, t, k] = value


@njit(cache=True)
def share_plane(wires, triples, slot):
    """Tell the open gates the tables of their operands with the new wire."""
    d = triples.out.shape[0]
    for i in range(wires.order[-1]):
        gate = wires.order[i]
        if is_pair(wires, gate):
            left, right = wires.state[gate, LEFT], wires.state[gate, RIGHT]
            for k in range(d):
                for j in range(d):
                    for t in range(d):
                        wires.triples[gate, slot, k, j, t] = triples.plane[left, right, t, k, j]


@njit(cache=True)
def additive(form, left, right, x, y, out):
    """``out[i, m, n]``: E[g phi_m(x) phi_n(y)] of the additive part g of the new gate."""
    d = out.shape[0]
    clear(out)
    for i in range(d):
        for k in range(d):
            f, g = form[i + 1, k + 1, 0], form[i + 1, 0, k + 1]
            if f != 0.0 or g != 0.0:
                for m in range(d):
                    for n in range(d):
                        out[i, m, n] += f * left[x, y, k, m, n] + g * right[x, y, k, m, n]


@njit(cache=True)
def with_operand(wires, triples, slot, x, y):
    """Whole tables of the new gate of A and B with a wire x among them and another."""
    d, plane = triples.out.shape[0], triples.plane
    form = wires.cubes[slot, FORM]
    a, b = wires.state[slot, LEFT], wires.state[slot, RIGHT]
    for i in range(1, d + 1):
        for m in range(1, d + 1):
            for n in range(1, d + 1):
                total = 0.0
                for k in range(d + 1):
                    for j in range(d + 1):
                        if form[i, k, j] != 0.0:
                            power = k if x == a else j
                            for r in range(d + 1):
                                f = form[i, k, j] * wires.cubes[x, PRODUCT, power, m, r]
                                if f != 0.0:
                                    total += f * third(wires, triples.packed, a, b, y, r if x == a else k, j if x == a else r, n)
                plane[x, y, i - 1, m - 1, n - 1] = total


@njit(cache=True)
def with_own_operand(wires, triples, slot, gate, x):
    """Whole tables of the new gate with an older gate of two and one of its operands x."""
    d, plane = triples.out.shape[0], triples.plane
    form = wires.cubes[gate, FORM]
    p, q = wires.state[gate, LEFT], wires.state[gate, RIGHT]
    for i in range(1, d + 1):
        for m in range(1, d + 1):
            for n in range(1, d + 1):
                total = 0.0
                for k in range(d + 1):
                    for j in range(d + 1):
                        if form[m, k, j] != 0.0:
                            power = k if x == p else j
                            for r in range(d + 1):
                                f = form[m, k, j] * wires.cubes[x, PRODUCT, power, n, r]
                                if f != 0.0:
                                    total += f * made(wires, triples, slot, p, q, i, r if x == p else k, j if x == p else r)
                plane[gate, x, i - 1, m - 1, n - 1] = total


@njit(cache=True)
def with_unary(wires, triples, slot, gate, x):
    """Whole tables of the new gate with a function of one wire and another wire."""
    d, plane, unary = triples.out.shape[0], triples.plane, wires.unary[gate]
    operand = wires.state[gate, LEFT]
    for i in range(1, d + 1):
        for m in range(1, d + 1):
            for n in range(1, d + 1):
                total = 0.0
                for k in range(d + 1):
                    if unary[m, k] != 0.0:
                        total += unary[m, k] * made(wires, triples, slot, operand, x, i, k, n)
                plane[gate, x, i - 1, m - 1, n - 1] = total


@njit(cache=True)
def interior_of(wires, triples, slot, second, other):
    """``inner``: the interior of the new gate with two wires, the older last; both open gates, or one, or none."""
    out, d = triples.out, triples.out.shape[0]
    second_open, other_open = is_pair(wires, second), is_pair(wires, other)
    clear(out)
    if second_open and other_open:
        if shared(wires, slot, second) or shared(wires, slot, other) or shared(wires, second, other):
            with_shared(wires, triples, slot, second, other, True, True)
        else:
            three_gates(wires, triples, slot, second, other)
    elif second_open:
        if shared(wires, slot, second):
            with_shared(wires, triples, slot, second, other, True, False)
        else:
            two_gates(wires, triples, slot, second, other, False)
    elif other_open:
        if shared(wires, slot, other):
            with_shared(wires, triples, slot, second, other, False, True)
        else:
            two_gates(wires, triples, slot, other, second, True)
    else:
        no_gates(wires, triples, slot, second, other)
    inner = triples.inner
    for role in range(2):
        gate, across, opened = (second, other, second_open) if role == 0 else (other, second, other_open)
        if not opened:
            continue
        form, left, right = wires.cubes[gate, FORM], wires.state[gate, LEFT], wires.state[gate, RIGHT]
        for m in range(d):
            for r in range(d):
                f, g = form[m + 1, r + 1, 0], form[m + 1, 0, r + 1]
                if f == 0.0 and g == 0.0:
                    continue
                for i in range(d):
                    for n in range(d):
                        if role == 0:
                            out[i, m, n] += f * inner[left, across, i, r, n] + g * inner[right, across, i, r, n]
                        else:  # the interior of the second only: its additive part is in already
                            value = f * inner[across, left, i, n, r] + g * inner[across, right, i, n, r]
                            out[i, n, m] += value
        if role == 1 and second_open:
            both_additive(wires, triples, second, other)


@njit(cache=True)
def both_additive(wires, triples, second, other):
    """Take out what the additive parts of both wires have counted twice."""
    out, inner, d = triples.out, triples.inner, triples.out.shape[0]
    form, other_form = wires.cubes[second, FORM], wires.cubes[other, FORM]
    for m in range(d):
        for r in range(d):
            for side in range(2):
                f = form[m + 1, r + 1, 0] if side == 0 else form[m + 1, 0, r + 1]
                x = wires.state[second, LEFT + side]
                if f == 0.0:
                    continue
                for n in range(d):
                    for s in range(d):
                        for end in range(2):
                            g = other_form[n + 1, s + 1, 0] if end == 0 else other_form[n + 1, 0, s + 1]
                            y = wires.state[other, LEFT + end]
                            if g != 0.0:
                                for i in range(d):
                                    out[i, m, n] -= f * g * inner[x, y, i, r, s]


@njit(cache=True)
def settle_pair(wires, triples, slot, x, y, known):
    """The whole tables of x and y from the interior, unless they are known, and the interior from these; both ways round."""
    d, plane, inner, out, rest = triples.out.shape[0], triples.plane, triples.inner, triples.out, triples.parts[0]
    additive(wires.cubes[slot, FORM], triples.left, triples.right, x, y, rest)
    if not known:
        for i in range(d):
            for m in range(d):
                for n in range(d):
                    plane[x, y, i, m, n] = out[i, m, n] + rest[i, m, n]
    keep(triples.squares, plane, slot, x, y, wires.tally)
    for i in range(d):
        for m in range(d):
            for n in range(d):
                inner[x, y, i, m, n] = plane[x, y, i, m, n] - rest[i, m, n]
                plane[y, x, i, n, m] = plane[x, y, i, m, n]
                inner[y, x, i, n, m] = inner[x, y, i, m, n]


@njit(cache=True)
def keep(squares, plane, slot, x, y, tally):
    """No entry exceeds what the norms of products of two of the three allow."""
    d = plane.shape[2]
    for i in range(d):
        for m in range(d):
            for n in range(d):
                value = plane[x, y, i, m, n]
                if not value * value <= 1.0:
                    most = np.sqrt(min(squares[slot, x, i, m], min(squares[slot, y, i, n], squares[x, y, m, n])))
                    if not abs(value) <= most:
                        tally[CUT] += 1
                        plane[x, y, i, m, n] = most if value > 0.0 else -most


@njit(cache=True)
def note_squares(wires, squares, slot):
    """E[phi_k(x)^2 phi_j(y)^2] as far as tables tell, at least 1, of the new wire with every live wire."""
    d = squares.shape[2]
    for a in range(wires.order[-1]):
        x = wires.order[a]
        for k in range(d):
            for j in range(d):
                total = 1.0
                for r in range(d):
                    for t in range(d):
                        both = wires.cubes[slot, PRODUCT, k + 1, k + 1, r + 1] * wires.cubes[x, PRODUCT, j + 1, j + 1, t + 1]
                        total += both * wires.tables[slot, x, r, t]
                squares[slot, x, k, j] = max(1.0, total)
                squares[x, slot, j, k] = squares[slot, x, k, j]


@njit(cache=True)
def one_wire(wires, triples, slot, x):
    """The tables of the new gate and of its interior with one wire twice."""
    d = triples.out.shape[0]
    for i in range(1, d + 1):
        for m in range(1, d + 1):
            for n in range(1, d + 1):
                value, rest = 0.0, 0.0
                for r in range(1, d + 1):
                    f = wires.cubes[x, PRODUCT, m, n, r]
                    value += f * wires.tables[slot, x, i - 1, r - 1]
                    rest += f * triples.pairs[x, i - 1, r - 1]
                triples.plane[x, x, i - 1, m - 1, n - 1] = value
                triples.inner[x, x, i - 1, m - 1, n - 1] = rest


@njit(cache=True)
def turn(triples, x, y):
    """Write the tables of a pair for its other order."""
    d = triples.out.shape[0]
    for i in range(d):
        for m in range(d):
            for n in range(d):
                triples.plane[y, x, i, n, m] = triples.plane[x, y, i, m, n]


@njit(cache=True)
def nothing(triples, x, y):
    """Set the tables of the new gate with two wires to zero."""
    d = triples.out.shape[0]
    for i in range(d):
        for m in range(d):
            for n in range(d):
                triples.plane[x, y, i, m, n], triples.plane[y, x, i, n, m] = 0.0, 0.0
                triples.inner[x, y, i, m, n], triples.inner[y, x, i, n, m] = 0.0, 0.0


@njit(cache=True)
def join_triples(wires, triples, slot):
    """Tables of a gate of two with all pairs of live wires, older wires first."""
    a, b = wires.state[slot, LEFT], wires.state[slot, RIGHT]
    note_squares(wires, triples.squares, slot)
    list_terms(wires.cubes[slot, FORM], triples.terms[slot], triples.counted[slot])
    for i in range(wires.order[-1]):
        x = wires.order[i]
        one_wire(wires, triples, slot, x)
        for j in range(i):
            y = wires.order[j]
            known = True
            if triples.linked[slot, x] + triples.linked[slot, y] + triples.linked[x, y] < 2:  # one is independent of the others
                nothing(triples, x, y)
                continue
            if x in (a, b):
                with_operand(wires, triples, slot, x, y)
            elif y in (a, b):
                with_operand(wires, triples, slot, y, x)
                turn(triples, y, x)
            elif is_pair(wires, x) and (wires.state[x, LEFT] == y or wires.state[x, RIGHT] == y):
                with_own_operand(wires, triples, slot, x, y)
            elif wires.state[x, KIND] == UNARY and wires.state[x, LEFT] >= 0:
                with_unary(wires, triples, slot, x, y)
            elif wires.state[y, KIND] == UNARY and wires.state[y, LEFT] >= 0:
                with_unary(wires, triples, slot, y, x)
                turn(triples, y, x)
            else:
                known = False
                interior_of(wires, triples, slot, x, y)
            settle_pair(wires, triples, slot, x, y, known)
