"""Baselines against their formulas, written with numpy on the wires' values."""

import numpy as np
import pytest

import heurest as hr
from heurest.anomaly.baselines import Mahalanobis, RareValues, SignalProbabilities
from heurest.errors import ArgumentError
from support.interpreter import circuit_values


def example():
    """Five gates; every gate's value is a wire's."""
    c = hr.Circuit("example")
    x = c.input("x", hr.Bernoulli(0.2), count=4)
    a, b = x[0] & x[1], x[2] & x[3]
    c.output("y", a & x[2])
    c.output("z", a & b)
    return c


def data(count, seed):
    return (np.random.default_rng(seed).random((count, 4)) < 0.4).astype(np.uint8)


def values(points):
    return circuit_values(example(), points.T.astype(float))


def test_rare_values_score_the_rarest_value_that_is_taken():
    train, probe = data(50, 0), data(40, 1)
    ones = values(train).sum(axis=1)[:, np.newaxis]
    taken = np.where(values(probe) == 1.0, (ones + 1) / 52, (50 - ones + 1) / 52)
    np.testing.assert_allclose(RareValues(example()).fit(train).score(probe), -np.log10(taken.min(axis=0)), rtol=1e-12)


def test_signal_probabilities_score_the_least_likely_value():
    # No gate's operands are dependent but those of y: a and x[2] are independent, too.
    p = np.array([0.2, 0.2, 0.2, 0.2, 0.04, 0.04, 0.008, 0.0016])[:, np.newaxis]
    probe = data(40, 1)
    taken = np.where(values(probe) == 1.0, p, 1 - p)
    np.testing.assert_allclose(SignalProbabilities(example()).fit(data(5, 0)).score(probe), -np.log10(taken.min(axis=0)), rtol=1e-12)


def test_mahalanobis_is_the_distance_by_the_pseudo_inverse_where_training_varied():
    train = data(400, 0)
    vary = values(train)
    centred = vary - vary.mean(axis=1, keepdims=True)
    covariance = centred @ centred.T / 400
    assert np.linalg.eigvalsh(covariance)[0] > 1e-6
    expected = np.einsum("ik,ij,jk->k", centred, np.linalg.pinv(covariance), centred)
    np.testing.assert_allclose(Mahalanobis(example()).fit(train).score(train), expected, rtol=1e-7)


def test_mahalanobis_looks_at_so_many_nodes():
    few = Mahalanobis(hr.multiplier(6), wires=10)
    assert len(few.nodes) == len(set(few.nodes.tolist())) == 10
    assert few.nodes[-1] == np.flatnonzero(few.network.reaching)[-1]


@pytest.mark.parametrize("kind", [RareValues, SignalProbabilities, Mahalanobis])
def test_streaming_is_batch_and_mistakes_are_named(kind):
    train, probe = data(300, 0), data(100, 1)
    whole, parts = kind(example()).fit(train), kind(example()).fit(train[:70])
    parts.partial_fit(train[70:71]).partial_fit(train[71:])
    assert whole.score(probe).tolist() == parts.score(probe).tolist()
    assert kind(example()).fit(probe).fit(train).score(probe).tolist() == whole.score(probe).tolist()
    with pytest.raises(ArgumentError, match="has not been fitted"):
        kind(example()).score(probe)
    with pytest.raises(ArgumentError, match="are empty"):
        kind(example()).fit(np.zeros((0, 4)))
    with pytest.raises(ArgumentError, match="must have shape"):
        whole.score(np.zeros((1, 3)))
    with pytest.raises(ArgumentError, match="has no output 'q'"):
        kind(example(), ["q"])
