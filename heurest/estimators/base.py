"""What every estimator shares: its interface, the check of memory, and how a result is put together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from time import perf_counter
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from heurest.circuit.circuit import Circuit
from heurest.program import Program, lower
from heurest.program.memory import require_memory
from heurest.reduced import Reduced
from heurest.results import Estimate

FloatArray = NDArray[np.float64]
Progress = Callable[[int, int, str], None]

# A probability this far outside [0, 1] is rounding, not a finding.
_ROUNDING = 1e-9


class Estimator(Protocol):
    """A method: an immutable configuration with a specification and one call."""

    @property
    def spec(self) -> str:
        """The method's full specification, as the command line takes it."""
        ...

    def estimate(
        self, circuit: Circuit, *, keep_dead: bool = False, max_memory: int | None = None, progress: Progress | None = None
    ) -> Estimate:
        """Estimate the expected outputs of a circuit, which is frozen by this; an estimator of your own may leave ``progress`` out."""
        ...


def check_memory(program: Program, order: int, max_memory: int | None) -> int:
    """Bytes that propagation of this order needs.

    Raises:
        IntractableError: It is more than ``max_memory``, or more than is free.
    """
    needed = program.bytes(order)
    require_memory(f"circuit {program.circuit.name!r}: order {order} over {program.num_slots} live wires", needed, max_memory)
    return needed


def timed_lower(circuit: Circuit, keep_dead: bool) -> tuple[Program, float]:
    """A program and the seconds it took to make."""
    begin = perf_counter()
    program = lower(circuit, keep_dead=keep_dead)
    return program, perf_counter() - begin


def finish(program: Program, method: str, mean: FloatArray, variance: FloatArray | None, seconds: Mapping[str, float],
           terms: int, needed: int, reduced: Reduced | None = None, complement: FloatArray | None = None) -> Estimate:  # fmt: skip
    """Put an estimate together from means and variances of all wires, with the warnings that they call for.

    ``complement`` is P(0) of every boolean wire, where the method keeps it apart.
    """
    circuit = program.circuit
    value = {name: float(mean[wire.index]) for name, wire in circuit.outputs.items()}
    warnings = _warnings(circuit, mean, variance)
    return Estimate(circuit.name, method, value, mean, variance, dict(seconds), terms, needed, warnings, reduced, complement=complement)


@np.errstate(all="ignore")  # overflow is reported in words
def _warnings(circuit: Circuit, mean: FloatArray, variance: FloatArray | None) -> tuple[str, ...]:
    lines: list[str] = []
    outside = np.where(circuit.boolean, np.maximum(mean - 1.0, -mean), -np.inf)
    _describe(circuit, lines, np.nan_to_num(outside, nan=-np.inf) > _ROUNDING, outside, mean, "an estimated probability outside [0, 1]")
    if variance is not None:
        scale = _ROUNDING * (1.0 + mean**2)
        _describe(circuit, lines, variance < -scale, -variance, variance, "a negative estimated variance")
    _describe(circuit, lines, np.isinf(mean), np.abs(mean), mean, "an estimate that overflows")
    for name, wire in circuit.outputs.items():
        if np.isnan(mean[wire.index]):
            lines.append(f"output {name!r} is not a number: a product of estimates overflowed")
            break
    return tuple(lines)


def _describe(circuit: Circuit, lines: list[str], bad: NDArray[np.bool_], badness: FloatArray, shown: FloatArray, what: str) -> None:
    count = int(bad.sum())
    if count:
        worst = int(np.argmax(np.where(bad, badness, -np.inf)))
        name = circuit.wire_name(worst)
        label = f"wire {worst}" + (f" ({name!r})" if name else "")
        lines.append(f"{count} wire{'' if count == 1 else 's'} with {what}, the worst is {label}: {shown[worst]:.6g}")
