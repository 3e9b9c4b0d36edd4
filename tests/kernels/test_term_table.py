"""The hash table of terms against a dictionary: collisions, families, growth; and the writing of sorted keys."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heurest.kernels import term_table
from heurest.kernels.term_table import GROWN, HEAD, PLAIN, REDUCED, WEIGHTED, add_all, find, find_or_add, write_key

WIDTH = HEAD + 5
TERMS = st.tuples(st.sampled_from([PLAIN, GROWN, REDUCED, WEIGHTED]), st.lists(st.integers(0, 6), max_size=5).map(sorted).map(tuple))


def functions(compiled):
    kernels = (find, find_or_add, add_all, write_key)
    return kernels if compiled else [getattr(kernel, "py_func", kernel) for kernel in kernels]


def key_of(family, values, rubbish=9):
    """A key as a row; what stands beyond its length is not part of it."""
    key = np.full(WIDTH, rubbish, np.int32)
    key[:HEAD] = family, len(values)
    key[HEAD : HEAD + len(values)] = values
    return key


@pytest.mark.parametrize("compiled", [True, False])
@given(terms=st.lists(TERMS, max_size=31))
def test_a_term_is_entered_once_and_found_again(compiled, terms):
    look, enter, _, _ = functions(compiled)
    keys, table, counters = np.zeros((32, WIDTH), np.int32), np.full(32, -1, np.int32), np.zeros(3, np.int64)
    known = {}
    for step, term in enumerate(terms):
        before = look(keys, table, key_of(*term))
        assert before == known[term] if term in known else before < 0
        assert enter(keys, table, counters, key_of(*term, rubbish=step)) == known.setdefault(term, len(known))
        assert counters[0] == len(known)
    for term, entry in known.items():
        assert look(keys, table, key_of(*term, rubbish=-3)) == entry
        assert tuple(keys[entry, :HEAD]) == (term[0], len(term[1]))
        assert tuple(keys[entry, HEAD : HEAD + len(term[1])]) == term[1]
    assert sorted(table[table >= 0].tolist()) == list(range(len(known)))


@pytest.mark.parametrize("compiled", [True, False])
def test_a_table_with_one_free_place_still_ends_every_search(compiled):
    # 15 keys in 16 places: most collide, and some wrap around the end.
    look, enter, _, _ = functions(compiled)
    keys, table, counters = np.zeros((16, WIDTH), np.int32), np.full(16, -1, np.int32), np.zeros(3, np.int64)
    terms = list(itertools.combinations(range(6), 2))
    for number, pair in enumerate(terms):
        assert enter(keys, table, counters, key_of(PLAIN, pair)) == number
    free = int(np.flatnonzero(table < 0)[0])
    assert [look(keys, table, key_of(PLAIN, pair)) for pair in terms] == list(range(15))
    assert look(keys, table, key_of(PLAIN, (0, 0))) == -1 - free
    for family in (GROWN, REDUCED, WEIGHTED):  # the same values of another family are another term
        assert {look(keys, table, key_of(family, pair)) for pair in terms} == {-1 - free}


@pytest.mark.parametrize("compiled", [True, False])
def test_a_larger_table_finds_what_the_smaller_one_held(compiled):
    look, enter, add, _ = functions(compiled)
    terms = [(family, values) for family in (PLAIN, REDUCED) for values in itertools.combinations_with_replacement(range(7), 3)]
    keys, table, counters = np.zeros((len(terms), WIDTH), np.int32), np.full(256, -1, np.int32), np.zeros(3, np.int64)
    for term in terms:
        enter(keys, table, counters, key_of(*term))
    for size in (256, 512, 4096):
        grown = np.full(size, -1, np.int32)
        add(keys, grown, 0, counters[0])
        assert [look(keys, grown, key_of(*term)) for term in terms] == list(range(len(terms)))
        assert np.count_nonzero(grown >= 0) == len(terms)
    part = np.full(256, -1, np.int32)
    add(keys, part, 10, 20)
    assert [look(keys, part, key_of(*term)) >= 0 for term in terms] == [10 <= i < 20 for i in range(len(terms))]


def test_large_values_do_not_overflow_the_hash():
    big = np.iinfo(np.int32).max
    keys, table, counters = np.zeros((8, WIDTH), np.int32), np.full(16, -1, np.int32), np.zeros(3, np.int64)
    terms = [(PLAIN, (big - i,) * 5) for i in range(8)]
    with np.errstate(all="raise"):
        assert [find_or_add(keys, table, counters, key_of(*term)) for term in terms] == list(range(8))
        assert [find(keys, table, key_of(*term)) for term in terms] == list(range(8))


@pytest.mark.parametrize("compiled", [True, False])
@given(rest=st.lists(st.integers(0, 5), max_size=4).map(sorted), value=st.integers(-1, 6), data=st.data())
def test_a_key_is_the_sorted_choice_of_values(compiled, rest, value, data):
    chosen, wanted = data.draw(st.integers(0, 2 ** len(rest) - 1)), data.draw(st.integers(0, 1))
    key = np.full(WIDTH, 77, np.int32)
    functions(compiled)[3](key, GROWN, value, np.array([*rest, 99], np.int32), len(rest), chosen, wanted)
    expected = sorted([other for i, other in enumerate(rest) if chosen >> i & 1 == wanted] + [value] * (value >= 0))
    assert key[: HEAD + len(expected)].tolist() == [GROWN, len(expected), *expected]
    assert (key[HEAD + len(expected) :] == 77).all()


def test_families_are_different_numbers_in_the_order_that_the_expansion_reads_them():
    names = ["PLAIN", "GROWN", "REDUCED", "RECIPROCAL_1", "RECIPROCAL_0", "RATIO_1", "RATIO_0", "LOG_1", "LOG_0", "DIFFERENCE", "WEIGHTED"]
    assert [getattr(term_table, name) for name in names] == list(range(len(names)))
