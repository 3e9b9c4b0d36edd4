"""Lowering passes: fold affine gates of one operand, drop dead wires, assign slots by liveness."""

import numpy as np
from numba import njit

from heurest.opcodes import ADD, AFFINE, GROUP, LAYER, LEFT_BOOLEAN, LOAD, MULTIPLY, RESULT_BOOLEAN, RIGHT_BOOLEAN

# The circuit's gate codes (heurest.circuit.gates), repeated because kernels import opcodes only; a test compares them.
GATE_INPUT, GATE_CONSTANT, GATE_AFFINE, GATE_MULTIPLY, GATE_SQUARE, GATE_AND = range(6)


@njit(cache=True)
def fold(gate, boolean, left, right, value, term_wire, term_coefficient, layer_start, layer_wire, layer_matrix):
    """Write every wire as ``scale * base + shift`` with ``base`` an input, a product, a sum of several, or -1.

    Returns ``base, scale, shift``, each of shape ``(num_wires,)``, and the affine gates that remain, as
    ``start, stop`` into ``kept_base, kept_scale``; their bias is in ``bias``. Products of one boolean wire
    with itself disappear, since its square is itself. A dense layer's row of one operand folds like any affine gate;
    ``layer_matrix`` holds the matrices end to end, ``layer_wire[layer_start[i] : layer_start[i + 1]]`` their operands.
    """
    n = gate.size
    base = np.empty(n, np.int64)
    scale = np.ones(n)
    shift = np.zeros(n)
    start = np.zeros(n, np.int64)
    stop = np.zeros(n, np.int64)
    bias = np.zeros(n)
    widest = 0
    offset = np.zeros(layer_start.size, np.int64)
    for w in range(n):
        if gate[w] == GATE_AFFINE and left[w] < 0:
            layer = -1 - left[w]
            width = layer_start[layer + 1] - layer_start[layer]
            widest = max(widest, width)
            offset[layer + 1] = offset[layer] + (right[w] + 1) * width
    kept_base = np.empty(term_wire.size + widest, np.int64)
    kept_scale = np.empty(term_wire.size + widest)
    seen_at = np.full(n, -1, np.int64)
    kept = 0
    for w in range(n):
        base[w] = w
        if gate[w] == GATE_CONSTANT:
            base[w], scale[w], shift[w] = -1, 0.0, value[w]
        elif gate[w] == GATE_AFFINE:
            first = kept
            total = value[w]
            layer = -1 - left[w]
            width = right[w] - left[w] if layer < 0 else layer_start[layer + 1] - layer_start[layer]
            for t in range(width):
                if layer < 0:
                    operand, factor = term_wire[left[w] + t], term_coefficient[left[w] + t]
                else:
                    operand, factor = layer_wire[layer_start[layer] + t], layer_matrix[offset[layer] + right[w] * width + t]
                total += factor * shift[operand]
                b = base[operand]
                if b < 0:
                    continue
                coefficient = factor * scale[operand]
                if seen_at[b] >= first:
                    kept_scale[seen_at[b]] += coefficient
                else:
                    seen_at[b] = kept
                    kept_base[kept], kept_scale[kept] = b, coefficient
                    kept += 1
            end = first
            for t in range(first, kept):
                seen_at[kept_base[t]] = -1
                if kept_scale[t] != 0.0:
                    kept_base[end], kept_scale[end] = kept_base[t], kept_scale[t]
                    end += 1
            kept = end
            if kept - first == 0:
                base[w], scale[w], shift[w] = -1, 0.0, total
            elif kept - first == 1:
                kept = first
                base[w], scale[w], shift[w] = kept_base[first], kept_scale[first], total
            elif layer >= 0:
                kept = first
            else:
                start[w], stop[w], bias[w] = first, kept, total
        elif gate[w] == GATE_MULTIPLY or gate[w] == GATE_SQUARE or gate[w] == GATE_AND:
            a, b = left[w], right[w]
            if base[a] < 0 or base[b] < 0:
                if base[a] < 0:
                    a, b = b, a
                base[w], scale[w], shift[w] = base[a], scale[a] * shift[b], shift[a] * shift[b]
            elif base[a] == base[b] and boolean[base[a]]:
                base[w] = base[a]
                scale[w] = scale[a] * scale[b] + scale[a] * shift[b] + shift[a] * scale[b]
                shift[w] = shift[a] * shift[b]
            if scale[w] == 0.0:
                base[w] = -1
    return base, scale, shift, start, stop, bias, kept_base[:kept], kept_scale[:kept]


@njit(cache=True)
def mark_live(gate, left, right, base, start, stop, kept_base, layer_start, layer_wire, wanted):
    """Return which base wires feed a wanted wire, and for each the last gate that reads it (-1: none)."""
    n = gate.size
    live = np.zeros(n, np.bool_)
    last_use = np.full(n, -1, np.int64)
    layer_seen = np.zeros(layer_start.size, np.bool_)
    layer_time = np.full(layer_start.size, n, np.int64)
    for i in range(wanted.size):
        if base[wanted[i]] >= 0:
            live[base[wanted[i]]] = True
    for w in range(n - 1, -1, -1):
        if not live[w]:
            continue
        if gate[w] == GATE_AFFINE and left[w] < 0:
            layer = -1 - left[w]
            layer_time[layer] = w  # the layer is computed where its first live row stands
            if not layer_seen[layer]:
                layer_seen[layer] = True
                for t in range(layer_start[layer], layer_start[layer + 1]):
                    b = base[layer_wire[t]]
                    if b >= 0:
                        live[b] = True
        elif gate[w] == GATE_AFFINE:
            for t in range(start[w], stop[w]):
                b = kept_base[t]
                live[b] = True
                last_use[b] = max(last_use[b], w)
        elif gate[w] != GATE_INPUT:
            for b in (base[left[w]], base[right[w]]):
                live[b] = True
                last_use[b] = max(last_use[b], w)
    for layer in range(layer_start.size - 1):
        if layer_seen[layer]:
            for t in range(layer_start[layer], layer_start[layer + 1]):
                b = base[layer_wire[t]]
                if b >= 0:
                    last_use[b] = max(last_use[b], layer_time[layer])
    return live, last_use


@njit(cache=True)
def schedule(gate, boolean, left, right, base, scale, shift, start, stop, bias, kept_base, kept_scale,
             layer_start, layer_wire, layer_first, layer_rows, group_size, ordinal, live, last_use):  # fmt: skip
    """Emit the instructions in gate order, inputs just before their first reader, with slots reused by liveness.

    Returns the instruction columns, the value number and slot of every live base wire (-1 elsewhere), the number
    of slots, the depth (longest path of remaining gates) and the multiplicative depth.
    """
    n = gate.size
    room = live.sum() + group_size.size + layer_rows.size
    op = np.empty(room, np.uint8)
    flags = np.zeros(room, np.uint8)
    dest = np.zeros(room, np.int32)
    first = np.zeros(room, np.int32)
    second = np.zeros(room, np.int32)
    value = np.zeros(room, np.int32)
    numbers = np.zeros((4, room))
    term_slot = np.empty(kept_base.size, np.int32)
    term_scale = np.empty(kept_base.size)
    wire_value = np.full(n, -1, np.int32)
    wire_slot = np.full(n, -1, np.int32)
    depth = np.zeros(n, np.int32)
    product_depth = np.zeros(n, np.int32)
    group_done = np.zeros(group_size.size, np.bool_)
    free = np.empty(n, np.int32)
    reads = np.empty(n + layer_wire.size + 2, np.int64)
    num_free = 0
    num_slots = 0
    count = 0
    values = 0
    terms = 0
    for w in range(n + 1):  # the last round loads inputs that are outputs but feed no gate
        num_reads = 0
        layer = -1
        if w < n:
            if not live[w] or gate[w] == GATE_INPUT or wire_value[w] >= 0:
                continue
            if gate[w] == GATE_AFFINE and left[w] < 0:
                layer = -1 - left[w]
                for t in range(layer_start[layer], layer_start[layer + 1]):
                    if base[layer_wire[t]] >= 0:
                        reads[num_reads] = base[layer_wire[t]]
                        num_reads += 1
            elif gate[w] == GATE_AFFINE:
                for t in range(start[w], stop[w]):
                    reads[num_reads] = kept_base[t]
                    num_reads += 1
            else:
                reads[0], reads[1] = base[left[w]], base[right[w]]
                num_reads = 2
        else:
            for v in range(n):
                if live[v] and wire_value[v] < 0:
                    reads[num_reads] = v
                    num_reads += 1

        for r in range(num_reads):
            b = reads[r]
            if wire_value[b] >= 0:
                continue
            group = left[b]  # a wire without a value that is read is an input
            if group_done[group]:
                continue
            group_done[group] = True
            head = b - right[b]
            for member in range(head, head + group_size[group]):
                if not live[member]:
                    continue
                if num_free > 0:
                    num_free -= 1
                    slot = free[num_free]
                else:
                    slot = num_slots
                    num_slots += 1
                wire_slot[member], wire_value[member] = slot, values
                op[count], dest[count], first[count], value[count] = LOAD, slot, ordinal[member], values
                flags[count] = RESULT_BOOLEAN if boolean[member] else 0
                values += 1
                count += 1
            if group_size[group] > 1:
                op[count], first[count] = GROUP, group
                count += 1
            for member in range(head, head + group_size[group]):
                if live[member] and last_use[member] < 0:
                    free[num_free] = wire_slot[member]
                    num_free += 1
        if w == n:
            break

        level = 0
        product_level = 0
        for r in range(num_reads):
            level = max(level, depth[reads[r]])
            product_level = max(product_level, product_depth[reads[r]])
        if layer >= 0:
            op[count], first[count] = LAYER, layer
        elif gate[w] == GATE_AFFINE:
            if num_reads == 2:
                a = start[w]
                op[count] = ADD
                first[count], second[count] = wire_slot[kept_base[a]], wire_slot[kept_base[a + 1]]
                numbers[0, count], numbers[1, count] = kept_scale[a], bias[w]
                numbers[2, count] = kept_scale[a + 1]
            else:
                op[count], first[count] = AFFINE, terms
                numbers[1, count] = bias[w]
                for t in range(start[w], stop[w]):
                    term_slot[terms], term_scale[terms] = wire_slot[kept_base[t]], kept_scale[t]
                    terms += 1
                second[count] = terms
        else:
            op[count] = MULTIPLY
            product_level += 1
            first[count], second[count] = wire_slot[reads[0]], wire_slot[reads[1]]
            numbers[0, count], numbers[1, count] = scale[left[w]], shift[left[w]]
            numbers[2, count], numbers[3, count] = scale[right[w]], shift[right[w]]
        if num_reads == 2 and layer < 0:
            flags[count] = (LEFT_BOOLEAN if boolean[reads[0]] else 0) | (RIGHT_BOOLEAN if boolean[reads[1]] else 0)
        if boolean[w]:
            flags[count] |= RESULT_BOOLEAN

        for r in range(num_reads):
            b = reads[r]
            if last_use[b] == w:
                last_use[b] = -2  # freed: a wire may be read twice by one gate
                free[num_free] = wire_slot[b]
                num_free += 1
        value[count] = values
        begin = w
        end = w + 1
        if layer >= 0:
            begin = layer_first[layer]
            end = begin + layer_rows[layer]
        for v in range(begin, end):
            if not live[v]:
                continue
            if num_free > 0:
                num_free -= 1
                slot = free[num_free]
            else:
                slot = num_slots
                num_slots += 1
            wire_slot[v], wire_value[v] = slot, values
            depth[v], product_depth[v] = level + 1, product_level
            dest[count] = slot
            values += 1
        for v in range(begin, end):
            if live[v] and last_use[v] == -1:
                free[num_free] = wire_slot[v]
                num_free += 1
        count += 1
    return (op[:count], flags[:count], dest[:count], first[:count], second[:count], value[:count], numbers[:, :count],
            term_slot[:terms], term_scale[:terms], wire_value, wire_slot, values, num_slots, depth.max() if n else 0,
            product_depth.max() if n else 0)  # fmt: skip
