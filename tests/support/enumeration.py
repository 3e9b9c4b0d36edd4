"""Values and expected values by brute force, on the literal interpreter."""

from __future__ import annotations

import itertools
from math import prod

import numpy as np

import heurest as hr
from support.interpreter import circuit_values


def evaluate(circuit: hr.Circuit, inputs: dict[int, float]) -> list[float]:
    """Value of every wire, given those of the inputs by wire."""
    column = [[inputs[wire.index]] for wire in circuit.inputs]
    return circuit_values(circuit, np.array(column, dtype=float).reshape(-1, 1))[:, 0].tolist()


def expected_values(circuit: hr.Circuit) -> np.ndarray:
    """Expectation of every wire: every combination of the inputs' values; all laws must be finite."""
    finite = []
    for group in circuit.groups:
        points = group.law.points()
        assert points is not None
        finite.append(list(zip(points[1].tolist(), points[0].tolist(), strict=True)))
    combinations = list(itertools.product(*finite))
    weights = np.array([prod(p for p, _ in combination) for combination in combinations])
    inputs = np.array([[value for _, part in combination for value in part] for combination in combinations], dtype=float)
    return circuit_values(circuit, inputs.reshape(len(combinations), -1).T) @ weights
