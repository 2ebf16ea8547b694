"""Voxels written as text: decimal numbers, as NRRD and MetaImage allow, or bytes in hex, as NRRD does."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from jlabel.imaging.formats.byte_source import ByteSource
from jlabel.imaging.formats.voxel_types import voxel_bytes


def text_voxels(source: ByteSource, dtype: np.dtype[Any], shape: tuple[int, ...]) -> NDArray[Any]:
    """The rest of the source as numbers separated by white space or commas, in Fortran order.

    Raises:
        ImageError: Something is no number, does not fit the type, or there are more or fewer than the shape needs.
    """
    count = voxel_bytes(shape, 1)
    source.promise(2 * count - 1)
    words = source.rest().replace(b",", b" ").split()
    if len(words) != count:
        raise source.error(f"has {len(words)} voxels, where its header promises {count}")
    native = dtype.newbyteorder("=")
    try:
        numbers = [float(word) for word in words] if native.kind == "f" else [int(word) for word in words]
        return np.array(numbers, dtype=native).reshape(shape, order="F")
    except (ValueError, OverflowError) as error:
        raise source.error(f"has a voxel that is no number of its type ({native}): {error}") from error


def hex_bytes(source: ByteSource, size: int) -> NDArray[np.uint8]:
    """The rest of the source as bytes in hex, two digits each, with any white space between digits.

    Raises:
        ImageError: Something is no digit, or there are more or fewer bytes.
    """
    source.promise(2 * size)
    digits = b"".join(source.rest().split())
    if len(digits) != 2 * size:
        raise source.error(f"has {len(digits) // 2} bytes of voxels in hex, where its header promises {size}")
    try:
        return np.frombuffer(bytearray.fromhex(digits.decode("ascii")), dtype=np.uint8)
    except ValueError as error:
        raise source.error(f"has voxels in hex with something that is no digit: {error}") from error
