"""Exact expectations as sums over the product of finite rules: all points of finite laws, or Gauss rules of any law."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import fsum, log10, prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heurest.circuit.joint_laws import JointDiscrete
from heurest.circuit.laws import Law
from heurest.circuit.quadrature import MAX_NODES
from heurest.errors import IntractableError
from heurest.program.memory import require_memory
from heurest.truth.engine import Engine, batch_size, weight_of
from heurest.truth.inputs import InputRun
from heurest.truth.task import Answer, Plan, Task

FloatArray = NDArray[np.float64]
Rule = tuple[FloatArray, FloatArray]

_OPERATIONS_A_SECOND = 1e9


def plan_enumeration(task: Task) -> Plan:
    """Sum over all points of the finite laws of the inputs that feed outputs.

    Raises:
        IntractableError: A law is not finite, or there are too many points.
    """
    rules, total = finite_rules(task)
    return Plan(_seconds(total, task), lambda: _summed(task, rules, True, ()))


def finite_rules(task: Task) -> tuple[list[Rule], int]:
    """The points and weights of every run of inputs, and how many points there are in all.

    Raises:
        IntractableError: A law is not finite, or there are too many points.
    """
    points_of: dict[Law, Rule] = {}
    for run in task.inputs.runs:
        if run.law not in points_of:
            points = run.law.points()
            if points is None:
                raise IntractableError(f"input {task.input_name(run.group)} with its {run.law.name} law has infinitely many values")
            points_of[run.law] = points
    rules = [points_of[run.law] for run in task.inputs.runs]
    return rules, _product([len(weights) for _, weights in rules], task, "points")


def plan_quadrature(task: Task) -> Plan:
    """Replace laws by Gauss rules with enough nodes for the outputs' degrees, then sum over all nodes.

    An output of degree d in an input needs ``d // 2 + 1`` nodes there, its square ``d + 1``. Where the nodes for the
    squares are too many, variances are left out. The square of a boolean output is itself.

    Raises:
        IntractableError: Too many nodes are needed.
    """
    degrees = task.degrees[:, :-1].max(axis=0, initial=0).tolist()
    laws = [run.law for run in task.inputs.runs]
    warnings: tuple[str, ...] = ()
    nodes = [degree // 2 + 1 for degree in degrees]
    if not task.outputs.boolean.all():
        try:
            _node_product(laws, [degree + 1 for degree in degrees], task)
            nodes = [degree + 1 for degree in degrees]
        except IntractableError:
            warnings = ("variances are not computed: they would need more nodes than are allowed",)
    total = _node_product(laws, nodes, task)

    def run() -> Answer:
        rules = [law.quadrature(min(node, MAX_NODES)) for law, node in zip(laws, nodes, strict=True)]
        return _summed(task, rules, not warnings, warnings)

    return Plan(_seconds(total, task), run)


def _product(counts: list[int], task: Task, what: str) -> int:
    """The product of the counts, if it is allowed."""
    exponent = fsum(map(log10, counts))
    total = prod(counts) if exponent < 15.0 else 0
    if exponent >= 15.0 or total > task.max_points:
        raise IntractableError(f"{f'{total:,}' if total else f'10^{exponent:.0f}'} {what}, at most {task.max_points:,} are allowed")
    return total


def _node_product(laws: Sequence[Law], nodes: Sequence[int], task: Task) -> int:
    """How many points the product of the laws' rules has, with so many nodes a variable each."""
    counts = []
    for law, count in zip(laws, nodes, strict=True):
        points = law.points() if isinstance(law, JointDiscrete) or count > 1 else None
        if points is not None and (law.size > 1 or len(points[1]) <= count):
            counts.append(len(points[1]))
        elif count > MAX_NODES:
            raise IntractableError(f"{count:,} nodes are needed for an input, but a Gauss rule has at most {MAX_NODES}")
        else:
            counts.append(count**law.uniforms if law.size > 1 else count)
    return _product(counts, task, "nodes")


def _seconds(total: int, task: Task) -> float:
    return total * (weight_of(task.program) + 3 * task.inputs.rows + 2 * task.outputs.rows) / _OPERATIONS_A_SECOND


def _summed(task: Task, rules: Sequence[Rule], with_variance: bool, warnings: tuple[str, ...]) -> Answer:
    from heurest.kernels.evaluate import accumulate_weighted

    outputs = task.outputs
    mean, squares, sums, lost = np.zeros((4, outputs.rows))
    weight = 0.0
    for observed, weights in visited(task, rules):
        weight = accumulate_weighted(observed, len(weights), weights, weight, mean, squares, sums, lost)
    means = sums + lost
    if not with_variance:
        squares[:] = np.nan
    squares[outputs.boolean] = means[outputs.boolean] * (1.0 - means[outputs.boolean])
    with np.errstate(over="ignore", invalid="ignore"):
        variance = outputs.scale**2 * np.append(squares, 0.0)[outputs.row]
    return Answer(outputs.values(means), variance, warnings)


def visited(task: Task, rules: Sequence[Rule]) -> Iterator[tuple[FloatArray, FloatArray]]:
    """Evaluate every point of the product of rules: observed values, at least as many columns as points, and the points' weights.

    Both arrays are overwritten by the next batch.

    Raises:
        IntractableError: The memory does not suffice, or time is out.
    """
    from heurest.kernels.evaluate import fill_points

    program, outputs, inputs = task.program, task.outputs, task.inputs
    total = prod(len(weights) for _, weights in rules)
    batch = min(batch_size(program.num_slots + outputs.rows), max(64, total))
    needed = Engine.bytes(program, outputs.rows, batch) + 8 * batch * (inputs.rows + 2)
    require_memory(f"circuit {task.circuit.name!r}: enumeration", needed, task.max_memory)
    engine = Engine(program, inputs.load_row, outputs.watch, batch)
    radix, stride, first, probs, row_start, row_value, values = _digits(inputs.runs, rules)
    matrix, choice, weights = np.zeros((inputs.rows, batch)), np.zeros(batch, np.int64), np.zeros(batch)
    for start in range(0, total, batch):
        count = min(batch, total - start)
        fill_points(start, count, radix, stride, first, probs, row_start, row_value, values, choice, matrix, weights)
        engine.run(matrix, 0, count)
        yield engine.observed, weights[:count]
        task.tick(start + count, total, "points")


def _digits(runs: Sequence[InputRun], rules: Sequence[Rule]) -> tuple[NDArray[Any], ...]:
    """The rules as flat arrays, one digit of a point's number each: see the kernel ``fill_points``."""
    radix = [len(weights) for _, weights in rules]
    stride = [prod(radix[:d]) for d in range(len(radix))]
    start = np.cumsum([0, *radix[:-1]])[: len(radix)]
    probs = np.concatenate([weights for _, weights in rules] or [np.empty(0)])
    row_start = np.cumsum([0, *(len(run.coordinates) for run in runs)])
    columns = [points[:, coordinate] for run, (points, _) in zip(runs, rules, strict=True) for coordinate in run.coordinates.tolist()]
    row_value = np.cumsum([0, *(len(column) for column in columns)])[:-1]
    values = np.concatenate(columns or [np.empty(0)])
    whole = (np.array(numbers, dtype=np.int64) for numbers in (radix, stride, start))
    return (*whole, probs, row_start.astype(np.int64), row_value.astype(np.int64), values)
