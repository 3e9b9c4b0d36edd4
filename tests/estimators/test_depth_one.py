"""Order 2 is exact where no product depends on another product, whatever the law of the inputs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given

import heurest as hr
from support.enumeration import expected_values
from support.strategies import FINITE_LAWS, circuits


def product_depth(circuit: hr.Circuit) -> list[int]:
    depth: list[int] = []
    for wire in range(len(circuit)):
        below = max((depth[operand] for operand in circuit.operands(wire)), default=0)
        depth.append(below + (circuit.gate_name(wire) in ("multiply", "square", "and")))
    return depth


@pytest.mark.parametrize("expansion", ["node", "layer"])
@given(circuit=circuits(laws=FINITE_LAWS, max_degree=4).filter(lambda c: all(group.law.points() is not None for group in c.groups)))
def test_order_two_is_exact_at_multiplicative_depth_one(circuit, expansion):
    shallow = np.array(product_depth(circuit)) <= 1
    estimate = hr.Cumulant(2, expansion).estimate(circuit, keep_dead=True)
    expected = expected_values(circuit)
    np.testing.assert_allclose(estimate.mean[shallow], expected[shallow], rtol=1e-9, atol=1e-9 * np.abs(expected).max(initial=1.0))
