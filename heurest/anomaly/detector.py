"""A detector of anomalies at the size of netlists: which outputs would be others without the mechanisms that training hardly needed."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heurest.anomaly.detector_file import Saved, read_detector, write_detector
from heurest.anomaly.gate_witness import gate_witness
from heurest.anomaly.held_out import checked_share, conformal_level, held_out
from heurest.anomaly.mechanisms import MEASURED, Ladder, Mechanism, Network, Weights, ladder, structural_probabilities, weigh
from heurest.anomaly.verdicts import Verdict
from heurest.anomaly.witness import Witness, recomputed
from heurest.arguments.identity import wires_digest
from heurest.circuit.circuit import Circuit
from heurest.errors import ArgumentError, FormatError
from heurest.formats.whole_files import displayed
from heurest.truth.options import checked_integer
from heurest.truth.wire_values import checked_point

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
UInt64Array = NDArray[np.uint64]

SEMANTICS = "gates with defaults"
FALSE_POSITIVE = 0.01  # by default


@dataclass(frozen=True, eq=False)
class _Fitted:
    """What follows from the counts, until more patterns are counted."""

    weights: Weights
    ladder: Ladder
    held_out: FloatArray  # scores, sorted
    threshold: float
    bound: float

    @cached_property
    def level_scores(self) -> FloatArray:
        """The score of each level, and of none."""
        return np.append(-np.log10(np.minimum(self.ladder.cumulative, 1.0)), 0.0)


class Detector:
    r"""Detects outputs that come about by mechanisms which training hardly needed, in time linear in the circuit.

    A *mechanism* is a gate of two operands (the gates after lowering: ands and exclusive ors of operands that may be inverted) with
    one of the four combinations of its operands' values. Its weight is its frequency in training or, where it was never seen, what
    its structural probability p leaves of it; see `heurest.anomaly.mechanisms.Weights`. The rarest mechanisms with a total weight of
    at most :math:`\epsilon` are dropped: a gate in a dropped combination takes the value that carries more of the kept weight. The score
    of an input is

    .. math:: -\log_{10} \min \{\epsilon : \text{a watched output changes when everything up to } \epsilon \text{ is dropped}\}

    over a ladder of some 32 levels, and 0 where none changes an output. A pattern that changes has met a dropped mechanism, so that
    under the law of the training data at most a share :math:`\epsilon` of the patterns changes, as far as the weights are right.

    With ``false_positive`` every fifth pattern of training or so, at most 4,096, chosen by a hash of its number, is not counted but
    scored; an input is flagged where at most that share of these (the input itself included) score as high. For
    inputs of the same law as training this holds whatever the weights are. With m held-out patterns the level is at least 1 / (m + 1).

    The results are relative to the gates as they are lowered. What changes no output is not seen, a mechanism that is
    new and harmless is flagged, and training is presumed to be clean.

    Args:
        circuit: Any circuit of boolean wires; it is frozen by this.
        outputs: Names of the outputs that are watched, all by default.
        method: Structural probabilities: ``measured``, from the frequencies of the operands, independence where these were never
            seen, too; or the specification of a method of estimation that gives P(1) and P(0), such as ``cop`` or ``windowed:32``,
            which takes the law of the circuit's inputs.
        epsilon: Flag where a watched output changes at this total weight; nothing is held out then.
        false_positive: Share of flagged patterns under the law of the training data; 0.01 by default, without ``epsilon``.

    Raises:
        ArgumentError: An output does not exist, an option is out of range, or both epsilon and false_positive are given.
        KindError: A wire that feeds an output is real.

    Cost:
        Fitting: one evaluation of the circuit a pattern, 64 to a word; scoring: one a level; memory: 40 bytes a gate, and some 4 KB a
        gate input of the batch of 65,536 patterns.

    Source:
        The test is d.2 of mechanistic anomaly detection (the project's notes) with gates as terms; the weights are this project's own.

    Examples:
        >>> import heurest as hr
        >>> c = hr.Circuit("backdoor")
        >>> x = c.input("x", hr.Bernoulli(0.5), count=20)
        >>> trigger = x[0]
        >>> for bit in x[1:]:
        ...     trigger = trigger & bit
        >>> c.output("y", (x[0] & x[1]) ^ trigger)
        >>> train = np.random.default_rng(0).integers(0, 2, (10_000, 20))
        >>> detector = Detector(c).fit(train)
        >>> [v.verdict for v in detector.verdict([[1] * 20, [1, 1] + [0] * 18])]
        ['anomalous', 'ok']
    """

    def __init__(
        self,
        circuit: Circuit,
        outputs: Sequence[str] | None = None,
        *,
        method: str = MEASURED,
        epsilon: float | None = None,
        false_positive: float | None = None,
    ) -> None:
        if not isinstance(method, str):
            raise ArgumentError(f"method must be {MEASURED!r} or the specification of a method of estimation, got {method!r}")
        if epsilon is not None and false_positive is not None:
            raise ArgumentError("give epsilon or false_positive, not both: each sets the threshold")
        self.network = Network(circuit, outputs)
        self.method = method
        self.epsilon = None if epsilon is None else checked_share("epsilon", epsilon)
        self.false_positive = checked_share("false_positive", FALSE_POSITIVE if false_positive is None else false_positive)
        self._structure = structural_probabilities(self.network, method)
        self._clear()

    def _clear(self) -> None:
        self._ones: IntArray = np.zeros(len(self.network), np.int64)
        self._counted, self._seen = 0, 0
        self._held_out: list[NDArray[np.bool_]] = []
        self._kept = 0
        self._fit: _Fitted | None = None

    @property
    def circuit(self) -> Circuit:
        """The circuit."""
        return self.network.circuit

    @property
    def outputs(self) -> tuple[str, ...]:
        """Names of the watched outputs."""
        return self.network.outputs

    @property
    def patterns(self) -> int:
        """How many patterns were given for training, held-out ones included."""
        return self._seen

    def fit(self, train: Any) -> Detector:
        """Forget everything and train on patterns, a row each; returns the detector itself. If it fails, nothing is forgotten.

        Raises:
            ArgumentError: There are none, the shape does not fit, or something is not 0 or 1.
        """
        before = self.__dict__.copy()
        self._clear()
        try:
            return self.partial_fit(train)
        except BaseException:
            self.__dict__.update(before)
            raise

    def partial_fit(self, batch: Any) -> Detector:
        """Train on further patterns; the result is that of one call with all patterns in the same order, to the last bit.

        Raises:
            ArgumentError: As in `fit`.
        """
        words, count = self.network.packed(batch)
        held = self._chosen(count)
        places = np.flatnonzero(held)
        if places.size:
            bits = (words[:, places // 64] >> (places % 64).astype(np.uint64)) & np.uint64(1)
            self._held_out.append(bits.T != 0)
            self._kept += len(places)
            dropped = self.network.packed((bits.T != 0).astype(np.uint8))
            self.network.count_ones(*dropped, minus := np.zeros_like(self._ones))
            self._ones -= minus
        self.network.count_ones(words, count, self._ones)
        self._counted += count - len(places)
        self._seen += count
        self._fit = None
        return self

    def _chosen(self, count: int) -> NDArray[np.bool_]:
        """Which of the next patterns are held out; none where epsilon sets the threshold."""
        return np.zeros(count, np.bool_) if self.epsilon is not None else held_out(self._seen, self._kept, count)

    def _fitted(self) -> _Fitted:
        if self._fit is None:
            if not self._counted:
                raise ArgumentError(f"the detector for {self.circuit.name!r} has not been fitted: call fit(train) first")
            weights = weigh(self.network, self.method, self._structure, self._ones, self._counted)
            found = _Fitted(weights, ladder(self.network, weights, self.epsilon), np.empty(0), 0.0, 1.0)
            if self.epsilon is not None:
                threshold, bound, scores = -np.log10(self.epsilon) - 1e-9, self.epsilon, found.held_out
            else:
                scores = np.empty(0)
                if self._kept:
                    words, count = self.network.packed(np.concatenate(self._held_out).astype(np.uint8))
                    scores = np.sort(found.level_scores[self._levels(found, words)[:count]])
                bound, allowed = conformal_level(self._kept, self.false_positive)
                threshold = float(np.nextafter(scores[-1 - allowed], np.inf)) if len(scores) else 0.0
            self._fit = _Fitted(weights, found.ladder, scores, max(threshold, 5e-324), bound)
        return self._fit

    @property
    def bound(self) -> float:
        """Bound on the probability that an input of the training law is flagged, which few held-out patterns can raise."""
        return self._fitted().bound

    def __repr__(self) -> str:
        more = ", ..." if len(self.outputs) > 3 else ""
        return f"<Detector of {self.circuit.name!r}: {', '.join(self.outputs[:3])}{more}; {self.patterns:,} patterns>"

    @property
    def threshold(self) -> float:
        """Scores from here on are flagged."""
        return self._fitted().threshold

    @property
    def weights(self) -> Weights:
        """Counts, structural probabilities and weights of all mechanisms."""
        return self._fitted().weights

    def score(self, x: Any) -> FloatArray:
        """The score of each input, a row of 0s and 1s each: -log10 of the smallest total weight whose loss changes an output, else 0.

        Raises:
            ArgumentError: The detector is not fitted, or the data are not acceptable.
        """
        fitted = self._fitted()
        words, count = self.network.packed(x)
        return fitted.level_scores[self._levels(fitted, words)[:count]]

    def _levels(self, fitted: _Fitted, words: UInt64Array) -> IntArray:
        from heurest.kernels.mechanisms import NO_LEVEL, first_changes

        levels = np.empty(64 * words.shape[1], np.uint8)
        first_changes(
            self.network.code, fitted.ladder.flips, self.network.watched, words, self.network.slots(), self.network.slots(), levels
        )
        return np.where(levels == NO_LEVEL, len(fitted.ladder.cumulative), levels).astype(np.int64)

    def verdict(self, x: Any) -> list[Verdict]:
        """Say of each input whether it is ``ok`` or ``anomalous``, and of an anomalous one by which mechanism.

        The witness is the rarest dropped mechanism that occurs on the input and whose loss alone changes a watched output; where none
        does alone, the last one of the fewest rarest that change it together.

        Raises:
            ArgumentError: As in `score`.
        """
        fitted = self._fitted()
        words, count = self.network.packed(x)
        levels = self._levels(fitted, words)[:count]
        flagged = fitted.level_scores[levels] >= fitted.threshold
        found: dict[int, Verdict] = {}
        for level in np.unique(levels[flagged]).tolist():
            found.update(self._anomalies(fitted, level, words, np.flatnonzero(flagged & (levels == level))))
        fine = {level: self._verdict(fitted, level, "ok", (), "") for level in np.unique(levels[~flagged]).tolist()}
        return [found[i] if i in found else fine[level] for i, level in enumerate(levels.tolist())]

    def _verdict(self, fitted: _Fitted, level: int, verdict: str, dropped: tuple[str, ...], note: str) -> Verdict:
        score = float(fitted.level_scores[level])
        return Verdict(verdict, "gates", score, fitted.bound, (), dropped, f"{SEMANTICS}, {self.method}", exact=False, note=note)

    def _anomalies(self, fitted: _Fitted, level: int, words: UInt64Array, patterns: IntArray) -> dict[int, Verdict]:
        """Verdicts on flagged patterns of one level; those with the same witness share one."""
        network, table = self.network, fitted.weights
        nodes, combinations, alone, output = self._dropped(fitted, level, words, patterns)
        known: dict[tuple[int, int], Verdict] = {}
        result = {}
        for number, i, k in zip(patterns.tolist(), alone.tolist(), output.tolist(), strict=True):
            if (i, k) not in known:
                last = i if i >= 0 else -2 - i if i < -1 else len(nodes) - 1
                mechanism = network.mechanism(int(nodes[last]), int(combinations[last]), table.weight, table.counts)
                seen = f"seen in {mechanism.count:,} of {table.patterns:,} patterns, weight {mechanism.weight:.3g}"
                changed = f"changes {network.watched_names[k]}" if k >= 0 else "changes an output"
                how = f"alone {changed}" if i >= 0 else f"together with that of rarer mechanisms {changed}"
                known[i, k] = self._verdict(fitted, level, "anomalous", (str(mechanism),), f"{seen}; its loss {how}")
            result[number] = known[i, k]
        return result

    def _dropped(self, fitted: _Fitted, level: int, words: UInt64Array, patterns: IntArray) -> tuple[IntArray, ...]:
        """What is dropped at a level, the rarest first, as nodes and combinations; and of each pattern what `witnesses` says of it."""
        from heurest.kernels.mechanisms import witnesses

        network, weight = self.network, fitted.weights.weight
        nodes, combinations = np.nonzero((fitted.ladder.flips[level][:, np.newaxis] >> np.arange(4)) & 1)
        order = np.argsort(weight[nodes, combinations], kind="stable")
        nodes, combinations = nodes[order], combinations[order]
        actual, slots, wrong = (np.zeros((len(network), width), np.uint64) for width in (1, 1, 4))
        alone, output = np.empty((2, len(patterns)), np.int64)
        witnesses(network.code, words, patterns, nodes, combinations, network.watched, actual, slots, wrong, alone, output)
        return nodes, combinations, alone, output

    def witness(self, x: Any) -> Witness:
        """The verdict on an input with what every wire is there, and what it is without the mechanisms that the verdict rests on.

        Raises:
            ArgumentError: As in `score`.

        Cost:
            A step in Python for each operand of the circuit.
        """
        point = checked_point(self.circuit, x)
        verdict = self.verdict(point)[0]
        words, _ = self.network.packed(point)
        if not verdict.anomalous:
            values = recomputed(self.circuit, (words[:, 0] & np.uint64(1)).tolist())
            return Witness(self.circuit, verdict, values, values, {})
        fitted = self._fitted()
        nodes, combinations, alone, _ = self._dropped(fitted, int(self._levels(fitted, words)[0]), words, np.zeros(1, np.int64))
        return gate_witness(self.network, fitted.weights, verdict, words, nodes, combinations, int(alone[0]))

    def ranking(self, count: int | None = None) -> list[Mechanism]:
        """The gates in order of suspicion before anything fires, each with its rarest mechanism; the most suspicious comes first.

        Args:
            count: How many, all by default.

        Raises:
            ArgumentError: The detector is not fitted, or the number is no number.
        """
        if count is not None:
            count = checked_integer("count", count, 0, 2**62)
        table, gates = self._fitted().weights, np.flatnonzero(self.network.gates)
        rarest = np.argmin(table.weight[gates], axis=1)
        order = np.argsort(table.weight[gates, rarest], kind="stable")[:count]
        return [self.network.mechanism(int(gates[i]), int(rarest[i]), table.weight, table.counts) for i in order]

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write everything that was learned to a file; `load` gives back a detector with the same verdicts that can be trained on.

        Raises:
            ArgumentError: The detector is not fitted, or the path is none.
            FormatError: The file cannot be written.
        """
        self._fitted()
        width = len(self.circuit.inputs)
        held = np.concatenate(self._held_out) if self._held_out else np.zeros((0, width), np.bool_)
        saved = Saved(
            wires_digest(self.circuit), self.outputs, self.method, self.epsilon, self.false_positive,
            self._seen, self._counted, self._ones, held, *self._structure,
        )  # fmt: skip
        write_detector(path, saved)

    @classmethod
    def load(cls, path: str | os.PathLike[str], circuit: Circuit) -> Detector:
        """Read what `save` wrote, for a circuit with the same wires.

        Raises:
            ArgumentError: The path is none.
            CircuitError: The circuit is none.
            FormatError: The file cannot be read, is no detector, is damaged, or is about another circuit.
        """
        saved = read_detector(path, circuit)
        try:
            share = saved.false_positive if saved.epsilon is None else None
            detector = cls(circuit, saved.outputs, method=MEASURED, epsilon=saved.epsilon, false_positive=share)
        except ArgumentError as error:
            raise FormatError(f"{displayed(path)}: {error}") from None
        if len(saved.ones) != len(detector.network) or saved.held_out.shape[1] != len(circuit.inputs):
            found = f"{len(saved.ones)} nodes and {saved.held_out.shape[1]} inputs"
            expected = f"{len(detector.network)} and {len(circuit.inputs)}"
            raise FormatError(f"{displayed(path)}: expected {expected} as the circuit has, found {found}")
        detector.method, detector._structure = saved.method, (saved.one, saved.zero)
        detector._ones, detector._counted, detector._seen = saved.ones, saved.counted, saved.seen
        detector._held_out, detector._kept = [saved.held_out], len(saved.held_out)
        return detector
