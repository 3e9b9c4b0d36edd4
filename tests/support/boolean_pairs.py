"""Classic propagation of probabilities of 0/1 wires, taken literally: tables of probabilities, one gate after the other.

Slow oracles, written from the published rules: coefficients instead of covariances, inversion by its own formula, every pair kept.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from decimal import Decimal, localcontext
from fractions import Fraction

from support.boolean_reductants import DIGITS, ROUNDING, Node, within

Literal = tuple[int, bool]
Joint = Mapping[tuple[int, ...], Decimal]


def independent_probabilities(nodes: Sequence[Node], inputs: Sequence[Fraction]) -> list[Fraction]:
    """P(1) of all nodes when the operands of every gate are independent."""
    one: list[Fraction] = []
    for node in nodes:
        if node.kind == "input":
            one.append(inputs[node.left])
            continue
        a, b = (1 - one[i] if inverted else one[i] for i, inverted in ((node.left, node.left_not), (node.right, node.right_not)))
        one.append(a * b if node.kind == "and" else a + b - 2 * a * b)
    return one


class PairReference:
    """P(1) of all nodes in ``one`` and P(both) of all pairs in ``pairs``.

    Args:
        nodes: The circuit, in order of creation.
        rule: ``correlation`` or ``covariance``.
        clamped: Whether pairs are moved to the two-way Frechet bounds.
        inputs: P(1) of the inputs by their number, and P(both 1) for two numbers of one joint law, the smaller first.
    """

    def __init__(self, nodes: Sequence[Node], rule: str, clamped: bool, inputs: Joint) -> None:
        self.rule, self.clamped = rule, clamped
        self.one: list[Decimal] = []
        self.pairs: dict[frozenset[int], Decimal] = {}
        with localcontext() as context:
            context.prec = DIGITS
            for c, node in enumerate(nodes):
                if node.kind == "input":
                    self.one.append(inputs[(node.left,)])
                    for d in range(c):
                        numbers = tuple(sorted((node.left, nodes[d].left)))
                        joint = nodes[d].kind == "input" and numbers in inputs
                        self.pairs[frozenset((c, d))] = inputs[numbers] if joint else self.one[c] * self.one[d]
                else:
                    self._add_gate(c, node)

    def _add_gate(self, c: int, node: Node) -> None:
        a, b = (node.left, node.left_not), (node.right, node.right_not)
        table = {(s, t): self._both(_literal(a, s), _literal(b, t)) for s, t in itertools.product((True, False), repeat=2)}
        value = (lambda s, t: s and t) if node.kind == "and" else (lambda s, t: s != t)
        self.one.append(sum((p for (s, t), p in table.items() if value(s, t)), Decimal(0)))
        for d in range(c):
            if d in (a[0], b[0]):  # the settings where the gate and its own operand are 1
                operand, side = (a, 0) if d == a[0] else (b, 1)
                both = sum((p for key, p in table.items() if value(*key) and key[side] != operand[1]), Decimal(0))
            else:
                both = self._correlated(table, value, a, b, d) if self.rule == "correlation" else self._covariant(node, a, b, d)
                if self.clamped:
                    both = within(both, max(Decimal(0), self.one[c] + self.one[d] - 1), min(self.one[c], self.one[d]))
            self.pairs[frozenset((c, d))] = both

    def _correlated(self, table, value, a: Literal, b: Literal, d: int) -> Decimal:
        """P(gate and d) by the products of coefficients: of an xor, the mean of what its ones and what its zeros say."""
        shares = {
            key: p * self._coefficient(_literal(a, key[0]), d) * self._coefficient(_literal(b, key[1]), d) * self.one[d]
            for key, p in table.items()
        }
        ones = sum((share for key, share in shares.items() if value(*key)), Decimal(0))
        if value(True, True):  # an and
            return ones
        zeros = sum((share for key, share in shares.items() if not value(*key)), Decimal(0))
        return (ones + self.one[d] - zeros) / 2

    def _covariant(self, node: Node, a: Literal, b: Literal, d: int) -> Decimal:
        """P(gate and d) where the joint cumulant of both operands and d is zero."""
        pa, pb, pd = self._probability(a), self._probability(b), self.one[d]
        ad, bd, ab = self._both(a, (d, False)), self._both(b, (d, False)), self._both(a, b)
        all_three = pa * bd + pb * ad + pd * ab - 2 * pa * pb * pd
        return all_three if node.kind == "and" else ad + bd - 2 * all_three

    def _probability(self, literal: Literal) -> Decimal:
        one = self.one[literal[0]]
        return 1 - one if literal[1] else one

    def _both(self, a: Literal, b: Literal) -> Decimal:
        """P(both literals are 1)."""
        (i, p), (j, q) = a, b
        both = self.one[i] if i == j else self.pairs[frozenset((i, j))]
        if p and q:
            both = 1 - self.one[i] - self.one[j] + both
        elif p or q:
            both = self.one[j if p else i] - both
        return Decimal(0) if abs(both) < ROUNDING else both

    def _coefficient(self, literal: Literal, d: int) -> Decimal:
        """C(literal, d) from C(wire, d): 1 for what never happens."""
        i, inverted = literal
        if min(self.one[i], 1 - self.one[i], self.one[d]) == 0:
            return Decimal(1)
        plain = self._both((i, False), (d, False)) / (self.one[i] * self.one[d])
        return (1 - self.one[i] * plain) / (1 - self.one[i]) if inverted else plain


def _literal(operand: Literal, value: bool) -> Literal:
    """The literal that is 1 when the gate sees this value of its operand."""
    return operand[0], operand[1] == value
