"""Finding arguments: known answers, what a search promises about itself, interrupts and resuming, and one line for each mistake."""

from __future__ import annotations

import json
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import heurest as hr
from heurest.arguments import search
from heurest.arguments.argument import Argument
from heurest.arguments.claims import Assert, Track, Transcript
from heurest.arguments.exploration import look_further
from support.arguments import EXAMPLES, block_claims, majority, one_hot_and, product_of_prices, tautology_blocks, two_sensors
from support.sizes import scaled
from support.strategies import circuits


def vault() -> hr.Circuit:
    """The alarm is the AND of two sensors that see one diamond and go off by themselves once in a thousand times."""
    c = hr.Circuit("vault")
    diamond = c.input("diamond", hr.Bernoulli(0.5))
    noise = c.input("noise", hr.Bernoulli(0.001), count=2)
    c.output("alarm", c.set_name(diamond | noise[0], "first") & c.set_name(diamond | noise[1], "second"))
    return c


def track(circuit: hr.Circuit, *names: str) -> Track:
    return Track(tuple(map(circuit.wire, names)))


def same_search(found: search.FoundArgument, other: search.FoundArgument) -> bool:
    """Whether two searches came to the same in everything but time."""
    one, two = ({**result.to_dict(), "seconds": None} for result in (found, other))
    return one == two and found.argument == other.argument and found.transcript == other.transcript


# -- known answers -------------------------------------------------------------------------------------


def test_one_covariance_makes_the_product_of_prices_right():
    c = product_of_prices()
    found = hr.find_argument(c)
    assert found.argument == Argument([track(c, "x", "y")])
    assert [point.value["xy"] for point in found.curve] == [21.0, 23.0]
    assert [point.error["xy"] for point in found.curve] == [2.0, 0.0]
    assert found.exhausted


@pytest.mark.parametrize(("order", "value"), [(1, 37 / 64), (2, 7 / 16), (3, 31 / 64), (4, 1 / 2)])
def test_everything_within_an_order_is_cumulant_propagation_of_the_majority(order, value):
    found = hr.find_argument(majority(), order)
    assert found.everything["o"] == pytest.approx(value, rel=1e-14)
    assert found.value == found.everything
    assert found.exhausted


def test_the_majority_needs_three_pairs_and_the_triple():
    c = majority()
    found = hr.find_argument(c, order=3, budget=20)
    for names in (("p", "q"), ("p", "r"), ("q", "r"), ("p", "q", "r"), ("pq", "r"), ("o1", "r")):
        assert track(c, *names) in found.argument
    # what is missing to 1/2 stands at order 4, which the error estimate tries
    assert found.error["o"] == pytest.approx(1 / 64, rel=1e-12)
    for point in found.curve:
        assert point.error["o"] == pytest.approx(abs(point.value["o"] - 31 / 64) + 1 / 64, rel=1e-12)


def test_both_sensors_see_the_diamond():
    c = vault()
    found = hr.find_argument(c, order=2, budget=20)
    assert found.value["alarm"] == pytest.approx(1000001 / 2000000, rel=1e-13)
    assert found.error["alarm"] == pytest.approx(0.0, abs=1e-13)
    assert track(c, "first", "second") in found.argument
    assert any(c.wire("diamond").index in claim.wires for claim in found.argument)
    assert found.curve[0].value["alarm"] == pytest.approx((1001 / 2000) ** 2, rel=1e-13)  # the presumption: unrelated sensors
    without = Argument(claim for claim in found.argument if c.wire("diamond").index not in claim.wires)
    assert hr.estimate(c, argument=without).value["alarm"] == pytest.approx((1001 / 2000) ** 2, rel=1e-12)


def test_the_four_blocks_need_a_covariance_each():
    c = tautology_blocks()
    found = hr.find_argument(c, order=3, budget=60)
    covariances = [track(c, f"u[{j}]", f"w[{j}]") for j in range(4)]
    assert all(claim in found.argument for claim in covariances)
    assert found.value["all"] == pytest.approx(1.0, rel=1e-13)
    assert found.curve[0].value["all"] == pytest.approx(28561 / 65536, rel=1e-13)
    for count in range(5):  # each one that goes costs a factor of 13/16
        left = hr.estimate(c, argument=Argument(set(found.argument) - set(covariances[count:]))).value["all"]
        assert left == pytest.approx((13 / 16) ** (4 - count), rel=1e-13)


def test_at_order_two_each_block_gets_two_thirds_of_its_covariance():
    # cov(u, not-a not-b) loses its third cumulant 1/16, so cov(u, w) comes to -1/8 in place of -3/16, and a block to 15/16.
    found = hr.find_argument(tautology_blocks(), order=2)
    assert found.value["all"] == pytest.approx((15 / 16) ** 4, rel=1e-13)
    assert found.error["all"] == pytest.approx(1.0 - (15 / 16) ** 4, rel=1e-12)


def test_the_one_hot_and_leaves_the_unit_interval_at_order_two():
    assert hr.find_argument(one_hot_and(), 2).value["o"] == pytest.approx(-2 / 27, rel=1e-13)
    assert hr.find_argument(one_hot_and(), 3).value["o"] == pytest.approx(0.0, abs=1e-15)


def test_a_square_is_a_reductant_of_one_wire():
    c = hr.Circuit("square")
    x = c.input("x", hr.Normal(3, 2))
    c.output("y", x * x)
    found = hr.find_argument(c, 1, degree=1)
    assert found.argument == Argument([Track((x,), 1)])
    assert found.value == {"y": 13.0}


def test_outputs_that_do_not_matter_are_not_argued_about():
    c = hr.Circuit("two")
    x, y = c.input(["x", "y"], hr.Normal(0, 1), count=2)
    c.output("a", x * x)
    c.output("b", y * y)
    assert hr.find_argument(c, outputs=["b"]).argument == Argument([Track((y, y))])
    assert hr.find_argument(c, outputs=["b"]).value == {"b": 1.0}
    assert hr.find_argument(c).argument == Argument([Track((x, x)), Track((y, y))])


def test_the_larger_correction_is_chosen_first():
    c = hr.Circuit("sum")
    x, y = c.input(["x", "y"], hr.Normal(0, 1), count=2)
    c.output("o", 2 * (x * x) + 3 * (y * y))
    found = hr.find_argument(c, budget=1)
    assert found.argument == Argument([Track((y, y))])
    assert (found.value, found.everything, found.error) == ({"o": 3.0}, {"o": 5.0}, {"o": 2.0})


def test_nothing_is_found_where_nothing_is_missing():
    c = hr.Circuit("unrelated")
    x, y = c.input(["x", "y"], hr.Normal(1, 1), count=2)
    c.output("xy", x * y)
    c.output("seven", c.constant(7.0))
    found = hr.find_argument(c)
    assert (len(found.argument), found.value, found.error) == (0, {"xy": 1.0, "seven": 7.0}, {"xy": 0.0, "seven": 0.0})


# -- what a search promises ----------------------------------------------------------------------------


@settings(max_examples=scaled(60, 10))
@given(circuits(), st.integers(1, 3), st.sampled_from([None, 1, 2]), st.integers(1, 8))
def test_a_search_says_of_any_circuit_what_an_estimate_says(circuit, order, degree, budget):
    found = hr.find_argument(circuit, order, budget, degree=degree)
    assert len(found.argument) <= budget
    assert set(found.argument) <= found.transcript.looked_at
    assert found.argument.selected_from == len(found.transcript.looked_at)
    assert hr.estimate(circuit, argument=found.argument).value == pytest.approx(found.value, rel=1e-9, abs=1e-12)
    assert hr.estimate(circuit, argument=found.argument | found.transcript).value == pytest.approx(found.everything, rel=1e-9, abs=1e-12)
    assert found.exhausted
    if degree is None:
        whole = hr.estimate(circuit, f"cumulant:{order}").value
        assert found.everything == pytest.approx(whole, rel=1e-9, abs=1e-9)
    last = found.curve[-1]
    assert (last.terms, last.value, last.error) == (len(found.argument), found.value, found.error)
    assert last.bits == pytest.approx(found.argument.bits(circuit), rel=1e-12)
    assert found.curve[0].terms == 0
    assert all(one.terms < two.terms and one.bits < two.bits for one, two in pairwise(found.curve))


@pytest.mark.parametrize("name", EXAMPLES)
@pytest.mark.parametrize("order", [2, 3])
def test_the_same_call_gives_the_same_argument(name, order):
    first, second = (hr.find_argument(EXAMPLES[name](), order, 5) for _ in range(2))
    assert same_search(first, second)


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_argument_survives_its_file(name, tmp_path):
    c = EXAMPLES[name]()
    found = hr.find_argument(c, 3, 10)
    found.argument.save(tmp_path / "a.json", c)
    again = Argument.load(tmp_path / "a.json", c)
    assert again == found.argument
    assert again.selected_from == len(found.transcript.looked_at)
    assert hr.estimate(c, argument=again).value == found.value


@pytest.mark.parametrize("budget", [1, 2, 3, 4, 7])
def test_the_budget_is_kept(budget):
    assert len(hr.find_argument(tautology_blocks(), 3, budget).argument) <= budget


@pytest.mark.parametrize(("target", "value"), [(10.0, 1.0), (0.5, 4.0), (0.01, 10.0)])
def test_the_shortest_argument_that_reaches_the_target(target, value):
    # s^2 of s = x^2, x ~ N(1, 1): 1 with nothing, (Es)^2 = 4 with var x, and 10 with var s = 4 + 2 as well. By variances alone
    # var s^2 = 4 * 4 * 6 + 2 * 36 = 168, so the unit is sqrt(168 + 10^2) = 16.4: half of it allows the error 6 of one term, not 9.
    c = hr.Circuit("fourth power")
    x = c.input("x", hr.Normal(1, 1))
    s = x * x
    c.output("y", s * s)
    found = hr.find_argument(c, order=2, target=target)
    assert found.value["y"] == pytest.approx(value, rel=1e-13)
    assert found.curve[-1].value["y"] == found.value["y"]


def test_a_target_out_of_reach_gives_the_longest_argument_in_the_budget():
    c = majority()  # at order 2 the error stays 1/16 whatever is tracked
    assert same_search(hr.find_argument(c, 2, target=1e-6), hr.find_argument(c, 2))
    assert len(hr.find_argument(c, 2, 3, target=1e-6).argument) <= 3


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_error_is_zero_where_nothing_was_left_out(name):
    found = hr.find_argument(EXAMPLES[name](), order=6, budget=1000)
    assert found.exhausted
    assert all(error == pytest.approx(0.0, abs=1e-13) for error in found.error.values())
    assert found.value == pytest.approx(hr.exact(EXAMPLES[name]()).value, abs=1e-12)


def test_fewer_looks_leave_something_and_say_so():
    c = majority()
    found = hr.find_argument(c, order=3, looks=5)
    assert len(found.transcript.looked_at) == 5
    assert not found.exhausted
    assert "the most promising ones" in str(found)
    assert found.error["o"] == pytest.approx(abs(found.everything["o"] - 0.5), rel=1e-12)  # two orders on is all there is


def test_progress_ends_at_what_was_looked_at():
    calls: list[tuple[int, int, str]] = []
    found = hr.find_argument(majority(), 3, 5, progress=lambda *call: calls.append(call))
    looked = [done for done, _, what in calls if what == "looked at"]
    assert looked == sorted(looked)
    assert looked[-1] == len(found.transcript.looked_at)
    assert [done for done, total, what in calls if what == "left out" and total == looked[-1]][-1] == looked[-1]


def test_the_numbers_are_ready_for_json_and_the_text_for_reading():
    found = hr.find_argument(product_of_prices())
    data = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert (data["terms"], data["looked_at"], data["value"], data["everything"]) == (1, 1, {"xy": 23.0}, {"xy": 23.0})
    assert [point["terms"] for point in data["curve"]] == [0, 1]
    # one pair among N(2) = 3 * 4 / 2 multisets of the three real wires
    assert data["curve"][1]["bits"] == pytest.approx(np.log2(6))
    assert str(found).splitlines() == [
        "1 terms of 1 looked at, all there are within the order",
        "  xy  23, off by about 0 (with everything: 23)",
    ]
    assert repr(found) == "<FoundArgument: 1 terms of 1 looked at>"


# -- interrupts and resuming ---------------------------------------------------------------------------


def interrupted_after(rounds: int, circuit: hr.Circuit) -> search.FoundArgument:
    left = [rounds]

    def progress(done: int, total: int, what: str) -> None:
        left[0] -= what == "looked at"
        if left[0] == 0 and what == "looked at":
            raise KeyboardInterrupt

    return hr.find_argument(circuit, 3, 20, progress=progress)


@pytest.mark.parametrize("rounds", [1, 2, 3])
def test_an_interrupted_search_ends_as_if_it_had_not_been(rounds, tmp_path):
    c = tautology_blocks()
    whole = hr.find_argument(c, 3, 20)
    part = interrupted_after(rounds, c)
    assert (part.interrupted, part.exhausted, whole.interrupted) == (True, False, False)
    # the first round holds at most 64 terms, the later ones as many as there are so far
    assert 0 < len(part.transcript.looked_at) <= 64 * 2 ** (rounds - 1)
    assert part.transcript.looked_at < whole.transcript.looked_at
    assert hr.estimate(c, argument=part.argument | part.transcript).value == part.everything
    Argument([part.transcript]).save(tmp_path / "t.json", c)
    for resume in (part, part.transcript, Argument([part.transcript]), Argument.load(tmp_path / "t.json", c)):
        assert same_search(hr.find_argument(c, 3, 20, resume=resume), whole)
    copy = tautology_blocks()  # a session later
    assert same_search(hr.find_argument(copy, 3, 20, resume=Argument.load(tmp_path / "t.json", copy)), whole)


@pytest.mark.parametrize("degree", [1, 2])
def test_a_search_for_reductants_can_be_resumed(degree):
    c = tautology_blocks(2)
    first = hr.find_argument(c, 3, degree=degree, looks=5)
    assert len(first.transcript.looked_at) == 5
    again = hr.find_argument(c, 3, degree=degree, resume=first)
    assert again.exhausted
    assert again.everything == pytest.approx(hr.find_argument(c, 3, degree=degree).everything, rel=1e-13)


def test_an_interrupt_amid_a_round_keeps_the_rounds_before(monkeypatch):
    c, calls = tautology_blocks(), []

    def stopped(*arguments):
        calls.append(arguments)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return look_further(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(search, "look_further", stopped)
        part = hr.find_argument(c, 3, 20)
    assert part.interrupted
    assert same_search(hr.find_argument(c, 3, 20, resume=part), hr.find_argument(c, 3, 20))


def test_resuming_what_is_finished_changes_nothing():
    c = majority()
    found = hr.find_argument(c, 3, 8)
    assert same_search(hr.find_argument(c, 3, 8, resume=found), found)
    assert same_search(hr.find_argument(c, 3, 8, resume=Argument()), found)


def test_wires_that_are_equal_but_for_a_not_resume_as_one():
    c = hr.Circuit("not")
    x, y = c.input(["x", "y"], hr.JointDiscrete([[0, 0], [1, 1]], [0.5, 0.5]))
    c.output("o", x & y)
    c.output("p", ~x)
    twice = Argument([Track((c.outputs["p"], y)), Track((x, y))])
    found = hr.find_argument(c, resume=twice)
    assert found.argument == Argument([Track((x, y))])
    assert found.value == {"o": 0.5, "p": 0.5}


def test_a_reductant_that_holds_no_term_does_not_disturb_the_others():
    # x y adds the covariance 2, z^2 the variance 1 and a b the covariance 1/8: one wire's reductant of a 0/1 wire says nothing
    c = hr.Circuit("idle")
    a, b = c.input(["a", "b"], hr.JointDiscrete([[0, 0], [1, 1], [0, 1]], [0.5, 0.25, 0.25]))
    x, y = c.input(["x", "y"], hr.JointDiscrete([[2, 5], [4, 9]], [0.5, 0.5]))
    z = c.input("z", hr.Normal())
    c.output("o", (a & b) + x * y + z * z)
    found = hr.find_argument(c, 2, 3, degree=1, resume=Argument([Track((a,), 1)]))
    assert found.value["o"] == hr.find_argument(c, 2, 3, degree=1).value["o"] == 1 / 4 + 23.0 + 1.0
    assert Track((z,), 1) in found.argument


def test_what_overflows_is_reported_without_numpy_warnings():
    c = hr.Circuit("overflow")
    x = c.input("x", hr.Normal(1e200, 1e180))
    c.output("y", (x * x) * x)
    c.output("z", x + 1)
    found = hr.find_argument(c)
    assert found.value == {"y": float("inf"), "z": 1e200}
    assert json.loads(json.dumps(found.to_dict(), allow_nan=False))["value"]["y"] is None


# -- mistakes ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"budget": 0}, "budget must be an integer of at least 1, got 0"),
        ({"budget": True}, "budget must be an integer of at least 1, got True"),
        ({"budget": 2.0}, "budget must be an integer of at least 1, got 2.0"),
        ({"order": 0}, "order must be an integer of at least 1 and at most 12, got 0"),
        ({"order": 13}, "order must be an integer of at least 1 and at most 12, got 13"),
        ({"degree": 0}, "degree must be an integer of at least 1 and at most 4, got 0"),
        ({"degree": 5}, "degree must be an integer of at least 1 and at most 4, got 5"),
        ({"order": 4, "degree": 4}, "order 4 times degree 4 passes the limit of 12"),
        ({"looks": 0}, "looks must be an integer of at least 1, got 0"),
        ({"target": 0}, "target must be a positive number, got 0"),
        ({"target": -0.5}, "target must be a positive number, got -0.5"),
        ({"target": float("nan")}, "target must be a positive number, got nan"),
        ({"target": "small"}, "target must be a positive number, got 'small'"),
        ({"outputs": ["o", "z"]}, "circuit 'majority' has no output 'z'; it has o"),
        ({"resume": "t.json"}, "resume takes an earlier result or its transcript, got 't.json'"),
        ({"resume": Argument([Assert((0, 1), 0.0)])}, "its claims are of another order or degree"),
        ({"resume": Argument([Track((0, 1, 2))])}, "its claims are of another order or degree"),
        ({"resume": Transcript([Track((0, 1), 1)])}, "its claims are of another order or degree"),
        ({"resume": Argument([Track((0, 99))])}, "names wire 99, but circuit 'majority' has wires 0 to 9"),
        ({"resume": Argument(block_claims(tautology_blocks()))}, "is about circuit 'blocks', whose wires are not those of 'majority'"),
    ],
)
def test_a_mistake_is_one_line(given, message):
    with pytest.raises(hr.ArgumentError) as caught:
        hr.find_argument(majority(), **given)
    assert message in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize("part", ["argument", "transcript", None])
def test_the_result_of_another_circuit_is_refused(part):
    found = hr.find_argument(two_sensors())
    resume = found if part is None else getattr(found, part)
    with pytest.raises(hr.ArgumentError, match=r"^\S.* is about circuit 'sensors', whose wires are not those of 'majority'$"):
        hr.find_argument(majority(), resume=resume)


def test_a_circuit_without_outputs_is_refused():
    c = hr.Circuit("none")
    c.input("x", hr.Normal())
    with pytest.raises(hr.CircuitError, match="circuit 'none' has no output"):
        hr.find_argument(c)


def test_too_little_memory_is_named():
    with pytest.raises(hr.IntractableError, match="but 10 are allowed"):
        hr.find_argument(majority(), max_memory=10)
