"""Laws of several inputs: joint moments and cumulants by enumeration and by theory, factors, quadrature, samplers, bad parameters."""

from __future__ import annotations

import json
import pickle
from fractions import Fraction
from itertools import product
from math import prod, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heurest.circuit import partitions
from heurest.circuit.joint_laws import JointDiscrete, MultivariateNormal, semidefinite_factor
from heurest.circuit.laws import Bernoulli, Discrete, Normal, law_from_dict
from heurest.errors import CircuitError, IntractableError

numbers = st.integers(-32, 32).map(lambda k: k / 8)


@st.composite
def joint_discrete_laws(draw, max_size=3):
    size = draw(st.integers(1, max_size))
    rows = draw(st.lists(st.lists(numbers, min_size=size, max_size=size), min_size=1, max_size=6))
    weights = draw(st.lists(st.integers(1, 100), min_size=len(rows), max_size=len(rows)))
    return JointDiscrete(rows, [weight / sum(weights) for weight in weights])


@st.composite
def normal_laws(draw, max_size=3):
    size = draw(st.integers(1, max_size))
    rank = draw(st.integers(0, size))
    mean = draw(st.lists(numbers, min_size=size, max_size=size))
    factor = np.array(draw(st.lists(st.lists(numbers, min_size=rank, max_size=rank), min_size=size, max_size=size))).reshape(size, rank)
    return MultivariateNormal(mean, factor @ factor.T)


joint_laws = st.one_of(joint_discrete_laws(), normal_laws())


def exact_moment(law):
    """Joint moments of a finite law as fractions, by enumeration of its points."""
    values, probs = law.points()
    rows = [([Fraction(value) for value in row], Fraction(p)) for row, p in zip(values.tolist(), probs.tolist(), strict=True)]
    total = sum(p for _, p in rows)  # 1 apart from rounding
    return lambda term: sum(p * prod((row[c] for c in term), start=Fraction(1)) for row, p in rows) / total


def exact_cumulant(moment, term):
    total = Fraction(0)
    for partition in partitions.set_partitions(len(term)):
        total += partitions.moebius_weight(len(partition)) * prod(moment([term[i] for i in block]) for block in partition)
    return total


@given(joint_discrete_laws(), st.data())
def test_finite_joint_moments_and_cumulants_are_those_of_the_points(law, data):
    term = data.draw(st.lists(st.integers(0, law.size - 1), min_size=1, max_size=5))
    moment = exact_moment(law)
    assert law.joint_moment(term) == pytest.approx(float(moment(term)), rel=1e-12, abs=1e-12 * 4.0 ** len(term))
    assert law.joint_cumulant(term) == pytest.approx(float(exact_cumulant(moment, term)), rel=1e-10, abs=1e-10 * 8.0 ** len(term))


@given(joint_laws, st.integers(0, 5))
def test_cumulant_tensor_holds_every_joint_cumulant_and_is_symmetric(law, order):
    tensor = law.cumulant_tensor(order)
    assert tensor.shape == (law.size,) * order
    for index in product(range(law.size), repeat=order):
        assert tensor[index] == tensor[tuple(sorted(index))]
        assert tensor[index] == pytest.approx(law.joint_cumulant(index), rel=1e-10, abs=1e-10 * 8.0**order)


@given(normal_laws(), st.data())
def test_normal_joint_moments_come_from_means_and_covariances_alone(law, data):
    term = data.draw(st.lists(st.integers(0, law.size - 1), max_size=6))

    def cumulant(block):
        return law.mean[block[0]] if len(block) == 1 else law.cov[block] if len(block) == 2 else 0.0

    scale = (law.covariance().max() + 16.0) ** (len(term) / 2)
    assert law.joint_moment(term) == pytest.approx(partitions.joint_moment(cumulant, term), rel=1e-11, abs=1e-11 * scale)
    assert law.joint_cumulant(term) == (0.0 if len(term) not in (1, 2) else cumulant(tuple(term)))


@given(joint_laws, st.integers(0, 6))
def test_one_coordinate_is_its_marginal_law(law, order):
    for coordinate in range(law.size):
        if isinstance(law, MultivariateNormal):
            variance = law.cov[coordinate, coordinate]
            marginal = Normal(law.mean[coordinate], sqrt(variance))
        else:
            marginal = Discrete(law.values[:, coordinate], law.probs)
        scale = 30.0 ** np.arange(order + 1)
        moments, cumulants = law.moments(order, coordinate), law.cumulants(order, coordinate)
        assert (np.abs(moments - marginal.moments(order)) <= 1e-12 * scale + 1e-12 * np.abs(moments)).all()
        assert (np.abs(cumulants - marginal.cumulants(order)) <= 1e-11 * scale + 1e-12 * np.abs(cumulants)).all()
        assert moments[-1] == pytest.approx(law.joint_moment((coordinate,) * order), rel=1e-12, abs=1e-12 * scale[-1])
        low, high = law.support()
        assert [low[coordinate], high[coordinate]] == [end[0] for end in marginal.support()]


@given(joint_laws)
def test_means_and_covariance_are_the_first_two_tensors(law):
    np.testing.assert_array_equal(law.means(), law.cumulant_tensor(1))
    np.testing.assert_array_equal(law.covariance(), law.cumulant_tensor(2))


def test_worked_examples():
    # pairs (2, 5) and (4, 9): E[xy] = 23, covariance 2
    law = JointDiscrete([[2, 5], [4, 9]], [0.5, 0.5])
    assert law.joint_moment((0, 1)) == 23.0
    assert law.joint_cumulant((0, 1)) == 2.0
    # one of three inputs is on: kappa(x, y) = -1/9 and kappa(x, y, z) = 2/27
    one_hot = JointDiscrete(np.eye(3), [1 / 3] * 3)
    assert one_hot.joint_cumulant((0, 1)) == pytest.approx(-1 / 9, rel=1e-14)
    assert one_hot.joint_cumulant((0, 1, 2)) == pytest.approx(2 / 27, rel=1e-14)
    # Isserlis: E[x x y y] = s_xx s_yy + 2 s_xy**2
    assert MultivariateNormal([0, 0], [[1, 0.5], [0.5, 4]]).joint_moment((0, 1, 0, 1)) == 4.5
    # three signs whose product is +1: pairwise independent, third cumulant 1
    parity = JointDiscrete([[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]], [0.25] * 4)
    assert parity.covariance().tolist() == np.eye(3).tolist()
    assert parity.joint_cumulant((0, 1, 2)) == 1.0
    assert parity.cumulant_tensor(4)[0, 0, 1, 1] == 0.0
    assert parity.cumulant_tensor(4)[0, 0, 0, 0] == -2.0


def test_cumulants_far_from_zero_keep_their_digits():
    rows = np.array([[0.0, 1.0], [2.0, -1.0], [3.0, 5.0]])
    near, far = (JointDiscrete(rows + offset, [0.5, 0.25, 0.25]) for offset in (0.0, 2.0**40))
    for order in (2, 3, 4, 5):
        np.testing.assert_allclose(far.cumulant_tensor(order), near.cumulant_tensor(order), rtol=1e-11, atol=1e-11)
    assert far.joint_cumulant((0, 0, 1, 1)) == pytest.approx(near.joint_cumulant((0, 0, 1, 1)), rel=1e-11)


def test_many_points_are_summed_in_blocks():
    rng = np.random.default_rng(0)
    rows, count = rng.standard_normal((10_000, 2)), 10_000
    law = JointDiscrete(rows, np.full(count, 1 / count))
    centred = rows - rows.mean(axis=0)
    third = np.einsum("pi,pj,pk->ijk", centred, centred, centred) / count
    np.testing.assert_allclose(law.cumulant_tensor(3), third, rtol=1e-9, atol=1e-12)


@given(joint_laws, st.integers(1, 4), st.data())
def test_quadrature_is_exact_to_total_degree_2m_minus_1(law, m, data):
    nodes, weights = law.quadrature(m)
    assert nodes.shape == (weights.size, law.size)
    assert (weights > 0).all()
    term = data.draw(st.lists(st.integers(0, law.size - 1), max_size=2 * m - 1))
    scale = (law.covariance().max() + 16.0) ** (len(term) / 2)
    assert weights @ nodes[:, term].prod(axis=1) == pytest.approx(law.joint_moment(term), rel=1e-10, abs=1e-11 * scale)


def test_quadrature_of_a_singular_normal_law_needs_nodes_for_its_rank_only():
    law = MultivariateNormal([1.0, 2.0, 3.0], np.ones((3, 3)))
    assert law.uniforms == 1
    assert law.quadrature(4)[0].shape == (4, 3)
    wide = MultivariateNormal(np.zeros(30), np.eye(30))
    with pytest.raises(IntractableError, match="product rule of 3 nodes in 30 variables has 205891132094649; at most 559240 fit"):
        wide.quadrature(3)


@given(normal_laws(max_size=5))
def test_factor_reproduces_the_covariance_with_no_more_columns_than_its_rank(law):
    factor = semidefinite_factor(law.cov)
    np.testing.assert_allclose(factor @ factor.T, law.cov, rtol=1e-12, atol=1e-12 * (1.0 + law.cov.max()))
    assert factor.shape[1] <= law.size


def test_factor_keeps_small_units_beside_large_ones():
    cov = np.array([[1e-20, 0.5], [0.5, 1e20]])
    factor = semidefinite_factor(cov)
    np.testing.assert_allclose(factor @ factor.T, cov, rtol=1e-14)


def test_constants_have_points():
    law = MultivariateNormal([1.0, 0.5], np.zeros((2, 2)))
    assert [array.tolist() for array in law.points()] == [[[1.0, 0.5]], [1.0]]
    assert law.boolean == (True, False)
    assert law.uniforms == 0
    assert law.sample(np.random.default_rng(0), 2).tolist() == [[1.0, 1.0], [0.5, 0.5]]
    assert law.from_uniform(np.empty((2, 0))).tolist() == [[1.0, 1.0], [0.5, 0.5]]
    assert MultivariateNormal([0.0, 0.0], [[1.0, 0.0], [0.0, 0.0]]).support()[1].tolist() == [np.inf, 0.0]
    assert MultivariateNormal([0.0, 0.0], [[1.0, 0.0], [0.0, 0.0]]).boolean == (False, True)
    assert JointDiscrete([[0, 0.5, 1], [1, 0, 1]], [0.5, 0.5]).boolean == (True, False, True)


EXAMPLES = [
    MultivariateNormal([1.0, -2.0, 0.5], [[2.0, 0.6, -0.3], [0.6, 1.0, 0.4], [-0.3, 0.4, 0.5]]),
    MultivariateNormal([0.0, 3.0], [[1.0, 2.0], [2.0, 4.0]]),
    JointDiscrete([[2.0, 5.0], [4.0, 9.0]], [0.5, 0.5]),
    JointDiscrete([[0, 0, 1], [0, 1, 0], [1, 0, 0], [1, 1, 1]], [0.1, 0.2, 0.3, 0.4]),
    JointDiscrete([[7.0]], [1.0]),
]


@pytest.mark.parametrize("law", EXAMPLES, ids=repr)
def test_samples_match_means_and_second_moments_within_five_standard_errors(law):
    count = 100_000
    sample = law.sample(np.random.default_rng(4), count)
    assert sample.shape == (law.size, count)
    assert sample.dtype == np.float64
    assert sample.flags.c_contiguous
    for term in [(c,) for c in range(law.size)] + list(product(range(law.size), repeat=2)):
        mean = law.joint_moment(term)
        stderr = sqrt(max(law.joint_moment(term * 2) - mean**2, 0.0) / count)
        assert abs(sample[list(term)].prod(axis=0).mean() - mean) <= 5 * stderr + 1e-12 * abs(mean)


@pytest.mark.parametrize("law", EXAMPLES, ids=repr)
def test_samples_repeat_for_one_seed(law):
    first, again = (law.sample(np.random.default_rng(5), 1000) for _ in range(2))
    assert np.array_equal(first, again)
    assert law.sample(np.random.default_rng(5), 0).shape == (law.size, 0)


@pytest.mark.parametrize("law", EXAMPLES, ids=repr)
def test_a_regular_grid_of_uniforms_maps_to_the_law(law):
    side = {0: 1, 1: 4000, 2: 200, 3: 60}[law.uniforms]
    axes = [(np.arange(side) + 0.5) / side] * law.uniforms
    cube = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, law.uniforms)
    mapped = law.from_uniform(cube)
    assert mapped.shape == (law.size, len(cube))
    assert mapped.flags.c_contiguous
    deviations = np.sqrt(np.diag(law.covariance()))
    # the midpoint grid leaves out the tails: symmetric for means, a few percent of the variance at 60 cells
    assert (np.abs(mapped.mean(axis=1) - law.means()) <= 1e-3 * deviations).all()
    assert (
        np.abs(np.cov(mapped, bias=True).reshape(law.size, law.size) - law.covariance()) <= 0.03 * np.outer(deviations, deviations)
    ).all()


def test_uniform_points_need_a_column_for_each_independent_normal():
    with pytest.raises(CircuitError, match=r"multivariate_normal: uniform points must have shape \(count, 3\), got \(5, 2\)"):
        EXAMPLES[0].from_uniform(np.full((5, 2), 0.5))
    with pytest.raises(CircuitError, match="multivariate_normal: coordinate must be an integer from 0 to 2, got 3"):
        EXAMPLES[0].joint_moment((0, 3))


@given(joint_laws)
def test_json_keeps_every_bit(law):
    again = law_from_dict(json.loads(json.dumps(law.to_dict())))
    assert again == law
    assert hash(again) == hash(law)
    assert json.dumps(again.to_dict()) == json.dumps(law.to_dict())
    assert pickle.loads(pickle.dumps(law)) == law


def test_order_and_repetition_of_points_do_not_matter():
    law = JointDiscrete([[1, 2], [0, 5], [1, 2], [9, 9]], [0.25, 0.5, 0.25, 0.0])
    assert law == JointDiscrete([[0, 5], [1, 2]], [0.5, 0.5])
    assert law.values.tolist() == [[0.0, 5.0], [1.0, 2.0]]
    assert law != JointDiscrete([[5, 0], [2, 1]], [0.5, 0.5])
    assert JointDiscrete([[0.0], [1.0]], [0.5, 0.5]) != Bernoulli(0.5)


def test_covariances_are_taken_up_to_rounding_and_made_symmetric():
    law = MultivariateNormal([0, 0], [[1.0, 0.3], [0.3 + 1e-12, 1.0]])
    assert law.cov[0, 1] == law.cov[1, 0]
    factor = np.array([[0.1, 0.7], [0.3, -0.2], [0.5, 0.9]])
    singular = factor @ factor.T
    assert MultivariateNormal(np.zeros(3), singular).uniforms == 2


def test_representations_are_short_or_build_the_law_again():
    for law in EXAMPLES[1:3]:
        assert eval(repr(law)) == law
    assert repr(MultivariateNormal(np.zeros(40), np.eye(40))) == "MultivariateNormal(40 inputs)"
    assert repr(JointDiscrete(np.arange(2000.0).reshape(1000, 2), [0.001] * 1000)) == "JointDiscrete(1000 points of 2 inputs)"
    assert repr(JointDiscrete(np.arange(6.0).reshape(1, 6), [1.0])) == "JointDiscrete(1 point of 6 inputs)"


NAME = "multivariate_normal: "
BAD_PARAMETERS = [
    (lambda: MultivariateNormal([0, 0], [[1, 0.5], [0.4, 1]]), NAME + r"cov must be symmetric, got 0\.5 at \(0, 1\) and 0\.4 at \(1, 0\)"),
    (
        lambda: MultivariateNormal([0, 0], [[1, 2], [2, 1]]),
        NAME + r"cov must be positive .*, got a correlation outside \[-1, 1\] at \(0, 1\)",
    ),
    (
        lambda: MultivariateNormal([0, 0, 0], [[1, -0.9, -0.9], [-0.9, 1, -0.9], [-0.9, -0.9, 1]]),
        NAME + r"cov must be positive semidefinite, got correlations with eigenvalue -0\.8",
    ),
    (lambda: MultivariateNormal([0, 0], [[1, 0], [0, -1]]), NAME + r"cov must have no negative variance, got -1\.0 for coordinate 1"),
    (
        lambda: MultivariateNormal([0, 0], [[1, 1e-3], [1e-3, 0]]),
        NAME + r"cov must be positive .*, got a correlation outside .* at \(0, 1\)",
    ),
    (lambda: MultivariateNormal([0, 0], [[1]]), NAME + r"cov must have shape \(2, 2\) as mean has 2 entries, got \(1, 1\)"),
    (
        lambda: MultivariateNormal([0, 0], [[1, 0], [0]]),
        NAME + "cov must be a list of equally long lists of numbers, got a list that is ragged",
    ),
    (lambda: MultivariateNormal([0, 0], [1, 0]), NAME + r"cov must be a list of equally long lists of numbers, got shape \(2,\)"),
    (lambda: MultivariateNormal([0, np.nan], np.eye(2)), NAME + "mean must hold finite numbers, found nan"),
    (lambda: MultivariateNormal([0, 0], [[1, np.inf], [np.inf, 1]]), NAME + "cov must hold finite numbers, found inf"),
    (lambda: MultivariateNormal(0.0, [[1]]), NAME + r"mean must be a list of numbers, got 0\.0"),
    (lambda: MultivariateNormal([], []), NAME + r"mean must hold at least one number, got shape \(0,\)"),
    (
        lambda: JointDiscrete([0, 1], [0.5, 0.5]),
        r"joint_discrete: values must be a list of equally long lists of numbers, got shape \(2,\)",
    ),
    (lambda: JointDiscrete([[0, 1]], [0.5, 0.5]), "joint_discrete: values and probs must be equally long, got 1 and 2"),
    (lambda: JointDiscrete([[0], [1]], [0.5, 0.4]), r"joint_discrete: probs must sum to 1, got a sum of 0\.9"),
    (lambda: JointDiscrete([[0], [1]], [2, -1]), r"joint_discrete: probs must not be negative, found -1\.0"),
    (lambda: JointDiscrete([[0], ["1"]], [0.5, 0.5]), "joint_discrete: values must be a list of equally .*, found '1' in it"),
    (lambda: JointDiscrete([[], []], [0.5, 0.5]), r"joint_discrete: values must hold at least one number, got shape \(2, 0\)"),
    (lambda: JointDiscrete([[0], [np.inf]], [0.5, 0.5]), "joint_discrete: values must hold finite numbers, found inf"),
    (lambda: JointDiscrete([[[0]]], [1]), "joint_discrete: values must be a list of equally .*, got 3 levels of lists"),
]


@pytest.mark.parametrize(("build", "message"), BAD_PARAMETERS)
def test_bad_parameters_get_one_clear_line(build, message):
    with pytest.raises(CircuitError, match=f"^{message}$"):
        build()
