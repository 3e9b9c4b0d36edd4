"""From values back to wires: the first wire that equals a value as it stands."""

from __future__ import annotations

import numpy as np
from hypothesis import given

import heurest as hr
from heurest.arguments.representatives import representatives
from heurest.program import lower
from heurest.program.term_graph import value_graph
from support.strategies import circuits


def test_inputs_and_gates_stand_for_themselves():
    c = hr.Circuit("plain")
    x, y = c.input(["x", "y"], hr.Normal(), count=2)
    c.output("o", x * y)
    assert representatives(value_graph(lower(c))) == [x.index, y.index, c.outputs["o"].index]


def test_a_wire_turned_round_or_shifted_is_no_representative():
    c = hr.Circuit("turned")
    x, y = c.input(["x", "y"], hr.Bernoulli(0.5), count=2)
    n = ~x
    m = n & y
    c.output("o", ~m)
    c.output("p", 2 * (x + y) + 1)
    values = value_graph(lower(c))
    found = representatives(values)
    assert {x.index, y.index, m.index} <= set(found)
    assert not {n.index, c.outputs["o"].index} & set(found)


def test_of_equal_wires_the_first_one_stands_for_all():
    c = hr.Circuit("equal")
    x = c.input("x", hr.Bernoulli(0.5))
    c.output("o", (~~x) & c.input("y", hr.Bernoulli(0.5)))
    assert representatives(value_graph(lower(c)))[0] == x.index


def test_inputs_are_numbered_by_use_and_keep_their_wires():
    c = hr.Circuit("late")
    unused, x, y = c.input(["unused", "x", "y"], hr.Normal(), count=3)
    c.output("o", y * x)
    found = representatives(value_graph(lower(c)))
    assert set(found) == {x.index, y.index, c.outputs["o"].index}
    assert unused.index not in found


def test_a_constant_is_no_value():
    c = hr.Circuit("constant")
    k = c.constant(2.0)
    c.output("k", k)
    c.output("o", k * c.input("x", hr.Normal()))
    assert k.index not in representatives(value_graph(lower(c)))


@given(circuits())
def test_each_value_has_a_wire_that_equals_it_and_no_earlier_one_does(circuit):
    values = value_graph(lower(circuit))
    found, wires = representatives(values), values.wires
    assert len(found) == values.graph.size
    for value, wire in enumerate(found):
        equal = [
            other for other in range(len(circuit)) if (wires.value[other], wires.scale[other], wires.shift[other]) == (value, 1.0, 0.0)
        ]
        assert wire == min(equal)
    assert np.unique(found).size == len(found)
