"""The versions of the present image's labels: listed, and taken over into the draft."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from jlabel.datastores import FINAL, ORIGINAL, LabelVersion
from jlabel.errors import LabelError
from jlabel.imaging import Region, changed_region
from jlabel.imaging.watch import Watch
from jlabel.widget.beside import change_beside
from jlabel.widget.change import Change
from jlabel.widget.doing import Doing
from jlabel.widget.opened import OpenedImage
from jlabel.widget.part import Handler, Part
from jlabel.widget.worker import SerialWorker

if TYPE_CHECKING:
    from jlabel.widget.desk import Desk

_MOST_LISTED = 200


class Versions(Part):
    """Reads saved labels on a thread of its own; what it puts into the draft is one step of undo."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._worker = SerialWorker("jlabel-versions")

    def asks(self) -> Mapping[str, Handler]:
        """``versions`` and ``take_over``."""
        return {"versions": self._on_versions, "take_over": self._on_take_over}

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
        desk = self.desk
        with desk.lock:
            opened = desk.need()
            if epoch is not None and epoch != opened.epoch:
                return 0
            if value is not None:
                desk.rules.check_unlocked(value)
        name = label_title(tag, version)
        with desk.under_way.doing(f"Reading {name}") as doing:
            other = doing.wait_for(lambda: desk.manager.label(opened.image_id, tag, version))
            return self._put(opened, other, value, name, doing)

    def _put(self, opened: OpenedImage, other: NDArray[Any], value: int | None, name: str, doing: Doing) -> int:
        desk, top = self.desk, int(other.max(initial=0))
        if not opened.draft.has_room(top):
            raise LabelError(f"{name} has the value {top}, which this draft cannot hold; open the image anew")

        def work(mask: NDArray[Any], _: Watch) -> tuple[Region, NDArray[Any]]:
            return replacement(mask, other, value)

        def then(change: Change) -> None:
            desk.say(_said(name, change.voxels, change.kept))

        return change_beside(desk, opened, doing, work, then).voxels

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
