"""Lowering: from a circuit to a program."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heurest import opcodes
from heurest.circuit.circuit import Circuit
from heurest.circuit.validation import check_circuit
from heurest.circuit.wires import Wire
from heurest.errors import CircuitError
from heurest.program.program import GroupStep, Instructions, LayerStep, Program


def lower(circuit: Circuit, outputs: Sequence[str | Wire] | None = None, keep_dead: bool = False) -> Program:
    """Freeze a circuit and lower it to a program.

    Gates that feed no wanted wire are removed. Affine gates of one operand, negations among them, and products with
    constants disappear into their readers. Inputs are loaded just before their first reader, and values share slots
    when they are not alive together, so memory follows the peak number of live wires. Gates keep the order in which
    they were made.

    Args:
        circuit: Any circuit; it is frozen.
        outputs: Output names or wires that are wanted; by default all declared outputs.
        keep_dead: Compute every wire, also those that feed no output.

    Returns:
        The program. Printing it shows gates, depth, peak live wires and the bytes that each method needs.

    Raises:
        CircuitError: There is no output, or a wanted one is unknown.

    Cost:
        Linear in the circuit; about 0.2 s for 1e6 gates.

    Examples:
        >>> import heurest as hr
        >>> c = hr.Circuit("demo")
        >>> x = c.input("x", hr.Normal()); y = c.input("y", hr.Normal())
        >>> c.output("z", (2 * x + 1) * (y - 1))
        >>> print(hr.lower(c))  # doctest: +ELLIPSIS
        program of 'demo': 1 product, 0 affine gates, 0 dense layers, 2 inputs
          of 6 wires, 3 are computed; the rest are dead, constant or a multiple of another
          depth 1, multiplicative depth 1, at most 2 live at once
          bytes needed: mean ..., cumulant:2 ..., cumulant:3 ..., cumulant:4 ...
    """
    from heurest.kernels import lowering

    check_circuit(circuit)
    circuit.freeze()
    wanted = np.arange(len(circuit)) if keep_dead else _wanted_wires(circuit, outputs)
    gate, boolean, left, right = circuit.gate, circuit.boolean, circuit.left, circuit.right
    layers = circuit.layers
    layer_start = np.cumsum([0] + [layer.operands.size for layer in layers])
    layer_wire = np.concatenate([layer.operands for layer in layers] or [np.empty(0, np.int64)])
    layer_matrix = np.concatenate([layer.matrix.reshape(-1) for layer in layers] or [np.empty(0)])
    base, scale, shift, start, stop, bias, kept_base, kept_scale = lowering.fold(
        gate, boolean, left, right, circuit.value, circuit.term_wire, circuit.term_coefficient, layer_start, layer_wire, layer_matrix
    )
    live, last_use = lowering.mark_live(gate, left, right, base, start, stop, kept_base, layer_start, layer_wire, wanted)
    ordinal = np.cumsum(gate == 0) - 1
    columns = lowering.schedule(
        gate,
        boolean,
        left,
        right,
        base,
        scale,
        shift,
        start,
        stop,
        bias,
        kept_base,
        kept_scale,
        layer_start,
        layer_wire,
        np.array([layer.first for layer in layers], np.int64),
        np.array([len(layer.matrix) for layer in layers], np.int64),
        np.array([len(group.wires) for group in circuit.groups], np.int64),
        ordinal,
        live,
        last_use,
    )
    op, flags, dest, first, second, value, numbers, term_slot, term_scale, base_value, base_slot = columns[:11]
    num_values, num_slots, depth, product_depth = (int(number) for number in columns[11:])
    instructions = Instructions(*map(_read_only, (op, flags, dest, first, second, value, *numbers, term_slot, term_scale)))
    computed = np.flatnonzero(base_value >= 0)
    value_slot = np.empty(num_values, np.int32)
    value_slot[base_value[computed]] = base_slot[computed]
    known = (base < 0) | (base_value[base] >= 0)
    return Program(
        circuit=circuit,
        wanted=wanted,
        instructions=instructions,
        steps=_steps(circuit, instructions, base, scale, shift, base_value, base_slot),
        wire_value=_read_only(np.where(base < 0, np.int32(-1), base_value[base])),
        wire_scale=_read_only(scale),
        wire_shift=_read_only(np.where(known, shift, np.nan)),
        value_slot=_read_only(value_slot),
        num_values=num_values,
        num_slots=num_slots,
        depth=depth,
        product_depth=product_depth,
    )


def _wanted_wires(circuit: Circuit, outputs: Sequence[str | Wire] | None) -> NDArray[np.int64]:
    declared = circuit.outputs
    chosen: list[Wire] = []
    for key in declared if outputs is None else outputs:
        if isinstance(key, Wire):
            if key.circuit is not circuit:
                raise CircuitError(f"circuit {circuit.name!r}: {key!r} belongs to another circuit")
            chosen.append(key)
        elif key in declared:
            chosen.append(declared[key])
        else:
            raise CircuitError(f"circuit {circuit.name!r} has no output named {key!r}; it has {', '.join(declared) or 'none'}")
    if not chosen:
        raise CircuitError(f"circuit {circuit.name!r} has no output: declare one with circuit.output(name, wire)")
    return np.array([wire.index for wire in chosen], dtype=np.int64)


def _steps(
    circuit: Circuit,
    instructions: Instructions,
    base: NDArray[np.int64],
    scale: NDArray[np.float64],
    shift: NDArray[np.float64],
    base_value: NDArray[np.int32],
    base_slot: NDArray[np.int32],
) -> tuple[range | LayerStep | GroupStep, ...]:
    steps: list[range | LayerStep | GroupStep] = []
    begin = 0
    for stop in np.flatnonzero(instructions.op >= opcodes.LAYER).tolist():
        if stop > begin:
            steps.append(range(begin, stop))
        begin = stop + 1
        number = int(instructions.left[stop])
        if instructions.op[stop] == opcodes.GROUP:
            members = np.array([w for w in circuit.groups[number].wires if base_value[w] >= 0])
            coordinates = circuit.right[members].astype(np.int32)
            steps.append(GroupStep(number, *map(_read_only, (coordinates, base_slot[members], base_value[members]))))
            continue
        layer = circuit.layers[number]
        rows = np.flatnonzero(base_value[layer.first : layer.first + len(layer.matrix)] >= 0)
        bias = layer.bias[rows] + layer.matrix[rows] @ shift[layer.operands]
        bases, column = np.unique(base[layer.operands], return_inverse=True)  # operands may be multiples of one wire
        matrix = np.zeros((len(rows), len(bases)))
        np.add.at(matrix.T, column, (layer.matrix[rows] * scale[layer.operands]).T)
        kept = bases >= 0
        steps.append(
            LayerStep(
                matrix=_read_only(matrix[:, kept]),
                bias=_read_only(bias),
                operands=_read_only(base_slot[bases[kept]]),
                outputs=_read_only(base_slot[layer.first + rows]),
                first_value=int(base_value[layer.first + rows[0]]),
            )
        )
    if len(instructions.op) > begin:
        steps.append(range(begin, len(instructions.op)))
    return tuple(steps)


def _read_only(array: NDArray[Any]) -> NDArray[Any]:
    array = np.ascontiguousarray(array)
    array.flags.writeable = False
    return array
