"""The kernel of covariance propagation: exact where theory says so, symmetric, the same compiled and interpreted."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import heurest as hr
from heurest.estimators.cumulant import input_cumulants
from heurest.kernels.covariance import propagate_covariances, variance_of_product
from support.sizes import JIT_DISABLED
from support.strategies import circuits

NUMBERS = st.integers(-12, 12).map(lambda n: n / 4)


def run(kernel, program, pieces=1, padding=0):
    """Means and variances of all values, and the covariances of the slots after every piece."""
    table = input_cumulants(program.circuit, 2)
    slots, stop = program.num_slots, len(program.instructions.op)
    slot_mean, covariance, row = np.zeros(slots), np.zeros((slots, slots + padding)), np.zeros(slots)
    mean, variance = np.zeros(program.num_values), np.zeros(program.num_values)
    ends = np.linspace(0, stop, pieces + 1).astype(int) if pieces > 1 else [0, stop]
    seen = []
    for begin, end in itertools.pairwise(ends):
        kernel(program.instructions, begin, end, table[1], table[2], slot_mean, covariance, row, mean, variance)
        seen.append(covariance[:, :slots].copy())
    return mean, variance, seen


# -- the variance of one product -------------------------------------------------------------------


@given(st.tuples(NUMBERS, NUMBERS), st.lists(NUMBERS, min_size=4, max_size=4))
def test_variance_of_a_product_of_jointly_normal_wires(means, factor):
    root = np.array(factor).reshape(2, 2)
    law = hr.MultivariateNormal(means, root @ root.T)
    (cuu, cuw), (_, cww) = law.cov
    exact = law.joint_moment((0, 0, 1, 1)) - law.joint_moment((0, 1)) ** 2
    size = 1.0 + law.joint_moment((0, 0, 1, 1))
    actual = variance_of_product(*means, cuu, cww, cuw, np.nan, np.nan, 1.0, 1.0, False, False)
    assert actual == pytest.approx(exact, rel=1e-10, abs=1e-10 * size)


@given(st.lists(st.integers(1, 20), min_size=4, max_size=4), NUMBERS, NUMBERS, NUMBERS, NUMBERS)
def test_variance_of_a_product_of_boolean_multiples_is_exact(weights, a, b, shift_u, shift_w):
    # Any law on two bits is given by its means and covariance, so nothing is presumed.
    bits, probs = np.array(list(itertools.product((0.0, 1.0), repeat=2))).T, np.array(weights) / sum(weights)
    (mx, my), (u, w) = bits @ probs, (a * bits[0] + shift_u, b * bits[1] + shift_w)
    mean_u, mean_w = u @ probs, w @ probs
    cuu, cww, cuw = ((p * q) @ probs for p, q in ((u - mean_u, u - mean_u), (w - mean_w, w - mean_w), (u - mean_u, w - mean_w)))
    exact = (u * w) ** 2 @ probs - (u * w @ probs) ** 2
    actual = variance_of_product(mean_u, mean_w, cuu, cww, cuw, mx, my, a, b, True, True)
    assert actual == pytest.approx(exact, rel=1e-9, abs=1e-9 * (1 + (u * w) ** 2 @ probs))


@given(st.integers(0, 10).map(lambda n: n / 10), NUMBERS, NUMBERS, NUMBERS, st.integers(0, 12).map(lambda n: n / 4), st.booleans())
def test_variance_of_a_product_of_a_boolean_and_an_independent_real_is_exact(p, a, shift, w, cww, swapped):
    u, cuu = a * p + shift, a * a * p * (1 - p)
    exact = (cuu + u * u) * (cww + w * w) - (u * w) ** 2
    if swapped:
        actual = variance_of_product(w, u, cww, cuu, 0.0, w, p, 1.0, a, False, True)
    else:
        actual = variance_of_product(u, w, cuu, cww, 0.0, p, w, a, 1.0, True, False)
    assert actual == pytest.approx(exact, rel=1e-9, abs=1e-9 * (1 + exact))


def test_variance_of_a_product_of_dependent_boolean_and_real_drops_three_distinct_wires():
    # k(xxyy) = (1 - 2m) k(xyy) - 2 k(xy)^2 and k(xxy) = (1 - 2m) k(xy); k(xyy) has three wires and is presumed 0.
    m, my, vy, c = 0.25, 2.0, 3.0, 0.5
    vx, slope = m * (1 - m), 1 - 2 * m
    four, pairs = -2 * c * c, vx * vy + c * c + m * m * vy + my * my * vx + 2 * m * my * c
    expected = four + 2 * my * slope * c + pairs
    assert variance_of_product(m, my, vx, vy, c, m, my, 1.0, 1.0, True, False) == pytest.approx(expected, rel=1e-14)
    assert variance_of_product(my, m, vy, vx, c, my, m, 1.0, 1.0, False, True) == pytest.approx(expected, rel=1e-14)


# -- whole circuits --------------------------------------------------------------------------------


def random_affine(seed):
    """A circuit of sums of two and of many wires, and the coefficients of every wire in terms of the inputs."""
    rng = np.random.default_rng(seed)
    c = hr.Circuit("affine")
    laws = [hr.Normal(1, 2), hr.Exponential(0.5), hr.Uniform(-1, 3), hr.Sign(), hr.Bernoulli(0.2)]
    wires = [c.input(f"x{i}", law) for i, law in enumerate(laws)]
    rows = list(np.eye(len(laws)))
    for _ in range(12):
        chosen = rng.choice(len(wires), size=rng.integers(2, 6))  # repeats allowed
        weights = rng.integers(-2, 3, size=chosen.size).astype(float)
        wires.append(c.affine(weights, [wires[i] for i in chosen], rng.normal()))
        rows.append(weights @ np.array(rows)[chosen])
    c.output("o", hr.Wires(c, [wire.index for wire in wires]))
    return c, np.array(rows), np.array([4.0, 4.0, 16 / 12, 1.0, 0.16])


@pytest.mark.parametrize("seed", range(5))
def test_variances_through_affine_gates_are_exact(seed):
    circuit, rows, variances = random_affine(seed)
    program = hr.lower(circuit)
    _, variance, _ = run(propagate_covariances, program)
    np.testing.assert_allclose(program.wire_variance(variance), rows**2 @ variances, rtol=1e-10, atol=1e-10)


def test_products_of_inputs_in_a_sum_have_exact_variance_when_nothing_is_shared():
    # Var(x y + 2 z) for independent x ~ N(1, 2^2), y ~ Exp(1/2), z = +-1: E[x^2] E[y^2] - (E[x] E[y])^2 + 4
    c = hr.Circuit("sum")
    x, y, z = c.input("x", hr.Normal(1, 2)), c.input("y", hr.Exponential(0.5)), c.input("z", hr.Sign())
    c.output("o", x * y + 2 * z)
    program = hr.lower(c)
    mean, variance, _ = run(propagate_covariances, program)
    assert program.wire_mean(mean)[c.outputs["o"].index] == 2
    assert program.wire_variance(variance)[c.outputs["o"].index] == pytest.approx(5 * 8 - 4 + 4, rel=1e-14)


def test_a_mean_takes_the_covariance_of_the_operands_in():
    # E[(x + y)(x - 2y)] = Var x - 2 Var y + E[x + y] E[x - 2y] for independent x and y
    c = hr.Circuit("product")
    x, y = c.input("x", hr.Normal(3, 2)), c.input("y", hr.Normal(1, 1))
    c.output("o", (x + y) * (x - 2 * y))
    program = hr.lower(c)
    mean, _, _ = run(propagate_covariances, program)
    assert program.wire_mean(mean)[c.outputs["o"].index] == 4 - 2 + 4 * 1


def test_a_boolean_result_has_the_variance_of_a_bit():
    # Summing covariances instead would presume k(sa, sb, .) = 0 and give something else, as it does for the same sum of reals.
    def build(kind):
        c = hr.Circuit("mux")
        s, a, b = c.input("x", hr.Bernoulli(0.5), count=3, kind=kind)
        inner = c.affine([1.0, 1.0, -1.0], [b, s * a, s * b], boolean=kind == "boolean")
        c.output("o", c.affine([1.0, 1.0, -2.0], [inner, a, inner * a], boolean=kind == "boolean"))
        program = hr.lower(c)
        mean, variance, _ = run(propagate_covariances, program)
        last = c.outputs["o"].index
        return program.wire_mean(mean)[last], program.wire_variance(variance)[last]

    mean, variance = build("boolean")
    assert variance == pytest.approx(mean - mean**2, rel=1e-14)
    mean, variance = build("real")
    assert variance != pytest.approx(mean - mean**2, rel=1e-3)


PLAIN = circuits(layers=False, joint=False, max_gates=10, max_degree=6)


@given(PLAIN)
def test_covariances_stay_symmetric(circuit):
    program = hr.lower(circuit)
    _, _, seen = run(propagate_covariances, program, pieces=len(program.instructions.op))
    for covariance in seen:
        np.testing.assert_array_equal(covariance, covariance.T)


@given(PLAIN, st.integers(1, 3), st.sampled_from([0, 1, 7]))
def test_results_depend_neither_on_pieces_nor_on_padding(circuit, pieces, padding):
    program = hr.lower(circuit, keep_dead=True)
    mean, variance, seen = run(propagate_covariances, program)
    other = run(propagate_covariances, program, pieces, padding)
    np.testing.assert_array_equal(other[0], mean)
    np.testing.assert_array_equal(other[1], variance)
    np.testing.assert_array_equal(other[2][-1], seen[-1])


@pytest.mark.skipif(JIT_DISABLED, reason="nothing is compiled")
@given(PLAIN)
def test_compiled_equals_interpreted(circuit):
    program = hr.lower(circuit, keep_dead=True)
    compiled, interpreted = run(propagate_covariances, program), run(propagate_covariances.py_func, program)
    size = max(1.0, *(float(np.abs(part).max(initial=0.0)) for part in interpreted[:2]))
    for one, two in zip(compiled, interpreted, strict=True):
        np.testing.assert_allclose(one, two, rtol=1e-9, atol=1e-12 * size**2)
