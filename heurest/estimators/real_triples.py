"""Reductant propagation of order 3 on programs with real values: tables of all triples of live wires beside those of pairs."""

from __future__ import annotations

from math import factorial, sqrt
from typing import TYPE_CHECKING

import numpy as np

from heurest.circuit.circuit import Circuit
from heurest.circuit.joint_laws import MultivariateNormal
from heurest.circuit.laws import Law
from heurest.estimators.base import FloatArray, Progress
from heurest.estimators.real_reductants import (
    input_tables,
    marginal_law,
    new_state,
    points_of,
    polynomials_at,
    portions,
    real_bytes,
    results,
)
from heurest.program.pairwise import PairwiseProgram
from heurest.reduced import Reduced

if TYPE_CHECKING:
    from heurest.kernels.reductant_triples import Thirds

# Completions that a kernel does in one call: it hears no interrupt before it hands back control.
_TRIPLES_AT_ONCE = 50_000


def real_triples_bytes(program: PairwiseProgram, degree: int) -> int:
    """Memory that propagation needs at its peak, the program itself left out."""
    n, e = program.num_slots, degree + 1
    numbers = (n * (n + 1) * (n + 2) // 6 + 4 * n * n) * degree**3 + n * n * (degree**2 + 1) + n * (degree**2 + 2 * e * e + 2) + e**4
    inputs = sum(
        law.size**3 * degree**3 for law in {id(group.law): group.law for group in program.program.circuit.groups}.values() if law.size > 1
    )
    return real_bytes(program, degree) + 8 * (numbers + inputs)


def propagate_real_triples(
    program: PairwiseProgram, degree: int, completion: int, keep_tables: bool, progress: Progress | None = None
) -> tuple[FloatArray, FloatArray, Reduced]:
    """Means and variances of all values of the program, and what is known beside."""
    from heurest.kernels import reductant_triple_steps, reductant_triples

    n, d = program.num_slots, degree
    e = d + 1
    inputs = input_tables(program.program.circuit, d)
    wires, room, laws = new_state(program, degree)
    triples = reductant_triples.Triples(
        packed=np.zeros((n * (n + 1) * (n + 2) // 6, d, d, d)),
        left=np.zeros((n, n, d, d, d)),
        right=np.zeros((n, n, d, d, d)),
        plane=np.zeros((n, n, d, d, d)),
        inner=np.zeros((n, n, d, d, d)),
        pairs=np.zeros((n, d, d)),
        terms=np.zeros((n, e * e, 2), np.int64),
        counted=np.zeros((n, 2), np.int64),
        squares=np.zeros((n, n, d, d)),
        linked=np.zeros((n, n), np.uint8),
        out=np.zeros((d, d, d)),
        four=np.zeros((e, e, e, e)),
        parts=np.zeros((4, d, d, d)),
        powers=np.zeros((5, e)),
        wires=np.zeros(6, np.int64),
        gates=np.zeros(3, np.int64),
    )
    thirds = _thirds(program.program.circuit, d)
    for part in portions(len(program.instructions.op), max(1, _TRIPLES_AT_ONCE // max(1, n * n)), progress):
        reductant_triple_steps.propagate_triples(program.instructions, part.start, part.stop, inputs, thirds, wires, triples, room, laws)
    return results(program, laws, wires, keep_tables)


def _thirds(circuit: Circuit, degree: int) -> Thirds:
    """Tables of triples within joint laws, one block for each law."""
    from heurest.kernels.reductant_triples import Thirds

    offsets, tables = [], [np.zeros(0)]
    place: dict[int, int] = {}
    at = 0
    for group in circuit.groups:
        law = group.law
        if law.size > 1 and id(law) not in place:
            place[id(law)] = at
            tables.append(_joint_triples(law, degree).reshape(-1))
            at += len(tables[-1])
        offsets += [place.get(id(law), 0)] * law.size
    return Thirds(np.array(offsets, np.int64), np.concatenate(tables))


def _joint_triples(law: Law, degree: int) -> FloatArray:
    """``E[phi_k(i) phi_j(w) phi_t(y)]`` of all coordinates of a joint law, shape ``(size, size, size, degree, degree, degree)``."""
    marginals = [marginal_law(law, i, points_of(degree)) for i in range(law.size)]
    if isinstance(law, MultivariateNormal):
        deviation = np.array([marginal[1] for marginal in marginals])
        scale = np.outer(deviation, deviation)
        rho = np.divide(law.covariance(), scale, out=np.zeros_like(scale), where=scale > 0.0)
        tables = np.zeros((law.size,) * 3 + (degree,) * 3)
        for k in range(1, degree + 1):
            for j in range(1, degree + 1):
                for t in range(1, degree + 1):
                    if (k + j + t) % 2 or 2 * max(k, j, t) > k + j + t:
                        continue
                    first, second, last = (k + j - t) // 2, (k + t - j) // 2, (j + t - k) // 2
                    factor = sqrt(factorial(k) * factorial(j) * factorial(t)) / (factorial(first) * factorial(second) * factorial(last))
                    tables[..., k - 1, j - 1, t - 1] = factor * np.einsum("iw,iy,wy->iwy", rho**first, rho**second, rho**last)
        return tables
    points = law.points()
    if points is None:
        raise TypeError(f"{law.name}: a joint law without points that is not normal")
    values, weights = points
    columns = np.stack([polynomials_at(values[:, i], marginal, degree) for i, marginal in enumerate(marginals)])
    return np.asarray(np.einsum("p,ikp,wjp,ytp->iwykjt", weights, columns, columns, columns, optimize=True))
