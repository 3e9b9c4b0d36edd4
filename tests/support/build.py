"""Short ways to build the circuits that tests speak of."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

import heurest as hr


def one_output(build: Callable[[hr.Circuit], hr.Wire]) -> hr.Circuit:
    """A circuit whose output ``o`` is what the function returns."""
    circuit = hr.Circuit("test")
    circuit.output("o", build(circuit))
    return circuit


def value(circuit: hr.Circuit, order: int, expansion: str = "node") -> float:
    """The estimate of output ``o`` by cumulant propagation."""
    return hr.Cumulant(order, expansion).estimate(circuit).value["o"]


def variance(circuit: hr.Circuit, order: int, expansion: str = "node") -> float:
    """The estimated variance of output ``o``."""
    estimate = hr.Cumulant(order, expansion).estimate(circuit)
    assert estimate.variance is not None
    return float(estimate.variance[circuit.outputs["o"].index])


def hafnian_tree(matrix: np.ndarray) -> hr.Circuit:
    """E[x_1 ... x_n] for x ~ N(0, matrix), multiplied by a balanced tree whose left half is the larger."""

    def build(c: hr.Circuit) -> hr.Wire:
        x = c.input("x", hr.MultivariateNormal(np.zeros(len(matrix)), matrix))

        def product(low: int, high: int) -> hr.Wire:
            if high - low == 1:
                return x[low]
            middle = low + (high - low + 1) // 2
            return product(low, middle) * product(middle, high)

        return product(0, len(matrix))

    return one_output(build)
