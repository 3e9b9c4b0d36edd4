"""The gate table: one row says everything about a gate.

Six primitive gates are stored in circuits; every other gate is *derived*: its row holds the function that
builds it from earlier gates. Reference pages, ``heurest gates`` and the tests are made from this table.

A gate that is a new one-variable function (a ReLU, say) would be a further primitive row; estimators read
the primitive codes only, so such a row has to bring its own rule to each of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from numbers import Integral
from typing import Any

from heurest.errors import CircuitError

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
    lowering: Callable[..., Any] | None = None


def _add(a: Any, b: Any) -> Any:
    return a + b


def _subtract(a: Any, b: Any) -> Any:
    return a - b


def _negate(a: Any) -> Any:
    return -a


def _or(a: Any, b: Any) -> Any:
    return a.circuit.boolean_sum([a, b, a & b], (1.0, 1.0, -1.0))


def _xor(a: Any, b: Any) -> Any:
    return a.circuit.boolean_sum([a, b, a & b], (1.0, 1.0, -2.0))


def _not(a: Any) -> Any:
    return a.circuit.boolean_sum([a], (-1.0,), 1.0)


def _nand(a: Any, b: Any) -> Any:
    return _not(a & b)


def _nor(a: Any, b: Any) -> Any:
    return a.circuit.boolean_sum([a, b, a & b], (-1.0, -1.0, 1.0), 1.0)


def _xnor(a: Any, b: Any) -> Any:
    return a.circuit.boolean_sum([a, b, a & b], (-1.0, -1.0, 2.0), 1.0)


def _mux(select: Any, a: Any, b: Any) -> Any:
    return select.circuit.boolean_sum([b, select & a, select & b], (1.0, 1.0, -1.0))


def _power(a: Any, exponent: Any) -> Any:
    """Powers by repeated squaring: ``x**5 = (x**2)**2 * x``."""
    if isinstance(exponent, bool) or not isinstance(exponent, Integral) or exponent < 0:
        raise CircuitError(f"a power of a wire must have an integer exponent of at least 0, got {exponent!r}")
    exponent = int(exponent)
    result = None
    while exponent > 0:
        if exponent & 1:
            result = a if result is None else result * a
        exponent >>= 1
        if exponent:
            a = a.circuit.square(a)
    return a.circuit.constant_like(a, 1.0) if result is None else result


def _sum(coefficients: list[float], values: list[float], bias: float) -> float:
    return bias + sum(c * v for c, v in zip(coefficients, values, strict=True))


_ROWS = (
    Gate("input", "", 0, "any", "law", "x", "A wire drawn from a law.", None, INPUT),
    Gate("constant", "", 0, "any", "real", "c", "A fixed number; 0 and 1 are boolean.", None, CONSTANT),
    Gate("affine", "+ - *", None, "any", "real", "b + sum_i a_i x_i", "A bias plus a weighted sum of any number of wires.", _sum, AFFINE),
    Gate("multiply", "a * b", 2, "any", "operands", "a b", "The product of two wires.", lambda a, b: a * b, MULTIPLY),
    Gate("square", "a ** 2", 1, "any", "operands", "a^2", "The product of a wire with itself.", lambda a: a * a, SQUARE),
    Gate("and", "a & b", 2, "boolean", "boolean", "a b", "1 where both operands are 1.", lambda a, b: a * b, AND),
    Gate("add", "a + b", 2, "any", "real", "a + b", "The sum of two wires.", lambda a, b: a + b, None, _add),
    Gate("subtract", "a - b", 2, "any", "real", "a - b", "The difference of two wires.", lambda a, b: a - b, None, _subtract),
    Gate("negate", "-a", 1, "any", "real", "-a", "The opposite of a wire.", lambda a: -a, None, _negate),
    Gate("power", "a ** n", 1, "any", "operands", "a^n", "A power with a whole exponent, by squaring.", lambda a, n: a**n, None, _power),
    Gate("not", "~a", 1, "boolean", "boolean", "1 - a", "1 where the operand is 0.", lambda a: 1 - a, None, _not),
    Gate("or", "a | b", 2, "boolean", "boolean", "a + b - a b", "1 where some operand is 1.", lambda a, b: max(a, b), None, _or),
    Gate("xor", "a ^ b", 2, "boolean", "boolean", "a + b - 2 a b", "1 where the operands differ.", lambda a, b: a ^ b, None, _xor),
    Gate("nand", "~(a & b)", 2, "boolean", "boolean", "1 - a b", "0 where both operands are 1.", lambda a, b: 1 - a * b, None, _nand),
    Gate("nor", "~(a | b)", 2, "boolean", "boolean", "1 - a - b + a b", "1 where both are 0.", lambda a, b: 1 - max(a, b), None, _nor),
    Gate("xnor", "~(a ^ b)", 2, "boolean", "boolean", "1 - a - b + 2 a b", "1 where both agree.", lambda a, b: 1 - (a ^ b), None, _xnor),
    Gate("mux", "", 3, "boolean", "boolean", "s a + (1 - s) b", "a where s is 1, else b.", lambda s, a, b: a if s else b, None, _mux),
)  # fmt: skip

#: The gate table by name, primitive gates first.
GATES: dict[str, Gate] = {row.name: row for row in _ROWS}

#: Names of the primitive gates, indexed by their storage code.
GATE_NAMES: tuple[str, ...] = tuple(row.name for row in _ROWS if row.code is not None)
