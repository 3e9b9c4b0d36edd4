"""Mechanisms of a netlist: a gate with what its operands are; how often each occurs, and what is left without the rare ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heurest import opcodes
from heurest.anomaly.and_xor_graph import wire_labels
from heurest.circuit.circuit import Circuit
from heurest.circuit.validation import check_circuit
from heurest.errors import ArgumentError
from heurest.estimators.boolean import boolean_nodes, input_probabilities
from heurest.methods import estimate
from heurest.program import lower
from heurest.program.boolean import BooleanInstructions, BooleanProgram
from heurest.program.memory import aligned_zeros
from heurest.truth.wire_values import checked_points

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Int32Array = NDArray[np.int32]
ByteArray = NDArray[np.uint8]
UInt64Array = NDArray[np.uint64]

#: Structural probability from the frequencies of the operands, independence where one was never seen.
MEASURED = "measured"
LEAST = 1e-300  # weight of what is impossible: it comes first, and its logarithm stays a number
LEVELS = 32
_LARGEST_LEVEL = 0.5  # of the cumulative weight: beyond it nothing is rare
_PORTION = 2**16  # patterns that are packed at a time


@dataclass(frozen=True, eq=False)
class Mechanism:
    """A gate with the values of its operands.

    Attributes:
        node: The gate's number among the nodes.
        name: The gate's wire by its name or as ``#7``, or ``node 7`` where it is inside a wire's gate.
        operands: The operands' wires in the same way.
        values: What they are, 0 or 1 each, as wires.
        gate: What it does with its operands as wires: ``and``, ``nand``, ``or``, ``nor``, ``xor`` or ``xnor``; the ands and ors may
            invert one of them.
        weight: Share of the patterns that it is presumed to occur in.
        count: In how many training patterns it occurred.
    """

    node: int
    name: str
    operands: tuple[str, str]
    values: tuple[int, int]
    gate: str
    weight: float
    count: int

    @property
    def cause(self) -> str:
        """What the operands are."""
        return ", ".join(f"{operand} = {value}" for operand, value in zip(self.operands, self.values, strict=True))

    def __str__(self) -> str:
        return f"{self.name} ({self.gate}) with {self.cause}"


class Network:
    """A circuit of 0/1 wires as gates of two operands, with the outputs that are watched.

    Args:
        circuit: Any circuit of boolean wires; it is frozen by this.
        outputs: Names of the outputs to watch, all by default; one that is constant never changes.

    Attributes:
        circuit: The circuit.
        outputs: The names.
        program: The gates, each with a slot of its own.
        watched: The nodes of the outputs.

    Raises:
        ArgumentError: An output does not exist, or all are constant.
        KindError: A wire that feeds an output is real.
    """

    def __init__(self, circuit: Circuit, outputs: Sequence[str] | None = None) -> None:
        names = _output_names(circuit, outputs)
        self.circuit, self.outputs = circuit, names
        self.program: BooleanProgram = boolean_nodes(lower(circuit, list(names)), None, "a detector of gates")
        wires = circuit.outputs  # made anew at each call
        values = self.program.program.wire_value[[wires[name].index for name in names]]
        nodes = np.append(self.program.value_node, -1)[values]  # value -1, a constant, reads the last
        self.watched: Int32Array = np.unique(nodes[nodes >= 0]).astype(np.int32)
        if not self.watched.size:
            raise ArgumentError(
                f"circuit {circuit.name!r}: the outputs {', '.join(map(repr, names))} are constant, so nothing can change them"
            )

    @property
    def code(self) -> BooleanInstructions:
        """The gates."""
        return self.program.instructions

    def __len__(self) -> int:
        return len(self.code.op)

    @cached_property
    def gates(self) -> NDArray[np.bool_]:
        """Which nodes are gates that reach a watched output; others have no mechanisms."""
        gates: NDArray[np.bool_] = (self.code.op != opcodes.BIT_LOAD) & self.reaching
        return gates

    @cached_property
    def reaching(self) -> NDArray[np.bool_]:
        """Which nodes reach a watched output."""
        from heurest.kernels.mechanisms import reaching

        live: NDArray[np.bool_] = reaching(self.code, self.watched)
        return live

    @cached_property
    def node_of(self) -> tuple[IntArray, NDArray[np.bool_]]:
        """For every wire of the circuit its node, -1 for none, and whether the wire is the node's inverse."""
        program = self.program.program
        known = (program.wire_value >= 0) & (np.abs(program.wire_scale) == 1.0)
        values = np.where(known, program.wire_value, 0)
        return np.where(known, self.program.value_node[values], -1), self.program.value_not[values] ^ (program.wire_scale < 0.0)

    @cached_property
    def wires(self) -> list[tuple[int, bool]]:
        """Of every node the index of the wire that it computes, a named one before others, and whether as its inverse; -1 inside a gate."""
        found, named = [(-1, False)] * len(self), [False] * len(self)
        for wire, (node, inverted) in enumerate(zip(*(column.tolist() for column in self.node_of), strict=True)):
            if node >= 0 and (found[node][0] < 0 or (wire in self._labels and not named[node])):
                found[node], named[node] = (wire, inverted), wire in self._labels
        return found

    def name(self, node: int) -> str:
        """The wire that a node computes, by its name, that of an output or its index, or the node's number."""
        wire, _ = self.wires[node]
        return f"node {node}" if wire < 0 else self._labels.get(wire, f"#{wire}")

    @cached_property
    def _labels(self) -> dict[int, str]:
        return wire_labels(self.circuit)

    @cached_property
    def watched_names(self) -> list[str]:
        """For every watched node the first output that it is."""
        (node_of, _), outputs = self.node_of, self.circuit.outputs
        found = {int(node_of[outputs[name].index]): name for name in reversed(self.outputs)}
        return [found[node] for node in self.watched.tolist()]

    def _gate(self, node: int) -> str:
        """What a gate does with its operands, wires as they are."""
        code = self.code
        flips = [bool(code.left_not[node] ^ self.wires[code.left[node]][1]), bool(code.right_not[node] ^ self.wires[code.right[node]][1])]
        inverted = self.wires[node][1]
        if code.op[node] == opcodes.BIT_XOR:
            return "xnor" if flips[0] ^ flips[1] ^ inverted else "xor"
        names = ("nor", "or") if all(flips) else ("and", "nand") if not any(flips) else ("and", "or")
        return names[inverted]

    def packed(self, points: Any) -> tuple[UInt64Array, int]:
        """Patterns as words, a row an input, and how many there are.

        Raises:
            ArgumentError: The shape does not fit, or something is not 0 or 1.
        """
        width = len(self.circuit.inputs)
        array = points if isinstance(points, np.ndarray) else None
        if array is None or array.ndim != 2 or array.shape[1] != width or array.dtype not in (np.bool_, np.uint8) or (array > 1).any():
            array = checked_points(self.circuit, points)
        count = len(array)
        if not count:
            raise ArgumentError(f"patterns for {self.circuit.name!r} are empty: at least one is needed")
        words = -(-count // 64)
        result: UInt64Array = aligned_zeros((width, words), np.uint64)
        for start in range(0, count, _PORTION):
            part = np.ascontiguousarray(array[start : start + _PORTION].T != 0)
            room = np.zeros((width, -(-part.shape[1] // 64) * 8), np.uint8)
            packed = np.packbits(part, axis=1, bitorder="little")
            room[:, : packed.shape[1]] = packed
            result[:, start // 64 : start // 64 + room.shape[1] // 8] = room.view("<u8")
        return result, count

    def slots(self) -> UInt64Array:
        """Room for the kernels."""
        from heurest.kernels.mechanisms import WORDS

        room: UInt64Array = aligned_zeros((len(self), WORDS), np.uint64)
        return room

    def count_ones(self, words: UInt64Array, count: int, ones: IntArray) -> None:
        """Add in how many of the patterns each node is 1."""
        from heurest.kernels.mechanisms import count_ones

        count_ones(self.code, words, ~np.uint64(0) >> np.uint64(64 * words.shape[1] - count), self.slots(), ones)

    def mechanism(self, node: int, combination: int, weights: FloatArray, counts: IntArray) -> Mechanism:
        """A gate with a combination of its operands' values, in the words of the circuit."""
        code = self.code
        operands, values = [], []
        for side, flipped, bit in ((code.left, code.left_not, combination >> 1), (code.right, code.right_not, combination & 1)):
            operands.append(self.name(int(side[node])))
            values.append(bit ^ int(flipped[node]) ^ int(self.wires[int(side[node])][1]))
        pair = (operands[0], operands[1]), (values[0], values[1])
        return Mechanism(node, self.name(node), *pair, self._gate(node), float(weights[node, combination]), int(counts[node, combination]))


def _output_names(circuit: Circuit, outputs: Sequence[str] | None) -> tuple[str, ...]:
    check_circuit(circuit)
    known = circuit.outputs
    if outputs is None:
        names = tuple(known)
    elif isinstance(outputs, str):
        names = (outputs,)
    elif isinstance(outputs, Sequence) and not isinstance(outputs, bytes):
        names = tuple(outputs)
    else:
        raise ArgumentError(f"outputs must be names of outputs, got {outputs!r}")
    for name in names:
        if not isinstance(name, str) or name not in known:
            raise ArgumentError(f"circuit {circuit.name!r} has no output {name!r}; it has {', '.join(map(repr, known))}")
    names = tuple(dict.fromkeys(names))
    if not names:
        raise ArgumentError(f"circuit {circuit.name!r}: at least one output must be watched")
    return names


def combination_counts(code: BooleanInstructions, ones: IntArray, count: int) -> IntArray:
    """How often each combination of operand values occurred, shape ``(nodes, 4)``, from how often each node was 1; 0 for inputs.

    An ``and`` counts the patterns in which both operands are 1; for an exclusive or these are half of what the operands' counts
    together exceed its own by. The other combinations are differences: all are exact integers.
    """
    gates, left, right = _operands(code)
    a, b = np.where(code.left_not, count - ones[left], ones[left]), np.where(code.right_not, count - ones[right], ones[right])
    both = np.where(code.op == opcodes.BIT_AND, ones, (a + b - ones) // 2)
    table = np.stack([count - a - b + both, b - both, a - both, both], axis=1)
    table[~gates] = 0
    return table


def independent_combinations(code: BooleanInstructions, one: FloatArray, zero: FloatArray) -> FloatArray:
    """Probability of each combination, shape ``(nodes, 4)``, were operands independent, from P(1) and P(0) of the nodes; 0 for inputs."""
    gates, left, right = _operands(code)
    a1, a0 = np.where(code.left_not, zero[left], one[left]), np.where(code.left_not, one[left], zero[left])
    b1, b0 = np.where(code.right_not, zero[right], one[right]), np.where(code.right_not, one[right], zero[right])
    table = np.stack([a0 * b0, a0 * b1, a1 * b0, a1 * b1], axis=1)
    table[~gates] = 0.0
    return table


def shared_combinations(code: BooleanInstructions, one: FloatArray, zero: FloatArray) -> FloatArray:
    """As `independent_combinations`, with what the operands share: it follows from the gate's own probability."""
    table = independent_combinations(code, one, zero)
    is_and = code.op == opcodes.BIT_AND
    share = np.where(is_and, one - table[:, 3], 0.5 * (table[:, 1] + table[:, 2] - one))
    share[np.abs(share) <= 1e-12] = 0.0  # rounding is no dependence
    shared: FloatArray = np.clip(table + share[:, np.newaxis] * np.array([1.0, -1.0, -1.0, 1.0]), 0.0, 1.0)
    shared[is_and, 3] = one[is_and]
    shared[code.op == opcodes.BIT_LOAD] = 0.0
    return shared


def _operands(code: BooleanInstructions) -> tuple[NDArray[np.bool_], Int32Array, Int32Array]:
    gates = code.op != opcodes.BIT_LOAD
    return gates, np.where(gates, code.left, 0), np.where(gates, code.right, 0)


def structural_probabilities(network: Network, method: str) -> tuple[FloatArray, FloatArray]:
    """P(1) and P(0) of all nodes by a method of estimation; nodes that are no wire by independence of their operands."""
    from heurest.kernels.mechanisms import propagate_measured

    size = len(network)
    one, zero = np.zeros(size), np.zeros(size)
    inputs = input_probabilities(network.circuit)
    propagate_measured(network.code, *inputs, np.zeros(size, np.int64), 0, one, zero)
    if method in (MEASURED, "cop"):
        return one, zero
    found = estimate(network.circuit, method)
    if found.complement is None:
        raise ArgumentError(
            f"method {method!r} gives no probabilities of both values of each wire: take {MEASURED}, cop, windowed or reductant"
        )
    nodes, flipped = network.node_of
    live = (nodes >= 0) & np.isfinite(found.mean)
    ones, zeros = found.mean[live], found.complement[live]
    one[nodes[live]] = np.clip(np.where(flipped[live], zeros, ones), 0.0, 1.0)
    zero[nodes[live]] = np.clip(np.where(flipped[live], ones, zeros), 0.0, 1.0)
    return one, zero


@dataclass(frozen=True, eq=False)
class Weights:
    r"""How often each mechanism occurs, as far as training and structure tell, all of shape ``(nodes, 4)``; inputs have zeros.

    A mechanism that occurred k times in n patterns weighs k / n. One that did not and has the structural probability p weighs

    .. math:: s \frac{p}{1 + n p}, \qquad s = \min\Big(1, \frac{f_1 + 1}{n \sum p / (1 + n p)}\Big).

    The fraction is the mean of an exponential law of mean p given that nothing was seen in n patterns: it keeps the order of the p and
    stays below 1 / n. With f_1 the number of mechanisms seen exactly once, f_1 / n estimates without bias how many mechanisms that
    were never seen the next pattern shows (Good and Turing), whatever depends on what; s keeps the sum below that, since many
    combinations are unseen because they are impossible.

    Attributes:
        counts: In how many training patterns each occurred.
        structural: Probability from the structure.
        weight: See above.
        patterns: How many patterns were counted.
    """

    counts: IntArray
    structural: FloatArray
    weight: FloatArray
    patterns: int


def weigh(network: Network, method: str, structure: tuple[FloatArray, FloatArray], ones: IntArray, patterns: int) -> Weights:
    """Weights of all mechanisms from how often the nodes were 1 and from their structural probabilities."""
    from heurest.kernels.mechanisms import propagate_measured

    code = network.code
    counts = combination_counts(code, ones, patterns)
    if method == MEASURED:
        one, zero = np.zeros(len(network)), np.zeros(len(network))
        propagate_measured(code, *input_probabilities(network.circuit), ones, patterns, one, zero)
        structural = independent_combinations(code, one, zero)
    elif method == "cop":
        structural = independent_combinations(code, *structure)
    else:
        structural = shared_combinations(code, *structure)
    weight = np.where(network.gates[:, np.newaxis], counts / patterns, 0.0)
    unseen = (counts == 0) & network.gates[:, np.newaxis]
    left = structural[unseen] / (1.0 + patterns * structural[unseen])
    room = (np.count_nonzero(counts[network.gates] == 1) + 1) / patterns
    total = float(left.sum())
    weight[unseen] = np.maximum(left * min(1.0, room / total) if total > 0.0 else left, LEAST)
    return Weights(counts, structural, weight, patterns)


@dataclass(frozen=True, eq=False)
class Ladder:
    """Sets of the rarest mechanisms, each within the next, and what the gates do without them.

    Attributes:
        cumulative: Weight of all that is dropped, by level, increasing.
        limit: Weight of the most frequent mechanism that is dropped.
        flips: Byte by level and node; bit c is set where combination c is dropped and its default is not what the gate gives.
    """

    cumulative: FloatArray
    limit: FloatArray
    flips: ByteArray


def ladder(network: Network, weights: Weights, epsilon: float | None = None, levels: int = LEVELS) -> Ladder:
    """Levels spaced geometrically in the cumulative weight, most of them above what one pattern weighs; one at epsilon, if given.

    A dropped combination takes its default: the value of the gate that carries the larger weight among what is kept, or among all where
    nothing is.
    """
    table = weights.weight
    distinct, size = np.unique(table[network.gates].reshape(-1), return_counts=True)
    if not distinct.size:  # outputs that are inputs: nothing can be dropped
        return Ladder(np.empty(0), np.empty(0), np.zeros((0, len(network)), np.uint8))
    sums = np.cumsum(distinct * size)
    one_pattern = min(1.0 / weights.patterns, 0.1 * _LARGEST_LEVEL)
    lowest = min(max(float(sums[0]), 1e-9 * one_pattern), one_pattern)
    rare = np.geomspace(lowest, one_pattern, max(levels // 3, 2))
    common = np.geomspace(one_pattern, _LARGEST_LEVEL, max(levels - len(rare), 2))
    targets = np.concatenate([sums[:1], rare, common, [] if epsilon is None else [epsilon]])
    places = np.unique(np.searchsorted(sums, targets * (1.0 + 1e-12), side="right") - 1)
    places = places[(places >= 0) & (sums[places] <= max(_LARGEST_LEVEL, epsilon or 0.0))]
    gives = np.where((network.code.op == opcodes.BIT_AND)[:, np.newaxis], np.array([0, 0, 0, 1]), np.array([0, 1, 1, 0])) == 1
    total = (table * gives).sum(axis=1) > (table * ~gives).sum(axis=1)
    flips = np.zeros((len(places), len(network)), np.uint8)
    for row, place in zip(flips, places.tolist(), strict=True):
        dropped = (table <= distinct[place]) & network.gates[:, np.newaxis]
        kept = np.where(dropped, 0.0, table)
        high, low = (kept * gives).sum(axis=1), (kept * ~gives).sum(axis=1)
        default = np.where(high == low, total, high > low)
        row[:] = ((dropped & (gives != default[:, np.newaxis])) * np.array([1, 2, 4, 8])).sum(axis=1)
    return Ladder(sums[places], distinct[places], flips)
