"""``heurest estimate``."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

import click

from heurest.cli import common

if TYPE_CHECKING:
    from heurest.circuit.circuit import Circuit
    from heurest.results import Estimate

# A table of more wires than this is not read by anybody.
_MOST_ROWS = 2000


@click.command("estimate")
@click.argument("file", metavar="FILE")
@click.option("--method", metavar="SPEC", help="Such as mean, cumulant:3, cumulant:2:expansion=layer.  [default: cumulant:2]")
@click.option("--argument", metavar="A.json", help="Follow this heuristic argument instead of a method.")
@click.option("--nodes", is_flag=True, help="Every wire, not the outputs alone.")
@click.option("--recognise", is_flag=True, help="Make XOR and MUX gates of the ANDs that spell them in AIGER files.")
@common.law_options
@click.option(
    "--max-memory", type=common.WholeNumber(1), metavar="BYTES", help="Refuse what needs more, such as 2e9.  [default: what is free]"
)
@click.option("--csv", "csv_path", metavar="PATH", help="Write one row an output, or with --nodes a wire; - for standard output.")
@click.option("--json", "json_path", metavar="PATH", help="Write the result as JSON; - for standard output.")
def command(
    file: str,
    method: str | None,
    argument: str | None,
    nodes: bool,
    laws: tuple[str, ...],
    laws_file: str | None,
    recognise: bool,
    max_memory: int | None,
    csv_path: str | None,
    json_path: str | None,
) -> int:
    """Estimate the expected outputs of a circuit.

    Of a boolean output that is P(1); P(0) and the log-odds ln P(1)/P(0) stand beside it. The last column is the standard error that
    plain sampling reaches in the same time.
    """
    from heurest.methods import estimate, parse_method

    if method is not None and argument is not None:
        raise click.UsageError("--method and --argument cannot be given together")
    estimator = None if argument is not None else parse_method(method or "cumulant:2")
    common.check_writable(json_path, csv_path)
    common.tell_compiling()
    circuit = common.load_circuit(file, laws, laws_file, recognise)
    if estimator is None:
        from heurest.arguments.argument import Argument

        result = estimate(circuit, argument=Argument.load(str(argument), circuit), keep_dead=nodes, max_memory=max_memory)
    else:
        with common.progress_bar("propagating") as progress:
            result = estimate(circuit, estimator, progress=progress, keep_dead=nodes, max_memory=max_memory)
    rival = _equal_time_errors(circuit, result)
    wires = [(circuit.wire_name(wire) or f"#{wire}", wire) for wire in range(len(circuit))] if nodes else []
    rows = _rows(circuit, result, wires or [(name, wire.index) for name, wire in circuit.outputs.items()], {} if nodes else rival)
    if csv_path:
        common.write_text(csv_path, _csv(rows))
    if json_path:
        extra: dict[str, Any] = {"equal_time_error": rival}
        common.write_text(json_path, common.to_json(result.to_dict() | extra | ({"wires": rows} if nodes else {})))
    if "-" not in (json_path, csv_path):
        _show(circuit, result, rows, nodes)
    common.show_warnings(result.warnings)
    return 0


def _equal_time_errors(circuit: Circuit, result: Estimate) -> dict[str, float | None]:
    """The standard errors that plain sampling reaches in the estimate's time, from a short run."""
    from heurest.truth import monte_carlo

    seconds = result.seconds.get("plan", 0.0) + result.seconds.get("run", 0.0)
    pilot = monte_carlo(circuit, samples=8192, rng=0)
    rate = (pilot.seconds.get("draw", 0.0) + pilot.seconds.get("run", 0.0)) / pilot.samples
    return {
        name: (variance * rate / seconds) ** 0.5 if seconds > 0 and variance >= 0 else None for name, variance in pilot.variance.items()
    }


def _rows(circuit: Circuit, result: Estimate, wires: list[tuple[str, int]], rival: dict[str, float | None]) -> list[dict[str, Any]]:
    """One row a wire, ready for JSON; what a method does not say, or no number can, is ``None``."""
    from heurest.results import finite_or_none

    rows = []
    for name, wire in wires:
        row: dict[str, Any] = {"wire": name, "estimate": finite_or_none(result.mean[wire])}
        zero = result.probability_of_zero(wire) if circuit.boolean[wire] else None
        row["complement"] = None if zero is None else finite_or_none(zero)
        row["log_odds"] = finite_or_none(result.log_odds(wire)) if circuit.boolean[wire] else None
        row["variance"] = None if result.variance is None else finite_or_none(result.variance[wire])
        row["stderr"] = None if result.stderr is None else result.stderr.get(name)
        row["equal_time_error"] = rival.get(name)
        rows.append(row)
    return rows


def _csv(rows: list[dict[str, Any]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _show(circuit: Circuit, result: Estimate, rows: list[dict[str, Any]], nodes: bool) -> None:
    boolean = any(row["complement"] is not None for row in rows)
    columns = ["wire" if nodes else "output", "estimate", *(["P(0)", "log-odds"] if boolean else []), "variance"]
    columns += [] if nodes else ["sampling, same time"]
    cells = []
    for row in rows[:_MOST_ROWS]:
        spread = "" if row["stderr"] is None else f" +- {row['stderr']:.2g}"
        odds = [common.number(row["complement"], 10), common.number(row["log_odds"], 5)] if boolean else []
        last = [] if nodes else [common.number(row["equal_time_error"], 2)]
        cells.append([row["wire"], common.number(row["estimate"], 10) + spread, *odds, common.number(row["variance"], 6), *last])
    spare = ["variance", *([] if nodes else ["sampling, same time"]), *(["log-odds"] if boolean else [])]
    common.show_table(f"{result.method} of {circuit.name!r}", columns, cells, spare=spare)
    if len(rows) > _MOST_ROWS:
        click.echo(f"... {len(rows) - _MOST_ROWS:,} wires more: --csv writes all")
    times = ", ".join(f"{phase} {common.seconds(value)}" for phase, value in result.seconds.items())
    click.echo(f"{result.terms:,} terms, {result.bytes:,} bytes; {times}")
    if result.reduced is not None:
        click.echo(str(result.reduced.coherence))
