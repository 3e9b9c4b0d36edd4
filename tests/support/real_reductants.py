"""Reductant propagation of order 2 of real wires, taken literally: a slow oracle in numpy, written from the definitions.

Expectations are sums over grids of points, completions are full tensors. Every wire is kept, and sums of many wires are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache

import numpy as np

import heurest as hr
from heurest import opcodes
from heurest.program.pairwise import PairwiseProgram, lower_pairwise

COMPLETIONS = ("regression", "interaction", "mutual", "cumulant")

Recurrence = tuple[np.ndarray, np.ndarray]  # diagonal, and off-diagonal from its second entry on
Rule = tuple[np.ndarray, np.ndarray, np.ndarray]  # points, weights, orthonormal polynomials (degree, point)


def recurrence(values: np.ndarray, weights: np.ndarray, most: int) -> Recurrence:
    """Three-term recurrence of a law (signed weights allowed) as long as the squared norms are positive; ``values`` are centred."""
    known = [np.ones_like(values)]
    diagonal: list[float] = []
    off_diagonal: list[float] = []
    while True:
        diagonal.append(weights @ (values * known[-1] ** 2))
        if len(diagonal) == most:
            break
        new = values * known[-1]
        size = np.abs(weights) @ new**2
        for old in known * 2:  # Gram and Schmidt, twice
            new = new - (weights @ (new * old)) * old
        norm = weights @ new**2
        if not norm > 1e-10 * (np.abs(weights) @ new**2) or not norm > 1e-12 * size:
            break
        off_diagonal.append(np.sqrt(norm))
        known.append(new / off_diagonal[-1])
    return np.array(diagonal), np.array(off_diagonal)


def gauss_rule(law: Recurrence, size: int) -> Rule:
    """Points, weights and polynomials of the law's rule of ``size`` points: eigenvalues and eigenvectors of its Jacobi matrix."""
    size = min(size, len(law[0]))
    diagonal, off_diagonal = law[0][:size], law[1][: size - 1]
    points, vectors = np.linalg.eigh(np.diag(diagonal) + np.diag(off_diagonal, 1) + np.diag(off_diagonal, -1))
    return points, vectors[0] ** 2, vectors / vectors[0]


def polynomials(law: Recurrence, x: np.ndarray, degree: int) -> np.ndarray:
    """Orthonormal polynomials of degree 0 to ``degree`` at ``x``, zero beyond those that the law has."""
    out = np.zeros((degree + 1, *x.shape))
    out[0] = 1.0
    for k in range(min(degree, len(law[1]))):
        out[k + 1] = (x - law[0][k]) * out[k] - (law[1][k - 1] * out[k - 1] if k else 0.0)
        out[k + 1] /= law[1][k]
    return out


@dataclass
class Wire:
    """Mean, standard deviation, recurrence in units of it about the mean, and for gates their operands and expansion."""

    mean: float
    deviation: float
    law: Recurrence
    boolean: bool
    operands: tuple[int, ...] = ()
    form: np.ndarray = field(default_factory=lambda: np.zeros(0))  # of a gate of two: (s, k, j); of one: (s, k)
    norms: np.ndarray = field(default_factory=lambda: np.zeros(0))  # of alpha_k beta_j less its mean

    @property
    def size(self) -> int:
        return len(self.law[0])


def boolean_law(one: float, zero: float) -> tuple[float, float, Recurrence]:
    one, zero = min(max(one, 0.0), 1.0), min(max(zero, 0.0), 1.0)
    deviation = float(np.sqrt(one * zero))
    if deviation == 0.0:
        return one, 0.0, (np.zeros(1), np.zeros(0))
    return one, deviation, (np.array([0.0, (zero - one) / deviation]), np.ones(1))


def law_of(values: np.ndarray, weights: np.ndarray, most: int) -> tuple[float, float, Recurrence]:
    """Mean, deviation and standardised recurrence of a law on a grid."""
    values, weights = values.ravel(), weights.ravel()
    mean = float(weights @ values)
    scale = float(np.abs(values - mean).max())
    if scale <= 1e-14 * np.abs(values).max():
        return mean, 0.0, (np.zeros(1), np.zeros(0))
    diagonal, off_diagonal = recurrence((values - mean) / scale, weights, most)
    if not len(off_diagonal):
        return mean, 0.0, (np.zeros(1), np.zeros(0))
    deviation = off_diagonal[0]
    return mean, float(deviation * scale), (diagonal / deviation, off_diagonal / deviation)


def repaired_law(values: np.ndarray, signed: np.ndarray, lawful: np.ndarray, most: int, degree: int) -> tuple[float, float, Recurrence]:
    """The law that the signed table gives in its low moments as far as they are near those of the lawful table, which gives the rest."""
    _, deviation, (diagonal, off_diagonal) = law_of(values, lawful, most)
    mean, own_deviation, (own_diagonal, own_off_diagonal) = law_of(values, signed, degree + 1)
    if deviation == 0.0:
        return float((lawful * values).sum()), deviation, (diagonal, off_diagonal)
    if own_deviation**2 < 0.02 * deviation**2:
        deviation *= np.sqrt(0.02)
    else:
        deviation = own_deviation
        for k in range(1, min(len(own_diagonal), len(diagonal))):
            if k > 1:
                if not 0.1 < (own_off_diagonal[k - 1] / off_diagonal[k - 1]) ** 2 < 10.0:
                    break
                off_diagonal[k - 1] = own_off_diagonal[k - 1]
            diagonal[k] = own_diagonal[k]
    diagonal[0] = 0.0
    return mean, deviation, (diagonal, off_diagonal)


def fitted(table: np.ndarray, rows: np.ndarray, columns: np.ndarray, rounds: int) -> np.ndarray:
    for _ in range(rounds):
        table = table * (rows / table.sum(1))[:, np.newaxis]
        table = table * (columns / table.sum(0))
    return table


def set_partitions(items: Sequence[int]) -> list[list[list[int]]]:
    if not items:
        return [[]]
    first, rest = items[0], items[1:]
    found = []
    for partition in set_partitions(rest):
        found.append([[first], *partition])
        found += [[*partition[:i], [first, *block], *partition[i + 1 :]] for i, block in enumerate(partition)]
    return found


class Oracle:
    """All wires of a program, one after the other: ``wires`` and ``tables[v, w][k - 1, j - 1] = E[phi_k(v) phi_j(w)]``."""

    def __init__(self, program: PairwiseProgram, degree: int, completion: str) -> None:
        self.d, self.e, self.m, self.completion = degree, degree + 1, 2 * degree + 2, completion
        self.wires: list[Wire] = []
        self.tables: dict[tuple[int, int], np.ndarray] = {}
        self.triples: dict[tuple[int, int], np.ndarray] = {}  # of a gate of two with a wire, degrees 1 and up
        self.inputs: dict[int, tuple[int, int]] = {}  # the group of an input's node, and its place there
        self.moved = 0
        self.groups = [(g, i) for g, group in enumerate(program.program.circuit.groups) for i in range(group.law.size)]
        self.circuit = program.program.circuit
        code = program.instructions
        assert code.dest.tolist() == list(range(len(code.op)))
        for k, op in enumerate(code.op):
            operands, scales = (column[code.start[k] : code.start[k + 1]].tolist() for column in (code.operand, code.scale))
            u, v = code.shift[k]
            if op == opcodes.LOAD:
                self.load(int(code.input[k]), bool(code.boolean[k]))
                continue
            assert len(operands) == 2, "sums of many wires are left out"
            f, g = scales
            if op == opcodes.MULTIPLY:
                self.gate(operands, lambda x, y, f=f, g=g, u=u, v=v: (f * x + u) * (g * y + v), bool(code.boolean[k]))
            else:
                self.gate(operands, lambda x, y, f=f, g=g, u=u: u + f * x + g * y, bool(code.boolean[k]))

    # -- what is known ---------------------------------------------------------------------------------

    def table(self, v: int, w: int) -> np.ndarray:
        """E[phi_k phi_j] with the constant polynomials, shape (e, e)."""
        out = np.zeros((self.e, self.e))
        if v == w:
            return np.diag((np.arange(self.e) < self.wires[v].size).astype(float))
        out[0, 0], out[1:, 1:] = 1.0, self.tables[v, w]
        return out

    def triple(self, gate: int, w: int) -> np.ndarray:
        """E[alpha_k beta_j phi_t] of the operands of a gate and a wire."""
        a, b = self.wires[gate].operands
        out = np.zeros((self.e,) * 3)
        out[:, :, 0], out[:, 0, :], out[0, :, :] = self.table(a, b), self.table(a, w), self.table(b, w)
        out[1:, 1:, 1:] = self.triples[gate, w]
        return out

    def rule(self, v: int, few: bool) -> Rule:
        return gauss_rule(self.wires[v].law, self.e if few else self.m)

    def products(self, v: int) -> np.ndarray:
        """E[phi_k phi_r phi_t] of one wire; zero where one of them is beyond its law."""
        size = min(self.e, self.wires[v].size)
        _, weights, basis = self.rule(v, False)
        out = np.zeros((self.e,) * 3)
        out[:size, :size, :size] = np.einsum("p,kp,rp,tp->krt", weights, *[basis[:size]] * 3)
        return out

    # -- inputs ----------------------------------------------------------------------------------------

    def load(self, number: int, boolean: bool) -> None:
        group, place = self.groups[number]
        law = self.circuit.groups[group].law
        points = law.points()
        new = len(self.wires)
        if points is None and law.size > 1:
            deviation = float(np.sqrt(law.covariance()[place, place]))
            hermite = np.zeros(self.m), np.sqrt(np.arange(1.0, self.m))
            found = float(law.means()[place]), deviation, hermite if deviation > 0.0 else (np.zeros(1), np.zeros(0))
        else:
            values, weights = points or law.quadrature(self.m)
            found = law_of(values[:, place], weights, self.m)
            if boolean:
                one = float(weights @ values[:, place])
                found = boolean_law(one, float(weights @ (1.0 - values[:, place])))
        self.wires.append(Wire(*found, boolean))
        self.inputs[new] = group, place
        for other in range(new):
            table = np.zeros((self.d, self.d))
            if self.inputs.get(other, (-1, 0))[0] == group:
                here, there = self.wires[new], self.wires[other]
                if points is None:  # Mehler
                    scale = here.deviation * there.deviation
                    rho = law.covariance()[place, self.inputs[other][1]] / scale if scale > 0.0 else 0.0
                    table = np.diag(rho ** np.arange(1.0, self.e))
                else:
                    values, weights = points
                    phi, psi = (
                        polynomials(w.law, (values[:, i] - w.mean) / (w.deviation or 1.0), self.d)[1:]
                        for w, i in ((here, place), (there, self.inputs[other][1]))
                    )
                    table = np.einsum("p,kp,jp->kj", weights, phi, psi)
            self.put(new, other, table)
            self.triples |= {(g, new): np.zeros((self.d,) * 3) for g in range(new) if len(self.wires[g].operands) == 2}

    # -- gates -----------------------------------------------------------------------------------------

    def gate(self, operands: list[int], function: Callable[[np.ndarray, np.ndarray], np.ndarray], boolean: bool) -> None:
        a, b = operands
        if a == b:
            self.unary(a, function, boolean)
            return
        c, first, second = len(self.wires), self.wires[a], self.wires[b]
        table = self.table(a, b)
        for few in (False, True):
            (x, p, alpha), (y, q, beta) = self.rule(a, few), self.rule(b, few)
            alpha, beta = alpha[: self.e], beta[: self.e]
            ratio = np.einsum("kj,kp,jq->pq", table[: len(alpha), : len(beta)], alpha, beta)
            flat = np.outer(p, q)
            negative = -(flat * ratio)[ratio < -1e-9].sum()
            if negative <= 1e-4:
                break
        signed, lawful = flat * ratio, flat * np.maximum(ratio, 1e-9)
        if negative > 0.0:
            lawful = fitted(lawful, p, q, 20)
        values = function((first.mean + first.deviation * x)[:, np.newaxis], second.mean + second.deviation * y)
        if boolean:
            found = boolean_law(float((signed * values).sum()), float((signed * (1.0 - values)).sum()))
        elif negative > 0.0:
            found = repaired_law(values, signed, lawful, self.m, self.d)
        else:
            found = law_of(values, signed, self.m)
        wire = Wire(*found, boolean, (a, b))
        phi = polynomials(wire.law, (values - wire.mean) / (wire.deviation or 1.0), self.d)
        wide = np.zeros((self.e, len(x))), np.zeros((self.e, len(y)))
        wide[0][: len(alpha)], wide[1][: len(beta)] = alpha, beta
        wire.form = np.einsum("pq,kp,jq,spq->skj", flat, *wide, phi)
        own = np.einsum("pq,kp,jq,spq->kjs", signed, *wide, phi)[1:, 1:, 1:]
        low = wide[0][1:], wide[1][1:]
        columns = np.concatenate([np.repeat(low[0][:, :, np.newaxis], len(y), 2), np.repeat(low[1][:, np.newaxis], len(x), 1)])
        both = np.einsum("kp,jq->kjpq", *low)
        squares = [np.einsum("pq,kjpq->kj", law, both**2) for law in (lawful, signed)]
        wire.norms = np.sqrt(np.maximum(0.0, np.maximum(*squares) - table[1:, 1:] ** 2))
        gram = np.eye(2 * self.d)
        gram[: self.d, self.d :], gram[self.d :, : self.d] = table[1:, 1:], table[1:, 1:].T
        three = np.einsum("pq,kjpq,rpq->kjr", signed, both, columns)
        slopes = three @ np.linalg.pinv(gram, rcond=1e-8, hermitian=True)
        moments = np.array([[(signed * np.outer(x**i, y**j)).sum() for j in range(5)] for i in range(5)])
        self.wires.append(wire)
        self.triples[c, c] = own
        self.triples[c, a], self.triples[c, b] = three[:, :, : self.d], three[:, :, self.d :]
        for other in range(c):
            if other not in (a, b):
                self.triples[c, other] = self.completed(c, other, slopes, moments)
            if self.completion == "mutual" and len(self.wires[other].operands) == 2:
                inner = np.einsum("tkj,kjmn->mnt", wire.form, self.four(c, other))[1:, 1:, 1:]
                self.triples[other, c] = self.within(other, inner)
            self.put(c, other, np.einsum("skj,kjt->st", wire.form, self.triple(c, other))[1:, 1:])

    def unary(self, a: int, function: Callable[[np.ndarray, np.ndarray], np.ndarray], boolean: bool) -> None:
        c, operand = len(self.wires), self.wires[a]
        x, weights, basis = self.rule(a, False)
        values = function(operand.mean + operand.deviation * x, operand.mean + operand.deviation * x)
        found = boolean_law(float(weights @ values), float(weights @ (1.0 - values))) if boolean else law_of(values, weights, self.m)
        wire = Wire(*found, boolean, (a,))
        phi = polynomials(wire.law, (values - wire.mean) / (wire.deviation or 1.0), self.d)
        wire.form = np.zeros((self.e, self.e))
        top = min(self.e, len(x))
        wire.form[:, :top] = np.einsum("p,kp,sp->sk", weights, basis[:top], phi)
        self.wires.append(wire)
        for other in range(c):
            self.put(c, other, (wire.form @ self.table(a, other))[1:, 1:])
            if self.completion == "mutual" and len(self.wires[other].operands) == 2:
                self.triples[other, c] = np.einsum("tr,mnr->mnt", wire.form[1:, 1:], self.triples[other, a])

    def completed(self, c: int, other: int, slopes: np.ndarray, moments: np.ndarray) -> np.ndarray:
        """E[alpha_k beta_j phi_t] of the gate's operands and a third wire, degrees 1 and up."""
        a, b = self.wires[c].operands
        opened = self.wires[other].operands
        if self.completion == "mutual" and opened:
            if len(opened) == 1:
                inner = np.einsum("tr,kjr->kjt", self.wires[other].form, self.triple(c, opened[0]))
            else:
                inner = np.einsum("tmn,kjmn->kjt", self.wires[other].form, self.four(c, other))
            return self.within(c, inner[1:, 1:, 1:])
        if self.completion == "interaction":
            return self.without_interaction(a, b, other)
        regression = np.einsum("kjr,rt->kjt", slopes, np.concatenate([self.table(a, other)[1:, 1:], self.table(b, other)[1:, 1:]]))
        if self.completion == "regression":
            return regression
        by_cumulants = self.by_cumulants(a, b, other, moments)
        low = by_cumulants.shape[0]
        regression[:low, :low, :low] = by_cumulants
        return self.within(c, regression)

    # -- completions -----------------------------------------------------------------------------------

    def four(self, c: int, other: int) -> np.ndarray:
        """E[alpha_k beta_j alpha'_m beta'_n]: products of polynomials of shared wires, else pairs of pairs."""
        (a, b), (v, w) = self.wires[c].operands, self.wires[other].operands
        if {a, b} == {v, w}:
            found = np.einsum("kmr,jns,rs->kjmn", self.products(a), self.products(b), self.table(a, b))
            return found if v == a else found.swapaxes(2, 3)
        if v == a:
            return np.einsum("kmr,rjn->kjmn", self.products(a), self.triple(c, w))
        if v == b:
            return np.einsum("jmr,krn->kjmn", self.products(b), self.triple(c, w))
        if w == a:
            return np.einsum("knr,rjm->kjmn", self.products(a), self.triple(c, v))
        if w == b:
            return np.einsum("jnr,krm->kjmn", self.products(b), self.triple(c, v))
        out = np.einsum("kj,mn->kjmn", self.table(a, b), self.table(v, w))
        out += np.einsum("km,jn->kjmn", self.table(a, v), self.table(b, w)) + np.einsum("kn,jm->kjmn", self.table(a, w), self.table(b, v))
        out[0], out[:, 0] = np.moveaxis(self.triple(other, b), 2, 0), np.moveaxis(self.triple(other, a), 2, 0)
        out[:, :, 0], out[:, :, :, 0] = self.triple(c, w), self.triple(c, v)
        return out

    def by_cumulants(self, a: int, b: int, other: int, moments: np.ndarray) -> np.ndarray:
        """Cumulants of all three are those of A, B and the linear regression of D on them; of two, the true ones. Degrees 1 and 2."""
        wires = (a, b, other)
        rho, f, g = moments[1, 1], self.table(a, other)[1, 1], self.table(b, other)[1, 1]
        if 1.0 - rho * rho > 1e-9:
            f, g = np.linalg.solve([[1.0, rho], [rho, 1.0]], [f, g])
        else:
            f, g = 0.5 * f, 0.5 * g
        low = min(self.d, 2)
        powers = np.zeros((3, 3, low + 1))  # x^i of each wire in its polynomials
        powers[:, 0, 0] = 1.0
        for i, v in enumerate(wires):
            law = self.wires[v].law
            if len(law[1]):
                powers[i, 1, 1] = 1.0
                skew, curve = law[0][1], law[1][1] if len(law[1]) > 1 else 0.0
                powers[i, 2, :3] = [1.0, skew, curve][: low + 1]

        @cache
        def moment(i: int, j: int, t: int) -> float:
            """E[A^i B^j D^t] of at most two of the wires."""
            if t == 0:
                return float(moments[i, j])
            side, power = (0, i) if j == 0 else (1, j)
            return float(powers[side, power] @ self.table(wires[side], other)[: low + 1, : low + 1] @ powers[2, t])

        @cache
        def cumulant(i: int, j: int, t: int) -> float:
            if i and j and t:  # one D at a time gives way to f A + g B
                return f * cumulant_with_regression(i + 1, j, t - 1) + g * cumulant_with_regression(i, j + 1, t - 1)
            if i == j == 0:
                return (0.0, 0.0, 1.0)[t]
            return recursion(i, j, t, moment)

        @cache
        def cumulant_with_regression(i: int, j: int, t: int) -> float:
            if t == 0:
                return cumulant(i, j, 0)
            return f * cumulant_with_regression(i + 1, j, t - 1) + g * cumulant_with_regression(i, j + 1, t - 1)

        def recursion(i: int, j: int, t: int, moment: Callable[[int, int, int], float]) -> float:
            """The moment less all products of lower cumulants."""
            labels = [0] * i + [1] * j + [2] * t
            total = moment(i, j, t)
            for partition in set_partitions(range(len(labels))):
                if len(partition) > 1:
                    total -= float(np.prod([cumulant(*(sum(labels[x] == y for x in block) for y in range(3))) for block in partition]))
            return total

        def joint(i: int, j: int, t: int) -> float:
            labels = [0] * i + [1] * j + [2] * t
            return sum(
                float(np.prod([cumulant(*(sum(labels[x] == y for x in block) for y in range(3))) for block in partition]))
                for partition in set_partitions(range(len(labels)))
            )

        raw = np.array([[[joint(i, j, t) for t in range(low + 1)] for j in range(low + 1)] for i in range(low + 1)])
        rows = np.zeros((3, low + 1, low + 1))  # polynomials in powers
        for i, v in enumerate(wires):
            law = self.wires[v].law
            rows[i, 0, 0] = 1.0
            if len(law[1]):
                rows[i, 1, 1] = 1.0
            if low > 1 and len(law[1]) > 1:
                rows[i, 2] = np.array([-1.0, -law[0][1], 1.0]) / law[1][1]
        if self.wires[other].size < 2:
            return np.zeros((low,) * 3)
        return np.einsum("kx,jy,tz,xyz->kjt", *rows, raw)[1:, 1:, 1:]

    def few_table(self, v: int, w: int) -> np.ndarray:
        (_, p, alpha), (_, q, beta) = self.rule(v, True), self.rule(w, True)
        ratio = np.einsum("kj,kp,jq->pq", self.table(v, w)[: len(p), : len(q)], alpha, beta)
        lawful = np.outer(p, q) * np.maximum(ratio, 1e-12)
        return fitted(lawful, p, q, 50) if ratio.min() < 0.0 else lawful

    def without_interaction(self, a: int, b: int, other: int) -> np.ndarray:
        """The law on a few points that is a product of functions of two wires and has these tables."""
        pairs = self.few_table(a, b), self.few_table(a, other), self.few_table(b, other)
        law = pairs[0][:, :, np.newaxis] * self.rule(other, True)[1]
        for _ in range(200):
            start = law
            law = law * (pairs[1] / law.sum(1))[:, np.newaxis, :]
            law = law * (pairs[2] / law.sum(0))[np.newaxis]
            law = law * (pairs[0] / law.sum(2))[:, :, np.newaxis]
            if np.abs(law - start).max() < 1e-13:
                break
        out = np.zeros((self.d,) * 3)
        basis = [self.rule(v, True)[2][1:] for v in (a, b, other)]
        k, j, t = map(len, basis)
        out[:k, :j, :t] = np.einsum("pqr,kp,jq,tr->kjt", law, *basis)
        return out

    # -- coherence -------------------------------------------------------------------------------------

    def within(self, gate: int, inner: np.ndarray) -> np.ndarray:
        norms = self.wires[gate].norms[:, :, np.newaxis]
        return np.clip(inner, -norms, norms)

    def put(self, v: int, w: int, table: np.ndarray) -> None:
        """Keep a table of two wires once none of their functions correlate by more than 1, and 0/1 wires keep Frechet's bounds."""
        table = table.copy()
        before = table.copy()
        if np.linalg.norm(table, 2) > 1.0 + 1e-12:
            table[0, 0] = min(max(table[0, 0], -1.0), 1.0)
            low, high = 0.0, 1.0
            rest = table.copy()
            rest[0, 0] = 0.0
            for _ in range(50):
                middle = 0.5 * (low + high)
                fits = np.linalg.norm(table - (1.0 - middle) * rest, 2) <= 1.0 + 1e-12
                low, high = (middle, high) if fits else (low, middle)
            if np.linalg.norm(table, 2) > 1.0 + 1e-12:
                table = table - (1.0 - low) * rest
        first, second = self.wires[v], self.wires[w]
        scale = first.deviation * second.deviation
        if first.boolean and second.boolean and scale > 0.0:
            p, q = first.mean, second.mean
            low, high = -min(p * q, (1 - p) * (1 - q)), min(p * (1 - q), (1 - p) * q)
            table[0, 0] = min(max(table[0, 0], low / scale), high / scale)
        self.moved += bool(np.abs(table - before).max() > 1e-9)
        self.tables[v, w], self.tables[w, v] = table, table.T


def oracle(circuit: hr.Circuit, degree: int, completion: str) -> tuple[PairwiseProgram, Oracle]:
    """The program of a circuit with all its wires, and what the definition says of it."""
    program = lower_pairwise(hr.lower(circuit, keep_dead=True), None)
    return program, Oracle(program, degree, completion)
