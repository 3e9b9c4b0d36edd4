"""Windowed covariance propagation: for every wire of a 0/1 circuit the pairs with so many others, chosen as it goes."""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np

from heurest import opcodes
from heurest.circuit.circuit import Circuit
from heurest.circuit.laws import Bernoulli
from heurest.errors import ArgumentError
from heurest.estimators.base import FloatArray, Progress, finish, timed_lower
from heurest.estimators.boolean import boolean_nodes, coherence_of, input_tables, portions, reduced_laws, wire_probabilities
from heurest.program import lower
from heurest.program.boolean import BooleanProgram
from heurest.program.memory import available_memory, require_memory
from heurest.results import Estimate

if TYPE_CHECKING:
    from heurest.kernels.boolean_window import Window

_NODE_BYTES = 90  # a node's arrays in the program and here, without partners
_PARTNER_BYTES = 4 + 8 + 8
#: Without a number of partners: as many as fit into this many bytes, and no more than that.
DEFAULT_BYTES = 2**29
MOST_PARTNERS = 128
_PORTION = 50_000


@dataclass(frozen=True)
class Windowed:
    r"""Covariances of every wire with its ``partners`` closest others: for netlists too large for all pairs.

    A gate's partners are chosen among its operands and their partners: those with the largest correlations, of wires that a gate still
    reads. Their covariances are completed by regression from pairs, within the three-way Frechet bounds, as by
    ``reductant:2:completion=regression``. A pair that nobody keeps counts as uncorrelated. Wires correlate by what they share, so the
    choice follows shared support and nearness without a rule for either.

    With 0 partners this is ``cop``, the presumption of independence. Exact when the operands of every gate are independent of each other.
    With partners for all wires it differs from ``reductant:2:completion=regression`` in that only the newer gate's bounds are used.

    Cost: time linear in gates times partners, memory 20 bytes a partner of every gate: a million gates with 32 partners take some
    seconds and 0.75 GB.

    Args:
        partners: How many others a wire's covariances are kept with, 0 to 128; ``None`` for as many as fit into 512 MiB and half
            of what is free.

    Raises:
        ArgumentError: The number is out of range.

    Examples:
        >>> import heurest as hr
        >>> c = hr.Circuit("majority")
        >>> x, y, z = (c.input(name, hr.Bernoulli(0.5)) for name in "xyz")
        >>> c.output("o", (x & y) | (y & z))   # 3/8
        >>> [hr.Windowed(partners).estimate(c).value["o"] for partners in (0, 8)]
        [0.4375, 0.375]
    """

    partners: int | None = None

    def __post_init__(self) -> None:
        number = self.partners
        if number is None:
            return
        if isinstance(number, bool) or not isinstance(number, (int, np.integer)) or not 0 <= number <= MOST_PARTNERS:
            raise ArgumentError(f"windowed: partners must be an integer from 0 to {MOST_PARTNERS}, got {number!r}")
        object.__setattr__(self, "partners", int(number))

    @property
    def spec(self) -> str:
        """Such as ``windowed:32``; ``windowed`` where memory decides."""
        return "windowed" if self.partners is None else f"windowed:{self.partners}"

    def estimate(
        self, circuit: Circuit, *, keep_dead: bool = False, max_memory: int | None = None, progress: Progress | None = None
    ) -> Estimate:
        """Estimate the probabilities of a circuit's outputs; the circuit is frozen by this.

        Args:
            circuit: A circuit of 0/1 wires with outputs.
            keep_dead: Propagate through wires that feed no output, too.
            max_memory: Bytes that may be used; by default what is free.
            progress: Called now and then as ``progress(done, total, what)``.

        Raises:
            CircuitError: The circuit has no output.
            KindError: A wire is not boolean.
            IntractableError: The memory does not suffice.
        """
        program, plan_seconds = timed_lower(circuit, keep_dead)
        compile_seconds = _warm_up()
        begin = perf_counter()
        nodes = boolean_nodes(program, None, "windowed")
        count = len(nodes.instructions.op)
        partners = self._partners(count, max_memory)
        needed = count * (_NODE_BYTES + _PARTNER_BYTES * partners)
        require_memory(f"circuit {circuit.name!r}: {partners} partners of {count:,} nodes", needed, max_memory)
        plan_seconds += perf_counter() - begin
        begin = perf_counter()
        window, ones, zeros = _propagated(nodes, partners, progress)
        one, zero = nodes.probabilities(ones, zeros)
        mean, variance, complement = wire_probabilities(program, one, zero)
        seconds = {"compile": compile_seconds, "plan": plan_seconds, "run": perf_counter() - begin}
        reduced = reduced_laws(program, one, zero, coherence_of(window.tally[:4]))
        return finish(program, f"windowed:{partners}", mean, variance, seconds, count * (1 + partners), needed, reduced, complement)

    def _partners(self, nodes: int, max_memory: int | None) -> int:
        if self.partners is not None:
            return min(self.partners, max(nodes - 1, 0))
        free = available_memory() if max_memory is None else max_memory
        room = DEFAULT_BYTES if free is None else min(DEFAULT_BYTES, free if max_memory is not None else free // 2)
        return max(0, min(MOST_PARTNERS, nodes - 1, (room // max(nodes, 1) - _NODE_BYTES) // _PARTNER_BYTES))


def _propagated(nodes: BooleanProgram, partners: int, progress: Progress | None) -> tuple[Window, FloatArray, FloatArray]:
    from heurest.kernels.boolean_window import Window, propagate_window

    code, circuit = nodes.instructions, nodes.program.circuit
    count = len(code.op)
    gates = np.flatnonzero(code.op != opcodes.BIT_LOAD)
    last_read = np.full(count, -1, np.int64)
    for operand in (code.left, code.right):
        np.maximum.at(last_read, operand[gates], gates)
    inputs = input_tables(circuit, 2)
    room = 2 * partners + 2
    window = Window(
        partner=np.full((count, partners), -1, np.int32),
        covariance=np.zeros((count, partners)),
        score=np.zeros((count, partners)),
        weakest=np.zeros(count, np.int32),
        mark=np.full(count, -1, np.int32),
        candidate=np.zeros(room, np.int32),
        with_left=np.zeros(room),
        with_right=np.zeros(room),
        with_gate=np.zeros(room),
        candidate_score=np.zeros(room),
        input_node=np.full(len(inputs.one), -1, np.int32),
        tally=np.zeros(5),
    )
    one, zero = np.zeros(count), np.zeros(count)
    for part in portions(code, _PORTION, progress):
        propagate_window(code, part.start, part.stop, inputs, window, last_read, one, zero)
    return window, one, zero


def _warm_up() -> float:
    """Compile the kernels; the seconds it took, 0 if it was done before."""
    if _WARM:
        return 0.0
    begin = perf_counter()
    circuit = Circuit("warm-up")
    x, y = circuit.input("x", Bernoulli(0.5), count=2)
    circuit.output("z", (x ^ y) & x)
    _propagated(boolean_nodes(lower(circuit), None, "windowed"), 1, None)
    _WARM.append(True)
    return perf_counter() - begin


_WARM: list[bool] = []
