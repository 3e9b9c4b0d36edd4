"""Maximum entropy: the most random law of the inputs and of all gates, dead ones included. A baseline that shows what goes wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import ceil, log2, log10, prod
from time import perf_counter
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from heurest.circuit.circuit import Circuit
from heurest.circuit.gates import AFFINE, CONSTANT, INPUT
from heurest.errors import ArgumentError, IntractableError
from heurest.estimators.base import FloatArray, Progress, finish, timed_lower
from heurest.program.memory import require_memory
from heurest.results import Estimate

ByteArray = NDArray[np.uint8]

DEFAULT_ASSIGNMENTS = 65_536

_MOST_ASSIGNMENTS = 2**40
_AT_ONCE = 2**20  # numbers in a block of work: 8 MiB
_MAX_STEPS = 1000  # in a stage; a few are usual, hundreds where probabilities are below 1e-300
_LOOSE = 0.5  # log odds that may be left over in all stages but the last
_EXACT = 1e-12
_DOUBTFUL = 1e-6  # log odds that are left over with a warning
_SMALLEST = 1e-307  # probabilities below it count as this
_RIDGE = 1e-14  # keeps a matrix with ones on its diagonal regular


@dataclass(frozen=True)
class MaximumEntropy:
    r"""The law q of the inputs that maximises the entropy of the inputs and of every boolean gate; **not recommended**.

    .. math::
        -\mathrm{KL}(q \,\|\, p) + \sum_g H(t_g), \qquad t_g = q(g = 1), \quad H(t) = -t \log t - (1 - t) \log(1 - t),

    where p is the given law of the inputs; for fair bits the first term is their entropy, up to a constant. The maximum is unique,
    and there :math:`q(x) \propto p(x) \prod_g ((1 - t_g) / t_g)^{g(x)}`. The estimates are expectations under q.

    The sum goes over all gates of the circuit, *whether or not they feed an output*: that is the point of this baseline. Counted are
    boolean gates that join two or more different wires: and, products, boolean sums, with the steps that a derived gate is made of
    (an or is an and and a sum). A gate that can take one value only has no entropy. Negations and copies, that is gates of which no
    more than one operand varies, are not counted: they are the same fact written twice. Real gates have no entropy of their own.

    This breaks the presumption of independence (inputs that nothing relates become dependent) and the independence of irrelevant
    arguments (gates that feed nothing change the estimate). The formalisation is this project's own, of a complaint about maximum
    entropy in a public interview with one of the authors of the field. The example: n dead copies of ``a & b`` over two fair bits
    move the estimate of ``a`` from 1/2 towards 2/3, with :math:`(1 - t) / t = 3^{1 / (1 + n)}` and :math:`P(a) = (1 + 2 t) / 3`.

    Exact when no gate is counted. Always, because q is a law: probabilities are in [0, 1], expected squares are not negative, and
    estimates are linear on wires.

    Cost: all assignments, twice; ten to a hundred Newton steps of ``assignments * gates**2`` operations, where assignments on which
    all counted gates agree are one, and so are gates that are equal or opposite everywhere.

    Args:
        max_assignments: How many assignments the inputs may have, inputs that feed no output included.

    Raises:
        ArgumentError: ``max_assignments`` is not an integer in range.

    Examples:
        >>> import heurest as hr
        >>> def circuit(dead_gates):
        ...     c = hr.Circuit("dead gates")
        ...     a, b = c.input("x", hr.Bernoulli(0.5), count=2)
        ...     for _ in range(dead_gates):
        ...         a & b
        ...     c.output("a", a)
        ...     return c
        >>> [round(MaximumEntropy().estimate(circuit(n)).value["a"], 6) for n in (0, 1, 10, 1000)]
        [0.5, 0.57735, 0.650035, 0.666484]
    """

    max_assignments: int = DEFAULT_ASSIGNMENTS

    def __post_init__(self) -> None:
        number = self.max_assignments
        if isinstance(number, bool) or not isinstance(number, (int, np.integer)) or not 1 <= number <= _MOST_ASSIGNMENTS:
            raise ArgumentError(f"maxent: max_assignments must be an integer from 1 to {_MOST_ASSIGNMENTS:,}, got {number!r}")
        object.__setattr__(self, "max_assignments", int(number))

    @property
    def spec(self) -> str:
        """``maxent``, followed by ``:max_assignments=...`` where that is not the default."""
        return "maxent" + ("" if self.max_assignments == DEFAULT_ASSIGNMENTS else f":max_assignments={self.max_assignments}")

    def estimate(
        self, circuit: Circuit, *, keep_dead: bool = False, max_memory: int | None = None, progress: Progress | None = None
    ) -> Estimate:
        """Estimate the expected outputs of a circuit, which is frozen by this.

        Args:
            circuit: A circuit with outputs whose inputs have finitely many values.
            keep_dead: Hand out means of wires that feed no output, too. Their gates' entropy counts in any case.
            max_memory: Bytes that may be used; by default what is free.
            progress: Called as ``progress(done, total, what)`` before each stage of the maximisation.

        Raises:
            CircuitError: The circuit has no output.
            IntractableError: An input has infinitely many values, there are too many assignments, or the memory does not suffice.
        """
        compile_seconds = _warm_up()
        program, plan_seconds = timed_lower(circuit, keep_dead)
        begin = perf_counter()
        grid = _Grid.of(circuit, self.max_assignments)
        candidates = _candidates(circuit)
        what = f"circuit {circuit.name!r}: maxent over {grid.count:,} assignments and "
        needed = grid.bytes() + 3 * len(candidates) * (grid.count // 8 + 1)
        require_memory(f"{what}{len(candidates):,} gates", needed, max_memory)
        columns, copies = _merged_columns(grid, candidates)
        needed = max(needed, _solver_bytes(len(columns), grid.count))
        require_memory(f"{what}{len(columns):,} different gates", needed, max_memory)
        log_law = grid.log_prior()
        problem, cell = _merged_assignments(columns, copies, log_law)
        plan_seconds += perf_counter() - begin
        begin = perf_counter()
        log_odds, left_over = _solve(problem, progress)
        log_law += problem.exponent(log_odds)[cell]
        mean, variance = _moments(grid, log_law)
        mean[np.isnan(program.wire_shift)] = variance[np.isnan(program.wire_shift)] = np.nan  # feeds nothing that was asked for
        seconds = {"compile": compile_seconds, "plan": plan_seconds, "run": perf_counter() - begin}
        result = finish(program, self.spec, mean, variance, seconds, grid.count, needed)
        doubt = f"the entropy is not at its maximum: the log odds of a gate are off by {left_over:.2g}"
        return replace(result, warnings=(*result.warnings, *([doubt] if left_over > _DOUBTFUL else [])))


@dataclass(frozen=True, eq=False)
class _Grid:
    """All assignments of the inputs: digit g of an assignment's number chooses a point of the law of group g."""

    circuit: Circuit
    rules: list[tuple[FloatArray, FloatArray]]  # points and probabilities, group by group

    @classmethod
    def of(cls, circuit: Circuit, most: int) -> _Grid:
        """Those of a circuit, if they are no more than ``most``."""
        rules, who = [], f"circuit {circuit.name!r}: maxent goes through all assignments of the inputs, but"
        for group in circuit.groups:
            points = group.law.points()
            if points is None:
                name = circuit.wire_name(group.wires[0])
                raise IntractableError(f"{who} input {name!r} with its {group.law.name} law has infinitely many values")
            rules.append(points)
        grid = cls(circuit, rules)
        if grid.count > most:
            shown = f"{grid.count:,}" if grid.count < 10**15 else f"10^{log10(grid.count):.0f}"
            raise IntractableError(f"{who} there are {shown}, at most {most:,} are allowed (max_assignments)")
        return grid

    @property
    def count(self) -> int:
        """How many assignments there are."""
        return prod(len(probabilities) for _, probabilities in self.rules)

    @property
    def width(self) -> int:
        """How many of them are handled at once, a multiple of 8."""
        return min(self.count, max(64, _AT_ONCE // max(1, len(self.circuit)) // 8 * 8))

    def blocks(self) -> Iterator[slice]:
        """Ranges of assignments that are handled at once."""
        return (slice(start, min(start + self.width, self.count)) for start in range(0, self.count, self.width))

    def bytes(self) -> int:
        """Memory that the values of a block, what is computed from them, and a few numbers an assignment take."""
        return 32 * (self.width * (len(self.circuit) + len(self.rules)) + self.count)

    def log_prior(self) -> FloatArray:
        """Log probability of every assignment, shape ``(count,)``."""
        result = np.zeros(1)
        for _, probabilities in self.rules:
            result = (np.log(probabilities)[:, np.newaxis] + result).reshape(-1)
        return result

    def values(self, block: slice) -> FloatArray:
        """Value of every wire, shape ``(wires, assignments)``."""
        circuit, number = self.circuit, np.arange(block.start, block.stop)
        boolean, left, right, value = circuit.boolean, circuit.left, circuit.right, circuit.value
        chosen = []
        for points, probabilities in self.rules:
            chosen.append(points[number % len(probabilities)].T)
            number //= len(probabilities)
        result = np.empty((len(circuit), number.size))
        with np.errstate(over="ignore", invalid="ignore"):  # overflow is reported in words
            for wire, code in enumerate(circuit.gate.tolist()):
                if code == INPUT:
                    result[wire] = chosen[left[wire]][right[wire]]
                elif code == CONSTANT:
                    result[wire] = value[wire]
                elif code == AFFINE:
                    bias, operands, coefficients = circuit.terms(wire)
                    result[wire] = bias + coefficients @ result[operands]
                    if boolean[wire]:
                        result[wire] = result[wire] > 0.5  # 0 or 1 up to rounding
                else:
                    result[wire] = result[left[wire]] * result[right[wire]]
        return result


def _candidates(circuit: Circuit) -> dict[int, list[int]]:
    """Boolean gates that read two or more different wires, with these wires."""
    found = {}
    for wire in np.flatnonzero(circuit.boolean & (circuit.gate != INPUT) & (circuit.gate != CONSTANT)).tolist():
        if circuit.gate[wire] == AFFINE:
            _, wires, coefficients = circuit.terms(wire)
            found[wire] = np.unique(wires[coefficients != 0.0]).tolist()
        else:
            found[wire] = sorted(set(circuit.operands(wire)))
    return {wire: read for wire, read in found.items() if len(read) > 1}


def _merged_columns(grid: _Grid, candidates: dict[int, list[int]]) -> tuple[ByteArray, FloatArray]:
    """Truth columns of the gates that count, as bits, and how many gates have each; a column and its opposite are one."""
    gates = np.array(list(candidates), dtype=np.int64)
    packed = np.zeros((len(gates), -(-grid.count // 8)), np.uint8)
    varies, first = np.zeros(len(grid.circuit), np.bool_), np.empty(0)
    for block in grid.blocks():
        values = grid.values(block)
        first = values[:, :1].copy() if block.start == 0 else first
        varies |= (values != first).any(axis=1)
        packed[:, block.start // 8 : -(-block.stop // 8)] = np.packbits(values[gates] != first[gates], axis=1)
    counts = np.array([varies[gate] and varies[read].sum() > 1 for gate, read in candidates.items()], dtype=np.bool_)
    chosen, copies = np.unique(_as_keys(packed[counts]), return_counts=True)
    return chosen.view(np.uint8).reshape(-1, packed.shape[1]), copies.astype(np.float64)


def _as_keys(rows: ByteArray) -> NDArray[np.void]:
    """Rows of bytes as one element each, which can be sorted."""
    rows = np.ascontiguousarray(rows)
    return rows.view(np.dtype((np.void, rows.shape[1]))).reshape(-1)


def _merged_assignments(columns: ByteArray, copies: FloatArray, log_prior: FloatArray) -> tuple[_Problem, NDArray[np.int64]]:
    """The problem on classes of assignments that no gate tells apart, and the class of each assignment."""
    if not len(columns):
        return _Problem(np.zeros((0, 1), np.uint8), copies, np.zeros(1)), np.zeros(log_prior.size, np.int64)
    bits = np.unpackbits(columns, axis=1, count=log_prior.size)
    _, first, cell = np.unique(_as_keys(np.packbits(bits, axis=0).T), return_index=True, return_inverse=True)
    top = np.full(first.size, -np.inf)
    np.maximum.at(top, cell, log_prior)
    log_mass = top + np.log(np.bincount(cell, np.exp(log_prior - top[cell])))
    return _Problem(bits[:, first], copies, log_mass), cell


def _solver_bytes(gates: int, assignments: int) -> int:
    """Memory that merging assignments and the maximisation take."""
    block = max(gates, min(_AT_ONCE, gates * assignments))
    return int(2.5 * gates * assignments) + 48 * gates * gates + 120 * assignments + 32 * block


class _Tilted(NamedTuple):
    """A law q of the classes of assignments, the dual objective there, and P(1) and P(0) of the gates."""

    dual: float
    law: FloatArray
    one: FloatArray
    zero: FloatArray

    def left_over(self, log_odds: FloatArray) -> float:
        """By how much the log odds of a gate under q differ from those that q is made of."""
        limit = -np.log(_SMALLEST)
        found = np.log(np.maximum(self.one, _SMALLEST)) - np.log(np.maximum(self.zero, _SMALLEST))
        return float(np.abs(found - np.clip(log_odds, -limit, limit)).max(initial=0.0))


@dataclass(frozen=True, eq=False)
class _Problem:
    r"""The maximisation as its dual: smooth, strictly convex and without constraints.

    As H(t) is the least ``log(1 + exp(s)) - s t`` over all s, the maximum is the least value of
    ``log sum_x p(x) exp(-sum_g m_g s_g g(x)) + sum_g m_g log(1 + exp(s_g))``. There ``s_g`` is ``log(t_g / (1 - t_g))``.
    """

    gates: ByteArray  # 1 where a gate is 1, shape (gates, classes)
    copies: FloatArray
    log_mass: FloatArray

    def _blocks(self) -> Iterator[tuple[slice, FloatArray]]:
        width = max(1, _AT_ONCE // max(1, len(self.gates)))
        for start in range(0, self.log_mass.size, width):
            part = slice(start, start + width)
            yield part, self.gates[:, part].astype(np.float64)

    def exponent(self, log_odds: FloatArray) -> FloatArray:
        """Log of what each class's probability is multiplied by, up to a constant."""
        return -np.concatenate([(self.copies * log_odds) @ gates for _, gates in self._blocks()])

    def tilted(self, log_odds: FloatArray) -> _Tilted:
        """The law that these log odds make."""
        exponent = self.log_mass + self.exponent(log_odds)
        top = float(exponent.max())
        law = np.exp(exponent - top)
        total = float(law.sum())
        law, dual = law / total, top + np.log(total) + float(self.copies @ np.logaddexp(0.0, log_odds))
        one, zero = np.zeros((2, len(self.gates)))
        for part, gates in self._blocks():
            one += gates @ law[part]
            zero += (1.0 - gates) @ law[part]
        return _Tilted(dual, law, one, zero)

    def newton(self, log_odds: FloatArray, at: _Tilted) -> tuple[FloatArray, float]:
        """Newton's direction, and how fast the dual falls along it."""
        covariance = np.zeros((len(self.gates), len(self.gates)))
        for part, gates in self._blocks():
            gates -= at.one[:, np.newaxis]
            gates *= np.sqrt(at.law[part])
            covariance += gates @ gates.T
        one, zero = np.exp(-np.logaddexp(0.0, -log_odds)), np.exp(-np.logaddexp(0.0, log_odds))
        slope = self.copies * one * zero + _SMALLEST
        # the smaller of the two probabilities has the digits
        fall = self.copies * np.where(log_odds > 0.0, zero - at.zero, at.one - one)
        scale = 1.0 / np.sqrt(self.copies**2 * covariance.diagonal() + slope)
        matrix = (self.copies * scale) * covariance * (self.copies * scale)[:, np.newaxis]
        direction = scale * np.linalg.solve(matrix + np.diag(scale**2 * slope + _RIDGE), scale * fall)
        return direction, float(direction @ fall)


def _solve(problem: _Problem, progress: Progress | None) -> tuple[FloatArray, float]:
    """Log odds of all gates at the maximum, and by how much one of them is off.

    Where p ranges widely or many gates are equal, q nearly jumps between classes, and Newton's method is slow. So the
    divergence from p is weighed by a temperature, which makes q flatter; it is halved from stage to stage, down to 1.
    """
    heat = max(float(problem.copies.sum()), float(np.ptp(problem.log_mass))) / 8.0
    stages = ceil(log2(heat)) if heat > 1.0 else 0
    log_odds, left_over = np.zeros(len(problem.gates)), 0.0
    for stage in range(stages, -1, -1):
        if progress is not None:
            progress(stages - stage, stages + 1, "stages")
        heated = replace(problem, copies=problem.copies / 2.0**stage, log_mass=problem.log_mass / 2.0**stage)
        log_odds, left_over = _descend(heated, log_odds, _LOOSE if stage else 0.0)
    return log_odds, left_over


def _descend(problem: _Problem, log_odds: FloatArray, loose: float) -> tuple[FloatArray, float]:
    """Newton's method with step halving, until no gate's log odds are off by more than rounding or ``loose``."""
    here = problem.tilted(log_odds)
    for _ in range(_MAX_STEPS):
        rounding = _EXACT * (1.0 + np.abs(log_odds).max(initial=0.0)) + 2e-15 * float(problem.copies @ np.abs(log_odds))
        if here.left_over(log_odds) <= max(loose, rounding):
            break
        direction, fall = problem.newton(log_odds, here)
        slack = 1e-13 * (1.0 + abs(here.dual))  # close to the minimum the dual no longer tells points apart
        step, there = 1.0, problem.tilted(log_odds + direction)
        while there.dual > here.dual - 1e-4 * step * fall + slack and step > 1e-15:
            step /= 2.0
            there = problem.tilted(log_odds + step * direction)
        log_odds, here = log_odds + step * direction, there
    return log_odds, here.left_over(log_odds)


def _moments(grid: _Grid, log_law: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Mean and variance of every wire under a law of the assignments that need not be normalised."""
    boolean = grid.circuit.boolean
    top = log_law.max()
    one, zero = np.zeros((2, int(boolean.sum())))
    before, (center, squares) = 0.0, np.zeros((2, int((~boolean).sum())))
    with np.errstate(over="ignore", invalid="ignore"):  # overflow is reported in words
        for block in grid.blocks():
            weights, values = np.exp(log_law[block] - top), grid.values(block)
            one += values[boolean] @ weights
            zero += (1.0 - values[boolean]) @ weights
            weight = float(weights.sum())
            if weight == 0.0:  # too improbable for a float
                continue
            # about the likeliest value constants come out exactly, and merging blocks by their means cancels no digits
            real = values[~boolean]
            likeliest = real[:, weights.argmax()].copy()
            real -= likeliest[:, np.newaxis]
            offset = real @ weights / weight
            real -= offset[:, np.newaxis]
            step = likeliest + offset - center
            share = weight / (before + weight)
            center += step * share
            squares += (real * real) @ weights + step * step * (before * share)
            before += weight
        mean, variance = np.empty((2, len(boolean)))
        mean[boolean], variance[boolean] = one / (one + zero), one * zero / (one + zero) ** 2
        mean[~boolean], variance[~boolean] = center, squares / before
    return mean, variance


def _warm_up() -> float:
    """Compile the lowering; the seconds it took, 0 if it was done before."""
    if _WARM:
        return 0.0
    _WARM.append(True)
    circuit = Circuit("warm-up")
    circuit.output("y", circuit.constant(1.0))
    return timed_lower(circuit, False)[1]


_WARM: list[bool] = []
