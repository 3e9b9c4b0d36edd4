"""Building circuits: inputs and their kinds, bulk calls, names, outputs, freezing, copying."""

import tracemalloc
from time import perf_counter

import numpy as np
import pytest

import heurest as hr
from support.interpreter import circuit_values


def circuit_with_inputs(count, law=None):
    c = hr.Circuit("test")
    return c, c.input("x", law or hr.Normal(), count=count)


# -- inputs ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("law", "boolean"), [
    (hr.Bernoulli(0.3), True),
    (hr.Bernoulli(0.0), True),
    (hr.Discrete((0, 1), (0.5, 0.5)), True),
    (hr.Discrete((0, 1, 5), (0.5, 0.5, 0.0)), True),
    (hr.Discrete((0, 2), (0.5, 0.5)), False),
    (hr.Empirical((1.0, 1.0)), True),
    (hr.Empirical((0.0, 0.5, 1.0)), False),
    (hr.Sign(), False),
    (hr.Normal(1, 0), True),
    (hr.Normal(0.5, 0), False),
    (hr.Uniform(0, 1), False),
    (hr.Exponential(1), False),
])  # fmt: skip
def test_an_input_is_boolean_when_its_law_takes_only_0_and_1(law, boolean):
    x = hr.Circuit("kinds").input("x", law)
    assert x.boolean is boolean
    assert x.name == "x"


def test_each_input_of_a_joint_law_has_its_own_kind():
    c = hr.Circuit("kinds")
    x = c.input("x", hr.JointDiscrete([[0, 3], [1, 4]], [0.5, 0.5]))
    assert [wire.boolean for wire in x] == [True, False]
    assert [wire.boolean for wire in c.input("n", hr.MultivariateNormal([0, 0], np.eye(2)))] == [False, False]
    assert c.groups[0].wires == (0, 1)
    assert c.groups[1].wires == (2, 3)
    assert c.right.tolist() == [0, 1, 0, 1]  # the coordinate in the law


def test_a_kind_can_be_declared():
    c = hr.Circuit("kinds")
    assert not c.input("r", hr.Bernoulli(0.5), kind="real").boolean
    assert c.input("b", hr.Bernoulli(0.5), kind="boolean").boolean
    assert c.input("s", hr.Bernoulli(0.5), count=2, kind="real").index.tolist() == [2, 3]
    assert c.boolean.tolist() == [False, True, False, False]


def test_inputs_are_named_by_stem_or_by_list():
    c = hr.Circuit("names")
    assert isinstance(c.input("x", hr.Normal()), hr.Wire)
    assert isinstance(c.input("y", hr.Normal(), count=1), hr.Wires)
    c.input("z", hr.MultivariateNormal([0, 0], np.eye(2)))
    assert isinstance(c.input(["a", "b"], hr.Normal()), hr.Wires)
    c.input(["p", "q"], hr.MultivariateNormal([0, 0], np.eye(2)))
    assert len(c.input("none", hr.Normal(), count=0)) == 0
    assert list(c.names) == ["x", "y[0]", "z[0]", "z[1]", "a", "b", "p", "q"]
    assert [wire.index for wire in c.inputs] == list(range(8))
    assert [len(group.wires) for group in c.groups] == [1, 1, 2, 1, 1, 2]


def test_constants_are_boolean_when_0_or_1():
    c = hr.Circuit("constants")
    assert [c.constant(value).boolean for value in (0, 1, 0.5, -1)] == [True, True, False, False]
    assert c.value.tolist() == [0.0, 1.0, 0.5, -1.0]
    assert c.gate_name(2) == "constant"
    assert c.operands(2) == ()


# -- bulk building ---------------------------------------------------------------------------------


def test_a_matrix_makes_one_dense_layer():
    c, x = circuit_with_inputs(3)
    matrix, bias = np.arange(6.0).reshape(2, 3), np.array([10.0, 20.0])
    y = c.affine(matrix, x, bias)
    (layer,) = c.layers
    assert y.index.tolist() == [3, 4]
    assert (layer.first, layer.operands.tolist()) == (3, [0, 1, 2])
    matrix[:] = np.nan  # the layer keeps its own numbers
    np.testing.assert_array_equal(layer.matrix, np.arange(6.0).reshape(2, 3))
    for part in (layer.matrix, layer.bias, layer.operands):
        assert not part.flags.writeable
    assert c.term_wire.size == 0
    assert c.operands(4) == (0, 1, 2)
    values = np.random.default_rng(0).normal(size=(3, 5))
    np.testing.assert_allclose(circuit_values(c, values)[3:], np.arange(6.0).reshape(2, 3) @ values + bias[:, np.newaxis], rtol=1e-14)


def test_matmul_is_the_same_layer():
    c, x = circuit_with_inputs(3)
    y = np.ones((2, 3)) @ x
    assert y.shape == (2,)
    assert len(c.layers) == 1
    np.testing.assert_array_equal(c.layers[0].bias, [0, 0])


def test_rows_with_their_own_operands_are_gates_of_their_own():
    c, x = circuit_with_inputs(4)
    operands = x[np.array([[0, 1, 1], [3, 2, 0]])]
    y = c.affine([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], operands, 0.5)
    assert c.layers == ()
    assert [c.operands(w.index) for w in y] == [(0, 1, 1), (3, 2, 0)]
    values = np.random.default_rng(0).normal(size=(4, 5))
    expected = [0.5 + values[0] + 5 * values[1], 0.5 + 4 * values[3] + 5 * values[2] + 6 * values[0]]
    np.testing.assert_allclose(circuit_values(c, values)[4:], expected, rtol=1e-13, atol=1e-13)


def test_one_gate_takes_a_vector():
    c, x = circuit_with_inputs(2)
    y = c.affine([2.0, -3.0], [x[0], x[1]], 1.0)
    assert isinstance(y, hr.Wire)
    bias, operands, coefficients = c.terms(y.index)
    assert (bias, operands.tolist(), coefficients.tolist()) == (1.0, [0, 1], [2.0, -3.0])


def test_affine_gates_without_operands_are_constants():
    c = hr.Circuit("empty")
    y = c.affine([], [], 2.5)
    assert c.operands(y.index) == ()
    assert circuit_values(c, np.empty((0, 1)))[y.index].tolist() == [2.5]


def test_products_of_arrays_broadcast():
    c, x = circuit_with_inputs(3)
    b = c.input("b", hr.Bernoulli(0.5), count=2)
    values = np.vstack([np.random.default_rng(0).normal(size=(3, 4)), np.tile([0, 1, 0, 1], 1), np.tile([0, 0, 1, 1], 1)])
    outer = c.multiply(x.reshape(3, 1), b)
    squares, ands = c.square(x), c.land(b, b[0])
    result = circuit_values(c, values)
    assert outer.shape == (3, 2)
    np.testing.assert_array_equal(result[outer.index], values[:3, np.newaxis] * values[np.newaxis, 3:])
    np.testing.assert_array_equal(result[squares.index], values[:3] ** 2)
    np.testing.assert_array_equal(result[ands.index], values[3:] * values[3])
    assert not c.boolean[outer.index].any()
    assert c.boolean[ands.index].all()
    assert [c.gate_name(group.index.flat[0]) for group in (outer, squares, ands)] == ["multiply", "square", "and"]


def test_products_of_arrays_have_kinds_element_by_element():
    c = hr.Circuit("kinds")
    mixed = c.input("x", hr.JointDiscrete([[0, 3], [1, 4]], [0.5, 0.5]))
    products, squares = c.multiply(mixed, mixed[0]), c.square(mixed)
    assert [wire.boolean for wire in products] == [True, False]
    assert [wire.boolean for wire in squares] == [True, False]


def test_empty_arrays_of_wires_make_no_gates():
    c, x = circuit_with_inputs(2)
    none = x[:0]
    for made in (
        c.multiply(none, none),
        none + 1.0,
        none**2,
        2.0 * none,
        c.affine(np.empty((0, 2)), x),
        c.affine(np.empty((0, 2)), hr.Wires(c, np.empty((0, 2)))),
    ):
        assert len(made) == 0
    assert len(c) == 2


def test_mux_chooses():
    c = hr.Circuit("mux")
    s, a, b = c.input("x", hr.Bernoulli(0.5), count=3)
    y = c.mux(s, a, b)
    values = circuit_values(c, np.array([[0, 1], [0, 0], [1, 1]]))
    assert values[y.index].tolist() == [1, 0]


@pytest.mark.large
def test_a_million_gates_from_arrays_take_little_time_and_memory():
    rng, inputs, layers = np.random.default_rng(0), 1000, 100
    width = 1_000_000 // (3 * layers) + 1
    tracemalloc.start()
    begin = perf_counter()
    c = hr.Circuit("million")
    wires = c.input("x", hr.Normal(), count=inputs)
    for _ in range(layers):
        a, b = (wires[rng.integers(0, len(wires), width)] for _ in range(2))
        sums = c.affine(rng.normal(size=(width, 2)), hr.Wires(c, np.stack([a.index, b.index], axis=1)))
        wires = hr.Wires(c, np.concatenate([c.multiply(a, sums).index, c.square(sums).index]))
    c.output("o", wires[-1])
    seconds, (_, peak) = perf_counter() - begin, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(c) - inputs >= 1_000_000
    assert seconds < 10  # 2 s is the goal, measured in bench; here only that nothing is done gate by gate
    assert peak < 500e6


# -- names and outputs -----------------------------------------------------------------------------


def test_wires_are_found_by_name_and_by_index():
    c, x = circuit_with_inputs(2)
    total = c.set_name(x[0] + x[1], "total")
    assert c.wire("total") == total == c.wire(2)
    assert c.wire(np.int64(2)) == total
    assert c.wire("x[1]") == x[1]
    assert total.name == "total"
    assert (x[0] * x[1]).name is None
    assert c.names == {"x[0]": 0, "x[1]": 1, "total": 2}
    with pytest.raises(TypeError):
        c.names["new"] = 0


def test_outputs_keep_their_order_and_need_not_be_gates():
    c, x = circuit_with_inputs(2)
    y = x[0] * x[1]
    c.output("second", y)
    c.output("first", x[0])
    c.output("again", y)
    c.output("array", (x**2).reshape(1, 2))
    assert list(c.outputs) == ["second", "first", "again", "array[0]", "array[1]"]
    assert c.outputs["second"] == c.outputs["again"] == y
    assert c.outputs["array[1]"].index == len(c) - 1
    with pytest.raises(TypeError):
        c.outputs["new"] = y


def test_outputs_have_names_apart_from_wires():
    c, x = circuit_with_inputs(1)
    c.output("x[0]", x[0] + 1.0)
    assert c.outputs["x[0]"].index == 1
    assert c.wire("x[0]").index == 0


# -- freezing, copying, showing --------------------------------------------------------------------


def test_an_estimate_freezes_the_circuit():
    c, x = circuit_with_inputs(1)
    c.output("o", x[0])
    assert not c.frozen
    hr.Mean().estimate(c)
    assert c.frozen
    assert c.freeze() is c


CHANGES = {
    "input": lambda c, x: c.input("new", hr.Normal()),
    "constant": lambda c, x: c.constant(1.0),
    "affine": lambda c, x: c.affine([1.0, 1.0], x),
    "layer": lambda c, x: np.eye(2) @ x,
    "sum": lambda c, x: x[0] + x[1],
    "shift": lambda c, x: x + 1.0,
    "negation": lambda c, x: -x,
    "product": lambda c, x: x[0] * x[1],
    "square": lambda c, x: x**2,
    "and": lambda c, x: x[0] & x[1],
    "derived": lambda c, x: x[0] | x[1],
    "not": lambda c, x: ~x,
    "zeroth power": lambda c, x: x**0,
    "output": lambda c, x: c.output("new", x[0]),
    "set_name": lambda c, x: c.set_name(c.wire(2), "new"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_frozen_circuit_cannot_be_changed(change):
    c, x = circuit_with_inputs(2, hr.Bernoulli(0.5))
    c.output("o", x[0] & x[1])
    c.freeze()
    with pytest.raises(hr.CircuitError, match=r"^circuit 'test' is frozen: use copy\(\) to get one that can be changed$"):
        CHANGES[change](c, x)
    assert len(c) == 3
    assert list(c.outputs) == ["o"]
    copy = c.copy()
    CHANGES[change](copy, hr.Wires(copy, x.index))  # allowed again


def test_a_copy_is_independent():
    c, x = circuit_with_inputs(2)
    c.set_name(x[0] + x[1], "total")
    _ = np.ones((2, 2)) @ x
    c.output("o", c.wire("total"))
    copy = c.copy("other")
    assert (copy.name, copy.frozen) == ("other", False)
    assert c.copy().name == "test"
    for column in ("gate", "boolean", "left", "right", "value", "term_wire", "term_coefficient"):
        np.testing.assert_array_equal(getattr(copy, column), getattr(c, column))
    assert copy.names == c.names
    assert copy.outputs["o"] == copy.wire("total") != c.wire("total")
    copy.output("p", copy.input("y", hr.Normal()) * copy.wire(0))
    assert len(c) == 5
    assert list(c.outputs) == ["o"]
    assert "y" not in c.names
    assert len(copy.layers) == len(c.layers) == 1


def test_arrays_of_the_circuit_are_read_only():
    c, x = circuit_with_inputs(2)
    _ = x[0] + x[1]
    for column in ("gate", "boolean", "left", "right", "value", "term_wire", "term_coefficient"):
        with pytest.raises(ValueError, match="read-only"):
            getattr(c, column)[0] = 0


def test_repr_counts():
    c, x = circuit_with_inputs(2)
    assert repr(hr.Circuit("empty")) == "<Circuit 'empty': 0 inputs, 0 gates, 0 outputs>"
    c.constant(2.0)
    c.output("o", x[0] * x[1])
    assert repr(c) == "<Circuit 'test': 2 inputs, 1 gate, 1 output>"
    assert len(c) == c.num_wires == 4
