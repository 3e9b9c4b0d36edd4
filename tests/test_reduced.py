"""Reduced laws and joint tables of 0/1 wires, looked up by wire."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import heurest as hr
from heurest.reduced import Coherence, JointTable, ReducedLaw
from support.boolean_circuits import joint_bits, literal_circuits, literal_gate
from support.interpreter import circuit_values
from support.sizes import scaled

KEPT = hr.Reductant(2, keep_tables=True)


def all_settings(circuit):
    """Values of all wires for every setting of the inputs, shape (wires, settings), and the settings' probabilities."""
    parts = []
    for group in circuit.groups:
        values, weights = group.law.points()
        parts.append(list(zip(values.tolist(), weights.tolist(), strict=True)))
    settings_ = list(itertools.product(*parts))
    inputs = np.array([[number for values, _ in setting for number in values] for setting in settings_]).T
    return circuit_values(circuit, inputs), np.array([np.prod([weight for _, weight in setting]) for setting in settings_])


@given(joint_bits(2), st.data())
def test_tables_of_two_gates_are_exact(law, data):
    # Order 2 is exact for the pairs of two independent blocks with one gate each, and of a gate with its operands.
    c = hr.Circuit("two gates")
    blocks = [list(c.input("x", law)), [c.input(f"y{i}", hr.Bernoulli(p)) for i, p in enumerate((0.3, 0.8))]]
    for block in blocks:
        block.append(literal_gate(lambda n: data.draw(st.integers(0, n - 1)), block))
        block.append(~block[-1])
        c.output(f"o{len(c)}", block[-1])
    estimate = KEPT.estimate(c, keep_dead=True)
    wires = [wire.index for block in blocks for wire in block]
    values, weights = all_settings(c)
    for first, second in itertools.product(wires, repeat=2):
        table = estimate.reduced.table(first, second)
        exact = [[((values[first] == a) & (values[second] == b)) @ weights for b in table.second] for a in table.first]
        np.testing.assert_allclose(table.probabilities, exact, rtol=0, atol=1e-12)


@settings(max_examples=scaled(40, 5))
@given(literal_circuits(max_gates=6), st.sampled_from([2, 3]))
def test_rows_and_columns_sum_to_the_laws(circuit, order):
    reduced = hr.Reductant(order, keep_tables=True).estimate(circuit, keep_dead=True).reduced
    for first, second in itertools.product(range(len(circuit)), repeat=2):
        table, laws = reduced.table(first, second), (reduced.law(first), reduced.law(second))
        np.testing.assert_array_equal(table.first, laws[0].points)
        np.testing.assert_array_equal(table.second, laws[1].points)
        assert table.probabilities.min() >= 0.0
        np.testing.assert_allclose(table.probabilities.sum(1), laws[0].weights, rtol=0, atol=1e-14)
        np.testing.assert_allclose(table.probabilities.sum(0), laws[1].weights, rtol=0, atol=1e-14)
        np.testing.assert_array_equal(table.probabilities, reduced.table(second, first).probabilities.T)


@given(literal_circuits(max_gates=8))
def test_laws_agree_with_means_and_variances(circuit):
    estimate = hr.Reductant(2).estimate(circuit, keep_dead=True)
    for wire in range(len(circuit)):
        law = estimate.reduced.law(wire)
        assert (np.diff(law.points) > 0.0).all()
        assert law.weights.sum() == pytest.approx(1.0, abs=1e-14)
        assert law.mean == pytest.approx(estimate.mean[wire], rel=1e-14, abs=1e-300)
        assert law.weights @ (law.points - law.mean) ** 2 == pytest.approx(estimate.variance[wire], abs=1e-14)


def rare_circuit():
    c = hr.Circuit("rare")
    x, y = c.input("x", hr.Bernoulli(1e-10), count=2)
    both = x & y
    c.output("neither", ~both)
    c.output("scaled", 3 - 2 * both)
    c.output("zero", x & ~x)
    c.output("seven", c.constant(7.0))
    dead = x ^ y
    return c, both, dead


def test_laws_of_inverses_multiples_and_constants():
    c, both, _ = rare_circuit()
    estimate = KEPT.estimate(c)
    law = {name: estimate.law(wire) for name, wire in c.outputs.items()}
    assert (estimate.law(both).points.tolist(), estimate.law(both).weights.tolist()) == ([0.0, 1.0], [1.0, pytest.approx(1e-20, rel=1e-15)])
    assert law["neither"].points.tolist() == [0.0, 1.0]
    assert law["neither"].weights.tolist() == [estimate.law(both).weights[1], 1.0]  # every digit of what is rare
    assert law["scaled"].points.tolist() == [1.0, 3.0]
    assert law["scaled"].weights.tolist() == law["neither"].weights.tolist()
    assert law["seven"].points.tolist() == [7.0]
    assert law["seven"].weights.tolist() == [1.0]
    assert law["zero"].mean == 0.0


def test_tables_with_inverses_and_constants():
    c = hr.Circuit("tables")
    x, y = c.input("x", hr.Bernoulli(0.25)), c.input("y", hr.Bernoulli(0.5))
    inverse, seven = ~x, c.constant(7.0)
    for i, wire in enumerate((x & y, inverse, seven, 2 * x)):
        c.output(f"o{i}", wire)
    table = KEPT.estimate(c).reduced.table
    np.testing.assert_array_equal(table(x.index, x.index).probabilities, [[0.75, 0.0], [0.0, 0.25]])
    np.testing.assert_array_equal(table(x.index, inverse.index).probabilities, [[0.0, 0.75], [0.25, 0.0]])
    np.testing.assert_array_equal(table(inverse.index, inverse.index).probabilities, [[0.25, 0.0], [0.0, 0.75]])
    np.testing.assert_array_equal(table(x.index, y.index).probabilities, [[0.375, 0.375], [0.125, 0.125]])
    np.testing.assert_array_equal(table(c.outputs["o0"].index, inverse.index).probabilities, [[0.125, 0.75], [0.125, 0.0]])
    constant = table(seven.index, x.index)
    np.testing.assert_array_equal(constant.probabilities, [[0.75, 0.25]])
    assert (constant.first.tolist(), constant.second.tolist()) == ([7.0], [0.0, 1.0])
    doubled = table(c.outputs["o3"].index, x.index)
    assert doubled.first.tolist() == [0.0, 2.0]
    assert doubled.covariance == pytest.approx(2 * 0.25 * 0.75, rel=1e-15)
    assert table(inverse.index, x.index).covariance == pytest.approx(-0.25 * 0.75, rel=1e-15)


def test_a_dead_wire_is_named():
    c, _, dead = rare_circuit()
    reduced = KEPT.estimate(c).reduced
    message = rf"wire {dead.index} feeds no output, so nothing is known of it; estimate with keep_dead=True"
    with pytest.raises(hr.ArgumentError, match=message):
        reduced.law(dead.index)
    with pytest.raises(hr.ArgumentError, match=message):
        reduced.table(0, dead.index)
    assert KEPT.estimate(c, keep_dead=True).reduced.law(dead.index).weights[1] == pytest.approx(2e-10 - 2e-20, rel=1e-15)


def test_tables_that_were_not_kept_are_refused():
    c, both, _ = rare_circuit()
    with pytest.raises(hr.ArgumentError, match=r"joint tables were not kept; .* hr.Reductant\(..., keep_tables=True\)"):
        hr.Reductant(2).estimate(c).reduced.table(0, both.index)


def test_what_is_printed():
    law = ReducedLaw(np.array([-1.0, 2.5]), np.array([1e-20, 1.0]))
    assert str(law).split() == ["-1", "1e-20", "2.5", "1"]
    table = JointTable(np.array([0.0, 1.0]), np.array([-1.0, 2.5]), np.array([[0.5, 0.25], [0.0, 0.25]]), np.array([[0.5]]))
    assert [line.split() for line in str(table).splitlines()] == [["-1", "2.5"], ["0", "0.5", "0.25"], ["1", "0", "0.25"]]
    assert table.covariance == pytest.approx(0.5 * np.sqrt(3 / 16) * 3.5 / 2)  # correlation times deviations
    assert str(Coherence(1200, 0, 0.0, 0.0, 3)) == "coherence: none of 1,200 completed tables had to be moved"
    moved = str(Coherence(1200, 2, 0.01, 0.015, 0))
    assert moved == "coherence: 2 of 1,200 completed tables were moved to be laws, by 0.01 on average and 0.015 at most"
