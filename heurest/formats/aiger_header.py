"""What ASCII and binary AIGER share: the header, lines of numbers, symbols."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from heurest.errors import FormatError
from heurest.formats.messages import format_error, shown, shown_text

IntArray = NDArray[np.int64]

_MAX_DIGITS = 18  # more may not fit an int64
_LONGEST_LINE = 200  # longer than any header
_HEADER = re.compile(rb"(aag|aig)((?: [0-9]{1,%d}){5,9})" % _MAX_DIGITS)
_SYMBOL = re.compile(rb"([ilobcjf])([0-9]{1,18}) (.+)", re.DOTALL)
_WITHOUT_RESET = {1: re.compile(rb"^([0-9]+)$", re.MULTILINE), 2: re.compile(rb"^([0-9]+ [0-9]+)$", re.MULTILINE)}

Symbols = dict[str, dict[int, str]]


@dataclass(frozen=True)
class Header:
    """The first line of a file, and what is the same in both kinds of file.

    Attributes:
        source: What messages call the file.
        binary: Whether the ANDs are coded in bytes.
        largest: The largest variable.
        inputs: How many inputs there are.
        latches: How many latches.
        outputs: How many outputs.
        ands: How many ANDs.
    """

    source: str
    binary: bool
    largest: int
    inputs: int
    latches: int
    outputs: int
    ands: int

    def error(self, line: int, expected: str, found: object) -> FormatError:
        """The error for a line."""
        return format_error(f"{self.source}, line {line}", expected, str(found))


def read_header(data: bytes, source: str) -> Header:
    """Return the header of a file.

    Raises:
        FormatError: It is none, has properties, or its numbers contradict each other.

    Examples:
        >>> read_header(b"aag 3 2 0 1 1", "half.aag").outputs
        1
    """
    line = data[:_LONGEST_LINE].split(b"\n", 1)[0]
    match = _HEADER.fullmatch(line)
    where = f"{source}, line 1"
    if match is None:
        expected = "the header 'aag M I L O A' (binary: 'aig M I L O A') of five numbers"
        copied = " and a carriage return, as if it had been copied as text" if line.endswith(b"\r") else ""
        raise format_error(where, expected, f"{line_text(line)}{copied}" if line else "an empty line")
    counts = [int(part) for part in match[2].split()]
    largest, inputs, latches, outputs, ands = counts[:5]
    binary = match[1] == b"aig"
    if any(counts[5:]):
        raise format_error(where, "a circuit without properties (B, C, J, F all 0)", line_text(line))
    defined = f"{inputs} inputs + {f'{latches} latches + ' if latches else ''}{ands} ANDs"
    if binary and largest != inputs + latches + ands:
        raise format_error(where, f"a largest variable of {defined}, as a binary file numbers them without gaps", line_text(line))
    if largest < inputs + latches + ands:
        raise format_error(where, f"a largest variable of at least {defined}", line_text(line))
    return Header(source, binary, largest, inputs, latches, outputs, ands)


def read_numbers(block: bytes, count: int, width: int, what: str, line: int, header: Header) -> IntArray:
    """Return the numbers of ``count`` lines of ``width`` numbers each, the first of which is line ``line``; shape ``(count, width)``.

    Raises:
        FormatError: A line does not hold so many numbers, with single spaces between.
    """
    return _numbers(block, count, width, what, line, header, "a number" if width == 1 else f"{width} numbers")


def read_latches(block: bytes, count: int, width: int, line: int, header: Header) -> IntArray:
    """As `read_numbers` for latches, whose reset value may be left out; shape ``(count, width + 1)``, the reset value last.

    Raises:
        FormatError: A line does not hold so many numbers, with single spaces between.
    """
    block = _WITHOUT_RESET[width].sub(rb"\1 0", block)
    numbers = "a number and perhaps a reset value" if width == 1 else "2 numbers and perhaps a reset value"
    return _numbers(block, count, width + 1, "latch", line, header, numbers)


def _numbers(block: bytes, count: int, width: int, what: str, line: int, header: Header, expected: str) -> IntArray:
    if count == 0:
        return np.empty((0, width), dtype=np.int64)
    bytes_ = np.frombuffer(block, dtype=np.uint8)
    separators = np.flatnonzero((bytes_ < ord("0")) | (bytes_ > ord("9")))
    pattern = np.full(width, ord(" "), dtype=np.uint8)
    pattern[-1] = ord("\n")
    if separators.size == count * width and (bytes_[separators].reshape(count, width) == pattern).all():
        lengths = np.diff(separators, prepend=-1) - 1
        if lengths.min() >= 1 and lengths.max() <= _MAX_DIGITS:
            return np.fromstring(block, dtype=np.int64, sep=" ").reshape(count, width)
    proper = re.compile(rb" ".join([rb"[0-9]{1,%d}" % _MAX_DIGITS] * width))
    wrong, text = next((k, text) for k, text in enumerate(block.split(b"\n")) if not proper.fullmatch(text))
    found = line_text(text) if text else "an empty line"
    raise header.error(line + wrong, f"{what} {wrong + 1} of {count}, {expected} with single spaces between", found)


def read_symbols(rest: bytes, header: Header, place: Callable[[int, int], str]) -> Symbols:
    """Return the names of inputs, latches and outputs by kind (``i``, ``l``, ``o``) and position.

    Args:
        rest: The end of the file; a line ``c`` starts the comments, which nobody reads.
        header: What may have a name.
        place: What messages call line ``k`` of the rest, which starts at byte ``start`` of it.

    Raises:
        FormatError: A line is no symbol, or a symbol is wrong.
    """
    counts = {"i": header.inputs, "l": header.latches, "o": header.outputs}
    names: Symbols = {kind: {} for kind in counts}
    for number, (start, text) in enumerate(_lines(rest)):
        if text == b"c":
            break
        if not text.strip():
            continue
        match = _SYMBOL.fullmatch(text)
        where = place(number, start)
        if match is None:
            rule = "a symbol such as 'i0 name' or a line 'c' before comments, as all that the header counts stands above"
            raise format_error(where, rule, line_text(text))
        kind, position = match[1].decode(), int(match[2])
        if position >= counts.get(kind, 0):
            raise format_error(where, _allowed(counts), line_text(text))
        if position in names[kind]:
            raise format_error(where, f"one symbol for {kind}{position}", f"another: {line_text(text)}")
        try:
            name = match[3].decode("ascii")
        except UnicodeDecodeError as error:
            raise format_error(where, "a name in ASCII", f"byte 0x{match[3][error.start]:02x}") from None
        if not name.isprintable():
            raise format_error(where, "a name of printable characters", shown(name))
        names[kind][position] = name
    return names


def _lines(text: bytes) -> Iterator[tuple[int, bytes]]:
    """Each line with its start; one at a time, as comments may be long."""
    start = 0
    while start < len(text):
        end = text.find(b"\n", start)
        end = len(text) if end < 0 else end
        yield start, text[start:end]
        start = end + 1


def _allowed(counts: dict[str, int]) -> str:
    ranges = [f"{kind}0 to {kind}{count - 1}" for kind, count in counts.items() if count]
    return f"a symbol of {' or '.join(ranges)}" if ranges else "no symbols, as there are neither inputs nor outputs"


def line_text(line: bytes) -> str:
    """A line as messages show it."""
    return shown_text(line[:_LONGEST_LINE].decode("ascii", "backslashreplace"))
