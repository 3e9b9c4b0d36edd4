"""The files in circuits/: made by the script byte for byte, and every expected value found again by exact rational arithmetic.

The files are read here as plain JSON and evaluated with fractions; nothing of the package takes part in the exact values.
"""

import importlib
import importlib.util
import itertools
import json
import math
from fractions import Fraction
from functools import cache
from pathlib import Path

import pytest

import heurest as hr
from heurest.formats import load
from heurest.formats.circuit_json import dumps

FOLDER = Path(__file__).resolve().parents[2] / "circuits"
EXPECTED = json.loads((FOLDER / "expected.json").read_text(encoding="utf-8"))
NAMES = sorted(EXPECTED)


def make_script():
    spec = importlib.util.spec_from_file_location("circuits_make", FOLDER / "make.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# -- exact values ----------------------------------------------------------------------------------


def exact(number):
    """The fraction that was meant: 1/10 and 1/3 are stored as the nearest floats."""
    return Fraction(number).limit_denominator(10_000)


@cache
def document(name):
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


def groups(name):
    """The law of each group of inputs, in order, with its number of inputs."""
    sizes = {"multivariate_normal": lambda law: len(law["mean"]), "joint_discrete": lambda law: len(law["values"][0])}
    found = [document(name)["laws"][entry[1]] for entry in document(name)["wires"] if entry[0] == "input"]
    return [(law, sizes.get(law["law"], lambda law: 1)(law)) for law in found]


def run(name, inputs, add, scale, multiply, constant):
    """Value of every wire in any arithmetic, from those of the inputs."""
    values, drawn = [], iter(inputs)
    sizes = iter(groups(name))

    def affine(bias, operands, coefficients):
        total = constant(exact(bias))
        for wire, coefficient in zip(operands, coefficients, strict=True):
            total = add(total, scale(exact(coefficient), values[wire]))
        return total

    for entry in document(name)["wires"]:
        kind = entry[0]
        if kind == "input":
            values += [next(drawn) for _ in range(next(sizes)[1])]
        elif kind == "affine":
            values.append(affine(*entry[1:4]))
        elif kind == "layer":
            values += [affine(bias, entry[1], row) for row, bias in list(zip(entry[2], entry[3], strict=True))]
        elif kind == "square":
            values.append(multiply(values[entry[1]], values[entry[1]]))
        elif kind in ("multiply", "and"):
            values.append(multiply(values[entry[1]], values[entry[2]]))
        else:
            raise ValueError(kind)
    return {output: values[wire] for output, wire in document(name)["outputs"].items()}


def with_fractions(name, inputs):
    return run(name, inputs, lambda a, b: a + b, lambda c, a: c * a, lambda a, b: a * b, lambda c: c)


def finite_points(law):
    """The points of a finite law with their probabilities, else None."""
    kind = law["law"]
    if kind == "bernoulli":
        return [((Fraction(0),), 1 - exact(law["p"])), ((Fraction(1),), exact(law["p"]))]
    if kind == "sign":
        return [((Fraction(-1),), Fraction(1, 2)), ((Fraction(1),), Fraction(1, 2))]
    if kind == "joint_discrete":
        return [(tuple(map(exact, row)), exact(p)) for row, p in zip(law["values"], law["probs"], strict=True)]
    return None


def by_enumeration(name):
    total = dict.fromkeys(document(name)["outputs"], Fraction(0))
    for setting in itertools.product(*(finite_points(law) for law, _ in groups(name))):
        weight = math.prod(p for _, p in setting)
        for output, value in with_fractions(name, [x for point, _ in setting for x in point]).items():
            total[output] += weight * value
    return total


def added(p, q):
    return {key: p.get(key, 0) + q.get(key, 0) for key in p.keys() | q.keys()}


def multiplied(p, q):
    product = {}
    for a, x in p.items():
        for b, y in q.items():
            key = tuple(sorted(a + b))  # a monomial as the sorted tuple of its inputs, repeats included
            product[key] = product.get(key, 0) + x * y
    return product


def moment(law, coordinates):
    """E of the product of a law's coordinates."""
    n = len(coordinates)
    if law["law"] == "uniform":
        low, high = exact(law["low"]), exact(law["high"])
        return (high ** (n + 1) - low ** (n + 1)) / ((n + 1) * (high - low))
    if law["law"] == "normal":
        mean, cov = [exact(law["mean"])], [[exact(law["std"]) ** 2]]
    else:
        mean, cov = list(map(exact, law["mean"])), [list(map(exact, row)) for row in law["cov"]]
    if n == 0:
        return Fraction(1)
    first, rest = coordinates[0], coordinates[1:]
    total = mean[first] * moment(law, rest)
    return total + sum(cov[first][rest[k]] * moment(law, rest[:k] + rest[k + 1 :]) for k in range(n - 1))


def by_moments(name):
    """Outputs as polynomials of the inputs, then the moments of the laws."""
    owner = [(g, i) for g, (_, size) in enumerate(groups(name)) for i in range(size)]
    outputs = run(
        name, [{(i,): Fraction(1)} for i in range(len(owner))],
        added, lambda c, p: {key: c * x for key, x in p.items()}, multiplied, lambda c: {(): c},
    )  # fmt: skip

    def expectation(monomial):
        return math.prod(moment(law, tuple(owner[i][1] for i in monomial if owner[i][0] == g)) for g, (law, _) in enumerate(groups(name)))

    return {output: sum((x * expectation(key) for key, x in polynomial.items()), Fraction(0)) for output, polynomial in outputs.items()}


def truth(name):
    return by_enumeration(name) if all(finite_points(law) for law, _ in groups(name)) else by_moments(name)


# -- the files -------------------------------------------------------------------------------------


def test_every_file_is_expected_and_every_expectation_has_a_file():
    assert {path.stem for path in FOLDER.glob("*.json")} - {"expected"} == set(EXPECTED)
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert all(f"## {name}.json" in readme for name in EXPECTED)


def test_making_the_files_again_gives_the_same_bytes(tmp_path):
    make_script().main(tmp_path)
    shipped = {path.name for ending in ("json", "csv") for path in FOLDER.glob(f"*.{ending}")}
    assert {path.name for path in tmp_path.iterdir()} == shipped - {"expected.json"}
    for path in tmp_path.iterdir():
        assert path.read_bytes() == (FOLDER / path.name).read_bytes()


@pytest.mark.parametrize("name", NAMES)
def test_expected_outputs_are_exact(name):
    assert {output: str(value) for output, value in truth(name).items()} == EXPECTED[name]["outputs"]
    assert EXPECTED[name]["derivation"]


@pytest.mark.parametrize("name", NAMES)
def test_mean_propagation_is_the_circuit_at_the_input_means(name):
    claimed = EXPECTED[name]["estimates"].get("mean", {})
    means = []
    for law, size in groups(name):
        points = finite_points(law)
        means += [sum(p * x[i] for x, p in points) if points else moment(law, (i,)) for i in range(size)]
    values = with_fractions(name, means)
    assert {output: str(values[output]) for output in claimed} == claimed


@pytest.mark.parametrize(("name", "spec"), [(name, spec) for name in NAMES for spec in EXPECTED[name]["estimates"]])
def test_methods_answer_what_is_expected(name, spec):
    estimate = hr.estimate(load(FOLDER / f"{name}.json"), spec)
    for output, value in EXPECTED[name]["estimates"][spec].items():
        assert estimate.value[output] == pytest.approx(float(Fraction(value)), rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_a_file_bears_the_name_of_its_generator(name):
    assert load(FOLDER / f"{name}.json").name == name
    assert callable(getattr(make_script(), name))


@pytest.mark.parametrize("name", [name for name in NAMES if "generator" in EXPECTED[name]])
def test_a_file_is_what_the_generator_named_beside_it_makes(name):
    module, _, function = EXPECTED[name]["generator"].partition(".")
    made = getattr(importlib.import_module(f"heurest.families.{module}"), function)(**EXPECTED[name]["parameters"])
    assert dumps(made.copy(name)) == (FOLDER / f"{name}.json").read_text(encoding="utf-8")
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert f"## {name}.json\n\n`{function}(" in readme


def rotated(word, places, bits):
    return (word << places | word >> (bits - places)) & ((1 << bits) - 1)


def mixed(left, right):
    for turn in range(3):
        left, right = right, left ^ (rotated(right, 1, 4) & rotated(right, 3, 4)) ^ rotated(right, 2, 4) ^ 1 << turn
    return {"left": left, "right": right}


# What circuits compute, on the numbers that their inputs hold.
MEANINGS = {
    **{name: lambda a, b: {"sum": (a + b) % 16, "carry": a + b >> 4} for name in ("adder4", "lookahead_adder4")},
    **{name: lambda a, b: {"product": a * b} for name in ("multiplier3", "nand_multiplier3", "wallace_multiplier4")},
    "less_than4": lambda a, b: {"less": a < b},
    "equality5": lambda a, b: {"equal": a == b},
    "parity_tree9": lambda x: {"y": x.bit_count() % 2},
    "majority7": lambda x: {"y": x.bit_count() > 3},
    "priority_encoder6": lambda x: {"index": max(x.bit_length() - 1, 0), "valid": x > 0},
    "barrel_shifter4": lambda x, amount: {"y": rotated(x, amount, 4)},
    "decoder3": lambda x: {"line": 1 << x},
    "alu3": lambda a, b, op: {"result": ((a + b) % 8, a & b, a | b, a ^ b)[op], "carry": op == 0 and a + b > 7},
    "mixer4": mixed,
}


def words(names, bits):
    """Bits named ``a[0]``, ``a[1]`` and so on as numbers."""
    numbers = {}
    for name, bit in zip(names, bits, strict=True):
        stem, _, place = name.rstrip("]").partition("[")
        numbers[stem] = numbers.get(stem, 0) + (int(bit) << int(place or 0))
    return numbers


@pytest.mark.parametrize("name", MEANINGS)
def test_a_logic_circuit_computes_what_it_is_called(name):
    inputs = [wire_name for wire_name, wire in document(name)["names"].items() if wire < len(groups(name))]
    for bits in itertools.product((0, 1), repeat=len(inputs)):
        outputs = with_fractions(name, list(map(Fraction, bits)))
        assert words(outputs, outputs.values()) == MEANINGS[name](**words(inputs, bits))


def test_c17_computes_its_nands():
    for bits in itertools.product((0, 1), repeat=5):
        n1, n2, n3, n6, n7 = map(bool, bits)
        n11 = not (n3 and n6)
        n16 = not (n2 and n11)
        expected = {"22": not (not (n1 and n3) and n16), "23": not (n16 and not (n11 and n7))}
        assert with_fractions("c17", list(map(Fraction, bits))) == expected
