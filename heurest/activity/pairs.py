"""Circuits that hold a boolean circuit twice: with an input flipped in one of the two, or on two patterns that follow each other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from heurest.circuit.circuit import Circuit
from heurest.circuit.gates import AFFINE, INPUT
from heurest.circuit.laws import JointDiscrete
from heurest.circuit.wires import Wires
from heurest.errors import ArgumentError, KindError

IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

_ROUNDING = 1e-12


class Halves:
    """A boolean circuit without what feeds none of the wanted wires, ready to be joined with a copy of itself.

    Args:
        circuit: Any circuit.
        wanted: Wires whose values are compared.

    Raises:
        KindError: A wanted wire is real.
    """

    def __init__(self, circuit: Circuit, wanted: Iterable[int]) -> None:
        self._circuit = circuit
        self.wanted = np.array(list(wanted), np.int64)
        for wire in self.wanted:
            if not circuit.boolean[wire]:
                name = circuit.wire_name(int(wire))
                label = int(wire) if name is None else repr(name)
                raise KindError(f"circuit {circuit.name!r}: wire {label} is real; only boolean wires toggle and have influences")
        self._live = _live(circuit, self.wanted)
        self._gates = np.flatnonzero(self._live & (circuit.gate != INPUT))
        self._groups = [group for group in circuit.groups if self._live[list(group.wires)].any()]

    @property
    def inputs(self) -> IntArray:
        """The inputs that feed a wanted wire."""
        return np.flatnonzero(self._live & (self._circuit.gate == INPUT))

    def supports(self) -> NDArray[np.uint8]:
        """For every wire the inputs that it depends on by structure: bit ``i % 8`` of byte ``i // 8`` stands for ``inputs[i]``."""
        inputs, circuit = self.inputs, self._circuit
        sets = [0] * len(circuit)
        for position, wire in enumerate(inputs.tolist()):
            sets[wire] = 1 << position
        for wire in self._gates.tolist():
            for operand in circuit.operands(wire):
                sets[wire] |= sets[operand]
        size = max(1, -(-len(inputs) // 8))
        return np.frombuffer(b"".join(part.to_bytes(size, "little") for part in sets), np.uint8).reshape(-1, size)

    def single(self) -> tuple[Circuit, IntArray]:
        """The live part alone, without outputs, and the place of every wire in it."""
        made = Circuit(self._circuit.name)
        place = np.full(len(self._circuit), -1, np.int64)
        for group in self._groups:
            names = [self._circuit.wire_name(wire) or f"#{wire}" for wire in group.wires]
            place[list(group.wires)] = made.input(names, group.law).index
        append_copy(self._circuit, self._gates, place, made)
        return made, place

    def consecutive(self, rates: Mapping[int, float]) -> Circuit:
        """Two patterns that follow each other: output k is 1 where wanted wire k differs.

        Args:
            rates: Toggle rates of inputs; the other inputs are drawn anew.

        Raises:
            ArgumentError: A rate does not fit its input.
        """
        circuit, made = self._circuit, Circuit(self._circuit.name)
        now, later = np.full(len(circuit), -1, np.int64), np.full(len(circuit), -1, np.int64)
        for group in self._groups:
            names = [circuit.wire_name(wire) or f"#{wire}" for wire in group.wires]
            wires = list(group.wires)
            fresh = [_fresh(name, circuit.names, made.names) for name in names]
            if wires[0] in rates:
                now[wires[0]], later[wires[0]] = made.input([names[0], fresh[0]], _pair_law(circuit, wires[0], rates[wires[0]])).index
            else:
                now[wires], later[wires] = made.input(names, group.law).index, made.input(fresh, group.law).index
        append_copy(circuit, self._gates, now, made)
        append_copy(circuit, self._gates, later, made)
        made.output("toggle", Wires(made, now[self.wanted]) ^ Wires(made, later[self.wanted]))
        return made


def append_copy(source: Circuit, wires: IntArray, place: IntArray, target: Circuit) -> None:
    """Copy gates and constants, in order, into a circuit: ``place`` says where their operands stand there, and is completed."""
    gate, left, right = source.gate[wires], source.left[wires], source.right[wires]
    affine = gate == AFFINE
    lengths = np.where(affine, right - left, 0)
    ends = np.cumsum(lengths)
    terms = np.repeat(left - (ends - lengths), lengths) + np.arange(lengths.sum())
    boolean = source.boolean[wires] & affine
    place[wires] = len(target) + np.arange(len(wires))
    first = np.where(affine, ends - lengths, place[np.where(affine, 0, left)])
    second = np.where(affine, ends, place[np.where(affine, 0, right)])
    numbers, coefficients = source.value[wires], source.term_coefficient[terms]
    target.extend(gate, first, second, numbers, place[source.term_wire[terms]], coefficients, boolean)


def flipped(single: Circuit, wanted: IntArray, dependent: IntArray, wire: int) -> Circuit:
    """The circuit beside a copy with one input flipped: output k is 1 where wanted wire k differs.

    Args:
        single: A circuit without outputs.
        wanted: Wires that depend on the input.
        dependent: All gates that do, in order.
        wire: The input.
    """
    both = single.copy()
    place = np.arange(len(single))
    place[wire] = (~both.wire(wire)).index
    append_copy(single, dependent, place, both)
    both.output("change", Wires(both, wanted) ^ Wires(both, place[wanted]))
    return both


def _live(circuit: Circuit, wanted: IntArray) -> BoolArray:
    live = np.zeros(len(circuit), np.bool_)
    live[wanted] = True
    for wire in range(len(circuit) - 1, -1, -1):
        if live[wire]:
            live[list(circuit.operands(wire))] = True
    return live


def _pair_law(circuit: Circuit, wire: int, rate: float) -> JointDiscrete:
    """The joint law of an input on two patterns: its own law on each, and different with probability ``rate``."""
    group = circuit.groups[int(circuit.left[wire])]
    name = circuit.wire_name(wire)
    if group.law.size > 1:
        raise ArgumentError(f"switching_activity: input {name!r} shares a joint law with others, so it has no toggle rate of its own")
    points = group.law.points()
    values, probs = points if points is not None else (np.empty((0, 1)), np.empty(0))
    zero, one = (float(probs[values[:, 0] == bit].sum()) for bit in (0.0, 1.0))
    most = 2.0 * min(zero, one)
    if rate > most * (1.0 + _ROUNDING):
        law = f"input {name!r} is 1 with probability {one:.6g}"
        raise ArgumentError(f"switching_activity: {law}, so its toggle rate must be at most {most:.6g}, got {rate:.6g}")
    half = 0.5 * min(rate, most)
    table = (((0, 0), zero - half), ((0, 1), half), ((1, 0), half), ((1, 1), one - half))
    kept = [(pair, weight) for pair, weight in table if weight > 0.0]
    return JointDiscrete([pair for pair, _ in kept], [weight for _, weight in kept])


def _fresh(name: str, *taken: Mapping[str, int]) -> str:
    """A name for an input on the next pattern."""
    name += "'"
    while any(name in names for names in taken):
        name += "'"
    return name
