"""A run of rare-event sampling: which sampler, how long, and with what error."""

from __future__ import annotations

from functools import cache
from itertools import count
from time import perf_counter

import numpy as np

from heurest.errors import IntractableError
from heurest.truth.bit_network import bit_network
from heurest.truth.engine import Stopwatch, small_program
from heurest.truth.importance import EventSampler, RareCode, WeightedBatch, propagated, rare_code
from heurest.truth.options import Progress, StopRule
from heurest.truth.samplers import generator
from heurest.truth.sequential_sampling import SequentialSampler
from heurest.truth.tilted_sampling import TiltedSampler

METHODS = ("importance", "sequential", "tilted")

_LEAST_BATCHES = 32
_LEAST_SAMPLES = 1024  # before the error is looked at
_PILOTS = 2**40  # numbers of the random streams of pilot samples, far from those of batches
_PILOT_BATCHES, _PILOT_PARTICLES = 16, 64
_GOOD = 3.0  # relative variance of one weight with which no other method is tried
_FAR_APART = 3.0  # estimates that differ by more: the smaller one misses a part of the event
_FEW = 100.0  # effective samples below which a warning is due
_LEAST_PILOT = 0.05  # least relative variance that so few samples can show


class RareRun:
    """Samples one event; the choice of the sampler and its fit use random numbers of their own.

    Args:
        code: The event.
        method: One of ``METHODS``.
        entropy: The number that all random streams derive from.
        memory: Bytes that may be used; ``None`` for what is free.
        watch: Gets the seconds of choosing and of running.

    Attributes:
        structural: The event's probability, were operands independent; 0 only where it is impossible, and then no sampler is made.
        chosen: The method that samples: ``sequential`` or ``tilted``.

    Raises:
        IntractableError: Memory or the circuit's size forbid the method.
    """

    def __init__(self, code: RareCode, method: str, entropy: int, memory: int | None, watch: Stopwatch) -> None:
        self._entropy, self._watch = entropy, watch
        self._pilots = count(_PILOTS)
        self._means: list[float] = []
        self._total = WeightedBatch(0, 0, 0.0, 0.0)
        one, zero = propagated(code)
        self.structural = float((one if code.wanted else zero)[code.output, 0])
        self._sampler: EventSampler
        if self.structural > 0.0:
            self.chosen, self._sampler = self._choose(code, method, memory)
        watch.lap("plan")

    def _choose(self, code: RareCode, method: str, memory: int | None) -> tuple[str, EventSampler]:
        if method == "tilted":
            return method, self._tilted(code)
        if method == "sequential":
            return method, SequentialSampler(code, memory)
        try:
            sequential = SequentialSampler(code, memory)
        except IntractableError:
            return "tilted", self._tilted(code)
        found = [sequential.batch(self._pilot(), _PILOT_PARTICLES) for _ in range(_PILOT_BATCHES)]
        means = np.array([batch.mean for batch in found])
        first_mean, first_variance = float(means.mean()), np.inf
        if first_mean > 0.0:
            first_variance = max(_PILOT_PARTICLES * float(np.var(means / first_mean, ddof=1)), _LEAST_PILOT)
        sequential.resampled = 0
        if first_variance <= _GOOD:
            return "sequential", sequential
        tilted = self._tilted(code)
        second = tilted.batch(self._pilot(), tilted.batch_size)
        if second.mean > _FAR_APART * first_mean:
            return "tilted", tilted
        if first_mean > _FAR_APART * second.mean or not second.hits:
            return "sequential", sequential
        second_variance = max(second.relative_variance, _LEAST_PILOT)
        better = second_variance * tilted.cost < first_variance * sequential.cost
        return ("tilted", tilted) if better else ("sequential", sequential)

    def _tilted(self, code: RareCode) -> TiltedSampler:
        return TiltedSampler(code, self._pilot())

    def _pilot(self) -> np.random.Generator:
        return generator(self._entropy, next(self._pilots))

    def sample(self, stop: StopRule, progress: Progress | None) -> tuple[WeightedBatch, list[str]]:
        """Draw batches until a limit is met; returns their sums, and warnings."""
        warnings = list[str]()
        size = self._sampler.batch_size
        if stop.samples is not None:
            size = min(size, max(1, -(-stop.samples // _LEAST_BATCHES)))
        begin = perf_counter()
        try:
            for number in count():
                self._add(self._sampler.batch(generator(self._entropy, number), size))
                seen = len(self._means) >= _LEAST_BATCHES or (self._sampler.independent and self._total.samples >= _LEAST_SAMPLES)
                error = self.relative_error if seen else np.inf
                standing = stop.standing(self._total.samples, min(error, 1e100), perf_counter() - begin)
                if progress:
                    progress(*max(standing, key=lambda limit: limit[0] / limit[1]))
                if any(done >= needed for done, needed, _ in standing):
                    break
        except KeyboardInterrupt:
            if not self._means:
                raise
            warnings.append(f"interrupted after {self._total.samples:,} samples")
        self._watch.lap("run")
        if self._total.hits == 0:
            warnings.append(f"the event was never seen in {self._total.samples:,} samples: it is impossible, or takes another method")
        elif self.effective_samples < _FEW:
            warnings.append(f"the samples are worth only {self.effective_samples:.3g}: estimate and standard error may both be too small")
        return self._total, warnings

    def _add(self, batch: WeightedBatch) -> None:
        old, total = self._total, self._total.total + batch.total
        spread = sum(part.spread * (part.total / total) ** 2 for part in (old, batch)) if total > 0.0 else 0.0
        self._total = WeightedBatch(old.samples + batch.samples, old.hits + batch.hits, total, spread)
        self._means.append(batch.mean)

    @property
    def relative_error(self) -> float:
        """Standard error over estimate: from all samples where these are independent, else from the batches' means.

        It is never below one over the number of samples: so large a share of the event can be missing from them unseen.
        """
        total = self._total
        if total.total == 0.0:
            return np.inf
        if self._sampler.independent:
            variance = total.relative_variance / total.samples
        elif len(self._means) > 1:
            variance = float(np.var(np.array(self._means) / total.mean, ddof=1)) / len(self._means)
        else:
            return np.inf
        return float(np.hypot(np.sqrt(variance), 1.0 / total.samples))

    @property
    def effective_samples(self) -> float:
        """How many samples of the event's own law would have this relative error, at most as many as were drawn."""
        error = self.relative_error
        return self._total.samples / (1.0 + self._total.samples * error**2) if np.isfinite(error) else 0.0


@cache
def compile_rare_samplers() -> None:
    """Compile the kernels that the samplers run; quick where they are cached."""
    code = rare_code(bit_network(small_program(True)), 1)
    SequentialSampler(code).batch(generator(0, 0), 2)
    TiltedSampler(code, generator(0, 0)).batch(generator(0, 0), 2)
