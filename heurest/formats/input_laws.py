"""New laws for the inputs of a circuit: from a mapping, a file, or options; netlists come with fair independent bits only."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from numbers import Real
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from heurest.circuit.gates import AFFINE, CONSTANT, INPUT
from heurest.circuit.laws import Bernoulli, Law, law_from_dict
from heurest.circuit.storage import IntArray, Layer
from heurest.circuit.validation import input_kinds
from heurest.errors import CircuitError, FormatError
from heurest.formats.assembly import Parts, assemble
from heurest.formats.json_text import parse_json
from heurest.formats.messages import decoded, format_error, shown
from heurest.formats.whole_files import displayed, reason

if TYPE_CHECKING:
    from heurest.circuit.circuit import Circuit

#: The name that stands for all inputs that are not named.
OTHERS = "*"


def with_laws(circuit: Circuit, laws: Mapping[str | tuple[str, ...], Law | float]) -> Circuit:
    """Return a copy of a circuit whose inputs follow other laws.

    Args:
        circuit: Any circuit with named inputs.
        laws: By the name of an input its law, or of a boolean one its P(1); by a tuple of names a joint law of them, in that order.
            ``"*"`` stands for all inputs that are not named.

    Returns:
        A circuit that can be changed. Its wires keep their numbers, unless a joint law brings inputs together that stand apart: then
        all inputs come first.

    Raises:
        CircuitError: An input is unknown or named twice, a law has another number of coordinates, or takes values that a boolean
            input cannot; or only some inputs of a joint law are given another one.

    Cost:
        One copy of the circuit.

    Examples:
        >>> import heurest as hr
        >>> c = hr.Circuit("and")
        >>> x, y = c.input("x", hr.Bernoulli(0.5)), c.input("y", hr.Bernoulli(0.5))
        >>> c.output("o", x & y)
        >>> hr.exact(with_laws(c, {"x": 0.9})).value
        {'o': 0.45}
        >>> both = hr.JointDiscrete([[0, 0], [1, 1]], [0.5, 0.5])
        >>> hr.exact(with_laws(c, {("x", "y"): both})).value
        {'o': 0.5}
    """
    group_of: dict[int, tuple[Law, tuple[int, ...]]] = {wire: (group.law, group.wires) for group in circuit.groups for wire in group.wires}
    given: set[int] = set()
    for names, law in _listed(circuit, laws):
        wires = tuple(_input(circuit, name) for name in names)
        for wire, name in zip(wires, names, strict=True):
            if wire in given:
                raise CircuitError(f"input {name!r} is given a law twice")
            given.add(wire)
        law = _law(law, names)
        if law.size != len(wires):
            raise CircuitError(f"inputs {', '.join(names)}: the law is of {law.size} coordinates, but {len(wires)} inputs are named")
        for wire, name, boolean in zip(wires, names, input_kinds(law, None, names[0]).tolist(), strict=True):
            if circuit.boolean[wire] and not boolean:
                raise CircuitError(f"input {name!r} is boolean, but law {law.name} takes values other than 0 and 1")
        group_of |= dict.fromkeys(wires, (law, wires))
    for group in circuit.groups:
        kept = [wire for wire in group.wires if group_of[wire] == (group.law, group.wires)]
        if kept and len(kept) < len(group.wires):
            raise CircuitError(
                f"input {circuit.wire_name(kept[0])!r} is drawn jointly with others that are given another law: give all of them one"
            )
    groups = list({wires: law for law, wires in group_of.values()}.items())
    return _rebuilt(circuit, groups)


def read_laws(path: str | os.PathLike[str]) -> dict[str | tuple[str, ...], Law | float]:
    """Read laws for `with_laws` from a JSON file.

    The file holds one object. A key is the name of an input, several names with commas between for a joint law, or ``*`` for all
    others. A value is P(1), or a law as in circuit files, such as ``{"law": "bernoulli", "p": 0.9}``.

    Raises:
        FormatError: The file cannot be read or does not hold that; names the file and the input.
    """
    source = displayed(path)
    try:
        data = parse_json(decoded(Path(path).read_bytes(), source), source)
    except (OSError, ValueError) as error:
        raise FormatError(f"{source}: cannot be read: {reason(error)}") from error
    if not isinstance(data, dict):
        raise format_error(source, 'an object such as {"x": 0.9}', shown(data))
    laws: dict[str | tuple[str, ...], Law | float] = {}
    for key, value in data.items():
        names = tuple(part.strip() for part in key.split(","))
        try:
            law: Law | float = law_from_dict(value) if isinstance(value, dict) else _law(value, names)
        except CircuitError as error:
            raise FormatError(f"{source}: {key}: {error}") from None
        laws[names if len(names) > 1 else names[0]] = law
    return laws


def _listed(circuit: Circuit, laws: Mapping[str | tuple[str, ...], Law | float]) -> Iterable[tuple[tuple[str, ...], Law | float]]:
    named = {key if isinstance(key, tuple) else (key,): law for key, law in laws.items()}
    others = named.pop((OTHERS,), None)
    yield from named.items()
    if others is not None:
        taken = {name for names in named for name in names}
        for wire in circuit.inputs:
            if wire.name is not None and wire.name not in taken:
                yield (wire.name,), others


def _input(circuit: Circuit, name: str) -> int:
    inputs = [wire.name for wire in circuit.inputs if wire.name is not None] if name not in circuit.names else []
    wire = circuit.names.get(name, -1)
    if wire < 0 or circuit.gate[wire] != INPUT:
        near = get_close_matches(name, inputs, 1)
        raise CircuitError(f"circuit {circuit.name!r} has no input {name!r}" + (f"; did you mean {near[0]!r}?" if near else ""))
    return int(wire)


def _law(law: object, names: tuple[str, ...]) -> Law:
    if isinstance(law, Law):
        return law
    if isinstance(law, bool) or not isinstance(law, Real) or not 0.0 <= float(law) <= 1.0:
        raise CircuitError(f"input {', '.join(names)}: expected a law, or a probability from 0 to 1, got {shown(law)}")
    return Bernoulli(float(law))


def _rebuilt(circuit: Circuit, groups: list[tuple[tuple[int, ...], Law]]) -> Circuit:
    """The circuit with other groups of inputs; inputs are moved to the front if a group's do not stand side by side in order."""
    n = len(circuit)
    together = all(wires == tuple(range(wires[0], wires[0] + len(wires))) for wires, _ in groups)
    groups = sorted(groups) if together else groups
    source: IntArray = np.arange(n)
    if not together:
        inputs = np.array([wire for wires, _ in groups for wire in wires], np.int64)
        source = np.concatenate([inputs, np.setdiff1d(np.arange(n), inputs)])
    place = np.empty(n, np.int64)
    place[source] = np.arange(n)
    gate = circuit.gate[source]
    left, right = circuit.left[source].copy(), circuit.right[source].copy()
    products = ~np.isin(gate, (INPUT, AFFINE, CONSTANT))
    left[products], right[products] = place[left[products]], place[right[products]]
    for number, (wires, _) in enumerate(groups):
        left[place[list(wires)]], right[place[list(wires)]] = number, np.arange(len(wires))
    layers = [Layer(layer.matrix, layer.bias, place[layer.operands], int(place[layer.first])) for layer in circuit.layers]
    parts = Parts(
        gate=gate,
        boolean=circuit.boolean[source],
        left=left,
        right=right,
        value=circuit.value[source],
        term_wire=place[circuit.term_wire],
        term_coefficient=circuit.term_coefficient,
        groups=[(law, int(place[wires[0]])) for wires, law in groups],
        layers=layers,
        names={name: int(place[wire]) for name, wire in circuit.names.items()},
        outputs={name: int(place[wire.index]) for name, wire in circuit.outputs.items()},
    )
    return assemble(circuit.name, parts)
