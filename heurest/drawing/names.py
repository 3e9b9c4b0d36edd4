"""Names beside the dots of large pictures, without one covering another."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from heurest.drawing.shapes import Text
from heurest.drawing.symbols import text_width

_Rectangle = tuple[float, float, float, float]  # left, top, right, bottom


def placed_names(
    wanted: Sequence[tuple[float, float, float, str]],
    size: float,
    frame: _Rectangle,
    colour: str,
    others: Sequence[tuple[float, float, float]] = (),
) -> tuple[list[Text], int]:
    """Texts beside dots, the first ones first, each at the first of several places where it is read as the name of its dot.

    It covers no other text and no dot there, and no other dot is nearer to it than its own.

    Args:
        wanted: Middle and radius of each dot, and its text.
        size: Size of the letters.
        frame: What no text may leave.
        colour: Colour of the texts.
        others: Middle and radius of dots without a text.

    Returns:
        The texts, and how many found no place.

    Cost:
        Texts times dots.
    """
    dots = np.array([*((x, y, radius) for x, y, radius, _ in wanted), *others], dtype=np.float64).reshape(-1, 3)
    taken: list[_Rectangle] = []
    texts = []
    for place, (x, y, radius, text) in enumerate(wanted):
        width, gap = text_width(text, size), radius + 0.35 * size
        rows = (0.0, -0.8 * size, 0.8 * size, -1.7 * size, 1.7 * size)
        places = [(x + gap if right else x - gap - width, y + row) for row in rows for right in (True, False)]
        places += [(x - width / 2, y + side * (radius + 0.75 * size)) for side in (-1, 1)]
        for left, middle in places:
            area = (left, middle - 0.55 * size, left + width, middle + 0.55 * size)
            inside = area[0] >= frame[0] and area[1] >= frame[1] and area[2] <= frame[2] and area[3] <= frame[3]
            if inside and not any(_overlap(area, other) for other in taken) and _nearest(area, dots, place):
                taken.append(area)
                texts.append(Text(left, middle + 0.35 * size, text, size, colour, halo=True))
                break
    return texts, len(wanted) - len(texts)


def _nearest(area: _Rectangle, dots: NDArray[np.float64], own: int) -> bool:
    """Whether a text covers no dot, and is as near to its own as to any other."""
    across = np.maximum(np.maximum(area[0] - dots[:, 0], dots[:, 0] - area[2]), 0.0)
    down = np.maximum(np.maximum(area[1] - dots[:, 1], dots[:, 1] - area[3]), 0.0)
    distance = np.hypot(across, down) - dots[:, 2]
    return bool(distance.min() >= 0.0 and distance[own] <= distance.min())


def _overlap(a: _Rectangle, b: _Rectangle) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
