"""Boolean programs as bit instructions: 64 patterns to a word, one operation a gate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from heurest import opcodes
from heurest.errors import KindError
from heurest.program.program import Int32Array, LayerStep, Program

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
UInt64Array = NDArray[np.uint64]


class BitInstructions(NamedTuple):
    """What the bit kernels run: one row an instruction, all arrays read-only and in C order.

    With ``u = slot[left] ^ left_mask`` and ``w`` likewise, ``BIT_AND`` gives ``u & w`` and ``BIT_XOR`` gives
    ``slot[left] ^ slot[right]``; ``dest`` is never the slot of an operand. ``BIT_LOAD`` takes row ``left`` of the
    inputs. ``BIT_OBSERVE`` hands out ``u`` as row ``dest`` of the observed wires.
    """

    op: NDArray[np.uint8]
    dest: Int32Array
    left: Int32Array
    right: Int32Array
    left_mask: UInt64Array
    right_mask: UInt64Array


@dataclass(frozen=True, eq=False)
class BitProgram:
    """A boolean program lowered to bit instructions; `lower_bits` makes it.

    Attributes:
        program: Where it comes from.
        instructions: The flat arrays.
        num_slots: Peak number of values alive at once.
        inputs: Numbers of the inputs that feed a wanted wire, in increasing order: row i of the inputs is ``inputs[i]``.
        gates: How many instructions are gates, that is neither loads nor observations.
        row: For each wanted wire its row among the observed ones; -1 for a constant.
        scale: Wanted wire i is ``scale[i] * bit + shift[i]``.
        shift: See ``scale``.
    """

    program: Program
    instructions: BitInstructions
    num_slots: int
    inputs: NDArray[np.int64]
    gates: int
    row: NDArray[np.int64]
    scale: FloatArray
    shift: FloatArray

    @property
    def num_observed(self) -> int:
        """How many rows are handed out."""
        return int(self.row.max(initial=-1)) + 1


def lower_bits(program: Program) -> BitProgram:
    """Lower a program whose values are all boolean.

    Products become ands, sums become parities of the operands with odd coefficients, an or is one gate, and what the
    parities no longer read is removed.

    Args:
        program: From `lower`.

    Returns:
        The bit program. A wanted wire that is one minus a bit is observed inverted, so that rare ones stay exact.

    Raises:
        KindError: Some value of the program is not boolean.

    Cost:
        Linear in the program; about 0.1 s for 1e6 gates.

    Examples:
        >>> import heurest as hr
        >>> c = hr.Circuit("or")
        >>> a, b = c.input("x", hr.Bernoulli(0.5), count=2)
        >>> c.output("y", a | b)
        >>> lower_bits(hr.lower(c)).gates  # a + b - a * b is one and of inverted bits
        1
    """
    from heurest.kernels import bit_lowering

    wire = real_wire(program)
    if wire is not None:
        raise KindError(f"circuit {program.circuit.name!r}: wire {wire} is real, so patterns cannot be packed into words")
    nodes = bit_lowering.bit_nodes(program.instructions, program.num_slots, program.num_values)
    node_op, node_left, node_right, left_not, right_not, value_node, value_not = nodes
    value_node, value_not = np.append(value_node, -1), np.append(value_not, False)  # value -1, a constant, reads the last
    value = program.wire_value[program.wanted]
    scale, shift = program.wire_scale[program.wanted].copy(), program.wire_shift[program.wanted].copy()
    varies = value >= 0
    node, inverted = value_node[value], value_not[value]
    constant = varies & (node < 0)
    shift[constant] += scale[constant] * inverted[constant]
    varies &= ~constant
    scale[~varies] = 0.0
    flipped = varies & (scale == -1.0) & (shift == 1.0)
    inverted ^= flipped
    scale[flipped], shift[flipped] = 1.0, 0.0
    row = np.where(varies, np.cumsum(varies) - 1, -1)
    seen_node, seen_not = node[varies].astype(np.int32), inverted[varies]
    *columns, num_slots = bit_lowering.emit_bits(node_op, node_left, node_right, left_not, right_not, seen_node, seen_not)
    op, left = columns[0], columns[2]
    loads = op == opcodes.BIT_LOAD
    inputs, left[loads] = np.unique(left[loads], return_inverse=True)
    for column in columns:
        column.flags.writeable = False
    gates = int(((op == opcodes.BIT_AND) | (op == opcodes.BIT_XOR)).sum())
    return BitProgram(program, BitInstructions(*columns), int(num_slots), inputs.astype(np.int64), gates, row, scale, shift)


def real_wire(program: Program) -> int | None:
    """A wire whose value in the program is not 0 or 1, or ``None`` if all are boolean."""
    code = program.instructions
    boolean = (code.flags & opcodes.RESULT_BOOLEAN) != 0
    boolean |= code.op == opcodes.GROUP
    literal = (np.abs(code.left_scale) == 1.0) & (code.left_shift == (code.left_scale < 0.0))
    literal &= (np.abs(code.right_scale) == 1.0) & (code.right_shift == (code.right_scale < 0.0))
    boolean &= literal | (code.op != opcodes.MULTIPLY)
    if boolean.all() and not any(isinstance(step, LayerStep) for step in program.steps):
        return None
    index = int(np.argmin(boolean))
    if code.op[index] == opcodes.LAYER:
        return program.circuit.layers[int(code.left[index])].first
    return int(np.flatnonzero((program.wire_value == code.value[index]) & (program.wire_scale == 1.0) & (program.wire_shift == 0.0))[0])
