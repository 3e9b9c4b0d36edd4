"""Circuit files: the ending says the format, writing is all or nothing, and what goes wrong is one FormatError."""

from __future__ import annotations

import os
import stat
import subprocess
import sys

import pytest

import heurest as hr
from heurest.formats import FORMATS, load, save
from support.same_circuit import assert_same, every_detail

GRAPH = b"aag 1 1 0 1 0\n2\n3\n"


@pytest.fixture
def circuit() -> hr.Circuit:
    c = hr.Circuit("demo")
    x = c.input("x", hr.Normal(0, 1))
    c.output("y", (x + 1) ** 2)
    return c


@pytest.mark.parametrize("ending", [".json", ".nx.json", ".sym"])
@pytest.mark.parametrize("as_text", [str, lambda path: path])
def test_what_is_saved_is_loaded(circuit, tmp_path, ending, as_text):
    path = as_text(tmp_path / f"demo{ending}")
    save(circuit, path)
    assert_same(circuit, load(path))
    assert os.listdir(tmp_path) == [f"demo{ending}"]


@pytest.mark.parametrize("ending", [row.ending for row in FORMATS.values() if row.read and row.write])
def test_logic_keeps_its_function_in_every_format(tmp_path, ending):
    c = hr.Circuit("logic")
    x, y, z = c.input(["x", "y", "z"], hr.Bernoulli(0.5), count=3)
    c.output("o", (x ^ y) | ~z)
    notices: list[str] = []
    save(c, tmp_path / f"logic{ending}", notices=notices)
    again = load(tmp_path / f"logic{ending}", notices=notices)
    assert notices == []
    assert hr.exact(again).value == {"o": 0.75}
    assert [wire.name for wire in again.inputs] == ["x", "y", "z"]


def test_what_a_file_cannot_hold_is_a_warning_or_a_notice(tmp_path):
    c = hr.Circuit("biased")
    x, y = c.input(["x", "y"], hr.Bernoulli(0.3), count=2)
    c.output("o", x & y)
    with pytest.warns(UserWarning, match="holds no laws"):
        save(c, tmp_path / "biased.aig")
    (tmp_path / "toggle.aag").write_text("aag 1 0 1 1 0\n2 3\n2\nl0 q\n")
    with pytest.warns(UserWarning, match="1 latch cut"):
        load(tmp_path / "toggle.aag")
    notices: list[str] = []
    load(tmp_path / "toggle.aag", notices=notices)
    assert len(notices) == 1


@pytest.mark.parametrize("name", ["json", "nx.json"])
def test_every_detail_goes_through_files(tmp_path, name):
    circuit = every_detail()
    path = tmp_path / "no ending"
    save(circuit, path, name)
    again = load(path, format=name)
    save(again, tmp_path / "again", name)
    assert (tmp_path / "again").read_bytes() == path.read_bytes()


def test_the_longest_ending_counts_in_any_case(circuit, tmp_path):
    save(circuit, tmp_path / "A.NX.JSON")
    assert (tmp_path / "A.NX.JSON").read_text().startswith('{\n"directed": true')
    assert_same(circuit, load(tmp_path / "A.NX.JSON"))


def test_an_aiger_circuit_is_named_by_its_file(tmp_path):
    (tmp_path / "adder.v2.aag").write_bytes(GRAPH)
    assert load(tmp_path / "adder.v2.aag").name == "adder.v2"
    (tmp_path / ".aag").write_bytes(GRAPH)
    assert load(tmp_path / ".aag").name == "circuit"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda c: load("x.txt"), "x.txt: expected a name that ends in .json, .nx.json, .sym, .aag, .aig, .bench or .blif, found 'x.txt'"),
        (lambda c: load("folder.json/x"), "folder.json/x: expected a name that ends in"),
        (lambda c: load("x.txt", "xml"), "x.txt: expected one of the formats json, nx.json, sym, aag, aig, bench, blif, found 'xml'"),
        (lambda c: save(c, "x"), "x: expected a name that ends in .json, .nx.json, .sym, .aag, .aig, .bench, .blif or .cnf, found 'x'"),
        (
            lambda c: load("x.cnf"),
            "x.cnf: expected a name that ends in .json, .nx.json, .sym, .aag, .aig, .bench or .blif (circuits are only written to",
        ),
        (lambda c: load("x.json", "cnf"), "x.json: expected one of the formats json, nx.json, sym, aag, aig, bench, blif, found 'cnf'"),
        (lambda c: load("nothing.json"), "nothing.json: cannot be read: No such file or directory"),
        (lambda c: load("nothing\n.json"), "'nothing\\n.json': cannot be read: No such file or directory"),
        (lambda c: load("null\0byte.json"), "'null\\x00byte.json': cannot be read: embedded null byte"),
        (lambda c: save(c, "no/folder.json"), "no/folder.json: cannot be written: No such file or directory"),
        (lambda c: load("folder.json"), "folder.json: cannot be read: Is a directory"),
        (lambda c: save(c, "folder.json"), "folder.json: cannot be written: Is a directory"),
    ],
)
def test_what_is_wrong_is_named(circuit, tmp_path, monkeypatch, call, message):
    monkeypatch.chdir(tmp_path)
    os.mkdir("folder.json")
    with pytest.raises(hr.FormatError) as caught:
        call(circuit)
    assert str(caught.value).startswith(message)
    assert os.listdir() == ["folder.json"]


def test_bytes_that_are_not_text_are_named_with_their_line(tmp_path):
    path = tmp_path / "x.json"
    path.write_bytes(b'{\n"a": "\xff"}')
    with pytest.raises(hr.FormatError, match=r"x\.json, line 2: expected UTF-8 text, found byte 0xff$"):
        load(path)


def test_a_failure_leaves_the_old_file_and_nothing_else(circuit, tmp_path, monkeypatch):
    path = tmp_path / "demo.json"
    path.write_text("old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(hr.FormatError, match=r"demo\.json: cannot be written: No space left on device"):
        save(circuit, path)
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["demo.json"]


@pytest.mark.skipif(os.name != "posix", reason="permissions and links are POSIX's")
def test_permissions_and_links_stay(circuit, tmp_path):
    path, link = tmp_path / "demo.json", tmp_path / "link.json"
    old = os.umask(0o027)
    try:
        save(circuit, path)
    finally:
        os.umask(old)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    path.chmod(0o604)
    link.symlink_to(path)
    save(hr.Circuit("other"), link)
    assert link.is_symlink()
    assert load(path).name == "other"
    assert stat.S_IMODE(path.stat().st_mode) == 0o604


@pytest.mark.skipif(not os.path.exists("/dev/null"), reason="needs a device file")
def test_a_device_is_written_directly(circuit):
    save(circuit, "/dev/null", "json")
    assert not stat.S_ISREG(os.stat("/dev/null").st_mode)


def test_formats_are_imported_when_they_are_used():
    code = "import sys, heurest.formats; print(*[m for m in ('numpy', 'numba', 'networkx', 'sympy') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split() == []
    code = "import sys; from heurest.formats import circuit_json, aiger, expression_text, node_link, sympy_expressions; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert {"networkx", "sympy", "numba"}.isdisjoint(loaded)


def test_every_format_says_what_it_is():
    for name, row in FORMATS.items():
        assert row.ending == f".{name}"
        assert row.help.endswith(".")
