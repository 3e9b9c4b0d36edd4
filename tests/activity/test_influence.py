"""Influences against closed forms and against flipping by brute force, and what every method makes of them."""

import itertools
import json
from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import heurest as hr
from heurest.activity import influence
from heurest.families.adders import adder
from heurest.families.boolean import random_boolean
from heurest.families.counting import majority, parity, parity_tree
from heurest.families.multipliers import multiplier
from heurest.families.selectors import decoder
from support.interpreter import circuit_values
from support.strategies import circuits


def conjunction(inputs, p=0.5):
    c = hr.Circuit("and")
    wires = c.input("x", hr.Bernoulli(p), count=inputs)
    result = wires[0]
    for i in range(1, inputs):
        result = result & wires[i]
    c.output("y", result)
    return c


def brute_force(circuit):
    """Influences by flipping every bit at every point of the laws, one point after the other."""
    finite = [list(zip(*group.law.points(), strict=True)) for group in circuit.groups]
    wires = [wire.index for wire in circuit.outputs.values()]
    inputs = len(circuit.inputs)
    total = np.zeros((len(wires), inputs))
    for combination in itertools.product(*finite):
        weight = np.prod([p for _, p in combination])
        point = np.concatenate([value for value, _ in combination])
        points = np.tile(point, (inputs + 1, 1))
        points[np.arange(inputs), np.arange(inputs)] = 1.0 - point  # the last row stays
        values = circuit_values(circuit, points.T)[wires]
        total += weight * (values[:, :-1] != values[:, -1:])
    return total


@pytest.mark.parametrize("n", [1, 3, 5, 9])
def test_majority(n):
    found = influence(majority(n))
    np.testing.assert_allclose(found.value, comb(n - 1, (n - 1) // 2) / 2 ** (n - 1), rtol=1e-12)
    assert found.method == "exact:bits"
    assert found.stderr is None


@pytest.mark.parametrize("make", [parity, parity_tree])
@pytest.mark.parametrize("p", [0.5, 0.1])
def test_parity_changes_with_every_input(make, p):
    np.testing.assert_allclose(influence(make(7, p=p)).value, 1.0, rtol=1e-12)


@pytest.mark.parametrize(("n", "p"), [(1, 0.5), (4, 0.5), (10, 0.5), (6, 0.1), (20, 0.001)])
def test_and_needs_all_others(n, p):
    np.testing.assert_allclose(influence(conjunction(n, p), method="exact").value, p ** (n - 1), rtol=1e-12)


def test_a_selector_is_as_influential_as_its_data_differ():
    c = hr.Circuit("mux")
    s, a, b = c.input(["s", "a", "b"], hr.Bernoulli(0.25))
    c.output("y", c.mux(s, a, b))
    assert influence(c).of("y") == pytest.approx({"s": 2 * 0.25 * 0.75, "a": 0.25, "b": 0.75})


@given(circuits(max_inputs=4, max_gates=8, reals=False))
def test_flipping_by_brute_force(circuit):
    np.testing.assert_allclose(influence(circuit, method="exact").value, brute_force(circuit), atol=1e-12)


def test_in_a_group_the_bit_alone_is_flipped():
    # exactly one of three bits is 1: x xor y flips always, and "x and y" only where the other one is the 1
    c = hr.Circuit("one of three")
    x, y, _ = c.input(["x", "y", "z"], hr.JointDiscrete(np.eye(3), [0.5, 0.3, 0.2]))
    c.output("differ", x ^ y)
    c.output("both", x & y)
    found = influence(c)
    np.testing.assert_allclose(found.value, [[1.0, 1.0, 0.0], [0.3, 0.5, 0.0]], atol=1e-15)
    np.testing.assert_allclose(found.value, brute_force(c), atol=1e-15)


@given(st.integers(0, 100))
def test_the_total_is_the_average_sensitivity(seed):
    c = random_boolean(inputs=6, gates=15, outputs=2, rng=seed)
    settings = np.array(list(itertools.product((0.0, 1.0), repeat=6))).T
    outputs = [wire.index for wire in c.outputs.values()]
    values = circuit_values(c, settings)[outputs].reshape(2, *(2,) * 6)
    sensitivity = sum(values != np.flip(values, axis=axis) for axis in range(1, 7))
    assert list(influence(c).total.values()) == pytest.approx(sensitivity.reshape(2, -1).mean(axis=1).tolist())


def test_names_change_nothing_but_names():
    def build(names):
        c = hr.Circuit("renamed")
        x = c.input(names, hr.Bernoulli(0.3))
        c.output(names[0], (x[0] ^ x[1]) & ~(x[1] & x[2]))
        return c

    for options in ({}, {"method": "mc", "samples": 300}, {"method": "reductant:2"}):
        one, two = influence(build(["a", "b", "c"]), **options), influence(build(["change[0]", "b", "a"]), **options)
        np.testing.assert_array_equal(one.value, two.value)
        assert two.inputs == ("change[0]", "b", "a")
        assert two.outputs == ("change[0]",)


def test_only_what_is_asked_for():
    c = adder(4)
    whole = influence(c)
    part = influence(c, ["carry", "sum[1]"], inputs=["b[1]", "a[0]"])
    for output, name in itertools.product(part.outputs, part.inputs):
        assert part.of(output)[name] == whole.of(output)[name]
    assert part.outputs == ("carry", "sum[1]")
    # a sum bit does not depend on higher bits; it changes with its own bits always
    assert whole.of("sum[1]") == pytest.approx(dict.fromkeys(("a[0]", "b[0]"), 0.5) | dict.fromkeys(("a[1]", "b[1]"), 1.0)
                                               | dict.fromkeys(("a[2]", "a[3]", "b[2]", "b[3]"), 0.0))  # fmt: skip


def test_real_parts_and_constants_do_not_disturb():
    c = hr.Circuit("mixed")
    x, y = c.input(["x", "y"], hr.Bernoulli(0.5))
    r = c.input("r", hr.Normal())
    c.output("both", x & y)
    c.output("real", x * r)
    c.output("x", x)
    c.output("constant", c.constant(1.0))
    found = influence(c, ["both", "x", "constant"])
    np.testing.assert_array_equal(found.value, [[0.5, 0.5, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
    assert influence(c, ["constant"]).method == "structure"
    with pytest.raises(hr.KindError, match=r"^circuit 'mixed': wire 4 is real; only boolean wires toggle and have influences$"):
        influence(c)


@pytest.mark.large
def test_samples_are_near_and_their_errors_honest():
    c = multiplier(3, p=0.4)
    exact = influence(c, method="exact")
    runs = [influence(c, method="mc", samples=500, rng=seed) for seed in range(100)]
    values = np.array([run.value for run in runs])
    spread = values.std(axis=0, ddof=1)
    assert np.abs(values.mean(axis=0) - exact.value).max() < 5 * spread.max() / 10
    sure = (exact.value == 0.0) | (exact.value > 1 - 1e-12)
    stated = np.sqrt(np.mean([run.stderr**2 for run in runs], axis=0))
    np.testing.assert_allclose(stated[~sure], spread[~sure], rtol=0.35)
    totals = np.array([list(run.total.values()) for run in runs])
    errors = np.sqrt(np.mean([np.square(list(run.total_stderr.values())) for run in runs], axis=0))
    np.testing.assert_allclose(errors[1:-1], totals.std(axis=0, ddof=1)[1:-1], rtol=0.35)


def test_inputs_are_sampled_on_their_own_and_reproducibly():
    # both influences are the share of samples with z = 1, which is one number if the samples are the same
    c = hr.Circuit("gated")
    z, x, y = c.input(["z", "x", "y"], hr.Bernoulli(0.5))
    c.output("x", x & z)
    c.output("y", y & z)
    first = influence(c, method="mc", samples=1_000, rng=4)
    assert first.of("x")["x"] != first.of("y")["y"]
    np.testing.assert_array_equal(first.value, influence(c, method="mc", samples=1_000, rng=4).value)
    np.testing.assert_array_equal(influence(c, inputs=["y"], method="mc", samples=1_000, rng=4).value[:, 0], first.value[:, 2])


def test_wide_circuits_are_sampled_by_default():
    found = influence(decoder(5), ["line[7]"])
    assert found.method == "exact:bits"
    found = influence(majority(45), inputs=["x[0]", "x[44]"], samples=20_000)
    assert found.method == "mc:20000"
    np.testing.assert_allclose(found.value, comb(44, 22) / 2**44, atol=5 * found.stderr.max())


def test_an_estimator_that_keeps_pairs_answers_too():
    c = conjunction(5, 0.3)
    found = influence(c, method="reductant:2")
    np.testing.assert_allclose(found.value, 0.3**4, rtol=1e-9)
    assert found.method.startswith("reductant:2")


def test_progress_counts_inputs():
    seen = []
    influence(parity(3), progress=lambda *state: seen.append(state))
    assert seen == [(1, 3, "inputs"), (2, 3, "inputs"), (3, 3, "inputs")]


def test_the_record_reads_well_and_is_ready_for_json():
    found = influence(adder(2), method="mc", samples=1_000)
    data = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert data["value"]["carry"] == found.of("carry")
    assert data["stderr"]["sum[0]"]["a[1]"] == 0.0
    assert data["total"] == found.total
    text = str(found)
    assert text.startswith("influence in 'adder/2' by mc:1000\n")
    assert "standard error" in text
    assert len(str(influence(decoder(4))).splitlines()) == 14  # a title, twelve outputs, how many there are
    assert repr(found) == "<Influence mc:1000 of 'adder/2': 4 inputs on 3 outputs>"


@pytest.mark.parametrize(("options", "message"), [
    ({"outputs": ["z"]}, "influence: outputs must name outputs of the circuit, got 'z'; known are y"),
    ({"outputs": "y"}, "influence: outputs must be a list of names, got 'y'"),
    ({"inputs": [0]}, r"influence: inputs must name inputs of the circuit, got 0; known are x\[0\], x\[1\]"),
    ({"method": "exact", "samples": 5}, "influence: the exact method takes no samples, got samples=5"),
    ({"method": None}, "a method must be a specification .*, got None"),
])  # fmt: skip
def test_a_bad_option_is_one_clear_line(options, message):
    with pytest.raises(hr.ArgumentError, match=f"^{message}$"):
        influence(conjunction(2), **options)


def test_what_cannot_be_answered_is_said():
    with pytest.raises(hr.ArgumentError, match=r"^influence: output must be one of y, got 'z'$"):
        influence(conjunction(2)).of("z")
    with pytest.raises(hr.IntractableError):
        influence(majority(41), inputs=["x[0]"], method="exact")
    with pytest.raises(hr.CircuitError, match="has no output"):
        influence(hr.Circuit("empty"))
