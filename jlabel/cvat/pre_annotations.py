"""Labels as shapes that CVAT shows for people to correct: a mask for each label, or for each object."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jlabel.cvat.masks import encode_mask
from jlabel.labels.object_values import ObjectValues


def mask_shapes(
    values: NDArray[Any], frame: int, labels: Mapping[int, int], objects: ObjectValues | None = None
) -> Iterator[dict[str, Any]]:
    """The shapes of a picture's label.

    Args:
        values: Label values of the picture, rows and columns.
        frame: The picture's number in the task.
        labels: The numbers of CVAT's labels by label values.
        objects: The values of objects, where those of a label are told apart: each becomes a shape of its own.
    """
    for value in np.unique(values).tolist():
        label = labels.get(objects.first if objects is not None and value in objects else value)
        points = encode_mask(values == value) if value and label is not None else None
        if points is not None:
            yield {"type": "mask", "frame": frame, "label_id": label, "points": points, "source": "auto", "z_order": 0}
