"""The values of a program as a graph that terms are expanded over: inputs first, then gates, each above what it reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from heurest import opcodes
from heurest.program.program import FloatArray, Int32Array, LayerStep, Program


class TermGraph(NamedTuple):
    """What the planning kernels read: one row a value, flat arrays in C order.

    With ``u = left_scale * value[left] + left_shift`` and ``w`` likewise, ``TERM_PRODUCT`` is ``u w``; an operand that is
    a constant has value -1 and scale 0. ``TERM_AFFINE`` is ``bias`` plus the sum of ``term_scale * value[term_value]``
    over the terms from ``term_start`` to ``term_stop``. ``TERM_CONDITION`` is value ``left`` given that value ``event``
    is ``right`` (0 or 1); ``TERM_MIXTURE`` is ``u`` where the event is 0 and ``w`` where it is 1.
    """

    op: NDArray[np.uint8]
    boolean: NDArray[np.bool_]
    left: Int32Array
    right: Int32Array
    event: Int32Array
    left_scale: FloatArray
    left_shift: FloatArray
    right_scale: FloatArray
    right_shift: FloatArray
    bias: FloatArray
    term_start: NDArray[np.int64]
    term_stop: NDArray[np.int64]
    term_value: Int32Array
    term_scale: FloatArray

    @property
    def size(self) -> int:
        """How many values there are."""
        return len(self.op)


@dataclass(frozen=True, eq=False)
class Literals:
    """Every wire as ``scale * value + shift``; value -1 with scale 0 for a constant, shift NaN for a wire that is not computed."""

    value: Int32Array
    scale: FloatArray
    shift: FloatArray

    def mean(self, value_mean: FloatArray) -> FloatArray:
        """Means of all wires from the means of the values."""
        known = np.append(value_mean, 0.0)  # value -1 reads the appended zero
        with np.errstate(all="ignore"):
            mean: FloatArray = self.scale * known[self.value] + self.shift
        return mean


@dataclass(frozen=True, eq=False)
class ValueGraph:
    """A term graph with what ties it to its program.

    Attributes:
        graph: The values; the first ``len(inputs)`` are inputs.
        inputs: Number of the circuit's input that each of those is.
        wires: The circuit's wires in terms of the values.
    """

    graph: TermGraph
    inputs: NDArray[np.int64]
    wires: Literals


def value_graph(program: Program) -> ValueGraph:
    """The values of a program, renumbered so that inputs come first, in the circuit's order; gates keep theirs.

    Cost: linear in the program, dense layers at one term an entry of their matrix.
    """
    from heurest.kernels.value_graph import read_instructions

    n, code = program.num_values, program.instructions
    slot_value = np.full(max(program.num_slots, 1), -1, np.int32)
    inputs, product, boolean = np.full(n, -1, np.int64), np.zeros(n, np.bool_), np.zeros(n, np.bool_)
    left, right, bias = np.full(n, -1, np.int32), np.full(n, -1, np.int32), np.zeros(n)
    term_count, term_value = np.zeros(n, np.int64), np.full(len(code.term_slot), -1, np.int32)
    layers: list[tuple[LayerStep, NDArray[Any]]] = []
    for step in program.steps:
        if isinstance(step, range):
            read_instructions(code, step.start, step.stop, slot_value, inputs, product, boolean, left, right, bias, term_count, term_value)
        elif isinstance(step, LayerStep):
            values = np.arange(step.first_value, step.first_value + len(step.matrix), dtype=np.int32)
            layers.append((step, slot_value[step.operands]))
            bias[values], term_count[values] = step.bias, step.matrix.shape[1]
            slot_value[step.outputs] = values
    gates = code.op != opcodes.GROUP
    of_value = np.full(n, -1, np.int64)
    of_value[code.value[gates & (code.op != opcodes.LAYER)]] = np.flatnonzero(gates & (code.op != opcodes.LAYER))
    order = np.lexsort((inputs, inputs < 0))
    place = np.empty(n + 1, np.int32)
    place[order], place[n] = np.arange(n), -1  # value -1 stays -1

    stop = np.cumsum(term_count[order])
    start = stop - term_count[order]
    flat_value, flat_scale = np.empty(int(term_count.sum()), np.int32), np.empty(int(term_count.sum()))
    sums = (term_count == 2) & (of_value >= 0)
    sums[sums] = code.op[of_value[sums]] == opcodes.ADD
    at = start[place[:n][sums]]
    flat_value[at], flat_value[at + 1] = place[left[sums]], place[right[sums]]
    flat_scale[at], flat_scale[at + 1] = code.left_scale[of_value[sums]], code.right_scale[of_value[sums]]
    for v in np.flatnonzero(code.op == opcodes.AFFINE).tolist():
        begin, row = start[place[code.value[v]]], slice(code.left[v], code.right[v])
        flat_value[begin : begin + row.stop - row.start] = place[term_value[row]]
        flat_scale[begin : begin + row.stop - row.start] = code.term_scale[row]
    for step, operands in layers:
        begin, size = start[place[step.first_value]], step.matrix.size
        flat_value[begin : begin + size] = np.tile(place[operands], len(step.matrix))
        flat_scale[begin : begin + size] = step.matrix.reshape(-1)

    def numbers(column: FloatArray) -> FloatArray:
        picked = np.zeros(n)
        picked[product] = column[of_value[product]]
        return picked[order]

    op = np.where(inputs >= 0, opcodes.TERM_INPUT, np.where(product, opcodes.TERM_PRODUCT, opcodes.TERM_AFFINE)).astype(np.uint8)
    graph = TermGraph(
        op=op[order],
        boolean=boolean[order],
        left=np.where(product, place[left], -1).astype(np.int32)[order],
        right=np.where(product, place[right], -1).astype(np.int32)[order],
        event=np.full(n, -1, np.int32),
        left_scale=numbers(code.left_scale),
        left_shift=numbers(code.left_shift),
        right_scale=numbers(code.right_scale),
        right_shift=numbers(code.right_shift),
        bias=np.where(product | (inputs >= 0), 0.0, bias)[order],
        term_start=start,
        term_stop=stop,
        term_value=flat_value,
        term_scale=flat_scale,
    )
    known = program.wire_value >= 0
    wires = Literals(place[program.wire_value].astype(np.int32), np.where(known, program.wire_scale, 0.0), program.wire_shift)
    return ValueGraph(graph, np.sort(inputs[inputs >= 0]), wires)
