"""Reductant propagation on programs whose values are all 0 or 1: P(1) and P(0) apart, a covariance a live pair."""

from __future__ import annotations

from math import comb
from typing import TYPE_CHECKING

import numpy as np

from heurest.estimators.base import FloatArray, Progress
from heurest.estimators.boolean import coherence_of, input_tables, portions, reduced_laws
from heurest.program.boolean import BooleanProgram
from heurest.reduced import Coherence, JointTable, Reduced

if TYPE_CHECKING:
    from heurest.kernels.boolean_reductant import State

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
    inputs = input_tables(program.program.circuit, order)
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
        for part in portions(code, max(1, _TRIPLES_AT_ONCE // max(1, comb(n, 2))), progress):
            boolean_triples.propagate_boolean_triples(code, part.start, part.stop, inputs, state, triples, completion, one, zero)
    else:
        for part in portions(code, max(1, _PAIRS_AT_ONCE // max(1, n)), progress):
            pairs.propagate_boolean(code, part.start, part.stop, inputs, state, completion, one, zero)
    ones, zeros = program.probabilities(one, zero)
    return ones, zeros, _reduced(program, ones, zeros, state if keep_tables else None, coherence_of(state.tally))


def _reduced(program: BooleanProgram, ones: FloatArray, zeros: FloatArray, state: State | None, coherence: Coherence) -> Reduced:
    weights = np.stack([zeros, ones], axis=1).reshape(-1)
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

    return reduced_laws(program.program, ones, zeros, coherence, joint)
