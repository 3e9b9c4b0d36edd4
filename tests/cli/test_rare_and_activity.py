"""``heurest rare`` and ``heurest activity``: what they print, their JSON, and one line for each mistake."""

import json

import pytest

import heurest as hr
from heurest.cli import main


def run(capsys, *arguments):
    status = main(list(arguments))
    captured = capsys.readouterr()
    return status, captured.out, captured.err


@pytest.fixture
def equal(tmp_path):
    hr.save(hr.equality(20), tmp_path / "equal.json")
    return str(tmp_path / "equal.json")


@pytest.fixture
def votes(tmp_path):
    hr.save(hr.majority(5), tmp_path / "votes.json")
    return str(tmp_path / "votes.json")


def test_a_rare_output_is_found(capsys, equal):
    status, out, err = run(capsys, "rare", equal, "equal", "--json", "-", "--stderr", "0.05")
    data = json.loads(out)
    assert (status, err) == (0, "")
    assert data["probability"] == pytest.approx(2.0**-20, rel=0.3)
    status, out, _ = run(capsys, "rare", equal, "equal", "--samples", "256")
    assert status == 0
    assert out.startswith("P(equal = 1) of 'equality/20'")
    assert "samples met the event" in out


def test_the_event_can_be_a_zero(capsys, equal):
    status, out, _ = run(capsys, "rare", equal, "equal", "--value", "0", "--json", "-")
    assert status == 0
    assert json.loads(out)["probability"] == pytest.approx(1.0, abs=0.05)


def test_toggles_and_influences(capsys, votes):
    name = next(iter(hr.load(votes).outputs))
    status, out, _ = run(capsys, "activity", votes, "--json", "-")
    assert status == 0
    assert json.loads(out)["value"][name] == pytest.approx(0.5)  # 2 * 1/2 * 1/2
    status, out, _ = run(capsys, "activity", votes, "--influence")
    assert status == 0
    assert "1.875 in all" in out  # five votes with C(4, 2) / 2^4 each
    status, out, _ = run(capsys, "activity", votes, "--rate", "*=0.0", "--json", "-")
    assert status == 0
    assert json.loads(out)["value"][name] == 0.0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("rare", "FILE", "nothing"), "no output 'nothing'"),
        (("rare", "FILE", "equal", "--value", "2"), "--value"),
        (("rare", "FILE", "equal", "--method", "plain"), "--method"),
        (("rare", "missing.json", "equal"), "missing.json: cannot be read"),
        (("activity", "FILE", "--rate", "x"), "--rate takes NAME=NUMBER"),
        (("activity", "FILE", "--rate", "nobody=0.1"), "nobody"),
        (("activity", "FILE", "--rate", "*=0.1", "--influence"), "--rate is for toggles"),
        (("activity", "FILE", "--output", "equal"), "--output goes with --influence"),
        (("activity", "FILE", "--influence", "--output", "no"), "got 'no'; known are equal"),
        (("activity", "FILE", "--method", "guess"), "unknown method 'guess'"),
    ],
)
def test_mistakes_get_one_line(capsys, equal, arguments, message):
    status, out, err = run(capsys, *(equal if part == "FILE" else part for part in arguments))
    assert (status, out) == (2, "")
    assert message in err
    assert "Traceback" not in err
