"""Steps of cumulant propagation that act on many slots at once: dense layers through BLAS, joint laws of inputs."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from heurest.circuit.laws import Law
from heurest.kernels import packed
from heurest.kernels.cumulant import State
from heurest.program.program import GroupStep, LayerStep

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@np.errstate(over="ignore", invalid="ignore")  # overflow is reported in words
def propagate_layer(step: LayerStep, order: int, state: State, mean: FloatArray, variance: FloatArray) -> None:
    """Cumulants of ``matrix @ operands + bias`` among themselves and with all other slots.

    Cumulants are multilinear, so each index that becomes a new wire is one product with the matrix. New wires may
    take the slots of operands: for each order everything is computed before anything is written.
    """
    slots, rows = len(state.mean), len(step.outputs)
    result = step.matrix @ state.mean[step.operands] + step.bias
    for size, tensor in ((4, state.quadruples), (3, state.triples)):
        if order >= size:
            _replace(tensor, size, step, slots)
    with_slots = step.matrix @ state.covariance[step.operands]
    among = with_slots[:, step.operands] @ step.matrix.T
    state.covariance[step.outputs] = with_slots
    state.covariance[:, step.outputs] = with_slots[:, :slots].T
    state.covariance[np.ix_(step.outputs, step.outputs)] = among
    state.mean[step.outputs] = result
    state.boolean[step.outputs] = False
    mean[step.first_value : step.first_value + rows] = result
    variance[step.first_value : step.first_value + rows] = among.diagonal()


def load_group(step: GroupStep, law: Law, order: int, state: State) -> None:
    """Write the joint cumulants of inputs that share a law."""
    state.covariance[np.ix_(step.slots, step.slots)] = law.cumulant_tensor(2)[np.ix_(step.coordinates, step.coordinates)]
    for size, tensor in ((3, state.triples), (4, state.quadruples)):
        if order >= size and (law.last_cumulant is None or size <= law.last_cumulant):  # loading an input has zeroed the rest
            joint = law.cumulant_tensor(size)[np.ix_(*[step.coordinates] * size)]
            tensor[_position(*np.ix_(*[step.slots] * size))] = joint


def _replace(tensor: FloatArray, size: int, step: LayerStep, slots: int) -> None:
    """Bring the new wires of a layer into a packed tensor of order 3 or 4."""
    outputs = step.outputs.astype(np.int64)
    if size == 3:
        first, second, third = _images(tensor, step, slots)
        with_one = _position(outputs[:, None], np.arange(slots))
        with_two = _position(outputs[:, None], outputs)
        for row, output in enumerate(outputs):
            first[row][with_one] = second[row]
            first[row][with_two] = third[row]
            packed.put_pairs_with(tensor, output, first[row], slots)
        return
    larger, smaller = np.tril_indices(slots)
    with_pairs = _position(outputs[:, None], larger, smaller)
    with_one = _position(outputs[:, None, None], outputs[:, None], np.arange(slots))
    with_two = _position(outputs[:, None, None], outputs[:, None], outputs)
    planes = np.zeros((len(step.operands), packed.triples_below(slots)))
    for row, slot in enumerate(step.operands):
        packed.add_triples_with(tensor, slot, 1.0, planes[row], slots)
    first = step.matrix @ planes
    del planes
    for row, output in enumerate(outputs):
        second, third, fourth = _images(first[row], step, slots)
        first[row][with_pairs] = second
        first[row][with_one] = third
        first[row][with_two] = fourth
        packed.put_triples_with(tensor, output, first[row], slots)


def _images(triples: FloatArray, step: LayerStep, slots: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """One, two and all three indices replaced by the m new wires: shapes (m, packed pairs), (m, m, slots), (m, m, m)."""
    operands = step.operands.astype(np.int64)
    planes = np.zeros((len(operands), packed.pairs_below(slots)))
    for row, slot in enumerate(operands):
        packed.add_pairs_with(triples, slot, 1.0, planes[row], slots)
    first = step.matrix @ planes
    second = step.matrix @ first[:, _position(operands[:, None], np.arange(slots))]
    third = second[:, :, operands] @ step.matrix.T
    return first, second, third


def _position(*indices: NDArray[Any]) -> IntArray:
    """Packed positions of index tuples in any order."""
    ordered = np.sort(np.stack(np.broadcast_arrays(*indices)).astype(np.int64), axis=0)
    position: IntArray = ordered[0].copy()
    if len(ordered) > 1:
        position += packed.pairs_below(ordered[1])
    if len(ordered) > 2:
        position += packed.triples_below(ordered[2])
    if len(ordered) > 3:
        position += packed.quadruples_below(ordered[3])
    return position
