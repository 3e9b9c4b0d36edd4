"""The lowered circuit: read-only flat arrays for the kernels, and the map from wires to what they compute."""

from __future__ import annotations

from dataclasses import dataclass
from math import comb
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from heurest import opcodes
from heurest.circuit.circuit import Circuit

Int32Array = NDArray[np.int32]
FloatArray = NDArray[np.float64]


class Instructions(NamedTuple):
    """What kernels run: one row an instruction, all arrays read-only and in C order.

    With ``u = left_scale * slot[left] + left_shift`` and ``w`` likewise, ``ADD`` gives ``u + w`` and
    ``MULTIPLY`` gives ``u * w``. ``AFFINE`` gives ``left_shift`` plus the sum of ``term_scale * slot[term_slot]``
    over the terms from ``left`` to ``right``. ``LOAD`` takes input number ``left``. ``LAYER`` and ``GROUP`` stand
    where layer or joint law number ``left`` acts; scalar kernels stop there.
    """

    op: NDArray[np.uint8]
    flags: NDArray[np.uint8]
    dest: Int32Array
    left: Int32Array
    right: Int32Array
    value: Int32Array
    left_scale: FloatArray
    left_shift: FloatArray
    right_scale: FloatArray
    right_shift: FloatArray
    term_slot: Int32Array
    term_scale: FloatArray


@dataclass(frozen=True, eq=False)
class LayerStep:
    """A dense layer on slots: ``slot[outputs] = matrix @ slot[operands] + bias``; row i is value ``first_value + i``."""

    matrix: FloatArray
    bias: FloatArray
    operands: Int32Array
    outputs: Int32Array
    first_value: int


@dataclass(frozen=True, eq=False)
class GroupStep:
    """Inputs of one joint law that have just been loaded: their coordinates in the law, slots and values."""

    group: int
    coordinates: Int32Array
    slots: Int32Array
    values: Int32Array


@dataclass(frozen=True, eq=False)
class Program:
    """A lowered circuit; `lower` makes it.

    A *value* is what one input or one remaining gate computes; values are numbered in the order of computation and
    live in reusable slots. Wire ``i`` equals ``wire_scale[i] * value[wire_value[i]] + wire_shift[i]``; a constant
    wire has value -1 and scale 0; a wire that feeds nothing that was asked for has value -1 and shift NaN.

    Attributes:
        circuit: Where it comes from.
        wanted: Indices of the wires asked for.
        instructions: The flat arrays.
        steps: What to run in order: a range of instructions, a dense layer or a joint law.
        num_values: How many values are computed.
        num_slots: Peak number of values alive at once.
        depth: Longest path of remaining gates.
        product_depth: Largest number of products on a path.
    """

    circuit: Circuit
    wanted: NDArray[np.int64]
    instructions: Instructions
    steps: tuple[range | LayerStep | GroupStep, ...]
    wire_value: Int32Array
    wire_scale: FloatArray
    wire_shift: FloatArray
    value_slot: Int32Array
    num_values: int
    num_slots: int
    depth: int
    product_depth: int

    def wire_mean(self, value_mean: FloatArray) -> FloatArray:
        """Means of all wires from means of the values; NaN for wires that feed nothing asked for."""
        known = np.append(value_mean, 0.0)  # value -1 reads the appended zero
        with np.errstate(all="ignore"):
            mean: FloatArray = self.wire_scale * known[self.wire_value] + self.wire_shift
        return mean

    def wire_variance(self, value_variance: FloatArray) -> FloatArray:
        """Variances of all wires from variances of the values; NaN as in `wire_mean`."""
        known = np.append(value_variance, 0.0)
        with np.errstate(all="ignore"):
            variance: FloatArray = self.wire_scale**2 * known[self.wire_value] + 0.0 * self.wire_shift
        return variance

    def bytes(self, order: int) -> int:
        """Memory that cumulant propagation of this order needs at its peak, the program itself left out.

        Order 2 keeps the full matrix of live pairs; orders 3 and 4 keep each multiset of live slots once. Beside these
        stand the working room of the widest step and what is kept of every value; at the end, the results of all wires.
        """
        slots, values, wires = max(self.num_slots, 1), self.num_values, len(self.circuit)
        if order == 1:
            return 16 * values + 24 * wires
        width = slots + (8 - slots) % 16
        tensors = slots * (width + 2) + sum(comb(slots + k - 1, k) for k in range(3, order + 1))
        room = 3 * sum(comb(slots + k - 1, k) for k in range(1, order)) + comb(slots + 1, 2) + 2 * slots + 1000 if order > 2 else 0
        for step in self.steps:
            if isinstance(step, LayerStep):
                room = max(room, _layer_room(order, slots, width, *step.matrix.shape))
            elif isinstance(step, GroupStep):
                law = self.circuit.groups[step.group].law
                room = max(room, _group_room(min(order, law.last_cumulant or order), law.size, len(step.slots)))
        inputs = sum(len(group.wires) for group in self.circuit.groups)
        return 8 * max(2 * values + (order + 1) * inputs + tensors + room, 3 * values + 5 * wires)

    def __str__(self) -> str:
        op = self.instructions.op
        counted = {
            "product": int((op == opcodes.MULTIPLY).sum()),
            "affine gate": int(((op == opcodes.ADD) | (op == opcodes.AFFINE)).sum()),
            "dense layer": sum(isinstance(step, LayerStep) for step in self.steps),
            "input": int((op == opcodes.LOAD).sum()),
        }
        lines = [
            f"program of {self.circuit.name!r}: " + ", ".join(f"{n} {name}{'' if n == 1 else 's'}" for name, n in counted.items()),
            f"  of {len(self.circuit)} wires, {self.num_values} are computed; the rest are dead, constant or a multiple of another",
            f"  depth {self.depth}, multiplicative depth {self.product_depth}, at most {self.num_slots} live at once",
            "  bytes needed: " + ", ".join(f"{name} {self.bytes(order):,}" for order, name in _METHODS),
        ]
        return "\n".join(lines)

    def __repr__(self) -> str:
        return f"<Program of {self.circuit.name!r}: {len(self.instructions.op)} instructions, {self.num_slots} slots>"


_METHODS = ((1, "mean"), (2, "cumulant:2"), (3, "cumulant:3"), (4, "cumulant:4"))


def _layer_room(order: int, slots: int, width: int, rows: int, columns: int) -> int:
    """Numbers that `heurest.estimators.layers.propagate_layer` holds at once; the terms follow its phases."""
    pairs, triples = comb(slots + 1, 2), comb(slots + 2, 3)
    covariances = rows * width + max(columns * width, rows * (rows + columns))
    if order == 2:
        return covariances
    images = (rows + columns) * pairs + rows * rows * slots + max(rows * columns * slots, rows * rows * (rows + columns))
    if order == 3:
        return max(covariances, images + rows * (slots + rows))
    kept = rows * pairs + rows * rows * (slots + rows)  # positions in the tensor, and the images of the row before
    return kept + max((rows + columns) * triples, rows * triples + images + kept, 6 * rows * max(pairs, rows * slots))


def _group_room(order: int, inputs: int, live: int) -> int:
    """Numbers that reading the joint cumulants of a law's live inputs takes: to make the law's tensor, or to find places in ours."""
    whole, part = int(inputs**order), int(live**order)
    return max((2 * order + 3) * whole, whole + (2 * order + 1) * part)
