"""Reductant propagation on programs whose values are all 0 or 1: P(1) and P(0) apart, a covariance a live pair."""

from __future__ import annotations

from collections.abc import Iterator
from math import comb
from typing import TYPE_CHECKING

import numpy as np

from heurest.circuit.circuit import Circuit
from heurest.circuit.laws import Law
from heurest.estimators.base import FloatArray, Progress
from heurest.program import Program
from heurest.program.boolean import BooleanInstructions, BooleanProgram
from heurest.reduced import Coherence, JointTable, Reduced

if TYPE_CHECKING:
    from heurest.kernels.boolean_reductant import Inputs, State

# Completions that a kernel does in one call: it hears no interrupt before it hands back control.
_PAIRS_AT_ONCE = 10_000_000
_TRIPLES_AT_ONCE = 1_000_000


def boolean_bytes(program: BooleanProgram, order: int) -> int:
    """Memory that propagation of this order needs at its peak, the program itself left out."""
    from heurest.kernels.boolean_reductant import FORM
    from heurest.kernels.boolean_triples import GIVEN

    n, nodes, values = program.num_slots, len(program.instructions.op), len(program.value_node)
    room = n * n + n * (FORM + 9) + 2 * nodes + 8 * values
    if order == 3:
        room += comb(n + 2, 3) + n * n * (3 + 4 * GIVEN) + 2 * n
    return 8 * room


def propagate_boolean_reductants(
    program: BooleanProgram, order: int, completion: int, keep_tables: bool, progress: Progress | None = None
) -> tuple[FloatArray, FloatArray, Reduced]:
    """P(1) and P(0) of all values of the program, and what is known beside."""
    from heurest.kernels import boolean_reductant as pairs
    from heurest.kernels import boolean_triples

    n, nodes = program.num_slots, len(program.instructions.op)
    inputs = _inputs(program.program.circuit, order)
    state = pairs.State(
        one=np.zeros(n),
        zero=np.zeros(n),
        covariance=np.zeros((n, n)),
        operands=np.full((n, 2), -1, np.int64),
        form=np.zeros((n, pairs.FORM)),
        input=np.full(n, -1, np.int64),
        order=np.zeros(n, np.int64),
        num_live=np.zeros(1, np.int64),
        estimate=np.zeros(n),
        low=np.zeros(n),
        high=np.zeros(n),
        tally=np.zeros(pairs.TALLY),
    )
    one, zero = np.zeros(nodes), np.zeros(nodes)
    code = program.instructions
    if order == 3:
        triples = boolean_triples.Triples(
            packed=np.zeros(comb(n + 2, 3)),
            left=np.zeros((n, n)),
            right=np.zeros((n, n)),
            plane=np.zeros((n, n)),
            given=np.zeros((n, n, 2, 2, boolean_triples.GIVEN)),
            ratio=np.zeros((2, n)),
        )
        for part in _portions(code, max(1, _TRIPLES_AT_ONCE // max(1, comb(n, 2))), progress):
            boolean_triples.propagate_boolean_triples(code, part.start, part.stop, inputs, state, triples, completion, one, zero)
    else:
        for part in _portions(code, max(1, _PAIRS_AT_ONCE // max(1, n)), progress):
            pairs.propagate_boolean(code, part.start, part.stop, inputs, state, completion, one, zero)
    ones, zeros = program.probabilities(one, zero)
    return ones, zeros, _reduced(program, ones, zeros, state if keep_tables else None, _coherence(state.tally))


def wire_probabilities(program: Program, ones: FloatArray, zeros: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Means and variances of all wires; the inverse of a value has its P(0), with every digit."""
    inverse = (program.wire_scale == -1.0) & (program.wire_shift == 1.0)
    mean = np.where(inverse, np.append(zeros, 0.0)[program.wire_value], program.wire_mean(ones))
    return mean, program.wire_variance(ones * zeros)


def _portions(code: BooleanInstructions, nodes: int, progress: Progress | None) -> Iterator[range]:
    total = len(code.op)
    for start in range(0, total, nodes):
        if progress:
            progress(start, total, "gates")
        yield range(start, min(start + nodes, total))


def _coherence(tally: FloatArray) -> Coherence:
    completed, moved, total, most, contradicted = tally.tolist()
    return Coherence(int(completed), int(moved), total / moved if moved else 0.0, most, int(contradicted))


def _inputs(circuit: Circuit, order: int) -> Inputs:
    """Tables of the inputs for the kernels: probabilities, and within each joint law its second and third cumulants."""
    from heurest.kernels.boolean_reductant import Inputs

    known: dict[int, tuple[FloatArray, FloatArray]] = {}  # inputs often share a law object: each is asked once
    probabilities: list[tuple[FloatArray, FloatArray]] = []
    place: list[tuple[int, int, int, int]] = []
    second, third = [np.zeros(0)], [np.zeros(0)]
    pairs, triples = 0, 0
    for group in circuit.groups:
        law, size = group.law, len(group.wires)
        if id(law) not in known:
            known[id(law)] = _probabilities(law)
        probabilities.append(known[id(law)])
        place += [(len(place) if size > 1 else -1, size, pairs, triples)] * size
        if size > 1:
            second.append(law.covariance().reshape(-1))
            pairs += size**2
        if size > 1 and order == 3:
            third.append(law.cumulant_tensor(3).reshape(-1))
            triples += size**3
    one, zero = (np.concatenate([np.empty(0), *(pair[k] for pair in probabilities)]) for k in range(2))
    first, sizes, offset, third_offset = np.array(place, np.int64).reshape(-1, 4).T.copy()
    return Inputs(one, zero, first, sizes, offset, np.concatenate(second), third_offset, np.concatenate(third))


def _probabilities(law: Law) -> tuple[FloatArray, FloatArray]:
    points = law.points()
    if points is None:  # a coordinate that is always 0 or always 1
        ones = law.means()
        return ones, 1.0 - ones
    values, weights = points
    return weights @ (values == 1.0), weights @ (values == 0.0)


def _reduced(program: BooleanProgram, ones: FloatArray, zeros: FloatArray, state: State | None, coherence: Coherence) -> Reduced:
    lowered = program.program
    values = len(ones)
    points, weights = np.tile([0.0, 1.0], values), np.stack([zeros, ones], axis=1).reshape(-1)
    joint = None
    if state is not None:
        slot = np.append(program.instructions.dest, -1)[program.value_node]
        covariance = state.covariance

        def joint(first: int, second: int) -> JointTable:
            points = np.array([0.0, 1.0])
            pair = slice(2 * first, 2 * first + 2), slice(2 * second, 2 * second + 2)
            spread = np.sqrt(ones[first] * zeros[first] * ones[second] * zeros[second])
            sign = -1.0 if program.value_not[first] != program.value_not[second] else 1.0
            shared = sign * covariance[slot[first], slot[second]] if slot[first] >= 0 and slot[second] >= 0 else 0.0
            table = np.outer(weights[pair[0]], weights[pair[1]])
            table += shared * np.array([[1.0, -1.0], [-1.0, 1.0]])
            table[table < 2.0**-49 * np.abs(shared)] = 0.0  # what rounding leaves of zero
            return JointTable(points, points, table, np.array([[shared / spread if spread > 0.0 else 0.0]]))

    return Reduced(
        np.arange(0, 2 * values + 1, 2), points, weights, lowered.wire_value, lowered.wire_scale, lowered.wire_shift, joint, coherence
    )
