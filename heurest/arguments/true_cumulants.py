"""True joint cumulants of many groups of wires at once: by all points, by cumulants without a cut, or by one sample."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from math import inf, nan

import numpy as np
from numpy.typing import NDArray

from heurest.arguments.joint_moments import FloatArray, JointMoments, Multiset
from heurest.circuit.circuit import Circuit
from heurest.errors import IntractableError
from heurest.program.reference import ReferenceCumulants
from heurest.truth.options import Progress
from heurest.truth.wire_values import WireValues

# Groups of samples that are left out in turn, for standard errors.
_GROUPS = 256
# Cumulants of one pass: each takes a few numbers for every group of samples.
_CHUNK = 20_000
# What uncut cumulants may cost for one term and for all of them, as `ReferenceCumulants` counts: about a second, and ten.
_WORK_EACH = 1e5
_WORK_IN_ALL = 1e6

#: The cases that something holds in: pairs of an event wire and its value, outermost first.
Path = tuple[tuple[int, int], ...]
Wanted = tuple[Path, Multiset]


@dataclass(frozen=True)
class TrueValue:
    """A joint cumulant as it is in truth.

    Attributes:
        value: The cumulant; NaN where its cases did not come up.
        stderr: Standard error; 0 if exact.
        samples: Samples that it is from, those within its cases; 0 if exact.
        scale: Product of the standard deviations of the wires, in which rounding is measured.
    """

    value: float
    stderr: float
    samples: int
    scale: float

    @property
    def exact(self) -> bool:
        """Whether there is no sampling error."""
        return self.samples == 0


def true_cumulants(
    circuit: Circuit, wanted: Iterable[Wanted], *, samples: int, entropy: int, max_points: int, progress: Progress | None = None
) -> dict[Wanted, TrueValue]:
    """True joint cumulants, conditional ones where cases are given.

    All are exact where the inputs that their wires read have finite laws with at most ``max_points`` points in all. Elsewhere the
    unconditional ones that need few cumulants without a cut are exact, and the others are from one sample.

    Args:
        circuit: The circuit.
        wanted: Cases and wires, sorted, repeats allowed.
        samples: Samples of one pass.
        entropy: Seed.
        max_points: The most points that are enumerated.
        progress: Called as ``progress(done, total, what)``.

    Raises:
        IntractableError: The memory does not suffice.
    """
    wanted = sorted(set(wanted))
    found: dict[Wanted, TrueValue] = {}
    for start in range(0, len(wanted), _CHUNK):
        part = wanted[start : start + _CHUNK]
        points = WireValues(circuit, _named(part), max_points, progress=progress)
        if points.num_points is not None:
            found |= _by_points(points, part)
            continue
        found |= _uncut(circuit, [(path, wires) for path, wires in part if not path])
        rest = [key for key in part if key not in found]
        if rest:
            found |= _by_sample(WireValues(circuit, _named(rest), progress=progress), rest, samples, entropy)
    return found


def within(path: Path, row_of: dict[int, int], values: FloatArray) -> NDArray[np.bool_]:
    """Which points lie in the cases of a path."""
    inside = np.ones(values.shape[1], np.bool_)
    for event, outcome in path:
        inside &= values[row_of[event]] == outcome
    return inside


def _named(wanted: Sequence[Wanted]) -> set[int]:
    return set(chain.from_iterable((*(event for event, _ in path), *wires) for path, wires in wanted))


def _uncut(circuit: Circuit, wanted: Sequence[Wanted]) -> dict[Wanted, TrueValue]:
    """Those that the rules of propagation without a cut reach, which is exact."""
    found: dict[Wanted, TrueValue] = {}
    if not wanted:
        return found
    reference = ReferenceCumulants(circuit, None, max_work=0.0)
    for key in wanted:
        if reference.work >= _WORK_IN_ALL:
            break
        reference.max_work = reference.work + _WORK_EACH
        try:
            value = reference.joint_cumulant(key[1])
        except IntractableError:
            continue
        if value == value:  # an overflow is left to the sample
            found[key] = TrueValue(value, 0.0, 0, abs(value))
    return found


def _by_points(points: WireValues, wanted: Sequence[Wanted]) -> dict[Wanted, TrueValue]:
    first, weights = next(points.enumerated())
    origin = first @ (weights / weights.sum()) if weights.sum() > 0.0 else first[:, 0]
    zero = np.zeros(first.shape[1], np.int64)
    batches = ((values, weights, zero[: len(weights)]) for values, weights in points.enumerated())
    return _gathered(points, wanted, batches, origin, 1)


def _by_sample(points: WireValues, wanted: Sequence[Wanted], samples: int, entropy: int) -> dict[Wanted, TrueValue]:
    groups = min(_GROUPS, samples // 2)
    origin = next(points.sampled(entropy, min(samples, 1000))).mean(axis=1)

    def batches() -> Iterator[tuple[FloatArray, FloatArray, NDArray[np.int64]]]:
        done = 0
        for values in points.sampled(entropy, samples):
            count = values.shape[1]
            yield values, np.ones(count), np.arange(done, done + count) * groups // samples
            done += count

    return _gathered(points, wanted, batches(), origin, groups)


def _gathered(
    points: WireValues,
    wanted: Sequence[Wanted],
    batches: Iterable[tuple[FloatArray, FloatArray, NDArray[np.int64]]],
    origin: FloatArray,
    groups: int,
) -> dict[Wanted, TrueValue]:
    """Sum over all batches, for every path apart, and put the cumulants together."""
    row_of = {wire: row for row, wire in enumerate(points.wires)}
    rows = {key: tuple(sorted(row_of[wire] for wire in key[1])) for key in wanted}
    moments: dict[Path, JointMoments] = {}
    for path in {path for path, _ in wanted}:
        moments[path] = JointMoments((rows[key] for key in wanted if key[0] == path), groups)
        moments[path].origin = np.nan_to_num(origin[moments[path].rows], posinf=0.0, neginf=0.0)
    for values, weights, group in batches:
        values = values[:, : len(weights)]
        for path, sums in moments.items():
            sums.add(values, weights, group, np.flatnonzero(within(path, row_of, values)) if path else None)
    found: dict[Wanted, TrueValue] = {}
    for path, wires in wanted:
        sums, key = moments[path], rows[path, wires]
        weight = float(sums.weight.sum())
        if weight <= 0.0:
            found[path, wires] = TrueValue(nan, inf if groups > 1 else 0.0, 0, 0.0)
            continue
        with np.errstate(all="ignore"):
            scale = float(np.prod([sums.std(row) for row in key])) if len(key) > 1 else max(abs(sums.mean(key[0])), sums.std(key[0]))
        error = sums.stderr(key) if groups > 1 else 0.0
        found[path, wires] = TrueValue(sums.cumulant(key), error, int(weight) if groups > 1 else 0, scale)
    return found
