"""A boolean circuit as a netlist of two-operand gates over literals, and names for it that netlist files allow: what writers start from."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from heurest import opcodes
from heurest.circuit.circuit import Circuit
from heurest.circuit.laws import Bernoulli
from heurest.circuit.validation import check_circuit
from heurest.errors import KindError
from heurest.formats.messages import shown
from heurest.formats.netlist_logic import FALSE
from heurest.program.bits import real_wire
from heurest.program.boolean import lower_boolean
from heurest.program.lower import lower

_SHOWN = 4  # names of a long list that a notice shows
_FORBIDDEN = re.compile(r"[\s(),=#\\]|^\.")


@dataclass(frozen=True)
class BooleanNetlist:
    """Gates that feed an output, operands first.

    Literal ``2 k`` is node k and ``2 k + 1`` its inverse. Node 0 is the constant 0, then come all inputs, then the gates.

    Attributes:
        inputs: Names of the inputs, in order.
        gates: Whether each gate is an exclusive or, else an and, with the literals of its operands, which are no constants.
        outputs: Literals by output name.
        names: For the literals of named wires their names, those of inputs and constants left out.
    """

    inputs: list[str]
    gates: list[tuple[bool, int, int]]
    outputs: dict[str, int]
    names: dict[int, str]


def netlist_from_circuit(circuit: Circuit, ending: str) -> BooleanNetlist:
    """Return the gates of a boolean circuit.

    Args:
        circuit: A circuit whose inputs, outputs and what feeds them are boolean; it is not changed.
        ending: What messages call the format.

    Raises:
        KindError: A wire is real; names it.

    Cost:
        About 2 microseconds a wire.

    Examples:
        >>> import heurest as hr
        >>> c = hr.Circuit("or")
        >>> a, b = c.input(["a", "b"], hr.Bernoulli(0.5))
        >>> c.output("y", a | b)
        >>> netlist_from_circuit(c, ".bench")  # ~(~a & ~b)
        BooleanNetlist(inputs=['a', 'b'], gates=[(False, 3, 5)], outputs={'y': 7}, names={})
    """
    check_circuit(circuit)
    inputs = {str(wire.name): wire.index for wire in circuit.inputs}
    outputs = {name: wire.index for name, wire in circuit.outputs.items()}
    program = lower(circuit if circuit.frozen else circuit.copy()) if outputs else None  # lowering freezes
    real = [wire for wire in (*inputs.values(), *outputs.values()) if not circuit.boolean[wire]]
    between = None if program is None else real_wire(program)
    if between is not None:
        real.append(between)
    if real:
        label = f"wire {real[0]}" + ("" if circuit.wire_name(real[0]) is None else f" ({circuit.wire_name(real[0])!r})")
        raise KindError(f"circuit {circuit.name!r}: {ending} files hold 0/1 wires only, but {label} is real")
    if program is None:
        return BooleanNetlist([*inputs], [], {}, {})
    lowered = lower_boolean(program, None)  # with a slot for every node
    code = lowered.instructions

    # literals of all wires over the lowered nodes, the constant 0 as the last of them
    constant = code.op.size
    value = program.wire_value
    known = np.append(lowered.value_node, -1)[value]
    inverted = np.append(lowered.value_not, False)[value] ^ (program.wire_shift == 1.0)
    wire_literal = np.where(np.isnan(program.wire_shift), -1, 2 * np.where(known < 0, constant, known) + inverted).tolist()

    operands = list(zip((2 * code.left + code.left_not).tolist(), (2 * code.right + code.right_not).tolist(), strict=True))
    op, loaded = code.op.tolist(), code.left.tolist()
    live = bytearray(constant + 1)
    for wire in outputs.values():
        live[wire_literal[wire] >> 1] = True
    for node in range(constant - 1, -1, -1):
        if live[node] and op[node] != opcodes.BIT_LOAD:
            for literal in operands[node]:
                live[literal >> 1] = True
    number = [FALSE] * (constant + 1)
    gates: list[tuple[bool, int, int]] = []

    def renumbered(literal: int) -> int:
        return 2 * number[literal >> 1] + (literal & 1)

    for node in range(constant):
        if op[node] == opcodes.BIT_LOAD:
            number[node] = 1 + loaded[node]
        elif live[node]:
            left, right = sorted(renumbered(literal) for literal in operands[node])
            gates.append((op[node] == opcodes.BIT_XOR, left, right))
            number[node] = len(inputs) + len(gates)
    names: dict[int, str] = {}
    for name, wire in circuit.names.items():
        if circuit.boolean[wire] and wire_literal[wire] >= 0 and live[wire_literal[wire] >> 1]:
            names.setdefault(renumbered(wire_literal[wire]), name)
    names = {literal: name for literal, name in names.items() if literal > 1 and name not in inputs}
    return BooleanNetlist([*inputs], gates, {name: renumbered(wire_literal[wire]) for name, wire in outputs.items()}, names)


@dataclass(frozen=True)
class Signals:
    """Names that netlist files allow, no two the same.

    Attributes:
        inputs: Signals of the inputs.
        outputs: Signals of the outputs.
        nodes: For each node the literal that its line defines, and its signal; the first, of the constant, has none.
        others: Signals that hold a literal beside: outputs that share a node, or names of inverses.
    """

    inputs: list[str]
    outputs: list[str]
    nodes: list[tuple[int, str]]
    others: dict[str, int]


def signals(netlist: BooleanNetlist) -> Signals:
    """Name the nodes: by the input, the output or the wire that they are, else by number.

    Blanks, brackets, commas and whatever else the formats do not allow in names become ``_``; of names that are then the same, later
    ones get a number, outputs after inputs. A gate that is read inverted more often than not is defined as its inverse.
    """
    taken: set[str] = set()
    first = len(netlist.inputs) + 1
    inputs = [_unique(name, taken) for name in netlist.inputs]
    signal = {2 * k + 2: name for k, name in enumerate(inputs)}
    others: dict[str, int] = {}
    outputs = []
    for name, literal in netlist.outputs.items():
        if 2 <= literal < 2 * first and literal & 1 == 0 and signal[literal] == legal_name(name):
            outputs.append(signal[literal])
            continue
        outputs.append(_unique(name, taken))
        if literal < 2 or signal.setdefault(literal, outputs[-1]) != outputs[-1]:
            others[outputs[-1]] = literal
    for literal, name in netlist.names.items():
        if literal not in signal:
            signal[literal] = _unique(name, taken)

    nodes = [(FALSE, ""), *((2 * k + 2, name) for k, name in enumerate(inputs))]
    for node, inverted in enumerate(_inverted(netlist, signal), start=first):
        literal = 2 * node + inverted
        nodes.append((literal, signal.get(literal) or _unique(f"n{node}", taken)))
    defined = {literal for literal, _ in nodes}
    others |= {name: literal for literal, name in signal.items() if literal not in defined}
    return Signals(inputs, outputs, nodes, others)


def law_notices(circuit: Circuit, ending: str) -> list[str]:
    """A line that names the inputs whose laws a netlist file cannot hold, if there are any."""
    unfair = [str(circuit.wire_name(wire)) for group in circuit.groups if group.law != Bernoulli(0.5) for wire in group.wires]
    return _notices(circuit, f"input law that {ending} files cannot hold, a fair bit when read back", unfair)


def name_notices(circuit: Circuit, netlist: BooleanNetlist, named: Signals) -> list[str]:
    """A line that says which inputs and outputs have other names in the file, if any do."""
    pairs = zip([*netlist.inputs, *netlist.outputs], [*named.inputs, *named.outputs], strict=True)
    return _notices(circuit, "name written otherwise", [name for name, written in pairs if name != written])


def _notices(circuit: Circuit, what: str, names: list[str]) -> list[str]:
    listed = ", ".join(map(shown, names[:_SHOWN])) + (", ..." if len(names) > _SHOWN else "")
    return [f"circuit {circuit.name!r}: {what}, of {listed}"] if names else []


def _inverted(netlist: BooleanNetlist, signal: Mapping[int, str]) -> list[bool]:
    """Which gates are better defined as their inverses: those that only have a name as such, or else are mostly read as such."""
    first = len(netlist.inputs) + 1
    balance = [0] * (first + len(netlist.gates))
    for is_parity, left, right in netlist.gates:
        if not is_parity:  # an exclusive or takes either
            for literal in (left, right):
                balance[literal >> 1] += 1 if literal & 1 else -1
    inverted = []
    for node in range(first, len(balance)):
        named, named_inverse = 2 * node in signal, 2 * node + 1 in signal
        inverted.append(named_inverse if named != named_inverse else balance[node] > 0)
    return inverted


def legal_name(name: str) -> str:
    """A name with ``_`` for what netlist files do not allow in names."""
    return _FORBIDDEN.sub("_", name)


def _unique(name: str, taken: set[str]) -> str:
    stem = candidate = legal_name(name)
    copies = 1
    while candidate in taken:
        copies += 1
        candidate = f"{stem}_{copies}"
    taken.add(candidate)
    return candidate
