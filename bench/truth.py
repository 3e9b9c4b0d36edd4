"""Ground truth: gate-samples and pattern-gates a second against numpy's evaluation gate by gate; exact enumeration."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from statistics import median

import numpy as np
from figure import Figure, timed

import heurest as hr
from heurest import opcodes
from heurest.program import Program
from heurest.program.bits import BitProgram, lower_bits
from heurest.results import Truth
from heurest.truth import exact, monte_carlo


def bilinear(inputs: int = 20, gates: int = 1000, window: int = 100, seed: int = 0) -> hr.Circuit:
    """Products and sums of two wires, each reading the wire ``window`` back, so that all gates feed the output."""
    rng = np.random.default_rng(seed)
    c = hr.Circuit("bilinear")
    wires = list(c.input("x", hr.Uniform(-1, 1), count=inputs))
    for gate in range(gates):
        a, b = wires[-min(window, len(wires))], wires[-int(rng.integers(1, min(window, len(wires))))]
        wires.append(a * b if gate % 2 else c.affine(rng.uniform(-0.7, 0.7, 2), [a, b]))
    c.output("y", c.affine(np.ones(window), wires[-window:]))
    return c


def boolean(inputs: int = 50, gates: int = 2000, window: int = 300, bias: float = 0.5, seed: int = 0) -> hr.Circuit:
    """Random gates of two bits; those that nothing reads are the outputs."""
    rng = np.random.default_rng(seed)
    c = hr.Circuit("boolean")
    wires = list(c.input("x", hr.Bernoulli(bias), count=inputs))
    for gate in range(gates):
        a, b = wires[-min(window, len(wires))], wires[-int(rng.integers(1, min(window, len(wires))))]
        wires.append(c.apply(("and", "or", "nand", "xor", "nor")[gate % 5], a, b))
    c.output("y", hr.Wires(c, np.array([wire.index for wire in wires[-window:]])))
    return c


def sampled(circuit: hr.Circuit, samples: int, repeats: int = 7) -> tuple[float, float]:
    """Median seconds of running and of drawing."""
    found: list[Truth] = [monte_carlo(circuit, samples, rng=seed) for seed in range(repeats + 1)][1:]
    return median(t.seconds["run"] for t in found), median(t.seconds["draw"] for t in found)


def numpy_floats(program: Program, samples: int) -> Callable[[], object]:
    """The same evaluation, one array operation a gate."""
    code, slots = program.instructions, [np.empty(0)] * program.num_slots
    inputs = np.random.default_rng(0).uniform(-1, 1, (int((code.op == opcodes.LOAD).sum()), samples))
    rows = list(zip(*(column.tolist() for column in code[:10]), strict=True))

    def evaluate() -> object:
        for op, _, dest, left, right, _, a, b, c, d in rows:
            if op == opcodes.LOAD:
                slots[dest] = inputs[left]
            elif op == opcodes.AFFINE:
                total = np.full(samples, b)
                for t in range(left, right):
                    total += code.term_scale[t] * slots[code.term_slot[t]]
                slots[dest] = total
            elif op == opcodes.ADD:
                slots[dest] = a * slots[left] + c * slots[right]
            else:
                plain = (a, b, c, d) == (1.0, 0.0, 1.0, 0.0)
                slots[dest] = slots[left] * slots[right] if plain else (a * slots[left] + b) * (c * slots[right] + d)
        return slots

    return evaluate


def numpy_bits(bits: BitProgram, words: int) -> Callable[[], object]:
    """The same evaluation, one or two array operations a gate."""
    code, slots = bits.instructions, [np.empty(0, np.uint64)] * bits.num_slots
    inputs = np.random.default_rng(0).integers(0, 2**63, (len(bits.inputs), words)).astype(np.uint64)
    rows = list(zip(*(column.tolist() for column in code), strict=True))

    def evaluate() -> object:
        for op, dest, left, right, p, q in rows:
            if op == opcodes.BIT_LOAD:
                slots[dest] = inputs[left]
            elif op == opcodes.BIT_XOR:
                slots[dest] = slots[left] ^ slots[right]
            elif op == opcodes.BIT_AND:
                slots[dest] = (~slots[left] if p else slots[left]) & (~slots[right] if q else slots[right])
        return slots

    return evaluate


def figures() -> Iterator[Figure]:
    circuit, samples = bilinear(), 1_000_000
    program = hr.lower(circuit)
    gates = int((program.instructions.op != opcodes.LOAD).sum())
    run, draw = sampled(circuit, samples)
    at_once = gates * 100_000 / timed(numpy_floats(program, 100_000), repeats=3)
    batched = gates * 4096 / timed(numpy_floats(program, 4096), repeats=5)
    name = f"Monte Carlo, {gates:,} gates in floats"
    yield Figure(name, gates * samples / run / 1e9, 1.0, "G gate-samples/s", batched / 1e9, "numpy by gate, batches of 4,096")
    yield Figure(f"{name}, times numpy on whole columns", gates * samples / run / at_once, 3.0, "x")
    yield Figure("drawing 20 uniform inputs", 20 * samples / draw / 1e6, None, "M numbers/s")

    patterns = 2**24
    for bias in (0.5, 0.3):
        circuit = boolean(bias=bias)
        bits = lower_bits(hr.lower(circuit))
        run, draw = sampled(circuit, patterns, repeats=5)
        name = f"Monte Carlo, {bits.gates:,} boolean gates, inputs of p = {bias}"
        words = 2**14
        limit = bits.gates * 64 * words / timed(numpy_bits(bits, words), repeats=3)
        yield Figure(name, bits.gates * patterns / run / 1e9, 300.0, "G pattern-gates/s", limit / 1e9, "numpy by gate")
        yield Figure(f"drawing {len(bits.inputs)} bits of p = {bias}", len(bits.inputs) * patterns / draw / 1e9, None, "G bits/s")

    circuit = boolean(inputs=24, gates=2000, window=100)
    gates = lower_bits(hr.lower(circuit)).gates
    run = median(exact(circuit).seconds["run"] for _ in range(5))
    yield Figure(f"exact, 24 inputs and {gates:,} boolean gates", run, 2.0, "s", lower=True)

    circuit = hr.multiplier(16, cells="nand")
    gates = lower_bits(hr.lower(circuit)).gates
    run = exact(circuit, "bits", threads=2).seconds["run"]
    yield Figure(f"exact, all 2^32 patterns of a 16 x 16 multiplier, {gates:,} gates, 2 threads", run, 90.0, "s", lower=True)


if __name__ == "__main__":
    for figure in figures():
        beside = "" if figure.ratio is None else f"; {figure.limit_name}: {figure.limit:.4g}, ratio {figure.ratio:.2f}"
        print(f"{figure.name}: {figure.measured:.4g} {figure.unit}{beside}", flush=True)
