"""Reductant propagation on programs with real values: reduced laws, and tables of orthonormal polynomials."""

from __future__ import annotations

from collections.abc import Iterator
from math import sqrt
from typing import TYPE_CHECKING

import numpy as np

from heurest.circuit.circuit import Circuit
from heurest.circuit.joint_laws import MultivariateNormal
from heurest.circuit.laws import Law
from heurest.circuit.quadrature import discrete_recurrence
from heurest.estimators.base import FloatArray, Progress
from heurest.program.pairwise import PairwiseProgram
from heurest.reduced import Coherence, JointTable, Reduced

if TYPE_CHECKING:
    from heurest.kernels.reductant_gate import Room, Wires
    from heurest.kernels.reductant_steps import Inputs, Laws

# Completions that a kernel does in one call: it hears no interrupt before it hands back control.
_PAIRS_AT_ONCE = 200_000


def points_of(degree: int) -> int:
    """How many points a reduced law has: enough for the polynomials of a square, and one more."""
    return 2 * degree + 2


def real_bytes(program: PairwiseProgram, degree: int) -> int:
    """Memory that propagation needs at its peak, the program itself left out."""
    n, nodes = program.num_slots, len(program.instructions.op)
    m, e = points_of(degree), degree + 1
    a_wire = 8 * (m + 1) + m * m + e * e + 2 * e**3 + e * m + degree**2 * (2 * degree + 1) + 8
    return 8 * (n * n * (degree**2 + degree**3) + n * a_wire + nodes * (2 * m + 3) + 10 * len(program.value_node))


def propagate_real_reductants(
    program: PairwiseProgram, degree: int, completion: int, keep_tables: bool, progress: Progress | None = None
) -> tuple[FloatArray, FloatArray, Reduced]:
    """Means and variances of all values of the program, and what is known beside."""
    from heurest.kernels import reductant_steps

    inputs = input_tables(program.program.circuit, degree)
    wires, room, laws = new_state(program, degree)
    moments, pair = np.zeros((5, 5)), np.zeros((degree + 1, degree + 1))
    for part in portions(len(program.instructions.op), max(1, _PAIRS_AT_ONCE // max(1, program.num_slots)), progress):
        reductant_steps.propagate_reductants(
            program.instructions, part.start, part.stop, inputs, wires, completion, room, moments, pair, laws
        )
    return results(program, laws, wires, keep_tables)


def new_state(program: PairwiseProgram, degree: int) -> tuple[Wires, Room, Laws]:
    """Empty arrays for a run of the kernels: what is known of live wires, scratch, and the law of every node."""
    from heurest.kernels import reductant_gate, reductant_steps

    n, nodes, m, d = program.num_slots, len(program.instructions.op), points_of(degree), degree
    e = d + 1
    wires = reductant_gate.Wires(
        state=np.full((n, reductant_gate.STATE), -1, np.int64),
        law=np.zeros((n, reductant_gate.LAW, m + 1)),
        basis=np.zeros((n, m, m)),
        few=np.zeros((n, e, e)),
        cubes=np.zeros((n, 2, e, e, e)),
        unary=np.zeros((n, e, m)),
        slopes=np.zeros((n, d, d, 2 * d + 1)),
        tables=np.zeros((n, n, d, d)),
        triples=np.zeros((n, n, d, d, d)),
        order=np.zeros(n + 1, np.int64),
        tally=np.zeros(reductant_gate.TALLY),
    )
    room = reductant_gate.Room(
        grid=np.zeros((3, m, m)),
        rule=np.zeros((2, m + 2, m)),
        moments=np.zeros((2, d, d, d)),
        full=np.zeros((4, e, e, e)),
        four=np.zeros((e, e, e, e)),
    )
    laws = reductant_steps.Laws(np.ones(nodes, np.int64), np.zeros(nodes), np.zeros(nodes), np.zeros((nodes, m)), np.zeros((nodes, m)))
    return wires, room, laws


def results(program: PairwiseProgram, laws: Laws, wires: Wires, keep_tables: bool) -> tuple[FloatArray, FloatArray, Reduced]:
    """Means and variances of all values of a program from the laws of its nodes, and what is known beside."""
    from heurest.kernels.reductant_gate import LARGEST

    node = program.value_node
    # a value that was cut off may have had little weight
    mean = np.where(np.abs(laws.mean) >= 1e-20 * LARGEST, np.copysign(np.inf, laws.mean), laws.mean)[node]
    with np.errstate(over="ignore"):
        variance = (laws.deviation**2)[node]
    return mean, variance, _reduced(program, laws, wires if keep_tables else None, wires.tally)


def portions(nodes: int, at_once: int, progress: Progress | None) -> Iterator[range]:
    """The nodes in portions, each reported."""
    for start in range(0, nodes, at_once):
        if progress:
            progress(start, nodes, "gates")
        yield range(start, min(start + at_once, nodes))


def input_tables(circuit: Circuit, degree: int) -> Inputs:
    """Tables of the inputs for the kernels."""
    from heurest.kernels.reductant_steps import Inputs

    m = points_of(degree)
    columns: dict[str, list[float]] = {name: [] for name in ("size", "mean", "deviation", "one", "zero", "first", "members", "offset")}
    diagonals: list[FloatArray] = []
    off_diagonals: list[FloatArray] = []
    tables = [np.zeros(0)]
    known: dict[int, list[tuple[float, float, FloatArray, FloatArray, float, float]]] = {}
    at = 0
    for group in circuit.groups:
        law = group.law
        if id(law) not in known:
            known[id(law)] = [marginal_law(law, i, m) for i in range(law.size)]
        start = len(diagonals)
        for mean, deviation, diagonal, off_diagonal, one, zero in known[id(law)]:
            diagonals.append(np.pad(diagonal, (0, m + 1 - len(diagonal))))
            off_diagonals.append(np.pad(off_diagonal, (1, m + 1 - len(diagonal))))
            joint = start if law.size > 1 else -1
            for name, number in zip(columns, (len(diagonal), mean, deviation, one, zero, joint, law.size, at), strict=True):
                columns[name].append(number)
        if law.size > 1:
            tables.append(_joint_tables(law, known[id(law)], degree).reshape(-1))
            at += len(tables[-1])
    integers = ("size", "first", "members", "offset")
    whole = {name: np.array(column, np.int64 if name in integers else np.float64) for name, column in columns.items()}
    return Inputs(
        size=whole["size"],
        mean=whole["mean"],
        deviation=whole["deviation"],
        diagonal=np.array(diagonals).reshape(-1, m + 1),
        off_diagonal=np.array(off_diagonals).reshape(-1, m + 1),
        one=whole["one"],
        zero=whole["zero"],
        first=whole["first"],
        members=whole["members"],
        offset=whole["offset"],
        tables=np.concatenate(tables),
    )


def marginal_law(law: Law, coordinate: int, m: int) -> tuple[float, float, FloatArray, FloatArray, float, float]:
    """Mean, deviation and standardised recurrence of one input, and P(1) and P(0)."""
    points = law.points()
    if points is None and law.size > 1:  # a normal law: every coordinate has the recurrence of the Hermite polynomials
        mean, deviation = float(law.means()[coordinate]), sqrt(float(law.covariance()[coordinate, coordinate]))
        size = m if deviation > 0.0 else 1
        return mean, deviation, np.zeros(size), np.sqrt(np.arange(1.0, size)), 0.0, 0.0
    nodes, weights = law.quadrature(m) if law.size == 1 else points or law.quadrature(m)
    values, place = np.unique(nodes[:, coordinate], return_inverse=True)
    probability = np.bincount(place, weights, len(values)).astype(np.float64)
    mean = float(probability @ values)
    one, zero = float(probability[values == 1.0].sum()), float(probability[values == 0.0].sum())
    diagonal, off_diagonal = discrete_recurrence(values - mean, probability, min(m, len(values)))
    if not off_diagonal.size:
        return mean, 0.0, np.zeros(1), np.zeros(0), one, zero
    deviation = float(off_diagonal[0])
    return mean, deviation, diagonal / deviation, off_diagonal / deviation, one, zero


def _joint_tables(law: Law, marginals: list[tuple[float, float, FloatArray, FloatArray, float, float]], degree: int) -> FloatArray:
    """``E[phi_k(i) phi_j(w)]`` of all coordinates i and w of a joint law, shape ``(size, size, degree, degree)``."""
    tables = np.zeros((law.size, law.size, degree, degree))
    if isinstance(law, MultivariateNormal):
        deviation = np.array([marginal[1] for marginal in marginals])
        scale = np.outer(deviation, deviation)
        correlation = np.divide(law.covariance(), scale, out=np.zeros_like(scale), where=scale > 0.0)
        for k in range(degree):  # Mehler's formula
            tables[:, :, k, k] = correlation ** (k + 1)
        return tables
    points = law.points()
    if points is None:
        raise TypeError(f"{law.name}: a joint law without points that is not normal")
    values, weights = points
    columns = np.stack([polynomials_at(values[:, i], marginal, degree) for i, marginal in enumerate(marginals)])
    tables[:] = np.einsum("p,ikp,wjp->iwkj", weights, columns, columns)
    return tables


def polynomials_at(values: FloatArray, marginal: tuple[float, float, FloatArray, FloatArray, float, float], degree: int) -> FloatArray:
    """Orthonormal polynomials of degree 1 to ``degree`` of a law at values, zero where the law has too few points."""
    mean, deviation, diagonal, off_diagonal = marginal[:4]
    out = np.zeros((degree + 1, len(values)))
    out[0] = 1.0
    for k in range(min(degree, len(off_diagonal))):
        x = (values - mean) / deviation
        out[k + 1] = (x - diagonal[k]) * out[k] - (off_diagonal[k - 1] * out[k - 1] if k else 0.0)
        out[k + 1] /= off_diagonal[k]
    return out[1:]


def _reduced(program: PairwiseProgram, laws: Laws, wires: Wires | None, tally: FloatArray) -> Reduced:
    from heurest.kernels import reductant_gate

    node = program.value_node
    size = laws.size[node]
    start = np.append(0, np.cumsum(size))
    kept = np.arange(laws.points.shape[1]) < size[:, None]
    with np.errstate(over="ignore"):
        points = (laws.mean[:, None] + laws.deviation[:, None] * laws.points)[node][kept]
    weights = laws.weights[node][kept]
    boolean = np.repeat(program.instructions.boolean[node], size)
    points[boolean] = np.rint(points[boolean])
    joint = None
    if wires is not None:
        slot = program.instructions.dest[node]

        def joint(first: int, second: int) -> JointTable:
            return _joint_table(wires, int(slot[first]), int(slot[second]))

    moved = int(tally[reductant_gate.MOVED])
    coherence = Coherence(
        tables=int(tally[reductant_gate.PAIRS]),
        moved=moved,
        mean=float(tally[reductant_gate.MOVED_SUM]) / moved if moved else 0.0,
        most=float(tally[reductant_gate.MOVED_MOST]),
        contradicted=int(tally[reductant_gate.MOVED_LAW]),
    )
    lowered = program.program
    return Reduced(start, points, weights, lowered.wire_value, lowered.wire_scale, lowered.wire_shift, joint, coherence)


def _joint_table(wires: Wires, first: int, second: int) -> JointTable:
    """The table of two kept wires on as many points as it has degrees, and one more."""
    from heurest.kernels import reductant_gate as gate

    e = wires.few.shape[1]
    rows, columns = (min(e, int(wires.state[slot, gate.SIZE])) for slot in (first, second))
    laws = wires.law[first], wires.law[second]
    mean, deviation = ([law[gate.MOMENTS, i] for law in laws] for i in range(2))
    points = [m + s * law[gate.FEW_POINTS, :n] for m, s, law, n in zip(mean, deviation, laws, (rows, columns), strict=True)]
    weights = [law[gate.FEW_WEIGHTS, :n] for law, n in zip(laws, (rows, columns), strict=True)]
    if first == second:
        return JointTable(points[0], points[1], np.diag(weights[0]), np.eye(rows - 1))
    coefficients = wires.tables[first, second, : rows - 1, : columns - 1].copy()
    ratio = 1.0 + wires.few[first, 1:rows, :rows].T @ coefficients @ wires.few[second, 1:columns, :columns]
    return JointTable(points[0], points[1], lawful(np.outer(*weights) * ratio, *weights), coefficients)


def lawful(table: FloatArray, rows: FloatArray, columns: FloatArray) -> FloatArray:
    """The table itself if it is non-negative, else cut off at zero and brought back to its marginal laws."""
    if table.min() >= 0.0:
        return table
    table = np.maximum(table, 1e-12 * np.outer(rows, columns))
    for _ in range(200):
        table *= (rows / table.sum(1))[:, None]
        table *= columns / table.sum(0)
    # fitting may creep: what is left of the rows is taken off, or spread over the columns that lack it
    table *= np.minimum(1.0, rows / table.sum(1))[:, None]
    missing = np.maximum(rows - table.sum(1), 0.0), np.maximum(columns - table.sum(0), 0.0)
    return table + np.outer(*missing) / max(float(missing[1].sum()), 1e-300)
