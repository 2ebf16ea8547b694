"""Another label of the present image beside the draft: shown in the pages, with how well the two agree."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jlabel.datastores import ORIGINAL
from jlabel.errors import JlabelError, LabelError
from jlabel.imaging import bounding_region
from jlabel.imaging.overlap import Overlap, OverlapCount
from jlabel.imaging.voxel_size import voxel_ml
from jlabel.labeler.background.serial_worker import SerialWorker
from jlabel.labeler.context import LabelerContext
from jlabel.labeler.feature import Feature, Handlers
from jlabel.labeler.features.label_versions import label_title
from jlabel.labeler.features.sending_back import SendingBack
from jlabel.labeler.open_image import OpenImage
from jlabel.labeler.protocol import version_messages
from jlabel.labeler.protocol.encoding import mask_parts
from jlabel.labeler.protocol.state import State
from jlabel.labeler.protocol.values import WireRegion
from jlabel.labeler.protocol.version_messages import Agreement, AgreementRow, ComparisonInfo, OtherLabelRegion

# Copying so many voxels of the draft takes about a millisecond; the labeler's lock is held no longer.
_SLAB_VOXELS = 2_000_000
_SECONDS_OF_QUIET = 0.15


@dataclass(frozen=True, eq=False)
class _Other:
    """The label that is compared with, and packed for the pages; ``number`` tells it from those before it."""

    number: int
    tag: str
    version: int | None
    mask: NDArray[Any]
    parts: list[tuple[WireRegion, bytes]]


class LabelComparison(Feature):
    """Holds one other label until the image is left. All pages show the same one.

    Args:
        context: The labeler.
        sending_back: Looks whether the image can be sent back when a label of it is compared.
    """

    def __init__(self, context: LabelerContext, sending_back: SendingBack) -> None:
        super().__init__(context)
        self._sending_back = sending_back
        self._worker = SerialWorker("jlabel-comparing")
        self._other: _Other | None = None
        self._number = 0
        self._revision = 0
        self._counting = False

    def message_handlers(self) -> Handlers:
        """Comparing with a saved label, and ending that."""
        return {version_messages.Compare: self._on_compare, version_messages.StopComparing: lambda _, __: self.stop()}

    def state(self) -> State:
        """``comparing``: what is compared with, or None."""
        other = self._other
        if other is None:
            return {"comparing": None}
        return {"comparing": ComparisonInfo(number=other.number, tag=other.tag, version=other.version)}

    def on_image_opened(self, opened: OpenImage) -> None:
        """The other label belongs to the former image."""
        self._other = None

    def on_draft_changed(self) -> None:
        """The two agree in another way now."""
        self._revision += 1
        self._count_later()

    def on_page_connected(self, page: str) -> None:
        """A page that came later gets the other label too."""
        if self._other is not None:
            self._show(self._other, page)
            self._revision += 1
            self._count_later()

    def close(self) -> None:
        """End the thread."""
        self._worker.close()

    def stop(self) -> None:
        """Forget the other label."""
        with self.context.lock:
            self._other = None
            self.publish_state()

    def compare(self, tag: str | None = None, version: int | None = None, epoch: int | None = None) -> None:
        """Show a saved label beside the draft.

        Args:
            tag: Its tag; without one it is the model's label, else the saved one.
            version: Which version; the current one if not given.
            epoch: Do it only where this image is still open.

        Raises:
            DatastoreError: There is no such label or version.
            LabelError: It has values above 65535.
            JlabelError: No tag was given, and the image has no saved label.
            Cancelled: It was given up; what was compared with before stays.
        """
        context = self.context
        with context.lock:
            opened = context.require_image()
        if epoch is not None and epoch != opened.epoch:
            return
        tag = tag if tag is not None else self._default_tag(opened)
        opened.check_shown(tag)
        with context.tasks.running(f"Reading {label_title(tag, version)}") as task:
            mask, parts = task.wait_for(lambda: _packed(context.manager.label(opened.image_id, tag, version)))
            self._sending_back.look(opened)
            with context.lock:
                if opened is not context.open_image:
                    return
                task.check()
                self._number += 1
                self._other = _Other(self._number, tag, version, mask, parts)
                self.publish_state()
                self._show(self._other)
                self._count_later()

    def _default_tag(self, opened: OpenImage) -> str:
        image_id = opened.image_id
        tags = [one for one in self.context.manager.datastore.get_labels_by_image_id(image_id) if opened.may_show(one)]
        tag = next((tag for tag in (ORIGINAL, self.context.tag, *sorted(tags)) if tag in tags), None)
        if tag is None:
            raise JlabelError(f"{image_id} has no saved label to compare with")
        return tag

    def _on_compare(self, ask: version_messages.Compare, _: Any) -> None:
        def work() -> None:
            self.compare(ask.tag, ask.version, ask.epoch)

        self._worker.do(lambda: self.context.reporting_errors(work))

    def _show(self, other: _Other, page: str | None = None) -> None:
        """Send the other label; with the lock held."""
        epoch = self.context.require_image().epoch
        dtype: Any = other.mask.dtype.name
        for region, voxels in other.parts:
            message = OtherLabelRegion(client=page, epoch=epoch, number=other.number, region=region, dtype=dtype)
            self.context.publish(message, voxels)

    def _count_later(self) -> None:
        if self._other is not None and not self._counting:
            self._counting = True
            self._worker.do(self._count)

    def _count(self) -> None:
        """Count until nothing has changed meanwhile, and tell the pages."""
        while True:
            with self.context.lock:
                other, opened, began = self._other, self.context.open_image, self._revision
                if other is None or opened is None:
                    self._counting = False
                    return
            count = self._counted(other, opened, began)
            with self.context.lock:
                if count is not None and other is self._other and began == self._revision:
                    self._counting = False
                    self.context.publish(self._agreement(other, opened, count))
                    return
            time.sleep(_SECONDS_OF_QUIET)

    def _counted(self, other: _Other, opened: OpenImage, began: int) -> OverlapCount | None:
        """Both labels counted; None where the draft was changed meanwhile."""
        count, objects = OverlapCount(), self.context.objects
        for part in _slabs(other.mask.shape):
            with self.context.lock:
                if self._revision != began or other is not self._other:
                    return None
                mine = opened.draft.mask[part].copy(order="F")
            both = mine, other.mask[part]
            # Of objects it is their label that is compared.
            count.add(*(both if objects is None else map(objects.joined, both)))
        return count

    def _agreement(self, other: _Other, opened: OpenImage, count: OverlapCount) -> Agreement:
        values = [*self.context.values.values()]
        values += [value for value in count.values if value not in values]
        return Agreement(
            epoch=opened.epoch,
            number=other.number,
            millilitres=voxel_ml(opened.image),
            rows=[_row(value, count.of(value)) for value in values],
        )


def _row(value: int, overlap: Overlap) -> AgreementRow:
    return AgreementRow(
        value=value,
        mine=int(overlap.first),
        other=int(overlap.second),
        both=int(overlap.both),
        dice=None if overlap.dice is None else float(overlap.dice),
    )


def _packed(mask: NDArray[Any]) -> tuple[NDArray[Any], list[tuple[WireRegion, bytes]]]:
    narrow = _narrow(mask)
    region = bounding_region(narrow)
    return narrow, [] if region is None else list(mask_parts(narrow, region))


def _narrow(mask: NDArray[Any]) -> NDArray[Any]:
    top = int(mask.max(initial=0))
    if top > np.iinfo(np.uint16).max:
        raise LabelError(f"the label holds the value {top}; a labeler shows values up to 65535")
    return np.asfortranarray(mask.astype(np.uint8 if top <= np.iinfo(np.uint8).max else np.uint16, copy=False))


def _slabs(shape: tuple[int, ...]) -> Iterable[tuple[slice, ...]]:
    """Parts of an array along its last axis, and along the one before where a slice alone is large."""
    rows = max(1, min(shape[-2], _SLAB_VOXELS // max(1, math.prod(shape[:-2]))))
    depth = max(1, _SLAB_VOXELS // max(1, math.prod(shape[:-1])))
    for k in range(0, shape[-1], depth):
        for j in range(0, shape[-2], rows):
            yield (*(slice(None),) * (len(shape) - 2), slice(j, j + rows), slice(k, k + depth))
