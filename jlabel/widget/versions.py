"""The versions of the present image's labels: listed, and taken over into the draft."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from jlabel.datastores import FINAL, ORIGINAL, LabelVersion
from jlabel.errors import JlabelError, LabelError
from jlabel.imaging import Region, changed_region
from jlabel.widget.opened import OpenedImage
from jlabel.widget.part import Handler, Part
from jlabel.widget.protocol import voxel_parts
from jlabel.widget.worker import SerialWorker

if TYPE_CHECKING:
    from jlabel.widget.desk import Desk

# How often taking over begins again because the draft was changed while it was made ready.
_MOST_TRIES = 5
_MOST_LISTED = 200


class Versions(Part):
    """Reads saved labels on a thread of its own; what it puts into the draft is one step of undo."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._worker = SerialWorker("jlabel-versions")
        self._revision = 0

    def asks(self) -> Mapping[str, Handler]:
        """``versions`` and ``take_over``."""
        return {"versions": self._on_versions, "take_over": self._on_take_over}

    def changed(self) -> None:
        """What was made ready is late."""
        self._revision += 1

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
        """
        desk = self.desk
        with desk.lock:
            opened = desk.need()
            if epoch is not None and epoch != opened.epoch:
                return 0
            if value is not None:
                desk.rules.check_unlocked(value)
        name = label_title(tag, version)
        desk.show_busy(f"Reading {name}")
        try:
            other = desk.manager.label(opened.image_id, tag, version)
            return self._put(opened, other, value, name)
        finally:
            desk.show_busy(None)

    def _put(self, opened: OpenedImage, other: NDArray[Any], value: int | None, name: str) -> int:
        desk, draft = self.desk, opened.draft
        if int(other.max(initial=0)) > np.iinfo(draft.mask.dtype).max:
            raise LabelError(f"{name} has the value {other.max()}, which this draft cannot hold; open the image anew")
        for _ in range(_MOST_TRIES):
            with desk.lock:
                began = self._revision
            region, after = replacement(draft.mask, other, value)
            change = draft.prepare(region, after)
            parts = list(voxel_parts(change.after, change.region))
            with desk.lock:
                if opened is not desk.opened:
                    return 0
                if self._revision != began or draft.guard != change.guard:
                    continue
                if change.voxels:
                    desk.asking.cancel()
                    draft.commit(change)
                    desk.labeler.show_parts(opened, parts)
                    desk.draft_changed()
                desk.say(_said(name, change.voxels, change.kept))
                return change.voxels
        raise JlabelError(f"{name} was not taken over: the labels were changed again and again meanwhile")

    def _on_versions(self, ask: dict[str, Any], _: Any) -> None:
        self._worker.do(lambda: self.desk.labeler.in_words(lambda: self._list(str(ask["client"]), ask["epoch"])))

    def _on_take_over(self, ask: dict[str, Any], _: Any) -> None:
        version, value = (None if ask.get(key) is None else int(ask[key]) for key in ("version", "value"))

        def work() -> None:
            self.take_over(str(ask["tag"]), version, value, ask["epoch"])

        self._worker.do(lambda: self.desk.labeler.in_words(work))

    def _list(self, page: str, epoch: Any) -> None:
        opened = self.desk.opened
        if opened is None or opened.epoch != epoch:
            return
        datastore = self.desk.manager.datastore
        tags = {self.desk.tag, FINAL, ORIGINAL, *datastore.get_labels_by_image_id(opened.image_id)}
        histories = {tag: datastore.label_history(opened.image_id, tag) for tag in sorted(tags)}
        listed = [
            {"tag": tag, "versions": [version_to_json(one) for one in history[::-1][:_MOST_LISTED]]}
            for tag, history in histories.items()
            if history
        ]
        with self.desk.lock:
            self.desk.labeler.tell({"type": "versions", "client": page, "epoch": epoch, "tags": listed})


def replacement(mask: NDArray[Any], other: NDArray[Any], value: int | None) -> tuple[Region, NDArray[Any]]:
    """The region in which a label array differs from the one that is to take its place, and the values it gets.

    Args:
        mask: The array as it is.
        other: Label values of the same shape.
        value: Only this label is taken over: where ``other`` has it and, taken away, where ``mask`` has it alone.

    Returns:
        The region (one voxel where nothing differs), and the new values in it, of the type of ``mask``.
    """
    region = changed_region(mask, other) if value is None else changed_region(mask == value, other == value)
    region = region or Region((0,) * mask.ndim, (1,) * mask.ndim)
    after: NDArray[Any] = mask[region.slices].copy(order="F")
    wanted = other[region.slices]
    if value is None:
        after[...] = wanted
    else:
        after[(after == value) & (wanted != value)] = 0
        after[wanted == value] = value
    return region, after


def label_title(tag: str, version: int | None) -> str:
    """A saved label in words."""
    return f"{tag}, version {version}" if version is not None else tag


def version_to_json(version: LabelVersion) -> dict[str, Any]:
    """A version as the front end lists it; texts from its info are cut to what a line can show."""
    models, prompts = version.info.get("models"), version.info.get("prompts")
    return {
        "number": version.number,
        "time": version.time.isoformat(timespec="seconds"),
        "author": version.author,
        "current": version.current,
        "models": [str(model)[:80] for model in models[:8]] if isinstance(models, list) else [],
        "prompts": len(prompts) if isinstance(prompts, list) else 0,
    }


def _said(name: str, voxels: int, kept: int) -> str:
    stayed = f"; {kept:,} stayed, for they are locked or have another label" if kept else ""
    if voxels == 0:
        return f"Nothing differs from {name}{stayed}"
    return f"Took over {name}: {voxels:,} {'voxel' if voxels == 1 else 'voxels'} changed{stayed}"
