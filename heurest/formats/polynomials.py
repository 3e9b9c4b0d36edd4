"""Building gates from polynomial expressions: sums become one affine gate, what occurs twice is built once."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from heurest.circuit.boolean_sums import boolean_sum_fault
from heurest.circuit.circuit import Circuit
from heurest.circuit.wires import Wires

MAX_EXPONENT = 2**20


class PolynomialError(Exception):
    """The expression has no circuit; the message says what was expected and found, for the reader to add where."""

    def __init__(self, expected: str, found: str) -> None:
        super().__init__(expected, found)
        self.expected, self.found = expected, found


@dataclass(frozen=True)
class Form:
    """An affine form over wires: what an expression is before a gate is made of it."""

    bias: float = 0.0
    terms: dict[int, float] = field(default_factory=dict)

    @property
    def is_constant(self) -> bool:
        """Whether no wire is left in it."""
        return not self.terms


class PolynomialBuilder:
    """Adds gates to a circuit, each different one once.

    A sum over boolean wires that can only be 0 or 1, such as ``1 - x``, becomes a boolean wire.

    Args:
        circuit: Where the gates go.

    Examples:
        >>> import heurest as hr
        >>> c = hr.Circuit("demo")
        >>> x = c.input("x", hr.Normal())
        >>> build = PolynomialBuilder(c)
        >>> shifted = build.total([build.form(x.index), build.number(1.0)])
        >>> build.wire(build.product([shifted, shifted]))  # (x + 1)**2: wire 1 is x + 1
        2
    """

    def __init__(self, circuit: Circuit) -> None:
        self.circuit = circuit
        self._products: dict[tuple[int, int], int] = {}
        self._sums: dict[tuple[float, tuple[tuple[int, float], ...]], int] = {}
        self._gate: list[int] = []
        self._left: list[int] = []
        self._right: list[int] = []
        self._boolean: list[bool] = []

    def form(self, wire: int) -> Form:
        """A wire as an expression."""
        return Form(0.0, {wire: 1.0})

    def number(self, value: float) -> Form:
        """A number as an expression."""
        if not math.isfinite(value):
            raise PolynomialError("numbers within the float range", f"{value}")
        return Form(value)

    def scaled(self, form: Form, factor: float) -> Form:
        """A number times an expression; no gate is made."""
        if factor == 1.0:
            return form
        return self._checked(form.bias * factor, {wire: number * factor for wire, number in form.terms.items()})

    def total(self, forms: Sequence[Form]) -> Form:
        """The sum of expressions; no gate is made."""
        if len(forms) == 1:
            return forms[0]
        bias, terms = 0.0, dict[int, float]()
        for form in forms:
            bias += form.bias
            for wire, number in form.terms.items():
                terms[wire] = terms.get(wire, 0.0) + number
        return self._checked(bias, terms)

    def product(self, forms: Sequence[Form]) -> Form:
        """The product of expressions, numbers collected in front, the others multiplied from left to right."""
        factor = 1.0
        wires = []
        for form in forms:
            if form.is_constant:
                factor *= form.bias
            else:
                wires.append(form)
        if not wires:
            return self.number(factor)
        if len(wires) == 1:
            return self.scaled(wires[0], factor)
        result = self.wire(wires[0])
        for form in wires[1:]:
            result = self._multiplied(result, self.wire(form))
        return self.scaled(self.form(result), factor)

    def power(self, base: Form, exponent: int) -> Form:
        """A power, by repeated squaring.

        Raises:
            PolynomialError: The exponent is negative or above 2**20, or a number leaves the float range.
        """
        if not 0 <= exponent <= MAX_EXPONENT:
            raise PolynomialError(f"an exponent from 0 to {MAX_EXPONENT}", f"{exponent}" if exponent.bit_length() < 100 else "a longer one")
        if base.is_constant:
            try:
                return self.number(base.bias**exponent)
            except OverflowError:
                raise PolynomialError("numbers within the float range", f"{base.bias!r}**{exponent}") from None
        if exponent < 2:
            return base if exponent else Form(1.0)
        square, result = self.wire(base), None
        while exponent:
            if exponent & 1:
                result = square if result is None else self._multiplied(result, square)
            exponent >>= 1
            if exponent:
                square = self._multiplied(square, square)
        return Form(0.0, {square if result is None else result: 1.0})

    def wire(self, form: Form) -> int:
        """The wire that holds an expression; a gate is made unless there is one already."""
        if form.bias == 0.0 and len(form.terms) == 1:
            ((wire, number),) = form.terms.items()
            if number == 1.0:
                return wire
        key = (form.bias, tuple(form.terms.items()))
        if key not in self._sums:
            self._sums[key] = self._affine(form)
        return self._sums[key]

    def _checked(self, bias: float, terms: dict[int, float]) -> Form:
        if not math.isfinite(bias) or not all(map(math.isfinite, terms.values())):
            raise PolynomialError("numbers within the float range", "sums or products beyond it")
        return Form(bias, {wire: number for wire, number in terms.items() if number != 0.0})

    def _multiplied(self, a: int, b: int) -> int:
        key = (a, b) if a <= b else (b, a)
        if key not in self._products:
            c = self.circuit
            self._products[key] = (c.square(c.wire(a)) if a == b else c.multiply(c.wire(a), c.wire(b))).index
        return self._products[key]

    def _affine(self, form: Form) -> int:
        c = self.circuit
        if form.is_constant:
            return c.constant(form.bias).index
        wires, numbers = list(form.terms), list(form.terms.values())
        if self._is_boolean(form.bias, numbers, wires):
            return int(c.boolean_sum([c.wire(wire) for wire in wires], numbers, form.bias).index)
        return int(c.affine(numbers, Wires(c, wires), form.bias).index)

    def _is_boolean(self, bias: float, numbers: list[float], wires: list[int]) -> bool:
        self._look_up()
        if not all(self._boolean[wire] for wire in wires):
            return False
        return boolean_sum_fault(bias, numbers, wires, self._gate, self._left, self._right) is None

    def _look_up(self) -> None:
        """Copy the new rows of the circuit's columns into lists, which are faster to read one by one."""
        known = len(self._gate)
        c = self.circuit
        for column, rows in ((self._gate, c.gate), (self._left, c.left), (self._right, c.right), (self._boolean, c.boolean)):
            column.extend(rows[known:].tolist())
