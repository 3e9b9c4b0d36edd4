"""Windowed covariances: against all pairs taken literally, at both ends of the window, and what is exact whatever its size."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import heurest as hr
from heurest import opcodes
from heurest.estimators.boolean import boolean_nodes
from heurest.estimators.windowed import Windowed
from heurest.kernels.boolean_window import threshold
from support.boolean_circuits import literal_circuits, read_once_circuits
from support.enumeration import expected_values


def literal(circuit):
    """Means of all nodes by regression within the Frechet bounds from all pairs, as the formulas stand."""
    nodes = boolean_nodes(hr.lower(circuit, keep_dead=True), None, "literal")
    code = nodes.instructions
    wires = [wire.index for wire in circuit.inputs]
    means = expected_values(circuit)
    position, law_of = {}, []
    for group in circuit.groups:
        for coordinate, wire in enumerate(group.wires):
            position[wire] = len(law_of)
            law_of.append((group, coordinate))
    count = len(code.op)
    one, cov = np.zeros(count), np.zeros((count, count))
    inputs = {}
    for k in range(count):
        if code.op[k] == opcodes.BIT_LOAD:
            number = int(code.left[k])
            one[k] = means[wires[number]]
            inputs[k] = number
            for other, its in inputs.items():
                same = law_of[number][0] is law_of[its][0] and len(law_of[number][0].wires) > 1 and other != k
                if same:
                    cov[k, other] = cov[other, k] = law_of[number][0].law.covariance()[law_of[number][1], law_of[its][1]]
        else:
            a, b = int(code.left[k]), int(code.right[k])
            s, t = -1.0 if code.left_not[k] else 1.0, -1.0 if code.right_not[k] else 1.0
            pa, pb = (1 - one[a] if s < 0 else one[a]), (1 - one[b] if t < 0 else one[b])
            shared = s * t * cov[a, b]
            cells = {
                (1, 1): pa * pb + shared,
                (1, 0): pa * (1 - pb) - shared,
                (0, 1): (1 - pa) * pb - shared,
                (0, 0): (1 - pa) * (1 - pb) + shared,
            }
            is_and = code.op[k] == opcodes.BIT_AND
            one[k] = cells[1, 1] if is_and else cells[1, 0] + cells[0, 1]
            for d in range(k):
                if d in (a, b):
                    sign, mine, theirs = (s, pa, cells[1, 0]) if d == a else (t, pb, cells[0, 1])
                    other = cells[0, 1] if d == a else cells[1, 0]
                    value = cells[1, 1] * (1 - mine) if is_and else theirs * (1 - mine) - other * mine
                    cov[k, d] = cov[d, k] = sign * value
                    continue
                u, v = s * cov[a, d], t * cov[b, d]
                weights = {cell: 1 / max(p, 1e-290) for cell, p in cells.items()}
                e = {(1, 1): 0.0, (1, 0): u, (0, 1): v, (0, 0): u + v}
                x = sum(weights[cell] * e[cell] for cell in e) / sum(weights.values())
                p, q = one[d], 1 - one[d]
                low = max(-p * cells[1, 1], u - q * cells[1, 0], v - q * cells[0, 1], u + v - p * cells[0, 0])
                high = min(q * cells[1, 1], u + p * cells[1, 0], v + p * cells[0, 1], u + v + q * cells[0, 0])
                middle = 0.5 * (low + high)
                x = min(max(x, min(low, middle)), max(high, middle))
                c, not_c = one[k], 1 - one[k]
                value = x if is_and else u + v - 2 * x
                cov[k, d] = cov[d, k] = min(max(value, -c * p, -not_c * q), c * q, not_c * p)
        cov[k, k] = one[k] * (1 - one[k])
    return one


@given(literal_circuits())
def test_with_room_for_all_pairs_it_is_the_formulas(circuit):
    program = hr.lower(circuit, keep_dead=True)
    nodes = boolean_nodes(program, None, "literal")
    ones, _ = nodes.probabilities(literal(circuit), 1.0 - literal(circuit))
    estimate = Windowed(128).estimate(circuit, keep_dead=True)
    np.testing.assert_allclose(estimate.mean, program.wire_mean(ones), atol=1e-9)


@given(literal_circuits(joint=False))
def test_without_partners_it_is_independence(circuit):
    nodes = boolean_nodes(hr.lower(circuit), None, "literal")
    code = nodes.instructions
    one = np.zeros(len(code.op))
    means = expected_values(circuit)
    for k in range(len(one)):
        if code.op[k] == opcodes.BIT_LOAD:
            one[k] = means[circuit.inputs[int(code.left[k])].index]
            continue
        a, b = (
            1 - one[i] if inverted else one[i] for i, inverted in ((code.left[k], code.left_not[k]), (code.right[k], code.right_not[k]))
        )
        one[k] = a * b if code.op[k] == opcodes.BIT_AND else a + b - 2 * a * b
    expected = hr.lower(circuit).wire_mean(nodes.probabilities(one, 1.0 - one)[0])
    got = Windowed(0).estimate(circuit)
    for wire in circuit.outputs.values():
        assert got.mean[wire.index] == pytest.approx(expected[wire.index], abs=1e-12)


@given(read_once_circuits((0.1, 0.5, 0.8)), st.sampled_from([0, 1, 3, 128]))
def test_read_once_circuits_are_exact_with_any_window(circuit, partners):
    truth = expected_values(circuit)
    estimate = Windowed(partners).estimate(circuit)
    for wire in circuit.outputs.values():
        assert estimate.mean[wire.index] == pytest.approx(truth[wire.index], abs=1e-12)


@given(literal_circuits(max_gates=12), st.sampled_from([0, 1, 2, 5]))
def test_estimates_are_probabilities_and_keep_p_and_not_p(circuit, partners):
    estimate = Windowed(partners).estimate(circuit, keep_dead=True)
    assert ((estimate.mean >= 0.0) & (estimate.mean <= 1.0)).all()
    np.testing.assert_allclose(estimate.mean + estimate.complement, 1.0, atol=1e-12)


def test_rare_conjunctions_keep_their_digits():
    c = hr.Circuit("rare")
    bits = c.input("x", hr.Bernoulli(0.5), count=100)
    wire = bits[0]
    for bit in bits[1:]:
        wire = wire & bit
    c.output("all", wire)
    c.output("not all", ~wire)
    estimate = Windowed(4).estimate(c)
    assert estimate.value["all"] == 2.0**-100
    assert estimate.complement[c.outputs["not all"].index] == 2.0**-100


def test_a_wider_window_helps_where_wires_are_read_again():
    c = hr.adder(12)
    truth = hr.exact(c).value
    errors = []
    for partners in (0, 2, 8):
        value = Windowed(partners).estimate(c).value
        errors.append(sum(abs(value[name] - truth[name]) for name in truth))
    assert errors[0] > 10 * errors[2]
    assert errors[2] < 1e-9


def test_the_window_follows_from_the_memory_that_is_stated():
    c = hr.multiplier(8)
    small = Windowed().estimate(c, max_memory=100_000)
    assert small.bytes <= 100_000
    assert 0 < int(small.method.split(":")[1]) < 128
    with pytest.raises(hr.IntractableError, match="bytes"):
        Windowed(128).estimate(c, max_memory=100_000)


@given(st.lists(st.sampled_from([0.0, 0.25, 0.5, 1.0, 2.0]), min_size=1), st.data())
def test_the_threshold_is_the_score_of_the_last_that_stays(scores, data):
    kept = data.draw(st.integers(1, len(scores)))
    array = np.array([*scores, 9.0])
    assert threshold(array, len(scores), kept) == sorted(scores, reverse=True)[kept - 1]


@pytest.mark.parametrize("partners", [-1, 129, 1.5, True])
def test_bad_numbers_of_partners(partners):
    with pytest.raises(hr.ArgumentError, match="partners must be an integer from 0 to 128"):
        Windowed(partners)


def test_real_wires_are_refused():
    c = hr.Circuit("real")
    c.output("y", c.input("x", hr.Normal()) * 2.0)
    with pytest.raises(hr.KindError, match="windowed"):
        Windowed(2).estimate(c)


def test_all_partners_of_joint_inputs_are_known():
    law = hr.JointDiscrete(list(itertools.product((0, 1), repeat=2)), [0.4, 0.1, 0.1, 0.4])
    c = hr.Circuit("joint")
    x, y = c.input(["x", "y"], law)
    c.output("o", x & y)
    assert Windowed(1).estimate(c).value["o"] == pytest.approx(0.4)
