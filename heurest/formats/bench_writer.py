"""Boolean circuits as ISCAS netlists (``.bench``)."""

from __future__ import annotations

from heurest.circuit.circuit import Circuit
from heurest.formats.boolean_netlist import law_notices, name_notices, netlist_from_circuit, signals

_GATES = {(False, False): "AND", (False, True): "NAND", (True, True): "OR", (True, False): "NOR"}  # operands inverted, result inverted


def bench_from_circuit(circuit: Circuit, notices: list[str] | None = None) -> str:
    """Return a boolean circuit as a ``.bench`` netlist of two-operand gates.

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
        >>> c.output("y", ~(a & b))
        >>> print(bench_from_circuit(c), end="")
        # demo
        INPUT(a)
        INPUT(b)
        OUTPUT(y)
        y = NAND(a, b)
    """
    netlist = netlist_from_circuit(circuit, ".bench")
    named = signals(netlist)
    if notices is not None:
        notices.extend(law_notices(circuit, ".bench") + name_notices(circuit, netlist, named))
    lines = [f"# {circuit.name}"]
    lines += [f"INPUT({name})" for name in named.inputs] + [f"OUTPUT({name})" for name in named.outputs]
    inverse = {literal: name for name, literal in named.others.items()}
    taken = {*named.inputs, *named.outputs, *(name for _, name in named.nodes), *named.others}
    negations = []

    def read(literal: int) -> str:
        """The signal that holds a literal; for one that no line defines, a NOT is added."""
        defined, name = named.nodes[literal >> 1]
        if defined == literal:
            return name
        if literal not in inverse:
            inverse[literal] = f"{name}_not"
            while inverse[literal] in taken:
                inverse[literal] += "_"
            taken.add(inverse[literal])
            negations.append(f"{inverse[literal]} = NOT({name})")
        return inverse[literal]

    for node, (is_parity, left, right) in enumerate(netlist.gates, start=len(netlist.inputs) + 1):
        literal, name = named.nodes[node]
        (left_literal, left_name), (right_literal, right_name) = named.nodes[left >> 1], named.nodes[right >> 1]
        left_not, right_not = left_literal != left, right_literal != right
        if is_parity:
            gate = "XNOR" if (literal & 1) ^ left_not ^ right_not else "XOR"
        elif left_not and right_not:
            gate = _GATES[True, bool(literal & 1)]
        else:
            gate = _GATES[False, bool(literal & 1)]
            left_name, right_name = read(left), read(right)
        lines.append(f"{name} = {gate}({left_name}, {right_name})")
    lines += negations
    for name, literal in named.others.items():
        if literal < 2:
            lines.append(f"{name} = {'vdd' if literal else 'gnd'}")
        else:
            defined, operand = named.nodes[literal >> 1]
            lines.append(f"{name} = {'BUFF' if defined == literal else 'NOT'}({operand})")
    return "\n".join(lines) + "\n"
