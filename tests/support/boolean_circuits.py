"""Boolean circuits for reductant propagation: generated ones, and ways to write functions whose probabilities are known."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from decimal import Decimal, localcontext
from functools import reduce
from operator import and_, or_, xor
from typing import Any, NamedTuple
from unittest import mock

import numpy as np
from hypothesis import strategies as st

import heurest as hr
from heurest.estimators.boolean_reductants import propagate_boolean_reductants
from heurest.kernels import boolean_triples
from heurest.program.boolean import BooleanProgram, lower_boolean
from heurest.reduced import Reduced
from support.boolean_reductants import DIGITS, Reference, nodes_of

COMPLETIONS = ("regression", "interaction", "mutual")  # in the order of the kernels' codes

# -- generated circuits ----------------------------------------------------------------------------

Change = Callable[[hr.Wire, hr.Wire], tuple[hr.Wire, hr.Wire]]

BENIGN = (0.1, 0.25, 0.3, 0.5, 0.5, 0.75, 0.9)
EXTREME = (5e-324, 1e-300, 1e-160, 1e-20, 1e-10, 0.3, 0.5, 1 - 1e-10, 1 - 2.0**-53, 0.0, 1.0)


def literal_gate(choose: Callable[[int], int], wires: Sequence[hr.Wire], change: Change = lambda a, b: (a, b)) -> hr.Wire:
    """An and, or or xor of two earlier wires or their inverses, changed; ``choose(n)`` is a number below n."""
    a, b = (wires[choose(len(wires))] for _ in range(2))
    a, b = (~wire if choose(2) else wire for wire in (a, b))
    return (and_, and_, or_, xor)[choose(4)](*change(a, b))


def random_circuit(seed: int, inputs: int, gates: int, laws: Sequence[float], change: Change = lambda a, b: (a, b)) -> hr.Circuit:
    """A circuit of literal gates that read any earlier wires, with inputs from a list of probabilities."""
    rng = np.random.default_rng(seed)
    c = hr.Circuit(f"random/{seed}")
    wires = [c.input(f"x{i}", hr.Bernoulli(rng.choice(laws))) for i in range(inputs)]
    for _ in range(gates):
        wires.append(literal_gate(rng.integers, wires, change))
    c.output("o", wires[-1])
    return c


def layered_circuit(seed: int, width: int, depth: int, laws: Sequence[float]) -> hr.Circuit:
    """Layers of gates that read any two literals of the layer before: soon every wire depends on every input."""
    rng = np.random.default_rng(seed)
    c = hr.Circuit(f"layered/{seed}")
    wires = [c.input(f"x{i}", hr.Bernoulli(rng.choice(laws))) for i in range(width)]
    for _ in range(depth):
        pairs = [rng.choice(width, 2, replace=False) for _ in range(width)]
        literals = [[~wires[i] if rng.integers(2) else wires[i] for i in pair] for pair in pairs]
        wires = [(and_, or_, xor)[rng.integers(3)](a, b) for a, b in literals]
    for i, wire in enumerate(wires):
        c.output(f"o{i}", wire)
    return c


@st.composite
def joint_bits(draw: st.DrawFn, size: int, max_points: int | None = None) -> hr.JointDiscrete:
    """A law of some bits on some of their settings."""
    settings_ = st.sampled_from(list(itertools.product((0.0, 1.0), repeat=size)))
    points = draw(st.lists(settings_, min_size=1, max_size=max_points, unique=True))
    weights = draw(st.lists(st.integers(1, 6), min_size=len(points), max_size=len(points)))
    return hr.JointDiscrete(points, [w / sum(weights) for w in weights])


@st.composite
def literal_circuits(draw: st.DrawFn, max_inputs: int = 4, max_gates: int = 7, joint: bool = True) -> hr.Circuit:
    """Inputs with a law each or one together, and gates that read any earlier wires."""
    c = hr.Circuit("generated")
    wires: list[hr.Wire] = []
    size = draw(st.sampled_from([0, 2, 3])) if joint else 0
    if size:
        wires += [wire for wire in c.input("j", draw(joint_bits(size))) if wire.boolean]
    for i in range(draw(st.integers(0 if wires else 1, max_inputs - len(wires)))):
        wires.append(c.input(f"x{i}", hr.Bernoulli(draw(st.sampled_from(BENIGN)))))
    for _ in range(draw(st.integers(1, max_gates))):
        wires.append(literal_gate(lambda n: draw(st.integers(0, n - 1)), wires))
    c.output("o", wires[-1])
    return c


@st.composite
def merging_circuits(draw: st.DrawFn, probabilities: Sequence[float] = BENIGN, joint: bool = True) -> hr.Circuit:
    """Gates that read two wires of blocks independent of each other, which are one block from then on; any wire may be read often."""
    c = hr.Circuit("merging")
    blocks: list[list[hr.Wire]] = []
    if joint and draw(st.booleans()):
        blocks.append(list(c.input("j", draw(joint_bits(2)))))
    for i in range(draw(st.integers(2, 6))):
        blocks.append([c.input(f"x{i}", hr.Bernoulli(draw(st.sampled_from(probabilities))))])
    while len(blocks) > 1:
        first, second = (blocks.pop(draw(st.integers(0, len(blocks) - 1))) for _ in range(2))
        blocks.append([*first, *second, _joined(draw, first, second)])
    c.output("o", blocks[0][-1])
    return c


@st.composite
def read_once_circuits(draw: st.DrawFn, probabilities: Sequence[float]) -> hr.Circuit:
    """Formulas: every wire is read at most once, inputs are independent."""
    c = hr.Circuit("read-once")
    wires = [c.input(f"x{i}", hr.Bernoulli(draw(st.sampled_from(probabilities)))) for i in range(draw(st.integers(2, 7)))]
    while len(wires) > 1:
        first, second = (wires.pop(draw(st.integers(0, len(wires) - 1))) for _ in range(2))
        wires.append(_joined(draw, [first], [second]))
    c.output("o", wires[0])
    return c


def _joined(draw: st.DrawFn, first: Sequence[hr.Wire], second: Sequence[hr.Wire]) -> hr.Wire:
    a, b = draw(st.sampled_from(first)), draw(st.sampled_from(second))
    a, b = (~wire if draw(st.booleans()) else wire for wire in (a, b))
    return draw(st.sampled_from([and_, or_, xor]))(a, b)


# -- the same function written in several ways ------------------------------------------------------


def _exclusive(a: hr.Wire, b: hr.Wire) -> hr.Wire:
    return (a & ~b) | (~a & b)


def _exclusive_of_nands(a: hr.Wire, b: hr.Wire) -> hr.Wire:
    both = ~(a & b)
    return ~(~(a & both) & ~(b & both))


def _tree(wires: Sequence[hr.Wire]) -> hr.Wire:
    return wires[0] if len(wires) == 1 else _tree(wires[: len(wires) // 2]) ^ _tree(wires[len(wires) // 2 :])


def _minterms(wires: Sequence[hr.Wire]) -> hr.Wire:
    odd = (bits for bits in itertools.product((0, 1), repeat=len(wires)) if sum(bits) % 2)
    products = [reduce(and_, (w if bit else ~w for w, bit in zip(wires, bits, strict=True))) for bits in odd]
    return reduce(or_, products)


PARITIES: dict[str, Callable[[Sequence[hr.Wire]], hr.Wire]] = {
    "chain": lambda x: reduce(xor, x),
    "tree": _tree,
    "sums of products": lambda x: reduce(_exclusive, x),
    "nands": lambda x: reduce(_exclusive_of_nands, x),
    "muxes": lambda x: reduce(lambda a, b: a.circuit.mux(b, ~a, a), x),
    "minterms": _minterms,
}

MAJORITIES: dict[str, Callable[[hr.Wire, hr.Wire, hr.Wire], hr.Wire]] = {
    "three products": lambda x, y, z: ((x & y) | (y & z)) | (z & x),
    "mux": lambda x, y, z: x.circuit.mux(x, y | z, y & z),
    "carry": lambda x, y, z: (x & y) | (z & (x ^ y)),
}


def named(form: Callable[..., hr.Wire], probabilities: Sequence[float], unpacked: bool = False) -> hr.Circuit:
    """The circuit of a function of inputs with these probabilities."""
    c = hr.Circuit("named")
    wires = [c.input(f"x{i}", hr.Bernoulli(p)) for i, p in enumerate(probabilities)]
    c.output("o", form(*wires) if unpacked else form(wires))
    return c


# -- from circuits to what kernels and their oracle take ---------------------------------------------


def boolean_program(circuit: hr.Circuit, generations: int | None) -> BooleanProgram:
    """Every wire of a circuit, lowered for reductant propagation."""
    return lower_boolean(hr.lower(circuit, keep_dead=True), generations)


def input_law(circuit: hr.Circuit) -> dict[tuple[int, ...], Decimal]:
    """P(all of them 1) for up to three inputs of one law, by their numbers in increasing order."""
    table: dict[tuple[int, ...], Decimal] = {}
    first = 0
    with localcontext() as context:
        context.prec = DIGITS
        for group in circuit.groups:
            points = group.law.points()
            assert points is not None
            weights = [Decimal(p) for p in points[1].tolist()]
            total = sum(weights) if len(group.wires) > 1 else Decimal(1)  # rounding may have left it beside 1
            for count in range(1, 4):
                for chosen in itertools.combinations(range(len(group.wires)), count):
                    held = (p for p, point in zip(weights, points[0].tolist(), strict=True) if all(point[i] == 1.0 for i in chosen))
                    table[tuple(first + i for i in chosen)] = sum(held, Decimal(0)) / total
            first += len(group.wires)
    return table


class Propagated(NamedTuple):
    """P(1) and P(0) of each value of a program, and what is known beside; ``node`` and ``inverted`` lead to the oracle's nodes.

    ``packed`` holds the third joint cumulants of the slots, if triples are tracked.
    """

    one: np.ndarray
    zero: np.ndarray
    reduced: Reduced
    node: list[int]
    inverted: list[bool]
    packed: np.ndarray | None


def propagate(circuit: hr.Circuit, order: int, completion: str, generations: int | None) -> Propagated:
    """All wires of a circuit through the kernels; joint tables are there if nothing is forgotten."""
    program = boolean_program(circuit, generations)
    tensors = []

    def watched(*arguments: Any) -> None:
        tensors.extend(argument.packed for argument in arguments if hasattr(argument, "packed"))
        kernel(*arguments)

    kernel = boolean_triples.propagate_boolean_triples
    with mock.patch.object(boolean_triples, "propagate_boolean_triples", watched):
        result = propagate_boolean_reductants(program, order, COMPLETIONS.index(completion), generations is None)
    packed = tensors[-1] if tensors else None
    return Propagated(*result, program.value_node.tolist(), program.value_not.tolist(), packed)


def oracle(circuit: hr.Circuit, order: int, completion: str, generations: int | None) -> Reference:
    """The same through the literal reference."""
    return Reference(nodes_of(boolean_program(circuit, None)), completion, order, input_law(circuit), generations)
