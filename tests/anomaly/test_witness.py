"""What a verdict rests on, wire by wire: values, what they become, and where terms are dropped."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import heurest as hr
from heurest.anomaly.lemma_test import Lemmas
from heurest.anomaly.witness import recomputed
from heurest.errors import ArgumentError
from heurest.truth.wire_values import WireValues
from support.boolean_circuits import random_circuit
from support.sizes import scaled
from support.strategies import circuits

FAIR = [0.5, 0.25, 0.9]
SEEDS = st.integers(0, 2**31)


def wire(circuit, name):
    return circuit.wire(name).index


def test_both_sensors_tampered_lose_a_noise_and_with_it_the_output():
    found = hr.explain(hr.two_sensors(), components=["S1", "S2"])
    witness = found.witness([0, 1, 1])
    s1, s2, y = (wire(found.circuit, name) for name in ("S1", "S2", "Y"))
    lost, other = (s1, s2) if s1 in witness.dropped else (s2, s1)
    noise = "n1" if lost == s1 else "n2"
    assert dict(witness.dropped) == {lost: (noise,)}
    assert set(witness.changed) == {lost, y}
    assert (witness.values[other], witness.without[other]) == (1.0, 1.0)
    assert witness.text(lost) == f"1 → 0, dropped: {noise}"
    assert witness.text(y) == "1 → 0"


def test_with_components_kept_only_the_combination_is_dropped():
    found = hr.explain(hr.two_sensors(), components=["S1", "S2"])
    witness = found.witness([0, 1, 1], "any")
    assert dict(witness.dropped) == {wire(found.circuit, "Y"): ("S1(n1) & S2(n2)",)}
    assert witness.changed == (wire(found.circuit, "Y"),)


def test_an_ok_verdict_drops_nothing():
    witness = hr.explain(hr.two_sensors()).witness([1, 0, 0])
    assert witness.verdict.verdict == "ok"
    assert witness.changed == ()
    assert not witness.dropped


@given(circuits(max_gates=12), SEEDS)
def test_every_wire_is_what_the_circuit_gives(circuit, seed):
    rng = np.random.default_rng(seed)
    bits = [bool(one.boolean) for one in circuit.inputs]
    point = np.where(bits, rng.integers(0, 2, len(bits)), rng.integers(-3, 4, len(bits))).astype(float)
    values = recomputed(circuit, point)
    assert values == pytest.approx(WireValues(circuit, range(len(circuit))).at([point])[:, 0], rel=1e-12)


@given(SEEDS)
def test_the_output_becomes_what_the_kept_terms_give(seed):
    circuit = random_circuit(seed, 4, 8, FAIR)
    points = list(itertools.product((0, 1), repeat=4))
    train = points[:5]  # what is new in the others can be dropped
    for output in circuit.outputs:
        y = circuit.outputs[output].index
        if len({recomputed(circuit, point)[y] for point in train}) == 1:
            continue  # no variance to explain
        found = hr.explain(circuit, output, train)
        for point in points:
            witness = found.witness(point)
            assert (y in witness.changed) == witness.verdict.anomalous
            assert set(witness.without) <= {0.0, 1.0}
            if not witness.verdict.anomalous:
                assert witness.changed == ()


@settings(max_examples=scaled(40, 10))
@given(SEEDS)
def test_without_its_mechanisms_a_watched_output_of_a_flagged_input_changes(seed):
    circuit = random_circuit(seed, 5, scaled(30, 15), FAIR)
    circuit.output("one that is not constant", circuit.inputs[0] ^ circuit.inputs[1])
    points = np.array(list(itertools.product((0, 1), repeat=5)))
    train = np.random.default_rng(seed).choice(points[:20], 200)
    detector = hr.Detector(circuit, epsilon=0.02).fit(train)
    watched = {one.index for one in circuit.outputs.values()}
    for point, verdict in zip(points, detector.verdict(points), strict=True):
        witness = detector.witness(point)
        assert witness.verdict == verdict
        assert bool(watched & set(witness.changed)) == verdict.anomalous
        assert np.array_equal(witness.values, recomputed(circuit, point))


def test_a_trigger_that_fires_is_where_the_mechanism_is_dropped():
    c = hr.Circuit("backdoor")
    x = c.input("x", hr.Bernoulli(0.5), count=16)
    trigger = x[0]
    for bit in x[1:]:
        trigger = trigger & bit
    c.output("y", c.set_name(trigger, "trigger") ^ x[0])
    train = np.random.default_rng(0).integers(0, 2, (2000, 16))
    witness = hr.Detector(c).fit(train).witness([1] * 16)
    y = c.outputs["y"].index
    assert (witness.values[y], witness.without[y]) == (0.0, 1.0)  # 1 ^ 1, and x[0] alone
    (lost,) = witness.dropped
    assert lost in witness.changed
    assert lost >= 20  # wire 20 is the and of six bits, which 2,000 patterns have shown some 30 times
    assert "= 1" in witness.text(lost)


def test_an_output_that_is_an_input_loses_nothing():
    c = hr.Circuit("input")
    c.output("y", c.input("x", hr.Bernoulli(0.5)))
    detector = hr.Detector(c).fit([[0], [1]] * 10)
    assert detector.score([[0], [1]]).tolist() == [0.0, 0.0]
    assert detector.witness([1]).changed == ()


def test_a_sum_changes_by_the_terms_that_are_dropped():
    c = hr.Circuit("two ways")
    x, y, z = c.input("x", hr.Sign()), c.input("y", hr.Discrete((0, 9), (0.9999, 0.0001))), c.input("z", hr.Sign())
    c.output("o", 2 * x + x * z + y * z)
    found = hr.explain(c, epsilon=0.002)
    witness = found.witness([1, 9, 1])
    # y z is (y - 9/10000) z + 9/10000 z: what is dropped is 9 - 9/10000 here
    output = c.outputs["o"].index
    assert witness.values[output] == 12.0
    assert witness.without[output] == pytest.approx(12.0 - (9.0 - 0.0009))
    assert {y.index, z.index} == set(witness.dropped)
    assert witness.changed == (output,)
    partly = found.witness([1, 9, 1], "leverage")
    assert partly.verdict.reason == "leverage"
    assert partly.changed == ()


def test_a_broken_lemma_is_on_the_wire_that_changed():
    c = hr.day_check()
    train = [[1, g, h, 1] for g in (0, 1) for h in (0, 1)]
    lemmas = Lemmas(c, train)
    witness = lemmas.witness([0, 1, 0, 1])
    assert witness.verdict == lemmas.test([0, 1, 0, 1]) == hr.lemma_test(c, train, [0, 1, 0, 1])
    assert dict(witness.dropped) == {wire(c, "day<50"): ("day<50 = 1",)}
    assert witness.text(wire(c, "day<50")) == "0, broken: day<50 = 1"
    assert witness.changed == ()


def test_an_unknown_reason_is_named():
    found = hr.explain(hr.two_sensors(), semantics="centred")
    with pytest.raises(ArgumentError, match="'normal' or 'leverage', got 'any'"):
        found.witness([1, 0, 0], "any")


def test_a_wire_that_does_not_exist_is_named():
    witness = hr.explain(hr.two_sensors()).witness([1, 0, 0])
    for wire in (99, -1, "Y", True):
        with pytest.raises(ArgumentError, match="has wires 0 to 7, not"):
            witness.text(wire)


@pytest.mark.parametrize("x", [[[1, 0, 0]], [1, 0], [], 1])
def test_one_input_is_one_row(x):
    found = hr.explain(hr.two_sensors(), components=["S1", "S2"])
    sums = hr.explain(hr.two_sensors(), semantics="centred")
    lemmas = Lemmas(hr.two_sensors())
    detector = hr.Detector(hr.two_sensors()).fit([[1, 0, 0], [0, 0, 1]] * 5)
    for test in (
        found.normal_reason,
        found.any_reason,
        found.witness,
        sums.normal_reason,
        sums.witness,
        lemmas.test,
        lemmas.witness,
        detector.witness,
    ):
        with pytest.raises(ArgumentError, match="one input of 'two sensors' is a row of 3 numbers, got shape"):
            test(x)
