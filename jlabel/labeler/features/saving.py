"""Saving the draft as the image's label."""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple

from numpy.typing import NDArray

from jlabel.annotation.draft import Draft
from jlabel.annotation.prompt_serialization import prompt_groups_to_json
from jlabel.annotation.snapshot import with_snapshot
from jlabel.datastores import FINAL, LabelVersion
from jlabel.display.html import time_text
from jlabel.errors import Cancelled, ImageError, LabelError
from jlabel.imaging import content_stamp
from jlabel.labeler.background.tasks import SAVING, BackgroundTask
from jlabel.labeler.context import LabelerContext
from jlabel.labeler.feature import Feature, Handlers
from jlabel.labeler.features.image_lease import ImageLease
from jlabel.labeler.features.navigation import Navigation
from jlabel.labeler.open_image import OpenImage
from jlabel.labeler.protocol import draft_messages
from jlabel.progress import Progress
from jlabel.prompts import prompt_to_json


class _Snapshot(NamedTuple):
    """What is saved: the draft as it was at a position of its history."""

    mask: NDArray[Any]
    position: int
    info: dict[str, Any]


class Saving(Feature):
    """Saves without the labeler's lock, so that the person goes on painting meanwhile.

    Args:
        context: The labeler.
        navigation: No image is opened while one is being saved.
        lease: Who works on the image.
    """

    def __init__(self, context: LabelerContext, navigation: Navigation, lease: ImageLease) -> None:
        super().__init__(context)
        self._navigation = navigation
        self._lease = lease

    def message_handlers(self) -> Handlers:
        """:class:`~jlabel.labeler.protocol.draft_messages.Save`."""
        return {
            draft_messages.Save: lambda ask, _: self.context.in_background(lambda: self.save(ask.replace, ask.anyway))
        }

    def save(self, replace: bool = False, anyway: bool = False) -> str:
        """See :meth:`jlabel.Labeler.save`."""
        context = self.context
        with self._navigation.moving, context.tasks.running(SAVING) as task:
            opened = context.require_image()
            _check_shown(opened, replace)
            self._lease.check(anyway)
            self._check_image(opened)
            try:
                take = partial(self._snapshot, opened)
                snapshot = with_snapshot(opened.draft, context.lock, take, task.progress.part(0, 0.1))
                before = self._navigation.drafts.current_version(opened.image_id, opened.tag)
                label_id = self._write(opened, snapshot, task)
                saved = self._navigation.drafts.current_version(opened.image_id, opened.tag)
                # Counted, not reckoned: whoever looks after the studies may have counted this label already.
                counts = context.counted_images() if before is None and opened.tag == FINAL else None
            except Cancelled:
                raise Cancelled("Saving was cancelled; your draft is kept") from None
            with context.lock:
                # In this order, so that no page ever hears that nothing is being saved and the draft is not saved.
                self._saved(opened, snapshot, before, saved)
                if counts is not None:
                    context.publish_counts(*counts)
                context.tasks.end(task)
            return label_id

    def _snapshot(self, opened: OpenImage, mask: NDArray[Any]) -> _Snapshot:
        """What is to be saved, with the lock held."""
        info = {**_prompts_json(opened.draft), "models": list(opened.made_by), **self.context.label_info()}
        return _Snapshot(mask, opened.draft.history.position, info)

    def _check_image(self, opened: OpenImage) -> None:
        """The draft was drawn over the image that is in the studies now, not over one that was there before.

        Raises:
            ImageError: The file holds another image.
        """
        manager, stamp = self.context.manager, opened.file_stamp
        if manager.file_stamp(opened.image_id, opened.image.path) == stamp:
            return
        now = manager.image(opened.image_id, opened.image.frame)
        if content_stamp(now) != content_stamp(opened.image):
            raise ImageError(
                now.path or opened.image_id,
                "holds another image since it was opened (other voxels, or another place in the patient), so the draft "
                "was not saved; it is kept. Put the former file back to save it, or open the image again",
            )
        opened.file_stamp = manager.file_stamp(opened.image_id)

    def _write(self, opened: OpenImage, snapshot: _Snapshot, task: BackgroundTask) -> str:
        rest = task.progress.part(0.1, 1)

        def report(fraction: float) -> None:
            if fraction >= 1:
                self.context.tasks.too_late(task)
            rest.report(fraction)

        progress, tag = Progress(report, task.check), opened.tag
        return self.context.manager.save_label(
            opened.image_id, snapshot.mask, tag, snapshot.info, progress, image=opened.image
        )

    def _saved(
        self, opened: OpenImage, snapshot: _Snapshot, before: LabelVersion | None, saved: LabelVersion | None
    ) -> None:
        context = self.context
        opened.draft.mark_saved(snapshot.position, snapshot.mask)
        overtaken = before is not None and before.number != opened.version
        opened.version = saved.number if saved is not None else None
        context.draft_saved()
        context.notify(f"Saved as {opened.tag}")
        if before is not None and overtaken:
            context.report_error(_saved_meanwhile(before, opened.tag))


def _check_shown(opened: OpenImage, replace: bool) -> None:
    if opened.unshown is not None and not replace:
        fit = "labeler.versions.fit() shows it in the image's grid, " if opened.unshown.fits else ""
        raise LabelError(
            f"{opened.unshown.problem}. It is not replaced by this draft without being asked: {fit}"
            "labeler.save(replace=True) saves the draft as the newest version"
        )


def _saved_meanwhile(other: LabelVersion, tag: str) -> str:
    who = other.author or "Somebody"
    return (
        f"{who} had saved this label too, at {time_text(other.time)}. Yours is the newest now; theirs is kept as "
        f"version {other.number}: datastore.restore_label(image_id, {other.number}, {tag!r}) brings it back."
    )


def _prompts_json(draft: Draft) -> dict[str, Any]:
    """All prompts that were answered, and those that the next person may go on with."""
    return {
        "prompts": [prompt_to_json(prompt) for _, prompt in draft.used_prompts],
        "sessions": prompt_groups_to_json(draft.groups, draft.mask.dtype.name),
    }
