"""Finding arguments: look at terms in rounds, keep those that carry most, and say how far off the result may be."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from math import inf
from time import perf_counter
from typing import Any

import numpy as np

from heurest.arguments.argument import Argument
from heurest.arguments.claim_checks import is_finite
from heurest.arguments.claims import MAX_REDUCTANT_DEGREE, MAX_TERM_ORDER, Track, Transcript
from heurest.arguments.exploration import Problem, look_further
from heurest.arguments.length import claim_bits
from heurest.arguments.representatives import representatives
from heurest.arguments.selection import Stage, narrow
from heurest.circuit.circuit import Circuit
from heurest.errors import ArgumentError, CircuitError
from heurest.estimators.base import Progress
from heurest.program import lower
from heurest.program.program import FloatArray, Int32Array
from heurest.program.term_graph import ValueGraph, value_graph
from heurest.results import finite_or_none

# Terms looked at: this many for each one that is asked for, and no fewer than this.
_LOOKS_A_TERM, _LEAST_LOOKS = 40, 4000
_FIRST_ROUND = 64
# The estimate of the remaining error looks at so many terms more, of up to so many orders more, while plans stay below so many products.
# Terms there have at most so many wires, repeats counted: joint cumulants of inputs get dear.
_EXTRA_LOOKS, _ORDERS_BEYOND, _EXTRA_PRODUCTS, _MOST_BEYOND = 3000, 2, 1e6, 8
# Terms whose loss changes no estimate by more than this share of it are not worth their bits.
_SAME = 1e-12


@dataclass(frozen=True)
class CurvePoint:
    """One length on the way: an argument's number of terms and bits, the outputs' estimates, and the estimated remaining errors."""

    terms: int
    bits: float
    value: dict[str, float]
    error: dict[str, float]


@dataclass(frozen=True, eq=False)
class FoundArgument:
    """What a search returns.

    Attributes:
        argument: The terms chosen; it says of itself that they were selected.
        transcript: Everything that was looked at. ``estimate(circuit, argument=found.argument | found.transcript)`` follows all of it.
        curve: Estimates and error estimates against length, shortest first; the last point is the argument.
        value: Estimate of every output with the argument.
        everything: Estimate of every output with all that was looked at.
        error: Estimated remaining error of every output, in its unit: how far the argument is from everything looked at, plus how
            much the next terms would change that.
        interrupted: Whether the keyboard ended the looking early; the search can be resumed from the transcript.
        exhausted: Whether nothing was left to look at within the order.
        seconds: Time by phase: ``prepare`` (lowering, rough variances), ``look``, ``narrow``, ``error``.
    """

    argument: Argument
    transcript: Transcript
    curve: tuple[CurvePoint, ...]
    value: dict[str, float]
    everything: dict[str, float]
    error: dict[str, float]
    interrupted: bool = False
    exhausted: bool = False
    seconds: dict[str, float] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The numbers of the search, ready for JSON; the argument and the transcript have a form of their own."""
        points = [
            {"terms": point.terms, "bits": point.bits, "value": _finite(point.value), "error": _finite(point.error)} for point in self.curve
        ]
        return {
            "terms": len(self.argument),
            "looked_at": len(self.transcript.looked_at),
            "value": _finite(self.value),
            "everything": _finite(self.everything),
            "error": _finite(self.error),
            "curve": points,
            "interrupted": self.interrupted,
            "exhausted": self.exhausted,
            "seconds": self.seconds,
        }

    def __str__(self) -> str:
        looked = "all there are within the order" if self.exhausted else "the most promising ones"
        lines = [f"{len(self.argument):,} terms of {len(self.transcript.looked_at):,} looked at, {looked}"]
        width = max(map(len, self.value))
        for name, value in self.value.items():
            lines.append(
                f"  {name:<{width}}  {value:.10g}, off by about {self.error[name]:.2g} (with everything: {self.everything[name]:.10g})"
            )
        return "\n".join(lines)

    def __repr__(self) -> str:
        return f"<FoundArgument: {len(self.argument)} terms of {len(self.transcript.looked_at)} looked at>"


def find_argument(
    circuit: Circuit,
    order: int = 2,
    budget: int | None = None,
    target: float | None = None,
    *,
    degree: int | None = None,
    outputs: Sequence[str] | None = None,
    looks: int | None = None,
    resume: FoundArgument | Transcript | Argument | None = None,
    max_memory: int | None = None,
    progress: Progress | None = None,
) -> FoundArgument:
    """Search for a short argument: the terms through which most of the outputs' correction to mean propagation flows.

    First terms are *looked at*, in rounds that double: of all terms that those so far ask for, the most promising ones, weighed by
    what could flow through them to the outputs. Then the set is narrowed: what carries least (derivative times value, from one
    backward pass) is left out, the rest is weighed again. The result is the set at the wanted length. Nothing is sampled; the same
    call gives the same argument.

    Selecting terms is cherry-picking unless the whole transcript is followed: the argument says of itself how many terms it was
    selected from, and the transcript comes with it.

    Args:
        circuit: A circuit with outputs; it is frozen by this.
        order: The largest joint cumulant, repeats counted (of boolean wires they do not count); with ``degree`` the largest number
            of distinct wires in a reductant.
        budget: At most this many terms; by default 100, or with a target as many as it takes.
        target: The shortest argument whose estimated remaining error is at most this, in units of each output's root mean square.
        degree: Search for reductants of this degree instead of joint cumulants.
        outputs: Names of the outputs that matter; by default all.
        looks: How many terms to look at; by default 40 for each of the budget, at least 4,000.
        resume: An earlier result, or its transcript: looking goes on where it ended.
        max_memory: Bytes that a plan may take; by default what is free.
        progress: Called as ``progress(done, total, what)``.

    Returns:
        The argument with its transcript, its curve and an estimate of the remaining error. A keyboard interrupt ends the looking and
        gives the best argument among what was looked at.

    Raises:
        ArgumentError: The order, budget, target or degree is out of range, or an output is unknown.
        CircuitError: The circuit has no output.
        IntractableError: The memory does not suffice.

    Cost:
        Time and memory linear in the number of looks: about 20 us each at order 2, some 5 s for 1,000 terms among 10,000 gates.

    Examples:
        >>> import heurest as hr
        >>> c = hr.Circuit("prices")
        >>> x, y = c.input("v", hr.JointDiscrete([[2, 5], [4, 9]], [0.5, 0.5]))
        >>> c.output("xy", x * y)
        >>> found = hr.find_argument(c, budget=5)
        >>> found.argument == hr.Argument([hr.Track((x, y))]), found.value
        (True, {'xy': 23.0})
    """
    order, degree, limit = _checked(order, degree, budget, target, looks)
    begin = perf_counter()
    program = lower(circuit)
    names = _outputs(circuit, None if outputs is None else tuple(outputs))
    values = value_graph(program)
    problem = Problem.of(circuit, values, names, order, degree, max_memory)
    representative = representatives(values)
    groups = _resumed(resume, representative, values, problem)
    clock = perf_counter()
    seconds = {"prepare": clock - begin}
    groups, interrupted, exhausted = _look(problem, groups, limit if looks is None else looks, progress)
    seconds["look"], clock = perf_counter() - clock, perf_counter()
    wanted = budget if budget is not None else (len(groups) if target is not None else 100)
    tell = (lambda left: progress(max(0, len(groups) - left), len(groups), "left out")) if progress else None
    stages, cut = _narrowed(problem, groups, wanted, tell)
    seconds["narrow"], clock = perf_counter() - clock, perf_counter()
    everything = stages[0].estimates
    next_change, short = _next_change(problem, stages[0].groups, everything)
    seconds["error"] = perf_counter() - clock
    sizes = _sizes(problem, names)
    chosen = _chosen(stages, wanted, target, everything, next_change, sizes)
    bits = _Bits(circuit, degree, representative)
    curve = tuple(
        CurvePoint(
            len(stage.groups),
            bits.of(stage.groups),
            dict(zip(names, stage.estimates.tolist(), strict=True)),
            dict(zip(names, (_distance(stage.estimates, everything) + next_change).tolist(), strict=True)),
        )
        for stage in reversed(stages[chosen:])
    )
    claims = [_claim(circuit, row, degree, representative) for row in groups.tolist()]
    kept = [_claim(circuit, row, degree, representative) for row in stages[chosen].groups.tolist()]
    return FoundArgument(
        argument=Argument(kept, selected_from=len(claims)),
        transcript=Transcript(claims),
        curve=curve,
        value=curve[-1].value,
        everything=dict(zip(names, everything.tolist(), strict=True)),
        error=curve[-1].error,
        interrupted=interrupted or cut or short,
        exhausted=exhausted,
        seconds=seconds,
    )


def _checked(order: int, degree: int | None, budget: int | None, target: float | None, looks: int | None) -> tuple[int, int, int]:
    for name, number, most in (
        ("order", order, MAX_TERM_ORDER),
        ("degree", degree, MAX_REDUCTANT_DEGREE),
        ("budget", budget, None),
        ("looks", looks, None),
    ):
        if number is None:
            continue
        if isinstance(number, bool) or not isinstance(number, (int, np.integer)) or number < 1 or (most is not None and number > most):
            raise ArgumentError(
                f"find_argument: {name} must be an integer of at least 1{f' and at most {most}' if most else ''}, got {number!r}"
            )
    if degree is not None and order * degree > MAX_TERM_ORDER:
        raise ArgumentError(f"find_argument: order {order} times degree {degree} passes the limit of {MAX_TERM_ORDER}")
    if target is not None and (isinstance(target, bool) or not is_finite(target) or not target > 0):
        raise ArgumentError(f"find_argument: target must be a positive number, got {target!r}")
    limit = max(_LEAST_LOOKS, _LOOKS_A_TERM * (budget if budget is not None else 100))
    return int(order), int(degree or 0), limit


def _outputs(circuit: Circuit, outputs: Sequence[str] | None) -> tuple[str, ...]:
    if not circuit.outputs:
        raise CircuitError(f"circuit {circuit.name!r} has no output: declare one with circuit.output(name, wire)")
    for name in outputs or ():
        if name not in circuit.outputs:
            raise ArgumentError(f"find_argument: circuit {circuit.name!r} has no output {name!r}; it has {', '.join(circuit.outputs)}")
    return tuple(outputs or circuit.outputs)


def _claim(circuit: Circuit, row: Sequence[int], degree: int, representative: Sequence[int]) -> Track:
    return Track(tuple(representative[value] for value in row if value >= 0), degree or None, circuit)


def _resumed(
    resume: FoundArgument | Transcript | Argument | None, representative: Sequence[int], values: ValueGraph, problem: Problem
) -> Int32Array:
    if resume is None:
        return np.zeros((0, max(problem.order, 2)), np.int32)
    if isinstance(resume, FoundArgument):
        resume = resume.transcript
    if isinstance(resume, Transcript):
        resume = Argument([resume])
    if not isinstance(resume, Argument):
        raise ArgumentError(f"find_argument: resume takes an earlier result or its transcript, got {resume!r}")
    resume.about(problem.circuit)
    wires = [
        sorted(int(values.wires.value[wire]) for wire in claim.wires)
        for claim in resume.effective
        if isinstance(claim, Track) and (claim.degree or 0) == problem.degree and len(claim.wires) <= problem.order
    ]
    if len(wires) < len(resume.effective):
        raise ArgumentError("find_argument: the transcript to resume is one of another search: its claims are of another order or degree")
    wires = [row for row in wires if row[0] >= 0]  # the others are about constants and wires that feed no output
    rows = np.full((len(wires), max(problem.order, 2)), -1, np.int32)
    for i, row in enumerate(wires):
        rows[i, : len(row)] = row
    if problem.degree:  # drops those that hold no term, such as of a single boolean wire
        rows = _padded(problem.groups(problem.members(rows))[0], rows.shape[1])
    return rows[np.lexsort(rows.T[::-1])]


def _narrowed(problem: Problem, groups: Int32Array, wanted: int, progress: Callable[[int], None] | None) -> tuple[list[Stage], bool]:
    """All stages of narrowing; an interrupt leaves out at once what does not fit, by the last weights."""
    stages: list[Stage] = []
    try:
        for stage in narrow(problem, groups, max(1, wanted), progress):
            stages.append(stage)
    except KeyboardInterrupt:
        left = stages[-1].groups if stages else groups
        for stage in narrow(problem, left, max(1, wanted), at_once=True):
            if not stages or len(stage.groups) < len(stages[-1].groups):
                stages.append(stage)
        return stages, True
    return stages, False


def _distance(one: FloatArray, other: FloatArray) -> FloatArray:
    with np.errstate(invalid="ignore"):  # of two that overflowed there is none
        return np.abs(one - other)


def _look(
    problem: Problem, groups: Int32Array, limit: int, progress: Progress | None, most_products: float = inf
) -> tuple[Int32Array, bool, bool]:
    """Look at more groups until a limit is reached; whether it was interrupted, and whether none was left."""
    try:
        while len(groups) < limit:
            more, products = look_further(problem, groups, min(max(_FIRST_ROUND, len(groups)), limit - len(groups)))
            if products > most_products:
                return groups, False, False
            if not len(more):
                return groups, False, True
            groups = np.concatenate([_padded(groups, more.shape[1]), _padded(more, groups.shape[1])])
            groups = groups[np.lexsort(groups.T[::-1])]
            if progress:
                progress(len(groups), limit, "looked at")
    except KeyboardInterrupt:
        return groups, True, False
    return groups, False, not len(look_further(problem, groups, 1)[0])


def _padded(rows: Int32Array, width: int) -> Int32Array:
    wide = np.full((len(rows), max(width, rows.shape[1])), -1, np.int32)
    wide[:, : rows.shape[1]] = rows
    return wide


def _next_change(problem: Problem, groups: Int32Array, everything: FloatArray) -> tuple[FloatArray, bool]:
    """How much the outputs change when looking goes on to terms of up to two orders more, since odd orders often vanish by symmetry.

    Of reductants also when it goes on to one degree more. Also whether the keyboard ended that early.
    """
    degree = max(1, problem.degree)
    beyond = [(min(problem.order + _ORDERS_BEYOND, max(problem.order, _MOST_BEYOND // degree)), problem.degree)]
    if problem.degree and problem.degree < MAX_REDUCTANT_DEGREE and problem.order * (degree + 1) <= _MOST_BEYOND:
        beyond.append((problem.order, problem.degree + 1))
    change, interrupted = np.zeros(len(everything)), False
    for order, degree in beyond:
        wider = replace(problem, order=order, degree=degree)
        more, stopped, _ = _look(wider, groups, len(groups) + _EXTRA_LOOKS, None, _EXTRA_PRODUCTS)
        plan = problem.plan(wider.members(more))
        change = np.maximum(change, _distance(problem.estimates(plan, plan.run()), everything))
        interrupted |= stopped
    return change, interrupted


def _sizes(problem: Problem, names: Sequence[str]) -> FloatArray:
    """Each output's rough root mean square, the unit of targets."""
    wires = problem.values.wires
    sizes = []
    for name in names:
        value = int(wires.value[problem.circuit.outputs[name].index])
        weight = np.abs(problem.seeds[:, value]).sum() if value >= 0 else 0.0
        scale = abs(wires.scale[problem.circuit.outputs[name].index])
        sizes.append(scale / weight if weight > 0 else 1.0)
    return np.array(sizes)


def _chosen(
    stages: Sequence[Stage], wanted: int, target: float | None, everything: FloatArray, next_change: FloatArray, sizes: FloatArray
) -> int:
    """Which stage is the result: the longest within the budget, or the shortest that reaches the target."""
    within = [i for i, stage in enumerate(stages) if len(stage.groups) <= wanted]
    if target is not None:
        errors = [_distance(stages[i].estimates, everything) + next_change for i in within]
        reached = [i for i, error in zip(within, errors, strict=True) if (error <= target * sizes).all()]
        if reached:
            return reached[-1]
    first = stages[within[0]].estimates
    same = [i for i in within if np.allclose(stages[i].estimates, first, rtol=_SAME, atol=_SAME * sizes, equal_nan=True)]
    return same[-1] if len(same) == same[-1] - same[0] + 1 else within[0]


class _Bits:
    """Length of arguments; the price of a term depends on how many wires it has."""

    def __init__(self, circuit: Circuit, degree: int, representative: Sequence[int]) -> None:
        self._circuit, self._degree, self._representative = circuit, degree, representative
        self._price: dict[int, float] = {}

    def of(self, groups: Int32Array) -> float:
        """Bits of all terms."""
        total = 0.0
        lengths, first, counts = np.unique((groups >= 0).sum(axis=1), return_index=True, return_counts=True)
        for length, row, count in zip(lengths.tolist(), first.tolist(), counts.tolist(), strict=True):
            if length not in self._price:
                self._price[length] = claim_bits(
                    _claim(self._circuit, groups[row].tolist(), self._degree, self._representative), self._circuit
                )
            total += count * self._price[length]
        return total


def _finite(numbers: dict[str, float]) -> dict[str, float | None]:
    return {name: finite_or_none(number) for name, number in numbers.items()}
