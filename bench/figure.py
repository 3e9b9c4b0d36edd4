"""A measured figure beside what it must reach and the limit it could reach; medians, one thread."""

from __future__ import annotations

import os
import platform
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median


@dataclass(frozen=True)
class Figure:
    """One line of the table; higher is better unless ``lower``."""

    name: str
    measured: float
    must: float | None
    unit: str
    limit: float | None = None
    limit_name: str = ""
    lower: bool = False

    @property
    def reached(self) -> bool:
        """Whether the figure is what it must be."""
        return self.must is None or (self.measured <= self.must if self.lower else self.measured >= self.must)

    @property
    def ratio(self) -> float | None:
        """Measured over limit."""
        return None if self.limit is None else self.measured / self.limit


def timed(work: Callable[[], object], repeats: int = 7, least: float = 0.02) -> float:
    """Median seconds of one call, each measurement long enough for the clock."""
    work()
    calls, begin = 1, time.perf_counter()
    work()
    once = time.perf_counter() - begin
    calls = max(1, int(least / max(once, 1e-9)))
    times = []
    for _ in range(repeats):
        begin = time.perf_counter()
        for _ in range(calls):
            work()
        times.append((time.perf_counter() - begin) / calls)
    return median(times)


def machine() -> str:
    """What the figures were measured on."""
    import llvmlite
    import numba
    import numpy

    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        names = [line.split(":", 1)[1].strip() for line in cpuinfo.read_text().splitlines() if line.startswith("model name")]
        model = names[0] if names else model
    python = ".".join(map(str, sys.version_info[:3]))
    return (
        f"{model}, {os.cpu_count()} cores (shared), one thread; Python {python}, numpy {numpy.__version__}, "
        f"numba {numba.__version__}, llvmlite {llvmlite.__version__}"
    )


def table(figures: list[Figure]) -> str:
    """The figures as a Markdown table."""
    lines = ["| figure | measured | must reach | | limit | measured / limit |", "| --- | ---: | ---: | --- | --- | ---: |"]
    for figure in figures:
        must = "" if figure.must is None else f"{'<=' if figure.lower else '>='} {figure.must:.4g} {figure.unit}"
        verdict = "" if figure.must is None else ("reached" if figure.reached else "**missed**")
        limit = "" if figure.limit is None else f"{figure.limit_name}: {figure.limit:.4g} {figure.unit}"
        ratio = "" if figure.ratio is None else f"{figure.ratio:.2f}"
        lines.append(f"| {figure.name} | {figure.measured:.4g} {figure.unit} | {must} | {verdict} | {limit} | {ratio} |")
    return "\n".join(lines)
