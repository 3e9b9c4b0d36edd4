"""Heuristic arguments for tests: circuits whose estimates are worked out by hand, and claims and arguments drawn at random."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import combinations_with_replacement, pairwise

import numpy as np
from hypothesis import strategies as st

import heurest as hr
from heurest.arguments.argument import Argument
from heurest.arguments.claims import MAX_REDUCTANT_DEGREE, MAX_TERM_ORDER, Assert, Cases, Claim, Lemma, Measured, Point, Track, Transcript

# -- circuits with estimates that are worked out -----------------------------------------------------


def product_of_prices() -> hr.Circuit:
    """``xy`` of (x, y) = (2, 5) or (4, 9): presumed 3 * 7 = 21, in truth (10 + 36) / 2 = 23."""
    c = hr.Circuit("prices")
    x, y = c.input(["x", "y"], hr.JointDiscrete([[2, 5], [4, 9]], [0.5, 0.5]))
    c.output("xy", x * y)
    return c


def majority() -> hr.Circuit:
    """``o`` = OR(OR(p, q), r) of the pairs p = xy, q = yz, r = zx of three fair bits; each OR is a + b - ab."""
    c = hr.Circuit("majority")
    x, y, z = c.input(["x", "y", "z"], hr.Bernoulli(0.5), count=3)
    p, q, r = c.set_name(x & y, "p"), c.set_name(y & z, "q"), c.set_name(z & x, "r")
    pq = c.set_name(p & q, "pq")
    o1 = c.set_name(c.affine([1, 1, -1], [p, q, pq], boolean=True), "o1")
    o1r = c.set_name(o1 & r, "o1r")
    c.output("o", c.affine([1, 1, -1], [o1, r, o1r], boolean=True))
    return c


def majority_claims(circuit: hr.Circuit) -> tuple[list[Claim], dict[str, Claim]]:
    """What is always tracked in `majority`, and the exact cumulants of p, q and r by name: ``pq``, ``pr``, ``qr``, ``pqr``.

    E[pq] = E[pqr] = 1/8, so a covariance is 1/8 - 1/16 and the third cumulant 1/8 - 3/32 + 2/64, 1/16 both.
    """
    p, q, r, pq, o1 = map(circuit.wire, ("p", "q", "r", "pq", "o1"))
    always: list[Claim] = [Track((pq, r)), Track((o1, r))]
    stated: dict[str, Claim] = {
        "pq": Assert((p, q), 1 / 16, "enumerated"),
        "pr": Assert((p, r), 1 / 16, "enumerated"),
        "qr": Assert((q, r), 1 / 16, "enumerated"),
        "pqr": Assert((p, q, r), 1 / 16, "enumerated"),
    }
    return always, stated


def one_hot_and() -> hr.Circuit:
    """``o`` = AND(AND(x, y), z) of three bits of which exactly one is 1, each equally likely: always 0."""
    c = hr.Circuit("one_hot")
    x, y, z = c.input(["x", "y", "z"], hr.JointDiscrete(np.eye(3).tolist(), [1 / 3, 1 / 3, 1 / 3]))
    xy = c.set_name(x & y, "xy")
    c.output("o", xy & z)
    return c


def one_hot_claims(circuit: hr.Circuit) -> tuple[list[Claim], dict[str, Claim]]:
    """What is always tracked in `one_hot_and`, and the terms of its inputs by name: ``xy``, ``xz``, ``yz``, ``xyz``."""
    x, y, z, xy = map(circuit.wire, ("x", "y", "z", "xy"))
    return [Track((xy, z))], {"xy": Track((x, y)), "xz": Track((x, z)), "yz": Track((y, z)), "xyz": Track((x, y, z))}


def two_sensors() -> hr.Circuit:
    """``both`` of two sensors d XOR e[i] that read one fair bit and fail once in a hundred times: 4901/10000, presumed 1/4."""
    c = hr.Circuit("sensors")
    d = c.input("d", hr.Bernoulli(0.5))
    e = c.input("e", hr.Bernoulli(0.01), count=2)
    c.output("both", c.set_name(d ^ e[0], "s[0]") & c.set_name(d ^ e[1], "s[1]"))
    return c


def measured_pair() -> hr.Circuit:
    """``xy`` of two fair bits: 1/4 plus whatever covariance is claimed."""
    c = hr.Circuit("pair")
    x, y = c.input(["x", "y"], hr.Bernoulli(0.5), count=2)
    c.output("xy", x & y)
    return c


def tautology_blocks(blocks: int = 4) -> hr.Circuit:
    """``all`` = AND of blocks (a AND b) OR (NOT a OR NOT b) over fair bits: always 1.

    The operands of a block's OR are named ``u[j]`` and ``w[j]``; they exclude each other, so their covariance is
    0 - 1/4 * 3/4 = -3/16. Each block without that claim counts as 1 - 3/4 * 1/4 = 13/16.
    """
    c = hr.Circuit("blocks")
    bits = c.input("x", hr.Bernoulli(0.5), count=2 * blocks)
    total = None
    for j in range(blocks):
        a, b = bits[2 * j], bits[2 * j + 1]
        block = c.set_name(a & b, f"u[{j}]") | c.set_name(~a | ~b, f"w[{j}]")
        total = block if total is None else total & block
    c.output("all", total)
    return c


def block_claims(circuit: hr.Circuit) -> list[Claim]:
    """For each block of `tautology_blocks` the covariance of the operands of its OR."""
    blocks = sum(name.startswith("u[") for name in circuit.names)
    return [Assert((circuit.wire(f"u[{j}]"), circuit.wire(f"w[{j}]")), -3 / 16, "enumerated") for j in range(blocks)]


#: The circuits above by name, for tests of what holds for all of them.
EXAMPLES: dict[str, Callable[[], hr.Circuit]] = {
    function.__name__: function for function in (product_of_prices, majority, one_hot_and, two_sensors, measured_pair, tautology_blocks)
}

# -- full arguments ----------------------------------------------------------------------------------


def all_terms(circuit: hr.Circuit, order: int, wires: Iterable[int] | None = None) -> list[Track]:
    """All joint cumulants of two to ``order`` wires; boolean wires do not repeat."""
    found = []
    for size in range(2, order + 1):
        for term in combinations_with_replacement(range(len(circuit)) if wires is None else sorted(wires), size):
            if not any(a == b and circuit.boolean[a] for a, b in pairwise(term)):
                found.append(Track(term))
    return found


def magnitude(planned: hr.ArgumentPlan) -> np.ndarray:
    """For every wire the sum of the sizes of all that its mean is a sum of: rounding errors are small multiples of it."""
    flat, wires = planned.plan, planned.values.wires
    sizes = replace(flat, constant=np.abs(flat.constant), coefficient=np.abs(flat.coefficient)).run()
    known = np.append(sizes[flat.mean_entry], 0.0)
    return np.abs(wires.scale) * known[wires.value] + np.abs(wires.shift)


# -- claims and arguments at random ------------------------------------------------------------------

FLOATS = st.floats(allow_nan=False, allow_infinity=False)
GRADES = st.one_of(
    st.sampled_from(["proved", "enumerated"]),
    st.builds(Measured, st.integers(0, 10**6), st.floats(min_value=5e-324, allow_infinity=False)),
)


@st.composite
def wire_lists(draw: st.DrawFn, circuit: hr.Circuit, max_size: int = 4, distinct: bool = False) -> tuple[int, ...]:
    """Indices of 1 to ``max_size`` wires in any order; boolean wires do not repeat, real ones may unless ``distinct``."""
    drawn = draw(st.lists(st.integers(0, len(circuit) - 1), min_size=1, max_size=max_size))
    kept: list[int] = []
    for wire in drawn:
        if wire not in kept or not (distinct or circuit.boolean[wire]):
            kept.append(wire)
    return tuple(kept)


@st.composite
def tracks(draw: st.DrawFn, circuit: hr.Circuit, handles: bool = True) -> Track:
    """Joint cumulants and, now and then, reductants."""
    if draw(st.integers(0, 3)):
        return Track(_given(circuit, draw(wire_lists(circuit)), handles))
    wires = draw(wire_lists(circuit, distinct=True))
    degree = draw(st.integers(1, min(MAX_REDUCTANT_DEGREE, MAX_TERM_ORDER // len(wires))))
    return Track(_given(circuit, wires, handles), degree)


@st.composite
def asserts(draw: st.DrawFn, circuit: hr.Circuit, values: st.SearchStrategy[float] = FLOATS, handles: bool = True) -> Assert:
    """Stated values of any grade; no law need have them."""
    return Assert(_given(circuit, draw(wire_lists(circuit)), handles), draw(values), draw(GRADES))


@st.composite
def lemmas(draw: st.DrawFn, circuit: hr.Circuit, values: st.SearchStrategy[float] = FLOATS, handles: bool = True) -> Lemma:
    """A wire equals a number or another wire (which always takes handles)."""
    wire = draw(st.integers(0, len(circuit) - 1))
    if len(circuit) > 1 and draw(st.booleans()):
        return Lemma.same(wire, draw(st.integers(0, len(circuit) - 1).filter(lambda other: other != wire)), circuit)
    return Lemma(circuit.wire(wire) if handles else wire, draw(values))


@st.composite
def points(draw: st.DrawFn, circuit: hr.Circuit, values: st.SearchStrategy[float] = FLOATS) -> Point:
    """One number for every input, and a value for some outputs."""
    outputs = draw(st.dictionaries(st.sampled_from(list(circuit.outputs)), values, min_size=1))
    return Point(draw(st.lists(values, min_size=len(circuit.inputs), max_size=len(circuit.inputs))), outputs)


@st.composite
def cases(draw: st.DrawFn, circuit: hr.Circuit, values: st.SearchStrategy[float] = FLOATS, handles: bool = True, depth: int = 2) -> Cases:
    """A split on a boolean wire, with up to ``depth`` more splits inside."""
    event = draw(st.sampled_from(np.flatnonzero(circuit.boolean).tolist()))
    inner = st.lists(claims(circuit, values, handles, depth=depth - 1, inner=True), max_size=2)
    return Cases(circuit.wire(event) if handles else event, {0: draw(inner), 1: draw(inner)})


def claims(
    circuit: hr.Circuit, values: st.SearchStrategy[float] = FLOATS, handles: bool = True, depth: int = 2, inner: bool = False
) -> st.SearchStrategy[Claim]:
    """Claims of every kind about a circuit.

    Args:
        circuit: A circuit with outputs.
        values: What may be stated of cumulants, in lemmas and at points.
        handles: Make claims with wires, which carry the circuit, or with indices.
        depth: How many cases may stand inside each other.
        inner: Only what may stand within a case.
    """
    kinds: list[st.SearchStrategy[Claim]] = [tracks(circuit, handles), asserts(circuit, values, handles), lemmas(circuit, values, handles)]
    if depth > 0 and circuit.boolean.any():
        kinds.append(st.deferred(lambda: cases(circuit, values, handles, depth)))
    if not inner:
        kinds.append(points(circuit, values))
        kinds.append(st.deferred(lambda: st.lists(st.one_of(kinds[:-1]), max_size=3).map(Transcript)))
    return st.one_of(kinds)


def arguments(
    circuit: hr.Circuit, values: st.SearchStrategy[float] = FLOATS, handles: bool = True, max_size: int = 6
) -> st.SearchStrategy[Argument]:
    """Sets of claims of every kind about a circuit, some of them selected from more."""
    return st.builds(Argument, st.lists(claims(circuit, values, handles), max_size=max_size), st.sampled_from([0, 0, 7, 1000]))


def _given(circuit: hr.Circuit, wires: Sequence[int], handles: bool) -> tuple[hr.Wire | int, ...]:
    return tuple(circuit.wire(wire) if handles else wire for wire in wires)
