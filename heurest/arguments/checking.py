"""Checking arguments: every claim against the truth, and what the false ones did to the estimate."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from math import copysign, erfc, exp, inf, log, sqrt
from typing import Any

import numpy as np

from heurest.arguments.argument import Argument
from heurest.arguments.check_result import VERDICTS, Check, CheckedClaim, most_changed
from heurest.arguments.claims import Assert, Cases, Claim, Lemma, Measured, Point, Track
from heurest.arguments.estimation import estimate_with
from heurest.arguments.lemma_checks import LemmaTruth, check_lemmas
from heurest.arguments.listing import claim_changes
from heurest.arguments.planning import plan
from heurest.arguments.true_cumulants import Path, TrueValue, true_cumulants
from heurest.circuit.circuit import Circuit
from heurest.errors import ArgumentError
from heurest.program import lower
from heurest.results import Estimate
from heurest.truth import options
from heurest.truth.options import Progress
from heurest.truth.wire_values import WireValues

# Exact values agree up to this, relative to the standard deviations of the wires.
_ROUNDING = 1e-9
# Fewer samples within a case decide nothing.
_LEAST_SAMPLES = 100
# False claims within cases for which an estimate without them is made.
_MOST_ESTIMATES = 100


def check_argument(
    circuit: Circuit,
    argument: Argument | Iterable[Claim],
    *,
    samples: int = options.DEFAULT_SAMPLES,
    rng: int | np.random.Generator = 0,
    max_points: int = 2**20,
    level: float = 0.001,
    progress: Progress | None = None,
) -> Check:
    """Test every claim of an argument: exactly where that is affordable, elsewhere by one sample.

    Exact are all claims if the laws of the inputs are finite with at most ``max_points`` points in all, otherwise joint
    cumulants that follow from few others without a cut. The standard error of a sampled cumulant is the jackknife's over 256 groups.
    Sampled means of boolean wires are compared by the likelihood ratio, whose bound holds for rare events, too.

    Args:
        circuit: The circuit.
        argument: The claims; those within cases are tested within their cases, those of a transcript one by one.
        samples: Samples of the one pass.
        rng: Seed, or a generator from which one is drawn.
        max_points: The most points that are enumerated.
        level: Probability with which any true claim at all is called false, where claims or truth have a standard error.
        progress: Called as ``progress(done, total, what)``.

    Returns:
        Every claim with its verdict, the false ones first; ``.ok`` says whether there is none.

    Raises:
        ArgumentError: An option is not acceptable, or the argument cannot be used at all: see `estimate`.
        CircuitError: The circuit has no output.
        IntractableError: The memory does not suffice.

    Cost:
        A pass over the points or samples for what the claims name; what claims change costs as in `Argument.listing`.

    Examples:
        >>> import heurest as hr
        >>> c = hr.Circuit("square")
        >>> x = c.input("x", hr.Bernoulli(0.5)); y = c.input("y", hr.Bernoulli(0.25))
        >>> c.output("z", c.set_name(x & y, "xy") & x)
        >>> result = check_argument(c, [hr.Assert((c.wire("xy"), x), 0.1)])
        >>> row = result.false[0]
        >>> row.value, row.truth, round(row.change["z"], 6)
        (0.1, 0.0625, 0.1)
    """
    options.checked_integer("samples", samples, 2 * _LEAST_SAMPLES, 2**53)
    options.checked_integer("max_points", max_points, 1, 2**53)
    entropy = options.checked_entropy(rng)
    if isinstance(level, bool) or not isinstance(level, (float, np.floating)) or not 0.0 < level < 1.0:
        raise ArgumentError(f"level must be a number between 0 and 1, got {level!r}")
    argument = argument if isinstance(argument, Argument) else Argument(argument)
    argument.about(circuit)
    argument = Argument(argument.effective, argument.selected_from)
    estimate = estimate_with(circuit, argument)
    stated = list(_stated(argument))
    terms = [(path, claim) for path, claim in stated if isinstance(claim, (Track, Assert))]
    lemmas = [(path, claim) for path, claim in stated if isinstance(claim, Lemma)]
    outputs = {name: ((), (wire.index,)) for name, wire in circuit.outputs.items()}
    how: dict[str, Any] = {"samples": samples, "entropy": entropy, "max_points": max_points, "progress": progress}
    found = true_cumulants(circuit, [*((path, _wires(circuit, claim)) for path, claim in terms), *outputs.values()], **how)
    deduced = _deduced(circuit, argument)
    rows = [_checked_term(circuit, path, claim, found[path, _wires(circuit, claim)], deduced) for path, claim in terms]
    for (path, lemma), truth in zip(lemmas, check_lemmas(circuit, lemmas, **how), strict=True):
        verdict = (
            "undecided" if truth.holds != truth.holds else "false" if truth.holds < 1.0 else "true" if not truth.samples else "consistent"
        )
        note = f"fails at {', '.join(f'{name}={number:g}' for name, number in truth.counterexample[:8])}" if truth.counterexample else ""
        rows.append(CheckedClaim(lemma, path, verdict, 1.0, truth.holds, note=note))
    rows += _checked_points(circuit, [claim for _, claim in stated if isinstance(claim, Point)])
    rows = _corrected(rows, level)
    truths = {name: found[key] for name, key in outputs.items()}
    rows = list(_with_changes(circuit, argument, rows, estimate, truths))
    rows.sort(key=lambda row: VERDICTS.index(row.verdict))
    sampled = any(not truth.exact for truth in found.values())
    return Check(circuit, tuple(rows), estimate, truths, samples if sampled else 0, float(level))


def _stated(claims: Iterable[Claim], path: Path = ()) -> Iterator[tuple[Path, Claim]]:
    for claim in claims:
        if isinstance(claim, Cases):
            for outcome in (0, 1):
                yield from _stated(Argument(claim.branches[outcome]), (*path, (claim.event, outcome)))
        else:
            yield path, claim


def _wires(circuit: Circuit, claim: Track | Assert) -> tuple[int, ...]:
    """The wires of a term, each boolean one once."""
    return tuple(wire for i, wire in enumerate(claim.wires) if not (circuit.boolean[wire] and wire in claim.wires[:i]))


def _deduced(circuit: Circuit, argument: Argument) -> dict[tuple[Path, Claim], float]:
    """What tracked terms come to."""
    planned = plan(lower(circuit), argument)
    terms = planned.terms
    values, mean = planned.term_value(), planned.wire_mean()
    found: dict[tuple[Path, Claim], float] = {}
    for number, claim in enumerate(terms.claims):
        start, stop = terms.claim_start[number], terms.claim_start[number + 1]
        path = terms.path[terms.scope[number]]
        if isinstance(claim, Assert) or start == stop:
            continue
        if len(_wires(circuit, claim)) > 1:
            found.setdefault((path, claim), float(values[start]))
        elif not path:
            found.setdefault((path, claim), float(mean[claim.wires[0]]))
    return found


def _checked_term(
    circuit: Circuit, path: Path, claim: Track | Assert, truth: TrueValue, deduced: dict[tuple[Path, Claim], float]
) -> CheckedClaim:
    if isinstance(claim, Track):
        return CheckedClaim(claim, path, "deduced", deduced.get((path, claim)), truth.value, truth.stderr)
    own = claim.grade.stderr if isinstance(claim.grade, Measured) else 0.0
    difference = claim.value - truth.value
    if truth.value != truth.value:
        return CheckedClaim(claim, path, "undecided", claim.value, None, note="its cases never came up")
    row = CheckedClaim(claim, path, "undecided", claim.value, truth.value, truth.stderr)
    if truth.exact and own == 0.0:
        same = abs(difference) <= _ROUNDING * max(truth.scale, abs(truth.value))
        return replace(row, verdict="true" if same else "false")
    if not truth.exact and truth.samples < _LEAST_SAMPLES:
        return replace(row, note=f"only {truth.samples} samples within its cases")
    if not truth.exact and own == 0.0 and len(claim.wires) == 1 and circuit.boolean[claim.wires[0]]:
        z = _likelihood_z(truth.value, claim.value, truth.samples)
        bound = 2.0 * exp(-0.5 * z * z)  # Chernoff's, which rare events keep
        return replace(row, verdict="consistent", z=z, p_value=min(1.0, bound))
    error = sqrt(own * own + truth.stderr * truth.stderr)
    if not error > 0.0:  # the sample never varied, or too little
        same = abs(difference) <= _ROUNDING * max(truth.scale, abs(truth.value))
        return replace(row, verdict="consistent" if same else "undecided", note="" if same else "the sample did not vary")
    z = difference / error
    return replace(row, verdict="consistent", z=z, p_value=erfc(abs(z) / sqrt(2.0)))


def _likelihood_z(frequency: float, probability: float, count: int) -> float:
    """Signed root of the likelihood-ratio statistic of a frequency against a stated probability."""
    divergence = 0.0
    for seen, said in ((frequency, probability), (1.0 - frequency, 1.0 - probability)):
        if seen > 0.0:
            divergence += seen * log(seen / said) if said > 0.0 else inf
    return copysign(sqrt(2.0 * count * max(divergence, 0.0)), probability - frequency)


def _checked_lemma(path: Path, lemma: Lemma, truth: LemmaTruth) -> CheckedClaim:
    if truth.holds != truth.holds:
        return CheckedClaim(lemma, path, "undecided", 1.0, None, note="its cases never came up")
    if truth.counterexample:
        point = ", ".join(f"{name}={number:g}" for name, number in truth.counterexample[:8])
        return CheckedClaim(lemma, path, "false", 1.0, truth.holds, note=f"fails at {point}")
    note = f"held in {truth.samples:,} samples" if truth.samples else ""
    return CheckedClaim(lemma, path, "consistent" if truth.samples else "true", 1.0, truth.holds, note=note)


def _checked_points(circuit: Circuit, points: Sequence[Point]) -> list[CheckedClaim]:
    if not points:
        return []
    wires = [wire.index for wire in circuit.outputs.values()]
    values = WireValues(circuit, wires)
    row_of = {wire: row for row, wire in enumerate(values.wires)}
    found = values.at([point.inputs for point in points])
    rows = []
    for number, point in enumerate(points):
        for name, value in point.outputs:
            truth = float(found[row_of[circuit.outputs[name].index], number])
            same = abs(truth - value) <= _ROUNDING * max(abs(truth), abs(value))
            note = "" if len(point.outputs) == 1 else f"output {name}"
            rows.append(CheckedClaim(point, (), "true" if same else "false", value, truth, note=note))
    return rows


def _corrected(rows: Sequence[CheckedClaim], level: float) -> list[CheckedClaim]:
    """Holm's correction: p-values times the number of tests that are left, in ascending order."""
    tested = sorted((row.p_value, i) for i, row in enumerate(rows) if row.p_value is not None)
    corrected, reached = list(rows), 0.0
    for rank, (p_value, i) in enumerate(tested):
        reached = max(reached, min(1.0, p_value * (len(tested) - rank)))
        row = rows[i]
        corrected[i] = replace(row, verdict="false" if reached < level else row.verdict, p_value=reached)
    return corrected


def _with_changes(
    circuit: Circuit, argument: Argument, rows: Sequence[CheckedClaim], estimate: Estimate, truths: dict[str, TrueValue]
) -> Iterator[CheckedClaim]:
    changes = {row.claim: row.change for row in claim_changes(argument, circuit)}
    left = _MOST_ESTIMATES
    for row in rows:
        change = None if row.path else changes.get(row.claim)
        if row.path and row.verdict == "false" and left:
            left -= 1
            less = estimate_with(circuit, Argument(_without(argument, row.path, row.claim))).value
            change = {name: estimate.value[name] - less[name] for name in less}
        hurts = False
        if change:
            output = most_changed(change)
            truth = truths[output]
            off, before = (abs(value - truth.value) for value in (estimate.value[output], estimate.value[output] - change[output]))
            hurts = off - before > max(3.0 * truth.stderr, _ROUNDING * max(off, abs(truth.value)))
        yield replace(row, change=change, hurts=hurts)


def _without(claims: Iterable[Claim], path: Path, dropped: Claim) -> list[Claim]:
    """The claims less one that stands within cases."""
    if not path:
        return [claim for claim in claims if claim != dropped]
    (event, outcome), inner = path[0], path[1:]
    found: list[Claim] = []
    for claim in claims:
        if isinstance(claim, Cases) and claim.event == event:
            branches = {case: list(claim.branches[case]) for case in (0, 1)}
            branches[outcome] = _without(branches[outcome], inner, dropped)
            found.append(Cases(event, branches))
        else:
            found.append(claim)
    return found
