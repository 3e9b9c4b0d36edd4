"""Influence: how often an output of a boolean circuit changes when one input is flipped."""

from __future__ import annotations

from collections.abc import Sequence
from time import perf_counter

import numpy as np

from heurest.activity.chances import make_source
from heurest.activity.pairs import Halves, flipped
from heurest.activity.records import Influence
from heurest.circuit.circuit import Circuit
from heurest.circuit.gates import INPUT
from heurest.circuit.law_checks import shown
from heurest.errors import ArgumentError, CircuitError
from heurest.estimators.base import Estimator
from heurest.truth.options import Progress


def influence(
    circuit: Circuit,
    outputs: Sequence[str] | None = None,
    *,
    inputs: Sequence[str] | None = None,
    method: str | Estimator = "auto",
    samples: int | None = None,
    rng: int | np.random.Generator = 0,
    max_memory: int | None = None,
    progress: Progress | None = None,
) -> Influence:
    r"""Find the Boolean influence of each input on each output.

    .. math:: \mathrm{Inf}_i(f) = P(f(x) \ne f(x^{(i)}))

    where x is drawn from the inputs' laws and :math:`x^{(i)}` is x with input i alone flipped. The sum over i is the average
    sensitivity of f. Where inputs share a joint law the others of the group stay as they were drawn, even if the law never gives the
    setting that results.

    For each input the part of the circuit that depends on it is copied, the copy reads the flipped input, and the
    probability that the two differ is found like that of any other wire.

    Args:
        circuit: A circuit whose chosen outputs are boolean.
        outputs: Names of outputs; by default all.
        inputs: Names of inputs; by default all, in the circuit's order.
        method: ``exact`` enumerates all patterns, ``mc`` samples them, ``auto`` enumerates up to ten million words of 64 patterns for
            all inputs together and else samples; or the specification of a method that estimates probabilities, or an estimator.
            It has to keep dependencies, as ``reductant:2`` does: to ``mean`` the two copies are strangers. That finds the influences
            in adders and selectors; in counters and votes pairs do not tell enough, and sampling is better.
        samples: For ``mc`` and ``auto``, for every input, by default 100,000.
        rng: Seed of the sampling, or a generator from which one is drawn. Each input is sampled on its own.
        max_memory: Bytes that may be used; by default what is free.
        progress: Called after every input as ``progress(done, total, what)``.

    Returns:
        The record. An output that does not depend on an input by structure has influence 0 without further ado.

    Raises:
        ArgumentError: An option is not acceptable, or there is no such output or input.
        CircuitError: The circuit has no output.
        KindError: A chosen output is real.
        IntractableError: ``exact`` is asked for and out of reach, or the memory does not suffice.

    Cost:
        For each input that of the method on at most twice the gates.

    Source:
        O'Donnell, Analysis of Boolean Functions (2014), section 2.2.

    Examples:
        >>> import heurest as hr
        >>> c = hr.Circuit("two of three")
        >>> x, y, z = c.input(["x", "y", "z"], hr.Bernoulli(0.5))
        >>> c.output("m", (x & y) | (y & z) | (z & x))
        >>> found = influence(c)
        >>> found.of("m"), found.total
        ({'x': 0.5, 'y': 0.5, 'z': 0.5}, {'m': 1.5})
    """
    begin = perf_counter()
    source = make_source("influence", method, samples, rng, max_memory)
    if not circuit.outputs:
        raise CircuitError(f"circuit {circuit.name!r} has no output")
    position = {str(wire.name): i for i, wire in enumerate(circuit.inputs)}
    chosen_outputs = _chosen("outputs", outputs, list(circuit.outputs))
    chosen_inputs = _chosen("inputs", inputs, list(position))
    circuit.freeze()
    halves = Halves(circuit, [circuit.outputs[name].index for name in chosen_outputs])
    single, place = halves.single()
    supports = halves.supports()
    column = {int(wire): i for i, wire in enumerate(halves.inputs)}
    value = np.zeros((len(chosen_outputs), len(chosen_inputs)))
    stderr = np.zeros_like(value)
    methods: dict[str, None] = {}
    warnings: dict[str, None] = {}
    sampled = False
    for done, name in enumerate(chosen_inputs):
        wire = circuit.inputs[position[name]].index
        if wire in column:
            bit = column[wire]
            dependent = (supports[:, bit // 8] >> (bit % 8)) & 1 != 0
            reached = np.flatnonzero(dependent[halves.wanted])
            gates = np.sort(place[dependent & (circuit.gate != INPUT)])
            pair = flipped(single, place[halves.wanted[reached]], gates, int(place[wire]))
            found = source.chances(pair, position[name], len(chosen_inputs))
            value[reached, done] = found.value
            methods[found.method] = None
            warnings.update(dict.fromkeys(found.warnings))
            if found.stderr is not None:
                stderr[reached, done], sampled = found.stderr, True
        if progress:
            progress(done + 1, len(chosen_inputs), "inputs")
    return Influence(
        circuit.name, ", ".join(methods) or "structure", chosen_outputs, chosen_inputs, value, stderr if sampled else None,
        perf_counter() - begin, tuple(warnings),
    )  # fmt: skip


def _chosen(what: str, names: Sequence[str] | None, known: list[str]) -> tuple[str, ...]:
    """The names asked for, each once; by default all."""
    if names is None:
        return tuple(known)
    if isinstance(names, str) or not isinstance(names, Sequence):
        raise ArgumentError(f"influence: {what} must be a list of names, got {shown(names)}")
    for name in names:
        if name not in known:
            raise ArgumentError(f"influence: {what} must name {what} of the circuit, got {shown(name)}; known are {', '.join(known)}")
    return tuple(dict.fromkeys(names))
