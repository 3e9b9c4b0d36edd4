"""A scene as one self-contained HTML page: the picture with pan, zoom and search, and tables beside it."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Sequence
from functools import cache
from hashlib import sha256
from importlib.resources import files

from heurest.drawing import colours
from heurest.drawing.request import Request
from heurest.drawing.scene import TOP, Scene
from heurest.drawing.svg import svg_text
from heurest.drawing.symbols import number_text, signed_text, wire_text
from heurest.drawing.text import xml_text


def page_text(scene: Scene, request: Request) -> str:
    """The HTML page of a scene.

    The page loads nothing: a content security policy forbids it, and allows the page's own script and style by their hashes, so
    that a text which slipped through escaping still could not run. All data reach the script as attributes of elements.
    """
    script, style = _source("viewer.js"), _source("viewer.css")
    policy = f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(style)}'"
    title = xml_text(scene.title)
    return "\n".join(
        [
            "<!DOCTYPE html>",
            '<html lang="en">',
            "<head>",
            '<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{title}</title>",
            f"<style>{style}</style>",
            "</head>",
            "<body>",
            '<main id="stage" aria-label="the circuit">',
            svg_text(scene),
            '<div id="zoom"><button type="button" data-zoom="0.7" title="closer">+</button>'
            '<button type="button" data-zoom="1.4" title="further away">−</button>'
            '<button type="button" data-zoom="0" title="the whole picture">whole</button></div>',
            "</main>",
            "<aside>",
            f"<h1>{title}</h1>",
            f"<p>{xml_text(scene.summary)}</p>",
            '<label for="search">Find a wire</label>',
            '<input id="search" type="search" autocomplete="off" spellcheck="false" placeholder="name or #index">',
            '<ul id="found"></ul>',
            '<pre id="details">Hover over a wire for its formula; click it to see what it reads and what reads it. '
            "Drag to move, turn the wheel to zoom.</pre>",
            *_terms(scene, request),
            *_important(request),
            "</aside>",
            f"<script>{script}</script>",
            "</body>",
            "</html>",
            "",
        ]
    )


@cache
def _source(name: str) -> str:
    return (files("heurest.drawing") / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return "sha256-" + b64encode(sha256(text.encode("utf-8")).digest()).decode("ascii")


def _important(request: Request) -> list[str]:
    ranked = sorted(request.importance.items(), key=lambda pair: (-pair[1], pair[0]))
    if not ranked:
        return []
    columns = ("wire", "change of the estimate", *(["label"] if request.labels else []))
    rows = []
    for wire, number in ranked[:TOP]:
        cells = (wire_text(request.circuit, wire), number_text(number, 4), *([request.labels.get(wire, "")] if request.labels else []))
        rows.append((f'data-wire="w{wire}"', cells))
    heading = f"The {TOP} most important wires of {len(ranked):,}" if len(ranked) > TOP else "Importance"
    return _table("wires", heading, columns, rows)


def _terms(scene: Scene, request: Request) -> list[str]:
    if not scene.links:
        return []
    rows = [
        (f'data-link="{place}" data-sign="{_sign(link.term.change)}"', (link.name, signed_text(link.term.change)))
        for place, link in enumerate(scene.links)
    ]
    total = len(request.terms)
    heading = f"The {len(rows)} largest of {total:,} tracked terms" if total > len(rows) else "Tracked terms"
    return _table("terms", heading, ("wires", "change of the estimate"), rows)


def _sign(change: float) -> str:
    return {colours.RAISES: "raises", colours.LOWERS: "lowers", colours.NEITHER: "neither"}[colours.sign_colour(change)]


def _table(name: str, heading: str, columns: Sequence[str], rows: Iterable[tuple[str, Sequence[str]]]) -> list[str]:
    head = "".join(f'<th scope="col">{column}</th>' for column in columns)
    lines = [f"<h2>{xml_text(heading)}</h2>", f'<table id="{name}">', f"<thead><tr>{head}</tr></thead>", "<tbody>"]
    for attributes, cells in rows:
        lines.append(f'<tr tabindex="0" {attributes}>' + "".join(f"<td>{xml_text(cell)}</td>" for cell in cells) + "</tr>")
    return [*lines, "</tbody>", "</table>"]
