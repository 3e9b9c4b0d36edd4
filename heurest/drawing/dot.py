"""A scene as Graphviz DOT text."""

from __future__ import annotations

from collections.abc import Iterator

from heurest.drawing import colours
from heurest.drawing.links import Link
from heurest.drawing.marks import BIG_DOT, Face
from heurest.drawing.scene import Mark, Scene
from heurest.drawing.symbols import number_text, signed_text
from heurest.drawing.text import dot_text

_POINT = 72.0  # Graphviz measures sizes in inches of so many points


def dot_source(scene: Scene) -> str:
    """The DOT text of a scene.

    Nodes are ``w`` and the index of their wire, with the scene's places as ``pos``: ``dot`` makes a layout of its own, ``neato -n`` keeps
    this one. Dense layers are ``d0``, ``d1`` and so on; tracked terms are dashed edges, with a node ``t0``, ``t1`` and so on where three
    or more wires meet.
    """
    heading = "".join(dot_text(line)[1:-1] + "\\l" for line in (scene.title, scene.summary, *_legend(scene)))  # \l: aligned left
    lines = [
        "digraph circuit {",
        '  graph [rankdir=LR, bgcolor="white", labelloc=t, labeljust=l, fontname="Helvetica", tooltip=' + dot_text(scene.title) + ",",
        f'         ranksep={0.25 if scene.large else 0.4}, nodesep=0.12, label="{heading}"];',
        '  node [fontname="Helvetica", fontsize=10, style=filled, penwidth=1, margin="0.08,0.04"];',
        "  edge [arrowsize=0.5, arrowhead=" + ("none" if scene.large else "normal") + f', color="{colours.FAINT}"];',
    ]
    lines += [_node(scene, mark) for mark in scene.marks]
    for place, bundle in enumerate(scene.bundles):
        at = _position(scene, bundle.x, bundle.y)
        shape = f'shape=box, width=0.08, height={bundle.height / _POINT:.2f}, fixedsize=true, label="", fillcolor="{colours.SOFT_INK}"'
        lines.append(f"  d{place} [{shape}, tooltip={dot_text(bundle.text)}, {at}];")
    lines += _edges(scene)
    for place, link in enumerate(scene.links):
        lines += _link(scene, place, link)
    return "\n".join([*lines, "}", ""])


def _legend(scene: Scene) -> Iterator[str]:
    if scene.scale is not None:
        yield f"importance: change of the estimate, from 0 (light) to {number_text(scene.scale.largest)} (dark), {scene.scale.name} scale"
    for key in scene.keys:
        if key.kind in colours.MARKS:
            yield f"{colours.MARKS[key.kind].name}: {key.text}"
    if scene.links:
        yield "tracked terms: dashed orange raises the estimate, dotted blue lowers it"
    yield from scene.notes


def _position(scene: Scene, x: float, y: float) -> str:
    return f'pos="{x:.1f},{scene.height - y:.1f}"'


def _node(scene: Scene, mark: Mark) -> str:
    face = mark.face
    head = f"  w{face.wire} [tooltip={dot_text(face.tooltip)}, {_position(scene, mark.x, mark.y)}, fillcolor="
    if scene.large and not face.big:
        fill = face.fill if face.marked else colours.DOT
        return f'{head}"{fill}", shape=circle, width={2 * face.radius / _POINT:.3f}, fixedsize=true, label="", penwidth=0];'
    if scene.large:
        fill = colours.INK if face.share is None and not face.marked else face.fill
        size = f"shape=circle, width={2 * BIG_DOT * scene.unit / _POINT:.3f}, fixedsize=true"
        return f'{head}"{fill}", {size}, label="", xlabel={dot_text(face.name)}];'
    return f'{head}"{face.fill}", fontcolor="{face.ink}", {_shape(face)}, label={dot_text(chr(10).join(face.lines))}];'


def _shape(face: Face) -> str:
    style = "filled" if face.kind == "gate" or face.kind == "constant" else "filled,rounded"
    if not face.alive:
        style += ",dashed"
    shape = "ellipse" if face.kind == "input" else "box"
    edge = f'color="{colours.INK}", penwidth=2' if face.output else f'color="{colours.OUTLINE}"'
    return f'shape={shape}, style="{style}", {edge}, height={face.height / _POINT:.2f}'


def _edges(scene: Scene) -> Iterator[str]:
    graph = scene.graph
    ids = graph.ids
    looks = {net.owner: net.stroke for net in scene.nets}
    for source, target in zip(graph.source[graph.drawn].tolist(), graph.target[graph.drawn].tolist(), strict=True):
        stroke = looks[ids[source]]
        look = "" if stroke.colour == colours.FAINT else f' [color="{stroke.colour}", penwidth={stroke.thickness:.2g}]'
        yield f"  {ids[source]} -> {ids[target]}{look};"


def _link(scene: Scene, place: int, link: Link) -> Iterator[str]:
    colour = colours.sign_colour(link.term.change)
    style = "dashed" if link.term.change > 0 else "dotted"
    tooltip = dot_text(f"{link.name}: {signed_text(link.term.change)}")
    look = f'[dir=none, constraint=false, style={style}, color="{colour}", penwidth={link.thickness:.2f}, tooltip={tooltip}]'
    wires = [f"w{wire}" for wire in link.term.distinct]
    if link.joint is None:
        yield f"  {wires[0]} -> {wires[-1]} {look};"
        return
    at = _position(scene, *link.joint)
    yield f'  t{place} [shape=point, width=0.1, color="{colour}", fillcolor="{colour}", label="", tooltip={tooltip}, {at}];'
    for wire in wires:
        yield f"  {wire} -> t{place} {look};"
