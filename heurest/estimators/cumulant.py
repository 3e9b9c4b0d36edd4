"""Cumulant propagation: joint cumulants up to an order are tracked, the others presumed zero."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import comb
from time import perf_counter

import numpy as np

from heurest.circuit.circuit import Circuit
from heurest.circuit.joint_laws import MultivariateNormal
from heurest.errors import ArgumentError
from heurest.estimators import layers
from heurest.estimators.base import FloatArray, Progress, check_memory, finish, timed_lower
from heurest.estimators.mean import input_means, propagate
from heurest.program import LayerStep, Program, lower
from heurest.program.memory import available_memory
from heurest.program.program import GroupStep
from heurest.program.reference import ReferenceCumulants
from heurest.results import Estimate

EXPANSIONS = ("node", "layer")
COMPILED_ORDERS = (1, 2, 3, 4)
MAX_ORDER = 12

# The uncompiled path remembers every joint cumulant that it meets in a dictionary.
_MAX_TERMS = 2_000_000
_TERM_BYTES = 300

# Tracked cumulants that a kernel brings up to date in one call.
_UPDATES_AT_ONCE = 20_000_000


@dataclass(frozen=True)
class Cumulant:
    r"""Cumulant propagation of order ``K``: joint cumulants of up to K wires are tracked.

    .. math:: \kappa(uw, S) = \kappa(u, w, S) + \sum_{T \subseteq S} \kappa(u, T)\,\kappa(w, S \setminus T),
        \qquad \kappa(M) := 0 \text{ for } |M| > K

    Which products are expanded together before the cut is part of the method. ``node`` expands all copies of the
    newest wire (order 2 is ordinary covariance propagation); ``layer`` expands all products of the greatest
    multiplicative depth, as the published hafnian code does. The square of a boolean wire is itself, applied before
    the cut, so that order counts distinct boolean wires.

    Exact when K reaches the degree of the outputs, counted gate by gate (a product has the sum of its operands' degrees,
    boolean or not); means are exact at order 2 on circuits of
    multiplicative depth 1, for read-once circuits at every order, and for a linear circuit all tracked cumulants are.
    Otherwise the error is what the dropped cumulants contribute: it need not shrink with K, probabilities can leave
    [0, 1] and, from order 3 on, expected squares can be negative; the estimate warns of both. At order 2 without
    boolean wires covariance matrices stay positive semidefinite. From order 3 on, and with boolean wires from order
    2 on, ``node`` depends on the order in which the gates were made; ``layer`` does not.

    Cost: ``node`` of order K takes about ``n**(K-1) / (K-1)!`` multiplications a gate and ``n**K / K!`` numbers for n
    live wires (the full matrix at order 2). Orders 1 to 4 with ``node`` are compiled; the rest runs in plain Python.

    Source: Leonov and Shiryaev 1959; Wu, Lecomte, Winer, Robinson, Hilton, Christiano, arXiv 2605.05179.

    Args:
        order: K, at least 1 and at most 12.
        expansion: ``node`` or ``layer``.

    Raises:
        ArgumentError: The order or the expansion is not one of those.

    Examples:
        >>> import heurest as hr
        >>> c = hr.Circuit("square")
        >>> x = c.input("x", hr.Normal(3, 1))
        >>> c.output("y", x**2)
        >>> hr.Cumulant(2).estimate(c).value
        {'y': 10.0}
    """

    order: int = 2
    expansion: str = "node"

    def __post_init__(self) -> None:
        if isinstance(self.order, bool) or not isinstance(self.order, (int, np.integer)) or not 1 <= self.order <= MAX_ORDER:
            raise ArgumentError(f"cumulant: order must be an integer from 1 to {MAX_ORDER}, got {self.order!r}")
        object.__setattr__(self, "order", int(self.order))
        if self.expansion not in EXPANSIONS:
            raise ArgumentError(f"cumulant: expansion must be one of {', '.join(EXPANSIONS)}, got {self.expansion!r}")

    @property
    def spec(self) -> str:
        """Such as ``cumulant:3:expansion=node``."""
        return f"cumulant:{self.order}:expansion={self.expansion}"

    def estimate(
        self, circuit: Circuit, *, keep_dead: bool = False, max_memory: int | None = None, progress: Progress | None = None
    ) -> Estimate:
        """Estimate the expected outputs of a circuit, which is frozen by this.

        Args:
            circuit: Any circuit with outputs.
            keep_dead: Propagate through wires that feed no output, too.
            max_memory: Bytes that may be used; by default what is free.
            progress: Called now and then as ``progress(done, total, what)``.

        Raises:
            CircuitError: The circuit has no output.
            IntractableError: The memory does not suffice, or the uncompiled path meets too many terms.
        """
        if self.expansion == "layer" or self.order not in COMPILED_ORDERS:
            return self._estimate_by_reference(circuit, keep_dead, max_memory)
        compile_seconds = _warm_up(self.order)
        program, plan_seconds = timed_lower(circuit, keep_dead)
        needed = check_memory(program, self.order, max_memory)
        begin = perf_counter()
        value_mean, value_variance = propagate_cumulants(program, self.order, progress)
        mean = program.wire_mean(value_mean)
        variance = None if value_variance is None else program.wire_variance(value_variance)
        seconds = {"compile": compile_seconds, "plan": plan_seconds, "run": perf_counter() - begin}
        terms = sum(comb(program.num_slots + k - 1, k) for k in range(1, self.order + 1))
        return finish(program, self.spec, mean, variance, seconds, terms, needed)

    def _estimate_by_reference(self, circuit: Circuit, keep_dead: bool, max_memory: int | None) -> Estimate:
        compile_seconds = _warm_up(1)
        program, plan_seconds = timed_lower(circuit, keep_dead)
        limit = available_memory() if max_memory is None else max_memory
        begin = perf_counter()
        reference = ReferenceCumulants(
            circuit, self.order, self.expansion, _MAX_TERMS if limit is None else min(_MAX_TERMS, limit // _TERM_BYTES)
        )
        mean, variance = np.full(len(circuit), np.nan), np.full(len(circuit), np.nan)
        for wire in np.flatnonzero(~np.isnan(program.wire_shift)).tolist():
            mean[wire] = reference.joint_cumulant((wire,))
            variance[wire] = reference.joint_cumulant((wire, wire))
        seconds = {"compile": compile_seconds, "plan": plan_seconds, "run": perf_counter() - begin}
        return finish(
            program, self.spec, mean, variance if self.order > 1 else None, seconds, reference.terms, reference.terms * _TERM_BYTES
        )


def input_cumulants(circuit: Circuit, order: int) -> FloatArray:
    """Cumulants of every input by itself, shape ``(order + 1, inputs)``."""
    columns: dict[int, FloatArray] = {}  # inputs often share a law object: each is asked once
    for group in circuit.groups:
        if id(group.law) not in columns:
            columns[id(group.law)] = np.stack([group.law.cumulants(order, i) for i in range(group.law.size)])
    table = np.concatenate([columns[id(group.law)] for group in circuit.groups] or [np.empty((0, order + 1))])
    return np.ascontiguousarray(table.T)


def propagate_cumulants(program: Program, order: int, progress: Progress | None = None) -> tuple[FloatArray, FloatArray | None]:
    """Means and variances of all values of a program, by the compiled ``node`` kernels (orders 1 to 4)."""
    from heurest.kernels import covariance as order_two
    from heurest.kernels import cumulant as higher

    circuit = program.circuit
    if order == 1:
        return propagate(program, input_means(circuit)), None
    table = input_cumulants(circuit, order)
    slots = program.num_slots
    # A column whose entries stand a power of two apart falls into few cache sets: rows are padded to an odd number of lines.
    width = slots + (8 - slots) % 16
    mean, variance = np.zeros(program.num_values), np.zeros(program.num_values)
    room = [comb(slots + k - 1, k) if k <= order else 0 for k in (3, 4)]
    state = higher.State(np.zeros(slots), np.zeros((slots, width)), np.zeros(room[0]), np.zeros(room[1]), np.zeros(slots, np.bool_))
    scratch = np.zeros(slots)
    # Compiled code hears no interrupt: it hands back control several times a second.
    gates = max(1, _UPDATES_AT_ONCE // max(1, comb(slots + order - 2, order - 1)))
    for step in _portions(program, gates, progress):
        if isinstance(step, range) and order == 2:
            order_two.propagate_covariances(
                program.instructions, step.start, step.stop, table[1], table[2], state.mean, state.covariance, scratch, mean, variance
            )
        elif isinstance(step, range):
            higher.propagate_cumulants(order, program.instructions, step.start, step.stop, table, state, mean, variance)
        elif isinstance(step, LayerStep):
            layers.propagate_layer(step, order, state, mean, variance)
        else:
            layers.load_group(step, circuit.groups[step.group].law, order, state)
    return mean, variance


def _portions(program: Program, gates: int, progress: Progress | None) -> Iterator[range | LayerStep | GroupStep]:
    """The steps of a program, long ranges of instructions in portions."""
    total = len(program.instructions.op)
    for step in program.steps:
        for start in range(step.start, step.stop, gates) if isinstance(step, range) else (0,):
            if isinstance(step, range):
                if progress:
                    progress(start, total, "gates")
                yield range(start, min(start + gates, step.stop))
            else:
                yield step


def _warm_up(order: int) -> float:
    """Compile every kernel of an order by a circuit that meets them all; the seconds it took, 0 if it was done before."""
    if order in _WARM:
        return 0.0
    begin = perf_counter()
    circuit = Circuit("warm-up")
    x = circuit.input("x", MultivariateNormal([0.0, 0.0], [[1.0, 0.5], [0.5, 1.0]]))
    circuit.output("y", np.ones((2, 2)) @ ((x + 1.0) * x))
    propagate_cumulants(lower(circuit), order)
    _WARM.add(order)
    return perf_counter() - begin


_WARM: set[int] = set()
