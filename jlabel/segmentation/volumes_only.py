"""A step that refuses what a network for volumes cannot take, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from monai.transforms import Transform

from jlabel.errors import TaskError


class VolumesOnly(Transform):  # type: ignore[misc]
    """Lets ``"image"`` pass, ``(channel, ...)``, where it is a volume of one value a voxel."""

    def __call__(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """The data as they are.

        Raises:
            TaskError: The image is a picture, or has colours.
        """
        shape = tuple(data["image"].shape)
        if len(shape) != 4 or shape[0] != 1:
            kind = "a picture" if len(shape) == 3 else "in colours"
            raise TaskError(f"this network is for volumes of one value a voxel, and the image is {kind}")
        return dict(data)
