"""A detector of anomalies for circuits of real wires: leverage of an output's terms, fitted on a stream of points."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from math import inf, sqrt
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heurest.anomaly.chosen import chosen_output
from heurest.anomaly.held_out import checked_share, conformal_level
from heurest.anomaly.leverage_detector_file import SavedLeverage, read_leverage_detector, write_leverage_detector
from heurest.anomaly.leverage_training import Fitted, Trainer, Training
from heurest.anomaly.leverage_verdict import calibrated_verdicts, leverage_verdicts
from heurest.anomaly.sum_witness import sum_witness
from heurest.anomaly.verdicts import Verdict
from heurest.anomaly.witness import Witness
from heurest.arguments.identity import wires_digest
from heurest.circuit.circuit import Circuit
from heurest.circuit.validation import check_circuit
from heurest.circuit.wires import Wire
from heurest.errors import ArgumentError, FormatError
from heurest.formats.whole_files import displayed
from heurest.truth.wire_values import checked_point, checked_points

FloatArray = NDArray[np.float64]

_BATCH = 2**14  # points that are looked at together


class LeverageDetector:
    r"""Detects inputs on which an output of real wires stands on terms, or on sizes of terms, that training hardly had.

    The output is a sum of terms :math:`Y = c + \sum_t \varphi_t(x)`, products of centred wires (see
    `heurest.anomaly.decomposition.Decomposition`). The score is the leverage of an input,

    .. math:: h(x) = \varphi(x)^T G^+ \varphi(x), \qquad G = E_{train}[\varphi \varphi^T],

    infinite where a direction is active that never was. A set of terms explains the output if dropping the others loses at
    most a share epsilon of its variance in training. Where :math:`\epsilon \mathrm{Var}(Y) h < \tau^2` no explaining set changes the
    output by tau: ``ok`` is a certificate. All others are flagged, which need not be failures: of the training points at most a share
    :math:`\epsilon \mathrm{Var}(Y)\, \mathrm{rank}(G) / \tau^2`.

    With ``false_positive`` every fifth training point or so, at most 4,096, chosen by a hash of its number, is held out and scored. An
    input is flagged where at most that share of these (the input itself included) score as high. For inputs of the same law as
    training this bounds the probability of a flag; with m held-out points it is at least 1 / (m + 1). Then ``ok`` is a
    certificate only where its note says so.

    Training is one pass, in memory that does not grow with the number of points: sums of products of wires' distances from their
    means so far, which follow the means. How the points come in batches makes no difference, to the last bit on one machine with
    one number of threads. Verdicts are those of `additive_explanation` by leverage with the same points, up to rounding: scores
    differ by some 1e-16 times the condition number of the Gram matrix of the terms, each divided by its size.

    The results are relative to the terms, what changes no term is not seen, and training is presumed to be clean.

    Args:
        circuit: Any circuit; it is frozen by this.
        output: Name of an output, or a wire; by default the only output.
        epsilon: Share of the output's variance that dropped terms may lose, above 0 and below 1.
        tau: The change of the output that counts; by default 1/2 for a boolean output, else one standard deviation of the
            output in training.
        false_positive: Share of flagged points under the law of the training data; then tau is its default, and is used in notes alone.
        semantics: ``centred``: products of centred wires and centred inputs. ``monomials``: the operands of the affine gates at
            the top, raw.

    Raises:
        ArgumentError: An option is out of range, both tau and false_positive are given, there are no inputs, or several outputs to choose.
        CircuitError: There is no such output.
        IntractableError: The memory does not suffice.

    Cost:
        With T wires and products of wires below the output: ``T**2`` operations a point of training and of test, ``T**3`` after training;
        memory: some six matrices of ``T**2`` numbers, and a block of 2,048 points.

    Source:
        Score, certificate and bound are d.5 of mechanistic anomaly detection (the project's notes).

    Examples:
        >>> import heurest as hr
        >>> c = hr.Circuit("two ways")
        >>> x, y, z = c.input("x", hr.Normal(0, 1)), c.input("y", hr.Normal(0, 1)), c.input("z", hr.Normal(0, 1))
        >>> c.output("o", x + 2 * y * z)
        >>> detector = LeverageDetector(c, epsilon=0.02)
        >>> rng = np.random.default_rng(0)
        >>> for _ in range(10):  # a stream in which z is small
        ...     detector = detector.partial_fit(rng.standard_normal((1000, 3)) * [1.0, 1.0, 0.1])
        >>> fine, strange = detector.verdict([[1.0, 1.0, 0.1], [1.0, 3.0, 2.0]])
        >>> print(fine.verdict, strange.verdict, strange.dropped)
        ok anomalous ('y * z',)
    """

    def __init__(
        self,
        circuit: Circuit,
        output: str | Wire | None = None,
        *,
        epsilon: float = 1e-3,
        tau: float | None = None,
        false_positive: float | None = None,
        semantics: str = "centred",
    ) -> None:
        check_circuit(circuit)
        self._wire, self._name = chosen_output(circuit, output)
        if not circuit.inputs:
            raise ArgumentError(f"circuit {circuit.name!r} has no inputs, so there is nothing to train on")
        if tau is not None and false_positive is not None:
            raise ArgumentError("give tau or false_positive, not both: each sets the threshold")
        if tau is not None and (isinstance(tau, bool) or not isinstance(tau, Real) or not 0.0 < tau < inf):
            raise ArgumentError(f"tau must be a finite number above 0, got {tau!r}")
        self.epsilon = checked_share("epsilon", epsilon)
        self.false_positive = None if false_positive is None else checked_share("false_positive", false_positive)
        self.semantics = semantics
        self._given_tau = None if tau is None else float(tau)
        self._trainer = Trainer(circuit, self._wire.index, semantics)
        self._training = self._trainer.untrained
        self._fit: Fitted | None = None

    @property
    def circuit(self) -> Circuit:
        """The circuit."""
        return self._wire.circuit

    @property
    def output(self) -> str:
        """Name of the watched output."""
        return self._name

    @property
    def outputs(self) -> tuple[str, ...]:
        """The same as a tuple, as other detectors have it."""
        return (self._name,)

    @property
    def points(self) -> int:
        """How many points were given for training, held-out ones included."""
        return self._training.points

    @property
    def terms(self) -> tuple[str, ...]:
        """Names of the terms; which have a coefficient other than 0 depends on training."""
        return self._fitted.decomposition.names

    @property
    def mean(self) -> float:
        """Mean of the output in training, without held-out points."""
        return self._fitted.decomposition.mean

    @property
    def variance(self) -> float:
        """Variance of the output in training, without held-out points."""
        return self._fitted.decomposition.variance

    @property
    def tau(self) -> float:
        """The change of the output that counts.

        Raises:
            ArgumentError: It is not given, and the output was constant in training, or the detector is not fitted.
        """
        return self._tau(self._fitted)

    @property
    def bound(self) -> float:
        """Bound on the share of the training points that is flagged or, with held-out points, on the probability of a flag.

        Raises:
            ArgumentError: As for `tau`.
        """
        if self.false_positive is not None:
            return conformal_level(len(self._fitted.held_out), self.false_positive)[0]
        return min(1.0, self._fitted.leverage.false_positive_bound(self.epsilon, self.variance, self.tau))

    @property
    def threshold(self) -> float:
        r"""Inputs with a higher score are flagged: :math:`\tau^2 / (\epsilon \mathrm{Var}(Y))`, or the score of a held-out point.

        Raises:
            ArgumentError: As for `tau`.
        """
        if self.false_positive is None:
            room = self.epsilon * self.variance
            return self.tau**2 / room if room > 0.0 else inf
        scores = self._fitted.held_out
        return float(scores[-1 - conformal_level(len(scores), self.false_positive)[1]]) if len(scores) else 0.0

    def fit(self, train: Any) -> LeverageDetector:
        """Forget everything and train on points, a row each; returns the detector itself. If it fails, nothing is forgotten.

        Raises:
            ArgumentError: There are no points, they do not fit the circuit, or the output is real and constant there and neither
                tau nor false_positive is given.
        """
        training = self._trained(self._trainer.untrained, train)
        fitted = self._trainer.fitted(training)
        if self.false_positive is None:
            self._tau(fitted)
        self._training, self._fit = training, fitted
        return self

    def partial_fit(self, batch: Any) -> LeverageDetector:
        """Train on further points; the result is that of one call with all points in the same order. If it fails, it changes nothing.

        Raises:
            ArgumentError: There are no points, or they do not fit the circuit.
        """
        self._training, self._fit = self._trained(self._training, batch), None
        return self

    def _trained(self, training: Training, batch: Any) -> Training:
        for part in self._parts(batch):
            training = self._trainer.trained(training, part, self.false_positive is not None)
        return training

    def _parts(self, points: Any) -> Iterator[FloatArray]:
        checked = checked_points(self.circuit, points)
        if not len(checked):
            raise ArgumentError(f"points for {self.circuit.name!r} are empty: at least one is needed")
        return (checked[start : start + _BATCH] for start in range(0, len(checked), _BATCH))

    @property
    def _fitted(self) -> Fitted:
        if self._fit is None:
            if not self.points:
                raise ArgumentError(f"the detector for {self.circuit.name!r} has not been fitted: call fit(train) first")
            self._fit = self._trainer.fitted(self._training)
        return self._fit

    def _tau(self, fitted: Fitted) -> float:
        if self._given_tau is not None:
            return self._given_tau
        tau = self._scale(fitted)
        if tau == 0.0:
            raise ArgumentError(f"output {self.output!r} is constant in training, so it gives no scale: give tau, or use the lemma test")
        return tau

    def _scale(self, fitted: Fitted) -> float:
        return 0.5 if self._wire.boolean else sqrt(fitted.decomposition.variance)

    def score(self, x: Any) -> FloatArray:
        """Leverage of each input, a row each, shape ``(points,)``; infinite where a direction is active that never was.

        Raises:
            ArgumentError: The detector is not fitted, or the inputs do not fit the circuit.
        """
        return np.concatenate([self._fitted.leverage.score(self._fitted.values(part)) for part in self._parts(x)])

    def verdict(self, x: Any) -> list[Verdict]:
        """Say of each input whether it is ``ok`` or ``anomalous``, and of an anomalous one by which terms.

        The terms named as dropped are the largest parts of the score, down to half of it, or what was never active.

        Raises:
            ArgumentError: As in `score`, or the output was constant in training and gives no threshold.
        """
        return [verdict for part in self._parts(x) for verdict in self._judged(self._fitted.values(part))]

    def _judged(self, values: FloatArray) -> list[Verdict]:
        leverage, room = self._fitted.leverage, {"epsilon": self.epsilon, "variance": self.variance}
        shared: dict[str, Any] = {"terms": self.terms, "bound": self.bound, "semantics": f"additive, {self.semantics}"}
        if self.false_positive is None:
            return leverage_verdicts(leverage, values, leverage.certified(values, **room, tau=self.tau), **shared)
        return calibrated_verdicts(leverage, values, self.threshold, **room, tau=self._scale(self._fitted), **shared)

    def witness(self, x: Any) -> Witness:
        """The verdict on an input with what every wire is there, and which are in the terms that it names.

        Raises:
            ArgumentError: As in `verdict`.
        """
        point = checked_point(self.circuit, x)
        return sum_witness(self._fitted.decomposition, self.verdict(point)[0], point)

    def __repr__(self) -> str:
        return f"<LeverageDetector of {self.output!r} in {self.circuit.name!r}: {self.points:,} points>"

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write everything that was learned to a file; `load` gives back a detector with the same verdicts that can be trained on.

        Raises:
            ArgumentError: The detector is not fitted, or the path is none.
            FormatError: The file cannot be written.
        """
        training, _ = self._training, self._fitted
        saved = SavedLeverage(
            wires_digest(self.circuit), self._wire.index, self.semantics, self.epsilon, self._given_tau, self.false_positive,
            training.points, training.moments.means, training.moments.sums, training.waiting, training.held_out,
        )  # fmt: skip
        write_leverage_detector(path, saved)

    @classmethod
    def load(cls, path: str | os.PathLike[str], circuit: Circuit) -> LeverageDetector:
        """Read what `save` wrote, for a circuit with the same wires; the output is the same wire, whatever its name.

        Raises:
            ArgumentError: The path is none.
            CircuitError: The circuit is none.
            FormatError: The file cannot be read, is no such detector, is damaged, or is about another circuit.
        """
        saved = read_leverage_detector(path, circuit)
        try:
            detector = cls(
                circuit, circuit.wire(saved.output), epsilon=saved.epsilon, tau=saved.tau, false_positive=saved.false_positive,
                semantics=saved.semantics,
            )  # fmt: skip
            for points in (saved.waiting, saved.held_out):
                checked_points(circuit, points)
        except ArgumentError as error:
            raise FormatError(f"{displayed(path)}: {error}") from None
        moments = replace(detector._training.moments, means=saved.means, sums=saved.sums)
        if not detector._trainer.fits(moments):
            raise FormatError(f"{displayed(path)}: the arrays do not have the sizes that the circuit needs")
        detector._training = Training(moments, saved.waiting, saved.held_out, saved.points)
        return detector
