"""The lines of an ASCII AIGER file: header, blocks of numbers, symbols; what the numbers mean is up to `aiger_graph`."""

from __future__ import annotations

import numpy as np

from heurest.formats.aiger_graph import AigerGraph
from heurest.formats.aiger_header import read_header, read_latches, read_numbers, read_symbols


def read_text(data: bytes, source: str) -> AigerGraph:
    r"""Return the numbers and symbols of an ASCII AIGER file.

    Args:
        data: The file.
        source: What messages call it.

    Raises:
        FormatError: A line is not what the header promises.

    Cost:
        About 0.3 microseconds a number.

    Examples:
        >>> read_text(b"aag 3 2 0 1 1\n2\n4\n6\n6 2 5\ni0 carry\n", "half.aag").operands
        array([[2, 5]])
    """
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n")
    if not data.endswith(b"\n"):
        data += b"\n"
    header = read_header(data, source)
    ends = np.flatnonzero(np.frombuffer(data, dtype=np.uint8) == ord("\n"))
    arrays, line = [], 1
    for what, count, width in (
        ("input", header.inputs, 1),
        ("latch", header.latches, 2),
        ("output", header.outputs, 1),
        ("AND", header.ands, 3),
    ):
        if line + count > ends.size:
            missing = ends.size - line + 1
            raise header.error(ends.size + 1, f"{what} {missing} of {count}", "the end of the file")
        block = data[int(ends[line - 1]) + 1 : int(ends[line + count - 1]) + 1]
        read = (
            read_latches(block, count, width, line + 1, header)
            if what == "latch"
            else read_numbers(block, count, width, what, line + 1, header)
        )
        arrays.append(read)
        line += count
    inputs, latches, outputs, ands = arrays
    symbols = read_symbols(data[int(ends[line - 1]) + 1 :], header, lambda k, start: f"{source}, line {line + 1 + k}")
    return AigerGraph(header, inputs[:, 0], latches, outputs[:, 0], ands[:, 0], ands[:, 1:], symbols)
