"""Importing labels: files that fit are copied, all others are brought into the grid of their image."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jlabel.datastores import Datastore, NewLabel
from jlabel.datastores.folder_notes import IMPORTED_KEY
from jlabel.display.html import facts_html
from jlabel.errors import JlabelError
from jlabel.exchange.channels import joined_channels
from jlabel.exchange.found import FoundName, Refused
from jlabel.exchange.import_plan import ImportPlan, PlannedLabel
from jlabel.exchange.plain_nifti import LARGEST_KEY, read_head, read_plain_label, same_grid
from jlabel.exchange.value_names import own_values, with_names, with_values
from jlabel.imaging import Image, read_image, read_label
from jlabel.labels.label import label_values
from jlabel.labels.label_set import LabelSet
from jlabel.progress import NO_PROGRESS, Progress
from jlabel.types import LabelMap

ChangeLabels = Callable[[Callable[[LabelSet], LabelSet]], LabelSet]
_SPLIT = "split"
_THREADS = 2
# Labels that are in work at once: each may hold the voxels of its image.
_AHEAD = 4


@dataclass
class ImportReport:
    """What an import did; a notebook shows it.

    Attributes:
        tag: The tag of the labels.
        imported: The images that got a label.
        unchanged: How many labels were imported before, and have not changed since.
        refused: What was not imported, and why.
    """

    tag: str
    imported: list[str] = field(default_factory=list)
    unchanged: int = 0
    refused: list[Refused] = field(default_factory=list)

    @property
    def facts(self) -> dict[str, Any]:
        """The report in figures."""
        facts = {"imported": len(self.imported), "as": self.tag, "unchanged": self.unchanged}
        return {**facts, "refused": len(self.refused)}

    def __str__(self) -> str:
        lines = [f"{key}: {value}" for key, value in self.facts.items()]
        return "\n".join([*lines, *(f"refused: {one}" for one in self.refused)])

    def _repr_html_(self) -> str:
        return facts_html("Imported labels", self.facts, map(str, self.refused))


class Import:
    """An import that is done as it was planned.

    Args:
        datastore: Where the labels will be.
        plan: What is to be done.
        change_labels: Changes the label set, which gets the names.
        names: What the values mean, instead of what the data set says.
    """

    def __init__(
        self, datastore: Datastore, plan: ImportPlan, change_labels: ChangeLabels, names: Iterable[FoundName] = ()
    ) -> None:
        self._datastore = datastore
        self._plan = plan
        self._names = tuple(names)
        self._change_labels = change_labels
        self._report = ImportReport(plan.tag, unchanged=plan.unchanged, refused=list(plan.refused))

    def run(self, progress: Progress = NO_PROGRESS) -> ImportReport:
        """Import; what was done stays where it is cancelled, and the next import goes on.

        Raises:
            DatastoreError: The labels cannot be written.
            Cancelled: ``progress`` cancelled it.
        """
        new = [one for one in self._plan.labels if one.is_new_image]
        share = 0.5 * bool(new)
        with_image = self._copy_images(new, progress.part(0, share)) if new else {}
        planned = [one for one in self._plan.labels if not one.is_new_image or one.image_id in with_image]
        names = [one for label in planned for one in self._names_of(label)]
        labels = self._change_labels(lambda now: with_names(now, names)) if planned else None
        if labels is not None:
            prepared = self._prepared(planned, labels, with_image, progress.part(share, 1))
            self._datastore.save_labels(prepared, self._plan.tag, progress)
            self._keep_splits(planned)
        progress.step(1, 1)
        return self._report

    def _names_of(self, label: PlannedLabel) -> tuple[FoundName, ...]:
        return self._names or label.found.names

    def _copy_images(self, new: Sequence[PlannedLabel], progress: Progress) -> dict[str, str]:
        """Copy images into the studies; their ids by those that were planned."""
        single = [one for one in new if len(one.found.images) == 1]
        files = ((one.image_id, one.found.images[0]) for one in single)
        added = self._datastore.add_images(files, progress)
        found = dict(zip((one.image_id for one in single), added, strict=True))
        for one in new:
            if len(one.found.images) > 1:
                progress.check()
                try:
                    with joined_channels(one.found.images) as file:
                        found[one.image_id] = self._datastore.add_image(one.image_id, file)
                except JlabelError as error:
                    self._refuse(one, error)
        return found

    def _prepared(
        self, planned: Sequence[PlannedLabel], labels: LabelSet, ids: dict[str, str], progress: Progress
    ) -> Iterator[NewLabel]:
        known = label_values(labels.named)
        names_of = self._names_of
        values = {names: own_values(labels, names) for names in {names_of(one) for one in planned}}
        files = self._datastore.image_uris([ids.get(one.image_id, one.image_id) for one in planned])

        def prepare(one: PlannedLabel) -> NewLabel | JlabelError:
            image_id = ids.get(one.image_id, one.image_id)
            info: dict[str, Any] = {"label_names": list(known), "labels": known, IMPORTED_KEY: one.source}
            try:
                file = Path(files.get(image_id) or self._datastore.get_image_uri(image_id))
                largest = (
                    _fits(one.found.source, file) if one.found.read is None and not values[names_of(one)] else None
                )
                if largest is not None:
                    return NewLabel(image_id, one.found.source, info | {LARGEST_KEY: largest})
                label, image = _converted(file, one, values[names_of(one)])
            except JlabelError as error:
                return error
            return NewLabel(image_id, label, info, image=image)

        for number, (one, made) in enumerate(_ahead(prepare, planned)):
            progress.step(number, len(planned))
            if isinstance(made, JlabelError):
                self._refuse(one, made)
            else:
                yield made
                self._report.imported.append(made.image_id)

    def _keep_splits(self, planned: Sequence[PlannedLabel]) -> None:
        """Keep what the data set uses each image for, where nothing is decided here."""
        imported = set(self._report.imported)
        for one in planned:
            if one.found.split is None or one.image_id not in imported:
                continue
            if self._datastore.get_image_info(one.image_id).get(_SPLIT) is None:
                self._datastore.update_image_info(one.image_id, {_SPLIT: one.found.split})

    def _refuse(self, one: PlannedLabel, error: Exception) -> None:
        reason = str(error).removeprefix(f"{one.found.source}: ")
        self._report.refused.append(Refused(str(one.found.source), reason))


def _ahead(
    prepare: Callable[[PlannedLabel], NewLabel | JlabelError], planned: Sequence[PlannedLabel]
) -> Iterator[tuple[PlannedLabel, NewLabel | JlabelError]]:
    """What is prepared, in order, a few ahead in threads."""
    waiting: deque[tuple[PlannedLabel, Future[NewLabel | JlabelError]]] = deque()
    with ThreadPoolExecutor(_THREADS, thread_name_prefix="jlabel-import") as threads:
        try:
            for one in planned:
                waiting.append((one, threads.submit(prepare, one)))
                if len(waiting) > _AHEAD:
                    first, made = waiting.popleft()
                    yield first, made.result()
            while waiting:
                first, made = waiting.popleft()
                yield first, made.result()
        finally:
            for _, made in waiting:
                made.cancel()


def _converted(file: Path, one: PlannedLabel, values: dict[int, int]) -> tuple[LabelMap, Image]:
    """The label in the grid of its image, with the values of the studies, and the image."""
    image = read_image(file)
    label = read_label(one.found.source, image, {}) if one.found.read is None else one.found.read(image)
    return with_values(label, values), image


def _fits(label: Path, image: Path) -> int | None:
    """The largest value of a label file that can be copied as it is; the image is not read for that."""
    head = read_head(image)
    found = None if head is None else read_plain_label(label)
    if head is None or found is None or not same_grid(head, found.head):
        return None
    return int(found.voxels.max()) if found.voxels.size else 0
