"""Strokes from the pages: brush, eraser and polygon, painted there already, and kept here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from jlabel.errors import JlabelError
from jlabel.imaging import decode_voxels
from jlabel.widget.part import Handler, Part
from jlabel.widget.protocol import region_from_wire, region_to_wire


class Strokes(Part):
    """Takes strokes into the draft, and tells the pages what became of them."""

    def asks(self) -> Mapping[str, Handler]:
        """``edit``."""
        return {"edit": self._on_edit}

    def _on_edit(self, ask: dict[str, Any], buffers: Sequence[Any]) -> None:
        desk = self.desk
        with desk.lock:
            opened = desk.need()
            region = region_from_wire(ask["region"], opened.image.shape)
            page, seq, value = str(ask["client"]), int(ask["seq"]), int(ask["value"])
            if seq <= opened.acked.get(page, 0):
                return
            opened.acked[page] = seq
            try:
                touched = decode_voxels(bytes(buffers[0]), region, "uint8") != 0
                whole = desk.paint(region, touched, value, page, bool(ask.get("more")))
            except (ValueError, IndexError, JlabelError) as error:
                # The page takes the stroke off its picture.
                desk.labeler.show_mask(opened, region, page)
                raise JlabelError(f"a stroke was not kept: {error}") from error
            if whole:
                done = {"type": "edited", "epoch": opened.epoch, "client": page, "seq": seq, "value": value}
                desk.labeler.tell({**done, "region": region_to_wire(region)}, bytes(buffers[0]))
            else:
                desk.labeler.show_mask(opened, region)
