"""Probabilities of rare events in boolean circuits: importance sampling that follows the circuit's structure."""

from __future__ import annotations

from dataclasses import dataclass, field
from statistics import NormalDist
from typing import Any

import numpy as np

from heurest.circuit.circuit import Circuit
from heurest.errors import ArgumentError, IntractableError, KindError
from heurest.program import lower
from heurest.results import finite_or_none
from heurest.truth import options
from heurest.truth.bit_network import bit_network
from heurest.truth.engine import Stopwatch, compile_lowering
from heurest.truth.importance import rare_code
from heurest.truth.options import Progress, StopRule
from heurest.truth.rare_runs import METHODS, RareRun, compile_rare_samplers

_SAMPLES, _STDERR = 16_384, 0.001
_MOST_SAMPLES = 2**24  # where only an error or a time ends sampling: an event may be impossible and not look so


@dataclass(frozen=True)
class RareEvent:
    """An estimated probability that an output has a value.

    Attributes:
        circuit: Name of the circuit.
        output: Name of the output.
        value: The value whose probability it is, 0 or 1.
        probability: The estimate; unbiased.
        stderr: Its standard error, relative to the estimate at least one over ``samples``; infinite where the event was never seen,
            0 where the structure alone decides.
        samples: How many samples were drawn, pilot samples left out; 0 where the structure alone decides.
        hits: How many of them met the event.
        effective_samples: How many samples of exactly the event's own law would have this relative error, at most ``samples``.
        structural: What propagating probabilities says, every gate's operands presumed independent; 0 only where the event is impossible.
        method: ``sequential:<samples>``, ``tilted:<samples>`` or ``structure``.
        seconds: Time by phase: ``compile``, ``plan`` (lowering, choosing the method and fitting it), ``run``.
        warnings: What a user should know before trusting the result, one line each.
    """

    circuit: str
    output: str
    value: int
    probability: float
    stderr: float
    samples: int
    hits: int
    effective_samples: float
    structural: float
    method: str
    seconds: dict[str, float] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    @property
    def relative_error(self) -> float:
        """Standard error over the estimate; infinite where the event was never seen."""
        return self.stderr / self.probability if self.probability > 0.0 else self.stderr

    def interval(self, confidence: float = 0.95) -> tuple[float, float]:
        """Confidence interval, normal on the scale of logarithms; from 0 to 1 where the event was never seen.

        Raises:
            ArgumentError: The level is not between 0 and 1.
        """
        reach = NormalDist().inv_cdf(0.5 + 0.5 * options.checked_confidence(confidence))
        if not np.isfinite(self.stderr):
            return 0.0, 1.0
        factor = float(np.exp(min(reach * self.relative_error, 700.0)))
        return self.probability / factor, min(self.probability * factor, 1.0)

    def to_dict(self) -> dict[str, Any]:
        """The result, ready for JSON; numbers that are not finite become ``None``."""
        return {
            "circuit": self.circuit,
            "output": self.output,
            "value": self.value,
            "probability": self.probability,
            "stderr": finite_or_none(self.stderr),
            "relative_error": finite_or_none(self.relative_error),
            "samples": self.samples,
            "hits": self.hits,
            "effective_samples": self.effective_samples,
            "structural": self.structural,
            "method": self.method,
            "seconds": self.seconds,
            "warnings": list(self.warnings),
        }

    def __str__(self) -> str:
        lines = [
            f"P({self.output} = {self.value}) of {self.circuit!r} by {self.method}",
            f"  {self.probability:.6g} +- {self.stderr:.2g} (relative {self.relative_error:.2g})",
            f"  {self.hits:,} of {self.samples:,} samples met the event, worth {self.effective_samples:.6g} samples of its own law",
            f"  were operands independent: {self.structural:.3g}",
        ]
        return "\n".join([*lines, *(f"  warning: {line}" for line in self.warnings)])


def rare_probability(
    circuit: Circuit,
    output: str,
    *,
    samples: int | None = None,
    seconds: float | None = None,
    stderr: float | None = None,
    rng: int | np.random.Generator = 0,
    value: int = 1,
    method: str = "importance",
    max_memory: int | None = None,
    progress: Progress | None = None,
) -> RareEvent:
    r"""Estimate the probability that a boolean output has a value, however rare that is.

    Plain sampling needs :math:`100 / P` samples for a relative error of 10 %. Here inputs are drawn from another law q, under which
    the event is common, and every hit counts with its weight :math:`p(x) / q(x)`: the mean stays unbiased, whatever q is.

    ``sequential``
        Inputs are drawn one by one, in depth-first order from the output, each with its probability given all inputs drawn so far and
        the event, as far as propagation from gate to gate can tell it (exclusive ors and multiplexers are recognised; other operands
        are presumed independent). The drawn bits become constants of that propagation, which is exact at the end. Where few
        particles of a batch carry the weight they are resampled; the standard error then comes from the batches.
    ``tilted``
        All inputs at once and independently, with probabilities fitted on pilot samples by cross-entropy, 64 patterns to a word;
        one word in 16 is drawn from the inputs' own law, so that no weight exceeds 16. Right for counters and thresholds.
    ``importance``
        Whichever of the two has the smaller relative variance, times cost, in pilot samples, which do not enter the estimate.

    Args:
        circuit: A circuit whose output depends on boolean wires only; it is frozen by this.
        output: Name of the output.
        samples: Stop after so many samples, rounded up to whole batches. By default, if nothing else says when to stop, after 16,384, or
            at a relative standard error of 0.001; where only ``seconds`` or ``stderr`` says it, after 16,777,216.
        seconds: Stop at the end of the batch in which so much time has passed since the first.
        stderr: Stop when the standard error, relative to the estimate, is at most this.
        rng: Seed, or a generator from which one is drawn.
        value: The value of the output that makes the event, 0 or 1.
        method: See above.
        max_memory: Bytes that may be used; by default what is free.
        progress: Called after every batch as ``progress(done, total, what)``.

    Returns:
        The estimate with its standard error and its warnings. The standard error is estimated from the same samples: where these miss
        a part of the event both come out too small, and only ``effective_samples`` hints at it.

    Raises:
        ArgumentError: An option is not acceptable, or there is no such output.
        KindError: The output is not boolean.
        IntractableError: Memory or the circuit's size forbid the method, or the probability is smaller than floats go (1e-308).

    Cost:
        ``sequential`` about 4 ns for each gate that each input reaches and sample, ``tilted`` about 3 ps a gate and sample and the
        drawing of the inputs.

    Examples:
        >>> import heurest as hr
        >>> c = hr.Circuit("equal")
        >>> x, y = (c.input(name, hr.Bernoulli(0.5), count=40) for name in "xy")
        >>> same = ~(x[0] ^ y[0])
        >>> for i in range(1, 40):
        ...     same = same & ~(x[i] ^ y[i])
        >>> c.output("same", same)
        >>> r = rare_probability(c, "same")
        >>> r.hits == r.samples, abs(r.probability * 2.0**40 - 1.0) < 1e-12
        (True, True)
    """
    options.checked_choice("method", method, METHODS)
    if value not in (0, 1):
        raise ArgumentError(f"value must be 0 or 1, got {value!r}")
    if samples is None:
        nothing = seconds is None and stderr is None
        samples, stderr = (_SAMPLES, _STDERR) if nothing else (_MOST_SAMPLES, stderr)
    stop = StopRule(samples, stderr, seconds)
    entropy = options.checked_entropy(rng)
    memory = options.checked_memory(max_memory)
    if output not in circuit.outputs:
        raise ArgumentError(f"circuit {circuit.name!r} has no output {output!r}; it has {', '.join(map(repr, circuit.outputs))}")
    if not circuit.outputs[output].boolean:
        raise KindError(f"output {output!r} of {circuit.name!r} is not boolean, so it has no probability of being {value}")
    watch = Stopwatch()
    compile_lowering()
    compile_rare_samplers()
    watch.lap("compile")
    network = bit_network(lower(circuit, [output]))
    if network.node[0] < 0:
        chance = float(bool(network.shift[0]) == bool(value))
        return RareEvent(circuit.name, output, int(value), chance, 0.0, 0, 0, 0.0, chance, "structure", watch.seconds)
    run = RareRun(rare_code(network, int(value)), method, entropy, memory, watch)
    if run.structural == 0.0:
        return RareEvent(circuit.name, output, int(value), 0.0, 0.0, 0, 0, 0.0, 0.0, "structure", watch.seconds)
    total, warnings = run.sample(stop, progress)
    if total.hits and total.total == 0.0:
        raise IntractableError(f"output {output!r} of {circuit.name!r}: P({value}) is smaller than floats go")
    error = run.relative_error
    return RareEvent(
        circuit=circuit.name,
        output=output,
        value=int(value),
        probability=total.mean,
        stderr=total.mean * error if total.hits else float("inf"),
        samples=total.samples,
        hits=total.hits,
        effective_samples=run.effective_samples,
        structural=run.structural,
        method=f"{run.chosen}:{total.samples}",
        seconds=watch.seconds,
        warnings=tuple(warnings),
    )
