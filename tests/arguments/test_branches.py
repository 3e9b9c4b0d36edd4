"""Values under an argument: lemmas put in place, cases side by side, and what is decided before it is split."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import heurest as hr
from heurest import opcodes
from heurest.arguments.branches import lay_out
from heurest.circuit.gates import INPUT
from heurest.errors import ArgumentError, IntractableError
from heurest.program.term_graph import value_graph
from support.arguments import all_terms, two_sensors
from support.interpreter import circuit_values
from support.sizes import scaled
from support.strategies import circuits


def laid_out(circuit, claims, max_memory=None):
    return lay_out(circuit, value_graph(hr.lower(circuit)), claims, max_memory)


def value(circuit, claims):
    return next(iter(hr.estimate(circuit, argument=claims).value.values()))


def counts(graph):
    return {op: int((graph.op == op).sum()) for op in (opcodes.TERM_CONDITION, opcodes.TERM_MIXTURE)}


# -- the layout --------------------------------------------------------------------------------------------


@given(circuits(max_gates=8))
def test_without_cases_and_lemmas_the_graph_is_the_programs(circuit):
    base = value_graph(hr.lower(circuit))
    found = laid_out(circuit, [hr.Track((0, 0))] if not circuit.boolean[0] else [])
    for name, column in base.graph._asdict().items():
        np.testing.assert_array_equal(getattr(found.values.graph, name), column, err_msg=name)
    np.testing.assert_array_equal(found.values.wires.value, base.wires.value)
    np.testing.assert_array_equal(found.values.wires.scale, base.wires.scale)
    assert len(found.scopes) == 1
    assert found.scopes[0].path == ()


def test_a_case_conditions_what_is_before_it_and_mixes_what_is_after():
    circuit = two_sensors()
    d = circuit.wire("d")
    base = value_graph(hr.lower(circuit)).graph
    found = laid_out(circuit, [hr.Cases(d, {1: [hr.Track((1, 2))]})])
    later = base.size - 3  # all gates; both errors are given the event, twice
    assert counts(found.values.graph) == {opcodes.TERM_CONDITION: 4, opcodes.TERM_MIXTURE: later}
    assert found.values.graph.size == 3 + 4 + 2 * later + later
    assert [scope.path for scope in found.scopes] == [(), ((d.index, 0),), ((d.index, 1),)]
    assert [scope.claims for scope in found.scopes] == [(), (), (hr.Track((1, 2)),)]
    assert found.scopes[0].split_after == 2
    graph = found.values.graph
    assert set(graph.event[graph.event >= 0].tolist()) == {0}
    for v in np.flatnonzero(graph.op == opcodes.TERM_AFFINE):
        assert (graph.term_value[graph.term_start[v] : graph.term_stop[v]] < v).all()


def test_what_is_tracked_outside_is_inherited_and_what_is_given_is_not():
    circuit = two_sensors()
    track, stated = hr.Track((1, 2)), hr.Assert((1, 2), 0.001)
    found = laid_out(circuit, [track, stated, hr.Cases(circuit.wire("d"), {0: [hr.Cases(1, {})]})])
    outer, zero, zero_zero, zero_one, one = found.scopes
    assert (set(outer.claims), outer.inherited) == ({track, stated}, ())
    assert [scope.inherited for scope in (zero, zero_zero, zero_one, one)] == [(track,)] * 4
    assert [scope.claims for scope in (zero, zero_zero, zero_one, one)] == [()] * 4
    assert zero_one.path == ((0, 0), (1, 1))


def test_negated_events_keep_the_wires_outcomes():
    c = hr.Circuit("negated")
    d, x = c.input("d", hr.Bernoulli(0.25)), c.input("x", hr.Bernoulli(0.5))
    off = ~d
    c.output("o", off & x)
    assert value(c, [hr.Cases(off, {1: [hr.Lemma(x, 1.0)]})]) == 0.75
    assert value(c, [hr.Cases(d, {0: [hr.Lemma(x, 1.0)]})]) == 0.75
    assert value(c, [hr.Cases(off, {0: [hr.Lemma(x, 1.0)]})]) == 0.375


def test_too_many_cases_are_refused_before_they_are_laid_out():
    c = hr.Circuit("deep")
    x = c.input("x", hr.Bernoulli(0.5), count=18)
    c.output("o", c.affine([1.0] * 18, x))
    claims = [hr.Cases(wire, {}) for wire in x]
    with pytest.raises(IntractableError, match=r"262,144 cases of 19 values needs [\d,]+ bytes"):
        hr.estimate(c, argument=claims, max_memory=10**8)
    assert len(laid_out(c, claims[:3]).scopes) == 1 + 2 + 4 + 8


# -- events that are decided ------------------------------------------------------------------------------------


@pytest.mark.parametrize("outcome", [0, 1])
def test_a_lemma_decides_an_event_and_one_case_holds(outcome):
    circuit = two_sensors()
    d, one, two = circuit.wire("d"), circuit.wire("s[0]"), circuit.wire("s[1]")
    inside = {0: [hr.Assert((one, two), 0.001), hr.Lemma(circuit.wire("e[0]"), 1.0)], 1: [hr.Track((one, two))]}
    decided = [hr.Lemma(d, float(outcome)), hr.Cases(d, inside)]
    assert value(circuit, decided) == value(circuit, [hr.Lemma(d, float(outcome)), *inside[outcome]])
    assert len(laid_out(circuit, decided).scopes) == 1


def test_the_circuit_itself_decides_an_event():
    c = hr.Circuit("constant")
    x = c.input("x", hr.Bernoulli(0.5))
    never = x & ~x
    always = c.apply("or", c.constant(1.0), x)
    c.output("o", c.affine([1.0, 1.0, 1.0], [x, never, always]))
    assert value(c, [hr.Cases(always, {1: [hr.Lemma(x, 1.0)], 0: [hr.Lemma(x, 0.0)]})]) == value(c, [hr.Lemma(x, 1.0)])


def test_an_event_that_feeds_no_output_changes_nothing():
    c = hr.Circuit("dead")
    x, y = c.input("x", hr.Bernoulli(0.5), count=2)
    unused = x & y
    c.output("o", x | y)
    claims = [hr.Track((x, y))]
    assert value(c, [*claims, hr.Cases(unused, {1: [hr.Lemma(x, 1.0)]})]) == value(c, claims)
    assert len(laid_out(c, [hr.Cases(unused, {})]).scopes) == 1


def test_the_same_event_inside_its_own_case_is_decided():
    circuit = two_sensors()
    d = circuit.wire("d")
    nested = hr.Cases(d, {1: [hr.Cases(d, {0: [hr.Lemma(1, 1.0)]})]})
    assert value(circuit, [nested]) == value(circuit, [hr.Cases(d, {})])
    inner = hr.Cases(d, {1: [hr.Cases(d, {1: [hr.Lemma(1, 1.0)]})]})
    assert value(circuit, [inner]) == value(circuit, [hr.Cases(d, {1: [hr.Lemma(1, 1.0)]})])


@pytest.mark.parametrize("claims", [[hr.Cases(0, {}), hr.Cases(1, {})], [hr.Cases(0, {0: [hr.Cases(1, {})], 1: [hr.Cases(1, {})]})]])
def test_cases_beside_each_other_are_cases_inside_each_other(claims):
    c = hr.Circuit("two")
    x, y, z = c.input("x", hr.Bernoulli(0.5), count=3)
    c.output("o", (x ^ y) & (x | z) & (y | z))
    exact = sum((a ^ b) & (a | d) & (b | d) for a in (0, 1) for b in (0, 1) for d in (0, 1)) / 8
    assert value(c, [hr.Cases(0, {}), hr.Cases(1, {}), hr.Cases(2, {})]) == pytest.approx(exact)
    assert value(c, claims) == value(c, [hr.Cases(1, {}), hr.Cases(0, {})])
    assert len(laid_out(c, claims).scopes) == 7
    assert len(laid_out(c, [*claims, hr.Cases(2, {})]).scopes) == 15


# -- lemmas -----------------------------------------------------------------------------------------------------


def with_law(circuit, position, law):
    """The same circuit with another law for one input, which has a law of its own."""
    other, at = hr.Circuit("other"), 0
    for wire in range(len(circuit)):
        name = circuit.gate_name(wire)
        if name == "input":
            group = circuit.groups[circuit.left[wire]]
            if wire == group.wires[0]:
                kind = None if circuit.boolean[list(group.wires)].any() else "real"
                other.input([f"i{i}" for i in group.wires], law if at == position else group.law, kind=kind)
            at += 1
        elif name == "constant":
            other.constant(circuit.value[wire])
        elif name == "affine":
            bias, operands, coefficients = circuit.terms(wire)
            other.affine(coefficients, [other.wire(int(w)) for w in operands], bias, boolean=bool(circuit.boolean[wire]))
        else:
            other.apply(name, *(other.wire(w) for w in circuit.operands(wire)))
    for name, wire in circuit.outputs.items():
        other.output(name, other.wire(wire.index))
    return other


@settings(max_examples=scaled(60, 8))
@given(circuits(max_gates=4, max_degree=4, layers=False), st.data(), st.integers(1, 3))
def test_a_lemma_about_an_input_is_an_input_that_does_not_vary(circuit, data, order):
    alone = [i for i, wire in enumerate(circuit.inputs) if len(circuit.groups[circuit.left[wire.index]].wires) == 1]
    assume(alone)
    position = data.draw(st.sampled_from(alone))
    wire = circuit.inputs[position]
    number = data.draw(st.sampled_from([0.0, 1.0] if wire.boolean else [-1.0, 0.0, 0.5, 2.0]))
    fixed = with_law(circuit, position, hr.Bernoulli(number) if wire.boolean else hr.Normal(number, 0.0))
    found = hr.estimate(circuit, argument=[hr.Lemma(wire, number), *all_terms(circuit, order)]).value
    expected = hr.Cumulant(order).estimate(fixed).value
    for name in circuit.outputs:
        assert found[name] == pytest.approx(expected[name], rel=1e-9, abs=1e-7 * (1.0 + abs(expected[name])))


def test_a_lemma_of_a_multiple_is_solved_for_its_value():
    c = hr.Circuit("multiple")
    x, y = c.input("x", hr.Normal(5, 1), count=2)
    z, w = c.affine([-2.0], [x], 1.0), c.affine([4.0], [y], -3.0)
    c.output("o", z * w)
    assert value(c, [hr.Lemma(z, 7.0)]) == 7 * 17
    assert value(c, [hr.Lemma(x, -3.0)]) == 7 * 17
    # w = z: 4 y - 3 = 1 - 2 x, so that the product is z z, whose mean is 81 as long as no variance is tracked.
    assert value(c, [hr.Lemma(w, z)]) == 81
    assert value(c, [hr.Lemma(w, z), hr.Track((x, x))]) == 81 + 4
    assert value(c, [hr.Lemma(w, z), hr.Lemma(z, 3.0)]) == pytest.approx(9)


def test_lemmas_in_a_chain_are_followed_to_the_end():
    c = hr.Circuit("chain")
    x, y, z = c.input("x", hr.Normal(2, 1), count=3)
    c.output("o", x * y + z)
    assert value(c, [hr.Lemma(y, x), hr.Lemma(z, y), hr.Track((x, x))]) == 4 + 1 + 2
    assert value(c, [hr.Lemma(y, x), hr.Lemma(z, y), hr.Lemma(x, 3.0)]) == 9 + 3


def test_lemmas_about_unused_wires_change_nothing():
    c = hr.Circuit("unused")
    x, y = c.input("x", hr.Normal(2, 1), count=2)
    unused = x * y
    c.output("o", x + y)
    assert value(c, [hr.Lemma(unused, 3.0)]) == 4
    assert value(c, [hr.Lemma(x, unused)]) == 4


@pytest.mark.parametrize(
    ("lemmas", "message"),
    [
        (lambda x, b, z, k: [hr.Lemma(x, 1.0), hr.Lemma(z, 1.0)], r"Lemma\(wire=\d, .*\) contradicts Lemma\(wire=\d"),
        (lambda x, b, z, k: [hr.Lemma(z, x), hr.Lemma(x, 1.0)], "contradicts"),
        (lambda x, b, z, k: [hr.Lemma(k, 4.0)], "the circuit makes this false"),
        (lambda x, b, z, k: [hr.Lemma(b, ~b)], "the wire takes only two values"),
        (lambda x, b, z, k: [hr.Lemma(b, 2.0)], "the wire takes only two values"),
    ],
)
def test_lemmas_that_cannot_hold(lemmas, message):
    # z = 3.5 - 2 x: it equals x at x = 7/6 alone.
    c = hr.Circuit("false")
    x, b = c.input("x", hr.Normal(2, 1)), c.input("b", hr.Bernoulli(0.5))
    z, k = c.affine([-2.0], [x], 3.5), c.constant(3.0)
    claims = lemmas(x, b, z, k)
    c.output("o", c.affine([1, 1, 1], [x, z, k]) * b)
    c.output("not b", ~b)
    with pytest.raises(ArgumentError, match=message):
        hr.estimate(c, argument=claims)


def test_lemmas_that_say_the_same_agree():
    c = hr.Circuit("same")
    x = c.input("x", hr.Normal(2, 1))
    z = c.affine([-2.0], [x], 3.0)
    c.output("o", z * x)
    assert value(c, [hr.Lemma(x, 1.0), hr.Lemma(z, 1.0)]) == 1
    assert value(c, [hr.Lemma(z, x)]) == 1


# -- what a case does not do --------------------------------------------------------------------------------------


def test_a_value_after_the_event_is_said_of_the_whole_and_noted():
    circuit = two_sensors()
    pair = (circuit.wire("s[0]"), circuit.wire("s[1]"))
    result = hr.estimate(circuit, argument=[hr.Cases(circuit.wire("d"), {}), hr.Assert(pair, 0.2)])
    assert result.value["both"] == pytest.approx(0.4901)
    assert result.warnings == (
        "claim Assert(s[0], s[1]) is about a wire after the event of cases: it holds for the whole, not within a case",
    )


@pytest.mark.parametrize("place", ["x", "gate"])
def test_cases_of_a_real_wire_are_refused(place):
    c = hr.Circuit("real")
    x = c.input("x", hr.Normal())
    gate = x * x
    c.output("o", gate)
    with pytest.raises(ArgumentError, match=r"Cases\(\d\): the event must be a boolean wire"):
        hr.estimate(c, argument=[hr.Cases({"x": x, "gate": gate}[place], {})])


def test_cases_leave_every_wire_its_meaning():
    # Of the laid out graph every wire is still a literal of some value, with the mean that enumeration gives.
    circuit = two_sensors()
    planned = hr.plan(hr.lower(circuit, keep_dead=True), hr.Argument([hr.Cases(circuit.wire("d"), {})]))
    inputs = np.array([[d, a, b] for d in (0.0, 1.0) for a in (0.0, 1.0) for b in (0.0, 1.0)]).T
    chances = np.array([0.5 * (0.01 if a else 0.99) * (0.01 if b else 0.99) for _, a, b in inputs.T])
    np.testing.assert_allclose(planned.wire_mean(), circuit_values(circuit, inputs) @ chances, rtol=1e-13)
    assert (circuit.gate[:3] == INPUT).all()
