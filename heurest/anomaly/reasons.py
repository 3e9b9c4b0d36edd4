"""Which sets of terms explain training, and whether one of them fails at a new point: the normal-reason and the any-reason test."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from heurest.anomaly.implicants import TERM, WIRE, Decomposition
from heurest.anomaly.observations import Observations

FloatArray = NDArray[np.float64]
MAX_ENUMERATED_TERMS = 18
MAX_ENUMERATED_LANES = 2**30  # sets of terms times training points
_ROUNDING = 1e-12  # sums of weights may miss the limit by this, relatively
_MOST_LOSSES = 2**18  # remembered losses
_MOST_SIGNATURES = 2**28  # terms times training points, beyond which points are not merged by their active terms


@dataclass(frozen=True)
class Found:
    """What a search finds: terms to drop, as bits of an integer, or ``None``; and whether that is proved."""

    dropped: int | None
    exact: bool
    nodes: int = 0


class Training:
    """Training points of a decomposition, a lane each, and what dropping terms costs there.

    Points that no set of terms can tell apart are merged. Where dropping terms can only turn wires off, these are the
    points with the same active terms, and only points with output 1 count.

    Args:
        decomposition: The terms; the loss is that of its first root.
        train: The points.
        epsilon: Share of the output's training variance that may stay unexplained.

    Attributes:
        mean: Mean of the output.
        variance: Its variance.
        limit: The largest loss of a set that explains.
        points: Number of merged points.
    """

    def __init__(self, decomposition: Decomposition, train: Observations, epsilon: float) -> None:
        self.decomposition = decomposition
        self._merge(train.points[:, decomposition.inputs] != 0.0, train.weights)
        everything = [self.ones] * len(decomposition.terms)
        wires, active = decomposition.evaluate(self.inputs, everything, self.ones)
        self.wanted = decomposition.root_values(wires, self.ones)[0]
        self.mean = self.weight(self.wanted)
        self.active = [self.weight(lanes) for lanes in active]
        self.variance = self.mean * self.weight(self.wanted ^ self.ones)
        self.limit = epsilon * self.variance * (1.0 + _ROUNDING)
        mergeable = len(active) * self.points <= _MOST_SIGNATURES and decomposition.monotone and not decomposition.roots[0][1]
        if mergeable and self.wanted:
            signatures = np.array([lane_bits(lanes & self.wanted, self.points) for lanes in active]).T
            chosen = lane_bits(self.wanted, self.points)
            _, place, group = np.unique(signatures[chosen], axis=0, return_index=True, return_inverse=True)
            matrix = np.array([lane_bits(self.inputs[position], self.points) for position in decomposition.inputs]).T[chosen]
            weights = np.bincount(group.reshape(-1), self.weights[chosen]).astype(np.float64)
            self._merge(matrix[place], weights)
            self.wanted = self.ones
        self._losses: dict[int, float] = {}
        self._alone: dict[int, float] = {}

    def _merge(self, matrix: NDArray[np.bool_], weights: FloatArray) -> None:
        distinct, group = np.unique(matrix, axis=0, return_inverse=True)
        self.points = len(distinct)
        self.ones = (1 << self.points) - 1
        self.weights = np.bincount(group.reshape(-1), weights, self.points)
        self.inputs = {position: as_lanes(column) for position, column in zip(self.decomposition.inputs, distinct.T, strict=True)}

    def weight(self, lanes: int) -> float:
        """Probability of some lanes in training."""
        return float(self.weights @ lane_bits(lanes, self.points)) if lanes else 0.0

    def loss(self, dropped: int) -> float:
        """E[(Y - Y^A)^2] over training, where A is all terms but those dropped."""
        if dropped not in self._losses:
            if len(self._losses) >= _MOST_LOSSES:
                self._losses.clear()
            kept = [0 if dropped >> term & 1 else self.ones for term in range(len(self.decomposition.terms))]
            wires, _ = self.decomposition.evaluate(self.inputs, kept, self.ones)
            self._losses[dropped] = self.weight(self.decomposition.root_values(wires, self.ones)[0] ^ self.wanted)
        return self._losses[dropped]

    def alone(self, term: int) -> float:
        """The loss of dropping one term."""
        if term not in self._alone:
            self._alone[term] = self.loss(1 << term)
        return self._alone[term]

    def explains(self, dropped: int) -> bool:
        """Whether all terms but those dropped explain training."""
        return self.loss(dropped) <= self.limit

    @property
    def enumerable(self) -> bool:
        """Whether `explaining` is affordable."""
        terms = len(self.decomposition.terms)
        return terms <= MAX_ENUMERATED_TERMS and self.points << terms <= MAX_ENUMERATED_LANES

    def explaining(self) -> int:
        """Which of all sets of terms explain training: lane s is the set of the terms whose bits in s are 1."""
        kept, ones = all_sets(len(self.decomposition.terms))
        loss = np.zeros(ones.bit_length())
        for point in range(self.points):
            inputs = {position: ones if lanes >> point & 1 else 0 for position, lanes in self.inputs.items()}
            wires, _ = self.decomposition.evaluate(inputs, kept, ones)
            value = self.decomposition.root_values(wires, ones)[0]
            wrong = value ^ ones if self.wanted >> point & 1 else value
            if wrong:
                loss += self.weights[point] * lane_bits(wrong, len(loss))
        return as_lanes(loss <= self.limit)


class Reasons:
    """Tests of points, one at a time, against the sets of terms that explain training.

    Args:
        training: The training points.
        budget: The most nodes of the search for one point.
    """

    def __init__(self, training: Training, budget: int) -> None:
        self.training, self.budget = training, budget
        self.decomposition = training.decomposition
        self._explaining: int | None = None
        self._sets: tuple[list[int], int] | None = None

    def test(self, point: Sequence[bool], components: bool) -> Found:
        """Look for a set that explains training and gives another output here.

        Args:
            point: Values of the inputs in ``decomposition.inputs``.
            components: Whether all roots but the first have to keep their values.

        Returns:
            The terms that the set drops, as few as were found.
        """
        inputs = {position: int(value) for position, value in zip(self.decomposition.inputs, point, strict=True)}
        monotone = self.decomposition.monotone and not self.decomposition.roots[0][1]
        if monotone:
            return _Branches(self, inputs, components).search()
        return self.enumerated(inputs, components) if self.training.enumerable else self._guessed(inputs, components)

    def false_positive_bound(self, components: bool) -> float:
        """At most this share of training is flagged by `test`; points that the budget leaves undecided or untried count, too."""
        training, left, flagged = self.training, self.budget, 0.0
        columns = [lane_bits(training.inputs[position], training.points) for position in self.decomposition.inputs]
        for point in np.argsort(-training.weights, kind="stable").tolist():
            found = Found(None, False)
            if left > 0:
                found = self.test([bool(column[point]) for column in columns], components)
                left -= 1 + found.nodes // (64 if self.training.enumerable else 1)  # sets that are tried 64 at a time
            if found.dropped is not None or not found.exact:
                flagged += float(training.weights[point])
        return min(flagged, 1.0)

    def roots(self, inputs: dict[int, int], dropped: int) -> tuple[list[int], list[int], list[int]]:
        """Values of the roots, the wires and the terms at a point without some terms."""
        kept = [~dropped >> term & 1 for term in range(len(self.decomposition.terms))]
        wires, active = self.decomposition.evaluate(inputs, kept, 1)
        return self.decomposition.root_values(wires, 1), wires, active

    # -- plain enumeration -----------------------------------------------------------------------------

    @property
    def explaining(self) -> int:
        """The sets that explain training, as lanes; found once."""
        if self._explaining is None:
            self._explaining = self.training.explaining()
        return self._explaining

    def enumerated(self, inputs: dict[int, int], components: bool) -> Found:
        """As `test`, by going through all sets of terms."""
        terms = len(self.decomposition.terms)
        if self._sets is None:
            self._sets = all_sets(terms)
        kept, ones = self._sets
        wires, _ = self.decomposition.evaluate({position: ones * value for position, value in inputs.items()}, kept, ones)
        truth, _, _ = self.roots(inputs, 0)
        bad = self.explaining
        for number, (lanes, value) in enumerate(zip(self.decomposition.root_values(wires, ones), truth, strict=True)):
            if number == 0 or components:
                bad &= lanes ^ (ones * ((value + (number > 0)) % 2))
        if not bad:
            return Found(None, True, 1 << terms)
        return Found((1 << terms) - 1 - largest_sets(bad, 1 << terms)[0], True, 1 << terms)

    # -- heuristic -------------------------------------------------------------------------------------

    def _guessed(self, inputs: dict[int, int], components: bool) -> Found:
        """Single terms, pairs, and the cheapest terms together; what is found is a proof, finding nothing is none."""
        truth, _, _ = self.roots(inputs, 0)
        order = sorted(range(len(self.decomposition.terms)), key=self.training.alone)
        together, guesses = 0, [1 << term for term in order]
        for term in order:
            if self.training.explains(together | 1 << term):
                together |= 1 << term
                guesses.append(together)
        guesses += [1 << first | 1 << second for place, first in enumerate(order) for second in order[:place]][: self.budget]
        for nodes, dropped in enumerate(guesses[: self.budget], 1):
            values, _, _ = self.roots(inputs, dropped)
            if values[0] != truth[0] and (not components or values[1:] == truth[1:]) and self.training.explains(dropped):
                return Found(dropped, True, nodes)
        return Found(None, False, min(len(guesses), self.budget))


class _Branches:
    """Branch and bound where dropping terms can only turn wires off.

    While the output is still 1, some proof of it is intact, and one of the proof's terms has to go: branch over them.
    Losses and changes of components are never undone by dropping more, so they cut a branch off; so does an output that
    stays 1 without all terms that may still be dropped.
    """

    def __init__(self, reasons: Reasons, inputs: dict[int, int], components: bool) -> None:
        self.reasons, self.inputs, self.components = reasons, inputs, components
        self.training, self.decomposition = reasons.training, reasons.decomposition

    def search(self) -> Found:
        truth, _, active = self.reasons.roots(self.inputs, 0)
        if not truth[0]:
            return Found(None, True)
        free = sum(1 << term for term, lanes in enumerate(active) if lanes and self.training.alone(term) <= self.training.limit)
        best: int | None = None
        waiting = [(0, free)]
        nodes = 0
        while waiting:
            if nodes >= self.reasons.budget:
                return Found(best, best is not None, nodes)
            nodes += 1
            dropped, free = waiting.pop()
            values, wires, active = self.reasons.roots(self.inputs, dropped)
            if (self.components and values[1:] != truth[1:]) or not self.training.explains(dropped):
                continue
            if not values[0]:
                if best is None or dropped.bit_count() < best.bit_count():
                    best = dropped
                continue
            if best is not None and dropped.bit_count() + 1 >= best.bit_count():
                continue
            if self.reasons.roots(self.inputs, dropped | free)[0][0]:
                continue
            branches = []
            for term in self._proof(wires, active, free):
                free &= ~(1 << term)  # later branches keep the terms that earlier ones drop
                branches.append((dropped | 1 << term, free))
            waiting.extend(reversed(branches))
        return Found(best, True, nodes)

    def _proof(self, wires: list[int], active: list[int], free: int) -> list[int]:
        """Terms that may be dropped in the proof with the fewest of them, the cheapest in training first."""
        terms = self.decomposition.terms
        cost = [0] * len(terms)
        chosen: dict[int, int] = {}  # for every wire that is 1 the term to prove it by
        for number, term in enumerate(terms):
            if not active[number]:
                continue
            cost[number] = free >> number & 1
            for atom in term.atoms:
                if atom.kind == TERM:
                    cost[number] += cost[atom.number]
                elif atom.kind == WIRE:
                    cost[number] += cost[chosen[atom.number]]
            if term.wire not in chosen or cost[number] < cost[chosen[term.wire]]:
                chosen[term.wire] = number
        waiting, proof = [chosen[self.decomposition.roots[0][0]]], set()
        while waiting:
            number = waiting.pop()
            if number not in proof:
                proof.add(number)
                waiting.extend(
                    chosen[atom.number] if atom.kind == WIRE else atom.number for atom in terms[number].atoms if atom.kind in (WIRE, TERM)
                )
        return sorted((number for number in proof if free >> number & 1), key=lambda number: (self.training.alone(number), number))


# -- lanes -------------------------------------------------------------------------------------------


def as_lanes(values: NDArray[np.bool_]) -> int:
    """A boolean array as the bits of an integer, element 0 the lowest."""
    return int.from_bytes(np.packbits(values, bitorder="little").tobytes(), "little")


def lane_bits(lanes: int, count: int) -> NDArray[np.bool_]:
    """The lowest bits of an integer as a boolean array."""
    data = np.frombuffer(lanes.to_bytes((count + 7) // 8, "little"), np.uint8)
    return np.unpackbits(data, count=count, bitorder="little").astype(np.bool_)


def all_sets(terms: int) -> tuple[list[int], int]:
    """For every term the lanes of the sets with it, lane s being the set of the bits of s; and all lanes."""
    sets = np.arange(1 << terms)
    return [as_lanes(sets >> term & 1 != 0) for term in range(terms)], (1 << (1 << terms)) - 1


def largest_sets(lanes: int, count: int, smallest: bool = False) -> list[int]:
    """Of some sets those with the most terms, or the fewest."""
    sets = np.flatnonzero(lane_bits(lanes, count))
    size = np.bitwise_count(sets)
    found: list[int] = sets[size == (size.min() if smallest else size.max())].tolist()
    return found
