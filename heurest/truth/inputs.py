"""The inputs that feed a program's outputs, and how a matrix of samples is drawn for them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from heurest import opcodes
from heurest.circuit.gates import INPUT
from heurest.circuit.laws import Law
from heurest.program import Program

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class InputRun:
    """Rows of the input matrix that are drawn together: independent copies of a one-input law, or inputs of a joint one.

    Attributes:
        law: Their law.
        first: The first of their rows, which follow each other.
        coordinates: For each row its coordinate in the law.
        group: Number of the first of their groups in the circuit.
    """

    law: Law
    first: int
    coordinates: IntArray
    group: int

    @property
    def rows(self) -> slice:
        """Their rows."""
        return slice(self.first, self.first + len(self.coordinates))

    @property
    def copies(self) -> int:
        """How many independent draws from the law a sample takes."""
        return 1 if self.law.size > 1 else len(self.coordinates)


@dataclass(frozen=True, eq=False)
class LiveInputs:
    """The inputs that a program loads. Others are never drawn, so that dead ones change no sample.

    Attributes:
        runs: What is drawn together, in the order of the inputs.
        rows: How many inputs there are: rows of the input matrix.
        load_row: Row of each of the circuit's inputs; -1 for those that are not loaded.
    """

    runs: tuple[InputRun, ...]
    rows: int
    load_row: NDArray[np.int32]

    def draw(self, rng: np.random.Generator, count: int) -> FloatArray:
        """Independent samples of all rows, shape ``(rows, count)``."""
        result = np.empty((self.rows, count))
        for run in self.runs:
            if run.law.size == 1:
                result[run.rows] = run.law.sample(rng, run.copies * count).reshape(run.copies, count)
            else:
                result[run.rows] = run.law.sample(rng, count)[run.coordinates]
        return result

    @property
    def uniforms(self) -> int:
        """How many uniform coordinates one sample takes."""
        return sum(run.copies * run.law.uniforms for run in self.runs)

    def from_uniform(self, cube: FloatArray) -> FloatArray:
        """Samples of all rows from points of the unit cube of shape ``(count, uniforms)``."""
        count = len(cube)
        result = np.empty((self.rows, count))
        start = 0
        for run in self.runs:
            width = run.law.uniforms
            for copy in range(run.copies):
                rows = slice(run.first + copy, run.first + copy + 1) if run.law.size == 1 else run.rows
                mapped = run.law.from_uniform(cube[:, start : start + width])
                result[rows] = mapped if run.law.size == 1 else mapped[run.coordinates]
                start += width
        return result


def live_inputs(program: Program, separate: bool = False) -> LiveInputs:
    """The inputs that a program loads.

    Args:
        program: From `lower`.
        separate: Give every group of inputs a run of its own instead of joining neighbours of equal law.
    """
    circuit, code = program.circuit, program.instructions
    all_groups = circuit.groups
    wires = np.flatnonzero(circuit.gate == INPUT)
    loaded = np.unique(code.left[code.op == opcodes.LOAD])
    load_row = np.full(len(wires), -1, np.int32)
    load_row[loaded] = np.arange(len(loaded))
    groups, coordinates = circuit.left[wires[loaded]], circuit.right[wires[loaded]]
    starts = np.flatnonzero(np.diff(groups, prepend=-1))
    parts: list[tuple[Law, int, int, int]] = []  # law, first row, row after the last, group
    for start, stop in pairwise([*starts.tolist(), len(loaded)]):
        group = int(groups[start])
        law = all_groups[group].law
        if not separate and parts and law.size == 1 and (parts[-1][0] is law or parts[-1][0] == law):
            _, start, _, group = parts.pop()
        parts.append((law, start, stop, group))
    runs = tuple(InputRun(law, start, coordinates[start:stop].copy(), group) for law, start, stop, group in parts)
    return LiveInputs(runs, len(loaded), load_row)
