"""Going from image to image: the next one as is chosen, the one before, a given one."""

from __future__ import annotations

import contextlib
import itertools
import threading
from collections.abc import Callable, Iterator
from functools import partial

from jlabel.annotation.recovery.last_drafts import last_drafts
from jlabel.datastores import FINAL
from jlabel.errors import DatastoreError, ImageError, JlabelError
from jlabel.imaging import Image, content_stamp
from jlabel.imaging.intensity import Intensities
from jlabel.labeler.background.serial_worker import SerialWorker
from jlabel.labeler.context import LabelerContext
from jlabel.labeler.draft_opening import DraftOpener
from jlabel.labeler.feature import Feature, Handlers
from jlabel.labeler.features.image_lease import ImageLease
from jlabel.labeler.features.label_editing import LabelEditing
from jlabel.labeler.features.next_image import Chooser, StrategyChooser
from jlabel.labeler.open_image import OpenImage
from jlabel.labeler.protocol import navigation_messages
from jlabel.labeler.protocol.encoding import MaskParts, mask_parts
from jlabel.labeler.protocol.state import State
from jlabel.labeler.visited_images import VisitedImages
from jlabel.tasks.strategy import Choice

# How many images with a draft are tried before the strategy chooses.
_MOST_DRAFTS = 3
_COMES_FIRST = "; this image comes first for that"
_MOST_REASON = 1000
# For how many seconds the end of a labeler waits for the disk.
_CLOSING = 10.0
# How many unreadable images "next" passes by before it gives up.
_MOST_UNREADABLE = 20


class Navigation(Feature):
    """Opens one image at a time; that takes time, so it runs without the labeler's lock and shows it.

    Args:
        context: The labeler.
        label_editing: Looks what others have changed in the label set whenever an image is opened.
        lease: Takes an image that is opened.
    """

    def __init__(self, context: LabelerContext, label_editing: LabelEditing, lease: ImageLease) -> None:
        super().__init__(context)
        self._label_editing = label_editing
        self._lease = lease
        #: Held while an image is opened or saved.
        self.moving = threading.Lock()
        self.journal_worker = SerialWorker("jlabel-journal")
        self.drafts = DraftOpener(context.manager, context.own_tag, self.journal_worker)
        self._by_strategy = StrategyChooser(context)
        self._chooser: Chooser = self._by_strategy
        self._epoch = 0
        self._visited = VisitedImages()

    def message_handlers(self) -> Handlers:
        """Messages that open another image."""
        later = self.context.in_background
        return {
            navigation_messages.Next: lambda ask, _: later(lambda: self.next(ask.discard)),
            navigation_messages.Previous: lambda ask, _: later(lambda: self.previous(ask.discard)),
            navigation_messages.Skip: lambda ask, _: later(lambda: self.skip(ask.discard)),
            navigation_messages.Open: lambda ask, _: later(lambda: self.open(ask.image, ask.discard)),
        }

    def state(self) -> State:
        """``canGoBack``: whether an image was shown before this one; ``reason``: why this one was chosen."""
        opened = self.context.open_image
        return {
            "canGoBack": self._visited.before is not None,
            "reason": opened.reason if opened is not None else "",
        }

    def choose_by(self, chooser: Chooser | None) -> None:
        """Let somebody else choose what "next" opens; None is the strategy again."""
        self._chooser = chooser or self._by_strategy

    def begin(self) -> str | None:
        """Open the image with which a labeler begins: one whose draft was not saved, else what the strategy chooses."""
        with self.moving:
            for image_id in itertools.islice(self._drafted(), _MOST_DRAFTS):
                with contextlib.suppress(ImageError, DatastoreError):
                    self._open(image_id, said=_COMES_FIRST)
                    if self.context.require_image().draft.dirty:
                        return image_id
        return self.next(discard=False)

    def open(self, image_id: str, discard: bool) -> None:
        """See :meth:`jlabel.Labeler.open`."""
        with self.moving:
            self.check_saved(discard)
            self._open(self.context.manager.datastore.canonical_id(image_id))

    def previous(self, discard: bool) -> str | None:
        """See :meth:`jlabel.Labeler.previous`."""
        with self.moving:
            self.check_saved(discard)
            image_id = self._visited.before
            if image_id is not None:
                self._revisit(image_id, self._visited.back)
            return image_id

    def next(self, discard: bool) -> str | None:
        """See :meth:`jlabel.Labeler.next`."""
        with self.moving:
            self.check_saved(discard)
            again = self._visited.after
            if again is not None:
                self._revisit(again, self._visited.forward)
                return again
            return self._next_chosen()

    def expected(self) -> str | None:
        """The image that "next" would open now; None where there is none.

        Raises:
            JlabelError: The strategy fails.
        """
        again = self._visited.after
        if again is not None:
            return again
        opened = self.context.open_image
        return self._chooser.expect((opened.image_id,) if opened is not None else ())

    def next_chosen(self, discard: bool) -> str | None:
        """As :meth:`next`, also where an image was left by going back."""
        with self.moving:
            self.check_saved(discard)
            return self._next_chosen()

    def skip(self, discard: bool) -> str | None:
        """See :meth:`jlabel.Labeler.skip`."""
        self.check_saved(discard)
        self.context.manager.skip(self.context.require_image().image_id)
        return self.next(discard)

    def close(self) -> None:
        """Finish what is being written, and leave the draft behind for the next labeler."""
        if self.context.open_image is not None:
            self.context.open_image.draft.let_go()
        # Who begins again at once finds the draft: its file is whole and nobody's.
        self.journal_worker.close(wait=_CLOSING)

    def _drafted(self) -> Iterator[str]:
        """The images that this person has worked on and not saved, the last one first."""
        datastore = self.context.manager.datastore
        drafted = datastore.workspace.drafted_images()
        if not drafted:
            return iter(())
        files = [(image_id, file) for image_id in drafted for file in datastore.workspace.draft_files(image_id)]
        return last_drafts(files)

    def _next_chosen(self) -> str | None:
        failures: list[str] = []
        image_id = self._open_chosen(failures)
        self._report(failures)
        if image_id is None:
            self.context.notify(self._chooser.nothing_left())
        return image_id

    def _open_chosen(self, failures: list[str]) -> str | None:
        """Open the first image that is chosen and can be read; others are noted."""
        unreadable: list[str] = []
        while len(failures) < _MOST_UNREADABLE:
            opened = self.context.open_image
            here = [opened.image_id] if opened is not None else []
            choice = self._chosen((*here, *unreadable))
            if choice is None:
                return None
            try:
                self._open(choice.image_id, reason=choice.reason)
            except (ImageError, DatastoreError) as error:
                self._lease.give_back(choice.image_id)
                unreadable.append(choice.image_id)
                failures.append(str(error))
                continue
            return choice.image_id
        return None

    def _chosen(self, exclude: tuple[str, ...]) -> Choice | None:
        with self.context.tasks.running("Choosing the next image") as task:
            return task.wait_for(partial(self._chooser.choose, exclude))

    def _revisit(self, image_id: str, arrive: Callable[[], None]) -> None:
        try:
            self._open(image_id, arrive)
        except (ImageError, DatastoreError):
            self._visited.forget(image_id)
            self.publish_state()
            raise

    def _open(self, image_id: str, arrive: Callable[[], None] | None = None, said: str = "", reason: str = "") -> None:
        context = self.context
        with context.tasks.running(f"Opening {image_id}") as task:
            image, statistics, stamp = task.wait_for(partial(self._read, image_id))
            self._label_editing.refresh()
            former = context.open_image
            present = former.draft.kept_in if former is not None else None
            content = content_stamp(image)
            holding = task.wait_for(partial(self._lease.take, image_id))
            tag = holding.reading_tag if context.own_tag == FINAL else None
            found = self.drafts.open(image_id, image.shape, task, present, content, tag)
            occupied = found.draft.occupied()
            parts = list(mask_parts(found.draft.mask, occupied)) if occupied is not None else []
            task.check()
            counts = context.counted_images()
            with context.lock:
                context.tasks.end(task)
                self._epoch += 1
                opened = OpenImage(
                    image_id,
                    self._epoch,
                    image,
                    found.draft,
                    statistics,
                    version=found.version,
                    made_by=found.made_by,
                    unshown=found.unshown,
                    first_mask=found.first_mask,
                    notes=found.notes,
                    file_stamp=stamp,
                    stamp=content,
                    reason=reason[:_MOST_REASON],
                    tag=tag or context.own_tag,
                    holding=holding,
                )
                self._show(opened, parts, arrive or partial(self._visited.go, image_id))
                context.publish_counts(*counts)
                if found.notice is not None:
                    context.notify(found.notice + said)
                if found.problem is not None:
                    context.report_error(found.problem)

    def _show(self, opened: OpenImage, parts: MaskParts, arrive: Callable[[], None]) -> None:
        """Put another image in the place of the former one, with the lock held."""
        context = self.context
        context.cancel_prompts()
        if context.open_image is not None and context.open_image.draft.dirty:
            context.open_image.draft.forget()
        arrive()
        context.show_image(opened, parts)

    def _read(self, image_id: str) -> tuple[Image, Intensities, tuple[int, int]]:
        manager = self.context.manager
        # Asked first: a file that is put in its place meanwhile has another one.
        stamp = manager.file_stamp(image_id)
        return manager.image(image_id), manager.intensities(image_id), stamp

    def check_saved(self, discard: bool) -> None:
        """Refuse to leave an image with changes that are not saved.

        Raises:
            JlabelError: It has some, and they are not to be discarded.
        """
        opened = self.context.open_image
        if not discard and opened is not None and opened.draft.dirty:
            raise JlabelError(
                f"{opened.image_id} has changes that are not saved: save them, or go on with discard=True"
            )

    def _report(self, failures: list[str]) -> None:
        if failures:
            shown = "; ".join(failures[:3]) + (f"; and {len(failures) - 3} more" if len(failures) > 3 else "")
            self.context.report_error(f"Left out, since it cannot be read: {shown}")
