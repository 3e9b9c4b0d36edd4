"""Inserted Trojans: rare, able to fire, silent elsewhere, and found by the detector."""

import itertools

import numpy as np
import pytest

import heurest as hr
from heurest.anomaly.detector import Detector
from heurest.anomaly.firing import InputSampler, draw_firing
from heurest.anomaly.mechanisms import Network
from heurest.anomaly.trojans import _probe, insert_trojan
from heurest.errors import ArgumentError
from support.interpreter import circuit_values
from support.sizes import scaled

BITS = scaled(8, 6)


def multiplier():
    return hr.multiplier(BITS)


def easy(**options):
    return insert_trojan(multiplier(), **({"width": 4, "rarity": 0.35, "highest": 1e-2} | options))


def outputs(circuit, points):
    table = circuit_values(circuit, np.asarray(points, float).T)
    return {name: table[wire.index] for name, wire in circuit.outputs.items()}


@pytest.mark.parametrize("seed", range(3))
def test_the_payload_is_inverted_exactly_where_all_literals_hold(seed):
    trojan, clean = easy(rng=seed), multiplier()
    sampled = np.random.default_rng(seed).integers(0, 2, (500, 2 * BITS))
    points = np.concatenate([sampled, trojan.firing(40, seed), trojan.example[np.newaxis]])
    wires = circuit_values(trojan.circuit, points.T.astype(float))
    fires = np.all([wires[wire] == value for wire, value in trojan.literals], axis=0)
    assert (wires[trojan.trigger] == fires).all()
    assert fires[500:].all()
    before, after = outputs(clean, points), outputs(trojan.circuit, points)
    assert list(before) == list(after)
    for name in before:
        assert (before[name] != after[name]).tolist() == (fires & (name == trojan.payload)).tolist()
    assert trojan.circuit.inputs[0].name == clean.inputs[0].name
    assert set(trojan.nodes) == set(range(len(clean), len(trojan.circuit)))


@pytest.mark.large
def test_the_probability_is_that_of_all_patterns():
    trojan = easy(rng=1)
    points = np.array(list(itertools.product((0, 1), repeat=16)))
    exact = circuit_values(trojan.circuit, points.T.astype(float))[trojan.trigger].mean()
    assert trojan.probability <= 1e-2
    assert abs(trojan.probability - exact) < 5 * trojan.event.stderr


def test_options_are_followed_and_seeds_repeat():
    trojan = easy(rng=3, width=5, payload="product[2]")
    assert trojan.payload == "product[2]"
    assert len({wire for wire, _ in trojan.literals}) == 5
    again = easy(rng=3, width=5, payload="product[2]")
    assert again.literals == trojan.literals
    assert again.firing(20, 1).tolist() == trojan.firing(20, 1).tolist()
    assert easy(rng=4, width=5, payload="product[2]").literals != trojan.literals
    assert not multiplier().frozen


def test_literals_are_rare():
    trojan = easy(rng=2)
    sampled = np.random.default_rng(0).integers(0, 2, (4000, 2 * BITS))
    wires = circuit_values(trojan.circuit, sampled.T.astype(float))
    for wire, value in trojan.literals:
        assert (wires[wire] == value).mean() < 0.35 + 5 * np.sqrt(0.25 / 4000)


@pytest.mark.large
def test_triggers_that_no_pattern_of_the_pool_meets_are_reached_by_climbing():
    # Two conjunctions of nine inputs each: 2**-18, while each is rare enough to be seen.
    c = hr.Circuit("two")
    x = list(c.input("x", hr.Bernoulli(0.5), count=18))
    halves = []
    for part in (x[:9], x[9:]):
        wire = part[0]
        for bit in part[1:]:
            wire = wire & bit
        halves.append(wire)
    c.output("y", halves[0] | halves[1])
    trojan = insert_trojan(c, width=2, rarity=0.003, highest=5e-6, rng=0)
    assert 0.0 < trojan.probability <= 5e-6
    assert circuit_values(trojan.circuit, trojan.firing(10).T.astype(float))[trojan.trigger].all()


def test_firing_inputs_follow_the_law_where_the_trigger_fires():
    # The trigger waits for two ands of two inputs; the other inputs keep their laws.
    c = hr.Circuit("free")
    x = c.input("x", hr.Bernoulli(0.5), count=4)
    u = c.input("u", hr.Bernoulli(0.8), count=6)
    c.output("y", (x[0] & x[1]) ^ (x[2] & x[3]))
    c.output("v", u[0] ^ u[1])
    trojan = insert_trojan(c, width=2, rarity=0.3, highest=0.1, payload="v", rng=0)
    assert trojan.probability == pytest.approx(1 / 16, rel=1e-6)
    for probability in (trojan.probability, 1e-9):  # samples that fire, then chains
        points = draw_firing(Network(_probe(trojan.circuit, trojan.trigger)), trojan.example, 1000, probability, np.random.default_rng(0))
        assert points[:, :4].all()
        assert abs(points[:, 4:].mean() - 0.8) < 5 * np.sqrt(0.16 / 6000)


def test_chains_move_among_all_inputs_that_fire():
    # Where the trigger is (a or b) and (c or d), in halves: nine settings, equally likely.
    c = hr.Circuit("ways")
    x = c.input("x", hr.Bernoulli(0.5), count=4)
    c.output("trigger", (x[0] | x[1]) & (x[2] | x[3]))
    points = draw_firing(Network(c), np.array([1, 0, 1, 0], np.uint8), 900, 1e-9, np.random.default_rng(0))
    found, counts = np.unique(points, axis=0, return_counts=True)
    assert len(found) == 9
    assert (np.abs(counts - 100) < 5 * 10).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"width": 1}, "width must be"),
        ({"rarity": 0.7}, "rarity must be a number above 0 and at most 0.5, got 0.7"),
        ({"highest": 0}, "highest must be"),
        ({"payload": "q"}, "has no output 'q'"),
        ({"rarity": 1e-4}, "has 0 wires with a value of probability up to 0.0001, 4 are needed"),
    ],
)
def test_what_cannot_be_inserted(options, message):
    with pytest.raises(ArgumentError, match=message):
        easy(**options)
    with pytest.raises(ArgumentError, match="count"):
        easy(rng=1).firing(0)


def test_triggers_rarer_than_any_pattern_are_not_found():
    with pytest.raises(ArgumentError, match=r"no trigger of 2 values of probability up to 0\.5 and a joint one up to 1e-30 was found"):
        insert_trojan(hr.less_than(3), width=2, rarity=0.5, highest=1e-30)


@pytest.mark.large
@pytest.mark.parametrize("circuit", [hr.alu(16), hr.multiplier(16), hr.less_than(32)], ids=lambda c: c.name)
def test_firing_inputs_are_flagged_at_one_percent_of_false_positives(circuit):
    trojan = insert_trojan(circuit, width=10, rarity=0.3, rng=7)
    rng = np.random.default_rng(7)
    sampler = InputSampler(Network(trojan.circuit))
    detector = Detector(trojan.circuit, false_positive=0.01).fit(sampler.drawn(rng, 10_000))
    assert (detector.score(trojan.firing(100, rng)) >= detector.threshold).mean() >= 0.95
    assert (detector.score(sampler.drawn(rng, 10_000)) >= detector.threshold).mean() <= 0.02
    own = {f"wire {wire}" for wire in trojan.nodes}
    assert any(mechanism.name in own for mechanism in detector.ranking(10))
