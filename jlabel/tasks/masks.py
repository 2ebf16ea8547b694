"""From what a network's post transforms leave to label values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jlabel.errors import TaskError


def to_values(pred: NDArray[Any], ndim: int, classes: int) -> NDArray[Any]:
    """Class indices without a channel axis.

    Args:
        pred: Class indices of shape ``(...)`` or ``(1, ...)``, or one channel per class: as many as classes, or
            one more, the first being the background.
        ndim: Number of spatial axes.
        classes: How many classes the task has.

    Raises:
        TaskError: The number of axes or channels fits none of these.
    """
    while pred.ndim > ndim + 1 and pred.shape[0] == 1:
        pred = pred[0]
    if pred.ndim == ndim:
        return pred
    if pred.ndim != ndim + 1:
        raise TaskError(f"a mask of {pred.ndim} axes for an image of {ndim}")
    if pred.shape[0] == 1:
        return np.squeeze(pred, axis=0)
    if pred.shape[0] == classes + 1:
        return np.asarray(np.argmax(pred, axis=0))
    if pred.shape[0] == classes:
        return np.where(pred.max(axis=0) > 0.5, pred.argmax(axis=0) + 1, 0)
    raise TaskError(f"a mask of {pred.shape[0]} channels for {classes} labels; give one per label, or class indices")


def smallest_unsigned(classes: NDArray[Any], table: Mapping[int, int]) -> NDArray[Any]:
    """Class indices renamed to label values, in the smallest unsigned integer type that holds them.

    Raises:
        TaskError: There are values below 0, above 65,535, or not whole.
    """
    if classes.dtype.kind == "b":
        classes = classes.view(np.uint8)
    largest = int(classes.max(initial=0))
    if int(classes.min(initial=0)) < 0 or largest > np.iinfo(np.uint16).max:
        raise TaskError(f"a mask has values from 0 to 65535, not {classes.min()} to {classes.max()}")
    if classes.dtype.kind == "f":
        whole = classes.astype(np.uint16)
        if not np.array_equal(whole, classes):
            raise TaskError("the mask holds fractions; end post_transforms with AsDiscreted(keys='pred', …)")
        classes = whole
    top = max([largest, *table.values()])
    dtype = np.uint8 if top <= np.iinfo(np.uint8).max else np.uint16
    if all(index == value for index, value in table.items()):
        return classes.astype(dtype, copy=False)
    lookup = np.arange(max(largest, *table) + 1, dtype=dtype)
    for index, value in table.items():
        lookup[index] = value
    named: NDArray[Any] = lookup[classes]
    return named
