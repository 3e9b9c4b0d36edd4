"""All speed figures, each beside what it must reach and its limit: ``make bench`` or ``python bench/run.py [NAME ...] [--write]``."""

from __future__ import annotations

import sys
from datetime import date
from importlib import import_module
from pathlib import Path

from figure import Figure, machine, table

PARTS = (
    "propagation", "reductants", "signal_probability", "arguments", "building", "netlists_files", "truth", "rare_events", "commands",
)  # fmt: skip


def main(arguments: list[str]) -> int:
    """Measure the named parts, print the table and, with ``--write``, keep it in results.md."""
    chosen = [name for name in arguments if not name.startswith("--")] or list(PARTS)
    unknown = set(chosen) - set(PARTS)
    if unknown:
        print(f"bench: unknown part {', '.join(sorted(unknown))}; known are {', '.join(PARTS)}", file=sys.stderr)
        return 2
    found: list[Figure] = []
    for name in chosen:
        for figure in import_module(name).figures():
            print(f"{figure.name}: {figure.measured:.4g} {figure.unit}", file=sys.stderr, flush=True)
            found.append(figure)
    text = f"# Speed figures\n\nMeasured {date.today()} by `make bench ARGS=--write`: {machine()}. Medians.\n\n{table(found)}\n"
    print(text)
    if "--write" in arguments:
        (Path(__file__).parent / "results.md").write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
