"""Circuits and programs taken literally, one step after the other: what lowering is tested against."""

from __future__ import annotations

import numpy as np

import heurest as hr
from heurest import opcodes
from heurest.program import Instructions, LayerStep, Program
from heurest.program.program import GroupStep

Access = tuple[int, list[int], list[tuple[int, int]]]


def circuit_values(circuit: hr.Circuit, inputs: np.ndarray) -> np.ndarray:
    """Value of every wire, shape (wires, samples), from those of the inputs, shape (inputs, samples), by the gate table's references."""
    values = np.empty((len(circuit), inputs.shape[1]))
    drawn = iter(inputs)
    for wire in range(len(circuit)):
        name = circuit.gate_name(wire)
        if name == "input":
            values[wire] = next(drawn)
        elif name == "constant":
            values[wire] = circuit.value[wire]
        elif name == "affine":
            bias, operands, coefficients = circuit.terms(wire)
            values[wire] = hr.GATES[name].reference(coefficients, values[operands], bias)
        else:
            values[wire] = hr.GATES[name].reference(*values[list(circuit.operands(wire))])
    return values


def program_values(program: Program, inputs: np.ndarray) -> np.ndarray:
    """Value of every wire, NaN for wires that feed nothing wanted, by running the program's steps."""
    code, samples = program.instructions, inputs.shape[1]
    slot, value = np.full((program.num_slots, samples), np.nan), np.full((program.num_values, samples), np.nan)
    for step in program.steps:
        if isinstance(step, LayerStep):
            slot[step.outputs] = step.matrix @ slot[step.operands] + step.bias[:, np.newaxis]
            value[step.first_value : step.first_value + len(step.outputs)] = slot[step.outputs]
        elif isinstance(step, range):
            for k in step:
                slot[code.dest[k]] = value[code.value[k]] = _result(code, k, slot, inputs)
    known = np.vstack([value, np.zeros(samples)])  # value -1 stands for no value
    return program.wire_scale[:, np.newaxis] * known[program.wire_value] + program.wire_shift[:, np.newaxis]


def _result(code: Instructions, k: int, slot: np.ndarray, inputs: np.ndarray) -> np.ndarray:
    left, right = code.left[k], code.right[k]
    if code.op[k] == opcodes.LOAD:
        return inputs[left]
    if code.op[k] == opcodes.AFFINE:
        return code.left_shift[k] + code.term_scale[left:right] @ slot[code.term_slot[left:right]]
    u, w = code.left_scale[k] * slot[left] + code.left_shift[k], code.right_scale[k] * slot[right] + code.right_shift[k]
    return u + w if code.op[k] == opcodes.ADD else u * w


def check_slots(program: Program) -> int:
    """Fail unless every slot that is read holds the very value that the circuit's gate reads; return the most values alive at once.

    A value is alive from its computation to its last reader, and while it is computed. Inputs of one joint law are computed together,
    rows of a layer too.
    """
    circuit = program.circuit
    made_by = {}  # the first wire of a value is the gate that computes it, the others are its multiples
    for wire in reversed(range(len(circuit))):
        made_by[int(program.wire_value[wire])] = wire
    holds: dict[int, int] = {}
    computed: dict[int, int] = {}
    last_read: dict[int, int] = {}
    for time, (op, slots, results) in enumerate(_accesses(program)):
        read = {holds[slot] for slot in slots}
        for value, slot in results:
            operands = {int(program.wire_value[wire]) for wire in circuit.operands(made_by[value])} - {-1}
            if not read <= operands or (op == opcodes.MULTIPLY and read != operands):
                raise AssertionError(f"wire {made_by[value]} is made of values {operands}, but its slots hold {read}")
            if value in computed:
                raise AssertionError(f"value {value} is computed twice")
            computed[value] = last_read[value] = time
            holds[slot] = value
        last_read |= dict.fromkeys(read, time)
    if sorted(computed) != list(range(program.num_values)):
        raise AssertionError(f"{program.num_values} values are announced, but {sorted(computed)} are computed")
    times = range(max(computed.values(), default=-1) + 1)
    return max((sum(made == time or made < time < last_read[value] for value, made in computed.items()) for time in times), default=0)


def _accesses(program: Program) -> list[Access]:
    """What each step does: its opcode, the slots that it reads, and the values that it computes with their slots."""
    code = program.instructions
    accesses: list[Access] = []
    for step in program.steps:
        if isinstance(step, LayerStep):
            made = [(step.first_value + row, int(slot)) for row, slot in enumerate(step.outputs)]
            accesses.append((opcodes.LAYER, step.operands.tolist(), made))
        elif isinstance(step, GroupStep):
            loads = [accesses.pop() for _ in step.slots][::-1]
            accesses.append((opcodes.GROUP, [], [result for _, _, results in loads for result in results]))
        else:
            for k in step:
                left, right = int(code.left[k]), int(code.right[k])
                reads = [left, right]
                if code.op[k] == opcodes.LOAD:
                    reads = []
                elif code.op[k] == opcodes.AFFINE:
                    reads = code.term_slot[left:right].tolist()
                accesses.append((int(code.op[k]), reads, [(int(code.value[k]), int(code.dest[k]))]))
    return accesses
