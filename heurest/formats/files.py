"""Reading and writing circuit files; the ending of a file's name says the format."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from heurest.errors import FormatError
from heurest.formats.messages import decoded, format_error, shown_text
from heurest.formats.whole_files import displayed, reason, write_whole

if TYPE_CHECKING:
    from heurest.circuit.circuit import Circuit


@dataclass(frozen=True)
class Reading:
    """How a file is read.

    Attributes:
        notices: What the reader says about what a circuit cannot hold, one line each, is appended here.
        recognise: Make exclusive ors and multiplexers out of the ANDs that spell them.
    """

    notices: list[str] = field(default_factory=list)
    recognise: bool = False


def _read_json(data: bytes, source: str, name: str, reading: Reading) -> Circuit:
    from heurest.formats.circuit_json import loads

    return loads(decoded(data, source), source)


def _write_json(circuit: Circuit, notices: list[str]) -> str:
    from heurest.formats.circuit_json import dumps

    return dumps(circuit)


def _read_aiger(data: bytes, source: str, name: str, reading: Reading) -> Circuit:
    from heurest.formats.aiger import circuit_from_aiger

    return circuit_from_aiger(data, source, name, reading.notices, reading.recognise)


def _write_aiger_text(circuit: Circuit, notices: list[str]) -> str:
    from heurest.formats.aiger_writer import aiger_text_from_circuit

    return aiger_text_from_circuit(circuit, notices)


def _write_aiger_binary(circuit: Circuit, notices: list[str]) -> bytes:
    from heurest.formats.aiger_writer import aiger_binary_from_circuit

    return aiger_binary_from_circuit(circuit, notices)


def _read_bench(data: bytes, source: str, name: str, reading: Reading) -> Circuit:
    from heurest.formats.bench import circuit_from_bench

    return circuit_from_bench(data, source, name, reading.notices)


def _write_bench(circuit: Circuit, notices: list[str]) -> str:
    from heurest.formats.bench_writer import bench_from_circuit

    return bench_from_circuit(circuit, notices)


def _read_blif(data: bytes, source: str, name: str, reading: Reading) -> Circuit:
    from heurest.formats.blif import circuit_from_blif

    return circuit_from_blif(data, source, name, reading.notices)


def _write_blif(circuit: Circuit, notices: list[str]) -> str:
    from heurest.formats.blif_writer import blif_from_circuit

    return blif_from_circuit(circuit, notices)


def _write_dimacs(circuit: Circuit, notices: list[str]) -> str:
    from heurest.formats.dimacs import dimacs_from_circuit

    return dimacs_from_circuit(circuit, notices=notices)


def _read_expressions(data: bytes, source: str, name: str, reading: Reading) -> Circuit:
    from heurest.formats.expression_text import circuit_from_text

    return circuit_from_text(decoded(data, source), source, name)


def _write_expressions(circuit: Circuit, notices: list[str]) -> str:
    from heurest.formats.expression_text import text_from_circuit

    return text_from_circuit(circuit)


def _read_graph(data: bytes, source: str, name: str, reading: Reading) -> Circuit:
    from heurest.formats.node_link import graph_loads

    return graph_loads(decoded(data, source), source)


def _write_graph(circuit: Circuit, notices: list[str]) -> str:
    from heurest.formats.node_link import graph_dumps

    return graph_dumps(circuit)


@dataclass(frozen=True)
class FileFormat:
    """A kind of circuit file.

    Attributes:
        ending: How names of such files end, the dot included.
        help: One sentence for the reference page.
        read: From the file's bytes, what messages call the file, a name for the circuit where the file holds none, and how to
            read; None where the format is only written.
        write: From a circuit to the file's content; what the file cannot hold is appended to the list. None where the format is
            only read.
    """

    ending: str
    help: str
    read: Callable[[bytes, str, str, Reading], Circuit] | None
    write: Callable[[Circuit, list[str]], str | bytes] | None = None


_ROWS = (
    FileFormat(".json", "This project's own format: every detail of a circuit, exactly.", _read_json, _write_json),
    FileFormat(".nx.json", "A networkx graph as node-link JSON.", _read_graph, _write_graph),
    FileFormat(".sym", "Polynomials, one line an output, with the laws of the inputs.", _read_expressions, _write_expressions),
    FileFormat(".aag", "An and-inverter graph in ASCII AIGER; inputs are fair bits.", _read_aiger, _write_aiger_text),
    FileFormat(".aig", "An and-inverter graph in binary AIGER; inputs are fair bits.", _read_aiger, _write_aiger_binary),
    FileFormat(".bench", "An ISCAS netlist of gates; inputs are fair bits.", _read_bench, _write_bench),
    FileFormat(".blif", "A flat netlist of covers (BLIF); inputs are fair bits.", _read_blif, _write_blif),
    FileFormat(".cnf", "Clauses (DIMACS) whose models are the settings of the inputs.", None, _write_dimacs),
)

#: The file formats by name, which is the ending without its first dot; of two endings that fit a file the longer counts.
FORMATS: dict[str, FileFormat] = {row.ending[1:]: row for row in _ROWS}


def load(path: str | os.PathLike[str], format: str | None = None, *, recognise: bool = False, notices: list[str] | None = None) -> Circuit:
    """Read a circuit file.

    Args:
        path: The file.
        format: A name in `FORMATS`, such as ``"json"``; by default the file's ending decides.
        recognise: Of and-inverter graphs, make exclusive ors and multiplexers out of the ANDs that spell them, which most methods
            estimate better as such, though not on every circuit.
        notices: Where to append what the circuit cannot hold, such as latches, one line each; by default these are Python warnings.

    Returns:
        A circuit that can be changed.

    Raises:
        FormatError: The file cannot be read, its ending is unknown, or it does not hold what the format prescribes. One line: the file,
            the place in it, what was expected and what stands there.

    Cost:
        The whole file in memory, and what the format's reader says.

    Examples:
        >>> import heurest as hr
        >>> load("a.v")
        Traceback (most recent call last):
            ...
        heurest.errors.FormatError: a.v: expected a name that ends in .json, .nx.json, .sym, .aag, .aig, .bench or .blif, found 'a.v'
    """
    if not isinstance(path, (str, os.PathLike)):
        raise FormatError(f"a path is needed to read a circuit from, got {path!r:.80}")
    source = displayed(path)
    row = _format_of(path, format, [name for name, row in FORMATS.items() if row.read])
    try:
        data = Path(path).read_bytes()
    except (OSError, ValueError) as error:
        raise FormatError(f"{source}: cannot be read: {reason(error)}") from error
    reading = Reading(recognise=recognise)
    read = row.read or _read_json  # the row was chosen among those that can be read
    circuit = read(data, source, _stem(path, row), reading)
    _notify(reading.notices, notices)
    return circuit


def save(circuit: Circuit, path: str | os.PathLike[str], format: str | None = None, *, notices: list[str] | None = None) -> None:
    """Write a circuit file, whole or not at all.

    The text goes to a temporary file beside the target, which then takes the target's place; a file that was there before keeps its
    permissions. What is no regular file, such as ``/dev/stdout``, is written directly.

    Args:
        circuit: Any circuit, frozen or not.
        path: The file; one that exists is replaced.
        format: A name in `FORMATS`, such as ``"json"``; by default the file's ending decides.
        notices: Where to append what the file cannot hold, such as laws, one line each; by default these are Python warnings.

    Raises:
        FormatError: The file cannot be written, its ending is unknown, or the format is only read.

    Cost:
        The file's text in memory, and what the format's writer says.

    Examples:
        >>> import heurest as hr, tempfile, pathlib
        >>> c = hr.Circuit("demo")
        >>> c.output("y", c.input("x", hr.Normal(0, 1)) ** 2)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     save(c, pathlib.Path(folder, "demo.json"))
        ...     load(pathlib.Path(folder, "demo.json"))
        <Circuit 'demo': 1 input, 1 gate, 1 output>
    """
    from heurest.circuit.validation import check_circuit

    check_circuit(circuit)
    if not isinstance(path, (str, os.PathLike)):
        raise FormatError(f"a path is needed to write a circuit to, got {path!r:.80}")
    write = _format_of(path, format, [name for name, row in FORMATS.items() if row.write]).write
    lines: list[str] = []
    content = write(circuit, lines) if write else ""
    write_whole(path, content if isinstance(content, bytes) else content.encode("utf-8"))
    _notify(lines, notices)


def _notify(lines: list[str], notices: list[str] | None) -> None:
    """Hand notices on, or make them warnings of the caller of the caller."""
    for line in lines:
        if notices is None:
            warnings.warn(line, stacklevel=3)
        else:
            notices.append(line)


def _format_of(path: str | os.PathLike[str], format: str | None, usable: list[str]) -> FileFormat:
    """The row for a file among the formats that can be used here."""
    if format is not None:
        if format not in usable:
            known = ", ".join(usable)
            raise format_error(displayed(path), f"one of the formats {known}", shown_text(str(format)))
        return FORMATS[format]
    name = os.path.basename(os.fspath(path)).lower()
    fitting = max((row for row in _ROWS if name.endswith(row.ending)), key=lambda row: len(row.ending), default=None)
    if fitting is None or fitting.ending[1:] not in usable:
        endings = [FORMATS[key].ending for key in usable]
        only = "" if fitting is None else f" (circuits are only {'read from' if fitting.read else 'written to'} {fitting.ending} files)"
        expected = f"a name that ends in {', '.join(endings[:-1])} or {endings[-1]}{only}"
        raise format_error(displayed(path), expected, shown_text(name))
    return fitting


def _stem(path: str | os.PathLike[str], row: FileFormat) -> str:
    """A circuit's name from its file's."""
    name = os.path.basename(os.fspath(path))
    stem = name[: -len(row.ending)] if name.lower().endswith(row.ending) else name
    return stem if stem and stem.isprintable() else "circuit"
