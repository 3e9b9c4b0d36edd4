"""Quasi-random sampling: independent scramblings of Sobol's sequence, so that there is a standard error."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from itertools import repeat
from queue import Empty, SimpleQueue
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heurest.errors import ArgumentError
from heurest.program import Program
from heurest.truth.engine import Engine, batch_size
from heurest.truth.inputs import live_inputs
from heurest.truth.intervals import Moments, Spread, replicated_spread
from heurest.truth.options import Progress, StopRule
from heurest.truth.outputs import float_outputs
from heurest.truth.samplers import Block, generator

FloatArray = NDArray[np.float64]

REPLICATES = 16
_FIRST_POINTS = 64  # of each replicate in the first round; every further round doubles them
_MOST_POINTS = 2**30  # what a scrambled sequence of scipy holds
_CHUNK_NUMBERS = 2**20  # coordinates drawn at a time


class SobolSampler:
    """Samples a program at 16 independent scramblings of Sobol's sequence.

    Args:
        program: From `lower`.
        entropy: The number from which the scramblings derive.

    Raises:
        ArgumentError: scipy is missing, or a sample takes more coordinates than the sequence has.
    """

    def __init__(self, program: Program, entropy: int) -> None:
        self._program = program
        self._inputs = live_inputs(program)
        self.outputs = float_outputs(program)
        numbers = max(self._inputs.uniforms, self._inputs.rows, 1)
        self._chunk = min(2**14, max(64, 1 << (_CHUNK_NUMBERS // numbers).bit_length() - 1 if numbers <= _CHUNK_NUMBERS else 0))
        self._batch = min(batch_size(program.num_slots + self.outputs.rows), self._chunk)
        self._engines: SimpleQueue[Engine] = SimpleQueue()
        make = _sequence_maker(program.circuit.name, self._inputs.uniforms)
        self._sequences = [make(generator(entropy, number)) for number in range(REPLICATES)]

    def bytes(self, threads: int) -> int:
        """Memory that so many threads take."""
        drawn = 8 * self._chunk * (2 * self._inputs.rows + self._inputs.uniforms)
        return threads * (Engine.bytes(self._program, self.outputs.rows, self._batch) + drawn)

    def rounds(self, samples: int | None, threads: int) -> Generator[list[Block], None, None]:
        """After each round the moments of every replicate, each of twice as many points as before.

        The last round is the first with at least so many samples in all replicates together.
        """
        done = [Block(Moments.none(self.outputs.rows), 0.0, 0.0)] * REPLICATES
        with ThreadPoolExecutor(threads) as pool:
            while done[0].moments.count < _MOST_POINTS and (samples is None or REPLICATES * done[0].moments.count < samples):
                new = done[0].moments.count or _FIRST_POINTS
                done = list((map if threads == 1 else pool.map)(self._extended, self._sequences, done, repeat(new)))
                yield done

    def _extended(self, sequence: Any, before: Block, new: int) -> Block:
        from heurest.kernels.evaluate import accumulate

        try:
            engine = self._engines.get_nowait()
        except Empty:
            engine = Engine(self._program, self._inputs.load_row, self.outputs.watch, self._batch)
        count, mean, squares = before.moments.count, before.moments.mean.copy(), before.moments.squares.copy()
        drawing, begin = 0.0, perf_counter()
        for start in range(0, new, self._chunk):
            size, now = min(self._chunk, new - start), perf_counter()
            cube = np.zeros((size, 0)) if sequence is None else sequence.random(size)
            inputs = self._inputs.from_uniform(cube)
            drawing += perf_counter() - now
            for offset in range(0, size, self._batch):
                part = min(self._batch, size - offset)
                engine.run(inputs, offset, part)
                accumulate(engine.observed, part, count, mean, squares)
                count += part
        self._engines.put(engine)
        return Block(Moments(count, mean, squares), before.draw_seconds + drawing, before.seconds + perf_counter() - begin)


def run_sobol(
    sampler: SobolSampler, stop: StopRule, confidence: float, threads: int, progress: Progress | None
) -> tuple[Moments, Spread, list[str], float, float]:
    """Rounds until a limit is met: the moments of all points, spreads from the replicates, warnings, seconds drawing and working.

    Raises:
        KeyboardInterrupt: From the keyboard, in the first round.
    """
    outputs, warnings, done = sampler.outputs, list[str](), list[Block]()
    found = Spread(*np.zeros((3, outputs.rows)))
    begin = perf_counter()
    rounds = sampler.rounds(stop.samples, threads)
    try:
        for done in rounds:
            count = REPLICATES * done[0].moments.count
            means = np.stack([block.moments.mean for block in done])
            found = replicated_spread(means, count, outputs.boolean, confidence)
            error = float(outputs.spreads(found.stderr).max())
            if stop.stderr is not None and not np.isfinite(error):
                warnings.append("stopped at once: samples overflow, so the standard error cannot be reached")
                break
            standing = stop.standing(count, error, perf_counter() - begin)
            if progress:
                progress(*max(standing, key=lambda limit: limit[0] / limit[1]))
            if any(now >= needed for now, needed, _ in standing):
                break
    except KeyboardInterrupt:
        if not done:
            raise
        warnings.append(f"interrupted after {REPLICATES * done[0].moments.count:,} samples")
    finally:
        rounds.close()
    moments = Moments.none(outputs.rows)
    for block in done:
        moments = moments.merged(block.moments, outputs.boolean)
    drawing, working = sum(block.draw_seconds for block in done), sum(block.seconds for block in done)
    return moments, found, warnings, drawing, working


def _sequence_maker(circuit: str, dimensions: int) -> Callable[[np.random.Generator], Any]:
    """What makes a scrambled sequence from a generator; of no dimensions it makes ``None``."""
    try:
        from scipy.stats.qmc import Sobol
    except ImportError:
        raise ArgumentError("points='sobol' needs scipy: pip install 'heurest[qmc]'") from None
    if dimensions > Sobol.MAXDIM:
        raise ArgumentError(f"circuit {circuit!r}: points='sobol' has at most {Sobol.MAXDIM:,} coordinates, a sample takes {dimensions:,}")
    if dimensions == 0:
        return lambda rng: None
    keyword = "rng" if "rng" in inspect.signature(Sobol.__init__).parameters else "seed"  # renamed in scipy 1.15
    return lambda rng: Sobol(dimensions, scramble=True, **{keyword: rng})
