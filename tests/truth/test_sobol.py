"""Sobol points: more precise for smooth functions, with a standard error all the same."""

import sys

import pytest

import heurest as hr
from heurest.truth import exact, monte_carlo

pytest.importorskip("scipy")


def smooth():
    c = hr.Circuit("smooth")
    x = c.input("x", hr.Uniform(0, 1), count=3)
    g = c.input("g", hr.MultivariateNormal([0, 0], [[1, 0.5], [0.5, 1]]))
    c.output("product", x[0] * x[1] * x[2])
    c.output("joint", g[0] * g[1] + x[0])
    c.output("bit", c.input("b", hr.Bernoulli(0.3)))
    return c


def test_the_error_is_smaller_than_that_of_random_points_and_true():
    truth = exact(smooth())
    sobol, random = monte_carlo(smooth(), 65536, points="sobol"), monte_carlo(smooth(), 65536)
    assert sobol.method == "mc:65536:points=sobol"
    for name in ("product", "joint", "bit"):
        assert sobol.stderr[name] < 0.2 * random.stderr[name]
        assert abs(sobol.value[name] - truth.value[name]) < 6 * sobol.stderr[name]  # of 16 replicates: Student, not normal
        assert sobol.variance[name] == pytest.approx(truth.variance[name], rel=0.05)


def test_samples_are_rounded_up_to_powers_of_two():
    assert [monte_carlo(smooth(), n, points="sobol").samples for n in (2, 1024, 1025, 5000)] == [1024, 1024, 2048, 8192]


def test_the_result_does_not_depend_on_the_threads():
    one, three = (monte_carlo(smooth(), 10_000, rng=3, threads=threads, points="sobol") for threads in (1, 3))
    assert one.value == three.value
    assert one.stderr == three.stderr


def test_intervals_cover_the_truth():
    c = hr.Circuit("one")
    x = c.input("x", hr.Uniform(0, 1), count=2)
    c.output("o", x[0] * x[1])
    covered = 0
    for seed in range(200):
        low, high = monte_carlo(c, 1024, rng=seed, points="sobol").interval["o"]
        covered += low <= 0.25 <= high
    assert covered >= 176  # five standard deviations below 190


def test_it_stops_at_a_standard_error_or_a_time():
    assert max(monte_carlo(smooth(), stderr=1e-3, points="sobol").stderr.values()) <= 1e-3
    assert monte_carlo(smooth(), seconds=0.02, points="sobol").samples >= 1024


def test_an_interrupt_keeps_whole_rounds():
    def interrupt(done, total, what):
        if done >= 4096:
            raise KeyboardInterrupt

    found = monte_carlo(smooth(), 10**6, points="sobol", progress=interrupt)
    assert found.samples == 4096
    assert found.warnings == ("interrupted after 4,096 samples",)
    assert found.value == monte_carlo(smooth(), 4096, points="sobol").value


def test_a_rare_output_without_hits_has_an_error():
    c = hr.Circuit("rare")
    c.output("o", c.input("x", hr.Bernoulli(1e-9)))
    found = monte_carlo(c, 1024, points="sobol")
    assert found.stderr["o"] == pytest.approx(1 / 1024, rel=0.01)


def test_constants_take_no_points():
    c = hr.Circuit("constant")
    c.output("o", c.constant(3.0))
    assert monte_carlo(c, 1024, points="sobol").value == {"o": 3.0}


def test_too_many_inputs_are_refused():
    c = hr.Circuit("wide")
    c.output("o", c.input("x", hr.Normal(), count=21_202).sum())
    with pytest.raises(hr.ArgumentError, match="at most 21,201 coordinates, a sample takes 21,202"):
        monte_carlo(c, 1024, points="sobol")


def test_without_scipy_the_message_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "scipy.stats.qmc", None)
    monkeypatch.setitem(sys.modules, "scipy.stats", None)
    with pytest.raises(hr.ArgumentError, match=r"pip install 'heurest\[qmc\]'"):
        monte_carlo(smooth(), 1024, points="sobol")
