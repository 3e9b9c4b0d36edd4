"""The ground truth that a comparison takes: exact where that is affordable, sampled elsewhere."""

from __future__ import annotations

import numpy as np

from heurest.circuit.circuit import Circuit
from heurest.errors import IntractableError
from heurest.program import lower
from heurest.results import Truth
from heurest.truth import options
from heurest.truth.engine import Stopwatch, compile_lowering
from heurest.truth.exact import METHODS, exact, solve
from heurest.truth.monte_carlo import monte_carlo
from heurest.truth.options import Progress, StopRule
from heurest.truth.task import Task

# The budget of "auto": about ten seconds at nominal speed. The clock is not asked, so that the choice is the same everywhere.
AUTO_POINTS = 10**7
AUTO_SECONDS = 10.0
AUTO_TERMS = 10_000


def ground_truth(
    circuit: Circuit,
    truth: str = "auto",
    *,
    samples: int | None = None,
    stderr: float | None = None,
    seconds: float | None = None,
    rng: int | np.random.Generator = 0,
    confidence: float = 0.95,
    threads: int = 1,
    max_points: int | None = None,
    max_memory: int | None = None,
    progress: Progress | None = None,
) -> Truth:
    """Find the expected outputs of a circuit: exact if that fits a budget, else by sampling.

    The budget of ``auto``: at most ``max_points`` points (10 million; 64 boolean patterns count as one), a nominal cost
    of 10 seconds, and 10,000 terms of polynomials or cumulants. It is counted, not timed, so that the same circuit is
    treated the same way on every machine.

    Args:
        circuit: Any circuit with outputs; it is frozen by this.
        truth: ``auto``, ``exact`` (see `exact`), ``mc`` (see `monte_carlo`), or one exact method such as ``exact:bits``.
        samples: When sampling stops, as in `monte_carlo`.
        stderr: The same.
        seconds: The same.
        rng: Seed, or a generator from which one is drawn.
        confidence: Level of the intervals.
        threads: Blocks sampled, or parts enumerated, at the same time.
        max_points: Points that exact methods may visit; by default 10**7 for ``auto`` and 10**9 for ``exact``.
        max_memory: Bytes that may be used; by default what is free.
        progress: Called as ``progress(done, total, what)``.

    Returns:
        The record; ``.method`` says how it was found and ``.exact`` whether there is no sampling error.

    Raises:
        ArgumentError: An option is not acceptable.
        CircuitError: The circuit has no output.
        IntractableError: ``exact`` is asked for and out of reach, or the memory does not suffice.

    Examples:
        >>> import heurest as hr
        >>> c = hr.Circuit("square")
        >>> x = c.input("x", hr.Normal(3, 1))
        >>> c.output("y", x**2)
        >>> ground_truth(c).method, ground_truth(c, "mc", samples=1000).method
        ('exact:quadrature', 'mc:1000')
    """
    options.checked_choice("truth", truth, ("auto", "exact", "mc", *(f"exact:{name}" for name in METHODS)))
    StopRule(samples, stderr, seconds)
    entropy = options.checked_entropy(rng)
    options.checked_confidence(confidence)
    options.checked_integer("threads", threads, 1, options.MOST_THREADS)
    if truth.startswith("exact"):
        method = None if truth == "exact" else truth
        return exact(
            circuit, method, 10**9 if max_points is None else max_points, max_memory=max_memory, progress=progress, threads=threads
        )
    if truth == "auto":
        points = AUTO_POINTS if max_points is None else options.checked_integer("max_points", max_points, 1, 2**62)
        watch = Stopwatch()
        compile_lowering()
        watch.lap("compile")
        task = Task(circuit, lower(circuit), points, AUTO_TERMS, options.checked_memory(max_memory), None, progress, threads)
        try:
            return solve(task, tuple(METHODS), AUTO_SECONDS, watch)
        except IntractableError:
            pass
    return monte_carlo(circuit, samples, stderr, seconds, entropy, confidence, threads, max_memory=max_memory, progress=progress)
