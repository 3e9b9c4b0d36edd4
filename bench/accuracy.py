"""How far methods are from exact values, and how long they take: ``make bench-accuracy`` or ``python bench/accuracy.py``.

Two tables, a column a method. The arena: random bilinear circuits, errors in units of the output's root mean square. The
netlists: boolean circuits, errors of output probabilities.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from math import isqrt
from pathlib import Path
from statistics import mean, median
from time import perf_counter

import arena
import netlists
from figure import machine

import heurest as hr

ARENA_METHODS = (
    "mean",
    "cumulant:2",
    "cumulant:3",
    "reductant:2",
    "reductant:2:completion=regression",
    "reductant:2:completion=cumulant",
    "reductant:2:completion=interaction",
    "reductant:3",
)
NETLIST_METHODS = (
    "mean",
    "cumulant:2",
    "reductant:2",
    "reductant:2:completion=regression",
    "reductant:2:completion=interaction",
    "reductant:2:completion=mutual",
    "reductant:3",
    "mc:64",
    "mc:65536",
)
_TOLERANCE = 1e-9  # of scores: what rounding makes different is not worse


@dataclass(frozen=True)
class Result:
    """What a method did on one circuit; ``reason`` says why there is no value."""

    value: dict[str, float] | None
    seconds: float = float("nan")
    estimate: hr.Estimate | None = None
    reason: str = ""

    @property
    def moved(self) -> float | None:
        """Share of the completed tables that coherence moved."""
        reduced = self.estimate.reduced if self.estimate else None
        return reduced.coherence.moved / max(reduced.coherence.tables, 1) if reduced else None


@dataclass(frozen=True)
class Limits:
    """What a circuit may cost at order 3 and above."""

    memory: int
    triples: float


@dataclass
class Row:
    """Errors, seconds and failures of one circuit, by method."""

    label: str
    results: dict[str, Result]
    errors: dict[str, float | None]
    notes: list[str] = field(default_factory=list)


def run(circuit: hr.Circuit, method: str, memory: int, patience: float) -> Result:
    """Run a method, twice unless it takes longer than ``patience`` seconds, and keep the shorter time."""
    best = Result(None, reason="never run")
    for _ in range(2):
        begin = perf_counter()
        try:
            estimate = hr.estimate(circuit, method, max_memory=memory)
        except Exception as problem:  # a benchmark goes on, and tells below the table
            return Result(None, reason=f"{type(problem).__name__}: {problem}")
        seconds = estimate.seconds["run"]
        if best.estimate is None or seconds < best.seconds:
            best = Result(estimate.value, seconds, estimate)
        if perf_counter() - begin > patience:
            break
    return best


# -- arena -----------------------------------------------------------------------------------------------


def run_arena(cases: Iterable[arena.Case], methods: Sequence[str], limits: Limits, rows: list[Row]) -> None:
    """Append a row a circuit; rows are whole even where the keyboard ends the run."""
    for case in cases:
        if not rows or rows[-1].label != case.family:
            say(f"arena: {case.family}")
        results = {method: run(case.circuit, method, limits.memory, 30.0) for method in methods}
        scores = {method: 1.0 if r.value is None else case.score(r.value["y"]) for method, r in results.items()}
        rows.append(Row(case.family, results, dict(scores)))


def arena_table(title: str, average: str, rows: list[Row], methods: Sequence[str]) -> list[str]:
    """A family a line, their mean, seconds; then which reductants are worse than cumulants, and what failed."""
    if not rows:
        return []
    families = list(dict.fromkeys(row.label for row in rows))
    scores = {family: {m: _family_score(rows, family, m) for m in methods} for family in families}
    lines = [title, "", *_head(["family", *methods])]
    lines += [_line(family, [_number(scores[family][m]) for m in methods]) for family in families]
    counted = {m: [row.errors[m] for row in rows if row.results[m].value is not None] for m in methods}
    means = [_number(mean(row.errors[m] or 0.0 for row in rows) if counted[m] else None) for m in methods]
    lines.append(_line(f"**{average}**", [f"**{text}**" for text in means]))
    seconds = {m: [row.results[m].seconds for row in rows if row.results[m].value is not None] for m in methods}
    lines.append(_line("seconds, median", [_seconds(median(seconds[m])) if seconds[m] else "-" for m in methods]))
    lines.append(_line("seconds, total", [_seconds(sum(seconds[m])) if seconds[m] else "-" for m in methods]))
    lines += ["", f"{len(rows)} circuits in {len(families)} families. A failure counts 1.", ""]
    lines += [*_comparisons(scores, methods), *_failures(rows, methods), ""]
    return lines


def _family_score(rows: list[Row], family: str, method: str) -> float | None:
    """Mean score; ``None`` where the method failed on every circuit."""
    own = [row for row in rows if row.label == family]
    if all(row.results[method].value is None for row in own):
        return None
    return mean(row.errors[method] or 0.0 for row in own)


def _comparisons(scores: dict[str, dict[str, float | None]], methods: Sequence[str]) -> Iterator[str]:
    for method in methods:
        parts = method.split(":")
        if parts[0] != "reductant":
            continue
        order = parts[1] if len(parts) > 1 and parts[1].isdigit() else "2"
        rival = f"cumulant:{order}"
        if rival not in methods:
            continue
        worse, missing = [], 0
        for family, by_method in scores.items():
            mine, theirs = by_method[method], by_method[rival]
            if mine is None or theirs is None:
                missing += 1
            elif mine > theirs + _TOLERANCE:
                worse.append(f"{family} ({_number(mine)} against {_number(theirs)})")
        compared = len(scores) - missing
        if compared:
            found = f"worse in {len(worse)} of {compared} families: {', '.join(worse)}" if worse else f"no family of {compared} is worse"
            yield f"- `{method}` against `{rival}`: {found}{f'; {missing} families have no value' if missing else ''}."


# -- netlists --------------------------------------------------------------------------------------------


def run_netlists(circuits: Iterable[netlists.Netlist], methods: Sequence[str], limits: Limits, rows: list[Row]) -> None:
    """Append a row a circuit; sampling's error is the expected one, its seconds are measured."""
    warm = hr.adder(2)
    for method in methods:
        run(warm, method, limits.memory, 0.0)
    for netlist in circuits:
        say(f"netlists: {netlist.name}, {netlist.size}")
        results: dict[str, Result] = {}
        errors: dict[str, float | None] = {}
        program = hr.lower(netlist.circuit)
        kept = _kept(netlist.circuit, limits.memory) if any(m.startswith("reductant") for m in methods) else program.num_slots
        for method in methods:
            completions = _completions(method, program, kept)
            if completions > limits.triples:
                results[method] = Result(None, reason=f"left out: about {completions:.1g} completions")
            else:
                results[method] = run(netlist.circuit, method, limits.memory, 1.0)
            value = results[method].value
            samples = _samples(method)
            if samples:
                errors[method] = netlist.sampling_error(samples)
            else:
                errors[method] = None if value is None else netlist.error(value)
        rows.append(Row(netlist.name, results, errors, [netlist.size, f"{program.num_slots}/{kept}"]))


def _kept(circuit: hr.Circuit, memory: int) -> int:
    """How many wires reductants keep at once, from the number of their terms; 0 where they fail."""
    estimate = run(circuit, "reductant:2", memory, 0.0).estimate
    return isqrt(2 * estimate.terms) if estimate else 0


def _completions(method: str, program: hr.Program, kept: int) -> float:
    """About how many completions a method of order 3 or more makes; 0 for others."""
    name, *rest = method.split(":")
    if name not in ("reductant", "cumulant") or not rest or not rest[0].isdigit() or int(rest[0]) < 3:
        return 0.0
    slots = kept if name == "reductant" else program.num_slots
    result = float(len(program.instructions.op))
    for k in range(1, int(rest[0])):
        result *= slots / k
    return result


def _samples(method: str) -> int:
    """Number of samples of ``mc:1000``, 0 for other methods."""
    parts = method.split(":")
    return int(parts[1].replace("_", "")) if parts[0] == "mc" and len(parts) > 1 and "=" not in parts[1] else 0


def netlist_tables(rows: list[Row], methods: Sequence[str]) -> list[str]:
    """Errors, then seconds, then what coherence did."""
    if not rows:
        return []
    lines = ["## Netlists", "", "Mean absolute error of the output probabilities.", ""]
    lines += _head(["circuit", "in/out/products", *methods])
    lines += [_line(row.label, [row.notes[0], *(_small(row.errors[m]) for m in methods)]) for row in rows]
    everywhere = [row for row in rows if all(row.errors[m] is not None for m in methods)]
    lines.append(_line(f"**all {len(rows)}**", ["", *(f"**{_average(rows, m)}**" for m in methods)]))
    if 0 < len(everywhere) < len(rows):
        lines.append(_line(f"the {len(everywhere)} that all methods reach", ["", *(_average(everywhere, m) for m in methods)]))
    if any(_samples(m) for m in methods):
        lines += ["", "Errors of `mc` are expected ones, by de Moivre's identity for the binomial law: no single draw is shown."]
    lines += ["", "Seconds, without compiling and planning; live wires at once, in the program and as reductants keep them.", ""]
    lines += _head(["circuit", "live/kept", *methods])
    lines += [_line(row.label, [row.notes[1], *(_seconds(row.results[m].seconds) for m in methods)]) for row in rows]
    tracking = [m for m in methods if any(row.results[m].moved is not None for row in rows)]
    if tracking:
        lines += ["", "Share of the completed tables that coherence moved.", "", *_head(["circuit", *tracking])]
        lines += [_line(row.label, [_percent(row.results[m].moved) for m in tracking]) for row in rows]
    failures = list(_failures(rows, methods))
    return [*lines, *([""] if failures else []), *failures, "", *_legend(rows, methods)]


def _average(rows: list[Row], method: str) -> str:
    errors = [row.errors[method] for row in rows]
    return _small(mean(e for e in errors if e is not None) if None not in errors else None)


# -- text ------------------------------------------------------------------------------------------------


def say(text: str) -> None:
    """Progress."""
    print(text, file=sys.stderr, flush=True)


def _failures(rows: list[Row], methods: Sequence[str]) -> Iterator[str]:
    for method in methods:
        reasons = Counter(row.results[method].reason for row in rows if row.results[method].value is None)
        if reasons:
            told = "; ".join(f"{count} x {reason[:120]}" for reason, count in reasons.most_common(3))
            yield f"- `{method}` has no value for {reasons.total()} of {len(rows)} circuits: {told}"


def _head(titles: Sequence[str]) -> list[str]:
    names = [title.replace(":completion=", " ") for title in titles]
    return [_line(names[0], names[1:]), "| --- |" + " ---: |" * (len(names) - 1)]


def _line(label: str, cells: Sequence[str]) -> str:
    return f"| {label} | " + " | ".join(cells) + " |"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}".removeprefix("0")


def _small(value: float | None) -> str:
    if value is None:
        return "-"
    return _number(value) if value >= 5e-4 or value == 0.0 else f"{value:.0e}".replace("e-0", "e-")


def _seconds(value: float) -> str:
    return "-" if value != value else f"{value:.2g}"


def _percent(value: float | None) -> str:
    return "-" if value is None else f"{100 * value:.2g} %"


def _legend(rows: list[Row], methods: Sequence[str]) -> list[str]:
    """The full specification of every method that ran."""
    full = {m: e.method for row in rows for m in methods if (e := row.results[m].estimate)}
    differing = [f"`{m}` is `{name}`" for m, name in full.items() if name != m and not _samples(m)]
    return [f"In full: {', '.join(differing)}.", ""] if differing else []


# -- command ---------------------------------------------------------------------------------------------


def arguments(given: Sequence[str]) -> argparse.Namespace:
    """The options, checked."""
    parser = argparse.ArgumentParser(prog="accuracy.py", description="Errors and times of methods against exact values.")
    parser.add_argument("--arena", type=Path, metavar="FILE", help="recorded bilinear circuits (JSON) instead of fresh ones")
    parser.add_argument("--circuits", type=Path, metavar="FOLDER", help="*.aag with exact_probs.json instead of generated netlists")
    parser.add_argument("--fresh", type=int, default=12, metavar="N", help="fresh circuits a family (default 12), 0 for none")
    parser.add_argument("--seed", type=int, default=0, metavar="S", help="seed of everything that is drawn (default 0)")
    parser.add_argument("--methods", nargs="+", metavar="SPEC", help="methods of both tables instead of the usual ones")
    parser.add_argument("--only", choices=("arena", "netlists"), help="one of the two parts")
    parser.add_argument("--memory", type=int, default=4 * 10**9, metavar="BYTES", help="that a method may use (default 4e9)")
    parser.add_argument("--triples", type=float, default=2e9, metavar="N", help="completions allowed at order 3 on a netlist (default 2e9)")
    parser.add_argument("--write", action="store_true", help="keep the tables in bench/accuracy.md")
    options = parser.parse_args(given)
    for method in options.methods or ():
        try:
            hr.parse_method(method)
        except hr.ArgumentError as problem:
            parser.error(str(problem))
    if options.fresh < 0 or options.seed < 0:
        parser.error("--fresh and --seed must not be negative")
    for path in (options.arena, options.circuits and options.circuits / "exact_probs.json"):
        if path and not path.is_file():
            parser.error(f"there is no file {path}")
    return options


def main(given: Sequence[str]) -> int:
    """Run both parts, print the tables and, with ``--write``, keep them in accuracy.md."""
    options = arguments(given)
    limits = Limits(options.memory, options.triples)
    arena_methods, netlist_methods = (list(dict.fromkeys(options.methods or usual)) for usual in (ARENA_METHODS, NETLIST_METHODS))
    main_rows: list[Row] = []
    further_rows: list[Row] = []
    netlist_rows: list[Row] = []
    interrupted = False
    try:
        if options.only != "netlists":
            cases = arena.recorded(options.arena) if options.arena else arena.fresh(options.fresh, options.seed)
            run_arena(cases, arena_methods, limits, main_rows)
            run_arena(arena.further(options.fresh, options.seed), arena_methods, limits, further_rows)
        if options.only != "arena":
            circuits = netlists.recorded(options.circuits) if options.circuits else netlists.generated(options.seed)
            run_netlists(circuits, netlist_methods, limits, netlist_rows)
    except KeyboardInterrupt:
        interrupted = True
    source = f"recorded in {options.arena.name}" if options.arena else f"drawn with seed {options.seed}"
    text = [
        "# Accuracy",
        "",
        f"Measured {date.today()} by `make bench-accuracy`: {machine()}.",
        *(["", "**Interrupted: only what was finished.**"] if interrupted else []),
        "",
        *_legend(main_rows + further_rows, arena_methods),
        *arena_table(f"## Arena, {source}", "all", main_rows, arena_methods),
        *arena_table(f"## Further families, drawn with seed {options.seed}", "these", further_rows, arena_methods),
        *netlist_tables(netlist_rows, netlist_methods),
    ]
    result = "\n".join(text).rstrip() + "\n"
    print(result)
    if options.write and not interrupted:
        (Path(__file__).parent / "accuracy.md").write_text(result, encoding="utf-8")
    return 130 if interrupted else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
