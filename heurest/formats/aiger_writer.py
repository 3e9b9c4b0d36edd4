"""Boolean circuits as and-inverter graphs in AIGER, ASCII or binary."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from heurest.circuit.circuit import Circuit
from heurest.circuit.gates import INPUT
from heurest.circuit.laws import Bernoulli
from heurest.circuit.validation import check_circuit
from heurest.errors import KindError
from heurest.formats.aiger_binary import encoded_deltas
from heurest.formats.messages import shown_text

if TYPE_CHECKING:
    from heurest.program.program import Program

IntArray = NDArray[np.int64]

_SHOWN = 4  # names of a long list that a notice shows


class _AndGraph(NamedTuple):
    """Literals of AIGER: operands of the ANDs, larger first, shape ``(A, 2)``, and the outputs."""

    num_inputs: int
    operands: IntArray
    outputs: IntArray

    @property
    def header(self) -> str:
        ands = len(self.operands)
        return f"{self.num_inputs + ands} {self.num_inputs} 0 {self.outputs.size} {ands}\n"


def aiger_text_from_circuit(circuit: Circuit, notices: list[str] | None = None) -> str:
    r"""Return a boolean circuit as ASCII AIGER.

    All inputs are kept, in order, and named by symbols, as are the outputs. Gates become ANDs of two literals, an exclusive or three of
    them; equal ANDs become one, and what feeds no output is left out. The format holds no laws: read back, inputs are fair bits.

    Args:
        circuit: A circuit whose inputs, outputs and what feeds them are boolean.
        notices: A list to which a line is added for whatever the file does not hold: laws, and letters of names beyond ASCII.

    Raises:
        KindError: A wire is real; names it.

    Cost:
        About 3 microseconds an AND.

    Examples:
        >>> import heurest as hr
        >>> c = hr.Circuit("half adder")
        >>> x, y = c.input("x", hr.Bernoulli(0.5)), c.input("y", hr.Bernoulli(0.5))
        >>> c.output("sum", x ^ y); c.output("carry", x & y)
        >>> print(aiger_text_from_circuit(c), end="")
        aag 5 2 0 2 3
        2
        4
        10
        6
        6 4 2
        8 5 3
        10 9 7
        i0 x
        i1 y
        o0 sum
        o1 carry
    """
    graph = _and_graph(circuit)
    inputs = 2 * np.arange(1, graph.num_inputs + 1)
    ands = 2 * (graph.num_inputs + 1 + np.arange(len(graph.operands)))
    rows = zip(ands.tolist(), *graph.operands.T.tolist(), strict=True)
    literals = [
        *map(str, inputs.tolist()),
        *map(str, graph.outputs.tolist()),
        *(f"{lhs} {larger} {smaller}" for lhs, larger, smaller in rows),
    ]
    return "aag " + graph.header + "".join(f"{line}\n" for line in literals) + _symbols(circuit, notices)


def aiger_binary_from_circuit(circuit: Circuit, notices: list[str] | None = None) -> bytes:
    r"""Return a boolean circuit as binary AIGER: the graph of `aiger_text_from_circuit` in about a fifth of the bytes.

    Args:
        circuit: A circuit whose inputs, outputs and what feeds them are boolean.
        notices: A list to which a line is added for whatever the file does not hold: laws, and letters of names beyond ASCII.

    Raises:
        KindError: A wire is real; names it.

    Cost:
        About 2 microseconds an AND, most of them for lowering.

    Examples:
        >>> import heurest as hr
        >>> c = hr.Circuit("and")
        >>> x, y = c.input("x", hr.Bernoulli(0.5)), c.input("y", hr.Bernoulli(0.5))
        >>> c.output("both", x & y)
        >>> aiger_binary_from_circuit(c)
        b'aig 3 2 0 1 1\n6\n\x02\x02i0 x\ni1 y\no0 both\n'
    """
    graph = _and_graph(circuit)
    ands = 2 * (graph.num_inputs + 1 + np.arange(len(graph.operands)))
    larger, smaller = graph.operands.T
    deltas = np.column_stack([ands - larger, larger - smaller]).reshape(-1)
    outputs = "".join(f"{literal}\n" for literal in graph.outputs.tolist())
    return f"aig {graph.header}{outputs}".encode() + encoded_deltas(deltas) + _symbols(circuit, notices).encode()


def _and_graph(circuit: Circuit) -> _AndGraph:
    from heurest.kernels.and_graph import and_graph, needed_ands
    from heurest.program.boolean import lower_boolean

    check_circuit(circuit)
    num_inputs = int((circuit.gate == INPUT).sum())
    program = _boolean_program(circuit)
    if program is None:
        return _AndGraph(num_inputs, np.empty((0, 2), np.int64), np.empty(0, np.int64))
    boolean = lower_boolean(program, None)  # with a slot for every node
    code = boolean.instructions
    operands, literal = and_graph(code.op, code.left, code.right, code.left_not, code.right_not, num_inputs)
    value = program.wire_value[program.wanted]
    node, inverted = np.append(boolean.value_node, -1)[value], np.append(boolean.value_not, False)[value]  # value -1 reads the last
    inverted ^= np.where(value < 0, program.wire_shift[program.wanted] != 0.0, program.wire_scale[program.wanted] < 0.0)
    outputs = np.append(literal, 0)[node] ^ inverted  # node -1, the constant 0, likewise
    operands, outputs = needed_ands(operands, outputs, num_inputs)
    return _AndGraph(num_inputs, operands.T, outputs)


def _boolean_program(circuit: Circuit) -> Program | None:
    """The lowered circuit, None where there is no output; its inputs, its outputs and what feeds them are boolean."""
    from heurest.program.bits import real_wire
    from heurest.program.lower import lower

    outputs = [wire.index for wire in circuit.outputs.values()]
    real = [int(wire) for wire in [*np.flatnonzero(circuit.gate == INPUT), *outputs] if not circuit.boolean[wire]]
    program = lower(circuit if circuit.frozen else circuit.copy()) if outputs else None  # lowering freezes
    between = None if program is None else real_wire(program)
    if between is not None:
        real.append(between)
    if real:
        name = circuit.wire_name(min(real))
        label = f"wire {min(real)}" + ("" if name is None else f" ({name!r})")
        raise KindError(f"circuit {circuit.name!r}: AIGER holds 0/1 wires only, but {label} is real")
    return program


def _symbols(circuit: Circuit, notices: list[str] | None) -> str:
    """The lines that name inputs and outputs."""
    names = [(f"i{k}", str(circuit.wire_name(int(wire)))) for k, wire in enumerate(np.flatnonzero(circuit.gate == INPUT))]
    names += [(f"o{k}", name) for k, name in enumerate(circuit.outputs)]
    if notices is not None:
        unfair = [str(circuit.wire_name(wire)) for group in circuit.groups if group.law != Bernoulli(0.5) for wire in group.wires]
        _note(notices, circuit, "no laws, read back these inputs are fair bits", unfair)
        _note(notices, circuit, "ASCII names, letters beyond are written as escapes", [name for _, name in names if not name.isascii()])
    return "".join(f"{symbol} {name.encode('ascii', 'backslashreplace').decode('ascii')}\n" for symbol, name in names)


def _note(notices: list[str], circuit: Circuit, what: str, names: list[str]) -> None:
    if names:
        listed = ", ".join(map(shown_text, names[:_SHOWN])) + (", ..." if len(names) > _SHOWN else "")
        notices.append(f"circuit {circuit.name!r}: AIGER holds {what}: {listed}")
