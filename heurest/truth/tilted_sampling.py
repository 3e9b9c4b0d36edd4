"""Importance sampling from independent tilted bits, 64 patterns to a word, the tilt fitted on pilot samples."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from heurest.program.bits import BitInstructions
from heurest.program.memory import aligned_zeros
from heurest.truth.importance import RareCode, WeightedBatch, propagated
from heurest.truth.random_bits import biased_words

FloatArray = NDArray[np.float64]
UInt64Array = NDArray[np.uint64]

_PLAIN_SHARE = 16  # one word in so many is drawn from the inputs' own law, so that no weight is above this number
_PILOT_WORDS = 64
_FIT_WORDS = 256
_ROUNDS = 10
_STEPS = (0.5, 1.0, 2.0, 3.0, 4.0, 6.0, 8.0)  # how far to go in search of a first hit, in units of log odds
_POWERS = (1.0, 0.8, 0.6, 0.45, 0.3, 0.2, 0.1, 0.05, 0.02)  # of the weights, while few samples carry them
_LEAST_HITS = 50
_KEPT = 0.3  # share of the old tilt in the new one


class TiltedSampler:
    """Draws all bits at once, each with a chance of its own that makes the event likelier; see `rare_probability`.

    Args:
        code: The network and the wanted output.
        rng: Source of the pilot samples.

    Attributes:
        chances: Chance of 1 with which each bit is drawn.
        fitted: Whether the pilot samples ever met the event.
    """

    independent = True
    batch_size = 2**14

    def __init__(self, code: RareCode, rng: np.random.Generator) -> None:
        from heurest.kernels.bit_lowering import emit_bits

        self._code, network = code, code.network
        self._one, self._zero = network.probabilities[:, 1].copy(), network.probabilities[:, 0].copy()
        self._free = (self._one > 0.0) & (self._zero > 0.0)
        nodes = (network.op, network.left, network.right, network.left_not, network.right_not)
        *columns, self._slots = emit_bits(*nodes, network.node, np.array([not code.wanted]))
        for column in columns:
            column.flags.writeable = False
        self._bits = BitInstructions(*columns)
        self._edge = 0.5 / max(len(self._one), 1)
        self.fitted = True
        self.chances = self._one
        self.chances = self._fit(rng)

    @cached_property
    def cost(self) -> float:
        """Nominal seconds a sample."""
        return 3e-12 * len(self._bits.op) + 0.4e-9 * len(self._one)

    def batch(self, rng: np.random.Generator, samples: int) -> WeightedBatch:
        """So many samples or up to 127 more, whole words of each kind."""
        words = max(2, -(-samples // 64))
        _, weights = self._draw(rng, self.chances, words, max(1, words // _PLAIN_SHARE))
        scale = float(weights.max(initial=0.0)) or 1.0
        return WeightedBatch.of(weights / scale, 64 * words, scale)

    def _draw(self, rng: np.random.Generator, chances: FloatArray, words: int, plain: int) -> tuple[NDArray[np.uint8], FloatArray]:
        """Bits of the samples that hit, shape ``(variables, hits)``, and their weights; ``plain`` words are from the inputs' own law."""
        from heurest.kernels.bits import WORDS, evaluate_bits

        tilted = biased_words(rng, chances, words - plain)
        drawn = np.concatenate([biased_words(rng, self._one, plain), tilted], axis=1)
        inputs = aligned_zeros((len(chances), -(-words // WORDS) * WORDS), np.uint64)
        inputs[:, :words] = drawn
        slots, observed = aligned_zeros((int(self._slots), WORDS), np.uint64), np.zeros((1, WORDS), np.uint64)
        row = np.empty(inputs.shape[1], np.uint64)
        for first in range(0, words, WORDS):
            evaluate_bits(self._bits, inputs, first, slots, WORDS, ~np.uint64(0), np.zeros(1, np.int64), observed)
            row[first : first + WORDS] = observed[0]
        word, lane = np.nonzero(np.unpackbits(row[:words].view(np.uint8), bitorder="little").reshape(words, 64))
        bits = (inputs[:, word] >> lane.astype(np.uint64)).astype(np.uint8) & np.uint8(1)
        return bits, 1.0 / ((1.0 - plain / words) * np.exp(self._log_ratio(chances, bits)) + plain / words)

    def _log_ratio(self, chances: FloatArray, bits: NDArray[np.uint8]) -> FloatArray:
        """Log of the tilted chance of each column of bits over that of the inputs' own law."""
        free = self._free
        ones = np.log(chances[free] / self._one[free])
        zeros = np.log((1.0 - chances[free]) / self._zero[free])
        found: FloatArray = (ones - zeros) @ bits[free] + zeros.sum()
        return np.minimum(found, 700.0)

    def _kept_off_the_edge(self, chances: FloatArray) -> FloatArray:
        low, high = np.minimum(self._one, self._edge), np.maximum(self._one, 1.0 - self._edge)
        return np.where(self._free, np.clip(chances, low, high), self._one)

    def _fit(self, rng: np.random.Generator) -> FloatArray:
        chances, hits = self._first_tilt(rng)
        if hits == 0:
            self.fitted = False
            return chances
        for _ in range(_ROUNDS):
            bits, weights = self._draw(rng, chances, _FIT_WORDS, _FIT_WORDS // _PLAIN_SHARE)
            if not weights.size:
                break
            for power in _POWERS:
                share = (weights / weights.max()) ** power
                if share.sum() ** 2 >= max(_LEAST_HITS, 0.05 * weights.size) * (share**2).sum():
                    break
            met = bits @ share / share.sum()
            chances = self._kept_off_the_edge(_KEPT * chances + (1.0 - _KEPT) * met)
        return chances

    def _first_tilt(self, rng: np.random.Generator) -> tuple[FloatArray, int]:
        """A tilt under which the event is met: in the direction where the structure says that it becomes likelier, or all bits one way."""
        slope = self._slopes()
        odds = np.zeros(len(self._one))
        with np.errstate(divide="ignore"):
            odds[self._free] = np.log(self._one[self._free] / self._zero[self._free])
        candidates = [self._one, self._kept_off_the_edge(np.clip(self._one + slope, 0.0, 1.0))]
        largest = np.abs(slope).max(initial=0.0)
        directions = [np.ones(len(odds)), -np.ones(len(odds))]
        if largest > 0.0:
            directions = [np.sign(slope), slope / largest, *directions]
        for direction in directions:
            candidates += [self._kept_off_the_edge(1.0 / (1.0 + np.exp(-odds - step * direction))) for step in _STEPS]
        best, most, best_size = candidates[1], 0, 0.0
        for chances in candidates:
            _, weights = self._draw(rng, chances, _PILOT_WORDS, _PILOT_WORDS // _PLAIN_SHARE)
            share = weights / weights.max(initial=0.0) if weights.size else weights
            size = share.sum() ** 2 / (share**2).sum() if weights.size else 0.0
            enough = min(weights.size, _LEAST_HITS)
            if (enough, size) > (min(most, _LEAST_HITS), best_size):
                best, most, best_size = chances, weights.size, size
        return best, most

    def _slopes(self) -> FloatArray:
        """How much likelier each bit is 1 given the event, to first order, were operands independent."""
        from heurest.kernels.sequential_sampling import chance_slopes

        one, zero = propagated(self._code)
        event = (one if self._code.wanted else zero)[self._code.output, 0]
        slope = np.append(chance_slopes(self._code.lookahead, self._code.output, one, zero), 0.0)[self._code.loads]
        with np.errstate(over="ignore", invalid="ignore"):
            found = (1.0 if self._code.wanted else -1.0) * slope * self._one * self._zero / event
        finite: FloatArray = np.nan_to_num(found, nan=0.0, posinf=1.0, neginf=-1.0)
        return finite
