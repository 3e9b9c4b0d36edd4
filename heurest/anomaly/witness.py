"""A verdict's evidence on the circuit: what every wire is at the input, and what it is without the dropped terms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from heurest.anomaly.verdicts import Verdict
from heurest.circuit.circuit import Circuit
from heurest.circuit.gates import AFFINE, CONSTANT, INPUT, SQUARE
from heurest.errors import ArgumentError

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Witness:
    """What a verdict rests on, wire by wire, at one input; ``draw_circuit`` shows it.

    Attributes:
        circuit: The circuit.
        verdict: The verdict.
        values: Value of every wire at the input, shape ``(wires,)``.
        without: The same without the dropped terms; equal to ``values`` where nothing is dropped.
        dropped: For wires that lose a term, or that broke a lemma, which.
    """

    circuit: Circuit
    verdict: Verdict
    values: FloatArray
    without: FloatArray
    dropped: Mapping[int, tuple[str, ...]]

    @property
    def changed(self) -> tuple[int, ...]:
        """Wires that are something else without the dropped terms."""
        return tuple(np.flatnonzero(self.values != self.without).tolist())

    def text(self, wire: int) -> str:
        """A wire's value, what it becomes, and what is dropped there, such as ``1 → 0, dropped: n1``.

        Raises:
            ArgumentError: There is no such wire.
        """
        if isinstance(wire, bool) or not isinstance(wire, int | np.integer) or not 0 <= wire < len(self.values):
            raise ArgumentError(f"circuit {self.circuit.name!r} has wires 0 to {len(self.values) - 1}, not {wire!r}")
        value, without = float(self.values[wire]), float(self.without[wire])
        change = f" → {without:.4g}" if value != without else ""
        word = "broken" if self.verdict.reason == "lemma" else "dropped"
        lost = f", {word}: {', '.join(self.dropped[wire])}" if wire in self.dropped else ""
        return f"{value:.4g}{change}{lost}"


def recomputed(circuit: Circuit, inputs: Sequence[float], given: Mapping[int, float] | None = None) -> FloatArray:
    """All wires gate by gate at one input; wires that are given have that value, whatever they read.

    Cost: a step in Python for each operand.
    """
    given = given or {}
    values = np.empty(len(circuit))
    for place, value in zip(circuit.inputs, inputs, strict=True):
        values[place.index] = value
    with np.errstate(over="ignore", invalid="ignore"):
        for wire, gate in enumerate(circuit.gate.tolist()):
            if wire in given:
                values[wire] = given[wire]
            elif gate == CONSTANT:
                values[wire] = circuit.value[wire]
            elif gate == AFFINE:
                bias, operands, coefficients = circuit.terms(wire)
                values[wire] = bias + coefficients @ values[operands]
            elif gate == SQUARE:
                values[wire] = values[circuit.left[wire]] ** 2
            elif gate != INPUT:
                values[wire] = values[circuit.left[wire]] * values[circuit.right[wire]]
    return values
