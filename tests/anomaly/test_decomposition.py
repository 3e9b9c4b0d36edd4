"""Numbers too large for sums of squares: one line that names the wire or the term, and no warning."""

import numpy as np
import pytest

import heurest as hr
from heurest.anomaly.additive import additive_explanation


def scaled_product(factor=1.0):
    c = hr.Circuit("scaled")
    x, y = c.input("x", hr.Normal()), c.input("y", hr.Normal())
    c.output("o", factor * (x * y) + x)
    return c


TRAIN = np.array([[1.0, 2.0], [2.0, -1.0], [0.0, 0.5]])


@pytest.mark.parametrize("size", [1e71, 1e200, 1e308])
def test_training_names_the_wire_that_is_too_large(size):
    train = np.vstack([TRAIN, [[1.0, size]]])
    with pytest.raises(hr.ArgumentError, match=r"^circuit 'scaled': wire y is 1e\+\d+, beyond 1e\+70, at \[1\.0, 1e\+\d+\]$"):
        additive_explanation(scaled_product(), "o", train)


def test_judging_names_the_term_that_is_too_large():
    explained = additive_explanation(scaled_product(), "o", TRAIN)
    for judge in (explained.verdicts, explained.leverage_verdicts, explained.score):
        # y has mean 1/2 and x has mean 1, so the term y is 1 (y - 1/2)
        with pytest.raises(hr.ArgumentError, match=r"^circuit 'scaled': term '.*' is -?1e\+200, beyond 1e\+140, at \[0\.0, 1e\+200\]$"):
            judge([[0.0, 1e200]])
    assert np.isfinite(explained.score([[1e60, 1e60]])).all()


def test_a_coefficient_that_cannot_be_squared_is_named():
    with pytest.raises(hr.ArgumentError, match=r"^circuit 'scaled': term 'x \* y' has the coefficient 1e\+200, too large to be squared$"):
        additive_explanation(scaled_product(1e200), "o", TRAIN * 1e-70)
