"""Method specifications: what they mean, and what is said of those that mean nothing."""

import contextlib
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

import heurest as hr
from heurest.methods import METHODS, parse_method
from support.boolean_circuits import literal_circuits
from support.strategies import FINITE_LAWS, circuits

#: Methods for circuits of 0/1 wires only; the others take real wires, too.
LOGIC = ("cop", "correlation", "covariance", "windowed")
REAL = [name for name in METHODS if name not in LOGIC]


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ("mean", hr.Mean()),
        ("cumulant", hr.Cumulant(2)),
        ("cumulant:3", hr.Cumulant(3)),
        ("cumulant:2:expansion=layer", hr.Cumulant(2, "layer")),
        ("cumulant:order=4,expansion=layer", hr.Cumulant(4, "layer")),
        ("mc:1_000", hr.Sampling(1000)),
        ("mc:500:seed=7", hr.Sampling(500, 7)),
    ],
)
def test_a_specification_names_an_estimator(spec, expected):
    assert parse_method(spec) == expected


@pytest.mark.parametrize("spec", ["mean", "cumulant:1", "cumulant:4:expansion=layer", "mc:100"])
def test_the_specification_of_an_estimator_names_it_again(spec):
    estimator = parse_method(spec)
    assert parse_method(estimator.spec) == estimator


def test_an_estimator_object_is_taken_as_it_is():
    estimator = hr.Cumulant(3)
    assert parse_method(estimator) is estimator


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("cumulants", r"unknown method 'cumulants'; known are mean, cumulant\[:order\]"),
        ("", "unknown method ''"),
        ("mean:3", "cannot read '3'; write mean"),
        ("cumulant:two", "order must be an integer, got 'two'"),
        ("cumulant:2:3", "cannot read '3'"),
        ("cumulant:2:depth=3", "cumulant has no parameter 'depth'"),
        ("cumulant:2:order=3", "parameter 'order' is given twice"),
        ("cumulant:0", "order must be an integer from 1 to 12, got 0"),
        ("cumulant:2:expansion=single", "expansion must be one of node, layer"),
        ("mc:0", "samples must be"),
        (hr.Mean, "a method must be a specification such as 'cumulant:2' or an estimator, got <class"),
        (3, "a method must be a specification such as 'cumulant:2' or an estimator, got 3"),
    ],
)
def test_a_specification_that_means_nothing_gets_one_line(spec, message):
    with pytest.raises(hr.ArgumentError, match=message) as caught:
        parse_method(spec)
    assert "\n" not in str(caught.value)


@given(st.text(alphabet="meancult:=,0123-x", max_size=20))
def test_no_text_gives_another_exception(text):
    with contextlib.suppress(hr.ArgumentError):
        parse_method(text)


@pytest.mark.parametrize("name", LOGIC)
def test_real_wires_are_refused_by_methods_for_logic(name):
    c = hr.Circuit("real")
    c.output("y", c.set_name(c.input("x", hr.Uniform(1, 2)) * 2.0, "twice"))
    with pytest.raises(hr.KindError, match=r"^circuit 'real': .* takes 0/1 wires only, but wire 0 \('x'\) is real$"):
        hr.estimate(c, name)


@pytest.mark.parametrize("name", METHODS)
def test_every_method_is_exact_on_constants_and_inputs_of_logic(name):
    c = hr.Circuit("plain")
    x = c.input("x", hr.Bernoulli(0.25))
    c.output("x", x)
    c.output("one", c.constant(1))
    c.output("not x", ~x)
    value = hr.estimate(c, name).value
    assert value == pytest.approx({"x": 0.25, "one": 1.0, "not x": 0.75}, abs=0.05 if name == "mc" else 1e-12)


@pytest.mark.parametrize("name", REAL)
def test_every_method_is_exact_on_constants_and_inputs(name):
    c = hr.Circuit("plain")
    x = c.input("x", hr.Discrete([1, 2], [0.5, 0.5]) if name == "maxent" else hr.Uniform(1, 2))
    c.output("x", x)
    c.output("two", c.constant(2.0))
    c.output("sum", 3 * x + 1)
    value = hr.estimate(c, name).value
    tolerance = 0.05 if name == "mc" else 1e-12
    assert value == pytest.approx({"x": 1.5, "two": 2.0, "sum": 5.5}, abs=tolerance)
    assert list(value) == ["x", "two", "sum"]


@pytest.mark.parametrize("name", METHODS)
@given(data=st.data())
def test_every_method_gives_the_same_answer_twice(name, data):
    finite = {"laws": FINITE_LAWS, "joint": False} if name == "maxent" else {}
    circuit = data.draw(literal_circuits() if name in LOGIC else circuits(max_degree=4, max_gates=4, **finite))
    first, second = (hr.estimate(circuit, name).value for _ in range(2))
    assert all(a == b or (math.isnan(a) and math.isnan(b)) for a, b in zip(first.values(), second.values(), strict=True))


@pytest.mark.parametrize("name", METHODS)
def test_renaming_inputs_changes_nothing(name):
    def build(names):
        c = hr.Circuit("named")
        if name in LOGIC:
            a, b = (c.input(n, hr.Bernoulli(0.3)) for n in names)
            c.output("o", (a ^ b) & ~a)
            return hr.estimate(c, name).value["o"]
        law = hr.Discrete([0, 1, 3], [0.5, 0.25, 0.25]) if name == "maxent" else hr.Exponential(1.0)
        x, y = (c.input(n, law) for n in names)
        c.output("o", (x + y) ** 2 * x)
        return hr.estimate(c, name).value["o"]

    assert build(["x", "y"]) == build(["b", "a"])


@pytest.mark.parametrize("name", METHODS)
def test_an_estimate_can_be_written_as_json(name):
    import json

    c = hr.Circuit("square")
    law = hr.Sign() if name == "maxent" else hr.Bernoulli(0.5) if name in LOGIC else hr.Normal(1, 2)
    c.output("o", c.input("x", law) ** 2)
    result = hr.estimate(c, name)
    data = json.loads(json.dumps(result.to_dict(), allow_nan=False))
    assert data["circuit"] == "square"
    assert data["method"] == result.method
    assert data["value"] == result.value
    assert set(data["seconds"]) >= {"compile", "plan", "run"}


def test_a_circuit_without_outputs_is_refused():
    c = hr.Circuit("empty")
    c.input("x", hr.Normal())
    with pytest.raises(hr.CircuitError, match="circuit 'empty' has no output"):
        hr.estimate(c, "mean")


def test_handing_a_circuit_over_freezes_it():
    c = hr.Circuit("frozen")
    x = c.input("x", hr.Normal())
    c.output("o", x)
    hr.estimate(c, "mean")
    with pytest.raises(hr.CircuitError, match="is frozen"):
        _ = x + 1
