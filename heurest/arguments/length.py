"""How long an argument is: what a claim costs to write, in bits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from math import comb, inf, isfinite, log2, sqrt

import numpy as np

from heurest.arguments.claims import MAX_REDUCTANT_DEGREE, Assert, Cases, Claim, Lemma, Measured, Point, Track, Transcript
from heurest.circuit.circuit import Circuit
from heurest.circuit.gates import INPUT
from heurest.errors import ArgumentError

#: What a real number costs where nothing says how exactly it must be known.
FLOAT_BITS = 64.0


def claim_bits(claim: Claim, circuit: Circuit) -> float:
    r"""The price of a claim: the bits that pick it out among all that could be written in its place.

    ============================  ==========================================================================================
    claim                         bits
    ============================  ==========================================================================================
    `Track` of k wires            log2 N(k), where N(k) is the number of multisets of k wires of the circuit
    `Track` of a reductant        log2 C(n, k) for a group of k of the n wires, and log2 4 for its degree
    `Assert`, exact               log2 N(k)
    `Assert`, measured            log2 N(k), and the digits of the value: log2(1 + w / 2s)
    `Cases`                       log2 of the number of boolean wires, and the claims of both cases
    `Lemma`, a constant           log2 n, and 1 bit for the value of a boolean wire, 64 for that of a real one
    `Lemma`, another wire         2 log2 n
    `Point`                       log2 of the number of possible inputs, 64 bits for each coordinate of a law without points
    `Transcript`                  that of the claims in it
    ============================  ==========================================================================================

    Multisets: a boolean wire does not repeat (x * x = x), a real one may. With b boolean and r real wires

    .. math::
        N(k) = \sum_{j} \binom{b}{j} \binom{r + k - j - 1}{k - j}

    in exact integers. All wires of the circuit count, constants and wires that feed no output among them. Neither the kind of a
    claim nor the number of its wires is charged.

    Values: a tracked one is deduced. Proved and enumerated ones are free as well: the reader can derive them again from the
    circuit. This is a description length for a reader with unlimited time. A measured value comes from data, and is written to
    within its standard error s: steps of 2s over the width w of what it can be, so log2(1 + w / 2s). The width is 1 for the mean
    of a boolean wire; the extent of its law for the mean of an input; twice the bound of Cauchy and Schwarz,
    2 sqrt(Var X * Var Y) with at most 1/4 for a boolean wire and the law's own variance for an input, for two wires; where none
    of these is finite, 2 (abs(v) + s) for a value v. What a point says of outputs is computed, hence free. What a transcript
    holds is what an estimate follows, hence not free.

    Args:
        claim: A claim about the circuit.
        circuit: The circuit.

    Returns:
        Bits, finite and not negative.

    Raises:
        ArgumentError: The claim splits on a wire that is not boolean, names a wire that the circuit does not have, or is of no
            known kind.

    Cost:
        One pass over the kinds of wires; for a point one over the inputs.

    Source:
        The price of a tracked term is the number of terms it could have been; the rest is this project's own.

    Examples:
        >>> import heurest as hr
        >>> from heurest.arguments.claims import Track
        >>> c = hr.Circuit("demo")
        >>> bits = c.input("b", hr.Bernoulli(0.5), count=4)
        >>> x = c.input("x", hr.Normal(), count=4)
        >>> round(2 ** claim_bits(Track((0, 1)), c))  # 6 pairs of bits, 16 mixed ones, 10 of real wires with repeats
        32
    """
    highest = max(claim.wires_named, default=-1)
    if highest >= len(circuit):
        raise ArgumentError(f"{claim!r} names wire {highest}, but circuit {circuit.name!r} has wires 0 to {len(circuit) - 1}")
    return _bits(claim, circuit)


def multisets(boolean: int, real: int, size: int) -> int:
    """How many multisets of wires there are where boolean wires do not repeat and real ones may.

    Examples:
        >>> multisets(39, 0, 2), multisets(0, 3, 2), multisets(0, 0, 1)
        (741, 6, 0)
    """
    total = 0
    for distinct in range(min(size, boolean) + 1):
        repeating = size - distinct
        total += comb(boolean, distinct) * (comb(real + repeating - 1, repeating) if repeating else 1)
    return total


def _bits(claim: Claim, circuit: Circuit) -> float:
    if isinstance(claim, (Track, Assert)):
        return _term_bits(claim, circuit)
    if isinstance(claim, Lemma):
        value_bits = log2(len(circuit)) if claim.other is not None else 1.0 if circuit.boolean[claim.wire] else FLOAT_BITS
        return log2(len(circuit)) + value_bits
    if isinstance(claim, Cases):
        if not circuit.boolean[claim.event]:
            raise ArgumentError(f"Cases({claim.event}): cases need a boolean wire, and wire {claim.event} is real")
        return log2(np.count_nonzero(circuit.boolean)) + _total(claim.branches[0], circuit) + _total(claim.branches[1], circuit)
    if isinstance(claim, Point):
        return _input_bits(circuit)
    if isinstance(claim, Transcript):
        return _total(claim.looked_at, circuit)
    raise ArgumentError(f"{claim!r} is no claim of heurest and has no price")


def _total(claims: Iterable[Claim], circuit: Circuit) -> float:
    return sum(sorted(_bits(claim, circuit) for claim in claims))  # sorted: the same sum for any order of the set


def _term_bits(claim: Track | Assert, circuit: Circuit) -> float:
    if isinstance(claim, Track) and claim.degree is not None:
        return log2(comb(len(circuit), len(claim.wires))) + log2(MAX_REDUCTANT_DEGREE)
    distinct = {wire for wire in claim.wires if circuit.boolean[wire]}
    size = len(distinct) + sum(wire not in distinct for wire in claim.wires)
    boolean = int(np.count_nonzero(circuit.boolean))
    bits = log2(multisets(boolean, len(circuit) - boolean, size))
    if isinstance(claim, Assert) and isinstance(claim.grade, Measured):
        bits += _digits(_width(claim.wires, circuit), claim.value, claim.grade.stderr)
    return bits


def _digits(width: float, value: float, stderr: float) -> float:
    """log2(1 + width / 2 stderr), safe where the quotient leaves the range of a float."""
    half = width / 2.0 if isfinite(width) else abs(value)
    steps = half / stderr + (1.0 if isfinite(width) else 2.0)
    return log2(steps) if isfinite(steps) else log2(half) - log2(stderr)


def _width(wires: tuple[int, ...], circuit: Circuit) -> float:
    """The width of what a joint cumulant can be, infinite where no bound is known."""
    if len(wires) == 1:
        if circuit.boolean[wires[0]]:
            return 1.0
        if circuit.gate[wires[0]] != INPUT:
            return inf
        low, high = circuit.groups[int(circuit.left[wires[0]])].law.support()
        coordinate = int(circuit.right[wires[0]])
        return float(high[coordinate] / 2.0 - low[coordinate] / 2.0) * 2.0
    if len(wires) == 2:
        return 2.0 * sqrt(_most_variance(circuit, wires[0])) * sqrt(_most_variance(circuit, wires[1]))
    return inf


def _most_variance(circuit: Circuit, wire: int) -> float:
    if circuit.gate[wire] == INPUT:
        variance = float(circuit.groups[int(circuit.left[wire])].law.cumulants(2, int(circuit.right[wire]))[2])
        return variance if variance >= 0.0 else inf
    return 0.25 if circuit.boolean[wire] else inf


def _input_bits(circuit: Circuit) -> float:
    """Bits that name one of the possible inputs."""
    bits = 0.0
    for law, count in Counter(group.law for group in circuit.groups).items():
        points = law.points()
        bits += count * (FLOAT_BITS * law.size if points is None else log2(len(points[1])))
    return bits
