"""``heurest convert``."""

from __future__ import annotations

import click

from heurest.cli import common


@click.command("convert")
@click.argument("source", metavar="IN")
@click.argument("target", metavar="OUT")
def command(source: str, target: str) -> int:
    """Convert a circuit between file formats, which file endings name."""
    from heurest.formats import save

    common.check_writable(target)
    circuit = common.load_circuit(source)
    save(circuit, target)
    click.echo(f"{target}: {circuit!r}".replace("<", "").replace(">", ""))
    return 0
