"""Small videos, each frame of one grey value."""

from __future__ import annotations

import struct
from pathlib import Path

import av
import numpy as np

RATE, SIZE = 10, (48, 64)


def make_video(file: Path, frames: int = 50, clockwise: bool = False) -> Path:
    """Write a video of 10 frames a second; frame n is about 5 n bright, with a white corner at the top left.

    Args:
        file: Its ending says the format.
        frames: How many.
        clockwise: Of an MP4: it says that it is to be turned so by 90 degrees, as a telephone does.
    """
    with av.open(str(file), "w") as container:
        stream = container.add_stream("mpeg4", rate=RATE)
        stream.height, stream.width, stream.pix_fmt = *SIZE, "yuv420p"
        for number in range(frames):
            pixels = np.full((*SIZE, 3), min(5 * number, 200), np.uint8)
            pixels[:16, :16] = 255
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(stream.encode())
    if clockwise:
        content = bytearray(file.read_bytes())
        place = content.index(b"tkhd") + 44  # of the transformation in the header of the track
        content[place : place + 36] = struct.pack(">9i", 0, 1 << 16, 0, -1 << 16, 0, 0, SIZE[0] << 16, 0, 1 << 30)
        file.write_bytes(content)
    return file
