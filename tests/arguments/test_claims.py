"""Claims: what can be said and what cannot, when two say the same, and that nothing about them changes."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import heurest as hr
from heurest.arguments.claims import Assert, Cases, Claim, Lemma, Measured, Point, Track, Transcript, common_circuit
from support.arguments import claims


def build(name: str = "demo") -> hr.Circuit:
    """Wires 0 (real) and 1 to 3 (boolean), then their gates."""
    c = hr.Circuit(name)
    x = c.input("x", hr.Normal())
    b = c.input("b", hr.Bernoulli(0.5), count=3)
    c.output("o", (b[0] & b[1]) | b[2])
    c.output("p", x * (x + (1.0 if name == "demo" else 2.0)))  # copies with the same wires would not be other circuits
    return c


C = build().freeze()
X, B = C.wire("x"), [C.wire(f"b[{i}]") for i in range(3)]
OTHER = build("other").freeze()
HUGE = 10**400  # no float

# -- wires -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [Track, lambda wires: Assert(wires, 0.0)])
def test_wires_are_kept_as_sorted_indices_however_they_are_given(make):
    assert make((B[1], X)).wires == (0, 2)
    assert make([2, 0, 2]).wires == (0, 2, 2)
    assert make(X).wires == make(0).wires == (0,)
    assert make(hr.Wires(C, [3, 1])).wires == (1, 3)
    assert make(np.array([3, 1])).wires == (1, 3)
    assert make(wire for wire in (3, X)).wires == (0, 3)
    assert all(type(wire) is int for wire in make(np.array([3, 1])).wires)


def test_the_circuit_of_the_handles_is_kept():
    assert Track((X, 2)).circuit is C
    assert Track((0, 2)).circuit is None
    assert Track((0, 2), circuit=C).circuit is C
    assert Lemma(0, B[1]).circuit is C
    assert Cases(1, {0: [Track((X, X))]}).circuit is C
    assert Transcript([Track(0), Track(B[0])]).circuit is C
    assert Point([1], {"o": 1}).circuit is None


WRONG_WIRES = [
    ((), "(): a term holds 1 to 12 wires, got 0"),
    (range(13), "a term holds 1 to 12 wires, got 13"),
    ("xy", ": wires must be given as Wire objects or as indices, got 'xy'"),
    ({0: 1}, ": wires must be given as Wire objects or as indices, got {0: 1}"),
    (None, ": wires must be given as Wire objects or as indices, got None"),
    (True, ": wires must be given as Wire objects or as indices, got True"),
    (1.0, ": wires must be given as Wire objects or as indices, got 1.0"),
    ((0, True), ": a wire must be a Wire object or an index of at least 0, got True"),
    ((0, -1), ": a wire must be a Wire object or an index of at least 0, got -1"),
    ((0, 1.0), ": a wire must be a Wire object or an index of at least 0, got 1.0"),
    ((0, "x"), ": a wire must be a Wire object or an index of at least 0, got 'x'"),
    ((X, OTHER.wire(1)), "of 'other'> and a wire of 'demo' belong to different circuits"),
]


@pytest.mark.parametrize(("wires", "message"), WRONG_WIRES)
@pytest.mark.parametrize(("name", "make"), [("Track", Track), ("Assert", lambda wires: Assert(wires, 0.0))])
def test_wrong_wires_are_named(name, make, wires, message):
    assert_refused(lambda: make(wires), message, name)


@pytest.mark.parametrize(("name", "make"), [("Cases", lambda wire: Cases(wire, {})), ("Lemma", lambda wire: Lemma(wire, 1.0))])
@pytest.mark.parametrize("wire", [None, "x", (0, 1), (), hr.Wires(C, [1, 2]), -1, True, 1.0])
def test_what_is_not_one_wire_is_refused(name, make, wire):
    assert_refused(lambda: make(wire), "", name)


def assert_refused(make, message: str, start: str = "") -> None:
    with pytest.raises(hr.ArgumentError) as caught:
        make()
    assert str(caught.value).startswith(start)
    assert message in str(caught.value)
    assert str(caught.value).isprintable()


# -- each kind ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Track((0, 1), 0), "Track(0, 1): the degree must be an integer from 1 to 4, got 0"),
        (lambda: Track((0, 1), 5), "Track(0, 1): the degree must be an integer from 1 to 4, got 5"),
        (lambda: Track((0, 1), True), "the degree must be an integer from 1 to 4, got True"),
        (lambda: Track((0, 1), 1.0), "the degree must be an integer from 1 to 4, got 1.0"),
        (lambda: Track((1, 0, 1), 1), "Track(0, 1, 1): a reductant is of distinct wires"),
        (lambda: Track((0, 1, 2, 3), 4), "Track(0, 1, 2, 3): 4 wires of degree 4 pass the limit of order 12"),
        (lambda: Track((X,), circuit=OTHER), "the wires do not belong to circuit 'other'"),
        (lambda: Assert((0,), float("nan")), "Assert(0): the value must be a finite number, got nan"),
        (lambda: Assert((0,), float("inf")), "Assert(0): the value must be a finite number, got inf"),
        (lambda: Assert((0,), HUGE), "Assert(0): the value must be a finite number, got 1000"),
        (lambda: Assert((0,), True), "the value must be a finite number, got True"),
        (lambda: Assert((0,), "1"), "the value must be a finite number, got '1'"),
        (lambda: Assert((0,), 1j), "the value must be a finite number, got 1j"),
        (lambda: Assert((0,), None), "the value must be a finite number, got None"),
        (lambda: Assert((0, 1), 1.0, "measured"), "Assert(0, 1): a measured value needs its error: grade=Measured(n, stderr)"),
        (lambda: Assert((0, 1), 1.0, "guessed"), "the grade must be 'proved', 'enumerated' or Measured(n, stderr), got 'guessed'"),
        (lambda: Assert((0, 1), 1.0, ["proved"]), "the grade must be 'proved', 'enumerated' or Measured(n, stderr), got ['proved']"),
        (lambda: Measured(-1, 1.0), "n must be a whole number from 0 to 2**63, got -1"),
        (lambda: Measured(2.0, 1.0), "n must be a whole number from 0 to 2**63, got 2.0"),
        (lambda: Measured(True, 1.0), "n must be a whole number from 0 to 2**63, got True"),
        (lambda: Measured(1, 0.0), "its standard error must be a positive number, got 0.0"),
        (lambda: Measured(1, -1.0), "its standard error must be a positive number, got -1.0"),
        (lambda: Measured(1, float("inf")), "its standard error must be a positive number, got inf"),
        (lambda: Measured(1, float("nan")), "its standard error must be a positive number, got nan"),
        (lambda: Measured(1, HUGE), "its standard error must be a positive number, got 1000"),
        (lambda: Measured(1, "1"), "its standard error must be a positive number, got '1'"),
        (lambda: Lemma(0, float("inf")), "Lemma(0): a wire equals a finite number or another wire, got inf"),
        (lambda: Lemma(0, HUGE), "Lemma(0): a wire equals a finite number or another wire, got 1000"),
        (lambda: Lemma(0, "x"), "Lemma(0): a wire equals a finite number or another wire, got 'x'"),
        (lambda: Lemma(0, None), "Lemma(0): a wire equals a finite number or another wire, got None"),
        (lambda: Lemma(X, X), "Lemma(0): the wire is the same on both sides"),
        (lambda: Lemma(0, X), "Lemma(0): the wire is the same on both sides"),
        (lambda: Lemma(X, OTHER.wire(1)), "Lemma(0): the wires belong to different circuits"),
        (lambda: Cases(B[0], []), "Cases(1): the cases must be given as {0: claims, 1: claims}, got []"),
        (lambda: Cases(B[0], {2: []}), "Cases(1): the cases must be given as {0: claims, 1: claims}, got {2: []}"),
        (lambda: Cases(B[0], {"0": []}), "Cases(1): the cases must be given as {0: claims, 1: claims}, got {'0': []}"),
        (lambda: Cases(B[0], {0: [3]}), "Cases(1): a case holds Track, Assert, Lemma and Cases, not 3"),
        (lambda: Cases(B[0], {0: [[3]]}), "Cases(1): a case holds Track, Assert, Lemma and Cases, not [3]"),
        (lambda: Cases(B[0], {0: [Point([1], {"y": 1})]}), "Cases(1): a case holds Track, Assert, Lemma and Cases, not Point("),
        (lambda: Cases(B[0], {1: [Transcript([])]}), "Cases(1): a case holds Track, Assert, Lemma and Cases, not Transcript("),
        (lambda: Cases(B[0], {0: Track((0,))}), "Cases(1): "),
        (lambda: Cases(B[0], {0: None}), "Cases(1): "),
        (lambda: Cases(B[0], {0: [Track(OTHER.wire(0))]}), "is about circuit 'other', other claims about 'demo'"),
        (lambda: Point([float("nan")], {"y": 1}), "Point: inputs and outputs must be finite numbers, got nan"),
        (lambda: Point([1], {"y": float("inf")}), "Point: inputs and outputs must be finite numbers, got inf"),
        (lambda: Point([HUGE], {"y": 1}), "Point: inputs and outputs must be finite numbers, got 1000"),
        (lambda: Point(["1"], {"y": 1}), "Point: inputs and outputs must be finite numbers, got '1'"),
        (lambda: Point([1], {"y": None}), "Point: inputs and outputs must be finite numbers, got None"),
        (lambda: Point([[1, 2], [3, 4]], {"y": 1}), "Point: "),
        (lambda: Point(None, {"y": 1}), "Point: "),
        (lambda: Point(3, {"y": 1}), "Point: "),
        (lambda: Point([1], {}), "Point: outputs must be given by name, as {name: value}, got {}"),
        (lambda: Point([1], {3: 1}), "Point: outputs must be given by name, as {name: value}, got {3: 1}"),
        (lambda: Point([1], [("y", 1)]), "Point: outputs must be given by name, as {name: value}, got [('y', 1)]"),
        (lambda: Point([1], None), "Point: outputs must be given by name, as {name: value}, got None"),
        (lambda: Transcript([3]), "Transcript: it holds claims other than transcripts, not 3"),
        (lambda: Transcript([[3]]), "Transcript: it holds claims other than transcripts, not [3]"),
        (lambda: Transcript([Transcript([])]), "Transcript: it holds claims other than transcripts, not Transcript(0 claims)"),
        (lambda: Transcript(3), "Transcript: "),
        (lambda: Transcript(Track((0,))), "Transcript: "),
        (lambda: Transcript([Track(X), Track(OTHER.wire(1))]), "is about circuit 'other', other claims about 'demo'"),
        (lambda: Transcript([Track(OTHER.wire(1)), Track(X)]), "is about circuit 'demo', other claims about 'other'"),
        (lambda: Transcript([Track(X), Track(OTHER.wire(0))]), "is about circuit 'other', other claims about 'demo'"),  # which say the same
    ],
)
def test_what_cannot_be_claimed_is_named(make, message):
    assert_refused(make, message)


def test_numbers_of_every_kind_become_plain_ones():
    grade = Measured(np.int64(7), np.float32(0.5))
    claim = Assert((0,), np.float64(2), grade)
    assert (type(claim.value), type(grade.n), type(grade.stderr)) == (float, int, float)
    assert type(Lemma(0, np.int64(1)).constant) is float
    assert Lemma(0, True).constant == 1.0
    point = Point(np.array([True, False]), {"y": np.float32(1)})
    assert point.inputs == (1.0, 0.0)
    assert {type(number) for number in (*point.inputs, *dict(point.outputs).values())} == {float}
    assert type(Track((0, 1), np.int64(2)).degree) is int


def test_of_two_equal_wires_the_later_one_is_replaced():
    for claim in (Lemma(X, B[1]), Lemma(B[1], X), Lemma.same(0, 2, C), Lemma.same(2, 0, C)):
        assert (claim.wire, claim.other, claim.constant) == (2, 0, None)
        assert claim.wires_named == (2, 0)


def test_a_case_that_is_not_given_says_nothing():
    assert Cases(1, {}) == Cases(1, {0: [], 1: ()}) == Cases(1, {1: []})
    assert Cases(1, {0: [Track(0)]}) != Cases(1, {1: [Track(0)]})


def test_outputs_of_a_point_are_sorted_by_name():
    assert Point([1], {"b": 2, "a": 3}).outputs == (("a", 3.0), ("b", 2.0))


def test_wires_named_are_all_of_them():
    inner = Cases(2, {1: [Assert((3, 0), 0.5), Lemma(5, 1.0)]})
    assert sorted(Cases(1, {0: [inner], 1: [Track((4, 4))]}).wires_named) == [0, 1, 2, 3, 4, 4, 5]
    assert sorted(Transcript([inner, Point([1], {"y": 1})]).wires_named) == [0, 2, 3, 5]
    assert Point([1], {"y": 1}).wires_named == ()


# -- as data -----------------------------------------------------------------------------------------


def test_minus_zero_is_zero():
    for one, other in (
        (Assert((0,), -0.0), Assert((0,), 0.0)),
        (Lemma(0, -0.0), Lemma(0, 0.0)),
        (Point([-0.0], {"y": -0.0}), Point([0.0], {"y": 0.0})),
    ):
        assert one == other
        assert repr(one) == repr(other)


def test_the_same_wires_with_something_else_said_are_other_claims():
    said = [
        Track((1, 2)),
        Track((1, 2), 1),
        Track((1, 2, 2)),
        Assert((1, 2), 0.0),
        Assert((1, 2), 0.5),
        Assert((1, 2), 0.0, "enumerated"),
        Assert((1, 2), 0.0, Measured(0, 0.1)),
        Assert((1, 2), 0.0, Measured(1, 0.1)),
        Assert((1, 2), 0.0, Measured(0, 0.2)),
        Lemma(B[0], B[1]),
        Lemma(1, 2.0),
        Point([1, 2], {"y": 0}),
        Transcript([Track((1, 2))]),
        Cases(1, {0: [Track((1, 2))]}),
    ]
    assert len(set(said)) == len(said)


@given(st.data())
def test_what_says_the_same_is_equal_whatever_handles_it_was_made_with(data):
    claim = data.draw(claims(C))
    again = rebuilt(claim)
    assert again == claim
    assert hash(again) == hash(claim)
    assert sorted(again.wires_named) == sorted(claim.wires_named)


def rebuilt(claim: Claim) -> Claim:
    """The same claim made with indices, or with a copy's handles where it needs some, everything in reverse."""
    if isinstance(claim, Track):
        return Track(claim.wires[::-1], claim.degree)
    if isinstance(claim, Assert):
        return Assert(claim.wires[::-1], claim.value, claim.grade)
    if isinstance(claim, Lemma):
        return Lemma(claim.wire, claim.constant) if claim.other is None else Lemma(OTHER.wire(claim.other), OTHER.wire(claim.wire))
    if isinstance(claim, Point):
        return Point(list(claim.inputs), dict(claim.outputs[::-1]))
    if isinstance(claim, Cases):
        return Cases(claim.event, {case: [rebuilt(inner) for inner in claim.branches[case]] for case in (1, 0)})
    assert isinstance(claim, Transcript)
    return Transcript([rebuilt(inner) for inner in claim.looked_at])


@pytest.mark.parametrize(
    ("claim", "field"),
    [
        (Track((0, 1)), "wires"),
        (Assert((0, 1), 0.5), "value"),
        (Measured(1, 0.5), "stderr"),
        (Cases(1, {}), "branches"),
        (Lemma(1, 0.0), "constant"),
        (Point([1], {"y": 1}), "inputs"),
        (Transcript([]), "looked_at"),
    ],
)
def test_nothing_about_a_claim_changes(claim, field):
    with pytest.raises(FrozenInstanceError):
        setattr(claim, field, None)
    with pytest.raises(FrozenInstanceError):
        delattr(claim, field)


def test_the_base_is_no_claim_by_itself():
    with pytest.raises(hr.ArgumentError, match="Claim is no claim of heurest"):
        _ = Claim().wires_named


def test_claims_about_two_circuits_have_no_common_one():
    assert common_circuit(None, Track((0, 1))) is None
    assert common_circuit(None, Track(X)) is C
    assert common_circuit(C, Track((0, 1))) is C
    assert common_circuit(C, Track(X)) is C
    with pytest.raises(hr.ArgumentError, match=r"^Track\(wires=\(0,\), degree=None\) is about circuit 'other', other claims about 'demo'$"):
        common_circuit(C, Track(OTHER.wire(0)))
