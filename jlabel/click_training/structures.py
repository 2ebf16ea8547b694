"""One structure at a time: patches about a structure, which is then the one foreground of the label."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from monai.transforms import Randomizable, Transform
from numpy.typing import NDArray

from jlabel.click_training.simulated import CLICKS_LEFT, plain
from jlabel.errors import TaskError
from jlabel.interactive.error_regions import largest_region
from jlabel.training.images import IGNORED

INDICES = "label_cls_indices"
# Structures of an image that a model is judged by: each costs as many answers as there are clicks.
_MOST = 8


class CropToStructure(Randomizable, Transform):  # type: ignore[misc]
    """Draws a structure and a voxel of it, and cuts out a patch about that voxel.

    Takes ``"image"`` and ``"label"``, (1, spatial) and at least as large as the patch, and the flat indices of each
    class under ``"label_cls_indices"``. In the label that comes out the structure is 1, all others are 0.

    Args:
        patch: Voxels along each axis of the patch; of a volume and a patch of two axes, a slice across the last axis.
        one: Whether the other structures become background; otherwise the label keeps its classes.
    """

    def __init__(self, patch: Sequence[int], one: bool = True) -> None:
        self.patch = tuple(patch)
        self.one = one

    def __call__(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """The patch.

        Raises:
            TaskError: None of the structures is in the label.
        """
        indices = data[INDICES]
        there = [index for index in range(1, len(indices)) if len(indices[index])]
        if not there:
            raise TaskError("its label has none of the structures to learn")
        structure = there[self.R.randint(len(there))]
        flat = int(indices[structure][self.R.randint(len(indices[structure]))])
        place = np.unravel_index(flat, data["label"].shape[1:])
        return _patch(data, [int(i) for i in place], self.patch, structure if self.one else None)


class EachStructure(Transform):  # type: ignore[misc]
    """A patch about the middle of each structure in the label, of many only some; the same at every call.

    Args:
        patch: As for :class:`CropToStructure`.
        classes: How many classes there are, the background among them.
        spacing: mm along each axis of the patch.
        clicks: For each number an item of its own for every patch, which is to get so many clicks.
        one: As for :class:`CropToStructure`.
    """

    def __init__(
        self, patch: Sequence[int], classes: int, spacing: Sequence[float], clicks: Sequence[int], one: bool = True
    ) -> None:
        self.patch = tuple(patch)
        self.clicks = tuple(clicks)
        self.classes = classes
        self.spacing = tuple(spacing)
        self.one = one

    def __call__(self, data: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The patches.

        Raises:
            TaskError: None of the structures is in the label.
        """
        label = np.asarray(data["label"][0])
        found = []
        for structure in self._chosen(label, str(data["id"])):
            inside = label == structure
            for place in self._places(inside):
                cut = _patch(data, place, self.patch, structure if self.one else None)
                found += [{**cut, CLICKS_LEFT: count} for count in self.clicks]
        if not found:
            raise TaskError("its label has none of the structures to judge by")
        return found

    def _chosen(self, label: NDArray[Any], name: str) -> list[int]:
        there = [index for index in range(1, self.classes) if (label == index).any()]
        if len(there) <= _MOST:
            return there
        # Another image is judged by other structures, so that all have their turn.
        return sorted(sorted(there, key=lambda index: zlib.crc32(f"{name} {index}".encode()))[:_MOST])

    def _places(self, inside: NDArray[np.bool_]) -> list[list[int]]:
        if inside.ndim == len(self.patch):
            region = largest_region(inside)
            return [] if region is None else [list(region.innermost(self.spacing))]
        # Of a volume the slices at a quarter, half and three quarters of the structure.
        slices = np.flatnonzero(inside.any(axis=(0, 1)))
        chosen = sorted({int(slices[len(slices) * part // 4]) for part in (1, 2, 3)}) if len(slices) else []
        regions = [(index, largest_region(inside[:, :, index])) for index in chosen]
        return [[*region.innermost(self.spacing), index] for index, region in regions if region is not None]


def _patch(
    data: Mapping[str, Any], place: Sequence[int], patch: Sequence[int], structure: int | None
) -> dict[str, Any]:
    """The patch about a place, as far inside the image as it must be moved to be whole."""
    image, label = plain(data["image"]), plain(data["label"])
    where: list[Any] = [slice(None)]
    for axis, size in enumerate(patch):
        low = int(np.clip(place[axis] - size // 2, 0, max(0, image.shape[axis + 1] - size)))
        where.append(slice(low, low + size))
    where += [int(index) for index in place[len(patch) :]]
    image, label = image[tuple(where)].clone(), label[tuple(where)].clone()
    if structure is not None:
        ignored = label == IGNORED
        label = (label == structure).to(label.dtype)
        label[ignored] = IGNORED
    return {"image": image, "label": label, "id": data["id"]}
