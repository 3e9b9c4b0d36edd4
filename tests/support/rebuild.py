"""The same circuit built again: in another order, or without what nothing wanted reads."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

import heurest as hr
from heurest.circuit.gates import AFFINE, CONSTANT, INPUT

Unit = tuple[int, ...]
Rebuilt = tuple[hr.Circuit, dict[int, int]]


def units(circuit: hr.Circuit) -> list[Unit]:
    """The wires in parts that one call makes: the inputs of a law, the rows of a layer, any other wire by itself."""
    together = {group.wires[0]: group.wires for group in circuit.groups}
    together |= {layer.first: tuple(range(layer.first, layer.first + len(layer.matrix))) for layer in circuit.layers if len(layer.matrix)}
    parts: list[Unit] = []
    while (wire := parts[-1][-1] + 1 if parts else 0) < len(circuit):
        parts.append(together.get(wire, (wire,)))
    return parts


def rebuilt(circuit: hr.Circuit, choose: Callable[[Sequence[Unit]], Unit], keep: Collection[int] | None = None) -> Rebuilt:
    """Build a circuit again, each time with the part that ``choose`` picks among those whose operands exist.

    Args:
        circuit: The circuit.
        choose: Picks one of the parts that can come next.
        keep: Wires to build, closed under operands; parts without any are left out. By default all.

    Returns:
        The new circuit, and the new index of every wire.
    """
    other, new = hr.Circuit(circuit.name), dict[int, int]()
    waiting = [unit for unit in units(circuit) if keep is None or any(wire in keep for wire in unit)]
    while waiting:
        unit = choose([unit for unit in waiting if all(x in new for wire in unit for x in circuit.operands(wire))])
        waiting.remove(unit)
        made = _built(circuit, unit, other, new)
        new.update(zip(unit, (wire.index for wire in made), strict=True))
    for name, wire in circuit.outputs.items():
        other.output(name, other.wire(new[wire.index]))
    return other, new


def _built(circuit: hr.Circuit, unit: Unit, other: hr.Circuit, new: dict[int, int]) -> Sequence[hr.Wire]:
    first = unit[0]
    gate, left = circuit.gate[first], circuit.left[first]
    if gate == INPUT:
        law = circuit.groups[left].law
        kind = None if circuit.boolean[list(unit)].any() else "real"
        return list(other.input([circuit.wire_name(wire) or "" for wire in unit], law, kind=kind))
    if gate == CONSTANT:
        return [other.constant(circuit.value[first])]
    operands = [other.wire(new[wire]) for wire in circuit.operands(first)]
    if gate == AFFINE and left < 0:
        layer = circuit.layers[-1 - left]
        return list(other.affine(layer.matrix, operands, layer.bias))
    if gate == AFFINE:
        bias, _, coefficients = circuit.terms(first)
        return [other.affine(coefficients, operands, bias, boolean=bool(circuit.boolean[first]))]
    return [other.apply(circuit.gate_name(first), *operands)]


def ancestors(circuit: hr.Circuit, wires: Collection[int]) -> set[int]:
    """The wires and all that they are computed from."""
    found, pending = set(wires), list(wires)
    while pending:
        fresh = set(circuit.operands(pending.pop())) - found
        found |= fresh
        pending += fresh
    return found
