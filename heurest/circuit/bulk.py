"""Checks of a whole block of gates of mixed kinds at once, before any of it is stored; see `Circuit.extend`."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from heurest.circuit.gates import AFFINE, AND, CONSTANT, GATE_NAMES, MULTIPLY, SQUARE
from heurest.circuit.storage import FloatArray, IntArray, Storage
from heurest.circuit.validation import finite
from heurest.errors import CircuitError, KindError

BoolArray = NDArray[np.bool_]

# Enumerating the operands of an affine gate declared boolean: a multiplexer has five.
_MAX_VARIABLES = 12
_MAX_TOTAL = 2.0**50  # sums of whole numbers up to here are exact
_BLOCK = 1 << 16  # rows enumerated at once


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
    rows = np.flatnonzero((block.gate == AFFINE) & block.boolean)
    widths = (block.right - block.left)[rows]
    for width in np.unique(widths).tolist():
        chosen = rows[widths == width]
        for start in range(0, chosen.size, _BLOCK):
            _check_boolean_rows(circuit, block, chosen[start : start + _BLOCK], width)


def _check_boolean_rows(circuit: Storage, block: Block, rows: IntArray, width: int) -> None:
    """Affine gates of one fan-in are 0 or 1 for all values of their operands, ands looked through one level."""
    first = circuit.num_wires
    terms = block.left[rows, np.newaxis] + np.arange(width)
    wires, coefficients = block.term_wire[terms], block.term_coefficient[terms]
    real = ~_Joined(circuit.boolean, block.boolean)(wires)
    if real.any():
        row, term = np.argwhere(real)[0]
        raise KindError(f"wire {first + rows[row]}: an affine gate with a boolean result reads wire {wires[row, term]}, which is real")
    bias = block.value[rows]
    fraction = (np.floor(coefficients) != coefficients).any(axis=1) | (np.floor(bias) != bias)
    _refuse_rows(first, rows, fraction, lambda k: "declared boolean, so its numbers must be integers")
    large = np.abs(coefficients).max(axis=1, initial=0.0) + np.abs(bias) > _MAX_TOTAL
    _refuse_rows(first, rows, large, lambda k: "declared boolean, but its numbers are too large to be checked")
    code = _Joined(circuit.gate, block.gate)(wires)
    conjunction = (code == AND) | (code == MULTIPLY)
    factors = [
        np.where(conjunction, _Joined(old, new)(wires), wires) for old, new in ((circuit.left, block.left), (circuit.right, block.right))
    ]
    # mostly the newest operand is the "and" of the others; only where that is not the explanation look through all of them
    newest = conjunction & (wires == wires.max(axis=1, initial=-1, keepdims=True))
    left = np.flatnonzero(_violations(wires, factors, newest, coefficients, bias)[0])
    if not left.size:
        return
    wrong, found, settings = _violations(
        wires[left], [factor[left] for factor in factors], conjunction[left], coefficients[left], bias[left]
    )
    rows = rows[left]
    _refuse_rows(
        first, rows, settings > _MAX_VARIABLES, lambda k: f"an affine gate over {settings[k]} wires cannot be checked to be 0 or 1"
    )
    _refuse_rows(first, rows, wrong, lambda k: f"declared boolean, but its operands can make it {found[k]:g}")


def _violations(
    wires: IntArray, factors: list[IntArray], through: BoolArray, coefficients: FloatArray, bias: FloatArray
) -> tuple[BoolArray, FloatArray, IntArray]:
    """Rows that some setting of 0 and 1 makes another number, that number, and how many wires are set.

    A setting gives a bit to every operand and to the factors of operands that are looked ``through``; it counts when those
    operands are the products of their factors. Real values are among these settings, so a row without violation is proved.
    """
    width = wires.shape[1]
    variables = np.concatenate([wires, *(np.where(through, factor, wires) for factor in factors)], axis=1)
    # number the distinct wires of each row 0, 1, ... so that a setting is the bits of one integer
    number = np.zeros(variables.shape, dtype=np.int64)
    distinct = np.zeros(len(wires), dtype=np.int64)
    for column in range(3 * width):
        same = variables[:, :column] == variables[:, column : column + 1]
        seen = same.any(axis=1)
        earlier = np.take_along_axis(number, same.argmax(axis=1)[:, np.newaxis], axis=1)[:, 0] if column else distinct
        number[:, column] = np.where(seen, earlier, distinct)
        distinct += ~seen
    wrong, found = distinct > _MAX_VARIABLES, np.zeros(len(wires))
    for count in np.unique(distinct[~wrong]).tolist():
        part = np.flatnonzero(distinct == count)
        for setting in range(1 << count):
            bits = setting >> number[part] & 1
            possible = (bits[:, :width] == (bits[:, width : 2 * width] & bits[:, 2 * width :])).all(axis=1)
            total = bias[part] + (coefficients[part] * bits[:, :width]).sum(axis=1)
            bad = possible & (total != 0.0) & (total != 1.0)
            wrong[part[bad]], found[part[bad]] = True, total[bad]
    return wrong, found, distinct


def _refuse_rows(first: int, rows: IntArray, bad: BoolArray, describe: Any) -> None:
    if bad.any():
        k = int(bad.argmax())
        raise CircuitError(f"wire {first + rows[k]}: {describe(k)}")
