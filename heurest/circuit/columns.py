"""Growing columns of numbers: the struct-of-arrays storage under a circuit."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray


class Column:
    """A one-dimensional array that doubles its room when it is full, so that appending is cheap."""

    def __init__(self, dtype: DTypeLike) -> None:
        self._data: NDArray[Any] = np.empty(16, dtype=dtype)
        self.size = 0

    def append(self, value: object) -> None:
        """Add one number."""
        if self.size == self._data.size:
            self._grow(self.size + 1)
        self._data[self.size] = value
        self.size += 1

    def extend(self, values: ArrayLike, count: int) -> None:
        """Add ``count`` numbers; a single one is repeated."""
        stop = self.size + count
        if stop > self._data.size:
            self._grow(stop)
        self._data[self.size : stop] = values
        self.size = stop

    def view(self) -> NDArray[Any]:
        """The numbers so far, read-only and without a copy."""
        view = self._data[: self.size]
        view.flags.writeable = False
        return view

    def copy(self) -> Column:
        """An independent column with the same numbers."""
        other = Column(self._data.dtype)
        other._data = self._data.copy()
        other.size = self.size
        return other

    def _grow(self, needed: int) -> None:
        room = np.empty(max(needed, 2 * self._data.size), dtype=self._data.dtype)
        room[: self.size] = self._data[: self.size]
        self._data = room
