"""How much each wire matters to an argument, for pictures."""

from __future__ import annotations

from heurest.arguments.argument import Argument
from heurest.arguments.claims import Assert, Track
from heurest.arguments.listing import claim_changes
from heurest.circuit.circuit import Circuit
from heurest.results import finite_or_none

Links = list[tuple[tuple[int, ...], float]]


def wire_importance(argument: Argument, circuit: Circuit) -> tuple[dict[int, float], Links]:
    """The sum of what the claims at each wire change, in size, and the terms with their changes.

    Args:
        argument: The argument.
        circuit: A circuit that it is about.

    Returns:
        For every wire that a claim names a number of at least 0, in units of the output that changes most; and for every
        tracked or given term of two or more wires its wires and its signed change.

    Raises:
        ArgumentError: A claim does not fit the circuit.

    Examples:
        >>> import heurest as hr
        >>> c = hr.Circuit("square")
        >>> x = c.input("x", hr.Normal(3, 2))
        >>> c.output("y", x * x)
        >>> wire_importance(hr.Argument([hr.Track((x, x))]), c)
        ({0: 4.0}, [((0, 0), 4.0)])
    """
    importance: dict[int, float] = {}
    links: Links = []
    for row in claim_changes(argument, circuit):
        change = finite_or_none(row.largest[1]) or 0.0
        for wire in sorted(set(row.claim.wires_named)):
            importance[wire] = importance.get(wire, 0.0) + abs(change)
        if isinstance(row.claim, (Track, Assert)) and len(row.claim.wires) > 1:
            links.append((row.claim.wires, change))
    return importance, links
