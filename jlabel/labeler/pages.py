"""The pages that show a labeler, and what they are sent of an image and its mask."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from jlabel.annotation.undo_history import Patch
from jlabel.imaging import Region
from jlabel.labeler.open_image import OpenImage
from jlabel.labeler.protocol.draft_messages import MaskRegion
from jlabel.labeler.protocol.encoding import MaskParts, mask_parts, region_to_wire
from jlabel.labeler.protocol.image_messages import FrameShown
from jlabel.labeler.protocol.message import Outgoing
from jlabel.labeler.protocol.outgoing import to_wire

_MOST_PAGES = 16

Send = Callable[[dict[str, Any], list[bytes]], None]
"""Takes a message as plain values, and its buffers, to all pages."""


class Pages:
    """Knows which pages there are; the labeler's lock guards it.

    Args:
        send: Sends a message to all pages.
    """

    def __init__(self, send: Send) -> None:
        self._send = send
        self._connected: list[str] = []
        self._views: dict[str, int] = {}

    @property
    def connected(self) -> tuple[str, ...]:
        """The pages' ids, those that said hello last at the end."""
        return tuple(self._connected)

    @property
    def shown(self) -> bool:
        """Whether any page has a view of the labeler."""
        return any(self._views.values())

    def connect(self, page: str, views: int = 1) -> None:
        """A page said hello and has so many views; the oldest of too many pages are forgotten."""
        others = [one for one in self._connected if one != page]
        self._connected = [*others[-_MOST_PAGES + 1 :], page]
        self._views = {one: self._views.get(one, 0) for one in self._connected} | {page: views}

    def shows(self, page: str, views: int) -> None:
        """A page has another number of views; none where it is gone."""
        if page in self._views:
            self._views[page] = views

    def publish(self, message: Outgoing, *buffers: bytes) -> None:
        """Send a message, if there is any page."""
        if self._connected:
            self._send(to_wire(message), list(buffers))

    def show_image(self, opened: OpenImage) -> None:
        """Begin an image on all pages."""
        for message, *buffers in opened.opening():
            self.publish(message, *buffers)
        self._stream(opened)

    def show_image_to(self, page: str, opened: OpenImage) -> None:
        """Begin an image on one page, with its mask as it is."""
        for message, *buffers in opened.opening(page):
            self.publish(message, *buffers)
        self.show_mask(opened, opened.draft.occupied(), page)
        self.publish(opened.stream_to(page))

    def show_frame(self, opened: OpenImage) -> None:
        """Begin another frame of the same image on all pages."""
        self.publish(FrameShown(epoch=opened.epoch, frame=opened.image.frame))
        for message, *buffers in opened.slices():
            self.publish(message, *buffers)
        self._stream(opened)

    def show_mask(self, opened: OpenImage, region: Region | None, page: str | None = None) -> None:
        """Send the mask in a region."""
        if region is not None and self._connected:
            self.show_parts(opened, mask_parts(opened.draft.mask, region), page)

    def show_parts(
        self, opened: OpenImage, parts: MaskParts, page: str | None = None, dtype: str | None = None
    ) -> None:
        """Send parts of the mask that are packed already; ``dtype`` is theirs, where it is not the mask's."""
        kind: Any = dtype or opened.draft.mask.dtype.name
        for region, data in parts:
            acked = dict(opened.acked)
            self.publish(MaskRegion(client=page, epoch=opened.epoch, region=region, dtype=kind, acked=acked), data)

    def show_patches(self, opened: OpenImage, patches: Iterable[tuple[Patch, bytes]]) -> None:
        """Send what is in the draft by now, packed as the undo history holds it."""
        for patch, voxels in patches:
            self.show_parts(opened, [(region_to_wire(patch.region), voxels)], dtype=patch.dtype)

    def _stream(self, opened: OpenImage) -> None:
        for page in self._connected:
            self.publish(opened.stream_to(page))
