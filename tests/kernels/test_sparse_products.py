"""The sparse sum of products: values, adjoints and the order of entries against literal loops, compiled and interpreted."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heurest.kernels.sparse_products import gather_products, order_terms, propagate_adjoints, propagate_terms
from support.sizes import JIT_DISABLED, scaled

COEFFICIENTS = st.sampled_from([-2.0, -1.0, -0.5, 0.25, 1.0, 1.5])


@st.composite
def sums(draw, reciprocals=True, max_terms=8):
    """Constants, products by term in the order that they are read, and which terms are reciprocals."""
    n = draw(st.integers(1, max_terms))
    constant = np.array(draw(st.lists(COEFFICIENTS, min_size=n, max_size=n)))
    products = [
        draw(st.lists(st.tuples(COEFFICIENTS, st.integers(0, t - 1), st.integers(0, t - 1)), max_size=3)) if t else [] for t in range(n)
    ]
    flags = np.array(draw(st.lists(st.booleans() if reciprocals else st.just(False), min_size=n, max_size=n)), dtype=bool)
    return constant, products, flags


def flat(products):
    """The same products as arrays: where those of each term begin, coefficients, left and right factors."""
    every = [product for term in products for product in term]
    start = np.concatenate([[0], np.cumsum([len(term) for term in products])]).astype(np.int64)
    coefficient = np.array([c for c, _, _ in every], float)
    left, right = (np.array([product[side] for product in every], np.int32) for side in (1, 2))
    return start, coefficient, left, right


def literal_values(constant, products, reciprocal):
    values = []
    for number, term, flipped in zip(constant, products, reciprocal, strict=True):
        total = number + sum(c * values[a] * values[b] for c, a, b in term)
        values.append((1.0 / total if total else 0.0) if flipped else total)
    return np.array(values)


def run(constant, products, reciprocal, kernel=propagate_terms, pieces=1):
    value = np.full(len(constant), np.nan)
    edges = np.linspace(0, len(constant), pieces + 1).astype(int)
    for first, last in itertools.pairwise(edges):
        kernel(constant, *flat(products), reciprocal, first, last, value)
    return value


def pull_back(products, reciprocal, value, seed, kernel=propagate_adjoints, pieces=1):
    adjoint = seed.copy()
    edges = np.linspace(0, len(value), pieces + 1).astype(int)
    for first, last in list(itertools.pairwise(edges))[::-1]:
        kernel(*flat(products), reciprocal, first, last, value, adjoint)
    return adjoint


# -- forward -----------------------------------------------------------------------------------------


@given(sums(), st.integers(1, 3))
def test_values_are_those_of_the_literal_loop_however_it_is_cut(sum_of_products, pieces):
    expected = literal_values(*sum_of_products)
    np.testing.assert_allclose(run(*sum_of_products, pieces=pieces), expected, rtol=1e-10, atol=1e-10 * max(1.0, np.abs(expected).max()))
    if pieces > 1:
        np.testing.assert_array_equal(run(*sum_of_products, pieces=pieces), run(*sum_of_products))


def test_one_over_nothing_is_nothing():
    value = run(np.array([0.0, 4.0, 0.0]), [[], [], [(1.0, 0, 1)]], np.array([True, True, True]))
    np.testing.assert_array_equal(value, [0.0, 0.25, 0.0])


def test_infinities_stay_where_they_are_and_are_not_hidden():
    with np.errstate(all="ignore"):
        value = run(np.array([1e200, 0.0, 0.0]), [[], [(1.0, 0, 0)], [(-1.0, 1, 1), (1.0, 1, 0)]], np.zeros(3, bool))
    assert value[1] == np.inf
    assert np.isnan(value[2])


# -- backward ----------------------------------------------------------------------------------------


@given(sums(), st.integers(1, 3), st.integers(0, 10**6))
def test_adjoints_are_those_of_the_dense_jacobian(sum_of_products, pieces, number):
    _, products, reciprocal = sum_of_products
    value = literal_values(*sum_of_products)
    n = len(value)
    seed = np.random.default_rng(number).normal(size=n) * (np.arange(n) % 2 == n % 2)
    direct = np.zeros((n, n))  # of every term with respect to every operand, the others held
    for t, term in enumerate(products):
        for c, a, b in term:
            direct[t, a] += c * value[b]
            direct[t, b] += c * value[a]
        if reciprocal[t]:
            direct[t] *= -(value[t] ** 2)
    expected = np.linalg.inv(np.eye(n) - direct).T @ seed  # nilpotent: the inverse is the sum over all paths
    found = pull_back(products, reciprocal, value, seed, pieces=pieces)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9 * max(1.0, np.abs(expected).max()))


@given(sums(reciprocals=False, max_terms=5))
def test_adjoints_are_finite_differences(sum_of_products):
    # A polynomial in one constant: central differences err by h**2 and by rounding over h.
    constant, products, reciprocal = sum_of_products
    value, h = literal_values(*sum_of_products), 1e-5
    seed = np.zeros(len(value))
    seed[-1] = 1.0
    found = pull_back(products, reciprocal, value, seed)
    for t in range(len(value)):
        ends = []
        for step in (h, -h):
            moved = constant.copy()
            moved[t] += step
            ends.append(literal_values(moved, products, reciprocal)[-1])
        size = 1.0 + np.abs(constant).max() + max(map(abs, ends))
        assert found[t] == pytest.approx((ends[0] - ends[1]) / (2 * h), rel=1e-4, abs=1e-4 * size)


def test_a_square_hands_back_twice():
    adjoint = pull_back([[], [(3.0, 0, 0)]], np.zeros(2, bool), np.array([5.0, 75.0]), np.array([0.0, 1.0]))
    np.testing.assert_array_equal(adjoint, [30.0, 1.0])


@pytest.mark.skipif(JIT_DISABLED, reason="nothing is compiled")
@given(sums())
def test_compiled_and_interpreted_agree(sum_of_products):
    value = run(*sum_of_products, kernel=propagate_terms.py_func)
    size = max(1.0, np.abs(value).max())
    np.testing.assert_allclose(run(*sum_of_products), value, rtol=1e-12, atol=1e-12 * size)
    seed = np.ones(len(value))
    interpreted = pull_back(*sum_of_products[1:], value, seed, propagate_adjoints.py_func)
    found = pull_back(*sum_of_products[1:], value, seed)
    np.testing.assert_allclose(found, interpreted, rtol=1e-12, atol=1e-12 * max(1.0, np.abs(interpreted).max()))


# -- the order of entries ----------------------------------------------------------------------------


@st.composite
def shuffled(draw):
    """A sum of products without reciprocals whose terms stand in any order; the products of a term stand anywhere, with gaps between."""
    constant, products, _ = draw(sums(reciprocals=False))
    place = draw(st.permutations(range(len(products))))
    moved = [[] for _ in products]
    for t, term in enumerate(products):
        moved[place[t]] = [(c, place[a], place[b]) for c, a, b in term]
    start, stop, every = np.zeros(len(products), np.int64), np.zeros(len(products), np.int64), []
    for t in draw(st.permutations(range(len(products)))):
        every.append((np.nan, 0, 0))  # read by nobody
        start[t] = len(every)
        every += moved[t]
        stop[t] = len(every)
    coefficient = np.array([c for c, _, _ in every], float)
    left, right = (np.array([product[side] for product in every], np.int32) for side in (1, 2))
    return constant[np.argsort(place)], moved, (start, stop, coefficient, left, right)


def literal_order(products):
    order = []

    def visit(t):
        if t not in seen:
            seen.add(t)
            for _, a, b in products[t]:
                visit(a)
                visit(b)
            order.append(t)

    seen = set()
    for t in range(len(products)):
        visit(t)
    return order


@pytest.mark.parametrize("compiled", [True, False])
@given(drawn=shuffled())
def test_terms_are_ordered_depth_first_and_their_products_follow(compiled, drawn):
    constant, products, (start, stop, coefficient, left, right) = drawn
    order_kernel, gather_kernel = (k if compiled else getattr(k, "py_func", k) for k in (order_terms, gather_products))
    order = order_kernel(start, stop, left, right)
    assert order.tolist() == literal_order(products)
    place, begins, numbers, lefts, rights = gather_kernel(order, start, stop, coefficient, left, right)
    assert [order[p] for p in place] == list(range(len(products)))
    columns = [array.tolist() for array in (numbers, lefts, rights)]
    gathered = [list(zip(*(column[b:e] for column in columns), strict=True)) for b, e in itertools.pairwise(begins.tolist())]
    assert gathered == [[(c, place[a], place[b]) for c, a, b in products[t]] for t in order]
    assert all(a < i and b < i for i, term in enumerate(gathered) for _, a, b in term)
    assert begins[-1] == len(numbers) == sum(map(len, products))
    assert not np.isnan(run(constant[order], gathered, np.zeros(len(order), bool))).any()


def test_a_chain_may_be_as_long_as_it_likes():
    # Term t reads t + 1, so the last comes first; a recursion would overflow the stack.
    n = scaled(200_000, 5_000)
    start, stop = np.arange(n), np.append(np.arange(1, n), n - 1)
    following = np.arange(1, n + 1, dtype=np.int32)
    assert order_terms(start, stop, following, following).tolist() == list(range(n - 1, -1, -1))
