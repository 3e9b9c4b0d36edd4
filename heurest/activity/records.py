"""Result records of switching activity and influence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heurest.errors import ArgumentError
from heurest.results import finite_or_none

FloatArray = NDArray[np.float64]

_SHOWN = 12  # rows of a listing for people; `to_dict` has all


@dataclass(frozen=True, eq=False)
class SwitchingActivity:
    """How often the wires of a boolean circuit change their value from one pattern of the inputs to the next.

    Attributes:
        circuit: Name of the circuit.
        method: How the numbers were found: ``exact:bits``, ``mc:100000``, or the full specification of an estimator.
        value: Toggle probability by output name, in the circuit's order; real outputs are left out.
        toggle: Toggle probability of every wire, shape ``(num_wires,)``; NaN for real wires, and for wires that feed no output.
        stderr: Standard error of ``toggle``, or ``None`` where nothing was sampled.
        total: Sum over all gates as they are stored: how many change on average from one pattern to the next.
        names: Name of every wire that has one, by index.
        seconds: Time taken.
        warnings: What a user should know before trusting the result, one line each.
    """

    circuit: str
    method: str
    value: dict[str, float]
    toggle: FloatArray
    stderr: FloatArray | None
    total: float
    names: dict[int, str] = field(default_factory=dict)
    seconds: float = 0.0
    warnings: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The result, ready for JSON: ``wires`` by name, or by number as ``#7``; those without a number are left out."""
        known = np.flatnonzero(~np.isnan(self.toggle)).tolist()
        return {
            "circuit": self.circuit,
            "method": self.method,
            "value": {name: finite_or_none(number) for name, number in self.value.items()},
            "wires": {self._label(wire): float(self.toggle[wire]) for wire in known},
            "stderr": None if self.stderr is None else {self._label(wire): float(self.stderr[wire]) for wire in known},
            "total": finite_or_none(self.total),
            "seconds": self.seconds,
            "warnings": list(self.warnings),
        }

    def __str__(self) -> str:
        rows = [(name, f"{number:.6g}") for name, number in self.value.items()]
        wires = int((~np.isnan(self.toggle)).sum())
        notes = [f"{self.total:.6g} gates change from one pattern to the next, {wires} wires are known"]
        return _listing(f"switching activity of {self.circuit!r} by {self.method}", rows, [*notes, *_warned(self.warnings)])

    def __repr__(self) -> str:
        return f"<SwitchingActivity {self.method} of {self.circuit!r}: {self.total:.6g} gates a pattern>"

    def _label(self, wire: int) -> str:
        return self.names.get(wire, f"#{wire}")


@dataclass(frozen=True, eq=False)
class Influence:
    """The Boolean influence of inputs on outputs.

    Attributes:
        circuit: Name of the circuit.
        method: How the numbers were found, as in `SwitchingActivity`; several methods where some inputs were sampled.
        outputs: Names of the outputs, the rows of ``value``.
        inputs: Names of the inputs, its columns.
        value: P(output changes when the input alone is flipped), shape ``(outputs, inputs)``.
        stderr: Standard errors in the same shape, 0 where a number is exact; ``None`` where nothing was sampled.
        seconds: Time taken.
        warnings: What a user should know before trusting the result, one line each.
    """

    circuit: str
    method: str
    outputs: tuple[str, ...]
    inputs: tuple[str, ...]
    value: FloatArray
    stderr: FloatArray | None = None
    seconds: float = 0.0
    warnings: tuple[str, ...] = ()

    def of(self, output: str) -> dict[str, float]:
        """Influence of every input on an output, by input name.

        Raises:
            ArgumentError: The output is not among those asked for.
        """
        if output not in self.outputs:
            raise ArgumentError(f"influence: output must be one of {', '.join(self.outputs)}, got {output!r}")
        return dict(zip(self.inputs, self.value[self.outputs.index(output)].tolist(), strict=True))

    @property
    def total(self) -> dict[str, float]:
        """Sum over the inputs by output: the average sensitivity, the mean number of inputs that change the output when flipped."""
        return dict(zip(self.outputs, self.value.sum(axis=1).tolist(), strict=True))

    @property
    def total_stderr(self) -> dict[str, float]:
        """Standard errors of ``total``; inputs are sampled independently of each other."""
        errors = np.zeros(self.value.shape) if self.stderr is None else self.stderr
        return dict(zip(self.outputs, np.sqrt((errors**2).sum(axis=1)).tolist(), strict=True))

    def to_dict(self) -> dict[str, Any]:
        """The result by output and input, ready for JSON."""
        return {
            "circuit": self.circuit,
            "method": self.method,
            "value": self._table(self.value),
            "stderr": None if self.stderr is None else self._table(self.stderr),
            "total": {name: finite_or_none(number) for name, number in self.total.items()},
            "seconds": self.seconds,
            "warnings": list(self.warnings),
        }

    def __str__(self) -> str:
        rows = []
        for name, numbers in zip(self.outputs, self.value, strict=True):
            order = np.argsort(-numbers, kind="stable")[:3]
            largest = ", ".join(f"{self.inputs[i]} {numbers[i]:.4g}" for i in order)
            rows.append((name, f"{self.total[name]:.6g} in all; {largest}" + (", ..." if len(self.inputs) > 3 else "")))
        errors = [] if self.stderr is None else [f"the largest standard error is {self.stderr.max(initial=0.0):.2g}"]
        return _listing(f"influence in {self.circuit!r} by {self.method}", rows, [*errors, *_warned(self.warnings)])

    def __repr__(self) -> str:
        return f"<Influence {self.method} of {self.circuit!r}: {len(self.inputs)} inputs on {len(self.outputs)} outputs>"

    def _table(self, numbers: FloatArray) -> dict[str, dict[str, float | None]]:
        return {
            output: {name: finite_or_none(number) for name, number in zip(self.inputs, row, strict=True)}
            for output, row in zip(self.outputs, numbers, strict=True)
        }


def _listing(title: str, rows: list[tuple[str, str]], notes: Sequence[str]) -> str:
    shown = rows[:_SHOWN]
    width = max((len(name) for name, _ in shown), default=0)
    more = [f"  ... {len(rows)} outputs"] if len(rows) > _SHOWN else []
    return "\n".join([title, *(f"  {name:<{width}}  {text}" for name, text in shown), *more, *(f"  {line}" for line in notes)])


def _warned(warnings: Sequence[str]) -> list[str]:
    return [f"warning: {line}" for line in warnings]
