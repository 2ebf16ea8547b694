"""The changed box of a mask as bytes: how masks travel and how undo steps are kept."""

from __future__ import annotations

import zlib

import numpy as np
from numpy.typing import NDArray

from jlabel.imaging.codec.bits import is_two_values, pack_two_values, unpack_two_values
from jlabel.imaging.region import Region

# Level 1: on masks it is nearly as small as level 6 and several times faster.
LEVEL = 1
# Fewer voxels are unpacked in a moment however they are packed.
_MANY = 65_536


def encode_voxels(values: NDArray[np.generic]) -> bytes:
    """The voxels in Fortran order (first axis fastest), little-endian, zlib level 1.

    Two labels that alternate without order, as noise above and below a threshold, are one bit a voxel instead: smaller,
    and unpacked in a tenth of the time.
    """
    ordered = np.asarray(values).astype(values.dtype.newbyteorder("<"), copy=False)
    raw = ordered.tobytes(order="F")
    packed = zlib.compress(raw, LEVEL)
    if values.size < _MANY or values.dtype.name not in ("uint8", "uint16") or len(packed) * 8 <= values.size:
        return packed
    bits = pack_two_values(np.frombuffer(raw, np.dtype(f"<u{values.itemsize}")))
    return packed if bits is None or len(bits) >= len(packed) else bits


def decode_voxels(data: bytes | memoryview, region: Region, dtype: np.dtype[np.generic] | str) -> NDArray[np.generic]:
    """The voxels that :func:`encode_voxels` wrote, in the region's shape.

    Raises:
        ValueError: The bytes are damaged, cut short or do not fill the region exactly.
    """
    kind = np.dtype(dtype).newbyteorder("<")
    expected = region.size * kind.itemsize
    raw = _inflate(data, region, expected)
    if len(raw) != expected:
        raise ValueError(f"{region} has {expected} bytes of voxels, not {len(raw)}")
    return np.frombuffer(raw, dtype=kind).reshape(region.shape, order="F").astype(np.dtype(dtype), copy=False)


def decode_labels(data: bytes | memoryview, region: Region) -> NDArray[np.unsignedinteger]:
    """Label values of one or two bytes that :func:`encode_voxels` wrote: their number tells which.

    Raises:
        ValueError: The bytes are damaged, cut short or do not fill the region exactly.
    """
    raw = _inflate(data, region, 2 * region.size)
    kind = np.dtype(np.uint16 if len(raw) == 2 * region.size > 0 else np.uint8)
    if len(raw) != kind.itemsize * region.size:
        raise ValueError(f"{region} has {region.size} label values, and there are {len(raw)} bytes")
    values = np.frombuffer(raw, dtype=kind.newbyteorder("<")).reshape(region.shape, order="F")
    return values.astype(kind, copy=False)


def _inflate(data: bytes | memoryview, region: Region, most: int) -> bytes:
    if is_two_values(data):
        return unpack_two_values(bytes(data), region)
    inflater = zlib.decompressobj()
    try:
        raw = inflater.decompress(bytes(data), most + 1)
    except zlib.error as error:
        raise ValueError(f"the voxels of {region} are damaged: {error}") from error
    if len(raw) <= most and (not inflater.eof or inflater.unused_data):
        raise ValueError(f"the voxels of {region} are cut short, or something follows them")
    return raw
