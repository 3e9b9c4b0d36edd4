"""Gates of a few operands from their truth tables, as ands, exclusive ors and multiplexers of as few operands as can be."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache

from heurest.formats.netlist_logic import FALSE, TRUE, Logic

#: Tables have at most so many operands.
MAX_OPERANDS = 8


@dataclass(frozen=True)
class TableGate:
    """How to make one function of some literals.

    References count as literals do: 0 and 1 are the constants, then come the operands, then the results of the steps.

    Attributes:
        steps: Which n-ary gate each step makes, and of which references.
        result: The reference of the function.
    """

    steps: tuple[tuple[Callable[[Logic, list[int]], int], tuple[int, ...]], ...]
    result: int

    def __call__(self, logic: Logic, operands: list[int]) -> int:
        """Make the function; returns its literal."""
        literals = [FALSE, *operands]
        for step, references in self.steps:
            literals.append(step(logic, [literals[reference >> 1] ^ (reference & 1) for reference in references]))
        return literals[self.result >> 1] ^ (self.result & 1)


@lru_cache(maxsize=4096)
def table_gate(operands: int, table: int) -> TableGate:
    """Return the gate of a truth table.

    Operands that can be factored out, as in ``x & f``, ``x | f`` or ``x ^ f``, are; else the function is split into a multiplexer by the
    operand that leaves least. With independent operands the mean of ``b + s a - s b`` is exact, which that of a sum of products is not.

    Args:
        operands: How many, at most `MAX_OPERANDS`.
        table: Bit m is the value where operand i is bit i of m.

    Returns:
        The gate; equal arguments share it.

    Cost:
        Exponential in ``operands`` once, in the worst case; the nodes are at most those of a decision diagram.

    Examples:
        >>> logic = Logic(3)
        >>> table_gate(2, 0b0110)(logic, [2, 4]) == 8  # one exclusive or
        True
        >>> [len(table_gate(3, table).steps) for table in (0b10010110, 0b11001010, 0b11101000)]  # parity, multiplexer, majority
        [1, 1, 3]
    """
    return _Splitting(operands, table).gate


class _Splitting:
    """The steps of one table, with equal and opposite subtables made once."""

    def __init__(self, operands: int, table: int) -> None:
        self._all = (1 << (1 << operands)) - 1
        # the rows of the table where each operand is 0
        self._zero = [self._all // ((1 << (1 << i)) + 1) for i in range(operands)]
        self._known = {0: FALSE, self._all: TRUE}
        for i, zero in enumerate(self._zero):
            self._known |= {self._all ^ zero: 2 * i + 2, zero: 2 * i + 3}
        self._cofactors: dict[int, list[tuple[int, int, int]]] = {}
        self._first = operands + 1
        self._steps: list[tuple[Callable[[Logic, list[int]], int], tuple[int, ...]]] = []
        result = self._reference(table & self._all, range(operands))
        self.gate = TableGate(tuple(self._steps), result)

    def _reference(self, table: int, operands: Iterable[int]) -> int:
        """The reference of a function that depends on some of the operands given and on no others."""
        if table not in self._known:
            self._known[table] = reference = self._split(table, operands)
            self._known[table ^ self._all] = reference ^ 1
        return self._known[table]

    def _split(self, table: int, operands: Iterable[int]) -> int:
        parts = self._parts(table, operands)
        support = [i for i, _, _ in parts]
        # x & f is 0 for one value of x, and x | f, the inverse of ~x & ~f, is 1
        for inverted, constant in enumerate((0, self._all)):
            factors = [2 * i + 2 + (high == constant) for i, low, high in parts if constant in (low, high)]
            if factors:
                for factor in factors:
                    low, high = self._halves(table, (factor >> 1) - 1)
                    table = low if factor & 1 else high
                return self._step(Logic.conjunction, [*factors, self._reference(table, support) ^ inverted]) ^ inverted
        terms = [i for i, low, high in parts if low == high ^ self._all]
        if terms:
            for i in terms:
                table, _ = self._halves(table, i)
            return self._step(Logic.parity, [*(2 * i + 2 for i in terms), self._reference(table, support)])
        widths = [len(self._parts(low, support)) + len(self._parts(high, support)) for _, low, high in parts]
        select, low, high = parts[widths.index(min(widths))]
        return self._step(_multiplexer, [2 * select + 2, self._reference(high, support), self._reference(low, support)])

    def _parts(self, table: int, operands: Iterable[int]) -> list[tuple[int, int, int]]:
        """Each operand that a function depends on, with the function where it is 0 and where it is 1."""
        if table not in self._cofactors:
            halves = ((i, *self._halves(table, i)) for i in operands)
            self._cofactors[table] = [(i, low, high) for i, low, high in halves if low != high]
        return self._cofactors[table]

    def _halves(self, table: int, i: int) -> tuple[int, int]:
        """The function with operand i set to 0 and to 1, as tables of all operands."""
        shift, zero = 1 << i, self._zero[i]
        low, high = table & zero, table >> shift & zero
        return low | low << shift, high | high << shift

    def _step(self, make: Callable[[Logic, list[int]], int], references: list[int]) -> int:
        self._steps.append((make, tuple(references)))
        return 2 * (self._first + len(self._steps) - 1)


def _multiplexer(logic: Logic, literals: list[int]) -> int:
    return logic.multiplexer(*literals)
