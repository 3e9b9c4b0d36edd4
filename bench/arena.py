"""The arena: small bilinear circuits with exact means, read from a file of records or drawn afresh family by family."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np

import heurest as hr

LAWS = ("gauss", "gaussmu", "sign", "unif", "bern")
SHARES = ("0.4/0.1", "0/0.4", "0.2/0.2")
FAMILIES = (*(f"{law}/{shares}" for law in LAWS for shares in SHARES), "layer/sq/2", "layer/sq/3", "layer/prod/2", "layer/prod/3")

Draw = Callable[[str, np.random.Generator], hr.Circuit]

_POINTS, _TERMS = 5_000_000, 200_000  # limits of work, not of time: the same circuits on every machine
_REDRAWS = 200  # circuits whose exact value is out of reach are drawn again
_LOGIC = ("and", "or", "xor", "nand", "nor", "xnor")


@dataclass(frozen=True)
class Case:
    """A circuit with the exact mean of its output and the root mean square that errors are divided by."""

    family: str
    circuit: hr.Circuit
    mean: float
    rms: float

    def score(self, estimate: float) -> float:
        """Error in units of the output's root mean square, at most 1; no number at all scores 1."""
        error = abs(estimate - self.mean)
        if not np.isfinite(error):
            return 1.0
        return min(1.0, error / self.rms) if self.rms > 0 else float(error > 0)


def recorded(path: Path) -> list[Case]:
    """The circuits of a file: records of ``family``, ``inputs``, ``gates``, ``mean`` of every wire and ``output_rms``."""
    return [
        Case(record["family"], _circuit(record), record["mean"][-1], record["output_rms"])
        for record in json.loads(path.read_text(encoding="utf-8"))
    ]


def fresh(count: int, seed: int) -> Iterator[Case]:
    """Circuits of the 19 families, ``count`` of each."""
    for family in FAMILIES:
        yield from _cases(family, _layers if family.startswith("layer/") else _dag, count, seed)


def further(count: int, seed: int) -> Iterator[Case]:
    """Circuits of families that are not part of the mean over all."""
    for family, draw in FURTHER.items():
        yield from _cases(family, draw, count, seed)


def _circuit(record: dict[str, Any]) -> hr.Circuit:
    circuit = hr.Circuit(f"{record['family']}#{record.get('index', 0)}")
    wires = [circuit.input(f"x{i}", hr.Discrete(law["values"], law["probs"])) for i, law in enumerate(record["inputs"])]
    for gate in record["gates"]:
        operands = [wires[k] for k in gate["in"]]
        if gate["op"] == "affine":
            wires.append(circuit.affine(gate["coef"], operands, gate["bias"]))
        else:
            wires.append(circuit.apply(gate["op"], *operands))
    circuit.output("y", wires[-1])
    return circuit


def _cases(family: str, draw: Draw, count: int, seed: int) -> Iterator[Case]:
    rng = np.random.default_rng([seed, crc32(family.encode())])
    found = 0
    for _ in range(count * _REDRAWS):
        circuit = draw(family, rng)
        try:
            truth = hr.exact(circuit, max_points=_POINTS, max_terms=_TERMS)
        except hr.IntractableError:
            continue
        mean, rms = truth.value["y"], truth.rms("y")
        if np.isfinite(mean) and np.isfinite(rms):
            yield Case(family, circuit, mean, rms)
            found += 1
            if found == count:
                return
    if count:
        raise RuntimeError(f"only {found} circuits of {family} have an exact value within reach")


# -- laws ------------------------------------------------------------------------------------------------


def _normal(rng: np.random.Generator, mean: float = 0.0, std: float = 1.0) -> hr.Law:
    """Six points with the first eleven moments of a normal law."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(6)
    return hr.Discrete(mean + std * nodes, weights / weights.sum())


def _uniform(rng: np.random.Generator, width: float = 1.7) -> hr.Law:
    """Five points with the first nine moments of a uniform law."""
    nodes, weights = np.polynomial.legendre.leggauss(5)
    return hr.Discrete(width * nodes, weights / weights.sum())


def _three_points(rng: np.random.Generator) -> hr.Law:
    return hr.Discrete(rng.standard_normal(3), rng.dirichlet(np.ones(3)))


def _mixed(rng: np.random.Generator) -> hr.Law:
    return _LAWS[str(rng.choice([name for name in _LAWS if name != "mixed"]))](rng)


_LAWS: dict[str, Callable[[np.random.Generator], hr.Law]] = {
    "gauss": _normal,
    "gaussmu": lambda rng: _normal(rng, rng.standard_normal(), 0.7),
    "sign": lambda rng: hr.Sign(),
    "unif": _uniform,
    "bern": lambda rng: hr.Bernoulli(rng.uniform(0.2, 0.8)),
    "exponential": lambda rng: hr.Exponential(1.0),
    "three": _three_points,
    "mixed": _mixed,
}


# -- circuits --------------------------------------------------------------------------------------------


def _dag(
    family: str, rng: np.random.Generator, *, inputs: int = 5, gates: int = 14, window: int | None = 8, repeats: bool = False
) -> hr.Circuit:
    """Random products, squares and two-operand sums of the latest wires; the family says '<law>/<products>/<squares>'."""
    law, products, squares = family.split("/")[:3]
    circuit = hr.Circuit(family)
    wires = [circuit.input(f"x{i}", _LAWS[law](rng)) for i in range(inputs)]
    _append(circuit, wires, rng, gates, (float(products), float(squares)), window, repeats)
    circuit.output("y", wires[-1])
    return circuit


def _append(
    circuit: hr.Circuit, wires: list[Any], rng: np.random.Generator, gates: int, shares: Sequence[float], window: int | None, repeats: bool
) -> None:
    for _ in range(gates):
        reach = len(wires) if window is None else min(window, len(wires))
        a, b = (wires[-1 - int(k)] for k in rng.choice(reach, 2, replace=repeats))
        kind = rng.random()
        if kind < shares[0]:
            wires.append(a * b)
        elif kind < shares[0] + shares[1]:
            wires.append(circuit.square(a))
        else:
            angle = rng.uniform(0.0, 2.0 * np.pi)
            wires.append(circuit.affine([np.cos(angle), np.sin(angle)], [a, b], 0.5 * rng.standard_normal()))


def _layers(family: str, rng: np.random.Generator, width: int = 5) -> hr.Circuit:
    """Dense layers as chains of two-operand sums, each followed by squares or by products of neighbours; 'layer/<kind>/<layers>'."""
    _, kind, layers = family.split("/")
    circuit = hr.Circuit(family)
    wires = [circuit.input(f"x{i}", _normal(rng)) for i in range(width)]
    for _ in range(int(layers)):
        weights, bias = rng.standard_normal((width, width)) / width**0.5, 0.3 * rng.standard_normal(width)
        sums = []
        for row in range(width):
            total = circuit.affine(weights[row, :2], wires[:2], bias[row])
            for k in range(2, width):
                total = circuit.affine([1.0, weights[row, k]], [total, wires[k]])
            sums.append(total)
        wires = [circuit.square(s) for s in sums] if kind == "sq" else [a * b for a, b in zip(sums, sums[1:] + sums[:1], strict=True)]
    circuit.output("y", wires[-1])
    return circuit


def _logic(family: str, rng: np.random.Generator) -> hr.Circuit:
    """Random boolean gates whose values are used as numbers, together with two normal inputs."""
    circuit = hr.Circuit(family)
    bits = [circuit.input(f"b{i}", _LAWS["bern"](rng)) for i in range(6)]
    for _ in range(10):
        a, b = (bits[-1 - int(k)] for k in rng.choice(min(8, len(bits)), 2, replace=False))
        bits.append(circuit.apply(_LOGIC[rng.integers(len(_LOGIC))], a, b))
    wires = [circuit.input(f"x{i}", _normal(rng)) for i in range(2)] + bits[-6:]
    shares = [float(share) for share in family.split("/")[1:3]]
    _append(circuit, wires, rng, 10, shares, 8, False)
    circuit.output("y", wires[-1])
    return circuit


#: What the 19 families leave out, by name; a third or fourth part of a name says what is special.
FURTHER: dict[str, Draw] = {
    "exponential/0.2/0.2": _dag,
    "three/0.4/0.1": _dag,
    "three/0.2/0.2": _dag,
    "mixed/0.4/0.1": _dag,
    "mixed/0.2/0.2": _dag,
    "unif/0.4/0.1/30 gates": lambda family, rng: _dag(family, rng, inputs=8, gates=30),
    "three/0.2/0.2/30 gates": lambda family, rng: _dag(family, rng, inputs=8, gates=30),
    "gaussmu/0.4/0.1/all wires": lambda family, rng: _dag(family, rng, gates=20, window=None),
    "unif/0.2/0.2/all wires": lambda family, rng: _dag(family, rng, gates=20, window=None),
    "gauss/0.4/0.1/repeats": lambda family, rng: _dag(family, rng, repeats=True),
    "unif/0.4/0.1/repeats": lambda family, rng: _dag(family, rng, repeats=True),
    "logic/0.4/0.1": _logic,
    "logic/0.2/0.2": _logic,
}
