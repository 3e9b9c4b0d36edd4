"""Additive explanations: which terms of a sum training needed, and whether an input's output stands on others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from numbers import Integral
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heurest.anomaly.chosen import chosen_output
from heurest.anomaly.decomposition import Decomposition
from heurest.anomaly.leverage import Leverage
from heurest.anomaly.leverage_verdict import leverage_verdicts
from heurest.anomaly.observations import observations
from heurest.anomaly.subset_search import SLACK, SubsetSearch
from heurest.anomaly.sum_witness import sum_witness
from heurest.anomaly.verdicts import Verdict
from heurest.anomaly.witness import Witness
from heurest.circuit.circuit import Circuit
from heurest.circuit.validation import check_circuit
from heurest.circuit.wires import Wire
from heurest.errors import ArgumentError
from heurest.truth.wire_values import checked_point

FloatArray = NDArray[np.float64]
_SHOWN = 12


class AdditiveExplanation:
    r"""An output as a sum of terms, with what each of them carries in training.

    A set A of terms *explains* the output if dropping the others, B, loses at most a share epsilon of the output's variance:
    :math:`E_{train}[(\sum_{t \in B} \varphi_t)^2] \le \epsilon \mathrm{Var}_{train}(Y)`. A dropped term counts as 0 and the values
    of its wires stay what they are elsewhere. `additive_explanation` makes the object.

    Attributes:
        circuit: The circuit.
        output: Name of the output.
        decomposition: The terms and how they are evaluated.
        leverage: The leverage score fitted on training.
        epsilon: Share of the variance that may be lost.
        tau: The change of the output that counts.
        source: Where the training points come from, in words.
    """

    def __init__(
        self, decomposition: Decomposition, leverage: Leverage, output: str, epsilon: float, tau: float, source: str, budget: int
    ) -> None:
        self.decomposition, self.leverage, self.output = decomposition, leverage, output
        self.epsilon, self.tau, self.source = epsilon, tau, source
        self.circuit = decomposition.circuit
        self._search = SubsetSearch(leverage.gram, epsilon * decomposition.variance, budget)

    @property
    def terms(self) -> tuple[str, ...]:
        """Names of the terms."""
        return self.decomposition.names

    @property
    def mean(self) -> float:
        """Mean of the output in training."""
        return self.decomposition.mean

    @property
    def variance(self) -> float:
        """Variance of the output in training."""
        return self.decomposition.variance

    @property
    def semantics(self) -> str:
        """What the terms are and how they are dropped."""
        return f"additive, {self.decomposition.semantics}"

    @property
    def shares(self) -> dict[str, float]:
        """Share of the training variance that is lost when one term is dropped, by term; it can exceed 1, since terms can cancel."""
        return {name: self.share([name]) for name in self.terms}

    @property
    def bound(self) -> float:
        """Bound on the share of the training points, or of the law, that the normal-reason test flags, at most 1."""
        return min(1.0, self.leverage.false_positive_bound(self.epsilon, self.variance, self.tau))

    def share(self, dropped: Iterable[str]) -> float:
        r"""Share of the training variance that is lost when some terms are dropped together.

        It is :math:`E_{train}[(\sum \varphi_t)^2] / \mathrm{Var}(Y)`; infinite where the output is constant in training and the
        terms are not 0.

        Raises:
            ArgumentError: There is no such term.
        """
        loss = self._search.loss(self._mask(dropped))
        if self.variance > 0.0:
            return loss / self.variance
        return float("inf") if loss > 0.0 else 0.0

    def explains(self, kept: Iterable[str]) -> bool:
        """Whether a set of terms explains the output.

        Raises:
            ArgumentError: There is no such term.
        """
        return self._search.explains_without(~self._mask(kept))

    def smallest(self) -> tuple[tuple[str, ...], bool]:
        """A set of as few terms as possible that explains the output, and whether fewer are proved not to suffice."""
        found = self._search.largest(np.ones(len(self.terms)))  # every dropped term counts 1
        return self._named(~found.dropped), found.complete and self._search.resolved

    def score(self, points: Any) -> FloatArray:
        """Leverage of every point, shape ``(points,)``; see `Leverage.score`."""
        return self.leverage.score(self.decomposition.values(points))

    def normal_reason(self, x: Any) -> Verdict:
        r"""Whether an input's output stands on terms that training needed.

        Anomalous, if some set A explains the output in training and :math:`|Y - Y^A| = |\sum_{t \in B} \varphi_t(x)| > \tau`. Leverage
        is asked first; where it gives no certificate the sets are searched.

        Args:
            x: A number for each input of the circuit in order.

        Returns:
            The verdict; its score is the largest change found, or leverage's bound on it where that was enough; the witness shown
            is a small set that is enough. Its bound is on the share of training that is flagged. ``undecided`` where the budget
            did not suffice.

        Raises:
            ArgumentError: The input does not fit the circuit.
        """
        return self.verdicts(checked_point(self.circuit, x))[0]

    def verdicts(self, points: Any) -> list[Verdict]:
        """`normal_reason` for many points, given as rows.

        Raises:
            ArgumentError: The points do not fit the circuit.
        """
        values = self.decomposition.values(points)
        largest = self.leverage.largest_change(values, self.epsilon, self.variance)
        return [self._verdict(row, float(limit)) for row, limit in zip(values, largest, strict=True)]

    def leverage_verdicts(self, points: Any) -> list[Verdict]:
        r"""The test by leverage for points given as rows: anomalous, if :math:`\epsilon \mathrm{Var}(Y) h \ge \tau^2`.

        It is the normal-reason test with terms that may be dropped in part, by any real weights. So it flags whatever
        `normal_reason` flags and more, keeps to the same bound, and needs no search. The score is h; the terms named as dropped
        are the largest parts of h, down to half of it, or what leaves the range of training.

        Raises:
            ArgumentError: The points do not fit the circuit.
        """
        values = self.decomposition.values(points)
        fine = self.leverage.certified(values, self.epsilon, self.variance, self.tau)
        return leverage_verdicts(self.leverage, values, fine, terms=self.terms, bound=self.bound, semantics=self.semantics)

    def witness(self, x: Any, reason: str = "normal") -> Witness:
        """The verdict on an input, by `normal_reason` or by ``"leverage"``, with what every wire is there and which terms are dropped.

        Only the output is another without them: wires stay what they are elsewhere. Terms that are dropped in part change nothing here.

        Raises:
            ArgumentError: The input does not fit the circuit, or the reason is unknown.
        """
        if reason not in ("normal", "leverage"):
            raise ArgumentError(f"reason must be 'normal' or 'leverage', got {reason!r}")
        point = checked_point(self.circuit, x)
        return sum_witness(self.decomposition, (self.verdicts if reason == "normal" else self.leverage_verdicts)(point)[0], point)

    def to_dict(self) -> dict[str, Any]:
        """The explanation, ready for JSON."""
        return {
            "circuit": self.circuit.name,
            "output": self.output,
            "semantics": self.semantics,
            "source": self.source,
            "epsilon": self.epsilon,
            "tau": self.tau,
            "mean": self.decomposition.mean,
            "variance": self.variance,
            "constant": self.decomposition.constant,
            "rank": self.leverage.rank,
            "bound": self.bound,
            "terms": [
                {"name": term.name, "coefficient": term.coefficient, "share": self.share([term.name]) if self.variance > 0.0 else None}
                for term in self.decomposition.terms
            ],
        }

    def __str__(self) -> str:
        lines = [
            f"{self.output!r} of {self.circuit.name!r} as a sum of {len(self.terms):,} terms ({self.semantics}), from {self.source}",
            f"mean {self.decomposition.mean:.6g}, variance {self.variance:.6g}; "
            f"epsilon {self.epsilon:g}, tau {self.tau:.6g}, flagged of training at most {self.bound:.6g}",
        ]
        if not self.variance > 0.0:
            lines.append("the output is constant in training: only terms that are 0 there can be dropped")
        ranked = sorted(self.shares.items(), key=lambda item: -item[1])
        lines += [f"  {share:10.6f}  {name}" for name, share in ranked[:_SHOWN]]
        return "\n".join([*lines, *([f"  and {len(ranked) - _SHOWN:,} more"] if len(ranked) > _SHOWN else [])])

    def __repr__(self) -> str:
        return f"<AdditiveExplanation of {self.output!r} in {self.circuit.name!r}: {len(self.terms)} terms, {self.semantics}>"

    def _verdict(self, values: FloatArray, limit: float) -> Verdict:
        shared: dict[str, Any] = {"reason": "normal", "bound": self.bound, "semantics": self.semantics}
        if limit < self.tau:
            return Verdict("ok", score=limit, note=f"leverage: no explaining set changes the output by more than {limit:.6g}", **shared)
        found = self._search.largest(values, self.tau, enough=self.tau * (1.0 + SLACK))
        how = f"search by {self._search.engine}"
        if self._fails(found.change):
            dropped = self._thinned(found.dropped, values)
            change = abs(float(values[dropped].sum()))
            more = f"; other sets change it by up to {found.change:.6g}" if found.change > change * (1.0 + SLACK) else ""
            return Verdict(
                "anomalous",
                score=found.change,
                kept=self._named(~dropped),
                dropped=self._named(dropped),
                exact=self._search.resolved,
                note=f"{how}: without the dropped terms the output changes by {change:.6g}, more than {self.tau:.6g}{more}",
                **shared,
            )
        if found.complete and self._search.resolved:
            note = f"{how}: no explaining set changes the output by more than {self.tau:.6g}"
            return Verdict("ok", score=found.change, note=note, **shared)
        note = f"{how}: " + (
            "the budget ended before every set was ruled out"
            if self._search.resolved
            else "terms cancel so far that rounding hides what dropping them costs"
        )
        return Verdict("undecided", score=found.change, exact=False, note=note, **shared)

    def _fails(self, change: float) -> bool:
        return change > self.tau * (1.0 + SLACK)  # a tie is no failure, whatever the rounding

    def _named(self, chosen: NDArray[np.bool_]) -> tuple[str, ...]:
        return tuple(name for name, listed in zip(self.terms, chosen, strict=True) if listed)

    def _thinned(self, dropped: NDArray[np.bool_], values: FloatArray) -> NDArray[np.bool_]:
        """A smaller set that shows the same: terms that are not needed for the change stay, the least ones first."""
        thin = dropped.copy()
        for term in sorted(np.flatnonzero(dropped).tolist(), key=lambda k: abs(float(values[k]))):
            thin[term] = False
            if not (self._fails(abs(float(values[thin].sum()))) and self._search.explains_without(thin)):
                thin[term] = True
        return thin

    def _mask(self, names: Iterable[str]) -> NDArray[np.bool_]:
        chosen = np.zeros(len(self.terms), np.bool_)
        place = {name: k for k, name in enumerate(self.terms)}
        for name in names:
            if name not in place:
                raise ArgumentError(f"output {self.output!r} has no term {name!r}")
            chosen[place[name]] = True
        return chosen


def additive_explanation(
    circuit: Circuit,
    output: str | Wire,
    train: Any = None,
    epsilon: float = 1e-3,
    *,
    components: Sequence[str] = (),
    semantics: str = "centred",
    tau: float | None = None,
    budget: int = 2**22,
) -> AdditiveExplanation:
    """Take an output apart into a sum of terms, and weigh them on training data.

    Args:
        circuit: Any circuit; it is frozen by this.
        output: Name of an output, or a wire.
        train: Training points, a row for each; ``None`` takes the inputs' law, if it is finite.
        epsilon: Share of the output's variance that dropped terms may lose, above 0 and below 1.
        components: Must be empty: the any-reason test needs implicants.
        semantics: ``centred``: products of centred wires and centred inputs. ``monomials``: the operands of the affine gates at
            the top, raw; signed monomials of a boolean output then flag normal inputs too.
        tau: The change of the output that counts as a failure; by default 1/2 for a boolean output, else one standard deviation
            of the output in training.
        budget: About how many sets of terms are looked at for one input; up to 22 terms by default, all of them.

    Returns:
        The explanation.

    Raises:
        ArgumentError: A parameter is out of range, the data do not fit, components are given, or the output is real and constant
            in training and no tau is given, or a wire is beyond 1e70 there.
        CircuitError: There is no such output.
        IntractableError: The memory does not suffice.

    Cost:
        Three evaluations of the circuit at all training points, ``terms**2`` operations for each of them, and ``terms**3``.

    Examples:
        >>> import heurest as hr
        >>> c = hr.Circuit("two ways")
        >>> x, y, z = c.input("x", hr.Sign()), c.input("y", hr.Discrete((0, 9), (0.9999, 0.0001))), c.input("z", hr.Sign())
        >>> c.output("o", 2 * x + x * z + y * z)
        >>> explained = additive_explanation(c, "o", epsilon=0.002)
        >>> print(explained.normal_reason([1, 0, 1]).verdict, explained.normal_reason([1, 9, 1]).dropped)
        ok ('y * z',)
    """
    check_circuit(circuit)
    wire, name = chosen_output(circuit, output)
    if len(components):
        raise ArgumentError(f"output {name!r}: sums have no any-reason test; components go with the implicants of a boolean output")
    if isinstance(epsilon, bool) or not isinstance(epsilon, (float, int, np.floating)) or not 0.0 < epsilon < 1.0:
        raise ArgumentError(f"epsilon must be a number above 0 and below 1, got {epsilon!r}")
    if isinstance(budget, bool) or not isinstance(budget, Integral) or budget < 1:
        raise ArgumentError(f"budget must be an integer of at least 1, got {budget!r}")
    if tau is not None and not (np.isfinite(tau) and tau > 0.0):
        raise ArgumentError(f"tau must be a finite number above 0, got {tau!r}")
    data = observations(circuit, train)
    decomposition = Decomposition(circuit, wire.index, data, semantics)
    if tau is None:
        tau = 0.5 if wire.boolean else float(np.sqrt(decomposition.variance))
        if tau == 0.0:
            raise ArgumentError(f"output {name!r} is constant in training, so it gives no scale: give tau, or use the lemma test")
    leverage = Leverage(len(decomposition.terms), floor=decomposition.floor)
    for values, weights in decomposition.batches(data):
        leverage.update(values, weights)
    return AdditiveExplanation(decomposition, leverage, name, float(epsilon), float(tau), data.source, int(budget))
