"""Method specifications: one text form for every estimator, the same in Python and on the command line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from heurest.arguments.argument import Argument
from heurest.arguments.claims import Claim
from heurest.arguments.estimation import estimate_with
from heurest.circuit.circuit import Circuit
from heurest.errors import ArgumentError
from heurest.estimators.base import Estimator, Progress
from heurest.estimators.clamped import ClampedCovariance
from heurest.estimators.cop import Cop
from heurest.estimators.correlation import Correlation
from heurest.estimators.cumulant import Cumulant
from heurest.estimators.maxent import MaximumEntropy
from heurest.estimators.mean import Mean
from heurest.estimators.reductant import Reductant
from heurest.estimators.windowed import Windowed
from heurest.results import Estimate
from heurest.truth.sampling import Sampling


@dataclass(frozen=True)
class Method:
    """A row of the table of methods.

    Attributes:
        name: First word of a specification.
        make: The estimator's class.
        parameters: Parameters in order, with the type of each; the first may be given without its name.
        help: One sentence for help texts and documentation.
    """

    name: str
    make: Callable[..., Estimator]
    parameters: Mapping[str, type]
    help: str

    @property
    def usage(self) -> str:
        """How a specification is written, such as ``cumulant[:order][:expansion=...]``."""
        named = [f"[:{name}]" if i == 0 else f"[:{name}=...]" for i, name in enumerate(self.parameters)]
        return self.name + "".join(named)


#: The methods by name; a new one is one more row.
METHODS: dict[str, Method] = {
    row.name: row
    for row in (
        Method("mean", Mean, {}, "Means only: every product is presumed to be of independent operands."),
        Method(
            "cumulant", Cumulant, {"order": int, "expansion": str}, "Joint cumulants up to an order; order 2 is covariance propagation."
        ),
        Method(
            "reductant",
            Reductant,
            {"order": int, "degree": int, "completion": str, "retain": int},
            "Joint tables of distinct wires on a few points each; the most accurate at the cost of pairs.",
        ),
        Method("cop", Cop, {}, "Signal probabilities of 0/1 wires with every gate's operands presumed independent; P(0) kept apart."),
        Method("correlation", Correlation, {"clamp": str}, "Correlation coefficients of pairs of 0/1 wires, clamped to two-way bounds."),
        Method("covariance", ClampedCovariance, {}, "Covariance propagation of 0/1 wires, every pair clamped to two-way bounds."),
        Method(
            "windowed",
            Windowed,
            {"partners": int},
            "0/1 circuits: covariances of every wire with its closest others only, for a million gates; 0 partners are independence.",
        ),
        Method(
            "maxent",
            MaximumEntropy,
            {"max_assignments": int},
            "Maximum entropy over all wires, as a baseline for small circuits; dead gates move it.",
        ),
        Method("mc", Sampling, {"samples": int, "seed": int}, "Plain Monte Carlo, as a baseline; its standard error is a warning line."),
    )
}


def parse_method(spec: str | Estimator) -> Estimator:
    """The estimator that a specification names.

    A specification is a name, then parameters after colons or commas: ``mean``, ``cumulant:3``,
    ``cumulant:2:expansion=layer``, ``mc:100000``. An estimator object is handed back as it is.

    Args:
        spec: The specification.

    Raises:
        ArgumentError: The name or a parameter is unknown, or a value is not acceptable; the message lists what is.

    Examples:
        >>> parse_method("cumulant:3").spec
        'cumulant:3:expansion=node'
    """
    if not isinstance(spec, str):
        if hasattr(spec, "estimate") and hasattr(spec, "spec") and not isinstance(spec, type):
            return spec
        raise ArgumentError(f"a method must be a specification such as 'cumulant:2' or an estimator, got {spec!r}")
    name, *rest = spec.strip().split(":")
    if name not in METHODS:
        raise ArgumentError(f"unknown method {name!r}; known are {', '.join(row.usage for row in METHODS.values())}")
    method = METHODS[name]
    chosen: dict[str, Any] = {}
    for i, part in enumerate(part for piece in rest for part in piece.split(",")):
        key, equals, text = part.partition("=")
        if not equals:
            if i > 0 or not method.parameters:
                raise ArgumentError(f"method {spec!r}: cannot read {part!r}; write {method.usage}")
            key, text = next(iter(method.parameters)), part
        if key not in method.parameters:
            raise ArgumentError(f"method {spec!r}: {name} has no parameter {key!r}; write {method.usage}")
        if key in chosen:
            raise ArgumentError(f"method {spec!r}: parameter {key!r} is given twice")
        chosen[key] = _value(spec, key, text, method.parameters[key])
    return method.make(**chosen)


def estimate(
    circuit: Circuit,
    method: str | Estimator | None = None,
    *,
    argument: Argument | Iterable[Claim] | None = None,
    keep_dead: bool = False,
    max_memory: int | None = None,
    progress: Progress | None = None,
) -> Estimate:
    """Estimate the expected outputs of a circuit from its structure.

    Args:
        circuit: A circuit with outputs; it is frozen by this.
        method: A specification such as ``mean`` or ``cumulant:3``, or an estimator; by default ``cumulant:2``.
        argument: A heuristic argument to follow instead of a method: what it tracks and states, everything else presumed zero.
        keep_dead: Propagate through wires that feed no output, too.
        max_memory: Bytes that may be used; by default what is free.
        progress: Called now and then as ``progress(done, total, what)`` by methods that take long.

    Returns:
        The estimate; what casts doubt on it stands in ``.warnings``. Nothing is clipped.

    Raises:
        ArgumentError: The method is not one that is known, both a method and an argument are given, or a claim does not fit.
        CircuitError: The circuit has no output.
        IntractableError: The memory does not suffice.

    Examples:
        >>> import heurest as hr
        >>> c = hr.Circuit("demo")
        >>> x = c.input("x", hr.Normal(0, 1)); y = c.input("y", hr.Uniform(-1, 1))
        >>> c.output("z", (x + 2 * y) * x)
        >>> hr.estimate(c, "mean").value, hr.estimate(c, "cumulant:2").value
        ({'z': 0.0}, {'z': 1.0})
    """
    if argument is not None:
        if method is not None:
            raise ArgumentError(f"estimate takes a method or an argument, not both: got {method!r} and an argument")
        return estimate_with(circuit, argument, keep_dead=keep_dead, max_memory=max_memory)
    estimator = parse_method("cumulant:2" if method is None else method)
    if progress is None:
        return estimator.estimate(circuit, keep_dead=keep_dead, max_memory=max_memory)
    return estimator.estimate(circuit, keep_dead=keep_dead, max_memory=max_memory, progress=progress)


def _value(spec: str, key: str, text: str, kind: type) -> Any:
    if kind is not int:
        return text
    try:
        return int(text.replace("_", ""))
    except ValueError:
        raise ArgumentError(f"method {spec!r}: {key} must be an integer, got {text!r}") from None
