"""Hypothesis profiles, and which tests a small run leaves out."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

from support.sizes import SMALL

# The first call of a kernel compiles for seconds, so no deadline; the same examples on every run.
settings.register_profile("full", deadline=None, derandomize=True)
settings.register_profile("small", parent=settings.get_profile("full"), max_examples=10)
settings.load_profile("small" if SMALL else "full")

KERNEL_TESTS = Path(__file__).parent / "kernels"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark everything in tests/kernels as `kernels`; in a small run drop what is marked `large`."""
    for item in items:
        if KERNEL_TESTS in item.path.parents:
            item.add_marker("kernels")
    if SMALL:
        dropped = [item for item in items if item.get_closest_marker("large")]
        if dropped:
            config.hook.pytest_deselected(items=dropped)
            items[:] = [item for item in items if not item.get_closest_marker("large")]
