"""P(0) of every wire, kept apart from P(1) by the methods that can."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import heurest as hr
from heurest.estimators.clamped import ClampedCovariance
from heurest.estimators.cop import Cop
from heurest.estimators.correlation import Correlation
from support.boolean_circuits import EXTREME, literal_circuits, read_once_circuits

METHODS = st.sampled_from(
    [Cop(), Correlation(), ClampedCovariance(), hr.Reductant(2), hr.Reductant(3), hr.Reductant(2, completion="regression")]
)


@given(literal_circuits(max_gates=10), METHODS)
def test_it_is_one_less_the_mean_of_every_known_wire(circuit, method):
    for keep_dead in (False, True):
        estimate = method.estimate(circuit, keep_dead=keep_dead)
        np.testing.assert_allclose(estimate.complement, 1.0 - estimate.mean, rtol=0, atol=2.0**-52)
        assert not keep_dead or np.isfinite(estimate.complement).all()


@given(read_once_circuits(EXTREME), METHODS)
def test_the_inverse_of_an_output_has_the_two_exchanged(circuit, method):
    c = circuit.copy()
    c.output("not o", ~c.outputs["o"])
    estimate = method.estimate(c)
    wire, inverse = c.outputs["o"].index, c.outputs["not o"].index
    assert (estimate.mean[inverse], estimate.complement[inverse]) == (estimate.complement[wire], estimate.mean[wire])


@pytest.mark.parametrize("method", [Cop(), Correlation(), ClampedCovariance(), hr.Reductant(2), hr.Reductant(3)], ids=lambda m: m.spec)
def test_it_has_the_digits_that_one_less_the_mean_has_lost(method):
    c = hr.Circuit("nearly always")
    x, y = c.input("x", hr.Bernoulli(1e-20), count=2)
    c.output("o", ~(x & y))
    estimate = method.estimate(c)
    assert estimate.value["o"] == 1.0
    assert estimate.complement[c.outputs["o"].index] == pytest.approx(1e-40, rel=1e-12)


def test_methods_that_do_not_keep_it_apart_have_none():
    c = hr.Circuit("boolean")
    x, y = c.input("x", hr.Bernoulli(0.5), count=2)
    c.output("o", x & y)
    real = hr.Circuit("real")
    real.output("o", real.input("x", hr.Normal()) ** 2)
    estimates = [hr.Mean().estimate(c), hr.Cumulant(2).estimate(c), hr.Reductant(2).estimate(real), hr.Reductant(3).estimate(real)]
    assert [estimate.complement for estimate in estimates] == [None] * 4
