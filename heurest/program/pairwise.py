"""Programs as nodes of at most two operands over slots that outlive their last reader, for reductant propagation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from heurest.program.bits import BoolArray
from heurest.program.program import FloatArray, GroupStep, Int32Array, LayerStep, Program

CHAIN = 8  # a sum of more terms stays one node


class PairwiseInstructions(NamedTuple):
    """One row a node, in order of creation; all arrays read-only and in C order.

    Node k is in slot ``dest[k]`` and reads slots ``operand[start[k] : start[k + 1]]`` with factors ``scale`` there. With
    ``x_i`` the operands, ``ADD`` and ``AFFINE`` (more than two operands) give ``shift[k, 0] + sum of scale_i x_i``; ``MULTIPLY``
    gives ``(scale_0 x_0 + shift[k, 0]) (scale_1 x_1 + shift[k, 1])``; ``LOAD`` takes input ``input[k]``. ``boolean`` tells that the
    value is 0 or 1, ``is_read`` that a node reads it. After node k the slots ``freed[freed_start[k] : freed_start[k + 1]]``
    are free; none of them is an operand's while the node is computed.
    """

    op: NDArray[np.uint8]
    dest: Int32Array
    start: NDArray[np.int64]
    operand: Int32Array
    scale: FloatArray
    shift: FloatArray
    input: Int32Array
    boolean: BoolArray
    is_read: BoolArray
    freed_start: NDArray[np.int64]
    freed: Int32Array


class _Nodes(NamedTuple):
    """Nodes being made; operands are node numbers."""

    op: NDArray[np.uint8]
    start: NDArray[np.int64]
    operand: NDArray[np.int64]
    scale: FloatArray
    shift: FloatArray
    input: Int32Array
    boolean: BoolArray


@dataclass(frozen=True, eq=False)
class PairwiseProgram:
    """A program lowered to nodes of at most two operands and wide sums; `lower_pairwise` makes it.

    Attributes:
        program: Where it comes from.
        instructions: The flat arrays.
        num_slots: Peak number of nodes kept at once.
        value_node: For each value of the program its node.
    """

    program: Program
    instructions: PairwiseInstructions
    num_slots: int
    value_node: Int32Array


def lower_pairwise(program: Program, generations: int | None) -> PairwiseProgram:
    """Lower a program to nodes of at most two operands, and sums of more than 8.

    Args:
        program: From `heurest.program.lower`.
        generations: How many generations of gates a node outlives its last reader: 1 keeps the operands of every live
            node, 2 their operands, too; ``None`` keeps all.

    Returns:
        The nodes in slots. Sums of 3 to 8 terms become chains of sums of two.

    Cost:
        Linear in the program, times the generations.

    Examples:
        >>> import heurest as hr
        >>> c = hr.Circuit("sum")
        >>> x = c.input("x", hr.Normal(), count=4)
        >>> c.output("y", c.affine([1, 2, 3, 4], x) ** 2)
        >>> len(lower_pairwise(hr.lower(c), 0).instructions.op)  # 4 inputs, 3 sums, a product
        8
    """
    from heurest.kernels import pairwise_lowering, retention

    code = program.instructions
    sizes = [_size(program, step) for step in program.steps]
    room, terms = (sum(column) for column in zip((0, 0), *sizes, strict=True))
    nodes = _Nodes(
        op=np.zeros(room, np.uint8),
        start=np.zeros(room + 1, np.int64),
        operand=np.zeros(terms, np.int64),
        scale=np.ones(terms),
        shift=np.zeros((room, 2)),
        input=np.full(room, -1, np.int32),
        boolean=np.zeros(room, np.bool_),
    )
    slot_node, value_node = np.full(program.num_slots, -1, np.int64), np.full(program.num_values, -1, np.int64)
    count = 0
    for step in program.steps:
        if isinstance(step, range):
            count = pairwise_lowering.append_nodes(code, step.start, step.stop, CHAIN, slot_node, value_node, nodes, count)
        elif isinstance(step, LayerStep):
            count = pairwise_lowering.append_layer(
                step.matrix, step.bias, step.operands, step.outputs, step.first_value, CHAIN, slot_node, value_node, nodes, count
            )
    last = retention.last_readers(nodes.start, nodes.operand, value_node)
    slot, freed_start, freed, num_slots = retention.assign_slots(
        nodes.start, nodes.operand, last, -1 if generations is None else generations
    )
    instructions = PairwiseInstructions(
        op=_read_only(nodes.op),
        dest=_read_only(slot),
        start=_read_only(nodes.start),
        operand=_read_only(slot[nodes.operand]),
        scale=_read_only(nodes.scale),
        shift=_read_only(nodes.shift),
        input=_read_only(nodes.input),
        boolean=_read_only(nodes.boolean),
        is_read=_read_only((last >= 0) | (generations is None)),
        freed_start=_read_only(freed_start),
        freed=_read_only(freed),
    )
    return PairwiseProgram(program, instructions, int(num_slots), _read_only(value_node.astype(np.int32)))


def _size(program: Program, step: range | LayerStep | GroupStep) -> tuple[int, int]:
    """Nodes and operands that a step makes."""
    from heurest.kernels import pairwise_lowering

    if isinstance(step, range):
        nodes, operands = pairwise_lowering.count_nodes(program.instructions, step.start, step.stop, CHAIN)
        return int(nodes), int(operands)
    if isinstance(step, GroupStep):
        return 0, 0
    terms = np.count_nonzero(step.matrix, axis=1)
    narrow = terms <= CHAIN
    return int(np.where(narrow, terms - 1, 1).sum()), int(np.where(narrow, 2 * (terms - 1), terms).sum())


def _read_only(array: NDArray[Any]) -> NDArray[Any]:
    array = np.ascontiguousarray(array)
    array.flags.writeable = False
    return array
