"""``heurest draw``: the formats, what an argument adds to a picture, and one line for each mistake."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

import heurest as hr
from heurest.arguments.argument import Argument
from heurest.arguments.claims import Assert, Cases, Measured, Track
from heurest.cli import main
from support.arguments import majority, product_of_prices, two_sensors


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """An own folder with circuits and an argument about each."""
    monkeypatch.chdir(tmp_path)
    for make in (majority, product_of_prices, two_sensors):
        c = make()
        hr.save(c, f"{c.name}.json")
        hr.find_argument(c).argument.save(f"{c.name}-argument.json")
    return tmp_path


def run(capsys, *arguments):
    status = main(["draw", *arguments])
    captured = capsys.readouterr()
    return status, captured.out, captured.err


@pytest.mark.parametrize("name", ["d.svg", "d.dot", "d.gv", "d.html", "D.SVG"])
def test_it_says_what_was_drawn(capsys, folder, name):
    assert run(capsys, "prices.json", name) == (0, f"{name}: 3 wires\n", "")
    plain = (folder / name).read_text()
    assert run(capsys, "prices.json", name, "--argument", "prices-argument.json") == (0, f"{name}: 3 wires, 1 claim\n", "")
    assert (folder / name).read_text() != plain
    assert "xy" in plain


def test_each_format_is_what_its_ending_says(capsys, folder):
    for name in ("d.svg", "d.dot", "d.html"):
        assert run(capsys, "majority.json", name, "--argument", "majority-argument.json")[0] == 0
    svg = ElementTree.fromstring((folder / "d.svg").read_text())
    assert svg.tag == "{http://www.w3.org/2000/svg}svg"
    assert (folder / "d.dot").read_text().lstrip().startswith("digraph")
    page = (folder / "d.html").read_text()
    assert page.lower().startswith("<!doctype html>")
    assert "<svg" in page
    assert not re.search(r"""(?:src|href)=["']https?:""", page)  # it loads nothing


def test_an_argument_adds_means_and_terms(capsys, folder):
    run(capsys, "prices.json", "plain.dot")
    run(capsys, "prices.json", "told.dot", "--argument", "prices-argument.json")
    plain, told = (folder / "plain.dot").read_text(), (folder / "told.dot").read_text()
    for mean in ("mean 3", "mean 7", "mean 23"):  # of x, y and xy, the last one with the covariance
        assert mean in told
        assert mean not in plain


def test_the_empty_argument_draws_mean_propagation(capsys, folder):
    Argument().save("empty.json", hr.load("prices.json"))
    assert run(capsys, "prices.json", "d.dot", "--argument", "empty.json") == (0, "d.dot: 3 wires, 0 claims\n", "")
    assert "mean 21" in (folder / "d.dot").read_text()


def test_claims_of_any_kind_can_be_drawn(capsys):
    c = hr.load("sensors.json")
    d, e = c.wire("d"), c.wire("e[0]")
    said = [Cases(d, {0: [Track((d, e))]}), Assert((d, e), 0.001, Measured(10, 0.1))]
    Argument(said).save("mixed.json", c)
    assert run(capsys, "sensors.json", "d.svg", "--argument", "mixed.json") == (0, f"d.svg: {len(c)} wires, 2 claims\n", "")


def test_the_same_command_draws_the_same(capsys, folder):
    for name in ("one.svg", "two.svg"):
        run(capsys, "majority.json", name, "--argument", "majority-argument.json")
    assert (folder / "one.svg").read_bytes() == (folder / "two.svg").read_bytes()


def test_a_picture_without_an_argument_needs_no_output(capsys):
    c = hr.Circuit("none")
    c.input("x", hr.Normal())
    hr.save(c, "none.json")
    Argument().save("empty.json", c)
    assert run(capsys, "none.json", "d.svg") == (0, "d.svg: 1 wires\n", "")
    status, out, err = run(capsys, "none.json", "e.svg", "--argument", "empty.json")
    assert (status, out) == (2, "")
    assert err == "heurest: error: circuit 'none' has no output: declare one with circuit.output(name, wire)\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "heurest draw: error: Missing argument 'FILE'"),
        (["majority.json"], "heurest draw: error: Missing argument 'OUT'"),
        (["majority.json", "d.svg", "--format", "svg"], "heurest draw: error: No such option"),
        (["majority.json", "d.png"], "heurest: error: d.png: a drawing must end in .dot, .gv, .svg or .html, not '.png'"),
        (["majority.json", "drawing"], "heurest: error: drawing: a drawing must end in .dot, .gv, .svg or .html, not 'nothing'"),
        (["majority.json", "-"], "heurest: error: -: a drawing must end in"),
        (["majority.json", "no/d.svg"], "heurest: error: no/d.svg: the folder no does not exist"),
        (["majority.json", "folder.svg"], "heurest: error: folder.svg: is a folder, a file is needed"),
        (["majority.json", "prices.json/d.svg"], "heurest: error: prices.json/d.svg: the folder prices.json does not exist"),
        (["nothing.json", "d.svg"], "heurest: error: nothing.json: cannot be read: No such file or directory"),
        (["majority-argument.json", "d.svg"], "heurest: error: majority-argument.json, line 2: expected"),
        (["majority.json", "d.svg", "--argument", "nothing.json"], "heurest: error: nothing.json: cannot be read"),
        (["majority.json", "d.svg", "--argument", "majority.json"], 'heurest: error: majority.json, line 2: expected "format"'),
        (
            ["majority.json", "d.svg", "--argument", "sensors-argument.json"],
            "heurest: error: sensors-argument.json, line 4: the argument is",
        ),
    ],
)
def test_a_mistake_gets_one_line_and_status_two(capsys, folder, arguments, message):
    (folder / "folder.svg").mkdir()
    before = sorted(folder.iterdir())
    status, out, err = run(capsys, *arguments)
    assert (status, out) == (2, "")
    assert err.startswith(message)
    assert err.count("\n") == 1
    assert sorted(folder.iterdir()) == before


def test_a_picture_that_is_there_survives_a_mistake(capsys, folder):
    run(capsys, "majority.json", "d.svg")
    before = (folder / "d.svg").read_bytes()
    assert run(capsys, "majority.json", "d.svg", "--argument", "sensors-argument.json")[0] == 2
    assert (folder / "d.svg").read_bytes() == before
