"""Random bits drawn one after the other, each by the chance that a wanted output follows: particles, weights, resampling."""

import numpy as np
from numba import njit

from heurest.opcodes import BIT_AND, BIT_LOAD

_LEAST = 1e-290  # a chance that is not zero never becomes zero by underflow: what is drawn with chance 0 must be impossible
_FAR = 1e100  # weights beyond this, or below its inverse, are brought back to 1 on average


@njit(cache=True, nogil=True)
def _reads(network, k, marked):
    """Whether gate k reads a marked node."""
    select = network.select[k]
    return marked[network.left[k]] or marked[network.right[k]] or (select >= 0 and marked[select])


@njit(cache=True, nogil=True)
def fan_out_sizes(network, variables):
    """How many gates each variable reaches, shape ``(variables,)``."""
    sizes = np.zeros(variables, np.int64)
    reached = np.empty(network.op.size, np.bool_)
    for v in range(variables):
        for k in range(network.op.size):
            if network.op[k] == BIT_LOAD:
                reached[k] = network.left[k] == v
            else:
                reached[k] = _reads(network, k, reached)
                sizes[v] += reached[k]
    return sizes


@njit(cache=True, nogil=True)
def fan_outs(network, sizes):
    """The gates that each variable reaches, in order, as ``start, gate``: variable v has ``gate[start[v] : start[v + 1]]``."""
    start = np.zeros(sizes.size + 1, np.int64)
    for v in range(sizes.size):
        start[v + 1] = start[v] + sizes[v]
    gate = np.empty(start[-1], np.int32)
    reached = np.empty(network.op.size, np.bool_)
    for v in range(sizes.size):
        count = start[v]
        for k in range(network.op.size):
            if network.op[k] == BIT_LOAD:
                reached[k] = network.left[k] == v
            else:
                reached[k] = _reads(network, k, reached)
                if reached[k]:
                    gate[count] = k
                    count += 1
    return start, gate


@njit(cache=True, nogil=True)
def propagate_gate(network, k, one, zero):
    """P(1) and P(0) of gate k, were its operands independent, in every column; sums of positive terms only.

    A chance is 0 only where the value is impossible: this holds for the operands, and underflow stops at a least number.
    """
    x, y, select = network.left[k], network.right[k], network.select[k]
    x1, x0 = (zero[x], one[x]) if network.left_not[k] else (one[x], zero[x])
    y1, y0 = (zero[y], one[y]) if network.right_not[k] else (one[y], zero[y])
    if select < 0 and network.op[k] == BIT_AND:
        for j in range(one.shape[1]):
            chance = x1[j] * y1[j]
            if chance < _LEAST and x1[j] > 0.0 and y1[j] > 0.0:
                chance = _LEAST
            one[k, j] = chance
            zero[k, j] = x0[j] + x1[j] * y0[j]
        return
    if select < 0:  # an exclusive or selects between an operand's inverse and the operand
        s1, s0 = x1, x0
        x1, x0 = y0, y1
    else:
        s1, s0 = one[select], zero[select]
    for j in range(one.shape[1]):
        high, low = s1[j] * x1[j] + s0[j] * y1[j], s1[j] * x0[j] + s0[j] * y0[j]
        if high < _LEAST and ((s1[j] > 0.0 and x1[j] > 0.0) or (s0[j] > 0.0 and y1[j] > 0.0)):
            high = _LEAST
        if low < _LEAST and ((s1[j] > 0.0 and x0[j] > 0.0) or (s0[j] > 0.0 and y0[j] > 0.0)):
            low = _LEAST
        one[k, j], zero[k, j] = high, low


@njit(cache=True, nogil=True)
def propagate_chances(network, variable_one, variable_zero, one, zero):
    """P(1) and P(0) of all nodes, were operands independent, from those of the variables; one case a column."""
    for k in range(network.op.size):
        if network.op[k] == BIT_LOAD:
            for j in range(one.shape[1]):
                one[k, j], zero[k, j] = variable_one[network.left[k], j], variable_zero[network.left[k], j]
        else:
            propagate_gate(network, k, one, zero)


@njit(cache=True, nogil=True)
def chance_slopes(network, output, one, zero):
    """Derivative of P(1) of a node by P(1) of every node, were operands independent; ``one`` and ``zero`` have one column."""
    slope = np.zeros(network.op.size)
    slope[output] = 1.0
    for k in range(network.op.size - 1, -1, -1):
        if network.op[k] == BIT_LOAD or slope[k] == 0.0:
            continue
        x, y, select = network.left[k], network.right[k], network.select[k]
        not_x, not_y = network.left_not[k], network.right_not[k]
        if select >= 0:
            slope[x] += slope[k] * one[select, 0] * (-1.0 if not_x else 1.0)
            slope[y] += slope[k] * zero[select, 0] * (-1.0 if not_y else 1.0)
            slope[select] += slope[k] * ((zero[x, 0] if not_x else one[x, 0]) - (zero[y, 0] if not_y else one[y, 0]))
        elif network.op[k] == BIT_AND:
            slope[x] += slope[k] * (zero[y, 0] if not_y else one[y, 0]) * (-1.0 if not_x else 1.0)
            slope[y] += slope[k] * (zero[x, 0] if not_x else one[x, 0]) * (-1.0 if not_y else 1.0)
        else:
            slope[x] += slope[k] * (zero[y, 0] - one[y, 0])
            slope[y] += slope[k] * (zero[x, 0] - one[x, 0])
    return slope


@njit(cache=True, nogil=True)
def draw_sequentially(network, chances, output, wanted, start, gate, loads, caution, uniforms, first_one, first_zero, weights):
    r"""Draw all variables of every particle; returns the log of the weights' common factor and how often particles were resampled.

    With h(prefix) the chance that the output is wanted, were operands independent, variable v is drawn with chance
    :math:`(1 - c) P(x) h(x) / \sum_z P(z) h(z) + c P(x)`, c the caution, where both values are possible. Afterwards the mean of
    ``weights`` times the common factor is an unbiased estimate of the probability that the output is wanted. Where fewer than half of the
    particles carry the weight they are resampled, systematically.

    ``loads[v]`` is the node of variable v, -1 where the output does not read it; ``start`` and ``gate`` are from `fan_outs`.
    ``uniforms`` has a row for each variable: a number for every particle, and one more for resampling. ``first_one`` and
    ``first_zero`` are the chances of all nodes before anything is drawn.
    """
    particles = weights.size
    nodes = network.op.size
    one, zero = np.empty((nodes, particles)), np.empty((nodes, particles))  # as if the next bit were 1, or not drawn yet
    other_one, other_zero = np.empty((nodes, particles)), np.empty((nodes, particles))  # as if it were 0
    for k in range(nodes):
        one[k], zero[k] = first_one[k], first_zero[k]
        other_one[k], other_zero[k] = first_one[k], first_zero[k]
    before = np.empty(particles)
    before[:] = first_one[output] if wanted else first_zero[output]
    drawn = np.empty(particles, np.bool_)
    parent = np.empty(particles, np.int64)
    row = np.empty(particles)
    weights[:] = 1.0
    log_factor = np.log(before[0])
    resampled = 0
    for v in range(chances.shape[0]):
        p0, p1 = chances[v, 0], chances[v, 1]
        if p0 <= 0.0 or p1 <= 0.0 or loads[v] < 0:
            continue
        load = loads[v]
        one[load], zero[load] = 1.0, 0.0
        other_one[load], other_zero[load] = 0.0, 1.0
        for t in range(start[v], start[v + 1]):
            propagate_gate(network, gate[t], one, zero)
            propagate_gate(network, gate[t], other_one, other_zero)
        if_one, if_zero = (one[output], other_one[output]) if wanted else (zero[output], other_zero[output])
        total, squares = 0.0, 0.0
        for j in range(particles):
            high, low = p1 * if_one[j], p0 * if_zero[j]
            both = high + low
            if weights[j] == 0.0 or both <= 0.0:
                weights[j], drawn[j] = 0.0, False
                continue
            if high > 0.0 and low > 0.0:
                draw_one = (1.0 - caution) * (high / both) + caution * p1
                draw_zero = (1.0 - caution) * (low / both) + caution * p0
            else:
                draw_one, draw_zero = (1.0, 0.0) if high > 0.0 else (0.0, 1.0)
            drawn[j] = uniforms[v, j] < draw_one
            if drawn[j]:
                weights[j] *= high / draw_one / before[j]
                before[j] = if_one[j]
            else:
                weights[j] *= low / draw_zero / before[j]
                before[j] = if_zero[j]
            total += weights[j]
            squares += weights[j] * weights[j]
        for t in range(start[v] - 1, start[v + 1]):
            k = load if t < start[v] else gate[t]
            for j in range(particles):
                if drawn[j]:
                    other_one[k, j], other_zero[k, j] = one[k, j], zero[k, j]
                else:
                    one[k, j], zero[k, j] = other_one[k, j], other_zero[k, j]
        if total == 0.0:
            return log_factor, resampled
        mean = total / particles
        if not 1.0 / _FAR < mean < _FAR:
            log_factor += np.log(mean)
            weights /= mean
            total, squares, mean = total / mean, squares / mean / mean, 1.0
        if total * total < 0.5 * particles * squares and v + 1 < chances.shape[0]:
            resampled += 1
            log_factor += np.log(mean)
            source, reached = 0, weights[0]
            for j in range(particles):
                while (j + uniforms[v, particles]) * mean > reached and source + 1 < particles:
                    source += 1
                    reached += weights[source]
                parent[j] = source
            weights[:] = 1.0
            for j in range(particles):
                row[j] = before[parent[j]]
            before[:] = row
            for k in range(nodes):
                for j in range(particles):
                    row[j] = one[k, parent[j]]
                one[k], other_one[k] = row, row
                for j in range(particles):
                    row[j] = zero[k, parent[j]]
                zero[k], other_zero[k] = row, row
    return log_factor, resampled
