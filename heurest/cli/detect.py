"""``heurest detect``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from heurest.cli import common
from heurest.errors import ArgumentError

if TYPE_CHECKING:
    from heurest.anomaly.verdicts import Verdict
    from heurest.circuit.circuit import Circuit

# Verdicts that are printed; JSON has all.
_MOST_SHOWN = 20


@click.command("detect")
@click.argument("file", metavar="FILE")
@click.option("--train", metavar="DATA", help="Clean points (.csv with names, or .npy). Without it the law of the inputs, if finite.")
@click.option("--input", "data", required=True, metavar="DATA", help="Points to judge.")
@click.option(
    "--reason",
    default="normal",
    show_default=True,
    type=click.Choice(["normal", "any", "lemma", "gates"]),
    help="Which test: normal reason, any reason (with --component), wires that never changed, or mechanisms of gates for netlists.",
)
@click.option("--output", "outputs", multiple=True, metavar="NAME", help="The output of interest; with gates several.  [repeatable]")
@click.option("--component", "components", multiple=True, metavar="NAME", help="A wire that may be right for any reason.  [repeatable]")
@click.option(
    "--epsilon", type=click.FloatRange(0, 1, min_open=True, max_open=True), metavar="E", help="Share of training that may stay unexplained."
)
@click.option(
    "--false-positive",
    default=0.01,
    show_default=True,
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    metavar="P",
    help="Of gates without --epsilon: share of clean points that may be flagged.",
)
@click.option("--recognise", is_flag=True, help="Make XOR and MUX gates of the ANDs that spell them in AIGER files.")
@common.law_options
@click.option("--json", "json_path", metavar="PATH", help="Write every verdict as JSON; - for standard output.")
def command(
    file: str,
    train: str | None,
    data: str,
    reason: str,
    outputs: tuple[str, ...],
    components: tuple[str, ...],
    epsilon: float | None,
    false_positive: float,
    recognise: bool,
    laws: tuple[str, ...],
    laws_file: str | None,
    json_path: str | None,
) -> int:
    """Say of each point whether its output came about by mechanisms that training needed.

    The exit status is 1 if a point is anomalous.
    """
    from heurest.anomaly.data_files import read_points

    if components and reason != "any":
        raise click.UsageError("--component goes with --reason any")
    if len(outputs) > 1 and reason != "gates":
        raise click.UsageError("one --output at a time, but with --reason gates")
    if train is None and reason in ("gates", "lemma"):
        raise click.UsageError(f"--reason {reason} needs --train")
    common.check_writable(json_path)
    circuit = common.load_circuit(file, laws, laws_file, recognise)
    if reason == "gates":
        found = _by_gates(circuit, outputs, str(train), data, epsilon, false_positive)
    else:
        points = None if train is None else read_points(train, circuit)
        found = _by_terms(circuit, outputs, points, read_points(data, circuit), reason, components, epsilon)
    return _report(found, json_path)


def _by_gates(
    circuit: Circuit, outputs: tuple[str, ...], train: str, data: str, epsilon: float | None, false_positive: float
) -> Iterator[Verdict]:
    from heurest.anomaly.data_files import point_batches
    from heurest.anomaly.detector import Detector

    detector = Detector(circuit, outputs or None, epsilon=epsilon, false_positive=false_positive)
    for batch in point_batches(train, circuit):
        detector.partial_fit(batch)
    for batch in point_batches(data, circuit):
        yield from detector.verdict(batch)


def _by_terms(
    circuit: Circuit, outputs: tuple[str, ...], train: Any, points: Any, reason: str, components: tuple[str, ...], epsilon: float | None
) -> Iterator[Verdict]:
    from heurest.anomaly.explanation import Explanation, explain
    from heurest.anomaly.lemma_test import lemma_test

    output = outputs[0] if outputs else None
    if reason == "lemma":
        for x in points:
            yield lemma_test(circuit, train, x, output)
        return
    explanation = explain(circuit, output, train, 1e-3 if epsilon is None else epsilon, components=components)
    if reason == "any" and not isinstance(explanation, Explanation):
        raise ArgumentError("the any-reason test is for outputs that depend on boolean wires only")
    for x in points:
        yield explanation.any_reason(x) if reason == "any" and isinstance(explanation, Explanation) else explanation.normal_reason(x)


def _report(found: Iterator[Verdict], json_path: str | None) -> int:
    """Count verdicts, show those that are not ok, write all; 1 if one is anomalous."""
    counts: dict[str, int] = {}
    rows, shown = [], 0
    for number, verdict in enumerate(found):
        counts[verdict.verdict] = counts.get(verdict.verdict, 0) + 1
        if json_path:
            rows.append({"point": number, **verdict.to_dict()})
        if verdict.verdict != "ok" and json_path != "-":
            if shown < _MOST_SHOWN:
                click.echo(f"point {number}: {verdict}")
            shown += 1
    if json_path:
        common.write_text(json_path, common.to_json({"counts": counts, "points": rows}))
    if json_path != "-":
        if shown > _MOST_SHOWN:
            click.echo(f"... {shown - _MOST_SHOWN:,} more that are not ok: --json writes all")
        click.echo(", ".join(f"{count:,} {verdict}" for verdict, count in sorted(counts.items())))
    return 1 if counts.get("anomalous") else 0
