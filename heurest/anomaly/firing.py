"""Inputs under which a rare wire is 1: samples of the inputs' law, kept where it is, or chains that never leave it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from heurest.anomaly.mechanisms import Network, UInt64Array
from heurest.program.memory import aligned_zeros
from heurest.truth.inputs import live_inputs

Points = NDArray[np.uint8]
BoolArray = NDArray[np.bool_]

_BATCH = 2**15
_MOST_DRAWS = 2**20
_CHAINS, _STEPS_A_BIT, _LEAST_STEPS, _MOST_STEPS = 1024, 8, 400, 2000


def node_values(network: Network, points: Points) -> UInt64Array:
    """Values of all nodes, a row of words each, 64 points to a word."""
    from heurest.kernels.mechanisms import WORDS, evaluate_nodes

    words, _ = network.packed(points)
    room = network.slots()
    values: UInt64Array = aligned_zeros((len(network), words.shape[1]), np.uint64)
    for first in range(0, words.shape[1], WORDS):
        here = min(WORDS, words.shape[1] - first)
        evaluate_nodes(network.code, words, first, here, room)
        values[:, first : first + here] = room[:, :here]
    return values


def node_bits(network: Network, points: Points, nodes: NDArray[np.int64]) -> BoolArray:
    """Values of some nodes, shape ``(nodes, points)``."""
    words = np.ascontiguousarray(node_values(network, points)[nodes])
    return np.unpackbits(words.view(np.uint8), axis=1, bitorder="little", count=len(points)).astype(np.bool_)


class InputSampler:
    """Draws inputs from their law, and moves them about under a condition.

    Args:
        network: The circuit with the gates that read the inputs.

    Attributes:
        read: Numbers of the inputs that gates read.
        groups: Numbers of the laws that they follow.
    """

    def __init__(self, network: Network) -> None:
        self._circuit = network.circuit
        self._inputs = live_inputs(network.program.program)
        self.read = np.flatnonzero(self._inputs.load_row >= 0)
        self._group = self._circuit.left[[wire.index for wire in self._circuit.inputs]]
        self.groups = np.unique(self._group[self.read])

    def drawn(self, rng: np.random.Generator, count: int) -> Points:
        """Samples of all inputs, read or not."""
        columns = [group.law.sample(rng, count).reshape(-1, count) != 0.0 for group in self._circuit.groups]
        return np.ascontiguousarray(np.concatenate(columns).T.astype(np.uint8))

    def walked(self, rng: np.random.Generator, state: Points, step: int, allowed: Callable[[Points], BoolArray]) -> Points:
        """Every chain after one step: some inputs are drawn anew; the old state stays where that leads outside.

        Between half of the inputs and one of them are drawn anew, by the number of the step, those of a joint law together. Proposals
        come from the law, so that the law given that the condition holds is left alone.
        """
        count, sizes = len(state), max(int(np.log2(len(self.groups))) + 1, 1)
        moved = np.zeros((count, int(self._group.max()) + 1), np.bool_)
        moved[:, self.groups] = rng.random((count, len(self.groups))) < 0.5 ** (1 + step % sizes)
        moved[np.arange(count), rng.choice(self.groups, count)] = True
        fresh = state.copy()
        fresh[:, self.read] = self._inputs.draw(rng, count)[self._inputs.load_row[self.read]].T != 0.0
        proposal = np.where(moved[:, self._group], fresh, state)
        return np.where(allowed(proposal)[:, np.newaxis], proposal, state)


def draw_firing(network: Network, example: Points, count: int, probability: float, rng: np.random.Generator) -> Points:
    """Inputs under which the only watched output is 1.

    Args:
        network: A circuit with one output.
        example: Inputs under which it is 1.
        count: How many are wanted.
        probability: How likely it is to be 1; where that is enough, samples of the law are kept instead.
        rng: Source of randomness.
    """
    sampler, nodes = InputSampler(network), network.watched.astype(np.int64)
    program = network.program
    value = int(program.program.wire_value[network.circuit.outputs[network.outputs[0]].index])
    flipped = bool(program.value_not[value])

    def fires(points: Points) -> BoolArray:
        fired: BoolArray = node_bits(network, points, nodes)[0] ^ flipped
        return fired

    parts: list[Points] = []
    found = 0
    if count <= _MOST_DRAWS * probability:
        while found < count:
            points = sampler.drawn(rng, _BATCH)
            parts.append(points[fires(points)])
            found += len(parts[-1])
        return np.concatenate(parts)[:count]
    while found < count:
        state = sampler.drawn(rng, min(_CHAINS, count))
        read = sampler.read
        state[:, read] = example[read]
        for step in range(min(max(_LEAST_STEPS, _STEPS_A_BIT * len(sampler.groups)), _MOST_STEPS)):
            state = sampler.walked(rng, state, step, fires)
        parts.append(state)
        found += len(state)
    return np.concatenate(parts)[:count]
