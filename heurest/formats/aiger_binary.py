"""The bytes of a binary AIGER file: lines of text before and after ANDs that are coded as differences of literals.

Left-hand sides are numbered on from the inputs and latches without gaps, so only ``lhs - first operand`` and
``first operand - second operand`` are kept, each in groups of seven bits, the lowest group first; the top bit of a byte says that
another group follows.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from heurest.errors import FormatError
from heurest.formats.aiger_graph import AigerGraph
from heurest.formats.aiger_header import Header, read_header, read_latches, read_numbers, read_symbols
from heurest.formats.messages import format_error

IntArray = NDArray[np.int64]

#: A file may have this many inputs more than it has bytes; each takes memory, and the file need not mention it.
SPARE_INPUTS = 100_000

_MORE = 0x80  # the bit of a byte that says that another group follows
_LONGEST = 9  # groups of seven bits that fit an int64


def read_binary(data: bytes, source: str) -> AigerGraph:
    r"""Return the literals and symbols of a binary AIGER file.

    Args:
        data: The file.
        source: What messages call it; bytes that they name are counted from 0.

    Raises:
        FormatError: A line or a byte is not what the header promises.

    Cost:
        About 0.2 microseconds and 100 bytes an AND.

    Examples:
        >>> read_binary(b"aig 3 2 0 1 1\n6\n\x01\x03i0 carry\n", "half.aig").operands
        array([[5, 2]])
    """
    header = read_header(data, source)
    bytes_ = np.frombuffer(data, dtype=np.uint8)
    start = data.find(b"\n") + 1 or len(data)
    if header.inputs > len(data) + SPARE_INPUTS:
        expected = f"at most {len(data) + SPARE_INPUTS} inputs in a file of {len(data)} bytes"
        raise header.error(1, expected, f"{header.inputs} inputs")
    num_lines = header.latches + header.outputs
    if num_lines > len(data) - start:
        raise header.error(2, f"a line for each of {header.latches} latches and {header.outputs} outputs", f"{len(data) - start} bytes")
    arrays, line = [], 2
    for what, count in (("latch", header.latches), ("output", header.outputs)):
        stop = _lines_end(bytes_, start, count)
        if stop < 0:
            found = int((bytes_[start:] == ord("\n")).sum())
            raise header.error(line + found, f"{what} {found + 1} of {count}", "the end of the file")
        block = data[start:stop]
        arrays.append(read_latches(block, count, 1, line, header) if what == "latch" else read_numbers(block, count, 1, what, line, header))
        start, line = stop, line + count
    states = 2 * (header.inputs + 1 + np.arange(header.latches))
    latches = np.column_stack([states, arrays[0]])
    ands = 2 * (header.inputs + header.latches + 1 + np.arange(_within(header, len(data) - start, start)))
    operands, stop = _operands(bytes_, start, ands, source)
    symbols = read_symbols(data[stop:], header, lambda k, offset: f"{source}, byte {stop + offset}")
    return AigerGraph(header, 2 * np.arange(1, header.inputs + 1), latches, arrays[1][:, 0], ands, operands, symbols)


def encoded_deltas(deltas: IntArray) -> bytes:
    r"""The numbers in groups of seven bits, end to end.

    Examples:
        >>> encoded_deltas(np.array([5, 300]))
        b'\x05\xac\x02'
    """
    sizes = np.ones(deltas.size, dtype=np.int64)
    for k in range(1, _LONGEST):
        sizes += deltas >> 7 * k > 0
    stops = np.cumsum(sizes)
    coded = np.empty(int(stops[-1]) if stops.size else 0, dtype=np.uint8)
    for k in range(int(sizes.max(initial=0))):
        has = sizes > k
        more = np.where(sizes[has] > k + 1, _MORE, 0)
        coded[(stops - sizes)[has] + k] = (deltas[has] >> 7 * k & 0x7F) | more
    return coded.tobytes()


def _lines_end(bytes_: NDArray[np.uint8], start: int, count: int) -> int:
    """Where the line after ``count`` lines starts; -1 if there are not so many."""
    reach, ends = 16 * count, np.empty(0, dtype=np.int64)
    while count:
        ends = np.flatnonzero(bytes_[start : start + reach] == ord("\n"))
        if ends.size >= count:
            return start + int(ends[count - 1]) + 1
        if start + reach >= bytes_.size:
            return -1
        reach *= 4
    return start


def _within(header: Header, room: int, start: int) -> int:
    """The number of ANDs, which have room for two bytes each."""
    if 2 * header.ands > room:
        raise format_error(f"{header.source}, byte {start}", f"{header.ands} ANDs of at least 2 bytes each", f"{room} bytes")
    return header.ands


def _operands(bytes_: NDArray[np.uint8], start: int, ands: IntArray, source: str) -> tuple[IntArray, int]:
    """The operands of the ANDs from byte ``start`` on, shape ``(A, 2)``, and where they end."""
    wanted = 2 * ands.size
    ends = np.flatnonzero(bytes_[start:] < _MORE)[:wanted] + start
    starts = np.append(start, ends + 1)
    sizes = np.diff(starts)
    if sizes.max(initial=0) > _LONGEST:
        k = int((sizes > _LONGEST).argmax())
        raise _at(source, int(starts[k]), ands, k, f"at most {_LONGEST} bytes", f"{int(sizes[k])} bytes")
    if ends.size < wanted:
        raise _at(source, bytes_.size, ands, ends.size, "a number", "the end of the file")
    starts = starts[:-1]
    deltas = (bytes_[starts] & 0x7F).astype(np.int64)
    longer = np.arange(wanted)
    for k in range(1, int(sizes.max(initial=0))):
        longer = longer[sizes[longer] > k]
        deltas[longer] |= (bytes_[starts[longer] + k] & 0x7F).astype(np.int64) << 7 * k
    pairs = deltas.reshape(-1, 2)
    operands = ands[:, np.newaxis] - np.cumsum(pairs, axis=1)
    wrong = np.column_stack([(pairs[:, 0] < 1) | (pairs[:, 0] > ands), pairs[:, 1] > ands - pairs[:, 0]]).reshape(-1)
    if wrong.any():
        k = int(wrong.argmax())
        top = int(ands[k // 2]) - (int(deltas[k - 1]) if k % 2 else 0)
        raise _at(source, int(starts[k]), ands, k, f"a number from {1 - k % 2} to {top}", str(int(deltas[k])))
    return operands, int(ends[-1]) + 1 if wanted else start


def _at(source: str, byte: int, ands: IntArray, k: int, expected: str, found: str) -> FormatError:
    """The error for the k-th difference."""
    which = "second" if k % 2 else "first"
    return format_error(f"{source}, byte {byte}", f"{expected} as {which} difference of AND {k // 2 + 1} of {ands.size}", found)
