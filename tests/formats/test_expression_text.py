"""Lines of polynomials: the same polynomials back, the grammar case by case, and what is wrong named with its line."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

import heurest as hr
from heurest.formats.expression_text import circuit_from_text, text_from_circuit
from support.enumeration import evaluate
from support.same_circuit import assert_same, every_detail, read_or_refused
from support.strategies import circuits

POINTS = (-1.5, 0.0, 1.0, 2.0)


def assert_same_polynomials(circuit: hr.Circuit, other: hr.Circuit) -> None:
    """The outputs agree, up to rounding, at points of the inputs (0 and 1 for boolean ones)."""
    assert list(other.outputs) == list(circuit.outputs)
    assert [(group.law, len(group.wires)) for group in other.groups] == [(group.law, len(group.wires)) for group in circuit.groups]
    assert [wire.name for wire in other.inputs] == [wire.name for wire in circuit.inputs]
    points = [(0.0, 1.0) if wire.boolean else POINTS for wire in circuit.inputs]
    for values in itertools.islice(itertools.product(*points), 0, 64, 3):
        left = evaluate(circuit, dict(zip((wire.index for wire in circuit.inputs), values, strict=True)))
        right = evaluate(other, dict(zip((wire.index for wire in other.inputs), values, strict=True)))
        size = max(map(abs, left)) + 1.0
        for name, wire in circuit.outputs.items():
            assert math.isclose(left[wire.index], right[other.outputs[name].index], rel_tol=1e-9, abs_tol=1e-12 * size), name


@given(circuits(max_degree=6))
def test_reading_gives_back_the_polynomials_that_were_written(circuit):
    text = text_from_circuit(circuit)
    again = circuit_from_text(text)
    assert_same_polynomials(circuit, again)
    assert again.name == circuit.name


@given(circuits(reals=False))
def test_boolean_wires_stay_boolean(circuit):
    again = circuit_from_text(text_from_circuit(circuit))
    assert_same_polynomials(circuit, again)
    assert all(wire.boolean for wire in again.outputs.values())


def test_odd_names_and_numbers_survive():
    circuit = every_detail()
    again = circuit_from_text(text_from_circuit(circuit))
    assert again.name == circuit.name
    assert list(again.outputs) == list(circuit.outputs)
    assert {wire.name for wire in circuit.inputs} <= set(again.names)


@given(st.floats(allow_nan=False, allow_infinity=False).filter(bool), st.floats(allow_nan=False, allow_infinity=False))
def test_floats_survive(coefficient, bias):
    c = hr.Circuit("floats")
    c.output("y", c.affine([coefficient], [c.input("x", hr.Sign())], bias))
    again = circuit_from_text(text_from_circuit(c))
    if (coefficient, bias) != (1.0, 0.0):
        assert again.terms(1)[0] == bias
        assert again.terms(1)[2].tolist() == [coefficient]


def lines(circuit: hr.Circuit) -> list[str]:
    return text_from_circuit(circuit).splitlines()[2 + len(circuit.groups) :]


def test_what_is_read_once_is_written_in_place():
    c = hr.Circuit("once")
    x, y = c.input("x", hr.Normal()), c.input("y", hr.Normal())
    c.output("z", ((x - 2 * y + 0.5) * x) ** 2 * (-3 * (x * y)))
    assert lines(c) == ["z = ((x - 2*y + 0.5)*x)**2*(-3*x*y)"]
    assert_same_polynomials(c, circuit_from_text(text_from_circuit(c)))


def test_sums_are_written_into_sums_with_their_signs():
    c = hr.Circuit("signs")
    x, y, z = (c.input(name, hr.Normal()) for name in "xyz")
    c.output("o", x - (y - z) + (2 * y) - (3 * z) + (-x) - (-y) + 5 * (x + y) - 0.0 * z)
    assert lines(c) == ["o = x - (y - z) + 2*y - 3*z - x - (-y) + 5*(x + y) - 0*z"]
    assert_same_polynomials(c, circuit_from_text(text_from_circuit(c)))


def test_what_is_read_twice_or_named_gets_a_line():
    c = hr.Circuit("twice")
    x = c.input("x[0]", hr.Normal())
    shared = c.affine([2.0], [x], 1.0)
    named = c.set_name(shared * x, "my product")
    c.output("z", named * shared)
    c.output("w", c.constant(-2.0))
    assert lines(c) == ["let w1 = 2*x[0] + 1", 'let "my product" = w1*x[0]', 'z = "my product"*w1', "w = -2"]
    again = circuit_from_text(text_from_circuit(c))
    assert again.wire("my product").index == again.outputs["z"].index - 1


def test_wires_that_nobody_reads_are_left_out():
    c = hr.Circuit("dead")
    x = c.input("x", hr.Normal())
    c.output("z", x)
    _ = x * x
    assert lines(c) == ["z = x"]


def test_a_wide_sum_and_a_deep_chain_are_read_back():
    c = hr.Circuit("large")
    x = c.input("x", hr.Normal(), count=3000)
    total = x.sum()
    for k in range(3000):
        total = total * x[k] + 1.0
    c.output("z", total)
    text = text_from_circuit(c)
    assert max(len(line) for line in text.splitlines()[3003:]) < 400
    again = circuit_from_text(text)
    assert len(again) == len(c)


def build(text: str) -> tuple[hr.Circuit, dict[float, float]]:
    """A circuit of one input x, and its output at some points."""
    circuit = circuit_from_text('input x ~ {"law": "normal", "mean": 0, "std": 1}\n' + text)
    index = circuit.inputs[0].index
    return circuit, {x: evaluate(circuit, {index: x})[circuit.outputs["y"].index] for x in POINTS}


@pytest.mark.parametrize(
    ("text", "function", "gates"),
    [
        ("y = x", lambda x: x, 0),
        ("y=1", lambda x: 1, 0),
        ("y = -x", lambda x: -x, 1),
        ("y = --+x", lambda x: x, 0),
        ("y = 2*x + 3 - 0.5*x - x", lambda x: 0.5 * x + 3, 1),
        ("y = -x**2", lambda x: -(x**2), 2),
        ("y = -x*x", lambda x: -x * x, 2),
        ("y = x*-x", lambda x: -x * x, 2),
        ("y = 2*x*3*x", lambda x: 6 * x * x, 2),
        ("y = (x + 1)*(x + 1)", lambda x: (x + 1) ** 2, 2),
        ("y = (x + 1)**3", lambda x: (x + 1) ** 3, 3),
        ("y = x**0", lambda x: 1, 0),
        ("y = x**1", lambda x: x, 0),
        ("y = x**2**3", lambda x: x**8, 3),
        ("y = (x**2)**3 + x**4", lambda x: x**6 + x**4, 4),
        ("y = x**(1 + 1)", lambda x: x**2, 1),
        ("y = 2**3*x**(2)", lambda x: 8 * x**2, 2),
        ("y = 1e-3*x + .5 + 1.", lambda x: 1e-3 * x + 1.5, 1),
        ("y = x - x", lambda x: 0, 0),
        ("y = 0*x + 2", lambda x: 2, 0),
        ("y = (((x)))", lambda x: x, 0),
        ("  y   =  x  \r", lambda x: x, 0),
        ("let a = x + 1\nlet b = a\ny = a*b", lambda x: (x + 1) ** 2, 2),
        ('let "a b" = x + 1\ny = "a b"*x', lambda x: (x + 1) * x, 2),
        ("# a comment\n\nlet x_1 = x*x\n# another\ny = x_1", lambda x: x * x, 1),
        ("let let = x + 1\ny = let", lambda x: x + 1, 1),
        ("input = x\nlet = x\ncircuit = x\ny = x", lambda x: x, 0),
    ],
)
def test_the_grammar(text, function, gates):
    circuit, values = build(text)
    assert values == {x: pytest.approx(function(x)) for x in POINTS}
    assert sum(circuit.gate_name(wire) not in ("input", "constant") for wire in range(len(circuit))) == gates


def test_what_occurs_twice_is_one_wire():
    circuit, _ = build("z = (x + 1)**2 + x\ny = 3 + (x + 1)*(x + 1)")
    assert len(circuit) == 5


def test_sums_that_can_only_be_0_or_1_are_boolean():
    circuit = circuit_from_text(
        'input a, b ~ {"law": "joint_discrete", "values": [[0, 1], [1, 0]], "probs": [0.5, 0.5]}\ny = 1 - a\nz = a + b - a*b\nw = a + b'
    )
    assert [wire.boolean for wire in circuit.outputs.values()] == [True, True, False]


def test_the_circuit_is_named_by_its_line_or_by_the_caller():
    assert circuit_from_text("y = 1", name="file").name == "file"
    assert circuit_from_text('circuit "my file"\ny = 1', name="file").name == "my file"


X = 'input x ~ {"law": "sign"}\n'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("# heurest expressions, version 2", "line 1: expected version 1, found '2'"),
        ("hello world", "line 1: expected '=', found 'world'"),
        ("3 = x", "line 1: expected a line 'name = expression', 'input ...', 'let ...' or 'circuit ...', found '3 = x'"),
        ("= x", "line 1: expected a line 'name = expression'"),
        ("{", "line 1: expected a line 'name = expression'"),
        ("y =", "line 1: expected a number, a name or '(', found the end of the line"),
        ("y", "line 1: expected '=', found the end of the line"),
        (X + "y = z", 'line 2: expected a name that is defined above, found "z"'),
        (X + "y = x\nz = y", 'line 3: expected a name that is defined above, found "y"'),
        (X + "y = x/2", "line 2: expected an operator or the end of the line, found '/2'"),
        (X + "y = 2x", "line 2: expected an operator or the end of the line, found 'x'"),
        (X + "y = (x", "line 2: expected ')', found the end of the line"),
        (X + "y = x)", "line 2: expected an operator or the end of the line, found ')'"),
        (X + "y = x**", "line 2: expected a number, a name or '(', found the end of the line"),
        (X + "y = x**-1", "line 2: expected an exponent that is an integer of at least 0, found '-1'"),
        (X + "y = x**0.5", "line 2: expected an exponent that is an integer of at least 0, found '0.5'"),
        (X + "y = x**x", "line 2: expected an exponent that is an integer of at least 0, found 'x'"),
        (X + "y = x**1e300", "line 2: expected an exponent from 0 to 1048576, found a longer one"),
        (X + "y = x**1048577", "line 2: expected an exponent from 0 to 1048576, found 1048577"),
        (X + "y = 1e999*x", "line 2: expected numbers within the float range, found inf"),
        (X + "y = 1e200*1e200*x", "line 2: expected numbers within the float range"),
        (X + "y = 1e308*x + 1e308*x", "line 2: expected numbers within the float range, found sums or products beyond it"),
        (X + "y = 10**400", "line 2: expected numbers within the float range, found 10.0**400"),
        (X + "y = " + "(" * 100_000, "line 2: expected at most 60 expressions inside each other, found more"),
        (X + "y = " + "2**" * 100_000 + "2", "line 2: expected at most 60 expressions inside each other, found more"),
        (X + 'y = "x', "line 2: expected a number, a name or '(', found '\"x'"),
        (X + 'y = "\\x"', "line 2: expected a name in quotes as in JSON, found"),
        (X + "y = x.__class__", "line 2: expected an operator or the end of the line, found '.__class__'"),
        (X + "y = x\ny = x", "line 3: an output named 'y' exists already"),
        (X + '"" = x', "line 2: an output must be named by a non-empty printable string, got ''"),
        (X + "let x = 1", 'line 2: expected a new name, found "x"'),
        (X + "let a = x\nlet a = x", 'line 3: expected a new name, found "a"'),
        (X + 'let a = x\ninput a ~ {"law": "sign"}', 'line 3: expected a new name, found "a"'),
        (X + X, 'line 2: expected a new name, found "x"'),
        ('input x, x ~ {"law": "multivariate_normal", "mean": [0, 0], "cov": [[1, 0], [0, 1]]}', "line 1: a wire named 'x' exists already"),
        ('input x, y ~ {"law": "sign"}', "line 1: expected 1 names, as sign governs 1, found 2"),
        ("input x", "line 1: expected '~', found the end of the line"),
        ("input x, ~ 3", "line 1: expected a name, found '~ 3'"),
        ("input x ~", "line 1, after '~', line 1, column 1: expected a value, found the end of the text"),
        ("input x ~ NaN", "line 1, after '~', line 1: expected finite numbers, found NaN"),
        ('input x ~ {"law": "cauchy"}', "line 1: law: unknown law 'cauchy'"),
        ("circuit a\ncircuit b", "line 2: expected one 'circuit' line, found another"),
        ('circuit ""', "line 1: a circuit must be named by a non-empty printable string, got ''"),
        ("circuit a b", "line 1: expected an operator or the end of the line, found 'b'"),
    ],
)
def test_what_is_wrong_is_named(text, message):
    with pytest.raises(hr.FormatError) as caught:
        circuit_from_text(text, "demo.sym")
    assert str(caught.value).startswith(f"demo.sym, {message}")
    assert str(caught.value).isprintable()


WHOLE = text_from_circuit(every_detail())


@given(st.integers(0, len(WHOLE)), st.integers(0, 12), st.text('()*+-= xyz_[]{}",:~#0123456789.e\n', max_size=6) | st.text(max_size=3))
def test_a_damaged_file_is_refused_or_another_circuit(start, length, piece):
    circuit = read_or_refused(circuit_from_text, WHOLE[:start] + piece + WHOLE[start + length :])
    if circuit is not None:
        text_from_circuit(circuit)


@given(st.text('()*+-= xy"1.e~', max_size=25))
def test_any_expression_is_refused_or_a_circuit(text):
    read_or_refused(circuit_from_text, 'input x ~ {"law": "sign"}\ny = ' + text)


def test_a_second_reading_changes_nothing():
    c = hr.Circuit("stable")
    x = c.input("x", hr.Normal(), count=3)
    c.output("z", (x[0] + 2 * x[1]) ** 2 * x[2] - 3 * x[0] ** 3)
    once = circuit_from_text(text_from_circuit(c))
    assert_same(once, circuit_from_text(text_from_circuit(once)))
