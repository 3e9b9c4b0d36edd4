"""Circuits from and to networkx graphs; networkx is imported only when used.

The graph is a directed multigraph, since a gate may read one wire twice. Its attributes are ``name`` and ``outputs``, an object from
output name to wire. Nodes are the wires 0, 1, ... with these attributes:

===============  =======================================================================================
attribute        what it holds
===============  =======================================================================================
``gate``         ``input``, ``constant``, ``affine``, ``multiply``, ``square`` or ``and``.
``kind``         ``real`` or ``boolean``; it may be left out except for boolean affine gates.
``name``         The wire's name; every input has one, others may.
``law``          Of the first input of each law: the law as `Law.to_dict` gives it. The inputs follow.
``value``        The number of a constant, the bias of an affine gate.
``layer``        For a row of a dense layer, the first wire of the layer.
===============  =======================================================================================

An edge goes from a wire to a gate that reads it; ``position`` counts the gate's operands from 0, and an affine gate's edges have a
``coefficient``.
"""

from __future__ import annotations

from typing import Any

from heurest.circuit.circuit import Circuit
from heurest.circuit.gates import AFFINE, CONSTANT, GATE_NAMES, INPUT
from heurest.circuit.laws import law_from_dict
from heurest.circuit.validation import check_circuit
from heurest.errors import CircuitError
from heurest.formats.circuit_json import distinct_laws
from heurest.formats.documents import FORMAT, VERSION, MisfitError, circuit_of
from heurest.formats.messages import format_error, shown

_KINDS = ("real", "boolean")


def to_networkx(circuit: Circuit) -> Any:
    """Return a circuit as a graph; `from_networkx` gives back the same circuit (but for dense layers without rows).

    Args:
        circuit: Any circuit.

    Returns:
        A ``networkx.MultiDiGraph`` with the attributes described above.

    Cost:
        About 50 microseconds a wire; a dense layer is written out edge by edge.

    Examples:
        >>> import heurest as hr
        >>> c = hr.Circuit("demo")
        >>> c.output("y", 3 * c.input("x", hr.Sign()))
        >>> graph = to_networkx(c)
        >>> graph.nodes[1]
        {'gate': 'affine', 'kind': 'real', 'value': 0.0}
        >>> graph.edges[0, 1, 0]
        {'position': 0, 'coefficient': 3.0}
    """
    check_circuit(circuit)
    import networkx as nx

    graph = nx.MultiDiGraph(name=circuit.name, outputs={name: wire.index for name, wire in circuit.outputs.items()})
    boolean, left, value = circuit.boolean.tolist(), circuit.left.tolist(), circuit.value.tolist()
    laws, law_of_group = distinct_laws(circuit)
    groups, layers = circuit.groups, circuit.layers
    for wire, code in enumerate(circuit.gate.tolist()):
        node: dict[str, Any] = {"gate": circuit.gate_name(wire), "kind": _KINDS[boolean[wire]]}
        name = circuit.wire_name(wire)
        if name is not None:
            node["name"] = name
        if code in (AFFINE, CONSTANT):
            node["value"] = value[wire]
        if code == AFFINE and left[wire] < 0:
            node["layer"] = layers[-1 - left[wire]].first
        if code == INPUT and groups[left[wire]].wires[0] == wire:
            node["law"] = dict(laws[law_of_group[left[wire]]])
        graph.add_node(wire, **node)
        coefficients = circuit.terms(wire)[2].tolist() if code == AFFINE else []
        for position, operand in enumerate(circuit.operands(wire)):
            edge = {"position": position, "coefficient": coefficients[position]} if code == AFFINE else {"position": position}
            graph.add_edge(operand, wire, **edge)
    return graph


def from_networkx(graph: Any) -> Circuit:
    """Return the circuit of a graph such as `to_networkx` makes.

    Args:
        graph: A directed graph or multigraph.

    Returns:
        A circuit that can be changed.

    Raises:
        FormatError: The graph is no circuit; names the node, what was expected and what stands there.

    Cost:
        About 20 microseconds a wire.

    Examples:
        >>> import networkx as nx
        >>> graph = nx.MultiDiGraph(name="demo", outputs={"y": 1})
        >>> graph.add_node(0, gate="input", name="x", law={"law": "sign"})
        >>> graph.add_node(1, gate="square")
        >>> graph.add_edge(0, 1, position=0)
        0
        >>> from_networkx(graph)
        <Circuit 'demo': 1 input, 1 gate, 1 output>
    """
    try:
        return circuit_of_graph(graph)
    except MisfitError as misfit:
        where = "the graph" if misfit.wire is None else f"node {misfit.wire}"
        raise format_error(where, misfit.expected, misfit.found) from None


def circuit_of_graph(graph: Any) -> Circuit:
    """The circuit, or a `MisfitError` that names the node as its wire."""
    import networkx as nx

    if not isinstance(graph, nx.DiGraph):
        raise MisfitError((), "a directed graph of networkx", shown(graph))
    for wire in range(len(graph)):
        if wire not in graph:
            raise MisfitError((), f"the nodes 0 to {len(graph) - 1}", f"no node {wire}")
    reader = _GraphReader(graph)
    circuit = circuit_of(
        {
            "format": FORMAT,
            "version": VERSION,
            "name": graph.graph.get("name", "circuit"),
            "laws": reader.laws,
            "wires": reader.entries,
            "names": reader.names,
            "outputs": graph.graph.get("outputs", {}),
        }
    )
    for wire, boolean in enumerate(circuit.boolean.tolist()):
        kind = graph.nodes[wire].get("kind", _KINDS[boolean])
        if kind != _KINDS[boolean]:
            raise MisfitError((), f'kind "{_KINDS[boolean]}", as gate and operands imply', shown(kind), wire)
    return circuit


class _GraphReader:
    """The entries of a circuit document, from the nodes in order.

    Args:
        graph: A directed graph with nodes 0, 1, ...
    """

    def __init__(self, graph: Any) -> None:
        self.graph = graph
        self.laws: list[Any] = []
        self.entries: list[list[Any]] = []
        self.names: dict[str, int] = {}
        self._number_of_law: dict[str, int] = {}
        self._size_of_law: list[int] = []
        for wire, name in graph.nodes(data="name"):
            if name is not None and (not isinstance(name, str) or name in self.names):
                raise MisfitError((), "a name that no other node has", shown(name), wire)
            if name is not None:
                self.names[name] = wire
        self._named = set(self.names.values())
        wire = 0
        while wire < len(graph):
            gate = self._attribute(wire, "gate")
            if not isinstance(gate, str) or gate not in GATE_NAMES:
                raise MisfitError((), f"a gate, one of {', '.join(GATE_NAMES)}", shown(gate), wire)
            if gate == "input":
                wire += self._input(wire)
            elif gate == "affine" and self._attribute(wire, "layer") is not None:
                wire += self._layer(wire)
            else:
                self.entries.append(self._entry(gate, wire))
                wire += 1

    def _attribute(self, wire: int, attribute: str) -> Any:
        return self.graph.nodes[wire].get(attribute)

    def _terms(self, wire: int, most: int | None = None) -> tuple[list[int], list[Any]]:
        """Operands and coefficients of a gate by position."""
        edges: dict[Any, tuple[int, Any]] = {}
        for operand, _, edge in self.graph.in_edges(wire, data=True):
            position = edge.get("position")
            if type(position) is not int or position in edges:
                raise MisfitError((), "positions 0, 1, ... on the edges to it", f"{shown(position)} from node {operand}", wire)
            edges[position] = (operand, edge.get("coefficient"))
        if most is not None and len(edges) > most:
            raise MisfitError((), f"no operands for {self._attribute(wire, 'gate')}", f"{len(edges)}", wire)
        if any(position not in edges for position in range(len(edges))):
            raise MisfitError((), "positions 0, 1, ... on the edges to it", shown(sorted(edges)), wire)
        ordered = [edges[position] for position in range(len(edges))]
        return [operand for operand, _ in ordered], [coefficient for _, coefficient in ordered]

    def _entry(self, gate: str, wire: int) -> list[Any]:
        operands, coefficients = self._terms(wire, 0 if gate == "constant" else None)
        if gate == "constant":
            return [gate, self._attribute(wire, "value")]
        if gate == "affine":
            mark = ["boolean"] if self._attribute(wire, "kind") == "boolean" else []
            return [gate, self.graph.nodes[wire].get("value", 0.0), operands, coefficients, *mark]
        return [gate, *operands]

    def _input(self, wire: int) -> int:
        """Take in the inputs of one law; returns how many."""
        number = self._law(wire)
        size = self._size_of_law[number]
        kinds = set()
        for coordinate in range(wire, min(wire + size, len(self.graph))):
            if coordinate not in self._named:
                raise MisfitError((), "a name for the input", "none", coordinate)
            self._terms(coordinate, 0)
            if coordinate > wire and (self._attribute(coordinate, "gate") != "input" or self._attribute(coordinate, "law") is not None):
                raise MisfitError((), f"an input without a law, as that of node {wire} governs {size}", "another node", coordinate)
            kinds.add(shown(self._attribute(coordinate, "kind")))
        if wire + size > len(self.graph):
            raise MisfitError((), f"{size} inputs from here on, as its law governs", f"{len(self.graph) - wire} nodes", wire)
        self.entries.append(["input", number, "real"] if kinds == {shown("real")} else ["input", number])
        return size

    def _law(self, wire: int) -> int:
        """The number of an input's law; equal ones are read once."""
        data = self._attribute(wire, "law")
        key = repr(data)
        if key not in self._number_of_law:
            try:
                self._size_of_law.append(law_from_dict(data).size)
            except CircuitError as error:
                raise MisfitError((), "a law", f"a mistake ({error})", wire) from None
            self._number_of_law[key] = len(self.laws)
            self.laws.append(data)
        return self._number_of_law[key]

    def _layer(self, wire: int) -> int:
        """Take in the rows of a dense layer; returns how many."""
        if self._attribute(wire, "layer") != wire:
            raise MisfitError((), f"layer {wire} for the first row of a layer", shown(self._attribute(wire, "layer")), wire)
        operands, _ = self._terms(wire)
        matrix, bias, row = [], [], wire
        while row < len(self.graph) and self._attribute(row, "layer") == wire:
            wires, coefficients = self._terms(row)
            if wires != operands or self._attribute(row, "gate") != "affine":
                raise MisfitError((), f"an affine gate with the operands of node {wire}, as it is of its layer", "others", row)
            matrix.append(coefficients)
            bias.append(self.graph.nodes[row].get("value", 0.0))
            row += 1
        self.entries.append(["layer", operands, matrix, bias])
        return row - wire
