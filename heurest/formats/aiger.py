"""And-inverter graphs in AIGER, ASCII (``.aag``) or binary (``.aig``), as circuits.

The format is Biere's: "The AIGER And-Inverter Graph (AIG) Format Version 20071012", Johannes Kepler University Linz, 2007, and, for the
longer header and reset values, Biere, Heljanko and Wieringa, "AIGER 1.9 And Beyond", FMV report 11/2, 2011. Properties are not read.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from heurest.circuit.circuit import Circuit
from heurest.circuit.gates import AFFINE, AND, CONSTANT, INPUT
from heurest.circuit.laws import Bernoulli
from heurest.formats.aiger_binary import read_binary
from heurest.formats.aiger_graph import AigerGraph, checked_nodes
from heurest.formats.aiger_patterns import Gates, plain_gates, recognised_gates
from heurest.formats.aiger_text import read_text
from heurest.formats.assembly import Parts, assemble
from heurest.formats.messages import shown_text

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]

_SHOWN = 4  # names of a long list that a notice shows


class _Columns(NamedTuple):
    """The columns of a circuit as in `Parts`."""

    gate: NDArray[np.uint8]
    boolean: NDArray[np.bool_]
    left: IntArray
    right: IntArray
    value: FloatArray
    term_wire: IntArray
    term_coefficient: FloatArray


def circuit_from_aiger(
    data: bytes, source: str = "text", name: str = "circuit", notices: list[str] | None = None, recognise: bool = False
) -> Circuit:
    r"""Return the circuit of an AIGER file, ASCII or binary, as its first line says.

    Inputs are fair independent bits; they and the outputs are named by their symbols, else ``i0``, ``i1``, ... and ``o0``, ``o1``, ...;
    where two inputs or two outputs would have one name, the later becomes ``name#2``. Latches are cut: what a latch holds is an input
    after the file's own, named by its symbol or ``l0``, ``l1``, ..., and its next state is an output after the file's own, named
    ``l0.next`` and so on; reset values are forgotten. Wires are the inputs, the constants that are used, and the ANDs in the file's order
    (operands first where the file has them later), each followed by its negation if that is used.

    Args:
        data: The file.
        source: What messages call it.
        name: Name of the circuit.
        notices: A list to which a line is added for whatever the circuit does not show, such as latches.
        recognise: Make exclusive ors and multiplexers of the ANDs that are written for them, as the gates ``xor`` and ``mux`` do; ANDs
            that only they read are left out, and equal ANDs become one. The outputs are the same functions.

    Returns:
        A circuit that can be changed.

    Raises:
        FormatError: The file is not AIGER, has properties (``B``, ``C``, ``J``, ``F``), or its ANDs do not define a circuit. Names source
            and line (in binary parts the byte, counted from 0), what was expected and what stands there.

    Cost:
        About 0.5 microseconds and 150 bytes an AND; 2 microseconds more if ANDs come before their operands. To recognise takes 1 to 3
        microseconds and up to 350 bytes an AND.

    Examples:
        >>> circuit_from_aiger(b"aag 3 2 0 1 1\n2\n4\n7\n6 2 5\n")
        <Circuit 'circuit': 2 inputs, 3 gates, 1 output>
        >>> circuit_from_aiger(b"aig 3 2 0 1 1\n7\n\x01\x03")  # the same circuit
        <Circuit 'circuit': 2 inputs, 3 gates, 1 output>
        >>> notices = []
        >>> toggle = circuit_from_aiger(b"aag 1 0 1 1 0\n2 3\n2\nl0 q\n", notices=notices)
        >>> list(toggle.outputs), notices
        (['o0', 'q.next'], ["text: 1 latch cut into an input, a fair bit, and an output each: 'q'; 'q.next'"])
    """
    graph = read_binary(data, source) if data.startswith(b"aig ") else read_text(data, source)
    nodes = checked_nodes(graph)
    num_inputs = graph.inputs.size + len(graph.latches)
    gates, outputs = (recognised_gates if recognise else plain_gates)(nodes.operands, nodes.outputs, num_inputs)
    input_names, output_names = _names(graph)
    if len(graph.latches) and notices is not None:
        what = "1 latch" if len(graph.latches) == 1 else f"{len(graph.latches)} latches"
        cut = f"{_listed(input_names[graph.inputs.size :])}; {_listed(output_names[graph.outputs.size :])}"
        notices.append(f"{source}: {what} cut into an input, a fair bit, and an output each: {cut}")
    columns, output_wires = _columns(gates, outputs, num_inputs)
    parts = Parts(
        *columns,
        groups=[(Bernoulli(0.5), wire) for wire in range(num_inputs)],
        names=dict(zip(input_names, range(num_inputs), strict=True)),
        outputs=dict(zip(output_names, output_wires.tolist(), strict=True)),
    )
    return assemble(name, parts)


def _names(graph: AigerGraph) -> tuple[list[str], list[str]]:
    """Names of the inputs, then the latches; of the outputs, then the latches' next states."""
    symbols, inputs, outputs = graph.symbols, graph.inputs.size, graph.outputs.size
    kinds = (("i", inputs), ("l", len(graph.latches)))
    own = [symbols[kind].get(k) for kind, count in kinds for k in range(count)]
    default = [f"{kind}{k}" for kind, count in kinds for k in range(count)]
    input_names = _unique(own, default)
    own = [symbols["o"].get(k) for k in range(outputs)] + [None] * len(graph.latches)
    default = [f"o{k}" for k in range(outputs)] + [f"{name}.next" for name in input_names[inputs:]]
    return input_names, _unique(own, default)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(map(shown_text, names[:_SHOWN])) + (", ..." if len(names) > _SHOWN else "")


def _unique(symbols: Sequence[str | None], defaults: Sequence[str]) -> list[str]:
    """A name for each position; symbols go before default names, earlier positions before later ones."""
    names = [""] * len(symbols)
    taken: set[str] = set()
    copies: dict[str, int] = {}
    for position in sorted(range(len(symbols)), key=lambda k: symbols[k] is None):
        name = stem = symbols[position] or defaults[position]
        while name in taken:
            copies[stem] = copies.get(stem, 1) + 1
            name = f"{stem}#{copies[stem]}"
        taken.add(name)
        names[position] = name
    return names


def _columns(gates: Gates, outputs: IntArray, num_inputs: int) -> tuple[_Columns, IntArray]:
    """The columns of the circuit, and the wires of the outputs."""
    first = 2 * (num_inputs + 1)
    used = np.zeros(first + 2 * gates.is_sum.size, dtype=bool)
    used[gates.operands[~gates.is_sum]] = True
    used[gates.terms] = True
    used[outputs] = True
    used[first::2] |= ~(gates.is_sum & used[first + 1 :: 2])  # of a sum that is only read inverted, only the inverse is made
    used[2:first:2] = False
    literals = np.flatnonzero(used)
    wire = np.empty(used.size, dtype=np.int64)
    wire[2:first:2] = np.arange(num_inputs)
    wire[literals] = num_inputs + np.arange(literals.size)

    odd = (literals & 1).astype(bool)
    is_gate = literals >= first
    is_sum = np.zeros(literals.size, dtype=bool)
    is_sum[is_gate] = gates.is_sum[literals[is_gate] // 2 - num_inputs - 1]
    is_sum &= ~(odd & used[literals & ~1])
    is_negation = odd & (literals > 1) & ~is_sum
    is_and = is_gate & ~odd & ~is_sum
    num_terms = 3 * is_sum.astype(np.int8) + is_negation
    columns = _room(num_inputs, literals.size, int(num_terms.sum(dtype=np.int64)))
    code, left, right, value = (column[num_inputs:] for column in (columns.gate, columns.left, columns.right, columns.value))
    code[literals < 2], code[is_and] = CONSTANT, AND
    np.cumsum(num_terms, out=right)
    np.subtract(right, num_terms, out=left)
    value[is_negation | (literals == 1)] = 1.0
    columns.term_wire[left[is_negation]] = wire[literals[is_negation] - 1]
    if is_sum.any():
        row = gates.row[literals[is_sum] // 2 - num_inputs - 1]
        places = left[is_sum, np.newaxis] + np.arange(3)
        inverted = gates.inverted[row] != odd[is_sum]
        columns.term_wire[places] = wire[gates.terms[row]]
        columns.term_coefficient[places] = np.where(inverted, -1.0, 1.0)[:, np.newaxis] * gates.coefficients[row]
        value[is_sum] = inverted
    left[literals < 2] = right[literals < 2] = 0
    for column, side in ((left, 0), (right, 1)):
        column[is_and] = wire[gates.operands[literals[is_and] // 2 - num_inputs - 1, side]]
    return columns, wire[outputs]


def _room(num_inputs: int, count: int, terms: int) -> _Columns:
    """Columns for inputs, which are filled in, and gates, which start as negations of no wire in particular."""
    total = num_inputs + count
    gate = np.full(total, AFFINE, dtype=np.uint8)
    gate[:num_inputs] = INPUT
    left, right = np.zeros((2, total), dtype=np.int64)
    left[:num_inputs] = np.arange(num_inputs)
    return _Columns(gate, np.ones(total, dtype=bool), left, right, np.zeros(total), np.empty(terms, dtype=np.int64), np.full(terms, -1.0))
