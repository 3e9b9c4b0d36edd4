"""Degrees of all values of a program as polynomials in each group of inputs."""

from numba import njit

from heurest.opcodes import AFFINE, LOAD, MULTIPLY


@njit(cache=True)
def propagate_degrees(program, start, stop, load_column, slots, row, watch, watched, cap):
    """Run instructions ``start`` to ``stop`` on degrees; column g of ``slots`` is the degree in group g.

    The last column is the total degree. Sums take the larger degree and products add degrees, up to ``cap``;
    cancellation is not seen. Degrees of value v go to row ``watch[v]`` of ``watched`` unless that is -1. ``row`` is
    scratch, because a result may take the slot of an operand.
    """
    columns = row.size
    for k in range(start, stop):
        op = program.op[k]
        for g in range(columns):
            row[g] = 0
        if op == LOAD:
            row[load_column[program.left[k]]] = 1
            row[columns - 1] = 1
        elif op == AFFINE:
            for t in range(program.left[k], program.right[k]):
                x = program.term_slot[t]
                for g in range(columns):
                    row[g] = max(row[g], slots[x, g])
        else:
            x, y = program.left[k], program.right[k]
            for g in range(columns):
                if op == MULTIPLY:
                    row[g] = min(slots[x, g] + slots[y, g], cap)
                else:
                    row[g] = max(slots[x, g], slots[y, g])
        c = program.dest[k]
        for g in range(columns):
            slots[c, g] = row[g]
        seen = watch[program.value[k]]
        if seen >= 0:
            for g in range(columns):
                watched[seen, g] = row[g]
