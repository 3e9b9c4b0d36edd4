"""A verdict on the circuit: what wires are, what they become, and which lose a term."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import heurest as hr
from heurest.cli import main
from heurest.drawing import draw_circuit
from heurest.drawing.colours import LOWERS, MARKS, NEUTRAL, RAISES
from heurest.errors import ArgumentError
from support.drawings import drawn_wires, free_texts


def sensors():
    found = hr.explain(hr.two_sensors(), components=["S1", "S2"])
    return found.circuit, found.witness([0, 1, 1])


def test_wires_that_lose_a_term_and_wires_that_change_are_told_apart():
    circuit, witness = sensors()
    svg = draw_circuit(circuit, witness=witness)
    marks = drawn_wires(svg)
    for wire, mark in marks.items():
        expected = MARKS["dropped"].pale if wire in witness.dropped else MARKS["changed"].pale if wire in witness.changed else NEUTRAL
        assert mark.fill == expected
        assert mark.lines[-1] == witness.text(wire)  # all are short enough here
        assert witness.text(wire) in mark.tooltip


def test_heading_and_legend_say_what_was_found():
    circuit, witness = sensors()
    texts = free_texts(draw_circuit(circuit, witness=witness))
    assert texts[0] == "two sensors: anomalous"
    assert "loses a term that training does not need" in texts
    assert "is something else without that" in texts
    for line in str(witness.verdict).splitlines():
        assert line.strip() in texts


def test_an_ok_verdict_shows_values_alone():
    found = hr.explain(hr.two_sensors())
    svg = draw_circuit(found.circuit, witness=found.witness([1, 0, 0]))
    assert {mark.fill for mark in drawn_wires(svg).values()} == {NEUTRAL}
    assert not any("→" in mark.lines[-1] for mark in drawn_wires(svg).values())
    assert "is something else without that" not in free_texts(svg)


def test_dot_names_its_colours():
    circuit, witness = sensors()
    dot = draw_circuit(circuit, witness=witness, format="dot")
    assert "orange: loses a term that training does not need" in dot
    assert "blue: is something else without that" in dot
    assert f'fillcolor="{MARKS["dropped"].pale}"' in dot


def test_a_large_picture_names_the_wires_that_lose_a_mechanism():
    c = hr.Circuit("large")
    x = c.input("x", hr.Bernoulli(0.5), count=40)
    trigger, parity = x[0], x[0]
    for bit in x[1:]:
        trigger, parity = trigger & bit, parity ^ bit
    for k in range(300):
        c.output(f"p{k}", parity ^ (x[k % 40] & x[(k + 7) % 39]))
    c.output("y", trigger ^ parity)
    witness = hr.Detector(c, ["y"]).fit(np.random.default_rng(0).integers(0, 2, (2000, 40))).witness([1] * 40)
    svg = draw_circuit(c, witness=witness)
    fills = {wire: mark.fill for wire, mark in drawn_wires(svg).items()}
    assert len(fills) > 600
    assert {wire for wire, fill in fills.items() if fill == RAISES} == set(witness.dropped)
    assert {wire for wire, fill in fills.items() if fill == LOWERS} == set(witness.changed) - set(witness.dropped)
    for wire in witness.dropped:
        assert any(text.startswith(f"#{wire}") for text in free_texts(svg))


@pytest.mark.parametrize("options", [{"importance": {0: 1.0}}, {"argument": []}])
def test_a_witness_stands_alone(options):
    circuit, witness = sensors()
    with pytest.raises(ArgumentError, match="not drawn together"):
        draw_circuit(circuit, witness=witness, **options)


def test_a_witness_of_another_circuit_is_refused():
    with pytest.raises(ArgumentError, match="about circuit 'two sensors', and not about the 'day check'"):
        draw_circuit(hr.day_check(), witness=sensors()[1])
    with pytest.raises(ArgumentError, match="a witness is what"):
        draw_circuit(hr.day_check(), witness="anomalous")


def test_the_picture_in_the_docs_is_what_the_command_draws(tmp_path, capsys):
    root = Path(__file__).parents[2]
    folder, picture = root / "circuits", tmp_path / "verdict.svg"
    arguments = ["detect", str(folder / "two_sensors.json"), "--input", str(folder / "two_sensors.csv"), "--draw", str(picture)]
    assert main(arguments) == 1
    assert picture.read_text(encoding="utf-8") == (root / "docs" / "images" / "verdict.svg").read_text(encoding="utf-8")
