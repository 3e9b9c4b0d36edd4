"""Reading and writing circuit files; the ending of a file's name says the format."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from heurest.errors import FormatError
from heurest.formats.messages import decoded, format_error, shown_text
from heurest.formats.whole_files import displayed, reason, write_whole

if TYPE_CHECKING:
    from heurest.circuit.circuit import Circuit


def _read_json(data: bytes, source: str, name: str) -> Circuit:
    from heurest.formats.circuit_json import loads

    return loads(decoded(data, source), source)


def _write_json(circuit: Circuit) -> str:
    from heurest.formats.circuit_json import dumps

    return dumps(circuit)


def _read_aiger(data: bytes, source: str, name: str) -> Circuit:
    from heurest.formats.aiger import circuit_from_aiger

    return circuit_from_aiger(data, source, name)


def _read_expressions(data: bytes, source: str, name: str) -> Circuit:
    from heurest.formats.expression_text import circuit_from_text

    return circuit_from_text(decoded(data, source), source, name)


def _write_expressions(circuit: Circuit) -> str:
    from heurest.formats.expression_text import text_from_circuit

    return text_from_circuit(circuit)


def _read_graph(data: bytes, source: str, name: str) -> Circuit:
    from heurest.formats.node_link import graph_loads

    return graph_loads(decoded(data, source), source)


def _write_graph(circuit: Circuit) -> str:
    from heurest.formats.node_link import graph_dumps

    return graph_dumps(circuit)


@dataclass(frozen=True)
class FileFormat:
    """A kind of circuit file.

    Attributes:
        ending: How names of such files end, the dot included.
        help: One sentence for the reference page.
        read: From the file's bytes, what messages call the file, and a name for the circuit where the file holds none.
        write: From a circuit to the file's text; None where the format is only read.
    """

    ending: str
    help: str
    read: Callable[[bytes, str, str], Circuit]
    write: Callable[[Circuit], str] | None = None


_ROWS = (
    FileFormat(".json", "This project's own format: every detail of a circuit, exactly.", _read_json, _write_json),
    FileFormat(".nx.json", "A networkx graph as node-link JSON.", _read_graph, _write_graph),
    FileFormat(".sym", "Polynomials, one line an output, with the laws of the inputs.", _read_expressions, _write_expressions),
    FileFormat(".aag", "An and-inverter graph in ASCII AIGER; inputs are fair bits.", _read_aiger),
)

#: The file formats by name, which is the ending without its first dot; of two endings that fit a file the longer counts.
FORMATS: dict[str, FileFormat] = {row.ending[1:]: row for row in _ROWS}


def load(path: str | os.PathLike[str], format: str | None = None) -> Circuit:
    """Read a circuit file.

    Args:
        path: The file.
        format: A name in `FORMATS`, such as ``"json"``; by default the file's ending decides.

    Returns:
        A circuit that can be changed.

    Raises:
        FormatError: The file cannot be read, its ending is unknown, or it does not hold what the format prescribes. One line: the file,
            the place in it, what was expected and what stands there.

    Cost:
        The whole file in memory, and what the format's reader says.

    Examples:
        >>> import heurest as hr
        >>> load("circuit.txt")
        Traceback (most recent call last):
            ...
        heurest.errors.FormatError: circuit.txt: expected a name that ends in .json, .nx.json, .sym or .aag, found 'circuit.txt'
    """
    if not isinstance(path, (str, os.PathLike)):
        raise FormatError(f"a path is needed to read a circuit from, got {path!r:.80}")
    source = displayed(path)
    row = _format_of(path, format, [*FORMATS])
    try:
        data = Path(path).read_bytes()
    except (OSError, ValueError) as error:
        raise FormatError(f"{source}: cannot be read: {reason(error)}") from error
    return row.read(data, source, _stem(path, row))


def save(circuit: Circuit, path: str | os.PathLike[str], format: str | None = None) -> None:
    """Write a circuit file, whole or not at all.

    The text goes to a temporary file beside the target, which then takes the target's place; a file that was there before keeps its
    permissions. What is no regular file, such as ``/dev/stdout``, is written directly.

    Args:
        circuit: Any circuit, frozen or not.
        path: The file; one that exists is replaced.
        format: A name in `FORMATS`, such as ``"json"``; by default the file's ending decides.

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
    text = write(circuit) if write else ""
    write_whole(path, text.encode("utf-8"))


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
        only = "" if fitting is None else f" (circuits are only read from {fitting.ending} files)"
        expected = f"a name that ends in {', '.join(endings[:-1])} or {endings[-1]}{only}"
        raise format_error(displayed(path), expected, shown_text(name))
    return fitting


def _stem(path: str | os.PathLike[str], row: FileFormat) -> str:
    """A circuit's name from its file's."""
    name = os.path.basename(os.fspath(path))
    stem = name[: -len(row.ending)] if name.lower().endswith(row.ending) else name
    return stem if stem and stem.isprintable() else "circuit"
