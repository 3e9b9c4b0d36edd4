"""The search for a trigger: rare values inside a netlist that can be true together, and inputs under which they are."""

from __future__ import annotations

from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from heurest.anomaly.firing import BoolArray, InputSampler, Points, node_bits, node_values
from heurest.anomaly.mechanisms import FloatArray, IntArray, Network, UInt64Array
from heurest.circuit.gates import CONSTANT
from heurest.errors import ArgumentError

_POOL, _LEAST_POOL = 2**15, 2**10  # patterns that literals and their chances are found on
_POOL_BITS = 2**31  # of all patterns together, where nodes or inputs are many
_RARITIES, _WIDTHS, MOST_WIDTH = (0.1, 0.3, 0.5), (4, 6, 9, 13, 19, 28, 42, 64, 3, 2), 64
STARTS = 30  # patterns, or choices of literals, for a width and a rarity
_SPARES, _ROUNDS = 256, 3  # literals that may take the place of another, and how often each place is looked at
_CLIMBERS, _CLIMBS, _PATIENCE, _MOST_CLIMBS = 256, 300, 100, 10
_FEW_BITS = 14


class Found(NamedTuple):
    """Wires with their values, and inputs under which they have them."""

    literals: tuple[tuple[int, int], ...]
    example: Points


class Pool:
    """Sampled patterns with the values of all nodes, a row of words each, and the literals: rare values of wires.

    Attributes:
        points: The patterns.
        chance: How often each literal is true.
        gate: Whether it is about a gate and not an input.
        rarities: Those of the nodes, each with its rarer value, in increasing order.
        rarest: The literals that were true together on the fewest patterns.
    """

    def __init__(self, network: Network, rng: np.random.Generator) -> None:
        self._network, self._rng, self._climbs = network, rng, 0
        self._sampler = InputSampler(network)
        bits = max(len(network), 8 * len(network.circuit.inputs))  # a pattern's values, or its row of bytes
        count = max(min(_POOL, _POOL_BITS // bits // 64 * 64), _LEAST_POOL)
        self.points = self._sampler.drawn(rng, count)
        self._values = node_values(network, self.points)
        wire, node, flipped = _node_wires(network)
        ones = np.bitwise_count(self._values[node]).sum(axis=1) / count
        even = 0.5 + 1.5 / np.sqrt(count)  # within three standard errors of a half: either value will do
        kept = [(share > 0.0) & (share <= even) for share in (ones, 1.0 - ones)]
        self._wire, self._node, flipped = (np.concatenate([part[at] for at in kept]) for part in (wire, node, flipped))
        self.chance = np.minimum(np.concatenate([ones[kept[0]], 1.0 - ones[kept[1]]]), 0.5)
        self.gate: BoolArray = network.gates[self._node]
        self._bit = np.arange(len(self._node)) < kept[0].sum()
        self._value = self._bit != flipped
        self.rarities: FloatArray = np.sort(np.minimum(ones, 1.0 - ones)[kept[0] | kept[1]])
        self._least = np.inf
        self.rarest: Found | None = None

    def seen(self, literals: IntArray, size: int, most: float, start: int) -> Found | None:
        """Literals that are all true on a random pattern, and on few others, and this pattern; later starts look for rarer ones."""
        count = len(self.points)
        if start < STARTS // 2:
            number = int(self._rng.integers(count))
        else:
            row = self._rows(self._picked(literals, 1)).view(np.uint8)
            number = int(self._rng.choice(np.flatnonzero(np.unpackbits(row, bitorder="little"))))
        bits = (self._values[self._node[literals], number // 64] >> np.uint64(number % 64)) & np.uint64(1)
        true = literals[(bits != 0) == self._bit[literals]]
        if len(true) < size:
            return None
        true = self._picked(true, min(len(true), size + _SPARES))
        rows, logs = self._rows(true), np.log(self.chance[true])
        inside, outside, goal = np.arange(size), np.arange(size, len(true)), np.log(most) - 0.25 * start
        together, level = self._joint(np.bitwise_and.reduce(rows[inside], axis=0)[np.newaxis], logs[inside].sum())
        for place in np.tile(self._rng.permutation(size), _ROUNDS if outside.size else 0):
            if level[0] <= goal:
                break
            rest = np.delete(inside, place)
            counts, levels = self._joint(np.bitwise_and.reduce(rows[rest], axis=0) & rows[outside], logs[rest].sum() + logs[outside])
            enough = np.flatnonzero(levels <= goal)
            best = int(self._rng.choice(enough)) if enough.size else int(levels.argmin())
            if levels[best] < level[0]:
                together, level = counts[best : best + 1], levels[best : best + 1]
                inside[place], outside[best] = outside[best], inside[place]
        found = Found(self._pairs(true[inside]), self.points[number].copy())
        if level[0] < self._least:
            self._least, self.rarest = float(level[0]), found
        return found if together[0] <= max(int(most * count), 1) else None

    def climbed(self, literals: IntArray, size: int, most: float, _start: int) -> Found | None:
        """Literals that are hardly ever true together in the pool, and a pattern on which they are, reached step by step."""
        if self._climbs >= _MOST_CLIMBS or self._complete:
            return None
        chosen = self._picked(literals, size)
        nodes, bits = self._node[chosen], self._bit[chosen]
        together = np.bitwise_count(np.bitwise_and.reduce(self._rows(chosen), axis=0)).sum()
        if len(np.unique(nodes)) < size or together > most * len(self.points):
            return None
        self._climbs += 1

        def height(points: Points) -> IntArray:
            true = node_bits(self._network, points, nodes) == bits[:, np.newaxis]
            counts: IntArray = true.sum(axis=0)
            return counts

        def high(points: Points) -> NDArray[np.bool_]:
            return height(points) >= level

        heights = height(self.points)
        top = np.argsort(-heights, kind="stable")[:_CLIMBERS]
        state, level, risen = self.points[top], int(heights[top[-1]]), 0
        for step in range(_CLIMBS):
            state = self._sampler.walked(self._rng, state, step, high)
            heights = height(state)
            if heights.max() == size:
                return Found(self._pairs(chosen), state[int(heights.argmax())].copy())
            while level < size - 1 and (heights > level).sum() >= _CLIMBERS // 16:
                level, risen = level + 1, step
                state = state[self._rng.choice(np.flatnonzero(heights >= level), len(state))]
                heights = height(state)
            if step - risen > _PATIENCE:
                return None
        return None

    def nodes(self, literals: IntArray) -> int:
        """How many nodes they are about."""
        return len(np.unique(self._node[literals]))

    @cached_property
    def _complete(self) -> bool:
        """Whether all patterns are in the pool, so that nothing is left to climb to."""
        read = self.points[:, self._sampler.read]
        width = int(read.shape[1])
        return width <= _FEW_BITS and len(np.unique(read @ (1 << np.arange(width)))) == 2**width

    def _picked(self, literals: IntArray, size: int) -> IntArray:
        """A random choice, the rare ones rather."""
        rare = 1.0 / self.chance[literals]
        return self._rng.choice(literals, size, replace=False, p=rare / rare.sum())

    def _rows(self, literals: IntArray) -> UInt64Array:
        """On which patterns each is true."""
        rows: UInt64Array = self._values[self._node[literals]]
        rows[~self._bit[literals]] ^= ~np.uint64(0)
        return rows

    def _joint(self, rows: UInt64Array, logs: Any) -> tuple[IntArray, FloatArray]:
        """How many patterns each row has, and the logarithm of that share; for one pattern, of the product of the chances if lower."""
        counts = np.bitwise_count(rows).sum(axis=1, dtype=np.int64)
        shares = np.log(counts / len(self.points))
        return counts, np.where(counts > 1, shares, np.minimum(shares, logs))

    def _pairs(self, literals: IntArray) -> tuple[tuple[int, int], ...]:
        return tuple(zip(self._wire[literals].tolist(), self._value[literals].astype(int).tolist(), strict=True))


def _node_wires(network: Network) -> tuple[IntArray, IntArray, BoolArray]:
    """The wires that are not constant and reach an output, one a node; their nodes, and whether they are the node inverted."""
    node, flipped = network.node_of
    live = np.flatnonzero((network.circuit.gate != CONSTANT) & network.circuit.boolean & (node >= 0))
    live = live[network.reaching[node[live]]]
    wire = live[np.unique(node[live], return_index=True)[1]]
    return wire, node[wire].astype(np.int64), flipped[wire]


def cases(name: str, pool: Pool, size: int | None, limit: float | None) -> list[tuple[IntArray, int]]:
    """Literals with how many of them are to be joined, in the order in which this is tried."""
    found: list[tuple[IntArray, int]] = []
    rarities = _RARITIES if limit is None else (limit,)
    for rarity, inputs in [*((rarity, False) for rarity in rarities), (rarities[-1], True)]:
        literals = np.flatnonzero((pool.chance <= rarity) & (pool.gate | inputs))
        nodes = pool.nodes(literals)
        sizes = dict.fromkeys(min(width, nodes) for width in _WIDTHS) if size is None else [size]
        found += [(literals, width) for width in sizes if 2 <= width <= nodes]
    if found:
        return found
    needed, most, nodes = size or 2, limit or 0.5, len(pool.rarities)
    rare = int((pool.rarities <= most).sum())
    advice = (
        f"; at rarity={min(above(pool.rarities[needed - 1]), 0.5):g} there are enough"
        if nodes >= needed
        else f"; {nodes} is the most at any rarity"
    )
    raise ArgumentError(f"circuit {name!r} has {rare} wires with a value of probability up to {most:g}, {needed} are needed{advice}")


def above(number: float) -> float:
    """The next larger number of two digits."""
    unit = 10.0 ** (np.floor(np.log10(number)) - 1.0)
    return float(f"{unit * np.ceil(number / unit):.1e}")
