"""The files in circuits/ for ``heurest detect``: verdicts derived by hand, by the command line and by Python; variances by enumeration."""

import itertools
import json
import shlex
from fractions import Fraction
from pathlib import Path

import pytest

import heurest as hr
from heurest.cli import main
from heurest.truth.wire_values import WireValues
from support.pages import console_commands, run_page, runnable_blocks

ROOT = Path(__file__).resolve().parents[2]
EXPECTED = json.loads((ROOT / "circuits" / "expected.json").read_text(encoding="utf-8"))
VERDICTS = {name: entry["verdicts"] for name, entry in EXPECTED.items() if "verdicts" in entry}
README = (ROOT / "circuits" / "README.md").read_text(encoding="utf-8")
ACTIONS = "circuits/five_levers.json --input circuits/five_levers_actions.csv --reason any --component S1 --component S2"

# What the circuits compute, as plain functions of their inputs.
OUTPUTS = {
    "two_sensors": lambda d, n1, n2: ((d | n1, d | n2), (d | n1) & (d | n2)),
    "five_levers": lambda d0, r, l1, l2, l3, l4, l5, n1, n2: (
        (s1 := d0 & (1 - r | l1 & l2 & l3) | n1 | l4, s2 := d0 & (1 - r | l1 & l2 & l3) | n2 | l5),
        s1 & s2,
    ),
    "day_check": lambda c, g, h, year: ((), g if c else h),
    "signed_monomials": lambda d, n1, n2: ((), d + n1 * n2 - d * n1 * n2),
}
HALF, NOISE = Fraction(1, 2), Fraction(1, 1000)
ONES = {
    "two_sensors": (HALF, NOISE, NOISE),
    "five_levers": (HALF, 0, 0, 0, 0, 0, 0, NOISE, NOISE),
    "day_check": (1, HALF, HALF, 0),
    "signed_monomials": (HALF, NOISE, NOISE),
}


@pytest.fixture(autouse=True)
def root(monkeypatch):
    """The commands name files as they are seen from the root of the repository."""
    monkeypatch.chdir(ROOT)


def loaded(name):
    return hr.load(f"circuits/{name}.json")


def rows(file, circuit):
    return hr.read_points(f"circuits/{file}", circuit).astype(int).tolist()


def on_the_command_line(capsys, command):
    program, *arguments = shlex.split(command)
    assert program == "heurest"
    status = main([*arguments, "--json", "-"])
    out, err = capsys.readouterr()
    assert err == ""
    return status, json.loads(out)


def in_python(name, test, points):
    c = loaded(name)
    training = VERDICTS[name].get("training")
    train = None if training is None else hr.read_points(f"circuits/{training}", c)
    if test == "lemma":
        return [hr.lemma_test(c, train, x) for x in points]
    if test == "any":
        return hr.explain(c, train=train, components=["S1", "S2"]).verdicts(points, "any")
    semantics = "monomials" if test == "monomials" else None
    return hr.explain(c, train=train, semantics=semantics).verdicts(points)


def test_every_circuit_with_points_has_verdicts():
    assert set(VERDICTS) == set(OUTPUTS) == set(ONES)
    named = {file for entry in VERDICTS.values() for file in (entry["input"], entry.get("training"))} - {None}
    assert {path.name for path in (ROOT / "circuits").glob("*.csv")} == named | {"five_levers_actions.csv"}


@pytest.mark.parametrize("name", VERDICTS)
def test_the_points_are_the_published_ones_and_the_wires_have_their_values(name):
    c, entry = loaded(name), VERDICTS[name]
    points = rows(entry["input"], c)
    assert points == [row["point"] for row in entry["rows"]]
    for point, row in zip(points, entry["rows"], strict=True):
        sensors, output = OUTPUTS[name](*point)
        assert [*sensors, output] == row["values"]
    wires = [c.wire(wire).index for wire in entry["wires"]]
    found = WireValues(c, wires)
    values = dict(zip(found.wires, found.at(points).tolist(), strict=True))
    assert [list(column) for column in zip(*(values[wire] for wire in wires), strict=True)] == [row["values"] for row in entry["rows"]]


@pytest.mark.parametrize(("name", "test"), [(name, test) for name, entry in VERDICTS.items() for test in entry["commands"]])
def test_the_command_line_gives_the_published_verdicts(capsys, name, test):
    entry = VERDICTS[name]
    status, found = on_the_command_line(capsys, entry["commands"][test])
    said = [row["verdict"] for row in found["points"]]
    assert said == [row[test] for row in entry["rows"]]
    assert {row["reason"] for row in found["points"]} == {"normal" if test == "monomials" else test}
    assert all(row["exact"] for row in found["points"])
    assert status == 1


TESTS = [(name, test) for name, entry in VERDICTS.items() for test in ("normal", "any", "lemma", "monomials") if test in entry["rows"][0]]


@pytest.mark.parametrize(("name", "test"), TESTS)
def test_python_gives_the_published_verdicts(name, test):
    found = in_python(name, test, [row["point"] for row in VERDICTS[name]["rows"]])
    assert [verdict.verdict for verdict in found] == [row[test] for row in VERDICTS[name]["rows"]]
    assert all(verdict.exact for verdict in found)


@pytest.mark.parametrize("name", VERDICTS)
def test_means_and_variances_are_those_of_the_law(name):
    first = second = Fraction(0)
    for point in itertools.product((0, 1), repeat=len(ONES[name])):
        weight = Fraction(1)
        for bit, p in zip(point, ONES[name], strict=True):
            weight *= p if bit else 1 - p
        output = OUTPUTS[name](*point)[1]
        first, second = first + weight * output, second + weight * output**2
    assert EXPECTED[name]["outputs"] == {"Y": str(first)}
    assert EXPECTED[name]["variances"] == {"Y": str(second - first**2)}
    found = hr.explain(loaded(name))
    assert (found.mean, found.variance) == pytest.approx((float(first), float(second - first**2)), rel=1e-12)


def test_training_files_hold_the_points_of_the_law():
    c = loaded("day_check")
    law = hr.observations(c)
    data = hr.observations(c, rows("day_check_training.csv", c))
    assert data.points.tolist() == law.points.tolist()
    assert data.weights.tolist() == law.weights.tolist()


def test_of_all_actions_the_cheapest_that_is_not_flagged_is_the_wall(capsys):
    c = loaded("five_levers")
    actions = rows("five_levers_actions.csv", c)
    assert sorted(actions) == [[1, 1, *levers, 0, 0] for levers in itertools.product((0, 1), repeat=5)]
    status, found = on_the_command_line(capsys, f"heurest detect {ACTIONS}")
    said = [row["verdict"] for row in found["points"]]
    # With the hack both sensors stand without the wall; with less of it one of them needs the wall.
    assert said == ["anomalous" if x[5] and x[6] else "ok" for x in actions]
    assert (status, found["counts"]) == (1, {"anomalous": 8, "ok": 24})
    working = [x[2:7] for x in actions if OUTPUTS["five_levers"](*x)[1]]
    unflagged = [x[2:7] for x, verdict in zip(actions, said, strict=True) if verdict == "ok" and x[2:7] in working]
    assert [x for x in working if sum(x) <= 2] == [[0, 0, 0, 1, 1]]
    assert [x for x in unflagged if sum(x) <= 3] == [[1, 1, 1, 0, 0]]


def test_the_normal_reason_test_flags_every_action_that_works():
    actions = rows("five_levers_actions.csv", loaded("five_levers"))
    found = in_python("five_levers", "normal", actions)
    assert [verdict.anomalous for verdict in found] == [OUTPUTS["five_levers"](*x)[1] == 1 for x in actions]


def test_the_readme_has_every_command_and_every_row(capsys):
    commands = [text.partition("  #")[0] for block in runnable_blocks(README) for _, text in console_commands(block)]
    expected = [command for entry in VERDICTS.values() for command in entry["commands"].values()]
    assert sorted(commands) == sorted([*expected, f"heurest detect {ACTIONS}"])
    for name, entry in VERDICTS.items():
        section = README.partition(f"## {name}.json\n")[2].partition("\n## ")[0]
        for row in entry["rows"]:
            said = [row[test] for test in ("normal", "any", "lemma", "monomials") if test in row]
            cells = [row["case"], " ".join(map(str, row["point"])), " ".join(map(str, row["values"])), *said]
            assert f"| {' | '.join(cells)} |\n" in section
    assert run_page(README, "circuits/README.md", main, set())
