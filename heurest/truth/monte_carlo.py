"""Monte Carlo: sampled expectations with honest standard errors, the same whatever the number of threads."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import repeat
from time import perf_counter

import numpy as np

from heurest.circuit.circuit import Circuit
from heurest.errors import KindError
from heurest.program import Program, lower
from heurest.program.memory import require_memory
from heurest.results import Truth
from heurest.truth import options
from heurest.truth.engine import Stopwatch, compile_lowering
from heurest.truth.intervals import Moments, Spread, spread
from heurest.truth.options import Progress, StopRule
from heurest.truth.outputs import Outputs
from heurest.truth.samplers import BitSampler, Block, FloatSampler, Sampler, compile_sampler
from heurest.truth.sobol import SobolSampler, run_sobol


def monte_carlo(
    circuit: Circuit,
    samples: int | None = None,
    stderr: float | None = None,
    seconds: float | None = None,
    rng: int | np.random.Generator = 0,
    confidence: float = 0.95,
    threads: int = 1,
    points: str = "random",
    max_memory: int | None = None,
    progress: Progress | None = None,
) -> Truth:
    r"""Estimate the expected outputs of a circuit by sampling.

    The mean of n independent samples has the standard error :math:`s / \sqrt n`, with s their standard deviation.
    Circuits all of whose live wires are boolean run 64 patterns to a word; the others in compiled batches of floats.

    Sampling goes in numbered blocks (16,384 samples or 65,536 patterns; fewer where a circuit is large), each with
    random numbers of its own, and blocks are put together in order. So the result depends on the seed and on the
    number of samples, and not, to the last bit, on ``threads``. With ``seconds`` the number of whole blocks that fit
    varies from run to run; giving its ``.samples`` as ``samples`` repeats a run exactly.

    Args:
        circuit: Any circuit with outputs; it is frozen by this.
        samples: Stop after so many samples, at least 2. By default 100,000 if nothing else says when to stop.
        stderr: Stop, at the end of a block, when no output's standard error is larger. Stopping where the error looks
            small makes it look a little smaller than it is.
        seconds: Stop at the end of the block in which so much time has passed. Of several limits the first one counts.
        rng: Seed, or a generator from which one is drawn.
        confidence: Level of the intervals.
        threads: Blocks sampled at the same time.
        points: ``random``, or ``sobol`` for 16 independent scramblings of Sobol's sequence (needs scipy): of smooth
            functions of few inputs the error falls faster than :math:`1 / \sqrt n`. The number of points is rounded up
            to 16 times a power of two, and the standard error comes from the 16 means.
        max_memory: Bytes that may be used; by default what is free.
        progress: Called after every block as ``progress(done, total, what)``.

    Returns:
        The record, its method named ``mc:<samples>``. Intervals are normal for real outputs and Wilson's for boolean
        ones. Where all samples of a boolean output agree its standard error is about ``1 / n``, not zero. An interrupt
        from the keyboard after the first block ends sampling; the result then has a warning.

    Raises:
        ArgumentError: An option is not acceptable, or scipy is missing for ``sobol``.
        CircuitError: The circuit has no output.
        IntractableError: The memory does not suffice.

    Cost:
        About 0.3 ns a gate and sample, 2 ps a gate and pattern for boolean circuits, and the drawing of the inputs.

    Examples:
        >>> import heurest as hr
        >>> c = hr.Circuit("square")
        >>> x = c.input("x", hr.Normal(0, 1))
        >>> c.output("y", x**2)
        >>> t = monte_carlo(c, samples=200_000, rng=1)
        >>> abs(t.value["y"] - 1.0) < 5 * t.stderr["y"], t.samples
        (True, 200000)
    """
    stop = StopRule(samples, stderr, seconds)
    entropy = options.checked_entropy(rng)
    level = options.checked_confidence(confidence)
    workers = options.checked_integer("threads", threads, 1, options.MOST_THREADS)
    options.checked_choice("points", points, ("random", "sobol"))
    memory = options.checked_memory(max_memory)
    watch = Stopwatch()
    compile_lowering()
    watch.lap("compile")
    program = lower(circuit)
    purpose = f"circuit {circuit.name!r}: sampling"
    if points == "sobol":
        quasi = SobolSampler(program, entropy)
        watch.lap("plan")
        compile_sampler(False)
        watch.lap("compile")
        require_memory(purpose, quasi.bytes(workers), memory)
        moments, found, warnings, drawing, working = run_sobol(quasi, stop, level, workers, progress)
        split_run(watch, drawing, working)
        return sampled_truth(quasi.outputs, f"mc:{moments.count}:points=sobol", moments, found, level, watch, warnings)
    sampler = make_sampler(program, watch)
    require_memory(purpose, sampler.bytes(workers), memory)
    moments, warnings = _run(sampler, stop, entropy, level, workers, progress, watch)
    found = spread(moments, sampler.outputs.boolean, level)
    return sampled_truth(sampler.outputs, f"mc:{moments.count}", moments, found, level, watch, warnings)


def make_sampler(program: Program, watch: Stopwatch) -> Sampler:
    """The quickest sampler that a program allows, its kernels compiled; times go to the stopwatch."""
    sampler: Sampler
    try:
        sampler = BitSampler(program)
    except KindError:
        sampler = FloatSampler(program)
    watch.lap("plan")
    compile_sampler(isinstance(sampler, BitSampler))
    watch.lap("compile")
    return sampler


def sampled_truth(
    outputs: Outputs, method: str, moments: Moments, found: Spread, confidence: float, watch: Stopwatch, warnings: list[str]
) -> Truth:
    """The record of a sampled result, with the warnings that it calls for."""
    value = outputs.values(moments.mean)
    ends = outputs.values(found.low), outputs.values(found.high)
    with np.errstate(over="ignore", invalid="ignore"):
        row_variance = np.where(outputs.boolean, moments.squares / moments.count, moments.variance)
        variance = outputs.scale**2 * np.append(row_variance, 0.0)[outputs.row]
    stderr = outputs.spreads(found.stderr)
    for name, number, error, row in zip(outputs.names, value, stderr, outputs.row, strict=True):
        if not np.isfinite(number):
            warnings.append(f"output {name!r} overflows in some samples")
        elif row >= 0 and error == 0.0:
            agreeing = "the mean of every scrambling" if "sobol" in method else f"all {moments.count:,} samples"
            warnings.append(f"output {name!r} was {number:.6g} in {agreeing}: its standard error of 0 says nothing of others")
    return outputs.truth(
        method, value, variance, watch.seconds, stderr=stderr, low=np.minimum(*ends), high=np.maximum(*ends),
        samples=moments.count, confidence=confidence, warnings=warnings,
    )  # fmt: skip


def _run(
    sampler: Sampler, stop: StopRule, entropy: int, confidence: float, threads: int, progress: Progress | None, watch: Stopwatch
) -> tuple[Moments, list[str]]:
    outputs, warnings = sampler.outputs, list[str]()
    moments = Moments.none(outputs.rows)
    drawing, working = 0.0, 0.0
    begin = perf_counter()
    blocks = _blocks(sampler, stop, entropy, threads)
    try:
        for block in blocks:
            moments = moments.merged(block.moments, outputs.boolean)
            drawing, working = drawing + block.draw_seconds, working + block.seconds
            error = 0.0
            if stop.stderr is not None:
                error = float(outputs.spreads(spread(moments, outputs.boolean, confidence).stderr).max())
                if not np.isfinite(error):
                    warnings.append("stopped at once: samples overflow, so the standard error cannot be reached")
                    break
            standing = stop.standing(moments.count, error, perf_counter() - begin)
            if progress:
                progress(*max(standing, key=lambda limit: limit[0] / limit[1]))
            if any(done >= needed for done, needed, _ in standing):
                break
    except KeyboardInterrupt:
        if moments.count == 0:
            raise
        warnings.append(f"interrupted after {moments.count:,} samples")
    finally:
        blocks.close()
    split_run(watch, drawing, working)
    return moments, warnings


def split_run(watch: Stopwatch, drawing: float, working: float) -> None:
    """Share the time passed between drawing and running as the workers' own times are."""
    passed = watch.lap("run")
    watch.seconds["draw"] = passed * drawing / working if working else 0.0
    watch.seconds["run"] = passed - watch.seconds["draw"]


def _blocks(sampler: Sampler, stop: StopRule, entropy: int, threads: int) -> Generator[Block, None, None]:
    """Blocks in order, without end or up to the number of samples; several at a time with threads."""
    counts = _block_counts(sampler.block_size, stop.samples)
    if threads == 1:
        for number, count in enumerate(counts):
            yield sampler.block(entropy, number, count)
        return
    with ThreadPoolExecutor(threads) as pool:
        waiting: deque[Future[Block]] = deque()
        try:
            for number, count in enumerate(counts):
                waiting.append(pool.submit(sampler.block, entropy, number, count))
                if len(waiting) == 2 * threads:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()


def _block_counts(size: int, samples: int | None) -> Iterator[int]:
    """Samples in each block: full ones, the last as many as are left."""
    if samples is None:
        yield from repeat(size)
        return
    yield from repeat(size, samples // size)
    if samples % size:
        yield samples % size
