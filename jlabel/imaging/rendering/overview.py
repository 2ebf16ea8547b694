"""An image made small enough to be looked at as a whole."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jlabel.imaging.image import Image
from jlabel.imaging.rendering.downsampling import block_means, reduced_affine, reduction
from jlabel.progress import NO_PROGRESS, Progress

#: Voxels along the longest axis.
FINEST = 192
# Rec. 601 weights of red, green and blue in what the eye takes for brightness.
_LUMA = np.array([0.299, 0.587, 0.114], np.float32)


@dataclass(frozen=True, eq=False)
class Overview:
    """A volume averaged down to a coarser grid.

    Attributes:
        array: Shape (i, j, k), float32, Fortran order; colours as their brightness.
        affine: 4×4, its voxel index to RAS millimetres.
        inverted: Whether small values are meant to be bright.
    """

    array: NDArray[np.float32]
    affine: NDArray[np.float64]
    inverted: bool = False

    def windowed(self, black: float, white: float) -> NDArray[np.uint8]:
        """The volume as it is shown: 0 at ``black`` and below, 255 at ``white`` and above; Fortran order."""
        levels = (self.array - np.float32(black)) * np.float32(255 / max(white - black, 1e-30))
        shown = np.clip(levels + 0.5, 0, 255, out=levels).astype(np.uint8, order="F")
        return 255 - shown if self.inverted else shown


def overview(image: Image, finest: int = FINEST, progress: Progress = NO_PROGRESS) -> Overview:
    """Average a volume down by whole factors, until no axis has more than ``finest`` voxels.

    Args:
        image: The volume.
        finest: Most voxels along an axis.
        progress: Asked often whether to go on.

    Raises:
        ValueError: The image has two axes.
    """
    if image.ndim != 3:
        raise ValueError("an overview is of a volume, not of a picture")
    factors = reduction(image.shape, finest)
    if image.channels == "rgb":
        array = sum(block_means(image.array[..., c], factors, progress) * weight for c, weight in enumerate(_LUMA))
    else:
        array = block_means(image.array, factors, progress)
    return Overview(np.asarray(array, np.float32, order="F"), reduced_affine(image.affine, factors), image.inverted)
