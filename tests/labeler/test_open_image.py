from __future__ import annotations

import numpy as np
import pytest

from jlabel.annotation.draft import Draft
from jlabel.imaging import Image
from jlabel.imaging.intensity import Intensities
from jlabel.labeler.open_image import OpenImage
from jlabel.labeler.protocol.image_messages import ImageOpened, Slice
from jlabel.labeler.protocol.volume_stream import PIECE_BYTES


def opened(shape: tuple[int, ...], dtype: str = "int16") -> OpenImage:
    image = Image(np.zeros(shape, dtype, order="F"), np.eye(4))
    return OpenImage("case", 7, image, Draft(shape), Intensities(0, 100, 50, 10))


def test_the_slices_on_screen_come_before_the_stream():
    messages = opened((200, 180, 160)).opening()
    assert [type(message) for message, *_ in messages] == [ImageOpened, Slice, Slice, Slice]
    slices = {message.normal: (message.index, len(data)) for message, data in messages[1:]}
    assert slices == {2: (80, 200 * 180 * 2), 1: (90, 200 * 160 * 2), 0: (100, 180 * 160 * 2)}
    assert all(message.epoch == 7 for message, *_ in messages)


@pytest.mark.parametrize("shape", [(3000, 2500), (2500, 3000, 3), (20, 20, 20)])
def test_no_message_is_larger_than_a_piece(shape):
    image = opened(shape)
    for _, *buffers in image.opening():
        assert all(len(data) <= PIECE_BYTES for data in buffers)
    begin = image.stream_to("page")
    sent = 0
    for message, data in image.pull("page", begin.stream, begin.pieces):
        assert len(data) <= PIECE_BYTES
        assert message.client == "page"
        sent += len(data)
    assert sent == begin.bytes == np.prod(shape) * 2


def test_a_stream_that_was_begun_again_is_stale():
    image = opened((200, 180, 160))
    first = image.stream_to("page")
    second = image.stream_to("page")
    other = image.stream_to("another page")
    assert list(image.pull("page", first.stream, 1)) == []
    assert len(list(image.pull("page", second.stream, 2))) == 2
    assert len(list(image.pull("another page", other.stream, 99))) == other.pieces
    assert list(image.pull("unknown", other.stream, 1)) == []
