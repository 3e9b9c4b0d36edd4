"""The command line: seconds until help stands on the screen, and for the default comparison, warm and cold."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from statistics import median

from figure import Figure


def run(arguments: list[str], **environment: str) -> float:
    """Seconds of one call of the program."""
    begin = time.perf_counter()
    subprocess.run([sys.executable, "-m", "heurest", *arguments], check=True, capture_output=True, env=os.environ | environment)
    return time.perf_counter() - begin


def figures() -> Iterator[Figure]:
    python = median(_bare() for _ in range(7))
    yield Figure("heurest --help", median(run(["--help"]) for _ in range(7)), 0.3, "s", python, "python doing nothing", lower=True)
    with tempfile.TemporaryDirectory() as empty:
        yield Figure("heurest compare, empty cache", run(["compare"], NUMBA_CACHE_DIR=empty), 60, "s", lower=True)
        yield Figure("heurest compare, warm", median(run(["compare"], NUMBA_CACHE_DIR=empty) for _ in range(3)), 5, "s", lower=True)


def _bare() -> float:
    begin = time.perf_counter()
    subprocess.run([sys.executable, "-c", "pass"], check=True)
    return time.perf_counter() - begin
