"""Boolean outputs as ors of implicants, gate by gate, with shared wires computed once: the terms that a test drops or keeps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from heurest import opcodes
from heurest.anomaly.and_xor_graph import AndXorGraph, Root, and_xor_graph
from heurest.circuit.circuit import Circuit
from heurest.circuit.wires import Wire
from heurest.opcodes import BIT_LOAD

#: A wire with more implicants than this keeps its largest operand whole.
MAX_IMPLICANTS = 256

# What an atom of an implicant is about: an input, the value of a wire of its own, or one term of such a wire.
INPUT, WIRE, TERM = range(3)


class Atom(NamedTuple):
    """A factor of an implicant: an input, a wire, or a term, by its number; 1 minus its value if ``inverted``."""

    kind: int
    number: int
    inverted: bool


@dataclass(frozen=True)
class Term:
    """An implicant: the product of its atoms, a reason for its wire to be 1.

    Attributes:
        name: The wire, then the atoms, such as ``Y: S1(D) & S2(n2)``, where ``S1(D)`` is the term ``D`` of wire ``S1``.
        wire: Number of the wire in `Decomposition.wires`.
        atoms: Numbers of inputs of the circuit, of wires and of terms here.
    """

    name: str
    wire: int
    atoms: tuple[Atom, ...]


@dataclass(frozen=True, eq=False)
class Decomposition:
    """Wires that are ors of terms, in an order in which they can be computed; `decompose` makes it.

    Attributes:
        circuit: The circuit.
        wires: Names of the wires that have terms of their own.
        places: For each of these the indices of all wires of the circuit that it is, and whether as the inverse; none inside a gate.
        terms: All terms, wire by wire.
        roots: For every wire asked for, its number here and whether it is the inverse; the output is first.
        inputs: Positions of the inputs of the circuit that the terms read.
        monotone: Whether no term reads the inverse of a wire, so that dropping terms can only turn wires off.
    """

    circuit: Circuit
    wires: tuple[str, ...]
    places: tuple[tuple[Root, ...], ...]
    terms: tuple[Term, ...]
    roots: tuple[tuple[int, bool], ...]
    inputs: tuple[int, ...]
    monotone: bool

    def evaluate(self, inputs: Mapping[int, int], kept: Sequence[int], ones: int) -> tuple[list[int], list[int]]:
        """Values in many lanes at once, one lane a bit of Python's integers: points, sets of kept terms, or both.

        Args:
            inputs: For every position in ``inputs`` the lanes where the input is 1.
            kept: For every term the lanes where it is kept; where it is not, it counts as 0.
            ones: All lanes.

        Returns:
            The lanes where each wire is 1, and where each term is kept and active. A wire is computed once, from its
            kept terms, and read by all.
        """
        wires, active = [0] * len(self.wires), [0] * len(self.terms)
        of_kind = (inputs, wires, active)
        for number, term in enumerate(self.terms):
            lanes = kept[number]
            for kind, place, inverted in term.atoms:
                if not lanes:
                    break
                value = of_kind[kind][place]
                lanes &= value ^ ones if inverted else value
            active[number] = lanes
            wires[term.wire] |= lanes
        return wires, active

    def root_values(self, wires: Sequence[int], ones: int) -> list[int]:
        """Lanes where the wires asked for are 1, the output first."""
        return [wires[number] ^ ones if inverted else wires[number] for number, inverted in self.roots]


def decompose(circuit: Circuit, wires: Sequence[Wire], limit: int = MAX_IMPLICANTS) -> Decomposition:
    """Write boolean wires as ors of implicants.

    The circuit is read as ands and exclusive ors of two operands. Wires that are asked for, that have a name, or that
    several gates read have terms of their own; any other gate is absorbed by its one reader. At an or every operand is a
    term, at an exclusive or there are two, and an and is the product of its operands' terms. A wire in an and that has
    several terms of its own is split into these, so ``Y = S1 & S2`` has a term for each pair; everywhere else a wire is read
    as a whole. Where that would give more terms than the limit, the largest operand is read as a whole, too.

    Args:
        circuit: The circuit.
        wires: Boolean wires, the output first.
        limit: The most terms of a wire.

    Returns:
        The terms.

    Raises:
        KindError: A wire depends on one that is not boolean.

    Examples:
        >>> import heurest as hr
        >>> c = hr.Circuit("sensors")
        >>> d, n1, n2 = c.input(["d", "n1", "n2"], hr.Bernoulli(0.5))
        >>> s1, s2 = c.set_name(d | n1, "s1"), c.set_name(d | n2, "s2")
        >>> both = c.set_name(s1 & s2, "both")
        >>> [term.name for term in decompose(c, [both]).terms]  # doctest: +ELLIPSIS
        ['s1: d', 's1: n1', 's2: d', 's2: n2', 'both: s1(d) & s2(d)', ..., 'both: s1(n1) & s2(n2)']
    """
    return _Covers(and_xor_graph(circuit, wires), limit).decomposition(circuit, wires)


_Cover = list[tuple[Atom, ...]]


class _Covers:
    """Implicants of every node that the roots read; atoms hold nodes until all wires are known."""

    def __init__(self, graph: AndXorGraph, limit: int) -> None:
        self.graph, self.limit = graph, limit
        self.own, absorbed = _polarities(graph)
        self.covers: dict[int, _Cover] = {}
        for node in graph.gates:
            self.covers[node] = self._cover(node, self.own[node] if node in self.own else absorbed[node])

    def _cover(self, node: int, inverted: bool) -> _Cover:
        first, second = sorted(self.graph.operands[node])
        if self.graph.kind[node] == opcodes.BIT_XOR:
            (a, p), (b, q) = first, second
            pairs = [(p, q), (not p, not q)] if inverted else [(p, not q), (not p, q)]
            return [product for left, right in pairs if (product := _product((self._literal(a, left), self._literal(b, right))))]
        if inverted:  # not (a and b) is not a, or not b
            return self._sum((first[0], not first[1]), (second[0], not second[1]))
        left, right = self._factor(*first), self._factor(*second)
        if len(left) * len(right) > self.limit and len(left) >= len(right):
            left = self._whole(*first)
        if len(left) * len(right) > self.limit:
            right = self._whole(*second)
        if len(left) * len(right) > self.limit:
            left = self._whole(*first)
        return list(dict.fromkeys(product for a in left for b in right if (product := _product(a + b))))

    def _sum(self, first: Root, second: Root) -> _Cover:
        parts = [self._summand(*first), self._summand(*second)]
        for side, (node, inverted) in sorted(enumerate((first, second)), key=lambda entry: -len(parts[entry[0]])):
            if len(parts[0]) + len(parts[1]) > self.limit:
                parts[side] = self._whole(node, inverted)
        return list(dict.fromkeys(parts[0] + parts[1]))

    def _factor(self, node: int, inverted: bool) -> _Cover:
        terms = self.covers.get(node, [])
        if node in self.own and self.own[node] == inverted and len(terms) > 1:
            return [(Atom(TERM, node * self.limit + number, False),) for number in range(len(terms))]
        return self._summand(node, inverted)

    def _summand(self, node: int, inverted: bool) -> _Cover:
        return [(self._literal(node, inverted),)] if self.graph.kind[node] == BIT_LOAD or node in self.own else self.covers[node]

    def _whole(self, node: int, inverted: bool) -> _Cover:
        if self.graph.kind[node] != BIT_LOAD:
            self.own.setdefault(node, inverted)
        return [(self._literal(node, inverted),)]

    def _literal(self, node: int, inverted: bool) -> Atom:
        if self.graph.kind[node] == BIT_LOAD:
            return Atom(INPUT, self.graph.position[node], inverted)
        return Atom(WIRE, node, inverted != self.own[node])

    # -- numbering -------------------------------------------------------------------------------------

    def decomposition(self, circuit: Circuit, wires: Sequence[Wire]) -> Decomposition:
        """All terms, with wires and terms numbered in order."""
        graph = self.graph
        names: list[str] = []
        places: list[tuple[Root, ...]] = []
        terms: list[Term] = []
        first: dict[int, int] = {}
        number: dict[int, int] = {}
        monotone = True
        for node in (node for node in graph.gates if node in self.own):
            number[node], first[node] = len(names), len(terms)
            names.append(graph.label(node, self.own[node]))
            places.append(tuple((wire, flipped != self.own[node]) for wire, flipped in graph.wires.get(node, ())))
            for cover in self.covers[node]:
                atoms = tuple(self._numbered(atom, number, first) for atom in cover)
                monotone = monotone and not any(atom.kind == WIRE and atom.inverted for atom in atoms)
                terms.append(_named(circuit, names, terms, atoms))
        roots = []
        for (node, inverted), label, asked in zip(graph.roots, graph.root_names, wires, strict=True):
            if node in number:
                roots.append((number[node], inverted != self.own[node]))
                continue
            names.append(label)  # an input has itself as its one term, a constant has none
            places.append(((asked.index, node < 0 and inverted),))
            roots.append((len(names) - 1, node < 0 and inverted))
            if node >= 0:
                terms.append(_named(circuit, names, terms, (Atom(INPUT, graph.position[node], inverted),)))
        if len({term.name for term in terms}) < len(terms):  # an input can be called "~a", a wire like another's output
            terms = [replace(term, name=f"{term.name} [{place}]") for place, term in enumerate(terms)]
        inputs = sorted({atom.number for term in terms for atom in term.atoms if atom.kind == INPUT})
        return Decomposition(circuit, tuple(names), tuple(places), tuple(terms), tuple(roots), tuple(inputs), monotone)

    def _numbered(self, atom: Atom, number: Mapping[int, int], first: Mapping[int, int]) -> Atom:
        if atom.kind == WIRE:
            return atom._replace(number=number[atom.number])
        if atom.kind == TERM:
            node, term = divmod(atom.number, self.limit)
            return atom._replace(number=first[node] + term)
        return atom


def _named(circuit: Circuit, names: Sequence[str], terms: Sequence[Term], atoms: tuple[Atom, ...]) -> Term:
    parts = []
    for atom in atoms:
        if atom.kind == TERM:
            wire = names[terms[atom.number].wire]
            parts.append(f"{wire}({terms[atom.number].name.removeprefix(wire + ': ')})")
        else:
            name = names[atom.number] if atom.kind == WIRE else circuit.inputs[atom.number].name
            parts.append(inverse(name or f"#{circuit.inputs[atom.number].index}") if atom.inverted else str(name))
    return Term(f"{names[-1]}: {' & '.join(parts)}", len(names) - 1, atoms)


def _product(atoms: tuple[Atom, ...]) -> tuple[Atom, ...]:
    """Each atom once, inputs first; empty where an atom stands beside its inverse, so that the product is never 1."""
    distinct = set(atoms)
    return () if any(atom._replace(inverted=not atom.inverted) in distinct for atom in distinct) else tuple(sorted(distinct))


def _polarities(graph: AndXorGraph) -> tuple[dict[int, bool], dict[int, bool]]:
    """Whether the terms of a gate are those of its inverse: for gates with terms of their own, and for absorbed ones.

    Gates that are asked for, named or read several times have terms of their own. A named gate follows its name, any
    other its readers, which come after it: an or reads the inverses of what the and in it reads.
    """
    given: dict[int, bool] = {}
    for node, inverted in graph.roots:
        given.setdefault(node, inverted)
    for node, (_, inverted) in graph.names.items():
        given.setdefault(node, inverted)
    own: dict[int, bool] = {}
    absorbed: dict[int, bool] = {}
    reads: dict[int, list[bool]] = {}
    for node in reversed(graph.gates):
        seen = reads.get(node, [])
        if node in given or len(seen) > 1:
            own[node] = given[node] if node in given else 2 * sum(seen) > len(seen)
        else:
            absorbed[node] = seen[0]
        polarity = own[node] if node in own else absorbed[node]
        for operand, inverted in graph.operands[node]:
            both = graph.kind[node] == opcodes.BIT_XOR  # an exclusive or reads its operands and their inverses
            reads.setdefault(operand, []).extend((False, True) if both else (inverted != polarity,))
    return own, absorbed


def inverse(name: str) -> str:
    """The name of the inverse of a wire."""
    return name[1:] if name.startswith("~") else f"~{name}"
