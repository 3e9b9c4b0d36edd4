"""Plans of arguments: what the empty and the full one are, that order never matters, derivatives, reductants, orphans."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import heurest as hr
from heurest.arguments.planning import plan
from heurest.errors import ArgumentError, HeurestError, IntractableError
from support.arguments import EXAMPLES, all_terms, arguments, magnitude, majority, majority_claims, measured_pair, wire_lists
from support.sizes import scaled
from support.strategies import circuits

CIRCUITS = st.one_of(
    circuits(max_gates=5, max_degree=6),
    circuits(max_gates=5, max_degree=6, booleans=False, joint=False),
    circuits(max_inputs=3, max_gates=4, reals=False, layers=False),
)
# Two programs for one sum of products: each rounds once an operation, and no sum here has more than some thousands of parts.
ROUNDING = 1e-13


def bits(estimate):
    """Values by output, bit for bit."""
    return {name: np.float64(value).tobytes() for name, value in estimate.value.items()}


# -- the two ends --------------------------------------------------------------------------------------


@given(CIRCUITS)
def test_the_empty_argument_is_mean_propagation(circuit):
    planned, expected = plan(hr.lower(circuit), hr.Argument()), hr.estimate(circuit, "mean")
    found = hr.estimate(circuit, argument=hr.Argument())
    size = magnitude(planned)
    for name, wire in circuit.outputs.items():
        assert found.value[name] == pytest.approx(expected.value[name], rel=1e-14, abs=ROUNDING * size[wire.index])
    assert found.warnings == expected.warnings
    assert (found.method, found.mixed, found.terms) == ("argument", False, 0)


@settings(max_examples=scaled(80, 10))
@given(CIRCUITS, st.integers(1, 3))
def test_all_terms_up_to_an_order_are_cumulant_propagation(circuit, order):
    program = hr.lower(circuit, keep_dead=True)
    planned, expected = plan(program, hr.Argument(all_terms(circuit, order))), hr.Cumulant(order).estimate(circuit, keep_dead=True)
    np.testing.assert_array_less(np.abs(planned.wire_mean() - expected.mean), 1e-300 + ROUNDING * magnitude(planned))
    if order > 1:
        real = ~circuit.boolean
        found = hr.estimate(circuit, argument=all_terms(circuit, order), keep_dead=True).variance
        size = magnitude(planned) ** 2 + np.abs(expected.variance) + np.abs(found)
        assert (np.abs(found - expected.variance) <= 1e-10 * (1.0 + size))[real].all()


@pytest.mark.parametrize("order", [1, 2, 3, 4])
@pytest.mark.parametrize("name", EXAMPLES)
def test_the_ends_on_the_worked_examples(name, order):
    circuit = EXAMPLES[name]()
    if len(circuit) > 15:
        order = min(order, 2)
    found = hr.estimate(circuit, argument=all_terms(circuit, order)).value
    expected = hr.estimate(circuit, "mean" if order == 1 else f"cumulant:{order}").value
    assert found == pytest.approx(expected, rel=1e-13, abs=1e-13)


def test_majority_at_each_order():
    values = [hr.estimate(majority(), argument=all_terms(majority(), order)).value["o"] for order in (1, 2, 3, 4)]
    assert values == pytest.approx([37 / 64, 7 / 16, 31 / 64, 1 / 2], rel=1e-13)


# -- order never matters, nor does what nothing reads ---------------------------------------------------


def outcome(circuit, claims):
    """The estimate bit for bit, or that there is none."""
    try:
        found = hr.estimate(circuit, argument=hr.Argument(claims))
    except HeurestError as error:
        return type(error).__name__
    return bits(found), found.mean.tobytes(), found.stderr and tuple(np.float64(e).tobytes() for e in found.stderr.values())


@given(CIRCUITS, st.data())
def test_the_order_of_claims_changes_no_bit(circuit, data):
    claims = list(data.draw(arguments(circuit, st.sampled_from([-0.25, 0.0, 0.25, 0.5, 1.0]))))
    shuffled = data.draw(st.permutations(claims))
    assert outcome(circuit, shuffled) == outcome(circuit, claims)
    assert outcome(circuit, claims[::-1]) == outcome(circuit, claims)


@given(CIRCUITS, st.data())
def test_the_order_of_tracked_terms_changes_no_bit(circuit, data):
    tracked = data.draw(st.lists(wire_lists(circuit).map(hr.Track), unique=True, max_size=8))
    shuffled = data.draw(st.permutations(tracked))
    assert outcome(circuit, shuffled) == outcome(circuit, tracked)
    halves = hr.Argument(shuffled[: len(shuffled) // 2]) | hr.Argument(shuffled[len(shuffled) // 2 :])
    assert outcome(circuit, halves) == outcome(circuit, tracked)


def test_every_order_of_the_claims_about_majority_gives_the_same_bits():
    circuit = majority()
    always, stated = majority_claims(circuit)
    found = {outcome(circuit, [*always, *order])[1] for order in itertools.permutations(stated.values())}
    assert len(found) == 1


@given(CIRCUITS, st.data())
def test_claims_about_wires_that_feed_no_output_change_no_bit(circuit, data):
    tracked = data.draw(st.lists(wire_lists(circuit).map(hr.Track), max_size=5))
    before = outcome(circuit, tracked)
    dead = np.flatnonzero(np.isnan(hr.lower(circuit).wire_shift)).tolist()
    wires = [(wire, other) for wire in dead for other in range(len(circuit)) if wire != other]
    claims = [hr.Track(pair) for pair in wires] + [hr.Assert(wire, 0.5, hr.Measured(9, 1e3)) for wire in dead if not circuit.boolean[wire]]
    with_dead = outcome(circuit, [*tracked, *claims])
    assert with_dead[:2] == before[:2]


def test_terms_that_nothing_reads_change_no_bit():
    c = hr.Circuit("unread")
    x, y = c.input("x", hr.Normal(0.3, 1.7), count=2)
    u = x * y + x
    c.output("o", u * u)
    o = c.outputs["o"]
    tracked = [hr.Track((u, u)), hr.Track((x, x))]
    before = outcome(c, tracked)
    for more in [hr.Track((o, x)), hr.Track((o, o, y)), hr.Assert((o, u), 7.0), hr.Track((y, y, y))]:
        assert outcome(c, [*tracked, more])[0] == before[0]


# -- derivatives -----------------------------------------------------------------------------------------


@settings(max_examples=scaled(40, 5))
@given(circuits(max_gates=4, max_degree=4), st.data())
def test_the_gradient_is_a_finite_difference(circuit, data):
    tracked = data.draw(st.lists(wire_lists(circuit, max_size=3).map(hr.Track), max_size=6))
    planned = plan(hr.lower(circuit), hr.Argument(tracked))
    flat, entries, h = planned.plan, planned.entries, 1e-5
    for name, wire in circuit.outputs.items():
        gradient = planned.gradient(name)
        for t in range(1, len(entries)):
            ends = []
            for step in (h, -h):
                moved = flat.constant.copy()
                moved[t] += step
                ends.append(planned.wire_mean(flat.run(moved))[wire.index])
            size = 1.0 + magnitude(planned)[wire.index] + np.abs(gradient).max()
            assert gradient[t] == pytest.approx((ends[0] - ends[1]) / (2 * h), rel=1e-4, abs=1e-5 * size)


def test_the_sensitivity_is_what_moving_a_stated_value_does():
    circuit = majority()
    always, stated = majority_claims(circuit)
    claims, h = list(stated.values()), 1e-5
    planned = plan(hr.lower(circuit), hr.Argument([*always, *claims]))
    sensitivity = planned.sensitivity("o")
    for claim in claims:
        number = planned.terms.claims.index(claim)
        term = planned.terms.claim_term[planned.terms.claim_start[number]]
        ends = []
        for step in (h, -h):
            moved = [replace(other, value=other.value + step) if other is claim else other for other in claims]
            ends.append(hr.estimate(circuit, argument=[*always, *moved]).value["o"])
        assert sensitivity[term] == pytest.approx((ends[0] - ends[1]) / (2 * h), rel=1e-7, abs=1e-9)
        # o = p + q + r - pq - pr - qr + pqr, and E[pqr] holds each covariance times a mean of 1/4.
        assert sensitivity[term] == pytest.approx(-3 / 4 if len(claim.wires) == 2 else 1.0)


def test_the_sensitivity_passes_through_cases():
    # Within a case everything is divided by the probability of the event: reciprocals are differentiated, too.
    c = hr.Circuit("cases")
    b = c.input("b", hr.Bernoulli(0.3))
    x, y = c.input(["x", "y"], hr.Bernoulli(0.5), count=2)
    c.output("o", (x & y) | b)
    numbers = {(b.index,): 0.4, (x.index, b.index): 0.05, (y.index, b.index): -0.1, (x.index, y.index): 0.08, (x.index,): 0.6}

    def claims(moved=None, step=0.0):
        stated = [hr.Assert(wires, number + step * (wires == moved), hr.Measured(0, 0.5)) for wires, number in numbers.items()]
        return [*stated, hr.Cases(b, {})]

    planned, h = plan(hr.lower(c), hr.Argument(claims())), 1e-6
    sensitivity, variance = planned.sensitivity("o"), 0.0
    for wires in numbers:
        slope = (hr.estimate(c, argument=claims(wires, h)).value["o"] - hr.estimate(c, argument=claims(wires, -h)).value["o"]) / (2 * h)
        number = next(i for i, claim in enumerate(planned.terms.claims) if claim.wires == tuple(sorted(wires)))
        assert sensitivity[planned.terms.claim_term[planned.terms.claim_start[number]]] == pytest.approx(slope, rel=1e-7, abs=1e-9)
        variance += (0.5 * slope) ** 2
    assert planned.stderr("o") == pytest.approx(variance**0.5, rel=1e-7)


@given(CIRCUITS, st.data())
def test_term_values_are_in_units_of_the_wires_named(circuit, data):
    # kappa(a x + b, y) = a kappa(x, y): the covariance that a claim shows is that of its own wires.
    wires = data.draw(wire_lists(circuit, max_size=2))
    planned = plan(hr.lower(circuit, keep_dead=True), hr.Argument(all_terms(circuit, 2)) | hr.Track(wires))
    number = planned.terms.claims.index(hr.Track(wires))
    rows = range(planned.terms.claim_start[number], planned.terms.claim_start[number + 1])
    if len(wires) == 2 and wires[0] == wires[1] and rows:
        variance = hr.Cumulant(2).estimate(circuit, keep_dead=True).variance[wires[0]]
        assert planned.term_value()[rows[0]] == pytest.approx(variance, rel=1e-9, abs=1e-9 * (1 + magnitude(planned)[wires[0]] ** 2))
    assert len(rows) <= 1


def test_the_standard_error_is_that_of_independent_errors():
    circuit = measured_pair()
    x, y = map(circuit.wire, ("x", "y"))
    claims = [
        hr.Assert((x, y), 0.1, hr.Measured(0, 0.03)),
        hr.Assert(x, 0.5, hr.Measured(0, 0.04)),
        hr.Assert(y, 0.25, hr.Measured(0, 0.02)),
    ]
    result = hr.estimate(circuit, argument=claims)
    assert result.value["xy"] == pytest.approx(0.5 * 0.25 + 0.1)
    assert result.stderr["xy"] == pytest.approx((0.03**2 + (0.25 * 0.04) ** 2 + (0.5 * 0.02) ** 2) ** 0.5)


# -- reductants ------------------------------------------------------------------------------------------


def listed(circuit, wires, degree):
    """All joint cumulants that repeat each wire at least once and at most so often; boolean wires once."""
    most = degree if len(wires) > 1 else 2 * degree
    powers = [range(1, 2 if circuit.boolean[wire] else most + 1) for wire in wires]
    return [hr.Track([w for w, k in zip(wires, counts, strict=True) for _ in range(k)]) for counts in itertools.product(*powers)]


@settings(max_examples=scaled(60, 10))
@given(circuits(max_gates=4), st.data())
def test_a_reductant_is_the_list_of_its_cumulants(circuit, data):
    groups = data.draw(st.lists(wire_lists(circuit, max_size=2, distinct=True), unique_by=lambda w: tuple(sorted(w)), max_size=4))
    degree = data.draw(st.integers(1, 2))
    grouped = [hr.Track(wires, degree) for wires in groups]
    one_by_one = [claim for wires in groups for claim in listed(circuit, wires, degree)]
    assert outcome(circuit, grouped)[:2] == outcome(circuit, one_by_one)[:2]
    table, other = (plan(hr.lower(circuit), hr.Argument(claims)).terms.table for claims in (grouped, one_by_one))
    rows, others = ({tuple(row[row >= 0].tolist()) for row in t.values} for t in (table, other))
    assert rows == others


# -- what a plan says of itself -----------------------------------------------------------------------------


def test_orphans_are_tracked_terms_that_come_to_nothing():
    c = hr.Circuit("orphans")
    x, y, z = c.input("x", hr.Bernoulli(0.5), count=3)
    p, q = x & y, y & z
    c.output("o", p & q)
    program = hr.lower(c)
    assert plan(program, hr.Argument([hr.Track((p, q))])).orphans == 1
    assert plan(program, hr.Argument([hr.Track((p, q)), hr.Track((y, p))])).orphans == 0
    assert plan(program, hr.Argument([hr.Assert((p, q), 0.0)])).orphans == 0
    assert plan(program, hr.Argument([hr.Track((x, y))])).orphans == 0  # of inputs: nothing could be added
    assert "1 tracked term comes to nothing" in hr.estimate(c, argument=[hr.Track((p, q))]).warnings[0]


def test_a_plan_prints_its_size_and_refuses_more_memory_than_allowed():
    circuit = majority()
    always, stated = majority_claims(circuit)
    planned = plan(hr.lower(circuit), hr.Argument([*always, *stated.values()]))
    text = str(planned).splitlines()
    assert text[0] == "plan of 'majority': 2 terms tracked, 4 given, order up to 3"
    assert f"{planned.plan.num_products:,} products, {planned.plan.bytes:,} bytes" in text[1]
    assert repr(planned) == f"<ArgumentPlan of 'majority': 6 claims, {planned.plan.num_products} products>"
    with pytest.raises(IntractableError, match="needs"):
        plan(hr.lower(circuit), hr.Argument(always), max_memory=100)
    with pytest.raises(IntractableError, match="needs"):
        hr.estimate(circuit, argument=always, max_memory=100)
    with pytest.raises(ArgumentError, match="has no output 'p'"):
        planned.gradient("p")


def test_a_pass_is_run_once_and_cannot_be_written_to():
    planned = plan(hr.lower(majority()), hr.Argument())
    assert planned.entries is planned.entries
    with pytest.raises(ValueError, match="read-only"):
        planned.entries[0] = 2.0


def test_an_output_that_is_constant_has_no_derivative():
    c = hr.Circuit("constant")
    x = c.input("x", hr.Normal())
    c.output("one", c.constant(1.0))
    c.output("square", x * x)
    planned = plan(hr.lower(c), hr.Argument([hr.Track((x, x))]))
    assert planned.sensitivity("one").tolist() == [0.0]
    assert planned.sensitivity("square").tolist() == [1.0]
