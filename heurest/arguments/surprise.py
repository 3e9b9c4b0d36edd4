"""Total surprise: the length of an argument plus what observations cost when it is believed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import inf, log, log1p, log2
from typing import Any

import numpy as np

from heurest.arguments.argument import Argument
from heurest.circuit.circuit import Circuit
from heurest.errors import ArgumentError
from heurest.results import finite_or_none

# An estimate that passes 0 or 1 by no more than this does so by rounding.
_ROUNDING = 1e-12


@dataclass(frozen=True)
class Surprise:
    """What an argument and the observations it explains cost together, in bits.

    Attributes:
        claim_bits: Length of the argument: see `heurest.arguments.length.claim_bits`.
        observation_bits: Sum of -log2 P(observation), infinite where something was observed that had probability 0.
        observations: How many observations there are, over all outputs.
        probability: Estimated probability of 1, by output name.

    Raises:
        ArgumentError: A number of bits or of observations is negative or no number, or a probability is outside [0, 1].

    Examples:
        >>> Surprise(38.0, 0.0, 256, {"y": 1.0}).total
        38.0
    """

    claim_bits: float
    observation_bits: float
    observations: int
    probability: dict[str, float]

    def __post_init__(self) -> None:
        for field in ("claim_bits", "observation_bits", "observations"):
            if not getattr(self, field) >= 0:
                raise ArgumentError(f"a surprise: {field} must be a number of at least 0, got {getattr(self, field)!r}")
        for name, probability in self.probability.items():
            if not 0.0 <= probability <= 1.0:
                raise ArgumentError(f"a surprise: the probability of output {name!r} must lie in [0, 1], got {probability!r}")

    @property
    def total(self) -> float:
        """Bits for the argument and the observations together."""
        return self.claim_bits + self.observation_bits

    @property
    def coin_bits(self) -> float:
        """What a fair coin costs, which claims nothing: one bit an observation."""
        return float(self.observations)

    def to_dict(self) -> dict[str, Any]:
        """The result ready for JSON; numbers that are not finite become ``None``."""
        return {
            "claim_bits": finite_or_none(self.claim_bits),
            "observation_bits": finite_or_none(self.observation_bits),
            "total": finite_or_none(self.total),
            "coin_bits": self.coin_bits,
            "observations": self.observations,
            "probability": dict(self.probability),
        }

    def __str__(self) -> str:
        count = f"{self.observations:,} observation{'' if self.observations == 1 else 's'}"
        rows = [("claims", self.claim_bits), (count, self.observation_bits), ("total", self.total), ("fair coin", self.coin_bits)]
        width = max(len(label) for label, _ in rows)
        lines = [f"  {label:<{width}}  {bits:>12.3f} bits" for label, bits in rows]
        lines += [f"  P({name} = 1) = {probability:.10g}" for name, probability in self.probability.items()]
        return "\n".join(["surprise", *lines])


def surprise(
    argument: Argument,
    observations: Iterable[float] | Mapping[str, Iterable[float]],
    circuit: Circuit | None = None,
    output: str | None = None,
) -> Surprise:
    r"""The total surprise at observed outputs of a circuit, for someone who writes down an argument first and then believes it.

    .. math::
        S(\pi; y) = L(\pi) - \sum_i \log_2 P_\pi(y_i)

    where :math:`P_\pi` is Bernoulli with the estimate of the output by the argument. Observations count as independent, also those
    of several outputs. An argument pays when it saves more bits on the observations than it takes to write. "Surprise" has other
    meanings elsewhere: information gained, computation spent. Here it is description length.

    Args:
        argument: The claims; ``Argument()`` is the presumption of independence and costs nothing to write.
        observations: 0s and 1s of one output, or a mapping from output names to such sequences.
        circuit: The circuit; not needed if claims were made with its wires.
        output: Which output the observations are of; not needed if the circuit has one.

    Returns:
        The bits by what they go to. Without observations only the argument costs.

    Raises:
        ArgumentError: No circuit is known, a claim does not fit it, an output is unknown or real, an observation is neither 0 nor 1,
            or an estimate is outside [0, 1], where no surprise is defined; what rounding adds counts as 0 or 1.

    Cost:
        One estimate by the argument, and a pass over the observations.

    Examples:
        >>> import heurest as hr
        >>> c = hr.Circuit("or")
        >>> x, y = c.input("x", hr.Bernoulli(0.5), count=2)
        >>> c.output("o", x | y)
        >>> print(surprise(Argument(), [1] * 256, c))
        surprise
          claims                   0.000 bits
          256 observations       106.250 bits
          total                  106.250 bits
          fair coin              256.000 bits
          P(o = 1) = 0.75

    Source:
        Surprise accounting, Alignment Research Center 2024; what a claim costs is this project's own.
    """
    from heurest.arguments.estimation import estimate_with

    if not isinstance(argument, Argument):
        raise ArgumentError(f"surprise needs an Argument, got {argument!r:.80}")
    circuit = argument.about(circuit)
    observed = _by_output(observations, circuit, output)
    for name in observed:
        if not circuit.outputs[name].boolean:
            raise ArgumentError(f"surprise is defined for outputs that are 0 or 1, and output {name!r} of {circuit.name!r} is real")
    counts = {name: _counts(name, seen) for name, seen in observed.items()}
    value = estimate_with(circuit, argument).value
    probability = {name: _probability(name, value[name]) for name in counts}
    bits = sum(_bits(*counts[name], probability[name]) for name in counts)
    return Surprise(argument.bits(circuit), bits, sum(map(sum, counts.values())), probability)


def _by_output(
    observations: Iterable[float] | Mapping[str, Iterable[float]], circuit: Circuit, output: str | None
) -> Mapping[str, Iterable[float]]:
    if not isinstance(observations, Mapping):
        if output is None and len(circuit.outputs) != 1:
            known = ", ".join(circuit.outputs) or "none"
            raise ArgumentError(f"circuit {circuit.name!r} does not have one output: say which is observed (outputs: {known})")
        observations = {next(iter(circuit.outputs)) if output is None else output: observations}
    elif output is not None:
        raise ArgumentError("observations by output name leave no choice: name no output besides")
    for name in observations:
        if name not in circuit.outputs:
            raise ArgumentError(f"circuit {circuit.name!r} has no output {name!r} (outputs: {', '.join(circuit.outputs) or 'none'})")
    return observations


def _counts(name: str, observations: Iterable[float]) -> tuple[int, int]:
    """How many 0s and 1s there are."""
    try:
        seen = np.asarray(observations if isinstance(observations, np.ndarray) else list(observations))
    except (TypeError, ValueError):
        raise ArgumentError(f"observations of output {name!r} must be a sequence of 0s and 1s, got {observations!r:.80}") from None
    if seen.ndim != 1 or (seen.size and seen.dtype.kind not in "biuf"):
        raise ArgumentError(f"observations of output {name!r} must be a sequence of 0s and 1s, got {observations!r:.80}")
    wrong = np.flatnonzero((seen != 0) & (seen != 1))
    if wrong.size:
        raise ArgumentError(f"observations of output {name!r} must be 0 or 1, got {seen[wrong[0]].item()!r} at position {int(wrong[0])}")
    ones = int(np.count_nonzero(seen))
    return seen.size - ones, ones


def _probability(name: str, value: float) -> float:
    if not -_ROUNDING <= value <= 1.0 + _ROUNDING:
        raise ArgumentError(f"the surprise is undefined: the estimate of output {name!r} by this argument is {value:.10g}, no probability")
    return min(max(float(value), 0.0), 1.0)


def _bits(zeros: int, ones: int, probability: float) -> float:
    """Bits that 0s and 1s cost at a probability of 1."""
    cost_of_one = -log2(probability) if probability > 0.0 else inf
    cost_of_zero = -log1p(-probability) / log(2.0) if probability < 1.0 else inf
    return (zeros * cost_of_zero if zeros else 0.0) + (ones * cost_of_one if ones else 0.0)
