"""What generators of logic circuits share: their inputs, adder cells, and balanced trees of gates."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby, islice
from typing import Any

import numpy as np

from heurest.circuit.circuit import Circuit
from heurest.circuit.laws import Bernoulli
from heurest.circuit.wires import Wire, Wires
from heurest.errors import CircuitError
from heurest.families.parameters import share

#: Probability that an input bit is 1: one number for all inputs, or a number for each of them in order.
InputProbability = float | Sequence[float]

#: How adders are built: of ands and exclusive ors, or of nands alone.
CELLS = ("xor", "nand")


def named_bits(circuit: Circuit, where: str, p: InputProbability, names: Sequence[str]) -> list[Any]:
    """Add independent inputs of these names.

    Args:
        circuit: Where they go.
        where: The generator's name, for messages.
        p: One probability for all of them, or one for each.
        names: Their names.

    Returns:
        Their wires.

    Raises:
        CircuitError: A probability is not a number from 0 to 1, or there are more or fewer than inputs.
    """
    if isinstance(p, str) or not isinstance(p, Sequence | np.ndarray):
        probabilities = [share(f"{where}: p", p)] * len(names)
    else:
        if len(p) != len(names):
            raise CircuitError(f"{where}: p must be one number or {len(names)}, one for each input, got {len(p)}")
        probabilities = [share(f"{where}: p of {name}", part) for name, part in zip(names, p, strict=True)]
    wires: list[Any] = []
    for probability, run in groupby(zip(names, probabilities, strict=True), key=lambda pair: pair[1]):
        wires += circuit.input([name for name, _ in run], Bernoulli(probability))
    return wires


def input_bits(circuit: Circuit, where: str, p: InputProbability, **counts: int) -> list[list[Any]]:
    """Add independent inputs as `named_bits` does, a run of bits ``name[0]``, ``name[1]`` and so on for every name.

    Args:
        circuit: Where they go.
        where: The generator's name, for messages.
        p: One probability for all of them, or one for each, the runs end to end.
        counts: Number of bits by name.

    Returns:
        The wires of every run.

    Raises:
        CircuitError: As in `named_bits`.
    """
    wires = iter(named_bits(circuit, where, p, [f"{name}[{i}]" for name, count in counts.items() for i in range(count)]))
    return [list(islice(wires, count)) for count in counts.values()]


def together(wires: Sequence[Wire]) -> Wires:
    """Wires of one circuit as an array."""
    return Wires(wires[0].circuit, np.array([wire.index for wire in wires]))


def tree(wires: Sequence[Any], join: Callable[[Any, Any], Any]) -> Any:
    """Join neighbours until one wire is left: ``len(wires) - 1`` gates in about ``log2(len(wires))`` levels."""
    level = list(wires)
    while len(level) > 1:
        joined = [join(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
        level = joined + level[len(level) - len(level) % 2 :]
    return level[0]


def half_adder(a: Any, b: Any, cells: str = "xor") -> tuple[Any, Any]:
    """Sum and carry of two bits: one ``and`` for both, or four nands and an inverter."""
    if cells == "nand":
        total, neither = _nand_sum(a, b)
        return total, ~neither
    both = a & b
    return a.circuit.boolean_sum([a, b, both], (1.0, 1.0, -2.0)), both


def full_adder(a: Any, b: Any, carry: Any, cells: str = "xor") -> tuple[Any, Any]:
    """Sum and carry of two or three bits, of two half adders and an ``or``, or of nine nands; ``carry`` may be ``None``."""
    if carry is None:
        return half_adder(a, b, cells)
    if cells == "nand":
        half, first = _nand_sum(a, b)
        total, second = _nand_sum(half, carry)
        return total, a.circuit.apply("nand", first, second)
    half, first = half_adder(a, b)
    total, second = half_adder(half, carry)
    return total, first | second


def carry_of(a: Any, b: Any, carry: Any, cells: str = "xor") -> Any:
    """Carry of two or three bits whose sum is not needed."""
    if carry is None:
        return a & b
    half, first = half_adder(a, b, cells)
    return first | (half & carry)


def _nand_sum(a: Any, b: Any) -> tuple[Any, Any]:
    """Exclusive or of four nands, and the first of them, which is the inverted carry."""

    def nand(x: Any, y: Any) -> Any:
        return x.circuit.apply("nand", x, y)

    both = nand(a, b)
    return nand(nand(a, both), nand(b, both)), both
