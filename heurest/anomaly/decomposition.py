"""An output as a sum of terms: products of centred wires, or the monomials that its sum is written with."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heurest.anomaly.observations import Observations
from heurest.circuit.circuit import Circuit
from heurest.circuit.gates import AFFINE, CONSTANT, INPUT
from heurest.errors import ArgumentError
from heurest.truth.wire_values import WireValues, checked_points

FloatArray = NDArray[np.float64]

#: How an output can be written as a sum.
SEMANTICS = ("centred", "monomials")
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
        data: Training points, from which the means come.
        semantics: ``centred`` or ``monomials``.

    Attributes:
        circuit: The circuit.
        output: Index of the wire that is decomposed.
        semantics: As given.
        constant: The constant.
        terms: The terms, sorted by their wires; those with coefficient 0 are left out.
        mean: Mean of the output in training.
        variance: Its variance in training.

    Raises:
        ArgumentError: The semantics is unknown.
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

    def __init__(self, circuit: Circuit, output: int, data: Observations, semantics: str = "centred") -> None:
        if semantics not in SEMANTICS:
            raise ArgumentError(f"the terms of a sum must be one of {', '.join(SEMANTICS)}, got {semantics!r}")
        self.circuit, self.output, self.semantics = circuit, output, semantics
        summands = {} if semantics == "centred" else _summands(circuit, output)[1]
        self._evaluator = WireValues(circuit, {output, *(_operands(circuit, output) if semantics == "centred" else summands)})
        self.terms: tuple[Term, ...] = ()
        rows = {wire: row for row, wire in enumerate(self._evaluator.wires)}
        means, variances = self._statistics(data)
        self.mean, self.variance = float(means[rows[output]]), float(variances[rows[output]])
        if semantics == "centred":
            self.constant, coefficients = _centred(circuit, output, dict(zip(rows, means.tolist(), strict=True)))
            self._centre = means[:, np.newaxis]
        else:
            self.constant, coefficients = _summands(circuit, output)[0], {(wire,): factor for wire, factor in summands.items()}
            self._centre = np.zeros((len(rows), 1))
        known = sorted((wires, factor) for wires, factor in coefficients.items() if factor != 0.0)
        names = [_name(circuit, wires) for wires, _ in known]
        if len(set(names)) < len(names):  # a wire can be called "x * y"
            names = [f"{name} {wires}" for name, (wires, _) in zip(names, known, strict=True)]
        self.terms = tuple(Term(name, wires, factor) for name, (wires, factor) in zip(names, known, strict=True))
        self._coefficient = np.array([[term.coefficient] for term in self.terms]).reshape(-1, 1)
        self._first = np.array([rows[term.wires[0]] for term in self.terms], np.int64)
        self._products = np.flatnonzero([len(term.wires) == 2 for term in self.terms])
        self._second = np.array([rows[self.terms[k].wires[1]] for k in self._products], np.int64)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the terms."""
        return tuple(term.name for term in self.terms)

    def values(self, points: Any) -> FloatArray:
        """Values of the terms at given points, shape ``(points, terms)``.

        Args:
            points: A row of numbers for every point, one for each input of the circuit in order.

        Raises:
            ArgumentError: The shape does not fit, or a number is not one that the input can have.
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
        centred = self._evaluator.at(points) - self._centre
        terms = self._coefficient * centred[self._first]
        terms[self._products] *= centred[self._second]
        if not np.isfinite(terms).all():
            row = int(np.argwhere(~np.isfinite(terms))[0][1])
            raise ArgumentError(f"circuit {self.circuit.name!r}: a term is not finite at point {row} of its batch: {points[row].tolist()}")
        return terms.T

    def _batches(self, count: int) -> Iterator[slice]:
        size = max(1, _BATCH_VALUES // max(1, len(self._evaluator.wires) + len(self.terms)))
        return (slice(start, min(start + size, count)) for start in range(0, count, size))

    def _statistics(self, data: Observations) -> tuple[FloatArray, FloatArray]:
        """Means and variances of the wires; a wire that never changes has its value as mean, to the last bit, and variance 0."""
        origin = self._evaluator.at(data.points[:1])
        first, second = np.zeros(len(origin)), np.zeros(len(origin))
        for rows in self._batches(len(data.weights)):
            moved = self._evaluator.at(data.points[rows]) - origin
            first += moved @ data.weights[rows]
        for rows in self._batches(len(data.weights)):
            moved = self._evaluator.at(data.points[rows]) - origin - first[:, np.newaxis]
            second += moved**2 @ data.weights[rows]
        return origin[:, 0] + first, second


def _name(circuit: Circuit, wires: tuple[int, ...]) -> str:
    names = [circuit.wire_name(wire) or f"#{wire}" for wire in wires]
    return f"{names[0]}**2" if len(wires) == 2 and wires[0] == wires[1] else " * ".join(names)


def _operands(circuit: Circuit, output: int) -> set[int]:
    """Inputs below a wire, and operands of the products there."""
    gate, left, right = circuit.gate, circuit.left, circuit.right
    below = np.zeros(output + 1, np.bool_)
    below[output] = True
    read = set()
    for wire in range(output, -1, -1):
        if not below[wire] or gate[wire] == CONSTANT:
            continue
        if gate[wire] == INPUT:
            read.add(wire)
        elif gate[wire] == AFFINE:
            below[circuit.terms(wire)[1]] = True
        else:
            read |= {_root(circuit, int(operand))[0] for operand in (left[wire], right[wire])}
            below[[left[wire], right[wire]]] = True
    return read


def _centred(circuit: Circuit, output: int, mean: dict[int, float]) -> tuple[float, dict[tuple[int, ...], float]]:
    """The constant, and the coefficient of every product of centred wires."""
    gate, left, right = circuit.gate, circuit.left, circuit.right
    weight = np.zeros(output + 1)  # d(output) / d(wire) through linear parts alone
    weight[output] = 1.0
    constant = 0.0
    terms: dict[tuple[int, ...], float] = defaultdict(float)
    for wire in range(output, -1, -1):
        factor = float(weight[wire])
        if factor == 0.0:
            continue
        if gate[wire] == CONSTANT:
            constant += factor * float(circuit.value[wire])
        elif gate[wire] == INPUT:
            constant += factor * mean[wire]
            terms[wire,] += factor
        elif gate[wire] == AFFINE:
            bias, operands, coefficients = circuit.terms(wire)
            constant += factor * bias
            np.add.at(weight, operands, factor * coefficients)
        else:
            (a, scale_a, shift_a), (b, scale_b, shift_b) = _root(circuit, int(left[wire])), _root(circuit, int(right[wire]))
            mean_a, mean_b = shift_a + scale_a * mean[a], shift_b + scale_b * mean[b]
            constant -= factor * mean_a * mean_b
            weight[left[wire]] += factor * mean_b
            weight[right[wire]] += factor * mean_a
            if CONSTANT not in (gate[a], gate[b]) and scale_a * scale_b != 0.0:
                terms[min(a, b), max(a, b)] += factor * scale_a * scale_b
    return constant, terms


def _root(circuit: Circuit, wire: int) -> tuple[int, float, float]:
    """The wire that this one is a multiple of, up to a shift: that wire, the factor and the shift. So ``not x`` counts as x."""
    scale, shift = 1.0, 0.0
    while circuit.gate[wire] == AFFINE:
        bias, operands, coefficients = circuit.terms(wire)
        read = set(operands[coefficients != 0.0].tolist())
        if len(read) > 1:
            break
        if not read:
            return wire, 0.0, shift + scale * bias
        shift += scale * bias
        scale *= float(coefficients.sum())
        wire = read.pop()
    return wire, scale, shift


def _summands(circuit: Circuit, output: int) -> tuple[float, dict[int, float]]:
    """The constant, and the coefficients of the wires that the affine gates at the top add up; of the output itself if there are none."""
    weight = np.zeros(output + 1)
    weight[output] = 1.0
    constant = 0.0
    found: dict[int, float] = {}
    for wire in range(output, -1, -1):
        factor = float(weight[wire])
        if factor == 0.0:
            continue
        if circuit.gate[wire] == CONSTANT:
            constant += factor * float(circuit.value[wire])
        elif circuit.gate[wire] == AFFINE:
            bias, operands, coefficients = circuit.terms(wire)
            constant += factor * bias
            np.add.at(weight, operands, factor * coefficients)
        else:
            found[wire] = factor
    return constant, found
