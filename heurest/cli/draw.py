"""``heurest draw``."""

from __future__ import annotations

import click

from heurest.cli import common


@click.command("draw")
@click.argument("file", metavar="FILE")
@click.argument("out", metavar="OUT")
@click.option("--argument", metavar="A.json", help="Colour wires by how much this argument's terms matter there, and draw the terms.")
def command(file: str, out: str, argument: str | None) -> int:
    """Draw a circuit: OUT ends in .dot, .svg or .html, the last two self-contained."""
    from heurest.arguments.argument import Argument
    from heurest.arguments.importance import wire_importance
    from heurest.drawing import check_drawing_path, draw_circuit

    check_drawing_path(out)
    common.check_writable(out)
    circuit = common.load_circuit(file)
    importance, labels = None, None
    links: list[tuple[tuple[int, ...], float]] = []
    if argument is not None:
        from heurest.methods import estimate

        claims = Argument.load(argument, circuit)
        importance, links = wire_importance(claims, circuit)
        mean = estimate(circuit, argument=claims).mean
        labels = {wire: f"mean {mean[wire]:.4g}" for wire in range(len(circuit)) if mean[wire] == mean[wire]}
    draw_circuit(circuit, out, importance=importance, links=links, labels=labels)
    click.echo(f"{out}: {len(circuit):,} wires" + (f", {len(links):,} terms" if argument else ""))
    return 0
