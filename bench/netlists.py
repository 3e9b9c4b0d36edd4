"""Boolean circuits with exact output probabilities, read from a folder or generated, and the error that sampling makes on them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import exp, lgamma, log, log1p
from pathlib import Path
from typing import Any

import numpy as np

import heurest as hr
from heurest.circuit.gates import AND, MULTIPLY

Wire = Any  # operators hand back a wire or several, as their operands are


@dataclass(frozen=True)
class Netlist:
    """A boolean circuit with the probability that each output is 1."""

    name: str
    circuit: hr.Circuit
    probabilities: dict[str, float]

    @property
    def size(self) -> str:
        """Inputs, outputs and products."""
        products = int(np.isin(self.circuit.gate, (AND, MULTIPLY)).sum())
        return f"{len(self.circuit.inputs)}/{len(self.circuit.outputs)}/{products}"

    def error(self, value: dict[str, float]) -> float:
        """Mean absolute error over the outputs; no error counts more than 1, no number at all counts 1."""
        errors = [abs(value[name] - exact) for name, exact in self.probabilities.items()]
        return float(np.mean([min(1.0, error) if np.isfinite(error) else 1.0 for error in errors]))

    def sampling_error(self, samples: int) -> float:
        """What ``error`` is on average for so many samples."""
        return float(np.mean([mean_deviation(p, samples) for p in self.probabilities.values()]))


def mean_deviation(p: float, samples: int) -> float:
    """Expected distance of a sampled frequency from ``p``, by de Moivre's identity for the binomial law.

    Near ``sqrt(2 / pi) * sqrt(p * (1 - p) / samples)``, which is far too much where fewer than one success is expected.
    """
    rare = min(p, 1.0 - p)
    if rare <= 0.0:
        return 0.0
    m = int(samples * rare)
    choices = lgamma(samples + 1) - lgamma(m + 2) - lgamma(samples - m)
    return 2.0 * (m + 1) * exp(choices + (m + 1) * log(rare) + (samples - m) * log1p(-rare)) / samples


def recorded(folder: Path) -> Iterator[Netlist]:
    """The ``.aag`` files of a folder that ``exact_probs.json`` knows: ``inputs`` and, by output, how many patterns set it."""
    records = json.loads((folder / "exact_probs.json").read_text(encoding="utf-8"))
    for path in sorted(folder.glob("*.aag")):
        if path.stem not in records:
            continue
        record, circuit = records[path.stem], hr.load(path)
        patterns = 2 ** record["inputs"]
        exact = {name: float(Fraction(int(ones), patterns)) for name, ones in record["ones"].items()}
        if exact.keys() != circuit.outputs.keys():
            raise ValueError(f"{path}: the outputs are not those of exact_probs.json")
        yield Netlist(path.stem, circuit, exact)


def generated(seed: int) -> Iterator[Netlist]:
    """Arithmetic, control and random circuits small enough for exact probabilities."""
    for name, make in GENERATED.items():
        circuit = make(np.random.default_rng([seed, *name.encode()]))
        yield Netlist(name, circuit, hr.exact(circuit, method="bits").value)


# -- generators: built from and, or, xor and not only ----------------------------------------------------


def _select(select: Wire, a: Wire, b: Wire) -> Wire:
    return (select & a) | (~select & b)


def _full_adder(a: Wire, b: Wire, carry: Wire) -> tuple[Wire, Wire]:
    half = a ^ b
    return half ^ carry, (a & b) | (half & carry)


def _add_columns(columns: list[list[Wire]]) -> list[Wire]:
    """Bits of a sum, least significant first, from bits of equal weight in each column."""
    result = []
    columns = [list(column) for column in columns]
    for position, column in enumerate(columns):
        while len(column) > 1:
            if len(columns) == position + 1:
                columns.append([])
            a, b = column.pop(0), column.pop(0)
            total, carry = _full_adder(a, b, column.pop(0)) if column else (a ^ b, a & b)
            column.append(total)
            columns[position + 1].append(carry)
        result += column
    return result


def _bits(circuit: hr.Circuit, name: str, count: int, p: float = 0.5) -> list[Wire]:
    return list(circuit.input(name, hr.Bernoulli(p), count=count))


def _named(circuit: hr.Circuit, name: str, wires: Sequence[Wire]) -> hr.Circuit:
    for i, wire in enumerate(wires):
        circuit.output(f"{name}[{i}]", wire)
    return circuit


def _multiplexer(selects: int, p: float) -> hr.Circuit:
    circuit = hr.Circuit("multiplexer")
    select, level = _bits(circuit, "s", selects), _bits(circuit, "d", 2**selects, p)
    for bit in select:
        level = [_select(bit, level[i + 1], level[i]) for i in range(0, len(level), 2)]
    return _named(circuit, "y", level)


def _shifter(bits: int) -> hr.Circuit:
    """Rotation by a number."""
    circuit = hr.Circuit("shifter")
    data = _bits(circuit, "d", 2**bits)
    for k, bit in enumerate(_bits(circuit, "s", bits)):
        data = [_select(bit, data[i - 2**k], data[i]) for i in range(len(data))]
    return _named(circuit, "y", data)


def _comparator(bits: int) -> hr.Circuit:
    circuit = hr.Circuit("comparator")
    a, b = _bits(circuit, "a", bits), _bits(circuit, "b", bits)
    less, equal = ~a[-1] & b[-1], ~(a[-1] ^ b[-1])
    for k in reversed(range(bits - 1)):
        less, equal = less | (equal & ~a[k] & b[k]), equal & ~(a[k] ^ b[k])
    return _named(circuit, "y", [less, equal, ~(less | equal)])


def _priority(bits: int, p: float) -> hr.Circuit:
    """The number of the first request, and whether there is one."""
    circuit = hr.Circuit("priority")
    requests = _bits(circuit, "r", 2**bits, p)
    seen, granted = requests[0], [requests[0]]
    for request in requests[1:]:
        granted.append(request & ~seen)
        seen = seen | request
    number = []
    for k in range(bits):
        chosen = [granted[i] for i in range(len(granted)) if i >> k & 1]
        bit = chosen[0]
        for wire in chosen[1:]:
            bit = bit | wire
        number.append(bit)
    return _named(circuit, "y", [*number, seen])


def _products(rng: np.random.Generator, inputs: int, cubes: int, outputs: int) -> hr.Circuit:
    """Sums of random products of two to five literals, products shared between outputs, as a small controller has them."""
    circuit = hr.Circuit("products")
    bits = _bits(circuit, "x", inputs)
    made = []
    for _ in range(cubes):
        literals = [bits[k] if rng.random() < 0.5 else ~bits[k] for k in rng.choice(inputs, int(rng.integers(2, 6)), replace=False)]
        cube = literals[0]
        for literal in literals[1:]:
            cube = cube & literal
        made.append(cube)
    sums = []
    for _ in range(outputs):
        chosen = rng.choice(cubes, int(rng.integers(2, 9)), replace=False)
        total = made[chosen[0]]
        for k in chosen[1:]:
            total = total | made[k]
        sums.append(total)
    return _named(circuit, "y", sums)


def _squared(bits: Sequence[Wire]) -> list[Wire]:
    """Bits of a square; each product of two different bits counts twice, that is, once a column higher."""
    columns: list[list[Wire]] = [[] for _ in range(2 * len(bits))]
    for i, a in enumerate(bits):
        columns[2 * i].append(a)
        for j in range(i + 1, len(bits)):
            columns[i + j + 1].append(a & bits[j])
    zero = bits[0] & ~bits[0]  # column 1 of a square is empty
    return _add_columns([column or [zero] for column in columns])[: 2 * len(bits)]


def _squarer(bits: int) -> hr.Circuit:
    circuit = hr.Circuit("squarer")
    return _named(circuit, "y", _squared(_bits(circuit, "a", bits)))


def _square_of_sum(bits: int) -> hr.Circuit:
    circuit = hr.Circuit("square of sum")
    a, b = _bits(circuit, "a", bits), _bits(circuit, "b", bits)
    return _named(circuit, "y", _squared(_add_columns([[x, y] for x, y in zip(a, b, strict=True)])))


def _count(inputs: int) -> hr.Circuit:
    """How many inputs are 1; the last bit is the majority where there are 15."""
    circuit = hr.Circuit("count")
    return _named(circuit, "y", _add_columns([_bits(circuit, "x", inputs)]))


def _random(rng: np.random.Generator, mix: dict[str, float] | None, law: str = "fair", gates: int = 150) -> hr.Circuit:
    return hr.random_boolean(inputs=16, gates=gates, outputs=8, gates_mix=mix, law=law, rng=rng)


#: The generated circuits by name.
GENERATED: dict[str, Callable[[np.random.Generator], hr.Circuit]] = {
    "adder": lambda rng: hr.adder(8),
    "adder, p = 0.3": lambda rng: hr.adder(8, p=0.3),
    "multiplier": lambda rng: hr.multiplier(6),
    "wide multiplier": lambda rng: hr.multiplier(8),
    "squarer": lambda rng: _squarer(10),
    "square of sum": lambda rng: _square_of_sum(6),
    "count of ones": lambda rng: _count(15),
    "parity, p = 0.3": lambda rng: hr.parity(16, p=0.3),
    "multiplexer": lambda rng: _multiplexer(4, 0.3),
    "shifter": lambda rng: _shifter(4),
    "comparator": lambda rng: _comparator(8),
    "priority": lambda rng: _priority(4, 0.5),
    "priority, p = 0.1": lambda rng: _priority(4, 0.1),
    "sums of products": lambda rng: _products(rng, 10, 30, 12),
    "wide sums of products": lambda rng: _products(rng, 16, 80, 30),
    "random": lambda rng: _random(rng, None),
    "random, biased inputs": lambda rng: _random(rng, None, "bernoulli"),
    "random and/or/not": lambda rng: _random(rng, {"and": 1, "or": 1, "not": 1}),
    "random nand": lambda rng: _random(rng, {"nand": 1}),
    "random with xor": lambda rng: _random(rng, {"and": 2, "or": 2, "xor": 3, "xnor": 1, "nor": 1}),
    "random, 600 gates": lambda rng: _random(rng, {"and": 1, "or": 1, "xor": 1}, gates=600),
}
