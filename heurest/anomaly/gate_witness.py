"""The witness of a verdict by mechanisms of gates: the circuit evaluated without those that the verdict rests on."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from heurest.anomaly.mechanisms import Network, Weights
from heurest.anomaly.verdicts import Verdict
from heurest.anomaly.witness import Witness, recomputed

IntArray = NDArray[np.int64]
UInt64Array = NDArray[np.uint64]


def gate_witness(
    network: Network, weights: Weights, verdict: Verdict, words: UInt64Array, nodes: IntArray, combinations: IntArray, alone: int
) -> Witness:
    """What wires are at an input, and without the mechanisms that a verdict rests on.

    Args:
        network: The gates.
        weights: Their weights.
        verdict: An anomalous verdict on the input.
        words: The input, packed, in the first place.
        nodes: Gates of the dropped mechanisms, the rarest first.
        combinations: Their combinations.
        alone: What the kernel ``witnesses`` says of the input.
    """
    from heurest.kernels.mechanisms import evaluate_nodes, try_drops

    slots, wrong = np.zeros((len(network), 1), np.uint64), np.zeros((len(network), 4), np.uint64)
    evaluate_nodes(network.code, words, 0, 1, slots)
    ones = (slots[:, 0] & np.uint64(1)) != 0
    actual = np.where(ones, ~np.uint64(0), np.uint64(0))[:, np.newaxis]
    chosen = np.array([alone]) if alone >= 0 else _occurring(network, ones, nodes, combinations)
    if alone < -1:
        chosen = chosen[chosen <= -2 - alone]
    last = len(chosen) - 1
    try_drops(network.code, nodes, combinations, chosen, last, last + 1, True, network.watched, actual, slots, wrong)
    without = (slots[:, 0] & np.uint64(1)) != 0

    circuit = network.circuit
    inputs = (words[:, 0] & np.uint64(1)).astype(np.float64).tolist()
    node_of, inverted = network.node_of
    given = {wire: float(without[node_of[wire]] != inverted[wire]) for wire in np.flatnonzero(node_of >= 0).tolist()}
    dropped: dict[int, tuple[str, ...]] = {}
    for i in chosen.tolist():
        wire, _ = network.wires[int(nodes[i])]
        if wire >= 0:
            mechanism = network.mechanism(int(nodes[i]), int(combinations[i]), weights.weight, weights.counts)
            dropped[wire] = (mechanism.cause,)
    return Witness(circuit, verdict, recomputed(circuit, inputs), recomputed(circuit, inputs, given), dropped)


def _occurring(network: Network, ones: NDArray[np.bool_], nodes: IntArray, combinations: IntArray) -> IntArray:
    """Which of some mechanisms occur."""
    code = network.code
    first = ones[code.left[nodes]] != code.left_not[nodes]
    second = ones[code.right[nodes]] != code.right_not[nodes]
    return np.flatnonzero(combinations == 2 * first + second)
