"""From the bytes of a file to the voxels of an image: type, byte order and scaling."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Types that scaled integers may end in; not 8 bits, so that the frames of one file differ no more than needed.
_SCALED = tuple(np.dtype(kind) for kind in ("int16", "uint16", "int32", "uint32", "int64"))


def shaped(raw: NDArray[np.uint8], dtype: np.dtype[Any], shape: tuple[int, ...]) -> NDArray[Any]:
    """The bytes as an array in Fortran order and native byte order, without copying (swapped in place)."""
    array = raw.view(dtype)
    if not dtype.isnative:
        array = array.byteswap(inplace=True).view(dtype.newbyteorder("="))
    return array.reshape(shape, order="F")


def scaled(array: NDArray[Any], slope: float, intercept: float) -> NDArray[Any]:
    """``array * slope + intercept``: the smallest exact integer type where everything is whole, else float32.

    It is made a slab at a time, and in place where the type stays and the array may be written, so that memory stays at
    the array and its result.
    """
    if slope == 1 and intercept == 0:
        return array
    whole = array.dtype.kind in "iu" and float(slope).is_integer() and float(intercept).is_integer()
    target = _integer_type(array, int(slope), int(intercept)) if whole and array.size else None
    kind = np.dtype(np.float32) if target is None else target
    in_place = kind == array.dtype and array.flags.writeable
    out = array if in_place else np.empty(array.shape, dtype=kind, order="F")
    step = np.int64 if target is not None else np.float64
    with np.errstate(over="ignore", invalid="ignore"):
        for index in range(array.shape[-1]):
            out[..., index] = array[..., index].astype(step) * step(slope) + step(intercept)
    return out


def _integer_type(array: NDArray[Any], slope: int, intercept: int) -> np.dtype[Any] | None:
    ends = [int(array.min()) * slope + intercept, int(array.max()) * slope + intercept]
    if max(map(abs, (slope, intercept, *ends))) >= 2**62:
        return None
    fits = (kind for kind in _SCALED if kind.itemsize >= array.dtype.itemsize and _holds(kind, ends))
    return next(fits, None)


def _holds(kind: np.dtype[Any], values: list[int]) -> bool:
    info = np.iinfo(kind)
    return info.min <= min(values) and max(values) <= info.max


def plain_type(array: NDArray[Any], notes: dict[str, str]) -> NDArray[Any]:
    """Voxels in a type that every part of jlabel handles: integers as they are, bool as uint8, every float as float32.

    Adds a note when some voxels are NaN or infinite; they stay as they are.
    """
    if array.dtype.kind == "b":
        array = array.astype(np.uint8)
    elif array.dtype.kind == "f" and array.dtype != np.float32:
        with np.errstate(over="ignore"):
            array = array.astype(np.float32)
    array = array.astype(array.dtype.newbyteorder("="), copy=False)
    if array.dtype.kind == "f":
        slabs = array if array.flags.c_contiguous else np.moveaxis(array, -1, 0)
        odd = sum(int(np.count_nonzero(~np.isfinite(slab))) for slab in slabs)
        if odd:
            count = f"{odd} of {array.size} voxels are not finite (NaN or infinite)"
            notes["intensities"] = f"{count}; models take them for the lowest"
    return array


def rgb_from_rgba(array: NDArray[Any], notes: dict[str, str]) -> NDArray[Any]:
    """The colours without their transparency, which labeling has no use for."""
    notes["colour"] = "transparency (the alpha channel) was left out"
    return array[..., :3]


def voxel_bytes(shape: tuple[int, ...], itemsize: int) -> int:
    """Bytes of that many voxels, in Python's own integers, which do not overflow."""
    return math.prod(shape) * itemsize
