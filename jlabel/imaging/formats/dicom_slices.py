"""The geometry of DICOM slices: whether they make one regular grid, and its affine.

What decides (PS3.3 C.7.6.2.1.1): ImagePositionPatient and ImageOrientationPatient, in the patient's LPS millimetres;
the first three values of the orientation are the direction of growing columns, the last three that of growing rows.
PixelSpacing has the distance between rows first. The distance between slices is that of their positions; only a single
slice takes it from SpacingBetweenSlices or SliceThickness.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from jlabel.errors import ImageError
from jlabel.imaging.formats.nifti_affine import Affine, is_usable

#: How far a distance between slices may be from the usual one, as a part of it.
UNEVEN = 0.1
_LPS_TO_RAS = np.diag([-1.0, -1.0, 1.0, 1.0])

Vector = NDArray[np.float64]


@dataclass(frozen=True)
class Slice:
    """Where one slice lies.

    Attributes:
        name: What errors call it: its file's name, or "frame 3".
        position: Of the centre of its first pixel, LPS mm.
        along_columns: Unit vector in which the column index grows.
        along_rows: Unit vector in which the row index grows.
        spacing: Distance in mm between neighbouring columns, and between neighbouring rows.
        thickness: Of the slice in mm, for an image that has only one.
    """

    name: str
    position: Vector
    along_columns: Vector
    along_rows: Vector
    spacing: tuple[float, float]
    thickness: float = 1.0

    @property
    def normal(self) -> Vector:
        """Unit vector across the slice."""
        return np.cross(self.along_columns, self.along_rows)


def check_alike(path: Path, slices: Sequence[Slice]) -> None:
    """Refuse slices that differ in orientation or in the spacing of their pixels, and name two that do.

    Raises:
        ImageError: They differ.
    """
    first = slices[0]
    for other in slices[1:]:
        turned = np.abs(np.r_[other.along_columns - first.along_columns, other.along_rows - first.along_rows]).max()
        if turned > 1e-3 or not np.allclose(other.spacing, first.spacing, rtol=1e-3):
            raise ImageError(
                path, f"has slices that differ in orientation or pixel spacing ({first.name} and {other.name})"
            )


def grid_affine(path: Path, ordered: Sequence[Slice]) -> Affine:
    """The affine (RAS mm) of an array ``(i, j, k)`` of columns, rows, slices. A tilted gantry gives a sheared grid."""
    first, last = ordered[0], ordered[-1]
    affine = np.eye(4)
    affine[:3, 0] = first.along_columns * first.spacing[0]
    affine[:3, 1] = first.along_rows * first.spacing[1]
    if len(ordered) > 1:
        affine[:3, 2] = (last.position - first.position) / (len(ordered) - 1)
    else:
        affine[:3, 2] = first.normal * first.thickness
    affine[:3, 3] = first.position
    affine = _LPS_TO_RAS @ affine
    if not is_usable(affine):
        raise ImageError(path, "has a pixel spacing or orientation that cannot be used")
    return affine


def check_gaps(path: Path, ordered: Sequence[Slice]) -> None:
    """Refuse slices, in their order along the normal and no two in one place, that make no regular grid.

    Raises:
        ImageError: One is missing, or they are unevenly spaced. The error names the slices.
    """
    if len(ordered) < 2:
        return
    heights = np.array([float(one.position @ ordered[0].normal) for one in ordered])
    gaps = np.diff(heights)
    usual = float(np.median(gaps))
    smallest, largest = int(np.argmin(gaps)), int(np.argmax(gaps))
    if gaps[largest] > (1 + UNEVEN) * usual or gaps[smallest] < (1 - UNEVEN) * usual:
        wide = gaps[largest] > 1.5 * usual
        at = largest if wide else smallest if gaps[smallest] < (1 - UNEVEN) * usual else largest
        pair = f"between {ordered[at].name} and {ordered[at + 1].name} lie {gaps[at]:g} mm, elsewhere {usual:g} mm"
        raise ImageError(path, f"{'has missing slices' if wide else 'has unevenly spaced slices'}: {pair}")
    positions = np.array([one.position for one in ordered])
    line = np.linspace(0, 1, len(positions))[:, None] * (positions[-1] - positions[0]) + positions[0]
    if np.abs(positions - line).max() > max(0.02, 0.2 * min(*ordered[0].spacing, usual)):
        raise ImageError(path, "has slices whose positions do not lie on one line")
