"""``heurest detect``."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import chain
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING, Any

import click

from heurest.cli import common
from heurest.errors import ArgumentError
from heurest.formats.whole_files import write_chunks
from heurest.results import finite_or_none

if TYPE_CHECKING:
    from heurest.anomaly.detector import Detector
    from heurest.anomaly.leverage_detector import LeverageDetector
    from heurest.anomaly.verdicts import Verdict
    from heurest.anomaly.witness import Witness
    from heurest.circuit.circuit import Circuit

# Verdicts that are printed; JSON has all.
_MOST_SHOWN = 20
EPSILON = 1e-3  # by default
_AT_ONCE = 1024  # points that are searched before the bar moves


@click.command("detect")
@click.argument("file", metavar="FILE")
@click.option("--train", metavar="DATA", help="Clean points (.csv with names, or .npy). Without it the law of the inputs, if finite.")
@click.option("--load", "model", metavar="MODEL", help="A trained detector of gates or leverage, instead of training.")
@click.option("--save", "saved", metavar="MODEL", help="Keep the trained detector of gates or leverage.")
@click.option("--input", "data", required=True, metavar="DATA", help="Points to judge.")
@click.option(
    "--reason",
    default="normal",
    show_default=True,
    type=click.Choice(["normal", "any", "lemma", "leverage", "gates"]),
    help="Which test: normal reason, any reason (with --component), wires that never changed, leverage of the terms of a sum, "
    "or mechanisms of gates for netlists.",
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
@click.option("--tau", type=click.FloatRange(0, min_open=True), metavar="T", help="Of sums: the change of the output that counts.")
@click.option("--method", metavar="SPEC", help="Of gates: where structural probabilities come from, such as cop.  [default: measured]")
@click.option(
    "--false-positive",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    metavar="P",
    help="Of gates without --epsilon, and of leverage: share of clean points that may be flagged. Gates take 0.01 by default.",
)
@click.option("--recognise", is_flag=True, help="Make XOR and MUX gates of the ANDs that spell them in AIGER files.")
@common.law_options
@click.option("--json", "json_path", metavar="PATH", help="Write every verdict as JSON; - for standard output.")
@click.option("--draw", "picture", metavar="OUT", help="Draw the circuit at the first point that is not ok: .svg, .html or .dot.")
def command(
    file: str,
    train: str | None,
    model: str | None,
    saved: str | None,
    data: str,
    reason: str,
    outputs: tuple[str, ...],
    components: tuple[str, ...],
    semantics: str | None,
    epsilon: float | None,
    tau: float | None,
    method: str | None,
    false_positive: float | None,
    recognise: bool,
    laws: tuple[str, ...],
    laws_file: str | None,
    json_path: str | None,
    picture: str | None,
) -> int:
    """Say of each point whether its output came about by mechanisms that training needed.

    Points are counted from 0. The exit status is 1 if a point is anomalous.
    """
    from heurest.anomaly.data_files import BATCH, point_batches, read_points
    from heurest.drawing import check_drawing_path

    detector = reason in ("gates", "leverage") and (train is not None or model is not None)
    unused = {
        "--component": components and reason != "any",
        "--semantics": semantics and (reason in ("lemma", "gates") or model),
        "--epsilon": epsilon and (reason == "lemma" or model),
        "--tau": tau and (reason not in ("normal", "leverage") or model),
        "--method": method and (reason != "gates" or model),
        "--false-positive": false_positive and not (detector and train),
        "--load": model and reason not in ("gates", "leverage"),
        "--save": saved and not (detector and train),
        "--output": outputs and model,
        "--law and --laws": (laws or laws_file) and train is not None and reason != "gates",
    }
    for option, given in unused.items():
        if given:
            raise click.UsageError(
                f"{option} means nothing here, with --reason {reason}{' and --load' * bool(model)}{' and --train' * bool(train)}"
            )
    if train is not None and model is not None:
        raise click.UsageError("--train and --load cannot be given together")
    if len(outputs) > 1 and reason != "gates":
        raise click.UsageError("one --output at a time, but with --reason gates")
    if reason == "gates" and not detector:
        raise click.UsageError("--reason gates needs --train or --load")
    if picture is not None:
        check_drawing_path(picture)
    common.check_writable(json_path, files=(picture, saved), inputs=(file, train, model, data))
    common.tell_compiling()
    circuit = common.load_circuit(file, laws, laws_file, recognise)
    about: dict[str, Any] = {"circuit": circuit.name, "reason": reason, "train": train or model, "input": data}
    if detector:
        found = (
            _trained(circuit, reason, outputs, train, semantics, epsilon, tau, method, false_positive)
            if train
            else _loaded(reason, str(model), circuit)
        )
        about |= {
            "outputs": list(found.outputs),
            "epsilon": found.epsilon,
            "threshold": finite_or_none(found.threshold),
            "bound": found.bound,
        }
        if false_positive is not None and found.bound > false_positive:
            common.show_warnings([f"so few points of training were held out that {found.bound:.3g} of clean points may be flagged"])
        if saved is not None:
            found.save(saved)
        judge = _Judge(found.verdict, found.witness)
    else:
        seen = None if train is None else read_points(train, circuit)
        judge = _by_terms(circuit, outputs, seen, reason, components, semantics, epsilon, tau)
        about |= {"outputs": list(outputs), "epsilon": None if reason == "lemma" else epsilon or EPSILON}
    points = point_batches(data, circuit, BATCH if detector else _AT_ONCE)
    return _report(judge, points, about, json_path, picture)


@dataclass(frozen=True)
class _Judge:
    """Verdicts on points given as rows, and the witness of one."""

    verdicts: Callable[[Any], Iterable[Verdict]]
    witness: Callable[[Any], Witness]


def _trained(
    circuit: Circuit,
    reason: str,
    outputs: tuple[str, ...],
    train: str,
    semantics: str | None,
    epsilon: float | None,
    tau: float | None,
    method: str | None,
    false_positive: float | None,
) -> Detector | LeverageDetector:
    """A detector that is trained on a file of any length."""
    from heurest.anomaly.data_files import point_batches
    from heurest.anomaly.detector import Detector
    from heurest.anomaly.leverage_detector import LeverageDetector
    from heurest.anomaly.mechanisms import MEASURED

    detector: Detector | LeverageDetector
    if reason == "gates":
        detector = Detector(circuit, outputs or None, method=method or MEASURED, epsilon=epsilon, false_positive=false_positive)
    else:
        terms, share = semantics or "centred", epsilon or EPSILON
        detector = LeverageDetector(circuit, *outputs, epsilon=share, tau=tau, false_positive=false_positive, semantics=terms)
    done = 0
    with common.progress_bar("training") as progress:
        for batch in point_batches(train, circuit):
            detector.partial_fit(batch)
            done += len(batch)
            if progress is not None:
                progress(done, 0, "points")
    return detector


def _loaded(reason: str, path: str, circuit: Circuit) -> Detector | LeverageDetector:
    from heurest.anomaly.detector import Detector
    from heurest.anomaly.leverage_detector import LeverageDetector

    return Detector.load(path, circuit) if reason == "gates" else LeverageDetector.load(path, circuit)


def _by_terms(
    circuit: Circuit,
    outputs: tuple[str, ...],
    train: Any,
    reason: str,
    components: tuple[str, ...],
    semantics: str | None,
    epsilon: float | None,
    tau: float | None,
) -> _Judge:
    from heurest.anomaly.explanation import Explanation, explain
    from heurest.anomaly.lemma_test import Lemmas

    output = outputs[0] if outputs else None
    if reason == "lemma":
        lemmas = Lemmas(circuit, train, output)
        return _Judge(lemmas.verdicts, lemmas.witness)
    if reason == "leverage":
        semantics = semantics or "centred"
    found = explain(circuit, output, train, epsilon or EPSILON, components=components, semantics=semantics, tau=tau)
    if reason == "any" and not isinstance(found, Explanation):
        raise ArgumentError("the any-reason test is for outputs that depend on boolean wires only")
    if isinstance(found, Explanation):
        if reason == "leverage":
            raise ArgumentError("leverage is about the terms of a sum: take centred or monomials, not implicants")
        return _Judge(lambda points: found.verdicts(points, reason), lambda x: found.witness(x, reason))
    return _Judge(found.leverage_verdicts if reason == "leverage" else found.verdicts, lambda x: found.witness(x, reason))


def _report(judge: _Judge, batches: Iterable[Any], about: dict[str, Any], json_path: str | None, picture: str | None) -> int:
    """Count verdicts, show those that are not ok, write all, draw the first; 1 if one is anomalous."""
    counts: Counter[str] = Counter()
    first: tuple[int, Any] | None = None
    shown, interrupted, quiet = 0, False, json_path == "-"
    with TemporaryFile("w+b") as rows, common.progress_bar("judging") as progress:
        try:
            for points in batches:
                for x, verdict in zip(points, judge.verdicts(points), strict=True):
                    number = counts.total()
                    if json_path:
                        rows.write((",\n  " if number else "").encode() + json.dumps({"point": number, **verdict.to_dict()}).encode())
                    if verdict.verdict != "ok":
                        first = first or (number, x)
                        if shown < _MOST_SHOWN and not quiet:
                            click.echo(f"point {number}: {verdict}")
                        shown += 1
                    counts[verdict.verdict] += 1
                if progress is not None:
                    progress(counts.total(), 0, "points")
        except KeyboardInterrupt:
            interrupted = True
        if json_path:
            _write_json(json_path, {**about, "counts": counts, "interrupted": interrupted}, rows)
    if not quiet and shown > _MOST_SHOWN:
        click.echo(f"... {shown - _MOST_SHOWN:,} more that are not ok: --json writes all")
    if picture is not None:
        click.echo(_drawn(judge, first, picture), err=quiet)
    if interrupted:
        click.echo(f"heurest detect: interrupted; the verdicts are on the first {counts.total():,} points", err=True)
    if not quiet:
        click.echo(", ".join(f"{count:,} {verdict}" for verdict, count in sorted(counts.items())))
    return 130 if interrupted else 1 if counts["anomalous"] else 0


def _write_json(path: str, about: Mapping[str, Any], rows: IO[bytes]) -> None:
    """One JSON text of what is known and of the rows; these are in a file, since there can be more of them than fit into memory."""
    rows.seek(0)
    head = "".join(f" {json.dumps(name)}: {json.dumps(value)},\n" for name, value in about.items())
    chunks = chain([f'{{\n{head} "points": [\n  '.encode()], iter(lambda: rows.read(2**20), b""), [b"\n ]\n}\n"])
    if path == "-":
        for chunk in chunks:
            click.echo(chunk, nl=False)
    else:
        write_chunks(path, chunks)


def _drawn(judge: _Judge, first: tuple[int, Any] | None, picture: str) -> str:
    """Draw the circuit at a point; what was done, in words."""
    from heurest.drawing import draw_circuit

    if first is None:
        return "no point to draw: all are ok"
    number, x = first
    witness = judge.witness(x)
    draw_circuit(witness.circuit, picture, witness=witness, title=f"{witness.circuit.name}, point {number}")
    return f"{picture}: point {number}"
