"""The nodes and edges of a picture: wires that are drawn, what they read, and dense layers as bundles."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from heurest.circuit.circuit import Circuit
from heurest.circuit.gates import AFFINE, AND, CONSTANT, MULTIPLY, SQUARE
from heurest.circuit.storage import IntArray, Layer

BoolArray = NDArray[np.bool_]

EDGE_CAP = 20_000
_BUNDLE_EDGES, _BUNDLE_EDGES_LARGE = 240, 24  # a layer with more edges than this becomes a bundle, on a small and on a large picture


@dataclass(frozen=True, eq=False)
class Graph:
    """A picture's nodes, numbered so that every edge goes from a lower number to a higher one.

    Attributes:
        wire: The wire of each node, or ``-1 - k`` for the bundle of dense layer ``bundles[k]``.
        node: The node of each wire, -1 for a constant that is folded into the texts of its readers.
        source: First end of every edge.
        target: Second end of every edge.
        drawn: Whether the edge is drawn: its coefficient is not zero, and it is within the cap.
        readers: How many gates read each node; those of a bundle read its operands, not the bundle.
        alive: Whether each node reaches an output; all do where there is no output.
        bundles: Layers drawn as bundles.
        edges: How many edges would be drawn without a cap.
    """

    wire: IntArray
    node: IntArray
    source: IntArray
    target: IntArray
    drawn: BoolArray
    readers: IntArray
    alive: BoolArray
    bundles: tuple[Layer, ...]
    edges: int

    @property
    def ids(self) -> list[str]:
        """A name for each node in texts and elements: ``w`` and the wire, or ``d`` and the bundle."""
        return [f"w{wire}" if wire >= 0 else f"d{-1 - wire}" for wire in self.wire.tolist()]


def graph_of(circuit: Circuit, large: bool, keep: Collection[int]) -> Graph:
    """The graph of a circuit.

    Args:
        circuit: At least one wire.
        large: Whether dots are drawn; dense layers are then bundled sooner.
        keep: Wires that are drawn even if they are constants, and whose edges are not thinned.
    """
    count = len(circuit)
    kept = np.zeros(count, dtype=bool)
    kept[list(keep)] = True
    shown = (circuit.gate != CONSTANT) | kept
    shown[[wire.index for wire in circuit.outputs.values()]] = True
    if not shown.any():
        shown[:] = True
    bundles = tuple(layer for layer in circuit.layers if _is_bundle(layer, _BUNDLE_EDGES_LARGE if large else _BUNDLE_EDGES))

    # A bundle stands before its first row and after all that it reads; wires keep their order.
    keys = np.concatenate([2 * np.flatnonzero(shown) + 1, np.array([2 * layer.first for layer in bundles], dtype=np.int64)])
    names = np.concatenate([np.flatnonzero(shown), -1 - np.arange(len(bundles))])
    order = np.argsort(keys, kind="stable")
    wire = names[order]
    node = np.full(count, -1, dtype=np.int64)
    place = np.arange(wire.size)
    node[wire[wire >= 0]] = place[wire >= 0]
    bundle_node = np.zeros(len(bundles), dtype=np.int64)
    bundle_node[-1 - wire[wire < 0]] = place[wire < 0]

    parts = [_products(circuit, node), _sums(circuit, node)]
    place_of = {bundle.first: k for k, bundle in enumerate(bundles)}
    for layer in circuit.layers:
        at = place_of.get(layer.first)
        parts.append(_matrix_edges(layer, node) if at is None else _bundle_edges(layer, node, int(bundle_node[at])))
    source, target, drawn = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    present = source >= 0
    source, target, drawn = _distinct(source[present], target[present], drawn[present], wire.size)
    edges = int(drawn.sum())
    readers = _readers(wire, node, source[drawn], target[drawn], bundles)
    if edges > EDGE_CAP:
        important = np.append(kept, False)[np.maximum(wire, -1)]
        drawn &= _thinned(drawn, important[source] | important[target])
    outputs = [int(node[output.index]) for output in circuit.outputs.values()]
    return Graph(wire, node, source, target, drawn, readers, _alive(wire.size, source, target, outputs), bundles, edges)


Edges = tuple[IntArray, IntArray, BoolArray]


def _is_bundle(layer: Layer, least: int) -> bool:
    rows, columns = layer.matrix.shape
    return min(rows, columns) > 1 and layer.matrix.size > least and int(np.count_nonzero(layer.matrix)) > max(least, rows + columns)


def _products(circuit: Circuit, node: IntArray) -> Edges:
    code = circuit.gate
    first = np.flatnonzero((code == MULTIPLY) | (code == AND) | (code == SQUARE))
    second = np.flatnonzero((code == MULTIPLY) | (code == AND))
    source = node[np.concatenate([circuit.left[first], circuit.right[second]])]
    return source, node[np.concatenate([first, second])], np.ones(source.size, dtype=bool)


def _sums(circuit: Circuit, node: IntArray) -> Edges:
    gates = np.flatnonzero((circuit.gate == AFFINE) & (circuit.left >= 0))
    starts, lengths = circuit.left[gates], circuit.right[gates] - circuit.left[gates]
    before = np.cumsum(lengths) - lengths
    terms = np.arange(int(lengths.sum())) + np.repeat(starts - before, lengths)
    return node[circuit.term_wire[terms]], np.repeat(node[gates], lengths), circuit.term_coefficient[terms] != 0.0


def _matrix_edges(layer: Layer, node: IntArray) -> Edges:
    rows, columns = layer.matrix.shape
    target = np.repeat(node[layer.first : layer.first + rows], columns)
    return np.tile(node[layer.operands], rows), target, layer.matrix.reshape(-1) != 0.0


def _bundle_edges(layer: Layer, node: IntArray, bundle: int) -> Edges:
    rows, columns = layer.matrix.shape
    source = np.concatenate([node[layer.operands], np.full(rows, bundle)])
    target = np.concatenate([np.full(columns, bundle), node[layer.first : layer.first + rows]])
    return source, target, np.concatenate([layer.matrix.any(axis=0), layer.matrix.any(axis=1)])


def _distinct(source: IntArray, target: IntArray, drawn: BoolArray, nodes: int) -> Edges:
    """Each pair of ends once, sorted by target and then source; drawn if one of its copies is."""
    keys, where = np.unique(target * nodes + source, return_inverse=True)
    seen = np.zeros(keys.size, dtype=bool)
    np.logical_or.at(seen, where, drawn)
    return keys % nodes, keys // nodes, seen


def _thinned(drawn: BoolArray, important: BoolArray) -> BoolArray:
    """Which drawn edges stay under the cap: those of important wires first, of the others an even share."""
    kept = np.zeros(drawn.size, dtype=bool)
    room = EDGE_CAP
    for group in (np.flatnonzero(drawn & important), np.flatnonzero(drawn & ~important)):
        chosen = group if group.size <= room else group[np.arange(room) * group.size // max(room, 1)]
        kept[chosen] = True
        room -= chosen.size
    return kept


def _readers(wire: IntArray, node: IntArray, source: IntArray, target: IntArray, bundles: tuple[Layer, ...]) -> IntArray:
    single = (wire[source] >= 0) & (wire[target] >= 0)
    readers = np.bincount(source[single], minlength=wire.size)
    for layer in bundles:
        operands = node[layer.operands]
        np.add.at(readers, operands[operands >= 0], np.count_nonzero(layer.matrix, axis=0)[operands >= 0])
    return readers


def _alive(nodes: int, source: IntArray, target: IntArray, outputs: list[int]) -> BoolArray:
    alive = [not outputs] * nodes
    for output in outputs:
        alive[output] = True
    # edges are sorted by target, so backwards every edge out of a node comes before those into it
    for first, second in zip(source[::-1].tolist(), target[::-1].tolist(), strict=True):
        if alive[second]:
            alive[first] = True
    return np.array(alive)
