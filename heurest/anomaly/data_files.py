"""Points of a circuit's inputs in files: CSV with a header of input names, or numpy's ``.npy``; read in batches of bounded memory."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from heurest.circuit.circuit import Circuit
from heurest.errors import ArgumentError, FormatError
from heurest.formats.messages import format_error, shown
from heurest.formats.whole_files import displayed, reason
from heurest.truth.wire_values import checked_points

FloatArray = NDArray[np.float64]

#: Rows that are read at once.
BATCH = 65_536


def read_points(path: str | Path, circuit: Circuit) -> FloatArray:
    """All points of a file, shape ``(points, inputs)``; see `point_batches`."""
    return np.concatenate(list(point_batches(path, circuit)))


def point_batches(path: str | Path, circuit: Circuit, rows: int = BATCH) -> Iterator[FloatArray]:
    """Points of a circuit's inputs from a file, some rows at a time.

    A CSV file starts with the names of the inputs, each once, in any order. An ``.npy`` file holds a matrix with a column for each
    input in the circuit's order.

    Args:
        path: The file; its ending is ``.csv`` or ``.npy``.
        circuit: The circuit.
        rows: How many points a batch has.

    Raises:
        FormatError: The file cannot be read, holds no points, or does not fit the circuit's inputs; names file and line.
    """
    source = displayed(str(path))
    ending = Path(path).suffix.lower()
    if ending not in (".csv", ".npy"):
        raise format_error(source, "data in a file that ends in .csv or .npy", shown(Path(path).name))
    try:
        yield from (_csv_batches if ending == ".csv" else _npy_batches)(Path(path), source, circuit, rows)
    except (OSError, UnicodeDecodeError) as error:
        raise FormatError(f"{source}: cannot be read: {reason(error) if isinstance(error, OSError) else 'no UTF-8 text'}") from error


def _npy_batches(path: Path, source: str, circuit: Circuit, rows: int) -> Iterator[FloatArray]:
    try:
        matrix = np.load(path, mmap_mode="r", allow_pickle=False)
    except (ValueError, EOFError) as error:
        raise FormatError(f"{source}: expected a matrix as numpy saves it, found something else") from error
    if matrix.ndim != 2 or not len(matrix):
        raise format_error(source, f"a matrix with {len(circuit.inputs)} columns and at least one row", f"shape {matrix.shape}")
    for start in range(0, len(matrix), rows):
        yield _checked(matrix[start : start + rows], source, circuit)


def _csv_batches(path: Path, source: str, circuit: Circuit, rows: int) -> Iterator[FloatArray]:
    with path.open(newline="", encoding="utf-8") as file:
        lines = csv.reader(file)
        place = _columns(next(lines, []), source, circuit)
        line, found = 2, False
        while batch := list(islice(lines, rows)):
            points = np.empty((len(batch), len(place)))
            for number, row in enumerate(batch):
                if len(row) != len(place):
                    raise format_error(f"{source}, line {line + number}", f"{len(place)} numbers", f"{len(row)}")
                try:
                    points[number, place] = [float(text) for text in row]
                except ValueError:
                    wrong = next(text for text in row if not _is_number(text))
                    raise format_error(f"{source}, line {line + number}", "numbers", shown(wrong)) from None
            yield _checked(points, f"{source}, from line {line}", circuit)
            line, found = line + len(batch), True
        if not found:
            raise format_error(source, "at least one row of numbers after the names", "none")


def _columns(header: Sequence[str], source: str, circuit: Circuit) -> list[int]:
    """The position among the circuit's inputs of each column."""
    position = {wire.name: number for number, wire in enumerate(circuit.inputs) if wire.name is not None}
    names = [name.strip() for name in header]
    where = f"{source}, line 1"
    for number, name in enumerate(names):
        if name not in position:
            raise format_error(where, f"names of inputs of {circuit.name!r}", shown(name))
        if name in names[:number]:
            raise format_error(where, "each input once", f"{shown(name)} again")
    missing = [name for name in position if name not in names]
    if missing or len(position) < len(circuit.inputs):
        raise format_error(
            where, f"all {len(circuit.inputs)} inputs of {circuit.name!r}", f"none named {missing[0]!r}" if missing else "names"
        )
    return [position[name] for name in names]


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _checked(points: FloatArray, source: str, circuit: Circuit) -> FloatArray:
    try:
        return checked_points(circuit, points)
    except ArgumentError as error:
        raise FormatError(f"{source}: {error}") from None
