"""Laws of one input on finitely many values: Bernoulli, fair sign, discrete, empirical."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from functools import cache, cached_property
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from heurest.circuit import law_checks, quadrature
from heurest.circuit.alias import AliasTable, alias_table, draw
from heurest.circuit.law_base import ArrayLaw, Points, UnivariateLaw
from heurest.circuit.partitions import bernoulli_number, moments_to_cumulants
from heurest.errors import CircuitError

__all__ = ["Bernoulli", "Discrete", "Empirical", "Sign", "finite_cumulants", "finite_moments"]

FloatArray = NDArray[np.float64]

_SHOWN = 6  # a repr lists no more points than this


def finite_moments(values: FloatArray, probs: FloatArray, order: int) -> FloatArray:
    """Raw moments of a law on finitely many points, ``m_0 = 1`` exactly; ``values`` and ``probs`` of shape ``(n,)``."""
    moments = np.ones(order + 1)
    weighted = probs
    with np.errstate(over="ignore", invalid="ignore"):
        for n in range(1, order + 1):
            weighted = weighted * values
            moments[n] = weighted.sum()
    return moments


def finite_cumulants(values: FloatArray, probs: FloatArray, order: int) -> FloatArray:
    """Cumulants of a law on finitely many points, from moments about the mean: raw ones would cancel."""
    with np.errstate(over="ignore", invalid="ignore"):
        center, offsets = centred(values, probs)
        cumulants = moments_to_cumulants(finite_moments(offsets, probs, order))
    cumulants[1:2] += center  # what rounding left of the mean is in entry 1 already
    return cumulants


def centred(values: FloatArray, probs: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The mean of points along the first axis, and the points less their mean up to rounding."""
    anchor = values[probs.argmax()]  # the likeliest point first: constants come out as exact zeros, and few digits cancel
    offsets = values - anchor
    mean = probs @ offsets
    return anchor + mean, offsets - mean


class FiniteLaw(UnivariateLaw):
    """A law of one input on finitely many values."""

    @abstractmethod
    def _atoms(self) -> tuple[FloatArray, FloatArray]:
        """Distinct values in increasing order and their positive probabilities, both of shape ``(n,)``."""

    def support(self) -> Points:
        """Return the least and the greatest value."""
        values = self._atoms()[0]
        return values[:1].copy(), values[-1:].copy()

    def points(self) -> Points:
        """Return the values in increasing order, shape ``(n, 1)``, and their probabilities, shape ``(n,)``."""
        values, probs = self._atoms()
        return values[:, np.newaxis].copy(), probs.copy()

    def _moments(self, order: int, coordinate: int) -> FloatArray:
        return finite_moments(*self._atoms(), order)

    def _cumulants(self, order: int, coordinate: int) -> FloatArray:
        return finite_cumulants(*self._atoms(), order)

    def _quadrature(self, m: int) -> Points:
        nodes, weights = quadrature.gauss_discrete(*self._atoms(), m)
        return nodes[:, np.newaxis], weights

    def _from_uniform(self, cube: FloatArray) -> FloatArray:
        values, probs = self._atoms()
        return values[np.searchsorted(np.cumsum(probs)[:-1], cube.T, side="right")]


@cache
def _bernoulli_polynomials(n: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Coefficients of P and Q in ``kappa_n = P(s) + d Q(s)``, ``s = p (1 - p)``, ``d = 1 - 2 p``, for ``n >= 2``.

    The recurrence ``kappa_{n+1} = p (1 - p) d kappa_n / dp`` becomes ``P' = s ((1 - 4 s) dQ/ds - 2 Q)``, ``Q' = s dP/ds``.
    """
    if n == 2:
        return (0, 1), ()
    even, odd = _bernoulli_polynomials(n - 1)
    new_even = [0] * (len(odd) + 1)
    for power, coefficient in enumerate(odd):
        new_even[power] += power * coefficient
        new_even[power + 1] -= (4 * power + 2) * coefficient
    return tuple(new_even), tuple(power * coefficient for power, coefficient in enumerate(even))


def _horner(coefficients: tuple[int, ...], point: float) -> float:
    result = 0.0
    for coefficient in reversed(coefficients):
        result = result * point + coefficient
    return result


@dataclass(frozen=True)
class Bernoulli(FiniteLaw):
    """1 with probability ``p``, else 0: the law of a boolean input.

    Its cumulants obey ``kappa_{n+1} = p (1 - p) d kappa_n / dp``.

    Args:
        p: Probability of 1, from 0 to 1.

    Raises:
        CircuitError: ``p`` is not a number from 0 to 1.

    Examples:
        >>> Bernoulli(0.5).cumulants(4)
        array([ 0.   ,  0.5  ,  0.25 ,  0.   , -0.125])
    """

    name: ClassVar[str] = "bernoulli"
    p: float = 0.5

    def __post_init__(self) -> None:
        object.__setattr__(self, "p", law_checks.number("bernoulli: p", self.p))
        if not 0.0 <= self.p <= 1.0:
            raise CircuitError(f"bernoulli: p must be from 0 to 1, got {self.p!r}")

    def _atoms(self) -> tuple[FloatArray, FloatArray]:
        probs = np.array([1.0 - self.p, self.p])
        possible = probs > 0.0
        return np.array([0.0, 1.0])[possible], probs[possible]

    def _moments(self, order: int, coordinate: int) -> FloatArray:
        moments = np.full(order + 1, self.p)
        moments[0] = 1.0
        return moments

    def _cumulants(self, order: int, coordinate: int) -> FloatArray:
        variance, skew = self.p * (1.0 - self.p), 1.0 - 2.0 * self.p
        higher = []
        for n in range(2, order + 1):
            even, odd = _bernoulli_polynomials(n)
            higher.append(_horner(even, variance) + skew * _horner(odd, variance))
        return np.array([0.0, self.p, *higher][: order + 1])

    def _sample(self, rng: np.random.Generator, count: int) -> FloatArray:
        return np.asarray(rng.random((1, count)) < self.p, dtype=np.float64)

    def _from_uniform(self, cube: FloatArray) -> FloatArray:
        # small numbers are the finely spaced ones, so rare ones keep their probability
        below_one = np.minimum(cube.T, 1.0 - 2.0**-53)
        return np.ascontiguousarray(below_one < self.p, dtype=np.float64)


@dataclass(frozen=True)
class Sign(FiniteLaw):
    r"""A fair sign, +1 or -1: odd moments 0, even moments 1, cumulants :math:`2^n (2^n - 1) B_n / n` for :math:`n \ge 2`.

    Examples:
        >>> Sign().cumulants(6)
        array([ 0.,  0.,  1.,  0., -2.,  0., 16.])
    """

    name: ClassVar[str] = "sign"

    def _atoms(self) -> tuple[FloatArray, FloatArray]:
        return np.array([-1.0, 1.0]), np.array([0.5, 0.5])

    def _cumulants(self, order: int, coordinate: int) -> FloatArray:
        cumulants = np.zeros(order + 1)
        for n in range(2, order + 1, 2):
            cumulants[n] = float(2**n * (2**n - 1) * bernoulli_number(n) / n)
        return cumulants

    def _sample(self, rng: np.random.Generator, count: int) -> FloatArray:
        bits = np.unpackbits(np.frombuffer(rng.bytes((count + 7) // 8), dtype=np.uint8), count=count)
        result = bits.astype(np.float64)[np.newaxis, :]
        result *= 2.0
        result -= 1.0
        return result


def merged(values: FloatArray, probs: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Points in increasing (lexicographic) order, equal ones merged, those of probability zero dropped; read-only."""
    distinct, inverse = np.unique(values, axis=0, return_inverse=True)
    totals = np.asarray(np.bincount(inverse.ravel(), weights=probs), dtype=np.float64)
    possible = totals > 0.0
    return law_checks.frozen(distinct[possible]), law_checks.frozen(law_checks.rescaled(totals[possible]))


def check_lengths(name: str, values: FloatArray, probs: FloatArray) -> None:
    """As many probabilities as points."""
    if values.shape[0] != probs.size:
        raise CircuitError(f"{name}: values and probs must be equally long, got {values.shape[0]} and {probs.size}")


@dataclass(frozen=True, eq=False, init=False, repr=False)
class Discrete(ArrayLaw, FiniteLaw):
    """Finitely many values with given probabilities.

    Kept in increasing order, equal values merged, values of probability zero dropped: two laws are equal when their points are.

    Args:
        values: Finite numbers, at least one.
        probs: Their probabilities: not negative, sum 1 within 1e-9. A sum that is off by more than rounding is divided out.

    Raises:
        CircuitError: A parameter is not a list of finite numbers, the lengths differ, or ``probs`` are not probabilities.

    Examples:
        >>> law = Discrete([3.0, -1.0], [0.25, 0.75])
        >>> law
        Discrete(values=[-1.0, 3.0], probs=[0.75, 0.25])
        >>> law.cumulants(3)
        array([0., 0., 3., 6.])
    """

    name: ClassVar[str] = "discrete"
    values: FloatArray
    probs: FloatArray

    def __init__(self, values: ArrayLike, probs: ArrayLike) -> None:
        numbers, weights = law_checks.array("discrete: values", values, 1), law_checks.array("discrete: probs", probs, 1)
        check_lengths("discrete", numbers, weights)
        law_checks.check_probabilities("discrete: probs", weights)
        for field, kept in zip(("values", "probs"), merged(numbers, weights), strict=True):
            object.__setattr__(self, field, kept)

    def __repr__(self) -> str:
        if self.values.size <= _SHOWN:
            return f"Discrete(values={self.values.tolist()}, probs={self.probs.tolist()})"
        return f"Discrete({self.values.size} values from {self.values[0]:g} to {self.values[-1]:g})"

    @cached_property
    def _alias(self) -> AliasTable:
        return alias_table(self.probs)

    def _atoms(self) -> tuple[FloatArray, FloatArray]:
        return self.values, self.probs

    def _sample(self, rng: np.random.Generator, count: int) -> FloatArray:
        return draw(rng, self._alias, self.values[np.newaxis, :], count)


@dataclass(frozen=True, eq=False, init=False, repr=False)
class Empirical(ArrayLaw, FiniteLaw):
    """A sample taken as the law: each number equally likely, repeated ones that much likelier.

    Kept in increasing order: two laws are equal when their samples are, in any order.

    Args:
        samples: Finite numbers, at least one.

    Raises:
        CircuitError: ``samples`` is not a list of finite numbers.

    Examples:
        >>> Empirical([2.0, 0.0, 2.0, 0.0, 1.0, 1.0, 1.0, 1.0]).points()[1]
        array([0.25, 0.5 , 0.25])
    """

    name: ClassVar[str] = "empirical"
    samples: FloatArray

    def __init__(self, samples: ArrayLike) -> None:
        object.__setattr__(self, "samples", law_checks.frozen(np.sort(law_checks.array("empirical: samples", samples, 1))))

    def __repr__(self) -> str:
        if self.samples.size <= _SHOWN:
            return f"Empirical(samples={self.samples.tolist()})"
        return f"Empirical({self.samples.size} samples from {self.samples[0]:g} to {self.samples[-1]:g})"

    @cached_property
    def _merged(self) -> tuple[FloatArray, FloatArray]:
        values, counts = np.unique(self.samples, return_counts=True)
        return law_checks.frozen(values), law_checks.frozen(counts / self.samples.size)

    def _atoms(self) -> tuple[FloatArray, FloatArray]:
        return self._merged

    def _sample(self, rng: np.random.Generator, count: int) -> FloatArray:
        return self.samples[rng.integers(self.samples.size, size=(1, count))]
