"""Images that were sent: who has annotated one, and its job sent back to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from jlabel.cvat import Cvat
from jlabel.cvat import jobs as cvat_jobs
from jlabel.cvat.jobs import CvatJob
from jlabel.cvat.pictures import view_of
from jlabel.datastores.annotation_tasks import DONE, OUT, AnnotationFrame, AnnotationTask, AnnotationTasks
from jlabel.errors import CvatError, TaskError
from jlabel.manager import AppManager


@dataclass(frozen=True)
class SentImages:
    """The images of one loop that are on the server.

    Attributes:
        manager: Whose studies.
        server: Where they are.
        project: Its name.
        place: The project as the catalogue calls it.
    """

    manager: AppManager
    server: Cvat
    project: str
    place: str

    def origin(self, image_id: str) -> str:
        """Where an image was annotated and by whom, for people, as far as the last look at the server has told.

        It is empty where the image was not sent, its label has not come back, or somebody works on it again.
        """
        found = self._newest(image_id)
        if found is None:
            return ""
        task, frames = found
        number = frames[0].number or 0
        job = next((one for one in self._ledger.jobs(task.key) if one.first <= number <= one.last), None)
        if job is None or not job.pulled:
            return ""
        stage, _, state = job.state.partition(": ")
        if state not in (cvat_jobs.COMPLETED, cvat_jobs.REJECTED) and stage != cvat_jobs.ACCEPTANCE:
            return ""
        return f"CVAT, by {job.assignee}" if job.assignee else "CVAT"

    def send_back(
        self, image_id: str, message: str, position: tuple[float, float] | None, slice_index: int | None
    ) -> str:
        """Send the job of an image back, with a comment.

        Args:
            image_id: The image.
            message: What is to be changed.
            position: x and y in pixels of the picture; its middle if not given.
            slice_index: Which slice of a volume; its middle one if not given.

        Returns:
            Who works on the job; empty for nobody.

        Raises:
            TaskError: The image was never sent.
            CvatError: The server cannot be reached, or refuses.
        """
        found = self._newest(image_id)
        if found is None:
            raise TaskError(f"{image_id!r} was not sent to {self.project!r}: nobody can be asked again")
        task, frames = found
        number = self._frame(frames, slice_index).number
        assert task.number is not None
        assert number is not None
        jobs = cvat_jobs.task_jobs(self.server.connection, task.number)
        job = next((one for one in jobs if one.kind == cvat_jobs.ANNOTATION and one.has(number)), None)
        if job is None:
            raise CvatError(f"{self.server.url}: task {task.number} has no job with {image_id!r} any more")
        rows, columns = view_of(self.manager.image(image_id)).size
        cvat_jobs.reject_job(self.server.connection, job.id, number, position or (columns / 2, rows / 2), message)
        self._ledger.change_state(task.key, OUT)
        self._note_rejected(task, job)
        return job.assignee

    @property
    def _ledger(self) -> AnnotationTasks:
        return self.manager.datastore.annotation_tasks

    def _newest(self, image_id: str) -> tuple[AnnotationTask, list[AnnotationFrame]] | None:
        """The newest task with an image, and the image's frames in it by their slices."""
        for task in reversed(self._ledger.tasks(self.place, (OUT, DONE))):
            frames = [one for one in self._ledger.frames(task.key) if one.image_id == image_id]
            if sent := [one for one in frames if one.number is not None]:
                return task, sent
        return None

    def _frame(self, frames: Sequence[AnnotationFrame], slice_index: int | None) -> AnnotationFrame:
        if slice_index is None:
            return frames[len(frames) // 2]
        found = next((one for one in frames if (one.slice or 0) == slice_index), None)
        if found is None:
            raise TaskError(f"slice {slice_index} of {frames[0].image_id!r} was not sent to {self.project!r}")
        return found

    def _note_rejected(self, task: AnnotationTask, job: CvatJob) -> None:
        """What the next look at the server would find."""
        known = next((one for one in self._ledger.jobs(task.key) if one.number == job.id), None)
        if known is not None:
            rejected = f"{job.stage}: {cvat_jobs.REJECTED}"
            self._ledger.note_jobs(task.key, [replace(known, state=rejected, assignee=job.assignee)])
