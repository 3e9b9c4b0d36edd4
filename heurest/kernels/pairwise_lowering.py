"""Lowering of programs to nodes of at most two operands, and sums of many; each node knows its operands by number."""

import numpy as np
from numba import njit

from heurest.opcodes import ADD, AFFINE, GROUP, LOAD, RESULT_BOOLEAN


@njit(cache=True)
def count_nodes(program, start, stop, chain):
    """How many nodes and operands the instructions make when sums of up to ``chain`` terms become sums of two."""
    nodes, operands = 0, 0
    for k in range(start, stop):
        if program.op[k] == AFFINE:
            terms = program.right[k] - program.left[k]
            nodes += terms - 1 if terms <= chain else 1
            operands += 2 * (terms - 1) if terms <= chain else terms
        elif program.op[k] != GROUP:
            nodes += 1
            operands += 0 if program.op[k] == LOAD else 2
    return nodes, operands


@njit(cache=True)
def append_nodes(program, first, stop, chain, slot_node, value_node, nodes, count):
    """Write instructions ``first`` to ``stop`` as nodes from number ``count`` on; the number of nodes after them.

    ``slot_node`` tells what each slot holds and ``value_node`` what computes each value; both are kept up to date.
    """
    for k in range(first, stop):
        code = program.op[k]
        if code == GROUP:
            continue
        at = nodes.start[count]
        if code == AFFINE:
            begin, end = program.left[k], program.right[k]
            if end - begin > chain:
                for t in range(begin, end):
                    nodes.operand[at], nodes.scale[at] = slot_node[program.term_slot[t]], program.term_scale[t]
                    at += 1
                nodes.op[count], nodes.shift[count, 0] = AFFINE, program.left_shift[k]
                count += 1
                nodes.start[count] = at
            else:
                for t in range(begin + 1, end):
                    leading = t == begin + 1
                    nodes.operand[at] = slot_node[program.term_slot[begin]] if leading else count - 1
                    nodes.scale[at] = program.term_scale[begin] if leading else 1.0
                    nodes.operand[at + 1], nodes.scale[at + 1] = slot_node[program.term_slot[t]], program.term_scale[t]
                    nodes.op[count], nodes.shift[count, 0] = ADD, program.left_shift[k] if leading else 0.0
                    count += 1
                    at += 2
                    nodes.start[count] = at
        else:
            nodes.op[count] = code
            if code == LOAD:
                nodes.input[count] = program.left[k]
            else:
                nodes.operand[at], nodes.scale[at] = slot_node[program.left[k]], program.left_scale[k]
                nodes.operand[at + 1], nodes.scale[at + 1] = slot_node[program.right[k]], program.right_scale[k]
                nodes.shift[count, 0], nodes.shift[count, 1] = program.left_shift[k], program.right_shift[k]
                at += 2
            count += 1
            nodes.start[count] = at
        nodes.boolean[count - 1] = program.flags[k] & RESULT_BOOLEAN != 0
        slot_node[program.dest[k]] = count - 1
        value_node[program.value[k]] = count - 1
    return count


@njit(cache=True)
def append_layer(matrix, bias, operands, outputs, first_value, chain, slot_node, value_node, nodes, count):
    """Write a dense layer as one sum a row; zero coefficients are left out."""
    rows, columns = matrix.shape
    read = np.empty(columns, np.int64)
    for j in range(columns):
        read[j] = slot_node[operands[j]]
    for i in range(rows):
        terms = 0
        for j in range(columns):
            terms += matrix[i, j] != 0.0
        at = nodes.start[count]
        seen = 0
        for j in range(columns):
            if matrix[i, j] == 0.0:
                continue
            if terms <= chain and seen >= 2:
                nodes.op[count], nodes.operand[at], nodes.scale[at] = ADD, count - 1, 1.0
                at += 1
            nodes.operand[at], nodes.scale[at] = read[j], matrix[i, j]
            at += 1
            seen += 1
            if terms <= chain and seen >= 2:
                nodes.op[count], nodes.shift[count, 0] = ADD, bias[i] if seen == 2 else 0.0
                count += 1
                nodes.start[count] = at
        if terms > chain:
            nodes.op[count], nodes.shift[count, 0] = AFFINE, bias[i]
            count += 1
            nodes.start[count] = at
        slot_node[outputs[i]] = count - 1
        value_node[first_value + i] = count - 1
    return count
