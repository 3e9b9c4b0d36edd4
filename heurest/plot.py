"""Pictures with matplotlib: a comparison (error against time, with plain sampling as the rival) and the curve of a search."""

from __future__ import annotations

from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from heurest.errors import ArgumentError
from heurest.formats.whole_files import write_whole

if TYPE_CHECKING:
    from heurest.arguments.search import FoundArgument
    from heurest.comparison import Comparison

# Errors below this, in units of the output's root mean square, are rounding: drawn on the picture's floor as exact.
_FLOOR = 1e-12
_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")  # told apart by the colour-blind, too
_MARKERS = "osD^vP*X<>"
_ENDINGS = (".png", ".svg", ".pdf")


def check_plot_path(path: str | Path) -> Path:
    """The path of a picture that can be written, before any work is done.

    Raises:
        ArgumentError: The ending is unknown, or matplotlib is not installed.
    """
    target = Path(path)
    if target.suffix.lower() not in _ENDINGS:
        raise ArgumentError(f"{target}: a picture must end in one of {', '.join(_ENDINGS)}, not {target.suffix or 'nothing'!r}")
    if find_spec("matplotlib") is None:
        raise ArgumentError("drawing needs matplotlib: pip install 'heurest[plot]'")
    return target


def plot_comparison(comparison: Comparison, path: str | Path) -> None:
    """Draw error against time, both logarithmic, and save the picture.

    Small points are circuits (the mean over a circuit's outputs), large ones a method's mean error and median time
    over everything. The line is the mean standard error of plain sampling on the same outputs in the time below it, the
    band its middle half over outputs. Errors are in units of the output's root mean square; those below 1e-12 are
    drawn in the band at the foot, which is no part of the scale.

    Args:
        comparison: What `heurest.compare` returned.
        path: A file that ends in ``.png``, ``.svg`` or ``.pdf``.

    Raises:
        ArgumentError: The ending is unknown, matplotlib is not installed, or no row holds an estimate.
        FormatError: The file cannot be written.
    """
    target = check_plot_path(path)
    if not isinstance(getattr(comparison, "rows", None), tuple):
        raise ArgumentError(f"{target}: a comparison is drawn, got {comparison!r:.80}")
    points = _points(comparison)
    if not points:
        raise ArgumentError(f"{target}: nothing to draw, no method gave an estimate")
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.0, 4.6), layout="constrained")
    axes = figure.add_subplot()
    families = list(dict.fromkeys(row.family for row in comparison.rows))
    floor = _lowest(points) / 20
    _draw_sampling(axes, comparison)
    for i, (method, rows) in enumerate(points.items()):
        colour = _COLOURS[i % len(_COLOURS)]
        for family, seconds, error in rows:
            marker = _MARKERS[families.index(family) % len(_MARKERS)]
            height = error if error > _FLOOR else floor * 1.25 ** (families.index(family) % len(_MARKERS))  # families side by side
            axes.plot(seconds, height, marker, color=colour, markersize=4.5, alpha=0.6, markeredgewidth=0)
        mean = float(np.mean([error for _, _, error in rows]))
        seconds = float(np.median([seconds for _, seconds, _ in rows]))
        axes.plot(seconds, max(mean, floor), "o", color=colour, markersize=11, markeredgecolor="white", label=method, zorder=5)
    axes.set(
        xscale="log", yscale="log", xlabel="seconds for a circuit, without compilation", ylabel="error / root mean square of the output"
    )
    if any(error <= _FLOOR for rows in points.values() for _, _, error in rows):
        _mark_exact(axes, floor)
    axes.grid(True, which="major", color="0.92")
    axes.set_axisbelow(True)
    handles, labels = axes.get_legend_handles_labels()
    if len(families) > 1:
        for i, family in enumerate(families):
            handles += axes.plot([], [], _MARKERS[i % len(_MARKERS)], color="0.5", markersize=4)
            labels.append(family)
    figure.legend(handles, labels, loc="outside right upper", fontsize=8, frameon=False)
    picture = BytesIO()
    figure.savefig(picture, dpi=160, format=target.suffix[1:].lower())
    write_whole(target, picture.getvalue())


def plot_curve(found: FoundArgument, path: str | Path) -> None:
    """Draw what a search found, against the length of the argument, and save the picture.

    Above: the estimate of each output, in units of its estimate with everything looked at, with a band of the estimated error.
    Below: that error alone, on a logarithmic scale. At most seven outputs are drawn, those with the largest corrections.

    Args:
        found: What `heurest.find_argument` returned.
        path: A file that ends in ``.png``, ``.svg`` or ``.pdf``.

    Raises:
        ArgumentError: The ending is unknown, matplotlib is not installed, or it is no result of a search.
        FormatError: The file cannot be written.
    """
    target = check_plot_path(path)
    if not isinstance(getattr(found, "curve", None), tuple) or not found.curve:
        raise ArgumentError(f"{target}: the result of a search is drawn, got {found!r:.80}")
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.0, 5.2), layout="constrained")
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=(3, 2))
    terms = np.array([point.terms for point in found.curve])
    moved = {name: abs(found.everything[name] - found.curve[0].value[name]) for name in found.everything}
    names = sorted(moved, key=lambda name: -moved[name] if np.isfinite(moved[name]) else 0.0)[: len(_COLOURS)]
    for name, colour in zip(names, _COLOURS, strict=False):
        scale = abs(found.everything[name]) or 1.0
        value = np.array([point.value[name] for point in found.curve]) / scale
        error = np.array([point.error[name] for point in found.curve]) / scale
        value, error = (np.where(np.isfinite(numbers), numbers, np.nan) for numbers in (value, error))  # what overflowed is left out
        above.fill_between(terms, value - error, value + error, color=colour, alpha=0.15, linewidth=0)
        above.plot(terms, value, ".-", color=colour, label=name)
        below.plot(terms, np.where(error > 0.0, error, np.nan), ".-", color=colour)
    above.set(ylabel="estimate / with everything")
    below.set(ylabel="estimated error", xlabel=f"terms in the argument, of {len(found.transcript.looked_at):,} looked at", yscale="log")
    below.set_xscale("symlog", linthresh=1)
    below.set_xlim(left=0)
    for axes in (above, below):
        axes.grid(True, which="major", color="0.92")
        axes.set_axisbelow(True)
    figure.legend(loc="outside right upper", fontsize=8, frameon=False)
    picture = BytesIO()
    figure.savefig(picture, dpi=160, format=target.suffix[1:].lower())
    write_whole(target, picture.getvalue())


def _mark_exact(axes: Any, floor: float) -> None:
    """A band under the axis, cut off from the numbers above it, for errors that are rounding."""
    top = floor * 6
    axes.axhspan(floor / 2, top, color="0.96", linewidth=0, zorder=0)
    axes.set_ylim(bottom=floor / 2)
    exponents = np.arange(np.ceil(np.log10(top)), np.floor(np.log10(axes.get_ylim()[1])) + 1)
    axes.set_yticks([floor * 1.6, *10.0**exponents], labels=["exact", *(f"$10^{{{exponent:.0f}}}$" for exponent in exponents)])
    axes.set_yticks([], minor=True)


def _points(comparison: Comparison) -> dict[str, list[tuple[str, float, float]]]:
    """For each method, a circuit's family, time and mean error over its outputs."""
    collected: dict[str, dict[tuple[str, str], list[tuple[float, float]]]] = {}
    for row in comparison.rows:
        if row.relative_error is not None and row.seconds and np.isfinite(row.relative_error):
            of_circuit = collected.setdefault(row.estimator, {}).setdefault((row.family, row.circuit), [])
            of_circuit.append((row.seconds, abs(row.relative_error)))
    return {
        method: [(family, rows[0][0], float(np.mean([error for _, error in rows]))) for (family, _), rows in circuits.items()]
        for method, circuits in collected.items()
    }


def _lowest(points: dict[str, list[tuple[str, float, float]]]) -> float:
    return min((error for rows in points.values() for _, _, error in rows if error > _FLOOR), default=1e-3)


def _draw_sampling(axes: Any, comparison: Comparison) -> None:
    """The standard error of plain sampling: mean and quartiles over outputs, which fall with the square root of time."""
    rates = [row.equal_time_error * row.seconds**0.5 for row in comparison.rows if row.equal_time_error and row.seconds]
    rates = [rate for rate in rates if np.isfinite(rate)]
    if not rates:
        return
    times = [row.seconds for row in comparison.rows if row.seconds]
    span = np.array([min(times) / 2, max(times) * 2])
    (low, high), middle = np.quantile(rates, [0.25, 0.75]), np.mean(rates)
    axes.fill_between(span, low / span**0.5, high / span**0.5, color="0.85", linewidth=0)
    axes.plot(span, middle / span**0.5, color="0.5", linewidth=1.2, label="plain sampling")
