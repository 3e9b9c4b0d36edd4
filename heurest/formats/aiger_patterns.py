"""Exclusive ors and multiplexers in and-inverter graphs, where they are three ANDs (an exclusive or also four).

With p = x & b and q = ~x & d, the AND ``~p & ~q`` is the inverse of the multiplexer "b if x else d", and of an exclusive or where d is
~b. In p and q, ``a & ~(a & c)`` counts as ``a & ~c``, so that an exclusive or of four NANDs is found as well.

Literals are over nodes as in `aiger_graph`: ``2 k`` is node k, ``2 k + 1`` its inverse; node 0 is the constant 0, then come inputs, then
gates.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

XOR_COEFFICIENTS = (1.0, 1.0, -2.0)  # a + b - 2 a b
MUX_COEFFICIENTS = (1.0, 1.0, -1.0)  # d + x b - x d


class Gates(NamedTuple):
    """ANDs and sums of three literals that are 0 or 1, operands first.

    Attributes:
        operands: Literals of the ANDs' operands, shape ``(G, 2)``; rows of sums do not matter.
        is_sum: Which gates are sums, shape ``(G,)``.
        row: Their rows in the arrays below, shape ``(G,)``.
        terms: Literals of the sums' terms, shape ``(S, 3)``.
        coefficients: Their coefficients, shape ``(S, 3)``.
        inverted: Whether the gate is one minus the sum, shape ``(S,)``.
    """

    operands: IntArray
    is_sum: BoolArray
    row: IntArray
    terms: IntArray
    coefficients: NDArray[np.float64]
    inverted: BoolArray


class _Found(NamedTuple):
    """ANDs that invert a multiplexer: ``gate`` is ``~(high if select else low)``, with ANDs p and q; shape ``(S,)`` each.

    ``select`` is not inverted. ``middle`` is the AND in both p and q of an exclusive or of four, -1 if there is none.
    """

    gate: IntArray
    select: IntArray
    high: IntArray
    low: IntArray
    p: IntArray
    q: IntArray
    middle: IntArray


def plain_gates(operands: IntArray, outputs: IntArray, num_inputs: int) -> tuple[Gates, IntArray]:
    """The ANDs as they are, and the outputs; the counterpart of `recognised_gates`."""
    none = np.zeros(len(operands), dtype=np.int64)
    return Gates(operands, none > 0, none, np.empty((0, 3), np.int64), np.empty((0, 3)), np.empty(0, np.bool_)), outputs


def recognised_gates(operands: IntArray, outputs: IntArray, num_inputs: int) -> tuple[Gates, IntArray]:
    """Return gates in which exclusive ors and multiplexers are sums, and the outputs' literals over them.

    Each sum reads products of its operands; those that the graph has are used, the others are put before it. Equal ANDs become one,
    and what nobody reads any longer is left out.

    Args:
        operands: Literals of the ANDs' operands, operands first, shape ``(A, 2)``.
        outputs: Literals of the outputs, shape ``(O,)``.
        num_inputs: How many inputs there are.

    Returns:
        The gates and the outputs, which compute what they did.

    Cost:
        1 to 3 microseconds and up to 350 bytes an AND.

    Examples:
        >>> gates, outputs = recognised_gates(np.array([[2, 5], [3, 4], [7, 9]]), np.array([11]), 2)  # ~(~(a & ~b) & ~(~a & b))
        >>> gates.terms, outputs  # a + b - 2 (a & b), inverted, is gate 4
        (array([[2, 4, 6]]), array([9]))
    """
    first = num_inputs + 1
    found = _find(operands, first)
    products, terms, coefficients, inverted = _sums(operands, outputs, first, found)
    # gates in their new order: products go right before their sum
    num_ands, num_sums = len(operands), found.gate.size
    place = np.append(np.arange(num_ands), np.repeat(found.gate, 2) - 0.5)
    order = np.argsort(place, kind="stable")
    rank = np.empty_like(order)
    rank[order] = np.arange(order.size)
    pairs = np.concatenate([operands, products.reshape(-1, 2)])
    row = np.full(len(pairs), -1)
    row[found.gate] = np.arange(num_sums)
    # equal ANDs become the first of them
    own = np.arange(first + len(pairs))
    ands = order[row[order] < 0]
    low, high = pairs[ands].min(axis=1), pairs[ands].max(axis=1)
    _, earliest, group = np.unique(low * 2 * own.size + high, return_index=True, return_inverse=True)
    own[first + ands] = first + ands[earliest[group]]
    read = _read_by_any(operands, outputs, own.size)
    pairs, terms, outputs = (2 * own[part >> 1] + (part & 1) for part in (pairs, terms, outputs))
    all_terms = np.zeros((len(pairs), 3), dtype=np.int64)
    all_terms[:, :2] = pairs
    all_terms[found.gate] = terms
    dispensable = np.append(np.zeros(first, dtype=bool), np.ones(len(pairs), dtype=bool))
    dispensable[first : first + num_ands] = read[first : first + num_ands]
    dispensable |= own != np.arange(own.size)
    kept = order[_kept(all_terms, outputs, first, dispensable)[first + order]]
    # numbers without gaps
    node = np.arange(own.size)
    node[first + kept] = first + np.arange(kept.size)
    pairs, terms, outputs = (2 * node[part >> 1] + (part & 1) for part in (pairs[kept], terms, outputs))
    is_sum = row[kept] >= 0
    row = row[kept]
    alive = row[is_sum]
    row[is_sum] = np.arange(alive.size)
    return Gates(pairs, is_sum, row, terms[alive], coefficients[alive], inverted[alive]), outputs


def _find(operands: IntArray, first: int) -> _Found:
    """All multiplexers and exclusive ors, with three different wires or two."""
    effective, middle = _absorbed(operands, first)
    roots = np.flatnonzero(((operands & 1) == 1).all(axis=1) & (operands >> 1 >= first).all(axis=1) & (operands[:, 0] != operands[:, 1]))
    p, q = (operands[roots] >> 1).T - first
    columns: list[IntArray] = []
    done = np.zeros(roots.size, dtype=bool)
    for i, j in ((0, 0), (0, 1), (1, 0), (1, 1)):
        select, other = effective[p, i], effective[q, j]
        high, low = effective[p, 1 - i], effective[q, 1 - j]
        proper = (high >> 1 != select >> 1) & (low >> 1 != select >> 1) & (high != low) & (np.minimum(high, low) > 1) & (select > 1)
        hit = (select ^ other == 1) & proper & ~done
        done |= hit
        shared = np.where((middle[p] == middle[q]) & (high ^ low == 1), middle[p], -1)
        swap = (select & 1) == 1
        chosen = (
            roots,
            select & ~1,
            np.where(swap, low, high),
            np.where(swap, high, low),
            np.where(swap, q, p),
            np.where(swap, p, q),
            shared,
        )
        columns.append(np.stack([column[hit] for column in chosen]))
    return _Found(*np.concatenate(columns, axis=1)[:, np.argsort(np.concatenate([part[0] for part in columns]))])


def _absorbed(operands: IntArray, first: int) -> tuple[IntArray, IntArray]:
    """The operands with ``a & ~(a & c)`` as ``a & ~c``, and the AND of ``a & c``, or -1."""
    effective, middle = operands.copy(), np.full(len(operands), -1)
    for side in (0, 1):
        at = np.flatnonzero((operands[:, side] & 1 == 1) & (operands[:, side] >> 1 >= first))
        inner, kept = (operands[at, side] >> 1) - first, operands[at, 1 - side]
        for place in (0, 1):
            hit = operands[inner, place] == kept
            effective[at[hit], side] = operands[inner[hit], 1 - place] ^ 1
            middle[at[hit]] = inner[hit]
    return effective, middle


def _sums(operands: IntArray, outputs: IntArray, first: int, found: _Found) -> tuple[IntArray, IntArray, NDArray[np.float64], BoolArray]:
    """For each multiplexer two products, shape ``(S, 2, 2)``, and terms, coefficients and inversion of its sum.

    The k-th product is node ``first + A + k``. The second product of an exclusive or is the first once more.
    """
    _, select, high, low, p, q, middle = found
    is_xor = high ^ low == 1
    elsewhere = _read_elsewhere(operands, outputs, first, found)
    # xor: operands inverted as in an AND that others read too, which then serves as the product; else not inverted
    a, b = select.copy(), high & ~1
    for candidate in (middle, q, p):
        pair = operands[candidate]
        fits = (
            is_xor
            & (candidate >= 0)
            & elsewhere[candidate]
            & (np.sort(pair >> 1, axis=1) == np.sort(np.stack([a, b], 1) >> 1, axis=1)).all(axis=1)
        )
        swapped = pair[:, 0] >> 1 != select >> 1
        a = np.where(fits, np.where(swapped, pair[:, 1], pair[:, 0]), a)
        b = np.where(fits, np.where(swapped, pair[:, 0], pair[:, 1]), b)
    # mux: inputs both inverted are taken as they are and the result is inverted instead, unless others read p as it is
    plain = (high & low & 1 == 1) & ~elsewhere[p]
    high_used, low_used = (np.where(plain, part ^ 1, part) for part in (high, low))
    left = np.stack([a, a], axis=1)
    right = np.stack([np.where(is_xor, b, high_used), np.where(is_xor, b, low_used)], axis=1)
    number = 2 * (first + len(operands) + np.arange(2 * select.size).reshape(-1, 2))
    xor_terms = np.stack([a, b, number[:, 0]], axis=1)
    terms = np.where(is_xor[:, np.newaxis], xor_terms, np.stack([low_used, number[:, 0], number[:, 1]], axis=1))
    coefficients = np.where(is_xor[:, np.newaxis], XOR_COEFFICIENTS, MUX_COEFFICIENTS)
    # ~(high if select else ~high) is select xor high; each inversion of a term turns it round
    inverted = np.where(is_xor, (a ^ b ^ high) & 1 == 1, ~plain)
    return np.stack([left, right], axis=2), terms, coefficients, inverted


def _read_elsewhere(operands: IntArray, outputs: IntArray, first: int, found: _Found) -> BoolArray:
    """Which ANDs are read by others than multiplexers, and their ANDs p and q that nobody else reads."""
    reads = np.bincount(np.append((operands >> 1).reshape(-1), outputs >> 1), minlength=first + len(operands))[first:]
    for part in (found.p, found.q):
        np.subtract.at(reads, part, 1)
    for part in (found.p, found.q):
        unread = found.middle[(found.middle >= 0) & (reads[part] == 0)]
        np.subtract.at(reads, unread, 1)
    return reads > 0


def _read_by_any(operands: IntArray, outputs: IntArray, num_nodes: int) -> BoolArray:
    read = np.zeros(num_nodes, dtype=bool)
    read[operands >> 1] = True
    read[outputs >> 1] = True
    return read


def _kept(terms: IntArray, outputs: IntArray, first: int, dispensable: BoolArray) -> BoolArray:
    """All nodes but the dispensable ones that nobody kept reads; a round takes those whose last reader went in the round before."""
    readers = np.bincount(np.append((terms >> 1).reshape(-1), outputs >> 1), minlength=dispensable.size)
    kept = np.ones(dispensable.size, dtype=bool)
    leaving = np.flatnonzero(dispensable & (readers == 0))
    while leaving.size:
        kept[leaving] = False
        operands = (terms[leaving - first] >> 1).reshape(-1)
        np.subtract.at(readers, operands, 1)
        candidates = np.unique(operands)
        leaving = candidates[dispensable[candidates] & (readers[candidates] == 0) & kept[candidates]]
    return kept
