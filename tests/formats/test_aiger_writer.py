"""Circuits written as AIGER: the files compute what the circuits do, hold what the format can hold, and say what they cannot."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from hypothesis import given

import heurest as hr
from heurest.formats.aiger import circuit_from_aiger
from heurest.formats.aiger_writer import aiger_binary_from_circuit, aiger_text_from_circuit
from support.aiger_files import as_binary, assert_computes, assert_equivalent, graphs, parsed, patterned_graphs, random_text
from support.boolean_circuits import PARITIES, layered_circuit, literal_circuits, named, random_circuit
from support.strategies import circuits


def numbered(circuit: hr.Circuit) -> list[int]:
    """Numbers of the header."""
    return [int(part) for part in aiger_text_from_circuit(circuit).split("\n", 1)[0].split()[1:]]


def assert_round_trips(circuit: hr.Circuit) -> None:
    text, data = aiger_text_from_circuit(circuit), aiger_binary_from_circuit(circuit)
    assert data == as_binary(text)
    assert_computes(circuit, text)
    for file in (text.encode(), data):
        for recognise in (False, True):
            again = circuit_from_aiger(file, "demo", circuit.name, recognise=recognise)
            assert_equivalent(circuit, again)
            assert [wire.name for wire in again.inputs] == [wire.name for wire in circuit.inputs]


@given(literal_circuits())
def test_gates_of_two_literals_round_trip(circuit):
    assert_round_trips(circuit)


@given(circuits(max_inputs=4, max_gates=10, reals=False))
def test_all_boolean_gates_round_trip(circuit):
    assert_round_trips(circuit)


@given(graphs(latches=2))
def test_files_that_are_read_are_written(text):
    assert_round_trips(circuit_from_aiger(text.encode(), "demo", "demo"))


@given(patterned_graphs())
def test_recognised_gates_round_trip(text):
    assert_round_trips(circuit_from_aiger(text.encode(), "demo", "demo", recognise=True))


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("recognise", [False, True])
def test_larger_files_round_trip(seed, recognise):
    assert_round_trips(circuit_from_aiger(random_text(40, 1000, seed).encode(), "demo", "demo", recognise=recognise))


@pytest.mark.parametrize("circuit", [random_circuit(1, 12, 200, [0.5]), layered_circuit(2, 20, 15, [0.5])], ids=["random", "layered"])
def test_larger_circuits_round_trip(circuit):
    assert_round_trips(circuit)


def test_the_families_round_trip():
    for circuit in (hr.adder(6), hr.multiplier(4), hr.parity(9), hr.random_boolean(inputs=9, gates=300, outputs=5, rng=3)):
        assert_round_trips(circuit)


@pytest.mark.parametrize("spelling", PARITIES)
def test_spellings_of_parity_round_trip(spelling):
    assert_round_trips(named(PARITIES[spelling], [0.5] * 5))


@given(graphs())
def test_written_ands_are_distinct_ordered_and_read(text):
    written = aiger_text_from_circuit(circuit_from_aiger(text.encode(), "demo", "demo"))
    file = parsed(written)
    assert len(set(file.ands.values())) == len(file.ands)
    read = {literal & ~1 for pair in file.ands.values() for literal in pair} | {literal & ~1 for literal in file.outputs}
    assert set(file.ands) <= read
    assert list(file.ands) == [2 * (len(file.inputs) + 1 + k) for k in range(len(file.ands))]
    assert all(literal > larger > smaller > 1 and larger ^ smaller != 1 for literal, (larger, smaller) in file.ands.items())


def test_gates_take_the_ands_they_need():
    def ands(gate: str, fan_in: int) -> int:
        c = hr.Circuit("gate")
        c.output("o", c.apply(gate, *c.input("x", hr.Bernoulli(0.5), count=fan_in)))
        return numbered(c)[4]

    assert {gate: ands(gate, 2) for gate in ("and", "nand", "or", "nor")} == dict.fromkeys(("and", "nand", "or", "nor"), 1)
    assert {gate: ands(gate, 2) for gate in ("xor", "xnor")} == {"xor": 3, "xnor": 3}
    assert (ands("mux", 3), ands("not", 1)) == (3, 0)


def test_a_half_adder_shares_its_carry():
    c = hr.Circuit("half adder")
    x, y = c.input("x", hr.Bernoulli(0.5), count=2)
    c.output("sum", x ^ y)
    c.output("carry", x & y)
    assert numbered(c) == [5, 2, 0, 2, 3]


def test_inputs_that_nobody_reads_stay_in_order():
    c = hr.Circuit("dead")
    x = c.input("x", hr.Bernoulli(0.5), count=5)
    c.output("o", x[3] & x[1])
    c.output("same", x[4])
    c.land(x[0], x[2])
    assert aiger_text_from_circuit(c).splitlines()[:9] == ["aag 6 5 0 2 1", "2", "4", "6", "8", "10", "12", "10", "12 8 4"]
    assert_round_trips(c)


def test_constants_and_no_outputs():
    c = hr.Circuit("constants")
    x = c.input("x", hr.Bernoulli(0.5))
    assert aiger_text_from_circuit(c) == "aag 1 1 0 0 0\n2\ni0 x\n"
    assert aiger_binary_from_circuit(c) == b"aig 1 1 0 0 0\ni0 x\n"
    for k, wire in enumerate([c.constant(0), c.constant(1), x & ~x, x | ~x, ~c.constant(0), x ^ x, x ^ c.constant(1)]):
        c.output(str(k), wire)
    assert aiger_text_from_circuit(c).splitlines()[:9] == ["aag 1 1 0 7 0", "2", "0", "1", "0", "1", "1", "0", "3"]
    assert not c.frozen


def test_an_empty_circuit():
    assert aiger_text_from_circuit(hr.Circuit("empty")) == "aag 0 0 0 0 0\n"
    assert aiger_binary_from_circuit(hr.Circuit("empty")) == b"aig 0 0 0 0 0\n"


def test_a_circuit_is_left_as_it_was():
    c = hr.adder(3).copy()
    assert not c.frozen
    aiger_text_from_circuit(c)
    assert not c.frozen


def test_laws_and_letters_that_are_lost_are_noticed():
    c = hr.Circuit("lossy")
    fair, rare = c.input("fair", hr.Bernoulli(0.5)), c.input("räre", hr.Bernoulli(0.1))
    j = c.input("j", hr.JointDiscrete([[0.0, 1.0], [1.0, 0.0]], [0.5, 0.5]))
    c.output("ö", fair & rare & j[0] & j[1])
    for write in (aiger_text_from_circuit, aiger_binary_from_circuit):
        notices: list[str] = []
        file = write(c, notices)
        assert notices == [
            """circuit 'lossy': AIGER holds no laws, read back these inputs are fair bits: 'räre', 'j[0]', 'j[1]'""",
            """circuit 'lossy': AIGER holds ASCII names, letters beyond are written as escapes: 'räre', 'ö'""",
        ]
        again = circuit_from_aiger(file if isinstance(file, bytes) else file.encode(), "demo")
        assert [wire.name for wire in again.inputs] == ["fair", "r\\xe4re", "j[0]", "j[1]"]
        assert list(again.outputs) == ["\\xf6"]


def test_nothing_is_noticed_where_nothing_is_lost():
    notices: list[str] = []
    aiger_text_from_circuit(hr.adder(2), notices)
    assert notices == []


def test_real_wires_are_refused_by_name():
    c = hr.Circuit("mixed")
    x = c.input("x", hr.Bernoulli(0.5))
    z = c.input("z", hr.Bernoulli(0.5), kind="real")
    c.output("o", ~x)
    with pytest.raises(hr.KindError, match=r"^circuit 'mixed': AIGER holds 0/1 wires only, but wire 1 \('z'\) is real$"):
        aiger_text_from_circuit(c)
    c.output("p", z * z)
    with pytest.raises(hr.KindError, match=r"wire 1 \('z'\) is real$"):
        aiger_binary_from_circuit(c)


@pytest.mark.parametrize(
    "build",
    [
        lambda c, x: 2 * x[0],  # a multiple of a bit
        lambda c, x: x[0] + x[1],
        lambda c, x: (x[0] + x[1]) * x[0],
        lambda c, x: c.constant(0.5),
        lambda c, x: c.affine([[1.0, 1.0]], x)[0],  # a row of a layer
    ],
)
def test_real_gates_are_refused(build):
    c = hr.Circuit("sum")
    x = c.input("x", hr.Bernoulli(0.5), count=2)
    wire = build(c, x)
    c.output("o", wire)
    with pytest.raises(hr.KindError, match=r"^circuit 'sum': AIGER holds 0/1 wires only, but wire 2 is real$"):
        aiger_text_from_circuit(c)


def test_real_gates_that_feed_no_output_do_not_matter():
    c = hr.Circuit("aside")
    x = c.input("x", hr.Bernoulli(0.5), count=2)
    c.weighted_sum(x, (1.0, 1.0))
    c.output("o", x[0] & x[1])
    assert numbered(c) == [3, 2, 0, 1, 1]


@pytest.mark.skipif(shutil.which("berkeley-abc") is None, reason="the equivalence checker berkeley-abc is not installed")
@pytest.mark.parametrize("circuit", [hr.adder(16), hr.multiplier(5)], ids=["adder", "multiplier"])
def test_an_equivalence_checker_agrees(circuit, tmp_path):
    data = aiger_binary_from_circuit(circuit)
    again = circuit_from_aiger(data, "demo", "demo", recognise=True)
    first, second, third = (tmp_path / name for name in ("first.aig", "second.aig", "third.aig"))
    other = hr.Circuit("other")
    for wire in circuit.inputs:
        other.input(wire.name, hr.Bernoulli(0.5))
    for name in circuit.outputs:
        other.output(name, other.wire(0))
    first.write_bytes(data)
    second.write_bytes(aiger_binary_from_circuit(again))
    third.write_bytes(aiger_binary_from_circuit(other))

    def says(left: object, right: object) -> str:
        return subprocess.run(
            ["berkeley-abc", "-c", f"cec -n {left} {right}"], capture_output=True, text=True, check=True, cwd=tmp_path
        ).stdout

    assert "Networks are equivalent" in says(first, second)
    assert "Networks are NOT EQUIVALENT" in says(first, third)


def test_only_circuits_are_written():
    with pytest.raises(hr.CircuitError, match="a circuit is needed"):
        aiger_text_from_circuit("adder.aag")
