"""Heuristic arguments: passes, planning, memory, searching, and how much of a correction a short argument recovers.

Times are those of the processor, not of the wall: all of it runs on one thread, and so other programs disturb less.
"""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Iterator
from itertools import combinations_with_replacement
from statistics import median
from time import process_time

import numpy as np
from figure import Figure

import heurest as hr
from heurest.program.plan import Plan

# Circuits of the recovery, and terms of their arguments.
_CIRCUITS, _TERMS = 20, 200


def with_sum(circuit: hr.Circuit) -> hr.Circuit:
    """The circuit with one more output, ``sum``: the sum of all wires that no gate reads, so that nothing is dead."""
    read = {int(operand) for wire in range(circuit.num_wires) for operand in circuit.operands(wire)}
    unread = [circuit.wire(wire) for wire in range(circuit.num_wires) if wire not in read]
    circuit.output("sum", circuit.affine(np.ones(len(unread)), unread))
    return circuit


def all_pairs(wires: int) -> tuple[hr.Program, hr.Argument, float]:
    """A random circuit and the argument that tracks every pair of so many wires; and the seconds that making the claims took."""
    program = hr.lower(with_sum(hr.random_bilinear(inputs=20, gates=wires - 20, window=None, rng=0)))
    begin = process_time()
    argument = hr.Argument([hr.Track(pair) for pair in combinations_with_replacement(range(wires), 2)])
    return program, argument, process_time() - begin


def recovered(circuit: hr.Circuit, output: str, order: int, terms: int, degree: int | None = None) -> tuple[float, int]:
    """Share of the correction to the mean that an argument recovers, and how many terms were looked at.

    The whole correction is that of ``cumulant:order``, or with a degree that of everything looked at.
    """
    mean = hr.estimate(circuit, "mean").value[output]
    found = hr.find_argument(circuit, order=order, budget=terms, degree=degree, outputs=(output,))
    if degree is not None and not found.exhausted:
        raise SystemExit(f"bench: {circuit.name}: the search left terms out, so that the whole correction is unknown")
    whole = found.everything[output] if degree is not None else hr.estimate(circuit, f"cumulant:{order}").value[output]
    return 1.0 - abs(found.value[output] - whole) / abs(mean - whole), len(found.transcript.looked_at)


def processor(work: Callable[[], object], repeats: int) -> float:
    """Median seconds of one call."""
    times = []
    for _ in range(repeats):
        begin = process_time()
        work()
        times.append(process_time() - begin)
    return median(times)


def passes() -> Iterator[Figure]:
    """Passes, planning and memory at 1e5 and 1e6 terms."""
    bytes_a_term = []
    for label, wires in (("1e5", 447), ("1e6", 1414)):
        program, argument, making = all_pairs(wires)
        plan = hr.plan(program, argument).plan
        value = plan.run()
        if label == "1e6":
            out = np.empty_like(value)
            seconds = processor(lambda plan=plan, out=out: plan.run(out=out), 21)

            def in_numpy(plan=plan, value=value):
                return plan.coefficient * value[plan.left] * value[plan.right]

            limit = plan.num_products / processor(in_numpy, 21) / 1e6
            yield Figure("sparse pass, 1e6 terms", plan.num_products / seconds / 1e6, 50, "M products/s", limit, "gathers in numpy")
        yield Figure(f"backward / forward, {label} terms", _ratio(plan, value), 4, "x", lower=True)
        yield Figure(f"claims made, {label} terms", making, None, "s", lower=True)
        planning = processor(lambda program=program, argument=argument: hr.plan(program, argument), 3)
        yield Figure(f"planned, {label} terms", planning, 10 if label == "1e6" else None, "s", lower=True)
        bytes_a_term.append(plan.bytes / len(argument))
        yield Figure(f"memory of the plan, {label} terms", bytes_a_term[-1], None, "bytes/term", lower=True)
        tracemalloc.start()
        hr.plan(program, argument)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        yield Figure(f"memory while planning, {label} terms", peak / len(argument), None, "bytes/term", lower=True)
    yield Figure("memory a term, 1e6 / 1e5 terms", bytes_a_term[1] / bytes_a_term[0], 1.1, "x", lower=True)


def _ratio(plan: Plan, value: np.ndarray) -> float:
    """Backward over forward pass, every entry seeded so that no adjoint is zero; medians of turns."""
    seed, out = np.ones_like(value), np.empty_like(value)
    if not plan.gradient(value, seed).all():
        raise SystemExit("bench: an adjoint is zero")
    forward, backward = [], []
    for _ in range(41):
        begin = process_time()
        plan.run(out=out)
        middle = process_time()
        plan.gradient(value, seed)
        forward.append(middle - begin)
        backward.append(process_time() - middle)
    return median(backward) / median(forward)


def searches() -> Iterator[Figure]:
    """A thousand terms among ten thousand gates."""
    for label, circuit in (
        ("boolean", hr.random_boolean(inputs=100, gates=10_000, window=None, rng=0)),
        ("bilinear", hr.random_bilinear(inputs=100, gates=10_000, window=None, rng=0)),
    ):
        with_sum(circuit)
        hr.find_argument(circuit, budget=10, outputs=("sum",))  # compiled
        search = processor(lambda circuit=circuit: hr.find_argument(circuit, budget=1000, outputs=("sum",)), 3)
        yield Figure(f"found, 1,000 terms, {label}, 10,000 gates", search, 10, "s", lower=True)


def recovery() -> Iterator[Figure]:
    """Shares of corrections on sparse circuits, and on dense networks, where they are spread over many terms."""
    for label, order, degree in (("order 2", 2, None), ("order 3", 3, None), ("reductants", 2, 2)):
        for terms in (_TERMS, _TERMS // 4, _TERMS // 10):
            circuits = (with_sum(hr.random_bilinear(inputs=20, gates=200, window=None, rng=seed)) for seed in range(_CIRCUITS))
            shares, looked = zip(*(recovered(circuit, "sum", order, terms, degree) for circuit in circuits), strict=True)
            must = 0.95 if terms == _TERMS else None
            yield Figure(f"recovered, {label}, {terms} terms, {_CIRCUITS} sparse circuits", median(shares), must, "of the correction")
            yield Figure(f"the least of these, {label}, {terms} terms", min(shares), None, "of the correction")
        yield Figure(f"terms looked at, {label}", median(looked), None, "terms, median")
    for width in (20, 60):
        for kind in ("square", "product"):
            found = []
            for seed in range(5):
                circuit = hr.quadratic_network(widths=(20, width, width, width, 1), kind=kind, rng=seed)
                terms = circuit.num_wires * (circuit.num_wires + 1) // 200
                found.append(recovered(circuit, "y[0]", 2, terms)[0])
            yield Figure(f"recovered, order 2, 1 % of the pairs, dense, {width} wide, {kind}", median(found), None, "of the correction")
            yield Figure(f"the least of these, dense, {width} wide, {kind}", min(found), None, "of the correction")


def figures() -> Iterator[Figure]:
    yield from passes()
    yield from searches()
    yield from recovery()
