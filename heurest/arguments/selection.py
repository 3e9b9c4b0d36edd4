"""The second half of a search: of the terms looked at, those that carry least are left out, and the rest is weighed again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from heurest.arguments.exploration import Problem
from heurest.program.program import FloatArray, Int32Array

# Share of the groups that stays in one step, far above the wanted length and near it.
_KEEP_FAR, _KEEP_NEAR = 0.7, 0.9
# A group that carries less than this of an output's size is rounding.
_NEGLIGIBLE = 1e-13


@dataclass(frozen=True, eq=False)
class Stage:
    """One set of groups on the way down, and the outputs' estimates with it."""

    groups: Int32Array
    estimates: FloatArray


def narrow(
    problem: Problem, groups: Int32Array, near: int, progress: Callable[[int], None] | None = None, at_once: bool = False
) -> Iterator[Stage]:
    """Yield ever smaller sets of groups, each a subset of the one before, down to the empty one.

    What a group carries is its derivative times its value, summed over its terms: to first order, how much the outputs change
    without it. What lost its last reader or its last operand carries nothing and goes in the next step, so that a set holds what
    its terms need.

    Args:
        problem: What the search is about.
        groups: The groups to start from.
        near: From this length on steps are small.
        progress: Called with the number of groups left after each step.
        at_once: Take one step to the wanted length, and one to none.
    """
    while True:
        rows = problem.members(groups)
        plan = problem.plan(rows)
        entries = plan.run()
        yield Stage(groups, problem.estimates(plan, entries))
        if not len(groups):
            return
        adjoints = problem.adjoints(plan, entries)[:, plan.term_entry]
        with np.errstate(all="ignore"):
            flow = np.nan_to_num(adjoints * entries[plan.term_entry], nan=0.0, posinf=1e300, neginf=-1e300)
        _, which = problem.groups(rows)
        with np.errstate(over="ignore"):
            carried = np.sqrt(sum(np.bincount(which, row, len(groups)) ** 2 for row in flow))
        needed = int((carried > _NEGLIGIBLE).sum())
        keep = needed if needed < len(groups) else _next_length(len(groups), near)
        if at_once:
            keep = near if len(groups) > near else 0
        best = np.lexsort((*groups.T[::-1], -carried))[:keep]
        groups = groups[np.sort(best)]
        if progress:
            progress(len(groups))


def _next_length(length: int, near: int) -> int:
    share = _KEEP_FAR if length > 4 * near else _KEEP_NEAR
    return min(length - 1, max(int(length * share), near if length > near else 0))
