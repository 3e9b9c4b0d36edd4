"""Certificates, verdicts and witnesses against every set of terms of small random circuits, whatever the budget of the search."""

import itertools
from functools import cache
from unittest import mock

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import heurest as hr
from heurest.anomaly import reasons
from heurest.anomaly.additive import additive_explanation
from heurest.anomaly.explanation import explain
from heurest.anomaly.implicants import INPUT, TERM
from heurest.anomaly.observations import observations
from heurest.families.quadratic import quadratic_network
from support.interpreter import circuit_values
from support.sizes import scaled
from support.strategies import FINITE_LAWS, circuits

POINTS = np.array(list(itertools.product((0, 1), repeat=4)))


@cache
def every_set(terms):
    """All sets of terms, a row each; the last one has them all."""
    return np.array(list(itertools.product((False, True), repeat=terms)), np.bool_).reshape(2**terms, terms)


# -- ors of implicants -------------------------------------------------------------------------------


@st.composite
def logic(draw, kinds):
    """Gates over four inputs and earlier wires, some with a name, the last two of them as components; and rows of training."""
    c = hr.Circuit("logic")
    wires = list(c.input("x", hr.Bernoulli(0.5), count=4))
    for number in range(draw(st.integers(2, 6))):
        a, b = (wires[i] for i in draw(st.lists(st.integers(0, len(wires) - 1), min_size=2, max_size=2, unique=True)))
        kind = draw(st.sampled_from(kinds))
        wire = a & b if kind == "and" else a | b if kind == "or" else a ^ b if kind == "xor" else ~a & b
        wires.append(c.set_name(wire, f"w{number}") if draw(st.booleans()) else wire)
    a, b = wires[-2:]
    c.output("y", a & b if draw(st.booleans()) else a | b)
    return c, [a, b], POINTS[draw(st.lists(st.integers(0, 15), min_size=2, max_size=12))]


MONOTONE = logic(("and", "or"))
INVERTING = logic(("and", "or", "xor", "xor", "and not"))


def values_by_set(found, points):
    """Values of the output and the components, shape (roots, sets, points), where each set of terms is all that there is."""
    sets = every_set(len(found.terms))
    wires, active = np.zeros((2, max(len(found.wires), len(found.terms)), len(sets), len(points)), np.bool_)
    for number, term in enumerate(found.terms):
        active[number] = sets[:, [number]]
        for kind, place, inverted in term.atoms:
            active[number] &= (points[:, place] != 0 if kind == INPUT else active[place] if kind == TERM else wires[place]) != inverted
        wires[term.wire] |= active[number]
    return np.array([wires[wire] != inverted for wire, inverted in found.roots])


def shares_by_set(found, train):
    """Share of the output's variance that each set of terms loses: k wrong rows of n, m of them with output 1, lose k n / (m (n - m))."""
    (output, *_), n = values_by_set(found, train), len(train)
    ones = int(output[-1].sum())
    return (output != output[-1]).sum(axis=1) * n / (ones * (n - ones))  # rounds to 1/64, 1/8 or 1/2 only if it is that


def failing_sets(found, train, epsilon, components):
    """The sets that explain training and give another output at a point, with all components right if these matter: (sets, points)."""
    values = values_by_set(found, POINTS)
    failing = (values[0] != values[0, -1]) & (shares_by_set(found, train) <= epsilon)[:, np.newaxis]
    return failing & (values[1:] == values[1:, -1:]).all(axis=0) if components else failing


@given(st.one_of(MONOTONE, INVERTING), st.sampled_from([1 / 64, 1 / 8, 1 / 2]), st.sampled_from([None, 1, 2, 5]))
def test_a_verdict_that_calls_itself_exact_is_that_of_all_sets_of_terms(made, epsilon, budget):
    circuit, components, train = made
    output = circuit_values(circuit, train.T)[circuit.outputs["y"].index]
    assume(0.0 < output.mean() < 1.0)
    explained = explain(circuit, "y", train, epsilon, components=components, budget=budget)
    assume(len(explained.terms) <= scaled(10, 7))
    place = {name: number for number, name in enumerate(explained.terms)}
    shares = shares_by_set(explained.decomposition, train)
    for reason, most in itertools.product(("normal", "any"), (0, 18)):  # 0: as where there are too many terms for an enumeration
        failing = failing_sets(explained.decomposition, train, epsilon, reason == "any")
        with mock.patch.object(reasons, "MAX_ENUMERATED_TERMS", most):
            verdicts = explained.verdicts(POINTS, reason)
        for verdict, sets in zip(verdicts, failing.T, strict=True):
            assert verdict.exact == (verdict.verdict != "undecided")
            assert verdict.verdict != ("ok" if sets.any() else "anomalous")
            assert budget or not most or verdict.exact
            if verdict.anomalous:
                assert sorted(verdict.kept + verdict.dropped) == sorted(place)
                kept = np.isin(np.arange(len(place)), [place[name] for name in verdict.kept])
                witness = (every_set(len(place)) == kept).all(axis=1)
                assert sets[witness].item()
                assert 10.0**-verdict.score == pytest.approx(shares[witness].item())
        flagged = [verdicts[row].anomalous for row in train @ [8, 4, 2, 1]]
        assert np.mean(flagged) <= verdicts[0].bound + 1e-12


@given(st.one_of(MONOTONE, INVERTING), st.sampled_from([1 / 64, 1 / 8, 1 / 2]))
def test_the_sets_that_explain_and_the_smallest_of_them_are_those_of_the_definition(made, epsilon):
    circuit, components, train = made
    output = circuit_values(circuit, train.T)[circuit.outputs["y"].index]
    assume(0.0 < output.mean() < 1.0)
    explained = explain(circuit, "y", train, epsilon, components=components)
    assume(len(explained.terms) <= scaled(8, 6))
    assert values_by_set(explained.decomposition, train)[0, -1].tolist() == output.tolist()
    explaining = shares_by_set(explained.decomposition, train) <= epsilon
    for reason in ("normal", "any"):
        flagged = failing_sets(explained.decomposition, train, epsilon, reason == "any").any(axis=0)[train @ [8, 4, 2, 1]]
        assert explained.false_positive_bound(reason) == pytest.approx(flagged.mean())
    names = [tuple(itertools.compress(explained.terms, kept)) for kept in every_set(len(explained.terms))]
    assert [explained.explains(kept) for kept in names] == explaining.tolist()
    fewest = min(map(len, itertools.compress(names, explaining)))
    wanted = {kept for kept in itertools.compress(names, explaining) if len(kept) == fewest}
    assert set(explained.smallest_sets()) == wanted
    assert explained.smallest() in {(kept, True) for kept in wanted}
    with mock.patch.object(reasons, "MAX_ENUMERATED_TERMS", 0):
        kept, exact = explained.smallest()
    assert not exact
    assert explaining[names.index(kept)]


# -- sums of terms -----------------------------------------------------------------------------------


def terms_at(found, data, points):
    """Values of the terms, from those of their wires: (points, terms)."""
    wires, seen = circuit_values(found.circuit, points.T), circuit_values(found.circuit, data.points.T)
    centre = seen @ data.weights if found.semantics == "centred" else np.zeros(len(seen))
    factors = wires - centre[:, np.newaxis]
    columns = [term.coefficient * factors[list(term.wires)].prod(axis=0) for term in found.terms]
    return np.array(columns).reshape(len(columns), len(points)).T


def search_verdicts(explained, data, points, tau):
    """Check certificates, verdicts and witnesses at some points against all sets of terms; the verdicts that were given by a search."""
    sets, found = every_set(len(explained.terms)).astype(float), explained.decomposition
    at = terms_at(found, data, points)
    allowed = explained.epsilon * explained.variance * (1.0 + 1e-9)
    loss = (sets @ terms_at(found, data, data.points).T) ** 2 @ data.weights
    largest = np.abs(sets[loss <= allowed] @ at.T).max(axis=0)  # dropping nothing is always allowed
    searched = []
    rows = zip(explained.verdicts(points), explained.leverage_verdicts(points), largest, at, strict=True)
    for verdict, screened, most, values in rows:
        assert screened.anomalous or most <= tau * (1.0 + 1e-9)
        if abs(most / tau - 1.0) < 1e-6:
            continue  # a tie hangs on rounding
        assert verdict.exact == (verdict.verdict != "undecided")
        assert verdict.verdict != ("ok" if most > tau else "anomalous")
        if verdict.anomalous:
            dropped = np.isin(found.names, verdict.dropped)
            assert sorted(verdict.kept + verdict.dropped) == sorted(found.names)
            assert abs(values[dropped].sum()) > tau
            assert loss[(sets == dropped).all(axis=1)].item() <= allowed
        searched += [verdict.verdict] if "search" in verdict.note else []
    return searched


@given(
    circuits(max_inputs=3, max_gates=6, max_degree=4, laws=FINITE_LAWS, joint=False),
    st.sampled_from(["centred", "monomials"]),
    st.sampled_from([0.01, 0.1, 0.5]),
    st.sampled_from([0.3, 1.0, 4.0]),
    st.sampled_from([1.0, 3.0]),
    st.sampled_from([1, 2, 5, 2**22]),
)
def test_no_set_of_terms_contradicts_a_certificate_or_a_verdict_on_a_sum(circuit, semantics, epsilon, scale, stretch, budget):
    data = observations(circuit)
    output = circuit_values(circuit, data.points.T)[circuit.outputs["last"].index]
    variance = data.weights @ (output - data.weights @ output) ** 2
    assume(variance > 1e-6)
    tau = scale * float(np.sqrt(variance))
    explained = additive_explanation(circuit, "last", epsilon=epsilon, semantics=semantics, tau=tau, budget=budget)
    assume(len(explained.terms) <= scaled(9, 7))
    assert explained.variance == pytest.approx(variance)
    real = np.array([not wire.boolean for wire in circuit.inputs])
    points = np.where(real, stretch * data.points + (stretch - 1.0), data.points)  # as in training, or beyond it
    searched = search_verdicts(explained, data, points, tau)
    assert budget < 2**22 or "undecided" not in searched


def test_a_certificate_is_as_sharp_as_it_can_be():
    # z carries a tenth of the variance 0.9 + 0.1, so it may be dropped; where x is 0 that changes the output by |z|, and no set does more.
    c = hr.Circuit("sharp")
    x, z = c.input("x", hr.Discrete((-1, 0, 1), (0.45, 0.1, 0.45))), c.input("z", hr.Sign())
    c.output("y", x + np.sqrt(0.1) * z)
    for factor, wanted in ((1.0 - 1e-6, "anomalous"), (1.0 + 1e-6, "ok")):
        explained = additive_explanation(c, "y", epsilon=0.1, tau=factor * np.sqrt(0.1))
        (verdict,), (screened,) = explained.verdicts([[0, 1]]), explained.leverage_verdicts([[0, 1]])
        assert (verdict.verdict, screened.verdict) == (wanted, wanted)


def test_with_many_correlated_terms_a_search_cut_short_says_so_and_is_right_where_it_does_not():
    seen = set()
    for seed in range(scaled(6, 2)):
        circuit = quadratic_network(widths=(4, 8, 1), rng=seed)  # 8 squares and 4 inputs
        rng = np.random.default_rng(seed)
        train, points = rng.standard_normal((40, 4)), 2.0 * rng.standard_normal((20, 4))
        for budget in (1, 2**13):
            explained = additive_explanation(circuit, "y[0]", train, 0.2, budget=budget)
            assert len(explained.terms) == 12
            seen |= set(search_verdicts(explained, observations(circuit, train), points, explained.tau))
    assert seen == {"ok", "anomalous", "undecided"}
