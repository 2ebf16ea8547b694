"""What a format of export is."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar, Protocol

from jlabel.exchange.export.item import ExportItem, ExportSet, Written


class Format(Protocol):
    """A format that labels are exported in. It is made for one export."""

    name: ClassVar[str]

    def __init__(self, given: ExportSet, folder: Path) -> None:
        """For that set, written to that folder."""

    def settings(self) -> dict[str, Any]:
        """What decides what is written, beside image and label; JSON values."""

    def write(self, item: ExportItem) -> Written:
        """Write what there is of one image; may be called from several threads.

        Raises:
            JlabelError: It cannot be exported in this format, and why.
        """

    def finish(self, written: dict[str, Written]) -> None:
        """Write what lists all images, by their ids.

        Raises:
            DatastoreError: It cannot be written.
        """
