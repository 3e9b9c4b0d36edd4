"""Evaluation of float batches: against gates taken literally, and compiled against interpreted."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import heurest as hr
from heurest.kernels import degrees, evaluate
from heurest.program import LayerStep
from heurest.truth.engine import Engine
from heurest.truth.inputs import live_inputs
from heurest.truth.outputs import float_outputs
from support.fractions_oracle import wire_values
from support.strategies import NUMBERS, circuits


def interpreted(kernel):
    """The Python function behind a kernel; with the JIT off the kernel is it."""
    return getattr(kernel, "py_func", kernel)


def outputs_at(circuit, points):
    """Values of the outputs at columns of points, shape ``(inputs, points)``, in batches of at most five."""
    program = hr.lower(circuit)
    inputs, outputs = live_inputs(program), float_outputs(program)
    matrix = points[inputs.load_row >= 0]
    engine = Engine(program, inputs.load_row, outputs.watch, 5)
    found = []
    for offset in range(0, points.shape[1], 5):
        count = min(5, points.shape[1] - offset)
        engine.run(matrix, offset, count)
        rows = np.vstack([engine.observed[:, :count], np.zeros(count)])  # row -1, of constants, is the last
        found.append(outputs.scale[:, None] * rows[outputs.row] + outputs.shift[:, None])
    return np.hstack(found)


@given(circuits(max_inputs=4, max_gates=10, max_degree=8), st.data())
def test_outputs_are_those_of_the_gates_taken_literally(circuit, data):
    inputs = [wire.index for wire in circuit.inputs]
    bits = st.sampled_from([0.0, 1.0])
    points = np.array([[data.draw(bits if circuit.boolean[wire] else NUMBERS) for _ in range(7)] for wire in inputs]).reshape(-1, 7)
    found = outputs_at(circuit, points)
    for column in range(7):
        values = wire_values(circuit, {wire: Fraction(points[i, column]) for i, wire in enumerate(inputs)})
        scale = max(abs(float(value)) for value in values)
        expected = [float(values[wire.index]) for wire in circuit.outputs.values()]
        np.testing.assert_allclose(found[:, column], expected, rtol=1e-12, atol=1e-13 * scale)


@given(circuits(max_inputs=3, max_gates=8, max_degree=8), st.integers(0, 2**32))
def test_evaluation_is_the_same_compiled_and_interpreted(circuit, seed):
    program = hr.lower(circuit)
    inputs, outputs = live_inputs(program), float_outputs(program)
    matrix = np.random.default_rng(seed).uniform(-2, 2, (inputs.rows, 9))
    results = []
    for kernel in (evaluate.evaluate, interpreted(evaluate.evaluate)):
        slots, place = np.zeros((program.num_slots + 1, 6)), np.arange(program.num_slots + 1)
        observed = np.zeros((outputs.rows, 6))
        for step in program.steps:
            if isinstance(step, range):
                kernel(program.instructions, step.start, step.stop, matrix, inputs.load_row, 2, 6, slots, place, outputs.watch, observed)
            elif isinstance(step, LayerStep):
                slots[place[step.outputs]] = step.matrix @ slots[place[step.operands]] + step.bias[:, None]
        results.append((slots[place[:-1]], place, observed))
    for compiled, plain in zip(*results, strict=True):
        np.testing.assert_allclose(compiled, plain, rtol=1e-13, atol=1e-13)  # a compiler may fuse a product and a sum


ROWS = st.lists(st.lists(st.floats(-1e3, 1e3), min_size=11, max_size=11), min_size=1, max_size=3)


@pytest.mark.parametrize("kernel", [evaluate.accumulate, interpreted(evaluate.accumulate)], ids=["compiled", "interpreted"])
@given(rows=ROWS, cut=st.integers(1, 10))
def test_moments_of_two_batches_are_those_of_all_samples(kernel, rows, cut):
    data = np.array(rows)
    mean, squares = np.zeros(len(data)), np.zeros(len(data))
    kernel(data[:, :cut].copy(), cut, 0, mean, squares)
    kernel(data[:, cut:].copy(), 11 - cut, cut, mean, squares)
    for r, row in enumerate(rows):
        exact_mean = sum(map(Fraction, row)) / 11
        exact_squares = float(sum((Fraction(x) - exact_mean) ** 2 for x in row))
        assert mean[r] == pytest.approx(float(exact_mean), rel=1e-12, abs=1e-12)
        assert squares[r] == pytest.approx(exact_squares, rel=1e-11, abs=1e-20 + 1e-22 * max(map(abs, row)) ** 2)


@pytest.mark.parametrize("kernel", [evaluate.accumulate, interpreted(evaluate.accumulate)], ids=["compiled", "interpreted"])
def test_a_spread_of_one_survives_a_mean_of_a_thousand_million(kernel):
    row = 1e9 + np.tile([-1.0, 1.0], 500)
    mean, squares = np.zeros(1), np.zeros(1)
    for start in range(0, 1000, 250):
        kernel(row[None, start : start + 250].copy(), 250, start, mean, squares)
    assert mean[0] == pytest.approx(1e9, abs=1e-6)
    assert squares[0] / 1000 == pytest.approx(1.0, abs=1e-12)


@pytest.mark.parametrize(
    "kernel", [evaluate.accumulate_weighted, interpreted(evaluate.accumulate_weighted)], ids=["compiled", "interpreted"]
)
@given(rows=ROWS, weights=st.lists(st.integers(0, 5), min_size=11, max_size=11).filter(any), cut=st.integers(1, 10))
def test_weighted_moments_are_those_of_repeated_samples(kernel, rows, weights, cut):
    data, shares = np.array(rows), np.array(weights) / sum(weights)
    mean, squares, total, lost = np.zeros((4, len(data)))
    so_far = kernel(data[:, :cut].copy(), cut, shares[:cut].copy(), 0.0, mean, squares, total, lost)
    so_far = kernel(data[:, cut:].copy(), 11 - cut, shares[cut:].copy(), so_far, mean, squares, total, lost)
    assert so_far == pytest.approx(1.0)
    for r, row in enumerate(rows):
        repeated = [Fraction(x) for x, times in zip(row, weights, strict=True) for _ in range(times)]
        exact_mean = sum(repeated) / len(repeated)
        variance = float(sum((x - exact_mean) ** 2 for x in repeated) / len(repeated))
        assert total[r] + lost[r] == pytest.approx(float(exact_mean), rel=1e-13, abs=1e-13)
        assert squares[r] == pytest.approx(variance, rel=1e-11, abs=1e-18)


@pytest.mark.parametrize(
    "kernel", [evaluate.accumulate_weighted, interpreted(evaluate.accumulate_weighted)], ids=["compiled", "interpreted"]
)
def test_a_weighted_sum_does_not_lose_small_terms(kernel):
    # 2**-60 is lost in each addition to 1 and only counts because the sum is compensated
    parts = [1.0] + [2.0**-60] * 127
    mean, squares, total, lost = np.zeros((4, 1))
    before = 0.0
    for start in range(128):
        before = kernel(np.array([[parts[start]]]), 1, np.ones(1), before, mean, squares, total, lost)
    assert total[0] + lost[0] == math.fsum(parts)


@pytest.mark.parametrize("kernel", [evaluate.fill_points, interpreted(evaluate.fill_points)], ids=["compiled", "interpreted"])
@given(first=st.integers(0, 29), count=st.integers(1, 30))
def test_points_run_through_all_digits(kernel, first, count):
    count = min(count, 30 - first)
    # three digits with 3, 2 and 5 points; the second sets two rows
    radix, stride, start = np.array([3, 2, 5]), np.array([1, 3, 6]), np.array([0, 3, 5])
    probs = np.array([0.5, 0.25, 0.25, 0.125, 0.875, 0.1, 0.2, 0.3, 0.15, 0.25])
    row_start, row_value = np.array([0, 1, 3, 4]), np.array([0, 3, 5, 7])
    values = np.arange(12.0) + 100.0
    inputs, weights, choice = np.zeros((4, 30)), np.zeros(30), np.zeros(30, np.int64)
    kernel(first, count, radix, stride, start, probs, row_start, row_value, values, choice, inputs, weights)
    for i in range(count):
        low, middle, high = (first + i) % 3, (first + i) // 3 % 2, (first + i) // 6
        assert inputs[:, i].tolist() == [100.0 + low, 103.0 + middle, 105.0 + middle, 107.0 + high]
        assert weights[i] == pytest.approx(probs[low] * probs[3 + middle] * probs[5 + high])


@pytest.mark.parametrize("kernel", [degrees.propagate_degrees, interpreted(degrees.propagate_degrees)], ids=["compiled", "interpreted"])
def test_degrees_add_in_products_and_do_not_in_sums(kernel):
    c = hr.Circuit("degrees")
    x, y, z = c.input("x", hr.Normal(), count=3)
    c.output("o", (x**2 * y + z) * x)  # degree 3 in x, 1 in y and z, 4 in all
    c.output("p", x + y + z)
    program = hr.lower(c)
    outputs = float_outputs(program)
    column, row = np.arange(3, dtype=np.int32), np.zeros(4, np.int64)
    slots, watched = np.zeros((program.num_slots, 4), np.int64), np.zeros((2, 4), np.int64)
    for cap, expected in ((100, [3, 1, 1, 4]), (2, [2, 1, 1, 2])):
        kernel(program.instructions, 0, len(program.instructions.op), column, slots, row, outputs.watch, watched, cap)
        assert watched[outputs.row].tolist() == [expected, [1, 1, 1, 1]]
