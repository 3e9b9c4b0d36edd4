"""Expected values by brute force: every combination of the inputs' values, gates taken literally."""

from __future__ import annotations

import itertools

import numpy as np

import heurest as hr


def evaluate(circuit: hr.Circuit, inputs: dict[int, float]) -> list[float]:
    """Value of every wire, given those of the inputs."""
    values: list[float] = []
    for wire in range(len(circuit)):
        name = circuit.gate_name(wire)
        if name == "input":
            values.append(inputs[wire])
        elif name == "constant":
            values.append(float(circuit.value[wire]))
        elif name == "affine":
            bias, operands, coefficients = circuit.terms(wire)
            values.append(bias + sum(a * values[x] for a, x in zip(coefficients.tolist(), operands.tolist(), strict=True)))
        else:
            left = values[circuit.left[wire]]
            values.append(left * left if name == "square" else left * values[circuit.right[wire]])
    return values


def expected_values(circuit: hr.Circuit) -> np.ndarray:
    """Expectation of every wire; all laws must be finite."""
    finite = []
    for group in circuit.groups:
        points = group.law.points()
        assert points is not None
        finite.append([(p, dict(zip(group.wires, point, strict=True))) for point, p in zip(*points, strict=True)])
    total = np.zeros(len(circuit))
    for combination in itertools.product(*finite):
        weight = float(np.prod([p for p, _ in combination]))
        inputs = {wire: value for _, part in combination for wire, value in part.items()}
        total += weight * np.array(evaluate(circuit, inputs))
    return total
