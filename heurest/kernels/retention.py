"""Slots for nodes that stay alive, after their last reader, as long as what they feed is alive.

The operands of node k are ``operand[start[k] : start[k + 1]]``; nodes stand in order of computation.
"""

import numpy as np
from numba import njit


@njit(cache=True)
def last_readers(start, operand, wanted):
    """The last node that reads each node; -1 for none, -2 for nodes that feed nothing wanted."""
    nodes = start.size - 1
    last = np.full(nodes, -2, np.int64)
    for i in range(wanted.size):
        last[wanted[i]] = -1
    for node in range(nodes - 1, -1, -1):
        if last[node] != -2:
            for i in range(start[node], start[node + 1]):
                last[operand[i]] = max(last[operand[i]], node)
    return last


@njit(cache=True)
def assign_slots(start, operand, last, generations):
    """Give each needed node a slot, reused once it, and what it feeds down to ``generations``, has no reader left.

    Returns the slot of every node (-1: not needed), for node k the slots that fall free after it as
    ``freed[first[k] : first[k + 1]]``, and the number of slots. A negative ``generations`` frees nothing.
    """
    nodes = start.size - 1
    death = last.copy()
    for _ in range(generations):
        later = last.copy()
        for node in range(nodes):
            if last[node] != -2:
                for i in range(start[node], start[node + 1]):
                    later[operand[i]] = max(later[operand[i]], death[node])
        death = later
    first_dying = np.full(nodes, -1, np.int64)
    next_dying = np.full(nodes, -1, np.int64)
    for node in range(nodes - 1, -1, -1):
        if last[node] != -2 and generations >= 0:
            time = max(death[node], node)
            next_dying[node] = first_dying[time]
            first_dying[time] = node
    slot = np.full(nodes, -1, np.int32)
    first = np.zeros(nodes + 1, np.int64)
    freed = np.empty(nodes, np.int32)
    free = np.empty(nodes, np.int32)
    num_free, num_slots, count = 0, 0, 0
    for node in range(nodes):
        if last[node] != -2:
            if num_free > 0:
                num_free -= 1
                slot[node] = free[num_free]
            else:
                slot[node] = num_slots
                num_slots += 1
        dying = first_dying[node]
        while dying >= 0:
            freed[count] = slot[dying]
            free[num_free] = slot[dying]
            num_free += 1
            count += 1
            dying = next_dying[dying]
        first[node + 1] = count
    return slot, first, freed[:count], num_slots
