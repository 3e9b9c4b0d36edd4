"""``heurest gates``."""

from __future__ import annotations

import click

from heurest.circuit.gates import GATES
from heurest.cli import common


@click.command("gates")
@click.option("--json", "json_path", metavar="PATH", help="Write the table as JSON; - for standard output.")
def command(json_path: str | None) -> int:
    """List the gate table: primitive gates first, then those that are built from them."""
    common.check_writable(json_path)
    if json_path:
        keys = ("symbol", "fan_in", "operands", "result", "formula", "help")
        common.write_text(json_path, common.to_json({row.name: {key: getattr(row, key) for key in keys} for row in GATES.values()}))
        return 0
    rows = [
        [row.name, row.symbol, "any" if row.fan_in is None else str(row.fan_in), row.operands, row.result, row.formula, row.help]
        for row in GATES.values()
    ]
    common.show_table("Gates", ["name", "operator", "fan-in", "operands", "result", "formula", "meaning"], rows, left=7)
    return 0
