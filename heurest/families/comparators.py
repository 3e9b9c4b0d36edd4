"""Comparators of two numbers: less than, and equal."""

from __future__ import annotations

from typing import Any

from heurest.circuit.circuit import Circuit
from heurest.families.logic_parts import InputProbability, input_bits, tree
from heurest.families.parameters import whole_number

__all__ = ["equality", "less_than"]


def less_than(bits: int = 4, *, p: InputProbability = 0.5) -> Circuit:
    """Make a comparator that says whether a number a is below a number b, least significant bits first.

    From the least bit on, a is below b where its bit is 0 and b's is 1, or where the bits agree and it was below before.
    With fair bits ``P(a < b) = (1 - 2**-bits) / 2``.

    Args:
        bits: Bits of each number, at least 1.
        p: Probability that an input bit is 1, or one for each input.

    Returns:
        An unfrozen circuit with inputs ``a[i]`` and ``b[i]`` and the output ``less``.

    Raises:
        CircuitError: A parameter is out of range.

    Cost:
        Seven wires a bit.

    Examples:
        >>> import heurest as hr
        >>> hr.exact(less_than(3)).value  # 28 of the 64 pairs
        {'less': 0.4375}
    """
    width = whole_number("less_than: bits", bits, 1)
    circuit = Circuit(f"less-than/{width}")
    a, b = input_bits(circuit, "less_than", p, a=width, b=width)
    less: Any = None
    for x, y in zip(a, b, strict=True):
        below = ~x & y
        less = below if less is None else below | (circuit.apply("xnor", x, y) & less)
    circuit.output("less", less)
    return circuit


def equality(bits: int = 4, *, p: InputProbability = 0.5) -> Circuit:
    """Make a comparator that says whether two numbers are equal: a balanced tree of ands over the bits that agree.

    With independent bits that are 1 with probability p in both numbers ``P(a = b) = (p**2 + (1 - p)**2)**bits``: an output
    that is as rare as one likes.

    Args:
        bits: Bits of each number, at least 1.
        p: Probability that an input bit is 1, or one for each input.

    Returns:
        An unfrozen circuit with inputs ``a[i]`` and ``b[i]`` and the output ``equal``.

    Raises:
        CircuitError: A parameter is out of range.

    Cost:
        Three wires a bit.

    Examples:
        >>> import heurest as hr
        >>> hr.exact(equality(3)).value
        {'equal': 0.125}
    """
    width = whole_number("equality: bits", bits, 1)
    circuit = Circuit(f"equality/{width}")
    a, b = input_bits(circuit, "equality", p, a=width, b=width)
    agree = [circuit.apply("xnor", x, y) for x, y in zip(a, b, strict=True)]
    circuit.output("equal", tree(agree, lambda x, y: x & y))
    return circuit
