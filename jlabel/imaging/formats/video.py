"""The frames of a video, decoded by PyAV, which brings FFmpeg along."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jlabel.errors import ImageError

# Of FFmpeg's formats those that are files of videos. Playlists are none: they name other files, and addresses.
_FORMATS = "mov,mp4,m4a,3gp,3g2,mj2,avi,matroska,webm,mpeg,mpegts,mpegvideo,asf,ogg,flv,mxf,dv,gif,h264,hevc,ivf"
# A video may name other files and addresses: none is opened for it.
_OPTIONS = {"format_whitelist": _FORMATS, "protocol_whitelist": "none"}
# A frame counts as the one at a time although its clock is so much behind, in seconds: clocks are rounded.
_ROUNDING = 1e-3


@dataclass(frozen=True)
class VideoFrame:
    """One frame.

    Attributes:
        number: Counted from 0, all frames of the video.
        time: Seconds since the video's first frame.
        pixels: RGB values, uint8, row after row, the colours along the last axis; as the video is to be shown.
    """

    number: int
    time: float
    pixels: NDArray[np.uint8]


def read_frames(file: Path, every: float = 0.0, start: float = 0.0, end: float | None = None) -> Iterator[VideoFrame]:
    """Decode the frames of a video, one after the other.

    Args:
        file: A video file (MP4, MOV, AVI, MKV, WebM, MPEG, WMV …).
        every: Seconds from one frame to the next; 0 for all frames.
        start: The time of the first frame, in seconds.
        end: No frame after this time; None to the end of the video.

    Raises:
        ImageError: PyAV is missing, the file is no video, or it is damaged: then the frames before are given first.
    """
    with _opened(file) as container:
        due = start
        for number, (time, frame) in enumerate(_decoded(container, file)):
            if end is not None and time > end + _ROUNDING:
                return
            if time < due - _ROUNDING:
                continue
            if every > 0:
                due += every * (math.floor((time + _ROUNDING - due) / every) + 1)
            yield VideoFrame(number, time, _upright(frame))


@contextlib.contextmanager
def _opened(file: Path) -> Iterator[Any]:
    try:
        import av
    except ImportError as error:
        raise ImageError(file, 'videos need PyAV: pip install "jlabel[video]"') from error
    with contextlib.ExitStack() as stack:
        try:
            content = stack.enter_context(file.open("rb"))
            container = stack.enter_context(av.open(content, options=_OPTIONS))
        except (OSError, ValueError, av.FFmpegError) as error:
            said = getattr(error, "strerror", None) or error
            raise ImageError(file, f"this is no video that can be read: {said}") from error
        if not container.streams.video:
            raise ImageError(file, "there are no pictures in it")
        container.streams.video[0].thread_type = "AUTO"
        yield container


def _decoded(container: Any, file: Path) -> Iterator[tuple[float, Any]]:
    """The frames with their times since the first one; of frames without a time the rate says it."""
    rate = float(container.streams.video[0].average_rate or 25)
    first: float | None = None
    time = -1 / rate
    frames = container.decode(video=0)
    while True:
        try:
            frame = next(frames)
        except StopIteration:
            return
        except Exception as error:  # FFmpeg has classes of its own for what can be wrong
            raise ImageError(file, f"it is damaged after {max(time, 0):.1f} s: {error}") from error
        if frame.time is not None and first is None:
            first = frame.time
        time = time + 1 / rate if frame.time is None else frame.time - (first or 0.0)
        yield time, frame


def _upright(frame: Any) -> NDArray[np.uint8]:
    """Its pixels, turned as the video says that it was filmed."""
    quarters = round(getattr(frame, "rotation", 0) / 90) % 4
    return np.ascontiguousarray(np.rot90(frame.to_ndarray(format="rgb24"), quarters))
