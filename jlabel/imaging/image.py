"""The class of all images, from whatever file they were read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import nibabel as nib
import numpy as np

from jlabel.types import Affine, Voxels

Channels = Literal["scalar", "rgb"]


@dataclass(frozen=True, eq=False)
class Image:
    """An image: its voxels in the order of the file, and their position in the patient.

    Attributes:
        array: Shape ``(i, j, k)`` or ``(i, j)``; ``(i, j, k, 3)`` or ``(i, j, 3)`` for colours (uint8). The array is
            read-only, since the cache, the tasks and the display share it.
        affine: 4x4, float64: takes a voxel index ``(i, j, k, 1)`` to RAS+ millimetres ``(x, y, z, 1)``. A 2D image has
            ``k = 0``.
        channels: ``"scalar"`` or ``"rgb"``.
        frame: The frame of a 4D file that ``array`` holds.
        frames: How many frames the file has.
        oriented: Whether the affine describes a patient; False for photographs and other plain pictures (PNG, JPEG,
            BMP, TIFF), whose pixels are taken to be 1 mm.
        notes: What the reader found unusual about the file, by topic (``"intensities": "3 voxels are not finite"``).
        path: The file, or the folder of a DICOM series.
        inverted: Whether small values are shown bright (an X-ray picture in MONOCHROME1).
        padding: The lowest and the highest value in ``array`` that stand for no measurement (a DICOM pixel padding
            value): no statistic counts them, and models take them for the lowest of the others. None where there are
            none.
        sources: Of a DICOM image, for each slice ``k`` the file that it was read from, and the frame in it, counted
            from 0; a picture has one. Empty for other formats.

    Raises:
        ValueError: The array has another number of axes, or the affine another shape.

    Examples:
        >>> image = jlabel.read_image(studies / "case_0.nii.gz")
        >>> image.shape, image.spacing, image.axis_codes
        ((12, 10, 8), (2.0, 2.0, 3.0), 'RAS')
        >>> (image.affine @ [6, 5, 4, 1]).tolist()
        [12.0, 10.0, 12.0, 1.0]
        >>> picture = jlabel.Image(np.zeros((40, 30, 3), np.uint8), np.eye(4), channels="rgb", oriented=False)
        >>> picture.shape, picture.array.shape
        ((40, 30), (40, 30, 3))
    """

    array: Voxels
    affine: Affine
    channels: Channels = "scalar"
    frame: int = 0
    frames: int = 1
    oriented: bool = True
    notes: Mapping[str, str] = field(default_factory=dict)
    path: Path | None = None
    inverted: bool = False
    padding: tuple[float, float] | None = None
    sources: tuple[tuple[Path, int], ...] = ()

    def __post_init__(self) -> None:
        spatial = self.array.ndim - (self.channels == "rgb")
        if spatial not in (2, 3):
            raise ValueError(f"an image has 2 or 3 spatial axes, not {spatial} (array shape {self.array.shape})")
        if self.channels == "rgb" and self.array.shape[-1] != 3:
            raise ValueError(f"an RGB image has a last axis of 3, not {self.array.shape[-1]}")
        if self.affine.shape != (4, 4):
            raise ValueError(f"an affine is 4×4, not {self.affine.shape}")
        self.array.flags.writeable = False

    @property
    def ndim(self) -> int:
        """The number of spatial axes, 2 or 3."""
        return self.array.ndim - (self.channels == "rgb")

    @property
    def shape(self) -> tuple[int, ...]:
        """The number of voxels along each axis, ``(i, j, k)`` or ``(i, j)``; a label of the image has this shape."""
        return tuple(int(n) for n in self.array.shape[: self.ndim])

    @property
    def spacing(self) -> tuple[float, ...]:
        """The distance in mm between neighbouring voxels along each axis, ``(i, j, k)`` or ``(i, j)``."""
        return tuple(float(v) for v in np.linalg.norm(self.affine[:3, : self.ndim], axis=0))

    @property
    def axis_codes(self) -> str:
        """The direction of each array axis, such as ``"RAS"`` or ``"PIR"``; the nearest one for an oblique image."""
        codes = nib.orientations.aff2axcodes(self.affine)
        return "".join(str(code) for code in codes[: self.ndim])
