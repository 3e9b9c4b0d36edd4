"""Quadratic networks: layers as asked, values of order 1; repeated squaring: the degree that is claimed."""

import numpy as np
import pytest
from numpy.polynomial import Polynomial

import heurest as hr
from heurest.circuit.gates import AFFINE, MULTIPLY, SQUARE
from heurest.families.quadratic import quadratic_network, repeated_squaring
from heurest.formats.circuit_json import dumps
from support.interpreter import circuit_values


@pytest.mark.parametrize(("kind", "code", "rows"), [("square", SQUARE, 1), ("product", MULTIPLY, 2)])
def test_layers_are_dense_and_have_the_widths_asked_for(kind, code, rows):
    c = quadratic_network(widths=(5, 10, 7, 2), kind=kind, rng=1)
    assert [layer.matrix.shape for layer in c.layers] == [(10 * rows, 5), (7 * rows, 10), (2, 7)]
    assert np.bincount(c.gate, minlength=6)[[AFFINE, code]].tolist() == [17 * rows + 2, 17]
    assert list(c.outputs) == ["y[0]", "y[1]"]
    assert c.name == f"quadratic/{kind}#1"


@pytest.mark.parametrize("kind", ["square", "product"])
def test_values_are_those_of_the_formula(kind):
    c = quadratic_network(widths=(3, 4, 2), kind=kind, law="uniform", rng=2)
    x = np.random.default_rng(0).standard_normal((3, 5))
    hidden = c.layers[0].matrix @ x + c.layers[0].bias[:, np.newaxis]
    active = hidden**2 if kind == "square" else hidden[0::2] * hidden[1::2]
    expected = c.layers[1].matrix @ active + c.layers[1].bias[:, np.newaxis]
    got = circuit_values(c, x)[[wire.index for wire in c.outputs.values()]]
    np.testing.assert_allclose(got, expected, rtol=1e-12)


@pytest.mark.parametrize("kind", ["square", "product"])
@pytest.mark.parametrize("law", ["normal", "sign", hr.Uniform(0, 100)])
def test_outputs_stay_of_order_one_at_every_width(kind, law):
    rng = np.random.default_rng(3)
    for widths in ((3, 200, 200, 50), (100, 8, 8, 50)):
        squares = []
        for seed in range(5):
            c = quadratic_network(widths=widths, kind=kind, law=law, rng=seed)
            x = np.concatenate([group.law.sample(rng, 200) for group in c.groups])
            squares.append((circuit_values(c, x)[-50:] ** 2).mean())
        # the output's weights alone make its mean square about 1 + bias**2; two heavy-tailed layers spread it
        assert 0.1 < np.median(squares) < 10.0


def test_the_degree_of_a_network_is_two_to_the_number_of_hidden_layers():
    c = quadratic_network(widths=(1, 3, 3, 1), rng=4)
    t = np.linspace(-2.0, 2.0, 9)
    fitted = Polynomial.fit(t, circuit_values(c, t[np.newaxis])[-1], 8).convert().coef
    np.testing.assert_allclose(fitted[5:], 0.0, atol=1e-9)
    assert abs(fitted[4]) > 1e-3


def test_order_4_is_exact_on_two_hidden_layers():
    c = quadratic_network(widths=(2, 3, 3, 1), rng=5)
    nodes, weights = hr.MultivariateNormal([0, 0], np.eye(2)).quadrature(3)  # exact to degree 5 in each input
    exact = float(circuit_values(c, nodes.T)[-1] @ weights)
    assert hr.Cumulant(4).estimate(c).value["y[0]"] == pytest.approx(exact, rel=1e-10)


def test_inputs_that_are_always_0_need_no_scale():
    c = quadratic_network(widths=(2, 1), law=hr.Discrete((0.0,), (1.0,)), bias=0.0, rng=0)
    assert circuit_values(c, np.zeros((2, 1)))[-1].tolist() == [0.0]


def test_networks_are_reproducible():
    assert dumps(quadratic_network(rng=7)) == dumps(quadratic_network(rng=7))
    assert dumps(quadratic_network(rng=7)) != dumps(quadratic_network(rng=8))


@pytest.mark.parametrize("depth", [1, 2, 3, 4])
def test_repeated_squaring_has_degree_exactly_two_to_the_depth(depth):
    c = repeated_squaring(depth=depth, scale=0.5, shift=-0.25)
    expected = Polynomial([0.0, 1.0])
    for _ in range(depth):
        expected = 0.5 * expected**2 - 0.25
    assert expected.degree() == 2**depth
    t = np.linspace(-1.5, 1.5, 2**depth + 3)
    np.testing.assert_allclose(circuit_values(c, t[np.newaxis])[-1], expected(t), rtol=1e-12)
    assert len(c) == 1 + 2 * depth


def test_repeated_squaring_of_a_normal_has_its_moments():
    c = repeated_squaring(depth=3, scale=1.0, shift=0.0)
    assert hr.Cumulant(8).estimate(c).value["y"] == pytest.approx(105.0)  # E[x^8] = 7!!


def test_the_first_step_of_a_normal_has_mean_0():
    # 1/2 E[x^2] - 1/2 = 0 for mean 0 and variance 1, and the next variance is 1/4 * 2 * 1 = 1/2
    c = repeated_squaring(depth=2)
    assert hr.Cumulant(2).estimate(c).mean[2] == pytest.approx(0.0, abs=1e-15)
    assert hr.Cumulant(2).estimate(c).value["y"] == pytest.approx(-0.25)


@pytest.mark.parametrize(("make", "arguments", "message"), [
    (quadratic_network, {"widths": 5}, "quadratic_network: widths must be a list of integers, got 5"),
    (quadratic_network, {"widths": (5,)}, "quadratic_network: widths must hold the numbers of inputs and of outputs .*, got 1 of them"),
    (quadratic_network, {"widths": (5, 0, 1)}, "quadratic_network: a width must be an integer of at least 1, got 0"),
    (quadratic_network, {"kind": "relu"}, "quadratic_network: kind must be one of square, product, got 'relu'"),
    (quadratic_network, {"bias": -1.0}, "quadratic_network: bias must not be negative, got -1.0"),
    (quadratic_network, {"law": "x"}, "quadratic_network: unknown law 'x'; known are .*"),
    (quadratic_network, {"rng": None}, "quadratic_network: rng must be a seed of at least 0 or a numpy.random.Generator, got None"),
    (repeated_squaring, {"depth": 0}, "repeated_squaring: depth must be an integer of at least 1, got 0"),
    (repeated_squaring, {"scale": float("inf")}, "repeated_squaring: scale must be a finite number, got inf"),
    (repeated_squaring, {"shift": "1"}, "repeated_squaring: shift must be a number, got '1'"),
    (repeated_squaring, {"law": hr.MultivariateNormal([0, 0], np.eye(2))}, "repeated_squaring: law multivariate_normal governs 2 .*"),
])  # fmt: skip
def test_a_bad_parameter_is_one_clear_line(make, arguments, message):
    with pytest.raises(hr.CircuitError, match=f"^{message}$"):
        make(**arguments)
