"""Packed symmetric tensors of order 2, 3 and 4: entry (i >= j >= k >= l) is kept once, l fastest."""

from numba import njit


@njit(cache=True)
def pairs_below(i):
    """Number of packed pairs whose largest index is below ``i``."""
    return i * (i + 1) // 2


@njit(cache=True)
def triples_below(i):
    """Number of packed triples whose largest index is below ``i``."""
    return i * (i + 1) * (i + 2) // 6


@njit(cache=True)
def quadruples_below(i):
    """Number of packed quadruples whose largest index is below ``i``."""
    return i * (i + 1) * (i + 2) * (i + 3) // 24


@njit(cache=True)
def add_pairs_with(triples, x, factor, pairs, n):
    """Add ``factor`` times the packed pairs (j, k) of entries (x, j, k) to ``pairs``."""
    p = 0
    for j in range(n):
        row = triples_below(x) + pairs_below(j) if j <= x else triples_below(j) + pairs_below(x)
        for k in range(min(j, x) + 1):
            pairs[p + k] += factor * triples[row + k]
        for k in range(x + 1, j + 1):
            pairs[p + k] += factor * triples[triples_below(j) + pairs_below(k) + x]
        p += j + 1


@njit(cache=True)
def put_pairs_with(triples, x, pairs, n):
    """Write the packed pairs (j, k) to the entries (x, j, k)."""
    p = 0
    for j in range(n):
        row = triples_below(x) + pairs_below(j) if j <= x else triples_below(j) + pairs_below(x)
        for k in range(min(j, x) + 1):
            triples[row + k] = pairs[p + k]
        for k in range(x + 1, j + 1):
            triples[triples_below(j) + pairs_below(k) + x] = pairs[p + k]
        p += j + 1


@njit(cache=True)
def add_triples_with(quadruples, x, factor, triples, n):
    """Add ``factor`` times the packed triples (j, k, l) of entries (x, j, k, l) to ``triples``."""
    p = 0
    for j in range(n):
        for k in range(j + 1):
            if x >= j:
                row = quadruples_below(x) + triples_below(j) + pairs_below(k)
            elif x >= k:
                row = quadruples_below(j) + triples_below(x) + pairs_below(k)
            else:
                row = quadruples_below(j) + triples_below(k) + pairs_below(x)
            for m in range(min(k, x) + 1):
                triples[p + m] += factor * quadruples[row + m]
            row = quadruples_below(j) + triples_below(k) + x
            for m in range(x + 1, k + 1):
                triples[p + m] += factor * quadruples[row + pairs_below(m)]
            p += k + 1


@njit(cache=True)
def put_triples_with(quadruples, x, triples, n):
    """Write the packed triples (j, k, l) to the entries (x, j, k, l)."""
    p = 0
    for j in range(n):
        for k in range(j + 1):
            if x >= j:
                row = quadruples_below(x) + triples_below(j) + pairs_below(k)
            elif x >= k:
                row = quadruples_below(j) + triples_below(x) + pairs_below(k)
            else:
                row = quadruples_below(j) + triples_below(k) + pairs_below(x)
            for m in range(min(k, x) + 1):
                quadruples[row + m] = triples[p + m]
            row = quadruples_below(j) + triples_below(k) + x
            for m in range(x + 1, k + 1):
                quadruples[row + pairs_below(m)] = triples[p + m]
            p += k + 1


@njit(cache=True)
def pair(i, j):
    """Position of a pair in any order."""
    return pairs_below(i) + j if i >= j else pairs_below(j) + i


@njit(cache=True)
def triple(i, j, k):
    """Position of a triple in any order."""
    if i < j:
        i, j = j, i
    if j < k:
        j, k = k, j
        if i < j:
            i, j = j, i
    return triples_below(i) + pairs_below(j) + k


@njit(cache=True)
def quadruple(i, j, k, m):
    """Position of a quadruple in any order."""
    if i < j:
        i, j = j, i
    if k < m:
        k, m = m, k
    if i < k:
        i, k = k, i
        j, m = m, j
    if j < k:
        j, k = k, j
    if k < m:
        k, m = m, k
    return quadruples_below(i) + triples_below(j) + pairs_below(k) + m
