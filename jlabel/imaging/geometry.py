"""How a voxel grid is shown: which array axis a plane steps through, and which way is up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import nibabel as nib
import numpy as np
from numpy.typing import NDArray

PlaneName = Literal["axial", "coronal", "sagittal"]

# Anatomical axes are 0 = x (left to right), 1 = y (posterior to anterior), 2 = z (inferior to superior). A plane is
# shown as radiologists look at it: its horizontal axis, its vertical axis, and the sign of each on the screen.
_SCREEN: dict[PlaneName, tuple[int, tuple[int, int], tuple[int, int]]] = {
    "axial": (2, (0, -1), (1, -1)),
    "coronal": (1, (0, -1), (2, -1)),
    "sagittal": (0, (1, -1), (2, -1)),
}
_ENDS = (("L", "R"), ("P", "A"), ("I", "S"))


@dataclass(frozen=True)
class Plane:
    """One of the three planes through a grid, in terms of the array's own axes.

    Attributes:
        name: ``"axial"``, ``"coronal"`` or ``"sagittal"`` (the nearest one, for an oblique grid).
        normal: The array axis that stepping through slices moves along.
        right: The array axis drawn from left to right, and +1 or -1 for the direction in which its index grows.
        down: The array axis drawn from top to bottom, and +1 or -1 for the direction in which its index grows.
        letters: Anatomical letters at the left, right, top and bottom edge; empty strings where the grid says nothing
            about a patient.
        superior_step: +1 where a larger index along ``normal`` is further left-to-right, anterior or superior; else -1.
    """

    name: PlaneName
    normal: int
    right: tuple[int, int]
    down: tuple[int, int]
    letters: tuple[str, str, str, str]
    superior_step: int

    def seen(self, array: NDArray[Any], index: int, ndim: int = 3) -> NDArray[Any]:
        """A slice as it lies on the screen: rows downwards, columns to the right, colours last; a view of the array.

        Args:
            array: Voxels or label values of the grid.
            index: Which slice along :attr:`normal`; of a picture there is one alone.
            ndim: 3 for a volume, 2 for a picture.
        """
        part = array if ndim == 2 else array[(slice(None),) * self.normal + (index,)]
        upright = part if self.right[0] > self.down[0] else np.swapaxes(part, 0, 1)
        return upright[:: self.down[1], :: self.right[1]]

    def to_json(self) -> dict[str, Any]:
        """The plane as the front end takes it."""
        return {
            "name": self.name,
            "normal": self.normal,
            "right": list(self.right),
            "down": list(self.down),
            "letters": list(self.letters),
            "superiorStep": self.superior_step,
        }


def planes(affine: NDArray[np.floating], oriented: bool = True) -> tuple[Plane, Plane, Plane]:
    """The axial, coronal and sagittal plane of a grid with that affine (4×4, voxel index to RAS mm).

    The three use each array axis once as their normal, for every one of the 48 axis codes and for oblique and sheared
    grids. Viewed radiologically: the patient's right is on the screen's left.
    """
    orientation = nib.orientations.io_orientation(np.asarray(affine, dtype=float))
    found: list[int] = [-1, -1, -1]
    signs = [1, 1, 1]
    for array_axis, (anatomical, sign) in enumerate(orientation):
        if np.isfinite(anatomical):
            found[int(anatomical)] = array_axis
            signs[int(anatomical)] = int(sign)
    spare = [axis for axis in range(3) if axis not in found]
    axes = [axis if axis >= 0 else spare.pop(0) for axis in found]

    def make(name: PlaneName) -> Plane:
        normal, (across, across_sign), (along, along_sign) = _SCREEN[name]
        letters = _letters(across, across_sign) + _letters(along, along_sign)
        return Plane(
            name=name,
            normal=axes[normal],
            right=(axes[across], across_sign * signs[across]),
            down=(axes[along], along_sign * signs[along]),
            letters=letters if oriented else ("", "", "", ""),
            superior_step=signs[normal],
        )

    return make("axial"), make("coronal"), make("sagittal")


def flat_plane(planes_of_grid: Sequence[Plane], shape: Sequence[int]) -> Plane | None:
    """The one plane in which to show a grid that is one voxel thick, or None for a real volume."""
    if len(shape) == 2:
        return next(plane for plane in planes_of_grid if plane.normal == 2)
    thin = [axis for axis, n in enumerate(shape) if n == 1]
    return next(plane for plane in planes_of_grid if plane.normal == thin[0]) if len(thin) == 1 else None


def voxel_to_mm(affine: NDArray[np.floating], position: Sequence[int]) -> tuple[float, float, float]:
    """The RAS position in mm of the centre of a voxel."""
    index = [*position, 0, 0][:3]
    x, y, z = (np.asarray(affine, dtype=float) @ [*index, 1.0])[:3]
    return float(x), float(y), float(z)


def _letters(anatomical: int, sign: int) -> tuple[str, str]:
    low, high = _ENDS[anatomical]
    return (low, high) if sign > 0 else (high, low)
