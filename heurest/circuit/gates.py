"""The gate table: one row says everything about a gate.

Six primitive gates are stored in circuits; every other gate is *derived*: its row holds the function that
builds it from earlier gates. Reference pages, ``heurest gates`` and the tests are made from this table.

A gate that is a new one-variable function (a ReLU, say) would be a further primitive row; estimators read
the primitive codes only, so such a row has to bring its own rule to each of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from heurest.circuit.wires import Wire, Wires

    AnyWires = Wire | Wires

# Codes of the primitive gates, as stored in circuits; append only, never renumber.
INPUT, CONSTANT, AFFINE, MULTIPLY, SQUARE, AND = range(6)


@dataclass(frozen=True)
class Gate:
    """A row of the gate table.

    Attributes:
        name: The word used in files, messages and ``Circuit`` methods.
        symbol: How it is written with Python operators on wires; empty where there is none.
        fan_in: Number of operands; ``None`` for any number.
        operands: Kind that operands must have: ``any`` or ``boolean``.
        result: Kind of the result: ``real``, ``boolean``, ``law`` (as the input's law says) or ``operands``
            (boolean exactly when all operands are).
        formula: The value in terms of the operands, as mathematics.
        help: One sentence for the reference page.
        reference: The function of the operands' values (plain numbers) that defines the gate.
        code: Storage code of a primitive gate; ``None`` for a derived one.
        lowering: For a derived gate, the function that builds it from wires.
    """

    name: str
    symbol: str
    fan_in: int | None
    operands: str
    result: str
    formula: str
    help: str
    reference: Callable[..., Any] | None
    code: int | None = None
    lowering: Callable[..., AnyWires] | None = None


def _or(a: AnyWires, b: AnyWires) -> AnyWires:
    return a.circuit.boolean_sum([a, b, a & b], (1.0, 1.0, -1.0))


def _xor(a: AnyWires, b: AnyWires) -> AnyWires:
    return a.circuit.boolean_sum([a, b, a & b], (1.0, 1.0, -2.0))


def _not(a: AnyWires) -> AnyWires:
    return a.circuit.boolean_sum([a], (-1.0,), 1.0)


def _nor(a: AnyWires, b: AnyWires) -> AnyWires:
    return a.circuit.boolean_sum([a, b, a & b], (-1.0, -1.0, 1.0), 1.0)


def _xnor(a: AnyWires, b: AnyWires) -> AnyWires:
    return a.circuit.boolean_sum([a, b, a & b], (-1.0, -1.0, 2.0), 1.0)


def _mux(select: AnyWires, a: AnyWires, b: AnyWires) -> AnyWires:
    return select.circuit.boolean_sum([b, select & a, select & b], (1.0, 1.0, -1.0))


def _power(a: AnyWires, exponent: int) -> AnyWires:
    """Powers by repeated squaring: ``x**5 = (x**2)**2 * x``."""
    result: AnyWires | None = None
    while exponent > 0:
        if exponent & 1:
            result = a if result is None else result * a
        exponent >>= 1
        if exponent:
            a = a.circuit.square(a)
    return a.circuit.constant_like(a, 1.0) if result is None else result


_ROWS = (
    Gate("input", "", 0, "any", "law", "x", "A wire drawn from a law.", None, INPUT),
    Gate("constant", "", 0, "any", "real", "c", "A fixed number.", None, CONSTANT),
    Gate(
        "affine", "+ - *", None, "any", "real", "b + sum_i a_i x_i",
        "A bias plus a weighted sum of any number of wires; a matrix makes a dense layer.",
        lambda coefficients, values, bias: bias + sum(c * v for c, v in zip(coefficients, values, strict=True)), AFFINE,
    ),
    Gate("multiply", "a * b", 2, "any", "operands", "a b", "The product of two wires.", lambda a, b: a * b, MULTIPLY),
    Gate("square", "a ** 2", 1, "any", "operands", "a^2", "The product of a wire with itself.", lambda a: a * a, SQUARE),
    Gate("and", "a & b", 2, "boolean", "boolean", "a b", "1 where both operands are 1.", lambda a, b: a * b, AND),
    Gate("add", "a + b", 2, "any", "real", "a + b", "The sum of two wires.", lambda a, b: a + b, lowering=lambda a, b: a + b),
    Gate("subtract", "a - b", 2, "any", "real", "a - b", "The difference of two wires.", lambda a, b: a - b, lowering=lambda a, b: a - b),
    Gate("negate", "-a", 1, "any", "real", "-a", "The opposite of a wire.", lambda a: -a, lowering=lambda a: -a),
    Gate("power", "a ** n", 1, "any", "operands", "a^n", "A non-negative integer power, by repeated squaring.", lambda a, n: a**n, lowering=_power),
    Gate("not", "~a", 1, "boolean", "boolean", "1 - a", "1 where the operand is 0.", lambda a: 1 - a, lowering=_not),
    Gate("or", "a | b", 2, "boolean", "boolean", "a + b - a b", "1 where some operand is 1.", lambda a, b: max(a, b), lowering=_or),
    Gate("xor", "a ^ b", 2, "boolean", "boolean", "a + b - 2 a b", "1 where the operands differ.", lambda a, b: (a + b) % 2, lowering=_xor),
    Gate("nand", "~(a & b)", 2, "boolean", "boolean", "1 - a b", "0 where both operands are 1.", lambda a, b: 1 - a * b, lowering=lambda a, b: _not(a & b)),
    Gate("nor", "~(a | b)", 2, "boolean", "boolean", "1 - a - b + a b", "1 where both operands are 0.", lambda a, b: 1 - max(a, b), lowering=_nor),
    Gate("xnor", "~(a ^ b)", 2, "boolean", "boolean", "1 - a - b + 2 a b", "1 where the operands agree.", lambda a, b: 1 - (a + b) % 2, lowering=_xnor),
    Gate("mux", "", 3, "boolean", "boolean", "s a + (1 - s) b", "The second operand where the first is 1, else the third.", lambda s, a, b: a if s else b, lowering=_mux),
)  # fmt: skip

#: The gate table by name, primitive gates first.
GATES: dict[str, Gate] = {row.name: row for row in _ROWS}

#: Names of the primitive gates, indexed by their storage code.
GATE_NAMES: tuple[str, ...] = tuple(row.name for row in _ROWS if row.code is not None)
