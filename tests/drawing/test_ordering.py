"""Levels are longest paths, and orders that need no crossing have none."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from heurest.drawing.layout import increasing
from heurest.drawing.ordering import hops_of, levels, ordered_levels


@st.composite
def graphs(draw):
    """Edges from lower to higher numbers, each once, sorted by target."""
    count = draw(st.integers(1, 9))
    pairs = [(a, b) for b in range(count) for a in range(b)]
    edges = draw(st.lists(st.sampled_from(pairs), unique=True)) if pairs else []
    edges.sort(key=lambda pair: (pair[1], pair[0]))
    return count, np.array([a for a, _ in edges], dtype=np.int64), np.array([b for _, b in edges], dtype=np.int64)


def longest_path(node, source, target):
    return max((1 + longest_path(a, source, target) for a, b in zip(source.tolist(), target.tolist(), strict=True) if b == node), default=0)


@given(graphs())
def test_levels_are_longest_paths(graph):
    count, source, target = graph
    assert levels(count, source, target, deep=99) == [longest_path(node, source, target) for node in range(count)]


@given(graphs())
def test_inputs_of_deep_graphs_move_but_edges_still_point_onwards(graph):
    count, source, target = graph
    level = np.array(levels(count, source, target, deep=1))
    assert (level[source] < level[target]).all()
    assert level.min() == 0
    for node in set(source.tolist()) - set(target.tolist()):
        assert level[node] == level[target[source == node]].min() - 1  # an input that is read stands just before its first reader


@given(graphs())
def test_lanes_lead_every_wire_through_every_level(graph):
    count, source, target = graph
    level = levels(count, source, target, deep=99)
    hops = hops_of(count, source, target, level, lanes=True)
    for first, ends in enumerate(hops.down):
        assert all(hops.level[second] == hops.level[first] + 1 for second in ends)
    reached = set()
    for node in range(count):
        stack = list(hops.down[node])
        while stack:
            end = stack.pop()
            if end < count:
                reached.add((node, end))
            else:
                assert hops.owner[end - count] == node
                stack += hops.down[end]
    assert reached == set(zip(source.tolist(), target.tolist(), strict=True))


def crossings(members, hops):
    rank = {node: place for level in members for place, node in enumerate(level)}
    lines = [(hops.level[a], rank[a], rank[b]) for a, ends in enumerate(hops.down) for b in ends]
    return sum(k == other and (a - c) * (b - d) < 0 for i, (k, a, b) in enumerate(lines) for other, c, d in lines[:i])


@given(st.permutations(range(7)))
def test_a_permutation_is_untangled(readers):
    target = np.arange(7, 14)
    source = np.array(readers)  # gate 7 + i reads input readers[i]
    hops = hops_of(14, source, target, [0] * 7 + [1] * 7, lanes=True)
    members = ordered_levels(hops, [1.0] * 14, sweeps=14)
    assert sorted(members[0]) == list(range(7))
    assert crossings(members, hops) == 0


def test_a_tree_with_scattered_leaves_has_no_crossings():
    parents = [8, 9, 10, 11, 8, 9, 10, 11, 12, 13, 12, 13, 14, 14]  # leaf i and leaf i + 4 meet
    edges = sorted((parent, child) for child, parent in enumerate(parents))
    source, target = np.array([child for _, child in edges]), np.array([parent for parent, _ in edges])
    level = levels(15, source, target, deep=99)
    hops = hops_of(15, source, target, level, lanes=True)
    assert crossings(ordered_levels(hops, [1.0] * 15, sweeps=14), hops) == 0


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(7, 13)), unique=True, max_size=30))
def test_no_swap_of_neighbours_removes_a_crossing(lines):
    lines.sort(key=lambda pair: (pair[1], pair[0]))
    source, target = np.array([a for a, _ in lines], dtype=np.int64), np.array([b for _, b in lines], dtype=np.int64)
    hops = hops_of(14, source, target, [0] * 7 + [1] * 7, lanes=True)
    members = ordered_levels(hops, [1.0] * 14, sweeps=2)
    least = crossings(members, hops)
    for level in members:
        for i in range(6):
            level[i], level[i + 1] = level[i + 1], level[i]
            assert crossings(members, hops) >= least
            level[i], level[i + 1] = level[i + 1], level[i]


@given(st.lists(st.tuples(st.integers(-9, 9), st.integers(1, 5)), max_size=8))
def test_increasing_is_the_weighted_least_squares_solution(points):
    """Against the max-min formula of isotonic regression: the greatest over starts of the least over ends of the means."""
    wanted, weights = [float(value) for value, _ in points], [float(weight) for _, weight in points]

    def mean(start, stop):
        return np.average(wanted[start:stop], weights=weights[start:stop])

    n = len(points)
    expected = [max(min(mean(j, k + 1) for k in range(i, n)) for j in range(i + 1)) for i in range(n)]
    np.testing.assert_allclose(increasing(wanted, weights), expected, atol=1e-12)
