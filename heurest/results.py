"""Result records: what an estimator or a ground truth hands back."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from math import inf, log, nan
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heurest.circuit.wires import Wire
from heurest.errors import ArgumentError
from heurest.reduced import JointTable, Reduced, ReducedLaw

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Estimate:
    """A deterministic estimate of a circuit's expected outputs.

    Attributes:
        circuit: Name of the circuit.
        method: The method's full specification, such as ``cumulant:2:expansion=node``.
        value: Expected value by output name, in the circuit's order.
        mean: Expected value of every wire, shape ``(num_wires,)``; NaN for wires that feed no output.
        variance: Variance of every wire, or ``None`` where the method tracks none.
        complement: P(0) of every boolean wire, computed apart from P(1), so that neither loses digits next to 1; NaN for other
            wires; ``None`` where the method does not keep it apart.
        seconds: Time by phase: ``compile`` (the kernels, once a process), ``plan`` (lowering), ``run``.
        terms: How many cumulants the method keeps track of at its peak.
        bytes: Memory that they and the working room take.
        warnings: What a user should know before trusting the result, one line each.
        reduced: Reduced laws, joint tables and what coherence did, for methods that propagate reductants.
        argument: The heuristic argument that the estimate follows, for estimates by one.
        stderr: Standard error by output name where measured values went in; ``None`` for a mechanistic estimate.
    """

    circuit: str
    method: str
    value: dict[str, float]
    mean: FloatArray
    variance: FloatArray | None = None
    seconds: dict[str, float] = field(default_factory=dict)
    terms: int = 0
    bytes: int = 0
    warnings: tuple[str, ...] = ()
    reduced: Reduced | None = None
    argument: Any = None  # an Argument, which stands further down the order of imports
    stderr: dict[str, float] | None = None
    complement: FloatArray | None = None

    @property
    def mixed(self) -> bool:
        """Whether measured values went in: the estimate is not from structure alone."""
        return self.stderr is not None

    def probability_of_zero(self, wire: Wire | int) -> float:
        """Estimated P(0) of a boolean wire: kept apart from P(1) where the method does that, else one minus it."""
        index = wire.index if isinstance(wire, Wire) else wire
        return float(1.0 - self.mean[index] if self.complement is None else self.complement[index])

    def log_odds(self, wire: Wire | int) -> float:
        """Ln P(1)/P(0) of a boolean wire; infinite where one of them is 0, NaN where an estimate is no probability."""
        one, zero = float(self.mean[wire.index if isinstance(wire, Wire) else wire]), self.probability_of_zero(wire)
        if not (one >= 0.0 and zero >= 0.0):
            return nan
        return inf if zero == 0.0 else -inf if one == 0.0 else log(one) - log(zero)

    def law(self, wire: Wire | int) -> ReducedLaw:
        """The reduced law of a wire: a few points with weights that stand for its law.

        Args:
            wire: The wire, or its index.

        Raises:
            ArgumentError: The method keeps no reduced laws, or nothing is known of the wire.

        Examples:
            >>> import heurest as hr
            >>> c = hr.Circuit("rare")
            >>> x = c.input("x", hr.Bernoulli(1e-10), count=2)
            >>> c.output("y", ~(x[0] & x[1]))
            >>> hr.estimate(c, "reductant:2").law(c.outputs["y"]).weights  # P(0) and P(1)
            array([1.e-20, 1.e+00])
        """
        return self._reduced("law of a wire").law(self._index(wire))

    def table(self, first: Wire | int, second: Wire | int) -> JointTable:
        """The joint table of two wires, on the points of their reduced laws.

        Args:
            first: A wire, or its index.
            second: A wire, or its index.

        Raises:
            ArgumentError: The method keeps no joint tables, the estimator was not told to keep them
                (``hr.Reductant(keep_tables=True)``), or nothing is known of a wire.

        Examples:
            >>> import heurest as hr
            >>> c = hr.Circuit("implied")
            >>> x, y = c.input("x", hr.Bernoulli(0.5), count=2)
            >>> c.output("z", x & y)
            >>> hr.Reductant(keep_tables=True).estimate(c).table(c.outputs["z"], x).probabilities
            array([[0.5 , 0.25],
                   [0.  , 0.25]])
        """
        return self._reduced("joint table").table(self._index(first), self._index(second))

    def _reduced(self, what: str) -> Reduced:
        if self.reduced is None:
            raise ArgumentError(f"{self.method} keeps no {what}; reductant propagation does")
        return self.reduced

    def _index(self, wire: Wire | int) -> int:
        index = wire.index if isinstance(wire, Wire) else wire
        if isinstance(index, bool) or not isinstance(index, (int, np.integer)) or not 0 <= index < len(self.mean):
            raise ArgumentError(f"a wire of {self.circuit!r} must be a wire or an index from 0 to {len(self.mean) - 1}, got {wire!r}")
        return int(index)

    def to_dict(self) -> dict[str, Any]:
        """The result by output, ready for JSON; numbers that are not finite become ``None``."""
        return {
            "circuit": self.circuit,
            "method": self.method,
            "value": {name: finite_or_none(number) for name, number in self.value.items()},
            "seconds": self.seconds,
            "terms": self.terms,
            "bytes": self.bytes,
            "warnings": list(self.warnings),
            **({"coherence": asdict(self.reduced.coherence)} if self.reduced else {}),
            **({"mixed": self.mixed, "stderr": self.stderr} if self.argument is not None else {}),
        }

    def __str__(self) -> str:
        notes = [str(self.reduced.coherence)] if self.reduced else []
        notes += [f"warning: {line}" for line in self.warnings]
        errors = {name: f" +- {error:.2g}" for name, error in (self.stderr or {}).items()}
        rows = [(name, f"{number:.10g}{errors.get(name, '')}") for name, number in self.value.items()]
        return _table(f"{self.method} of {self.circuit!r}", rows, notes)

    def __repr__(self) -> str:
        return f"<Estimate {self.method} of {self.circuit!r}: {_short(self.value)}>"


@dataclass(frozen=True, eq=False)
class Truth:
    """A ground truth: exact, or sampled with its standard error.

    Attributes:
        circuit: Name of the circuit.
        method: How it was found: ``exact:enumeration``, ``mc:100000`` and so on.
        value: Expected value (or sample mean) by output name, in the circuit's order.
        stderr: Standard error by output name; zero when exact.
        interval: Confidence interval (low, high) by output name; both equal the value when exact.
        variance: Variance of each output.
        samples: Number of samples; 0 when exact.
        seconds: Time by phase: ``compile``, ``plan``, ``draw`` (inputs), ``run``.
        confidence: Level of the intervals.
        warnings: What a user should know before trusting the result, one line each.
        complement: P(0) of boolean outputs by name, computed apart from P(1); ``None`` where the method does not keep it apart.
    """

    circuit: str
    method: str
    value: dict[str, float]
    stderr: dict[str, float]
    interval: dict[str, tuple[float, float]]
    variance: dict[str, float]
    samples: int = 0
    seconds: dict[str, float] = field(default_factory=dict)
    confidence: float = 0.95
    warnings: tuple[str, ...] = ()
    complement: dict[str, float] | None = None

    @property
    def exact(self) -> bool:
        """Whether there is no sampling error."""
        return self.samples == 0

    @property
    def interrupted(self) -> bool:
        """Whether the keyboard ended the sampling early."""
        return any(line.startswith("interrupted") for line in self.warnings)

    def rms(self, output: str) -> float:
        """Root mean square of an output, the unit in which errors are compared across circuits."""
        return float(np.sqrt(self.variance[output] + self.value[output] ** 2))

    def to_dict(self) -> dict[str, Any]:
        """The result by output, ready for JSON; numbers that are not finite become ``None``."""
        return {
            "circuit": self.circuit,
            "method": self.method,
            "value": {name: finite_or_none(number) for name, number in self.value.items()},
            "stderr": {name: finite_or_none(number) for name, number in self.stderr.items()},
            "interval": {name: [finite_or_none(end) for end in ends] for name, ends in self.interval.items()},
            "variance": {name: finite_or_none(number) for name, number in self.variance.items()},
            **({"complement": dict(self.complement)} if self.complement is not None else {}),
            "confidence": self.confidence,
            "samples": self.samples,
            "interrupted": self.interrupted,
            "seconds": self.seconds,
            "warnings": list(self.warnings),
        }

    def __str__(self) -> str:
        rows = [(name, f"{number:.10g}" + ("" if self.exact else f" +- {self.stderr[name]:.2g}")) for name, number in self.value.items()]
        return _table(f"{self.method} of {self.circuit!r}", rows, [f"warning: {line}" for line in self.warnings])

    def __repr__(self) -> str:
        return f"<Truth {self.method} of {self.circuit!r}: {_short(self.value)}>"


def finite_or_none(number: float) -> float | None:
    """The number, or ``None`` where JSON has no word for it."""
    return float(number) if np.isfinite(number) else None


def _short(value: dict[str, float]) -> str:
    shown = ", ".join(f"{name}={number:.6g}" for name, number in list(value.items())[:4])
    return shown + (f", ... {len(value)} outputs" if len(value) > 4 else "")


def _table(title: str, rows: list[tuple[str, str]], notes: list[str]) -> str:
    width = max((len(name) for name, _ in rows), default=0)
    return "\n".join([title, *(f"  {name:<{width}}  {text}" for name, text in rows), *(f"  {line}" for line in notes)])
