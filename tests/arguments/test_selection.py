"""Narrowing: which terms go first, how fast, and that what hangs together goes together."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

import heurest as hr
from heurest.arguments.exploration import Problem
from heurest.arguments.selection import narrow
from heurest.program import lower
from heurest.program.term_graph import value_graph


def problem_of(circuit: hr.Circuit, order: int = 2, degree: int = 0) -> Problem:
    return Problem.of(circuit, value_graph(lower(circuit)), tuple(circuit.outputs), order, degree, None)


def squares(count: int) -> tuple[Problem, np.ndarray]:
    """The sum of (i + 1) x[i]^2 of standard normal inputs, and the terms x[i], x[i], each of which carries i + 1."""
    c = hr.Circuit("squares")
    total = c.constant(0.0)
    for i, wire in enumerate(c.input("x", hr.Normal(), count=count)):
        total = total + (i + 1) * wire**2
    c.output("o", total)
    problem = problem_of(c)
    inputs = problem.values.wires.value[[c.wire(f"x[{i}]").index for i in range(count)]]
    assert inputs.tolist() == list(range(count))
    return problem, np.stack([inputs, inputs], axis=1).astype(np.int32)


def test_what_carries_least_goes_first():
    problem, rows = squares(3)
    stages = list(narrow(problem, rows, 3))
    assert [stage.groups[:, 0].tolist() for stage in stages] == [[0, 1, 2], [1, 2], [2], []]
    assert [stage.estimates.tolist() for stage in stages] == [[6.0], [5.0], [3.0], [0.0]]


def test_steps_are_small_near_the_wanted_length_and_hit_it():
    problem, rows = squares(40)
    stages = list(narrow(problem, rows, 4))
    lengths = [len(stage.groups) for stage in stages]
    assert lengths[:2] == [40, 28]  # far above the wanted length seven tenths stay
    assert lengths[-1] == 0
    assert 4 in lengths
    for longer, shorter in pairwise(lengths):
        assert shorter == longer - 1 or shorter == 4 or shorter >= int(longer * (0.7 if longer > 16 else 0.9))
        assert shorter < longer
    for stage in stages:  # the heaviest are left, and with them their sum
        assert stage.groups[:, 0].tolist() == list(range(40 - len(stage.groups), 40))
        assert stage.estimates == pytest.approx([sum(range(41 - len(stage.groups), 41))])


def test_equal_terms_go_from_the_last():
    c = hr.Circuit("equal")
    x, y = c.input(["x", "y"], hr.Normal(), count=2)
    c.output("o", x * x + y * y)
    stages = list(narrow(problem_of(c), np.array([[0, 0], [1, 1]], np.int32), 2))
    assert [stage.groups.tolist() for stage in stages] == [[[0, 0], [1, 1]], [[0, 0]], []]


def test_derivative_times_value_decides_not_the_value():
    # s = x^2 of x ~ N(1, 1) and o = s^2: var x = 1 carries 2 Es + d var s / d var x = 4 + (4 + 4) = 12, var s = 6 carries 6
    c = hr.Circuit("fourth power")
    x = c.input("x", hr.Normal(1, 1))
    s = x * x
    c.output("o", s * s)
    stages = list(narrow(problem_of(c), np.array([[0, 0], [1, 1]], np.int32), 2))
    assert [stage.groups[:, 0].tolist() for stage in stages] == [[0, 1], [0], []]
    assert [stage.estimates.tolist() for stage in stages] == [[10.0], [4.0], [1.0]]


def test_what_lost_its_reader_goes_at_once():
    # o = p q with p = x a, q = x b, means of a and b 1: cov(p, q) = var x, and var x = 2 says nothing without it
    c = hr.Circuit("shared")
    x, a, b = (c.input(name, hr.Normal(mean, deviation)) for name, mean, deviation in (("x", 0, 2**0.5), ("a", 1, 1), ("b", 1, 1)))
    p, q = x * a, x * b
    c.output("o", p * q)
    problem = problem_of(c)
    first, second = problem.values.wires.value[[p.index, q.index]].tolist()
    # cov(p, q) reads cov(p, x) = E a var x; every one of the three carries 2, and whichever goes, nothing is left to carry
    rows = np.array([[0, 0], [0, first], [first, second]], np.int32)
    stages = list(narrow(problem, rows, 3))
    assert stages[0].estimates == pytest.approx([2.0])
    assert [len(stage.groups) for stage in stages] == [3, 2, 0]
    assert all(stage.estimates.tolist() == [0.0] for stage in stages[1:])


def test_an_idle_term_goes_before_anything_is_weighed():
    problem, rows = squares(3)
    idle = np.concatenate([[[0, 1], [0, 2]], rows]).astype(np.int32)  # unrelated inputs: no output reads their covariance
    stages = list(narrow(problem, idle[np.lexsort(idle.T[::-1])], 5))
    assert stages[1].groups.tolist() == rows.tolist()
    assert stages[0].estimates.tolist() == stages[1].estimates.tolist() == [6.0]


def test_several_outputs_are_weighed_each_in_its_unit():
    # 2 x^2 has the root mean square sqrt(8 + 4), 2000 y^2 a thousand times that: both carry the same, and the last goes
    c = hr.Circuit("units")
    x, y = (c.input(name, hr.Normal(0, 1)) for name in "xy")
    c.output("o", 2 * x**2)
    c.output("p", 2000 * y**2)
    problem = problem_of(c)
    np.testing.assert_allclose(np.sort(problem.seeds[problem.seeds != 0.0]), [1 / 3**0.5] * 2, rtol=1e-14)
    stages = list(narrow(problem, np.array([[0, 0], [1, 1]], np.int32), 2))
    assert [stage.groups[:, 0].tolist() for stage in stages] == [[0, 1], [0], []]


def test_reductants_go_as_one():
    # the variances carry 1 and 3; the cumulants of orders 3 and 4 in the same reductants are zero
    c = hr.Circuit("reductants")
    x, y = c.input(["x", "y"], hr.Normal(), count=2)
    c.output("o", x**2 + 3 * y**2)
    problem = problem_of(c, order=1, degree=2)
    groups = np.array([[0, -1], [1, -1]], np.int32)
    assert len(problem.members(groups)) == 6
    stages = list(narrow(problem, groups, 2))
    assert [stage.groups.tolist() for stage in stages] == [[[0, -1], [1, -1]], [[1, -1]], []]
    assert [stage.estimates.tolist() for stage in stages] == [[4.0], [3.0], [0.0]]


def test_nothing_is_one_stage():
    problem, _ = squares(2)
    (stage,) = narrow(problem, np.zeros((0, 2), np.int32), 1)
    assert (len(stage.groups), stage.estimates.tolist()) == (0, [0.0])


def test_progress_counts_what_is_left():
    problem, rows = squares(5)
    left: list[int] = []
    lengths = [len(stage.groups) for stage in narrow(problem, rows, 5, left.append)]
    assert left == lengths[1:]
