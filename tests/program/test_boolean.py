"""Lowering for reductant propagation: the same function, gate by gate, on slots that last as long as they must."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import heurest as hr
from heurest import opcodes
from heurest.program.boolean import is_boolean, lower_boolean
from support.boolean_circuits import literal_circuits
from support.boolean_reductants import last_use
from support.interpreter import circuit_values

GENERATIONS = st.sampled_from([0, 1, 2, None])


def patterns(circuit):
    return np.array(list(itertools.product((0.0, 1.0), repeat=len(circuit.inputs)))).T


def run(boolean, inputs):
    """Value of every node on all patterns, each read from the slots; checks that no slot is written over too early."""
    code = boolean.instructions
    slot = np.full((boolean.num_slots, inputs.shape[1]), -1)
    nodes = []
    for k in range(len(code.op)):
        assert (slot[code.dest[k]] == -1).all()
        if code.op[k] == opcodes.BIT_LOAD:
            value = inputs[code.left[k]].astype(int)
        else:
            assert code.dest[k] not in (code.left[k], code.right[k])
            a, b = slot[code.left[k]], slot[code.right[k]]
            assert min(a.min(), b.min()) >= 0
            a, b = a ^ code.left_not[k], b ^ code.right_not[k]
            value = a & b if code.op[k] == opcodes.BIT_AND else a ^ b
        slot[code.dest[k]] = value
        nodes.append(value)
        for s in code.freed[code.freed_start[k] : code.freed_start[k + 1]]:
            slot[s] = -1
    return np.array(nodes, dtype=int).reshape(len(code.op), inputs.shape[1])


@given(literal_circuits(max_gates=10), GENERATIONS, st.booleans())
def test_every_value_is_a_node_or_its_inverse(circuit, generations, keep_dead):
    program = hr.lower(circuit, keep_dead=keep_dead)
    boolean = lower_boolean(program, generations)
    inputs = patterns(circuit)
    nodes = np.vstack([run(boolean, inputs), np.zeros(inputs.shape[1])])  # node -1 is the constant 0
    values = np.vstack(
        [np.where(boolean.value_not[:, np.newaxis], 1 - nodes[boolean.value_node], nodes[boolean.value_node]), 0 * inputs[:1]]
    )
    wires = program.wire_scale[:, np.newaxis] * values[program.wire_value] + program.wire_shift[:, np.newaxis]
    known = ~np.isnan(program.wire_shift)
    np.testing.assert_array_equal(wires[known], circuit_values(circuit, inputs)[known])


@given(literal_circuits(max_gates=10), GENERATIONS)
def test_slots_flags_and_retention(circuit, generations):
    full = lower_boolean(hr.lower(circuit), None).instructions
    count = len(full.op)
    assert full.dest.tolist() == list(range(count))
    assert full.freed.size == 0
    assert full.is_read.all()  # all tables are kept, so all are made

    boolean = lower_boolean(hr.lower(circuit), generations)
    code = boolean.instructions
    np.testing.assert_array_equal(code.op, full.op)
    gates = code.op != opcodes.BIT_LOAD
    operands = [(left, right) if gate else () for gate, left, right in zip(gates, full.left.tolist(), full.right.tolist(), strict=True)]
    for k in np.flatnonzero(gates):
        assert (code.left[k], code.right[k]) == tuple(code.dest[i] for i in operands[k])
    if generations is None:
        assert boolean.num_slots == count
        return
    read = {i for pair in operands for i in pair}
    assert code.is_read.tolist() == [k in read for k in range(count)]
    death = last_use(operands, generations)
    alive = [[i for i in range(k + 1) if death[i] >= k] for k in range(count)]
    assert boolean.num_slots == max(map(len, alive), default=0)
    for k in range(count):
        freed = code.freed[code.freed_start[k] : code.freed_start[k + 1]]
        assert sorted(freed) == sorted(code.dest[i] for i in alive[k] if death[i] == k)


def test_more_generations_need_no_fewer_slots():
    c = hr.Circuit("chain")
    x = c.input("x", hr.Bernoulli(0.5), count=20)
    wire = x[0]
    for other in list(x)[1:]:
        wire = wire & other
    c.output("o", wire)
    slots = [lower_boolean(hr.lower(c), generations).num_slots for generations in (0, 1, 2, 3, None)]
    # An input is loaded for its reader: operands and result. A generation more keeps the two operands of the chain's last wire.
    assert slots == [3, 5, 7, 9, 39]


def test_nodes_that_nothing_needs_are_dropped():
    # a ^ b ^ (a & b) first absorbs a & b into a & ~b, and that into a single gate, ~(~a & ~b); a & ~b is then read no more.
    c = hr.Circuit("or")
    a, b = c.input("x", hr.Bernoulli(0.5), count=2)
    c.output("o", a | b)
    code = lower_boolean(hr.lower(c), 0).instructions
    assert code.op.tolist() == [opcodes.BIT_LOAD] * 2 + [opcodes.BIT_AND] * 2
    assert sorted(zip(code.left_not[2:].tolist(), code.right_not[2:].tolist(), strict=True)) == [(False, False), (True, True)]


@pytest.mark.parametrize(
    ("build", "boolean"),
    [
        (lambda c, a, b: a & ~b, True),
        (lambda c, a, b: 3 * (a ^ b) - 1, True),
        (lambda c, a, b: c.mux(a, b, ~b), True),
        (lambda c, a, b: a + b, False),
        (lambda c, a, b: c.input("z", hr.Normal()) * a, False),
        (lambda c, a, b: c.affine([[1.0, 1.0]], [a, b])[0], False),
    ],
)
def test_what_is_boolean(build, boolean):
    c = hr.Circuit("kinds")
    a, b = c.input("x", hr.Bernoulli(0.5), count=2)
    c.output("o", build(c, a, b))
    assert is_boolean(hr.lower(c)) is boolean


def test_a_parity_of_nothing_has_no_node():
    c = hr.Circuit("even")
    a, b = c.input("x", hr.Bernoulli(0.5), count=2)
    both, again = a & b, b & a
    c.output("never", c.affine([2, -2], [both, again], boolean=True))
    c.output("always", c.affine([2, -2], [both, again], 1, boolean=True))
    boolean = lower_boolean(hr.lower(c), 0)
    assert (boolean.value_node == -1).sum() == 2
    one = np.full(len(boolean.instructions.op), 0.25)
    ones, zeros = boolean.probabilities(one, 1.0 - one)
    assert sorted(ones.tolist()) == [0.0, 0.25, 0.25, 0.25, 0.25, 1.0]
    np.testing.assert_array_equal(ones + zeros, 1.0)
    assert list(hr.Reductant(2).estimate(c).value.values()) == [0.0, 1.0]
    table = hr.Reductant(2, keep_tables=True).estimate(c).reduced.table
    np.testing.assert_array_equal(table(c.outputs["always"].index, both.index).probabilities, [[0.0, 0.0], [0.75, 0.25]])


def test_results_are_read_only():
    c = hr.Circuit("read only")
    x, y = c.input("x", hr.Bernoulli(0.5), count=2)
    c.output("o", x ^ y)
    boolean = lower_boolean(hr.lower(c), 1)
    for column in (*boolean.instructions, boolean.value_node, boolean.value_not):
        assert not column.flags.writeable
        assert column.flags.c_contiguous
