"""Reductant propagation of order 3 against the definition, and small circuits where it must be exact."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import heurest as hr
from heurest.kernels.boolean_triples import read_plane, write_plane
from heurest.kernels.packed import triple
from support.boolean_circuits import joint_bits, layered_circuit, literal_circuits, literal_gate, oracle, propagate
from support.enumeration import expected_values
from support.sizes import scaled

COMPLETIONS = st.sampled_from(["regression", "mutual"])


def check_probabilities(found, expected):
    for value, (node, inverted) in enumerate(zip(found.node, found.inverted, strict=True)):
        one = float(expected.one[node]) if node >= 0 else 0.0
        assert found.one[value] == pytest.approx(1.0 - one if inverted else one, rel=0, abs=1e-9)


@settings(max_examples=scaled(60, 5))
@given(literal_circuits(max_gates=5), COMPLETIONS, st.sampled_from([None, 0, 1]))
def test_probabilities_are_those_of_the_definition(circuit, completion, generations):
    check_probabilities(propagate(circuit, 3, completion, generations), oracle(circuit, 3, completion, generations))


def check_triples(found, expected):
    for i, j, k in itertools.combinations(range(len(expected.nodes)), 3):
        cumulant = float(expected.cumulant(i, j, k))
        assert found.packed[triple(i, j, k)] == pytest.approx(cumulant, rel=0, abs=1e-9)
        pair = found.packed[triple(i, j, j)]  # repeats are kept, too: k(x, y, y) = (1 - 2 P(y)) k(x, y)
        assert pair == pytest.approx(float((1 - 2 * expected.one[j]) * expected.covariance(i, j)), rel=0, abs=1e-9)


@settings(max_examples=scaled(60, 5))
@given(literal_circuits(max_gates=5), COMPLETIONS)
def test_all_pairs_and_triples_are_those_of_the_definition(circuit, completion):
    found, expected = propagate(circuit, 3, completion, None), oracle(circuit, 3, completion, None)
    check_triples(found, expected)
    for v, w in itertools.combinations([v for v, node in enumerate(found.node) if node >= 0], 2):
        sign = -1 if found.inverted[v] != found.inverted[w] else 1
        covariance = sign * float(expected.covariance(found.node[v], found.node[w]))
        table = found.reduced.joint(v, w).probabilities
        assert table[1, 1] == pytest.approx(found.one[v] * found.one[w] + covariance, rel=0, abs=1e-9)


@pytest.mark.parametrize("completion", ["regression", "mutual"])
@pytest.mark.parametrize("seed", range(scaled(4, 1)))
def test_larger_circuits_are_those_of_the_definition(completion, seed):
    # Eight gates on four inputs: neither operands nor bounds tell every triple.
    circuit = layered_circuit(seed, 4, 2, (0.3, 0.45, 0.5, 0.7))
    check_triples(propagate(circuit, 3, completion, None), oracle(circuit, 3, completion, None))


@settings(max_examples=scaled(50, 5))
@given(joint_bits(4), st.data(), COMPLETIONS)
def test_any_two_gates_on_any_law_of_the_inputs_are_exact(law, data, completion):
    # The second gate needs the pair of its operands; if one is the first gate, that is a triple of inputs, which is known.
    c = hr.Circuit("two gates")
    wires = list(c.input("x", law))
    for _ in range(2):
        wires.append(literal_gate(lambda n: data.draw(st.integers(0, n - 1)), wires))
    c.output("o", wires[-1])
    estimate = hr.Reductant(3, completion=completion).estimate(c)
    assert estimate.value["o"] == pytest.approx(expected_values(c)[c.outputs["o"].index], rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("size", [1, 2, 5])
def test_a_plane_that_is_written_is_read_back(size):
    packed = np.zeros(size * (size + 1) * (size + 2) // 6)
    expected = np.zeros((size, size, size))
    rng = np.random.default_rng(size)
    for slot in range(size):
        plane = rng.normal(size=(size, size))
        plane += plane.T
        write_plane(packed, slot, plane)
        for j, k in itertools.product(range(size), repeat=2):
            for entry in itertools.permutations((slot, j, k)):
                expected[entry] = plane[j, k]
    for slot in range(size):
        plane = np.full((size, size), np.nan)
        read_plane(packed, slot, plane)
        np.testing.assert_array_equal(plane, expected[slot])


def test_given_an_event_that_is_next_to_impossible_nothing_overflows():
    # Squares of 1 / P(event) overflow below 1e-154; what is left of the probabilities must still be a law.
    c = hr.Circuit("impossible")
    rare = [c.input(f"r{i}", hr.Bernoulli(p)) for i, p in enumerate((1e-300, 5e-324, 1e-160))]
    x, y = c.input("x", hr.Bernoulli(0.3), count=2)
    wires = [x & y, x ^ rare[0], y ^ rare[1], (x | y) & ~rare[2]]
    wires += [a & ~b for a, b in itertools.combinations(wires, 2)]
    c.output("o", hr.Wires(c, [wire.index for wire in wires]))
    found = propagate(c, 3, "mutual", None)
    np.testing.assert_allclose(found.one + found.zero, 1.0, rtol=0, atol=1e-14)
    # Without the rare inputs: x&y, x, y, x|y, then x&y&~x = 0, 0, 0, x&~y, x&~(x|y) = 0, 0.
    exact = [0.09, 0.3, 0.3, 0.51, 0.0, 0.0, 0.0, 0.21, 0.0, 0.0]
    estimate = hr.Reductant(3).estimate(c)
    np.testing.assert_allclose(list(estimate.value.values()), exact, rtol=0, atol=1e-14)
