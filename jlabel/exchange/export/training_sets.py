"""Images and labels as training sets: of the Medical Segmentation Decathlon, and as plain pairs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, ClassVar

from jlabel.exchange.export.format import OneByOne
from jlabel.exchange.export.item import ExportItem, ExportSet, Written
from jlabel.exchange.export.volume_files import (
    PICTURE,
    VOLUME,
    colors,
    extension,
    write_channels,
    write_label_file,
)
from jlabel.exchange.export.whole_files import write_text

_PICTURES = (".png", ".bmp", ".jpg", ".jpeg", ".tif", ".tiff")


class TrainingSet(OneByOne):
    """A folder of images and one of labels.

    Args:
        given: What is exported.
        folder: Where to.
    """

    name: ClassVar[str] = ""
    images: ClassVar[str] = "imagesTr"
    labels: ClassVar[str] = "labelsTr"
    numbered: ClassVar[bool] = False

    def __init__(self, given: ExportSet, folder: Path) -> None:
        self.given = given
        self.folder = folder
        pictures = bool(given.items) and all(extension(item.image_file) in _PICTURES for item in given.items)
        self.ending = PICTURE if pictures else VOLUME
        self.values = self.other_values()

    def other_values(self) -> dict[int, int]:
        """Values of structures that are others in the files; only where they differ."""
        return {}

    def settings(self) -> dict[str, Any]:
        """What decides what is written."""
        return {"ending": self.ending, "values": {str(one.value): self.value(one.value) for one in self.given.labels}}

    def case(self, item: ExportItem) -> str:
        """The name of an image's files."""
        return item.case

    def value(self, own: int) -> int:
        """The value of a structure in the files."""
        return self.values.get(own, own)

    def write(self, item: ExportItem) -> Written:
        """Write an image and its label."""
        name = self.case(item)
        label = self.folder / self.labels / f"{name}{self.ending}"
        write_label_file(item, label, self.values, self.given.values)
        images = write_channels(item, self.folder / self.images / name, self.ending, numbered=self.numbered)
        files = tuple(path.relative_to(self.folder).as_posix() for path in (*images, label))
        return Written(files, {"channels": colors(images[0]) if self.ending == PICTURE else len(images)})

    def finish(self, written: dict[str, Written]) -> None:
        """Write what lists all images."""
        raise NotImplementedError

    def write_json(self, name: str, content: Any) -> None:
        """Write a file of JSON."""
        write_text(self.folder / name, json.dumps(content, indent=2, ensure_ascii=False) + "\n")


class Decathlon(TrainingSet):
    """``imagesTr``, ``labelsTr`` and ``dataset.json`` of the Medical Segmentation Decathlon; values stay."""

    name: ClassVar[str] = "msd"

    def finish(self, written: dict[str, Written]) -> None:
        """Write ``dataset.json``."""
        pairs = [
            {"image": f"./{self.images}/{item.case}{self.ending}", "label": f"./{self.labels}/{item.case}{self.ending}"}
            for item in self.given.items
            if item.image_id in written
        ]
        about = {
            "name": self.given.name,
            "description": self.given.description,
            "tensorImageSize": "3D" if self.ending == VOLUME else "2D",
            "modality": {str(n): name for n, name in enumerate(channel_names(1))},
            "labels": {"0": "background", **{str(one.value): one.name for one in self.given.labels}},
            "numTraining": len(pairs),
            "numTest": 0,
            "training": pairs,
            "test": [],
        }
        self.write_json("dataset.json", about)


class Pairs(TrainingSet):
    """``images`` and ``labels`` with files of the same names, and the names of the values in ``label_names.json``."""

    name: ClassVar[str] = "pairs"
    images: ClassVar[str] = "images"
    labels: ClassVar[str] = "labels"

    def case(self, item: ExportItem) -> str:
        """The id of the image, with its folders."""
        return item.image_id

    def finish(self, written: dict[str, Written]) -> None:
        """Write ``label_names.json``."""
        self.write_json("label_names.json", {one.name: one.value for one in self.given.labels})


def channel_names(count: int) -> list[str]:
    """Names for the channels of an image."""
    return ["image"] if count == 1 else [f"channel_{number}" for number in range(count)]
