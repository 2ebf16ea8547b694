"""Objects of one class that are told apart: what the network learns of them, and how its answer becomes objects.

The network sees the inside of an object and its border as two classes, so that two that touch have a border between
them; the insides are the markers from which a watershed finds the objects. The rule is that of the U-Nets of the 2018
Data Science Bowl (Caicedo et al. 2019, "Nucleus segmentation across imaging experiments", Nature Methods 16).

A label of classes and objects holds 0 to C - 1 for the classes, and C, C + 1, ... for the objects, where C is the
number of classes, the background among them: ``LabelledImage.to_classes`` of :mod:`jlabel.training` makes it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from monai.transforms import Transform
from numpy.typing import NDArray
from scipy import ndimage

# Of the probability of an inside, from which on it is the marker of an object.
_SURE = 0.5
_LEAST_PIXELS = 9  # of an object; less is noise


def outputs(classes: int, objects: int) -> int:
    """How many channels the network gives: one for each class, and one for the border of objects if there are any."""
    return classes + bool(objects)


def object_targets(label: torch.Tensor, classes: int, objects: int) -> torch.Tensor:
    """The classes that the network learns: the inside of an object has its class, its border the one after all others.

    Args:
        label: Classes and objects, ``(batch, 1, i, j)``.
        classes: How many classes there are, the background among them.
        objects: The class of the objects.
    """
    values = label.float()
    highest = torch.nn.functional.max_pool2d(values, 3, 1, 1)
    lowest = -torch.nn.functional.max_pool2d(-values, 3, 1, 1)
    is_object = label >= classes
    border = is_object & (highest != lowest)
    inside = torch.where(is_object, torch.full_like(label, objects), label)
    return torch.where(border, torch.full_like(label, classes), inside)


class ObjectLoss(torch.nn.Module):
    """A loss of classes for labels of classes and objects.

    Args:
        loss: Of logits and classes.
        classes: How many classes there are, the background among them.
        objects: The class of the objects.
    """

    def __init__(self, loss: Callable[..., torch.Tensor], classes: int, objects: int) -> None:
        super().__init__()
        self.loss = loss
        self.classes = classes
        self.objects = objects

    def forward(self, pred: torch.Tensor, label: torch.Tensor) -> torch.Tensor:
        """The loss of logits ``(batch, channel, i, j)`` against a label ``(batch, 1, i, j)``."""
        return self.loss(pred, object_targets(label, self.classes, self.objects))


def class_chances(logits: torch.Tensor, objects: int) -> torch.Tensor:
    """The probability of each class, ``(class, ...)``, of logits with a border: that belongs to its object."""
    chances = torch.softmax(logits, dim=0)
    found = chances[:-1].clone()
    found[objects] += chances[-1]
    return found


def separated(logits: torch.Tensor, objects: int) -> NDArray[np.int32]:
    """Classes and objects of the logits of a picture.

    Args:
        logits: ``(channel, i, j)``, the border last.
        objects: The class of the objects.

    Returns:
        Shape ``(i, j)``.
    """
    from skimage.segmentation import watershed

    classes = logits.shape[0] - 1
    found = class_chances(logits, objects).argmax(dim=0).numpy().astype(np.int32)
    inside = torch.softmax(logits, dim=0)[objects].numpy()
    there = found == objects
    markers, count = _large_parts(there & (inside > _SURE), 1)
    parts = watershed(-inside, markers, mask=there)
    # What is too small or thin to have an inside is an object all the same.
    others, _ = _large_parts(there & (parts == 0), _LEAST_PIXELS)
    parts = np.where(others > 0, others + count, parts)
    sizes = np.bincount(parts.ravel())
    numbers = np.zeros(len(sizes), np.int32)
    kept = np.flatnonzero(sizes[1:] >= _LEAST_PIXELS) + 1
    numbers[kept] = np.arange(len(kept)) + classes
    found[there] = numbers[parts[there]]
    return found


def _large_parts(mask: NDArray[np.bool_], least: int) -> tuple[NDArray[np.int32], int]:
    """The connected parts of a mask that have at least so many pixels, numbered, and how many parts there are."""
    parts, count = ndimage.label(mask)
    sizes = np.bincount(parts.ravel(), minlength=count + 1)
    parts[(sizes < least)[parts]] = 0
    return parts, count


class SeparateObjects(Transform):  # type: ignore[misc]
    """Makes of the logits under ``"pred"``, ``(channel, i, j)``, classes and objects, ``(1, i, j)``.

    Args:
        objects: The class of the objects.
    """

    def __init__(self, objects: int) -> None:
        self.objects = objects

    def __call__(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """The data with the prediction changed."""
        pred = torch.as_tensor(data["pred"]).detach().cpu().float()
        return {**data, "pred": torch.from_numpy(separated(pred, self.objects))[None]}
