"""Levels of a graph, and the order of its nodes within each level with few crossings."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from heurest.circuit.storage import IntArray

_CHAIN_CAP = 20_000  # places kept free for wires that pass by; beyond it only short wires get one
_SHORT_CHAIN = 12


@dataclass(frozen=True, eq=False)
class Hops:
    """A graph cut into hops from one level to a later one.

    A wire that is read several levels on has a lane: one more node in every level between, shared by all its readers.

    Attributes:
        level: Level of each node; lanes are numbered after the nodes.
        nodes: How many of them are nodes proper.
        up: For each node the ends of its hops towards earlier levels.
        down: The same towards later levels.
        owner: For each lane the node whose wire it carries.
    """

    level: list[int]
    nodes: int
    up: list[list[int]]
    down: list[list[int]]
    owner: list[int]


def levels(count: int, source: IntArray, target: IntArray, deep: int) -> list[int]:
    """Level of each node: the longest path to it from a node that reads nothing.

    In a graph of more than ``deep`` levels, inputs and gates that read inputs only stand just before their first reader: wires stay short.

    Args:
        count: Number of nodes.
        source: First end of every edge, a lower number than the second.
        target: Second end of every edge, ascending.
        deep: Levels up to which all inputs stay in the first one.

    Cost:
        Linear in nodes and edges.

    Examples:
        >>> import numpy as np
        >>> levels(4, np.array([0, 1, 0, 2]), np.array([2, 2, 3, 3]), deep=9)
        [0, 0, 1, 2]
        >>> levels(4, np.array([0, 0, 1, 2]), np.array([2, 3, 3, 3]), deep=2)  # node 1 is first read in level 2
        [0, 1, 1, 2]
    """
    level = [0] * count
    pairs = list(zip(source.tolist(), target.tolist(), strict=True))
    for first, second in pairs:
        level[second] = max(level[second], level[first] + 1)
    if max(level) >= deep:
        reads: list[list[int]] = [[] for _ in range(count)]
        readers: list[list[int]] = [[] for _ in range(count)]
        for first, second in pairs:
            reads[second].append(first)
            readers[first].append(second)
        near_inputs = [node for node in range(count) if reads[node] and not any(reads[first] for first in reads[node])]
        for node in [*near_inputs, *(node for node in range(count) if not reads[node])]:
            level[node] = min((level[second] for second in readers[node]), default=level[node] + 1) - 1
    return level


def hops_of(count: int, source: IntArray, target: IntArray, level: list[int], lanes: bool) -> Hops:
    """The hops of a graph; without lanes every edge is one hop."""
    height = list(level)
    reach = list(level)
    pairs = list(zip(source.tolist(), target.tolist(), strict=True))
    for first, second in pairs:
        reach[first] = max(reach[first], level[second])
    spans = [max(reach[node] - level[node] - 1, 0) if lanes else 0 for node in range(count)]
    if sum(spans) > _CHAIN_CAP:
        spans = [span if span <= _SHORT_CHAIN else 0 for span in spans]
    owner: list[int] = []
    first_lane = []
    for node, span in enumerate(spans):
        first_lane.append(len(height))
        height += range(level[node] + 1, level[node] + 1 + span)
        owner += [node] * span
    up: list[list[int]] = [[] for _ in height]
    down: list[list[int]] = [[] for _ in height]

    def join(first: int, second: int) -> None:
        down[first].append(second)
        up[second].append(first)

    for node, span in enumerate(spans):
        chain = [node, *range(first_lane[node], first_lane[node] + span)]
        for first, second in pairwise(chain):
            join(first, second)
    for first, second in pairs:
        skipped = level[second] - level[first] - 1
        join(first_lane[first] + skipped - 1 if skipped and spans[first] else first, second)
    return Hops(height, count, up, down, owner)


def ordered_levels(hops: Hops, size: list[float], sweeps: int) -> list[list[int]]:
    """The nodes and lanes of each level from top to bottom.

    Barycentre sweeps forth and back: every level is sorted by the mean place of its neighbours in the level just left. The sweep with
    the shortest hops wins; after it neighbours swap places wherever that removes crossings.

    Args:
        hops: The graph.
        size: Height of every node and lane.
        sweeps: How often to go through the levels.

    Cost:
        Linear in hops for each sweep, but for the sorting within a level.
    """
    members: list[list[int]] = [[] for _ in range(max(hops.level) + 1)]
    for node, level in enumerate(hops.level):
        members[level].append(node)
    place = [0.0] * len(hops.level)
    for level_members in members:
        _stack(level_members, size, place)
    best, shortest = [list(level) for level in members], float("inf")
    for sweep in range(sweeps):
        forth = sweep % 2 == 0
        near, far = (hops.up, hops.down) if forth else (hops.down, hops.up)
        for level_members in members if forth else reversed(members):
            key = {}
            for node in level_members:
                others = near[node] or (far[node] if sweep else [])
                key[node] = sum(place[other] for other in others) / len(others) if others else place[node]
            level_members.sort(key=key.__getitem__)
            _stack(level_members, size, place)
        length = sum(abs(place[node] - place[other]) for node, others in enumerate(hops.down) for other in others)
        if length < shortest * (1.0 - 1e-9):
            best, shortest = [list(level) for level in members], length
    _swap_neighbours(best, hops)
    return best


def _stack(level_members: list[int], size: list[float], place: list[float]) -> None:
    """Places of a level's nodes, one under the other about 0."""
    top = -0.5 * sum(size[node] for node in level_members)
    for node in level_members:
        place[node] = top + 0.5 * size[node]
        top += size[node]


def _swap_neighbours(members: list[list[int]], hops: Hops) -> None:
    """Swap nodes that lie one under the other while that removes crossings, a few rounds."""
    rank = [0] * len(hops.level)
    for level_members in members:
        for i, node in enumerate(level_members):
            rank[node] = i

    def crossings(upper: int, lower: int) -> int:
        return sum(
            rank[a] > rank[b] for ends in (hops.up, hops.down) for a in ends[upper] for b in ends[lower] if hops.level[a] == hops.level[b]
        )

    for _ in range(4):
        swapped = False
        for level_members in members:
            for i in range(len(level_members) - 1):
                upper, lower = level_members[i], level_members[i + 1]
                pairs = len(hops.up[upper]) * len(hops.up[lower]) + len(hops.down[upper]) * len(hops.down[lower])
                if pairs <= 400 and crossings(upper, lower) > crossings(lower, upper):
                    level_members[i], level_members[i + 1] = lower, upper
                    rank[upper], rank[lower] = i + 1, i
                    swapped = True
        if not swapped:
            return
