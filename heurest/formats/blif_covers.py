"""The functions of BLIF's ``.names``: covers as gates, small ones by what they compute, large ones as sums of products."""

from __future__ import annotations

from collections.abc import Sequence

from heurest.formats.netlist_builder import Gate
from heurest.formats.netlist_logic import Logic
from heurest.formats.truth_tables import table_gate

_SMALL = 6  # operands of functions that are taken by their truth tables


def cover_gate(width: int, cubes: Sequence[str], is_off_set: bool) -> Gate:
    """Return the gate of a cover.

    If each operand occurs once, the cover is a sum of products of different operands and becomes just that, in balanced trees. Others of at
    most 6 operands go by their truth tables, so that exclusive ors, multiplexers and majorities are found however they are written;
    larger ones are parities, if that is what they say, or sums of products.

    Args:
        width: Number of operands.
        cubes: One row of ``0``, ``1`` and ``-`` a product, each of that width; none is the constant 0, or 1 for an off-set.
        is_off_set: The rows say where the function is 0.

    Returns:
        The gate.

    Cost:
        Linear in the rows, for small ones times the size of the truth table.

    Examples:
        >>> logic = Logic(3)
        >>> a, b, c = logic.inputs
        >>> logic.parity([a, b]), cover_gate(2, ["10", "01"], False)(logic, [a, b])  # nodes 4 and 5, both exclusive ors
        (8, 10)
    """
    products = [[2 * i + (mark == "0") for i, mark in enumerate(cube) if mark != "-"] for cube in cubes]
    inverted = int(is_off_set)
    literals = sum(map(len, products))
    if literals > width or len({literal >> 1 for product in products for literal in product}) < literals:
        if width <= _SMALL:
            return table_gate(width, _table(width, products, is_off_set))
        odd = _odd_rows(width, cubes)
        if odd is not None:
            return lambda logic, operands: logic.parity(operands) ^ inverted ^ (not odd)

    def sum_of_products(logic: Logic, operands: list[int]) -> int:
        terms = [logic.conjunction([operands[literal >> 1] ^ (literal & 1) for literal in product]) for product in products]
        return logic.disjunction(terms) ^ inverted

    return sum_of_products


def _table(width: int, products: Sequence[Sequence[int]], is_off_set: bool) -> int:
    """The truth table: bit m is the value where operand i is bit i of m."""
    rows = (1 << (1 << width)) - 1
    zero = [rows // ((1 << (1 << i)) + 1) for i in range(width)]  # the rows where each operand is 0
    table = 0
    for product in products:
        term = rows
        for literal in product:
            term &= zero[literal >> 1] if literal & 1 else ~zero[literal >> 1]
        table |= term
    return table ^ rows if is_off_set else table


def _odd_rows(width: int, cubes: Sequence[str]) -> bool | None:
    """Whether the rows are all settings with an odd number of ones (True) or all with an even number (False)."""
    if len(cubes) != 1 << (width - 1) or len(set(cubes)) != len(cubes) or any("-" in cube for cube in cubes):
        return None
    counts = {cube.count("1") & 1 for cube in cubes}
    return bool(counts.pop()) if len(counts) == 1 else None
