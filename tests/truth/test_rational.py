"""Moments in fractions against the laws' own closed forms in floats."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

import heurest as hr
from heurest.truth.rational import rational_moment
from support.strategies import BOOLEAN_LAWS, REAL_LAWS, joint_finite, joint_normals


@given(st.one_of(REAL_LAWS, BOOLEAN_LAWS), st.integers(0, 12))
def test_moments_of_one_input_are_those_of_the_law(law, order):
    scale = float(max(law.moments(2 * order)[-1] ** 0.5, 1e-300))  # a moment is at most the root of that of twice the order
    assert float(rational_moment(law, (order,))) == pytest.approx(law.moments(order)[-1], rel=1e-12, abs=1e-12 * scale)


@given(st.one_of(joint_normals(), joint_finite()), st.integers(0, 4), st.integers(0, 4))
def test_joint_moments_are_those_of_the_law(law, first, second):
    expected = law.joint_moment([0] * first + [1] * second)
    scale = (law.moments(2 * first, 0)[-1] * law.moments(2 * second, 1)[-1]) ** 0.5
    assert float(rational_moment(law, (first, second))) == pytest.approx(expected, rel=1e-11, abs=1e-11 * (1.0 + scale))


def test_parameters_are_the_fractions_that_the_floats_are():
    assert rational_moment(hr.Normal(0.1, 0.0), (2,)) == Fraction(0.1) ** 2
    assert rational_moment(hr.Normal(0, 1), (6,)) == 15
    assert rational_moment(hr.Exponential(0.5), (3,)) == 48
    assert rational_moment(hr.Empirical([1, 2, 4]), (1,)) == Fraction(7, 3)
    assert rational_moment(hr.Uniform(0, 1), (4,)) == Fraction(1, 5)
    assert rational_moment(hr.Discrete([3.0], [1.0]), (2,)) == 9


def test_probabilities_that_rounding_left_beside_one_are_divided_out():
    law = hr.Discrete([0, 1, 2], [0.1, 0.2, 0.7])  # as fractions these floats do not sum to 1
    assert sum(Fraction(p) for p in law.points()[1].tolist()) != 1
    assert rational_moment(law, (0,)) == 1
    assert sum(Fraction(p) for p in law.points()[1].tolist()) * rational_moment(law, (1,)) == Fraction(0.2) + 2 * Fraction(0.7)


def test_laws_of_other_classes_give_their_float_moments():
    class Point(hr.Law):
        name = "point"

        def support(self):
            raise NotImplementedError

        _moments = _cumulants = _joint_cumulant = _cumulant_tensor = _quadrature = _sample = _from_uniform = support

        def _joint_moment(self, coordinates):
            return 0.5 ** len(coordinates)

    assert rational_moment(Point(), (3,)) == Fraction(1, 8)
