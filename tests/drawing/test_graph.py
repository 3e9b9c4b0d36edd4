"""What is drawn: wires, constants, dense layers as bundles, and the cap on edges."""

from __future__ import annotations

import numpy as np
from hypothesis import given

import heurest as hr
from heurest.circuit.gates import CONSTANT
from heurest.drawing.graph import EDGE_CAP, graph_of
from support.drawings import crowded
from support.strategies import circuits


@given(circuits())
def test_edges_are_the_operands_of_the_circuit(circuit):
    graph = graph_of(circuit, large=False, keep=range(len(circuit)))
    assert graph.wire.tolist() == list(range(len(circuit)))
    found = set(zip(graph.source.tolist(), graph.target.tolist(), strict=True))
    assert found == {(operand, wire) for wire in range(len(circuit)) for operand in circuit.operands(wire)}
    assert (graph.source < graph.target).all()


@given(circuits())
def test_alive_is_what_lowering_keeps(circuit):
    graph = graph_of(circuit, large=False, keep=range(len(circuit)))
    alive, stack = set(), [wire.index for wire in circuit.outputs.values()]
    while stack:
        wire = stack.pop()
        if wire not in alive:
            alive.add(wire)
            stack += circuit.operands(wire)
    assert set(np.flatnonzero(graph.alive).tolist()) == alive


def test_without_outputs_everything_is_alive():
    c = hr.Circuit("open")
    x = c.input("x", hr.Normal(0, 1))
    c.square(x)
    assert graph_of(c, False, ()).alive.all()


def test_constants_are_folded_unless_they_are_outputs_or_asked_for():
    c = hr.Circuit("constants")
    x = c.input("x", hr.Normal(0, 1))
    folded, shown, asked = c.constant(2.0), c.constant(3.0), c.constant(4.0)
    c.output("y", x * folded + shown * asked)
    c.output("three", shown)
    graph = graph_of(c, False, (asked.index,))
    drawn = {wire for wire in range(len(c)) if graph.node[wire] >= 0}
    assert drawn == set(range(len(c))) - {folded.index}
    assert (c.gate[folded.index], graph.node[folded.index]) == (CONSTANT, -1)


def test_a_circuit_of_nothing_but_constants_is_drawn():
    c = hr.Circuit("constants")
    c.constant(2.0)
    assert graph_of(c, False, ()).wire.tolist() == [0]


def network(rows: int, columns: int, matrix: np.ndarray | None = None) -> hr.Circuit:
    c = hr.Circuit("network")
    x = c.input("x", hr.Normal(0, 1), count=columns)
    c.output("y", (np.ones((rows, columns)) if matrix is None else matrix) @ x)
    return c


def test_a_dense_layer_becomes_a_bundle_when_it_has_many_edges():
    small, large = (graph_of(network(10, 10), size, ()) for size in (False, True))
    assert (len(small.bundles), int(small.drawn.sum())) == (0, 100)
    assert (len(large.bundles), int(large.drawn.sum())) == (1, 20)  # ten lines to the bar, ten from it
    assert graph_of(network(20, 20), False, ()).edges == 40
    assert large.readers[:10].tolist() == [10] * 10
    assert large.ids[10] == "d0"  # the bar stands between operands and rows


def test_a_sparse_layer_is_no_bundle_and_zeros_are_no_lines():
    graph = graph_of(network(40, 40, np.eye(40)), True, ())
    assert graph.bundles == ()
    assert int(graph.drawn.sum()) == 40
    assert graph.source.size == 1600  # levels still see every operand


def test_a_wire_that_a_bundle_does_not_use_has_no_line_to_it():
    matrix = np.ones((30, 30))
    matrix[:, 7] = 0.0
    graph = graph_of(network(30, 30, matrix), True, ())
    to_bar = graph.source[graph.drawn & (graph.target == 30)]
    assert set(to_bar.tolist()) == set(range(30)) - {7}
    assert graph.readers[7] == 0


def test_edges_beyond_the_cap_are_thinned():
    graph = graph_of(crowded(), True, ())
    assert graph.edges == 60_000
    assert int(graph.drawn.sum()) == EDGE_CAP


def test_edges_of_emphasised_wires_stay():
    graph = graph_of(crowded(), True, (5, 409))
    of_input = graph.source == 5
    of_gate = graph.target == 409
    assert (int(of_input.sum()), int(of_gate.sum())) == (150, 150)
    assert graph.drawn[of_input | of_gate].all()
    assert int(graph.drawn.sum()) == EDGE_CAP
    kept = np.flatnonzero(graph.drawn[~(of_input | of_gate)])
    assert set(np.diff(kept).tolist()) == {3, 4}  # 19,701 of 59,701, spread evenly
