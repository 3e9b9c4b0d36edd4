"""Cumulant propagation of order 2 (covariance propagation) over live slots."""

from numba import njit

from heurest.opcodes import AFFINE, LEFT_BOOLEAN, LOAD, MULTIPLY, RESULT_BOOLEAN, RIGHT_BOOLEAN


@njit(cache=True)
def variance_of_product(u, w, cuu, cww, cuw, mx, my, a, b, left_boolean, right_boolean):
    r"""Variance of ``u w`` with joint cumulants of three and more distinct wires presumed zero.

    ``u = a x + .`` and ``w = b y + .`` have means ``u, w``, variances ``cuu, cww`` and covariance ``cuw``;
    all copies are expanded before the cut: k(uuww) + 2u k(uww) + 2w k(uuw) + the terms in pairs. A boolean x or y
    (mean ``mx, my``) repeats as k(x,x,S) = k(x,S) - sum_T k(x,T) k(x,S\T).
    """
    total = cuu * cww + cuw * cuw + u * u * cww + w * w * cuu + 2.0 * u * w * cuw
    kuuw = a * (1.0 - 2.0 * mx) * cuw if left_boolean else 0.0
    kuww = b * (1.0 - 2.0 * my) * cuw if right_boolean else 0.0
    total += 2.0 * w * kuuw + 2.0 * u * kuww
    if left_boolean:
        total += a * (1.0 - 2.0 * mx) * kuww - 2.0 * cuw * cuw
    elif right_boolean:
        total += b * (1.0 - 2.0 * my) * kuuw - 2.0 * cuw * cuw
    return total


@njit(cache=True)
def propagate_covariances(program, start, stop, input_mean, input_variance, slot_mean, covariance, row, mean, variance):
    """Run instructions ``start`` to ``stop`` on ``slot_mean`` (n,) and ``covariance`` (n, n or more); ``row`` is scratch (n,).

    Each value's mean and variance are recorded. Cost: two multiplications a live slot for each gate.
    """
    n = slot_mean.size
    for k in range(start, stop):
        op = program.op[k]
        c = program.dest[k]
        if op == LOAD:
            mu = input_mean[program.left[k]]
            var = input_variance[program.left[k]]
            for d in range(n):
                row[d] = 0.0
        elif op == AFFINE:
            mu = program.left_shift[k]
            for d in range(n):
                row[d] = 0.0
            for t in range(program.left[k], program.right[k]):
                x, s = program.term_slot[t], program.term_scale[t]
                mu += s * slot_mean[x]
                for d in range(n):
                    row[d] += s * covariance[x, d]
            var = 0.0
            for t in range(program.left[k], program.right[k]):
                var += program.term_scale[t] * row[program.term_slot[t]]
        else:
            x, y = program.left[k], program.right[k]
            a, b = program.left_scale[k], program.right_scale[k]
            u = a * slot_mean[x] + program.left_shift[k]
            w = b * slot_mean[y] + program.right_shift[k]
            if op == MULTIPLY:
                cuw = a * b * covariance[x, y]
                mu = u * w + cuw
                p, q = w * a, u * b
            else:
                mu = u + w
                p, q = a, b
            for d in range(n):
                row[d] = p * covariance[x, d] + q * covariance[y, d]
            if op == MULTIPLY:
                left_boolean = program.flags[k] & LEFT_BOOLEAN != 0
                right_boolean = program.flags[k] & RIGHT_BOOLEAN != 0
                var = variance_of_product(
                    u, w, a * a * covariance[x, x], b * b * covariance[y, y], cuw,
                    slot_mean[x], slot_mean[y], a, b, left_boolean, right_boolean,
                )  # fmt: skip
                if left_boolean:  # k(x,y,x) is known although it has three wires
                    row[x] += b * a * (1.0 - 2.0 * slot_mean[x]) * covariance[x, y]
                if right_boolean:
                    row[y] += a * b * (1.0 - 2.0 * slot_mean[y]) * covariance[x, y]
            else:
                var = a * row[x] + b * row[y]
        if program.flags[k] & RESULT_BOOLEAN:
            var = mu - mu * mu
        for d in range(n):
            covariance[c, d] = row[d]
            covariance[d, c] = row[d]
        covariance[c, c] = var
        slot_mean[c] = mu
        mean[program.value[k]] = mu
        variance[program.value[k]] = var
