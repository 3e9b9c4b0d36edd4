"""What every exact method is given, and what it hands back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from heurest.circuit.circuit import Circuit
from heurest.errors import IntractableError
from heurest.program import Program
from heurest.truth.degrees import output_degrees
from heurest.truth.inputs import LiveInputs, live_inputs
from heurest.truth.options import Progress
from heurest.truth.outputs import Outputs, float_outputs

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Answer:
    """Expected value and variance of each output; a variance that was out of reach is NaN, and a warning says so.

    ``complement`` is P(0) of each boolean output, NaN for others, where the method keeps it apart.
    """

    value: FloatArray
    variance: FloatArray
    warnings: tuple[str, ...] = ()
    complement: FloatArray | None = None


@dataclass(frozen=True, eq=False)
class Plan:
    """A method that fits: roughly how long it will take, and how to run it.

    Running may still raise `IntractableError`, where the cost shows only on the way.
    """

    seconds: float
    run: Callable[[], Answer]


@dataclass(frozen=True, eq=False)
class Task:
    """A circuit and the limits within which its exact values are wanted.

    Attributes:
        circuit: The circuit, frozen.
        program: The same, lowered.
        max_points: Points that may be enumerated; 64 boolean patterns, evaluated at once, count as one.
        max_terms: Monomials in a polynomial, or joint cumulants, that may be kept.
        max_memory: Bytes that may be used; ``None`` for what is free.
        deadline: Clock time at which to give up; ``None`` for never.
        progress: Called as ``progress(done, total, what)``.
        threads: Parts of an enumeration of bits that run at the same time.
    """

    circuit: Circuit
    program: Program
    max_points: int
    max_terms: int
    max_memory: int | None
    deadline: float | None
    progress: Progress | None
    threads: int = 1

    @cached_property
    def inputs(self) -> LiveInputs:
        """The inputs that feed outputs, each group apart."""
        return live_inputs(self.program, separate=True)

    @cached_property
    def outputs(self) -> Outputs:
        """The outputs as rows of values."""
        return float_outputs(self.program)

    @cached_property
    def degrees(self) -> IntArray:
        """Degree of each observed row in each group of inputs, and in all together (last column).

        Raises:
            IntractableError: There are too many inputs times live wires.
        """
        return output_degrees(self.program, self.inputs, self.outputs)

    def tick(self, done: int, total: int, what: str) -> None:
        """Report progress.

        Raises:
            IntractableError: The deadline has passed.
        """
        if self.progress:
            self.progress(done, total, what)
        if self.deadline is not None and perf_counter() > self.deadline:
            raise IntractableError("out of time")

    def input_name(self, group: int) -> str:
        """Name of the first input of a group, quoted."""
        wire = self.circuit.groups[group].wires[0]
        return repr(self.circuit.wire_name(wire) or f"wire {wire}")
