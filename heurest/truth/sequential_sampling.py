"""Importance sampling bit by bit: each is drawn from its chance given all bits before it and the event, as the structure has it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from heurest.errors import IntractableError
from heurest.program.memory import require_memory
from heurest.truth.importance import RareCode, WeightedBatch, propagated

FloatArray = NDArray[np.float64]

_CAUTION = 0.05  # share of the inputs' own law in a draw; less where there are many bits, so that few samples feel it
_MOST_LINKS = 2**27  # gates that the variables reach, all together
_MOST_VISITS = 2**34  # variables times nodes: half a minute of looking for those gates
_STATE_BYTES = 2**23  # of the chances of all nodes in all particles: about what stays in cache
_SECONDS_A_LINK = 5e-9


class SequentialSampler:
    """Draws the bits in depth-first order, every one by a look at where the output's chance goes; see `rare_probability`.

    Args:
        code: The network and the wanted output.
        max_memory: Bytes that may be used; by default what is free.

    Raises:
        IntractableError: The bits reach too many gates, or the memory does not suffice.
    """

    def __init__(self, code: RareCode, max_memory: int | None = None) -> None:
        from heurest.kernels import sequential_sampling as kernels

        self._code = code
        self._chances = np.ascontiguousarray(code.network.probabilities)
        variables, nodes = len(self._chances), len(code.lookahead.op)
        if variables * nodes > _MOST_VISITS:
            raise IntractableError(f"{variables:,} bits and {nodes:,} nodes are too many to draw the bits one by one")
        sizes = kernels.fan_out_sizes(code.lookahead, variables)
        links = int(sizes.sum())
        if links > _MOST_LINKS:
            raise IntractableError(f"the bits reach {links:,} gates in all, at most {_MOST_LINKS:,} can be followed bit by bit")
        self.batch_size = max(64, min(256, 1 << int(np.log2(max(_STATE_BYTES / (32 * max(nodes, 1)), 1.0)))))
        require_memory("drawing bit by bit", 4 * links + 32 * nodes * self.batch_size, max_memory)
        self._start, self._gate = kernels.fan_outs(code.lookahead, sizes)
        one, zero = propagated(code)
        self._one, self._zero = one[:, 0].copy(), zero[:, 0].copy()
        self.cost = _SECONDS_A_LINK * (links + variables)
        self.resampled = 0

    @property
    def independent(self) -> bool:
        """Whether so far the samples of a batch were independent of each other."""
        return self.resampled == 0

    @property
    def structural(self) -> float:
        """The event's probability, were operands independent; 0 only where the event is impossible."""
        return float((self._one if self._code.wanted else self._zero)[self._code.output])

    def batch(self, rng: np.random.Generator, samples: int) -> WeightedBatch:
        """So many samples."""
        from heurest.kernels.sequential_sampling import draw_sequentially

        weights = np.zeros(samples)
        uniforms = rng.random((len(self._chances), samples + 1))
        caution = min(_CAUTION, 1.0 / max(len(self._chances), 1))
        log_factor, resampled = draw_sequentially(
            self._code.lookahead, self._chances, self._code.output, self._code.wanted, self._start, self._gate, self._code.loads,
            caution, uniforms, self._one, self._zero, weights,
        )  # fmt: skip
        self.resampled += int(resampled)
        return WeightedBatch.of(weights, samples, float(np.exp(log_factor)))
