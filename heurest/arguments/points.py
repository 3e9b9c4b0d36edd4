"""Points: single evaluations of a circuit, and the weight that each has."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from heurest.arguments.claims import Point
from heurest.circuit.circuit import Circuit
from heurest.errors import ArgumentError
from heurest.program.program import FloatArray


def apply_points(circuit: Circuit, points: Sequence[Point], mean: FloatArray) -> tuple[FloatArray, dict[str, float]]:
    """Means with every output fixed at the points: sum of P(x) f(x) over them, and what is left at the old mean.

    Args:
        circuit: The circuit.
        points: Evaluations; the same input twice must say the same.
        mean: Estimated mean of every wire.

    Returns:
        The new means, and by output name the probability of all its points.

    Raises:
        ArgumentError: A point does not fit the circuit, or two contradict each other.
    """
    if not points:
        return mean, {}
    seen: dict[str, dict[tuple[float, ...], float]] = {}
    for point in sorted(points, key=lambda point: (point.inputs, point.outputs)):
        _check(circuit, point)
        for name, value in point.outputs:
            known = seen.setdefault(name, {})
            if known.setdefault(point.inputs, value) != value:
                raise ArgumentError(f"{_named(point)}: output {name!r} is {value:g}, and {known[point.inputs]:g} by another point")
    mean, weight = mean.copy(), {}
    chances: dict[tuple[float, ...], float] = {}
    old = mean.copy()
    for name in sorted(seen):
        total = fixed = 0.0
        for inputs, value in seen[name].items():
            chance = chances.setdefault(inputs, probability(circuit, inputs))
            total += chance
            fixed += chance * value
        wire = circuit.outputs[name].index
        mean[wire] = fixed + (1.0 - total) * old[wire]
        weight[name] = total
    return mean, weight


def probability(circuit: Circuit, inputs: Sequence[float]) -> float:
    """Probability of one input; 0 where a law has no points.

    Raises:
        ArgumentError: The number of inputs is another.
    """
    position, chance = 0, 1.0
    for group in circuit.groups:
        part = np.asarray(inputs[position : position + group.law.size])
        position += group.law.size
        finite = group.law.points()
        if finite is None:
            return 0.0
        chance *= float(finite[1][(finite[0] == part).all(axis=1)].sum())
    return chance


def _check(circuit: Circuit, point: Point) -> None:
    count = sum(group.law.size for group in circuit.groups)
    if len(point.inputs) != count:
        raise ArgumentError(f"{_named(point)}: circuit {circuit.name!r} has {count} inputs, got {len(point.inputs)}")
    for name, value in point.outputs:
        if name not in circuit.outputs:
            raise ArgumentError(f"{_named(point)}: circuit {circuit.name!r} has no output {name!r}")
        if circuit.outputs[name].boolean and value not in (0.0, 1.0):
            raise ArgumentError(f"{_named(point)}: output {name!r} is boolean, got {value:g}")


def _named(point: Point) -> str:
    shown = ", ".join(f"{number:g}" for number in point.inputs[:6])
    return f"claim Point([{shown}{', ...' if len(point.inputs) > 6 else ''}])"
