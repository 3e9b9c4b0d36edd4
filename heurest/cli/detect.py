"""``heurest detect``."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from heurest.cli import common
from heurest.errors import ArgumentError

if TYPE_CHECKING:
    from heurest.anomaly.verdicts import Verdict
    from heurest.anomaly.witness import Witness
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
    "--semantics",
    type=click.Choice(["implicants", "centred", "monomials"]),
    help="What the terms are: by default implicants of boolean outputs, products of centred wires of others.",
)
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
@click.option("--draw", "picture", metavar="OUT", help="Draw the circuit at the first point that is not ok: .svg, .html or .dot.")
def command(
    file: str,
    train: str | None,
    data: str,
    reason: str,
    outputs: tuple[str, ...],
    components: tuple[str, ...],
    semantics: str | None,
    epsilon: float | None,
    false_positive: float,
    recognise: bool,
    laws: tuple[str, ...],
    laws_file: str | None,
    json_path: str | None,
    picture: str | None,
) -> int:
    """Say of each point whether its output came about by mechanisms that training needed.

    The exit status is 1 if a point is anomalous.
    """
    from heurest.anomaly.data_files import point_batches, read_points
    from heurest.drawing import check_drawing_path

    if components and reason != "any":
        raise click.UsageError("--component goes with --reason any")
    if semantics and reason in ("lemma", "gates"):
        raise click.UsageError(f"--semantics is about terms, which --reason {reason} has not")
    if len(outputs) > 1 and reason != "gates":
        raise click.UsageError("one --output at a time, but with --reason gates")
    if train is None and reason in ("gates", "lemma"):
        raise click.UsageError(f"--reason {reason} needs --train")
    if picture is not None:
        check_drawing_path(picture)
    common.check_writable(json_path, files=(picture,), inputs=(file, train, data))
    circuit = common.load_circuit(file, laws, laws_file, recognise)
    if reason == "gates":
        judge, points = _by_gates(circuit, outputs, str(train), epsilon, false_positive), point_batches(data, circuit)
    else:
        seen = None if train is None else read_points(train, circuit)
        judge, points = _by_terms(circuit, outputs, seen, reason, components, semantics, epsilon), iter([read_points(data, circuit)])
    return _report(judge, points, json_path, picture)


@dataclass(frozen=True)
class _Judge:
    """Verdicts on points given as rows, and the witness of one."""

    verdicts: Callable[[Any], Iterable[Verdict]]
    witness: Callable[[Any], Witness]


def _by_gates(circuit: Circuit, outputs: tuple[str, ...], train: str, epsilon: float | None, false_positive: float) -> _Judge:
    from heurest.anomaly.data_files import point_batches
    from heurest.anomaly.detector import Detector

    detector = Detector(circuit, outputs or None, epsilon=epsilon, false_positive=false_positive)
    for batch in point_batches(train, circuit):
        detector.partial_fit(batch)
    return _Judge(detector.verdict, detector.witness)


def _by_terms(
    circuit: Circuit,
    outputs: tuple[str, ...],
    train: Any,
    reason: str,
    components: tuple[str, ...],
    semantics: str | None,
    epsilon: float | None,
) -> _Judge:
    from heurest.anomaly.explanation import Explanation, explain
    from heurest.anomaly.lemma_test import Lemmas

    output = outputs[0] if outputs else None
    if reason == "lemma":
        lemmas = Lemmas(circuit, train, output)
        return _Judge(lambda points: map(lemmas.test, points), lemmas.witness)
    found = explain(circuit, output, train, 1e-3 if epsilon is None else epsilon, components=components, semantics=semantics)
    if reason == "any" and not isinstance(found, Explanation):
        raise ArgumentError("the any-reason test is for outputs that depend on boolean wires only")
    if isinstance(found, Explanation):
        return _Judge(lambda points: found.verdicts(points, reason), lambda x: found.witness(x, reason))
    return _Judge(found.verdicts, found.witness)


def _report(judge: _Judge, batches: Iterable[Any], json_path: str | None, picture: str | None) -> int:
    """Count verdicts, show those that are not ok, write all, draw the first; 1 if one is anomalous."""
    counts: dict[str, int] = {}
    rows, shown, number = [], 0, 0
    first: Any = None
    for points in batches:
        for x, verdict in zip(points, judge.verdicts(points), strict=True):
            counts[verdict.verdict] = counts.get(verdict.verdict, 0) + 1
            if json_path:
                rows.append({"point": number, **verdict.to_dict()})
            if verdict.verdict != "ok":
                first = (number, x) if first is None else first
                if shown < _MOST_SHOWN and json_path != "-":
                    click.echo(f"point {number}: {verdict}")
                shown += 1
            number += 1
    if json_path:
        common.write_text(json_path, common.to_json({"counts": counts, "points": rows}))
    if json_path != "-" and shown > _MOST_SHOWN:
        click.echo(f"... {shown - _MOST_SHOWN:,} more that are not ok: --json writes all")
    if picture is not None:
        from heurest.drawing import draw_circuit

        told = "no point to draw: all are ok"
        if first is not None:
            witness = judge.witness(first[1])
            draw_circuit(witness.circuit, picture, witness=witness, title=f"{witness.circuit.name}, point {first[0]}")
            told = f"{picture}: point {first[0]}"
        click.echo(told, err=json_path == "-")
    if json_path != "-":
        click.echo(", ".join(f"{count:,} {verdict}" for verdict, count in sorted(counts.items())))
    return 1 if counts.get("anomalous") else 0
