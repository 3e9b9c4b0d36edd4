"""What mean and cumulant propagation claim, as properties of generated circuits."""

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import heurest as hr
from heurest.program.reference import ReferenceCumulants
from support.enumeration import expected_values
from support.strategies import BOOLEAN_LAWS, FINITE_LAWS, NUMBERS, circuits

METHODS = st.sampled_from([hr.Mean(), hr.Cumulant(2), hr.Cumulant(3), hr.Cumulant(4), hr.Cumulant(2, "layer"), hr.Cumulant(3, "layer")])


def assert_close(actual, expected, size=1.0):
    np.testing.assert_allclose(actual, expected, rtol=1e-9, atol=1e-9 * max(1.0, size))


def largest(circuit):
    """The largest absolute value that a wire can be expected to reach, for rounding."""
    values = [1.0]
    for wire in range(len(circuit)):
        name = circuit.gate_name(wire)
        if name in ("input", "constant"):
            values.append(10.0)
        elif name == "affine":
            bias, operands, coefficients = circuit.terms(wire)
            values.append(abs(bias) + sum(abs(a) * values[x + 1] for a, x in zip(coefficients, operands, strict=True)))
        else:
            values.append(values[circuit.left[wire] + 1] * values[circuit.right[wire] + 1])
    return max(values)


@given(circuits(laws=FINITE_LAWS, max_degree=4).filter(lambda c: all(g.law.points() is not None for g in c.groups)))
def test_without_a_cut_cumulants_are_exact(circuit):
    reference = ReferenceCumulants(circuit, None)
    expected = expected_values(circuit)
    assert_close([reference.joint_cumulant((w,)) for w in range(len(circuit))], expected, largest(circuit))


@given(circuits(laws=FINITE_LAWS, max_degree=4).filter(lambda c: all(g.law.points() is not None for g in c.groups)))
def test_order_four_is_exact_for_polynomials_of_degree_four(circuit):
    degree = polynomial_degree(circuit)
    estimate = hr.Cumulant(4).estimate(circuit, keep_dead=True)
    exact = expected_values(circuit)
    for wire in range(len(circuit)):
        if degree[wire] <= 4:
            assert_close(estimate.mean[wire], exact[wire], largest(circuit))


def polynomial_degree(circuit):
    degree = []
    for wire in range(len(circuit)):
        below = [degree[w] for w in circuit.operands(wire)]
        name = circuit.gate_name(wire)
        degree.append({"input": 1, "constant": 0, "affine": max(below, default=0), "square": 2 * sum(below)}.get(name, sum(below)))
    return degree


@st.composite
def read_once(draw):
    """A formula: every wire is read at most once, inputs are independent."""
    c = hr.Circuit("read-once")
    boolean = draw(st.booleans())
    pool = [c.input(f"x{i}", draw(BOOLEAN_LAWS if boolean else FINITE_LAWS), kind="boolean" if boolean else "real")
            for i in range(draw(st.integers(2, 5)))]  # fmt: skip
    while len(pool) > 1:
        a, b = (pool.pop(draw(st.integers(0, len(pool) - 1))) for _ in range(2))
        if boolean:
            pool.append(c.apply(draw(st.sampled_from(["and", "or", "xor", "nand", "nor", "xnor"])), a, b))
        elif draw(st.booleans()):
            pool.append(a * b)
        else:
            pool.append(c.affine([draw(NUMBERS), draw(NUMBERS)], [a, b], draw(NUMBERS)))
    c.output("o", pool[0])
    return c


@given(read_once(), METHODS)
def test_every_method_is_exact_on_read_once_circuits(circuit, method):
    assert_close(method.estimate(circuit).value["o"], expected_values(circuit)[circuit.outputs["o"].index], largest(circuit))


@given(circuits(max_degree=6), METHODS, NUMBERS, NUMBERS, NUMBERS)
def test_estimates_are_linear_on_wires(circuit, method, a, b, shift):
    c = circuit.copy()
    x, y = c.outputs["last"], c.outputs["other"]
    c.output("sum", a * x + b * y + shift)
    value = method.estimate(c).value
    assume(all(map(math.isfinite, value.values())))
    size = abs(a * value["last"]) + abs(b * value["other"]) + abs(shift)
    assert_close(value["sum"], a * value["last"] + b * value["other"] + shift, size)


@given(circuits(max_degree=6), METHODS, st.data())
def test_gates_that_feed_no_output_change_nothing(circuit, method, data):
    c = circuit.copy()
    for _ in range(data.draw(st.integers(1, 4))):
        x, y = (c.wire(data.draw(st.integers(0, len(c) - 1))) for _ in range(2))
        _ = x & y if x.boolean and y.boolean else x * y
    assert method.estimate(c).value == method.estimate(circuit).value


@given(circuits(max_degree=6), METHODS)
def test_estimates_are_deterministic(circuit, method):
    assert method.estimate(circuit).value == method.estimate(circuit).value


@given(circuits(booleans=False, joint=False, max_degree=6), METHODS, NUMBERS, NUMBERS)
def test_rescaling_an_input_and_undoing_it_changes_nothing(circuit, method, scale, shift):
    rebuilt = hr.Circuit("rescaled")
    wires = []
    for wire in range(len(circuit)):
        name = circuit.gate_name(wire)
        if name == "input":
            law = circuit.groups[circuit.left[wire]].law
            wires.append((scale * rebuilt.input(f"x{wire}", law) + shift - shift) / scale)
        elif name == "constant":
            wires.append(rebuilt.constant(circuit.value[wire]))
        elif name == "affine":
            bias, operands, coefficients = circuit.terms(wire)
            wires.append(rebuilt.affine(coefficients, [wires[i] for i in operands], bias))
        else:
            wires.append(wires[circuit.left[wire]] * wires[circuit.right[wire]])
    for name, output in circuit.outputs.items():
        rebuilt.output(name, wires[output.index])
    expected = method.estimate(circuit).value
    actual = method.estimate(rebuilt).value
    for name in expected:
        assert_close(actual[name], expected[name], largest(circuit))


@given(circuits(booleans=False, max_degree=8, max_gates=6))
def test_covariances_stay_positive_semidefinite_at_order_two(circuit):
    reference = ReferenceCumulants(circuit, 2)
    wires = range(len(circuit))
    matrix = np.array([[reference.joint_cumulant((i, j)) for j in wires] for i in wires])
    scale = np.sqrt(np.maximum(np.diag(matrix), 1e-300))
    assert np.linalg.eigvalsh(matrix / np.outer(scale, scale)).min() > -1e-6


def test_boolean_rules_can_make_a_variance_negative_and_the_estimate_says_so():
    c = hr.Circuit("one-hot")
    x = c.input("x", hr.JointDiscrete(np.eye(3), [1 / 3] * 3))
    c.output("o", (x[0] & x[1]) & x[2])
    estimate = hr.Cumulant(2).estimate(c)
    assert estimate.variance[c.outputs["o"].index] == pytest.approx(-2 / 27 - (2 / 27) ** 2)
    assert any("negative estimated variance" in line for line in estimate.warnings)


@pytest.mark.parametrize("order", [2, 3, 4])
def test_dense_layers_equal_the_same_gates_one_by_one(order):
    rng = np.random.default_rng(0)
    first, second = rng.normal(size=(5, 4)), rng.normal(size=(3, 5))

    def network(dense):
        c = hr.Circuit("net")
        x = c.input("x", hr.Exponential(1.0), count=3)
        g = c.input("g", hr.Bernoulli(0.3))
        wires = hr.Wires(c, [*x.index, g.index])
        for matrix in (first, second):
            rows = matrix @ wires if dense else c.affine(matrix, hr.Wires(c, np.tile(wires.index, (len(matrix), 1))))
            wires = rows**2
        c.output("o", wires)
        return hr.Cumulant(order).estimate(c)

    dense, sparse = network(True), network(False)
    np.testing.assert_allclose(list(dense.value.values()), list(sparse.value.values()), rtol=1e-9)
    np.testing.assert_allclose(dense.variance[-3:], sparse.variance[-3:], rtol=1e-8)


def test_too_little_memory_is_said_before_it_is_taken():
    c = hr.Circuit("wide")
    x = c.input("x", hr.Normal(), count=3000)
    c.output("o", (x**2).sum() * x.sum())
    with pytest.raises(hr.IntractableError, match=r"order 3 over \d+ live wires needs [\d,]+ bytes, but 1,000,000 are allowed"):
        hr.Cumulant(3).estimate(c, max_memory=1_000_000)


@pytest.mark.parametrize("order", [0, -1, 13, 2.0, "2", True, None])
def test_orders_that_make_no_sense_are_refused(order):
    with pytest.raises(hr.ArgumentError, match="order must be an integer from 1 to 12"):
        hr.Cumulant(order)


def test_an_unknown_expansion_is_refused():
    with pytest.raises(hr.ArgumentError, match="expansion must be one of node, layer, got 'single'"):
        hr.Cumulant(2, "single")


@pytest.mark.parametrize("method", ["mean", "cumulant:2", "cumulant:3", "cumulant:4", "cumulant:2:expansion=layer", "mc:100"])
def test_overflow_in_a_dense_network_is_a_warning_too(method):
    c = hr.Circuit("network")
    wires = c.input("x", hr.Normal(10, 1), count=3)
    for _ in range(10):
        wires = (np.array([[1.0, 2.0, -1.0], [0.0, 1.0, 1.0], [1.0, -1.0, 0.5]]) @ wires) ** 2
    c.output("o", wires)
    estimate = hr.estimate(c, method)  # numpy's own warnings are errors here
    assert not any(map(math.isfinite, estimate.value.values()))
    assert estimate.warnings
    row = hr.compare(c, method, truth="mc", samples=100).rows[0]
    assert not math.isfinite(row.relative_error)


def test_overflow_is_a_warning_not_a_silent_number():
    c = hr.Circuit("tower")
    x = c.input("x", hr.Normal(10, 1))
    for _ in range(12):
        x = x**2
    c.output("o", x)
    estimate = hr.Cumulant(2).estimate(c)
    assert not math.isfinite(estimate.value["o"])
    assert estimate.warnings
