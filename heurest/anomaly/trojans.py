"""Hardware Trojans for benchmarks: a rare trigger over wires inside a netlist, and a payload that inverts an output when it fires."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from heurest.anomaly.firing import Points, draw_firing
from heurest.anomaly.mechanisms import Network
from heurest.anomaly.trigger_search import MOST_WIDTH, STARTS, Found, Pool, above, cases
from heurest.circuit.circuit import Circuit
from heurest.circuit.validation import check_circuit
from heurest.errors import ArgumentError, CircuitError
from heurest.formats.assembly import Parts, assemble
from heurest.truth import options
from heurest.truth.monte_carlo import monte_carlo
from heurest.truth.rare_events import rare_probability

_CHECKED, _LEAST_CHECKED = 30, 3  # triggers whose probability is estimated before the search is given up
_SAMPLES, _MOST_SAMPLES, _FEW_HITS = (2**18, 2**20, 2**22), 2**24, 10
_RARE_METHODS, _ACCURATE = (("sequential", 256), ("tilted", 2**16)), 0.3


@dataclass(frozen=True, eq=False)
class Trojan:
    """A netlist with a Trojan; `insert_trojan` makes it.

    Attributes:
        circuit: The netlist with the Trojan; all wires of the original keep their numbers, gates of the Trojan follow.
        trigger: Index of the wire that is 1 when the Trojan fires.
        nodes: Indices of all wires that were added, trigger and payload included.
        payload: Name of the output that is inverted when the trigger is 1.
        literals: What the trigger waits for: wires and their values.
        probability: Estimated probability that the trigger is 1, under the law of the inputs: from plain samples until it is
            clear on which side of ``highest`` it is, one hit more counted than seen; from importance sampling where that is too low.
        stderr: Standard error of the estimate.
        example: Inputs that fire it, one number for each.
    """

    circuit: Circuit
    trigger: int
    nodes: tuple[int, ...]
    payload: str
    literals: tuple[tuple[int, int], ...]
    probability: float
    stderr: float
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
    width: int | None = None,
    rarity: float | None = None,
    payload: str | None = None,
    highest: float = 1e-5,
    rng: int | np.random.Generator = 0,
) -> Trojan:
    """Add a Trojan to a netlist: it behaves as before until a conjunction of rare values inside it occurs, and then inverts an output.

    Literals are values of gates, chosen at random, the rare ones rather, so that the trigger can fire: first among those that hold on
    one of 32,768 random patterns, later on one that has some rare value. Where they hold together too often, one after the other
    is exchanged for another that holds on the same pattern, as long as that makes the trigger rarer. If no pattern gives a trigger,
    literals are chosen among all rare ones, and chains of patterns climb, from literal to literal, to one on which all are true.
    Triggers whose estimated probability with twice its standard error is above ``highest`` are rejected; if all are, the rarest one
    is estimated again, four times as long, and taken if one standard error fits.

    Where gates alone give no trigger, inputs are literals too. With ``width`` and ``rarity`` left out one is hence found wherever
    patterns are rare enough, such as ``2**-n`` for n fair inputs that reach an output, n up to 64.

    Args:
        circuit: A netlist of boolean wires; it is frozen by this and stays as it is.
        width: How many literals the trigger joins, from 2 to 64; by default the first of 4, 6, 9, 13, ... with which a trigger is found.
        rarity: Highest probability of a literal, up to 0.5; by default the first of 0.1, 0.3 and 0.5 with which a trigger is found.
        payload: Name of the output that is inverted; a random one by default.
        highest: Highest probability of the trigger.
        rng: Seed, or a generator from which one is drawn.

    Returns:
        The netlist with the Trojan, a copy, and what was done.

    Raises:
        ArgumentError: An option is not acceptable, the output does not exist, or no such trigger was found; the message says what
            the rarest one was.
        KindError: The circuit has real wires.

    Cost:
        Evaluating 32,768 patterns, fewer for netlists of more than 65,536 gates, and an estimate of a rare probability for some
        triggers: about a second for 10,000 gates, more where inputs are thousands or hardly any trigger is rare enough.

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
    size = None if width is None else options.checked_integer("width", width, 2, MOST_WIDTH)
    limit, most = None if rarity is None else _share("rarity", rarity, 0.5), _share("highest", highest, 1.0)
    check_circuit(circuit)
    if payload is not None and (not isinstance(payload, str) or payload not in circuit.outputs):
        raise ArgumentError(f"circuit {circuit.name!r} has no output {payload!r}; it has {', '.join(map(repr, circuit.outputs))}")
    random = _generator(rng)
    pool = Pool(Network(circuit), random)
    chosen_output = payload or str(random.choice([name for name, wire in circuit.outputs.items() if wire.boolean]))
    if not circuit.outputs[chosen_output].boolean:
        raise ArgumentError(f"output {chosen_output!r} of {circuit.name!r} is not boolean, so it cannot be inverted")
    tried = cases(circuit.name, pool, size, limit)
    tries = max(_CHECKED // len(tried), _LEAST_CHECKED)
    rejected: list[tuple[float, int, Found]] = []
    for search in (pool.seen, pool.climbed):
        for literals, count in tried:
            checked = 0
            for start in range(STARTS):
                found = search(literals, count, most, start)
                if found is None:
                    continue
                trojan = _built(circuit, found, chosen_output, most, random)
                if trojan.probability + 2.0 * trojan.stderr <= most:
                    return trojan
                rejected.append((trojan.probability, len(rejected), found))
                checked += 1
                if checked == tries:
                    break
    least = np.inf
    for found in (min(rejected)[2] if rejected else None, pool.rarest):
        if found is None:
            continue
        trojan = _built(circuit, found, chosen_output, most, random, (_MOST_SAMPLES,))
        if trojan.probability + trojan.stderr <= most:
            return trojan
        least = min(least, trojan.probability)
    advice = "they hardly ever meet, take a smaller width"
    if least < 1.0:
        advice = f"the rarest found has about {least:.2g}, take highest={min(above(2.0 * least), 1.0):g}"
    raise ArgumentError(
        f"circuit {circuit.name!r}: no trigger of {size or f'up to {MOST_WIDTH}'} values of probability up to {limit or 0.5:g} "
        f"and a joint one up to {most:g} was found; {advice} or other values of width and rarity"
    )


def _built(
    circuit: Circuit, found: Found, payload: str, most: float, rng: np.random.Generator, samples: tuple[int, ...] = _SAMPLES
) -> Trojan:
    copy, trigger, nodes = _with_trojan(circuit, found.literals, payload)
    probability, stderr = _estimated(_probe(copy, trigger), most, int(rng.integers(2**31)), samples)
    return Trojan(copy, trigger, nodes, payload, found.literals, probability, stderr, found.example)


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


def _estimated(probe: Circuit, most: float, seed: int, levels: tuple[int, ...]) -> tuple[float, float]:
    """How likely the trigger is, with a standard error."""
    for samples in levels:
        hits = round(monte_carlo(probe, samples, rng=seed).value["trigger"] * samples)
        probability, stderr = (hits + 1) / (samples + 1), float(np.sqrt(hits + 1)) / samples
        if abs(probability - most) >= 3.0 * stderr:
            return probability, stderr
    if most * samples >= _FEW_HITS:
        return probability, stderr
    # too rare for plain samples; others must not contradict them
    for method, samples in _RARE_METHODS:
        event = rare_probability(probe, "trigger", samples=samples, method=method, rng=seed)
        if 0.0 < event.stderr <= _ACCURATE * event.probability and abs(event.probability - probability) <= 3.0 * stderr:
            return event.probability, event.stderr
    return probability, stderr


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
