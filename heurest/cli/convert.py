"""``heurest convert``."""

from __future__ import annotations

import click

from heurest.cli import common


@click.command("convert")
@click.argument("source", metavar="IN")
@click.argument("target", metavar="OUT")
@click.option("--recognise", is_flag=True, help="Make XOR and MUX gates of the ANDs that spell them in AIGER files.")
@common.law_options
def command(source: str, target: str, laws: tuple[str, ...], laws_file: str | None, recognise: bool) -> int:
    """Convert a circuit between file formats, which file endings name."""
    from heurest.formats import save

    common.check_writable(target)
    circuit = common.load_circuit(source, laws, laws_file, recognise)
    notices: list[str] = []
    save(circuit, target, notices=notices)
    common.show_warnings(notices)
    click.echo(f"{target}: {circuit!r}".replace("<", "").replace(">", ""))
    return 0
