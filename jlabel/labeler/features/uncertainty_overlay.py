"""How unsure a model is, over the slices: sent to the pages while it is shown. It is never part of the label."""

from __future__ import annotations

from functools import partial

import numpy as np

from jlabel.imaging import Region, bounding_region
from jlabel.labeler.background.serial_worker import SerialWorker
from jlabel.labeler.context import LabelerContext
from jlabel.labeler.feature import Feature, Handlers
from jlabel.labeler.features.uncertainty_maps import UncertaintyMap, UncertaintyMaps
from jlabel.labeler.protocol import uncertainty_messages
from jlabel.labeler.protocol.encoding import mask_parts, moved_region, region_to_wire
from jlabel.labeler.protocol.state import State
from jlabel.labeler.protocol.uncertainty_messages import NoUncertainty, UncertaintyInfo, UncertaintyPart
from jlabel.labeler.protocol.values import WireRegion

# Fewer steps are packed into a fraction of the bytes, and nobody sees the difference.
_STEP = 4


class UncertaintyOverlay(Feature):
    """Shows the uncertainty of the open image in all pages, or not.

    Args:
        context: The labeler.
        maps: Work it out.
    """

    def __init__(self, context: LabelerContext, maps: UncertaintyMaps) -> None:
        super().__init__(context)
        self._maps = maps
        self._worker = SerialWorker("jlabel-overlay")
        self.on = False
        self._packed: tuple[UncertaintyMap, WireRegion | None, list[tuple[WireRegion, bytes]]] | None = None
        self._number = 0
        maps.listen(lambda: self.on, self._on_news)

    def message_handlers(self) -> Handlers:
        """Showing it, or not."""
        return {uncertainty_messages.ShowUncertainty: lambda ask, _: self.show(ask.on)}

    def state(self) -> State:
        """``uncertainty``: whether it is shown, and whose it is or why it is not there."""
        maps = self._maps
        model = maps.found.model if maps.found is not None else ""
        hint = "" if model else maps.hint or (f"{maps.model} is asked how sure it is …" if maps.asking else "")
        return {"uncertainty": UncertaintyInfo(on=self.on, model=model, hint=hint)}

    def on_image_opened(self, opened: object) -> None:
        """Pages forget that of the former image by themselves."""
        self._packed = None

    def on_page_connected(self, page: str) -> None:
        """Tell a new page what is shown."""
        if self.on and self._packed is not None:
            self._send(page)

    def close(self) -> None:
        """End the thread."""
        self._worker.close()

    def show(self, on: bool) -> None:
        """Show it, or not."""
        with self.context.lock:
            if on == self.on:
                return
            self.on = on
            if on:
                self._maps.ask()
            self._on_news()

    def _on_news(self) -> None:
        """With the lock held."""
        self.publish_state()
        opened, found = self.context.open_image, self._maps.found
        if opened is None:
            return
        if not self.on or found is None:
            self._packed = None
            self.context.publish(NoUncertainty(epoch=opened.epoch))
        elif self._packed is None or self._packed[0] is not found:
            self._worker.do(partial(self.context.reporting_errors, partial(self._pack, found)))

    def _pack(self, found: UncertaintyMap) -> None:
        coarse = found.uncertainty // _STEP * _STEP
        part = bounding_region(coarse > 0)
        parts: list[tuple[WireRegion, bytes]] = []
        box = None
        if part is not None:
            cut, box = np.asfortranarray(coarse[part.slices]), region_to_wire(part)
            parts = [(moved_region(where, box), data) for where, data in mask_parts(cut, Region.whole(cut.shape))]
        with self.context.lock:
            if self.on and found is self._maps.found:
                self._packed = (found, box, parts)
                self._send()

    def _send(self, page: str | None = None) -> None:
        opened = self.context.open_image
        if opened is None or self._packed is None:
            return
        _, box, parts = self._packed
        if box is None:
            self.context.publish(NoUncertainty(client=page, epoch=opened.epoch))
            return
        self._number += 1
        for region, data in parts:
            message = UncertaintyPart(client=page, epoch=opened.epoch, number=self._number, box=box, region=region)
            self.context.publish(message, data)
