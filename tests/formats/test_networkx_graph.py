"""Graphs: converting there and back is the identity, and a graph that is no circuit is named node by node."""

from __future__ import annotations

import networkx as nx
import pytest
from hypothesis import given

import heurest as hr
from heurest.formats.networkx_graph import from_networkx, to_networkx
from support.same_circuit import assert_same, every_detail
from support.strategies import circuits


@given(circuits())
def test_there_and_back_is_the_identity(circuit):
    graph = to_networkx(circuit)
    again = from_networkx(graph)
    assert_same(circuit, again)
    assert nx.utils.graphs_equal(to_networkx(again), graph)


def test_every_detail_survives_but_layers_without_rows():
    circuit = every_detail()
    again = from_networkx(to_networkx(circuit))
    assert nx.utils.graphs_equal(to_networkx(again), to_networkx(circuit))
    assert len(circuit.layers) - len(again.layers) == 2
    assert dict(again.names) == dict(circuit.names)
    assert list(again.outputs) == list(circuit.outputs)


def test_the_graph_of_a_small_circuit():
    c = hr.Circuit("small")
    x = c.input("x", hr.Normal(1, 2))
    m = c.input("m", hr.MultivariateNormal([0.0, 0.0], [[1.0, 0.0], [0.0, 1.0]]))
    c.output("z", c.affine([2.0, 3.0], [x, x], 4.0) * m[1])
    graph = to_networkx(c)
    assert graph.graph == {"name": "small", "outputs": {"z": 4}}
    assert dict(graph.nodes(data=True)) == {
        0: {"gate": "input", "kind": "real", "name": "x", "law": {"law": "normal", "mean": 1.0, "std": 2.0}},
        1: {
            "gate": "input",
            "kind": "real",
            "name": "m[0]",
            "law": {"law": "multivariate_normal", "mean": [0.0, 0.0], "cov": [[1.0, 0.0], [0.0, 1.0]]},
        },
        2: {"gate": "input", "kind": "real", "name": "m[1]"},
        3: {"gate": "affine", "kind": "real", "value": 4.0},
        4: {"gate": "multiply", "kind": "real"},
    }
    assert sorted((a, b, data) for a, b, data in graph.edges(data=True) if b == 4) == [(2, 4, {"position": 1}), (3, 4, {"position": 0})]
    edges = [(a, b, data["position"], data["coefficient"]) for a, b, data in graph.edges(data=True) if b == 3]
    assert edges == [(0, 3, 0, 2.0), (0, 3, 1, 3.0)]


def test_edges_may_come_in_any_order_and_annotations_do_not_matter():
    graph = nx.DiGraph(colour="red")
    graph.add_node(2, gate="affine", label="difference")
    graph.add_node(1, gate="input", name="y", law={"law": "sign"})
    graph.add_node(0, gate="input", name="x", law={"law": "sign"})
    graph.add_edge(1, 2, position=1, coefficient=-1)
    graph.add_edge(0, 2, position=0, coefficient=1, weight=3)
    c = from_networkx(graph)
    bias, operands, coefficients = c.terms(2)
    assert (c.name, bias, operands.tolist(), coefficients.tolist()) == ("circuit", 0.0, [0, 1], [1.0, -1.0])


def example() -> nx.MultiDiGraph:
    """Nodes: 0 bit, 1 and 2 jointly normal, 3 not, 4 and 5 a layer, 6 product."""
    c = hr.Circuit("example")
    b = c.input("b", hr.Bernoulli(0.5))
    m = c.input("m", hr.MultivariateNormal([0.0, 0.0], [[1.0, 0.0], [0.0, 1.0]]))
    _ = ~b
    layer = c.affine([[1.0, 2.0], [3.0, 4.0]], m)
    c.output("z", layer[0] * b)
    return to_networkx(c)


def altered(**attributes):
    def change(graph):
        for node, changes in attributes.items():
            for key, value in changes.items():
                graph.nodes[int(node[1:])][key] = value

    return change


def dropped(node, key):
    return lambda graph: graph.nodes[node].pop(key)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda g: g.remove_node(1), "the graph: expected the nodes 0 to 5, found no node 1"),
        (lambda g: g.add_node("x"), "the graph: expected the nodes 0 to 7, found no node 7"),
        (altered(n3={"gate": "nor"}), 'node 3: expected a gate, one of input, constant, affine, multiply, square, and, found "nor"'),
        (
            altered(n3={"gate": ["affine"]}),
            'node 3: expected a gate, one of input, constant, affine, multiply, square, and, found ["affine"]',
        ),
        (dropped(6, "gate"), "node 6: expected a gate, one of"),
        (altered(n6={"kind": "boolean"}), 'node 6: expected kind "real", as gate and operands imply, found "boolean"'),
        (altered(n0={"kind": "complex"}), 'node 0: expected kind "boolean", as gate and operands imply, found "complex"'),
        (altered(n6={"kind": "boolean", "gate": "affine"}), "node 6: expected finite numbers as coefficients, found null"),
        (
            altered(n3={"value": 2.0}),
            "node 3: expected a sum that is always 0 or 1, as the gate is marked boolean, found one that can be 2",
        ),
        (altered(n3={"value": "1"}), 'node 3: expected a finite bias, found "1"'),
        (altered(n3={"value": float("nan")}), "node 3: expected a finite bias, found NaN"),
        (altered(n0={"name": "m[0]"}), 'node 1: expected a name that no other node has, found "m[0]"'),
        (altered(n0={"name": 3}), "node 0: expected a name that no other node has, found 3"),
        (altered(n0={"name": ""}), "the graph: expected a non-empty name of printable characters"),
        (dropped(0, "name"), "node 0: expected a name for the input, found none"),
        (dropped(0, "law"), "node 0: expected a law, found a mistake (law: expected an object"),
        (altered(n0={"law": {"law": "bernoulli", "p": 2}}), "node 0: expected a law, found a mistake (bernoulli: p must be from 0 to 1"),
        (dropped(1, "law"), "node 1: expected a law"),
        (altered(n2={"gate": "constant"}), "node 2: expected an input without a law, as that of node 1 governs 2, found another node"),
        (altered(n2={"law": {"law": "sign"}}), "node 2: expected an input without a law"),
        (altered(n6={"gate": "input", "name": "i", "law": {"law": "sign"}}), "node 6: expected no operands for input, found 2"),
        (lambda g: g.add_edge(0, 2, position=0), "node 2: expected no operands for input, found 1"),
        (altered(n6={"gate": "constant", "value": 1.0}), "node 6: expected no operands for constant, found 2"),
        (altered(n6={"gate": "square"}), "node 6: expected 1 operand for square, found 2"),
        (lambda g: g.remove_edge(0, 6), "node 6: expected 2 operands for multiply, found 1"),
        (lambda g: g.remove_edge(4, 6), "node 6: expected positions 0, 1, ... on the edges to it, found [1]"),
        (lambda g: g.add_edge(0, 6), "node 6: expected positions 0, 1, ... on the edges to it, found null from node 0"),
        (lambda g: g.add_edge(0, 6, position=1), "node 6: expected positions 0, 1, ... on the edges to it, found 1 from node 0"),
        (lambda g: g.add_edge(0, 6, position=True), "node 6: expected positions 0, 1, ... on the edges to it, found true from node 0"),
        (lambda g: g.add_edge(6, 3, position=1, coefficient=1.0), "node 3: expected an operand, an integer from 0 to 2, found 6"),
        (altered(n6={"gate": "and"}), "node 6: expected boolean operands for and, found the real wire 4"),
        (altered(n4={"layer": 5}), "node 4: expected layer 4 for the first row of a layer, found 5"),
        (altered(n5={"layer": 3}), "node 5: expected layer 5 for the first row of a layer, found 3"),
        (lambda g: g.remove_edge(2, 5), "node 5: expected an affine gate with the operands of node 4, as it is of its layer, found others"),
        (lambda g: g.graph.update(name=3), "the graph: expected a non-empty name of printable characters, found 3"),
        (lambda g: g.graph.update(outputs=[1]), "the graph: expected an object, found [1]"),
        (lambda g: g.graph.update(outputs={"z": 7}), "the graph: expected a wire, an integer from 0 to 6, found 7"),
    ],
)
def test_what_is_wrong_is_named(change, message):
    graph = example()
    from_networkx(graph)
    change(graph)
    with pytest.raises(hr.FormatError) as caught:
        from_networkx(graph)
    assert str(caught.value).startswith(message)
    assert str(caught.value).isprintable()


def test_inputs_that_a_law_lacks_at_the_end_are_named():
    graph = nx.DiGraph()
    graph.add_node(0, gate="input", name="m", law={"law": "multivariate_normal", "mean": [0.0, 0.0], "cov": [[1.0, 0.0], [0.0, 1.0]]})
    with pytest.raises(hr.FormatError, match="node 0: expected 2 inputs from here on, as its law governs, found 1 nodes"):
        from_networkx(graph)


@pytest.mark.parametrize("thing", [None, 3, nx.Graph(), hr.Circuit("c")])
def test_other_things_are_refused(thing):
    with pytest.raises(hr.FormatError, match="the graph: expected a directed graph of networkx"):
        from_networkx(thing)
