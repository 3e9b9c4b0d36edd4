"""Lines of values in JSON text, however it is laid out."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heurest.errors import FormatError
from heurest.formats.json_text import line_of, parse_json, quoted
from support.same_circuit import read_or_refused

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
)


def laid_out(value: Any, path: tuple[str | int, ...], lines: dict[tuple[str | int, ...], int], count: int) -> tuple[str, int]:
    """The value with a line break before every part, and the line on which each part starts."""
    lines[path] = count
    if isinstance(value, (list, dict)):
        text = "[" if isinstance(value, list) else "{"
        pairs = list(enumerate(value)) if isinstance(value, list) else list(value.items())
        for number, (key, part) in enumerate(pairs):
            text += ("," if number else "") + "\n"
            text += "" if isinstance(value, list) else json.dumps(key) + ": "
            inner, count = laid_out(part, (*path, key), lines, count + 1)
            text += inner
        return text + ("]" if isinstance(value, list) else "}"), count
    return json.dumps(value), count


@given(VALUES)
def test_every_value_is_found_on_its_line(value):
    lines: dict[tuple[str | int, ...], int] = {}
    text, _ = laid_out(value, (), lines, 1)
    assert parse_json(text, "text") == value
    assert {path: line_of(text, path) for path in lines} == lines


def test_what_is_not_there_has_no_line():
    assert line_of('{"a": [1, 2]}', ("a", 2)) is None
    assert line_of('{"a": [1, 2]}', ("b",)) is None


@given(st.text())
def test_any_text_is_json_to_python_too_or_refused(text):
    value = read_or_refused(parse_json, text, "text")
    assert value is None or value == json.loads(text)


def test_repetition_is_found_in_the_innermost_object():
    with pytest.raises(FormatError, match=r'^f, line 3: expected keys without repetition, found "b" again$'):
        parse_json('{"a": [{"b": 1},\n{"b": 1,\n"b": 2}]}', "f")


def test_quoting_keeps_letters():
    assert quoted('é"\\') == '"é\\"\\\\"'
