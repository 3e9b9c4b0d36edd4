"""Exclusive ors and multiplexers in AIGER files: found in every spelling, never at the price of another function."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given

import heurest as hr
from heurest.formats.aiger import circuit_from_aiger
from heurest.formats.aiger_writer import aiger_text_from_circuit
from heurest.formats.circuit_json import dumps, loads
from support.aiger_files import (
    Writer,
    assert_computes,
    exclusive_or,
    exclusive_or_of_nands,
    graphs,
    multiplexer,
    patterned_graphs,
    random_text,
)
from support.same_circuit import assert_same


def load(text: str, recognise: bool = True) -> hr.Circuit:
    return circuit_from_aiger(text.encode(), "demo", "demo", recognise=recognise)


def ands(circuit: hr.Circuit) -> int:
    return int((circuit.gate == hr.GATES["and"].code).sum())


def sums(circuit: hr.Circuit) -> list[tuple[float, ...]]:
    """Bias and coefficients of the affine gates that are no negations."""
    found = (circuit.terms(wire) for wire in range(len(circuit)) if circuit.gate_name(wire) == "affine")
    return [(bias, *coefficients.tolist()) for bias, operands, coefficients in found if len(operands) > 1]


XOR, XNOR = (0.0, 1.0, 1.0, -2.0), (1.0, -1.0, -1.0, 2.0)
MUX, INVERSE_MUX = (0.0, 1.0, 1.0, -1.0), (1.0, -1.0, -1.0, 1.0)


@given(patterned_graphs())
def test_the_circuit_computes_what_the_graph_says(text):
    circuit = load(text)
    assert_computes(circuit, text)
    assert ands(circuit) <= ands(load(text, recognise=False)) + 2 * len(sums(circuit))
    assert_same(loads(dumps(circuit)), circuit)  # whose reader checks that each sum can only be 0 or 1


@given(graphs(latches=2))
def test_any_graph_keeps_its_function(text):
    circuit = load(text)
    assert_computes(circuit, text)
    assert_same(loads(dumps(circuit)), circuit)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_large_graphs_keep_their_function(seed):
    text = random_text(inputs=30, ands=1500, seed=seed)
    circuit = load(text)
    assert_computes(circuit, text)
    assert len(sums(circuit)) > 150  # a quarter of the steps write an exclusive or, a quarter a multiplexer


@pytest.mark.parametrize("write", [exclusive_or, exclusive_or_of_nands])
@pytest.mark.parametrize(("a", "b", "inverted"), [*itertools.product((2, 3), (4, 5), (0, 1))])
def test_an_exclusive_or_is_one_product_and_one_sum(write, a, b, inverted):
    writer = Writer(2)
    text = writer.text([write(writer, a, b) ^ inverted])
    circuit = load(text)
    assert_computes(circuit, text)
    assert ands(circuit) == 1
    assert sums(circuit) == [XNOR if (a + b + inverted) % 2 else XOR]
    assert len(circuit) == 2 + 2


@pytest.mark.parametrize(("select", "high", "low", "inverted"), [*itertools.product((2, 3), (4, 5), (6, 7), (0, 1))])
def test_a_multiplexer_is_two_products_and_one_sum(select, high, low, inverted):
    writer = Writer(3)
    text = writer.text([multiplexer(writer, select, high, low) ^ inverted])
    circuit = load(text)
    assert_computes(circuit, text)
    assert ands(circuit) == 2
    assert sums(circuit) in ([MUX], [INVERSE_MUX])
    negated = sum(circuit.gate_name(wire) == "affine" for wire in range(len(circuit))) - 1
    assert negated == (high % 2 != low % 2)
    assert len(circuit) == 3 + 3 + negated


def test_inner_ands_that_others_read_are_kept_and_shared():
    writer = Writer(2)
    text = writer.text([exclusive_or(writer, 2, 4), 6, 8])  # x & ~y and ~x & y are outputs, too
    circuit = load(text)
    assert_computes(circuit, text)
    assert ands(circuit) == 2
    assert len(sums(circuit)) == 1


@pytest.mark.parametrize("carry_first", [False, True])
def test_a_half_adder_has_one_product(carry_first):
    writer = Writer(2)
    carry = writer.conjunction(4, 2) if carry_first else 0
    total = exclusive_or(writer, 2, 4)
    text = writer.text([total, carry or writer.conjunction(4, 2)])
    circuit = load(text)
    assert_computes(circuit, text)
    assert ands(circuit) == 1
    assert sums(circuit) == [XOR]


def test_multiplexers_of_neighbours_share_their_products():
    count = 8
    writer = Writer(count + 1)
    data = writer.inputs[1:]
    text = writer.text([multiplexer(writer, 2, data[(k + 1) % count], data[k]) for k in range(count)])  # a row of a barrel shifter
    circuit = load(text)
    assert_computes(circuit, text)
    assert len(sums(circuit)) == count
    assert ands(circuit) == count  # select & data[k], read by two of them


@pytest.mark.parametrize(
    "outputs",
    [
        lambda writer: [multiplexer(writer, 2, 0, 4)],
        lambda writer: [multiplexer(writer, 2, 4, 1)],
        lambda writer: [multiplexer(writer, 2, 4, 4)],
        lambda writer: [multiplexer(writer, 2, 3, 4)],
        lambda writer: [exclusive_or(writer, 2, 2)],
        lambda writer: [exclusive_or(writer, 2, 1)],
        lambda writer: [writer.conjunction(writer.conjunction(2, 4) ^ 1, 7)],
    ],
)
def test_what_is_simpler_stays_ands(outputs):
    writer = Writer(2)
    text = writer.text(outputs(writer))
    circuit = load(text)
    assert_computes(circuit, text)
    assert sums(circuit) == []


def test_ands_that_feed_no_output_stay():
    circuit = load("aag 4 2 0 1 2\n2\n4\n6\n6 2 4\n8 3 6\n")
    assert ands(circuit) == 2


def test_a_long_chain_of_multiplexers_in_each_other_takes_no_long():
    writer = Writer(3)
    select, result = 2, 4
    for _ in range(20_000):
        select = writer.conjunction(select, 6)
        result = writer.conjunction(select ^ 1, result ^ 1)  # both operands read the select before; the second is such an AND itself
    circuit = load(writer.text([result]))
    assert len(circuit) <= 3 + 2 * len(writer.ands)


def test_an_adder_is_estimated_better():
    bits = 12
    text = aiger_text_from_circuit(hr.adder(bits))
    outputs = [0.5] * bits + [(1 - 2.0**-bits) / 2]  # sum bits are fair; a + b >= 2**bits for this share of the pairs
    errors = []
    for recognise in (False, True):
        estimate = hr.estimate(load(text, recognise), "cumulant:2").value
        errors.append(np.abs(np.array(list(estimate.values())) - outputs).mean())
    assert errors[1] < 0.1 * errors[0]
