"""The draft with which an opened image begins: one that was never saved, else the saved label, else an empty one."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from jlabel.annotation.draft import Draft
from jlabel.annotation.prompt_serialization import prompt_groups_from_json
from jlabel.annotation.provenance import models_of
from jlabel.annotation.recovery.journal import Journal, Worker
from jlabel.annotation.recovery.unsaved_drafts import find_unsaved_drafts
from jlabel.datastores import ORIGINAL, LabelVersion
from jlabel.errors import DatastoreError, ImageError, LabelError, LabelGridError
from jlabel.labeler.background.tasks import BackgroundTask
from jlabel.labeler.open_image import UnshownLabel
from jlabel.manager import AppManager


@dataclass(frozen=True)
class OpenedDraft:
    """A draft, and what there is to say about it.

    Attributes:
        draft: The draft.
        notice: What the person should know of it.
        problem: What is wrong, in words.
        version: The label's version that it goes on from, None where there was none.
        made_by: The models that made it, as was saved with the label.
        unshown: The saved label, where it cannot be shown.
        first_mask: The model whose mask it began with, as was saved with it; "" where it does not say. None where it
            did not begin with one.
        notes: What was kept besides with a draft that was not saved.
    """

    draft: Draft
    notice: str | None
    problem: str | None
    version: int | None
    made_by: tuple[str, ...]
    unshown: UnshownLabel | None = None
    first_mask: str | None = None
    notes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class _SavedLabel:
    mask: NDArray[Any] | None = None
    unshown: UnshownLabel | None = None
    made_by: tuple[str, ...] = ()
    notice: str | None = None
    first_mask: str | None = None


class DraftOpener:
    """Finds the draft to go on with; called without the labeler's lock, since it reads files.

    Args:
        manager: The app manager.
        tag: Under which tag labels are saved.
        worker: Writes journals.
    """

    def __init__(self, manager: AppManager, tag: str, worker: Worker) -> None:
        self._manager = manager
        self._tag = tag
        self._worker = worker
        #: Called, on the worker's thread, when a draft is on disk again or is not any more.
        self.listener: Callable[[], None] = lambda: None

    def current_version(self, image_id: str, tag: str | None = None) -> LabelVersion | None:
        """The present version of the image's label under a tag, the labeler's if not given."""
        return self._manager.datastore.current_version(image_id, tag or self._tag)

    def open(
        self,
        image_id: str,
        shape: tuple[int, ...],
        task: BackgroundTask,
        present: Path | None,
        stamp: str = "",
        reading: str | None = None,
    ) -> OpenedDraft:
        """The draft of an image.

        Args:
            image_id: The image.
            shape: Its shape.
            task: As it is shown; may be given up.
            present: The journal of the draft that is given up thereby: an image that is opened anew does not go on
                with it.
            stamp: What tells the image from every other one: a draft of another image is left where it is.

            reading: The tag of the person's reading, where several people read the image: nothing of the others' is
                shown then.

        Raises:
            Cancelled: It was given up; every draft stays as it was left.
        """
        self._worker.flush()
        manager, datastore = self._manager, self._manager.datastore
        current = self.current_version(image_id, reading)
        mark = reading_mark(reading)
        files = (file for file in datastore.workspace.draft_files(image_id) if file != present and _session(file, mark))
        unsaved = find_unsaved_drafts(files, shape, task.progress, stamp)
        found = unsaved.found
        saved = self._saved_label(image_id, task, found is None, reading)
        start = saved.mask if found is None else found.mask
        unkept = None
        try:
            file, spare = (datastore.workspace.draft_file(image_id, mark + secrets.token_hex(8)) for _ in "ab")
        except DatastoreError as error:
            file, spare, unkept = None, None, f"Your unsaved changes are in memory alone, save often: {error}"
        file = unsaved.file or file
        journal = None
        if file is not None:
            journal = Journal(file, start, self._worker, unsaved.claimed, spare, shape, lambda: self.listener(), stamp)
        largest = max(label.value for label in manager.labels)
        draft = Draft(shape, start, largest, found is not None, journal, unkept)
        groups = found.prompts if found is not None else current.info.get("sessions") if current is not None else None
        draft.restore_prompts(prompt_groups_from_json(groups, shape, draft.mask.dtype.name))
        return OpenedDraft(
            draft=draft,
            notice=" ".join(filter(None, [unsaved.notice(), saved.notice])) or None,
            problem=unsaved.problem(),
            version=current.number if current is not None else None,
            made_by=saved.made_by,
            unshown=saved.unshown,
            first_mask=saved.first_mask,
            notes={} if found is None else found.notes,
        )

    def _own(self, image_id: str, reading: str) -> str | None:
        """The tag of the label that a reader begins with: their own, else a model's."""
        tags = self._manager.datastore.get_labels_by_image_id(image_id)
        return next((tag for tag in (reading, ORIGINAL) if tag in tags), None)

    def _saved_label(self, image_id: str, task: BackgroundTask, read: bool, reading: str | None) -> _SavedLabel:
        """The label to go on from, what is wrong with it, and which models made it."""
        datastore = self._manager.datastore
        tag = datastore.preferred_tag(image_id, self._tag) if reading is None else self._own(image_id, reading)
        if tag is None:
            return _SavedLabel()
        made_by = models_of(datastore.get_label_info(image_id, tag))
        if not read:
            return _SavedLabel(made_by=made_by)
        try:
            notes: dict[str, str] = {}
            mask = task.wait_for(partial(self._manager.label, image_id, tag, notes=notes))
            notice = f"Of the saved label, {'; '.join(notes.values())}." if notes else None
            return _SavedLabel(mask=mask, made_by=made_by, notice=notice, first_mask=first_mask_of(tag, made_by))
        except (LabelError, ImageError, DatastoreError) as error:
            problem = f"the saved label {tag!r} of {image_id} is not shown: {error}"
            unshown = UnshownLabel(tag, problem, fits=isinstance(error, LabelGridError))
            return _SavedLabel(unshown=unshown, made_by=made_by)


def reading_mark(reading: str | None) -> str:
    """How the sessions of the drafts begin that belong to one reader of an image; "" for those of all others."""
    return "" if reading is None else hashlib.sha256(reading.encode()).hexdigest()[:16]


def _session(file: Path, mark: str) -> bool:
    return not mark or file.name.split(".")[-2].startswith(mark)


def first_mask_of(tag: str, made_by: Sequence[str]) -> str | None:
    """The model of a label that a draft begins with; "" where nobody knows which, None where a person made it."""
    return (made_by[-1] if made_by else "") if tag == ORIGINAL else None
