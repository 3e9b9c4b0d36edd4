"""Where nodes go: levels from left to right, wrapped into bands like lines of text where there are many."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from heurest.circuit.storage import IntArray
from heurest.drawing.ordering import Hops, hops_of, levels, ordered_levels

FloatArray = NDArray[np.float64]

_DEEP = 10  # with more levels than this, inputs stand next to their first reader
_SCREEN = 1500.0  # up to this width levels never wrap
_PULL = 0.02  # weight of the band's middle line, so that levels do not drift away


@dataclass(frozen=True)
class Spacing:
    """Distances of a layout, in the units of the picture.

    Attributes:
        row: Free space between two nodes of a level.
        lane: Height kept free for a wire that passes by a level.
        column: Least free space between levels.
        widest: Most free space between levels.
        gutter: Least free space between bands; at most three times as much.
        pitch: Distance of the lines in a gutter, room permitting.
        ratio: Width to height of the picture above which levels wrap into bands.
        lanes: Whether wires keep their distance from the nodes that they pass.
        sweeps: Sweeps of crossing reduction.
    """

    row: float
    lane: float
    column: float
    widest: float
    gutter: float
    pitch: float
    ratio: float = 1.9
    lanes: bool = True
    sweeps: int = 14


@dataclass(frozen=True, eq=False)
class Layout:
    """Places of nodes and of the lanes numbered after them.

    Attributes:
        hops: The graph that was laid out.
        x: Middle of every node and lane.
        y: The same, downwards.
        half: Half the width of a node; of a lane, of its level.
        band: Band of every node and lane.
        gutters: Top and bottom of the free strip below each band.
        width: Right end of all bands; they start at 0.
        height: Bottom of the last band; the first starts at 0.
    """

    hops: Hops
    x: FloatArray
    y: FloatArray
    half: FloatArray
    band: IntArray
    gutters: list[tuple[float, float]]
    width: float
    height: float


def laid_out(
    widths: FloatArray, heights: FloatArray, source: IntArray, target: IntArray, drawn: NDArray[np.bool_], spacing: Spacing
) -> Layout:
    """Lay out a graph.

    Every node stands in a later level than all that it reads, and a later level lies to the right, or in a lower band.

    Args:
        widths: Width of every node.
        heights: Height of every node.
        source: First end of every edge, a lower number than the second.
        target: Second end of every edge, ascending.
        drawn: Whether an edge is drawn; others count for the levels only.
        spacing: Distances.

    Cost:
        About linear in nodes, edges and lanes: 0.1 s for 500 nodes with lanes, 1 s for 10,000 without.
    """
    count = widths.size
    level = levels(count, source, target, _DEEP)
    hops = hops_of(count, source[drawn], target[drawn], level, spacing.lanes)
    size = [height + spacing.row for height in heights.tolist()] + [spacing.lane] * len(hops.owner)
    members = ordered_levels(hops, size, spacing.sweeps)
    columns = _columns(members, size, count, spacing)
    tallest = [max((size[node] for node in level if node < count), default=0.0) for level in members]
    # in a staggered level all nodes take the room of the tallest: then two of one column never meet
    room = [tallest[k] / columns[k] if columns[k] > 1 else 0.0 for k in range(len(members))]
    step = [room[hops.level[node]] or size[node] for node in range(count)] + [spacing.lane] * len(hops.owner)
    y = _settled(members, hops, step)
    return _wrapped(members, hops, y, widths, heights, columns, spacing)


def _columns(members: list[list[int]], size: list[float], count: int, spacing: Spacing) -> list[int]:
    """Into how many columns each level is staggered, so that a few very full levels do not make the picture a tower."""
    tall = [sum(size[node] for node in level if node < count) for level in members]
    room = max(40 * max(size), 2.5 * (sum(tall) * spacing.column) ** 0.5)
    return [max(1, int(-(-height // room))) for height in tall]


def _settled(members: list[list[int]], hops: Hops, step: list[float]) -> list[float]:
    """Heights of nodes near the mean of their neighbours, in the given order and with the given distances."""
    y = [0.0] * len(step)
    for level in members:
        top = -0.5 * sum(step[node] for node in level)
        for node in level:
            y[node] = top + 0.5 * step[node]
            top += step[node]
    lanes = hops.nodes

    def settle(level: list[int], ends: tuple[list[list[int]], ...]) -> None:
        wanted, weights, offsets = [], [], []
        offset, before = 0.0, 0.0
        for node in level:
            total, weight = 0.0, _PULL
            for others in ends:
                for other in others[node]:
                    straight = 8.0 if node >= lanes and other >= lanes else 2.0 if node >= lanes or other >= lanes else 1.0
                    total += straight * y[other]
                    weight += straight
            offset += 0.5 * (before + step[node])
            before = step[node]
            offsets.append(offset)
            wanted.append(total / weight - offset)
            weights.append(weight)
        for node, value, shift in zip(level, increasing(wanted, weights), offsets, strict=True):
            y[node] = value + shift

    for ends in ((hops.up,), (hops.down,), (hops.up, hops.down), (hops.down, hops.up), (hops.up, hops.down), (hops.down, hops.up)):
        for level in members if ends[0] is hops.up else reversed(members):
            settle(level, ends)
    return y


def increasing(wanted: list[float], weights: list[float]) -> list[float]:
    """The non-decreasing numbers closest to those wanted, in weighted least squares: neighbours that violate the order are pooled.

    Examples:
        >>> increasing([1.0, 5.0, 3.0, 9.0], [1.0, 1.0, 1.0, 1.0])
        [1.0, 4.0, 4.0, 9.0]
    """
    pools: list[tuple[float, float, int]] = []
    for value, weight in zip(wanted, weights, strict=True):
        total, share, length = value * weight, weight, 1
        while pools and pools[-1][0] * share >= total * pools[-1][1]:
            earlier = pools.pop()
            total, share, length = total + earlier[0], share + earlier[1], length + earlier[2]
        pools.append((total, share, length))
    return [total / share for total, share, length in pools for _ in range(length)]


def _wrapped(
    members: list[list[int]], hops: Hops, y: list[float], widths: FloatArray, heights: FloatArray, columns: list[int], spacing: Spacing
) -> Layout:
    count = widths.size
    half_height = np.concatenate([heights / 2, np.full(len(hops.owner), spacing.lane / 2)]).tolist()
    bottom = [max(y[node] + half_height[node] for node in level) for level in members]
    top = [min(y[node] - half_height[node] for node in level) for level in members]
    widest = [max((float(widths[node]) for node in level if node < count), default=0.0) for level in members]
    thick = [width * number + 6.0 * (number - 1) for width, number in zip(widest, columns, strict=True)]
    tall = max(bottom) - min(top)
    gap = min(max((1.4 * tall - sum(thick)) / max(len(members) - 1, 1), spacing.column), spacing.widest)
    bands = _bands(thick, top, bottom, gap, spacing)

    x, placed_y = np.zeros(len(y)), np.array(y)
    half = np.concatenate([widths / 2, np.zeros(len(hops.owner))])
    band_of = np.zeros(len(y), dtype=np.int64)
    gutters = []
    width, ceiling = 0.0, 0.0
    for band, (start, stop) in enumerate(bands):
        crossing = 0 if stop == len(members) else sum(len(hops.down[node]) for node in members[stop - 1])
        shift = ceiling - min(top[start:stop])
        left = 0.0
        for k in range(start, stop):
            middle = left + thick[k] / 2
            rank = 0
            for node in members[k]:
                x[node] = middle
                band_of[node] = band
                placed_y[node] += shift
                if node >= count:
                    half[node] = thick[k] / 2
                elif columns[k] > 1:
                    x[node] += (rank % columns[k] - (columns[k] - 1) / 2) * (widest[k] + 6.0)
                    rank += 1
            left += thick[k] + gap
        width = max(width, left - gap)
        floor = shift + max(bottom[start:stop])
        ceiling = floor + min(max(spacing.gutter, spacing.pitch * (crossing + 2)), 3.0 * spacing.gutter)
        gutters.append((floor, ceiling))
    return Layout(hops, x, placed_y, half, band_of, gutters, width, gutters[-1][0])


def _bands(thick: list[float], top: list[float], bottom: list[float], gap: float, spacing: Spacing) -> list[tuple[int, int]]:
    """Ranges of levels: the fewest bands that keep the picture's ratio."""
    total = sum(thick) + gap * (len(thick) - 1)
    most = min(len(thick), 200)
    for number in range(1, most + 1):
        limit = total / number + max(thick)
        bands, start, left = [], 0, 0.0
        for k, width in enumerate(thick):
            if k > start and left + width > limit:
                bands.append((start, k))
                start, left = k, 0.0
            left += width + gap
        bands.append((start, len(thick)))
        tall = sum(max(bottom[a:b]) - min(top[a:b]) + 2.0 * spacing.gutter for a, b in bands)
        if min(limit, total) <= max(spacing.ratio * tall, _SCREEN):
            break
    return bands
