"""From what is observed of a program to its outputs: which row each output is, and the result record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from heurest import opcodes
from heurest.program import Program
from heurest.program.bits import BitProgram
from heurest.results import Truth

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Outputs:
    """A circuit's outputs in terms of observed rows: output i is ``scale[i] * row[i] + shift[i]``.

    Attributes:
        circuit: Name of the circuit.
        names: Names of the outputs, in order.
        row: Observed row of each output; -1 for a constant, whose scale is 0.
        scale: See above.
        shift: See above.
        boolean: For each observed row whether it holds only 0 and 1.
        watch: For each value of the program its observed row, or -1; empty for bit programs.
    """

    circuit: str
    names: tuple[str, ...]
    row: IntArray
    scale: FloatArray
    shift: FloatArray
    boolean: BoolArray
    watch: NDArray[np.int32]

    @property
    def rows(self) -> int:
        """How many rows are observed."""
        return len(self.boolean)

    def values(self, row_value: FloatArray) -> FloatArray:
        """Values of the outputs from those of the rows."""
        with np.errstate(over="ignore", invalid="ignore"):
            result: FloatArray = self.scale * np.append(row_value, 0.0)[self.row] + self.shift  # row -1 reads the appended zero
        return result

    def spreads(self, row_spread: FloatArray) -> FloatArray:
        """Standard errors or deviations of the outputs from those of the rows."""
        with np.errstate(over="ignore", invalid="ignore"):
            result: FloatArray = np.abs(self.scale) * np.append(row_spread, 0.0)[self.row]
        return result

    def truth(
        self,
        method: str,
        value: FloatArray,
        variance: FloatArray,
        seconds: Mapping[str, float],
        *,
        stderr: FloatArray | None = None,
        low: FloatArray | None = None,
        high: FloatArray | None = None,
        samples: int = 0,
        confidence: float = 0.95,
        warnings: Sequence[str] = (),
    ) -> Truth:
        """The result record from one number an output; without a standard error the values are exact."""
        zeros = np.zeros(len(value))
        lows, highs = value if low is None else low, value if high is None else high
        return Truth(
            circuit=self.circuit,
            method=method,
            value=dict(zip(self.names, value.tolist(), strict=True)),
            stderr=dict(zip(self.names, (zeros if stderr is None else stderr).tolist(), strict=True)),
            interval=dict(zip(self.names, zip(lows.tolist(), highs.tolist(), strict=True), strict=True)),
            variance=dict(zip(self.names, variance.tolist(), strict=True)),
            samples=samples,
            seconds=dict(seconds),
            confidence=confidence,
            warnings=tuple(warnings),
        )


def float_outputs(program: Program) -> Outputs:
    """The outputs of a program that runs on floats; outputs that are multiples of one value share its row."""
    code = program.instructions
    value = program.wire_value[program.wanted].astype(np.int64)
    observed = np.unique(value[value >= 0])
    row = np.where(value >= 0, np.searchsorted(observed, value), -1)
    watch = np.full(program.num_values, -1, np.int32)
    watch[observed] = np.arange(len(observed))
    boolean = np.zeros(program.num_values, dtype=bool)
    scalar = code.op < opcodes.LAYER
    boolean[code.value[scalar]] = (code.flags[scalar] & opcodes.RESULT_BOOLEAN) != 0
    scale, shift = program.wire_scale[program.wanted], program.wire_shift[program.wanted]
    return Outputs(program.circuit.name, tuple(program.circuit.outputs), row, scale, shift, boolean[observed], watch)


def bit_outputs(bits: BitProgram) -> Outputs:
    """The outputs of a bit program."""
    circuit = bits.program.circuit
    boolean, watch = np.ones(bits.num_observed, dtype=bool), np.empty(0, np.int32)
    return Outputs(circuit.name, tuple(circuit.outputs), bits.row, bits.scale, bits.shift, boolean, watch)
