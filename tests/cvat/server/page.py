"""What people do in CVAT's page, as functions for tests: draw, finish jobs, delete frames, rename labels."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.cvat.server.masks import decoded, encoded
from tests.cvat.server.records import KINDS, Comment, Issue, Job, Label
from tests.cvat.server.state import State
from tests.cvat.server.versions import parse_version


class Page(State):
    """The memory of the server, with what people do to it. Names of users are those of ``users``."""

    def draw(
        self,
        task_id: int,
        frame: int,
        label_name: str,
        mask: NDArray[np.bool_],
        user: str | None = None,
        job_id: int | None = None,
    ) -> int:
        """Draw a mask, and save.

        Args:
            task_id: The task.
            frame: The number of the frame in the task.
            label_name: The label.
            mask: Rows and columns of the whole picture; it must have a pixel.
            user: Who draws: the job becomes theirs.
            job_id: The job; left out, the annotation job that has the frame.

        Returns:
            The id of the shape.
        """
        shape = {"type": "mask", "frame": frame, "points": encoded(np.asarray(mask, bool))}
        return self.add_shape(task_id, label_name, shape, user, job_id)

    def add_shape(
        self,
        task_id: int,
        label_name: str,
        shape: dict[str, Any],
        user: str | None = None,
        job_id: int | None = None,
    ) -> int:
        """Add a shape of any type, with fields as in CVAT: ``type``, ``frame``, ``points`` ...; returns its id."""
        places = {"occluded": False, "outside": False, "z_order": 0, "rotation": 0.0, "elements": [], "score": 1.0}
        filled = {**places, **shape, "points": [float(number) for number in shape["points"]]}
        return self._add("shapes", task_id, label_name, filled, user, job_id)

    def add_tag(self, task_id: int, frame: int, label_name: str, user: str | None = None) -> int:
        """Tag a frame; returns the id of the tag."""
        return self._add("tags", task_id, label_name, {"frame": frame}, user, None)

    def add_track(self, task_id: int, label_name: str, shapes: list[dict[str, Any]], user: str | None = None) -> int:
        """Add a track of shapes, each with ``type``, ``frame`` and ``points``; returns its id."""
        with self.lock:
            places = {"occluded": False, "outside": False, "z_order": 0, "rotation": 0.0, "attributes": []}
            filled = [{"id": self.new_id("annotation"), **places, **shape} for shape in shapes]
            first = min(shape["frame"] for shape in shapes)
            return self._add(
                "tracks", task_id, label_name, {"frame": first, "shapes": filled, "elements": []}, user, None
            )

    def _add(
        self, kind: str, task_id: int, label_name: str, one: dict[str, Any], user: str | None, job_id: int | None
    ) -> int:
        with self.lock:
            job = self.jobs[job_id] if job_id is not None else self.job_of_frame(task_id, one["frame"])
            label = self.label_named(task_id, label_name)
            number = self.new_id("annotation")
            common = {"id": number, "label_id": label.id, "group": 0, "source": "manual", "attributes": []}
            job.annotations[kind].append({**common, **one})
            job.state = "in progress" if job.state == "new" else job.state
            job.assignee = user or job.assignee
            self.touch(self.tasks[job.task_id], job)
            return number

    def erase(self, task_id: int, frame: int | None = None) -> None:
        """Delete the annotations of a frame of a task, or of all its frames, in all its jobs."""
        with self.lock:
            for job in self.jobs_of(task_id):
                for kind in KINDS:
                    kept = [one for one in job.annotations[kind] if frame is not None and one["frame"] != frame]
                    job.annotations[kind] = kept
            self.touch(self.tasks[task_id], *self.jobs_of(task_id))

    def masks(self, task_id: int, frame: int) -> list[tuple[str, NDArray[np.bool_]]]:
        """The masks of a frame in its annotation job: names of labels, and rows and columns of the whole picture."""
        with self.lock:
            job = self.job_of_frame(task_id, frame)
            shapes = [one for one in job.annotations["shapes"] if (one["frame"], one["type"]) == (frame, "mask")]
            size = self.tasks[task_id].frames[frame]
            return [(self.labels[one["label_id"]].name, decoded(one["points"], size)) for one in shapes]

    def assign(self, job_id: int, user: str | None) -> None:
        """Give a job to somebody, or to nobody."""
        self._change(job_id, assignee=user)

    def complete(self, job_id: int, user: str | None = None, stage: str | None = None) -> None:
        """Finish a job, in the stage that it is in or in another one (annotation, validation, acceptance)."""
        changes = {"stage": stage} if stage else {}
        self._change(job_id, state="completed", **changes, **({"assignee": user} if user else {}))

    def reject(self, job_id: int, stage: str = "annotation") -> None:
        """Send a job back."""
        self._change(job_id, state="rejected", stage=stage)

    def _change(self, job_id: int, **changes: str | None) -> None:
        with self.lock:
            job = self.jobs[job_id]
            for name, value in changes.items():
                setattr(job, name, value)
            self.touch(self.tasks[job.task_id], job)
            if "assignee" in changes:
                job.assigned = job.updated

    def delete_frame(self, task_id: int, frame: int) -> None:
        """Delete a frame of a task: it stays in the lists, as deleted."""
        with self.lock:
            self.tasks[task_id].deleted.add(frame)
            self.touch(self.tasks[task_id])

    def restore_frame(self, task_id: int, frame: int) -> None:
        """Bring a deleted frame back."""
        with self.lock:
            self.tasks[task_id].deleted.discard(frame)
            self.touch(self.tasks[task_id])

    def open_issue(self, job_id: int, frame: int, position: list[float], message: str, user: str = "admin") -> int:
        """Ask something about a place, x and y, in a frame; returns the id of the issue."""
        with self.lock:
            issue = Issue(self.new_id("issue"), job_id, frame, position, user, self.now())
            self.issues[issue.id] = issue
            comment = Comment(self.new_id("comment"), issue.id, user, message, self.now())
            self.comments[comment.id] = comment
            return issue.id

    def rename_label(self, old: str, new: str, project_id: int | None = None) -> None:
        """Give a label another name: that of a project, or all of the name."""
        with self.lock:
            for label in self.labels.values():
                if label.name == old and project_id in (None, label.project_id):
                    label.name = new

    def delete_label(self, name: str, project_id: int | None = None) -> None:
        """Delete a label with its annotations: that of a project, or all of the name."""
        with self.lock:
            named = [one for one in self.labels.values() if one.name == name]
            self.remove_labels(one.id for one in named if project_id in (None, one.project_id))

    def delete_task(self, task_id: int) -> None:
        """Delete a task."""
        with self.lock:
            self.remove_task(task_id)

    def delete_project(self, project_id: int) -> None:
        """Delete a project with its tasks."""
        with self.lock:
            self.remove_project(project_id)

    def upgrade(self, version: str) -> None:
        """Have the server be of another version from now on, as after an upgrade by its administrator."""
        with self.lock:
            self.version = parse_version(version)

    def uploaded(self, task_id: int) -> dict[str, bytes]:
        """The files of a task, by name."""
        with self.lock:
            return dict(self.tasks[task_id].files)

    def job_of_frame(self, task_id: int, frame: int) -> Job:
        """The annotation job that has a frame of a task."""
        return next(job for job in self.jobs_of(task_id, "annotation") if frame in job.frame_numbers)

    def label_named(self, task_id: int, name: str) -> Label:
        """The label of a name that annotations of a task may have."""
        return next(label for label in self.labels_of(self.tasks[task_id]) if label.name == name)
