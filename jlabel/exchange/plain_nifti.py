"""Label files that can be copied as they are: plain NIfTI-1 files of whole numbers in the grid of their image.

Only what is beyond doubt is said to be one; of all other files the readers of :mod:`jlabel.imaging` decide.
"""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

#: Under which key of a version's info the largest value of a file stands that was read when it was copied.
LARGEST_KEY = "largest_value"
_HEADER, _DATA_AT = 348, 352
_GZIP = b"\x1f\x8b"
_WITH_GZIP_HEADER = 31
_HEAD_BYTES = 4096
_INFLATE_MOST = 1040
_SIZE, _MAGIC = (348).to_bytes(4, "little"), b"n+1\0"
_DIM, _TYPE, _PIXDIM, _OFFSET, _SCALING = slice(40, 56), slice(70, 72), slice(76, 108), slice(108, 112), slice(112, 120)
_PLACE = slice(252, 328)
_TYPES = {2: "u1", 256: "i1", 4: "<i2", 512: "<u2", 8: "<i4", 768: "<u4"}
_EXTENSIONS = (".nii", ".nii.gz")


class PlainLabel(NamedTuple):
    """A plain label file: its header and its voxels, in the file's order."""

    head: bytes
    voxels: NDArray[Any]


def read_head(path: Path) -> bytes | None:
    """The header of a NIfTI-1 file with its voxels in it; None for anything else."""
    if not path.name.lower().endswith(_EXTENSIONS):
        return None
    try:
        with path.open("rb", buffering=0) as file:
            head = file.read(_HEAD_BYTES)
        if head.startswith(_GZIP):
            head = zlib.decompressobj(_WITH_GZIP_HEADER).decompress(head, _HEADER)
    except (OSError, zlib.error):
        return None
    return _checked(head)


def read_plain_label(path: Path) -> PlainLabel | None:
    """A label file, read to its last byte; None where it is not plain, or anything is wrong with it."""
    head = read_head(path)
    kind = None if head is None else _TYPES.get(int.from_bytes(head[_TYPE], "little"))
    if head is None or kind is None or not _is_unscaled(head):
        return None
    wanted = _voxels(head) * np.dtype(kind).itemsize
    try:
        data = path.read_bytes()
        if data.startswith(_GZIP):
            if wanted > len(data) * _INFLATE_MOST:
                return None
            unpacking = zlib.decompressobj(_WITH_GZIP_HEADER)
            data = unpacking.decompress(data, _DATA_AT + wanted + 1)
            if not unpacking.eof or unpacking.unused_data:
                return None
    except (OSError, zlib.error, MemoryError):
        return None
    if len(data) != _DATA_AT + wanted:
        return None
    voxels = np.frombuffer(data, kind, offset=_DATA_AT)
    return PlainLabel(head, voxels) if voxels.dtype.kind == "u" or not (voxels < 0).any() else None


def same_grid(one: bytes, other: bytes) -> bool:
    """Whether two headers describe the same voxels in the same places, number for number."""
    shape, shape_of_other = _spatial(_shape(one)), _spatial(_shape(other))
    sizes, sizes_of_other = (np.frombuffer(head[_PIXDIM], "<f4")[: 1 + len(shape)] for head in (one, other))
    same = shape == shape_of_other and bool(np.array_equal(sizes, sizes_of_other))
    return same and one[_PLACE] == other[_PLACE]


def holds_only(voxels: NDArray[Any], values: bytes) -> bool:
    """Whether all values of a label are among those, each 0 to 255."""
    if covers(values, int(voxels.max()) if voxels.size else 0):
        return True
    if voxels.dtype.itemsize == 1:
        return not voxels.tobytes().translate(None, values)
    return bool(np.isin(voxels, np.frombuffer(values, np.uint8)).all())


def covers(values: bytes, largest: int) -> bool:
    """Whether every value up to the largest is among those."""
    return largest < 256 and set(range(largest + 1)) <= set(values)


def is_volume(head: bytes) -> bool:
    """Whether a header is that of one volume, and not of several frames."""
    shape = _shape(head)
    return shape[0] == 3 or (shape[0] in (4, 5) and all(n == 1 for n in shape[4 : shape[0] + 1]))


def _checked(head: bytes) -> bytes | None:
    if len(head) < _HEADER or head[:4] != _SIZE or head[344:348] != _MAGIC:
        return None
    shape = _shape(head)
    if not 3 <= shape[0] <= 7 or any(n < 1 for n in shape[1 : shape[0] + 1]):
        return None
    return head[:_HEADER]


def _is_unscaled(head: bytes) -> bool:
    slope, inter = (float(number) for number in np.frombuffer(head[_SCALING], "<f4"))
    placed = float(np.frombuffer(head[_OFFSET], "<f4")[0]) == _DATA_AT
    return placed and is_volume(head) and (slope == 0 or not np.isfinite(slope) or (slope == 1 and inter == 0))


def _voxels(head: bytes) -> int:
    return int(np.prod(_spatial(_shape(head))))


def _shape(head: bytes) -> tuple[int, ...]:
    """The field ``dim``: the number of axes, then their sizes."""
    return tuple(int(n) for n in np.frombuffer(head[_DIM], "<i2"))


def _spatial(shape: tuple[int, ...]) -> tuple[int, ...]:
    return shape[1 : 1 + min(3, shape[0])]
