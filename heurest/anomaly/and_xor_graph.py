"""What some wires of a boolean circuit read, as ands, ors and exclusive ors of two operands with the wires' names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from heurest.circuit.circuit import Circuit
from heurest.circuit.wires import Wire
from heurest.errors import KindError
from heurest.opcodes import BIT_AND, BIT_LOAD, BIT_XOR
from heurest.program import lower
from heurest.program.bits import real_wire
from heurest.program.boolean import lower_boolean

#: A node, and whether its inverse is meant; node -1 is the constant 0.
Root = tuple[int, bool]


@dataclass(frozen=True, eq=False)
class AndXorGraph:
    """The nodes that the roots read; `and_xor_graph` makes it.

    Attributes:
        kind: Opcode of every node: ``BIT_LOAD``, ``BIT_AND`` or ``BIT_XOR``.
        operands: For every gate its two operands.
        position: For every load the position of its input among the circuit's inputs.
        loads: The loads that the roots read.
        gates: The gates that the roots read, in order of creation, the roots' own included.
        roots: The wires asked for.
        root_names: Their names.
        names: Wire name and inversion of every gate that has a named wire or output.
        wires: For every node that is a wire, index and inversion of all wires that it is, a named one first.
    """

    kind: Mapping[int, int]
    operands: Mapping[int, tuple[Root, Root]]
    position: Mapping[int, int]
    loads: tuple[int, ...]
    gates: tuple[int, ...]
    roots: tuple[Root, ...]
    root_names: tuple[str, ...]
    names: Mapping[int, tuple[str, bool]]
    wires: Mapping[int, Sequence[Root]]

    def label(self, node: int, inverted: bool) -> str:
        """A name for a node or its inverse: that of a wire, else the wire's index, else the node's number."""
        name, flipped = self.names.get(node, ("", False))
        if not name:
            wire, flipped = self.wires.get(node, [(-1, False)])[0]
            name = f"#{wire}" if wire >= 0 else f"node {node}"
        return f"~{name}" if flipped != inverted else name


def and_xor_graph(circuit: Circuit, wires: Sequence[Wire]) -> AndXorGraph:
    """The gates that some boolean wires read.

    A parity of two ands that can never both be 1, as in a multiplexer, is stored as the or that it is.

    Args:
        circuit: The circuit; it is frozen by this.
        wires: The wires asked for.

    Returns:
        The nodes.

    Raises:
        KindError: A wire depends on one that is not boolean.

    Cost:
        Linear in the circuit.
    """
    program = lower(circuit, wires)
    real = real_wire(program)
    if real is not None:
        raise KindError(
            f"circuit {circuit.name!r}: implicants need boolean wires, but {wire_labels(circuit).get(real, f'#{real}')} is real"
        )
    boolean = lower_boolean(program, None)
    code = boolean.instructions
    node_of = {slot: node for node, slot in enumerate(code.dest.tolist())}
    columns = zip(*(column.tolist() for column in (code.op, code.left, code.right, code.left_not, code.right_not)), strict=True)
    kind: dict[int, int] = {}
    operands: dict[int, tuple[Root, Root]] = {}
    position: dict[int, int] = {}
    flipped: set[int] = set()  # nodes that hold the inverse of what was asked for: a or b as not (not a and not b)
    for node, (op, left, right, left_not, right_not) in enumerate(columns):
        kind[node] = op
        if op == BIT_LOAD:
            position[node] = left
            continue
        a, b = node_of[left], node_of[right]
        first, second = (a, left_not != (a in flipped)), (b, right_not != (b in flipped))
        if op == BIT_XOR and _exclusive(kind, operands, first, second):
            kind[node], first, second = BIT_AND, (a, not first[1]), (b, not second[1])
            flipped.add(node)
        operands[node] = first, second
    value_node, value_not = boolean.value_node.tolist(), boolean.value_not.tolist()

    def root(wire: int) -> Root:
        value, scale, shift = int(program.wire_value[wire]), float(program.wire_scale[wire]), float(program.wire_shift[wire])
        node = value_node[value] if value >= 0 else -1
        inverted = value_not[value] != (scale < 0.0) if value >= 0 else shift == 1.0
        return node, inverted != (node in flipped)

    roots = tuple(root(wire.index) for wire in wires)
    live = _cone(operands, roots)
    label = wire_labels(circuit)
    found: dict[int, list[Root]] = {}
    names: dict[int, tuple[str, bool]] = {}
    computed = np.flatnonzero((program.wire_value >= 0) & circuit.boolean).tolist()
    for wire in sorted(computed, key=lambda index: index not in label):
        node, inverted = root(wire)
        if node not in live:
            continue
        if node not in found and wire in label and kind[node] != BIT_LOAD:
            names[node] = label[wire], inverted
        found.setdefault(node, []).append((wire, inverted))
    loads = tuple(node for node in sorted(live) if kind[node] == BIT_LOAD)
    gates = tuple(node for node in sorted(live) if kind[node] != BIT_LOAD)
    root_names = tuple(label.get(wire.index, f"#{wire.index}") for wire in wires)
    return AndXorGraph(kind, operands, position, loads, gates, roots, root_names, names, found)


def wire_labels(circuit: Circuit) -> dict[int, str]:
    """What wires are called: by their own names, else by the first of the outputs that they are."""
    label = {wire.index: name for name, wire in reversed(list(circuit.outputs.items()))}
    return label | {index: name for name, index in circuit.names.items()}


def _exclusive(kind: Mapping[int, int], operands: Mapping[int, tuple[Root, Root]], first: Root, second: Root) -> bool:
    """Whether two ands have an operand in which one is the inverse of the other."""
    if any(inverted or kind[node] != BIT_AND for node, inverted in (first, second)):
        return False
    theirs = operands[second[0]]
    return any((node, not inverted) in theirs for node, inverted in operands[first[0]])


def _cone(operands: Mapping[int, tuple[Root, Root]], roots: Sequence[Root]) -> set[int]:
    live = {node for node, _ in roots if node >= 0}
    waiting = list(live)
    while waiting:
        for node, _ in operands.get(waiting.pop(), ()):
            if node not in live:
                live.add(node)
                waiting.append(node)
    return live
