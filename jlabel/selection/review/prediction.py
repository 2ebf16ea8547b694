"""How well a label agrees with what a model makes of the image."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from jlabel.imaging.overlap import OverlapCount
from jlabel.types import LabelMap, Probabilities

#: Voxels on both sides of a border whose probability is looked at.
BAND = 2
_TEMPERATURE = 0.1


def label_dice(mask: LabelMap, predicted: LabelMap, values: Collection[int]) -> dict[int, float]:
    """The Dice of each structure that a label holds with the model's.

    Args:
        mask: The label.
        predicted: What the model found, of the same shape.
        values: The structures that the model knows.
    """
    counts = OverlapCount()
    counts.add(mask, predicted)
    found = {value: counts.of(value) for value in values}
    return {value: one.dice or 0.0 for value, one in found.items() if one.first}


def label_quality(mask: LabelMap, probabilities: Probabilities, classes: Mapping[int, int]) -> dict[int, float]:
    """The probability that a model gives to a label as it was drawn, at the border of each structure.

    Of each voxel in a band of two voxels on both sides of the border, the probability ``p`` of the label that was given
    to it; of these the soft minimum ``sum(p * w) / sum(w)`` with ``w = exp((1 - p) / 0.1)``, which the least likely
    voxels decide. After Lad, V. and Mueller, J.: Estimating label quality and errors in semantic segmentation data via
    any model (2023), arXiv:2307.05080, who take all pixels of the image.

    Args:
        mask: The label.
        probabilities: Shape ``(class, ...)`` with the mask's axes, without the background, which is what they leave.
        classes: The label values that the model knows, to places in ``probabilities``.

    Returns:
        By the values of structures that the label holds and the model knows: 0 to 1.
    """
    boxes = ndimage.find_objects(mask)
    found = {}
    for value in classes:
        box = boxes[value - 1] if 0 < value <= len(boxes) else None
        if box is None:
            continue
        part = tuple(
            slice(max(0, one.start - BAND), min(size, one.stop + BAND))
            for one, size in zip(box, mask.shape, strict=True)
        )
        given = _given(mask[part], probabilities[(slice(None), *part)], _band(mask[part] == value), classes)
        if given.size:
            found[value] = soft_minimum(given)
    return found


def soft_minimum(values: NDArray[np.floating]) -> float:
    """A mean in which small values count most; of values from 0 to 1."""
    values = values.astype(np.float64)
    weights = np.exp((values.min() - values) / _TEMPERATURE)
    return float((values * weights).sum() / weights.sum())


def _band(inside: NDArray[np.bool_]) -> NDArray[np.bool_]:
    grown = ndimage.binary_dilation(inside, iterations=BAND)
    shrunk = ndimage.binary_erosion(inside, iterations=BAND, border_value=1)
    return np.asarray(grown & ~shrunk)


def _given(
    mask: LabelMap, probabilities: Probabilities, band: NDArray[np.bool_], classes: Mapping[int, int]
) -> NDArray[np.float32]:
    """The probabilities of the labels that the voxels of the band have; without those that the model does not know."""
    labels, each = mask[band], probabilities[:, band].astype(np.float32)
    given = np.full(labels.shape, np.nan, np.float32)
    given[labels == 0] = np.clip(1 - each[:, labels == 0].sum(axis=0), 0, 1)
    for value, place in classes.items():
        given[labels == value] = each[place, labels == value]
    return given[np.isfinite(given)]
