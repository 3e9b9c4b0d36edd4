"""``heurest argue``: every option, the files it writes, interrupts, and one line for each mistake."""

from __future__ import annotations

import json
import re

import pytest

import heurest as hr
from heurest.arguments import search
from heurest.arguments.argument import Argument
from heurest.arguments.claims import Track, Transcript
from heurest.cli import main
from support.arguments import majority, product_of_prices, tautology_blocks, two_sensors


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """An own folder with circuits and an argument about another one."""
    monkeypatch.chdir(tmp_path)
    for make in (majority, product_of_prices, two_sensors, tautology_blocks):
        c = make()
        hr.save(c, f"{c.name}.json")
    hr.find_argument(two_sensors()).argument.save("other.json")
    return tmp_path


def run(capsys, *arguments):
    status = main(["argue", *arguments])
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def numbers(capsys, *arguments):
    """The numbers of a search on standard output, without its times."""
    status, out, err = run(capsys, *arguments, "--json", "-")
    assert (status, err) == (0, "")
    return {**json.loads(out), "seconds": None}


def test_help_names_every_option(capsys):
    status, out, _ = run(capsys, "--help")
    assert status == 0
    assert out.startswith("Usage: heurest argue [OPTIONS] FILE")
    options = ("budget", "target", "order", "degree", "output", "looks", "resume", "out", "transcript", "curve", "json")
    assert all(re.search(rf"^\s+--{option}\b", out, re.MULTILINE) for option in options)


def test_it_shows_the_search_and_the_listing(capsys):
    status, out, err = run(capsys, "prices.json")
    assert (status, err) == (0, "")
    assert out.splitlines()[:2] == [
        "1 terms of 1 looked at, all there are within the order",
        "  xy  23, off by about 0 (with everything: 23)",
    ]
    assert re.search(r"kappa\(x, y\)\s+2\s+deduced\s+\+2$", out, re.MULTILINE)


def test_the_files_hold_the_argument_the_transcript_and_the_numbers(capsys, folder):
    files = ["--out", "a.json", "--transcript", "t.json", "--json", "j.json"]
    status, out, err = run(capsys, "majority.json", "--order", "3", "--budget", "8", *files)
    assert (status, err) == (0, "")
    assert out
    c = hr.load("majority.json")
    found = hr.find_argument(c, 3, 8)
    argument = Argument.load("a.json", c)
    assert argument == found.argument
    assert argument.selected_from == 17
    assert list(Argument.load("t.json", c)) == [found.transcript]
    written = json.loads((folder / "j.json").read_text())
    assert {**written, "seconds": None} == {"circuit": "majority", **found.to_dict(), "seconds": None}
    assert set(written["seconds"]) == {"prepare", "look", "narrow", "error"}
    assert [path.name for path in folder.iterdir() if path.name.startswith(".")] == []  # no temporary file is left


def test_json_on_standard_output_is_alone_there(capsys):
    data = numbers(capsys, "prices.json")
    assert (data["circuit"], data["terms"], data["looked_at"]) == ("prices", 1, 1)
    assert (data["value"], data["everything"], data["error"]) == ({"xy": 23.0}, {"xy": 23.0}, {"xy": 0.0})
    assert [(point["terms"], point["value"], point["error"]) for point in data["curve"]] == [
        (0, {"xy": 21.0}, {"xy": 2.0}),
        (1, {"xy": 23.0}, {"xy": 0.0}),
    ]


@pytest.mark.parametrize(("order", "value"), [(1, 37 / 64), (2, 7 / 16), (3, 31 / 64), (4, 1 / 2)])
def test_the_order_is_the_one_of_cumulant_propagation(capsys, order, value):
    assert numbers(capsys, "majority.json", "--order", str(order))["value"]["o"] == pytest.approx(value, rel=1e-13)


@pytest.mark.parametrize("budget", ["1", "3", "1_0", "1e1"])
def test_the_budget_is_kept(capsys, budget):
    assert numbers(capsys, "majority.json", "--order", "3", "--budget", budget)["terms"] <= float(budget)


def test_a_target_gives_the_shortest_argument_that_reaches_it(capsys):
    # the unit is the root mean square of a 0/1 output, below 1: an error of 1/16 is within a fifth of it, one of 9/64 is not
    data = numbers(capsys, "majority.json", "--order", "4", "--target", "0.2")
    within = [point["error"]["o"] for point in data["curve"]]
    assert within[-1] <= 0.2
    assert data["terms"] < numbers(capsys, "majority.json", "--order", "4")["terms"]
    assert numbers(capsys, "majority.json", "--order", "4", "--target", "1e-9")["value"]["o"] == pytest.approx(0.5, rel=1e-13)


def test_reductants_of_a_degree(capsys):
    assert run(capsys, "prices.json", "--degree", "2", "--out", "a.json")[0] == 0
    c = hr.load("prices.json")
    assert Argument.load("a.json", c) == Argument([Track((0, 1), 2)])


def test_only_the_outputs_that_matter(capsys):
    c = hr.Circuit("two")
    x, y = c.input(["x", "y"], hr.Normal(0, 1), count=2)
    for name, wire in (("a", x * x), ("b", y * y), ("k", x + y)):
        c.output(name, wire)
    hr.save(c, "two.json")
    assert numbers(capsys, "two.json", "--output", "b")["value"] == {"b": 1.0}
    assert numbers(capsys, "two.json", "--output", "b", "--output", "a")["value"] == {"b": 1.0, "a": 1.0}
    assert list(numbers(capsys, "two.json")["value"]) == ["a", "b", "k"]


def test_looks_limit_what_is_looked_at_and_resuming_goes_on(capsys):
    few = numbers(capsys, "majority.json", "--order", "3", "--looks", "6", "--transcript", "t.json")
    assert (few["looked_at"], few["exhausted"]) == (6, False)
    again = numbers(capsys, "majority.json", "--order", "3", "--resume", "t.json")
    assert (again["looked_at"], again["exhausted"]) == (17, True)
    assert again == numbers(capsys, "majority.json", "--order", "3")


def test_an_interrupted_search_is_written_and_goes_on_as_if_it_had_not_been(capsys, monkeypatch):
    calls, look_further = [], search.look_further

    def stopped(*arguments):
        calls.append(arguments)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return look_further(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(search, "look_further", stopped)
        status, out, err = run(capsys, "blocks.json", "--order", "3", "--transcript", "t.json", "--json", "j.json", "--out", "a.json")
    assert status == 0
    assert "the most promising ones" in out
    assert err == "warning: interrupted: the argument is the best among what was looked at; --resume goes on from its transcript\n"
    with open("j.json") as file:
        assert json.load(file)["interrupted"] is True
    (transcript,) = Argument.load("t.json", hr.load("blocks.json"))
    assert isinstance(transcript, Transcript)
    assert len(transcript.looked_at) == 7  # one round: the means of four ORs and three ANDs read a covariance each
    whole = numbers(capsys, "blocks.json", "--order", "3")
    assert numbers(capsys, "blocks.json", "--order", "3", "--resume", "t.json") == whole


@pytest.mark.parametrize(("name", "start"), [("c.png", b"\x89PNG"), ("c.svg", b"<?xml"), ("c.pdf", b"%PDF")])
def test_the_curve_is_a_picture(capsys, folder, name, start):
    pytest.importorskip("matplotlib")
    assert run(capsys, "majority.json", "--curve", name)[0] == 0
    assert (folder / name).read_bytes().startswith(start)


def test_the_same_command_prints_the_same(capsys):
    assert run(capsys, "majority.json", "--order", "3") == run(capsys, "majority.json", "--order", "3")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "heurest argue: error: Missing argument 'FILE'"),
        (["majority.json", "more"], "heurest argue: error: Got unexpected extra argument"),
        (["majority.json", "--terms", "3"], "heurest argue: error: No such option"),
        (["majority.json", "--budget", "0"], "heurest argue: error: Invalid value for '--budget': 0 is not a whole number of at least 1"),
        (["majority.json", "--budget", "some"], "heurest argue: error: Invalid value for '--budget': 'some' is not a whole number"),
        (["majority.json", "--target", "0"], "heurest argue: error: Invalid value for '--target'"),
        (["majority.json", "--target", "nan"], "heurest: error: find_argument: target must be a positive number, got nan"),
        (["majority.json", "--order", "13"], "heurest argue: error: Invalid value for '--order': 13"),
        (["majority.json", "--degree", "5"], "heurest argue: error: Invalid value for '--degree': 5"),
        (
            ["majority.json", "--order", "4", "--degree", "4"],
            "heurest: error: find_argument: order 4 times degree 4 passes the limit of 12",
        ),
        (["majority.json", "--output", "z"], "heurest: error: find_argument: circuit 'majority' has no output 'z'; it has o"),
        (["majority.json", "--looks", "0"], "heurest argue: error: Invalid value for '--looks'"),
        (["majority.json", "--out", ""], "heurest argue: error: an output path is empty"),
        (["majority.json", "--out", "."], "heurest: error: .: is a folder, a file is needed"),
        (["majority.json", "--transcript", "no/t.json"], "heurest: error: no/t.json: the folder no does not exist"),
        (["majority.json", "--json", "no/j.json"], "heurest: error: no/j.json: the folder no does not exist"),
        (["majority.json", "--curve", "no/c.png"], "heurest: error: no/c.png: the folder no does not exist"),
        (["majority.json", "--curve", "c.bmp"], "heurest: error: c.bmp: a picture must end in one of .png, .svg, .pdf, not '.bmp'"),
        (["majority.json", "--out", "a.json", "--transcript", "a.json"], "heurest argue: error: two outputs cannot go to the same place"),
        (["nothing.json"], "heurest: error: nothing.json: cannot be read: No such file or directory"),
        (["majority.json", "--resume", "nothing.json"], "heurest: error: nothing.json: cannot be read: No such file or directory"),
        (["majority.json", "--resume", "prices.json"], 'heurest: error: prices.json, line 2: expected "format": "heurest-argument"'),
        (["majority.json", "--resume", "other.json"], "heurest: error: other.json, line 4: the argument is about circuit"),
        (["sensors.json", "--resume", "other.json", "--degree", "1"], "heurest: error: find_argument: the transcript to resume is one of"),
        (["sensors.json", "--resume", "other.json", "--order", "1"], "heurest: error: find_argument: the transcript to resume is one of"),
    ],
)
def test_a_mistake_gets_one_line_and_status_two(capsys, folder, arguments, message):
    before = sorted(folder.iterdir())
    files = [] if "a.json" in arguments or "--out" in arguments or not arguments else ["--out", "a.json"]
    status, out, err = run(capsys, *arguments, *files)
    assert (status, out) == (2, "")
    assert err.startswith(message)
    assert err.count("\n") == 1
    assert sorted(folder.iterdir()) == before


def test_a_circuit_without_outputs_is_refused(capsys):
    c = hr.Circuit("none")
    c.input("x", hr.Normal())
    hr.save(c, "none.json")
    status, out, err = run(capsys, "none.json")
    assert (status, out) == (2, "")
    assert err == "heurest: error: circuit 'none' has no output: declare one with circuit.output(name, wire)\n"
