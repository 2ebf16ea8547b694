"""Images from the datastore to the desk and back: opening, going on, saving."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from numpy.typing import NDArray

from jlabel.datastores import LabelVersion
from jlabel.errors import Cancelled, DatastoreError, ImageError, JlabelError, LabelError
from jlabel.imaging import Image
from jlabel.imaging.intensity import Intensities
from jlabel.imaging.watch import Watch
from jlabel.tasks import prompt_to_json
from jlabel.widget.copying import with_copy
from jlabel.widget.doing import SAVING, Doing
from jlabel.widget.draft import Draft
from jlabel.widget.journal import Journal
from jlabel.widget.kept_prompts import sessions_from_json, sessions_to_json
from jlabel.widget.left_behind import left_behind
from jlabel.widget.opened import OpenedImage
from jlabel.widget.part import Handler, Part
from jlabel.widget.protocol import Parts, mask_parts
from jlabel.widget.visits import Visits
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
    models: tuple[str, ...] = ()


class _Taken(NamedTuple):
    """What is saved: the draft as it was at a position of its history."""

    mask: NDArray[Any]
    position: int
    info: dict[str, Any]


class Shelf(Part):
    """Opens, goes on and saves, one at a time; each takes time, so it runs without the desk's lock and shows it."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._moving = threading.Lock()
        self.keeper = SerialWorker("jlabel-journal")
        self._epoch = 0
        self._unreadable: set[str] = set()
        self._visits = Visits()

    def asks(self) -> Mapping[str, Handler]:
        """``save``, ``next``, ``previous``, ``skip`` and ``open``."""
        return {
            "save": lambda ask, _: self._later(self.save),
            "next": lambda ask, _: self._later(lambda: self.next(bool(ask.get("discard")))),
            "previous": lambda ask, _: self._later(lambda: self.previous(bool(ask.get("discard")))),
            "skip": lambda ask, _: self._later(lambda: self.skip(bool(ask.get("discard")))),
            "open": lambda ask, _: self._later(lambda: self.open(str(ask["image"]), bool(ask.get("discard")))),
        }

    def state(self) -> dict[str, Any]:
        """``canGoBack``: whether an image was shown before this one."""
        return {"canGoBack": self._visits.before is not None}

    def _later(self, work: Callable[[], Any]) -> None:
        labeler = self.desk.labeler
        labeler.worker.do(lambda: labeler.in_words(work))

    def open(self, image_id: str, discard: bool) -> None:
        """See :meth:`jlabel.Labeler.open`."""
        with self._moving:
            self._check_saved(discard)
            self._open(image_id)

    def previous(self, discard: bool) -> str | None:
        """See :meth:`jlabel.Labeler.previous`."""
        with self._moving:
            self._check_saved(discard)
            image_id = self._visits.before
            if image_id is not None:
                self._revisit(image_id, self._visits.back)
            return image_id

    def next(self, discard: bool) -> str | None:
        """See :meth:`jlabel.Labeler.next`."""
        with self._moving:
            self._check_saved(discard)
            again = self._visits.after
            if again is not None:
                self._revisit(again, self._visits.forward)
                return again
            failures: list[str] = []
            while len(failures) < _MOST_UNREADABLE:
                here = [self.desk.opened.image_id] if self.desk.opened is not None else []
                image_id = self._chosen((*here, *self._unreadable))
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
            self.desk.say(self._nothing_left())
            return None

    def _chosen(self, exclude: tuple[str, ...]) -> str | None:
        """What the strategy gives."""
        choose = partial(self.desk.manager.next_image, self.desk.strategy, exclude=exclude)
        with self.desk.under_way.doing("Choosing the next image") as doing:
            return doing.wait_for(choose)

    def skip(self, discard: bool) -> str | None:
        """See :meth:`jlabel.Labeler.skip`."""
        self._check_saved(discard)
        self.desk.manager.skip(self.desk.need().image_id)
        return self.next(discard)

    def save(self) -> str:
        """See :meth:`jlabel.Labeler.save`."""
        with self._moving, self.desk.under_way.doing(SAVING) as doing:
            opened = self.desk.need()
            try:
                taken = with_copy(opened.draft, self.desk.lock, partial(self._taken, opened), doing.watch.part(0, 0.1))
                before = self._version(opened.image_id)
                label_id = self._write(opened.image_id, taken, doing)
            except Cancelled:
                raise Cancelled("Saving was cancelled; your draft is kept") from None
            with self.desk.lock:
                # In this order, so that no page ever hears that nothing is being saved and the draft is not saved.
                self._saved(opened, taken, before)
                self.desk.under_way.end(doing)
            return label_id

    def _taken(self, opened: OpenedImage, mask: NDArray[Any]) -> _Taken:
        """What is to be saved, with the lock held."""
        info = {**_prompts_json(opened.draft), "models": list(self.desk.used_models)}
        return _Taken(mask, opened.draft.history.position, info)

    def _write(self, image_id: str, taken: _Taken, doing: Doing) -> str:
        rest = doing.watch.part(0.1, 1)

        def progress(fraction: float) -> None:
            if fraction >= 1:
                self.desk.under_way.too_late(doing)
            rest.progress(fraction)

        watch = Watch(progress, doing.check)
        return self.desk.manager.save_label(image_id, taken.mask, self.desk.tag, taken.info, watch)

    def _saved(self, opened: OpenedImage, taken: _Taken, before: LabelVersion | None) -> None:
        opened.draft.mark_saved(taken.position, taken.mask)
        for part in self.desk.parts:
            part.saved()
        self.desk.count()
        self.desk.say(f"Saved as {self.desk.tag}")
        if before is not None and before.number != opened.version:
            self.desk.fail(_saved_meanwhile(before, self.desk.tag))
        saved = self._version(opened.image_id)
        opened.version = saved.number if saved is not None else None

    def _revisit(self, image_id: str, arrive: Callable[[], None]) -> None:
        try:
            self._open(image_id, arrive)
        except (ImageError, DatastoreError):
            self._visits.forget(image_id)
            self.desk.show_state()
            raise

    def _open(self, image_id: str, arrive: Callable[[], None] | None = None) -> None:
        with self.desk.under_way.doing(f"Opening {image_id}") as doing:
            image, statistics = doing.wait_for(partial(self._read, image_id))
            self.desk.label_set.refresh()
            draft, said = self._draft(image_id, image.shape, doing)
            occupied = draft.occupied()
            parts = list(mask_parts(draft.mask, occupied)) if occupied is not None else []
            doing.check()
            with self.desk.lock:
                self.desk.under_way.end(doing)
                self._epoch += 1
                opened = OpenedImage(image_id, self._epoch, image, draft, statistics, version=said.version)
                self._show(opened, said, parts, arrive)

    def _show(self, opened: OpenedImage, said: _Said, parts: Parts, arrive: Callable[[], None] | None) -> None:
        """Put another image on the desk, with the lock held."""
        desk = self.desk
        desk.asking.cancel()
        if desk.opened is not None and desk.opened.draft.dirty:
            desk.opened.draft.forget()
        desk.opened, desk.notice, desk.used_models = opened, said.notice, list(said.models)
        desk.count()
        if arrive is not None:
            arrive()
        else:
            self._visits.go(opened.image_id)
        for part in desk.parts:
            part.opened(opened)
        desk.labeler.show_image(opened)
        desk.labeler.show_parts(opened, parts)
        desk.show_state()
        if said.problem is not None:
            desk.fail(said.problem)

    def _read(self, image_id: str) -> tuple[Image, Intensities]:
        return self.desk.manager.image(image_id), self.desk.manager.intensities(image_id)

    def _draft(self, image_id: str, shape: tuple[int, ...], doing: Doing) -> tuple[Draft, _Said]:
        """The draft to go on with: one that was never saved, else the saved label, else an empty one."""
        self.keeper.flush()
        current = self._version(image_id)
        version = current.number if current is not None else None
        datastore = self.desk.manager.datastore
        # Opened anew, an image does not go on with the draft that is given up thereby.
        present = self.desk.opened.draft.kept_in if self.desk.opened is not None else None
        files = (file for file in datastore.draft_files(image_id) if file != present)
        kept = left_behind(files, shape, doing.watch)
        found = kept.found
        start: NDArray[Any] | None
        if found is not None:
            start, said = found.mask, _Said(kept.notice(), kept.problem(), version)
        else:
            start, problem = self._saved_label(image_id, doing)
            said = _Said(None, problem or kept.problem(), version)
        said = said._replace(models=self._models(image_id))
        file, spare = (datastore.draft_file(image_id, secrets.token_hex(8)) for _ in "ab")
        file = kept.file or file
        journal = Journal(file, start, self.keeper, kept.claimed, spare) if file is not None else None
        largest = max(label.value for label in self.desk.manager.labels)
        draft = Draft(shape, start, largest, found is not None, journal)
        prompts = found.prompts if found is not None else current.info.get("sessions") if current is not None else None
        draft.go_on_with(sessions_from_json(prompts, shape, draft.mask.dtype.name))
        return draft, said

    def _saved_label(self, image_id: str, doing: Doing) -> tuple[NDArray[Any] | None, str | None]:
        """The label to go on from, and what is wrong with it."""
        tag = self._tag(image_id)
        if tag is None:
            return None, None
        try:
            return doing.wait_for(partial(self.desk.manager.label, image_id, tag)), None
        except (LabelError, ImageError, DatastoreError) as error:
            return None, f"the saved label {tag!r} of {image_id} is not shown: {error}"

    def _models(self, image_id: str) -> tuple[str, ...]:
        """The models that made the label to go on from, as it was saved with it."""
        tag = self._tag(image_id)
        models = self.desk.manager.datastore.get_label_info(image_id, tag).get("models") if tag is not None else None
        return tuple(map(str, models)) if isinstance(models, list) else ()

    def _tag(self, image_id: str) -> str | None:
        """Under which tag the label to go on from is saved."""
        tags = self.desk.manager.datastore.get_labels_by_image_id(image_id)
        return next((tag for tag in (self.desk.tag, "final", "original") if tag in tags), None)

    def _version(self, image_id: str) -> LabelVersion | None:
        """The present version of the image's label under the labeler's tag."""
        history = self.desk.manager.datastore.label_history(image_id, self.desk.tag)
        return next((version for version in history if version.current), None)

    def _check_saved(self, discard: bool) -> None:
        if not discard and self.desk.opened is not None and self.desk.opened.draft.dirty:
            raise JlabelError(
                f"{self.desk.opened.image_id} has changes that are not saved: save them, or go on with discard=True"
            )

    def _report(self, failures: list[str]) -> None:
        if failures:
            shown = "; ".join(failures[:3]) + (f"; and {len(failures) - 3} more" if len(failures) > 3 else "")
            self.desk.fail(f"Left out, since it cannot be read: {shown}")

    def _nothing_left(self) -> str:
        images = self.desk.counts[0]
        if self.desk.opened is None and images == 0:
            self.desk.count()
            images = self.desk.counts[0]
        return "There are no images in the studies folder" if images == 0 else "No further image without a label"

    def close(self) -> None:
        """Finish what is being written, and leave the draft behind for the next labeler."""
        if self.desk.opened is not None:
            self.desk.opened.draft.let_go()
        self.keeper.close()


def _saved_meanwhile(other: LabelVersion, tag: str) -> str:
    who = other.author or "Somebody"
    when = f"{other.time:%Y-%m-%d %H:%M} UTC"
    return (
        f"{who} had saved this label too, at {when}. Yours is the newest now; theirs is kept as version "
        f"{other.number}: datastore.restore_label(image_id, {other.number}, {tag!r}) brings it back."
    )


def _prompts_json(draft: Draft) -> dict[str, Any]:
    """All prompts that were answered, and those that the next person may go on with."""
    return {
        "prompts": [prompt_to_json(prompt) for _, prompt in draft.used_prompts],
        "sessions": sessions_to_json(draft.sessions, draft.mask.dtype.name),
    }
