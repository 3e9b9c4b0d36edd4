"""The first half of a search: terms are looked at in rounds, those first through which most of an output could still flow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from heurest.circuit.circuit import Circuit
from heurest.program.plan import Plan, TermTable, build_plan, joint_input_cumulants
from heurest.program.program import FloatArray, Int32Array
from heurest.program.term_graph import ValueGraph

# An untracked term is presumed to reach this share of its Cauchy-Schwarz bound when what could flow through it is weighed.
_TYPICAL_CORRELATION = 0.25
# What overflowed still has a place in the order.
_HUGE = 1e300
# Outputs beyond this many are weighed together, in as many groups.
_MOST_PASSES = 32


@dataclass(frozen=True, eq=False)
class Problem:
    """What a search is about.

    Attributes:
        circuit: The circuit.
        values: The values of its program.
        outputs: Output names that matter.
        seeds: One row a backward pass: weight of every value's mean, each output in units of its estimated root mean square.
        deviation: A rough standard deviation of every value, from variances alone.
        order: The largest order, or number of distinct wires where ``degree`` is set.
        degree: Repeats that each wire of a reductant may have; 0 for joint cumulants.
        max_memory: Bytes that a plan may take.
    """

    circuit: Circuit
    values: ValueGraph
    outputs: tuple[str, ...]
    seeds: FloatArray
    deviation: FloatArray
    order: int
    degree: int
    max_memory: int | None

    @classmethod
    def of(cls, circuit: Circuit, values: ValueGraph, outputs: Sequence[str], order: int, degree: int, max_memory: int | None) -> Problem:
        """Weigh the outputs and estimate how far each value varies."""
        n = values.graph.size
        real = np.flatnonzero(~values.graph.boolean).astype(np.int32)
        squares = TermTable(np.stack([real, real], axis=1), np.full(len(real), np.nan))
        rough = build_plan(circuit, values, squares, max_memory=max_memory)
        entries = rough.run()
        mean = entries[rough.mean_entry]
        variance = np.zeros(n)
        with np.errstate(all="ignore"):
            chance = np.clip(mean, 0.0, 1.0)
            variance[values.graph.boolean] = (chance * (1.0 - chance))[values.graph.boolean]
            variance[real] = np.abs(entries[rough.term_entry])
            deviation = np.sqrt(np.nan_to_num(variance, nan=0.0, posinf=1e300))
        passes = min(len(outputs), _MOST_PASSES)
        seeds = np.zeros((max(passes, 1), n))
        for i, name in enumerate(outputs):
            wire = circuit.outputs[name].index
            value = int(values.wires.value[wire])
            if value >= 0:
                size = abs(values.wires.scale[wire]) * np.hypot(deviation[value], mean[value])
                seeds[i % passes, value] += values.wires.scale[wire] / (size if 0.0 < size < np.inf else 1.0)
        return cls(circuit, values, tuple(outputs), seeds, deviation, order, degree, max_memory)

    def plan(self, rows: Int32Array, candidates: tuple[int, int] = (0, 0)) -> Plan:
        """A plan that tracks the given terms."""
        return build_plan(self.circuit, self.values, TermTable(rows, np.full(len(rows), np.nan)), candidates, self.max_memory)

    def adjoints(self, plan: Plan, entries: FloatArray) -> FloatArray:
        """Derivatives of the weighed outputs with respect to every entry, one row a pass."""
        found = np.empty((len(self.seeds), len(entries)))
        for i, seed in enumerate(self.seeds):
            spread = np.zeros(len(entries))
            spread[plan.mean_entry] = seed
            found[i] = plan.gradient(entries, spread)
        return found

    def estimates(self, plan: Plan, entries: FloatArray) -> FloatArray:
        """The outputs' estimates, in the order of ``outputs``."""
        mean = self.values.wires.mean(entries[plan.mean_entry])
        return np.array([mean[self.circuit.outputs[name].index] for name in self.outputs])

    def bounds(self, rows: Int32Array) -> FloatArray:
        """The product of the standard deviations of every term's values: what bounds a covariance."""
        known = rows >= 0
        with np.errstate(all="ignore"):
            product: FloatArray = np.where(known, self.deviation[np.where(known, rows, 0)], 1.0).prod(axis=1)
        return product

    def groups(self, rows: Int32Array) -> tuple[Int32Array, NDArray[np.int64]]:
        """What is added or left out as one, and which of them every row belongs to: the rows, or for reductants their distinct values."""
        if self.degree == 0:
            return rows, np.arange(len(rows))
        distinct = rows.copy()
        distinct[:, 1:][rows[:, 1:] == rows[:, :-1]] = -1
        far = np.iinfo(np.int32).max
        distinct = np.sort(np.where(distinct < 0, far, distinct), axis=1)  # gaps last
        distinct = distinct[:, : max(2, int((distinct < far).sum(axis=1).max(initial=0)))]
        unique, which = np.unique(np.where(distinct == far, -1, distinct), axis=0, return_inverse=True)
        return unique.astype(np.int32), which.reshape(-1)

    def members(self, groups: Int32Array) -> Int32Array:
        """The rows of terms that groups stand for, sorted and each once; inverse of `groups`."""
        if self.degree == 0 or not len(groups):
            return groups
        width = max(groups.shape[1], 2) * self.degree
        found: list[list[int]] = []
        for group in groups.tolist():
            members = [value for value in group if value >= 0]
            most = self.degree if len(members) > 1 else 2 * self.degree
            found += _repeated(members, [1 if self.values.graph.boolean[value] else most for value in members])
        rows = np.full((len(found), width), -1, np.int32)
        for i, row in enumerate(found):
            rows[i, : len(row)] = row
        several: Int32Array = rows[(rows >= 0).sum(axis=1) > 1]
        return several


def _repeated(members: Sequence[int], most: Sequence[int]) -> list[list[int]]:
    if not members:
        return [[]]
    return [[members[0]] * k + rest for k in range(1, most[0] + 1) for rest in _repeated(members[1:], most[1:])]


def look_further(problem: Problem, looked_at: Int32Array, most: int) -> tuple[Int32Array, int]:
    """The most promising groups that the terms looked at ask for and that are not among them, best first.

    A group's promise is the sum of what could flow through it to the outputs: products taken in size, and untracked factors presumed
    to reach a fixed share of their bounds, so that nothing is overlooked because a factor happens to be zero so far.

    Args:
        problem: What the search is about.
        looked_at: The groups looked at so far.
        most: How many to return.

    Returns:
        Groups as rows padded with -1, and the number of products of the plan that was made on the way: the measure of cost.
    """
    rows = problem.members(looked_at)
    plan = problem.plan(rows, (problem.order, problem.degree))
    if not len(plan.candidate_entry):
        return np.zeros((0, max(looked_at.shape[1], 2)), np.int32), plan.num_products
    length = (plan.entry_values >= 0).sum(axis=1)
    likely = problem.bounds(plan.entry_values) * _TYPICAL_CORRELATION ** (length - 1.0)
    entries = np.nan_to_num(np.abs(plan.run()), nan=_HUGE, posinf=_HUGE)
    open_ = (entries == 0.0) & (plan.entry_values.max(axis=1) >= len(problem.values.inputs))  # what inputs do is known
    entries[open_] = likely[open_]
    of_inputs = plan.candidate_entry[plan.entry_values[plan.candidate_entry].max(axis=1) < len(problem.values.inputs)]
    entries[of_inputs] = np.abs(joint_input_cumulants(problem.circuit, problem.values, plan.entry_values[of_inputs]))
    sizes = replace(plan, coefficient=np.abs(plan.coefficient))
    spread = np.zeros(len(entries))
    spread[plan.mean_entry] = np.abs(problem.seeds).sum(axis=0)
    with np.errstate(all="ignore"):
        promise = (sizes.gradient(entries, spread) * entries)[plan.candidate_entry]
    promise = np.nan_to_num(promise, nan=_HUGE, posinf=_HUGE)
    candidates = np.ascontiguousarray(plan.entry_values[plan.candidate_entry][:, : int(length[plan.candidate_entry].max())])
    groups, which = problem.groups(candidates)
    total = np.bincount(which, promise, len(groups))
    best = np.lexsort((*groups.T[::-1], -total))[: max(most, 0)]
    return np.ascontiguousarray(groups[best[total[best] > 0.0]]), plan.num_products
