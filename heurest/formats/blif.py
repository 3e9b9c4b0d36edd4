"""Flat netlists in the Berkeley Logic Interchange Format (``.blif``).

The format is described in "Berkeley Logic Interchange Format (BLIF)", University of California, Berkeley, 1992.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from heurest.circuit.circuit import Circuit
from heurest.errors import FormatError
from heurest.formats.blif_covers import cover_gate
from heurest.formats.messages import shown_text
from heurest.formats.netlist_builder import Gate, NetlistBuilder
from heurest.formats.netlist_text import at, netlist_lines

_EXPECTED = ".names, .latch, .inputs, .outputs, .model, .exdc or .end"
_CUBE = re.compile("[01-]+")
_LATCH_TYPES = ("fe", "re", "ah", "al", "as")
_HIERARCHY = (".subckt", ".gate", ".mlatch", ".blackbox", ".search")
# clocks, delays, loads and annotations, which do not say what a circuit computes
_IGNORED = {
    ".clock", ".clock_event", ".area", ".delay", ".wire", ".wire_load_slope", ".cycle", ".cname", ".attr", ".param", ".input_arrival",
    ".default_input_arrival", ".output_required", ".default_output_required", ".input_drive", ".default_input_drive", ".output_load",
    ".default_output_load", ".max_input_load", ".default_max_input_load",
}  # fmt: skip
_CACHED = 6  # widest covers that are kept for the next cover of the same rows


def circuit_from_blif(data: bytes, source: str = "text", name: str = "circuit", notices: list[str] | None = None) -> Circuit:
    r"""Return the circuit of a flat BLIF netlist.

    Read are ``.model``, ``.inputs``, ``.outputs``, ``.names`` with on-set or off-set covers, ``.latch`` and ``.end``; ``#`` starts a
    comment, a backslash at the end of a line continues it. Small covers become the gates that they compute, exclusive ors and
    multiplexers among them, others balanced trees of ands and ors.

    Inputs are fair independent bits. Every signal is a wire of its name; of signals that are the same by construction the first.

    Args:
        data: The file.
        source: What messages call it.
        name: Name of the circuit if ``.model`` gives none.
        notices: If given, one line is added for each thing worth knowing: latches are cut into the inputs ``q`` and the outputs ``q.next``;
            of several models only the first is read; ``.exdc``, clocks, delays and loads are left out.

    Returns:
        A circuit that can be changed.

    Raises:
        FormatError: The file is no such netlist: a line cannot be read, the netlist is not flat, a signal is defined twice or not at
            all, or depends on itself. Names source and line, what was expected and what stands there.

    Cost:
        About 15 microseconds a ``.names``, more for wide covers.

    Examples:
        >>> c = circuit_from_blif(b".model half\n.inputs a b\n.outputs s\n.names a b s\n10 1\n01 1\n.end\n")
        >>> c.outputs["s"], c.terms(3)[2]  # a + b - 2 a b
        (<wire 3 's': affine of 'half'>, array([ 1.,  1., -2.]))
    """
    reader = _Reader(source, name)
    for number, words in _statements(netlist_lines(data, source)):
        reader.read(words, number)
    circuit, found = reader.finish(bool(data))
    if notices is not None:
        notices.extend(found)
    return circuit


def _statements(lines: list[str]) -> Iterator[tuple[int, list[str]]]:
    """The words of each line with the number of its first line; a backslash at the end joins the next line."""
    start, words = 0, []
    for number, line in enumerate(lines, start=1):
        text = line.rstrip()
        continued = text.endswith("\\")
        words += text[:-1].split() if continued else text.split()
        start = start or number
        if not continued:
            if words:
                yield start, words
            start, words = 0, []
    if words:
        yield start, words


class _Reader:
    """Takes the statements of a file one by one."""

    def __init__(self, source: str, name: str) -> None:
        self._source, self._name = source, name
        self._builder = NetlistBuilder(source)
        self._others: list[int] = []  # lines of further models, which are not read
        self._has_model = self._ended = self._in_exdc = False
        self._left_out: dict[str, None] = {}
        self._exdc: int | None = None
        self._names: tuple[list[str], int] | None = None  # the signals of the .names whose rows are being read, and its line
        self._cubes: list[str] = []
        self._value = ""
        self._gates: dict[tuple[str, ...], Gate] = {}

    def read(self, words: list[str], line: int) -> None:
        """Take one statement."""
        word = words[0]
        if word == ".model":
            self._model(words, line)
        elif self._others:
            return
        elif self._in_exdc:
            self._in_exdc = word != ".end"
            self._ended = not self._in_exdc
        elif self._ended:
            raise self._error(line, ".model or the end of the file after .end", shown_text(" ".join(words)))
        elif not word.startswith("."):
            self._row(words, line)
        else:
            self._close()
            self._directive(word, words, line)

    def finish(self, has_data: bool) -> tuple[Circuit, list[str]]:
        """The circuit and the notices."""
        self._close()
        if self._builder.is_empty:
            found = "no statement of a model" if has_data else "an empty file"
            raise self._error(1, ".model, .inputs, .outputs or .names", found)
        notices: list[str] = []
        circuit = self._builder.circuit(self._name, notices)
        if self._others:
            others = f"{len(self._others)} more, from line {self._others[0]} on, left out"
            notices.append(f"{self._source}: the first of several models was read, {shown_text(self._name)}; {others}")
        if self._exdc is not None:
            notices.append(f"{self._source}, line {self._exdc}: external don't-cares (.exdc) left out")
        if self._left_out:
            notices.append(f"{self._source}: left out: {', '.join(self._left_out)}")
        return circuit, notices

    def _model(self, words: list[str], line: int) -> None:
        self._close()
        if self._has_model or not self._builder.is_empty:
            self._others.append(line)
            return
        self._has_model = True
        if len(words) > 2:
            raise self._error(line, "one name after .model", shown_text(" ".join(words)))
        elif len(words) == 2:
            self._name = words[1]

    def _directive(self, word: str, words: list[str], line: int) -> None:
        if word == ".names":
            if len(words) < 2:
                raise self._error(line, "signals after .names, the one that is defined last", "none")
            self._names, self._cubes = (words[1:], line), []
        elif word in (".inputs", ".input"):
            for signal in words[1:]:
                self._builder.input(signal, line)
        elif word in (".outputs", ".output"):
            for signal in words[1:]:
                self._builder.output(signal, line)
        elif word == ".latch":
            self._latch(words, line)
        elif word == ".end":
            self._ended = True
        elif word == ".exdc":
            self._in_exdc, self._exdc = True, line
        elif word in _HIERARCHY:
            raise self._error(line, "a flat netlist of .names and .latch", shown_text(" ".join(words)))
        elif word in _IGNORED:
            self._left_out[word] = None
        else:
            raise self._error(line, _EXPECTED, shown_text(word))

    def _latch(self, words: list[str], line: int) -> None:
        """``.latch input output [type control] [initial value]``."""
        rest = words[3:]
        initial = rest.pop() if len(rest) in (1, 3) else "3"
        if len(words) < 3 or len(rest) not in (0, 2) or initial not in ("0", "1", "2", "3") or (rest and rest[0] not in _LATCH_TYPES):
            expected = f".latch input output, then if wanted a type ({', '.join(_LATCH_TYPES)}) with its clock, then 0, 1, 2 or 3"
            raise self._error(line, expected, shown_text(" ".join(words)))
        self._builder.register(words[2], words[1], line)

    def _row(self, words: list[str], line: int) -> None:
        """A row of a cover."""
        if self._names is None:
            raise self._error(line, _EXPECTED, shown_text(" ".join(words)))
        width = len(self._names[0]) - 1
        cube = words[0] if width else ""
        if len(words) != (2 if width else 1) or words[-1] not in ("0", "1") or len(cube) != width or (width and not _CUBE.fullmatch(cube)):
            row = f"{width} of 0, 1 and -, a blank, and 0 or 1" if width else "0 or 1"
            raise self._error(line, f"a row of the cover: {row}", shown_text(" ".join(words)))
        if self._cubes and words[-1] != self._value:
            raise self._error(line, f"rows that all end in {self._value}, as the first does", shown_text(" ".join(words)))
        self._cubes.append(cube)
        self._value = words[-1]

    def _close(self) -> None:
        """Define the signal whose cover ends here."""
        if self._names is None:
            return
        (*operands, signal), line = self._names
        self._names = None
        is_off_set = bool(self._cubes) and self._value == "0"
        key = (self._value, *self._cubes)
        gate = self._gates.get(key) if self._cubes else None
        if gate is None:
            gate = cover_gate(len(operands), self._cubes, is_off_set)
            if self._cubes and len(operands) <= _CACHED:
                self._gates[key] = gate
        self._builder.define(signal, gate, operands, line)

    def _error(self, line: int, expected: str, found: str) -> FormatError:
        return at(self._source, line, expected, found)
