"""The listing of an argument: what each claim says, where its value comes from, and what it changes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from heurest.arguments.argument import Argument
from heurest.arguments.claims import Assert, Cases, Claim, Lemma, Measured, Point, Track, Transcript
from heurest.arguments.estimation import estimate_with, warnings_of
from heurest.arguments.planning import ArgumentPlan, plan
from heurest.circuit.circuit import Circuit
from heurest.program import lower
from heurest.program.program import FloatArray

# Past this many products in all, changes are first-order ones from a backward pass.
_MOST_PRODUCTS = 2e9
# Lines that a listing shows.
_MOST_LINES = 100


@dataclass(frozen=True)
class ClaimChange:
    """What a claim does to the estimates.

    Attributes:
        claim: The claim.
        value: The joint cumulant it comes to, where it is one: deduced or given; ``None`` for other claims.
        change: Estimate with the claim minus estimate without it, by output name.
        exact: Whether the change was found by leaving the claim out; else it is its first-order size.
    """

    claim: Claim
    value: float | None
    change: dict[str, float]
    exact: bool

    @property
    def largest(self) -> tuple[str, float]:
        """The output that changes most, and by how much."""
        name = max(self.change, key=lambda output: abs(self.change[output]))
        return name, self.change[name]


def claim_changes(argument: Argument, circuit: Circuit) -> tuple[ClaimChange, ...]:
    """What each claim of an argument does to the estimates, in the order of the claims; transcripts count as one claim each.

    Raises:
        ArgumentError: A claim does not fit the circuit.

    Cost:
        One forward pass a term, as long as that stays below 2e9 products; then one backward pass an output. One estimate
        for each claim that is no term.
    """
    planned = plan(lower(circuit), argument)
    names = list(circuit.outputs)
    rows: dict[Claim, list[int]] = {}
    for number, said in enumerate(planned.terms.claims):
        terms = planned.terms
        rows.setdefault(said, []).extend(range(int(terms.claim_start[number]), int(terms.claim_start[number + 1])))
    exact = len(rows) * planned.plan.num_products <= _MOST_PRODUCTS
    several = (planned.terms.table.values >= 0).sum(axis=1) > 1  # means are carried in any case
    shares = np.bincount(planned.terms.claim_term, minlength=len(planned.terms.table.given)) > 1
    slopes = None if exact else np.stack([planned.sensitivity(name) for name in names])
    whole = estimate_with(circuit, argument).value
    found = []
    for claim in argument:
        members = planned.terms.claim_term[rows.get(claim, [])]
        # without such a claim another one, or a deduced value, would stand in its place
        replaces = isinstance(claim, Assert) and (_is_mean(claim) or bool(shares[members].any()))
        if isinstance(claim, (Track, Assert)) and claim in rows and not replaces:
            own = members[~shares[members] & several[members]]  # what another claim says as well does not go with this one
            if slopes is None:
                change = _without_terms(planned, own, names)
            else:
                change = -(slopes[:, own] * planned.entries[planned.plan.term_entry[own]]).sum(axis=1)
            value = _value(planned, claim, rows[claim])
            found.append(ClaimChange(claim, value, dict(zip(names, (0.0 - change).tolist(), strict=True)), exact))
            continue
        less = estimate_with(circuit, Argument(argument.claims - {claim}, argument.selected_from)).value
        stated = claim.value if isinstance(claim, Assert) else None
        found.append(ClaimChange(claim, stated, {name: whole[name] - less[name] for name in names}, True))
    return tuple(found)


def listing(argument: Argument, circuit: Circuit) -> str:
    """A table for reading; see `Argument.listing`."""
    changes = sorted(claim_changes(argument, circuit), key=lambda row: -_size(row))
    result = estimate_with(circuit, argument)
    count = f"{len(argument):,} claim{'' if len(argument) == 1 else 's'}"
    lines = [f"argument about {circuit.name!r}: {count}, {argument.bits(circuit):.1f} bits, {'mixed' if result.mixed else 'mechanistic'}"]
    outputs = list(result.value.items())
    lines += [f"  {name} = {value:.10g}" for name, value in outputs[:8]]
    if len(outputs) > 8:
        lines.append(f"  ... {len(outputs) - 8:,} outputs more")
    cells = [("claim", "value", "from", "changes" + (f" {outputs[0][0]} by" if len(outputs) == 1 else ""))]
    for row in changes[:_MOST_LINES]:
        name, change = row.largest
        shown = f"{'' if row.exact else '~ '}{change:+.6g}" + (f" ({name})" if len(outputs) > 1 else "")
        cells.append((describe(circuit, row.claim), "" if row.value is None else f"{row.value:.6g}", source(row.claim), shown))
    widths = [max(len(row[column]) for row in cells) for column in range(3)]
    lines += ["  " + "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[3]]) for row in cells]
    if len(changes) > _MOST_LINES:
        lines.append(f"  ... {len(changes) - _MOST_LINES:,} claims more, each of which changes less")
    lines += [f"  note: {line}" for line in warnings_of(plan(lower(circuit), argument))]
    return "\n".join(line.rstrip() for line in lines)


def describe(circuit: Circuit, claim: Claim) -> str:
    """A claim in a few words, with the names of wires."""

    def named(wires: Iterable[int]) -> str:
        return ", ".join(circuit.wire_name(wire) or f"#{wire}" for wire in wires)

    if isinstance(claim, Track) and claim.degree is not None:
        return f"reductant({named(claim.wires)}), degree {claim.degree}"
    if isinstance(claim, (Track, Assert)):
        return f"{'mean' if len(claim.wires) == 1 else 'kappa'}({named(claim.wires)})"
    if isinstance(claim, Cases):
        return f"cases of {named([claim.event])} ({len(claim.branches[0])} and {len(claim.branches[1])} claims)"
    if isinstance(claim, Lemma):
        return f"{named([claim.wire])} = {named([claim.other]) if claim.other is not None else f'{claim.constant:g}'}"
    if isinstance(claim, Point):
        return f"point ({', '.join(f'{number:g}' for number in claim.inputs[:4])}{', ...' if len(claim.inputs) > 4 else ''})"
    if isinstance(claim, Transcript):
        return f"transcript of {len(claim.looked_at):,} claims"
    return repr(claim)


def source(claim: Claim) -> str:
    """Where a claim's value comes from."""
    if isinstance(claim, Track):
        return "deduced"
    if isinstance(claim, Assert):
        if isinstance(claim.grade, Measured):
            return f"measured, +- {claim.grade.stderr:.2g}" + (f" of {claim.grade.n:,}" if claim.grade.n else "")
        return str(claim.grade)
    return {Cases: "split", Lemma: "lemma", Point: "evaluated", Transcript: "looked at"}[type(claim)]


def _is_mean(claim: Track | Assert) -> bool:
    return len(claim.wires) == 1 and isinstance(claim, Assert)


def _size(row: ClaimChange) -> float:
    return float(np.nan_to_num(abs(row.largest[1]), nan=np.inf)) if row.change else 0.0


def _value(planned: ArgumentPlan, claim: Track | Assert, rows: list[int]) -> float | None:
    if isinstance(claim, Assert):
        return claim.value
    if claim.degree is not None or not rows:
        return None
    number = rows[0]
    term = planned.terms.claim_term[number]
    return float(planned.entries[planned.plan.term_entry[term]] * planned.terms.claim_scale[number])


def _without_terms(planned: ArgumentPlan, terms: np.ndarray, names: list[str]) -> FloatArray:
    """How the outputs change when terms are presumed zero."""
    flat = planned.plan
    coefficient, constant = flat.coefficient.copy(), flat.constant.copy()
    for entry in flat.term_entry[terms].tolist():
        coefficient[flat.start[entry] : flat.start[entry + 1]] = 0.0
        constant[entry] = 0.0
    mean = planned.wire_mean(replace(flat, coefficient=coefficient, constant=constant).run())
    wires = [planned.circuit.outputs[name].index for name in names]
    with np.errstate(invalid="ignore"):  # of two that overflowed there is no difference
        change: FloatArray = mean[wires] - planned.wire_mean()[wires]
    return change
