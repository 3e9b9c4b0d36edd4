"""Looking at terms: the units that outputs are weighed in, which terms are promising, and reductants as groups of terms."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest

import heurest as hr
from heurest.arguments.exploration import Problem, look_further
from heurest.program import lower
from heurest.program.term_graph import value_graph
from support.arguments import majority, product_of_prices

NOTHING = np.zeros((0, 2), np.int32)


def problem_of(circuit: hr.Circuit, order: int = 2, degree: int = 0, outputs: tuple[str, ...] | None = None) -> Problem:
    values = value_graph(lower(circuit))
    return Problem.of(circuit, values, outputs or tuple(circuit.outputs), order, degree, None)


def value_of(problem: Problem, *names: str) -> list[int]:
    """The values that wires are, all of them as they stand."""
    wires = [problem.circuit.wire(name).index for name in names]
    assert (problem.values.wires.scale[wires] == 1.0).all()
    return problem.values.wires.value[wires].tolist()


# -- the problem ---------------------------------------------------------------------------------------


def test_an_output_is_weighed_in_units_of_its_root_mean_square():
    # x, y have mean 3, 7 and variance 1, 4; by variances alone var xy = 1 * 4 + 9 * 4 + 49 * 1 = 89, and E xy = 21
    problem = problem_of(product_of_prices())
    np.testing.assert_allclose(problem.deviation, [1.0, 2.0, sqrt(89)], rtol=1e-14)
    np.testing.assert_allclose(problem.seeds, [[0.0, 0.0, 1.0 / sqrt(89 + 441)]], rtol=1e-14)


def test_a_boolean_varies_as_its_mean_says():
    c = hr.Circuit("and")
    x, y = c.input(["x", "y"], hr.Bernoulli(0.5), count=2)
    c.output("o", ~(x & y))  # mean 3/4; its value is x & y, of mean 1/4, turned round
    problem = problem_of(c)
    np.testing.assert_allclose(problem.deviation, [0.5, 0.5, sqrt(3 / 16)], rtol=1e-14)
    assert problem.seeds[0, 2] < 0.0


def test_each_output_has_a_pass_of_its_own_up_to_a_limit():
    c = hr.Circuit("many")
    x = c.input("x", hr.Normal(1, 1), count=40)
    for i, wire in enumerate(x):
        c.output(f"y{i}", wire * wire)
    assert problem_of(c, outputs=("y0", "y1", "y2")).seeds.shape[0] == 3
    whole = problem_of(c).seeds
    assert whole.shape[0] == 32
    assert ((whole != 0.0).sum(axis=0) <= 1).all()  # no output counts twice
    assert (whole != 0.0).sum() == 40


def test_a_constant_output_weighs_nothing():
    c = hr.Circuit("constant")
    c.output("k", c.constant(3.0))
    c.output("x", c.input("x", hr.Normal()))
    problem = problem_of(c, outputs=("k",))
    assert not problem.seeds.any()
    groups, _ = look_further(problem, NOTHING, 10)
    assert len(groups) == 0


def test_the_bound_of_a_term_is_the_product_of_deviations():
    problem = problem_of(product_of_prices())
    rows = np.array([[0, 1, -1], [0, 1, 1], [1, -1, -1]], np.int32)
    np.testing.assert_allclose(problem.bounds(rows), [2.0, 4.0, 2.0], rtol=1e-14)


def test_estimates_and_derivatives_of_the_product_of_prices():
    problem = problem_of(product_of_prices())
    plan = problem.plan(np.array([[0, 1]], np.int32))
    entries = plan.run()
    assert problem.estimates(plan, entries) == pytest.approx([23.0])
    adjoint = problem.adjoints(plan, entries)[0, plan.term_entry]
    np.testing.assert_allclose(adjoint, [1.0 / sqrt(530)], rtol=1e-14)  # E xy grows by the covariance itself


# -- looking -------------------------------------------------------------------------------------------


def test_the_product_of_prices_asks_for_one_covariance():
    problem = problem_of(product_of_prices())
    groups, products = look_further(problem, NOTHING, 10)
    assert groups.tolist() == [value_of(problem, "x", "y")]
    assert products > 0
    assert len(look_further(problem, groups, 10)[0]) == 0
    assert len(look_further(problem, NOTHING, 0)[0]) == 0


def test_unrelated_inputs_promise_nothing():
    c = hr.Circuit("unrelated")
    x, y = c.input(["x", "y"], hr.Normal(1, 1), count=2)
    c.output("o", x * y)
    assert len(look_further(problem_of(c), NOTHING, 10)[0]) == 0


def test_an_output_that_falls_with_its_value_counts_as_much():
    c = hr.Circuit("nand")
    x, y = c.input(["x", "y"], hr.JointDiscrete([[0, 0], [1, 1]], [0.5, 0.5]))
    c.output("o", ~(x & y))
    assert look_further(problem_of(c), NOTHING, 10)[0].tolist() == [[0, 1]]


def test_what_flows_most_comes_first():
    # each square adds coefficient * variance to the output: 2 * 9, 5 * 4 and 3 * 1
    c = hr.Circuit("squares")
    wires = [c.input(name, hr.Normal(0, deviation)) for name, deviation in (("x", 3), ("y", 2), ("z", 1))]
    c.output("o", 2 * wires[0] ** 2 + 5 * wires[1] ** 2 + 3 * wires[2] ** 2)
    problem = problem_of(c)
    x, y, z = value_of(problem, "x", "y", "z")
    assert look_further(problem, NOTHING, 10)[0].tolist() == [[y, y], [x, x], [z, z]]
    assert look_further(problem, NOTHING, 1)[0].tolist() == [[y, y]]
    taken = np.array([[y, y]], np.int32)
    assert look_further(problem, taken, 1)[0].tolist() == [[x, x]]


def test_the_order_is_a_limit():
    problem = problem_of(majority(), order=2)
    assert len(look_further(problem_of(majority(), order=1), NOTHING, 10)[0]) == 0
    found = NOTHING
    while len(more := look_further(problem, found, 100)[0]):
        assert more.shape[1] == 2
        known = {tuple(row) for row in found.tolist()}
        assert not known & {tuple(row) for row in more.tolist()}
        assert (np.diff(more, axis=1) > 0).all()  # sorted; a boolean does not repeat
        found = np.concatenate([found, more])
    # the pairs that the two sums read, and what those need, down to inputs that are unrelated
    wanted = [("p", "q"), ("p", "r"), ("q", "r"), ("pq", "r"), ("x", "p"), ("z", "q")]
    assert all(sorted(value_of(problem, *pair)) in found.tolist() for pair in wanted)
    assert len({tuple(row) for row in found.tolist()}) == len(found)


def test_nothing_is_overlooked_because_a_factor_is_zero_so_far():
    # E (xy)(xz) = E x^2 E y E z: the covariance of both products reads var x times the means of y and z, which are 1
    c = hr.Circuit("shared")
    x, y, z = (c.input(name, hr.Normal(mean, 1)) for name, mean in (("x", 0), ("y", 1), ("z", 1)))
    p, q = c.set_name(x * y, "p"), c.set_name(x * z, "q")
    c.output("o", p * q)
    problem = problem_of(c)
    first, _ = look_further(problem, NOTHING, 10)
    assert first.tolist() == [sorted(value_of(problem, "p", "q"))]


# -- reductants as groups ------------------------------------------------------------------------------


def mixed_circuit() -> hr.Circuit:
    c = hr.Circuit("mixed")
    b = c.input("b", hr.Bernoulli(0.5))
    x, y = (c.input(name, hr.Normal()) for name in "xy")
    c.output("o", (b * x) * (x * y))
    return c


def test_a_reductant_stands_for_its_joint_cumulants():
    problem = problem_of(mixed_circuit(), order=2, degree=2)
    b, x, y = value_of(problem, "b", "x", "y")
    assert (b, x, y) == (0, 1, 2)

    def terms(*group: int) -> list[list[int]]:
        rows = np.full((1, 2), -1, np.int32)
        rows[0, : len(group)] = group
        return [[value for value in row if value >= 0] for row in problem.members(rows).tolist()]

    assert terms(x) == [[x] * 2, [x] * 3, [x] * 4]  # up to twice the degree, and a mean is no term
    assert terms(x, y) == [[x, y], [x, y, y], [x, x, y], [x, x, y, y]]
    assert terms(b, x) == [[b, x], [b, x, x]]  # a boolean does not repeat
    assert terms(b) == []


def test_terms_lead_back_to_their_reductants():
    problem = problem_of(mixed_circuit(), order=2, degree=2)
    groups = np.array([[0, 1], [1, -1], [1, 2], [2, -1]], np.int32)
    again, which = problem.groups(problem.members(groups))
    assert again.tolist() == groups.tolist()
    assert np.bincount(which).tolist() == [2, 3, 4, 3]


def test_without_a_degree_a_term_is_its_own_group():
    problem = problem_of(product_of_prices())
    rows = np.array([[0, 0], [0, 1]], np.int32)
    groups, which = problem.groups(rows)
    assert groups.tolist() == problem.members(rows).tolist() == rows.tolist()
    assert which.tolist() == [0, 1]


def test_a_reductant_is_looked_at_as_one():
    problem = problem_of(mixed_circuit(), order=2, degree=1)
    groups, _ = look_further(problem, NOTHING, 10)
    p, q = problem.values.graph.size - 3, problem.values.graph.size - 2
    assert groups.tolist() == [[p, q]]
