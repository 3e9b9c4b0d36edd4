"""From claims to terms: multisets of values, each once, with the value that exact and measured claims give it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, product
from math import sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from heurest.arguments.branches import Layout, Scope
from heurest.arguments.claims import Assert, Measured, Track
from heurest.circuit.circuit import Circuit
from heurest.errors import ArgumentError
from heurest.program.plan import TermTable
from heurest.program.program import FloatArray, Int32Array
from heurest.program.term_graph import Literals

# Exact values of one term that differ by more than this, relative to the larger, contradict each other.
_ROUNDING = 1e-9


@dataclass(frozen=True, eq=False)
class Terms:
    """What the claims of an argument come to.

    Attributes:
        table: The terms, for `heurest.program.plan.build_plan`.
        stderr: Standard error of every term's value; 0 where it is exact or deduced.
        claims: The claims that speak of terms, scope by scope.
        scope: Number of the scope of each of these claims.
        path: The cases of every scope, as (event wire, 0 or 1).
        claim_start: Where the terms of each claim begin in ``claim_term``; one longer than ``claims``.
        claim_term: Rows of ``table``, end to end.
        claim_scale: What the cumulant of the named wires is in units of its row's: wires are multiples of values.
        overruled: For each claim, whether another one gives its term a value: exact before measured.
        notes: What a user should know, one line each.
    """

    table: TermTable
    stderr: FloatArray
    claims: tuple[Track | Assert, ...]
    scope: NDArray[np.int64]
    path: tuple[tuple[tuple[int, int], ...], ...]
    claim_start: NDArray[np.int64]
    claim_term: NDArray[np.int64]
    claim_scale: FloatArray
    overruled: NDArray[np.bool_]
    notes: tuple[str, ...]


def resolve(circuit: Circuit, layout: Layout) -> Terms:
    """Translate the claims of all scopes into terms over the values of the layout.

    Raises:
        ArgumentError: A value is one that no law can have, or exact claims disagree; names the claim.
    """
    claims: list[Track | Assert] = []
    scopes: list[int] = []
    for number, scope in enumerate(layout.scopes):
        claims += (*scope.claims, *scope.inherited)
        scopes += [number] * (len(scope.claims) + len(scope.inherited))
    rows, owner = _wire_rows(circuit, claims)
    values, scales, shifts, alive = _translated(layout, rows, np.array(scopes, np.int64)[owner])
    boolean = layout.values.graph.boolean
    repeats = _drop_repeats(values, boolean)
    for i in np.flatnonzero(repeats & alive).tolist():
        claim = claims[owner[i]]
        if isinstance(claim, Assert):
            raise ArgumentError(f"{_named(circuit, claim)}: a boolean wire repeats, and x * x = x: name it once")
    if len(rows):
        vanishing = alive & (values[:, 0] < 0)  # constants alone
        unfit = alive & (rows >= 0).any(axis=1) & ((rows >= 0).sum(axis=1) > 1) & (scales == 0.0)
        for i in np.flatnonzero(vanishing | unfit).tolist():
            _check_constant(circuit, claims[owner[i]], len(np.flatnonzero(rows[i] >= 0)), shifts[i])
        alive &= ~(vanishing | unfit)
    order = np.flatnonzero(alive)
    table, term_of = _unique(values[order])
    given, stderr, overruled = _give(circuit, claims, _Rows(owner[order], term_of, scales[order], shifts[order]), len(table))
    counts = np.bincount(owner[order], minlength=len(claims)) if len(claims) else np.zeros(0, np.int64)
    by_claim = np.argsort(owner[order], kind="stable")
    dead = len(claims) - int((counts > 0).sum())
    notes = [f"{dead:,} of {len(claims):,} claims are about constants or wires that feed no output"] if dead else []
    notes += [*layout.notes, *_unused(circuit, layout)]
    return Terms(
        table=TermTable(table, given),
        stderr=stderr,
        claims=tuple(claims),
        scope=np.array(scopes, np.int64),
        path=tuple(scope.path for scope in layout.scopes),
        claim_start=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        claim_term=term_of[by_claim],
        claim_scale=scales[order][by_claim],
        overruled=overruled,
        notes=tuple(notes),
    )


def _wire_rows(circuit: Circuit, claims: Sequence[Track | Assert]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Wires of all terms that claims name, as rows padded with -1, and the claim that each row belongs to."""
    flat = [claim.wires for claim in claims]
    owner = list(range(len(claims)))
    for number, claim in enumerate(claims):
        if type(claim) is not Track or claim.degree is None:
            continue
        most = claim.degree if len(claim.wires) > 1 else 2 * claim.degree
        choices = [range(1, 2 if circuit.boolean[wire] else most + 1) for wire in claim.wires]
        for powers in product(*choices):
            row = tuple(wire for wire, power in zip(claim.wires, powers, strict=True) for _ in range(power))
            if row != claim.wires:  # which stands there already
                flat.append(row)
                owner.append(number)
    width = max(map(len, flat), default=2)
    lengths = np.fromiter(map(len, flat), np.int64, len(flat))
    rows = np.full((len(flat), max(width, 2)), -1, np.int64)
    rows[np.arange(rows.shape[1]) < lengths[:, None]] = np.fromiter(chain.from_iterable(flat), np.int64, int(lengths.sum()))
    return rows, np.array(owner, np.int64)


def _translated(
    layout: Layout, rows: NDArray[np.int64], scope_of: NDArray[np.int64]
) -> tuple[Int32Array, FloatArray, FloatArray, NDArray[np.bool_]]:
    """Rows of wires as rows of values: with the product of scales, the shift of single ones, and whether all are computed."""
    base = layout.base.wires
    named = rows >= 0
    inner = np.where(named, rows, 0)
    base_value = np.where(named, base.value[inner], -1) if len(base.value) else np.full(rows.shape, -1)
    values, scale = np.full(rows.shape, -1, np.int32), np.ones(rows.shape)
    shift, alive = np.zeros(len(rows)), np.ones(len(rows), np.bool_)
    for number, scope in enumerate(layout.scopes):
        mine = np.flatnonzero(scope_of == number)
        if not len(mine) or scope.values is None:
            continue
        here, offset = base.shift[inner[mine]], base.shift[inner[mine]].copy()
        factor = np.where(base_value[mine] >= 0, base.scale[inner[mine]], 0.0)
        for pick, literals in _literals(scope, base_value[mine]):
            at = base_value[mine[pick]]
            known = at >= 0
            safe = np.where(known, at, 0)
            if known.any():
                values[mine[pick]] = np.where(known, literals.value[safe], -1)
                offset[pick] += np.where(known, factor[pick] * literals.shift[safe], 0.0)
                factor[pick] *= np.where(known, literals.scale[safe], 1.0)
        scale[mine] = np.where(named[mine], factor, 1.0)
        alive[mine] = ~(named[mine] & np.isnan(here)).any(axis=1)
        shift[mine] = np.where(alive[mine], offset[:, 0], 0.0)
    return values, scale.prod(axis=1), shift, alive


def _literals(scope: Scope, rows: NDArray[np.int64]) -> list[tuple[NDArray[np.int64], Literals]]:
    """Which rows read the scope's values as they are, and which as mixtures, because they hold a value after the event."""
    plain = scope.values
    if plain is None or scope.split_after is None:
        return [(np.arange(len(rows)), plain)] if plain is not None else []
    later = (rows > scope.split_after).any(axis=1)
    mixed = Literals(plain.value.copy(), plain.scale.copy(), plain.shift.copy())
    for value, mixture in scope.mixture_of.items():
        mixed.value[value], mixed.scale[value], mixed.shift[value] = mixture, 1.0, 0.0
    return [(np.flatnonzero(~later), plain), (np.flatnonzero(later), mixed)]


def _drop_repeats(values: Int32Array, boolean: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Sort every row in place, gaps last, each boolean value once; which rows repeated one."""
    if not len(values):
        return np.zeros(0, np.bool_)
    far = np.iinfo(np.int32).max
    values[values < 0] = far
    values.sort(axis=1)
    again = (values[:, 1:] == values[:, :-1]) & (values[:, 1:] < far)
    again[again] = boolean[values[:, 1:][again]]
    values[:, 1:][again] = far
    values.sort(axis=1)
    values[values == far] = -1
    repeated: NDArray[np.bool_] = again.any(axis=1)
    return repeated


def _unique(rows: Int32Array) -> tuple[Int32Array, NDArray[np.int64]]:
    """Rows without duplicates, sorted, and which of them each given row is."""
    if not len(rows):
        return np.ascontiguousarray(rows), np.zeros(0, np.int64)
    order = np.lexsort(rows.T[::-1])
    ordered = rows[order]
    first = np.concatenate([[True], (ordered[1:] != ordered[:-1]).any(axis=1)])
    which = np.empty(len(rows), np.int64)
    which[order] = np.cumsum(first) - 1
    return np.ascontiguousarray(ordered[first]), which


class _Rows(NamedTuple):
    """Live rows of wires: the claim and the term of each, and what it is in units of the term."""

    owner: NDArray[np.int64]
    term: NDArray[np.int64]
    scale: FloatArray
    shift: FloatArray


def _give(circuit: Circuit, claims: Sequence[Track | Assert], rows: _Rows, terms: int) -> tuple[FloatArray, FloatArray, NDArray[np.bool_]]:
    """Values of asserted terms (NaN of others), their standard errors, and the claims that do not count because another does.

    Exact values must agree and come before measured ones, which pool by inverse variance.
    """
    given, stderr, overruled = np.full(terms, np.nan), np.zeros(terms), np.zeros(len(claims), np.bool_)
    asserted = np.fromiter((type(claim) is Assert for claim in claims), np.bool_, len(claims))
    stated: dict[int, list[tuple[float, float, int]]] = {}
    for i in np.flatnonzero(asserted[rows.owner]).tolist():
        claim = claims[rows.owner[i]]
        if not isinstance(claim, Assert):
            continue
        _check_lawful(circuit, claim)
        shift = rows.shift[i] if len(claim.wires) == 1 else 0.0
        error = claim.grade.stderr / abs(rows.scale[i]) if isinstance(claim.grade, Measured) else 0.0
        stated.setdefault(int(rows.term[i]), []).append(((claim.value - shift) / rows.scale[i], error, int(rows.owner[i])))
    for term, entries in stated.items():
        exact = sorted((value, number) for value, error, number in entries if error == 0.0)
        if exact:
            (low, one), (high, two) = exact[0], exact[-1]
            if high - low > _ROUNDING * max(abs(low), abs(high)):
                message = f"{_named(circuit, claims[two])} = {float(high)!r} contradicts {_named(circuit, claims[one])} = {float(low)!r}"
                raise ArgumentError(f"{message}: both are exact")
            given[term] = low
            overruled[[number for _, error, number in entries if error > 0.0]] = True
            continue
        measured = sorted((value, error) for value, error, _ in entries)
        weights = [error**-2 for _, error in measured]
        given[term] = sum(weight * value for weight, (value, _) in zip(weights, measured, strict=True)) / sum(weights)
        stderr[term] = 1.0 / sqrt(sum(weights))
    overruled[rows.owner[~asserted[rows.owner] & ~np.isnan(given[rows.term])]] = True
    return given, stderr, overruled


def _check_constant(circuit: Circuit, claim: Track | Assert, length: int, shift: float) -> None:
    if isinstance(claim, Track):
        return
    truth = shift if length == 1 else 0.0
    if claim.value != truth:
        raise ArgumentError(f"{_named(circuit, claim)}: a wire of it is constant, so that the value is {truth:g}, not {claim.value:g}")


def _check_lawful(circuit: Circuit, claim: Assert) -> None:
    """Refuse values that no law can have; a measured one may miss by its error."""
    slack = 4.0 * claim.grade.stderr if isinstance(claim.grade, Measured) else 1e-12
    if len(claim.wires) == 1:
        low, high = _range(circuit, claim.wires[0])
        if not low - slack <= claim.value <= high + slack:
            what = "a probability" if circuit.boolean[claim.wires[0]] else "the mean"
            raise ArgumentError(f"{_named(circuit, claim)}: {what} lies in [{low:g}, {high:g}], got {claim.value:g}")
    elif len(claim.wires) == 2:
        one, two = claim.wires
        if one == two and claim.value < -slack:
            raise ArgumentError(f"{_named(circuit, claim)}: a variance is not negative, got {claim.value:g}")
        bound = sqrt(_most_variance(circuit, one) * _most_variance(circuit, two))
        if abs(claim.value) > bound * (1.0 + 1e-12) + slack:
            raise ArgumentError(
                f"{_named(circuit, claim)}: by Cauchy-Schwarz the covariance is at most {bound:.6g} in size, got {claim.value:g}"
            )


def _range(circuit: Circuit, wire: int) -> tuple[float, float]:
    if circuit.boolean[wire]:
        return 0.0, 1.0
    if circuit.gate[wire] == 0:
        low, high = circuit.groups[int(circuit.left[wire])].law.support()
        return float(low[circuit.right[wire]]), float(high[circuit.right[wire]])
    return -np.inf, np.inf


def _most_variance(circuit: Circuit, wire: int) -> float:
    """The largest variance that a wire can have: that of an input's law, 1/4 for a boolean gate."""
    if circuit.gate[wire] == 0:
        return float(circuit.groups[int(circuit.left[wire])].law.cumulants(2, int(circuit.right[wire]))[2])
    return 0.25 if circuit.boolean[wire] else np.inf


def _named(circuit: Circuit, claim: Track | Assert) -> str:
    wires = ", ".join(circuit.wire_name(wire) or str(wire) for wire in claim.wires)
    return f"claim {type(claim).__name__}({wires})"


def _unused(circuit: Circuit, layout: Layout) -> list[str]:
    notes = []
    for scope in layout.scopes:
        if scope.split_after is None:
            continue
        for claim in scope.claims:
            if isinstance(claim, Assert) and (layout.base.wires.value[list(claim.wires)] > scope.split_after).any():
                notes.append(
                    f"{_named(circuit, claim)} is about a wire after the event of cases: it holds for the whole, not within a case"
                )
    return notes
