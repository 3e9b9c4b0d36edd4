"""Maximum entropy: its worked example, its optimality conditions on generated circuits, and what it refuses."""

from __future__ import annotations

import itertools
import math
import tracemalloc

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import heurest as hr
from heurest.circuit.gates import AND
from heurest.estimators import maxent
from heurest.estimators.maxent import MaximumEntropy
from support.boolean_circuits import literal_circuits, random_circuit
from support.build import one_output
from support.enumeration import expected_values
from support.interpreter import circuit_values
from support.sizes import scaled
from support.strategies import FINITE_LAWS, circuits


def finite(circuit):
    return all(group.law.points() is not None for group in circuit.groups)


FINITE_CIRCUITS = st.one_of(literal_circuits(), circuits(laws=FINITE_LAWS, max_degree=4).filter(finite))


def means(circuit):
    return MaximumEntropy().estimate(circuit, keep_dead=True).mean


def dead_ands(n, first=0.5, second=0.5):
    """Two bits, n dead gates that are the and of them, and the first bit as output; wires 0, 1, 2, ..., n + 1."""
    c = hr.Circuit("dead gates")
    a, _ = (c.input(name, hr.Bernoulli(p)) for name, p in (("a", first), ("b", second)))
    c.extend(np.full(n, AND), np.zeros(n, np.int64), np.ones(n, np.int64))
    c.output("a", a)
    return c


# -- the worked example ------------------------------------------------------------------------------


@pytest.mark.parametrize(("n", "probability", "covariance"), [(1, 0.577350, 0.032692), (10, 0.650035, 0.052507)])
def test_b12_dead_gates_relate_unrelated_inputs(n, probability, covariance):
    mean = means(dead_ands(n))
    assert mean[:2] == pytest.approx([probability, probability], abs=5e-7)
    assert mean[2] - mean[0] * mean[1] == pytest.approx(covariance, abs=5e-7)


def test_b12_without_a_gate_nothing_moves():
    assert MaximumEntropy().estimate(dead_ands(0)).value == {"a": 0.5}


def test_b12_many_dead_gates():
    mean = means(dead_ands(10**5))
    assert mean[0] == pytest.approx(2 / 3, abs=1e-5)
    assert mean[2] - mean[0] * mean[1] == pytest.approx(1 / 18, abs=1e-5)


@given(st.integers(1, 2000))
def test_b12_closed_form(n):
    mean = means(dead_ands(n))
    together = 1 / (1 + 3 ** (1 / (1 + n)))
    assert mean[2:] == pytest.approx(np.full(n, together), rel=1e-12)
    assert mean[0] == pytest.approx((1 + 2 * together) / 3, rel=1e-12)


@given(st.integers(1, 50), *[st.sampled_from([1e-300, 1e-160, 1e-10, 0.1, 0.5, 0.9, 1 - 1e-10, 1 - 2.0**-53]) for _ in range(2)])
@example(1, 1 - 2.0**-53, 1 - 2.0**-52)
def test_one_gate_of_biased_inputs_in_closed_form(n, first, second):
    # n equal gates divide the log odds of their prior by n + 1; within the two values of the gate the prior stays
    log_one, log_zero = math.log(first) + math.log(second), math.log((1 - first) + first * (1 - second))
    log_odds = (log_one - log_zero) / (1 + n)
    one, zero = 1 / (1 + math.exp(-log_odds)), 1 / (1 + math.exp(log_odds))
    estimate = MaximumEntropy().estimate(dead_ands(n, first, second), keep_dead=True)
    assert estimate.mean[2] == pytest.approx(one, rel=1e-10, abs=0.0)
    assert estimate.variance[2] == pytest.approx(one * zero, rel=1e-10, abs=0.0)  # zero may be what 1 - one has lost
    assert estimate.mean[0] == pytest.approx(one + zero * first * (1 - second) / math.exp(log_zero), rel=1e-9, abs=0.0)


def test_inputs_of_a_joint_law():
    # of three inputs exactly one is 1: x | y holds on two of three points, so t / (1 - t) = 2 (1 - t) / t; x & y never does
    c = hr.Circuit("one hot")
    x, y, z = c.input("x", hr.JointDiscrete(np.eye(3), [1 / 3] * 3))
    _ = x | y
    c.output("z", z)
    assert MaximumEntropy().estimate(c).value["z"] == pytest.approx(1 / (1 + math.sqrt(2)), rel=1e-12)


# -- against an enumeration of its own -----------------------------------------------------------------


def prior_and_values(circuit):
    """Probability of each assignment, and the values of all wires there."""
    rules = [list(zip(*group.law.points(), strict=True)) for group in circuit.groups]
    chosen = list(itertools.product(*rules))
    inputs = np.array([np.concatenate([point for point, _ in rule]) for rule in chosen])
    return np.array([math.prod(p for _, p in rule) for rule in chosen]), circuit_values(circuit, inputs.T)


def gates_that_count(circuit, values):
    """Wires of boolean gates that vary and of which two different operands do."""
    varies = [len(set(row)) > 1 for row in values.tolist()]
    found = []
    for wire in range(len(circuit)):
        name, read = circuit.gate_name(wire), set(circuit.operands(wire))
        if name == "affine":
            _, operands, coefficients = circuit.terms(wire)
            read = {x for x, a in zip(operands.tolist(), coefficients.tolist(), strict=True) if a}
        if circuit.boolean[wire] and name not in ("input", "constant") and varies[wire] and sum(varies[x] for x in read) > 1:
            found.append(wire)
    return found


def stationary_law(prior, gates, mean):
    """The law that the optimality conditions make of the gates' probabilities."""
    log_law = np.log(prior) + (np.log(1 - mean) - np.log(mean)) @ gates
    law = np.exp(log_law - log_law.max())
    return law / law.sum()


def objective(prior, gates, law):
    """Entropy of the gates less the divergence from the prior; laws are rows."""
    t = np.clip(law @ gates.T, 0.0, 1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        bits = -np.nan_to_num(t * np.log(t)) - np.nan_to_num((1 - t) * np.log(1 - t))
        return bits.sum(axis=-1) - np.nan_to_num(law * np.log(law / prior)).sum(axis=-1)


@given(FINITE_CIRCUITS)
def test_the_law_is_stationary(circuit):
    # the objective is strictly concave, so the one law that its own probabilities lead back to is the maximum
    prior, values = prior_and_values(circuit)
    estimate = MaximumEntropy().estimate(circuit, keep_dead=True)
    counted = gates_that_count(circuit, values)
    law = stationary_law(prior, values[counted], estimate.mean[counted])
    size = np.abs(values).max(initial=1.0)
    np.testing.assert_allclose(estimate.mean, values @ law, rtol=1e-9, atol=1e-10 * size)
    np.testing.assert_allclose(estimate.variance, values**2 @ law - (values @ law) ** 2, rtol=1e-9, atol=1e-10 * size**2)
    assert ((estimate.mean >= 0) & (estimate.mean <= 1))[circuit.boolean].all()
    assert not estimate.warnings


@given(literal_circuits(), st.integers(0, 2**32 - 1))
def test_no_other_law_has_more_entropy(circuit, seed):
    prior, values = prior_and_values(circuit)
    counted = gates_that_count(circuit, values)
    law = stationary_law(prior, values[counted], means(circuit)[counted])
    rng = np.random.default_rng(seed)
    others = [law + share * (rng.dirichlet(np.ones(prior.size)) - law) for share in (1e-3, 1e-2, 0.1, 0.5, 1.0) for _ in range(10)]
    others.append(prior / prior.sum())
    best = objective(prior, values[counted], law)
    assert (objective(prior, values[counted], np.array(others)) <= best + 1e-12).all()


@pytest.mark.parametrize("probabilities", [(0.5, 0.5), (0.1, 0.7), (0.02, 0.9)])
@pytest.mark.parametrize("gates", ["and", "and or", "xor xor", "and and nor xor nand or"])
def test_a_search_finds_the_same_maximum(gates, probabilities):
    c = hr.Circuit("two inputs")
    x, y = (c.input(name, hr.Bernoulli(p)) for name, p in zip("xy", probabilities, strict=True))
    for gate in gates.split():
        c.apply(gate, x, y)
    c.output("x", x)
    prior, values = prior_and_values(c)
    counted = values[gates_that_count(c, values)]
    offsets = np.array([(*step, -sum(step)) for step in itertools.product((-1.0, -0.5, 0.0, 0.5, 1.0), repeat=3)])
    law, width = prior, 0.25
    while width > 1e-7:
        others = law + width * offsets
        others = others[(others >= 0.0).all(axis=1)]
        best = others[np.argmax(objective(prior, counted, others))]
        law, width = (law, width / 2) if np.array_equal(best, law) else (best, width)
    np.testing.assert_allclose(means(c), values @ law, atol=1e-5)


# -- which gates count ---------------------------------------------------------------------------------


WITHOUT_TERMS = {
    "negation": lambda c, x, y: ~x,
    "double negation": lambda c, x, y: ~~x,
    "and with itself": lambda c, x, y: x & x,
    "square": lambda c, x, y: x**2,
    "and with one": lambda c, x, y: x & c.constant(1.0),
    "and with zero": lambda c, x, y: x & c.constant(0.0),
    "or with zero": lambda c, x, y: x | c.constant(0.0),
    "contradiction": lambda c, x, y: x & ~x,
    "tautology": lambda c, x, y: x | ~x,
    "a coefficient of zero": lambda c, x, y: c.affine([1.0, 0.0], [x, y], boolean=True),
    "a real product": lambda c, x, y: (2 * x) * y,
    "a real sum": lambda c, x, y: x + y,
}


@pytest.mark.parametrize("gate", WITHOUT_TERMS.values(), ids=WITHOUT_TERMS)
def test_copies_negations_constants_and_real_gates_have_no_entropy_of_their_own(gate):
    c = hr.Circuit("no term")
    x, y = c.input("x", hr.Bernoulli(0.3)), c.input("y", hr.Bernoulli(0.8))
    gate(c, x, y)
    c.output("x", x)
    c.output("y", y)
    assert MaximumEntropy().estimate(c).value == pytest.approx({"x": 0.3, "y": 0.8}, rel=1e-14)


def test_an_input_that_cannot_vary_joins_nothing():
    c = hr.Circuit("fixed")
    x, sure = c.input("x", hr.Bernoulli(0.3)), c.input("sure", hr.Bernoulli(1.0))
    c.output("both", x & sure)
    assert MaximumEntropy().estimate(c).value["both"] == pytest.approx(0.3, rel=1e-14)


def test_an_inverted_gate_counts_as_the_gate_does():
    def value(gate):
        c = hr.Circuit("inverted")
        x, y = c.input("x", hr.Bernoulli(0.3)), c.input("y", hr.Bernoulli(0.8))
        c.apply(gate, x, y)
        c.output("x", x)
        return MaximumEntropy().estimate(c).value["x"]

    assert value("nand") == value("and") != pytest.approx(0.3, abs=0.01)


@given(FINITE_CIRCUITS)
def test_gates_count_whether_or_not_they_are_asked_for(circuit):
    every = MaximumEntropy().estimate(circuit, keep_dead=True)
    live = MaximumEntropy().estimate(circuit)
    assert live.value == every.value
    shown = ~np.isnan(hr.Mean().estimate(circuit).mean)
    assert np.array_equal(~np.isnan(live.mean), shown)
    assert np.array_equal(live.mean[shown], every.mean[shown])


# -- what is claimed -------------------------------------------------------------------------------------


@given(circuits(laws=FINITE_LAWS, booleans=False, max_degree=4).filter(finite))
def test_it_is_exact_where_no_gate_counts(circuit):
    _, values = prior_and_values(circuit)
    exact = expected_values(circuit)
    estimate = MaximumEntropy().estimate(circuit, keep_dead=True)
    if not gates_that_count(circuit, values):
        np.testing.assert_allclose(estimate.mean, exact, rtol=1e-12, atol=1e-12 * np.abs(values).max(initial=1.0))


@given(FINITE_CIRCUITS, *[st.sampled_from([-2.0, 0.25, 3.0]) for _ in range(3)])
def test_estimates_are_linear_on_wires(circuit, a, b, shift):
    c = circuit.copy()
    x, y = c.outputs["o"] if "o" in c.outputs else c.outputs["last"], c.wire(0)
    c.output("sum", c.affine([a, b], [x, y], shift))
    mean = means(c)
    expected = a * mean[x.index] + b * mean[y.index] + shift
    assert mean[c.outputs["sum"].index] == pytest.approx(expected, rel=1e-12, abs=1e-12 * (1.0 + np.abs(mean).max()))


@given(FINITE_CIRCUITS)
def test_estimates_are_deterministic(circuit):
    first, second = (MaximumEntropy().estimate(circuit, keep_dead=True) for _ in range(2))
    assert np.array_equal(first.mean, second.mean)
    assert np.array_equal(first.variance, second.variance)


@given(st.integers(0, 10**6))
def test_extreme_inputs_are_stationary_too(seed):
    # log odds of gates that are rare by as much as exp(-1400) beforehand, by sums of logarithms
    circuit = random_circuit(seed, 4, 8, [1e-300, 1e-160, 1e-20, 0.3, 0.5, 1 - 1e-10])
    estimate = MaximumEntropy().estimate(circuit, keep_dead=True)
    assert not estimate.warnings
    assert (estimate.mean >= 0).all()
    assert (estimate.mean <= 1).all()
    _, values = prior_and_values(circuit)
    counted = values[gates_that_count(circuit, values)]
    one, zero = estimate.mean[gates_that_count(circuit, values)], means_of_opposites(circuit, values)
    rules = [group.law.points()[1] for group in circuit.groups]
    log_prior = np.array([sum(map(math.log, chosen)) for chosen in itertools.product(*rules)])
    log_law = log_prior + (np.log(zero) - np.log(one)) @ counted
    law = np.exp(log_law - log_law.max())
    np.testing.assert_allclose(estimate.mean, values @ law / law.sum(), rtol=1e-7, atol=1e-300)


def means_of_opposites(circuit, values):
    """P(0) of the gates that count, with the digits that 1 - P(1) does not have: estimates of their negations, which do not count."""
    c = circuit.copy()
    opposites = [~c.wire(wire) for wire in gates_that_count(circuit, values)]
    return means(c)[[wire.index for wire in opposites]]


def test_work_in_portions_gives_the_same(monkeypatch):
    def build(c):
        x = c.input("x", hr.Bernoulli(0.3), count=8)
        r = c.input("r", hr.Discrete([-1.0, 0.5, 4.0], [0.2, 0.3, 0.5]))
        return ((x[0] ^ x[5]) & (x[7] | x[1])) * r + (x[2] & x[3]) * (x[4] ^ x[6]) * r**2

    whole = MaximumEntropy().estimate(one_output(build), keep_dead=True)
    monkeypatch.setattr(maxent, "_AT_ONCE", 1)
    portions = MaximumEntropy().estimate(one_output(build), keep_dead=True)
    np.testing.assert_allclose(portions.mean, whole.mean, rtol=1e-11)
    np.testing.assert_allclose(portions.variance, whole.variance, rtol=1e-11)


def test_a_rare_value_far_away_costs_no_digits():
    c = hr.Circuit("outlier")
    x = c.input("x", hr.Discrete([-1e9, 0.1, 0.3], [1e-30, 0.5, 0.5 - 1e-30]))
    c.output("x", x)
    estimate = MaximumEntropy().estimate(c)
    assert estimate.value["x"] == pytest.approx(0.2, rel=1e-14)
    assert estimate.variance[0] == pytest.approx(0.01 + 1e-12, rel=1e-13)


def test_overflow_is_reported():
    c = hr.Circuit("overflow")
    x = c.input("x", hr.Discrete([1e200, -1e200], [0.5, 0.5]))
    c.output("y", x**2 - x**2)
    assert any("not a number" in line for line in MaximumEntropy().estimate(c).warnings)


@pytest.mark.parametrize(("inputs", "gates"), [(scaled(14, 8), 40), (6, 200)])
def test_the_memory_announced_is_not_exceeded(inputs, gates):
    circuit = random_circuit(1, inputs, gates, [0.25, 0.5])
    hr.lower(circuit, keep_dead=True)
    MaximumEntropy().estimate(dead_ands(1))
    tracemalloc.start()
    try:
        estimate = MaximumEntropy().estimate(circuit)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak <= estimate.bytes + 2**20  # small change: the lowered circuit, lists


def test_a_law_that_is_not_reached_is_confessed(monkeypatch):
    monkeypatch.setattr(maxent, "_MAX_STEPS", 0)
    (warning,) = MaximumEntropy().estimate(dead_ands(1)).warnings
    assert warning == "the entropy is not at its maximum: the log odds of a gate are off by 1.1"  # log(3), at t = 1 / 4


def test_progress_is_told():
    calls = []
    MaximumEntropy().estimate(dead_ands(100), progress=lambda *call: calls.append(call))
    assert [done for done, _, _ in calls] == list(range(len(calls)))
    assert {(total, what) for _, total, what in calls} == {(len(calls), "stages")}
    assert len(calls) > 1


# -- specification and errors ------------------------------------------------------------------------------


def test_the_specification_names_what_is_not_the_default():
    assert MaximumEntropy().spec == MaximumEntropy(np.int64(65_536)).spec == "maxent"
    assert MaximumEntropy(4).spec == "maxent:max_assignments=4"
    assert MaximumEntropy(4).estimate(dead_ands(1)).method == "maxent:max_assignments=4"


@pytest.mark.parametrize("number", [0, -1, 2.0, "16", True, None, 2**41])
def test_a_limit_must_be_a_whole_number(number):
    with pytest.raises(hr.ArgumentError, match="maxent: max_assignments must be an integer from 1 to"):
        MaximumEntropy(number)


def refusal(circuit, max_assignments=65_536, max_memory=None):
    with pytest.raises(hr.IntractableError) as caught:
        MaximumEntropy(max_assignments).estimate(circuit, max_memory=max_memory)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_continuous_inputs_are_refused():
    c = hr.Circuit("normal")
    c.input("bit", hr.Bernoulli(0.5))
    c.output("y", c.input("x", hr.Normal(0, 1)) ** 2)
    expected = "goes through all assignments of the inputs, but input 'x' with its normal law has infinitely many values"
    assert expected in refusal(c)


def test_a_limit_of_assignments_is_kept():
    assert "but there are 4, at most 3 are allowed" in refusal(dead_ands(1), max_assignments=3)
    assert MaximumEntropy(4).estimate(dead_ands(1)).terms == 4
    c = hr.Circuit("wide")
    c.output("y", c.input("x", hr.Bernoulli(0.5), count=20_000)[0])
    assert "but there are 10^6021, at most 65,536 are allowed" in refusal(c)


def test_memory_is_asked_for_before_it_is_taken():
    assert "maxent over 4 assignments and 1 gates needs" in refusal(dead_ands(1), max_memory=1)
    circuit = random_circuit(1, 6, 200, [0.5])
    needed = MaximumEntropy().estimate(circuit).bytes
    assert MaximumEntropy().estimate(circuit, max_memory=needed).bytes == needed
    assert "different gates needs" in refusal(circuit, max_memory=needed - 1)


def test_a_circuit_without_outputs_is_refused():
    c = hr.Circuit("empty")
    c.input("x", hr.Bernoulli(0.5))
    with pytest.raises(hr.CircuitError, match="circuit 'empty' has no output"):
        MaximumEntropy().estimate(c)


def test_a_circuit_without_inputs_is_evaluated():
    assert MaximumEntropy().estimate(one_output(lambda c: c.constant(2.0) * c.constant(3.5))).value == {"o": 7.0}
