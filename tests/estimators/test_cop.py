"""Signal probabilities by independence: where they are exact, to which digit, and where they cannot be."""

from fractions import Fraction
from functools import reduce
from math import prod
from operator import and_, or_, xor

import numpy as np
import pytest
from hypothesis import given

import heurest as hr
from heurest.estimators.cop import Cop
from support.boolean_circuits import EXTREME, literal_circuits, merging_circuits, read_once_circuits
from support.enumeration import expected_values
from support.sizes import scaled


def probabilities(circuit):
    """P(1) and P(0) of output ``o``."""
    estimate = Cop().estimate(circuit)
    return estimate.value["o"], estimate.complement[circuit.outputs["o"].index]


def exact_read_once(circuit):
    """P(1) of every wire in fractions; an affine gate is an inverse, or a + b - (1 or 2) a b."""
    one = []
    for wire in range(len(circuit)):
        name = circuit.gate_name(wire)
        if name == "input":
            one.append(Fraction(circuit.groups[circuit.left[wire]].law.p))
        elif name == "and":
            one.append(prod(one[x] for x in circuit.operands(wire)))
        else:
            bias, operands, coefficients = circuit.terms(wire)
            one.append(Fraction(bias) + sum(Fraction(a) * one[x] for a, x in zip(coefficients.tolist(), operands.tolist(), strict=True)))
    return one


# -- exactness that is a theorem -------------------------------------------------------------------


@given(read_once_circuits(EXTREME))
def test_read_once_circuits_are_exact_to_the_last_digits(circuit):
    exact = exact_read_once(circuit)[circuit.outputs["o"].index]
    assert probabilities(circuit) == pytest.approx((float(exact), float(1 - exact)), rel=1e-14, abs=1e-307)


@pytest.mark.parametrize("size", [2, 10, 30, 300])
def test_rare_outputs_keep_their_digits_on_either_side(size):
    p = 0.1
    c = hr.Circuit("rare")
    x = list(c.input("x", hr.Bernoulli(p), count=size))
    exact = Fraction(p) ** size
    names = {"all": (exact, 1 - exact), "not all": (1 - exact, exact)}
    c.output("all", reduce(and_, x))
    c.output("not all", reduce(or_, [~wire for wire in x]))
    estimate = Cop().estimate(c)
    for name, (one, zero) in names.items():
        assert estimate.value[name] == pytest.approx(float(one), rel=1e-12)
        assert estimate.complement[c.outputs[name].index] == pytest.approx(float(zero), rel=1e-12)


def test_an_exclusive_or_of_rare_bits_keeps_its_digits():
    p, q = 3e-31, 7e-33
    c = hr.Circuit("rare")
    x, y = c.input("x", hr.Bernoulli(p)), c.input("y", hr.Bernoulli(q))
    c.output("o", ~(x ^ y))
    assert probabilities(c) == pytest.approx((1.0, p + q), rel=1e-15)


@given(merging_circuits(joint=False))
def test_more_than_one_reader_is_no_harm_where_operands_are_independent(circuit):
    # Every gate joins two blocks that share no input; a block's wires may be read often.
    np.testing.assert_allclose(Cop().estimate(circuit, keep_dead=True).mean, expected_values(circuit), rtol=0, atol=1e-13)


# -- where it is not exact -------------------------------------------------------------------------


def test_the_error_is_the_covariance_of_the_operands():
    # s a and not s b exclude each other: their covariance is -1/16, and the or of them is taken for 7/16.
    c = hr.Circuit("mux")
    s, a, b = c.input("x", hr.Bernoulli(0.5), count=3)
    c.output("o", (s & a) | (~s & b))
    assert probabilities(c) == (7 / 16, 9 / 16)


def test_wires_that_repeat_and_joint_inputs_count_as_independent():
    c = hr.Circuit("repeats")
    x, y = c.input("x", hr.Bernoulli(0.5), count=2)
    u, v = c.input("u", hr.JointDiscrete([[0, 0], [1, 1]], [0.75, 0.25]))
    c.output("absorbed", (x & y) & x)
    c.output("joint", u & v)
    c.output("itself", x & x)
    assert Cop().estimate(c).value == {"absorbed": 1 / 8, "joint": 1 / 16, "itself": 0.5}


@given(literal_circuits(max_gates=10, joint=False))
def test_probabilities_are_probabilities_and_nothing_is_warned_of(circuit):
    estimate = Cop().estimate(circuit, keep_dead=True)
    assert estimate.warnings == ()
    assert min(estimate.mean.min(), estimate.complement.min()) >= 0.0
    np.testing.assert_allclose(estimate.mean + estimate.complement, 1.0, rtol=0, atol=2.0**-51)
    np.testing.assert_allclose(estimate.variance, estimate.mean * estimate.complement, rtol=1e-14)


# -- the rest of the contract ----------------------------------------------------------------------


def test_the_record():
    c = hr.Circuit("record")
    x, y = c.input("x", hr.Bernoulli(0.25), count=2)
    dead = x | y
    never = x & ~x
    c.output("o", x ^ y)
    c.output("never", never)
    c.output("twice", 2 * (x & y) + 1)
    estimate = Cop().estimate(c)
    assert (estimate.method, estimate.reduced) == ("cop", None)
    assert estimate.terms == 5  # x, y, x ^ y with the x & y that it is made of, and the other x & y
    assert estimate.value == {"o": 0.375, "never": 0.0, "twice": 1.125}
    complement = {name: estimate.complement[wire.index] for name, wire in c.outputs.items()}
    assert complement == pytest.approx({"o": 0.625, "never": 1.0, "twice": np.nan}, nan_ok=True)
    assert estimate.variance[c.outputs["twice"].index] == pytest.approx(4 * 15 / 256)
    assert np.isnan(estimate.complement[dead.index])
    assert np.isnan(estimate.mean[dead.index])
    assert Cop().estimate(c, keep_dead=True).complement[dead.index] == 0.5625
    assert set(estimate.seconds) == {"compile", "plan", "run"}


def test_a_real_wire_is_named():
    c = hr.Circuit("mixed")
    x, y = c.input("x", hr.Bernoulli(0.5), count=2)
    c.output("o", (x + y) * x)
    with pytest.raises(hr.KindError, match=r"^circuit 'mixed': cop takes 0/1 wires only, but wire 2 is real$"):
        Cop().estimate(c)


def test_memory_is_planned_before_it_is_taken():
    c = hr.adder(16)
    needed = Cop().estimate(c).bytes
    with pytest.raises(hr.IntractableError, match=rf"^circuit '.*': cop of [0-9,]+ gates and inputs needs {needed:,} bytes"):
        Cop().estimate(c, max_memory=needed - 1)
    assert Cop().estimate(c, max_memory=needed).value == Cop().estimate(c).value


def test_without_outputs():
    c = hr.Circuit("nothing")
    c.input("x", hr.Bernoulli(0.5))
    with pytest.raises(hr.CircuitError, match="has no output"):
        Cop().estimate(c)


def test_memory_is_linear():
    assert Cop().estimate(hr.parity(scaled(4000, 400))).bytes < 12 * Cop().estimate(hr.parity(scaled(400, 40))).bytes


@pytest.mark.large
def test_a_long_chain_is_exact():
    p = 1e-6
    c = hr.Circuit("chain")
    c.output("o", reduce(xor, c.input("x", hr.Bernoulli(p), count=50_000)))
    exact = -np.expm1(50_000 * np.log1p(-2 * p)) / 2
    assert probabilities(c)[0] == pytest.approx(exact, rel=1e-10)
