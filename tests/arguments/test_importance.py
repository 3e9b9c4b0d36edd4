"""How much each wire matters to an argument: the changes of the claims that name it, worked out by hand."""

from __future__ import annotations

import pytest

import heurest as hr
from heurest.arguments.argument import Argument
from heurest.arguments.claims import Assert, Cases, Lemma, Measured, Point, Track, Transcript
from heurest.arguments.importance import wire_importance
from support.arguments import measured_pair, product_of_prices, two_sensors


def test_a_product_matters_by_derivative_times_value_of_its_covariance():
    c = product_of_prices()
    x, y = c.wire("x").index, c.wire("y").index
    assert wire_importance(Argument([Track((x, y))]), c) == ({x: 2.0, y: 2.0}, [((x, y), 2.0)])


@pytest.mark.parametrize("factor", [-5.0, 0.5, 3.0])
def test_a_change_has_a_sign_and_importance_has_none(factor):
    c = hr.Circuit("scaled")
    x, y = c.input(["x", "y"], hr.JointDiscrete([[2, 5], [4, 9]], [0.5, 0.5]))
    c.output("o", factor * (x * y) + 100)
    assert wire_importance(Argument([Track((x, y))]), c) == ({0: abs(2 * factor), 1: abs(2 * factor)}, [((0, 1), 2 * factor)])


def test_the_terms_of_a_wire_add_up_in_size():
    # o = x^2 - 3 x y of x, y with variances 1 and 4 and covariance 2: the terms change it by 1 and -6
    c = hr.Circuit("two terms")
    x, y = c.input(["x", "y"], hr.JointDiscrete([[2, 5], [4, 9]], [0.5, 0.5]))
    c.output("o", x * x - 3 * (x * y))
    importance, links = wire_importance(Argument([Track((x, x)), Track((x, y))]), c)
    assert importance == pytest.approx({0: 7.0, 1: 6.0}, rel=1e-14)
    assert [wires for wires, _ in links] == [(0, 0), (0, 1)]
    assert [change for _, change in links] == pytest.approx([1.0, -6.0], rel=1e-14)


def test_a_change_is_what_goes_with_the_term_not_a_first_order_one():
    # s = x^2, o = s^2 of x ~ N(1, 1): 10 with both terms, 4 without var s, 1 without var x (which var s = 6 needs)
    c = hr.Circuit("fourth power")
    x = c.input("x", hr.Normal(1, 1))
    s = x * x
    c.output("o", s * s)
    importance, links = wire_importance(Argument([Track((x, x)), Track((s, s))]), c)
    assert importance == pytest.approx({x.index: 9.0, s.index: 6.0}, rel=1e-14)
    assert dict(links) == pytest.approx({(x.index, x.index): 9.0, (s.index, s.index): 6.0}, rel=1e-14)


def test_the_output_that_changes_most_counts():
    c = hr.Circuit("two outputs")
    x = c.input("x", hr.Normal(0, 2))
    c.output("small", x * x)
    c.output("large", -10 * (x * x))
    assert wire_importance(Argument([Track((x, x))]), c) == ({0: 40.0}, [((0, 0), -40.0)])


def test_stated_values_are_terms_too():
    c = measured_pair()
    importance, links = wire_importance(Argument([Assert((0, 1), 0.21, Measured(100, 0.02))]), c)
    assert importance == pytest.approx({0: 0.21, 1: 0.21}, rel=1e-14)
    assert links == [((0, 1), pytest.approx(0.21, rel=1e-14))]


def test_a_claim_about_one_wire_is_no_link():
    c = measured_pair()  # 1/4 presumed; with a mean of 3/4 for x it is 3/8
    assert wire_importance(Argument([Assert((0,), 0.75)]), c) == ({0: 0.125}, [])


@pytest.mark.parametrize(("claim", "change"), [(Track((0,), 1), 4.0), (Track((0,)), 0.0), (Track((0, 0)), 4.0)])
def test_the_mean_of_a_wire_stays_without_the_claim(claim, change):
    c = hr.Circuit("square")
    x = c.input("x", hr.Normal(3, 2))
    c.output("y", x * x)  # 9 presumed, 13 with the variance, which the reductant of degree 1 holds
    assert wire_importance(Argument([claim]), c)[0] == {0: change}


def test_a_split_matters_at_every_wire_that_it_names():
    c = two_sensors()  # 4901/10000 by cases, presumed 1/4
    d, e = c.wire("d").index, c.wire("e[0]").index
    importance, links = wire_importance(Argument([Cases(d, {0: [Lemma(c.wire("e[0]"), 0)]})]), c)
    # given d = 0 the sensors are e[0] and e[1]: without e[0] both are never on; given d = 1 they are on with 99/100 each
    change = 0.5 * 0.99**2 - 0.25
    assert importance == pytest.approx({d: change, e: change}, rel=1e-13)
    assert links == []
    assert wire_importance(Argument([Cases(d, {})]), c)[0] == pytest.approx({d: 0.4901 - 0.25}, rel=1e-13)


def test_a_lemma_and_a_transcript_matter_at_the_wires_they_name():
    c = two_sensors()
    d = c.wire("d").index
    assert wire_importance(Argument([Lemma(c.wire("d"), 1)]), c)[0] == pytest.approx({d: 0.99**2 - 0.25}, rel=1e-13)
    prices = product_of_prices()
    assert wire_importance(Argument([Transcript([Track((0, 1))])]), prices) == ({0: 2.0, 1: 2.0}, [])


def test_a_point_names_no_wire_and_nothing_names_none():
    c = measured_pair()
    assert wire_importance(Argument([Point([1, 1], {"xy": 1})]), c) == ({}, [])
    assert wire_importance(Argument(), c) == ({}, [])


def test_an_idle_term_is_shown_with_nothing():
    c = product_of_prices()
    z = c.outputs["xy"].index
    assert wire_importance(Argument([Track((0, z))]), c) == ({0: 0.0, z: 0.0}, [((0, z), 0.0)])


def test_claims_about_another_circuit_are_refused():
    with pytest.raises(hr.ArgumentError, match="names wire 9"):
        wire_importance(Argument([Track((0, 9))]), product_of_prices())
    with pytest.raises(hr.ArgumentError, match="is about circuit 'sensors'"):
        wire_importance(hr.find_argument(two_sensors()).argument, product_of_prices())
