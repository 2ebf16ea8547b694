"""Tags of frames come back as tags of images: by who gave them, and never over a newer one that was given here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from jlabel.active_learning.reports import PullReport
from jlabel.active_learning.task_labels import TaskLabels
from jlabel.cvat.frame_tags import TagClass, frame_tags, image_classes
from jlabel.cvat.jobs import CvatJob
from jlabel.datastores.annotation_tasks import AnnotationTask
from jlabel.datastores.image_tags import ImageTag, give_tag, person_tag
from jlabel.manager import AppManager


@dataclass(frozen=True)
class PulledTags:
    """What the frames of an image are tagged with in finished jobs.

    Attributes:
        image_id: The image.
        classes: By the classification's name.
        author: Who gave them; None where nobody has the job.
        source: The job.
    """

    image_id: str
    classes: Mapping[str, tuple[str, ...]]
    author: str | None
    source: str


@dataclass
class JobTags:
    """What the frames of jobs are tagged with.

    Attributes:
        images: Those with a class.
        unknown: Names of tags that the app has no class for.
    """

    images: list[PulledTags] = field(default_factory=list)
    unknown: set[str] = field(default_factory=set)


def tags_of_jobs(labels: TaskLabels, jobs: Sequence[CvatJob], drawn: Sequence[Mapping[str, Any]]) -> JobTags:
    """The tags of jobs; those of a volume's slices together.

    Args:
        labels: Of the task.
        jobs: The jobs; of a volume all that it has.
        drawn: What each of them holds, as CVAT has it.

    Raises:
        CvatError: An image has two classes where it can have one; it names the frames.
    """
    found = JobTags()
    given: dict[str, list[tuple[int, list[TagClass]]]] = {}
    given_in: dict[str, list[CvatJob]] = {}
    for job, one in zip(jobs, drawn, strict=True):
        numbers = {at for at in range(job.first, job.last + 1) if at in labels.frames and at not in labels.deleted}
        tagged = frame_tags(one, numbers, labels.known.classes, labels.known.names)
        found.unknown |= tagged.unknown
        for at, classes in sorted(tagged.classes.items()):
            given.setdefault(labels.frames[at].image_id, []).append((at, classes))
            given_in.setdefault(labels.frames[at].image_id, []).append(job)
    for image_id, frames in given.items():
        people = dict.fromkeys(job.assignee for job in given_in[image_id] if job.assignee)
        classes_of_image = image_classes(frames, labels.manager.app.tags)
        source = f"cvat:{given_in[image_id][0].id}"
        found.images.append(PulledTags(image_id, classes_of_image, ", ".join(people) or None, source))
    return found


@dataclass(frozen=True)
class TagSaver:
    """Saves tags that came back.

    Attributes:
        manager: Whose studies.
        task: In which the images were sent.
        report: Told what was saved.
    """

    manager: AppManager
    task: AnnotationTask
    report: PullReport

    def save(self, tags: Iterable[PulledTags]) -> None:
        """Save them, all that are not saved yet.

        Raises:
            DatastoreError: They cannot be saved; the next time goes on.
        """
        for one in tags:
            info = self.manager.datastore.get_image_info(one.image_id)
            for name, values in one.classes.items():
                self._save(one, name, values, person_tag(info, name))

    def _save(self, tags: PulledTags, name: str, values: tuple[str, ...], before: ImageTag | None) -> None:
        if before is not None and before.values == values:
            return
        if before is not None and self._is_newer(before):
            said = f"{name} is {before.value!r} here and {', '.join(values)!r} in CVAT"
            told = self.report.tags_kept.get(tags.image_id)
            self.report.tags_kept[tags.image_id] = said if told is None else f"{told}; {said}"
            return
        value = values if self.manager.classification(name).several else values[0]
        give_tag(self.manager.datastore, tags.image_id, name, value, author=tags.author, source=tags.source)
        if tags.image_id not in self.report.tagged:
            self.report.tagged.append(tags.image_id)

    def _is_newer(self, tag: ImageTag) -> bool:
        """Whether somebody gave it here since the image was sent."""
        return not tag.source and (tag.time is None or tag.time.timestamp() > self.task.created)
