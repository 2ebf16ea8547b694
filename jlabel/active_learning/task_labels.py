"""The labels that were drawn in jobs of a task: those of pictures each by itself, the slices of a volume together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jlabel.cvat.jobs import CvatJob
from jlabel.cvat.pictures import view_of
from jlabel.cvat.received import LabelValues, check_labels, frame_shapes, picture_values, stamp_of
from jlabel.cvat.shapes import Shape
from jlabel.datastores import NewLabel
from jlabel.datastores.annotation_tasks import AnnotationFrame, AnnotationTask
from jlabel.errors import CvatError
from jlabel.imaging import Image, read_image
from jlabel.manager import AppManager

#: Under which the info of a version says where it comes from.
SOURCE = "cvat"


@dataclass(frozen=True)
class TaskLabels:
    """What the shapes of a task's jobs become.

    Attributes:
        manager: Whose studies.
        server: The server's address.
        task: The task.
        known: What its labels are here.
        frames: What was sent, by the numbers of frames.
        deleted: Frames that were taken out.
        sizes: Rows and columns of each frame.
    """

    manager: AppManager
    server: str
    task: AnnotationTask
    known: LabelValues
    frames: Mapping[int, AnnotationFrame]
    deleted: frozenset[int]
    sizes: Mapping[int, tuple[int, int]]

    @property
    def of_volume(self) -> bool:
        """Whether the frames are slices of a volume."""
        return any(frame.slice is not None for frame in self.frames.values())

    def shapes(self, job: CvatJob, drawn: Mapping[str, Any]) -> dict[int, list[Shape]]:
        """What was drawn in a job, by its frames; refused as a whole where something in it means nothing here.

        Raises:
            CvatError: It names the shape.
        """
        numbers = [at for at in range(job.first, job.last + 1) if at in self.frames]
        found = frame_shapes(drawn, numbers, self.deleted)
        for shapes in found.values():
            check_labels(shapes, self.known)
        return found

    def labels(
        self, jobs: Sequence[CvatJob], drawn: Sequence[Mapping[int, Sequence[Shape]]]
    ) -> Iterator[tuple[NewLabel, AnnotationFrame]]:
        """The labels of jobs, each with a frame of its image.

        Args:
            jobs: The jobs; of a volume all that it has.
            drawn: What :meth:`shapes` gave for each of them.

        Raises:
            CvatError: A shape makes no sense, or an image has changed since it was sent.
            JlabelError: An image is gone.
        """
        volume: NDArray[np.uint16] | None = None
        stamps: list[str] = []
        first: AnnotationFrame | None = None
        image: Image | None = None
        last = ""
        for job, by_frame in zip(jobs, drawn, strict=True):
            for at, shapes in by_frame.items():
                frame = self.frames[at]
                picture = picture_values(shapes, self.known, *self.sizes[at])
                if image is None or frame.image_id != last:
                    image, last = self._image(frame.image_id), frame.image_id
                view = view_of(image)
                if picture.shape != view.size:
                    raise CvatError(
                        f"{frame.image_id!r} has another size than frame {at}: it changed since it was sent"
                    )
                if frame.slice is None:
                    values = np.zeros(view.shape, np.uint16)
                    view.put(values, picture)
                    yield self._new(values, frame, image, [job], stamp_of(shapes)), frame
                    continue
                volume = np.zeros(view.shape, np.uint16) if volume is None else volume
                view.put(volume, picture, frame.slice)
                stamps.append(f"{frame.slice}:{stamp_of(shapes)}")
                first = first or frame
        if volume is not None and first is not None and image is not None:
            yield self._new(volume, first, image, jobs, stamp_of([{"points": sorted(stamps)}])), first

    @cached_property
    def _files(self) -> Mapping[str, str]:
        """Where the images are, asked for together."""
        return self.manager.datastore.image_uris({frame.image_id for frame in self.frames.values()})

    def _image(self, image_id: str) -> Image:
        file = self._files.get(image_id)
        return self.manager.image(image_id) if file is None else read_image(Path(file))

    def _new(
        self, values: NDArray[Any], frame: AnnotationFrame, image: Image, jobs: Sequence[CvatJob], stamp: str
    ) -> NewLabel:
        people = list(dict.fromkeys(job.assignee for job in jobs if job.assignee))
        left_out = [self.frames[at].slice for at in sorted(self.deleted & self.frames.keys())]
        source = {
            "server": self.server,
            "task": self.task.number,
            "jobs": [job.id for job in jobs],
            "round": self.task.round,
            "drawn": stamp,
            **({"slices_left_out": left_out} if frame.slice is not None and left_out else {}),
        }
        info = {**self.manager.label_names.current.info, "source": f"cvat:{jobs[0].id}", SOURCE: source}
        return NewLabel(frame.image_id, values, info, ", ".join(people) or None, image)
