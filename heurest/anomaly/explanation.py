"""Explanations: an output taken apart into terms, what each carries in training, and the tests that rest on them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from math import inf, log10
from numbers import Integral
from typing import TYPE_CHECKING, Any

import numpy as np

from heurest.anomaly.chosen import chosen_output, chosen_wire
from heurest.anomaly.implicants import Decomposition, decompose
from heurest.anomaly.observations import Observations, observations
from heurest.anomaly.reasons import Found, Reasons, Training, largest_sets
from heurest.anomaly.verdicts import Verdict
from heurest.anomaly.witness import Witness, recomputed
from heurest.circuit.circuit import Circuit
from heurest.circuit.validation import check_circuit
from heurest.circuit.wires import Wire
from heurest.errors import ArgumentError, IntractableError
from heurest.program import lower
from heurest.program.boolean import is_boolean
from heurest.truth.wire_values import checked_point, checked_points

if TYPE_CHECKING:
    from heurest.anomaly.additive import AdditiveExplanation

SEMANTICS = "implicants"
BUDGET = 20_000
MAX_TERMS = 20_000
_SHOWN = 20


class Explanation:
    r"""A boolean output as an or of implicants, gate by gate, with what each of them carries in training.

    A set A of terms *explains* the output if :math:`E_{train}[(Y - Y^A)^2] \le \epsilon \mathrm{Var}_{train}(Y)`, where :math:`Y^A` is
    computed from the terms in A alone: every wire that has terms is the or of its kept ones, computed once and read by all.
    `explain` makes the object.

    Attributes:
        circuit: The circuit.
        output: Name of the output.
        components: Names of the components of the any-reason test.
        decomposition: The terms.
        epsilon: Share of the output's variance that dropped terms may lose.
        source: Where the training points come from, in words.
        budget: The most nodes of the search for one point.
    """

    def __init__(
        self, decomposition: Decomposition, names: Sequence[str], train: Observations, epsilon: float, budget: int = BUDGET
    ) -> None:
        self.decomposition, self.circuit = decomposition, decomposition.circuit
        self.output, self.components = names[0], tuple(names[1:])
        self.epsilon, self.budget, self.source = epsilon, budget, train.source
        self._training = Training(decomposition, train, epsilon)
        if not self._training.variance > 0.0:
            value = round(self._training.mean)
            raise ArgumentError(
                f"output {self.output!r} of {self.circuit.name!r} is {value} throughout training, so there is no variance to explain;"
                " the lemma test still works"
            )
        self._reasons = Reasons(self._training, budget)
        self._bounds: dict[str, float] = {}

    @property
    def terms(self) -> tuple[str, ...]:
        """Names of the terms, such as ``Y: S1(D) & S2(n2)``: the wire, then what makes it 1; ``S1(D)`` is the term ``D`` of ``S1``."""
        return tuple(term.name for term in self.decomposition.terms)

    @property
    def semantics(self) -> str:
        """What the terms are and how they are dropped."""
        return SEMANTICS

    @property
    def mean(self) -> float:
        """Mean of the output in training."""
        return self._training.mean

    @property
    def variance(self) -> float:
        """Variance of the output in training."""
        return self._training.variance

    @cached_property
    def shares(self) -> dict[str, float]:
        """Share of the training variance that is lost when one term is dropped, by term; it can exceed 1."""
        return {name: self._training.alone(number) / self.variance for number, name in enumerate(self.terms)}

    @property
    def active(self) -> dict[str, float]:
        """How often each term is active in training, by term."""
        return dict(zip(self.terms, self._training.active, strict=True))

    def share(self, dropped: Iterable[str]) -> float:
        """Share of the training variance that is lost when some terms are dropped together.

        Raises:
            ArgumentError: There is no such term.
        """
        return self._training.loss(self._bits(dropped)) / self.variance

    def explains(self, kept: Iterable[str]) -> bool:
        """Whether a set of terms explains the output.

        Raises:
            ArgumentError: There is no such term.
        """
        return self._training.explains((1 << len(self.terms)) - 1 - self._bits(kept))

    def smallest(self) -> tuple[tuple[str, ...], bool]:
        """A set of as few terms as possible that explains the output, and whether fewer are proved not to suffice.

        Up to 18 terms all sets are tried. Beyond, terms are dropped one by one, the least needed first, as long as the rest explains.
        """
        if self._training.enumerable:
            return self.smallest_sets()[0], True
        dropped = 0
        for term in sorted(range(len(self.terms)), key=self._training.alone):
            if self._training.explains(dropped | 1 << term):
                dropped |= 1 << term
        return self._kept(dropped), False

    def smallest_sets(self) -> tuple[tuple[str, ...], ...]:
        """All sets of the smallest number of terms that explain the output.

        Raises:
            ArgumentError: There are too many terms to try all sets.
        """
        if not self._training.enumerable:
            raise ArgumentError(f"output {self.output!r} has {len(self.terms):,} terms, too many to try all sets: use smallest()")
        count = 1 << len(self.terms)
        return tuple(self._kept(count - 1 - kept) for kept in largest_sets(self._reasons.explaining, count, smallest=True))

    def normal_reason(self, x: Any) -> Verdict:
        r"""Whether an input's output stands on terms that training needed.

        Anomalous if some set A explains the output in training and :math:`Y^A(x) \ne Y(x)`. Every mechanism that training never
        shows is flagged where it decides; one that leaves the output as it is, is not seen.

        Args:
            x: A number for each input of the circuit in order.

        Returns:
            The verdict, with the smallest set of dropped terms found as its witness; ``undecided`` where the budget did not suffice.
            Its score is minus the decimal logarithm of the share of the training variance that its witness loses, its bound
            that of `false_positive_bound`. Of several smallest sets, the order of the gates decides which one is named.

        Raises:
            ArgumentError: The input does not fit the circuit.
        """
        return self.verdicts(checked_point(self.circuit, x))[0]

    def any_reason(self, x: Any) -> Verdict:
        r"""Whether the components' agreement at an input can be told apart from what training forced one to keep.

        Anomalous if some set A explains the output in training, every component has the value :math:`S_i^A(x) = S_i(x)`, and
        :math:`Y^A(x) \ne Y(x)`. New causes of the components are allowed; that all of them are 1 for unrelated reasons is not. The
        test is conservative: an unrelated cause beside a common one is flagged, too, since a set that omits the common one explains.

        Args:
            x: A number for each input of the circuit in order.

        Returns:
            As `normal_reason`.

        Raises:
            ArgumentError: The input does not fit the circuit, or no components were given.
        """
        return self.verdicts(checked_point(self.circuit, x), "any")[0]

    def verdicts(self, points: Any, reason: str = "normal") -> list[Verdict]:
        """`normal_reason` (``reason="normal"``) or `any_reason` (``"any"``) for many points, given as rows.

        Raises:
            ArgumentError: The points do not fit the circuit, the reason is unknown, or no components were given.

        Cost:
            One search for every distinct point of the inputs that the output reads.
        """
        self._check_reason(reason)
        read = checked_points(self.circuit, points)[:, self.decomposition.inputs] != 0.0
        found: dict[bytes, Verdict] = {}
        for row in read:
            if row.tobytes() not in found:
                found[row.tobytes()] = self._verdict(row.tolist(), reason)
        return [found[row.tobytes()] for row in read]

    def witness(self, x: Any, reason: str = "normal") -> Witness:
        """The verdict on an input with what every wire is there, and what it is without the dropped terms.

        Wires without terms of their own follow from those that have them.

        Raises:
            ArgumentError: As in `verdicts`.
        """
        (point,) = checked_point(self.circuit, x)
        verdict = self.verdicts([point], reason)[0]
        values = recomputed(self.circuit, point)
        terms, places = self.decomposition.terms, self.decomposition.places
        lost = set(verdict.dropped)
        kept = [int(name not in lost) for name in self.terms]
        inputs = {position: int(point[position] != 0.0) for position in self.decomposition.inputs}
        wires, _ = self.decomposition.evaluate(inputs, kept, 1)
        given = {wire: float(value ^ inverted) for place, value in zip(places, wires, strict=True) for wire, inverted in place}
        dropped: dict[int, tuple[str, ...]] = {}
        for term in terms:
            if term.name in lost and places[term.wire]:
                wire, short = places[term.wire][0][0], term.name.removeprefix(f"{self.decomposition.wires[term.wire]}: ")
                dropped[wire] = (*dropped.get(wire, ()), short)
        return Witness(self.circuit, verdict, values, recomputed(self.circuit, point, given), dropped)

    def to_dict(self) -> dict[str, Any]:
        """The explanation, ready for JSON."""
        smallest, exact = self.smallest()
        return {
            "circuit": self.circuit.name,
            "output": self.output,
            "components": list(self.components),
            "semantics": self.semantics,
            "source": self.source,
            "epsilon": self.epsilon,
            "mean": self.mean,
            "variance": self.variance,
            "monotone": self.decomposition.monotone,
            "terms": [{"name": name, "share": share, "active": self.active[name]} for name, share in self.shares.items()],
            "smallest": {"terms": list(smallest), "exact": exact},
        }

    def __str__(self) -> str:
        smallest, exact = self.smallest()
        size = f"{len(smallest):,} term{'s' * (len(smallest) != 1)}"
        lines = [
            f"{self.output!r} of {self.circuit.name!r} from {len(self.terms):,} terms ({self.semantics}), trained on {self.source}",
            f"mean {self.mean:.6g}, variance {self.variance:.6g}, epsilon {self.epsilon:g}; "
            f"{'the' if exact else 'found greedily: a'} smallest set that explains has {size} (*)",
            f"  {'lost alone':>10}  {'active':>10}",
        ]
        chosen, active = set(smallest), self.active
        ranked = sorted(self.shares.items(), key=lambda item: -item[1])
        lines += [f"  {share:10.6f}  {active[name]:10.6f}  {name}{' *' if name in chosen else ''}" for name, share in ranked[:_SHOWN]]
        return "\n".join([*lines, *([f"  and {len(ranked) - _SHOWN:,} more"] if len(ranked) > _SHOWN else [])])

    def __repr__(self) -> str:
        return f"<Explanation of {self.output!r} in {self.circuit.name!r}: {len(self.terms)} terms, {self.semantics}>"

    def false_positive_bound(self, reason: str = "normal") -> float:
        """Bound on the share of training that a test flags: exact where the budget suffices to test all of training, found once.

        Raises:
            ArgumentError: The reason is unknown, or no components were given.
        """
        self._check_reason(reason)
        if reason not in self._bounds:
            self._bounds[reason] = self._reasons.false_positive_bound(reason == "any")
        return self._bounds[reason]

    def _check_reason(self, reason: str) -> None:
        if reason not in ("normal", "any"):
            raise ArgumentError(f"reason must be 'normal' or 'any', got {reason!r}")
        if reason == "any" and not self.components:
            raise ArgumentError(f"the any-reason test of {self.output!r} needs components, and none are named")

    def _verdict(self, point: list[bool], reason: str) -> Verdict:
        found, bound = self._reasons.test(point, reason == "any"), self.false_positive_bound(reason)
        if found.dropped is None:
            note = self._search_note(found)
            return Verdict("ok" if found.exact else "undecided", reason, None, bound, semantics=SEMANTICS, exact=found.exact, note=note)
        inputs = dict(zip(self.decomposition.inputs, map(int, point), strict=True))
        here, without = (self._reasons.roots(inputs, dropped)[0][0] for dropped in (0, found.dropped))
        lost = self._training.loss(found.dropped) / self.variance
        left = f"{100.0 * (1.0 - lost):.6g} % of the training variance is explained"
        note = f"without the dropped terms {self.output} is {without} here, not {here}, and {left}"
        score = -log10(lost) if lost > 0.0 else inf
        return Verdict("anomalous", reason, score, bound, self._kept(found.dropped), self._dropped(found.dropped), SEMANTICS, True, note)

    @staticmethod
    def _search_note(found: Found) -> str:
        return "" if found.exact else f"no explaining set that fails here was found in {found.nodes:,} steps of the search"

    def _bits(self, names: Iterable[str]) -> int:
        place = {name: number for number, name in enumerate(self.terms)}
        bits = 0
        if not isinstance(names, Iterable) or isinstance(names, str):
            raise ArgumentError(f"a list of names of terms is needed, got {names!r}")
        for name in names:
            if name not in place:
                raise ArgumentError(f"output {self.output!r} has no term {name!r}")
            bits |= 1 << place[name]
        return bits

    def _dropped(self, bits: int) -> tuple[str, ...]:
        return tuple(name for number, name in enumerate(self.terms) if bits >> number & 1)

    def _kept(self, dropped: int) -> tuple[str, ...]:
        return self._dropped(~dropped)


def explain(
    circuit: Circuit,
    output: str | Wire | None = None,
    train: Any = None,
    epsilon: float = 1e-3,
    *,
    components: Sequence[str | Wire] = (),
    semantics: str | None = None,
    tau: float | None = None,
    budget: int | None = None,
) -> Explanation | AdditiveExplanation:
    """Take an output apart into terms, and weigh them on training data.

    A boolean output becomes an or of implicants, gate by gate (see `heurest.anomaly.implicants.decompose`), any other a sum of
    products of centred wires. What a test says is relative to these terms: "one mechanism" has no canonical meaning.

    Args:
        circuit: Any circuit; it is frozen by this.
        output: Name of an output, or a wire; by default the only output.
        train: Clean data, a row of numbers for every point, one for each input of the circuit in order; ``None`` takes the
            inputs' law, if it is finite.
        epsilon: Share of the output's variance that dropped terms may lose, above 0 and below 1.
        components: Names of outputs or wires, or wires, that the output is made from, such as sensors: for the any-reason test.
        semantics: ``implicants`` (boolean outputs), ``centred`` or ``monomials`` (sums, see `additive_explanation`); by default
            the first where the output depends on boolean wires only, else the second.
        tau: For sums, the change of the output that counts; see `additive_explanation`.
        budget: The most steps of the search for one input.

    Returns:
        The explanation; its methods test new inputs.

    Raises:
        ArgumentError: A parameter is out of range, the data do not fit, a component is the output, or the output is constant in training.
        CircuitError: There is no such output or component.
        IntractableError: There are more than 20,000 terms.

    Cost:
        Linear in the terms and in the training points for each set of terms that is looked at.

    Examples:
        >>> from heurest.anomaly.examples import two_sensors
        >>> found = explain(two_sensors(), components=["S1", "S2"])
        >>> found.smallest()
        (('S1: D', 'S2: D', 'Y: S1(D) & S2(D)'), True)
        >>> print(found.any_reason([0, 1, 1]))
        anomalous (any; exact, implicants, score 5.69897, bound 5e-07)
          dropped: Y: S1(n1) & S2(n2)
          kept: S1: D, S1: n1, S2: D, S2: n2, Y: S1(D) & S2(D), Y: S1(D) & S2(n2), Y: S1(n1) & S2(D)
          without the dropped terms Y is 0 here, not 1, and 99.9998 % of the training variance is explained
    """
    check_circuit(circuit)
    wire, name = chosen_output(circuit, output)
    if isinstance(components, (str, Wire)) or not isinstance(components, Iterable):
        raise ArgumentError(f"components must be a list of names or wires, got {components!r}")
    if isinstance(epsilon, bool) or not isinstance(epsilon, (float, int, np.floating)) or not 0.0 < epsilon < 1.0:
        raise ArgumentError(f"epsilon must be a number above 0 and below 1, got {epsilon!r}")
    if budget is not None and (isinstance(budget, bool) or not isinstance(budget, Integral) or budget < 1):
        raise ArgumentError(f"budget must be an integer of at least 1, got {budget!r}")
    chosen = [(wire, name), *(chosen_wire(circuit, component, "component") for component in components)]
    wires = [wire for wire, _ in chosen]
    if wire.index in [component.index for component in wires[1:]]:
        raise ArgumentError(f"component {name!r} is the output itself: a component keeps its value, so nothing could be found")
    boolean = is_boolean(lower(circuit, wires))
    if (semantics or (SEMANTICS if boolean else "centred")) != SEMANTICS:
        from heurest.anomaly.additive import additive_explanation

        options: dict[str, Any] = {"tau": tau} | ({} if budget is None else {"budget": budget})
        names = [name for _, name in chosen[1:]]
        return additive_explanation(circuit, wire, train, epsilon, components=names, semantics=semantics or "centred", **options)
    if not boolean:
        raise ArgumentError(f"semantics 'implicants' needs boolean wires, but output {name!r} or a component depends on real ones")
    if tau is not None:
        raise ArgumentError("tau is for sums: an output of implicants is 0 or 1")
    decomposition = decompose(circuit, wires)
    if len(decomposition.terms) > MAX_TERMS:
        raise IntractableError(
            f"output {name!r} of {circuit.name!r} has {len(decomposition.terms):,} terms; sets of terms are searched"
            f" up to {MAX_TERMS:,}, and a detector of gates takes any number"
        )
    data = observations(circuit, train)
    return Explanation(decomposition, [name for _, name in chosen], data, float(epsilon), int(budget or BUDGET))
