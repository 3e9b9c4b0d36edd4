"""Detectors of mechanisms in files."""

from __future__ import annotations

import os
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from heurest.anomaly.array_files import ArrayFile
from heurest.anomaly.mechanisms import MEASURED
from heurest.circuit.circuit import Circuit
from heurest.errors import ArgumentError, FormatError
from heurest.formats.whole_files import displayed
from heurest.methods import parse_method

FloatArray = NDArray[np.float64]

_MOST = 2**53  # patterns whose number a float holds exactly
_FILE = ArrayFile(
    name="heurest-detector",
    version=1,
    writer="Detector",
    settings={
        "method": (str,), "outputs": (list,), "epsilon": (float, type(None)), "false_positive": (float,),
        "seen": (int,), "counted": (int,), "inputs": (int,),
    },
    arrays={"ones": np.int64, "one": np.float64, "zero": np.float64, "held_out": np.uint8},
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Saved:
    """What a detector has learned.

    Attributes:
        digest: Fingerprint of the circuit's wires.
        outputs: Names of the watched outputs.
        method: Where structural probabilities come from.
        epsilon: The given total weight, if any.
        false_positive: The share of flags.
        seen: Patterns that were given.
        counted: Patterns that were counted; the others are held out, or were.
        ones: In how many counted patterns each node was 1.
        held_out: The held-out patterns, shape ``(patterns, inputs)``.
        one: Structural P(1) of each node.
        zero: Structural P(0) of each node.
    """

    digest: str
    outputs: tuple[str, ...]
    method: str
    epsilon: float | None
    false_positive: float
    seen: int
    counted: int
    ones: NDArray[np.int64]
    held_out: NDArray[np.bool_]
    one: FloatArray
    zero: FloatArray


def write_detector(path: str | os.PathLike[str], saved: Saved) -> None:
    """Write a file, whole or not at all.

    Raises:
        ArgumentError: The path is something else.
        FormatError: It cannot be written.
    """
    settings = {"outputs": list(saved.outputs), "method": saved.method, "epsilon": saved.epsilon, "false_positive": saved.false_positive,
                "seen": saved.seen, "counted": saved.counted, "inputs": saved.held_out.shape[1]}  # fmt: skip
    held = np.packbits(saved.held_out, axis=1)
    _FILE.write(path, saved.digest, settings, {"ones": saved.ones, "one": saved.one, "zero": saved.zero, "held_out": held})


def read_detector(path: str | os.PathLike[str], circuit: Circuit) -> Saved:
    """Read a file and check that it is about a circuit with these wires.

    Raises:
        ArgumentError: The path is something else.
        CircuitError: The circuit is something else.
        FormatError: It cannot be read, is no detector, is damaged, or is about another circuit.
    """
    settings, arrays = _FILE.read(path, circuit)
    source = displayed(path)
    if settings["method"] != MEASURED:
        try:
            parse_method(settings["method"])
        except ArgumentError as error:
            raise FormatError(f"{source}: {error}") from None
    size = arrays["ones"].size
    fits = all(arrays[name].shape == (size,) for name in ("ones", "one", "zero")) and arrays["held_out"].ndim == 2
    fits = fits and arrays["held_out"].shape[1] == -(-settings["inputs"] // 8)
    fits = fits and settings["inputs"] >= 0 and 0 < settings["counted"] <= _MOST
    fits = fits and settings["counted"] + len(arrays["held_out"]) == settings["seen"]
    if not fits or not all(isinstance(name, str) for name in settings["outputs"]):
        raise FormatError(f"{source}: the arrays do not fit together")
    ones, counted = arrays["ones"], settings["counted"]
    chances = np.concatenate([arrays["one"], arrays["zero"]])
    if (ones < 0).any() or (ones > counted).any() or not ((chances >= 0.0) & (chances <= 1.0)).all():
        raise FormatError(f"{source}: a count or a probability is out of range")
    missing = [name for name in settings["outputs"] if name not in circuit.outputs]
    if missing:
        raise FormatError(f"{source}: the detector watches output {missing[0]!r}, which {circuit.name!r} does not have")
    held = np.unpackbits(arrays["held_out"], axis=1, count=settings["inputs"]).astype(np.bool_)
    return Saved(
        settings["digest"], tuple(settings["outputs"]), settings["method"], settings["epsilon"], settings["false_positive"],
        settings["seen"], counted, ones, held, arrays["one"], arrays["zero"],
    )  # fmt: skip
