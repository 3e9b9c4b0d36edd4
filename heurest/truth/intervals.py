"""Sample moments, their standard errors and confidence intervals."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Moments:
    """Count, means and sums of squared deviations of observed rows."""

    count: int
    mean: FloatArray
    squares: FloatArray

    @staticmethod
    def none(rows: int) -> Moments:
        """No sample yet."""
        return Moments(0, np.zeros(rows), np.zeros(rows))

    @staticmethod
    def of_bits(count: int, ones: FloatArray) -> Moments:
        """Of bits, of which so many are 1; exact but for one rounding."""
        return Moments(count, ones / count, ones * ((count - ones) / count))

    def merged(self, other: Moments, boolean: BoolArray) -> Moments:
        """Of both samples together (Chan, Golub and LeVeque 1979); of boolean rows the ones are counted, without rounding."""
        if self.count == 0:
            return other
        total = self.count + other.count
        with np.errstate(over="ignore", invalid="ignore"):
            step = other.mean - self.mean
            mean = self.mean + step * (other.count / total)
            squares = self.squares + other.squares + step * step * (self.count * (other.count / total))
        if boolean.any():
            ones = sum(np.rint(part.mean[boolean] * part.count) for part in (self, other))
            bits = Moments.of_bits(total, np.asarray(ones, dtype=np.float64))
            mean[boolean], squares[boolean] = bits.mean, bits.squares
        return Moments(total, mean, squares)

    @property
    def variance(self) -> FloatArray:
        """Unbiased sample variance; needs two samples."""
        return self.squares / (self.count - 1)


@dataclass(frozen=True, eq=False)
class Spread:
    """Standard errors and confidence limits of observed rows."""

    stderr: FloatArray
    low: FloatArray
    high: FloatArray


def normal_quantile(confidence: float) -> float:
    """How many standard errors a two-sided interval reaches: 1.96 for 0.95."""
    return NormalDist().inv_cdf(0.5 + 0.5 * confidence)


def wilson(frequency: FloatArray, count: int, reach: float) -> tuple[FloatArray, FloatArray]:
    r"""Wilson's interval for a probability, honest down to no success at all.

    .. math:: \frac{\hat p + z^2 / 2n \pm z \sqrt{\hat p (1 - \hat p) / n + z^2 / 4n^2}}{1 + z^2 / n}

    Source: Wilson, Journal of the American Statistical Association 22 (1927) 209-212.

    Args:
        frequency: Observed frequencies.
        count: Number of samples n.
        reach: z, see `normal_quantile`.

    Examples:
        >>> import numpy as np
        >>> low, high = wilson(np.array([0.0, 0.5]), 100, 1.96)
        >>> low.round(3).tolist(), high.round(3).tolist()
        ([0.0, 0.404], [0.037, 0.596])
    """
    share = reach * reach / count
    center = (frequency + 0.5 * share) / (1.0 + share)
    half = reach * np.sqrt(frequency * (1.0 - frequency) / count + 0.25 * share / count) / (1.0 + share)
    return np.where(frequency == 0.0, 0.0, center - half), np.where(frequency == 1.0, 1.0, center + half)


def frequency_stderr(frequency: FloatArray, count: int) -> FloatArray:
    """``sqrt(p (1 - p) / n)``; where all samples agree that of one more success and one more failure, about ``1 / n``.

    The plain formula would claim certainty there. With none in n samples the probability may well be ``3 / n`` (the
    rule of three): three of these standard errors.
    """
    agree = (frequency == 0.0) | (frequency == 1.0)
    moved = np.where(agree, (frequency * count + 1.0) / (count + 2.0), frequency)
    return np.asarray(np.sqrt(moved * (1.0 - moved) / count), dtype=np.float64)


def spread(moments: Moments, boolean: BoolArray, confidence: float) -> Spread:
    """Standard errors and intervals from independent samples: Wilson's for booleans, normal ones for the rest."""
    count, reach = moments.count, normal_quantile(confidence)
    with np.errstate(over="ignore", invalid="ignore"):
        stderr = np.sqrt(moments.variance / count)
        low, high = moments.mean - reach * stderr, moments.mean + reach * stderr
    if boolean.any():
        frequency = moments.mean[boolean]
        stderr[boolean] = frequency_stderr(frequency, count)
        low[boolean], high[boolean] = wilson(frequency, count, reach)
    return Spread(stderr, low, high)


def replicated_spread(means: FloatArray, count: int, boolean: BoolArray, confidence: float) -> Spread:
    """Standard errors and Student intervals from independent replicates.

    Args:
        means: Mean of each replicate, shape ``(replicates, rows)``.
        count: Points of all replicates together.
        boolean: For each row whether it holds only 0 and 1.
        confidence: Level of the intervals.
    """
    from scipy.special import stdtrit

    replicates = len(means)
    reach = float(stdtrit(replicates - 1, 0.5 + 0.5 * confidence))
    with np.errstate(over="ignore", invalid="ignore"):
        mean = means.mean(axis=0)
        stderr = means.std(axis=0, ddof=1) / np.sqrt(replicates)
        unseen = boolean & ((mean == 0.0) | (mean == 1.0))
        stderr[unseen] = frequency_stderr(mean[unseen], count)
        low, high = mean - reach * stderr, mean + reach * stderr
    low[boolean], high[boolean] = np.maximum(low[boolean], 0.0), np.minimum(high[boolean], 1.0)
    return Spread(stderr, low, high)
