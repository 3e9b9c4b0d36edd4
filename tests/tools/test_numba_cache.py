"""The cache folder changes exactly when compiled code could."""

from __future__ import annotations

import pytest

from tools.numba_cache import cache_folder, compile_mode, source_hash


@pytest.fixture
def root(tmp_path):
    (tmp_path / "heurest" / "kernels").mkdir(parents=True)
    (tmp_path / "heurest" / "opcodes.py").write_text("ADD = 0\n")
    (tmp_path / "heurest" / "kernels" / "mean.py").write_text("pass\n")
    return tmp_path


def test_any_source_and_numba_itself_change_the_hash(root):
    hashes = {source_hash(root, "1.0"), source_hash(root, "1.1")}
    (root / "heurest" / "opcodes.py").write_text("ADD = 5\n")
    hashes.add(source_hash(root, "1.0"))
    (root / "heurest" / "opcodes.py").rename(root / "heurest" / "codes.py")
    hashes.add(source_hash(root, "1.0"))
    (root / "heurest" / "kernels" / "third.py").write_text("")
    hashes.add(source_hash(root, "1.0"))
    assert len(hashes) == 5


def test_the_hash_forgets_what_is_not_source(root):
    before = source_hash(root, "1.0")
    (root / "heurest" / "kernels" / "mean.nbi").write_text("x")
    (root / "README.md").write_text("x")
    assert source_hash(root, "1.0") == before


@pytest.mark.parametrize(
    ("environment", "mode"),
    [
        ({}, "jit"),
        ({"NUMBA_DISABLE_JIT": "0", "NUMBA_BOUNDSCHECK": "0"}, "jit"),
        ({"NUMBA_BOUNDSCHECK": "1"}, "boundscheck"),
        ({"NUMBA_DISABLE_JIT": "1"}, None),
        ({"NUMBA_DISABLE_JIT": "1", "NUMBA_BOUNDSCHECK": "1"}, None),
    ],
)
def test_the_mode_follows_numbas_variables(environment, mode):
    assert compile_mode(environment) == mode


def test_stale_folders_of_the_same_mode_go_and_no_others(root):
    first = cache_folder(root, {})
    checked = cache_folder(root, {"NUMBA_BOUNDSCHECK": "1"})
    assert first is not None
    assert checked is not None
    first.mkdir(parents=True)
    checked.mkdir()
    assert cache_folder(root, {}) == first
    assert first.is_dir()

    (root / "heurest" / "opcodes.py").write_text("ADD = 5\n")
    second = cache_folder(root, {})
    assert second != first
    assert not first.exists()
    assert checked.is_dir()


def test_without_the_jit_there_is_no_folder(root):
    assert cache_folder(root, {"NUMBA_DISABLE_JIT": "1"}) is None
