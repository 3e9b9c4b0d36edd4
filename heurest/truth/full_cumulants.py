"""Exact expectations of small circuits by cumulant propagation without a cut."""

from __future__ import annotations

import numpy as np

from heurest.errors import IntractableError
from heurest.program.reference import ReferenceCumulants
from heurest.truth.task import Answer, Plan, Task

_SECONDS_A_TERM = 2e-5
_MOST_WIRES = 20_000
_MOST_COPIES = 10  # wires in a multiset: it is dealt to two hands in 2**(n - 1) ways


def plan_cumulants(task: Task) -> Plan:
    """All joint cumulants that the outputs need, of whatever order.

    Raises:
        IntractableError: The circuit or its degree is too large; when run, too many cumulants are needed.
    """
    if len(task.circuit) > _MOST_WIRES:
        raise IntractableError(f"{len(task.circuit):,} wires, at most {_MOST_WIRES:,} are taken")
    degree = int(task.degrees[:, -1].max(initial=0))
    if degree > _MOST_COPIES:
        raise IntractableError(f"an output of degree {degree:,}, at most {_MOST_COPIES} is taken")
    return Plan(task.max_terms * _SECONDS_A_TERM, lambda: _propagated(task, 2 * degree <= _MOST_COPIES))


def _propagated(task: Task, with_variance: bool) -> Answer:
    reference = ReferenceCumulants(task.circuit, None, max_terms=task.max_terms)
    wires = [wire.index for wire in task.circuit.outputs.values()]
    value = np.empty(len(wires))
    variance = np.full(len(wires), np.nan)
    boolean = task.circuit.boolean
    skipped = not with_variance and not boolean[wires].all()
    for i, wire in enumerate(wires):
        task.tick(i, len(wires), "outputs")
        value[i] = reference.joint_cumulant((wire,))
        if with_variance or boolean[wire]:  # of a 0/1 wire the mean says it
            variance[i] = reference.joint_cumulant((wire, wire))
    return Answer(value, variance, (f"variances are not computed: squares have a degree above {_MOST_COPIES}",) if skipped else ())
