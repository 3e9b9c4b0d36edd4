"""Make the ready circuits of this folder: ``python circuits/make.py [FOLDER]``.

Each circuit is made by the function of the same name below, and bears that name inside. Beside some of them stand points for
``heurest detect`` as CSV. Nothing here depends on a random stream that numpy is free to change, so that making them again gives
the same bytes.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

import heurest as hr
from heurest.anomaly import examples
from heurest.families import adders, alu, benchmarks, comparators, counting, matchings, mixers, multipliers, selectors
from heurest.formats.files import save


def demo() -> hr.Circuit:
    """The first circuit of the tutorial: (x + 2 y) x and its square."""
    c = hr.Circuit("demo")
    x = c.input("x", hr.Normal(0, 1))
    y = c.input("y", hr.Uniform(-1, 1))
    z = (x + 2 * y) * x
    c.output("z", z)
    c.output("w", z**2)
    return c


def majority() -> hr.Circuit:
    """At least two of three fair bits, from three ands and two ors."""
    c = hr.Circuit("majority")
    x, y, z = c.input(["x", "y", "z"], hr.Bernoulli(0.5))
    c.output("majority", ((x & y) | (y & z)) | (z & x))
    return c


def negative_square() -> hr.Circuit:
    """(b^2 - b)^2, which is 0 for a bit; the bit is declared real, so that no estimator may use b^2 = b."""
    c = hr.Circuit("negative_square")
    b = c.input("b", hr.Bernoulli(0.1), kind="real")
    c.output("square", (b**2 - b) ** 2)
    return c


def one_hot() -> hr.Circuit:
    """And of three bits of which exactly one is 1."""
    c = hr.Circuit("one_hot")
    x, y, z = c.input(["x", "y", "z"], hr.JointDiscrete(np.eye(3), [1 / 3, 1 / 3, 1 / 3]))
    c.output("all", (x & y) & z)
    return c


def parity() -> hr.Circuit:
    """Two ways to write (x y)^2 for fair signs, one of which hides it from order 2."""
    c = hr.Circuit("parity")
    x, y = c.input(["x", "y"], hr.Sign())
    z = x * y
    c.output("product", (z * x) * y)
    c.output("square", (x * y) ** 2)
    return c


def shared_square() -> hr.Circuit:
    """((x1 + x2)^2 x3 + x1 x3)^2, the example on which libraries for error propagation are compared."""
    c = hr.Circuit("shared_square")
    x1 = c.input("x1", hr.Normal(1, 0.5))
    x2 = c.input("x2", hr.Normal(0, 1))
    x3 = c.input("x3", hr.Normal(0.5, 1))
    c.output("square", ((x1 + x2) ** 2 * x3 + x1 * x3) ** 2)
    return c


def hafnian6() -> hr.Circuit:
    """Hafnian of a random integer matrix A A^T."""
    # RandomState is frozen: its numbers are the same in every version of numpy.
    return matchings.hafnian(matchings.random_gram(6, rng=np.random.RandomState(0))).copy("hafnian6")


def quadratic_network() -> hr.Circuit:
    """Two hidden layers of squares over three normals, all weights and biases multiples of 1/4."""
    c = hr.Circuit("quadratic_network")
    wires = c.input("x", hr.Normal(0, 1), count=3)
    for layer, width in enumerate((4, 4, 1)):
        row, column = np.indices((width, len(wires)))
        weights = ((3 * row + 5 * column + 2 * layer) % 7 - 3) / 4
        wires = c.affine(weights, wires, (np.arange(width) - 1) / 4)
        if layer < 2:
            wires = c.square(wires)
    c.output("y", wires[0])
    return c


def c17() -> hr.Circuit:
    """The smallest ISCAS-85 benchmark: six nands, bearing their numbers there."""
    return benchmarks.c17()


def adder4() -> hr.Circuit:
    """Sum of two four-bit numbers, bit by bit with a rippling carry."""
    return adders.adder(4).copy("adder4")


def lookahead_adder4() -> hr.Circuit:
    """The same sum with all carries written out."""
    return adders.lookahead_adder(4).copy("lookahead_adder4")


def multiplier3() -> hr.Circuit:
    """Product of two three-bit numbers, from nine partial products."""
    return multipliers.multiplier(3).copy("multiplier3")


def nand_multiplier3() -> hr.Circuit:
    """The same product with adders of nine nands."""
    return multipliers.multiplier(3, cells="nand").copy("nand_multiplier3")


def wallace_multiplier4() -> hr.Circuit:
    """Product of two four-bit numbers, partial products added in layers."""
    return multipliers.wallace_multiplier(4).copy("wallace_multiplier4")


def less_than4() -> hr.Circuit:
    """Whether one four-bit number is below another."""
    return comparators.less_than(4).copy("less_than4")


def equality5() -> hr.Circuit:
    """Whether two five-bit numbers are equal."""
    return comparators.equality(5).copy("equality5")


def parity_tree9() -> hr.Circuit:
    """Parity of nine bits that are 1 with probability 1/4, as a balanced tree."""
    return counting.parity_tree(9, p=0.25).copy("parity_tree9")


def majority7() -> hr.Circuit:
    """Whether more than three of seven bits are 1, each with probability 1/4."""
    return counting.majority(7, p=0.25).copy("majority7")


def priority_encoder6() -> hr.Circuit:
    """The highest of six requests, each made with probability 1/4."""
    return selectors.priority_encoder(6, p=0.25).copy("priority_encoder6")


def barrel_shifter4() -> hr.Circuit:
    """A word of four bits, of which the lowest is 1 and the others are 0, rotated by two random bits."""
    return selectors.barrel_shifter(4, p=[1.0, 0.0, 0.0, 0.0, 0.5, 0.25]).copy("barrel_shifter4")


def decoder3() -> hr.Circuit:
    """Eight lines of which one is 1, from three bits that are 1 with probability 1/4."""
    return selectors.decoder(3, p=0.25).copy("decoder3")


def alu3() -> hr.Circuit:
    """Sum, and, or, exclusive or of two three-bit numbers, as two bits say."""
    return alu.alu(3).copy("alu3")


def mixer4() -> hr.Circuit:
    """Three rounds of a mixer of two four-bit words, whose bits are 1 with probability 1/4."""
    return mixers.mixer(4, 3, p=0.25).copy("mixer4")


def two_sensors() -> hr.Circuit:
    """A diamond watched by two sensors that noise can set off."""
    return examples.two_sensors().copy("two_sensors")


def five_levers() -> hr.Circuit:
    """The same with a robber, three levers that wall the diamond in, and two that fake a sensor each."""
    return examples.five_levers().copy("five_levers")


def day_check() -> hr.Circuit:
    """An output that is one input up to a day and another one after it."""
    return examples.day_check().copy("day_check")


def signed_monomials() -> hr.Circuit:
    """The output of the two sensors as a polynomial of which one monomial is subtracted."""
    return examples.signed_monomials().copy("signed_monomials")


CIRCUITS: tuple[Callable[[], hr.Circuit], ...] = (
    demo, majority, negative_square, one_hot, parity, shared_square, hafnian6, quadratic_network, c17, adder4, lookahead_adder4,
    multiplier3, nand_multiplier3, wallace_multiplier4, less_than4, equality5, parity_tree9, majority7, priority_encoder6,
    barrel_shifter4, decoder3, alu3, mixer4, two_sensors, five_levers, day_check, signed_monomials,
)  # fmt: skip

# Files of points, by name without the ending: the circuit, and a bit for each of its inputs in order.
POINTS: dict[str, tuple[Callable[[], hr.Circuit], tuple[str, ...]]] = {
    "two_sensors": (two_sensors, ("100", "011", "010", "110", "111", "000")),
    "five_levers": (
        five_levers,
        ("100000000", "111110000", "110001100", "111111100", "100001100", "110001000", "110000000"),
    ),
    # Everything that can be done about the robber.
    "five_levers_actions": (five_levers, tuple(f"11{levers:05b}00" for levers in range(32))),
    "day_check": (day_check, ("0011", "0101", "0111", "1101", "1011")),
    "day_check_training": (day_check, ("1000", "1010", "1100", "1110")),
    "signed_monomials": (signed_monomials, ("100", "011", "010", "110", "111", "000")),
}


def main(folder: Path) -> None:
    """Write all circuits and points into a folder."""
    for make in CIRCUITS:
        save(make(), folder / f"{make.__name__}.json")
    for name, (make, points) in POINTS.items():
        lines = [[wire.name or "" for wire in make().inputs], *points]
        (folder / f"{name}.csv").write_text("".join(",".join(line) + "\n" for line in lines), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
