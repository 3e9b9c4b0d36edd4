"""Random bits: probabilities exact to the last digit, and a source that serves every 0/1 law."""

from types import SimpleNamespace

import numpy as np
import pytest

import heurest as hr
from heurest.truth.inputs import live_inputs
from heurest.truth.random_bits import BitSource, biased_words, bit_probabilities
from heurest.truth.samplers import generator


class AllDigits:
    """Stands for a generator: lane i of its words spells, draw after draw, the binary digits of ``i / 2**digits``."""

    def __init__(self, digits: int) -> None:
        self.draws, self.digits = 0, digits
        self.bit_generator = SimpleNamespace(random_raw=self.random_raw)

    def random_raw(self, count: int) -> np.ndarray:
        self.draws += 1
        word = sum(1 << lane for lane in range(64) if lane >> (self.digits - self.draws) & 1)
        return np.full(count, word, np.uint64)


@pytest.mark.parametrize("numerator", range(17))
def test_sixteenths_set_exactly_as_many_of_sixteen_numbers(numerator):
    source = AllDigits(4)
    words = biased_words(source, np.array([numerator / 16]), 3)
    expected = sum(1 << lane for lane in range(64) if lane % 16 < numerator)  # U = (lane % 16) / 16 is below p
    assert words.tolist() == [[expected] * 3]
    assert source.draws <= 4


@pytest.mark.parametrize("p", [2.0**-60, 5e-324, 1.0 - 2.0**-53])
def test_no_digit_of_a_probability_is_lost(p):
    zeros = SimpleNamespace(bit_generator=SimpleNamespace(random_raw=lambda count: np.zeros(count, np.uint64)))
    largest = SimpleNamespace(bit_generator=SimpleNamespace(random_raw=lambda count: np.full(count, ~np.uint64(0))))
    assert biased_words(zeros, np.array([p]), 1)[0, 0] == ~np.uint64(0)  # U = 0 is below every positive p
    assert biased_words(largest, np.array([p]), 1)[0, 0] == 0


def test_frequencies_are_the_probabilities():
    probabilities = np.array([0.001, 0.1, 1 / 3, 0.5, 0.9, 0.0, 1.0])
    words = biased_words(generator(5, 0), probabilities, 4096)
    count = 64 * 4096
    for p, row in zip(probabilities, words, strict=True):
        ones = sum(int(word).bit_count() for word in row)
        assert abs(ones - p * count) <= 5 * np.sqrt(p * (1 - p) * count)


def test_rows_and_lanes_are_independent():
    words = biased_words(generator(6, 0), np.full(2, 0.3), 4096)
    bits = np.unpackbits(words.view(np.uint8), axis=1).astype(float)
    count = bits.shape[1]
    limit = 5 / np.sqrt(count)
    assert abs(np.corrcoef(bits)[0, 1]) < limit
    for lag in (1, 63, 64):
        assert abs(np.corrcoef(bits[0, lag:], bits[0, :-lag])[0, 1]) < limit


def test_about_eight_random_words_make_one():
    drawn = []
    rng = generator(7, 0)
    counting = SimpleNamespace(bit_generator=SimpleNamespace(random_raw=lambda n: drawn.append(n) or rng.bit_generator.random_raw(n)))
    biased_words(counting, np.full(10, 0.3), 1024)
    # a lane is open after r digits with probability 2**-r: the expected number of words is sum of 1 - (1 - 2**-r)**64, and 7 at least
    expected = 7 + sum(1 - (1 - 2.0**-r) ** 64 for r in range(7, 60))
    assert sum(drawn) / 10240 == pytest.approx(expected, rel=0.05)


@pytest.mark.parametrize(
    ("law", "expected"),
    [
        (hr.Bernoulli(0.3), [0.7, 0.3]),
        (hr.Bernoulli(1e-300), [1.0, 1e-300]),
        (hr.Bernoulli(0.0), [1.0, 0.0]),
        (hr.Discrete([1.0], [1.0]), [0.0, 1.0]),
        (hr.Empirical([0, 1, 1, 1]), [0.25, 0.75]),
        (hr.Normal(1.0, 0.0), [0.0, 1.0]),
    ],
)
def test_probabilities_of_a_bit(law, expected):
    assert bit_probabilities(law).tolist() == pytest.approx(expected, rel=1e-15)


def test_a_source_serves_fair_biased_constant_and_joint_inputs():
    c = hr.Circuit("inputs")
    fair = c.input("fair", hr.Bernoulli(0.5))
    biased = c.input("biased", hr.Discrete([0.0, 1.0], [0.25, 0.75]))
    one = c.input("one", hr.Bernoulli(1.0))
    joint = c.input("joint", hr.JointDiscrete([[0, 1, 0], [1, 0, 0]], [0.25, 0.75]))
    for wire in (fair, biased, one, joint[0], joint[1]):
        c.output(wire.name, wire)
    inputs = live_inputs(hr.lower(c))
    words = BitSource(inputs.runs, np.array([4, 3, 2, 1, 0])).draw(generator(8, 0), 1024)
    second, first, constant, odds, even = np.unpackbits(words.view(np.uint8), axis=1).astype(bool)
    count = 64 * 1024
    assert constant.all()
    assert (first ^ second).all()
    for bits, p in ((even, 0.5), (odds, 0.75), (first, 0.75)):
        assert abs(bits.mean() - p) < 5 * np.sqrt(p * (1 - p) / count)
