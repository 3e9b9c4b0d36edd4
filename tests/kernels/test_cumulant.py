"""Kernels against the literal reference, compiled here and interpreted in the run without the JIT."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import heurest as hr
from heurest.program.reference import ReferenceCumulants
from support.strategies import circuits


def scale_of(circuit, reference, wire):
    """A size for rounding errors: the largest cumulant that was met on the way."""
    return max(1.0, max((abs(v) for v in reference._known.values()), default=1.0))


@given(circuits(max_degree=8), st.integers(1, 4))
def test_kernels_equal_the_literal_reference_at_every_wire(circuit, order):
    estimate = hr.Cumulant(order).estimate(circuit, keep_dead=True)
    reference = ReferenceCumulants(circuit, order)
    for wire in range(len(circuit)):
        expected = reference.joint_cumulant((wire,))
        tolerance = 1e-9 * scale_of(circuit, reference, wire)
        assert estimate.mean[wire] == pytest.approx(expected, rel=1e-9, abs=tolerance)
        if order > 1:
            variance = reference.joint_cumulant((wire, wire))
            tolerance = 1e-9 * scale_of(circuit, reference, wire)
            assert estimate.variance[wire] == pytest.approx(variance, rel=1e-9, abs=tolerance)


@pytest.mark.parametrize("order", [2, 3, 4])
def test_a_circuit_that_meets_every_rule_equals_the_reference(order):
    c = hr.Circuit("rules")
    x, y = c.input("x", hr.Exponential(1.0)), c.input("y", hr.Discrete([0.0, 1.0, 3.0], [0.5, 0.25, 0.25]))
    g = c.input("g", hr.JointDiscrete([[0, 1], [1, 0], [1, 2]], [0.25, 0.25, 0.5]))
    a, b, d = c.input("b", hr.Bernoulli(0.3), count=3)
    wide = c.affine([1.0, -0.5, 2.0, 1.5], [x, y, g[1], a], 0.25)  # a sum of more than two, real
    either = (a & b) | (b & d)  # a sum that is boolean
    signs = (2 * either - 1) * (2 * d - 1)  # a real product of two boolean operands
    gated = wide * (1 - b)  # a real product of a real and a boolean operand
    square = (gated + x) ** 2
    c.output("o", square * signs + either * gated)
    c.output("p", (either & a) ^ d)
    estimate = hr.Cumulant(order).estimate(c, keep_dead=True)
    reference = ReferenceCumulants(c, order)
    for wire in range(len(c)):
        expected = [reference.joint_cumulant((wire,) * copies) for copies in (1, 2)]
        tolerance = 1e-10 * scale_of(c, reference, wire)
        assert [estimate.mean[wire], estimate.variance[wire]] == pytest.approx(expected, rel=1e-10, abs=tolerance)


@given(circuits(max_degree=6))
def test_order_one_is_mean_propagation(circuit):
    mean = hr.Mean().estimate(circuit, keep_dead=True).mean
    np.testing.assert_array_equal(mean, hr.Cumulant(1).estimate(circuit, keep_dead=True).mean)
