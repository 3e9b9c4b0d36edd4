"""``heurest estimate --argument``: tables, JSON, standard errors, and argument files that are broken in every way."""

from __future__ import annotations

import json
import re

import pytest

import heurest as hr
from heurest.arguments.argument import Argument
from heurest.arguments.claims import Assert, Cases, Measured, Track
from heurest.cli import main
from support.arguments import majority, measured_pair, product_of_prices, two_sensors


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """An own folder with circuits, a found argument and its transcript."""
    monkeypatch.chdir(tmp_path)
    for make in (majority, measured_pair, product_of_prices, two_sensors):
        c = make()
        hr.save(c, f"{c.name}.json")
    c = hr.load("majority.json")
    found = hr.find_argument(c, order=3, budget=8)
    found.argument.save("a.json")
    Argument([found.transcript]).save("t.json")
    return tmp_path


def run(capsys, *arguments):
    status = main(["estimate", *arguments])
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def test_the_empty_argument_is_mean_propagation(capsys):
    Argument().save("empty.json", hr.load("prices.json"))
    status, out, err = run(capsys, "prices.json", "--argument", "empty.json")
    assert (status, err) == (0, "")
    assert out.startswith("argument of 'prices'\n")
    assert re.search(r"^xy\s+21\s", out, re.MULTILINE)
    assert "0 terms" in out


def test_the_claims_are_followed(capsys):
    c = hr.load("prices.json")
    Argument([Track((0, 1))]).save("one.json", c)
    status, out, err = run(capsys, "prices.json", "--argument", "one.json", "--json", "-")
    data = json.loads(out)
    assert (status, err) == (0, "")
    assert (data["circuit"], data["method"], data["value"], data["terms"]) == ("prices", "argument", {"xy": 23.0}, 1)
    assert (data["mixed"], data["stderr"], data["warnings"]) == (False, None, [])
    assert set(data["equal_time_error"]) == {"xy"}


def test_cases_are_followed(capsys):
    c = hr.load("sensors.json")
    Argument([Cases(c.wire("d"), {})]).save("cases.json", c)
    status, out, _ = run(capsys, "sensors.json", "--argument", "cases.json")
    assert status == 0
    assert re.search(r"^both\s+0\.4901\s", out, re.MULTILINE)


def test_a_selection_says_so_and_its_transcript_does_not(capsys):
    status, out, err = run(capsys, "majority.json", "--argument", "a.json")
    assert (status, err) == (
        0,
        "warning: the argument was selected: 8 of 17 terms looked at; with its transcript the estimate follows all\n",
    )
    assert re.search(r"^o\s+0\.\d+", out, re.MULTILINE)
    data = json.loads(run(capsys, "majority.json", "--argument", "t.json", "--json", "-")[1])
    assert data["value"]["o"] == pytest.approx(31 / 64, rel=1e-13)  # all of order 3
    assert not any("selected" in line for line in data["warnings"])


def test_measured_values_show_a_standard_error(capsys, folder):
    # cov 0.21 +- 0.02 and 0.25 +- 0.04 pool by inverse variance, 4 to 1: 0.218 +- 0.04 / sqrt 5, on top of 1/4
    c = hr.load("pair.json")
    Argument([Assert((0, 1), 0.21, Measured(0, 0.02)), Assert((0, 1), 0.25, Measured(0, 0.04))]).save("mixed.json", c)
    status, out, err = run(capsys, "pair.json", "--argument", "mixed.json")
    assert status == 0
    assert re.search(r"^xy\s+0\.468 \+- 0\.018\s", out, re.MULTILINE)
    assert err == "warning: mixed: 2 measured values went in; the standard error stands beside the estimate\n"
    status, out, err = run(capsys, "pair.json", "--argument", "mixed.json", "--json", "-")
    data = json.loads(out)
    assert (status, data["mixed"]) == (0, True)
    assert data["value"] == pytest.approx({"xy": 0.468}, rel=1e-13)
    assert data["stderr"] == pytest.approx({"xy": 0.04 / 5**0.5}, rel=1e-12)
    assert run(capsys, "pair.json", "--argument", "mixed.json", "--json", "j.json")[0] == 0
    assert json.loads((folder / "j.json").read_text())["stderr"] == data["stderr"]


# -- mistakes ------------------------------------------------------------------------------------------

EDITS = {
    "truncated": (lambda text: text[:-40], "bad.json, line "),
    "cut to nothing": (lambda text: "", "bad.json, line 1, column 1: expected a value, found the end of the text"),
    "no object": (lambda text: "[]", 'bad.json, line 1: expected an object with "format": "heurest-argument", found []'),
    "version 2": (lambda text: text.replace('"version": 1', '"version": 2'), 'bad.json, line 3: expected "version": 1, found 2'),
    "version true": (lambda text: text.replace('"version": 1', '"version": true'), 'bad.json, line 3: expected "version": 1, found true'),
    "no version": (lambda text: text.replace('"version": 1,\n', ""), 'bad.json, line 1: expected "version": 1, found none'),
    "format": (lambda text: text.replace("heurest-argument", "argument"), 'bad.json, line 2: expected "format": "heurest-argument"'),
    "name": (lambda text: text.replace('["x", "p"]', '["x", "pp"]'), """has no wire named "pp\""""),
    "index": (lambda text: text.replace('["x", "p"]', '["x", 99]'), "circuit 'majority' has wires 0 to 9, not 99"),
    "negative": (lambda text: text.replace('["x", "p"]', '["x", -1]'), "circuit 'majority' has wires 0 to 9, not -1"),
    "fraction": (lambda text: text.replace('["x", "p"]', '["x", 1.5]'), "expected a wire, by its name or its index, found 1.5"),
    "no wires": (lambda text: text.replace('["x", "p"]', "[]"), "a term holds 1 to 12 wires, got 0"),
    "kind": (lambda text: text.replace('"track": ["x", "p"]', '"believe": ["x", "p"]'), "expected one of the keys track, assert,"),
    "field": (lambda text: text.replace('["x", "p"]', '["x", "p"], "why": 1'), 'expected no fields but track, degree, found "why"'),
    "not finite": (lambda text: text.replace('"selected_from": 17', '"selected_from": NaN'), "bad.json, line 5: expected finite numbers"),
    "digest": (lambda text: re.sub('"digest": "..', '"digest": "zz', text), "bad.json, line 4: the argument is about circuit"),
    "wires": (lambda text: text.replace('"wires": 10', '"wires": 11'), "bad.json, line 4: the argument is about circuit"),
}


@pytest.mark.parametrize("command", ["estimate", "draw", "argue"])
@pytest.mark.parametrize("name", EDITS)
def test_a_broken_argument_file_gets_one_line_that_says_where(capsys, folder, name, command):
    edit, message = EDITS[name]
    text = (folder / "a.json").read_text()
    assert edit(text) != text
    (folder / "bad.json").write_text(edit(text))
    before = sorted(folder.iterdir())
    status = main(
        {
            "estimate": ["estimate", "majority.json", "--argument", "bad.json", "--json", "new.json"],
            "draw": ["draw", "majority.json", "new.svg", "--argument", "bad.json"],
            "argue": ["argue", "majority.json", "--order", "3", "--resume", "bad.json", "--out", "new.json", "--transcript", "new-t.json"],
        }[command]
    )
    captured = capsys.readouterr()
    assert (status, captured.out) == (2, "")
    assert captured.err.startswith("heurest: error: bad.json")
    assert message in captured.err
    assert captured.err.count("\n") == 1
    assert sorted(folder.iterdir()) == before


def test_bytes_that_are_no_text_are_named(capsys, folder):
    (folder / "bad.json").write_bytes(b"\xff\xfe\x00")
    status, out, err = run(capsys, "majority.json", "--argument", "bad.json")
    assert (status, out) == (2, "")
    assert err == "heurest: error: bad.json, line 1: expected UTF-8 text, found byte 0xff\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["majority.json", "--argument", "nothing.json"], "heurest: error: nothing.json: cannot be read: No such file or directory"),
        (["majority.json", "--argument", "."], "heurest: error: .: cannot be read: Is a directory"),
        (["majority.json", "--argument", "majority.json"], 'heurest: error: majority.json, line 2: expected "format"'),
        (["sensors.json", "--argument", "a.json"], "heurest: error: a.json, line 4: the argument is about circuit"),
        (["majority.json", "--argument", "a.json", "--method", "mean"], "heurest estimate: error: --method and --argument cannot be given"),
        (["majority.json", "--argument"], "heurest: error: Option '--argument' requires an argument"),
        (["majority.json", "--argument", "a.json", "--json", "no/j.json"], "heurest: error: no/j.json: the folder no does not exist"),
    ],
)
def test_a_mistake_gets_one_line_and_status_two(capsys, folder, arguments, message):
    before = sorted(folder.iterdir())
    status, out, err = run(capsys, *arguments)
    assert (status, out) == (2, "")
    assert err.startswith(message)
    assert err.count("\n") == 1
    assert sorted(folder.iterdir()) == before


def test_claims_that_contradict_each_other_are_refused(capsys, folder):
    c = hr.load("pair.json")
    Argument([Assert((0, 1), 0.1), Assert((0, 1), 0.2)]).save("two.json", c)
    status, out, err = run(capsys, "pair.json", "--argument", "two.json", "--json", "new.json")
    assert (status, out) == (2, "")
    assert err.startswith("heurest: error: ")
    assert "claim Assert(x, y) = 0.2 contradicts claim Assert(x, y) = 0.1" in err
    assert err.count("\n") == 1
    assert not (folder / "new.json").exists()
