"""What the model says of images that go out, for people to correct: masks, and tags of frames."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jlabel.active_learning.project import LoopProject
from jlabel.cvat import jobs as cvat_jobs
from jlabel.cvat.connection import Connection
from jlabel.cvat.frame_tags import TagClass
from jlabel.cvat.pictures import view_of
from jlabel.cvat.pre_annotations import mask_shapes
from jlabel.datastores import ORIGINAL
from jlabel.datastores.annotation_tasks import AnnotationFrame
from jlabel.errors import JlabelError
from jlabel.manager import AppManager


@dataclass(frozen=True)
class PreAnnotator:
    """Gives frames a starting point.

    Attributes:
        manager: Whose studies.
        connection: To the server.
        project: Where the tasks are.
    """

    manager: AppManager
    connection: Connection
    project: LoopProject

    def add(self, task: int, frames: Sequence[AnnotationFrame], numbers: Mapping[str, int], more: bool = False) -> int:
        """Give frames on which nothing was drawn masks, and pictures without a tag theirs; returns how many images.

        Args:
            task: The task's number on the server.
            frames: Its frames.
            numbers: Of the frames on the server, by name.
            more: Whether to go on where something is in the task already.

        Raises:
            CvatError: The server refuses.
        """
        there = cvat_jobs.task_shapes(self.connection, task)
        drawn, tagged = ({one.get("frame") for one in there[kind]} for kind in ("shapes", "tags"))
        if (drawn or tagged) and not more:
            return 0
        free = self._untouched(task)
        open_frames = [(one, numbers[one.name]) for one in frames if numbers.get(one.name) in free]
        shapes = list(self._shapes((one, at) for one, at in open_frames if at not in drawn))
        tags = list(self._tags((one, at) for one, at in open_frames if at not in tagged))
        if shapes or tags:
            cvat_jobs.add_task_annotations(self.connection, task, shapes, tags)
        given = {one["frame"] for one in (*shapes, *tags)}
        return len({one.image_id for one, at in open_frames if at in given})

    def _shapes(self, frames: Iterable[tuple[AnnotationFrame, int]]) -> Iterator[dict[str, Any]]:
        """The model's masks; one image after the other, so that one mask is in memory."""
        names = self.manager.label_names.current
        labels = {one.value: self.project.labels[one.name] for one in names.named if one.name in self.project.labels}
        values: NDArray[Any] | None = None
        last = ""
        for frame, number in frames:
            if frame.image_id != last:
                values, last = self._mask(frame.image_id), frame.image_id
            if values is not None:
                view = view_of(self.manager.image(frame.image_id))
                yield from mask_shapes(view.picture(values, frame.slice or 0), number, labels, names.objects)

    def _tags(self, frames: Iterable[tuple[AnnotationFrame, int]]) -> Iterator[dict[str, Any]]:
        """What a person or a model says of pictures; a slice is not what the tag of its volume is about."""
        if not self.project.classes:
            return
        for frame, number in frames:
            if frame.slice is not None:
                continue
            for tag in self.manager.image_tags(frame.image_id).values():
                for value in tag.values:
                    label = self.project.classes.get(TagClass(tag.classification, value))
                    if label is not None:
                        source = "manual" if tag.by_person else "auto"
                        yield {"frame": number, "label_id": label, "source": source, "attributes": []}

    def _untouched(self, task: int) -> set[int]:
        """The frames of jobs that nobody has begun."""
        jobs = cvat_jobs.task_jobs(self.connection, task)
        return {frame for job in jobs if job.state == cvat_jobs.NEW for frame in range(job.first, job.last + 1)}

    def _mask(self, image_id: str) -> NDArray[Any] | None:
        """What the model says of an image; None where there is no model yet, or it fails on the image."""
        store = self.manager.datastore
        try:
            if ORIGINAL in store.get_labels_by_image_id(image_id):
                return self.manager.label(image_id, ORIGINAL)
            name = next((name for name, task in self.manager.app.infers.items() if task.segments_alone), "")
            if not name or self.manager.app.infers[name].version_in_use() is None:
                return None
            return np.asarray(self.manager.infer(name, image_id).mask)
        except JlabelError:
            return None
