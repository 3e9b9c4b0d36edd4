"""Hafnians and permanents as expected outputs of circuits, and random matrices to try them on.

Conventions: the hafnian of a symmetric matrix is the sum over perfect matchings of the products of its entries; it does not
read the diagonal. The permanent is the determinant without signs.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from heurest.circuit import law_checks
from heurest.circuit.circuit import Circuit
from heurest.circuit.laws import MultivariateNormal, Sign
from heurest.circuit.wires import Wire, Wires
from heurest.errors import CircuitError
from heurest.families.parameters import FloatArray, Rng, choice, generator, square_matrix, whole_number

__all__ = ["hafnian", "permanent", "random_double_wishart", "random_gram"]


def hafnian(matrix: ArrayLike) -> Circuit:
    r"""Make the circuit whose expected output is the hafnian of a symmetric matrix.

    By Isserlis' theorem :math:`\operatorname{haf}(M) = E[x_1 \cdots x_n]` for :math:`x \sim N(0, M)`. The products form a
    balanced binary tree, the left half taking the larger part, built depth first: for six inputs ``((0 1) 2) ((3 4) 5)``.

    The hafnian does not read the diagonal, but a covariance matrix needs one. Where the matrix is not positive semidefinite
    its diagonal is replaced by one number, the least that suffices, rounded up to 10 bits; means propagated without
    imputation do not read it either.

    Args:
        matrix: Symmetric, shape ``(n, n)``, ``n >= 1``; an odd size has hafnian 0.

    Returns:
        An unfrozen circuit of ``n - 1`` products with the output ``hafnian``.

    Raises:
        CircuitError: The matrix is not square, symmetric and finite.

    Cost:
        ``n**3`` operations.

    Examples:
        >>> import heurest as hr
        >>> c = hafnian([[1, 2, 3, 4], [2, 1, 5, 6], [3, 5, 1, 7], [4, 6, 7, 1]])  # 2 * 7 + 3 * 6 + 4 * 5
        >>> hr.Cumulant(4).estimate(c).value
        {'hafnian': 52.0}
    """
    numbers = square_matrix("hafnian: matrix", matrix)
    if not np.array_equal(numbers, numbers.T):
        i, j = (int(index) for index in np.argwhere(numbers != numbers.T)[0])
        raise CircuitError(f"hafnian: matrix must be symmetric, got {numbers[i, j]:g} at {i, j} and {numbers[j, i]:g} at {j, i}")
    circuit = Circuit(f"hafnian/{len(numbers)}")
    factors = circuit.input([f"x[{i}]" for i in range(len(numbers))], _centred_normal(numbers))
    circuit.output("hafnian", _product_tree(factors))
    return circuit


def permanent(matrix: ArrayLike, *, method: str = "glynn") -> Circuit:
    r"""Make a circuit whose expected output is the permanent of a square matrix.

    ``glynn`` takes fair signs d, a dense layer and products, after Glynn's formula (European Journal of Combinatorics 31, 2010):

    .. math:: \operatorname{per}(P) = E\Big[\prod_i d_i \prod_i \sum_j P_{ij} d_j\Big],

    the tree of the signs times the tree of the sums, each balanced. ``hafnian`` takes the hafnian of
    :math:`\begin{pmatrix} 0 & P \\ P^T & 0 \end{pmatrix}`, which is the same number.

    Args:
        matrix: Shape ``(n, n)``, ``n >= 1``.
        method: ``"glynn"`` or ``"hafnian"``.

    Returns:
        An unfrozen circuit with the output ``permanent``.

    Raises:
        CircuitError: The matrix is not square and finite, or the method is unknown.

    Cost:
        ``n**2`` coefficients and ``2 n - 1`` products for ``glynn``.

    Examples:
        >>> import heurest as hr
        >>> c = permanent([[1, 2], [3, 4]])  # 1 * 4 + 2 * 3
        >>> hr.Cumulant(4).estimate(c).value
        {'permanent': 10.0}
    """
    numbers = square_matrix("permanent: matrix", matrix)
    size = len(numbers)
    if choice("permanent: method", method, ("glynn", "hafnian")) == "hafnian":
        zero = np.zeros_like(numbers)
        circuit = Circuit(f"permanent/hafnian/{size}")
        law = _centred_normal(np.block([[zero, numbers], [numbers.T, zero]]))
        circuit.output("permanent", _product_tree(circuit.input("x", law)))
        return circuit
    circuit = Circuit(f"permanent/glynn/{size}")
    signs = circuit.input("d", Sign(), count=size)
    product = _product_tree(signs)
    circuit.output("permanent", product * _product_tree(numbers @ signs))
    return circuit


def random_double_wishart(size: int = 8, *, rng: Rng | np.random.RandomState = 0) -> FloatArray:
    r"""Draw a matrix with a non-negative hafnian from the law on which cumulant propagation was published.

    With independent ``size/2`` by ``size/2`` matrices X and Y of normals with mean 0 and variance 1/2,

    .. math:: \begin{pmatrix} B & A \\ A & B \end{pmatrix}, \qquad A = X^T X + Y^T Y, \quad B = X^T X - Y^T Y,

    the real part of a complex Wishart matrix with its relation matrix; the generator ``random_double_wishart`` of
    github.com/alignment-research-center/heuristic-hafnian. A ``numpy.random.RandomState(s)`` draws the same numbers as
    theirs after ``numpy.random.seed(s)``.

    Args:
        size: Even, at least 2.
        rng: Seed, generator, or the older ``RandomState``.

    Returns:
        Symmetric matrix, shape ``(size, size)``.

    Raises:
        CircuitError: The size is odd or too small.

    Cost:
        ``size**3 / 4`` operations.

    Examples:
        >>> import numpy as np
        >>> matrix = random_double_wishart(2, rng=np.random.RandomState(0))  # one x and one y: x**2 + y**2 off the diagonal
        >>> bool(matrix[0, 1] > 0), matrix.shape
        (True, (2, 2))
    """
    where = "random_double_wishart"
    total = whole_number(f"{where}: size", size, 2)
    if total % 2:
        raise CircuitError(f"{where}: size must be even, got {total}")
    half = total // 2
    source = rng if isinstance(rng, np.random.RandomState) else generator(where, rng)
    samples = math.sqrt(0.5) * source.standard_normal((total, half))
    first, second = samples[:half].T @ samples[:half], samples[half:].T @ samples[half:]
    # symmetric to the last bit, whatever order the products were summed in
    plus, minus = (np.triu(part) + np.triu(part, 1).T for part in (first + second, first - second))
    return np.block([[minus, plus], [plus, minus]])


def random_gram(size: int = 6, *, low: int = -2, high: int = 2, rng: Rng | np.random.RandomState = 0) -> FloatArray:
    """Draw an integer matrix ``A @ A.T`` with the entries of A uniform on ``low, ..., high``.

    Args:
        size: At least 1.
        low: Least entry of A.
        high: Greatest entry of A, included; both within 2**20 of 0.
        rng: Seed, generator, or the older ``RandomState``.

    Returns:
        Symmetric positive semidefinite matrix of whole numbers, shape ``(size, size)``.

    Raises:
        CircuitError: The size or the range is not acceptable.

    Cost:
        ``size**3`` operations.

    Examples:
        >>> random_gram(2, low=1, high=1)
        array([[2., 2.],
               [2., 2.]])
    """
    where = "random_gram"
    rows = whole_number(f"{where}: size", size, 1)
    bounds = [law_checks.integer(f"{where}: {name}", value, -(1 << 20), 1 << 20) for name, value in (("low", low), ("high", high))]
    if bounds[0] > bounds[1]:
        raise CircuitError(f"{where}: low must be at most high, got {bounds[0]} and {bounds[1]}")
    if isinstance(rng, np.random.RandomState):
        entries = rng.randint(bounds[0], bounds[1] + 1, size=(rows, rows))
    else:
        entries = generator(where, rng).integers(bounds[0], bounds[1], size=(rows, rows), endpoint=True)
    return np.asarray(entries @ entries.T, dtype=np.float64)


def _centred_normal(matrix: FloatArray) -> MultivariateNormal:
    """The normal law with these covariances, its variances replaced where they make no law."""
    mean = np.zeros(len(matrix))
    try:
        return MultivariateNormal(mean, matrix)
    except CircuitError:
        bare = matrix - np.diag(np.diag(matrix))
        needed = -float(np.linalg.eigvalsh(bare)[0])
        # rounded up to a few bits: the same everywhere, and well above what rounding of eigenvalues can spoil
        unit = 2.0 ** (math.frexp(needed)[1] - 10)
        return MultivariateNormal(mean, bare + np.eye(len(matrix)) * (math.floor(needed / unit) + 1) * unit)


def _product_tree(factors: Wires) -> Wire:
    """Product of all factors: the left half, which takes the larger part, then the right half, then their product."""
    if len(factors) == 1:
        wire: Wire = factors[0]
        return wire
    middle = (len(factors) + 1) // 2
    product: Wire = _product_tree(factors[:middle]) * _product_tree(factors[middle:])
    return product
