"""Sums of terms: the identity that makes them, what each carries, and verdicts against every set of terms."""

import itertools

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import heurest as hr
from heurest.anomaly.additive import additive_explanation
from heurest.anomaly.decomposition import Decomposition
from heurest.anomaly.observations import observations
from heurest.errors import ArgumentError, CircuitError
from heurest.families.quadratic import quadratic_network
from support.interpreter import circuit_values
from support.strategies import FINITE_LAWS, circuits


def training_of(circuit, seed, count=12):
    """Points from a few numbers, so that some wires are constant and some terms cancel; 0 and 1 for boolean inputs."""
    rng = np.random.default_rng(seed)
    columns = [rng.integers(0, 2, count) if wire.boolean else rng.choice([-1.0, 0.0, 0.5, 2.0], count) for wire in circuit.inputs]
    return np.column_stack(columns).astype(float)


def brute_force(explained, train, point):
    """Largest change at a point over all sets of terms that cost at most the allowed share, straight from the definition."""
    values, at = explained.decomposition.values(train), explained.decomposition.values([point])[0]
    output = circuit_values(explained.circuit, train.T)[explained.decomposition.output]
    best = 0.0
    for choice in itertools.product((0.0, 1.0), repeat=values.shape[1]):
        if np.mean((values @ np.array(choice)) ** 2) <= explained.epsilon * np.var(output) * (1.0 + 1e-9):
            best = max(best, abs(float(at @ np.array(choice))))
    return best


def or_of_monomials():
    """D or n1 n2 as D + n1 n2 - D n1 n2, under the exact law of the two sensors."""
    c = hr.Circuit("signed monomials")
    d, n1, n2 = c.input("D", hr.Bernoulli(0.5)), c.input("n1", hr.Bernoulli(0.001)), c.input("n2", hr.Bernoulli(0.001))
    both = c.set_name(n1 & n2, "n1n2")
    every = c.set_name(d & both, "Dn1n2")
    c.output("Y", c.affine([1.0, 1.0, -1.0], [d, both, every], boolean=True))
    return c


@given(circuits(max_inputs=3, max_gates=7, max_degree=6), st.integers(0, 99), st.sampled_from(["centred", "monomials"]))
def test_terms_add_up_to_the_output_everywhere(circuit, seed, semantics):
    train = training_of(circuit, seed)
    for wire in circuit.outputs.values():
        found = Decomposition(circuit, wire.index, observations(circuit, train), semantics)
        elsewhere = training_of(circuit, seed + 1000)
        wanted = circuit_values(circuit, elsewhere.T)[wire.index]
        np.testing.assert_allclose(found.constant + found.values(elsewhere).sum(axis=1), wanted, rtol=1e-9, atol=1e-8)
        assert found.mean == pytest.approx(circuit_values(circuit, train.T)[wire.index].mean(), rel=1e-9, abs=1e-9)


@given(circuits(max_inputs=3, max_gates=6, laws=FINITE_LAWS, joint=False))
def test_a_terms_mean_is_the_covariance_of_its_operands(circuit):
    data = observations(circuit)
    found = Decomposition(circuit, circuit.outputs["last"].index, data)
    values = circuit_values(circuit, data.points.T)
    for term, mean in zip(found.terms, data.weights @ found.values(data.points), strict=True):
        if len(term.wires) == 2:
            a, b = values[list(term.wires)]
            mean_a, mean_b = data.weights @ a, data.weights @ b
            assert mean == pytest.approx(term.coefficient * (data.weights @ (a * b) - mean_a * mean_b), rel=1e-9, abs=1e-8)
        else:
            assert mean == pytest.approx(0.0, abs=1e-8)


def test_the_constant_is_what_mean_propagation_gives():
    c = quadratic_network(widths=(3, 4, 2, 1), law="sign", rng=4)
    found = Decomposition(c, c.outputs["y[0]"].index, observations(c))
    # Wires between have means of their own; one layer of products has only inputs below it, so there the two agree.
    flat = quadratic_network(widths=(3, 4, 1), law="sign", rng=4)
    one = Decomposition(flat, flat.outputs["y[0]"].index, observations(flat))
    assert one.constant == pytest.approx(hr.Mean().estimate(flat).value["y[0]"])
    data = observations(c)
    assert found.constant == pytest.approx(found.mean - data.weights @ found.values(data.points).sum(axis=1))


def test_equal_products_are_one_term():
    c = hr.Circuit("twice")
    x, y = c.input("x", hr.Sign()), c.input("y", hr.Sign())
    c.output("o", x * y + (2 * y) * (x + 1) - 3 * x)  # 3 x y + 2 y - 3 x
    found = Decomposition(c, c.outputs["o"].index, observations(c))
    assert [(term.name, term.coefficient) for term in found.terms] == [("x", -3.0), ("x * y", 3.0), ("y", 2.0)]


def test_double_negation_changes_nothing():
    def build(negations):
        c = hr.Circuit("negated")
        x, y = c.input("x", hr.Bernoulli(0.25)), c.input("y", hr.Bernoulli(0.5))
        for _ in range(2 * negations):
            x = ~x
        c.output("o", x & y)
        return c

    plain, negated = (Decomposition(c, c.outputs["o"].index, observations(c)) for c in map(build, (0, 3)))
    assert negated.terms == plain.terms
    assert negated.constant == plain.constant


def test_a_product_with_a_constant_is_no_mechanism():
    c = hr.Circuit("constant operand")
    x = c.input("x", hr.Normal(), count=2)
    c.output("o", c.constant(3.0) * x[0] + (0 * x[1] + 2) * x[1])
    found = Decomposition(c, c.outputs["o"].index, observations(c, [[0.0, 1.0], [2.0, 5.0]]))
    assert [(term.name, term.coefficient) for term in found.terms] == [("x[0]", 3.0), ("x[1]", 2.0)]


def test_shares_and_the_smallest_set():
    c = hr.Circuit("shares")
    x = c.input("x", hr.Sign(), count=3)
    c.output("o", 3 * x[0] + (4 * x[1]) * x[2] + 0.1 * x[2])  # mean squares 9, 16 and 0.01 of orthogonal terms
    explained = additive_explanation(c, "o", epsilon=0.01)
    assert explained.variance == pytest.approx(25.01)
    wanted = {"x[0]": 9 / 25.01, "x[2]": 0.01 / 25.01, "x[1] * x[2]": 16 / 25.01}
    assert explained.shares == pytest.approx(wanted)
    assert explained.share(["x[0]", "x[2]"]) == pytest.approx(9.01 / 25.01)
    assert explained.smallest() == (("x[0]", "x[1] * x[2]"), True)
    assert explained.explains(["x[0]", "x[1] * x[2]"])
    assert not explained.explains(["x[0]", "x[2]"])


@given(circuits(max_inputs=3, max_gates=6, max_degree=4), st.integers(0, 99), st.sampled_from([0.001, 0.05, 0.4]))
def test_verdicts_are_those_of_the_definition_and_certificates_never_contradict_them(circuit, seed, epsilon):
    train = training_of(circuit, seed)
    output = circuit_values(circuit, train.T)[circuit.outputs["last"].index]
    assume(np.var(output) > 1e-6)
    explained = additive_explanation(circuit, "last", train, epsilon)
    assume(len(explained.terms) <= 8)
    points = np.concatenate([training_of(circuit, seed + 1000, 4), training_of(circuit, seed + 1001, 2)])
    certified = explained.leverage.certified(explained.decomposition.values(points), epsilon, explained.variance, explained.tau)
    by_leverage = explained.leverage_verdicts(points)
    assert [verdict.anomalous for verdict in by_leverage] == (~certified).tolist()
    for point, verdict, certificate in zip(points, explained.verdicts(points), certified, strict=True):
        largest = brute_force(explained, train, point)
        assume(abs(largest / explained.tau - 1.0) > 1e-6)  # a tie hangs on rounding
        assert verdict.exact
        assert verdict.verdict == ("anomalous" if largest > explained.tau else "ok")
        assert not (certificate and verdict.anomalous)
        if verdict.anomalous:
            at = dict(zip(explained.terms, explained.decomposition.values([point])[0], strict=True))
            assert abs(sum(at[name] for name in verdict.dropped)) > explained.tau
            assert explained.explains(verdict.kept)
            assert sorted(verdict.kept + verdict.dropped) == sorted(explained.terms)


def test_signed_monomials_flag_the_harmless_input_too():
    explained = additive_explanation(or_of_monomials(), "Y", epsilon=1e-3, semantics="monomials")
    assert explained.tau == 0.5
    assert explained.terms == ("D", "n1n2", "Dn1n2")
    flagged = [tuple(point) for point in itertools.product((0, 1), repeat=3) if explained.normal_reason(point).anomalous]
    assert flagged == [(0, 1, 1), (1, 1, 1)]
    assert explained.normal_reason([1, 1, 1]).dropped in (("n1n2",), ("Dn1n2",))


def test_a_wire_that_never_changed():
    """Y = c g + (1 - c) h with c = 1 throughout: terms with c - 1 cost nothing, and count as soon as c is another."""
    c = hr.Circuit("day")
    day, g, h = c.input("c", hr.Bernoulli(0.9)), c.input("g", hr.Bernoulli(0.5)), c.input("h", hr.Bernoulli(0.5))
    c.output("Y", c.affine([1.0, 1.0], [day * g, (1 - day) * h]))
    train = [[1, a, b] for a in (0, 1) for b in (0, 1)]
    explained = additive_explanation(c, "Y", train, 1e-3, tau=0.5)
    assert explained.normal_reason([1, 1, 0]).verdict == "ok"
    verdict = explained.normal_reason([0, 0, 1])
    assert verdict.anomalous
    assert explained.share(verdict.dropped) == 0.0
    assert explained.score([[0, 0, 1]]).tolist() == [np.inf]
    (new,) = explained.leverage_verdicts([[0, 0, 1]])
    assert new.anomalous
    assert new.dropped == ("c * g", "c * h")  # c alone has the coefficient E[g] - E[h] = 0
    assert new.to_dict()["score"] == "infinite"


def test_many_terms_still_give_certificates_witnesses_and_an_honest_undecided():
    c = quadratic_network(widths=(6, 40, 1), rng=2)
    rng = np.random.default_rng(0)
    train = rng.standard_normal((3000, 6))
    explained = additive_explanation(c, "y[0]", train, 1e-3, budget=2**12)
    usual, strange = explained.verdicts([np.full(6, 0.1), np.full(6, 30.0)])
    assert usual.verdict == "ok"
    assert strange.anomalous
    assert explained.explains(strange.kept)
    tight = additive_explanation(c, "y[0]", train, 0.3, budget=1)
    kinds = {verdict.verdict: verdict for verdict in tight.verdicts(train[:200])}
    assert "undecided" in kinds
    assert not kinds["undecided"].exact
    assert "budget" in kinds["undecided"].note


def test_flags_of_training_points_keep_to_the_bound():
    c = quadratic_network(widths=(2, 3, 1), rng=7)
    train = np.random.default_rng(5).standard_t(3, (400, 2))
    explained = additive_explanation(c, "y[0]", train, 0.05)
    share = np.mean([verdict.anomalous for verdict in explained.verdicts(train)])
    tested = explained.leverage_verdicts(train)
    assert 0.0 < share <= np.mean([verdict.anomalous for verdict in tested]) <= explained.bound
    strangest = max(tested, key=lambda verdict: verdict.score)
    assert strangest.dropped
    assert set(strangest.dropped) < set(explained.terms)


def test_listing_and_dictionary():
    explained = additive_explanation(or_of_monomials(), "Y", semantics="monomials")
    listing = str(explained).splitlines()
    assert listing[0] == "'Y' of 'signed monomials' as a sum of 3 terms (additive, monomials), from the inputs' law, all 8 points"
    assert listing[2].split() == ["2.000000", "D"]  # E[D^2] / Var(Y) = (1/2) / (1/4)
    record = explained.to_dict()
    assert record["rank"] == 3
    assert [term["name"] for term in record["terms"]] == ["D", "n1n2", "Dn1n2"]


@pytest.mark.parametrize(
    ("given_", "error", "message"),
    [
        ({"output": "Z"}, CircuitError, "circuit 'signed monomials' has no output 'Z'; its outputs: Y"),
        ({"epsilon": 0.0}, ArgumentError, "epsilon must be a number above 0 and below 1, got 0.0"),
        ({"epsilon": 1}, ArgumentError, "epsilon must be a number above 0 and below 1, got 1"),
        ({"budget": 0}, ArgumentError, "budget must be an integer of at least 1, got 0"),
        ({"tau": -1.0}, ArgumentError, "tau must be a finite number above 0, got -1.0"),
        ({"semantics": "best"}, ArgumentError, "must be one of centred, monomials, got 'best'"),
        ({"components": ("n1n2",)}, ArgumentError, "output 'Y': sums have no any-reason test"),
        ({"train": [[1, 0]]}, ArgumentError, r"points must have shape \(points, 3\)"),
    ],
)
def test_bad_input_is_named(given_, error, message):
    with pytest.raises(error, match=message):
        additive_explanation(or_of_monomials(), **{"output": "Y", **given_})


def test_a_constant_output_gives_no_scale():
    c = hr.Circuit("constant")
    x = c.input("x", hr.Normal())
    c.output("o", x * x)
    with pytest.raises(ArgumentError, match="output 'o' is constant in training, so it gives no scale: give tau, or use the lemma test"):
        additive_explanation(c, "o", [[2.0], [2.0], [-2.0]])


def test_an_unknown_term_is_named():
    explained = additive_explanation(or_of_monomials(), "Y", semantics="monomials")
    with pytest.raises(ArgumentError, match="output 'Y' has no term 'D n1'"):
        explained.share(["D n1"])
