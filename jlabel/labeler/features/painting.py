"""Strokes from the pages: brush, eraser and polygon, painted there already, and put into the draft here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jlabel.errors import JlabelError
from jlabel.files.json_values import finite
from jlabel.imaging import Region, decode_voxels
from jlabel.labeler.actions import StrokeMade
from jlabel.labeler.context import LabelerContext
from jlabel.labeler.feature import Feature, Handlers
from jlabel.labeler.features.paint_settings import PaintSettings
from jlabel.labeler.open_image import OpenImage
from jlabel.labeler.protocol import draft_messages
from jlabel.labeler.protocol.draft_messages import StrokeTaken
from jlabel.labeler.protocol.encoding import region_from_wire

# Of a stroke, in mm or pixels: nobody draws further than that.
_LONGEST = 1e6


class Painting(Feature):
    """Takes strokes into the draft, and tells the pages what became of them.

    Args:
        context: The labeler.
        paint_settings: The rules that strokes obey.
    """

    def __init__(self, context: LabelerContext, paint_settings: PaintSettings) -> None:
        super().__init__(context)
        self._paint_settings = paint_settings
        #: The locked labels that were painted over, as far as the person knows of them.
        self._told: frozenset[int] = frozenset()

    def message_handlers(self) -> Handlers:
        """A stroke, or a part of a large one."""
        return {draft_messages.Stroke: self._on_stroke}

    def paint(self, region: Region, touched: NDArray[np.bool_], value: int, page: str = "", more: bool = False) -> bool:
        """A stroke, with the lock held; see :meth:`jlabel.annotation.Draft.paint`.

        Raises:
            JlabelError: No label has that value.
            LabelError: The label is locked.
        """
        context, opened = self.context, self.context.require_image()
        if value != 0 and context.label_of(value) is None:
            raise JlabelError(f"a stroke has the value {value}, and the labels are {context.values}")
        self._paint_settings.check_unlocked(value)
        waited = context.cancel_prompts()
        spared = self._locked_under(opened, region, touched, value)
        whole = opened.draft.paint(region, touched, value, page, more)
        context.draft_changed()
        if waited:
            context.notify("The prompt without an answer yet was given up when you painted; point again")
        elif spared - self._told:
            locked = self._paint_settings.guard.locked
            names = ", ".join(dict.fromkeys(locked[one] for one in sorted(spared - self._told)))
            context.notify(f"{names} stayed where you painted over it: it is locked")
        self._told |= spared
        return whole

    def on_image_opened(self, opened: OpenImage) -> None:
        """It is said once for each image."""
        self._told = frozenset()

    def _locked_under(
        self, opened: OpenImage, region: Region, touched: NDArray[np.bool_], value: int
    ) -> frozenset[int]:
        locked = self._paint_settings.guard.locked
        if not locked:
            return frozenset()
        under = np.unique(opened.draft.mask[region.slices][touched]).tolist()
        return frozenset(one for one in under if one != value and one in locked)

    def _on_stroke(self, stroke: draft_messages.Stroke, buffers: Sequence[Any]) -> None:
        context, page = self.context, stroke.client
        with context.lock:
            opened = context.require_image()
            region = region_from_wire(stroke.region, opened.image.shape)
            if stroke.seq <= opened.acked.get(page, 0):
                return
            opened.acked[page] = stroke.seq
            self._take(opened, region, stroke, buffers)

    def _take(self, opened: OpenImage, region: Region, stroke: draft_messages.Stroke, buffers: Sequence[Any]) -> None:
        pages = self.context.pages
        try:
            packed = bytes(buffers[0])
            touched = decode_voxels(packed, region, "uint8") != 0
            whole = self.paint(region, touched, stroke.value, stroke.client, stroke.more)
        except (ValueError, IndexError, JlabelError) as error:
            # The page takes the stroke off its picture.
            pages.show_mask(opened, region, stroke.client)
            raise JlabelError(f"a stroke was not kept: {error}") from error
        if whole:
            done = StrokeTaken(
                client=stroke.client, epoch=opened.epoch, seq=stroke.seq, value=stroke.value, region=stroke.region
            )
            pages.publish(done, packed)
        else:
            pages.show_mask(opened, region)
        if not stroke.more:
            self.context.did(StrokeMade(_length(stroke.length)))


def _length(told: float) -> float:
    """The length that a page has told; 0 where it makes no sense."""
    return finite(told, 0, _LONGEST) or 0.0
