"""Boolean circuits in the Berkeley Logic Interchange Format (``.blif``)."""

from __future__ import annotations

from heurest.circuit.circuit import Circuit
from heurest.formats.boolean_netlist import law_notices, legal_name, name_notices, netlist_from_circuit, signals

_LONGEST = 120  # characters of a line of signals


def blif_from_circuit(circuit: Circuit, notices: list[str] | None = None) -> str:
    """Return a boolean circuit as a flat BLIF netlist of ``.names`` with two operands.

    Inputs, outputs and named wires keep their names, as far as the format allows: blanks, brackets, commas, ``=``, ``#`` and backslashes
    become ``_``, and an output that would share its name with another signal gets a number. Gates that feed no output are left out, and
    so are the laws of the inputs, for which the format has no place.

    Args:
        circuit: A circuit whose inputs, outputs and what feeds them are boolean; it is not changed.
        notices: A list to which a line is added for whatever the file does not hold: laws, and names as they are.

    Raises:
        KindError: A wire is real; names it.

    Cost:
        About 5 microseconds a gate.

    Examples:
        >>> import heurest as hr
        >>> c = hr.Circuit("demo")
        >>> a, b = c.input(["a", "b"], hr.Bernoulli(0.5))
        >>> c.output("y", a & ~b)
        >>> print(blif_from_circuit(c), end="")
        .model demo
        .inputs a b
        .outputs y
        .names a b y
        10 1
        .end
    """
    netlist = netlist_from_circuit(circuit, ".blif")
    named = signals(netlist)
    if notices is not None:
        notices.extend(law_notices(circuit, ".blif") + name_notices(circuit, netlist, named))
    lines = [f".model {legal_name(circuit.name)}", *_listed(".inputs", named.inputs), *_listed(".outputs", named.outputs)]
    for node, (is_parity, left, right) in enumerate(netlist.gates, start=len(netlist.inputs) + 1):
        literal, name = named.nodes[node]
        (left_literal, left_name), (right_literal, right_name) = named.nodes[left >> 1], named.nodes[right >> 1]
        left_bit, right_bit = int(left_literal == left), int(right_literal == right)
        lines.append(f".names {left_name} {right_name} {name}")
        value = 1 - (literal & 1)
        if is_parity:
            lines += [f"{left_bit}{1 - right_bit} {value}", f"{1 - left_bit}{right_bit} {value}"]
        else:
            lines.append(f"{left_bit}{right_bit} {value}")
    for name, literal in named.others.items():
        if literal < 2:
            lines += [f".names {name}", *(["1"] if literal else [])]
        else:
            defined, operand = named.nodes[literal >> 1]
            lines += [f".names {operand} {name}", f"{int(defined == literal)} 1"]
    return "\n".join([*lines, ".end"]) + "\n"


def _listed(word: str, names: list[str]) -> list[str]:
    """Lines of a declaration, continued where they grow long."""
    lines, line = [], word
    for name in names:
        if len(line) + len(name) > _LONGEST:
            lines.append(line + " \\")
            line = ""
        line += f" {name}"
    return [*lines, line]
