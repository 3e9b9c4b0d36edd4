"""``heurest info``."""

from __future__ import annotations

from collections import Counter
from typing import Any

import click

from heurest.cli import common


@click.command("info")
@click.argument("file", metavar="FILE")
@click.option("--json", "json_path", metavar="PATH", help="Write the figures as JSON; - for standard output.")
def command(file: str, json_path: str | None) -> int:
    """Show what a circuit holds and what each method would need."""
    from heurest.program import lower

    common.check_writable(json_path)
    circuit = common.load_circuit(file)
    program = lower(circuit) if circuit.outputs else None
    laws = Counter(group.law.name for group in circuit.groups)
    gates = Counter(map(circuit.gate_name, range(len(circuit))))
    figures: dict[str, Any] = {
        "circuit": circuit.name,
        "wires": len(circuit),
        "gates": dict(gates),
        "laws": dict(laws),
        "outputs": list(circuit.outputs),
    }
    if program is not None:
        figures |= {"depth": program.depth, "product_depth": program.product_depth, "live_wires": program.num_slots}
        figures["bytes"] = {"mean": program.bytes(1)} | {f"cumulant:{order}": program.bytes(order) for order in (2, 3, 4)}
    if json_path:
        common.write_text(json_path, common.to_json(figures))
    if json_path != "-":
        click.echo(repr(circuit).strip("<>"))
        click.echo("  wires: " + ", ".join(f"{count} {name}" for name, count in gates.items()))
        click.echo("  input laws: " + ", ".join(f"{count} {name}" for name, count in laws.items()))
        shown = list(circuit.outputs)
        if program is None:
            click.echo("  no outputs, so there is nothing to estimate")
            return 0
        click.echo("  outputs: " + ", ".join(shown[:8]) + (f" and {len(shown) - 8} more" if len(shown) > 8 else ""))
        click.echo(str(program))
    return 0
