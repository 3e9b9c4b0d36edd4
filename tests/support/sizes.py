"""How large tests may be: full, or small where kernels run interpreted or with bounds checks."""

from __future__ import annotations

import os

JIT_DISABLED = os.environ.get("NUMBA_DISABLE_JIT", "0") not in ("", "0")
SMALL = JIT_DISABLED or os.environ.get("HEUREST_TEST_SIZE") == "small"


def scaled(full: int, small: int) -> int:
    """Return the size to use in this run."""
    return small if SMALL else full
