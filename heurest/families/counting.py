"""Circuits that count ones: parity as a chain and as a tree, and the vote of the majority."""

from __future__ import annotations

from typing import Any

from heurest.circuit.circuit import Circuit
from heurest.families.logic_parts import InputProbability, carry_of, full_adder, input_bits, tree
from heurest.families.parameters import whole_number

__all__ = ["majority", "parity", "parity_tree"]


def parity(inputs: int = 8, *, p: InputProbability = 0.5) -> Circuit:
    """Make a chain of exclusive ors: 1 when an odd number of inputs is 1.

    With independent bits ``E[y] = (1 - (1 - 2 p)**inputs) / 2``.

    Args:
        inputs: Number of inputs, at least 1.
        p: Probability that an input bit is 1, or one for each input.

    Returns:
        An unfrozen circuit with inputs ``x[i]`` and the output ``y``.

    Raises:
        CircuitError: A parameter is out of range.

    Cost:
        Two wires an input.

    Examples:
        >>> import heurest as hr
        >>> hr.Cumulant(2).estimate(parity(3, p=0.25)).value  # (1 - 0.5**3) / 2
        {'y': 0.4375}
    """
    count = whole_number("parity: inputs", inputs, 1)
    circuit = Circuit(f"parity/{count}")
    (bits,) = input_bits(circuit, "parity", p, x=count)
    result = bits[0]
    for bit in bits[1:]:
        result = result ^ bit
    circuit.output("y", result)
    return circuit


def parity_tree(inputs: int = 8, *, p: InputProbability = 0.5) -> Circuit:
    """Make a balanced tree of exclusive ors: 1 when an odd number of inputs is 1.

    With independent bits ``E[y] = (1 - (1 - 2 p)**inputs) / 2``, as for the chain that `parity` makes.

    Args:
        inputs: Number of inputs, at least 1.
        p: Probability that an input bit is 1, or one for each input.

    Returns:
        An unfrozen circuit with inputs ``x[i]`` and the output ``y``.

    Raises:
        CircuitError: A parameter is out of range.

    Cost:
        Two wires an input, in ``log2(inputs)`` levels.

    Examples:
        >>> import heurest as hr
        >>> hr.lower(parity_tree(64)).product_depth, hr.lower(hr.parity(64)).product_depth
        (6, 63)
    """
    count = whole_number("parity_tree: inputs", inputs, 1)
    circuit = Circuit(f"parity-tree/{count}")
    (bits,) = input_bits(circuit, "parity_tree", p, x=count)
    circuit.output("y", tree(bits, lambda x, y: x ^ y))
    return circuit


def majority(inputs: int = 5, *, p: InputProbability = 0.5) -> Circuit:
    """Make a voter: 1 when more than half of the inputs are 1.

    Full adders count the ones column by column, and the count is compared with half of the inputs. With fair bits an odd
    number of voters gives 1/2, an even number n ``(1 - C(n, n/2) / 2**n) / 2``.

    Args:
        inputs: Number of inputs, at least 1.
        p: Probability that an input bit is 1, or one for each input.

    Returns:
        An unfrozen circuit with inputs ``x[i]`` and the output ``y``.

    Raises:
        CircuitError: A parameter is out of range.

    Cost:
        About five wires an input.

    Examples:
        >>> import heurest as hr
        >>> hr.exact(majority(4)).value  # five of sixteen settings
        {'y': 0.3125}
    """
    count = whole_number("majority: inputs", inputs, 1)
    circuit = Circuit(f"majority/{count}")
    (column,) = input_bits(circuit, "majority", p, x=count)
    above: Any = None  # whether the bits of the count so far are more than those of half
    half = count // 2
    while column:
        needed = not half & 1 or above is not None
        bit, carries = _counted(column, needed)
        if above is not None:
            bit = above & bit if half & 1 else above | bit
        above = bit
        column, half = carries, half >> 1
    circuit.output("y", above)
    return circuit


def _counted(column: list[Any], needed: bool) -> tuple[Any, list[Any]]:
    """The lowest bit of a column's count, ``None`` where it is not needed, and the carries into the next column."""
    waiting, carries = list(column), []
    while len(waiting) > 1:
        a, b, *rest = waiting
        third = rest.pop(0) if rest else None
        if rest or needed:
            total, carry = full_adder(a, b, third)
            waiting = [*rest, total]
        else:
            carry, waiting = carry_of(a, b, third), [None]
        carries.append(carry)
    return (waiting[0] if needed else None), carries
