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

    def misfits(self, written: dict[str, Written]) -> dict[str, str]:
        """Which of the images cannot be in one set with the others, and why, by their ids."""

    def finish(self, written: dict[str, Written]) -> None:
        """Write what lists all images, by their ids.

        Raises:
            DatastoreError: It cannot be written.
        """


class OneByOne:
    """What most formats have in common: whether an image can be exported does not depend on the others."""

    def misfits(self, written: dict[str, Written]) -> dict[str, str]:
        """None."""
        return {}


class NamedStructures(OneByOne):
    """What formats have in common that write for the structures that have a name.

    Args:
        given: What is exported.
        folder: Where to.
    """

    def __init__(self, given: ExportSet, folder: Path) -> None:
        self.given = given
        self.folder = folder

    def settings(self) -> dict[str, Any]:
        """What decides what is written: names and values."""
        return {"labels": [[one.name, one.value] for one in self.given.labels]}

    def finish(self, written: dict[str, Written]) -> None:
        """Nothing lists all images."""
