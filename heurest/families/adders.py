"""Adders of two numbers: a carry that ripples from bit to bit, and carries that are looked ahead."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from heurest.circuit.circuit import Circuit
from heurest.families.logic_parts import CELLS, InputProbability, full_adder, input_bits, together, tree
from heurest.families.parameters import choice, whole_number

__all__ = ["adder", "lookahead_adder"]

_MOST_IN_BLOCK = 16


def adder(bits: int = 4, *, p: InputProbability = 0.5, cells: str = "xor") -> Circuit:
    """Make a ripple-carry adder of two numbers, least significant bits first.

    With fair bits every sum bit is fair, and ``P(carry) = (1 - 2**-bits) / 2``.

    Args:
        bits: Bits of each number, at least 1.
        p: Probability that an input bit is 1, or one for each input.
        cells: ``xor`` for adders of two exclusive ors, two ands and an or, ``nand`` for adders of nine nands.

    Returns:
        An unfrozen circuit with inputs ``a[i]`` and ``b[i]`` and outputs ``sum[0]``, ..., ``carry``.

    Raises:
        CircuitError: A parameter is out of range.

    Cost:
        A half adder of two wires and ``bits - 1`` full adders of six; of nands nine and eighteen.

    Examples:
        >>> adder(4)  # 2 + 3 * 6 wires
        <Circuit 'adder/4': 8 inputs, 20 gates, 5 outputs>
    """
    width = whole_number("adder: bits", bits, 1)
    kind = choice("adder: cells", cells, CELLS)
    circuit = Circuit(f"adder/{width}" if kind == "xor" else f"adder/{width}/{kind}")
    a, b = input_bits(circuit, "adder", p, a=width, b=width)
    sums = []
    carry: Any = None
    for i in range(width):
        total, carry = full_adder(a[i], b[i], carry, kind)
        sums.append(total)
    circuit.output("sum", together(sums))
    circuit.output("carry", carry)
    return circuit


def lookahead_adder(bits: int = 4, *, block: int = 4, p: InputProbability = 0.5) -> Circuit:
    r"""Make a carry-lookahead adder of two numbers, least significant bits first.

    Bit i generates a carry, :math:`g_i = a_i b_i`, or propagates one, :math:`t_i = a_i \oplus b_i`. Inside a block every
    carry is written out: :math:`c_{i+1} = g_i \lor t_i g_{i-1} \lor \dots \lor t_i \cdots t_1 g_0 \lor t_i \cdots t_0 c_0`. A block
    generates or propagates as a bit does, so blocks of blocks give the carries between them, and the depth grows as the
    logarithm of ``bits``. The function is that of `adder`; the many paths that meet again are what is different.

    Args:
        bits: Bits of each number, at least 1.
        block: How many carries are written out at once, from 2 to 16.
        p: Probability that an input bit is 1, or one for each input.

    Returns:
        An unfrozen circuit with inputs ``a[i]`` and ``b[i]`` and outputs ``sum[0]``, ..., ``carry``.

    Raises:
        CircuitError: A parameter is out of range.

    Cost:
        Some 10 wires a bit for blocks of 2, 15 for blocks of 4, 30 for blocks of 8.

    Source:
        Weinberger and Smith, A logic for high-speed addition, National Bureau of Standards Circular 591 (1958).

    Examples:
        >>> import heurest as hr
        >>> hr.exact(lookahead_adder(8)).value["carry"]  # (1 - 2**-8) / 2
        0.498046875
    """
    width = whole_number("lookahead_adder: bits", bits, 1)
    size = whole_number("lookahead_adder: block", block, 2, _MOST_IN_BLOCK)
    circuit = Circuit(f"lookahead-adder/{width}")
    a, b = input_bits(circuit, "lookahead_adder", p, a=width, b=width)
    generate = [x & y for x, y in zip(a, b, strict=True)]
    propagate = [circuit.boolean_sum([x, y, both], (1.0, 1.0, -2.0)) for x, y, both in zip(a, b, generate, strict=True)]
    carries = _carries(generate, propagate, None, size)
    circuit.output("sum", together([propagate[0], *(t ^ c for t, c in zip(propagate[1:], carries, strict=False))]))
    circuit.output("carry", carries[-1])
    return circuit


def _carries(generate: Sequence[Any], propagate: Sequence[Any], carry: Any, block: int) -> list[Any]:
    """The carries out of every place, given what each generates and propagates and the carry into the first."""
    if len(generate) <= block:
        return [_written_out(generate[: i + 1], propagate[: i + 1], carry) for i in range(len(generate))]
    starts = range(0, len(generate), block)
    parts = [(generate[start : start + block], propagate[start : start + block]) for start in starts]
    # nothing enters the first block where there is no carry, so it has nothing to propagate
    through = [tree(t, _and) if i or carry is not None else None for i, (_, t) in enumerate(parts)]
    between = _carries([_written_out(g, t, None) for g, t in parts], through, carry, block)
    carries = []
    for (g, t), into, out in zip(parts, [carry, *between], between, strict=False):
        inside = [_written_out(g[: i + 1], t[: i + 1], into) for i in range(len(g) - 1)]
        carries += [*inside, out]
    return carries


def _written_out(generate: Sequence[Any], propagate: Sequence[Any], carry: Any) -> Any:
    """The carry out of some places as an or of ands."""
    terms = [tree([*propagate[i + 1 :], g], _and) for i, g in enumerate(generate)]
    if carry is not None:
        terms.append(tree([*propagate, carry], _and))
    return tree(terms, _or)


def _and(a: Any, b: Any) -> Any:
    return a & b


def _or(a: Any, b: Any) -> Any:
    return a | b
