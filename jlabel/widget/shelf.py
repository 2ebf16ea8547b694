"""Images from the datastore to the desk and back: opening, going on, saving."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, NamedTuple

from numpy.typing import NDArray

from jlabel.datastores import LabelVersion
from jlabel.errors import DatastoreError, ImageError, JlabelError, LabelError
from jlabel.tasks import prompt_to_json
from jlabel.widget.draft import Draft
from jlabel.widget.journal import Journal, read_journal
from jlabel.widget.opened import OpenedImage
from jlabel.widget.worker import SerialWorker

if TYPE_CHECKING:
    from jlabel.widget.desk import Desk

# How many unreadable images "next" passes by before it gives up.
_MOST_UNREADABLE = 20


class _Said(NamedTuple):
    """What there is to say about an image that was opened."""

    notice: str | None = None
    problem: str | None = None
    version: int | None = None


class Shelf:
    """Opens, goes on and saves, one at a time; each takes time, so it runs without the desk's lock and shows it.

    Args:
        desk: The work at the labeler.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._moving = threading.Lock()
        self.keeper = SerialWorker("jlabel-journal")
        self._epoch = 0
        self._unreadable: set[str] = set()

    def open(self, image_id: str, discard: bool) -> None:
        """See :meth:`jlabel.Labeler.open`."""
        with self._moving:
            self._check_saved(discard)
            self._open(image_id)

    def next(self, discard: bool) -> str | None:
        """See :meth:`jlabel.Labeler.next`."""
        with self._moving:
            self._check_saved(discard)
            failures: list[str] = []
            while len(failures) < _MOST_UNREADABLE:
                here = [self._desk.opened.image_id] if self._desk.opened is not None else []
                image_id = self._desk.manager.next_image(self._desk.strategy, exclude=(*here, *self._unreadable))
                if image_id is None:
                    break
                try:
                    self._open(image_id)
                except (ImageError, DatastoreError) as error:
                    self._unreadable.add(image_id)
                    failures.append(str(error))
                    continue
                self._report(failures)
                return image_id
            self._report(failures)
            self._desk.say(self._nothing_left())
            return None

    def skip(self, discard: bool) -> str | None:
        """See :meth:`jlabel.Labeler.skip`."""
        self._check_saved(discard)
        self._desk.manager.skip(self._desk.need().image_id)
        return self.next(discard)

    def save(self) -> str:
        """See :meth:`jlabel.Labeler.save`."""
        with self._moving:
            with self._desk.lock:
                opened = self._desk.need()
                position = opened.draft.history.position
                mask: NDArray[Any] = opened.draft.mask.copy(order="F")
                info = {"prompts": _prompts_json(opened.draft), "models": list(self._desk.used_models)}
                self._desk.show_busy("Saving")
            try:
                before = self._version(opened.image_id)
                label_id = self._desk.manager.save_label(opened.image_id, mask, self._desk.tag, info)
            except BaseException:
                self._desk.show_busy(None)
                raise
            with self._desk.lock:
                opened.draft.mark_saved(position)
                self._desk.count()
                self._desk.busy = None
                self._desk.say(f"Saved as {self._desk.tag}")
                if before is not None and before.number != opened.version:
                    self._desk.fail(_saved_meanwhile(before, self._desk.tag))
                saved = self._version(opened.image_id)
                opened.version = saved.number if saved is not None else None
            return label_id

    def _open(self, image_id: str) -> None:
        self._desk.show_busy(f"Opening {image_id}")
        try:
            image = self._desk.manager.image(image_id)
            statistics = self._desk.manager.intensities(image_id)
            draft, said = self._draft(image_id, image.shape)
            occupied = draft.occupied()
        except BaseException:
            self._desk.show_busy(None)
            raise
        with self._desk.lock:
            self._desk.asking.cancel()
            if self._desk.opened is not None and self._desk.opened.draft.dirty:
                self._desk.opened.draft.forget()
            self._epoch += 1
            self._desk.opened = OpenedImage(image_id, self._epoch, image, draft, statistics, version=said.version)
            self._desk.busy, self._desk.notice, self._desk.used_models = None, said.notice, []
            self._desk.count()
            self._desk.labeler.show_image(self._desk.opened)
            self._desk.labeler.show_mask(self._desk.opened, occupied)
            self._desk.show_state()
            if said.problem is not None:
                self._desk.fail(said.problem)

    def _draft(self, image_id: str, shape: tuple[int, ...]) -> tuple[Draft, _Said]:
        """The draft to go on with: one that was never saved, else the saved label, else an empty one."""
        file = self._desk.manager.datastore.draft_file(image_id)
        if self._desk.opened is not None and self._desk.opened.image_id == image_id and self._desk.opened.draft.dirty:
            self._desk.opened.draft.forget()
        self.keeper.flush()
        current = self._version(image_id)
        version = current.number if current is not None else None
        found = read_journal(file, shape) if file is not None else None
        start: NDArray[Any] | None
        if found is not None:
            notice = f"Restored the unsaved draft of {found.time:%Y-%m-%d %H:%M} UTC"
            start, said = found.mask, _Said(notice=notice, version=version)
        else:
            start, problem = self._saved_label(image_id)
            said = _Said(problem=problem, version=version)
        journal = Journal(file, start, self.keeper) if file is not None else None
        return Draft(shape, start, max(self._desk.values.values()), found is not None, journal), said

    def _saved_label(self, image_id: str) -> tuple[NDArray[Any] | None, str | None]:
        """The label to go on from, and what is wrong with it."""
        tags = self._desk.manager.datastore.get_labels_by_image_id(image_id)
        tag = next((tag for tag in (self._desk.tag, "final", "original") if tag in tags), None)
        if tag is None:
            return None, None
        try:
            return self._desk.manager.label(image_id, tag), None
        except (LabelError, ImageError, DatastoreError) as error:
            return None, f"the saved label {tag!r} of {image_id} is not shown: {error}"

    def _version(self, image_id: str) -> LabelVersion | None:
        """The present version of the image's label under the labeler's tag."""
        history = self._desk.manager.datastore.label_history(image_id, self._desk.tag)
        return next((version for version in history if version.current), None)

    def _check_saved(self, discard: bool) -> None:
        if not discard and self._desk.opened is not None and self._desk.opened.draft.dirty:
            raise JlabelError(
                f"{self._desk.opened.image_id} has changes that are not saved: save them, or go on with discard=True"
            )

    def _report(self, failures: list[str]) -> None:
        if failures:
            shown = "; ".join(failures[:3]) + (f"; and {len(failures) - 3} more" if len(failures) > 3 else "")
            self._desk.fail(f"Left out, since it cannot be read: {shown}")

    def _nothing_left(self) -> str:
        images = self._desk.counts[0]
        if self._desk.opened is None and images == 0:
            self._desk.count()
            images = self._desk.counts[0]
        return "There are no images in the studies folder" if images == 0 else "No further image without a label"

    def close(self) -> None:
        """Finish what is being written."""
        self.keeper.close()


def _saved_meanwhile(other: LabelVersion, tag: str) -> str:
    who = other.author or "Somebody"
    when = f"{other.time:%Y-%m-%d %H:%M} UTC"
    return (
        f"{who} had saved this label too, at {when}. Yours is the newest now; theirs is kept as version "
        f"{other.number}: datastore.restore_label(image_id, {other.number}, {tag!r}) brings it back."
    )


def _prompts_json(draft: Draft) -> list[dict[str, Any]]:
    return [prompt_to_json(prompt) for prompt in draft.prompts]
