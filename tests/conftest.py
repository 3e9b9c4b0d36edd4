"""Hypothesis profiles, and which tests a small run leaves out."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from hypothesis import settings

from support.sizes import SMALL

# The first call of a kernel compiles for seconds, so no deadline; the same examples on every run.
settings.register_profile("full", deadline=None, derandomize=True)
settings.register_profile("small", parent=settings.get_profile("full"), max_examples=10)
settings.load_profile("small" if SMALL else "full")

TESTS = Path(__file__).parent
KERNEL_TESTS = TESTS / "kernels"
SLOWEST_TO_COMPILE = (TESTS / "estimators" / "test_reductants.py", KERNEL_TESTS / "test_reductant_triples.py")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark everything in tests/kernels as `kernels`; in a small run drop what is marked `large`; order the files."""
    items.sort(key=lambda item: _turn(item.path))
    for item in items:
        if KERNEL_TESTS in item.path.parents:
            item.add_marker("kernels")
    if SMALL:
        dropped = [item for item in items if item.get_closest_marker("large")]
        if dropped:
            config.hook.pytest_deselected(items=dropped)
            items[:] = [item for item in items if not item.get_closest_marker("large")]


@cache
def _turn(path: Path) -> int:
    """First two files that compile reductant kernels, for minutes; last those that need them, lest two workers compile the same."""
    if path in SLOWEST_TO_COMPILE:
        return 0
    return 2 if TESTS not in path.parents or "eductant" in path.read_text(encoding="utf-8") else 1
