"""From slots back to values: every instruction reads the values that its slots hold at that moment."""

import itertools

import numpy as np
import pytest
from hypothesis import given

import heurest as hr
from heurest import opcodes
from heurest.kernels.value_graph import read_instructions
from support.strategies import circuits


def read(program, pieces=1, kernel=read_instructions):
    """What the kernel says of every value, as a dictionary of arrays."""
    n, code = program.num_values, program.instructions
    found = {
        "slot_value": np.full(max(program.num_slots, 1), -1, np.int32), "inputs": np.full(n, -1, np.int64), "product": np.zeros(n, bool),
        "boolean": np.zeros(n, bool), "left": np.full(n, -1, np.int32), "right": np.full(n, -1, np.int32), "bias": np.zeros(n),
        "term_count": np.zeros(n, np.int64), "term_value": np.full(len(code.term_slot), -1, np.int32),
    }  # fmt: skip
    for step in program.steps:
        if isinstance(step, range):
            edges = np.linspace(step.start, step.stop, pieces + 1).astype(int)
            for first, last in itertools.pairwise(edges):
                kernel(code, first, last, *found.values())
    return found


def literal(program):
    """The same, with a dictionary of what each slot holds, one instruction after the other."""
    holds, inputs, products, sums, terms = {}, {}, {}, {}, {}
    code = program.instructions
    for k in (k for step in program.steps if isinstance(step, range) for k in step):
        value = int(code.value[k])
        if code.op[k] == opcodes.LOAD:
            inputs[value] = int(code.left[k])
        elif code.op[k] in (opcodes.ADD, opcodes.MULTIPLY):
            (sums if code.op[k] == opcodes.ADD else products)[value] = (holds[int(code.left[k])], holds[int(code.right[k])])
        elif code.op[k] == opcodes.AFFINE:
            terms[value] = [(t, holds[int(code.term_slot[t])]) for t in range(code.left[k], code.right[k])]
        holds[int(code.dest[k])] = value
    return inputs, products, sums, terms


@pytest.mark.parametrize("compiled", [True, False])
@given(circuit=circuits(max_gates=10, layers=False))
def test_operands_are_what_the_slots_hold(compiled, circuit):
    program = hr.lower(circuit)
    found = read(program, kernel=read_instructions if compiled else getattr(read_instructions, "py_func", read_instructions))
    inputs, products, sums, terms = literal(program)
    assert {v: found["inputs"][v] for v in np.flatnonzero(found["inputs"] >= 0)} == inputs
    assert set(np.flatnonzero(found["product"])) == set(products)
    for value, operands in (products | sums).items():
        assert (found["left"][value], found["right"][value]) == operands
    assert {v: int(found["term_count"][v]) for v in np.flatnonzero(found["term_count"])} == {
        v: n for v, n in [*((v, 2) for v in sums), *((v, len(row)) for v, row in terms.items())] if n
    }
    assert all(found["term_value"][t] == value for row in terms.values() for t, value in row)


@given(circuits(max_gates=10))
def test_a_run_may_be_interrupted_anywhere(circuit):
    program = hr.lower(circuit)
    whole, parts = read(program), read(program, pieces=3)
    for name, array in whole.items():
        np.testing.assert_array_equal(array, parts[name], err_msg=name)


def test_boolean_flags_and_biases_are_carried_over():
    c = hr.Circuit("kinds")
    x = c.input("x", hr.Normal())
    b = c.input("b", hr.Bernoulli(0.5))
    either = b | c.input("d", hr.Bernoulli(0.5))
    c.output("o", c.affine([2, 3, 4], [x, either, b], 7.0) * x)
    found = read(program := hr.lower(c))
    value = {name: int(program.wire_value[wire.index]) for name, wire in {"x": x, "b": b, "either": either}.items()}
    assert [bool(found["boolean"][value[name]]) for name in ("x", "b", "either")] == [False, True, True]
    assert 7.0 in found["bias"][found["term_count"] == 3]
