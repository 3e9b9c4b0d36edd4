"""Programs as nodes of two operands and wide sums: the same values as the circuit's, whatever slots are reused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import heurest as hr
from heurest import opcodes
from heurest.program.pairwise import CHAIN, lower_pairwise
from support.interpreter import circuit_values
from support.strategies import circuits


def node_values(program, inputs):
    """Values of the program's values, by running the nodes over their slots; a slot that is free holds NaN."""
    code = program.instructions
    slot = np.full((program.num_slots, inputs.shape[1]), np.nan)
    node = []
    for k, op in enumerate(code.op):
        part = slice(code.start[k], code.start[k + 1])
        operands, scales, shift = slot[code.operand[part]], code.scale[part], code.shift[k]
        if op == opcodes.LOAD:
            value = inputs[code.input[k]]
        elif op == opcodes.MULTIPLY:
            value = (scales[0] * operands[0] + shift[0]) * (scales[1] * operands[1] + shift[1])
        else:
            assert op in (opcodes.ADD, opcodes.AFFINE)
            assert len(scales) == 2 if op == opcodes.ADD else len(scales) > CHAIN
            value = shift[0] + scales @ operands
        slot[code.dest[k]] = value
        node.append(value)
        slot[code.freed[code.freed_start[k] : code.freed_start[k + 1]]] = np.nan
    return np.array(node).reshape(len(node), inputs.shape[1])[program.value_node]


def wire_values(program, inputs):
    lowered = program.program
    known = np.vstack([node_values(program, inputs), np.zeros(inputs.shape[1])])
    return lowered.wire_scale[:, np.newaxis] * known[lowered.wire_value] + lowered.wire_shift[:, np.newaxis]


def draw_inputs(circuit):
    rng = np.random.default_rng(0)
    boolean = np.array([wire.boolean for wire in circuit.inputs], dtype=bool)[:, np.newaxis]
    values = rng.normal(size=(len(circuit.inputs), 3))
    return np.where(boolean, values > 0.0, values)


@given(circuits(max_gates=12, max_degree=8), st.sampled_from([0, 1, 2, 8, None]), st.booleans())
def test_nodes_have_the_values_of_the_circuit(circuit, generations, keep_dead):
    inputs = draw_inputs(circuit)
    program = lower_pairwise(hr.lower(circuit, keep_dead=keep_dead), generations)
    found, expected = wire_values(program, inputs), circuit_values(circuit, inputs)
    seen = ~np.isnan(program.program.wire_shift)
    scale = 1.0 + np.abs(expected).max(initial=0.0)
    np.testing.assert_allclose(found[seen] / scale, expected[seen] / scale, rtol=0, atol=1e-12)


@pytest.mark.parametrize("dense", [False, True])
@pytest.mark.parametrize("size", [2, 3, CHAIN, CHAIN + 1, 20])
def test_sums_are_chains_or_wide(size, dense):
    c = hr.Circuit("sum")
    x = c.input("x", hr.Normal(), count=size)
    coefficients = np.arange(1.0, size + 1)
    rows = c.affine(np.stack([coefficients, -(coefficients**2)]), x, [3.0, 0.5]) if dense else [c.affine(coefficients, x, 3.0)]
    c.output("o", sum(row**2 for row in rows))
    for generations in (0, None):
        program = lower_pairwise(hr.lower(c), generations)
        ops = program.instructions.op[size:].tolist()
        sums = [opcodes.ADD] * (size - 1) if size <= CHAIN else [opcodes.AFFINE]
        assert ops == sums * len(rows) + [opcodes.MULTIPLY] * len(rows) + [opcodes.ADD] * (len(rows) - 1)
        inputs = draw_inputs(c)
        np.testing.assert_allclose(wire_values(program, inputs), circuit_values(c, inputs), rtol=1e-12)


def test_coefficients_of_zero_are_left_out_of_a_dense_layer():
    c = hr.Circuit("sparse")
    x = c.input("x", hr.Normal(), count=12)
    matrix = np.zeros((2, 12))
    matrix[0, [1, 5, 9]], matrix[1] = [1.0, 2.0, 3.0], 1.0
    c.output("o", np.prod(list(c.affine(matrix, x, [1.0, 0.0]))))
    program = lower_pairwise(hr.lower(c), None)
    assert program.instructions.op[12:].tolist() == [opcodes.ADD, opcodes.ADD, opcodes.AFFINE, opcodes.MULTIPLY]
    inputs = draw_inputs(c)
    np.testing.assert_allclose(wire_values(program, inputs), circuit_values(c, inputs), rtol=1e-12)


def test_more_generations_keep_more_slots():
    c = hr.Circuit("chain")
    x = c.input("x", hr.Normal(), count=2)
    wire = x[0] * x[1]
    for _ in range(20):
        wire = wire * wire + wire
    c.output("o", wire)
    program = hr.lower(c)
    slots = [lower_pairwise(program, generations).num_slots for generations in (0, 1, 3, 8, None)]
    assert slots == sorted(slots)
    assert slots[0] <= 4 < slots[3] < slots[4] == len(lower_pairwise(program, None).instructions.op)


def test_what_is_read_is_marked_and_arrays_are_read_only():
    c = hr.Circuit("read")
    x, y = c.input("x", hr.Normal(), count=2)
    c.output("o", x * y)
    code = lower_pairwise(hr.lower(c), 0).instructions
    assert code.is_read.tolist() == [True, True, False]
    assert lower_pairwise(hr.lower(c), None).instructions.is_read.all()
    assert not any(column.flags.writeable for column in code)
