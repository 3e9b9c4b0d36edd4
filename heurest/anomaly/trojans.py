"""Hardware Trojans for benchmarks: a rare trigger over wires inside a netlist, and a payload that inverts an output when it fires."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from heurest.anomaly.firing import InputSampler, Points, draw_firing, node_bits, node_values
from heurest.anomaly.mechanisms import Network
from heurest.circuit.circuit import Circuit
from heurest.circuit.gates import CONSTANT, INPUT
from heurest.errors import ArgumentError, CircuitError
from heurest.formats.assembly import Parts, assemble
from heurest.truth import options
from heurest.truth.rare_events import RareEvent, rare_probability

_POOL = 2**15  # patterns that literals and their chances are found on
_SEEN_ATTEMPTS, _ATTEMPTS = 100, 300
_CHECKED = 30  # triggers whose probability is estimated before the search is given up
_SAMPLES, _MANY_SAMPLES = 1024, 2**16
_LARGE = 2**17  # wires times inputs
_CLIMBERS, _CLIMBS, _MOST_CLIMBS = 256, 300, 40


class Literal(NamedTuple):
    """A rare value: of a wire, and as the node's bit that goes with it."""

    wire: int
    value: int
    node: int
    bit: bool
    chance: float


@dataclass(frozen=True, eq=False)
class Trojan:
    """A netlist with a Trojan; `insert_trojan` makes it.

    Attributes:
        circuit: The netlist with the Trojan; all wires of the original keep their numbers, gates of the Trojan follow.
        trigger: Index of the wire that is 1 when the Trojan fires.
        nodes: Indices of all wires that were added, trigger and payload included.
        payload: Name of the output that is inverted when the trigger is 1.
        literals: What the trigger waits for: wires and their values.
        probability: Estimated probability that the trigger is 1, under the law of the inputs.
        event: The estimate with its standard error.
        example: Inputs that fire it, one number for each.
    """

    circuit: Circuit
    trigger: int
    nodes: tuple[int, ...]
    payload: str
    literals: tuple[tuple[int, int], ...]
    probability: float
    event: RareEvent
    example: Points = field(repr=False)

    def firing(self, count: int, rng: int | np.random.Generator = 0) -> Points:
        """Draw inputs that fire the Trojan.

        Where the trigger is common enough they are samples that happen to fire it, hence independent and of the inputs' law given that
        it fires. Elsewhere chains, one an input and at most 1,024 at a time, start at the known example: in every step a chain draws some
        of its inputs anew from their law and goes there if the trigger still fires, so that the law given that it fires is left alone by
        each step. Chains take 8 steps an input bit that the trigger reads, from 400 to 2,000. They reach what such steps connect to
        the example, which need not be all.

        Args:
            count: How many.
            rng: Seed, or a generator from which one is drawn.

        Returns:
            A row of 0s and 1s for each.

        Raises:
            ArgumentError: The number is below 1.
        """
        number = options.checked_integer("count", count, 1, 2**31)
        return draw_firing(
            Network(_probe(self.circuit, self.trigger), ["trigger"]), self.example, number, self.probability, _generator(rng)
        )


def insert_trojan(
    circuit: Circuit,
    *,
    width: int = 4,
    rarity: float = 0.1,
    payload: str | None = None,
    highest: float = 1e-5,
    rng: int | np.random.Generator = 0,
) -> Trojan:
    """Add a Trojan to a netlist: it behaves as before until a conjunction of rare values inside it occurs, and then inverts an output.

    Literals are chosen at random, the rare ones rather, so that the trigger can fire: first among the wires that have a rare value
    on one random pattern, where they have it together on few others of 32,768; if that finds none, among all rare ones, and then
    chains of patterns climb, from literal to literal, to one on which all are true. Triggers whose estimated probability is
    above ``highest`` are rejected.

    Args:
        circuit: A netlist of boolean wires; it is frozen by this and stays as it is.
        width: How many literals the trigger joins, at least 2.
        rarity: Highest probability of a literal, up to 0.5.
        payload: Name of the output that is inverted; a random one by default.
        highest: Highest probability of the trigger.
        rng: Seed, or a generator from which one is drawn.

    Returns:
        The netlist with the Trojan, a copy, and what was done.

    Raises:
        ArgumentError: An option is not acceptable, the output does not exist, or no such trigger was found.
        KindError: The circuit has real wires.

    Cost:
        Evaluating 32,768 patterns, and an estimate of a rare probability for some triggers: about a second for 10,000 gates.

    Examples:
        >>> import heurest as hr
        >>> t = insert_trojan(hr.multiplier(12), width=8, rarity=0.3, rng=1)
        >>> t.probability <= 1e-5, len(t.literals)
        (True, 8)
        >>> inputs = t.firing(5)
        >>> from heurest.truth.wire_values import WireValues
        >>> WireValues(t.circuit, [t.trigger]).at(inputs).tolist()
        [[1.0, 1.0, 1.0, 1.0, 1.0]]
    """
    size = options.checked_integer("width", width, 2, 64)
    limit, most = _share("rarity", rarity, 0.5), _share("highest", highest, 1.0)
    if payload is not None and payload not in circuit.outputs:
        raise ArgumentError(f"circuit {circuit.name!r} has no output {payload!r}; it has {', '.join(map(repr, circuit.outputs))}")
    random = _generator(rng)
    network = Network(circuit)
    pool = _Pool(network, random)
    chosen_output = payload or str(random.choice([name for name, wire in circuit.outputs.items() if wire.boolean]))
    if not circuit.outputs[chosen_output].boolean:
        raise ArgumentError(f"output {chosen_output!r} of {circuit.name!r} is not boolean, so it cannot be inverted")
    literals = pool.literals(limit)
    if len(literals) < size:
        raise ArgumentError(
            f"circuit {circuit.name!r} has {len(literals)} wires with a value of probability up to {limit:g}, {size} are needed"
        )
    checked, allowed = 0, int(2.0 * most * _POOL)
    for attempt in range(_ATTEMPTS):
        found = (pool.seen if attempt < _SEEN_ATTEMPTS else pool.climbed)(literals, size, allowed)
        if found is None:
            if pool.climbs >= _MOST_CLIMBS:
                break
            continue
        chosen = tuple((literal.wire, literal.value) for literal in found[0])
        trojan, trigger, nodes = _with_trojan(circuit, chosen, chosen_output)
        event = _estimated(trojan, trigger, int(random.integers(2**31)))
        if 0.0 < event.probability <= most:
            return Trojan(trojan, trigger, nodes, chosen_output, chosen, event.probability, event, found[1])
        checked += 1
        if checked == _CHECKED or pool.climbs >= _MOST_CLIMBS:
            break
    raise ArgumentError(
        f"circuit {circuit.name!r}: no trigger of {size} values of probability up to {limit:g} and a joint one up to {most:g} was found; "
        "take a larger width or highest, or another rarity"
    )


class _Pool:
    """Sampled patterns with the values of all nodes, a row of words each."""

    def __init__(self, network: Network, rng: np.random.Generator) -> None:
        self._network, self._rng, self.climbs = network, rng, 0
        self._sampler = InputSampler(network)
        self.points = self._sampler.drawn(rng, _POOL)
        self._values = node_values(network, self.points)
        self.chance = np.bitwise_count(self._values).sum(axis=1) / _POOL

    def literals(self, limit: float) -> list[Literal]:
        """All rare values of gates' wires, one a node."""
        network, circuit = self._network, self._network.circuit
        program, boolean = network.program.program, network.program
        gates = ~np.isin(circuit.gate, (INPUT, CONSTANT)) & circuit.boolean & (program.wire_value >= 0)
        taken: set[int] = set()
        found = []
        for wire in np.flatnonzero(gates).tolist():
            value = int(program.wire_value[wire])
            node = int(boolean.value_node[value])
            if node < 0 or node in taken or not network.gates[node]:
                continue
            taken.add(node)
            one = float(self.chance[node])
            flipped = bool(boolean.value_not[value]) != bool(program.wire_scale[wire] < 0.0)
            found += [Literal(wire, int(bit != flipped), node, bit, p) for p, bit in ((one, True), (1.0 - one, False)) if 0.0 < p <= limit][
                :1
            ]
        return found

    def seen(self, literals: Sequence[Literal], size: int, allowed: int) -> tuple[list[Literal], Points] | None:
        """Literals that are all true on a random pattern, and on few others of the pool, and this pattern."""
        number = int(self._rng.integers(_POOL))
        true = [x for x in literals if bool((self._values[x.node, number // 64] >> np.uint64(number % 64)) & np.uint64(1)) == x.bit]
        if len(true) < size:
            return None
        chosen = self._picked(true, size)
        return (chosen, self.points[number].copy()) if self._together(chosen) <= max(allowed, 1) else None

    def climbed(self, literals: Sequence[Literal], size: int, allowed: int) -> tuple[list[Literal], Points] | None:
        """Literals that are hardly ever true together in the pool, and a pattern on which they are, reached step by step."""
        chosen = self._picked(literals, size)
        if self._together(chosen) > allowed:
            return None
        self.climbs += 1
        nodes, bits = np.array([x.node for x in chosen]), np.array([x.bit for x in chosen])

        def height(points: Points) -> NDArray[np.int64]:
            true = node_bits(self._network, points, nodes) == bits[:, np.newaxis]
            counts: NDArray[np.int64] = true.sum(axis=0)
            return counts

        def high(points: Points) -> NDArray[np.bool_]:
            return height(points) >= level

        heights = height(self.points)
        top = np.argsort(-heights, kind="stable")[:_CLIMBERS]
        state, level = self.points[top], int(heights[top[-1]])
        for step in range(_CLIMBS):
            state = self._sampler.walked(self._rng, state, step, high)
            heights = height(state)
            if heights.max() == size:
                return chosen, state[int(heights.argmax())].copy()
            while level < size - 1 and (heights > level).sum() >= _CLIMBERS // 16:
                level += 1
                state = state[self._rng.choice(np.flatnonzero(heights >= level), len(state))]
                heights = height(state)
        return None

    def _picked(self, literals: Sequence[Literal], size: int) -> list[Literal]:
        """A random choice, the rare ones rather."""
        rare = np.array([1.0 / x.chance for x in literals])
        return [literals[i] for i in self._rng.choice(len(literals), size, replace=False, p=rare / rare.sum()).tolist()]

    def _together(self, literals: Sequence[Literal]) -> int:
        """On how many patterns of the pool all are true."""
        together = np.full(self._values.shape[1], ~np.uint64(0))
        for literal in literals:
            row = self._values[literal.node]
            together &= row if literal.bit else ~row
        return int(np.bitwise_count(together).sum())


def _with_trojan(circuit: Circuit, literals: Sequence[tuple[int, int]], payload: str) -> tuple[Circuit, int, tuple[int, ...]]:
    """A copy with the trigger as a tree of ands and the payload's exclusive or, the trigger's wire, and all that was added."""
    copy = circuit.copy(f"{circuit.name}/trojan")
    level: list[Any] = [copy.wire(wire) if value else ~copy.wire(wire) for wire, value in literals]
    while len(level) > 1:
        pairs = [level[i] & level[i + 1] for i in range(0, len(level) - 1, 2)]
        level = pairs + level[len(level) - len(level) % 2 :]
    trigger = level[0].index
    inverted = copy.outputs[payload] ^ level[0]
    outputs = {name: wire.index for name, wire in copy.outputs.items()} | {payload: inverted.index}
    return _with_outputs(copy, outputs), trigger, tuple(range(len(circuit), len(copy)))


def _estimated(circuit: Circuit, trigger: int, seed: int) -> RareEvent:
    """How likely the trigger is; where it depends on much, drawing bit by bit would take seconds."""
    large = len(circuit) * len(circuit.inputs) > _LARGE
    method, samples = ("tilted", _MANY_SAMPLES) if large else ("importance", _SAMPLES)
    return rare_probability(_probe(circuit, trigger), "trigger", samples=samples, method=method, rng=seed)


def _probe(circuit: Circuit, trigger: int) -> Circuit:
    return _with_outputs(circuit, {"trigger": trigger})


def _with_outputs(circuit: Circuit, outputs: dict[str, int]) -> Circuit:
    parts = Parts(
        circuit.gate, circuit.boolean, circuit.left, circuit.right, circuit.value, circuit.term_wire, circuit.term_coefficient,
        [(group.law, group.wires[0]) for group in circuit.groups], circuit.layers, circuit.names, outputs,
    )  # fmt: skip
    return assemble(circuit.name, parts)


def _generator(rng: int | np.random.Generator) -> np.random.Generator:
    return np.random.default_rng(options.checked_entropy(rng))


def _share(name: str, value: Any, most: float) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError, CircuitError):
        number = float("nan")
    if isinstance(value, bool | str) or not 0.0 < number <= most:
        raise ArgumentError(f"{name} must be a number above 0 and at most {most:g}, got {value!r}")
    return number
