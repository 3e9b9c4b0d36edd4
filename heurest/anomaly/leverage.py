"""Leverage: how far a point's terms are from what training has seen of them, with a certificate and a false-positive bound."""

from __future__ import annotations

from math import inf, isfinite, sqrt
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from heurest.errors import ArgumentError
from heurest.formats.messages import shown
from heurest.program.memory import require_memory
from heurest.truth.wire_values import real_numbers

FloatArray = NDArray[np.float64]

#: Directions in which the terms, each divided by its root mean square, have a mean square below this share of the largest are never active.
RANK_TOLERANCE = 1e-10
_ROUNDING = 1e-9  # relative error granted to sums in floating point


class Factors(NamedTuple):
    """The Gram matrix taken apart: terms divided by their root mean squares, in the directions of the eigenvectors."""

    root: FloatArray  # root mean square of every term, shape (terms,)
    inverse_root: FloatArray  # its inverse, 0 for terms that are always 0
    active: FloatArray  # eigenvectors that are seen in training, shape (terms, rank)
    precision: FloatArray  # inverse root mean square in these directions, shape (rank,)


class Leverage:
    r"""The leverage score of points, fitted on the values of terms in training.

    With terms :math:`\varphi(x)` and their Gram matrix :math:`G = E_{train}[\varphi \varphi^T]` (not centred),

    .. math:: h(x) = \varphi(x)^T G^+ \varphi(x), \qquad E_{train}[h] = \mathrm{rank}\, G .

    If terms may be dropped with any real weights as long as this loses at most a share epsilon of the output's variance in
    training, the output at x changes by at most :math:`\sqrt{\epsilon \mathrm{Var}(Y)\, h(x)}`, and by that much for some
    weights (Cauchy and Schwarz). For terms that are dropped or kept it is a bound, so below a threshold tau it certifies,
    without any search, that no explaining set of terms fails. By Markov's inequality a point of the training law is left
    without a certificate with probability at most :math:`\epsilon \mathrm{Var}(Y)\, \mathrm{rank}(G) / \tau^2`.

    h is infinite where :math:`\varphi(x)` leaves the range of G: something is active that never was. Numerically: terms are divided
    by their root mean squares; eigenvalues of their Gram matrix below ``RANK_TOLERANCE`` times the largest count as 0, and a
    point leaves the range if its part outside is larger than ``sqrt(RANK_TOLERANCE)`` times the larger of 1 and its length. A term
    that was always 0 counts as active beyond ``RANK_TOLERANCE`` times the largest root mean square.

    Args:
        num_terms: Number of terms.
        max_memory: Bytes that may be used; by default what is free.
        floor: For each term the mean square up to which its values in training are rounding, so that they count as 0; 0 by default.

    Attributes:
        num_terms: As given.
        weight: Sum of the weights of all points so far.

    Raises:
        ArgumentError: The number is not at least 0, or the floor does not fit.
        IntractableError: The Gram matrix does not fit into memory.

    Cost:
        ``num_terms**2`` a training point and once ``num_terms**3``; the memory of a few Gram matrices, whatever the number of points.

    Examples:
        >>> fitted = Leverage(2).update([[1.0, 0.0], [1.0, 0.0], [-1.0, 0.0], [0.0, 0.5]])
        >>> fitted.score([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]).round(9)  # mean squares 3/4 and 1/16
        array([ 1.33333333, 16.        , 17.33333333])
        >>> fitted.rank, Leverage(2).update([[1.0, 0.0]]).score([[0.0, 1.0]])  # never active
        (2, array([inf]))
    """

    def __init__(self, num_terms: int, max_memory: int | None = None, floor: Any = None) -> None:
        if isinstance(num_terms, bool) or not isinstance(num_terms, (int, np.integer)) or num_terms < 0:
            raise ArgumentError(f"num_terms must be an integer of at least 0, got {num_terms!r}")
        require_memory(f"leverage of {num_terms:,} terms", 48 * int(num_terms) ** 2, max_memory)
        self.num_terms = int(num_terms)
        self._floor = np.zeros(self.num_terms) if floor is None else real_numbers(floor, "floor")
        if self._floor.shape != (self.num_terms,) or not (np.isfinite(self._floor).all() and (self._floor >= 0.0).all()):
            raise ArgumentError(f"floor must be {self.num_terms} finite numbers of at least 0, one for each term")
        self.weight = 0.0
        self._sum = np.zeros((self.num_terms, self.num_terms))
        self._factors: Factors | None = None

    def update(self, values: Any, weights: Any = None) -> Leverage:
        """Take in more training points; returns the object itself.

        Args:
            values: Values of the terms, a row for every point, shape ``(points, terms)``.
            weights: A weight of at least 0 for every point; 1 by default.

        Raises:
            ArgumentError: A shape does not fit, a number is not finite or too large to be squared, or a weight is negative.
        """
        terms = self._checked(values)
        share = np.ones(len(terms)) if weights is None else real_numbers(weights, "weights")
        if share.shape != (len(terms),) or not np.isfinite(share).all() or (share < 0.0).any():
            raise ArgumentError(f"weights must be {len(terms)} finite numbers of at least 0, one for each point")
        with np.errstate(over="ignore", invalid="ignore"):
            scaled = terms * np.sqrt(share)[:, np.newaxis]
            total = self._sum + scaled.T @ scaled  # one matrix twice: the product is exactly symmetric
            weight = self.weight + float(share.sum())
        if not (np.isfinite(total).all() and isfinite(weight)):
            raise ArgumentError(f"values of terms up to {np.abs(terms).max():g} are too large: their squares cannot be summed")
        self._sum, self.weight = total, weight
        self._factors = None
        return self

    @classmethod
    def from_gram(cls, gram: Any, weight: float, floor: Any = None) -> Leverage:
        """Leverage that was fitted elsewhere.

        Args:
            gram: The symmetric Gram matrix of training, shape ``(terms, terms)``.
            weight: Sum of the weights of the training points, above 0.
            floor: As for the class.

        Raises:
            ArgumentError: The matrix is not square, not symmetric or not finite, or the weight is not a finite number above 0.
        """
        matrix = real_numbers(gram, "a Gram matrix")
        if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or not np.isfinite(matrix).all() or (matrix != matrix.T).any():
            raise ArgumentError(f"a Gram matrix must be a symmetric matrix of finite numbers, got one of shape {matrix.shape}")
        if not (isfinite(weight) and weight > 0.0):
            raise ArgumentError(f"the weight must be a finite number above 0, got {weight!r}")
        result = cls(len(matrix), floor=floor)
        result.weight, result._sum = float(weight), matrix * weight
        return result

    def merge(self, other: Leverage) -> Leverage:
        """A new object fitted on the training points of both.

        Raises:
            ArgumentError: The other one is no leverage, or has another number of terms.
        """
        if not isinstance(other, Leverage):
            raise ArgumentError(f"leverage can be merged with leverage, got {shown(other)}")
        if other.num_terms != self.num_terms:
            raise ArgumentError(f"leverage over {self.num_terms} terms cannot be merged with one over {other.num_terms}")
        result = Leverage(self.num_terms, floor=np.maximum(self._floor, other._floor))
        result.weight, result._sum = self.weight + other.weight, self._sum + other._sum
        return result

    @property
    def gram(self) -> FloatArray:
        """The Gram matrix, shape ``(terms, terms)``.

        Raises:
            ArgumentError: There were no training points yet.
        """
        if not self.weight > 0.0:
            raise ArgumentError("leverage: there are no training points yet")
        gram = self._sum / self.weight
        silent = np.diag(gram) <= self._floor
        gram[silent] = gram[:, silent] = 0.0
        return gram

    @property
    def rank(self) -> int:
        """Rank of the Gram matrix, to the stated tolerance."""
        return len(self._fitted.precision)

    def score(self, values: Any) -> FloatArray:
        """Leverage h of every point, shape ``(points,)``; infinite where something is active that never was.

        Args:
            values: Values of the terms, shape ``(points, terms)``.

        Raises:
            ArgumentError: The shape does not fit, a number is not finite, or there were no training points.
        """
        return self._score(self._checked(values))[0]

    def parts(self, values: Any) -> FloatArray:
        r"""What each term adds to the score, :math:`\varphi_t (G^+ \varphi)_t`, shape ``(points, terms)``; parts can be negative.

        Where the score is infinite, the terms that leave the range have an infinite part and all others 0.

        Args:
            values: Values of the terms, shape ``(points, terms)``.

        Raises:
            ArgumentError: As for `score`.
        """
        terms = self._checked(values)
        _, inverse, active, precision = self._fitted
        far = np.isinf(self._score(terms)[0])
        with np.errstate(over="ignore", invalid="ignore"):
            scaled = terms * inverse
            parts = scaled * ((scaled @ active * precision**2) @ active.T)
            outside, limit, silent = self._outside(terms[far])
        new = (np.abs(outside) > limit[:, np.newaxis] / sqrt(max(1, self.num_terms))) | (silent > 0.0)
        parts[far] = np.where(new, inf, 0.0)
        return parts

    def largest_change(self, values: Any, epsilon: float, variance: float) -> FloatArray:
        r"""Bound on what explaining sets of terms can leave unexplained of the output at every point, shape ``(points,)``.

        It is :math:`\sqrt{\epsilon \mathrm{Var}(Y) h}`, and what rounding may hide beside it; infinite where h is.

        Args:
            values: Values of the terms, shape ``(points, terms)``.
            epsilon: Share of the variance that may be lost, above 0 and below 1.
            variance: Variance of the output in training, at least 0.

        Raises:
            ArgumentError: As for `score`, or a number is out of range.
        """
        room = _room(epsilon, variance)
        score, outside = self._score(self._checked(values))
        with np.errstate(invalid="ignore"):
            change = np.sqrt(room * score)
        return np.where(np.isinf(score), inf, change * (1.0 + _ROUNDING) + outside)

    def certified(self, values: Any, epsilon: float, variance: float, tau: float) -> NDArray[np.bool_]:
        """Whether no explaining set of terms can fail by more than tau, as far as leverage can tell; shape ``(points,)``.

        Args:
            values: Values of the terms, shape ``(points, terms)``.
            epsilon: Share of the variance that may be lost, above 0 and below 1.
            variance: Variance of the output in training, at least 0.
            tau: The threshold, above 0.

        Raises:
            ArgumentError: As for `score`, or a number is out of range.
        """
        return self.largest_change(values, epsilon, variance) < _threshold(tau)

    def false_positive_bound(self, epsilon: float, variance: float, tau: float) -> float:
        """Bound on the probability that a point of the training law has no certificate: ``epsilon * variance * rank / tau**2``.

        It can exceed 1, and then says nothing.

        Raises:
            ArgumentError: A number is out of range, or there were no training points.
        """
        return _room(epsilon, variance) * self.rank / _threshold(tau) ** 2

    def __repr__(self) -> str:
        return f"<Leverage over {self.num_terms} terms, training weight {self.weight:g}>"

    @property
    def _fitted(self) -> Factors:
        if self._factors is None:
            gram = self.gram
            root = np.sqrt(np.diag(gram))
            inverse = np.divide(1.0, root, out=np.zeros_like(root), where=root > 0.0)
            values, vectors = np.linalg.eigh(gram * inverse * inverse[:, np.newaxis])
            active = values > RANK_TOLERANCE * max(values.max(initial=0.0), 0.0)
            self._factors = Factors(root, inverse, np.ascontiguousarray(vectors[:, active]), 1.0 / np.sqrt(values[active]))
        return self._factors

    def _score(self, terms: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Leverage, and the sum of the absolute values of what lies outside the range but within its tolerance."""
        root, inverse, active, precision = self._fitted
        with np.errstate(over="ignore", invalid="ignore"):  # a square beyond floats is infinitely far
            outside, limit, silent = self._outside(terms)
            beyond = (np.sqrt((outside**2).sum(axis=1)) > limit) | (silent > 0.0).any(axis=1)
            hidden = (np.abs(outside) * root).sum(axis=1) + np.where(root > 0.0, 0.0, np.abs(terms)).sum(axis=1)
            score = ((terms * inverse @ active * precision) ** 2).sum(axis=1)
        return np.where(beyond | np.isnan(score), inf, score), hidden

    def _outside(self, terms: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Scaled terms outside the range, the length they may have, and the sizes of terms that were always 0 and are not now."""
        root, inverse, active, _ = self._fitted
        scaled = terms * inverse
        limit = sqrt(RANK_TOLERANCE) * np.maximum(1.0, np.sqrt((scaled**2).sum(axis=1)))
        silent = np.where(root > 0.0, 0.0, np.abs(terms))
        silent[silent <= RANK_TOLERANCE * root.max(initial=0.0)] = 0.0
        return scaled - (scaled @ active) @ active.T, limit, silent

    def _checked(self, values: Any) -> FloatArray:
        terms = real_numbers(values, "values of terms")
        if terms.ndim != 2 or terms.shape[1] != self.num_terms:
            raise ArgumentError(f"values of terms must have shape (points, {self.num_terms}), got {terms.shape}")
        if not np.isfinite(terms).all():
            row, column = np.argwhere(~np.isfinite(terms))[0].tolist()
            raise ArgumentError(f"point {row}: term {column} must be finite, got {terms[row, column]:g}")
        return terms


def _room(epsilon: float, variance: float) -> float:
    if not 0.0 < epsilon < 1.0:
        raise ArgumentError(f"epsilon must be above 0 and below 1, got {epsilon!r}")
    if not (isfinite(variance) and variance >= 0.0):
        raise ArgumentError(f"the variance must be a finite number of at least 0, got {variance!r}")
    return float(epsilon * variance)


def _threshold(tau: float) -> float:
    if not (isfinite(tau) and tau > 0.0):
        raise ArgumentError(f"tau must be a finite number above 0, got {tau!r}")
    return float(tau)
