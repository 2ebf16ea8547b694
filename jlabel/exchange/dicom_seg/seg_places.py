"""Where the frames of a SEG lie among the voxels of an image.

A frame has a place in the patient (plane position, orientation and pixel measures), or names the instance that it was
derived from; what has a place is put there, whatever instance it names.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jlabel.errors import ImageError, LabelError, LabelGridError
from jlabel.exchange.dicom_seg.label_object import items
from jlabel.exchange.dicom_seg.references import ImageIdentity, sources_of
from jlabel.exchange.dicom_seg.segment import Block
from jlabel.imaging import Image
from jlabel.imaging.formats.dicom_places import slice_of
from jlabel.imaging.formats.dicom_slices import Slice, grid_affine
from jlabel.imaging.label_grid import is_turn

# The slices of a series may lie so far beside an even grid, in voxels, and so may what was drawn on them.
_BESIDE = 0.25
_NOTED = 0.05


@dataclass(frozen=True)
class FramePlace:
    """How the pixels of a frame, the column first, then the row, lie in the grid of an image.

    Attributes:
        origin: The voxel of its first pixel.
        axes: The image's axis along columns, along rows, and across the frame.
        signs: +1 or -1 for the direction in which columns, and rows, grow along these axes.
        beside: How far from the centres of voxels its pixels lie, in voxels.
    """

    origin: tuple[int, int, int]
    axes: tuple[int, int, int]
    signs: tuple[int, int]
    beside: float = 0.0

    def block(self, mask: NDArray[np.bool_]) -> Block:
        """The voxels of a mask of the frame, the column first, then the row."""
        turned = mask[:: self.signs[0], :: self.signs[1]]
        lower = list(self.origin)
        for axis, sign, size in zip(self.axes, self.signs, mask.shape, strict=False):
            lower[axis] -= size - 1 if sign < 0 else 0
        # One more axis, across the frame; then each axis where it belongs.
        placed = turned[:, :, None].transpose([self.axes.index(axis) for axis in range(3)])
        return Block((lower[0], lower[1], lower[2]), placed)


def frame_slice(path: Path, dataset: Any, index: int) -> Slice | None:
    """Where a frame lies in the patient; None where it does not say.

    Raises:
        ImageError: What it says makes no sense, or it is a tile of a whole slide.
    """
    group, shared = frame_groups(dataset, index)
    if group is not None and items(group, "PlanePositionSlideSequence"):
        raise ImageError(path, "is a segmentation of a whole-slide image, which is not read")
    return slice_of(path, [one for one in (group, shared, dataset) if one is not None], f"frame {index + 1}")


def frame_groups(dataset: Any, index: int) -> tuple[Any, Any]:
    """The functional groups of a frame and those of all frames; None where there are none."""
    per_frame = dataset.get("PerFrameFunctionalGroupsSequence") or ()
    shared = dataset.get("SharedFunctionalGroupsSequence") or (None,)
    return per_frame[index] if index < len(per_frame) else None, shared[0]


def place_in_grid(path: Path, image: Image, place: Slice, size: Sequence[int]) -> FramePlace | None:
    """A frame of that size, columns and rows, in the grid of an image; None where its pixels are none of the voxels."""
    step = np.linalg.inv(image.affine) @ grid_affine(path, [place])
    whole = np.rint(step[:3, :2])
    across = np.cross(whole[:, 0], whole[:, 1])
    if not is_turn(np.column_stack([whole, across])):
        return None
    corners = np.array([[i, j, 0, 1] for i in (0, size[0] - 1) for j in (0, size[1] - 1)], dtype=float)
    origin = np.rint(step[:3, 3])
    rounded = np.column_stack([whole, np.zeros(3), origin])
    beside = float(np.abs(corners @ (step[:3] - rounded).T).max())
    if beside > _BESIDE:
        return None
    axes = [int(np.argmax(np.abs(one))) for one in (whole[:, 0], whole[:, 1], across)]
    signs = int(whole[axes[0], 0]), int(whole[axes[1], 1])
    i, j, k = (int(one) for one in origin)
    return FramePlace((i, j, k), (axes[0], axes[1], axes[2]), signs, beside)


def place_by_source(
    dataset: Any, index: int, image: Image, identity: ImageIdentity, references: Sequence[str]
) -> FramePlace | None:
    """A frame on the slice that it was derived from; None where it names none of the image."""
    group, shared = frame_groups(dataset, index)
    named = [*sources_of(group), *sources_of(shared)]
    if not named and len(references) == 1:
        named = [(references[0], identity.instances[0][1] if identity.instances else 0)]
    slices = {instance: at for at, instance in enumerate(identity.instances)}
    k = next((slices[instance] for instance in named if instance in slices), None)
    return None if k is None else FramePlace((0, 0, k), (0, 1, 2), (1, 1))


def not_in_grid(path: Path, image: Image, place: Slice | None, size: Sequence[int]) -> LabelError:
    """Why a frame cannot be put into an image."""
    if place is None:
        return LabelError(f"{path}: its frames do not say where they lie, and name no instance of the image")
    pixel = " × ".join(f"{one:.4g}" for one in place.spacing)
    voxel = " × ".join(f"{one:.4g}" for one in image.spacing)
    return LabelGridError(
        f"{path}: the segmentation is not in the grid of its image: it has frames of {size[0]} × {size[1]} pixels of "
        f"{pixel} mm at {np.round(place.position, 3).tolist()} (LPS), the image {image.shape} voxels of {voxel} mm; "
        "fit=True takes the nearest voxel"
    )


def beside_note(places: Sequence[FramePlace]) -> str:
    """What to say of frames whose pixels lie beside the voxels; "" where they lie on them."""
    most = max((place.beside for place in places), default=0.0)
    return f"its frames lie up to {most:.2f} voxels beside those of the image" if most > _NOTED else ""
