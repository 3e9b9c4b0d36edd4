"""A verdict of anomaly detection as a request for a picture: what wires are, and what is dropped where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from heurest.anomaly.witness import Witness
from heurest.circuit.circuit import Circuit
from heurest.circuit.law_checks import shown
from heurest.drawing.request import Request, checked_request
from heurest.errors import ArgumentError

_MEANINGS = {
    "normal": "loses a term that training does not need",
    "any": "loses a term that training does not need",
    "lemma": "never changed in training, and is something else now",
    "leverage": "is in a term that training has hardly seen",
    "gates": "loses a mechanism that training hardly needed",
}


def witness_request(circuit: Circuit, witness: Any, links: Any, labels: Mapping[int, str] | None, title: str | None) -> Request:
    """The request for a witness.

    Raises:
        ArgumentError: It is no witness, or one of another circuit.
    """
    if not isinstance(witness, Witness):
        raise ArgumentError(f"a witness is what a detector's or an explanation's witness(x) gives, got {shown(witness)}")
    if witness.circuit is not circuit:
        raise ArgumentError(f"the witness is about circuit {witness.circuit.name!r}, and not about the {circuit.name!r} that is drawn")
    texts = {wire: _lines(witness.text(wire)) for wire in range(len(circuit))} if labels is None else labels
    verdict = witness.verdict
    request = checked_request(circuit, None, links, texts, f"{circuit.name}: {verdict.verdict}" if title is None else title)
    return replace(
        request,
        marked=dict.fromkeys(witness.changed, "changed") | dict.fromkeys(witness.dropped, "dropped"),
        meanings={"dropped": _MEANINGS[verdict.reason], "changed": "is something else without that"},
        notes=tuple(line.strip() for line in str(verdict).splitlines()),
    )


def _lines(text: str) -> str:
    """A wire's text with what is dropped or broken on a line of its own."""
    for word in (", dropped: ", ", broken: "):
        text = text.replace(word, "\n" + word.removeprefix(", "), 1)
    return text
