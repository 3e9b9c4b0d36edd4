"""Random bilinear circuits: products, squares and affine gates of two operands."""

from __future__ import annotations

import numpy as np

from heurest.circuit.circuit import Circuit
from heurest.circuit.gates import AFFINE, MULTIPLY, SQUARE
from heurest.errors import CircuitError
from heurest.families.input_laws import InputLaw, add_inputs, draw_laws, law_label
from heurest.families.parameters import Rng, generator, named, operands_within, share, whole_number

__all__ = ["random_bilinear"]


def random_bilinear(
    *, inputs: int = 5, gates: int = 14, products: float = 0.4, squares: float = 0.1,
    law: InputLaw = "normal", window: int | None = 8, rng: Rng = 0,
) -> Circuit:  # fmt: skip
    r"""Draw a random bilinear circuit: a DAG whose only nonlinear gates are products and squares.

    Each gate is by itself a product with probability ``products``, a square with probability ``squares``, else

    .. math:: b + \cos(\theta)\,u + \sin(\theta)\,v, \qquad \theta \sim U[0, 2\pi),\; b \sim N(0, 1/4).

    Its operands are drawn uniformly from the latest wires; two operands are different wires wherever there are two. The last
    wire is the only output, ``y``: about half the gates do not reach it, and lowering removes them.

    Args:
        inputs: Number of inputs, at least 1.
        gates: Number of gates, at least 1.
        products: Probability that a gate is a product of two wires.
        squares: Probability that a gate is a square; with ``products`` at most 1.
        law: Law of the inputs: a name from `INPUT_LAWS`, a law, or a list of laws.
        window: Operands come from so many latest wires, at least 1; ``None`` for all earlier wires. Small windows make
            deep circuits, whose values spread over many orders of magnitude.
        rng: Seed or generator; the same seed gives the same circuit in one version of heurest and numpy.

    Returns:
        An unfrozen circuit named after its law, and its seed where one is given.

    Raises:
        CircuitError: A parameter is out of range, or the law is unknown or does not fit the inputs.

    Cost:
        About 0.3 seconds for a million gates; no step of the interpreter per gate.

    Examples:
        >>> import heurest as hr
        >>> random_bilinear(inputs=3, gates=20, rng=7)
        <Circuit 'bilinear/normal#7': 3 inputs, 20 gates, 1 output>
        >>> random_bilinear(inputs=4, law=hr.Uniform(0, 1), window=None, rng=1).groups[0].law
        Uniform(low=0.0, high=1.0)
    """
    where = "random_bilinear"
    num_inputs, num_gates = whole_number(f"{where}: inputs", inputs, 1), whole_number(f"{where}: gates", gates, 1)
    product_share, square_share = share(f"{where}: products", products), share(f"{where}: squares", squares)
    if product_share + square_share > 1.0:
        raise CircuitError(f"{where}: products and squares must sum to at most 1, got {product_share!r} and {square_share!r}")
    reach_limit = num_inputs + num_gates if window is None else whole_number(f"{where}: window", window, 1)
    source = generator(where, rng)
    circuit = Circuit(named(f"bilinear/{law_label(law)}", rng))
    add_inputs(circuit, draw_laws(where, law, num_inputs, source))

    own = np.arange(num_inputs, num_inputs + num_gates)
    kind = source.random(num_gates)
    left, right = operands_within(source, np.minimum(own, reach_limit), own)
    code = np.where(kind < product_share, MULTIPLY, np.where(kind < product_share + square_share, SQUARE, AFFINE))
    right[code == SQUARE] = left[code == SQUARE]
    affine = np.flatnonzero(code == AFFINE)
    angle = source.uniform(0.0, 2.0 * np.pi, affine.size)
    bias = np.zeros(num_gates)
    bias[affine] = 0.5 * source.standard_normal(affine.size)
    terms = np.stack([left[affine], right[affine]], axis=1)
    coefficients = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    left[affine] = 2 * np.arange(affine.size)
    right[affine] = left[affine] + 2
    made = circuit.extend(code, left, right, bias, terms.reshape(-1), coefficients.reshape(-1))
    circuit.output("y", made[-1])
    return circuit
