"""Checks of a whole block of gates of mixed kinds at once, before any of it is stored; see `Circuit.extend`."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from heurest.circuit.boolean_sums import boolean_sum_fault
from heurest.circuit.gates import AFFINE, AND, CONSTANT, GATE_NAMES, INPUT, MULTIPLY, SQUARE
from heurest.circuit.storage import FloatArray, IntArray, Storage
from heurest.circuit.validation import finite
from heurest.errors import CircuitError, KindError

BoolArray = NDArray[np.bool_]


class Block(NamedTuple):
    """Checked gates, in the layout of `Storage`; the ranges of terms count from the block's own first term."""

    gate: NDArray[np.uint8]
    boolean: BoolArray
    left: IntArray
    right: IntArray
    value: FloatArray
    term_wire: IntArray
    term_coefficient: FloatArray


class _Joined:
    """An array of the circuit followed by one of the block, looked up by wire without being copied together."""

    def __init__(self, old: NDArray[Any], new: NDArray[Any]) -> None:
        self.old, self.new = old, new

    def __call__(self, wires: IntArray) -> NDArray[Any]:
        first = self.old.size
        picked = np.empty(wires.shape, dtype=self.new.dtype)
        is_new = wires >= first
        picked[is_new] = self.new[wires[is_new] - first]
        picked[~is_new] = self.old[wires[~is_new]]
        return picked


def checked_block(
    circuit: Storage, gate: ArrayLike, left: ArrayLike, right: ArrayLike, value: ArrayLike,
    term_wire: ArrayLike, term_coefficient: ArrayLike, boolean: ArrayLike,
) -> Block:  # fmt: skip
    """Check gates that are to follow a circuit's wires, and work out their kinds.

    Raises:
        CircuitError: A shape, a code, a number, an operand or a range of terms is wrong, or a gate declared boolean is not.
        KindError: A boolean gate reads a real wire.
    """
    first = circuit.num_wires
    codes, lefts, rights = _integers("gate", gate), _integers("left", left), _integers("right", right)
    count = codes.size
    values = finite(value, "extend: a value")
    declared = _array("boolean", boolean)
    if declared.dtype != np.bool_:
        raise CircuitError("extend: boolean must hold True and False")
    for name, part in (("left", lefts), ("right", rights)):
        if part.size != count:
            raise CircuitError(f"extend: {name} has {part.size} entries for {count} gates")
    for name, given in (("value", values), ("boolean", declared)):
        if given.shape not in ((), (count,)):
            raise CircuitError(f"extend: {name} has shape {given.shape} for {count} gates")
    values, declared = np.broadcast_to(values, count), np.broadcast_to(declared, count)
    _refuse(first, (codes < CONSTANT) | (codes > AND), lambda k: f"gate code {codes[k]} is none of {CONSTANT} to {AND}")
    wires, coefficients = _integers("term_wire", term_wire), finite(term_coefficient, "extend: a coefficient")
    if coefficients.shape != wires.shape:
        raise CircuitError(f"extend: {wires.size} term wires are given with coefficients of shape {coefficients.shape}")
    _check_operands(first, codes, lefts, rights, wires)
    constant = codes == CONSTANT
    block = Block(
        codes.astype(np.uint8), declared.copy(), np.where(constant, 0, lefts), np.where(constant, 0, rights), values, wires, coefficients
    )
    _refuse(first, declared & (codes != AFFINE), lambda k: f"only an affine gate is declared boolean, not {GATE_NAMES[codes[k]]}")
    _set_kinds(circuit, block)
    _check_kinds(circuit, block)
    return block


def _refuse(first: int, bad: BoolArray, describe: Any) -> None:
    if bad.any():
        k = int(bad.argmax())
        raise CircuitError(f"wire {first + k}: {describe(k)}")


def _array(name: str, given: ArrayLike) -> NDArray[Any]:
    try:
        return np.asarray(given)
    except ValueError:
        raise CircuitError(f"extend: {name} must be an array, got {type(given).__name__} of mixed shapes") from None


def _integers(name: str, given: ArrayLike) -> IntArray:
    array = _array(name, given)
    if array.ndim != 1 or (array.size and array.dtype.kind not in "iu"):
        raise CircuitError(f"extend: {name} must be integers in one dimension, got {array.dtype} of shape {array.shape}")
    return array.astype(np.int64)


def _check_operands(first: int, codes: IntArray, lefts: IntArray, rights: IntArray, wires: IntArray) -> None:
    """Operands are earlier wires, squares have one, and ranges of terms follow each other without a gap."""
    own = np.arange(first, first + codes.size)
    product = codes >= MULTIPLY
    for operand in (lefts, rights):
        bad = product & ((operand < 0) | (operand >= own))
        _refuse(first, bad, lambda k, read=operand: f"{GATE_NAMES[codes[k]]} reads wire {read[k]}, which is not an earlier one")
    _refuse(first, (codes == SQUARE) & (lefts != rights), lambda k: f"square takes 1 operand, got wires {lefts[k]} and {rights[k]}")
    affine = np.flatnonzero(codes == AFFINE)
    starts, stops = lefts[affine], rights[affine]
    expected = np.concatenate([[0], stops[:-1]])
    bad = np.zeros(codes.size, dtype=bool)
    bad[affine] = (starts != expected[: affine.size]) | (stops < starts) | (stops > wires.size)
    _refuse(first, bad, lambda k: f"affine has terms {lefts[k]} to {rights[k]}; ranges must follow each other within {wires.size} terms")
    used = int(stops[-1]) if affine.size else 0
    if used != wires.size:
        raise CircuitError(f"extend: {wires.size} terms are given, but the affine gates use {used}")
    owner = np.repeat(affine, stops - starts)
    forward = np.flatnonzero((wires < 0) | (wires >= first + owner))
    if forward.size:
        term = int(forward[0])
        raise CircuitError(f"wire {first + owner[term]}: affine reads wire {wires[term]}, which is not an earlier one")


def _set_kinds(circuit: Storage, block: Block) -> None:
    """Fill ``block.boolean``, which so far holds what was declared of affine gates."""
    kinds = block.boolean
    kinds |= block.gate == AND
    kinds |= (block.gate == CONSTANT) & ((block.value == 0.0) | (block.value == 1.0))
    rows = np.flatnonzero((block.gate == MULTIPLY) | (block.gate == SQUARE))
    left, right = block.left[rows], block.right[rows]
    known = _Joined(circuit.boolean, kinds)
    if not (known(left) & known(right)).any():
        return  # no product of two booleans to start from
    # a product's kind hangs on those before it, so one by one; the usual real circuit never comes here
    first, old, new = circuit.num_wires, circuit.boolean.tolist(), kinds.tolist()
    for row, a, b in zip(rows.tolist(), left.tolist(), right.tolist(), strict=True):
        new[row] = (old[a] if a < first else new[a - first]) and (old[b] if b < first else new[b - first])
    kinds[rows] = np.array(new, dtype=bool)[rows]


def _check_kinds(circuit: Storage, block: Block) -> None:
    """Ands read boolean wires, and affine gates declared boolean can only be 0 or 1."""
    first, kinds = circuit.num_wires, _Joined(circuit.boolean, block.boolean)
    ands = np.flatnonzero(block.gate == AND)
    for operand in (block.left[ands], block.right[ands]):
        real = ~kinds(operand)
        if real.any():
            k = int(real.argmax())
            raise KindError(f"wire {first + ands[k]}: and takes boolean wires, but wire {operand[k]} is real")
    _check_boolean_sums(circuit, block, np.flatnonzero((block.gate == AFFINE) & block.boolean))


def _check_boolean_sums(circuit: Storage, block: Block, rows: IntArray) -> None:
    """Affine gates declared boolean are 0 or 1 whatever their operands are."""
    first, kinds, code = circuit.num_wires, _Joined(circuit.boolean, block.boolean), _Joined(circuit.gate, block.gate)
    left, right = _Joined(circuit.left, block.left), _Joined(circuit.right, block.right)
    owner = np.repeat(rows, (block.right - block.left)[rows])
    real = ~kinds(block.term_wire[_terms(block, rows)])
    if real.any():
        term = int(real.argmax())
        wire = block.term_wire[_terms(block, rows)][term]
        raise KindError(f"wire {first + owner[term]}: an affine gate with a boolean result reads wire {wire}, which is real")
    for row in _unproved(block, rows, code, left, right).tolist():
        terms = slice(block.left[row], block.right[row])
        operands = block.term_wire[terms]
        wires = operands.tolist()
        columns = [dict(zip(wires, column(operands).tolist(), strict=True)) for column in (code, left, right)]
        fault = boolean_sum_fault(float(block.value[row]), block.term_coefficient[terms].tolist(), wires, *columns)
        if fault is not None:
            raise CircuitError(f"wire {first + row}: declared boolean, but its sum is {fault}")


def _terms(block: Block, rows: IntArray) -> IntArray:
    """Positions of all terms of some affine gates, end to end."""
    widths = (block.right - block.left)[rows]
    positions: IntArray = np.arange(widths.sum()) + np.repeat(block.left[rows] - np.cumsum(widths) + widths, widths)
    return positions


def _unproved(block: Block, rows: IntArray, code: _Joined, left: _Joined, right: _Joined) -> IntArray:
    """The rows that neither negate one wire nor add two wires and their product; those are proved once for each set of numbers."""
    proved = np.zeros(rows.size, dtype=bool)
    widths = (block.right - block.left)[rows]
    for width, gate, operand in ((1, [INPUT], [0]), (3, [INPUT, INPUT, AND], [0, 0, 1])):
        at = np.flatnonzero(widths == width)
        terms = block.left[rows[at], np.newaxis] + np.arange(width)
        if width == 3:
            a, b, both = block.term_wire[terms].T
            product = (code(both) == AND) & (np.minimum(left(both), right(both)) == np.minimum(a, b))
            pairs = product & (np.maximum(left(both), right(both)) == np.maximum(a, b)) & (a != b)
            at, terms = at[pairs], terms[pairs]
        numbers = np.column_stack([block.value[rows[at]], block.term_coefficient[terms]])
        distinct, group = np.unique(numbers, axis=0, return_inverse=True)
        faults = [boolean_sum_fault(bias, parts, range(width), gate, [0] * width, operand) for bias, *parts in distinct.tolist()]
        proved[at] = np.array([fault is None for fault in faults], dtype=bool)[group.reshape(-1)]
    return rows[~proved]
