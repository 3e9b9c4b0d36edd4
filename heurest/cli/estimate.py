"""``heurest estimate``."""

from __future__ import annotations

import click

from heurest.cli import common


@click.command("estimate")
@click.argument("file", metavar="FILE")
@click.option("--method", metavar="SPEC", help="Such as mean, cumulant:3, cumulant:2:expansion=layer.  [default: cumulant:2]")
@click.option("--argument", metavar="A.json", help="Follow this heuristic argument instead of a method.")
@click.option("--json", "json_path", metavar="PATH", help="Write the result as JSON; - for standard output.")
def command(file: str, method: str | None, argument: str | None, json_path: str | None) -> int:
    """Estimate the expected outputs of a circuit.

    Beside each estimate stands the standard error that plain sampling reaches in the same time.
    """
    from heurest.methods import estimate, parse_method
    from heurest.truth import monte_carlo

    if method is not None and argument is not None:
        raise click.UsageError("--method and --argument cannot be given together")
    estimator = None if argument is not None else parse_method(method or "cumulant:2")
    common.check_writable(json_path)
    circuit = common.load_circuit(file)
    if estimator is None:
        from heurest.arguments.argument import Argument

        result = estimate(circuit, argument=Argument.load(str(argument), circuit))
    else:
        with common.progress_bar("propagating") as progress:
            result = estimate(circuit, estimator, progress=progress)
    seconds = result.seconds.get("plan", 0.0) + result.seconds.get("run", 0.0)
    pilot = monte_carlo(circuit, samples=8192, rng=0)
    rate = (pilot.seconds.get("draw", 0.0) + pilot.seconds.get("run", 0.0)) / pilot.samples
    rival = {
        name: (variance * rate / seconds) ** 0.5 if seconds > 0 and variance >= 0 else None for name, variance in pilot.variance.items()
    }
    if json_path:
        common.write_text(json_path, common.to_json(result.to_dict() | {"equal_time_error": rival}))
    if json_path != "-":
        deviations = {name: result.variance[wire.index] for name, wire in circuit.outputs.items()} if result.variance is not None else {}
        rows = [
            [
                name,
                common.number(value, 10) + (f" +- {result.stderr[name]:.2g}" if result.stderr else ""),
                common.number(deviations.get(name), 6),
                common.number(rival[name], 2),
            ]
            for name, value in result.value.items()
        ]
        common.show_table(
            f"{result.method} of {circuit.name!r}",
            ["output", "estimate", "variance", "sampling, same time"],
            rows,
            spare=["variance", "sampling, same time"],
        )
        times = ", ".join(f"{phase} {common.seconds(value)}" for phase, value in result.seconds.items())
        click.echo(f"{result.terms:,} terms, {result.bytes:,} bytes; {times}")
        if result.reduced is not None:
            click.echo(str(result.reduced.coherence))
        common.show_warnings(result.warnings)
    return 0
