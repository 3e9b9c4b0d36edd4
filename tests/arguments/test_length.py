"""What claims cost: counts of what could stand in their place, checked by listing it all, and the digits of measured values."""

from __future__ import annotations

import itertools
from math import comb, log2

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import heurest as hr
from heurest.arguments.argument import Argument
from heurest.arguments.claims import Assert, Cases, Claim, Lemma, Measured, Point, Track, Transcript
from heurest.arguments.length import claim_bits, multisets
from support.arguments import EXAMPLES, arguments, block_claims, claims, tautology_blocks, two_sensors
from support.strategies import circuits


def mixed() -> hr.Circuit:
    """Wires 0 to 2 are boolean, 3 and 4 real; all inputs but the last, which is the sum of x and a bit."""
    c = hr.Circuit("mixed")
    b = c.input("b", hr.Bernoulli(0.5), count=3)
    x = c.input("x", hr.Uniform(-1.0, 3.0))
    c.output("y", x + b[0])
    return c


C = mixed()


@pytest.mark.parametrize(("boolean", "real"), [(0, 1), (1, 0), (0, 3), (3, 0), (2, 2), (3, 2), (1, 4), (5, 1)])
@pytest.mark.parametrize("size", [1, 2, 3, 4])
def test_multisets_are_those_one_can_list(boolean, real, size):
    listed = [
        chosen
        for chosen in itertools.combinations_with_replacement(range(boolean + real), size)
        if all(chosen.count(wire) == 1 for wire in chosen if wire < boolean)
    ]
    assert multisets(boolean, real, size) == len(listed)


def test_counts_stay_exact_beyond_floats():
    assert multisets(10**6, 0, 12) == comb(10**6, 12)
    assert multisets(0, 10**6, 12) == comb(10**6 + 11, 12)
    wide = hr.Circuit("wide")
    wide.input("b", hr.Bernoulli(0.5), count=4000)
    wide.constant(0.5)
    group = tuple(range(12))
    assert claim_bits(Track(group), wide) == log2(comb(4000, 12) + comb(4000, 11) + sum(comb(4000, 12 - k) for k in range(2, 13)))


def test_a_claim_about_two_of_39_bits_costs_what_a_pair_costs():
    blocks = tautology_blocks()
    assert len(blocks) == 39
    for claim in block_claims(blocks):
        assert claim_bits(claim, blocks) == log2(39 * 38 / 2)
    assert Argument(block_claims(blocks)).bits() == pytest.approx(4 * log2(741), rel=1e-15)
    assert round(log2(741), 3) == 9.533
    assert Argument().bits(blocks) == 0.0


def test_the_price_of_a_term_counts_all_wires_constants_and_dead_ones_too():
    before = claim_bits(Track((0, 1)), C)
    larger = C.copy()
    larger.constant(1.0)  # boolean
    larger.constant(0.5)  # real
    assert before == log2(3 + 3 * 2 + 3)
    assert claim_bits(Track((0, 1)), larger) == log2(6 + 4 * 3 + 6)


@pytest.mark.parametrize(
    ("claim", "bits"),
    [
        (Track((0,)), log2(5)),
        (Track((0, 1)), log2(12)),
        (Track((3, 3)), log2(12)),
        (Track((0, 0, 1)), log2(12)),  # a repeated bit says nothing, nor costs it
        (Track((0, 3, 3)), log2(1 + 3 * 2 + 3 * 3 + 4)),
        (Track((3,), 2), log2(5) + 2.0),
        (Track((0, 3), 1), log2(comb(5, 2)) + 2.0),
        (Track((0, 1, 3), 4), log2(comb(5, 3)) + 2.0),
        (Assert((0, 1), 0.25), log2(12)),
        (Assert((0, 1), 0.123456789, "enumerated"), log2(12)),
        (Lemma(0, 1.0), log2(5) + 1.0),
        (Lemma(4, 1.0), log2(5) + 64.0),
        (Lemma.same(4, 3, C), 2 * log2(5)),
        (Cases(1, {}), log2(3)),
        (Cases(1, {0: [Track((0,))], 1: [Track((0,)), Lemma(2, 0.0)]}), log2(3) + 3 * log2(5) + 1.0),
        (Cases(0, {1: [Cases(1, {0: [Track((3, 3))]})]}), 2 * log2(3) + log2(12)),
        (Transcript([]), 0.0),
        (Transcript([Track((0, 1)), Lemma(0, 1.0)]), log2(12) + log2(5) + 1.0),
        (Point([0, 0, 1, 0.5], {"y": 0.5}), 3.0 + 64.0),
    ],
)
def test_each_kind_costs_what_picks_it_out(claim, bits):
    assert claim_bits(claim, C) == pytest.approx(bits, rel=1e-14)


def test_the_inputs_of_a_point_cost_what_the_laws_leave_open():
    bits = hr.Circuit("bits")
    bits.output("f", bits.input("x", hr.Bernoulli(0.5), count=20)[0])
    assert claim_bits(Point([1] * 20, {"f": 1}), bits) == 20.0
    c = hr.Circuit("laws")
    c.input("one hot", hr.JointDiscrete(np.eye(3).tolist(), [0.5, 0.25, 0.25]))  # 3 inputs of 8
    c.input("die", hr.Discrete([1, 2, 3, 4, 5, 6], [1 / 6] * 6))
    c.input("never", hr.Bernoulli(0.0))
    c.input("normal", hr.Normal(), count=2)
    c.input("both", hr.MultivariateNormal([0, 0], [[1, 0], [0, 1]]))
    c.output("f", c.wire("die"))
    assert claim_bits(Point([0] * 9, {"f": 0}), c) == pytest.approx(log2(3) + log2(6) + 4 * 64.0, rel=1e-15)
    sensors = two_sensors()
    assert claim_bits(Point([0, 0, 0], {"both": 0}), sensors) == 3.0


# Digits: with steps of two standard errors, 1 + w / 2s of them cover a width w.


@pytest.mark.parametrize(
    ("wires", "value", "width"),
    [
        ((0,), 0.5, 1.0),  # a probability
        ((3,), 0.5, 4.0),  # the mean of a law on [-1, 3]
        ((0, 1), 0.1, 0.5),  # of two fair bits: twice 1/4
        ((3, 3), 1.3, 2 * 16 / 12),  # the variance of a uniform law is its width squared over 12
        ((0, 3), 0.1, 2 * (1 / 4 * 16 / 12) ** 0.5),
    ],
)
@pytest.mark.parametrize("stderr", [1e-300, 1e-3, 0.02, 1.0, 1e300])
def test_a_measured_value_costs_its_digits(wires, value, width, stderr):
    exact, measured = claim_bits(Assert(wires, value), C), claim_bits(Assert(wires, value, Measured(9, stderr)), C)
    assert measured - exact == pytest.approx(log2(1 + width / (2 * stderr)), rel=1e-12, abs=1e-13)


@pytest.mark.parametrize("wires", [(4,), (4, 4), (0, 4), (3, 4), (0, 1, 2), (3, 3, 3)])
@pytest.mark.parametrize("value", [-0.5, 0.0, 3.0])
def test_without_a_bound_the_value_itself_is_the_width(wires, value):
    extra = claim_bits(Assert(wires, value, Measured(9, 0.25)), C) - claim_bits(Assert(wires, value), C)
    assert extra == pytest.approx(log2(1 + 2 * (abs(value) + 0.25) / 0.5), rel=1e-12)


def test_a_bit_that_is_a_gate_may_be_fair():
    c = hr.Circuit("gates")
    rare = c.input("rare", hr.Bernoulli(0.01), count=2)
    both = rare[0] & rare[1]
    extra = claim_bits(Assert((rare[0], both), 0.0, Measured(9, 0.02)), c) - claim_bits(Assert((rare[0], both), 0.0), c)
    assert extra == pytest.approx(log2(1 + (0.0099 * 0.25) ** 0.5 / 0.02), rel=1e-12)


def test_an_input_that_never_changes_has_no_digits():
    c = hr.Circuit("constants")
    c.input("one", hr.Bernoulli(1.0), count=2)
    c.input("x", hr.Normal(3.0, 0.0), count=2)
    for pair in ((0, 1), (2, 3), (0, 2), (2,)):
        assert claim_bits(Assert(pair, 0.0, Measured(9, 0.1)), c) == claim_bits(Assert(pair, 0.0), c)


@pytest.mark.parametrize(
    "law", [hr.Normal(0, 1e200), hr.Uniform(-8e307, 8e307), hr.Exponential(1e-300), hr.Discrete([-1e308, 1e308], [0.5, 0.5])]
)
@pytest.mark.parametrize(("value", "stderr"), [(1.7e308, 5e-324), (1.7e308, 1.7e308), (0.0, 5e-324), (5e-324, 1.7e308)])
def test_prices_stay_finite_at_the_ends_of_floats(law, value, stderr):
    c = hr.Circuit("large")
    c.input("x", law, count=2)
    for wires in ((0,), (0, 1), (0, 0, 1)):
        exact, measured = claim_bits(Assert(wires, value), c), claim_bits(Assert(wires, value, Measured(0, stderr)), c)
        assert exact <= measured < exact + 2200.0  # log2 of the largest by the least float is 2098


@given(st.data())
def test_every_claim_about_any_circuit_has_a_finite_price(data):
    circuit = data.draw(circuits())
    argument = data.draw(arguments(circuit))
    for claim in argument:
        bits = claim_bits(claim, circuit)
        assert 0.0 <= bits < float("inf")
        assert bits == claim_bits(claim, circuit.copy())


@given(st.lists(claims(C), max_size=4, unique=True))
def test_what_stands_in_cases_or_a_transcript_costs_the_same_there(listed):
    total = sum(claim_bits(claim, C) for claim in listed if not isinstance(claim, Transcript))
    assert claim_bits(Transcript(claim for claim in listed if not isinstance(claim, Transcript)), C) == pytest.approx(total, rel=1e-12)
    inner = [claim for claim in listed if isinstance(claim, (Track, Assert, Cases, Lemma))]
    split = Cases(0, {0: inner[::2], 1: inner[1::2]})
    assert claim_bits(split, C) == pytest.approx(log2(3) + sum(claim_bits(claim, C) for claim in inner), rel=1e-12)


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_smaller_error_costs_more_and_a_name_more_in_a_larger_circuit(name):
    circuit = EXAMPLES[name]()
    prices = [claim_bits(Assert((0, 1), 0.1, Measured(9, stderr)), circuit) for stderr in (0.1, 0.05, 0.01, 1e-6)]
    assert sorted(set(prices)) == prices
    larger = circuit.copy()
    larger.constant(0.25)
    assert claim_bits(Track((0, 1)), larger) > claim_bits(Track((0, 1)), circuit)


@pytest.mark.parametrize(
    ("claim", "message"),
    [
        (Track((0, 5)), "Track(wires=(0, 5), degree=None) names wire 5, but circuit 'mixed' has wires 0 to 4"),
        (Cases(1, {0: [Lemma(7, 0.0)]}), "names wire 7, but circuit 'mixed' has wires 0 to 4"),
        (Cases(3, {}), "Cases(3): cases need a boolean wire, and wire 3 is real"),
        (Cases(0, {1: [Cases(4, {})]}), "Cases(4): cases need a boolean wire, and wire 4 is real"),
    ],
)
def test_a_claim_that_does_not_fit_is_named(claim, message):
    with pytest.raises(hr.ArgumentError) as caught:
        claim_bits(claim, C)
    assert message in str(caught.value)


def test_an_unknown_kind_of_claim_has_no_price():
    class Hunch(Claim):
        wires_named = ()

    with pytest.raises(hr.ArgumentError, match=r"is no claim of heurest and has no price$"):
        claim_bits(Hunch(), C)
