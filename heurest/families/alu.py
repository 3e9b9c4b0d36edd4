"""An arithmetic and logic unit of bit slices."""

from __future__ import annotations

from typing import Any

from heurest.circuit.circuit import Circuit
from heurest.families.logic_parts import InputProbability, input_bits, together
from heurest.families.parameters import whole_number

__all__ = ["alu"]


def alu(bits: int = 4, *, p: InputProbability = 0.5) -> Circuit:
    """Make an arithmetic and logic unit: ``a + b``, ``a & b``, ``a | b`` or ``a ^ b``, as two bits say, least significant bits first.

    The operation ``op[0] + 2 op[1]`` is 0 for the sum, 1 for ``and``, 2 for ``or``, 3 for exclusive or. Each slice computes all four
    and selects one, so that most of what happens in it is masked.

    Args:
        bits: Bits of each number, at least 1.
        p: Probability that an input bit is 1, or one for each input, the operation's last.

    Returns:
        An unfrozen circuit with inputs ``a[i]``, ``b[i]`` and ``op[i]`` and outputs ``result[i]`` and ``carry``; the carry out is 0 unless
        the operation is the sum.

    Raises:
        CircuitError: A parameter is out of range.

    Cost:
        Sixteen wires a bit.

    Examples:
        >>> import heurest as hr
        >>> hr.exact(alu(1)).value  # (1/2 + 1/4 + 3/4 + 1/2) / 4, and 1/4 * 1/4
        {'result[0]': 0.5, 'carry': 0.0625}
    """
    width = whole_number("alu: bits", bits, 1)
    circuit = Circuit(f"alu/{width}")
    a, b, op = input_bits(circuit, "alu", p, a=width, b=width, op=2)
    carry: Any = None
    results = []
    for x, y in zip(a, b, strict=True):
        both = x & y
        differ = circuit.boolean_sum([x, y, both], (1.0, 1.0, -2.0))
        either = circuit.boolean_sum([x, y, both], (1.0, 1.0, -1.0))
        if carry is None:
            total, carry = differ, both
        else:
            moved = differ & carry
            total = circuit.boolean_sum([differ, carry, moved], (1.0, 1.0, -2.0))
            carry = both | moved
        results.append(circuit.mux(op[1], circuit.mux(op[0], differ, either), circuit.mux(op[0], both, total)))
    circuit.output("result", together(results))
    circuit.output("carry", carry & circuit.apply("nor", op[0], op[1]))
    return circuit
