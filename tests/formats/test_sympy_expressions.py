"""Sympy: circuits and expressions are the same polynomials, shared parts are built once, other expressions are refused by name."""

from __future__ import annotations

import itertools

import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

import heurest as hr
from heurest.formats.sympy_expressions import from_sympy, to_sympy
from support.enumeration import evaluate
from support.strategies import circuits

x, y, z = sympy.symbols("x y z")
LAWS = {"x": hr.Normal(), "y": hr.Uniform(-1, 1), "z": hr.Sign()}
POINTS = (-1.5, 0.0, 1.0, 2.0)


def outputs(circuit: hr.Circuit, values: tuple[float, ...]) -> dict[str, float]:
    wires = evaluate(circuit, dict(zip((wire.index for wire in circuit.inputs), values, strict=True)))
    return {name: wires[wire.index] for name, wire in circuit.outputs.items()}


@given(circuits(max_inputs=2, max_degree=6))
def test_a_circuit_and_its_expressions_agree(circuit):
    expressions = to_sympy(circuit)
    assert list(expressions) == list(circuit.outputs)
    symbols = [sympy.Symbol(wire.name) for wire in circuit.inputs]
    points = [(0.0, 1.0) if wire.boolean else POINTS for wire in circuit.inputs]
    for values in itertools.islice(itertools.product(*points), 0, 64, 7):
        found = outputs(circuit, values)
        size = max(map(abs, evaluate(circuit, dict(zip((wire.index for wire in circuit.inputs), values, strict=True)))))
        for name, expression in expressions.items():
            assert float(expression.subs(dict(zip(symbols, values, strict=True)))) == pytest.approx(found[name], rel=1e-9, abs=1e-12 * size)


@given(circuits(max_inputs=2, max_degree=6, joint=False))
def test_there_and_back_is_the_same_polynomial(circuit):
    laws = {wire.name: group.law for wire, group in zip(circuit.inputs, circuit.groups, strict=True)}
    again = from_sympy(to_sympy(circuit), laws, "again")
    points = [(0.0, 1.0) if wire.boolean else POINTS for wire in circuit.inputs]
    for values in itertools.islice(itertools.product(*points), 0, 64, 7):
        size = max(map(abs, evaluate(circuit, dict(zip((wire.index for wire in circuit.inputs), values, strict=True)))))
        assert outputs(again, values) == pytest.approx(outputs(circuit, values), rel=1e-9, abs=1e-12 * size)


@st.composite
def polynomials(draw, depth=3):
    if depth == 0 or draw(st.booleans()):
        return draw(st.sampled_from([x, y, z, sympy.Integer(2), sympy.Rational(-1, 3), sympy.Float(0.25)]))
    a, b = draw(polynomials(depth - 1)), draw(polynomials(depth - 1))
    return draw(st.sampled_from([a + b, a * b, a - b, a ** draw(st.integers(0, 3))]))


@given(polynomials())
def test_any_polynomial_becomes_a_circuit(expression):
    circuit = from_sympy(expression, LAWS)
    for values in itertools.islice(itertools.product(POINTS, repeat=3), 0, 64, 5):
        expected = float(sympy.N(expression.subs(dict(zip((x, y, z), values, strict=True)))))
        assert outputs(circuit, values)["output"] == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_expressions_of_a_small_circuit():
    c = hr.Circuit("small")
    a, b = c.input("x", hr.Normal()), c.input("y", hr.Bernoulli(0.5))
    c.output("sum", c.affine([2.0, 0.1], [a, b], -1.0))
    c.output("not", ~b)
    c.output("square", b & b)
    c.output("constant", c.constant(3.0))
    c.output("input", a)
    assert to_sympy(c) == {"sum": 2 * x + 0.1 * y - 1, "not": 1 - y, "square": y**2, "constant": sympy.Integer(3), "input": x}


def test_dense_layers_are_written_out():
    c = hr.Circuit("layer")
    c.output("h", c.affine([[1.0, 2.0], [3.0, 4.0]], c.input("x", hr.Normal(), count=2), [5.0, 6.0]))
    p, q = sympy.Symbol("x[0]"), sympy.Symbol("x[1]")
    assert to_sympy(c) == {"h[0]": p + 2 * q + 5, "h[1]": 3 * p + 4 * q + 6}


def test_shared_parts_are_built_once():
    circuit = from_sympy({"a": (x + y) ** 2 * z, "b": (x + y) ** 3 + (x + y) ** 2}, LAWS)
    gates = [circuit.gate_name(wire) for wire in range(3, len(circuit))]
    assert sorted(gates) == ["affine", "affine", "multiply", "multiply", "square"]  # x + y, its square, its cube, a, b


def test_a_polynomial_that_is_an_exponential_tree_stays_small():
    expression = x
    for _ in range(40):
        expression = sympy.Mul(expression + 1, expression, evaluate=False)
    circuit = from_sympy(expression, LAWS)
    assert len(circuit) == 3 + 80


def test_a_deep_expression_does_not_recurse():
    expression = x
    for _ in range(300):
        expression = sympy.Add(sympy.Mul(expression, y, evaluate=False), sympy.Integer(1), evaluate=False)
    assert len(from_sympy(expression, LAWS)) == 3 + 600


def test_a_circuit_too_deep_for_sympy_is_intractable(monkeypatch):
    c = hr.Circuit("deep")
    c.output("y", c.input("x", hr.Normal()) ** 2)

    def overflow(*_):
        raise RecursionError

    monkeypatch.setattr(sympy, "Pow", overflow)
    with pytest.raises(hr.IntractableError, match="to_sympy: the gates of circuit 'deep' follow each other too deeply for sympy"):
        to_sympy(c)


def test_joint_laws_have_a_stem_or_names():
    law = hr.MultivariateNormal([0.0, 0.0], [[1.0, 0.5], [0.5, 1.0]])
    circuit = from_sympy(sympy.Symbol("m[0]") * x + y, {"m": law, ("x", "y"): law}, "joint")
    assert [wire.name for wire in circuit.inputs] == ["m[0]", "m[1]", "x", "y"]
    assert circuit.name == "joint"


def test_numbers_become_floats():
    circuit = from_sympy({"pi": sympy.pi * x, "third": sympy.Rational(1, 3) + x, "plain": 2.5, "int": 7}, LAWS)
    assert circuit.terms(circuit.outputs["pi"].index)[2].tolist() == [3.141592653589793]
    assert circuit.terms(circuit.outputs["third"].index)[0] == 1 / 3
    assert [circuit.value[circuit.outputs[name].index] for name in ("plain", "int")] == [2.5, 7.0]


def test_negations_of_bits_are_boolean():
    circuit = from_sympy({"not": 1 - x, "or": x + y - x * y, "sum": x + y}, {"x": hr.Bernoulli(0.5), "y": hr.Bernoulli(0.5)})
    assert [wire.boolean for wire in circuit.outputs.values()] == [True, True, False]


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        (1 + x * sympy.sin(y), "expected sums, products and powers of symbols and numbers, found sin(y)"),
        (x / y, "found 1/y"),
        (x**0.5, "found x**0.5"),
        (sympy.sqrt(x + 1) + y, "found sqrt(x + 1)"),
        (x**y, "found x**y"),
        (sympy.I * x, "found I"),
        (x + sympy.oo, "expected numbers within the float range"),
        (sympy.nan + x, "expected numbers within the float range"),
        (sympy.zoo * x, "found zoo"),
        (x + 10**400, "expected numbers within the float range"),
        (x ** (2**21), "expected an exponent from 0 to 1048576, found 2097152"),
        (sympy.Symbol("q") + x, "expected symbols with a law (x, y, z), found q"),
        (sympy.Matrix([x]), "expected a sympy expression"),
        (sympy.Eq(x, y), "expected a sympy expression"),
        ("x + 1", 'expected a sympy expression, found "x + 1"'),
        (True, "expected a sympy expression, found true"),
        (sympy.Integral(x, (x, 0, 1)), "expected sums, products and powers"),
    ],
)
def test_what_is_no_polynomial_is_named(expression, message):
    with pytest.raises(hr.FormatError) as caught:
        from_sympy({"first": x, "f": expression}, LAWS)
    assert str(caught.value).startswith("output 'f': expected ")
    assert message in str(caught.value)
    assert str(caught.value).isprintable()


def test_wrong_laws_and_names_are_circuit_errors():
    with pytest.raises(hr.CircuitError, match="a law such as"):
        from_sympy(x, {"x": 3})
    with pytest.raises(hr.CircuitError, match="must be named"):
        from_sympy({"": x}, LAWS)
    with pytest.raises(hr.CircuitError, match="must be named"):
        from_sympy({3: x}, LAWS)
