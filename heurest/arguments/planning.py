"""From an argument to a plan: what is tracked, at which size and cost, before anything runs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from heurest.arguments.argument import Argument
from heurest.arguments.branches import lay_out
from heurest.arguments.terms import Terms, resolve
from heurest.circuit.circuit import Circuit
from heurest.errors import ArgumentError
from heurest.program import Program
from heurest.program.plan import Plan, build_plan, joint_input_cumulants
from heurest.program.program import FloatArray
from heurest.program.term_graph import ValueGraph, value_graph

# What one product costs on one thread, to the order of magnitude: for the printed forecast.
_SECONDS_A_PRODUCT = 6e-9


@dataclass(frozen=True, eq=False)
class ArgumentPlan:
    """A program and an argument, turned into a flat sparse sum of products; `plan` makes it, printing it shows size and cost.

    Attributes:
        program: The lowered circuit.
        argument: The argument.
        values: The values that terms are about, cases side by side.
        terms: What the claims come to.
        plan: The sum of products.
    """

    program: Program
    argument: Argument
    values: ValueGraph
    terms: Terms
    plan: Plan

    @property
    def circuit(self) -> Circuit:
        """The circuit."""
        return self.program.circuit

    @cached_property
    def entries(self) -> FloatArray:
        """The value of every entry of the plan; one pass of the kernel, kept."""
        value = self.plan.run()
        value.flags.writeable = False
        return value

    def wire_mean(self, entries: FloatArray | None = None) -> FloatArray:
        """Estimated means of all wires, from all entries; NaN for wires that feed no output."""
        return self.values.wires.mean((self.entries if entries is None else entries)[self.plan.mean_entry])

    def term_value(self) -> FloatArray:
        """The joint cumulant that each claim's terms come to, in units of the wires named: one number a row of ``terms.claim_term``."""
        value: FloatArray = self.entries[self.plan.term_entry[self.terms.claim_term]] * self.terms.claim_scale
        return value

    def gradient(self, output: str) -> FloatArray:
        """Derivative of an output's estimate with respect to every entry; one backward pass.

        Raises:
            ArgumentError: There is no such output.
        """
        seed = np.zeros(len(self.entries))
        wire = self._output(output)
        if self.values.wires.value[wire] >= 0:
            seed[self.plan.mean_entry[self.values.wires.value[wire]]] = self.values.wires.scale[wire]
        return self.plan.gradient(self.entries, seed)

    def sensitivity(self, output: str) -> FloatArray:
        """Derivative of an output's estimate with respect to every term of the table (not of means): what moving it alone would do.

        Raises:
            ArgumentError: There is no such output.
        """
        sensitivity: FloatArray = self.gradient(output)[self.plan.term_entry]
        return sensitivity

    def stderr(self, output: str) -> float:
        """Standard error that measured values lend to an output's estimate; 0 if none was used.

        Raises:
            ArgumentError: There is no such output.
        """
        if not self.terms.stderr.any():
            return 0.0
        return sqrt(float(((self.sensitivity(output) * self.terms.stderr) ** 2).sum()))

    def _output(self, output: str) -> int:
        if output not in self.circuit.outputs:
            raise ArgumentError(f"circuit {self.circuit.name!r} has no output {output!r}; it has {', '.join(self.circuit.outputs)}")
        return self.circuit.outputs[output].index

    @cached_property
    def orphans(self) -> int:
        """Tracked terms that come to nothing because what they need is not tracked; one that is nothing in truth does not count."""
        plan = self.plan
        deduced = np.isnan(self.terms.table.given)
        entry = plan.term_entry[deduced]
        highest = self.terms.table.values[deduced].max(axis=1, initial=-1)
        empty = (plan.start[entry + 1] == plan.start[entry]) & (plan.constant[entry] == 0.0) & (highest >= len(self.values.inputs))
        return self._missing_operands(np.flatnonzero(deduced)[empty]) if empty.any() else 0

    def _missing_operands(self, terms: NDArray[np.int64]) -> int:
        """How many of these terms would read one that is not tracked, and not known to vanish."""
        table = self.terms.table
        order = int((table.values >= 0).sum(axis=1).max(initial=2))
        wider = build_plan(self.circuit, self.values, table, (order, 0))
        missing = np.zeros(len(wider.constant), np.bool_)
        missing[wider.candidate_entry] = True
        of_inputs = wider.candidate_entry[wider.entry_values[wider.candidate_entry].max(axis=1) < len(self.values.inputs)]
        missing[of_inputs] = joint_input_cumulants(self.circuit, self.values, wider.entry_values[of_inputs]) != 0.0
        reads = np.concatenate([[0], np.cumsum(missing[wider.left] | missing[wider.right])])
        entry = wider.term_entry[terms]
        return int((reads[wider.start[entry + 1]] > reads[wider.start[entry]]).sum())

    def __str__(self) -> str:
        table = self.terms.table
        tracked, given = int(np.isnan(table.given).sum()), int((~np.isnan(table.given)).sum())
        order = int((table.values >= 0).sum(axis=1).max(initial=1))
        seconds = self.plan.num_products * _SECONDS_A_PRODUCT
        return "\n".join(
            [
                f"plan of {self.circuit.name!r}: {tracked:,} terms tracked, {given:,} given, order up to {order}",
                f"  {len(self.plan.constant):,} entries, {self.plan.num_products:,} products, {self.plan.bytes:,} bytes",
                f"  about {seconds * 1e6:.2g} us a pass on one thread, a backward pass about twice that",
            ]
        )

    def __repr__(self) -> str:
        return f"<ArgumentPlan of {self.circuit.name!r}: {len(self.argument)} claims, {self.plan.num_products} products>"


def plan(program: Program, argument: Argument, *, candidates: tuple[int, int] = (0, 0), max_memory: int | None = None) -> ArgumentPlan:
    """Turn an argument into a flat sparse sum of products over the values of a program.

    Every tracked term is expanded once, by the rules of cumulant propagation with expansion ``node``: all copies of its newest wire,
    before anything is presumed zero. The empty argument gives mean propagation, all terms of order at most K give ``cumulant:K``.

    Args:
        program: What `heurest.lower` returned.
        argument: Claims about the wires of its circuit.
        candidates: Order and degree within which untracked terms that the expansion meets are listed, as for
            `heurest.program.plan.build_plan`.
        max_memory: Bytes that may be used; by default what is free.

    Returns:
        The plan; printing it shows how many terms, products and bytes there are.

    Raises:
        ArgumentError: A claim does not fit the circuit, has a value that no law can have, or contradicts another; names the claim.
        IntractableError: The memory does not suffice.

    Cost:
        Linear in the circuit plus the products of the tracked terms: a term of order k takes up to ``2**k`` of them, one a
        wire in a sum. About 2 us a term of order 2.

    Examples:
        >>> import heurest as hr
        >>> c = hr.Circuit("square")
        >>> x = c.input("x", hr.Normal(3, 1))
        >>> c.output("y", x * x)
        >>> print(hr.plan(hr.lower(c), hr.Argument([hr.Track((x, x))])))
        plan of 'square': 1 terms tracked, 0 given, order up to 2
          4 entries, 2 products, 172 bytes
          about 0.012 us a pass on one thread, a backward pass about twice that
    """
    circuit = argument.about(program.circuit)
    layout = lay_out(circuit, value_graph(program), argument.effective, max_memory)
    terms = resolve(circuit, layout)
    return ArgumentPlan(program, argument, layout.values, terms, build_plan(circuit, layout.values, terms.table, candidates, max_memory))
