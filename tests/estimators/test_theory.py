"""Worked examples of cumulant propagation whose values are known exactly, by hand or by enumeration."""

from fractions import Fraction

import numpy as np
import pytest

import heurest as hr
from support.build import hafnian_tree, one_output, value, variance


def close(expected):
    return pytest.approx(float(expected), rel=1e-12, abs=1e-12)


def standard(c, *names):
    return [c.input(name, hr.Normal(0, 1)) for name in names]


def majority(c):
    x, y, z = c.input("x", hr.Bernoulli(0.5), count=3)
    return ((x & y) | (y & z)) | (z & x)


def one_hot_and(c):
    x = c.input("x", hr.JointDiscrete(np.eye(3), [1 / 3] * 3))
    return (x[0] & x[1]) & x[2]


def test_b0_connected_partitions_of_products_are_counted():
    # All cumulants 1 (Poisson of rate 1 has them): kappa of a products of distinct pairs counts connected partitions.
    from heurest.program.reference import ReferenceCumulants

    for products, count in ((1, 2), (2, 11), (3, 129)):
        c = hr.Circuit("b0")
        wire = c.input("x", hr.Normal(1, 1))
        square = wire**2
        c.output("o", square)
        reference = ReferenceCumulants(c, None)
        reference._of_inputs = lambda wires: 1.0  # every joint cumulant of the input is 1
        assert reference.joint_cumulant((square.index,) * products) == count


def test_b1_a_covariance_that_only_order_two_sees():
    def build(c):
        x, y = standard(c, "x", "y")
        return (1 + x) * (1 + y) + (1 + y) * (x + y)

    assert [value(one_output(build), k) for k in (1, 2)] == [close(1), close(2)]


def test_b2_mean_propagation_is_blind_to_variance():
    circuit = one_output(lambda c: standard(c, "x")[0] ** 2)
    assert [value(circuit, k) for k in (1, 2, 3)] == [close(0), close(1), close(1)]


@pytest.mark.parametrize("expansion", ["node", "layer"])
def test_b3_variance_of_a_square(expansion):
    assert variance(one_output(lambda c: standard(c, "x")[0] ** 2), 2, expansion) == close(2)


def test_b4_the_same_polynomial_in_two_circuits():
    def twice(c):
        return (standard(c, "x")[0] ** 2) ** 2

    def chain(c):
        (x,) = standard(c, "x")
        return x * x * x * x

    assert [value(one_output(twice), k) for k in (1, 2, 3, 4)] == [close(v) for v in (0, 3, 3, 3)]
    assert [value(one_output(chain), k) for k in (1, 2, 3, 4)] == [close(v) for v in (0, 1, 3, 3)]


@pytest.mark.parametrize(
    ("form", "expansion", "quarters"),
    [("product", "node", 17), ("product", "layer", 17), ("squares", "layer", 17), ("squares", "node", 26)],
)
def test_b5_polarisation(form, expansion, quarters):
    def build(c):
        x, y = c.input("x", hr.MultivariateNormal([0, 0], [[1, 0.5], [0.5, 4]]))
        return x * y if form == "product" else 0.25 * ((x + y) ** 2 - (x - y) ** 2)

    assert variance(one_output(build), 2, expansion) == close(quarters / 4)


def test_b6_product_of_two_squares():
    def build(c):
        x, y = c.input("x", hr.MultivariateNormal([0, 0], [[1, 0.5], [0.5, 1]]))
        return x**2 * y**2

    circuit = one_output(build)
    assert value(circuit, 2) == close(1)
    assert value(circuit, 2, "layer") == close(Fraction(3, 2))
    assert value(circuit, 3) == close(Fraction(3, 2))


def test_b7_a_negative_expected_square_and_the_boolean_rule():
    def build(kind):
        def square(c):
            b = c.input("b", hr.Bernoulli(0.1), kind=kind)
            return (b**2 - b) ** 2

        return one_output(square)

    expected = (Fraction(81, 10000), Fraction(369, 5000), Fraction(-207, 5000), 0)
    assert [value(build("real"), k) for k in (1, 2, 3, 4)] == [close(v) for v in expected]
    assert value(build("boolean"), 2) == close(0)


def test_b8_a_probability_below_zero_is_reported_not_clipped():
    circuit = one_output(one_hot_and)
    assert [value(circuit, k) for k in (1, 2, 3)] == [close(Fraction(1, 27)), close(Fraction(-2, 27)), close(0)]
    warning = next(line for line in hr.Cumulant(2).estimate(circuit).warnings if "outside [0, 1]" in line)
    assert "-0.0740741" in warning


@pytest.mark.parametrize("expansion", ["node", "layer"])
def test_b9_parity_is_invisible_below_its_order(expansion):
    def build(c):
        x, y = c.input("x", hr.Sign(), count=2)
        z = x * y
        return (z * x) * y

    assert [value(one_output(build), k, expansion) for k in (1, 2, 3, 4)] == [close(v) for v in (0, 0, 1, 1)]
    squared = one_output(lambda c: (c.input("x", hr.Sign()) * c.input("y", hr.Sign())) ** 2)
    assert value(squared, 2, expansion) == close(1)


def test_b10_majority():
    circuit = one_output(majority)
    assert [64 * value(circuit, k) for k in (1, 2, 3, 4)] == [close(v) for v in (37, 28, 31, 32)]


def test_b10_restricting_a_fair_input_does_not_average_to_the_estimate():
    def restricted(x_value):
        def build(c):
            x = c.constant(x_value)
            y, z = c.input("y", hr.Bernoulli(0.5), count=2)
            return ((x & y) | (y & z)) | (z & x)

        return one_output(build)

    assert [value(restricted(v), 1) for v in (0, 1)] == [close(Fraction(1, 4)), close(Fraction(13, 16))]
    assert [value(restricted(v), 2) for v in (0, 1)] == [close(Fraction(1, 4)), close(Fraction(11, 16))]


def test_b11_a_repeated_operand():
    def build(c):
        x, y = c.input("x", hr.Bernoulli(0.5), count=2)
        return (x & y) & x

    assert [value(one_output(build), k) for k in (1, 2, 3)] == [close(Fraction(1, 8)), close(Fraction(1, 4)), close(Fraction(1, 4))]


def test_b14_equal_samples_of_the_majority():
    comparison = hr.compare([one_output(majority)], ["mean", "cumulant:2", "cumulant:3"], truth="exact")
    assert [row.equal_samples for row in comparison.rows] == [close(Fraction(1024, 25)), close(64), close(1024)]


E1 = {
    0: (38, (110, 96), (-20, -86, 38)),
    1: (-999, (-315, -910), (-275, -863, -999)),
    2: (-558, (-40, -206), (-35, -366, -558)),
    3: (-60, (20, -106), (6, -98, -60)),
    4: (15, (-156, -20), (48, 361, 15)),
}


@pytest.mark.parametrize("seed", E1)
def test_e1_hafnians_of_six_by_six_matrices(seed):
    exact, layer, node = E1[seed]
    factor = np.random.RandomState(seed).randint(-2, 3, size=(6, 6))
    circuit = hafnian_tree(factor @ factor.T)
    assert value(circuit, 1) == 0
    assert [value(circuit, k, "layer") for k in (2, 3, 4)] == [close(v) for v in (*layer, exact)]
    assert [value(circuit, k) for k in (2, 3, 4)] == [close(v) for v in node]


@pytest.mark.parametrize(("size", "expansion", "kept"), [
    (4, "layer", (0, 3, 3, 3)), (6, "layer", (0, 3, 7, 15)), (8, "layer", (0, 25, 57, 105)),
    (4, "node", (0, 1, 3)), (6, "node", (0, 1, 9, 15)),
])  # fmt: skip
def test_truncated_hafnians_keep_some_pairings(size, expansion, kept):
    # With all covariances 1 every kept pairing adds 1 to the estimate.
    circuit = hafnian_tree(np.ones((size, size)))
    assert [value(circuit, k, expansion) for k in range(1, len(kept) + 1)] == [close(v) for v in kept]


@pytest.mark.parametrize(("seed", "exact", "third"), [(0, 0, 0), (1, 8, 3), (2, 2, 0), (3, 7, 2), (4, 2, 0)])
def test_e3_permanents_as_hafnians(seed, exact, third):
    matrix = np.random.RandomState(100 + seed).randint(0, 2, (4, 4))
    zero = np.zeros((4, 4))
    block = np.block([[zero, matrix], [matrix.T, zero]])

    # The block matrix is no covariance; its hafnian still is the full-order value of the tree over a shifted one.
    shift = np.abs(np.linalg.eigvalsh(block)).max() + 1
    circuit = hafnian_tree(block + shift * np.eye(8))
    assert value(circuit, 4, "layer") == close(exact)
    assert value(circuit, 2, "layer") == close(third)
    assert value(circuit, 3, "layer") == close(third)
