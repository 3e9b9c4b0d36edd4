"""Multipliers of two numbers: partial products added row by row, and all at once in a Wallace tree."""

from __future__ import annotations

from typing import Any

from heurest.circuit.circuit import Circuit
from heurest.families.logic_parts import CELLS, InputProbability, full_adder, half_adder, input_bits, together, tree
from heurest.families.parameters import choice, whole_number

__all__ = ["multiplier", "wallace_multiplier"]


def multiplier(bits: int = 3, *, p: InputProbability = 0.5, cells: str = "xor") -> Circuit:
    """Make an array multiplier of two numbers, least significant bits first: partial products added row by row.

    Args:
        bits: Bits of each number, at least 2.
        p: Probability that an input bit is 1, or one for each input.
        cells: ``xor`` for adders of two exclusive ors, two ands and an or, ``nand`` for adders of nine nands, as in the
            netlists of multipliers that are used as benchmarks.

    Returns:
        An unfrozen circuit with inputs ``a[i]`` and ``b[i]`` and outputs ``product[0]`` to ``product[2 * bits - 1]``.

    Raises:
        CircuitError: A parameter is out of range.

    Cost:
        ``bits**2`` partial products, ``bits`` half adders and ``bits * (bits - 2)`` full adders. For 16 bits these are 1,408
        logic gates, of nands 2,336 without inverters; wires outnumber gates, since an or or a nand is stored as an ``and`` and a sum.

    Examples:
        >>> multiplier(2).outputs.keys()
        dict_keys(['product[0]', 'product[1]', 'product[2]', 'product[3]'])
    """
    width = whole_number("multiplier: bits", bits, 2)
    kind = choice("multiplier: cells", cells, CELLS)
    circuit = Circuit(f"multiplier/{width}" if kind == "xor" else f"multiplier/{width}/{kind}")
    a, b = input_bits(circuit, "multiplier", p, a=width, b=width)
    row = [a[i] & b[0] for i in range(width)]
    product = [row.pop(0)]
    for j in range(1, width):
        carry: Any = None
        added = []
        for i in range(width):
            partial = a[i] & b[j]
            if i < len(row):
                total, carry = full_adder(row[i], partial, carry, kind)
            else:  # the first row is one bit shorter than the others
                total, carry = half_adder(partial, carry, kind)
            added.append(total)
        product.append(added.pop(0))
        row = [*added, carry]
    circuit.output("product", together(product + row))
    return circuit


def wallace_multiplier(bits: int = 3, *, p: InputProbability = 0.5, cells: str = "xor") -> Circuit:
    """Make a Wallace-tree multiplier of two numbers, least significant bits first.

    All partial products stand in columns by their weight. In every layer each three bits of a column become a sum bit there
    and a carry in the next column, and two that are left a half adder's, until no column has more than two; a carry that
    ripples adds the rest. The function is that of `multiplier`, in fewer levels: about ``log(bits)`` before the last addition.

    Args:
        bits: Bits of each number, at least 2.
        p: Probability that an input bit is 1, or one for each input.
        cells: As in `multiplier`.

    Returns:
        An unfrozen circuit with inputs ``a[i]`` and ``b[i]`` and outputs ``product[0]`` to ``product[2 * bits - 1]``.

    Raises:
        CircuitError: A parameter is out of range.

    Cost:
        ``bits**2`` partial products and about as many adders as in `multiplier`.

    Source:
        Wallace, A suggestion for a fast multiplier, IEEE Transactions on Electronic Computers EC-13 (1964) 14-17.

    Examples:
        >>> import heurest as hr
        >>> hr.exact(wallace_multiplier(4)).value == hr.exact(hr.multiplier(4)).value
        True
    """
    width = whole_number("wallace_multiplier: bits", bits, 2)
    kind = choice("wallace_multiplier: cells", cells, CELLS)
    circuit = Circuit(f"wallace-multiplier/{width}" if kind == "xor" else f"wallace-multiplier/{width}/{kind}")
    a, b = input_bits(circuit, "wallace_multiplier", p, a=width, b=width)
    columns: list[list[Any]] = [[] for _ in range(2 * width)]
    for i in range(width):
        for j in range(width):
            columns[i + j].append(a[i] & b[j])
    while max(map(len, columns[:-1])) > 2:
        columns = _layer(columns, kind)
    product, carry = [], None
    for column in columns[:-1]:
        bit = column[0]
        if len(column) == 2:
            bit, carry = full_adder(column[0], column[1], carry, kind)
        elif carry is not None:
            bit, carry = half_adder(bit, carry, kind)
        product.append(bit)
    # the product fits, so at most one bit of the last column is 1 and nothing is carried out of it
    product.append(tree([*columns[-1], *([] if carry is None else [carry])], lambda x, y: x ^ y))
    circuit.output("product", together(product))
    return circuit


def _layer(columns: list[list[Any]], cells: str) -> list[list[Any]]:
    """The columns after one layer of adders; the last one only takes what is carried there."""
    reduced: list[list[Any]] = [[] for _ in columns]
    for place, column in enumerate(columns[:-1]):
        full = len(column) - len(column) % 3
        for start in range(0, full, 3):
            total, carry = full_adder(column[start], column[start + 1], column[start + 2], cells)
            reduced[place].append(total)
            reduced[place + 1].append(carry)
        rest = column[full:]
        if len(rest) == 2 and len(column) > 2:
            total, carry = half_adder(rest[0], rest[1], cells)
            reduced[place].append(total)
            reduced[place + 1].append(carry)
        else:
            reduced[place] += rest
    reduced[-1] += columns[-1]
    return reduced
