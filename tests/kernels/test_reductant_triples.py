"""Reductant propagation of order 3 with real values: where it must be exact, and its triples against enumeration."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import heurest as hr
from heurest.estimators.real_triples import propagate_real_triples
from heurest.program import lower
from heurest.program.pairwise import lower_pairwise
from support.sizes import scaled

MUTUAL = 2


def run(circuit):
    """Means and variances of all wires."""
    program = lower(circuit, keep_dead=True)
    mean, variance, _ = propagate_real_triples(lower_pairwise(program, None), 2, MUTUAL, False)
    return program.wire_mean(mean), program.wire_variance(variance)


def normal_points():
    """Six points with the first eleven moments of a standard normal law."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(6)
    return nodes, weights / weights.sum()


def pairings(items):
    """All ways to put an even number of things in pairs."""
    if not items:
        yield []
        return
    for i in range(1, len(items)):
        for rest in pairings(items[1:i] + items[i + 1 :]):
            yield [(items[0], items[i]), *rest]


def normal_product(covariance, factors):
    """E of a product of centred jointly normal variables (Isserlis 1918)."""
    if len(factors) % 2:
        return 0.0
    return sum(np.prod([covariance[i, j] for i, j in pairing]) for pairing in pairings(list(factors)))


@settings(max_examples=scaled(25, 3))
@given(st.lists(st.sampled_from(["x", "y", "z", "x+y", "x-z", "y+z"]), min_size=4, max_size=4))
def test_products_of_three_two_point_inputs_are_exact_to_the_third_factor(names):
    """With three inputs that take two values each, a product of functions of different inputs is known exactly."""
    c = hr.Circuit("three")
    laws = [hr.Discrete([-1.0, 2.0], [0.4, 0.6]), hr.Discrete([0.0, 1.5], [0.7, 0.3]), hr.Discrete([-2.0, 1.0], [0.5, 0.5])]
    x, y, z = (c.input(name, law) for name, law in zip("xyz", laws, strict=True))
    pick = {"x": x, "y": y, "z": z, "x+y": x + y, "x-z": x - z, "y+z": y + z}
    value = pick[names[0]] * pick[names[1]]
    c.output("product", value)
    c.output("with a third", value * pick[names[2]])
    mean, _ = run(c)
    exact = hr.exact(c).value
    for name, wire in c.outputs.items():
        assert mean[wire.index] == pytest.approx(exact[name], abs=1e-9)


@settings(max_examples=scaled(20, 2))
@given(st.integers(0, 10_000))
def test_means_after_two_layers_of_products_of_normal_sums_are_exact(seed):
    """Means of products of sums of products of normal sums: Isserlis' theorem on four factors."""
    rng = np.random.default_rng(seed)
    width = 3
    first, second = rng.standard_normal((width, width)), rng.standard_normal((width, width))
    c = hr.Circuit("layers")
    x = [c.input(f"x{i}", hr.Normal()) for i in range(width)]
    sums = [c.affine(row, x) for row in first]
    products = [sums[i] * sums[(i + 1) % width] for i in range(width)]
    outer = [c.affine(row, products) for row in second]
    outputs = [c.output(f"y{i}", outer[i] * outer[(i + 1) % width]) for i in range(width)]
    mean, _ = run(c)
    covariance = first @ first.T
    moment = np.zeros((width, width))
    for i, j in itertools.product(range(width), repeat=2):
        moment[i, j] = normal_product(covariance, (i, (i + 1) % width, j, (j + 1) % width))
    scale = np.abs(second) @ np.abs(moment) @ np.abs(second).T
    for i in range(width):
        j = (i + 1) % width
        found = mean[c.outputs[f"y{i}"].index]
        assert found == pytest.approx(second[i] @ moment @ second[j], abs=1e-9 * scale[i, j])
    assert len(outputs) == width


def test_the_mean_of_three_products_of_six_normal_sums_is_exact():
    """E[(ab)(pq)(uv)] has its fifteen pairings; all six sums and the three products are different wires."""
    rng = np.random.default_rng(3)
    matrix = rng.standard_normal((6, 6)) / 6**0.5
    c = hr.Circuit("six")
    x = [c.input(f"x{i}", hr.Normal()) for i in range(6)]
    sums = [c.affine(row, x) for row in matrix]
    products = [sums[0] * sums[1], sums[2] * sums[3], sums[4] * sums[5]]
    c.output("y", (products[0] + products[1]) * products[2])
    c.output("z", products[0] * products[1] * products[2])
    mean, _ = run(c)
    assert mean[c.outputs["z"].index] == pytest.approx(normal_product(matrix @ matrix.T, range(6)), rel=1e-9)


def test_products_of_independent_wires_have_the_products_of_their_moments():
    c = hr.Circuit("apart")
    wires = [c.input(f"x{i}", hr.Uniform(-1.0, i + 1.0)) for i in range(4)]
    value = wires[0]
    for wire in wires[1:]:
        value = value * wire
    c.output("y", value)
    mean, variance = run(c)
    means = np.array([0.5 * i for i in range(4)])
    squares = np.array([(2.0 + i) ** 2 / 12.0 for i in range(4)]) + means**2
    place = c.outputs["y"].index
    assert mean[place] == pytest.approx(means.prod(), abs=1e-12)
    assert variance[place] == pytest.approx(squares.prod() - means.prod() ** 2, rel=1e-12)


def test_the_order_of_inputs_and_operands_does_not_matter():
    """Exact invariance holds where gates are made in one order; operands and inputs may change places."""
    means = []
    for flip in (False, True):
        c = hr.Circuit("order")
        names = ("x", "y", "z", "w")
        inputs = {name: c.input(name, hr.Normal(0.3, 1.0)) for name in (names[::-1] if flip else names)}
        x, y, z, w = (inputs[name] for name in names)
        a = y * x if flip else x * y
        b = w * z if flip else z * w
        s = (b + a) if flip else (a + b)
        d = z * x if flip else x * z
        c.output("y", d * s if flip else s * d)
        mean, _ = run(c)
        means.append(mean[c.outputs["y"].index])
    assert means[0] == pytest.approx(means[1], rel=1e-10)
