"""Random read-once formulas: every wire is read at most once, so independent inputs stay independent up to every gate."""

from __future__ import annotations

import math

import numpy as np

from heurest.circuit.circuit import Circuit
from heurest.circuit.wires import Wire
from heurest.errors import CircuitError
from heurest.families.input_laws import InputLaw, add_inputs, draw_laws
from heurest.families.parameters import Rng, choice, generator, named, whole_number

__all__ = ["read_once"]


def read_once(*, inputs: int = 12, kind: str = "arithmetic", law: InputLaw | None = None, rng: Rng = 0) -> Circuit:
    """Draw a random formula in which every input, and every gate, is read at most once.

    Two subformulas drawn at random are joined until one is left. An arithmetic formula joins by a product or by an affine
    gate of random direction, an even chance each; a boolean one by ``and`` or ``or``, after a ``not`` on either operand with
    probability 1/4. With independent inputs the operands of every gate are independent, so mean propagation is exact.

    A square would read its operand once but depend on it twice, and an ``xor`` is stored as gates that read its operands
    twice; neither occurs here.

    Args:
        inputs: Number of inputs, at least 1; all are read.
        kind: ``"arithmetic"`` or ``"boolean"``.
        law: Law of the inputs: a name from `INPUT_LAWS`, a law, or a list of laws; by default ``shifted_normal``, and
            ``bernoulli`` for boolean formulas. Under a joint law the inputs, and so the operands, may be dependent.
        rng: Seed or generator.

    Returns:
        An unfrozen circuit with the output ``y``.

    Raises:
        CircuitError: A parameter is out of range, or the law is unknown, does not fit the inputs, or takes values other
            than 0 and 1 in a boolean formula.

    Cost:
        About 20 microseconds an input.

    Examples:
        >>> read_once(inputs=5, rng=0)
        <Circuit 'read-once/arithmetic#0': 5 inputs, 4 gates, 1 output>
    """
    where = "read_once"
    count, style = whole_number(f"{where}: inputs", inputs, 1), choice(f"{where}: kind", kind, ("arithmetic", "boolean"))
    if law is None:
        law = "bernoulli" if style == "boolean" else "shifted_normal"
    source = generator(where, rng)
    laws = draw_laws(where, law, count, source)
    if style == "boolean":
        for part in laws:
            if not all(part.boolean):
                raise CircuitError(f"{where}: law {part.name} takes values other than 0 and 1")
    circuit = Circuit(named(f"read-once/{style}", rng))
    pool: list[Wire] = list(add_inputs(circuit, laws))
    join = _joined if style == "arithmetic" else _boolean_joined
    while len(pool) > 1:
        left = pool.pop(int(source.integers(len(pool))))
        place = int(source.integers(len(pool)))
        pool[place] = join(source, left, pool[place])
    circuit.output("y", pool[0])
    return circuit


def _joined(rng: np.random.Generator, a: Wire, b: Wire) -> Wire:
    product, angle, bias = rng.random() < 0.5, rng.uniform(0.0, 2.0 * math.pi), 0.5 * rng.standard_normal()
    wire: Wire = a * b if product else a.circuit.affine((math.cos(angle), math.sin(angle)), (a, b), bias)
    return wire


def _boolean_joined(rng: np.random.Generator, a: Wire, b: Wire) -> Wire:
    left, right = (~wire if flip else wire for wire, flip in zip((a, b), (rng.random(2) < 0.25).tolist(), strict=True))
    # a or b by De Morgan's law: the row of the gate table would read a and b twice
    wire: Wire = left & right if rng.random() < 0.5 else ~(~left & ~right)
    return wire
