"""The versions of the present image's labels: listed, and taken over into the draft."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jlabel.annotation.mask_change import MaskChange
from jlabel.annotation.provenance import models_of
from jlabel.datastores import FINAL, ORIGINAL, LabelVersion
from jlabel.errors import LabelError
from jlabel.imaging import Region, changed_region
from jlabel.labeler.background.optimistic_edit import apply_optimistically
from jlabel.labeler.background.serial_worker import SerialWorker
from jlabel.labeler.background.tasks import BackgroundTask
from jlabel.labeler.context import LabelerContext
from jlabel.labeler.feature import Feature, Handlers
from jlabel.labeler.features.paint_settings import PaintSettings
from jlabel.labeler.open_image import OpenImage
from jlabel.labeler.protocol import version_messages
from jlabel.labeler.protocol.version_messages import TagVersions, VersionInfo, Versions
from jlabel.labels.object_values import ObjectValues
from jlabel.progress import Progress

_MOST_LISTED = 200


class LabelVersions(Feature):
    """Reads saved labels on a thread of its own; what it puts into the draft is one step of undo."""

    def __init__(self, context: LabelerContext, paint_settings: PaintSettings) -> None:
        super().__init__(context)
        self._paint_settings = paint_settings
        self._worker = SerialWorker("jlabel-versions")

    def message_handlers(self) -> Handlers:
        """Listing saved labels, and taking one over."""
        return {version_messages.ListVersions: self._on_versions, version_messages.TakeOver: self._on_take_over}

    def close(self) -> None:
        """End the thread."""
        self._worker.close()

    def take_over(
        self, tag: str, version: int | None = None, value: int | None = None, epoch: int | None = None
    ) -> int:
        """Put a saved label in the place of the draft.

        Args:
            tag: The label's tag.
            version: Which version; the current one if not given.
            value: Only this label, and leave the others alone.
            epoch: Do it only where this image is still open.

        Returns:
            How many voxels changed.

        Raises:
            DatastoreError: There is no such label or version.
            LabelError: A locked label was asked for, or the values do not fit the draft.
            Cancelled: It was given up.
        """
        context = self.context
        with context.lock:
            opened = context.require_image()
            if epoch is not None and epoch != opened.epoch:
                return 0
            if value is not None:
                self._paint_settings.check_unlocked(value)
        opened.check_shown(tag)
        name = label_title(tag, version)
        with context.tasks.running(f"Reading {name}") as task:
            other = task.wait_for(lambda: context.manager.label(opened.image_id, tag, version))

            def then(change: MaskChange) -> None:
                context.notify(_said(name, change.voxels, change.kept))

            return put_label(context, opened, task, other, name, then, value).voxels

    def _on_versions(self, ask: version_messages.ListVersions, _: Any) -> None:
        self._worker.do(lambda: self.context.reporting_errors(lambda: self._list(ask.client, ask.epoch)))

    def _on_take_over(self, ask: version_messages.TakeOver, _: Any) -> None:
        def work() -> None:
            self.take_over(ask.tag, ask.version, ask.value, ask.epoch)

        self._worker.do(lambda: self.context.reporting_errors(work))

    def _list(self, page: str, epoch: int) -> None:
        opened = self.context.open_image
        if opened is None or opened.epoch != epoch:
            return
        datastore = self.context.manager.datastore
        tags = {self.context.tag, FINAL, ORIGINAL, *datastore.get_labels_by_image_id(opened.image_id)}
        seen = (tag for tag in sorted(tags) if opened.may_show(tag))
        histories = {tag: datastore.label_history(opened.image_id, tag) for tag in seen}
        listed = [
            TagVersions(tag=tag, versions=[version_info(one) for one in history[::-1][:_MOST_LISTED]])
            for tag, history in histories.items()
            if history
        ]
        with self.context.lock:
            self.context.publish(Versions(client=page, epoch=epoch, tags=listed))


def put_label(
    context: LabelerContext,
    opened: OpenImage,
    task: BackgroundTask,
    other: NDArray[Any],
    name: str,
    then: Callable[[MaskChange], None],
    value: int | None = None,
) -> MaskChange:
    """Put a saved label in the place of the draft, as one step of undo, without the labeler's lock.

    Args:
        context: The labeler.
        opened: The image.
        task: As it is shown.
        other: Label values of the image's shape.
        name: The label, in words.
        then: Called with the lock held once it is in the draft.
        value: Only this label, and leave the others alone.

    Raises:
        LabelError: The values do not fit the draft.
        Cancelled: It was given up.
    """
    top = int(other.max(initial=0))
    with context.lock:
        fits = opened.draft.takes(top)
    if not fits:
        raise LabelError(f"{name} has the value {top}, which this draft cannot hold; open the image anew")

    def work(mask: NDArray[Any], _: Progress) -> tuple[Region, NDArray[Any]]:
        objects = context.objects
        return replacement(mask, other, value, objects if value is not None and objects and value in objects else None)

    return apply_optimistically(context, opened, task, work, then)


def replacement(
    mask: NDArray[Any], other: NDArray[Any], value: int | None, objects: ObjectValues | None = None
) -> tuple[Region, NDArray[Any]]:
    """The region in which a label array differs from the one that is to take its place, and the values it gets.

    Args:
        mask: The array as it is.
        other: Label values of the same shape.
        value: Only this label is taken over: where ``other`` has it and, taken away, where ``mask`` has it alone.
        objects: Only these objects are taken over, likewise; ``value`` is that of their label.

    Returns:
        The region (one voxel where nothing differs), and the new values in it, of the type of ``mask``.
    """
    if objects is not None:
        alone = (_only(mask, objects), _only(other, objects))
        region = changed_region(*alone)
    else:
        region = changed_region(mask, other) if value is None else changed_region(mask == value, other == value)
    region = region or Region((0,) * mask.ndim, (1,) * mask.ndim)
    after: NDArray[Any] = mask[region.slices].copy(order="F")
    wanted = other[region.slices]
    if objects is not None:
        mine, theirs = (array[region.slices] for array in alone)
        after[(mine != 0) & (theirs == 0)] = 0
        np.copyto(after, theirs, where=theirs != 0, casting="unsafe")
    elif value is None:
        after[...] = wanted
    else:
        after[(after == value) & (wanted != value)] = 0
        after[wanted == value] = value
    return region, after


def _only(values: NDArray[Any], objects: ObjectValues) -> NDArray[Any]:
    """Label values without those that are no object's."""
    table = objects.table(int(values.max(initial=0)) + 1)
    only: NDArray[Any] = np.where(table[values], values, 0)
    return only


def label_title(tag: str, version: int | None) -> str:
    """A saved label in words."""
    return f"{tag}, version {version}" if version is not None else tag


def version_info(version: LabelVersion) -> VersionInfo:
    """A version as the pages list it; texts from its info are cut to what a line can show."""
    prompts = version.info.get("prompts")
    return VersionInfo(
        number=version.number,
        time=version.time.isoformat(timespec="seconds"),
        author=version.author,
        current=version.current,
        models=[model[:80] for model in models_of(version.info)[:8]],
        prompts=len(prompts) if isinstance(prompts, list) else 0,
    )


def _said(name: str, voxels: int, kept: int) -> str:
    stayed = f"; {kept:,} stayed, for they are locked or have another label" if kept else ""
    if voxels == 0:
        return f"Nothing differs from {name}{stayed}"
    return f"Took over {name}: {voxels:,} {'voxel' if voxels == 1 else 'voxels'} changed{stayed}"
