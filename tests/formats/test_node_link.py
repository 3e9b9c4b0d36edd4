"""Graphs as JSON files: the same circuit back, and what is wrong is one FormatError with its line."""

from __future__ import annotations

import json

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

import heurest as hr
from heurest.formats.networkx_graph import to_networkx
from heurest.formats.node_link import graph_dumps, graph_loads
from support.same_circuit import assert_same, every_detail, read_or_refused
from support.strategies import circuits


@given(circuits())
def test_there_and_back_is_the_identity(circuit):
    assert_same(circuit, graph_loads(graph_dumps(circuit)))


def test_networkx_reads_it_as_the_same_graph():
    circuit = every_detail()
    data = json.loads(graph_dumps(circuit))
    assert nx.utils.graphs_equal(nx.node_link_graph(data, edges="edges"), to_networkx(circuit))


def text() -> str:
    c = hr.Circuit("demo")
    c.output("y", c.input("x", hr.Sign()) ** 2)
    return graph_dumps(c)


# Line 6 is node 0, line 7 node 1, line 10 the edge.
@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (text(), "[]", "text, line 1: expected an object with nodes and edges, found []"),
        ('"edges"', '"links"', 'text, line 1: expected a list as "edges", found null'),
        ('"multigraph": true', '"multigraph": false', 'text, line 3: expected "multigraph": true, found false'),
        ('"graph": {', '"graph": 3, "more": {', 'text, line 4: expected an object as "graph", found 3'),
        ('"id": 0', '"id": "0"', "text, line 6: expected an object with an integer id, found an object with 5 fields"),
        ('"id": 1', '"id": 0', "text, line 7: expected ids without repetition, found 0 again"),
        ('"id": 1', '"id": 2', "text, line 10: expected the id of a node as target, found 1"),
        ('"id": 0', '"id": 7', "text, line 10: expected the id of a node as source, found 0"),
        ('"source": 0', '"source": [0]', "text, line 10: expected an object with integers source and target"),
        ('"key": 0', '"key": [0]', "text, line 10: expected an integer key, found [0]"),
        ('"square"', '"cube"', "text, line 7 (node 1): expected a gate, one of"),
        ('"position": 0', '"position": 1', "text, line 7 (node 1): expected positions 0, 1, ... on the edges to it, found [1]"),
        ('{"y": 1}', '{"y": 2}', "text, line 4: expected a wire, an integer from 0 to 1, found 2"),
        ('"name": "demo"', '"name": ""', 'text, line 4: expected a non-empty name of printable characters, found ""'),
        ('"name": "x"', '"title": "x"', "text, line 6 (node 0): expected a name for the input, found none"),
        ('"position": 0', '"position": NaN', "text, line 10: expected finite numbers, found NaN"),
    ],
)
def test_what_is_wrong_is_named(old, new, message):
    assert old in text()
    with pytest.raises(hr.FormatError) as caught:
        graph_loads(text().replace(old, new, 1))
    assert str(caught.value).startswith(message)


WHOLE = graph_dumps(every_detail())


@given(st.integers(0, len(WHOLE) - 2))
def test_a_truncated_file_is_refused(length):
    with pytest.raises(hr.FormatError):
        graph_loads(WHOLE[:length])


@given(st.integers(0, len(WHOLE)), st.integers(0, 12), st.text('[]{}":,0123456789eE+-.truefalsnx \n', max_size=6))
def test_a_damaged_file_is_refused_or_another_circuit(start, length, piece):
    circuit = read_or_refused(graph_loads, WHOLE[:start] + piece + WHOLE[start + length :])
    if circuit is not None:
        assert_same(circuit, graph_loads(graph_dumps(circuit)))
