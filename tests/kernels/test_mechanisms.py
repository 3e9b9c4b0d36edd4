"""Kernels of mechanisms against gates taken one by one, in words of Python."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heurest import opcodes
from heurest.kernels import mechanisms as kernels
from support.boolean_circuits import BENIGN, boolean_program, literal_circuits, random_circuit
from support.sizes import JIT_DISABLED, scaled


def literal_values(code, point, wrong=()):
    """Values of all nodes at a point, the gates in ``wrong`` inverted in their combinations, and the combinations met."""
    values, met = [], []
    for k in range(len(code.op)):
        if code.op[k] == opcodes.BIT_LOAD:
            values.append(int(point[code.left[k]]))
            met.append(-1)
            continue
        u, w = values[code.left[k]] ^ int(code.left_not[k]), values[code.right[k]] ^ int(code.right_not[k])
        result = u ^ w if code.op[k] == opcodes.BIT_XOR else u & w
        values.append(result ^ ((k, 2 * u + w) in wrong))
        met.append(2 * u + w)
    return values, met


def packed(points):
    """A row of words an input."""
    rows = np.zeros((points.shape[1], -(-len(points) // 64)), np.uint64)
    for i, j in zip(*np.nonzero(points), strict=True):
        rows[j, i // 64] |= np.uint64(1) << np.uint64(i % 64)
    return rows


def case(seed, points):
    code = boolean_program(random_circuit(seed, 5, scaled(30, 12), BENIGN), None).instructions
    rng = np.random.default_rng(seed)
    return code, rng.integers(0, 2, (points, 5)), rng


def room(code):
    return np.zeros((len(code.op), kernels.WORDS), np.uint64)


def call(name, compiled, *arguments):
    kernel = getattr(kernels, name)
    return kernel(*arguments) if compiled or JIT_DISABLED else kernel.py_func(*arguments)


@pytest.mark.parametrize("points", [1, 64, 65, 64 * kernels.WORDS + 3])
def test_ones_are_counted(points):
    points = min(points, scaled(5000, 70))
    code, given_points, _ = case(1, points)
    ones = np.zeros(len(code.op), np.int64)
    words = packed(given_points)
    kernels.count_ones(code, words, ~np.uint64(0) >> np.uint64(64 * words.shape[1] - points), room(code), ones)
    assert ones.tolist() == np.sum([literal_values(code, point)[0] for point in given_points], axis=0).tolist()


@pytest.mark.parametrize("seed", range(scaled(8, 2)))
def test_the_first_level_at_which_an_output_changes(seed):
    code, points, rng = case(seed, 70)
    size, watched = len(code.op), np.array([len(code.op) - 1, len(code.op) - 2], np.int32)
    flips = (rng.integers(0, 16, (4, size)) * (rng.random((4, size)) < 0.1)).astype(np.uint8)
    levels = np.zeros(128, np.uint8)
    kernels.first_changes(code, flips, watched, packed(points), room(code), room(code), levels)
    for point, found in zip(points, levels[:70].tolist(), strict=True):
        values, _ = literal_values(code, point)
        changed = []
        for row in flips:
            other, _ = literal_values(code, point, {(k, c) for k in range(size) for c in range(4) if row[k] >> c & 1})
            changed.append(any(values[k] != other[k] for k in watched))
        assert found == (changed.index(True) if any(changed) else kernels.NO_LEVEL)


@pytest.mark.parametrize("seed", range(scaled(12, 2)))
def test_witnesses_are_the_first_that_change_an_output(seed):
    code, points, rng = case(seed, 70)
    gates = np.flatnonzero(code.op != opcodes.BIT_LOAD)
    nodes = rng.permutation(np.repeat(gates, 4))[: scaled(90, 20)].astype(np.int64)
    combinations = rng.integers(0, 4, len(nodes))
    first = {pair: i for i, pair in reversed(list(enumerate(zip(nodes.tolist(), combinations.tolist(), strict=True))))}
    kept = sorted(first.values())  # each mechanism once
    nodes, combinations = nodes[kept], combinations[kept]
    watched = np.array([len(code.op) - 2, len(code.op) - 1], np.int32)
    (found, output), wrong = np.empty((2, 70), np.int64), np.zeros((len(code.op), 4), np.uint64)
    kernels.witnesses(code, packed(points), np.arange(70), nodes, combinations, watched, room(code), room(code), wrong, found, output)
    assert not wrong.any()
    for point, answer, place in zip(points, found.tolist(), output.tolist(), strict=True):
        values, met = literal_values(code, point)
        occur = [i for i in range(len(nodes)) if met[nodes[i]] == combinations[i]]

        def changes(chosen, point=point, values=values):
            other = literal_values(code, point, {(int(nodes[i]), int(combinations[i])) for i in chosen})[0]
            return [k for k, node in enumerate(watched) if other[node] != values[node]]

        alone = [i for i in occur if changes([i])]
        together = [-2 - i for j, i in enumerate(occur) if changes(occur[: j + 1])]
        assert answer == (alone or together or [-1])[0]
        dropped = [answer] if answer >= 0 else [i for i in occur if i <= -2 - answer]
        assert place == (changes(dropped)[0] if answer != -1 else -1)


@given(literal_circuits(max_gates=12, joint=False), st.integers(0, 20))
def test_measured_probabilities_follow_the_rule(circuit, patterns):
    code = boolean_program(circuit, None).instructions
    inputs = np.array([group.law.p for group in circuit.groups])
    rng = np.random.default_rng(patterns)
    points = rng.random((patterns, len(inputs))) < inputs
    ones = np.sum([literal_values(code, point)[0] for point in points], axis=0) if patterns else np.zeros(len(code.op))
    one, zero = np.zeros(len(code.op)), np.zeros(len(code.op))
    kernels.propagate_measured(code, inputs, 1.0 - inputs, ones.astype(np.int64), patterns, one, zero)
    expected = []
    for k in range(len(code.op)):
        if code.op[k] == opcodes.BIT_LOAD:
            p = inputs[code.left[k]]
        else:
            a, b = abs(expected[code.left[k]] - code.left_not[k]), abs(expected[code.right[k]] - code.right_not[k])
            p = a + b - 2 * a * b if code.op[k] == opcodes.BIT_XOR else a * b
        if 0 < ones[k] < patterns:
            p = ones[k] / patterns
        elif patterns and ones[k] == 0:
            p = p / (1 + patterns * p)
        elif patterns:
            p = 1 - (1 - p) / (1 + patterns * (1 - p))
        expected.append(p)
    np.testing.assert_allclose(one, expected, rtol=0, atol=1e-12)
    np.testing.assert_allclose(zero, 1 - np.array(expected), rtol=0, atol=1e-12)


def test_nodes_that_reach_an_output_and_the_rarest_values():
    code, points, rng = case(5, 70)
    watched = np.array([len(code.op) // 2], np.int32)
    live = {int(watched[0])}
    for k in range(len(code.op) - 1, -1, -1):
        if k in live and code.op[k] != opcodes.BIT_LOAD:
            live |= {int(code.left[k]), int(code.right[k])}
    assert set(np.flatnonzero(kernels.reaching(code, watched)).tolist()) == live
    low, high = rng.random(len(code.op)), rng.random(len(code.op))
    scores = np.empty(128)
    kernels.rarest_values(code, low, high, packed(points), room(code), scores)
    expected = [max(high[k] if v else low[k] for k, v in enumerate(literal_values(code, point)[0])) for point in points]
    assert scores[:70].tolist() == expected


@pytest.mark.skipif(JIT_DISABLED, reason="nothing is compiled")
def test_compiled_equals_interpreted():
    code, points, rng = case(3, 70)
    flips = (rng.integers(0, 16, (3, len(code.op))) * (rng.random((3, len(code.op))) < 0.2)).astype(np.uint8)
    watched, found = np.array([len(code.op) - 1], np.int32), []
    for compiled in (True, False):
        levels = np.zeros(128, np.uint8)
        call("first_changes", compiled, code, flips, watched, packed(points), room(code), room(code), levels)
        found.append(levels.tolist())
    assert found[0] == found[1]
