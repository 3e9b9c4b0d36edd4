"""ISCAS netlists (``.bench``): one gate a line, in any order.

The format is that of the ISCAS'89 benchmarks (Brglez, Bryan and Kozminski, "Combinational profiles of sequential benchmark circuits",
ISCAS 1989), with what later tools added to it: constants, multiplexers and lookup tables.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from heurest.circuit.circuit import Circuit
from heurest.formats.messages import shown_text
from heurest.formats.netlist_builder import Gate, NetlistBuilder
from heurest.formats.netlist_logic import FALSE, TRUE, Logic
from heurest.formats.netlist_text import at, netlist_lines
from heurest.formats.truth_tables import MAX_OPERANDS, table_gate

# possessive blanks: a line of many blanks is matched or refused in one go
_LINE = re.compile(
    r"(?:(?P<signal>[^\s(),=]+) *+= *+)?(?P<gate>[A-Za-z]\w*+)(?: ++0[xX](?P<table>[0-9a-fA-F]++))?"
    r" *+(?:\((?P<operands>[^()=]*)\))?"
)

_CONSTANTS = {"GND": FALSE, "VDD": TRUE, "CONST0": FALSE, "CONST1": TRUE}
# signals that stand for constants where nothing defines them
_SUPPLIES = {"gnd": FALSE, "GND": FALSE, "vdd": TRUE, "VDD": TRUE}


class _Row(NamedTuple):
    gate: Gate
    fewest: int = 1
    most: int | None = None


_GATES = {
    "AND": _Row(Logic.conjunction),
    "NAND": _Row(lambda logic, literals: logic.conjunction(literals) ^ 1),
    "OR": _Row(Logic.disjunction),
    "NOR": _Row(lambda logic, literals: logic.disjunction(literals) ^ 1),
    "XOR": _Row(Logic.parity),
    "XNOR": _Row(lambda logic, literals: logic.parity(literals) ^ 1),
    "NXOR": _Row(lambda logic, literals: logic.parity(literals) ^ 1),
    "NOT": _Row(lambda logic, literals: literals[0] ^ 1, 1, 1),
    "INV": _Row(lambda logic, literals: literals[0] ^ 1, 1, 1),
    "BUF": _Row(lambda logic, literals: literals[0], 1, 1),
    "BUFF": _Row(lambda logic, literals: literals[0], 1, 1),
    "MUX": _Row(lambda logic, literals: logic.multiplexer(*literals), 3, 3),
}


def circuit_from_bench(data: bytes, source: str = "text", name: str = "circuit", notices: list[str] | None = None) -> Circuit:
    r"""Return the circuit of a ``.bench`` netlist.

    Lines are ``INPUT(x)``, ``OUTPUT(y)`` and ``z = GATE(a, b, ...)`` in any order; ``#`` starts a comment. Gates, in capitals or not, are
    ``AND``, ``NAND``, ``OR``, ``NOR``, ``XOR``, ``XNOR`` of one operand or more, ``NOT``, ``BUF``, ``BUFF``, ``MUX(s, a, b)``, which is a
    where s is 1, ``DFF``, ``LUT 0x8 (a, b)`` of at most 8 operands, whose bit m is the value where operand i is bit i of m, and the
    constants ``gnd`` and ``vdd``. Gates of many operands become balanced trees.

    Inputs are fair independent bits. Every signal is a wire of its name; of signals that are the same by construction the first.

    Args:
        data: The file.
        source: What messages call it.
        name: Name of the circuit.
        notices: If given, one line is added for each thing worth knowing: flip-flops are cut into the inputs ``q`` and the outputs
            ``q.next``, and tools do not agree on the operands of ``MUX``.

    Returns:
        A circuit that can be changed.

    Raises:
        FormatError: The file is no such netlist: a line cannot be read, a signal is defined twice or not at all, or depends on itself.
            Names source and line, what was expected and what stands there.

    Cost:
        About 15 microseconds a gate.

    Examples:
        >>> circuit_from_bench(b"INPUT(a)\nINPUT(b)\nOUTPUT(z)\nz = NAND(a, b)\n").outputs["z"]
        <wire 3 'z': affine of 'circuit'>
    """
    builder = NetlistBuilder(source, _SUPPLIES)
    chosen = 0
    for number, line in enumerate(netlist_lines(data, source), start=1):
        line = line.strip()
        if line:
            chosen += _add_line(builder, line, source, number)
    if builder.is_empty:
        raise at(source, 1, "INPUT(x), OUTPUT(y) or a gate", "nothing but comments and blanks" if data else "an empty file")
    found: list[str] = []
    circuit = builder.circuit(name, found)
    if chosen:
        found.append(f"{source}: MUX(s, a, b) was read as a where s is 1 and b elsewhere; some tools mean the opposite")
    if notices is not None:
        notices.extend(found)
    return circuit


def _add_line(builder: NetlistBuilder, line: str, source: str, number: int) -> bool:
    """Add what one line says; returns whether it is a multiplexer."""
    match = _LINE.fullmatch(line)
    if match is None:
        raise at(source, number, "INPUT(x), OUTPUT(y) or z = GATE(a, b, ...)", shown_text(line))
    signal, gate, table, inside = match.groups()
    gate = gate.upper()
    operands = [] if inside is None or not inside.strip() else [part.strip() for part in inside.split(",")]
    if "" in operands or (inside is not None and " " in inside and any(" " in operand for operand in operands)):
        raise at(source, number, "names of signals with commas between", shown_text(f"({inside})"))
    if signal is None:
        if gate not in ("INPUT", "OUTPUT") or len(operands) != 1 or table is not None:
            raise at(source, number, "INPUT(x), OUTPUT(y) or z = GATE(a, b, ...)", shown_text(line))
        if gate == "INPUT":
            builder.input(operands[0], number)
        else:
            builder.output(operands[0], number)
        return False
    if gate == "LUT":
        builder.define(signal, _lookup(table, len(operands), line, source, number), operands, number)
        return False
    if table is not None:
        raise at(source, number, "a table after LUT only", shown_text(line))
    if gate in _CONSTANTS or gate == "CONST":
        literal = _constant(gate, operands, line, source, number)
        builder.define(signal, lambda logic, literals: literal, [], number)
        return False
    if gate == "DFF":
        _check_count(gate, len(operands), 1, 1, source, number)
        builder.register(signal, operands[0], number)
        return False
    if gate not in _GATES:
        raise at(source, number, f"one of the gates {', '.join(_GATES)}, LUT, DFF, GND, VDD", shown_text(match["gate"]))
    row = _GATES[gate]
    if inside is None:
        raise at(source, number, f"operands in brackets after {gate}", shown_text(line))
    _check_count(gate, len(operands), row.fewest, row.most, source, number)
    builder.define(signal, row.gate, operands, number)
    return gate == "MUX"


def _check_count(gate: str, count: int, fewest: int, most: int | None, source: str, number: int) -> None:
    if count < fewest or (most is not None and count > most):
        wanted = f"{fewest} operand{'' if fewest == 1 else 's'}" + (" or more" if most is None else "")
        raise at(source, number, f"{wanted} of {gate}", str(count))


def _constant(gate: str, operands: list[str], line: str, source: str, number: int) -> int:
    """The literal of ``GND``, ``VDD``, ``CONST0``, ``CONST1`` without operands, or of ``CONST(0)`` and ``CONST(1)``."""
    if gate == "CONST" and operands in (["0"], ["1"]):
        return int(operands[0])
    if gate == "CONST" or operands:
        raise at(source, number, "one of the constants GND, VDD, CONST0, CONST1, CONST(0) and CONST(1)", shown_text(line))
    return _CONSTANTS[gate]


def _lookup(table: str | None, operands: int, line: str, source: str, number: int) -> Gate:
    if table is None or operands > MAX_OPERANDS:
        raise at(source, number, f"LUT, a table such as 0x8, and at most {MAX_OPERANDS} operands in brackets", shown_text(line))
    rows = 1 << operands
    digits = table.lstrip("0") or "0"
    if 4 * (len(digits) - 1) >= rows or int(digits, 16) >> rows:
        raise at(source, number, f"a table of at most {rows} bits for {operands} operands", shown_text(f"0x{table}"))
    return table_gate(operands, int(digits, 16))
