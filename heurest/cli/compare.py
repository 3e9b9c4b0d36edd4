"""``heurest compare``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from heurest.cli import common

DEFAULT_FAMILIES = ("bilinear/normal", "bilinear/sign", "quadratic/square", "boolean", "read-once/arithmetic")
DEFAULT_ESTIMATORS = ("mean", "cumulant:2", "cumulant:3")
# For files that can hold nothing but logic.
LOGIC_ENDINGS = (".aag", ".aig", ".bench", ".blif")
LOGIC_ESTIMATORS = ("cop", "correlation", "covariance", "windowed:16", "reductant:2")


@click.command("compare")
@click.argument("files", nargs=-1, metavar="[FILE]...")
@click.option("--family", "families", multiple=True, metavar="F", help="Family of random circuits; repeat for several; 'list' lists them.")
@click.option(
    "--circuits", default=5, show_default=True, type=common.WholeNumber(1, 100_000), metavar="N", help="Circuits drawn from each family."
)
@click.option(
    "--estimator",
    "estimators",
    multiple=True,
    metavar="SPEC",
    help=f"Method; repeat for several. Default: {', '.join(DEFAULT_ESTIMATORS)}; of netlists {', '.join(LOGIC_ESTIMATORS)}.",
)
@click.option(
    "--truth",
    type=click.Choice(["auto", "exact", "mc"]),
    default="auto",
    show_default=True,
    help="Ground truth; auto is exact where that is quick.",
)
@click.option(
    "--samples", default=100_000, show_default=True, type=common.WholeNumber(2), metavar="N", help="Samples where the truth is sampled."
)
@click.option("--seed", default=0, show_default=True, type=common.WholeNumber(0), metavar="N", help="Seed of the families and of sampling.")
@click.option("--nodes", is_flag=True, help="Errors over all wires that feed an output, not over the outputs alone.")
@click.option("--json", "json_path", metavar="PATH", help="Write settings, rows and summary as JSON; - for standard output.")
@click.option("--csv", "csv_path", metavar="PATH", help="Write one row an output and estimator; - for standard output.")
@click.option("--plot", "plot_path", metavar="PATH", help="Draw error against time (.png, .svg or .pdf).")
@click.option("--recognise", is_flag=True, help="Make XOR and MUX gates of the ANDs that spell them in AIGER files.")
@common.law_options
def command(
    files: tuple[str, ...],
    laws: tuple[str, ...],
    laws_file: str | None,
    recognise: bool,
    families: tuple[str, ...],
    circuits: int,
    estimators: tuple[str, ...],
    truth: str,
    samples: int,
    seed: int,
    nodes: bool,
    json_path: str | None,
    csv_path: str | None,
    plot_path: str | None,
) -> int:
    """Run estimators on circuits next to a ground truth.

    Circuits come from files, from families of random circuits, or both; with neither, from a few families.
    Errors are in units of each output's root mean square.
    """
    from heurest.comparison import compare, with_every_wire
    from heurest.families import FAMILIES, draw
    from heurest.methods import parse_method
    from heurest.plot import check_plot_path, plot_comparison

    if "list" in families:
        if json_path:
            common.write_text(json_path, common.to_json({name: row.help for name, row in FAMILIES.items()}))
            return 0
        common.show_table("Families", ["name", "what it draws"], [[name, row.help] for name, row in FAMILIES.items()], left=2)
        return 0
    netlists = files and not families and all(path.lower().endswith(LOGIC_ENDINGS) for path in files)
    methods = estimators or (LOGIC_ESTIMATORS if netlists else DEFAULT_ESTIMATORS)
    for spec in methods:
        parse_method(spec)
    common.check_writable(json_path, csv_path, plot_path)
    if plot_path:
        check_plot_path(plot_path)
    common.tell_compiling()
    chosen: list[tuple[str, Any]] = [
        (Path(path).stem, common.load_circuit(path, laws, laws_file, recognise)) for path in dict.fromkeys(files)
    ]
    for family in dict.fromkeys(families) or (() if files else DEFAULT_FAMILIES):
        chosen += [(circuit.name.split("#")[0], circuit) for circuit in draw(family, circuits, seed)]
    if nodes:
        chosen = [(name, with_every_wire(circuit)) for name, circuit in chosen]
    with common.progress_bar("comparing") as progress:
        result = compare(chosen, methods, truth=truth, samples=samples, seed=seed, progress=progress)
    result.settings.update(files=list(files), families=list(families or (() if files else DEFAULT_FAMILIES)))
    if json_path:
        common.write_text(json_path, common.to_json(result.to_dict()))
    if csv_path:
        common.write_text(csv_path, result.to_csv())
    if plot_path:
        plot_comparison(result, plot_path)
    if "-" not in (json_path, csv_path):
        _show(result)
    if result.settings["interrupted"]:
        click.echo("heurest compare: interrupted; the results above are of the circuits that were finished", err=True)
        return 130
    return 0


def _show(result: Any) -> None:
    columns = [
        "family",
        "estimator",
        "mean error",
        "rmse",
        "bias",
        "slope",
        "truth s.e.",
        "time",
        "compile",
        "= samples",
        "sampling, same time",
        "failed",
    ]
    rows = []
    for row in result.summary:
        slope = "-" if row.slope is None else f"{row.slope:.3f} +- {row.slope_stderr:.2g}"
        figures = [common.number(value, 3) for value in (row.mean_error, row.rmse, row.bias)]
        times = [common.seconds(row.seconds), common.seconds(row.compile_seconds)]
        rivals = [common.count(row.equal_samples), common.number(row.equal_time_error, 3)]
        label = [row.family, row.estimator]
        rows.append([*label, *figures, slope, common.number(row.truth_error, 2), *times, *rivals, str(row.failures)])
    spare = ["compile", "truth s.e.", "bias", "rmse", "slope", "failed", "= samples", "sampling, same time"]
    common.show_table("Errors in units of the outputs' root mean square", columns, rows, left=2, spare=spare)
    noted = [row for row in result.rows if row.note]
    for spec in dict.fromkeys(row.estimator for row in noted):
        of_method = list(dict.fromkeys((row.circuit, row.note) for row in noted if row.estimator == spec))
        circuit, note = of_method[0]
        others = f" (and {len(of_method) - 1} more circuits)" if len(of_method) > 1 else ""
        click.echo(f"note: {spec} on {circuit}: {note}{others}", err=True)
    exact = sum(row.truth_method.startswith("exact") for row in result.rows)
    rest = "" if exact == len(result.rows) else ", sampled for the others"
    click.echo(f"truth: exact for {exact} of {len(result.rows)} rows{rest}")
