"""DIMACS formulas: their models are the settings of the inputs, each with what the circuit computes."""

from __future__ import annotations

import itertools
import re

import pytest
from hypothesis import given

import heurest as hr
from heurest.formats.dimacs import dimacs_from_circuit
from support.boolean_circuits import literal_circuits
from support.netlists import computed


def models(text: str) -> list[tuple[int, ...]]:
    """Every setting of the variables that satisfies all clauses, by trying them all."""
    (header,) = re.findall(r"^p cnf (\d+) (\d+)$", text, re.MULTILINE)
    clauses = [[int(part) for part in line.split()] for line in text.splitlines() if line[0] not in "cp"]
    assert len(clauses) == int(header[1])
    assert all(clause[-1] == 0 and 0 not in clause[:-1] for clause in clauses)
    assert all(abs(literal) <= int(header[0]) for clause in clauses for literal in clause)
    found = []
    for bits in itertools.product((0, 1), repeat=int(header[0])):
        if all(any(bits[abs(literal) - 1] == (literal > 0) for literal in clause[:-1]) for clause in clauses):
            found.append(bits)
    return found


def named(text: str, kind: str) -> dict[str, int]:
    return {name: int(literal) for literal, name in re.findall(rf"^c {kind} (-?\d+) (.*)$", text, re.MULTILINE)}


def projected(text: str) -> dict[tuple[int, ...], dict[str, int]]:
    """The values of the outputs in each model, by the values of the inputs."""
    inputs, outputs = named(text, "input"), named(text, "output")
    assert list(inputs.values()) == list(range(1, len(inputs) + 1))
    satisfying = models(text)
    values = {
        model[: len(inputs)]: {name: model[abs(literal) - 1] ^ (literal < 0) for name, literal in outputs.items()} for model in satisfying
    }
    assert len(values) == len(satisfying)  # the gates follow from the inputs
    return values


@given(literal_circuits(max_inputs=3, max_gates=5, joint=False))
def test_models_are_the_settings_of_the_inputs_with_the_outputs(circuit):
    truth = computed(circuit)
    inputs = list(itertools.product((0, 1), repeat=len(circuit.inputs)))
    expected = {bits: {name: column[k] for name, column in truth.items()} for k, bits in enumerate(inputs)}
    assert projected(dimacs_from_circuit(circuit)) == expected
    asserted = {bits: values for bits, values in expected.items() if all(values.values())}
    assert projected(dimacs_from_circuit(circuit, assert_outputs=True)) == asserted
    assert not circuit.frozen


def test_several_outputs_and_constants():
    c = hr.Circuit("demo")
    a, b = c.input(["a", "b c"], hr.Bernoulli(0.5))
    c.output("zero", c.constant(0.0))
    c.output("one", a | ~a)
    c.output("a", a)
    c.output("not both", ~(a & b))
    text = dimacs_from_circuit(c)
    assert named(text, "input") == {"a": 1, "b c": 2}
    assert projected(text) == {(x, y): {"zero": 0, "one": 1, "a": x, "not both": 1 - x * y} for x, y in itertools.product((0, 1), repeat=2)}
    assert models(dimacs_from_circuit(c, assert_outputs=True)) == []


def test_asserted_outputs_may_be_constants_that_hold():
    c = hr.Circuit("demo")
    a = c.input("a", hr.Bernoulli(0.5))
    c.output("one", c.constant(1.0))
    c.output("a", a)
    assert [model[0] for model in models(dimacs_from_circuit(c, assert_outputs=True))] == [1]


def test_inputs_that_nothing_reads_are_free():
    c = hr.Circuit("inputs")
    c.input(["a", "b"], hr.Bernoulli(0.5))
    text = dimacs_from_circuit(c)
    assert text == "c circuit inputs\nc input 1 a\nc input 2 b\np cnf 2 0\n"
    assert len(models(text)) == 4


def test_laws_are_left_out_with_a_notice():
    c = hr.Circuit("laws")
    notices: list[str] = []
    c.output("y", c.input("a", hr.Bernoulli(0.25)))
    dimacs_from_circuit(c, notices=notices)
    assert notices == ["circuit 'laws': input law that .cnf files cannot hold, a fair bit when read back, of \"a\""]


def test_real_wires_are_named():
    c = hr.Circuit("real")
    c.output("y", c.input("x", hr.Normal()) + 1)
    with pytest.raises(hr.KindError, match=r"^circuit 'real': \.cnf files hold 0/1 wires only, but wire 0 \('x'\) is real$"):
        dimacs_from_circuit(c)
