"""What pictures are made of: texts, boxes and strokes at fixed places, and the numbers of their paths."""

from __future__ import annotations

from dataclasses import dataclass

from heurest.drawing.colours import INK


@dataclass(frozen=True)
class Text:
    """One line of text; ``anchor`` is ``start``, ``middle`` or ``end``, ``halo`` a white rim that keeps it readable over lines."""

    x: float
    y: float
    text: str
    size: float
    colour: str = INK
    anchor: str = "start"
    bold: bool = False
    halo: bool = False


@dataclass(frozen=True)
class Box:
    """A rectangle by its upper left corner; ``rounding`` is the radius of its corners."""

    x: float
    y: float
    width: float
    height: float
    fill: str
    stroke: str = "none"
    thickness: float = 1.0
    rounding: float = 0.0
    dash: str = ""


@dataclass(frozen=True)
class Stroke:
    """A curve as SVG path data."""

    path: str
    colour: str
    thickness: float
    dash: str = ""


Shape = Text | Box | Stroke


def coordinate(value: float) -> str:
    """A coordinate to a tenth, as short as it can be."""
    text = f"{value:.1f}"
    return "0" if text == "-0.0" else text.removesuffix(".0")


def point(x: float, y: float) -> str:
    """A point in path data."""
    return f"{coordinate(x)} {coordinate(y)}"
