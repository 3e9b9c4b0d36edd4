"""A hash table of terms: multisets of values, each with the family that says how it is to be read."""

import numpy as np
from numba import njit

# A key is a row: family, length, then that many values in increasing order.
HEAD = 2

# Families. PLAIN is looked up among the tracked terms; GROWN still holds the gate that is being expanded and is never
# presumed zero; REDUCED repeats a boolean wire. The others serve cases: one over the probability of the event (signed),
# a joint cumulant with the event over that, the logarithm's coefficients, and differences between the two cases.
PLAIN, GROWN, REDUCED, RECIPROCAL_1, RECIPROCAL_0, RATIO_1, RATIO_0, LOG_1, LOG_0, DIFFERENCE, WEIGHTED = range(11)

_MASK = 0x7FFFFFFF


@njit(cache=True)
def find(keys, table, key):
    """The entry that has this key, or ``-1 - place`` for the free place in the table where it belongs."""
    length = key[1]
    h = np.int64(key[0])
    for i in range(1, length + HEAD):
        h = (h * 1000003 + key[i] + 7) & _MASK
    mask = table.size - 1
    at = (h ^ (h >> 13)) & mask
    while table[at] >= 0:
        entry = table[at]
        same = True
        for i in range(length + HEAD):
            if keys[entry, i] != key[i]:
                same = False
                break
        if same:
            return np.int64(entry)
        at = (at + 1) & mask
    return -1 - np.int64(at)


@njit(cache=True)
def find_or_add(keys, table, counters, key):
    """The entry that has this key, made if there was none; ``counters[0]`` is the number of entries."""
    entry = find(keys, table, key)
    if entry < 0:
        place = -1 - entry
        entry = counters[0]
        counters[0] += 1
        table[place] = entry
        for i in range(key[1] + HEAD):
            keys[entry, i] = key[i]
    return entry


@njit(cache=True)
def add_all(keys, table, first, last):
    """Enter the entries from ``first`` to ``last``, whose keys are different, into the table."""
    for entry in range(first, last):
        table[-1 - find(keys, table, keys[entry])] = entry


@njit(cache=True)
def write_key(key, family, value, rest, length, chosen, wanted):
    """Write the key of ``value`` and of those of the first ``length`` values of ``rest`` whose bit in ``chosen`` is ``wanted``, sorted.

    A negative ``value`` is left out. ``rest`` is sorted.
    """
    key[0] = family
    count = 0
    pending = value >= 0
    for i in range(length):
        if (chosen >> i) & 1 != wanted:
            continue
        if pending and value <= rest[i]:
            key[HEAD + count] = value
            count += 1
            pending = False
        key[HEAD + count] = rest[i]
        count += 1
    if pending:
        key[HEAD + count] = value
        count += 1
    key[1] = count
