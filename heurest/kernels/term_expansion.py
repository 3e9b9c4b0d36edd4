"""Planning: every tracked term is expanded once, by the rule of its newest value, into products of older terms."""

import numpy as np
from numba import njit

from heurest.kernels.term_table import (
    DIFFERENCE,
    GROWN,
    HEAD,
    LOG_0,
    LOG_1,
    PLAIN,
    RATIO_0,
    RATIO_1,
    RECIPROCAL_0,
    RECIPROCAL_1,
    REDUCED,
    WEIGHTED,
    find,
    find_or_add,
    write_key,
)
from heurest.opcodes import TERM_AFFINE, TERM_CONDITION, TERM_MIXTURE, TERM_PRODUCT

# What is known of an entry: deduced by a rule, given a value, or not tracked (a candidate, presumed zero).
DEDUCED, GIVEN, CANDIDATE = 1, 2, 3

# Entry 0 is the number one; entry 1 + v is the mean of value v.
ONE = 0


@njit(cache=True)
def lookup(keys, table, counters, status, boolean, limits, key):
    """The entry of a plain multiset, or -1 where it is presumed zero; ``key`` is spoilt.

    A multiset that repeats a boolean value stands for a sum over smaller ones, before anything is presumed. With
    ``limits`` = (order, degree) a multiset within them that is not tracked becomes a candidate; order 0 for none,
    degree 0 to count repeats as order.
    """
    length = key[1]
    if length == 1:
        return np.int64(1 + key[HEAD])
    key[0] = PLAIN
    distinct = 1
    run = 1
    most = 1
    for i in range(1, length):
        if key[HEAD + i] != key[HEAD + i - 1]:
            distinct += 1
            run = 1
            continue
        if boolean[key[HEAD + i]]:
            key[0] = REDUCED
            return find_or_add(keys, table, counters, key)
        run += 1
        most = max(most, run)
    entry = find(keys, table, key)
    if entry >= 0:
        return entry
    repeats = limits[1] if distinct > 1 else 2 * limits[1]
    if (length if limits[1] == 0 else distinct) > limits[0] or (limits[1] > 0 and most > repeats):
        return np.int64(-1)
    entry = find_or_add(keys, table, counters, key)
    status[entry] = CANDIDATE
    return entry


@njit(cache=True)
def factor(keys, table, counters, status, boolean, limits, key, newest):
    """The entry of a factor in the expansion of ``newest``: as long as copies of it are left, nothing is presumed zero."""
    if key[1] == 1 or key[HEAD + key[1] - 1] != newest:
        return lookup(keys, table, counters, status, boolean, limits, key)
    key[0] = GROWN
    return find_or_add(keys, table, counters, key)


@njit(cache=True)
def emit(coefficient, left, right, counters, number, a, b):
    """Add a product unless a factor is presumed zero; ``counters[1]`` is the number of products."""
    if a >= 0 and b >= 0 and number != 0.0:
        p = counters[1]
        coefficient[p] = number
        left[p] = a
        right[p] = b
        counters[1] = p + 1


@njit(cache=True)
def ratio(keys, table, counters, status, boolean, limits, case, event, chosen, values, length, key):
    """The entry of kappa(chosen values, event) over the signed probability of the case; -1 where that is presumed zero."""
    write_key(key, PLAIN, event, values, length, chosen, 1)
    if lookup(keys, table, counters, status, boolean, limits, key) < 0:
        return np.int64(-1)
    write_key(key, RATIO_1 if case else RATIO_0, -1, values, length, chosen, 1)
    key[HEAD + key[1]] = event
    key[1] += 1
    return find_or_add(keys, table, counters, key)


@njit(cache=True)
def room_needed(graph, keys, entry):
    """Upper bounds of the new entries and new products that expanding an entry takes."""
    length = keys[entry, 1]
    splits = 1 << max(0, length - 1)
    extra = 0
    if keys[entry, 0] <= GROWN and length > 0:
        newest = keys[entry, HEAD + length - 1]
        extra = graph.term_stop[newest] - graph.term_start[newest]
    return 3 * splits + extra + 4, 5 * splits + extra + 4


@njit(cache=True)
def expand_terms(graph, keys, table, status, constant, start, coefficient, left, right, counters, limits):
    """Write the products of all entries that have none yet, those made on the way included.

    ``counters`` = (entries, products, entries already expanded). Returns True when all is done, False when the arrays
    have no more room (the caller makes them longer and calls again).
    """
    width = keys.shape[1]
    key = np.zeros(width, np.int32)
    rest = np.zeros(width, np.int32)
    while counters[2] < counters[0]:
        entry = counters[2]
        entries, products = room_needed(graph, keys, entry)
        if counters[0] + entries > status.size or 2 * (counters[0] + entries) > table.size or counters[1] + products > coefficient.size:
            return False
        start[entry] = counters[1]
        counters[2] += 1
        length = keys[entry, 1]
        family = keys[entry, 0]
        if length == 0 or status[entry] == GIVEN or status[entry] == CANDIDATE:
            continue
        if family == REDUCED:
            _expand_repeat(keys, table, status, coefficient, left, right, counters, graph.boolean, limits, entry, key, rest)
        elif family > REDUCED:
            _expand_case(graph, keys, table, status, constant, coefficient, left, right, counters, limits, entry, key, rest)
        else:
            op = graph.op[keys[entry, HEAD + length - 1]]
            if op == TERM_AFFINE:
                _expand_sum(graph, keys, table, status, constant, coefficient, left, right, counters, limits, entry, key, rest)
            elif op == TERM_PRODUCT:
                _expand_product(graph, keys, table, status, constant, coefficient, left, right, counters, limits, entry, key, rest)
            elif op == TERM_CONDITION:
                _expand_condition(graph, keys, table, status, coefficient, left, right, counters, limits, entry, key, rest)
            elif op == TERM_MIXTURE:
                _expand_mixture(graph, keys, table, status, constant, coefficient, left, right, counters, limits, entry, key)
    return True


@njit(cache=True)
def _expand_sum(graph, keys, table, status, constant, coefficient, left, right, counters, limits, entry, key, rest):
    length = keys[entry, 1] - 1
    newest = keys[entry, HEAD + length]
    for i in range(length):
        rest[i] = keys[entry, HEAD + i]
    if length == 0:
        constant[entry] += graph.bias[newest]
    for t in range(graph.term_start[newest], graph.term_stop[newest]):
        if graph.term_value[t] >= 0:
            write_key(key, PLAIN, graph.term_value[t], rest, length, 0, 0)
            a = factor(keys, table, counters, status, graph.boolean, limits, key, newest)
            emit(coefficient, left, right, counters, graph.term_scale[t], a, ONE)


@njit(cache=True)
def _expand_product(graph, keys, table, status, constant, coefficient, left, right, counters, limits, entry, key, rest):
    r"""kappa(uw, S) = kappa(u, w, S) + sum over T of kappa(u, T) kappa(w, S\T), with u and w affine in one value each."""
    length = keys[entry, 1] - 1
    newest = keys[entry, HEAD + length]
    u, w = graph.left[newest], graph.right[newest]
    a, b = graph.left_scale[newest], graph.right_scale[newest]
    c, d = graph.left_shift[newest], graph.right_shift[newest]
    for i in range(length):
        rest[i] = keys[entry, HEAD + i]
    if u >= 0 and w >= 0:
        both = np.int64(-1)
        write_key(key, PLAIN, u, rest, length, 0, 0)
        # w goes in after u: the key is sorted in place
        at = key[1]
        while at > 0 and key[HEAD + at - 1] > w:
            key[HEAD + at] = key[HEAD + at - 1]
            at -= 1
        key[HEAD + at] = w
        key[1] += 1
        both = factor(keys, table, counters, status, graph.boolean, limits, key, newest)
        emit(coefficient, left, right, counters, a * b, both, ONE)
    everything = (1 << length) - 1
    for chosen in range(1 << length):
        first = np.int64(-1)
        second = np.int64(-1)
        if u >= 0:
            write_key(key, PLAIN, u, rest, length, chosen, 1)
            first = factor(keys, table, counters, status, graph.boolean, limits, key, newest)
        if w >= 0:
            write_key(key, PLAIN, w, rest, length, chosen, 0)
            second = factor(keys, table, counters, status, graph.boolean, limits, key, newest)
        emit(coefficient, left, right, counters, a * b, first, second)
        if chosen == 0:
            emit(coefficient, left, right, counters, c * b, second, ONE)
        if chosen == everything:
            emit(coefficient, left, right, counters, a * d, first, ONE)
    if length == 0:
        constant[entry] += c * d


@njit(cache=True)
def _expand_repeat(keys, table, status, coefficient, left, right, counters, boolean, limits, entry, key, rest):
    r"""kappa(x, x, S) = kappa(x, S) - sum over T of kappa(x, T) kappa(x, S\T) for a boolean x."""
    length = keys[entry, 1] - 2
    at = 0
    while keys[entry, HEAD + at] != keys[entry, HEAD + at + 1] or not boolean[keys[entry, HEAD + at]]:
        at += 1
    x = keys[entry, HEAD + at]
    for i in range(length):
        rest[i] = keys[entry, HEAD + (i if i < at else i + 2)]
    write_key(key, PLAIN, x, rest, length, 0, 0)
    once = lookup(keys, table, counters, status, boolean, limits, key)
    emit(coefficient, left, right, counters, 1.0, once, ONE)
    for chosen in range(1 << length):
        write_key(key, PLAIN, x, rest, length, chosen, 1)
        first = lookup(keys, table, counters, status, boolean, limits, key)
        write_key(key, PLAIN, x, rest, length, chosen, 0)
        second = lookup(keys, table, counters, status, boolean, limits, key)
        emit(coefficient, left, right, counters, -1.0, first, second)


@njit(cache=True)
def _expand_condition(graph, keys, table, status, coefficient, left, right, counters, limits, entry, key, rest):
    """A joint cumulant within a case: the unconditional one plus the coefficient of log(1 + sum of ratios)."""
    length = keys[entry, 1]
    event, case = graph.event[keys[entry, HEAD]], graph.right[keys[entry, HEAD]]
    for i in range(length):
        value = keys[entry, HEAD + i]
        if graph.op[value] != TERM_CONDITION or graph.event[value] != event or graph.right[value] != case:
            return  # inputs of a case are presumed independent of what is not in it
        source = graph.left[value]
        at = i
        while at > 0 and rest[at - 1] > source:
            rest[at] = rest[at - 1]
            at -= 1
        rest[at] = source
    everything = (1 << length) - 1
    write_key(key, PLAIN, -1, rest, length, everything, 1)
    emit(coefficient, left, right, counters, 1.0, lookup(keys, table, counters, status, graph.boolean, limits, key), ONE)
    if length == 1:
        shift = ratio(keys, table, counters, status, graph.boolean, limits, case, event, 1, rest, 1, key)
    else:
        write_key(key, LOG_1 if case else LOG_0, -1, rest, length, everything, 1)
        key[HEAD + key[1]] = event
        key[1] += 1
        shift = find_or_add(keys, table, counters, key)
    emit(coefficient, left, right, counters, 1.0, shift, ONE)


@njit(cache=True)
def _expand_case(graph, keys, table, status, constant, coefficient, left, right, counters, limits, entry, key, rest):
    """Entries that serve cases; the event is the last value of their keys."""
    family = keys[entry, 0]
    length = keys[entry, 1] - 1
    event = keys[entry, HEAD + length]
    for i in range(length):
        rest[i] = keys[entry, HEAD + i]
    if family <= RECIPROCAL_0:  # families stand in order
        constant[entry] = 0.0 if family == RECIPROCAL_1 else -1.0
        emit(coefficient, left, right, counters, 1.0, np.int64(1 + event), ONE)
    elif family <= RATIO_0:
        write_key(key, RECIPROCAL_1 if family == RATIO_1 else RECIPROCAL_0, event, rest, 0, 0, 0)
        over = find_or_add(keys, table, counters, key)
        write_key(key, PLAIN, event, rest, length, 0, 0)
        emit(coefficient, left, right, counters, 1.0, over, lookup(keys, table, counters, status, graph.boolean, limits, key))
    elif family <= LOG_0:
        case = 1 if family == LOG_1 else 0
        everything = (1 << length) - 1
        whole = ratio(keys, table, counters, status, graph.boolean, limits, case, event, everything, rest, length, key)
        emit(coefficient, left, right, counters, 1.0, whole, ONE)
        for chosen in range(1, everything, 2):  # subsets that hold the first value
            remaining = ratio(keys, table, counters, status, graph.boolean, limits, case, event, everything ^ chosen, rest, length, key)
            if chosen & (chosen - 1) == 0:
                part = ratio(keys, table, counters, status, graph.boolean, limits, case, event, chosen, rest, length, key)
            else:
                write_key(key, family, -1, rest, length, chosen, 1)
                key[HEAD + key[1]] = event
                key[1] += 1
                part = find_or_add(keys, table, counters, key)
            emit(coefficient, left, right, counters, -1.0, part, remaining)
    elif family == DIFFERENCE:  # of the means in the two cases; the mixture stands where the event stands elsewhere
        m = event
        constant[entry] = graph.right_shift[m] - graph.left_shift[m]
        emit(coefficient, left, right, counters, graph.right_scale[m], np.int64(1 + graph.right[m] if graph.right[m] >= 0 else -1), ONE)
        emit(coefficient, left, right, counters, -graph.left_scale[m], np.int64(1 + graph.left[m] if graph.left[m] >= 0 else -1), ONE)
    else:  # WEIGHTED: the difference times the variance of the event
        write_key(key, DIFFERENCE, event, rest, 0, 0, 0)
        difference = find_or_add(keys, table, counters, key)
        write_key(key, REDUCED, graph.event[event], rest, 0, 0, 0)
        key[HEAD + 1] = key[HEAD]
        key[1] = 2
        emit(coefficient, left, right, counters, 1.0, find_or_add(keys, table, counters, key), difference)


@njit(cache=True)
def _expand_mixture(graph, keys, table, status, constant, coefficient, left, right, counters, limits, entry, key):
    """Total expectation, and total covariance for a pair; larger multisets are not recombined and stay zero."""
    length = keys[entry, 1]
    x = keys[entry, HEAD]
    y = keys[entry, HEAD + length - 1]
    event = graph.event[y]
    if length > 2 or graph.op[x] != TERM_MIXTURE or graph.event[x] != event:
        return
    share = np.int64(1 + event)
    if length == 1:
        low = np.int64(1 + graph.left[x] if graph.left[x] >= 0 else -1)
        high = np.int64(1 + graph.right[x] if graph.right[x] >= 0 else -1)
        constant[entry] = graph.left_shift[x]
        emit(coefficient, left, right, counters, graph.left_scale[x], low, ONE)
        emit(coefficient, left, right, counters, -graph.left_scale[x], low, share)
        emit(coefficient, left, right, counters, graph.right_scale[x], high, share)
        emit(coefficient, left, right, counters, graph.right_shift[x] - graph.left_shift[x], share, ONE)
        return
    if graph.left[x] >= 0 and graph.left[y] >= 0:
        low = _pair(keys, table, counters, status, graph.boolean, limits, graph.left[x], graph.left[y], key)
        number = graph.left_scale[x] * graph.left_scale[y]
        emit(coefficient, left, right, counters, number, low, ONE)
        emit(coefficient, left, right, counters, -number, low, share)
    if graph.right[x] >= 0 and graph.right[y] >= 0:
        high = _pair(keys, table, counters, status, graph.boolean, limits, graph.right[x], graph.right[y], key)
        emit(coefficient, left, right, counters, graph.right_scale[x] * graph.right_scale[y], high, share)
    key[0], key[1], key[HEAD] = WEIGHTED, 1, x
    weighted = find_or_add(keys, table, counters, key)
    key[0], key[1], key[HEAD] = DIFFERENCE, 1, y
    emit(coefficient, left, right, counters, 1.0, weighted, find_or_add(keys, table, counters, key))


@njit(cache=True)
def _pair(keys, table, counters, status, boolean, limits, a, b, key):
    key[0], key[1], key[HEAD], key[HEAD + 1] = PLAIN, 2, min(a, b), max(a, b)
    return lookup(keys, table, counters, status, boolean, limits, key)
