"""Random boolean circuits: gates of the kinds and shares asked for, and the values that their names promise."""

import itertools

import numpy as np
import pytest

import heurest as hr
from heurest.circuit.gates import AFFINE, AND
from heurest.families.boolean import random_boolean
from heurest.formats.circuit_json import dumps
from support.interpreter import circuit_values
from support.sizes import scaled

GATES = scaled(100_000, 10_000)
KINDS = ("and", "or", "xor", "not", "nand", "nor", "xnor")


def all_settings(count):
    return np.array(list(itertools.product((0.0, 1.0), repeat=count))).T


def shape_of(circuit, wire):
    """What a gate's last wire says about its kind: bias and coefficients, or None for a bare conjunction."""
    if circuit.gate[wire] == AND:
        return None
    bias, _, coefficients = circuit.terms(wire)
    return bias, tuple(coefficients.tolist())


SHAPES = {
    "and": None, "or": (0.0, (1.0, 1.0, -1.0)), "xor": (0.0, (1.0, 1.0, -2.0)), "not": (1.0, (-1.0,)),
    "nor": (1.0, (-1.0, -1.0, 1.0)), "xnor": (1.0, (-1.0, -1.0, 2.0)),
}  # fmt: skip


def test_the_same_seed_gives_the_same_circuit():
    assert dumps(random_boolean(rng=5)) == dumps(random_boolean(rng=5))
    assert dumps(random_boolean(rng=5)) != dumps(random_boolean(rng=6))


def test_everything_is_boolean_and_outputs_are_the_last_gates():
    c = random_boolean(inputs=6, gates=40, outputs=3, gates_mix={"and": 1, "not": 1}, rng=2)
    assert c.boolean.all()
    assert [wire.index for wire in c.outputs.values()] == [len(c) - 3, len(c) - 2, len(c) - 1]
    assert list(c.outputs) == ["y[0]", "y[1]", "y[2]"]
    assert len(c) == 46  # ands and nots are one wire each
    assert c.name == "boolean#2"


@pytest.mark.parametrize("kind", KINDS)
def test_a_mix_of_one_kind_gives_that_gate(kind):
    c = random_boolean(inputs=2, gates=1, gates_mix={kind: 2.0}, rng=1)
    values = circuit_values(c, all_settings(2))
    if kind == "not":
        operand = int(c.terms(len(c) - 1)[1][0])
        assert values[-1].tolist() == (1 - values[operand]).tolist()
    else:
        reference = hr.GATES[kind].reference
        assert values[-1].tolist() == [reference(a, b) for a, b in itertools.product((0, 1), repeat=2)]  # symmetric in a and b


def test_shares_of_kinds_lie_within_five_standard_errors():
    mix = {"and": 3, "or": 2, "xor": 2, "not": 1, "nor": 1, "xnor": 1}
    c = random_boolean(inputs=10, gates=GATES, outputs=GATES, gates_mix=mix, rng=3)
    last = [wire.index for wire in c.outputs.values()]
    seen = dict.fromkeys(mix, 0)
    kind_of = {shape: kind for kind, shape in SHAPES.items()}
    for wire in last:
        seen[kind_of[shape_of(c, wire)]] += 1
    for kind, weight in mix.items():
        share = weight / 10
        assert abs(seen[kind] - GATES * share) <= 5.0 * np.sqrt(GATES * share * (1 - share))


def test_operands_lie_in_the_window_and_differ():
    window, inputs = 5, 4
    c = random_boolean(inputs=inputs, gates=GATES, outputs=GATES, gates_mix={"and": 1, "not": 1}, window=window, rng=4)
    own = np.arange(inputs, len(c))  # one wire a gate
    conjunction = c.gate[own] == AND
    left, right = c.left[own][conjunction], c.right[own][conjunction]
    assert (left != right).all()
    distance = np.concatenate([own[conjunction] - left, own[conjunction] - right, own[~conjunction] - c.term_wire])
    assert set(distance.tolist()) == set(range(1, window + 1))


def test_values_of_a_small_circuit_are_0_or_1_everywhere():
    c = random_boolean(inputs=6, gates=60, gates_mix=dict.fromkeys(KINDS, 1), window=None, rng=5)
    values = circuit_values(c, all_settings(6))
    assert set(np.unique(values)) == {0.0, 1.0}


def test_full_order_estimates_count_the_settings():
    c = random_boolean(inputs=4, gates=12, outputs=2, rng=6)
    values = circuit_values(c, all_settings(4))
    assert c.gate[4:].size == (c.gate == AND).sum() + (c.gate == AFFINE).sum()
    for name, estimate in hr.Cumulant(12, "layer").estimate(c).value.items():
        assert estimate == pytest.approx(values[c.outputs[name].index].mean(), abs=1e-9)


def test_laws_on_0_and_1_are_welcome():
    pair = hr.JointDiscrete([[0, 1], [1, 0]], [0.5, 0.5])
    assert [group.law for group in random_boolean(inputs=4, law=pair).groups] == [pair, pair]
    assert len({group.law for group in random_boolean(inputs=4, law="bernoulli").groups}) == 4


@pytest.mark.parametrize(("arguments", "message"), [
    ({"inputs": 0}, "random_boolean: inputs must be an integer of at least 1, got 0"),
    ({"gates": -3}, "random_boolean: gates must be an integer of at least 1, got -3"),
    ({"outputs": 0}, "random_boolean: outputs must be an integer of at least 1, got 0"),
    ({"gates": 5, "outputs": 6}, "random_boolean: outputs must be at most 5, the number of gates, got 6"),
    ({"gates_mix": {}}, r"random_boolean: gates_mix must give weights by gate, such as .*"),
    ({"gates_mix": ["and"]}, r"random_boolean: gates_mix must give weights by gate, such as .*, got a list"),
    ({"gates_mix": {"mux": 1}}, "random_boolean: a gate of gates_mix must be one of and, or, xor, not, nand, nor, xnor, got 'mux'"),
    ({"gates_mix": {"and": "1"}}, "random_boolean: weight of and must be a number, got '1'"),
    ({"gates_mix": {"and": -1, "or": 2}}, "random_boolean: the weights of gates_mix must not be negative and .*"),
    ({"gates_mix": {"and": 0}}, "random_boolean: the weights of gates_mix must not be negative and must have a positive sum, .*"),
    ({"window": 0}, "random_boolean: window must be an integer of at least 1, got 0"),
    ({"law": "normal"}, "random_boolean: law normal takes values other than 0 and 1"),
    ({"law": "coin"}, "random_boolean: unknown law 'coin'; known are .*"),
    ({"rng": 1.5}, "random_boolean: rng must be a seed of at least 0 or a numpy.random.Generator, got 1.5"),
])  # fmt: skip
def test_a_bad_parameter_is_one_clear_line(arguments, message):
    with pytest.raises(hr.CircuitError, match=f"^{message}$"):
        random_boolean(**arguments)
