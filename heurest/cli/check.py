"""``heurest check``."""

from __future__ import annotations

import click

from heurest.cli import common


@click.command("check")
@click.argument("file", metavar="FILE")
@click.argument("argument", metavar="A.json")
@click.option(
    "--samples", default=100_000, show_default=True, type=common.WholeNumber(64), metavar="N", help="Samples where exact is too dear."
)
@click.option("--seed", default=0, show_default=True, type=common.WholeNumber(0), metavar="N", help="Seed of sampling.")
@click.option("--json", "json_path", metavar="PATH", help="Write the result as JSON; - for standard output.")
@common.law_options
def command(file: str, laws: tuple[str, ...], laws_file: str | None, argument: str, samples: int, seed: int, json_path: str | None) -> int:
    """Check every claim of an argument against the truth, exact or sampled.

    The exit status is 1 if a claim is false: it is named with its true value and the change it caused.
    """
    from heurest.arguments.argument import Argument
    from heurest.arguments.checking import check_argument

    common.check_writable(json_path)
    common.tell_compiling()
    circuit = common.load_circuit(file, laws, laws_file)
    claims = Argument.load(argument, circuit)
    with common.progress_bar("checking") as progress:
        result = check_argument(circuit, claims, samples=samples, rng=seed, progress=progress)
    if json_path:
        common.write_text(json_path, common.to_json(result.to_dict()))
    if json_path != "-":
        click.echo(str(result))
    return 0 if result.ok else 1
