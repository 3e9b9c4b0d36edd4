"""Tokens and grammar of the expressions in ``.sym`` lines; nothing is ever evaluated as Python."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from heurest.formats.messages import shown, shown_text
from heurest.formats.polynomials import Form, PolynomialBuilder, PolynomialError

NAME, NUMBER, SYMBOL, OTHER, END = "name", "number", "symbol", "other", "end"

_MAX_LEVELS = 60
_WORD = r"[^\W\d]\w*(?:\[[0-9]+\])*"
_TOKEN = re.compile(
    rf"""\s*(?:
      (?P<word>{_WORD})
    | (?P<quoted>"(?:[^"\\]|\\.)*")
    | (?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
    | (?P<symbol>\*\*|[-+*()=,~])
    )""",
    re.VERBOSE,
)


@dataclass(frozen=True)
class Token:
    """A piece of a line: what it is, what it says, where it starts and stops."""

    kind: str
    text: str
    start: int
    stop: int


class Tokens:
    """A line, token by token.

    Args:
        line: The line. From the first character on that starts no token, the rest is one token of kind ``OTHER``.

    Raises:
        PolynomialError: A quoted name is not as in JSON.
    """

    def __init__(self, line: str) -> None:
        self.line = line
        self._tokens: list[Token] = []
        self._place = 0
        start = 0
        while match := _TOKEN.match(line, start):
            group = str(match.lastgroup)
            text = _unquoted(match[group]) if group == "quoted" else match[group]
            self._tokens.append(Token(NAME if group in ("word", "quoted") else group, text, match.start(group), match.end()))
            start = match.end()
        if line[start:].strip():
            self._tokens.append(Token(OTHER, line[start:], start, len(line)))
        self._tokens.append(Token(END, "", len(line), len(line)))

    @property
    def current(self) -> Token:
        """The token that comes now."""
        return self._tokens[self._place]

    @property
    def following(self) -> Token:
        """The token after it."""
        return self._tokens[min(self._place + 1, len(self._tokens) - 1)]

    def advance(self) -> Token:
        """Go on to the next token; returns the one passed."""
        passed = self.current
        self._place = min(self._place + 1, len(self._tokens) - 1)
        return passed

    def at(self, *symbols: str) -> bool:
        """Whether one of these symbols comes now."""
        return self.current.kind == SYMBOL and self.current.text in symbols

    def name(self, expected: str) -> str:
        """Pass a name and return it."""
        if self.current.kind != NAME:
            raise self.misfit(expected)
        return self.advance().text

    def symbol(self, symbol: str) -> Token:
        """Pass a symbol."""
        if not self.at(symbol):
            raise self.misfit(f"'{symbol}'")
        return self.advance()

    def end(self) -> None:
        """Nothing is left."""
        if self.current.kind != END:
            raise self.misfit("an operator or the end of the line")

    def misfit(self, expected: str) -> PolynomialError:
        """The error for the current token."""
        return PolynomialError(expected, "the end of the line" if self.current.kind == END else shown_text(self.line[self.current.start :]))


def is_word(name: str) -> bool:
    """Whether a name needs no quotes."""
    return re.fullmatch(_WORD, name) is not None


def _unquoted(text: str) -> str:
    try:
        return str(json.loads(text))
    except ValueError:
        raise PolynomialError("a name in quotes as in JSON", shown_text(text)) from None


class ExpressionParser:
    """Passes an expression and builds its products; sums stay forms until a gate needs them.

    Args:
        tokens: The line, at the start of the expression.
        build: Makes the gates.
        known: Wire of every name that can be used.
    """

    def __init__(self, tokens: Tokens, build: PolynomialBuilder, known: Mapping[str, int]) -> None:
        self.tokens, self.build, self.known = tokens, build, known
        self.level = 0

    def sum(self) -> Form:
        """Products with ``+`` and ``-`` between.

        Raises:
            PolynomialError: The tokens are no expression, a name is unknown, or a number is out of range.
        """
        terms = [self._product()]
        while self.tokens.at("+", "-"):
            negative = self.tokens.advance().text == "-"
            term = self._product()
            terms.append(self.build.scaled(term, -1.0) if negative else term)
        return self.build.total(terms)

    def _product(self) -> Form:
        sign = self._sign()  # here and not at the first factor, so that -x*y is the opposite of one product
        factors = [self._power()]
        while self.tokens.at("*"):
            self.tokens.advance()
            factors.append(self._power())
        return self.build.scaled(self.build.product(factors), sign)

    def _power(self) -> Form:
        self.level += 1
        if self.level > _MAX_LEVELS:
            raise PolynomialError(f"at most {_MAX_LEVELS} expressions inside each other", "more")
        sign = self._sign()
        base = self._atom()
        if self.tokens.at("**"):
            self.tokens.advance()
            misfit = self.tokens.misfit("an exponent that is an integer of at least 0")
            exponent = self._power()
            if not exponent.is_constant or not exponent.bias.is_integer() or exponent.bias < 0.0:
                raise misfit
            base = self.build.power(base, int(exponent.bias))
        self.level -= 1
        return self.build.scaled(base, sign)

    def _sign(self) -> float:
        sign = 1.0
        while self.tokens.at("+", "-"):
            sign = -sign if self.tokens.advance().text == "-" else sign
        return sign

    def _atom(self) -> Form:
        token = self.tokens.current
        if token.kind == NUMBER:
            self.tokens.advance()
            return self.build.number(float(token.text))
        if token.kind == NAME:
            if token.text not in self.known:
                raise PolynomialError("a name that is defined above", shown(token.text))
            self.tokens.advance()
            return self.build.form(self.known[token.text])
        if not self.tokens.at("("):
            raise self.tokens.misfit("a number, a name or '('")
        self.tokens.advance()
        inner = self.sum()
        self.tokens.symbol(")")
        return inner
