"""The check of sums marked boolean: never too lenient, and strict only about what it does not look into."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

import heurest as hr
from heurest.circuit.boolean_sums import boolean_sum_fault
from support.enumeration import evaluate


def fault(circuit: hr.Circuit, bias: float, coefficients: list[float], wires: list[int]) -> str | None:
    columns = (column.tolist() for column in (circuit.gate, circuit.left, circuit.right))
    return boolean_sum_fault(bias, coefficients, wires, *columns)


def values(circuit: hr.Circuit, bias: float, coefficients: list[float], wires: list[int]) -> set[float]:
    """All values that the sum takes."""
    inputs = [wire.index for wire in circuit.inputs]
    found = set()
    for bits in itertools.product((0.0, 1.0), repeat=len(inputs)):
        value = evaluate(circuit, dict(zip(inputs, bits, strict=True)))
        found.add(bias + sum(a * value[w] for a, w in zip(coefficients, wires, strict=True)))
    return found


@st.composite
def sums(draw):
    c = hr.Circuit("sums")
    wires = list(c.input("b", hr.Bernoulli(0.5), count=3))
    for _ in range(draw(st.integers(0, 4))):
        a, b = draw(st.sampled_from(wires)), draw(st.sampled_from(wires))
        wires.append(draw(st.sampled_from([a & b, a * b])))
    operands = draw(st.lists(st.integers(0, len(c) - 1), max_size=4))
    return c, draw(st.sampled_from([0.0, 1.0])), [draw(st.sampled_from([-2.0, -1.0, 1.0])) for _ in operands], operands


@given(sums())
def test_what_passes_is_always_0_or_1(case):
    if fault(*case) is None:
        assert values(*case) <= {0.0, 1.0}


@given(sums())
def test_over_free_bits_what_is_always_0_or_1_passes(case):
    circuit, _, _, wires = case
    if all(circuit.gate_name(wire) == "input" for wire in wires):
        assert (fault(*case) is None) == (values(*case) <= {0.0, 1.0})


@pytest.mark.parametrize("gate", ["not", "or", "xor", "nor", "xnor", "mux", "nand"])
def test_lowered_gates_pass_over_any_operands(gate):
    c = hr.Circuit("gates")
    b = c.input("b", hr.Bernoulli(0.5), count=3)
    both = b[0] & b[1]
    operands = [b[0], b[2], both, b[0] * b[2], both & b[2], ~both, both ^ b[2]]
    for chosen in itertools.product(operands, repeat=hr.GATES[gate].fan_in or 1):
        wire = c.apply(gate, *chosen).index
        bias, wires, coefficients = c.terms(wire)
        assert fault(c, bias, coefficients.tolist(), wires.tolist()) is None


def test_many_nested_products_are_looked_into_once():
    c = hr.Circuit("nested")
    wires = [c.input("b", hr.Bernoulli(0.5))]
    for _ in range(60):
        wires.append(wires[-1] & wires[-1])
    indices = [wire.index for wire in wires]
    assert fault(c, 0.0, [1.0, -1.0] * 30 + [1.0], indices) is None  # all are b
    assert fault(c, 0.0, [1.0] * 61, indices) == "one that can be 61"


def test_too_many_free_bits_are_refused():
    assert boolean_sum_fault(0.0, [1.0] * 13, range(13), [0] * 13, [0] * 13, [0] * 13) == "a sum over 13 wires, more than can be checked"
