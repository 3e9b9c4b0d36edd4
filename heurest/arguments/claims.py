"""Claims: the pieces of a heuristic argument, as frozen data that can be compared, hashed and sorted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from numbers import Integral
from typing import Any

from heurest.arguments.claim_checks import is_finite, shown_claim, wire_indices
from heurest.arguments.identity import common_circuit
from heurest.circuit.circuit import Circuit
from heurest.circuit.wires import Wire
from heurest.errors import ArgumentError

#: The largest number of wires in one term, repeats counted.
MAX_TERM_ORDER = 12
#: The largest degree of a tracked reductant.
MAX_REDUCTANT_DEGREE = 4
#: How deep cases may stand inside each other.
MAX_CASES_DEPTH = 20
_MANY = 1 << 63
GRADES = ("proved", "enumerated", "measured")

WireLike = Wire | int
_About = Circuit | None


@dataclass(frozen=True)
class Measured:
    """The grade of a value that was measured: it carries its standard error, and makes an estimate that uses it ``mixed``.

    Attributes:
        n: Number of samples; 0 where it is not known.
        stderr: Standard error of the value, in the value's unit.

    Raises:
        ArgumentError: The error is not a positive number, or ``n`` is not a whole number of at least 0.

    Examples:
        >>> Measured(2500, 0.02)
        Measured(n=2500, stderr=0.02)
    """

    n: int
    stderr: float

    def __post_init__(self) -> None:
        if isinstance(self.n, bool) or not isinstance(self.n, Integral) or not 0 <= self.n < _MANY:
            raise ArgumentError(f"a measured claim: n must be a whole number from 0 to 2**63, got {self.n!r}")
        if not is_finite(self.stderr) or self.stderr <= 0:
            raise ArgumentError(f"a measured claim: its standard error must be a positive number, got {self.stderr!r}")
        object.__setattr__(self, "n", int(self.n))
        object.__setattr__(self, "stderr", float(self.stderr))


class Claim:
    """Base of all claims.

    Wires are kept as indices, sorted; ``circuit`` is the circuit of the handles that a claim was made with, ``None`` where
    it was made with indices. Claims are equal when they say the same, whatever handles they were made with.
    """

    circuit: _About

    @property
    def wires_named(self) -> tuple[int, ...]:
        """Indices of all wires that the claim names."""
        raise ArgumentError(f"{type(self).__name__} is no claim of heurest")


@dataclass(frozen=True)
class Track(Claim):
    """Carry a joint cumulant of wires, or a reductant; its value is deduced by the rules of propagation.

    Attributes:
        wires: Indices, sorted; repeats count, except of boolean wires, where x * x = x makes them say nothing new.
        degree: ``None`` for the joint cumulant of exactly these wires. A number d tracks the *reductant* of the group: all joint
            cumulants that repeat each of two or more distinct wires at most d times, or a single wire at most 2d times.

    Raises:
        ArgumentError: There is no wire, more than 12, wires of two circuits, or a degree out of range.

    Examples:
        >>> import heurest as hr
        >>> c = hr.Circuit("demo")
        >>> x = c.input("x", hr.Normal()); y = c.input("y", hr.Normal())
        >>> hr.Track((y, x)) == hr.Track((x, y))
        True
    """

    wires: tuple[int, ...]
    degree: int | None = None
    circuit: _About = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        _set_wires(self, "Track")
        if self.degree is None:
            return
        if isinstance(self.degree, bool) or not isinstance(self.degree, Integral) or not 1 <= self.degree <= MAX_REDUCTANT_DEGREE:
            raise ArgumentError(f"{shown_claim(self)}: the degree must be an integer from 1 to {MAX_REDUCTANT_DEGREE}, got {self.degree!r}")
        object.__setattr__(self, "degree", int(self.degree))
        if len(set(self.wires)) < len(self.wires):
            raise ArgumentError(f"{shown_claim(self)}: a reductant is of distinct wires")
        if len(self.wires) * self.degree > MAX_TERM_ORDER:
            raise ArgumentError(
                f"{shown_claim(self)}: {len(self.wires)} wires of degree {self.degree} pass the limit of order {MAX_TERM_ORDER}"
            )

    @property
    def wires_named(self) -> tuple[int, ...]:
        """The wires of the term."""
        return self.wires


@dataclass(frozen=True)
class Assert(Claim):
    """State the value of a joint cumulant: of one wire its mean, of two their covariance.

    Attributes:
        wires: Indices, sorted; repeats count, boolean wires do not repeat.
        value: The joint cumulant, in the product of the wires' units.
        grade: ``"proved"``, ``"enumerated"`` or a `Measured` with its standard error.

    Raises:
        ArgumentError: The value is not finite, the grade is unknown, or a measured claim comes without its error.

    Examples:
        >>> import heurest as hr
        >>> hr.Assert((0, 1), 0.21, grade=hr.Measured(2500, 0.02))
        Assert(wires=(0, 1), value=0.21, grade=Measured(n=2500, stderr=0.02))
    """

    wires: tuple[int, ...]
    value: float
    grade: str | Measured = "proved"
    circuit: _About = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        _set_wires(self, "Assert")
        if isinstance(self.value, bool) or not is_finite(self.value):
            raise ArgumentError(f"{shown_claim(self)}: the value must be a finite number, got {self.value!r}")
        object.__setattr__(self, "value", float(self.value) + 0.0)  # -0 and 0 are one claim
        if self.grade == "measured":
            raise ArgumentError(f"{shown_claim(self)}: a measured value needs its error: grade=Measured(n, stderr)")
        if not isinstance(self.grade, Measured) and self.grade not in GRADES:
            raise ArgumentError(f"{shown_claim(self)}: the grade must be 'proved', 'enumerated' or Measured(n, stderr), got {self.grade!r}")

    @property
    def wires_named(self) -> tuple[int, ...]:
        """The wires of the term."""
        return self.wires


@dataclass(frozen=True, init=False)
class Cases(Claim):
    """Split on a boolean wire: estimate under each of its values by an argument of its own, and recombine by total expectation.

    What holds outside holds in the cases: tracked terms are tracked there too. Lemmas and values that are stated within a case
    hold in that case only.

    Attributes:
        event: Index of a boolean wire.
        branches: The claims for 0 and for 1.

    Raises:
        ArgumentError: The cases are not keyed by 0 and 1, hold something else than claims, or points and transcripts.

    Examples:
        >>> import heurest as hr
        >>> c = hr.Circuit("sensors")
        >>> d = c.input("d", hr.Bernoulli(0.5)); e = c.input("e", hr.Bernoulli(0.01), count=2)
        >>> c.output("both", (d ^ e[0]) & (d ^ e[1]))
        >>> round(hr.estimate(c, argument=hr.Argument([hr.Cases(d, {})])).value["both"], 12)
        0.4901
    """

    event: int
    branches: tuple[frozenset[Claim], frozenset[Claim]]
    circuit: _About = field(default=None, compare=False, repr=False)

    def __init__(self, event: WireLike, branches: Mapping[int, Iterable[Claim]]) -> None:
        (index,), circuit = wire_indices(event, "Cases", 1)
        object.__setattr__(self, "event", index)
        if not isinstance(branches, Mapping) or not set(branches) <= {0, 1}:
            raise ArgumentError(f"{shown_claim(self)}: the cases must be given as {{0: claims, 1: claims}}, got {branches!r}")
        both = tuple(_listed(branches.get(case, ()), shown_claim(self)) for case in (0, 1))
        for claim in both[0] + both[1]:
            if not isinstance(claim, (Track, Assert, Cases, Lemma)):
                raise ArgumentError(f"{shown_claim(self)}: a case holds Track, Assert, Lemma and Cases, not {claim!r}")
            circuit = common_circuit(circuit, claim)
        object.__setattr__(self, "branches", (frozenset(both[0]), frozenset(both[1])))
        if self.depth > MAX_CASES_DEPTH:
            raise ArgumentError(f"{shown_claim(self)}: cases stand at most {MAX_CASES_DEPTH} deep inside each other")
        object.__setattr__(self, "circuit", circuit)

    @property
    def depth(self) -> int:
        """How deep cases stand inside each other, this one counted."""
        return 1 + max((claim.depth for branch in self.branches for claim in branch if isinstance(claim, Cases)), default=0)

    def __repr__(self) -> str:
        zero, one = (f"[{', '.join(sorted(map(repr, branch)))}]" for branch in self.branches)
        return f"Cases({self.event}, {{0: {zero}, 1: {one}}})"

    @property
    def wires_named(self) -> tuple[int, ...]:
        """The event, and all wires of both cases."""
        return (self.event, *(wire for branch in self.branches for claim in branch for wire in claim.wires_named))


@dataclass(frozen=True, init=False)
class Lemma(Claim):
    """Replace a wire by a constant, or by another wire, in everything that reads it; the statement can be checked again on data.

    Attributes:
        wire: Index of the wire that is replaced; of two wires the later one.
        constant: The number it equals, or ``None``.
        other: Index of the wire it equals, or ``None``.

    Args:
        wire: The wire.
        equals: A number, or a wire (a `Wire`, not an index).

    Raises:
        ArgumentError: The number is not finite, or both wires are the same.

    Examples:
        >>> import heurest as hr
        >>> c = hr.Circuit("day")
        >>> early = c.input("early", hr.Bernoulli(0.5))
        >>> hr.Lemma(early, 1)
        Lemma(wire=0, constant=1.0, other=None)
    """

    wire: int
    constant: float | None
    other: int | None
    circuit: _About = field(default=None, compare=False, repr=False)

    def __init__(self, wire: WireLike, equals: float | Wire) -> None:
        (index,), circuit = wire_indices(wire, "Lemma", 1)
        constant, other = None, None
        if isinstance(equals, Wire):
            (other,), again = wire_indices(equals, "Lemma", 1)
            if circuit is not None and again is not circuit:
                raise ArgumentError(f"Lemma({index}): the wires belong to different circuits")
            circuit = again
            if other == index:
                raise ArgumentError(f"Lemma({index}): the wire is the same on both sides")
            index, other = max(index, other), min(index, other)
        elif is_finite(equals):
            constant = float(equals) + 0.0
        else:
            raise ArgumentError(f"Lemma({index}): a wire equals a finite number or another wire, got {equals!r}")
        for name, value in (("wire", index), ("constant", constant), ("other", other), ("circuit", circuit)):
            object.__setattr__(self, name, value)

    @classmethod
    def same(cls, wire: int, other: int, circuit: Circuit) -> Lemma:
        """The lemma that two wires, given by index, are equal."""
        return cls(circuit.wire(wire), circuit.wire(other))

    @property
    def wires_named(self) -> tuple[int, ...]:
        """The wire, and the one it equals."""
        return (self.wire,) if self.other is None else (self.wire, self.other)


@dataclass(frozen=True, init=False)
class Point(Claim):
    """One evaluation of the circuit: it fixes the outputs at that input, which counts with the input's probability and no more.

    Attributes:
        inputs: A number for every input of the circuit, in order.
        outputs: Output names with their values, sorted by name.

    Raises:
        ArgumentError: A number is not finite, or there is no output.

    Examples:
        >>> import heurest as hr
        >>> hr.Point([1, 0], {"y": 1})
        Point(inputs=(1.0, 0.0), outputs=(('y', 1.0),))
    """

    inputs: tuple[float, ...]
    outputs: tuple[tuple[str, float], ...]
    circuit: _About = field(default=None, compare=False, repr=False)

    def __init__(self, inputs: Sequence[float], outputs: Mapping[str, float]) -> None:
        if isinstance(inputs, (str, Mapping)) or not isinstance(inputs, Iterable):
            raise ArgumentError(f"Point: inputs must be given as a list of numbers, got {inputs!r}")
        inputs = tuple(inputs)
        for number in (*inputs, *(outputs.values() if isinstance(outputs, Mapping) else ())):
            if not is_finite(number):
                raise ArgumentError(f"Point: inputs and outputs must be finite numbers, got {number!r}")
        if not isinstance(outputs, Mapping) or not outputs or not all(isinstance(name, str) for name in outputs):
            raise ArgumentError(f"Point: outputs must be given by name, as {{name: value}}, got {outputs!r}")
        object.__setattr__(self, "inputs", tuple(float(number) + 0.0 for number in inputs))
        object.__setattr__(self, "outputs", tuple((name, float(outputs[name]) + 0.0) for name in sorted(outputs)))
        object.__setattr__(self, "circuit", None)

    @property
    def wires_named(self) -> tuple[int, ...]:
        """None: a point names inputs by position and outputs by name."""
        return ()


@dataclass(frozen=True, init=False)
class Transcript(Claim):
    """All that was looked at when an argument was made, reported or not: an estimate follows every claim in it.

    Attributes:
        looked_at: The claims.

    Raises:
        ArgumentError: It holds something else than claims, or a transcript.

    Examples:
        >>> import heurest as hr
        >>> hr.Transcript([hr.Track((0, 1)), hr.Track((0, 2))])
        Transcript(2 claims)
    """

    looked_at: frozenset[Claim]
    circuit: _About = field(default=None, compare=False, repr=False)

    def __init__(self, looked_at: Iterable[Claim]) -> None:
        claims, circuit = _listed(looked_at, "Transcript"), None
        for claim in claims:
            if not isinstance(claim, Claim) or isinstance(claim, Transcript):
                raise ArgumentError(f"Transcript: it holds claims other than transcripts, not {claim!r}")
            circuit = common_circuit(circuit, claim)
        object.__setattr__(self, "looked_at", frozenset(claims))
        object.__setattr__(self, "circuit", circuit)

    @property
    def wires_named(self) -> tuple[int, ...]:
        """All wires of all claims that were looked at."""
        return tuple(wire for claim in self.looked_at for wire in claim.wires_named)

    def __repr__(self) -> str:
        return f"Transcript({len(self.looked_at)} claims)"


def _set_wires(claim: Any, name: str) -> None:
    wires, circuit = wire_indices(claim.wires, name)
    if claim.circuit is not None and circuit is not None and claim.circuit is not circuit:
        raise ArgumentError(f"{name}{wires}: the wires do not belong to circuit {claim.circuit.name!r}")
    object.__setattr__(claim, "wires", tuple(sorted(wires)))
    object.__setattr__(claim, "circuit", claim.circuit if circuit is None else circuit)
    if not 1 <= len(wires) <= MAX_TERM_ORDER:
        raise ArgumentError(f"{shown_claim(claim)}: a term holds 1 to {MAX_TERM_ORDER} wires, got {len(wires)}")


def _listed(claims: Any, name: str) -> tuple[Any, ...]:
    if isinstance(claims, Claim) or not isinstance(claims, Iterable):
        raise ArgumentError(f"{name}: claims must be given as a list, got {claims!r}")
    return tuple(claims)
