"""Labels with an error that people make, to see whether a review finds them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Labels = NDArray[np.unsignedinteger]

#: By how many voxels a label is moved, and grown.
SHIFT, GROWTH = 3, 2
#: Which part of a structure is dropped, at least and at most.
DROPPED = (0.3, 0.5)


def drop_part(mask: Labels, rng: np.random.Generator) -> Labels:
    """Without 30 to 50 % of one structure, which lie on one side of a plane."""
    value = rng.choice(_values(mask))
    at = np.argwhere(mask == value)
    way = at @ rng.normal(size=mask.ndim)
    dropped = at[way > np.quantile(way, 1 - rng.uniform(*DROPPED))]
    changed = mask.copy()
    changed[tuple(dropped.T)] = 0
    return changed


def shift(mask: Labels, rng: np.random.Generator) -> Labels:
    """All structures moved by three voxels along one axis."""
    axis, by = int(rng.integers(mask.ndim)), int(rng.choice([-SHIFT, SHIFT]))
    changed = np.roll(mask, by, axis)
    changed[_planes(mask.ndim, axis, slice(None, by) if by > 0 else slice(by, None))] = 0
    return changed


def swap(mask: Labels, rng: np.random.Generator) -> Labels:
    """Two structures exchanged."""
    one, other = rng.choice(_values(mask), 2, replace=False)
    changed = mask.copy()
    changed[mask == one], changed[mask == other] = other, one
    return changed


def forget_slice(mask: Labels, rng: np.random.Generator) -> Labels:
    """One slice emptied, not one of the two at either end."""
    axis = int(rng.integers(mask.ndim))
    others = tuple(one for one in range(mask.ndim) if one != axis)
    number = int(rng.choice(np.flatnonzero(mask.any(axis=others))[2:-2]))
    changed = mask.copy()
    changed[_planes(mask.ndim, axis, slice(number, number + 1))] = 0
    return changed


def dilate(mask: Labels, rng: np.random.Generator) -> Labels:
    """All structures grown by two voxels into the background."""
    nearest = ndimage.distance_transform_edt(mask == 0, return_distances=False, return_indices=True)
    grown = ndimage.binary_dilation(mask > 0, iterations=GROWTH)
    return np.where(grown, mask[tuple(nearest)], 0).astype(mask.dtype)


CORRUPTIONS: dict[str, Callable[[Labels, np.random.Generator], Labels]] = {
    "part dropped": drop_part,
    "shifted": shift,
    "swapped": swap,
    "slice forgotten": forget_slice,
    "dilated": dilate,
}


def _values(mask: Labels) -> NDArray[np.unsignedinteger]:
    found = np.unique(mask)
    return found[found > 0]


def _planes(ndim: int, axis: int, which: slice) -> tuple[slice, ...]:
    return tuple(which if one == axis else slice(None) for one in range(ndim))
