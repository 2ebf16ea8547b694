"""The size of a voxel."""

from __future__ import annotations

import numpy as np

from jlabel.imaging.image import Image


def voxel_ml(image: Image) -> float | None:
    """The volume of a voxel in millilitres; None for a picture, which has none."""
    if not image.oriented or image.ndim == 2:
        return None
    return float(abs(np.linalg.det(image.affine[:3, :3]))) / 1000
