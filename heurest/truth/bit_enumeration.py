"""Exact probabilities of boolean circuits: all patterns of the inputs, 64 to a word."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event, Lock
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from heurest import opcodes
from heurest.circuit.laws import Law
from heurest.errors import IntractableError, KindError
from heurest.program.bits import BitProgram, lower_bits
from heurest.program.memory import aligned_zeros, require_memory
from heurest.truth.outputs import bit_outputs
from heurest.truth.random_bits import bit_probabilities
from heurest.truth.task import Answer, Plan, Task

FloatArray = NDArray[np.float64]

MAX_INPUTS = 40  # the points that may be visited are the limit that is met before
_PARTS = 16  # of a long enumeration, which threads share
_ROWS_A_CALL = 256  # rows of 4,096 patterns between two looks at the clock
_PATTERN_GATES_A_SECOND = 3e11
_COUNTED_WORDS_A_SECOND = 1e9
_WEIGHED_WORDS_A_SECOND = 1e8


class Weights(NamedTuple):
    """Probabilities of patterns, as the kernel takes them.

    A pattern's weight is the product of ``bit[i, value]`` over the inputs from the 13th on, ``word[w]`` for the inputs
    7 to 12 and a lane's weight for the first six; ``byte[b, v]`` sums the lanes whose bits are set in v.
    """

    bit: FloatArray
    word: FloatArray
    byte: FloatArray
    total: FloatArray
    lost: FloatArray


def plan_bits(task: Task) -> Plan:
    """Enumerate all patterns of the inputs that feed outputs: integer counts where all inputs are fair, else weights.

    Probabilities are sums of positive numbers, so that rare outputs keep their relative precision.

    Raises:
        IntractableError: A live wire is not boolean, inputs share a joint law, or there are too many of them.
    """
    try:
        bits = lower_bits(task.program)
    except KindError:
        raise IntractableError("not all live wires are boolean") from None
    rows = task.inputs.load_row[bits.inputs]
    table = np.full((task.inputs.rows, 2), np.nan)
    known: dict[Law, FloatArray] = {}
    for run in task.inputs.runs:
        if run.law.size == 1:
            table[run.first] = known[run.law] if run.law in known else known.setdefault(run.law, bit_probabilities(run.law))
        elif np.isin(rows, np.arange(task.inputs.rows)[run.rows]).any():
            raise IntractableError(f"the inputs from {task.input_name(run.group)} on share a joint law")
    table = table[rows]
    free = np.flatnonzero((table > 0.0).all(axis=1))
    if len(free) > MAX_INPUTS:
        raise IntractableError(f"{len(free)} random inputs feed outputs, at most {MAX_INPUTS} can be enumerated")
    patterns = 1 << len(free)
    if patterns // 64 > task.max_points:
        raise IntractableError(f"{patterns // 64:,} words of 64 patterns, at most {task.max_points:,} points are allowed")
    fair = bool((table[free] == 0.5).all())
    words = max(1, patterns // 64)
    seconds = patterns * bits.gates / _PATTERN_GATES_A_SECOND
    seconds += words * bits.num_observed / (_COUNTED_WORDS_A_SECOND if fair else _WEIGHED_WORDS_A_SECOND)
    return Plan(seconds, lambda: _enumerate(task, bits, table, free, fair))


def _enumerate(task: Task, bits: BitProgram, table: FloatArray, free: NDArray[np.int64], fair: bool) -> Answer:
    from heurest.kernels.bits import ROW_INPUTS, WORDS, enumerate_bits

    outputs, rows, number = bit_outputs(bits), bits.num_observed, len(free)
    room = 8 * WORDS * (bits.num_slots + rows + len(table))
    require_memory(f"circuit {task.circuit.name!r}: enumeration", room * task.threads, task.max_memory)
    fixed = np.setdiff1d(np.arange(len(table)), free)
    order = np.concatenate([free, fixed])
    code = bits.instructions
    place = np.empty(len(order), np.int32)
    place[order] = np.arange(len(order))
    left = code.left.copy()
    loads = code.op == opcodes.BIT_LOAD
    left[loads] = place[left[loads]]
    left.flags.writeable = False
    code = code._replace(left=left)
    first_rows = _first_rows(WORDS)[:number]
    patterns = 1 << number
    total = max(1, patterns >> ROW_INPUTS)
    # Parts are added in order, so that the sum does not depend on how many threads there are.
    edges = [total * part // _PARTS for part in range(_PARTS + 1)] if total >= _PARTS * _ROWS_A_CALL else [0, total]
    done = 0

    def run(first: int, last: int) -> tuple[NDArray[np.int64], Weights]:
        nonlocal done
        inputs = aligned_zeros((len(order), WORDS), np.uint64)
        inputs[: len(first_rows)] = first_rows
        inputs[number:] = np.where(table[fixed, 1:] > 0.0, ~np.uint64(0), np.uint64(0))
        counts, weights = np.zeros(rows, np.int64), _weights(table[free], rows)
        slots, observed = aligned_zeros((bits.num_slots, WORDS), np.uint64), np.zeros((0 if fair else rows, WORDS), np.uint64)
        for start in range(first, last, _ROWS_A_CALL):
            if ended.is_set():
                break
            stop = min(last, start + _ROWS_A_CALL)
            enumerate_bits(code, start, stop, number, inputs, slots, counts, observed, weights)
            with lock:
                done += stop - start
                task.tick(done, total, "rows of patterns")
        return counts, weights

    lock, ended = Lock(), Event()
    with ThreadPoolExecutor(task.threads) as pool:
        try:
            parts = list(pool.map(run, edges[:-1], edges[1:]))
        except BaseException:  # out of time, or the keyboard: the other threads end with their call
            ended.set()
            raise
    counts = sum((part for part, _ in parts), start=np.zeros(rows, np.int64))
    total_weight = sum((part.total + part.lost for _, part in parts), start=np.zeros(rows))
    probability = counts / patterns if fair else total_weight
    value = outputs.values(probability)
    variance = outputs.scale**2 * np.append(probability * (1.0 - probability), 0.0)[outputs.row]
    return Answer(value, variance)


def _first_rows(words: int) -> NDArray[np.uint64]:
    """Words of the first twelve inputs: bit i of a pattern's number, for the 4,096 patterns of a row."""
    number = np.arange(64 * words)
    bits = (number >> np.arange(12)[:, np.newaxis]) & 1
    return np.packbits(bits.astype(np.uint8), axis=1, bitorder="little").view("<u8").astype(np.uint64)


def _weights(table: FloatArray, rows: int) -> Weights:
    """Weights of the patterns of free inputs with these probabilities of 0 and 1."""
    low, middle = np.ones(1), np.ones(1)
    for zero_one in table[:6]:
        low = np.outer(zero_one, low).reshape(-1)
    for zero_one in table[6:12]:
        middle = np.outer(zero_one, middle).reshape(-1)
    lanes, word = np.zeros(64), np.zeros(64)
    lanes[: low.size], word[: middle.size] = low, middle
    set_bits = (np.arange(256)[:, np.newaxis] >> np.arange(8)) & 1
    byte = np.ascontiguousarray((set_bits @ lanes.reshape(8, 8).T).T)
    return Weights(np.ascontiguousarray(table), word, byte, np.zeros(rows), np.zeros(rows))
