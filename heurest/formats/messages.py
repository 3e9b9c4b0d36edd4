"""How readers say what is wrong: where, what was expected, what stands there; always one line."""

from __future__ import annotations

import json
from typing import Any

from heurest.errors import FormatError

_LONGEST = 60


def format_error(where: str, expected: str, found: str) -> FormatError:
    """The error for a place in a file, such as ``"demo.json, line 3"``."""
    return FormatError(f"{where}: expected {expected}, found {found}")


def at_line(source: str, line: int | None) -> str:
    """A place in a file; without a line, the file alone."""
    return source if line is None else f"{source}, line {line}"


def shown(value: Any) -> str:
    """A value as JSON writes it: short, on one line, whatever it is."""
    if isinstance(value, int) and value.bit_length() > 100:
        return f"an integer of {value.bit_length()} bits"
    if value is None or isinstance(value, (bool, int, float, str)):
        return shortened(json.dumps(value))
    if isinstance(value, dict):
        return f"an object with {len(value)} {'field' if len(value) == 1 else 'fields'}"
    if not isinstance(value, (list, tuple)):
        return f"a {type(value).__name__}"
    if len(value) <= 6 and not any(isinstance(part, (list, tuple, dict)) for part in value):
        return shortened("[" + ", ".join(shown(part) for part in value) + "]")
    return f"a list of {len(value)}"


def shown_text(text: str) -> str:
    """A piece of a file in quotes, short and without control characters."""
    return shortened(repr(text.strip()[: 2 * _LONGEST]))


def shortened(text: str) -> str:
    """The text, or its beginning and an ellipsis."""
    return text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."


def decoded(data: bytes, source: str) -> str:
    """The text of a UTF-8 file.

    Raises:
        FormatError: A byte is not UTF-8; names its line.
    """
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise format_error(at_line(source, line), "UTF-8 text", f"byte 0x{data[error.start]:02x}") from None
