"""And-inverter graphs in ASCII AIGER (``.aag``).

The format is Biere's: "The AIGER And-Inverter Graph (AIG) Format Version 20071012", Johannes Kepler University Linz, 2007, and, for the
longer header, Biere, Heljanko and Wieringa, "AIGER 1.9 And Beyond", FMV report 11/2, 2011. Latches and properties are not read.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from heurest.circuit.circuit import Circuit
from heurest.circuit.gates import AFFINE, AND, CONSTANT
from heurest.circuit.laws import Bernoulli
from heurest.errors import FormatError
from heurest.formats.aiger_text import AigerText, read_lines
from heurest.formats.messages import format_error

IntArray = NDArray[np.int64]


def circuit_from_aiger(data: bytes, source: str = "text", name: str = "circuit") -> Circuit:
    r"""Return the circuit of an ASCII AIGER file.

    Inputs are fair independent bits; they and the outputs are named by their symbols, else ``i0``, ``i1``, ... and ``o0``, ``o1``, ...;
    where two inputs or two outputs would have one name, the later becomes ``name#2``. Wires are the inputs, the constants that are used,
    and the ANDs in the file's order (operands first where the file has them later), each followed by its negation if that is used.

    Args:
        data: The file.
        source: What messages call it.
        name: Name of the circuit.

    Returns:
        A circuit that can be changed.

    Raises:
        FormatError: The file is not ASCII AIGER, has latches, or its ANDs do not define a circuit. Names source and line, what was
            expected and what stands there.

    Cost:
        About 1 microsecond an AND and 13 times the file in memory; 2 microseconds more if ANDs come before their operands.

    Examples:
        >>> circuit_from_aiger(b"aag 3 2 0 1 1\n2\n4\n7\n6 2 5\n")
        <Circuit 'circuit': 2 inputs, 3 gates, 1 output>
    """
    text = read_lines(data, source)
    _check_literals(text)
    operands, outputs = _renumbered(text)
    num_inputs = text.inputs.size
    # literal 2 k of node k and 2 k + 1 of its negation: nodes are the constant 0, the inputs, the ANDs, operands first
    positive = 2 * np.arange(1, num_inputs + 1)
    used = np.zeros(2 * (1 + num_inputs + len(operands)), dtype=bool)
    used[2 * (num_inputs + 1) :: 2] = True
    used[operands] = True
    used[outputs] = True
    used[positive] = False
    literals = np.flatnonzero(used)
    wire = np.empty(used.size, dtype=np.int64)
    wire[positive] = np.arange(num_inputs)
    wire[literals] = num_inputs + np.arange(literals.size)

    circuit = Circuit(name)
    circuit.input(_unique(text.input_names, num_inputs, "i"), Bernoulli(0.5))
    _add_gates(circuit, literals, wire, operands)
    for output, literal in zip(_unique(text.output_names, outputs.size, "o"), outputs.tolist(), strict=True):
        circuit.output(output, circuit.wire(int(wire[literal])))
    return circuit


def _add_gates(circuit: Circuit, literals: IntArray, wire: IntArray, operands: IntArray) -> None:
    """Add the wires of ``literals`` in order: constants, negations (odd) and ANDs (even)."""
    is_constant, is_negation = literals < 2, literals & 1 == 1
    is_negation &= ~is_constant
    gate = np.where(is_constant, CONSTANT, np.where(is_negation, AFFINE, AND))
    left, right = np.zeros_like(literals), np.zeros_like(literals)
    left[gate == AND], right[gate == AND] = wire[operands].T
    stops = np.cumsum(is_negation)
    left[is_negation], right[is_negation] = stops[is_negation] - 1, stops[is_negation]
    terms = wire[literals[is_negation] - 1]
    value = (is_negation | (literals == 1)).astype(np.float64)
    circuit.extend(gate, left, right, value, terms, np.full(terms.size, -1.0), is_negation)


def _unique(symbols: Mapping[int, str], count: int, stem: str) -> list[str]:
    """A name for each position; symbols go before default names, earlier positions before later ones."""
    names = [""] * count
    taken: set[str] = set()
    for position in sorted(range(count), key=lambda k: k not in symbols):
        name = stemmed = symbols.get(position, f"{stem}{position}")
        copies = 1
        while name in taken:
            copies += 1
            name = f"{stemmed}#{copies}"
        taken.add(name)
        names[position] = name
    return names


def _check_literals(text: AigerText) -> None:
    """All literals are within the header's limit, and what is defined is a plain variable, once."""
    blocks = ((text.inputs[:, np.newaxis], 2), (text.outputs[:, np.newaxis], text.first_output_line), (text.ands, text.first_and_line))
    for block, first_line in blocks:
        beyond = (block > 2 * text.largest + 1).any(axis=1)
        if beyond.any():
            k = int(beyond.argmax())
            expected = f"literals up to {2 * text.largest + 1}, as the header says"
            raise _at(text, first_line + k, expected, int(block[k].max()))
    for what, defined, first_line in (("an input", text.inputs, 2), ("an AND", text.ands[:, 0], text.first_and_line)):
        wrong = (defined & 1 == 1) | (defined == 0)
        if wrong.any():
            k = int(wrong.argmax())
            raise _at(text, first_line + k, f"an even literal of at least 2 for {what}", int(defined[k]))


def _at(text: AigerText, line: int, expected: str, found: object) -> FormatError:
    return format_error(f"{text.source}, line {line}", expected, str(found))


def _renumbered(text: AigerText) -> tuple[IntArray, IntArray]:
    """Literals of the ANDs' operands, shape ``(A, 2)``, and of the outputs, over nodes: 0, inputs from 1 on, ANDs with operands first."""
    num_inputs = text.inputs.size
    defined = np.concatenate([text.inputs, text.ands[:, 0]]) >> 1
    order = np.argsort(defined, kind="stable")
    variables = defined[order]
    again = np.flatnonzero(variables[1:] == variables[:-1])
    if again.size:
        k = int(order[again + 1].min())  # the first line that defines something anew
        line = 2 + k if k < num_inputs else text.first_and_line + k - num_inputs
        raise _at(text, line, "a literal that is not defined yet", 2 * int(defined[k]))

    def over_nodes(literals: IntArray, first_line: int) -> IntArray:
        wanted = literals >> 1
        if not variables.size:
            place, known = np.zeros_like(wanted), wanted == 0
        else:
            place = np.minimum(np.searchsorted(variables, wanted), variables.size - 1)
            known = (variables[place] == wanted) | (wanted == 0)
        if not known.all():
            row, column = (int(index) for index in np.argwhere(~known)[0])
            raise _at(text, first_line + row, "a literal that some input or AND defines", int(literals[row, column]))
        nodes = order[place] + 1 if variables.size else place
        return np.asarray(np.where(wanted == 0, 0, 2 * nodes) + (literals & 1), dtype=np.int64)

    operands = over_nodes(text.ands[:, 1:], text.first_and_line)
    outputs = over_nodes(text.outputs[:, np.newaxis], text.first_output_line)[:, 0]
    own = num_inputs + 1 + np.arange(len(operands))
    if (operands >> 1 < own[:, np.newaxis]).all():
        return operands, outputs
    sequence = _operands_first(text, (operands >> 1) - num_inputs - 1)
    node = np.arange(1 + num_inputs + len(operands))
    node[num_inputs + 1 + sequence] = own
    operands = operands[sequence]
    return 2 * node[operands >> 1] + (operands & 1), 2 * node[outputs >> 1] + (outputs & 1)


def _operands_first(text: AigerText, operands: IntArray) -> IntArray:
    """An order of the ANDs in which operands come first, close to the file's: depth first from each AND in turn.

    ``operands`` are numbers of ANDs; negative ones are inputs and constants.
    """
    left, right = operands[:, 0].tolist(), operands[:, 1].tolist()
    new, entered, done = 0, 1, 2
    state = bytearray(len(left))
    sequence = []
    for root in range(len(left)):
        stack = [root]
        while stack:
            current = stack[-1]
            if state[current] == new:
                state[current] = entered
                for operand in (right[current], left[current]):
                    if operand >= 0 and state[operand] == entered:
                        raise _cycle(text, [k for k in stack if state[k] == entered], operand)
                    if operand >= 0 and state[operand] == new:
                        stack.append(operand)
            else:
                stack.pop()
                if state[current] == entered:
                    state[current] = done
                    sequence.append(current)
    return np.array(sequence, dtype=np.int64)


def _cycle(text: AigerText, path: list[int], back: int) -> FormatError:
    path = list(dict.fromkeys(reversed(path)))[::-1]  # where a waiting copy of an AND was overtaken, the later one was entered
    cycle = [*path[path.index(back) :], back]
    literals = [str(int(text.ands[k, 0])) for k in cycle]
    if len(literals) > 8:
        literals[4:-3] = ["..."]
    return _at(text, text.first_and_line + back, "an AND that does not depend on itself", "the cycle " + " <- ".join(literals))
