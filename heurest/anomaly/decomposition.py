"""An output as a sum of terms: products of centred wires, or the monomials that its sum is written with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heurest.anomaly.observations import Observations
from heurest.anomaly.sums import centred_sum, read_wires, term_name, top_sum
from heurest.circuit.circuit import Circuit
from heurest.errors import ArgumentError
from heurest.truth.wire_values import WireValues, checked_points

FloatArray = NDArray[np.float64]

#: How an output can be written as a sum.
SEMANTICS = ("centred", "monomials")
#: A product with a mean square below this share of its operands' variances is rounding: it was never active.
ACTIVITY_TOLERANCE = 1e-12
#: The largest size of a wire's value in training: fourth powers of such numbers can still be summed. Terms go up to its square.
LARGEST = 1e70
_BATCH_VALUES = 2**21  # numbers of one batch, of wires and of terms


@dataclass(frozen=True)
class Term:
    """A coefficient times one wire or a product of two, each less its centre.

    Attributes:
        name: The wires by name, or as ``#7``: ``x``, ``x * y`` or ``x**2``.
        wires: Indices of the wires, sorted.
        coefficient: The factor in front.
    """

    name: str
    wires: tuple[int, ...]
    coefficient: float


@dataclass(frozen=True, eq=False)
class WireStatistics:
    """What a decomposition takes from training.

    Attributes:
        means: Mean of each wire that is read, in the order of the wires' indices, shape ``(wires,)``.
        variances: Its variance.
    """

    means: FloatArray
    variances: FloatArray


class Decomposition:
    r"""An output as a constant and a sum of terms, :math:`Y = c + \sum_t \varphi_t(x)`.

    ``centred``: with the means of training :math:`\mu`, every product below the output is written as

    .. math:: u w = \mu_u \mu_w + \mu_u (w - \mu_w) + \mu_w (u - \mu_u) + (u - \mu_u)(w - \mu_w) .

    The last part is a term; its mean is the covariance that propagation of cumulants tracks at this gate. The linear parts
    go on down to the operands, and end as centred inputs. An operand that is a multiple of another wire and a shift, such as
    its negation, counts as that wire. So there is at most one term for each pair of wires that is
    multiplied and one for each input, and the constant is what mean propagation makes of the means of training.

    ``monomials``: the operands of the affine gates at the top, each times its coefficient, with centre 0.

    Args:
        circuit: Any circuit; it is frozen by this.
        output: Index of the wire that is decomposed.
        data: Training points, from which means and variances of the wires come, or these themselves.
        semantics: ``centred`` or ``monomials``.

    Attributes:
        circuit: The circuit.
        output: Index of the wire that is decomposed.
        semantics: As given.
        constant: The constant.
        terms: The terms, sorted by their wires; those with coefficient 0 are left out.
        mean: Mean of the output in training.
        variance: Its variance in training.
        floor: For each term the mean square up to which its values in training are rounding alone, shape ``(terms,)``.

    Raises:
        ArgumentError: The semantics is unknown, or a wire or a coefficient is too large or not finite.
        IntractableError: The memory does not suffice.

    Cost:
        A step for each wire below the output, and one pass over the training points.

    Examples:
        >>> import heurest as hr
        >>> from heurest.anomaly.observations import observations
        >>> c = hr.Circuit("product")
        >>> x, y = c.input("x", hr.Discrete((1, 3), (0.5, 0.5))), c.input("y", hr.Sign())
        >>> c.output("z", x * y)
        >>> found = Decomposition(c, c.outputs["z"].index, observations(c))
        >>> found.constant, [(term.name, term.coefficient) for term in found.terms]  # xy = 2y + (x - 2)y
        (0.0, [('x * y', 1.0), ('y', 2.0)])
    """

    def __init__(self, circuit: Circuit, output: int, data: Observations | WireStatistics, semantics: str = "centred") -> None:
        self.circuit, self.output, self.semantics = circuit, output, semantics
        self._evaluator = wires_of_sum(circuit, output, semantics)
        self.terms: tuple[Term, ...] = ()
        rows = {wire: row for row, wire in enumerate(self._evaluator.wires)}
        known = data if isinstance(data, WireStatistics) else self._statistics(data)
        self.mean, self.variance = float(known.means[rows[output]]), float(known.variances[rows[output]])
        coefficients: dict[tuple[int, ...], float]
        if semantics == "centred":
            sizes = np.abs(known.means) + np.sqrt(known.variances)
            means, size = (dict(zip(rows, numbers.tolist(), strict=True)) for numbers in (known.means, sizes))
            self.constant, coefficients = centred_sum(circuit, output, means, size)
            self._centre = known.means[:, np.newaxis]
        else:
            self.constant, summands = top_sum(circuit, output)
            coefficients = {(wire,): factor for wire, factor in summands.items()}
            self._centre = np.zeros((len(rows), 1))
        found = sorted((wires, factor) for wires, factor in coefficients.items() if factor != 0.0)
        names = [term_name(circuit, wires) for wires, _ in found]
        if len(set(names)) < len(names):  # a wire can be called "x * y"
            names = [f"{name} {wires}" for name, (wires, _) in zip(names, found, strict=True)]
        self.terms = tuple(Term(name, wires, factor) for name, (wires, factor) in zip(names, found, strict=True))
        self._coefficient = np.array([[term.coefficient] for term in self.terms]).reshape(-1, 1)
        self._first = np.array([rows[term.wires[0]] for term in self.terms], np.int64)
        self._products = np.flatnonzero([len(term.wires) == 2 for term in self.terms])
        self._second = np.array([rows[self.terms[k].wires[1]] for k in self._products], np.int64)
        self.floor = np.zeros(len(self.terms))
        variances = known.variances[self._first[self._products]] * known.variances[self._second]
        with np.errstate(over="ignore", invalid="ignore"):
            squares = self._coefficient[:, 0] ** 2
            self.floor[self._products] = ACTIVITY_TOLERANCE * squares[self._products] * variances
        for term, size in zip(self.terms, (squares + self.floor).tolist(), strict=True):
            if not np.isfinite(size):
                raise ArgumentError(f"{self._where(term)} has the coefficient {term.coefficient:g}, too large to be squared")

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the terms."""
        return tuple(term.name for term in self.terms)

    def values(self, points: Any) -> FloatArray:
        """Values of the terms at given points, shape ``(points, terms)``.

        Args:
            points: A row of numbers for every point, one for each input of the circuit in order.

        Raises:
            ArgumentError: The shape does not fit, a number is not one that the input can have, or a term is too large to be squared.
        """
        checked = checked_points(self.circuit, points)
        result = np.empty((len(checked), len(self.terms)))
        for rows in self._batches(len(checked)):
            result[rows] = self._terms_at(checked[rows])
        return result

    def batches(self, data: Observations) -> Iterator[tuple[FloatArray, FloatArray]]:
        """Values of the terms at training points, shape ``(points, terms)``, and their weights, batch by batch."""
        for rows in self._batches(len(data.weights)):
            yield self._terms_at(data.points[rows]), data.weights[rows]

    def _terms_at(self, points: FloatArray) -> FloatArray:
        with np.errstate(over="ignore", invalid="ignore"):
            centred = self._evaluator.at(points) - self._centre
            terms = self._coefficient * centred[self._first]
            terms[self._products] *= centred[self._second]
        fits = np.abs(terms) <= LARGEST**2
        if not fits.all():
            number, row = np.argwhere(~fits)[0].tolist()
            size = f"{terms[number, row]:g}, beyond {LARGEST**2:g}"
            raise ArgumentError(f"{self._where(self.terms[number])} is {size}, at {points[row].tolist()}")
        return terms.T

    def _where(self, term: Term) -> str:
        return f"circuit {self.circuit.name!r}: term {term.name!r}"

    def _batches(self, count: int) -> Iterator[slice]:
        size = max(1, _BATCH_VALUES // max(1, len(self._evaluator.wires) + len(self.terms)))
        return (slice(start, min(start + size, count)) for start in range(0, count, size))

    def _statistics(self, data: Observations) -> WireStatistics:
        """Means and variances of the wires; a wire that never changes has its value as mean, to the last bit, and variance 0."""
        origin = training_values(self._evaluator, data.points[:1])
        first, second = np.zeros(len(origin)), np.zeros(len(origin))
        for rows in self._batches(len(data.weights)):
            moved = training_values(self._evaluator, data.points[rows]) - origin
            first += moved @ data.weights[rows]
        for rows in self._batches(len(data.weights)):
            moved = self._evaluator.at(data.points[rows]) - origin - first[:, np.newaxis]
            second += moved**2 @ data.weights[rows]
        return WireStatistics(origin[:, 0] + first, second)


def training_values(evaluator: WireValues, points: FloatArray) -> FloatArray:
    """Values of wires at training points, shape ``(wires, points)``.

    Raises:
        ArgumentError: One is so large that it cannot be summed.
    """
    values = evaluator.at(points)
    fits = np.abs(values) <= LARGEST
    if not fits.all():
        row, column = np.argwhere(~fits)[0].tolist()
        circuit, wire = evaluator.circuit, evaluator.wires[row]
        size = f"{values[row, column]:g}, beyond {LARGEST:g}"
        raise ArgumentError(
            f"circuit {circuit.name!r}: wire {circuit.wire_name(wire) or f'#{wire}'} is {size}, at {points[column].tolist()}"
        )
    return values


def wires_of_sum(circuit: Circuit, output: int, semantics: str) -> WireValues:
    """The evaluator of the wires that a decomposition reads, in the order of their indices, the output among them.

    Raises:
        ArgumentError: The semantics is unknown.
        IntractableError: The memory does not suffice.
    """
    if semantics not in SEMANTICS:
        raise ArgumentError(f"the terms of a sum must be one of {', '.join(SEMANTICS)}, got {semantics!r}")
    return WireValues(circuit, {output, *(read_wires(circuit, output)[0] if semantics == "centred" else top_sum(circuit, output)[1])})
