"""Compiled loops over flat arrays: the only folder that imports numba.

Each kernel is an ordinary function that also runs interpreted (``NUMBA_DISABLE_JIT=1``). A kernel and its
private helpers live in one file, because numba's cache notices changes in the defining file only.
"""
