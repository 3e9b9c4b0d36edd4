"""Mean and cumulant propagation: gates, pairs and triples a second; dense layers against numpy."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from figure import Figure, timed

import heurest as hr
from heurest.estimators.cumulant import propagate_cumulants
from heurest.estimators.mean import input_means, propagate
from heurest.program import Program


def window(live: int, gates: int, seed: int = 0) -> Program:
    """Products and sums whose operands reach back over the last ``live`` wires, so that so many stay alive."""
    rng = np.random.default_rng(seed)
    c = hr.Circuit("window")
    wires = list(c.input("x", hr.Uniform(-1, 1), count=live))
    for gate in range(gates):
        a, b = wires[-live], wires[-int(rng.integers(1, live))]
        wires.append(c.affine([0.5, 0.5], [a, b]) if gate % 2 else a * b)
    c.output("o", c.affine(np.ones(live), wires[-live:]))
    return hr.lower(c)


def wide(gates: int, width: int, seed: int = 0) -> Program:
    """Rows of products of random wires of the row before."""
    rng = np.random.default_rng(seed)
    c = hr.Circuit("wide")
    wires = c.input("x", hr.Uniform(-1, 1), count=width)
    for _ in range(gates // width):
        wires = c.multiply(wires[rng.integers(0, width, width)], wires[rng.integers(0, width, width)])
    c.output("o", wires)
    return hr.lower(c)


def means() -> Iterator[Figure]:
    for label, program, must in (("10,000 gates", window(100, 10_000), 200), ("1e6 gates", wide(1_000_000, 1000), 50)):
        start, gates = input_means(program.circuit), len(program.instructions.op)
        seconds = timed(lambda program=program, start=start: propagate(program, start))
        bytes_a_gate = sum(column.itemsize for column in program.instructions[:10]) + 8
        source = np.zeros(max(gates * bytes_a_gate // 8, 1))
        target = np.empty_like(source)
        copying = timed(lambda source=source, target=target: np.copyto(target, source))
        limit = gates / copying / 1e6  # a copy reads and writes what propagation reads
        yield Figure(f"mean, {label}", gates / seconds / 1e6, must, "M gates/s", limit, "copying the program")


def covariances() -> Iterator[Figure]:
    for live in (300, 1000):
        program = window(live, 2 * live)
        slots = program.num_slots
        pairs = len(program.instructions.op) * slots
        seconds = timed(lambda program=program: propagate_cumulants(program, 2), repeats=5)
        matrix, mean = np.zeros((slots, slots)), np.zeros(slots)
        columns = [column[slots:].tolist() for column in program.instructions[2:5]]

        def in_numpy(matrix=matrix, mean=mean, columns=columns, slots=slots):
            for c, x, y in zip(*columns, strict=True):
                row = mean[y] * matrix[x % slots] + mean[x % slots] * matrix[y % slots] if y < slots else matrix[x % slots]
                matrix[c] = row
                matrix[:, c] = row

        limit = pairs / timed(lambda: in_numpy(), repeats=3) / 1e6 if live else 0
        must = 200 if live == 1000 else None
        yield Figure(f"covariance, {live} live wires", pairs / seconds / 1e6, must, "M pairs/s", limit, "the same rows in numpy")


def triples() -> Iterator[Figure]:
    program = window(128, 256)
    slots, gates = program.num_slots, len(program.instructions.op)
    updates = gates * slots * (slots + 1) / 2
    seconds = timed(lambda: propagate_cumulants(program, 3), repeats=5)
    cube, pairs = np.zeros((slots, slots, slots)), np.zeros((slots, slots))

    def one_gate():
        plane = 0.5 * cube[1] + 0.5 * cube[2] + np.outer(pairs[1], pairs[2]) + np.outer(pairs[2], pairs[1])
        cube[3], cube[:, 3], cube[:, :, 3] = plane, plane, plane

    limit = slots * (slots + 1) / 2 / timed(one_gate) / 1e6
    yield Figure(f"cumulant:3, {slots} live wires", updates / seconds / 1e6, 50, "M triples/s", limit, "the same planes in numpy")
    program = window(48, 96)
    slots = program.num_slots
    updates = len(program.instructions.op) * slots * (slots + 1) * (slots + 2) / 6
    seconds = timed(lambda: propagate_cumulants(program, 4), repeats=5)
    yield Figure(f"cumulant:4, {slots} live wires", updates / seconds / 1e6, None, "M quadruples/s")


def dense_layers() -> Iterator[Figure]:
    rng = np.random.default_rng(0)
    for order, width, layers in ((2, 256, 5), (3, 64, 3)):
        matrices = [rng.normal(size=(width, width)) / width**0.5 for _ in range(layers)]
        c = hr.Circuit("dense")
        wires = c.input("x", hr.Normal(), count=width)
        for matrix in matrices:
            wires = matrix @ wires
        c.output("o", wires)
        program = hr.lower(c)
        seconds = timed(lambda program=program, order=order: propagate_cumulants(program, order), repeats=5)

        def in_numpy(matrices=matrices, width=width, order=order):
            pairs, cube = np.eye(width), np.zeros((width,) * 3)
            for matrix in matrices:
                pairs = matrix @ pairs @ matrix.T
                if order == 3:
                    for _ in range(3):
                        cube = np.tensordot(cube, matrix, axes=(0, 1))

        limit = timed(in_numpy, repeats=5)
        must = 2 * limit * 1e3 if order == 2 else None
        yield Figure(
            f"order {order}: {layers} dense layers {width} wide",
            seconds * 1e3,
            must,
            "ms",
            limit * 1e3,
            "the products alone in numpy",
            lower=True,
        )


def figures() -> Iterator[Figure]:
    yield from means()
    yield from covariances()
    yield from triples()
    yield from dense_layers()
