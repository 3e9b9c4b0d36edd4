"""Heuristic arguments: finite sets of claims about one circuit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import TYPE_CHECKING, Any

from heurest.arguments.claims import Assert, Cases, Claim, Lemma, Measured, Point, Track, Transcript
from heurest.arguments.identity import check_same_circuit, common_circuit
from heurest.circuit.circuit import Circuit
from heurest.errors import ArgumentError

if TYPE_CHECKING:
    from pathlib import Path

_ORDER = (Track, Assert, Cases, Lemma, Point, Transcript)


class Argument:
    """A set of claims, offered to an estimator as reasons; the empty one is the presumption of independence.

    Arguments are immutable and behave as sets: ``|`` merges, ``&`` and ``-`` keep and drop claims, ``in``, ``len`` and iteration
    work as expected, and the order in which claims are given never matters.

    Args:
        claims: Claims about wires of one circuit.
        selected_from: How many terms were looked at to pick these, if they were picked; an estimate that uses fewer
            of them says so. It is no part of what makes two arguments equal.

    Attributes:
        claims: The claims.
        circuit: The circuit of the wire handles that claims were made with; ``None`` if all were made with indices.
        selected_from: See above; 0 if nothing was selected.

    Raises:
        ArgumentError: Something is no claim, or claims are about two circuits.

    Examples:
        >>> import heurest as hr
        >>> c = hr.Circuit("prices")
        >>> x, y = c.input("v", hr.JointDiscrete([[2, 5], [4, 9]], [0.5, 0.5]))
        >>> c.output("xy", x * y)
        >>> hr.estimate(c, argument=hr.Argument()).value
        {'xy': 21.0}
        >>> hr.estimate(c, argument=hr.Argument([hr.Track((x, y))])).value  # the truth
        {'xy': 23.0}
    """

    __slots__ = ("_highest", "_sorted", "circuit", "claims", "selected_from")

    def __init__(self, claims: Iterable[Claim] = (), selected_from: int = 0) -> None:
        if isinstance(claims, Claim):
            raise ArgumentError(f"an argument is made from a list of claims: write Argument([{type(claims).__name__}(...)])")
        if not isinstance(claims, Iterable):
            raise ArgumentError(f"an argument is made from a list of claims, got {claims!r}")
        found: Circuit | None = None
        kept: dict[Claim, Claim] = {}
        for claim in claims:
            if not isinstance(claim, Claim):
                raise ArgumentError(f"an argument holds claims such as Track or Assert, not {claim!r}")
            found = common_circuit(found, claim)
            if kept.setdefault(claim, claim).circuit is None and claim.circuit is not None:  # of equal ones keep one that knows it
                del kept[claim]
                kept[claim] = claim
        if isinstance(selected_from, bool) or not isinstance(selected_from, int) or not 0 <= selected_from < 1 << 63:
            raise ArgumentError(f"selected_from must be a whole number from 0 to 2**63, got {selected_from!r}")
        self.claims: frozenset[Claim] = frozenset(kept)
        self.circuit: Circuit | None = found
        self.selected_from: int = selected_from
        self._sorted: tuple[Claim, ...] | None = None
        self._highest: int | None = None

    # -- as a set --------------------------------------------------------------------------------------

    def __iter__(self) -> Iterator[Claim]:
        """The claims in an order that depends on what they say alone."""
        if self._sorted is None:
            self._sorted = tuple(sorted(self.claims, key=sort_key))
        return iter(self._sorted)

    def __len__(self) -> int:
        return len(self.claims)

    def __contains__(self, claim: object) -> bool:
        return claim in self.claims

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Argument) and self.claims == other.claims

    def __hash__(self) -> int:
        return hash(self.claims)

    def __or__(self, other: object) -> Argument:
        others = self._operand(other)
        if others is None:
            return NotImplemented
        return Argument((*self.claims, *others.claims), max(self.selected_from, others.selected_from))

    def __and__(self, other: object) -> Argument:
        others = self._operand(other)
        if others is None:
            return NotImplemented
        shared = self.claims & others.claims
        return Argument(
            (claim for claim in (*self.claims, *others.claims) if claim in shared), max(self.selected_from, others.selected_from)
        )

    def __sub__(self, other: object) -> Argument:
        others = self._operand(other)
        return NotImplemented if others is None else Argument(self.claims - others.claims, self.selected_from)

    __ror__ = __or__
    __rand__ = __and__

    def __le__(self, other: object) -> bool:
        return self.claims <= other.claims if isinstance(other, Argument) else NotImplemented

    def _operand(self, other: object) -> Argument | None:
        """The other side of an operator as an argument about the same circuit; None if it is something else."""
        if isinstance(other, (Claim, set, frozenset, list, tuple)):
            other = Argument([other] if isinstance(other, Claim) else other)
        if not isinstance(other, Argument):
            return None
        common_circuit(self.circuit, other)
        return other

    # -- what it says ----------------------------------------------------------------------------------

    @property
    def effective(self) -> frozenset[Claim]:
        """The claims that an estimate follows: transcripts replaced by all that was looked at."""
        transcripts = [claim for claim in self.claims if type(claim) is Transcript]
        if not transcripts:
            return self.claims
        return self.claims.difference(transcripts).union(*(claim.looked_at for claim in transcripts))

    @property
    def highest_wire(self) -> int:
        """The largest index of a wire that a claim names; -1 if none does."""
        if self._highest is None:
            wires = (claim.wires if type(claim) is Track else claim.wires_named for claim in self.claims)
            self._highest = max(chain.from_iterable(wires), default=-1)
        return self._highest

    @property
    def order(self) -> int:
        """The largest number of wires in one term, repeats counted; 0 without terms."""
        return max((claim_order(claim) for claim in self.effective), default=0)

    @property
    def mechanistic(self) -> bool:
        """Whether nothing in it was measured."""
        return not any(isinstance(claim, Assert) and isinstance(claim.grade, Measured) for claim in _all_claims(self.effective))

    def closure(self, circuit: Circuit | None = None, order: int | None = None) -> Argument:
        """This argument with all terms that its tracked terms need, down to the inputs.

        Args:
            circuit: The circuit; not needed if claims were made with its wires.
            order: The largest order that is added; by default that of the argument, at least 2.

        Raises:
            ArgumentError: No circuit is known, or the order is out of range.
            IntractableError: The memory does not suffice.

        Cost:
            One plan for each level of wires that terms are added at.
        """
        from heurest.arguments.closure import closed

        return closed(self, self.about(circuit), order)

    def bits(self, circuit: Circuit | None = None) -> float:
        """The length of the argument: bits to name its claims, and the digits of measured values.

        See `heurest.arguments.length.claim_bits` for the price of each kind.

        Raises:
            ArgumentError: No circuit is known, or a claim does not fit it.
        """
        from heurest.arguments.length import claim_bits

        about = self.about(circuit)
        return sum(claim_bits(claim, about) for claim in Argument(self.effective))

    def listing(self, circuit: Circuit | None = None) -> str:
        """A table for reading: each claim, where its value comes from, and how much the estimate changes without it.

        Raises:
            ArgumentError: No circuit is known, or a claim does not fit it.
        """
        from heurest.arguments.listing import listing

        return listing(self, self.about(circuit))

    def to_json(self, circuit: Circuit | None = None) -> str:
        """The argument as JSON text with wire names; `from_json` reads it back.

        Raises:
            ArgumentError: No circuit is known, or a claim does not fit it.
        """
        from heurest.arguments.argument_json import dumps

        return dumps(self, self.about(circuit))

    @classmethod
    def from_json(cls, text: str, circuit: Circuit) -> Argument:
        """Read an argument about a circuit.

        Raises:
            FormatError: The text is not such JSON; names the claim.
            ArgumentError: The argument is about another circuit, or a claim cannot hold.
        """
        from heurest.arguments.argument_json import loads

        return loads(text, circuit)

    def save(self, path: str | Path, circuit: Circuit | None = None) -> None:
        """Write the argument to a file, whole or not at all."""
        from heurest.formats.whole_files import write_whole

        write_whole(path, self.to_json(circuit).encode("utf-8"))

    @classmethod
    def load(cls, path: str | Path, circuit: Circuit) -> Argument:
        """Read an argument about a circuit from a file; errors as in `from_json`, with the file's name."""
        from heurest.arguments.argument_json import load

        return load(path, circuit)

    def about(self, circuit: Circuit | None = None) -> Circuit:
        """The circuit that the argument is used with: the given one, else that of the claims' wires.

        Raises:
            ArgumentError: Neither is known, or the claims are about wires of another circuit.
        """
        if circuit is None:
            circuit = self.circuit
        if circuit is None:
            raise ArgumentError("the claims were made with indices of wires: say which circuit they are about")
        check_same_circuit(self, circuit)
        return circuit

    def __str__(self) -> str:
        if self.circuit is not None:
            return self.listing()
        return "\n".join([repr(self), *(f"  {claim!r}" for claim in self)])

    def __repr__(self) -> str:
        about = f" about {self.circuit.name!r}" if self.circuit is not None else ""
        return f"<Argument{about}: {len(self.claims)} claim{'' if len(self.claims) == 1 else 's'}>"


def claim_order(claim: Claim) -> int:
    """The largest number of wires in one term of a claim, repeats counted; 0 where it has no term."""
    if isinstance(claim, Track):
        return len(claim.wires) * (1 if claim.degree is None else claim.degree if len(claim.wires) > 1 else 2 * claim.degree)
    if isinstance(claim, Assert):
        return len(claim.wires)
    if isinstance(claim, Cases):
        return max((claim_order(inner) for branch in claim.branches for inner in branch), default=0)
    return 0


def _all_claims(claims: Iterable[Claim]) -> Iterator[Claim]:
    for claim in claims:
        yield claim
        if isinstance(claim, Cases):
            yield from _all_claims(claim.branches[0] | claim.branches[1])


def sort_key(claim: Claim) -> tuple[Any, ...]:
    """What claims are sorted by: what they say, and nothing else."""
    rank = _ORDER.index(type(claim))
    if isinstance(claim, Track):
        return rank, len(claim.wires), claim.wires, claim.degree or 0
    if isinstance(claim, Assert):
        grade = (claim.grade.n, claim.grade.stderr) if isinstance(claim.grade, Measured) else (-1, 0.0)
        return rank, len(claim.wires), claim.wires, claim.value, grade, str(claim.grade)
    if isinstance(claim, Lemma):
        return rank, 0, (claim.wire,), -1 if claim.other is None else claim.other, claim.constant or 0.0
    if isinstance(claim, Point):
        return rank, 0, claim.inputs, claim.outputs
    if isinstance(claim, Cases):
        return rank, 0, (claim.event,), tuple(tuple(sorted(map(sort_key, branch))) for branch in claim.branches)
    inner = claim.looked_at if isinstance(claim, Transcript) else ()
    return rank, 0, (), tuple(sorted(map(sort_key, inner)))
