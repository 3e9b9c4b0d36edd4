"""Means and variances of outputs in exact fractions: every combination of the inputs' values, gates taken literally."""

from __future__ import annotations

import itertools
from fractions import Fraction
from math import prod
from typing import NamedTuple

import heurest as hr


class Truth(NamedTuple):
    """What is known exactly of one output, and the largest number met on the way: the unit of rounding errors."""

    mean: Fraction
    variance: Fraction
    largest: float


def wire_values(circuit: hr.Circuit, inputs: dict[int, Fraction]) -> list[Fraction]:
    """Value of every wire, given those of the inputs."""
    values: list[Fraction] = []
    for wire in range(len(circuit)):
        name = circuit.gate_name(wire)
        if name == "input":
            values.append(inputs[wire])
        elif name == "constant":
            values.append(Fraction(float(circuit.value[wire])))
        elif name == "affine":
            bias, operands, coefficients = circuit.terms(wire)
            parts = (Fraction(a) * values[x] for a, x in zip(coefficients.tolist(), operands.tolist(), strict=True))
            values.append(Fraction(bias) + sum(parts, Fraction(0)))
        else:
            values.append(prod((values[x] for x in circuit.operands(wire)), start=Fraction(1)) ** (2 if name == "square" else 1))
    return values


def exact_fractions(circuit: hr.Circuit) -> dict[str, Truth]:
    """Mean and variance of each output; all laws must be finite."""
    parts = []
    for group in circuit.groups:
        points = group.law.points()
        assert points is not None
        weights = [Fraction(p) for p in points[1].tolist()]
        total = sum(weights)  # rounding may have left it beside 1
        settings = [dict(zip(group.wires, map(Fraction, point), strict=True)) for point in points[0].tolist()]
        parts.append([(p / total, setting) for p, setting in zip(weights, settings, strict=True)])
    found = {name: [Fraction(0), Fraction(0), 0.0] for name in circuit.outputs}
    for combination in itertools.product(*parts):
        weight = prod((p for p, _ in combination), start=Fraction(1))
        values = wire_values(circuit, {wire: value for _, part in combination for wire, value in part.items()})
        largest = max(abs(float(value)) for value in values)
        for name, wire in circuit.outputs.items():
            value = values[wire.index]
            found[name][0] += weight * value
            found[name][1] += weight * value * value
            found[name][2] = max(found[name][2], largest)
    return {name: Truth(mean, square - mean * mean, largest) for name, (mean, square, largest) in found.items()}
