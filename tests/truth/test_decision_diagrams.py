"""Decision diagrams: exact probabilities with all their digits, honest limits, both back ends of the library."""

import sys
from fractions import Fraction
from importlib import util

import numpy as np
import pytest
from hypothesis import given

import heurest as hr
from heurest.truth import exact
from support.fractions_oracle import exact_fractions
from support.sizes import scaled
from support.strategies import circuits

pytest.importorskip("dd")


def all_of(wires):
    """The and of several wires."""
    result = wires[0]
    for wire in wires[1:]:
        result = result & wire
    return result


def equality(bits):
    c = hr.Circuit("equal")
    x, y = (c.input(name, hr.Bernoulli(0.5), count=bits) for name in "xy")
    c.output("y", all_of([~(a ^ b) for a, b in zip(x, y, strict=True)]))
    return c


@given(circuits(max_inputs=5, max_gates=12, reals=False))
def test_both_probabilities_are_those_of_enumeration_in_fractions(circuit):
    found = exact(circuit, "exact:bdd")
    assert found.method == "exact:bdd"
    for name, (mean, variance, _) in exact_fractions(circuit).items():
        assert found.value[name] == pytest.approx(float(mean), rel=1e-13)
        assert found.complement[name] == pytest.approx(float(1 - mean), rel=1e-13)
        assert found.variance[name] == pytest.approx(float(variance), rel=1e-12)


@pytest.mark.parametrize("seed", range(scaled(20, 3)))
def test_larger_random_circuits_agree_with_the_counting_of_patterns(seed):
    circuit = hr.random_boolean(inputs=12, gates=150, outputs=6, rng=seed)
    counted, found = exact(circuit, "bits"), exact(circuit, "bdd")
    assert found.value == pytest.approx(counted.value, rel=1e-13)


def test_a_joint_law_is_taken_as_it_is():
    c = hr.Circuit("joint")
    rng = np.random.default_rng(0)
    points = np.array([[i >> k & 1 for k in range(4)] for i in range(16)])
    probs = rng.dirichlet(np.ones(16))
    x = c.input("x", hr.JointDiscrete(points, probs))
    z = c.input("z", hr.Bernoulli(0.3))
    c.output("y", (x[0] ^ x[3]) & (x[1] | z))
    holds = (points[:, 0] != points[:, 3]) * np.where(points[:, 1] == 1, 1.0, 0.3)
    assert exact(c, "bdd").value["y"] == pytest.approx(probs @ holds, rel=1e-13)


def test_rare_ones_and_rare_zeros_keep_their_digits():
    c = hr.Circuit("rare")
    x = c.input("x", hr.Bernoulli(0.1), count=30)
    c.output("all", all_of(x))
    c.output("not all", ~all_of(x))
    found = exact(c, "bdd")
    tail = float(Fraction(0.1) ** 30)
    assert found.value["all"] == pytest.approx(tail, rel=1e-13, abs=0.0)
    assert found.complement["not all"] == pytest.approx(tail, rel=1e-13, abs=0.0)
    assert found.value["not all"] == found.complement["all"] == 1.0
    assert found.variance["not all"] == pytest.approx(tail, rel=1e-13, abs=0.0)


def test_the_comparison_of_many_bits_is_small_in_depth_first_order():
    found = exact(equality(200), "bdd")
    assert found.value["y"] == pytest.approx(2.0**-200, rel=1e-12, abs=0.0)


def test_outputs_that_are_no_bits_have_no_complement():
    c = hr.Circuit("scaled")
    x, y = c.input("x", hr.Bernoulli(0.5), count=2)
    c.output("bit", x & y)
    c.output("scaled", 4 * (x & y) - 1)
    c.output("never", (x & y) & ~(x & y))
    found = exact(c, "bdd")
    assert found.value == {"bit": 0.25, "scaled": 0.0, "never": 0.0}
    assert found.variance == {"bit": 0.1875, "scaled": 3.0, "never": 0.0}
    assert found.complement == {"bit": 0.75, "never": 1.0}


def test_the_automatic_truth_takes_diagrams_where_there_are_too_many_inputs_to_enumerate():
    assert hr.ground_truth(hr.adder(4)).method == "exact:bits"
    found = hr.ground_truth(hr.adder(40))
    assert found.method == "exact:bdd"
    assert found.value["carry"] == pytest.approx(0.5 * (1.0 - 2.0**-40), rel=1e-13)


@pytest.mark.large
@pytest.mark.parametrize(
    ("limits", "message"),
    [
        ({"max_points": 10**5}, r"too large after [\d,]+ of [\d,]+ nodes of the circuit: [\d,]+ nodes of diagrams"),
        ({"max_seconds": 0.5}, r"out of time after [\d,]+ of [\d,]+ nodes"),
        ({"max_memory": 2**25}, r"(too large|outgrew the memory) after [\d,]+ of [\d,]+ nodes"),
        ({"max_memory": 1000}, "at least 33,554,432 bytes"),
    ],
)
def test_a_limit_says_how_far_it_got(limits, message):
    with pytest.raises(hr.IntractableError, match=message):
        exact(hr.multiplier(12), "bdd", **limits)  # grows exponentially in any order (Bryant 1991)


def test_real_circuits_are_refused():
    c = hr.Circuit("real")
    c.output("y", c.input("x", hr.Normal()) ** 2)
    with pytest.raises(hr.IntractableError, match="bdd: not all live wires are boolean"):
        exact(c, "bdd")


def test_a_missing_library_is_named_with_the_way_to_install_it(monkeypatch):
    monkeypatch.setattr("heurest.truth.decision_diagrams.find_spec", lambda name: None if name == "dd" else util.find_spec(name))
    with pytest.raises(hr.IntractableError, match=r"bdd: needs the library dd: pip install heurest\[exact\]"):
        exact(equality(3), "bdd")
    assert exact(equality(3)).method == "exact:bits"


def test_the_library_without_its_compiled_part_gives_the_same(monkeypatch):
    monkeypatch.setitem(sys.modules, "dd.cudd", None)
    assert exact(equality(12), "bdd").value["y"] == pytest.approx(2.0**-12, rel=1e-13)
    circuit = hr.random_boolean(inputs=8, gates=60, outputs=4, rng=1)
    assert exact(circuit, "bdd").value == pytest.approx(exact(circuit, "bits").value, rel=1e-13)
    with pytest.raises(hr.IntractableError, match="bdd: the diagrams are too large after"):
        exact(hr.multiplier(8), "bdd", max_points=20_000)


def test_progress_is_reported_in_nodes_and_outputs():
    calls = []
    exact(equality(6), "bdd", progress=lambda *call: calls.append(call))
    assert {what for _, _, what in calls} == {"nodes", "outputs"}
    assert all(done <= total for done, total, _ in calls)
