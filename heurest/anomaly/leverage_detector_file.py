"""Detectors by leverage in files."""

from __future__ import annotations

import os
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from heurest.anomaly.array_files import ArrayFile
from heurest.circuit.circuit import Circuit
from heurest.errors import FormatError
from heurest.formats.whole_files import displayed

FloatArray = NDArray[np.float64]

_FILE = ArrayFile(
    name="heurest-leverage-detector",
    version=1,
    writer="LeverageDetector",
    settings={
        "output": (int,), "semantics": (str,), "epsilon": (float,), "tau": (float, type(None)), "false_positive": (float, type(None)),
        "points": (int,),
    },
    arrays=dict.fromkeys(("means", "sums", "waiting", "held_out"), np.float64),
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class SavedLeverage:
    """What a detector by leverage has learned.

    Attributes:
        digest: Fingerprint of the circuit's wires.
        output: Index of the wire that is watched.
        semantics: What the terms are.
        epsilon: Share of the variance that may be lost.
        tau: The given change of the output that counts, if any.
        false_positive: The given share of flags, if any.
        points: Training points that were given.
        means: Means of the wires over the points that were summed.
        sums: Sums of products of two monomials, a symmetric matrix.
        waiting: Points that are not summed yet, shape ``(points, inputs)``.
        held_out: The held-out points, shape ``(points, inputs)``.
    """

    digest: str
    output: int
    semantics: str
    epsilon: float
    tau: float | None
    false_positive: float | None
    points: int
    means: FloatArray
    sums: FloatArray
    waiting: FloatArray
    held_out: FloatArray


def write_leverage_detector(path: str | os.PathLike[str], saved: SavedLeverage) -> None:
    """Write a file, whole or not at all; of the symmetric matrix a half.

    Raises:
        ArgumentError: The path is something else.
        FormatError: It cannot be written.
    """
    settings = {"output": saved.output, "semantics": saved.semantics, "epsilon": saved.epsilon, "tau": saved.tau,
                "false_positive": saved.false_positive, "points": saved.points}  # fmt: skip
    half = saved.sums[np.tril_indices(len(saved.sums))]
    _FILE.write(path, saved.digest, settings, {"means": saved.means, "sums": half, "waiting": saved.waiting, "held_out": saved.held_out})


def read_leverage_detector(path: str | os.PathLike[str], circuit: Circuit) -> SavedLeverage:
    """Read a file and check that it is about a circuit with these wires.

    Raises:
        ArgumentError: The path is something else.
        CircuitError: The circuit is something else.
        FormatError: It cannot be read, is no detector by leverage, is damaged, or is about another circuit.
    """
    settings, arrays = _FILE.read(path, circuit)
    source = displayed(path)
    half = arrays["sums"]
    size = round(np.sqrt(2.0 * half.size + 0.25) - 0.5)
    width = len(circuit.inputs)
    fits = arrays["means"].ndim == half.ndim == 1 and size * (size + 1) == 2 * half.size and size > arrays["means"].size
    fits = fits and all(arrays[name].ndim == 2 and arrays[name].shape[1] == width for name in ("waiting", "held_out"))
    if not fits or not 0 <= settings["output"] < len(circuit):
        raise FormatError(f"{source}: the arrays do not fit together")
    if not all(np.isfinite(array).all() for array in arrays.values()):
        raise FormatError(f"{source}: a number is not finite")
    sums = np.zeros((size, size))
    sums[np.tril_indices(size)] = half
    if sums[0, 0] + len(arrays["waiting"]) + len(arrays["held_out"]) != settings["points"] or settings["points"] < 1 or sums[0, 0] < 0.0:
        raise FormatError(f"{source}: the arrays do not fit together")
    return SavedLeverage(
        settings["digest"], settings["output"], settings["semantics"], settings["epsilon"], settings["tau"], settings["false_positive"],
        settings["points"], arrays["means"], sums + np.tril(sums, -1).T, arrays["waiting"], arrays["held_out"],
    )  # fmt: skip
