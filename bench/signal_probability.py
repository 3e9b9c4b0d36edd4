"""Signal probabilities of netlists: speed of the classic methods, and errors beside sampling for the same time.

``python bench/run.py signal_probability`` measures the speed. ``python bench/signal_probability.py [FOLDER]`` prints a Markdown table
of errors: FOLDER holds netlists (``*.aag``) with their ``exact_probs.json``; without it circuits are generated.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

import netlists
import numpy as np
from figure import Figure, machine, timed
from reductants import boolean_window

import heurest as hr
from heurest.estimators.boolean import input_probabilities
from heurest.estimators.boolean_pairs import RULES, propagate_boolean_pairs
from heurest.estimators.clamped import ClampedCovariance
from heurest.estimators.cop import Cop
from heurest.estimators.correlation import Correlation
from heurest.program.boolean import lower_boolean

METHODS = {
    "cop": Cop(),
    "correlation": Correlation(),
    "covariance": ClampedCovariance(),
    "reductant:2": hr.Reductant(2),
    "reductant:2:completion=regression": hr.Reductant(2, completion="regression"),
}
SAMPLES = 65536  # of the column `mc`, and to time sampling
WORD = 64  # patterns: the least that sampling takes


def figures() -> Iterator[Figure]:
    from heurest.kernels.cop import propagate_probabilities

    for gates in (50_000, 1_000_000):
        mix = {"and": 2, "or": 1, "xor": 1}
        circuit = hr.random_boolean(inputs=1000, gates=gates, gates_mix=mix, window=500, outputs=500, rng=0)
        nodes = lower_boolean(hr.lower(circuit), None)
        code, inputs = nodes.instructions, input_probabilities(circuit)
        literal = np.zeros(2 * len(code.op))

        def run(code=code, inputs=inputs, literal=literal):
            propagate_probabilities(code, *inputs, literal)

        count = len(code.op) - len(circuit.inputs)
        yield Figure(f"cop, ands and xors, {count:,} gates", count / timed(run) / 1e6, 200, "M gates/s")

    nodes = lower_boolean(boolean_window(1000, 2000), 0)
    for rule in RULES:

        def run_pairs(rule=rule):
            return propagate_boolean_pairs(nodes, rule, True)[2].coherence.tables

        tables = run_pairs()
        yield Figure(f"0/1 pairs by {rule}, {nodes.num_slots} live wires", tables / timed(run_pairs, repeats=5) / 1e6, None, "M pairs/s")


@dataclass(frozen=True)
class Cell:
    """A method on a circuit: mean absolute error, seconds, and the error expected of sampling for as long."""

    error: float
    seconds: float
    sampling: float
    moved: float | None = None

    def __str__(self) -> str:
        return f"{_number(self.error)} ({_number(self.sampling)}), {1e3 * self.seconds:.2g} ms"


def measured(netlist: netlists.Netlist, repeats: int = 5) -> dict[str, Cell]:
    """All methods and ``mc`` on a circuit; each takes the best of some runs, lowering and compiling left out."""
    draws = [hr.monte_carlo(netlist.circuit, samples=SAMPLES, rng=seed).seconds for seed in range(repeats)]
    sampling = min(seconds.get("draw", 0.0) + seconds["run"] for seconds in draws)
    cells: dict[str, Cell] = {}
    for name, method in METHODS.items():
        estimates = [method.estimate(netlist.circuit) for _ in range(repeats)]
        seconds = min(estimate.seconds["run"] for estimate in estimates)
        samples = max(WORD, round(SAMPLES * seconds / sampling))
        reduced = estimates[0].reduced
        moved = reduced.coherence.moved / max(1, reduced.coherence.tables) if reduced else None
        cells[name] = Cell(netlist.error(estimates[0].value), seconds, netlist.sampling_error(samples), moved)
    error = netlist.sampling_error(SAMPLES)
    cells[f"mc:{SAMPLES}"] = Cell(error, sampling, error)
    return cells


def table(circuits: Iterable[netlists.Netlist]) -> str:
    """A line a circuit, a column a method; then the means of the errors, and how often bounds acted."""
    rows: list[tuple[netlists.Netlist, dict[str, Cell]]] = []
    for netlist in circuits:
        print(f"{netlist.name}, {netlist.size}", file=sys.stderr, flush=True)
        rows.append((netlist, measured(netlist)))
    names = list(rows[0][1])
    lines = [_line("circuit", "in/out/products", *names), "| --- | --- |" + " ---: |" * len(names)]
    lines += [_line(netlist.name, netlist.size, *map(str, cells.values())) for netlist, cells in rows]
    averages = [f"{_number(mean(c[n].error for _, c in rows))} ({_number(mean(c[n].sampling for _, c in rows))})" for n in names]
    lines.append(_line(f"mean of {len(rows)}", "", *averages))
    lines += ["", "Share of the completed pairs that bounds moved.", ""]
    bounded = [name for name in names if rows[0][1][name].moved is not None]
    lines += [_line("circuit", *bounded), "| --- |" + " ---: |" * len(bounded)]
    lines += [_line(netlist.name, *(f"{100 * (cells[name].moved or 0.0):.2g} %" for name in bounded)) for netlist, cells in rows]
    return "\n".join(lines)


def _line(*cells: str) -> str:
    return "| " + " | ".join(cells) + " |"


def _number(value: float) -> str:
    return f"{value:.4f}".removeprefix("0") if value >= 1e-4 else "0" if value == 0.0 else f"{value:.0e}".replace("e-0", "e-")


def main(given: Sequence[str]) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="signal_probability.py", description="Errors of signal probabilities, beside sampling.")
    parser.add_argument("folder", nargs="?", type=Path, help="*.aag with exact_probs.json; generated circuits without it")
    parser.add_argument("--seed", type=int, default=0, help="seed of generated circuits (default 0)")
    options = parser.parse_args(given)
    if options.folder and not (options.folder / "exact_probs.json").is_file():
        parser.error(f"there is no file {options.folder / 'exact_probs.json'}")
    circuits = netlists.recorded(options.folder) if options.folder else netlists.generated(options.seed)
    print(f"Mean absolute error of the output probabilities (in brackets: expected of sampling in the same time), time. {machine()}\n")
    print(table(circuits))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
