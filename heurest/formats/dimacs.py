"""Boolean circuits as formulas in conjunctive normal form (DIMACS ``.cnf``)."""

from __future__ import annotations

from heurest.circuit.circuit import Circuit
from heurest.formats.boolean_netlist import law_notices, netlist_from_circuit


def dimacs_from_circuit(circuit: Circuit, assert_outputs: bool = False, notices: list[str] | None = None) -> str:
    """Return a boolean circuit as a formula with a variable for each input and gate: Tseitin's transformation.

    The variables of the inputs come first, in order. Each gate is described by clauses that leave its variable one value, so the models of
    the formula are the settings of the inputs, each with the values of the gates. Comments say which variable an input is, ``c input 1 a``,
    and which literal an output is, ``c output -7 y`` for the inverse of variable 7. Gates that feed no output are left out.

    Source: G. S. Tseitin, "On the complexity of derivation in propositional calculus", 1968.

    Args:
        circuit: A circuit whose inputs, outputs and what feeds them are boolean; it is not changed.
        assert_outputs: Add for each output a clause which says that it is 1, so that the models are the settings of the inputs that make
            all outputs 1.
        notices: A list to which a line is added if inputs have laws, which the file does not hold.

    Raises:
        KindError: A wire is real; names it.

    Cost:
        About 4 microseconds a gate.

    Examples:
        >>> import heurest as hr
        >>> c = hr.Circuit("demo")
        >>> a, b = c.input(["a", "b"], hr.Bernoulli(0.5))
        >>> c.output("y", ~(a & b))
        >>> print(dimacs_from_circuit(c, assert_outputs=True), end="")
        c circuit demo
        c input 1 a
        c input 2 b
        c output -3 y
        p cnf 3 4
        -3 1 0
        -3 2 0
        3 -1 -2 0
        -3 0
    """
    netlist = netlist_from_circuit(circuit, ".cnf")
    if notices is not None:
        notices.extend(law_notices(circuit, ".cnf"))
    variables = len(netlist.inputs) + len(netlist.gates)
    clauses: list[str] = []
    for result, (is_parity, left, right) in enumerate(netlist.gates, start=len(netlist.inputs) + 1):
        a, b = _literal(left), _literal(right)
        if is_parity:
            clauses += [f"{-result} {a} {b} 0", f"{-result} {-a} {-b} 0", f"{result} {-a} {b} 0", f"{result} {a} {-b} 0"]
        else:
            clauses += [f"{-result} {a} 0", f"{-result} {b} 0", f"{result} {-a} {-b} 0"]
    lines = [f"c circuit {circuit.name}"]
    lines += [f"c input {variable} {name}" for variable, name in enumerate(netlist.inputs, start=1)]
    if any(literal < 2 for literal in netlist.outputs.values()):
        variables += 1
        clauses.append(f"{-variables} 0")  # the constant 0
    constant = -variables  # where some output is a constant, the literal that is 1
    outputs = {
        name: _literal(literal) if literal >= 2 else (constant if literal else -constant) for name, literal in netlist.outputs.items()
    }
    lines += [f"c output {literal} {name}" for name, literal in outputs.items()]
    if assert_outputs:
        clauses += [f"{literal} 0" for literal in outputs.values()]
    return "\n".join([*lines, f"p cnf {variables} {len(clauses)}", *clauses]) + "\n"


def _literal(literal: int) -> int:
    """The signed variable of a literal of the netlist."""
    return -(literal >> 1) if literal & 1 else literal >> 1
