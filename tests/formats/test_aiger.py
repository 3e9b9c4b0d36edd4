"""ASCII AIGER: the circuit computes what the graph says, and whatever is wrong is one FormatError with its line."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given

import heurest as hr
from heurest.formats.aiger import circuit_from_aiger
from support.aiger_files import assert_computes, graphs
from support.same_circuit import assert_same

HALF_ADDER = "aag 7 2 0 2 3\n2\n4\n6\n12\n6 13 15\n12 2 4\n14 3 5\ni0 x\ni1 y\no0 s\no1 c\nc\nhalf adder\n"


def load(text: str | bytes) -> hr.Circuit:
    return circuit_from_aiger(text if isinstance(text, bytes) else text.encode(), "demo.aag", "demo")


@given(graphs())
def test_the_circuit_computes_what_the_graph_says(text):
    circuit = load(text)
    assert_computes(circuit, text)
    assert circuit.boolean.all()
    assert list(circuit.outputs) == [f"o{k}" for k in range(len(circuit.outputs))]


@given(graphs())
def test_each_literal_has_one_wire(text):
    circuit = load(text)
    ands = int(text.split()[5])
    names = [circuit.gate_name(wire) for wire in range(len(circuit))]
    assert names.count("and") == ands
    negated = [int(circuit.terms(wire)[1][0]) for wire in range(len(circuit)) if names[wire] == "affine"]
    constants = [float(circuit.value[wire]) for wire in range(len(circuit)) if names[wire] == "constant"]
    assert len(set(negated)) == len(negated)
    assert len(set(constants)) == len(constants)


@given(graphs(shuffled=False))
def test_ands_in_order_keep_their_order(text):
    circuit = load(text)
    ands = np.flatnonzero(circuit.gate == hr.GATES["and"].code)
    first = 1 + int(text.split()[2]) + int(text.split()[4])
    num_inputs = len(circuit.inputs)
    wire_of = {int(literal): wire for wire, literal in enumerate(text.splitlines()[1 : 1 + num_inputs])}
    for line, wire in zip(text.splitlines()[first:], ands.tolist(), strict=True):
        lhs, *operands = (int(part) for part in line.split())
        wire_of[lhs] = wire
        for literal, operand in zip(operands, (int(circuit.left[wire]), int(circuit.right[wire])), strict=True):
            if literal >= 2 and literal % 2 == 0:
                assert wire_of[literal] == operand
            elif literal >= 2:
                assert circuit.terms(operand)[1].tolist() == [wire_of[literal - 1]]


def test_names_laws_and_comments():
    circuit = load(HALF_ADDER)
    assert_computes(circuit, HALF_ADDER)
    assert [wire.name for wire in circuit.inputs] == ["x", "y"]
    assert list(circuit.outputs) == ["s", "c"]
    assert [group.law for group in circuit.groups] == [hr.Bernoulli(0.5)] * 2
    assert circuit.name == "demo"
    assert not circuit.frozen


@pytest.mark.parametrize(
    "text",
    [
        HALF_ADDER.replace("\n", "\r\n"),
        HALF_ADDER.replace("c\nhalf adder\n", ""),
        HALF_ADDER.replace("c\nhalf adder\n", "c"),
        HALF_ADDER.replace("half adder\n", "h\xe4lf \x00 i0 again\n\n"),
        HALF_ADDER.replace("aag 7 2 0 2 3", "aag 7 2 0 2 3 0 0 0 0"),
        HALF_ADDER.replace("aag 7", "aag 4000000000000"),
        HALF_ADDER.replace("i0 x", "\ni0 x"),
    ],
)
def test_what_does_not_matter_does_not_matter(text):
    assert_computes(load(text), HALF_ADDER)


def test_names_are_made_unique():
    circuit = load("aag 4 4 0 3 0\n2\n4\n6\n8\n2\n4\n6\ni1 i0\ni2 a b\ni3 a b\no0 o1\no2 i0\n")
    assert [wire.name for wire in circuit.inputs] == ["i0#2", "i0", "a b", "a b#2"]
    assert list(circuit.outputs) == ["o1", "o1#2", "i0"]


def test_symbols_may_repeat_what_made_them_unique():
    circuit = load("aag 3 3 0 0 0\n2\n4\n6\ni0 a#2\ni1 a\ni2 a\n")
    assert [wire.name for wire in circuit.inputs] == ["a#2", "a", "a#3"]


def test_an_empty_graph():
    assert len(load("aag 0 0 0 0 0\n")) == 0
    assert len(load("aag 0 0 0 0 0")) == 0


def test_constants_are_made_where_they_are_used():
    circuit = load("aag 2 1 0 3 1\n2\n0\n1\n4\n4 1 2\n")
    assert [circuit.gate_name(wire) for wire in range(len(circuit))] == ["input", "constant", "constant", "and"]
    assert [int(wire.index) for wire in circuit.outputs.values()] == [1, 2, 3]


def test_a_deep_chain_in_reverse_is_sorted():
    depth = 20_000
    lines = [f"{2 * k} {2 * k - 2} {2 * k - 1}" for k in range(2, depth + 2)]
    circuit = load("\n".join([f"aag {depth + 1} 1 0 1 {depth}", "2", str(2 * depth + 2), *reversed(lines)]))
    assert circuit.gate[1 + 2 * np.arange(depth)].tolist() == [hr.GATES["affine"].code] * depth  # each AND after the negation it reads
    assert len(circuit) == 2 * depth + 1


@given(graphs(latches=3))
def test_latches_are_cut_into_inputs_and_outputs(text):
    _, inputs, latches, outputs, _ = (int(part) for part in text.split()[1:6])
    notices: list[str] = []
    circuit = circuit_from_aiger(text.encode(), "demo.aag", "demo", notices)
    assert_computes(circuit, text)
    assert [wire.name for wire in circuit.inputs] == [f"i{k}" for k in range(inputs)] + [f"l{k}" for k in range(latches)]
    assert list(circuit.outputs) == [f"o{k}" for k in range(outputs)] + [f"l{k}.next" for k in range(latches)]
    assert [group.law for group in circuit.groups] == [hr.Bernoulli(0.5)] * (inputs + latches)
    assert len(notices) == (latches > 0)
    assert_same(circuit, load(text))


def test_a_counter_of_latches_alone():
    notices: list[str] = []
    text = "aag 5 0 2 0 3\n2 3\n4 9 1\n6 2 5\n8 7 11\n10 3 4\nl0 low\nl1 high\n"  # the next high is low ^ high
    circuit = circuit_from_aiger(text.encode(), "counter.aag", "counter", notices)
    assert_computes(circuit, text)
    assert [wire.name for wire in circuit.inputs] == ["low", "high"]
    assert list(circuit.outputs) == ["low.next", "high.next"]
    assert notices == ["counter.aag: 2 latches cut into an input, a fair bit, and an output each: 'low', 'high'; 'low.next', 'high.next'"]


def test_names_of_latches_are_made_unique():
    circuit = load("aag 2 1 1 2 0\n2\n4 2\n2\n4\ni0 q\nl0 q\no1 q#2.next\n")
    assert [wire.name for wire in circuit.inputs] == ["q", "q#2"]
    assert list(circuit.outputs) == ["o0", "q#2.next", "q#2.next#2"]


def test_many_names_that_are_the_same_take_no_long():
    count = 20_000
    symbols = "".join(f"i{k} same\n" for k in range(count))
    circuit = load(f"aag {count} {count} 0 0 0\n" + "".join(f"{2 * k}\n" for k in range(1, count + 1)) + symbols)
    assert circuit.inputs[-1].name == f"same#{count}"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1: expected the header 'aag M I L O A' (binary: 'aig M I L O A') of five numbers, found an empty line"),
        ("aag", "line 1: expected the header 'aag M I L O A' (binary: 'aig M I L O A') of five numbers, found 'aag'"),
        ("aag 1 2 3 4\n", "line 1: expected the header"),
        ("aag 1 2 3 4 5 6 7 8 9 10\n", "line 1: expected the header"),
        ("aag 1 1 0 x 0\n", "line 1: expected the header"),
        ("aag -1 0 0 0 0\n", "line 1: expected the header"),
        ("aag " + "9" * 30 + " 0 0 0 0\n", "line 1: expected the header"),
        ("AAG 1 1 0 0 0\n2\n", "line 1: expected the header"),
        ("\ufeffaag 1 1 0 0 0\n2\n", "line 1: expected the header"),
        ("aag 1 1 0 0 0\n2\n".encode("utf-16"), "line 1: expected the header"),
        (b"\x1f\x8b\x08\x00aag 1 1 0 0 0\n2\n", "line 1: expected the header"),
        ("aag 1 1 1 0 1\n2\n", "line 1: expected a largest variable of at least 1 inputs + 1 latches + 1 ANDs"),
        ("aag 2 1 1 0 0\n2\n", "line 3: expected latch 1 of 1, found the end of the file"),
        ("aag 2 1 1 0 0\n2\n4\n", "line 3: expected latch 1 of 1, 2 numbers and perhaps a reset value with single spaces between"),
        ("aag 2 1 1 0 0\n2\n4 2 0 0\n", "line 3: expected latch 1 of 1, 2 numbers and perhaps a reset value"),
        ("aag 2 1 1 0 0\n2\n4 2 2\n", "line 3: expected a reset value of 0, 1 or, for none, the latch's own literal 4, found 2"),
        ("aag 2 1 1 0 0\n2\n5 2\n", "line 3: expected an even literal of at least 2 for a latch, found 5"),
        ("aag 2 1 1 0 0\n2\n4 6\n", "line 3: expected literals up to 5, as the header says, found 6"),
        ("aag 3 1 1 0 0\n2\n4 6\n", "line 3: expected a literal that some input, latch or AND defines, found 6"),
        ("aag 2 1 1 0 0\n2\n2 2\n", "line 3: expected a literal that is not defined yet, found 2"),
        ("aag 3 1 1 1 1\n2\n4 2\n2\n4 2 2\n", "line 5: expected a literal that is not defined yet, found 4"),
        ("aag 1 1 0 0 0 1\n2\n2\n", "line 1: expected a circuit without properties (B, C, J, F all 0)"),
        ("aag 1 1 0 0 1\n2\n4 2 2\n", "line 1: expected a largest variable of at least 1 inputs + 1 ANDs"),
        ("aag 2 2 0 0 0\n2\n", "line 3: expected input 2 of 2, found the end of the file"),
        ("aag 1 1 0 2 0\n2\n2\n", "line 4: expected output 2 of 2, found the end of the file"),
        ("aag 9 1 0 0 3\n2\n4 2 2\n", "line 4: expected AND 2 of 3, found the end of the file"),
        ("aag 999999999 1 0 0 999999998\n2\n", "line 3: expected AND 1 of 999999998, found the end of the file"),
        ("aag 1 1 0 0 0\n2 4\n", "line 2: expected input 1 of 1, a number with single spaces between, found '2 4'"),
        ("aag 2 1 0 0 1\n2\n4 2\n", "line 3: expected AND 1 of 1, 3 numbers with single spaces between, found '4 2'"),
        ("aag 2 1 0 0 1\n2\n4 2  2\n", "line 3: expected AND 1 of 1, 3 numbers"),
        ("aag 2 1 0 0 1\n2\n4 2 2 \n", "line 3: expected AND 1 of 1, 3 numbers"),
        ("aag 2 1 0 0 1\n2\n4 2 -2\n", "line 3: expected AND 1 of 1, 3 numbers"),
        ("aag 3 1 0 0 2\n2\n4 2 2\n\n6 2 2\n", "line 4: expected AND 2 of 2, 3 numbers with single spaces between, found an empty line"),
        ("aag 3 1 0 0 2\n2\n4 2 2\n6 " + "2" * 19 + " 2\n", "line 4: expected AND 2 of 2, 3 numbers"),
        ("aag 3 1 0 0 2\n2\n4 2 2\ni0 x\n", "line 4: expected AND 2 of 2, 3 numbers with single spaces between, found 'i0 x'"),
        (b"aag 2 1 0 0 1\n2\n4 \xff 2\n", "line 3: expected AND 1 of 1, 3 numbers with single spaces between, found '4 \\\\xff 2'"),
        ("aag 1 1 0 0 0\n3\n", "line 2: expected an even literal of at least 2 for an input, found 3"),
        ("aag 1 1 0 0 0\n0\n", "line 2: expected an even literal of at least 2 for an input, found 0"),
        ("aag 1 1 0 0 0\n4\n", "line 2: expected literals up to 3, as the header says, found 4"),
        ("aag 1 1 0 1 0\n2\n9\n", "line 3: expected literals up to 3, as the header says, found 9"),
        ("aag 2 1 0 0 1\n2\n4 2 6\n", "line 3: expected literals up to 5, as the header says, found 6"),
        ("aag 2 1 0 0 1\n2\n5 2 2\n", "line 3: expected an even literal of at least 2 for an AND, found 5"),
        ("aag 2 1 0 0 1\n2\n0 2 2\n", "line 3: expected an even literal of at least 2 for an AND, found 0"),
        ("aag 2 2 0 0 0\n2\n2\n", "line 3: expected a literal that is not defined yet, found 2"),
        ("aag 2 1 0 0 1\n2\n2 2 2\n", "line 3: expected a literal that is not defined yet, found 2"),
        ("aag 3 1 0 0 2\n2\n4 2 2\n4 2 2\n", "line 4: expected a literal that is not defined yet, found 4"),
        ("aag 3 1 0 0 1\n2\n4 2 7\n", "line 3: expected a literal that some input, latch or AND defines, found 7"),
        ("aag 3 1 0 1 0\n2\n6\n", "line 3: expected a literal that some input, latch or AND defines, found 6"),
        ("aag 1 0 0 1 0\n2\n", "line 2: expected a literal that some input, latch or AND defines, found 2"),
        ("aag 2 1 0 0 1\n2\n4 4 2\n", "line 3: expected an AND that does not depend on itself, found the cycle 4 <- 4"),
        ("aag 4 1 0 0 3\n2\n4 7 2\n8 2 2\n6 2 5\n", "line 3: expected an AND that does not depend on itself, found the cycle 4 <- 6 <- 4"),
        ("aag 3 1 0 0 1\n2\n4 2 2\n6 4 4\n", "line 4: expected a symbol such as 'i0 name' or a line 'c' before comments"),
        ("aag 1 1 0 0 0\n2\ni0\n", "line 3: expected a symbol such as 'i0 name'"),
        ("aag 1 1 0 0 0\n2\ni1 x\n", "line 3: expected a symbol of i0 to i0, found 'i1 x'"),
        ("aag 1 1 0 1 0\n2\n2\nl0 x\n", "line 4: expected a symbol of i0 to i0 or o0 to o0, found 'l0 x'"),
        ("aag 0 0 0 0 0\no0 x\n", "line 2: expected no symbols, as there are neither inputs nor outputs, found 'o0 x'"),
        ("aag 1 1 0 0 0\n2\ni0 x\ni0 y\n", "line 4: expected one symbol for i0, found another: 'i0 y'"),
        (b"aag 1 1 0 0 0\n2\ni0 \xc3\xa4\n", "line 3: expected a name in ASCII, found byte 0xc3"),
        ("aag 1 1 0 0 0\n2\ni0 a\tb\n", 'line 3: expected a name of printable characters, found "a\\tb"'),
    ],
)
def test_what_is_wrong_is_named(text, message):
    with pytest.raises(hr.FormatError) as caught:
        load(text)
    assert str(caught.value).startswith("demo.aag, ")
    assert message in str(caught.value)
    assert str(caught.value).isprintable()


def test_a_long_cycle_is_shortened():
    count = 100
    lines = [f"{2 * k} {2 * k + 2} {2 * k + 2}" for k in range(2, count + 1)] + [f"{2 * count + 2} 4 4"]
    with pytest.raises(hr.FormatError, match=r"line 3: .* found the cycle 4 <- 6 <- 8 <- 10 <- \.\.\. <- 200 <- 202 <- 4$"):
        load("\n".join([f"aag {count + 1} 1 0 0 {count}", "2", *lines]))
