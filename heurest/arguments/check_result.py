"""What a check of an argument finds: every claim beside the truth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from heurest.arguments.claims import Claim
from heurest.arguments.listing import describe, source
from heurest.arguments.true_cumulants import Path, TrueValue
from heurest.circuit.circuit import Circuit
from heurest.results import Estimate, finite_or_none

#: What a claim can turn out to be, the worst first.
VERDICTS = ("false", "undecided", "consistent", "true", "deduced")
_MOST_LINES = 100


@dataclass(frozen=True)
class CheckedClaim:
    """A claim beside the truth.

    Attributes:
        claim: The claim.
        path: The cases that it was made in, as (event wire, 0 or 1); empty outside of all.
        verdict: ``true`` (exactly), ``consistent`` (with a sample, or measured and within its error), ``false``, ``undecided`` (the
            sample says nothing), or ``deduced`` (a tracked term states nothing that could be false).
        value: What the claim states, or what its deduced term comes to; of a lemma 1, the probability that it should hold with.
        truth: The true value, exact or sampled; ``None`` where there is none.
        stderr: Standard error of ``truth``; 0 if exact.
        z: Difference in standard errors, the claim's own included; ``None`` if both sides are exact.
        p_value: Probability of such a difference if the claim is true, after Holm's correction for the number of claims tested.
        change: Estimate with the claim minus estimate without it, by output name; ``None`` where it was not found.
        hurts: Whether the estimate of the output that changes most is further from the truth with the claim than without.
        note: What else there is to say, such as a point where a lemma fails.
    """

    claim: Claim
    path: Path
    verdict: str
    value: float | None
    truth: float | None
    stderr: float = 0.0
    z: float | None = None
    p_value: float | None = None
    change: dict[str, float] | None = None
    hurts: bool = False
    note: str = ""


@dataclass(frozen=True, eq=False)
class Check:
    """All claims of an argument beside the truth, false ones first.

    Attributes:
        circuit: The circuit.
        claims: The claims, those within cases and transcripts one by one.
        estimate: The estimate by the argument.
        truth: True expected value by output name.
        samples: Samples drawn where the truth was not exact; 0 if all of it was.
        level: Corrected p-values below this are called false.
    """

    circuit: Circuit
    claims: tuple[CheckedClaim, ...]
    estimate: Estimate
    truth: dict[str, TrueValue]
    samples: int
    level: float

    @property
    def ok(self) -> bool:
        """Whether no claim is false."""
        return not self.false

    @property
    def false(self) -> tuple[CheckedClaim, ...]:
        """The false claims."""
        return tuple(row for row in self.claims if row.verdict == "false")

    def to_dict(self) -> dict[str, Any]:
        """The result ready for JSON; numbers that are not finite become ``None``."""
        name = self.circuit.wire_name
        return {
            "circuit": self.circuit.name,
            "ok": self.ok,
            "samples": self.samples,
            "level": self.level,
            "outputs": {
                output: {
                    "estimate": finite_or_none(self.estimate.value[output]),
                    "truth": finite_or_none(truth.value),
                    "stderr": finite_or_none(truth.stderr),
                }
                for output, truth in self.truth.items()
            },
            "claims": [
                {
                    "claim": describe(self.circuit, row.claim),
                    "from": source(row.claim),
                    "cases": [[name(event) or event, outcome] for event, outcome in row.path],
                    "verdict": row.verdict,
                    **{key: _number(getattr(row, key)) for key in ("value", "truth", "stderr", "z", "p_value")},
                    "change": row.change and {output: finite_or_none(number) for output, number in row.change.items()},
                    "hurts": row.hurts,
                    "note": row.note,
                }
                for row in self.claims
            ],
        }

    def __str__(self) -> str:
        counts = [f"{number} {verdict}" for verdict in VERDICTS if (number := sum(row.verdict == verdict for row in self.claims))]
        how = f"{self.samples:,} samples where the truth is not exact" if self.samples else "the truth is exact"
        lines = [f"check of an argument about {self.circuit.name!r}: {', '.join(counts) or 'no claims'}; {how}"]
        for output, truth in list(self.truth.items())[:8]:
            lines.append(f"  {output}: estimate {self.estimate.value[output]:.10g}, truth {_shown(truth.value, truth.stderr)}")
        if len(self.truth) > 8:
            lines.append(f"  ... {len(self.truth) - 8:,} outputs more")
        cells: list[tuple[str, ...]] = [("", "claim", "from", "says", "truth", "z", "p", "changes")]
        cells += [self._cells(row) for row in self.claims[:_MOST_LINES]]
        widths = [max(len(row[column]) for row in cells) for column in range(8)]
        lines += [
            "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells if self.claims
        ]
        if len(self.claims) > _MOST_LINES:
            lines.append(f"  ... {len(self.claims) - _MOST_LINES:,} claims more")
        hurting = sum(row.hurts and row.verdict != "false" for row in self.claims)
        if hurting:
            lines.append(
                f"  note: {hurting} of the claims that are not false move{'s' if hurting == 1 else ''} the estimate away from the truth"
            )
        return "\n".join(lines)

    def _cells(self, row: CheckedClaim) -> tuple[str, ...]:
        where = "".join(f" if {self.circuit.wire_name(event) or f'#{event}'} = {outcome}" for event, outcome in row.path)
        change = ""
        if row.change:
            output = most_changed(row.change)
            named = f" ({output})" if len(row.change) > 1 else ""
            change = f"{row.change[output]:+.6g}{named}{', away from the truth' if row.hurts else ''}"
        verdict = row.verdict.upper() if row.verdict == "false" else row.verdict
        return (
            verdict,
            describe(self.circuit, row.claim) + where,
            source(row.claim),
            "" if row.value is None else f"{row.value:.6g}",
            "" if row.truth is None else _shown(row.truth, row.stderr),
            "" if row.z is None else f"{row.z:+.2f}",
            "" if row.p_value is None else f"{row.p_value:.2g}",
            ", ".join(filter(None, (change, row.note))),
        )


def most_changed(change: dict[str, float]) -> str:
    """The output that changes most."""
    return max(change, key=lambda output: abs(change[output]) if change[output] == change[output] else -1.0)


def _shown(value: float, stderr: float) -> str:
    return f"{value:.6g} +- {stderr:.2g}" if stderr else f"{value:.10g}"


def _number(value: float | None) -> float | None:
    return None if value is None else finite_or_none(value)
