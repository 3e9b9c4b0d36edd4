"""Ands alone: the functions of the nodes, written with ands that are distinct and needed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heurest.kernels.and_graph import and_graph, needed_ands
from heurest.opcodes import BIT_AND, BIT_LOAD, BIT_XOR
from support.aiger_files import patterns

Node = tuple[int, int, int, bool, bool]


@st.composite
def node_lists(draw):
    """Inputs and gates over them, as rows of op, left, right, left_not, right_not; and how many inputs there are."""
    inputs = draw(st.integers(1, 4))
    nodes: list[Node] = [(BIT_LOAD, k, 0, False, False) for k in draw(st.permutations(range(inputs)))]
    for _ in range(draw(st.integers(0, 12))):
        op = draw(st.sampled_from([BIT_AND, BIT_AND, BIT_XOR]))
        left, right = draw(st.integers(0, len(nodes) - 1)), draw(st.integers(0, len(nodes) - 1))
        inverted = (draw(st.booleans()), draw(st.booleans())) if op == BIT_AND else (False, False)
        nodes.append((op, left, right, *inverted))
    return nodes, inputs


def node_words(nodes: list[Node], words: list[int], width: int) -> list[int]:
    """The values of the nodes taken literally, a bit a pattern."""
    ones, values = (1 << width) - 1, []
    for op, left, right, left_not, right_not in nodes:
        if op == BIT_LOAD:
            values.append(words[left])
        elif op == BIT_XOR:
            values.append(values[left] ^ values[right])
        else:
            values.append((values[left] ^ ones * left_not) & (values[right] ^ ones * right_not))
    return values


def literal_words(operands: np.ndarray, words: list[int], width: int) -> list[int]:
    """The values of all literals."""
    ones = (1 << width) - 1
    values = [0, ones]
    for word in words:
        values += [word, word ^ ones]
    for larger, smaller in operands.T.tolist():
        values.append(values[larger] & values[smaller])
        values.append(values[-1] ^ ones)
    return values


def columns(nodes: list[Node]) -> list[np.ndarray]:
    kinds = (np.uint8, np.int32, np.int32, np.bool_, np.bool_)
    return [np.array(column, kind) for column, kind in zip(zip(*nodes, strict=True), kinds, strict=True)]


def check_form(operands: np.ndarray, inputs: int) -> None:
    """Ands are distinct, of two different variables, operands first, larger first."""
    rows = operands.T.tolist()
    assert len(set(map(tuple, rows))) == len(rows)
    assert all(2 * (inputs + 1 + k) > larger > smaller > 1 and larger ^ smaller != 1 for k, (larger, smaller) in enumerate(rows))


@given(node_lists())
def test_each_node_has_a_literal_of_its_function(case):
    nodes, inputs = case
    operands, literal = and_graph(*columns(nodes), inputs)
    words, width = patterns(inputs)
    values = literal_words(operands, words, width)
    assert [values[k] for k in literal.tolist()] == node_words(nodes, words, width)
    check_form(operands, inputs)


@given(node_lists(), st.data())
def test_what_feeds_no_output_goes(case, data):
    nodes, inputs = case
    operands, literal = and_graph(*columns(nodes), inputs)
    chosen = data.draw(st.lists(st.sampled_from([*literal.tolist(), *(literal ^ 1).tolist(), 0, 1]), max_size=4))
    kept, outputs = needed_ands(operands, np.array(chosen, np.int64), inputs)
    words, width = patterns(inputs)
    before, after = literal_words(operands, words, width), literal_words(kept, words, width)
    assert [after[k] for k in outputs.tolist()] == [before[k] for k in chosen]
    check_form(kept, inputs)
    read = {int(k) >> 1 for k in [*kept.reshape(-1), *outputs]}
    assert read >= set(range(inputs + 1, inputs + 1 + kept.shape[1]))


@pytest.mark.parametrize(("first", "second"), [(BIT_AND, BIT_XOR), (BIT_XOR, BIT_AND)])
def test_a_half_adder_takes_three_ands(first, second):
    nodes = [(BIT_LOAD, 0, 0, False, False), (BIT_LOAD, 1, 0, False, False), (first, 0, 1, False, False), (second, 1, 0, False, False)]
    operands, _ = and_graph(*columns(nodes), 2)
    assert operands.shape == (2, 3)


def test_an_exclusive_or_of_ands_that_exclude_each_other_takes_one_and():
    loads = [(BIT_LOAD, k, 0, False, False) for k in range(3)]
    nodes = [*loads, (BIT_AND, 0, 1, False, False), (BIT_AND, 2, 0, False, True), (BIT_XOR, 3, 4, False, False)]  # x & y, z & ~x
    operands, literal = and_graph(*columns(nodes), 3)
    assert operands.shape == (2, 3)
    assert int(literal[-1]) & 1 == 1


def test_many_equal_nodes_become_one():
    nodes = [
        (BIT_LOAD, 0, 0, False, False),
        (BIT_LOAD, 1, 0, False, False),
        *[(BIT_AND, k % 2, 1 - k % 2, False, False) for k in range(100)],
    ]
    operands, literal = and_graph(*columns(nodes), 2)
    assert operands.T.tolist() == [[4, 2]]
    assert literal[2:].tolist() == [6] * 100
