"""Points of a circuit's inputs in files: CSV with a header of input names, or numpy's ``.npy``; read in batches of bounded memory."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from heurest.anomaly.array_files import array_header, file_path
from heurest.circuit.circuit import Circuit
from heurest.circuit.validation import check_circuit
from heurest.errors import ArgumentError, FormatError
from heurest.formats.messages import decoded, format_error, shown
from heurest.formats.whole_files import displayed, reason
from heurest.truth.wire_values import NO_NUMBERS, checked_points

FloatArray = NDArray[np.float64]

#: Rows that are read at once.
BATCH = 65_536


def read_points(path: str | Path, circuit: Circuit) -> FloatArray:
    """All points of a file, shape ``(points, inputs)``; see `point_batches`."""
    return np.concatenate(list(point_batches(path, circuit)))


def point_batches(path: str | Path, circuit: Circuit, rows: int = BATCH) -> Iterator[FloatArray]:
    """Points of a circuit's inputs from a file, some rows at a time.

    A CSV file starts with the names of the inputs, each once, in any order; empty lines are passed over. An ``.npy`` file holds a
    matrix with a column for each input in the circuit's order.

    Args:
        path: The file; its ending is ``.csv`` or ``.npy``.
        circuit: The circuit.
        rows: How many points a batch has.

    Raises:
        ArgumentError: The path is something else.
        CircuitError: The circuit is something else.
        FormatError: The file cannot be read, holds no points, or does not fit the circuit's inputs; names the file and the line of a
            CSV file, counted from 1, or the row of a matrix, counted from 0.
    """
    place = file_path(path)
    check_circuit(circuit)
    source, ending = displayed(place), place.suffix.lower()
    if ending not in (".csv", ".npy"):
        raise format_error(source, "data in a file that ends in .csv or .npy", shown(place.name))
    try:
        file = place.open("rb")
    except (OSError, ValueError) as error:
        raise FormatError(f"{source}: cannot be read: {reason(error)}") from error
    with file:
        try:
            yield from (_csv_batches if ending == ".csv" else _npy_batches)(file, source, circuit, rows)
        except OSError as error:
            raise FormatError(f"{source}: cannot be read: {reason(error)}") from error


def _npy_batches(file: IO[bytes], source: str, circuit: Circuit, rows: int) -> Iterator[FloatArray]:
    try:
        shape, fortran, dtype = header = array_header(file)
    except ValueError:
        raise FormatError(f"{source}: expected a matrix as numpy saves it, found something else") from None
    if dtype.kind in NO_NUMBERS:
        raise format_error(source, "a matrix of real numbers", NO_NUMBERS[dtype.kind])
    if len(shape) != 2 or shape[1] != len(circuit.inputs) or not header.size:
        raise format_error(source, f"a matrix with {len(circuit.inputs)} columns and at least one row", f"shape {shape}")
    start, there = file.tell(), os.fstat(file.fileno()).st_size
    if start + header.size > there:
        raise format_error(source, f"{header.size:,} bytes of numbers, as its header says", f"{there - start:,}")
    matrix = np.memmap(file, dtype, "r", start, shape, "F" if fortran else "C")
    for first in range(0, len(matrix), rows):
        yield _checked(matrix[first : first + rows], source, circuit, partial(_row_name, first))


def _csv_batches(file: IO[bytes], source: str, circuit: Circuit, rows: int) -> Iterator[FloatArray]:
    lines = _filled_lines(file, source)
    place = _columns(*next(lines, (1, [])), source, circuit)
    found = False
    while batch := list(islice(lines, rows)):
        points = np.empty((len(batch), len(place)))
        for number, (line, row) in enumerate(batch):
            if len(row) != len(place):
                raise format_error(f"{source}, line {line}", f"{len(place)} numbers", f"{len(row)}")
            try:
                points[number, place] = [float(text) for text in row]
            except ValueError:
                wrong = next(text for text in row if not _is_number(text))
                raise format_error(f"{source}, line {line}", "numbers", shown(wrong)) from None
        yield _checked(points, source, circuit, partial(_line_name, batch))
        found = True
    if not found:
        raise format_error(source, "at least one row of numbers after the names", "none")


def _filled_lines(file: IO[bytes], source: str) -> Iterator[tuple[int, list[str]]]:
    """Rows of a CSV file that are not empty, with the numbers of their last lines; a byte order mark is passed over."""
    with io.TextIOWrapper(file, encoding="utf-8-sig", newline="") as text:
        rows = csv.reader(text)
        try:
            for row in rows:
                if len(row) > 1 or any(part.strip() for part in row):
                    yield rows.line_num, row
        except UnicodeDecodeError:
            file.seek(0)
            decoded(file.read(), source)  # names the line
        except csv.Error as error:
            raise format_error(f"{source}, line {rows.line_num}", "numbers between commas", str(error).partition(" - ")[0]) from None


def _row_name(first: int, row: int) -> str:
    return f"row {first + row:,}"


def _line_name(batch: Sequence[tuple[int, list[str]]], row: int) -> str:
    return f"line {batch[row][0]}"


def _columns(line: int, header: Sequence[str], source: str, circuit: Circuit) -> list[int]:
    """The position among the circuit's inputs of each column."""
    position = {wire.name: number for number, wire in enumerate(circuit.inputs) if wire.name is not None}
    names = [name.strip() for name in header]
    where = f"{source}, line {line}"
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


def _checked(points: FloatArray, source: str, circuit: Circuit, place: Callable[[int], str]) -> FloatArray:
    try:
        return checked_points(circuit, points, place)
    except ArgumentError as error:
        raise FormatError(f"{source}, {error}") from None
