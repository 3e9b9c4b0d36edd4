"""Reading drawings back: marks and texts of an SVG; and circuits that are hard to draw."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass

import numpy as np

import heurest as hr

_SVG = "{http://www.w3.org/2000/svg}"


@dataclass(frozen=True)
class Area:
    """A rectangle of a picture."""

    left: float
    top: float
    right: float
    bottom: float

    def overlaps(self, other: Area) -> bool:
        return self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom


@dataclass(frozen=True)
class DrawnWire:
    """A wire's mark as it stands in a file."""

    area: Area
    fill: str
    tooltip: str
    lines: tuple[str, ...]
    reads: frozenset[str]


def parsed(svg: str) -> ElementTree.Element:
    """The root of an SVG; text that is not XML is an error."""
    return ElementTree.fromstring(svg)


def of_class(svg: str, name: str) -> list[ElementTree.Element]:
    """All elements of a class, in the order of the file."""
    return [element for element in parsed(svg).iter() if element.get("class") == name]


def drawn_wires(svg: str) -> dict[int, DrawnWire]:
    """The marks of all drawn wires by index."""
    found: dict[int, DrawnWire] = {}
    for group in of_class(svg, "wire"):
        index = int((group.get("id") or "").removeprefix("w"))
        assert index not in found, f"wire {index} is drawn twice"
        (shape,) = [child for child in group if child.tag in (f"{_SVG}rect", f"{_SVG}circle")]
        (title,) = group.findall(f"{_SVG}title")
        lines = tuple(text.text or "" for text in group.findall(f"{_SVG}text"))
        reads = frozenset((group.get("data-reads") or "").split())
        found[index] = DrawnWire(_area(shape), shape.get("fill") or "", title.text or "", lines, reads)
    return found


def frame(svg: str) -> Area:
    """The rectangle that is shown."""
    left, top, width, height = map(float, (parsed(svg).get("viewBox") or "").split())
    return Area(left, top, left + width, top + height)


def free_texts(svg: str) -> list[str]:
    """Texts that stand in no mark: heading, names on large pictures, legend; the white rims below names are no texts of their own."""
    return [element.text or "" for element in parsed(svg) if element.tag == f"{_SVG}text" and element.get("class") != "halo"]


def _area(shape: ElementTree.Element) -> Area:
    def number(name: str) -> float:
        return float(shape.get(name) or "nan")

    if shape.tag == f"{_SVG}circle":
        return Area(number("cx") - number("r"), number("cy") - number("r"), number("cx") + number("r"), number("cy") + number("r"))
    return Area(number("x"), number("y"), number("x") + number("width"), number("y") + number("height"))


HOSTILE = (
    "a<b>&c",
    'say "hi"',
    "it's",
    "</title></svg><script>alert(1)</script>",
    "]]>",
    "<!--",
    "&lt;&#65;",
    "back\\slash \\N \\n",
    'x", URL="javascript:alert(1)',
    "κ(X, Y) = ½ 数 🙂",
    "onload=alert(1)",
    "{{x}} ${y} %s",
)


def hostile_circuit() -> hr.Circuit:
    """Names that mean something to XML, HTML, DOT or scripts, on inputs, gates, outputs and the circuit itself."""
    c = hr.Circuit(HOSTILE[3])
    inputs = c.input(list(HOSTILE), hr.Normal(0, 1))
    for wire, name in zip(inputs, HOSTILE, strict=True):
        c.output(f"out {name}", c.set_name(wire * wire, f"{name} squared"))
    return c


def crowded() -> hr.Circuit:
    """400 sums of 150 inputs each, of their own choice, so no dense layer: 60,000 terms."""
    c = hr.Circuit("crowded")
    x = c.input("x", hr.Normal(0, 1), count=400)
    chosen = np.stack([(np.arange(150) * 2 + shift) % 400 for shift in range(400)])
    c.output("y", c.affine(np.ones((400, 150)), hr.Wires(c, x.index[chosen])))
    return c


def importances(circuit: hr.Circuit) -> dict[int, float]:
    """A different number for every wire, over three orders of magnitude: the k-th largest belongs to no wire in particular."""
    order = np.random.default_rng(3).permutation(len(circuit))
    return {wire: float(1000.0 * 0.001 ** (place / len(circuit))) for wire, place in enumerate(order)}
