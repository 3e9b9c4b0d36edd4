"""Read-once formulas: nothing is read twice, everything is read, and mean propagation is exact."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import heurest as hr
from heurest.circuit.gates import AFFINE, AND, MULTIPLY
from heurest.families.read_once import read_once
from heurest.formats.circuit_json import dumps
from support.interpreter import circuit_values

seeds = st.integers(0, 10**6)


def reads(circuit):
    """How often each wire is read, counting both places of a product."""
    count = np.zeros(len(circuit), dtype=int)
    for wire in range(len(circuit)):
        for operand in circuit.operands(wire):
            count[operand] += 1
    return count


@given(seeds, st.integers(1, 20), st.sampled_from(["arithmetic", "boolean"]))
def test_every_wire_but_the_output_is_read_exactly_once(seed, inputs, kind):
    c = read_once(inputs=inputs, kind=kind, rng=seed)
    count = reads(c)
    assert count[c.outputs["y"].index] == 0
    assert (np.delete(count, c.outputs["y"].index) == 1).all()
    assert c.boolean.all() == (kind == "boolean")


@given(seeds)
def test_mean_propagation_is_exact_on_bits(seed):
    c = read_once(inputs=6, kind="boolean", rng=seed)
    settings = np.array(list(itertools.product((0.0, 1.0), repeat=6))).T
    p = np.array([group.law.p for group in c.groups])[:, np.newaxis]
    weight = np.prod(np.where(settings == 1.0, p, 1.0 - p), axis=0)
    assert hr.Mean().estimate(c).value["y"] == pytest.approx(float(circuit_values(c, settings)[-1] @ weight), abs=1e-12)


@given(seeds, st.sampled_from(["shifted_normal", "exponential", "uniform", "discrete"]))
def test_mean_propagation_is_exact_on_numbers(seed, law):
    # the output is affine in each input, so its mean is its value at the means: two points a law show it
    c = read_once(inputs=5, law=law, rng=seed)
    means = [float(group.law.moments(1)[1]) for group in c.groups]
    corners = np.array(list(itertools.product(*((m - 1.0, m + 1.0) for m in means)))).T
    assert hr.Mean().estimate(c).value["y"] == pytest.approx(float(circuit_values(c, corners)[-1].mean()), rel=1e-9, abs=1e-9)


def test_gates_are_of_the_kinds_named():
    arithmetic = [read_once(inputs=30, rng=seed) for seed in range(20)]
    codes = np.concatenate([c.gate[30:] for c in arithmetic])
    assert set(codes.tolist()) == {AFFINE, MULTIPLY}
    assert codes.size == 20 * 29
    # 580 fair choices: five standard errors are 60
    assert abs((codes == MULTIPLY).sum() - 290) < 61
    boolean = np.concatenate([read_once(inputs=30, kind="boolean", rng=seed).gate[30:] for seed in range(5)])
    assert set(boolean.tolist()) == {AFFINE, AND}


def test_one_input_is_its_own_formula():
    c = read_once(inputs=1, rng=0)
    assert c.outputs["y"].index == 0
    assert len(c) == 1


def test_formulas_are_reproducible():
    assert dumps(read_once(rng=3)) == dumps(read_once(rng=3))
    assert dumps(read_once(rng=3)) != dumps(read_once(rng=4))


@pytest.mark.parametrize(("arguments", "message"), [
    ({"inputs": 0}, "read_once: inputs must be an integer of at least 1, got 0"),
    ({"kind": "real"}, "read_once: kind must be one of arithmetic, boolean, got 'real'"),
    ({"kind": "boolean", "law": "normal"}, "read_once: law normal takes values other than 0 and 1"),
    ({"law": "?"}, r"read_once: unknown law '\?'; known are .*"),
    ({"rng": -2}, "read_once: rng must be a seed of at least 0 or a numpy.random.Generator, got -2"),
])  # fmt: skip
def test_a_bad_parameter_is_one_clear_line(arguments, message):
    with pytest.raises(hr.CircuitError, match=f"^{message}$"):
        read_once(**arguments)
