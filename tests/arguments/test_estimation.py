"""Estimates by an argument: worked examples with their exact figures, cases, lemmas, points, and claims that cannot hold."""

from __future__ import annotations

import itertools
from hashlib import sha256
from math import sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import heurest as hr
from heurest.errors import ArgumentError
from support.arguments import (
    all_terms,
    block_claims,
    majority,
    majority_claims,
    measured_pair,
    one_hot_and,
    one_hot_claims,
    product_of_prices,
    tautology_blocks,
    two_sensors,
)
from support.enumeration import expected_values
from support.sizes import scaled
from support.strategies import circuits

EXACT = {"rel": 1e-14, "abs": 1e-15}


def value(circuit, claims, output=None):
    found = hr.estimate(circuit, argument=claims).value
    return found[output or next(iter(found))]


# -- the presumption, and what single claims change ------------------------------------------------------


def test_prices_that_move_together():
    circuit = product_of_prices()
    assert value(circuit, []) == 21.0
    assert value(circuit, [hr.Track((0, 1))]) == pytest.approx(23.0, **EXACT)
    assert expected_values(circuit)[circuit.outputs["xy"].index] == 23.0


@pytest.mark.parametrize("chosen", [s for k in range(5) for s in itertools.combinations(("pq", "pr", "qr", "pqr"), k)])
def test_every_subset_of_the_claims_about_majority(chosen):
    circuit = majority()
    always, stated = majority_claims(circuit)
    expected = 37 / 64 - 3 / 64 * sum(len(name) == 2 for name in chosen) + 4 / 64 * ("pqr" in chosen)
    assert value(circuit, [*always, *(stated[name] for name in chosen)]) == pytest.approx(expected, **EXACT)


def test_all_claims_about_majority_give_the_truth():
    circuit = majority()
    always, stated = majority_claims(circuit)
    assert value(circuit, [*always, *stated.values()]) == pytest.approx(0.5, **EXACT)
    assert expected_values(circuit)[circuit.outputs["o"].index] == 0.5


def test_true_claims_can_hurt_before_they_help():
    circuit = one_hot_and()
    always, stated = one_hot_claims(circuit)
    claims = [stated[name] for name in ("xy", "xz", "yz", "xyz")]
    ladder = [hr.estimate(circuit, argument=[*always, *claims[:k]]) for k in range(5)]
    assert [27 * found.value["o"] for found in ladder] == pytest.approx([1, 0, -1, -2, 0], abs=1e-14)
    assert any("[0, 1]" in line for line in ladder[3].warnings)  # a negative probability is reported, and not clipped


def test_a_case_makes_the_sensors_independent():
    circuit = two_sensors()
    assert value(circuit, []) == 0.25
    assert value(circuit, [hr.Cases(circuit.wire("d"), {})]) == pytest.approx(4901 / 10000, **EXACT)
    assert expected_values(circuit)[circuit.outputs["both"].index] == pytest.approx(4901 / 10000, **EXACT)


def test_measured_covariances_pool_and_mark_the_estimate():
    circuit = measured_pair()
    xy = tuple(map(circuit.wire, ("x", "y")))
    first, second = hr.Assert(xy, 0.21, hr.Measured(0, 0.02)), hr.Assert(xy, 0.25, hr.Measured(0, 0.04))
    alone = hr.estimate(circuit, argument=[first])
    assert (alone.value["xy"], alone.stderr["xy"]) == pytest.approx((0.46, 0.02), **EXACT)
    both = hr.estimate(circuit, argument=[first, second])
    assert both.value["xy"] == pytest.approx(0.25 + 0.218, **EXACT)
    assert both.stderr["xy"] == pytest.approx(1 / sqrt(2500 + 625), **EXACT)
    assert round(both.stderr["xy"], 6) == 0.017889
    assert both.mixed
    assert any(line.startswith("mixed: 2 measured values") for line in both.warnings)
    exact = hr.estimate(circuit, argument=[first, second, hr.Assert(xy, 0.0625, "proved")])
    assert (exact.value["xy"], exact.stderr["xy"]) == (0.3125, 0.0)  # an exact value comes before measured ones


@pytest.mark.parametrize(("claims", "expected"), list(enumerate([28561 / 65536, 2197 / 4096, 169 / 256, 13 / 16, 1.0])))
def test_the_ladder_of_blocks(claims, expected):
    circuit = tautology_blocks()
    assert value(circuit, block_claims(circuit)[:claims]) == pytest.approx(expected, **EXACT)


# -- cherry-picking ---------------------------------------------------------------------------------------


def sign(n):
    return 1.0 if sha256(str(n).encode()).digest()[0] < 128 else -1.0


def sum_of_signs(count, first=1, step=1):
    """``s`` = sum of h(n) / n**1.5 over ``count`` numbers n, of signs that are presumed 0."""
    c = hr.Circuit("signs")
    numbers = range(first, first + step * count, step)
    h = c.input("h", hr.Sign(), count=count)
    c.output("s", c.affine([n**-1.5 for n in numbers], h))
    return c


def looks(signs):
    return [hr.Assert(wire, s, "enumerated") for wire, s in enumerate(signs)]


def test_the_signs_of_the_hash():
    assert [sign(n) for n in range(1, 11)] == [1, -1, 1, 1, -1, -1, 1, 1, 1, 1]


@pytest.mark.parametrize(("count", "up", "down", "both"), [(10, 1.484299, -0.511037, 0.973262), (1000, 1.804064, -0.745082, 1.058983)])
def test_a_filtered_report_against_the_transcript(count, up, down, both):
    circuit = sum_of_signs(count)
    claims = looks([sign(n) for n in range(1, count + 1)])
    reports = [hr.Argument([claim for claim in claims if claim.value == s], selected_from=count) for s in (1.0, -1.0)]
    assert [round(value(circuit, report), 6) for report in reports] == [up, down]
    for report in reports:
        warning = f"the argument was selected: {len(report):,} of {count:,} terms looked at; with its transcript the estimate follows all"
        assert hr.estimate(circuit, argument=report).warnings == (warning,)
        whole = hr.estimate(circuit, argument=report | hr.Transcript(claims))
        assert round(whole.value["s"], 6) == both
        assert whole.warnings == ()


def test_over_all_vectors_of_signs_only_the_transcript_is_fair():
    circuit, size = sum_of_signs(8), sum(n**-1.5 for n in range(1, 9))
    means = {"transcript": 0.0, "stopped": 0.0, "positive": 0.0}
    for signs in itertools.product((1.0, -1.0), repeat=8):
        claims = looks(signs)
        sums = np.cumsum([s * n**-1.5 for n, s in enumerate(signs, 1)])
        stop = int(np.argmax(sums >= 0.5)) + 1 if (sums >= 0.5).any() else 8
        positive = [claim for claim in claims if claim.value > 0]
        means["transcript"] += value(circuit, [*positive, hr.Transcript(claims)]) / 256
        means["stopped"] += value(circuit, [hr.Transcript(claims[:stop])]) / 256
        means["positive"] += value(circuit, hr.Argument(positive, selected_from=8)) / 256
    assert means["transcript"] == pytest.approx(0.0, abs=1e-14)
    assert means["stopped"] == pytest.approx(0.0, abs=1e-14)
    assert means["positive"] == pytest.approx(size / 2, rel=1e-13)
    assert round(means["positive"], 6) == 0.963338


@pytest.mark.parametrize(("first", "told", "chance", "expected"), [(1, 1.0, 1 / 4, 0.3712), (2, -1.0, 3 / 4, -0.5427)])
def test_equal_budgets_do_not_cancel(first, told, chance, expected):
    # One debater looks at odd numbers and tells what is up, the other at even ones and tells what is down; h is up one time in four.
    circuit = sum_of_signs(12, first, 2)
    claims = looks([told] * 12)
    effects = [value(circuit, [claim]) for claim in claims]
    assert value(circuit, claims) == pytest.approx(sum(effects), rel=1e-13)  # effects add, so that their expectations do
    assert round(chance * sum(effects), 4) == expected
    assert chance * len(claims) == (3 if told > 0 else 9)


def test_clipping_would_break_linearity():
    # (b b - b)**2 is 0 for a bit; where the program is not told that b is one, order 3 makes it negative.
    c = hr.Circuit("square")
    b = c.input("b", hr.Discrete((0.0, 1.0), (0.9, 0.1)), kind="real")
    square = (b * b - b) ** 2
    c.output("f", square)
    c.output("minus f", -square)
    found = [hr.estimate(c, argument=all_terms(c, order)).value for order in (1, 2, 3, 4)]
    assert [v["f"] for v in found] == pytest.approx([81 / 10000, 369 / 5000, -207 / 5000, 0.0], abs=1e-14)
    assert [v["minus f"] for v in found] == pytest.approx([-81 / 10000, -369 / 5000, 207 / 5000, 0.0], abs=1e-14)
    assert max(found[2]["f"], 0.0) + max(found[2]["minus f"], 0.0) == pytest.approx(207 / 5000)  # f - f would not be 0


@pytest.mark.parametrize(("boolean", "expected"), [(False, 25 / 262144), (True, 262169 / 524288)])
def test_a_hundred_points_move_an_estimate_by_their_probability(boolean, expected):
    c = hr.Circuit("twenty")
    x = c.input("x", hr.Bernoulli(0.5) if boolean else hr.Sign(), count=20)
    wire = x[0]
    for other in x[1:]:
        wire = wire ^ other if boolean else wire * other
    c.output("y", wire)
    low, claims = (0.0 if boolean else -1.0), []
    for pair in itertools.islice(itertools.combinations(range(20), 2 if not boolean else 3), 100):
        # Two factors of -1 make 1; three bits make the parity 1.
        claims.append(hr.Point([(1.0 if boolean else low) if i in pair else (low if boolean else 1.0) for i in range(20)], {"y": 1}))
    assert value(c, []) == (0.5 if boolean else 0.0)
    result = hr.estimate(c, argument=claims)
    assert result.value["y"] == pytest.approx(expected, **EXACT)
    assert not result.mixed


# -- cases ------------------------------------------------------------------------------------------------


def boolean_circuits(max_gates=3):
    drawn = circuits(max_inputs=2, max_gates=max_gates, reals=False, layers=False)
    return drawn.filter(lambda circuit: len(circuit) <= 8)


@st.composite
def nested_cases(draw, circuit, tracked, depth):
    event = draw(st.sampled_from(np.flatnonzero(circuit.boolean).tolist()))
    inner = [[], []]
    if depth > 1:
        for branch in inner:
            branch += [draw(nested_cases(circuit, tracked, depth - 1)) for _ in range(draw(st.integers(0, 1)))]
    where = draw(st.sampled_from(["outside", "inside", "both"]))  # what is tracked outside is tracked inside, too
    return hr.Cases(event, {i: branch + (tracked if where != "outside" else []) for i, branch in enumerate(inner)})


@settings(max_examples=scaled(60, 8))
@given(boolean_circuits(), st.data())
def test_cases_with_everything_tracked_are_exact(circuit, data):
    tracked = all_terms(circuit, len(circuit))
    case = data.draw(nested_cases(circuit, tracked, 2))
    exact = expected_values(circuit)
    found = hr.estimate(circuit, argument=[*tracked, case])
    for name, wire in circuit.outputs.items():
        assert found.value[name] == pytest.approx(exact[wire.index], rel=1e-9, abs=1e-9)


@settings(max_examples=scaled(60, 8))
@given(boolean_circuits(), st.data())
def test_cases_of_all_inputs_need_nothing_else(circuit, data):
    independent = all(len(group.wires) == 1 for group in circuit.groups)
    claims = [hr.Cases(wire, {}) for wire in circuit.inputs]
    if not independent:
        claims += all_terms(circuit, len(circuit.inputs), [wire.index for wire in circuit.inputs])
    found, exact = hr.estimate(circuit, argument=data.draw(st.permutations(claims))), expected_values(circuit)
    for name, wire in circuit.outputs.items():
        assert found.value[name] == pytest.approx(exact[wire.index], rel=1e-9, abs=1e-9)


def test_the_covariance_of_a_whole_is_recombined_from_the_cases():
    # Given d both sensors are independent; of the whole their covariance is that of their means over d.
    circuit = two_sensors()
    one, two = circuit.wire("s[0]"), circuit.wire("s[1]")
    planned = hr.plan(hr.lower(circuit), hr.Argument([hr.Cases(circuit.wire("d"), {}), hr.Track((one, two))]))
    number = planned.terms.claims.index(hr.Track((one, two)))
    assert planned.terms.scope[number] == 0
    assert planned.term_value()[planned.terms.claim_start[number]] == pytest.approx((0.99 - 0.01) ** 2 / 4, **EXACT)


def test_values_of_a_case_hold_there_only():
    c = hr.Circuit("scoped")
    d, x, y = c.input("d", hr.Bernoulli(0.25)), *c.input("x", hr.Bernoulli(0.5), count=2)
    c.output("xy", x & y)
    c.output("d", d)
    covariance = hr.Assert((x, y), 0.1)
    assert value(c, [hr.Cases(d, {1: [covariance]})], "xy") == pytest.approx(0.25 + 0.25 * 0.1, **EXACT)
    assert value(c, [hr.Cases(d, {0: [covariance]})], "xy") == pytest.approx(0.25 + 0.75 * 0.1, **EXACT)
    assert value(c, [hr.Cases(d, {0: [hr.Lemma(x, 1.0)], 1: [hr.Lemma(y, 0.0)]})], "xy") == pytest.approx(0.75 * 0.5, **EXACT)


# -- lemmas and points --------------------------------------------------------------------------------------


def test_a_lemma_is_put_in_place_of_its_wire():
    c = hr.Circuit("lemma")
    x, y = c.input("x", hr.Normal(3, 2), count=2)
    s = x * y
    c.output("o", s * x)
    assert value(c, []) == 27.0
    assert value(c, [hr.Lemma(s, 5.0)]) == 15.0
    assert value(c, [hr.Lemma(y, x), hr.Track((x, x))]) == 3 * (9 + 4)  # E[x^2] E[x]: kappa(s, x) is not tracked
    assert value(c, [hr.Lemma(x, 2.0), hr.Lemma(y, 4.0)]) == 16.0
    full = [hr.Lemma(y, x), *all_terms(c, 3)]
    assert value(c, full) == pytest.approx(27 + 3 * 3 * 4, **EXACT)  # E[x^3] = m^3 + 3 m v


def test_a_point_counts_with_its_probability_and_no_more():
    circuit = one_hot_and()
    assert value(circuit, [hr.Point([1, 0, 0], {"o": 0})]) == pytest.approx(2 / 3 / 27, **EXACT)
    assert value(circuit, [hr.Point(row, {"o": 0}) for row in np.eye(3)]) == pytest.approx(0.0, abs=1e-15)
    assert value(circuit, [hr.Point([1, 1, 0], {"o": 0})]) == value(circuit, [])  # it never happens


def test_points_lessen_the_standard_error():
    circuit = measured_pair()
    claims = [hr.Assert((0, 1), 0.1, hr.Measured(0, 0.02)), hr.Point([1, 1], {"xy": 1})]
    result = hr.estimate(circuit, argument=claims)
    assert (result.value["xy"], result.stderr["xy"]) == pytest.approx((0.25 + 0.75 * 0.35, 0.75 * 0.02), **EXACT)


# -- what an estimate carries ---------------------------------------------------------------------------------


def test_an_estimate_keeps_its_argument_and_says_what_it_took():
    circuit = majority()
    always, stated = majority_claims(circuit)
    argument = hr.Argument([*always, *stated.values()])
    result = hr.estimate(circuit, argument=argument)
    assert result.argument is argument
    assert (result.method, result.terms, result.mixed, result.stderr) == ("argument", 6, False, None)
    assert result.bytes > 0
    assert result.variance[circuit.wire("p").index] == pytest.approx(3 / 16)


def test_variances_are_those_tracked_or_given():
    c = hr.Circuit("variances")
    x, y = c.input("x", hr.Normal(1, 2), count=2)
    s = c.affine([2.0, 1.0], [x, y])
    c.output("o", s)
    c.output("three", c.constant(3.0))
    found = hr.estimate(c, argument=[hr.Track((x, x)), hr.Assert((y, y), 2.5, "proved")]).variance
    assert found[:2].tolist() == [4.0, 2.5]
    assert np.isnan(found[s.index])
    assert found[c.outputs["three"].index] == 0.0
    tracked = [hr.Track((x, x)), hr.Track((y, y)), hr.Track((s, s)), hr.Track((s, x)), hr.Track((s, y))]
    assert hr.estimate(c, argument=tracked).variance[s.index] == 4 * 4 + 4


# -- claims that cannot hold ------------------------------------------------------------------------------------


def bad(x, y, p):
    """Claims about reals x and y of variance 4 and a probability p, with what is said of them."""
    other = hr.Circuit("other").input("z", hr.Normal())
    return [
        ([hr.Assert((x, y), 1.0), hr.Assert((y, x), 1.5)], r"claim Assert\(x, y\).* contradicts .*claim Assert\(x, y\).* both are exact"),
        ([hr.Assert((x, y), 4.5)], r"claim Assert\(x, y\): by Cauchy-Schwarz the covariance is at most 4 in size, got 4.5"),
        ([hr.Assert((x, y), -4.5)], r"claim Assert\(x, y\): by Cauchy-Schwarz"),
        ([hr.Assert((x, x), -1.0)], r"claim Assert\(x, x\): a variance is not negative"),
        ([hr.Assert((p, x), 1.1)], r"claim Assert\(.*p.*\): by Cauchy-Schwarz the covariance is at most 1 in size"),
        ([hr.Assert(p, 1.25)], r"claim Assert\(p\): a probability lies in \[0, 1\], got 1.25"),
        ([hr.Assert(p, -0.01)], r"claim Assert\(p\): a probability lies"),
        ([hr.Assert((p, p), 0.25)], r"claim Assert\(p, p\): a boolean wire repeats"),
        ([hr.Assert(99, 0.5)], r"names wire 99, but circuit 'bad' has wires 0 to \d"),
        ([hr.Track((0, 99))], r"names wire 99"),
        ([hr.Cases(p, {1: [hr.Lemma(99, 0.0)]})], r"names wire 99"),
        ([hr.Transcript([hr.Track((99, 1))])], r"names wire 99"),
        ([hr.Track((other,))], r"about circuit 'other', whose wires are not those of 'bad'"),
        ([hr.Cases(x, {})], r"Cases\(0\): the event must be a boolean wire"),
        ([hr.Lemma(x, 1.0), hr.Lemma(x, 2.0)], r"contradicts"),
        ([hr.Lemma(p, 0.5)], r"takes only two values"),
        ([hr.Point([1.0], {"o": 1.0})], r"circuit 'bad' has 3 inputs, got 1"),
        ([hr.Point([1.0, 1.0, 1.0], {"q": 1.0})], r"has no output 'q'"),
    ]


@pytest.mark.parametrize("number", range(18))
def test_claims_that_cannot_hold_are_named(number):
    c = hr.Circuit("bad")
    x, y = c.input(["x", "y"], hr.Normal(0, 2), count=2)
    p = c.input("p", hr.Bernoulli(0.5))
    c.output("o", c.affine([1, 1, 1], [x, y, p]) * x)
    claims, message = bad(x, y, p)[number]
    with pytest.raises(ArgumentError, match=message):
        hr.estimate(c, argument=claims)


def test_measured_values_may_miss_by_their_error():
    c = hr.Circuit("noisy")
    p, q = c.input("p", hr.Bernoulli(0.5), count=2)
    c.output("o", p & q)
    assert value(c, [hr.Assert(p, 1.02, hr.Measured(100, 0.05))]) == 0.51
    assert value(c, [hr.Assert((p, q), 0.3, hr.Measured(100, 0.05))]) == 0.55
    with pytest.raises(ArgumentError, match="Cauchy-Schwarz"):
        hr.estimate(c, argument=[hr.Assert((p, q), 0.5, hr.Measured(100, 0.05))])


def test_equal_exact_values_agree_across_scales():
    # kappa(x, y) = 1 says of kappa(-2x + 1, y) that it is -2.
    c = hr.Circuit("scales")
    x, y = c.input("x", hr.Normal(0, 2), count=2)
    z = c.affine([-2.0], [x], 1.0)
    c.output("o", z * y)
    assert value(c, [hr.Assert((x, y), 1.0), hr.Assert((z, y), -2.0)]) == -2.0
    assert value(c, [hr.Assert((z, y), -2.0)]) == -2.0
    with pytest.raises(ArgumentError, match="contradicts"):
        hr.estimate(c, argument=[hr.Assert((x, y), 1.0), hr.Assert((z, y), 2.0)])
