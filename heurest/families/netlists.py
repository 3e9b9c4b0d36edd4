"""Named boolean circuits whose output probabilities are known in closed form: adder, array multiplier, parity."""

from __future__ import annotations

from typing import Any

import numpy as np

from heurest.circuit.circuit import Circuit
from heurest.circuit.laws import Bernoulli
from heurest.circuit.wires import Wire, Wires
from heurest.families.parameters import share, whole_number

__all__ = ["adder", "multiplier", "parity"]


def adder(bits: int = 4, *, p: float = 0.5) -> Circuit:
    """Make a ripple-carry adder of two numbers, least significant bits first.

    Args:
        bits: Bits of each number, at least 1.
        p: Probability that an input bit is 1.

    Returns:
        An unfrozen circuit with inputs ``a[i]`` and ``b[i]`` and outputs ``sum[0]``, ..., ``carry``.

    Raises:
        CircuitError: A parameter is out of range.

    Cost:
        A half adder of two wires and ``bits - 1`` full adders of six.

    Examples:
        >>> adder(4)  # 2 + 3 * 6 wires
        <Circuit 'adder/4': 8 inputs, 20 gates, 5 outputs>
    """
    width = whole_number("adder: bits", bits, 1)
    circuit = Circuit(f"adder/{width}")
    law = Bernoulli(share("adder: p", p))
    a, b = circuit.input("a", law, count=width), circuit.input("b", law, count=width)
    sums = []
    carry: Any = None
    for i in range(width):
        total, carry = _full_adder(a[i], b[i], carry)
        sums.append(total)
    circuit.output("sum", _together(sums))
    circuit.output("carry", carry)
    return circuit


def multiplier(bits: int = 3, *, p: float = 0.5) -> Circuit:
    """Make an array multiplier of two numbers, least significant bits first: partial products added row by row.

    Args:
        bits: Bits of each number, at least 2.
        p: Probability that an input bit is 1.

    Returns:
        An unfrozen circuit with inputs ``a[i]`` and ``b[i]`` and outputs ``product[0]`` to ``product[2 * bits - 1]``.

    Raises:
        CircuitError: A parameter is out of range.

    Cost:
        ``bits**2`` partial products and about as many adders.

    Examples:
        >>> multiplier(2).outputs.keys()
        dict_keys(['product[0]', 'product[1]', 'product[2]', 'product[3]'])
    """
    width = whole_number("multiplier: bits", bits, 2)
    circuit = Circuit(f"multiplier/{width}")
    law = Bernoulli(share("multiplier: p", p))
    a, b = circuit.input("a", law, count=width), circuit.input("b", law, count=width)
    row = [a[i] & b[0] for i in range(width)]
    product = [row.pop(0)]
    for j in range(1, width):
        carry: Any = None
        added = []
        for i in range(width):
            partial = a[i] & b[j]
            if i < len(row):
                total, carry = _full_adder(row[i], partial, carry)
            else:  # the first row is one bit shorter than the others
                total, carry = _full_adder(partial, carry, None)
            added.append(total)
        product.append(added.pop(0))
        row = [*added, carry]
    circuit.output("product", _together(product + row))
    return circuit


def parity(inputs: int = 8, *, p: float = 0.5) -> Circuit:
    """Make a chain of exclusive ors: 1 when an odd number of inputs is 1.

    With independent bits ``E[y] = (1 - (1 - 2 p)**inputs) / 2``.

    Args:
        inputs: Number of inputs, at least 1.
        p: Probability that an input bit is 1.

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
    bits = circuit.input("x", Bernoulli(share("parity: p", p)), count=count)
    result = bits[0]
    for i in range(1, count):
        result = result ^ bits[i]
    circuit.output("y", result)
    return circuit


def _half_adder(a: Any, b: Any) -> tuple[Any, Any]:
    """Sum and carry of two bits, with one ``and`` for both."""
    both = a & b
    return a.circuit.boolean_sum([a, b, both], (1.0, 1.0, -2.0)), both


def _full_adder(a: Any, b: Any, carry: Any) -> tuple[Any, Any]:
    """Sum and carry of two or three bits; ``carry`` may be ``None``."""
    half, first = _half_adder(a, b)
    if carry is None:
        return half, first
    total, second = _half_adder(half, carry)
    return total, first | second


def _together(wires: list[Wire]) -> Wires:
    return Wires(wires[0].circuit, np.array([wire.index for wire in wires]))
