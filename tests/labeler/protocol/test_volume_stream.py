from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jlabel.imaging import Image
from jlabel.labeler.protocol import volume_stream as stream


def reassembled(image: Image) -> np.ndarray:
    voxels = stream.VolumeStream(image)
    filled = bytearray(voxels.total_bytes)
    for piece in voxels.pieces:
        data = voxels.read(piece)
        assert len(data) <= stream.PIECE_BYTES
        filled[piece.offset : piece.offset + len(data)] = data
    return np.frombuffer(bytes(filled), voxels.dtype)


@settings(max_examples=60)
@given(
    shape=st.tuples(st.integers(1, 9), st.integers(1, 9), st.integers(1, 9)),
    order=st.sampled_from(["C", "F"]),
    limit=st.integers(9, 400),
)
def test_the_pieces_make_the_volume_in_fortran_order(shape, order, limit):
    array = np.arange(np.prod(shape), dtype=np.int16).reshape(shape).copy(order=order)
    image = Image(array, np.eye(4))
    before = stream.PIECE_BYTES
    stream.PIECE_BYTES = limit * 2
    try:
        np.testing.assert_array_equal(reassembled(image), array.ravel(order="F"))
    finally:
        stream.PIECE_BYTES = before


def test_colours_stay_together():
    array = np.arange(4 * 5 * 3, dtype=np.uint8).reshape(4, 5, 3)
    flat = reassembled(Image(array, np.eye(4), channels="rgb"))
    np.testing.assert_array_equal(flat.reshape(5, 4, 3), array.transpose(1, 0, 2))


@pytest.mark.parametrize(
    ("dtype", "shown"),
    [("uint8", "uint8"), ("int8", "int16"), ("int32", "float32"), ("float64", "float32"), ("uint16", "uint16")],
)
def test_what_the_browser_cannot_hold_becomes_float(dtype, shown):
    array = np.arange(8, dtype=dtype).reshape(2, 2, 2)
    image = Image(array, np.eye(4))
    assert stream.shown_dtype(image) == shown
    np.testing.assert_array_equal(reassembled(image), array.ravel(order="F"))


def test_the_middle_comes_first():
    image = Image(np.zeros((1000, 1000, 9), np.uint16), np.eye(4))
    assert [piece.start for piece in stream.VolumeStream(image).pieces][:3] == [4, 2, 6]


def test_a_slice_has_the_other_axes_in_order():
    array = np.arange(24, dtype=np.int16).reshape(2, 3, 4)
    data = np.frombuffer(stream.VolumeStream(Image(array, np.eye(4))).slice(1, 2), "<i2")
    np.testing.assert_array_equal(data, array[:, 2, :].ravel(order="F"))
