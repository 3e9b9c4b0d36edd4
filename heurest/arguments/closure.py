"""Closing an argument: all terms that its tracked terms need, down to the inputs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from heurest.arguments.argument import Argument
from heurest.arguments.claims import MAX_TERM_ORDER, Cases, Track
from heurest.arguments.planning import ArgumentPlan, plan
from heurest.arguments.representatives import representatives
from heurest.circuit.circuit import Circuit
from heurest.errors import ArgumentError
from heurest.program import lower
from heurest.program.plan import joint_input_cumulants


def closed(argument: Argument, circuit: Circuit, order: int | None) -> Argument:
    """The argument with what its tracked terms need; see `Argument.closure`."""
    if order is None:
        order = max(argument.order, 2)
    if isinstance(order, bool) or not isinstance(order, (int, np.integer)) or not 1 <= order <= MAX_TERM_ORDER:
        raise ArgumentError(f"closure: order must be an integer from 1 to {MAX_TERM_ORDER}, got {order!r}")
    if any(isinstance(claim, Cases) for claim in argument.effective):
        raise ArgumentError("closure: terms within cases are conditional; close the argument before cases are added")
    program = lower(circuit)
    while True:
        planned = plan(program, argument, candidates=(int(order), 0))
        needed = planned.plan.entry_values[_needed(planned)]
        of_inputs = np.flatnonzero(needed.max(axis=1) < len(planned.values.inputs))
        vanishing = of_inputs[
            joint_input_cumulants(circuit, planned.values, needed[of_inputs]) == 0.0
        ]  # such as those of independent inputs
        needed = np.delete(needed, vanishing, axis=0)
        if not len(needed):
            return argument
        wire_of = representatives(planned.values)
        found = [Track(tuple(wire_of[value] for value in row if value >= 0), None, circuit) for row in needed.tolist()]
        argument = Argument((*argument.claims, *found), argument.selected_from)


def _needed(planned: ArgumentPlan) -> NDArray[np.int32]:
    """Entries of untracked terms that tracked ones read, directly or through cumulants between them, but not through means."""
    flat = planned.plan
    owner = np.repeat(np.arange(len(flat.constant)), np.diff(flat.start))
    reached = np.zeros(len(flat.constant), np.bool_)
    reached[flat.term_entry] = True
    while True:
        before = int(reached.sum())
        read = reached[owner]
        reached[flat.left[read]] = reached[flat.right[read]] = True
        reached[0] = False
        reached[flat.mean_entry] = False
        reached[flat.term_entry] = True
        if int(reached.sum()) == before:
            return flat.candidate_entry[reached[flat.candidate_entry]]
