"""Degrees of a program's outputs as polynomials in its inputs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from heurest.errors import IntractableError
from heurest.program import LayerStep, Program
from heurest.truth.inputs import LiveInputs
from heurest.truth.outputs import Outputs

DEGREE_CAP = 2**20
_MOST_NUMBERS = 2**26


def output_degrees(program: Program, inputs: LiveInputs, outputs: Outputs) -> NDArray[np.int64]:
    """Degrees of the observed rows: in each run of inputs, all its coordinates together, and in all inputs (last column).

    They are upper bounds, since cancellation is not seen, and stop at 2**20.

    Raises:
        IntractableError: The degrees of all live wires would be more than 2**26 numbers.

    Cost:
        One operation a gate and run of inputs.
    """
    from heurest.kernels.degrees import propagate_degrees

    columns = len(inputs.runs) + 1
    if program.num_slots * columns > _MOST_NUMBERS:
        raise IntractableError(f"{len(inputs.runs):,} inputs times {program.num_slots:,} live wires are too many to follow their degrees")
    column = np.full(len(inputs.load_row), -1, np.int32)
    of_row = np.repeat(np.arange(len(inputs.runs)), [len(run.coordinates) for run in inputs.runs])
    column[inputs.load_row >= 0] = of_row
    slots, row = np.zeros((program.num_slots, columns), np.int64), np.zeros(columns, np.int64)
    watched = np.zeros((outputs.rows, columns), np.int64)
    for step in program.steps:
        if isinstance(step, range):
            propagate_degrees(program.instructions, step.start, step.stop, column, slots, row, outputs.watch, watched, DEGREE_CAP)
        elif isinstance(step, LayerStep):
            operands = slots[step.operands]
            for i, (slot, coefficients) in enumerate(zip(step.outputs, step.matrix, strict=True)):
                slots[slot] = operands[coefficients != 0.0].max(axis=0, initial=0)
                seen = outputs.watch[step.first_value + i]
                if seen >= 0:
                    watched[seen] = slots[slot]
    return watched
