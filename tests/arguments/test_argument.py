"""Arguments are sets: order never matters, merging is union, and claims about two circuits do not mix."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

import heurest as hr
from heurest.arguments.argument import Argument, claim_order
from heurest.arguments.claims import Assert, Cases, Lemma, Measured, Point, Track, Transcript
from support.arguments import arguments, claims


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

# -- laws of sets ------------------------------------------------------------------------------------


@given(arguments(C), arguments(C))
def test_merging_is_commutative_and_changes_neither(a, b):
    before = a.claims, b.claims
    assert a | b == b | a
    assert a & b == b & a
    assert (a | b).selected_from == (b | a).selected_from == max(a.selected_from, b.selected_from)
    assert (a.claims, b.claims) == before


@given(arguments(C), arguments(C), arguments(C))
def test_merging_is_associative(a, b, c):
    assert (a | b) | c == a | (b | c)
    assert (a & b) & c == a & (b & c)
    assert a & (b | c) == (a & b) | (a & c)


@given(arguments(C), arguments(C))
def test_merging_again_adds_nothing(a, b):
    assert a | a == a & a == a
    assert (a | b) | b == a | b
    assert a | (a & b) == a
    assert a | Argument() == a
    assert a & Argument() == a - a == Argument()


@given(arguments(C), arguments(C))
def test_sizes_and_membership_are_those_of_sets(a, b):
    assert len(a | b) == len(a) + len(b) - len(a & b)
    assert len(a - b) == len(a) - len(a & b)
    for claim in itertools.chain(a, b):
        assert claim in a | b
        assert (claim in a & b) == (claim in a and claim in b)
        assert (claim in a - b) == (claim in a and claim not in b)
    assert a & b <= a <= a | b
    assert (a <= b) == (a - b == Argument())


@given(st.data())
def test_neither_order_nor_repetition_matters(data):
    given = data.draw(st.lists(claims(C), max_size=8))
    again = data.draw(st.permutations(given + given[:2]))
    one, other = Argument(given), Argument(again)
    assert one == other
    assert hash(one) == hash(other)
    assert list(one) == list(other)
    assert set(one) == set(given)
    assert len(list(one)) == len(one) == len(set(given))


@given(st.data())
def test_the_order_of_claims_does_not_know_which_handles_they_were_made_with(data):
    made = data.draw(st.lists(st.one_of(claims(C), claims(C, handles=False)), max_size=6))
    halves = Argument(made[::2]), Argument(made[1::2])
    assert list(halves[0] | halves[1]) == list(halves[1] | halves[0]) == list(Argument(made))


def test_claims_stand_in_the_order_of_their_kinds_and_wires():
    listed = [
        Track((3,)),
        Track((0, 1)),
        Track((0, 1), 1),
        Track((0, 2)),
        Track((0, 1, 2)),
        Assert((2,), 0.5),
        Assert((0, 1), -1.0),
        Assert((0, 1), 1.0),
        Assert((0, 1), 1.0, Measured(5, 0.5)),
        Assert((0, 1), 1.0, Measured(6, 0.25)),
        Cases(1, {}),
        Cases(2, {}),
        Lemma(1, 0.0),
        Lemma(2, 0.0),
        Point([0.0], {"o": 1.0}),
        Point([1.0], {"o": 0.0}),
        Transcript([]),
    ]
    for shuffled in (listed[::-1], listed[1::2] + listed[::2]):
        assert list(Argument(shuffled)) == listed


def test_sets_and_lists_of_claims_merge_as_well():
    a, b = Track((0, 1)), Track((0, 2))
    both = Argument([a, b])
    for other in ([b], (b,), {b}, frozenset([b]), Argument([b])):
        assert Argument([a]) | other == both
        assert both & other == Argument([b])
        assert both - other == Argument([a])
    assert [b] | Argument([a]) == both
    assert {b} & both == Argument([b])


@pytest.mark.parametrize("other", [3, None, "ab"])
def test_what_is_no_set_of_claims_does_not_merge(other):
    argument = Argument([Track((0, 1))])
    with pytest.raises(TypeError, match="unsupported operand"):
        argument | other
    with pytest.raises(TypeError, match="unsupported operand"):
        argument & other
    with pytest.raises(TypeError, match="unsupported operand"):
        argument - other
    with pytest.raises(TypeError, match="not supported between"):
        _ = argument <= other
    assert argument != other


def test_how_many_were_looked_at_is_no_part_of_what_is_said():
    one, other = Argument([Track((0, 1))], 5), Argument([Track((0, 1))], 9)
    assert one == other
    assert hash(one) == hash(other)
    assert (one | other).selected_from == (other & one).selected_from == 9
    assert (one - other).selected_from == 5


# -- what is refused ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Argument(Track((0, 1))), "an argument is made from a list of claims: write Argument([Track(...)])"),
        (lambda: Argument([3]), "an argument holds claims such as Track or Assert, not 3"),
        (lambda: Argument([[3]]), "an argument holds claims such as Track or Assert, not [3]"),
        (lambda: Argument([(0, 1)]), "an argument holds claims such as Track or Assert, not (0, 1)"),
        (lambda: Argument(3), "an argument is made from a list of claims"),
        (lambda: Argument(None), "an argument is made from a list of claims"),
        (lambda: Argument() | [3], "an argument holds claims such as Track or Assert, not 3"),
        (lambda: Argument([], -1), "selected_from must be a whole number from 0 to 2**63, got -1"),
        (lambda: Argument([], 1.0), "selected_from must be a whole number from 0 to 2**63, got 1.0"),
        (lambda: Argument([], True), "selected_from must be a whole number from 0 to 2**63, got True"),
    ],
)
def test_what_is_no_argument_is_named(make, message):
    with pytest.raises(hr.ArgumentError) as caught:
        make()
    assert message in str(caught.value)
    assert str(caught.value).isprintable()


# -- circuits ----------------------------------------------------------------------------------------


def test_claims_about_two_circuits_do_not_mix():
    other = build("other")
    for claim in (Track(other.wire(2)), Track(other.wire(0))):  # the second says what the first of the argument does
        with pytest.raises(hr.ArgumentError, match=r"is about circuit '(demo|other)', other claims about '(other|demo)'"):
            Argument([Track(X), claim])
        with pytest.raises(hr.ArgumentError, match="is about circuit 'other', other claims about 'demo'"):
            Argument([Track(X)]) | Argument([claim])


def test_the_circuit_is_known_whichever_claim_comes_first():
    by_index, by_handle = Track((0, 1)), Track((X, B[0]))
    assert by_index == by_handle
    for argument in (
        Argument([by_index, by_handle]),
        Argument([by_handle, by_index]),
        Argument([by_index]) | Argument([by_handle]),
        Argument([by_handle]) | Argument([by_index]),
        Argument([by_index]) & Argument([by_handle]),
        Argument([by_handle]) & Argument([by_index]),
    ):
        assert argument.circuit is C


def test_a_copy_of_the_circuit_is_accepted():
    argument = Argument([Track((X, B[0])), Cases(B[1], {0: [Lemma(B[2], 1)]})])
    copy = C.copy("copy")
    assert argument.about() is C
    assert argument.about(C) is C
    assert argument.about(copy) is copy
    assert Argument([Track((0, 1))]).about(copy) is copy


def test_other_laws_and_names_make_no_other_circuit():
    c = hr.Circuit("tails")
    x = c.input("y", hr.Exponential(2.0))
    b = c.input("bits", hr.Bernoulli(1e-9), count=3)
    c.output("one", (b[0] & b[1]) | b[2])
    c.output("two", x * (x + 1.0))
    assert Argument([Track((X, B[0]))]).about(c) is c


@pytest.mark.parametrize("change", [lambda c: c.constant(1.0), lambda c: c.wire("x") * 2.0])
def test_another_circuit_is_refused_and_the_claim_named(change):
    other = build("other")
    change(other)
    argument = Argument([Track((0,)), Track((X, B[0]))])
    with pytest.raises(hr.ArgumentError) as caught:
        argument.about(other)
    expected = "Track(wires=(0, 1), degree=None) is about circuit 'demo', whose wires are not those of 'other'"
    assert str(caught.value) == expected


@pytest.mark.parametrize(
    "claim", [Track((0, 99)), Assert((99,), 0.5), Lemma(99, 1.0), Cases(1, {0: [Cases(99, {})]}), Transcript([Track((99,))])]
)
def test_a_wire_that_the_circuit_does_not_have_is_named(claim):
    with pytest.raises(hr.ArgumentError) as caught:
        Argument([Track((0, 1)), claim]).about(C)
    assert str(caught.value) == f"{claim!r} names wire 99, but circuit 'demo' has wires 0 to {len(C) - 1}"


def test_without_handles_the_circuit_must_be_said():
    for argument in (Argument(), Argument([Track((0, 1))]), Argument([Point([1], {"o": 1})])):
        with pytest.raises(hr.ArgumentError, match=r"say which circuit they are about$"):
            argument.about()
        assert argument.about(C) is C


# -- what it says of itself --------------------------------------------------------------------------


def test_a_transcript_stands_for_all_that_was_looked_at():
    up, down = Track((0, 1)), Track((0, 2))
    argument = Argument([up, Transcript([up, down])])
    assert argument.effective == {up, down}
    assert len(argument) == 2
    assert Argument([up]).effective == {up}
    assert Argument().effective == frozenset()


@pytest.mark.parametrize(
    ("claim", "order"),
    [
        (Track((0,)), 1),
        (Track((0, 0, 1)), 3),
        (Track((0,), 2), 4),  # a single wire repeats up to 2 d times
        (Track((0, 1), 1), 2),
        (Track((0, 1, 2), 4), 12),
        (Assert((0, 1), 0.5), 2),
        (Lemma(1, 0.0), 0),
        (Point([1], {"o": 1}), 0),
        (Cases(1, {}), 0),
        (Cases(1, {0: [Track((0, 1))], 1: [Cases(2, {1: [Assert((0, 0, 3), 0.1)]})]}), 3),
    ],
)
def test_the_order_is_that_of_the_largest_term(claim, order):
    assert claim_order(claim) == order
    assert Argument([claim]).order == order
    assert Argument([Transcript([claim])]).order == order
    assert Argument([claim, Track((2,) * 12)]).order == 12


def test_an_argument_is_mechanistic_unless_something_was_measured():
    measured = Assert((0, 1), 0.5, Measured(10, 0.1))
    assert Argument().mechanistic
    assert Argument([Track((0, 1)), Assert((0, 1), 0.5, "enumerated")]).mechanistic
    for claim in (measured, Transcript([measured]), Cases(1, {1: [Cases(2, {0: [measured]})]})):
        assert not Argument([Track((0, 2)), claim]).mechanistic


def test_the_short_form_counts_claims():
    assert repr(Argument()) == "<Argument: 0 claims>"
    assert repr(Argument([Track((0, 1))])) == "<Argument: 1 claim>"
    assert repr(Argument([Track((X, B[0])), Track((0, 2))])) == "<Argument about 'demo': 2 claims>"
    assert str(Argument([Track((0, 1))])) == "<Argument: 1 claim>\n  Track(wires=(0, 1), degree=None)"
