"""Bounds on the share of flagged clean inputs hold over seeded trials, and are not far from what happens."""

from math import comb, exp, lgamma, log

import numpy as np
import pytest

import heurest as hr
from heurest.anomaly.additive import additive_explanation
from heurest.anomaly.detector import Detector
from heurest.anomaly.lemma_test import lemma_test
from heurest.anomaly.leverage_detector import LeverageDetector
from heurest.families.quadratic import quadratic_network
from support.boolean_circuits import BENIGN, layered_circuit
from support.sizes import scaled

TESTED = 64  # clean inputs that a trial of a detector scores


def graded(count=24):
    """Gates of two neighbours each, the rarer the later, so that scores have many values and few ties."""
    c = hr.Circuit("graded")
    x = [c.input(f"x{i}", hr.Bernoulli(0.5 * 0.8**i)) for i in range(count)]
    for i in range(1, count):
        c.output(f"y{i}", x[i] & ~x[i - 1] if i % 2 else x[i] | x[i - 1])
    return c


def clean(rng, circuit, count):
    return (rng.random((count, len(circuit.inputs))) < [group.law.p for group in circuit.groups]).astype(np.uint8)


def most_flagged(trials, rank, held, chance=1e-6):
    """A number of flagged inputs that all trials together exceed with less than this chance if their threshold is a conformal one.

    An input is flagged if it ranks among the ``rank`` highest of itself and the held-out ones. Given these, P(flag) is at most a
    Beta(rank, held + 1 - rank) variable, whatever the law of the scores (ties only lower it); so the flags among the tested inputs of
    one trial are at most a beta-binomial number, with mean rank / (held + 1) an input, and Chernoff bounds the sum over trials.
    """

    def log_beta(a, b):
        return lgamma(a) + lgamma(b) - lgamma(a + b)

    k, least = np.arange(TESTED + 1), log_beta(rank, held + 1 - rank)
    law = np.array([comb(TESTED, i) * exp(log_beta(rank + i, held + 1 - rank + TESTED - i) - least) for i in k.tolist()])
    assert law.sum() == pytest.approx(1.0)
    assert law @ k / TESTED == pytest.approx(rank / (held + 1))
    return min((trials * log(law @ np.exp(t * k)) - log(chance)) / t for t in np.geomspace(1e-3, 0.3, 50))


@pytest.mark.parametrize(
    ("circuits", "trials", "patterns", "rank", "held"),
    [
        ([graded()], scaled(1000, 100), 100, 1, 19),  # few ties: a threshold that one more held-out pattern exceeds would flag 8 %
        ([layered_circuit(seed, 8, 4, BENIGN) for seed in range(10)], scaled(20, 2), 200, 4, 39),
    ],
    ids=["graded", "layered"],
)
def test_a_detector_flags_no_more_clean_inputs_than_it_says(circuits, trials, patterns, rank, held):
    flagged, total = 0, trials * len(circuits)
    level = rank / (held + 1)
    for number, circuit in enumerate(circuits):
        detector = Detector(circuit, false_positive=level)
        for trial in range(trials):
            rng = np.random.default_rng([number, trial])
            detector.fit(clean(rng, circuit, patterns))
            flagged += int((detector.score(clean(rng, circuit, TESTED)) >= detector.threshold).sum())
        assert detector.patterns - detector.weights.patterns == held
        assert detector.verdict(clean(rng, circuit, 1))[0].bound == level
    assert 0.4 * level * TESTED * total < flagged <= most_flagged(total, rank, held)


def test_a_detector_by_leverage_flags_as_many_clean_inputs_as_it_says():
    circuit, flagged, trials = quadratic_network(widths=(2, 3, 1), rng=7), 0, scaled(250, 50)
    detector = LeverageDetector(circuit, false_positive=0.05)
    for seed in range(trials):
        rng = np.random.default_rng(seed)
        detector.fit(rng.standard_normal((100, 2)))
        flagged += int((detector.score(rng.standard_normal((TESTED, 2))) > detector.threshold).sum())
    assert (detector.bound, len(detector.terms)) == (0.05, 5)
    assert 0.7 * 0.05 * TESTED * trials < flagged <= most_flagged(trials, 1, 19)  # scores have no ties: the level is reached


def test_no_more_of_training_than_its_weight_reaches_any_score():
    # A pattern of score s changes when mechanisms of weight 10**-s in all are dropped, so it met one of them; weights are shares.
    most = 0.0
    for number in range(10):
        circuit = layered_circuit(number, 8, 4, BENIGN) if number else graded()
        for trial in range(scaled(20, 2)):
            rng = np.random.default_rng([number, trial])
            epsilon, train = float(10.0 ** rng.uniform(-2.0, -0.5)), clean(rng, circuit, 100)
            detector = Detector(circuit, epsilon=epsilon).fit(train)
            scores = detector.score(train)
            levels = np.unique(scores[scores > 0.0])
            reached = (scores[:, np.newaxis] >= levels).mean(axis=0) * 10.0**levels
            assert (reached <= 1.0 + 1e-9).all()
            assert (scores >= detector.threshold).mean() <= epsilon * (1.0 + 1e-9)
            most = max([most, *reached])
    assert most > 0.5


@pytest.mark.parametrize("reason", ["normal", "leverage"])
def test_a_sum_flags_no_more_of_training_than_it_says(reason):
    circuit, flagged = quadratic_network(widths=(2, 3, 1), rng=7), 0
    for seed in range(scaled(100, 20)):
        rng = np.random.default_rng(seed)
        train = rng.standard_t(rng.uniform(1.0, 5.0), (40, 2))
        explained = additive_explanation(circuit, "y[0]", train, float(10.0 ** rng.uniform(-3.0, -0.3)))
        verdicts = explained.verdicts(train) if reason == "normal" else explained.leverage_verdicts(train)
        share = np.mean([verdict.anomalous for verdict in verdicts])
        assert share <= explained.bound * (1.0 + 1e-9)
        assert {verdict.bound for verdict in verdicts} == {explained.bound}
        flagged += share > 0.0
    assert flagged > 3


def test_the_bound_of_a_sum_is_reached_by_a_term_with_two_values():
    # Markov's inequality is an equality there: z is 3 in an eighth of training, else 0, so its leverage is 8 or 0.
    c = hr.Circuit("rare")
    c.output("y", c.input("z", hr.Discrete((0, 3), (0.875, 0.125))) * c.constant(2.0))
    variance = 36.0 / 8 * 7 / 8
    tau = np.sqrt(0.5 * variance * 8) * (1.0 - 1e-8)
    explained = additive_explanation(c, "y", [[3.0], *[[0.0]] * 7], 0.5, semantics="monomials", tau=tau)
    assert [verdict.anomalous for verdict in explained.leverage_verdicts([[3.0], [0.0]])] == [True, False]
    assert explained.bound == pytest.approx(1 / 8, rel=1e-7)


@pytest.mark.parametrize(("output", "wires"), [("x", 1), ("y", 3)])
def test_of_exchangeable_points_no_more_break_the_lemmas_of_the_others_than_there_are_wires(output, wires):
    # Each of n + 1 points is as likely as any other to be the new one, so their mean bounds the chance over the draw; n is 2 at least here.
    c = hr.Circuit("lemmas")
    x, z = c.input("x", hr.Bernoulli(0.2)), c.input("z", hr.Bernoulli(0.3))
    c.output("x", x)
    c.output("y", x | z)
    counts = set()
    for seed in range(60):
        rng = np.random.default_rng(seed)
        points = clean(rng, c, int(rng.integers(3, 6)))
        found = [lemma_test(c, np.delete(points, i, axis=0), points[i], output) for i in range(len(points))]
        assert {verdict.bound for verdict in found} == {min(1.0, wires / len(points))}
        counts.add(sum(verdict.anomalous for verdict in found))
    assert max(counts) == wires
