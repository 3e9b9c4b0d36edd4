"""Tracked terms as dashed curves between their wires."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import cos, hypot, sin, sqrt

from heurest.drawing.request import Term
from heurest.drawing.shapes import point

LINK_CAP = 60
_THIN, _THICK = 1.2, 5.0

Place = tuple[float, float, float, float]  # middle, half width and half height of a mark


@dataclass(frozen=True)
class Link:
    """A drawn term.

    Attributes:
        term: Its wires and its change.
        name: The names of its wires.
        path: Its curves as SVG path data.
        thickness: Width of the curves before scaling.
        joint: Where the curves of three or more wires meet; ``None`` for one or two.
    """

    term: Term
    name: str
    path: str
    thickness: float
    joint: tuple[float, float] | None


def largest_terms(terms: Sequence[Term]) -> list[Term]:
    """The terms that are drawn: those with the largest changes, largest first."""
    return sorted(terms, key=lambda term: (-abs(term.change), term.wires))[:LINK_CAP]


def drawn_links(terms: Sequence[Term], places: Mapping[int, Place], reach: float, name_of: Callable[[int], str]) -> list[Link]:
    """The links of some terms.

    Args:
        terms: The terms, all of whose wires have a place.
        places: Place of every drawn wire.
        reach: How far curves bend at most.
        name_of: The name of a wire.
    """
    largest = max((abs(term.change) for term in terms), default=0.0)
    taken: list[tuple[float, float]] = []
    drawn = []
    for term in terms:
        thickness = _THIN + (_THICK - _THIN) * sqrt(abs(term.change) / largest) if largest else _THIN
        ends = [places[wire] for wire in term.distinct]
        joint = None
        if len(ends) == 1:
            path = _loop(ends[0])
        elif len(ends) == 2:
            path = _curve(ends[0][:2], ends[1][:2], reach)
        else:
            middle = sum(end[0] for end in ends) / len(ends), sum(end[1] for end in ends) / len(ends)
            joint = _free_place(middle, places, taken)
            taken.append(joint)
            path = "".join(_curve(end[:2], joint, reach / 3) for end in ends)
        drawn.append(Link(term, ", ".join(map(name_of, term.wires)), path, thickness, joint))
    return drawn


def _loop(place: Place) -> str:
    """A loop above a mark, for a term about one wire."""
    x, y, _, half = place
    return f"M{point(x - 6, y - half)}C{point(x - 20, y - half - 22)} {point(x + 20, y - half - 22)} {point(x + 6, y - half)}"


def _curve(start: tuple[float, float], end: tuple[float, float], reach: float) -> str:
    """A curve that bends upwards, or to the right where it runs up or down, so that it parts from the lines between gates."""
    if (end[0], end[1]) < (start[0], start[1]):
        start, end = end, start
    across, down = end[0] - start[0], end[1] - start[1]
    length = hypot(across, down) or 1.0
    bow = min(max(0.22 * length, 16.0), reach)
    side = (down / length, -across / length) if down > 0 or across > 0 else (-down / length, across / length)
    if across < 1.0 and side[0] < 0:
        side = -side[0], -side[1]
    middle = (start[0] + end[0]) / 2 + 2 * bow * side[0], (start[1] + end[1]) / 2 + 2 * bow * side[1]
    return f"M{point(*start)}Q{point(*middle)} {point(*end)}"


def _free_place(wanted: tuple[float, float], places: Mapping[int, Place], taken: list[tuple[float, float]]) -> tuple[float, float]:
    """The first place on a spiral about the wanted one that lies on no mark and no other joint."""
    near = [place for place in places.values() if hypot(place[0] - wanted[0], place[1] - wanted[1]) < 60.0 + place[2] + place[3]]
    for step in range(240):
        radius, angle = 3.0 * sqrt(step), 2.4 * step
        x, y = wanted[0] + radius * cos(angle), wanted[1] + radius * sin(angle)
        on_mark = any(abs(x - px) < half_width + 7 and abs(y - py) < half_height + 7 for px, py, half_width, half_height in near)
        if not on_mark and all(hypot(x - tx, y - ty) > 14 for tx, ty in taken):
            return x, y
    return wanted
