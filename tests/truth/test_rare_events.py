"""Rare events: unbiased whatever the tilt, sharp where the structure tells the way, and honest where it does not."""

import json
import math
from math import comb

import numpy as np
import pytest

import heurest as hr
from heurest import opcodes
from heurest.errors import ArgumentError, KindError
from heurest.truth.bit_network import bit_network
from heurest.truth.engine import Stopwatch
from heurest.truth.importance import propagated, rare_code
from heurest.truth.options import StopRule
from heurest.truth.rare_events import rare_probability
from heurest.truth.rare_runs import RareRun
from heurest.truth.samplers import generator
from heurest.truth.selections import selections
from heurest.truth.sequential_sampling import SequentialSampler
from heurest.truth.tilted_sampling import TiltedSampler
from support.fractions_oracle import exact_fractions
from support.sizes import scaled

SEEDS = scaled(300, 12)


def bits(c, name, count, p=0.5):
    return list(c.input(name, hr.Bernoulli(p), count=count))


def all_of(wires):
    result = wires[0]
    for wire in wires[1:]:
        result = result & wire
    return result


def wide_and(count, p=0.5):
    c = hr.Circuit("and")
    c.output("y", all_of(bits(c, "x", count, p)))
    return c


def equality(count, spelled=False):
    """Of two numbers; exclusive ors spelled out as ands, as netlists have them, or not."""
    c = hr.Circuit("equal")
    pairs = list(zip(bits(c, "x", count), bits(c, "y", count), strict=True))
    c.output("y", all_of([~(a & ~b) & ~(~a & b) if spelled else ~(a ^ b) for a, b in pairs]))
    return c


def less_than(count, bound):
    """Of a number of so many bits and a constant."""
    c = hr.Circuit("less")
    less, equal = None, None
    for k, x in reversed(list(enumerate(bits(c, "x", count)))):
        if bound >> k & 1:
            here = ~x if equal is None else equal & ~x
            less = here if less is None else less | here
        same = x if bound >> k & 1 else ~x
        equal = same if equal is None else equal & same
    c.output("y", less)
    return c


def at_least(count, most, p=0.5):
    """Whether so many of the inputs are 1: a tree of adders and a comparison."""
    c = hr.Circuit("count")
    columns = [bits(c, "x", count, p)]
    total = []
    for column in columns:
        while len(column) > 1:
            a, b = column.pop(0), column.pop(0)
            carry = column.pop(0) if column else None
            half = a ^ b
            if len(columns) == len(total) + 1:
                columns.append([])
            columns[len(total) + 1].append(a & b if carry is None else (a & b) | (half & carry))
            column.append(half if carry is None else half ^ carry)
        total += column
    more, equal = None, None
    for k, bit in reversed(list(enumerate(total))):
        if most >> k & 1:
            equal = bit if equal is None else equal & bit
        else:
            here = bit if equal is None else equal & bit
            more = here if more is None else more | here
            equal = ~bit if equal is None else equal & ~bit
    c.output("y", equal if more is None else more | equal)
    return c


def tail(count, most, p=0.5):
    return sum(comb(count, k) * p**k * (1 - p) ** (count - k) for k in range(most, count + 1))


def priority(count, p=0.5):
    """Whether the first request that is made is the last one."""
    c = hr.Circuit("priority")
    requests = bits(c, "r", count, p)
    seen = requests[0]
    for request in requests[1:-1]:
        seen = seen | request
    c.output("y", requests[-1] & ~seen)
    return c


SMALL = [
    (wide_and(6, 0.3), 0.3**6),
    (equality(4), 2.0**-4),
    (equality(4, spelled=True), 2.0**-4),
    (less_than(7, 5), 5 / 2**7),
    (at_least(7, 6), tail(7, 6)),
    (at_least(6, 4, 0.2), tail(6, 4, 0.2)),
    (priority(6, 0.4), 0.4 * 0.6**5),
]


def code_of(circuit, value=1, output="y"):
    return rare_code(bit_network(hr.lower(circuit, [output])), value)


@pytest.mark.kernels
@pytest.mark.parametrize("which", range(len(SMALL)))
@pytest.mark.parametrize("sampler", [SequentialSampler, TiltedSampler])
def test_every_sampler_is_unbiased(which, sampler):
    circuit, exact = SMALL[which]
    code = code_of(circuit)
    made = SequentialSampler(code) if sampler is SequentialSampler else TiltedSampler(code, np.random.default_rng(which))
    means = np.array([made.batch(generator(which, seed), 128).mean for seed in range(SEEDS)])
    assert abs(means.mean() - exact) <= 4.5 * means.std(ddof=1) / math.sqrt(SEEDS) + 1e-12 * exact


@pytest.mark.large
def test_it_stays_unbiased_where_particles_are_resampled():
    scores, resampled = [], 0
    for seed in range(60):
        circuit = hr.random_boolean(inputs=9, gates=60, outputs=1, rng=seed)
        name, exact = next(iter(hr.exact(circuit, "bits").value.items()))
        if not 0.0 < exact < 1.0:
            continue
        sampler = SequentialSampler(code_of(circuit, int(exact < 0.5), name))
        means = np.array([sampler.batch(generator(seed, number), 32).mean for number in range(400)])
        resampled += sampler.resampled > 0
        error = means.std(ddof=1) / math.sqrt(len(means))
        if error > 1e-9:
            scores.append((means.mean() - min(exact, 1.0 - exact)) / error)
    assert resampled >= 3
    assert len(scores) >= 20
    assert max(map(abs, scores)) < 4.5
    assert abs(sum(scores)) / math.sqrt(len(scores)) < 4.0


@pytest.mark.large
@pytest.mark.parametrize("which", range(len(SMALL)))
def test_the_standard_error_is_the_spread_of_the_estimates(which):
    circuit, exact = SMALL[which]
    found = [rare_probability(circuit, "y", samples=512, rng=seed) for seed in range(100)]
    scores = np.array([(r.probability - exact) / r.stderr for r in found])
    assert np.mean(scores**2) < 1.6
    assert sum(low <= exact <= high for low, high in (r.interval(0.99) for r in found)) >= 95


@pytest.mark.kernels
def test_operands_that_are_independent_give_the_exact_probability():
    code = code_of(equality(5, spelled=True))
    one, zero = propagated(code)
    assert one[code.output, 0] == pytest.approx(2.0**-5, rel=1e-14)
    assert zero[code.output, 0] == pytest.approx(1.0 - 2.0**-5, rel=1e-14)


@pytest.mark.kernels
def test_slopes_are_derivatives_by_the_inputs_chances():
    from heurest.kernels.sequential_sampling import chance_slopes, propagate_chances

    code = code_of(at_least(6, 4, 0.3))
    slope = chance_slopes(code.lookahead, code.output, *propagated(code))[code.loads]

    def chance(shift, bit):
        one = code.network.probabilities[:, 1:].copy()
        one[bit] += shift
        nodes = len(code.lookahead.op)
        values, inverses = np.empty((nodes, 1)), np.empty((nodes, 1))
        propagate_chances(code.lookahead, one, 1.0 - one, values, inverses)
        return values[code.output, 0]

    expected = [(chance(1e-5, bit) - chance(-1e-5, bit)) / 2e-5 for bit in range(6)]
    np.testing.assert_allclose(slope, expected, rtol=1e-7, atol=1e-9)


def network_values(network, rows, points):
    """Value of every node at points, taken literally."""
    values = []
    for op, left, right, left_not, right_not, select in rows:
        if op == opcodes.BIT_LOAD:
            values.append(points[:, left])
            continue
        x, y = values[left] ^ left_not, values[right] ^ right_not
        if select >= 0:
            values.append(np.where(values[select], x, y))
        else:
            values.append(x & y if op == opcodes.BIT_AND else x ^ y)
    return np.array(values)


@pytest.mark.parametrize("seed", range(scaled(30, 5)))
def test_selections_compute_what_the_ands_compute(seed):
    rng = np.random.default_rng(seed)
    c = hr.Circuit("ands")
    wires = bits(c, "x", 5)
    for _ in range(40):  # ands of ands with random inversions: selections, carries and parities come about
        a, b = (wires[int(k)] for k in rng.choice(range(max(0, len(wires) - 7), len(wires)), 2, replace=False))
        wires.append((a if rng.random() < 0.5 else ~a) & (b if rng.random() < 0.5 else ~b))
        s, a, b = (wires[int(k)] for k in rng.choice(len(wires), 3, replace=False))
        wires.append(~(s & a) & ~(~s & b))
        wires.append(~(a & b) & ~((a ^ b) & s))
    c.output("y", hr.Wires(c, np.array([wire.index for wire in wires[-6:]])))
    network = bit_network(hr.lower(c))
    rows = selections(network)
    assert any(row[5] >= 0 for row in rows)
    points = (np.arange(32)[:, np.newaxis] >> np.arange(5) & 1).astype(bool)
    plain = [(*row[:5], -1) for row in zip(network.op, network.left, network.right, network.left_not, network.right_not, strict=True)]
    np.testing.assert_array_equal(
        network_values(network, rows, points[:, : len(network.probabilities)]),
        network_values(network, plain, points[:, : len(network.probabilities)]),
    )


@pytest.mark.parametrize(
    ("circuit", "exact"),
    [
        (wide_and(30, 0.1), 0.1**30),
        (equality(30), 2.0**-30),
        (equality(30, spelled=True), 2.0**-30),
        (priority(100), 2.0**-100),
    ],
)
def test_where_the_structure_tells_all_every_sample_weighs_the_same(circuit, exact):
    found = rare_probability(circuit, "y")
    assert found.probability == pytest.approx(exact, rel=1e-11, abs=0.0)
    assert found.hits == found.samples
    assert found.relative_error == pytest.approx(1.0 / found.samples, rel=1e-3)
    assert found.structural == pytest.approx(exact, rel=1e-11, abs=0.0)


@pytest.mark.large
@pytest.mark.parametrize(
    ("circuit", "exact", "method"),
    [
        (less_than(40, 1000), 1000 / 2**40, "sequential"),
        (at_least(32, 30), tail(32, 30), "tilted"),
        (at_least(64, 20, 0.05), tail(64, 20, 0.05), "tilted"),
        (at_least(128, 100), tail(128, 100), "tilted"),
    ],
)
def test_rare_ends_of_numbers_and_counts_are_met(circuit, exact, method):
    found = rare_probability(circuit, "y", rng=1)
    assert found.method == f"{method}:{found.samples}"
    assert found.relative_error < 0.05
    assert abs(found.probability - exact) <= 4.5 * found.stderr
    assert not found.warnings


def test_wide_ands_are_within_reach_of_independent_tilts_too():
    found = rare_probability(wide_and(100), "y", method="tilted")
    assert abs(found.probability - 2.0**-100) <= 4.5 * found.stderr
    assert found.relative_error < 0.02


def test_either_value_may_be_the_event():
    c = hr.Circuit("or")
    x = bits(c, "x", 12, 0.9)
    y = x[0]
    for wire in x[1:]:
        y = y | wire
    c.output("y", y)
    assert rare_probability(c, "y", value=0).probability == pytest.approx(0.1**12, rel=1e-11, abs=0.0)
    assert rare_probability(c, "y").probability == pytest.approx(1.0 - 0.1**12, rel=1e-6)


def test_inputs_of_a_joint_law_are_drawn_from_it():
    c = hr.Circuit("joint")
    x = c.input("x", hr.JointDiscrete([[0, 0, 1], [0, 1, 0], [1, 1, 1], [1, 0, 1]], [0.4, 0.3, 0.0001, 0.2999]))
    z = bits(c, "z", 6, 0.2)
    c.output("y", all_of([x[0] & x[1], *z]) | (x[2] & all_of(z)))
    exact = float(exact_fractions(c)["y"].mean)
    for method in ("sequential", "tilted"):
        found = rare_probability(c, "y", method=method, samples=8192)
        assert abs(found.probability - exact) <= 4.5 * found.stderr


def test_structure_alone_decides_where_it_can():
    c = hr.Circuit("certain")
    x, y = c.input("x", hr.Bernoulli(0.5)), c.input("y", hr.Bernoulli(0.0))
    c.output("constant", (x & ~x) | c.constant(1.0))
    c.output("impossible", x & y)
    certain, impossible = rare_probability(c, "constant"), rare_probability(c, "impossible")
    assert (certain.probability, certain.stderr, certain.method, certain.samples) == (1.0, 0.0, "structure", 0)
    assert (impossible.probability, impossible.stderr, impossible.method) == (0.0, 0.0, "structure")
    assert impossible.interval() == (0.0, 0.0)


def test_an_event_that_is_never_seen_has_no_standard_error():
    c = hr.Circuit("contradiction")
    a, b, d = bits(c, "x", 3)
    c.output("y", (a & b) & (~a & d))
    found = rare_probability(c, "y", samples=1000)
    assert (found.probability, found.hits, found.effective_samples) == (0.0, 0, 0.0)
    assert found.stderr == math.inf
    assert found.interval() == (0.0, 1.0)
    assert "never seen" in found.warnings[0]
    assert json.loads(json.dumps(found.to_dict()))["stderr"] is None


def test_a_probability_below_the_least_float_is_refused():
    with pytest.raises(hr.IntractableError, match="smaller than floats go"):
        rare_probability(wide_and(12, 1e-30), "y", samples=100)


def test_the_seed_decides():
    first, again, other = (rare_probability(less_than(12, 7), "y", samples=640, rng=seed).probability for seed in (0, 0, 1))
    assert first == again != other
    rng = np.random.default_rng(0)
    drawn = [rare_probability(less_than(12, 7), "y", samples=640, rng=rng).probability for _ in range(2)]
    assert drawn[0] != drawn[1]


def test_it_stops_where_it_is_told_to():
    assert 640 <= rare_probability(less_than(12, 7), "y", samples=640).samples < 640 + 32
    sharp = rare_probability(less_than(12, 7), "y", stderr=0.004)
    assert sharp.relative_error <= 0.004
    assert sharp.samples < 2**20
    timed = rare_probability(less_than(12, 7), "y", seconds=0.05, method="tilted")
    assert 0.05 <= timed.seconds["run"] < 5.0


def test_progress_and_an_interrupt():
    calls = []

    def interrupt(*call):
        calls.append(call)
        if len(calls) == 3:
            raise KeyboardInterrupt

    found = rare_probability(less_than(12, 7), "y", samples=3200, progress=interrupt)
    assert calls == [(100, 3200, "samples"), (200, 3200, "samples"), (300, 3200, "samples")]
    assert found.warnings[0] == "interrupted after 300 samples"


def test_a_network_that_is_too_entangled_for_drawing_bit_by_bit_is_tilted(monkeypatch):
    monkeypatch.setattr("heurest.truth.sequential_sampling._MOST_LINKS", 10)
    assert rare_probability(wide_and(20), "y").method.startswith("tilted")
    with pytest.raises(hr.IntractableError, match=r"the bits reach [\d,]+ gates in all, at most 10"):
        rare_probability(wide_and(20), "y", method="sequential")


def test_the_error_is_never_below_one_over_the_samples():
    run = RareRun(code_of(wide_and(10)), "sequential", 0, None, Stopwatch())
    run.sample(StopRule(samples=200), None)
    assert run.relative_error >= 1.0 / 224


@pytest.mark.parametrize(
    ("output", "options", "error", "message"),
    [
        ("z", {}, ArgumentError, "circuit 'mixed' has no output 'z'; it has 'y', 'real'"),
        ("real", {}, KindError, "output 'real' of 'mixed' is not boolean"),
        ("y", {"value": 2}, ArgumentError, "value must be 0 or 1, got 2"),
        ("y", {"method": "magic"}, ArgumentError, "method must be one of importance, sequential, tilted"),
        ("y", {"samples": 1}, ArgumentError, "samples must be an integer from 2"),
        ("y", {"stderr": -1.0}, ArgumentError, "stderr must be a positive number"),
        ("y", {"rng": -1}, ArgumentError, "rng must be a seed"),
        ("y", {"max_memory": 0}, ArgumentError, "max_memory must be an integer"),
    ],
)
def test_bad_options_are_refused(output, options, error, message):
    c = hr.Circuit("mixed")
    x = bits(c, "x", 2)
    c.output("y", x[0] & x[1])
    c.output("real", 2 * x[0])
    with pytest.raises(error, match=message):
        rare_probability(c, output, **options)


def test_the_record_reads_well():
    lines = str(rare_probability(equality(30), "y")).splitlines()
    assert lines[0] == "P(y = 1) of 'equal' by sequential:1024"
    assert lines[1] == "  9.31323e-10 +- 9.1e-13 (relative 0.00098)"
    assert lines[2].startswith("  1,024 of 1,024 samples met the event")
