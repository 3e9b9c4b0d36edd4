"""Switching activity: how often each wire of a boolean circuit changes its value."""

from __future__ import annotations

from collections.abc import Mapping
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from heurest.activity.chances import Chances, Source, make_source
from heurest.activity.pairs import Halves
from heurest.activity.records import SwitchingActivity
from heurest.circuit.circuit import Circuit
from heurest.circuit.gates import CONSTANT, INPUT
from heurest.circuit.law_checks import shown
from heurest.circuit.wires import Wires
from heurest.errors import ArgumentError, CircuitError
from heurest.estimators.base import Estimator
from heurest.methods import estimate
from heurest.program import lower

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


def switching_activity(
    circuit: Circuit,
    *,
    method: str | Estimator = "auto",
    rates: float | Mapping[str, float] | None = None,
    keep_dead: bool = False,
    samples: int | None = None,
    rng: int | np.random.Generator = 0,
    max_memory: int | None = None,
) -> SwitchingActivity:
    r"""Find the toggle probability of every boolean wire: that its value differs on two consecutive patterns of the inputs.

    Patterns are independent draws from the inputs' laws, joint laws included. Then a wire that is 1 with probability p toggles with

    .. math:: P(x_t \ne x_{t+1}) = 2 p (1 - p),

    so the activity follows from the signal probabilities, by whatever method these are found.

    With ``rates`` an input keeps its law and changes from one pattern to the next with a probability r of its own, either way with
    r / 2; two consecutive patterns of the whole circuit are then compared, which takes a circuit of twice the size.
    The rate of an input that is 1 with probability p is at most :math:`2 \min(p, 1 - p)`; independent draws give :math:`2 p (1 - p)`.

    Args:
        circuit: Any circuit with boolean wires; it is frozen by this.
        method: ``exact`` enumerates all patterns, ``mc`` samples them, ``auto`` enumerates up to some ten million words of 64 patterns and
            else samples; or the specification of a method that estimates probabilities, such as ``reductant:2``, or an estimator.
        rates: Toggle rate of all inputs that feed an output, or of some by name; the others are drawn anew.
        keep_dead: Answer for wires that feed no output, too.
        samples: For ``mc`` and ``auto``, by default 100,000.
        rng: Seed of the sampling, or a generator from which one is drawn.
        max_memory: Bytes that may be used; by default what is free.

    Returns:
        The record. Sampled numbers are unbiased, ``2 n / (n - 1)`` times the sampled p (1 - p), and have standard errors, which are up to
        1.7 times too large next to p = 1/2.

    Raises:
        ArgumentError: An option is not acceptable, or a rate does not fit its input.
        CircuitError: The circuit has no output.
        IntractableError: ``exact`` is asked for and out of reach, or the memory does not suffice.

    Cost:
        That of the method, every wire observed; with ``rates`` for twice the gates, and enumeration sees four points for an input
        that has a rate.

    Examples:
        >>> import heurest as hr
        >>> c = hr.Circuit("and")
        >>> x = c.input("x", hr.Bernoulli(0.5), count=2)
        >>> c.output("y", x[0] & x[1])
        >>> switching_activity(c).value  # 2 * 1/4 * 3/4
        {'y': 0.375}
        >>> switching_activity(c, rates={"x[0]": 0.0}).value  # x[0] stays, and lets x[1] through half of the time
        {'y': 0.25}
    """
    begin = perf_counter()
    source = make_source("switching_activity", method, samples, rng, max_memory)
    if not circuit.outputs:
        raise CircuitError(f"circuit {circuit.name!r} has no output")
    wires = _known_wires(circuit, keep_dead)
    toggle = np.full(len(circuit), np.nan)
    if rates is not None:
        found = source.chances(Halves(circuit, wires).consecutive(_checked_rates(circuit, wires, rates)))
        known, error = found.value, found.stderr
    elif source.estimates:
        found, known = _estimated(circuit, source, wires, keep_dead)
        error = None
    else:
        found = source.chances(_watched(circuit, wires))
        known, error = _from_probabilities(found)
    toggle[wires] = known
    stderr = None
    if error is not None:
        stderr = np.full(len(circuit), np.nan)
        stderr[wires] = error
    gates = (circuit.gate != INPUT) & (circuit.gate != CONSTANT) & ~np.isnan(toggle)
    value = {name: float(toggle[wire.index]) for name, wire in circuit.outputs.items() if wire.boolean}
    names = {index: name for name, index in circuit.names.items()}
    return SwitchingActivity(
        circuit.name, found.method, value, toggle, stderr, float(toggle[gates].sum()), names, perf_counter() - begin, found.warnings
    )


def _known_wires(circuit: Circuit, keep_dead: bool) -> IntArray:
    """The boolean wires that are asked about."""
    live = ~np.isnan(lower(circuit, keep_dead=keep_dead).wire_shift)
    return np.flatnonzero(circuit.boolean & live)


def _checked_rates(circuit: Circuit, wires: IntArray, rates: float | Mapping[str, float]) -> dict[int, float]:
    inputs = {wire.name: wire for wire in circuit.inputs}
    if not isinstance(rates, Mapping):
        live = set(wires.tolist())
        rates = {str(name): rates for name, wire in inputs.items() if wire.index in live}
    found = {}
    for name, rate in rates.items():
        if name not in inputs or not inputs[name].boolean:
            raise ArgumentError(f"switching_activity: rates must name boolean inputs of {circuit.name!r}, got {shown(name)}")
        if isinstance(rate, bool) or not isinstance(rate, int | float | np.integer | np.floating) or not 0.0 <= rate <= 1.0:
            raise ArgumentError(f"switching_activity: the toggle rate of {name!r} must be a number from 0 to 1, got {shown(rate)}")
        found[inputs[name].index] = float(rate)
    return found


def _watched(circuit: Circuit, wires: IntArray) -> Circuit:
    """The circuit with the wires as its outputs, and after them their negations, so that probabilities near 1 keep their digits."""
    single, place = Halves(circuit, wires).single()
    single.output("one", Wires(single, place[wires]))
    single.output("zero", ~Wires(single, place[wires]))
    return single


def _from_probabilities(found: Chances) -> tuple[FloatArray, FloatArray | None]:
    """Toggle probabilities from those of the wires and of their negations; unbiased where they are frequencies."""
    one, zero = np.split(found.value, 2)
    if not found.samples:
        return 2.0 * one * zero, None
    n = found.samples
    toggle = 2.0 * n / (n - 1) * one * zero
    agree = (one == 0.0) | (zero == 0.0)  # there one more success and one more failure tell how far off it may be
    p = np.where(agree, (one * n + 1.0) / (n + 2.0), one)
    square = p * (1.0 - p)
    variance = (square * (1.0 - 3.0 * square) - (n - 3) / (n - 1) * square**2) / n  # of the sample variance: fourth moment, then second
    return toggle, 2.0 * np.sqrt(variance)


def _estimated(circuit: Circuit, source: Source, wires: IntArray, keep_dead: bool) -> tuple[Chances, FloatArray]:
    found = estimate(circuit, source.method, keep_dead=keep_dead, max_memory=source.max_memory)
    one = found.mean[wires]
    zero = 1.0 - one if found.complement is None else found.complement[wires]
    return Chances(found.method, one, None, 0, found.warnings), 2.0 * one * zero
