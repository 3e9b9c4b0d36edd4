"""Reductant propagation of 0/1 wires, taken literally: tables of probabilities in long decimals, one gate after the other.

A slow oracle, written from the definition: shares of cells instead of covariances, least squares by its normal equations,
the law without interaction by bisection, conditional laws instead of rescaled cumulants.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from decimal import Decimal, localcontext
from functools import cached_property
from typing import NamedTuple

from heurest import opcodes
from heurest.program.boolean import BooleanProgram

DIGITS = 60
ROUNDING = Decimal(10) ** -40  # what stands for zero
HALF = Decimal("0.5")
ALONE = Decimal("1e-9")  # of an operand's variance, left beside the other: less counts as none
FLOOR = Decimal("1e-24")  # of the variances that weigh the estimates of order 3

Cells = tuple[Decimal, Decimal, Decimal, Decimal]  # of two literals: 11, 10, 01, 00
Interval = tuple[Decimal, Decimal]
Joint = Mapping[tuple[int, ...], Decimal]


class Node(NamedTuple):
    """An input (``kind`` "input"), or the and or xor of two earlier nodes, those of an and inverted where a flag says so."""

    kind: str
    left: int = -1
    right: int = -1
    left_not: bool = False
    right_not: bool = False


class Regression(NamedTuple):
    """A gate as ``left * A + right * B + constant + rest``, the variance of the rest, and the sign of its interaction over its size."""

    left: Decimal
    right: Decimal
    rest: Decimal
    interacts: Decimal


def nodes_of(program: BooleanProgram) -> list[Node]:
    """The nodes of a program lowered without any reuse of slots."""
    code = program.instructions
    kinds = {opcodes.BIT_LOAD: "input", opcodes.BIT_AND: "and", opcodes.BIT_XOR: "xor"}
    assert code.dest.tolist() == list(range(len(code.op)))
    rows = zip(*(column.tolist() for column in (code.op, code.left, code.right, code.left_not, code.right_not)), strict=True)
    return [Node(kinds[op], *row) if op != opcodes.BIT_LOAD else Node("input", row[0]) for op, *row in rows]


def last_use(operands: Sequence[Sequence[int]], generations: int | None) -> list[int]:
    """The last node during which each node is known: that of its last reader's death, ``generations`` times over."""
    size = len(operands)
    if generations is None:
        return [size] * size
    readers = [[k for k, read in enumerate(operands) if i in read] for i in range(size)]
    last = [max(found, default=i) for i, found in enumerate(readers)]
    death = last
    for _ in range(generations):
        death = [max([last[i], *(death[k] for k in found)]) for i, found in enumerate(readers)]
    return death


class Law:
    """The law of single wires and of pairs of them, as far as they are known; gates with tracked operands know their regression."""

    def __init__(self, one: dict[int, Decimal], pairs: dict[frozenset[int], Decimal]) -> None:
        self.one, self.pairs = one, pairs

    def both(self, i: int, j: int) -> Decimal:
        """P(i and j)."""
        return self.one[i] if i == j else self.pairs[frozenset((i, j))]

    def covariance(self, i: int, j: int) -> Decimal:
        return self.both(i, j) - self.one[i] * self.one[j]

    def cells(self, gate: Node) -> Cells:
        """The probabilities that the gate's literals are 11, 10, 01, 00."""
        a, b, both = self.one[gate.left], self.one[gate.right], self.both(gate.left, gate.right)
        table = {(1, 1): both, (1, 0): a - both, (0, 1): b - both, (0, 0): 1 - a - b + both}
        p, q = gate.left_not, gate.right_not
        found = [table[s ^ p, t ^ q] for s, t in ((1, 1), (1, 0), (0, 1), (0, 0))]
        return tuple(Decimal(0) if cell < ROUNDING else cell for cell in found)  # type: ignore[return-value]

    def with_literals(self, gate: Node, d: int) -> Interval:
        """P(literal and d) for both literals of the gate."""
        a, b, one = self.both(gate.left, d), self.both(gate.right, d), self.one[d]
        return one - a if gate.left_not else a, one - b if gate.right_not else b

    def possible(self, gate: Node, d: int) -> Interval:
        """The interval that the shares of d in the cells leave to P(gate and d): each from 0 to its cell."""
        p11, p10, p01, p00 = self.cells(gate)
        (a, b), one = self.with_literals(gate, d), self.one[d]
        low = max(Decimal(0), a - p10, b - p01, a + b - one)
        high = min(p11, a, b, a + b - one + p00)
        if gate.kind == "and":
            return low, high
        return a + b - 2 * high, a + b - 2 * low

    def regression(self, gate: Node) -> Regression:
        """Least squares of the gate on its literals, turned into the terms of its operands."""
        cells = self.cells(gate)
        p11, p10, p01, _ = cells
        a, b = p11 + p10, p11 + p01
        zeros = [cell == 0 for cell in cells]
        if any(zeros):  # the limit of weights 1 / cell: a product without remainder
            share = Decimal(1) / sum(zeros)
            left, right, rest = (zeros[1] + zeros[3]) * share, (zeros[2] + zeros[3]) * share, Decimal(0)
        else:
            aa, bb, ab = a * (1 - a), b * (1 - b), p11 - a * b
            ac, bc, determinant = p11 * (1 - a), p11 * (1 - b), aa * bb - ab * ab
            left, right = (bb * ac - ab * bc) / determinant, (aa * bc - ab * ac) / determinant
            rest = p11 * (1 - p11) - left * ac - right * bc
        size = a * (1 - a) * b * (1 - b)
        interacts = (rest / size).sqrt() if size > 0 else Decimal(0)
        if gate.kind == "xor":  # a + b - 2 a b
            left, right, rest, interacts = 1 - 2 * left, 1 - 2 * right, 4 * rest, -2 * interacts
        signs = -1 if gate.left_not else 1, -1 if gate.right_not else 1
        return Regression(signs[0] * left, signs[1] * right, rest, signs[0] * signs[1] * interacts)

    def predicted(self, gate: Node, d: int) -> Decimal:
        """The covariance of d with the gate's regression."""
        form = self.regression(gate)
        return form.left * self.covariance(gate.left, d) + form.right * self.covariance(gate.right, d)

    def mutual(self, gate: Node, c: int, other: Node) -> Decimal:
        """What the other gate's regression adds: its covariance with the rest of the gate, which is node ``c``."""
        theirs = self.regression(other)
        return sum(
            (
                slope * (self.covariance(c, x) - self.predicted(gate, x))
                for slope, x in ((theirs.left, other.left), (theirs.right, other.right))
            ),
            Decimal(0),
        )

    def beside(self, i: int, j: int) -> dict[int, Decimal]:
        """Wire i less its linear regression on wire j, as a sum of wires."""
        spread = self.covariance(j, j)
        return {i: Decimal(1), j: -self.covariance(i, j) / spread}

    def combined(self, one: dict[int, Decimal], other: dict[int, Decimal]) -> Decimal:
        """Covariance of two sums of wires."""
        return sum((p * q * self.covariance(i, j) for i, p in one.items() for j, q in other.items()), Decimal(0))

    def presumed(self, gate: Node, other: Node) -> Decimal:
        """E[rest * rest] of two gates, as if both were products of jointly normal wires, each operand seen beside its partner."""
        scale, parts = Decimal(1), []
        for node in (gate, other):
            spreads = self.covariance(node.left, node.left) * self.covariance(node.right, node.right)
            if node.left == node.right or spreads == 0:
                return Decimal(0)
            alone = 1 - self.covariance(node.left, node.right) ** 2 / spreads
            if alone < ALONE:
                return Decimal(0)
            scale *= self.regression(node).interacts / alone
            parts += [self.beside(node.left, node.right), self.beside(node.right, node.left)]
        a, b, x, y = parts
        return scale * (self.combined(a, x) * self.combined(b, y) + self.combined(a, y) * self.combined(b, x))

    def no_interaction(self, gate: Node, d: int) -> Decimal:
        """P(gate and d) of the law with these pairs whose literals have one odds ratio, whether d is 1 or 0."""
        cells, (a, b), one = self.cells(gate), self.with_literals(gate, d), self.one[d]
        literals = Node("and", gate.left, gate.right, gate.left_not, gate.right_not)
        low, high = self.possible(literals, d)
        if low < high:
            for _ in range(120):
                t = (low + high) / 2
                ones = (t, a - t, b - t, one - a - b + t)
                zeros = [cell - share for cell, share in zip(cells, ones, strict=True)]
                if ones[0] * ones[3] * zeros[1] * zeros[2] > zeros[0] * zeros[3] * ones[1] * ones[2]:
                    high = t
                else:
                    low = t
        t = (low + high) / 2
        return t if gate.kind == "and" else a + b - 2 * t


def within(value: Decimal, low: Decimal, high: Decimal) -> Decimal:
    """The nearest number of an interval; its middle where rounding, or a contradiction, left it empty."""
    return (low + high) / 2 if low > high else min(max(value, low), high)


def narrowed(own: Interval, other: Interval) -> Interval:
    """The intersection, or the first interval if there is none."""
    low, high = max(own[0], other[0]), min(own[1], other[1])
    if low - high > ROUNDING:
        return own
    return (low, high) if low <= high else ((low + high) / 2, (low + high) / 2)


class Reference(Law):
    """P(1) of all nodes, in ``one``; and what is known of pairs and triples when the last one is done.

    Args:
        nodes: The circuit, in order of creation.
        completion: ``regression``, ``interaction`` or ``mutual``.
        order: 2 or 3.
        inputs: P(1) of the inputs by their number, and P(all of them 1) for numbers of one joint law, smallest first.
        generations: As `last_use` takes it.
    """

    def __init__(self, nodes: Sequence[Node], completion: str, order: int, inputs: Joint, generations: int | None = None) -> None:
        super().__init__({}, {})
        self.nodes, self.completion, self.order, self.inputs = nodes, completion, order, inputs
        self.triples: dict[frozenset[int], Decimal] = {}
        self.death = last_use([() if node.kind == "input" else (node.left, node.right) for node in nodes], generations)
        with localcontext() as context:
            context.prec = DIGITS
            for c in range(len(nodes)):
                self._add(c)

    @cached_property
    def zero(self) -> dict[int, Decimal]:
        """P(0) of all nodes."""
        with localcontext() as context:
            context.prec = DIGITS
            return {c: 1 - one for c, one in self.one.items()}

    def _live(self, c: int) -> list[int]:
        return [d for d in range(c) if self.death[d] >= c]

    def _has_operands(self, d: int, c: int) -> bool:
        node = self.nodes[d]
        return node.kind != "input" and min(self.death[node.left], self.death[node.right]) >= c

    def _add(self, c: int) -> None:
        node, live = self.nodes[c], self._live(c)
        if node.kind == "input":
            self.one[c] = self.inputs[(node.left,)]
            for d in live:
                self.pairs[frozenset((c, d))] = self._of_input(c, d)
            for d, e in itertools.combinations(live, 2) if self.order == 3 else ():
                self.triples[frozenset((c, d, e))] = self._of_input(c, d, e)
            return
        p11, p10, p01, _ = self.cells(node)
        self.one[c] = p11 if node.kind == "and" else p10 + p01
        for d in live:
            self.pairs[frozenset((c, d))] = self._pair(c, d)
        for e, d in itertools.combinations(live, 2) if self.order == 3 else ():
            self.triples[frozenset((c, d, e))] = self._triple(c, d, e)

    def _of_input(self, c: int, *others: int) -> Decimal:
        """P(all are 1) of a new input and older wires: independent of all but the inputs of its own joint law."""
        partners = [d for d in others if self.nodes[d].kind == "input" and self._joint(self.nodes[c].left, self.nodes[d].left)]
        rest = [d for d in others if d not in partners]
        together = self.inputs[tuple(sorted([self.nodes[c].left, *(self.nodes[d].left for d in partners)]))]
        if len(rest) == 2:
            return together * self.both(*rest)
        if len(rest) == 1 and len(partners) == 1:  # k(c, d, e) = 0, as e is independent of c
            (d,), (e,) = partners, rest
            return together * self.one[e] + self.one[c] * self.covariance(d, e)
        return together * self.one[rest[0]] if rest else together

    def _joint(self, i: int, j: int) -> bool:
        return tuple(sorted((i, j))) in self.inputs

    def _with_operand(self, c: int, d: int) -> Decimal:
        """P(c and d) for an operand d of the gate c: the cells where both are true."""
        node = self.nodes[c]
        cells = dict(zip(((1, 1), (1, 0), (0, 1), (0, 0)), self.cells(node), strict=True))
        inverted, side = (node.left_not, 0) if d == node.left else (node.right_not, 1)
        gate = (lambda s, t: s & t) if node.kind == "and" else (lambda s, t: s ^ t)
        return sum((p for s, p in cells.items() if gate(*s) and s[side] ^ inverted), Decimal(0))

    def _pair(self, c: int, d: int) -> Decimal:
        node, other = self.nodes[c], self.nodes[d]
        if d in (node.left, node.right):
            return self._with_operand(c, d)
        independent = self.one[c] * self.one[d]
        own = self.possible(node, d)
        if own[0] > own[1]:
            own = ((own[0] + own[1]) / 2,) * 2
        if self.order == 3:
            value = self._from_triple(node, d)
        elif self.completion == "interaction":
            value = self.no_interaction(node, d)
        else:
            value = independent + self.predicted(node, d)
            if self.completion == "mutual" and self._has_operands(d, c):
                value += self.mutual(node, c, other) + self.presumed(node, other)
        if self.order == 2 and self._has_operands(d, c):
            own = narrowed(own, self.possible(other, c))
        value = within(value, *own)
        return within(value, max(Decimal(0), self.one[c] + self.one[d] - 1), min(self.one[c], self.one[d]))

    def _from_triple(self, node: Node, d: int) -> Decimal:
        a, b = self.with_literals(node, d)
        both = self.all_three(node.left, node.right, d)
        if node.left_not:
            both = self.both(node.right, d) - both
        if node.right_not:
            both = a - both
        return both if node.kind == "and" else a + b - 2 * both

    def all_three(self, i: int, j: int, k: int) -> Decimal:
        """P(i and j and k)."""
        different = list({i, j, k})
        return self.triples[frozenset(different)] if len(different) == 3 else self.both(different[0], different[-1])

    def cumulant(self, i: int, j: int, k: int) -> Decimal:
        """The third joint cumulant of three wires."""
        one = self.one
        pairs = one[i] * self.both(j, k) + one[j] * self.both(i, k) + one[k] * self.both(i, j)
        return self.all_three(i, j, k) - pairs + 2 * one[i] * one[j] * one[k]

    def _triple(self, c: int, d: int, e: int) -> Decimal:
        node = self.nodes[c]
        for operand, other in ((d, e), (e, d)):
            if operand in (node.left, node.right):
                return self._triple_with_operand(c, operand, other)
        own, total, weight = (Decimal(-1), Decimal(2)), Decimal(0), Decimal(0)
        sides: list[Interval] = []
        for g, f in ((d, e), (e, d)):
            side = Decimal(-1), Decimal(2)
            for value in (1, 0):
                if not (share := self.one[f] if value else 1 - self.one[f]) > 0:
                    continue
                law = self._given(f, value, {c, node.left, node.right, g, *self._operands(g, c)})
                tracked = self._has_operands(g, c)
                estimate, left_over = law.predicted(node, g), law.regression(node).rest
                if tracked and self.completion == "mutual":
                    estimate += law.mutual(node, c, self.nodes[g])
                    left_over *= law.regression(self.nodes[g]).rest
                else:
                    left_over *= law.one[g] * (1 - law.one[g])
                joint = share * (estimate + law.one[c] * law.one[g])
                heaviness = 1 / (share * share * (left_over + FLOOR))
                total += heaviness * self._completed(joint, c, g, value)
                weight += heaviness
                if g == d:
                    own = self._narrow(own, law.possible(node, g), share, c, g, value)
                if tracked:
                    side = self._narrow(side, law.possible(self.nodes[g], c), share, c, g, value)
            sides.append(side)
        if own[0] > own[1]:
            own = ((own[0] + own[1]) / 2,) * 2
        for side in sides:
            own = narrowed(own, side)
        return within(total / weight, *own) if weight else self.one[c] * self.one[d] * self.one[e]

    def _operands(self, g: int, c: int) -> set[int]:
        return {self.nodes[g].left, self.nodes[g].right} if self._has_operands(g, c) else set()

    def _completed(self, joint: Decimal, c: int, g: int, value: int) -> Decimal:
        """P(c, g and f) from P(c, g, f = value)."""
        return joint if value else self.both(c, g) - joint

    def _narrow(self, interval: Interval, given: Interval, share: Decimal, c: int, g: int, value: int) -> Interval:
        ends = sorted(self._completed(share * end, c, g, value) for end in given)
        return max(interval[0], ends[0]), min(interval[1], ends[1])

    def _given(self, f: int, value: int, wires: set[int]) -> Law:
        """The law of some wires where f has a value; what is not known yet is left out."""
        share = self.one[f] if value else 1 - self.one[f]

        def of(both: Decimal, alone: Decimal) -> Decimal:
            return (both if value else alone - both) / share

        one = {i: of(self.both(i, f), self.one[i]) for i in wires}
        pairs = {}
        for i, j in itertools.combinations(sorted(wires), 2):
            different = frozenset((i, j, f))
            if len(different) < 3 or different in self.triples:
                pairs[frozenset((i, j))] = of(self.all_three(i, j, f), self.both(i, j))
        return Law(one, pairs)

    def _triple_with_operand(self, c: int, operand: int, other: int) -> Decimal:
        """P(c, its operand and another wire), from the pairs."""
        node = self.nodes[c]
        inverted = node.left_not if operand == node.left else node.right_not
        with_c, with_operand = self.both(c, other), self.both(operand, other)
        if node.kind == "and":
            return Decimal(0) if inverted else with_c
        across = self.both(node.right if operand == node.left else node.left, other)
        return with_operand - (with_operand + across - with_c) / 2
