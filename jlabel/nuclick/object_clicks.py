"""One object at a time: patches about an object, with a click on it and clicks on those beside it."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from monai.transforms import Randomizable, Transform
from numpy.typing import NDArray

from jlabel.annotators.error_regions import largest_region
from jlabel.guidance.simulated_clicks import add_click, plain
from jlabel.prompts.prompt import Position

#: Under which an item says which object it is about.
OBJECT = "object"
_MOST = 8  # objects of a picture that a model is judged by
# How often the objects beside it are all clicked, or none; else each as a coin falls.
_ALL, _NONE = 0.5, 0.2


class CropToObject(Randomizable, Transform):  # type: ignore[misc]
    """Draws an object and cuts out a patch about it: ``"image"`` and ``"label"``, ``(channel, i, j)``.

    Args:
        patch: Pixels along both axes.
        first: The least value of an object in the label.
    """

    def __init__(self, patch: Sequence[int], first: int) -> None:
        self.patch = tuple(patch)
        self.first = first

    def __call__(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """The patch, and under ``"object"`` the object's value.

        Raises:
            ValueError: The label has no object.
        """
        values = object_values(data["label"], self.first)
        value = int(values[self.R.randint(len(values))])
        return patch_about(data, value, self.patch)


class EachObject(Transform):  # type: ignore[misc]
    """A patch about each object, of many only some; the same at every call.

    Args:
        patch: Pixels along both axes.
        first: The least value of an object in the label.
    """

    def __init__(self, patch: Sequence[int], first: int) -> None:
        self.patch = tuple(patch)
        self.first = first

    def __call__(self, data: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The patches.

        Raises:
            ValueError: The label has no object.
        """
        values = object_values(data["label"], self.first)
        name = str(data["id"])
        chosen = sorted(values.tolist(), key=lambda value: zlib.crc32(f"{name} {value}".encode()))[:_MOST]
        return [patch_about(data, value, self.patch) for value in chosen]


class ClickObject(Randomizable, Transform):  # type: ignore[misc]
    """Adds two guidance channels to ``"image"``: a click on the object, and clicks on the objects beside it.

    In the label that comes out the object is 1, all else 0.

    Args:
        first: The least value of an object in the label.
        sigma: Of the Gaussians, in pixels.
        random: Whether to click somewhere in an object, and to leave out clicks on others; else in the middle of each.
    """

    def __init__(self, first: int, sigma: float, random: bool) -> None:
        self.first = first
        self.sigma = sigma
        self.random = random

    def __call__(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Image, label and id alone."""
        image, label = plain(data["image"]), plain(data["label"])
        values = np.asarray(label[0])
        there = [int(value) for value in np.unique(values) if value >= self.first]
        channels = image.shape[0]
        image = torch.cat([image, torch.zeros((2, *image.shape[1:]), dtype=image.dtype)])
        # A random change may have moved the object out of the patch.
        value = int(data[OBJECT]) if int(data[OBJECT]) in there or not there else there[0]
        share = self._share()
        for other in there:
            if other == value or self.R.random_sample() < share:
                channel = channels if other == value else channels + 1
                add_click(image, channel, self._place(values == other), self.sigma)
        return {"image": image, "label": (label == value).to(label.dtype), "id": data["id"]}

    def _share(self) -> float:
        if not self.random:
            return 1.0
        drawn = self.R.random_sample()
        return 1.0 if drawn < _ALL else 0.0 if drawn < _ALL + _NONE else 0.5

    def _place(self, inside: NDArray[np.bool_]) -> Position:
        region = largest_region(inside)
        assert region is not None
        return region.drawn(self.R, (1.0, 1.0)) if self.random else region.innermost((1.0, 1.0))


def object_values(label: Any, first: int) -> NDArray[Any]:
    """The values of the objects in a label.

    Raises:
        ValueError: There is none.
    """
    values: NDArray[Any] = np.unique(np.asarray(label))
    values = values[values >= first]
    if not len(values):
        raise ValueError("its label has no object to learn from")
    return values


def patch_about(data: Mapping[str, Any], value: int, patch: Sequence[int]) -> dict[str, Any]:
    """The patch about the middle of an object, inside the picture, which is at least as large as the patch."""
    image, label = plain(data["image"]), plain(data["label"])
    middle = np.argwhere(np.asarray(label[0]) == value).mean(axis=0)
    where: list[slice] = [slice(None)]
    for centre, size, edge in zip(middle, patch, image.shape[1:], strict=True):
        low = int(np.clip(round(centre) - size // 2, 0, max(0, edge - size)))
        where.append(slice(low, low + size))
    cut = tuple(where)
    return {"image": image[cut].clone(), "label": label[cut].clone(), "id": data["id"], OBJECT: value}
