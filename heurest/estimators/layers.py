"""Steps of cumulant propagation that act on many slots at once: dense layers through BLAS, joint laws of inputs."""

from __future__ import annotations

from math import comb

import numpy as np
from numpy.typing import NDArray

from heurest.circuit.laws import Law
from heurest.kernels import packed
from heurest.kernels.cumulant import State
from heurest.program.program import GroupStep, LayerStep

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


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
    state.covariance[:, step.outputs] = with_slots.T
    state.covariance[np.ix_(step.outputs, step.outputs)] = among
    state.mean[step.outputs] = result
    state.boolean[step.outputs] = False
    mean[step.first_value : step.first_value + rows] = result
    variance[step.first_value : step.first_value + rows] = among.diagonal()


def load_group(step: GroupStep, law: Law, order: int, state: State) -> None:
    """Write the joint cumulants of inputs that share a law."""
    state.covariance[np.ix_(step.slots, step.slots)] = law.cumulant_tensor(2)[np.ix_(step.coordinates, step.coordinates)]
    for size, tensor in ((3, state.triples), (4, state.quadruples)):
        if order >= size:
            joint = law.cumulant_tensor(size)[np.ix_(*[step.coordinates] * size)]
            tensor[_position(*np.ix_(*[step.slots] * size))] = joint


def _replace(tensor: FloatArray, size: int, step: LayerStep, slots: int) -> None:
    """Bring the new wires of a layer into a packed tensor."""
    outputs = step.outputs.astype(np.int64)
    images = [_image(tensor, size, step, slots)]  # images[s] has s + 1 indices that are new wires, the rest packed slots
    for left in range(size - 1, 0, -1):
        images.append(np.stack([_deeper(part, left, step, slots) for part in images[-1].reshape(-1, images[-1].shape[-1])]))
    put = packed.put_pairs_with if size == 3 else packed.put_triples_with
    for row, output in enumerate(outputs):
        plane = images[0][row]
        for new in range(1, size):
            others = _packed_indices(slots, size - 1 - new)
            grid = np.ix_(*[outputs] * new, np.arange(others.shape[1])) if others.size else np.ix_(*[outputs] * new)
            indices = [*grid[:new], *(axis[grid[-1]] for axis in others)]
            at = _position(*indices)
            plane[at] = images[new].reshape(len(outputs), *at.shape)[row]
        put(tensor, output, plane, slots)


def _image(tensor: FloatArray, size: int, step: LayerStep, slots: int) -> FloatArray:
    """One index replaced by new wires: shape (rows, packed entries of the other size - 1)."""
    add = packed.add_pairs_with if size == 3 else packed.add_triples_with
    planes = np.zeros((len(step.operands), comb(slots + size - 2, size - 1)))
    for row, slot in enumerate(step.operands):
        add(tensor, slot, 1.0, planes[row], slots)
    image: FloatArray = step.matrix @ planes
    return image


def _deeper(part: FloatArray, size: int, step: LayerStep, slots: int) -> FloatArray:
    """As `_image`, for a packed tensor of any size down to one index."""
    if size == 3:
        return _image(part, size, step, slots)
    if size == 1:
        return step.matrix @ part[step.operands][:, None]
    operands = step.operands.astype(np.int64)
    image: FloatArray = step.matrix @ part[_position(operands[:, None], np.arange(slots)[None, :])]
    return image


def _packed_indices(slots: int, size: int) -> IntArray:
    """The multisets of slots in packed order, largest index first; shape (size, number of them)."""
    if size == 0:
        return np.empty((0, 0), np.int64)
    if size == 1:
        return np.arange(slots)[None, :]
    return np.stack(np.tril_indices(slots))


def _position(*indices: IntArray) -> IntArray:
    """Packed positions of index tuples in any order."""
    ordered = np.sort(np.stack(np.broadcast_arrays(*indices)).astype(np.int64), axis=0)
    position = ordered[0].copy()
    if len(ordered) > 1:
        position += packed.pairs_below(ordered[1])
    if len(ordered) > 2:
        position += packed.triples_below(ordered[2])
    if len(ordered) > 3:
        position += packed.quadruples_below(ordered[3])
    return position
