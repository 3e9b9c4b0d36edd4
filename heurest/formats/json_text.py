"""Strict JSON with errors that name the line: no repeated keys, no NaN or Infinity."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NoReturn

from heurest.errors import FormatError
from heurest.formats.messages import at_line, format_error, shown, shown_text

Path = tuple[str | int, ...]

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}:,]|[^\s"\[\]{}:,]+')
_NOT_JSON = frozenset(("NaN", "Infinity", "-Infinity"))
_MANY_DIGITS = 4300  # Python converts no longer decimal integers
_MANY_LEVELS = 50


class _RefusedError(Exception):
    """The text is JSON to Python, not to us."""


def parse_json(text: str, source: str) -> Any:
    r"""Return what a JSON text holds.

    Args:
        text: The whole text.
        source: What messages call it, usually the file.

    Raises:
        FormatError: It is not JSON, repeats a key in one object, holds NaN or an infinity, an integer of over 4300 digits, or brackets
            nested beyond Python's recursion limit.

    Cost:
        That of the json module, about 50 MB/s; on an error up to ten times as much, to find the line.

    Examples:
        >>> parse_json('{"a": 1,\n "a": 2}', "demo.json")
        Traceback (most recent call last):
            ...
        heurest.errors.FormatError: demo.json, line 2: expected keys without repetition, found "a" again
    """
    try:
        return json.loads(text, object_pairs_hook=_without_repetition, parse_constant=_refuse)
    except json.JSONDecodeError as error:
        raise _syntax_error(error, source) from None
    except (_RefusedError, RecursionError, ValueError):
        raise _located_error(text, source) from None


def line_of(text: str, path: Path) -> int | None:
    r"""Return the line, from 1, where a value of a JSON text starts; None where nothing has that path.

    Examples:
        >>> line_of('{"wires": [\n["input", 0],\n["input", 1]]}', ("wires", 1))
        3
    """
    for place in _places(text):
        if place.path == path:
            return _line(text, place.start)
    return None


def quoted(text: str) -> str:
    """A string as JSON, letters beyond ASCII kept."""
    return json.dumps(text, ensure_ascii=False)


def _without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise _RefusedError
    return result


def _refuse(literal: str) -> NoReturn:
    raise _RefusedError(literal)


def _syntax_error(error: json.JSONDecodeError, source: str) -> FormatError:
    rest = error.doc[error.pos : error.pos + 40].splitlines()
    found = shown_text(rest[0]) if rest and error.doc[error.pos :].strip() else "the end of the text"
    expected = {
        "Expecting value": "a value",
        "Extra data": "the end of the text",
    }.get(error.msg, error.msg.replace("Expecting ", "") if error.msg.startswith("Expecting ") else f"valid JSON ({error.msg.lower()})")
    return format_error(f"{source}, line {error.lineno}, column {error.colno}", expected, found)


def _located_error(text: str, source: str) -> FormatError:
    depth = 0
    for match in _TOKEN.finditer(text):
        token = match[0]
        depth += (token in "[{") - (token in "]}")
        complaint = None
        if token in _NOT_JSON:
            complaint = "finite numbers", token
        elif len(token) > _MANY_DIGITS and token.lstrip("-").isdigit():
            complaint = f"integers of at most {_MANY_DIGITS} digits", f"one of {len(token)}"
        elif depth > _MANY_LEVELS:
            complaint = f"at most {_MANY_LEVELS} brackets inside each other", "more"
        if complaint is not None:
            return format_error(at_line(source, _line(text, match.start())), *complaint)
    for place in _places(text):
        if place.repeated:
            return format_error(at_line(source, _line(text, place.start)), "keys without repetition", f"{shown(place.path[-1])} again")
    return format_error(source, "JSON that Python can read", "numbers or brackets beyond its limits")


def _line(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1


@dataclass
class _Bracket:
    """An object or array that is open: the key or index reached, and the keys so far."""

    is_object: bool
    key: str | int = 0
    key_comes: bool = False
    keys: set[str | int] = field(default_factory=set)


@dataclass(frozen=True)
class _Place:
    """A key or a value and where it starts."""

    path: Path
    start: int
    repeated: bool = False


def _places(text: str) -> Iterator[_Place]:
    """Every key and value of a text that is JSON at least as far as the caller reads."""
    stack: list[_Bracket] = []
    for match in _TOKEN.finditer(text):
        token = match[0]
        top = stack[-1] if stack else None
        if token in "]}" and stack:
            stack.pop()
        elif token == "," and top is not None:
            top.key_comes = top.is_object
            if isinstance(top.key, int):
                top.key += 1
        elif token != ":":
            if top is not None and top.key_comes:
                if token[0] != '"':
                    return
                top.key, top.key_comes = json.loads(token), False
                repeated = top.key in top.keys
                top.keys.add(top.key)
                yield _Place(tuple(bracket.key for bracket in stack), match.start(), repeated)
                continue
            yield _Place(tuple(bracket.key for bracket in stack), match.start())
            if token in "[{":
                stack.append(_Bracket(token == "{", "" if token == "{" else 0, token == "{"))
