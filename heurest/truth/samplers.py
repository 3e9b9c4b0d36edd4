"""Samplers: what one numbered block of random samples of a circuit contributes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from queue import Empty, SimpleQueue
from time import perf_counter
from typing import Protocol

import numpy as np
from numpy.random import SFC64, Generator, SeedSequence
from numpy.typing import NDArray

from heurest.program import Program
from heurest.program.bits import BitProgram, lower_bits
from heurest.program.memory import aligned_zeros
from heurest.truth.engine import Engine, batch_size, small_program, weight_of
from heurest.truth.inputs import LiveInputs, live_inputs
from heurest.truth.intervals import Moments
from heurest.truth.outputs import Outputs, bit_outputs, float_outputs
from heurest.truth.random_bits import BitSource

FloatArray = NDArray[np.float64]
UInt64Array = NDArray[np.uint64]

_BLOCK = 2**14  # samples in a block of a small circuit
_BIT_BLOCK = 2**16
_BLOCK_NUMBERS = 2**22  # numbers or words drawn for a block: 32 MiB
_BLOCK_WORK = 2**27  # operations in a block: some tenths of a second


@dataclass(frozen=True, eq=False)
class Block:
    """What one block of samples found: moments of the observed rows, and the seconds it took."""

    moments: Moments
    draw_seconds: float
    seconds: float


class Sampler(Protocol):
    """Samples a circuit in numbered blocks; `block` may be called from several threads."""

    @property
    def outputs(self) -> Outputs:
        """What is observed."""
        ...

    @property
    def block_size(self) -> int:
        """Samples in a block; the last one of a run may be shorter."""
        ...

    def bytes(self, threads: int) -> int:
        """Memory that so many threads take."""
        ...

    def block(self, entropy: int, number: int, count: int) -> Block:
        """The moments of ``count`` samples of block ``number``; they depend on nothing but these arguments."""
        ...


def generator(entropy: int, number: int) -> Generator:
    """The random numbers of one block or replicate: a stream of its own for each seed and number."""
    return Generator(SFC64(SeedSequence(entropy, spawn_key=(number,))))


class FloatSampler:
    """Samples any program in floats."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._inputs: LiveInputs = live_inputs(program)
        self.outputs = float_outputs(program)
        limit = min(_BLOCK_NUMBERS // max(self._inputs.rows, 1), _BLOCK_WORK // max(weight_of(program), 1))
        self.block_size = _power_of_two(min(limit, _BLOCK), least=64)
        self._batch = min(batch_size(program.num_slots + self.outputs.rows), self.block_size)
        self._engines: SimpleQueue[Engine] = SimpleQueue()

    def bytes(self, threads: int) -> int:
        """Memory that so many threads take: working room, and inputs with what drawing them needs."""
        drawn = 2 * 8 * self._inputs.rows * self.block_size
        return threads * (Engine.bytes(self._program, self.outputs.rows, self._batch) + drawn)

    def block(self, entropy: int, number: int, count: int) -> Block:
        """The moments of ``count`` samples of block ``number``."""
        from heurest.kernels.evaluate import accumulate

        begin = perf_counter()
        inputs = self._inputs.draw(generator(entropy, number), count)
        drawn = perf_counter()
        try:
            engine = self._engines.get_nowait()
        except Empty:
            engine = Engine(self._program, self._inputs.load_row, self.outputs.watch, self._batch)
        mean, squares = np.zeros(self.outputs.rows), np.zeros(self.outputs.rows)
        for offset in range(0, count, self._batch):
            size = min(self._batch, count - offset)
            engine.run(inputs, offset, size)
            accumulate(engine.observed, size, offset, mean, squares)
        self._engines.put(engine)
        return Block(Moments(count, mean, squares), drawn - begin, perf_counter() - begin)


class BitSampler:
    """Samples a boolean program, 64 patterns to a word.

    Raises:
        KindError: Some value of the program is not boolean.
    """

    def __init__(self, program: Program) -> None:
        self._bits: BitProgram = lower_bits(program)
        inputs = live_inputs(program)
        row = np.full(inputs.rows, -1)
        row[inputs.load_row[self._bits.inputs]] = np.arange(len(self._bits.inputs))
        self._source = BitSource(inputs.runs, row)
        self.outputs = bit_outputs(self._bits)
        self.block_size = 64 * _power_of_two(min(_BLOCK_NUMBERS // max(self._source.numbers_a_word, 1), _BIT_BLOCK // 64), least=64)
        self._rooms: SimpleQueue[UInt64Array] = SimpleQueue()

    def bytes(self, threads: int) -> int:
        """Memory that so many threads take."""
        drawn = 4 * self._source.numbers_a_word * self.block_size // 64
        return 8 * threads * (64 * self._bits.num_slots + drawn)

    def block(self, entropy: int, number: int, count: int) -> Block:
        """The moments of ``count`` samples of block ``number``."""
        from heurest.kernels.bits import WORDS, count_samples

        begin = perf_counter()
        words = -(-count // 64)
        inputs = self._source.draw(generator(entropy, number), -(-words // WORDS) * WORDS)
        drawn = perf_counter()
        try:
            slots = self._rooms.get_nowait()
        except Empty:
            slots = aligned_zeros((self._bits.num_slots, WORDS), np.uint64)
        ones = np.zeros(self._bits.num_observed, np.int64)
        last_mask = ~np.uint64(0) >> np.uint64(64 * words - count)
        count_samples(self._bits.instructions, inputs, words, last_mask, slots, ones, np.zeros((0, WORDS), np.uint64))
        self._rooms.put(slots)
        return Block(Moments.of_bits(count, ones.astype(np.float64)), drawn - begin, perf_counter() - begin)


def _power_of_two(limit: int, least: int) -> int:
    """The largest power of two up to a limit, but not below a power of two."""
    return max(least, 1 << max(limit, 1).bit_length() - 1)


@cache
def compile_sampler(boolean: bool) -> None:
    """Compile the kernels that a sampler runs; quick where they are cached."""
    program = small_program(boolean)
    sampler: Sampler = BitSampler(program) if boolean else FloatSampler(program)
    sampler.block(0, 0, 2)
