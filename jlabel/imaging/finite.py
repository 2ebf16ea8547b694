"""Voxels that are no measurement (NaN outside the brain, masked maps, infinities, padding) in whatever computes.

Statistics are taken over the others alone, and where a filter, a resampling or a network needs a number everywhere,
such a voxel counts as the lowest one: as what lies around the patient.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Padding = tuple[float, float] | None
"""The lowest and the highest value that stand for no measurement; None where there are none."""


# Values that are looked at in one go: what that takes beside them is a quarter of it at most.
_SLAB = 4_000_000


def finite_values(array: NDArray[Any], padding: Padding = None) -> NDArray[Any]:
    """The values of an array that are measurements, flat.

    Args:
        array: Of any shape.
        padding: Which values are none.
    """
    good = _good(array, padding)
    return array.ravel(order="K") if good is None else array[good]


def filled(array: NDArray[Any], nan: Literal["lowest", "median"] = "lowest", padding: Padding = None) -> NDArray[Any]:
    """The array with a measurement in every voxel; the array itself where it has them already.

    Args:
        array: Of any shape and real type.
        nan: What NaN and padding become: the lowest of the other values, or their median.
        padding: Which values are padding.

    Returns:
        NaN and padding replaced so, infinities by the highest and the lowest of the other values, and all by 0 where
        there are no others.

    Examples:
        >>> from jlabel.imaging.finite import filled
        >>> filled(np.array([np.nan, 3, 5, np.inf], np.float32)).tolist()
        [3.0, 3.0, 5.0, 5.0]
    """
    good = _good(array, padding)
    if good is None:
        return array
    values = array[good]
    if not values.size:
        return np.zeros_like(array)
    low, high = values.min(), values.max()
    number = low if nan == "lowest" else np.median(values).astype(array.dtype)
    out: NDArray[Any] = np.where(good, array, number)
    if array.dtype.kind == "f":
        out[np.isneginf(array)], out[np.isposinf(array)] = low, high
    return out


def all_finite(array: NDArray[Any]) -> bool:
    """Whether every value is a finite number, looked at a slab at a time."""
    if array.dtype.kind != "f":
        return True
    if array.size <= _SLAB:
        return bool(np.isfinite(array).all())
    # Along the axis that is the slowest in memory.
    slabs = array if array.flags.c_contiguous else np.moveaxis(array, -1, 0)
    rows = max(1, _SLAB * len(slabs) // array.size)
    return all(bool(np.isfinite(slabs[start : start + rows]).all()) for start in range(0, len(slabs), rows))


def _good(array: NDArray[Any], padding: Padding) -> NDArray[np.bool_] | None:
    """Where the array has measurements; None where it has them everywhere."""
    if padding is None:
        return None if all_finite(array) else np.isfinite(array)
    good = (array < padding[0]) | (array > padding[1])
    if array.dtype.kind == "f":
        good &= np.isfinite(array)
    return None if good.all() else good
