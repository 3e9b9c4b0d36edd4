"""What is drawn and where: marks, lines, links, names, heading and legend, before any format."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from heurest.circuit.gates import CONSTANT
from heurest.drawing import colours
from heurest.drawing.colours import Scale, scale_of
from heurest.drawing.graph import EDGE_CAP, Graph, graph_of
from heurest.drawing.layout import Layout, Spacing, laid_out
from heurest.drawing.legend import Key, legend
from heurest.drawing.links import Link, drawn_links, largest_terms
from heurest.drawing.marks import BIG_DOT, BOLD, Face, drawn_operands, faces_of
from heurest.drawing.names import placed_names
from heurest.drawing.nets import SIDE, net_paths
from heurest.drawing.request import Request, Term
from heurest.drawing.shapes import Shape, Stroke, Text
from heurest.drawing.symbols import shortened, text_width, wire_text, wrapped

LARGE = 600  # drawn wires above which they become dots
TOP = 40  # wires that stand out and are named on a large picture
_DETAILED = Spacing(row=9.0, lane=9.0, column=26.0, widest=110.0, gutter=26.0, pitch=4.0)
_DOTS = Spacing(row=4.2, lane=0.0, column=17.0, widest=170.0, gutter=18.0, pitch=2.0, lanes=False, sweeps=8)
_MARGIN = 24.0
_NARROWEST = 640.0
_COVERED = 0.16  # share of a large picture that lines may cover
_BUNDLE = (6.0, 40.0)


@dataclass(frozen=True)
class Mark:
    """A wire's face at its place."""

    face: Face
    x: float
    y: float


@dataclass(frozen=True)
class Bundle:
    """A dense layer's bar, where the lines from its operands and to its rows meet."""

    x: float
    y: float
    width: float
    height: float
    text: str
    reads: tuple[str, ...]


@dataclass(frozen=True)
class Net:
    """The lines that leave one node, by its name in the graph."""

    owner: str
    stroke: Stroke


@dataclass(frozen=True, eq=False)
class Scene:
    """A picture without a format; all places are absolute.

    Attributes:
        title: Heading.
        summary: One line about the circuit.
        width: Width of the picture.
        height: Height of the picture.
        unit: Scale of texts outside marks; grows with the picture, so that they can be read when all of it is on a screen.
        large: Whether wires are dots.
        graph: Nodes and edges.
        scale: Scale of importance; ``None`` without any.
        marks: Every drawn wire.
        bundles: Dense layers.
        nets: Lines between gates, those that stand out last.
        links: Tracked terms that are drawn.
        shapes: Heading, names on large pictures, and legend.
        keys: Samples of the legend.
        notes: What is not drawn.
    """

    title: str
    summary: str
    width: float
    height: float
    unit: float
    large: bool
    graph: Graph
    scale: Scale | None
    marks: tuple[Mark, ...]
    bundles: tuple[Bundle, ...]
    nets: tuple[Net, ...]
    links: tuple[Link, ...]
    shapes: tuple[Shape, ...]
    keys: tuple[Key, ...]
    notes: tuple[str, ...]


def scene_of(request: Request) -> Scene:
    """Decide what is drawn, and place it.

    Cost:
        About linear in wires and drawn edges: 0.2 s for 400 wires, 1 s for 5,000.
    """
    circuit = request.circuit
    large = int(np.count_nonzero(circuit.gate != CONSTANT)) > LARGE
    terms = largest_terms(request.terms)
    linked = {wire for term in terms for wire in term.wires}
    scale = scale_of(request.importance.values()) if request.importance else None
    emphasised = frozenset(_emphasised(request))
    important = {wire for wire, number in request.importance.items() if number > 0.0} | set(request.marked)
    graph = graph_of(circuit, large, linked | (emphasised | set(request.marked) if large else important))
    faces = faces_of(request, graph, scale, large, emphasised)
    layout = _layout(graph, faces, large)

    unit = max(1.0, layout.width / 1500.0, layout.height / 1500.0)
    side = _MARGIN * unit + (SIDE if len(layout.gutters) > 1 else 0.0)
    top = 70.0 * unit
    marks, bundles = _placed(request, graph, layout, faces, side, top)
    places = {mark.face.wire: (mark.x, mark.y, mark.face.width / 2, mark.face.height / 2) for mark in marks}
    links = drawn_links(terms, places, 60.0 * unit if large else 90.0, lambda wire: wire_text(circuit, wire))
    nets = _nets(graph, layout, faces, large, side, top, unit)
    summary = _summary(request, graph, layout)
    width = max(layout.width + 2 * side, _NARROWEST, 2 * _MARGIN * unit + text_width(summary, 11 * unit))
    names = _names(request, marks, emphasised, unit) if large else []
    width = max(width, *(x + radius + 8.0 * unit + text_width(name, 11 * unit) for x, _, radius, name in names), 0.0)
    title = wrapped(request.title, 16 * BOLD * unit, width - 2 * _MARGIN * unit, 1)[0]
    bottom = top + layout.height + 20.0 * unit
    shapes: list[Shape] = [
        Text(_MARGIN * unit, 28 * unit, title, 16 * unit, bold=True),
        Text(_MARGIN * unit, 46 * unit, summary, 11 * unit, colours.SOFT_INK),
    ]
    notes = _notes(request, graph, terms, large)
    if large:
        others = [(mark.x, mark.y, mark.face.radius) for mark in marks if not mark.face.big and (mark.face.output or mark.face.marked)]
        texts, without = placed_names(names, 11 * unit, (4.0, 52 * unit, width - 4.0, bottom), colours.INK, others)
        shapes += texts
        notes += [f"{without} of the names found no room; tooltips have them."] if without else []
    change = abs(terms[0].change) if terms else None
    keys = _keys(graph, faces, request, large)
    parts, height = legend(_MARGIN * unit, bottom + 12 * unit, width - 2 * _MARGIN * unit, unit, large, keys, scale, change, notes)
    return Scene(
        request.title, summary, width, bottom + 12 * unit + height + 10 * unit, unit, large, graph, scale,
        tuple(marks), tuple(bundles), tuple(nets), tuple(links), (*shapes, *parts), tuple(keys), tuple(notes),
    )  # fmt: skip


def _emphasised(request: Request) -> list[int]:
    """The wires that stand out: those that a witness points at, the most important ones, or the outputs where nothing is given."""
    positive = [wire for wire, number in request.importance.items() if number > 0.0]
    if request.marked:
        return _pointed_at(request)[:TOP]
    if request.importance:
        return sorted(positive, key=lambda wire: (-request.importance[wire], wire))[:TOP]
    return list(dict.fromkeys(wire.index for wire in request.circuit.outputs.values()))[:TOP]


def _pointed_at(request: Request) -> list[int]:
    """Marked wires: some dropped ones, the changed outputs, the other dropped ones, and changed wires, nearest to these outputs first."""
    circuit, marked = request.circuit, request.marked
    dropped = sorted(wire for wire in marked if marked[wire] == "dropped")
    outputs = [wire for wire in dict.fromkeys(output.index for output in circuit.outputs.values()) if wire in marked]
    reached = dict.fromkeys(outputs)
    queue = list(reached)
    for wire in queue:  # grows while it is read: breadth first
        found = [operand for operand in sorted(circuit.operands(wire), reverse=True) if operand in marked and operand not in reached]
        reached |= dict.fromkeys(found)
        queue += dict.fromkeys(found)
    return list(dict.fromkeys([*dropped[: TOP // 2], *outputs, *dropped, *reached, *sorted(marked, reverse=True)]))


def _layout(graph: Graph, faces: list[Face], large: bool) -> Layout:
    bundle_width, bundle_height = (4.0, 16.0) if large else _BUNDLE
    widths, heights = np.full(graph.wire.size, bundle_width), np.full(graph.wire.size, bundle_height)
    nodes = graph.wire >= 0
    widths[nodes] = [face.width for face in faces]
    heights[nodes] = [face.height for face in faces]
    return laid_out(widths, heights, graph.source, graph.target, graph.drawn, _DOTS if large else _DETAILED)


def _placed(request: Request, graph: Graph, layout: Layout, faces: list[Face], left: float, top: float) -> tuple[list[Mark], list[Bundle]]:
    marks, bundles = [], []
    following = iter(faces)
    reads = drawn_operands(graph)
    for node, wire in enumerate(graph.wire.tolist()):
        x, y = float(layout.x[node]) + left, float(layout.y[node]) + top
        if wire >= 0:
            marks.append(Mark(next(following), x, y))
        else:
            layer = graph.bundles[-1 - wire]
            rows, columns = layer.matrix.shape
            text = f"dense layer: {rows} sums of {columns} wires"
            height = _BUNDLE[1] if layout.half[node] * 2 == _BUNDLE[0] else 16.0
            bundles.append(Bundle(x, y, 2 * float(layout.half[node]), height, text, reads[node]))
    return marks, bundles


def _nets(graph: Graph, layout: Layout, faces: list[Face], large: bool, left: float, top: float, unit: float) -> list[Net]:
    paths = net_paths(layout, 0.0 if large else 14.0, left, top)
    thin = _thin(graph, layout, unit) if large else 1.1
    following = iter(faces)
    ids = graph.ids
    nets = []
    for node, wire in enumerate(graph.wire.tolist()):
        face = next(following) if wire >= 0 else None
        if not paths[node]:
            continue
        colour, thickness = colours.FAINT, thin
        rank = 0.0
        if face is not None and face.share and (face.big or not large):
            rank = face.share
            colour = colours.ramp(0.3 + 0.7 * rank)
            thickness = (0.6 + 0.8 * rank) * unit if large else 1.1 + 1.3 * rank
        elif face is not None and face.marked:
            rank, colour = 1.0 if face.big or not large else 0.5, colours.MARKS[face.marked].strong
            thickness = 1.8 if not large else unit if face.big else max(thin, 0.6 * unit)
        nets.append((rank, Net(ids[node], Stroke(paths[node], colour, thickness))))
    return [net for _, net in sorted(nets, key=lambda pair: pair[0])]


def _thin(graph: Graph, layout: Layout, unit: float) -> float:
    """Thickness of lines that do not matter: all of them together cover a small share of a large picture."""
    first, second = graph.source[graph.drawn], graph.target[graph.drawn]
    length = float(np.hypot(layout.x[first] - layout.x[second], layout.y[first] - layout.y[second]).sum())
    return min(max(_COVERED * layout.width * layout.height / max(length, 1.0), 0.3), 1.1 * unit)


def _names(request: Request, marks: list[Mark], emphasised: frozenset[int], unit: float) -> list[tuple[float, float, float, str]]:
    """Middle, radius and text of the dots that stand out, those first that need their names most."""
    outputs: dict[int, list[str]] = {}
    for name, wire in request.circuit.outputs.items():
        outputs.setdefault(wire.index, []).append(name)
    chosen = [mark for mark in marks if mark.face.wire in emphasised]
    chosen.sort(key=lambda mark: (-(mark.face.share or 0.0), mark.face.marked == "changed" and not mark.face.output, mark.face.wire))
    wanted = []
    for mark in chosen:
        text = wire_text(request.circuit, mark.face.wire)
        if mark.face.wire in outputs:
            text += " → " + ", ".join(outputs[mark.face.wire])
        wanted.append((mark.x, mark.y, BIG_DOT * unit, shortened(text, 24)))
    return wanted


def _summary(request: Request, graph: Graph, layout: Layout) -> str:
    folded = len(request.circuit) - int((graph.wire >= 0).sum())
    text = repr(request.circuit).rpartition(": ")[2].rstrip(">")
    text += f"; {int(graph.readers.sum()):,} edges, {max(layout.hops.level) + 1} levels"
    return text + (f"; {folded} constants stand in the formulas of their readers" if folded else "")


def _notes(request: Request, graph: Graph, terms: list[Term], large: bool) -> list[str]:
    notes = list(request.notes)
    if graph.edges > EDGE_CAP:
        notes.append(f"Only {int(graph.drawn.sum()):,} of {graph.edges:,} edges are drawn, the others left out evenly.")
    if len(request.terms) > len(terms):
        notes.append(f"Only the {len(terms)} largest of {len(request.terms):,} tracked terms are drawn.")
    if large and request.importance:
        positive = sum(number > 0.0 for number in request.importance.values())
        if positive > TOP:
            notes.append(f"Only the {TOP} most important of {positive:,} wires with an importance above 0 are coloured and named.")
    if large and len(request.marked) > TOP:
        notes.append(f"Only {TOP} of the {len(request.marked):,} coloured wires are named: orange ones, then those nearest to the outputs.")
    return notes


def _keys(graph: Graph, faces: list[Face], request: Request, large: bool) -> list[Key]:
    kinds = {face.kind for face in faces}
    shown = {face.marked for face in faces}
    keys = [Key(kind, text) for kind, text in request.meanings.items() if kind in shown]
    keys += [Key("input", "input")] if "input" in kinds else []
    if kinds - {"input"}:
        keys.append(Key("gate", "gate"))
    if "small" in kinds and not large:
        keys.append(Key("small", "shift or scaling of one wire"))
    if any(face.output for face in faces) and not (large and request.importance):
        keys.append(Key("output", "output"))
    if large and any(face.big for face in faces) and request.importance:
        keys.append(Key("big", "important wire"))
    if not large and request.importance and any(face.share is None for face in faces):
        keys.append(Key("unknown", "no importance given"))
    if not large and not all(face.alive for face in faces):
        keys.append(Key("dead", "reaches no output"))
    if graph.bundles:
        keys.append(Key("bundle", "dense layer, all its edges in one"))
    return keys
