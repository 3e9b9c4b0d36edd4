"""The families of circuits that comparisons draw from, by name.

Nothing here imports numpy before a circuit is made, so that a command line can list the families at once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING
from zlib import crc32

from heurest.errors import ArgumentError

if TYPE_CHECKING:
    import numpy as np

    from heurest.circuit.circuit import Circuit

__all__ = ["FAMILIES", "Family", "draw", "select_families"]


@dataclass(frozen=True)
class Family:
    """A family: circuits of one kind and of modest size, whose exact expectations are affordable.

    Attributes:
        name: Such as ``bilinear/normal``; what stands before the slash names the whole group.
        help: One sentence for help texts and documentation.
        build: Makes a circuit from a generator.

    Examples:
        >>> FAMILIES["hafnian/gram"].make(0)
        <Circuit 'hafnian/gram#0': 6 inputs, 5 gates, 1 output>
    """

    name: str
    help: str
    build: Callable[[np.random.Generator], Circuit]

    @property
    def group(self) -> str:
        """What stands before the slash."""
        return self.name.split("/")[0]

    def make(self, rng: int | np.random.Generator) -> Circuit:
        """Draw a circuit, named after the family and, where one is given, the seed.

        Raises:
            CircuitError: ``rng`` is neither a seed of at least 0 nor a generator.
        """
        from heurest.families.parameters import generator, named

        circuit = self.build(generator(self.name, rng))
        circuit.name = named(self.name, rng)
        return circuit


def _bilinear(law: str) -> Callable[[np.random.Generator], Circuit]:
    def build(rng: np.random.Generator) -> Circuit:
        from heurest.families.bilinear import random_bilinear

        return random_bilinear(law=law, rng=rng)

    return build


def _quadratic(kind: str) -> Callable[[np.random.Generator], Circuit]:
    def build(rng: np.random.Generator) -> Circuit:
        from heurest.families.quadratic import quadratic_network

        return quadratic_network(widths=(5, 8, 8, 1), kind=kind, rng=rng)

    return build


def _boolean(rng: np.random.Generator) -> Circuit:
    from heurest.families.boolean import random_boolean

    return random_boolean(inputs=12, gates=60, law="bernoulli", rng=rng)


def _read_once(kind: str) -> Callable[[np.random.Generator], Circuit]:
    def build(rng: np.random.Generator) -> Circuit:
        from heurest.families.read_once import read_once

        return read_once(inputs=8, kind=kind, rng=rng)

    return build


def _squaring(rng: np.random.Generator) -> Circuit:
    from heurest.families.quadratic import repeated_squaring

    return repeated_squaring(depth=3, scale=float(rng.uniform(0.2, 0.8)), shift=float(rng.uniform(-1.0, 1.0)), rng=rng)


def _hafnian(matrix: str) -> Callable[[np.random.Generator], Circuit]:
    def build(rng: np.random.Generator) -> Circuit:
        from heurest.families import matchings

        drawn = matchings.random_gram(6, rng=rng) if matrix == "gram" else matchings.random_double_wishart(6, rng=rng)
        return matchings.hafnian(drawn)

    return build


def _permanent(method: str) -> Callable[[np.random.Generator], Circuit]:
    def build(rng: np.random.Generator) -> Circuit:
        from heurest.families.matchings import permanent

        return permanent(rng.standard_normal((4, 4)) if method == "glynn" else rng.standard_normal((3, 3)), method=method)

    return build


def _logic(module: str, function: str, input_bits: int, /, **sizes: int | str) -> Callable[[np.random.Generator], Circuit]:
    def build(rng: np.random.Generator) -> Circuit:
        generator = getattr(import_module(f"heurest.families.{module}"), function)
        circuit: Circuit = generator(**sizes, p=rng.uniform(0.2, 0.8, input_bits).tolist())
        return circuit

    return build


_LAW_HELP = {
    "normal": "standard normal inputs",
    "shifted_normal": "normal inputs with random means",
    "sign": "fair signs",
    "uniform": "uniform inputs",
    "bernoulli": "random bits of random probabilities",
    "exponential": "exponential inputs",
    "discrete": "inputs on three random values",
    "empirical": "inputs drawn from eight data points each",
    "multivariate_normal": "correlated normal inputs",
    "joint_discrete": "inputs that take eight joint values",
}

_LOGIC = (
    ("adder", "Ripple-carry adders of two 4-bit numbers", _logic("adders", "adder", 8, bits=4)),
    ("lookahead-adder", "Carry-lookahead adders of two 6-bit numbers", _logic("adders", "lookahead_adder", 12, bits=6)),
    ("multiplier", "Array multipliers of two 3-bit numbers", _logic("multipliers", "multiplier", 6, bits=3)),
    ("nand-multiplier", "Array multipliers of two 3-bit numbers from nands", _logic("multipliers", "multiplier", 6, bits=3, cells="nand")),
    ("wallace-multiplier", "Wallace-tree multipliers of two 4-bit numbers", _logic("multipliers", "wallace_multiplier", 8, bits=4)),
    ("less-than", "Comparators, less than, of two 6-bit numbers", _logic("comparators", "less_than", 12, bits=6)),
    ("equality", "Comparators, equal, of two 6-bit numbers", _logic("comparators", "equality", 12, bits=6)),
    ("parity-tree", "Balanced trees of exclusive ors of 12 inputs", _logic("counting", "parity_tree", 12, inputs=12)),
    ("majority", "Votes of the majority of 9 inputs", _logic("counting", "majority", 9, inputs=9)),
    ("priority-encoder", "Priority encoders of 10 inputs", _logic("selectors", "priority_encoder", 10, inputs=10)),
    ("barrel-shifter", "Barrel shifters that rotate a word of 8 bits", _logic("selectors", "barrel_shifter", 11, bits=8)),
    ("decoder", "Decoders of 3 bits to 8 lines", _logic("selectors", "decoder", 3, bits=3)),
    ("alu", "Arithmetic and logic units of 4-bit slices", _logic("alu", "alu", 10, bits=4)),
    ("mixer", "Three rounds of a mixer of two 4-bit words", _logic("mixers", "mixer", 8, bits=4, rounds=3)),
    ("c17", "The six nands of the benchmark c17", _logic("benchmarks", "c17", 5)),
)

#: The families by name; a new one is one more row.
FAMILIES: dict[str, Family] = {
    family.name: family
    for family in (
        *(
            Family(f"bilinear/{law.replace('_', '-')}", f"Random products, squares and sums of {text}.", _bilinear(law))
            for law, text in _LAW_HELP.items()
        ),
        Family("quadratic/square", "Layered networks with squares, two hidden layers.", _quadratic("square")),
        Family("quadratic/product", "Layered networks with products of pairs, two hidden layers.", _quadratic("product")),
        Family("boolean", "Random gates and, or, xor, not over random bits.", _boolean),
        Family("read-once/arithmetic", "Random formulas of products and sums; mean propagation is exact.", _read_once("arithmetic")),
        Family("read-once/boolean", "Random formulas of and, or, not; mean propagation is exact.", _read_once("boolean")),
        Family("squaring", "One wire squared again and again: degree 8.", _squaring),
        Family("hafnian/gram", "Hafnians of random integer matrices A A^T.", _hafnian("gram")),
        Family("hafnian/double-wishart", "Hafnians of real double Wishart matrices.", _hafnian("double-wishart")),
        Family("permanent/glynn", "Permanents as expectations over fair signs (Glynn).", _permanent("glynn")),
        Family("permanent/hafnian", "Permanents as hafnians of a block matrix.", _permanent("hafnian")),
        *(Family(f"logic/{name}", f"{text} over bits of random probabilities.", build) for name, text, build in _LOGIC),
    )
}


def select_families(name: str) -> list[Family]:
    """Find a family by its name, or all of a group by what stands before the slash.

    Args:
        name: Such as ``bilinear/normal`` or ``hafnian``; underscores may stand for hyphens.

    Returns:
        One family, or all those of the group in order.

    Raises:
        ArgumentError: The name is neither a family nor a group; the message lists what is.

    Examples:
        >>> [family.name for family in select_families("hafnian")]
        ['hafnian/gram', 'hafnian/double-wishart']
    """
    groups: dict[str, list[Family]] = {}
    for family in FAMILIES.values():
        groups.setdefault(family.group, []).append(family)
    plain = name.strip().replace("_", "-") if isinstance(name, str) else ""
    if plain in FAMILIES:
        return [FAMILIES[plain]]
    if plain in groups:
        return groups[plain]
    known = [*FAMILIES, *(group for group in groups if group not in FAMILIES)]
    raise ArgumentError(f"unknown family {name!r}; known are {', '.join(known)}")


def draw(name: str, circuits: int = 10, seed: int = 0) -> list[Circuit]:
    """Draw circuits from a family, reproducibly.

    A circuit depends on its family, the seed and its number only: asking for more circuits, or for a whole group, changes
    none of them.

    Args:
        name: A family or a group; of a group every family gives its circuits, one family after the other.
        circuits: How many circuits from each family, at least 1.
        seed: At least 0.

    Returns:
        Unfrozen circuits named ``family#number``.

    Raises:
        ArgumentError: The family is unknown, or ``circuits`` or ``seed`` is out of range.

    Cost:
        A millisecond or less for each circuit.

    Examples:
        >>> [circuit.name for circuit in draw("read-once", circuits=2, seed=1)]
        ['read-once/arithmetic#0', 'read-once/arithmetic#1', 'read-once/boolean#0', 'read-once/boolean#1']
    """
    families = select_families(name)
    for what, value, least in (("circuits", circuits, 1), ("seed", seed, 0)):
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            raise ArgumentError(f"{what} must be an integer of at least {least}, got {value!r}")
    import numpy as np

    drawn = []
    for family in families:
        for number in range(circuits):
            circuit = family.make(np.random.default_rng([seed, crc32(family.name.encode()), number]))
            circuit.name = f"{family.name}#{number}"
            drawn.append(circuit)
    return drawn
