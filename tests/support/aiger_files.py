"""AIGER files taken at their word, a Python integer for the values of a literal on many patterns; and generated files."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from hypothesis import strategies as st

import heurest as hr
from support.interpreter import circuit_values

# -- meaning -----------------------------------------------------------------------------------------


class Literals(NamedTuple):
    """The numbers of an ASCII file: inputs; literal and next state of each latch; outputs; operands of each AND by its literal."""

    inputs: list[int]
    latches: list[tuple[int, int]]
    outputs: list[int]
    ands: dict[int, tuple[int, int]]


def parsed(text: str) -> Literals:
    """The numbers of a file that is as it should be."""
    lines = text.splitlines()
    _, *counts = (int(part) for part in lines[0].split()[1:6])
    rows = iter([int(part) for part in line.split()] for line in lines[1 : 1 + sum(counts)])
    inputs, latches, outputs, ands = ([next(rows) for _ in range(count)] for count in counts)
    return Literals(
        [literal for (literal,) in inputs],
        [(literal, following) for literal, following, *_ in latches],
        [literal for (literal,) in outputs],
        {literal: (left, right) for literal, left, right in ands},
    )


def file_words(text: str, words: list[int], width: int) -> list[int]:
    """Values of the outputs and of the next states on ``width`` patterns, from those of the inputs and the latches; bit k is pattern k."""
    file = parsed(text)
    ones = (1 << width) - 1
    free = [*file.inputs, *(literal for literal, _ in file.latches)]
    known = {0: 0, 1: ones}
    for literal, word in zip(free, words, strict=True):
        known[literal], known[literal + 1] = word, word ^ ones
    pending = list(file.ands.items())
    while pending:
        waiting = []
        for literal, (left, right) in pending:
            if left in known and right in known:
                known[literal] = known[left] & known[right]
                known[literal + 1] = known[literal] ^ ones
            else:
                waiting.append((literal, (left, right)))
        assert len(waiting) < len(pending)
        pending = waiting
    return [known[literal] for literal in [*file.outputs, *(following for _, following in file.latches)]]


def circuit_words(circuit: hr.Circuit, words: list[int], width: int) -> list[int]:
    """Values of a circuit's outputs, by the gate table; as `file_words`."""
    bits = np.array([[word >> k & 1 for k in range(width)] for word in words], dtype=float).reshape(-1, width)
    values = circuit_values(circuit, bits)
    assert np.isin(values, (0.0, 1.0)).all()
    return [sum(1 << k for k in np.flatnonzero(values[wire.index]).tolist()) for wire in circuit.outputs.values()]


def patterns(count: int, most: int = 8) -> tuple[list[int], int]:
    """Words of that many inputs, and their width: all patterns of up to ``most`` inputs, else random ones."""
    if count > most:
        width = 1 << most
        generator = random.Random(count)
        return [generator.getrandbits(width) for _ in range(count)], width
    return [sum(1 << k for k in range(1 << count) if k >> i & 1) for i in range(count)], 1 << count


def assert_computes(circuit: hr.Circuit, text: str) -> None:
    """Fail unless a circuit is what an ASCII file says, pattern by pattern."""
    words, width = patterns(len(circuit.inputs))
    assert circuit_words(circuit, words, width) == file_words(text, words, width)


def assert_equivalent(circuit: hr.Circuit, other: hr.Circuit) -> None:
    """Fail unless two circuits have as many inputs and the same outputs, pattern by pattern."""
    words, width = patterns(len(circuit.inputs))
    assert len(other.inputs) == len(circuit.inputs)
    assert list(other.outputs) == list(circuit.outputs)
    assert circuit_words(other, words, width) == circuit_words(circuit, words, width)


def as_binary(text: str) -> bytes:
    """The binary file of an ASCII file whose variables are numbered without gaps and in order."""
    lines = text.splitlines(keepends=True)
    counts = [int(part) for part in lines[0].split()[1:6]]
    _, inputs, latches, outputs, ands = counts
    head = ["aig" + lines[0][3:]]
    head += [line.split(" ", 1)[1] for line in lines[1 + inputs : 1 + inputs + latches]]
    head += lines[1 + inputs + latches : 1 + inputs + latches + outputs]
    coded = bytearray()
    first = 1 + inputs + latches + outputs
    for line in lines[first : first + ands]:
        literal, *operands = (int(part) for part in line.split())
        larger, smaller = max(operands), min(operands)
        for delta in (literal - larger, larger - smaller):
            coded += seven_bits(delta)
    return "".join(head).encode() + bytes(coded) + "".join(lines[first + ands :]).encode()


def seven_bits(number: int) -> bytes:
    """A number as binary files code it."""
    coded = []
    while number > 127:
        coded.append(number % 128 + 128)
        number //= 128
    return bytes([*coded, number])


# -- generated files ---------------------------------------------------------------------------------


@st.composite
def graphs(draw: st.DrawFn, shuffled: bool = True, latches: int = 0) -> str:
    """The text of a graph with constants and repeated operands; if wanted with gaps in the numbering, no order, and latches."""
    num_inputs, num_latches, num_ands = draw(st.integers(0, 4)), draw(st.integers(0, latches)), draw(st.integers(0, 8))
    free, defined = num_inputs + num_latches, num_inputs + num_latches + num_ands
    numbers = draw(st.permutations(range(1, defined + 3)) if shuffled else st.just(range(1, defined + 1)))
    variables = list(numbers[:defined])
    ands = []
    for k in range(num_ands):
        earlier = st.sampled_from([0, *variables[: free + k]])
        literals = [2 * draw(earlier) + draw(st.integers(0, 1)) for _ in range(2)]
        ands.append(f"{2 * variables[free + k]} {literals[0]} {literals[1]}")
    if shuffled:
        ands = draw(st.permutations(ands))
    anything = st.builds(lambda variable, inverted: 2 * variable + inverted, st.sampled_from([0, *variables]), st.integers(0, 1))
    outputs = draw(st.lists(anything, max_size=4))
    states = [2 * variable for variable in variables[num_inputs:free]]
    reset = st.sampled_from(["", " 0", " 1", " {state}"])
    cut = [f"{state} {draw(anything)}" + draw(reset).format(state=state) for state in states]
    body = [*(str(2 * v) for v in variables[:num_inputs]), *cut, *map(str, outputs), *ands]
    largest = max(numbers, default=0)
    return "\n".join([f"aag {largest} {num_inputs} {num_latches} {len(outputs)} {num_ands}", *body]) + "\n"


class Writer:
    """Writes the text of a graph AND by AND."""

    def __init__(self, inputs: int) -> None:
        self.inputs = [2 * k for k in range(1, inputs + 1)]
        self.ands: list[tuple[int, int]] = []

    def conjunction(self, a: int, b: int) -> int:
        """The literal of a new AND."""
        self.ands.append((a, b))
        return 2 * (len(self.inputs) + len(self.ands))

    def text(self, outputs: list[int]) -> str:
        """The file."""
        first = len(self.inputs) + 1
        rows = [f"{2 * (first + k)} {a} {b}" for k, (a, b) in enumerate(self.ands)]
        header = f"aag {len(self.inputs) + len(rows)} {len(self.inputs)} 0 {len(outputs)} {len(rows)}"
        return "\n".join([header, *map(str, self.inputs), *map(str, outputs), *rows]) + "\n"


def multiplexer(writer: Writer, select: int, high: int, low: int) -> int:
    """``high if select else low`` in three ANDs."""
    p, q = writer.conjunction(select, high), writer.conjunction(low, select ^ 1)
    return writer.conjunction(p ^ 1, q ^ 1) ^ 1


def exclusive_or(writer: Writer, a: int, b: int) -> int:
    """``a ^ b`` in three ANDs."""
    return multiplexer(writer, a, b ^ 1, b)


def exclusive_or_of_nands(writer: Writer, a: int, b: int) -> int:
    """``a ^ b`` in four ANDs whose inverses are read."""
    both = writer.conjunction(a, b)
    return writer.conjunction(writer.conjunction(a, both ^ 1) ^ 1, writer.conjunction(both ^ 1, b) ^ 1) ^ 1


@st.composite
def patterned_graphs(draw: st.DrawFn) -> str:
    """Graphs of ANDs, exclusive ors and multiplexers, whose inner ANDs others read too."""
    writer = Writer(draw(st.integers(1, 4)))
    parts: list[tuple[Callable[..., int], int]] = [
        (Writer.conjunction, 2),
        (exclusive_or, 2),
        (exclusive_or_of_nands, 2),
        (multiplexer, 3),
    ]
    for _ in range(draw(st.integers(1, 6))):
        part, fan_in = draw(st.sampled_from(parts))
        known = st.integers(draw(st.sampled_from([0, 2])), 2 * (len(writer.inputs) + len(writer.ands)) + 1)  # seldom a constant
        part(writer, *draw(st.lists(known, min_size=fan_in, max_size=fan_in)))
    last = 2 * (len(writer.inputs) + len(writer.ands)) + 1
    return writer.text(draw(st.lists(st.integers(0, last), min_size=1, max_size=3)))


def random_text(inputs: int, ands: int, seed: int) -> str:
    """A larger graph, exclusive ors and multiplexers among its ANDs, which read an input or a recent AND; most outputs depend on inputs."""
    generator = random.Random(seed)
    writer = Writer(inputs)
    while len(writer.ands) < ands:
        top = inputs + len(writer.ands)
        a, b = (2 * generator.randint(max(1, top - 40), top) + generator.randint(0, 1) for _ in range(2))
        c = generator.choice(writer.inputs)
        kind = generator.randrange(4)
        if kind == 0:
            exclusive_or(writer, a, c)
        elif kind == 1:
            multiplexer(writer, c, a, b)
        else:
            writer.conjunction(a, c + kind - 2)
    top = inputs + len(writer.ands)
    return writer.text([2 * (top - k) + k % 2 for k in range(10)])
