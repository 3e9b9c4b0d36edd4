"""What every input law can do; the laws themselves are in `continuous_laws`, `finite_laws` and `joint_laws`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import fields, is_dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from heurest.circuit import law_checks
from heurest.circuit.quadrature import MAX_NODES
from heurest.errors import CircuitError, IntractableError

__all__ = ["MAX_ORDER", "ArrayLaw", "Law", "UnivariateLaw"]

FloatArray = NDArray[np.float64]
Points = tuple[FloatArray, FloatArray]

MAX_ORDER = 128  # beyond it factorials and binomials leave the range of a float
_MAX_ENTRIES = 2**27  # numbers in a cumulant tensor: 1 GiB


class Law(ABC):
    """The probability law of one input, or of a group of inputs that may depend on each other.

    Laws are frozen, hashable and equal when their parameters are. Moments and cumulants are closed forms or finite sums, exact up to
    rounding; a value beyond the range of a float comes out as infinity or NaN. A coordinate is the place of an input in the group, from 0.
    """

    name: ClassVar[str]
    last_cumulant: ClassVar[int | None] = None  # order beyond which all cumulants vanish

    @property
    def size(self) -> int:
        """Number of inputs that the law governs."""
        return 1

    @property
    def uniforms(self) -> int:
        """Number of uniform coordinates that `from_uniform` needs for one sample."""
        return 1

    @property
    def boolean(self) -> tuple[bool, ...]:
        """For each coordinate, whether its support is within {0, 1}."""
        low, high = self.support()
        points = self.points()
        if points is None:
            return tuple(bool(a == b and a in (0.0, 1.0)) for a, b in zip(low, high, strict=True))
        return tuple(bool(flag) for flag in ((points[0] == 0.0) | (points[0] == 1.0)).all(axis=0))

    def moments(self, order: int, coordinate: int = 0) -> FloatArray:
        """Return the raw moments ``E[X**n]`` of one coordinate, ``n = 0, ..., order``.

        Args:
            order: The highest moment, 0 to 128.
            coordinate: Which input of the group.

        Returns:
            Shape ``(order + 1,)``; entry n in the n-th power of the input's unit, entry 0 is 1.

        Raises:
            CircuitError: ``order`` or ``coordinate`` is not an integer in range.

        Cost:
            At most ``order**2`` operations, and ``order`` passes over the points of a finite law.

        Examples:
            >>> from heurest.circuit.laws import Normal
            >>> Normal(1.0, 2.0).moments(3)
            array([ 1.,  1.,  5., 13.])
        """
        return self._moments(law_checks.integer(f"{self.name}: order", order, 0, MAX_ORDER), self._coordinate(coordinate))

    def cumulants(self, order: int, coordinate: int = 0) -> FloatArray:
        """Return the cumulants of one coordinate, orders 0 to ``order``; entry 0 is 0, entry 1 the mean, entry 2 the variance.

        Args:
            order: The highest cumulant, 0 to 128.
            coordinate: Which input of the group.

        Returns:
            Shape ``(order + 1,)``; entry n in the n-th power of the input's unit.

        Raises:
            CircuitError: ``order`` or ``coordinate`` is not an integer in range.

        Cost:
            At most ``order**2`` operations, and ``order`` passes over the points of a finite law.

        Examples:
            >>> from heurest.circuit.laws import Exponential
            >>> Exponential(1.0).cumulants(5)
            array([ 0.,  1.,  1.,  2.,  6., 24.])
        """
        return self._cumulants(law_checks.integer(f"{self.name}: order", order, 0, MAX_ORDER), self._coordinate(coordinate))

    def joint_moment(self, coordinates: Sequence[int]) -> float:
        """Return ``E[product of X_c over coordinates]``; repeats allowed, 1 for none.

        Args:
            coordinates: Which inputs of the group, in any order.

        Raises:
            CircuitError: A coordinate is out of range, or there are more than 128.

        Cost:
            One pass over the points of a finite law; for normal laws a recurrence over the sub-multisets of ``coordinates``.

        Examples:
            >>> from heurest.circuit.laws import Normal
            >>> Normal().joint_moment((0, 0, 0, 0))
            3.0
        """
        return self._joint_moment(self._coordinates(coordinates))

    def joint_cumulant(self, coordinates: Sequence[int]) -> float:
        """Return the joint cumulant of the coordinates; repeats allowed, 0 for none.

        Args:
            coordinates: Which inputs of the group, in any order.

        Raises:
            CircuitError: A coordinate is out of range, or there are more than 128.

        Cost:
            For a joint finite law the set partitions of ``coordinates`` without blocks of one (715 for eight); else as `cumulants`.

        Examples:
            >>> from heurest.circuit.laws import JointDiscrete
            >>> JointDiscrete([[2.0, 5.0], [4.0, 9.0]], [0.5, 0.5]).joint_cumulant((0, 1))  # a covariance
            2.0
        """
        return self._joint_cumulant(self._coordinates(coordinates))

    def cumulant_tensor(self, order: int) -> FloatArray:
        """Return all joint cumulants of one order; entry ``[c1, ..., cn]`` is that of coordinates c1, ..., cn.

        Args:
            order: Number of coordinates in a cumulant, 0 to 32.

        Returns:
            A symmetric array of shape ``(size,) * order``.

        Raises:
            CircuitError: ``order`` is not an integer in range.
            IntractableError: The tensor would hold more than 2**27 numbers.

        Cost:
            ``size**order`` numbers; for a joint finite law about ``points * size**order`` multiplications (in BLAS).

        Examples:
            >>> from heurest.circuit.laws import MultivariateNormal
            >>> MultivariateNormal([0.0, 0.0], [[1.0, 0.5], [0.5, 4.0]]).cumulant_tensor(2)
            array([[1. , 0.5],
                   [0.5, 4. ]])
        """
        order = law_checks.integer(f"{self.name}: order of a tensor", order, 0, 32)
        if self.size**order > _MAX_ENTRIES:
            raise IntractableError(
                f"{self.name}: order {order} of {self.size} inputs has {self.size**order} cumulants; at most {_MAX_ENTRIES} fit"
            )
        return self._cumulant_tensor(order)

    def means(self) -> FloatArray:
        """Return the mean of each coordinate, shape ``(size,)``."""
        return self._cumulant_tensor(1)

    def covariance(self) -> FloatArray:
        """Return the covariance of each pair of coordinates, shape ``(size, size)``."""
        return self.cumulant_tensor(2)

    @abstractmethod
    def support(self) -> Points:
        """Return the lowest and highest value of each coordinate, two arrays of shape ``(size,)``; may be infinite."""

    def points(self) -> Points | None:
        """Return the finite support, or None when the law has infinitely many points.

        Returns:
            Distinct points of shape ``(m, size)`` and their probabilities, all positive, of shape ``(m,)``.

        Examples:
            >>> from heurest.circuit.laws import Bernoulli
            >>> Bernoulli(0.25).points()
            (array([[0.],
                   [1.]]), array([0.75, 0.25]))
        """
        return None

    def quadrature(self, m: int) -> Points:
        """Return nodes and weights that integrate polynomials of total degree up to ``2 m - 1`` exactly.

        Args:
            m: Number of Gauss nodes a variable, 1 to 128.

        Returns:
            Nodes of shape ``(count, size)`` and positive weights with sum 1 of shape ``(count,)``. A finite law of at most m points is its
            own rule, and so is any joint finite law; a multivariate normal law of rank r takes ``m**r`` nodes; every other takes m.

        Raises:
            CircuitError: ``m`` is not an integer from 1 to 128.
            IntractableError: The product rule of a multivariate normal law would hold more than 2**24 numbers.

        Cost:
            About ``m**3`` operations, plus ``2 points m**2`` for a finite law.

        Examples:
            >>> from heurest.circuit.laws import Uniform
            >>> nodes, weights = Uniform(0.0, 1.0).quadrature(2)
            >>> round(float(weights @ nodes[:, 0] ** 3), 12)
            0.25
        """
        m = law_checks.integer(f"{self.name}: number of quadrature nodes", m, 1, MAX_NODES)
        points = self.points()
        return points if points is not None and points[1].size <= m else self._quadrature(m)

    def sample(self, rng: np.random.Generator, count: int) -> FloatArray:
        """Draw independent samples.

        Args:
            rng: Source of randomness; the same state gives the same samples within one version of heurest and numpy.
            count: Number of samples, at least 0.

        Returns:
            C-contiguous array of shape ``(size, count)``.

        Raises:
            CircuitError: ``count`` is not a non-negative integer.

        Cost:
            ``size * count`` numbers.

        Examples:
            >>> import numpy as np
            >>> from heurest.circuit.laws import Sign
            >>> sorted(set(Sign().sample(np.random.default_rng(0), 100)[0].tolist()))
            [-1.0, 1.0]
        """
        return self._sample(rng, law_checks.integer(f"{self.name}: number of samples", count, 0, 2**62))

    def from_uniform(self, u: ArrayLike) -> FloatArray:
        """Map uniform points of the unit cube to points of the law, for instance quasi-random ones.

        Args:
            u: Numbers from 0 to 1, shape ``(count, uniforms)``. Exact ends are moved inwards where the law is unbounded.

        Returns:
            C-contiguous array of shape ``(size, count)``.

        Raises:
            CircuitError: ``u`` has another shape or leaves the unit cube.

        Cost:
            One evaluation of the quantile function a number; normal laws need scipy (the extra ``qmc``).

        Examples:
            >>> from heurest.circuit.laws import Uniform
            >>> Uniform(-1.0, 1.0).from_uniform([[0.0], [0.25], [1.0]])
            array([[-1. , -0.5,  1. ]])
        """
        cube = np.asarray(u, dtype=np.float64)
        if cube.ndim != 2 or cube.shape[1] != self.uniforms:
            raise CircuitError(f"{self.name}: uniform points must have shape (count, {self.uniforms}), got {cube.shape}")
        if not ((cube >= 0.0) & (cube <= 1.0)).all():
            raise CircuitError(f"{self.name}: uniform points must be from 0 to 1")
        return self._from_uniform(cube)

    def to_dict(self) -> dict[str, Any]:
        """Return the law as JSON-ready data, every float kept exactly; the inverse of `law_from_dict`.

        Examples:
            >>> from heurest.circuit.laws import Normal
            >>> Normal(0.0, 1.0).to_dict()
            {'law': 'normal', 'mean': 0.0, 'std': 1.0}
        """
        data: dict[str, Any] = {"law": self.name}
        for field in self.parameters():
            value = getattr(self, field)
            data[field] = value.tolist() if isinstance(value, np.ndarray) else value
        return data

    @classmethod
    def parameters(cls) -> tuple[str, ...]:
        """Names of the parameters, as in the constructor and in `to_dict`."""
        return tuple(field.name for field in fields(cls)) if is_dataclass(cls) else ()

    def _coordinate(self, coordinate: int) -> int:
        return law_checks.integer(f"{self.name}: coordinate", coordinate, 0, self.size - 1)

    def _coordinates(self, coordinates: Sequence[int]) -> tuple[int, ...]:
        if len(coordinates) > MAX_ORDER:
            raise CircuitError(f"{self.name}: at most {MAX_ORDER} coordinates make a term, got {len(coordinates)}")
        return tuple(sorted(self._coordinate(coordinate) for coordinate in coordinates))

    @abstractmethod
    def _moments(self, order: int, coordinate: int) -> FloatArray: ...

    @abstractmethod
    def _cumulants(self, order: int, coordinate: int) -> FloatArray: ...

    @abstractmethod
    def _joint_moment(self, coordinates: tuple[int, ...]) -> float: ...

    @abstractmethod
    def _joint_cumulant(self, coordinates: tuple[int, ...]) -> float: ...

    @abstractmethod
    def _cumulant_tensor(self, order: int) -> FloatArray: ...

    @abstractmethod
    def _quadrature(self, m: int) -> Points: ...

    @abstractmethod
    def _sample(self, rng: np.random.Generator, count: int) -> FloatArray: ...

    @abstractmethod
    def _from_uniform(self, cube: FloatArray) -> FloatArray: ...


class UnivariateLaw(Law):
    """A law of one input: joint quantities follow from its own moments and cumulants."""

    def _joint_moment(self, coordinates: tuple[int, ...]) -> float:
        return float(self._moments(len(coordinates), 0)[-1])

    def _joint_cumulant(self, coordinates: tuple[int, ...]) -> float:
        return float(self._cumulants(len(coordinates), 0)[-1])

    def _cumulant_tensor(self, order: int) -> FloatArray:
        return np.full((1,) * order, self._cumulants(order, 0)[-1])


class ArrayLaw(Law):
    """A law whose parameters are read-only arrays: compared and hashed by value."""

    @cached_property
    def _key(self) -> tuple[object, ...]:
        # bytes compare values: negative zeros are gone since construction
        arrays = (getattr(self, field) for field in self.parameters())
        return (self.name, *((array.shape, array.tobytes()) for array in arrays))

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and isinstance(other, ArrayLaw) and self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)
