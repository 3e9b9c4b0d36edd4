"""The kernel of mean propagation is the circuit evaluated at the means of its inputs."""

import numpy as np
import pytest
from hypothesis import assume, given

import heurest as hr
from heurest.estimators.mean import input_means, propagate
from heurest.kernels.mean import propagate_means
from support.interpreter import circuit_values, program_values
from support.sizes import JIT_DISABLED
from support.strategies import circuits


def run(kernel, program, means, stops=None):
    """Means of all values and the slots at the end, the instructions run in pieces that end at ``stops``."""
    slot, mean = np.zeros(program.num_slots), np.zeros(program.num_values)
    start = 0
    for stop in stops or [len(program.instructions.op)]:
        kernel(program.instructions, start, stop, means, slot, mean)
        start = stop
    return mean, slot


def size_of(values):
    return max(1.0, float(np.abs(values).max(initial=0.0))) ** 2


@given(circuits(booleans=False, max_gates=10, max_degree=8))
def test_means_of_real_wires_are_the_circuit_at_the_means(circuit):
    assume(not any(wire.boolean for wire in circuit.inputs))
    means = input_means(circuit)
    program = hr.lower(circuit, keep_dead=True)
    expected = circuit_values(circuit, means[:, np.newaxis])[:, 0]
    np.testing.assert_allclose(program.wire_mean(propagate(program, means)), expected, rtol=1e-12, atol=1e-12 * size_of(expected))


@given(circuits(max_gates=10, max_degree=8))
def test_means_are_the_program_at_the_means(circuit):
    # The program differs from the circuit in one thing: the product of a boolean wire with itself is that wire.
    means = input_means(circuit)
    program = hr.lower(circuit)
    expected = program_values(program, means[:, np.newaxis])[:, 0]
    size = size_of(np.nan_to_num(expected))
    np.testing.assert_allclose(program.wire_mean(propagate(program, means)), expected, rtol=1e-12, atol=1e-12 * size)


def test_a_boolean_wire_squared_keeps_its_mean_and_a_real_one_does_not():
    c = hr.Circuit("squares")
    b, r = c.input("b", hr.Bernoulli(0.25)), c.input("r", hr.Bernoulli(0.25), kind="real")
    c.output("o", hr.Wires(c, [(b**2).index, (r**2).index, (b & ~b).index]))
    program = hr.lower(c)
    mean = program.wire_mean(propagate(program, input_means(c)))
    assert [mean[wire.index] for wire in c.outputs.values()] == [0.25, 0.0625, 0.0]


@given(circuits(layers=False, joint=False, max_gates=10, max_degree=8))
def test_instructions_can_be_run_in_pieces(circuit):
    program = hr.lower(circuit, keep_dead=True)
    means = input_means(circuit)
    whole, _ = run(propagate_means, program, means)
    pieces, _ = run(propagate_means, program, means, stops=range(1, len(program.instructions.op) + 1))
    np.testing.assert_array_equal(whole, pieces)


@pytest.mark.skipif(JIT_DISABLED, reason="nothing is compiled")
@given(circuits(layers=False, joint=False, max_gates=10, max_degree=8))
def test_compiled_equals_interpreted(circuit):
    program = hr.lower(circuit, keep_dead=True)
    means = input_means(circuit)
    compiled, interpreted = run(propagate_means, program, means), run(propagate_means.py_func, program, means)
    for one, two in zip(compiled, interpreted, strict=True):  # the compiler may fuse a product and a sum
        np.testing.assert_allclose(one, two, rtol=1e-12, atol=1e-12 * size_of(two))
