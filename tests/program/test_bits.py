"""Lowering to bit instructions: which gates are left, and what is refused."""

import numpy as np
import pytest

import heurest as hr
from heurest.program.bits import lower_bits


def bits_of(build, inputs=3):
    """The bit program of the wire that a function makes of fair bits."""
    c = hr.Circuit("bits")
    c.output("o", build(*c.input("x", hr.Bernoulli(0.5), count=inputs)))
    return lower_bits(hr.lower(c))


@pytest.mark.parametrize(
    ("build", "gates"),
    [
        (lambda a, b, c: a & b, 1),
        (lambda a, b, c: ~(a & b), 1),
        (lambda a, b, c: a | b, 1),
        (lambda a, b, c: ~(a | b), 1),
        (lambda a, b, c: ~a | b, 1),
        (lambda a, b, c: a ^ b, 1),
        (lambda a, b, c: ~(a ^ ~b), 1),
        (lambda a, b, c: a ^ b ^ c, 2),
        (lambda a, b, c: (a | b) | c, 2),
        (lambda a, b, c: a.circuit.mux(a, b, c), 3),
        (lambda a, b, c: (a & b) | (b & c) | (a & c), 5),
        (lambda a, b, c: ~a, 0),
        (lambda a, b, c: 3 * a - 1, 0),
    ],
)
def test_a_gate_of_two_bits_is_one_instruction(build, gates):
    assert bits_of(build).gates == gates


def test_inputs_that_no_parity_reads_are_dropped():
    c = hr.Circuit("even")
    a, b = c.input("x", hr.Bernoulli(0.5), count=2)
    c.output("o", c.affine([1, 2, -2], [a, b & a, a & b], boolean=True))  # the two ands cancel
    program = lower_bits(hr.lower(c))
    assert program.inputs.tolist() == [0]
    assert program.gates == 0


def test_one_minus_a_bit_is_observed_inverted():
    program = bits_of(lambda a, b, c: 1 - (a & b))  # no boolean wire, but one minus one
    assert (program.scale.tolist(), program.shift.tolist()) == ([1.0], [0.0])
    assert program.instructions.left_mask[-1] == ~np.uint64(0)


def test_multiples_of_a_bit_keep_their_numbers():
    program = bits_of(lambda a, b, c: 2.5 * (a & b) - 1)
    assert (program.scale.tolist(), program.shift.tolist()) == ([2.5], [-1.0])


def test_a_circuit_of_constants_has_no_rows():
    c = hr.Circuit("constant")
    x = c.input("x", hr.Bernoulli(0.5))
    c.output("zero", x & ~x)
    c.output("number", c.constant(7.0))
    program = lower_bits(hr.lower(c))
    assert (program.num_observed, program.num_slots, program.inputs.size) == (0, 0, 0)
    assert program.shift.tolist() == [0.0, 7.0]


def test_results_are_read_only():
    for column in bits_of(lambda a, b, c: a ^ b | c).instructions:
        assert not column.flags.writeable


@pytest.mark.parametrize(
    ("build", "wire"),
    [
        (lambda c, a, b: a + b, 2),
        (lambda c, a, b: (2 * a) * b, 3),
        (lambda c, a, b: c.affine([[1.0, 1.0]], [a, b])[0], 2),
        (lambda c, a, b: c.input("z", hr.Normal()) * a, 2),
    ],
)
def test_a_real_wire_is_named(build, wire):
    c = hr.Circuit("real")
    a, b = c.input("x", hr.Bernoulli(0.5), count=2)
    c.output("o", build(c, a, b))
    with pytest.raises(hr.KindError, match=f"circuit 'real': wire {wire} is real"):
        lower_bits(hr.lower(c))
