"""The picture of a comparison: error against time, with plain sampling as the rival."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from heurest.errors import ArgumentError
from heurest.formats.whole_files import write_whole

if TYPE_CHECKING:
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
    try:
        import matplotlib  # noqa: F401
    except ImportError:
        raise ArgumentError("drawing needs matplotlib: pip install 'heurest[plot]'") from None
    return target


def plot_comparison(comparison: Comparison, path: str | Path) -> None:
    """Draw error against time, both logarithmic, and save the picture.

    Small points are circuits (the mean over a circuit's outputs), large ones a method's mean error and median time
    over everything; the band is the standard error that plain sampling reaches on the same circuits in the same time.
    Errors are in units of the output's root mean square; those below 1e-12 are drawn on the floor, marked exact.

    Args:
        comparison: What `heurest.compare` returned.
        path: A file that ends in ``.png``, ``.svg`` or ``.pdf``.

    Raises:
        ArgumentError: The ending is unknown, matplotlib is not installed, or no row holds an estimate.
        FormatError: The file cannot be written.
    """
    target = check_plot_path(path)
    points = _points(comparison)
    if not points:
        raise ArgumentError(f"{target}: nothing to draw, no method gave an estimate")
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.0, 4.6), layout="constrained")
    axes = figure.add_subplot()
    families = list(dict.fromkeys(row.family for row in comparison.rows))
    floor = _lowest(points) / 6
    _draw_sampling(axes, comparison)
    for i, (method, rows) in enumerate(points.items()):
        colour = _COLOURS[i % len(_COLOURS)]
        for family, seconds, error in rows:
            marker = _MARKERS[families.index(family) % len(_MARKERS)]
            axes.plot(seconds, error if error > _FLOOR else floor, marker, color=colour, markersize=4, alpha=0.4, markeredgewidth=0)
        mean = float(np.mean([error for _, _, error in rows]))
        seconds = float(np.median([seconds for _, seconds, _ in rows]))
        axes.plot(seconds, max(mean, floor), "o", color=colour, markersize=11, markeredgecolor="white", label=_short(method), zorder=5)
    if any(error <= _FLOOR for rows in points.values() for _, _, error in rows):
        axes.axhline(floor, color="0.6", linewidth=0.8, linestyle=":")
        place: dict[str, Any] = {"xycoords": ("axes fraction", "data"), "ha": "right", "va": "bottom"}
        axes.annotate("exact to rounding", (0.99, floor), color="0.4", fontsize=8, **place)
    axes.set(
        xscale="log", yscale="log", xlabel="time for a circuit (s), compilation apart", ylabel="error / root mean square of the output"
    )
    axes.grid(True, which="major", color="0.92")
    axes.set_axisbelow(True)
    handles, labels = axes.get_legend_handles_labels()
    if len(families) > 1:
        for i, family in enumerate(families):
            handles += axes.plot([], [], _MARKERS[i % len(_MARKERS)], color="0.5", markersize=4)
            labels.append(family)
    figure.legend(handles, labels, loc="outside right upper", fontsize=8, frameon=False)
    circuits = len({(row.family, row.circuit) for row in comparison.rows})
    axes.set_title(f"{circuits} circuit{'' if circuits == 1 else 's'}, {len(points)} method{'' if len(points) == 1 else 's'}", fontsize=10)
    picture = BytesIO()
    figure.savefig(picture, dpi=160, format=target.suffix[1:].lower())
    write_whole(target, picture.getvalue())


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
    """The standard error of plain sampling: quartiles over circuits, which falls with the square root of time."""
    rates = [row.equal_time_error * row.seconds**0.5 for row in comparison.rows if row.equal_time_error and row.seconds]
    rates = [rate for rate in rates if np.isfinite(rate)]
    if not rates:
        return
    times = [row.seconds for row in comparison.rows if row.seconds]
    span = np.array([min(times) / 2, max(times) * 2])
    low, middle, high = np.quantile(rates, [0.25, 0.5, 0.75])
    axes.fill_between(span, low / span**0.5, high / span**0.5, color="0.85", linewidth=0)
    axes.plot(span, middle / span**0.5, color="0.5", linewidth=1.2, label="plain sampling")


def _short(method: str) -> str:
    return method.removesuffix(":expansion=node")
