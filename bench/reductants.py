"""Reductant propagation: completions a second, and order 3 with many wires kept."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from figure import Figure, timed
from propagation import window

import heurest as hr
from heurest.estimators.boolean_reductants import propagate_boolean_reductants
from heurest.estimators.real_reductants import propagate_real_reductants
from heurest.estimators.reductant import COMPLETIONS
from heurest.program import Program
from heurest.program.boolean import lower_boolean
from heurest.program.pairwise import lower_pairwise


def boolean_window(live: int, gates: int, seed: int = 0) -> Program:
    """Ands of random bits of the last ``live`` ones, so that so many stay alive."""
    rng = np.random.default_rng(seed)
    c = hr.Circuit("bits")
    wires = list(c.input("x", hr.Bernoulli(0.5), count=live))
    for gate in range(gates):
        a, b = wires[-live], wires[-int(rng.integers(1, live))]
        wires.append(~(a & b) if gate % 2 else a & ~b)
    for i, wire in enumerate(wires[-live:]):
        c.output(f"o[{i}]", wire)
    return hr.lower(c)


def figures() -> Iterator[Figure]:
    program = boolean_window(1000, 2000)
    for completion, retain, must in (("regression", 0, 100), ("mutual", 0, None), ("mutual", 2, None), ("interaction", 0, None)):
        kept = lower_boolean(program, retain)
        code = COMPLETIONS.index(completion)

        def run(kept=kept, code=code):
            return propagate_boolean_reductants(kept, 2, code, False)[2].coherence.tables

        tables = run()
        repeats = 3 if completion == "interaction" else 5
        seconds = timed(lambda run=run: run(), repeats=repeats)
        label = f"0/1 pairs, {completion}, {kept.num_slots} kept wires"
        yield Figure(label, tables / seconds / 1e6, must, "M tables/s")

    program = window(150, 450)
    for completion, retain, must in (("cumulant", 0, 2), ("regression", 0, None), ("mutual", 2, None), ("interaction", 0, None)):
        pairwise = lower_pairwise(program, retain)
        code = COMPLETIONS.index(completion)

        def run_real(pairwise=pairwise, code=code):
            return propagate_real_reductants(pairwise, 2, code, False)[2].coherence.tables

        tables = run_real()
        seconds = timed(lambda run_real=run_real: run_real(), repeats=1 if completion == "interaction" else 5)
        yield Figure(f"real pairs of degree 2, {completion}, {pairwise.num_slots} kept wires", tables / seconds / 1e6, must, "M tables/s")

    circuit = hr.random_boolean(inputs=100, gates=600, gates_mix={"and": 0.5, "or": 0.5}, window=100, outputs=100, rng=0)
    kept = lower_boolean(hr.lower(circuit), None)
    propagate_boolean_reductants(lower_boolean(hr.lower(hr.parity(4)), None), 3, 2, False)
    seconds = timed(lambda: propagate_boolean_reductants(kept, 3, COMPLETIONS.index("mutual"), False), repeats=1)
    yield Figure(f"order 3, {kept.num_slots} wires, all kept", seconds, 10 if kept.num_slots >= 690 else None, "s", lower=True)
