"""``heurest gates``."""

from __future__ import annotations

import click

from heurest.circuit.gates import GATES
from heurest.cli import common


@click.command("gates")
def command() -> int:
    """List the gate table: primitive gates first, then those that are built from them."""
    rows = [
        [row.name, row.symbol, "any" if row.fan_in is None else str(row.fan_in), row.operands, row.result, row.formula, row.help]
        for row in GATES.values()
    ]
    common.show_table("Gates", ["name", "operator", "fan-in", "operands", "result", "formula", "meaning"], rows, left=7)
    return 0
