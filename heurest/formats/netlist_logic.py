"""Gates of a boolean netlist under construction: literals with free inversion, n-ary gates as balanced trees, then whole columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from heurest.circuit.circuit import Circuit
from heurest.circuit.gates import AFFINE, AND, CONSTANT, INPUT
from heurest.circuit.laws import Bernoulli
from heurest.formats.assembly import Parts, assemble

IntArray = NDArray[np.int64]

#: The constant literals; literal ``2 k`` is node k, ``2 k + 1`` its inverse, and node 0 is the constant 0.
FALSE, TRUE = 0, 1

_INPUT, _AND, _XOR, _MUX = range(4)
_WIRES = np.array([1, 1, 2, 3])  # that a node of each kind takes


class Logic:
    """Nodes over literals, each after what it reads.

    Literal ``2 k`` is node k and ``2 k + 1`` its inverse, so that inversion, ``literal ^ 1``, costs nothing. Gates with constant, equal or
    opposite operands are simplified away; beyond that, what is asked for is made, and nothing is shared.

    Args:
        num_inputs: Nodes 1 to ``num_inputs`` are the inputs.

    Examples:
        >>> logic = Logic(2)
        >>> a, b = logic.inputs
        >>> logic.conjunction([a, b]), logic.conjunction([a, a ^ 1]), logic.parity([a, b ^ 1, TRUE])
        (6, 0, 8)
    """

    def __init__(self, num_inputs: int) -> None:
        self.num_inputs = num_inputs
        self._kind: list[int] = []
        self._operands: list[tuple[int, int, int]] = []

    @property
    def inputs(self) -> list[int]:
        """The literals of the inputs."""
        return list(range(2, 2 * self.num_inputs + 2, 2))

    def conjunction(self, literals: Sequence[int]) -> int:
        """True where all literals are; of no literals, `TRUE`. A balanced tree of ands."""
        if len(literals) == 2:
            return self._both(literals[0], literals[1])
        distinct = dict.fromkeys(literals)
        if any(literal ^ 1 in distinct for literal in distinct):
            return FALSE
        return _balanced(self._both, distinct, TRUE)

    def disjunction(self, literals: Sequence[int]) -> int:
        """True where some literal is; of no literals, `FALSE`. A balanced tree."""
        return self.conjunction([literal ^ 1 for literal in literals]) ^ 1

    def parity(self, literals: Sequence[int]) -> int:
        """True where an odd number of literals is; of no literals, `FALSE`. A balanced tree of exclusive ors."""
        if len(literals) == 2:
            return self._differ(literals[0], literals[1])
        odd: dict[int, None] = {}
        inverted = 0
        for literal in literals:  # equal ones cancel
            inverted ^= literal & 1
            if odd.pop(literal & ~1, literal) is not None:
                odd[literal & ~1] = None
        return _balanced(self._differ, odd, FALSE) ^ inverted

    def multiplexer(self, select: int, a: int, b: int) -> int:
        """``a`` where ``select`` is true, else ``b``."""
        if select & 1:
            select, a, b = select ^ 1, b, a
        if select == FALSE or a == b:
            return b
        if a == b ^ 1:
            return self._differ(select, b)
        if a in (TRUE, FALSE, select, select ^ 1):
            return self._both(select ^ 1, b ^ 1) ^ 1 if a in (TRUE, select) else self._both(select ^ 1, b)
        if b in (TRUE, FALSE, select, select ^ 1):
            return self._both(select, a) if b in (FALSE, select) else self._both(select, a ^ 1) ^ 1
        inverted = a & b & 1
        return self._node(_MUX, select, a ^ inverted, b ^ inverted) ^ inverted

    def _both(self, a: int, b: int) -> int:
        if a ^ b < 2:
            return a if a == b else FALSE
        if a < 2 or b < 2:
            return FALSE if FALSE in (a, b) else a + b - TRUE
        return self._node(_AND, a, b)

    def _differ(self, a: int, b: int) -> int:
        inverted = (a ^ b) & 1
        a, b = a & ~1, b & ~1
        if a == b:
            return inverted
        if a == FALSE or b == FALSE:
            return (a + b) ^ inverted
        return self._node(_XOR, a, b) ^ inverted

    def _node(self, kind: int, a: int, b: int, c: int = FALSE) -> int:
        self._kind.append(kind)
        self._operands.append((a, b, c))
        return 2 * (self.num_inputs + len(self._kind))

    def circuit(self, name: str, named: Mapping[int, str], outputs: Mapping[str, int]) -> Circuit:
        """Return the circuit of all nodes, with fair independent inputs.

        Wires are the inputs, then each node followed by its inverse where that is read, named or an output. An exclusive or is
        ``a + b - 2 a b`` after a wire for ``a b``, a multiplexer ``b + s a - s b`` after the two products.

        Args:
            name: The circuit's name.
            named: Names by literal, for the inputs at least; each name once.
            outputs: Literals by output name.
        """
        first = self.num_inputs + 1
        kind = np.full(first + len(self._kind), _INPUT)
        kind[first:] = self._kind
        operands = np.zeros((kind.size, 3), dtype=np.int64)
        operands[first:] = np.array(self._operands, dtype=np.int64).reshape(-1, 3)

        made = np.zeros(2 * kind.size, dtype=bool)
        made[2 * first :: 2] = True
        made[operands[first:, :2]] = True
        made[operands[kind == _MUX, 2]] = True
        made[np.array([*named, *outputs.values()], dtype=np.int64)] = True
        made[2 : 2 * first : 2] = False  # inputs are counted apart
        wires = made.astype(np.int64)
        wires[::2] *= _WIRES[kind]
        wire = self.num_inputs - 1 + np.cumsum(wires)  # of several the last, which holds the literal
        wire[2 : 2 * first : 2] = np.arange(self.num_inputs)
        parts = _columns(self.num_inputs, np.flatnonzero(made), kind, wire, wire[operands])
        parts.names = {text: int(wire[literal]) for literal, text in named.items()}
        parts.outputs = {text: int(wire[literal]) for text, literal in outputs.items()}
        return assemble(name, parts)


def _balanced(join: Callable[[int, int], int], literals: Iterable[int], empty: int) -> int:
    row = list(literals)
    while len(row) > 1:
        pairs = [join(a, b) for a, b in zip(row[::2], row[1::2], strict=False)]
        row = pairs + row[2 * len(pairs) :]
    return row[0] if row else empty


def _columns(num_inputs: int, literals: IntArray, kind: IntArray, wire: IntArray, operands: IntArray) -> Parts:
    """Columns of the inputs, then of the wires of ``literals``; ``operands`` are wires by node."""
    count = num_inputs if not literals.size else int(wire[literals[-1]]) + 1
    gate = np.full(count, AND)
    left, right, value = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int64), np.zeros(count)
    width = np.zeros(count, dtype=np.int64)  # terms of each affine wire
    gate[:num_inputs], left[:num_inputs] = INPUT, np.arange(num_inputs)

    constants = literals[literals < 2]
    gate[wire[constants]], value[wire[constants]] = CONSTANT, constants
    inverses = literals[(literals >= 2) & (literals & 1 == 1)]
    gate[wire[inverses]], value[wire[inverses]], width[wire[inverses]] = AFFINE, 1.0, 1
    nodes = literals[(literals >= 2) & (literals & 1 == 0)] >> 1
    result, (a, b, c) = wire[2 * nodes], operands[nodes].T
    ands, parities, choices = (kind[nodes] == which for which in (_AND, _XOR, _MUX))
    left[result[ands]], right[result[ands]] = a[ands], b[ands]
    both = result[parities]
    gate[both], width[both] = AFFINE, 3
    left[both - 1], right[both - 1] = a[parities], b[parities]
    chosen = result[choices]
    gate[chosen], width[chosen] = AFFINE, 3
    left[chosen - 2], right[chosen - 2] = a[choices], b[choices]
    left[chosen - 1], right[chosen - 1] = a[choices], c[choices]

    affine = gate == AFFINE
    stop = np.cumsum(width)
    left[affine], right[affine] = (stop - width)[affine], stop[affine]
    term_wire, term_coefficient = np.zeros(int(width.sum()), dtype=np.int64), np.full(int(width.sum()), -1.0)
    term_wire[left[wire[inverses]]] = wire[inverses - 1]
    for gates, terms, coefficients in (
        (both, (a[parities], b[parities], both - 1), (1.0, 1.0, -2.0)),
        (chosen, (c[choices], chosen - 2, chosen - 1), (1.0, 1.0, -1.0)),
    ):
        for position in range(3):
            term_wire[left[gates] + position], term_coefficient[left[gates] + position] = terms[position], coefficients[position]
    law = Bernoulli(0.5)
    laws = [(law, number) for number in range(num_inputs)]
    return Parts(gate, np.ones(count, dtype=bool), left, right, value, term_wire, term_coefficient, laws)
