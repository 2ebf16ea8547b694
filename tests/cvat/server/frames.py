"""The making of a task's frames and jobs from the files that were uploaded.

Read in CVAT's `engine/task.py` (segments, `job_file_mapping`, replicas) and `media_extractors.py` (`sort`, and sizes
after the rotation that EXIF asks for). Errors here make the request fail; the client sees their message.
"""

from __future__ import annotations

import io
import mimetypes
import random
import re
import warnings
from collections.abc import Sequence
from typing import Any

from PIL import Image

from tests.cvat.server.records import Frame, Job, Task
from tests.cvat.server.state import State
from tests.cvat.server.versions import GENERAL_REPLICAS

_ROTATED = 5
_ORIENTATION = 274


class Unmakeable(Exception):
    """No task can be made of the data."""


def make_frames(state: State, task: Task, options: dict[str, Any]) -> None:
    """Give a task its frames and jobs.

    Args:
        state: The memory of the server.
        task: With the files that were uploaded.
        options: Those of the data request: ``sorting_method``, ``upload_file_order``, ``job_file_mapping`` ...

    Raises:
        Unmakeable: A file is missing or no picture, there is no picture at all, or the options do not go together.
    """
    missing = [name for name in task.announced if name not in task.files]
    if missing:
        raise Unmakeable(f"[Errno 2] No such file or directory: '{missing[0]}'")
    names = [name for name in task.announced if (mimetypes.guess_type(name)[0] or "").startswith("image/")]
    if not names:
        raise Unmakeable("No media data found")
    mapping = _mapping(task, names, options)
    ordered = [name for stretch in mapping for name in stretch] if mapping else _sorted(names, options)
    frames = [_frame(name, task.files[name]) for name in ordered]
    task.frames = frames
    task.image_quality = int(options.get("image_quality", 70))
    task.chunks_updated = state.now()
    lengths = [len(stretch) for stretch in mapping] if mapping else _lengths(task)
    task.overlap = 0
    _make_jobs(state, task, lengths)
    state.touch(task)


def _mapping(task: Task, names: Sequence[str], options: dict[str, Any]) -> list[list[str]]:
    mapping = [list(stretch) for stretch in options.get("job_file_mapping") or []]
    if not mapping:
        return []
    if task.segment_size:
        raise Unmakeable("job_file_mapping cannot be used with segment_size")
    if options.get("sorting_method", "lexicographical") != "lexicographical":
        raise Unmakeable("job_file_mapping cannot be used with sorting_method")
    listed = [name for stretch in mapping for name in stretch]
    if sorted(listed) != sorted(names):
        raise Unmakeable("Job mapping files specification doesn't match the input files")
    return mapping


def _sorted(names: Sequence[str], options: dict[str, Any]) -> list[str]:
    method = options.get("sorting_method", "lexicographical")
    if method == "lexicographical":
        return sorted(names)
    if method == "natural":
        return sorted(names, key=_natural)
    if method == "predefined":
        return list(options.get("upload_file_order") or names)
    if method == "random":
        return random.sample(names, len(names))
    raise Unmakeable(f"unknown sorting method {method!r}")


def _natural(name: str) -> list[tuple[bool, int, str]]:
    parts = re.split(r"(\d+)", name.casefold())
    return [(not part.isdigit(), int(part) if part.isdigit() else 0, part) for part in parts if part]


def _frame(name: str, content: bytes) -> Frame:
    try:
        with warnings.catch_warnings(), Image.open(io.BytesIO(content)) as picture:
            warnings.simplefilter("ignore")
            width, height = picture.size
            turned = picture.getexif().get(_ORIENTATION, 1) >= _ROTATED
    except OSError as error:
        raise Unmakeable(f"cannot identify image file '{name}'") from error
    return Frame(name, *((height, width) if turned else (width, height)))


def _lengths(task: Task) -> list[int]:
    """How many frames each job has; jobs do not overlap."""
    count = len(task.frames)
    if task.segment_size == 0 or task.segment_size > count:
        task.segment_size = count
    size = task.segment_size
    return [min(size, count - start) for start in range(0, count, size)]


def _make_jobs(state: State, task: Task, lengths: Sequence[int]) -> None:
    start = 0
    for length in lengths:
        main = _make_job(state, task, "annotation", start, start + length - 1)
        for _ in range(task.replicas):
            kind = "replica" if state.version >= GENERAL_REPLICAS else "consensus_replica"
            _make_job(state, task, kind, main.start, main.stop).parent = main.id
        start += length


def _make_job(state: State, task: Task, kind: str, start: int, stop: int) -> Job:
    now = state.now()
    job = Job(state.new_id("job"), task.id, kind, start, stop, now, now)
    state.jobs[job.id] = job
    return job
