"""Reductant propagation of order 2 against the definition, and the pieces of the kernel against what they stand for."""

import itertools
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import heurest as hr
from heurest.kernels.boolean_reductant import cell, no_interaction, product_bounds, rare_product_bounds, regression
from support.boolean_circuits import COMPLETIONS, layered_circuit, literal_circuits, oracle, propagate
from support.sizes import scaled

CELLS = tuple(itertools.product((1, 0), repeat=2))  # 11, 10, 01, 00
WEIGHTS = st.integers(0, 9).map(float)
TABLES = st.lists(WEIGHTS, min_size=8, max_size=8).filter(any).map(lambda w: np.array(w).reshape(2, 2, 2) / sum(w))
POSITIVE_TABLES = st.lists(st.integers(1, 9), min_size=12, max_size=12)


def pair_tables(law):
    """What the kernel is told of a law of A, B, D: cells of A and B, P(D) and P(not D), cov(A, D), cov(B, D); and cov(A and B, D)."""
    cells = [law[a, b].sum() for a, b in CELLS]
    one, zero = law[:, :, 1].sum(), law[:, :, 0].sum()
    u, v = law[1, :, 1].sum() - law[1].sum() * one, law[:, 1, 1].sum() - law[:, 1].sum() * one
    return (*cells, one, zero, u, v), law[1, 1, 1] - law[1, 1].sum() * one


def shares(x, p11, p10, p01, p00, one, zero, u, v):
    """P(cell and D) and P(cell and not D) for the four cells, if cov(A and B, D) is x."""
    excess = np.array([x, u - x, v - x, x - u - v])
    cells = np.array([p11, p10, p01, p00])
    return np.concatenate([one * cells + excess, zero * cells - excess])


# -- the pieces ------------------------------------------------------------------------------------


@given(st.lists(st.integers(1, 20), min_size=4, max_size=4))
def test_regression_is_least_squares(weights):
    cells = np.array(weights) / sum(weights)
    design = np.array([[1.0, a, b] for a, b in CELLS])
    product = np.array([a * b for a, b in CELLS])
    root = np.sqrt(cells)
    slopes = np.linalg.lstsq(root[:, np.newaxis] * design, root * product, rcond=None)[0]
    rest = cells @ (product - design @ slopes) ** 2
    np.testing.assert_allclose(regression(*cells), [*slopes[1:], rest], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(("empty", "slopes"), [((1, 0), (1, 0)), ((0, 1), (0, 1)), ((1, 1), (0, 0)), ((0, 0), (1, 1))])
def test_a_product_that_one_empty_cell_makes_linear_leaves_nothing(empty, slopes):
    # A implies B: their product is A; B implies A: B; they exclude each other: 0; one of them holds: A + B - 1
    cells = [0.0 if cell_ == empty else 1 / 3 for cell_ in CELLS]
    np.testing.assert_allclose(regression(*cells), [*slopes, 0.0], atol=1e-15)


@given(TABLES)
def test_product_bounds_are_where_a_share_of_a_cell_becomes_empty(law):
    known, truth = pair_tables(law)
    low, high = product_bounds(*known)
    assert low - 1e-15 <= truth <= high + 1e-15
    for end in (low, high):
        assert shares(end, *known).min() == pytest.approx(0.0, abs=1e-15)


@given(TABLES)
def test_bounds_of_rare_products_are_the_same(law):
    known, _ = pair_tables(law)
    np.testing.assert_allclose(rare_product_bounds(*known), product_bounds(*known), rtol=0, atol=1e-15)


@pytest.mark.parametrize("p", [1e-9, 1e-30, 1e-150])
def test_bounds_keep_the_digits_of_what_is_rare(p):
    # A is rare and independent of B but for C, that both need: A = a & c, B = b & c with a fair c. C is implied by both, so
    # cov(A and B, C) = P(A and B) P(not C). Found as cov(B, C) - P(not C) P(B, not A), nothing would be left of it.
    a, b, c = p, 0.25, 0.5
    p11 = a * b * c
    known = (p11, a * c - p11, b * c - p11, 1.0 - a * c - b * c + p11, c, 1.0 - c, a * c * (1.0 - c), b * c * (1.0 - c))
    np.testing.assert_allclose(rare_product_bounds(*known), p11 * (1.0 - c), rtol=1e-14)


@given(POSITIVE_TABLES)
def test_a_law_without_interaction_is_found_from_its_pairs(numbers):
    # Any product of a function of (A, B), one of (A, D) and one of (B, D) has none.
    ab, ad, bd = np.array(numbers, dtype=float).reshape(3, 2, 2)
    law = ab[:, :, np.newaxis] * ad[:, np.newaxis, :] * bd[np.newaxis, :, :]
    known, truth = pair_tables(law / law.sum())
    found = no_interaction(*known)
    assert found == pytest.approx(truth, rel=1e-9, abs=1e-13)


@given(TABLES)
def test_what_is_found_without_interaction_is_a_law_with_one_odds_ratio(law):
    known, _ = pair_tables(law)
    low, high = product_bounds(*known)
    assume(high - low > 1e-6)
    one, zero = np.split(shares(no_interaction(*known), *known), 2)
    assert min(one.min(), zero.min()) > -1e-15
    assert one[0] * one[3] * zero[1] * zero[2] == pytest.approx(zero[0] * zero[3] * one[1] * one[2], rel=1e-6, abs=1e-15)


@pytest.mark.parametrize("p", [5e-324, 1e-300, 1e-20, 0.1, 1 / 3, 0.7])
def test_a_cell_that_only_rounding_fills_is_empty(p):
    assert cell(p, 1.0 - p, -(p * (1.0 - p))) == 0.0
    assert cell(p, 1.0 - p, -(p * (1.0 - p)) * (1 - 1e-16)) == 0.0
    assert cell(0.5, p, 0.0) == 0.5 * p


# -- the whole -------------------------------------------------------------------------------------


def check_probabilities(found, expected):
    for value, (node, inverted) in enumerate(zip(found.node, found.inverted, strict=True)):
        one, zero = (expected.one[node], expected.zero[node]) if node >= 0 else (Decimal(0), Decimal(1))
        if inverted:
            one, zero = zero, one
        assert found.one[value] == pytest.approx(float(one), rel=0, abs=1e-9)
        assert found.zero[value] == pytest.approx(float(zero), rel=0, abs=1e-9)


@given(literal_circuits(), st.sampled_from(COMPLETIONS), st.sampled_from([0, 1, 2]))
def test_probabilities_are_those_of_the_definition(circuit, completion, generations):
    check_probabilities(propagate(circuit, 2, completion, generations), oracle(circuit, 2, completion, generations))


@given(literal_circuits(), st.sampled_from(COMPLETIONS))
def test_all_pairs_are_those_of_the_definition(circuit, completion):
    found, expected = propagate(circuit, 2, completion, None), oracle(circuit, 2, completion, None)
    check_probabilities(found, expected)
    for v, w in itertools.combinations([v for v, node in enumerate(found.node) if node >= 0], 2):
        sign = -1 if found.inverted[v] != found.inverted[w] else 1
        covariance = sign * float(expected.covariance(found.node[v], found.node[w]))
        table = found.reduced.joint(v, w).probabilities
        assert table[1, 1] == pytest.approx(found.one[v] * found.one[w] + covariance, rel=0, abs=1e-9)
        np.testing.assert_allclose(table.sum(1), [found.zero[v], found.one[v]], rtol=0, atol=1e-14)
        np.testing.assert_allclose(table.sum(0), [found.zero[w], found.one[w]], rtol=0, atol=1e-14)
        assert table.min() >= 0.0


@pytest.mark.parametrize("completion", COMPLETIONS)
@pytest.mark.parametrize("generations", [0, 1, None])
def test_larger_circuits_are_those_of_the_definition(completion, generations):
    # Where tables contradict each other, wires are forgotten, and interactions of either sign meet.
    for seed in range(scaled(8, 1)):
        circuit = layered_circuit(seed, 5, 3, (0.3, 0.45, 0.5, 0.7))
        check_probabilities(propagate(circuit, 2, completion, generations), oracle(circuit, 2, completion, generations))


def test_bounds_that_touch_decide_whatever_rounding_does():
    # With x0 = 0, both gates are functions of x1 and x2: (x1 xor x2) is implied by (x1 and not x2). The gate's own bounds and
    # those of the other gate meet in that one point; rounding puts them 1e-17 apart.
    c = hr.Circuit("touching")
    x0, x1, x2 = (c.input(f"x{i}", hr.Bernoulli(p)) for i, p in enumerate((0.0, 2 / 3, 0.1)))
    differ = x1 ^ (x0 ^ x2)
    implied = x1 & ~x2
    c.output("o", differ & implied)
    for completion in COMPLETIONS:
        found = propagate(c, 2, completion, None)
        assert found.one[-1] == pytest.approx(0.6, rel=1e-12)


def test_two_exclusive_ors_of_one_independent_pair():
    # Neither regression nor the law without interaction sees that they are equal; what mutual completion presumes is exact.
    p, q = 0.3, 0.6
    differ = p + q - 2 * p * q
    c = hr.Circuit("twice")
    x, y = c.input("x", hr.Bernoulli(p)), c.input("y", hr.Bernoulli(q))
    c.output("o", (x ^ y) & (y ^ x))
    found = propagate(c, 2, "mutual", None)
    assert found.one[-1] == pytest.approx(differ, rel=1e-12)
    # x ^ y = (1 - 2q) x + (1 - 2p) y + constant + rest, and regression keeps the linear part
    linear = (1 - 2 * q) ** 2 * p * (1 - p) + (1 - 2 * p) ** 2 * q * (1 - q)
    found = propagate(c, 2, "regression", None)
    assert found.one[-1] == pytest.approx(differ**2 + linear, rel=1e-12)
