"""The choice between exact and sampled truth."""

import pytest

import heurest as hr
from heurest.truth import ground_truth, monte_carlo


def small():
    c = hr.Circuit("small")
    c.output("y", c.input("x", hr.Normal(3, 1)) ** 2)
    return c


def hard():
    c = hr.Circuit("hard")
    x = c.input("x", hr.Uniform(0.0, 1.0), count=30)
    y = (x.sum() ** 2 + x[0]) ** 2
    c.output("y", 1e-12 * y * y * y)
    return c


def test_auto_is_exact_where_that_fits():
    found = ground_truth(small())
    assert found.exact
    assert found.value["y"] == pytest.approx(10.0)


def test_auto_samples_where_nothing_fits():
    found = ground_truth(hard(), samples=5000, rng=7)
    assert found.method == "mc:5000"
    assert found.value == monte_carlo(hard(), 5000, rng=7).value


def test_the_budget_decides():
    c = hr.Circuit("bits")
    x = c.input("x", hr.Sign(), count=12)
    c.output("y", (x.sum() ** 2 + x[0] * x[1] * x[2]) ** 4)  # 4,096 points
    assert ground_truth(c).method == "exact:enumeration"
    assert ground_truth(c, max_points=100, samples=1000).method == "mc:1000"


def test_mc_samples_even_what_is_exact():
    assert ground_truth(small(), "mc").method == "mc:100000"
    assert ground_truth(small(), "mc", stderr=0.1).stderr["y"] <= 0.1


def test_exact_can_be_asked_for():
    assert ground_truth(small(), "exact").method == "exact:quadrature"
    assert ground_truth(small(), "exact:polynomial").method == "exact:polynomial"
    with pytest.raises(hr.IntractableError, match="bits: not all live wires are boolean"):
        ground_truth(small(), "exact:bits")


@pytest.mark.parametrize("truth", ["auto", "exact", "mc"])
def test_options_are_checked_whatever_is_chosen(truth):
    for options in ({"samples": 0}, {"rng": -1}, {"threads": 0}, {"confidence": 2.0}, {"stderr": -1.0}):
        with pytest.raises(hr.ArgumentError):
            ground_truth(small(), truth, **options)


def test_an_unknown_truth_is_refused():
    with pytest.raises(hr.ArgumentError, match=r"truth must be one of auto, exact, mc, exact:bits, .* got 'oracle'"):
        ground_truth(small(), "oracle")
