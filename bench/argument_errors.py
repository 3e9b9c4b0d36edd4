"""How good the estimated remaining error of found arguments is: ``python bench/argument_errors.py [--circuits N] [--families NAME ...]``.

Searches for arguments on seeded random circuits of every family, at several orders and budgets, and compares ``found.error`` with the
error that is really left: against the estimate with all terms of the order, and against the exact mean. Prints Markdown tables.
The families named ``larger/...`` are not among the default ones: the next orders mostly hold more terms there than the search tries.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import isfinite
from statistics import median
from time import perf_counter

import heurest as hr
from arguments import with_sum
from heurest.families.registry import FAMILIES, draw

SEARCHES: tuple[tuple[str, int, int | None], ...] = (("order 2", 2, None), ("order 3", 3, None), ("order 2, degree 2", 2, 2))
BUDGETS = (10, 50)

LARGER: dict[str, Callable[[int], hr.Circuit]] = {
    "larger/bilinear": lambda seed: with_sum(hr.random_bilinear(inputs=6, gates=60, products=0.3, window=None, rng=seed)),
    "larger/quadratic": lambda seed: hr.quadratic_network(widths=(6, 20, 20, 1), rng=seed),
    "larger/boolean": lambda seed: hr.random_boolean(inputs=16, gates=200, rng=seed),
}

_POINTS, _TERMS = 2_000_000, 50_000  # limits of work, not of time: the same circuits on every machine
_NONE = 1e-9  # in units of the output's root mean square: below is rounding
_LARGE = 1e-2  # what counts as a false alarm where no error is left
_FACTOR = 3.0


@dataclass(frozen=True)
class Sample:
    """The error of one output as it was estimated and as it is, both in units of the output's root mean square."""

    family: str
    search: str
    budget: int
    against: str
    estimated: float
    true: float


@dataclass(frozen=True)
class Tally:
    """What a table says of a group of samples; shares in percent, NaN where there is nothing to share."""

    outputs: int
    no_number: int
    left: int
    within: float
    ratio: float
    understated: float
    unseen: float
    alarms: float

    @classmethod
    def of(cls, samples: Sequence[Sample]) -> Tally:
        """Count."""
        sound = [sample for sample in samples if isfinite(sample.estimated) and isfinite(sample.true)]
        left = [sample for sample in sound if sample.true > _NONE]
        none = [sample for sample in sound if sample.true <= _NONE]
        ratios = [sample.estimated / sample.true for sample in left]
        return cls(
            outputs=len(samples),
            no_number=len(samples) - len(sound),
            left=len(left),
            within=_percent(sum(1 / _FACTOR <= ratio <= _FACTOR for ratio in ratios), len(left)),
            ratio=median(ratios) if ratios else float("nan"),
            understated=_percent(sum(ratio < 1 / _FACTOR for ratio in ratios), len(left)),
            unseen=_percent(sum(sample.estimated <= _NONE for sample in left), len(left)),
            alarms=_percent(sum(sample.estimated > _LARGE for sample in none), len(none)),
        )


def circuits_of(name: str, count: int, seed: int) -> Iterator[hr.Circuit]:
    """Circuits of a family of the registry or of a larger one."""
    if name in LARGER:
        yield from (LARGER[name](seed * count + number) for number in range(count))
    else:
        yield from draw(name, count, seed)


def measure(name: str, count: int, seed: int) -> tuple[list[Sample], int]:
    """Samples of one family, and on how many of its circuits the exact mean was out of reach."""
    samples, unknown = [], 0
    for circuit in circuits_of(name, count, seed):
        try:
            truth = hr.exact(circuit, max_points=_POINTS, max_terms=_TERMS)
        except hr.IntractableError:
            truth = None
            unknown += 1
        outputs = ("sum",) if "sum" in circuit.outputs else None
        for search, order, degree in SEARCHES:
            full = hr.estimate(circuit, f"cumulant:{order}").value if degree is None else None
            for budget in BUDGETS:
                found = hr.find_argument(circuit, order=order, budget=budget, degree=degree, outputs=outputs)
                if full is None and found.exhausted:
                    full = found.everything
                for output, value in found.value.items():
                    size = truth.rms(output) if truth else float("nan")
                    if not isfinite(size) or size == 0.0:
                        size = max(abs(found.everything[output]), abs(value)) or 1.0
                    estimated = found.error[output] / size
                    for against, reference in (("all terms", full), ("exact", truth.value if truth else None)):
                        if reference is not None:
                            true = abs(value - reference[output]) / size
                            samples.append(Sample(name, search, budget, against, estimated, true))
    return samples, unknown


def _percent(part: int, whole: int) -> float:
    return 100.0 * part / whole if whole else float("nan")


def _share(percent: float) -> str:
    return f"{percent:.0f} %" if isfinite(percent) else "-"


def table(samples: Sequence[Sample]) -> list[str]:
    """A line a search and budget."""
    lines = [
        "| | outputs | no number | error left | within 3 | median ratio | understated | unseen | false alarms |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    groups: dict[str, list[Sample]] = {}
    for sample in samples:
        groups.setdefault(f"{sample.search}, {sample.budget} terms", []).append(sample)
    for label, group in [*groups.items(), ("**all**", list(samples))]:
        tally = Tally.of(group)
        shares = [_share(tally.understated), _share(tally.unseen), _share(tally.alarms)]
        counts = [str(tally.outputs), str(tally.no_number), str(tally.left)]
        lines.append(f"| {' | '.join([label, *counts, _share(tally.within), f'{tally.ratio:.3g}', *shares])} |")
    return lines


def family_table(samples: Sequence[Sample]) -> list[str]:
    """A line a family, a column a search: share within 3, understated and false alarms, and the median ratio."""
    labels = [search for search, _, _ in SEARCHES]
    lines = [f"| family | {' | '.join(labels)} |", f"| --- |{' ---: |' * len(labels)}"]
    for family in dict.fromkeys(sample.family for sample in samples):
        cells = []
        for label in labels:
            tally = Tally.of([sample for sample in samples if sample.family == family and sample.search == label])
            shares = " / ".join(_share(share).removesuffix(" %") for share in (tally.within, tally.understated, tally.alarms))
            cells.append(f"{shares} ({tally.ratio:.2g})" if tally.left else shares)
        lines.append(f"| {family} | {' | '.join(cells)} |")
    return lines


def main(words: list[str]) -> int:
    """Measure, with progress on stderr, and print the tables."""
    parser = argparse.ArgumentParser(prog="argument_errors", description="How good the estimated error of found arguments is.")
    parser.add_argument("--circuits", type=int, default=100, help="circuits a family")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--families",
        nargs="*",
        default=[name for name in FAMILIES if not name.startswith("logic/")],
        choices=[*FAMILIES, *LARGER],
        metavar="NAME",
    )
    chosen = parser.parse_args(words)
    samples: list[Sample] = []
    unknown = 0
    for name in chosen.families:
        begin = perf_counter()
        more, missing = measure(name, chosen.circuits, chosen.seed)
        samples += more
        unknown += missing
        print(f"{name}: {perf_counter() - begin:.1f} s, {missing} without an exact mean", file=sys.stderr, flush=True)
    total = chosen.circuits * len(chosen.families)
    print(f"{total} circuits of {len(chosen.families)} families; the exact mean was out of reach for {unknown}.")
    for against in ("all terms", "exact"):
        compared = [sample for sample in samples if sample.against == against]
        print(f"\nAgainst {against}:\n")
        print("\n".join([*table(compared), "", *family_table(compared)]), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
