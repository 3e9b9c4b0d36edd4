"""Mixers: rounds of rotations, ands and exclusive ors that scatter every input bit over all output bits, as a hash does."""

from __future__ import annotations

from typing import Any

import numpy as np

from heurest.circuit.circuit import Circuit
from heurest.circuit.wires import Wires
from heurest.families.logic_parts import InputProbability, input_bits, together
from heurest.families.parameters import whole_number

__all__ = ["mixer"]


def mixer(bits: int = 4, rounds: int = 3, *, p: InputProbability = 0.5) -> Circuit:
    r"""Make a mixer of two words: in each round the left one becomes the right one, the right one left and a function of right.

    Round r takes :math:`(l, w)` to :math:`(w, l \oplus f(w))` with
    :math:`f(w) = (w \lll 1 \land w \lll s) \oplus w \lll 2`, :math:`s = \lfloor \text{bits} / 2 \rfloor + 1` and bit r modulo
    ``bits`` inverted, which tells the rounds and the places of a word apart. A round can be undone, so settings of the inputs
    and of the outputs are one to one: fair inputs give fair outputs. Biased ones come nearer to 1/2, the more so the more bits and
    rounds there are. No wire takes part in a shift register.

    Args:
        bits: Bits of each of the two words, at least 3.
        rounds: Number of rounds, at least 1.
        p: Probability that an input bit is 1, or one for each input, the left word's first.

    Returns:
        An unfrozen circuit with inputs ``left[i]`` and ``right[i]`` and outputs of the same names.

    Raises:
        CircuitError: A parameter is out of range.

    Cost:
        Five wires a bit and round; no step of the interpreter per bit.

    Examples:
        >>> import heurest as hr
        >>> set(hr.exact(mixer(4, rounds=5)).value.values())
        {0.5}
    """
    width = whole_number("mixer: bits", bits, 3)
    number = whole_number("mixer: rounds", rounds, 1)
    circuit = Circuit(f"mixer/{width}/{number}")
    words = input_bits(circuit, "mixer", p, left=width, right=width)
    left, right = map(together, words)
    for turn in range(number):
        mixed = left ^ (_rotated(right, 1) & _rotated(right, width // 2 + 1)) ^ _rotated(right, 2)
        place = turn % width
        index = mixed.index.copy()
        index[place] = (~mixed[place]).index
        left, right = right, Wires(circuit, index)
    circuit.output("left", left)
    circuit.output("right", right)
    return circuit


def _rotated(word: Any, places: int) -> Wires:
    """Bit i of the result is bit ``i - places`` of the word, counted around."""
    return Wires(word.circuit, np.roll(word.index, places))
