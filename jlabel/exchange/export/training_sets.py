"""Images and labels as training sets: of nnU-Net, of the Medical Segmentation Decathlon, and as plain pairs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, ClassVar

from jlabel.exchange.export.item import ExportItem, ExportSet, Written
from jlabel.exchange.export.volume_files import PICTURE, VOLUME, extension, write_channels, write_label_file
from jlabel.exchange.export.whole_files import write_text

_PICTURES = (".png", ".bmp", ".jpg", ".jpeg", ".tif", ".tiff")
_VALIDATION = "validation"


class TrainingSet:
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
        return Written(files, {"channels": len(images)})

    def finish(self, written: dict[str, Written]) -> None:
        """Write what lists all images."""
        raise NotImplementedError

    def write_json(self, name: str, content: Any) -> None:
        """Write a file of JSON."""
        write_text(self.folder / name, json.dumps(content, indent=2, ensure_ascii=False) + "\n")


class NnUNet(TrainingSet):
    """``imagesTr`` with a file for each channel, ``labelsTr``, ``dataset.json`` and ``splits_final.json``.

    nnU-Net wants the values 1, 2, 3, … without gaps: where the studies have others, they are changed in the files.
    """

    name: ClassVar[str] = "nnunet"
    numbered: ClassVar[bool] = True

    def other_values(self) -> dict[int, int]:
        """Values without gaps, in the order of those of the studies."""
        return {one.value: n for n, one in enumerate(self.given.labels, 1) if one.value != n}

    def finish(self, written: dict[str, Written]) -> None:
        """Write ``dataset.json``, and the split where it is decided."""
        channels = max((one.data["channels"] for one in written.values()), default=1)
        names = ["R", "G", "B"] if self.ending == PICTURE and channels == 1 and self._is_rgb() else None
        about = {
            "channel_names": {str(n): name for n, name in enumerate(names or _channel_names(channels))},
            "labels": {"background": 0, **{one.name: self.value(one.value) for one in self.given.labels}},
            "numTraining": len(written),
            "file_ending": self.ending,
            "name": self.given.name,
            "description": self.given.description,
        }
        self.write_json("dataset.json", about)
        items = [item for item in self.given.items if item.image_id in written]
        if any(item.split == _VALIDATION for item in items):
            train = [item.case for item in items if item.split != _VALIDATION]
            held = [item.case for item in items if item.split == _VALIDATION]
            self.write_json("splits_final.json", [{"train": train, "val": held}])

    def _is_rgb(self) -> bool:
        return bool(self.given.items) and self.given.items[0].image.channels == "rgb"


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
            "modality": {str(n): name for n, name in enumerate(_channel_names(1))},
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


def _channel_names(count: int) -> list[str]:
    return ["image"] if count == 1 else [f"channel_{number}" for number in range(count)]
