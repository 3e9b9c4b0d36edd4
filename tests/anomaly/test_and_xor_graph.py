"""The gates under some wires: the function they compute, multiplexers as ors, and the names of wires."""

import itertools

import pytest
from hypothesis import given

import heurest as hr
from heurest.anomaly.and_xor_graph import and_xor_graph, wire_labels
from heurest.opcodes import BIT_AND, BIT_LOAD, BIT_XOR
from heurest.truth.wire_values import WireValues
from support.boolean_circuits import literal_circuits


def root_value(graph, point):
    """Value of the first root, node by node."""
    value = {-1: 0} | {node: int(point[graph.position[node]]) for node in graph.loads}
    for node in graph.gates:
        a, b = (value[operand] ^ inverted for operand, inverted in graph.operands[node])
        value[node] = a & b if graph.kind[node] == BIT_AND else a ^ b
    node, inverted = graph.roots[0]
    return value[node] ^ inverted


@given(literal_circuits(max_gates=10))
def test_the_graph_computes_the_wire(circuit):
    (output,) = circuit.outputs.values()
    graph = and_xor_graph(circuit, [output])
    points = list(itertools.product((0, 1), repeat=len(circuit.inputs)))
    assert [root_value(graph, point) for point in points] == WireValues(circuit, [output.index]).at(points)[0].tolist()
    assert {graph.kind[node] for node in graph.loads} <= {BIT_LOAD}


def test_a_multiplexer_becomes_an_or_and_may_be_read_by_others():
    c = hr.Circuit("mux")
    s, a, b, d = c.input(["s", "a", "b", "d"], hr.Bernoulli(0.5))
    chosen = c.mux(s, a, b)
    for output in (chosen, ~chosen, chosen ^ d, ~(chosen & d) | a, c.mux(d, chosen, ~chosen)):
        graph = and_xor_graph(c, [output])
        values = WireValues(c, [output.index])
        for point in itertools.product((0, 1), repeat=4):
            assert root_value(graph, point) == values.at([point])[0, 0]
    assert BIT_XOR not in {and_xor_graph(c, [chosen]).kind[node] for node in and_xor_graph(c, [chosen]).gates}


def test_names_of_wires_come_before_names_of_outputs_and_inverses_are_marked():
    c = hr.Circuit("names")
    a, b = c.input(["a", "b"], hr.Bernoulli(0.5))
    either = c.set_name(a | b, "either")
    c.output("first", either & a)
    c.output("second", c.outputs["first"])
    c.output("third", either)
    labels = wire_labels(c)
    assert labels[either.index] == "either"
    assert labels[c.outputs["first"].index] == "first"
    graph = and_xor_graph(c, [c.outputs["first"]])
    node, inverted = and_xor_graph(c, [either]).roots[0]
    shared = next(node for node in graph.gates if graph.names[node][0] == "either")
    assert graph.label(shared, graph.names[shared][1]) == "either"
    assert graph.label(shared, not graph.names[shared][1]) == "~either"
    assert and_xor_graph(c, [either]).label(node, inverted) == "either"


def test_a_real_wire_is_named_in_the_message():
    c = hr.Circuit("real")
    x = c.input("x", hr.Uniform(0, 1))
    c.output("y", x * x)
    with pytest.raises(hr.KindError, match="circuit 'real': implicants need boolean wires, but x is real"):
        and_xor_graph(c, [c.outputs["y"]])
