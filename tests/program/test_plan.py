"""Plans: planned before memory is taken, entries in order, candidates once, sizes in proportion to what is tracked."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import heurest as hr
from heurest.errors import ArgumentError, IntractableError
from heurest.program.plan import TermTable, build_plan, joint_input_cumulants
from heurest.program.term_graph import value_graph
from support.arguments import majority, one_hot_and
from support.strategies import circuits


def table_of(rows, given=None, width=2):
    width = max([width, *map(len, rows)])
    values = np.array([[*row, *[-1] * (width - len(row))] for row in rows], np.int32).reshape(len(rows), width)
    return TermTable(values, np.full(len(rows), np.nan) if given is None else np.array(given, float))


def planned(circuit, rows=(), given=None, candidates=(0, 0), max_memory=None):
    values = value_graph(hr.lower(circuit))
    return values, build_plan(circuit, values, table_of(rows, given), candidates, max_memory)


def chain(length):
    """Every gate multiplies the one before by a new input."""
    c = hr.Circuit("chain")
    x = c.input("x", hr.Normal(1, 1), count=length + 1)
    wire = x[0]
    for i in range(length):
        wire = wire * x[i + 1]
    c.output("o", wire)
    return c


def neighbours(length):
    """In the chain the covariances of each gate with the input that it is multiplied by."""
    return [(i + 1, length + 1 + i - 1 if i else 0) for i in range(length)]


@st.composite
def circuits_with_terms(draw):
    circuit = draw(circuits(max_gates=6))
    values = value_graph(hr.lower(circuit))
    n = values.graph.size
    terms = st.lists(st.integers(0, n - 1), min_size=2, max_size=3).map(sorted).map(tuple)
    drawn = draw(st.lists(terms, unique=True, max_size=6)) if n else []
    return circuit, values, [row for row in drawn if not any(values.graph.boolean[v] and row.count(v) > 1 for v in row)]


@given(circuits_with_terms())
def test_every_product_reads_earlier_entries(drawn):
    circuit, values, rows = drawn
    plan = build_plan(circuit, values, table_of(rows))
    owner = np.repeat(np.arange(len(plan.constant)), np.diff(plan.start))
    assert plan.start[0] == 0
    assert plan.start[-1] == plan.num_products == len(plan.left) == len(plan.right)
    assert (plan.left < owner).all()
    assert (plan.right < owner).all()
    assert sorted({*plan.mean_entry.tolist()}) == sorted(plan.mean_entry.tolist())
    assert len(plan.mean_entry) == values.graph.size
    assert len(set(plan.term_entry.tolist())) == len(rows)
    assert plan.run()[0] == 1.0
    assert repr(plan) == f"<Plan: {len(plan.constant)} entries, {plan.num_products} products>"


@given(circuits_with_terms())
def test_candidates_are_listed_once_with_their_values_and_change_no_number(drawn):
    circuit, values, rows = drawn
    plain, plan = build_plan(circuit, values, table_of(rows)), build_plan(circuit, values, table_of(rows), (3, 0))
    assert len(plain.candidate_entry) == len(plain.entry_values) == 0
    listed = [tuple(row[row >= 0].tolist()) for row in plan.entry_values[plan.candidate_entry]]
    assert len(set(listed)) == len(listed)
    assert not set(listed) & set(rows)
    assert all(2 <= len(row) <= 3 and list(row) == sorted(row) for row in listed)
    assert (plan.run()[plan.candidate_entry] == 0.0).all()
    np.testing.assert_array_equal(plan.run()[plan.mean_entry], plain.run()[plain.mean_entry])
    for row, entry in zip(rows, plan.term_entry, strict=True):
        assert tuple(plan.entry_values[entry][: len(row)]) == row


@given(circuits_with_terms())
def test_a_term_table_in_another_order_gives_the_same_numbers(drawn):
    circuit, values, rows = drawn
    plan, other = build_plan(circuit, values, table_of(rows)), build_plan(circuit, values, table_of(rows[::-1]))
    np.testing.assert_array_equal(plan.run()[plan.mean_entry], other.run()[other.mean_entry])
    np.testing.assert_array_equal(plan.run()[plan.term_entry], other.run()[other.term_entry][::-1])


def test_a_given_value_stands_for_the_rule_and_may_be_a_mean():
    _, plan = planned(one_hot_and(), [(0, 1), (2,), (0, 2)], [0.25, 0.75, np.nan])
    entries = plan.run()
    assert entries[plan.term_entry].tolist() == pytest.approx([0.25, 0.75, -1 / 9])
    assert entries[plan.mean_entry[2]] == 0.75
    assert entries[plan.mean_entry[3]] == pytest.approx(1 / 9 + 0.25)


def test_run_takes_other_constants_and_its_own_room():
    _, plan = planned(one_hot_and(), [(0, 1)], [0.0])
    moved = plan.constant.copy()
    moved[plan.term_entry[0]] = 0.5
    room = np.full(len(plan.constant), np.nan)
    assert plan.run(moved, room) is room
    assert room[plan.mean_entry[3]] == pytest.approx(1 / 9 + 0.5)
    assert plan.run()[plan.mean_entry[3]] == pytest.approx(1 / 9)
    constant = replace(plan, constant=moved).run()
    np.testing.assert_array_equal(constant, room)


def test_a_gradient_leaves_its_seed_as_it_is():
    _, plan = planned(majority(), [(3, 4)])
    seed = np.zeros(len(plan.constant))
    seed[plan.mean_entry[-1]] = 1.0
    before = seed.copy()
    plan.gradient(plan.run(), seed)
    np.testing.assert_array_equal(seed, before)


# -- size and memory ---------------------------------------------------------------------------------


def test_the_size_grows_in_proportion_to_the_terms():
    sizes = [planned(chain(n), neighbours(n))[1] for n in (100, 200, 400)]
    for measure in ("num_products", "bytes"):
        one, two, four = (getattr(plan, measure) for plan in sizes)
        assert abs((four - two) - 2 * (two - one)) <= 2  # a straight line
        assert four < 5 * one


def test_bytes_are_those_of_the_arrays_and_of_two_passes():
    _, plan = planned(chain(5), neighbours(5))
    arrays = [plan.constant, plan.start, plan.coefficient, plan.left, plan.right, plan.reciprocal]
    assert plan.bytes == sum(array.nbytes for array in arrays) + 2 * plan.constant.nbytes


def test_more_entries_than_foreseen_grow_the_plan():
    # Sums of all wires before them: a product for each, many more than the terms alone announce.
    c = hr.Circuit("grow")
    wires = list(c.input("x", hr.Normal(1, 1), count=6))
    for _ in range(5):
        both = c.affine(np.ones((2, len(wires))), wires, [0.0, 1.0])
        wires.append(both[0] * both[1] * 0.125)
    c.output("o", wires[-1])
    n = value_graph(hr.lower(c)).graph.size
    rows = [row for k in (2, 3) for row in itertools.combinations_with_replacement(range(n), k)]
    values, plan = planned(c, rows)
    assert plan.num_products > 8 * (1 + n + len(rows)) + 4096  # the first guess
    expected, wire = hr.Cumulant(3).estimate(c), c.outputs["o"].index
    sizes = replace(plan, constant=np.abs(plan.constant), coefficient=np.abs(plan.coefficient)).run()
    largest = np.abs(values.wires.scale[wire]) * sizes[plan.mean_entry[-1]]
    assert values.wires.mean(plan.run()[plan.mean_entry])[wire] == pytest.approx(expected.value["o"], rel=1e-12, abs=1e-14 * largest)


def test_memory_is_refused_before_it_is_taken():
    with pytest.raises(IntractableError, match=r"a plan of 100 terms needs [\d,]+ bytes, but 1,000 are allowed"):
        planned(chain(100), neighbours(100), max_memory=1000)
    with pytest.raises(ArgumentError, match="max_memory"):
        planned(chain(3), max_memory=0)
    assert planned(chain(100), neighbours(100), max_memory=10**7)[1].num_products > 0


def test_growth_asks_for_memory_again(monkeypatch):
    # Enough for the first guess, not for what the expansion turns out to need.
    asked = []
    from heurest.program import plan as module

    true_check = module.require_memory
    monkeypatch.setattr(module, "require_memory", lambda what, needed, limit: asked.append(needed) or true_check(what, needed, limit))
    c = hr.Circuit("wide")
    x = c.input("x", hr.Normal(), count=2000)
    total = c.affine([1.0] * 2000, x)
    c.output("o", total * total)
    planned(c, [(2000, 2000)])
    assert len(asked) > 1
    assert asked == sorted(asked)
    with pytest.raises(IntractableError):
        planned(c, [(2000, 2000)], max_memory=(asked[0] + asked[1]) // 2)


def test_joint_cumulants_of_inputs_are_those_of_their_law():
    law = hr.JointDiscrete([[2, 5], [4, 9]], [0.5, 0.5])
    c = hr.Circuit("laws")
    z = c.input("z", hr.Exponential(2.0))
    x, y = c.input("v", law)
    c.output("o", c.affine([1, 1, 1], [x, y, z]))
    values = value_graph(hr.lower(c))
    at = {int(values.inputs[v]): v for v in range(3)}  # value of input 0 (z), 1 (x), 2 (y)
    rows = [[at[1], at[2], -1], [at[1], at[1], -1], [at[0], at[0], at[0]], [at[0], at[1], -1], [at[1], at[2], at[2]]]
    # Covariance 1 * 2, variance 1; a symmetric law of two points has no third cumulant; Exp(r) has k! / (k r^k).
    found = joint_input_cumulants(c, values, np.array(rows, np.int32))
    np.testing.assert_allclose(found, [2, 1, 2 / 8, 0, 0], atol=1e-12)
    assert joint_input_cumulants(c, values, np.zeros((0, 2), np.int32)).size == 0


def test_no_terms_is_mean_propagation():
    _, plan = planned(majority())
    assert plan.run()[plan.mean_entry[-1]] == pytest.approx(hr.estimate(majority(), "mean").value["o"], rel=1e-15)
    assert plan.term_entry.size == 0
