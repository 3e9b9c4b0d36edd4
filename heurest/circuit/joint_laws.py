"""Laws of several inputs together: multivariate normal, and finitely many joint points."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from heurest.circuit import law_checks, quadrature
from heurest.circuit.alias import AliasTable, alias_table, draw
from heurest.circuit.continuous_laws import normal_cumulants, normal_moments, normal_quantile
from heurest.circuit.finite_laws import centred, check_lengths, finite_cumulants, finite_moments, merged
from heurest.circuit.law_base import ArrayLaw, Points
from heurest.circuit.partitions import joint_cumulant, moebius_weight, set_partitions
from heurest.errors import CircuitError

__all__ = ["JointDiscrete", "MultivariateNormal"]

FloatArray = NDArray[np.float64]

_TOLERANCE = 1e-9  # asymmetry and negative eigenvalues up to this, in units of a correlation, count as rounding
_BLOCK = 4096  # points handled at once when moments are summed
_SHOWN = 3  # a repr lists no more coordinates or points than this


def checked_covariance(mean: FloatArray, cov: FloatArray) -> FloatArray:
    """The covariance matrix made exactly symmetric, or a `CircuitError` when no law has it."""
    if cov.shape != (mean.size, mean.size):
        raise CircuitError(
            f"multivariate_normal: cov must have shape {(mean.size, mean.size)} as mean has {mean.size} entries, got {cov.shape}"
        )
    variances = np.diag(cov)
    if variances.min() < 0.0:
        i = int(variances.argmin())
        raise CircuitError(f"multivariate_normal: cov must have no negative variance, got {float(variances[i])!r} for coordinate {i}")
    deviations = np.sqrt(variances)
    scale = np.multiply.outer(deviations, deviations)
    with np.errstate(over="ignore"):
        asymmetric = np.abs(cov - cov.T) > _TOLERANCE * scale
        too_large = np.abs(cov) > (1.0 + _TOLERANCE) * scale
    if asymmetric.any():
        i, j = (int(index) for index in np.argwhere(asymmetric)[0])
        raise CircuitError(
            f"multivariate_normal: cov must be symmetric, got {float(cov[i, j])!r} at {i, j} and {float(cov[j, i])!r} at {j, i}"
        )
    np.fill_diagonal(too_large, False)
    if too_large.any():
        i, j = (int(index) for index in np.argwhere(too_large)[0])
        raise CircuitError(f"multivariate_normal: cov must be positive semidefinite, got a correlation outside [-1, 1] at {i, j}")
    lowest = float(np.linalg.eigvalsh(_correlation(cov))[0])
    if lowest < -_TOLERANCE * mean.size:
        raise CircuitError(f"multivariate_normal: cov must be positive semidefinite, got correlations with eigenvalue {lowest:.6g}")
    return cov if np.array_equal(cov, cov.T) else 0.5 * cov + 0.5 * cov.T


def _correlation(cov: FloatArray) -> FloatArray:
    deviations = np.sqrt(np.diag(cov))
    units = np.where(deviations > 0.0, deviations, 1.0)
    return cov / units / units[:, np.newaxis]


def semidefinite_factor(cov: FloatArray) -> FloatArray:
    """A factor L of shape ``(size, rank)`` with ``L @ L.T == cov`` up to rounding, by pivoted Cholesky on the correlations.

    Steps stop when every residual variance is rounding, so a singular matrix is as welcome as a regular one.
    Cost: about ``size * rank**2`` operations. Higham, "Analysis of the Cholesky decomposition of a semi-definite matrix" (1990).
    """
    size = cov.shape[0]
    correlation = _correlation(cov)
    factor = np.zeros((size, size))
    residual = np.diag(correlation).copy()
    rank = 0
    while rank < size:
        pivot = int(residual.argmax())
        if residual[pivot] <= size * np.finfo(np.float64).eps:
            break
        column = (correlation[:, pivot] - factor[:, :rank] @ factor[pivot, :rank]) / np.sqrt(residual[pivot])
        factor[:, rank] = column
        residual -= column * column
        residual[pivot] = 0.0
        rank += 1
    return np.sqrt(np.diag(cov))[:, np.newaxis] * factor[:, :rank]


@dataclass(frozen=True, eq=False, init=False, repr=False)
class MultivariateNormal(ArrayLaw):
    r"""Jointly normal inputs; the covariance may be singular.

    Joint moments follow Isserlis' theorem through
    :math:`E[X_i \prod_{j \in S} X_j] = \mu_i E[\prod_S X_j] + \sum_{k \in S} \Sigma_{ik} E[\prod_{S \setminus k} X_j]`.

    Args:
        mean: Mean of each input, shape ``(size,)``.
        cov: Covariances, shape ``(size, size)``: symmetric and positive semidefinite up to rounding.

    Raises:
        CircuitError: A parameter has another shape or non-finite entries, or ``cov`` is no covariance matrix.

    Examples:
        >>> law = MultivariateNormal([0.0, 0.0], [[1.0, 0.5], [0.5, 1.0]])
        >>> law.joint_moment((0, 0, 1, 1))  # 1 + 2 * 0.5**2
        1.5
    """

    name: ClassVar[str] = "multivariate_normal"
    last_cumulant: ClassVar[int | None] = 2
    mean: FloatArray
    cov: FloatArray

    def __init__(self, mean: ArrayLike, cov: ArrayLike) -> None:
        center = law_checks.array("multivariate_normal: mean", mean, 1)
        matrix = checked_covariance(center, law_checks.array("multivariate_normal: cov", cov, 2))
        object.__setattr__(self, "mean", law_checks.frozen(center))
        object.__setattr__(self, "cov", law_checks.frozen(matrix))

    def __repr__(self) -> str:
        if self.size <= _SHOWN:
            return f"MultivariateNormal(mean={self.mean.tolist()}, cov={self.cov.tolist()})"
        return f"MultivariateNormal({self.size} inputs)"

    @property
    def size(self) -> int:
        """Number of inputs that the law governs."""
        return int(self.mean.size)

    @property
    def uniforms(self) -> int:
        """Rank of the covariance: the number of independent normals behind the inputs."""
        return int(self._factor.shape[1])

    @cached_property
    def _factor(self) -> FloatArray:
        return law_checks.frozen(semidefinite_factor(self.cov))

    def support(self) -> Points:
        """Return the whole line for each coordinate, or the one value of a constant."""
        reach = np.where(np.diag(self.cov) > 0.0, np.inf, 0.0)
        return self.mean - reach, self.mean + reach

    def points(self) -> Points | None:
        """Return the one point of a constant, else None."""
        return None if self.cov.any() else (self.mean[np.newaxis, :].copy(), np.ones(1))

    def _moments(self, order: int, coordinate: int) -> FloatArray:
        return normal_moments(float(self.mean[coordinate]), float(self.cov[coordinate, coordinate]), order)

    def _cumulants(self, order: int, coordinate: int) -> FloatArray:
        return normal_cumulants(float(self.mean[coordinate]), float(self.cov[coordinate, coordinate]), order)

    def _joint_moment(self, coordinates: tuple[int, ...]) -> float:
        known: dict[tuple[int, ...], float] = {(): 1.0}

        def moment(term: tuple[int, ...]) -> float:
            if term not in known:
                first, others = term[0], term[1:]
                total = float(self.mean[first]) * moment(others)
                for other, copies in Counter(others).items():
                    place = others.index(other)
                    total += copies * float(self.cov[first, other]) * moment(others[:place] + others[place + 1 :])
                known[term] = total
            return known[term]

        return moment(coordinates)

    def _joint_cumulant(self, coordinates: tuple[int, ...]) -> float:
        if len(coordinates) == 1:
            return float(self.mean[coordinates[0]])
        return float(self.cov[coordinates]) if len(coordinates) == 2 else 0.0

    def _cumulant_tensor(self, order: int) -> FloatArray:
        if order == 1:
            return self.mean.copy()
        return self.cov.copy() if order == 2 else np.zeros((self.size,) * order)

    def _quadrature(self, m: int) -> Points:
        nodes, weights = quadrature.product_rule(*quadrature.gauss_hermite(m), self.uniforms)
        return self.mean + nodes @ self._factor.T, weights

    def _sample(self, rng: np.random.Generator, count: int) -> FloatArray:
        return self._affine(rng.standard_normal((self.uniforms, count)))

    def _from_uniform(self, cube: FloatArray) -> FloatArray:
        return self._affine(normal_quantile(cube).T)

    def _affine(self, normals: FloatArray) -> FloatArray:
        result = np.ascontiguousarray(self._factor @ normals)
        result += self.mean[:, np.newaxis]
        return result


@dataclass(frozen=True, eq=False, init=False, repr=False)
class JointDiscrete(ArrayLaw):
    """Finitely many joint points of several inputs with given probabilities, for instance a data set.

    Kept in lexicographic order, equal points merged, points of probability zero dropped: two laws are equal when their points are.

    Args:
        values: One row a point, shape ``(points, size)``.
        probs: Probabilities of the rows: not negative, sum 1 within 1e-9. A sum that is off by more than rounding is divided out.

    Raises:
        CircuitError: A parameter has another shape or non-finite entries, or ``probs`` are not probabilities.

    Examples:
        >>> law = JointDiscrete([[2.0, 5.0], [4.0, 9.0]], [0.5, 0.5])
        >>> law.joint_moment((0, 1))
        23.0
        >>> law.covariance()
        array([[1., 2.],
               [2., 4.]])
    """

    name: ClassVar[str] = "joint_discrete"
    values: FloatArray
    probs: FloatArray

    def __init__(self, values: ArrayLike, probs: ArrayLike) -> None:
        rows, weights = law_checks.array("joint_discrete: values", values, 2), law_checks.array("joint_discrete: probs", probs, 1)
        check_lengths("joint_discrete", rows, weights)
        law_checks.check_probabilities("joint_discrete: probs", weights)
        for field, kept in zip(("values", "probs"), merged(rows, weights), strict=True):
            object.__setattr__(self, field, kept)

    def __repr__(self) -> str:
        points = self.probs.size
        if points <= _SHOWN and self.size <= _SHOWN:
            return f"JointDiscrete(values={self.values.tolist()}, probs={self.probs.tolist()})"
        return f"JointDiscrete({points} {'point' if points == 1 else 'points'} of {self.size} {'input' if self.size == 1 else 'inputs'})"

    @property
    def size(self) -> int:
        """Number of inputs that the law governs."""
        return int(self.values.shape[1])

    @cached_property
    def _centred(self) -> FloatArray:
        with np.errstate(over="ignore", invalid="ignore"):
            offsets = centred(self.values, self.probs)[1]
            return law_checks.frozen(offsets - self.probs @ offsets)  # removes what rounding left of the mean

    @cached_property
    def _columns(self) -> FloatArray:
        return law_checks.frozen(np.ascontiguousarray(self.values.T))

    @cached_property
    def _alias(self) -> AliasTable:
        return alias_table(self.probs)

    def support(self) -> Points:
        """Return the least and the greatest value of each coordinate."""
        return self.values.min(axis=0), self.values.max(axis=0)

    def points(self) -> Points:
        """Return the points, shape ``(m, size)``, and their probabilities, shape ``(m,)``."""
        return self.values.copy(), self.probs.copy()

    def means(self) -> FloatArray:
        """Return the mean of each coordinate, shape ``(size,)``."""
        with np.errstate(over="ignore", invalid="ignore"):
            return np.asarray(self.probs @ self.values, dtype=np.float64)

    def _moments(self, order: int, coordinate: int) -> FloatArray:
        return finite_moments(self.values[:, coordinate], self.probs, order)

    def _cumulants(self, order: int, coordinate: int) -> FloatArray:
        return finite_cumulants(self.values[:, coordinate], self.probs, order)

    def _joint_moment(self, coordinates: tuple[int, ...]) -> float:
        return self._product_mean(self.values, coordinates) if coordinates else 1.0

    def _joint_cumulant(self, coordinates: tuple[int, ...]) -> float:
        if len(set(coordinates)) <= 1:
            return float(self._cumulants(len(coordinates), coordinates[0] if coordinates else 0)[-1])
        return joint_cumulant(lambda term: self._product_mean(self._centred, term), coordinates, centred=True)

    def _product_mean(self, values: FloatArray, coordinates: tuple[int, ...]) -> float:
        product = self.probs
        with np.errstate(over="ignore", invalid="ignore"):
            for coordinate in coordinates:
                product = product * values[:, coordinate]
            return float(product.sum())

    def _cumulant_tensor(self, order: int) -> FloatArray:
        if order < 2:
            return self.means() if order else np.zeros(())
        shape = (self.size,) * order
        moments = {length: self._centred_moments(length) for length in range(2, order + 1)}
        tensor = np.zeros(shape)
        with np.errstate(over="ignore", invalid="ignore"):
            for partition in set_partitions(order, smallest=2):
                product = np.ones(())
                for block in partition:
                    product = np.multiply.outer(product, moments[len(block)])
                axes = [axis for block in partition for axis in block]
                tensor += moebius_weight(len(partition)) * product.transpose(np.argsort(axes))
        return self._symmetric(tensor)

    def _centred_moments(self, order: int) -> FloatArray:
        """All ``E[prod (X_c - mean_c)]`` of one order, shape ``(size,) * order``, as one matrix product of two halves."""
        left, right = order // 2, order - order // 2
        total = np.zeros((self.size**left, self.size**right))
        with np.errstate(over="ignore", invalid="ignore"):
            for start in range(0, self.probs.size, _BLOCK):
                block = self._centred[start : start + _BLOCK]
                total += (_row_powers(block, left) * self.probs[start : start + _BLOCK, np.newaxis]).T @ _row_powers(block, right)
        return total.reshape((self.size,) * order)

    def _symmetric(self, tensor: FloatArray) -> FloatArray:
        """The entry of the sorted coordinates everywhere: rounding differs with the order of a product."""
        index = np.sort(np.indices(tensor.shape).reshape(tensor.ndim, -1), axis=0)
        return np.asarray(tensor[tuple(index)].reshape(tensor.shape), dtype=np.float64)

    def _quadrature(self, m: int) -> Points:
        return self.points()

    def _sample(self, rng: np.random.Generator, count: int) -> FloatArray:
        return draw(rng, self._alias, self._columns, count)

    def _from_uniform(self, cube: FloatArray) -> FloatArray:
        chosen = np.searchsorted(np.cumsum(self.probs)[:-1], cube[:, 0], side="right")
        return self._columns.take(chosen, axis=1)


def _row_powers(rows: FloatArray, order: int) -> FloatArray:
    """Each row's tensor power, flattened: shape ``(count, size**order)``."""
    result = np.ones((rows.shape[0], 1))
    for _ in range(order):
        result = (result[:, :, np.newaxis] * rows[:, np.newaxis, :]).reshape(rows.shape[0], -1)
    return result
