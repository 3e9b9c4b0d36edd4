"""Circuits from and to sympy expressions (imported here only when used)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from heurest.circuit.circuit import Circuit
from heurest.circuit.gates import AFFINE, CONSTANT, INPUT, SQUARE
from heurest.circuit.laws import Law
from heurest.circuit.validation import check_circuit
from heurest.errors import IntractableError
from heurest.formats.messages import format_error, shortened, shown
from heurest.formats.polynomials import Form, PolynomialBuilder, PolynomialError


def to_sympy(circuit: Circuit) -> dict[str, Any]:
    """Return every output as a polynomial in the inputs.

    Whole numbers become exact integers, other floats 53-bit floats. A boolean wire is the polynomial of its gates, with values 0 and 1
    where the inputs have; powers such as ``a**2`` of a 0/1 input are left as they are. Subexpressions are shared, not expanded.

    Args:
        circuit: Any circuit.

    Returns:
        A ``sympy.Expr`` by output name, over symbols with the names of the inputs.

    Raises:
        IntractableError: Gates follow each other so deeply that sympy runs out of stack.

    Cost:
        About 100 microseconds a gate; sums and products that sympy merges with their operands may grow much larger.

    Examples:
        >>> import heurest as hr
        >>> c = hr.Circuit("demo")
        >>> x, y = c.input("x", hr.Normal()), c.input("y", hr.Bernoulli(0.5))
        >>> c.output("z", (x + 2 * y) ** 2 * x)
        >>> to_sympy(c)
        {'z': x*(x + 2*y)**2}
    """
    check_circuit(circuit)
    import sympy

    wanted = np.zeros(len(circuit), dtype=bool)
    wanted[[wire.index for wire in circuit.outputs.values()]] = True
    for wire in range(len(circuit) - 1, -1, -1):
        if wanted[wire]:
            wanted[list(circuit.operands(wire))] = True
    expressions: dict[int, Any] = {}
    try:
        for wire in np.flatnonzero(wanted).tolist():
            expressions[wire] = _expression(sympy, circuit, wire, expressions)
    except RecursionError:
        raise IntractableError(f"to_sympy: the gates of circuit {circuit.name!r} follow each other too deeply for sympy") from None
    return {name: expressions[wire.index] for name, wire in circuit.outputs.items()}


def _expression(sympy: Any, circuit: Circuit, wire: int, expressions: Mapping[int, Any]) -> Any:
    code = circuit.gate[wire]
    if code == INPUT:
        return sympy.Symbol(str(circuit.wire_name(wire)))
    if code == CONSTANT:
        return _number(sympy, float(circuit.value[wire]))
    if code == AFFINE:
        bias, operands, coefficients = circuit.terms(wire)
        pairs = zip(coefficients.tolist(), operands.tolist(), strict=True)
        terms = [sympy.Mul(_number(sympy, number), expressions[operand]) for number, operand in pairs]
        return sympy.Add(_number(sympy, bias), *terms)
    left = expressions[int(circuit.left[wire])]
    return sympy.Pow(left, 2) if code == SQUARE else sympy.Mul(left, expressions[int(circuit.right[wire])])


def _number(sympy: Any, value: float) -> Any:
    return sympy.Integer(int(value)) if value.is_integer() and abs(value) < 2.0**53 else sympy.Float(value)


def from_sympy(expressions: Any, laws: Mapping[str | tuple[str, ...], Law], name: str = "circuit") -> Circuit:
    """Return the circuit of polynomials.

    Sums become affine gates and what occurs twice, in one expression or in several, becomes one wire. Products are multiplied from left
    to right in sympy's order. A sum over 0/1 inputs that can only be 0 or 1, such as ``1 - x``, becomes a boolean wire.

    Args:
        expressions: ``sympy.Expr`` by output name, or one expression, whose output is called ``output``. Allowed are sums, products,
            powers with non-negative integer exponents, real numbers and symbols.
        laws: The law of every symbol by its name, in the order that the inputs shall have. A joint law has a tuple of names, or a stem
            that stands for ``stem[0]``, ``stem[1]`` and so on.
        name: Name of the circuit.

    Returns:
        A circuit that can be changed.

    Raises:
        FormatError: A subexpression is none of the above, and the message shows it; or sympy runs out of stack.
        CircuitError: A law is none, or a name is no name or used twice.

    Cost:
        About 50 microseconds a gate.

    Examples:
        >>> import heurest as hr, sympy
        >>> x, y = sympy.symbols("x y")
        >>> c = from_sympy({"z": (x + 2 * y) ** 2 * x}, {"x": hr.Normal(), "y": hr.Uniform(-1, 1)})
        >>> c
        <Circuit 'circuit': 2 inputs, 3 gates, 1 output>
        >>> from_sympy(sympy.sin(x) + 1, {"x": hr.Normal()})
        Traceback (most recent call last):
            ...
        heurest.errors.FormatError: output 'output': expected sums, products and powers of symbols and numbers, found sin(x)
    """
    import sympy

    if not isinstance(expressions, Mapping):
        expressions = {"output": expressions}
    circuit = Circuit(name)
    for key, law in laws.items():
        circuit.input(key if isinstance(key, str) else list(key), law)
    reader = _Reader(sympy, circuit)
    for output, expression in expressions.items():
        where = f"output {output!r}"
        if not isinstance(expression, (sympy.Expr, int, float)) or isinstance(expression, bool):
            raise format_error(where, "a sympy expression", shown(expression))
        try:
            form = reader.form(sympy.sympify(expression), where)
        except PolynomialError as error:
            raise format_error(where, error.expected, error.found) from None
        except RecursionError:
            raise format_error(where, "an expression that sympy can handle", "more levels than its stack holds") from None
        circuit.output(output, circuit.wire(reader.build.wire(form)))
    return circuit


class _Reader:
    """Forms of subexpressions, each worked out once, operands before what they stand in."""

    def __init__(self, sympy: Any, circuit: Circuit) -> None:
        self.sympy = sympy
        self.inputs = dict(circuit.names)
        self.build = PolynomialBuilder(circuit)
        self.known: dict[Any, Form] = {}

    def form(self, expression: Any, where: str) -> Form:
        """The form of an expression; a stack of its own instead of recursion, as expressions may be deep."""
        pending = [expression]
        while pending:
            part = pending[-1]
            if part in self.known:
                pending.pop()
                continue
            missing = [operand for operand in self._operands(part, where) if operand not in self.known]
            if missing:
                pending += missing
            else:
                self.known[pending.pop()] = self._combined(part, where)
        return self.known[expression]

    def _operands(self, part: Any, where: str) -> tuple[Any, ...]:
        if part.is_Add or part.is_Mul:
            return tuple(part.args)
        if part.is_Pow and part.exp.is_Integer and part.exp >= 0:
            return (part.base,)
        if part.is_Symbol or part.is_Number or part.is_NumberSymbol:
            return ()
        raise format_error(where, "sums, products and powers of symbols and numbers", _printed(part))

    def _combined(self, part: Any, where: str) -> Form:
        if part.is_Add:
            return self.build.total([self.known[term] for term in part.args])
        if part.is_Mul:
            return self.build.product([self.known[factor] for factor in part.args])
        if part.is_Pow:
            return self.build.power(self.known[part.base], int(part.exp))
        if part.is_Symbol:
            if part.name not in self.inputs:
                raise format_error(where, f"symbols with a law ({', '.join(self.inputs)})", _printed(part))
            return self.build.form(self.inputs[part.name])
        try:
            return self.build.number(float(part))
        except (OverflowError, TypeError, ValueError):
            raise format_error(where, "numbers within the float range", _printed(part)) from None


def _printed(expression: Any) -> str:
    try:
        return shortened(str(expression))
    except (RecursionError, ValueError):
        return f"a {type(expression).__name__}"
