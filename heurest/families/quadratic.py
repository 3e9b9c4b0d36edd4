"""Layered quadratic networks, and one wire squared again and again."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from heurest.circuit import law_checks
from heurest.circuit.circuit import Circuit
from heurest.circuit.laws import Law
from heurest.errors import CircuitError
from heurest.families.input_laws import InputLaw, add_inputs, draw_laws
from heurest.families.parameters import Rng, choice, generator, named, whole_number

__all__ = ["quadratic_network", "repeated_squaring"]


def quadratic_network(
    *, widths: Sequence[int] = (5, 10, 10, 1), kind: str = "square", law: InputLaw = "normal", bias: float = 0.3, rng: Rng = 0
) -> Circuit:
    r"""Draw a layered network with quadratic activations and an affine read-out.

    .. math:: z^{(l)} = W^{(l)} y^{(l-1)} + b^{(l)}, \qquad y^{(l)}_i = \big(z^{(l)}_i\big)^2 \;\text{ or }\; z^{(l)}_{2i} z^{(l)}_{2i+1}

    with :math:`y^{(0)}` the inputs and :math:`W y + b` alone in the last layer. Weights are independent normals of variance
    ``1 / (fan_in * m)``, biases of variance ``bias**2``, where m is the mean square of the layer's inputs if z were standard:
    that of the laws at first, then ``3 (1 + bias**2)**2`` after squares and ``(1 + bias**2)**2`` after products. So every
    pre-activation has a mean square of about 1, whatever the widths; depth adds heavy tails.

    Args:
        widths: Number of inputs, of activations in each hidden layer, and of outputs; at least two numbers, each at least 1.
        kind: ``"square"``, or ``"product"`` of two pre-activations of one's own.
        law: Law of the inputs: a name from `INPUT_LAWS`, a law, or a list of laws.
        bias: Standard deviation of the biases, at least 0.
        rng: Seed or generator.

    Returns:
        An unfrozen circuit whose outputs are ``y[0]``, ``y[1]`` and so on; every layer is one dense layer. Its degree is
        ``2 ** (len(widths) - 2)``.

    Raises:
        CircuitError: A parameter is out of range, or the law is unknown or does not fit the inputs.

    Cost:
        That of drawing the weights.

    Examples:
        >>> quadratic_network(widths=(3, 4, 1), rng=0)  # 4 + 1 affine gates, 4 squares
        <Circuit 'quadratic/square#0': 3 inputs, 9 gates, 1 output>
    """
    where = "quadratic_network"
    if not isinstance(widths, Sequence) or isinstance(widths, str):
        raise CircuitError(f"{where}: widths must be a list of integers, got {law_checks.shown(widths)}")
    if len(widths) < 2:
        raise CircuitError(f"{where}: widths must hold the numbers of inputs and of outputs at least, got {len(widths)} of them")
    sizes = [whole_number(f"{where}: a width", width, 1) for width in widths]
    activation = choice(f"{where}: kind", kind, ("square", "product"))
    deviation = law_checks.number(f"{where}: bias", bias)
    if deviation < 0.0:
        raise CircuitError(f"{where}: bias must not be negative, got {deviation!r}")
    source = generator(where, rng)
    laws = draw_laws(where, law, sizes[0], source)
    circuit = Circuit(named(f"quadratic/{activation}", rng))
    wires = add_inputs(circuit, laws)
    mean_square = _mean_square(laws)
    spread = (1.0 + deviation**2) ** 2
    for depth, width in enumerate(sizes[1:], start=1):
        hidden = depth < len(sizes) - 1
        rows = 2 * width if hidden and activation == "product" else width
        weights = source.standard_normal((rows, len(wires))) / np.sqrt(len(wires) * mean_square)
        wires = circuit.affine(weights, wires, deviation * source.standard_normal(rows))
        if hidden and activation == "square":
            wires, mean_square = circuit.square(wires), 3.0 * spread
        elif hidden:
            wires, mean_square = circuit.multiply(wires[0::2], wires[1::2]), spread
    circuit.output("y", wires)
    return circuit


def repeated_squaring(*, depth: int = 3, law: InputLaw = "normal", scale: float = 0.5, shift: float = -0.5, rng: Rng = 0) -> Circuit:
    r"""Iterate a quadratic map on one input: :math:`x \mapsto a x^2 + b`, ``depth`` times.

    The output is a polynomial of degree exactly ``2 ** depth`` in the input (for a scale other than 0), though it takes only
    ``2 * depth`` gates: the shortest circuit on which orders and degrees part. The defaults turn a standard normal into a
    variable of mean 0 at the first step.

    Args:
        depth: Number of iterations, at least 1.
        law: Law of the input: a name from `INPUT_LAWS` or a law of one input.
        scale: The coefficient a.
        shift: The constant b.
        rng: Seed or generator, for a named law with free parameters; nothing else is random.

    Returns:
        An unfrozen circuit with the output ``y``.

    Raises:
        CircuitError: A parameter is out of range or not finite, or the law is unknown or governs several inputs.

    Cost:
        Two gates an iteration.

    Examples:
        >>> import heurest as hr
        >>> c = repeated_squaring(depth=2, scale=1.0, shift=0.0)  # x**4 of a standard normal
        >>> hr.Cumulant(4).estimate(c).value
        {'y': 3.0}
    """
    where = "repeated_squaring"
    steps = whole_number(f"{where}: depth", depth, 1)
    factor, offset = law_checks.number(f"{where}: scale", scale), law_checks.number(f"{where}: shift", shift)
    circuit = Circuit(named("squaring", rng))
    wire = add_inputs(circuit, draw_laws(where, law, 1, generator(where, rng)))[0]
    for _ in range(steps):
        wire = circuit.scaled(circuit.square(wire), factor, offset)
    circuit.output("y", wire)
    return circuit


def _mean_square(laws: Sequence[Law]) -> float:
    """Mean square of the inputs, over all of them; 1 if they are always 0, so that one can divide by it."""
    by_law = {law: sum(float(law.moments(2, i)[2]) for i in range(law.size)) for law in set(laws)}
    return sum(by_law[law] for law in laws) / sum(law.size for law in laws) or 1.0
