"""Pairs by the rules of correlation coefficients and of covariances, against the rules taken literally."""

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import heurest as hr
from heurest import opcodes
from heurest.estimators.boolean import input_tables
from heurest.estimators.boolean_pairs import RULES
from heurest.kernels import boolean_pairs
from heurest.kernels.boolean_pairs import PairState, inverse, joint, pair_rule, propagate_pairs
from support.boolean_circuits import BENIGN, EXTREME, boolean_program, input_law, literal_circuits, random_circuit
from support.boolean_pairs import PairReference
from support.boolean_reductants import nodes_of
from support.sizes import JIT_DISABLED, scaled

every_rule = pytest.mark.parametrize("rule", RULES)


def run(kernel, circuit, rule, clamped, generations, stops=()):
    """P(1) and P(0) of all nodes, and the state at the end; the instructions are run in pieces that end at ``stops``."""
    program = boolean_program(circuit, generations)
    code, slots = program.instructions, program.num_slots
    columns = (np.zeros(slots), np.zeros(slots), np.zeros(slots), np.full(slots, -1), np.zeros(slots), np.zeros((slots, slots)))
    state = PairState(*columns, np.zeros(boolean_pairs.TALLY))
    one, zero = np.full(len(code.op), np.nan), np.full(len(code.op), np.nan)
    start = 0
    for stop in (*stops, len(code.op)):
        kernel(code, start, stop, input_tables(circuit, 2), state, RULES.index(rule), clamped, one, zero)
        start = stop
    return one, zero, state


def check_against_reference(circuit, rule, clamped):
    reference = PairReference(nodes_of(boolean_program(circuit, None)), rule, clamped, input_law(circuit))
    expected = np.array(reference.one, dtype=float)
    one, zero, state = run(propagate_pairs, circuit, rule, clamped, None)
    np.testing.assert_allclose(one, expected, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(zero, np.array([1 - p for p in reference.one], dtype=float), rtol=1e-9, atol=1e-12)
    for pair, both in reference.pairs.items():
        i, j = sorted(pair)
        covariance = float(both - reference.one[i] * reference.one[j])
        assert state.covariance[i, j] == state.covariance[j, i] == pytest.approx(covariance, rel=1e-8, abs=1e-12)
    reused = run(propagate_pairs, circuit, rule, clamped, 0)
    for k in range(2):
        np.testing.assert_allclose(reused[k], (one, zero)[k], rtol=1e-12, atol=1e-15)


@every_rule
@given(literal_circuits(max_gates=9))
def test_pairs_follow_the_rules(rule, circuit):
    check_against_reference(circuit, rule, True)


@every_rule
@given(literal_circuits(max_gates=5))
def test_without_bounds_too(rule, circuit):
    check_against_reference(circuit, rule, False)


@every_rule
def test_larger_circuits(rule):
    for seed in range(scaled(12, 2)):
        check_against_reference(random_circuit(seed, 5, 25, BENIGN), rule, True)


@every_rule
@pytest.mark.parametrize("laws", [BENIGN, EXTREME])
def test_clamped_pairs_are_laws(rule, laws):
    for seed in range(scaled(100, 10)):
        one, zero, state = run(propagate_pairs, random_circuit(seed, 5, 30, laws), rule, True, None)
        assert min(one.min(), zero.min()) >= 0.0
        np.testing.assert_allclose(one + zero, 1.0, rtol=0, atol=2.0**-53)
        assert np.isfinite(state.covariance).all()
        for first, second, sign in ((one, one, 1), (zero, zero, 1), (one, zero, -1), (zero, one, -1)):
            assert (np.outer(first, second) + sign * state.covariance).min() >= -1e-15


@every_rule
@given(literal_circuits(max_gates=9))
def test_instructions_can_be_run_in_pieces(rule, circuit):
    whole = run(propagate_pairs, circuit, rule, True, 0)
    pieces = run(propagate_pairs, circuit, rule, True, 0, stops=range(1, len(whole[0])))
    for k in range(2):
        np.testing.assert_array_equal(whole[k], pieces[k])
    np.testing.assert_array_equal(whole[2].tally, pieces[2].tally)


@pytest.mark.skipif(JIT_DISABLED, reason="nothing is compiled")
@every_rule
@given(literal_circuits(max_gates=9), st.booleans())
def test_compiled_equals_interpreted(rule, circuit, clamped):
    compiled = run(propagate_pairs, circuit, rule, clamped, 0)
    interpreted = run(propagate_pairs.py_func, circuit, rule, clamped, 0)
    for k in range(2):  # the compiler may fuse a product and a sum
        np.testing.assert_allclose(compiled[k], interpreted[k], rtol=1e-9, atol=1e-12)


# -- the pieces ------------------------------------------------------------------------------------


def test_the_tally_counts_live_pairs_and_moves():
    # One-hot inputs: x & y is impossible, and covariance propagation wants P((x & y) & z) = -2/27: a move of cov by 2/27.
    c = hr.Circuit("one-hot")
    x = c.input("x", hr.JointDiscrete(np.eye(3), [1 / 3] * 3))
    c.output("o", (x[0] & x[1]) & x[2])
    _, _, state = run(propagate_pairs, c, "covariance", True, 0)
    completed, moved, total, most = state.tally.tolist()
    assert (completed, moved) == (3, 1)  # x & y beside its two operands and z; the output is read by nobody
    assert total == most == pytest.approx(2 / 27, rel=1e-12)
    assert run(propagate_pairs, c, "covariance", False, 0)[0][-1] == pytest.approx(-2 / 27, rel=1e-12)


@pytest.mark.parametrize(("first", "second", "covariance", "both"), [
    (0.5, 0.5, 0.1, 0.35), (0.5, 0.5, -0.5, -0.25), (0.1, 0.3, -0.1 * 0.3, 0.0), (1e-200, 1e-200, 0.0, 0.0), (1e-30, 0.5, 0.0, 5e-31),
])  # fmt: skip
def test_joint_probability(first, second, covariance, both):
    assert joint(first, second, covariance) == pytest.approx(both, rel=1e-15)


@pytest.mark.parametrize(("p", "expected"), [(0.25, 4.0), (0.0, 0.0), (5e-324, 0.0), (1e-280, 1e280), (-0.5, -2.0)])
def test_an_inverse_never_overflows(p, expected):
    assert inverse(p) == pytest.approx(expected)


@given(st.lists(st.integers(1, 20), min_size=4, max_size=4))
def test_an_exclusive_or_is_indifferent_to_where_inversions_stand(weights):
    p11, p10, p01, p00 = (w / sum(weights) for w in weights)
    a, b = p11 + p10, p11 + p01
    for rule in range(len(RULES)):
        plain = pair_rule(opcodes.BIT_XOR, rule, a, 1 - a, b, 1 - b, p11, p10, p01, p00)
        both = pair_rule(opcodes.BIT_XOR, rule, 1 - a, a, 1 - b, b, p00, p01, p10, p11)  # a ^ b = ~a ^ ~b
        one = pair_rule(opcodes.BIT_XOR, rule, 1 - a, a, b, 1 - b, p01, p00, p11, p10)  # a ^ b = ~(~a ^ b)
        np.testing.assert_allclose(both, [-plain[0], -plain[1], plain[2]], rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(one, [plain[0], -plain[1], plain[2]], rtol=1e-9, atol=1e-12)


def test_the_reference_itself_on_two_products():
    # z = a & b of fair bits; d = a & e: P(z d) = P(abe) = 1/8. C(a, d) = 2, C(b, d) = 1: exact; covariance: 1/2 cov(a, d) = 1/16 too.
    c = hr.Circuit("products")
    a, b, e = c.input("x", hr.Bernoulli(0.5), count=3)
    c.output("o", hr.Wires(c, [(a & e).index, (a & b).index]))
    nodes = nodes_of(boolean_program(c, None))
    gates = frozenset(k for k, node in enumerate(nodes) if node.kind == "and")
    for rule in RULES:
        assert PairReference(nodes, rule, True, input_law(c)).pairs[gates] == Decimal("0.125")
