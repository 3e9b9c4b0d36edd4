"""The correlation coefficient method: signal probabilities from coefficients P(a b) / (P(a) P(b)) of live pairs."""

from __future__ import annotations

from dataclasses import dataclass

from heurest.circuit.circuit import Circuit
from heurest.errors import ArgumentError
from heurest.estimators.base import Progress
from heurest.estimators.boolean_pairs import estimate_by_pairs
from heurest.results import Estimate

CLAMPS = ("two-way", "none")


@dataclass(frozen=True)
class Correlation:
    r"""The correlation coefficient method: a coefficient :math:`C(a, b) = P(ab) / (P(a) P(b))` for every live pair of 0/1 wires.

    On gates of two operands, with d any other live wire:

    .. math::
        P(a \wedge b) = P(a)\,P(b)\,C(a, b), \qquad C(a \wedge b, d) = C(a, d)\,C(b, d), \qquad
        C(\bar a, d) = \frac{1 - P(a)\,C(a, d)}{1 - P(a)}

    that is, :math:`P(abd)` is presumed to be the product of the three pairs over that of the three single wires. Choices of this
    variant:

    - An XOR is the two disjoint products where it is 1, its inverse the two where it is 0. The presumed :math:`P(std)` of the four
      products need not sum to P(d), so the covariance of an XOR with d is the mean of what either pair of products says; that
      makes it indifferent to which of its operands are inverted.
    - An OR is the inverse of the AND of inverses. Coefficients are those of the wires as they are kept, so an estimate may change a
      little when a wire's inverse takes its place.
    - The coefficient of a gate with its own operand is what the table of its two operands says, not the product above.
    - ``clamp``: after every completion :math:`P(cd)` is moved to the two-way Frechet bounds
      :math:`[\max(0, P(c) + P(d) - 1), \min(P(c), P(d))]`. Without it probabilities may leave [0, 1]; the estimate warns of that.

    Coefficients are kept as covariances :math:`P(ab) - P(a) P(b)`, which only change sign when a wire is inverted, and P(1) and P(0)
    are apart: neither loses digits next to 1. The estimate's ``reduced.coherence`` tells how often the clamp acted.

    Exact when, for every gate and every other live wire d, one of the gate's operands is independent of the other operand together
    with d: then :math:`P(abd) = P(ad)\,P(b)`. So it is on read-once circuits, on circuits whose gates join independent blocks,
    however often the wires of a block are read, and for gates that read inputs of one joint law, whose pairs are known. Otherwise
    the presumption fails as soon as three wires depend on each other in all three pairs, or two depend only given the third.

    Cost: five operations a live wire for each gate; 8 bytes a pair of live wires.

    Source: Ercolani, Favalli, Damiani, Olivo, Ricco, Estimate of signal probability in combinational logic networks, European Test
    Conference 1989.

    Args:
        clamp: ``two-way`` or ``none``.

    Raises:
        ArgumentError: The clamp is not one of those.

    Examples:
        >>> import heurest as hr
        >>> c = hr.Circuit("mux")
        >>> s, a, b = c.input("x", hr.Bernoulli(0.5), count=3)
        >>> c.output("o", (s & a) | (~s & b))
        >>> hr.Cop().estimate(c).value, hr.Correlation().estimate(c).value
        ({'o': 0.4375}, {'o': 0.5})
    """

    clamp: str = "two-way"

    def __post_init__(self) -> None:
        if self.clamp not in CLAMPS:
            raise ArgumentError(f"correlation: clamp must be one of {', '.join(CLAMPS)}, got {self.clamp!r}")

    @property
    def spec(self) -> str:
        """Such as ``correlation:clamp=two-way``."""
        return f"correlation:clamp={self.clamp}"

    def estimate(
        self, circuit: Circuit, *, keep_dead: bool = False, max_memory: int | None = None, progress: Progress | None = None
    ) -> Estimate:
        """Estimate the probabilities of a circuit of 0/1 wires, which is frozen by this.

        Args:
            circuit: A circuit with outputs that computes with 0/1 wires only; sums and multiples of one wire may be outputs.
            keep_dead: Propagate through wires that feed no output, too.
            max_memory: Bytes that may be used; by default what is free.
            progress: Called now and then as ``progress(done, total, what)``.

        Returns:
            The estimate, with the variance p (1 - p) and P(0) of every wire, and in ``reduced`` how often the clamp acted.

        Raises:
            CircuitError: The circuit has no output.
            KindError: A wire that feeds an output is real; the message names the first.
            IntractableError: The memory does not suffice.
        """
        return estimate_by_pairs(circuit, self.spec, "correlation", self.clamp == "two-way", keep_dead, max_memory, progress)
