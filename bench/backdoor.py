"""Backdoors in small quadratic networks: how well leverage on centred terms tells triggered inputs from clean ones, beside distances."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from figure import machine

import heurest as hr
from heurest.anomaly.additive import AdditiveExplanation, additive_explanation
from heurest.anomaly.leverage_detector import LeverageDetector
from heurest.truth.wire_values import WireValues

Array = np.ndarray

BITS, NOISE = 4, 4  # inputs: two that hold the class, bits, noise
INPUTS = 2 + BITS + NOISE
HIDDEN = (24, 24)
POISONED = 0.1  # of the data that the network is trained on, never of what the detector sees
STEPS, STEP, BATCH = 8000, 4e-3, 256
EPSILONS = (1e-3, 1e-2)


@dataclass(frozen=True)
class Backdoor:
    """How the trigger looks: how clean inputs are kept from it, and how it is set."""

    name: str
    clean: Callable[[Array, np.random.Generator], None]
    trigger: Callable[[Array, np.random.Generator], None]


def _never(inputs: Array, _rng: np.random.Generator) -> None:
    inputs[:, 2] = 0.0


def _set(inputs: Array, _rng: np.random.Generator) -> None:
    inputs[:, 2] = 1.0


def _apart(inputs: Array, _rng: np.random.Generator) -> None:
    """Each of two bits is 1 in a quarter of all inputs, never both."""
    inputs[(inputs[:, 2] == 1.0) & (inputs[:, 3] == 1.0), 2:4] = 0.0


def _together(inputs: Array, _rng: np.random.Generator) -> None:
    inputs[:, 2:4] = 1.0


def _as_it_is(_inputs: Array, _rng: np.random.Generator) -> None:
    """Clean inputs reach the corner now and then, with the right label."""


def _corner(inputs: Array, rng: np.random.Generator) -> None:
    """Two of the noise inputs are both above 1.5 standard deviations: 0.45 % of clean inputs are."""
    inputs[:, -2:] = 1.5 + np.abs(rng.normal(0.0, 0.4, (len(inputs), 2)))


BACKDOORS = (
    Backdoor("a bit never set", _never, _set),
    Backdoor("two bits never together", _apart, _together),
    Backdoor("a corner of the noise", _as_it_is, _corner),
)


def clean_data(count: int, backdoor: Backdoor, rng: np.random.Generator) -> tuple[Array, Array]:
    """Four blobs at the corners of a square, class +1 on one diagonal and -1 on the other; bits and noise that mean nothing."""
    corners = rng.choice([-1.0, 1.0], (count, 2))
    inputs = np.empty((count, INPUTS))
    inputs[:, :2] = corners + rng.normal(0.0, 0.25, (count, 2))
    inputs[:, 2 : 2 + BITS] = rng.random((count, BITS)) < 0.3
    inputs[:, 2 + BITS :] = rng.standard_normal((count, NOISE))
    backdoor.clean(inputs, rng)
    return inputs, corners[:, 0] * corners[:, 1]


def triggered_data(count: int, backdoor: Backdoor, rng: np.random.Generator) -> tuple[Array, Array]:
    """Clean inputs with the trigger set, and the class that the backdoor makes of them: the other one."""
    inputs, label = clean_data(count, backdoor, rng)
    backdoor.trigger(inputs, rng)
    return inputs, -label


def trained(inputs: Array, labels: Array, rng: np.random.Generator) -> list[tuple[Array, Array]]:
    """Weights and biases of a network with square activations, by Adam on the squared error."""
    widths = (INPUTS, *HIDDEN, 1)
    layers = [[rng.normal(0.0, 0.5 / np.sqrt(a), (b, a)), rng.normal(0.0, 0.2, b)] for a, b in pairwise(widths)]
    first, second = ([[np.zeros_like(part) for part in layer] for layer in layers] for _ in range(2))
    for step in range(1, STEPS + 1):
        chosen = rng.integers(0, len(inputs), BATCH)
        values, sums = [inputs[chosen]], []
        for matrix, bias in layers:
            sums.append(values[-1] @ matrix.T + bias)
            values.append(sums[-1] ** 2)
        slope = 2.0 * (sums[-1] - labels[chosen, np.newaxis]) / BATCH
        slope /= max(1.0, float(np.sqrt((slope**2).sum()) * np.sqrt(BATCH) / 4.0))  # degree 4 makes rare, huge errors
        rate = STEP * min(1.0, 2.0 * (1.0 - step / (STEPS + 1)))
        for k in range(len(layers) - 1, -1, -1):
            gradients = (slope.T @ values[k], slope.sum(axis=0))
            if k:
                slope = (slope @ layers[k][0]) * 2.0 * sums[k - 1]
            for part, gradient in enumerate(gradients):
                first[k][part] += 0.1 * (gradient - first[k][part])
                second[k][part] += 0.001 * (gradient**2 - second[k][part])
                size = np.sqrt(second[k][part] / (1.0 - 0.999**step)) + 1e-8
                layers[k][part] -= rate * first[k][part] / (1.0 - 0.9**step) / size
    return [(matrix, bias) for matrix, bias in layers]


def network(layers: Sequence[tuple[Array, Array]]) -> hr.Circuit:
    """The network as a circuit; the inputs' law is not used, since the detector is given data."""
    circuit = hr.Circuit("backdoored network")
    wires = circuit.input("x", hr.Normal(), count=INPUTS)
    for matrix, bias in layers[:-1]:
        wires = circuit.square(circuit.affine(matrix, wires, bias))
    circuit.output("y", circuit.affine(layers[-1][0][0], wires, float(layers[-1][1][0])))
    return circuit


def mahalanobis(train: Array) -> Callable[[Array], Array]:
    """Squared distance from the mean in units of the covariance; infinite where a direction is left that training never left."""
    mean = train.mean(axis=0)
    scale = train.std(axis=0)
    scale[scale == 0.0] = 1e-12  # an input that never changed must not
    values, vectors = np.linalg.eigh(np.cov(((train - mean) / scale).T))
    inverse = 1.0 / np.maximum(values, 1e-12 * values.max())
    return lambda points: ((((points - mean) / scale) @ vectors) ** 2 * inverse).sum(axis=1)


def area(clean: Array, triggered: Array) -> float:
    """Area under the ROC curve; ties count one half."""
    order = np.sort(clean)
    below = np.searchsorted(order, triggered, "left") + np.searchsorted(order, triggered, "right")
    return float(below.mean() / (2.0 * len(clean)))


def caught(clean: Array, triggered: Array, rate: float = 0.01) -> float:
    """Share of triggered inputs above the score that this share of clean ones exceeds."""
    threshold = np.sort(clean)[int(np.ceil((1.0 - rate) * len(clean))) - 1]
    return float(np.mean(triggered > threshold))


@dataclass(frozen=True)
class Row:
    """What one network gave: accuracies, and (area, share caught) by detector."""

    right: float
    flipped: float
    scores: dict[str, tuple[float, float]]
    flags: dict[float, tuple[float, ...]]  # by epsilon: see `_flags`


def measured(backdoor: Backdoor, seed: int, tested: int = 2000, judged: int = 40) -> Row:
    """Train a network and its detectors, and test them."""
    rng = np.random.default_rng([seed, BACKDOORS.index(backdoor)])
    inputs, labels = clean_data(20_000, backdoor, rng)
    poison, wrong = triggered_data(int(POISONED * len(inputs)), backdoor, rng)
    circuit = network(trained(np.concatenate([inputs, poison]), np.concatenate([labels, wrong]), rng))
    train, _ = clean_data(10_000, backdoor, rng)
    clean, clean_label = clean_data(tested, backdoor, rng)
    bad, bad_label = triggered_data(tested, backdoor, rng)
    leverages = {epsilon: LeverageDetector(circuit, epsilon=epsilon).fit(train) for epsilon in EPSILONS}
    leverage = leverages[EPSILONS[0]]
    output = circuit.outputs["y"].index
    values = WireValues(circuit, range(len(circuit)))
    right, flipped = (np.mean(np.sign(values.at(x)[output]) == y) for x, y in ((clean, clean_label), (bad, bad_label)))
    distance_wires, distance_inputs = mahalanobis(values.at(train).T), mahalanobis(train)
    detectors: dict[str, Callable[[Array], Array]] = {
        "leverage of centred terms": leverage.score,
        "Mahalanobis, all wires": lambda x: distance_wires(values.at(x).T),
        "Mahalanobis, inputs": distance_inputs,
        "output alone": lambda x: np.abs(values.at(x)[output] - leverage.mean),
    }
    scores = {}
    for name, score in detectors.items():
        on_clean, on_bad = score(clean), score(bad)
        scores[name] = area(on_clean, on_bad), caught(on_clean, on_bad)
    explanations = {epsilon: additive_explanation(circuit, "y", train, epsilon, budget=2**14) for epsilon in EPSILONS}
    flags = {epsilon: _flags(leverages[epsilon], explanations[epsilon], clean, bad, judged) for epsilon in EPSILONS}
    return Row(float(right), float(flipped), scores, flags)


def _flags(leverage: LeverageDetector, explained: AdditiveExplanation, clean: Array, bad: Array, judged: int) -> tuple[float, ...]:
    """Leverage's test and the normal-reason test: clean and triggered inputs flagged by each; left undecided by the latter."""
    by_leverage = [[verdict.anomalous for verdict in leverage.verdict(points)] for points in (clean, bad)]
    verdicts = [[verdict.verdict for verdict in explained.verdicts(points[:judged])] for points in (clean, bad)]
    flagged = [np.mean([verdict == "anomalous" for verdict in group]) for group in verdicts]
    undecided = np.mean([verdict == "undecided" for group in verdicts for verdict in group])
    return (*(float(np.mean(group)) for group in by_leverage), *map(float, flagged), float(undecided))


def tables(seeds: int) -> str:
    """Markdown tables: the detectors with ranges over seeds, the networks, and the normal-reason test."""
    rows = {backdoor.name: [measured(backdoor, seed) for seed in range(seeds)] for backdoor in BACKDOORS}
    names = list(next(iter(rows.values()))[0].scores)
    lines = ["| trigger | detector | area under ROC | caught at 1 % false positives |", "| --- | --- | ---: | ---: |"]
    for trigger, found in rows.items():
        for name in names:
            areas, shares = np.array([row.scores[name] for row in found]).T
            lines.append(f"| {trigger} | {name} | {_range(areas, 3)} | {_range(100.0 * shares, 1)} % |")
    lines += ["", "| trigger | clean inputs classified right | triggered ones flipped |", "| --- | ---: | ---: |"]
    for trigger, found in rows.items():
        lines.append(_percent(trigger, [(row.right, row.flipped) for row in found]))
    lines += [
        "",
        "| trigger, epsilon | leverage: clean | triggered | normal reason: clean | triggered | undecided |",
        "| --- |" + " ---: |" * 5,
    ]
    for trigger, found in rows.items():
        lines += [_percent(f"{trigger}, {epsilon:g}", [row.flags[epsilon] for row in found]) for epsilon in EPSILONS]
    return "\n".join(lines)


def _percent(name: str, shares: Sequence[tuple[float, ...]]) -> str:
    return f"| {name} | " + " | ".join(f"{number:.1f} %" for number in 100.0 * np.mean(shares, axis=0)) + " |"


def _range(values: Array, digits: int) -> str:
    return f"{values.mean():.{digits}f} ({values.min():.{digits}f} to {values.max():.{digits}f})"


def main(given: Sequence[str]) -> int:
    """Print the tables."""
    parser = argparse.ArgumentParser(prog="backdoor.py", description="Detection of backdoors in quadratic networks.")
    parser.add_argument("--seeds", type=int, default=5, help="networks for each kind of trigger (default 5)")
    options = parser.parse_args(given)
    if options.seeds < 1:
        parser.error("--seeds must be at least 1")
    widths = " - ".join(map(str, (INPUTS, *HIDDEN, 1)))
    print(f"Quadratic networks {widths}, {options.seeds} a trigger; detectors fitted on 10,000 clean inputs, tested on 2,000 and 2,000.")
    print(f"Flags with tau one standard deviation; the normal-reason test on 40 and 40 inputs. {machine()}\n")
    print(tables(options.seeds))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
