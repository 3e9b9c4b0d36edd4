"""Counts, weights and ladders of mechanisms against definitions written out."""

import itertools

import numpy as np
import pytest
from hypothesis import given

import heurest as hr
from heurest import opcodes
from heurest.anomaly.mechanisms import (
    LEAST,
    Network,
    combination_counts,
    independent_combinations,
    ladder,
    shared_combinations,
    structural_probabilities,
    weigh,
)
from heurest.errors import ArgumentError, KindError
from support.boolean_circuits import BENIGN, literal_circuits, random_circuit


def met_combinations(network, points):
    """How often each combination of each gate occurs, gate by gate."""
    code, table = network.code, np.zeros((len(network), 4), np.int64)
    for point in points:
        values = []
        for k in range(len(network)):
            if code.op[k] == opcodes.BIT_LOAD:
                values.append(int(point[code.left[k]]))
                continue
            u, w = values[code.left[k]] ^ int(code.left_not[k]), values[code.right[k]] ^ int(code.right_not[k])
            table[k, 2 * u + w] += 1
            values.append(u ^ w if code.op[k] == opcodes.BIT_XOR else u & w)
    return table


def network_of(circuit):
    """The network, or None where the output is constant."""
    try:
        return Network(circuit)
    except ArgumentError:
        return None


def counted(network, points):
    ones = np.zeros(len(network), np.int64)
    network.count_ones(*network.packed(points), ones)
    return ones


@given(literal_circuits(max_gates=10))
def test_counts_of_combinations_follow_from_ones(circuit):
    network = network_of(circuit)
    if network is None:
        return
    points = np.random.default_rng(0).integers(0, 2, (37, len(circuit.inputs)))
    assert (combination_counts(network.code, counted(network, points), 37) == met_combinations(network, points)).all()


def test_exact_node_probabilities_give_exact_combinations():
    # All patterns once: frequencies are the law, and what operands share follows from the gate's own probability.
    for seed in range(10):
        network = network_of(random_circuit(seed, 4, 15, [0.5]))
        if network is None:
            continue
        points = list(itertools.product((0, 1), repeat=4))
        ones = counted(network, points) / 16
        table = shared_combinations(network.code, ones, 1.0 - ones)
        np.testing.assert_allclose(table, met_combinations(network, points) / 16, rtol=0, atol=1e-12)


def test_independent_combinations_are_products():
    c = hr.Circuit("and")
    x, y = c.input("x", hr.Bernoulli(0.25)), c.input("y", hr.Bernoulli(0.1))
    c.output("z", x & ~y)
    network = Network(c)
    one, zero = structural_probabilities(network, "cop")
    table = independent_combinations(network.code, one, zero)[-1]
    by_values = {(0.75, 0.1), (0.75, 0.9), (0.25, 0.1), (0.25, 0.9)}
    assert sorted(table) == pytest.approx(sorted(p * q for p, q in by_values))
    assert one[-1] == pytest.approx(0.225)


def test_weights_are_frequencies_or_what_being_unseen_leaves():
    c = hr.Circuit("and")
    x, y = c.input("x", hr.Bernoulli(0.5)), c.input("y", hr.Bernoulli(0.5))
    c.output("z", x & y)
    network = Network(c)
    points = [[0, 0]] * 6 + [[1, 0]] * 3 + [[0, 1]]
    found = weigh(network, "cop", structural_probabilities(network, "cop"), counted(network, points), 10)
    assert sorted(found.counts[-1].tolist()) == [0, 1, 3, 6]
    unseen = 0.25 / (1 + 10 * 0.25)  # below (1 + 1) / 10, so nothing is scaled
    assert sorted(found.weight[-1].tolist()) == pytest.approx([unseen, 0.1, 0.3, 0.6])
    measured = weigh(network, "measured", structural_probabilities(network, "measured"), counted(network, points), 10)
    p = 0.3 * 0.1  # the operands' frequencies
    assert measured.weight[-1].min() == pytest.approx(p / (1 + 10 * p))


def test_unseen_weights_sum_to_no_more_than_what_single_sightings_leave():
    for seed in range(10):
        network = network_of(random_circuit(seed, 6, 60, BENIGN))
        if network is None:
            continue
        points = np.random.default_rng(seed).integers(0, 2, (20, 6))
        found = weigh(network, "cop", structural_probabilities(network, "cop"), counted(network, points), 20)
        table, counts = found.weight[network.gates], found.counts[network.gates]
        room = ((counts == 1).sum() + 1) / 20
        assert table[counts == 0].sum() <= room * (1 + 1e-9) + 1e-290
        np.testing.assert_array_equal(table[counts > 0], counts[counts > 0] / 20)
        order = np.argsort(found.structural[network.gates][counts == 0], kind="stable")
        assert (np.diff(table[counts == 0][order]) >= -1e-18).all()  # the order of the structural probabilities is kept


def test_ladders_drop_nested_sets_within_their_weight_and_defaults_follow_the_rest():
    network = Network(random_circuit(3, 6, 60, BENIGN))
    points = np.random.default_rng(3).integers(0, 2, (50, 6))
    found = weigh(network, "measured", structural_probabilities(network, "measured"), counted(network, points), 50)
    steps = ladder(network, found, epsilon=0.05)
    assert (np.diff(steps.cumulative) > 0).all()
    assert (steps.cumulative <= 0.05).any()
    for level in range(len(steps.limit)):
        dropped = [(k, c) for k in np.flatnonzero(network.gates) for c in range(4) if found.weight[k, c] <= steps.limit[level]]
        assert sum(found.weight[pair] for pair in dropped) == pytest.approx(steps.cumulative[level], rel=1e-9)
        for k in np.flatnonzero(network.gates):
            gives = [0, 0, 0, 1] if network.code.op[k] == opcodes.BIT_AND else [0, 1, 1, 0]
            kept = [sum(found.weight[k, c] for c in range(4) if gives[c] == v and (k, c) not in dropped) for v in (0, 1)]
            for c in range(4):
                flipped = bool(steps.flips[level, k] >> c & 1)
                if (k, c) not in dropped:
                    assert not flipped
                elif abs(kept[0] - kept[1]) > 1e-12:
                    assert flipped == (gives[c] != int(kept[1] > kept[0]))


def test_mechanisms_are_named_by_wires_and_their_values():
    c = hr.Circuit("named")
    x, y = c.input("x", hr.Bernoulli(0.5)), c.input("y", hr.Bernoulli(0.5))
    z = c.set_name(~x & y, "z")
    c.output("o", z)
    network = Network(c)
    points = [[0, 1], [1, 1], [1, 1], [0, 0]]
    found = weigh(network, "cop", structural_probabilities(network, "cop"), counted(network, points), 4)
    shown = {str(network.mechanism(2, k, found.weight, found.counts)): int(found.counts[2, k]) for k in range(4)}
    assert shown == {f"z (and) with {a}": n for a, n in
                     (("x = 0, y = 1", 1), ("x = 1, y = 1", 2), ("x = 0, y = 0", 1), ("x = 1, y = 0", 0))}  # fmt: skip


def test_dead_gates_have_no_mechanisms():
    c = hr.Circuit("dead")
    x = c.input("x", hr.Bernoulli(0.5), count=3)
    c.output("o", x[0] & x[1])
    c.output("other", x[1] ^ x[2])
    assert Network(c, ["o"]).gates.sum() == 1
    assert Network(c).gates.sum() == 2


def test_impossible_combinations_weigh_next_to_nothing():
    c = hr.Circuit("never")
    x, y = c.input("x", hr.Bernoulli(0.0)), c.input("y", hr.Bernoulli(0.5))
    c.output("z", x & y)
    network = Network(c)
    found = weigh(network, "cop", structural_probabilities(network, "cop"), counted(network, [[0, 0], [0, 1]]), 2)
    assert found.weight[network.gates].min() == LEAST


@pytest.mark.parametrize(
    ("outputs", "message"),
    [
        (["q"], "has no output 'q'; it has 'z', 'one'"),
        ("q", "has no output 'q'"),
        ([], "at least one output"),
        (["one"], "the outputs 'one' are constant"),
    ],
)
def test_outputs_that_cannot_be_watched(outputs, message):
    c = hr.Circuit("small")
    x = c.input("x", hr.Bernoulli(0.5), count=2)
    c.output("z", x[0] & x[1])
    c.output("one", c.constant(1))
    with pytest.raises(ArgumentError, match=message):
        Network(c, outputs)


def test_real_wires_are_refused():
    c = hr.Circuit("real")
    x = c.input("x", hr.Normal(0, 1))
    c.output("z", x * x)
    with pytest.raises(KindError, match="0/1 wires only"):
        Network(c)


def test_methods_without_both_probabilities_are_refused():
    c = hr.Circuit("small")
    x = c.input("x", hr.Bernoulli(0.5), count=2)
    c.output("z", x[0] & x[1])
    with pytest.raises(ArgumentError, match="no probabilities of both values"):
        structural_probabilities(Network(c), "mean")


@pytest.mark.parametrize("kind", [np.bool_, np.uint8, np.int64, np.float64])
def test_patterns_are_packed_whatever_their_kind(kind):
    c = hr.random_boolean(inputs=5, gates=20, rng=0)
    points = np.random.default_rng(0).integers(0, 2, (130, 5))
    words, count = Network(c).packed(points.astype(kind))
    assert count == 130
    assert all(bool(words[j, i // 64] >> np.uint64(i % 64) & np.uint64(1)) == bool(points[i, j]) for i in range(130) for j in range(5))


@pytest.mark.parametrize("word", ["and", "nand", "or", "nor", "xor", "xnor"])
def test_gates_are_called_what_they_do_with_wires(word):
    c = hr.Circuit("gate")
    a, b = c.input(["a", "b"], hr.Bernoulli(0.5))
    c.output("y", c.apply(word, a, b))
    network = Network(c)
    (node,) = np.flatnonzero(network.gates)
    found = [network.mechanism(int(node), k, np.zeros((len(network), 4)), np.zeros((len(network), 4), int)) for k in range(4)]
    assert {mechanism.gate for mechanism in found} == {word}
    assert {mechanism.name for mechanism in found} == {"y"}
    assert sorted(mechanism.values for mechanism in found) == [(0, 0), (0, 1), (1, 0), (1, 1)]
