"""Damaged AIGER files: each is one FormatError of one line, or a circuit that computes what the file says; never much memory."""

from __future__ import annotations

import tracemalloc

from hypothesis import given
from hypothesis import strategies as st

import heurest as hr
from heurest.formats.aiger import circuit_from_aiger
from heurest.formats.aiger_writer import aiger_binary_from_circuit, aiger_text_from_circuit
from support.aiger_files import as_binary, assert_computes, assert_equivalent, graphs, patterned_graphs
from support.same_circuit import read_or_refused

SYMBOLS = st.sampled_from(["", "i0 x\n", "o0 out\nc\ncomment\n", "l0 state\ni0 a b\n", "c\n"])
PIECES = st.binary(max_size=3) | st.sampled_from(
    [b"\n", b" ", b"1", b"aag", b"aig ", b"c\n", b"\r\n", b"\x80\x00", b"\xff\xff", b"0 ", b"i0 y\n"]
)


@st.composite
def damaged(draw, text):
    """A file, in one or the other kind, with a few places changed, moved or cut off."""
    whole = draw(text) + draw(SYMBOLS)
    data = as_binary(whole) if draw(st.booleans()) else whole.encode()
    for _ in range(draw(st.integers(1, 3))):
        start, length = draw(st.integers(0, len(data))), draw(st.integers(0, 4))
        data = data[:start] + draw(PIECES) + data[start + length :]
        change = draw(st.integers(0, 9))
        if change == 0:
            data = data[:start]
        elif change == 1:
            data += data[start:]
    return data


def load(data: bytes, recognise: bool = False) -> hr.Circuit:
    return circuit_from_aiger(data, "damaged", "damaged", recognise=recognise)


def check(data: bytes) -> None:
    """A file is refused, or read as a circuit that goes through both writers; an ASCII file is what it says, too."""
    circuit = read_or_refused(load, data)
    recognised = read_or_refused(load, data, True)
    assert (circuit is None) == (recognised is None)
    if circuit is None or len(circuit.inputs) > 20:
        return
    assert circuit.boolean.all()
    assert_equivalent(circuit, recognised)
    assert_equivalent(circuit, load(aiger_text_from_circuit(circuit).encode()))
    assert_equivalent(circuit, load(aiger_binary_from_circuit(recognised)))
    if data.startswith(b"aag"):
        assert_computes(circuit, data.decode("latin-1"))


@given(damaged(graphs(shuffled=False, latches=2)))
def test_a_damaged_file_is_refused_or_another_circuit(data):
    check(data)


@given(damaged(patterned_graphs()))
def test_a_damaged_file_with_patterns_is_refused_or_another_circuit(data):
    check(data)


@given(graphs(latches=1), st.integers(0, 60), st.integers(0, 4), PIECES)
def test_a_damaged_file_in_no_order_is_refused_or_another_circuit(text, start, length, piece):
    data = text.encode()
    check(data[:start] + piece + data[start + length :])


@given(st.binary(max_size=40), st.sampled_from([b"", b"aag ", b"aig ", b"aag 2 1 0 1 1\n", b"aig 3 1 0 1 2\n2\n", b"aig 2 1 1 0 0\n"]))
def test_any_bytes_are_refused_or_a_circuit(data, start):
    check(start + data)


NUMBERS = st.integers(0, 3) | st.sampled_from([99, 10**5, 10**9, 2**31, 2**32 + 1, 2**62, 10**18 - 1, 10**18, 10**30])


@given(st.sampled_from(["aag", "aig"]), st.lists(NUMBERS, min_size=4, max_size=4), st.booleans(), st.binary(max_size=30))
def test_headers_of_any_numbers_take_little_memory(kind, counts, consistent, rest):
    inputs, latches, outputs, ands = counts
    largest = inputs + latches + ands if consistent else 7
    tracemalloc.start()
    try:
        read_or_refused(load, f"{kind} {largest} {inputs} {latches} {outputs} {ands}\n".encode() + rest)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 100_000_000  # what the spare inputs of a binary file may take
