"""The lemma test: a wire that feeds the output never changed in training, and changes now."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heurest.anomaly.and_xor_graph import and_xor_graph, wire_labels
from heurest.anomaly.chosen import chosen_output
from heurest.anomaly.observations import observations
from heurest.anomaly.verdicts import Verdict
from heurest.anomaly.witness import Witness, recomputed
from heurest.circuit.circuit import Circuit
from heurest.circuit.gates import CONSTANT
from heurest.circuit.validation import check_circuit
from heurest.circuit.wires import Wire
from heurest.program import lower
from heurest.program.boolean import is_boolean
from heurest.truth.wire_values import WireValues, checked_point, checked_points

FloatArray = NDArray[np.float64]
SEMANTICS = "constant wires"
_VALUES = 2**24  # values of wires that are held at once
_ROUNDING = 1e-9  # real wires whose values differ by less, relatively, count as equal


def lemma_test(circuit: Circuit, train: Any, x: Any, output: str | Wire | None = None) -> Verdict:
    """Whether a wire that was constant in training, and that the output depends on, has another value at an input.

    Each such wire gives a lemma, "this wire equals this number". The test is stricter than the normal-reason test, since it
    sees a changed mechanism whose output did not change, and noisier: nothing says that the lemma mattered. It also works
    where the output is constant in training. A wire that feeds no output never flags.

    Args:
        circuit: Any circuit; it is frozen by this.
        train: Clean data, a row of numbers for every point, one for each input of the circuit in order; ``None`` takes the
            inputs' law, if it is finite.
        x: A number for each input of the circuit in order.
        output: Name of an output, or a wire; by default the only output.

    Returns:
        The verdict. Its score is the number of lemmas that fail; ``dropped`` lists them, inputs first, then in order, so the
        first is where the change comes in; ``kept`` lists those that hold. The bound on the probability of a flag under the
        law of training is 0 if that law was enumerated; after n > 1 independent points it is at most (wires watched) / (n + 1),
        over the draw of the data, too: among n + 1 points the last is the only one that differs with at most 1 / (n + 1).

    Raises:
        ArgumentError: The data or the input do not fit the circuit.
        CircuitError: There is no such output.

    Cost:
        One evaluation of the circuit at all training points.

    Examples:
        >>> from heurest.anomaly.examples import day_check
        >>> lemma_test(day_check(), None, [0, 1, 0, 0]).dropped
        ('day<50 = 1',)
    """
    return Lemmas(circuit, train, output).test(x)


class Lemmas:
    """The wires that feed an output and were constant in training, ready to be asked of many inputs; see `lemma_test`.

    Args:
        circuit: Any circuit; it is frozen by this.
        train: As in `lemma_test`.
        output: Name of an output, or a wire; by default the only output.

    Raises:
        ArgumentError: The data do not fit the circuit.
        CircuitError: There is no such output.

    Cost:
        One evaluation of the circuit at all training points, then one an input.

    Examples:
        >>> from heurest.anomaly.examples import day_check
        >>> train = [[1, g, h, 1] for g in (0, 1) for h in (0, 1)]
        >>> lemmas = Lemmas(day_check(), train)
        >>> lemmas.names
        ('day<50 = 1',)
        >>> [lemmas.test(x).verdict for x in ([1, 0, 1, 1], [0, 0, 1, 1], [1, 1, 1, 0])]  # the last one changes the year
        ['ok', 'anomalous', 'ok']
    """

    def __init__(self, circuit: Circuit, train: Any = None, output: str | Wire | None = None) -> None:
        check_circuit(circuit)
        wire, _ = chosen_output(circuit, output)
        data = observations(circuit, train)
        self.circuit = circuit
        self._values = WireValues(circuit, _feeding(circuit, wire))
        wires = self._values.wires
        low, high = np.full(len(wires), np.inf), np.full(len(wires), -np.inf)
        step = max(1, _VALUES // len(wires))
        for start in range(0, len(data.weights), step):
            seen = self._values.at(data.points[start : start + step])
            low, high = np.minimum(low, seen.min(axis=1)), np.maximum(high, seen.max(axis=1))
        is_input = np.isin(wires, [wire.index for wire in circuit.inputs])
        constant = _same(low, high)
        self._rows = np.array([row for row in np.argsort(~is_input, kind="stable").tolist() if constant[row]], np.int64)
        self._constant = low[self._rows]
        self.bound = min(1.0, len(wires) / (data.count + 1)) if data.count else 0.0
        if data.count == 1:  # of two points each is the one that differs
            self.bound = 1.0

    @property
    def wires(self) -> tuple[int, ...]:
        """Indices of the wires that were constant, inputs first."""
        return tuple(self._values.wires[row] for row in self._rows.tolist())

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The lemmas in words, such as ``day<50 = 1``."""
        label = wire_labels(self.circuit)
        return tuple(
            f"{label.get(wire, f'#{wire}')} = {value:.10g}" for wire, value in zip(self.wires, self._constant.tolist(), strict=True)
        )

    def test(self, x: Any) -> Verdict:
        """The verdict of `lemma_test` on an input.

        Raises:
            ArgumentError: The input does not fit the circuit.
        """
        return self.verdicts(checked_point(self.circuit, x))[0]

    def verdicts(self, points: Any) -> list[Verdict]:
        """`test` for many inputs, given as rows.

        Raises:
            ArgumentError: The inputs do not fit the circuit.
        """
        checked = checked_points(self.circuit, points)
        step = max(1, _VALUES // len(self._values.wires))
        return [self._verdict(*row) for start in range(0, len(checked), step) for row in self._failing(checked[start : start + step])]

    def _verdict(self, here: FloatArray, fails: NDArray[np.bool_]) -> Verdict:
        if not fails.any():
            return Verdict("ok", "lemma", score=0.0, bound=self.bound, kept=self.names, semantics=SEMANTICS)
        broken = tuple(name for name, failed in zip(self.names, fails.tolist(), strict=True) if failed)
        kept = tuple(name for name, failed in zip(self.names, fails.tolist(), strict=True) if not failed)
        note = f"{broken[0]} in all of training, but {here[fails][0]:.10g} here"
        return Verdict("anomalous", "lemma", float(len(broken)), self.bound, kept, broken, SEMANTICS, note=note)

    def witness(self, x: Any) -> Witness:
        """The verdict on an input with what every wire is there, and which lemmas it breaks.

        Raises:
            ArgumentError: The input does not fit the circuit.
        """
        verdict = self.test(x)
        point = checked_point(self.circuit, x)
        values = recomputed(self.circuit, point[0])
        ((_, fails),) = self._failing(point)
        broken = {wire: (name,) for wire, name, failed in zip(self.wires, self.names, fails.tolist(), strict=True) if failed}
        return Witness(self.circuit, verdict, values, values, broken)

    def _failing(self, points: Any) -> list[tuple[FloatArray, NDArray[np.bool_]]]:
        """What the constant wires are at each input, and whether that is another value than in training."""
        here = self._values.at(points)[self._rows]
        fails = ~_same(here, self._constant[:, np.newaxis])
        return list(zip(here.T, fails.T, strict=True))

    def __repr__(self) -> str:
        return f"<Lemmas of {self.circuit.name!r}: {len(self.wires):,} wires that were constant>"


def _same(first: FloatArray, second: FloatArray) -> NDArray[np.bool_]:
    with np.errstate(invalid="ignore"):
        near = np.abs(first - second) <= _ROUNDING * np.maximum(np.abs(first), np.abs(second))
        same: NDArray[np.bool_] = (first == second) | (near & np.isfinite(first) & np.isfinite(second))
    return same


def _feeding(circuit: Circuit, output: Wire) -> list[int]:
    """Wires that the output depends on, its own included; those of the ands and exclusive ors it comes down to, if it is boolean."""
    if is_boolean(lower(circuit, [output])):
        graph = and_xor_graph(circuit, [output])
        return sorted({output.index, *(graph.wires[node][0][0] for node in (*graph.loads, *graph.gates) if node in graph.wires)})
    live, waiting = {output.index}, [output.index]
    while waiting:
        wire = waiting.pop()
        operands = circuit.operands(wire)
        if circuit.gate_name(wire) == "affine":
            operands = tuple(operand for operand, factor in zip(operands, circuit.terms(wire)[2], strict=True) if factor != 0.0)
        fresh = [operand for operand in operands if operand not in live and circuit.gate[operand] != CONSTANT]
        live.update(fresh)
        waiting.extend(fresh)
    return sorted(live)
