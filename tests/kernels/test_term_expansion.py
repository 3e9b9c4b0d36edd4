"""Expansion of terms against plain recursion over sets, candidates, room, and conditional laws against enumeration."""

import itertools
from functools import cache
from math import factorial, prod

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heurest import opcodes
from heurest.kernels.term_expansion import CANDIDATE, DEDUCED, GIVEN, expand_terms, room_needed
from heurest.kernels.term_table import HEAD, PLAIN, RECIPROCAL_0, RECIPROCAL_1, add_all
from heurest.program.term_graph import TermGraph
from support.sizes import scaled

SCALES = st.sampled_from([-1.0, -0.5, 0.5, 1.0, 2.0])
SHIFTS = st.sampled_from([-1.0, 0.0, 0.0, 1.0])
COLUMNS = {"op": np.uint8, "boolean": bool, "left": np.int32, "right": np.int32, "event": np.int32}


def graph_of(*values):
    """A term graph from one dictionary a value; a sum gives its ``terms`` as (scale, value)."""
    rows = [{"left": -1, "right": -1, "event": -1, "op": opcodes.TERM_INPUT, "terms": (), **value} for value in values]
    columns = {name: np.array([row.get(name, 0) for row in rows], COLUMNS.get(name, float)) for name in TermGraph._fields[:10]}
    stop = np.cumsum([len(row["terms"]) for row in rows]).astype(np.int64)
    every = [term for row in rows for term in row["terms"]]
    start = stop - [len(row["terms"]) for row in rows]
    return TermGraph(**columns, term_start=start, term_stop=stop, term_value=np.array([v for _, v in every], np.int32),
                     term_scale=np.array([s for s, _ in every], float))  # fmt: skip


class Expansion:
    """The kernel run over a graph: entries as keys, constants and products, for a literal evaluation."""

    def __init__(self, graph, tracked, given=(), limits=(0, 0), inputs=None, room=None, kernel=expand_terms, slots=None):
        given = dict(given)
        rows = [*tracked, *given]
        first, width = 1 + graph.size, HEAD + 2 * max([2, limits[0] * max(1, 2 * limits[1]), *map(len, rows)]) + 2
        self.counters, room, products, self.calls = np.array([first + len(rows), 0, 0]), room or 4096, room or 16384, 0
        keys, status, constant, start = np.zeros((0, width), np.int32), np.zeros(0, np.uint8), np.zeros(0), np.zeros(0, np.int64)
        arrays = [np.zeros(0), np.zeros(0, np.int32), np.zeros(0, np.int32)]
        done = False
        while not done:
            self.calls += 1
            keys, status, constant, start = (longer(a, room) for a in (keys, status, constant, start))
            arrays = [longer(array, products) for array in arrays]
            if self.calls == 1:
                for entry, row in enumerate([(), *((v,) for v in range(graph.size)), *rows]):
                    keys[entry, 1], status[entry] = len(row), GIVEN if row in given else DEDUCED
                    keys[entry, HEAD : HEAD + len(row)] = row
                    constant[entry] = given.get(row, 1.0 if entry == 0 else 0.0)
            table = np.full(slots or 1 << int(2 * room).bit_length(), -1, np.int32)
            add_all(keys, table, first, self.counters[0])
            done = kernel(graph, keys, table, status, constant, start, *arrays, self.counters, np.array(limits))
            room, products = 2 * room, 2 * products
        count, used = self.counters[:2].tolist()
        self.keys = [(int(key[0]), tuple(key[HEAD : HEAD + key[1]].tolist())) for key in keys[:count]]
        self.status, self.constant = status[:count], constant[:count]
        stop = [*start[1:count].tolist(), used]
        self.products = [list(zip(*(a[b:e].tolist() for a in arrays), strict=True)) for b, e in zip(start.tolist(), stop, strict=False)]
        for entry, (family, key) in enumerate(self.keys):
            if family == PLAIN and key and status[entry] == DEDUCED and graph.op[key[-1]] == opcodes.TERM_INPUT and inputs:
                self.constant[entry] = inputs(key)
        self.value = cache(self._value)

    def _value(self, entry):
        total = self.constant[entry] + sum(c * self.value(a) * self.value(b) for c, a, b in self.products[entry])
        return (1.0 / total if total else 0.0) if self.keys[entry][0] in (RECIPROCAL_0, RECIPROCAL_1) else total

    @property
    def candidates(self):
        return [self.keys[entry][1] for entry in np.flatnonzero(self.status == CANDIDATE)]

    def of(self, row):
        return self.value(self.keys.index((PLAIN, tuple(row))))


def longer(array, length):
    return np.concatenate([array, np.zeros((length - len(array), *array.shape[1:]), array.dtype)])


class Literal:
    """What the kernel should say, in the words of the rules: everything is looked up in plain sets, nothing is shared."""

    def __init__(self, graph, tracked, given, inputs):
        self.graph, self.tracked, self.given, self.inputs = graph, set(tracked), dict(given), inputs
        self.met = set()  # untracked terms that were asked for

    def lookup(self, term):
        term = tuple(sorted(term))
        if term in self.given:
            return self.given[term]
        if len(term) == 1:
            return self.expanded(term)
        for x in term:
            if self.graph.boolean[x] and term.count(x) > 1:
                rest = list(term)
                rest.remove(x)
                rest.remove(x)
                return self.lookup((x, *rest)) - sum(self.lookup((x, *a)) * self.lookup((x, *b)) for a, b in parts(rest))
        if term in self.tracked:
            return self.expanded(term)
        self.met.add(term)
        return 0.0

    def factor(self, term, newest):
        term = tuple(sorted(term))
        return self.expanded(term) if len(term) > 1 and newest in term else self.lookup(term)

    def expanded(self, term):
        (*rest, v), g = sorted(term), self.graph
        if g.op[v] == opcodes.TERM_INPUT:
            return self.inputs(tuple(sorted(term)))
        if g.op[v] == opcodes.TERM_AFFINE:
            terms = range(g.term_start[v], g.term_stop[v])
            return g.bias[v] * (not rest) + sum(g.term_scale[t] * self.factor((g.term_value[t], *rest), v) for t in terms)
        u, w, a, b, c, d = g.left[v], g.right[v], g.left_scale[v], g.right_scale[v], g.left_shift[v], g.right_shift[v]

        def side(value, scale, shift, members):
            return shift * (not members) + (scale * self.factor((value, *members), v) if value >= 0 else 0.0)

        joint = a * b * self.factor((u, w, *rest), v) if u >= 0 and w >= 0 else 0.0
        return joint + sum(side(u, a, c, one) * side(w, b, d, two) for one, two in parts(rest))


def parts(members):
    for bits in itertools.product((True, False), repeat=len(members)):
        yield [m for m, bit in zip(members, bits, strict=True) if bit], [m for m, bit in zip(members, bits, strict=True) if not bit]


def some_number(key):
    """What stands for the joint cumulant of inputs: any numbers do."""
    return 0.25 + (7 * sum((i + 2) * v for i, v in enumerate(key)) + 3 * len(key)) % 11 / 8


@st.composite
def graphs(draw, max_gates=4):
    kinds = draw(st.lists(st.booleans(), min_size=1, max_size=3))
    values = [{"boolean": boolean} for boolean in kinds]
    for _ in range(draw(st.integers(1, max_gates))):
        operand = st.integers(0, len(values) - 1)
        value = {"boolean": draw(st.booleans())}
        if draw(st.booleans()):
            value |= {"op": opcodes.TERM_AFFINE, "bias": draw(SHIFTS), "terms": draw(st.lists(st.tuples(SCALES, operand), max_size=3))}
        else:
            value["op"] = opcodes.TERM_PRODUCT
            for side in ("left", "right"):
                known = draw(st.integers(0, 5)) > 0
                value |= {side: draw(operand) if known else -1, f"{side}_scale": draw(SCALES) if known else 0.0}
                value |= {f"{side}_shift": draw(SHIFTS)}
        values.append(value)
    return graph_of(*values)


@st.composite
def term_sets(draw, graph, max_order=3):
    """Terms of two or more values, boolean values not repeated."""
    member = st.integers(0, graph.size - 1)
    drawn = draw(st.lists(st.lists(member, min_size=2, max_size=max_order).map(sorted).map(tuple), max_size=8, unique=True))
    return [term for term in drawn if not any(graph.boolean[v] and term.count(v) > 1 for v in term)]


@settings(max_examples=scaled(100, 15))
@given(graphs(), st.data())
def test_every_tracked_term_is_what_the_rules_say(graph, data):
    tracked = data.draw(term_sets(graph))
    given = {term: some_number(term) for term in tracked[:1]}
    found, expected = Expansion(graph, tracked[1:], given, inputs=some_number), Literal(graph, tracked[1:], given, some_number)
    for row in [*((v,) for v in range(graph.size)), *tracked]:
        exact = expected.lookup(row)
        assert found.of(row) == pytest.approx(exact, rel=1e-9, abs=1e-7)
    assert not (found.status == CANDIDATE).any()
    for products in found.products:
        assert all(c != 0.0 and 0 <= a < len(found.keys) and 0 <= b < len(found.keys) for c, a, b in products)
    assert len(set(found.keys)) == len(found.keys)  # no term has two entries


@settings(max_examples=scaled(60, 10))
@given(graphs(), st.data(), st.integers(2, 3))
def test_candidates_are_the_untracked_terms_that_were_met_each_once(graph, data, order):
    tracked = data.draw(term_sets(graph))
    found = Expansion(graph, tracked, limits=(order, 0), inputs=some_number)
    expected = Literal(graph, tracked, {}, some_number)
    for row in [*((v,) for v in range(graph.size)), *tracked]:
        expected.lookup(row)
        assert found.of(row) == pytest.approx(Expansion(graph, tracked, inputs=some_number).of(row), rel=1e-9, abs=1e-7)
    listed = found.candidates
    assert len(set(listed)) == len(listed)
    assert set(listed) == {term for term in expected.met if len(term) <= order}
    assert all(not found.products[entry] and found.constant[entry] == 0.0 for entry in np.flatnonzero(found.status == CANDIDATE))


LIMITS = [(0, 0), (2, 0), (3, 0), (2, 1), (2, 2), (1, 1)]


def test_limits_by_degree_count_repeats_of_each_value():
    # (x x y) x: the mean of the last product asks for kappa(3, 0), that of value 3 for kappa(2, 1), and so on.
    graph = graph_of({}, {}, product_of(0, 0), product_of(2, 1), product_of(3, 0))
    met = {limits: set(Expansion(graph, [(0, 3), (0, 1, 2), (0, 2)], limits=limits).candidates) for limits in LIMITS}
    assert met[0, 0] == set()
    assert all(len(key) <= 2 for key in met[2, 0])
    assert met[2, 0] == {(0, 0), (1, 2), (0, 1)}
    assert {(0, 0, 0), (0, 0, 1)} <= met[3, 0]
    assert (0, 0) in met[2, 1]  # one value alone may stand twice a degree
    assert (0, 0, 1) not in met[2, 1]
    assert {(0, 0, 1), (0, 0, 0)} <= met[2, 2]
    assert all(len(set(key)) == 1 for key in met[1, 1])


def product_of(left, right, boolean=False):
    return {"op": opcodes.TERM_PRODUCT, "left": left, "right": right, "left_scale": 1.0, "right_scale": 1.0, "boolean": boolean}


def sum_of(*operands):
    return {"op": opcodes.TERM_AFFINE, "terms": [(1.0, v) for v in operands]}


def test_two_tracked_copies_of_a_product_grow_before_anything_is_cut():
    # Var(x x) at order 2 of a standard normal: 2, by the copies of the square expanded together.
    graph = graph_of({}, product_of(0, 0))
    found = Expansion(graph, [(0, 0), (1, 1)], inputs=lambda key: float(len(key) == 2))
    assert found.of((1, 1)) == 2.0
    assert found.of((1,)) == 1.0


@pytest.mark.parametrize("compiled", [True, False])
@settings(max_examples=scaled(30, 5))
@given(graph=graphs(), data=st.data())
def test_more_room_is_asked_for_and_the_work_goes_on_where_it_stopped(compiled, graph, data):
    tracked = data.draw(term_sets(graph))
    kernel = expand_terms if compiled else getattr(expand_terms, "py_func", expand_terms)
    small = Expansion(graph, tracked, inputs=some_number, room=1 + graph.size + len(tracked), kernel=kernel)
    large = Expansion(graph, tracked, inputs=some_number)
    assert small.calls > 1 == large.calls
    assert (small.keys, small.products) == (large.keys, large.products)


@given(graphs(), st.data())
def test_the_room_foretold_is_enough(graph, data):
    tracked = data.draw(term_sets(graph))
    found = Expansion(graph, tracked)
    seen = set(range(1 + graph.size + len(tracked)))
    for (family, key), products in zip(found.keys, found.products, strict=True):
        row = np.array([[family, len(key), *key]], np.int32)
        new_entries, new_products = room_needed(graph, row, 0)
        read = {factor for _, *factors in products for factor in factors}
        assert len(products) <= new_products
        assert len(read - seen) <= new_entries
        seen |= read


# -- cases: conditional and mixed laws -----------------------------------------------------------------


def set_partitions(members):
    if not members:
        yield []
        return
    first, *rest = members
    for chosen in range(1 << len(rest)):
        block = [first, *(m for i, m in enumerate(rest) if chosen >> i & 1)]
        for others in set_partitions([m for i, m in enumerate(rest) if not chosen >> i & 1]):
            yield [block, *others]


def joint_cumulant(points, chances, term):
    """By the sum over partitions of products of moments."""
    total = 0.0
    for blocks in set_partitions(list(term)):
        moments = [float(points[:, block].prod(axis=1) @ chances) for block in blocks]
        total += (-1) ** (len(blocks) - 1) * factorial(len(blocks) - 1) * prod(moments)
    return total


def multisets(values, most, boolean):
    for size in range(1, most + 1):
        for term in itertools.combinations_with_replacement(values, size):
            if not any(boolean[v] and term.count(v) > 1 for v in term):
                yield term


@st.composite
def conditioned(draw):
    """Points and chances of (x, y, b, event), x and y real, and the event neither certain nor impossible."""
    number = st.sampled_from([-1.0, 0.0, 0.5, 2.0])
    points = draw(st.lists(st.tuples(number, number, st.sampled_from([0.0, 1.0])), min_size=2, max_size=4))
    weights = np.array(draw(st.lists(st.integers(1, 4), min_size=len(points), max_size=len(points))), float)
    events = [float(i % 2) for i in range(len(points))]
    return np.array([[*point, event] for point, event in zip(points, events, strict=True)]), weights / weights.sum()


BOOLEAN = [False, False, True, True]


def split_graph(*more):
    """Inputs x, y, b and the event (values 0 to 3); the first three given that it is 0 (4 to 6) and 1 (7 to 9)."""
    cases = [
        {"op": opcodes.TERM_CONDITION, "left": v, "right": case, "event": 3, "boolean": BOOLEAN[v]} for case in (0, 1) for v in range(3)
    ]
    return graph_of(*({"boolean": boolean} for boolean in BOOLEAN), *cases, *more)


@settings(max_examples=scaled(40, 5))
@given(conditioned())
def test_cumulants_within_a_case_are_those_of_the_conditional_law(law):
    points, chances = law
    graph = split_graph()
    tracked = [term for term in multisets(range(4), 4, BOOLEAN) if len(term) > 1]
    inside = [tuple(4 + 3 * case + v for v in term) for case in (0, 1) for term in multisets(range(3), 3, BOOLEAN) if len(term) > 1]
    found = Expansion(graph, [*tracked, *inside], inputs=lambda key: joint_cumulant(points, chances, key))
    for case in (0, 1):
        given = chances * (points[:, 3] == case)
        for term in multisets(range(3), 3, BOOLEAN):
            expected = joint_cumulant(points, given / given.sum(), term)
            assert found.of([4 + 3 * case + v for v in term]) == pytest.approx(expected, rel=1e-6, abs=1e-6)


@settings(max_examples=scaled(40, 5))
@given(conditioned(), st.lists(st.sampled_from([-1.0, 1.0, 2.0]), min_size=8, max_size=8))
def test_mixtures_have_the_means_and_covariances_of_the_whole(law, numbers):
    # Mixtures 10 and 11 of multiples of x and y that differ by case: a value is what its case says, at each point.
    points, chances = law
    sides = [dict(zip(("left_scale", "left_shift", "right_scale", "right_shift"), numbers[4 * i :], strict=False)) for i in range(2)]
    mixtures = [
        {"op": opcodes.TERM_MIXTURE, "left": 4 + i, "right": 7 + i, "event": 3, "boolean": False} | side for i, side in enumerate(sides)
    ]
    graph = split_graph(*mixtures)
    tracked = [term for term in multisets(range(4), 3, BOOLEAN) if len(term) > 1]
    inside = [tuple(4 + 3 * case + v for v in term) for case in (0, 1) for term in [(0, 0), (0, 1), (1, 1)]]
    found = Expansion(graph, [*tracked, *inside, (10, 10), (10, 11), (11, 11)], inputs=lambda key: joint_cumulant(points, chances, key))
    one = points[:, 3] == 1
    for i, side in enumerate(sides):
        low, high = side["left_scale"] * points[:, i] + side["left_shift"], side["right_scale"] * points[:, i] + side["right_shift"]
        points = np.column_stack([points, np.where(one, high, low)])
    for term in [(10,), (11,), (10, 10), (10, 11), (11, 11)]:
        expected = joint_cumulant(points, chances, [v - 6 for v in term])
        assert found.of(term) == pytest.approx(expected, rel=1e-6, abs=1e-6)


def test_a_case_that_never_happens_has_no_weight():
    graph = split_graph({"op": opcodes.TERM_MIXTURE, "left": 4, "right": 7, "event": 3, "left_scale": 1.0, "right_scale": 1.0})
    points, chances = np.array([[2.0, 0.0, 0.0, 0.0], [4.0, 0.0, 0.0, 0.0]]), np.array([0.5, 0.5])
    tracked = [(0, 3), (0, 0), (0, 0, 3), (4, 4), (7, 7), (10, 10)]
    found = Expansion(graph, tracked, inputs=lambda key: joint_cumulant(points, chances, key))
    assert found.of((10,)) == found.of((4,)) == 3.0
    assert found.of((10, 10)) == found.of((4, 4)) == 1.0
    assert np.isfinite([found.value(entry) for entry in range(len(found.keys))]).all()


def test_larger_mixtures_are_not_recombined():
    graph = split_graph({"op": opcodes.TERM_MIXTURE, "left": 4, "right": 7, "event": 3, "left_scale": 1.0, "right_scale": 1.0}, sum_of(0))
    found = Expansion(graph, [(10, 10, 10), (0, 10), (0, 0)], inputs=some_number)
    assert found.of((10, 10, 10)) == found.of((0, 10)) == 0.0
    assert not found.products[found.keys.index((PLAIN, (10, 10, 10)))]
