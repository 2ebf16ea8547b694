"""Frames of a video as images of a datastore."""

from __future__ import annotations

import math
import tempfile
from pathlib import Path

from PIL import Image

from jlabel.datastores import Datastore
from jlabel.errors import DatastoreError, ImageError
from jlabel.imaging.formats.video import VideoFrame, read_frames
from jlabel.progress import NO_PROGRESS, Progress

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
    with tempfile.TemporaryDirectory(prefix="jlabel-") as here:
        try:
            for frame in read_frames(file, every, start, end):
                progress.check()
                image_id = f"{folder}/frame_{frame.number:06d}"
                info = {**about, "frame": frame.number, "time": round(frame.time, 3)}
                if image_id not in known:
                    written = _written(Path(here), frame)
                    datastore.add_image(image_id, written, info)
                    written.unlink()
                elif not datastore.get_image_info(image_id).get("video"):  # killed before it was noted
                    datastore.update_image_info(image_id, info)
                ids.append(image_id)
        except ImageError as error:
            if not ids:
                raise
            raise ImageError(file, f"{error.reason}; {len(ids)} frames before that are images now") from error
    return ids


def _written(folder: Path, frame: VideoFrame) -> Path:
    file = folder / f"{frame.number}.png"
    Image.fromarray(frame.pixels).save(file, compress_level=_COMPRESSION)
    return file
