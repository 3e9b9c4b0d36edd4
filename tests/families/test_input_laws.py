"""Laws of generated inputs: by name, one for all, or a list."""

import numpy as np
import pytest

import heurest as hr
from heurest.families.input_laws import INPUT_LAWS, add_inputs, draw_laws, law_label

KINDS = {
    "normal": hr.Normal, "shifted_normal": hr.Normal, "sign": hr.Sign, "uniform": hr.Uniform, "fair": hr.Bernoulli,
    "bernoulli": hr.Bernoulli, "exponential": hr.Exponential, "discrete": hr.Discrete, "empirical": hr.Empirical,
    "multivariate_normal": hr.MultivariateNormal, "joint_discrete": hr.JointDiscrete,
}  # fmt: skip


def drawn(law, count, seed=0):
    return draw_laws("test", law, count, np.random.default_rng(seed))


def test_every_kind_of_law_has_a_name():
    assert {type(law) for name in INPUT_LAWS for law in drawn(name, 3)} == set(KINDS.values())


@pytest.mark.parametrize("name", INPUT_LAWS)
def test_a_name_gives_laws_of_its_kind_for_all_inputs(name):
    laws = drawn(name, 3)
    assert all(type(law) is KINDS[name] for law in laws)
    assert sum(law.size for law in laws) == 3
    assert drawn(name, 3) == laws


@pytest.mark.parametrize("name", ["shifted_normal", "bernoulli", "discrete", "empirical", "multivariate_normal", "joint_discrete"])
def test_free_parameters_depend_on_the_seed(name):
    assert drawn(name, 3, seed=1) != drawn(name, 3, seed=2)


def test_free_parameters_are_as_described():
    assert all(0.2 <= law.p <= 0.8 for law in drawn("bernoulli", 500))
    means = np.array([law.mean for law in drawn("shifted_normal", 500)])
    assert {law.std for law in drawn("shifted_normal", 5)} == {0.7}
    assert abs(means.mean()) < 5 / np.sqrt(500)
    (normal,) = drawn("multivariate_normal", 6)
    assert np.diag(normal.cov).tolist() == [1.0] * 6
    assert 0.1 < np.abs(normal.cov[np.triu_indices(6, 1)]).mean() < 0.9
    (joint,) = drawn("joint_discrete", 6)
    assert joint.values.shape == (8, 6)


def test_one_law_is_repeated():
    law = hr.Uniform(0, 2)
    assert drawn(law, 3) == [law] * 3
    pair = hr.MultivariateNormal([0, 0], np.eye(2))
    assert drawn(pair, 6) == [pair] * 3


def test_inputs_are_numbered_through_all_laws():
    c = hr.Circuit("inputs")
    pair = hr.JointDiscrete([[0, 1], [1, 0]], [0.5, 0.5])
    wires = add_inputs(c, [hr.Normal(), hr.Normal(), pair, pair, hr.Sign()])
    assert wires.index.tolist() == list(range(7))
    assert list(c.names) == [f"x[{i}]" for i in range(7)]
    assert [group.wires for group in c.groups] == [(0,), (1,), (2, 3), (4, 5), (6,)]
    assert [group.law for group in c.groups] == [hr.Normal(), hr.Normal(), pair, pair, hr.Sign()]


def test_labels_are_spelled_as_families():
    assert [law_label(law) for law in ("shifted_normal", hr.Sign(), hr.MultivariateNormal([0], [[1]]), [hr.Sign()])] == [
        "shifted-normal", "sign", "multivariate-normal", "mixed",
    ]  # fmt: skip


@pytest.mark.parametrize(("law", "message"), [
    ("Normal", "test: unknown law 'Normal'; known are normal, .*"),
    (hr.MultivariateNormal([0, 0], np.eye(2)), "test: law multivariate_normal governs 2 inputs, which does not divide 3"),
    ([hr.Normal()] * 2, "test: the laws govern 2 inputs, but there are 3"),
    ([], "test: the laws govern 0 inputs, but there are 3"),
    ([hr.Normal(), "sign", hr.Sign()], "test: a list of laws must hold laws only, got 'sign'"),
    (3, "test: law must be a name, a law or a list of laws, got 3"),
    (None, "test: law must be a name, a law or a list of laws, got None"),
])  # fmt: skip
def test_a_law_that_does_not_fit_is_one_clear_line(law, message):
    with pytest.raises(hr.CircuitError, match=f"^{message}$"):
        drawn(law, 3)
