"""Hardware Trojans: how many firing inputs detectors flag at 1 % false positives, how the gates rank before, how fast verdicts are."""

from __future__ import annotations

import argparse
import resource
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

import numpy as np

import heurest as hr
from heurest import Circuit
from heurest.anomaly.baselines import Mahalanobis, RareValues, SignalProbabilities
from heurest.anomaly.detector import Detector
from heurest.anomaly.firing import InputSampler
from heurest.anomaly.mechanisms import Network
from heurest.anomaly.trojans import Trojan, insert_trojan
from heurest.circuit.gates import AFFINE
from heurest.circuit.wires import Wire, Wires
from heurest.errors import ArgumentError
from heurest.families.logic_parts import tree

TRAINING, CLEAN, FIRING, SHARE = 10_000, 10_000, 50, 0.01


@dataclass(frozen=True)
class Case:
    """A circuit, and which Trojans it gets: literals, the highest probability of one, and of all."""

    name: str
    make: Callable[[], Circuit]
    width: int
    rarity: float
    must: bool = True
    highest: float = 1e-5


def placed(target: Circuit, part: Circuit, inputs: Sequence[Wire]) -> dict[str, Wire]:
    """Put a generated circuit, whose inputs come first, behind some wires; its outputs."""
    first = len(part.inputs)
    moved = np.concatenate([[wire.index for wire in inputs], len(target) + np.arange(len(part) - first)])
    gate, affine = part.gate[first:], part.gate[first:] == AFFINE
    left, right = (np.where(affine, side[first:], moved[np.where(affine, 0, side[first:])]) for side in (part.left, part.right))
    declared = part.boolean[first:] & affine
    target.extend(gate, left, right, part.value[first:], moved[part.term_wire], part.term_coefficient, declared)
    return {name: target.wire(int(moved[wire.index])) for name, wire in part.outputs.items()}


def together(wires: Iterable[Wire]) -> Wires:
    chosen = list(wires)
    return Wires(chosen[0].circuit, np.array([wire.index for wire in chosen]))


def memory_decoders(bits: int) -> Circuit:
    """The lines of the rows and of the columns of a memory: every address needs two rare lines."""
    circuit = Circuit(f"memory decoders/{bits}")
    for side in ("row", "column"):
        address = circuit.input(side, hr.Bernoulli(0.5), count=bits)
        circuit.output(f"{side} line", together(placed(circuit, hr.decoder(bits), address).values()))
    return circuit


def instruction_unit(opcode_bits: int, word_bits: int) -> Circuit:
    """An ALU behind an instruction decoder; opcodes follow Zipf's law, the k-th in proportion to 1 / k, data are fair bits."""
    circuit = Circuit(f"instruction unit/{word_bits}")
    count = 2**opcode_bits
    codes = np.random.default_rng(0).permutation(count)
    chances = 1.0 / np.arange(1, count + 1)
    law = hr.JointDiscrete((codes[:, np.newaxis] >> np.arange(opcode_bits)) & 1, chances / chances.sum())
    opcode = circuit.input([f"opcode[{i}]" for i in range(opcode_bits)], law, kind="boolean")
    data = circuit.input("data", hr.Bernoulli(0.5), count=2 * word_bits)
    lines = list(placed(circuit, hr.decoder(opcode_bits), opcode).values())
    operation = [tree([line for k, line in enumerate(lines) if k >> place & 1], lambda a, b: a | b) for place in (2, 5)]
    circuit.output("control", together(lines))
    for name, wire in placed(circuit, hr.alu(word_bits), [*data, *operation]).items():
        circuit.output(name, wire)
    return circuit


def normaliser(bits: int) -> Circuit:
    """Shifts a number until its highest bit is 1: the place of that bit, k from the top, has probability 2**-k."""
    circuit = Circuit(f"normaliser/{bits}")
    word = circuit.input("x", hr.Bernoulli(0.5), count=bits)
    place = list(placed(circuit, hr.priority_encoder(bits), word).values())
    amount = [~wire for wire in place[: (bits - 1).bit_length()]]
    for name, wire in placed(circuit, hr.barrel_shifter(bits, kind="shift"), [*word, *amount]).items():
        circuit.output(name, wire)
    circuit.output("valid", place[-1])
    return circuit


def lockstep(bits: int) -> Circuit:
    """A product computed twice, by an array and by a Wallace tree, and an alarm if they differ: they never do."""
    circuit = Circuit(f"lockstep/{bits}")
    factors = circuit.input("x", hr.Bernoulli(0.5), count=2 * bits)
    first, second = (list(placed(circuit, part(bits), factors).values()) for part in (hr.multiplier, hr.wallace_multiplier))
    circuit.output("product", together(first))
    (equal,) = placed(circuit, hr.equality(len(first)), first + second).values()
    circuit.output("alarm", ~equal)
    return circuit


CASES = (
    Case("ALU 16", lambda: hr.alu(16), 10, 0.3),
    Case("ALU 64", lambda: hr.alu(64), 10, 0.3),
    Case("ALU 256", lambda: hr.alu(256), 10, 0.3),
    Case("ALU 640", lambda: hr.alu(640), 10, 0.3),
    Case("multiplier 12", lambda: hr.multiplier(12), 8, 0.3),
    Case("multiplier 16", lambda: hr.multiplier(16), 8, 0.3),
    Case("multiplier 32", lambda: hr.multiplier(32), 8, 0.3),
    Case("multiplier 42", lambda: hr.multiplier(42), 8, 0.3),
    Case("multiplier 16 of nands", lambda: hr.multiplier(16, cells="nand"), 8, 0.3),
    Case("Wallace multiplier 16", lambda: hr.wallace_multiplier(16), 8, 0.3),
    Case("less-than 32", lambda: hr.less_than(32), 10, 0.3),
    Case("less-than 128", lambda: hr.less_than(128), 10, 0.3),
    Case("less-than 2048", lambda: hr.less_than(2048), 10, 0.3),
    Case("equality 128", lambda: hr.equality(128), 8, 0.3),
    Case("equality 2048", lambda: hr.equality(2048), 8, 0.3),
    Case("ripple adder 64", lambda: hr.adder(64), 10, 0.3, False),
    Case("lookahead adder 128", lambda: hr.lookahead_adder(128), 8, 0.3, False),
    Case("lookahead adder 512", lambda: hr.lookahead_adder(512), 8, 0.3, False),
    Case("normaliser 64", lambda: normaliser(64), 8, 0.3, False),
    Case("priority encoder 1024", lambda: hr.priority_encoder(1024, p=1 / 256), 8, 0.3, False),
    Case("lockstep multipliers 16", lambda: lockstep(16), 8, 0.3, False),
    Case("instruction unit 64", lambda: instruction_unit(10, 64), 8, 0.3, False),
    Case("memory decoders 12", lambda: memory_decoders(12), 4, 0.1, False),
    Case("decoder 12", lambda: hr.decoder(12), 3, 0.1, False, 3e-4),
)


@dataclass
class Tally:
    """What the Trojans of one circuit showed."""

    gates: int = 0
    trojans: int = 0
    flagged: dict[str, list[float]] = field(default_factory=dict)
    clean: dict[str, list[float]] = field(default_factory=dict)
    first: int = 0
    among_ten: int = 0
    speed: list[float] = field(default_factory=list)
    worst_speed: list[float] = field(default_factory=list)
    fitting: list[float] = field(default_factory=list)
    failed: str = ""


def measure(case: Case, trojans: int, methods: list[str]) -> Tally:
    circuit, tally = case.make(), Tally()
    tally.gates = int(Network(circuit).gates.sum())
    for seed in range(trojans):
        try:
            trojan = insert_trojan(circuit, width=case.width, rarity=case.rarity, highest=case.highest, rng=seed)
        except ArgumentError as error:
            tally.failed = str(error)
            continue
        tally.trojans += 1
        one_trojan(trojan, seed, methods, tally)
    return tally


def one_trojan(trojan: Trojan, seed: int, methods: list[str], tally: Tally) -> None:
    rng = np.random.default_rng([seed, 17])
    sampler = InputSampler(Network(trojan.circuit))
    train, clean, held_out = (sampler.drawn(rng, count) for count in (TRAINING, CLEAN, TRAINING // 5))
    firing = trojan.firing(FIRING, rng)
    detectors: dict[str, Any] = {f"gates, {method}": Detector(trojan.circuit, method=method, false_positive=SHARE) for method in methods}
    for number, (name, detector) in enumerate(detectors.items()):
        begin = perf_counter()
        detector.fit(train)
        threshold = detector.threshold
        if number == 0:
            tally.fitting.append(perf_counter() - begin)
            begin = perf_counter()
            detector.verdict(clean)
            tally.speed.append(len(clean) / (perf_counter() - begin))
            detector.verdict(firing)
            repeated = np.tile(firing, (CLEAN // FIRING, 1))
            begin = perf_counter()
            detector.verdict(repeated)
            tally.worst_speed.append(len(repeated) / (perf_counter() - begin))
            ranked = [int(mechanism.node) for mechanism in detector.ranking(10)]
            own = trojan_nodes(detector.network, trojan)
            tally.first += ranked[0] in own
            tally.among_ten += any(node in own for node in ranked)
        note(tally, name, detector.score(firing) >= threshold, detector.score(clean) >= threshold)
    baselines = {"rare values": RareValues, "signal probability": SignalProbabilities, "Mahalanobis": Mahalanobis}
    for name, make in baselines.items():
        baseline = make(trojan.circuit).fit(train)
        scores = np.sort(baseline.score(held_out))
        limit = scores[-1 - max(int(SHARE * (len(scores) + 1)) - 1, 0)]
        note(tally, name, baseline.score(firing) > limit, baseline.score(clean) > limit)


def note(tally: Tally, name: str, flagged: Any, clean: Any) -> None:
    tally.flagged.setdefault(name, []).append(float(np.mean(flagged)))
    tally.clean.setdefault(name, []).append(float(np.mean(clean)))


def trojan_nodes(network: Network, trojan: Trojan) -> set[int]:
    """The nodes that compute wires of the Trojan."""
    program, nodes = network.program.program, network.program.value_node
    values = program.wire_value[list(trojan.nodes)]
    return {int(nodes[value]) for value in values.tolist() if value >= 0} - {-1}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trojans", type=int, default=5, help="Trojans a circuit; the published table has 50")
    parser.add_argument("--method", action="append", help="structural probabilities of the detector; the first one is timed")
    parser.add_argument("--only", default="", help="the circuit of this name, or all whose names contain it")
    options = parser.parse_args()
    methods = options.method or ["measured", "cop"]
    names = [f"gates, {method}" for method in methods] + ["rare values", "signal probability", "Mahalanobis"]
    print(
        "Share of firing inputs flagged (of clean inputs flagged), threshold at 1 % of held-out clean patterns, 10,000 training patterns.\n"
    )
    print("| circuit | gates | Trojans | " + " | ".join(names) + " | ranked first | in first ten | verdicts/s clean | firing | fitting s |")
    print("| --- " * (len(names) + 8) + "|")
    missed = []
    for case in [case for case in CASES if case.name == options.only] or [case for case in CASES if options.only in case.name]:
        begin = perf_counter()
        tally = measure(case, options.trojans, methods)
        if not tally.trojans:
            print(f"| {case.name} | {tally.gates} | 0 | {tally.failed} |", flush=True)
            missed += [case.name] * case.must
            continue
        cells = [f"{np.mean(tally.flagged[name]):.1%} ({np.mean(tally.clean[name]):.2%})" for name in names]
        if case.must and np.mean(tally.flagged[names[0]]) < 0.95:
            missed.append(case.name)
        cells += [f"{tally.first / tally.trojans:.0%}", f"{tally.among_ten / tally.trojans:.0%}"]
        cells += [f"{np.median(tally.speed):,.0f}", f"{np.median(tally.worst_speed):,.0f}", f"{np.median(tally.fitting):.3f}"]
        print(f"| {case.name} | {tally.gates:,} | {tally.trojans} | " + " | ".join(cells) + " |", flush=True)
        print(f"{case.name}: {perf_counter() - begin:.1f} s", file=sys.stderr)
    print(f"\nLargest memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB.")
    if missed:
        print(f"Below 95 %: {', '.join(missed)}.")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
