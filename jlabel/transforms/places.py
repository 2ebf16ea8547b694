"""Tells where in the image a mask lies."""

from __future__ import annotations

from typing import Any

import numpy as np
from monai.config import KeysCollection
from monai.transforms import MapTransform, generate_spatial_bounding_box

from jlabel.tasks.result_json import plain


class BoundingBoxd(MapTransform):  # type: ignore[misc]
    """Tells the bounding box of a mask: the first voxel along each axis, and the one after the last.

    Args:
        keys: The masks: shape ``(channel, ...)``.
        result: The key of the JSON values.
        bbox: The name of the box in them.

    Examples:
        >>> import numpy as np
        >>> from jlabel.transforms import BoundingBoxd
        >>> mask = np.zeros((1, 6, 6)); mask[0, 2:4, 1] = 1
        >>> BoundingBoxd("pred")({"pred": mask})["result"]
        {'bbox': [[2, 1], [4, 2]]}
    """

    def __init__(self, keys: KeysCollection, result: str = "result", bbox: str = "bbox") -> None:
        super().__init__(keys)
        self.result = result
        self.bbox = bbox

    def __call__(self, data: dict[str, Any]) -> dict[str, Any]:
        """The data with the box."""
        found = dict(data)
        for key in self.key_iterator(found):
            box = plain(list(generate_spatial_bounding_box(found[key])))
            found[self.result] = {**(found.get(self.result) or {}), self.bbox: box}
        return found


class ExtremePointsd(MapTransform):  # type: ignore[misc]
    """Tells the outermost points of a mask along each axis, the first and the last; none where the mask is empty.

    Of several voxels that lie equally far out, the first in the order of the array is told, so that a mask always has
    the same points.

    Args:
        keys: The masks: shape ``(...)``, without a channel axis.
        result: The key of the JSON values.
        points: The name of the points in them.

    Examples:
        >>> import numpy as np
        >>> from jlabel.transforms import ExtremePointsd
        >>> mask = np.zeros((6, 6)); mask[2:4, 1] = 1
        >>> ExtremePointsd("pred")({"pred": mask})["result"]
        {'points': [[2, 1], [3, 1], [2, 1], [2, 1]]}
    """

    def __init__(self, keys: KeysCollection, result: str = "result", points: str = "points") -> None:
        super().__init__(keys)
        self.result = result
        self.points = points

    def __call__(self, data: dict[str, Any]) -> dict[str, Any]:
        """The data with the points."""
        found = dict(data)
        for key in self.key_iterator(found):
            inside = np.argwhere(np.asarray(found[key]) != 0)
            if not len(inside):
                continue
            ends = [end for along in inside.T for end in (along.argmin(), along.argmax())]
            points = [inside[end].tolist() for end in ends]
            found[self.result] = {**(found.get(self.result) or {}), self.points: points}
        return found
