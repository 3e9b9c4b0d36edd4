"""Reading and writing AIGER files of a million ANDs: seconds and memory."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from figure import Figure

import heurest as hr
from heurest.formats.aiger import circuit_from_aiger
from heurest.formats.aiger_binary import encoded_deltas
from heurest.formats.aiger_writer import aiger_binary_from_circuit, aiger_text_from_circuit

ANDS, INPUTS, OUTPUTS, REACH = 1_000_000, 1000, 1000, 3000


def operands(ands: int = ANDS) -> tuple[np.ndarray, np.ndarray]:
    """Literals of ANDs and of their operands, the larger first, among the last few thousand before each."""
    rng = np.random.default_rng(0)
    variables = INPUTS + 1 + np.arange(ands)
    distance = np.minimum(rng.integers(1, REACH, (ands, 2)), variables[:, np.newaxis] - 1)
    literals = 2 * (variables[:, np.newaxis] - distance) + rng.integers(0, 2, (ands, 2))
    return 2 * variables, np.sort(literals, axis=1)[:, ::-1]


def ascii_file(ands: np.ndarray, read: np.ndarray) -> bytes:
    """The ASCII file of a graph; the last ANDs are its outputs."""
    rows = np.column_stack([ands, read]).tolist()
    inputs, outputs = 2 * np.arange(1, INPUTS + 1), ands[-OUTPUTS:]
    lines = [*map(str, inputs.tolist()), *map(str, outputs.tolist()), *(" ".join(map(str, row)) for row in rows)]
    return "".join([f"aag {INPUTS + ands.size} {INPUTS} 0 {OUTPUTS} {ands.size}\n", *(f"{line}\n" for line in lines)]).encode()


def binary_file(ands: np.ndarray, read: np.ndarray) -> bytes:
    """The binary file of the same graph."""
    head = [f"aig {INPUTS + ands.size} {INPUTS} 0 {OUTPUTS} {ands.size}\n", *(f"{literal}\n" for literal in ands[-OUTPUTS:].tolist())]
    deltas = np.column_stack([ands - read[:, 0], read[:, 0] - read[:, 1]]).reshape(-1)
    return "".join(head).encode() + encoded_deltas(deltas)


def seconds(work: Callable[[], Any]) -> float:
    """Median of three calls."""
    times = []
    for _ in range(3):
        begin = time.perf_counter()
        work()
        times.append(time.perf_counter() - begin)
    return sorted(times)[1]


def memory(work: Callable[[], Any]) -> tuple[int, int]:
    """Bytes that a call's result keeps, and the most that were taken during the call."""
    tracemalloc.start()
    try:
        result = work()
        kept, peak = tracemalloc.get_traced_memory()
        del result
        return kept, peak
    finally:
        tracemalloc.stop()


def figures() -> Iterator[Figure]:
    graph = operands()
    text, data = ascii_file(*graph), binary_file(*graph)
    kept, peak = memory(lambda: circuit_from_aiger(data))
    text_peak = memory(lambda: circuit_from_aiger(text))[1]
    recognising_peak = memory(lambda: circuit_from_aiger(data, recognise=True))[1]
    yield Figure("1e6 ANDs of .aag read", seconds(lambda: circuit_from_aiger(text)), 5, "s", lower=True)
    yield Figure("1e6 ANDs of .aig read", seconds(lambda: circuit_from_aiger(data)), 2, "s", lower=True)
    yield Figure(
        "1e6 ANDs of .aig read, patterns recognised", seconds(lambda: circuit_from_aiger(data, recognise=True)), None, "s", lower=True
    )
    yield Figure(".aag: peak memory over file size", text_peak / len(text), 10, "", lower=True)
    yield Figure(".aig: peak memory over the circuit's", peak / kept, 4, "", lower=True)
    yield Figure(".aig with patterns recognised: peak memory over the circuit's", recognising_peak / kept, None, "", lower=True)
    circuit = circuit_from_aiger(data)
    live = hr.lower(circuit).num_values
    aiger_text_from_circuit(circuit_from_aiger(binary_file(*operands(2000))))  # compiles
    yield Figure(f"{live / 1e6:.2f}e6 live ANDs written as .aag", seconds(lambda: aiger_text_from_circuit(circuit)), None, "s", lower=True)
    yield Figure(
        f"{live / 1e6:.2f}e6 live ANDs written as .aig", seconds(lambda: aiger_binary_from_circuit(circuit)), None, "s", lower=True
    )


if __name__ == "__main__":
    for figure in figures():
        print(f"{figure.name}: {figure.measured:.3g} {figure.unit}")
