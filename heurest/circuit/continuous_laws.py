"""Laws of one input with a density: normal, uniform, exponential (and their constant limits)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import accumulate, repeat
from math import comb
from operator import mul
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from heurest.circuit import law_checks, quadrature
from heurest.circuit.law_base import Points, UnivariateLaw
from heurest.circuit.partitions import bernoulli_number
from heurest.errors import CircuitError

__all__ = ["Exponential", "Normal", "Uniform", "inside", "normal_quantile"]

FloatArray = NDArray[np.float64]


def powers(base: float, order: int) -> list[float]:
    """``base**0, ..., base**order`` by repeated multiplication, which overflows to infinity and not to an exception."""
    return list(accumulate(repeat(base, order), mul, initial=1.0))


def inside(cube: FloatArray) -> FloatArray:
    """Uniform numbers moved off 0 and 1, where an unbounded quantile function is infinite."""
    return np.clip(cube, 2.0**-54, 1.0 - 2.0**-53)


def normal_quantile(cube: FloatArray) -> FloatArray:
    """Quantiles of the standard normal law, all finite; same shape."""
    from scipy.special import ndtri

    return np.asarray(ndtri(inside(cube)), dtype=np.float64)


def normal_moments(mean: float, variance: float, order: int) -> FloatArray:
    """Raw moments by ``m_n = mean m_{n-1} + (n - 1) variance m_{n-2}`` (Stein's identity): no term cancels another."""
    moments = [1.0, mean]
    for n in range(2, order + 1):
        moments.append(mean * moments[n - 1] + (n - 1) * variance * moments[n - 2])
    return np.array(moments[: order + 1])


def normal_cumulants(mean: float, variance: float, order: int) -> FloatArray:
    """Mean and variance; all others are zero."""
    cumulants = np.zeros(max(order + 1, 3))
    cumulants[1:3] = mean, variance
    return cumulants[: order + 1]


@dataclass(frozen=True)
class Normal(UnivariateLaw):
    """The normal (Gaussian) law; with ``std=0`` the constant ``mean``.

    Args:
        mean: Its mean, finite.
        std: Its standard deviation, finite and not negative.

    Raises:
        CircuitError: A parameter is not a finite number, or ``std`` is negative.

    Examples:
        >>> Normal(0.0, 2.0).cumulants(4)
        array([0., 0., 4., 0., 0.])
    """

    name: ClassVar[str] = "normal"
    last_cumulant: ClassVar[int | None] = 2
    mean: float = 0.0
    std: float = 1.0

    def __post_init__(self) -> None:
        for field in ("mean", "std"):
            object.__setattr__(self, field, law_checks.number(f"normal: {field}", getattr(self, field)))
        if self.std < 0.0:
            raise CircuitError(f"normal: std must not be negative, got {self.std!r}")

    def support(self) -> Points:
        """Return the whole line, or the one value of a constant."""
        reach = math.inf if self.std > 0.0 else 0.0
        return np.array([self.mean - reach]), np.array([self.mean + reach])

    def points(self) -> Points | None:
        """Return the one point of a constant, else None."""
        return None if self.std > 0.0 else (np.array([[self.mean]]), np.ones(1))

    def _moments(self, order: int, coordinate: int) -> FloatArray:
        return normal_moments(self.mean, self.std * self.std, order)

    def _cumulants(self, order: int, coordinate: int) -> FloatArray:
        return normal_cumulants(self.mean, self.std * self.std, order)

    def _quadrature(self, m: int) -> Points:
        nodes, weights = quadrature.gauss_hermite(m)
        return (self.mean + self.std * nodes)[:, np.newaxis], weights.copy()

    def _sample(self, rng: np.random.Generator, count: int) -> FloatArray:
        result = rng.standard_normal((1, count))
        result *= self.std
        result += self.mean
        return result

    def _from_uniform(self, cube: FloatArray) -> FloatArray:
        return np.ascontiguousarray(self.mean + self.std * normal_quantile(cube).T)


@dataclass(frozen=True)
class Uniform(UnivariateLaw):
    r"""The uniform law on an interval; with ``low == high`` that constant.

    Its cumulants are :math:`\kappa_n = B_n (b - a)^n / n` for :math:`n \ge 2`, with the Bernoulli numbers :math:`B_n`.

    Args:
        low: Lower end, finite.
        high: Upper end, finite and not below ``low``.

    Raises:
        CircuitError: A parameter is not a finite number, ``low`` is above ``high``, or their difference is beyond the float range.

    Examples:
        >>> Uniform(0.0, 2.0).moments(3)
        array([1.        , 1.        , 1.33333333, 2.        ])
    """

    name: ClassVar[str] = "uniform"
    low: float = 0.0
    high: float = 1.0

    def __post_init__(self) -> None:
        for field in ("low", "high"):
            object.__setattr__(self, field, law_checks.number(f"uniform: {field}", getattr(self, field)))
        if self.low > self.high:
            raise CircuitError(f"uniform: low must not be above high, got low {self.low!r} and high {self.high!r}")
        if math.isinf(self.high - self.low):
            raise CircuitError(f"uniform: high - low must be finite, got low {self.low!r} and high {self.high!r}")

    def support(self) -> Points:
        """Return the ends of the interval."""
        return np.array([self.low]), np.array([self.high])

    def points(self) -> Points | None:
        """Return the one point of a constant, else None."""
        return None if self.low < self.high else (np.array([[self.low]]), np.ones(1))

    def _moments(self, order: int, coordinate: int) -> FloatArray:
        # about the middle all terms have the sign of center**n: no cancellation, and odd moments vanish exactly on [-h, h]
        center, half = powers(self._center, order), powers(self._half, order)
        return np.array(
            [sum(comb(n, even) * center[n - even] * half[even] / (even + 1) for even in range(0, n + 1, 2)) for n in range(order + 1)]
        )

    def _cumulants(self, order: int, coordinate: int) -> FloatArray:
        width = powers(self.high - self.low, order)
        higher = [float(bernoulli_number(n) / n) * width[n] for n in range(2, order + 1)]
        return np.array([0.0, self._center, *higher][: order + 1])

    @property
    def _center(self) -> float:
        return 0.5 * self.low + 0.5 * self.high

    @property
    def _half(self) -> float:
        return 0.5 * (self.high - self.low)

    def _quadrature(self, m: int) -> Points:
        nodes, weights = quadrature.gauss_legendre(m)
        return (self._center + self._half * nodes)[:, np.newaxis], weights.copy()

    def _sample(self, rng: np.random.Generator, count: int) -> FloatArray:
        result = rng.random((1, count))
        result *= self.high - self.low
        result += self.low
        return result

    def _from_uniform(self, cube: FloatArray) -> FloatArray:
        return np.ascontiguousarray(np.minimum(self.low + (self.high - self.low) * cube.T, self.high))


@dataclass(frozen=True)
class Exponential(UnivariateLaw):
    r"""The exponential law: moments :math:`n! / \lambda^n`, cumulants :math:`(n - 1)! / \lambda^n`.

    Args:
        rate: The rate :math:`\lambda`, finite and positive; the mean is ``1 / rate``.

    Raises:
        CircuitError: ``rate`` is not a finite positive number, or so small that the mean is beyond the float range.

    Examples:
        >>> Exponential(2.0).moments(3)
        array([1.  , 0.5 , 0.5 , 0.75])
    """

    name: ClassVar[str] = "exponential"
    rate: float = 1.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "rate", law_checks.number("exponential: rate", self.rate))
        if self.rate <= 0.0 or math.isinf(1.0 / self.rate):
            raise CircuitError(f"exponential: rate must be positive and 1 / rate finite, got {self.rate!r}")

    def support(self) -> Points:
        """Return zero and infinity."""
        return np.zeros(1), np.full(1, math.inf)

    def _moments(self, order: int, coordinate: int) -> FloatArray:
        return np.array(list(accumulate(range(1, order + 1), lambda moment, n: moment * n / self.rate, initial=1.0)))

    def _cumulants(self, order: int, coordinate: int) -> FloatArray:
        cumulants = np.zeros(order + 1)
        cumulants[1:] = self._moments(order, coordinate)[1:] / np.arange(1, order + 1)
        return cumulants

    def _quadrature(self, m: int) -> Points:
        nodes, weights = quadrature.gauss_laguerre(m)
        return (nodes / self.rate)[:, np.newaxis], weights.copy()

    def _sample(self, rng: np.random.Generator, count: int) -> FloatArray:
        result = rng.standard_exponential((1, count))
        result /= self.rate
        return result

    def _from_uniform(self, cube: FloatArray) -> FloatArray:
        return np.ascontiguousarray(-np.log1p(-inside(cube.T)) / self.rate)
