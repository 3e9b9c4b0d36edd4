"""Hafnians and permanents: circuits against sums over matchings and permutations, and the published figures."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import heurest as hr
from heurest.circuit.gates import MULTIPLY
from heurest.families.matchings import hafnian, permanent, random_double_wishart, random_gram
from support.interpreter import circuit_values


def matchings(items):
    if not items:
        yield ()
        return
    for k in range(1, len(items)):
        for rest in matchings(items[1:k] + items[k + 1 :]):
            yield ((items[0], items[k]), *rest)


def hafnian_by_matchings(matrix):
    size = len(matrix)
    return 0.0 if size % 2 else math.fsum(math.prod(matrix[i][j] for i, j in pairs) for pairs in matchings(tuple(range(size))))


def permanent_by_permutations(matrix):
    return math.fsum(math.prod(matrix[i][j] for i, j in enumerate(order)) for order in itertools.permutations(range(len(matrix))))


def estimate(circuit, order, expansion="node"):
    (value,) = hr.Cumulant(order, expansion).estimate(circuit).value.values()
    return value


def integer_matrices(sizes):
    return sizes.flatmap(lambda n: st.lists(st.lists(st.integers(-3, 3), min_size=n, max_size=n), min_size=n, max_size=n))


# -- hafnians --------------------------------------------------------------------------------------


@given(integer_matrices(st.integers(1, 6)))
def test_at_full_order_the_circuit_gives_the_hafnian(rows):
    matrix = np.array(rows)
    matrix += matrix.T  # indefinite as a rule, so that the diagonal is replaced
    expected = hafnian_by_matchings(matrix.tolist())
    assert estimate(hafnian(matrix), 6) == pytest.approx(expected, abs=1e-9)


def test_the_tree_is_balanced_with_the_larger_part_on_the_left():
    c = hafnian(np.eye(6))
    # ((0 1) 2) ((3 4) 5), depth first
    assert [c.operands(wire) for wire in range(6, 11)] == [(0, 1), (6, 2), (3, 4), (8, 5), (7, 9)]
    assert (c.gate[6:] == MULTIPLY).all()


def test_a_covariance_matrix_is_taken_as_it_is():
    matrix = random_gram(6, rng=1)
    assert hafnian(matrix).groups[0].law.cov.tolist() == matrix.tolist()


def test_another_diagonal_is_replaced_by_the_least_that_suffices():
    matrix = np.array([[-5.0, 3.0], [3.0, 0.0]])
    cov = hafnian(matrix).groups[0].law.cov
    assert cov[0, 1] == 3.0
    assert 3.0 < cov[0, 0] == cov[1, 1] <= 3.0 * (1 + 2.0**-8)


@pytest.mark.parametrize(("size", "kept"), [(4, [0, 3, 3, 3]), (6, [0, 3, 7, 15])])
def test_truncated_estimates_keep_the_published_numbers_of_matchings(size, kept):
    # each matching enters with coefficient 0 or 1, so the matrix of ones counts them
    c = hafnian(np.ones((size, size)))
    assert [estimate(c, order, "layer") for order in (1, 2, 3, 4)] == pytest.approx(kept)


@pytest.mark.parametrize(("size", "kept"), [(4, {2: 1, 3: 3}), (6, {2: 1, 3: 9, 4: 15})])
def test_node_expansion_keeps_its_own_matchings(size, kept):
    c = hafnian(np.ones((size, size)))
    assert {order: estimate(c, order) for order in kept} == pytest.approx(kept)


INTEGER_FIGURES = [  # seed, exact, layer 2 and 3, node 2, 3 and 4
    (0, 38, 110, 96, -20, -86, 38),
    (1, -999, -315, -910, -275, -863, -999),
    (2, -558, -40, -206, -35, -366, -558),
    (3, -60, 20, -106, 6, -98, -60),
    (4, 15, -156, -20, 48, 361, 15),
]


@pytest.mark.parametrize(("seed", "exact", "layer2", "layer3", "node2", "node3", "node4"), INTEGER_FIGURES)
def test_random_integer_matrices_give_the_published_figures(seed, exact, layer2, layer3, node2, node3, node4):
    matrix = random_gram(6, rng=np.random.RandomState(seed))
    c = hafnian(matrix)
    assert hafnian_by_matchings(matrix.tolist()) == exact
    assert [estimate(c, order, "layer") for order in (1, 2, 3, 4)] == pytest.approx([0, layer2, layer3, exact])
    assert [estimate(c, order) for order in (1, 2, 3, 4)] == pytest.approx([0, node2, node3, node4])


WISHART_FIGURES = [  # seed, exact, layer 2 and 3
    (0, 662.0377, 403.9191, 452.8106),
    (1, 1589.0017, 611.9613, 940.5159),
    (2, 424.9652, 362.2199, 365.0872),
    (3, 684.6702, 295.0388, 301.6290),
    (4, 318.4205, 252.6372, 231.7383),
]


@pytest.mark.parametrize(("seed", "exact", "layer2", "layer3"), WISHART_FIGURES)
def test_double_wishart_matrices_give_the_published_figures(seed, exact, layer2, layer3):
    matrix = random_double_wishart(8, rng=np.random.RandomState(seed))
    c = hafnian(matrix)
    assert hafnian_by_matchings(matrix.tolist()) == pytest.approx(exact, abs=5e-5)
    assert [estimate(c, order, "layer") for order in (1, 2, 3, 4)] == pytest.approx([0, layer2, layer3, exact], abs=5e-5)


# -- permanents ------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["glynn", "hafnian"])
@given(rows=integer_matrices(st.integers(1, 3)))
def test_at_full_order_the_circuit_gives_the_permanent(method, rows):
    c = permanent(rows, method=method)
    assert estimate(c, 6) == pytest.approx(permanent_by_permutations(rows), abs=1e-8)


@given(integer_matrices(st.integers(1, 6)))
def test_the_mean_over_all_signs_is_the_permanent(rows):
    c = permanent(rows)
    signs = np.array(list(itertools.product((-1.0, 1.0), repeat=len(rows)))).T
    assert circuit_values(c, signs)[-1].mean() == pytest.approx(permanent_by_permutations(rows), abs=1e-8)


def test_both_methods_agree_on_a_real_matrix():
    matrix = np.random.default_rng(0).standard_normal((3, 3))
    values = [estimate(permanent(matrix, method=method), 6) for method in ("glynn", "hafnian")]
    assert values == pytest.approx([permanent_by_permutations(matrix.tolist())] * 2)


@pytest.mark.parametrize(("seed", "exact", "truncated"), [(0, 0, 0), (1, 8, 3), (2, 2, 0), (3, 7, 2), (4, 2, 0)])
def test_permanents_of_0_and_1_give_the_published_figures(seed, exact, truncated):
    matrix = np.random.RandomState(100 + seed).randint(0, 2, (4, 4))
    c = permanent(matrix, method="hafnian")
    assert permanent_by_permutations(matrix.tolist()) == exact
    assert [estimate(c, order, "layer") for order in (2, 3, 4)] == pytest.approx([truncated, truncated, exact], abs=1e-9)


# -- matrices --------------------------------------------------------------------------------------


def test_double_wishart_matrices_have_their_block_form_and_mean():
    matrix = random_double_wishart(6, rng=3)
    outer, inner = matrix[:3, :3], matrix[:3, 3:]
    np.testing.assert_array_equal(matrix, np.block([[outer, inner], [inner, outer]]))
    np.testing.assert_array_equal(matrix, matrix.T)
    assert np.linalg.eigvalsh(inner)[0] > 0.0
    # E[X^T X + Y^T Y] = dof * identity, and each diagonal entry is a sum of dof squares of variance 1 in all
    mean = np.mean([random_double_wishart(6, rng=seed)[:3, 3:] for seed in range(400)], axis=0)
    np.testing.assert_allclose(mean, 3.0 * np.eye(3), atol=5.0 * np.sqrt(3.0 / 400))


@given(st.integers(0, 50))
def test_double_wishart_matrices_have_no_negative_hafnian(seed):
    assert hafnian_by_matchings(random_double_wishart(6, rng=seed).tolist()) >= 0.0


def test_gram_matrices_are_integer_and_semidefinite():
    matrix = random_gram(5, low=-4, high=1, rng=2)
    assert (matrix == np.round(matrix)).all()
    assert np.linalg.eigvalsh(matrix)[0] > -1e-9
    assert random_gram(1, low=3, high=3).tolist() == [[9.0]]
    np.testing.assert_array_equal(random_gram(4, rng=7), random_gram(4, rng=np.random.default_rng(7)))


@pytest.mark.parametrize(("make", "message"), [
    (lambda: hafnian([[1, 2, 3]]), r"hafnian: matrix must be square, got shape \(1, 3\)"),
    (lambda: hafnian([[1, 2], [3, 4]]), r"hafnian: matrix must be symmetric, got 2 at \(0, 1\) and 3 at \(1, 0\)"),
    (lambda: hafnian([[0, np.nan], [np.nan, 0]]), "hafnian: matrix must hold finite numbers, found nan"),
    (lambda: hafnian(np.zeros((0, 0))), r"hafnian: matrix must hold at least one number, got shape \(0, 0\)"),
    (lambda: hafnian("haf"), "hafnian: matrix must be a list of equally long lists of numbers, got 'haf'"),
    (lambda: permanent([1, 2]), r"permanent: matrix must be a list of equally long lists of numbers, got shape \(2,\)"),
    (lambda: permanent([[1, 2]]), r"permanent: matrix must be square, got shape \(1, 2\)"),
    (lambda: permanent([[1]], method="ryser"), "permanent: method must be one of glynn, hafnian, got 'ryser'"),
    (lambda: random_double_wishart(5), "random_double_wishart: size must be even, got 5"),
    (lambda: random_double_wishart(0), "random_double_wishart: size must be an integer of at least 2, got 0"),
    (lambda: random_double_wishart(rng="x"), "random_double_wishart: rng must be a seed .*, got 'x'"),
    (lambda: random_gram(0), "random_gram: size must be an integer of at least 1, got 0"),
    (lambda: random_gram(2, low=3, high=2), "random_gram: low must be at most high, got 3 and 2"),
    (lambda: random_gram(2, low=0.5), "random_gram: low must be an integer from -1048576 to 1048576, got 0.5"),
])  # fmt: skip
def test_a_bad_parameter_is_one_clear_line(make, message):
    with pytest.raises(hr.CircuitError, match=f"^{message}$"):
        make()
