"""Exact expectations of small circuits as polynomials with dyadic rational coefficients."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np

from heurest import opcodes
from heurest.errors import IntractableError
from heurest.program import LayerStep
from heurest.truth.rational import rational_moment
from heurest.truth.task import Answer, Plan, Task

_SECONDS_A_TERM = 1e-5
_WORK_A_TERM = 20  # steps that may be taken for each term that may be kept; a step makes one small monomial
_INPUTS_A_STEP = 16
_MOST_INPUTS = 1000  # every monomial lists the powers of all inputs
_MOST_DEGREE = 100  # moments of high order are huge fractions, and a normal law's come by recursion
_BITS_A_STEP = 1024


class Polynomial(NamedTuple):
    """``numerator / 2**exponent``: every float is such a fraction, and integers need no common divisors."""

    numerator: Any
    exponent: int


def plan_polynomial(task: Task) -> Plan:
    """Expand the outputs as polynomials in the inputs and put moments of the laws for the monomials.

    Coefficients, parameters and moments are the exact fractions of the floats given, so that a value is rounded once.
    A boolean input never occurs squared.

    Raises:
        IntractableError: There are too many inputs, or an output's degree is too high; when run, too many terms.
    """
    if task.inputs.rows > _MOST_INPUTS:
        raise IntractableError(f"{task.inputs.rows:,} inputs feed outputs, at most {_MOST_INPUTS:,} are taken")
    for number, run in enumerate(task.inputs.runs):
        degree = int(task.degrees[:, number].max(initial=0))
        if degree > _MOST_DEGREE and not all(run.law.boolean):
            raise IntractableError(f"an output of degree {degree:,} in inputs of law {run.law.name}, at most {_MOST_DEGREE} is taken")
    return Plan(task.max_terms * _SECONDS_A_TERM, lambda: _Expansion(task).answer())


class _Expansion:
    """The polynomials of all live slots, and how much work may still be done."""

    def __init__(self, task: Task) -> None:
        from sympy import ZZ
        from sympy.polys.rings import PolyRing

        self._task = task
        self._ring: Any = PolyRing([f"x{row}" for row in range(max(task.inputs.rows, 1))], ZZ, "lex")
        self._left = _WORK_A_TERM * task.max_terms
        self._boolean = [bool(flag) for run in task.inputs.runs for flag in np.array(run.law.boolean)[run.coordinates]]

    def answer(self) -> Answer:
        """Expected value and variance of each output."""
        outputs, warnings = self._task.outputs, list[str]()
        rows = self._expanded_rows()
        moments: list[tuple[Fraction, Fraction | None]] = []
        for number, row in enumerate(rows):
            self._task.tick(number, len(rows), "outputs")
            mean = self._expectation(row)
            try:
                moments.append((mean, self._expectation(self._product(row, row)) - mean * mean))
            except IntractableError:
                moments.append((mean, None))
        moments.append((Fraction(0), Fraction(0)))  # row -1, a constant, reads the last
        value, variance = [], []
        for name, row, scale, shift in zip(outputs.names, outputs.row, outputs.scale.tolist(), outputs.shift.tolist(), strict=True):
            mean, spread = moments[row]
            value.append(float(Fraction(scale) * mean + Fraction(shift)))
            variance.append(float("nan") if spread is None else float(Fraction(scale) ** 2 * spread))
            if spread is None:
                warnings.append(f"the variance of output {name!r} is not computed: its square has too many terms")
        return Answer(np.array(value), np.array(variance), tuple(warnings))

    def _expanded_rows(self) -> list[Polynomial]:
        program, watch = self._task.program, self._task.outputs.watch
        value_of, dest_of, total = program.instructions.value.tolist(), program.instructions.dest.tolist(), len(program.instructions.op)
        zero = Polynomial(self._ring.zero, 0)
        slots, rows = [zero] * program.num_slots, [zero] * self._task.outputs.rows
        for step in program.steps:
            if isinstance(step, range):
                for k in step:
                    self._task.tick(k, total, "gates")
                    slots[dest_of[k]] = result = self._result(k, slots)
                    if watch[value_of[k]] >= 0:
                        rows[watch[value_of[k]]] = result
            elif isinstance(step, LayerStep):
                operands = [slots[slot] for slot in step.operands]
                results = [self._sum(b, zip(row, operands, strict=True)) for b, row in zip(step.bias, step.matrix, strict=True)]
                for i, (slot, result) in enumerate(zip(step.outputs, results, strict=True)):
                    slots[slot] = result
                    if watch[step.first_value + i] >= 0:
                        rows[watch[step.first_value + i]] = result
        return rows

    def _result(self, k: int, slots: list[Polynomial]) -> Polynomial:
        code = self._task.program.instructions
        if code.op[k] == opcodes.LOAD:
            return Polynomial(self._ring.gens[self._task.inputs.load_row[code.left[k]]], 0)
        if code.op[k] == opcodes.AFFINE:
            terms = range(code.left[k], code.right[k])
            return self._sum(code.left_shift[k], ((code.term_scale[t], slots[code.term_slot[t]]) for t in terms))
        left = (code.left_scale[k], slots[code.left[k]])
        right = (code.right_scale[k], slots[code.right[k]])
        if code.op[k] == opcodes.ADD:
            return self._sum(code.left_shift[k] + code.right_shift[k], (left, right))
        return self._product(self._sum(code.left_shift[k], [left]), self._sum(code.right_shift[k], [right]))

    def _sum(self, bias: float, terms: Iterable[tuple[float, Polynomial]]) -> Polynomial:
        constant, exponent = _dyadic(bias)
        parts = [(self._ring.ground_new(constant), 1, exponent)] if constant else []
        for coefficient, polynomial in terms:
            factor, shift = _dyadic(coefficient)
            if factor:
                parts.append((polynomial.numerator, factor, polynomial.exponent + shift))
        common = max((exponent for _, _, exponent in parts), default=0)
        total = self._ring.zero
        for numerator, factor, exponent in parts:
            self._spend(len(numerator), common)
            scaled = factor << common - exponent
            total = total + (numerator if scaled == 1 else numerator.mul_ground(scaled))
            self._check(total)
        return Polynomial(total, common)

    def _product(self, left: Polynomial, right: Polynomial) -> Polynomial:
        exponent = left.exponent + right.exponent
        self._spend(len(left.numerator) * len(right.numerator), exponent)
        product = left.numerator * right.numerator
        if any(self._boolean):
            reduced: dict[tuple[int, ...], int] = defaultdict(int)
            for powers, coefficient in product.terms():
                reduced[tuple(min(power, 1) if flag else power for power, flag in zip(powers, self._boolean, strict=True))] += coefficient
            product = self._ring.from_dict(reduced)
        self._check(product)
        return Polynomial(product, exponent)

    def _expectation(self, polynomial: Polynomial) -> Fraction:
        self._spend(len(polynomial.numerator), polynomial.exponent)
        totals: dict[int, int] = defaultdict(int)  # by denominator: few, and integers need no common divisors
        for powers, coefficient in polynomial.numerator.terms():
            numerator, denominator = int(coefficient), 1
            for run in self._task.inputs.runs:
                if any(powers[run.rows]):
                    of_law = [0] * run.law.size
                    for coordinate, power in zip(run.coordinates, powers[run.rows], strict=True):
                        of_law[coordinate] = power
                    moment = rational_moment(run.law, tuple(of_law))
                    numerator *= moment.numerator
                    denominator *= moment.denominator
            totals[denominator] += numerator
        fractions = (Fraction(total, denominator << polynomial.exponent) for denominator, total in totals.items())
        return sum(fractions, Fraction(0))

    def _spend(self, products: int, bits: int) -> None:
        self._left -= (products + 1) * (1 + len(self._boolean) // _INPUTS_A_STEP) * (1 + bits // _BITS_A_STEP)
        if self._left < 0:
            raise IntractableError("too many products of monomials")

    def _check(self, polynomial: Any) -> None:
        if len(polynomial) > self._task.max_terms:
            raise IntractableError(f"more than {self._task.max_terms:,} monomials")


def _dyadic(number: float) -> tuple[int, int]:
    """Numerator and exponent of a float as a fraction of a power of two."""
    numerator, denominator = float(number).as_integer_ratio()
    return numerator, denominator.bit_length() - 1
