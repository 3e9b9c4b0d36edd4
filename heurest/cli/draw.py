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
    from heurest.drawing import check_drawing_path, draw_circuit

    check_drawing_path(out)
    common.check_writable(files=(out,), inputs=(file, argument))
    circuit = common.load_circuit(file)
    claims = None
    if argument is not None:
        from heurest.arguments.argument import Argument

        claims = Argument.load(argument, circuit)
    draw_circuit(circuit, out, argument=claims)
    shown = "" if claims is None else f", {len(claims):,} claim{'' if len(claims) == 1 else 's'}"
    click.echo(f"{out}: {len(circuit):,} wires{shown}")
    return 0
