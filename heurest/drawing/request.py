"""What is asked to be drawn, checked: a circuit, a number and a text per wire, and the tracked terms between wires."""

from __future__ import annotations

import math
import numbers
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from heurest.circuit.circuit import Circuit
from heurest.circuit.law_checks import shown
from heurest.circuit.validation import check_circuit
from heurest.errors import ArgumentError, CircuitError, IntractableError

MAX_WIRES = 100_000


@dataclass(frozen=True)
class Term:
    """A tracked term: its wires, repeats allowed, and how much it changes the estimate."""

    wires: tuple[int, ...]
    change: float

    @property
    def distinct(self) -> tuple[int, ...]:
        """The wires without repeats, in order."""
        return tuple(sorted(set(self.wires)))


@dataclass(frozen=True, eq=False)
class Request:
    """A checked request: every wire exists, every number is finite.

    Attributes:
        circuit: The circuit, of at least one wire.
        importance: Non-negative number by wire, in units of the estimate; empty where none are given.
        terms: Tracked terms in the order given.
        labels: Extra text by wire, of one line or two.
        title: Heading of the picture.
        marked: Wires that a witness points at: ``dropped`` or ``changed``.
        meanings: What these two say, in the order of the legend.
        notes: Further sentences of the legend.
    """

    circuit: Circuit
    importance: dict[int, float]
    terms: tuple[Term, ...]
    labels: dict[int, str]
    title: str
    marked: Mapping[int, str] = field(default_factory=dict)
    meanings: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def checked_request(circuit: Any, importance: Any, links: Any, labels: Any, title: Any) -> Request:
    """The request, or an error that names what is wrong with it.

    Raises:
        CircuitError: It is no circuit, or one without wires.
        IntractableError: The circuit has more wires than a picture can show.
        ArgumentError: A wire does not exist, or a number, label or title is not what it has to be.
    """
    check_circuit(circuit)
    if not len(circuit):
        raise CircuitError(f"circuit {circuit.name!r} has no wires, so there is nothing to draw")
    if len(circuit) > MAX_WIRES:
        raise IntractableError(f"circuit {circuit.name!r}: a picture shows at most {MAX_WIRES:,} wires, got {len(circuit):,}")
    if title is not None and not isinstance(title, str):
        raise ArgumentError(f"title must be a text, got {shown(title)}")
    return Request(
        circuit,
        {_wire(circuit, "importance", wire): _importance(wire, value) for wire, value in _mapping("importance", importance).items()},
        tuple(_term(circuit, link) for link in _links(links)),
        {_wire(circuit, "labels", wire): _label(wire, text) for wire, text in _mapping("labels", labels).items()},
        circuit.name if title is None else title,
    )


def _mapping(where: str, values: Any) -> Mapping[Any, Any]:
    if values is None:
        return {}
    if not isinstance(values, Mapping):
        raise ArgumentError(f"{where} must map wires to values, got {shown(values)}")
    return values


def _wire(circuit: Circuit, where: str, wire: Any) -> int:
    if isinstance(wire, bool) or not isinstance(wire, int | np.integer):
        raise ArgumentError(f"{where}: a wire is given by its index, got {shown(wire)}")
    if not 0 <= wire < len(circuit):
        raise ArgumentError(f"{where}: circuit {circuit.name!r} has wires 0 to {len(circuit) - 1}, not {shown(wire)}")
    return int(wire)


def _finite(where: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise ArgumentError(f"{where} must be a number, got {shown(value)}")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise ArgumentError(f"{where} must be finite, got {shown(value)}")
    return number


def _importance(wire: int, value: Any) -> float:
    number = _finite(f"importance of wire {wire}", value)
    if number < 0.0:
        raise ArgumentError(f"importance of wire {wire} must not be negative, got {number!r}")
    return number


def _label(wire: int, text: Any) -> str:
    if not isinstance(text, str):
        raise ArgumentError(f"label of wire {wire} must be a text, got {shown(text)}")
    return text


def _links(links: Any) -> Iterable[Any]:
    if isinstance(links, str) or not isinstance(links, Iterable):
        raise ArgumentError(f"links must be a list of pairs (wires, change), got {shown(links)}")
    return links


def _term(circuit: Circuit, link: Any) -> Term:
    try:
        wires, change = link
        members = tuple(wires)
    except (TypeError, ValueError):
        raise ArgumentError(f"links: a pair (wires, change) is needed, got {shown(link)}") from None
    if not members:
        raise ArgumentError("links: a term needs at least one wire, got none")
    return Term(tuple(_wire(circuit, "links", wire) for wire in members), _finite("links: the change of a term", change))
