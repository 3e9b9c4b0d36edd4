"""Packed symmetric tensors against dense ones."""

import itertools
from math import comb

import numpy as np
import pytest

from heurest.kernels import packed
from support.sizes import JIT_DISABLED

POSITION = {2: packed.pair, 3: packed.triple, 4: packed.quadruple}
BELOW = {2: packed.pairs_below, 3: packed.triples_below, 4: packed.quadruples_below}
PLANES = {3: (packed.add_pairs_with, packed.put_pairs_with), 4: (packed.add_triples_with, packed.put_triples_with)}
N = 6


def multisets(n, size):
    """Index tuples, largest first, in packed order."""
    return sorted(tuple(reversed(combination)) for combination in itertools.combinations_with_replacement(range(n), size))


def symmetric_tensor(n, size, seed=0):
    """A random symmetric tensor, dense and packed."""
    numbers = np.random.default_rng(seed).normal(size=comb(n + size - 1, size))
    dense = np.empty((n,) * size)
    for number, indices in zip(numbers, multisets(n, size), strict=True):
        for order in itertools.permutations(indices):
            dense[order] = number
    return dense, numbers


@pytest.mark.parametrize("size", POSITION)
def test_positions_count_the_multisets_in_order_whatever_the_order_of_the_indices(size):
    for expected, indices in enumerate(multisets(N, size)):
        assert {POSITION[size](*order) for order in itertools.permutations(indices)} == {expected}


@pytest.mark.parametrize("size", BELOW)
@pytest.mark.parametrize("i", [0, 1, 2, 7, 1000])
def test_below_counts_the_multisets_of_smaller_indices(size, i):
    assert BELOW[size](i) == comb(i + size - 1, size)


@pytest.mark.parametrize("size", PLANES)
@pytest.mark.parametrize("n", [1, 2, 3, N])
def test_adding_a_plane(size, n):
    add, _ = PLANES[size]
    dense, numbers = symmetric_tensor(n, size)
    for x in range(n):
        _, before = symmetric_tensor(n, size - 1, seed=1 + x)
        plane = before.copy()
        add(numbers, x, -2.5, plane, n)
        expected = [dense[(x, *indices)] for indices in multisets(n, size - 1)]
        np.testing.assert_allclose(plane, before - 2.5 * np.array(expected), rtol=1e-15, atol=1e-15)


@pytest.mark.parametrize("size", PLANES)
@pytest.mark.parametrize("n", [1, 2, 3, N])
def test_writing_a_plane_changes_the_entries_with_its_index_and_no_others(size, n):
    _, put = PLANES[size]
    for x in range(n):
        dense, numbers = symmetric_tensor(n, size)
        new, plane = symmetric_tensor(n, size - 1, seed=1 + x)
        put(numbers, x, plane, n)
        for axis in range(size):
            np.moveaxis(dense, axis, 0)[x] = new
        np.testing.assert_array_equal(numbers, [dense[indices] for indices in multisets(n, size)])


@pytest.mark.parametrize("size", PLANES)
def test_planes_are_those_of_the_first_slots_of_a_larger_tensor(size):
    add, _ = PLANES[size]
    dense, numbers = symmetric_tensor(N, size)
    plane = np.zeros(comb(4 + size - 2, size - 1))
    add(numbers, 5, 1.0, plane, 4)
    np.testing.assert_array_equal(plane, [dense[(5, *indices)] for indices in multisets(4, size - 1)])


@pytest.mark.skipif(JIT_DISABLED, reason="nothing is compiled")
@pytest.mark.parametrize("size", PLANES)
def test_compiled_planes_equal_interpreted_ones(size):
    for kernel in PLANES[size]:
        for x in range(N):
            results = []
            for function in (kernel, kernel.py_func):
                (_, tensor), (_, plane) = symmetric_tensor(N, size), symmetric_tensor(N, size - 1, seed=3)
                arguments = (tensor, x, 1.5, plane, N) if kernel.__name__.startswith("add") else (tensor, x, plane, N)
                function(*arguments)
                results.append((tensor, plane))
            np.testing.assert_allclose(np.concatenate(results[0]), np.concatenate(results[1]), rtol=1e-15)
