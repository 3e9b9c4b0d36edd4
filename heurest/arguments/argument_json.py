"""Arguments as JSON: exact, versioned, one claim a line, with the names of wires.

A document is one object:

=================  ======================================================================================================
field              what stands there
=================  ======================================================================================================
``format``         ``"heurest-argument"``
``version``        ``1``
``circuit``        ``name``, number of ``wires`` and ``digest`` of the circuit: see `heurest.arguments.identity.wires_digest`
``selected_from``  How many terms were looked at; absent where nothing was selected.
``claims``         A list of claims, as below.
=================  ======================================================================================================

=================================================================  =======================================================
claim                                                              written as
=================================================================  =======================================================
`Track`                                                            ``{"track": [wires]}``, of a reductant with ``"degree"``
`Assert`                                                           ``{"assert": [wires], "value": v, "grade": "proved"}``;
                                                                   ``"measured"`` has ``"n"`` and ``"stderr"`` besides
`Cases`                                                            ``{"cases": wire, "0": [claims], "1": [claims]}``
`Lemma`                                                            ``{"lemma": wire, "equals": v}`` or
                                                                   ``{"lemma": wire, "same_as": wire}``
`Point`                                                            ``{"point": [inputs], "outputs": {name: value}}``
`Transcript`                                                       ``{"transcript": [claims]}``
=================================================================  =======================================================

A wire is its name, or its index where it has none; a reader takes the index of a named wire, too. Cases stand at most 20 deep
inside each other. The text depends on what the claims say alone, not on the order or the handles that they were made with.
"""

from __future__ import annotations

import json
import os
from pathlib import Path as FilePath
from typing import Any

from heurest.arguments.argument import Argument
from heurest.arguments.claim_json import KINDS, MAX_DEPTH, RefusedError, check_depth, check_fields, read_claims, written
from heurest.arguments.identity import check_same_circuit, wires_digest
from heurest.circuit.circuit import Circuit
from heurest.circuit.validation import check_circuit
from heurest.errors import ArgumentError, FormatError
from heurest.formats.documents import MisfitError
from heurest.formats.json_text import Path, line_of, parse_json, quoted
from heurest.formats.messages import at_line, decoded, format_error, shown
from heurest.formats.whole_files import displayed, reason

FORMAT = "heurest-argument"
VERSION = 1


def dumps(argument: Argument, circuit: Circuit) -> str:
    """Return an argument as JSON text; `loads` gives back the same argument, every bit of every float included.

    Args:
        argument: Claims about the circuit.
        circuit: The circuit, whose names of wires are written.

    Returns:
        Text that ends with a line break.

    Raises:
        ArgumentError: The claims are about another circuit, or cases stand more than 20 deep inside each other.

    Cost:
        About 5 microseconds a claim, and the circuit's digest the first time.

    Examples:
        >>> import heurest as hr
        >>> from heurest.arguments.argument import Argument
        >>> from heurest.arguments.claims import Assert, Track
        >>> c = hr.Circuit("demo")
        >>> x, y = c.input("v", hr.Normal(), count=2)
        >>> c.output("z", x * y)
        >>> print(dumps(Argument([Assert((x, y), 0.1), Track((2, x))]), c), end="")
        {
        "format": "heurest-argument",
        "version": 1,
        "circuit": {"name": "demo", "wires": 3, "digest": "..."},
        "claims": [
        {"track": ["v[0]", 2]},
        {"assert": ["v[0]", "v[1]"], "value": 0.1, "grade": "proved"}
        ]
        }
    """
    check_circuit(circuit)
    check_depth(argument)
    check_same_circuit(argument, circuit)
    header = {"name": circuit.name, "wires": len(circuit), "digest": wires_digest(circuit)}
    fields = [
        f'"format": {quoted(FORMAT)}',
        f'"version": {VERSION}',
        f'"circuit": {json.dumps(header, ensure_ascii=False)}',
    ]
    if argument.selected_from:
        fields.append(f'"selected_from": {argument.selected_from}')
    lines = [_text(written(claim, circuit)) for claim in argument]
    fields.append('"claims": [\n' + ",\n".join(lines) + "\n]" if lines else '"claims": []')
    return "{\n" + ",\n".join(fields) + "\n}\n"


def loads(text: str, circuit: Circuit, source: str = "text") -> Argument:
    r"""Return the argument that `dumps` wrote.

    Args:
        text: The JSON text.
        circuit: The circuit that it is about, or one with the same wires; the claims carry it.
        source: What messages call the text, usually the file.

    Raises:
        FormatError: The text is not such a document. Names source, line and claim, what was expected and what stands there.
        ArgumentError: The argument is about another circuit, names a wire that this one does not have, or a claim cannot hold.

    Cost:
        About 10 microseconds a claim, and the circuit's digest the first time.

    Examples:
        >>> import heurest as hr
        >>> c = hr.Circuit("demo")
        >>> x = c.input("x", hr.Normal())
        >>> text = Argument().to_json(c).replace("[]", '[\n{"track": ["x"]},\n{"track": ["y"]}\n]')
        >>> loads(text, c)
        Traceback (most recent call last):
            ...
        heurest.errors.ArgumentError: text, line 7, claim 2 (track ["y"]): circuit 'demo' has no wire named "y"
    """
    check_circuit(circuit)
    document = parse_json(text, source)
    try:
        return _read_document(document, circuit)
    except MisfitError as misfit:
        raise format_error(_place(misfit.path, document, text, source), misfit.expected, misfit.found) from None
    except RefusedError as refused:
        raise ArgumentError(f"{_place(refused.path, document, text, source)}: {refused.message}") from None


def load(path: str | os.PathLike[str], circuit: Circuit) -> Argument:
    """Read an argument about a circuit from a file.

    Raises:
        FormatError: The file cannot be read, is not UTF-8, or as in `loads`, with the file's name.
        ArgumentError: As in `loads`, with the file's name.
    """
    if not isinstance(path, (str, os.PathLike)) or not os.fspath(path):
        raise FormatError(f"a path is needed to read an argument from, got {path!r:.80}")
    source = displayed(path)
    try:
        data = FilePath(path).read_bytes()
    except (OSError, ValueError) as error:
        raise FormatError(f"{source}: cannot be read: {reason(error)}") from error
    return loads(decoded(data, source), circuit, source)


def _text(data: dict[str, Any]) -> str:
    """JSON on one line; letters beyond ASCII are kept, but for what UTF-8 cannot hold."""
    text = json.dumps(data, ensure_ascii=False)
    return text if text.isprintable() else json.dumps(data)


def _read_document(document: Any, circuit: Circuit) -> Argument:
    if not isinstance(document, dict):
        raise MisfitError((), f'an object with "format": "{FORMAT}"', shown(document))
    for field, rule in (("format", FORMAT), ("version", VERSION)):
        found = document.get(field)
        if type(found) is not type(rule) or found != rule:
            present = field in document
            raise MisfitError((field,) if present else (), f'"{field}": {json.dumps(rule)}', shown(found) if present else "none")
    check_fields(document, (), ("format", "version", "circuit", "claims"), ("selected_from",))
    _check_circuit_field(document["circuit"], circuit)
    selected_from = document.get("selected_from", 0)
    if type(selected_from) is not int or selected_from < 0:
        raise MisfitError(("selected_from",), "a whole number of at least 0", shown(selected_from))
    return Argument(read_claims(document["claims"], ("claims",), circuit, KINDS, MAX_DEPTH), selected_from)


def _check_circuit_field(given: Any, circuit: Circuit) -> None:
    path = ("circuit",)
    if not isinstance(given, dict):
        raise MisfitError(path, "an object", shown(given))
    check_fields(given, path, ("name", "wires", "digest"))
    for field in ("name", "digest"):
        if not isinstance(given[field], str):
            raise MisfitError((*path, field), "a text", shown(given[field]))
    wires, digest = given["wires"], wires_digest(circuit)
    if type(wires) is not int:
        raise MisfitError((*path, "wires"), "the number of wires", shown(wires))
    if wires != len(circuit) or given["digest"] != digest:
        about, own = shown(given["name"]), shown(circuit.name)
        raise RefusedError(
            path,
            f"the argument is about circuit {about} with {shown(wires)} wires, digest {shown(given['digest'])}, "
            f"not about circuit {own} with {len(circuit)} wires, digest {shown(digest)}",
        )


def _place(path: Path, document: Any, text: str, source: str) -> str:
    """Source, line, and the claims on the way, such as ``a.json, line 9, claim 3 (cases "d"), case 0, claim 1 (track ["x"])``."""
    parts, here, before = [at_line(source, line_of(text, path))], document, None
    for key in path:
        here = here[key]
        if key in ("0", "1") and isinstance(before, int):
            parts.append(f"case {key}")
        elif isinstance(key, int) and before in ("claims", "0", "1", "transcript"):
            parts.append(f"claim {key + 1}{_described(here)}")
        before = key
    return ", ".join(parts)


def _described(entry: Any) -> str:
    kind = next((kind for kind in KINDS if kind in entry), None) if isinstance(entry, dict) else None
    if kind is None:
        return ""
    return f" ({kind})" if kind in ("point", "transcript") else f" ({kind} {shown(entry[kind])})"
