"""The values of a program as a graph: the same numbers as the circuit's, inputs first, operands before what reads them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import heurest as hr
from heurest import opcodes
from heurest.program.term_graph import Literals, value_graph
from support.interpreter import circuit_values
from support.strategies import circuits


def graph_values(values, inputs):
    """Value of every value of the graph, shape (values, samples), by its definition."""
    graph, found = values.graph, []
    for v in range(graph.size):
        if graph.op[v] == opcodes.TERM_INPUT:
            found.append(inputs[values.inputs[v]])
        elif graph.op[v] == opcodes.TERM_AFFINE:
            terms = range(graph.term_start[v], graph.term_stop[v])
            found.append(sum((graph.term_scale[t] * found[graph.term_value[t]] for t in terms), np.full(inputs.shape[1], graph.bias[v])))
        else:
            u, w = (
                getattr(graph, f"{side}_shift")[v] + (getattr(graph, f"{side}_scale")[v] * found[operand] if operand >= 0 else 0.0)
                for side, operand in (("left", graph.left[v]), ("right", graph.right[v]))
            )
            found.append(u * w)
    return np.array(found).reshape(graph.size, inputs.shape[1])


def draw_inputs(circuit):
    boolean = np.array([wire.boolean for wire in circuit.inputs], dtype=bool)[:, np.newaxis]
    values = np.random.default_rng(0).normal(size=(len(circuit.inputs), 3))
    return np.where(boolean, values > 0.0, values)


@given(circuits(max_gates=12, max_degree=8), st.booleans())
def test_wires_in_terms_of_the_graph_are_those_of_the_circuit(circuit, keep_dead):
    inputs = draw_inputs(circuit)
    values, expected = value_graph(hr.lower(circuit, keep_dead=keep_dead)), circuit_values(circuit, inputs)
    found = graph_values(values, inputs)
    seen = ~np.isnan(values.wires.shift)
    assert seen.all() or not keep_dead
    assert all(seen[wire.index] for wire in circuit.outputs.values())
    scale = 1.0 + np.abs(expected).max(initial=0.0)
    for column in range(inputs.shape[1]):  # a linear map of values is a linear map of means, too
        np.testing.assert_allclose(values.wires.mean(found[:, column])[seen] / scale, expected[seen, column] / scale, rtol=0, atol=1e-12)


@given(circuits(max_gates=12))
def test_inputs_come_first_and_everything_reads_earlier_values(circuit):
    values = value_graph(hr.lower(circuit))
    graph, n = values.graph, values.graph.size
    assert (np.flatnonzero(graph.op == opcodes.TERM_INPUT) == np.arange(len(values.inputs))).all()
    assert len(set(values.inputs.tolist())) == len(values.inputs)
    assert set(graph.op.tolist()) <= {opcodes.TERM_INPUT, opcodes.TERM_AFFINE, opcodes.TERM_PRODUCT}
    assert graph.term_stop[-1:].tolist() in ([], [len(graph.term_value)])
    for v in range(n):
        assert max(graph.left[v], graph.right[v], *graph.term_value[graph.term_start[v] : graph.term_stop[v]], -1) < v
    assert (graph.event == -1).all()
    assert ((graph.left_scale == 0.0) | (graph.left >= 0)).all()


@given(circuits(max_gates=12))
def test_boolean_values_are_wires_that_take_two_values(circuit):
    values = value_graph(hr.lower(circuit))
    wires = values.wires
    inputs = draw_inputs(circuit)
    found = graph_values(values, inputs)
    for value in np.flatnonzero(values.graph.boolean):
        assert set(np.unique(found[value]).tolist()) <= {0.0, 1.0}
    for wire in np.flatnonzero(circuit.boolean & (wires.value >= 0)):
        assert values.graph.boolean[wires.value[wire]]


@pytest.mark.parametrize("size", [2, 3, 40])
def test_dense_layers_have_one_term_an_entry(size):
    c = hr.Circuit("layer")
    x = c.input("x", hr.Normal(), count=size)
    matrix = np.arange(1.0, 2 * size + 1).reshape(2, size)
    rows = c.affine(matrix, x, [5.0, -5.0])
    c.output("o", rows[0] * rows[1])
    graph = value_graph(hr.lower(c)).graph
    sums = np.flatnonzero(graph.op == opcodes.TERM_AFFINE)
    assert (graph.term_stop - graph.term_start)[sums].tolist() == [size, size]
    assert graph.term_scale.tolist() == matrix.reshape(-1).tolist()
    assert graph.bias[sums].tolist() == [5.0, -5.0]
    assert graph.term_value.tolist() == [*range(size)] * 2


def test_literals_of_constants_and_of_wires_that_are_not_computed():
    literals = Literals(np.array([-1, -1, 1], np.int32), np.array([0.0, 0.0, -2.0]), np.array([7.0, np.nan, 1.0]))
    np.testing.assert_array_equal(literals.mean(np.array([10.0, 3.0])), [7.0, np.nan, -5.0])


def test_a_circuit_of_constants_has_no_values():
    c = hr.Circuit("constant")
    c.output("o", c.constant(3.0))
    values = value_graph(hr.lower(c))
    assert (values.graph.size, len(values.inputs)) == (0, 0)
    assert values.wires.mean(np.zeros(0)).tolist() == [3.0]
