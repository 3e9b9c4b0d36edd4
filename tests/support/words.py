"""Circuits read as arithmetic: all settings of their inputs as numbers, and their outputs as numbers."""

from __future__ import annotations

import re

import numpy as np

import heurest as hr
from support.interpreter import circuit_values


def _stems(names: list[str]) -> dict[str, list[int]]:
    """Positions by name without its index, in order: ``a[0]``, ``a[1]`` are the bits of ``a``."""
    stems: dict[str, list[int]] = {}
    for position, name in enumerate(names):
        stems.setdefault(re.sub(r"\[\d+\]$", "", name), []).append(position)
    return stems


def _number(bits: np.ndarray) -> np.ndarray:
    return np.rint(2 ** np.arange(len(bits)) @ bits).astype(np.int64)


def all_words(circuit: hr.Circuit) -> dict[str, np.ndarray]:
    """The numbers that inputs and outputs hold at every setting of the inputs, least significant bits first; an output is ``>name``."""
    names = [wire.name or "" for wire in circuit.inputs]
    settings = np.indices((2,) * len(names)).reshape(len(names), -1).astype(float)
    values = circuit_values(circuit, settings)
    words = {stem: _number(settings[places]) for stem, places in _stems(names).items()}
    outputs = [wire.index for wire in circuit.outputs.values()]
    for stem, places in _stems(list(circuit.outputs)).items():
        words[f">{stem}"] = _number(values[[outputs[place] for place in places]])
    return words
