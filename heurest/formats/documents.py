"""From the fields of a circuit document, of any JSON type, to a circuit: everything is checked, then everything is built."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from heurest.circuit.boolean_sums import boolean_sum_fault
from heurest.circuit.circuit import Circuit
from heurest.circuit.gates import AFFINE, AND, CONSTANT, INPUT, MULTIPLY, SQUARE
from heurest.circuit.laws import Law, law_from_dict
from heurest.errors import CircuitError
from heurest.formats.assembly import Parts, assemble, dense_layer
from heurest.formats.messages import shown

FORMAT = "heurest circuit"
VERSION = 1
FIELDS = ("format", "version", "name", "laws", "wires", "names", "outputs")

_LARGEST = float.fromhex("0x1.fffffffffffffp+1023")
_NUMBERS = {int, float}
_SHAPES = {
    "input": '["input", law] or ["input", law, "real"]',
    "constant": '["constant", number]',
    "affine": '["affine", bias, [operands], [coefficients]], and "boolean" at its end or nothing',
    "layer": '["layer", [operands], [[coefficients] for each wire], [biases]]',
    "multiply": '["multiply", operand, operand]',
    "square": '["square", operand]',
    "and": '["and", operand, operand]',
}


class MisfitError(Exception):
    """Something in a document is wrong; the reader of the file adds file and line.

    Attributes:
        path: Keys and indices that lead to it.
        expected: The rule.
        found: What stands there.
        wire: The wire that it would have made, where there is one.
    """

    def __init__(self, path: tuple[str | int, ...], expected: str, found: str, wire: int | None = None) -> None:
        super().__init__(path, expected, found, wire)
        self.path, self.expected, self.found, self.wire = path, expected, found, wire


def circuit_of(document: object) -> Circuit:
    """Return the circuit that a document describes.

    Args:
        document: What stands in the file, of any type; the fields are described in `circuit_json`.

    Raises:
        MisfitError: It breaks a rule; nothing else is raised.

    Cost:
        About 2 microseconds a wire.
    """
    if not isinstance(document, dict):
        raise MisfitError((), f'an object with "format": "{FORMAT}"', shown(document))
    if document.get("format") != FORMAT:
        found = shown(document["format"]) if "format" in document else "none"
        raise MisfitError(("format",) if "format" in document else (), f'"format": "{FORMAT}"', found)
    version = document.get("version")
    if type(version) is not int or version != VERSION:
        raise MisfitError(("version",) if "version" in document else (), f'"version": {VERSION}', shown(version))
    for field in FIELDS:
        if field not in document:
            raise MisfitError((), f"a field {shown(field)}", "none")
    for field in document:
        if field not in FIELDS:
            raise MisfitError((field,), f"no fields but {', '.join(FIELDS)}", shown(field))
    name = _name(document["name"], ("name",))
    for field, kind in (("laws", list), ("wires", list), ("names", dict), ("outputs", dict)):
        if not isinstance(document[field], kind):
            raise MisfitError((field,), "a list" if kind is list else "an object", shown(document[field]))
    reader = WireReader(_laws(document["laws"]), len(document["names"]))
    for number, entry in enumerate(document["wires"]):
        reader.add(entry, ("wires", number))
    parts = reader.parts
    parts.names, parts.outputs = _names(document["names"], reader), _wires_by_name(document["outputs"], "outputs", len(reader))
    return assemble(name, parts)


class WireReader:
    """Checks entries one by one and collects the columns of the circuit.

    Args:
        laws: The laws that inputs refer to by number.
        max_inputs: More inputs than this are refused: they could not all have names.
    """

    def __init__(self, laws: list[Law], max_inputs: int) -> None:
        self.laws, self.max_inputs = laws, max_inputs
        self.kinds = [law.boolean for law in laws]
        self.inputs: list[int] = []
        self.gate: list[int] = []
        self.boolean: list[bool] = []
        self.left: list[int] = []
        self.right: list[int] = []
        self.value: list[float] = []
        self.term_wire: list[int] = []
        self.term_coefficient: list[float] = []
        self.groups: list[tuple[Law, int]] = []
        self.layers: list[Any] = []
        self.path: tuple[str | int, ...] = ()
        self._handlers: dict[object, Callable[[list[Any]], None]] = {
            "input": self._input,
            "constant": self._constant,
            "affine": self._affine,
            "layer": self._layer,
            "multiply": self._multiply,
            "square": self._square,
            "and": self._and,
        }

    def __len__(self) -> int:
        return len(self.gate)

    @property
    def parts(self) -> Parts:
        """The columns so far."""
        columns = (self.gate, self.boolean, self.left, self.right, self.value, self.term_wire, self.term_coefficient)
        return Parts(*columns, groups=self.groups, layers=self.layers)

    def add(self, entry: object, path: tuple[str | int, ...]) -> None:
        """Take in one entry.

        Raises:
            MisfitError: It breaks a rule; ``path`` is the place it names.
        """
        self.path = path
        if not isinstance(entry, list) or not entry:
            raise self._misfit("a list that starts with the name of a gate", shown(entry))
        head = entry[0]
        handler = self._handlers.get(head) if isinstance(head, str) else None
        if handler is None:
            raise self._misfit(f"one of the gates {', '.join(_SHAPES)}", shown(head))
        handler(entry)

    def _misfit(self, expected: str, found: str) -> MisfitError:
        return MisfitError(self.path, expected, found, len(self.gate))

    def _misshapen(self, entry: list[Any]) -> MisfitError:
        return self._misfit(_SHAPES[entry[0]], shown(entry) if len(entry) > 1 else f"nothing after {shown(entry[0])}")

    def _append(self, gate: int, boolean: bool, left: int, right: int, value: float) -> None:
        self.gate.append(gate)
        self.boolean.append(boolean)
        self.left.append(left)
        self.right.append(right)
        self.value.append(value)

    # -- one method a gate -----------------------------------------------------------------------------

    def _input(self, entry: list[Any]) -> None:
        if len(entry) not in (2, 3) or (len(entry) == 3 and entry[2] != "real"):
            raise self._misshapen(entry)
        number = entry[1]
        if type(number) is not int or not 0 <= number < len(self.laws):
            raise self._misfit(_below("the number of a law", len(self.laws)), shown(number))
        law, kinds = self.laws[number], self.kinds[number]
        if len(self.inputs) + law.size > self.max_inputs:
            raise self._misfit('a name in "names" for every input', f"{self.max_inputs} names for more inputs")
        self.groups.append((law, len(self.gate)))
        for coordinate, kind in enumerate(kinds):
            self.inputs.append(len(self.gate))
            self._append(INPUT, kind and len(entry) == 2, len(self.groups) - 1, coordinate, 0.0)

    def _constant(self, entry: list[Any]) -> None:
        if len(entry) != 2:
            raise self._misshapen(entry)
        value = self._number(entry[1], "a finite number")
        self._append(CONSTANT, value in (0.0, 1.0), 0, 0, value)

    def _multiply(self, entry: list[Any]) -> None:
        a, b = self._pair(entry)
        self._append(MULTIPLY, self.boolean[a] and self.boolean[b], a, b, 0.0)

    def _and(self, entry: list[Any]) -> None:
        a, b = self._pair(entry)
        if not (self.boolean[a] and self.boolean[b]):
            raise self._misfit("boolean operands for and", f"the real wire {b if self.boolean[a] else a}")
        self._append(AND, True, a, b, 0.0)

    def _square(self, entry: list[Any]) -> None:
        if len(entry) != 2:
            raise self._fan_in(entry)
        a = entry[1]
        if type(a) is not int or not 0 <= a < len(self.gate):
            raise self._misfit(_below("an operand", len(self.gate)), shown(a))
        self._append(SQUARE, self.boolean[a], a, a, 0.0)

    def _affine(self, entry: list[Any]) -> None:
        boolean = len(entry) == 5
        if len(entry) not in (4, 5) or (boolean and entry[4] != "boolean"):
            raise self._misshapen(entry)
        bias = self._number(entry[1], "a finite bias")
        operands = self._operands(entry[2])
        coefficients = self._numbers(entry[3], len(operands), "coefficients")
        if boolean:
            self._check_boolean(bias, operands, coefficients)
        start = len(self.term_wire)
        self.term_wire += operands
        self.term_coefficient += coefficients
        self._append(AFFINE, boolean, start, start + len(operands), bias)

    def _layer(self, entry: list[Any]) -> None:
        if len(entry) != 4:
            raise self._misshapen(entry)
        operands, matrix = self._operands(entry[1]), entry[2]
        if not isinstance(matrix, list):
            raise self._misfit("a list of rows of coefficients", shown(matrix))
        bias = self._numbers(entry[3], len(matrix), "biases, one for each row of coefficients")
        rows = [self._numbers(row, len(operands), "coefficients in each row") for row in matrix]
        number, first = len(self.layers), len(self.gate)
        self.layers.append(dense_layer(rows, bias, operands, first))
        for row, offset in enumerate(bias):
            self._append(AFFINE, False, -1 - number, row, offset)

    # -- what they share -------------------------------------------------------------------------------

    def _pair(self, entry: list[Any]) -> tuple[int, int]:
        if len(entry) != 3:
            raise self._fan_in(entry)
        _, a, b = entry
        wires = len(self.gate)
        if type(a) is int and type(b) is int and 0 <= a < wires and 0 <= b < wires:
            return a, b
        wrong = b if type(a) is int and 0 <= a < wires else a
        raise self._misfit(_below("an operand", wires), shown(wrong))

    def _fan_in(self, entry: list[Any]) -> MisfitError:
        count = 1 if entry[0] == "square" else 2
        return self._misfit(f"{count} operand{'' if count == 1 else 's'} for {entry[0]}", f"{len(entry) - 1}")

    def _operands(self, given: object) -> list[int]:
        if not isinstance(given, list):
            raise self._misfit("a list of operands", shown(given))
        wires = len(self.gate)
        for wire in given:
            if type(wire) is not int or not 0 <= wire < wires:
                raise self._misfit(_below("an operand", wires), shown(wire))
        return given

    def _number(self, given: object, rule: str) -> float:
        if (type(given) is float or type(given) is int) and -_LARGEST <= given <= _LARGEST:
            return float(given)
        raise self._misfit(rule, shown(given))

    def _numbers(self, given: object, count: int, what: str) -> list[float]:
        if not isinstance(given, list) or len(given) != count:
            raise self._misfit(f"{count} {what}", f"{len(given)}" if isinstance(given, list) else shown(given))
        if not set(map(type, given)) <= _NUMBERS or not all(-_LARGEST <= number <= _LARGEST for number in given):
            for number in given:
                self._number(number, f"finite numbers as {what}")
        return list(map(float, given))

    def _check_boolean(self, bias: float, operands: list[int], coefficients: list[float]) -> None:
        for wire in operands:
            if not self.boolean[wire]:
                raise self._misfit("boolean operands for a boolean affine gate", f"the real wire {wire}")
        fault = boolean_sum_fault(bias, coefficients, operands, self.gate, self.left, self.right)
        if fault is not None:
            raise self._misfit("a sum that is always 0 or 1, as the gate is marked boolean", fault)


def _below(what: str, count: int) -> str:
    """The rule for an index."""
    if count == 0:
        return f"{what}, of which there is none yet"
    return f"{what}, an integer from 0 to {count - 1}"


def _laws(given: list[Any]) -> list[Law]:
    laws = []
    for number, data in enumerate(given):
        try:
            laws.append(law_from_dict(data))
        except CircuitError as error:
            raise MisfitError(("laws", number), "a law", f"a mistake ({error})") from None
    return laws


def _name(given: object, path: tuple[str | int, ...]) -> str:
    if not isinstance(given, str) or not given or not given.isprintable():
        raise MisfitError(path, "a non-empty name of printable characters", shown(given))
    return given


def _wires_by_name(given: Mapping[str, Any], field: str, wires: int) -> dict[str, int]:
    result: dict[str, int] = {}
    for name, wire in given.items():
        if type(wire) is not int or not 0 <= wire < wires:
            raise MisfitError((field, name), _below("a wire", wires).replace(" yet", ""), shown(wire))
        result[_name(name, (field, name))] = wire
    return result


def _names(given: Mapping[str, Any], reader: WireReader) -> dict[str, int]:
    names = _wires_by_name(given, "names", len(reader))
    owner: dict[int, str] = {}
    for name, wire in names.items():
        if wire in owner:
            raise MisfitError(("names", name), f"one name for wire {wire}, which is {shown(owner[wire])}", f"{shown(name)} too")
        owner[wire] = name
    for wire in reader.inputs:
        if wire not in owner:
            raise MisfitError(("names",), "a name for every input", f"none for wire {wire}")
    return names
