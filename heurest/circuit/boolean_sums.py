"""Whether an affine gate over boolean wires can only be 0 or 1: by trying all values of the wires that it depends on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np

from heurest.circuit.gates import AND, MULTIPLY, SQUARE

Column = Sequence[int] | Mapping[int, int]

_MAX_VARIABLES = 12  # 4096 assignments
_MAX_TOTAL = 2.0**60  # sums of coefficients stay within int64


def boolean_sum_fault(
    bias: float, coefficients: Sequence[float], wires: Sequence[int], gate: Column, left: Column, right: Column
) -> str | None:
    """Return why ``bias + sum of coefficient * wire`` is not always 0 or 1, or None when it is.

    An operand that is itself a product counts as the product of its two operands, the same everywhere in the sum, so that
    ``a + b - 2 (a and b)`` is recognised. Everything else counts as a free bit, which makes the check strict, never lenient.

    Args:
        bias: Constant term.
        coefficients: One number an operand.
        wires: The operands, all boolean.
        gate: Primitive gate code of the operands, by wire.
        left: First operand of those that are products, by wire.
        right: Second operand of those that are products, by wire.

    Returns:
        What the sum is instead, ready for a message.

    Cost:
        A few microseconds; every new pattern of coefficients and shared wires costs ``2**variables`` additions once.

    Examples:
        >>> boolean_sum_fault(1.0, [-1.0], [0], [0], [0], [0]) is None  # a negation
        True
        >>> boolean_sum_fault(0.0, [1.0, 1.0], [0, 1], [0, 0], [0, 0], [0, 0])
        'one that can be 2'
    """
    products = _entangled({wire for wire in wires if gate[wire] in (AND, MULTIPLY, SQUARE)}, wires, left, right)
    column: dict[int, int] = {}
    shape = tuple(tuple(column.setdefault(factor, len(column)) for factor in _factors(wire, products, left, right)) for wire in wires)
    if len(column) > _MAX_VARIABLES:
        return f"a sum over {len(column)} wires, more than can be checked"
    return _fault(bias, tuple(coefficients), shape, len(column))


def _entangled(products: set[int], wires: Sequence[int], left: Column, right: Column) -> set[int]:
    """The products that share a factor with another operand; the others are as free as their factors."""
    if not products:
        return products
    readers = dict.fromkeys(wires, 1)
    for product in products:
        for factor in {left[product], right[product]}:
            readers[factor] = readers.get(factor, 0) + 1
    return {product for product in products if readers[left[product]] > 1 or readers[right[product]] > 1}


def _factors(wire: int, products: set[int], left: Column, right: Column) -> Sequence[int]:
    """The wires outside ``products`` whose product a 0/1 wire is."""
    if wire not in products:
        return (wire,)
    factors, pending, seen = [], [wire], {wire}
    for factor in pending:  # grows while it is read
        if factor not in products:
            factors.append(factor)
            continue
        for operand in (left[factor], right[factor]):
            if operand not in seen:
                seen.add(operand)
                pending.append(operand)
    return factors


@lru_cache(maxsize=4096)
def _fault(bias: float, coefficients: tuple[float, ...], shape: tuple[tuple[int, ...], ...], variables: int) -> str | None:
    if not all(number.is_integer() for number in (bias, *coefficients)):
        return "one with fractional numbers"
    if abs(bias) + sum(abs(number) for number in coefficients) > _MAX_TOTAL:
        return "one with coefficients too large to check"
    bits = np.arange(2**variables)[:, np.newaxis] >> np.arange(variables) & 1
    total = np.full(2**variables, int(bias))
    for number, factors in zip(coefficients, shape, strict=True):
        total += int(number) * bits[:, list(factors)].all(axis=1)
    wrong = total[(total != 0) & (total != 1)]
    return f"one that can be {int(wrong[0])}" if wrong.size else None
