"""Whether an argument is about a circuit: the same object, or one that has the same wires."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np

from heurest.circuit.circuit import Circuit
from heurest.circuit.storage import FloatArray
from heurest.errors import ArgumentError

if TYPE_CHECKING:
    from heurest.arguments.argument import Argument
    from heurest.arguments.claims import Claim

_DIGESTS: WeakKeyDictionary[Circuit, tuple[int, str]] = WeakKeyDictionary()


def wires_digest(circuit: Circuit) -> str:
    """A fingerprint of the gates and of how they are connected; names and the laws of the inputs do not count.

    Two circuits with the same fingerprint have the same wires in the same order, so that an argument found for one can be used with
    the other, under other laws of the inputs, too.
    """
    known = _DIGESTS.get(circuit)
    if known is not None and known[0] == len(circuit):
        return known[1]
    digest = sha256()
    for array in (circuit.gate, circuit.boolean, circuit.left, circuit.right, circuit.term_wire):
        digest.update(np.ascontiguousarray(array).tobytes())
    numbers: list[FloatArray] = [circuit.value, circuit.term_coefficient]
    for layer in circuit.layers:
        digest.update(np.ascontiguousarray(layer.operands).tobytes())
        numbers += [layer.matrix.reshape(-1), layer.bias]
    for column in numbers:
        digest.update((column + 0.0).tobytes())  # -0 and 0 are one number
    text = digest.hexdigest()[:32]
    _DIGESTS[circuit] = len(circuit), text
    return text


def common_circuit(circuit: Circuit | None, claim: Claim | Argument) -> Circuit | None:
    """The circuit that a claim and those before it are about; a copy with the same wires is no other circuit.

    Raises:
        ArgumentError: They are about two circuits.
    """
    other = claim.circuit
    if circuit is None or other is None or other is circuit or wires_digest(other) == wires_digest(circuit):
        return other if circuit is None else circuit
    raise ArgumentError(f"{claim!r} is about circuit {other.name!r}, other claims about {circuit.name!r}")


def check_same_circuit(argument: Argument, circuit: Circuit) -> None:
    """Refuse an argument about another circuit, or with wires that the circuit does not have.

    Raises:
        ArgumentError: Names the claim.
    """
    if argument.circuit is not None and argument.circuit is not circuit and wires_digest(argument.circuit) != wires_digest(circuit):
        claim = next(claim for claim in argument if claim.circuit is not None)
        raise ArgumentError(f"{claim!r} is about circuit {argument.circuit.name!r}, whose wires are not those of {circuit.name!r}")
    if argument.highest_wire >= len(circuit):
        claim = next(claim for claim in argument if max(claim.wires_named, default=-1) >= len(circuit))
        wires = f"circuit {circuit.name!r} has wires 0 to {len(circuit) - 1}"
        raise ArgumentError(f"{claim!r} names wire {max(claim.wires_named)}, but {wires}")
