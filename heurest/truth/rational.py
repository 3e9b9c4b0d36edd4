"""Moments of input laws as exact fractions of their float parameters."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from functools import lru_cache
from math import factorial, prod

from heurest.circuit.laws import Bernoulli, Empirical, Exponential, Law, MultivariateNormal, Normal, Uniform

Exponents = tuple[int, ...]


@lru_cache(maxsize=100_000)
def rational_moment(law: Law, exponents: Exponents) -> Fraction:
    """Return ``E[product of X_i ** exponents[i]]`` without any rounding.

    Probabilities of a finite law are divided by their sum, which rounding may have left beside 1.

    Args:
        law: Any law of heurest; of a law of another class its own float moment is taken.
        exponents: One for each input of the law.

    Cost:
        One pass over the points of a finite law; for jointly normal inputs a recurrence over smaller exponents.

    Examples:
        >>> from heurest.circuit.laws import Uniform
        >>> rational_moment(Uniform(0.0, 0.5), (2,))
        Fraction(1, 12)
    """
    if not any(exponents):
        return Fraction(1)
    order = exponents[0]
    if isinstance(law, (Normal, MultivariateNormal)):
        return _normal(law, exponents)
    if isinstance(law, Uniform):
        low, high = Fraction(law.low), Fraction(law.high)
        return sum((low**k * high ** (order - k) for k in range(order + 1)), Fraction(0)) / (order + 1)
    if isinstance(law, Exponential):
        return Fraction(factorial(order)) / Fraction(law.rate) ** order
    if isinstance(law, Bernoulli):
        return Fraction(law.p)
    if isinstance(law, Empirical):
        return _weighted([([value], 1.0) for value in law.samples.tolist()], exponents)
    points = law.points()
    if points is None:
        return Fraction(law.joint_moment([i for i, power in enumerate(exponents) for _ in range(power)]))
    return _weighted(zip(points[0].tolist(), points[1].tolist(), strict=True), exponents)


def _weighted(points: Iterable[tuple[Sequence[float], float]], exponents: Exponents) -> Fraction:
    total, weights = Fraction(0), Fraction(0)
    for point, weight in points:
        share = Fraction(weight)
        weights += share
        total += share * prod((Fraction(value) ** power for value, power in zip(point, exponents, strict=True)), start=Fraction(1))
    return total / weights


def _normal(law: Normal | MultivariateNormal, exponents: Exponents) -> Fraction:
    """Stein's identity for the last input x that occurs: ``E[x S] = mean E[S] + sum over y in S of cov(x, y) E[S / y]``."""
    last = max(i for i, power in enumerate(exponents) if power)
    rest = tuple(power - (i == last) for i, power in enumerate(exponents))
    total = Fraction(law.mean if isinstance(law, Normal) else float(law.mean[last])) * rational_moment(law, rest)
    for i, power in enumerate(rest):
        if power:
            covariance = Fraction(law.std) ** 2 if isinstance(law, Normal) else Fraction(float(law.cov[last, i]))
            if covariance:
                total += power * covariance * rational_moment(law, tuple(p - (j == i) for j, p in enumerate(rest)))
    return total
