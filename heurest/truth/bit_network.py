"""Boolean outputs as a network of two-operand nodes over independent random bits, in depth-first order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heurest import opcodes
from heurest.circuit.laws import Law
from heurest.errors import IntractableError
from heurest.program import Program
from heurest.program.boolean import is_boolean, lower_boolean
from heurest.truth.inputs import InputRun, live_inputs
from heurest.truth.random_bits import bit_probabilities

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int32]
BoolArray = NDArray[np.bool_]

_MAX_CHAIN = 2**22  # nodes that joint laws may take


@dataclass(frozen=True, eq=False)
class BitNetwork:
    """Ands and exclusive ors of earlier nodes, an operand inverted where its flag says so; `bit_network` makes it.

    Nodes stand in depth-first order from the outputs, the deeper operand first, and variables are numbered as that order meets
    them: bits that meet early in the circuit get near numbers.

    Attributes:
        op: ``BIT_LOAD``, ``BIT_AND`` or ``BIT_XOR`` of each node.
        left: Left operand; the number of its variable for a load.
        right: Right operand.
        left_not: Whether the left operand is inverted.
        right_not: Whether the right one is.
        probabilities: P(0) and P(1) of each variable, shape ``(variables, 2)``; variables are independent.
        node: Node of each wanted wire; -1 for a constant.
        inverted: Whether the wanted wire's bit is the inverse of its node.
        scale: Wanted wire i is ``scale[i] * bit + shift[i]``.
        shift: See ``scale``.
    """

    op: NDArray[np.uint8]
    left: IntArray
    right: IntArray
    left_not: BoolArray
    right_not: BoolArray
    probabilities: FloatArray
    node: IntArray
    inverted: BoolArray
    scale: FloatArray
    shift: FloatArray

    @property
    def gates(self) -> int:
        """How many nodes are not loads."""
        return int((self.op != opcodes.BIT_LOAD).sum())


def bit_network(program: Program) -> BitNetwork:
    """The network of a program's wanted wires.

    A joint law of K points becomes K - 1 independent bits: bit k tells whether the point is number k, given that it is none of the
    points before. Each of the law's inputs is then a chain of ands and ors of these.

    Args:
        program: From `lower`.

    Raises:
        IntractableError: A live wire is not boolean, or a joint law has too many points.

    Cost:
        About 3 microseconds a node.
    """
    if not is_boolean(program):
        raise IntractableError("not all live wires are boolean")
    boolean = lower_boolean(program, None)
    code = boolean.instructions
    node_of_slot = np.zeros(boolean.num_slots, np.int32)
    node_of_slot[code.dest] = np.arange(len(code.dest))
    nodes = _Nodes()
    source = _add_inputs(nodes, program)
    loads = code.op == opcodes.BIT_LOAD
    literal: list[tuple[int, bool]] = []
    left, right = np.where(loads, code.left, node_of_slot[np.where(loads, 0, code.left)]), node_of_slot[np.where(loads, 0, code.right)]
    columns = (code.op, left, right, code.left_not, code.right_not)
    for op, a, b, not_a, not_b in zip(*(column.tolist() for column in columns), strict=True):
        if op == opcodes.BIT_LOAD:
            literal.append(source[a])
        else:
            (a, flip_a), (b, flip_b) = literal[a], literal[b]
            flip_a, flip_b = flip_a != not_a, flip_b != not_b
            if op == opcodes.BIT_XOR:
                literal.append((nodes.add(op, a, b, False, False), flip_a != flip_b))
            else:
                literal.append((nodes.add(op, a, b, flip_a, flip_b), False))
    literal.append((-1, False))  # node -1 is the constant 0
    value = program.wire_value[program.wanted]
    scale, shift = program.wire_scale[program.wanted].copy(), program.wire_shift[program.wanted].copy()
    value_node, value_not = np.append(boolean.value_node, -1), np.append(boolean.value_not, False)  # value -1, a constant, reads the last
    wanted = [literal[i] for i in value_node[value].tolist()]
    inverted = np.array([flip for _, flip in wanted], np.bool_) ^ value_not[value]
    node = np.array([i for i, _ in wanted], np.int32)
    shift[node < 0] += (scale * inverted)[node < 0]
    scale[node < 0] = 0.0
    flipped = (scale == -1.0) & (shift == 1.0)  # one minus a bit is a bit
    scale[flipped], shift[flipped] = 1.0, 0.0
    return nodes.ordered(node, inverted ^ flipped, scale, shift)


class _Nodes:
    """A network under construction, in any topological order."""

    def __init__(self) -> None:
        self.rows: list[tuple[int, int, int, bool, bool]] = []
        self.depth: list[int] = []
        self.probabilities: list[FloatArray] = []

    def add(self, op: int, left: int, right: int, left_not: bool, right_not: bool) -> int:
        self.rows.append((op, left, right, left_not, right_not))
        self.depth.append(0 if op == opcodes.BIT_LOAD else 1 + max(self.depth[left], self.depth[right]))
        return len(self.rows) - 1

    def variable(self, probabilities: FloatArray) -> int:
        self.probabilities.append(probabilities)
        return self.add(opcodes.BIT_LOAD, len(self.probabilities) - 1, 0, False, False)

    def ordered(self, node: IntArray, inverted: BoolArray, scale: FloatArray, shift: FloatArray) -> BitNetwork:
        """The part that feeds the outputs, depth first."""
        place = [-1] * len(self.rows)
        rows: list[tuple[int, int, int, bool, bool]] = []
        variables: list[int] = []
        stack = [i for i in reversed(node.tolist()) if i >= 0]
        while stack:
            i = stack[-1]
            op, left, right, left_not, right_not = self.rows[i]
            if place[i] >= 0:
                stack.pop()
                continue
            if op == opcodes.BIT_LOAD:
                place[i] = len(rows)
                rows.append((op, len(variables), 0, False, False))
                variables.append(left)
            else:
                open_still = [x for x in sorted((left, right), key=self.depth.__getitem__) if place[x] < 0]
                if open_still:
                    stack += open_still
                    continue
                place[i] = len(rows)
                rows.append((op, place[left], place[right], left_not, right_not))
            stack.pop()
        columns: list[Any] = [list(column) for column in zip(*rows, strict=True)] or [[]] * 5
        kinds = (np.uint8, np.int32, np.int32, np.bool_, np.bool_)
        code: list[Any] = [np.array(column, kind) for column, kind in zip(columns, kinds, strict=True)]
        chosen = np.array([self.probabilities[i] for i in variables]).reshape(-1, 2)
        number = np.array([place[i] if i >= 0 else -1 for i in node.tolist()], np.int32)
        op, left, right, left_not, right_not = code
        return BitNetwork(op, left, right, left_not, right_not, chosen, number, inverted, scale, shift)


def _add_inputs(nodes: _Nodes, program: Program) -> dict[int, tuple[int, bool]]:
    """Nodes for all loaded inputs; by the number of the input its node and whether it is the inverse."""
    inputs = live_inputs(program, separate=True)
    number_of_row = np.empty(inputs.rows, np.int64)
    loaded = np.flatnonzero(inputs.load_row >= 0)
    number_of_row[inputs.load_row[loaded]] = loaded
    known: dict[Law, FloatArray] = {}
    source: dict[int, tuple[int, bool]] = {}
    for run in inputs.runs:
        numbers = number_of_row[run.rows].tolist()
        if run.law.size == 1:
            chances = known[run.law] if run.law in known else known.setdefault(run.law, bit_probabilities(run.law))
            source.update((number, (nodes.variable(chances), False)) for number in numbers)
        else:
            source.update(zip(numbers, _add_joint(nodes, run), strict=True))
    return source


def _add_joint(nodes: _Nodes, run: InputRun) -> list[tuple[int, bool]]:
    """Nodes for the inputs of one joint law: a chain over its points for each."""
    values, probs = run.law.points() or (np.empty((0, run.law.size)), np.empty(0))
    bits, place = np.unique(values[:, run.coordinates] != 0.0, axis=0, return_inverse=True)
    chances = np.bincount(place.reshape(-1), probs)
    if bits.size > _MAX_CHAIN:
        raise IntractableError(f"a joint law of {len(bits):,} points over {bits.shape[1]} bits takes more than {_MAX_CHAIN:,} nodes")
    rest = np.cumsum(chances[::-1])[::-1]  # each point's probability and those of all after it, summed from the small end
    chosen = [nodes.variable(np.array([rest[k + 1], chances[k]]) / rest[k]) for k in range(len(bits) - 1)]
    found = []
    for column in bits.T.tolist():
        node, inverted = -1, bool(column[-1])  # node -1 is the constant 0
        for k in reversed(range(len(chosen))):
            bit = bool(column[k])
            if node < 0 and inverted != bit:
                node, inverted = chosen[k], not bit
            elif node >= 0:  # or: ~(~chosen & ~rest); and: ~chosen & rest
                node, inverted = nodes.add(opcodes.BIT_AND, chosen[k], node, True, inverted != bit), bit
        if node < 0:
            node, inverted = nodes.variable(np.array([0.0, 1.0] if inverted else [1.0, 0.0])), False
        found.append((node, inverted))
    return found
