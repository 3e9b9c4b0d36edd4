"""draw_circuit: endings, formats, files, and what is refused."""

from __future__ import annotations

import math

import numpy as np
import pytest

import heurest as hr
from heurest.drawing import check_drawing_path, draw_circuit
from heurest.drawing.request import MAX_WIRES


@pytest.fixture
def circuit() -> hr.Circuit:
    c = hr.Circuit("demo")
    x = c.input("x", hr.Normal(0, 1))
    c.output("y", (x + 1) ** 2)
    return c


@pytest.mark.parametrize(
    ("ending", "start"), [(".dot", "digraph"), (".gv", "digraph"), (".svg", "<svg"), (".html", "<!DOCTYPE html>"), (".SVG", "<svg")]
)
@pytest.mark.parametrize("as_text", [str, lambda path: path])
def test_the_ending_decides_and_the_file_holds_the_text(circuit, tmp_path, ending, start, as_text):
    path = tmp_path / f"demo{ending}"
    text = draw_circuit(circuit, as_text(path), importance={0: 1.0}, labels={1: "½ < 1"})
    assert text.startswith(start)
    assert path.read_bytes() == text.encode("utf-8")
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


def test_a_format_beats_the_ending_and_svg_is_the_default(circuit, tmp_path):
    assert draw_circuit(circuit).startswith("<svg")
    draw_circuit(circuit, tmp_path / "picture.txt", format="dot")
    assert (tmp_path / "picture.txt").read_text().startswith("digraph")


def test_a_path_is_checked_before_any_work(tmp_path):
    assert check_drawing_path(str(tmp_path / "demo.html")) == tmp_path / "demo.html"
    with pytest.raises(hr.ArgumentError, match=r"demo\.pdf: a drawing must end in \.dot, \.gv, \.svg or \.html, not '\.pdf'"):
        check_drawing_path("demo.pdf")
    with pytest.raises(hr.ArgumentError, match="a drawing is written to a path, got 3"):
        check_drawing_path(3)


def test_indices_may_be_numpy_integers(circuit):
    plain = draw_circuit(circuit, importance={1: 2.0}, links=[((0, 1), 1.0)])
    assert draw_circuit(circuit, importance={np.int64(1): np.float64(2.0)}, links=((np.array([0, 1]), np.float32(1.0)),)) == plain


def test_the_circuit_stays_as_it_was(circuit):
    draw_circuit(circuit)
    assert not circuit.frozen


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"path": "demo.png"}, "demo.png: a drawing must end in .dot, .gv, .svg or .html, not '.png'"),
        ({"path": "demo"}, "demo: a drawing must end in .dot, .gv, .svg or .html, not 'nothing'"),
        ({"path": 3}, "a drawing is written to a path, got 3"),
        ({"path": b"demo.svg"}, "a drawing is written to a path, got a bytes"),
        ({"path": 3, "format": "svg"}, "a drawing is written to a path, got 3"),
        ({"format": "png"}, "unknown format 'png' of a drawing; known are dot, gv, svg, html"),
        ({"format": 3}, "unknown format 3 of a drawing; known are dot, gv, svg, html"),
        ({"title": 3}, "title must be a text, got 3"),
        ({"importance": [1.0]}, "importance must map wires to values, got a list"),
        ({"importance": {3: 1.0}}, "importance: circuit 'demo' has wires 0 to 2, not 3"),
        ({"importance": {-1: 1.0}}, "importance: circuit 'demo' has wires 0 to 2, not -1"),
        ({"importance": {"x": 1.0}}, "importance: a wire is given by its index, got 'x'"),
        ({"importance": {True: 1.0}}, "importance: a wire is given by its index, got True"),
        ({"importance": {0: -0.5}}, "importance of wire 0 must not be negative, got -0.5"),
        ({"importance": {1: math.nan}}, "importance of wire 1 must be finite, got nan"),
        ({"importance": {1: math.inf}}, "importance of wire 1 must be finite, got inf"),
        ({"importance": {1: 10**400}}, "importance of wire 1 must be finite, got an integer of 1329 bits"),
        ({"importance": {1: "big"}}, "importance of wire 1 must be a number, got 'big'"),
        ({"links": 3}, "links must be a list of pairs (wires, change), got 3"),
        ({"links": "ab"}, "links must be a list of pairs (wires, change), got 'ab'"),
        ({"links": [(0, 1.0)]}, "links: a pair (wires, change) is needed, got a tuple"),
        ({"links": [((0, 1), 1.0, 2.0)]}, "links: a pair (wires, change) is needed, got a tuple"),
        ({"links": [((), 1.0)]}, "links: a term needs at least one wire, got none"),
        ({"links": [((0, 9), 1.0)]}, "links: circuit 'demo' has wires 0 to 2, not 9"),
        ({"links": [((0, 1), math.nan)]}, "links: the change of a term must be finite, got nan"),
        ({"labels": {7: "text"}}, "labels: circuit 'demo' has wires 0 to 2, not 7"),
        ({"labels": {0: 0.25}}, "label of wire 0 must be a text, got 0.25"),
    ],
)
def test_what_cannot_be_drawn_is_refused_in_one_line(circuit, tmp_path, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(hr.ArgumentError) as caught:
        draw_circuit(circuit, **arguments)
    assert str(caught.value) == message
    assert list(tmp_path.iterdir()) == []


def test_a_circuit_needs_wires():
    with pytest.raises(hr.CircuitError, match="circuit 'empty' has no wires, so there is nothing to draw"):
        draw_circuit(hr.Circuit("empty"))
    with pytest.raises(hr.CircuitError, match="a circuit is needed"):
        draw_circuit("demo.json")


def test_a_picture_has_its_limits():
    c = hr.Circuit("vast")
    c.input("x", hr.Normal(0, 1), count=MAX_WIRES + 1)
    with pytest.raises(hr.IntractableError, match="a picture shows at most 100,000 wires, got 100,001"):
        draw_circuit(c)


def test_a_file_that_cannot_be_written_is_a_format_error(circuit, tmp_path):
    with pytest.raises(hr.FormatError, match="cannot be written"):
        draw_circuit(circuit, tmp_path / "missing" / "demo.svg")
