"""The witness of a verdict on a sum of terms: which wires are in the dropped terms, and what the output is without them."""

from __future__ import annotations

from heurest.anomaly.decomposition import Decomposition
from heurest.anomaly.verdicts import Verdict
from heurest.anomaly.witness import FloatArray, Witness, recomputed


def sum_witness(decomposition: Decomposition, verdict: Verdict, point: FloatArray) -> Witness:
    """What wires are at an input, and which are in terms that a verdict names as dropped.

    Only the output is another without these terms, and only where they are dropped whole: wires stay what they are elsewhere.

    Args:
        decomposition: The terms.
        verdict: The verdict on the input.
        point: The input, checked, a matrix with one row.
    """
    circuit, lost = decomposition.circuit, set(verdict.dropped)
    values = recomputed(circuit, point[0])
    without, here = values.copy(), decomposition.values(point)[0]
    dropped: dict[int, tuple[str, ...]] = {}
    for term, value in zip(decomposition.terms, here.tolist(), strict=True):
        if term.name not in lost:
            continue
        for wire in dict.fromkeys(term.wires):
            dropped[wire] = (*dropped.get(wire, ()), term.name)
        if verdict.reason != "leverage":
            without[decomposition.output] -= value
    return Witness(circuit, verdict, values, without, dropped)
