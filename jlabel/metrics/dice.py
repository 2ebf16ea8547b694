"""How well two masks agree."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def dice(truth: NDArray[Any], mask: NDArray[Any]) -> float:
    """Overlap of two masks of one shape, 0 to 1: twice the common voxels over the sum of both, 1 if both are empty."""
    a, b = np.asarray(truth, dtype=bool), np.asarray(mask, dtype=bool)
    total = int(np.count_nonzero(a)) + int(np.count_nonzero(b))
    return 2.0 * int(np.count_nonzero(a & b)) / total if total else 1.0
