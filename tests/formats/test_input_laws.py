"""New laws for the inputs: by name, jointly, for all others; from files; and one line for each mistake."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import heurest as hr
from heurest.formats.input_laws import read_laws, with_laws
from support.boolean_circuits import literal_circuits
from support.enumeration import expected_values
from support.interpreter import circuit_values


def mixed():
    """Inputs between gates, a dense layer, a constant: everything that has to move when inputs come first."""
    c = hr.Circuit("mixed")
    x = c.input("x", hr.Bernoulli(0.5))
    u = x & c.constant(1)
    y = c.input("y", hr.Normal(1, 2))
    layer = c.affine(np.array([[1.0, 2.0], [3.0, -1.0]]), [x, y], [0.5, 0.0])
    z = c.input("z", hr.Bernoulli(0.25))
    c.output("a", layer[0] * layer[1] + z)
    c.output("b", u & z)
    return c


def values_by_name(circuit, given_values):
    inputs = np.array([[given_values[wire.name]] for wire in circuit.inputs])
    values = circuit_values(circuit, inputs)[:, 0]
    return {name: values[wire.index] for name, wire in circuit.outputs.items()}


@pytest.mark.parametrize("names", [("x", "z"), ("z", "x")])
def test_a_joint_law_of_inputs_that_stand_apart_keeps_the_function(names):
    law = hr.JointDiscrete([[0, 0], [1, 0], [1, 1]], [0.2, 0.3, 0.5])
    before, after = mixed(), with_laws(mixed(), {names: law})
    for x, y, z in ((0, 0.5, 1), (1, -2.0, 0), (1, 3.0, 1)):
        point = {"x": x, "y": y, "z": z}
        assert values_by_name(after, point) == pytest.approx(values_by_name(before, point))
    both = {(1, 1): 0.5, (1, 0): 0.3}  # of the names in their order
    assert hr.estimate(after, "cumulant:2").value["b"] == pytest.approx(both[1, 1])
    assert [wire.name for wire in after.inputs][:2] == list(names)


def test_wires_keep_their_numbers_where_nothing_moves():
    c = mixed()
    other = with_laws(c, {"x": 0.9, "y": hr.Uniform(0, 1)})
    assert [c.wire_name(w) for w in range(len(c))] == [other.wire_name(w) for w in range(len(other))]
    np.testing.assert_array_equal(c.gate, other.gate)
    assert hr.estimate(other, "mean").mean[0] == 0.9
    assert hr.estimate(c, "mean").mean[0] == 0.5  # the circuit itself is left alone


@given(literal_circuits(joint=False), st.floats(0.0, 1.0))
def test_all_others_get_the_law_of_the_star(circuit, p):
    changed = with_laws(circuit, {"*": p})
    assert all(group.law.means()[0] == pytest.approx(p) for group in changed.groups)
    fresh = expected_values(changed)
    exact = hr.exact(changed).value
    for name, wire in changed.outputs.items():
        assert exact[name] == pytest.approx(fresh[wire.index], abs=1e-12)


def test_files_hold_probabilities_laws_and_joint_laws(tmp_path):
    path = tmp_path / "laws.json"
    path.write_text('{"x": 0.75, "y": {"law": "uniform", "low": 0, "high": 2}, "*": 0.5}')
    assert read_laws(path) == {"x": hr.Bernoulli(0.75), "y": hr.Uniform(0.0, 2.0), "*": hr.Bernoulli(0.5)}
    path.write_text('{"x, z": {"law": "joint_discrete", "values": [[0, 0], [1, 1]], "probs": [0.5, 0.5]}}')
    laws = read_laws(path)
    assert list(laws) == [("x", "z")]
    assert hr.estimate(with_laws(mixed(), laws), "cumulant:2").value["b"] == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("laws", "message"),
    [
        ({"w": 0.5}, "has no input 'w'"),
        ({"a": 0.5}, "has no input 'a'"),
        ({"x": 1.5}, "probability from 0 to 1, got 1.5"),
        ({"x": True}, "probability from 0 to 1"),
        ({"x": hr.Normal(0, 1)}, "input 'x' is boolean"),
        ({("x", "z"): 0.5}, "1 coordinates, but 2 inputs"),
        ({("x", "x"): hr.JointDiscrete([[0, 0], [1, 1]], [0.5, 0.5])}, "given a law twice"),
        ({"x": 0.5, ("x", "z"): hr.JointDiscrete([[0, 0], [1, 1]], [0.5, 0.5])}, "given a law twice"),
    ],
)
def test_mistakes_are_named(laws, message):
    with pytest.raises(hr.CircuitError, match=message):
        with_laws(mixed(), laws)


def test_part_of_a_joint_law_cannot_be_replaced():
    c = hr.Circuit("joint")
    x, y = c.input(["x", "y"], hr.JointDiscrete([[0, 0], [1, 1]], [0.5, 0.5]))
    c.output("o", x & y)
    with pytest.raises(hr.CircuitError, match="'y' is drawn jointly"):
        with_laws(c, {"x": 0.5})
    assert hr.exact(with_laws(c, {"x": 0.5, "y": 0.5})).value == {"o": 0.25}


@pytest.mark.parametrize(
    ("text", "message"),
    [("[1]", "expected an object"), ('{"x": 2}', "x: input x: expected a law"), ('{"x": {"law": "no"}}', "unknown law"), ("{", "line 1")],
)
def test_bad_files_are_named(tmp_path, text, message):
    path = tmp_path / "laws.json"
    path.write_text(text)
    with pytest.raises(hr.FormatError, match=message) as error:
        read_laws(path)
    assert "laws.json" in str(error.value)
    with pytest.raises(hr.FormatError, match="cannot be read"):
        read_laws(tmp_path / "missing.json")
