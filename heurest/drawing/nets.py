"""The lines from a wire to the gates that read it."""

from __future__ import annotations

from heurest.drawing.layout import Layout
from heurest.drawing.shapes import coordinate, point

_PORT_STEP = 6.0
SIDE = 44.0  # free space beside wrapped bands, where lines turn to the next one


def net_paths(layout: Layout, ports: float, left: float, top: float) -> list[str]:
    """SVG path data of the lines that leave each node; empty where nothing reads it.

    Args:
        layout: Places of nodes and lanes.
        ports: Height of a node within which arriving lines spread; 0 where all meet at its middle.
        left: Horizontal shift of the layout within the picture.
        top: Vertical shift.

    Cost:
        Linear in the hops, but for sorting those that end in one node or leave one band.
    """
    hops = layout.hops
    count = hops.nodes
    x, y, half = (layout.x + left).tolist(), (layout.y + top).tolist(), layout.half.tolist()
    band = layout.band.tolist()
    arrival = _arrivals(layout, ports)
    turns = _turns(layout)
    pieces: list[list[str]] = [[] for _ in range(count)]
    for first, ends in enumerate(hops.down):
        owner = first if first < count else hops.owner[first - count]
        path = pieces[owner]
        start_x, start_y = x[first] + half[first], y[first]
        for second in ends:
            end_x, end_y = x[second] - half[second], y[second] + arrival.get((first, second), 0.0)
            path.append(f"M{point(start_x, start_y)}")
            if band[first] == band[second]:
                bend = (end_x - start_x) / 2
                path.append(f"C{point(start_x + bend, start_y)} {point(end_x - bend, end_y)} {point(end_x, end_y)}")
            else:
                share = turns[first, second]
                floor, ceiling = layout.gutters[band[first]]
                level, out = top + floor + (ceiling - floor) * (0.15 + 0.7 * share), 10.0 + (SIDE - 16.0) * share
                right = left + layout.width
                path.append(f"C{point(right + out, start_y)} {point(right + out, level)} {point(right, level)}H{coordinate(left)}")
                back = 10.0 + (SIDE - 16.0) * (1.0 - share)
                path.append(f"C{point(left - back, level)} {point(left - back, end_y)} {point(end_x, end_y)}")
            if second >= count:
                path.append(f"H{coordinate(x[second] + half[second])}")
    return ["".join(path) for path in pieces]


def _arrivals(layout: Layout, ports: float) -> dict[tuple[int, int], float]:
    """How far above or below a node's middle each line arrives, in the order of where they come from."""
    if ports <= 0.0:
        return {}
    hops, y, band = layout.hops, layout.y.tolist(), layout.band.tolist()
    shifts = {}
    for node in range(hops.nodes):
        others = sorted(hops.up[node], key=lambda other: (band[other] == band[node], y[other], other))
        step = min(_PORT_STEP, ports / max(len(others) - 1, 1))
        for place, other in enumerate(others):
            shifts[other, node] = step * (place - (len(others) - 1) / 2)
    return shifts


def _turns(layout: Layout) -> dict[tuple[int, int], float]:
    """For each line to a later band its place across the gutter, from 0 (upmost) to 1: the lowest node takes the upmost lane."""
    hops, y, band = layout.hops, layout.y.tolist(), layout.band.tolist()
    leaving: dict[int, list[tuple[int, int]]] = {}
    for first, ends in enumerate(hops.down):
        for second in ends:
            if band[first] != band[second]:
                leaving.setdefault(band[first], []).append((first, second))
    places = {}
    for pairs in leaving.values():
        pairs.sort(key=lambda pair: (-y[pair[0]], -y[pair[1]], pair))
        for place, pair in enumerate(pairs):
            places[pair] = (place + 0.5) / len(pairs)
    return places
