"""Runs a program on many points at once, in batches that fit in cache."""

from __future__ import annotations

from functools import cache
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from heurest import opcodes
from heurest.circuit.circuit import Circuit
from heurest.circuit.laws import Bernoulli, Normal
from heurest.program import LayerStep, Program, lower
from heurest.program.memory import aligned_zeros

FloatArray = NDArray[np.float64]

_CACHE_NUMBERS = 2**16  # 512 KiB of floats: half of a usual L2 cache
_SHORT_BATCH = 256  # below this many points a gate's fixed cost weighs more than leaving the cache ...
_SHORT_NUMBERS = 2**23  # ... as long as all of them together stay under 64 MiB


def batch_size(rows: int) -> int:
    """Points in a batch for so many slots and observed rows: a multiple of 64, from 64 to 4,096."""
    rows = max(rows, 1)
    fitting = max(_CACHE_NUMBERS // rows, min(_SHORT_BATCH, _SHORT_NUMBERS // rows))
    return max(64, min(4096, fitting // 64 * 64))


class Engine:
    """Working room for one thread, and the loop over the program's steps.

    Args:
        program: From `lower`.
        load_row: Row of each of the circuit's inputs in the matrices that are run.
        watch: For each value its row in ``observed``, or -1.
        batch: The most points in a run.

    Attributes:
        observed: Watched values of the last run, shape ``(rows, batch)``.
    """

    def __init__(self, program: Program, load_row: NDArray[np.int32], watch: NDArray[np.int32], batch: int) -> None:
        self._program = program
        self._load_row = load_row
        self._watch = watch
        self._slots = aligned_zeros((program.num_slots + 1, batch))
        self._place = np.arange(program.num_slots + 1)
        self.batch = batch
        self.observed = np.zeros((int(watch.max(initial=-1)) + 1, batch))

    @staticmethod
    def bytes(program: Program, observed: int, batch: int) -> int:
        """Memory that an engine takes."""
        layers = max((len(step.operands) + len(step.outputs) for step in program.steps if isinstance(step, LayerStep)), default=0)
        return 8 * batch * (program.num_slots + 1 + observed + layers)

    def run(self, inputs: FloatArray, offset: int, count: int) -> None:
        """Evaluate ``count`` points, columns ``offset`` to ``offset + count`` of ``inputs``; results stand in ``observed``."""
        from heurest.kernels.evaluate import evaluate

        program = self._program
        for step in program.steps:
            if isinstance(step, range):
                evaluate(
                    program.instructions, step.start, step.stop, inputs, self._load_row, offset, count,
                    self._slots, self._place, self._watch, self.observed,
                )  # fmt: skip
            elif isinstance(step, LayerStep):
                self._run_layer(step, count)

    def _run_layer(self, step: LayerStep, count: int) -> None:
        with np.errstate(over="ignore", invalid="ignore"):
            result = step.matrix @ self._slots[self._place[step.operands], :count]
            result += step.bias[:, np.newaxis]
        self._slots[self._place[step.outputs], :count] = result
        row = self._watch[step.first_value : step.first_value + len(result)]
        self.observed[row[row >= 0], :count] = result[row >= 0]


def weight_of(program: Program) -> int:
    """Multiplications and additions that one point takes, dense layers included: the measure of a program's cost."""
    code = program.instructions
    terms = int((code.right - code.left)[code.op == opcodes.AFFINE].sum())
    layers = sum(step.matrix.size for step in program.steps if isinstance(step, LayerStep))
    return len(code.op) + terms + layers


def small_program(boolean: bool) -> Program:
    """A program that meets every kind of instruction a kernel knows, to compile it on."""
    circuit = Circuit("warm-up")
    if boolean:
        x, y = circuit.input("x", Bernoulli(0.5), count=2)
        circuit.output("z", x ^ y)
    else:
        x = circuit.input("x", Normal())
        circuit.output("y", (x + 1.0) * x)
    return lower(circuit)


@cache
def compile_lowering() -> None:
    """Compile the kernels that lowering calls, so that the time of a plan does not contain them."""
    small_program(False)


class Stopwatch:
    """Seconds by phase."""

    def __init__(self) -> None:
        self.seconds = {"compile": 0.0, "plan": 0.0, "draw": 0.0, "run": 0.0}
        self._begin = perf_counter()

    def lap(self, phase: str) -> float:
        """Add the time since the last lap to a phase; returns it."""
        now = perf_counter()
        passed, self._begin = now - self._begin, now
        self.seconds[phase] += passed
        return passed
