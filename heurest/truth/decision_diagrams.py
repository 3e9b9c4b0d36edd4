"""Exact probabilities of boolean circuits by binary decision diagrams: for many inputs and little entanglement."""

from __future__ import annotations

import warnings
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heurest import opcodes
from heurest.errors import IntractableError
from heurest.program.boolean import is_boolean
from heurest.program.memory import available_memory
from heurest.truth.bit_network import BitNetwork, bit_network
from heurest.truth.task import Answer, Plan, Task

FloatArray = NDArray[np.float64]

_POINTS_A_STEP = 10  # a step of the library, a look-up in its table of results, takes as long as some points of an enumeration
_NODE_BYTES = 400  # a node in the library and, when probabilities are counted, in a dictionary
_LEAST_BYTES = 2**25
_GATES_A_LOOK = 32  # gates between two looks at the clock, as long as they are cheap
_CHEAP_STEPS = 10_000
_GATES_A_SECOND = 1e4
_START_SECONDS = 0.02


def plan_diagrams(task: Task) -> Plan:
    """Build the decision diagrams of all outputs and count their paths by weight, P(1) and P(0) apart.

    Inputs are ordered as a depth-first walk from the outputs meets them; with CUDD (``dd.cudd``) the order is improved on
    the way. All sums are of positive terms, so that rare outputs, and rare zeros, keep their relative precision. Joint
    laws become independent bits first.

    Raises:
        IntractableError: A live wire is not boolean, or the library dd is not installed.
    """
    if not is_boolean(task.program):
        raise IntractableError("not all live wires are boolean")
    if find_spec("dd") is None:
        raise IntractableError("needs the library dd: pip install heurest[exact]")
    seconds = _START_SECONDS + len(task.program.instructions.op) / _GATES_A_SECOND
    return Plan(seconds, lambda: _run(task))


def _run(task: Task) -> Answer:
    network = bit_network(task.program)
    diagrams = _Diagrams(task, network)
    found = diagrams.probabilities(diagrams.build())
    one = np.where(network.inverted, found[:, 0], found[:, 1])
    zero = np.where(network.inverted, found[:, 1], found[:, 0])
    literal = (network.scale == 1.0) & (network.shift == 0.0)
    value = np.where(literal, one, network.scale * one + network.shift)
    bit = literal | ((network.scale == 0.0) & np.isin(network.shift, (0.0, 1.0)))
    complement = np.where(literal, zero, np.where(bit, 1.0 - value, np.nan))
    return Answer(value, network.scale**2 * one * zero, complement=complement)


class _Diagrams:
    """A manager of diagrams, its limits, and what it has done so far."""

    def __init__(self, task: Task, network: BitNetwork) -> None:
        self._task, self._network = task, network
        memory = (available_memory() or 2**33) // 2 if task.max_memory is None else task.max_memory
        if memory < _LEAST_BYTES:
            raise IntractableError(f"diagrams take at least {_LEAST_BYTES:,} bytes, {memory:,} are allowed")
        self._most_nodes = memory // _NODE_BYTES
        self._most_steps = task.max_points // _POINTS_A_STEP
        try:
            self._manager: Any = import_module("dd.cudd").BDD(memory_estimate=memory)
            self._manager.configure(reordering=True, max_memory=memory)
            self._counts_steps = True
        except ImportError:  # dd without CUDD runs in Python alone
            self._manager = import_module("dd.autoref").BDD()
            self._manager.configure(reordering=False)
            self._most_nodes = min(self._most_nodes, self._most_steps)  # it keeps all nodes, and counts no steps
            self._counts_steps = False
        self._names = [f"x{i}" for i in range(len(network.probabilities))]
        if self._names:
            self._manager.declare(*self._names)

    def build(self) -> list[Any]:
        """The diagram of each output's node; ``None`` for node -1."""
        network, manager = self._network, self._manager
        columns = (network.op, network.left, network.right, network.left_not, network.right_not)
        rows = list(zip(*(column.tolist() for column in columns), strict=True))
        last = list(range(len(rows)))
        for i, (op, left, right, _, _) in enumerate(rows):
            if op != opcodes.BIT_LOAD:
                last[left] = last[right] = i
        for i in network.node[network.node >= 0].tolist():
            last[i] = len(rows)
        diagram: list[Any] = [None] * len(rows)
        next_look, steps_before = 0, 0
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # statistics() announces how its units changed years ago
            for i, (op, left, right, left_not, right_not) in enumerate(rows):
                if op == opcodes.BIT_LOAD:
                    diagram[i] = manager.var(self._names[left])
                    continue
                first = ~diagram[left] if left_not else diagram[left]
                second = ~diagram[right] if right_not else diagram[right]
                try:
                    diagram[i] = manager.apply("and" if op == opcodes.BIT_AND else "xor", first, second)
                except RuntimeError:  # CUDD's way to say that it is full
                    raise IntractableError(f"the diagrams outgrew the memory {self._standing(i)}") from None
                for operand in (left, right):
                    if last[operand] == i:
                        diagram[operand] = None
                if i >= next_look:
                    steps = self._look(i)
                    next_look = i + (_GATES_A_LOOK if self._counts_steps and steps - steps_before < _CHEAP_STEPS else 1)
                    steps_before = steps
            self._look(len(rows))
        return [diagram[i] if i >= 0 else None for i in network.node.tolist()]

    def _look(self, done: int) -> int:
        """Check all limits after so many nodes of the network; returns the steps so far."""
        nodes = len(self._manager)
        steps = int(self._manager.statistics()["cache_lookups"]) if self._counts_steps else 0
        if nodes > self._most_nodes or steps > self._most_steps:
            raise IntractableError(f"the diagrams are too large {self._standing(done)}")
        try:
            self._task.tick(done, len(self._network.op), "nodes")
        except IntractableError:
            raise IntractableError(f"out of time {self._standing(done)}") from None
        return steps

    def _standing(self, done: int) -> str:
        limits = f"at most {self._most_nodes:,} nodes"
        if self._counts_steps:
            limits += f" and {self._most_steps:,} steps"
        return f"after {done:,} of {len(self._network.op):,} nodes of the circuit: {len(self._manager):,} nodes of diagrams, {limits}"

    def probabilities(self, diagrams: list[Any]) -> FloatArray:
        """P(0) and P(1) of each output's node, shape ``(outputs, 2)``; node -1 is the constant 0."""
        self._manager.configure(reordering=False)
        chances = self._network.probabilities
        level_chance = {self._manager.level_of_var(name): tuple(chances[i].tolist()) for i, name in enumerate(self._names)}
        known: dict[int, tuple[float, float]] = {int(self._manager.true): (0.0, 1.0)}
        found = np.tile((1.0, 0.0), (len(diagrams), 1))
        for row, diagram in enumerate(diagrams):
            if diagram is not None:
                self._count(~diagram if diagram.negated else diagram, known, level_chance)
                found[row] = _of_edge(diagram, known)
                self._task.tick(row + 1, len(diagrams), "outputs")
        return found

    def _count(self, root: Any, known: dict[int, tuple[float, float]], level_chance: dict[int, tuple[float, float]]) -> None:
        """Fill in P(0) and P(1) of a node that is no complement, and of all below it."""
        stack = [root]
        while stack:
            node = stack[-1]
            if int(node) in known:
                stack.pop()
                continue
            edges = (node.low, node.high)
            below = [~edge if edge.negated else edge for edge in edges]
            open_still = [edge for edge in below if int(edge) not in known]
            if open_still:
                stack += open_still
                continue
            p, q = level_chance[node.level]
            low, high = (_of_edge(edge, known) for edge in edges)
            known[int(node)] = (p * low[0] + q * high[0], p * low[1] + q * high[1])
            stack.pop()


def _of_edge(edge: Any, known: dict[int, tuple[float, float]]) -> tuple[float, float]:
    """P(0) and P(1) of what an edge stands for, which may be the complement of its node."""
    if edge.negated:
        zero, one = known[int(~edge)]
        return one, zero
    return known[int(edge)]
