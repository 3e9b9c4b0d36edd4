"""Reductant propagation: joint tables of distinct wires are tracked, what they do not tell is completed."""

from __future__ import annotations

from dataclasses import dataclass
from math import comb
from time import perf_counter

import numpy as np

from heurest.circuit.circuit import Circuit
from heurest.circuit.laws import Bernoulli, Normal
from heurest.errors import ArgumentError
from heurest.estimators.base import FloatArray, Progress, finish, timed_lower
from heurest.estimators.boolean import wire_probabilities
from heurest.estimators.boolean_reductants import boolean_bytes, propagate_boolean_reductants
from heurest.estimators.real_reductants import propagate_real_reductants, real_bytes
from heurest.estimators.real_triples import propagate_real_triples, real_triples_bytes
from heurest.program import Program, lower
from heurest.program.boolean import BooleanProgram, is_boolean, lower_boolean
from heurest.program.memory import require_memory
from heurest.program.pairwise import PairwiseProgram, lower_pairwise
from heurest.reduced import Reduced
from heurest.results import Estimate

# Places are the kernels' codes.
COMPLETIONS = ("regression", "interaction", "mutual", "cumulant")
MAX_DEGREE = 4


@dataclass(frozen=True)
class Reductant:
    r"""Reductant propagation: laws of single wires and joint tables of up to ``order`` distinct wires are tracked.

    Every wire has a reduced law: a few points and positive weights. Two wires have a table of expectations
    :math:`E[\phi_k(X)\,\psi_j(Y)]` of their orthonormal polynomials up to ``degree``; for 0/1 wires that is one number.
    A wire that repeats in a product is a function of its own law, never cut off. A new gate C = f(A, B) needs the
    table of (A, B, D) for every other live wire D: one wire too many for order 2. It is *completed* from the tables
    of pairs, and what the completion misses, the *reductant* of the three, is presumed zero. The definition is this
    project's own; only the word comes from elsewhere. Completions:

    - ``mutual`` (default): D is a gate, too. With C = l + r, l the regression of C on functions of A plus functions of B, and
      D = l' + r' likewise, cov(C, D) = cov(l, D) + cov(r, l') + E[r r'], of which only the last is not tracked: it is
      presumed to be what pairs of operands give, cov(A, A') cov(B, B') + cov(A, B') cov(B, A') in due proportion, of 0/1
      operands what each is beside the other. Inputs and wires whose operands are gone are completed by ``cumulant``.
    - ``regression``: D is its least-squares prediction from functions of A plus functions of B, and an unrelated rest.
    - ``cumulant``: joint cumulants of three distinct wires are those with D replaced by its linear regression on A and B.
      For 0/1 wires that is ``regression``.
    - ``interaction``: the law with the given pair tables and no interaction of three.

    Completed tables are made coherent: those of 0/1 wires keep to the Frechet bounds that all pair tables of the gate's
    operands, and of the other gate's, imply; in others no two functions correlate by more than 1. Order 3 tracks triples,
    completes four wires, and has the completions ``mutual`` and, for circuits of 0/1 wires only, ``regression``.

    Exact when the operands of every gate are independent of each other (any law; variances, too); in 0/1 circuits
    when every other wire depends on a gate's two operands through one of them only; for jointly normal inputs through
    affine gates and two layers of squares or products (means of the second layer, ``mutual``, where coherence did not act).
    Otherwise the error is what the reductants presumed zero contribute. Whatever the circuit, probabilities are in
    [0, 1], no expected square is negative, and nothing is NaN. The estimate tells how often coherence had to act.

    Cost: one completion a live wire for each gate at order 2, one a pair of live wires at order 3. Memory: 8 bytes a
    pair of kept 0/1 wires, ``8 (degree**2 + degree**3)`` a pair of others; order 3 keeps all triples.

    Args:
        order: How many distinct wires a table may have, 2 or 3.
        degree: Highest polynomial in tables of real wires, 1 to 4; 0/1 wires have degree 1 in any case.
        completion: ``mutual``, ``regression``, ``cumulant`` or ``interaction``.
        retain: For how many generations of gates a wire is kept after its last reader, so that what it feeds can
            be seen from its operands' side; 0 keeps live wires only.
        keep_tables: Keep the tables of all pairs of wires for `Estimate.table`, whatever ``retain`` says.

    Raises:
        ArgumentError: A parameter is not one of those.

    Examples:
        >>> import heurest as hr
        >>> c = hr.Circuit("parity")
        >>> x, y = c.input("x", hr.Bernoulli(0.5), count=2)
        >>> c.output("z", (x ^ y) & (x | y))
        >>> hr.Reductant(2).estimate(c).value
        {'z': 0.5}
    """

    order: int = 2
    degree: int = 2
    completion: str = "mutual"
    retain: int = 8
    keep_tables: bool = False

    def __post_init__(self) -> None:
        for name, low, high in (("order", 2, 3), ("degree", 1, MAX_DEGREE), ("retain", 0, 10**6)):
            number = getattr(self, name)
            if isinstance(number, bool) or not isinstance(number, (int, np.integer)) or not low <= number <= high:
                raise ArgumentError(f"reductant: {name} must be an integer from {low} to {high}, got {number!r}")
            object.__setattr__(self, name, int(number))
        if self.completion not in COMPLETIONS:
            raise ArgumentError(f"reductant: completion must be one of {', '.join(sorted(COMPLETIONS))}, got {self.completion!r}")
        if self.order == 3 and self.completion not in ("mutual", "regression"):
            raise ArgumentError(f"reductant: order 3 has the completions mutual and regression, got {self.completion!r}")
        if not isinstance(self.keep_tables, bool):
            raise ArgumentError(f"reductant: keep_tables must be True or False, got {self.keep_tables!r}")

    @property
    def spec(self) -> str:
        """Such as ``reductant:2:degree=2,completion=mutual,retain=8``; whether tables are kept changes no estimate and is left out."""
        return f"reductant:{self.order}:degree={self.degree},completion={self.completion},retain={self.retain}"

    def estimate(
        self, circuit: Circuit, *, keep_dead: bool = False, max_memory: int | None = None, progress: Progress | None = None
    ) -> Estimate:
        """Estimate the expected outputs of a circuit, which is frozen by this.

        Args:
            circuit: Any circuit with outputs.
            keep_dead: Propagate through wires that feed no output, too.
            max_memory: Bytes that may be used; by default what is free.
            progress: Called now and then as ``progress(done, total, what)``.

        Raises:
            CircuitError: The circuit has no output.
            IntractableError: The memory does not suffice.
        """
        program, plan_seconds = timed_lower(circuit, keep_dead)
        compile_seconds = self._warm_up(is_boolean(program))
        begin = perf_counter()
        kept, needed = self._lower(program)
        plan_seconds += perf_counter() - begin
        what = f"{self.spec} over {kept.num_slots} kept wires (fewer with a smaller retain)"
        require_memory(f"circuit {circuit.name!r}: {what}", needed, max_memory)
        begin = perf_counter()
        mean, variance, complement, reduced = self._propagate(kept, progress)
        seconds = {"compile": compile_seconds, "plan": plan_seconds, "run": perf_counter() - begin}
        terms = sum(comb(kept.num_slots, k) for k in range(1, self.order + 1))
        return finish(program, self.spec, mean, variance, seconds, terms, needed, reduced, complement)

    def _lower(self, program: Program) -> tuple[BooleanProgram | PairwiseProgram, int]:
        """The program in nodes of two operands, and the bytes that it needs."""
        generations = None if self.keep_tables else self.retain
        if is_boolean(program):
            boolean = lower_boolean(program, generations)
            return boolean, boolean_bytes(boolean, self.order)
        if self.order == 3 and self.completion != "mutual":
            raise ArgumentError(f"reductant: order 3 of a circuit with real wires has the completion mutual, got {self.completion!r}")
        pairwise = lower_pairwise(program, generations)
        return pairwise, (real_triples_bytes if self.order == 3 else real_bytes)(pairwise, self.degree)

    def _propagate(
        self, kept: BooleanProgram | PairwiseProgram, progress: Progress | None
    ) -> tuple[FloatArray, FloatArray, FloatArray | None, Reduced]:
        """Means and variances of all wires, P(0) where it is apart, and what is known beside."""
        code = COMPLETIONS.index(self.completion)
        if isinstance(kept, BooleanProgram):
            code = 0 if self.completion == "cumulant" else code
            ones, zeros, reduced = propagate_boolean_reductants(kept, self.order, code, self.keep_tables, progress)
            return *wire_probabilities(kept.program, ones, zeros), reduced
        propagate = propagate_real_triples if self.order == 3 else propagate_real_reductants
        mean, variance, reduced = propagate(kept, self.degree, code, self.keep_tables, progress)
        return kept.program.wire_mean(mean), kept.program.wire_variance(variance), None, reduced

    def _warm_up(self, boolean: bool) -> float:
        """Compile the kernels by a small circuit; the seconds it took, 0 if it was done before."""
        if (self.order, boolean) in _WARM:
            return 0.0
        begin = perf_counter()
        circuit = Circuit("warm-up")
        x, y = circuit.input("x", Bernoulli(0.5) if boolean else Normal(), count=2)
        circuit.output("y", (x & y) ^ x if boolean else x * y + x)
        self._propagate(self._lower(lower(circuit))[0], None)
        _WARM.add((self.order, boolean))
        return perf_counter() - begin


_WARM: set[tuple[int, bool]] = set()
