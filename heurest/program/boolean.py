"""Boolean programs as gates of two operands over slots that outlive their last reader, for reductant propagation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from heurest import opcodes
from heurest.program.bits import BoolArray, real_wire
from heurest.program.program import FloatArray, Int32Array, Program


class BooleanInstructions(NamedTuple):
    """One row a node, in order of creation; all arrays read-only and in C order.

    ``BIT_LOAD`` puts input number ``left`` into slot ``dest``; ``BIT_AND`` is the product of slots ``left`` and ``right``, each
    inverted where its flag says so; ``BIT_XOR`` is true where they differ. ``is_read`` tells whether a gate reads the
    node. After node k the slots ``freed[freed_start[k] : freed_start[k + 1]]`` are free; none of them is an operand's
    while the gate runs.
    """

    op: NDArray[np.uint8]
    dest: Int32Array
    left: Int32Array
    right: Int32Array
    left_not: BoolArray
    right_not: BoolArray
    is_read: BoolArray
    freed_start: NDArray[np.int64]
    freed: Int32Array


@dataclass(frozen=True, eq=False)
class BooleanProgram:
    """A boolean program lowered to gates of two operands; `lower_boolean` makes it.

    Attributes:
        program: Where it comes from.
        instructions: The flat arrays.
        num_slots: Peak number of nodes kept at once.
        value_node: For each value of the program its node, -1 for the constant 0.
        value_not: Whether the value is the node's inverse.
    """

    program: Program
    instructions: BooleanInstructions
    num_slots: int
    value_node: Int32Array
    value_not: BoolArray

    def probabilities(self, one: FloatArray, zero: FloatArray) -> tuple[FloatArray, FloatArray]:
        """P(1) and P(0) of every value of the program from those of the nodes."""
        one, zero = np.append(one, 0.0), np.append(zero, 1.0)  # node -1, the constant 0, reads the last
        one, zero = one[self.value_node], zero[self.value_node]
        return np.where(self.value_not, zero, one), np.where(self.value_not, one, zero)


def is_boolean(program: Program) -> bool:
    """Whether every value of the program is 0 or 1, so that `lower_boolean` takes it."""
    return real_wire(program) is None


def lower_boolean(program: Program, generations: int | None) -> BooleanProgram:
    """Lower a program whose values are all boolean to ands and exclusive ors of two nodes.

    Args:
        program: From `heurest.program.lower`.
        generations: How many generations of gates a node outlives its last reader: 1 keeps the operands of every live
            node, 2 their operands, too; ``None`` keeps all.

    Returns:
        The nodes in slots.

    Cost:
        Linear in the program, times the generations.

    Examples:
        >>> import heurest as hr
        >>> c = hr.Circuit("or")
        >>> a, b = c.input("x", hr.Bernoulli(0.5), count=2)
        >>> c.output("y", (a | b) & ~b)
        >>> lower_boolean(hr.lower(c), 0).num_slots
        3
    """
    from heurest.kernels import bit_lowering, retention

    nodes = bit_lowering.bit_nodes(program.instructions, program.num_slots, program.num_values)
    op, left, right, left_not, right_not, value_node, value_not = nodes
    is_gate = op != opcodes.BIT_LOAD
    wanted = np.unique(value_node[value_node >= 0]).astype(np.int64)
    start = np.append(0, np.cumsum(np.where(is_gate, 2, 0)))
    operand = np.stack([left, right], axis=1)[is_gate].reshape(-1)
    last = retention.last_readers(start, operand, wanted)
    slot, freed_start, freed, num_slots = retention.assign_slots(start, operand, last, -1 if generations is None else generations)
    needed = last != -2
    number = np.cumsum(needed) - 1
    columns = (
        op[needed],
        slot[needed],
        np.where(is_gate, slot[np.where(is_gate, left, 0)], left)[needed],
        np.where(is_gate, slot[np.where(is_gate, right, 0)], 0)[needed],
        left_not[needed],
        right_not[needed],
        (last >= 0)[needed] if generations is not None else np.ones(int(needed.sum()), np.bool_),
        np.append(freed_start[:-1][needed], freed_start[-1]),
        freed,
    )
    return BooleanProgram(
        program=program,
        instructions=BooleanInstructions(*map(_read_only, columns)),
        num_slots=int(num_slots),
        value_node=_read_only(np.where(value_node < 0, -1, number[value_node]).astype(np.int32)),
        value_not=_read_only(value_not),
    )


def _read_only(array: NDArray[Any]) -> NDArray[Any]:
    array = np.ascontiguousarray(array)
    array.flags.writeable = False
    return array
