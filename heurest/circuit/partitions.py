r"""Moments, cumulants and the set partitions that turn one into the other.

Speed, "Cumulants and partition lattices", Australian Journal of Statistics 25 (1983) 378-388: joint cumulants are the Moebius
inversion of joint moments over the lattice of set partitions,

.. math::
    E\Big[\prod_{i \in S} X_i\Big] = \sum_{\pi} \prod_{B \in \pi} \kappa(X_B), \qquad
    \kappa(X_S) = \sum_{\pi} (-1)^{|\pi| - 1} (|\pi| - 1)! \prod_{B \in \pi} E\Big[\prod_{i \in B} X_i\Big].

Everything here is plain float arithmetic in the order of the formulas: small, literal, and the oracle for faster code.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from functools import cache
from itertools import combinations
from math import comb, factorial

import numpy as np
from numpy.typing import ArrayLike, NDArray

from heurest.errors import CircuitError

__all__ = [
    "bernoulli_number",
    "cumulants_to_moments",
    "joint_cumulant",
    "joint_moment",
    "moebius_weight",
    "moments_to_cumulants",
    "set_partitions",
]

Partition = tuple[tuple[int, ...], ...]


def set_partitions(n: int, smallest: int = 1) -> Iterator[Partition]:
    """Yield every split of ``{0, ..., n - 1}`` into disjoint blocks, each once.

    Args:
        n: Number of elements; zero has one partition, the empty one.
        smallest: Blocks with fewer elements are left out; 2 gives the partitions that survive when every mean is zero.

    Yields:
        A tuple of blocks ordered by their first element; each block is an increasing tuple.

    Raises:
        CircuitError: ``n`` is not an integer of at least 0, or ``smallest`` not one of at least 1.

    Cost:
        Bell(n) partitions (4140 for n = 8), made one at a time; far fewer with ``smallest=2`` (715 for n = 8).

    Examples:
        >>> for partition in set_partitions(3):
        ...     print(partition)
        ((0,), (1,), (2,))
        ((0,), (1, 2))
        ((0, 1), (2,))
        ((0, 2), (1,))
        ((0, 1, 2),)
        >>> list(set_partitions(4, smallest=2))
        [((0, 1), (2, 3)), ((0, 2), (1, 3)), ((0, 3), (1, 2)), ((0, 1, 2, 3),)]
    """
    for label, value, least in (("n", n, 0), ("smallest", smallest, 1)):
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
            raise CircuitError(f"set_partitions: {label} must be an integer of at least {least}, got {value!r}")
    return _split(tuple(range(int(n))), int(smallest))


def _split(elements: tuple[int, ...], smallest: int) -> Iterator[Partition]:
    if not elements:
        yield ()
        return
    first, others = elements[0], elements[1:]
    for extra in range(smallest - 1, len(others) + 1):
        for chosen in combinations(others, extra):
            rest = tuple(element for element in others if element not in chosen)
            for blocks in _split(rest, smallest):
                yield ((first, *chosen), *blocks)


def moebius_weight(blocks: int) -> int:
    """Return ``(-1)**(blocks - 1) * (blocks - 1)!``, the weight of a partition with that many blocks (Speed 1983).

    Examples:
        >>> [moebius_weight(blocks) for blocks in (1, 2, 3, 4)]
        [1, -1, 2, -6]
    """
    weight = factorial(blocks - 1)
    return weight if blocks % 2 else -weight


def joint_cumulant(moment: Callable[[tuple[int, ...]], float], indices: Sequence[int], *, centred: bool = False) -> float:
    r"""Return the joint cumulant of the variables ``indices`` as the Moebius sum over set partitions (Speed 1983).

    Args:
        moment: Gives :math:`E[\prod_{i \in B} X_i]` for a sorted tuple ``B`` of indices, repeats allowed. Called once a tuple.
        indices: The variables, repeats allowed; an empty one has cumulant 0.
        centred: True when all first moments are zero: partitions with a block of one are skipped.

    Returns:
        The cumulant, in the product of the variables' units.

    Cost:
        Bell(len(indices)) products; see :func:`set_partitions`.

    Examples:
        >>> joint_cumulant(lambda block: 0.25, (7, 7))  # a 0/1 variable with mean 1/4: variance 3/16
        0.1875
    """
    if len(indices) == 0:
        return 0.0
    known: dict[tuple[int, ...], float] = {}
    smallest = 2 if centred and len(indices) > 1 else 1
    total = 0.0
    for partition in set_partitions(len(indices), smallest):
        total += moebius_weight(len(partition)) * _block_product(moment, indices, partition, known)
    return total


def joint_moment(cumulant: Callable[[tuple[int, ...]], float], indices: Sequence[int]) -> float:
    r"""Return the joint moment :math:`E[\prod_i X_i]` of ``indices`` as a sum over set partitions of products of cumulants.

    Args:
        cumulant: Gives the joint cumulant for a sorted tuple of indices, repeats allowed. Called once a tuple.
        indices: The variables, repeats allowed; an empty one has moment 1.

    Returns:
        The moment, in the product of the variables' units.

    Cost:
        Bell(len(indices)) products; see :func:`set_partitions`.

    Examples:
        >>> standard_normal = {1: 0.0, 2: 1.0, 3: 0.0, 4: 0.0}
        >>> joint_moment(lambda block: standard_normal[len(block)], (0, 0, 0, 0))
        3.0
    """
    known: dict[tuple[int, ...], float] = {}
    total = 0.0
    for partition in set_partitions(len(indices)):
        total += _block_product(cumulant, indices, partition, known)
    return total


def _block_product(
    term: Callable[[tuple[int, ...]], float], indices: Sequence[int], partition: Partition, known: dict[tuple[int, ...], float]
) -> float:
    product = 1.0
    for block in partition:
        key = tuple(sorted(indices[i] for i in block))
        if key not in known:
            known[key] = float(term(key))
        product *= known[key]
    return product


def moments_to_cumulants(moments: ArrayLike) -> NDArray[np.float64]:
    r"""Return the cumulants of one variable from its raw moments.

    .. math:: \kappa_n = m_n - \sum_{j=1}^{n-1} \binom{n-1}{j-1} \kappa_j m_{n-j}

    Give moments about a point near the mean: about a far point the subtraction loses digits.

    Args:
        moments: ``m_0, ..., m_n`` with ``m_0 = 1``, shape ``(n + 1,)``.

    Returns:
        ``0, kappa_1, ..., kappa_n``, shape ``(n + 1,)``; entry 0 is the cumulant of nothing.

    Raises:
        CircuitError: ``moments`` is empty, not one-dimensional, or does not start with 1.

    Cost:
        About ``n**2`` products.

    Examples:
        >>> moments_to_cumulants([1.0, 1.0, 2.0, 6.0, 24.0])  # exponential law of rate 1
        array([0., 1., 1., 2., 6.])
    """
    raw = _checked_list("moments_to_cumulants", "moments", moments, 1.0)
    cumulants = [0.0] * len(raw)
    for n in range(1, len(raw)):
        cumulants[n] = raw[n] - sum(comb(n - 1, j - 1) * cumulants[j] * raw[n - j] for j in range(1, n))
    return np.array(cumulants)


def cumulants_to_moments(cumulants: ArrayLike) -> NDArray[np.float64]:
    r"""Return the raw moments of one variable from its cumulants; the inverse of :func:`moments_to_cumulants`.

    .. math:: m_n = \sum_{j=1}^{n} \binom{n-1}{j-1} \kappa_j m_{n-j}

    Args:
        cumulants: ``0, kappa_1, ..., kappa_n``, shape ``(n + 1,)``.

    Returns:
        ``m_0, ..., m_n`` with ``m_0 = 1``, shape ``(n + 1,)``.

    Raises:
        CircuitError: ``cumulants`` is empty, not one-dimensional, or does not start with 0.

    Cost:
        About ``n**2`` products.

    Examples:
        >>> cumulants_to_moments([0.0, 0.0, 1.0, 0.0, 0.0])  # standard normal law
        array([1., 0., 1., 0., 3.])
    """
    given = _checked_list("cumulants_to_moments", "cumulants", cumulants, 0.0)
    moments = [1.0] + [0.0] * (len(given) - 1)
    for n in range(1, len(given)):
        moments[n] = sum(comb(n - 1, j - 1) * given[j] * moments[n - j] for j in range(1, n + 1))
    return np.array(moments)


def _checked_list(where: str, label: str, numbers: ArrayLike, first: float) -> list[float]:
    array = np.asarray(numbers, dtype=np.float64)
    if array.ndim != 1 or array.size == 0:
        raise CircuitError(f"{where}: {label} must be a list of at least one number, got shape {array.shape}")
    if array[0] != first:
        raise CircuitError(f"{where}: {label} must start with {first:g}, got {array[0]:g}")
    return [float(number) for number in array]


@cache
def bernoulli_number(n: int) -> Fraction:
    r"""Return the Bernoulli number :math:`B_n` (with :math:`B_1 = -1/2`) as an exact fraction.

    .. math:: \sum_{k=0}^{n} \binom{n+1}{k} B_k = 0 \quad (n \ge 1), \qquad B_0 = 1

    Examples:
        >>> [str(bernoulli_number(n)) for n in (0, 1, 2, 3, 4, 6)]
        ['1', '-1/2', '1/6', '0', '-1/30', '1/42']
    """
    if n == 0:
        return Fraction(1)
    if n > 1 and n % 2:
        return Fraction(0)
    return -sum((comb(n + 1, k) * bernoulli_number(k) for k in range(n)), Fraction(0)) / (n + 1)
