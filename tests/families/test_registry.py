"""The registry: every family makes small, reproducible circuits, and names lead to families."""

import subprocess
import sys

import numpy as np
import pytest

import heurest as hr
from heurest.circuit.gates import AND, SQUARE
from heurest.families import FAMILIES, draw, select_families
from heurest.formats.circuit_json import dumps


@pytest.mark.parametrize("name", FAMILIES)
def test_a_family_makes_the_same_small_circuit_from_the_same_seed(name):
    family = FAMILIES[name]
    c = family.make(1)
    assert c.name == f"{name}#1"
    assert dumps(c) == dumps(family.make(1))
    assert dumps(c) != dumps(family.make(2).copy(c.name))
    assert family.make(np.random.default_rng(1)).name == name
    assert 1 <= len(c.inputs) <= 12
    assert len(c) <= 250
    assert (len(c.outputs) == 1) or family.group == "logic"
    assert family.name == name
    assert family.help.endswith(".")


@pytest.mark.parametrize("name", FAMILIES)
def test_outputs_depend_on_some_input(name):
    for c in draw(name, circuits=5, seed=3):
        reached = {wire.index for wire in c.outputs.values()}
        for wire in range(len(c) - 1, -1, -1):
            if wire in reached:
                reached.update(c.operands(wire))
        assert reached & {wire.index for wire in c.inputs}


def test_a_group_means_all_its_families():
    names = {family.name for family in select_families("bilinear")}
    assert names == {name for name in FAMILIES if name.startswith("bilinear/")}
    assert {name.partition("/")[2].replace("-", "_") for name in names} == {
        "normal", "shifted_normal", "sign", "uniform", "bernoulli", "exponential", "discrete", "empirical", "multivariate_normal",
        "joint_discrete",
    }  # fmt: skip
    assert [family.name for family in select_families("boolean")] == ["boolean"]
    assert [family.name for family in select_families(" read_once/boolean ")] == ["read-once/boolean"]


def test_families_are_what_their_names_say():
    assert all((c.gate[12:] == AND).any() and c.boolean.all() for c in draw("boolean", 3))
    assert all(isinstance(c.groups[0].law, hr.JointDiscrete) for c in draw("bilinear/joint-discrete", 3))
    assert all((c.gate == SQUARE).sum() == 16 for c in draw("quadratic/square", 2))
    assert all((c.gate == SQUARE).sum() == 3 for c in draw("squaring", 2))
    assert all(c.boolean.all() and len(c.outputs) >= 1 for c in draw("logic", 2))


@pytest.mark.parametrize("family", select_families("logic"), ids=lambda family: family.name)
def test_each_input_of_a_logic_family_has_a_probability_of_its_own(family):
    probabilities = [group.law.p for group in family.make(5).groups]
    assert len(set(probabilities)) == len(probabilities)
    assert all(0.2 <= p <= 0.8 for p in probabilities)


def test_a_circuit_depends_on_its_family_seed_and_number_only():
    few, many = draw("bilinear/sign", circuits=2, seed=4), draw("bilinear/sign", circuits=5, seed=4)
    whole = {c.name: c for c in draw("bilinear", circuits=2, seed=4)}
    assert [dumps(c) for c in few] == [dumps(c) for c in many[:2]] == [dumps(whole[c.name]) for c in few]
    assert len({dumps(c.copy("same")) for c in many}) == 5
    assert [c.name for c in few] == ["bilinear/sign#0", "bilinear/sign#1"]
    assert dumps(draw("bilinear/sign", seed=5)[0]) != dumps(few[0])


@pytest.mark.parametrize(("arguments", "message"), [
    (("bilinaer",), r"unknown family 'bilinaer'; known are bilinear/normal, .*, permanent/hafnian, logic/adder, .*, bilinear, .*, logic"),
    (("",), "unknown family ''; known are .*"),
    ((3,), "unknown family 3; known are .*"),
    (("boolean", 0), "circuits must be an integer of at least 1, got 0"),
    (("boolean", 1, -1), "seed must be an integer of at least 0, got -1"),
    (("boolean", 1, 0.5), "seed must be an integer of at least 0, got 0.5"),
])  # fmt: skip
def test_a_wrong_request_is_one_clear_line(arguments, message):
    with pytest.raises(hr.ArgumentError, match=f"^{message}$"):
        draw(*arguments)


def test_a_wrong_seed_of_a_family_is_one_clear_line():
    with pytest.raises(hr.CircuitError, match=r"^squaring: rng must be a seed of at least 0 or a numpy\.random\.Generator, got -1$"):
        FAMILIES["squaring"].make(-1)


def test_listing_families_does_not_import_numpy():
    code = "import sys; from heurest.families import FAMILIES; print(len(FAMILIES), 'numpy' in sys.modules)"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert out == [str(len(FAMILIES)), "False"]
