"""Detectors in files: arrays and one line of settings, versioned, with the fingerprint of the circuit's wires."""

from __future__ import annotations

import io
import json
import os
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heurest.arguments.identity import wires_digest
from heurest.circuit.circuit import Circuit
from heurest.errors import FormatError
from heurest.formats.whole_files import displayed, reason, write_whole

FloatArray = NDArray[np.float64]

FORMAT, VERSION = "heurest-detector", 1
_ARRAYS = {"ones": np.int64, "one": np.float64, "zero": np.float64, "held_out": np.uint8}


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
        FormatError: It cannot be written.
    """
    settings = {"format": FORMAT, "version": VERSION, "digest": saved.digest, "outputs": list(saved.outputs), "method": saved.method,
                "epsilon": saved.epsilon, "false_positive": saved.false_positive, "seen": saved.seen, "counted": saved.counted,
                "inputs": saved.held_out.shape[1]}  # fmt: skip
    room = io.BytesIO()
    packed = np.packbits(saved.held_out, axis=1)
    text = np.frombuffer(json.dumps(settings).encode(), np.uint8)
    np.savez_compressed(room, settings=text, ones=saved.ones, one=saved.one, zero=saved.zero, held_out=packed)
    write_whole(path, room.getvalue())


def read_detector(path: str | os.PathLike[str], circuit: Circuit) -> Saved:
    """Read a file and check that it is about a circuit with these wires.

    Raises:
        FormatError: It cannot be read, is no detector, is damaged, or is about another circuit.
    """
    source = displayed(path)
    try:
        data = Path(path).read_bytes()
    except (OSError, ValueError) as error:
        raise FormatError(f"{source}: cannot be read: {reason(error)}") from error
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as file:
            arrays = {name: file[name] for name in ("settings", *_ARRAYS)}
        settings = json.loads(arrays["settings"].tobytes().decode())
    except (OSError, ValueError, KeyError, EOFError, TypeError, AttributeError, zipfile.BadZipFile, zlib.error, NotImplementedError):
        raise FormatError(f"{source}: expected a detector as Detector.save writes it, found something else or a damaged file") from None
    _check(source, settings, arrays)
    if settings["digest"] != wires_digest(circuit):
        raise FormatError(f"{source}: the detector is for other wires than those of {circuit.name!r}")
    missing = [name for name in settings["outputs"] if name not in circuit.outputs]
    if missing:
        raise FormatError(f"{source}: the detector watches output {missing[0]!r}, which {circuit.name!r} does not have")
    inputs = settings["inputs"]
    held = np.unpackbits(arrays["held_out"], axis=1, count=inputs).astype(np.bool_)
    return Saved(
        settings["digest"], tuple(settings["outputs"]), settings["method"], settings["epsilon"], settings["false_positive"],
        settings["seen"], settings["counted"], arrays["ones"], held, arrays["one"], arrays["zero"],
    )  # fmt: skip


def _check(source: str, settings: Any, arrays: dict[str, NDArray[Any]]) -> None:
    if not isinstance(settings, dict) or settings.get("format") != FORMAT:
        raise FormatError(f"{source}: expected a file of format {FORMAT!r}")
    if settings.get("version") != VERSION:
        raise FormatError(f"{source}: expected version {VERSION} of {FORMAT}, found {settings.get('version')!r}")
    kinds: dict[str, tuple[type, ...]] = {
        "digest": (str,), "method": (str,), "outputs": (list,), "epsilon": (float, type(None)), "false_positive": (float,),
        "seen": (int,), "counted": (int,), "inputs": (int,),
    }  # fmt: skip
    for name, kind in kinds.items():
        if not isinstance(settings.get(name), kind) or isinstance(settings.get(name), bool):
            raise FormatError(f"{source}: setting {name!r} is missing or of another kind")
    size = arrays["ones"].size
    fits = all(arrays[name].dtype == kind for name, kind in _ARRAYS.items()) and arrays["held_out"].ndim == 2
    fits = fits and all(arrays[name].shape == (size,) for name in ("ones", "one", "zero"))
    fits = fits and arrays["held_out"].shape[1] == -(-settings["inputs"] // 8) and settings["counted"] > 0
    fits = fits and settings["counted"] + len(arrays["held_out"]) == settings["seen"]
    if not fits or not all(isinstance(name, str) for name in settings["outputs"]):
        raise FormatError(f"{source}: the arrays do not fit together")
    ones, counted = arrays["ones"], settings["counted"]
    chances = np.concatenate([arrays["one"], arrays["zero"]])
    if (ones < 0).any() or (ones > counted).any() or not ((chances >= 0.0) & (chances <= 1.0)).all():
        raise FormatError(f"{source}: a count or a probability is out of range")
