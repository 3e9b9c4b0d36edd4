"""Draw the pictures of the page on reductants: ``python docs/images/reductants.py``, the same bytes every time."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import heurest as hr

plt.switch_backend("svg")
plt.rcParams.update({"svg.hashsalt": "reductants", "svg.fonttype": "path", "font.size": 9, "axes.titlesize": 9.5})
plt.rcParams.update({"axes.spines.top": False, "axes.spines.right": False})

FOLDER = Path(__file__).parent
BLUE, RED, GREY, PALE, GREEN = "#2a5d9f", "#c0392b", "#8a8a8a", "#d9e4f2", "#2e7d4f"


def save(figure: Figure, name: str) -> None:
    figure.tight_layout()
    figure.savefig(FOLDER / f"{name}.svg", metadata={"Date": None}, facecolor="white")
    plt.close(figure)


# -- reduced laws ----------------------------------------------------------------------------------------


def laws() -> None:
    circuit = hr.Circuit("laws")
    x = circuit.input("x", hr.Normal(0, 1))
    circuit.output("square", x**2)
    estimate = hr.estimate(circuit, "reductant:2")
    figure, (left, right) = plt.subplots(1, 2, figsize=(7.2, 2.5))
    grid = np.linspace(-4, 4, 121)
    left.fill_between(grid, np.exp(-grid * grid / 2) / np.sqrt(2 * np.pi), color=PALE, lw=0)
    stems(left, estimate.law(x), "x, a standard normal: six points, eleven moments")
    grid = np.linspace(0.15, 13, 121)
    right.fill_between(grid, np.exp(-grid / 2) / np.sqrt(2 * np.pi * grid), color=PALE, lw=0)
    stems(right, estimate.law(circuit.outputs["square"]), "its square: the points squared, weights kept")
    right.set_ylim(0, 0.9)
    save(figure, "reductants-law")


def stems(axes: Axes, law: hr.ReducedLaw, title: str) -> None:
    axes.vlines(law.points, 0, law.weights, color=BLUE, lw=1.5)
    axes.plot(law.points, law.weights, "o", color=BLUE, ms=5)
    axes.set_title(title)
    axes.set_ylim(bottom=0)
    axes.set_ylabel("weight (density, pale)")


# -- joint tables ----------------------------------------------------------------------------------------


def polynomials(points: np.ndarray, weights: np.ndarray, degree: int) -> np.ndarray:
    """Orthonormal polynomials of a law at its points, a row each, by Gram and Schmidt."""
    rows: list[np.ndarray] = []
    for k in range(degree + 1):
        row = points**k
        for _ in range(2):
            for other in rows:
                row = row - (weights @ (row * other)) * other
        rows.append(row / np.sqrt(weights @ (row * row)))
    return np.array(rows)


def rule(points: np.ndarray, weights: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Points of a law's Gauss rule and its polynomials there: eigenvalues of the tridiagonal matrix E[x p_k p_j]."""
    rows = polynomials(points, weights, size - 1)
    at, vectors = np.linalg.eigh((rows * weights * points) @ rows.T)
    return at, vectors / vectors[0]


def tables() -> None:
    nodes, weights = np.polynomial.hermite_e.hermegauss(12)
    x, y = (side.ravel() for side in np.meshgrid(nodes, nodes, indexing="ij"))
    z, joint = x**2 + 0.5 * y, np.outer(weights, weights).ravel() / weights.sum() ** 2
    numbers = (polynomials(x, joint, 2) * joint) @ polynomials(z, joint, 2).T
    (at_x, first), (at_z, second) = rule(x, joint, 3), rule(z, joint, 3)
    shares = np.outer(1 / (first**2).sum(0), 1 / (second**2).sum(0)) * (first.T @ numbers @ second)
    bits = hr.Circuit("bits")
    a, b = bits.input("a", hr.Bernoulli(0.5), count=2)
    bits.output("c", a & b)
    square = hr.Reductant(keep_tables=True).estimate(bits).table(bits.outputs["c"], a).probabilities

    figure, (left, middle, right) = plt.subplots(1, 3, figsize=(8.2, 2.9), width_ratios=(1.3, 1, 1))
    curve = np.linspace(-2.6, 2.6, 81)
    left.plot(curve, curve**2, color=GREY, lw=0.8, zorder=0)
    for (p, q), share in np.ndenumerate(shares):
        left.scatter(at_x[p], at_z[q], s=1500 * abs(share), color=BLUE if share > 0 else RED, alpha=0.8, lw=0)
        left.annotate(f"{share:.2f}".replace("-", "−"), (at_x[p], at_z[q]), (0, 11), textcoords="offset points", ha="center", fontsize=7)
    left.set(xlabel="x", ylabel="z", xlim=(-2.7, 2.7), ylim=(-1.5, 13), title="table of x and z = x² + y/2")

    middle.imshow(numbers[1:, 1:], cmap="RdBu", vmin=-1.6, vmax=1.6)
    for (k, j), number in np.ndenumerate(numbers[1:, 1:].round(2) + 0.0):
        middle.text(j, k, f"{number:.2f}", ha="center", va="center")
    middle.set(xticks=(0, 1), xticklabels=("ψ₁(z)", "ψ₂(z)"), title="four numbers tell it: E[φₖ ψⱼ]")
    middle.set(yticks=(0, 1), yticklabels=("φ₁(x)", "φ₂(x)"))

    for (c, v), share in np.ndenumerate(square):
        start = square[:, :v].sum()
        width, bottom = square[:, v].sum(), square[:c, v].sum() / square[:, v].sum()
        if share > 0:
            right.bar(start, share / width, width, bottom, align="edge", color=PALE if c == 0 else BLUE, edgecolor="white")
            right.text(start + width / 2, bottom + share / width / 2, f"{share:g}", ha="center", va="center", color="k" if c == 0 else "w")
    right.set(xticks=(0.25, 0.75), xticklabels=("a = 0", "a = 1"), title="c = a and b: one number")
    right.set(yticks=(0.25, 0.75), yticklabels=("c = 0", "c = 1"))
    save(figure, "reductants-table")


# -- the example of the page: the majority of three fair bits ---------------------------------------------


class Majority:
    """A = not(x and y), B = not(y and z), D = z and x, by enumeration."""

    def __init__(self) -> None:
        bits = np.array(list(product((0, 1), repeat=3)))
        x, y, z = bits.T
        self.a, self.b, self.d = 1 - x * y, 1 - y * z, z * x
        self.x, self.z = x, z
        self.cells = {s: float(((self.a == s[0]) & (self.b == s[1])).mean()) for s in ((1, 1), (1, 0), (0, 1), (0, 0))}
        u, v = covariance(self.a, self.d), covariance(self.b, self.d)
        self.edges = {(1, 1): 0.0, (1, 0): u, (0, 1): v, (0, 0): u + v}
        self.truth = covariance(self.a * self.b, self.d)
        weights = {s: 1 / share for s, share in self.cells.items()}
        self.left_over = 1 / sum(weights.values())
        self.regression = sum(weights[s] * self.edges[s] for s in weights) * self.left_over

    def interval(self, s: tuple[int, int]) -> tuple[float, float]:
        one, share = float(self.d.mean()), self.cells[s]
        below, above = (one, 1 - one) if s in ((1, 1), (0, 0)) else (1 - one, one)
        return self.edges[s] - below * share, self.edges[s] + above * share


def covariance(a: np.ndarray, b: np.ndarray) -> float:
    return float((a * b).mean() - a.mean() * b.mean())


def cells(example: Majority) -> None:
    figure, axes = plt.subplots(figsize=(7.2, 2.7))
    rows = list(example.cells)
    ends = [example.interval(s) for s in rows]
    low, high = max(end[0] for end in ends), min(end[1] for end in ends)
    axes.axvspan(low, high, color=PALE, lw=0)
    for row, (s, (bottom, top)) in enumerate(zip(rows, ends, strict=True)):
        axes.plot((bottom, top), (row, row), color=GREY, lw=2, marker="|", ms=9, zorder=2)
        axes.scatter(example.edges[s], row, s=7 / example.cells[s], color=BLUE, zorder=3)
    axes.axvline(example.regression, color=BLUE, lw=1.5)
    axes.axvline(example.truth, color=GREEN, lw=1.5, ls=(0, (4, 2)))
    axes.text(example.regression - 0.006, -0.7, "regression", color=BLUE, ha="right")
    axes.text(example.truth + 0.006, -0.7, "truth", color=GREEN, ha="left")
    axes.set_yticks(range(4), [f"A = {s[0]}, B = {s[1]}   P = {example.cells[s]:g}" for s in rows])
    axes.set(ylim=(3.5, -1), xlim=(-0.2, 0.5), xlabel="cov(A and B, D)")
    save(figure, "reductants-cells")


def sides(example: Majority) -> None:
    figure, (left, right) = plt.subplots(1, 2, figsize=(7.6, 2.9), width_ratios=(1, 1.25))
    places = {"A": (0, 1.5), "B": (0, 0.5), "A'": (4, 1.5), "B'": (4, 0.5), "C": (1.3, 1), "D": (2.7, 1)}
    for first in ("A", "B"):
        for second in ("A'", "B'"):
            line(left, places[first], places[second], color=GREY, lw=0.7)
    for gate, operands, other in (("C", ("A", "B"), ("A'", "B'")), ("D", ("A'", "B'"), ("A", "B"))):
        for operand in operands:
            line(left, places[operand], places[gate], color="k", lw=1.6)
        for operand in other:
            line(left, places[gate], places[operand], color=BLUE, lw=1, ls=(0, (1, 1.5)))
    line(left, places["C"], places["D"], color=RED, lw=1.8, ls=(0, (4, 2)))
    for name, (x, y) in places.items():
        left.text(x, y, name, ha="center", va="center", bbox={"boxstyle": "circle,pad=0.3", "fc": "white", "ec": "k", "lw": 0.8})
    left.set(xlim=(-0.5, 4.5), ylim=(0, 2), title="tracked: all but the dashed line")
    left.axis("off")

    slopes = 0.5 * (covariance(example.a * example.b, example.x) + covariance(example.a * example.b, example.z))
    weights = {s: 1 / share for s, share in example.cells.items()}
    on_a = (weights[1, 0] + weights[0, 0]) * example.left_over
    on_b = (weights[0, 1] + weights[0, 0]) * example.left_over
    seen = 0.5 * sum(on_a * covariance(example.a, w) + on_b * covariance(example.b, w) for w in (example.x, example.z))
    spread = np.sqrt(example.left_over / (example.a.var() * example.b.var()))
    straight = covariance(example.a, example.z) * covariance(example.b, example.x)
    pairs = straight + covariance(example.a, example.x) * covariance(example.b, example.z)
    steps = [("cov(l, D)", example.regression, BLUE), ("cov(r, l')", slopes - seen, BLUE), ("E[r r'], presumed", spread * pairs, BLUE)]
    total = 0.0
    for row, (name, step, color) in enumerate(steps):
        bar(right, row, total, step, color, name)
        total += step
    bar(right, 3, total, example.truth - total, RED, "reductant")
    right.axvline(example.truth, color=GREEN, lw=1.5, ls=(0, (4, 2)))
    right.text(example.truth + 0.001, 3.75, "truth", color=GREEN)
    right.axvline(0, color="k", lw=0.8)
    right.set(title="cov(C, D) in the majority of three", xlabel="covariance", ylim=(4.1, -0.6), xlim=(-0.085, 0.004))
    right.set(yticks=(), xticks=(-0.08, -0.06, -0.04, -0.02, 0))
    right.spines["left"].set_visible(False)
    save(figure, "reductants-sides")


def line(axes: Axes, start: tuple[float, float], end: tuple[float, float], **style: object) -> None:
    axes.plot((start[0], end[0]), (start[1], end[1]), zorder=0, **style)


def bar(axes: Axes, row: int, start: float, step: float, color: str, name: str) -> None:
    axes.barh(row, step, 0.55, start, color=color)
    left = row > 0
    axes.text(min(start, start + step) - 0.001 if left else start + step / 2, row, f"{name}  {step:+.4f}".replace("-", "−"),
              ha="right" if left else "center", va="center", color="k" if left else "w")  # fmt: skip


if __name__ == "__main__":
    laws()
    tables()
    cells(Majority())
    sides(Majority())
