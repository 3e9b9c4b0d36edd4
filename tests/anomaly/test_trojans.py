"""Inserted Trojans: rare, able to fire, silent elsewhere, and found by the detector."""

import itertools
import re

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import heurest as hr
from heurest.anomaly.detector import Detector
from heurest.anomaly.firing import InputSampler, draw_firing
from heurest.anomaly.mechanisms import Network
from heurest.anomaly.trojans import _probe, insert_trojan
from heurest.errors import ArgumentError
from support.interpreter import circuit_values
from support.sizes import scaled

BITS = scaled(8, 6)
SMALL_NETLISTS = [
    lambda: hr.adder(2),
    lambda: hr.adder(2, cells="nand"),
    lambda: hr.lookahead_adder(3),
    lambda: hr.alu(1),
    lambda: hr.less_than(1),  # a single gate: inputs are needed as well
    lambda: hr.equality(2),
    lambda: hr.parity_tree(4),  # all inner values are fair
    lambda: hr.majority(5),
    lambda: hr.decoder(2),  # no two lines are 1 together
    lambda: hr.priority_encoder(4),
    lambda: hr.barrel_shifter(4),
    lambda: hr.multiplier(2),
    lambda: hr.c17(),
]


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


def assert_fires_alone(trojan, clean):
    """Over all patterns: old wires keep their functions, one output is inverted where the literals hold; returns where they do."""
    points = np.array(list(itertools.product((0, 1), repeat=len(clean.inputs))))
    before, after = (circuit_values(circuit, points.T.astype(float)) for circuit in (clean, trojan.circuit))
    assert (after[: len(clean)] == before).all()
    fires = np.all([before[wire] == value for wire, value in trojan.literals], axis=0)
    assert (after[trojan.trigger] == fires).all()
    assert list(trojan.circuit.outputs) == list(clean.outputs)
    for name, wire in trojan.circuit.outputs.items():
        flipped = fires if name == trojan.payload else np.zeros(len(points), bool)
        assert ((after[wire.index] != before[clean.outputs[name].index]) == flipped).all()
    return points, fires


@settings(max_examples=scaled(25, 5))
@given(
    seed=st.integers(0, 10**6),
    probabilities=st.lists(st.sampled_from([0.1, 0.3, 0.5, 0.8]), min_size=6, max_size=6),
    width=st.sampled_from([None, 2, 3, 5]),
    highest=st.sampled_from([0.3, 0.1, 0.03]),
)
def test_trojans_of_random_netlists(seed, probabilities, width, highest):
    clean = hr.random_boolean(inputs=6, gates=30, outputs=4, law=[hr.Bernoulli(p) for p in probabilities], rng=seed)
    options = {"width": width, "highest": highest, "rng": seed}
    try:
        trojan = insert_trojan(clean, **options)
    except ArgumentError:
        assume(False)
    points, fires = assert_fires_alone(trojan, clean)
    assert len({wire for wire, _ in trojan.literals}) == len(trojan.literals)
    assert width in (None, len(trojan.literals))
    exact = np.where(points, probabilities, 1.0 - np.array(probabilities)).prod(axis=1) @ fires
    assert trojan.probability <= highest
    assert 0.0 < exact <= highest + 5.0 * trojan.stderr
    assert abs(trojan.probability - exact) <= 5.0 * trojan.stderr + 1e-12
    again = insert_trojan(clean, **options)
    assert (again.literals, again.payload, again.probability) == (trojan.literals, trojan.payload, trojan.probability)


@pytest.mark.parametrize("make", SMALL_NETLISTS, ids=lambda make: make().name)
def test_any_netlist_takes_a_trojan_and_a_message_says_how_rare_one_can_be(make):
    clean = make()
    _, fires = assert_fires_alone(insert_trojan(clean, highest=0.55), clean)
    assert 0 < fires.sum() <= 0.55 * len(fires)
    with pytest.raises(ArgumentError, match=r"a joint one up to 1e-05 was found; the rarest found has about") as caught:
        insert_trojan(clean)  # there are 10 inputs at most: no pattern is that rare
    advised = float(re.search(r"take highest=(\S+) or", str(caught.value))[1])
    _, fires = assert_fires_alone(insert_trojan(clean, highest=advised), clean)
    assert 0 < fires.sum() <= advised * len(fires)


def test_a_trigger_as_rare_as_one_pattern_is_found_in_a_tree_of_parities():
    # 12 fair inputs: 2**-12 is the least that any conjunction has, and no single wire is rarer than a half.
    trojan = insert_trojan(hr.parity_tree(12), highest=1.2 * 2.0**-12, rng=1)
    assert trojan.probability == pytest.approx(2.0**-12, abs=5 * trojan.stderr)
    assert len(trojan.literals) >= 12


@pytest.mark.large
def test_the_probability_is_that_of_all_patterns():
    trojan = easy(rng=1)
    points = np.array(list(itertools.product((0, 1), repeat=16)))
    exact = circuit_values(trojan.circuit, points.T.astype(float))[trojan.trigger].mean()
    assert trojan.probability <= 1e-2
    assert abs(trojan.probability - exact) < 5 * trojan.stderr


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
    assert trojan.probability == pytest.approx(1 / 16, abs=5 * trojan.stderr)
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


def test_probabilities_beyond_plain_samples_come_from_importance_sampling():
    # Ands of two inputs each: twelve of them have probability 4**-12 = 6e-8 together.
    c = hr.Circuit("pairs")
    x = c.input("x", hr.Bernoulli(0.5), count=32)
    for i in range(16):
        c.output(f"y{i}", x[2 * i] & x[2 * i + 1])
    trojan = insert_trojan(c, width=12, rarity=0.3, highest=1e-7, rng=2)
    assert {value for _, value in trojan.literals} == {1}
    assert trojan.stderr < 0.3 * trojan.probability
    assert trojan.probability == pytest.approx(4.0**-12, abs=5.0 * trojan.stderr)


def test_messages_say_where_values_are_too_few():
    few = "has {} wires with a value of probability up to {}, {} are needed; {}"
    with pytest.raises(ArgumentError, match=re.escape(few.format(0, 0.3, 4, "at rarity=0.5 there are enough"))):
        insert_trojan(hr.parity_tree(4), width=4, rarity=0.3, rng=0)
    with pytest.raises(ArgumentError, match=re.escape(few.format(1, 0.5, 2, "1 is the most at any rarity"))):
        insert_trojan(hr.decoder(1))  # the input, and its inverse


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
    network = detector.network
    own = network.program.value_node[network.program.program.wire_value[list(trojan.nodes)]]
    assert any(mechanism.node in own for mechanism in detector.ranking(10))
