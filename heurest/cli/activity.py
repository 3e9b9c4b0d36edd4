"""``heurest activity``."""

from __future__ import annotations

import click

from heurest.cli import common


@click.command("activity")
@click.argument("file", metavar="FILE")
@click.option("--influence", "with_influence", is_flag=True, help="Boolean influences of inputs on outputs instead of toggles.")
@click.option(
    "--output", "outputs", multiple=True, metavar="NAME", help="An output whose influences are wanted; by default all.  [repeatable]"
)
@click.option("--method", default="auto", show_default=True, metavar="SPEC", help="auto, exact, mc, or a method such as reductant:2.")
@click.option("--rate", "rates", multiple=True, metavar="NAME=R", help="Toggle rate of an input; * for all.  [repeatable]")
@click.option("--samples", type=common.WholeNumber(2), metavar="N", help="Samples, where it comes to sampling.  [default: 100,000]")
@click.option("--seed", default=0, show_default=True, type=common.WholeNumber(0), metavar="N", help="Seed of sampling.")
@click.option("--recognise", is_flag=True, help="Make XOR and MUX gates of the ANDs that spell them in AIGER files.")
@common.law_options
@click.option("--json", "json_path", metavar="PATH", help="Write the result as JSON, every wire; - for standard output.")
def command(
    file: str,
    with_influence: bool,
    outputs: tuple[str, ...],
    method: str,
    rates: tuple[str, ...],
    samples: int | None,
    seed: int,
    recognise: bool,
    laws: tuple[str, ...],
    laws_file: str | None,
    json_path: str | None,
) -> int:
    """Find how often wires toggle from one pattern to the next, or how much inputs influence outputs.

    Patterns are independent draws unless an input is given a toggle rate of its own.
    """
    from heurest.activity import influence, switching_activity
    from heurest.activity.records import Influence, SwitchingActivity

    if with_influence and rates:
        raise click.UsageError("--rate is for toggles, not for --influence")
    if outputs and not with_influence:
        raise click.UsageError("--output goes with --influence")
    common.check_writable(json_path)
    given = common.assignments(rates, "--rate", "x=0.1")
    common.tell_compiling()
    circuit = common.load_circuit(file, laws, laws_file, recognise)
    result: Influence | SwitchingActivity
    if with_influence:
        with common.progress_bar("influence") as progress:
            result = influence(circuit, outputs or None, method=method, samples=samples, rng=seed, progress=progress)
    else:
        everything = given.pop("*", None)
        if everything is not None and given:
            raise click.UsageError("--rate '*=...' stands alone")
        result = switching_activity(circuit, method=method, rates=given or everything, samples=samples, rng=seed)
    if json_path:
        common.write_text(json_path, common.to_json(result.to_dict()))
    if json_path != "-":
        click.echo(str(result))
    return 0
