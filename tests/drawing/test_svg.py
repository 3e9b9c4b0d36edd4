"""SVG: one mark a wire, all of it in view, nothing covered, gates after what they read, and the same text every time."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from itertools import combinations
from time import perf_counter

import numpy as np
import pytest
from hypothesis import given

import heurest as hr
from heurest.circuit.gates import CONSTANT
from heurest.drawing import draw_circuit
from support.drawings import HOSTILE, crowded, drawn_wires, frame, free_texts, hostile_circuit, importances, of_class, parsed
from support.strategies import circuits

PICTURES = {
    "adder": hr.adder(8),
    "bilinear": hr.random_bilinear(inputs=8, gates=200, rng=1),
    "boolean": hr.random_boolean(gates=200, window=None, outputs=5, rng=1),
    "multiplier": hr.multiplier(6),
    "network": hr.quadratic_network(widths=(12, 40, 40, 4), kind="product"),
    "window": hr.random_boolean(gates=200, window=8, rng=2),
}


def wires_drawn(circuit: hr.Circuit) -> set[int]:
    """Every wire but constants that are no output."""
    outputs = {wire.index for wire in circuit.outputs.values()}
    return {wire for wire in range(len(circuit)) if circuit.gate[wire] != CONSTANT or wire in outputs}


def assert_gates_follow_operands(circuit: hr.Circuit, svg: str, wraps: bool) -> None:
    marks = drawn_wires(svg)
    for wire, mark in marks.items():
        for operand in circuit.operands(wire):
            if operand in marks:
                area = marks[operand].area
                assert mark.area.left > area.right or (wraps and mark.area.top > area.bottom), f"{wire} does not follow {operand}"


@pytest.mark.parametrize("name", PICTURES)
def test_about_200_gates_every_wire_has_a_mark_in_view_that_none_covers(name):
    circuit = PICTURES[name]
    links = [((k, k + 3), 0.5**k) for k in range(8)] + [((1, 5, 9), -0.3), ((2, 2), 0.1)]
    svg = draw_circuit(
        circuit, importance=importances(circuit), links=links, labels={4: "mean 0.25", 7: "a label much too long to be drawn whole"}
    )
    marks = drawn_wires(svg)
    assert set(marks) == wires_drawn(circuit)
    view = frame(svg)
    for mark in marks.values():
        assert view.left < mark.area.left < mark.area.right < view.right
        assert view.top < mark.area.top < mark.area.bottom < view.bottom
        assert len(mark.lines) in (2, 3)
    for (one, first), (other, second) in combinations(marks.items(), 2):
        assert not first.area.overlaps(second.area), f"wires {one} and {other} cover each other"
    assert_gates_follow_operands(circuit, svg, wraps=True)


def test_marks_of_mixed_heights_do_not_cover_each_other_in_a_staggered_level():
    c = hr.Circuit("wide")
    x = c.input("x", hr.Normal(0, 1), count=280)
    gates = [-wire if k % 3 else wire**2 for k, wire in enumerate(x)]
    c.output("y", c.affine(np.ones(280), gates))
    labels = {wire.index: "a label" for wire in gates[::3]}
    marks = drawn_wires(draw_circuit(c, labels=labels))
    columns = {round((mark.area.left + mark.area.right) / 2) for mark in marks.values()}
    assert len(columns) > 3  # three levels take more than three columns
    for (one, first), (other, second) in combinations(marks.items(), 2):
        assert not first.area.overlaps(second.area), f"wires {one} and {other} cover each other"


@given(circuits())
def test_small_circuits_are_drawn_whole(circuit):
    svg = draw_circuit(circuit, importance={0: 1.0})
    marks = drawn_wires(svg)
    assert set(marks) == wires_drawn(circuit) | {0}
    assert_gates_follow_operands(circuit, svg, wraps=False)


def test_texts_fit_their_marks_in_a_wide_font():
    """Advance widths of DejaVu Sans, which is wider than Verdana and Helvetica, at 11 and 9 units."""
    width = {"#": 0.838, " ": 0.318, "×": 0.838, "²": 0.401, "+": 0.838, "−": 0.838, "→": 0.838, "[": 0.39, "]": 0.39}
    width |= dict.fromkeys("0123456789", 0.636) | {"x": 0.592, "y": 0.592, "(": 0.39, ")": 0.39, ",": 0.318, ".": 0.318}
    width |= {
        "a": 0.613,
        "c": 0.55,
        "e": 0.615,
        "f": 0.352,
        "i": 0.278,
        "l": 0.278,
        "m": 0.974,
        "n": 0.634,
        "o": 0.612,
        "r": 0.411,
        "s": 0.521,
        "u": 0.634,
    }
    marks = drawn_wires(draw_circuit(PICTURES["bilinear"]))
    for mark in marks.values():
        for size, line in zip((11.0, 9.0), mark.lines, strict=True):
            assert size * sum(width[letter] for letter in line) < mark.area.right - mark.area.left


def test_marks_say_what_their_gates_do():
    c = hr.Circuit("marks")
    x, y = c.input("x", hr.Normal(0, 1)), c.input("y", hr.Uniform(-1, 1))
    total = x + 2 * y
    c.output("z", total * x - 3)
    marks = drawn_wires(draw_circuit(c, labels={total.index: "mean 0.25"}))
    assert [mark.lines for mark in marks.values()] == [
        ("x", "normal"),
        ("y", "uniform"),
        ("2 y", "#2"),
        ("x + #2", "#3", "mean 0.25"),
        ("#3 × x", "#4"),
        ("#4 − 3", "#5 → z"),
    ]
    assert "mean 0.25" in marks[3].tooltip
    assert marks[5].tooltip.splitlines()[:2] == ["#5 = #4 − 3", "wire 5, real, output z, read by 0 gates"]
    assert marks[3].reads == {"w0", "w2"}


def test_hostile_texts_come_out_as_they_went_in():
    c = hostile_circuit()
    label = "\x00\x1b</text> & \ud800 \n second"
    svg = draw_circuit(c, title=HOSTILE[0], labels={0: label}, links=[((0, 1, 2), 1.0)], importance={3: 1.0})
    svg.encode("utf-8")
    marks = drawn_wires(svg)
    for index, name in enumerate(HOSTILE):
        assert marks[index].tooltip.startswith(f"{name} = input, ")
        assert f"output out {name}" in marks[len(HOSTILE) + index].tooltip
    assert "\ufffd\ufffd</text> & \ufffd \n second" in marks[0].tooltip
    assert free_texts(svg)[0] == HOSTILE[0]
    (link,) = of_class(svg, "link")
    assert link[0].text == ", ".join(HOSTILE[:3]) + ": +1"
    assert not re.search(r"<(script|foreignObject|image|a|style)\b", svg)
    assert re.findall(r"https?:[^\"]*", svg) == ["http://www.w3.org/2000/svg"]


@pytest.mark.parametrize("format", ["svg", "html", "dot"])
def test_the_text_is_the_same_in_every_process(format):
    code = f"""
import hashlib
import heurest as hr
from heurest.drawing import draw_circuit
c = hr.random_boolean(inputs=5, gates=300, outputs=3, rng=4)
links = [((k, k + 2, k + 9), (-1.0) ** k / (k + 1)) for k in range(70)]
numbers = {{k: k % 17 for k in range(90)}}
text = draw_circuit(c, importance=numbers, links=links, format={format!r})
print(hashlib.sha256(text.encode()).hexdigest())
"""
    results = set()
    for seed in ("1", "2"):
        run = subprocess.run(
            [sys.executable, "-c", code], env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        )
        results.add(run.stdout)
    assert len(results) == 1
    assert len(results.pop()) == 65


def darkness(fill: str) -> int:
    return -sum(int(fill[i : i + 2], 16) for i in (1, 3, 5))


def test_more_important_wires_are_darker():
    circuit = PICTURES["adder"]
    numbers = importances(circuit)
    marks = drawn_wires(draw_circuit(circuit, importance=numbers))
    ranked = sorted(marks, key=numbers.__getitem__)
    fills = [darkness(marks[wire].fill) for wire in ranked]
    assert fills == sorted(fills)
    assert fills[-1] - fills[0] > 400


def test_lines_of_more_important_wires_lie_above_others():
    circuit = PICTURES["adder"]
    numbers = importances(circuit)
    nets = of_class(draw_circuit(circuit, importance=numbers), "net")
    order = [numbers[int(net.get("data-wire")[1:])] for net in nets]
    assert order == sorted(order)
    assert len(order) == len({operand for wire in range(len(circuit)) for operand in circuit.operands(wire)})


def test_wires_without_a_number_are_neutral():
    circuit = PICTURES["adder"]
    plain = {mark.fill for mark in drawn_wires(draw_circuit(circuit)).values()}
    assert len(plain) == 1
    marks = drawn_wires(draw_circuit(circuit, importance={8: 0.0, 9: 1.0}))
    assert {mark.fill for wire, mark in marks.items() if wire not in (8, 9)} == plain
    assert not {marks[8].fill, marks[9].fill} & plain


def test_the_legend_has_numbers():
    c = hr.Circuit("legend")
    c.output("y", c.input("x", hr.Normal(0, 1)) + 1)
    texts = free_texts(draw_circuit(c, importance={0: 4.0, 1: 8.0}, links=[((0, 1), -0.125)]))
    assert "importance: change of the estimate (linear scale)" in texts
    assert [text for text in texts if text in ("0", "2", "4", "6", "8")] == ["0", "2", "4", "6", "8"]
    assert any("the thickest changes it by 0.125" in text for text in texts)
    assert not any("importance" in text or "tracked" in text for text in free_texts(draw_circuit(c)))


def test_links_are_as_wide_as_their_changes_and_coloured_by_sign():
    circuit = PICTURES["adder"]
    svg = draw_circuit(circuit, links=[((0, 9), 0.01), ((3, 12), -4.0), ((1, 2, 5), 1.0), ((4, 4), 0.0)])
    links = of_class(svg, "link")
    assert [link[0].text for link in links] == expected_titles(circuit)
    widths = [float(link[1].get("stroke-width")) for link in links]
    assert widths == sorted(widths, reverse=True)
    assert widths[0] > 2 * widths[-1]
    strokes = [link[1].get("stroke") for link in links]
    assert strokes[1] == strokes[2]
    assert len(set(strokes)) == 3
    assert all(link[1].get("stroke-dasharray") for link in links)
    assert [link.get("data-wires") for link in links] == ["w3 w12", "w1 w2 w5", "w0 w9", "w4"]
    joints = [[child for child in link if child.tag.endswith("circle")] for link in links]
    assert [len(circles) for circles in joints] == [0, 1, 0, 0]
    assert links[1][1].get("d").count("M") == 3  # a spoke a wire


def expected_titles(circuit: hr.Circuit) -> list[str]:
    def name(wire: int) -> str:
        return circuit.wire_name(wire) or f"#{wire}"

    def listed(*wires: int) -> str:
        return ", ".join(map(name, wires))

    return [f"{listed(3, 12)}: −4", f"{listed(1, 2, 5)}: +1", f"{listed(0, 9)}: +0.01", f"{listed(4, 4)}: 0"]


def test_a_joint_lies_on_no_mark():
    circuit = PICTURES["boolean"]
    svg = draw_circuit(circuit, links=[((k, k + 1, k + 50), 1.0) for k in range(0, 200, 8)])
    areas = [mark.area for mark in drawn_wires(svg).values()]
    for link in of_class(svg, "link"):
        joint = link[2]
        x, y = float(joint.get("cx")), float(joint.get("cy"))
        assert not any(area.left < x < area.right and area.top < y < area.bottom for area in areas)


def test_only_the_largest_links_are_drawn():
    circuit = PICTURES["adder"]
    links = [((k % 40, (k + 5) % 40), (-1.0) ** k * (k + 1)) for k in range(75)]
    svg = draw_circuit(circuit, links=links)
    assert len(of_class(svg, "link")) == 60
    smallest = min(float(link[0].text.rpartition(": ")[2].replace("−", "-")) ** 2 for link in of_class(svg, "link"))
    assert smallest == 16.0**2
    assert "Only the 60 largest of 75 tracked terms are drawn." in free_texts(svg)


def test_large_pictures_name_the_40_most_important_wires():
    circuit = hr.random_boolean(inputs=20, gates=600, rng=5)
    numbers = importances(circuit)
    svg = draw_circuit(circuit, importance=numbers)
    marks = drawn_wires(svg)
    assert len(marks) == len(circuit) > 600
    assert not any(mark.lines for mark in marks.values())
    top = sorted(numbers, key=numbers.__getitem__)[-40:]
    sizes = {wire: mark.area.right - mark.area.left for wire, mark in marks.items()}
    assert {wire for wire in sizes if sizes[wire] > 1.5 * min(sizes.values())} == set(top)
    names = {circuit.wire_name(wire) or f"#{wire}" for wire in top}
    shown = {text.partition(" → ")[0] for text in free_texts(svg)}
    missing = len(names - shown)
    assert f"{missing} of the names found no room; tooltips have them." in free_texts(svg) or not missing
    assert missing < 5
    assert f"Only the 40 most important of {len(circuit)} wires with an importance above 0 are coloured and named." in " ".join(
        text.replace(",", "") for text in free_texts(svg)
    )


def test_large_pictures_without_importance_name_their_outputs():
    svg = draw_circuit(hr.random_boolean(inputs=20, gates=600, outputs=3, rng=5))
    outputs = [text.partition(" → ")[2] for text in free_texts(svg) if " → " in text]
    assert sorted(outputs) == ["y[0]", "y[1]", "y[2]"]


def test_names_on_large_pictures_have_a_white_rim_below_their_letters():
    svg = draw_circuit(hr.random_boolean(inputs=20, gates=600, outputs=3, rng=5))
    texts = [element for element in parsed(svg) if element.tag.endswith("text")]
    rims = [place for place, element in enumerate(texts) if element.get("class") == "halo"]
    assert len(rims) == 3
    for place in rims:
        rim, name = texts[place], texts[place + 1]  # what comes later lies above
        assert rim.text == name.text
        assert all(rim.get(key) == name.get(key) for key in ("x", "y", "font-size"))
        assert rim.get("stroke") == rim.get("fill") == "#ffffff"
        assert rim.get("aria-hidden") == "true"
        assert name.get("stroke") is None
    assert "paint-order" not in svg


def test_crowded_pictures_say_that_edges_are_left_out():
    svg = draw_circuit(crowded())
    assert sum(net.get("d").count("M") for net in of_class(svg, "net")) == 20_000
    assert "Only 20,000 of 60,000 edges are drawn, the others left out evenly." in free_texts(svg)


def test_dense_layers_are_bundles():
    svg = draw_circuit(hr.quadratic_network(widths=(50, 300, 300, 2)))
    bundles = of_class(svg, "bundle")
    assert [bundle[0].text for bundle in bundles] == [
        "dense layer: 300 sums of 50 wires", "dense layer: 300 sums of 300 wires", "dense layer: 2 sums of 300 wires",
    ]  # fmt: skip
    lines = sum(net.get("d").count("M") for net in of_class(svg, "net"))
    assert lines == 50 + 300 + 300 + 300 + 300 + 300 + 300 + 2  # to and from each bar, and the squares
    assert drawn_wires(svg)[60].reads == {"d0"}
    assert "read by 300 gates" in drawn_wires(svg)[0].tooltip


@pytest.mark.large
@pytest.mark.parametrize(
    "circuit",
    [
        hr.random_bilinear(inputs=8, gates=5000, rng=1),
        hr.random_boolean(inputs=64, gates=3300, window=None, outputs=8, rng=1),
        hr.quadratic_network(widths=(100, 1200, 1200, 10)),
    ],
    ids=["deep", "wide", "network"],
)
def test_5000_gates_take_seconds_and_less_than_10_megabytes(circuit):
    numbers = importances(circuit)
    links = [((k, k + 7), 1.0 / (k + 1)) for k in range(100)]
    start = perf_counter()
    svg = draw_circuit(circuit, importance=numbers, links=links)
    assert perf_counter() - start < 8.0  # about 0.7 seconds on two shared cores
    assert len(svg.encode("utf-8")) < 10_000_000
    marks = drawn_wires(svg)
    assert set(marks) == wires_drawn(circuit)
    view = frame(svg)
    areas = np.array([(mark.area.left, mark.area.top, -mark.area.right, -mark.area.bottom) for mark in marks.values()])
    assert (areas > (view.left, view.top, -view.right, -view.bottom)).all()
    width, height = view.right - view.left, view.bottom - view.top
    assert 0.5 < width / height < 3.0
    assert len(draw_circuit(circuit, importance=numbers, links=links, format="html").encode("utf-8")) < 10_000_000


def test_a_wide_layer_is_no_tower():
    c = hr.Circuit("sum")
    c.output("y", c.input("x", hr.Normal(0, 1), count=2000).sum())
    view = frame(draw_circuit(c))
    assert view.bottom - view.top < 5 * (view.right - view.left)
