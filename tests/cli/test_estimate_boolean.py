"""``heurest estimate`` on logic: P(1), P(0) and log-odds, every node, CSV, and laws of the inputs."""

import csv
import io
import json
import math

import pytest

import heurest as hr
from heurest.cli import main


def run(capsys, *arguments):
    status = main(list(arguments))
    captured = capsys.readouterr()
    return status, captured.out, captured.err


@pytest.fixture
def wide(tmp_path):
    """The and of sixty fair bits: P(1) = 2^-60, which 1 - P(0) would lose."""
    c = hr.Circuit("wide")
    bits = c.input("x", hr.Bernoulli(0.5), count=60)
    wire = bits[0]
    for bit in bits[1:]:
        wire = wire & bit
    c.output("none", ~c.set_name(wire, "every"))
    path = tmp_path / "wide.json"
    hr.save(c, path)
    return str(path)


def test_small_probabilities_of_zero_are_not_lost(capsys, wide):
    status, out, _ = run(capsys, "estimate", wide, "--method", "reductant:2", "--json", "-", "--nodes")
    assert status == 0
    rows = {row["wire"]: row for row in json.loads(out)["wires"]}
    assert [row["complement"] for row in json.loads(out)["wires"]][-1] == pytest.approx(2.0**-60)  # the last wire is the output
    assert rows["every"]["estimate"] == pytest.approx(2.0**-60)
    assert rows["every"]["log_odds"] == pytest.approx(-60 * math.log(2))


def test_the_table_shows_both_probabilities_and_the_odds(capsys, wide):
    status, out, _ = run(capsys, "estimate", wide, "--method", "windowed:2")
    assert status == 0
    header, row = out.splitlines()[1:3]
    assert header.split()[:4] == ["output", "estimate", "P(0)", "log-odds"]
    assert row.split()[:4] == ["none", "1", f"{2.0**-60:.10g}", f"{60 * math.log(2):.5g}"]


def test_csv_has_a_row_for_every_wire(capsys, wide):
    status, out, _ = run(capsys, "estimate", wide, "--nodes", "--csv", "-")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert status == 0
    assert len(rows) == len(hr.load(wide))
    assert rows[0]["wire"] == "x[0]"
    assert float(rows[0]["estimate"]) == 0.5


def test_laws_come_from_options_and_files(capsys, wide, tmp_path):
    (tmp_path / "laws.json").write_text('{"*": 1.0, "x[3]": 0.25}')
    for options in (("--law", "*=1", "--law", "x[3]=0.25"), ("--laws", str(tmp_path / "laws.json"))):
        status, out, _ = run(capsys, "estimate", wide, *options, "--json", "-")
        assert (status, json.loads(out)["value"]["none"]) == (0, pytest.approx(0.75))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--law", "x[0]"), "--law takes NAME=NUMBER"),
        (("--law", "x[0]=often"), "--law takes NAME=NUMBER"),
        (("--law", "x[0]=2"), "probability from 0 to 1"),
        (("--law", "y=0.5"), "has no input 'y'"),
        (("--laws", "missing.json"), "missing.json: cannot be read"),
        (("--csv", "-", "--json", "-"), "same place"),
    ],
)
def test_mistakes_get_one_line(capsys, wide, options, message):
    status, out, err = run(capsys, "estimate", wide, *options)
    assert (status, out) == (2, "")
    assert message in err
    assert "Traceback" not in err
