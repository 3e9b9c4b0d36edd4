"""From slots back to values: which earlier values each instruction of a program reads."""

from numba import njit

from heurest.opcodes import ADD, AFFINE, LOAD, MULTIPLY, RESULT_BOOLEAN


@njit(cache=True)
def read_instructions(program, start, stop, slot_value, inputs, product, boolean, left, right, bias, term_count, term_value):
    """Follow instructions ``start`` to ``stop``; ``slot_value`` says which value each slot holds.

    For value v: ``inputs[v]`` is its input number or -1, ``product[v]`` whether it is a product of values ``left[v]`` and
    ``right[v]``; otherwise it has ``term_count[v]`` terms, whose values for affine gates stand in ``term_value`` where
    the program has its terms, for sums of two in ``left`` and ``right``.
    """
    for k in range(start, stop):
        op, v = program.op[k], program.value[k]
        boolean[v] = program.flags[k] & RESULT_BOOLEAN != 0
        if op == LOAD:
            inputs[v] = program.left[k]
        elif op <= MULTIPLY:  # or a sum of two
            left[v] = slot_value[program.left[k]]
            right[v] = slot_value[program.right[k]]
            product[v] = op == MULTIPLY
            if op == ADD:
                term_count[v] = 2
        elif op == AFFINE:
            for t in range(program.left[k], program.right[k]):
                term_value[t] = slot_value[program.term_slot[t]]
            term_count[v] = program.right[k] - program.left[k]
        bias[v] = program.left_shift[k]
        slot_value[program.dest[k]] = v
