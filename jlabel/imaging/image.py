"""The one type in which every image is held, whatever file it came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import nibabel as nib
import numpy as np
from numpy.typing import NDArray

Channels = Literal["scalar", "rgb"]


@dataclass(frozen=True, eq=False)
class Image:
    """Voxels in the file's own axis order, and where they lie in the patient.

    Attributes:
        array: Shape (i, j) or (i, j, k); an RGB image has a last axis of 3 (uint8). Native byte order. The array is
            read-only: an image is shared by the cache, the tasks and the display.
        affine: 4×4, float64; takes a voxel index (i, j, k, 1) to millimetres, x to the patient's right-to-left (R to L
            is the direction of decreasing x), y to anterior, z to superior (RAS+). A 2D image has k = 0.
        channels: ``"scalar"`` or ``"rgb"``.
        frame: The frame of a 4D file that ``array`` holds.
        frames: How many frames the file has.
        oriented: Whether the affine says anything about a patient; False for photographs and other plain pictures
            (PNG, JPEG, BMP, TIFF), whose pixels are taken to be 1 mm.
        notes: What the reader wants a person to know, by topic (``"intensities": "3 voxels are not finite"``).
        path: The file, or the folder of a DICOM series.
        inverted: Whether small values are meant to be shown bright (an X-ray picture in MONOCHROME1).
    """

    array: NDArray[Any]
    affine: NDArray[np.float64]
    channels: Channels = "scalar"
    frame: int = 0
    frames: int = 1
    oriented: bool = True
    notes: Mapping[str, str] = field(default_factory=dict)
    path: Path | None = None
    inverted: bool = False

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
        """Spatial axes: 2 or 3."""
        return self.array.ndim - (self.channels == "rgb")

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the voxel grid, without the colour axis: what a label of this image has."""
        return tuple(int(n) for n in self.array.shape[: self.ndim])

    @property
    def spacing(self) -> tuple[float, ...]:
        """Distance in mm between neighbours along each spatial axis."""
        return tuple(float(v) for v in np.linalg.norm(self.affine[:3, : self.ndim], axis=0))

    @property
    def axis_codes(self) -> str:
        """Where each array axis points, such as ``"RAS"`` or ``"PIR"`` (nearest directions for an oblique image)."""
        codes = nib.orientations.aff2axcodes(self.affine)
        return "".join(str(code) for code in codes[: self.ndim])
