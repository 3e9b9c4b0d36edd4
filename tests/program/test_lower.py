"""Lowering: the program computes what the circuit does, with no more gates and slots than that takes."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import heurest as hr
from heurest import opcodes
from heurest.circuit import gates
from heurest.kernels import lowering
from heurest.program import Instructions, LayerStep
from heurest.program.program import GroupStep
from support.interpreter import check_slots, circuit_values, program_values
from support.rebuild import ancestors, rebuilt, units
from support.strategies import circuits

ANY_ORDER = st.randoms(use_true_random=False)


def sample_inputs(circuit, samples=8):
    """Values for the inputs: any number for a real one, all combinations as far as they go for boolean ones."""
    rng = np.random.default_rng(len(circuit))
    boolean = np.array([wire.boolean for wire in circuit.inputs], dtype=bool)
    real = rng.choice([-1.5, -1.0, 0.0, 0.5, 1.0, 1.25], size=(boolean.size, samples))
    bits = np.arange(samples) >> np.maximum(np.cumsum(boolean) - 1, 0)[:, np.newaxis] & 1
    return np.where(boolean[:, np.newaxis], bits, real)


def assert_same_values(program, circuit):
    """Every wire of the program equals that of the circuit, or is NaN and not wanted."""
    inputs = sample_inputs(circuit)
    expected, actual = circuit_values(circuit, inputs), program_values(program, inputs)
    assert set(np.unique(expected[circuit.boolean])) <= {0.0, 1.0}
    known = ~np.isnan(actual).all(axis=1)
    assert known[program.wanted].all()
    size = np.maximum(np.abs(expected).max(axis=0), 1.0)
    np.testing.assert_array_less(np.abs(actual - expected)[known], np.broadcast_to(1e-12 * size**2, actual.shape)[known])
    return known


def program_of(build):
    """The program, compared with its circuit, whose outputs are the wire or the wires that the function returns."""
    c = hr.Circuit("test")
    made = build(c)
    for i, wire in enumerate([made] if isinstance(made, hr.Wire) else made):
        c.output(f"o{i}", wire)
    program = hr.lower(c)
    assert_same_values(program, c)
    return program


def op_counts(program):
    counts = {
        name: int((program.instructions.op == getattr(opcodes, name)).sum())
        for name in ("LOAD", "ADD", "MULTIPLY", "AFFINE", "LAYER", "GROUP")
    }
    return {name: count for name, count in counts.items() if count}


# -- the same values -------------------------------------------------------------------------------


def test_gate_codes_are_those_of_the_gate_table():
    for name in ("INPUT", "CONSTANT", "AFFINE", "MULTIPLY", "SQUARE", "AND"):
        assert getattr(lowering, f"GATE_{name}") == getattr(gates, name)


@given(circuits(max_gates=10, max_degree=8))
def test_a_program_computes_what_the_circuit_does(circuit):
    program = hr.lower(circuit)
    known = assert_same_values(program, circuit)
    dead = np.ones(len(circuit), dtype=bool)
    dead[list(ancestors(circuit, program.wanted.tolist()))] = False
    assert (program.wire_value[dead & ~known] == -1).all()
    # a dead wire is known only where it is constant or a multiple of one that is wanted
    np.testing.assert_array_equal(np.isnan(program.wire_mean(np.zeros(program.num_values))), ~known)


@given(circuits(max_gates=10, max_degree=8))
def test_dead_wires_can_be_kept(circuit):
    program = hr.lower(circuit, keep_dead=True)
    assert assert_same_values(program, circuit).all()
    assert program.wanted.tolist() == list(range(len(circuit)))


@given(circuits(max_gates=10, max_degree=8), st.data())
def test_any_wires_can_be_asked_for(circuit, data):
    wanted = data.draw(st.lists(st.integers(0, len(circuit) - 1), min_size=1, max_size=3))
    program = hr.lower(circuit, [circuit.wire(i) for i in wanted])
    assert program.wanted.tolist() == wanted
    assert_same_values(program, circuit)
    by_name = hr.lower(circuit, ["other", circuit.wire(wanted[0])])
    assert by_name.wanted.tolist() == [circuit.outputs["other"].index, wanted[0]]


@given(circuits(max_gates=12, max_degree=8), st.booleans())
def test_slots_are_never_overwritten_while_alive_and_none_is_wasted(circuit, keep_dead):
    program = hr.lower(circuit, keep_dead=keep_dead)
    assert program.num_slots == check_slots(program)
    assert program.value_slot.size == program.num_values
    assert program.num_values == 0 or 0 <= program.value_slot.min() <= program.value_slot.max() < program.num_slots


@given(circuits(max_gates=12, max_degree=8))
def test_steps_cover_the_instructions_once_and_in_order(circuit):
    program = hr.lower(circuit)
    op = program.instructions.op
    covered = []
    for step in program.steps:
        covered += list(step) if isinstance(step, range) else [len(covered)]
        if not isinstance(step, range):
            assert op[covered[-1]] == (opcodes.LAYER if isinstance(step, LayerStep) else opcodes.GROUP)
    assert covered == list(range(op.size))


@given(circuits(max_gates=12, max_degree=8))
def test_everything_is_read_only_flat_and_of_fixed_type(circuit):
    program = hr.lower(circuit)
    arrays = dict(program.instructions._asdict())
    arrays |= {name: getattr(program, name) for name in ("wire_value", "wire_scale", "wire_shift", "value_slot")}
    for number, step in enumerate(program.steps):
        if not isinstance(step, range):
            arrays |= {f"{number}.{name}": part for name, part in vars(step).items() if isinstance(part, np.ndarray)}
    for name, array in arrays.items():
        assert not array.flags.writeable, name
        assert array.flags.c_contiguous, name
    types = {name: array.dtype for name, array in program.instructions._asdict().items()}
    assert types["op"] == types["flags"] == np.uint8
    assert {types[name] for name in ("dest", "left", "right", "value", "term_slot")} == {np.dtype(np.int32)}
    assert {types[name] for name in ("left_scale", "left_shift", "right_scale", "right_shift", "term_scale")} == {np.dtype(np.float64)}


def test_lowering_freezes_the_circuit_and_changes_nothing_else():
    c = hr.Circuit("test")
    x = c.input("x", hr.Normal())
    c.output("o", x * x)
    first, second = hr.lower(c), hr.lower(c)
    assert c.frozen
    assert first.circuit is c
    for name in Instructions._fields:
        np.testing.assert_array_equal(getattr(first.instructions, name), getattr(second.instructions, name))


# -- dead gates ------------------------------------------------------------------------------------


@given(circuits(max_gates=10, max_degree=8))
def test_dead_gates_leave_no_trace(circuit):
    keep = ancestors(circuit, [wire.index for wire in circuit.outputs.values()])
    keep |= {wire for unit in units(circuit) if not keep.isdisjoint(unit) for x in unit for wire in ancestors(circuit, [x])}
    pruned, _ = rebuilt(circuit, lambda ready: ready[0], keep)
    full, small = hr.lower(circuit), hr.lower(pruned)
    loads = small.instructions.op == opcodes.LOAD
    for name, column in small.instructions._asdict().items():
        if name == "left":  # inputs and laws are numbered in the circuit
            special = loads | (small.instructions.op >= opcodes.LAYER)
            np.testing.assert_array_equal(np.where(special, 0, full.instructions.left), np.where(special, 0, column))
        else:
            np.testing.assert_array_equal(getattr(full.instructions, name), column)
    np.testing.assert_array_equal(full.value_slot, small.value_slot)
    assert (full.num_values, full.num_slots, full.depth, full.product_depth) == (
        small.num_values,
        small.num_slots,
        small.depth,
        small.product_depth,
    )


def test_dead_gates_are_not_computed():
    def build(c):
        x, y = c.input("x", hr.Normal(), count=2)
        _ = (x * y) ** 2 + np.pi
        return x + 2 * y

    program = program_of(build)
    assert op_counts(program) == {"LOAD": 2, "ADD": 1}
    assert program.num_values == 3
    mean = program.wire_mean(np.array([1.0, 2.0, 5.0]))
    np.testing.assert_array_equal(mean, [1, 2, np.nan, np.nan, np.nan, 4, 5])


# -- slots -----------------------------------------------------------------------------------------


def chain(c):
    x = c.input("x", hr.Normal())
    y = x
    for _ in range(500):
        y = 0.5 * y * x + 1.0
    return y


def running_sum(c):
    total = c.constant(0.0)
    for x in c.input("x", hr.Normal(), count=500):
        total = total + x * x
    return total


def product_tree(c):
    level = list(c.input("x", hr.Normal(), count=256))
    while len(level) > 1:
        level = [a * b for a, b in zip(level[::2], level[1::2], strict=True)]
    return level[0]


@pytest.mark.parametrize(("build", "slots"), [(chain, 2), (running_sum, 2), (product_tree, 129)])
def test_slots_are_reused(build, slots):
    # The tree is made level by level: 127 products wait while the last two inputs are loaded.
    program = program_of(build)
    assert program.num_slots == slots
    assert check_slots(program) == slots
    assert program.num_values > 500


def test_inputs_are_loaded_when_they_are_first_read():
    def build(c):
        x = c.input("x", hr.Normal(), count=3)
        return (x[2] * x[0]) * x[1]

    program = program_of(build)
    assert program.instructions.op.tolist() == [opcodes.LOAD] * 2 + [opcodes.MULTIPLY, opcodes.LOAD, opcodes.MULTIPLY]
    assert program.instructions.left[[0, 1, 3]].tolist() == [2, 0, 1]
    assert program.num_slots == 2


# -- folding ---------------------------------------------------------------------------------------


def boolean_pair(c):
    return c.input("x", hr.Bernoulli(0.5), count=2)


FOLDED = {
    "scaling": (lambda c: 3 * (2 * c.input("x", hr.Normal()) + 1) - 5, {"LOAD": 1}),
    "an input": (lambda c: c.input("x", hr.Normal()), {"LOAD": 1}),
    "a constant": (lambda c: c.constant(2.0) * 3 + 1, {}),
    "product of constants": (lambda c: c.constant(2.0) * c.constant(-3.0), {}),
    "product with a constant": (lambda c: c.constant(2.0) * (c.input("x", hr.Normal()) + 1), {"LOAD": 1}),
    "product with zero": (lambda c: c.constant(0.0) * c.input("x", hr.Normal()), {}),
    "difference with itself": (lambda c: (x := c.input("x", hr.Normal())) - x + 4, {}),
    "sum of multiples": (lambda c: (x := c.input("x", hr.Normal())) + 2 * x, {"LOAD": 1}),
    "nand": (lambda c: c.apply("nand", *boolean_pair(c)), {"LOAD": 2, "MULTIPLY": 1}),
    "and of negations": (lambda c: ~boolean_pair(c)[0] & ~c.wire(1), {"LOAD": 2, "MULTIPLY": 1}),
    "square of a boolean": (lambda c: boolean_pair(c)[0] ** 2, {"LOAD": 1}),
    "boolean and itself": (lambda c: (b := boolean_pair(c)[0]) & b, {"LOAD": 1}),
    "boolean and its negation": (lambda c: (b := boolean_pair(c)[0]) & ~b, {}),
    "product of multiples of a boolean": (lambda c: (2 * (b := boolean_pair(c)[0]) + 3) * (5 - 4 * b), {"LOAD": 1}),
    "xor with itself": (lambda c: (b := boolean_pair(c)[0]) ^ b, {}),
    "or": (lambda c: boolean_pair(c)[0] | c.wire(1), {"LOAD": 2, "MULTIPLY": 1, "AFFINE": 1}),
    "square of a real": (lambda c: c.input("x", hr.Normal()) ** 2, {"LOAD": 1, "MULTIPLY": 1}),
    "sum of two": (lambda c: c.input("x", hr.Normal()) - 2 * c.input("y", hr.Normal()), {"LOAD": 2, "ADD": 1}),
    "sum of three": (lambda c: c.input("x", hr.Normal(), count=3).sum(), {"LOAD": 3, "AFFINE": 1}),
    "sum of three of which two cancel": (lambda c: c.affine([1, 2, -1, 1], c.input("x", hr.Normal(), count=2)[[0, 1, 0, 1]]), {"LOAD": 1}),
}


@pytest.mark.parametrize("name", FOLDED)
def test_gates_of_one_operand_fold_into_their_readers(name):
    build, expected = FOLDED[name]
    assert op_counts(program_of(build)) == expected


def test_flags_say_which_operands_and_results_are_boolean():
    def build(c):
        x, (a, b) = c.input("x", hr.Normal()), boolean_pair(c)
        return [x * a, a * x, a & b, a | b, a + b, x * x]

    program = program_of(build)
    code = program.instructions
    left, right, result = opcodes.LEFT_BOOLEAN, opcodes.RIGHT_BOOLEAN, opcodes.RESULT_BOOLEAN
    assert code.flags[code.op == opcodes.MULTIPLY].tolist() == [right, left, left | right | result, left | right | result, 0]
    assert code.flags[code.op == opcodes.AFFINE].tolist() == [result]
    assert code.flags[code.op == opcodes.ADD].tolist() == [left | right]
    assert sorted(code.flags[code.op == opcodes.LOAD].tolist()) == [0, result, result]


DEPTHS = {
    "folded": (lambda c: 2 * (c.input("x", hr.Normal()) + 1), 0, 0),
    "three, two of them products": (lambda c: ((z := 2 * (x := c.input("x", hr.Normal())) + 1) * x + x) * z, 3, 2),
    "layer and square": (lambda c: (np.array([[1.0, 1.0], [1.0, -1.0]]) @ c.input("x", hr.Normal(), count=2)) ** 2, 2, 1),
    "dead gates do not count": (lambda c: [(x := c.input("x", hr.Normal())) * x, x**8][0], 1, 1),
}


@pytest.mark.parametrize("name", DEPTHS)
def test_depth_counts_remaining_gates_and_products(name):
    build, depth, product_depth = DEPTHS[name]
    program = program_of(build)
    assert (program.depth, program.product_depth) == (depth, product_depth)


# -- joint laws and dense layers -------------------------------------------------------------------


def joint(c, size=3):
    return c.input("x", hr.MultivariateNormal(np.zeros(size), np.eye(size)))


def test_inputs_of_a_joint_law_are_loaded_together():
    def build(c):
        x, y = joint(c), c.input("y", hr.Normal())
        return (y * x[2]) * x[0] + x[1]

    program = program_of(build)
    op = program.instructions.op.tolist()
    assert op[:5] == [opcodes.LOAD] * 4 + [opcodes.GROUP]
    (step,) = [step for step in program.steps if isinstance(step, GroupStep)]
    assert step.coordinates.tolist() == [0, 1, 2]
    assert step.group == 0
    assert program.wire_value[:3].tolist() == step.values.tolist()
    assert program.value_slot[step.values].tolist() == step.slots.tolist()


def test_dead_inputs_of_a_joint_law_are_not_loaded():
    program = program_of(lambda c: joint(c)[2] ** 2 + c.wire(0))
    (step,) = [step for step in program.steps if isinstance(step, GroupStep)]
    assert step.coordinates.tolist() == [0, 2]
    assert op_counts(program) == {"LOAD": 2, "GROUP": 1, "MULTIPLY": 1, "ADD": 1}
    assert program.wire_value[1] == -1
    assert np.isnan(program.wire_shift[1])


def test_an_input_of_a_joint_law_that_no_gate_reads_gives_its_slot_back():
    def build(c):
        x = joint(c)
        return [x[1], x[0] * x[0] + x[0]]

    program = program_of(build)
    assert check_slots(program) == program.num_slots == 2


def layer_of(matrix, operands, rows, bias=0.0):
    """A program whose outputs are some rows of a layer, and its layer steps."""

    def build(c):
        x = c.input("x", hr.Normal(), count=3)
        return list(c.affine(matrix, operands(c, x), bias)[list(rows)])

    program = program_of(build)
    return program, [step for step in program.steps if isinstance(step, LayerStep)]


def test_a_layer_is_one_step():
    matrix = np.arange(1.0, 7.0).reshape(2, 3)
    program, (step,) = layer_of(matrix, lambda c, x: x, [0, 1], [10.0, 20.0])
    np.testing.assert_array_equal(step.matrix, matrix)
    np.testing.assert_array_equal(step.bias, [10, 20])
    assert op_counts(program) == {"LOAD": 3, "LAYER": 1}
    assert program.wire_value[[3, 4]].tolist() == [step.first_value, step.first_value + 1]
    assert program.depth == 1


def test_dead_rows_of_a_layer_are_left_out():
    matrix = np.arange(1.0, 13.0).reshape(4, 3)
    program, (step,) = layer_of(matrix, lambda c, x: x, [3, 1], [10.0, 20.0, 30.0, 40.0])
    np.testing.assert_array_equal(step.matrix, matrix[[1, 3]])
    np.testing.assert_array_equal(step.bias, [20, 40])
    assert program.num_values == 5
    assert program.wire_value[3:7].tolist() == [-1, 3, -1, 4]


def test_duplicate_and_rescaled_operands_of_a_layer_are_merged():
    _, (step,) = layer_of(
        [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], lambda c, x: hr.Wires(c, [x[0].index, x[1].index, (2 * x[0] + 7).index]), [0, 1]
    )
    np.testing.assert_array_equal(step.matrix, [[1 + 3 * 2, 2], [4 + 6 * 2, 5]])
    np.testing.assert_array_equal(step.bias, [3 * 7, 6 * 7])


def test_constant_operands_of_a_layer_go_into_the_bias():
    _, (step,) = layer_of(
        [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], lambda c, x: hr.Wires(c, [c.constant(10.0).index, x[0].index, x[1].index]), [0, 1], 1.0
    )
    np.testing.assert_array_equal(step.matrix, [[2, 3], [5, 6]])
    np.testing.assert_array_equal(step.bias, [11, 41])


def test_rows_with_one_operand_or_none_leave_the_layer():
    matrix = [[0.0, 2.0, 0.0], [1.0, 1.0, 1.0], [0.0, 0.0, 0.0], [1.0, 2.0, 3.0]]
    program, (step,) = layer_of(matrix, lambda c, x: x, range(4), [1.0, 2.0, 3.0, 4.0])
    np.testing.assert_array_equal(step.matrix, np.array(matrix)[[1, 3]])
    assert program.wire_value[3] == program.wire_value[1]
    assert (program.wire_scale[3], program.wire_shift[3]) == (2.0, 1.0)
    assert program.wire_value[5] == -1
    assert program.wire_shift[5] == 3.0


def test_rows_whose_operands_cancel_leave_the_layer():
    program, steps = layer_of([[1.0, -1.0, 0.0]], lambda c, x: hr.Wires(c, [0, 0, 1]), [0], 5.0)
    assert steps == []
    assert op_counts(program) == {}
    assert program.wire_shift[3] == 5.0


def test_a_layer_may_take_the_slots_of_its_operands():
    def build(c):
        x = c.input("x", hr.Normal(), count=4)
        for seed in range(5):
            x = np.random.default_rng(seed).normal(size=(4, 4)) @ x
        return x.sum()

    program = program_of(build)
    assert program.num_slots == 4
    assert op_counts(program) == {"LOAD": 4, "LAYER": 5, "AFFINE": 1}


def test_a_layer_is_computed_where_its_first_live_row_stands():
    def build(c):
        x = c.input("x", hr.Normal(), count=2)
        y = np.array([[1.0, 1.0], [1.0, -1.0], [2.0, 3.0]]) @ x
        return [y[2] * x[0], x[1] * y[1]]

    program = program_of(build)
    assert check_slots(program) == program.num_slots
    assert op_counts(program) == {"LOAD": 2, "LAYER": 1, "MULTIPLY": 2}


# -- order of construction -------------------------------------------------------------------------


def assert_same_estimates(method, circuit, other):
    one, two = method.estimate(circuit), method.estimate(other)
    for name, value in one.value.items():
        finite = np.abs(one.mean[np.isfinite(one.mean)]).max(initial=1.0)
        assert two.value[name] == pytest.approx(value, rel=1e-9, abs=1e-9 * finite**2)


@given(circuits(max_gates=9, max_degree=8), ANY_ORDER, st.booleans())
def test_reordered_circuits_are_the_same_circuits(circuit, order, keep_dead):
    other, new = rebuilt(circuit, order.choice)
    inputs = sample_inputs(circuit)
    moved = [new[wire.index] for wire in circuit.inputs]
    shuffled = np.empty_like(inputs)
    shuffled[np.argsort(np.argsort(moved))] = inputs
    expected = circuit_values(circuit, inputs)
    actual = program_values(hr.lower(other, keep_dead=keep_dead), shuffled)[[new[wire] for wire in range(len(circuit))]]
    size = 1e-12 * np.maximum(np.abs(expected).max(axis=0), 1.0) ** 2
    assert np.all((np.abs(actual - expected) < size) | np.isnan(actual))
    assert keep_dead <= np.isfinite(actual).all()


@given(circuits(max_gates=10, max_degree=8), ANY_ORDER)
def test_mean_propagation_does_not_depend_on_the_order_of_construction(circuit, order):
    assert_same_estimates(hr.Mean(), circuit, rebuilt(circuit, order.choice)[0])


@given(circuits(max_gates=10, max_degree=8, booleans=False), ANY_ORDER)
def test_covariance_propagation_of_real_wires_does_not_depend_on_the_order_of_construction(circuit, order):
    assume(not any(wire.boolean for wire in circuit.inputs))
    assert_same_estimates(hr.Cumulant(2), circuit, rebuilt(circuit, order.choice)[0])


@given(circuits(max_gates=8, max_degree=6), ANY_ORDER, st.integers(1, 5))
def test_expansion_by_layers_does_not_depend_on_the_order_of_construction(circuit, order, highest):
    assert_same_estimates(hr.Cumulant(highest, "layer"), circuit, rebuilt(circuit, order.choice)[0])


def test_expansion_by_nodes_depends_on_the_order_of_construction_from_order_three_on():
    # The documented exception; if it became independent, the documentation would have to say so.
    def build(swapped):
        c = hr.Circuit("swap")
        x, y, z = c.input("x", hr.Normal(), count=3)
        first, second = (lambda: x * y + y * z), (lambda: (y * x) ** 2)
        u, w = (second(), first())[::-1] if swapped else (first(), second())
        c.output("o", (u * w) * u * w)
        return c

    three = [hr.Cumulant(3).estimate(build(swapped)).value["o"] for swapped in (False, True)]
    assert three[0] != pytest.approx(three[1], rel=1e-3)
    for method in (hr.Mean(), hr.Cumulant(2), hr.Cumulant(3, "layer")):
        one, two = (method.estimate(build(swapped)).value["o"] for swapped in (False, True))
        assert one == pytest.approx(two, rel=1e-12)


# -- bad requests ----------------------------------------------------------------------------------


def small(with_output=True):
    c = hr.Circuit("test")
    x = c.input("x", hr.Normal())
    if with_output:
        c.output("o", x * x)
    return c


@pytest.mark.parametrize(("outputs", "message"), [
    (["p"], "circuit 'test' has no output named 'p'; it has o"),
    (["o", "x"], "circuit 'test' has no output named 'x'; it has o"),
    ([small().wire(0)], "circuit 'test': <wire 0 'x': input of 'test'> belongs to another circuit"),
    ([], r"circuit 'test' has no output: declare one with circuit\.output\(name, wire\)"),
])  # fmt: skip
def test_outputs_that_are_not_there_are_named(outputs, message):
    with pytest.raises(hr.CircuitError, match=f"^{message}$"):
        hr.lower(small(), outputs)


def test_a_circuit_without_outputs_is_refused_unless_all_wires_are_wanted():
    with pytest.raises(hr.CircuitError, match=r"^circuit 'test' has no output: declare one with circuit\.output\(name, wire\)$"):
        hr.lower(small(with_output=False))
    with pytest.raises(hr.CircuitError, match=r"^circuit 'test' has no output named 'o'; it has none$"):
        hr.lower(small(with_output=False), ["o"])
    assert hr.lower(small(with_output=False), keep_dead=True).num_values == 1
    assert hr.lower(hr.Circuit("empty"), keep_dead=True).num_values == 0
