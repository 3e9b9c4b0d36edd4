"""``heurest compare`` and ``convert`` on netlists: methods for logic by default, every node, and recognised patterns."""

import json

import pytest

import heurest as hr
from heurest.cli import main
from heurest.comparison import with_every_wire


def run(capsys, *arguments):
    status = main(list(arguments))
    captured = capsys.readouterr()
    return status, captured.out, captured.err


@pytest.fixture
def adder(tmp_path):
    hr.save(hr.adder(3), tmp_path / "adder.aag")
    return str(tmp_path / "adder.aag")


def test_netlists_are_compared_by_methods_for_logic(capsys, adder):
    status, out, err = run(capsys, "compare", adder, "--json", "-")
    rows = json.loads(out)["rows"]
    assert (status, err) == (0, "")
    assert {row["estimator"] for row in rows} == {"cop", "correlation", "covariance", "windowed:16", "reductant:2"}
    assert len(rows) == 5 * 4  # three sums and the carry


def test_every_wire_that_feeds_an_output_can_be_an_output():
    c = hr.Circuit("dead")
    x, y = c.input(["x", "y"], hr.Bernoulli(0.5), count=2)
    c.set_name(x | y, "feeds nothing")
    c.output("o", c.set_name(x & y, "both") & c.constant(1))
    every = with_every_wire(c)
    assert set(every.outputs) == {"o", "x", "y", "both"}
    assert hr.exact(every).value == {"o": 0.25, "x": 0.5, "y": 0.5, "both": 0.25}


def test_nodes_give_a_row_each(capsys, adder):
    status, out, _ = run(capsys, "compare", adder, "--nodes", "--estimator", "cop", "--json", "-")
    assert status == 0
    assert len(json.loads(out)["rows"]) == len(with_every_wire(hr.load(adder)).outputs) > 4


def test_recognised_patterns_make_fewer_gates(capsys, adder, tmp_path):
    for name, options in (("plain.json", ()), ("gates.json", ("--recognise",))):
        assert run(capsys, "convert", adder, str(tmp_path / name), *options)[0] == 0
    plain, gates = (hr.load(tmp_path / name) for name in ("plain.json", "gates.json"))
    assert len(gates) < len(plain)
    assert hr.exact(gates).value == hr.exact(plain).value
