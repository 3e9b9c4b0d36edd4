"""Detectors to compare with: what is unusual about the wires' values, whether it matters for an output or not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from heurest.anomaly.mechanisms import Network, structural_probabilities
from heurest.circuit.circuit import Circuit
from heurest.errors import ArgumentError
from heurest.program.memory import aligned_zeros
from heurest.truth.options import checked_integer

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
UInt64Array = NDArray[np.uint64]

MOST_WIRES = 256
_LEAST_CHANCE = 1e-300
_BATCH_WORDS = 128
_FLAT = 1e-6  # variances below this share of the largest count as it


class _Baseline:
    """What the baselines share: the gates that reach the watched outputs, and counting patterns.

    Args:
        circuit: Any circuit of boolean wires; it is frozen by this.
        outputs: Names of the outputs whose gates are looked at, all by default.

    Raises:
        ArgumentError: An output does not exist, or all are constant.
        KindError: A wire that feeds an output is real.
    """

    def __init__(self, circuit: Circuit, outputs: Sequence[str] | None = None) -> None:
        self.network = Network(circuit, outputs)
        self._clear()

    def _clear(self) -> None:
        self._patterns = 0

    def fit(self, train: Any) -> Self:
        """Forget everything and train on patterns, a row of 0s and 1s each; returns the detector itself.

        Raises:
            ArgumentError: There are none, the shape does not fit, or something is not 0 or 1.
        """
        words, count = self.network.packed(train)
        self._clear()
        self._add(words, count)
        self._patterns = count
        return self

    def partial_fit(self, batch: Any) -> Self:
        """Train on further patterns; the same as training on all together.

        Raises:
            ArgumentError: As in `fit`.
        """
        words, count = self.network.packed(batch)
        self._add(words, count)
        self._patterns += count
        return self

    def score(self, x: Any) -> FloatArray:
        """The score of each input, the larger the stranger.

        Raises:
            ArgumentError: The detector is not fitted, or the data are not acceptable.
        """
        if not self._patterns:
            raise ArgumentError(f"the detector for {self.network.circuit.name!r} has not been fitted: call fit(train) first")
        words, count = self.network.packed(x)
        return self._scores(words, count)

    def _add(self, words: UInt64Array, count: int) -> None:
        """Count patterns."""

    def _scores(self, words: UInt64Array, count: int) -> FloatArray:
        """Scores of packed patterns."""
        zero, one = self._value_scores()
        return self._largest(zero, one, words, count)

    def _value_scores(self) -> tuple[FloatArray, FloatArray]:
        """How strange a 0 and a 1 of each node are."""
        return np.zeros(len(self.network)), np.zeros(len(self.network))

    def _largest(self, zero: FloatArray, one: FloatArray, words: UInt64Array, count: int) -> FloatArray:
        from heurest.kernels.mechanisms import rarest_values

        looked_at = self.network.reaching
        scores = np.empty(64 * words.shape[1])
        zero, one = (np.where(looked_at, part, -np.inf) for part in (zero, one))
        rarest_values(self.network.code, zero, one, words, self.network.slots(), scores)
        return scores[:count]


class RareValues(_Baseline):
    r"""Isolation of rarely active nodes: minus the logarithm of the lowest frequency of a value that a node takes.

    .. math:: \max_k -\log_{10} \frac{n_k(v_k) + 1}{n + 2}

    with n_k(v) the number of training patterns in which node k was v. Trains in time linear in the circuit.

    Examples:
        >>> import heurest as hr
        >>> c = hr.Circuit("and")
        >>> x = c.input("x", hr.Bernoulli(0.5), count=2)
        >>> c.output("y", x[0] & x[1])
        >>> RareValues(c).fit([[0, 1]] * 8).score([[0, 1], [1, 1]])  # 9 of 10, 1 of 10
        array([0.04575749, 1.        ])
    """

    def _clear(self) -> None:
        super()._clear()
        self._ones: IntArray = np.zeros(len(self.network), np.int64)

    def _add(self, words: UInt64Array, count: int) -> None:
        self.network.count_ones(words, count, self._ones)

    def _value_scores(self) -> tuple[FloatArray, FloatArray]:
        ones, n = self._ones, self._patterns
        return -np.log10((n - ones + 1) / (n + 2)), -np.log10((ones + 1) / (n + 2))


class SignalProbabilities(_Baseline):
    r"""Threshold on signal probabilities: minus the logarithm of the lowest probability of a value that a node takes.

    .. math:: \max_k -\log_{10} P(v_k)

    with P from the structure and the law of the inputs. Training patterns are not looked at.

    Args:
        circuit: As in the others.
        outputs: As in the others.
        method: Specification of a method of estimation that gives P(1) and P(0).

    Examples:
        >>> import heurest as hr
        >>> c = hr.Circuit("and")
        >>> x = c.input("x", hr.Bernoulli(0.1), count=2)
        >>> c.output("y", x[0] & x[1])
        >>> SignalProbabilities(c).fit([[0, 0]]).score([[1, 0], [1, 1]])
        array([1., 2.])
    """

    def __init__(self, circuit: Circuit, outputs: Sequence[str] | None = None, *, method: str = "cop") -> None:
        super().__init__(circuit, outputs)
        one, zero = structural_probabilities(self.network, method)
        self._one, self._zero = (-np.log10(np.maximum(part, _LEAST_CHANCE)) for part in (one, zero))

    def _value_scores(self) -> tuple[FloatArray, FloatArray]:
        return self._zero, self._one


class Mahalanobis(_Baseline):
    r"""Mahalanobis distance on wires: how far the values are from their means, in units of the covariance.

    .. math:: (x - \mu)^T \Sigma^+ (x - \mu)

    with the pseudo-inverse, on at most so many nodes: all where there are no more, else evenly spaced ones of those that reach a
    watched output, the last ones among them. A change in a direction in which training never varied counts as one whose variance is 1e-6
    of the largest.

    Args:
        circuit: As in the others.
        outputs: As in the others.
        wires: Most nodes that are looked at.

    Cost:
        The square of the number of nodes a pattern, its cube once after training.

    Examples:
        >>> import heurest as hr
        >>> c = hr.Circuit("copies")
        >>> x = c.input("x", hr.Bernoulli(0.5), count=2)
        >>> c.output("y", x[0] & x[1])
        >>> d = Mahalanobis(c).fit([[0, 0], [1, 0], [0, 1], [1, 1]])
        >>> d.score([[1, 1]])  # three directions, each of four patterns as far as the others
        array([3.])
    """

    def __init__(self, circuit: Circuit, outputs: Sequence[str] | None = None, *, wires: int = MOST_WIRES) -> None:
        most = checked_integer("wires", wires, 1, 4096)
        super().__init__(circuit, outputs)
        live = np.flatnonzero(self.network.reaching)
        picked = np.linspace(0, len(live) - 1, min(most, len(live))).round().astype(np.int64)
        self.nodes: IntArray = live[picked]
        self._clear()

    def _clear(self) -> None:
        super()._clear()
        size = len(getattr(self, "nodes", ()))
        self._both: IntArray = np.zeros((size, size), np.int64)
        self._inverse: tuple[FloatArray, FloatArray] | None = None

    def _values(self, words: UInt64Array, count: int) -> FloatArray:
        from heurest.kernels.mechanisms import WORDS, evaluate_nodes

        room = self.network.slots()
        found = aligned_zeros((len(self.nodes), words.shape[1]), np.uint64)
        for first in range(0, words.shape[1], WORDS):
            here = min(WORDS, words.shape[1] - first)
            evaluate_nodes(self.network.code, words, first, here, room)
            found[:, first : first + here] = room[self.nodes, :here]
        bits = np.unpackbits(found.view(np.uint8), axis=1, bitorder="little", count=count)
        return bits.astype(np.float64)

    def _add(self, words: UInt64Array, count: int) -> None:
        for start in range(0, words.shape[1], _BATCH_WORDS):
            part = np.ascontiguousarray(words[:, start : start + _BATCH_WORDS])
            values = self._values(part, min(64 * part.shape[1], count - 64 * start))
            self._both += (values @ values.T).round().astype(np.int64)  # counts, exact in floats: any batches give the same sums
        self._inverse = None

    def _scores(self, words: UInt64Array, count: int) -> FloatArray:
        if self._inverse is None:
            mean = np.diag(self._both) / self._patterns
            covariance = self._both / self._patterns - np.outer(mean, mean)
            sizes, directions = np.linalg.eigh(covariance)
            largest = max(float(sizes[-1]), _LEAST_CHANCE)
            self._inverse = mean, directions / np.sqrt(np.maximum(sizes, _FLAT * largest))
        mean, scaled = self._inverse
        parts = []
        for start in range(0, words.shape[1], _BATCH_WORDS):
            part = np.ascontiguousarray(words[:, start : start + _BATCH_WORDS])
            values = self._values(part, min(64 * part.shape[1], count - 64 * start)) - mean[:, np.newaxis]
            parts.append(((scaled.T @ values) ** 2).sum(axis=0))
        return np.concatenate(parts)
