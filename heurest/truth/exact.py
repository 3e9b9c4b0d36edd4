"""Exact expectations: the cheapest of six methods that fits, or one line that says why none does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from math import isnan
from time import perf_counter

import numpy as np

from heurest.circuit.circuit import Circuit
from heurest.errors import IntractableError
from heurest.program import lower
from heurest.program.bits import real_wire
from heurest.results import Truth
from heurest.truth import options
from heurest.truth.bit_enumeration import plan_bits
from heurest.truth.decision_diagrams import plan_diagrams
from heurest.truth.engine import Stopwatch, compile_lowering, small_program
from heurest.truth.full_cumulants import plan_cumulants
from heurest.truth.options import Progress
from heurest.truth.polynomial import plan_polynomial
from heurest.truth.product_rules import plan_enumeration, plan_quadrature
from heurest.truth.task import Answer, Plan, Task

METHODS: dict[str, Callable[[Task], Plan]] = {
    "bits": plan_bits,
    "bdd": plan_diagrams,
    "enumeration": plan_enumeration,
    "quadrature": plan_quadrature,
    "polynomial": plan_polynomial,
    "cumulants": plan_cumulants,
}

_AT_ONCE = 1e-3  # seconds below which the first method is preferred, above all counting in integers


def exact(
    circuit: Circuit,
    method: str | None = None,
    max_points: int = 10**9,
    max_seconds: float | None = None,
    max_memory: int | None = None,
    max_terms: int = 200_000,
    progress: Progress | None = None,
    threads: int = 1,
) -> Truth:
    """Compute the expected outputs of a circuit exactly, up to rounding.

    The methods, the quickest that fits first:

    ``bits``
        Boolean circuits with at most 40 independent random inputs that feed outputs, 35 within the default number of points: all
        patterns, 64 to a word.
        Counted as integers where all inputs are fair; else a sum of positive weights, so that rare outputs keep their
        relative precision.
    ``bdd``
        Boolean circuits with any number of inputs whose decision diagrams stay small (needs the library dd); P(0) is
        found apart from P(1), and ``complement`` holds it.
    ``enumeration``
        Finite laws: all points, weighted by their probabilities, streamed in batches.
    ``quadrature``
        Any laws: each replaced by its Gauss rule with just enough nodes for the outputs' degrees (and their squares').
    ``polynomial``
        Small circuits: the outputs expanded in the inputs, in exact fractions; a value is rounded once.
    ``cumulants``
        Small circuits of low degree: cumulant propagation without a cut.

    Args:
        circuit: Any circuit with outputs; it is frozen by this.
        method: Use only this method; ``exact:bits`` is read as ``bits``.
        max_points: Points that ``bits`` (where 64 patterns count as one), ``enumeration`` and ``quadrature`` may visit; a step
            of ``bdd`` counts as ten.
        max_seconds: Leave out what will take longer by its nominal speed, and give up when so much time has passed.
        max_memory: Bytes that may be used; by default what is free.
        max_terms: Monomials that ``polynomial``, and joint cumulants that ``cumulants``, may keep.
        progress: Called as ``progress(done, total, what)``.
        threads: Parts of ``bits`` that run at the same time; the result does not depend on them.

    Returns:
        The record, with standard errors of zero and a method such as ``exact:bits``. A variance whose cost would be too
        high is NaN, and a warning says so.

    Raises:
        ArgumentError: An option is not acceptable.
        CircuitError: The circuit has no output.
        IntractableError: No method fits; the message says for each why not.

    Cost:
        ``bits`` about 2 ps a gate and pattern, ``enumeration`` and ``quadrature`` about 0.3 ns a gate and point; both keep
        nothing but the live wires of one batch. ``bdd`` about 1 microsecond a step; how many steps cannot be told before.

    Examples:
        >>> import heurest as hr
        >>> c = hr.Circuit("majority")
        >>> x, y, z = c.input("x", hr.Bernoulli(0.5), count=3)
        >>> c.output("m", (x & y) | (y & z) | (z & x))
        >>> t = exact(c)
        >>> t.method, t.value["m"], t.variance["m"]
        ('exact:bits', 0.5, 0.25)
    """
    names = tuple(METHODS)
    if method is not None:
        plain = method.removeprefix("exact:") if isinstance(method, str) else method
        names = (options.checked_choice("method", plain, names),)
    limit = None if max_seconds is None else options.checked_positive("max_seconds", max_seconds)
    deadline = None if limit is None else perf_counter() + limit
    points = options.checked_integer("max_points", max_points, 1, 2**62)
    terms = options.checked_integer("max_terms", max_terms, 1, 2**40)
    workers = options.checked_integer("threads", threads, 1, options.MOST_THREADS)
    watch = Stopwatch()
    compile_lowering()
    watch.lap("compile")
    task = Task(circuit, lower(circuit), points, terms, options.checked_memory(max_memory), deadline, progress, workers)
    return solve(task, names, limit, watch)


def solve(task: Task, names: tuple[str, ...], max_seconds: float | None, watch: Stopwatch) -> Truth:
    """The answer of the quickest of the named methods that fits, one with all variances if there is one.

    Raises:
        IntractableError: None does.
    """
    watch.lap("plan")
    _compiled(real_wire(task.program) is None)
    watch.lap("compile")
    reasons: dict[str, str] = {}
    plans: dict[str, Plan] = {}
    for name in names:
        try:
            plan = METHODS[name](task)
        except IntractableError as problem:
            reasons[name] = str(problem)
            continue
        if max_seconds is not None and plan.seconds > max_seconds:
            reasons[name] = f"would take about {plan.seconds:.2g} s, {max_seconds:g} are allowed"
        else:
            plans[name] = plan
    watch.lap("plan")
    partial: tuple[str, Answer] | None = None
    for name in sorted(plans, key=lambda chosen: max(plans[chosen].seconds, _AT_ONCE)):
        try:
            answer = plans[name].run()
        except (IntractableError, OverflowError) as problem:
            reasons[name] = str(problem)
            continue
        if not np.isfinite(answer.value).all():
            reasons[name] = "an output overflows"
        elif np.isfinite(answer.variance).all():
            return _record(task, name, answer, watch)
        elif partial is None:
            partial = name, answer
    if partial is not None:
        return _record(task, *partial, watch)
    shown = "; ".join(f"{name}: {reasons[name]}" for name in names)
    raise IntractableError(f"circuit {task.circuit.name!r} has no exact value within the limits ({shown})")


@cache
def _compiled(boolean: bool) -> None:
    """Compile the kernels that planning and running call; quick where they are cached."""
    program = small_program(boolean)
    task = Task(program.circuit, program, 100, 100, None, None, None)
    METHODS["bits" if boolean else "quadrature"](task).run()


def _record(task: Task, name: str, answer: Answer, watch: Stopwatch) -> Truth:
    watch.lap("run")
    truth = task.outputs.truth(f"exact:{name}", answer.value, answer.variance, watch.seconds, warnings=answer.warnings)
    if answer.complement is None:
        return truth
    zeros = zip(truth.value, answer.complement.tolist(), strict=True)
    return replace(truth, complement={output: zero for output, zero in zeros if not isnan(zero)})
