"""Plans: tracked terms expanded into a flat sparse sum of products, and how it is run forward and backward."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from heurest import opcodes
from heurest.circuit.circuit import Circuit
from heurest.circuit.gates import INPUT
from heurest.program.memory import require_memory
from heurest.program.program import FloatArray, Int32Array
from heurest.program.term_graph import ValueGraph

# Compiled code hears no interrupt: it hands back control after this many terms.
_TERMS_AT_ONCE = 1 << 20


class TermTable(NamedTuple):
    """Terms to plan: one row a multiset of values, sorted, padded with -1, no row twice; ``given`` is NaN where it is deduced."""

    values: Int32Array
    given: FloatArray


@dataclass(frozen=True, eq=False)
class Plan:
    """A flat sparse sum of products: what one pass of one kernel runs.

    Entry t is ``constant[t]`` plus the sum of ``coefficient * entry[left] * entry[right]`` over its products. Entries are the means
    of all values, the tracked terms, and what lies between them (cumulants that still hold the gate being expanded).

    Attributes:
        constant: Shape ``(entries,)``.
        start: Where the products of each entry begin, shape ``(entries + 1,)``.
        coefficient: Shape ``(products,)``.
        left: First factor of every product.
        right: Second factor of every product; the entry of the number one where there is one factor only.
        reciprocal: Which entries are one over their sum.
        mean_entry: Entry of the mean of every value.
        term_entry: Entry of every term that was asked for, in the order of the table.
        candidate_entry: Entries of the terms that are not tracked and were met within the limits.
        entry_values: The multiset behind every entry as a row padded with -1, where candidates were asked for; else no rows.
    """

    constant: FloatArray
    start: NDArray[np.int64]
    coefficient: FloatArray
    left: Int32Array
    right: Int32Array
    reciprocal: NDArray[np.bool_]
    mean_entry: Int32Array
    term_entry: Int32Array
    candidate_entry: Int32Array
    entry_values: Int32Array

    @property
    def num_products(self) -> int:
        """How many products one pass takes."""
        return len(self.coefficient)

    @property
    def bytes(self) -> int:
        """Memory of the plan and of the entries' values."""
        arrays = (self.constant, self.start, self.coefficient, self.left, self.right, self.reciprocal)
        return sum(array.nbytes for array in arrays) + 16 * len(self.constant)

    def run(self, constant: FloatArray | None = None, out: FloatArray | None = None) -> FloatArray:
        """The value of every entry; another ``constant`` of the same shape stands for other inputs or given values."""
        from heurest.kernels.sparse_products import propagate_terms

        n = len(self.constant)
        value = np.empty(n) if out is None else out
        with np.errstate(all="ignore"):  # overflow is reported in words
            for first in range(0, n, _TERMS_AT_ONCE):
                last = min(first + _TERMS_AT_ONCE, n)
                numbers = self.constant if constant is None else constant
                propagate_terms(numbers, self.start, self.coefficient, self.left, self.right, self.reciprocal, first, last, value)
        return value

    def gradient(self, value: FloatArray, seed: FloatArray) -> FloatArray:
        """Derivative of ``sum of seed * value`` with respect to every entry, as if each could be moved by itself.

        Args:
            value: What `run` returned.
            seed: Weight of every entry, shape ``(entries,)``; left as it is.
        """
        from heurest.kernels.sparse_products import propagate_adjoints

        adjoint = np.array(seed, dtype=float)
        with np.errstate(all="ignore"):
            for last in range(len(value), 0, -_TERMS_AT_ONCE):
                first = max(0, last - _TERMS_AT_ONCE)
                propagate_adjoints(self.start, self.coefficient, self.left, self.right, self.reciprocal, first, last, value, adjoint)
        return adjoint

    def __repr__(self) -> str:
        return f"<Plan: {len(self.constant)} entries, {self.num_products} products>"


def build_plan(
    circuit: Circuit,
    values: ValueGraph,
    terms: TermTable,
    candidates: tuple[int, int] = (0, 0),
    max_memory: int | None = None,
) -> Plan:
    """Expand terms into a plan.

    Args:
        circuit: Where the laws of the inputs come from.
        values: The graph that the terms are about.
        terms: Terms of at least one value; those of a single value need not be listed unless they are given.
        candidates: Order and degree within which multisets that are met but not tracked are listed as candidates; order 0
            lists none, degree 0 counts repeats as order, a degree d > 0 allows d repeats of each value of a group (2d of one alone).
        max_memory: Bytes that may be used; by default what is free.

    Raises:
        IntractableError: The memory does not suffice.

    Cost:
        Linear in the products: about 1 us each at order 2.
    """
    from heurest.kernels import sparse_products, term_expansion, term_table

    graph = values.graph
    n, order = graph.size, max(terms.values.shape[1], candidates[0] * max(1, 2 * candidates[1]), 2)
    width = term_table.HEAD + 2 * order + 2
    single = np.asarray((terms.values[:, 1:] < 0).all(axis=1))
    plain = np.flatnonzero(~single)
    entries = 1 + n + len(plain)
    room, products = 2 * entries + 1024, 8 * entries + 4096

    keys, table, status = np.zeros((0, width), np.int32), np.zeros(0, np.int32), np.zeros(0, np.uint8)
    constant, start = np.zeros(0), np.zeros(0, np.int64)
    coefficient, left, right = np.zeros(0), np.zeros(0, np.int32), np.zeros(0, np.int32)
    counters = np.array([entries, 0, 0], np.int64)
    limits = np.array(candidates, np.int64)
    done = False
    while not done:
        slots = 1 << int(2 * room).bit_length()
        require_memory(f"a plan of {len(terms.given):,} terms", room * (4 * width + 17) + 4 * slots + 16 * products, max_memory)
        keys, status, constant, start = (_longer(array, room) for array in (keys, status, constant, start))
        coefficient, left, right = (_longer(array, products) for array in (coefficient, left, right))
        table = np.full(slots, -1, np.int32)
        if counters[2] == 0:
            _enter(keys, status, constant, terms, single, plain, n)
        term_table.add_all(keys, table, 1 + n, counters[0])
        done = term_expansion.expand_terms(graph, keys, table, status, constant, start, coefficient, left, right, counters, limits)
        room, products = (2 * room if 4 * counters[0] > room else room), (2 * products if 4 * counters[1] > products else products)
        room, products = (2 * room, 2 * products) if not done and room == len(status) and products == len(left) else (room, products)
    count, used = int(counters[0]), int(counters[1])
    keys, status, constant, start = keys[:count], status[:count], constant[:count], start[:count]
    stop = np.append(start[1:], used)
    _load_inputs(circuit, values, keys, status, constant)
    ordered = sparse_products.order_terms(start, stop, left, right)
    place, start, coefficient, left, right = sparse_products.gather_products(ordered, start, stop, coefficient, left, right)
    term_entry = np.empty(len(terms.given), np.int32)
    term_entry[single] = place[1 + terms.values[single, 0]] if len(terms.given) else 0
    term_entry[plain] = place[1 + n : entries]
    candidate = np.flatnonzero(status == term_expansion.CANDIDATE)
    rows = keys[ordered if candidates[0] else ordered[:0], term_table.HEAD :]
    used = keys[ordered if candidates[0] else ordered[:0], 1]
    rows[np.arange(rows.shape[1]) >= used[:, None]] = -1
    families = keys[ordered, 0]
    return Plan(
        constant=constant[ordered],
        start=start,
        coefficient=coefficient,
        left=left,
        right=right,
        reciprocal=(families == term_table.RECIPROCAL_1) | (families == term_table.RECIPROCAL_0),
        mean_entry=place[1 : 1 + n],
        term_entry=term_entry,
        candidate_entry=place[candidate],
        entry_values=rows,
    )


def _longer(array: NDArray[Any], length: int) -> NDArray[Any]:
    longer = np.zeros((length, *array.shape[1:]), array.dtype)
    longer[: len(array)] = array
    return longer


def _enter(
    keys: Int32Array,
    status: NDArray[np.uint8],
    constant: FloatArray,
    terms: TermTable,
    single: NDArray[np.bool_],
    plain: NDArray[Any],
    n: int,
) -> None:
    """Write the number one, the means and the terms into the first entries."""
    from heurest.kernels.term_expansion import DEDUCED, GIVEN
    from heurest.kernels.term_table import HEAD

    constant[0] = 1.0
    keys[1 : 1 + n, 1], keys[1 : 1 + n, HEAD] = 1, np.arange(n)
    status[1 : 1 + n] = DEDUCED
    rows = terms.values[plain]
    places = slice(1 + n, 1 + n + len(plain))
    keys[places, 1] = (rows >= 0).sum(axis=1)
    keys[places, HEAD : HEAD + rows.shape[1]] = rows
    given = ~np.isnan(terms.given)
    status[places] = np.where(given[plain], GIVEN, DEDUCED)
    constant[places] = np.where(given[plain], terms.given[plain], 0.0)
    means = 1 + terms.values[single & given, 0]
    status[means], constant[means] = GIVEN, terms.given[single & given]


def joint_input_cumulants(circuit: Circuit, values: ValueGraph, rows: Int32Array) -> FloatArray:
    """Joint cumulants of multisets of input values, from their laws; 0 where they are of independent groups.

    Args:
        circuit: Where the laws come from.
        values: The graph of the values.
        rows: Multisets as rows padded with -1, none empty.
    """
    result = np.zeros(len(rows))
    if not len(rows):
        return result
    group = np.repeat(np.arange(len(circuit.groups)), [len(g.wires) for g in circuit.groups])[values.inputs]
    coordinate = circuit.right[np.flatnonzero(circuit.gate == INPUT)][values.inputs]
    known: dict[tuple[int, ...], float] = {}
    groups = np.where(rows >= 0, group[np.where(rows >= 0, rows, 0)], group[rows[:, :1]])
    for i in np.flatnonzero((groups == groups[:, :1]).all(axis=1)).tolist():
        members = rows[i][rows[i] >= 0]
        law = circuit.groups[groups[i, 0]].law
        key = (id(law), *coordinate[members].tolist())
        if key not in known:
            known[key] = law.joint_cumulant(key[1:])
        result[i] = known[key]
    return result


def _load_inputs(circuit: Circuit, values: ValueGraph, keys: Int32Array, status: NDArray[np.uint8], constant: FloatArray) -> None:
    """Write the joint cumulants of tracked inputs into their entries."""
    from heurest.kernels.term_expansion import DEDUCED
    from heurest.kernels.term_table import HEAD, PLAIN

    if values.graph.size == 0:
        return
    last = keys[np.arange(len(keys)), np.maximum(HEAD + keys[:, 1] - 1, HEAD)]
    tracked = (status == DEDUCED) & (keys[:, 0] == PLAIN) & (keys[:, 1] > 0)
    needed = np.flatnonzero(tracked & (values.graph.op[last] == opcodes.TERM_INPUT))
    rows = keys[needed, HEAD:]
    rows[np.arange(rows.shape[1]) >= keys[needed, 1][:, None]] = -1
    constant[needed] = joint_input_cumulants(circuit, values, rows)
