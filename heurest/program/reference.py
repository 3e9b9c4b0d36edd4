"""Cumulant propagation taken literally: any order, any expansion, plain recursion. The oracle of the kernels' tests."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from math import inf

from heurest.circuit.circuit import Circuit
from heurest.circuit.gates import AFFINE, CONSTANT, INPUT
from heurest.errors import IntractableError

Wires = tuple[int, ...]


class ReferenceCumulants:
    """Joint cumulants of a circuit's wires by the rules of cumulant propagation.

    A constant and an affine gate of one operand are replaced by their operand, a repeated boolean wire by the rule
    for x * x = x, and only then are multisets of more than ``order`` wires presumed zero. Otherwise the newest wire
    (``node``), or all products of the greatest multiplicative depth (``layer``), are expanded, all copies before the
    next cut.

    Args:
        circuit: Any circuit.
        order: The largest multiset tracked; ``None`` for no cut, which is exact.
        expansion: ``node`` or ``layer``.
        max_terms: How many different joint cumulants may be looked at.
        max_work: The sum of 2 to the number of wires over them, a measure of time; may be raised later on.

    Examples:
        >>> import heurest as hr
        >>> c = hr.Circuit("cube")
        >>> x = c.input("x", hr.Exponential(1))
        >>> y = x**2 * x
        >>> ReferenceCumulants(c, None).joint_cumulant((y.index,))
        6.0
    """

    def __init__(
        self, circuit: Circuit, order: int | None, expansion: str = "node", max_terms: int = 2_000_000, max_work: float = inf
    ) -> None:
        self._circuit = circuit
        self._order = order
        self._layered = expansion == "layer"
        self._max_terms, self.max_work, self.work = max_terms, max_work, 0.0
        self._known: dict[tuple[Wires, frozenset[int]], float] = {}
        self._gate, self._boolean = circuit.gate.tolist(), circuit.boolean.tolist()
        self._literal: list[tuple[int, float, float]] = []
        self._sum: dict[int, tuple[float, list[tuple[int, float]]]] = {}
        self._depth: list[int] = []
        for wire in range(len(circuit)):
            base, scale, shift = self._simplified(wire)
            self._literal.append((base, scale, shift))
            below = [self._depth[w] for w in (circuit.operands(wire) if base == wire else (base,) if base >= 0 else ())]
            self._depth.append(max(below, default=0) + (base == wire and self._gate[wire] not in (INPUT, AFFINE)))

    @property
    def terms(self) -> int:
        """How many joint cumulants were looked at so far."""
        return len(self._known)

    def joint_cumulant(self, wires: Wires) -> float:
        """Estimated joint cumulant of a multiset of wires.

        Raises:
            IntractableError: More than ``max_terms`` cumulants are needed, or the recursion is too deep.
        """
        try:
            return self._cumulant(wires)
        except RecursionError:
            raise IntractableError(f"circuit {self._circuit.name!r}: too deep for cumulant propagation by recursion") from None

    def _simplified(self, wire: int) -> tuple[int, float, float]:
        """Base wire, scale and shift; base -1 for a constant."""
        circuit, gate = self._circuit, self._gate[wire]
        if gate == INPUT:
            return wire, 1.0, 0.0
        if gate == CONSTANT:
            return -1, 0.0, float(circuit.value[wire])
        if gate == AFFINE:
            bias, operands, coefficients = circuit.terms(wire)
            merged: dict[int, float] = {}
            for operand, coefficient in zip(operands.tolist(), coefficients.tolist(), strict=True):
                base, scale, shift = self._literal[operand]
                bias += coefficient * shift
                if base >= 0:
                    merged[base] = merged.get(base, 0.0) + coefficient * scale
            terms = [(base, scale) for base, scale in merged.items() if scale != 0.0]
            if len(terms) <= 1:
                return (*terms[0], bias) if terms else (-1, 0.0, bias)
            self._sum[wire] = bias, terms
            return wire, 1.0, 0.0
        (x, a, b), (y, c, d) = self._literal[circuit.left[wire]], self._literal[circuit.right[wire]]
        if x < 0 or y < 0:
            base, scale, shift = (y, b * c, b * d) if x < 0 else (x, a * d, b * d)
        elif x == y and self._boolean[x]:
            base, scale, shift = x, a * c + a * d + b * c, b * d
        else:
            return wire, 1.0, 0.0
        return (base, scale, shift) if scale != 0.0 else (-1, 0.0, shift)

    def _cumulant(self, wires: Wires) -> float:
        factor = 1.0
        for i, wire in enumerate(wires):
            base, scale, shift = self._literal[wire]
            if base < 0:
                return shift if len(wires) == 1 else 0.0
            if base != wire:
                if len(wires) == 1:
                    return scale * self._cumulant((base,)) + shift
                factor *= scale
                wires = (*wires[:i], base, *wires[i + 1 :])
        return factor * self._remembered(tuple(sorted(wires)), frozenset())

    def _remembered(self, wires: Wires, growing: frozenset[int]) -> float:
        key = (wires, growing)
        if key not in self._known:
            self.work += 2.0 ** len(wires)
            if self.work > self.max_work:
                raise IntractableError(f"circuit {self._circuit.name!r}: joint cumulants of too many wires are needed")
            if len(self._known) >= self._max_terms:
                raise IntractableError(f"circuit {self._circuit.name!r}: more than {self._max_terms:,} joint cumulants are needed")
            self._known[key] = self._expanded(wires, growing) if growing else self._reduced(wires)
        return self._known[key]

    def _reduced(self, wires: Wires) -> float:
        for before, wire in pairwise(wires):
            if wire == before and self._boolean[wire]:
                at = wires.index(wire)
                rest = wires[:at] + wires[at + 2 :]
                return self._cumulant((wire, *rest)) - sum(
                    self._cumulant((wire, *one)) * self._cumulant((wire, *two)) for one, two in _splits(rest)
                )
        if self._order is not None and len(wires) > self._order:
            return 0.0
        gates = [wire for wire in wires if self._gate[wire] != INPUT]
        return self._expanded(wires, self._newest(gates)) if gates else self._of_inputs(wires)

    def _newest(self, gates: list[int]) -> frozenset[int]:
        if not self._layered:
            return frozenset([max(gates)])
        depth = max(self._depth[wire] for wire in gates)
        deepest = [wire for wire in gates if self._depth[wire] == depth]
        sums = [wire for wire in deepest if wire in self._sum]
        return frozenset([max(sums)] if sums else deepest)

    def _expanded(self, wires: Wires, growing: frozenset[int]) -> float:
        wire = next((w for w in wires if w in growing), None)
        if wire is None:
            return self._cumulant(wires)
        at = wires.index(wire)
        rest = wires[:at] + wires[at + 1 :]
        if wire in self._sum:
            bias, terms = self._sum[wire]
            return sum((a * self._grown((x, *rest), growing) for x, a in terms), 0.0 if rest else bias)
        left, right = int(self._circuit.left[wire]), int(self._circuit.right[wire])
        total = self._grown((left, right, *rest), growing)
        return total + sum(self._grown((left, *one), growing) * self._grown((right, *two), growing) for one, two in _splits(rest))

    def _grown(self, wires: Wires, growing: frozenset[int]) -> float:
        """A cumulant that is not cut as long as it holds a wire that is being expanded."""
        if growing.isdisjoint(wires):
            return self._cumulant(wires)
        return self._remembered(tuple(sorted(wires)), growing)

    def _of_inputs(self, wires: Wires) -> float:
        group = int(self._circuit.left[wires[0]])
        if any(self._circuit.left[wire] != group for wire in wires):
            return 0.0
        return self._circuit.groups[group].law.joint_cumulant([int(self._circuit.right[wire]) for wire in wires])


def _splits(wires: Wires) -> Iterator[tuple[Wires, Wires]]:
    """All ways to deal a multiset to two hands, copies told apart."""
    for mask in range(1 << len(wires)):
        yield tuple(w for i, w in enumerate(wires) if mask >> i & 1), tuple(w for i, w in enumerate(wires) if not mask >> i & 1)
