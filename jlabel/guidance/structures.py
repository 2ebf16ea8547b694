"""One structure at a time: patches about a structure, which is then the one foreground of the label."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from monai.transforms import Randomizable, Transform
from numpy.typing import NDArray

from jlabel.annotators.error_regions import largest_region
from jlabel.errors import TaskError
from jlabel.guidance.planes import ACROSS
from jlabel.guidance.simulated_clicks import CLICKS_LEFT, plain
from jlabel.training.labelled_images import IGNORED

INDICES = "label_cls_indices"
# Structures of an image that a model is judged by: each costs as many answers as there are clicks.
_MOST = 8


class CropToStructure(Randomizable, Transform):  # type: ignore[misc]
    """Draws a structure and a voxel of it, and cuts out a patch about that voxel.

    Takes ``"image"`` and ``"label"``, ``(1, ...)``, and the flat indices of each
    class under ``"label_cls_indices"``. In the label that comes out the structure is 1, all others are 0. An image that
    is smaller than the patch is padded.

    Args:
        patch: Voxels along each axis of the patch; of a volume and a patch of two axes, a slice across one of the axes
            under ``"slices_across"``.
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
        across = None if len(place) == len(self.patch) else data[ACROSS][self.R.randint(len(data[ACROSS]))]
        return _patch(data, [int(i) for i in place], self.patch, structure if self.one else None, across)


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
            for place, across in self._places(inside, data.get(ACROSS, ())):
                cut = _patch(data, place, self.patch, structure if self.one else None, across)
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

    def _places(self, inside: NDArray[np.bool_], axes: Sequence[int]) -> list[tuple[list[int], int | None]]:
        if inside.ndim == len(self.patch):
            region = largest_region(inside)
            return [] if region is None else [(list(region.innermost(self.spacing)), None)]
        # Of a volume three slices of the structure: one across each axis, or at its quarters across the one.
        found: list[tuple[list[int], int | None]] = []
        for axis, part in [(axes[0], part) for part in (1, 2, 3)] if len(axes) == 1 else [(axis, 2) for axis in axes]:
            there = np.flatnonzero(inside.any(axis=tuple(other for other in range(3) if other != axis)))
            index = int(there[len(there) * part // 4])
            region = largest_region(np.take(inside, [index], axis).squeeze(axis))
            assert region is not None
            place = list(region.innermost(self.spacing))
            found.append(([*place[:axis], index, *place[axis:]], axis))
        return [entry for number, entry in enumerate(found) if entry not in found[:number]]


def _patch(
    data: Mapping[str, Any], place: Sequence[int], patch: Sequence[int], structure: int | None, across: int | None
) -> dict[str, Any]:
    """The patch about a place, as far inside the image as it must be moved to be whole.

    Args:
        data: The item.
        place: In voxels.
        patch: Voxels along each axis of the patch.
        structure: The class that becomes 1; None to keep all.
        across: The axis that the patch does not have.
    """
    image, label = plain(data["image"]), plain(data["label"])
    where: list[Any] = [slice(None)]
    sizes = iter(patch)
    for axis, index in enumerate(place):
        if axis == across:
            where.append(index)
            continue
        size = next(sizes)
        low = int(np.clip(index - size // 2, 0, max(0, image.shape[axis + 1] - size)))
        where.append(slice(low, low + size))
    image, label = _padded(image[tuple(where)].clone(), patch), _padded(label[tuple(where)].clone(), patch)
    if structure is not None:
        ignored = label == IGNORED
        label = (label == structure).to(label.dtype)
        label[ignored] = IGNORED
    return {"image": image, "label": label, "id": data["id"]}


def _padded(tensor: torch.Tensor, patch: Sequence[int]) -> torch.Tensor:
    short = [max(0, size - n) for size, n in zip(patch, tensor.shape[1:], strict=True)]
    widths = [width for lack in reversed(short) for width in (lack // 2, lack - lack // 2)]
    return torch.nn.functional.pad(tensor, widths) if any(short) else tensor
