"""The mark of each wire: its shape, its size, its texts and its colours."""

from __future__ import annotations

from dataclasses import dataclass

from heurest.circuit.gates import AFFINE, CONSTANT, INPUT
from heurest.drawing import colours
from heurest.drawing.colours import Scale
from heurest.drawing.graph import Graph
from heurest.drawing.request import Request
from heurest.drawing.symbols import formula, number_text, shortened, symbol, text_width, wire_text

TEXT, SMALL_TEXT = 11.0, 9.0
_NAME, _LABEL, _REASON = 16, 24, 40  # letters of a name, a label and a witness's label that are drawn; tooltips hold all
_LABEL_LINES = 2
BOLD = 1.15  # how much wider bold letters are
DOT, MARKED_DOT, BIG_DOT = 2.4, 3.4, 5.0  # radii on large pictures; the last grows with the picture


@dataclass(frozen=True)
class Face:
    """How one wire looks, wherever it stands.

    Attributes:
        wire: Index of the wire.
        name: Its name, or ``#`` and its index.
        kind: ``input``, ``constant``, ``gate``, or ``small`` for a gate that only shifts and scales one wire.
        lines: Texts in the mark from top to bottom; none for a dot.
        width: Width of the mark.
        height: Height of the mark.
        fill: Its colour.
        ink: Colour of its texts.
        output: Whether it is an output.
        alive: Whether it reaches an output.
        share: Place of its importance on the ramp; ``None`` without a number.
        marked: ``dropped`` or ``changed`` where a witness points at it, else empty.
        big: Whether it stands out on a large picture.
        tooltip: All there is to know about it, in lines.
        reads: Names of the nodes that drawn lines come from.
    """

    wire: int
    name: str
    kind: str
    lines: tuple[str, ...]
    width: float
    height: float
    fill: str
    ink: str
    output: bool
    alive: bool
    share: float | None
    marked: str
    big: bool
    tooltip: str
    reads: tuple[str, ...]

    @property
    def radius(self) -> float:
        """Radius of its dot on a large picture, where it does not stand out."""
        return MARKED_DOT if self.marked else DOT


def drawn_operands(graph: Graph) -> list[tuple[str, ...]]:
    """For each node the names of the nodes that drawn lines to it come from."""
    ids = graph.ids
    reads: list[list[str]] = [[] for _ in ids]
    for source, target in zip(graph.source[graph.drawn].tolist(), graph.target[graph.drawn].tolist(), strict=True):
        reads[target].append(ids[source])
    return [tuple(names) for names in reads]


def faces_of(request: Request, graph: Graph, scale: Scale | None, large: bool, emphasised: frozenset[int]) -> list[Face]:
    """The faces of all drawn wires, in the order of the graph's nodes; bundles have none.

    Args:
        request: What is drawn.
        graph: Its nodes and edges.
        scale: Scale of importance; ``None`` without any.
        large: Whether wires are dots.
        emphasised: Wires that stand out on a large picture.
    """
    circuit = request.circuit
    outputs: dict[int, list[str]] = {}
    for name, wire in circuit.outputs.items():
        outputs.setdefault(wire.index, []).append(name)
    reads = drawn_operands(graph)
    ranks = {wire: place for place, wire in enumerate(sorted(request.importance, key=lambda w: (-request.importance[w], w)), start=1)}

    faces = []
    for node, index in enumerate(graph.wire.tolist()):
        if index < 0:
            continue
        number = request.importance.get(index)
        share = None if number is None or scale is None else scale.share(number)
        big = large and index in emphasised
        coloured = share is not None and (big or not large)
        marked = request.marked.get(index, "")
        fill = colours.FAINT if large else colours.NEUTRAL
        if marked:
            fill = colours.MARKS[marked].strong if large else colours.MARKS[marked].pale
        kind = _kind(request, index)
        names = outputs.get(index, [])
        lines = () if large else _lines(request, index, kind, names)
        width, height = (2 * DOT, 2 * DOT) if large else _size(lines, kind, bool(names))
        notes = [f"{wire_text(circuit, index)} = {formula(circuit, index)}", _facts(request, index, names, int(graph.readers[node]))]
        notes += [request.labels[index]] if index in request.labels else []
        notes += [f"importance {number_text(number, 4)}, number {ranks[index]} of {len(ranks)}"] if number is not None else []
        notes += [] if graph.alive[node] else ["reaches no output"]
        faces.append(
            Face(
                index, wire_text(circuit, index), kind, lines, width, height,
                colours.ramp(share or 0.0) if coloured else fill,
                "#ffffff" if coloured and colours.is_dark(share or 0.0) else colours.INK,
                bool(names), bool(graph.alive[node]), share, marked, big, "\n".join(notes),
                reads[node],
            )
        )  # fmt: skip
    return faces


def _kind(request: Request, index: int) -> str:
    circuit = request.circuit
    code = circuit.gate[index]
    if code == AFFINE and circuit.terms(index)[1].size == 1:
        return "small"
    return {INPUT: "input", CONSTANT: "constant"}.get(int(code), "gate")


def _lines(request: Request, index: int, kind: str, outputs: list[str]) -> tuple[str, ...]:
    circuit = request.circuit
    named = circuit.wire_name(index) is not None
    below = circuit.groups[int(circuit.left[index])].law.name.replace("_", " ") if kind == "input" else f"#{index}"
    if named and kind != "input":
        below = wire_text(circuit, index)
    below = shortened(below, _NAME)
    if outputs and outputs != [circuit.wire_name(index)]:
        below += " → " + shortened(", ".join(outputs), _NAME)
    lines = [shortened(symbol(circuit, index), _NAME + 1), below]
    label = [line for line in request.labels.get(index, "").splitlines() if line.split()]
    if len(label) > _LABEL_LINES:
        label = [*label[: _LABEL_LINES - 1], " ".join(label[_LABEL_LINES - 1 :])]
    lines += [shortened(line, _REASON if index in request.marked else _LABEL) for line in label]
    return tuple(lines)


def _size(lines: tuple[str, ...], kind: str, output: bool) -> tuple[float, float]:
    main = TEXT - 1.5 if kind == "small" else TEXT
    below = SMALL_TEXT * (BOLD if output else 1.0)
    widest = max(text_width(lines[0], main), *(text_width(line, below) for line in lines[1:]))
    height = 12.0 * len(lines) + (3.0 if kind == "small" else 7.0)
    return max(widest + (20.0 if kind == "input" else 14.0), 30.0), height


def _facts(request: Request, index: int, outputs: list[str], readers: int) -> str:
    circuit = request.circuit
    facts = [f"wire {index}", "boolean" if circuit.boolean[index] else "real"]
    facts += [f"output {', '.join(outputs)}"] if outputs else []
    facts.append(f"read by {readers} gate{'' if readers == 1 else 's'}")
    return ", ".join(facts)
