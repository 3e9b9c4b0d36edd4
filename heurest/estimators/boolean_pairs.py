"""Pairs of 0/1 wires from pairs of operands, by a rule: what the methods of correlation coefficients and of covariances share."""

from __future__ import annotations

from math import comb
from time import perf_counter

import numpy as np

from heurest.circuit.circuit import Circuit
from heurest.circuit.laws import Bernoulli
from heurest.estimators.base import FloatArray, Progress, finish, timed_lower
from heurest.estimators.boolean import boolean_nodes, coherence_of, input_tables, portions, reduced_laws, wire_probabilities
from heurest.program import lower
from heurest.program.boolean import BooleanProgram
from heurest.program.memory import require_memory
from heurest.reduced import Reduced
from heurest.results import Estimate

# Places are the kernel's codes.
RULES = ("correlation", "covariance")

# Completions that the kernel does in one call: it hears no interrupt before it hands back control.
_PAIRS_AT_ONCE = 50_000_000


def estimate_by_pairs(
    circuit: Circuit, method: str, rule: str, clamped: bool, keep_dead: bool, max_memory: int | None, progress: Progress | None
) -> Estimate:
    """An estimate of all wires by a rule for pairs; how often the bounds acted is its ``reduced.coherence``.

    Raises:
        CircuitError: The circuit has no output.
        KindError: A wire that feeds an output is real.
        IntractableError: The memory does not suffice.
    """
    compile_seconds = _warm_up()
    program, plan_seconds = timed_lower(circuit, keep_dead)
    begin = perf_counter()
    nodes = boolean_nodes(program, 0, method)
    plan_seconds += perf_counter() - begin
    needed = pairs_bytes(nodes)
    require_memory(f"circuit {circuit.name!r}: {method} over {nodes.num_slots:,} live wires", needed, max_memory)
    begin = perf_counter()
    ones, zeros, reduced = propagate_boolean_pairs(nodes, rule, clamped, progress)
    mean, variance, complement = wire_probabilities(program, ones, zeros)
    seconds = {"compile": compile_seconds, "plan": plan_seconds, "run": perf_counter() - begin}
    terms = comb(nodes.num_slots + 1, 2)
    return finish(program, method, mean, variance, seconds, terms, needed, reduced, complement)


def pairs_bytes(program: BooleanProgram) -> int:
    """Memory that propagation of pairs needs at its peak, the program itself left out."""
    circuit = program.program.circuit
    slots, nodes, values, wires = program.num_slots, len(program.instructions.op), len(program.value_node), len(circuit)
    joint = sum(len(group.wires) ** 2 for group in circuit.groups if len(group.wires) > 1)
    before = slots * slots + 5 * slots + 2 * joint + 12 * len(circuit.inputs)
    return 8 * (before + 2 * nodes + max(2 * nodes + 6 * values, 8 * values + 8 * wires))


def propagate_boolean_pairs(
    program: BooleanProgram, rule: str, clamped: bool, progress: Progress | None = None
) -> tuple[FloatArray, FloatArray, Reduced]:
    """P(1) and P(0) of all values of the program, and what the bounds did."""
    from heurest.kernels import boolean_pairs

    slots, code = program.num_slots, program.instructions
    state = boolean_pairs.PairState(
        one=np.zeros(slots),
        zero=np.zeros(slots),
        inverse=np.zeros(slots),
        input=np.full(slots, -1, np.int64),
        live=np.zeros(slots),
        covariance=np.zeros((slots, slots)),
        tally=np.zeros(boolean_pairs.TALLY),
    )
    inputs = input_tables(program.program.circuit, 2)
    one, zero = np.zeros(len(code.op)), np.zeros(len(code.op))
    for part in portions(code, max(1, _PAIRS_AT_ONCE // max(1, slots)), progress):
        boolean_pairs.propagate_pairs(code, part.start, part.stop, inputs, state, RULES.index(rule), clamped, one, zero)
    ones, zeros = program.probabilities(one, zero)
    return ones, zeros, reduced_laws(program.program, ones, zeros, coherence_of(state.tally))


def _warm_up() -> float:
    """Compile the kernels; the seconds it took, 0 if it was done before."""
    if _WARM:
        return 0.0
    begin = perf_counter()
    circuit = Circuit("warm-up")
    x, y = circuit.input("x", Bernoulli(0.5), count=2)
    circuit.output("y", (x & y) ^ x)
    propagate_boolean_pairs(boolean_nodes(lower(circuit), 0, "warm-up"), RULES[0], True)
    _WARM.append(True)
    return perf_counter() - begin


_WARM: list[bool] = []
