"""What methods for circuits of 0/1 wires share: the nodes, tables of the inputs, and results with P(1) and P(0) apart."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np

from heurest.circuit.circuit import Circuit
from heurest.circuit.laws import Bernoulli, Law
from heurest.errors import KindError
from heurest.estimators.base import FloatArray, Progress
from heurest.program import Program
from heurest.program.bits import real_wire
from heurest.program.boolean import BooleanInstructions, BooleanProgram, lower_boolean
from heurest.reduced import Coherence, JointTable, Reduced

if TYPE_CHECKING:
    from heurest.kernels.boolean_reductant import Inputs


def boolean_nodes(program: Program, generations: int | None, method: str) -> BooleanProgram:
    """The program as gates of two operands, for a method that takes nothing else.

    Raises:
        KindError: Some value of the program is not boolean.
    """
    wire = real_wire(program)
    if wire is not None:
        name = program.circuit.wire_name(wire)
        label = f"wire {wire}" + (f" ({name!r})" if name else "")
        raise KindError(f"circuit {program.circuit.name!r}: {method} takes 0/1 wires only, but {label} is real")
    return lower_boolean(program, generations)


def input_probabilities(circuit: Circuit) -> tuple[FloatArray, FloatArray]:
    """P(1) and P(0) of the inputs, in order."""
    known: dict[object, tuple[FloatArray, FloatArray]] = {}  # each law is asked once, and a coin of each bias
    tables: list[tuple[FloatArray, FloatArray]] = []
    for group in circuit.groups:
        law = group.law
        key = law if isinstance(law, Bernoulli) else id(law)
        if key not in known:
            known[key] = _probabilities(law)
        tables.append(known[key])
    one, zero = (np.concatenate([np.empty(0), *(table[k] for table in tables)]) for k in range(2))
    return one, zero


def input_tables(circuit: Circuit, order: int) -> Inputs:
    """Probabilities of the inputs and, within each joint law, covariances and at order 3 third cumulants."""
    from heurest.kernels.boolean_reductant import Inputs

    place: list[tuple[int, int, int, int]] = []
    second, third = [np.zeros(0)], [np.zeros(0)]
    pairs, triples = 0, 0
    for group in circuit.groups:
        law, size = group.law, len(group.wires)
        place += [(len(place) if size > 1 else -1, size, pairs, triples)] * size
        if size > 1:
            second.append(law.covariance().reshape(-1))
            pairs += size**2
        if size > 1 and order == 3:
            third.append(law.cumulant_tensor(3).reshape(-1))
            triples += size**3
    first, sizes, offset, third_offset = np.array(place, np.int64).reshape(-1, 4).T.copy()
    return Inputs(*input_probabilities(circuit), first, sizes, offset, np.concatenate(second), third_offset, np.concatenate(third))


def _probabilities(law: Law) -> tuple[FloatArray, FloatArray]:
    points = law.points()
    if points is None:  # a coordinate that is always 0 or always 1
        ones = law.means()
        return ones, 1.0 - ones
    values, weights = points
    return weights @ (values == 1.0), weights @ (values == 0.0)


def wire_probabilities(program: Program, ones: FloatArray, zeros: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Means, variances and P(0) of all wires from P(1) and P(0) of the values, each with every digit; P(0) is NaN for real wires."""
    value, scale, shift = program.wire_value, program.wire_scale, program.wire_shift
    one, zero = np.append(ones, 0.0)[value], np.append(zeros, 1.0)[value]  # value -1, a constant, reads the last
    inverse, itself = (scale == -1.0) & (shift == 1.0), (scale == 1.0) & (shift == 0.0)
    mean = np.where(inverse, zero, program.wire_mean(ones))
    complement = np.where(inverse, one, np.where(itself, zero, 1.0 - mean))
    return mean, program.wire_variance(ones * zeros), np.where(program.circuit.boolean, complement, np.nan)


def reduced_laws(program: Program, ones: FloatArray, zeros: FloatArray, coherence: Coherence,
                 joint: Callable[[int, int], JointTable] | None = None) -> Reduced:  # fmt: skip
    """Laws on the points 0 and 1 for all values of a program."""
    values = len(ones)
    points, weights = np.tile([0.0, 1.0], values), np.stack([zeros, ones], axis=1).reshape(-1)
    starts = np.arange(0, 2 * values + 1, 2)
    return Reduced(starts, points, weights, program.wire_value, program.wire_scale, program.wire_shift, joint, coherence)


def coherence_of(tally: FloatArray) -> Coherence:
    """From counts of completed and moved pairs, the sum and the largest of the moves and, if there is a fifth, contradictions."""
    completed, moved, total, most, *contradicted = tally.tolist()
    return Coherence(int(completed), int(moved), total / moved if moved else 0.0, most, int(sum(contradicted)))


def portions(code: BooleanInstructions, nodes: int, progress: Progress | None) -> Iterator[range]:
    """Instructions in runs of so many: a kernel hears no interrupt before it hands back control."""
    total = len(code.op)
    for start in range(0, total, nodes):
        if progress:
            progress(start, total, "gates")
        yield range(start, min(start + nodes, total))
