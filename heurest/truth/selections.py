"""Selections found in a network of ands and exclusive ors: what their operands' chances say exactly, and an and's do not."""

from __future__ import annotations

from heurest import opcodes
from heurest.truth.bit_network import BitNetwork

Row = tuple[int, int, int, bool, bool, int]
_Literal = tuple[int, bool]


def selections(network: BitNetwork) -> list[Row]:
    """The network's nodes as rows ``op, left, right, left_not, right_not, select``.

    A row whose ``select`` is not -1 is its left operand where that node is 1, and its right one where it is 0. Found are the and of
    two inverted ands one of which reads s and the other its inverse (multiplexers, and exclusive ors spelled out), and that of
    ``a & b`` and ``h & c`` where h is the exclusive or of a and b (carries, comparisons).
    """
    columns = (network.op, network.left, network.right, network.left_not, network.right_not)
    plain = list(zip(*(column.tolist() for column in columns), strict=True))
    parity: dict[int, tuple[int, int, bool]] = {}  # node: it is the exclusive or of two nodes, inverted or not
    rows: list[Row] = []
    for k, (op, left, right, left_not, right_not) in enumerate(plain):
        rows.append((op, left, right, left_not, right_not, -1))
        if op == opcodes.BIT_XOR:
            parity[k] = (left, right, False)
        if op != opcodes.BIT_AND or not (left_not and right_not) or plain[left][0] != op or plain[right][0] != op:
            continue
        first, second = _literals(plain[left]), _literals(plain[right])
        found = _shared(first, second) or _exclusive(first, second, parity) or _exclusive(second, first, parity)
        if found:
            (node, inverted), if_one, if_zero = found
            if inverted:
                if_one, if_zero = if_zero, if_one
            rows[k] = (op, if_one[0], if_zero[0], not if_one[1], not if_zero[1], node)
            if if_one[0] == if_zero[0] and if_one[1] != if_zero[1]:
                parity[k] = (node, if_one[0], if_one[1])
    return rows


def _literals(row: tuple[int, int, int, bool, bool]) -> tuple[_Literal, _Literal]:
    return (row[1], row[3]), (row[2], row[4])


def _shared(first: tuple[_Literal, _Literal], second: tuple[_Literal, _Literal]) -> tuple[_Literal, _Literal, _Literal] | None:
    """A literal of the first and that is inverted in the second, and what else each reads."""
    for i in range(2):
        for j in range(2):
            if first[i][0] == second[j][0] and first[i][1] != second[j][1]:
                return first[i], first[1 - i], second[1 - j]
    return None


def _exclusive(
    pair: tuple[_Literal, _Literal], other: tuple[_Literal, _Literal], parity: dict[int, tuple[int, int, bool]]
) -> tuple[_Literal, _Literal, _Literal] | None:
    """A literal of the other and that is 1 just where the pair's literals differ; what else it reads, and one of the pair."""
    for i in range(2):
        node, inverted = other[i]
        if node in parity:
            a, b, flipped = parity[node]
            same = {a, b} == {pair[0][0], pair[1][0]}
            if same and (flipped != inverted) == (pair[0][1] != pair[1][1]):
                return other[i], other[1 - i], pair[0]
    return None
