"""Laws of one input: moments and cumulants by theory, quadrature, samplers, reading and writing, and every bad parameter."""

from __future__ import annotations

import json
import pickle
import struct
from fractions import Fraction
from math import comb, factorial, inf, nan, pi, prod, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heurest.circuit.laws import (
    LAWS,
    Bernoulli,
    Discrete,
    Empirical,
    Exponential,
    JointDiscrete,
    Law,
    MultivariateNormal,
    Normal,
    Sign,
    Uniform,
    law_from_dict,
)
from heurest.errors import CircuitError, IntractableError

numbers = st.integers(-400, 400).map(lambda k: k / 16)
positive = st.integers(1, 400).map(lambda k: k / 16)


def normalised(weights):
    return [weight / sum(weights) for weight in weights]


@st.composite
def discrete_laws(draw):
    values = draw(st.lists(numbers, min_size=1, max_size=8))
    weights = draw(st.lists(st.integers(1, 1000), min_size=len(values), max_size=len(values)))
    return Discrete(values, normalised(weights))


continuous_laws = st.one_of(
    st.builds(Normal, numbers, positive),
    st.builds(lambda low, width: Uniform(low, low + width), numbers, positive),
    st.builds(Exponential, positive),
)
finite_laws = st.one_of(
    st.builds(Bernoulli, st.floats(0.0, 1.0)),
    st.just(Sign()),
    discrete_laws(),
    st.builds(Empirical, st.lists(numbers, min_size=1, max_size=12)),
    st.builds(Normal, numbers, st.just(0.0)),
    st.builds(lambda value: Uniform(value, value), numbers),
)
univariate_laws = st.one_of(continuous_laws, finite_laws)


def exact_moments(law, order):
    """Raw moments as fractions, from the definition of each law."""
    if isinstance(law, Normal):
        mean, variance = Fraction(law.mean), Fraction(law.std) ** 2
        return [
            sum(comb(n, 2 * j) * mean ** (n - 2 * j) * variance**j * prod(range(1, 2 * j, 2)) for j in range(n // 2 + 1))
            for n in range(order + 1)
        ]
    if isinstance(law, Uniform) and law.low < law.high:
        low, high = Fraction(law.low), Fraction(law.high)
        return [(high ** (n + 1) - low ** (n + 1)) / ((n + 1) * (high - low)) for n in range(order + 1)]
    if isinstance(law, Exponential):
        return [factorial(n) / Fraction(law.rate) ** n for n in range(order + 1)]
    values, probs = law.points()
    atoms = [(Fraction(value), Fraction(p)) for value, p in zip(values[:, 0].tolist(), probs.tolist(), strict=True)]
    total = sum(p for _, p in atoms)  # rounding apart 1; exact cumulants far from zero would feel the difference
    return [sum(p * value**n for value, p in atoms) / total for n in range(order + 1)]


def exact_cumulants(moments):
    cumulants = [Fraction(0)]
    for n in range(1, len(moments)):
        cumulants.append(moments[n] - sum(comb(n - 1, j - 1) * cumulants[j] * moments[n - j] for j in range(1, n)))
    return cumulants


def reach(law, about):
    """A length that rounding errors scale with."""
    low, high = law.support()
    spread = sqrt(max(law.cumulants(2)[2], 0.0))
    ends = [abs(end - about) for end in (low[0], high[0]) if np.isfinite(end)]
    return max([spread, abs(law.means()[0] - about), *ends])


@given(univariate_laws)
def test_moments_are_those_of_the_definition(law):
    size = reach(law, 0.0)
    for n, exact in enumerate(exact_moments(law, 8)):
        assert law.moments(8)[n] == pytest.approx(float(exact), rel=1e-12, abs=1e-13 * size**n)


@given(univariate_laws)
def test_cumulants_are_those_of_the_moments(law):
    cumulants = law.cumulants(8)
    size = reach(law, float(law.means()[0]))
    assert cumulants[0] == 0.0
    assert cumulants[1] == pytest.approx(law.moments(1)[1], rel=1e-14, abs=1e-15 * reach(law, 0.0))
    for n, exact in enumerate(exact_cumulants(exact_moments(law, 8))):
        if n >= 2:
            assert cumulants[n] == pytest.approx(float(exact), rel=1e-9, abs=1e-13 * factorial(n) * size**n)


def test_closed_forms():
    n = np.arange(1, 11)
    np.testing.assert_allclose(Exponential(2.0).cumulants(10)[1:], [factorial(k - 1) / 2.0**k for k in n], rtol=1e-14)
    assert Uniform(-1.0, 2.0).cumulants(4)[4] == pytest.approx(-(3.0**4) / 120, rel=1e-14)
    assert Uniform(0.0, 2.0).cumulants(6)[[2, 3, 5, 6]] == pytest.approx([4 / 12, 0.0, 0.0, 2.0**6 / 252], rel=1e-14)
    assert Normal(3.0, 2.0).cumulants(6).tolist() == [0.0, 3.0, 4.0, 0.0, 0.0, 0.0, 0.0]
    assert Normal().moments(8).tolist() == [1, 0, 1, 0, 3, 0, 15, 0, 105]
    assert Sign().cumulants(8).tolist() == [0, 0, 1, 0, -2, 0, 16, 0, -272]  # log cosh
    assert Sign().moments(4).tolist() == [1, 0, 1, 0, 1]
    assert Uniform(-3.0, 3.0).moments(9)[1::2].tolist() == [0.0] * 5


@pytest.mark.parametrize("p", [1e-12, 0.1, 0.25, 0.5, 0.9, 1 - 2.0**-40])
def test_bernoulli_cumulants_up_to_order_four(p):
    exact = Fraction(p)
    variance = exact * (1 - exact)
    expected = [0, exact, variance, variance * (1 - 2 * exact), variance * (1 - 6 * variance)]
    np.testing.assert_allclose(Bernoulli(p).cumulants(4), [float(value) for value in expected], rtol=1e-14)


@given(st.floats(0.0, 1.0))
def test_bernoulli_cumulants_obey_their_recurrence(p):
    polynomial = [0, 1]  # kappa_1 = p; then kappa_{n+1} = p (1 - p) d kappa_n / dp, in exact arithmetic
    for n in range(1, 13):
        exact = sum(coefficient * Fraction(p) ** power for power, coefficient in enumerate(polynomial))
        assert Bernoulli(p).cumulants(n)[n] == pytest.approx(float(exact), rel=1e-10, abs=1e-15 * factorial(n) * p * (1 - p))
        slopes = [power * coefficient for power, coefficient in enumerate(polynomial)]
        polynomial = [a - b for a, b in zip([*slopes, 0], [0, *slopes], strict=True)]


def test_cumulants_far_from_zero_keep_their_digits():
    shifted = Discrete(np.array([0.0, 1.0, 3.0]) + 2.0**40, [0.25, 0.5, 0.25])
    np.testing.assert_allclose(shifted.cumulants(6)[2:], Discrete([0.0, 1.0, 3.0], [0.25, 0.5, 0.25]).cumulants(6)[2:], rtol=1e-12)


def test_a_constant_has_no_cumulants_beyond_its_mean_whatever_rounding_does_to_its_probability():
    law = Discrete([0.0625] * 3, [1 / 3, 0.1, 1 - 1 / 3 - 0.1])
    assert law.cumulants(8).tolist() == [0.0, 0.0625] + [0.0] * 7
    joint = JointDiscrete([[0.1, 0.0], [0.1, 1.0], [0.1, 2.0]], [1 / 3, 0.1, 1 - 1 / 3 - 0.1])
    assert joint.cumulants(4, 0).tolist() == [0.0, 0.1, 0.0, 0.0, 0.0]
    assert joint.covariance()[0].tolist() == [0.0, 0.0]


def test_high_orders_stay_finite_and_no_order_is_too_high_silently():
    assert Exponential(1.0).cumulants(100)[100] == pytest.approx(float(factorial(99)), rel=1e-13)
    assert np.isfinite(Bernoulli(0.3).cumulants(128)).all()
    for order in (129, -1, 1.5, True, "2"):
        with pytest.raises(CircuitError, match=r"normal: order must be an integer from 0 to 128, got "):
            Normal().moments(order)
        with pytest.raises(CircuitError, match=r"normal: order must be an integer from 0 to 128, got "):
            Normal().cumulants(order)


def test_values_beyond_the_float_range_are_infinite_without_an_exception():
    for law in (Normal(1e200, 1.0), Uniform(0.0, 1e200), Exponential(1e-200), Discrete([0.0, 1e200], [0.5, 0.5])):
        assert law.moments(3)[3] == inf
        assert not np.isfinite(law.cumulants(3)[2:]).all() or law.name == "normal"


@given(univariate_laws, st.integers(0, 5))
def test_joint_quantities_of_one_input_repeat_it(law, order):
    coordinates = (0,) * order
    assert law.joint_moment(coordinates) == law.moments(order)[order]
    assert law.joint_cumulant(coordinates) == law.cumulants(order)[order]
    assert law.cumulant_tensor(order).shape == (1,) * order
    assert law.cumulant_tensor(order).sum() == law.cumulants(order)[order]
    assert law.means().tolist() == [law.cumulants(1)[1]]
    assert law.covariance().tolist() == [[law.cumulants(2)[2]]]
    assert law.size == law.uniforms == 1


def test_coordinates_must_exist():
    with pytest.raises(CircuitError, match="sign: coordinate must be an integer from 0 to 0, got 1"):
        Sign().joint_moment((0, 1))
    with pytest.raises(CircuitError, match="sign: coordinate must be an integer from 0 to 0, got -1"):
        Sign().moments(2, -1)
    with pytest.raises(CircuitError, match="sign: at most 128 coordinates make a term, got 129"):
        Sign().joint_cumulant((0,) * 129)


@given(univariate_laws, st.integers(1, 6))
def test_quadrature_is_exact_to_degree_2m_minus_1(law, m):
    nodes, weights = law.quadrature(m)
    assert nodes.shape == (weights.size, 1)
    assert weights.size <= m
    assert (weights > 0).all()
    low, high = law.support()
    assert (nodes >= low).all()
    assert (nodes <= high).all()
    for n in range(2 * m):
        assert weights @ nodes[:, 0] ** n == pytest.approx(law.moments(n)[n], rel=1e-10, abs=1e-12 * reach(law, 0.0) ** n)


@given(finite_laws)
def test_a_finite_law_with_few_points_is_its_own_quadrature(law):
    values, probs = law.points()
    nodes, weights = law.quadrature(values.shape[0])
    assert nodes.tolist() == values.tolist()
    assert weights.tolist() == probs.tolist()


def test_quadrature_results_may_be_changed_without_harm():
    weights = Normal().quadrature(3)[1]
    weights[:] = 0.0
    assert Normal().quadrature(3)[1].sum() == pytest.approx(1.0)


@pytest.mark.parametrize("m", [0, 129, 2.0, True, None])
def test_quadrature_needs_a_number_of_nodes(m):
    with pytest.raises(CircuitError, match="bernoulli: number of quadrature nodes must be an integer from 1 to 128, got "):
        Bernoulli().quadrature(m)


@given(finite_laws)
def test_points_are_distinct_ordered_and_possible(law):
    values, probs = law.points()
    assert values.shape == (probs.size, 1)
    assert (np.diff(values[:, 0]) > 0).all()
    assert (probs > 0).all()
    assert probs.sum() == pytest.approx(1.0, rel=1e-14)
    assert law.support()[0].tolist() == values[0].tolist()
    assert law.support()[1].tolist() == values[-1].tolist()


@given(continuous_laws)
def test_laws_with_a_density_have_no_points_and_are_not_boolean(law):
    assert law.points() is None
    assert law.boolean == (False,)


def test_supports():
    assert [end.tolist() for end in Normal().support()] == [[-inf], [inf]]
    assert [end.tolist() for end in Normal(2.0, 0.0).support()] == [[2.0], [2.0]]
    assert [end.tolist() for end in Uniform(-1.0, 3.0).support()] == [[-1.0], [3.0]]
    assert [end.tolist() for end in Exponential(3.0).support()] == [[0.0], [inf]]
    assert [end.tolist() for end in Bernoulli(0.5).support()] == [[0.0], [1.0]]
    assert [end.tolist() for end in Bernoulli(1.0).support()] == [[1.0], [1.0]]


def test_boolean_means_a_support_within_zero_and_one():
    for law in (
        Bernoulli(0.3),
        Bernoulli(0.0),
        Discrete([0, 1], [0.5, 0.5]),
        Discrete([0, 2], [1, 0]),
        Empirical([1, 0, 1]),
        Normal(1, 0),
        Uniform(0, 0),
    ):
        assert law.boolean == (True,)
    for law in (Sign(), Discrete([0, 0.5, 1], [0.25, 0.5, 0.25]), Empirical([2.0]), Normal(0.5, 0.0), Uniform(0.0, 1.0)):
        assert law.boolean == (False,)


EXAMPLES = [
    Normal(1.5, 2.0),
    Normal(-3.0, 0.0),
    Uniform(-1.0, 4.0),
    Exponential(0.5),
    Bernoulli(0.5),
    Bernoulli(0.03),
    Bernoulli(1.0),
    Bernoulli(0.0),
    Sign(),
    Discrete([-2.0, 0.5, 1.0, 7.0], [0.1, 0.2, 0.3, 0.4]),
    Discrete([3.0], [1.0]),
    Discrete(np.arange(1000.0), np.full(1000, 1e-3)),
    Empirical([1.0, 1.0, 2.0, 5.0, -4.0]),
]


@pytest.mark.parametrize("law", EXAMPLES, ids=repr)
def test_samples_match_mean_and_second_moment_within_five_standard_errors(law):
    count = 100_000
    sample = law.sample(np.random.default_rng(12), count)
    assert sample.shape == (1, count)
    assert sample.dtype == np.float64
    assert sample.flags.c_contiguous
    moments = law.moments(4)
    for power in (1, 2):
        stderr = sqrt(max(moments[2 * power] - moments[power] ** 2, 0.0) / count)
        assert abs((sample**power).mean() - moments[power]) <= 5 * stderr + 1e-12 * abs(moments[power])


@pytest.mark.parametrize("law", EXAMPLES, ids=repr)
def test_samples_lie_in_the_support_and_repeat_for_one_seed(law):
    first, again = (law.sample(np.random.default_rng(5), 1000) for _ in range(2))
    assert np.array_equal(first, again)
    low, high = law.support()
    assert first.min() >= low[0]
    assert first.max() <= high[0]
    assert law.sample(np.random.default_rng(5), 0).shape == (1, 0)


@pytest.mark.parametrize("law", [law for law in EXAMPLES if law.points() is not None], ids=repr)
def test_each_point_is_drawn_as_often_as_it_should(law):
    count = 200_000
    values, probs = law.points()
    drawn = np.searchsorted(values[:, 0], law.sample(np.random.default_rng(3), count)[0])
    frequencies = np.bincount(drawn, minlength=probs.size) / count
    assert (np.abs(frequencies - probs) <= 5 * np.sqrt(probs * (1 - probs) / count) + 1e-15).all()


@pytest.mark.parametrize("count", [-1, 1.0, "10", None])
def test_a_number_of_samples_is_a_count(count):
    with pytest.raises(CircuitError, match="uniform: number of samples must be an integer from 0 to "):
        Uniform().sample(np.random.default_rng(0), count)


@pytest.mark.parametrize("law", EXAMPLES, ids=repr)
def test_a_regular_grid_of_uniforms_maps_to_the_law(law):
    count = 20_000
    grid = (np.arange(count) + 0.5) / count
    mapped = law.from_uniform(grid[:, np.newaxis])
    assert mapped.shape == (1, count)
    assert mapped.flags.c_contiguous
    if law.points() is None:
        # the midpoint rule in the quantile: its error is at most the last cells' share
        assert mapped.mean() == pytest.approx(law.means()[0], abs=1e-3 * sqrt(law.covariance()[0, 0]))
        assert (np.diff(mapped[0]) > 0).all()
    else:
        values, probs = law.points()
        frequencies = np.bincount(np.searchsorted(values[:, 0], mapped[0]), minlength=probs.size) / count
        np.testing.assert_allclose(frequencies, probs, atol=1.01 / count)


@pytest.mark.parametrize("law", EXAMPLES, ids=repr)
def test_the_ends_of_the_unit_interval_map_to_finite_possible_values(law):
    low, high = law.support()
    mapped = law.from_uniform([[0.0], [1.0]])
    assert np.isfinite(mapped).all()
    assert (mapped >= low[0]).all()
    assert (mapped <= high[0]).all()


def test_quantiles_of_known_laws():
    assert Normal(1.0, 2.0).from_uniform([[0.5]])[0, 0] == pytest.approx(1.0, abs=1e-15)
    assert Normal().from_uniform([[0.9750021048517795]])[0, 0] == pytest.approx(1.96, rel=1e-9)  # (1 + erf(1.96 / sqrt 2)) / 2
    assert Exponential(2.0).from_uniform([[1 - np.exp(-2.0)]])[0, 0] == pytest.approx(1.0, rel=1e-12)
    assert Bernoulli(1e-12).from_uniform([[0.9e-12], [1.1e-12]]).tolist() == [[1.0, 0.0]]


@pytest.mark.parametrize(
    ("cube", "message"),
    [
        ([0.5], r"uniform: uniform points must have shape \(count, 1\), got \(1,\)"),
        ([[0.5, 0.5]], r"uniform: uniform points must have shape \(count, 1\), got \(1, 2\)"),
        ([[1.5]], "uniform: uniform points must be from 0 to 1"),
        ([[nan]], "uniform: uniform points must be from 0 to 1"),
    ],
)
def test_uniform_points_are_checked(cube, message):
    with pytest.raises(CircuitError, match=message):
        Uniform().from_uniform(cube)


def test_probabilities_are_kept_exactly_or_divided_by_their_sum():
    thirds = [1 / 3, 1 / 3, 1 / 3]
    assert Discrete([1, 2, 3], thirds).probs.tolist() == thirds
    tenths = [0.1] * 10
    assert Discrete(range(10), tenths).probs.tolist() == tenths
    rounded = Discrete([1, 2, 3], [0.3333333333, 0.3333333333, 0.3333333333])
    assert rounded.probs.tolist() == pytest.approx(thirds, rel=1e-15)
    with pytest.raises(CircuitError, match=r"discrete: probs must sum to 1, got a sum of 0\.99999"):
        Discrete([1, 2, 3], [0.33333333, 0.33333333, 0.33333333])


def test_equal_values_merge_and_impossible_ones_go():
    law = Discrete([2.0, -1.0, 2.0, 9.0], [0.25, 0.5, 0.25, 0.0])
    assert law == Discrete([-1.0, 2.0], [0.5, 0.5])
    assert law.values.tolist() == [-1.0, 2.0]
    assert Empirical([3.0, 1.0, 3.0, 3.0]).points()[1].tolist() == [0.25, 0.75]
    assert Empirical([-0.0, 0.0]).points()[0].tolist() == [[0.0]]


def test_laws_compare_and_hash_by_value():
    assert Normal(0, 1) == Normal(0.0, np.float64(1.0)) != Normal(0.0, 2.0)
    assert Uniform(0.0, 1.0) != Normal(0.0, 1.0)
    assert Sign() == Sign()
    assert Empirical([2.0, 1.0]) == Empirical(np.array([1, 2])) != Empirical([1.0, 1.0, 2.0, 2.0])
    assert Empirical([1.0]) != Discrete([1.0], [1.0])
    assert len({Discrete([0, 1], [0.5, 0.5]), Discrete([1, 0], [0.5, 0.5]), Discrete([0, 2], [0.5, 0.5])}) == 2
    assert Discrete([0], [1]) != "discrete"


def test_laws_cannot_be_changed():
    law = Discrete([0.0, 1.0], [0.5, 0.5])
    with pytest.raises(AttributeError):
        law.values = np.zeros(2)
    with pytest.raises(AttributeError):
        Normal().std = 3.0
    with pytest.raises(ValueError, match="read-only"):
        law.values[0] = 7.0
    given_values = np.array([5.0, 6.0])
    held = Empirical(given_values)
    given_values[0] = -1.0
    assert held.samples.tolist() == [5.0, 6.0]
    values, _ = law.points()
    values[0] = 7.0
    assert law.values.tolist() == [0.0, 1.0]


@pytest.mark.parametrize("law", EXAMPLES, ids=repr)
def test_laws_survive_pickling(law):
    hash(law)
    assert pickle.loads(pickle.dumps(law)) == law


def floats_of(data):
    if isinstance(data, dict):
        data = list(data.values())
    if isinstance(data, list):
        return [number for item in data for number in floats_of(item)]
    return [struct.pack("<d", data)] if isinstance(data, float) else [data]


def check_round_trip(law):
    data = law.to_dict()
    again = law_from_dict(json.loads(json.dumps(data)))
    assert again == law
    assert type(again) is type(law)
    assert hash(again) == hash(law)
    assert list(again.to_dict()) == list(data)
    assert floats_of(again.to_dict()) == floats_of(data)
    assert all(isinstance(item, bytes | str) for item in floats_of(data))


any_float = st.floats(allow_nan=False, allow_infinity=False)


@given(
    st.one_of(
        univariate_laws,
        st.builds(Normal, any_float, st.floats(0.0, allow_infinity=False)),
        st.builds(lambda ends: Uniform(*sorted(ends)), st.tuples(st.floats(-1e300, 1e300), st.floats(-1e300, 1e300))),
        st.builds(Exponential, st.floats(1e-300, 1e300)),
        st.builds(Empirical, st.lists(any_float, min_size=1, max_size=9)),
        st.lists(st.tuples(any_float, st.floats(1e-9, 1.0)), min_size=1, max_size=9).map(
            lambda pairs: Discrete([value for value, _ in pairs], normalised([weight for _, weight in pairs]))
        ),
        st.lists(st.floats(1e-9, 1.0), min_size=2, max_size=9).map(
            lambda weights: Discrete(range(len(weights)), [p * (1 + 1e-10) for p in normalised(weights)])
        ),
    )
)
def test_json_keeps_every_bit(law):
    check_round_trip(law)


def test_every_law_is_registered_under_its_name():
    assert list(LAWS) == [
        "normal",
        "uniform",
        "exponential",
        "bernoulli",
        "sign",
        "discrete",
        "empirical",
        "multivariate_normal",
        "joint_discrete",
    ]
    assert all(issubclass(law, Law) and law.name == name for name, law in LAWS.items())
    assert Sign().to_dict() == {"law": "sign"}
    assert Uniform(0, 1).to_dict() == {"law": "uniform", "low": 0.0, "high": 1.0}
    assert Empirical([2, 1]).to_dict() == {"law": "empirical", "samples": [1.0, 2.0]}


BAD_PARAMETERS = [
    (lambda: Normal(nan, 1.0), "normal: mean must be a finite number, got nan"),
    (lambda: Normal(0.0, inf), "normal: std must be a finite number, got inf"),
    (lambda: Normal(0.0, -1.0), r"normal: std must not be negative, got -1\.0"),
    (lambda: Normal("0", 1.0), "normal: mean must be a number, got '0'"),
    (lambda: Normal(True, 1.0), "normal: mean must be a number, got True"),
    (lambda: Normal(None), "normal: mean must be a number, got None"),
    (lambda: Normal(1j), "normal: mean must be a number, got a complex"),
    (lambda: Normal(10**400), "normal: mean must be a finite number, got an integer of 1329 bits"),
    (lambda: Normal(10**5000), "normal: mean must be a finite number, got an integer of 16610 bits"),
    (lambda: Uniform(2.0, 1.0), r"uniform: low must not be above high, got low 2\.0 and high 1\.0"),
    (lambda: Uniform(-1e308, 1e308), r"uniform: high - low must be finite, got low -1e\+308 and high 1e\+308"),
    (lambda: Uniform([0], 1), "uniform: low must be a number, got a list"),
    (lambda: Exponential(0.0), r"exponential: rate must be positive and 1 / rate finite, got 0\.0"),
    (lambda: Exponential(-2), r"exponential: rate must be positive and 1 / rate finite, got -2\.0"),
    (lambda: Exponential(1e-310), "exponential: rate must be positive and 1 / rate finite, got 1e-310"),
    (lambda: Bernoulli(1.5), r"bernoulli: p must be from 0 to 1, got 1\.5"),
    (lambda: Bernoulli(-1e-18), "bernoulli: p must be from 0 to 1, got -1e-18"),
    (lambda: Bernoulli(nan), "bernoulli: p must be a finite number, got nan"),
    (lambda: Discrete([0, 1], [0.5, 0.6]), r"discrete: probs must sum to 1, got a sum of 1\.1"),
    (lambda: Discrete([0, 1], [1.5, -0.5]), r"discrete: probs must not be negative, found -0\.5"),
    (lambda: Discrete([0, 1, 2], [0.5, 0.5]), "discrete: values and probs must be equally long, got 3 and 2"),
    (lambda: Discrete([], []), r"discrete: values must hold at least one number, got shape \(0,\)"),
    (lambda: Discrete([0, nan], [0.5, 0.5]), "discrete: values must hold finite numbers, found nan"),
    (lambda: Discrete([0, 1], [0.5, inf]), "discrete: probs must hold finite numbers, found inf"),
    (lambda: Discrete([[0], [1]], [0.5, 0.5]), r"discrete: values must be a list of numbers, got shape \(2, 1\)"),
    (lambda: Discrete([0, [1]], [0.5, 0.5]), "discrete: values must be a list of numbers, found a list in it"),
    (lambda: Discrete([0, True], [0.5, 0.5]), "discrete: values must be a list of numbers, found True in it"),
    (lambda: Discrete(np.array([False, True]), [0.5, 0.5]), "discrete: values must be a list of numbers, got an array of bool"),
    (lambda: Discrete(3.0, [1.0]), r"discrete: values must be a list of numbers, got 3\.0"),
    (lambda: Discrete([10**400], [1.0]), "discrete: values must hold finite numbers, found an integer beyond the float range"),
    (
        lambda: Discrete([np.zeros((2, 3)), np.zeros((2, 2))], [1.0]),
        "discrete: values must be a list of numbers, got a list that is ragged or cannot be read",
    ),
    (lambda: Empirical([]), r"empirical: samples must hold at least one number, got shape \(0,\)"),
    (lambda: Empirical("123"), "empirical: samples must be a list of numbers, got '123'"),
    (lambda: Empirical([1.0, "2"]), "empirical: samples must be a list of numbers, found '2' in it"),
    (lambda: Empirical(iter([1.0])), "empirical: samples must be a list of numbers, got a list_iterator"),
]


@pytest.mark.parametrize(("build", "message"), BAD_PARAMETERS)
def test_bad_parameters_get_one_clear_line(build, message):
    with pytest.raises(CircuitError, match=f"^{message}$"):
        build()


def test_numbers_of_any_real_type_are_taken():
    assert Normal(np.float32(0.5), Fraction(1, 4)) == Normal(0.5, 0.25)
    assert Discrete([Fraction(1, 2), 2], (0.5, np.float64(0.5))) == Discrete(np.array([0.5, 2.0]), [0.5, 0.5])


BAD_DATA = [
    (None, "law: expected an object such as .*, got None"),
    ([], "law: expected an object such as .*, got a list"),
    ("normal", "law: expected an object such as .*, got 'normal'"),
    ({}, "law: field 'law' is missing; known laws: normal, uniform, .*, joint_discrete"),
    ({"law": "gauss"}, "law: unknown law 'gauss'; known laws: normal, uniform, .*, joint_discrete"),
    ({"law": ["normal"]}, "law: unknown law a list; known laws: .*"),
    ({"law": "x" * 500}, r"law: unknown law 'x{37}\.\.\.'; known laws: .*"),
    ({"law": "normal", "mean": 0}, "normal: field 'std' is missing"),
    ({"law": "normal", "mean": 0, "std": 1, "skew": 2}, "normal: unexpected field 'skew'; its fields: mean, std"),
    ({"law": "sign", "p": 0.5}, "sign: unexpected field 'p'; its fields: none"),
    ({"law": "normal", "mean": "0", "std": 1}, "normal: mean must be a number, got '0'"),
    ({"law": "normal", "mean": {"a": 1}, "std": 1}, "normal: mean must be a number, got a dict"),
    ({"law": "exponential", "rate": False}, "exponential: rate must be a number, got False"),
    ({"law": "empirical", "samples": {"0": 1}}, "empirical: samples must be a list of numbers, got a dict"),
    ({"law": "empirical", "samples": [None]}, "empirical: samples must be a list of numbers, found None in it"),
]


@pytest.mark.parametrize(("data", "message"), BAD_DATA)
def test_bad_json_gets_one_clear_line(data, message):
    with pytest.raises(CircuitError, match=f"^{message}$"):
        law_from_dict(data)


leaves = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.sampled_from([10**400, -(10**4000), 2**63, 2**64])
)
any_json = st.recursive(
    leaves, lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=4), inner, max_size=3)), max_leaves=8
)
field_names = sorted({field for law in LAWS.values() for field in law.parameters()})


@st.composite
def near_laws(draw):
    """An object with a law's own fields, each anything."""
    name = draw(st.sampled_from(list(LAWS)))
    fields = {field: draw(any_json) for field in LAWS[name].parameters()}
    extra = draw(st.dictionaries(st.sampled_from(field_names), any_json, max_size=1))
    return {"law": name, **fields, **extra}


@given(st.one_of(any_json, near_laws(), st.dictionaries(st.sampled_from(["law", *field_names]), any_json)))
def test_anything_from_json_is_a_law_or_one_clear_line(data):
    try:
        law = law_from_dict(data)
    except CircuitError as error:
        message = str(error)
    else:
        check_round_trip(law)
        return
    assert len(message.splitlines()) == 1
    assert len(message) < 300


@pytest.mark.parametrize("depth", [1, 2, 31, 63, 64, 65, 500])
def test_deep_nesting_is_refused_like_any_other(depth):
    nested = 1.0
    for _ in range(depth + 1):
        nested = [nested]
    with pytest.raises(CircuitError, match="empirical: samples must be a list of numbers, got "):
        law_from_dict({"law": "empirical", "samples": nested})


@given(univariate_laws)
def test_short_representations_build_the_law_again(law):
    if len(law.to_dict().get("values", law.to_dict().get("samples", []))) <= 6:
        assert eval(repr(law)) == law


def test_long_representations_are_short():
    assert repr(Empirical(range(1000))) == "Empirical(1000 samples from 0 to 999)"
    assert repr(Discrete(range(100), [0.01] * 100)) == "Discrete(100 values from 0 to 99)"
    assert repr(Normal(0, 1)) == "Normal(mean=0.0, std=1.0)"


def test_a_tensor_too_large_to_hold_is_refused():
    size = 1000
    for law in (MultivariateNormal(np.zeros(size), np.eye(size)), JointDiscrete(np.zeros((1, size)), [1.0])):
        with pytest.raises(IntractableError, match=f"{law.name}: order 3 of 1000 inputs has 1000000000 cumulants; at most 134217728 fit"):
            law.cumulant_tensor(3)
    for order in (-1, 33, 2.0):
        with pytest.raises(CircuitError, match="normal: order of a tensor must be an integer from 0 to 32, got "):
            Normal().cumulant_tensor(order)


def test_the_normal_law_integrates_a_cosine():
    # E[cos X] = exp(-1/2) for a standard normal X, beyond polynomials
    nodes, weights = Normal().quadrature(20)
    assert weights @ np.cos(nodes[:, 0]) == pytest.approx(np.exp(-0.5), rel=1e-13)
    nodes, weights = Uniform(0.0, pi).quadrature(12)
    assert weights @ np.sin(nodes[:, 0]) == pytest.approx(2 / pi, rel=1e-13)
