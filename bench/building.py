"""Building and lowering a circuit of a million gates from arrays: seconds and memory."""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from collections.abc import Iterator

import numpy as np
from figure import Figure

import heurest as hr

GATES = 1_000_000


def build(gates: int = GATES) -> hr.Circuit:
    """Sums, products and squares in rows of a thousand."""
    rng = np.random.default_rng(0)
    c = hr.Circuit("million")
    wires = c.input("x", hr.Uniform(-1, 1), count=1000)
    for row in range(gates // 1000):
        left, right = (wires[rng.integers(0, 1000, 1000)] for _ in range(2))
        wires = c.multiply(left, right) if row % 2 else c.weighted_sum([left, right], (0.5, 0.5), 0.1)
    c.output("o", wires)
    return c


def figures() -> Iterator[Figure]:
    measured = subprocess.run([sys.executable, __file__], capture_output=True, text=True, check=True).stdout.split()
    seconds, grown, lowering = map(float, measured)
    yield Figure("1e6 gates built from arrays", seconds, 2, "s", lower=True)
    yield Figure("1e6 gates: memory of the process", grown, 500, "MB", lower=True)
    yield Figure("1e6 gates lowered", lowering, None, "s", lower=True)


if __name__ == "__main__":
    begin = time.perf_counter()
    circuit = build()
    built = time.perf_counter() - begin
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000  # of the whole process, imports included
    hr.lower(build(1000))
    begin = time.perf_counter()
    hr.lower(circuit)
    print(built, peak, time.perf_counter() - begin)
