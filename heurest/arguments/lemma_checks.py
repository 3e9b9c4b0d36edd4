"""Lemmas against the circuit: on given points, on all points, or on samples."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heurest.arguments.argument import Argument
from heurest.arguments.claims import Lemma
from heurest.arguments.true_cumulants import Path, within
from heurest.circuit.circuit import Circuit
from heurest.truth.options import Progress
from heurest.truth.wire_values import FloatArray, WireValues

# Both sides of an equation of real wires may differ by this, relative to the larger.
_ROUNDING = 1e-9


@dataclass(frozen=True)
class LemmaTruth:
    """How often a lemma holds.

    Attributes:
        holds: The probability that it holds, or the share of samples.
        samples: Samples within its cases; 0 if exact.
        counterexample: Values of the inputs at a point where it fails, by name; empty if there is none.
    """

    holds: float
    samples: int
    counterexample: tuple[tuple[str, float], ...]


def lemma_holds(circuit: Circuit, lemma: Lemma, inputs: Any) -> NDArray[np.bool_]:
    """Whether a lemma holds on data points: to use an estimate that rests on it only where it does.

    Args:
        circuit: The circuit.
        lemma: A wire that equals a constant or another wire; real ones up to a relative 1e-9.
        inputs: A row of numbers for every point, one for each input of the circuit in order.

    Returns:
        A boolean for every point.

    Raises:
        ArgumentError: The lemma is about another circuit, or the points do not fit.

    Cost:
        One evaluation of what the wires read, a point.

    Examples:
        >>> import heurest as hr
        >>> c = hr.Circuit("either")
        >>> x, y = c.input(["x", "y"], hr.Bernoulli(0.5), count=2)
        >>> either = x | y
        >>> lemma_holds(c, hr.Lemma(either, 1), [[1, 0], [0, 0]])
        array([ True, False])
    """
    Argument([lemma]).about(circuit)
    points = WireValues(circuit, lemma.wires_named)
    return _holds(lemma, {wire: row for row, wire in enumerate(points.wires)}, points.at(inputs))


def check_lemmas(
    circuit: Circuit, lemmas: Iterable[tuple[Path, Lemma]], *, samples: int, entropy: int, max_points: int, progress: Progress | None = None
) -> list[LemmaTruth]:
    """How often each lemma holds in its cases: exact if the inputs' laws are finite with at most ``max_points`` points, else sampled."""
    lemmas = list(lemmas)
    if not lemmas:
        return []
    named = {wire for path, lemma in lemmas for wire in (*(event for event, _ in path), *lemma.wires_named)}
    inputs = [circuit.inputs[position].index for position in WireValues(circuit, named).live_inputs]
    points = WireValues(circuit, named.union(inputs), max_points, progress=progress)
    row_of = {wire: row for row, wire in enumerate(points.wires)}
    exact = points.num_points is not None
    batches = points.enumerated() if exact else _weighted(points.sampled(entropy, samples))
    inside, failing = np.zeros(len(lemmas)), np.zeros(len(lemmas))
    witness: list[tuple[tuple[str, float], ...]] = [()] * len(lemmas)
    for values, weights in batches:
        for number, (path, lemma) in enumerate(lemmas):
            chosen = within(path, row_of, values) & (weights > 0.0)
            fails = chosen & ~_holds(lemma, row_of, values)
            inside[number] += weights[chosen].sum()
            failing[number] += weights[fails].sum()
            if fails.any() and not witness[number]:
                witness[number] = _point(circuit, inputs, row_of, values[:, int(np.argmax(fails))])
    with np.errstate(invalid="ignore"):
        share = 1.0 - failing / inside
    return [LemmaTruth(float(share[number]), 0 if exact else int(inside[number]), found) for number, found in enumerate(witness)]


def _weighted(batches: Iterator[FloatArray]) -> Iterator[tuple[FloatArray, FloatArray]]:
    for values in batches:
        yield values, np.ones(values.shape[1])


def _holds(lemma: Lemma, row_of: dict[int, int], values: FloatArray) -> NDArray[np.bool_]:
    left = values[row_of[lemma.wire]]
    right = np.full_like(left, lemma.constant) if lemma.other is None else values[row_of[lemma.other]]
    same: NDArray[np.bool_] = np.abs(left - right) <= _ROUNDING * np.maximum(np.abs(left), np.abs(right))
    return same


def _point(circuit: Circuit, inputs: Sequence[int], row_of: dict[int, int], column: FloatArray) -> tuple[tuple[str, float], ...]:
    return tuple((circuit.wire_name(wire) or f"#{wire}", float(column[row_of[wire]])) for wire in inputs)
