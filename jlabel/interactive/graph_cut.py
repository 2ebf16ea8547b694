"""Graph cut: the mask of least total cost, where cutting between alike neighbours is dear.

Boykov and Jolly 2001, "Interactive graph cuts for optimal boundary and region segmentation of objects in N-D images".
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order, maximum_flow

from jlabel.interactive.grid import lower_upper

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]

# The maximum flow of scipy takes whole numbers: costs are counted in hundredths, and a seed costs more than any cut.
_UNIT = 200
_SEED = 10**7


def graph_cut(weights: Sequence[Floats], evidence: Floats, foreground: Mask, background: Mask) -> Mask:
    """The mask that minimizes cut weights between neighbours minus ``evidence`` inside.

    Args:
        weights: For each axis, the cost of cutting each pair of neighbours: shape of ``evidence``, one less along that
            axis.
        evidence: Log odds of foreground.
        foreground: Voxels that are surely inside.
        background: Voxels that are surely outside.
    """
    count = evidence.size
    source, sink = count, count + 1
    nodes = np.arange(count, dtype=np.int32).reshape(evidence.shape)
    tails: list[NDArray[np.integer]] = []
    heads: list[NDArray[np.integer]] = []
    costs: list[NDArray[np.integer]] = []
    for axis, weight in enumerate(weights):
        lower, upper = lower_upper(evidence.ndim, axis)
        near, far = nodes[lower].ravel(), nodes[upper].ravel()
        cost = (weight.ravel() * _UNIT).astype(np.int32) + 1
        tails += [near, far]
        heads += [far, near]
        costs += [cost, cost]
    terminal = np.clip(evidence * _UNIT, -_SEED, _SEED).astype(np.int32)
    terminal[foreground] = _SEED
    terminal[background] = -_SEED
    terminal = terminal.ravel()
    inner, outer = np.flatnonzero(terminal > 0), np.flatnonzero(terminal < 0)
    tails += [np.full(inner.size, source), outer]
    heads += [inner, np.full(outer.size, sink)]
    costs += [terminal[inner], -terminal[outer]]
    where = (np.concatenate(tails).astype(np.int32), np.concatenate(heads).astype(np.int32))
    graph = csr_array((np.concatenate(costs).astype(np.int32), where), shape=(count + 2, count + 2))
    residual = graph - maximum_flow(graph, source, sink).flow
    residual.data[residual.data < 0] = 0
    residual.eliminate_zeros()
    inside = np.zeros(count + 2, dtype=bool)
    inside[breadth_first_order(residual, source, return_predecessors=False)] = True
    return inside[:count].reshape(evidence.shape)
