"""Covariance propagation of 0/1 wires whose pairs are kept to two-way bounds."""

from __future__ import annotations

from dataclasses import dataclass

from heurest.circuit.circuit import Circuit
from heurest.estimators.base import Progress
from heurest.estimators.boolean_pairs import estimate_by_pairs
from heurest.results import Estimate


@dataclass(frozen=True)
class ClampedCovariance:
    r"""Covariance propagation on 0/1 wires, every pair clamped to its two-way Frechet bounds.

    On gates of two operands, with d any other live wire:

    .. math::
        P(a \wedge b) = P(a)\,P(b) + \kappa(a, b), \qquad
        \kappa(a \wedge b, d) = P(b)\,\kappa(a, d) + P(a)\,\kappa(b, d)

    and :math:`a \oplus b = a + b - 2ab`: joint cumulants of three distinct wires are presumed zero, as by `Cumulant` of order 2,
    and what a gate has with its own operand its table tells. Then :math:`P(cd)` is moved to
    :math:`[\max(0, P(c) + P(d) - 1), \min(P(c), P(d))]`, so that no probability leaves [0, 1] and no error grows without bound. Where
    no bound acts and every gate has two operands it is `Cumulant` of order 2; ``reduced.coherence`` of the estimate tells how often
    one did.

    Exact when, for every gate and every other live wire d, one of the gate's operands is independent of the other operand together
    with d; so it is on read-once circuits, on circuits whose gates join independent blocks, however often the wires of a block are
    read, and for gates that read inputs of one joint law, whose pairs are known. Otherwise the error is what the cumulants of three
    wires contribute, as far as the bounds let it. P(1) and P(0) are kept apart.

    Cost: five operations a live wire for each gate; 8 bytes a pair of live wires.

    Source: Leonov and Shiryaev 1959 for the rule of products; Frechet 1951 for the bounds.

    Examples:
        >>> import heurest as hr
        >>> c = hr.Circuit("one-hot")
        >>> x = c.input("x", hr.JointDiscrete([[1, 0, 0], [0, 1, 0], [0, 0, 1]], [1 / 3] * 3))
        >>> c.output("o", (x[0] & x[1]) & x[2])
        >>> f"{hr.Cumulant(2).estimate(c).value['o']:.4f}, {hr.ClampedCovariance().estimate(c).value['o']:.4f}"
        '-0.0741, 0.0000'
    """

    @property
    def spec(self) -> str:
        """``covariance``."""
        return "covariance"

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
            The estimate, with the variance p (1 - p) and P(0) of every wire, and in ``reduced`` how often the bounds acted.

        Raises:
            CircuitError: The circuit has no output.
            KindError: A wire that feeds an output is real; the message names the first.
            IntractableError: The memory does not suffice.
        """
        return estimate_by_pairs(circuit, self.spec, "covariance", True, keep_dead, max_memory, progress)
