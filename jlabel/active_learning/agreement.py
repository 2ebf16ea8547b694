"""How well annotators agree: the jobs of a frame that several people have annotated, two by two, label by label.

Such jobs are the replicas of a consensus, and those of a ground truth beside the annotation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jlabel.active_learning.project import LoopProject, values_here
from jlabel.cvat import jobs as cvat_jobs
from jlabel.cvat import tasks
from jlabel.cvat.connection import Connection
from jlabel.cvat.jobs import CvatJob
from jlabel.cvat.received import LabelValues, frame_shapes, picture_values
from jlabel.datastores.annotation_tasks import DONE, OUT, AnnotationFrame
from jlabel.labels.label import label_values
from jlabel.manager import AppManager
from jlabel.metrics import pair_agreement

COLUMNS = ("image", "slice", "label", "first", "second", "dice", "nsd")
_TOLERANCE = 2.0  # pixels


def agreement_rows(manager: AppManager, connection: Connection, project: LoopProject) -> Iterator[dict[str, Any]]:
    """A row for each frame, label and pair of finished jobs: ``image``, ``slice`` (None for a picture), ``label``,
    ``first`` and ``second`` (who, and what kind of job), ``dice``, and ``nsd`` with a tolerance of 2 pixels.

    Args:
        manager: Whose studies.
        connection: To the server.
        project: The project.

    Raises:
        CvatError: The server cannot be asked, or a shape of a job means nothing here.
    """
    ledger = manager.datastore.annotation_tasks
    labels = manager.label_names.current
    known = values_here(connection, project.id, labels)
    names = label_values(labels.named)
    for task in ledger.tasks(project.place, (OUT, DONE)):
        if task.number is None:
            continue
        finished = [job for job in cvat_jobs.task_jobs(connection, task.number) if job.state == cvat_jobs.COMPLETED]
        if len(finished) < 2:
            continue
        sent = {frame.number: frame for frame in ledger.frames(task.key) if frame.number is not None}
        sizes = {one.number: (one.height, one.width) for one in tasks.task_frames(connection, task.number)}
        for frame, values in _by_frame(connection, finished, sent, known, sizes):
            yield from _rows(sent[frame], values, names)


def _by_frame(
    connection: Connection,
    jobs: Sequence[CvatJob],
    sent: Mapping[int, AnnotationFrame],
    known: LabelValues,
    sizes: Mapping[int, tuple[int, int]],
) -> Iterator[tuple[int, dict[str, NDArray[np.uint16]]]]:
    """For each frame of several jobs what each of them says of it."""
    shared = [at for at in sent if at in sizes and sum(job.has(at) for job in jobs) > 1]
    found: dict[int, dict[str, NDArray[np.uint16]]] = {at: {} for at in shared}
    for job in jobs:
        numbers = [at for at in shared if job.has(at)]
        drawn = cvat_jobs.job_shapes(connection, job.id) if numbers else {}
        for at, shapes in frame_shapes(drawn, numbers).items():
            # A ground truth has some of the frames between its first and its last one alone.
            if shapes or job.kind != cvat_jobs.GROUND_TRUTH:
                found[at][_who(job)] = picture_values(shapes, known, *sizes[at])
    yield from found.items()


def _rows(
    frame: AnnotationFrame, values: Mapping[str, NDArray[np.uint16]], names: Mapping[str, int]
) -> Iterator[dict[str, Any]]:
    named = {value: name for name, value in names.items()}
    for found in pair_agreement(frame.image_id, values, named, tolerance=_TOLERANCE):
        row = found.row()
        yield {"image": row.pop("image"), "slice": frame.slice, **row}


def _who(job: CvatJob) -> str:
    kind = "" if job.kind == cvat_jobs.ANNOTATION else f", {job.kind.replace('_', ' ')}"
    return f"{job.assignee or 'nobody'} (job {job.id}{kind})"
