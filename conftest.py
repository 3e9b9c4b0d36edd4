"""Set-up shared by tests, doctests and benchmarks, before anything imports heurest, numba or numpy."""

from __future__ import annotations

import os

from tools.numba_cache import cache_folder

folder = cache_folder()
if folder is not None:
    os.environ.setdefault("NUMBA_CACHE_DIR", str(folder))

# Two BLAS threads lose against one on small matrices, the more so beside another test process.
for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")

os.environ.setdefault("MPLBACKEND", "Agg")  # pictures go to files; no test needs a screen
