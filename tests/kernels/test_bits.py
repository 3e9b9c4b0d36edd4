"""Bit-parallel kernels: against gates taken literally on all patterns, and compiled against interpreted."""

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import heurest as hr
from heurest import opcodes
from heurest.kernels import bit_lowering, bits
from heurest.program.bits import lower_bits
from heurest.truth.bit_enumeration import Weights
from support.fractions_oracle import wire_values
from support.strategies import circuits

ALL = ~np.uint64(0)
BOOLEAN_CIRCUITS = circuits(max_inputs=4, max_gates=10, reals=False, joint=False)


def interpreted(kernel):
    """The Python function behind a kernel; with the JIT off the kernel is it."""
    return getattr(kernel, "py_func", kernel)


BOTH = pytest.mark.parametrize("mode", [lambda kernel: kernel, interpreted], ids=["compiled", "interpreted"])


def ones(words):
    """How many bits are set, counted in Python."""
    return [sum(int(word).bit_count() for word in row) for row in words.tolist()]


@given(BOOLEAN_CIRCUITS)
def test_every_pattern_gives_what_the_gates_give(circuit):
    program = lower_bits(hr.lower(circuit))
    wires = [wire.index for wire in circuit.inputs]
    patterns = list(product((0, 1), repeat=len(wires)))
    inputs = np.zeros((len(program.inputs), bits.WORDS), np.uint64)
    for lane, pattern in enumerate(patterns):
        for row, number in enumerate(program.inputs):
            inputs[row, 0] |= np.uint64(pattern[number] << lane)
    slots, observed = np.zeros((program.num_slots, bits.WORDS), np.uint64), np.zeros((program.num_observed, bits.WORDS), np.uint64)
    bits.evaluate_bits(program.instructions, inputs, 0, slots, 1, ALL, np.zeros(0, np.int64), observed)
    for lane, pattern in enumerate(patterns):
        values = wire_values(circuit, {wire: Fraction(bit) for wire, bit in zip(wires, pattern, strict=True)})
        for i, wire in enumerate(circuit.outputs.values()):
            bit = int(observed[program.row[i], 0]) >> lane & 1 if program.row[i] >= 0 else 0
            assert program.scale[i] * bit + program.shift[i] == values[wire.index]


@given(BOOLEAN_CIRCUITS)
def test_lowering_is_the_same_compiled_and_interpreted(circuit):
    program = hr.lower(circuit)
    arguments = program.instructions, program.num_slots, program.num_values
    compiled, plain = bit_lowering.bit_nodes(*arguments), interpreted(bit_lowering.bit_nodes)(*arguments)
    for one, two in zip(compiled, plain, strict=True):
        np.testing.assert_array_equal(one, two)
    seen = np.arange(len(plain[0]), dtype=np.int32)
    arguments = *plain[:5], seen, seen % 2 == 1
    for one, two in zip(bit_lowering.emit_bits(*arguments), interpreted(bit_lowering.emit_bits)(*arguments), strict=True):
        np.testing.assert_array_equal(one, two)


@given(BOOLEAN_CIRCUITS)
def test_no_gate_writes_where_it_reads(circuit):
    code = lower_bits(hr.lower(circuit)).instructions
    gates = (code.op == opcodes.BIT_AND) | (code.op == opcodes.BIT_XOR)
    assert not (gates & ((code.dest == code.left) | (code.dest == code.right))).any()


@settings(max_examples=20)
@given(BOOLEAN_CIRCUITS, st.integers(0, 2**32))
def test_evaluation_is_the_same_compiled_and_interpreted(circuit, seed):
    program = lower_bits(hr.lower(circuit))
    inputs = np.random.default_rng(seed).integers(0, 2**64, (len(program.inputs), 2 * bits.WORDS), np.uint64)
    results = []
    for kernel in (bits.evaluate_bits, interpreted(bits.evaluate_bits)):
        slots = np.zeros((program.num_slots, bits.WORDS), np.uint64)
        observed, counts = np.zeros((program.num_observed, bits.WORDS), np.uint64), np.zeros(program.num_observed, np.int64)
        kernel(program.instructions, inputs, bits.WORDS, slots, bits.WORDS, ALL, counts, observed)
        kernel(program.instructions, inputs, bits.WORDS, slots, bits.WORDS, ALL, counts, observed[:0])
        results.append((observed, counts))
    np.testing.assert_array_equal(results[0][0], results[1][0])
    np.testing.assert_array_equal(results[0][1], results[1][1])
    assert results[0][1].tolist() == ones(results[0][0])


def one_input():
    """A program that hands out its input and the opposite."""
    c = hr.Circuit("one")
    x = c.input("x", hr.Bernoulli(0.5))
    c.output("x", x)
    c.output("not x", ~x)
    return lower_bits(hr.lower(c)).instructions


@BOTH
@pytest.mark.parametrize("samples", [1, 63, 64, 65, 4095, 4096, 4097])
def test_only_the_samples_asked_for_are_counted(mode, samples):
    words = -(-samples // 64)
    inputs = np.random.default_rng(samples).integers(0, 2**64, (1, -(-words // bits.WORDS) * bits.WORDS), np.uint64)
    expected = int.from_bytes(inputs.astype("<u8").tobytes(), "little") & ((1 << samples) - 1)
    counts, slots = np.zeros(2, np.int64), np.zeros((1, bits.WORDS), np.uint64)
    last_mask = ALL >> np.uint64(64 * words - samples)
    mode(bits.count_samples)(one_input(), inputs, words, last_mask, slots, counts, np.zeros((0, bits.WORDS), np.uint64))
    assert counts.tolist() == [expected.bit_count(), samples - expected.bit_count()]


@BOTH
@given(seed=st.integers(0, 2**32), words=st.integers(1, 3), lanes=st.integers(1, 64))
@settings(max_examples=20)
def test_weights_are_summed_over_the_bits_that_are_set(mode, seed, words, lanes):
    rng = np.random.default_rng(seed)
    observed = rng.integers(0, 2**64, (2, bits.WORDS), np.uint64)
    lane_weight, word_weight = rng.random(64), rng.random(bits.WORDS)
    byte_weight = np.array([[sum(lane_weight[8 * b + i] for i in range(8) if v >> i & 1) for v in range(256)] for b in range(8)])
    total, lost = np.zeros((2, 2))
    mode(bits.weigh_bits)(observed, words, ALL >> np.uint64(64 - lanes), word_weight, byte_weight, 0.5, total, lost)
    for r in range(2):
        expected = sum(
            0.5 * word_weight[w] * lane_weight[i]
            for w in range(words)
            for i in range(lanes if w == words - 1 else 64)
            if int(observed[r, w]) >> i & 1
        )
        assert total[r] + lost[r] == pytest.approx(expected, rel=1e-13)


@BOTH
@pytest.mark.parametrize("number", [1, 3, 6, 7, 12, 13])
def test_an_enumeration_meets_every_pattern_once(mode, number):
    c = hr.Circuit("all")
    x = c.input("x", hr.Bernoulli(0.5), count=number)
    conjunction, parity = x[0], x[0]
    for i in range(1, number):
        conjunction, parity = conjunction & x[i], parity ^ x[i]
    c.output("and", conjunction)
    c.output("parity", parity)
    program = lower_bits(hr.lower(c))
    inputs = np.zeros((number, bits.WORDS), np.uint64)
    for i in range(min(number, bits.ROW_INPUTS)):
        for pattern in range(64 * bits.WORDS):
            inputs[i, pattern // 64] |= np.uint64((pattern >> i & 1) << pattern % 64)
    slots, counts = np.zeros((program.num_slots, bits.WORDS), np.uint64), np.zeros(2, np.int64)
    weights = Weights(np.full((number, 2), 0.5), np.ones(64), np.ones((8, 256)), np.zeros(2), np.zeros(2))
    kernel, rows = mode(bits.enumerate_bits), max(1, 2**number // 4096)
    kernel(program.instructions, 0, rows, number, inputs, slots, counts, np.zeros((0, bits.WORDS), np.uint64), weights)
    assert counts.tolist() == [1, 2 ** (number - 1)]
