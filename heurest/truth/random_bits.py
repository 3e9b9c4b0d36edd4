"""Random bits, 64 to a word: fair ones straight from the generator, biased ones exact to the last bit of their probability."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from heurest.circuit.laws import Law
from heurest.program.memory import aligned_zeros
from heurest.truth.inputs import InputRun

FloatArray = NDArray[np.float64]
UInt64Array = NDArray[np.uint64]

_ALL = ~np.uint64(0)
_DENSE_ROUNDS = 7  # after them two words in five still have an undecided lane, and only those are worked on


def biased_words(rng: np.random.Generator, probabilities: FloatArray, words: int) -> UInt64Array:
    r"""Draw words whose bits are 1 with given probabilities.

    A bit is 1 where a uniform number U is below p. Random words bring the binary digits of 64 numbers U at a time, the
    first digit first, and a lane is decided by the first digit in which U differs from p: no digit of p is lost, and
    after about eight words all lanes are decided.

    Args:
        rng: Source of randomness; its bit generator must give 64 random bits a draw.
        probabilities: One a row, from 0 to 1, shape ``(rows,)``.
        words: Words in a row.

    Returns:
        Shape ``(rows, words)``.

    Examples:
        >>> import numpy as np
        >>> biased_words(np.random.default_rng(0), np.array([0.0, 1.0]), 1)
        array([[                   0],
               [18446744073709551615]], dtype=uint64)
    """
    ones: UInt64Array = aligned_zeros((len(probabilities), words), np.uint64)
    undecided: UInt64Array = aligned_zeros(ones.shape, np.uint64)
    rest = np.array(probabilities, dtype=np.float64)  # holds the digits to come
    ones[rest >= 1.0] = _ALL
    rest[rest >= 1.0] = 0.0
    undecided[rest > 0.0] = _ALL
    decided = np.empty_like(undecided)
    for _ in range(_DENSE_ROUNDS):
        if not rest.any():
            break
        digit = _next_digit(rest)[:, np.newaxis]
        raw = rng.bit_generator.random_raw(ones.size).reshape(ones.shape)
        raw ^= digit  # 1 where the digits of U and p differ
        np.bitwise_and(undecided, raw, out=decided)
        undecided ^= decided
        decided &= digit  # p has the 1, so U is below it
        ones |= decided
    undecided[rest == 0.0] = 0  # no digit of p is left, so U is not below it
    where = np.flatnonzero(undecided)
    lanes, flat = undecided.reshape(-1)[where], ones.reshape(-1)
    while where.size:
        digit = _next_digit(rest)[where // words]
        raw = rng.bit_generator.random_raw(where.size) ^ digit
        flat[where] |= lanes & raw & digit
        lanes &= ~raw
        open_still = np.flatnonzero((lanes != 0) & (rest[where // words] > 0.0))
        where, lanes = where[open_still], lanes[open_still]
    return ones


def _next_digit(rest: FloatArray) -> UInt64Array:
    """The next binary digit of each number, as a mask; the number keeps what follows."""
    rest *= 2.0
    digit = rest >= 1.0
    rest -= digit
    return np.where(digit, _ALL, np.uint64(0))


def bit_probabilities(law: Law) -> FloatArray:
    """Probabilities of 0 and 1 of a law of one input that takes only those; each is kept to full relative precision."""
    values, probs = law.points() or (np.empty((0, 1)), np.empty(0))
    return np.array([probs[values[:, 0] == bit].sum() for bit in (0.0, 1.0)])


class BitSource:
    """Draws the input words of a boolean program.

    Args:
        runs: Laws of the inputs; all take only 0 and 1.
        rows: For each input of the runs its row in the result, or -1 for one that is not needed.
    """

    def __init__(self, runs: Sequence[InputRun], rows: NDArray[np.int64]) -> None:
        self._rows = int(rows.max(initial=-1)) + 1
        probability = np.full(self._rows, np.nan)
        self._joint: list[tuple[InputRun, NDArray[np.int64], NDArray[np.int64]]] = []
        for run in runs:
            needed = rows[run.rows]
            kept = needed >= 0
            if run.law.size == 1:
                probability[needed[kept]] = bit_probabilities(run.law)[1]
            elif kept.any():
                self._joint.append((run, run.coordinates[kept], needed[kept]))
        self._fair = np.flatnonzero(probability == 0.5)
        self._biased = np.flatnonzero((probability != 0.5) & ~np.isnan(probability))
        self._probability = probability[self._biased]

    @property
    def numbers_a_word(self) -> int:
        """Words and floats that are drawn for one word of each input: a joint law is sampled in floats."""
        return self._rows + 64 * sum(run.law.size for run, _, _ in self._joint)

    def draw(self, rng: np.random.Generator, words: int) -> UInt64Array:
        """Words of all inputs, shape ``(rows, words)``."""
        result: UInt64Array = aligned_zeros((self._rows, words), np.uint64)
        if self._fair.size:
            result[self._fair] = rng.bit_generator.random_raw(self._fair.size * words).reshape(-1, words)
        if self._biased.size:
            result[self._biased] = biased_words(rng, self._probability, words)
        for run, coordinates, rows in self._joint:
            ones = run.law.sample(rng, 64 * words)[coordinates] != 0.0
            result[rows] = np.packbits(ones, axis=1, bitorder="little").view("<u8")
        return result
