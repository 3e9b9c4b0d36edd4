"""Implicants: which terms a circuit has, that all of them together are the circuit, and that shared wires count once."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import heurest as hr
from heurest.anomaly.examples import day_check, five_levers, two_sensors
from heurest.anomaly.implicants import TERM, WIRE, decompose
from heurest.truth.wire_values import WireValues
from support.boolean_circuits import literal_circuits


def names(c, *wires, **options):
    return [term.name for term in decompose(c, wires or list(c.outputs.values()), **options).terms]


def inputs(labels):
    c = hr.Circuit("t")
    return c, *c.input(labels.split(), hr.Bernoulli(0.5))


def values(found, point, kept=None):
    """Values of the roots at one point, with some terms kept."""
    kept = [1] * len(found.terms) if kept is None else [int(term.name in kept) for term in found.terms]
    wires, _ = found.evaluate({position: int(point[position]) for position in found.inputs}, kept, 1)
    return found.root_values(wires, 1)


def test_two_sensors_have_eight_terms():
    c = two_sensors()
    assert names(c) == [
        "S1: D", "S1: n1", "S2: D", "S2: n2",
        "Y: S1(D) & S2(D)", "Y: S1(D) & S2(n2)", "Y: S1(n1) & S2(D)", "Y: S1(n1) & S2(n2)",
    ]  # fmt: skip


def test_five_levers_have_two_and_three_and_three_and_nine_terms():
    c = five_levers()
    found = decompose(c, [c.wire("Y")])
    assert found.wires == ("D", "S1", "S2", "Y")
    assert [sum(term.wire == wire for term in found.terms) for wire in range(4)] == [2, 3, 3, 9]
    assert found.monotone


def test_a_multiplexer_has_its_two_branches():
    assert names(day_check()) == ["Y: day<50 & g", "Y: ~day<50 & h"]


def test_ors_are_flattened_and_ands_multiply_what_they_read():
    c, a, b, d, e = inputs("a b d e")
    c.output("y", ((a | b) | d) & e)
    assert sorted(names(c)) == ["y: a & e", "y: b & e", "y: d & e"]


def test_an_or_by_de_morgan_has_the_same_terms():
    c, a, b, d = inputs("a b d")
    c.output("y", ~(~a & ~b & ~d))
    assert sorted(names(c)) == ["y: a", "y: b", "y: d"]


def test_exclusive_ors_have_two_terms_each_and_read_whole_wires():
    c, a, b, d = inputs("a b d")
    c.set_name(a ^ b, "s")
    c.output("y", c.wire("s") ^ d)
    assert sorted(names(c)) == ["s: a & ~b", "s: ~a & b", "y: d & ~s", "y: ~d & s"]
    assert not decompose(c, [c.outputs["y"]]).monotone


def test_an_inverted_exclusive_or_has_the_terms_where_both_agree():
    c, a, b = inputs("a b")
    c.output("y", c.apply("xnor", a, b))
    assert sorted(names(c)) == ["y: a & b", "y: ~a & ~b"]


def test_a_product_that_is_never_1_is_left_out():
    c, a, b, d = inputs("a b d")
    c.output("y", (a | b) & (~a | d))
    assert sorted(names(c)) == ["y: a & d", "y: b & d", "y: ~a & b"]


def test_an_output_may_be_an_input_its_inverse_or_a_constant():
    c, a = inputs("a")
    c.output("same", a)
    c.output("other", ~a)
    c.output("never", a & ~a)
    c.output("one", c.constant(1.0))
    found = decompose(c, list(c.outputs.values()))
    for value in (0, 1):
        assert values(found, [value]) == [value, 1 - value, 0, 1]
    assert values(found, [1], kept=())[0] == 0
    assert values(found, [0], kept=())[1] == 0


def test_a_wire_and_its_inverse_share_their_terms():
    c, a, b = inputs("a b")
    either = c.set_name(a | b, "either")
    found = decompose(c, [either, ~either])
    assert [term.name for term in found.terms] == ["either: a", "either: b"]
    assert found.roots == ((0, False), (0, True))
    assert values(found, [1, 0], kept=("either: b",)) == [0, 1]


def test_wires_without_names_are_called_by_their_index():
    c, a, b, d = inputs("a b d")
    shared = a | b
    c.output("y", (shared & d) | (shared & ~d))
    assert names(c)[:2] == [f"#{shared.index}: a", f"#{shared.index}: b"]


def test_a_dropped_term_of_a_shared_wire_is_missing_everywhere():
    c = two_sensors()
    found = decompose(c, [c.wire("Y"), c.wire("S1"), c.wire("S2")])
    everything = {term.name for term in found.terms}
    assert values(found, [1, 0, 0]) == [1, 1, 1]
    assert values(found, [1, 0, 0], everything - {"S1: D"}) == [0, 0, 1]
    assert values(found, [1, 1, 0], everything - {"S1: D"}) == [1, 1, 1]
    assert values(found, [1, 1, 0], everything - {"S1: D", "Y: S1(n1) & S2(D)"}) == [0, 1, 1]


@pytest.mark.parametrize("limit", [2, 5, 256])
def test_a_cut_keeps_the_function_and_the_number_of_terms_of_a_wire(limit):
    c = hr.Circuit("wide")
    a, b = c.input("a", hr.Bernoulli(0.5), count=4), c.input("b", hr.Bernoulli(0.5), count=4)
    y = (a[0] | b[0]) & (a[1] | b[1]) & (a[2] | b[2]) & (a[3] | b[3])
    c.output("y", y)
    found = decompose(c, [y], limit=limit)
    counts = [sum(term.wire == wire for term in found.terms) for wire in range(len(found.wires))]
    assert max(counts) <= limit
    if limit == 256:
        assert counts == [16]
    for point in itertools.product((0, 1), repeat=8):
        assert values(found, point) == [int(all(point[i] or point[4 + i] for i in range(4)))]


@given(literal_circuits(max_gates=9), st.sampled_from([2, 3, 256]))
def test_all_terms_together_are_the_circuit_and_terms_read_earlier_ones(circuit, limit):
    roots = list(circuit.outputs.values())
    found = decompose(circuit, roots, limit)
    points = np.array(list(itertools.product((0.0, 1.0), repeat=len(circuit.inputs))))
    truth = WireValues(circuit, [wire.index for wire in roots])
    row = {wire: truth.at(points)[place] for place, wire in enumerate(truth.wires)}
    for place, point in enumerate(points):
        assert values(found, point) == [row[wire.index][place] for wire in roots]
    for number, term in enumerate(found.terms):
        assert all(atom.number < number for atom in term.atoms if atom.kind == TERM)
        assert all(atom.number < term.wire for atom in term.atoms if atom.kind == WIRE)
    assert len({term.name for term in found.terms}) == len(found.terms)


@given(literal_circuits(max_gates=9), st.integers(0, 2**32))
def test_in_a_monotone_decomposition_dropping_terms_only_turns_wires_off(circuit, seed):
    found = decompose(circuit, list(circuit.outputs.values()))
    if not found.monotone:
        return
    rng = np.random.default_rng(seed)
    point = {position: int(rng.integers(2)) for position in found.inputs}
    kept = rng.integers(2, size=len(found.terms)).tolist()
    fewer = [bit * int(rng.integers(2)) for bit in kept]
    more, less = found.evaluate(point, kept, 1)[0], found.evaluate(point, fewer, 1)[0]
    assert all(low <= high for low, high in zip(less, more, strict=True))


def test_real_wires_are_refused():
    c = hr.Circuit("real")
    x = c.input("x", hr.Uniform(0, 1))
    c.output("y", x * x)
    with pytest.raises(hr.KindError):
        decompose(c, [c.outputs["y"]])


def test_terms_have_different_names_whatever_inputs_are_called():
    c = hr.Circuit("names")
    a, other = c.input("a", hr.Bernoulli(0.5)), c.input("~a", hr.Bernoulli(0.1))
    c.output("y", ~a | other)
    found = hr.explain(c, epsilon=0.3)
    assert len(found.terms) == len(set(found.terms)) == len(found.shares) == 2
    assert found.explains(found.terms)
    assert found.explains(found.smallest()[0])


def test_a_wire_may_have_the_name_of_another_wires_output():
    c = hr.Circuit("names")
    a, b, d = c.input(["a", "b", "d"], hr.Bernoulli(0.5))
    s, t = c.set_name(a | b, "S"), a | d
    c.output("S", t)
    c.output("y", s & t)
    found = hr.explain(c, "y", components=["S"])
    assert len(set(found.terms)) == len(found.terms)
    assert found.explains(found.terms)
