"""A verdict on the circuit: what wires are, what they become, and which lose a term."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import heurest as hr
from heurest.anomaly.verdicts import Verdict
from heurest.anomaly.witness import Witness, recomputed
from heurest.cli import main
from heurest.drawing import draw_circuit
from heurest.drawing.colours import LOWERS, MARKS, NEUTRAL, RAISES
from heurest.drawing.symbols import text_width
from heurest.errors import ArgumentError
from support.drawings import drawn_wires, frame, free_texts, parsed


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
        text = witness.text(wire).replace(", dropped: ", "\ndropped: ")  # what is lost stands on a line of its own
        assert "\n".join(mark.lines).endswith("\n" + text)  # all are short enough here
        assert text in mark.tooltip


def test_heading_and_legend_say_what_was_found():
    circuit, witness = sensors()
    texts = free_texts(draw_circuit(circuit, witness=witness))
    assert texts[0] == "two sensors: anomalous"
    assert "loses a term that training does not need" in texts
    assert "is something else without that" in texts
    for line in str(witness.verdict).splitlines():
        assert " " + line.strip() in " " + " ".join(texts)  # long ones take several texts


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


def test_a_large_picture_colours_all_that_changes_and_names_where_it_starts_and_ends():
    c = hr.Circuit("chain")
    x = c.input("x", hr.Bernoulli(0.5), count=40)
    chain = [x[0] & x[1]]
    for k in range(300):
        chain.append(chain[-1] ^ x[2 + k % 38])
    c.output("early", c.set_name(~chain[20], "branch"))
    c.output("y", chain[-1])
    start = chain[0].index
    values, without = (recomputed(c, [1.0] * 40, given) for given in (None, {start: 0.0}))
    verdict = Verdict("anomalous", "gates", dropped=("x[0] and x[1]",))
    witness = Witness(c, verdict, values, without, {start: ("x[0] = 1, x[1] = 1",)})
    assert len(witness.changed) > 300

    svg = draw_circuit(c, witness=witness)
    marks = drawn_wires(svg)
    fills = {wire: mark.fill for wire, mark in marks.items()}
    assert {wire for wire, fill in fills.items() if fill == RAISES} == {start}
    assert {wire for wire, fill in fills.items() if fill == LOWERS} == set(witness.changed) - {start}
    sizes = {wire: mark.area.right - mark.area.left for wire, mark in marks.items()}
    big = {wire for wire, size in sizes.items() if size > 0.9 * sizes[start]}
    ends = {wire.index for wire in c.outputs.values()}
    assert len(big) == 40
    assert {start} | ends <= big
    # breadth first from the ends: what both chains have near their ends, and nothing from the middle
    assert {wire.index for wire in chain[18:21]} | {wire.index for wire in chain[-3:]} <= big
    assert not {wire.index for wire in chain[100:200]} & big
    texts = free_texts(svg)  # a name at the right end of the picture makes it wider
    assert {f"#{start}", "branch → early", f"#{chain[-1].index} → y"} <= set(texts)
    assert f"Only 40 of the {len(witness.changed)} coloured wires are named: orange ones, then those nearest to the outputs." in texts


def test_long_sentences_of_the_legend_stay_in_the_picture():
    circuit, witness = sensors()
    long = replace(witness, verdict=replace(witness.verdict, kept=("a reason of many words", "x" * 300), note="short"))
    svg = draw_circuit(circuit, witness=long)
    view = frame(svg)
    lines = [element for element in parsed(svg) if element.tag.endswith("text")]
    for line in lines:
        assert float(line.get("x")) + text_width(line.text, float(line.get("font-size"))) <= view.right
    texts = [line.text for line in lines]
    assert texts.index("short") - next(place for place, text in enumerate(texts) if text.startswith("kept:")) == 4
    assert "".join(texts).count("x") >= 200


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
