"""Every exception that heurest raises on purpose, one class a kind of mistake."""

from __future__ import annotations


class HeurestError(Exception):
    """Base class: catching it catches every documented error of the package."""


class CircuitError(HeurestError, ValueError):
    """A circuit cannot be built, changed or used as asked: a gate, law, name, output or wire is wrong."""


class KindError(CircuitError, TypeError):
    """A real wire stands where a boolean one is needed, or the other way round."""


class FormatError(HeurestError, ValueError):
    """A file does not hold what its format prescribes: names the file, the line, what was expected and what stands there."""


class ArgumentError(HeurestError, ValueError):
    """A method, an option or a heuristic argument is not one that heurest knows or can accept."""


class IntractableError(HeurestError, RuntimeError):
    """The answer needs more memory, points or terms than are allowed: names what is needed and what there is."""
