"""Binary AIGER: the same circuit as the ASCII file, whatever is wrong named with its line or byte, and memory bounded by the file."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import heurest as hr
from heurest.formats.aiger import circuit_from_aiger
from heurest.formats.aiger_binary import SPARE_INPUTS, encoded_deltas, read_binary
from support.aiger_files import Writer, as_binary, assert_computes, graphs, random_text, seven_bits
from support.same_circuit import assert_same

# ~(x & ~y) & ~(~x & y) and x & y, of x = 2 and y = 4
HALF_ADDER = (
    b"aig 6 2 0 2 4\n13\n10\n"
    + bytes([6 - 5, 5 - 2, 8 - 4, 4 - 3, 10 - 4, 4 - 2, 12 - 9, 9 - 7])
    + b"i0 x\ni1 y\no0 sum\no1 carry\nc\nhalf\n"
)


def load(data: bytes) -> hr.Circuit:
    return circuit_from_aiger(data, "demo.aig", "demo")


@given(graphs(shuffled=False, latches=3))
def test_both_kinds_of_file_give_the_same_circuit(text):
    circuit = load(as_binary(text))
    assert_computes(circuit, text)
    notices: tuple[list[str], list[str]] = ([], [])
    ascii_circuit = circuit_from_aiger(text.encode(), "demo", "demo", notices[0])
    assert_same(circuit_from_aiger(as_binary(text), "demo", "demo", notices[1]), circuit)
    assert notices[0] == notices[1]
    assert circuit.gate.tolist().count(hr.GATES["and"].code) == ascii_circuit.gate.tolist().count(hr.GATES["and"].code)


def test_differences_of_several_bytes():
    writer = Writer(20_000)
    text = writer.text([writer.conjunction(writer.conjunction(3, 2), 5)])
    data = as_binary(text)
    assert bytes([*seven_bits(40_002 - 3), 1]) in data
    assert_same(load(data), circuit_from_aiger(text.encode(), "demo", "demo"))


def test_names_and_comments():
    circuit = load(HALF_ADDER)
    assert [wire.name for wire in circuit.inputs] == ["x", "y"]
    assert list(circuit.outputs) == ["sum", "carry"]
    assert hr.exact(circuit).value == {"sum": 0.5, "carry": 0.25}


def test_what_does_not_matter_does_not_matter():
    circuit = load(HALF_ADDER)
    for data in (
        HALF_ADDER.replace(b"aig 6 2 0 2 4", b"aig 6 2 0 2 4 0 0 0 0"),
        HALF_ADDER.split(b"c\n")[0],
        HALF_ADDER.replace(b"half", b"h\xff\x00lf"),
        HALF_ADDER.replace(b"\x01\x03\x04\x01", b"\x81\x00\x83\x80\x00\x04\x01"),  # numbers with needless groups
    ):
        assert_same(load(data), circuit)


@given(st.lists(st.integers(0, 2**62), max_size=20))
def test_numbers_are_coded_seven_bits_at_a_time(numbers):
    assert encoded_deltas(np.array(numbers, dtype=np.int64)) == b"".join(map(seven_bits, numbers))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"aig 7 2 0 2 3\n", "line 1: expected a largest variable of 2 inputs + 3 ANDs, as a binary file numbers them without gaps"),
        (b"aig 6 2 1 0 4\n", "line 1: expected a largest variable of 2 inputs + 1 latches + 4 ANDs, as a binary file numbers them"),
        (b"aig 6 2 0 2\n", "line 1: expected the header"),
        (b"aig 0 0 0 0 0 0 1\n", "line 1: expected a circuit without properties (B, C, J, F all 0)"),
        (b"aig 0 0 0 0 0 0 0 0 3\n", "line 1: expected a circuit without properties (B, C, J, F all 0)"),
        (b"aig 6 2 0 2 4\r\n", "of five numbers, found 'aig 6 2 0 2 4' and a carriage return, as if it had been copied as text"),
        (b"aig 2 2 0 2 0\n2\n", "line 3: expected output 2 of 2, found the end of the file"),
        (b"aig 2 2 0 2 0\n2\n5", "line 3: expected output 2 of 2, found the end of the file"),
        (b"aig 2 0 2 0 0\n2\n", "line 3: expected latch 2 of 2, found the end of the file"),
        (b"aig 2 2 0 2 0\n2\n 5\n", "line 3: expected output 2 of 2, a number with single spaces between, found '5'"),
        (b"aig 2 1 1 0 0\n2 0 1\n", "line 2: expected latch 1 of 1, a number and perhaps a reset value with single spaces between"),
        (b"aig 2 1 1 0 0\n3 5\n", "line 2: expected a reset value of 0, 1 or, for none, the latch's own literal 4, found 5"),
        (b"aig 2 1 1 1 0\n3\n6\n", "line 3: expected literals up to 5, as the header says, found 6"),
        (b"aig 2 1 1 1 0\n7\n5\n", "line 2: expected literals up to 5, as the header says, found 7"),
        (b"aig 2 1 0 0 1\n", "byte 14: expected 1 ANDs of at least 2 bytes each, found 0 bytes"),
        (b"aig 3 1 0 0 2\n\x02\x00\x02\x80", "byte 18: expected a number as second difference of AND 2 of 2, found the end of the file"),
        (b"aig 3 1 0 0 2\n\x02\x80\x00\x82", "byte 18: expected a number as first difference of AND 2 of 2, found the end of the file"),
        (b"aig 2 1 0 0 1\n\x00\x01", "byte 14: expected a number from 1 to 4 as first difference of AND 1 of 1, found 0"),
        (b"aig 2 1 0 0 1\n\x05\x01", "byte 14: expected a number from 1 to 4 as first difference of AND 1 of 1, found 5"),
        (b"aig 2 1 0 0 1\n\x02\x03", "byte 15: expected a number from 0 to 2 as second difference of AND 1 of 1, found 3"),
        (b"aig 3 1 0 0 2\n\x02\x00\x81\x01\x00", "byte 16: expected a number from 1 to 6 as first difference of AND 2 of 2, found 129"),
        (
            b"aig 2 1 0 0 1\n" + b"\xff" * 8 + b"\x7f\x00",
            f"byte 14: expected a number from 1 to 4 as first difference of AND 1 of 1, found {2**63 - 1}",
        ),
        (
            b"aig 2 1 0 0 1\n\x01" + b"\xff" * 9 + b"\x7f",
            "byte 15: expected at most 9 bytes as second difference of AND 1 of 1, found 10 bytes",
        ),
        (b"aig 2 1 0 0 1\n\x01\x01hello\n", "byte 16: expected a symbol such as 'i0 name' or a line 'c' before comments"),
        (b"aig 2 1 0 0 1\n\x01\x01i0 x\ni1 y\n", "byte 21: expected a symbol of i0 to i0, found 'i1 y'"),
        (b"aig 2 1 0 0 1\n\x01\x01i0 \xe9\n", "byte 16: expected a name in ASCII, found byte 0xe9"),
    ],
)
def test_what_is_wrong_is_named(data, message):
    with pytest.raises(hr.FormatError) as caught:
        load(data)
    assert str(caught.value).startswith("demo.aig, ")
    assert message in str(caught.value)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"aig 1000000000 0 0 0 1000000000\n", "byte 32: expected 1000000000 ANDs of at least 2 bytes each, found 0 bytes"),
        (b"aig 1000000000 1000000000 0 0 0\n", f"line 1: expected at most {SPARE_INPUTS + 32} inputs in a file of 32 bytes"),
        (b"aig 1000000000 0 1000000000 0 0\n2\n", "line 2: expected a line for each of 1000000000 latches and 0 outputs, found 2 bytes"),
        (b"aig 1 1 0 1000000000 0\n2\n", "line 2: expected a line for each of 0 latches and 1000000000 outputs, found 2 bytes"),
        (b"aig 999999999999999999 999999999999999999 0 0 0\n", "line 1: expected at most"),
        (b"aag 1000000000 0 0 0 1000000000\n", "line 2: expected AND 1 of 1000000000, found the end of the file"),
        (b"aag 1000000000 1000000000 0 0 0\n", "line 2: expected input 1 of 1000000000, found the end of the file"),
    ],
)
def test_large_counts_in_small_files_take_no_memory(data, message):
    tracemalloc.start()
    try:
        with pytest.raises(hr.FormatError) as caught:
            load(data)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert message in str(caught.value)
    assert peak < 1_000_000


def test_inputs_that_nobody_reads_are_kept_up_to_a_limit():
    assert len(load(b"aig 1000 1000 0 1 0\n2000\n").inputs) == 1000


def test_memory_is_a_small_multiple_of_the_circuit():
    data = as_binary(random_text(inputs=50, ands=30_000, seed=2))
    tracemalloc.start()
    try:
        circuit = load(data)
        kept, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(circuit) > 30_000
    assert peak < 4 * kept


def test_literals_are_as_the_differences_say():
    graph = read_binary(HALF_ADDER, "demo")
    assert graph.ands.tolist() == [6, 8, 10, 12]
    assert graph.operands.tolist() == [[5, 2], [4, 3], [4, 2], [9, 7]]
