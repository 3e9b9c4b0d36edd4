"""Signal probabilities by independence against the rules in fractions."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given

import heurest as hr
from heurest.estimators.boolean import input_probabilities
from heurest.kernels.cop import propagate_probabilities
from support.boolean_circuits import BENIGN, boolean_program, literal_circuits, random_circuit
from support.boolean_pairs import independent_probabilities
from support.boolean_reductants import nodes_of
from support.sizes import JIT_DISABLED, scaled

EDGES = (0.0, 5e-324, 1e-300, 1e-20, 0.5, 1 - 2.0**-53, 1.0)


def run(kernel, circuit):
    """P(1) and P(0) of all nodes."""
    program = boolean_program(circuit, None)
    literal = np.full(2 * len(program.instructions.op), np.nan)
    kernel(program.instructions, *input_probabilities(circuit), literal)
    return literal[::2], literal[1::2], nodes_of(program)


@given(literal_circuits(max_gates=12, joint=False))
def test_gates_follow_the_rules_of_independence(circuit):
    one, zero, nodes = run(propagate_probabilities, circuit)
    inputs = [Fraction(group.law.p) for group in circuit.groups]
    exact = independent_probabilities(nodes, inputs)
    np.testing.assert_allclose(one, [float(p) for p in exact], rtol=1e-13)
    np.testing.assert_allclose(zero, [float(1 - p) for p in exact], rtol=1e-13)


@pytest.mark.parametrize("laws", [BENIGN, EDGES])
def test_what_is_computed_is_a_law(laws):
    for seed in range(scaled(100, 10)):
        one, zero, _ = run(propagate_probabilities, random_circuit(seed, 4, 30, laws))
        assert min(one.min(), zero.min()) >= 0.0
        assert max(one.max(), zero.max()) <= 1.0
        np.testing.assert_allclose(one + zero, 1.0, rtol=0, atol=2.0**-51)


@pytest.mark.parametrize("p", [0.3, 1 / 3, 0.999])
def test_rounding_does_not_grow_along_deep_circuits(p):
    # Every gate reads the one before twice, so what P(1) + P(0) is off would double each time.
    c = hr.Circuit("deep")
    x, y = c.input("x", hr.Bernoulli(p), count=2)
    wire = x
    for _ in range(scaled(200, 20)):
        wire = (wire & y) | (wire & x) | x
    c.output("o", wire)
    one, zero, _ = run(propagate_probabilities, c)
    np.testing.assert_allclose(one + zero, 1.0, rtol=0, atol=2.0**-51)


@pytest.mark.skipif(JIT_DISABLED, reason="nothing is compiled")
@given(literal_circuits(max_gates=12))
def test_compiled_equals_interpreted(circuit):
    compiled, interpreted = run(propagate_probabilities, circuit), run(propagate_probabilities.py_func, circuit)
    for k in range(2):  # the compiler may fuse a product and a sum
        np.testing.assert_allclose(compiled[k], interpreted[k], rtol=1e-14)
