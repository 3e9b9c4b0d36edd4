"""The search for a failing explanation: against plain loops over all sets, within a budget, and beyond what is affordable."""

from itertools import product

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import heurest as hr
from heurest.anomaly.examples import five_levers, two_sensors
from heurest.anomaly.implicants import INPUT, TERM, decompose
from heurest.anomaly.observations import observations
from heurest.anomaly.reasons import Reasons, Training, all_sets, as_lanes, lane_bits, largest_sets
from support.boolean_circuits import literal_circuits
from support.sizes import scaled

EPSILON = 0.2  # large, so that sets that lose something explain, too


def slow_roots(found, point, kept):
    """Values of the roots when only some terms are kept, by recursion over the definition."""

    def term(number):
        return number in kept and all(atom_value(*atom) for atom in found.terms[number].atoms)

    def wire(number):
        return any(term(t) for t in range(len(found.terms)) if found.terms[t].wire == number)

    def atom_value(kind, number, inverted):
        value = bool(point[number]) if kind == INPUT else term(number) if kind == TERM else wire(number)
        return value != inverted

    return [wire(number) != inverted for number, inverted in found.roots]


def slow_test(found, train, epsilon, x, components):
    """Fewest terms that an explaining set that fails at x drops; ``None`` if there is no such set."""
    terms = range(len(found.terms))
    truth = [slow_roots(found, point, terms)[0] for point in train.points]
    mean = float(train.weights @ truth)
    here = slow_roots(found, x, terms)
    best = None
    for choice in product((False, True), repeat=len(terms)):
        kept = {number for number in terms if choice[number]}
        values = slow_roots(found, x, kept)
        if values[0] == here[0] or (components and values[1:] != here[1:]):
            continue
        wrong = [slow_roots(found, point, kept)[0] != y for point, y in zip(train.points, truth, strict=True)]
        if float(train.weights @ wrong) <= epsilon * mean * (1 - mean) * (1 + 1e-9):
            best = min(len(terms) - len(kept), best if best is not None else len(terms))
    return best


@st.composite
def monotone_circuits(draw):
    """Ands and ors of inputs and earlier wires, some of them named, the last two as components."""
    c = hr.Circuit("monotone")
    wires = [c.input(f"x{i}", hr.Bernoulli(draw(st.sampled_from([0.01, 0.3, 0.5])))) for i in range(4)]
    for number in range(draw(st.integers(2, 5))):
        a, b = (draw(st.sampled_from(wires)) for _ in range(2))
        assume(a.index != b.index)
        wire = (a | b) if draw(st.booleans()) else (a & b)
        wires.append(c.set_name(wire, f"w{number}") if draw(st.booleans()) else wire)
    c.output("y", wires[-1] & wires[-2] if draw(st.booleans()) else wires[-1] | wires[-2])
    return c, wires[-2:]


def reasons(circuit, components, budget=100_000, epsilon=EPSILON):
    train = observations(circuit)
    found = decompose(circuit, [*circuit.outputs.values(), *components])
    training = Training(found, train, epsilon)
    return Reasons(training, budget), train


def read(reason, x):
    return [bool(x[position]) for position in reason.decomposition.inputs]


@given(monotone_circuits(), st.booleans())
def test_branch_and_bound_finds_what_the_enumeration_of_all_sets_finds(made, with_components):
    circuit, components = made
    reason, _ = reasons(circuit, components)
    assume(len(reason.decomposition.terms) <= 14)
    for x in product((0, 1), repeat=4):
        branched = reason.test(read(reason, x), with_components)
        inputs = {position: x[position] for position in reason.decomposition.inputs}
        enumerated = reason.enumerated(inputs, with_components)
        assert branched.exact
        assert (branched.dropped is None) == (enumerated.dropped is None)
        if branched.dropped is not None:
            assert branched.dropped.bit_count() == enumerated.dropped.bit_count()


@given(st.one_of(monotone_circuits(), literal_circuits(max_gates=5, joint=False).map(lambda c: (c, []))), st.integers(0, 15))
@pytest.mark.large
def test_both_searches_agree_with_plain_loops_over_the_definition(made, number):
    circuit, components = made
    reason, train = reasons(circuit, components)
    assume(reason.training.variance > 0.0)
    assume(len(reason.decomposition.terms) <= scaled(8, 6))
    x = [number >> place & 1 for place in range(len(circuit.inputs))]
    found = reason.test(read(reason, x), bool(components))
    expected = slow_test(reason.decomposition, train, EPSILON, x, bool(components))
    assert found.exact
    assert (None if found.dropped is None else found.dropped.bit_count()) == expected


def test_points_that_no_set_can_tell_apart_are_merged():
    c = five_levers()
    training = Training(decompose(c, [c.wire("Y")]), observations(c), 1e-3)
    # D0 = 1 with any noise, or both noises alone: four kinds of diamond and one of noise.
    assert training.points == 5
    assert training.variance == pytest.approx((lambda p: p * (1 - p))(0.5 + 0.5e-6), rel=1e-12)


def test_a_search_that_runs_out_of_its_budget_says_so():
    c = two_sensors()
    found = decompose(c, [c.wire("Y"), c.wire("S1"), c.wire("S2")])
    training = Training(found, observations(c), 1e-3)
    tampered = [False, True, True]
    short, enough = (Reasons(training, budget).test(tampered, True) for budget in (1, 1000))
    assert (short.dropped, short.exact) == (None, False)
    assert enough.exact
    assert [found.terms[t].name for t in range(8) if enough.dropped >> t & 1] == ["Y: S1(n1) & S2(n2)"]


def parities(count):
    """An output that a rare trigger turns on, beside exclusive ors, which read inverses of wires."""
    c = hr.Circuit("parities")
    x = c.input("x", hr.Bernoulli(0.5), count=3)
    t = c.input("t", hr.Bernoulli(0.0), count=2)
    total = x[0]
    for number in range(count):
        total = c.set_name(total ^ x[(number + 1) % 3], f"p{number}")
    c.output("y", total | (t[0] & t[1]))
    return c


@pytest.mark.parametrize("count", [4, 12])
def test_beyond_monotone_circuits_a_witness_is_a_proof_and_its_absence_is_one_only_if_all_sets_were_tried(count):
    c = parities(count)
    reason, train = reasons(c, [], epsilon=1e-3)
    training = reason.training
    assert not training.decomposition.monotone
    assert training.enumerable == (count == 4)
    quiet = next(
        point for point in train.points if not any(p for p in point[3:]) and not reason.roots(dict(enumerate(map(int, point))), 0)[0][0]
    )
    fired = [*quiet[:3], 1, 1]
    flagged = reason.test(read(reason, fired), False)
    assert [training.decomposition.terms[t].name for t in range(len(training.decomposition.terms)) if flagged.dropped >> t & 1] == [
        "y: t[0] & t[1]"
    ]
    calm = reason.test(read(reason, quiet), False)
    assert (calm.dropped, calm.exact) == (None, count == 4)


@given(st.lists(st.booleans(), max_size=70))
def test_lanes_hold_an_array(bits):
    lanes = as_lanes(np.array(bits, np.bool_))
    assert lane_bits(lanes, len(bits)).tolist() == bits
    assert lanes.bit_count() == sum(bits)


def test_sets_are_numbered_by_their_bits():
    kept, ones = all_sets(3)
    assert ones == 255
    for term in range(3):
        assert [kept[term] >> s & 1 for s in range(8)] == [s >> term & 1 for s in range(8)]
    assert largest_sets(0b1000_1110, 8) == [7]
    assert largest_sets(0b1000_1110, 8, smallest=True) == [1, 2]
