"""Voxels of two values as bits."""

from __future__ import annotations

import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from jlabel.imaging import Region, decode_labels, decode_voxels, encode_voxels
from jlabel.imaging.codec.bits import pack_two_values, unpack_two_values

SHAPE = (70, 50, 21)


def noise(low: int, high: int, dtype: str) -> np.ndarray:
    chosen = np.random.default_rng(5).random(SHAPE) < 0.5
    return np.where(chosen, np.dtype(dtype).type(low), np.dtype(dtype).type(high))


@pytest.mark.parametrize(
    ("low", "high", "dtype"), [(0, 1, "u1"), (3, 250, "u1"), (0, 1, "<u2"), (700, 65535, "<u2"), (258, 700, ">u2")]
)
def test_noise_of_two_labels_is_one_bit_a_voxel_and_comes_back(low: int, high: int, dtype: str) -> None:
    voxels = noise(low, high, dtype)
    packed = encode_voxels(voxels)
    assert len(packed) < voxels.size / 8 + 20
    for found in (decode_labels(packed, Region.whole(SHAPE)), decode_voxels(packed, Region.whole(SHAPE), dtype)):
        np.testing.assert_array_equal(found, voxels)
        assert found.dtype.itemsize == voxels.dtype.itemsize


def test_what_compresses_or_has_more_values_is_zlib() -> None:
    block = np.zeros(SHAPE, np.uint8)
    block[10:40, 10:40] = 1
    three = noise(0, 1, "u1")
    three[3, 3, 3] = 9
    for voxels in (block, three, noise(0, 1, "u1") != 0, noise(0, 1, "<u4")):
        assert zlib.decompress(encode_voxels(voxels)) == voxels.tobytes(order="F")


def test_the_bytes_are_those_that_the_page_reads() -> None:
    packed = pack_two_values(np.array([3, 700, 700, 3, 3, 3, 3, 3, 700], "<u2"))
    assert packed is not None
    assert packed[:6] == bytes([2, 2, 3, 0, 188, 2])
    assert packed[10:] == bytes([0b110, 1])


@given(hnp.arrays(np.uint8, st.integers(1, 40), elements=st.sampled_from([4, 9])), st.data())
def test_damaged_bits_are_refused(voxels: np.ndarray, data: st.DataObject) -> None:
    packed = pack_two_values(voxels)
    assert packed is not None
    region = Region((0,), (voxels.size,))
    assert unpack_two_values(packed, region) == voxels.tobytes()
    at = data.draw(st.integers(1, len(packed) - 1))
    damaged = bytearray(packed)
    damaged[at] ^= 1 << data.draw(st.integers(0, 7))
    for wrong in (bytes(damaged), packed[:-1], packed + b"1", packed[:5]):
        with pytest.raises(ValueError, match="the voxels of"):
            unpack_two_values(wrong, region)
