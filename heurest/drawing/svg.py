"""A scene as self-contained SVG."""

from __future__ import annotations

from collections.abc import Iterator

from heurest.drawing import colours
from heurest.drawing.legend import dash_of
from heurest.drawing.links import Link
from heurest.drawing.marks import BIG_DOT, DOT, SMALL_TEXT, TEXT
from heurest.drawing.scene import Bundle, Mark, Net, Scene
from heurest.drawing.shapes import Box, Shape, Stroke, Text, coordinate
from heurest.drawing.symbols import signed_text
from heurest.drawing.text import xml_text

_FONT = "Verdana, 'DejaVu Sans', 'Segoe UI', Helvetica, Arial, sans-serif"


def svg_text(scene: Scene) -> str:
    """The SVG of a scene.

    Every drawn wire is one element ``<g class="wire" id="w...">`` with its tooltip as ``<title>``; its lines are
    ``<path class="net">``, dense layers ``<g class="bundle">``, tracked terms ``<g class="link">``.
    """
    width, height = coordinate(scene.width), coordinate(scene.height)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" role="img"'
    lines = [f'{head} font-family="{_FONT}">', f"<title>{xml_text(scene.title)}</title>"]
    lines.append(f'<rect class="paper" width="{width}" height="{height}" fill="#ffffff"/>')
    lines.append('<g class="nets" fill="none">')
    names = {} if scene.large else {f"w{mark.face.wire}": mark.face.name for mark in scene.marks}
    lines += [_net(net, names.get(net.owner)) for net in scene.nets]
    lines.append("</g>")
    lines += [_bundle(place, bundle) for place, bundle in enumerate(scene.bundles)]
    lines.append(f'<g class="links" fill="none" stroke-opacity="0.85" stroke-linecap="{"round" if scene.large else "butt"}">')
    lines += [_link(scene, place, link) for place, link in enumerate(scene.links)]
    lines.append("</g>")
    lines += [_mark(scene, mark) for mark in sorted(scene.marks, key=lambda mark: mark.face.big)]
    lines += map(_shape, scene.shapes)
    return "\n".join([*lines, "</svg>", ""])


def _net(net: Net, name: str | None) -> str:
    stroke = net.stroke
    head = f'<path class="net" data-wire="{net.owner}" stroke="{stroke.colour}" stroke-width="{stroke.thickness:.2g}" d="{stroke.path}"'
    return f"{head}/>" if name is None else f"{head}><title>{xml_text(name)}</title></path>"


def _bundle(place: int, bundle: Bundle) -> str:
    box = Box(bundle.x - bundle.width / 2, bundle.y - bundle.height / 2, bundle.width, bundle.height, colours.SOFT_INK, rounding=2.0)
    return f'<g class="bundle" id="d{place}"{_reads(bundle.reads)}><title>{xml_text(bundle.text)}</title>{_shape(box)}</g>'


def _link(scene: Scene, place: int, link: Link) -> str:
    colour = colours.sign_colour(link.term.change)
    wires = " ".join(f"w{wire}" for wire in link.term.distinct)
    thickness = link.thickness * (0.6 * scene.unit if scene.large else 1.0)
    parts = [
        f'<g class="link" id="t{place}" data-wires="{wires}"><title>{xml_text(f"{link.name}: {signed_text(link.term.change)}")}</title>',
        _shape(Stroke(link.path, colour, thickness, dash_of(colour, scene.unit if scene.large else 1.0))),
    ]
    if link.joint:
        x, y = link.joint
        radius = 4.0 * (scene.unit if scene.large else 1.0)
        parts.append(f'<circle cx="{coordinate(x)}" cy="{coordinate(y)}" r="{coordinate(radius)}" fill="{colour}" stroke="#ffffff"/>')
    return "".join([*parts, "</g>"])


def _reads(ids: tuple[str, ...]) -> str:
    return f' data-reads="{" ".join(ids)}"' if ids else ""


def _mark(scene: Scene, mark: Mark) -> str:
    face = mark.face
    name = "" if face.name == f"#{face.wire}" else f' data-name="{xml_text(face.name)}"'
    head = f'<g class="wire" id="w{face.wire}"{name}{_reads(face.reads)}><title>{xml_text(face.tooltip)}</title>'
    return head + "".join(_dot(scene, mark) if scene.large else _plate(mark)) + "</g>"


def _dot(scene: Scene, mark: Mark) -> Iterator[str]:
    face = mark.face
    at = f'cx="{coordinate(mark.x)}" cy="{coordinate(mark.y)}"'
    if face.big:
        fill = colours.INK if face.share is None and not face.marked else face.fill
        radius = coordinate(BIG_DOT * scene.unit)
        yield f'<circle {at} r="{radius}" fill="{fill}" stroke="#ffffff" stroke-width="{coordinate(scene.unit)}"/>'
    elif face.kind == "input" and not face.marked:
        yield f'<circle {at} r="{DOT}" fill="#ffffff" stroke="{colours.OUTLINE}"/>'
    elif face.marked:
        yield f'<circle {at} r="{face.radius}" fill="{face.fill}"/>'
    else:
        yield f'<circle {at} r="{DOT}" fill="{colours.INK if face.output and not scene.scale else colours.DOT}"/>'


def _plate(mark: Mark) -> Iterator[str]:
    face = mark.face
    small = face.kind == "small"
    rounding = face.height / 2 if face.kind == "input" else 8.0 if small else 3.0
    fill = face.fill if face.alive or face.share is not None or face.marked else "#ffffff"
    stroke, thickness = (colours.INK, 2.0) if face.output else (colours.OUTLINE, 1.0)
    box = Box(mark.x - face.width / 2, mark.y - face.height / 2, face.width, face.height, fill, stroke, thickness, rounding)
    yield _shape(box if face.alive else Box(**{**vars(box), "dash": "3 2"}))
    soft = colours.SOFT_INK if (face.share or 0.0) < 0.3 else face.ink
    if not face.alive and face.share is None:
        soft = ink = colours.OUTLINE
    else:
        ink = face.ink
    first = mark.y - 6.0 * (len(face.lines) - 1) + (3.2 if small else 3.8)
    for place, line in enumerate(face.lines):
        size = (TEXT - 1.5 if small else TEXT) if place == 0 else SMALL_TEXT
        bold = face.output and place == 1
        yield _shape(Text(mark.x, first + 12.0 * place, line, size, ink if place == 0 or bold else soft, "middle", bold))


def _shape(shape: Shape) -> str:
    if isinstance(shape, Text):
        more = "" if shape.anchor == "start" else f' text-anchor="{shape.anchor}"'
        more += ' font-weight="bold"' if shape.bold else ""
        at = f'x="{coordinate(shape.x)}" y="{coordinate(shape.y)}" font-size="{coordinate(shape.size)}"'
        text = f'<text {at} fill="{shape.colour}"{more}>{xml_text(shape.text)}</text>'
        if not shape.halo:
            return text
        # an element of its own: not every program that shows SVG knows paint-order, and a stroke above its fill hides the letters
        rim = f'stroke="#ffffff" stroke-width="{coordinate(shape.size / 3)}" stroke-linejoin="round"'
        return f'<text class="halo" aria-hidden="true" {at} fill="#ffffff" {rim}{more}>{xml_text(shape.text)}</text>{text}'
    if isinstance(shape, Stroke):
        dash = f' stroke-dasharray="{shape.dash}"' if shape.dash else ""
        return f'<path fill="none" stroke="{shape.colour}" stroke-width="{shape.thickness:.3g}"{dash} d="{shape.path}"/>'
    rounding = f' rx="{coordinate(shape.rounding)}"' if shape.rounding else ""
    dash = f' stroke-dasharray="{shape.dash}"' if shape.dash else ""
    edge = "" if shape.stroke == "none" else f' stroke="{shape.stroke}" stroke-width="{coordinate(shape.thickness)}"{dash}'
    at = f'x="{coordinate(shape.x)}" y="{coordinate(shape.y)}" width="{coordinate(shape.width)}" height="{coordinate(shape.height)}"'
    return f'<rect {at}{rounding} fill="{shape.fill}"{edge}/>'
