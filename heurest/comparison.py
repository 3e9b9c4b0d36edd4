"""Comparison: estimators times circuits, next to a ground truth and to what sampling reaches in the same time."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from functools import partial
from statistics import median
from typing import Any

import numpy as np

from heurest.circuit.circuit import Circuit
from heurest.circuit.validation import check_circuit
from heurest.errors import ArgumentError, IntractableError
from heurest.estimators.base import Estimator
from heurest.methods import parse_method
from heurest.program import lower
from heurest.results import Estimate, Truth, finite_or_none
from heurest.truth import ground_truth, monte_carlo

Progress = Callable[[int, int, str], None]

# Samples that measure how fast plain sampling is on a circuit.
_RATE_SAMPLES = 8192

# The truth's random numbers must not be those of a method that samples with the same seed.
_TRUTH_STREAM = 7

# Estimates quicker than this are timed more than once.
_QUICK = 0.02


@dataclass(frozen=True)
class Row:
    """One estimator on one output of one circuit.

    Attributes:
        family: Family of the circuit; the command line gives circuits from files the file's name.
        circuit: Name of the circuit.
        output: Name of the output.
        estimator: The method as it was asked for, such as ``cumulant:2``.
        method: Its full specification, such as ``cumulant:2:expansion=node``.
        estimate: Estimated expectation; ``None`` where the method could not answer (``note`` says why).
        truth: Expected value, exact or sampled.
        truth_stderr: Standard error of the truth; 0 when exact.
        truth_method: How the truth was found.
        rms: Root mean square of the output under its law.
        error: ``estimate - truth``.
        relative_error: ``error`` in units of ``rms``; where that is 0, ``error`` itself.
        seconds: Planning and running the method on the circuit, for all outputs together; compilation apart.
        compile_seconds: Compiling the method's kernels, once a process.
        plan_seconds: Lowering.
        run_seconds: Propagation.
        terms: Cumulants tracked at the peak.
        bytes: Memory used.
        equal_samples: Number of plain samples whose standard error equals ``error``: Var(Y) / error^2; ``None`` where the
            error cannot be told from the truth's own standard error.
        equal_time_error: Standard error of plain sampling in ``seconds``, in the units of ``relative_error``.
        note: Warnings of the method, or why it failed.
    """

    family: str
    circuit: str
    output: str
    estimator: str
    method: str
    estimate: float | None
    truth: float
    truth_stderr: float
    truth_method: str
    rms: float
    error: float | None
    relative_error: float | None
    seconds: float | None
    compile_seconds: float | None
    plan_seconds: float | None
    run_seconds: float | None
    terms: int | None
    bytes: int | None
    equal_samples: float | None
    equal_time_error: float | None
    note: str


@dataclass(frozen=True)
class Summary:
    """One estimator over the rows of one family, errors in units of the outputs' root mean squares.

    Attributes:
        family: Family of the circuits; ``all`` for everything.
        estimator: The method as it was asked for.
        rows: How many outputs were compared.
        failures: How many of them the method could not answer, or answered with an overflow; they do not enter the other
            figures.
        mean_error: Mean of ``|relative_error|``.
        rmse: Root mean square of ``relative_error``.
        bias: Mean of ``relative_error``.
        slope: Least-squares slope of truth on estimate through the origin, both in units of the root mean square;
            1 when errors cannot be predicted from the estimate.
        slope_stderr: Its standard error.
        truth_error: Mean standard error of the truths, in the same units: smaller errors cannot be told apart.
        seconds: Median time for a circuit, compilation apart.
        compile_seconds: Time to compile, once.
        equal_samples: Number of plain samples whose root mean square error over the rows is the same; ``None`` where it
            is lost in the noise of the truths.
        equal_time_error: Mean of the standard errors of plain sampling in the same time.
    """

    family: str
    estimator: str
    rows: int
    failures: int
    mean_error: float | None
    rmse: float | None
    bias: float | None
    slope: float | None
    slope_stderr: float | None
    truth_error: float | None
    seconds: float | None
    compile_seconds: float | None
    equal_samples: float | None
    equal_time_error: float | None


@dataclass(frozen=True, eq=False)
class Comparison:
    """The result of `compare`: its settings, a row for each output and method, and summaries."""

    settings: dict[str, Any]
    rows: tuple[Row, ...]
    summary: tuple[Summary, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "summary", tuple(_summaries(self.rows)))

    def to_dict(self) -> dict[str, Any]:
        """Settings, rows and summary, ready for JSON."""
        return {
            "settings": self.settings,
            "rows": [{key: _plain(value) for key, value in asdict(row).items()} for row in self.rows],
            "summary": [{key: _plain(value) for key, value in asdict(row).items()} for row in self.summary],
        }

    def to_csv(self) -> str:
        """The rows as comma-separated values with a header; what is missing is empty."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow([column.name for column in fields(Row)])
        writer.writerows(["" if value is None else value for value in map(_plain, asdict(row).values())] for row in self.rows)
        return text.getvalue()

    def __str__(self) -> str:
        lines = [f"{'family':<20} {'estimator':<20} {'mean error':>11} {'seconds':>9}"]
        for row in self.summary:
            error = "-" if row.mean_error is None else f"{row.mean_error:.3g}"
            seconds = "-" if row.seconds is None else f"{row.seconds:.2g}"
            lines.append(f"{row.family:<20} {row.estimator:<20} {error:>11} {seconds:>9}")
        return "\n".join(lines)


def with_every_wire(circuit: Circuit) -> Circuit:
    """A copy in which every wire that feeds an output is an output itself, to compare methods on all of them; constants are left out."""
    program = lower(circuit)
    copy, known = circuit.copy(), {wire.index for wire in circuit.outputs.values()}
    for index in np.flatnonzero(program.wire_value >= 0).tolist():
        name = circuit.wire_name(index) or f"#{index}"
        if index not in known and name not in copy.outputs:
            copy.output(name, copy.wire(index))
    return copy


def compare(
    circuits: Circuit | Iterable[Circuit] | Iterable[tuple[str, Circuit]],
    methods: str | Estimator | Sequence[str | Estimator] = ("mean", "cumulant:2", "cumulant:3"),
    *,
    truth: str = "auto",
    samples: int = 100_000,
    seed: int = 0,
    max_memory: int | None = None,
    progress: Progress | None = None,
) -> Comparison:
    """Run methods on circuits and hold them against a ground truth.

    Args:
        circuits: A circuit, several, or pairs of a family's name and a circuit; each is frozen by this.
        methods: A specification such as ``cumulant:2``, an estimator, or several of them.
        truth: ``auto`` takes exact values where they fit its budget and Monte Carlo elsewhere; ``exact``; ``mc``.
        samples: Samples of a Monte Carlo truth.
        seed: Seed of all sampling.
        max_memory: Bytes that a method may use; by default what is free.
        progress: Called as ``progress(done, total, what)``.

    Returns:
        The comparison. A method that cannot answer gives rows without an estimate, whose note says why. An interrupt
        from the keyboard ends the work early: the result holds what was finished, ``settings["interrupted"]`` is true.

    Raises:
        ArgumentError: A method is unknown, or there is nothing to compare.
        IntractableError: ``truth="exact"`` and an exact value is out of reach.

    Examples:
        >>> import heurest as hr
        >>> c = hr.Circuit("square")
        >>> x = c.input("x", hr.Normal(3, 1))
        >>> c.output("y", x**2)
        >>> r = hr.compare([c], ["mean", "cumulant:2"])
        >>> [(row.estimator, row.estimate, row.truth) for row in r.rows]
        [('mean', 9.0, 10.0), ('cumulant:2', 10.0, 10.0)]
    """
    chosen = methods if isinstance(methods, Sequence) and not isinstance(methods, str) else [methods]
    parsed = [(method if isinstance(method, str) else parse_method(method).spec, parse_method(method)) for method in chosen]
    estimators = dict(parsed)  # by what they were asked for as; the same one twice counts once
    items = [circuits] if isinstance(circuits, Circuit) else circuits
    pairs = [item if isinstance(item, tuple) else ("circuit", item) for item in items]
    for _, circuit in pairs:
        check_circuit(circuit)
    if not estimators or not pairs:
        raise ArgumentError("nothing to compare: at least one circuit and one method are needed")
    rows: list[Row] = []
    interrupted = False
    try:
        for done, (family, circuit) in enumerate(pairs):
            if progress:
                progress(done, len(pairs), circuit.name)
            rows += _rows_of(family, circuit, estimators, truth, samples, seed, max_memory)
        if progress:
            progress(len(pairs), len(pairs), "")
    except KeyboardInterrupt:
        if not rows:
            raise
        interrupted = True
    settings = {
        "circuits": len(pairs),
        "estimators": list(estimators),
        "truth": truth,
        "samples": samples,
        "seed": seed,
        "interrupted": interrupted,
    }
    return Comparison(settings, tuple(rows))


def _rows_of(
    family: str, circuit: Circuit, estimators: Mapping[str, Estimator], truth: str, samples: int, seed: int, max_memory: int | None
) -> list[Row]:
    reference = ground_truth(circuit, truth, samples=samples, rng=np.random.default_rng([seed, _TRUTH_STREAM]))
    # Sampling is timed even where the truth is exact: its error in equal time stands beside every estimate.
    sampled = monte_carlo(circuit, samples=_RATE_SAMPLES, rng=seed) if reference.exact else reference
    if reference.interrupted or sampled.interrupted:
        raise KeyboardInterrupt
    rows = []
    for name, estimator in estimators.items():
        try:
            result: Estimate | None = _timed(partial(estimator.estimate, circuit, max_memory=max_memory))
            note = ""
        except IntractableError as problem:
            result, note = None, str(problem)
        labels = {"family": family, "circuit": circuit.name, "estimator": name, "method": estimator.spec}
        rows += [_row(labels | {"output": output}, result, reference, sampled, note) for output in circuit.outputs]
    return rows


def _timed(estimate: Callable[[], Estimate]) -> Estimate:
    """An estimate; a quick one is made three times and the one of median time is kept, since shared machines stutter."""
    first = estimate()
    if _seconds(first) >= _QUICK:
        return first
    middle = sorted([first, estimate(), estimate()], key=_seconds)[1]
    return replace(middle, seconds=middle.seconds | {"compile": first.seconds.get("compile", 0.0)})


def _seconds(result: Estimate) -> float:
    return result.seconds.get("plan", 0.0) + result.seconds.get("run", 0.0)


@np.errstate(over="ignore", invalid="ignore")  # a truth or an estimate that overflows stands as it is
def _row(labels: dict[str, str], result: Estimate | None, truth: Truth, sampled: Truth, note: str) -> Row:
    output = labels["output"]
    variance = truth.variance[output] if np.isfinite(truth.variance[output]) else sampled.variance[output]
    unit = float(np.sqrt(variance + truth.value[output] ** 2))
    common: dict[str, Any] = {
        **labels,
        "truth": truth.value[output],
        "truth_stderr": truth.stderr[output],
        "truth_method": truth.method,
        "rms": unit,
    }
    if result is None:
        missing = dict.fromkeys(column.name for column in fields(Row) if column.name not in common)
        return Row(**(common | missing | {"note": note}))
    error = result.value[output] - truth.value[output]
    phases = {phase: result.seconds.get(phase, 0.0) for phase in ("compile", "plan", "run")}
    seconds = _seconds(result)
    per_sample = (sampled.seconds.get("draw", 0.0) + sampled.seconds.get("run", 0.0)) / sampled.samples
    return Row(
        **common,
        estimate=result.value[output],
        error=error,
        relative_error=_in_units(error, unit),
        seconds=seconds,
        compile_seconds=phases["compile"],
        plan_seconds=phases["plan"],
        run_seconds=phases["run"],
        terms=result.terms,
        bytes=result.bytes,
        equal_samples=_equal_samples(variance, error**2, truth.stderr[output]),
        equal_time_error=_in_units(float(np.sqrt(max(variance, 0.0) * per_sample / seconds)), unit) if seconds > 0 else np.inf,
        note="; ".join(result.warnings),
    )


def _equal_samples(variance: float, square_error: float, stderr: float) -> float | None:
    """Plain samples of the same mean square error, unless that is lost in the noise of the truth."""
    if stderr > 0.0 and square_error <= 4.0 * stderr**2:
        return None
    return variance / square_error if square_error > 0.0 else np.inf


def _in_units(value: float, unit: float) -> float:
    """A difference in units of a root mean square; an output that is always 0 has none, and the difference stands as it is."""
    return value / unit if unit > 0.0 else value


def _summaries(rows: Sequence[Row]) -> Iterable[Summary]:
    families = list(dict.fromkeys(row.family for row in rows))
    methods = list(dict.fromkeys(row.estimator for row in rows))
    for family in [*families, "all"] if len(families) > 1 else families:
        for method in methods:
            chosen = [row for row in rows if row.estimator == method and family in (row.family, "all")]
            if chosen:
                yield _summary(family, method, chosen)


def _summary(family: str, method: str, rows: Sequence[Row]) -> Summary:
    answered = [row for row in rows if row.relative_error is not None and np.isfinite(row.relative_error)]
    figures: dict[str, float | None] = dict.fromkeys(column.name for column in fields(Summary)[4:])
    if answered:
        errors = np.array([row.relative_error for row in answered], dtype=float)
        units = np.array([row.rms or 1.0 for row in answered])
        estimates = np.array([row.estimate for row in answered], dtype=float) / units
        truths = np.array([row.truth for row in answered]) / units
        slope, slope_stderr = _slope(estimates, truths)
        figures = {
            "mean_error": float(np.abs(errors).mean()),
            "rmse": float(np.sqrt((errors**2).mean())),
            "bias": float(errors.mean()),
            "slope": slope,
            "slope_stderr": slope_stderr,
            "truth_error": float(np.mean([row.truth_stderr for row in answered] / units)),
            "seconds": median(row.seconds or 0.0 for row in answered),
            "compile_seconds": max(row.compile_seconds or 0.0 for row in answered),
            "equal_samples": _equal_samples(
                float(np.mean([max(0.0, 1.0 - (row.truth / row.rms) ** 2) if row.rms else 0.0 for row in answered])),
                float((errors**2).mean()),
                float(np.sqrt(np.mean([(row.truth_stderr / (row.rms or 1.0)) ** 2 for row in answered]))),
            ),
            "equal_time_error": float(np.mean([row.equal_time_error for row in answered])),
        }
    return Summary(family, method, len(rows), len(rows) - len(answered), **figures)


def _slope(estimates: np.ndarray[Any, Any], truths: np.ndarray[Any, Any]) -> tuple[float | None, float | None]:
    square = float(estimates @ estimates)
    if square == 0.0 or len(estimates) < 2:
        return None, None
    slope = float(estimates @ truths) / square
    residual = truths - slope * estimates
    return slope, float(np.sqrt((residual @ residual) / (len(estimates) - 1) / square))


def _plain(value: Any) -> Any:
    return finite_or_none(value) if isinstance(value, float) else value
