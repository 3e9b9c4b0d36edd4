"""Operators on wires and arrays of wires: they build gates that compute what the same operators do to numbers."""

from fractions import Fraction

import numpy as np
import pytest

import heurest as hr
from support.interpreter import circuit_values


def start(count=3, law=None):
    c = hr.Circuit("test")
    return c, c.input("x", law or hr.Normal(), count=count)


def values_of(wires, inputs):
    """Values of a wire or an array of wires, of their shape, for one value of each input."""
    return circuit_values(wires.circuit, np.asarray(inputs, dtype=float)[:, np.newaxis])[wires.index, 0]


ARITHMETIC = {
    "wire + wire": lambda x, y: x + y,
    "wire - wire": lambda x, y: x - y,
    "wire * wire": lambda x, y: x * y,
    "-wire": lambda x, y: -x,
    "wire + number": lambda x, y: x + 2.5,
    "number + wire": lambda x, y: 2.5 + x,
    "wire - number": lambda x, y: x - 2.5,
    "number - wire": lambda x, y: 2.5 - x,
    "wire * number": lambda x, y: x * 2.5,
    "number * wire": lambda x, y: 2.5 * x,
    "wire / number": lambda x, y: x / 2.5,
    "integers": lambda x, y: 3 * x - 2 + y * 4,
    "fractions": lambda x, y: Fraction(1, 4) * x + Fraction(1, 2),
    "numpy scalars": lambda x, y: np.float64(2.5) * x - np.int64(3) + np.float32(0.5) * y,
    "numpy scalar - wire": lambda x, y: np.float64(2.5) - x,
    "true": lambda x, y: x + True,
    "powers": lambda x, y: x**2 + y**3,
    "numpy exponent": lambda x, y: x ** np.int64(3),
    "mixed": lambda x, y: (x + 2 * y) * x - (1 - y) ** 2 / 4,
}


@pytest.mark.parametrize("name", ARITHMETIC)
def test_arithmetic_on_one_wire(name):
    build = ARITHMETIC[name]
    _, x = start()
    inputs = [1.25, -0.75, 0.0]
    result = build(x[0], x[1])
    assert isinstance(result, hr.Wire)
    assert values_of(result, inputs) == pytest.approx(float(build(inputs[0], inputs[1])), rel=1e-14)


@pytest.mark.parametrize("name", ARITHMETIC)
def test_arithmetic_on_arrays_of_wires(name):
    build = ARITHMETIC[name]
    _, x = start(4)
    inputs = np.array([1.25, -0.75, 0.5, 3.0])
    result = build(x[:2], x[2:])
    assert result.shape == (2,)
    np.testing.assert_allclose(values_of(result, inputs), np.asarray(build(inputs[:2], inputs[2:]), dtype=float), rtol=1e-14)


NUMBERS = np.array([[1.0, -2.0], [0.5, 4.0], [0.0, 3.0]])  # broadcasts with two wires, or three in a column
ARRAYS = {
    "array + wires": lambda x: NUMBERS + x,
    "array - wires": lambda x: NUMBERS - x,
    "array * wires": lambda x: NUMBERS * x,
    "wires + array": lambda x: x + NUMBERS,
    "wires - array": lambda x: x - NUMBERS,
    "wires * array": lambda x: x * NUMBERS,
    "wires / array": lambda x: x / (NUMBERS + 5.0),
    "integer array": lambda x: np.arange(6).reshape(3, 2) * x,
    "boolean array": lambda x: np.array([True, False]) * x,
}


@pytest.mark.parametrize("name", ARRAYS)
@pytest.mark.parametrize("shape", [(), (2,), (1, 2), (3, 1), (3, 2)])
def test_arrays_of_numbers_on_either_side_broadcast(name, shape):
    build = ARRAYS[name]
    _, x = start(6)
    inputs = np.array([1.25, -0.75, 0.5, 3.0, -2.0, 7.0])
    size = int(np.prod(shape))
    wires = x[:size].reshape(*shape) if shape else x[0]
    result = build(wires)
    expected = build(inputs[:size].reshape(shape) if shape else inputs[0])
    assert isinstance(result, hr.Wires)
    assert result.shape == np.shape(expected)
    np.testing.assert_allclose(values_of(result, inputs), expected, rtol=1e-14)


@pytest.mark.parametrize("operator", ["+", "-", "*"])
def test_arrays_of_wires_broadcast_with_each_other(operator):
    _, x = start(5)
    inputs = np.array([1.25, -0.75, 0.5, 3.0, -2.0])
    expression = f"a {operator} b"
    result = eval(expression, {"a": x[:3].reshape(3, 1), "b": x[3:]})
    np.testing.assert_array_equal(values_of(result, inputs), eval(expression, {"a": inputs[:3].reshape(3, 1), "b": inputs[3:]}))
    one = eval(expression, {"a": x[0], "b": x})
    np.testing.assert_array_equal(values_of(one, inputs), eval(expression, {"a": inputs[0], "b": inputs}))


@pytest.mark.parametrize("operator", ["&", "|", "^"])
def test_logic_is_that_of_integers_and_broadcasts(operator):
    _, x = start(4, hr.Bernoulli(0.5))
    expression = f"a {operator} b"
    result, inverted = eval(expression, {"a": x[:2].reshape(2, 1), "b": x[2:]}), ~x
    for inputs in np.ndindex(2, 2, 2, 2):
        bits = np.array(inputs)
        np.testing.assert_array_equal(values_of(result, bits), eval(expression, {"a": bits[:2].reshape(2, 1), "b": bits[2:]}))
        np.testing.assert_array_equal(values_of(inverted, bits), 1 - bits)
    assert all(wire.boolean for wire in [*result.reshape(-1), *inverted])


def test_booleans_used_as_numbers_are_real():
    c, b = start(2, hr.Bernoulli(0.5))
    y = c.input("y", hr.Normal())
    assert not (b[0] + b[1]).boolean
    assert not (1 - b[0]).boolean
    assert not (b[0] * y).boolean
    assert (b[0] * b[1]).boolean


def test_numbers_fold_into_one_gate_an_element():
    c, x = start(3)
    _ = 2.5 - x
    assert len(c) == 6
    assert [c.terms(i)[0] for i in range(3, 6)] == [2.5] * 3
    _ = np.array([[1.0], [2.0]]) * x
    assert len(c) == 12


def test_matmul_takes_numbers_on_either_side():
    c, x = start(3)
    y = np.arange(6.0).reshape(2, 3) @ x
    np.testing.assert_array_equal(values_of(y, [1, 10, 100]), [210, 543])
    np.testing.assert_array_equal(values_of([1.0, 0.0, 2.0] @ x, [1, 10, 100]), 201)
    assert c.layers[0].matrix.shape == (2, 3)
    np.testing.assert_array_equal(values_of(x @ np.arange(6.0).reshape(3, 2), [1, 10, 100]), [420, 531])
    with pytest.raises(TypeError):
        _ = x @ x
    with pytest.raises(TypeError):
        _ = np.ones((2, 1)) @ x[0]


def test_a_wire_has_no_truth_value():
    _, x = start(2)
    with pytest.raises(hr.KindError, match="has no truth value: combine wires with"):
        _ = x[0] and x[1]


def test_shapes_that_do_not_match_get_one_line():
    _, x = start(3)
    with pytest.raises(hr.CircuitError, match=r"shapes \(3,\) and \(4,\) and \(\) cannot be matched element by element"):
        _ = np.arange(4.0) * x


@pytest.mark.parametrize(
    "build", [lambda x: x + "1", lambda x: "1" + x, lambda x: x * None, lambda x: 1j * x, lambda x: x / x, lambda x: 1 / x]
)
def test_other_operands_are_type_errors(build):
    c, x = start()
    with pytest.raises(TypeError):
        build(x[0])
    assert len(c) == 3


@pytest.mark.parametrize("build", [lambda b: b & 1, lambda b: b | True, lambda b: b ^ np.array([1, 0])])
def test_logic_with_numbers_is_a_kind_error(build):
    c, b = start(2, hr.Bernoulli(0.5))
    with pytest.raises(hr.KindError, match=r"^[&|^] takes boolean wires on both sides$"):
        build(b)
    with pytest.raises(TypeError):
        _ = 1 & b[0]
    assert len(c) == 2


def test_arrays_of_wires_are_indexed_and_iterated_like_arrays():
    c, x = start(6)
    grid = x.reshape(2, 3)
    assert grid.shape == (2, 3)
    assert len(grid) == 2
    assert grid[1, 2] == x[5]
    assert isinstance(grid[1, 2], hr.Wire)
    assert grid[:, 1].index.tolist() == [1, 4]
    assert x[[4, 0]].index.tolist() == [4, 0]
    assert x[np.array([True, False] * 3)].index.tolist() == [0, 2, 4]
    assert x[-1] == c.wire(5)
    assert list(x) == [c.wire(i) for i in range(6)]
    assert [row.index.tolist() for row in grid] == [[0, 1, 2], [3, 4, 5]]
    with pytest.raises(IndexError):
        _ = x[6]


def test_sum_is_one_gate():
    c, x = start(6)
    total = x.reshape(2, 3).sum()
    assert len(c) == 7
    assert values_of(total, range(6)) == 15


def test_wires_are_equal_when_they_are_the_same():
    c, x = start(2)
    other, y = start(2)
    assert x[0] == c.wire(0) == c.wire("x[0]")
    assert x[0] != x[1]
    assert x[0] != y[0]
    assert x[0] != 0
    assert {x[0]: "a"}[c.wire(0)] == "a"
    assert len({x[0], c.wire(0), y[0], other.wire(0)}) == 2


def test_repr_says_gate_and_circuit():
    c, x = start(2)
    c.set_name(x[0] * x[1], "product")
    assert repr(x[0]) == "<wire 0 'x[0]': input of 'test'>"
    assert repr(c.wire("product")) == "<wire 2 'product': multiply of 'test'>"
    assert repr(x[0] + 1) == "<wire 3: affine of 'test'>"
    assert repr(x) == "<2 wires of 'test'>"
