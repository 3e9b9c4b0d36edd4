"""The named generators of logic circuits against integer arithmetic, at every setting of their inputs."""

from math import comb

import numpy as np
import pytest

import heurest as hr
from heurest.families.adders import adder, lookahead_adder
from heurest.families.alu import alu
from heurest.families.benchmarks import c17
from heurest.families.comparators import equality, less_than
from heurest.families.counting import majority, parity, parity_tree
from heurest.families.mixers import mixer
from heurest.families.multipliers import multiplier, wallace_multiplier
from heurest.families.selectors import barrel_shifter, decoder, priority_encoder
from heurest.program.bits import lower_bits
from heurest.truth.wire_values import WireValues
from support.words import all_words

# Each generator with its inputs at the smallest and at some other size.
SIZES = [
    (adder, {"bits": 1}, 2),
    (adder, {"bits": 3, "cells": "nand"}, 6),
    (lookahead_adder, {"bits": 1}, 2),
    (lookahead_adder, {"bits": 5}, 10),
    (multiplier, {"bits": 2}, 4),
    (multiplier, {"bits": 3, "cells": "nand"}, 6),
    (wallace_multiplier, {"bits": 2}, 4),
    (wallace_multiplier, {"bits": 5, "cells": "nand"}, 10),
    (less_than, {"bits": 1}, 2),
    (less_than, {"bits": 4}, 8),
    (equality, {"bits": 1}, 2),
    (equality, {"bits": 5}, 10),
    (parity, {"inputs": 1}, 1),
    (parity, {"inputs": 5}, 5),
    (parity_tree, {"inputs": 1}, 1),
    (parity_tree, {"inputs": 7}, 7),
    (majority, {"inputs": 1}, 1),
    (majority, {"inputs": 6}, 6),
    (decoder, {"bits": 1}, 1),
    (decoder, {"bits": 5}, 5),
    (priority_encoder, {"inputs": 2}, 2),
    (priority_encoder, {"inputs": 7}, 7),
    (barrel_shifter, {"bits": 2}, 3),
    (barrel_shifter, {"bits": 6, "kind": "shift"}, 9),
    (alu, {"bits": 1}, 4),
    (alu, {"bits": 3}, 8),
    (mixer, {"bits": 3, "rounds": 1}, 6),
    (mixer, {"bits": 5, "rounds": 2}, 10),
    (c17, {}, 5),
]
EVERY = pytest.mark.parametrize(("make", "sizes", "inputs"), SIZES)


def outputs_of(name, count):
    return [f"{name}[{i}]" for i in range(count)]


@pytest.mark.parametrize("make", [
    adder, lambda bits: adder(bits, cells="nand"), lookahead_adder, lambda bits: lookahead_adder(bits, block=2),
    lambda bits: lookahead_adder(bits, block=3),
])  # fmt: skip
@pytest.mark.parametrize("bits", [1, 2, 3, 4, 5])
def test_adders_add(make, bits):
    c = make(bits)
    words = all_words(c)
    np.testing.assert_array_equal(words[">sum"] + (words[">carry"] << bits), words["a"] + words["b"])
    assert list(c.outputs) == [*outputs_of("sum", bits), "carry"]


@pytest.mark.parametrize("block", [2, 4])
def test_a_wide_lookahead_adder_adds(block):
    # nested blocks: 20 bits with blocks of 2 are five levels; patterns are random, since all are too many
    c, rng = lookahead_adder(20, block=block), np.random.default_rng(0)
    a, b = rng.integers(2**20, size=(2, 500))
    a[:3], b[:3] = (2**20 - 1, 2**20 - 1, 0), (1, 2**20 - 1, 0)  # the carry runs through all places
    points = np.stack([a, b])[:, :, np.newaxis] >> np.arange(20) & 1
    values = WireValues(c, [wire.index for wire in c.outputs.values()])
    found = values.at(points.transpose(1, 0, 2).reshape(500, 40))
    rows = [values.wires.index(wire.index) for wire in c.outputs.values()]
    np.testing.assert_array_equal(2.0 ** np.arange(21) @ found[rows], a + b)


@pytest.mark.parametrize("make", [multiplier, wallace_multiplier])
@pytest.mark.parametrize("cells", ["xor", "nand"])
@pytest.mark.parametrize("bits", [2, 3, 4, 5])
def test_multipliers_multiply(make, cells, bits):
    c = make(bits, cells=cells)
    words = all_words(c)
    np.testing.assert_array_equal(words[">product"], words["a"] * words["b"])
    assert list(c.outputs) == outputs_of("product", 2 * bits)


@pytest.mark.parametrize("bits", [1, 2, 3, 5])
def test_comparators_compare(bits):
    words = all_words(less_than(bits))
    np.testing.assert_array_equal(words[">less"], words["a"] < words["b"])
    words = all_words(equality(bits))
    np.testing.assert_array_equal(words[">equal"], words["a"] == words["b"])


@pytest.mark.parametrize("inputs", range(1, 11))
def test_counting_circuits_count(inputs):
    for make, reference in ((parity, lambda n: n % 2), (parity_tree, lambda n: n % 2), (majority, lambda n: 2 * n > inputs)):
        words = all_words(make(inputs))
        ones = np.array([int(x).bit_count() for x in words["x"]])
        np.testing.assert_array_equal(words[">y"], reference(ones))


@pytest.mark.parametrize("bits", [1, 2, 3, 5])
def test_a_decoder_sets_the_line_of_its_number(bits):
    c = decoder(bits)
    words = all_words(c)
    np.testing.assert_array_equal(words[">line"], 1 << words["x"])
    assert list(c.outputs) == outputs_of("line", 2**bits)


@pytest.mark.parametrize("inputs", [2, 3, 4, 7, 9])
def test_a_priority_encoder_finds_the_highest_one(inputs):
    words = all_words(priority_encoder(inputs))
    highest = [int(x).bit_length() - 1 for x in words["x"]]
    np.testing.assert_array_equal(words[">index"], np.maximum(highest, 0))
    np.testing.assert_array_equal(words[">valid"], words["x"] > 0)


@pytest.mark.parametrize("bits", [2, 3, 4, 6, 8])
def test_a_barrel_shifter_rotates_and_shifts(bits):
    words, every = all_words(barrel_shifter(bits)), (1 << bits) - 1
    places = words["amount"] % bits
    np.testing.assert_array_equal(words[">y"], (words["x"] << places | words["x"] >> (bits - places)) & every)
    words = all_words(barrel_shifter(bits, kind="shift"))
    np.testing.assert_array_equal(words[">y"], words["x"] << words["amount"] & every)


@pytest.mark.parametrize("bits", [1, 2, 4])
def test_an_alu_does_what_its_operation_says(bits):
    words = all_words(alu(bits))
    a, b, op = words["a"], words["b"], words["op"]
    np.testing.assert_array_equal(words[">result"], np.choose(op, [(a + b) % 2**bits, a & b, a | b, a ^ b]))
    np.testing.assert_array_equal(words[">carry"], (op == 0) & (a + b >= 2**bits))


@pytest.mark.parametrize(("bits", "rounds"), [(3, 1), (3, 4), (4, 3), (5, 6)])
def test_a_mixer_does_its_rounds(bits, rounds):
    def rotated(word, places):
        return (word << places | word >> (bits - places)) & ((1 << bits) - 1)

    words = all_words(mixer(bits, rounds))
    left, right = words["left"], words["right"]
    for turn in range(rounds):
        function = rotated(right, 1) & rotated(right, bits // 2 + 1) ^ rotated(right, 2)
        left, right = right, left ^ function ^ 1 << turn % bits
    np.testing.assert_array_equal(words[">left"], left)
    np.testing.assert_array_equal(words[">right"], right)
    assert len(set((words[">left"] << bits | words[">right"]).tolist())) == 4**bits  # one to one


def test_a_mixer_brings_biased_bits_nearer_to_one_half():
    first, last = (max(abs(p - 0.5) for p in hr.exact(mixer(8, rounds, p=0.3)).value.values()) for rounds in (1, 10))
    assert first == pytest.approx(0.5 - 0.3)  # a round leaves one of the words as it is
    assert last < 0.25 * first


def test_c17_computes_its_nands():
    words = all_words(c17())
    n1, n2, n3, n6, n7 = (words[name].astype(bool) for name in "12367")
    n11 = ~(n3 & n6)
    n16 = ~(n2 & n11)
    np.testing.assert_array_equal(words[">22"], (n1 & n3) | ~n16)
    np.testing.assert_array_equal(words[">23"], ~n16 | (n11 & n7))


@pytest.mark.parametrize(("circuit", "expected"), [
    (adder(8), [0.5] * 8 + [(1 - 2**-8) / 2]),
    (lookahead_adder(8), [0.5] * 8 + [(1 - 2**-8) / 2]),
    (less_than(9), [(1 - 2**-9) / 2]),
    (equality(9, p=0.25), [(0.25**2 + 0.75**2) ** 9]),
    (parity_tree(11, p=0.3), [(1 - 0.4**11) / 2]),
    (majority(11), [0.5]),
    (majority(10), [(1 - comb(10, 5) / 2**10) / 2]),
    (decoder(4), [1 / 16] * 16),
    (mixer(7, 5), [0.5] * 14),
])  # fmt: skip
def test_outputs_have_the_probabilities_of_the_documentation(circuit, expected):
    assert list(hr.exact(circuit).value.values()) == pytest.approx(expected, rel=1e-12)


@EVERY
def test_all_wires_are_boolean_and_feed_an_output(make, sizes, inputs):
    c = make(**sizes)
    assert c.boolean.all()
    assert len(c.inputs) == inputs
    reached = {wire.index for wire in c.outputs.values()}
    for wire in range(len(c) - 1, -1, -1):
        if wire in reached:
            reached.update(c.operands(wire))
    assert reached == set(range(len(c)))


@EVERY
def test_probabilities_reach_the_inputs(make, sizes, inputs):
    assert {group.law.p for group in make(**sizes, p=0.3).groups} == {0.3}
    several = [0.1 + 0.05 * (i // 2) for i in range(inputs)]
    assert [group.law.p for group in make(**sizes, p=several).groups] == several
    assert [group.law.p for group in make(**sizes, p=np.array(several)).groups] == several


def test_structures_of_one_function_differ_in_gates_and_depth():
    def shape(circuit):
        program = hr.lower(circuit)
        return lower_bits(program).gates, program.product_depth

    # 256 partial products, 16 half adders of two or four gates, 224 full adders of five or nine
    assert shape(multiplier(16))[0] == 256 + 16 * 2 + 224 * 5
    assert shape(multiplier(16, cells="nand"))[0] == 256 + 16 * 4 + 224 * 9
    assert shape(wallace_multiplier(16))[1] < 0.6 * shape(multiplier(16))[1]
    assert shape(lookahead_adder(64))[1] < 0.2 * shape(adder(64))[1]
    assert shape(parity_tree(64))[1] < 0.1 * shape(parity(64))[1]


@pytest.mark.parametrize(("make", "message"), [
    (lambda: adder(0), "adder: bits must be an integer of at least 1, got 0"),
    (lambda: adder(2, p=2), "adder: p must be from 0 to 1, got 2.0"),
    (lambda: adder(2, p=[0.5] * 3), "adder: p must be one number or 4, one for each input, got 3"),
    (lambda: adder(1, p=[0.5, 1.5]), r"adder: p of b\[0\] must be from 0 to 1, got 1.5"),
    (lambda: adder(2, cells="nor"), "adder: cells must be one of xor, nand, got 'nor'"),
    (lambda: lookahead_adder(block=1), "lookahead_adder: block must be an integer from 2 to 16, got 1"),
    (lambda: lookahead_adder(block=17), "lookahead_adder: block must be an integer from 2 to 16, got 17"),
    (lambda: multiplier(1), "multiplier: bits must be an integer of at least 2, got 1"),
    (lambda: multiplier(p="half"), "multiplier: p must be a number, got 'half'"),
    (lambda: wallace_multiplier(True), "wallace_multiplier: bits must be an integer of at least 2, got True"),
    (lambda: wallace_multiplier(cells=None), "wallace_multiplier: cells must be one of xor, nand, got None"),
    (lambda: less_than(0.5), "less_than: bits must be an integer of at least 1, got 0.5"),
    (lambda: equality(-1), "equality: bits must be an integer of at least 1, got -1"),
    (lambda: parity(0), "parity: inputs must be an integer of at least 1, got 0"),
    (lambda: parity(p=-0.5), "parity: p must be from 0 to 1, got -0.5"),
    (lambda: parity_tree(0), "parity_tree: inputs must be an integer of at least 1, got 0"),
    (lambda: majority(0), "majority: inputs must be an integer of at least 1, got 0"),
    (lambda: decoder(21), "decoder: bits must be an integer from 1 to 20, got 21"),
    (lambda: priority_encoder(1), "priority_encoder: inputs must be an integer of at least 2, got 1"),
    (lambda: barrel_shifter(1), "barrel_shifter: bits must be an integer of at least 2, got 1"),
    (lambda: barrel_shifter(kind="left"), "barrel_shifter: kind must be one of rotate, shift, got 'left'"),
    (lambda: alu(0), "alu: bits must be an integer of at least 1, got 0"),
    (lambda: mixer(2), "mixer: bits must be an integer of at least 3, got 2"),
    (lambda: mixer(4, 0), "mixer: rounds must be an integer of at least 1, got 0"),
    (lambda: c17(p=[0.5]), "c17: p must be one number or 5, one for each input, got 1"),
])  # fmt: skip
def test_a_bad_parameter_is_one_clear_line(make, message):
    with pytest.raises(hr.CircuitError, match=f"^{message}$"):
        make()
