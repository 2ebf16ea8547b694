"""Voxels of two label values as one bit each, for what does not compress: noise above and below a threshold."""

from __future__ import annotations

import struct
import zlib

import numpy as np
from numpy.typing import NDArray

from jlabel.imaging.region import Region

# The low four bits of a zlib stream's first byte are 8 (RFC 1950), so that this begins none.
_KIND = 2
# Kind, bytes a voxel, the two values, checksum of values and bits.
_HEAD = struct.Struct("<BBHHI")


def pack_two_values(voxels: NDArray[np.unsignedinteger]) -> bytes | None:
    """The voxels as bits, the first voxel in the lowest bit.

    Args:
        voxels: Shape (n,), one or two bytes each, not empty.

    Returns:
        The head and the bits; None where there are more than two values.
    """
    low, high = int(voxels.min()), int(voxels.max())
    is_high = voxels == high
    if low != high and np.count_nonzero(is_high) + np.count_nonzero(voxels == low) != voxels.size:
        return None
    bits = np.packbits(is_high, bitorder="little").tobytes()
    size = voxels.dtype.itemsize
    return _HEAD.pack(_KIND, size, low, high, _checksum(size, low, high, bits)) + bits


def is_two_values(data: bytes | memoryview) -> bool:
    """Whether :func:`pack_two_values` wrote it."""
    return len(data) > 0 and data[0] == _KIND


def unpack_two_values(data: bytes, region: Region) -> bytes:
    """The voxels of a region, little-endian.

    Raises:
        ValueError: The bytes are damaged, or are not one bit for each voxel of the region.
    """
    bits = data[_HEAD.size :]
    if len(data) < _HEAD.size or len(bits) != -(-region.size // 8):
        raise ValueError(f"the voxels of {region} are cut short, or something follows them")
    _, size, low, high, checksum = _HEAD.unpack_from(data)
    if size not in (1, 2) or checksum != _checksum(size, low, high, bits):
        raise ValueError(f"the voxels of {region} are damaged")
    kind = np.dtype(f"<u{size}")
    voxels = np.unpackbits(np.frombuffer(bits, np.uint8), count=region.size, bitorder="little").astype(kind, copy=False)
    voxels *= kind.type(low ^ high)
    voxels ^= kind.type(low)
    return voxels.tobytes()


def _checksum(size: int, low: int, high: int, bits: bytes) -> int:
    return zlib.crc32(bits, zlib.crc32(struct.pack("<BHH", size, low, high)))
