"""Lowering of boolean programs to gates of two operands: parities, absorbed ands, dead gates removed, slots."""

import numpy as np
from numba import njit

from heurest.opcodes import ADD, BIT_AND, BIT_LOAD, BIT_OBSERVE, BIT_XOR, GROUP, LOAD, MULTIPLY

_SEARCHED = 8  # a parity of more wires is not searched for ands that it can absorb


@njit(cache=True)
def bit_nodes(program, num_slots, num_values):
    """Write a boolean program as nodes, each a load, an and, or an exclusive or of two earlier nodes.

    An operand is inverted where its flag says so; node -1 is the constant 0. The sum of boolean wires with a boolean
    result is the parity of its bias and of the operands with odd coefficients. In it, x and x & y together are
    x & ~y: so the parity a ^ b ^ (a & b) becomes a single and, namely a | b = ~(~a & ~b).

    Returns ``op, left, right, left_not, right_not`` of the nodes, and the node and the flag of every value.
    """
    room = program.op.size + program.term_slot.size
    op = np.empty(room, np.uint8)
    left = np.zeros(room, np.int32)
    right = np.zeros(room, np.int32)
    left_not = np.zeros(room, np.bool_)
    right_not = np.zeros(room, np.bool_)
    slot_node = np.full(num_slots, -1, np.int32)
    slot_not = np.zeros(num_slots, np.bool_)
    value_node = np.full(num_values, -1, np.int32)
    value_not = np.zeros(num_values, np.bool_)
    parity = np.empty(program.term_slot.size + 2, np.int32)
    count = 0
    for k in range(program.op.size):
        code = program.op[k]
        if code == GROUP:
            continue
        node = count
        inverted = False
        if code == LOAD:
            op[count], left[count] = BIT_LOAD, program.left[k]
            count += 1
        elif code == MULTIPLY:
            x, y = slot_node[program.left[k]], slot_node[program.right[k]]
            p = slot_not[program.left[k]] != (program.left_scale[k] < 0.0)
            q = slot_not[program.right[k]] != (program.right_scale[k] < 0.0)
            if x < 0 or y < 0:
                if x < 0:
                    x, p, y, q = y, q, x, p
                node, inverted = (x, p) if q else (-1, False)
            else:
                op[count], left[count], right[count], left_not[count], right_not[count] = BIT_AND, x, y, p, q
                count += 1
        else:
            size = 0
            if code == ADD:
                inverted = (program.left_shift[k] + program.right_shift[k]) % 2.0 == 1.0
                for side in range(2):
                    slot = program.left[k] if side == 0 else program.right[k]
                    scale = program.left_scale[k] if side == 0 else program.right_scale[k]
                    if scale % 2.0 == 1.0:
                        inverted = inverted != slot_not[slot]
                        if slot_node[slot] >= 0:
                            parity[size] = slot_node[slot]
                            size += 1
            else:
                inverted = program.left_shift[k] % 2.0 == 1.0
                for t in range(program.left[k], program.right[k]):
                    slot = program.term_slot[t]
                    if program.term_scale[t] % 2.0 == 1.0:
                        inverted = inverted != slot_not[slot]
                        if slot_node[slot] >= 0:
                            parity[size] = slot_node[slot]
                            size += 1
            searching = size <= _SEARCHED
            while searching:
                searching = False
                for i in range(size):
                    for j in range(size):
                        x, z = parity[i], parity[j]
                        if searching or i == j or op[z] != BIT_AND or (left[z] != x and right[z] != x):
                            continue
                        searching = True
                        p, y, q = left_not[z], right[z], right_not[z]
                        if left[z] != x:
                            p, y, q = right_not[z], left[z], left_not[z]
                        op[count], left[count], right[count], left_not[count], right_not[count] = BIT_AND, x, y, p, not q
                        inverted = inverted != p
                        parity[i] = count
                        size -= 1
                        parity[j] = parity[size]
                        count += 1
            node = -1 if size == 0 else parity[0]
            for i in range(1, size):
                op[count], left[count], right[count] = BIT_XOR, node, parity[i]
                node = count
                count += 1
        slot_node[program.dest[k]], slot_not[program.dest[k]] = node, inverted
        value_node[program.value[k]], value_not[program.value[k]] = node, inverted
    return op[:count], left[:count], right[:count], left_not[:count], right_not[:count], value_node, value_not


@njit(cache=True)
def emit_bits(op, left, right, left_not, right_not, seen_node, seen_not):
    """Order the nodes that feed an observed one as instructions on reusable slots.

    A gate's result is given a slot before its operands give theirs up, so no gate writes where it reads. Observation i
    is of node ``seen_node[i]``, inverted if ``seen_not[i]``, and comes right after it.

    Returns ``op, dest, left, right, left_mask, right_mask`` and the number of slots.
    """
    nodes = op.size
    last_use = np.full(nodes, -1, np.int64)
    first_seen = np.full(nodes, -1, np.int64)
    next_seen = np.full(seen_node.size, -1, np.int64)
    live = np.zeros(nodes, np.bool_)
    for i in range(seen_node.size - 1, -1, -1):
        live[seen_node[i]] = True
        next_seen[i] = first_seen[seen_node[i]]
        first_seen[seen_node[i]] = i
    room = seen_node.size
    for node in range(nodes - 1, -1, -1):
        if live[node]:
            room += 1
            if op[node] != BIT_LOAD:
                for x in (left[node], right[node]):
                    live[x] = True
                    last_use[x] = max(last_use[x], node)
    codes = np.empty(room, np.uint8)
    dest = np.zeros(room, np.int32)
    first = np.zeros(room, np.int32)
    second = np.zeros(room, np.int32)
    masks = np.zeros((2, room), np.uint64)
    slot = np.full(nodes, -1, np.int32)
    free = np.empty(nodes, np.int32)
    all_ones = ~np.uint64(0)
    num_free, num_slots, count = 0, 0, 0
    for node in range(nodes):
        if not live[node]:
            continue
        if num_free > 0:
            num_free -= 1
            slot[node] = free[num_free]
        else:
            slot[node] = num_slots
            num_slots += 1
        codes[count], dest[count] = op[node], slot[node]
        if op[node] == BIT_LOAD:
            first[count] = left[node]
        else:
            first[count], second[count] = slot[left[node]], slot[right[node]]
            if left_not[node]:
                masks[0, count] = all_ones
            if right_not[node]:
                masks[1, count] = all_ones
            for x in (left[node], right[node]):
                if last_use[x] == node:
                    last_use[x] = -2  # freed: both operands may be one node
                    free[num_free] = slot[x]
                    num_free += 1
        count += 1
        i = first_seen[node]
        while i >= 0:
            codes[count], dest[count], first[count] = BIT_OBSERVE, i, slot[node]
            if seen_not[i]:
                masks[0, count] = all_ones
            count += 1
            i = next_seen[i]
        if last_use[node] == -1:
            free[num_free] = slot[node]
            num_free += 1
    return codes, dest, first, second, masks[0], masks[1], num_slots
