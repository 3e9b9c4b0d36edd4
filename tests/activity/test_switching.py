"""Toggle probabilities of all wires: against patterns drawn twice by brute force, by closed forms, and by every kind of method."""

import itertools
import json

import numpy as np
import pytest
from hypothesis import given

import heurest as hr
from heurest.activity import switching_activity
from heurest.families.adders import adder
from heurest.families.boolean import random_boolean
from heurest.families.comparators import equality
from heurest.families.counting import parity_tree
from support.enumeration import expected_values
from support.interpreter import circuit_values
from support.strategies import circuits


def settings_of(circuit):
    """All settings of independent bits with their probabilities."""
    p = np.array([group.law.p for group in circuit.groups])
    settings = np.array(list(itertools.product((0.0, 1.0), repeat=len(p)))).T
    return settings, np.prod(np.where(settings == 1.0, p[:, np.newaxis], 1.0 - p[:, np.newaxis]), axis=0)


def mixed():
    """Boolean and real wires, a joint law, a constant, a wire that feeds nothing."""
    c = hr.Circuit("mixed")
    x = c.input("x", hr.Bernoulli(0.25), count=2)
    g = c.input(["g", "h"], hr.JointDiscrete([[0, 1], [1, 0], [1, 1]], [0.2, 0.3, 0.5]))
    r = c.input("r", hr.Normal())
    b = (x[0] & g[0]) | g[1]
    c.set_name(x[1] ^ g[0], "unused")
    c.output("b", b)
    c.output("real", b * r)
    c.output("one", c.constant(1.0))
    return c


@given(circuits(max_inputs=4, max_gates=8, reals=False))
def test_independent_patterns_toggle_a_wire_as_its_probability_says(circuit):
    p = expected_values(circuit)
    found = switching_activity(circuit, method="exact", keep_dead=True)
    np.testing.assert_allclose(found.toggle, 2.0 * p * (1.0 - p), atol=1e-12)
    gates = [wire for wire in range(len(circuit)) if circuit.gate_name(wire) not in ("input", "constant")]
    assert found.total == pytest.approx(found.toggle[gates].sum())
    assert found.value == pytest.approx({name: found.toggle[wire.index] for name, wire in circuit.outputs.items()})


def test_two_draws_by_brute_force():
    c = random_boolean(inputs=5, gates=12, outputs=2, law="bernoulli", rng=3)
    settings, weight = settings_of(c)
    values = circuit_values(c, settings)
    differ = values[:, :, np.newaxis] != values[:, np.newaxis, :]
    np.testing.assert_allclose(switching_activity(c, keep_dead=True).toggle, differ @ weight @ weight, rtol=1e-12)


def test_real_and_dead_wires_have_no_number():
    c = mixed()
    found = switching_activity(c)
    b = 1.0 - 0.3 * 0.75  # g = 1 and h = 0 comes with 0.3; then b is x[0]
    assert found.value == pytest.approx({"b": 2 * b * (1 - b), "one": 0.0})
    assert np.isnan(found.toggle[c.wire("unused").index])
    assert np.isnan(found.toggle[c.outputs["real"].index])
    known = switching_activity(c, keep_dead=True).toggle[c.wire("unused").index]
    p = 0.8 * 0.75 + 0.2 * 0.25
    assert known == pytest.approx(2 * p * (1 - p))


def test_rare_events_keep_their_digits_on_both_sides():
    d = hr.Circuit("rare only")
    z = d.input("z", hr.Bernoulli(1e-9), count=3)
    d.output("sure", ~((z[0] & z[1]) & z[2]))
    assert switching_activity(d, method="exact").value["sure"] == pytest.approx(2e-27, rel=1e-12, abs=0.0)
    assert switching_activity(d, method="reductant:2").value["sure"] == pytest.approx(2e-27, rel=1e-9, abs=0.0)


@pytest.mark.parametrize("rate", [0.0, 0.1, 0.375, 0.5])
def test_an_input_toggles_at_its_rate_and_a_parity_by_theirs(rate):
    # a parity toggles where an odd number of its inputs does
    c = parity_tree(5, p=0.25)
    found = switching_activity(c, rates=rate, method="exact")
    np.testing.assert_allclose(found.toggle[:5], rate, atol=1e-15)
    assert found.value["y"] == pytest.approx((1 - (1 - 2 * rate) ** 5) / 2)


def test_rates_of_independent_draws_change_nothing():
    c = adder(3, p=0.25)
    free = switching_activity(c, method="exact")
    for rates in (2 * 0.25 * 0.75, {}, {"a[1]": 2 * 0.25 * 0.75}):
        np.testing.assert_allclose(switching_activity(c, rates=rates, method="exact").toggle, free.toggle, rtol=1e-12)


def test_rates_by_brute_force():
    c = random_boolean(inputs=4, gates=10, outputs=1, law="bernoulli", rng=5)
    settings, _ = settings_of(c)
    values = circuit_values(c, settings)
    rate = {"x[0]": 0.05, "x[2]": 0.3}
    weight = np.ones((16, 16))
    for position, group in enumerate(c.groups):
        p, r = group.law.p, rate.get(f"x[{position}]", 2 * group.law.p * (1 - group.law.p))
        table = np.array([[1 - p - r / 2, r / 2], [r / 2, p - r / 2]])
        bit = settings[position].astype(int)
        weight *= table[bit[:, np.newaxis], bit]
    expected = ((values[:, :, np.newaxis] != values[:, np.newaxis, :]) * weight).sum(axis=(1, 2))
    np.testing.assert_allclose(switching_activity(c, rates=rate, keep_dead=True).toggle, expected, rtol=1e-12)


@pytest.mark.large
def test_samples_are_near_and_their_errors_honest():
    c = random_boolean(inputs=8, gates=40, outputs=3, law="bernoulli", rng=1)
    exact = switching_activity(c, method="exact")
    runs = [switching_activity(c, method="mc", samples=2_000, rng=seed) for seed in range(200)]
    live = ~np.isnan(exact.toggle)
    toggle = np.array([run.toggle[live] for run in runs])
    stated = np.sqrt(np.mean([run.stderr[live] ** 2 for run in runs], axis=0))
    spread = toggle.std(axis=0, ddof=1)
    assert np.abs(toggle.mean(axis=0) - exact.toggle[live]).max() < 5 * (spread / 200**0.5).max()
    assert (stated > 0.7 * spread).all()
    # below 0.02 runs that saw nothing state the error of one event more; next to 1/2 the slope of 2 p (1 - p) is lost in the noise of p
    moves = (exact.toggle[live] > 0.02) & (exact.toggle[live] < 0.49)
    assert moves.sum() > 20
    np.testing.assert_allclose(stated[moves], spread[moves], rtol=0.3)


def test_samples_are_unbiased_however_few():
    c = hr.Circuit("coin")
    c.output("y", c.input("x", hr.Bernoulli(0.5)))
    toggles = [switching_activity(c, method="mc", samples=2, rng=seed).value["y"] for seed in range(400)]
    assert set(toggles) == {0.0, 1.0}  # two patterns agree or differ
    assert np.mean(toggles) == pytest.approx(0.5, abs=5 * 0.5 / 20)


@pytest.mark.parametrize("rates", [None, 0.2])
def test_a_wire_that_never_toggled_still_has_an_error(rates):
    c = equality(30, p=0.5)
    found = switching_activity(c, method="mc", samples=1_000, rates=rates)
    assert found.value["equal"] == 0.0
    assert 1e-4 < found.stderr[c.outputs["equal"].index] < 1e-2
    assert found.method == "mc:1000"


def test_methods_answer_with_their_probabilities():
    c = adder(3, p=0.3)
    assert switching_activity(c).method == "exact:bits"
    assert switching_activity(equality(16)).method.startswith("mc:")
    estimate = hr.estimate(c, "mean")
    found = switching_activity(c, method="mean")
    live = ~np.isnan(found.toggle)
    np.testing.assert_allclose(found.toggle[live], (2 * estimate.mean * (1 - estimate.mean))[live], rtol=1e-12)
    assert found.method == estimate.method
    assert switching_activity(c, method=hr.Mean()).value == found.value
    seeded = switching_activity(c, method="mc:5000:seed=7")
    assert seeded.value == switching_activity(c, method="mc", samples=5_000, rng=7).value
    assert (seeded.stderr[live] > 0).all()
    np.testing.assert_array_equal(switching_activity(c, method="mean", keep_dead=True).toggle[live], found.toggle[live])


def test_an_estimator_takes_rates_too():
    c = parity_tree(4, p=0.25)
    assert switching_activity(c, rates=0.1, method="reductant:2").value["y"] == pytest.approx((1 - 0.8**4) / 2, abs=1e-9)


def test_names_change_nothing():
    def build(names):
        c = hr.Circuit("renamed")
        x = c.input(names, hr.Bernoulli(0.3))
        c.output("y", (x[0] ^ x[1]) & ~(x[1] & x[2]))
        return c

    one, two = build(["a", "b", "c"]), build(["b", "a'", "a"])
    for options in ({}, {"method": "mc", "samples": 500}, {"rates": 0.2}):
        np.testing.assert_array_equal(switching_activity(one, **options).toggle, switching_activity(two, **options).toggle)


def test_a_name_with_a_prime_does_not_collide_with_the_next_pattern():
    c = hr.Circuit("primes")
    x, y = c.input(["x", "x'"], hr.Bernoulli(0.5))
    c.output("y", x ^ y)
    assert switching_activity(c, rates={"x": 0.0, "x'": 0.25}).value["y"] == pytest.approx(0.25)


def test_the_record_reads_well_and_is_ready_for_json():
    c = mixed()
    found = switching_activity(c, method="mc", samples=1_000)
    data = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert data["value"] == found.value
    assert data["wires"]["g"] == found.toggle[c.wire("g").index]
    assert set(data["wires"]) == set(data["stderr"])
    assert "unused" not in data["wires"]
    assert data["total"] == found.total
    text = str(found)
    assert text.startswith("switching activity of 'mixed' by mc:1000\n")
    assert f"{found.total:.6g} gates change" in text
    assert "mixed" in repr(found)


@pytest.mark.parametrize(("options", "error", "message"), [
    ({"method": "guess"}, hr.ArgumentError, "unknown method 'guess'; known are .*"),
    ({"method": "exact", "samples": 10}, hr.ArgumentError, "switching_activity: the exact method takes no samples, got samples=10"),
    ({"method": "mean", "samples": 10}, hr.ArgumentError, "switching_activity: samples go with the methods auto and mc, got 'mean'"),
    ({"method": "mc", "samples": 1}, hr.ArgumentError, "samples must be an integer from 2 to .*, got 1"),
    ({"rng": -1}, hr.ArgumentError, "rng must be a seed of at least 0 or a numpy Generator, got -1"),
    ({"rates": {"x[0]": 0.6}}, hr.ArgumentError, r"switching_activity: input 'x\[0\]' is 1 with .* 0.25, so .* at most 0.5, got 0.6"),
    ({"rates": {"r": 0.1}}, hr.ArgumentError, "switching_activity: rates must name boolean inputs of 'mixed', got 'r'"),
    ({"rates": {"x[1]": -1}}, hr.ArgumentError, r"switching_activity: the toggle rate of 'x\[1\]' must be a number from 0 to 1, got -1"),
    ({"rates": {"g": 0.1}}, hr.ArgumentError, "switching_activity: input 'g' shares a joint law with others, .*"),
])  # fmt: skip
def test_a_bad_option_is_one_clear_line(options, error, message):
    with pytest.raises(error, match=f"^{message}$"):
        switching_activity(mixed(), **options)


def test_what_cannot_be_answered_is_said():
    with pytest.raises(hr.IntractableError, match=r"bits: 48 random inputs feed outputs.*enumeration: 281,474,976,710,656 points"):
        switching_activity(equality(24), method="exact")
    with pytest.raises(hr.CircuitError, match="has no output"):
        switching_activity(hr.Circuit("empty"))
