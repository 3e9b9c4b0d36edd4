"""Listings: what each claim says, where its value comes from, and what the estimate would be without it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import heurest as hr
from heurest.arguments import listing as module
from heurest.arguments.listing import claim_changes, describe, listing, source
from support.arguments import (
    asserts,
    block_claims,
    majority,
    majority_claims,
    one_hot_and,
    one_hot_claims,
    product_of_prices,
    tautology_blocks,
    tracks,
    two_sensors,
)
from support.sizes import scaled
from support.strategies import circuits

# Asserts that no law refuses: measured ones may miss by their error.
LOOSE = st.sampled_from([hr.Measured(4, 1e6), hr.Measured(0, 3e5)])


def test_the_listing_of_one_claim():
    circuit = product_of_prices()
    assert listing(hr.Argument([hr.Track((0, 1))]), circuit).splitlines() == [
        "argument about 'prices': 1 claim, 2.6 bits, mechanistic",
        "  xy = 23",
        "  claim        value  from     changes xy by",
        "  kappa(x, y)  2      deduced  +2",
    ]


def test_the_empty_argument_has_a_heading_only():
    assert listing(hr.Argument(), product_of_prices()).splitlines() == [
        "argument about 'prices': 0 claims, 0.0 bits, mechanistic",
        "  xy = 21",
        "  claim  value  from  changes xy by",
    ]


def test_a_true_claim_that_hurts_is_shown_as_such():
    # With all three pairs the estimate is -2/27 and the truth 0: each pair took 1/27 away, and the triple would mend it.
    circuit = one_hot_and()
    always, stated = one_hot_claims(circuit)
    pairs = hr.Argument([*always, *(stated[name] for name in ("xy", "xz", "yz"))])
    changes = {row.claim: row.change["o"] for row in claim_changes(pairs, circuit)}
    assert [changes[stated[name]] for name in ("xy", "xz", "yz")] == pytest.approx([-1 / 27] * 3, abs=1e-15)
    assert changes[always[0]] == pytest.approx(-2 / 27, abs=1e-15)  # it carries those of xz and yz, and not that of xy
    full = {row.claim: row.change["o"] for row in claim_changes(pairs | stated["xyz"], circuit)}
    assert full[stated["xyz"]] == pytest.approx(2 / 27, abs=1e-15)
    text = listing(pairs, circuit)
    assert "o = -0.07407407407" in text
    assert text.count("-0.037037") == 3
    assert any("[0, 1]" in line for line in hr.estimate(circuit, argument=pairs).warnings)


def test_claims_stand_by_the_size_of_their_change():
    circuit = majority()
    always, stated = majority_claims(circuit)
    argument = hr.Argument([*always, *stated.values()])
    shown = [line.split("  ")[1] for line in listing(argument, circuit).splitlines()[3:]]
    sizes = {describe(circuit, row.claim): abs(row.change["o"]) for row in claim_changes(argument, circuit)}
    assert sorted(shown) == sorted(sizes)
    assert [sizes[name] for name in shown] == sorted(sizes.values(), reverse=True)


@settings(max_examples=scaled(50, 8))
@given(circuits(max_gates=4, max_degree=4), st.data())
def test_changes_are_those_of_leaving_the_claim_out(circuit, data):
    drawn = data.draw(st.lists(tracks(circuit), max_size=4))
    claimed = data.draw(st.lists(asserts(circuit, st.sampled_from([-1.0, 0.5, 2.0])), max_size=2))
    drawn += [hr.Assert(claim.wires, claim.value, data.draw(LOOSE)) for claim in claimed if not repeats(circuit, claim.wires)]
    argument = alone(circuit, drawn)
    whole = hr.estimate(circuit, argument=argument).value
    rows = claim_changes(argument, circuit)
    assert [row.claim for row in rows] == list(argument)
    for row in rows:
        less = hr.estimate(circuit, argument=argument - [row.claim]).value
        assert row.exact
        for name, value in whole.items():
            size = 1.0 + abs(value) + abs(less[name]) + max(map(abs, row.change.values()))
            assert row.change[name] == pytest.approx(value - less[name], rel=1e-9, abs=1e-9 * size)
        assert abs(row.largest[1]) == max(map(abs, row.change.values()))
        assert row.change[row.largest[0]] == row.largest[1]


def repeats(circuit, wires):
    values = [int(hr.lower(circuit, keep_dead=True).wire_value[wire]) for wire in wires]
    return len(set(values)) < len(values) or min(values) < 0


def alone(circuit, claims):
    """Those claims whose terms no claim before them has: what two say does not go with one of them."""
    kept, seen = [], set()
    for claim in claims:
        terms = hr.plan(hr.lower(circuit, keep_dead=True), hr.Argument([claim])).terms.table.values
        rows = {tuple(row[row >= 0].tolist()) for row in terms}
        if not rows & seen:
            kept.append(claim)
            seen |= rows
    return hr.Argument(kept)


def test_what_two_claims_say_does_not_go_with_one_of_them():
    circuit = product_of_prices()
    rows = claim_changes(hr.Argument([hr.Track((0, 1)), hr.Track((0, 1), 1)]), circuit)
    assert [row.change for row in rows] == [{"xy": 0.0}, {"xy": 0.0}]


def test_past_the_limit_changes_are_first_order_ones(monkeypatch):
    circuit = majority()
    always, stated = majority_claims(circuit)
    argument = hr.Argument([*always, *stated.values()])
    exact = {row.claim: row for row in claim_changes(argument, circuit)}
    monkeypatch.setattr(module, "_MOST_PRODUCTS", 0)
    planned = hr.plan(hr.lower(circuit), argument)
    for row in claim_changes(argument, circuit):
        number = planned.terms.claims.index(row.claim)
        term = planned.terms.claim_term[planned.terms.claim_start[number]]
        assert not row.exact
        assert row.change["o"] == pytest.approx(planned.sensitivity("o")[term] * planned.entries[planned.plan.term_entry[term]])
        assert row.change["o"] == pytest.approx(exact[row.claim].change["o"], abs=1e-14)  # the estimate is linear in each of these
    assert "~ +" in listing(argument, circuit)


def test_long_arguments_and_many_outputs_are_shortened():
    c = hr.Circuit("long")
    x = c.input("x", hr.Normal(1, 1), count=16)
    for i in range(10):
        c.output(f"o{i}", x[i] * x[i] * float(i + 1))
    argument = hr.Argument([hr.Track((a, b)) for i, a in enumerate(x) for b in x[i:]])
    lines = listing(argument, c).splitlines()
    assert lines[0].startswith("argument about 'long': 136 claims")
    assert lines[1:10] == [*(f"  o{i} = {2 * (i + 1)}" for i in range(8)), "  ... 2 outputs more"]
    assert lines[11].startswith("  kappa(x[9], x[9])")
    assert lines[11].endswith("+10 (o9)")
    assert lines[10 + 1 + 100] == "  ... 36 claims more, each of which changes less"
    assert len(lines) == 112 or lines[112].startswith("  note: ")


def test_notes_are_those_of_the_estimate():
    circuit = product_of_prices()
    argument = hr.Argument([hr.Assert((0, 1), 1.5, hr.Measured(50, 0.25))], selected_from=9)
    lines = listing(argument, circuit).splitlines()
    assert lines[0].endswith("mixed")
    assert lines[3] == "  kappa(x, y)  1.5    measured, +- 0.25 of 50  +1.5"
    assert [line.removeprefix("  note: ") for line in lines[4:]] == list(hr.estimate(circuit, argument=argument).warnings)
    assert len(lines) == 6


def test_every_kind_of_claim_is_named_in_a_few_words():
    circuit = two_sensors()
    d = circuit.wire("d")
    unnamed = next(wire for wire in range(len(circuit)) if not circuit.wire_name(wire))
    shown = {
        hr.Track((d, circuit.wire("e[0]"))): ("kappa(d, e[0])", "deduced"),
        hr.Track(d): ("mean(d)", "deduced"),
        hr.Track((d, circuit.wire("e[0]")), 2): ("reductant(d, e[0]), degree 2", "deduced"),
        hr.Track((unnamed, 0)): (f"kappa(d, #{unnamed})", "deduced"),
        hr.Assert(d, 0.5): ("mean(d)", "proved"),
        hr.Assert(d, 0.5, "enumerated"): ("mean(d)", "enumerated"),
        hr.Assert(d, 0.5, hr.Measured(12000, 0.0125)): ("mean(d)", "measured, +- 0.013 of 12,000"),
        hr.Assert(d, 0.5, hr.Measured(0, 0.5)): ("mean(d)", "measured, +- 0.5"),
        hr.Cases(d, {1: [hr.Track((1, 2))]}): ("cases of d (0 and 1 claims)", "split"),
        hr.Lemma(d, 1.0): ("d = 1", "lemma"),
        hr.Lemma(circuit.wire("e[0]"), d): ("e[0] = d", "lemma"),
        hr.Point([1, 0, 0], {"both": 1}): ("point (1, 0, 0)", "evaluated"),
        hr.Point([1, 0, 0, 1, 1], {"both": 1}): ("point (1, 0, 0, 1, ...)", "evaluated"),
        hr.Transcript([hr.Track((0, 1)), hr.Track((0, 2))]): ("transcript of 2 claims", "looked at"),
    }
    assert {claim: (describe(circuit, claim), source(claim)) for claim in shown} == shown


def test_claims_that_are_no_terms_are_left_out_one_by_one():
    circuit = two_sensors()
    claims = [hr.Cases(circuit.wire("d"), {}), hr.Lemma(circuit.wire("e[0]"), 0.0), hr.Assert(circuit.wire("e[1]"), 0.1)]
    transcript = hr.Transcript([hr.Assert(circuit.wire("d"), 0.5, "enumerated")])
    point = hr.Point([1, 0, 0], {"both": 1})
    argument = hr.Argument([*claims, transcript, point])
    whole = hr.estimate(circuit, argument=argument).value["both"]
    for row in claim_changes(argument, circuit):
        less = hr.estimate(circuit, argument=argument - [row.claim]).value["both"]
        assert row.change["both"] == pytest.approx(whole - less, abs=1e-15)
        assert row.value == (0.1 if row.claim == claims[2] else None)


def test_the_blocks_are_worth_the_same_to_each_other():
    circuit = tautology_blocks()
    rows = claim_changes(hr.Argument(block_claims(circuit)), circuit)
    assert [row.change["all"] for row in rows] == pytest.approx([3 / 16] * 4)
    assert [row.value for row in rows] == [-3 / 16] * 4


def test_a_covariance_is_shown_in_units_of_its_wires():
    c = hr.Circuit("units")
    x, y = c.input(["x", "y"], hr.JointDiscrete([[0, 0], [2, 2]], [0.5, 0.5]))
    z = c.set_name(c.affine([-3.0], [x], 1.0), "z")
    c.output("o", z * y)
    (row,) = claim_changes(hr.Argument([hr.Track((z, y))]), c)
    assert (row.value, row.change) == (-3.0, {"o": -3.0})
    assert np.isnan(hr.estimate(c, argument=[hr.Track((z, y))]).variance[z.index])
