"""``heurest check``: the table, the exit status, and one line for each mistake."""

import json

import pytest

import heurest as hr
from heurest.cli import main
from support.arguments import majority


def run(capsys, *arguments):
    status = main(list(arguments))
    captured = capsys.readouterr()
    return status, captured.out, captured.err


@pytest.fixture
def files(tmp_path):
    c = majority()
    p, q, r = map(c.wire, "pqr")
    hr.save(c, tmp_path / "c.json")
    hr.Argument([hr.Assert((p, q), 1 / 16), hr.Track((q, r))]).save(tmp_path / "true.json", c)
    hr.Argument([hr.Assert((p, q), 1 / 8)]).save(tmp_path / "false.json", c)
    return tmp_path


def test_true_claims_end_with_status_0(capsys, files):
    status, out, err = run(capsys, "check", str(files / "c.json"), str(files / "true.json"))
    assert (status, err) == (0, "")
    assert "1 true, 1 deduced" in out


def test_a_false_claim_ends_with_status_1_and_is_named(capsys, files):
    status, out, _ = run(capsys, "check", str(files / "c.json"), str(files / "false.json"), "--json", str(files / "r.json"))
    assert status == 1
    assert "FALSE" in out
    assert "kappa(p, q)" in out
    data = json.loads((files / "r.json").read_text())
    assert data["claims"][0]["truth"] == 0.0625
    assert not data["ok"]


def test_json_alone_on_standard_output(capsys, files):
    status, out, _ = run(capsys, "check", str(files / "c.json"), str(files / "true.json"), "--json", "-")
    assert status == 0
    assert json.loads(out)["ok"]


@pytest.mark.parametrize(
    "change",
    [
        ("c.json", "missing.json"),
        ("missing.json", "true.json"),
        ("c.json", "true.json", "--samples", "10"),
        ("c.json", "true.json", "--seed", "-1"),
        ("c.json", "c.json"),
    ],
)
def test_mistakes_get_one_line(capsys, files, change):
    arguments = [str(files / part) if part.endswith(".json") else part for part in change]
    status, out, err = run(capsys, "check", *arguments)
    assert (status, out) == (2, "")
    assert err.strip().count("\n") == 0 or "Usage" in err
