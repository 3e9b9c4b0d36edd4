"""Rare events: seconds to a relative standard error of 10 % where plain sampling sees nothing, and exact decision diagrams."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from statistics import median
from time import perf_counter
from typing import Any

from figure import Figure

import heurest as hr
from heurest.truth.rare_events import rare_probability

Wire = Any  # operators hand back a wire or several, as their operands are


def _bits(circuit: hr.Circuit, name: str, count: int, p: float = 0.5) -> list[Wire]:
    return list(circuit.input(name, hr.Bernoulli(p), count=count))


def _all_of(wires: list[Wire]) -> Wire:
    result = wires[0]
    for wire in wires[1:]:
        result = result & wire
    return result


def wide_and(inputs: int) -> hr.Circuit:
    c = hr.Circuit("and")
    c.output("y", _all_of(_bits(c, "x", inputs)))
    return c


def sum_is(bits: int) -> hr.Circuit:
    """Whether a + b = d in the high 30 bits, so that the probability is ``2**-30`` whatever the width of the adder."""
    c = hr.Circuit("sum")
    a, b, d = (_bits(c, name, bits) for name in "abd")
    same, carry = [], None
    for x, y, z in zip(a, b, d, strict=True):
        half = x ^ y
        total = half if carry is None else half ^ carry
        carry = x & y if carry is None else (x & y) | (half & carry)
        same.append(~(total ^ z))
    c.output("y", _all_of(same[-30:]))
    return c


def priority(inputs: int, p: float) -> hr.Circuit:
    """Whether only the last of all requests is made."""
    c = hr.Circuit("priority")
    requests = _bits(c, "r", inputs, p)
    granted, seen = [requests[0]], requests[0]
    for request in requests[1:]:
        granted.append(request & ~seen)
        seen = seen | request
    c.output("y", granted[-1])
    return c


def at_least(inputs: int, most: int) -> hr.Circuit:
    """Whether so many inputs are 1, by a tree of adders."""
    c = hr.Circuit("count")
    columns, total = [_bits(c, "x", inputs)], list[Wire]()
    for column in columns:
        while len(column) > 1:
            a, b = column.pop(0), column.pop(0)
            carry = column.pop(0) if column else None
            half = a ^ b
            if len(columns) == len(total) + 1:
                columns.append([])
            columns[len(total) + 1].append(a & b if carry is None else (a & b) | (half & carry))
            column.append(half if carry is None else half ^ carry)
        total += column
    more, equal = None, None
    for k, bit in reversed(list(enumerate(total))):
        here = bit if equal is None else equal & bit
        if most >> k & 1:
            equal = here
        else:
            more = here if more is None else more | here
            equal = ~bit if equal is None else equal & ~bit
    c.output("y", equal if more is None else more | equal)
    return c


EVENTS: dict[str, Callable[[], hr.Circuit]] = {
    "all of 100 bits, 8e-31": lambda: wide_and(100),
    "a + b = d in 30 of 130 bits, 9e-10": lambda: sum_is(130),
    "only the last of 500 requests, 7e-13": lambda: priority(500, 0.05),
    "100 of 128 bits, 5e-11": lambda: at_least(128, 100),
    "60 of 64 bits, 4e-14": lambda: at_least(64, 60),
}


def figures() -> Iterator[Figure]:
    for name, make in EVENTS.items():
        passed, errors, gates = [], [], 0
        for seed in range(3):
            circuit = make()
            gates = len(circuit) - len(circuit.inputs)
            begin = perf_counter()
            found = rare_probability(circuit, "y", stderr=0.1, rng=seed)
            passed.append(perf_counter() - begin - found.seconds["compile"])
            errors.append(found.relative_error)
        yield Figure(f"rare event, {gates:,} gates: {name}, seconds to 10 %", median(passed), 10.0, "s", lower=True)
        yield Figure(f"rare event, {gates:,} gates: {name}, relative standard error then", median(errors), 0.1, "", lower=True)
    circuit = hr.adder(128)
    run = median(hr.exact(circuit, "bdd").seconds["run"] for _ in range(3))
    yield Figure("exact by decision diagrams, adder of 2 x 128 bits", run, 2.0, "s", lower=True)


if __name__ == "__main__":
    for figure in figures():
        print(f"{figure.name}: {figure.measured:.4g} {figure.unit}", flush=True)
