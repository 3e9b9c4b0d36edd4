"""The alias table holds exactly the probabilities it was made from."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heurest.circuit.alias import alias_table, draw

weights = st.lists(st.one_of(st.floats(1e-12, 1.0), st.sampled_from([1.0, 1e-300])), min_size=1, max_size=30)


@given(weights)
def test_shares_of_each_point_add_up_to_its_probability(weights):
    probs = np.array(weights) / sum(weights)
    table = alias_table(probs)
    columns = np.arange(probs.size)
    shares = table.threshold - columns
    assert (shares >= 0).all()
    assert (shares <= 1).all()
    held = np.bincount(columns, weights=shares) + np.bincount(table.other, weights=1 - shares, minlength=probs.size)
    np.testing.assert_allclose(held / probs.size, probs, atol=1e-14)


def test_blocks_join_without_a_seam():
    probs = np.array([0.5, 0.5])
    table = alias_table(probs)
    points = np.array([[0.0, 1.0], [5.0, 7.0]])
    sample = draw(np.random.default_rng(1), table, points, 40_000)
    assert sample.shape == (2, 40_000)
    assert np.array_equal(sample[1], 5.0 + 2.0 * sample[0])
    thirds = [float(part.mean()) for part in np.array_split(sample[0], 3)]
    assert thirds == pytest.approx([0.5] * 3, abs=5 * 0.5 / np.sqrt(40_000 / 3))
