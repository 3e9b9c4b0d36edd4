"""From values back to wires."""

from __future__ import annotations

import numpy as np

from heurest.program.term_graph import ValueGraph


def representatives(values: ValueGraph) -> list[int]:
    """For each value the first wire that equals it; -1 where no wire does (values within cases)."""
    wires = values.wires
    itself = np.flatnonzero((wires.value >= 0) & (wires.scale == 1.0) & (wires.shift == 0.0))
    first = np.full(values.graph.size, -1, np.int64)
    first[wires.value[itself][::-1]] = itself[::-1]
    found: list[int] = first.tolist()
    return found
