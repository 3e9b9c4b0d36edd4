"""A circuit from named signals defined in any order: what reads what, cycles and missing definitions named with their lines."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, cast

from heurest.circuit.circuit import Circuit
from heurest.errors import FormatError
from heurest.formats.messages import format_error, shown_text
from heurest.formats.netlist_logic import Logic

#: A gate adds its nodes and returns the literal of its result, given those of its operands.
Gate = Callable[[Logic, list[int]], int]

_SHOWN = 4  # names of a long list that a notice shows


class _Definition(NamedTuple):
    gate: Gate
    operands: Sequence[str]
    line: int


class NetlistBuilder:
    """Signals of a netlist file: inputs, gates, registers and outputs, each with its line.

    A register (a flip-flop or a latch) is cut: what it holds becomes an input of its name, what it loads an output ``name.next``.

    Args:
        source: What messages call the file.
        constants: Signals that hold 0 or 1 where nothing defines them.

    Examples:
        >>> builder = NetlistBuilder("demo")
        >>> builder.output("z", 1)
        >>> builder.define("z", lambda logic, literals: logic.conjunction(literals) ^ 1, ["y", "x"], 2)
        >>> builder.define("y", lambda logic, literals: literals[0] ^ 1, ["x"], 3)
        >>> builder.input("x", 4)
        >>> builder.circuit("demo", []).outputs["z"]  # ~(~x & x) is always 1
        <wire 1 'z': constant of 'demo'>
    """

    def __init__(self, source: str, constants: Mapping[str, int] | None = None) -> None:
        self._source = source
        self._constants = {} if constants is None else constants
        self._lines: dict[str, int] = {}  # where each signal is defined
        self._inputs: list[str] = []
        self._registers: dict[str, tuple[str, int]] = {}
        self._definitions: dict[str, _Definition] = {}
        self._outputs: dict[str, int] = {}
        self._repeated: list[str] = []

    def input(self, signal: str, line: int) -> None:
        """Declare an input.

        Raises:
            FormatError: The signal is defined already; so for all that define one.
        """
        self._new(signal, line)
        self._inputs.append(signal)

    def define(self, signal: str, gate: Gate, operands: Sequence[str], line: int) -> None:
        """Define a signal as a gate of others, which may be defined later."""
        self._new(signal, line)
        self._definitions[signal] = _Definition(gate, operands, line)

    def register(self, signal: str, loaded: str, line: int) -> None:
        """Define a signal as what a register holds that loads another."""
        self._new(signal, line)
        self._registers[signal] = loaded, line

    def output(self, signal: str, line: int) -> None:
        """Declare an output; a second time makes no other one."""
        if signal in self._outputs:
            self._repeated.append(signal)
        self._outputs.setdefault(signal, line)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was declared or defined."""
        return not self._lines and not self._outputs

    def circuit(self, name: str, notices: list[str]) -> Circuit:
        """Return the circuit of all signals.

        Inputs are fair independent bits in the order of declaration, followed by what registers hold. Every signal is a wire of its
        name, save that of signals which are the same by construction, as a buffer and its operand are, the first names the wire.

        Args:
            name: The circuit's name.
            notices: One line is added for each thing that the circuit does not show of the netlist.

        Raises:
            FormatError: A signal is not defined, or one depends on itself.

        Cost:
            A few microseconds a signal and operand.
        """
        inputs = [*self._inputs, *self._registers]
        logic = Logic(len(inputs))
        literals = dict(zip(inputs, logic.inputs, strict=True))
        named = {literal: signal for signal, literal in literals.items()}
        for signal, (gate, operands, _) in self._definitions.items():
            if signal in literals:
                continue
            known = [literals.get(operand) for operand in operands]
            if None in known:
                self._solve(signal, logic, literals)
            else:
                literals[signal] = gate(logic, cast("list[int]", known))
        for signal in self._definitions:
            named.setdefault(literals[signal], signal)
        outputs = {signal: self._read(signal, line, literals) for signal, line in self._outputs.items()}
        loads = []
        for signal, (loaded, line) in self._registers.items():
            loads.append(_free(f"{signal}.next", outputs))
            outputs[loads[-1]] = self._read(loaded, line, literals)
        notices.extend(self._notices(loads))
        return logic.circuit(name, named, outputs)

    def _new(self, signal: str, line: int) -> None:
        if signal in self._lines:
            found = f"{shown_text(signal)}, which line {self._lines[signal]} defines"
            raise self._error(line, "a signal that is not defined yet", found)
        self._lines[signal] = line

    def _solve(self, root: str, logic: Logic, literals: dict[str, int]) -> None:
        """Make the gate of a signal, and before it those that it reads, depth first."""
        definitions = self._definitions
        entered: dict[str, None] = {}  # signals on the way from the root, in order
        stack = [root]
        while stack:
            signal = stack[-1]
            if signal in literals:
                stack.pop()
                continue
            gate, operands, line = definitions[signal]
            missing = [operand for operand in operands if operand not in literals]
            if missing and signal not in entered:
                entered[signal] = None
                for operand in missing:
                    if operand in entered:
                        raise self._cycle(list(entered), operand)
                    if operand in definitions:
                        stack.append(operand)
                    else:
                        self._read(operand, line, literals)
            else:
                stack.pop()
                entered.pop(signal, None)
                literals[signal] = gate(logic, [literals[operand] for operand in operands])

    def _read(self, signal: str, line: int, literals: dict[str, int]) -> int:
        """The literal of a signal that is defined or one of the constants."""
        if signal not in literals:
            if signal not in self._constants:
                raise self._error(line, "signals that some line defines", shown_text(signal))
            literals[signal] = self._constants[signal]
        return literals[signal]

    def _cycle(self, path: list[str], back: str) -> FormatError:
        names = [shown_text(signal) for signal in [*path[path.index(back) :], back]]
        if len(names) > 8:
            names[4:-3] = ["..."]
        return self._error(self._lines[back], "a signal that does not depend on itself", "the cycle " + " <- ".join(names))

    def _error(self, line: int, expected: str, found: str) -> FormatError:
        return format_error(f"{self._source}, line {line}", expected, found)

    def _notices(self, loads: list[str]) -> list[str]:
        notices = []
        if loads:
            what = "1 register" if len(loads) == 1 else f"{len(loads)} registers"
            cut = f"{_listed([*self._registers])}; {_listed(loads)}"
            notices.append(f"{self._source}: {what} cut into an input, a fair bit, and an output each: {cut}")
        if self._repeated:
            notices.append(f"{self._source}: declared as outputs more than once, kept once: {_listed(self._repeated)}")
        return notices


def _free(name: str, taken: Mapping[str, int]) -> str:
    candidate, copies = name, 1
    while candidate in taken:
        copies += 1
        candidate = f"{name}#{copies}"
    return candidate


def _listed(names: Sequence[str]) -> str:
    shown = [shown_text(name) for name in names[:_SHOWN]]
    return ", ".join(shown) + (", ..." if len(names) > _SHOWN else "")
