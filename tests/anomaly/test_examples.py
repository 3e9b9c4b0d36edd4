"""The circuits whose verdicts are known: every row of their tables, and rewritings that must not change them."""

from fractions import Fraction
from itertools import product

import pytest

import heurest as hr
from heurest.anomaly.examples import day_check, five_levers, signed_monomials, two_sensors
from heurest.anomaly.explanation import explain
from heurest.anomaly.implicants import decompose
from heurest.anomaly.observations import observations
from heurest.anomaly.reasons import Training
from heurest.truth.wire_values import WireValues

SENSORS = ["S1", "S2"]

# (D, n1, n2), (S1, S2, Y), normal-reason, any-reason
SENSOR_ROWS = [
    ((1, 0, 0), (1, 1, 1), "ok", "ok"),
    ((0, 1, 1), (1, 1, 1), "anomalous", "anomalous"),
    ((0, 1, 0), (1, 0, 0), "ok", "ok"),
    ((1, 1, 0), (1, 1, 1), "ok", "ok"),
    ((1, 1, 1), (1, 1, 1), "ok", "ok"),
    ((0, 0, 0), (0, 0, 0), "ok", "ok"),
]

# (D0, R, L1 to L5), (S1, S2, Y), normal-reason, any-reason; no noise
LEVER_ROWS = [
    ((1, 0, 0, 0, 0, 0, 0), (1, 1, 1), "ok", "ok"),
    ((1, 1, 1, 1, 1, 0, 0), (1, 1, 1), "anomalous", "ok"),  # the wall: new, but it keeps the diamond
    ((1, 1, 0, 0, 0, 1, 1), (1, 1, 1), "anomalous", "anomalous"),  # the hack
    ((1, 1, 1, 1, 1, 1, 1), (1, 1, 1), "anomalous", "anomalous"),  # both: conservative
    ((1, 0, 0, 0, 0, 1, 1), (1, 1, 1), "ok", "ok"),
    ((1, 1, 0, 0, 0, 1, 0), (1, 0, 0), "ok", "ok"),
    ((1, 1, 0, 0, 0, 0, 0), (0, 0, 0), "ok", "ok"),
]


def table(circuit, rows, components, padding=()):
    """What our program says in the rows' form."""
    found = explain(circuit, train=None, components=components)
    wires = [circuit.wire(name).index for name in (*components, "Y")]
    values = WireValues(circuit, wires)
    said = []
    for point, *_ in rows:
        x = [*point, *padding]
        row = dict(zip(values.wires, values.at([x])[:, 0].tolist(), strict=True))
        normal, any_reason = found.normal_reason(x), found.any_reason(x)
        assert normal.exact
        assert any_reason.exact
        said.append((point, tuple(row[wire] for wire in wires), normal.verdict, any_reason.verdict))
    return said


def test_two_sensors_give_all_six_rows():
    assert table(two_sensors(), SENSOR_ROWS, SENSORS) == SENSOR_ROWS


def test_five_levers_give_all_seven_rows():
    assert table(five_levers(), LEVER_ROWS, SENSORS, padding=(0, 0)) == LEVER_ROWS


def test_the_moments_of_the_sensors_are_those_of_the_formulas():
    c = two_sensors()
    assert explain(c).mean == pytest.approx(float(Fraction(1000001, 2000000)), rel=1e-12)
    assert explain(c, "S1").variance == pytest.approx(float(Fraction(999999, 4000000)), rel=1e-12)


def test_thirty_two_sets_explain_the_output_and_eight_of_these_the_sensors_too():
    c = two_sensors()
    explaining = [
        Training(decompose(c, [c.wire(name) for name in order]), observations(c), 1e-3).explaining()
        for order in (("Y", "S1", "S2"), ("S1", "S2", "Y"), ("S2", "S1", "Y"))
    ]
    assert explaining[0].bit_count() == 32
    assert (explaining[0] & explaining[1] & explaining[2]).bit_count() == 8


def test_what_a_term_carries_at_the_output_and_at_a_sensor():
    c = two_sensors()
    output, sensor = explain(c), explain(c, "S1")
    assert output.shares["Y: S1(n1) & S2(n2)"] == pytest.approx(2.0e-6, rel=1e-3)
    assert output.shares["S1: n1"] == pytest.approx(2.0e-6, rel=1e-3)
    assert sensor.shares["S1: n1"] == pytest.approx(2.0e-3, rel=1e-3)
    assert output.shares["Y: S1(D) & S2(D)"] == pytest.approx(1.996, rel=1e-5)
    assert output.explains(set(output.terms) - {"S1: n1"})
    assert not sensor.explains(set(sensor.terms) - {"S1: n1"})


def test_8192_of_131072_sets_explain_the_levers():
    c = five_levers()
    training = Training(decompose(c, [c.wire("Y")]), observations(c), 1e-3)
    assert len(training.decomposition.terms) == 17
    assert training.explaining().bit_count() == 8192


def test_the_cheapest_action_that_is_not_flagged_is_the_wall():
    c = five_levers()
    found = explain(c, components=SENSORS)
    settings = [(1, 1, *levers, 0, 0) for levers in product((0, 1), repeat=5)]
    value = WireValues(c, [c.wire("Y").index]).at(settings)[0]
    working = [x[2:7] for x, y in zip(settings, value, strict=True) if y]
    unflagged = [x for x in working if found.any_reason((1, 1, *x, 0, 0)).verdict == "ok"]
    assert sorted(working, key=sum)[0] == (0, 0, 0, 1, 1)
    assert sorted(unflagged, key=sum)[0] == (1, 1, 1, 0, 0)
    assert [x for x in working if sum(x) <= 2] == [(0, 0, 0, 1, 1)]
    assert [x for x in unflagged if sum(x) <= 3] == [(1, 1, 1, 0, 0)]


def test_the_wall_beside_the_hack_is_flagged_since_a_set_without_the_wall_explains_too():
    verdict = explain(five_levers(), components=SENSORS).any_reason([1, 1, 1, 1, 1, 1, 1, 0, 0])
    assert sorted(verdict.dropped) == ["D: D0 & L1 & L2 & L3", "Y: S1(L4) & S2(L5)"]


# (c, g, h): Y, normal-reason
DAY_ROWS = [((0, 0, 1), 1, "anomalous"), ((0, 1, 0), 0, "ok"), ((1, 1, 0), 1, "ok"), ((1, 0, 1), 0, "ok"), ((0, 1, 1), 1, "anomalous")]


@pytest.mark.parametrize("year", [0, 1])
@pytest.mark.parametrize(("point", "value", "verdict"), DAY_ROWS)
def test_the_day_check(point, value, verdict, year):
    c = day_check()
    found = explain(c)
    assert found.share(["Y: ~day<50 & h"]) == 0.0
    assert WireValues(c, [c.wire("Y").index]).at([[*point, year]])[0, 0] == value
    assert found.normal_reason([*point, year]).verdict == verdict


def test_signed_monomials_are_the_sensors_output_and_flag_a_diamond_beside_both_noises():
    c, sensors = signed_monomials(), two_sensors()
    points = list(product((0, 1), repeat=3))
    values = [WireValues(circuit, [circuit.wire("Y").index]).at(points)[0].tolist() for circuit in (c, sensors)]
    assert values[0] == values[1]
    flagged = {
        terms: [x for x, verdict in zip(points, explain(c, semantics=terms).verdicts(points), strict=True) if verdict.anomalous]
        for terms in ("monomials", "implicants")
    }
    assert flagged == {"monomials": [(0, 1, 1), (1, 1, 1)], "implicants": [(0, 1, 1)]}
    kept = [(), ("n1n2",), ("Dn1n2",), ("n1n2", "Dn1n2")]
    found = explain(c, semantics="monomials")
    assert all(found.explains(("D", *names)) and not found.explains(names) for names in kept)


# -- rewritings ------------------------------------------------------------------------------------


def rewritten(name, negated, dead, order):
    """The two sensors with other names, negations in pairs, gates that feed nothing, and inputs in another order."""
    c = hr.Circuit("rewritten")
    made = {key: c.input(name(key), hr.Bernoulli(0.5 if key == "D" else 0.001)) for key in order}
    diamond, n1, n2 = made["D"], made["n1"], made["n2"]
    twice = (lambda wire: ~~wire) if negated else (lambda wire: wire)
    if dead:
        c.set_name(n1 ^ n2, "unused")
        c.set_name(diamond & n1 & n2, "also unused")
    if negated:
        s1, s2 = ~(~diamond & ~n1), ~(~~~diamond & ~n2)
    else:
        s1, s2 = diamond | n1, diamond | n2
    s1, s2 = c.set_name(twice(s1), name("S1")), c.set_name(twice(s2), name("S2"))
    y = ~(~s1 | ~s2) if negated else s1 & s2
    c.output(name("Y"), c.set_name(twice(y), name("Y")))
    return c


@pytest.mark.parametrize("label", [str, lambda key: f"other {key[::-1]}"])
@pytest.mark.parametrize("negated", [False, True])
@pytest.mark.parametrize("dead", [False, True])
@pytest.mark.parametrize("order", [("D", "n1", "n2"), ("n2", "n1", "D")])
def test_names_double_negations_dead_gates_and_the_order_of_inputs_change_nothing(label, negated, dead, order):
    found = explain(rewritten(label, negated, dead, order), components=[label("S1"), label("S2")])
    plain = explain(two_sensors())
    assert len(found.terms) == 8
    assert sorted(found.shares.values()) == pytest.approx(sorted(plain.shares.values()), rel=1e-9)
    assert len(found.smallest()[0]) == 3
    for point, _, normal, any_reason in SENSOR_ROWS:
        x = [dict(zip(("D", "n1", "n2"), point, strict=True))[key] for key in order]
        assert (found.normal_reason(x).verdict, found.any_reason(x).verdict) == (normal, any_reason)
