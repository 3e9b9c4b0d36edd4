"""The lemma test: a wire that feeds the output never changed in training, and changes now."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from heurest.anomaly.and_xor_graph import and_xor_graph, wire_labels
from heurest.anomaly.explanation import chosen_output
from heurest.anomaly.observations import observations
from heurest.anomaly.verdicts import Verdict
from heurest.circuit.circuit import Circuit
from heurest.circuit.gates import CONSTANT
from heurest.circuit.validation import check_circuit
from heurest.circuit.wires import Wire
from heurest.program import lower
from heurest.program.boolean import is_boolean
from heurest.truth.wire_values import WireValues

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
        law of training is 0 if that law was enumerated; after n independent points it is at most (wires watched) / (n + 1),
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
    check_circuit(circuit)
    wire, _ = chosen_output(circuit, output)
    data = observations(circuit, train)
    wires = _feeding(circuit, wire)
    values = WireValues(circuit, wires)
    here = values.at([x])[:, 0]
    low, high = np.full(len(values.wires), np.inf), np.full(len(values.wires), -np.inf)
    step = max(1, _VALUES // len(values.wires))
    for start in range(0, len(data.weights), step):
        seen = values.at(data.points[start : start + step])
        low, high = np.minimum(low, seen.min(axis=1)), np.maximum(high, seen.max(axis=1))
    constant = _same(low, high)
    fails = constant & ~_same(here, low)
    bound = min(1.0, len(values.wires) / (data.count + 1)) if data.count else 0.0
    is_input = np.isin(values.wires, [wire.index for wire in circuit.inputs])
    label = wire_labels(circuit)
    order = np.argsort(~is_input, kind="stable")

    def lemmas(chosen: NDArray[np.bool_]) -> tuple[str, ...]:
        rows = [row for row in order.tolist() if chosen[row]]
        return tuple(f"{label.get(values.wires[row], f'#{values.wires[row]}')} = {low[row]:.10g}" for row in rows)

    broken = lemmas(fails)
    note = f"{broken[0]} in all of training, but {here[order][fails[order]][0]:.10g} here" if broken else ""
    return Verdict(
        "anomalous" if broken else "ok",
        "lemma",
        score=float(len(broken)),
        bound=bound,
        kept=lemmas(constant & ~fails),
        dropped=broken,
        semantics=SEMANTICS,
        note=note,
    )


def _same(first: FloatArray, second: FloatArray) -> NDArray[np.bool_]:
    with np.errstate(invalid="ignore"):
        same: NDArray[np.bool_] = (first == second) | (np.abs(first - second) <= _ROUNDING * np.maximum(np.abs(first), np.abs(second)))
    return same


def _feeding(circuit: Circuit, output: Wire) -> list[int]:
    """Wires that the output depends on, its own included; those of the ands and exclusive ors it comes down to, if it is boolean."""
    if is_boolean(lower(circuit, [output])):
        graph = and_xor_graph(circuit, [output])
        return sorted({output.index, *(graph.wires[node][0] for node in (*graph.loads, *graph.gates) if node in graph.wires)})
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
