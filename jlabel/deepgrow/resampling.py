"""The step that brings the slices of a volume to the spacing of a plan."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from monai.data.utils import affine_to_spacing
from monai.transforms import Spacing, Transform

from jlabel.guidance.planes import ACROSS, slice_axes


class SpaceSlices(Transform):  # type: ignore[misc]
    """Brings pictures, and all slices of volumes that are learnt, to one spacing, and says which those are.

    A near isotropic volume gets that spacing along all axes; another keeps the one across its slices.

    Args:
        keys: The image and its label, ``(1, ...)``.
        spacing: mm along both axes of a slice.
    """

    def __init__(self, keys: tuple[str, str], spacing: float) -> None:
        self.keys = keys
        self.spacing = spacing

    def __call__(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """The data with both changed, and the axes for a volume."""
        image = data[self.keys[0]]
        axes = image.ndim - 1
        wanted, across = [self.spacing] * axes, tuple[int, ...]()
        if axes == 3:
            across = slice_axes(affine_to_spacing(image.affine, 3).tolist())
            if len(across) == 1:
                wanted[across[0]] = -1.0
        spaced = Spacing(wanted)
        changed = {
            key: spaced(data[key], mode=mode) for key, mode in zip(self.keys, ("bilinear", "nearest"), strict=True)
        }
        return {**data, **changed, ACROSS: across}
