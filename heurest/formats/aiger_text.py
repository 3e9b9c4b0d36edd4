"""The lines of an ASCII AIGER file: header, blocks of numbers, symbols; what the numbers mean is up to `aiger`."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from heurest.formats.messages import format_error, shown, shown_text

IntArray = NDArray[np.int64]

_MAX_DIGITS = 18  # more may not fit an int64
_HEADER = re.compile(rb"aag((?: [0-9]+){5,9})")
_SYMBOL = re.compile(rb"([ilobcjf])([0-9]{1,18}) (.+)", re.DOTALL)


@dataclass(frozen=True, eq=False)
class AigerText:
    """What the lines hold.

    Attributes:
        source: What messages call the file.
        largest: The largest variable, as the header says.
        inputs: Literals of the inputs, shape ``(I,)``.
        outputs: Literals of the outputs, shape ``(O,)``.
        ands: Left-hand side and the two operands of each AND, shape ``(A, 3)``.
        input_names: Symbols of inputs by position.
        output_names: Symbols of outputs by position.
    """

    source: str
    largest: int
    inputs: IntArray
    outputs: IntArray
    ands: IntArray
    input_names: dict[int, str]
    output_names: dict[int, str]

    @property
    def first_output_line(self) -> int:
        """Line of the first output."""
        return 2 + self.inputs.size

    @property
    def first_and_line(self) -> int:
        """Line of the first AND."""
        return 2 + self.inputs.size + self.outputs.size


def read_lines(data: bytes, source: str) -> AigerText:
    r"""Return the numbers and symbols of an ASCII AIGER file.

    Args:
        data: The file.
        source: What messages call it.

    Raises:
        FormatError: A line is not what the header promises.

    Cost:
        About 0.3 microseconds a number.

    Examples:
        >>> read_lines(b"aag 3 2 0 1 1\n2\n4\n6\n6 2 5\ni0 carry\n", "half.aag").ands
        array([[6, 2, 5]])
    """
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n")
    if not data.endswith(b"\n"):
        data += b"\n"
    ends = np.flatnonzero(np.frombuffer(data, dtype=np.uint8) == ord("\n"))
    largest, num_inputs, num_outputs, num_ands = _header(data[: int(ends[0])], source)
    blocks = (("input", num_inputs, 1), ("output", num_outputs, 1), ("AND", num_ands, 3))
    arrays, line = [], 1
    for what, count, width in blocks:
        if line + count > ends.size:
            missing = ends.size - line + 1
            raise format_error(f"{source}, line {ends.size + 1}", f"{what} {missing} of {count}", "the end of the file")
        block = data[int(ends[line - 1]) + 1 : int(ends[line + count - 1]) + 1]
        arrays.append(_numbers(block, count, width, what, line + 1, source))
        line += count
    symbols = _symbols(data[int(ends[line - 1]) + 1 :], line + 1, {"i": num_inputs, "o": num_outputs}, source)
    return AigerText(source, largest, arrays[0][:, 0], arrays[1][:, 0], arrays[2], symbols["i"], symbols["o"])


def _header(line: bytes, source: str) -> tuple[int, int, int, int]:
    """Largest variable and numbers of inputs, outputs and ANDs."""
    where = f"{source}, line 1"
    match = _HEADER.fullmatch(line)
    if match is None or any(len(part) > _MAX_DIGITS for part in match[1].split()):
        expected = "the header 'aag M I L O A' of five numbers"
        if line.startswith(b"aig "):
            raise format_error(where, f"{expected} (ASCII AIGER)", f"{_text(line)} (binary AIGER)")
        raise format_error(where, expected, _text(line) if line else "an empty line")
    counts = [int(part) for part in match[1].split()]
    largest, inputs, latches, outputs, ands = counts[:5]
    if latches:
        raise format_error(where, "a circuit without latches (sequential circuits are not read yet)", _text(line))
    if any(counts[5:]):
        raise format_error(where, "a circuit without properties (B, C, J, F all 0)", _text(line))
    if largest < inputs + ands:
        raise format_error(where, f"a largest variable of at least {inputs} inputs + {ands} ANDs", _text(line))
    return largest, inputs, outputs, ands


def _numbers(block: bytes, count: int, width: int, what: str, line: int, source: str) -> IntArray:
    """The numbers of ``count`` lines of ``width`` numbers each."""
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
    lines = block.split(b"\n")
    wrong = next(k for k, text in enumerate(lines) if not proper.fullmatch(text))
    numbers = "a number" if width == 1 else f"{width} numbers"
    found = _text(lines[wrong]) if lines[wrong] else "an empty line"
    raise format_error(f"{source}, line {line + wrong}", f"{what} {wrong + 1} of {count}, {numbers} with single spaces between", found)


def _symbols(rest: bytes, line: int, counts: dict[str, int], source: str) -> dict[str, dict[int, str]]:
    """Names by kind (``i`` or ``o``) and position; a line ``c`` starts the comments, which nobody reads."""
    names: dict[str, dict[int, str]] = {"i": {}, "o": {}}
    for number, text in enumerate(rest.split(b"\n"), start=line):
        if text == b"c":
            break
        if not text.strip():
            continue
        where = f"{source}, line {number}"
        match = _SYMBOL.fullmatch(text)
        if match is None:
            rule = "a symbol such as 'i0 name' or a line 'c' before comments, as all that the header counts stands above"
            raise format_error(where, rule, _text(text))
        kind, position = match[1].decode(), int(match[2])
        if position >= counts.get(kind, 0):
            raise format_error(where, _allowed(counts), _text(text))
        if position in names[kind]:
            raise format_error(where, f"one symbol for {kind}{position}", f"another: {_text(text)}")
        try:
            name = match[3].decode("ascii")
        except UnicodeDecodeError as error:
            raise format_error(where, "a name in ASCII", f"byte 0x{match[3][error.start]:02x}") from None
        if not name.isprintable():
            raise format_error(where, "a name of printable characters", shown(name))
        names[kind][position] = name
    return names


def _allowed(counts: dict[str, int]) -> str:
    ranges = [f"{kind}0 to {kind}{count - 1}" for kind, count in counts.items() if count]
    return f"a symbol of {' or '.join(ranges)}" if ranges else "no symbols, as there are neither inputs nor outputs"


def _text(line: bytes) -> str:
    return shown_text(line[:200].decode("ascii", "backslashreplace"))
