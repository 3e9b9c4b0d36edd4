"""The public function: a circuit goes in, a picture as text comes out."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from heurest.circuit.law_checks import shown
from heurest.drawing.dot import dot_source
from heurest.drawing.page import page_text
from heurest.drawing.request import Request, checked_request
from heurest.drawing.scene import Scene, scene_of
from heurest.drawing.svg import svg_text
from heurest.drawing.witness import witness_request
from heurest.errors import ArgumentError
from heurest.formats.whole_files import displayed, write_whole

if TYPE_CHECKING:
    from heurest.anomaly.witness import Witness
    from heurest.arguments.argument import Argument
    from heurest.arguments.claims import Claim
    from heurest.arguments.importance import Links
    from heurest.circuit.circuit import Circuit

_WRITERS: dict[str, Callable[[Scene, Request], str]] = {
    "dot": lambda scene, request: dot_source(scene),
    "gv": lambda scene, request: dot_source(scene),
    "svg": lambda scene, request: svg_text(scene),
    "html": page_text,
}
_ENDINGS = ", ".join(f".{name}" for name in list(_WRITERS)[:-1]) + f" or .{list(_WRITERS)[-1]}"


def draw_circuit(
    circuit: Circuit, path: str | os.PathLike[str] | None = None, *, argument: Argument | Iterable[Claim] | None = None,
    witness: Witness | None = None,
    importance: Mapping[int, float] | None = None,
    links: Sequence[tuple[tuple[int, ...], float]] = (), labels: Mapping[int, str] | None = None,
    title: str | None = None, format: str | None = None,
) -> str:  # fmt: skip
    """Draw a circuit as Graphviz DOT text, as SVG or as an HTML page; the last two hold all they need and load nothing.

    Wires run from left to right: each gate stands right of all that it reads, or in a lower band where the picture wraps like a text.
    Up to 600 wires every gate shows its formula. Above, wires are dots, dense layers are bundles, and only the 40 most important wires
    have colour and a name; without importance, the outputs. At most 20,000 edges are drawn, and the 60 tracked terms with the largest
    changes; the legend says what was left out. Constants stand in the formulas of their readers.

    The same circuit and the same numbers give the same text.

    Args:
        circuit: At least one wire, at most 100,000.
        path: Where to write the text as well; a file that exists is replaced, whole or not at all.
        argument: Show this heuristic argument: it gives importance, links and labels where these are not given.
        witness: Show what a verdict of anomaly detection rests on: every wire's value, in orange the wires that lose a term or broke a
            lemma, in blue those that are something else without it. As dots all of these have their colour; names go to 40, orange wires
            and changed outputs first. Not together with an argument or importance.
        importance: For each wire by index, how much what a heuristic argument tracks there matters: a number of at least 0, in units of
            the estimate. From light to dark in one hue, on a scale that is linear, square root or logarithmic as the range asks.
        links: Tracked terms: the indices of their wires, repeats allowed, and by how much each changes the estimate. Dashed orange curves
            raise it, dotted blue ones lower it, the thicker the more; three or more wires meet in a point.
        labels: One more line of text by wire, such as ``"mean 0.25"``, or two with a line break between.
        title: Heading; by default the circuit's name.
        format: ``"dot"``, ``"gv"``, ``"svg"`` or ``"html"``; by default the path's ending decides, and SVG without a path.

    Returns:
        The text, in UTF-8 where it is written.

    Raises:
        ArgumentError: The ending or format is unknown, a claim or witness does not fit the circuit, a wire does not exist, or a number or
            text is not what it has to be.
        CircuitError: It is no circuit, or has no wires.
        IntractableError: The circuit has more than 100,000 wires.
        FormatError: The file cannot be written.

    Cost:
        About linear in wires and drawn edges: 0.1 s for 200 gates, a second and 2 MB for 5,000.

    Examples:
        >>> import heurest as hr
        >>> c = hr.Circuit("demo")
        >>> x = c.input("x", hr.Normal(0, 1))
        >>> c.output("y", x * x + x)
        >>> svg = draw_circuit(c, importance={x.index: 2.0}, links=[((0, 1), -0.5)])
        >>> svg[:4], svg.count('class="wire"')
        ('<svg', 3)
        >>> draw_circuit(c, "demo.png")
        Traceback (most recent call last):
            ...
        heurest.errors.ArgumentError: demo.png: a drawing must end in .dot, .gv, .svg or .html, not '.png'
    """
    write = _writer(path, format)
    if witness is not None:
        if argument is not None or importance is not None:
            raise ArgumentError("a witness is not drawn together with an argument or importance")
        return _written(path, write, witness_request(circuit, witness, links, labels, title))
    if argument is not None:
        weighed, terms, means = _shown_argument(circuit, argument)
        importance, links, labels = importance or weighed, links or terms, labels or means
    return _written(path, write, checked_request(circuit, importance, links, labels, title))


def _written(path: str | os.PathLike[str] | None, write: Callable[[Scene, Request], str], request: Request) -> str:
    text = write(scene_of(request), request)
    if path is not None:
        write_whole(path, text.encode("utf-8"))
    return text


def _shown_argument(circuit: Circuit, argument: Argument | Iterable[Claim]) -> tuple[dict[int, float], Links, dict[int, str]]:
    """How much each wire matters to an argument, its terms, and the estimated mean of every wire."""
    from heurest.arguments.argument import Argument
    from heurest.arguments.estimation import estimate_with
    from heurest.arguments.importance import wire_importance

    argument = argument if isinstance(argument, Argument) else Argument(argument)
    importance, links = wire_importance(argument, circuit)
    mean = estimate_with(circuit, argument).mean.tolist()
    return importance, links, {wire: f"mean {value:.4g}" for wire, value in enumerate(mean) if value == value}


def check_drawing_path(path: str | os.PathLike[str]) -> Path:
    """The path of a drawing that can be written, before any work is done.

    Raises:
        ArgumentError: It is no path, or its ending is unknown.
    """
    _format_of(path)
    return Path(path)


def _writer(path: object, format: object) -> Callable[[Scene, Request], str]:
    """The writer that the format or else the path's ending asks for."""
    if path is not None and format is None:
        return _WRITERS[_format_of(path)]
    if path is not None:
        _name_of(path)
    if format is None:
        return _WRITERS["svg"]
    if not isinstance(format, str) or format not in _WRITERS:
        raise ArgumentError(f"unknown format {shown(format)} of a drawing; known are {', '.join(_WRITERS)}")
    return _WRITERS[format]


def _format_of(path: object) -> str:
    """The format that a path's ending stands for."""
    ending = os.path.splitext(os.path.basename(_name_of(path)))[1]
    if ending[1:].lower() not in _WRITERS:
        raise ArgumentError(f"{displayed(_name_of(path))}: a drawing must end in {_ENDINGS}, not {ending or 'nothing'!r}")
    return ending[1:].lower()


def _name_of(path: object) -> str:
    name = os.fspath(path) if isinstance(path, (str, os.PathLike)) else None
    if not isinstance(name, str):
        raise ArgumentError(f"a drawing is written to a path, got {shown(path)}")
    return name
