"""Total surprise: an argument pays when it saves more on the observations than it takes to write."""

from __future__ import annotations

from math import inf, log2
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import heurest as hr
from heurest.arguments import estimation
from heurest.arguments.argument import Argument
from heurest.arguments.claims import Assert, Measured, Point, Track
from heurest.arguments.surprise import Surprise, surprise
from support.arguments import block_claims, measured_pair, one_hot_and, product_of_prices, tautology_blocks, two_sensors

# -- the ladder of blocks: each claim is worth more than it costs ------------------------------------


@pytest.mark.parametrize(
    ("claims", "probability", "total"),
    [(0, 28561 / 65536, 306.750), (1, 2197 / 4096, 239.596), (2, 169 / 256, 172.442), (3, 13 / 16, 105.287), (4, 1.0, 38.133)],
)
def test_each_block_that_is_explained_saves_67_bits(claims, probability, total):
    circuit = tautology_blocks()
    found = surprise(Argument(block_claims(circuit)[:claims]), [1] * 256, circuit)
    assert found.probability == {"all": pytest.approx(probability, rel=1e-14)}
    assert found.claim_bits == pytest.approx(claims * log2(741), rel=1e-14)
    assert found.observation_bits == pytest.approx((4 - claims) * 256 * log2(16 / 13), rel=1e-12)  # each other block counts 13/16
    assert round(found.total, 3) == total
    assert found.total == found.claim_bits + found.observation_bits
    assert found.observations == found.coin_bits == 256
    assert (found.total < found.coin_bits) == (claims >= 1)


def test_the_full_argument_explains_without_a_rest():
    circuit = tautology_blocks()
    found = surprise(Argument(block_claims(circuit)), [1] * 256)
    assert found.observation_bits == 0.0
    assert str(found).splitlines() == [
        "surprise",
        "  claims                  38.133 bits",
        "  256 observations         0.000 bits",
        "  total                   38.133 bits",
        "  fair coin              256.000 bits",
        "  P(all = 1) = 1",
    ]


@pytest.mark.parametrize(("bits", "probability", "total"), [(0, 0.5, 256.0), (1, 0.75, 107.2496), (16, 0.78125, 107.1728), (23, 1.0, 23.0)])
def test_the_published_rows(bits, probability, total):
    """256 rows that are always 1: nothing said, the final OR, the pattern of NOTs, all gates."""
    c = hr.Circuit("rows")
    c.output("y", c.input("x", hr.Bernoulli(probability)))
    found = surprise(Argument(), [1] * 256, c)
    again = Surprise(bits, found.observation_bits, 256, found.probability)
    assert round(again.total, 4) == total


# -- the formula -------------------------------------------------------------------------------------


@given(st.lists(st.booleans(), max_size=20), st.sampled_from([0.0, 1e-300, 1e-17, 0.1, 0.25, 0.5, 0.9, 1.0]))
def test_every_observation_costs_minus_log2_of_its_probability(observations, probability):
    c = hr.Circuit("one bit")
    c.output("y", c.input("x", hr.Bernoulli(probability)))
    found = surprise(Argument(), observations, c)
    chance = [probability if seen else 1.0 - probability for seen in observations]
    expected = sum(-np.log2(p) if p else inf for p in chance)
    assert found.observation_bits == pytest.approx(expected, rel=1e-12, abs=1e-14)
    assert found.total == found.observation_bits
    assert found.claim_bits == 0.0


def test_a_rare_event_that_does_not_happen_costs_next_to_nothing_but_not_nothing():
    c = hr.Circuit("rare")
    c.output("y", c.input("x", hr.Bernoulli(1e-20)))
    assert surprise(Argument(), [0] * 1000, c).observation_bits == pytest.approx(1e-17 / np.log(2), rel=1e-12)


def test_what_was_impossible_costs_infinitely_much():
    circuit = tautology_blocks()
    found = surprise(Argument(block_claims(circuit)), [1, 1, 0])
    assert found.observation_bits == found.total == inf
    assert "total                    inf bits" in str(found)
    assert found.to_dict()["total"] is None
    assert found.to_dict()["claim_bits"] == found.claim_bits


def test_no_observations_leave_the_price_of_the_argument():
    circuit = tautology_blocks()
    found = surprise(Argument(block_claims(circuit)), [])
    assert (found.observation_bits, found.observations, found.coin_bits) == (0.0, 0, 0.0)
    assert found.total == found.claim_bits > 0.0


@pytest.mark.parametrize(
    "observations",
    [[1, 0, 1], (True, False, True), np.array([1, 0, 1]), np.array([1.0, 0.0, 1.0]), np.array([True, False, True]), iter([1, 0, 1.0])],
)
def test_observations_may_be_any_sequence_of_0_and_1(observations):
    found = surprise(Argument(), observations, measured_pair())
    assert found.observations == 3
    assert found.observation_bits == pytest.approx(2 * 2.0 + log2(4 / 3))


def test_several_outputs_add_up():
    c = hr.Circuit("two")
    x, y = c.input("v", hr.Bernoulli(0.25), count=2)
    c.output("and", x & y)
    c.output("x", x)
    c.output("sum", x + y)
    both = surprise(Argument(), {"x": [1, 1], "and": [0]}, c)
    one, other = surprise(Argument(), [1, 1], c, output="x"), surprise(Argument(), [0], c, output="and")
    assert both.probability == {"x": 0.25, "and": 0.0625}
    assert both.observation_bits == one.observation_bits + other.observation_bits == 4.0 - log2(15 / 16)
    assert (both.observations, both.coin_bits) == (3, 3.0)
    assert list(both.to_dict()) == ["claim_bits", "observation_bits", "total", "coin_bits", "observations", "probability"]


def test_points_and_measured_values_count_as_estimates_do():
    pair = measured_pair()
    measured = Argument([Assert((0, 1), 0.21, Measured(2500, 0.02))])
    found = surprise(measured, [1], pair)
    assert found.observation_bits == pytest.approx(-log2(0.46), rel=1e-12)
    assert found.claim_bits == pytest.approx(log2(3) + log2(1 + 0.5 / 0.04), rel=1e-12)  # x, y and xy make 3 pairs
    seen = surprise(Argument([Point([1, 1], {"xy": 1})]), [1], pair)
    assert seen.observation_bits == pytest.approx(-log2(1 / 4 + 3 / 4 * 1 / 4), rel=1e-12)
    assert seen.claim_bits == 2.0


# -- what is refused ---------------------------------------------------------------------------------


def test_an_estimate_that_is_no_probability_has_no_surprise():
    circuit = one_hot_and()
    x, y, z, xy = (circuit.wire(name) for name in ("x", "y", "z", "xy"))
    argument = Argument([Track((xy, z)), Track((x, y)), Track((x, z)), Track((y, z))])
    with pytest.raises(hr.ArgumentError) as caught:
        surprise(argument, [0] * 10)
    assert str(caught.value) == "the surprise is undefined: the estimate of output 'o' by this argument is -0.07407407407, no probability"


@pytest.mark.parametrize(("value", "counts_as"), [(1.0 + 4e-16, 1.0), (-4e-16, 0.0), (-0.0, 0.0), (0.5, 0.5)])
def test_rounding_alone_takes_no_estimate_out_of_bounds(monkeypatch, value, counts_as):
    monkeypatch.setattr(estimation, "estimate_with", lambda circuit, argument: SimpleNamespace(value={"xy": value}))
    assert surprise(Argument(), [], measured_pair()).probability == {"xy": counts_as}


@pytest.mark.parametrize("value", [1.0 + 1e-9, -1e-9, float("nan"), float("inf")])
def test_what_rounding_does_not_explain_is_refused(monkeypatch, value):
    monkeypatch.setattr(estimation, "estimate_with", lambda circuit, argument: SimpleNamespace(value={"xy": value}))
    with pytest.raises(hr.ArgumentError, match=r"^the surprise is undefined: the estimate of output 'xy' by this argument is "):
        surprise(Argument(), [1], measured_pair())


def two_outputs() -> hr.Circuit:
    circuit = two_sensors()
    circuit.output("one", circuit.wire("s[0]"))
    return circuit


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: surprise([], [1], measured_pair()), "surprise needs an Argument, got []"),
        (lambda: surprise(Argument(), [1]), "say which circuit they are about"),
        (lambda: surprise(Argument(), [1], two_outputs()), "does not have one output: say which is observed (outputs: both, one)"),
        (lambda: surprise(Argument(), [1], hr.Circuit("empty")), "does not have one output: say which is observed (outputs: none)"),
        (lambda: surprise(Argument(), [1], two_outputs(), "two"), "circuit 'sensors' has no output 'two' (outputs: both, one)"),
        (lambda: surprise(Argument(), {"one": [1], "two": [1]}, two_outputs()), "circuit 'sensors' has no output 'two'"),
        (lambda: surprise(Argument(), {"one": [1]}, two_outputs(), "one"), "observations by output name leave no choice"),
        (lambda: surprise(Argument(), [10], product_of_prices()), "and output 'xy' of 'prices' is real"),
        (lambda: surprise(Argument(), [1, 0, 2], measured_pair()), "observations of output 'xy' must be 0 or 1, got 2 at position 2"),
        (lambda: surprise(Argument(), [1, 0.5], measured_pair()), "observations of output 'xy' must be 0 or 1, got 0.5 at position 1"),
        (lambda: surprise(Argument(), [float("nan")], measured_pair()), "must be 0 or 1, got nan at position 0"),
        (lambda: surprise(Argument(), "101", measured_pair()), "observations of output 'xy' must be a sequence of 0s and 1s, got '101'"),
        (lambda: surprise(Argument(), 1, measured_pair()), "must be a sequence of 0s and 1s, got 1"),
        (lambda: surprise(Argument(), [[1], [0]], measured_pair()), "must be a sequence of 0s and 1s, got [[1], [0]]"),
        (lambda: surprise(Argument(), [[1], [0, 1]], measured_pair()), "must be a sequence of 0s and 1s, got [[1], [0, 1]]"),
        (lambda: surprise(Argument(), [None], measured_pair()), "must be a sequence of 0s and 1s, got [None]"),
        (lambda: surprise(Argument(), [10**400], measured_pair()), "must be a sequence of 0s and 1s, got [1000"),
        (lambda: surprise(Argument([Track((0, 99))]), [1], measured_pair()), "names wire 99"),
        (lambda: Surprise(-1.0, 0.0, 0, {}), "a surprise: claim_bits must be a number of at least 0, got -1.0"),
        (lambda: Surprise(0.0, float("nan"), 0, {}), "a surprise: observation_bits must be a number of at least 0, got nan"),
        (lambda: Surprise(0.0, 0.0, -1, {}), "a surprise: observations must be a number of at least 0, got -1"),
        (lambda: Surprise(0.0, 0.0, 1, {"y": 1.5}), "a surprise: the probability of output 'y' must lie in [0, 1], got 1.5"),
    ],
)
def test_what_is_wrong_is_named(make, message):
    with pytest.raises(hr.ArgumentError) as caught:
        make()
    assert message in str(caught.value)
    assert str(caught.value).isprintable()
