"""Plain Monte Carlo under the interface of an estimator, as a baseline in comparisons."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from heurest.circuit.circuit import Circuit
from heurest.errors import ArgumentError
from heurest.results import Estimate
from heurest.truth.monte_carlo import monte_carlo
from heurest.truth.options import Progress


@dataclass(frozen=True)
class Sampling:
    """Monte Carlo with a fixed number of samples; unbiased, with an error that falls as one over its square root.

    It is not a heuristic estimate: each result says that it was sampled and with which standard error.

    Args:
        samples: Number of samples, at least 2.
        seed: Seed of the sampling.

    Raises:
        ArgumentError: A parameter is out of range.

    Examples:
        >>> import heurest as hr
        >>> c = hr.Circuit("coin")
        >>> c.output("y", c.input("x", hr.Bernoulli(0.5)))
        >>> abs(hr.estimate(c, "mc:10000").value["y"] - 0.5) < 0.03
        True
    """

    samples: int = 100_000
    seed: int = 0

    def __post_init__(self) -> None:
        for name, least in (("samples", 2), ("seed", 0)):
            number = getattr(self, name)
            if isinstance(number, bool) or not isinstance(number, (int, np.integer)) or number < least:
                raise ArgumentError(f"mc: {name} must be an integer of at least {least}, got {number!r}")
            object.__setattr__(self, name, int(number))

    @property
    def spec(self) -> str:
        """Such as ``mc:100000:seed=0``."""
        return f"mc:{self.samples}:seed={self.seed}"

    def estimate(
        self, circuit: Circuit, *, keep_dead: bool = False, max_memory: int | None = None, progress: Progress | None = None
    ) -> Estimate:
        """Sample the outputs of a circuit, which is frozen by this; means of other wires are not kept (NaN)."""
        truth = monte_carlo(circuit, samples=self.samples, rng=self.seed, max_memory=max_memory, progress=progress)
        if truth.interrupted:
            raise KeyboardInterrupt
        mean, variance = np.full(len(circuit), np.nan), np.full(len(circuit), np.nan)
        for name, wire in circuit.outputs.items():
            mean[wire.index], variance[wire.index] = truth.value[name], truth.variance[name]
        phases = truth.seconds
        seconds = {
            "compile": phases.get("compile", 0.0),
            "plan": phases.get("plan", 0.0),
            "run": phases.get("draw", 0.0) + phases.get("run", 0.0),
        }
        note = f"sampled, not derived: the largest standard error is {max(truth.stderr.values()):.3g}"
        return Estimate(circuit.name, self.spec, truth.value, mean, variance, seconds, 0, 0, (note, *truth.warnings))
