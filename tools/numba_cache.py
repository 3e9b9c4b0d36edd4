"""Name the folder where numba may keep the compiled kernels of exactly these sources.

numba decides whether a cached kernel is fresh by the one file that defines it. Change an opcode or a helper
in another file and it runs the old machine code, without a word. So tests, benchmarks and continuous
integration set ``NUMBA_CACHE_DIR`` to a folder named by a hash of every source of the package::

    NUMBA_CACHE_DIR="$(python tools/numba_cache.py)" python my_script.py
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def compile_mode(environment: Mapping[str, str]) -> str | None:
    """Return ``jit``, ``boundscheck``, or ``None`` where the JIT is off and nothing is compiled."""
    if environment.get("NUMBA_DISABLE_JIT", "0") not in ("", "0"):
        return None
    return "boundscheck" if environment.get("NUMBA_BOUNDSCHECK", "0") not in ("", "0") else "jit"


def source_hash(root: Path, numba_version: str) -> str:
    """Return a hash of the paths and contents of ``heurest/**/*.py`` and of numba's version."""
    digest = hashlib.sha256(numba_version.encode())
    for path in sorted((root / "heurest").rglob("*.py")):
        content = path.read_bytes()
        digest.update(f"\n{path.relative_to(root).as_posix()} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()[:16]


def cache_folder(root: Path = ROOT, environment: Mapping[str, str] = os.environ) -> Path | None:
    """Return the cache folder for the sources under ``root``, and delete those of the same mode that are stale.

    Returns ``None`` where the JIT is off.
    """
    mode = compile_mode(environment)
    if mode is None:
        return None
    folder = root / ".numba_cache" / f"{mode}-{source_hash(root, version('numba'))}"
    for sibling in folder.parent.glob(f"{mode}-*"):
        if sibling != folder:
            shutil.rmtree(sibling, ignore_errors=True)
    return folder


if __name__ == "__main__":
    print(cache_folder() or "")
