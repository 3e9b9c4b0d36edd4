"""``heurest truth``."""

from __future__ import annotations

import click

from heurest.cli import common


@click.command("truth")
@click.argument("file", metavar="FILE")
@click.option("--samples", type=common.WholeNumber(2), metavar="N", help="Sample this often.")
@click.option(
    "--stderr", type=click.FloatRange(0, min_open=True), metavar="E", help="Sample until the standard error of every output is this small."
)
@click.option("--seconds", type=click.FloatRange(0, min_open=True), metavar="T", help="Sample for this long.")
@click.option("--exact", is_flag=True, help="Exact, or an error that says why not.")
@click.option("--seed", default=0, show_default=True, type=common.WholeNumber(0), metavar="N", help="Seed of sampling.")
@click.option(
    "--threads",
    default=1,
    show_default=True,
    type=common.WholeNumber(1),
    metavar="N",
    help="Threads for sampling and for enumerating bits; the result does not depend on them.",
)
@click.option("--json", "json_path", metavar="PATH", help="Write the result as JSON; - for standard output.")
@common.law_options
def command(
    file: str,
    laws: tuple[str, ...],
    laws_file: str | None,
    samples: int | None,
    stderr: float | None,
    seconds: float | None,
    exact: bool,
    seed: int,
    threads: int,
    json_path: str | None,
) -> int:
    """Find the expected outputs of a circuit: exact, or sampled with standard errors.

    Without options the answer is exact where that is quick, and sampled elsewhere.
    """
    from heurest import truth

    sampling = any(option is not None for option in (samples, stderr, seconds))
    if exact and sampling:
        raise click.UsageError("--exact cannot be given together with --samples, --stderr or --seconds")
    common.check_writable(json_path)
    common.tell_compiling()
    circuit = common.load_circuit(file, laws, laws_file)
    with common.progress_bar("computing") as progress:
        if exact:
            result = truth.exact(circuit, progress=progress, threads=threads)
        elif sampling:
            result = truth.monte_carlo(
                circuit, samples=samples, stderr=stderr, seconds=seconds, rng=seed, threads=threads, progress=progress
            )
        else:
            result = truth.ground_truth(circuit, "auto", rng=seed, threads=threads, progress=progress)
    if json_path:
        common.write_text(json_path, common.to_json(result.to_dict()))
    if result.interrupted:
        click.echo("heurest truth: interrupted; the result is of the samples so far", err=True)
    if json_path != "-":
        rows = [
            [
                name,
                common.number(value, 10),
                common.number(result.stderr[name], 3),
                *(common.number(end, 8) for end in result.interval[name]),
            ]
            for name, value in result.value.items()
        ]
        columns = ["output", "value", "standard error", f"{result.confidence:.0%} from", "to"]
        common.show_table(f"{result.method} of {circuit.name!r}", columns, rows)
        times = ", ".join(f"{phase} {common.seconds(value)}" for phase, value in result.seconds.items())
        click.echo(f"{result.samples:,} samples; {times}" if not result.exact else times)
        common.show_warnings(result.warnings)
    return 130 if result.interrupted else 0
