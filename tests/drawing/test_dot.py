"""DOT: a small reader of the language gets back the nodes, the edges and every text, letter for letter."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

import heurest as hr
from heurest.drawing import draw_circuit
from heurest.drawing.text import dot_text
from support.drawings import HOSTILE, crowded, hostile_circuit, importances

TOKEN = re.compile(r'\s+|(?P<id>[A-Za-z_]\w*|-?(?:\.\d+|\d+(?:\.\d*)?))|(?P<quoted>"(?:[^"\\]|\\.)*")|(?P<mark>->|[{}\[\]=,;])', re.DOTALL)


def tokens(source):
    place = 0
    while place < len(source):
        match = TOKEN.match(source, place)
        assert match, f"no token of DOT: {source[place : place + 40]!r}"
        if match.lastgroup:
            yield match.lastgroup, match.group()
        place = match.end()


def unquoted(text):
    """What Graphviz draws for a quoted string: escapes first, then HTML entities."""
    meaning = {"n": "\n", "l": "\n"}
    plain = re.sub(r"\\(.)", lambda match: meaning.get(match.group(1), match.group(1)), text[1:-1], flags=re.DOTALL)
    assert not re.search(r"&(?!amp;)", plain)
    return plain.replace("&amp;", "&")


def read(source):
    """Nodes with their attributes, edges with theirs, and the attributes of the graph."""
    stream = list(tokens(source))
    place = 0

    def take(*expected):
        nonlocal place
        kind, text = stream[place]
        assert not expected or text in expected, f"expected one of {expected}, found {text!r}"
        place += 1
        return kind, text

    def attributes():
        found = {}
        if stream[place][1] == "[":
            take("[")
            while stream[place][1] != "]":
                key = take()[1]
                take("=")
                kind, value = take()
                assert kind in ("id", "quoted")
                assert key not in found
                found[key] = unquoted(value) if kind == "quoted" else value
                if stream[place][1] == ",":
                    take(",")
            take("]")
        return found

    nodes, edges, defaults = {}, [], {}
    take("digraph")
    assert take()[0] == "id"
    take("{")
    while stream[place][1] != "}":
        kind, name = take()
        assert kind == "id"
        if stream[place][1] == "->":
            take("->")
            other = take()[1]
            edges.append((name, other, attributes()))
        elif name in ("graph", "node", "edge"):
            defaults[name] = attributes()
        else:
            assert name not in nodes
            nodes[name] = attributes()
        take(";")
    take("}")
    assert place == len(stream)
    assert {end for edge in edges for end in edge[:2]} <= set(nodes)
    return nodes, edges, defaults["graph"]


def test_nodes_and_edges_are_those_of_the_circuit():
    circuit = hr.random_boolean(inputs=6, gates=60, outputs=2, rng=3)
    nodes, edges, _ = read(draw_circuit(circuit, format="dot"))
    assert set(nodes) == {f"w{wire}" for wire in range(len(circuit))}
    assert {edge[:2] for edge in edges} == {(f"w{a}", f"w{b}") for b in range(len(circuit)) for a in circuit.operands(b)}
    assert all(re.fullmatch(r"-?[\d.]+,-?[\d.]+", attributes["pos"]) for attributes in nodes.values())


def test_hostile_texts_come_out_as_they_went_in():
    nodes, _, graph = read(draw_circuit(hostile_circuit(), title=HOSTILE[0] + "\n" + HOSTILE[7], format="gv", labels={2: 'a "label" \\l'}))
    assert graph["label"].startswith(HOSTILE[0] + "\n" + HOSTILE[7] + "\n")
    assert graph["tooltip"] == HOSTILE[0] + "\n" + HOSTILE[7]
    for index, name in enumerate(HOSTILE):
        assert nodes[f"w{index}"]["tooltip"].startswith(f"{name} = input, ")
        assert nodes[f"w{index}"]["label"].startswith(name[:15])
        assert "URL" not in nodes[f"w{index}"]
    assert nodes["w2"]["label"].endswith('\na "label" \\l')


@given(st.text())
def test_any_text_survives_quoting(text):
    quoted = dot_text(text)
    assert [kind for kind, _ in tokens(quoted)] == ["quoted"]
    expected = text.replace("\r\n", "\n").replace("\r", "\n")
    assert unquoted(quoted) == re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", "\ufffd", expected)


def test_links_are_dashed_edges_and_joints():
    circuit = hr.adder(3)
    nodes, edges, graph = read(draw_circuit(circuit, format="dot", links=[((0, 8), 1.0), ((1, 2, 9), -0.5), ((5, 5), 0.25)]))
    links = [edge for edge in edges if edge[2].get("dir") == "none"]
    assert [edge[:2] for edge in links] == [("w0", "w8"), ("w1", "t1"), ("w2", "t1"), ("w9", "t1"), ("w5", "w5")]
    assert [edge[2]["style"] for edge in links] == ["dashed", "dotted", "dotted", "dotted", "dashed"]
    assert float(links[0][2]["penwidth"]) > float(links[1][2]["penwidth"]) > float(links[4][2]["penwidth"])
    assert nodes["t1"]["shape"] == "point"
    assert "dashed orange raises" in graph["label"]


def test_important_wires_are_darker():
    circuit = hr.adder(3)
    numbers = importances(circuit)
    nodes, _, graph = read(draw_circuit(circuit, format="dot", importance=numbers))
    ranked = sorted(numbers, key=numbers.__getitem__)
    fills = [sum(bytes.fromhex(nodes[f"w{wire}"]["fillcolor"][1:])) for wire in ranked]
    assert fills == sorted(fills, reverse=True)
    assert "importance: change of the estimate, from 0 (light) to 1000 (dark)" in graph["label"]


def test_dense_layers_are_nodes_of_their_own():
    nodes, edges, _ = read(draw_circuit(hr.quadratic_network(widths=(20, 30, 1)), format="dot"))
    assert [name for name in nodes if name.startswith("d")] == ["d0"]
    assert sum(target == "d0" for _, target, _ in edges) == 20
    assert sum(source == "d0" for source, _, _ in edges) == 30


@pytest.mark.large
def test_large_graphs_are_points_and_say_what_is_missing():
    nodes, edges, graph = read(draw_circuit(crowded(), format="dot", importance={3: 1.0}))
    assert len(nodes) == 800
    assert len(edges) == 20_000
    assert "Only 20,000 of 60,000 edges are drawn" in graph["label"]
    assert nodes["w3"]["xlabel"] == "x[3]"
    assert sum("xlabel" in attributes for attributes in nodes.values()) == 1
