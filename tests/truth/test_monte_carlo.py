"""Monte Carlo: near the exact values, honest about its errors, and the same whatever the threads."""

import time

import numpy as np
import pytest

import heurest as hr
from heurest.families.bilinear import random_bilinear
from heurest.families.boolean import random_boolean
from heurest.truth import exact, monte_carlo
from heurest.truth.samplers import BitSampler, FloatSampler
from support.sizes import scaled


def mixed():
    """Real and boolean outputs, a joint law, a dense layer, a constant."""
    c = hr.Circuit("mixed")
    x = c.input("x", hr.Uniform(-1, 1), count=3)
    g = c.input("g", hr.MultivariateNormal([0, 1], [[1, 0.5], [0.5, 2]]))
    b = c.input("b", hr.Bernoulli(0.3), count=2)
    h = c.affine([[1.0, 2.0, 3.0], [0.5, -1.0, 0.0]], x, [1.0, 0.0])
    c.output("layer", h[0] * h[1])
    c.output("joint", 3 * (g[0] * g[1]) - 2)
    c.output("bit", b[0] ^ b[1])
    c.output("not", 1 - (b[0] & b[1]))
    c.output("gated", b[0] * x[0] + 1)
    c.output("constant", c.constant(4.0))
    return c


def bits():
    """Boolean gates over fair, biased and joint inputs."""
    c = hr.Circuit("bits")
    x = c.input("x", hr.Bernoulli(0.5), count=3)
    y = c.input("y", hr.Bernoulli(0.3), count=2)
    z = c.input("z", hr.JointDiscrete([[0, 1], [1, 0], [1, 1]], [0.2, 0.3, 0.5]))
    c.output("or", (x[0] & y[0]) | (x[1] ^ y[1]))
    c.output("joint", z[0] & z[1])
    c.output("scaled", 4 * (x[2] & z[0]) - 1)
    return c


SAMPLERS = pytest.mark.parametrize("build", [mixed, bits])


@SAMPLERS
def test_samples_are_near_the_exact_values(build):
    circuit = build()
    truth, found = exact(circuit), monte_carlo(circuit, 100_000, rng=1)
    for name, value in truth.value.items():
        assert abs(found.value[name] - value) <= 5 * np.sqrt(truth.variance[name] / 100_000)
        assert found.stderr[name] == pytest.approx(np.sqrt(truth.variance[name] / 100_000), rel=0.05, abs=1e-15)
        assert found.variance[name] == pytest.approx(truth.variance[name], rel=0.1)
        low, high = found.interval[name]
        assert low <= found.value[name] <= high


@pytest.mark.large
@pytest.mark.parametrize("law", ["normal", "uniform", "sign", "bernoulli", "exponential", "discrete"])
def test_random_bilinear_circuits_agree_with_their_exact_values(law):
    for seed in range(25):
        circuit = random_bilinear(inputs=5, gates=14, law=law, rng=seed)
        truth, found = exact(circuit), monte_carlo(circuit, 10_000, rng=seed)
        assert abs(found.value["y"] - truth.value["y"]) <= 5 * np.sqrt(truth.variance["y"] / 10_000) + 1e-12


@pytest.mark.large
def test_random_boolean_circuits_agree_with_their_exact_values():
    for seed in range(50):
        circuit = random_boolean(inputs=8, gates=60, outputs=3, rng=seed)
        truth, found = exact(circuit), monte_carlo(circuit, 10_000, rng=seed)
        for name, value in truth.value.items():
            assert abs(found.value[name] - value) <= 5 * np.sqrt(truth.variance[name] / 10_000)


@pytest.mark.large
@pytest.mark.parametrize("boolean", [False, True])
def test_intervals_cover_the_truth_as_often_as_they_say(boolean):
    c = hr.Circuit("covered")
    if boolean:
        x, y = c.input("x", hr.Bernoulli(0.6), count=2)
        c.output("o", x & y)  # 0.36
        truth = 0.36
    else:
        x, y = c.input("x", hr.Uniform(0, 1), count=2)
        c.output("o", x * y + x)  # 1/4 + 1/2
        truth = 0.75
    covered = 0
    for seed in range(2000):
        low, high = monte_carlo(c, 1000, rng=seed).interval["o"]
        covered += low <= truth <= high
    assert 0.93 <= covered / 2000 <= 0.97


@SAMPLERS
def test_the_result_does_not_depend_on_the_threads(build):
    circuit = build()
    samples = scaled(300_001, 3001)
    one, two, five = (monte_carlo(circuit, samples, rng=3, threads=threads) for threads in (1, 2, 5))
    assert one.value == two.value == five.value
    assert one.stderr == two.stderr == five.stderr
    assert one.variance == two.variance == five.variance
    assert one.samples == samples


def test_a_target_error_does_not_depend_on_the_threads():
    one, three = (monte_carlo(mixed(), stderr=0.02, rng=3, threads=threads) for threads in (1, 3))
    assert one.value == three.value
    assert one.samples == three.samples


def test_seeds_give_different_samples_and_the_same_seed_the_same():
    first, again, other = (monte_carlo(mixed(), 1000, rng=seed).value["layer"] for seed in (0, 0, 1))
    assert first == again != other


def test_a_generator_gives_a_new_seed_each_time():
    rng = np.random.default_rng(0)
    first, second = (monte_carlo(mixed(), 1000, rng=rng).value["layer"] for _ in range(2))
    again = monte_carlo(mixed(), 1000, rng=np.random.default_rng(0)).value["layer"]
    assert first == again != second


@SAMPLERS
def test_dead_gates_and_inputs_change_nothing(build):
    plain = build()
    busy = plain.copy()
    busy.square(busy.input("dead", hr.Normal()))
    busy.land(busy.input("dead bit", hr.Bernoulli(0.5)), busy.input("other dead bit", hr.Bernoulli(0.1)))
    assert monte_carlo(plain, 1000).value == monte_carlo(busy, 1000).value


def test_a_large_mean_does_not_swallow_the_spread():
    c = hr.Circuit("far")
    c.output("x", c.input("x", hr.Normal(1e9, 1.0)))
    found = monte_carlo(c, 100_000)
    assert found.variance["x"] == pytest.approx(1.0, rel=0.03)
    assert abs(found.value["x"] - 1e9) < 5 / np.sqrt(100_000)


def test_by_default_there_are_100_000_samples():
    found = monte_carlo(bits())
    assert found.samples == 100_000
    assert found.method == "mc:100000"


def test_it_stops_at_a_standard_error():
    found = monte_carlo(mixed(), stderr=0.02)
    assert max(found.stderr.values()) <= 0.02
    size = FloatSampler(hr.lower(mixed())).block_size
    assert found.samples % size == 0
    if found.samples > size:
        before = monte_carlo(mixed(), found.samples - size)
        assert max(before.stderr.values()) > 0.02


def test_it_stops_after_a_time_and_the_number_of_samples_repeats_it():
    begin = time.perf_counter()
    found = monte_carlo(bits(), seconds=0.05)
    assert 0.05 <= time.perf_counter() - begin < 5.0
    assert found.samples % BitSampler(hr.lower(bits())).block_size == 0
    assert monte_carlo(bits(), found.samples).value == found.value


def test_the_first_limit_counts():
    assert monte_carlo(bits(), samples=1000, seconds=100.0, stderr=1e-9).samples == 1000
    assert monte_carlo(bits(), samples=10**12, stderr=0.01).samples < 10**6


def test_seconds_are_split_by_phase():
    found = monte_carlo(mixed(), 10_000)
    assert set(found.seconds) == {"compile", "plan", "draw", "run"}
    assert found.seconds["draw"] > 0.0
    assert found.seconds["run"] > 0.0


def test_progress_is_reported_after_every_block():
    calls = []
    size = BitSampler(hr.lower(bits())).block_size
    monte_carlo(bits(), 2 * size + 1, progress=lambda *call: calls.append(call))
    assert calls == [(size, 2 * size + 1, "samples"), (2 * size, 2 * size + 1, "samples"), (2 * size + 1, 2 * size + 1, "samples")]


@pytest.mark.parametrize("threads", [1, 2])
def test_an_interrupt_keeps_what_was_done(threads):
    def interrupt(done, total, what):
        if done >= 2 * size:
            raise KeyboardInterrupt

    size = BitSampler(hr.lower(bits())).block_size
    found = monte_carlo(bits(), 100 * size, progress=interrupt, threads=threads)
    assert found.samples == 2 * size
    assert found.warnings == (f"interrupted after {2 * size:,} samples",)
    assert found.value == monte_carlo(bits(), 2 * size).value


def test_an_interrupt_before_the_first_block_ends_the_run(monkeypatch):
    def interrupt(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(FloatSampler, "block", interrupt)
    with pytest.raises(KeyboardInterrupt):
        monte_carlo(mixed(), 1000)


def test_a_rare_output_without_hits_has_an_error():
    c = hr.Circuit("rare")
    x = c.input("x", hr.Bernoulli(1e-4), count=2)
    c.output("o", x[0] & x[1])
    found = monte_carlo(c, 10_000)
    assert found.value["o"] == 0.0
    assert found.stderr["o"] == pytest.approx(1e-4, rel=0.01)
    low, high = found.interval["o"]
    assert low == 0.0
    assert 1e-8 < high < 1e-3


def test_a_real_output_that_never_moved_is_warned_of():
    c = hr.Circuit("still")
    x = c.input("x", hr.Discrete([0.0, 2.0], [1 - 1e-12, 1e-12]))
    c.output("o", x)
    assert "was 0 in all 1,000 samples" in monte_carlo(c, 1000).warnings[0]


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # interpreted kernels warn
def test_an_overflow_is_warned_of():
    c = hr.Circuit("huge")
    x = c.input("x", hr.Uniform(1e200, 2e200))
    c.output("o", x * x)
    found = monte_carlo(c, 1000, stderr=1.0)
    assert any("overflow" in line for line in found.warnings)
    assert found.to_dict()["value"]["o"] is None


def test_constants_are_known():
    c = hr.Circuit("constant")
    c.output("o", c.constant(2.5))
    found = monte_carlo(c, stderr=0.1)
    assert (found.value["o"], found.stderr["o"], found.interval["o"]) == (2.5, 0.0, (2.5, 2.5))
    assert found.warnings == ()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"samples": 1}, "samples must be an integer from 2"),
        ({"samples": 10.5}, "samples must be an integer"),
        ({"samples": True}, "samples must be an integer"),
        ({"stderr": 0.0}, "stderr must be a positive number, got 0.0"),
        ({"stderr": float("nan")}, "stderr must be a positive number"),
        ({"seconds": -1}, "seconds must be a positive number, got -1"),
        ({"seconds": "1"}, "seconds must be a positive number"),
        ({"rng": -1}, "rng must be a seed of at least 0 or a numpy Generator"),
        ({"rng": None}, "rng must be a seed"),
        ({"confidence": 1.0}, "confidence must be a number between 0 and 1"),
        ({"confidence": 95}, "confidence must be a number between 0 and 1"),
        ({"threads": 0}, "threads must be an integer from 1"),
        ({"points": "halton"}, "points must be one of random, sobol, got 'halton'"),
        ({"max_memory": 0}, "max_memory must be an integer"),
    ],
)
def test_bad_options_are_refused(options, message):
    with pytest.raises(hr.ArgumentError, match=message):
        monte_carlo(bits(), **options)


@SAMPLERS
def test_memory_is_asked_for_before_it_is_taken(build):
    with pytest.raises(hr.IntractableError, match=r"sampling needs [\d,]+ bytes, but 100 are allowed"):
        monte_carlo(build(), 1000, max_memory=100)


def test_a_circuit_without_outputs_is_refused():
    c = hr.Circuit("none")
    c.input("x", hr.Normal())
    with pytest.raises(hr.CircuitError, match="has no output"):
        monte_carlo(c)
