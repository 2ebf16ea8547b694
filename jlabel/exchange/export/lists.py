"""Lists alone: the data list of MONAI, and tables of names and colours for ITK-SNAP and 3D Slicer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, ClassVar

from jlabel.exchange.export.format import OneByOne
from jlabel.exchange.export.item import ExportItem, ExportSet, Written
from jlabel.exchange.export.whole_files import write_text
from jlabel.exchange.label_tables import write_slicer_table, write_snap_table


class _Lists(OneByOne):
    """A format that writes nothing for an image.

    Args:
        given: What is exported.
        folder: Where to.
    """

    name: ClassVar[str] = ""

    def __init__(self, given: ExportSet, folder: Path) -> None:
        self.given = given
        self.folder = folder

    def settings(self) -> dict[str, Any]:
        """What decides what is written."""
        return {}

    def write(self, item: ExportItem) -> Written:
        """Nothing."""
        return Written(())


class Datalist(_Lists):
    """``datalist.json`` with the paths of images and labels where they lie, for MONAI's ``load_decathlon_datalist``."""

    name: ClassVar[str] = "datalist"

    def finish(self, written: dict[str, Written]) -> None:
        """Write the list, those to validate with apart."""
        lists: dict[str, list[dict[str, str]]] = {"training": [], "validation": []}
        for item in self.given.items:
            entry = {"image": str(item.image_file), "label": str(item.label_file)}
            lists["validation" if item.split == "validation" else "training"].append(entry)
        labels = {"0": "background", **{str(one.value): one.name for one in self.given.labels}}
        content = {"name": self.given.name, "labels": labels, **lists}
        write_text(self.folder / "datalist.json", json.dumps(content, indent=2, ensure_ascii=False) + "\n")


class SnapTable(_Lists):
    """``labels.txt``, a label description for ITK-SNAP; it opens the label files themselves."""

    name: ClassVar[str] = "itksnap"

    def finish(self, written: dict[str, Written]) -> None:
        """Write the table."""
        write_text(self.folder / "labels.txt", write_snap_table(self.given.labels))


class SlicerTable(_Lists):
    """``labels.ctbl``, a colour table for 3D Slicer."""

    name: ClassVar[str] = "ctbl"

    def finish(self, written: dict[str, Written]) -> None:
        """Write the table."""
        write_text(self.folder / "labels.ctbl", write_slicer_table(self.given.labels))
