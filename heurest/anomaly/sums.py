"""How a wire is written as a sum: what it reads, which products it holds, and with which coefficients."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from heurest.circuit.circuit import Circuit
from heurest.circuit.gates import AFFINE, CONSTANT, INPUT

#: Coefficients below this share of what they are the sum of are rounding, and count as 0.
COEFFICIENT_TOLERANCE = 1e-12


def term_name(circuit: Circuit, wires: tuple[int, ...]) -> str:
    """The wires of a term by name, or as ``#7``: ``x``, ``x * y`` or ``x**2``."""
    names = [circuit.wire_name(wire) or f"#{wire}" for wire in wires]
    return f"{names[0]}**2" if len(wires) == 2 and wires[0] == wires[1] else " * ".join(names)


def read_wires(circuit: Circuit, output: int) -> tuple[set[int], set[tuple[int, int]]]:
    """Inputs below a wire and operands of the products there; and the pairs of wires that these products multiply."""
    gate, left, right = circuit.gate, circuit.left, circuit.right
    below = np.zeros(output + 1, np.bool_)
    below[output] = True
    read: set[int] = set()
    pairs: set[tuple[int, int]] = set()
    for wire in range(output, -1, -1):
        if not below[wire] or gate[wire] == CONSTANT:
            continue
        if gate[wire] == INPUT:
            read.add(wire)
        elif gate[wire] == AFFINE:
            below[circuit.terms(wire)[1]] = True
        else:
            (a, scale_a, _), (b, scale_b, _) = _root(circuit, int(left[wire])), _root(circuit, int(right[wire]))
            read |= {a, b}
            below[[left[wire], right[wire]]] = True
            if CONSTANT not in (gate[a], gate[b]) and scale_a * scale_b != 0.0:
                pairs.add((min(a, b), max(a, b)))
    return read, pairs


def centred_sum(
    circuit: Circuit, output: int, mean: dict[int, float], size: dict[int, float]
) -> tuple[float, dict[tuple[int, ...], float]]:
    """The constant, and the coefficients of products of centred wires and of centred inputs.

    Args:
        circuit: The circuit.
        output: The wire that is written as a sum.
        mean: The centre of every wire that is read.
        size: How large these wires are: a mean that is small beside it is taken for 0 with what it multiplies.
    """
    gate, left, right = circuit.gate, circuit.left, circuit.right
    weight = np.zeros(output + 1)  # d(output) / d(wire) through linear parts alone
    summed = np.zeros(output + 1)  # the sizes of what the weight is the sum of
    weight[output] = summed[output] = 1.0
    constant = 0.0
    terms: dict[tuple[int, ...], float] = defaultdict(float)
    sizes: dict[tuple[int, ...], float] = defaultdict(float)
    for wire in range(output, -1, -1):
        factor = float(weight[wire])
        if abs(factor) <= COEFFICIENT_TOLERANCE * summed[wire]:
            continue
        if gate[wire] == CONSTANT:
            constant += factor * float(circuit.value[wire])
        elif gate[wire] == INPUT:
            constant += factor * mean[wire]
            terms[wire,] = factor
        elif gate[wire] == AFFINE:
            bias, operands, coefficients = circuit.terms(wire)
            constant += factor * bias
            np.add.at(weight, operands, factor * coefficients)
            np.add.at(summed, operands, np.abs(factor * coefficients))
        else:
            (a, scale_a, shift_a), (b, scale_b, shift_b) = _root(circuit, int(left[wire])), _root(circuit, int(right[wire]))
            mean_a, mean_b = shift_a + scale_a * mean[a], shift_b + scale_b * mean[b]
            constant -= factor * mean_a * mean_b
            weight[left[wire]] += factor * mean_b
            summed[left[wire]] += abs(factor) * (abs(shift_b) + abs(scale_b) * size[b])
            weight[right[wire]] += factor * mean_a
            summed[right[wire]] += abs(factor) * (abs(shift_a) + abs(scale_a) * size[a])
            if CONSTANT not in (gate[a], gate[b]) and scale_a * scale_b != 0.0:
                terms[min(a, b), max(a, b)] += factor * scale_a * scale_b
                sizes[min(a, b), max(a, b)] += abs(factor * scale_a * scale_b)
    return constant, {wires: factor for wires, factor in terms.items() if abs(factor) > COEFFICIENT_TOLERANCE * sizes[wires]}


def top_sum(circuit: Circuit, output: int) -> tuple[float, dict[int, float]]:
    """The constant, and the coefficients of the wires that the affine gates at the top add up; of the output itself if there are none."""
    weight = np.zeros(output + 1)
    weight[output] = 1.0
    constant = 0.0
    found: dict[int, float] = {}
    for wire in range(output, -1, -1):
        factor = float(weight[wire])
        if factor == 0.0:
            continue
        if circuit.gate[wire] == CONSTANT:
            constant += factor * float(circuit.value[wire])
        elif circuit.gate[wire] == AFFINE:
            bias, operands, coefficients = circuit.terms(wire)
            constant += factor * bias
            np.add.at(weight, operands, factor * coefficients)
        else:
            found[wire] = factor
    return constant, found


def _root(circuit: Circuit, wire: int) -> tuple[int, float, float]:
    """The wire that this one is a multiple of, up to a shift: that wire, the factor and the shift. So ``not x`` counts as x."""
    scale, shift = 1.0, 0.0
    while circuit.gate[wire] == AFFINE:
        bias, operands, coefficients = circuit.terms(wire)
        read = set(operands[coefficients != 0.0].tolist())
        if len(read) > 1:
            break
        if not read:
            return wire, 0.0, shift + scale * bias
        shift += scale * bias
        scale *= float(coefficients.sum())
        wire = read.pop()
    return wire, scale, shift
