"""Compiled kernels against the literal reference, and compiled against interpreted."""

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


@given(circuits(max_degree=6))
def test_order_one_is_mean_propagation(circuit):
    mean = hr.Mean().estimate(circuit, keep_dead=True).mean
    np.testing.assert_array_equal(mean, hr.Cumulant(1).estimate(circuit, keep_dead=True).mean)
