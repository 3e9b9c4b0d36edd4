"""Texts made safe for SVG, HTML and DOT."""

from __future__ import annotations

import re
from html import escape

# What XML 1.0 forbids, and halves of surrogate pairs, which UTF-8 cannot hold.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def xml_text(text: str) -> str:
    """The text for the inside of an element or a quoted attribute, in XML and in HTML.

    Examples:
        >>> xml_text('a<b & "c"')
        'a&lt;b &amp; &quot;c&quot;'
    """
    return escape(_FORBIDDEN.sub("\ufffd", text))


def dot_text(text: str) -> str:
    r"""The text as a quoted DOT string, drawn letter for letter: Graphviz itself reads backslashes and HTML entities.

    Examples:
        >>> print(dot_text('say "a&b"'))
        "say \"a&amp;b\""
    """
    literal = _FORBIDDEN.sub("\ufffd", text).replace("\r\n", "\n").replace("\r", "\n").replace("&", "&amp;")
    return '"' + literal.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
