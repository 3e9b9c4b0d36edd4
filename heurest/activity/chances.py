"""Probabilities of the outputs of boolean circuits by any method: exact, sampled, or estimated."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from heurest.circuit.circuit import Circuit
from heurest.errors import ArgumentError, IntractableError
from heurest.estimators.base import Estimator
from heurest.methods import estimate, parse_method
from heurest.program import lower
from heurest.results import Truth
from heurest.truth import options
from heurest.truth.engine import Stopwatch, compile_lowering
from heurest.truth.exact import solve
from heurest.truth.monte_carlo import monte_carlo
from heurest.truth.sampling import Sampling
from heurest.truth.task import Task

FloatArray = NDArray[np.float64]

AUTO_POINTS = 10**7  # 64 patterns count as one; the clock is not asked, so that the choice is the same everywhere
EXACT_POINTS = 10**9


@dataclass(frozen=True, eq=False)
class Chances:
    """Probabilities of 1 of a circuit's outputs in order.

    Attributes:
        method: How they were found.
        value: One for each output.
        stderr: Standard errors; ``None`` where nothing was sampled.
        samples: Number of samples, or 0.
        warnings: Warnings of the method.
    """

    method: str
    value: FloatArray
    stderr: FloatArray | None = None
    samples: int = 0
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Source:
    """Where probabilities come from.

    Attributes:
        method: ``auto``, ``exact``, ``mc``, or an estimator.
        samples: Of ``auto`` and ``mc``; ``None`` for the default of `monte_carlo`.
        entropy: Seed of the sampling.
        max_memory: Bytes that may be used.
    """

    method: str | Estimator
    samples: int | None
    entropy: int
    max_memory: int | None

    @property
    def estimates(self) -> bool:
        """Whether an estimator answers."""
        return not isinstance(self.method, str)

    def chances(self, circuit: Circuit, number: int = 0, share: int = 1) -> Chances:
        """Probabilities of the outputs of a boolean circuit.

        Args:
            circuit: Its outputs are boolean; it is frozen by this.
            number: Which of several calls this is: each samples on its own.
            share: How many calls share the budget of ``auto``.

        Raises:
            IntractableError: ``exact`` is asked for and out of reach, or the memory does not suffice.
        """
        if not isinstance(self.method, str):
            found = estimate(circuit, self.method, max_memory=self.max_memory)
            return Chances(found.method, np.array(list(found.value.values())), None, 0, found.warnings)
        if self.method != "mc":
            try:
                truth = _enumerated(circuit, EXACT_POINTS if self.method == "exact" else AUTO_POINTS // share, self.max_memory)
                return Chances(truth.method, np.array(list(truth.value.values())))
            except IntractableError:
                if self.method == "exact":
                    raise
        rng = np.random.default_rng([self.entropy, number])
        truth = monte_carlo(circuit, samples=self.samples, rng=rng, max_memory=self.max_memory)
        if truth.interrupted:
            raise KeyboardInterrupt
        return Chances(truth.method, np.array(list(truth.value.values())), np.array(list(truth.stderr.values())), truth.samples)


def make_source(where: str, method: str | Estimator, samples: int | None, rng: int | np.random.Generator, max_memory: int | None) -> Source:
    """Check the options that say where probabilities come from.

    Raises:
        ArgumentError: One is not acceptable.
    """
    entropy, memory = options.checked_entropy(rng), options.checked_memory(max_memory)
    if samples is not None:
        samples = options.checked_integer("samples", samples, 2, 2**53)
    if isinstance(method, str) and method in ("auto", "exact", "mc"):
        if method == "exact" and samples is not None:
            raise ArgumentError(f"{where}: the exact method takes no samples, got samples={samples:,}")
        return Source(method, samples, entropy, memory)
    estimator = parse_method(method)
    if samples is not None:
        raise ArgumentError(f"{where}: samples go with the methods auto and mc, got {method!r}")
    if isinstance(estimator, Sampling):  # the same samples, with a standard error for each number
        return Source("mc", estimator.samples, estimator.seed, memory)
    return Source(estimator, None, entropy, memory)


def _enumerated(circuit: Circuit, max_points: int, max_memory: int | None) -> Truth:
    watch = Stopwatch()
    compile_lowering()
    watch.lap("compile")
    return solve(Task(circuit, lower(circuit), max_points, 0, max_memory, None, None), ("bits", "enumeration"), None, watch)
