"""Netlists that are known by name, built gate by gate."""

from __future__ import annotations

from typing import Any

from heurest.circuit.circuit import Circuit
from heurest.families.logic_parts import InputProbability, named_bits

__all__ = ["c17"]


def c17(*, p: InputProbability = 0.5) -> Circuit:
    """Make the smallest of the ISCAS-85 benchmarks: six nands over five inputs, bearing their numbers there.

    Args:
        p: Probability that an input bit is 1, or one for each input.

    Returns:
        An unfrozen circuit with inputs ``1``, ``2``, ``3``, ``6`` and ``7`` and outputs ``22`` and ``23``.

    Raises:
        CircuitError: A probability is out of range.

    Cost:
        Twelve wires: a nand is stored as an ``and`` and its negation.

    Source:
        Brglez and Fujiwara, A neutral netlist of 10 combinational benchmark circuits, IEEE International Symposium on
        Circuits and Systems (1985).

    Examples:
        >>> import heurest as hr
        >>> hr.exact(c17()).value
        {'22': 0.5625, '23': 0.5625}
    """
    circuit = Circuit("c17")
    n1, n2, n3, n6, n7 = named_bits(circuit, "c17", p, ["1", "2", "3", "6", "7"])

    def nand(name: str, a: Any, b: Any) -> Any:
        return circuit.set_name(circuit.apply("nand", a, b), name)

    n10 = nand("10", n1, n3)
    n11 = nand("11", n3, n6)
    n16 = nand("16", n2, n11)
    n19 = nand("19", n11, n7)
    circuit.output("22", nand("22", n10, n16))
    circuit.output("23", nand("23", n16, n19))
    return circuit
