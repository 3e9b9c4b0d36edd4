"""Memory: what there is, the check before it is taken, and arrays on cache lines."""

import numpy as np
import pytest

import heurest as hr
from heurest.program.memory import aligned_zeros, available_memory, require_memory


def test_memory_beyond_the_limit_is_refused():
    require_memory("a test", 100, 100)
    with pytest.raises(hr.IntractableError, match="a test needs 1,001 bytes, but 1,000 are allowed"):
        require_memory("a test", 1001, 1000)
    with pytest.raises(hr.IntractableError, match="are free"):
        require_memory("a test", 2**62, None)


def test_there_is_some_memory():
    free = available_memory()
    assert free is None or free > 0


@pytest.mark.parametrize("shape", [(0, 64), (3, 64), (1,), (2, 3, 5)])
@pytest.mark.parametrize("dtype", [np.float64, np.uint64])
def test_arrays_start_on_cache_lines(shape, dtype):
    array = aligned_zeros(shape, dtype)
    assert array.shape == shape
    assert array.dtype == dtype
    assert array.flags.c_contiguous
    assert not array.any()
    if array.size:
        assert array.ctypes.data % 64 == 0
