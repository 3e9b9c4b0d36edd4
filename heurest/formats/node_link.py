"""Circuits as networkx graphs in node-link JSON (``.nx.json``); the attributes are those of `networkx_graph`."""

from __future__ import annotations

import json
from typing import Any

from heurest.circuit.circuit import Circuit
from heurest.formats.documents import MisfitError
from heurest.formats.json_text import line_of, parse_json
from heurest.formats.messages import at_line, format_error, shown
from heurest.formats.networkx_graph import circuit_of_graph, to_networkx

# Fields of a circuit document that a graph has among its own attributes.
_IN_GRAPH = (("name",), ("outputs",))


def graph_dumps(circuit: Circuit) -> str:
    """Return a circuit's graph as node-link JSON, one node or edge a line.

    Examples:
        >>> import heurest as hr
        >>> c = hr.Circuit("demo")
        >>> c.output("y", c.constant(2.0))
        >>> print(graph_dumps(c), end="")
        {
        "directed": true,
        "multigraph": true,
        "graph": {"name": "demo", "outputs": {"y": 0}},
        "nodes": [
        {"gate": "constant", "kind": "real", "value": 2.0, "id": 0}
        ],
        "edges": []
        }
    """
    import networkx as nx

    data = nx.node_link_data(to_networkx(circuit), edges="edges")
    fields = []
    for key, value in data.items():
        if isinstance(value, list) and value:
            lines = ",\n".join(json.dumps(part, ensure_ascii=False) for part in value)
            fields.append(f"{json.dumps(key)}: [\n{lines}\n]")
        else:
            fields.append(f"{json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}")
    return "{\n" + ",\n".join(fields) + "\n}\n"


def graph_loads(text: str, source: str = "text") -> Circuit:
    """Return the circuit of a graph in node-link JSON.

    Args:
        text: What `graph_dumps` wrote, or networkx's ``node_link_data`` with ``edges="edges"``.
        source: What messages call it.

    Raises:
        FormatError: The text is no such graph, or the graph no circuit. Names source, line and node.

    Cost:
        About 40 microseconds a wire.
    """
    import networkx as nx

    data = parse_json(text, source)
    try:
        _check_node_link(data)
        return circuit_of_graph(nx.node_link_graph(data, edges="edges"))
    except MisfitError as misfit:
        nodes = data["nodes"] if misfit.wire is not None else []
        place = next((k for k, node in enumerate(nodes) if node["id"] == misfit.wire), None)
        path = ("nodes", place) if place is not None else ("graph", *misfit.path) if misfit.path[:1] in _IN_GRAPH else misfit.path
        where = at_line(source, line_of(text, path)) + ("" if misfit.wire is None else f" (node {misfit.wire})")
        raise format_error(where, misfit.expected, misfit.found) from None


def _check_node_link(data: Any) -> None:
    """Everything that networkx relies on when it builds the graph."""
    if not isinstance(data, dict):
        raise MisfitError((), "an object with nodes and edges", shown(data))
    for field, kind, word in (("graph", dict, "an object"), ("nodes", list, "a list"), ("edges", list, "a list")):
        if not isinstance(data.get(field), kind):
            raise MisfitError((field,) if field in data else (), f'{word} as "{field}"', shown(data.get(field)))
    for field in ("directed", "multigraph"):
        if data.get(field) is not True:
            raise MisfitError((field,) if field in data else (), f'"{field}": true', shown(data.get(field)))
    for field, keys in (("nodes", ("id",)), ("edges", ("source", "target"))):
        rule = "an object with an integer id" if field == "nodes" else "an object with integers source and target"
        for number, part in enumerate(data[field]):
            if not isinstance(part, dict) or any(type(part.get(key)) is not int for key in keys):
                raise MisfitError((field, number), rule, shown(part))
            if not isinstance(part.get("key", 0), int):
                raise MisfitError((field, number), "an integer key", shown(part["key"]))
    ids = set()
    for number, node in enumerate(data["nodes"]):
        if node["id"] in ids:
            raise MisfitError(("nodes", number), "ids without repetition", f"{shown(node['id'])} again")
        ids.add(node["id"])
    for number, edge in enumerate(data["edges"]):
        for end in ("source", "target"):
            if edge[end] not in ids:
                raise MisfitError(("edges", number), f"the id of a node as {end}", shown(edge[end]))
