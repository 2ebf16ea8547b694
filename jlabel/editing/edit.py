"""What an editing operation gives back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jlabel.imaging import Region

Bools = NDArray[np.bool_]
Labels = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Edit:
    """The values that a part of a label mask should have after an operation.

    Whoever applies it may keep some voxels as they are (a locked label, *only over background*): each voxel stands for
    itself.

    Attributes:
        region: The part of the mask; it may be empty.
        after: Label values, of the region's shape and the mask's type, in Fortran order.
    """

    region: Region
    after: Labels


def painted(mask: Labels, region: Region, inside: Bools, value: int) -> Edit:
    """The edit that gives ``value`` to the voxels ``inside`` a region and leaves the others."""
    after = mask[region.slices].copy(order="F")
    after[inside] = value
    return Edit(region, after)
