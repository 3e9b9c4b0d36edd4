"""Claims as JSON data and back: what stands on one line of an argument's text."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from heurest.arguments.argument import Argument
from heurest.arguments.claims import GRADES, Assert, Cases, Claim, Lemma, Measured, Point, Track, Transcript
from heurest.circuit.circuit import Circuit
from heurest.errors import ArgumentError
from heurest.formats.documents import MisfitError
from heurest.formats.json_text import Path
from heurest.formats.messages import shown

#: How deep cases may stand inside each other in a text.
MAX_DEPTH = 20
#: The keys that say what kind of claim an object is.
KINDS = ("track", "assert", "lemma", "cases", "point", "transcript")

_IN_CASES, _IN_TRANSCRIPTS = KINDS[:4], KINDS[:5]
_LARGEST = float.fromhex("0x1.fffffffffffffp+1023")


class RefusedError(Exception):
    """A claim cannot hold, or names what the circuit does not have; the reader of the text adds the place.

    Attributes:
        path: Keys and indices that lead to the claim.
        message: What is wrong.
    """

    def __init__(self, path: Path, message: str) -> None:
        super().__init__(path, message)
        self.path, self.message = path, message


# -- writing -------------------------------------------------------------------------------------------


def check_depth(argument: Argument) -> None:
    """Refuse cases that stand deeper inside each other than a reader goes.

    Raises:
        ArgumentError: They do.
    """
    claims = argument.effective
    for _ in range(MAX_DEPTH):
        claims = frozenset(inner for claim in claims if isinstance(claim, Cases) for branch in claim.branches for inner in branch)
    if any(isinstance(claim, Cases) for claim in claims):
        raise ArgumentError(f"cases stand more than {MAX_DEPTH} deep inside each other, which cannot be written")


def written(claim: Claim, circuit: Circuit) -> dict[str, Any]:
    """A claim about a circuit as JSON data; claims within it in the order of an `Argument`.

    Raises:
        ArgumentError: It is of no kind that can be written.
    """
    if isinstance(claim, Track):
        degree = {} if claim.degree is None else {"degree": claim.degree}
        return {"track": _labels(claim.wires, circuit), **degree}
    if isinstance(claim, Assert):
        grade: dict[str, Any] = {"grade": claim.grade}
        if isinstance(claim.grade, Measured):
            grade = {"grade": "measured", "n": claim.grade.n, "stderr": claim.grade.stderr}
        return {"assert": _labels(claim.wires, circuit), "value": claim.value, **grade}
    if isinstance(claim, Lemma):
        equals = {"equals": claim.constant} if claim.other is None else {"same_as": _label(claim.other, circuit)}
        return {"lemma": _label(claim.wire, circuit), **equals}
    if isinstance(claim, Point):
        return {"point": list(claim.inputs), "outputs": dict(claim.outputs)}
    if isinstance(claim, Cases):
        low, high = ([written(inner, circuit) for inner in Argument(branch)] for branch in claim.branches)
        return {"cases": _label(claim.event, circuit), "0": low, "1": high}
    if isinstance(claim, Transcript):
        return {"transcript": [written(inner, circuit) for inner in Argument(claim.looked_at)]}
    raise ArgumentError(f"{claim!r} is no claim of heurest and cannot be written")


def _label(wire: int, circuit: Circuit) -> str | int:
    name = circuit.wire_name(wire)
    return wire if name is None else name


def _labels(wires: Iterable[int], circuit: Circuit) -> list[str | int]:
    return [_label(wire, circuit) for wire in wires]


# -- reading -------------------------------------------------------------------------------------------


def read_claims(given: Any, path: Path, circuit: Circuit, kinds: tuple[str, ...], depth: int) -> list[Claim]:
    """The claims of a list, with the circuit's handles.

    Args:
        given: JSON data of any type.
        path: Keys and indices that lead to it.
        circuit: The circuit that the claims are about.
        kinds: Which of `KINDS` may stand here.
        depth: How many cases may stand inside each other.

    Raises:
        MisfitError: Something is not written as a claim is.
        RefusedError: A claim cannot hold or names a wire that the circuit does not have.
    """
    if not isinstance(given, list):
        raise MisfitError(path, "a list of claims", shown(given))
    return [_read_claim(entry, (*path, number), circuit, kinds, depth) for number, entry in enumerate(given)]


def _read_claim(entry: Any, path: Path, circuit: Circuit, kinds: tuple[str, ...], depth: int) -> Claim:
    """One claim of the kinds that may stand here; ``depth`` more cases may stand inside each other."""
    if not isinstance(entry, dict):
        raise MisfitError(path, "a claim, as an object", shown(entry))
    found = [kind for kind in KINDS if kind in entry]
    if len(found) != 1 or found[0] not in kinds:
        raise MisfitError(path, f"one of the keys {', '.join(kinds)}", " and ".join(found) or "none of them")
    try:
        if found == ["cases"]:
            return _read_cases(entry, path, circuit, depth)
        if found == ["transcript"]:
            check_fields(entry, path, ("transcript",))
            return Transcript(read_claims(entry["transcript"], (*path, "transcript"), circuit, _IN_TRANSCRIPTS, depth))
        return _READERS[found[0]](entry, path, circuit)
    except ArgumentError as error:
        raise RefusedError(path, str(error)) from None


def _read_track(entry: dict[str, Any], path: Path, circuit: Circuit) -> Track:
    check_fields(entry, path, ("track",), ("degree",))
    degree = None if "degree" not in entry else _integer(entry, "degree", path)
    return Track(_wires(entry["track"], (*path, "track"), circuit), degree, circuit)


def _read_assert(entry: dict[str, Any], path: Path, circuit: Circuit) -> Assert:
    measured = entry.get("grade") == "measured"
    check_fields(entry, path, ("assert", "value", "grade", "n", "stderr") if measured else ("assert", "value", "grade"))
    if entry["grade"] not in GRADES:
        raise MisfitError((*path, "grade"), f"one of the grades {', '.join(GRADES)}", shown(entry["grade"]))
    wires = _wires(entry["assert"], (*path, "assert"), circuit)
    value = _number(entry["value"], (*path, "value"))
    grade = Measured(_integer(entry, "n", path), _number(entry["stderr"], (*path, "stderr"))) if measured else entry["grade"]
    return Assert(wires, value, grade, circuit)


def _read_lemma(entry: dict[str, Any], path: Path, circuit: Circuit) -> Lemma:
    said = "same_as" if "same_as" in entry and "equals" not in entry else "equals"
    check_fields(entry, path, ("lemma", said))
    wire = circuit.wire(_wire(entry["lemma"], (*path, "lemma"), circuit))
    if said == "equals":
        return Lemma(wire, _number(entry["equals"], (*path, "equals")))
    return Lemma(wire, circuit.wire(_wire(entry["same_as"], (*path, "same_as"), circuit)))


def _read_point(entry: dict[str, Any], path: Path, circuit: Circuit) -> Point:
    check_fields(entry, path, ("point", "outputs"))
    inputs, outputs = entry["point"], entry["outputs"]
    if not isinstance(inputs, list):
        raise MisfitError((*path, "point"), "a list of numbers", shown(inputs))
    if not isinstance(outputs, dict):
        raise MisfitError((*path, "outputs"), "an object from output name to number", shown(outputs))
    numbers = [_number(number, (*path, "point", position)) for position, number in enumerate(inputs)]
    return Point(numbers, {name: _number(number, (*path, "outputs", name)) for name, number in outputs.items()})


def _read_cases(entry: dict[str, Any], path: Path, circuit: Circuit, depth: int) -> Cases:
    if depth == 0:
        raise MisfitError(path, f"at most {MAX_DEPTH} cases inside each other", "more")
    check_fields(entry, path, ("cases", "0", "1"))
    event = circuit.wire(_wire(entry["cases"], (*path, "cases"), circuit))
    return Cases(event, {int(case): read_claims(entry[case], (*path, case), circuit, _IN_CASES, depth - 1) for case in ("0", "1")})


_READERS: dict[str, Callable[[dict[str, Any], Path, Circuit], Claim]] = {
    "track": _read_track,
    "assert": _read_assert,
    "lemma": _read_lemma,
    "point": _read_point,
}

# -- what the readers share ------------------------------------------------------------------------------


def check_fields(given: dict[str, Any], path: Path, required: tuple[str, ...], optional: tuple[str, ...] = ()) -> None:
    """Refuse an object that lacks a field or has one too many.

    Raises:
        MisfitError: It does.
    """
    for field in required:
        if field not in given:
            raise MisfitError(path, f"a field {shown(field)}", "none")
    for field in given:
        if field not in required and field not in optional:
            raise MisfitError((*path, field), f"no fields but {', '.join((*required, *optional))}", shown(field))


def _wires(given: Any, path: Path, circuit: Circuit) -> tuple[int, ...]:
    if not isinstance(given, list):
        raise MisfitError(path, "a list of wires", shown(given))
    return tuple(_wire(wire, (*path, position), circuit) for position, wire in enumerate(given))


def _wire(given: Any, path: Path, circuit: Circuit) -> int:
    if isinstance(given, str):
        if given not in circuit.names:
            raise ArgumentError(f"circuit {circuit.name!r} has no wire named {shown(given)}")
        return circuit.names[given]
    if type(given) is not int:
        raise MisfitError(path, "a wire, by its name or its index", shown(given))
    if not 0 <= given < len(circuit):
        raise ArgumentError(f"circuit {circuit.name!r} has wires 0 to {len(circuit) - 1}, not {shown(given)}")
    return given


def _integer(entry: dict[str, Any], field: str, path: Path) -> int:
    if type(entry[field]) is not int:
        raise MisfitError((*path, field), "a whole number", shown(entry[field]))
    return int(entry[field])


def _number(given: Any, path: Path) -> float:
    if (type(given) is float or type(given) is int) and -_LARGEST <= given <= _LARGEST:
        return float(given)
    raise MisfitError(path, "a finite number", shown(given))
