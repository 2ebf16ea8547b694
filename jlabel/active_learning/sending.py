"""A round goes out: planned in the catalogue first, so that whoever goes on after a kill uploads nothing twice."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jlabel.active_learning.pre_annotating import PreAnnotator
from jlabel.active_learning.project import LoopProject
from jlabel.active_learning.settings import LoopSettings
from jlabel.cvat import tasks
from jlabel.cvat.connection import Connection
from jlabel.cvat.pictures import picture_name, view_of, write_pictures
from jlabel.datastores import FINAL
from jlabel.datastores.annotation_tasks import PLANNED, AnnotationFrame, AnnotationTask
from jlabel.errors import CvatError, JlabelError, TaskError
from jlabel.manager import AppManager
from jlabel.progress import NO_PROGRESS, Progress
from jlabel.tasks.strategy import Choice

_KEY = 12


@dataclass(frozen=True)
class Sender:
    """Sends rounds of one loop.

    Attributes:
        manager: Whose studies.
        connection: To the server.
        settings: Of the loop.
        project: Where the rounds go.
    """

    manager: AppManager
    connection: Connection
    settings: LoopSettings
    project: LoopProject

    def plan(self, chosen: Sequence[Choice], left_out: dict[str, str]) -> list[AnnotationTask]:
        """Write down a round: all pictures in one task, each volume in one of its own.

        Args:
            chosen: The images.
            left_out: Gets those that cannot be read, and why.

        Returns:
            The tasks; none where no image can go.
        """
        frames = {one.image_id: found for one in chosen if (found := self._frames(one.image_id, left_out))}
        reasons = {one.image_id: one for one in chosen}
        if not frames:
            return []

        def make(number: int) -> Iterator[tuple[AnnotationTask, list[AnnotationFrame]]]:
            for together in _together(frames):
                content = [frame for image_id in together for frame in frames[image_id]]
                key = _key(self.project.place, number, content)
                images = [_reason(reasons[image_id]) for image_id in together]
                info = {"strategy": self.settings.strategy, "images": images}
                yield AnnotationTask(key, self.project.place, number, info=info), content

        return self.manager.datastore.annotation_tasks.plan(self.project.place, lambda number: list(make(number)))

    def send(self, task: AnnotationTask, progress: Progress = NO_PROGRESS) -> int:
        """Upload a planned task, unless it is on the server; returns its number there.

        Raises:
            CvatError: The server refuses, or cannot be reached.
            JlabelError: An image cannot be read any more.
        """
        ledger = self.manager.datastore.annotation_tasks
        frames = ledger.frames(task.key)
        images = list(dict.fromkeys(frame.image_id for frame in frames))
        with tempfile.TemporaryDirectory(prefix="jlabel-cvat-") as folder:
            files = self._files(images, Path(folder), progress.part(0, 0.3))
            wanted = {frame.name for frame in frames}
            missing = wanted - {file.name for file in files}
            if missing:
                raise TaskError(f"images of round {task.round} have changed since it was planned: {min(missing)}")
            number = tasks.filled_task(
                self.connection,
                self._request(task, images),
                [file for file in files if file.name in wanted],
                progress.part(0.3, 0.9),
            )
        numbers = self._numbers(number, wanted)
        if self.settings.pre_annotate:
            self._pre_annotator.add(number, frames, numbers)
        ledger.is_out(task.key, number, numbers)
        progress.step(1, 1)
        return number

    def pre_annotate(self, task: AnnotationTask, images: Iterable[str] | None = None) -> int:
        """Give images of a task that is out what the model says, where nobody has begun; returns how many got some.

        Raises:
            CvatError: The server refuses.
        """
        frames = self.manager.datastore.annotation_tasks.frames(task.key)
        wanted = None if images is None else set(images)
        chosen = [one for one in frames if wanted is None or one.image_id in wanted]
        numbers = {one.name: one.number for one in chosen if one.number is not None}
        return self._pre_annotator.add(task.number or 0, chosen, numbers, more=True)

    @property
    def _pre_annotator(self) -> PreAnnotator:
        return PreAnnotator(self.manager, self.connection, self.project)

    def _frames(self, image_id: str, left_out: dict[str, str]) -> list[AnnotationFrame]:
        try:
            image = self.manager.image(image_id)
        except JlabelError as error:
            left_out[image_id] = str(error)
            return []
        version = self.manager.datastore.current_version(image_id, FINAL)
        sent = 0 if version is None else version.number
        if image.ndim == 2:
            return [AnnotationFrame(picture_name(image_id, image), image_id, None, sent)]
        slices = range(view_of(image).count)
        return [AnnotationFrame(picture_name(image_id, image, index), image_id, index, sent) for index in slices]

    def _files(self, images: Sequence[str], folder: Path, progress: Progress) -> list[Path]:
        files: list[Path] = []
        for number, image_id in enumerate(images):
            progress.step(number, len(images))
            files += write_pictures(image_id, self.manager.image(image_id), folder)
        return files

    def _request(self, task: AnnotationTask, images: Sequence[str]) -> tasks.TaskRequest:
        # Slices of one volume belong to one person.
        volume = len(images) == 1 and self.manager.image(images[0]).ndim == 3
        title = f"{self.project.name} round {task.round}" + (f" {images[0]}"[:80] if volume else "")
        size = 0 if volume else self.settings.segment_size
        return tasks.TaskRequest(task.key, title, self.project.id, size)

    def _numbers(self, task: int, wanted: set[str]) -> dict[str, int]:
        """The numbers of the frames by their names: a server may have another order than was asked for."""
        found = {Path(frame.name).name: frame.number for frame in tasks.task_frames(self.connection, task)}
        missing = wanted - found.keys()
        if missing:
            raise CvatError(f"{self.connection.account.url}: task {task} lacks the frame {min(missing)}")
        return {name: found[name] for name in wanted}


def planned(manager: AppManager, place: str) -> list[AnnotationTask]:
    """The tasks that were planned and have not been uploaded."""
    return manager.datastore.annotation_tasks.tasks(place, [PLANNED])


def _together(frames: Mapping[str, Sequence[AnnotationFrame]]) -> Iterator[list[str]]:
    pictures = [image_id for image_id, found in frames.items() if found[0].slice is None]
    if pictures:
        yield pictures
    yield from ([image_id] for image_id, found in frames.items() if found[0].slice is not None)


def _key(place: str, number: int, frames: Sequence[AnnotationFrame]) -> str:
    content = [place, number, [[one.name, one.image_id, one.version] for one in frames]]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:_KEY]


def _reason(chosen: Choice) -> dict[str, Any]:
    return {"image": chosen.image_id, "reason": chosen.reason, "score": chosen.score}
