"""The values that an argument speaks of: a program's values with lemmas substituted and cases laid side by side."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heurest import opcodes
from heurest.arguments.argument import sort_key
from heurest.arguments.claims import Assert, Cases, Claim, Lemma, Point, Track
from heurest.circuit.circuit import Circuit
from heurest.errors import ArgumentError
from heurest.program.memory import require_memory
from heurest.program.term_graph import Literals, TermGraph, ValueGraph

_VALUE_BYTES = 80  # of one value of a term graph
_DEFAULTS = {
    "op": np.uint8, "boolean": np.bool_, "left": np.int32, "right": np.int32, "event": np.int32, "left_scale": np.float64,
    "left_shift": np.float64, "right_scale": np.float64, "right_shift": np.float64, "bias": np.float64,
    "term_start": np.int64, "term_stop": np.int64, "term_value": np.int32, "term_scale": np.float64,
}  # fmt: skip


@dataclass(eq=False)
class Scope:
    """Where claims hold: outside of all cases, or within some.

    Attributes:
        claims: `Track` and `Assert` claims that hold here; those of ``inherited`` were made further out.
        inherited: Tracked terms of the scopes around.
        values: Base values as literals of the laid out graph, once it is laid out.
        split_after: Number of the base value that this scope splits on, if it does: later ones are mixtures of the cases.
        mixture_of: Mixtures that stand for earlier values in terms that also hold later ones.
        path: The cases that lead here, as (event wire, 0 or 1).
    """

    claims: tuple[Track | Assert, ...]
    inherited: tuple[Track, ...]
    path: tuple[tuple[int, int], ...] = ()
    values: Literals | None = None
    split_after: int | None = None
    mixture_of: dict[int, int] = field(default_factory=dict)
    cases: tuple[Literals, Literals] | None = None
    event: int = -1


@dataclass(frozen=True, eq=False)
class Layout:
    """A program's values under an argument.

    Attributes:
        values: The graph, with the circuit's wires in terms of its values.
        scopes: Where claims hold, outermost first.
        base: The program's own values, that claims are translated through first.
        notes: What a user should know, one line each.
    """

    values: ValueGraph
    scopes: tuple[Scope, ...]
    base: ValueGraph
    notes: tuple[str, ...] = ()


def lay_out(circuit: Circuit, base: ValueGraph, claims: Iterable[Claim], max_memory: int | None = None) -> Layout:
    """Substitute lemmas and lay cases side by side.

    Args:
        circuit: The circuit.
        base: The values of its program.
        claims: The effective claims of an argument; points are left to the caller.
        max_memory: Bytes that may be used.

    Raises:
        ArgumentError: A lemma contradicts another or the circuit, or an event is not boolean.
        IntractableError: There are too many cases for the memory.
    """
    claims = tuple(claims)
    leaves = _leaves(claims)
    require_memory(f"{leaves:,} cases of {base.graph.size:,} values", leaves * base.graph.size * _VALUE_BYTES, max_memory)
    builder = _Builder(circuit, base)
    n = base.graph.size
    values = Literals(np.full(n, -1, np.int32), np.zeros(n), np.zeros(n))
    builder.build(0, values, claims, (), (), ())
    for scope in builder.scopes:
        builder.mix_earlier(scope)
    graph = builder.finish()
    outer = builder.scopes[0].values
    if outer is None:
        raise ArgumentError("the outermost scope was not laid out")
    wires = _compose(base.wires, outer)
    return Layout(ValueGraph(graph, base.inputs, wires), tuple(builder.scopes), base, tuple(sorted(builder.notes)))


def _leaves(claims: Iterable[Claim]) -> int:
    leaves = 1
    for claim in claims:
        if type(claim) is Cases:
            leaves *= _leaves(claim.branches[0]) + _leaves(claim.branches[1])
    return leaves


def _by_type(claims: Iterable[Claim]) -> dict[type[Claim], list[Any]]:
    """Claims sorted into lists, in one pass: an argument may hold millions."""
    found: dict[type[Claim], list[Any]] = {kind: [] for kind in (Track, Assert, Cases, Lemma, Point)}
    for claim in claims:
        found[type(claim)].append(claim)
    return found


def _compose(wires: Literals, values: Literals) -> Literals:
    """Literals of base values as literals of what these are in ``values``."""
    known = wires.value >= 0
    inner = np.where(known, wires.value, 0)
    if not len(values.value):
        return wires
    return Literals(
        np.where(known, values.value[inner], -1).astype(np.int32),
        np.where(known, wires.scale * values.scale[inner], 0.0),
        np.where(known, wires.scale * values.shift[inner] + wires.shift, wires.shift),
    )


class _Builder:
    def __init__(self, circuit: Circuit, base: ValueGraph) -> None:
        self.circuit, self.base = circuit, base
        self.scopes: list[Scope] = []
        self._columns: dict[str, list[NDArray[np.generic]]] = {name: [] for name in TermGraph._fields}
        self.size = self._terms = 0
        self.notes: set[str] = set()

    def finish(self) -> TermGraph:
        """The graph of everything that was laid out."""
        joined = {name: np.concatenate(parts) if parts else np.empty(0) for name, parts in self._columns.items()}
        return TermGraph(**{name: np.ascontiguousarray(array, _DEFAULTS[name]) for name, array in joined.items()})

    def build(
        self,
        position: int,
        values: Literals,
        claims: Iterable[Claim],
        inherited: tuple[Track, ...],
        pending: tuple[Cases, ...],
        path: tuple[tuple[int, int], ...],
        lemmas: tuple[Lemma, ...] = (),
    ) -> Scope:
        """Lay out the base values from ``position`` on under claims; ``values`` says what the earlier ones are, and is filled."""
        by_type = _by_type(claims)
        tracks = (*inherited, *by_type[Track])
        scope = Scope((*by_type[Track], *by_type[Assert]), inherited, path)
        self.scopes.append(scope)
        lemmas = (*lemmas, *by_type[Lemma])
        cases = self._live_cases((*pending, *by_type[Cases]))
        replaced = self._replacements(lemmas)
        self._replace_earlier(position, values, replaced, path)
        while cases:
            case = cases.pop(0)
            at = self._event_value(case)
            position = self._advance(position, max(at + 1, len(self.base.inputs)), values, replaced)  # inputs are laid out once
            literal = _compose(self._wire(case.event), values)
            event, sign = int(literal.value[0]), literal.scale[0]
            if event < 0:  # a lemma, or the circuit itself, decides: one case holds
                certain = float(literal.shift[0])
                if certain not in (0.0, 1.0):
                    raise ArgumentError(f"Cases({case.event}): the event is always {certain:g}, not 0 or 1")
                chosen = _by_type(case.branches[int(certain)])
                scope.claims = (*scope.claims, *chosen[Track], *chosen[Assert])
                tracks = (*tracks, *chosen[Track])
                lemmas = (*lemmas, *chosen[Lemma])
                replaced = self._replacements(lemmas)
                self._replace_earlier(position, values, replaced, path)
                cases = self._live_cases((*cases, *chosen[Cases]))
                continue
            self._split(scope, case, event, sign < 0, position, values, tracks, tuple(cases), lemmas)
            scope.values = values
            return scope
        self._advance(position, self.base.graph.size, values, replaced)
        scope.values = values
        return scope

    def _split(
        self,
        scope: Scope,
        case: Cases,
        event: int,
        negated: bool,
        position: int,
        values: Literals,
        tracks: tuple[Track, ...],
        pending: tuple[Cases, ...],
        lemmas: tuple[Lemma, ...],
    ) -> None:
        sides = []
        for outcome in (0, 1):  # of the value; the wire may be its negation
            wire_outcome = 1 - outcome if negated else outcome
            inside = self._conditions(values, position, event, outcome)
            branch = case.branches[wire_outcome]
            path = (*scope.path, (case.event, wire_outcome))
            sides.append(self.build(position, inside, branch, tracks, pending, path, lemmas).values)
        low, high = sides
        if low is None or high is None:
            raise ArgumentError(f"Cases({case.event}): a case was not laid out")
        scope.split_after, scope.cases, scope.event = position - 1, (low, high), event
        later = np.arange(position, self.base.graph.size)
        mixed = self.mixtures(low, high, later, event)
        values.value[later], values.scale[later], values.shift[later] = mixed, 1.0, 0.0

    def mixtures(self, low: Literals, high: Literals, base_values: NDArray[np.integer], event: int) -> NDArray[np.integer]:
        """New values that are the literals of ``low`` where the event is 0 and those of ``high`` where it is 1."""
        picked = [
            (side.value[base_values], np.where(side.value[base_values] >= 0, side.scale[base_values], 0.0), side.shift[base_values])
            for side in (low, high)
        ]
        return self._add(
            len(base_values),
            op=opcodes.TERM_MIXTURE,
            boolean=self.base.graph.boolean[base_values],
            left=picked[0][0],
            left_scale=picked[0][1],
            left_shift=picked[0][2],
            right=picked[1][0],
            right_scale=picked[1][1],
            right_shift=picked[1][2],
            event=event,
        )

    def mix_earlier(self, scope: Scope) -> None:
        """Make mixtures of the values before the event that stand in a term with a value after it."""
        if scope.split_after is None or scope.cases is None or scope.values is None:
            return
        earlier: set[int] = set()
        for claim in (*scope.claims, *scope.inherited):
            named = {int(self.base.wires.value[wire]) for wire in claim.wires}
            if max(named) > scope.split_after:
                earlier |= {value for value in named if 0 <= value <= scope.split_after and scope.values.value[value] >= 0}
        members = np.array(sorted(earlier), np.int64)
        scope.mixture_of = dict(zip(members.tolist(), self.mixtures(*scope.cases, members, scope.event).tolist(), strict=True))

    def _conditions(self, values: Literals, position: int, event: int, outcome: int) -> Literals:
        """The values so far, within a case: the event is a number, the others are given it."""
        inside = Literals(values.value.copy(), values.scale.copy(), values.shift.copy())
        earlier = values.value[:position]
        sources = np.unique(earlier[(earlier >= 0) & (earlier != event)])
        boolean = np.concatenate([np.empty(0, np.bool_), *self._columns["boolean"]])[sources]
        new = self._add(len(sources), op=opcodes.TERM_CONDITION, boolean=boolean, left=sources, right=outcome, event=event)
        place = np.full(self.size, -1, np.int32)
        place[sources] = new
        known = earlier >= 0
        inside.value[:position][known] = place[earlier[known]]
        decided = np.flatnonzero(earlier == event)
        inside.shift[decided] += outcome * inside.scale[decided]
        inside.scale[decided], inside.value[decided] = 0.0, -1
        return inside

    def _advance(self, position: int, stop: int, values: Literals, replaced: dict[int, Lemma]) -> int:
        """Copy base values up to ``stop``, those that a lemma replaces one by one."""
        for value in sorted(value for value in replaced if position <= value < stop):
            self._copy(position, value + 1, values)
            position = value + 1
            self._replace(values, value, replaced)
        if position < stop:
            self._copy(position, stop, values)
        return max(position, stop)

    def _copy(self, first: int, last: int, values: Literals) -> None:
        graph, new = self.base.graph, np.arange(self.size, self.size + last - first)
        values.value[first:last], values.scale[first:last], values.shift[first:last] = new, 1.0, 0.0
        rows = slice(first, last)
        sides: dict[str, NDArray[Any]] = {}
        for side in ("left", "right"):
            old, scale, shift = (getattr(graph, name)[rows] for name in (side, f"{side}_scale", f"{side}_shift"))
            literal = _compose(Literals(old, scale, shift), values)
            sides |= {side: literal.value, f"{side}_scale": literal.scale, f"{side}_shift": literal.shift}
        begin, end = graph.term_start[rows], graph.term_stop[rows]
        terms = slice(int(begin[0]), int(end[-1]))
        read = graph.term_value[terms]
        weight = graph.term_scale[terms]
        owner = np.repeat(np.arange(last - first), end - begin)
        bias = graph.bias[rows] + np.bincount(owner, weight * values.shift[read], last - first)
        offset = self._terms - terms.start
        self._columns["term_value"].append(values.value[read])
        self._columns["term_scale"].append(weight * values.scale[read])
        self._terms += len(read)
        self._add(
            last - first,
            op=graph.op[rows],
            boolean=graph.boolean[rows],
            bias=bias,
            term_start=begin + offset,
            term_stop=end + offset,
            **sides,
        )

    def _add(self, count: int, **columns: NDArray[np.generic] | int | float) -> NDArray[np.integer]:
        filler = {"op": 0, "left": -1, "right": -1, "event": -1}
        for name in TermGraph._fields[:-2]:
            column = np.broadcast_to(columns.get(name, filler.get(name, 0)), count)
            self._columns[name].append(column.astype(_DEFAULTS[name]))
        first, self.size = self.size, self.size + count
        return np.arange(first, first + count)

    # -- wires, events and lemmas ----------------------------------------------------------------------

    def _wire(self, wire: int) -> Literals:
        wires = self.base.wires
        return Literals(wires.value[wire : wire + 1], wires.scale[wire : wire + 1], wires.shift[wire : wire + 1])

    def _live_cases(self, cases: Iterable[Cases]) -> list[Cases]:
        """Cases in the order of their events; those on a wire that feeds no output would change nothing and are left out."""
        live = [case for case in set(cases) if not np.isnan(self.base.wires.shift[case.event])]
        return sorted(live, key=lambda case: (self._event_value(case), sort_key(case)))

    def _event_value(self, case: Cases) -> int:
        if not self.circuit.boolean[case.event]:
            raise ArgumentError(f"Cases({case.event}): the event must be a boolean wire")
        return int(self.base.wires.value[case.event])

    def _replacements(self, lemmas: Iterable[Lemma]) -> dict[int, Lemma]:
        """Lemmas by the base value that each replaces."""
        found: dict[int, Lemma] = {}
        for lemma in sorted(lemmas, key=lambda lemma: (lemma.wire, lemma.other or 0, lemma.constant or 0.0)):
            value, _, _ = self._equation(lemma)
            if value is None:
                continue
            if value in found and self._equation(found[value]) != self._equation(lemma):
                raise ArgumentError(f"{lemma!r} contradicts {found[value]!r}")
            found.setdefault(value, lemma)
        return found

    def _equation(self, lemma: Lemma) -> tuple[int | None, tuple[int, float], float]:
        """The lemma solved for its latest base value: that value, (other value, its factor), and the constant."""
        wires = self.base.wires
        value, scale, shift = int(wires.value[lemma.wire]), float(wires.scale[lemma.wire]), float(wires.shift[lemma.wire])
        other, factor, constant = -1, 0.0, lemma.constant or 0.0
        if lemma.other is not None:
            other, factor, constant = (part[lemma.other].item() for part in (wires.value, wires.scale, wires.shift))
        if np.isnan(shift) or np.isnan(constant):
            return None, (-1, 0.0), 0.0  # about a wire that feeds no output
        if other > value:
            value, scale, shift, other, factor, constant = other, factor, constant, value, scale, shift
        if value == other:  # two multiples of one value
            scale, other, factor = scale - factor, -1, 0.0
        if scale == 0.0:
            if shift != constant:
                raise ArgumentError(f"{lemma!r}: the circuit makes this false")
            return None, (-1, 0.0), 0.0
        result = (constant - shift) / scale
        if other < 0 and self.base.graph.boolean[value] and result not in (0.0, 1.0):
            raise ArgumentError(f"{lemma!r}: the wire takes only two values")
        return value, (other, factor / scale), result

    def _replace_earlier(self, position: int, values: Literals, replaced: dict[int, Lemma], path: tuple[tuple[int, int], ...]) -> None:
        """Replace what was laid out before ``position``: from here on, since earlier gates have read it."""
        for value in sorted(value for value in replaced if value < position):
            before = None if values.value[value] >= 0 else float(values.shift[value])
            self._replace(values, value, replaced)
            if before is not None and values.value[value] < 0 and values.shift[value] != before:
                raise ArgumentError(f"{replaced[value]!r}: the case that it stands in says that the wire is {before:g}")
            readers = np.concatenate([self.base.graph.left[:position], self.base.graph.right[:position]])
            summed = self.base.graph.term_value[: int(self.base.graph.term_stop[position - 1])]
            if path and ((readers == value).any() or (summed == value).any()):
                self.notes.add(f"{replaced[value]!r} stands within a case: it does not reach gates before the event {path[-1][0]}")

    def _replace(self, values: Literals, value: int, replaced: dict[int, Lemma]) -> None:
        _, (other, factor), constant = self._equation(replaced[value])
        if other >= 0:
            constant += factor * float(values.shift[other])
            factor *= float(values.scale[other])
            other = int(values.value[other])
        values.value[value], values.scale[value], values.shift[value] = (other, factor, constant) if other >= 0 else (-1, 0.0, constant)
