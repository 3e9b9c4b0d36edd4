"""What the test by leverage says of inputs, in the record of all tests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heurest.anomaly.leverage import Leverage
from heurest.anomaly.verdicts import Verdict

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]


def leverage_verdicts(
    leverage: Leverage,
    values: FloatArray,
    fine: BoolArray,
    *,
    terms: Sequence[str],
    bound: float,
    semantics: str,
    exact: BoolArray | None = None,
    notes: Sequence[str] | None = None,
) -> list[Verdict]:
    """Verdicts on inputs from their leverage.

    Args:
        leverage: Fitted on training.
        values: Values of the terms, shape ``(points, terms)``.
        fine: Which inputs are not flagged, shape ``(points,)``.
        terms: Names of the terms.
        bound: Bound on the probability of a flag under the law of training.
        semantics: What the terms are and how they are dropped.
        exact: Which verdicts are theorems about the terms and training; all by default.
        notes: What else there is to say, for each input.

    Returns:
        The verdicts. Those on flagged inputs name the terms with the largest parts of the score, down to half of it, or what leaves
        the range of training.
    """
    scores, parts = leverage.score(values), iter(leverage.parts(values[~fine]))
    result = []
    for k, (score, good) in enumerate(zip(scores.tolist(), fine.tolist(), strict=True)):
        dropped, how = ((), "") if good else _named(terms, score, next(parts))
        note = "; ".join(filter(None, (how, notes[k] if notes else "")))
        sure = exact is None or bool(exact[k])
        result.append(Verdict("ok" if good else "anomalous", "leverage", score, bound, (), dropped, semantics, sure, note))
    return result


def calibrated_verdicts(
    leverage: Leverage, values: FloatArray, threshold: float, *, epsilon: float, variance: float, tau: float, **shared: Any
) -> list[Verdict]:
    """Verdicts by a threshold on the score that is no certificate; where there is one all the same, the note says so.

    Args:
        leverage: Fitted on training.
        values: Values of the terms, shape ``(points, terms)``.
        threshold: Inputs with a higher score are flagged.
        epsilon: Share of the output's variance that may be lost.
        variance: The output's variance in training.
        tau: The change of the output that counts.
        shared: What `leverage_verdicts` is to know of all of them: ``terms``, ``bound`` and ``semantics``.
    """
    fine = ~(leverage.score(values) > threshold)
    changes = leverage.largest_change(values, epsilon, variance)
    certain = f"no explaining set changes the output by {tau:.6g}"
    notes = [certain if c < tau else f"no certificate: explaining sets may change the output by {c:.6g}" for c in changes.tolist()]
    return leverage_verdicts(leverage, values, fine, exact=fine & (changes < tau), notes=notes, **shared)


def _named(terms: Sequence[str], score: float, parts: FloatArray) -> tuple[tuple[str, ...], str]:
    """Terms that are a reason for a flag, and how."""
    if np.isinf(score):
        large, how = np.isinf(parts), "such a combination of these terms was never seen in training"
    else:
        order = np.argsort(-parts, kind="stable")
        first = order[: 1 + int(np.searchsorted(np.cumsum(parts[order]), score / 2.0))]
        large, how = np.isin(np.arange(len(parts)), first), "these terms are the largest part of the score"
    return tuple(name for name, listed in zip(terms, large, strict=True) if listed), how
