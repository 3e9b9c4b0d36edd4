"""Explanations: what they show, how they are asked, and what they refuse."""

import itertools
import json
import math

import numpy as np
import pytest

import heurest as hr
from heurest.anomaly.additive import AdditiveExplanation
from heurest.anomaly.examples import two_sensors
from heurest.anomaly.explanation import explain
from heurest.anomaly.verdicts import Verdict


def test_data_drawn_from_the_law_give_the_verdicts_of_the_law():
    rng = np.random.default_rng(1)
    train = (rng.random((4000, 3)) < (0.5, 0.001, 0.001)).astype(int)
    law, data = explain(two_sensors(), components=["S1", "S2"]), explain(two_sensors(), train=train, components=["S1", "S2"])
    points = [[1, 0, 0], [0, 1, 1], [0, 1, 0], [1, 1, 1], [0, 0, 0], [0, 1, 1]]
    for reason in ("normal", "any"):
        assert [v.verdict for v in law.verdicts(points, reason)] == [v.verdict for v in data.verdicts(points, reason)]
    assert data.source == "4,000 points of data"


def test_many_points_get_the_verdicts_of_single_ones():
    found = explain(two_sensors())
    points = [[1, 0, 0], [0, 1, 1], [0, 0, 0], [0, 1, 1]]
    assert found.verdicts(points) == [found.normal_reason(point) for point in points]


def test_the_smallest_set_is_unique_for_the_sensors_and_said_to_be_exact():
    found = explain(two_sensors())
    assert found.smallest() == (("S1: D", "S2: D", "Y: S1(D) & S2(D)"), True)
    assert found.smallest_sets() == (found.smallest()[0],)
    assert found.explains(found.smallest()[0])


def wide(count):
    """An or of inputs that are 1 with falling probabilities."""
    c = hr.Circuit("wide")
    wires = [c.input(f"x{i}", hr.Bernoulli(0.5 * 0.1**i)) for i in range(count)]
    either = wires[0]
    for wire in wires[1:]:
        either = either | wire
    c.output("y", either)
    return c


def test_beyond_eighteen_terms_the_smallest_set_is_greedy_and_says_so():
    train = np.zeros((1000, 20))
    train[:500, 0] = 1
    train[500:503, 1:4] = np.eye(3)
    found = explain(wide(20), train=train, epsilon=0.005)
    # Variance 0.503 * 0.497 = 0.25; a loss of 0.001 is a share of 0.004: of x1, x2, x3 one may go, and all that are never 1.
    kept, exact = found.smallest()
    assert not exact
    assert len(kept) == 3
    assert "y: x0" in kept
    assert "found greedily: a smallest set that explains has 3 terms" in str(found)
    with pytest.raises(hr.ArgumentError, match="20 terms, too many to try all sets"):
        found.smallest_sets()


def test_it_prints_and_goes_into_json():
    found = explain(two_sensors(), components=["S1", "S2"])
    lines = str(found).splitlines()
    assert lines[0] == "'Y' of 'two sensors' from 8 terms (implicants), trained on the inputs' law, all 8 points"
    assert len(lines) == 3 + 8
    data = json.loads(json.dumps(found.to_dict()))
    assert data["smallest"] == {"terms": ["S1: D", "S2: D", "Y: S1(D) & S2(D)"], "exact": True}
    assert {row["name"]: row["active"] for row in data["terms"]}["S1: D"] == pytest.approx(0.5)
    verdict = found.any_reason([0, 1, 1])
    assert json.loads(json.dumps(verdict.to_dict()))["dropped"] == ["Y: S1(n1) & S2(n2)"]
    assert repr(found) == "<Explanation of 'Y' in 'two sensors': 8 terms, implicants>"


def test_a_small_budget_is_undecided_not_ok():
    verdict = explain(two_sensors(), budget=1).normal_reason([0, 1, 1])
    assert (verdict.verdict, verdict.exact) == ("undecided", False)
    assert "1 steps" in verdict.note


def test_sums_are_for_what_is_not_boolean_or_on_request():
    c = hr.Circuit("real")
    x, y = c.input(["x", "y"], hr.Sign())
    c.output("z", x * y + x)
    assert isinstance(explain(c), AdditiveExplanation)
    assert isinstance(explain(two_sensors(), semantics="monomials"), AdditiveExplanation)
    with pytest.raises(hr.ArgumentError, match="semantics 'implicants' needs boolean wires"):
        explain(c, semantics="implicants")


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        (
            {"train": [[0, 0, 0], [0, 1, 0]]},
            hr.ArgumentError,
            "output 'Y' of 'two sensors' is 0 throughout training.* lemma test still works",
        ),
        ({"train": [[1, 0, 0], [0, 1, 1]]}, hr.ArgumentError, "output 'Y' of 'two sensors' is 1 throughout training"),
        ({"train": [[1, 0]]}, hr.ArgumentError, r"points must have shape \(points, 3\)"),
        ({"train": [[1, 0, 0.5]]}, hr.ArgumentError, "point 0: input n2 must be 0 or 1, got 0.5"),
        ({"epsilon": 0.0}, hr.ArgumentError, "epsilon must be a number above 0 and below 1, got 0.0"),
        ({"epsilon": 1}, hr.ArgumentError, "epsilon must be a number above 0 and below 1, got 1"),
        ({"epsilon": float("nan")}, hr.ArgumentError, "epsilon must be a number above 0 and below 1, got nan"),
        ({"epsilon": "small"}, hr.ArgumentError, "epsilon must be a number above 0 and below 1, got 'small'"),
        ({"budget": 0}, hr.ArgumentError, "budget must be an integer of at least 1, got 0"),
        ({"output": "Z"}, hr.CircuitError, "circuit 'two sensors' has no output 'Z'; its outputs: Y"),
        ({"components": ["S3"]}, hr.CircuitError, "circuit 'two sensors' has no component 'S3'"),
        ({"components": "S1"}, hr.ArgumentError, "components must be a list of names or wires, got 'S1'"),
    ],
)
def test_bad_input_gets_one_line(options, error, message):
    with pytest.raises(error, match=message) as raised:
        explain(two_sensors(), **options)
    assert "\n" not in str(raised.value)


def test_bad_questions_get_one_line():
    found = explain(two_sensors())
    with pytest.raises(hr.ArgumentError, match="the any-reason test of 'Y' needs components"):
        found.any_reason([1, 0, 0])
    with pytest.raises(hr.ArgumentError, match="is a row of 3 numbers, got shape"):
        found.normal_reason([1, 0])
    with pytest.raises(hr.ArgumentError, match="reason must be 'normal' or 'any', got 'gates'"):
        found.verdicts([[1, 0, 0]], "gates")
    with pytest.raises(hr.ArgumentError, match="output 'Y' has no term 'S3'"):
        found.explains(["S3"])
    with pytest.raises(hr.ArgumentError, match="a verdict must be one of ok, anomalous, undecided, got 'fine'"):
        Verdict("fine", "normal")


def test_an_output_must_be_named_where_there_are_several_or_none():
    c = wide(3)
    several = c.copy()
    several.output("x", several.wire(0))
    with pytest.raises(hr.ArgumentError, match="circuit 'wide' has 2 outputs: name one, such as 'y'"):
        explain(several)
    assert explain(several, "x").terms == ("x0: x0",)
    bare = hr.Circuit("bare")
    bare.input("x", hr.Bernoulli(0.5))
    with pytest.raises(hr.CircuitError, match="circuit 'bare' has no output"):
        explain(bare)
    assert explain(c, c.outputs["y"]).output == "y"


@pytest.mark.parametrize("reason", ["normal", "any"])
def test_of_training_only_both_noises_without_the_diamond_are_flagged(reason):
    found = explain(two_sensors(), components=["S1", "S2"])
    assert found.false_positive_bound(reason) == pytest.approx(0.5 * 0.001**2)
    verdict = found.verdicts([[0, 1, 1]], reason)[0]
    assert verdict.bound == found.false_positive_bound(reason)
    assert verdict.score == pytest.approx(-math.log10(2e-6), abs=1e-5)  # n1 at S1, or the noise pair at Y, of the variance of Y


def test_a_small_budget_makes_the_bound_larger_and_never_smaller():
    points = [list(row) for row in itertools.product((0, 1), repeat=3)]
    bounds = []
    for budget in (1, 3, 20_000):
        found = explain(two_sensors(), budget=budget)
        law = [0.5 * 0.001**n1 * 0.999 ** (1 - n1) * 0.001**n2 * 0.999 ** (1 - n2) for _, n1, n2 in points]
        full = explain(two_sensors())
        flagged = sum(p for p, x in zip(law, points, strict=True) if full.normal_reason(x).anomalous)
        bounds.append(found.false_positive_bound())
        assert bounds[-1] >= flagged * (1 - 1e-12)
    assert bounds == sorted(bounds, reverse=True)
    assert bounds[0] == pytest.approx(1000001 / 2000000 - 0.5 * 0.999**2)  # all that is on but the most frequent point


def test_a_component_is_not_the_output_itself():
    with pytest.raises(hr.ArgumentError, match="component 'Y' is the output itself"):
        explain(two_sensors(), components=["S1", "Y"])


def test_tau_is_for_sums():
    with pytest.raises(hr.ArgumentError, match="tau is for sums"):
        explain(two_sensors(), tau=0.5)
    assert explain(two_sensors(), semantics="centred", tau=0.25).tau == 0.25


def test_more_terms_than_can_be_searched_are_refused_at_once(monkeypatch):
    c = hr.Circuit("long")
    x = c.input("x", hr.Bernoulli(0.5), count=170)
    c.output("y", c.set_name(_any(x[:85]), "first") & c.set_name(_any(x[85:]), "second"))
    monkeypatch.setattr("heurest.anomaly.explanation.MAX_TERMS", 100)
    with pytest.raises(hr.IntractableError, match="a detector of gates takes any number"):
        explain(c, train=np.zeros((2, 170)))


def _any(wires):
    result = wires[0]
    for wire in wires[1:]:
        result = result | wire
    return result
