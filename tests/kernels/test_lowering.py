"""The passes of lowering, one by one, against their definitions, and compiled against interpreted."""

from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import heurest as hr
from heurest.circuit.gates import AFFINE, AND, INPUT, MULTIPLY, SQUARE
from heurest.kernels import lowering
from support.interpreter import circuit_values
from support.sizes import JIT_DISABLED
from support.strategies import circuits

FOLD = ("base", "scale", "shift", "start", "stop", "bias", "kept_base", "kept_scale")


def layer_arrays(circuit):
    """Where the operands of each layer start, the operands and the matrices end to end."""
    starts = np.cumsum([0] + [layer.operands.size for layer in circuit.layers])
    operands = np.concatenate([np.empty(0, np.int64), *(layer.operands for layer in circuit.layers)])
    return starts, operands, np.concatenate([np.empty(0), *(layer.matrix.ravel() for layer in circuit.layers)])


def folded(circuit):
    columns = (circuit.gate, circuit.boolean, circuit.left, circuit.right, circuit.value, circuit.term_wire, circuit.term_coefficient)
    return dict(zip(FOLD, lowering.fold(*columns, *layer_arrays(circuit)), strict=True))


def readers(circuit, fold):
    """For every gate that remains, the base wires that it reads."""
    reads = {}
    for wire in np.flatnonzero((fold["base"] == np.arange(len(circuit))) & (circuit.gate != INPUT)).tolist():
        if circuit.gate[wire] == AFFINE and circuit.left[wire] >= 0:
            reads[wire] = fold["kept_base"][fold["start"][wire] : fold["stop"][wire]].tolist()
        else:
            reads[wire] = [base for base in fold["base"][list(circuit.operands(wire))].tolist() if base >= 0]
    return reads


@given(circuits(max_gates=10, max_degree=8))
def test_folding_writes_every_wire_as_a_multiple_of_its_base(circuit):
    fold = folded(circuit)
    boolean = np.array([wire.boolean for wire in circuit.inputs], dtype=bool)
    rng = np.random.default_rng(0)
    inputs = np.where(boolean[:, np.newaxis], rng.integers(0, 2, (boolean.size, 6)), rng.choice([-1.0, 0.5, 2.0], (boolean.size, 6)))
    values = circuit_values(circuit, inputs)
    of_base = np.vstack([values, np.zeros(6)])[fold["base"]]
    size = 1e-12 * np.maximum(np.abs(values).max(axis=0), 1.0) ** 2
    assert np.all(np.abs(fold["scale"][:, np.newaxis] * of_base + fold["shift"][:, np.newaxis] - values) <= size)


@given(circuits(max_gates=10, max_degree=8))
def test_folding_leaves_only_gates_that_have_to_be_computed(circuit):
    fold = folded(circuit)
    base = fold["base"]
    assert ((base == -1) == (fold["scale"] == 0.0)).all()
    assert (base <= np.arange(len(circuit))).all()
    own = base[base >= 0]
    assert (base[own] == own).all()  # bases are their own bases
    for wire, read in readers(circuit, fold).items():
        if circuit.gate[wire] == AFFINE:
            assert len(set(read)) >= 2
        else:
            assert len(read) == 1 if circuit.gate[wire] == SQUARE else len(read) == 2
            assert not (len(set(read)) == 1 and circuit.boolean[read[0]])
    start, stop = fold["start"], fold["stop"]
    for wire in np.flatnonzero(stop > start):
        kept = slice(start[wire], stop[wire])
        assert len(set(fold["kept_base"][kept].tolist())) == stop[wire] - start[wire]  # merged
        assert (fold["kept_scale"][kept] != 0.0).all()


@given(circuits(max_gates=10, max_degree=8), st.data())
def test_live_wires_are_those_that_wanted_ones_are_made_of(circuit, data):
    fold = folded(circuit)
    wanted = np.array(data.draw(st.lists(st.integers(0, len(circuit) - 1), min_size=1, max_size=3)))
    starts, operands, _ = layer_arrays(circuit)
    live, last_use = lowering.mark_live(
        circuit.gate, circuit.left, circuit.right, fold["base"], fold["start"], fold["stop"], fold["kept_base"], starts, operands, wanted
    )
    reads = readers(circuit, fold)
    expected, pending = set(), [base for base in fold["base"][wanted].tolist() if base >= 0]
    while pending:
        wire = pending.pop()
        if wire not in expected:
            expected.add(wire)
            pending += reads.get(wire, [])
    assert set(np.flatnonzero(live).tolist()) == expected
    for wire in expected:
        times = [-1]
        for reader in expected:
            if wire in reads.get(reader, ()):
                layer = circuit.layers[-1 - circuit.left[reader]] if circuit.gate[reader] == AFFINE and circuit.left[reader] < 0 else None
                # the rows of a layer are computed together, where its first live one stands
                times.append(
                    reader if layer is None else min(row for row in range(layer.first, layer.first + len(layer.matrix)) if row in expected)
                )
        assert last_use[wire] == max(times)


def test_scheduling_by_hand():
    # wires: 0 x, 1 y, 2 x*y, 3 1 - 2*(2), 4 (3)*x
    c = hr.Circuit("hand")
    x, y = c.input("x", hr.Normal(), count=2)
    z = x * y
    c.output("o", (1 - 2 * z) * x)
    code = hr.lower(c).instructions
    assert [c.gate[w] for w in range(2, 6)] == [MULTIPLY, AFFINE, AFFINE, MULTIPLY]
    assert code.op.tolist() == [0, 0, 2, 2]
    assert code.value.tolist() == [0, 1, 2, 3]
    assert code.dest.tolist()[:2] == [0, 1]
    assert code.dest[2] == 1  # y is read for the last time
    assert (code.left[3], code.right[3]) == (1, 0)
    assert [column[3] for column in (code.left_scale, code.left_shift, code.right_scale, code.right_shift)] == [-2.0, 1.0, 1.0, 0.0]
    assert code.dest[3] in (0, 1)


def test_products_of_a_boolean_with_itself_fold_whatever_the_gate_and_those_of_a_real_do_not():
    c = hr.Circuit("and")
    a, b = c.input("x", hr.Bernoulli(0.5), count=2)
    x = c.input("r", hr.Normal())
    wires = [a & a, a * a, a**2, a & b, x * x, x * a]
    assert [c.gate[w.index] for w in wires[:4]] == [AND, MULTIPLY, SQUARE, AND]
    assert folded(c)["base"].tolist() == [0, 1, 2, 0, 0, 0, 6, 7, 8]


@pytest.mark.skipif(JIT_DISABLED, reason="nothing is compiled")
@given(circuits(max_gates=10, max_degree=8), st.booleans())
def test_compiled_passes_equal_interpreted_ones(circuit, keep_dead):
    compiled = hr.lower(circuit, keep_dead=keep_dead)
    passes = {name: getattr(lowering, name).py_func for name in ("fold", "mark_live", "schedule")}
    with patch.multiple(lowering, **passes):
        interpreted = hr.lower(circuit, keep_dead=keep_dead)
    for one, two in zip(compiled.instructions, interpreted.instructions, strict=True):
        np.testing.assert_array_equal(one, two)
        assert one.dtype == two.dtype
    for name in ("wire_value", "wire_scale", "wire_shift", "value_slot", "num_values", "num_slots", "depth", "product_depth"):
        np.testing.assert_array_equal(getattr(compiled, name), getattr(interpreted, name))
