"""Masks as bytes."""

from __future__ import annotations

import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from jlabel.imaging import Region, decode_voxels, encode_voxels

arrays = st.sampled_from([np.bool_, np.uint8, np.dtype("<u2"), np.dtype(">u2"), np.int32, np.float32]).flatmap(
    lambda kind: hnp.arrays(kind, hnp.array_shapes(min_dims=1, max_dims=3, min_side=0, max_side=5))
)


@given(arrays)
def test_voxels_come_back(array: np.ndarray) -> None:
    decoded = decode_voxels(encode_voxels(array), Region.whole(array.shape), array.dtype)
    np.testing.assert_array_equal(decoded, array)
    assert decoded.dtype == array.dtype


def test_the_first_axis_is_fastest_and_numbers_are_little_endian() -> None:
    data = encode_voxels(np.array([[1, 2], [3, 4]], dtype=">u2"))
    assert zlib.decompress(data) == bytes([1, 0, 3, 0, 2, 0, 4, 0])


def test_a_part_of_a_larger_array_comes_back() -> None:
    array = np.arange(60).reshape(3, 4, 5)
    region = Region((1, 1, 2), (3, 3, 5))
    np.testing.assert_array_equal(
        decode_voxels(encode_voxels(array[region.slices]), region, "i8"), array[region.slices]
    )


@given(hnp.arrays(np.uint8, (4, 3, 2)), st.data())
def test_damaged_bytes_are_never_taken_for_other_voxels(array: np.ndarray, data: st.DataObject) -> None:
    encoded = bytearray(encode_voxels(array))
    at = data.draw(st.integers(0, len(encoded) - 1))
    encoded[at] ^= 1 << data.draw(st.integers(0, 7))
    try:
        decoded = decode_voxels(bytes(encoded), Region.whole(array.shape), "u1")
    except ValueError:
        return
    np.testing.assert_array_equal(decoded, array)


@given(hnp.arrays(np.uint8, (4, 3, 2)), st.integers(1, 100))
def test_cut_or_padded_bytes_are_refused(array: np.ndarray, count: int) -> None:
    encoded = encode_voxels(array)
    for wrong in (encoded[: -min(count, len(encoded))], encoded + b"x" * count):
        with pytest.raises(ValueError, match="voxels"):
            decode_voxels(wrong, Region.whole(array.shape), "u1")


@pytest.mark.parametrize("shape", [(2, 2), (3, 3), (1 << 20, 1 << 20)])
def test_bytes_of_another_size_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="bytes of voxels"):
        decode_voxels(encode_voxels(np.zeros((2, 3), np.uint8)), Region.whole(shape), "u1")
