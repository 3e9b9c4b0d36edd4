"""The lines of a netlist as text: any line ends, comments of any encoding taken out, the rest UTF-8 without control characters."""

from __future__ import annotations

import re

from heurest.errors import FormatError
from heurest.formats.messages import at_line, decoded, format_error

_COMMENT = re.compile(rb"#[^\n]*")
_BYTE_ORDER_MARKS = (b"\xff\xfe", b"\xfe\xff")


def netlist_lines(data: bytes, source: str) -> list[str]:
    r"""Return the lines of a netlist in which ``#`` starts a comment, from line 1 on; comments leave empty lines.

    Args:
        data: The file.
        source: What messages call it.

    Raises:
        FormatError: A byte is not UTF-8, or a character is neither printable nor a blank.

    Cost:
        A few copies of the file.

    Examples:
        >>> netlist_lines(b"INPUT(a)  # caf\xe9\r\n", "demo.bench")
        ['INPUT(a)  ', '']
    """
    if data.startswith(_BYTE_ORDER_MARKS):
        raise format_error(at_line(source, 1), "UTF-8 text", "UTF-16 text")
    data = data.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    text = decoded(_COMMENT.sub(b"", data), source).replace("\t", " ")
    lines = text.split("\n")
    if not all(map(str.isprintable, lines)):
        number, line = next((number, line) for number, line in enumerate(lines, start=1) if not line.isprintable())
        character = next(character for character in line if not character.isprintable())
        raise format_error(at_line(source, number), "printable text", f"the character U+{ord(character):04X}")
    return lines


def at(source: str, line: int, expected: str, found: str) -> FormatError:
    """The error for a line of a netlist."""
    return format_error(at_line(source, line), expected, found)
