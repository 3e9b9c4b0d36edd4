"""Mean propagation: every product is presumed to be of independent operands."""

from numba import njit

from heurest.opcodes import ADD, AFFINE, LOAD


@njit(cache=True)
def propagate_means(program, start, stop, input_mean, slot, mean):
    """Run instructions ``start`` to ``stop`` on the means in ``slot``; record each value's mean in ``mean``."""
    for k in range(start, stop):
        op = program.op[k]
        if op == LOAD:
            result = input_mean[program.left[k]]
        elif op == AFFINE:
            result = program.left_shift[k]
            for t in range(program.left[k], program.right[k]):
                result += program.term_scale[t] * slot[program.term_slot[t]]
        else:
            u = program.left_scale[k] * slot[program.left[k]] + program.left_shift[k]
            w = program.right_scale[k] * slot[program.right[k]] + program.right_shift[k]
            result = u + w if op == ADD else u * w  # both are computed, so that no branch is mispredicted
        slot[program.dest[k]] = result
        mean[program.value[k]] = result
