"""Mean propagation: order 1, the presumption of independence and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter

import numpy as np

from heurest.circuit.circuit import Circuit
from heurest.circuit.laws import Normal
from heurest.estimators.base import FloatArray, Progress, check_memory, finish, timed_lower
from heurest.program import LayerStep, Program, lower
from heurest.results import Estimate


@dataclass(frozen=True)
class Mean:
    r"""Mean propagation: :math:`E[uw] = E[u]\,E[w]` at every product.

    The estimate is the circuit evaluated at the means of its inputs. It is exact when the operands of every product
    are uncorrelated, above all when no wire is read twice (read-once formulas); otherwise the error of a product is
    the covariance of its operands. A product of a boolean wire with itself is that wire.

    Cost: one multiplication a gate; memory linear in the circuit.

    Source: the presumption of independence, Christiano, Neyman and Xu, arXiv 2211.06738, section 1.

    Examples:
        >>> import heurest as hr
        >>> c = hr.Circuit("square")
        >>> x = c.input("x", hr.Normal(3, 1))
        >>> c.output("y", x**2)
        >>> hr.Mean().estimate(c).value  # blind to the variance: the truth is 10
        {'y': 9.0}
    """

    @property
    def spec(self) -> str:
        """``mean``."""
        return "mean"

    def estimate(
        self, circuit: Circuit, *, keep_dead: bool = False, max_memory: int | None = None, progress: Progress | None = None
    ) -> Estimate:
        """Estimate the expected outputs of a circuit, which is frozen by this.

        Args:
            circuit: Any circuit with outputs.
            keep_dead: Propagate through wires that feed no output, too.
            max_memory: Bytes that may be used; by default what is free.
            progress: Not called: propagation of means takes no time.

        Raises:
            CircuitError: The circuit has no output.
            IntractableError: The memory does not suffice.
        """
        compile_seconds = _warm_up()
        program, plan_seconds = timed_lower(circuit, keep_dead)
        needed = check_memory(program, 1, max_memory)
        begin = perf_counter()
        mean = program.wire_mean(propagate(program, input_means(circuit)))
        seconds = {"compile": compile_seconds, "plan": plan_seconds, "run": perf_counter() - begin}
        return finish(program, self.spec, mean, None, seconds, program.num_values, needed)


def input_means(circuit: Circuit) -> FloatArray:
    """Means of the inputs, in order."""
    means: dict[int, FloatArray] = {}  # inputs often share a law object: each is asked once
    for group in circuit.groups:
        if id(group.law) not in means:
            means[id(group.law)] = group.law.means()
    return np.concatenate([means[id(group.law)] for group in circuit.groups] or [np.empty(0)])


def propagate(program: Program, means: FloatArray) -> FloatArray:
    """Means of all values of a program."""
    from heurest.kernels.mean import propagate_means

    slot, mean = np.zeros(program.num_slots), np.zeros(program.num_values)
    for step in program.steps:
        if isinstance(step, range):
            propagate_means(program.instructions, step.start, step.stop, means, slot, mean)
        elif isinstance(step, LayerStep):
            with np.errstate(over="ignore", invalid="ignore"):  # overflow is reported in words
                result = step.matrix @ slot[step.operands] + step.bias
            slot[step.outputs] = result
            mean[step.first_value : step.first_value + len(result)] = result
    return mean


def _warm_up() -> float:
    """Compile the kernels; the seconds it took, 0 if it was done before."""
    if _WARM:
        return 0.0
    begin = perf_counter()
    circuit = Circuit("warm-up")
    x = circuit.input("x", Normal())
    circuit.output("y", (x + 1.0) * x)
    propagate(lower(circuit), np.zeros(1))
    _WARM.append(True)
    return perf_counter() - begin


_WARM: list[bool] = []
