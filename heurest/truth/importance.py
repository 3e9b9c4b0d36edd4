"""What the samplers of rare events share: the network as kernels take it, and a batch of weighted samples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from heurest import opcodes
from heurest.truth.bit_network import BitNetwork, BoolArray, IntArray
from heurest.truth.selections import selections

FloatArray = NDArray[np.float64]


class Lookahead(NamedTuple):
    """Nodes along which chances are propagated, read-only and in C order.

    As in `BitNetwork`, and beside these selections: where ``select`` is not -1 the node equals its left operand if that node is 1, and
    its right operand if it is 0. As an and of two inverted ands a selection would look far from what it is, were operands independent.
    """

    op: NDArray[np.uint8]
    left: IntArray
    right: IntArray
    left_not: BoolArray
    right_not: BoolArray
    select: IntArray


@dataclass(frozen=True, eq=False)
class RareCode:
    """A network and the event that its output has the wanted value; `rare_code` makes it.

    Attributes:
        network: Where it comes from.
        wanted: The value of the output's node that makes the event.
        lookahead: What chances are propagated along.
        output: The output's node there.
        loads: Node of each variable there; -1 for one that the output does not depend on after all.
    """

    network: BitNetwork
    wanted: bool
    lookahead: Lookahead
    output: int
    loads: IntArray


def rare_code(network: BitNetwork, value: int) -> RareCode:
    """The event that a network's one output, which is not constant, has a value."""
    rows = selections(network)
    needed = [False] * len(rows)
    needed[int(network.node[0])] = True
    for k in reversed(range(len(rows))):
        op, left, right, _, _, select = rows[k]
        if needed[k] and op != opcodes.BIT_LOAD:
            needed[left] = needed[right] = True
            if select >= 0:
                needed[select] = True
    place = (np.cumsum(needed) - 1).tolist()
    loads = np.full(len(network.probabilities), -1, np.int32)
    kept: list[tuple[int, int, int, bool, bool, int]] = []
    for k, (op, left, right, left_not, right_not, select) in enumerate(rows):
        if needed[k] and op == opcodes.BIT_LOAD:
            loads[left] = len(kept)
            kept.append((op, left, 0, False, False, -1))
        elif needed[k]:
            kept.append((op, place[left], place[right], left_not, right_not, place[select] if select >= 0 else -1))
    kinds = (np.uint8, np.int32, np.int32, np.bool_, np.bool_, np.int32)
    columns = [_read_only(np.array(column, kind)) for column, kind in zip(zip(*kept, strict=True), kinds, strict=True)]
    output = place[int(network.node[0])]
    return RareCode(network, bool(value) != bool(network.inverted[0]), Lookahead(*columns), output, _read_only(loads))


def propagated(code: RareCode) -> tuple[FloatArray, FloatArray]:
    """P(1) and P(0) of every node, were operands independent, each of shape ``(nodes, 1)``."""
    from heurest.kernels.sequential_sampling import propagate_chances

    chances = code.network.probabilities
    one, zero = np.empty((len(code.lookahead.op), 1)), np.empty((len(code.lookahead.op), 1))
    propagate_chances(code.lookahead, np.ascontiguousarray(chances[:, 1:]), np.ascontiguousarray(chances[:, :1]), one, zero)
    return one, zero


@dataclass(frozen=True)
class WeightedBatch:
    """Sums over samples of which those that met the event carry a positive weight.

    Attributes:
        samples: How many samples.
        hits: How many met the event.
        total: Sum of the weights.
        spread: Sum of the squared weights over the square of their sum, so that small weights do not underflow; 0 without hits.
    """

    samples: int
    hits: int
    total: float
    spread: float

    @classmethod
    def of(cls, weights: FloatArray, samples: int, factor: float = 1.0) -> WeightedBatch:
        """From the weights of those that met the event, up to a common factor."""
        total = float(weights.sum())
        spread = float((weights**2).sum()) / total**2 if total > 0.0 else 0.0
        return cls(samples, int((weights > 0.0).sum()), factor * total, spread)

    @property
    def mean(self) -> float:
        """The batch's estimate of the event's probability."""
        return self.total / self.samples

    @property
    def relative_variance(self) -> float:
        """Variance of one weight over the squared mean, were samples independent; infinite without hits."""
        return max(self.samples * self.spread - 1.0, 0.0) if self.hits else np.inf


class EventSampler(Protocol):
    """Draws batches of weighted samples; each batch's mean is an unbiased estimate of the event's probability."""

    @property
    def independent(self) -> bool:
        """Whether so far the samples of a batch were independent of each other."""
        ...

    @property
    def cost(self) -> float:
        """Nominal seconds a sample."""
        ...

    @property
    def batch_size(self) -> int:
        """The most samples that should be drawn at a time."""
        ...

    def batch(self, rng: np.random.Generator, samples: int) -> WeightedBatch:
        """At least so many samples."""
        ...


def _read_only(array: NDArray[Any]) -> NDArray[Any]:
    array = np.ascontiguousarray(array)
    array.flags.writeable = False
    return array
