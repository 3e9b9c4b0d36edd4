"""Verdicts do not hang on names, on the order of inputs and gates, on double negation, on dead gates, or on how training is portioned."""

import itertools
import re
from dataclasses import dataclass
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

import heurest as hr
from heurest.anomaly.additive import additive_explanation
from heurest.anomaly.baselines import Mahalanobis, RareValues, SignalProbabilities
from heurest.anomaly.detector import Detector
from heurest.anomaly.explanation import explain
from heurest.anomaly.lemma_test import Lemmas
from heurest.anomaly.leverage_detector import LeverageDetector
from heurest.errors import ArgumentError
from support.sizes import scaled

EXAMPLES = scaled(30, 10)  # of each property: there are many, and each builds its circuits twice
LOGIC = ("and", "or", "xor", "and not", "nand")
ARITHMETIC = ("add", "multiply", "square", "subtract")


@dataclass(frozen=True)
class Recipe:
    """Inputs and gates (kind, two operands, whether named) in an order in which they can be built; the last is the output."""

    inputs: int
    gates: tuple[tuple[str, int, int, bool], ...]


@dataclass(frozen=True)
class Way:
    """A way to write a recipe down."""

    prefix: str = ""
    shuffled: int | None = None
    negated: int = 0
    dead: int = 0


@st.composite
def recipes(draw, kinds, most=6):
    inputs = draw(st.integers(2, 4))
    gates = []
    for number in range(inputs, inputs + draw(st.integers(2, most))):
        a = draw(st.integers(max(0, number - 3), number - 1))  # of the newest wires, so that few gates are dead
        b = draw(st.integers(0, number - 1).filter(lambda other, a=a: other != a))
        gates.append((draw(st.sampled_from(kinds)), a, b, draw(st.integers(0, 2)) == 0))
    return Recipe(inputs, tuple(gates))


RENAMED = st.builds(Way, prefix=st.just("other_"))
REWRITTEN = st.builds(Way, shuffled=st.integers(0, 99), negated=st.integers(0, 2), dead=st.integers(0, 3))


def apply(kind, a, b):
    made = {"and": lambda: a & b, "or": lambda: a | b, "xor": lambda: a ^ b, "and not": lambda: a & ~b, "nand": lambda: ~(a & b)}
    made |= {"add": lambda: a + b, "multiply": lambda: a * b, "square": lambda: a**2 + b, "subtract": lambda: 0.5 * a - b}
    return made[kind]()


def negated(wire, times):
    for _ in range(2 * times):
        wire = ~wire if wire.boolean else -wire
    return wire


def build(recipe, law, way):
    """The circuit, what its output is made of, and the place of each column of data among the circuit's inputs."""
    rng = np.random.default_rng(way.shuffled)
    c = hr.Circuit("written")
    order = np.arange(recipe.inputs) if way.shuffled is None else rng.permutation(recipe.inputs)
    wires = {int(i): c.input(f"{way.prefix}x{i}", law) for i in order}
    for _ in range(way.dead):
        a, b = (wires[int(i)] for i in rng.integers(0, recipe.inputs, 2))
        c.set_name(apply(recipe.gates[0][0], a, b), f"dead{len(c)}")
    waiting = dict(enumerate(recipe.gates, recipe.inputs))
    while waiting:
        ready = [number for number, (_, a, b, _) in waiting.items() if a in wires and b in wires]
        number = ready[0] if way.shuffled is None else int(rng.choice(ready))
        kind, a, b, named = waiting.pop(number)
        wire = negated(apply(kind, negated(wires[a], way.negated), wires[b]), way.negated)
        wires[number] = c.set_name(wire, f"{way.prefix}w{number}") if named else wire
    c.output("y", wires[number := recipe.inputs + len(recipe.gates) - 1])
    if way.dead:
        c.output("dead", apply(recipe.gates[0][0], wires[0], wires[1]))
    return c, [wires[i] for i in dict.fromkeys(recipe.gates[-1][1:3])], order


def bits(recipe, seed):
    """Thirty rows, of a few kinds."""
    rng = np.random.default_rng(seed)
    return rng.choice(rng.integers(0, 2, (rng.integers(2, 7), recipe.inputs)), 30)


def every_input(recipe):
    return np.array(list(itertools.product((0, 1), repeat=recipe.inputs)))


def translated(names, way):
    return tuple(re.sub(r"\b[xw]\d+", lambda found: way.prefix + found[0], name) for name in names)


def implicants(recipe, way, train, epsilon):
    c, components, order = build(recipe, hr.Bernoulli(0.5), way)
    try:
        return explain(c, "y", train[:, order], epsilon, components=components), order
    except ArgumentError:
        assume(False)


@settings(max_examples=EXAMPLES)
@given(recipes(LOGIC), RENAMED, st.integers(0, 99), st.sampled_from([0.02, 0.1, 0.4]))
def test_implicants_are_renamed_with_the_wires(recipe, way, seed, epsilon):
    train = bits(recipe, seed)
    plain, _ = implicants(recipe, Way(), train, epsilon)
    other, _ = implicants(recipe, way, train, epsilon)
    assert other.terms == translated(plain.terms, way)
    assert list(other.shares.values()) == list(plain.shares.values())
    points = every_input(recipe)
    for reason in ("normal", "any"):
        for one, two in zip(plain.verdicts(points, reason), other.verdicts(points, reason), strict=True):
            assert (one.verdict, one.exact, one.score) == (two.verdict, two.exact, two.score)
            assert (translated(one.kept, way), translated(one.dropped, way)) == (two.kept, two.dropped)


READ_BOTH_WAYS = Recipe(4, (("and", 1, 0, False), ("and", 4, 0, True), ("xor", 5, 0, True), ("and", 4, 0, True), ("or", 6, 7, True)))


@settings(max_examples=EXAMPLES)
@given(recipes(LOGIC), REWRITTEN, st.integers(0, 99), st.sampled_from([0.02, 0.1, 0.4]))
@example(READ_BOTH_WAYS, Way(shuffled=0, dead=2), 0, 0.02)
def test_verdicts_by_implicants_are_those_of_the_circuit_however_it_is_written(recipe, way, seed, epsilon):
    train = bits(recipe, seed)
    plain, _ = implicants(recipe, Way(), train, epsilon)
    other, order = implicants(recipe, way, train, epsilon)
    assert sorted(plain.shares.values()) == pytest.approx(sorted(other.shares.values()))
    assert plain.false_positive_bound() == pytest.approx(other.false_positive_bound())
    points = every_input(recipe)
    for reason in ("normal", "any"):
        for one, two in zip(plain.verdicts(points, reason), other.verdicts(points[:, order], reason), strict=True):
            assert (one.verdict, one.exact, len(one.dropped)) == (two.verdict, two.exact, len(two.dropped))


@settings(max_examples=EXAMPLES)
@given(recipes(ARITHMETIC, most=4), REWRITTEN | RENAMED, st.integers(0, 99), st.sampled_from([0.02, 0.1, 0.4]))
def test_verdicts_on_sums_are_those_of_the_circuit_however_it_is_written(recipe, way, seed, epsilon):
    rng = np.random.default_rng(seed)
    train, points = rng.normal(0.3, 1.0, (20, recipe.inputs)), rng.normal(0.3, 2.0, (8, recipe.inputs))
    found, trains = [], []
    for written in (Way(), way):
        c, _, order = build(recipe, hr.Normal(0.3, 1.0), written)
        trains.append(train[:, order])
        found.append((additive_explanation(c, "y", train[:, order], epsilon), points[:, order]))
    (plain, here), (other, there) = found
    assert sorted(plain.shares.values()) == pytest.approx(sorted(other.shares.values()), rel=1e-6, abs=1e-9)
    assert plain.bound == pytest.approx(other.bound)
    np.testing.assert_allclose(plain.score(here), other.score(there), rtol=1e-6)
    for one, two in zip(plain.verdicts(here), other.verdicts(there), strict=True):
        assert one.score == pytest.approx(two.score, rel=1e-6)
        assert one.verdict == two.verdict or one.score == pytest.approx(plain.tau)
        if way == Way(prefix=way.prefix):
            assert (translated(one.kept, way), translated(one.dropped, way)) == (two.kept, two.dropped)
    for options in ({}, {"false_positive": 0.2}):
        detectors = [LeverageDetector(explained.circuit, "y", epsilon=epsilon, **options) for explained, _ in found]
        one, two = (detector.fit(rows).verdict(points) for detector, rows, (_, points) in zip(detectors, trains, found, strict=True))
        assert [verdict.verdict for verdict in one] == [verdict.verdict for verdict in two]


@settings(max_examples=EXAMPLES)
@given(recipes(LOGIC), REWRITTEN | RENAMED, st.integers(0, 99))
def test_lemmas_are_those_of_the_circuit_however_it_is_written(recipe, way, seed):
    train, points = bits(recipe, seed), every_input(recipe)
    found = []
    for written in (Way(), way):
        c, _, order = build(recipe, hr.Bernoulli(0.5), written)
        lemmas = Lemmas(c, train[:, order], "y")
        found.append([lemmas.test(x[order]) for x in points])
    for one, two in zip(*found, strict=True):
        assert (one.verdict, one.score, one.bound, len(one.kept)) == (two.verdict, two.score, two.bound, len(two.kept))
        if way == Way(prefix=way.prefix):
            assert (translated(one.kept, way), translated(one.dropped, way)) == (two.kept, two.dropped)


@settings(max_examples=EXAMPLES)
@given(recipes(ARITHMETIC), REWRITTEN | RENAMED, st.integers(0, 99))
def test_lemmas_on_numbers_are_those_of_the_circuit_however_it_is_written(recipe, way, seed):
    rng = np.random.default_rng(seed)
    train = rng.choice(rng.choice([0.0, 0.5, -1.0], (2, recipe.inputs)), 9)
    points = rng.choice([0.0, 0.5, -1.0], (6, recipe.inputs))
    found = []
    for written in (Way(), way):
        c, _, order = build(recipe, hr.Normal(0, 1), written)
        lemmas = Lemmas(c, train[:, order], "y")
        found.append([lemmas.test(x[order]) for x in points])
    for one, two in zip(*found, strict=True):
        assert one.verdict == two.verdict
        assert one.score == two.score or (way.negated and one.score <= two.score)  # a negation is a wire, too


@settings(max_examples=EXAMPLES)
@given(recipes(LOGIC, most=12), REWRITTEN | RENAMED, st.integers(0, 99), st.sampled_from([{}, {"method": "cop"}, {"epsilon": 0.05}]))
def test_scores_of_gates_are_those_of_the_circuit_however_it_is_written(recipe, way, seed, options):
    train = (np.random.default_rng(seed).random((40, recipe.inputs)) < 0.2).astype(np.uint8)  # some combinations are never seen
    scores, verdicts = [], []
    for written in (Way(), way):
        c, _, order = build(recipe, hr.Bernoulli(0.3), written)
        detectors = [Detector(c, ["y"], **options), RareValues(c, ["y"]), SignalProbabilities(c, ["y"])]
        scores.append([detector.fit(train[:, order]).score(every_input(recipe)[:, order]) for detector in detectors])
        verdicts.append([verdict.verdict for verdict in detectors[0].verdict(every_input(recipe)[:, order])])
    np.testing.assert_allclose(*scores, rtol=1e-9, atol=1e-12)
    assert verdicts[0] == verdicts[1]


# -- training in portions ----------------------------------------------------------------------------


def portions(recipe, cuts):
    rows = (np.random.default_rng(len(cuts)).random((150, recipe.inputs)) < 0.3).astype(np.uint8)
    return rows, [part for part in np.split(rows, sorted(cuts)) if len(part)]


@settings(max_examples=EXAMPLES)
@given(recipes(LOGIC, most=12), st.lists(st.integers(0, 150), max_size=4), st.integers(0, 4), st.sampled_from([{}, {"epsilon": 0.05}]))
def test_a_detector_may_be_trained_in_portions_and_saved_between_them(recipe, cuts, saved, options):
    c, _, _ = build(recipe, hr.Bernoulli(0.3), Way())
    rows, parts = portions(recipe, cuts)
    whole, other = Detector(c, **options).fit(rows), Detector(c, **options)
    with TemporaryDirectory() as folder:
        for number, part in enumerate(parts):
            other.partial_fit(part)
            if number == saved:
                other.save(f"{folder}/detector")
                other = Detector.load(f"{folder}/detector", c)
    assert other.threshold == whole.threshold
    assert other.verdict(every_input(recipe)) == whole.verdict(every_input(recipe))


@pytest.mark.parametrize("kind", [RareValues, SignalProbabilities, Mahalanobis])
@settings(max_examples=EXAMPLES)
@given(recipe=recipes(LOGIC, most=12), cuts=st.lists(st.integers(0, 150), max_size=4))
def test_a_baseline_may_be_trained_in_portions(kind, recipe, cuts):
    c, _, _ = build(recipe, hr.Bernoulli(0.3), Way())
    rows, parts = portions(recipe, cuts)
    other = kind(c)
    for part in parts:
        other.partial_fit(part)
    assert other.score(every_input(recipe)).tolist() == kind(c).fit(rows).score(every_input(recipe)).tolist()
