"""``heurest rare``."""

from __future__ import annotations

import click

from heurest.cli import common


@click.command("rare")
@click.argument("file", metavar="FILE")
@click.argument("output", metavar="OUTPUT")
@click.option("--value", default=1, show_default=True, type=click.IntRange(0, 1), help="The value of the output that makes the event.")
@click.option(
    "--method",
    default="importance",
    show_default=True,
    type=click.Choice(["importance", "sequential", "tilted"]),
    help="How inputs are drawn; importance chooses.",
)
@click.option("--samples", type=common.WholeNumber(2), metavar="N", help="Sample this often.")
@click.option("--seconds", type=click.FloatRange(0, min_open=True), metavar="T", help="Sample for this long.")
@click.option(
    "--stderr", type=click.FloatRange(0, min_open=True), metavar="R", help="Sample until the relative standard error is this small."
)
@click.option("--seed", default=0, show_default=True, type=common.WholeNumber(0), metavar="N", help="Seed of sampling.")
@click.option("--recognise", is_flag=True, help="Make XOR and MUX gates of the ANDs that spell them in AIGER files.")
@common.law_options
@click.option("--json", "json_path", metavar="PATH", help="Write the result as JSON; - for standard output.")
def command(
    file: str,
    output: str,
    value: int,
    method: str,
    samples: int | None,
    seconds: float | None,
    stderr: float | None,
    seed: int,
    recognise: bool,
    laws: tuple[str, ...],
    laws_file: str | None,
    json_path: str | None,
) -> int:
    """Estimate the probability of a rare value of a boolean output, where plain sampling sees nothing.

    Inputs are drawn so that the event is common, and weighted back: the estimate is unbiased, with its standard error and the number of
    samples of the event's own law that it is worth.
    """
    from heurest.truth.rare_events import rare_probability

    common.check_writable(json_path)
    common.tell_compiling()
    circuit = common.load_circuit(file, laws, laws_file, recognise)
    with common.progress_bar("sampling") as progress:
        result = rare_probability(
            circuit, output, value=value, method=method, samples=samples, seconds=seconds, stderr=stderr, rng=seed, progress=progress
        )
    if json_path:
        common.write_text(json_path, common.to_json(result.to_dict()))
    if json_path != "-":
        click.echo(str(result))
    return 0
