"""Signal probabilities by independence: the controllability half of COP, for circuits of 0/1 wires."""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter

import numpy as np

from heurest.circuit.circuit import Circuit
from heurest.circuit.laws import Bernoulli
from heurest.estimators.base import FloatArray, Progress, finish, timed_lower
from heurest.estimators.boolean import boolean_nodes, input_probabilities, wire_probabilities
from heurest.program import lower
from heurest.program.boolean import BooleanProgram
from heurest.program.memory import require_memory
from heurest.results import Estimate


@dataclass(frozen=True)
class Cop:
    r"""Signal probabilities with the operands of every gate presumed independent.

    .. math:: P(a \wedge b) = P(a)\,P(b), \qquad P(\overline{a \wedge b}) = P(\bar a) + P(a)\,P(\bar b), \qquad
        P(a \oplus b) = P(a)\,P(\bar b) + P(\bar a)\,P(b)

    on gates of two operands, any of them inverted. P(1) and P(0) of every wire are kept apart and only ever added and multiplied, so
    that each keeps its relative digits: a probability of 1e-30 is as good as one of 0.3, and so is what is missing to 1.

    Exact on read-once circuits of independent inputs, to about one rounding a gate on the longest path; more generally where the
    operands of every gate are independent, however often a wire is read. Elsewhere the error of an AND is the covariance of its
    operands, and errors of other gates follow from those. A gate that reads a wire twice is not recognised unless lowering does it
    (``x & x`` is x; in ``(x & y) & x`` x counts twice). Inputs of a joint law count by their margins only. An estimated probability
    is in [0, 1] whatever the circuit.

    The difference to `Mean`, which also presumes independence: P(0) is apart, ORs and XORs are gates of their own rather than sums,
    and real wires are refused.

    Cost: a handful of multiplications a gate, a few nanoseconds; 16 bytes a gate.

    Source: Brglez, On testability analysis of combinational networks, ISCAS 1984; Parker and McCluskey, IEEE Transactions on
    Computers 24, 1975, for the rules.

    Examples:
        >>> import heurest as hr
        >>> c = hr.Circuit("rare")
        >>> x = c.input("x", hr.Bernoulli(1e-10), count=3)
        >>> c.output("all", x[0] & x[1] & x[2]); c.output("none", ~(x[0] | x[1] | x[2]))
        >>> e = hr.Cop().estimate(c)
        >>> f"{e.value['all']:.3g}, {e.complement[c.outputs['none'].index]:.3g}"
        '1e-30, 3e-10'
    """

    @property
    def spec(self) -> str:
        """``cop``."""
        return "cop"

    def estimate(
        self, circuit: Circuit, *, keep_dead: bool = False, max_memory: int | None = None, progress: Progress | None = None
    ) -> Estimate:
        """Estimate the probabilities of a circuit of 0/1 wires, which is frozen by this.

        Args:
            circuit: A circuit with outputs that computes with 0/1 wires only; sums and multiples of one wire may be outputs.
            keep_dead: Propagate through wires that feed no output, too.
            max_memory: Bytes that may be used; by default what is free.
            progress: Not called: a million gates take milliseconds.

        Returns:
            The estimate, with the variance p (1 - p) and P(0) of every wire.

        Raises:
            CircuitError: The circuit has no output.
            KindError: A wire that feeds an output is real; the message names the first.
            IntractableError: The memory does not suffice.
        """
        compile_seconds = _warm_up()
        program, plan_seconds = timed_lower(circuit, keep_dead)
        begin = perf_counter()
        nodes = boolean_nodes(program, None, self.spec)
        plan_seconds += perf_counter() - begin
        needed = cop_bytes(nodes)
        require_memory(f"circuit {circuit.name!r}: {self.spec} of {len(nodes.instructions.op):,} gates and inputs", needed, max_memory)
        begin = perf_counter()
        mean, variance, complement = wire_probabilities(program, *propagate_independent(nodes))
        seconds = {"compile": compile_seconds, "plan": plan_seconds, "run": perf_counter() - begin}
        return finish(program, self.spec, mean, variance, seconds, len(nodes.instructions.op), needed, complement=complement)


def cop_bytes(program: BooleanProgram) -> int:
    """Memory that propagation needs at its peak, the program itself left out: of nodes, of values, then of wires."""
    nodes, values, wires = len(program.instructions.op), len(program.value_node), len(program.program.circuit)
    inputs = len(program.program.circuit.inputs)
    return 8 * (2 * nodes + 2 * inputs + max(2 * nodes + 6 * values, 4 * values + 8 * wires))


def propagate_independent(program: BooleanProgram) -> tuple[FloatArray, FloatArray]:
    """P(1) and P(0) of all values of a program in which every node has a slot of its own."""
    from heurest.kernels.cop import propagate_probabilities

    literal = np.zeros(2 * len(program.instructions.op))
    propagate_probabilities(program.instructions, *input_probabilities(program.program.circuit), literal)
    return program.probabilities(literal[::2], literal[1::2])


def _warm_up() -> float:
    """Compile the kernels; the seconds it took, 0 if it was done before."""
    if _WARM:
        return 0.0
    begin = perf_counter()
    circuit = Circuit("warm-up")
    x, y = circuit.input("x", Bernoulli(0.5), count=2)
    circuit.output("y", (x & y) ^ x)
    propagate_independent(boolean_nodes(lower(circuit), None, "cop"))
    _WARM.append(True)
    return perf_counter() - begin


_WARM: list[bool] = []
