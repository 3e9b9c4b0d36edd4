"""Netlists taken at their word: what a circuit computes for every setting of its inputs, and signals looked up one by one."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping

import numpy as np

import heurest as hr
from support.interpreter import circuit_values

Table = dict[str, list[int]]


def settings_of(names: list[str]) -> dict[str, np.ndarray]:
    """All settings of some bits, a column a setting, by name."""
    rows = np.array(list(itertools.product((0, 1), repeat=len(names))), dtype=int).reshape(2 ** len(names), len(names))
    return dict(zip(names, rows.T, strict=True))


def computed(circuit: hr.Circuit, inputs: Mapping[str, np.ndarray] | None = None) -> Table:
    """Values of every output for all settings of the inputs, or for those given by name."""
    names = [str(wire.name) for wire in circuit.inputs]
    given = settings_of(names) if inputs is None else inputs
    count = len(next(iter(given.values()))) if given else 1
    values = circuit_values(circuit, np.array([given[name] for name in names], dtype=float).reshape(len(names), count))
    return {name: values[wire.index].astype(int).tolist() for name, wire in circuit.outputs.items()}


def looked_up(
    inputs: list[str], outputs: list[str], gates: Mapping[str, tuple[Callable[[list[np.ndarray]], np.ndarray], list[str]]]
) -> Table:
    """The same of gates by signal, each a function of its operands' values."""
    known = settings_of(inputs)
    count = 2 ** len(inputs)

    def value(signal: str) -> np.ndarray:
        if signal not in known:
            function, operands = gates[signal]
            known[signal] = np.broadcast_to(function([value(operand) for operand in operands]), count).astype(int)
        return known[signal]

    return {signal: value(signal).tolist() for signal in outputs}
