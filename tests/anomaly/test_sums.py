"""Coefficients of sums: what cancels is 0, whatever rounding leaves of it."""

import numpy as np
import pytest

import heurest as hr
from heurest.anomaly.decomposition import Decomposition
from heurest.anomaly.observations import observations
from heurest.anomaly.sums import read_wires


def terms(circuit, train):
    found = Decomposition(circuit, circuit.outputs["o"].index, observations(circuit, train))
    return {term.name: term.coefficient for term in found.terms}


def test_a_coefficient_that_cancels_is_no_term_though_rounding_leaves_some():
    assert 0.1 + 0.2 != 0.3
    c = hr.Circuit("cancels")
    x, y = c.input("x", hr.Normal()), c.input("y", hr.Normal())
    c.output("o", c.affine([0.1, 0.2, -0.3, 1.0], [x, c.scaled(x, 1.0, 0.0), x, y]))
    assert terms(c, [[1.0, 2.0], [0.0, 5.0]]) == {"y": 1.0}


def test_products_that_cancel_are_no_term():
    c = hr.Circuit("cancels")
    x, y = c.input("x", hr.Normal()), c.input("y", hr.Normal())
    c.output("o", c.affine([0.1, 0.2, -0.3, 1.0], [x * y, y * x, x * y, x]))
    assert terms(c, [[1.0, 2.0], [0.0, 5.0], [3.0, 1.0]]) == {"x": 1.0}


def test_a_mean_that_is_rounding_beside_the_size_of_its_wire_is_0():
    c = hr.Circuit("symmetric")
    x, y = c.input("x", hr.Normal()), c.input("y", hr.Normal())
    c.output("o", x * y)
    column = np.array([0.1, 0.2, 0.3, -0.6, 0.7, -0.7])
    assert 0.0 < abs(column.mean()) < 1e-16
    other = np.array([1.0, 4.0, 2.0, 8.0, 5.0, 7.0])
    found = terms(c, np.column_stack([column, other]))
    assert found == {"x": pytest.approx(4.5), "x * y": 1.0}  # y would have the mean of x


def test_a_small_coefficient_of_its_own_stays():
    c = hr.Circuit("small")
    x, y = c.input("x", hr.Normal()), c.input("y", hr.Normal())
    c.output("o", c.affine([1e-15, 1.0], [x, y]))
    assert terms(c, [[1.0, 2.0], [0.0, 5.0]]) == {"x": 1e-15, "y": 1.0}


def test_what_is_read_covers_every_term():
    c = hr.Circuit("read")
    x, y, z = (c.input(name, hr.Normal()) for name in "xyz")
    square = c.square(c.scaled(x, -2.0, 1.0))
    c.output("o", square * y + 3.0 * (y * c.constant(2.0)))
    read, pairs = read_wires(c, c.outputs["o"].index)
    assert pairs == {(x.index, x.index), (min(square.index, y.index), max(square.index, y.index))}  # 1 - 2 x counts as x
    assert {x.index, y.index, square.index} <= read
    assert z.index not in read
