"""Random boolean circuits over and, or, xor, not and their complements."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from heurest.circuit import law_checks
from heurest.circuit.circuit import Circuit
from heurest.circuit.gates import AFFINE, AND
from heurest.circuit.wires import Wires
from heurest.errors import CircuitError
from heurest.families.input_laws import InputLaw, add_inputs, draw_laws
from heurest.families.parameters import FloatArray, IntArray, Rng, choice, generator, named, operands_within, whole_number

__all__ = ["random_boolean"]

# Value of each gate as bias + coefficients . (a, b, a and b); the gate "and" is the last column itself.
_SUMS: dict[str, tuple[float, tuple[float, float, float]]] = {
    "and": (0.0, (0.0, 0.0, 1.0)),
    "or": (0.0, (1.0, 1.0, -1.0)),
    "xor": (0.0, (1.0, 1.0, -2.0)),
    "not": (1.0, (-1.0, 0.0, 0.0)),
    "nand": (1.0, (0.0, 0.0, -1.0)),
    "nor": (1.0, (-1.0, -1.0, 1.0)),
    "xnor": (1.0, (-1.0, -1.0, 2.0)),
}
_DEFAULT_MIX = {"and": 0.35, "or": 0.35, "xor": 0.15, "not": 0.15}


def random_boolean(
    *, inputs: int = 16, gates: int = 100, outputs: int = 1, gates_mix: Mapping[str, float] | None = None,
    law: InputLaw = "fair", window: int | None = 32, rng: Rng = 0,
) -> Circuit:  # fmt: skip
    """Draw a random boolean circuit.

    Each gate's kind is drawn by the weights of ``gates_mix``, its operands uniformly from the latest inputs and gates, two
    operands being different wherever there are two. The last gates are the outputs. Gates other than ``and`` and ``not``
    are stored as an ``and`` and an affine wire, so wires outnumber gates.

    Args:
        inputs: Number of inputs, at least 1.
        gates: Number of gates, at least 1.
        outputs: How many of the last gates are outputs, from 1 to ``gates``.
        gates_mix: Weight of each kind of gate: ``and``, ``or``, ``xor``, ``not``, ``nand``, ``nor``, ``xnor``. By default
            0.35 ``and``, 0.35 ``or``, 0.15 ``xor``, 0.15 ``not``.
        law: Law of the inputs on 0 and 1: ``fair``, ``bernoulli``, a law, or a list of laws.
        window: Operands come from so many latest inputs and gates, at least 1; ``None`` for all earlier ones.
        rng: Seed or generator.

    Returns:
        An unfrozen circuit whose outputs are ``y[0]``, ``y[1]`` and so on.

    Raises:
        CircuitError: A parameter is out of range, or the law is unknown or takes values other than 0 and 1.

    Cost:
        About a second for a million gates; no step of the interpreter per gate.

    Examples:
        >>> c = random_boolean(inputs=4, gates=10, outputs=2, gates_mix={"and": 1, "not": 1}, rng=3)
        >>> c, bool(c.boolean.all())
        (<Circuit 'boolean#3': 4 inputs, 10 gates, 2 outputs>, True)
    """
    where = "random_boolean"
    num_inputs, num_gates = whole_number(f"{where}: inputs", inputs, 1), whole_number(f"{where}: gates", gates, 1)
    num_outputs = whole_number(f"{where}: outputs", outputs, 1)
    if num_outputs > num_gates:
        raise CircuitError(f"{where}: outputs must be at most {num_gates}, the number of gates, got {num_outputs}")
    reach_limit = num_inputs + num_gates if window is None else whole_number(f"{where}: window", window, 1)
    kinds, probs = _weights(where, _DEFAULT_MIX if gates_mix is None else gates_mix)
    source = generator(where, rng)
    laws = draw_laws(where, law, num_inputs, source)
    for part in laws:
        if not all(part.boolean):
            raise CircuitError(f"{where}: law {part.name} takes values other than 0 and 1")
    circuit = Circuit(named("boolean", rng))
    add_inputs(circuit, laws)
    kind = source.choice(len(kinds), size=num_gates, p=probs)
    own = np.arange(num_inputs, num_inputs + num_gates)
    left, right = operands_within(source, np.minimum(own, reach_limit), own)
    made = _append(circuit, num_inputs, np.array([_SUMS[name][0] for name in kinds])[kind],
                   np.array([_SUMS[name][1] for name in kinds])[kind], left, right)  # fmt: skip
    circuit.output("y", Wires(circuit, made[num_gates - num_outputs :]))
    return circuit


def _weights(where: str, mix: Mapping[str, float]) -> tuple[list[str], FloatArray]:
    if not isinstance(mix, Mapping) or not mix:
        raise CircuitError(f"{where}: gates_mix must give weights by gate, such as {{'and': 1, 'xor': 1}}, got {law_checks.shown(mix)}")
    kinds = [choice(f"{where}: a gate of gates_mix", name, tuple(_SUMS)) for name in mix]
    weights = np.array([law_checks.number(f"{where}: weight of {name}", mix[name]) for name in kinds])
    if weights.min() < 0.0 or not 0.0 < weights.sum() < np.inf:
        raise CircuitError(f"{where}: the weights of gates_mix must not be negative and must have a positive sum, got {weights.tolist()}")
    return kinds, weights / weights.sum()


def _append(circuit: Circuit, inputs: int, bias: FloatArray, sums: FloatArray, left: IntArray, right: IntArray) -> IntArray:
    """Store gates over operands numbered inputs first, then gates; returns the wire of each gate."""
    needs_and = sums[:, 2] != 0.0
    needs_sum = (sums != (0.0, 0.0, 1.0)).any(axis=1)
    stop = inputs + np.cumsum(needs_and.astype(np.int64) + needs_sum)
    made = stop - 1
    wire = np.concatenate([np.arange(inputs), made])
    a, b = wire[left], wire[right]
    conjunction = stop - 1 - needs_sum  # the wire that holds "a and b", where there is one
    count = int(stop[-1]) - inputs
    code, first, second = np.full(count, AND), np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int64)
    value, declared = np.zeros(count), np.zeros(count, dtype=bool)
    at_and, at_sum = conjunction[needs_and] - inputs, made[needs_sum] - inputs
    first[at_and], second[at_and] = a[needs_and], b[needs_and]
    terms = np.stack([a, b, conjunction], axis=1)[needs_sum]
    coefficients = sums[needs_sum]
    used = coefficients != 0.0
    ends = np.cumsum(used.sum(axis=1))
    code[at_sum], value[at_sum], declared[at_sum] = AFFINE, bias[needs_sum], True
    first[at_sum], second[at_sum] = ends - used.sum(axis=1), ends
    circuit.extend(code, first, second, value, terms[used], coefficients[used], declared)
    return made
