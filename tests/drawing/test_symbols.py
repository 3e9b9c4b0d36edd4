"""Texts: derived gates are recognised, sums are written as people write them, and texts are cut where they must be."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import heurest as hr
from heurest.drawing.symbols import formula, number_text, shortened, signed_text, symbol, text_width, wire_text, wrapped


@pytest.fixture
def bits() -> tuple[hr.Circuit, list[hr.Wire]]:
    c = hr.Circuit("bits")
    return c, list(c.input(["a", "b", "s"], hr.Bernoulli(0.5)))


@pytest.mark.parametrize(
    ("gate", "text"),
    [("and", "a and b"), ("or", "a or b"), ("xor", "a xor b"), ("nor", "a nor b"), ("xnor", "a xnor b"), ("nand", "not #3")],
)
def test_boolean_gates_are_recognised(bits, gate, text):
    c, (a, b, _) = bits
    made = c.apply(gate, a, b)
    assert formula(c, made.index) == symbol(c, made.index) == text


def test_multiplexers_are_recognised_in_either_order_of_operands(bits):
    c, (a, b, s) = bits
    made = c.mux(s, a, b)
    assert formula(c, made.index) == "mux(s, a, b)"
    by_hand = c.boolean_sum([b, a & s, b & s], (1.0, 1.0, -1.0))
    assert formula(c, by_hand.index) == "mux(s, a, b)"


def test_what_only_looks_like_a_gate_is_a_sum(bits):
    c, (a, b, s) = bits
    other = a & s
    real = c.weighted_sum([a, b, a & b], (1.0, 1.0, -1.0))  # real, not declared boolean
    assert formula(c, real.index) == "a + b − #4"
    wrong = c.weighted_sum([a, b, other], (1.0, 1.0, -2.0))
    assert formula(c, wrong.index) == f"a + b − 2 #{other.index}"


def test_sums_are_written_as_people_write_them():
    c = hr.Circuit("sums")
    x, y = c.input("x", hr.Normal(0, 1)), c.input("y", hr.Normal(0, 1))
    five = c.constant(5.0)
    for wire, text in [
        (-x, "−x"),
        (x - y, "x − y"),
        (c.affine([0.5], [x], -2.0), "0.5 x − 2"),
        (c.affine([1.0, -1.5, 2.0], [x, y, five], 1.0), "x − 1.5 y + 11"),
        (c.affine([-1.0, 1.0], [x, y], -0.25), "−x + y − 0.25"),
        (c.affine([1.0, -1.0], [x, five], 5.0), "x"),
        (c.affine([2.0], [five]), "10"),
        (x * five, "x × 5"),
        (five**2, "5²"),
        (x * y, "x × y"),
        (c.constant(-0.125), "−0.125"),
    ]:
        assert formula(c, wire.index) == text


def test_long_formulas_give_way_to_their_operands_and_then_to_their_kind():
    c = hr.Circuit("long")
    x = c.input("x", hr.Normal(0, 1), count=30)
    pair = c.affine([0.123, -0.456], [x[3], x[4]], 0.789)
    assert (formula(c, pair.index), symbol(c, pair.index)) == ("0.123 x[3] − 0.456 x[4] + 0.789", "sum(x[3], x[4])")
    assert symbol(c, c.affine([0.123, -0.456, 1], [x[13], x[14], x[15]]).index) == "sum of 3"
    wide = x.sum()
    assert symbol(c, wide.index) == "sum of 30"
    assert formula(c, wide.index) == " + ".join(f"x[{k}]" for k in range(8)) + " + … (22 more terms)"
    named = c.set_name(x[0] * 0.123456, "a name of some length")
    assert symbol(c, (named * named).index) == "×"
    assert symbol(c, (named**2).index) == "square"
    assert symbol(c, (named * 0.25 + 1).index) == "#36 + 1"
    assert symbol(c, (named * 0.25).index) == "a x + b"


def test_an_input_shows_its_law():
    c = hr.Circuit("laws")
    x = c.input("x", hr.Uniform(-1, 1))
    many = c.input("m", hr.Discrete(np.arange(50.0), np.full(50, 0.02)))
    assert formula(c, x.index) == "input, Uniform(low=-1.0, high=1.0)"
    assert len(formula(c, many.index)) <= 107
    assert wire_text(c, x.index) == "x"


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (0.0, 3, "0"),
        (-2.5, 3, "−2.5"),
        (130.0, 2, "130"),
        (18234.0, 2, "18000"),
        (1e7, 3, "1e7"),
        (-1.5e-9, 3, "−1.5e−9"),
    ],
)
def test_numbers_are_short(value, digits, text):
    assert number_text(value, digits) == text


def test_changes_have_signs():
    assert [signed_text(x) for x in (0.25, -0.25, 0.0)] == ["+0.25", "−0.25", "0"]


def test_texts_are_cut_to_one_line():
    assert shortened("a\n  b\tc", 10) == "a b c"
    assert shortened("abcdefgh", 8) == "abcdefgh"
    assert shortened("abcdefghi", 8) == "abcdefg…"
    assert text_width("数", 10.0) > text_width("m", 10.0) > text_width("i", 10.0)
    assert text_width("e\u0301", 10.0) == text_width("e", 10.0)


@given(st.text(alphabet="abM ,", max_size=60), st.floats(30.0, 200.0), st.integers(1, 4))
def test_wrapped_lines_fit_and_hold_the_text_from_its_start(text, width, most):
    lines = wrapped(text, 10.0, width, most)
    assert 1 <= len(lines) <= most
    assert all(text_width(line, 10.0) <= width for line in lines)
    letters = "".join(text.split())
    joined = "".join("".join(lines).split())
    if joined.endswith("…"):
        assert letters.startswith(joined[:-1])
        assert letters != joined[:-1].rstrip(",")
    else:
        assert joined == letters


def test_words_stay_whole_where_they_fit():
    assert wrapped("one two three", 10.0, text_width("one two", 10.0), 4) == ["one two", "three"]
