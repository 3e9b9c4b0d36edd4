"""Correlation coefficients and clamped covariances: where they are exact, what they give elsewhere, how often bounds act."""

import itertools
from functools import reduce
from operator import and_, or_, xor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import heurest as hr
from heurest.estimators import boolean_pairs
from heurest.estimators.clamped import ClampedCovariance
from heurest.estimators.cop import Cop
from heurest.estimators.correlation import Correlation
from support.boolean_circuits import (
    BENIGN,
    EXTREME,
    MAJORITIES,
    joint_bits,
    literal_circuits,
    merging_circuits,
    named,
    random_circuit,
    read_once_circuits,
)
from support.enumeration import expected_values
from support.sizes import scaled

METHODS = (Correlation(), Correlation(clamp="none"), ClampedCovariance())
CLAMPED = (Correlation(), ClampedCovariance())
every_method = pytest.mark.parametrize("method", METHODS, ids=lambda method: method.spec)
clamped_methods = pytest.mark.parametrize("method", CLAMPED, ids=lambda method: method.spec)


def output(circuit, method):
    return method.estimate(circuit).value["o"]


def assert_exact(circuit, method, tolerance=1e-11):
    """Every wire, not only the outputs."""
    estimate = method.estimate(circuit, keep_dead=True)
    np.testing.assert_allclose(estimate.mean, expected_values(circuit), rtol=0, atol=tolerance)


# -- exactness that is a theorem -------------------------------------------------------------------
#
# Let B be independent of (A, D). Then P(A B D) = P(A D) P(B): the product of the three pairs over that of the three wires, as
# P(A B) = P(A) P(B) and P(B D) = P(B) P(D); and the joint cumulant of the three is zero. That holds of every setting of A and B, so
# of an xor, too. Where gates join independent blocks, any other wire D belongs to the block of one operand only, or to neither.


@every_method
@given(merging_circuits())
def test_gates_whose_operands_are_of_independent_blocks_are_exact(method, circuit):
    assert_exact(circuit, method)
    assert method.estimate(circuit).reduced.coherence.moved == 0


@every_method
@given(read_once_circuits(EXTREME))
def test_read_once_circuits_are_exact_to_the_last_digits(method, circuit):
    estimate, exact = method.estimate(circuit), Cop().estimate(circuit)  # which is so itself: test_cop.py
    wire = circuit.outputs["o"].index
    assert estimate.value["o"] == pytest.approx(exact.value["o"], rel=1e-13, abs=1e-307)
    assert estimate.complement[wire] == pytest.approx(exact.complement[wire], rel=1e-13, abs=1e-307)
    assert estimate.warnings == ()


@every_method
@given(joint_bits(4), st.lists(st.booleans(), min_size=4, max_size=4))
def test_pairs_of_jointly_distributed_inputs_are_exact(method, law, inverted):
    c = hr.Circuit("pairs")
    x = [~wire if flag else wire for wire, flag in zip(c.input("x", law), inverted, strict=True)]
    for a, b in itertools.combinations(x, 2):
        c.output(f"and {a.index} {b.index}", a & b)
        c.output(f"xor {a.index} {b.index}", a ^ b)
    assert_exact(c, method)


@every_method
@given(st.data())
def test_two_ands_are_exact(method, data):
    # The second needs the pair of its operands: of two inputs, or of the first and an input; of its own, its table tells, of another
    # it is independent.
    c = hr.Circuit("two ands")
    wires = [c.input(f"x{i}", hr.Bernoulli(data.draw(st.sampled_from(BENIGN)))) for i in range(data.draw(st.integers(1, 4)))]
    for _ in range(2):
        a, b = (data.draw(st.sampled_from(wires)) for _ in range(2))
        wires.append((~a if data.draw(st.booleans()) else a) & (~b if data.draw(st.booleans()) else b))
    c.output("o", wires[-1])
    assert output(c, method) == pytest.approx(expected_values(c)[c.outputs["o"].index], rel=1e-11, abs=1e-13)


@settings(max_examples=scaled(60, 5))
@given(literal_circuits(max_gates=6))
def test_where_no_bound_acts_covariance_is_cumulant_propagation_of_order_two(circuit):
    # An or is three gates of cumulant propagation and an xor two: the same polynomial, but only if each is known to be 0 or 1.
    ands = hr.Circuit("ands")
    wires = {}
    for wire in range(len(circuit)):
        match circuit.gate_name(wire):
            case "input":
                if circuit.right[wire] == 0:
                    group = circuit.groups[circuit.left[wire]]
                    made = ands.input(f"x{wire}", group.law)
                    made = [made] if isinstance(made, hr.Wire) else list(made)
                    wires |= dict(zip(group.wires, made, strict=True))
            case "and":
                a, b = (wires[x] for x in circuit.operands(wire))
                wires[wire] = a & b
            case _:
                _, operands, _ = circuit.terms(wire)
                a = wires[operands[0]]
                wires[wire] = ~a if len(operands) == 1 else ~(~a & ~wires[operands[1]])
    ands.output("o", wires[len(circuit) - 1])
    found = ClampedCovariance().estimate(ands)
    if found.reduced.coherence.moved == 0:
        assert found.value["o"] == pytest.approx(output(ands, hr.Cumulant(2)), rel=1e-9, abs=1e-9)


# -- derived by hand -------------------------------------------------------------------------------


@every_method
@pytest.mark.parametrize("p", [0.0, 5e-324, 1e-300, 1e-20, 0.3, 0.5, 1 - 2.0**-53, 1.0])
def test_laws_of_boolean_algebra(method, p):
    c = hr.Circuit("laws")
    x, y = c.input("x", hr.Bernoulli(p)), c.input("y", hr.Bernoulli(0.6))
    both = p * 0.6
    cases = {
        "x & x": (x & x, p), "not not": (~(~x), p), "absorbed": (x & (x | y), p), "x & ~x": (x & ~x, 0.0), "x ^ x": (x ^ x, 0.0),
        "(x & y) & x": ((x & y) & x, both), "(x & y) & ~x": ((x & y) & ~x, 0.0),
    }  # fmt: skip
    # z = x & y, made twice: C(x, z) C(y, z) = 1 / P(z), but y cov(x, z) + x cov(y, z) = z (x + y - 2 z). And beside x & not y:
    # C(x, z) C(not y, z) = 0, but (1 - y) cov(x, z) - x cov(y, z) = z (1 - y) (1 - 2 x).
    by_covariance = method.spec == "covariance"
    cases["twice"] = (x & y) & (y & x), both * (p + 0.6 - both) if by_covariance else both
    cases["split"] = (x & y) | (x & ~y), p - 0.24 * p * p - 0.24 * p * (1 - 2 * p) if by_covariance else p
    for name, (wire, _) in cases.items():
        c.output(name, wire)
    value = method.estimate(c).value
    for name, (_, exact) in cases.items():
        assert value[name] == pytest.approx(exact, rel=1e-12, abs=1e-15), name


def test_majority_as_three_products():
    # Fair bits, r = z & x meets o = p | q with p = x & y, q = y & z. P(not p) = P(not q) = 3/4, cov(p, q) = 1/16, P(o) = 3/8.
    # Covariance: cov(p, x) = 1/8 and cov(q, x) = 0, so cov(not o, x) = -3/4 / 8 = -3/32, the same for z;
    # cov(r, o) = (3/32 + 3/32) / 2 = 3/32, and P(r or o) = 5/8 - 3/32 - 3/32.
    circuit = named(MAJORITIES["three products"], (0.5, 0.5, 0.5), unpacked=True)
    assert output(circuit, ClampedCovariance()) == pytest.approx(7 / 16, rel=1e-12)
    # Coefficients: C(not p, x) = 2/3 and C(not q, x) = 1, so with n = not o, that is what an or is kept as, C(n, x) = C(n, z) = 2/3;
    # P(r and n) = 1/4 * 5/8 * 4/9 = 5/72, and P(r or o) = 1 - (5/8 - 5/72).
    assert output(circuit, Correlation()) == pytest.approx(4 / 9, rel=1e-12)


def one_hot():
    c = hr.Circuit("one-hot")
    return c, c.input("x", hr.JointDiscrete(np.eye(3), [1 / 3] * 3))


@clamped_methods
def test_one_hot_and(method):
    # x & y is impossible, and so is anything with it; covariance propagation alone wants -2/27.
    c, x = one_hot()
    c.output("o", (x[0] & x[1]) & x[2])
    estimate = method.estimate(c)
    assert estimate.value == {"o": 0.0}
    assert estimate.reduced.coherence.moved == (1 if method.spec == "covariance" else 0)


def test_one_hot_or():
    # n = neither x nor y has P(n) = 1/3 and is z. Coefficients: C(not x, z) = 3/2, so P(n and z) = 1/9 * 9/4 = 1/4. Covariance:
    # cov(n, z) = 2/3 (1/9 + 1/9) = 4/27, so P(n and z) = 7/27. The or of all is 1 - P(n) + P(n and z).
    c, x = one_hot()
    c.output("o", (x[0] | x[1]) | x[2])
    assert output(c, Correlation()) == pytest.approx(11 / 12, rel=1e-12)
    assert output(c, ClampedCovariance()) == pytest.approx(25 / 27, rel=1e-12)


def test_parity_escapes_pairs():
    # x ^ y is independent of x and of y alone, so (x ^ y) ^ y, which is x, seems to have nothing to do with x.
    c = hr.Circuit("parity")
    x, y = c.input("x", hr.Bernoulli(0.5), count=2)
    c.output("o", ((x ^ y) ^ y) & x)
    for method in METHODS:
        assert output(c, method) == pytest.approx(0.25, rel=1e-12)


def test_bounds_are_what_the_clamp_is_for():
    # Without it products of coefficients leave what is possible on some of these circuits, and say so.
    warned = 0
    for seed in range(scaled(60, 20)):
        circuit = random_circuit(seed, 4, 25, BENIGN)
        free, kept = Correlation(clamp="none").estimate(circuit, keep_dead=True), Correlation().estimate(circuit, keep_dead=True)
        outside = ~((free.mean >= -1e-9) & (free.mean <= 1 + 1e-9))
        warned += bool(free.warnings)
        assert bool(free.warnings) == outside.any() or not np.isfinite(free.mean).all()
        assert free.reduced.coherence.moved == 0
        assert kept.warnings == ()
    assert warned >= 3


# -- what holds of every circuit -------------------------------------------------------------------


@clamped_methods
@pytest.mark.parametrize("laws", [EXTREME, BENIGN])
def test_probabilities_are_probabilities(method, laws):
    rng = np.random.default_rng(1)
    for seed in range(scaled(150, 10)):
        estimate = method.estimate(random_circuit(seed, rng.integers(1, 7), rng.integers(1, 40), laws), keep_dead=True)
        assert estimate.warnings == ()
        assert min(estimate.mean.min(), estimate.complement.min()) >= 0.0
        np.testing.assert_allclose(estimate.mean + estimate.complement, 1.0, rtol=0, atol=2.0**-53)
        np.testing.assert_allclose(estimate.variance, estimate.mean * estimate.complement, rtol=1e-14, atol=1e-320)
        coherence = estimate.reduced.coherence
        assert 0 <= coherence.moved <= coherence.tables
        assert 0.0 <= coherence.mean <= coherence.most * (1 + 1e-12) <= 1.0 + 1e-12
        assert coherence.contradicted == 0


@every_method
@given(literal_circuits(max_gates=8), st.data())
def test_gates_that_feed_no_output_change_nothing(method, circuit, data):
    c = circuit.copy()
    for _ in range(data.draw(st.integers(1, 4))):
        x, y = (c.wire(data.draw(st.integers(0, len(c) - 1))) for _ in range(2))
        data.draw(st.sampled_from([and_, or_, xor]))(x, y)
    assert method.estimate(c).value == method.estimate(circuit).value


@given(joint_bits(3), st.lists(st.booleans(), min_size=3, max_size=3))
def test_covariance_is_the_same_whichever_value_of_an_input_is_called_1(law, inverted):
    def circuit(flags):
        c = hr.Circuit("inverted")
        points, weights = law.points()
        x = c.input("x", hr.JointDiscrete(np.where(flags, 1 - points, points), weights))
        a, b, d = (~wire if flag else wire for wire, flag in zip(x, flags, strict=True))
        c.output("o", ((a ^ b) & d) ^ (b | (a & d)))
        return c

    if all(wire.boolean for wire in circuit([False] * 3).inputs) and all(wire.boolean for wire in circuit(inverted).inputs):
        method = ClampedCovariance()
        assert output(circuit(inverted), method) == pytest.approx(output(circuit([False] * 3), method), rel=1e-9, abs=1e-12)


def test_coefficients_are_not():
    # Three settings, 1/3 each: P(a) = P(b) = 2/3, P(d) = P(ab) = P(ad) = P(bd) = 1/3. From d: 1/27 / (4/27) = 1/4. From e = not d, with
    # P(ae) = P(be) = 1/3: P(ab) less 1/27 / (8/27) is 5/24. In truth it is 1/3.
    points = np.array([[1, 1, 1], [1, 0, 0], [0, 1, 0]])
    for inverted, expected in ((False, 1 / 4), (True, 5 / 24)):
        c = hr.Circuit("polarity")
        a, b, d = c.input("x", hr.JointDiscrete(abs(points - [0, 0, inverted]), [1 / 3] * 3))
        c.output("o", (a & b) & (~d if inverted else d))
        assert output(c, Correlation()) == pytest.approx(expected, rel=1e-12)


# -- the rest of the contract ----------------------------------------------------------------------


def test_specifications():
    assert [method.spec for method in METHODS] == ["correlation:clamp=two-way", "correlation:clamp=none", "covariance"]
    with pytest.raises(hr.ArgumentError, match=r"^correlation: clamp must be one of two-way, none, got 'three-way'$"):
        Correlation(clamp="three-way")


@every_method
def test_the_record(method):
    c = hr.Circuit("record")
    x, y = c.input("x", hr.Bernoulli(0.25), count=2)
    dead = x | y
    c.output("o", ~(x ^ y))
    c.output("twice", 2 * (x & y) + 1)
    estimate = method.estimate(c)
    assert estimate.method == method.spec
    assert estimate.value == {"o": 0.625, "twice": 1.125}
    assert estimate.complement[c.outputs["o"].index] == 0.375
    assert np.isnan(estimate.complement[[c.outputs["twice"].index, dead.index]]).all()
    assert estimate.law(c.outputs["o"]).weights.tolist() == [0.375, 0.625]
    assert set(estimate.seconds) == {"compile", "plan", "run"}
    assert estimate.terms == 6  # x, y and one gate at a time, and their pairs
    assert "coherence" in estimate.to_dict()


@every_method
def test_a_real_wire_is_named(method):
    c = hr.Circuit("mixed")
    x, y = c.input("x", hr.Bernoulli(0.5)), c.input("height", hr.Normal())
    c.output("o", x * y)
    with pytest.raises(hr.KindError, match=rf"^circuit 'mixed': {method.spec} takes 0/1 wires only, but wire 1 \('height'\) is real$"):
        method.estimate(c)


@every_method
def test_memory_is_planned_before_it_is_taken(method):
    c = hr.adder(16)
    needed = method.estimate(c).bytes
    with pytest.raises(hr.IntractableError, match=rf"{method.spec} over [0-9,]+ live wires needs {needed:,} bytes"):
        method.estimate(c, max_memory=needed - 1)
    assert method.estimate(c, max_memory=needed).value == method.estimate(c).value


@every_method
def test_portions_do_not_change_the_result_and_are_told(method, monkeypatch):
    circuit = random_circuit(3, 5, 40, BENIGN)
    whole = method.estimate(circuit).value
    monkeypatch.setattr(boolean_pairs, "_PAIRS_AT_ONCE", 1)
    calls = []
    assert method.estimate(circuit, progress=lambda *call: calls.append(call)).value == whole
    assert len(calls) > 5
    assert all(done < total and what == "gates" for done, total, what in calls)


@every_method
def test_pairs_follow_the_live_wires_not_the_circuit(method):
    c = hr.Circuit("chain")
    c.output("o", reduce(xor, c.input("x", hr.Bernoulli(0.3), count=scaled(2000, 200))))
    assert method.estimate(c).terms == 6  # three slots
    assert output(c, method) == pytest.approx(0.5, rel=1e-12)
