"""What an automatic model found, in the place of all that has the labels which it knows."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from jlabel.errors import LabelError
from jlabel.imaging import Region
from jlabel.labels.object_values import ObjectValues
from jlabel.tasks import InferResult


def with_answer(
    mask: NDArray[Any], result: InferResult, objects: ObjectValues | None = None
) -> tuple[Region, NDArray[Any]]:
    """The region of an automatic model's answer, and the draft's values there with it.

    Args:
        mask: The draft, which is not changed.
        result: The answer; labels of its model that it does not find somewhere lose their voxels there.
        objects: The values of objects that are told apart: they go and come with their label.

    Raises:
        LabelError: The answer has a value that the draft has no room for: no label has it.
    """
    top, most = int(result.values.max(initial=0)), int(np.iinfo(mask.dtype).max)
    if top > most:
        raise LabelError(f"there is a voxel of the value {top}, which no label has")
    after: NDArray[Any] = mask[result.region.slices].copy(order="F")
    known: NDArray[np.bool_] = np.zeros(most + 1, bool)
    known[[value for value in result.labels.values() if value <= most]] = True
    if objects is not None and objects.first in result.labels.values():
        known |= objects.table(known.size)
    after[known[after]] = 0
    np.copyto(after, result.values, where=result.values != 0, casting="unsafe")
    return result.region, after
