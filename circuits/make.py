"""Make the ready circuits of this folder: ``python circuits/make.py [FOLDER]``.

Each file is made by the function of the same name below, and bears that name inside. Nothing here depends on a random stream
that numpy is free to change, so that making them again gives the same bytes.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

import heurest as hr
from heurest.families import matchings, netlists
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
    c = hr.Circuit("c17")
    n1, n2, n3, n6, n7 = c.input(["1", "2", "3", "6", "7"], hr.Bernoulli(0.5))

    def nand(name: str, a: hr.Wire, b: hr.Wire) -> hr.Wire:
        wire: hr.Wire = c.set_name(c.apply("nand", a, b), name)
        return wire

    n10 = nand("10", n1, n3)
    n11 = nand("11", n3, n6)
    n16 = nand("16", n2, n11)
    n19 = nand("19", n11, n7)
    c.output("22", nand("22", n10, n16))
    c.output("23", nand("23", n16, n19))
    return c


def adder4() -> hr.Circuit:
    """Sum of two four-bit numbers, bit by bit with a rippling carry."""
    return netlists.adder(4).copy("adder4")


def multiplier3() -> hr.Circuit:
    """Product of two three-bit numbers, from nine partial products."""
    return netlists.multiplier(3).copy("multiplier3")


CIRCUITS: tuple[Callable[[], hr.Circuit], ...] = (
    demo, majority, negative_square, one_hot, parity, shared_square, hafnian6, quadratic_network, c17, adder4, multiplier3,
)  # fmt: skip


def main(folder: Path) -> None:
    """Write all circuits into a folder."""
    for make in CIRCUITS:
        save(make(), folder / f"{make.__name__}.json")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
