"""Closing an argument: exactly what its terms need, once and for all, up to the order that is asked for."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import heurest as hr
from heurest.arguments.planning import plan
from heurest.errors import ArgumentError
from support.arguments import all_terms, magnitude, majority, wire_lists
from support.sizes import scaled
from support.strategies import circuits


def two_pairs():
    """``o`` = pq of p = xy and q = yz, three fair bits: in truth 1/8."""
    c = hr.Circuit("pairs")
    x, y, z = c.input(["x", "y", "z"], hr.Bernoulli(0.5), count=3)
    p, q = c.set_name(x & y, "p"), c.set_name(y & z, "q")
    c.output("o", p & q)
    return c


def terms(circuit, argument):
    return {tuple(circuit.wire_name(wire) for wire in claim.wires) for claim in argument}


def test_what_a_covariance_of_two_products_needs():
    # kappa(p, yz) = kappa(p, y) E[z] + kappa(p, z) E[y] at order 2; inputs are independent, so that nothing is added of them alone.
    circuit = two_pairs()
    alone = hr.Argument([hr.Track((circuit.wire("p"), circuit.wire("q")))])
    assert terms(circuit, alone.closure()) == {("p", "q"), ("y", "p"), ("z", "p")}
    assert hr.estimate(circuit, argument=alone).value == {"o": 0.0625}
    assert hr.estimate(circuit, argument=alone.closure()).value == {"o": 0.125}
    # kappa(p, y, z) is read as well at order 3; of kappa(x, y, y, z) and the like nothing is left.
    assert terms(circuit, alone.closure(order=3)) == {("p", "q"), ("y", "p"), ("z", "p"), ("y", "z", "p")}


def test_what_means_need_is_not_added():
    # kappa(x, n) of n = m AND x reads E[m], and E[m] would read kappa(p, q): an argument about n does not ask how likely m is.
    c = hr.Circuit("means")
    x, y, z = c.input(["x", "y", "z"], hr.Bernoulli(0.5), count=3)
    p, q = c.set_name(x & y, "p"), c.set_name(y & z, "q")
    m = c.set_name(p & q, "m")
    n = c.set_name(m & x, "n")
    c.output("o", n & x)
    found = terms(c, hr.Argument([hr.Track((x, n))]).closure())
    assert found == {("x", "n"), ("x", "m"), ("x", "p"), ("x", "q")}


def test_joint_inputs_are_added_where_they_are_not_zero():
    c = hr.Circuit("joint")
    x, y = c.input(["x", "y"], hr.JointDiscrete([[0, 0], [1, 1], [0, 1]], [0.5, 0.25, 0.25]))
    z = c.input("z", hr.Bernoulli(0.5))
    p = c.set_name(x & z, "p")
    c.output("o", p & y)
    found = hr.Argument([hr.Track((p, y))]).closure()
    assert terms(c, found) == {("y", "p"), ("x", "y")}
    assert hr.estimate(c, argument=found).value["o"] == pytest.approx(1 / 8)


def test_what_is_given_needs_nothing():
    circuit = two_pairs()
    p, q, y = map(circuit.wire, ("p", "q", "y"))
    given_ = hr.Argument([hr.Assert((p, q), 1 / 16)])
    assert given_.closure() == given_
    half = hr.Argument([hr.Track((p, q)), hr.Assert((y, p), 1 / 8)])
    assert terms(circuit, half.closure()) == {("p", "q"), ("y", "p"), ("z", "p")}
    assert hr.Assert((y, p), 1 / 8) in half.closure()


def test_nothing_to_close():
    circuit = two_pairs()
    for argument in (hr.Argument(), hr.Argument([hr.Lemma(circuit.wire("x"), 1.0)]), hr.Argument([hr.Point([1, 1, 1], {"o": 1})])):
        assert argument.closure(circuit) == argument


@settings(max_examples=scaled(50, 8))
@given(circuits(max_gates=4, max_degree=5), st.data(), st.integers(2, 3))
def test_closing_twice_is_closing_once(circuit, data, order):
    argument = hr.Argument(data.draw(st.lists(wire_lists(circuit, max_size=3).map(hr.Track), max_size=4)))
    once = argument.closure(circuit, order)
    assert argument <= once
    assert once.closure(circuit, order) == once
    assert once.closure(circuit, order).closure(circuit, order) == once
    added = once - argument
    assert all(isinstance(claim, hr.Track) and 2 <= len(claim.wires) <= order for claim in added)


@settings(max_examples=scaled(50, 8))
@given(circuits(max_gates=4, max_degree=5), st.integers(2, 3))
def test_all_pairs_closed_are_cumulant_propagation(circuit, order):
    # A mean reads pairs alone; whatever those need is added.
    argument = hr.Argument(all_terms(circuit, 2)).closure(circuit, order)
    planned, expected = plan(hr.lower(circuit), argument), hr.Cumulant(order).estimate(circuit)
    for name, wire in circuit.outputs.items():
        assert planned.wire_mean()[wire.index] == pytest.approx(expected.value[name], rel=1e-12, abs=1e-13 * magnitude(planned)[wire.index])


def test_each_term_that_is_added_is_read():
    circuit = majority()
    pq, r = circuit.wire("pq"), circuit.wire("r")
    argument = hr.Argument([hr.Track((pq, r))])
    closed = argument.closure(order=3)
    assert len(closed) > 3
    for claim in closed - argument:
        assert claim in (closed - [claim]).closure(order=3)


def test_the_order_defaults_to_that_of_the_argument_and_at_least_two():
    circuit = two_pairs()
    p, q = circuit.wire("p"), circuit.wire("q")
    pair = hr.Argument([hr.Track((p, q))])
    assert pair.closure() == pair.closure(order=2)
    single = hr.Argument([hr.Track((p,))])
    assert single.closure() == single
    triple = hr.Argument([hr.Track((circuit.wire("x"), p, q))])
    assert triple.closure() == triple.closure(order=3)
    assert max(len(claim.wires) for claim in triple.closure()) == 3


def test_a_selected_argument_stays_selected():
    circuit = two_pairs()
    argument = hr.Argument([hr.Track((circuit.wire("p"), circuit.wire("q")))], selected_from=40)
    assert argument.closure().selected_from == 40


def test_lemmas_are_closed_through():
    # With y = 1 both products are inputs, and independent: nothing is needed.
    circuit = two_pairs()
    argument = hr.Argument([hr.Track((circuit.wire("p"), circuit.wire("q"))), hr.Lemma(circuit.wire("y"), 1.0)])
    found = argument.closure()
    assert hr.estimate(circuit, argument=found).value["o"] == 0.25
    assert found.closure() == found


@pytest.mark.parametrize("order", [0, 13, 2.5, True, "2"])
def test_orders_out_of_range_are_refused(order):
    circuit = two_pairs()
    with pytest.raises(ArgumentError, match="closure: order must be an integer from 1 to 12"):
        hr.Argument().closure(circuit, order)


def test_cases_are_closed_before_they_are_added():
    circuit = two_pairs()
    with pytest.raises(ArgumentError, match="terms within cases are conditional"):
        hr.Argument([hr.Cases(circuit.wire("y"), {})]).closure()
    with pytest.raises(ArgumentError, match="say which circuit"):
        hr.Argument([hr.Track((3, 4))]).closure()


def test_the_order_of_claims_does_not_matter():
    circuit = majority()
    claims = [hr.Track((circuit.wire(a), circuit.wire(b))) for a, b in (("pq", "r"), ("p", "q"), ("o1", "r"))]
    found = {hr.Argument(order).closure() for order in itertools.permutations(claims)}
    assert len(found) == 1
