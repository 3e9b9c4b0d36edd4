"""From claims to terms: each term once, values in its units, exact before measured, and what is said of constants."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import heurest as hr
from heurest.errors import ArgumentError
from support.arguments import arguments, wire_lists
from support.strategies import circuits


def terms_of(circuit, claims, keep_dead=False):
    return hr.plan(hr.lower(circuit, keep_dead=keep_dead), hr.Argument(claims)).terms


def scaled_wires():
    """x and y of variance 4, z = 1 - 2x, b and d fair bits, n = NOT b, a constant, and a wire that feeds no output."""
    c = hr.Circuit("scaled")
    x, y = c.input(["x", "y"], hr.Normal(0, 2), count=2)
    b, d = c.input(["b", "d"], hr.Bernoulli(0.5), count=2)
    z, n = c.set_name(c.affine([-2.0], [x], 1.0), "z"), c.set_name(~b, "n")
    k = c.constant(3.0)
    dead = c.set_name(x * y, "dead")
    c.output("o", c.affine([1, 1, 1, 1], [z * y, n * d, k, x]) * n)
    return c, {"x": x, "y": y, "b": b, "d": d, "z": z, "n": n, "k": k, "dead": dead}


@given(circuits(max_gates=6), st.data())
def test_each_multiset_of_values_is_one_term(circuit, data):
    claims = data.draw(st.lists(wire_lists(circuit).map(hr.Track), max_size=8))
    found = terms_of(circuit, claims)
    rows = [tuple(row[row >= 0].tolist()) for row in found.table.values]
    assert rows == sorted(rows, key=lambda row: [*row, *[-1] * (found.table.values.shape[1] - len(row))])
    assert len(set(rows)) == len(rows)
    assert all(list(row) == sorted(row) for row in rows)
    assert (np.diff((found.table.values >= 0).astype(int), axis=1) <= 0).all()  # gaps last
    lowered = hr.lower(circuit)
    for number, claim in enumerate(found.claims):
        members = found.claim_term[found.claim_start[number] : found.claim_start[number + 1]]
        values = [int(lowered.wire_value[wire]) for wire in claim.wires]
        dead = any(np.isnan(lowered.wire_shift[wire]) for wire in claim.wires)
        assert len(members) == (0 if dead or (min(values) < 0) else 1)
    assert np.isnan(found.table.given).all()
    assert not found.stderr.any()
    assert found.claim_start[-1] == len(found.claim_term) == len(found.claim_scale)


@given(circuits(max_gates=4), st.data())
def test_terms_do_not_depend_on_the_order_of_claims(circuit, data):
    claims = list(data.draw(arguments(circuit, st.just(0.0))))
    try:
        one, two = terms_of(circuit, claims), terms_of(circuit, claims[::-1])
    except ArgumentError:
        return
    np.testing.assert_array_equal(one.table.values, two.table.values)
    np.testing.assert_array_equal(one.table.given, two.table.given)
    np.testing.assert_array_equal(one.stderr, two.stderr)


def test_claims_about_multiples_of_one_value_are_about_one_term():
    circuit, wire = scaled_wires()
    found = terms_of(circuit, [hr.Track((wire["x"], wire["y"])), hr.Track((wire["z"], wire["y"])), hr.Track((wire["z"], wire["z"]))])
    assert len(found.table.values) == 2
    by_wires = {claim.wires: found.claim_scale[found.claim_start[i]] for i, claim in enumerate(found.claims)}
    z, x, y = (wire[name].index for name in "zxy")
    assert by_wires == {(x, y): 1.0, (y, z): -2.0, (z, z): 4.0}


def test_given_values_are_turned_into_units_of_the_value():
    circuit, wire = scaled_wires()
    claims = [hr.Assert((wire["z"], wire["y"]), 3.0), hr.Assert(wire["z"], 5.0), hr.Assert((wire["n"], wire["d"]), 0.125)]
    found = terms_of(circuit, claims)
    value = {claim.wires: found.table.given[found.claim_term[found.claim_start[i]]] for i, claim in enumerate(found.claims)}
    z, y, n, d = (wire[name].index for name in "zynd")
    assert value == {(y, z): -1.5, (z,): -2.0, (d, n): pytest.approx(-0.125)}


def test_errors_scale_with_the_wire():
    circuit, wire = scaled_wires()
    found = terms_of(circuit, [hr.Assert((wire["z"], wire["y"]), 3.0, hr.Measured(0, 0.5))])
    assert found.stderr.tolist() == [0.25]


def test_measured_values_pool_by_inverse_variance():
    circuit, wire = scaled_wires()
    pairs = [(0.5, 0.1), (1.0, 0.2), (0.75, 0.4)]
    claims = [hr.Assert((wire["x"], wire["y"]), v, hr.Measured(0, s)) for v, s in pairs]
    found = terms_of(circuit, claims)
    weights = np.array([s**-2 for _, s in pairs])
    assert found.table.given == pytest.approx([weights @ [v for v, _ in pairs] / weights.sum()])
    assert found.stderr == pytest.approx([1 / sqrt(weights.sum())])
    assert not found.overruled.any()


def test_exact_values_overrule_measured_ones_and_deduction():
    circuit, wire = scaled_wires()
    xy = (wire["x"], wire["y"])
    claims = [hr.Assert(xy, 1.0, "proved"), hr.Assert(xy, 1.0 + 1e-12, "enumerated"), hr.Assert(xy, 3.0, hr.Measured(0, 1.0)), hr.Track(xy)]
    found = terms_of(circuit, claims)
    assert found.table.given.tolist() == [1.0]
    assert found.stderr.tolist() == [0.0]
    assert {claim for claim, over in zip(found.claims, found.overruled, strict=True) if over} == set(claims[2:])
    with pytest.raises(ArgumentError, match=r"claim Assert\(x, y\).* contradicts .*claim Assert\(x, y\).* both are exact"):
        terms_of(circuit, [*claims, hr.Assert(xy, 1.0 + 1e-8, "proved")])
    with pytest.raises(ArgumentError, match="contradicts"):
        terms_of(circuit, [*claims, hr.Assert((wire["z"], wire["y"]), 2.0)])


def test_claims_about_constants_and_unused_wires_say_nothing():
    circuit, wire = scaled_wires()
    claims = [
        hr.Track((wire["k"], wire["x"])),
        hr.Assert(wire["k"], 3.0),
        hr.Assert((wire["k"], wire["x"]), 0.0),
        hr.Track((wire["dead"], 0)),
    ]
    found = terms_of(circuit, [*claims, hr.Track((0, 1))])
    assert len(found.table.values) == 1
    assert found.notes == ("4 of 5 claims are about constants or wires that feed no output",)
    assert terms_of(circuit, [hr.Track((wire["dead"], 0))], keep_dead=True).notes == ()


@pytest.mark.parametrize(
    ("names", "value", "message"),
    [
        (("k",), 4.0, "a wire of it is constant, so that the value is 3, not 4"),
        (("k", "x"), 0.5, "a wire of it is constant, so that the value is 0, not 0.5"),
        (("b", "b"), 0.25, r"claim Assert\(b, b\): a boolean wire repeats, and x \* x = x: name it once"),
        (("b", "n"), -0.25, r"a boolean wire repeats"),
        (("x", "y"), 4.1, "by Cauchy-Schwarz the covariance is at most 4 in size, got 4.1"),
        (("b", "d"), 0.26, "by Cauchy-Schwarz the covariance is at most 0.25 in size, got 0.26"),
        (("n", "d"), -0.26, "by Cauchy-Schwarz"),
        (("n",), 1.5, r"claim Assert\(n\): a probability lies in \[0, 1\], got 1.5"),
        (("z", "z"), -0.5, "a variance is not negative, got -0.5"),
    ],
)
def test_values_that_no_law_has(names, value, message):
    circuit, wire = scaled_wires()
    with pytest.raises(ArgumentError, match=message):
        terms_of(circuit, [hr.Assert(tuple(wire[name] for name in names), value)])


def test_the_mean_of_an_input_lies_in_its_support():
    c = hr.Circuit("support")
    x = c.input("x", hr.Uniform(1.0, 3.0))
    y = c.input("y", hr.Exponential(1.0))
    c.output("o", x * y)
    assert terms_of(c, [hr.Assert(x, 1.0), hr.Assert(y, 100.0)]).table.given.tolist() == [1.0, 100.0]
    with pytest.raises(ArgumentError, match=r"claim Assert\(x\): the mean lies in \[1, 3\], got 3.5"):
        terms_of(c, [hr.Assert(x, 3.5)])
    with pytest.raises(ArgumentError, match=r"claim Assert\(y\): the mean lies in \[0, inf\], got -1"):
        terms_of(c, [hr.Assert(y, -1.0)])


def test_a_tracked_boolean_repeat_is_the_wire_once():
    circuit, wire = scaled_wires()
    found = terms_of(circuit, [hr.Track((wire["b"], wire["b"], wire["d"])), hr.Track((wire["d"], wire["b"]))])
    assert len(found.table.values) == 1
    assert terms_of(circuit, [hr.Track((wire["b"], wire["n"]))]).table.values.tolist() == [[2, -1]]


def test_a_reductant_is_many_terms_of_one_claim():
    circuit, wire = scaled_wires()
    found = terms_of(circuit, [hr.Track((wire["x"], wire["y"]), 2), hr.Track((wire["x"],), 1), hr.Track((wire["b"], wire["x"]), 2)])
    rows = {tuple(row[row >= 0].tolist()) for row in found.table.values}
    assert rows == {(0, 1), (0, 0, 1), (0, 1, 1), (0, 0, 1, 1), (0,), (0, 0), (0, 2), (0, 0, 2)}
    assert sorted(np.diff(found.claim_start).tolist()) == [2, 2, 4]


def test_no_claims_are_no_terms():
    circuit, _ = scaled_wires()
    found = terms_of(circuit, [])
    assert (found.table.values.shape[0], found.claims, found.notes) == (0, (), ())
