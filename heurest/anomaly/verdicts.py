"""What a test of one input finds, in one record for all tests."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import Any

from heurest.errors import ArgumentError
from heurest.results import finite_or_none

#: What a test can say of an input.
VERDICTS = ("ok", "anomalous", "undecided")
#: The tests that speak: reasons that training needed, any reasons, broken regularities, leverage, mechanisms of gates.
REASONS = ("normal", "any", "lemma", "leverage", "gates")
_MOST_NAMES = 12


@dataclass(frozen=True)
class Verdict:
    """What a test says of one input.

    Attributes:
        verdict: ``ok``, ``anomalous``, or ``undecided`` where the budget did not suffice.
        reason: The test: ``normal`` (a set of terms that explains training fails here), ``any`` (the same, with all
            components right), ``lemma`` (a wire that never changed in training did), ``leverage``, or ``gates``.
        score: The test's number for this input, the larger the stranger; ``None`` where it has none.
        bound: Bound on how often clean inputs are flagged; ``None`` where there is none. For terms and their leverage it is about the
            points, or the law, that they were trained on, and new inputs can be flagged more often if these were few; for lemmas, gates,
            and a threshold from points that were held out it is the probability for a new input of the same law.
        kept: Names of the terms that the witness keeps; empty without a witness.
        dropped: Names of the terms that the witness drops, or of what is new.
        semantics: What the terms are and how they are dropped, such as ``implicants``.
        exact: Whether the answer is a theorem about these terms and this training, not a heuristic.
        note: What else there is to say.
    """

    verdict: str
    reason: str
    score: float | None = None
    bound: float | None = None
    kept: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    semantics: str = ""
    exact: bool = True
    note: str = ""

    def __post_init__(self) -> None:
        for value, known, what in ((self.verdict, VERDICTS, "verdict"), (self.reason, REASONS, "reason")):
            if value not in known:
                raise ArgumentError(f"a {what} must be one of {', '.join(known)}, got {value!r}")

    @property
    def anomalous(self) -> bool:
        """Whether the input was flagged."""
        return self.verdict == "anomalous"

    def to_dict(self) -> dict[str, Any]:
        """The result ready for JSON; a score that is infinite becomes ``"infinite"``, any other number that is not finite ``None``."""
        return {
            "verdict": self.verdict,
            "reason": self.reason,
            "score": "infinite" if self.score == inf else None if self.score is None else finite_or_none(self.score),
            "bound": None if self.bound is None else finite_or_none(self.bound),
            "kept": list(self.kept),
            "dropped": list(self.dropped),
            "semantics": self.semantics,
            "exact": self.exact,
            "note": self.note,
        }

    def __str__(self) -> str:
        numbers = [f"{name} {value:.6g}" for name, value in (("score", self.score), ("bound", self.bound)) if value is not None]
        how = ", ".join(filter(None, ("exact" if self.exact else "heuristic", self.semantics, *numbers)))
        lines = [f"{self.verdict} ({self.reason}; {how})"]
        lines += [f"  {what}: {_listed(names)}" for what, names in (("dropped", self.dropped), ("kept", self.kept)) if names]
        return "\n".join([*lines, *([f"  {self.note}"] if self.note else [])])


def _listed(names: tuple[str, ...]) -> str:
    more = len(names) - _MOST_NAMES
    return ", ".join(names[:_MOST_NAMES]) + (f" and {more:,} more" if more > 0 else "")
