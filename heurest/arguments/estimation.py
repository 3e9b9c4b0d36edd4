"""Estimates by an argument."""

from __future__ import annotations

from collections.abc import Iterable
from time import perf_counter

import numpy as np

from heurest.arguments.argument import Argument
from heurest.arguments.claims import Assert, Claim, Measured, Point, Track
from heurest.arguments.planning import ArgumentPlan, plan
from heurest.arguments.points import apply_points
from heurest.circuit.circuit import Circuit
from heurest.circuit.laws import Normal
from heurest.estimators.base import FloatArray, finish, timed_lower
from heurest.program import lower
from heurest.results import Estimate


def estimate_with(
    circuit: Circuit, argument: Argument | Iterable[Claim], *, keep_dead: bool = False, max_memory: int | None = None
) -> Estimate:
    """Estimate the expected outputs of a circuit by an argument: what it tracks and states, everything else presumed zero.

    The empty argument is mean propagation; all terms of order at most K are ``cumulant:K``. Exact where all joint cumulants that
    the outputs need are tracked or given. Nothing is clipped. Points count with the probability of their input; an estimate that
    uses a measured value is marked ``mixed`` and carries a standard error.

    Args:
        circuit: A circuit with outputs; it is frozen by this.
        argument: The claims.
        keep_dead: Propagate through wires that feed no output, too.
        max_memory: Bytes that may be used; by default what is free.

    Raises:
        ArgumentError: A claim does not fit the circuit, has a value that no law can have, or contradicts another; names the claim.
        CircuitError: The circuit has no output.
        IntractableError: The memory does not suffice.

    Cost:
        Linear in the circuit and in the products of the argument; see `heurest.arguments.planning.plan`.

    Source:
        Christiano, Neyman and Xu, arXiv 2211.06738; the claims and their rules are this project's own.
    """
    if not isinstance(argument, Argument):
        argument = Argument(argument)
    compile_seconds = _warm_up()
    program, lower_seconds = timed_lower(circuit, keep_dead)
    begin = perf_counter()
    planned = plan(program, argument, max_memory=max_memory)
    plan_seconds = lower_seconds + perf_counter() - begin
    begin = perf_counter()
    mean = planned.wire_mean().copy()
    variance = wire_variance(planned)
    points = [claim for claim in argument.effective if isinstance(claim, Point)]
    mean, weight = apply_points(circuit, points, mean)
    stderr = {name: planned.stderr(name) * (1.0 - weight.get(name, 0.0)) for name in circuit.outputs} if not argument.mechanistic else None
    seconds = {"compile": compile_seconds, "plan": plan_seconds, "run": perf_counter() - begin}
    result = finish(program, "argument", mean, variance, seconds, len(planned.terms.table.given), planned.plan.bytes)
    notes = (*warnings_of(planned), *result.warnings)
    return Estimate(
        result.circuit, result.method, result.value, mean, variance, result.seconds, result.terms, result.bytes, notes,
        argument=argument, stderr=stderr,
    )  # fmt: skip


def wire_variance(planned: ArgumentPlan) -> FloatArray:
    """Variances of all wires as far as the argument says: tracked or given ones, and those of boolean wires; else NaN."""
    table, wires = planned.terms.table, planned.values.wires
    value = np.full(planned.values.graph.size + 1, np.nan)
    means = planned.entries[planned.plan.mean_entry]
    boolean = planned.values.graph.boolean
    with np.errstate(all="ignore"):
        value[:-1][boolean] = (means - means * means)[boolean]
        pairs = (table.values >= 0).sum(axis=1) == 2
        squares = np.flatnonzero(pairs & (table.values[:, 0] == table.values[:, 1]))
        value[table.values[squares, 0]] = planned.entries[planned.plan.term_entry[squares]]
        value[-1] = 0.0  # constants read it
        variance: FloatArray = wires.scale**2 * value[wires.value] + 0.0 * wires.shift
    return variance


def warnings_of(planned: ArgumentPlan) -> list[str]:
    """What a user should know about an argument before trusting an estimate made with it, one line each."""
    argument, lines = planned.argument, list(planned.terms.notes)
    used = sum(isinstance(claim, (Track, Assert)) for claim in argument.effective)
    if used < argument.selected_from:
        looked = f"{used:,} of {argument.selected_from:,} terms looked at"
        lines.append(f"the argument was selected: {looked}; with its transcript the estimate follows all")
    orphans = planned.orphans
    if orphans:
        who = "1 tracked term comes" if orphans == 1 else f"{orphans:,} tracked terms come"
        lines.append(f"{who} to nothing, because what is needed is not tracked: see Argument.closure()")
    measured = sum(isinstance(claim, Assert) and isinstance(claim.grade, Measured) for claim in planned.terms.claims)
    if measured:
        lines.append(
            f"mixed: {measured:,} measured value{'s' if measured > 1 else ''} went in; the standard error stands beside the estimate"
        )
    return lines


def _warm_up() -> float:
    """Compile the kernels; the seconds it took, 0 if it was done before."""
    if _WARM:
        return 0.0
    begin = perf_counter()
    circuit = Circuit("warm-up")
    x = circuit.input("x", Normal())
    circuit.output("y", (x + 1.0) * x)
    planned = plan(lower(circuit), Argument([Track((x, x))]))
    planned.gradient("y")
    _WARM.append(True)
    return perf_counter() - begin


_WARM: list[bool] = []
