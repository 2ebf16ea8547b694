"""Masks to correct, wrong in ways in which a model's are: made from the truth, and always the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from jlabel.imaging.region import Region, bounding_region

# How much is wrong, as a part of the edges of the box around the structure.
_PART = 0.1


def grown(truth: NDArray[Any]) -> NDArray[np.bool_]:
    """The structure and all that is as near to it as a tenth of its box's mean edge, in voxels (at least one).

    Args:
        truth: The structure, not 0 inside.
    """
    wanted, box = _structure(truth)
    by = max(1.0, round(_PART * float(np.mean(box.shape))))
    around = box.grow(int(by), wanted.shape).slices
    mask = np.zeros_like(wanted)
    mask[around] = ndimage.distance_transform_edt(~wanted[around]) <= by
    return mask


def shifted(truth: NDArray[Any]) -> NDArray[np.bool_]:
    """The structure moved along every axis by a tenth of its box's edge there, at least by one voxel.

    Args:
        truth: The structure, not 0 inside.
    """
    wanted, box = _structure(truth)
    by = [max(1, round(_PART * n)) for n in box.shape]
    target = box.moved(by).clip(wanted.shape)
    mask = np.zeros_like(wanted)
    mask[target.slices] = wanted[target.moved([-step for step in by]).slices]
    return mask


def half_missing(truth: NDArray[Any]) -> NDArray[np.bool_]:
    """The structure up to the middle of the longest edge of its box.

    Args:
        truth: The structure, not 0 inside.
    """
    wanted, box = _structure(truth)
    axis = int(np.argmax(box.shape))
    mask = wanted.copy()
    mask[(slice(None),) * axis + (slice((box.lower[axis] + box.upper[axis] + 1) // 2, None),)] = False
    return mask


#: Each by its name.
FIRST_MASKS: Mapping[str, Callable[[NDArray[Any]], NDArray[np.bool_]]] = {
    "grown": grown,
    "shifted": shifted,
    "half_missing": half_missing,
}


def _structure(truth: NDArray[Any]) -> tuple[NDArray[np.bool_], Region]:
    """The structure, and the box around it.

    Raises:
        ValueError: There is no structure.
    """
    wanted = np.asarray(truth, dtype=bool)
    box = bounding_region(wanted)
    if box is None:
        raise ValueError("a first mask is made from a structure, and there is none")
    return wanted, box
