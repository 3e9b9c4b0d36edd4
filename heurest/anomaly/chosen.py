"""The wire that an option names: an output, a wire by its name, or a wire itself."""

from __future__ import annotations

from heurest.circuit.circuit import Circuit
from heurest.circuit.wires import Wire
from heurest.errors import ArgumentError, CircuitError

_SHOWN = 12


def chosen_output(circuit: Circuit, output: object = None) -> tuple[Wire, str]:
    """The output of that name, or that wire, or the only output; and its name.

    Raises:
        CircuitError: There is none.
        ArgumentError: There are several, and none is named.
    """
    if output is not None:
        return chosen_wire(circuit, output, "output")
    if len(circuit.outputs) > 1:
        raise ArgumentError(
            f"circuit {circuit.name!r} has {len(circuit.outputs):,} outputs: name one, such as {next(iter(circuit.outputs))!r}"
        )
    for name, wire in circuit.outputs.items():
        return wire, name
    raise CircuitError(f"circuit {circuit.name!r} has no output: declare one with circuit.output(name, wire)")


def chosen_wire(circuit: Circuit, key: object, what: str) -> tuple[Wire, str]:
    """The output or else the wire of that name, or that wire; and its name.

    Raises:
        CircuitError: There is none.
    """
    if isinstance(key, Wire) and key.circuit is circuit:
        names = (name for name, wire in circuit.outputs.items() if wire.index == key.index)
        return key, key.name or next(names, f"#{key.index}")
    if isinstance(key, str) and key in circuit.outputs:
        return circuit.outputs[key], key
    if isinstance(key, str) and key in circuit.names:
        return circuit.wire(key), key
    known = ", ".join(list(circuit.outputs)[:_SHOWN]) or "none"
    raise CircuitError(f"circuit {circuit.name!r} has no {what} {key!r}; its outputs: {known}")
