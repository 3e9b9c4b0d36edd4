"""Slots of nodes that outlive their last reader: who lives how long, and that no slot is taken too early."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heurest.kernels.retention import assign_slots, last_readers
from support.boolean_reductants import last_use


@st.composite
def node_lists(draw):
    """Operands of each node, earlier nodes; and which nodes are wanted."""
    operands: list[list[int]] = [[]]
    for k in range(1, draw(st.integers(1, 15))):
        operands.append(draw(st.lists(st.integers(0, k - 1), max_size=3)))
    return operands, sorted(draw(st.sets(st.integers(0, len(operands) - 1))))


def arrays(operands):
    start = np.cumsum([0, *map(len, operands)])
    return start, np.array([i for read in operands for i in read], np.int32)


def needed_nodes(operands, wanted):
    needed = set(wanted)
    for i in reversed(range(len(operands))):
        if i in needed:
            needed |= set(operands[i])
    return sorted(needed)


def lives(operands, wanted, generations):
    """The last node during which each node has its slot; checks on the way that slots are taken and freed as they should be."""
    last = last_readers(*arrays(operands), np.array(wanted, np.int64))
    slot, first, freed, num_slots = assign_slots(*arrays(operands), last, generations)
    holds: dict[int, int] = {}
    ends, most = {}, 0
    for k in range(len(operands)):
        if last[k] == -2:
            assert slot[k] == -1
        else:
            assert slot[k] not in holds  # nobody alive is written over, operands included
            assert set(operands[k]) <= set(holds.values())
            holds[slot[k]] = k
            most = max(most, len(holds))
        ends |= {holds.pop(s): k for s in freed[first[k] : first[k + 1]]}
    assert num_slots == most
    assert first[-1] == len(freed)
    return ends | dict.fromkeys(holds.values(), len(operands))


@given(node_lists())
def test_last_readers(case):
    operands, wanted = case
    last = last_readers(*arrays(operands), np.array(wanted, np.int64))
    needed = needed_nodes(operands, wanted)
    for i in range(len(operands)):
        readers = [k for k in needed if i in operands[k]]
        assert last[i] == (-2 if i not in needed else max(readers, default=-1))


@given(node_lists(), st.sampled_from([0, 1, 2, 3, 20, None]))
def test_a_slot_is_free_as_soon_as_its_node_has_died_and_never_before(case, generations):
    operands, wanted = case
    needed = needed_nodes(operands, wanted)
    place = {node: i for i, node in enumerate(needed)}
    death = last_use([[place[j] for j in operands[i]] for i in needed], generations)
    expected = {i: needed[end] if end < len(needed) else len(operands) for i, end in zip(needed, death, strict=True)}
    assert lives(operands, wanted, -1 if generations is None else generations) == expected


@pytest.mark.parametrize(
    ("generations", "ends"), [(0, [1, 2, 3, 5, 4, 5]), (1, [2, 3, 5, 5, 4, 5]), (2, [3, 5, 5, 5, 4, 5]), (3, [5, 5, 5, 5, 4, 5])]
)
def test_generations_keep_the_operands_of_what_lives(generations, ends):
    # A chain 0, 1, 2, 3, and 3 feeds 4 and 5: it lives until 5, and so does one more ancestor a generation.
    operands = [[], [0], [1, 1], [2], [3], [3]]
    assert lives(operands, [4, 5], generations) == dict(enumerate(ends))


def test_no_nodes_need_no_slots():
    assert lives([], [], 0) == {}
