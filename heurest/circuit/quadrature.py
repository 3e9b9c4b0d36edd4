r"""Gauss quadrature for probability laws: m nodes and positive weights that integrate polynomials of degree 2m - 1 exactly.

The nodes of a Gauss rule are the eigenvalues of the symmetric tridiagonal Jacobi matrix of the law's orthonormal polynomials
(Golub and Welsch, "Calculation of Gauss quadrature rules", Mathematics of Computation 23 (1969) 221-230), whose three-term recurrence is

.. math:: \sqrt{b_{k+1}}\, p_{k+1}(x) = (x - a_k)\, p_k(x) - \sqrt{b_k}\, p_{k-1}(x), \qquad p_0 = 1, \; p_{-1} = 0.

The weight of a node is the square of the first entry of its unit eigenvector. For a law on finitely many points the recurrence comes from
the Stieltjes procedure, run as the Lanczos iteration with full reorthogonalisation.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from heurest.errors import CircuitError, IntractableError

__all__ = [
    "MAX_NODES",
    "discrete_recurrence",
    "gauss_discrete",
    "gauss_hermite",
    "gauss_laguerre",
    "gauss_legendre",
    "gauss_rule",
    "product_rule",
]

FloatArray = NDArray[np.float64]
Rule = tuple[FloatArray, FloatArray]

MAX_NODES = 128  # beyond it the smallest Laguerre weights leave the range of a float
MAX_GRID = 2**24  # numbers held by a product rule: 128 MiB


def gauss_rule(diagonal: FloatArray, off_diagonal: FloatArray) -> Rule:
    """Return the Gauss rule of the law with the given recurrence coefficients.

    Args:
        diagonal: ``a_0, ..., a_{m-1}``, shape ``(m,)``.
        off_diagonal: ``sqrt(b_1), ..., sqrt(b_{m-1})``, all positive, shape ``(m - 1,)``.

    Returns:
        Nodes in increasing order and their weights (positive, sum 1), both of shape ``(m,)``; nodes whose weight is zero in floating
        point are left out.

    Cost:
        One dense symmetric eigenvalue problem, about ``m**3`` operations.

    Examples:
        >>> import numpy as np
        >>> nodes, weights = gauss_rule(np.zeros(2), np.ones(1))  # two-point rule of the standard normal
        >>> bool(np.allclose(nodes, [-1, 1])), bool(np.allclose(weights, [0.5, 0.5]))
        (True, True)
    """
    jacobi = np.diag(diagonal) + np.diag(off_diagonal, 1) + np.diag(off_diagonal, -1)
    nodes, vectors = np.linalg.eigh(jacobi)
    weights = vectors[0] ** 2
    nodes, weights = nodes[weights > 0.0], weights[weights > 0.0]
    return nodes, weights / weights.sum()


def _standard_rule(diagonal: FloatArray, off_diagonal: FloatArray, symmetric: bool) -> Rule:
    nodes = gauss_rule(diagonal, off_diagonal)[0]
    # the same weights as 1 / sum of p_k(x)**2, which keeps the relative precision of those far below a float's rounding
    previous, current, squares = np.zeros_like(nodes), np.ones_like(nodes), np.ones_like(nodes)
    for k in range(diagonal.size - 1):
        below = off_diagonal[k - 1] if k else 0.0
        previous, current = current, ((nodes - diagonal[k]) * current - below * previous) / off_diagonal[k]
        squares += current * current
    weights = 1.0 / squares
    weights /= weights.sum()
    if symmetric:  # an even law: nodes and weights in exact mirror pairs
        nodes, weights = 0.5 * (nodes - nodes[::-1]), 0.5 * (weights + weights[::-1])
    nodes.setflags(write=False)
    weights.setflags(write=False)
    return nodes, weights


def _check_nodes(m: int) -> None:
    if not 1 <= m <= MAX_NODES:
        raise CircuitError(f"quadrature: the number of nodes must be from 1 to {MAX_NODES}, got {m}")


@lru_cache(maxsize=MAX_NODES)
def gauss_hermite(m: int) -> Rule:
    """Return the m-node Gauss rule of the standard normal law (``a_k = 0``, ``b_k = k``); read-only arrays of shape ``(m,)``.

    Raises:
        CircuitError: ``m`` is not from 1 to 128.

    Examples:
        >>> nodes, weights = gauss_hermite(3)
        >>> round(float(weights @ nodes**4), 12)
        3.0
    """
    _check_nodes(m)
    off_diagonal = np.asarray(np.sqrt(np.arange(1.0, m)), dtype=np.float64)
    return _standard_rule(np.zeros(m), off_diagonal, symmetric=True)


@lru_cache(maxsize=MAX_NODES)
def gauss_legendre(m: int) -> Rule:
    """Return the m-node Gauss rule of the uniform law on [-1, 1] (``b_k = k**2 / (4 k**2 - 1)``); read-only, shape ``(m,)``.

    Raises:
        CircuitError: ``m`` is not from 1 to 128.

    Examples:
        >>> nodes, weights = gauss_legendre(3)
        >>> round(float(weights @ nodes**4), 12)
        0.2
    """
    _check_nodes(m)
    k = np.arange(1.0, m)
    off_diagonal = np.asarray(k / np.sqrt(4.0 * k * k - 1.0), dtype=np.float64)
    return _standard_rule(np.zeros(m), off_diagonal, symmetric=True)


@lru_cache(maxsize=MAX_NODES)
def gauss_laguerre(m: int) -> Rule:
    """Return the m-node Gauss rule of the exponential law of rate 1 (``a_k = 2 k + 1``, ``b_k = k**2``); read-only, shape ``(m,)``.

    Raises:
        CircuitError: ``m`` is not from 1 to 128.

    Examples:
        >>> nodes, weights = gauss_laguerre(3)
        >>> round(float(weights @ nodes**5), 9)
        120.0
    """
    _check_nodes(m)
    return _standard_rule(np.arange(1.0, 2 * m, 2), np.arange(1.0, m), symmetric=False)


def discrete_recurrence(values: FloatArray, probs: FloatArray, m: int) -> Rule:
    """Return the first recurrence coefficients of the orthonormal polynomials of a law on finitely many points.

    Args:
        values: Distinct support points, shape ``(n,)``.
        probs: Their probabilities, positive, shape ``(n,)``.
        m: How many to find, at most ``n``.

    Returns:
        ``a_0, ..., a_{r-1}`` and ``sqrt(b_1), ..., sqrt(b_{r-1})``. ``r`` is ``m``, or less when the remaining points weigh nothing
        in floating point.

    Cost:
        About ``2 n m**2`` operations; the reorthogonalisation keeps it stable where the plain iteration is not.

    Examples:
        >>> import numpy as np
        >>> diagonal, off_diagonal = discrete_recurrence(np.array([0.0, 1.0]), np.array([0.5, 0.5]), 2)
        >>> bool(np.allclose(diagonal, 0.5)), bool(np.allclose(off_diagonal, 0.5))
        (True, True)
    """
    basis = np.zeros((m, values.size))
    basis[0] = np.sqrt(probs)
    basis[0] /= np.linalg.norm(basis[0])
    diagonal, off_diagonal = np.zeros(m), np.zeros(m - 1)
    for k in range(m):
        image = values * basis[k]
        diagonal[k] = image @ basis[k]
        if k + 1 == m:
            break
        remainder = image
        for _ in range(2):  # twice is enough for orthogonality to working precision
            remainder = remainder - basis[: k + 1].T @ (basis[: k + 1] @ remainder)
        norm = float(np.linalg.norm(remainder))
        if norm <= 1e-14 * float(np.linalg.norm(image)):
            return diagonal[: k + 1], off_diagonal[:k]
        off_diagonal[k] = norm
        basis[k + 1] = remainder / norm
    return diagonal, off_diagonal


def gauss_discrete(values: FloatArray, probs: FloatArray, m: int) -> Rule:
    """Return a Gauss rule of at most ``m`` nodes for a law on finitely many points; the points themselves if there are no more than ``m``.

    Args:
        values: Distinct support points in increasing order, shape ``(n,)``.
        probs: Their probabilities, positive with sum 1, shape ``(n,)``.
        m: Number of nodes, 1 to 128.

    Returns:
        Nodes within the range of ``values``, and positive weights with sum 1: exact for polynomials of degree up to ``2 m - 1``.

    Raises:
        CircuitError: ``m`` is not from 1 to 128.

    Cost:
        About ``2 n m**2 + m**3`` operations.

    Examples:
        >>> import numpy as np
        >>> nodes, weights = gauss_discrete(np.arange(6.0), np.full(6, 1 / 6), 2)  # a die from 0 to 5
        >>> bool(np.allclose(weights @ nodes**3, np.mean(np.arange(6.0) ** 3)))
        True
    """
    _check_nodes(m)
    if values.size <= m:
        return values.copy(), probs.copy()
    # a power of two keeps every bit and rules out overflow; then about the mean, in units of the reach: no cancellation in the recurrence
    exponent = int(np.frexp(np.abs(values).max())[1])
    scaled = np.ldexp(values, -exponent)
    center = float(probs @ scaled)
    centred = scaled - center
    reach = float(np.abs(centred).max())
    nodes, weights = gauss_rule(*discrete_recurrence(centred / reach, probs, m))
    return np.clip(np.ldexp(center + reach * nodes, exponent), values[0], values[-1]), weights


def product_rule(nodes: FloatArray, weights: FloatArray, size: int) -> Rule:
    """Return the tensor product of a one-variable rule with itself.

    Args:
        nodes: Nodes of the rule, shape ``(m,)``.
        weights: Their weights, shape ``(m,)``.
        size: Number of variables; zero gives one node with no coordinates.

    Returns:
        Nodes of shape ``(m**size, size)``, the last variable varying fastest, and weights of shape ``(m**size,)``.

    Raises:
        IntractableError: The grid would hold more than 2**24 numbers.

    Cost:
        ``m**size`` nodes.

    Examples:
        >>> import numpy as np
        >>> product_rule(np.array([0.0, 1.0]), np.array([0.25, 0.75]), 2)[1]
        array([0.0625, 0.1875, 0.1875, 0.5625])
    """
    count = nodes.size**size
    if count * max(size, 1) > MAX_GRID:
        raise IntractableError(
            f"quadrature: a product rule of {nodes.size} nodes in {size} variables has {count}; at most {MAX_GRID // max(size, 1)} fit"
        )
    grid = np.empty((count, size))
    product = np.ones(count)
    for variable in range(size):
        index = (np.arange(count) // nodes.size ** (size - 1 - variable)) % nodes.size
        grid[:, variable] = nodes[index]
        product *= weights[index]
    return grid, product
