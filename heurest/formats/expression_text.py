"""Circuits as lines of polynomials (``.sym``), to read, to write by hand and to paste into sympy.

For example::

    # heurest expressions, version 1
    circuit demo
    input x ~ {"law": "normal", "mean": 0.0, "std": 1.0}
    input u, v ~ {"law": "multivariate_normal", "mean": [0.0, 0.0], "cov": [[1.0, 0.5], [0.5, 1.0]]}
    let s = x + 2*u
    z = s**2*(1 - v)
    w = s

``input`` gives inputs their law, ``let`` names a wire, every other line is an output; names are defined before they are used, and names
of outputs are not used at all. Expressions know ``+ - * **``, parentheses, numbers and names; exponents are numbers. A name that is
not a word (with ``[0]`` and the like at its end) stands in double quotes, as in JSON. Lines that start with ``#`` are comments.

Sums become affine gates, what occurs twice becomes one wire, and a sum over boolean wires that can only be 0 or 1 becomes boolean. So
reading back what was written gives the same polynomials, up to rounding, but not always the same gates; JSON does.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from heurest.circuit.circuit import Circuit
from heurest.circuit.laws import law_from_dict
from heurest.circuit.validation import checked_name
from heurest.errors import CircuitError, FormatError
from heurest.formats.expression_parser import NAME, ExpressionParser, Tokens, is_word
from heurest.formats.expression_writer import definitions
from heurest.formats.json_text import parse_json, quoted
from heurest.formats.messages import format_error, shown, shown_text
from heurest.formats.polynomials import PolynomialBuilder, PolynomialError

HEADER = "# heurest expressions, version 1"
_HEADER = re.compile(r"# heurest expressions, version (.*)")


def text_from_circuit(circuit: Circuit) -> str:
    """Return a circuit as lines of polynomials.

    Args:
        circuit: Any circuit.

    Returns:
        Text that ends with a line break; a wire that is read more than once, has a name or would make a line long is a ``let`` line.

    Cost:
        A few microseconds an operand.

    Examples:
        >>> import heurest as hr
        >>> c = hr.Circuit("demo")
        >>> x = c.input("x", hr.Normal(0, 1))
        >>> c.output("z", (x + 1) * x - 3)
        >>> print(text_from_circuit(c), end="")
        # heurest expressions, version 1
        circuit demo
        input x ~ {"law": "normal", "mean": 0.0, "std": 1.0}
        z = (x + 1)*x - 3
    """
    lines = [HEADER, f"circuit {written_name(circuit.name)}"]
    for group in circuit.groups:
        names = ", ".join(written_name(str(circuit.wire_name(wire))) for wire in group.wires)
        lines.append(f"input {names} ~ {json.dumps(group.law.to_dict())}")
    lines += definitions(circuit, written_name)
    return "\n".join(lines) + "\n"


def circuit_from_text(text: str, source: str = "text", name: str = "circuit") -> Circuit:
    r"""Return the circuit of lines of polynomials.

    Args:
        text: The lines.
        source: What messages call it.
        name: Name of the circuit if there is no ``circuit`` line.

    Returns:
        A circuit that can be changed.

    Raises:
        FormatError: A line is none of those described above. Names source and line, what was expected and what stands there.

    Cost:
        About 50 microseconds a gate.

    Examples:
        >>> circuit_from_text('input x ~ {"law": "sign"}\ny = (x + 1)**2 - x')
        <Circuit 'circuit': 1 input, 3 gates, 1 output>
        >>> circuit_from_text('y = x/2')
        Traceback (most recent call last):
            ...
        heurest.errors.FormatError: text, line 1: expected a name that is defined above, found "x"
    """
    reader = _Reader(name)
    for number, line in enumerate(text.split("\n"), start=1):
        where = f"{source}, line {number}"
        header = _HEADER.fullmatch(line.strip()) if number == 1 else None
        if header is not None and header[1] != "1":
            raise format_error(where, "version 1", shown_text(header[1]))
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        try:
            reader.read(Tokens(line), where)
        except PolynomialError as error:
            raise format_error(where, error.expected, error.found) from None
        except CircuitError as error:
            raise FormatError(f"{where}: {error}") from None
    return reader.circuit


class _Reader:
    """The circuit so far and the names that expressions may use."""

    def __init__(self, name: str) -> None:
        self.circuit = Circuit(name)
        self.is_named = False
        self.build = PolynomialBuilder(self.circuit)
        self.known: dict[str, int] = {}
        self.keywords: dict[str, Callable[[Tokens, str], None]] = {"circuit": self._circuit, "input": self._input, "let": self._let}

    def read(self, tokens: Tokens, where: str) -> None:
        """Take in one line; ``where`` names it in messages about the JSON in it."""
        keyword = self.keywords.get(tokens.current.text)
        if keyword is not None and tokens.following.kind == NAME:
            tokens.advance()
            keyword(tokens, where)
            return
        name = tokens.name("a line 'name = expression', 'input ...', 'let ...' or 'circuit ...'")
        self.circuit.output(name, self.circuit.wire(self._expression(tokens)))

    def _circuit(self, tokens: Tokens, where: str) -> None:
        if self.is_named:
            raise PolynomialError("one 'circuit' line", "another")
        self.circuit.name = checked_name(tokens.name("a name"), "a circuit")
        self.is_named = True
        tokens.end()

    def _input(self, tokens: Tokens, where: str) -> None:
        names = [tokens.name("a name")]
        while tokens.at(","):
            tokens.advance()
            names.append(tokens.name("a name"))
        start = tokens.symbol("~").stop
        law = law_from_dict(parse_json(tokens.line[start:], f"{where}, after '~'"))
        if law.size != len(names):
            raise PolynomialError(f"{law.size} names, as {law.name} governs {law.size}", f"{len(names)}")
        self._check_new(names)
        wires = self.circuit.input(names, law)
        self.known.update(zip(names, wires.index.tolist(), strict=True))

    def _let(self, tokens: Tokens, where: str) -> None:
        name = tokens.name("a name")
        self._check_new([name])
        wire = self._expression(tokens)
        if self.circuit.wire_name(wire) is None:
            self.circuit.set_name(self.circuit.wire(wire), name)
        self.known[name] = wire

    def _check_new(self, names: list[str]) -> None:
        for name in names:
            if name in self.known:
                raise PolynomialError("a new name", shown(name))

    def _expression(self, tokens: Tokens) -> int:
        tokens.symbol("=")
        form = ExpressionParser(tokens, self.build, self.known).sum()
        tokens.end()
        return self.build.wire(form)


def written_name(name: str) -> str:
    """A name as the lines write it: in quotes where it is not a word."""
    return name if is_word(name) else quoted(name)
