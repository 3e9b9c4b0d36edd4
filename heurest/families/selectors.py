"""Circuits that select: decoders, priority encoders, barrel shifters."""

from __future__ import annotations

from typing import Any

import numpy as np

from heurest.circuit.circuit import Circuit
from heurest.circuit.wires import Wires
from heurest.families.logic_parts import InputProbability, input_bits, together, tree
from heurest.families.parameters import choice, whole_number

__all__ = ["barrel_shifter", "decoder", "priority_encoder"]

_MOST_DECODED = 20  # a million lines


def decoder(bits: int = 3, *, p: InputProbability = 0.5) -> Circuit:
    """Make a decoder: of its lines exactly the one is 1 whose number stands at the inputs.

    The lines of the lower and of the upper half of the bits are made first, and every line of all is the ``and`` of two of
    those. With fair bits each line has probability ``2**-bits``.

    Args:
        bits: Bits of the number, from 1 to 20.
        p: Probability that an input bit is 1, or one for each input.

    Returns:
        An unfrozen circuit with inputs ``x[i]``, least significant first, and outputs ``line[0]`` to ``line[2**bits - 1]``.

    Raises:
        CircuitError: A parameter is out of range.

    Cost:
        About ``2**bits`` wires; no step of the interpreter per line.

    Examples:
        >>> import heurest as hr
        >>> hr.Mean().estimate(decoder(2, p=0.25)).value
        {'line[0]': 0.5625, 'line[1]': 0.1875, 'line[2]': 0.1875, 'line[3]': 0.0625}
    """
    width = whole_number("decoder: bits", bits, 1, _MOST_DECODED)
    circuit = Circuit(f"decoder/{width}")
    (x,) = input_bits(circuit, "decoder", p, x=width)
    circuit.output("line", _lines(x))
    return circuit


def priority_encoder(inputs: int = 8, *, p: InputProbability = 0.5) -> Circuit:
    """Make a priority encoder: the number of the highest input that is 1, and whether there is one.

    The lower a request stands, the rarer it is served: under a fair law input i is the highest with probability
    ``2**(i - inputs)``.

    Args:
        inputs: Number of inputs, at least 2.
        p: Probability that an input bit is 1, or one for each input.

    Returns:
        An unfrozen circuit with inputs ``x[i]`` and outputs ``index[0]``, ..., least significant first, and ``valid``. Where no
        input is 1 the number is 0 and ``valid`` is 0.

    Raises:
        CircuitError: A parameter is out of range.

    Cost:
        About ``3 + log2(inputs)`` wires an input.

    Examples:
        >>> import heurest as hr
        >>> hr.exact(priority_encoder(4)).value  # 12, 10 and 15 of 16 settings
        {'index[0]': 0.625, 'index[1]': 0.75, 'valid': 0.9375}
    """
    count = whole_number("priority_encoder: inputs", inputs, 2)
    circuit = Circuit(f"priority-encoder/{count}")
    (x,) = input_bits(circuit, "priority_encoder", p, x=count)
    served = {count - 1: x[-1]}
    quiet: Any = ~x[-1]  # no request so far, from the top down
    for i in range(count - 2, 0, -1):
        served[i] = x[i] & quiet
        quiet = quiet & ~x[i]
    index = [tree([wire for i, wire in sorted(served.items()) if i >> place & 1], _or) for place in range((count - 1).bit_length())]
    circuit.output("index", together(index))
    circuit.output("valid", ~(quiet & ~x[0]))
    return circuit


def barrel_shifter(bits: int = 8, *, kind: str = "rotate", p: InputProbability = 0.5) -> Circuit:
    """Make a barrel shifter: a word rotated or shifted towards its high bits by a number of places.

    Stage j moves the word by ``2**j`` places where bit j of the amount is 1, with a multiplexer for every bit.

    Args:
        bits: Bits of the word, at least 2.
        kind: ``rotate``, where bits that leave at the top come in below (amounts count modulo ``bits``), or ``shift``, where zeros
            come in.
        p: Probability that an input bit is 1, or one for each input, those of the word first.

    Returns:
        An unfrozen circuit with inputs ``x[i]`` and ``amount[j]``, the latter as many as numbers below ``bits`` need, and outputs
        ``y[i]``; least significant bits first.

    Raises:
        CircuitError: A parameter is out of range.

    Cost:
        Three wires a bit and stage; no step of the interpreter per bit.

    Examples:
        >>> barrel_shifter(8)  # 3 * 8 * 3 wires
        <Circuit 'barrel-shifter/8': 11 inputs, 72 gates, 8 outputs>
    """
    width = whole_number("barrel_shifter: bits", bits, 2)
    style = choice("barrel_shifter: kind", kind, ("rotate", "shift"))
    circuit = Circuit(f"barrel-shifter/{width}" if style == "rotate" else f"barrel-shifter/{width}/{style}")
    x, amount = input_bits(circuit, "barrel_shifter", p, x=width, amount=(width - 1).bit_length())
    word: Any = together(x)
    for stage, select in enumerate(amount):
        places = 1 << stage
        moved = Wires(circuit, np.roll(word.index, places))
        if style == "rotate":
            word = circuit.mux(select, moved, word)
        else:
            low, high = ~select & word[:places], circuit.mux(select, moved[places:], word[places:])
            word = Wires(circuit, np.concatenate([low.index, high.index]))
    circuit.output("y", word)
    return circuit


def _lines(bits: list[Any]) -> Wires:
    """A wire for each number, which is 1 where the bits are that number's."""
    if len(bits) == 1:
        return together([~bits[0], bits[0]])
    half = len(bits) // 2
    low, high = _lines(bits[:half]), _lines(bits[half:])
    lines: Wires = (low.reshape(1, -1) & high.reshape(-1, 1)).reshape(-1)
    return lines


def _or(a: Any, b: Any) -> Any:
    return a | b
