"""The heading and the legend of a picture: what shapes, colours and dashes mean, and what was left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from heurest.drawing import colours
from heurest.drawing.colours import Scale
from heurest.drawing.shapes import Box, Shape, Stroke, Text, point
from heurest.drawing.symbols import number_text, text_width, wrapped

_SIZE = 11.0
_NOTE_LINES, _INDENT = 4, 14.0  # most lines of one note, and where all but its first begin
_STEPS = 48  # colour steps of the drawn ramp
# Dashes, relative to the picture's scale: the sign is told by more than the colour.
DASHES = {colours.RAISES: (7.0, 4.0), colours.LOWERS: (2.5, 3.0), colours.NEITHER: (1.0, 5.0)}


def dash_of(colour: str, unit: float) -> str:
    """The dash pattern of a link of that colour."""
    return " ".join(f"{part * unit:.1f}" for part in DASHES[colour])


@dataclass(frozen=True)
class Key:
    """A sample shape with its meaning; kinds are those of faces, of marks, ``output``, ``dead``, ``bundle``, ``big`` and ``unknown``."""

    kind: str
    text: str


def sample(kind: str, x: float, y: float, unit: float, large: bool) -> list[Shape]:
    """A small copy of a mark, 26 units wide, with its middle at height ``y``."""
    if kind == "bundle":
        return [Box(x + 10 * unit, y - 9 * unit, 5 * unit, 18 * unit, colours.SOFT_INK, rounding=2.5 * unit)]
    if large:
        radius = (4.5 if kind == "big" or kind in colours.MARKS else 3.5) * unit
        strong = {kind: pair.strong for kind, pair in colours.MARKS.items()}
        fill = ({"input": "#ffffff", "big": colours.ramp(0.9), "output": colours.INK} | strong).get(kind, colours.FAINT)
        return [Box(x + 13 * unit - radius, y - radius, 2 * radius, 2 * radius, fill, colours.OUTLINE, unit, radius)]
    fill = colours.MARKS[kind].pale if kind in colours.MARKS else "#ffffff" if kind in ("unknown", "dead") else colours.NEUTRAL
    stroke = colours.INK if kind == "output" else colours.OUTLINE
    rounding = {"input": 8.0, "small": 6.0}.get(kind, 3.0) * unit
    half = (6.0 if kind == "small" else 8.0) * unit
    width = (18.0 if kind == "small" else 26.0) * unit
    dash = f"{3 * unit:.1f} {2 * unit:.1f}" if kind == "dead" else ""
    return [Box(x, y - half, width, 2 * half, fill, stroke, (2.2 if kind == "output" else 1.0) * unit, rounding, dash)]


def legend(
    left: float,
    top: float,
    width: float,
    unit: float,
    large: bool,
    keys: Sequence[Key],
    scale: Scale | None,
    change: float | None,
    notes: Sequence[str],
) -> tuple[list[Shape], float]:
    """The shapes of a legend and its height.

    Args:
        left: Where it starts.
        top: Where it starts.
        width: Room for its lines.
        unit: Scale of texts and samples.
        large: Whether wires are dots.
        keys: Shapes to explain.
        scale: Scale of importance; ``None`` without any.
        change: The largest change of a drawn link; ``None`` without links.
        notes: Sentences about what is not drawn.
    """
    shapes: list[Shape] = []
    x, y = left, top + 12 * unit
    for key in keys:
        wide = 34 * unit + text_width(key.text, _SIZE * unit) + 22 * unit
        if x > left and x + wide > left + width:
            x, y = left, y + 26 * unit
        shapes += sample(key.kind, x, y, unit, large)
        shapes.append(Text(x + 34 * unit, y + 4 * unit, key.text, _SIZE * unit))
        x += wide
    y += 30 * unit
    if scale is not None:
        shapes += _ramp(left, y, unit, scale)
        y += 60 * unit
    if change is not None:
        for colour, meaning in ((colours.RAISES, "raises"), (colours.LOWERS, "lowers")):
            middle = y + (0 if colour == colours.RAISES else 20 * unit)
            line = f"M{point(left, middle)}H{left + 60 * unit:.1f}"
            shapes.append(Stroke(line, colour, 2.5 * unit, dash_of(colour, unit)))
            text = f"a tracked term that {meaning} the estimate"
            if colour == colours.RAISES:
                text += f"; the thickest changes it by {number_text(change)}"
            shapes.append(Text(left + 70 * unit, middle + 4 * unit, text, _SIZE * unit))
        y += 46 * unit
    for note in notes:
        for place, line in enumerate(wrapped(note, _SIZE * unit, width - _INDENT * unit, _NOTE_LINES)):
            y += 15 * unit if place else 0.0
            shapes.append(Text(left + (_INDENT * unit if place else 0.0), y + 4 * unit, line, _SIZE * unit, colours.SOFT_INK))
        y += 18 * unit
    return shapes, y - top


def _ramp(left: float, y: float, unit: float, scale: Scale) -> list[Shape]:
    width = 300 * unit
    shapes: list[Shape] = [Text(left, y + 4 * unit, f"importance: change of the estimate ({scale.name} scale)", _SIZE * unit)]
    top = y + 12 * unit
    step = width / _STEPS
    for k in range(_STEPS):
        shapes.append(Box(left + k * step, top, step + 0.3 * unit, 12 * unit, colours.ramp((k + 0.5) / _STEPS)))
    shapes.append(Box(left, top, width, 12 * unit, "none", colours.OUTLINE, 0.7 * unit))
    for share in (0.0, 0.25, 0.5, 0.75, 1.0) if scale.largest > 0.0 else (0.0,):
        anchor = "start" if share == 0.0 else "end" if share == 1.0 else "middle"
        text = number_text(scale.value(share), 2)
        shapes.append(Text(left + share * width, top + 24 * unit, text, 9.5 * unit, colours.SOFT_INK, anchor))
    return shapes
