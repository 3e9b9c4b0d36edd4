"""Growing columns."""

import numpy as np
import pytest

from heurest.circuit.columns import Column


def test_appending_and_extending_give_the_numbers_in_order():
    column, expected = Column(np.int64), []
    for i in range(40):
        column.append(i)
        column.extend([10 * i, 10 * i + 1], 2)
        column.extend(-1, i % 3)
        expected += [i, 10 * i, 10 * i + 1] + [-1] * (i % 3)
    assert column.view().tolist() == expected
    assert column.size == len(expected)


def test_numbers_take_the_dtype_of_the_column():
    column = Column(np.uint8)
    column.extend([1.0, 2.0], 2)
    assert column.view().dtype == np.uint8


def test_room_doubles():
    column = Column(np.float64)
    sizes = set()
    for i in range(10_000):
        column.append(i)
        sizes.add(column._data.size)
    assert len(sizes) <= 11  # 16, 32, ..., 16384
    column.extend(0.0, 100_000)  # more than double at once
    assert column.size == 110_000


def test_views_are_read_only_and_the_column_is_not():
    column = Column(np.float64)
    column.extend([1.0, 2.0, 3.0], 3)
    view = column.view()
    with pytest.raises(ValueError, match="read-only"):
        view[0] = 5.0
    column.append(4.0)
    assert column.view().tolist() == [1.0, 2.0, 3.0, 4.0]
    assert np.shares_memory(view, column.view())  # no copy was made


def test_a_copy_is_independent():
    column = Column(np.float64)
    column.extend([1.0, 2.0], 2)
    other = column.copy()
    other.append(3.0)
    assert column.view().tolist() == [1.0, 2.0]
    assert other.view().tolist() == [1.0, 2.0, 3.0]
    assert not np.shares_memory(column.view(), other.view())
