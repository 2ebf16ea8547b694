"""Frames of a video as images of a datastore."""

from __future__ import annotations

import itertools
import math
import tempfile
from collections.abc import Iterator
from pathlib import Path

from PIL import Image

from jlabel.datastores import Datastore
from jlabel.errors import DatastoreError, ImageError
from jlabel.imaging.formats.video import VideoFrame, read_frames
from jlabel.progress import NO_PROGRESS, Progress

# Frames that are decoded before they are added together.
_TOGETHER = 32
# Of PNG: quick, and hardly larger than at best.
_COMPRESSION = 3


def add_frames(
    datastore: Datastore,
    file: Path,
    every: float = 1.0,
    start: float = 0.0,
    end: float | None = None,
    name: str | None = None,
    patient: str | None = None,
    progress: Progress = NO_PROGRESS,
) -> list[str]:
    """Add frames of a video as images; see :meth:`jlabel.AppManager.add_video`."""
    if not file.is_file():
        raise DatastoreError(f"there is no video {file}")
    if not (0 <= every < math.inf and 0 <= start < math.inf) or (end is not None and not end >= start):
        raise DatastoreError(f"frames every {every} s from {start} s to {end} s: there are none such in a video")
    folder = file.stem if name is None else name
    known, ids = set(datastore.list_images()), list[str]()
    about = {"video": file.name, "patient": folder if patient is None else patient}
    frames = read_frames(file, every, start, end)
    with tempfile.TemporaryDirectory(prefix="jlabel-") as here:
        while True:
            some, damage = _some(frames)
            named = {f"{folder}/frame_{frame.number:06d}": frame for frame in some}
            fresh = {image_id: frame for image_id, frame in named.items() if image_id not in known}
            files = [(image_id, _written(Path(here), frame)) for image_id, frame in fresh.items()]
            datastore.add_images(files, Progress(check=progress.check))
            for image_id, frame in fresh.items():
                info = {**about, "frame": frame.number, "time": round(frame.time, 3)}
                datastore.update_image_info(image_id, info)
            for _, written in files:
                written.unlink()
            ids += named
            if damage is not None:
                raise ImageError(file, f"{damage.reason}; {len(ids)} frames before that are images now") from damage
            if not some:
                return ids


def _some(frames: Iterator[VideoFrame]) -> tuple[list[VideoFrame], ImageError | None]:
    """The next frames, and what was wrong with the video after them."""
    found: list[VideoFrame] = []
    try:
        found.extend(itertools.islice(frames, _TOGETHER))
    except ImageError as error:
        return found, error
    return found, None


def _written(folder: Path, frame: VideoFrame) -> Path:
    file = folder / f"{frame.number}.png"
    Image.fromarray(frame.pixels).save(file, compress_level=_COMPRESSION)
    return file
