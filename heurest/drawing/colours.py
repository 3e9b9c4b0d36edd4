"""Colours and the scale that turns importance into them."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple


class Pair(NamedTuple):
    """A colour in two strengths, and what it is called."""

    name: str
    strong: str
    pale: str


NEUTRAL = "#f3f5f8"  # fill of wires without a number
OUTLINE = "#7c8694"
FAINT = "#c3cad4"  # wires between gates, and what matters least
DOT = "#8e99a8"  # a wire on a large picture
INK = "#121a24"
SOFT_INK = "#5b6675"
RAISES, LOWERS, NEITHER = "#c75100", "#2455c4", "#6b7480"  # orange and blue: apart for every common kind of colour blindness
# What a witness points at: strong for lines and dots, pale for plates under black text.
MARKS = {"dropped": Pair("orange", RAISES, "#ffcf9f"), "changed": Pair("blue", LOWERS, "#cddcff")}

# One hue, lightness falling evenly: order survives colour blindness and a grey printer.
_RAMP = ((229, 243, 241), (172, 216, 212), (101, 175, 175), (36, 124, 128), (3, 66, 75))
_LINEAR_UP_TO, _ROOT_UP_TO = 4.0, 400.0  # ratio of the largest to the median positive number


def ramp(share: float) -> str:
    """The colour at a place between 0 (light) and 1 (dark)."""
    place = min(max(share, 0.0), 1.0) * (len(_RAMP) - 1)
    step = min(int(place), len(_RAMP) - 2)
    low, high = _RAMP[step], _RAMP[step + 1]
    return "#" + "".join(f"{round(a + (b - a) * (place - step)):02x}" for a, b in zip(low, high, strict=True))


def is_dark(share: float) -> bool:
    """Whether white text reads better than black on that place of the ramp."""
    return share > 0.67


def sign_colour(change: float) -> str:
    """Colour of a term that raises or lowers the estimate."""
    return RAISES if change > 0 else LOWERS if change < 0 else NEITHER


@dataclass(frozen=True)
class Scale:
    """An increasing map from importance to a place on the ramp.

    Attributes:
        name: ``linear``, ``square root`` or ``logarithmic``.
        largest: The number at the dark end; 0 where every number is 0.
        unit: Of a logarithmic scale, the number about which it turns from linear to logarithmic.
    """

    name: str
    largest: float
    unit: float = 1.0

    def share(self, value: float) -> float:
        """The place of a number, from 0 to 1."""
        if self.largest <= 0.0:
            return 0.0
        if self.name == "logarithmic":
            return math.log1p(value / self.unit) / math.log1p(self.largest / self.unit)
        return math.sqrt(value / self.largest) if self.name == "square root" else value / self.largest

    def value(self, share: float) -> float:
        """The number at a place: the inverse of `share`."""
        if self.name == "logarithmic":
            return self.unit * math.expm1(share * math.log1p(self.largest / self.unit))
        return self.largest * (share * share if self.name == "square root" else share)


def scale_of(values: Iterable[float]) -> Scale:
    """The scale for some numbers: linear, square root or logarithmic as their range grows."""
    positive = sorted(value for value in values if value > 0.0)
    if not positive:
        return Scale("linear", 0.0)
    largest, median = positive[-1], positive[len(positive) // 2]
    ratio = largest / median
    if ratio <= _LINEAR_UP_TO:
        return Scale("linear", largest)
    if ratio <= _ROOT_UP_TO:
        return Scale("square root", largest)
    return Scale("logarithmic", largest, max(median, largest * 1e-6))
